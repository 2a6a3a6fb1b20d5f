//! The workspace's record. Counts and mains are attributes of their own, so that a limit is one
//! condition and no read is needed to count: `n`, `n_<platform>`, `m_<platform>`.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Fault, OrgId, PlatformId, Workspace, WorkspaceId};

use crate::{
    Store,
    item::{Item, number},
    key,
};

pub(crate) fn count_attribute(platform: &PlatformId) -> String {
    format!("n_{platform}")
}

pub(crate) fn main_attribute(platform: &PlatformId) -> String {
    format!("m_{platform}")
}

impl Store {
    /// The workspace, read consistently; one that was never written is empty. It belongs to the
    /// organisation that was once named for it, else to `org`.
    pub async fn find_workspace(&self, id: &WorkspaceId, org: &OrgId) -> Result<Workspace, Fault> {
        let found = self.read(&key::workspace(id)).await?;
        found.map_or_else(|| Ok(Workspace::empty(id.clone(), org.clone())), |item| read(id, org, &item))
    }
}

pub(crate) fn read(id: &WorkspaceId, org: &OrgId, item: &Item) -> Result<Workspace, Fault> {
    let odd = |name: &str| Fault::Inconsistent(format!("workspace {id}: {name}"));
    let text = |value: &AttributeValue| value.as_s().ok().cloned();
    let count = |name: &str| u32::try_from(number(item, name).unwrap_or(0)).map_err(|_| odd(name));
    let mut workspace = Workspace::empty(id.clone(), org.clone());
    workspace.plan = item.get("plan").and_then(text);
    if let Some(org) = item.get("org").and_then(text) {
        workspace.org = org.parse().map_err(|_| odd("org"))?;
    }
    workspace.total = count("n")?;
    for (name, value) in item {
        if let Some(platform) = name.strip_prefix("n_") {
            workspace.per_platform.insert(platform.parse().map_err(|_| odd(name))?, count(name)?);
        } else if let Some(platform) = name.strip_prefix("m_") {
            let main = text(value).and_then(|t| t.parse().ok()).ok_or_else(|| odd(name))?;
            workspace.main.insert(platform.parse().map_err(|_| odd(name))?, main);
        }
    }
    Ok(workspace)
}
