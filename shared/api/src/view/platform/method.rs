//! A way to connect, with all that the catalogue knows of it.

use std::collections::BTreeMap;

use app::platform::{
    ApiVersion, Blast, Children, Endpoint, Entry, ErrorRule, Fact, Price, RateLimit, Requirement, Wording,
};
use domain::{
    Renewal,
    renewal::{RefreshToken, Rules},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A way to connect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Method)]
pub struct MethodView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether our app is set up.
    pub configured: bool,
    /// `live`, or `unaudited`: the platform has not reviewed our app, so accounts cannot be used for `publish`.
    pub app_stage: String,
    /// What can be connected.
    pub kinds: Vec<String>,
    /// The hosts that are spoken to, and that the browser is sent to.
    pub hosts: Vec<String>,
    /// What one consent can be for beside the person; null where it is for one account.
    pub children: Option<ChildrenView>,
    /// What is asked always.
    pub connect: ScopesView,
    /// What each capability asks for beside that.
    pub capabilities: BTreeMap<String, ScopesView>,
    /// What an account must be or have.
    pub requirements: Vec<RequirementView>,
    /// The version of the API that is spoken; null where there are none.
    pub api_version: Option<ApiVersionView>,
    /// `silent`, `extend` or `none`.
    pub renewal: String,
    /// `refresh_grant`, `self_exchange`, `human` or `endless`.
    pub renewal_class: String,
    /// How a consent is kept alive, in sentences.
    pub renewal_text: String,
    /// How a consent is taken back.
    pub revoke: RevokeView,
    /// How calls are limited, where that is known.
    pub rate_limit: Option<RateLimitView>,
    /// What calls cost; empty where nothing is known to.
    pub prices: Vec<PriceView>,
    /// What the platform's errors mean, in the order in which the rules are asked; the first that holds decides.
    pub errors: Vec<ErrorRuleView>,
    /// How sure each section is, and from where it is known; empty for an operator's own platform.
    pub facts: BTreeMap<String, FactView>,
    /// Whether `expected_handle` can be judged.
    pub returns_handle: bool,
}

/// Scopes, and what the person is told of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Scopes)]
pub struct ScopesView {
    /// By the platform's names.
    pub scopes: Vec<String>,
    /// In the words of people; null where nobody knows what they are for.
    pub wording: Option<WordingView>,
}

/// Why scopes are asked for; each is one sentence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Wording)]
pub struct WordingView {
    /// What they allow.
    pub what: String,
    /// What that is needed for.
    pub why: String,
    /// What is never done with them.
    pub never: String,
}

/// What an account must be or have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Requirement)]
pub struct RequirementView {
    /// A stable word.
    pub code: String,
    /// For people.
    pub text: String,
    /// `enforce`: cannot be connected without it. `warn`: connects, with less.
    pub level: String,
}

/// The accounts that one consent can be for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Children)]
pub struct ChildrenView {
    /// What they are: `pages`, `ig_accounts`, `organizations` …
    pub kind: String,
    /// How the platform's list goes on: `none`, `cursor_next_url`, `page_token`, `bookmark`, `start_count`.
    pub paging: String,
}

/// A version of a platform's API.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ApiVersion)]
pub struct ApiVersionView {
    /// As the platform writes it.
    pub value: String,
    /// Its first day, where that is known.
    #[schema(value_type = Option<String>, format = Date)]
    pub released_on: Option<Date>,
    /// The first day on which it is no longer served; null where the platform has announced none.
    #[schema(value_type = Option<String>, format = Date)]
    pub ends_on: Option<Date>,
    /// Those that are not spoken here, as far as their ends are known.
    pub others: Vec<OtherVersionView>,
}

/// A version that is not spoken here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = OtherApiVersion)]
pub struct OtherVersionView {
    /// As the platform writes it.
    pub value: String,
    /// The first day on which it is no longer served.
    #[schema(value_type = String, format = Date)]
    pub ends_on: Date,
}

/// How a consent is taken back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Revoke)]
pub struct RevokeView {
    /// What our call ends: `token`, `person_app` (everything the person gave to our app), or `unsupported`.
    pub reach: String,
    /// Where a person ends the access by hand.
    pub manual_url: Option<String>,
    /// How they do it.
    pub steps: Vec<String>,
}

/// How a platform limits calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlatformRateLimit)]
pub struct RateLimitView {
    /// The statuses that alone say so.
    pub status: Vec<u16>,
    /// When calls are welcome again: `header_unix`, `header_seconds`, `utc_midnight`, `pacific_midnight`, `unknown`.
    pub reset: String,
    /// The header that tells it.
    pub header: Option<String>,
    /// In a sentence.
    pub text: String,
}

/// What one use of a platform costs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Price)]
pub struct PriceView {
    /// Of what.
    pub what: String,
    /// Millionths of a US dollar.
    pub usd_micros: u64,
    /// In a sentence.
    pub text: String,
}

/// What one of a platform's errors means.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ErrorRule)]
pub struct ErrorRuleView {
    /// What went wrong: `token_expired`, `rate_limited`, `version_sunset` …
    pub class: String,
    /// What helps: `refresh_then_retry`, `reauthorize`, `retry_backoff`, `wait_until_reset`, `notify_user`,
    /// `fix_config`, `mark_limited`, `disconnect`. Nothing is ever disconnected by itself.
    pub action: String,
    /// `token` where tokens are issued, `api` elsewhere; null for both.
    pub endpoint: Option<String>,
    /// `verified`, `seen`, `reported`, `memory`.
    pub confidence: String,
}

/// How sure a section is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Fact)]
pub struct FactView {
    /// `verified` in the platform's own documents, `seen` in others' code, `reported` by others, or from `memory`.
    pub confidence: String,
    /// From where it is known.
    pub source: String,
}

impl MethodView {
    pub(super) fn of(entry: &Entry, configured: bool) -> Self {
        let Entry { wording, rate_limit, api_version, children, facts, errors, .. } = entry;
        let scopes = |scopes: &[String], words: Option<&Wording>| ScopesView {
            scopes: scopes.to_vec(),
            wording: words.map(WordingView::from),
        };
        let capabilities = entry.capabilities.iter().map(|(capability, needed)| {
            (capability.as_str().to_owned(), scopes(needed, wording.capabilities.get(capability)))
        });
        Self {
            id: entry.method.to_string(),
            name: entry.method_name.clone(),
            configured,
            app_stage: entry.stage.as_str().to_owned(),
            kinds: entry.kinds.clone(),
            hosts: entry.hosts.clone(),
            children: children.as_ref().map(ChildrenView::from),
            connect: scopes(&entry.connect_scopes, Some(&wording.connect)),
            capabilities: capabilities.collect(),
            requirements: entry.requirements.iter().map(RequirementView::from).collect(),
            api_version: api_version.as_ref().map(ApiVersionView::from),
            renewal: match entry.renewal.renewal() {
                Renewal::Silent => "silent",
                Renewal::Extend => "extend",
                Renewal::None => "none",
            }
            .to_owned(),
            renewal_class: entry.renewal.class().to_owned(),
            renewal_text: keeping(entry),
            revoke: RevokeView {
                reach: match entry.blast {
                    Blast::Unsupported => "unsupported",
                    Blast::Token => "token",
                    Blast::PersonApp => "person_app",
                }
                .to_owned(),
                manual_url: entry.manual_revoke_url.clone(),
                steps: entry.manual_revoke_steps.clone(),
            },
            rate_limit: rate_limit.as_ref().map(RateLimitView::from),
            prices: entry.prices.iter().map(PriceView::from).collect(),
            errors: errors.iter().map(ErrorRuleView::from).collect(),
            facts: facts.iter().map(|(section, fact)| (section.as_str().to_owned(), fact.into())).collect(),
            returns_handle: entry.returns_handle,
        }
    }
}

/// How the grants of a method are kept alive, with the times that the catalogue knows.
fn keeping(entry: &Entry) -> String {
    match entry.renewal {
        Rules::Endless => "Nothing of a consent ends by time.".to_owned(),
        Rules::Human => "Nothing renews a consent: when it ends, the person signs in again.".to_owned(),
        Rules::SelfExchange { min_age_s, due_percent: [low, high] } => {
            let age = match min_age_s {
                0 => String::new(),
                age => format!(", once it is {} old", span(age)),
            };
            format!(
                "A living token is exchanged for a longer one{age}, when {low} to {high} percent of its life are left; \
                 once it has ended, the person signs in again."
            )
        }
        Rules::RefreshGrant { refresh_token, due_percent: [low, high], touch_s, .. } => {
            let becomes = match refresh_token {
                RefreshToken::Rotating => "is replaced by each use",
                RefreshToken::Static => "stays",
                RefreshToken::FixedEnd => "ends when the first one would have",
            };
            let first = format!("A refresh token brings the next access token and {becomes}.");
            let lives = |life| {
                let life = span(life);
                format!("It lives for {life}, and is used when {low} to {high} percent of that are left.")
            };
            let touch = |touch| format!("It is used once in {} at least.", span(touch));
            let more = entry.refresh_lifetime_s.map(lives).into_iter().chain(touch_s.map(touch));
            std::iter::once(first).chain(more).collect::<Vec<_>>().join(" ")
        }
    }
}

/// A time in whole days where it is some, else in hours.
fn span(seconds: u32) -> String {
    let of = |number: u32, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    match seconds.div_ceil(3600) {
        hours if hours % 24 == 0 => of(hours / 24, "day"),
        hours => of(hours, "hour"),
    }
}

impl From<&Wording> for WordingView {
    fn from(Wording { what, why, never }: &Wording) -> Self {
        Self { what: what.clone(), why: why.clone(), never: never.clone() }
    }
}

impl From<&Requirement> for RequirementView {
    fn from(Requirement { code, text, level }: &Requirement) -> Self {
        Self { code: code.clone(), text: text.clone(), level: level.as_str().to_owned() }
    }
}

impl From<&Children> for ChildrenView {
    fn from(Children { kind, paging }: &Children) -> Self {
        Self { kind: kind.clone(), paging: paging.as_str().to_owned() }
    }
}

impl From<&ApiVersion> for ApiVersionView {
    fn from(ApiVersion { value, released_on, ends_on, others }: &ApiVersion) -> Self {
        let other = |other: &app::platform::OtherVersion| OtherVersionView {
            value: other.value.clone(),
            ends_on: other.ends_on,
        };
        Self {
            value: value.clone(),
            released_on: *released_on,
            ends_on: *ends_on,
            others: others.iter().map(other).collect(),
        }
    }
}

impl From<&RateLimit> for RateLimitView {
    fn from(RateLimit { status, reset, header, text }: &RateLimit) -> Self {
        Self { status: status.clone(), reset: reset.as_str().to_owned(), header: header.clone(), text: text.clone() }
    }
}

impl From<&Price> for PriceView {
    fn from(Price { what, usd_micros, text, .. }: &Price) -> Self {
        Self { what: what.clone(), usd_micros: *usd_micros, text: text.clone() }
    }
}

impl From<&ErrorRule> for ErrorRuleView {
    fn from(ErrorRule { class, action, endpoint, confidence }: &ErrorRule) -> Self {
        let endpoint = endpoint.map(|endpoint| match endpoint {
            Endpoint::Token => "token",
            Endpoint::Api => "api",
        });
        Self {
            class: class.as_str().to_owned(),
            action: action.as_str().to_owned(),
            endpoint: endpoint.map(str::to_owned),
            confidence: confidence.as_str().to_owned(),
        }
    }
}

impl From<&Fact> for FactView {
    fn from(Fact { confidence, source }: &Fact) -> Self {
        Self { confidence: confidence.as_str().to_owned(), source: source.clone() }
    }
}
