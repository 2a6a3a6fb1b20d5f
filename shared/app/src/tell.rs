//! Telling a grant's accounts what is known of it: each keeps a copy, hears of a change once, and the product is told.

use std::collections::BTreeMap;

use domain::{
    Access, Account, AccountId, ConnectSession, EpisodeId, Event, Fault, Grant, GrantFacts, Timestamp, WorkspaceId,
    account::{Against, Standing, Visibility},
    planned::{Counts, Planned},
};
use serde_json::json;
use store::{Committed, MOST_TOLD};

use crate::{Services, deliver, disconnect};

/// How often a part is judged again when others change the same accounts.
const TRIES: u32 = 9;

/// Tells every account of a grant that has heard something else. `shared` are the platform's ids of the accounts that
/// the person shares with us, where that was just read.
pub(crate) async fn tell(services: &Services, grant: &Grant, shared: Option<&[String]>) -> Result<(), Fault> {
    for (workspace, ids) in grant.holders() {
        for part in ids.chunks(MOST_TOLD) {
            // Only an end is told with what was planned.
            let planned = match grant.upkeep.dead {
                Some(_) => services.store.find_all_planned(&workspace, part).await?,
                None => BTreeMap::new(),
            };
            let judge = |before: Account, now: Timestamp, events: &mut Vec<Event>| {
                let planned = planned.get(&before.id);
                changed(services, grant, (shared, planned), before, now, events)
            };
            tell_part(services, grant, (&workspace, part), judge, |_, _| None).await?;
        }
    }
    Ok(())
}

/// Judges accounts of a grant by what a consent was just seen to share; answers with those of the consent's workspace that
/// were shared until now. One event names them; what is lost elsewhere is told there, account by account.
pub(crate) async fn shared(
    services: &Services,
    grant: &Grant,
    mut judged: BTreeMap<WorkspaceId, Vec<AccountId>>,
    shared: &[String],
    session: &ConnectSession,
) -> Result<Vec<Account>, Fault> {
    let judge =
        |before: Account, now: Timestamp, events: &mut Vec<Event>| judged_anew(services, shared, before, now, events);
    let own = judged.remove(&session.workspace).unwrap_or_default();
    for (workspace, ids) in judged {
        for part in ids.chunks(MOST_TOLD) {
            tell_part(services, grant, (&workspace, part), judge, |_, _| None).await?;
        }
    }
    let is_lost = |account: &&Account| account.standing.is_some_and(|standing| standing.what == Against::NotShared);
    let mut lost: Vec<Account> = Vec::new();
    let parts = own.chunks(MOST_TOLD).count();
    for (place, part) in own.chunks(MOST_TOLD).enumerate() {
        let at_last = |changes: &[Change], now: Timestamp| {
            let all = lost.iter().chain(changes.iter().map(|(_, after)| after).filter(is_lost));
            let is_told = place + 1 == parts && all.clone().next().is_some();
            is_told.then(|| siblings_lost(services, session, all, now))
        };
        let changes = tell_part(services, grant, (&session.workspace, part), judge, at_last).await?;
        lost.extend(changes.iter().map(|(_, after)| after).filter(is_lost).cloned());
    }
    Ok(lost)
}

/// An account before and after.
type Change = (Account, Account);

/// Judges some accounts of a grant in one workspace and tells what changed, with one event `more` behind theirs; all is judged again when
/// others change the same accounts meanwhile. Answers with what changed.
async fn tell_part(
    services: &Services,
    grant: &Grant,
    (workspace, part): (&WorkspaceId, &[AccountId]),
    judge: impl Fn(Account, Timestamp, &mut Vec<Event>) -> Option<Change>,
    more: impl Fn(&[Change], Timestamp) -> Option<Event>,
) -> Result<Vec<Change>, Fault> {
    for _ in 0..TRIES {
        let accounts = services.store.find_accounts(workspace, part).await?;
        let now = services.now();
        let mut events = Vec::new();
        let mine = accounts.into_iter().filter(|account| account.grant == Some(grant.id));
        let changes: Vec<Change> = mine.filter_map(|before| judge(before, now, &mut events)).collect();
        events.extend(more(&changes, now));
        if changes.is_empty() && events.is_empty() {
            return Ok(changes);
        }
        match services.store.tell(&changes, &events, now).await? {
            Committed::Done => {
                deliver::publish(services, &events).await;
                return Ok(changes);
            }
            Committed::Refused(_) | Committed::Busy => {}
        }
    }
    Err(Fault::Store(format!("the accounts of {} keep changing", grant.id)))
}

/// An account before and after it is judged by what is shared; nothing if that changes nothing.
fn judged_anew(
    services: &Services,
    shared: &[String],
    before: Account,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Option<Change> {
    let mut after = Account { standing: standing(&before, shared, now), ..before.clone() };
    if before.standing == after.standing {
        return None;
    }
    after.known_since(&before, now);
    after.version += 1;
    events.extend(troubles(services, &before, &mut after, None, now));
    Some((before, after))
}

/// These accounts lost their access because a consent left them out.
fn siblings_lost<'a>(
    services: &Services,
    session: &ConnectSession,
    lost: impl Iterator<Item = &'a Account>,
    now: Timestamp,
) -> Event {
    let account = |account: &Account| {
        json!({"account_id": account.id, "platform": account.platform,
               "platform_account_id": account.profile.platform_account_id})
    };
    let lost: Vec<&Account> = lost.collect();
    let private = lost.iter().any(|account| account.settings.visibility == Visibility::Private);
    let accounts: Vec<_> = lost.into_iter().map(account).collect();
    let data = json!({"connect_session_id": session.id, "accounts": accounts});
    Event { private, ..services.event(now, &session.workspace, "account.siblings_lost", data) }
}

/// An account before and after it has heard of its grant; nothing if it knows.
fn changed(
    services: &Services,
    grant: &Grant,
    (shared, planned): (Option<&[String]>, Option<&Planned>),
    before: Account,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Option<Change> {
    let mut after = Account { grant_facts: grant.facts(), ..before.clone() };
    if let Some(shared) = shared {
        after.standing = standing(&before, shared, now);
    }
    if before.grant_facts.scopes_since != after.grant_facts.scopes_since {
        let entry = services.platforms.entry(&before.platform, Some(&before.method));
        let needed = entry.map(|e| e.scopes_of(&before.profile.kind, &before.access.asked)).unwrap_or_default();
        after.access = Access::new(&before.access.asked, &needed, grant.granted.as_deref());
    }
    if before.facts() == after.facts() {
        return None;
    }
    after.known_since(&before, now);
    after.version += 1;
    let told = [warning(&before.grant_facts, &after.grant_facts, now), permissions(&before, &after)];
    events.extend(told.into_iter().flatten().map(|told| told.event(services, &mut after, now)));
    events.extend(troubles(services, &before, &mut after, planned, now));
    Some((before, after))
}

/// What is told of the trouble that an account has now and had not, or had and has no more; of an end with what was
/// planned.
pub(crate) fn troubles(
    services: &Services,
    before: &Account,
    after: &mut Account,
    planned: Option<&Planned>,
    now: Timestamp,
) -> Vec<Event> {
    let planned = planned.map(|planned| planned.counts(now)).unwrap_or_default();
    trouble(before, after, planned).map(|told| told.event(services, after, now)).into_iter().collect()
}

/// What is told of an account, and of which trouble.
struct Told {
    kind: &'static str,
    cause: Option<(&'static str, Timestamp)>,
    data: serde_json::Value,
}

impl Told {
    fn event(mut self, services: &Services, account: &mut Account, now: Timestamp) -> Event {
        if matches!(self.kind, "account.reauthorization_due" | "account.expired") {
            // Only a person helps: the call that makes a link for them.
            self.data["fix"] = json!({"method": "POST", "href": format!("/v1/accounts/{}/reconnect-link", account.id)});
        }
        let episode_id = self.cause.map(|(cause, since)| EpisodeId::of(account.id, cause, since));
        Event { episode_id, ..services.account_event(now, account, self.kind, self.data) }
    }
}

/// What the person no longer shares stands against the account; what they share again does not.
fn standing(account: &Account, shared: &[String], now: Timestamp) -> Option<Standing> {
    let is_shared = shared.contains(&account.profile.platform_account_id);
    match account.standing {
        None if !is_shared => Some(Standing { what: Against::NotShared, since: now }),
        Some(Standing { what: Against::NotShared, .. }) if is_shared => None,
        other => other,
    }
}

/// A warning that was not given before.
fn warning(before: &GrantFacts, after: &GrantFacts, now: Timestamp) -> Option<Told> {
    let ends = after.reauth_due_at.filter(|_| after.warned.is_some() && after.warned != before.warned)?;
    let left = ends.duration_since(now).as_hours().max(0) / 24;
    Some(Told {
        kind: "account.reauthorization_due",
        cause: Some(("reauthorization_due", ends)),
        data: json!({"reauth_due_at": ends, "days_left": left}),
    })
}

/// Other scopes than before.
fn permissions(before: &Account, after: &Account) -> Option<Told> {
    if before.access.missing == after.access.missing {
        return None;
    }
    let only_in = |one: &Account, other: &Account| -> Vec<String> {
        one.access.missing.iter().filter(|scope| !other.access.missing.contains(scope)).cloned().collect()
    };
    let data = json!({"missing": only_in(after, before), "gained": only_in(before, after)});
    Some(Told { kind: "account.permissions_changed", cause: None, data })
}

/// Another trouble than before, or the end of one.
fn trouble(before: &Account, after: &Account, planned: Counts) -> Option<Told> {
    let of = |account: &Account| {
        let standing = account.standing.map(|standing| (against(standing.what), standing.since));
        account.grant_facts.trouble().or(standing)
    };
    let (was, is) = (of(before), of(after));
    match (was, is) {
        (was, is) if was == is => None,
        (_, Some((cause, since))) => {
            let mut data = json!({"reason": cause, "since": since});
            if after.grant_facts.dead.is_none() {
                return Some(Told { kind: "account.degraded", cause: is, data });
            }
            data["effects"] = json!(disconnect::effects(false));
            data["planned"] = json!(planned);
            Some(Told { kind: "account.expired", cause: is, data })
        }
        (Some((cause, since)), None) => {
            Some(Told { kind: "account.recovered", cause: was, data: json!({"from": cause, "since": since}) })
        }
        (None, None) => None,
    }
}

/// The word for what stands against an account.
fn against(what: Against) -> &'static str {
    match what {
        Against::Restricted => "account_restricted",
        Against::Gone => "account_not_found",
        Against::RoleLost => "insufficient_platform_role",
        Against::NotShared => "not_shared_in_consent",
        Against::Refused => "insufficient_permissions",
    }
}
