//! When people must sign in again.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Account, Allowed, Error, Fault, Grant, GrantId, Lifecycle, OrgId, Timestamp, WorkspaceId,
    actor::permit,
    forecast::{Connection, Due, HORIZON, forecast as due},
    schedule::Zone,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::SignedDuration;

use super::{AT_ONCE, Gathered, digest::due_at, gather};
use crate::{Services, figures, workspace::own};

/// What is due until the horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// What people call the workspace.
    pub name: String,
    /// What is overdue first, then day by day and person by person.
    pub due: Vec<Due>,
    /// When it was made.
    pub from: Timestamp,
    /// How far it looks.
    pub until: Timestamp,
    /// How many more accounts there are than one answer tells of.
    pub left_out: u32,
    /// The zone of its days.
    pub zone: Zone,
}

/// When people must act for the accounts that the caller sees; within ninety days if none are named.
///
/// Costs 0.07 units for each account, and a consistent read of 1 unit or more for each consent that is due, which says
/// what of it ends.
pub async fn forecast(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
    horizon: Option<SignedDuration>,
) -> Result<Forecast, Error> {
    own(actor, workspace)?;
    Ok(seen_by(services, workspace, &actor.org, horizon, |account| account.is_seen_by(actor)).await?)
}

/// The same for the accounts that a reader sees.
pub(super) async fn seen_by(
    services: &Services,
    workspace: &WorkspaceId,
    org: &OrgId,
    horizon: Option<SignedDuration>,
    sees: impl Fn(&Account) -> bool + Send + Sync,
) -> Result<Forecast, Fault> {
    let (now, horizon) = (services.now(), horizon.unwrap_or(HORIZON));
    let until = now.saturating_add(horizon).unwrap_or(Timestamp::MAX);
    let is_due =
        |account: &Account| account.lifecycle == Lifecycle::Active && due_at(account).is_some_and(|at| at <= until);
    let told = |account: &Account| is_due(account) && sees(account);
    let Gathered { workspace, accounts, left_out } = gather(services, workspace, org, told).await?;
    let grants = grants(services, &accounts).await?;
    let connections: Vec<Connection> = accounts
        .iter()
        .map(|account| Connection {
            account: account.id,
            name: account.display_name().to_owned(),
            platform: account.platform.clone(),
            person: account.authorized_by.clone(),
            grant: account.grant_facts.clone(),
            expiry: account.grant.and_then(|id| grants.get(&id)).map(|grant| grant.expiry),
            reconnect_url: Some(services.url(&format!("console/accounts/{}", account.id))),
        })
        .collect();
    let zone = figures::zone(&workspace);
    Ok(Forecast {
        name: workspace.configuration.name.unwrap_or_else(|| workspace.id.to_string()),
        due: due(&connections, now, horizon, &zone),
        from: now,
        until,
        left_out,
        zone,
    })
}

async fn grants(services: &Services, accounts: &[Account]) -> Result<HashMap<GrantId, Grant>, Fault> {
    let ids: BTreeSet<GrantId> = accounts.iter().filter_map(|account| account.grant).collect();
    let reads: Vec<_> = ids.into_iter().map(|id| services.store.find_grant(id)).collect();
    let found: Vec<Option<Grant>> = stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().map(|grant| (grant.id, grant)).collect())
}
