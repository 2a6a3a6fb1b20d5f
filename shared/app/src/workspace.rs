//! A workspace's plan and limits.

use std::collections::BTreeMap;

use domain::{Actor, Allowed, Error, Plan, PlatformId, Workspace, WorkspaceId, actor::permit};

use crate::Services;

/// A plan and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The plan in force.
    pub plan: Plan,
    /// Accounts that count.
    pub total: u32,
    /// The same by platform; every platform of the catalogue is named.
    pub per_platform: BTreeMap<PlatformId, u32>,
}

/// The workspace of the caller; another one is as if it were not there.
pub(crate) fn own(actor: &Actor, workspace: &WorkspaceId) -> Result<(), Error> {
    if actor.workspace == *workspace { Ok(()) } else { Err(domain::Code::NotFound.into()) }
}

/// The plan of the workspace and how much of it is used.
pub async fn limits(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<Limits, Error> {
    own(actor, workspace)?;
    let found = services.store.find_workspace(&actor.workspace, &actor.org).await?;
    Ok(limits_of(services, actor, &found))
}

/// The same, of a workspace that was read already.
pub fn limits_of(services: &Services, actor: &Actor, workspace: &Workspace) -> Limits {
    let mut per_platform = workspace.per_platform.clone();
    for entry in services.platforms.entries() {
        per_platform.entry(entry.platform.clone()).or_insert(0);
    }
    Limits {
        plan: workspace.plan(&services.plans, actor.plan.as_deref()).clone(),
        total: workspace.total,
        per_platform,
    }
}
