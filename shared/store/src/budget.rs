//! What platforms may be asked, and what that costs: counters that all processes take from before they call. One item for
//! each budget of each of our apps holds the present window and a stop; beside it is what each workspace took. Money is
//! counted by platform and day.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::{UpdateItemError, UpdateItemOutput},
    types::ReturnValuesOnConditionCheckFailure,
};
use domain::{AccountId, Fault, PlatformId, Timestamp, WorkspaceId, budget::Budget};
use jiff::{SignedDuration, civil::Date};

use crate::{
    Committed, Store,
    item::{Item, all, fault, n, number, s, ttl},
    key::{self, Key},
    transaction::{Expression, Transaction},
};

/// How long counters of calls are kept after their window.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How long counters of money are kept after their day.
const MONEY_KEPT: SignedDuration = SignedDuration::from_hours(31 * 24);
/// How often a counter that others move is tried.
const TRIES: u32 = 8;
/// What nobody's stop holds back.
const OPEN: &str = "(attribute_not_exists(blocked_until) OR blocked_until <= :now)";

/// A budget of one of our apps, in the window of a moment.
#[derive(Debug, Clone, Copy)]
pub struct Counter<'a> {
    /// The app's public id.
    pub app: &'a str,
    /// The budget's rule.
    pub budget: &'a Budget,
    /// The moment.
    pub at: Timestamp,
}

/// What became of taking from a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// So many looks may go, which are fewer than were wanted where the window has no more.
    Looks(u64),
    /// Nobody may until then.
    Stopped(Timestamp),
    /// Others kept counting.
    Busy,
}

/// How a budget stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many looks were taken in the window.
    pub looks: u64,
    /// How many units these are.
    pub units: u64,
    /// Until when nobody calls, if somebody said so.
    pub blocked_until: Option<Timestamp>,
    /// Why.
    pub why: Option<String>,
}

/// What one workspace took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Which one.
    pub workspace: WorkspaceId,
    /// How many looks.
    pub looks: u64,
    /// How many units, or millionths of a US dollar.
    pub units: u64,
}

impl Counter<'_> {
    fn start(&self) -> i64 {
        self.budget.window.start(self.at).as_second()
    }

    fn ttl(&self) -> Timestamp {
        self.budget.window.end(self.at) + KEPT
    }

    fn key(&self) -> Key {
        key::budget(self.app, &self.budget.name)
    }

    fn share_key(&self, ws: &str) -> Key {
        key::budget_share(self.app, &self.budget.name, self.start(), ws)
    }
}

/// How a conditional update ended: done, or how the item was.
fn outcome(sent: Result<UpdateItemOutput, SdkError<UpdateItemError>>) -> Result<Result<(), Item>, Fault> {
    let Err(error) = sent else { return Ok(Ok(())) };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            Ok(Err(failed.item().cloned().unwrap_or_default()))
        }
        _ => Err(fault(error)),
    }
}

fn count(item: &Item, name: &str) -> u64 {
    number(item, name).and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
}

fn moment(item: &Item, name: &str) -> Option<Timestamp> {
    Timestamp::from_second(number(item, name)?).ok()
}

impl Store {
    /// Takes so many looks from a budget, or as many as there still are, all processes together: one update, which holds
    /// only while the window has room and nobody stopped it. A second one begins a window or takes what is left.
    pub async fn take_budget(&self, of: &Counter<'_>, wanted: u64) -> Result<Took, Fault> {
        let (mut start, mut wanted) = (of.start(), of.budget.fits(0, wanted));
        for _ in 0..TRIES {
            if wanted == 0 {
                return Ok(Took::Looks(0));
            }
            let units = wanted.saturating_mul(of.budget.cost);
            let room = of.budget.share().map(|share| share.saturating_sub(units));
            let fits = room.map_or("", |_| " AND taken <= :room");
            let mut call = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(of.key().item()))
                .update_expression("ADD taken :units, looks :looks")
                .condition_expression(format!("begun = :start AND {OPEN}{fits}"))
                .expression_attribute_values(":units", n(units))
                .expression_attribute_values(":looks", n(wanted))
                .expression_attribute_values(":start", n(start))
                .expression_attribute_values(":now", n(of.at.as_second()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            if let Some(room) = room {
                call = call.expression_attribute_values(":room", n(room));
            }
            let Err(old) = outcome(call.send().await)? else { return Ok(Took::Looks(wanted)) };
            if let Some(until) = moment(&old, "blocked_until").filter(|until| of.at < *until) {
                return Ok(Took::Stopped(until));
            }
            match number(&old, "begun") {
                Some(begun) if begun == start => wanted = of.budget.fits(count(&old, "taken"), wanted),
                // Another one's clock is ahead: its window is the later one.
                Some(begun) if begun > start => start = begun,
                _ => {
                    let first = Expression::update("SET begun = :start, taken = :units, looks = :looks, #ttl = :ttl")
                        .when(&format!("(attribute_not_exists(begun) OR begun < :start) AND {OPEN}"))
                        .name("#ttl", "ttl")
                        .value(":start", n(start))
                        .value(":units", n(units))
                        .value(":looks", n(wanted))
                        .value(":now", n(of.at.as_second()))
                        .value(":ttl", ttl(of.ttl()));
                    if self.update(&of.key(), &first).await? {
                        return Ok(Took::Looks(wanted));
                    }
                }
            }
        }
        Ok(Took::Busy)
    }

    /// Gives looks back that were not made; those of a window that is over are forgotten.
    pub async fn give_budget_back(&self, of: &Counter<'_>, looks: u64) -> Result<(), Fault> {
        let units = looks.saturating_mul(of.budget.cost);
        let less = Expression::update("ADD taken :units, looks :looks")
            .when("begun = :start AND taken >= :least")
            .value(":units", n(-i128::from(units)))
            .value(":looks", n(-i128::from(looks)))
            .value(":least", n(units))
            .value(":start", n(of.start()));
        self.update(&of.key(), &less).await.map(|_| ())
    }

    /// Notes that a workspace took so many looks, or gave them back.
    pub async fn note_budget_share(&self, of: &Counter<'_>, ws: &WorkspaceId, looks: i64) -> Result<(), Fault> {
        let units = i128::from(looks) * i128::from(of.budget.cost);
        let note = Expression::update("ADD taken :units, looks :looks SET #ttl = :ttl")
            .name("#ttl", "ttl")
            .value(":units", n(units))
            .value(":looks", n(looks))
            .value(":ttl", ttl(of.ttl()));
        self.update(&of.share_key(ws.as_str()), &note).await.map(|_| ())
    }

    /// Nobody calls until then; a stop that lasts longer stays.
    pub async fn stop_budget(&self, of: &Counter<'_>, until: Timestamp, why: &str) -> Result<(), Fault> {
        // Rounded up: a stop is never over too early.
        let until = until + SignedDuration::from_nanos(999_999_999);
        let stop = Expression::update("SET blocked_until = :until, why = :why, #ttl = :ttl")
            .when("attribute_not_exists(blocked_until) OR blocked_until < :until")
            .name("#ttl", "ttl")
            .value(":until", n(until.as_second()))
            .value(":why", s(why))
            .value(":ttl", ttl(until.max(of.budget.window.end(of.at)) + KEPT));
        self.update(&of.key(), &stop).await.map(|_| ())
    }

    /// How a budget stands in its window.
    pub async fn find_budget(&self, of: &Counter<'_>) -> Result<Standing, Fault> {
        let Some(item) = self.read(&of.key()).await? else { return Ok(Standing::default()) };
        let now = number(&item, "begun").is_some_and(|begun| begun >= of.start());
        let counted = |name| if now { count(&item, name) } else { 0 };
        let blocked_until = moment(&item, "blocked_until").filter(|until| of.at < *until);
        let why = item.get("why").and_then(|why| why.as_s().ok()).cloned();
        let why = why.filter(|_| blocked_until.is_some());
        Ok(Standing { looks: counted("looks"), units: counted("taken"), blocked_until, why })
    }

    /// What each workspace took in the window.
    pub async fn list_budget_shares(&self, of: &Counter<'_>) -> Result<Vec<Share>, Fault> {
        self.shares(&of.share_key("").sk, "looks", "taken").await
    }

    /// Spends so many times a price in a day, or as many as the cap still lets, all processes together; of a workspace,
    /// if one is named, else of the platform. Nothing if others kept counting.
    pub async fn spend(&self, of: &Purse<'_>, cap: Option<u64>, price: u64, wanted: u64) -> Result<Option<u64>, Fault> {
        let mut wanted = domain::budget::affordable(cap, 0, price, wanted);
        for _ in 0..TRIES {
            if wanted == 0 {
                return Ok(Some(0));
            }
            let amount = price.saturating_mul(wanted);
            let room = cap.map(|cap| cap.saturating_sub(amount));
            let mut call = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(of.key().item()))
                .update_expression("ADD spent :amount, looks :looks SET #ttl = :ttl")
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":amount", n(amount))
                .expression_attribute_values(":looks", n(wanted))
                .expression_attribute_values(":ttl", ttl(of.ttl()?))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            if let Some(room) = room {
                call = call
                    .condition_expression("attribute_not_exists(spent) OR spent <= :room")
                    .expression_attribute_values(":room", n(room));
            }
            let Err(old) = outcome(call.send().await)? else { return Ok(Some(wanted)) };
            wanted = domain::budget::affordable(cap, count(&old, "spent"), price, wanted);
        }
        Ok(None)
    }

    /// Gives money back that was not spent.
    pub async fn refund(&self, of: &Purse<'_>, amount: u64, looks: u64) -> Result<(), Fault> {
        let less = Expression::update("ADD spent :amount, looks :looks")
            .when("spent >= :least")
            .value(":amount", n(-i128::from(amount)))
            .value(":looks", n(-i128::from(looks)))
            .value(":least", n(amount));
        self.update(&of.key(), &less).await.map(|_| ())
    }

    /// What was spent at a platform in a day, and by each workspace.
    pub async fn list_spent(&self, platform: &PlatformId, day: Date) -> Result<(u64, Vec<Share>), Fault> {
        let of = Purse { platform, day, workspace: None };
        let all = self.read(&of.key()).await?.map_or(0, |item| count(&item, "spent"));
        let shares = self.shares(&format!("{}#", of.key().sk), "looks", "spent").await?;
        Ok((all, shares))
    }

    /// Whether an account was paid for in a day, so that another look is free.
    pub async fn is_paid(&self, platform: &PlatformId, day: Date, account: AccountId) -> Result<bool, Fault> {
        Ok(self.read(&key::paid(platform, day, account)).await?.is_some())
    }

    /// Notes that an account is paid for; `false` if it was already.
    pub async fn note_paid(&self, platform: &PlatformId, day: Date, account: AccountId) -> Result<bool, Fault> {
        let mut item = key::paid(platform, day, account).item();
        item.insert("ttl".to_owned(), ttl(end(day)? + KEPT));
        let mut transaction = Transaction::new();
        transaction.put(self, (), item, &Expression::condition("attribute_not_exists(pk)"))?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// An account is not paid for after all.
    pub async fn forget_paid(&self, platform: &PlatformId, day: Date, account: AccountId) -> Result<(), Fault> {
        let mut transaction = Transaction::new();
        transaction.delete(self, (), &key::paid(platform, day, account), &Expression::default())?;
        transaction.commit(self).await.map(|_| ())
    }

    /// One update by itself; `false` if its condition failed.
    async fn update(&self, key: &Key, with: &Expression) -> Result<bool, Fault> {
        let mut transaction = Transaction::new();
        transaction.update(self, (), key, with)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// The counters of workspaces behind a prefix of the operator's partition.
    async fn shares(&self, prefix: &str, looks: &str, units: &str) -> Result<Vec<Share>, Fault> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(key::OPERATOR))
            .expression_attribute_values(":prefix", s(prefix));
        let share = |item: Item| {
            let workspace = Key::of(&item).and_then(|key| key.sk.strip_prefix(prefix)?.parse().ok());
            let workspace = workspace.ok_or_else(|| Fault::Inconsistent(format!("{prefix} of no workspace")))?;
            Ok(Share { workspace, looks: count(&item, looks), units: count(&item, units) })
        };
        all(query).await?.into_iter().map(share).collect()
    }
}

/// Whose money of which day.
#[derive(Debug, Clone, Copy)]
pub struct Purse<'a> {
    /// Where it is spent.
    pub platform: &'a PlatformId,
    /// On which day of UTC.
    pub day: Date,
    /// By which workspace; by all together if none is named.
    pub workspace: Option<&'a WorkspaceId>,
}

impl Purse<'_> {
    fn key(&self) -> Key {
        key::spent(self.platform, self.day, self.workspace)
    }

    fn ttl(&self) -> Result<Timestamp, Fault> {
        Ok(end(self.day)? + MONEY_KEPT)
    }
}

/// When a day of UTC ends.
fn end(day: Date) -> Result<Timestamp, Fault> {
    let next = day.tomorrow().and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC));
    Ok(next.map_err(|e| Fault::Inconsistent(e.to_string()))?.timestamp())
}
