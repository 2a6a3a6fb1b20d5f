//! What an account can be used for: what was asked, what was given, what works.

use serde::{Deserialize, Serialize};

use crate::Code;

/// What the accounts shall be used for; each asks for scopes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Publish posts.
    Publish,
    /// Read numbers.
    Analytics,
    /// Read and answer messages.
    Messages,
    /// Read who follows.
    Audience,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Publish, Self::Analytics, Self::Messages, Self::Audience];

    /// The word used in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Analytics => "analytics",
            Self::Messages => "messages",
            Self::Audience => "audience",
        }
    }
}

/// What was asked of an account's consent and what is missing of it; a copy on the account, so that lists
/// can tell. An older record says nothing and was asked for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Access {
    /// What the account shall be used for.
    #[serde(default)]
    pub asked: Vec<Capability>,
    /// The scopes that were asked for and not given, where the platform tells what it gave.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Whether the platform told what it gave.
    #[serde(default)]
    pub told: bool,
}

/// Whether an account can be used for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    Available,
    /// The platform did not tell which scopes it gave.
    Unknown,
    /// Nobody asked for it.
    NotAsked,
    /// It cannot be: the registry's code says why.
    Unavailable(Code),
}

/// How a scope came back from the consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The platform says that it was given.
    Granted,
    /// It was asked for, and the platform does not name it among those given.
    Denied,
    /// It was asked for, and the platform does not tell.
    Unknown,
    /// It was not asked for.
    NotAsked,
}

impl Access {
    /// What came of asking for scopes; what was asked for is never taken for given.
    pub fn new(asked: &[Capability], requested: &[String], granted: Option<&[String]>) -> Self {
        let missing = granted.map(|granted| requested.iter().filter(|s| !granted.contains(s)).cloned().collect());
        Self { asked: asked.to_vec(), told: missing.is_some(), missing: missing.unwrap_or_default() }
    }

    /// Whether the account can be used for a capability; `needs` are its scopes, or why no account of its kind
    /// can be used for it.
    pub fn availability(&self, capability: Capability, needs: Result<&[String], Code>) -> Availability {
        let needs = match needs {
            Ok(needs) => needs,
            Err(code) => return Availability::Unavailable(code),
        };
        if !self.asked.contains(&capability) {
            return Availability::NotAsked;
        }
        match self.told {
            false => Availability::Unknown,
            true if needs.iter().any(|scope| self.missing.contains(scope)) => {
                Availability::Unavailable(Code::InsufficientPermissions)
            }
            true => Availability::Available,
        }
    }
}

impl Given {
    /// How one scope came back. One that came without being asked for counts.
    pub fn of(scope: &str, asked: bool, granted: Option<&[String]>) -> Self {
        match granted {
            Some(granted) if granted.iter().any(|g| g == scope) => Self::Granted,
            _ if !asked => Self::NotAsked,
            Some(_) => Self::Denied,
            None => Self::Unknown,
        }
    }

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
            Self::NotAsked => "not_asked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    /// CHK-A12, S0-19
    #[test]
    fn only_what_the_platform_says_it_gave_is_available() {
        let (asked, requested) = ([Capability::Publish, Capability::Analytics], scopes(&["read", "write", "numbers"]));
        let (publish, analytics) = (scopes(&["write"]), scopes(&["numbers", "read"]));
        let access = |granted: Option<&[String]>| Access::new(&asked, &requested, granted);
        let both = |access: &Access| {
            (
                access.availability(Capability::Publish, Ok(&publish)),
                access.availability(Capability::Analytics, Ok(&analytics)),
            )
        };
        let denied = Availability::Unavailable(Code::InsufficientPermissions);
        let yes = Availability::Available;
        for (granted, wanted, missing) in [
            (&["read", "write", "numbers"][..], (yes, yes), &[][..]),
            (&["read", "numbers", "write", "more"], (yes, yes), &[]),
            (&["read", "numbers"], (denied, yes), &["write"]),
            (&["read", "write"], (yes, denied), &["numbers"]),
            (&["more"], (denied, denied), &["read", "write", "numbers"]),
            (&[], (denied, denied), &["read", "write", "numbers"]),
        ] {
            let access = access(Some(&scopes(granted)));
            assert_eq!(both(&access), wanted, "{granted:?}");
            assert_eq!(access.missing, missing, "{granted:?}");
        }
        assert_eq!(both(&access(None)), (Availability::Unknown, Availability::Unknown));
    }

    #[test]
    fn what_nobody_asked_for_and_what_does_not_exist_is_told_apart() {
        let access = Access::new(&[Capability::Publish], &scopes(&["write"]), Some(&scopes(&["write", "numbers"])));
        assert_eq!(access.availability(Capability::Analytics, Ok(&scopes(&["numbers"]))), Availability::NotAsked);
        for code in [Code::CapabilityUnsupported, Code::PlatformNotConfigured] {
            for capability in [Capability::Publish, Capability::Messages] {
                assert_eq!(access.availability(capability, Err(code)), Availability::Unavailable(code));
            }
        }
        assert_eq!(Access::default().availability(Capability::Publish, Ok(&[])), Availability::NotAsked);
    }

    #[test]
    fn a_scope_comes_back_in_one_of_four_ways() {
        let granted = scopes(&["a"]);
        assert_eq!(Given::of("a", true, Some(&granted)), Given::Granted);
        assert_eq!(Given::of("a", false, Some(&granted)), Given::Granted);
        assert_eq!(Given::of("b", true, Some(&granted)), Given::Denied);
        assert_eq!(Given::of("b", true, None), Given::Unknown);
        assert_eq!(Given::of("b", false, None), Given::NotAsked);
        assert_eq!(Given::of("b", false, Some(&granted)), Given::NotAsked);
    }
}
