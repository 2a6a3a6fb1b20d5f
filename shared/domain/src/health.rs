//! How an account is: a pure function of the facts that are known of it. The first row that holds decides.

use std::collections::BTreeMap;

use crate::{Capability, Code, Lifecycle, capability::Availability};

/// What is known of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// What it can be used for.
    pub capabilities: BTreeMap<Capability, Availability>,
}

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Everything that was asked for works, as far as is known.
    Healthy,
    /// Something that was asked for does not work.
    Limited,
    /// Disconnected.
    Disconnected,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to do.
    Ok,
    /// Something does not work.
    Warning,
    /// What it is there for does not work.
    Error,
}

/// What a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Connect it again, and allow all that is asked.
    Reconnect,
}

/// How an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// In one word.
    pub state: State,
    /// How bad it is.
    pub severity: Severity,
    /// Why: which capability does not work, and the registry's code of the reason.
    pub issues: Vec<(Capability, Code)>,
    /// What a person can do.
    pub remedy: Option<Remedy>,
}

impl State {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Limited => "limited",
            Self::Disconnected => "disconnected",
        }
    }
}

impl Severity {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How an account is. What was never asked for degrades nothing, and neither does what the platform does
/// not tell.
pub fn health(facts: &Facts) -> Health {
    let asked_in_vain = |(capability, availability): (&Capability, &Availability)| match availability {
        Availability::Unavailable(Code::InsufficientPermissions) => Some((*capability, Code::InsufficientPermissions)),
        _ => None,
    };
    let issues: Vec<(Capability, Code)> = facts.capabilities.iter().filter_map(asked_in_vain).collect();
    let (state, severity) = if facts.lifecycle == Lifecycle::Disconnected {
        (State::Disconnected, Severity::Error)
    } else if issues.iter().any(|(capability, _)| *capability == Capability::Publish) {
        (State::Limited, Severity::Error)
    } else if issues.is_empty() {
        (State::Healthy, Severity::Ok)
    } else {
        (State::Limited, Severity::Warning)
    };
    let remedy = (state != State::Healthy).then_some(Remedy::Reconnect);
    let issues = if state == State::Disconnected { Vec::new() } else { issues };
    Health { state, severity, issues, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lifecycle: Lifecycle, publish: Availability, analytics: Availability) -> Health {
        let capabilities = [(Capability::Publish, publish), (Capability::Analytics, analytics)].into();
        health(&Facts { lifecycle, capabilities })
    }

    /// CHK-A12
    #[test]
    fn what_was_asked_for_and_not_given_limits_an_account() {
        let (yes, no) = (Availability::Available, Availability::Unavailable(Code::InsufficientPermissions));
        let active = Lifecycle::Active;
        for (publish, analytics, state, severity) in [
            (yes, yes, State::Healthy, Severity::Ok),
            (no, yes, State::Limited, Severity::Error),
            (yes, no, State::Limited, Severity::Warning),
            (no, no, State::Limited, Severity::Error),
            (Availability::NotAsked, yes, State::Healthy, Severity::Ok),
            (Availability::Unknown, Availability::Unknown, State::Healthy, Severity::Ok),
            (yes, Availability::Unavailable(Code::CapabilityUnsupported), State::Healthy, Severity::Ok),
        ] {
            let health = of(active, publish, analytics);
            assert_eq!((health.state, health.severity), (state, severity), "{publish:?} {analytics:?}");
            assert_eq!(health.remedy.is_some(), state != State::Healthy);
        }
        assert_eq!(of(Lifecycle::Disconnected, no, yes).state, State::Disconnected);
    }
}
