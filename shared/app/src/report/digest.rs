//! The weekly digest: what everybody in the workspace may know of its accounts.

use domain::{
    Account, AccountId, Days, Event, Fault, Granularity, OrgId, Timestamp, WorkspaceId,
    health::State,
    recommendation::UNUSED,
    report::{Followers, Reviewed, TroubleTold, Weekly, weekly},
    schedule::Zone,
};
use serde_json::{Map, Value, json};
use store::Usage;

use super::{Gathered, Looked, gather, is_everybodys, look, tells_everybody};
use crate::{Services, account::shown, figures};

/// What happened.
pub(crate) const DIGEST: &str = "workspace.health_digest";
/// How many are named of each kind.
const NAMED: usize = 50;

/// The last whole week of a workspace, as its digest tells it; nothing if no account was connected in it. Private
/// accounts are not in it, nor are figures that some of the workspace may not read.
///
/// An account costs 0.07 units and its troubles and eight days about 3: 3,000 units for a thousand accounts, once a week.
pub(crate) async fn digest(services: &Services, ws: &WorkspaceId) -> Result<Option<Event>, Fault> {
    let now = services.now();
    let Gathered { workspace, accounts, left_out } = gather(services, ws, &OrgId::from(ws), is_everybodys).await?;
    let zone = figures::zone(&workspace);
    let week = last_week(&zone, now);
    if !accounts.iter().any(|account| zone.day(account.connected_at) <= week.last) {
        return Ok(None);
    }
    let usage = services.store.list_usage(ws, now).await?;
    let incidents = services.guard.incidents(services).await?;
    let days = Days { first: week.first.yesterday().unwrap_or(week.first), last: week.last };
    let looked = look(services, &workspace, accounts, days, tells_everybody).await?;
    let reviewed: Vec<Reviewed<'_>> = looked
        .iter()
        .map(|Looked { account, episodes, ledger }| Reviewed {
            account: account.id,
            platform: &account.platform,
            state: shown(services, &incidents, &workspace, account.clone()).health.state,
            due_at: due_at(account),
            is_unused: is_unused(account, usage.get(&account.id), now),
            episodes,
            ledger: ledger.as_ref(),
        })
        .collect();
    let weekly = weekly(week, &reviewed, now, &zone);
    Ok(Some(services.event(now, ws, DIGEST, told(&weekly, left_out))))
}

/// The last whole week, from Monday on.
pub(crate) fn last_week(zone: &Zone, now: Timestamp) -> Days {
    Granularity::Week.around(zone.day(now)).before()
}

/// When a person must act, or should have acted.
pub(super) fn due_at(account: &Account) -> Option<Timestamp> {
    let facts = &account.grant_facts;
    facts.dead.as_ref().map(|dead| dead.at).or(facts.reauth_due_at)
}

/// Whether nobody uses an account that could be used.
fn is_unused(account: &Account, usage: Option<&Usage>, now: Timestamp) -> bool {
    let since = connected_at(account).max(usage.and_then(|usage| usage.last_used_at).unwrap_or_default());
    account.suspended.is_none() && now.duration_since(since) >= UNUSED
}

/// When an account was last connected.
pub(super) fn connected_at(account: &Account) -> Timestamp {
    account.reconnected_at.unwrap_or(account.connected_at).max(account.connected_at)
}

fn told(weekly: &Weekly, left_out: u32) -> Value {
    let platforms = weekly.platforms.iter();
    let platforms: Vec<Value> =
        platforms.map(|(platform, states)| json!({"platform": platform, "states": by_state(states)})).collect();
    let Followers { accounts, left_out: not_known, from, to } = weekly.followers;
    json!({
        "week": {"from": weekly.week.first, "to": weekly.week.last},
        "accounts": weekly.accounts,
        "left_out": left_out,
        "states": by_state(&weekly.states),
        "platforms": platforms,
        "opened": troubles(&weekly.opened),
        "resolved": troubles(&weekly.resolved),
        "still_open": troubles(&weekly.still_open),
        "due_7d": named(&weekly.due_7d),
        "due_30d": named(&weekly.due_30d),
        "unused": named(&weekly.unused),
        "followers": {
            "accounts": accounts, "left_out": not_known, "from": from, "to": to,
            "change": weekly.followers.change(), "change_percent": weekly.followers.percent(),
        },
    })
}

fn by_state(states: &std::collections::BTreeMap<State, u32>) -> Value {
    let counts = State::ALL.into_iter().map(|state| (state.as_str().to_owned(), states.get(&state).copied()));
    counts.map(|(state, count)| (state, count.unwrap_or(0).into())).collect::<Map<_, _>>().into()
}

fn named(accounts: &[AccountId]) -> Value {
    json!({"count": accounts.len(), "accounts": accounts.iter().take(NAMED).collect::<Vec<_>>()})
}

fn troubles(all: &[TroubleTold]) -> Value {
    let troubles = all.iter().take(NAMED).map(|told| {
        json!({
            "account_id": told.account, "episode_id": told.episode, "cause": told.cause,
            "severity": told.severity.as_str(), "opened_at": told.opened_at, "resolved_at": told.resolved_at,
        })
    });
    json!({"count": all.len(), "troubles": troubles.collect::<Vec<_>>()})
}
