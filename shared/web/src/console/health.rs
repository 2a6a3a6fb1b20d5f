//! How an account is, as the console says it.

use domain::{
    Capability, Code,
    health::{Cause, Health, Reason, Remedy, State},
};

use crate::{icon, words};

/// How an account is, at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// In a word or two.
    pub word: &'static str,
    /// `good`, `warn`, `bad`, `off`.
    pub tone: &'static str,
    /// A sign for it.
    pub icon: &'static str,
    /// Why, in a sentence, where something is the matter.
    pub why: Option<String>,
    /// How its token stands, in a sentence.
    pub token: String,
}

impl From<&Health> for Mark {
    fn from(health: &Health) -> Self {
        let (tone, icon) = match health.state {
            State::Healthy => ("good", icon::SUCCESS),
            State::Processing => ("good", icon::CLOCK),
            State::Stale | State::Expiring => ("warn", icon::CLOCK),
            State::Degraded | State::Limited => ("warn", icon::WARNING),
            State::Error | State::Expired => ("bad", icon::WARNING),
            State::Suspended | State::Pending | State::Disconnected => ("off", icon::OFF),
        };
        Self { word: word(health.state), tone, icon, why: why(health), token: health.token.tooltip.clone() }
    }
}

/// A state in a word or two.
pub fn word(state: State) -> &'static str {
    match state {
        State::Healthy => "Connected",
        State::Processing => "Fetching",
        State::Stale => "Old data",
        State::Degraded => "Trouble",
        State::Expiring => "Ends soon",
        State::Limited => "Limited",
        State::Suspended => "Suspended",
        State::Error => "Not working",
        State::Expired => "Expired",
        State::Pending => "Not chosen",
        State::Disconnected => "Disconnected",
    }
}

/// What the button says that would heal an account; none where a person cannot heal it by signing in.
pub fn remedy(health: &Health) -> Option<String> {
    (health.remedy == Some(Remedy::Reconnect)).then(|| match refused(health) {
        Some(refused) => format!("Allow {}", words::things(&refused)),
        None => "Reconnect".to_owned(),
    })
}

/// Why an account is as it is, in a sentence; none where nothing is the matter, or nothing is left to explain.
pub fn why(health: &Health) -> Option<String> {
    if let Some(refused) = refused(health) {
        let verb = if refused.len() == 1 && refused != [Capability::Messages] { "was" } else { "were" };
        return Some(format!("{} {verb} not allowed.", words::capital(&words::things(&refused))));
    }
    match (health.state, health.reasons.first()) {
        (State::Processing | State::Disconnected, _) | (_, None) => None,
        (State::Expiring, _) => {
            health.token.expires_at.map(|at| format!("Somebody must sign in again by {}.", at.strftime("%b %-d, %Y")))
        }
        (_, Some(reason)) => Some(format!("{}.", reason.cause.title())),
    }
}

/// What the person did not allow, where that is what limits the account.
fn refused(health: &Health) -> Option<Vec<Capability>> {
    let refusal = |reason: &Reason| {
        reason.capability.filter(|_| reason.cause == Cause::Registered(Code::InsufficientPermissions))
    };
    let limits: Vec<&Reason> = health.reasons.iter().filter(|reason| reason.capability.is_some()).collect();
    let refused: Vec<Capability> = limits.iter().copied().filter_map(refusal).collect();
    (health.state == State::Limited && refused.len() == limits.len()).then_some(refused)
}

/// What is the matter, in a few words.
pub(super) fn title(health: &Health) -> &'static str {
    match health.state {
        State::Healthy => "Connected",
        State::Processing => "Connected, and its data is being fetched",
        State::Stale => "Connected, with old data",
        State::Degraded => "Connected, with trouble",
        State::Expiring => "Connected, but not for much longer",
        State::Limited => "Connected, with limits",
        State::Suspended => "Suspended",
        State::Error => "Not working",
        State::Expired => "Expired",
        State::Pending => "Not chosen yet",
        State::Disconnected => "Disconnected",
    }
}

/// What happened and what to do, of one who signs in at `place`.
pub(super) fn explanation(health: &Health, place: &str) -> String {
    match (health.state, health.reasons.first(), refused(health)) {
        (State::Disconnected, ..) => "Nothing can be done with it. Its id and history are kept.".to_owned(),
        (State::Expiring, ..) => health.token.tooltip.clone(),
        (_, _, Some(_)) => {
            let why = why(health).unwrap_or_default();
            format!("{why} Sign in at {place} again and leave every permission on.")
        }
        (_, Some(reason), _) => format!("{} {}", reason.cause.detail(), reason.cause.next_step()),
        (_, None, _) => "Everything that was asked for works.".to_owned(),
    }
}

/// What else is the matter.
pub(super) fn also(health: &Health) -> Vec<&'static str> {
    let told = refused(health).map_or(1, |refused| refused.len());
    health.reasons.iter().skip(told).map(|reason| reason.cause.title()).collect()
}

#[cfg(test)]
mod tests {
    use domain::{
        Access, AccountFacts, GrantFacts, Lifecycle, Timestamp,
        account::{Against, Standing},
        capability::Availability,
        grant::{Dead, DeadReason, Failing},
        health::{Facts, Policy, health},
    };

    use super::*;

    fn at(moment: &str) -> Timestamp {
        moment.parse().expect("a moment")
    }

    fn now() -> Timestamp {
        at("2026-11-22T10:00:00Z")
    }

    fn judge(missing: &[Capability], change: impl FnOnce(&mut AccountFacts)) -> Health {
        let mut account = AccountFacts {
            fetched: domain::Fetched::default(),
            sync_interval_minutes: None,
            suspended: None,
            lifecycle: Lifecycle::Active,
            method: "x_login".parse().expect("a method"),
            access: Access { asked: missing.to_vec(), ..Access::default() },
            grant: GrantFacts::default(),
            standing: None,
            connected_at: now(),
            since: now(),
        };
        change(&mut account);
        let no = Availability::Unavailable(Code::InsufficientPermissions);
        let facts = Facts::of(account, missing.iter().map(|capability| (*capability, no)).collect(), None);
        health(&facts, now(), &Policy::default())
    }

    #[test]
    fn what_is_missing_is_named_and_the_button_asks_for_it() {
        for (missing, button, sentence) in [
            (&[Capability::Publish][..], Some("Allow publishing"), Some("Publishing was not allowed.")),
            (&[Capability::Messages], Some("Allow messages"), Some("Messages were not allowed.")),
            (
                &[Capability::Publish, Capability::Analytics],
                Some("Allow publishing and analytics"),
                Some("Publishing and analytics were not allowed."),
            ),
            (&[], None, None),
        ] {
            let health = judge(missing, |_| {});
            assert_eq!((remedy(&health).as_deref(), why(&health).as_deref()), (button, sentence));
        }
    }

    /// S0-76: what is the matter, and whether signing in again helps.
    #[test]
    fn each_trouble_is_named_with_what_to_do() {
        let since = now();
        let of = |change: fn(&mut AccountFacts)| judge(&[], change);
        for (health, word, button, sentence) in [
            (of(|_| {}), "Connected", None, "Everything that was asked for works."),
            (
                of(|a| a.grant.dead = Some(Dead { at: now(), reason: DeadReason::PasswordChanged })),
                "Expired",
                Some("Reconnect"),
                "The person changed their password at the platform, and that ended what they had allowed. Reconnect the \
                 account.",
            ),
            (
                of(|a| a.grant.reauth_due_at = Some(at("2026-11-29T10:00:00Z"))),
                "Ends soon",
                Some("Reconnect"),
                "The token ends in 7 days, on Nov 29, 2026. Reconnect the account before then.",
            ),
            (
                of(|a| a.grant.failing = Some(Failing { since: now(), code: Code::PlatformUnavailable })),
                "Trouble",
                None,
                "Several tries in a row failed, through no fault of the account. There is nothing to do: it is tried \
                 again by itself.",
            ),
            (
                of(|a| a.standing = Some(Standing { what: Against::Restricted, since: now() })),
                "Not working",
                None,
                "The platform suspended or blocked the account. Clear it with the platform, then connect again.",
            ),
            (
                of(|a| a.lifecycle = Lifecycle::Disconnected),
                "Disconnected",
                Some("Reconnect"),
                "Nothing can be done with it. Its id and history are kept.",
            ),
        ] {
            let mark = Mark::from(&health);
            assert_eq!((mark.word, remedy(&health).as_deref()), (word, button));
            assert_eq!(explanation(&health, "X"), sentence);
            assert!(health.since >= since);
        }
        let both = judge(&[Capability::Analytics], |account| {
            account.grant.reauth_due_at = Some(at("2026-11-23T10:00:00Z"));
        });
        assert_eq!(also(&both), ["Somebody must sign in again soon"]);
    }
}
