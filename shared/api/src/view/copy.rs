//! Copies of accounts, and what is asked of other workspaces.

use app::{
    Services,
    copy::{Detaching, Outcome, Target, Warning},
};
use domain::{Code, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::connect::StartedView;

/// The caller's further workspaces, as places for a copy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CopyTargets)]
pub struct TargetsView {
    /// By id.
    pub workspaces: Vec<TargetView>,
}

/// A workspace that an account may be copied to, or not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CopyTarget)]
pub struct TargetView {
    /// The SaaS's id of it.
    pub id: String,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Whether the account can be copied there now.
    pub allowed: bool,
    /// Why not: `permission_denied`, `cross_workspace_forbidden`, `workspace_locked_down`, `already_in_workspace`,
    /// `account_disconnected`, `connection_expired`, `plan_limit_reached`.
    pub reason: Option<String>,
    /// How many more accounts of the platform its plan has room for; null is unlimited.
    pub limit_left: Option<u32>,
}

impl From<&Target> for TargetView {
    fn from(target: &Target) -> Self {
        Self {
            id: target.workspace.to_string(),
            name: target.name.clone(),
            allowed: target.barrier.is_none(),
            reason: target.barrier.map(|code| code.as_str().to_owned()),
            limit_left: target.room,
        }
    }
}

/// Where to copy an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"workspace_id": "ws_2", "label": "Acme (Europe)"}))]
pub struct NewCopyView {
    /// One of the caller's further workspaces.
    pub workspace_id: String,
    /// What it is called there, 1 to 120 characters; as here if absent.
    #[serde(default)]
    pub label: Option<String>,
}

/// Which accounts to copy where.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"account_ids": ["acc_01JD0000000000000000000000"], "workspace_id": "ws_2"}))]
pub struct CopyManyView {
    /// 1 to 50, each once.
    pub account_ids: Vec<String>,
    /// One of the caller's further workspaces.
    pub workspace_id: String,
}

/// What became of each.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CopyOutcomes)]
pub struct OutcomesView {
    /// In the order in which they were asked for.
    pub data: Vec<OutcomeView>,
}

/// What became of one account that was to be copied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CopyOutcome)]
pub struct OutcomeView {
    /// The account that was to be copied.
    pub account_id: String,
    /// Its copy in the other workspace.
    pub copy_id: Option<String>,
    /// Why there is none.
    pub error: Option<CopyErrorView>,
}

/// Why an account was not copied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CopyError)]
pub struct CopyErrorView {
    /// A stable word of the registry.
    pub code: String,
    /// The code in the words of people.
    pub title: String,
    /// This case.
    pub detail: String,
    /// What to do next.
    pub next_step: String,
}

impl CopyErrorView {
    fn of(code: Code, detail: &str) -> Self {
        Self {
            code: code.as_str().to_owned(),
            title: code.title().to_owned(),
            detail: detail.to_owned(),
            next_step: code.next_step().to_owned(),
        }
    }
}

impl From<&Outcome> for OutcomeView {
    fn from(outcome: &Outcome) -> Self {
        Self {
            account_id: outcome.account.to_string(),
            copy_id: outcome.copied.as_ref().ok().map(ToString::to_string),
            error: outcome.copied.as_ref().err().map(|(code, detail)| CopyErrorView::of(*code, detail)),
        }
    }
}

/// How to part an account from the consent that it shares.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetachView {
    /// Where the browser goes at the end; must be on the allow-list.
    #[serde(default)]
    pub return_url: Option<String>,
}

/// A connect session that ends with the account on a consent of its own. Send the browser to `start_url`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = DetachStarted)]
pub struct DetachingView {
    /// `cs_…`
    pub id: String,
    /// `created`.
    pub status: String,
    /// A page of ours that says who asks for what; its Continue goes to the platform.
    pub start_url: Option<String>,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// What two consents of one person still have in common on this platform.
    pub warnings: Vec<DetachWarningView>,
}

/// What a consent of its own does not part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = DetachWarning)]
pub struct DetachWarningView {
    /// `removal_ends_both`, `revocation_waits`, `older_may_end`; new ones may be added.
    pub code: String,
    /// For people.
    pub detail: String,
}

impl From<Warning> for DetachWarningView {
    fn from(warning: Warning) -> Self {
        let detail = match warning {
            Warning::RemovalEndsBoth => {
                "A person who removes the app in the platform's own settings ends both consents."
            }
            Warning::RevocationWaits => {
                "The platform ends all consents of a person in one call, so it is called only when the last one goes."
            }
            Warning::OlderMayEnd => {
                "The platform does not say that it renews an older consent of the same person beside a newer one. If it \
                 does not, the other workspaces are told that a person must sign in again."
            }
        };
        Self { code: warning.as_str().to_owned(), detail: detail.to_owned() }
    }
}

impl DetachingView {
    pub(crate) fn of(services: &Services, detaching: &Detaching) -> Self {
        let StartedView { id, status, start_url, expires_at, .. } = StartedView::of(services, &detaching.started);
        let warnings = detaching.warnings.iter().copied().map(Into::into).collect();
        Self { id, status, start_url, expires_at, warnings }
    }
}

/// A request to let an account go.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"platform": "x", "platform_account_id": "2244994945", "message": "We run this one now."}))]
pub struct NewReleaseRequest {
    /// The platform's id.
    pub platform: String,
    /// The platform's id of the account.
    pub platform_account_id: String,
    /// What its administrators are told, at most 500 characters.
    #[serde(default)]
    pub message: Option<String>,
}

/// What is said with a request to let an account go.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRelease {
    /// What its administrators are told, at most 500 characters.
    #[serde(default)]
    pub message: Option<String>,
}

/// A request that was taken. It says nothing of whether anybody has the account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ReleaseRequested)]
pub struct ReleaseRequestedView {
    /// `accepted`.
    pub status: String,
}

impl ReleaseRequestedView {
    pub(crate) fn accepted() -> Self {
        Self { status: "accepted".to_owned() }
    }
}
