//! What platforms tell of their budgets beside their answers, and what a look at an account has read.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    PlatformId, Timestamp,
    budget::{Per, Window},
};
use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::catalogue::method::Method;

/// Most accounts of which it is kept what was read.
const MOST_READ: usize = 4096;

/// What a platform told of the use of one of our apps' budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// How much of it is used.
    pub percent: u64,
    /// When it is filled again, where that was told.
    pub regain_at: Option<Timestamp>,
    /// When it was told.
    pub at: Timestamp,
}

/// What the platforms told this process last.
#[derive(Default)]
pub(crate) struct Gauge {
    apps: Mutex<BTreeMap<(PlatformId, String), Told>>,
    read: Mutex<BTreeMap<(PlatformId, String), u64>>,
}

impl Gauge {
    /// What an answer's headers tell of our app's budget; those that tell of a person's or an account's own are left:
    /// what these are refused concerns them alone.
    pub(crate) fn hear(&self, method: &Method, client_id: &str, headers: &HeaderMap, now: Timestamp) {
        let mut ours = method.budgets.iter().filter(|budget| budget.per == Per::App && budget.stop_percent.is_some());
        let Some(budget) = ours.next() else { return };
        // Of an app's own budget Meta does not tell when it is filled again.
        let is_percent = budget.window == Window::Percent;
        let percent = if is_percent { app_usage(headers) } else { used(headers, "x-ratelimit-") };
        let Some(percent) = percent else { return };
        let limit = method.rate_limit.as_ref().filter(|_| !is_percent);
        let regain_at = limit.and_then(|limit| limit.until_told(headers, now));
        let told = Told { percent, regain_at, at: now };
        let key = (method.platform.clone(), client_id.to_owned());
        self.apps.lock().unwrap_or_else(PoisonError::into_inner).insert(key, told);
    }

    /// What was told last of an app's budget.
    pub(crate) fn told(&self, platform: &PlatformId, client_id: &str) -> Option<Told> {
        let apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        apps.get(&(platform.clone(), client_id.to_owned())).copied()
    }

    /// So much was read in a look at an account that is paid for by the piece.
    pub(crate) fn note_read(&self, platform: &PlatformId, account: &str, pieces: usize) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= MOST_READ {
            read.clear();
        }
        read.insert((platform.clone(), account.to_owned()), u64::try_from(pieces).unwrap_or(u64::MAX));
    }

    /// How much the last look at an account has read; it is told once.
    pub(crate) fn take_read(&self, platform: &PlatformId, account: &str) -> Option<u64> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.remove(&(platform.clone(), account.to_owned()))
    }
}

/// A header that holds JSON.
fn json(headers: &HeaderMap, name: &str) -> Option<Value> {
    headers.get(name).and_then(|value| value.to_str().ok()).and_then(crate::http::json)
}

/// The largest of what Meta tells of calls, time and processor (developers.facebook.com, "Rate Limits").
fn largest(usage: &Value) -> Option<u64> {
    ["call_count", "total_time", "total_cputime"].iter().filter_map(|name| usage.get(*name)?.as_u64()).max()
}

/// `X-App-Usage`.
fn app_usage(headers: &HeaderMap) -> Option<u64> {
    largest(&json(headers, "x-app-usage")?)
}

/// When Meta lets calls for a page or an account in again, by `X-Business-Use-Case-Usage`: in minutes, of which 0 says
/// that nothing is closed. The longest wait counts.
pub(crate) fn regain(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let usage = json(headers, "x-business-use-case-usage")?;
    let rows = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = rows.filter_map(|row| row.get("estimated_time_to_regain_access")?.as_i64()).max()?;
    (minutes > 0).then(|| now.checked_add(SignedDuration::try_from_mins(minutes)?).ok()).flatten()
}

/// How many percent are used where a platform tells what is left and what was used, or what there was.
fn used(headers: &HeaderMap, prefix: &str) -> Option<u64> {
    let number = |name: &str| {
        let text = headers.get(format!("{prefix}{name}"))?.to_str().ok()?;
        // Reddit tells parts of what is left.
        text.trim().split('.').next()?.parse::<u64>().ok()
    };
    let left = number("remaining")?;
    let all = number("limit").or_else(|| number("used")?.checked_add(left))?;
    (all > 0).then(|| all.saturating_sub(left).saturating_mul(100) / all)
}

#[cfg(test)]
mod tests;
