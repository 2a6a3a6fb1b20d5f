//! Fetching an account's data, as it is told.

use app::sync::show::SyncShown;
use domain::{
    Account, Code, Refusal, Timestamp,
    run::Progress,
    sync::{Scope, SyncError},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    run::{ProgressView, RunView},
    settings::interval,
};
use crate::problem::retryable;

/// What to fetch.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSync {
    /// `profile`, `followers`, `metrics`, `audience`; whatever is due if absent. The profile is read in any case.
    #[serde(default)]
    pub scope: Vec<String>,
}

/// How fetching an account's data stands. In lists only `last_ok_at` and `interval` are told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Sync)]
pub struct SyncView {
    /// The run that somebody waits for: the first one, or one that was asked for.
    pub in_flight: Option<InFlightView>,
    /// When it last succeeded.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_ok_at: Option<Timestamp>,
    /// When it was last tried.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_attempt_at: Option<Timestamp>,
    /// What the last try did not get.
    pub last_error: Option<SyncErrorView>,
    /// From when on the data counts as old.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stale_after: Option<Timestamp>,
    /// When it is fetched next.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// How often, ISO 8601.
    pub interval: Option<String>,
    /// The shortest interval that the plan allows.
    pub interval_floor: Option<String>,
    /// Why it is not fetched more often by itself.
    pub floor_reason: Option<String>,
    /// Until when the platform, or what may be spent on it, lets nothing more be fetched.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub rate_limited_until: Option<Timestamp>,
}

/// A run that is under way.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncInFlight)]
pub struct InFlightView {
    /// `run_…`
    pub run_id: String,
    /// How far it is.
    pub progress: ProgressView,
}

/// What a run did not get.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncError)]
pub struct SyncErrorView {
    /// The stable code.
    pub code: String,
    /// `profile`, `followers`, `metrics`, `audience`
    pub scope: String,
    /// What that means, for people.
    pub detail: String,
    /// Whether it can succeed later without anybody doing something.
    pub retryable: bool,
    /// Seconds from when it failed until it is tried again.
    pub retry_after: Option<i64>,
    /// When it failed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The runs of an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncRuns)]
pub struct SyncRunsView {
    /// The newest first; the last ten are remembered, each for 30 days.
    pub data: Vec<RunView>,
}

impl NewSync {
    /// The scopes, each once.
    pub(crate) fn read(&self) -> Result<Vec<Scope>, Refusal> {
        let mut scopes = Vec::new();
        for (place, word) in self.scope.iter().enumerate() {
            let pointer = format!("/scope/{place}");
            let Some(scope) = Scope::ALL.into_iter().find(|scope| scope.as_str() == word) else {
                let detail = "One of profile, followers, metrics, audience.";
                return Err(Refusal::field(&pointer, "unknown", detail));
            };
            if scopes.contains(&scope) {
                return Err(Refusal::field(&pointer, "repeated", "A scope is named once."));
            }
            scopes.push(scope);
        }
        Ok(scopes)
    }
}

impl From<&Progress> for ProgressView {
    fn from(progress: &Progress) -> Self {
        Self { step: progress.step, of: progress.of, label: progress.label.clone() }
    }
}

impl From<&SyncError> for SyncErrorView {
    fn from(error: &SyncError) -> Self {
        let wait = error.retry_at.map(|at| at.duration_since(error.at).as_secs().max(0));
        Self {
            code: error.code.to_string(),
            scope: error.scope.as_str().to_owned(),
            detail: format!("{} {}", error.code.cause(), error.code.next_step()),
            retryable: retryable(error.code),
            retry_after: wait,
            at: error.at,
        }
    }
}

impl SyncView {
    /// What a list tells.
    pub(super) fn brief(account: &Account) -> Self {
        Self {
            in_flight: None,
            last_ok_at: account.fetched.last_ok_at,
            last_attempt_at: None,
            last_error: None,
            stale_after: None,
            next_at: None,
            interval: account.settings.sync_interval_minutes.map(interval),
            interval_floor: None,
            floor_reason: None,
            rate_limited_until: None,
        }
    }
}

impl From<&SyncShown> for SyncView {
    fn from(shown: &SyncShown) -> Self {
        let minutes = |duration: jiff::SignedDuration| interval(u32::try_from(duration.as_mins()).unwrap_or(u32::MAX));
        let limited = shown
            .last_error
            .as_ref()
            .filter(|error| matches!(error.code, Code::PlatformRateLimited | Code::BudgetExhausted));
        Self {
            in_flight: shown
                .in_flight
                .as_ref()
                .map(|(run, progress)| InFlightView { run_id: run.to_string(), progress: progress.into() }),
            last_ok_at: shown.last_ok_at,
            last_attempt_at: shown.last_attempt_at,
            last_error: shown.last_error.as_ref().map(SyncErrorView::from),
            stale_after: shown.stale_after,
            next_at: shown.next_at,
            interval: Some(minutes(shown.interval)),
            interval_floor: Some(minutes(shown.interval_floor)),
            floor_reason: shown.floor_reason.clone(),
            rate_limited_until: limited.and_then(|error| error.retry_at),
        }
    }
}
