//! How fetching an account's data stands, as it is told.

use domain::{Account, AccountId, Fault, RunId, Timestamp, Workspace, run::Progress, sync::SyncError};
use jiff::SignedDuration;

use super::{interval, is_fetched};
use crate::Services;

/// How fetching stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncShown {
    /// The run that somebody waits for, and how far it is.
    pub in_flight: Option<(RunId, Progress)>,
    /// When it last succeeded.
    pub last_ok_at: Option<Timestamp>,
    /// When it was last tried.
    pub last_attempt_at: Option<Timestamp>,
    /// What the last try did not get.
    pub last_error: Option<SyncError>,
    /// From when on its data counts as old.
    pub stale_after: Option<Timestamp>,
    /// When it is fetched next.
    pub next_at: Option<Timestamp>,
    /// How often.
    pub interval: SignedDuration,
    /// The shortest interval that the plan allows.
    pub interval_floor: SignedDuration,
    /// Why it is not fetched more often by itself.
    pub floor_reason: Option<String>,
    /// When somebody may ask for it again.
    pub free_at: Option<Timestamp>,
}

/// How fetching of an account stands; nothing where nothing is fetched.
pub(crate) async fn show(
    services: &Services,
    workspace: &Workspace,
    claimed: Option<&str>,
    account: &Account,
) -> Result<Option<SyncShown>, Fault> {
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let Some(entry) = entry.filter(|entry| is_fetched(entry)) else { return Ok(None) };
    let Some(held) = services.store.find_sync(account).await? else { return Ok(None) };
    let sync = held.sync;
    let in_flight = match &sync.asked {
        Some(asked) => {
            let run = services.store.find_run(&account.workspace, asked.run).await?;
            let queued = || Progress { step: 0, of: 0, label: "queued".to_owned() };
            Some((asked.run, run.map_or_else(queued, |run| run.progress)))
        }
        None => None,
    };
    let every = interval(entry, account);
    let plan = workspace.plan(&services.plans, claimed);
    let now = services.now();
    Ok(Some(SyncShown {
        in_flight,
        last_ok_at: account.fetched.last_ok_at,
        last_attempt_at: sync.last_attempt_at,
        last_error: sync.last_error.clone(),
        stale_after: account.fetched.last_ok_at.map(|at| at + domain::health::most_age(every)),
        next_at: sync.next_at,
        interval: every,
        interval_floor: SignedDuration::from_mins(plan.sync_floor_minutes.into()),
        floor_reason: entry.sync.reason.clone(),
        free_at: sync.free_at().filter(|at| *at > now),
    }))
}

/// The runs that fetch the accounts of an attempt for the first time.
pub fn first_runs(services: &Services, session: &domain::ConnectSession, accounts: &[AccountId]) -> Vec<RunId> {
    let entry = services.platforms.entry(&session.platform, Some(&session.method));
    if !entry.is_some_and(|entry| is_fetched(entry)) {
        return Vec::new();
    }
    accounts.iter().map(|account| RunId::first(session.id, *account)).collect()
}
