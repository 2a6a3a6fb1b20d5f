//! A workspace and what is decided for it.

mod patch;

use app::workspace::Configured;
use domain::{
    LockdownId, RunId, Timestamp, Workspace,
    workspace::{EXPIRING_WINDOW_DAYS, Overrides, Policies, Retention},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use patch::WorkspacePatch;

/// For how many days things are kept where nobody decided.
const ACTIVITY: u16 = 90;
const AUDIT: u16 = 400;
const METRICS: u16 = 760;

/// A workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceView {
    /// The SaaS's id of it.
    pub id: String,
    /// Its organisation.
    pub organization_id: String,
    /// What people call it, if that was decided.
    pub name: Option<String>,
    /// The zone of its days, a name of the IANA database.
    pub timezone: String,
    /// The plan in force: the one that was set, else the one that the caller's token names, else the smallest.
    pub plan: String,
    /// The plan that was set; null if none was. Only a plan and overrides that were set suspend accounts.
    pub plan_set: Option<String>,
    /// Limits in place of the plan's.
    pub overrides: OverridesView,
    /// What its administrators decided.
    pub policies: PoliciesView,
    /// How many accounts are over the plan and suspended; `GET …/limits` names them.
    pub suspended: u32,
    /// The lockdown that it is in; null if it is in none.
    pub lockdown: Option<LockedDownView>,
    /// What could be better about it; nothing is blocked by it.
    pub advice: Vec<AdviceView>,
    /// The version of all that is decided, as the header `ETag` has it.
    pub etag: String,
}

/// What keeps a workspace from connecting anything and from lending tokens: a lockdown, or its erasure.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LockedDown)]
pub struct LockedDownView {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The work that came with it, `GET /v1/runs/{run}`.
    pub run_id: String,
}

/// What could be better about a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Advice)]
pub struct AdviceView {
    /// `identity_missing`: what the SaaS's AI needs to know was not told.
    pub code: String,
    /// `info`: it is never more.
    pub severity: String,
    /// What is so.
    pub detail: String,
    /// What can be done.
    pub next_step: String,
}

/// Limits in place of the plan's.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Overrides)]
#[expect(clippy::struct_field_names, reason = "the words of the API")]
pub struct OverridesView {
    /// Over all platforms; null leaves it to the plan.
    pub max_total: Option<u32>,
    /// On each platform; null leaves it to the plan.
    pub max_per_platform: Option<u32>,
    /// What fetching may cost in a day of UTC where a platform takes money for it, in whole US dollars; null sets no cap
    /// beside the operator's.
    pub max_spend_usd_per_day: Option<u32>,
}

/// What a workspace's administrators decide.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Policies)]
pub struct PoliciesView {
    /// Whether a further account may be added from a living consent (`from_grant`) without asking the person
    /// again. A consent then asks along for the other platforms of the same sign-in.
    pub reuse_grant: bool,
    /// Whether an account may be in another workspace of the organisation too: `allow`, `copy_only` or `forbid`. Of two
    /// workspaces the stricter one decides.
    pub cross_workspace: String,
    /// How long before a person must act an account is told as expiring, `P30D`.
    pub expiring_window: String,
    /// The vocabulary of whoever names none; `own` is the workspace's. Null is the product's default.
    pub vocabulary: Option<String>,
    /// How long things are kept.
    pub retention: RetentionView,
    /// Addresses that a browser may be sent back to, beside the operator's.
    pub return_urls: Vec<String>,
    /// Whether the SaaS has what its AI needs to know of the workspace; null if nobody said. Advice hangs on it, and
    /// nothing is blocked by it.
    pub identity_configured: Option<bool>,
}

/// How long things are kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Retention)]
pub struct RetentionView {
    /// What an account was known to be, `P90D` if nobody decided.
    pub activity: String,
    /// Who did what, `P400D` if nobody decided.
    pub audit: String,
    /// Figures, `P760D` if nobody decided.
    pub metrics: String,
}

impl WorkspaceView {
    pub(crate) fn of(workspace: &Workspace, plan: &str) -> Self {
        Self::made(
            workspace.id.to_string(),
            &Configured {
                org: workspace.org.clone(),
                configuration: workspace.configuration.clone(),
                plan: plan.to_owned(),
                suspended: workspace.suspended,
                locked_down: workspace.locked_down,
                version: workspace.version,
            },
        )
    }

    /// As it was decided.
    pub(crate) fn made(id: String, decided: &Configured) -> Self {
        let Configured { org, configuration, plan, suspended, locked_down, version } = decided;
        let Overrides { max_total, max_per_platform, max_spend_usd_per_day } = configuration.overrides;
        Self {
            id,
            organization_id: org.to_string(),
            name: configuration.name.clone(),
            timezone: configuration.timezone.clone().unwrap_or_else(|| "UTC".to_owned()),
            plan: plan.clone(),
            plan_set: configuration.plan.clone(),
            overrides: OverridesView { max_total, max_per_platform, max_spend_usd_per_day },
            policies: PoliciesView::from(&configuration.policies),
            suspended: *suspended,
            lockdown: locked_down.map(LockedDownView::from),
            advice: advice(&configuration.policies),
            etag: format!("\"{version}\""),
        }
    }
}

/// What its policies leave to be wished for.
fn advice(policies: &Policies) -> Vec<AdviceView> {
    let identity = (policies.identity_configured == Some(false)).then(|| AdviceView {
        code: "identity_missing".to_owned(),
        severity: "info".to_owned(),
        detail: "What the AI needs to know of this workspace was not told.".to_owned(),
        next_step: "Describe the workspace's identity where you came from; connecting and publishing work meanwhile."
            .to_owned(),
    });
    identity.into_iter().collect()
}

impl From<LockdownId> for LockedDownView {
    fn from(lockdown: LockdownId) -> Self {
        Self { since: lockdown.since(), run_id: RunId::from(lockdown).to_string() }
    }
}

impl From<&Policies> for PoliciesView {
    fn from(policies: &Policies) -> Self {
        let days = |days: Option<u16>, usual: u16| format!("P{}D", days.unwrap_or(usual));
        let Retention { activity_days, audit_days, metrics_days } = policies.retention;
        Self {
            reuse_grant: policies.reuse_grant,
            cross_workspace: policies.cross_workspace.as_str().to_owned(),
            expiring_window: days(policies.expiring_window_days, EXPIRING_WINDOW_DAYS),
            vocabulary: policies.vocabulary.clone(),
            retention: RetentionView {
                activity: days(activity_days, ACTIVITY),
                audit: days(audit_days, AUDIT),
                metrics: days(metrics_days, METRICS),
            },
            return_urls: policies.return_urls.clone(),
            identity_configured: policies.identity_configured,
        }
    }
}
