//! Error rules: what a platform's answers mean, as data.

use std::collections::BTreeMap;

use domain::{DeadReason, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{
    fact::Confidence,
    limit::{RateLimit, retry_after},
};
use crate::{PlatformError, http::Answer};

/// Which kind of address answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// Where tokens are got and revoked.
    Token,
    /// Everything else.
    Api,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word used in the catalogue and in answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// What went wrong.
    Class {
        /// The access token is past its time.
        TokenExpired = "token_expired",
        /// The person or the platform took the grant back.
        TokenRevoked = "token_revoked",
        /// The grant fell with the person's password.
        PasswordChanged = "password_changed",
        /// The person must clear something with the platform.
        Checkpoint = "checkpoint",
        /// The code or refresh token is no good.
        InvalidGrant = "invalid_grant",
        /// A scope is missing.
        PermissionMissing = "permission_missing",
        /// The person lost the role.
        RoleLost = "role_lost",
        /// There were too many calls.
        RateLimited = "rate_limited",
        /// What the day or the money allows is used up.
        QuotaExhausted = "quota_exhausted",
        /// What is asked for is not to be had before some time has passed.
        TooEarly = "too_early",
        /// The platform holds the account back.
        AccountSuspended = "account_suspended",
        /// The account is gone.
        AccountDeleted = "account_deleted",
        /// Apps cannot work with this kind of account.
        AccountTypeUnsupported = "account_type_unsupported",
        /// The platform lets our app have no more people.
        AppCapReached = "app_cap_reached",
        /// Our app is set up wrongly.
        ClientMisconfigured = "client_misconfigured",
        /// The version of the API is no longer served.
        VersionSunset = "version_sunset",
        /// The platform does not work.
        PlatformOutage = "platform_outage",
    }
}

words! {
    /// What helps.
    Action {
        /// Another access token.
        RefreshThenRetry = "refresh_then_retry",
        /// Another consent.
        Reauthorize = "reauthorize",
        /// The same call, later.
        RetryBackoff = "retry_backoff",
        /// The same call, when the limit is filled again.
        WaitUntilReset = "wait_until_reset",
        /// What a person does at the platform.
        NotifyUser = "notify_user",
        /// What the operator does.
        FixConfig = "fix_config",
        /// Nothing: the account can do less.
        MarkLimited = "mark_limited",
        /// Nothing: the account is of no use.
        Disconnect = "disconnect",
    }
}

impl Class {
    /// What usually helps.
    pub fn action(self) -> Action {
        match self {
            Self::TokenExpired => Action::RefreshThenRetry,
            Self::TokenRevoked
            | Self::PasswordChanged
            | Self::InvalidGrant
            | Self::PermissionMissing
            | Self::RoleLost => Action::Reauthorize,
            Self::RateLimited | Self::QuotaExhausted => Action::WaitUntilReset,
            Self::TooEarly | Self::PlatformOutage => Action::RetryBackoff,
            Self::Checkpoint | Self::AccountDeleted | Self::AccountTypeUnsupported => Action::NotifyUser,
            Self::AccountSuspended => Action::MarkLimited,
            Self::AppCapReached | Self::ClientMisconfigured | Self::VersionSunset => Action::FixConfig,
        }
    }
}

/// One row: all of its conditions must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// What it means.
    pub(crate) class: Class,
    /// What helps; if absent, what usually does.
    action: Option<Action>,
    /// How that is known.
    pub(crate) confidence: Confidence,
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

/// What a rule says, without what it looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRule {
    /// What went wrong.
    pub class: Class,
    /// What helps.
    pub action: Action,
    /// Where; everywhere if absent.
    pub endpoint: Option<Endpoint>,
    /// How that is known.
    pub confidence: Confidence,
}

impl From<&Rule> for ErrorRule {
    fn from(rule: &Rule) -> Self {
        let Rule { class, endpoint, confidence, .. } = *rule;
        Self { class, action: rule.action(), endpoint, confidence }
    }
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
    /// What helps.
    pub(crate) fn action(&self) -> Action {
        self.action.unwrap_or_else(|| self.class.action())
    }

    fn matches(&self, endpoint: Endpoint, answer: &Answer) -> bool {
        let there = |pointer: &str| answer.json.as_ref().and_then(|json| json.pointer(pointer));
        self.endpoint.is_none_or(|e| e == endpoint)
            && (self.status.is_empty() || self.status.contains(&answer.status))
            && self.json.iter().all(|(pointer, wanted)| there(pointer).is_some_and(|value| wanted.is(value)))
            && self.text.as_ref().is_none_or(|text| answer.text.contains(text))
    }
}

/// What went wrong and what helps, by the first rule that matches, else by the status alone; nothing if nothing tells.
///
/// A status of success may be an error like any other.
pub(crate) fn find<'a>(
    mut rules: impl Iterator<Item = &'a Rule>,
    endpoint: Endpoint,
    answer: &Answer,
    limit: Option<&RateLimit>,
) -> Option<(Class, Action)> {
    if let Some(rule) = rules.find(|rule| rule.matches(endpoint, answer)) {
        return Some((rule.class, rule.action()));
    }
    let is_limit = answer.status == 429 || limit.is_some_and(|limit| limit.status.contains(&answer.status));
    let class = match answer.status {
        500.. => Class::PlatformOutage,
        _ if is_limit => Class::RateLimited,
        _ => return None,
    };
    Some((class, class.action()))
}

/// What an answer that is not the wanted one means, by what was found. A status of 500 and above is an outage whatever
/// its body says.
pub(crate) fn judge(
    found: Option<(Class, Action)>,
    endpoint: Endpoint,
    answer: &Answer,
    limit: Option<&RateLimit>,
    now: Timestamp,
) -> PlatformError {
    let said = describe(answer);
    let after = || retry_after(&answer.headers, now);
    let refilled = || limit.map_or_else(after, |limit| limit.until(&answer.headers, now));
    let Some((class, action)) = found else {
        // Readable, and not what the platform promises.
        let odd = answer.json.is_some() && (answer.is_success() || endpoint == Endpoint::Token);
        return if odd { PlatformError::Contract(said) } else { PlatformError::Unknown(said) };
    };
    match meaning(class, action, endpoint, said) {
        PlatformError::RateLimited { .. } if action == Action::RetryBackoff => {
            PlatformError::RateLimited { until: after() }
        }
        PlatformError::RateLimited { .. } => PlatformError::RateLimited { until: refilled() },
        _ if answer.status >= 500 => PlatformError::Unknown(describe(answer)),
        error => error,
    }
}

/// The one place where the catalogue's words become ours. A grant ends only by a class that ends tokens, and only
/// where its action is a person's; an access token that another may replace has ended, and nothing else.
fn meaning(class: Class, action: Action, endpoint: Endpoint, said: String) -> PlatformError {
    use PlatformError as E;
    let ends = match class {
        Class::TokenExpired => Some(DeadReason::Expired),
        Class::TokenRevoked => Some(DeadReason::Revoked),
        Class::PasswordChanged => Some(DeadReason::PasswordChanged),
        Class::Checkpoint => Some(DeadReason::TwoFactor),
        Class::InvalidGrant => Some(DeadReason::InvalidGrant),
        _ => None,
    };
    let waits = matches!(class, Class::RateLimited | Class::QuotaExhausted | Class::TooEarly);
    match (action, ends) {
        (Action::FixConfig, _) => E::Misconfigured(said),
        (Action::WaitUntilReset, _) => E::RateLimited { until: None },
        (Action::RetryBackoff, _) if !waits => E::Unknown(said),
        (Action::RefreshThenRetry, Some(_)) if endpoint == Endpoint::Api => E::GrantGone(DeadReason::Expired),
        // No access token is sent there.
        (Action::RefreshThenRetry, Some(_)) => E::Unknown(said),
        (Action::MarkLimited, Some(_)) => E::AccountRestricted,
        (_, Some(reason)) => E::GrantGone(reason),
        (_, None) => match class {
            Class::PermissionMissing => E::PermissionMissing,
            Class::RoleLost => E::RoleLost,
            Class::AccountSuspended => E::AccountRestricted,
            Class::AccountDeleted => E::AccountGone,
            Class::AccountTypeUnsupported => E::AccountTypeUnsupported,
            Class::AppCapReached | Class::ClientMisconfigured | Class::VersionSunset => E::Misconfigured(said),
            _ if waits => E::RateLimited { until: None },
            _ => E::Unknown(said),
        },
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

#[cfg(test)]
mod tests;
