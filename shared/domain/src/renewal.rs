//! Keeping grants alive: when a token is renewed, who may renew it, and what each end of a renewal means.
//!
//! One holder at a time: a lease with a fence that counts up. Before a call the holder notes the version whose token
//! it is about to spend (the intent); whoever comes after a holder that died finds it, and knows that the token may be
//! spent. A version is written once, so it says what a digest of the token would.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Digest, GrantId,
    grant::{DeadReason, Expiry},
};

/// How long a holder has for a call and the one write after it.
pub const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How much longer others wait: clocks differ.
pub const MARGIN: SignedDuration = SignedDuration::from_secs(5);
/// What of the lease must be left when a call is sent: its deadline and the margin.
pub const CALL: SignedDuration = SignedDuration::from_secs(15);
/// An access token is renewed on use when less than this is left.
const LEAST: SignedDuration = SignedDuration::from_mins(5);
/// Failures that are not grant errors are tried again after a minute at first, after six hours at most.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);
/// After so long they are quarantined, and tried once a day.
pub const GIVE_UP: SignedDuration = SignedDuration::from_hours(24 * 7);
const QUARANTINE_WAIT: SignedDuration = SignedDuration::from_hours(24);
/// A renewal that fails for so long is told as a date on which a person must act.
pub const EXTENSION_FAILED: SignedDuration = SignedDuration::from_hours(24);
/// So many failures in a row are told.
pub const FAILING: u32 = 3;

/// How a grant is kept alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// By a refresh token, without anybody noticing.
    Silent,
    /// By exchanging the living token for a longer one.
    Extend,
    /// Only by a person.
    #[default]
    None,
}

/// How the grants of a method are kept alive, as data of the catalogue. `due_percent` says what part of a lifetime is
/// left when the sweep renews: somewhere between the two, for each grant elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "class", deny_unknown_fields)]
pub enum Rules {
    /// No part ends by time.
    Endless,
    /// A living token is exchanged for a longer one once it is old enough; a dead one never.
    SelfExchange {
        /// How old it must be.
        min_age_s: u32,
        /// What part of its life is left when it is due.
        due_percent: [u8; 2],
    },
    /// By a refresh token (RFC 6749 section 6).
    RefreshGrant {
        /// What becomes of it.
        refresh_token: RefreshToken,
        /// What comes of sending a spent one again.
        replay: Replay,
        /// What part of the refresh token's life is left when it is due.
        due_percent: [u8; 2],
        /// Where its life is not known: used at least so often, so that it does not die of idleness.
        touch_s: Option<u32>,
    },
    /// Only a person can.
    Human,
}

/// What becomes of a refresh token when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshToken {
    /// A new one comes, and the old one dies.
    Rotating,
    /// It stays.
    Static,
    /// It stays, or a new one comes; either way it ends when the first one would have.
    FixedEnd,
}

/// What comes of sending a spent refresh token again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// Every token of the consent dies.
    KillsFamily,
    /// It is refused.
    Refused,
    /// It works: nothing is spent by use, or the platform forgives.
    Harmless,
}

impl Rules {
    /// The word of the class, as the catalogue has it.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Endless => "endless",
            Self::SelfExchange { .. } => "self_exchange",
            Self::RefreshGrant { .. } => "refresh_grant",
            Self::Human => "human",
        }
    }

    /// The word for a grant that has what the class needs.
    pub fn renewal(&self) -> Renewal {
        match self {
            Self::RefreshGrant { .. } => Renewal::Silent,
            Self::SelfExchange { .. } => Renewal::Extend,
            Self::Endless | Self::Human => Renewal::None,
        }
    }

    /// Whether a token may be sent again whose use had an unknown end.
    pub fn replay_is_harmless(&self) -> bool {
        match self {
            Self::RefreshGrant { replay, .. } => *replay == Replay::Harmless,
            Self::SelfExchange { .. } => true,
            Self::Endless | Self::Human => false,
        }
    }

    /// When the sweep renews what was issued at `issued`; none where nothing would die that a renewal keeps alive.
    /// What renews itself on use is left alone until its refresh token's own end comes near.
    pub fn renew_at(&self, id: GrantId, renewal: Renewal, issued: Timestamp, expiry: &Expiry) -> Option<Timestamp> {
        match (self, renewal) {
            (Self::SelfExchange { min_age_s, due_percent }, Renewal::Extend) => {
                let due = part_of(id, issued, expiry.access?, *due_percent);
                Some(due.max(issued + SignedDuration::from_secs(i64::from(*min_age_s))))
            }
            (Self::RefreshGrant { refresh_token, due_percent, touch_s, .. }, Renewal::Silent) => {
                let ends = expiry.refresh.filter(|_| *refresh_token != RefreshToken::FixedEnd);
                let dies = ends.map(|ends| part_of(id, issued, ends, *due_percent));
                let idles = touch_s
                    .map(|touch| part_of(id, issued, issued + SignedDuration::from_secs(i64::from(touch)), [0, 20]));
                dies.into_iter().chain(idles).min()
            }
            _ => None,
        }
    }
}

impl Rules {
    /// When the refresh token ends after a renewal that tells `told`, where its end was `known`. A token that stays keeps
    /// its end where nothing else is told, and one with a fixed end lives no longer whatever is told.
    pub fn refresh_end(&self, known: Option<Timestamp>, told: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Self::RefreshGrant { refresh_token: RefreshToken::Static, .. } => told.or(known),
            Self::RefreshGrant { refresh_token: RefreshToken::FixedEnd, .. } => known.into_iter().chain(told).min(),
            _ => told,
        }
    }
}

/// The moment at which the part of a lifetime is left that the grant's id draws between two percentages.
fn part_of(id: GrantId, from: Timestamp, to: Timestamp, [low, high]: [u8; 2]) -> Timestamp {
    let life = to.duration_since(from).as_millis();
    let left = f64::from(low) + f64::from(high.saturating_sub(low)) * draw(id, "due");
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a moment within a lifetime")]
    let left = (life as f64 * left / 100.0) as i64;
    to.checked_sub(SignedDuration::from_millis(left)).unwrap_or(from)
}

/// A number from 0 to 1 that a grant always draws alike for the same purpose.
pub fn draw(id: GrantId, purpose: &str) -> f64 {
    let digest = Digest::of_parts(&[purpose, &id.to_string()]);
    let bits = digest.as_str().get(..8).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    f64::from(bits.unwrap_or(0)) / f64::from(u32::MAX)
}

/// How much of an access token's life must be left for it to be used as it is: a tenth, five minutes at most.
pub fn least_left(issued: Timestamp, ends: Timestamp) -> SignedDuration {
    (ends.duration_since(issued) / 10).min(LEAST).max(SignedDuration::ZERO)
}

/// How long to wait after so many failures in a row, the first of them at `since`.
pub fn wait(id: GrantId, count: u32, since: Timestamp, now: Timestamp) -> SignedDuration {
    if now.duration_since(since) >= GIVE_UP {
        return QUARANTINE_WAIT;
    }
    let doubled = FIRST_WAIT.checked_mul(1 << count.saturating_sub(1).min(9)).unwrap_or(LONGEST_WAIT);
    let most = doubled.min(LONGEST_WAIT);
    // Between three quarters of it and all of it.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "at most six hours")]
    let less = (most.as_millis() as f64 / 4.0 * draw(id, &format!("wait {count}"))) as i64;
    most - SignedDuration::from_millis(less)
}

/// Who may change a grant's tokens, and what may have been spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Hold {
    /// Counts the holders.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub fence: u64,
    /// When the present holder's time is over; none if nobody holds it. Epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<i64>,
    /// The version whose token is being spent, or may have been; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub intent: u64,
    /// The intent that the present holder found; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub prev_intent: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Hold {
    /// Whether somebody else may take it: nobody holds it, or the holder's time and the margin are over.
    pub fn is_free(&self, now: Timestamp) -> bool {
        self.lease_until.is_none_or(|until| until < (now - MARGIN).as_millisecond())
    }

    /// Takes it for a call on `version`; `None` if it is held.
    #[must_use]
    pub fn acquire(&self, version: u64, now: Timestamp) -> Option<Self> {
        self.is_free(now).then(|| Self {
            fence: self.fence + 1,
            lease_until: Some((now + LEASE).as_millisecond()),
            intent: version,
            prev_intent: self.intent,
        })
    }

    /// Gives it back; `spent` is the version whose token may have been spent.
    #[must_use]
    pub fn release(&self, spent: Option<u64>) -> Self {
        Self { fence: self.fence, lease_until: None, intent: spent.unwrap_or(0), prev_intent: 0 }
    }

    /// Whether a holder before this one may have spent the token of `version`, and nobody wrote what came of it.
    pub fn is_doubtful(&self, version: u64) -> bool {
        self.prev_intent == version
    }
}

/// What a holder finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Whether the grant lives.
    pub lives: bool,
    /// Whether the access token is good for what it is wanted for, and no renewal is asked for.
    pub fresh: bool,
    /// Whether the access token's time is not over.
    pub access_lives: bool,
    /// Whether a holder before may have spent the token.
    pub doubtful: bool,
    /// Whether a token may be sent again.
    pub harmless: bool,
}

/// What a holder does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: there is nothing to keep alive.
    Leave,
    /// Uses what is there.
    Use,
    /// Goes on with the living access token: to send the token again could end everything.
    Endure,
    /// Calls the platform.
    Call,
}

/// The rule for a holder that begins.
pub fn begin(found: Found) -> Step {
    match found {
        Found { lives: false, .. } => Step::Leave,
        Found { fresh: true, .. } => Step::Use,
        Found { doubtful: true, harmless: false, access_lives: true, .. } => Step::Endure,
        _ => Step::Call,
    }
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// New tokens.
    Issued,
    /// Certainly nothing was spent: it did not leave, or was turned away before it was looked at.
    Unspent,
    /// It may have been spent.
    Unknown,
    /// The platform says that the token is no good.
    Gone(DeadReason),
}

/// What a holder does after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Next {
    /// Writes the new tokens.
    Commit,
    /// Sends the same token once more.
    Again,
    /// Gives up for now; whether the token may have been spent stays noted.
    Release {
        /// Whether it may have been.
        doubtful: bool,
    },
    /// Writes that the grant is dead, if nobody has written newer tokens meanwhile.
    Bury(DeadReason),
}

/// The rule for the end of the `call`th call of one holder (the first is 1). `doubtful` is whether anybody's earlier
/// call, this holder's too, may have spent the token.
///
/// A refusal is believed when it is said twice. A refused token that may have been spent before is a lost rotation;
/// one that nobody can have spent was taken back.
pub fn end(outcome: Outcome, call: u8, doubtful: bool, harmless: bool) -> Next {
    match outcome {
        Outcome::Issued => Next::Commit,
        Outcome::Unspent => Next::Release { doubtful },
        Outcome::Unknown if harmless && call == 1 => Next::Again,
        Outcome::Unknown => Next::Release { doubtful: true },
        // The first call may have had an unknown end, and this is the first refusal.
        Outcome::Gone(_) if call == 1 || call == 2 && harmless && doubtful => Next::Again,
        Outcome::Gone(DeadReason::InvalidGrant) if doubtful && !harmless => Next::Bury(DeadReason::RotationLost),
        Outcome::Gone(DeadReason::InvalidGrant) => Next::Bury(DeadReason::Revoked),
        Outcome::Gone(reason) => Next::Bury(reason),
    }
}

#[cfg(test)]
mod tests;
