//! Troubles of an account, each from its beginning to its end.

use app::episode::{History, Noted};
use domain::{Refusal, Timestamp, health::episode::Note};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PersonView;

/// The troubles of a while.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Episodes)]
pub struct EpisodesView {
    /// `acc_…`
    pub account_id: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// The newest first.
    pub data: Vec<EpisodeView>,
}

/// One cause, for as long as it held.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Episode)]
pub struct EpisodeView {
    /// `epi_…`, as its events bear it.
    pub id: String,
    /// A code of the registry, or a cause of `/v1/meta/vocabularies`.
    pub code: String,
    /// The code in the words of people.
    pub title: String,
    /// What happened.
    pub detail: String,
    /// The rule that found it, of `/v1/meta/vocabularies`.
    pub rule: String,
    /// The state that it means by itself.
    pub state: String,
    /// `ok`, `warning`, `error`.
    pub severity: String,
    /// Which capability it took away, where it was one alone.
    pub capability: Option<String>,
    /// When it began, as far as is known.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// When it was over; null while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// How often the account had one of this cause in the time that was asked for.
    pub count: usize,
    /// The facts that it was last found from, by their names.
    pub facts: serde_json::Value,
    /// Who has seen it; null if nobody said so.
    pub acknowledged: Option<AcknowledgedView>,
    /// What was written about it.
    pub note: Option<String>,
}

/// Who has seen a trouble.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Acknowledged)]
pub struct AcknowledgedView {
    /// Who.
    pub by: PersonView,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// What is written about a trouble.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"acknowledged": true, "note": "The client signs in again on Monday."}))]
pub struct SetEpisodeNote {
    /// Whether somebody has seen it.
    pub acknowledged: bool,
    /// 1 to 500 characters; none takes away what was written.
    #[serde(default)]
    pub note: Option<String>,
}

/// Longest text.
const NOTE: usize = 500;

impl SetEpisodeNote {
    pub(crate) fn read(self) -> Result<(bool, Option<String>), Refusal> {
        let odd = |c: char| c.is_control() && c != '\n' && c != '\t';
        let wrong = |text: &String| text.trim().is_empty() || text.chars().count() > NOTE || text.contains(odd);
        if self.note.as_ref().is_some_and(wrong) {
            let detail = format!("1 to {NOTE} characters; of control characters only line ends and tabs.");
            return Err(Refusal::field("/note", "length", detail));
        }
        Ok((self.acknowledged, self.note))
    }
}

impl From<&History> for EpisodesView {
    fn from(history: &History) -> Self {
        Self {
            account_id: history.account.to_string(),
            from: history.from,
            to: history.to,
            data: history.episodes.iter().map(EpisodeView::from).collect(),
        }
    }
}

impl From<&Noted> for EpisodeView {
    fn from(Noted { episode, count, note }: &Noted) -> Self {
        let reason = &episode.reason;
        let seen = |note: &Note| {
            let seen = note.acknowledged.clone()?;
            Some(AcknowledgedView { by: PersonView { id: seen.by, name: seen.name }, at: seen.at })
        };
        Self {
            id: episode.id.to_string(),
            code: reason.cause.as_str().to_owned(),
            title: reason.cause.title().to_owned(),
            detail: reason.cause.detail().to_owned(),
            rule: reason.rule.as_str().to_owned(),
            state: reason.rule.state().as_str().to_owned(),
            severity: reason.rule.severity().as_str().to_owned(),
            capability: reason.capability.map(|capability| capability.as_str().to_owned()),
            opened_at: episode.opened_at,
            resolved_at: episode.resolved_at,
            count: *count,
            facts: reason.facts.clone(),
            acknowledged: note.as_ref().and_then(seen),
            note: note.as_ref().and_then(|note| note.note.clone()),
        }
    }
}
