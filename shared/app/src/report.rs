//! What is told of all accounts of a workspace together: the month that was, the week that was, when people must act,
//! and what is worth doing.
//!
//! Every account is read once per answer (about 0.07 units), and a report reads beside it what it tells of: its past
//! facts (1 to 2 units, consistently) and its days (about 0.5 units for each ten). So a month of a thousand accounts
//! costs about 4,000 units, and 600 once it is kept. More than a thousand accounts are never read for one answer.

mod advice;
mod digest;
pub mod feed;
mod forecast;
mod month;

use domain::{
    Account, Days, Fault, Ledger, OrgId, Workspace, WorkspaceId, account::Visibility, health::episode::Episode,
    incident::Incident,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use store::AccountFilter;

pub use self::{
    advice::{Advised, advise},
    forecast::{Forecast, forecast},
    month::{Audit, month},
};
pub(crate) use self::{
    digest::{DIGEST, digest},
    month::{keep, settled},
};
use crate::{Services, episode, figures, health};

/// So many accounts are in one answer at most; the oldest.
pub const MOST: usize = 1_000;
/// How many are read about at a time.
const AT_ONCE: usize = 16;

/// The accounts that a report is about.
pub(crate) struct Gathered {
    pub(crate) workspace: Workspace,
    pub(crate) accounts: Vec<Account>,
    /// How many more there are than one answer tells of.
    pub(crate) left_out: u32,
}

/// What a report reads of one account.
pub(crate) struct Looked {
    pub(crate) account: Account,
    pub(crate) episodes: Vec<Episode>,
    /// None where figures are not to be told.
    pub(crate) ledger: Option<Ledger>,
}

/// The accounts of a workspace that are to be told of.
pub(crate) async fn gather(
    services: &Services,
    ws: &WorkspaceId,
    org: &OrgId,
    is_told: impl Fn(&Account) -> bool + Send + Sync,
) -> Result<Gathered, Fault> {
    let (mut accounts, mut left_out) = (Vec::new(), 0);
    let visit = |_: &Workspace, account: Account| {
        if !is_told(&account) {
            return;
        }
        if accounts.len() < MOST {
            accounts.push(account);
        } else {
            left_out += 1;
        }
    };
    let workspace = services.store.visit_accounts(ws, org, &AccountFilter::default(), visit).await?;
    Ok(Gathered { workspace, accounts, left_out })
}

/// Reads the troubles of accounts, and their figures over some days where these are to be told.
pub(crate) async fn look(
    services: &Services,
    workspace: &Workspace,
    accounts: Vec<Account>,
    days: Days,
    tells_figures: impl Fn(&Account) -> bool + Sync,
) -> Result<Vec<Looked>, Fault> {
    let incidents = services.guard.incidents(services).await?;
    let looks: Vec<_> = accounts
        .into_iter()
        .map(|account| {
            let tells = tells_figures(&account);
            look_at(services, workspace, &incidents, account, days, tells)
        })
        .collect();
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

pub(crate) async fn look_at(
    services: &Services,
    workspace: &Workspace,
    incidents: &[Incident],
    account: Account,
    days: Days,
    tells_figures: bool,
) -> Result<Looked, Fault> {
    let episodes = episode::all(services, &account, incidents, &health::policy(workspace, &account)).await?;
    let ledger = if tells_figures {
        Some(figures::ledger_with(services, workspace, &account, days, &episodes).await?)
    } else {
        None
    };
    Ok(Looked { account, episodes, ledger })
}

/// Whether everybody in the workspace sees an account.
pub(crate) fn is_everybodys(account: &Account) -> bool {
    account.settings.visibility != Visibility::Private
}

/// Whether everybody who may read figures may read those of an account.
pub(crate) fn tells_everybody(account: &Account) -> bool {
    account.settings.visibility == Visibility::Workspace && !account.settings.analytics_withheld
}
