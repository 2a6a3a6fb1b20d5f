//! What each rule finds.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Cause, Facts, Policy, Reason, Rule, Suspended, Suspender};
use crate::{
    Capability, Code, DeadReason, Lifecycle, Renewal,
    account::{Against, Standing},
    capability::Availability,
};

/// Fetching that has failed so often in a row is told.
const FAILURES: u32 = 3;
/// An account that alone cannot be fetched for so long is broken.
const BROKEN: SignedDuration = SignedDuration::from_hours(24);
/// A limit that holds for so long is told.
const LIMITED: SignedDuration = SignedDuration::from_hours(1);
/// From a moment to the one behind it.
const NEXT: SignedDuration = SignedDuration::from_nanos(1);

/// All that is found, by the order of the rules. Of an account that is not there to be used nothing else is told.
pub(super) fn reasons(facts: &Facts, now: Timestamp, policy: &Policy) -> Vec<Reason> {
    let mut reasons = life(facts);
    reasons.extend(standing(facts));
    reasons.extend(consent(facts, now, policy));
    reasons.extend(capabilities(facts));
    reasons.extend(outage(facts));
    reasons.extend(sync(facts, now));
    reasons.sort_by_key(|reason| reason.rule);
    if let Some(rule @ (Rule::Disconnected | Rule::Pending)) = reasons.first().map(|reason| reason.rule) {
        reasons.retain(|reason| reason.rule == rule);
    }
    reasons
}

/// The moments at which time alone changes what is found.
pub(super) fn turns(facts: &Facts, policy: &Policy) -> Vec<Timestamp> {
    let grant = &facts.account.grant;
    let soon = grant.reauth_due_at.and_then(|due| due.checked_sub(policy.expiring_window).ok());
    let behind = |since: Option<Timestamp>, long: SignedDuration| since?.checked_add(long).ok()?.checked_add(NEXT).ok();
    let sync = facts.sync.iter().flat_map(|sync| {
        [
            behind(sync.failing_since, BROKEN),
            behind(sync.rate_limited_since, LIMITED),
            behind(sync.last_ok_at, sync.most()),
        ]
    });
    [soon, grant.reauth_due_at, grant.access_ends].into_iter().chain(sync).flatten().collect()
}

fn found(rule: Rule, cause: Cause, since: Timestamp, facts: Value) -> Reason {
    Reason { rule, cause, since, capability: None, facts, named: None }
}

fn life(facts: &Facts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if facts.account.lifecycle == Lifecycle::Disconnected {
        let since = facts.account.since;
        let cause = Cause::Registered(Code::AccountDisconnected);
        reasons.push(found(Rule::Disconnected, cause, since, json!({"disconnected_at": since})));
    }
    if let Some(since) = facts.pending_since {
        reasons.push(found(Rule::Pending, Cause::SelectionPending, since, json!({"pending_since": since})));
    }
    if let Some(Suspended { by, since }) = facts.account.suspended {
        let cause = match by {
            Suspender::Plan => Cause::SuspendedByPlan,
            Suspender::Person => Cause::PausedByUser,
        };
        reasons.push(found(Rule::Suspended, cause, since, json!({"suspended_since": since})));
    }
    reasons
}

/// The consent: ended, about to end, or not to be renewed at the moment.
fn consent(facts: &Facts, now: Timestamp, policy: &Policy) -> Vec<Reason> {
    let grant = &facts.account.grant;
    let expired = Cause::Registered(Code::ConnectionExpired);
    let dead = grant.dead.map(|dead| {
        let cause = match dead.reason {
            DeadReason::Expired | DeadReason::InvalidGrant => expired,
            DeadReason::Revoked => Cause::Revoked,
            DeadReason::PasswordChanged => Cause::PasswordChanged,
            DeadReason::TwoFactor => Cause::TwoFactor,
            DeadReason::RotationLost => Cause::RotationLost,
        };
        let facts = json!({"dead_at": dead.at, "dead_reason": dead.reason});
        Reason { named: Some((dead.reason.as_str(), dead.at)), ..found(Rule::Expired, cause, dead.at, facts) }
    });
    let passed = grant.reauth_due_at.filter(|due| *due <= now);
    let passed = passed.map(|due| found(Rule::Expired, expired, due, json!({"reauth_due_at": due})));
    let access = grant.access_ends.filter(|ends| *ends <= now && grant.renewal != Renewal::Silent);
    let access = access.map(|ends| found(Rule::Expired, expired, ends, json!({"access_ends": ends})));
    // Of several ends the first in this order explains, and the earliest counts.
    let ends: Vec<Reason> = dead.into_iter().chain(passed).chain(access).collect();
    let earliest = ends.iter().map(|end| end.since).min();
    // What has run out is buried as that, of the same moment.
    let named = |end: &Reason, since| end.named.or(Some((DeadReason::Expired.as_str(), since)));
    let ended = ends.into_iter().next().zip(earliest);
    let ended = ended.map(|(end, since)| Reason { since, named: named(&end, since), ..end });
    let mut reasons = Vec::from_iter(ended);
    if let Some(since) = grant.misconfigured_since {
        let cause = Cause::Registered(Code::PlatformNotConfigured);
        reasons.push(found(Rule::Error, cause, since, json!({"misconfigured_since": since})));
    }
    if let Some(since) = grant.quarantined_since {
        let facts = json!({"quarantined_since": since, "failing": grant.failing});
        // The same trouble as when it began to fail.
        let named = grant.failing.map(|failing| (Cause::RenewalFailing.as_str(), failing.since));
        reasons.push(Reason { named, ..found(Rule::Error, Cause::RenewalQuarantined, since, facts) });
    }
    if earliest.is_some() {
        return reasons;
    }
    if let Some(due) = grant.reauth_due_at.filter(|due| due.duration_since(now) <= policy.expiring_window) {
        let since = due.checked_sub(policy.expiring_window).unwrap_or(due);
        let (cause, facts) = (Cause::ReauthorizationDue, json!({"reauth_due_at": due}));
        reasons.push(Reason { named: Some((cause.as_str(), due)), ..found(Rule::Expiring, cause, since, facts) });
    }
    if let Some(failing) = grant.failing.filter(|_| grant.quarantined_since.is_none()) {
        let facts = json!({"failing": failing, "access_ends": grant.access_ends});
        let (cause, since) = (Cause::RenewalFailing, failing.since);
        reasons.push(Reason { named: Some((cause.as_str(), since)), ..found(Rule::Degraded, cause, since, facts) });
    }
    if let Some(since) = grant.uncertain_since {
        reasons.push(found(Rule::Degraded, Cause::RotationUncertain, since, json!({"uncertain_since": since})));
    }
    reasons
}

/// What stands against the account at its platform.
fn standing(facts: &Facts) -> Option<Reason> {
    let Standing { what, since } = facts.account.standing?;
    let code = match what {
        Against::Restricted => Code::AccountRestricted,
        Against::Gone => Code::AccountNotFound,
        Against::RoleLost => Code::InsufficientPlatformRole,
        Against::NotShared => Code::NotSharedInConsent,
        // It takes publishing away, and leaves the rest.
        Against::Refused => return None,
    };
    Some(found(Rule::Error, Cause::Registered(code), since, json!({"standing": what, "standing_since": since})))
}

/// What was asked for and does not work.
fn capabilities(facts: &Facts) -> Vec<Reason> {
    let account = &facts.account;
    let refused = account.standing.filter(|standing| standing.what == Against::Refused);
    let lost = |capability: Capability| {
        let publish = capability == Capability::Publish;
        let unavailable = facts.capabilities.get(&capability);
        let (code, since, facts, named) = if let Some(Availability::Unavailable(code)) = unavailable {
            let facts = json!({"asked": true, "available": false, "missing": account.access.missing});
            (*code, account.since, facts, None)
        } else {
            let Standing { what, since } = refused.filter(|_| publish)?;
            let code = Code::InsufficientPermissions;
            (code, since, json!({"standing": what, "standing_since": since}), Some((code.as_str(), since)))
        };
        let rule = if publish { Rule::LimitedPublish } else { Rule::Limited };
        Some(Reason { capability: Some(capability), named, ..found(rule, Cause::Registered(code), since, facts) })
    };
    account.access.asked.iter().filter_map(|capability| lost(*capability)).collect()
}

fn outage(facts: &Facts) -> Option<Reason> {
    let since = facts.outage_since?;
    let cause = Cause::Registered(Code::PlatformUnavailable);
    Some(found(Rule::Degraded, cause, since, json!({"outage_since": since})))
}

/// How its data is fetched.
fn sync(facts: &Facts, now: Timestamp) -> Vec<Reason> {
    let Some(sync) = &facts.sync else { return Vec::new() };
    let for_long = |since: &Timestamp, long: SignedDuration| now.duration_since(*since) > long;
    let mut reasons = Vec::new();
    if let Some(since) = sync.failing_since.filter(|since| for_long(since, BROKEN)) {
        let at = since.checked_add(BROKEN).unwrap_or(since);
        reasons.push(found(Rule::Error, Cause::SyncFailing, at, json!({"sync_failing_since": since})));
    } else if sync.failures >= FAILURES {
        let since = sync.failing_since.unwrap_or(facts.account.since);
        reasons.push(found(Rule::Degraded, Cause::SyncFailing, since, json!({"sync_failures": sync.failures})));
    }
    if let Some(since) = sync.rate_limited_since.filter(|since| for_long(since, LIMITED)) {
        let at = since.checked_add(LIMITED).unwrap_or(since);
        reasons.push(found(
            Rule::Degraded,
            Cause::Registered(Code::PlatformRateLimited),
            at,
            json!({"rate_limited_since": since}),
        ));
    }
    if let Some(since) = sync.in_flight_since {
        reasons.push(found(Rule::Processing, Cause::SyncRunning, since, json!({"in_flight_since": since})));
    }
    if sync.is_stale(now) {
        let facts_of = json!({"last_ok_at": sync.last_ok_at});
        reasons.push(match sync.last_ok_at {
            None => found(Rule::Stale, Cause::NeverSynced, facts.account.since, facts_of),
            Some(at) => {
                let old = at.checked_add(sync.most()).unwrap_or(at);
                found(Rule::Stale, Cause::SyncOverdue, old, facts_of)
            }
        });
    }
    reasons
}
