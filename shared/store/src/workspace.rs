//! The workspace's record. Counts and mains are attributes of their own, so that a limit is one
//! condition and no read is needed to count: `n`, `n_<platform>`, `m_<platform>`. `version` counts the
//! configuration's changes only.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Fault, OrgId, PlatformId, Workspace, WorkspaceId};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{Item, attribute, fault, n, number},
    key,
    transaction::{Expression, Transaction},
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

    /// The same as it was a moment ago, for half the price: for what is only shown, or judged again by a write.
    pub async fn glance_workspace(&self, id: &WorkspaceId, org: &OrgId) -> Result<Workspace, Fault> {
        let call = self.client.get_item().table_name(&self.table).set_key(Some(key::workspace(id).item()));
        let found = call.send().await.map_err(fault)?.item;
        found.map_or_else(|| Ok(Workspace::empty(id.clone(), org.clone())), |item| read(id, org, &item))
    }

    /// Writes the next version of what is decided for a workspace, with the key's outcome.
    pub async fn configure_workspace(
        &self,
        workspace: &Workspace,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let before = workspace.version.saturating_sub(1);
        let unchanged = if before == 0 { "attribute_not_exists(version)" } else { "version = :before" };
        let mut with = Expression::update("SET configuration = :configuration, version = :version")
            .when(unchanged)
            .value(":configuration", attribute(&workspace.configuration)?)
            .value(":version", n(workspace.version));
        if before > 0 {
            with = with.value(":before", n(before));
        }
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::workspace(&workspace.id), &with)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}

pub(crate) fn read(id: &WorkspaceId, org: &OrgId, item: &Item) -> Result<Workspace, Fault> {
    let odd = |name: &str| Fault::Inconsistent(format!("workspace {id}: {name}"));
    let text = |value: &AttributeValue| value.as_s().ok().cloned();
    let count = |name: &str| u32::try_from(number(item, name).unwrap_or(0)).map_err(|_| odd(name));
    let mut workspace = Workspace::empty(id.clone(), org.clone());
    if let Some(decided) = item.get("configuration") {
        workspace.configuration =
            serde_dynamo::from_attribute_value(decided.clone()).map_err(|_| odd("configuration"))?;
    }
    workspace.suspended = count("suspended")?;
    if let Some(lockdown) = item.get("locked_down").and_then(text) {
        workspace.locked_down = Some(lockdown.parse().map_err(|_| odd("locked_down"))?);
    }
    if let Some(org) = item.get("org").and_then(text) {
        workspace.org = org.parse().map_err(|_| odd("org"))?;
    }
    workspace.total = count("n")?;
    workspace.version = u64::try_from(number(item, "version").unwrap_or(0)).map_err(|_| odd("version"))?;
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
