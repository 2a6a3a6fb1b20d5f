//! Call budgets and the headers that tell of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use serde_json::json;

use super::error::GraphError;
use crate::answer::Answer;

/// Graph API rate limits: an app has 200 calls an hour for each of its users.
const CALLS_PER_USER: u64 = 200;
/// Facebook counts daily users generously; an app never has fewer than this.
const USERS_AT_LEAST: usize = 25;
/// Calls with a page token count against the page, and those to an Instagram
/// account against it, over a day.
const CALLS_PER_ACCOUNT: u64 = 4_800;
/// What Threads counts as an account's impressions if it had fewer.
const IMPRESSIONS_AT_LEAST: u64 = 10;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

#[derive(Default)]
struct Window {
    number: i64,
    calls: u64,
    limit: u64,
    /// Used up ahead of its calls.
    exhausted: bool,
}

/// What was used of each budget.
#[derive(Default)]
pub(crate) struct Usage {
    apps: BTreeMap<String, Window>,
    accounts: BTreeMap<(String, String), Window>,
}

impl Window {
    /// Counts; `false` if the budget is used up.
    fn count(&mut self, now: Timestamp, length: i64, limit: u64) -> bool {
        let number = now.as_second().div_euclid(length);
        self.begin(number);
        self.limit = limit;
        self.calls += 1;
        self.calls <= limit && !self.exhausted
    }

    fn begin(&mut self, number: i64) {
        if self.number != number {
            *self = Self { number, ..Self::default() };
        }
    }

    fn exhaust(&mut self, now: Timestamp, length: i64) {
        self.begin(now.as_second().div_euclid(length));
        self.exhausted = true;
    }

    fn percent(&self) -> u64 {
        let used = self.calls * 100 / self.limit.max(1);
        if self.exhausted { used.max(100) } else { used }
    }
}

impl Usage {
    pub(crate) fn app_call(&mut self, now: Timestamp, app: &str, users: usize) -> Result<(), GraphError> {
        let users = u64::try_from(users.max(USERS_AT_LEAST)).unwrap_or(u64::MAX);
        let window = self.apps.entry(app.to_owned()).or_default();
        if window.count(now, HOUR, users.saturating_mul(CALLS_PER_USER)) {
            Ok(())
        } else {
            Err(GraphError::app_limit())
        }
    }

    pub(crate) fn page_call(&mut self, now: Timestamp, app: &str, page: &str) -> Result<(), GraphError> {
        if self.account_call(now, app, page, CALLS_PER_ACCOUNT) { Ok(()) } else { Err(GraphError::page_limit()) }
    }

    pub(crate) fn instagram_call(&mut self, now: Timestamp, app: &str, account: &str) -> Result<(), GraphError> {
        let within = self.account_call(now, app, account, CALLS_PER_ACCOUNT);
        if within { Ok(()) } else { Err(GraphError::instagram_limit()) }
    }

    /// On Threads an account's budget grows with its impressions.
    pub(crate) fn threads_call(
        &mut self,
        now: Timestamp,
        app: &str,
        account: &str,
        impressions: u64,
    ) -> Result<(), GraphError> {
        let limit = impressions.max(IMPRESSIONS_AT_LEAST).saturating_mul(CALLS_PER_ACCOUNT);
        if self.account_call(now, app, account, limit) { Ok(()) } else { Err(GraphError::threads_limit()) }
    }

    fn account_call(&mut self, now: Timestamp, app: &str, account: &str, limit: u64) -> bool {
        let window = self.accounts.entry((app.to_owned(), account.to_owned())).or_default();
        window.count(now, DAY, limit)
    }

    /// Adds the use of a Threads account's budget, in percent.
    pub(crate) fn threads_headers(&self, answer: Answer, now: Timestamp, app: &str, account: &str) -> Answer {
        let day = now.as_second().div_euclid(DAY);
        let window = self.accounts.get(&(app.to_owned(), account.to_owned())).filter(|window| window.number == day);
        answer.header("x-app-usage", app_use(window.map_or(0, Window::percent)))
    }

    /// Uses up what the app may call for its users in this hour.
    pub(crate) fn exhaust_app(&mut self, now: Timestamp, app: &str) {
        self.apps.entry(app.to_owned()).or_default().exhaust(now, HOUR);
    }

    /// Uses up what the app may call for a page or an Instagram account on this day.
    pub(crate) fn exhaust_account(&mut self, now: Timestamp, app: &str, account: &str) {
        self.accounts.entry((app.to_owned(), account.to_owned())).or_default().exhaust(now, DAY);
    }

    /// Adds the use of an Instagram account's budget, in percent.
    pub(crate) fn instagram_header(&self, answer: Answer, now: Timestamp, app: &str, account: &str) -> Answer {
        let calls = self.account_percent(app, account);
        answer.header("x-business-use-case-usage", business_use("instagram", account, now, calls))
    }

    /// Adds the use of a page's budget, in percent, under the portfolio that owns the page.
    pub(crate) fn page_header(&self, answer: Answer, now: Timestamp, app: &str, page: &str, owner: &str) -> Answer {
        let calls = self.account_percent(app, page);
        answer.header("x-business-use-case-usage", business_use("pages", owner, now, calls))
    }

    fn account_percent(&self, app: &str, account: &str) -> u64 {
        self.accounts.get(&(app.to_owned(), account.to_owned())).map_or(0, Window::percent)
    }

    /// Adds the app's use, in percent.
    pub(crate) fn headers(&self, answer: Answer, now: Timestamp, app: &str) -> Answer {
        let hour = now.as_second().div_euclid(HOUR);
        let window = self.apps.get(app).filter(|window| window.number == hour);
        let calls = window.map_or(0, Window::percent);
        answer.header("x-app-usage", app_use(calls))
    }
}

fn app_use(calls: u64) -> String {
    format!(r#"{{"call_count":{calls},"total_time":{},"total_cputime":{}}}"#, calls / 2, calls / 3)
}

/// What the header says of one account; with nothing left, the minutes until
/// the day ends.
pub(crate) fn business_use(kind: &str, account: &str, now: Timestamp, calls: u64) -> String {
    let left = DAY - now.as_second().rem_euclid(DAY);
    let wait = if calls < 100 { 0 } else { left.div_euclid(60) };
    json!({ account: [{
        "type": kind,
        "call_count": calls,
        "total_cputime": calls / 3,
        "total_time": calls / 2,
        "estimated_time_to_regain_access": wait,
    }] })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_throttled_at_its_budget_until_the_hour_ends() {
        let mut usage = Usage::default();
        let now = Timestamp::UNIX_EPOCH;
        let mut call = |now| usage.app_call(now, "app", 1).map_err(|error| error.code);
        assert!((0..5_000).all(|_| call(now).is_ok()));
        assert_eq!(call(now), Err(4));
        assert_eq!(call(now + jiff::SignedDuration::from_hours(1)), Ok(()));
    }

    #[test]
    fn a_threads_account_is_throttled_by_its_impressions_of_which_ten_are_counted_at_least() {
        for (impressions, limit) in [(0, 48_000), (10, 48_000), (11, 52_800)] {
            let mut usage = Usage::default();
            let now = Timestamp::UNIX_EPOCH;
            let mut call = |now| {
                let counted = usage.threads_call(now, "app", "1", impressions);
                counted.map_err(|error| error.code)
            };
            assert!((0..limit).all(|_| call(now).is_ok()));
            assert_eq!(call(now), Err(4));
            assert_eq!(call(now + jiff::SignedDuration::from_hours(24)), Ok(()));
        }
    }

    #[test]
    fn a_page_is_throttled_at_its_budget_until_the_day_ends() {
        let mut usage = Usage::default();
        let now = Timestamp::UNIX_EPOCH;
        let mut call = |now, page| {
            let counted = usage.page_call(now, "app", page);
            counted.map_err(|error| error.code)
        };
        assert!((0..4_800).all(|_| call(now, "1").is_ok()));
        assert_eq!(call(now, "1"), Err(32));
        assert_eq!(call(now, "2"), Ok(()));
        assert_eq!(call(now + jiff::SignedDuration::from_hours(24), "1"), Ok(()));
    }
}
