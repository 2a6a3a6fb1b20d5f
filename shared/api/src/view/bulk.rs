//! What became of many accounts, one by one.

use app::{
    Services,
    bulk::{Checked, Failed, Outcome},
    disconnect::Receipt,
};
use domain::{Refusal, RunId, Timestamp, error::More};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::receipt::ReceiptView;
use crate::problem::{Problem, ProblemView};

/// Which accounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TheseAccounts {
    /// 1 to 100 ids, each once.
    pub account_ids: Vec<String>,
}

/// Which accounts, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisconnectAccounts {
    /// 1 to 100 ids, each once.
    pub account_ids: Vec<String>,
    /// Carried to the events.
    #[serde(default)]
    pub reason: Option<String>,
}

/// How many accounts are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkChecks)]
pub struct BulkChecksView {
    /// In the order of the request.
    pub results: Vec<BulkCheckView>,
    /// How many are `done`.
    pub done: usize,
    /// How many are `failed`.
    pub failed: usize,
}

/// How one of them is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkCheck)]
pub struct BulkCheckView {
    /// As it was sent.
    pub account_id: String,
    /// `done` or `failed`.
    pub status: String,
    /// Whether the access was renewed; null if it failed.
    pub renewed: Option<bool>,
    /// Why not: `too_early`, `only_a_person_can`, `never_ends`, `not_needed`, `rotation_uncertain`.
    pub reason: Option<String>,
    /// Whether the platform was asked just now; null if it failed.
    pub checked: Option<bool>,
    /// Health's state now.
    pub state: Option<String>,
    /// How the token stands: `valid`, `expiring`, `expired`.
    pub token_status: Option<String>,
    /// When a person must act, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reauth_due_at: Option<Timestamp>,
    /// Why it failed.
    pub problem: Option<BulkProblemView>,
}

/// Runs of many accounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkRuns)]
pub struct BulkRunsView {
    /// In the order of the request.
    pub results: Vec<BulkRunView>,
    /// How many are `done`.
    pub done: usize,
    /// How many are `failed`.
    pub failed: usize,
}

/// The run of one of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkRun)]
pub struct BulkRunView {
    /// As it was sent.
    pub account_id: String,
    /// `done`, which means that the run is queued, or `failed`.
    pub status: String,
    /// `run_…`; null if it failed.
    pub run_id: Option<String>,
    /// Why it failed.
    pub problem: Option<BulkProblemView>,
}

/// What became of many accounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkReceipts)]
pub struct BulkReceiptsView {
    /// In the order of the request.
    pub results: Vec<BulkReceiptView>,
    /// How many are `done`.
    pub done: usize,
    /// How many are `failed`.
    pub failed: usize,
}

/// What became of one of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkReceipt)]
pub struct BulkReceiptView {
    /// As it was sent.
    pub account_id: String,
    /// `done` or `failed`.
    pub status: String,
    /// What was done; null if it failed.
    pub receipt: Option<ReceiptView>,
    /// Why it failed.
    pub problem: Option<BulkProblemView>,
}

/// Why one of many failed: what a problem tells that is not the whole request's.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkProblem)]
pub struct BulkProblemView {
    /// Address of a page about the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The stable word.
    pub code: String,
    /// The code in the words of people.
    pub title: String,
    /// The HTTP status that it would have alone.
    pub status: u16,
    /// This case.
    pub detail: String,
    /// Whether the same can succeed later.
    pub retryable: bool,
    /// Seconds to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl BulkProblemView {
    fn of(Failed { code, detail, later }: &Failed, services: &Services) -> Self {
        let more = later.map_or(More::Nothing, More::Later);
        let problem = Problem::from(Refusal { more, ..Refusal::new(*code, detail) });
        let ProblemView { kind, code, title, status, detail, retryable, retry_after, .. } =
            problem.view(services, "", "");
        Self { kind, code, title, status, detail, retryable, retry_after }
    }
}

fn status<T>(outcome: &Outcome<T>) -> String {
    if outcome.done.is_some() { "done" } else { "failed" }.to_owned()
}

fn done<T>(outcomes: &[Outcome<T>]) -> usize {
    outcomes.iter().filter(|outcome| outcome.done.is_some()).count()
}

impl BulkChecksView {
    pub(crate) fn of(outcomes: &[Outcome<Checked>], services: &Services) -> Self {
        let result = |outcome: &Outcome<Checked>| {
            let checked = outcome.done.as_ref();
            BulkCheckView {
                account_id: outcome.account.clone(),
                status: status(outcome),
                renewed: checked.map(|checked| checked.refreshed.renewed),
                reason: checked.and_then(|checked| checked.refreshed.reason.clone()),
                checked: checked.map(|checked| checked.refreshed.checked),
                state: checked.map(|checked| checked.state.clone()),
                token_status: checked.map(|checked| checked.token_status.clone()),
                reauth_due_at: checked.and_then(|checked| checked.reauth_due_at),
                problem: outcome.problem.as_ref().map(|failed| BulkProblemView::of(failed, services)),
            }
        };
        let done = done(outcomes);
        Self { results: outcomes.iter().map(result).collect(), done, failed: outcomes.len() - done }
    }
}

impl BulkRunsView {
    pub(crate) fn of(outcomes: &[Outcome<RunId>], services: &Services) -> Self {
        let result = |outcome: &Outcome<RunId>| BulkRunView {
            account_id: outcome.account.clone(),
            status: status(outcome),
            run_id: outcome.done.map(|run| run.to_string()),
            problem: outcome.problem.as_ref().map(|failed| BulkProblemView::of(failed, services)),
        };
        let done = done(outcomes);
        Self { results: outcomes.iter().map(result).collect(), done, failed: outcomes.len() - done }
    }
}

impl BulkReceiptsView {
    pub(crate) fn of(outcomes: &[Outcome<Receipt>], services: &Services) -> Self {
        let result = |outcome: &Outcome<Receipt>| BulkReceiptView {
            account_id: outcome.account.clone(),
            status: status(outcome),
            receipt: outcome.done.as_ref().map(ReceiptView::from),
            problem: outcome.problem.as_ref().map(|failed| BulkProblemView::of(failed, services)),
        };
        let done = done(outcomes);
        Self { results: outcomes.iter().map(result).collect(), done, failed: outcomes.len() - done }
    }
}
