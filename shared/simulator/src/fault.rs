//! Faults on demand.

use rand::Rng as _;
use rand::rngs::StdRng;

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
    /// One that only the platform knows.
    Own(String),
}

impl Kind {
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
    Ok(Kind::Own(text.to_owned()))
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

    /// The first fault that strikes this call, with its name.
    pub(crate) fn strike(&mut self, platform: &str, route: Route, rng: &mut StdRng) -> Option<(String, Kind)> {
        let fault = self.0.iter_mut().find(|fault| {
            fault.platform == platform
                && fault.route.is_none_or(|aimed| aimed == route)
                && fault.left != Some(0)
                && (fault.rate >= 1.0 || rng.random::<f64>() < fault.rate)
        })?;
        if let Some(left) = &mut fault.left {
            *left -= 1;
        }
        Some((fault.text.clone(), fault.kind.clone()))
    }
}
