//! A workspace and its policies.

use app::workspace::Configured;
use domain::Workspace;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceView {
    /// The SaaS's id of it.
    pub id: String,
    /// Its organisation.
    pub organization_id: String,
    /// The plan in force.
    pub plan: String,
    /// What its administrators decided.
    pub policies: PoliciesView,
    /// The policies' version, as the header `ETag` has it.
    pub etag: String,
}

/// What a workspace's administrators decide.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Policies)]
pub struct PoliciesView {
    /// Whether a further account may be added from a living consent (`from_grant`) without asking the person
    /// again. A consent then asks along for the other platforms of the same sign-in.
    pub reuse_grant: bool,
}

/// What to change; what is left out stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkspacePatch {
    /// Policies.
    #[serde(default)]
    pub policies: PoliciesPatch,
}

/// Which policies to change.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoliciesPatch {
    /// Whether a further account may be added from a living consent.
    #[serde(default)]
    pub reuse_grant: Option<bool>,
}

/// Policies as they were decided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkspacePatched)]
pub struct ConfiguredView {
    /// What holds now.
    pub policies: PoliciesView,
    /// Their version.
    pub etag: String,
}

impl WorkspaceView {
    pub(crate) fn of(workspace: &Workspace, plan: &str) -> Self {
        Self {
            id: workspace.id.to_string(),
            organization_id: workspace.org.to_string(),
            plan: plan.to_owned(),
            policies: PoliciesView { reuse_grant: workspace.policies().reuse_grant },
            etag: format!("\"{}\"", workspace.version),
        }
    }
}

impl From<&Configured> for ConfiguredView {
    fn from(configured: &Configured) -> Self {
        let policies = PoliciesView { reuse_grant: configured.configuration.policies.reuse_grant };
        Self { policies, etag: format!("\"{}\"", configured.version) }
    }
}
