//! A workspace: its policies, its plan and limits.

use std::collections::BTreeMap;

use domain::{
    Actor, Allowed, Code, Error, OrgId, Plan, PlatformId, Refusal, Role, Workspace, WorkspaceId,
    actor::{Credential, permit},
    workspace::Configuration,
};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services,
    idempotency::{borrowed, once},
};

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

/// How often a change is judged again when others change the same record.
const TRIES: u32 = 8;

/// A configuration as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configured {
    /// What holds now.
    pub configuration: Configuration,
    /// The record's version then.
    pub version: u64,
}

/// The workspace of the caller; another one is as if it were not there.
pub(crate) fn own(actor: &Actor, workspace: &WorkspaceId) -> Result<(), Error> {
    if actor.workspace == *workspace { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// The caller's `If-Match`, where one was sent.
pub(crate) fn only_if(if_match: Option<u64>, workspace: &Workspace) -> Result<(), Error> {
    match if_match {
        Some(version) if version != workspace.version => Err(Code::VersionConflict.into()),
        _ => Ok(()),
    }
}

/// Who does what nobody of the workspace does.
pub(crate) fn ourselves(workspace: &WorkspaceId, org: &OrgId) -> Actor {
    Actor {
        sub: "mooring".to_owned(),
        credential: Credential::Token,
        name: None,
        workspace: workspace.clone(),
        org: org.clone(),
        role: Role::Owner,
        plan: None,
        perms: None,
        accounts: None,
        workspaces: BTreeMap::new(),
    }
}

/// The workspace's record.
pub async fn get(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<Workspace, Error> {
    own(actor, workspace)?;
    Ok(services.store.find_workspace(&actor.workspace, &actor.org).await?)
}

/// Changes what is decided for the workspace.
pub async fn configure(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
    change: impl Fn(&mut Configuration) -> Result<(), Refusal> + Send + Sync,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Configured>, Error> {
    own(actor, workspace)?;
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let mut found = services.store.find_workspace(&actor.workspace, &actor.org).await?;
            if if_match.is_some_and(|version| version != found.version) {
                return Err(Code::VersionConflict.into());
            }
            change(&mut found.configuration)?;
            found.version += 1;
            let configured = Configured { configuration: found.configuration.clone(), version: found.version };
            let finish = ending.with(&configured)?;
            match services.store.configure_workspace(&found, borrowed(finish.as_ref())).await? {
                Committed::Done => return Ok(configured),
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// The plan of the workspace and how much of it is used.
pub async fn limits(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<Limits, Error> {
    own(actor, workspace)?;
    let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    Ok(limits_of(services, actor, &found))
}

/// The same, of a workspace that was read already.
pub fn limits_of(services: &Services, actor: &Actor, workspace: &Workspace) -> Limits {
    let mut per_platform = workspace.per_platform.clone();
    for entry in services.platforms.entries() {
        per_platform.entry(entry.platform.clone()).or_insert(0);
    }
    Limits { plan: workspace.plan(&services.plans, actor.plan.as_deref()), total: workspace.total, per_platform }
}
