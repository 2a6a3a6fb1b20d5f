//! The workspace's record. Counts and mains are attributes of their own, so that a limit is one
//! condition and no read is needed to count: `n`, `n_<platform>`, `m_<platform>`. `version` counts the
//! configuration's changes only, `settling` what moves the suspended accounts.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{AccountId, Fault, OrgId, PlatformId, Timestamp, Workspace, WorkspaceId};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{Item, attribute, fault, n, number},
    key, plan,
    transaction::{Expression, Transaction},
};

pub(crate) fn count_attribute(platform: &PlatformId) -> String {
    format!("n_{platform}")
}

pub(crate) fn main_attribute(platform: &PlatformId) -> String {
    format!("m_{platform}")
}

/// Whether what is decided is as it was read; takes `:version`, if it was ever decided.
pub(crate) fn unchanged(version: u64) -> &'static str {
    if version == 0 { "attribute_not_exists(version)" } else { "version = :version" }
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

    /// Writes the next version of what is decided for a workspace, with the key's outcome. Where the limits moved, or the
    /// owner said whom to `keep`, its suspended accounts are to be brought in step.
    pub async fn configure_workspace(
        &self,
        workspace: &Workspace,
        settle: Option<(&BTreeSet<AccountId>, Timestamp)>,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let before = workspace.version.saturating_sub(1);
        let mut set = "SET configuration = :configuration, version = :next".to_owned();
        let mut with = Expression::default()
            .when(unchanged(before))
            .value(":configuration", attribute(&workspace.configuration)?)
            .value(":next", n(workspace.version));
        if before > 0 {
            with = with.value(":version", n(before));
        }
        if let Some((keep, now)) = settle {
            let (partition, sort) = plan::due(self, &workspace.id, now);
            set.push_str(", keeping = :keep, dp = :dp, ds = :ds ADD settling :step");
            with = with.value(":keep", attribute(keep)?).value(":dp", partition).value(":ds", sort);
            with = with.value(":step", n(1));
        }
        with.update = Some(set);
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
    let settlement = &mut workspace.settlement;
    settlement.step = u64::try_from(number(item, "settling").unwrap_or(0)).map_err(|_| odd("settling"))?;
    settlement.open = item.contains_key("dp");
    if let Some(keep) = item.get("keeping") {
        settlement.keep = serde_dynamo::from_attribute_value(keep.clone()).map_err(|_| odd("keeping"))?;
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
