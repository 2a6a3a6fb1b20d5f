//! Error rules: what a platform's answers mean, as data.

use std::collections::BTreeMap;

use domain::{DeadReason, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::{PlatformError, http::Answer};

/// Which kind of address answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Endpoint {
    /// Where tokens are got and revoked.
    Token,
    /// Everything else.
    Api,
}

/// The catalogue's words for what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
    TokenExpired,
    TokenRevoked,
    PasswordChanged,
    Checkpoint,
    InvalidGrant,
    PermissionMissing,
    RoleLost,
    RateLimited,
    QuotaExhausted,
    /// What is asked for is not to be had before some time has passed.
    TooEarly,
    AccountSuspended,
    AccountDeleted,
    AccountTypeUnsupported,
    AppCapReached,
    ClientMisconfigured,
    VersionSunset,
    PlatformOutage,
}

/// One row: all of its conditions must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// What it means.
    pub(crate) class: Class,
    /// Where; everywhere if absent.
    pub(crate) endpoint: Option<Endpoint>,
    /// With which status; any if empty.
    #[serde(default)]
    pub(crate) status: Vec<u16>,
    /// JSON pointer to what must be there.
    #[serde(default)]
    pub(crate) json: BTreeMap<String, Wanted>,
    /// What the body must contain.
    pub(crate) text: Option<String>,
}

/// What a value must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Wanted {
    /// This number, as a number or as its digits.
    Number(i64),
    /// This text.
    Text(String),
    /// A number from one to the other, both included.
    Range { from: i64, to: i64 },
    /// A text with this in it.
    Contains { contains: String },
    /// One of these.
    Any(Vec<Wanted>),
}

impl Wanted {
    /// Whether a value is what it must be.
    pub(crate) fn is(&self, value: &Value) -> bool {
        let number = || value.as_i64().or_else(|| value.as_str()?.parse().ok());
        match self {
            Self::Number(wanted) => number() == Some(*wanted),
            Self::Text(wanted) => value.as_str() == Some(wanted),
            Self::Range { from, to } => number().is_some_and(|n| (*from..=*to).contains(&n)),
            Self::Contains { contains } => value.as_str().is_some_and(|t| t.contains(contains)),
            Self::Any(wanted) => wanted.iter().any(|w| w.is(value)),
        }
    }
}

impl Rule {
    fn matches(&self, endpoint: Endpoint, answer: &Answer) -> bool {
        let there = |pointer: &str| answer.json.as_ref().and_then(|json| json.pointer(pointer));
        self.endpoint.is_none_or(|e| e == endpoint)
            && (self.status.is_empty() || self.status.contains(&answer.status))
            && self.json.iter().all(|(pointer, wanted)| there(pointer).is_some_and(|value| wanted.is(value)))
            && self.text.as_ref().is_none_or(|text| answer.text.contains(text))
    }
}

/// What an answer that is not the wanted one means: the first rule that matches, else its status.
///
/// A status of 500 and above is an outage whatever its body says.
pub(crate) fn classify<'a>(
    mut rules: impl Iterator<Item = &'a Rule>,
    endpoint: Endpoint,
    answer: &Answer,
    reset_header: Option<&str>,
    now: Timestamp,
) -> PlatformError {
    let said = describe(answer);
    let limited = || PlatformError::RateLimited { until: answer.retry_at(reset_header, now) };
    let class = rules.find(|rule| rule.matches(endpoint, answer)).map(|rule| rule.class);
    match class {
        Some(Class::RateLimited | Class::QuotaExhausted | Class::TooEarly) => limited(),
        _ if answer.status >= 500 => PlatformError::Unknown(said),
        Some(class) => meaning(class, said),
        None if answer.status == 429 => limited(),
        // Readable, and not what the platform promises.
        None if answer.json.is_some() && (answer.is_success() || endpoint == Endpoint::Token) => {
            PlatformError::Contract(said)
        }
        None => PlatformError::Unknown(said),
    }
}

/// The one place where the catalogue's words become ours.
fn meaning(class: Class, said: String) -> PlatformError {
    match class {
        Class::TokenExpired => PlatformError::GrantGone(DeadReason::Expired),
        Class::TokenRevoked => PlatformError::GrantGone(DeadReason::Revoked),
        Class::PasswordChanged => PlatformError::GrantGone(DeadReason::PasswordChanged),
        Class::Checkpoint => PlatformError::GrantGone(DeadReason::TwoFactor),
        Class::InvalidGrant => PlatformError::GrantGone(DeadReason::InvalidGrant),
        Class::PermissionMissing => PlatformError::PermissionMissing,
        Class::RoleLost => PlatformError::RoleLost,
        Class::RateLimited | Class::QuotaExhausted | Class::TooEarly => PlatformError::RateLimited { until: None },
        Class::AccountSuspended => PlatformError::AccountRestricted,
        Class::AccountDeleted => PlatformError::AccountGone,
        Class::AccountTypeUnsupported => PlatformError::AccountTypeUnsupported,
        Class::AppCapReached | Class::ClientMisconfigured | Class::VersionSunset => PlatformError::Misconfigured(said),
        Class::PlatformOutage => PlatformError::Unknown(said),
    }
}

/// The status and the codes, and nothing that could be a secret sent back to us.
fn describe(answer: &Answer) -> String {
    let mut said = answer.status.to_string();
    let Some(json) = &answer.json else {
        return format!("{said}, not JSON");
    };
    for pointer in ["/error", "/error/code", "/error/error_subcode", "/code"] {
        let plain = |t: &str| t.len() <= 40 && t.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        match json.pointer(pointer) {
            Some(Value::Number(number)) => said = format!("{said}, {pointer} {number}"),
            Some(Value::String(word)) if plain(word) => said = format!("{said}, {pointer} {word}"),
            _ => {}
        }
    }
    said
}
