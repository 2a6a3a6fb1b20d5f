//! Locking a workspace down: from one commit on nothing is connected in it and no token is lent; then everything that is
//! connected is disconnected and revoked, and what became of it is told account by account.
//!
//! First it is written down what there is, a piece for each consent; then each is disconnected, so that none that fails
//! holds the others up; then the platforms that did not answer are told again, as long as each revocation's own patience
//! lasts.

mod report;

use std::collections::BTreeMap;

use domain::{
    AccountId, Allowed, Code, Error, Fault, GrantId, Lifecycle, LockdownId, MethodId, PlatformId, Refusal, Run,
    Timestamp, WorkspaceId, actor::permit, grant::GrantState, run::Work,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AccountFilter, Committed, IdempotencyKey, Part};

pub use report::{Left, Report, Spot, report};

use super::{Step, TRIES, fault, pass_over, whole};
use crate::{
    Once, Services, account, deliver, disconnect, easyconnect,
    idempotency::{borrowed, once},
    revoke::{self, Revoked},
    workspace::{only_if, ourselves, own},
};

/// Parts of the work.
const LISTING: u8 = 0;
const DISCONNECTING: u8 = 1;
const REVOKING: u8 = 2;

/// How many consents are written down in one step; a transaction takes a hundred writes.
const LISTED: usize = 50;
/// How many accounts are disconnected in one step.
const LEFT: usize = 20;
/// How long the pieces can be read.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A consent and the accounts on it, as they were when the workspace was locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Consent {
    grant: GrantId,
    platform: PlatformId,
    method: MethodId,
    accounts: Vec<AccountId>,
    /// Those that are not disconnected yet.
    waiting: Vec<AccountId>,
    revocation: Option<Revoked>,
}

/// Locks the caller's workspace down. Who finds it locked down is told of the same lockdown.
pub async fn lock_down(
    services: &Services,
    actor: &Allowed<permit::WorkspaceLockdown>,
    workspace: &WorkspaceId,
    reason: Option<String>,
    key: Option<IdempotencyKey>,
) -> Result<Once<LockdownId>, Error> {
    own(actor, workspace)?;
    whole(actor)?;
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let found = services.store.find_workspace(&actor.workspace, &actor.org).await?;
            if let Some(there) = found.locked_down {
                let run = services.store.find_run(&found.id, there.into()).await?;
                if run.is_some_and(|run| run.work == Work::Erase) {
                    return Err(Code::WorkspaceLockedDown.into());
                }
                ending.amend(services, &there).await?;
                return Ok(there);
            }
            let run = super::new(services, actor, &found, Work::Lockdown { reason: reason.clone() });
            let each = |(platform, accounts)| json!({"platform": platform, "accounts": accounts});
            let per_platform: Vec<_> = found.per_platform.iter().filter(|(_, n)| **n > 0).map(each).collect();
            let data = json!({"lockdown_id": LockdownId::from(run.id), "reason": reason, "accounts": found.total,
                              "per_platform": per_platform, "by": actor.sub});
            let events = [services.event(run.created_at, &found.id, "workspace.locked_down", data)];
            let lockdown = LockdownId::from(run.id);
            if super::begin(services, &run, Some(&found), &events, ending.with(&lockdown)?).await? {
                return Ok(lockdown);
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// Lifts the lockdown once everything is disconnected. What was disconnected stays so. One that is lifted already is
/// answered alike.
pub async fn lift(
    services: &Services,
    actor: &Allowed<permit::WorkspaceLockdown>,
    workspace: &WorkspaceId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    own(actor, workspace)?;
    whole(actor)?;
    once(services, key, |ending| async move {
        let found = services.store.find_workspace(&actor.workspace, &actor.org).await?;
        only_if(if_match, &found)?;
        let Some(lockdown) = found.locked_down else {
            ending.amend(services, &()).await?;
            return Ok(());
        };
        let run = services.store.find_run(&found.id, lockdown.into()).await?;
        if run.as_ref().is_some_and(|run| !is_disconnected(run)) {
            let detail = "Not everything is disconnected yet; the lockdown can be lifted when it is.";
            return Err(Refusal::new(Code::Busy, detail).into());
        }
        let now = services.now();
        let data = json!({"lockdown_id": lockdown, "by": actor.sub});
        let events = [services.event(now, &found.id, "workspace.lockdown_lifted", data)];
        let finish = ending.with(&())?;
        match services.store.lift(&found.id, lockdown, &events, borrowed(finish.as_ref()), now).await? {
            Committed::Done => {
                deliver::publish(services, &events).await;
                Ok(())
            }
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await
}

/// Whether everything is disconnected that was connected when a workspace was locked by it. An erasure is never through
/// with that: it ends with the workspace.
fn is_disconnected(run: &Run) -> bool {
    matches!(run.work, Work::Lockdown { .. }) && (run.phase >= REVOKING || run.finished_at.is_some())
}

pub(super) async fn step(services: &Services, run: &mut Run, parts: &mut Vec<Part>) -> Result<Step, Fault> {
    match run.phase {
        LISTING => list(services, run, parts).await,
        DISCONNECTING => leave(services, run, parts).await,
        _ => revoke(services, run, parts).await,
    }
}

/// Writes down what is connected, consent by consent. Nothing comes in meanwhile, for the workspace is locked.
async fn list(services: &Services, run: &mut Run, parts: &mut Vec<Part>) -> Result<Step, Fault> {
    let filter = AccountFilter { lifecycle: Some(Lifecycle::Active), ..AccountFilter::default() };
    let everybody = ourselves(&run.workspace, &run.org);
    let accounts = account::all(services, &everybody, &filter).await.map_err(fault)?;
    let mut consents: BTreeMap<GrantId, Consent> = BTreeMap::new();
    let all = accounts.len();
    for account in accounts {
        let Some(grant) = account.grant else { continue };
        let (platform, method) = (account.platform, account.method);
        let empty = || Consent { grant, platform, method, accounts: Vec::new(), waiting: Vec::new(), revocation: None };
        let consent = consents.entry(grant).or_insert_with(empty);
        consent.accounts.push(account.id);
        consent.waiting.push(account.id);
    }
    let after: Option<GrantId> = run.after.as_ref().and_then(|id| id.parse().ok());
    let mut rest = consents.into_values().filter(|consent| Some(consent.grant) > after);
    for consent in rest.by_ref().take(LISTED) {
        run.parts += 1;
        run.after = Some(consent.grant.to_string());
        parts.push(part(run, run.parts, &consent)?);
    }
    "listing".clone_into(&mut run.progress.label);
    if rest.next().is_none() && easyconnect::manage::end_all(services, &run.workspace).await? {
        run.progress.of = u32::try_from(all).unwrap_or(u32::MAX);
        run.count("accounts", run.progress.of);
        run.enter(DISCONNECTING);
    }
    Ok(Step::On)
}

/// Disconnects some accounts of one consent. One that fails waits for the next pass and holds no other up.
async fn leave(services: &Services, run: &mut Run, parts: &mut Vec<Part>) -> Result<Step, Fault> {
    "disconnecting".clone_into(&mut run.progress.label);
    let number = next_part(run);
    let Some(mut consent) = find_part(services, run, number).await? else {
        return Ok(pass_over(run, REVOKING, services.now()));
    };
    let (mut status, mut failed) = (None, Vec::new());
    let some: Vec<AccountId> = consent.waiting.drain(..consent.waiting.len().min(LEFT)).collect();
    for id in &some {
        match Box::pin(disconnect::by_ourselves(services, &run.workspace, &run.org, *id, "lockdown")).await {
            Ok(receipt) => status = receipt.and_then(|receipt| receipt.revocation.status),
            Err(fault) => {
                tracing::error!(%fault, account = %id, "a lockdown comes back to it");
                failed.push(*id);
            }
        }
    }
    let done = u32::try_from(some.len() - failed.len()).unwrap_or(u32::MAX);
    run.progress.step += done;
    run.count("disconnected", done);
    let goes_on = failed.is_empty() && !consent.waiting.is_empty();
    if !failed.is_empty() {
        run.leave(None);
    }
    consent.waiting.extend(failed);
    if consent.waiting.is_empty() && consent.revocation.is_none() {
        consent.revocation = Some(ended(services, consent.grant, status).await?);
        count(run, consent.revocation);
    }
    if done > 0 || consent.waiting.is_empty() {
        parts.push(part(run, number, &consent)?);
    }
    if !goes_on {
        run.after = Some(number.to_string());
    }
    Ok(Step::On)
}

/// What became of a consent whose last account here is gone. `status` is what the last one's receipt said.
async fn ended(services: &Services, grant: GrantId, status: Option<Revoked>) -> Result<Revoked, Fault> {
    Ok(match services.store.find_grant(grant).await? {
        Some(grant) if matches!(grant.state, GrantState::Revoking { .. }) => Revoked::Pending,
        Some(_) => Revoked::SkippedSharedGrant,
        None => status.filter(|status| *status != Revoked::Pending).unwrap_or(Revoked::Revoked),
    })
}

/// Tells one platform again that did not answer, if its time has come.
async fn revoke(services: &Services, run: &mut Run, parts: &mut Vec<Part>) -> Result<Step, Fault> {
    "revoking".clone_into(&mut run.progress.label);
    let number = next_part(run);
    let Some(mut consent) = find_part(services, run, number).await? else {
        let over = pass_over(run, REVOKING, services.now());
        return Ok(if over == Step::On { Step::Done } else { over });
    };
    run.after = Some(number.to_string());
    if consent.revocation != Some(Revoked::Pending) {
        return Ok(Step::On);
    }
    let outcome = owed(services, consent.grant, services.now()).await?;
    if let Owed::Until(at) = outcome {
        run.leave(Some(at));
        return Ok(Step::On);
    }
    if let Owed::Over(status) = outcome {
        consent.revocation = Some(status);
        run.counts.entry("pending".to_owned()).and_modify(|pending| *pending = pending.saturating_sub(1));
        count(run, consent.revocation);
        parts.push(part(run, number, &consent)?);
    }
    Ok(Step::On)
}

/// What is owed to a platform.
pub(super) enum Owed {
    /// Nothing any more.
    Over(Revoked),
    /// It is told again then.
    Until(Timestamp),
}

/// Tells a platform that a consent has ended, if the time for another try has come.
pub(super) async fn owed(services: &Services, grant: GrantId, now: Timestamp) -> Result<Owed, Fault> {
    let due = |grant: &domain::Grant| grant.due.map_or(now, |due| due.at);
    // Whoever else told it has confirmed it too.
    let Some(found) = services.store.find_grant(grant).await? else { return Ok(Owed::Over(Revoked::Revoked)) };
    if due(&found) > now {
        return Ok(Owed::Until(due(&found)));
    }
    match Box::pin(revoke::revoke(services, grant)).await? {
        Some(Revoked::Pending) => {
            let next = services.store.find_grant(grant).await?.map_or(now, |found| due(&found));
            // Somebody else is at it.
            Ok(Owed::Until(next.max(now + SignedDuration::from_mins(1))))
        }
        Some(over) => Ok(Owed::Over(over)),
        None => Ok(Owed::Over(Revoked::Revoked)),
    }
}

fn count(run: &mut Run, revocation: Option<Revoked>) {
    let word = match revocation {
        Some(Revoked::Revoked) => "revoked",
        Some(Revoked::Pending) => "pending",
        Some(Revoked::Unsupported) => "unsupported",
        Some(Revoked::Failed) => "failed",
        Some(Revoked::SkippedSharedGrant) => "skipped_shared_grant",
        None => return,
    };
    run.count(word, 1);
}

/// The piece behind the one that was last.
fn next_part(run: &Run) -> u32 {
    run.after.as_ref().and_then(|number| number.parse().ok()).unwrap_or(0) + 1
}

/// A piece, if there is one of that number.
async fn find_part(services: &Services, run: &Run, number: u32) -> Result<Option<Consent>, Fault> {
    if number > run.parts { Ok(None) } else { read(services, run, number).await }
}

async fn read(services: &Services, run: &Run, number: u32) -> Result<Option<Consent>, Fault> {
    let text = services.store.find_part(&run.workspace, run.id, number, services.now()).await?;
    text.map(|text| serde_json::from_str(&text).map_err(|e| Fault::Inconsistent(e.to_string()))).transpose()
}

fn part(run: &Run, number: u32, consent: &Consent) -> Result<Part, Fault> {
    let body = serde_json::to_string(consent).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    Ok(Part { number, body, expires_at: run.created_at + KEPT })
}
