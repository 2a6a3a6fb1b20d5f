//! What an account can be used for, and the scopes behind it.

use std::collections::BTreeMap;

use app::permission::{Needed, Permissions};
use domain::{
    Capability, Timestamp,
    capability::{Availability, Given},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether an account can be used for something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CapabilityState)]
pub struct CapabilityView {
    /// Whether it works; null where the platform does not tell which scopes it gave.
    pub available: Option<bool>,
    /// Why not: a code of the registry, `not_asked`, or `unknown`.
    pub reason: Option<String>,
}

/// The permission matrix of an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountPermissions)]
pub struct PermissionsView {
    /// `acc_…`
    pub account_id: String,
    /// Whether the platform tells which scopes it gave.
    pub scopes_known: bool,
    /// When it was last asked; null for an account without a consent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked_at: Option<Timestamp>,
    /// `connect` first, which every connection asks for, then each capability of the method.
    pub data: Vec<PermissionRowView>,
    /// Scopes that came although nothing here needs them.
    pub beyond: Vec<String>,
}

/// A capability with its scopes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountPermission)]
pub struct PermissionRowView {
    /// `connect`, `publish`, `analytics`, `messages`, `audience`.
    pub capability: String,
    /// Whether the account was asked for it.
    pub asked: bool,
    /// Whether it works; null where that is not known.
    pub available: Option<bool>,
    /// Why not: a code of the registry, `not_asked`, or `unknown`.
    pub reason: Option<String>,
    /// The scopes that it needs.
    pub scopes: Vec<ScopeView>,
}

/// A scope and how it came back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Scope)]
pub struct ScopeView {
    /// As the platform spells it.
    pub scope: String,
    /// `granted`, `denied`, `unknown` or `not_asked`.
    pub status: String,
}

/// Whether, and why not.
fn told(availability: Availability) -> (Option<bool>, Option<String>) {
    match availability {
        Availability::Available => (Some(true), None),
        Availability::Unknown => (None, Some("unknown".to_owned())),
        Availability::NotAsked => (Some(false), Some("not_asked".to_owned())),
        Availability::Unavailable(code) => (Some(false), Some(code.to_string())),
    }
}

impl From<Availability> for CapabilityView {
    fn from(availability: Availability) -> Self {
        let (available, reason) = told(availability);
        Self { available, reason }
    }
}

/// By the words of the capabilities.
pub(crate) fn capabilities(all: &BTreeMap<Capability, Availability>) -> BTreeMap<String, CapabilityView> {
    all.iter().map(|(c, availability)| (c.as_str().to_owned(), (*availability).into())).collect()
}

fn scopes(scopes: &[(String, Given)]) -> Vec<ScopeView> {
    let view = |(scope, given): &(String, Given)| ScopeView { scope: scope.clone(), status: given.as_str().to_owned() };
    scopes.iter().map(view).collect()
}

impl From<&Permissions> for PermissionsView {
    fn from(matrix: &Permissions) -> Self {
        let row = |needed: &Needed| {
            let (available, reason) = told(needed.availability);
            PermissionRowView {
                capability: needed.capability.as_str().to_owned(),
                asked: matrix.account.access.asked.contains(&needed.capability),
                available,
                reason,
                scopes: scopes(&needed.scopes),
            }
        };
        let all = matrix.connect.iter().all(|(_, given)| *given == Given::Granted);
        let denied = matrix.connect.iter().any(|(_, given)| *given == Given::Denied);
        let connect = PermissionRowView {
            capability: "connect".to_owned(),
            asked: true,
            available: if all { Some(true) } else { denied.then_some(false) },
            reason: match (all, denied) {
                (true, _) => None,
                (false, true) => Some(domain::Code::InsufficientPermissions.to_string()),
                (false, false) => Some("unknown".to_owned()),
            },
            scopes: scopes(&matrix.connect),
        };
        Self {
            account_id: matrix.account.id.to_string(),
            scopes_known: matrix.told,
            checked_at: matrix.checked_at,
            data: std::iter::once(connect).chain(matrix.capabilities.iter().map(row)).collect(),
            beyond: matrix.beyond.clone(),
        }
    }
}
