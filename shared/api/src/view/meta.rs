//! The registries, so that a frontend holds no table of its own.

use domain::{Code, Permission, PlanCatalogue, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::status;

/// Every stable code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Errors {
    /// In the registry's order.
    pub data: Vec<ErrorInfo>,
}

/// One stable code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorInfo {
    /// The word.
    pub code: String,
    /// The HTTP status; null for codes that only sessions and candidates bear.
    pub status: Option<u16>,
    /// In the words of people.
    pub title: String,
    /// Why it happens.
    pub cause: String,
    /// What to do next.
    pub next_step: String,
    /// A page about it.
    pub url: String,
}

/// Every plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Plans {
    /// Which catalogue applies.
    pub catalogue: String,
    /// Smallest first.
    pub data: Vec<PlanInfo>,
}

/// One plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlanInfo {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Over all platforms; null is no limit.
    pub max_total: Option<u32>,
    /// On each platform; null is no limit.
    pub max_per_platform: Option<u32>,
}

/// The policy table.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Permissions {
    /// The roles, least first.
    pub roles: Vec<String>,
    /// The permissions.
    pub data: Vec<PermissionInfo>,
}

/// One permission.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PermissionInfo {
    /// The word.
    pub permission: String,
    /// What it lets one do.
    pub what: String,
    /// The roles that have it.
    pub roles: Vec<String>,
}

impl Errors {
    pub(crate) fn of(url: impl Fn(Code) -> String) -> Self {
        let info = |code: &Code| ErrorInfo {
            code: code.to_string(),
            status: status(*code).map(|s| s.as_u16()),
            title: code.title().to_owned(),
            cause: code.cause().to_owned(),
            next_step: code.next_step().to_owned(),
            url: url(*code),
        };
        Self { data: Code::ALL.iter().map(info).collect() }
    }
}

impl From<&PlanCatalogue> for Plans {
    fn from(catalogue: &PlanCatalogue) -> Self {
        let info = |plan: &domain::Plan| PlanInfo {
            id: plan.id.clone(),
            name: plan.name.clone(),
            max_total: plan.max_total.into(),
            max_per_platform: plan.max_per_platform.into(),
        };
        Self { catalogue: catalogue.id.clone(), data: catalogue.plans.iter().map(info).collect() }
    }
}

impl Permissions {
    pub(crate) fn table() -> Self {
        let word = |role: &Role| role.as_str().to_owned();
        let info = |permission: &Permission| PermissionInfo {
            permission: permission.as_str().to_owned(),
            what: permission.what().to_owned(),
            roles: Role::ALL.iter().filter(|r| **r >= permission.least()).map(word).collect(),
        };
        Self { roles: Role::ALL.iter().map(word).collect(), data: Permission::ALL.iter().map(info).collect() }
    }
}
