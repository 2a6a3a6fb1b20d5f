//! An organisation's claim on an account of a platform: which of its workspaces have it connected.
//!
//! The first one is `workspace`. The others are let in beside it, by copying or by the policies of both, and are in the set
//! `further`; when the first one leaves, one of them takes its place.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Account, Fault, OrgId, PlatformId, WorkspaceId};

use crate::{
    Store,
    item::{Item, s},
    key::{self, Key},
    transaction::{Expression, Transaction},
};

/// Where the picture is, in the claim.
pub(crate) const PICTURE: &str = "picture";

/// The claim on one account.
pub(crate) fn of(org: &OrgId, platform: &PlatformId, account: &Account) -> Key {
    key::org_claim(org, platform, &account.profile.platform_account_id)
}

/// A workspace connects the account: the claim is free or its own already, or it is let in `beside` the first holder.
pub(crate) fn hold(ws: &WorkspaceId, beside: Option<&WorkspaceId>, picture: Option<&str>) -> Expression {
    let (kept, removed) = match picture {
        Some(_) => (", picture = :picture", ""),
        None => ("", " REMOVE picture"),
    };
    let with = match beside {
        None => Expression::update(&format!("SET workspace = if_not_exists(workspace, :ws){kept}{removed}"))
            .when("attribute_not_exists(pk) OR workspace = :ws OR contains(further, :ws)")
            .value(":ws", s(ws.as_str())),
        Some(first) => {
            let update = format!("SET workspace = :first{kept}{removed} ADD further :further");
            Expression { update: Some(update), ..join(ws, first) }
        }
    };
    picture.iter().fold(with, |with, address| with.value(":picture", s(*address)))
}

/// A workspace is let in beside the first holder, and the rest stays.
pub(crate) fn join(ws: &WorkspaceId, first: &WorkspaceId) -> Expression {
    Expression::update("SET workspace = :first ADD further :further")
        // A workspace that was told its organisation later has none there yet.
        .when("workspace = :first OR attribute_not_exists(pk)")
        .value(":first", s(first.as_str()))
        .value(":further", set(ws))
}

/// A workspace no longer has the account. `holders` is nothing where it is taken to be the only one, which the claim
/// itself judges; and else who has it.
pub(crate) fn leave<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    claim: &Key,
    ws: &WorkspaceId,
    holders: Option<&[WorkspaceId]>,
) -> Result<(), Fault> {
    let with = match holders {
        None => {
            let only = "attribute_not_exists(pk) OR (workspace = :ws AND attribute_not_exists(further))";
            let only = Expression::condition(only).value(":ws", s(ws.as_str()));
            return transaction.delete(store, label, claim, &only);
        }
        Some([first, next, ..]) if first == ws => Expression::update("SET workspace = :next DELETE further :gone")
            .when("workspace = :ws AND contains(further, :next)")
            .value(":ws", s(ws.as_str()))
            .value(":next", s(next.as_str()))
            .value(":gone", set(next)),
        Some([_, further @ ..]) if further.contains(ws) => Expression::update("DELETE further :gone")
            .when("workspace <> :ws")
            .value(":ws", s(ws.as_str()))
            .value(":gone", set(ws)),
        // It is somebody else's.
        Some(_) => return Ok(()),
    };
    transaction.update(store, label, claim, &with)
}

/// Who holds a claim, the first one first.
pub(crate) fn holders(claim: &Item) -> Vec<WorkspaceId> {
    let first = claim.get("workspace").and_then(|v| v.as_s().ok()).into_iter();
    let further = claim.get("further").and_then(|v| v.as_ss().ok()).into_iter().flatten();
    first.chain(further).filter_map(|id| id.parse().ok()).collect()
}

fn set(ws: &WorkspaceId) -> AttributeValue {
    AttributeValue::Ss(vec![ws.as_str().to_owned()])
}

impl Store {
    /// The workspaces of an organisation that have a platform's account connected, the first one first.
    pub async fn find_holders(
        &self,
        org: &OrgId,
        platform: &PlatformId,
        platform_account_id: &str,
    ) -> Result<Vec<WorkspaceId>, Fault> {
        let claim = self.read(&key::org_claim(org, platform, platform_account_id)).await?;
        Ok(claim.iter().flat_map(holders).collect())
    }

    /// The same of many, by the platform's id. What changed a moment ago may not be seen.
    pub async fn glance_holders(
        &self,
        org: &OrgId,
        platform: &PlatformId,
        platform_account_ids: &[&str],
    ) -> Result<HashMap<String, Vec<WorkspaceId>>, Fault> {
        let of: HashMap<Key, &str> =
            platform_account_ids.iter().map(|id| (key::org_claim(org, platform, id), *id)).collect();
        let claims = self.batch(of.keys().cloned().collect(), false).await?;
        let held = |claim: Item| Some(((*of.get(&Key::of(&claim)?)?).to_owned(), holders(&claim)));
        Ok(claims.into_iter().filter_map(held).collect())
    }
}
