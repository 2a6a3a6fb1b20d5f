//! How an account is, in the words of each vocabulary, and why.

use std::collections::BTreeMap;

use app::health::Told;
use domain::{
    Actor, Capability, Timestamp,
    health::{
        Health, Reason, Token,
        vocabulary::{self, Vocabulary, Word},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    account::{self, AccountActionView},
    permission::{self, CapabilityView},
};

/// How an account is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthView {
    /// `healthy`, `stale`, `processing`, `degraded`, `expiring`, `limited`, `suspended`, `error`, `expired`, `pending`,
    /// `disconnected`.
    pub state: String,
    /// The state in the words of the vocabulary that was asked for; of the workspace's usual one if none was.
    pub label: String,
    /// Its colour there.
    pub color: String,
    /// Its icon there.
    pub icon: String,
    /// `ok`, `warning`, `error`.
    pub severity: String,
    /// Since when, as far as is known.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Why, the reason that decided first.
    pub reasons: Vec<ReasonView>,
    /// What does not work, worst first.
    pub issues: Vec<IssueView>,
    /// What can be done about it; null where nothing is wrong.
    pub action: Option<HealthActionView>,
    /// The state in the words of each vocabulary that is shipped.
    pub labels: BTreeMap<String, WordView>,
    /// How its token stands.
    pub token: TokenView,
}

/// A word of a vocabulary.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Word)]
pub struct WordView {
    /// The word.
    pub label: String,
    /// `green`, `blue`, `yellow`, `orange`, `red`.
    pub color: String,
    /// `check`, `sync`, `warning`, `error`.
    pub icon: String,
}

/// Why an account is as it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonView {
    /// A code of the registry, or a cause of `/v1/meta/vocabularies`.
    pub code: String,
    /// The rule that found it, of `/v1/meta/vocabularies`.
    pub rule: String,
    /// What happened.
    pub detail: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The facts that it was found from, by their names.
    pub facts: serde_json::Value,
}

/// Something that does not work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Issue)]
pub struct IssueView {
    /// A code of the registry, or a cause of `/v1/meta/vocabularies`.
    pub code: String,
    /// The code in the words of people.
    pub title: String,
    /// What happened.
    pub detail: String,
    /// What to do next.
    pub next_step: String,
    /// Which capability it takes away, where it is one alone.
    pub capability: Option<String>,
    /// The scopes that it needs and that were not given.
    pub missing_scopes: Vec<String>,
    /// What can be done about it.
    pub action: HealthActionView,
    /// The episode that it is, `epi_…`; only in the answer about one account's health.
    pub episode_id: Option<String>,
    /// Whether somebody has seen it; only in the answer about one account's health.
    pub acknowledged: Option<bool>,
}

/// What can be done about a trouble.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = HealthAction)]
pub struct HealthActionView {
    /// `reconnect`, `wait`, `choose`, `upgrade`, `resume`, `sync`, `open_platform`, `ask_operator`.
    pub id: String,
    /// What to do.
    pub text: String,
    /// HTTP method, where it is done here.
    pub method: Option<String>,
    /// Path, where it is done here.
    pub href: Option<String>,
    /// Whether it can be done here and now.
    pub enabled: bool,
    /// Why not, where it is the caller who cannot.
    pub disabled_reason: Option<String>,
}

/// How a token stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenView {
    /// `valid`, `expiring`, `expired`. What renews itself is never expiring.
    pub status: String,
    /// The same in words: `Valid`, `Expiring Soon`, `Expired`.
    pub label: String,
    /// All of it in a sentence.
    pub tooltip: String,
    /// When it ends for good, or did; null where it renews itself, or never ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Whole days until then.
    pub days_left: Option<i64>,
    /// Whether it is renewed without a person.
    pub renewable: bool,
}

/// How an account is, or was.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountHealth)]
pub struct AccountHealthView {
    /// `acc_…`
    pub account_id: String,
    /// The moment that it is told of.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `healthy`, `stale`, `processing`, `degraded`, `expiring`, `limited`, `suspended`, `error`, `expired`, `pending`,
    /// `disconnected`.
    pub state: String,
    /// The state in the words of the vocabulary that was asked for; of the workspace's usual one if none was.
    pub label: String,
    /// Its colour there.
    pub color: String,
    /// Its icon there.
    pub icon: String,
    /// `ok`, `warning`, `error`.
    pub severity: String,
    /// Since when, as far as is known.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Why, the reason that decided first.
    pub reasons: Vec<ReasonView>,
    /// What does not work, worst first.
    pub issues: Vec<IssueView>,
    /// What can be done about it; null where nothing is wrong.
    pub action: Option<HealthActionView>,
    /// The state in the words of each vocabulary that is shipped.
    pub labels: BTreeMap<String, WordView>,
    /// How the token stands.
    pub token: TokenView,
    /// When a person must act, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reauth_due_at: Option<Timestamp>,
    /// What it can be used for: `publish`, `analytics`, `messages`, `audience`.
    pub capabilities: BTreeMap<String, CapabilityView>,
}

impl From<&Word> for WordView {
    fn from(Word { label, color, icon }: &Word) -> Self {
        Self { label: label.clone(), color: color.clone(), icon: icon.clone() }
    }
}

impl TokenView {
    fn of(token: &Token, health: &Health) -> Self {
        let label = vocabulary::find(Some("s2")).map(|words| words.word(health).label.clone());
        Self {
            status: token.status.as_str().to_owned(),
            label: label.unwrap_or_default(),
            tooltip: token.tooltip.clone(),
            expires_at: token.expires_at,
            days_left: token.days_left,
            renewable: token.renewable,
        }
    }
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.cause.as_str().to_owned(),
            rule: reason.rule.as_str().to_owned(),
            detail: reason.cause.detail().to_owned(),
            since: reason.since,
            facts: reason.facts.clone(),
        }
    }
}

impl HealthActionView {
    /// `actions` are what the caller can do with the account.
    fn of(reason: &Reason, actions: &[AccountActionView]) -> Self {
        let remedy = reason.remedy();
        let own = actions.iter().find(|action| action.id == remedy.as_str());
        Self {
            id: remedy.as_str().to_owned(),
            text: reason.cause.next_step().to_owned(),
            method: own.map(|action| action.method.clone()),
            href: own.map(|action| action.href.clone()),
            enabled: own.is_some_and(|action| action.enabled),
            disabled_reason: own.and_then(|action| action.disabled_reason.clone()),
        }
    }
}

impl HealthView {
    /// `actions` are what the caller can do with the account.
    pub(crate) fn of(
        health: &Health,
        missing: &BTreeMap<Capability, Vec<String>>,
        actions: &[AccountActionView],
        words: &Vocabulary,
    ) -> Self {
        let WordView { label, color, icon } = words.word(health).into();
        let issue = |reason: &Reason| IssueView {
            code: reason.cause.as_str().to_owned(),
            title: reason.cause.title().to_owned(),
            detail: reason.cause.detail().to_owned(),
            next_step: reason.cause.next_step().to_owned(),
            capability: reason.capability.map(|capability| capability.as_str().to_owned()),
            missing_scopes: reason.capability.and_then(|c| missing.get(&c)).cloned().unwrap_or_default(),
            action: HealthActionView::of(reason, actions),
            episode_id: None,
            acknowledged: None,
        };
        Self {
            state: health.state.as_str().to_owned(),
            label,
            color,
            icon,
            severity: health.severity.as_str().to_owned(),
            since: health.since,
            reasons: health.reasons.iter().map(ReasonView::from).collect(),
            issues: health.reasons.iter().filter(|reason| reason.is_trouble()).map(issue).collect(),
            action: health.reasons.first().map(|reason| HealthActionView::of(reason, actions)),
            labels: vocabulary::shipped().iter().map(|v| (v.id.clone(), v.word(health).into())).collect(),
            token: TokenView::of(&health.token, health),
        }
    }
}

impl AccountHealthView {
    pub(crate) fn of(told: &Told, actor: &Actor, words: &Vocabulary) -> Self {
        let Told { account, at, facts, judged, episodes, .. } = told;
        let actions = account::actions(account, false, actor);
        let health = HealthView::of(&judged.health, &judged.missing, &actions, words);
        let HealthView { state, label, color, icon, severity, since, reasons, mut issues, action, labels, token } =
            health;
        for (issue, (id, is_seen)) in
            issues.iter_mut().zip(episodes).filter_map(|(issue, of)| Some((issue, of.as_ref()?)))
        {
            (issue.episode_id, issue.acknowledged) = (Some(id.to_string()), Some(*is_seen));
        }
        Self {
            account_id: account.id.to_string(),
            at: *at,
            state,
            label,
            color,
            icon,
            severity,
            since,
            reasons,
            issues,
            action,
            labels,
            token,
            reauth_due_at: facts.grant.reauth_due_at,
            capabilities: permission::capabilities(&judged.capabilities),
        }
    }
}
