//! Faults on demand.
//!
//! A fault either takes a call's place, so that nothing happens (`status`, `rate_limited`, `timeout`, `html`), or is done
//! to the answer of what happened (`cut`, `truncated_json`, `slow`, `answer_lost`): [`Kind`] says it of each. The first
//! of these that strikes is the only one.
//!
//! Beside them stand the platform's own, which change what the platform does. They do not keep each other or the rest
//! away: of each name the first strikes, so that a mode which is always on goes together with an answer that is lost.
//! A call whose place was taken meets none of them.
//!
//! | own fault | platform | the platform |
//! |---|---|---|
//! | `replay_refused` | X | only refuses a spent refresh token; the family lives (by default it dies) |
//! | `replay_forgiven` | X | gives another pair for a refresh token that was spent within five minutes; later the family dies |
//! | `invalid_grant` | all | refuses a code, or the token that is to be renewed, as if it were bad; nothing changes |
//! | `no_refresh_token` | X, Reddit | renews without a new refresh token; the one that was sent stays good |
//! | `no_expires_in` | all | does not say how long the token lives |
//! | `same_token` | Instagram, Threads | prolongs the token instead of giving another |
//! | `array_envelope`, `comma_permissions` | Instagram | answers a code in another of its forms |
//! | `token_body:<json>` | all | answers a token call that succeeded with this body |
//! | `wrong_person` | all | takes the token for somebody else's |
//! | `usage_capped`, `credits_depleted`, `client_forbidden`, `unsupported_authentication` | X | refuses by that error |
//! | `partial_errors`, `post_count` | X | answers a profile with errors alone, or by the other name of the count |
//! | `user_removed_app`, `password_changed`, `not_business` | Facebook, Instagram | refuses by that error |
//! | `checkpoint`, `unconfirmed_user`, `role_lost`, `user_rate_limited`, `page_rate_limited`, `blocked`, `instagram_restricted`, `instagram_rate_limited`, `no_business_scope`, `expired_version` | Facebook | the same |
//! | `restricted`, `account_rate_limited` | Instagram | the same |
//! | `error:<name>` | those with a table `errors` | answers by that row; another name is refused with the list of all |
//! | `sloppy` | all | is a server of the kind that is described in `sloppy` |
//! | `title_case_type` | Instagram | writes the account's type as `Business` |
//! | `oauth_status:<n>` | TikTok | refuses a token call with status 200, 400 or 401 |
//! | `old_lifetimes` | TikTok | gives Login Kit's tokens a day and a year instead of two hours and 180 days |
//! | `desktop_kit` | TikTok | takes the app for a desktop's: it wants a challenge that is the hash as hex |
//! | `old_app` | Pinterest | gives a refresh token with an end for good if `continuous_refresh` was left out |
//! | `comma_scope` | Pinterest | tells the scopes with commas between them |
//! | `listed_windows` | Pinterest | tells the limit with its window |
//! | `system_user` | Pinterest | revokes the token, as it does a system user's alone |
//! | `personal_allowed` | TikTok | lets the API for Business serve accounts that are no Business Accounts |
//! | `error:<name>` | all | answers by that row of the platform's documented errors |
//! | `partner` | LinkedIn | gives the app a refresh token |
//! | `unapproved:<scope>,…` | LinkedIn | has not approved the app for these scopes |
//! | `cancelled_login` | LinkedIn | says of a denial that the login was cancelled |
//! | `fresh_refused:<seconds>` | LinkedIn | tells a token to be revoked that is younger than that |
//! | `scopes_end_older` | LinkedIn | ends the member's tokens with other scopes when a code is exchanged |
//! | `projection_refused` | LinkedIn | refuses a projection below `/rest` |
//! | `testing_mode` | Google | gives refresh tokens that end after a week |
//! | `empty_items`, `signup_required` | Google | answers a person without a channel in another of its forms |
//! | `not_allow_listed` | Google | gives the project no calls of Business Profile |
//! | `one_hour` | Reddit | gives access tokens of an hour instead of a day |
//! | `old_refresh_dies` | Reddit | ends the refresh token that was used |
//! | `error_status_400` | Reddit | refuses codes and refresh tokens with 400 instead of 200 |

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::json;

use crate::answer::Answer;
use crate::room::Route;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Nothing is done; this status is answered in the platform's dialect.
    Status(u16),
    /// Nothing is done; the platform says that there were too many calls.
    RateLimited,
    /// Nothing is done and nothing is answered.
    Timeout,
    /// Nothing is done; an HTML page of a proxy is answered.
    Html(u16),
    /// Done; the connection is cut after this many bytes of the body.
    Cut(usize),
    /// Done; the JSON ends in its middle.
    TruncatedJson,
    /// Done; answered after so many milliseconds.
    Slow(u64),
    /// Done; the connection is dropped without an answer.
    AnswerLost,
    /// One that only the platform knows, by its text.
    Own,
}

impl Kind {
    /// Whether nothing is done.
    pub(crate) fn takes_the_place(&self) -> bool {
        matches!(self, Self::Status(_) | Self::RateLimited | Self::Timeout | Self::Html(_))
    }

    /// Reads a kind; `own` are those of the platform.
    pub(crate) fn parse(text: &str, own: &[&str]) -> Result<Self, String> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let number = |low: u64, high: u64| {
            argument
                .and_then(|given| given.parse::<u64>().ok())
                .filter(|given| (low..=high).contains(given))
                .ok_or_else(|| format!("`{name}:` needs a number from {low} to {high}"))
        };
        let status = |low| number(low, 599).map(|n| u16::try_from(n).unwrap_or(500));
        let kind = match (name, argument) {
            ("status", _) => Self::Status(status(400)?),
            ("cut", _) => Self::Cut(usize::try_from(number(0, 1 << 20)?).unwrap_or(0)),
            ("slow", _) => Self::Slow(number(0, 600_000)?),
            ("html", None) => Self::Html(502),
            ("html", Some(_)) => Self::Html(status(200)?),
            ("rate_limited", None) => Self::RateLimited,
            ("timeout", None) => Self::Timeout,
            ("truncated_json", None) => Self::TruncatedJson,
            ("answer_lost", None) => Self::AnswerLost,
            _ => return own_kind(text, own),
        };
        Ok(kind)
    }
}

fn own_kind(text: &str, own: &[&str]) -> Result<Kind, String> {
    let known = own.iter().any(|name| match name.strip_suffix(':') {
        Some(_) => text.starts_with(name),
        None => text == *name,
    });
    if !known {
        return Err(format!(
            "unknown kind `{text}`: use status:<n>, rate_limited, timeout, cut:<bytes>, html, \
             truncated_json, slow:<ms>, answer_lost or one of the platform's own: {}",
            own.join(", ")
        ));
    }
    if let Some(json) = text.strip_prefix("token_body:") {
        serde_json::from_str::<serde_json::Value>(json)
            .map_err(|error| format!("`token_body:` needs JSON: {error}"))?;
    }
    Ok(Kind::Own)
}

/// A fault that waits for its calls.
pub(crate) struct Fault {
    pub(crate) platform: String,
    /// `None` is every route.
    pub(crate) route: Option<Route>,
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// `None` is without end.
    pub(crate) left: Option<u32>,
    pub(crate) rate: f64,
}

/// What strikes a call.
#[derive(Default)]
pub(crate) struct Struck {
    /// What takes the call's place, or is done to the answer, with its name.
    pub(crate) kind: Option<(String, Kind)>,
    /// The platform's own.
    pub(crate) own: Vec<String>,
}

impl Struck {
    /// All of it, as it was asked for.
    pub(crate) fn names(&self) -> Option<String> {
        let names: Vec<&str> = self.kind.iter().map(|(name, _)| name).chain(&self.own).map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

impl Fault {
    fn is_aimed_at(&self, platform: &str, route: Route) -> bool {
        self.platform == platform && self.route.is_none_or(|aimed| aimed == route) && self.left != Some(0)
    }

    /// Whether it strikes this time; if so, once less from now on.
    fn strikes(&mut self, rng: &mut StdRng) -> bool {
        let strikes = self.rate >= 1.0 || rng.random::<f64>() < self.rate;
        if let Some(left) = self.left.as_mut().filter(|_| strikes) {
            *left -= 1;
        }
        strikes
    }
}

/// All faults that are on.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What strikes this call.
    pub(crate) fn strike(&mut self, platform: &str, route: Route, rng: &mut StdRng) -> Struck {
        let aimed = self.0.iter_mut().filter(|fault| fault.is_aimed_at(platform, route));
        let (own, others): (Vec<_>, Vec<_>) = aimed.partition(|fault| fault.kind == Kind::Own);
        let other = others.into_iter().find_map(|fault| fault.strikes(rng).then_some(fault));
        let mut struck = Struck { kind: other.map(|fault| (fault.text.clone(), fault.kind.clone())), own: Vec::new() };
        if struck.kind.as_ref().is_some_and(|(_, kind)| kind.takes_the_place()) {
            return struck;
        }
        for fault in own {
            let is_met = struck.own.iter().any(|other| name(other) == name(&fault.text));
            if !is_met && fault.strikes(rng) {
                struck.own.push(fault.text.clone());
            }
        }
        struck
    }
}

/// What `error:<name>` answers when the platform documents no error of that name.
pub(crate) fn no_row(name: &str, rows: &[&str]) -> Answer {
    let message = format!("no documented error `{name}`: use {}", rows.join(", "));
    Answer::json(501, &json!({ "error": message })).outcome("no_row")
}

/// The name of one of a platform's own, without its argument.
fn name(own: &str) -> &str {
    own.split(':').next().unwrap_or_default()
}
