//! Erasing a person: what they allowed is destroyed, their name and id go from every account, and an account that is
//! the person goes altogether. Accounts that are not them, such as pages, stay as disconnected ones.
//!
//! Their living grants are found by their record; the rest by going through the table once, with the place kept. A
//! consent that is younger than the wish stays.

use domain::{
    Account, ConnectedBy, Error, Fault, Grant, GrantFacts, Lifecycle, OrgId, Person, Workspace,
    account::Departure,
    grant::{Due, GrantState, Work},
    notice::Told,
};
use store::{Committed, Disconnect, Found, Notice};
use tokio::time::Instant;

use crate::{Services, connect::abandoned, deliver, disconnect, easyconnect, revoke, run, sync, workspace::ourselves};

/// What is told as the reason.
const REASON: &str = "data_deletion";
/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;
/// How many items of the table are read at a time.
const PART: i32 = 1000;

/// Goes on with it until there is no time; whether everything is erased.
pub(super) async fn erase(services: &Services, notice: &mut Notice, until: Instant) -> Result<bool, Fault> {
    let Some(told) = notice.told.first().cloned() else { return Ok(true) };
    let told = &told;
    let mut left = false;
    if notice.place.is_none() {
        let subject = services.store.find_subject(&notice.app, &told.person).await?;
        for (_, id) in subject.grants {
            if let Some(grant) = services.store.find_grant(id).await? {
                left |= !end(services, grant, told).await?;
            }
        }
    }
    loop {
        let place = notice.place.take();
        let (found, next) = services.store.scan_person(&notice.method, &told.person, place.as_ref(), PART).await?;
        for one in found {
            left |= !forget(services, notice, told, one).await?;
        }
        match next {
            None => break,
            Some(next) => notice.place = Some(next),
        }
        if Instant::now() >= until {
            // What could not be ended is looked for from the beginning.
            notice.place.take_if(|_| left);
            return Ok(false);
        }
    }
    if !left {
        services.store.erase_subject(&notice.app, &told.person).await?;
    }
    Ok(!left)
}

/// Erases what was found of the person; whether it is gone.
async fn forget(services: &Services, notice: &Notice, told: &Told, found: Found) -> Result<bool, Fault> {
    match found {
        Found::Grant(grant) if grant.app == notice.app => end(services, *grant, told).await,
        // What lives on a younger consent, or on another app's, stays.
        Found::Account(account) if account.lifecycle == Lifecycle::Disconnected => {
            leave(services, *account).await.map(|()| true)
        }
        Found::Held(id) => {
            let session = services.store.find_session(id).await?;
            if session.is_none_or(|session| session.method == notice.method) {
                abandoned::end(services, id).await?;
            }
            Ok(true)
        }
        Found::Grant(_) | Found::Account(_) => Ok(true),
    }
}

/// Ends a grant without a word to the platform, which asked for it; whether its tokens are destroyed.
async fn end(services: &Services, grant: Grant, told: &Told) -> Result<bool, Fault> {
    if grant.state == GrantState::Live && grant.consented_at() > told.at {
        return Ok(true);
    }
    for (workspace, accounts) in grant.holders() {
        for account in services.store.find_accounts(&workspace, &accounts).await? {
            if account.grant == Some(grant.id) {
                leave(services, account).await?;
            }
        }
    }
    for _ in 0..TRIES {
        let Some(there) = services.store.find_grant(grant.id).await? else { return Ok(true) };
        let GrantState::Revoking { since, attempts, .. } = there.state else { return Ok(false) };
        let due = Some(Due { work: Work::Revoke, at: services.now() });
        let state = GrantState::Revoking { since, attempts, quietly: true };
        let next = Grant { state, due, revision: there.revision + 1, ..there };
        if services.store.postpone_revocation(&next).await? {
            Box::pin(revoke::revoke(services, grant.id)).await?;
            return Ok(services.store.find_grant(grant.id).await?.is_none());
        }
    }
    Ok(false)
}

/// An account is left without the person: one that is them is removed, another one is kept as disconnected.
async fn leave(services: &Services, account: Account) -> Result<(), Fault> {
    let mut before = account;
    for _ in 0..TRIES {
        match Box::pin(step(services, &before)).await {
            Ok(true) => return Box::pin(easyconnect::forget::forget(services, &before.workspace, before.id)).await,
            Ok(false) => {}
            Err(Error::Fault(fault)) => return Err(fault),
            Err(Error::Refused(refusal)) => return Err(Fault::Store(refusal.detail)),
        }
        let Some(there) = services.store.find_account(&before.workspace, before.id).await? else { return Ok(()) };
        before = there;
    }
    Err(Fault::Store(format!("{} keeps changing", before.id)))
}

/// One try; `false` if something moved.
async fn step(services: &Services, before: &Account) -> Result<bool, Error> {
    let now = services.now();
    let org = OrgId::from(&before.workspace);
    let workspace = services.store.find_workspace(&before.workspace, &org).await?;
    let nobody = Person { id: String::new(), name: String::new() };
    let mut after = Account {
        lifecycle: Lifecycle::Disconnected,
        grant: None,
        ended_grant: None,
        authorized_by: nobody,
        grant_facts: GrantFacts::default(),
        standing: None,
        suspended: None,
        disconnected_at: before.disconnected_at.or(Some(now)),
        departure: before.departure.clone().or_else(|| Some(Box::new(departure(&workspace, before)))),
        version: before.version + 1,
        ..before.clone()
    };
    after.known_since(before, now);
    let removed = is_person(services, before);
    if before.lifecycle == Lifecycle::Disconnected && !removed {
        return Ok(services.store.tell(&[(before.clone(), after)], &[], now).await? == Committed::Done);
    }
    let grant = disconnect::next_grant(services, before).await?.map(quietly);
    let successor =
        disconnect::successor(services, &ourselves(&workspace.id, &workspace.org), &workspace, before).await?;
    let kind = if removed { "account.removed" } else { "account.disconnected" };
    let planned = services.store.find_planned(&before.workspace, before.id).await?.ahead(now);
    let data = disconnect::data(Some(REASON), disconnect::effects(removed), &planned, workspace.is_main(before.id));
    let mut events = vec![services.account_event(now, &mut after, kind, data)];
    events.extend(disconnect::main_changed(services, &workspace, &after, successor));
    let runs = if removed { sync::on_record(services, before).await? } else { Vec::new() };
    let leaving = Disconnect {
        runs: &runs,
        workspace: &workspace,
        before,
        after: (!removed).then_some(&after),
        grant: grant.as_ref(),
        successor,
        events: &events,
        finish: None,
        now,
    };
    if services.store.disconnect(&leaving).await? != Committed::Done {
        return Ok(false);
    }
    deliver::publish(services, &events).await;
    if removed && !services.store.erase_beside(&before.workspace, before.id).await? {
        run::purge(services, &ourselves(&workspace.id, &workspace.org), before).await?;
    }
    Ok(true)
}

/// Whether an account is the person who allowed it: it has their id, or a consent is for one account there.
fn is_person(services: &Services, account: &Account) -> bool {
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    account.profile.platform_account_id == account.authorized_by.id || entry.is_some_and(|entry| !entry.offers_many)
}

/// A grant that ends is not told to the platform.
fn quietly(mut grant: Grant) -> Grant {
    if let GrantState::Revoking { quietly, .. } = &mut grant.state {
        *quietly = true;
    }
    grant
}

/// How it came to be disconnected.
fn departure(workspace: &Workspace, leaving: &Account) -> Departure {
    let by = ConnectedBy { kind: "mooring".to_owned(), id: "mooring".to_owned(), name: None };
    Departure { by, reason: Some(REASON.to_owned()), was_main: workspace.is_main(leaving.id) }
}
