//! The one place where accounts come into being: what is there is read, the change is judged, and one
//! transaction makes it or finds that something moved, and then it is judged again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    Access, Account, AccountId, Actor, Candidate, CandidateId, Capability, Code, ConnectSession, Error, Event, Fault,
    Fetched, Grant, GrantFacts, GrantId, Lifecycle, Permission, Refusal, Run, RunId, Timestamp, TokenSet,
    account::{Profile, Reach, Visibility},
    connect::{Held, Stage},
    grant::GrantState,
    renewal::Hold,
    sync::{Asked, Trigger},
};
use futures::future::join_all;
use serde_json::json;
use store::{AccountChange, Connect, Connected, Finish, GrantChange};

use super::abandoned;
use crate::{
    Services, audit, copy, deliver,
    disconnect::{effects_of_reconnecting, without},
    easyconnect,
    renew::{due, seal_next},
    sync, tell,
};

/// How often a change is judged again. Each round that finds something moved means that another
/// request succeeded, so this many rivals at once are served.
const TRIES: u32 = 40;
/// How long to wait for whoever holds a grant, each time.
const HELD: Duration = Duration::from_millis(250);

/// What is to be connected.
pub(crate) struct Chosen<'a> {
    /// The attempt.
    pub(crate) session: &'a ConnectSession,
    /// What its consent gave.
    pub(crate) held: &'a Held,
    /// The tokens of it, in clear.
    pub(crate) tokens: &'a TokenSet,
    /// The chosen ones.
    pub(crate) candidates: &'a [CandidateId],
    /// Whether the consent is kept in the table.
    pub(crate) stored: bool,
    /// Who chose; a callback's browser is nobody.
    pub(crate) caller: Option<&'a Actor>,
}

impl Chosen<'_> {
    fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.held.candidates.iter().filter(|c| self.candidates.contains(&c.id))
    }
}

/// Connects all of them or none, and answers with the attempt as it is then. `outcome` makes what an
/// idempotency key replays.
pub(crate) async fn commit(
    services: &Services,
    chosen: &Chosen<'_>,
    done: bool,
    outcome: impl Fn(&ConnectSession) -> Result<Option<(Finish, String)>, Fault>,
) -> Result<ConnectSession, Error> {
    let session = chosen.session;
    let ids: Vec<&str> = chosen.candidates().map(|c| c.profile.platform_account_id.as_str()).collect();
    let entry = services.platforms.entry(&session.platform, Some(&session.method));
    // Where the person is the account, there is no other.
    let is_one = entry.is_some_and(|entry| !entry.offers_many);
    let only = ids.first().copied().filter(|id| is_one && *id != chosen.held.person.id);
    let mut beside = BTreeMap::new();
    for _ in 0..TRIES {
        let now = services.now();
        let workspace = services.store.find_workspace(&session.workspace, &session.org).await?;
        workspace.open()?;
        let known = services.store.find_claimed(&session.workspace, &session.platform, &ids).await?;
        let link = easyconnect::of(services, session).await?;
        let is_asked_for = |account: &Account| {
            let id = &account.profile.platform_account_id;
            session.account == Some(account.id) || link.as_ref().is_some_and(|l| l.brings_back(&account.platform, id))
        };
        for account in known.iter().filter(|account| !is_asked_for(account)) {
            may_heal(account, chosen.caller)?;
        }
        let held = chosen.held;
        let (living, ended) = match landing(services, chosen, &known, only).await? {
            Some(grant) if grant.state == GrantState::Live => (Some(grant), None),
            other => (None, other.map(|g| g.id)),
        };
        if held.reused.is_some() {
            let Some(living) = living.as_ref().filter(|g| held.reused == Some(g.id) && g.upkeep.dead.is_none()) else {
                return Err(Code::ConnectionExpired.into());
            };
            // Its tokens are kept: whoever is renewing them is waited for.
            if !living.hold.is_free(now) {
                tokio::time::sleep(HELD).await;
                continue;
            }
        }
        let grant_id = living.as_ref().map_or_else(|| GrantId::new(now, services.entropy.bytes()), |g| g.id);
        let mut events = Vec::new();
        let mut accounts = accounts(services, chosen, &known, grant_id, &mut events);
        let adding = u32::try_from(accounts.iter().filter(|a| a.takes_place()).count()).unwrap_or(u32::MAX);
        let plan = session.plan.as_deref();
        if adding > 0
            && let Some(reached) = workspace.reached(&services.plans, plan, &session.platform, adding)
        {
            return Err(Refusal::limit(reached).into());
        }
        let connected: Vec<AccountId> = accounts.iter().map(|change| change.after.id).collect();
        let grant = grant(services, chosen, (grant_id, only), living.as_ref(), &connected).await?;
        for AccountChange { before, after, beside: first, .. } in &mut accounts {
            *first = beside.get(&after.profile.platform_account_id).cloned();
            after.grant_facts = grant.facts();
            if let Some(before) = before {
                after.known_since(before, now);
                events.extend(tell::troubles(services, before, after, None, now));
            }
        }
        let grant = if living.is_some() { GrantChange::Renewed(grant) } else { GrantChange::New { grant, ended } };
        let left = left(services, &known, grant_id).await?;
        let next = next_session(services, chosen, &connected, done, &mut events);
        let link = easyconnect::taken(services, chosen, link, &mut accounts, &mut events)?;
        let finish = outcome(&next)?;
        let connect = Connect {
            session: &next,
            workspace: &workspace,
            plan: &workspace.plan(&services.plans, plan),
            accounts: &accounts,
            grant: &grant,
            left: &left,
            link: link.as_ref(),
            forget_held: chosen.stored && matches!(next.stage, Stage::Completed { .. }),
            events: &events,
            finish: finish.as_ref().map(|(finish, text)| (finish, text.as_str())),
            now,
        };
        match services.store.connect(&connect).await? {
            Connected::Done => {
                queue_runs(services, session, &accounts).await;
                deliver::publish(services, &events).await;
                audit::connected(services, &workspace, session, &connected).await;
                if connect.forget_held {
                    abandoned::forget_after(services, session, held).await;
                }
                return Ok(next);
            }
            Connected::Elsewhere(places) => {
                let taken: Vec<&Account> = places.iter().filter_map(|p| Some(&accounts.get(*p)?.after)).collect();
                let mut holders = Vec::new();
                for account in &taken {
                    let id = &account.profile.platform_account_id;
                    let found = services.store.find_holders(&workspace.org, &account.platform, id).await?;
                    beside.remove(id);
                    beside.extend(found.first().map(|first| (id.clone(), first.clone())));
                    holders.extend(found);
                }
                let letting = copy::letting(services, &workspace, &holders).await?;
                if holders.iter().any(|holder| !letting.contains(holder)) {
                    let names: Vec<&str> = taken.iter().map(|account| account.profile.name.as_str()).collect();
                    return Err(Refusal::elsewhere(&names, super::gap::told(chosen.caller, &holders)).into());
                }
            }
            Connected::TooMany => {
                let detail = "These accounts belong to too many different people to be changed at once; choose fewer.";
                return Err(Refusal::field("/candidate_ids", "too_many", detail).into());
            }
            Connected::Stale => {}
            // If the attempt moved, another choice was faster or it was cancelled: the next request sees which.
            Connected::SessionMoved | Connected::Busy => return Err(Code::Busy.into()),
        }
    }
    Err(Code::Busy.into())
}

/// The grant that the consent lands in: one that a chosen account shares with another workspace, which is healed for all
/// who live on it; or else the person's in this workspace.
async fn landing(
    services: &Services,
    chosen: &Chosen<'_>,
    known: &[Account],
    only: Option<&str>,
) -> Result<Option<Grant>, Fault> {
    let (session, held) = (chosen.session, chosen.held);
    let (ws, method, app, person) = (&session.workspace, &session.method, &held.app, &held.person.id);
    let own = services.store.find_grant_by_person(ws, method, app, person, only).await?;
    if held.reused.is_some() || session.detach {
        return Ok(own);
    }
    let others: BTreeSet<GrantId> = known.iter().filter_map(|account| account.grant).collect();
    for id in others.into_iter().filter(|id| own.as_ref().is_none_or(|own| own.id != *id)) {
        let grant = services.store.find_grant(id).await?;
        let is_theirs = |grant: &Grant| {
            grant.workspace != *ws
                && grant.state == GrantState::Live
                && (&grant.method, &grant.app, &grant.person.id, grant.only.as_deref()) == (method, app, person, only)
        };
        if let Some(shared) = grant.filter(is_theirs) {
            return Ok(Some(shared));
        }
    }
    Ok(own)
}

/// Each chosen one as an account: new, healed, or brought back under its old id.
fn accounts(
    services: &Services,
    chosen: &Chosen<'_>,
    known: &[Account],
    grant: GrantId,
    events: &mut Vec<Event>,
) -> Vec<AccountChange> {
    let (session, held, now) = (chosen.session, chosen.held, services.now());
    let entry = services.platforms.entry(&session.platform, Some(&session.method));
    let is_fetched = entry.is_some_and(|entry| sync::is_fetched(entry));
    let mut changes = Vec::new();
    // Ids sort by time; those of one moment are handed out in order, so that lists keep the platform's order.
    let mut fresh: Vec<AccountId> =
        chosen.candidates().map(|_| AccountId::new(now, services.entropy.bytes())).collect();
    fresh.sort_unstable();
    for (candidate, fresh) in chosen.candidates().zip(fresh) {
        let existing = known.iter().find(|a| a.profile.platform_account_id == candidate.profile.platform_account_id);
        // What a living account was asked for before is still wanted.
        let before = existing.filter(|a| a.lifecycle == Lifecycle::Active).map(|a| a.access.asked.as_slice());
        let asked: BTreeSet<Capability> =
            session.capabilities.iter().chain(before.unwrap_or_default()).copied().collect();
        let asked: Vec<Capability> = asked.into_iter().collect();
        let needed = entry.map(|e| e.scopes_of(&candidate.profile.kind, &asked)).unwrap_or_default();
        let mut account = Account {
            id: existing.map_or(fresh, |a| a.id),
            workspace: session.workspace.clone(),
            platform: session.platform.clone(),
            method: session.method.clone(),
            profile: Profile { picture_url: None, ..candidate.profile.clone() },
            has_picture: candidate.profile.picture_url.is_some(),
            lifecycle: Lifecycle::Active,
            grant: Some(grant),
            ended_grant: None,
            authorized_by: held.person.clone(),
            access: Access::new(&asked, &needed, held.granted.as_deref()),
            grant_facts: GrantFacts::default(),
            standing: None,
            suspended: existing.and_then(|a| a.suspended),
            settings: existing.map(|a| a.settings.clone()).unwrap_or_default(),
            fetched: existing.map(|a| a.fetched).unwrap_or_default(),
            former_handles: existing.map(|a| a.former_handles.clone()).unwrap_or_default(),
            linked: existing.and_then(|a| a.linked),
            facts_since: now,
            connected_by: existing.map_or_else(|| session.asked_by.clone(), |a| a.connected_by.clone()),
            connected_at: existing.map_or(now, |a| a.connected_at),
            reconnected_at: existing.map(|_| now),
            disconnected_at: None,
            departure: None,
            external_id: session.external_id.clone().or_else(|| existing.and_then(|a| a.external_id.clone())),
            version: existing.map_or(1, |a| a.version + 1),
            sequence: existing.map_or(0, |a| a.sequence),
        };
        let old = existing.and_then(|before| before.profile.handle.clone());
        if let Some(old) = old.filter(|old| Some(old) != account.profile.handle.as_ref()) {
            account.remember_handle(old);
        }
        let asked = is_fetched.then(|| first_run(session, &mut account, now));
        let kind = if existing.is_some() { "account.reconnected" } else { "account.connected" };
        let mut data = json!({"connect_session_id": session.id, "external_id": account.external_id,
                          "method": session.method, "missing_scopes": account.access.missing});
        if let Some(before) = existing {
            data["effects"] = json!(effects_of_reconnecting(before.lifecycle));
        }
        events.push(services.account_event(now, &mut account, kind, data));
        let picture = candidate.profile.picture_url.clone();
        changes.push(AccountChange { before: existing.cloned(), after: account, picture, beside: None, asked });
    }
    changes
}

/// The run that fetches an account's data at once; it counts as under way from now on.
fn first_run(session: &ConnectSession, account: &mut Account, now: Timestamp) -> Asked {
    let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    account.fetched = Fetched { in_flight_since: Some(now), failures: 0, failing_since: None, ..account.fetched };
    Asked { run: RunId::first(session.id, account.id), trigger: Trigger::Initial, scope: Vec::new(), at: now }
}

/// Writes down the runs that were begun with accounts, so that they can be looked at before anybody works on them.
async fn queue_runs(services: &Services, session: &ConnectSession, accounts: &[AccountChange]) {
    let runs = accounts.iter().filter_map(|change| {
        let asked = change.asked.as_ref()?;
        Some(Run::sync(asked.run, &change.after, session.org.clone(), asked, session.asked_by.clone()))
    });
    let write = async |run: Run| {
        // Whoever works on it writes it too.
        if let Err(fault) = services.store.put_sync_run(&run).await {
            tracing::warn!(%fault, run = %run.id, "a run is not on record yet");
        }
    };
    join_all(runs.map(write)).await;
}

/// Whether an account that is here already may be connected again: where it is for some members only, by one of these.
/// Without a caller nobody can be judged.
fn may_heal(account: &Account, caller: Option<&Actor>) -> Result<(), Refusal> {
    let is_open = match caller {
        Some(actor) => account.reach(actor, Permission::AccountsConnect) == Reach::Open,
        None => account.settings.visibility == Visibility::Workspace,
    };
    if is_open {
        return Ok(());
    }
    let detail = format!("{} is here already, and for some members only.", account.profile.name);
    Err(Refusal::new(Code::PermissionDenied, detail))
}

/// The person's grant with the new tokens: theirs, the chosen ones', and fresh or old ones of the
/// accounts that hang on it already. What was read from the grant itself brings no newer tokens of the person.
async fn grant(
    services: &Services,
    chosen: &Chosen<'_>,
    (id, only): (GrantId, Option<&str>),
    living: Option<&Grant>,
    connected: &[AccountId],
) -> Result<Grant, Fault> {
    let (session, held) = (chosen.session, chosen.held);
    let wanted: BTreeSet<&str> = chosen.candidates().map(|c| c.profile.platform_account_id.as_str()).collect();
    let old = match living {
        Some(grant) => Some(services.vault.unseal(&grant.sealed_for(), &grant.envelope).await?),
        None => None,
    };
    let mut children = old.as_ref().map(|tokens| tokens.children.clone()).unwrap_or_default();
    for (child, token) in &chosen.tokens.children {
        if wanted.contains(child.as_str()) || children.contains_key(child) {
            children.insert(child.clone(), token.clone());
        }
    }
    let reused = living.zip(old).filter(|_| held.reused.is_some());
    let now = services.now();
    let (expiry, renewal, issued_at, tokens) = match &reused {
        Some((grant, tokens)) => (grant.expiry, grant.renewal, grant.issued_at, tokens.clone()),
        None => (held.expiry, held.renewal, now, chosen.tokens.clone()),
    };
    let mut requested = held.requested.clone();
    requested.extend(living.iter().flat_map(|g| &g.requested).filter(|s| !held.requested.contains(s)).cloned());
    let upkeep = reused.as_ref().map(|(grant, _)| grant.upkeep.clone()).unwrap_or_default();
    let mut grant = Grant {
        id,
        workspace: living.map_or_else(|| session.workspace.clone(), |g| g.workspace.clone()),
        platform: living.map_or_else(|| session.platform.clone(), |g| g.platform.clone()),
        method: session.method.clone(),
        app: held.app.clone(),
        person: held.person.clone(),
        only: only.map(str::to_owned),
        accounts: living.map(|g| g.accounts.clone()).unwrap_or_default(),
        copies: living.map(|g| g.copies.clone()).unwrap_or_default(),
        envelope: domain::Envelope(String::new()),
        version: living.map_or(0, |g| g.version),
        // Whoever held it held tokens that are no longer the newest.
        hold: Hold { fence: living.map_or(0, |g| g.hold.fence + 1), ..Hold::default() },
        renewal,
        issued_at,
        expiry,
        upkeep,
        told: GrantFacts::default(),
        due: None,
        scopes_checked_at: Some(now),
        requested,
        granted: held.granted.clone(),
        state: GrantState::Live,
        revision: living.map_or(1, |g| g.revision + 1),
    };
    for account in connected {
        grant.join(&session.workspace, *account);
    }
    // What may have been spent still may.
    let spent = reused.as_ref().is_some_and(|(grant, _)| grant.hold.intent == grant.version);
    if living.is_some_and(|g| reused.is_none() && g.granted != grant.granted) {
        // The other accounts of this consent are judged by what it gives now.
        grant.upkeep.scopes_since = Some(now);
    }
    seal_next(services, &mut grant, &TokenSet { children, ..tokens }).await?;
    grant.hold.intent = if spent { grant.version } else { 0 };
    // All of its accounts hear of it in the same change, or the others as soon as they can.
    let all_hear = grant.holders().into_values().flatten().all(|account| connected.contains(&account));
    grant.told = if all_hear { grant.facts() } else { living.map(|g| g.told.clone()).unwrap_or_default() };
    grant.due = due(services, &grant);
    Ok(grant)
}

/// Grants of other people that the accounts hung on until now, without them.
async fn left(services: &Services, known: &[Account], joined: GrantId) -> Result<Vec<Grant>, Fault> {
    let mut leaving: BTreeMap<GrantId, Vec<AccountId>> = BTreeMap::new();
    for account in known {
        if let Some(grant) = account.grant.filter(|g| *g != joined) {
            leaving.entry(grant).or_default().push(account.id);
        }
    }
    let mut left = Vec::new();
    for (grant, accounts) in leaving {
        if let Some(grant) = services.store.find_grant(grant).await? {
            left.push(without(grant, &accounts, services.now()));
        }
    }
    Ok(left)
}

/// The attempt after this selection: complete when nothing selectable is left, or when it is said to be.
fn next_session(
    services: &Services,
    chosen: &Chosen<'_>,
    connected: &[AccountId],
    done: bool,
    events: &mut Vec<Event>,
) -> ConnectSession {
    let session = chosen.session;
    let mut accounts = session.accounts().to_vec();
    accounts.extend(connected);
    let mut all_chosen = chosen.candidates.to_vec();
    let mut open_until = None;
    if let Stage::AwaitingSelection { until, chosen: before, .. } = &session.stage {
        all_chosen.extend(before);
        open_until = Some(*until);
    }
    let remain = chosen.held.candidates.iter().any(|c| c.barrier.is_none() && !all_chosen.contains(&c.id));
    let stage = match open_until {
        Some(until) if remain && !done => Stage::AwaitingSelection { until, chosen: all_chosen, accounts },
        _ => {
            events.push(completed(services, session, &accounts));
            Stage::Completed { accounts }
        }
    };
    ConnectSession { stage, version: session.version + 1, ..session.clone() }
}

/// The attempt has ended with these accounts.
pub(crate) fn completed(services: &Services, session: &ConnectSession, accounts: &[AccountId]) -> Event {
    let data = json!({"connect_session_id": session.id, "platform": session.platform, "accounts": accounts,
                      "external_id": session.external_id});
    services.event(services.now(), &session.workspace, "connect_session.completed", data)
}
