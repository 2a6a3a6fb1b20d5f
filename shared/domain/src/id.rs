//! Typed, prefixed, time-sortable ids: `acc_01ARZ3NDEKTSV4RRFFQ69G5FAV`.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::Digest;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct BadId;

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// The text before the ULID.
            pub const PREFIX: &'static str = $prefix;

            /// A new id: sortable by `at`, unguessable by 80 bits of `random`.
            pub fn new(at: Timestamp, random: [u8; 16]) -> Self {
                let ms = u64::try_from(at.as_millisecond()).unwrap_or(0);
                Self(Ulid::from_parts(ms, u128::from_be_bytes(random)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let rest = text.strip_prefix($prefix).ok_or(BadId)?;
                let ulid = Ulid::from_string(rest).map_err(|_| BadId)?;
                // One spelling only: an id in another case is another text.
                if ulid.to_string() == rest { Ok(Self(ulid)) } else { Err(BadId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

prefixed_id!(
    /// A connected account.
    AccountId, "acc_"
);
prefixed_id!(
    /// What one person gave to one app of ours.
    GrantId, "grt_"
);
prefixed_id!(
    /// One attempt to connect.
    ConnectSessionId, "cs_"
);
impl From<GrantId> for ConnectSessionId {
    /// The attempt whose tokens are sealed for such an id, if they are an attempt's.
    fn from(GrantId(ulid): GrantId) -> Self {
        Self(ulid)
    }
}

impl From<ConnectSessionId> for GrantId {
    /// The id that an attempt's tokens are sealed for before they belong to a grant; no grant bears it.
    fn from(ConnectSessionId(ulid): ConnectSessionId) -> Self {
        Self(ulid)
    }
}

prefixed_id!(
    /// One account that a consent offers.
    CandidateId, "cand_"
);
prefixed_id!(
    /// One thing that happened.
    EventId, "evt_"
);
impl EventId {
    /// The least id of a moment: whatever happened earlier has a lesser one.
    pub fn at(moment: Timestamp) -> Self {
        Self::new(moment, [0; 16])
    }

    /// The id `places` behind it.
    #[must_use]
    pub fn after(self, places: usize) -> Self {
        Self(Ulid(self.0.0.saturating_add(places as u128)))
    }

    /// The id `places` before it.
    #[must_use]
    pub fn before(self, places: usize) -> Self {
        Self(Ulid(self.0.0.saturating_sub(places as u128)))
    }
}

prefixed_id!(
    /// One trouble of an account, from its beginning to its end.
    EpisodeId, "epi_"
);
impl EpisodeId {
    /// The trouble of an account that `cause` names and that began at `since`: always the same id.
    pub fn of(account: AccountId, cause: &str, since: Timestamp) -> Self {
        let digest = Digest::of_parts(&[&account.to_string(), cause]);
        let mut random = [0; 16];
        for (byte, hex) in random.iter_mut().zip(digest.as_str().as_bytes()) {
            *byte = *hex;
        }
        Self::new(since, random)
    }
}

prefixed_id!(
    /// One thing that somebody did.
    AuditId, "aud_"
);
impl AuditId {
    /// When it was made.
    pub fn made_at(self) -> Timestamp {
        moment(self.0)
    }
}

fn moment(id: Ulid) -> Timestamp {
    i64::try_from(id.timestamp_ms()).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or_default()
}

prefixed_id!(
    /// Long work: an erasure, an export, a change of plan.
    RunId, "run_"
);
impl RunId {
    /// The run by which an attempt to connect has an account's data fetched for the first time: always the same id.
    pub fn first(attempt: ConnectSessionId, account: AccountId) -> Self {
        let digest = Digest::of_parts(&[&attempt.to_string(), &account.to_string()]);
        let bits = u128::from_str_radix(&digest.as_str()[..32], 16).unwrap_or_default();
        Self(Ulid::from_parts(attempt.0.timestamp_ms(), bits))
    }
}

prefixed_id!(
    /// A workspace that is disconnected from everything at once.
    LockdownId, "lck_"
);
impl LockdownId {
    /// When the workspace was locked down.
    pub fn since(self) -> Timestamp {
        moment(self.0)
    }
}

impl From<LockdownId> for RunId {
    /// The run that a lockdown is.
    fn from(LockdownId(ulid): LockdownId) -> Self {
        Self(ulid)
    }
}

impl From<RunId> for LockdownId {
    /// The lockdown that such a run is, if it is one. A workspace that is being erased bears it too.
    fn from(RunId(ulid): RunId) -> Self {
        Self(ulid)
    }
}

impl From<RunId> for EventId {
    /// The event by which a run ends that leaves no trace: always the same one, however often it is told.
    fn from(RunId(ulid): RunId) -> Self {
        Self(ulid)
    }
}

prefixed_id!(
    /// A key of a program.
    ApiKeyId, "key_"
);
prefixed_id!(
    /// A link by which a client connects accounts.
    LinkId, "ecl_"
);
prefixed_id!(
    /// A telephone that an account is used on.
    DeviceId, "dev_"
);
impl DeviceId {
    /// The telephone of an account that calls itself so: always the same id.
    pub fn of(account: AccountId, key: &str) -> Self {
        let digest = Digest::of_parts(&[&account.to_string(), key]);
        let bits = u128::from_str_radix(&digest.as_str()[..32], 16);
        Self(Ulid(bits.unwrap_or_default()))
    }
}

text_with_grammar!(
    /// A workspace of the SaaS; the id is the SaaS's own, `[A-Za-z0-9_-]{1,64}`.
    WorkspaceId, BadId, 64, is_tenant_letter
);
text_with_grammar!(
    /// An organisation: the workspaces of one customer; the id is `[A-Za-z0-9_-]{1,64}`.
    OrgId, BadId, 64, is_tenant_letter
);

fn is_tenant_letter(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || letter == b'_' || letter == b'-'
}

impl From<&WorkspaceId> for OrgId {
    /// A workspace without an organisation is its own.
    fn from(workspace: &WorkspaceId) -> Self {
        Self(workspace.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_only_with_its_prefix_and_in_its_one_spelling() {
        let id = AccountId::new(Timestamp::UNIX_EPOCH, [7; 16]);
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.to_lowercase().parse::<AccountId>(), Err(BadId));
        assert_eq!(text.parse::<GrantId>(), Err(BadId));
        assert_eq!("acc_".parse::<AccountId>(), Err(BadId));
    }

    #[test]
    fn ids_sort_by_time() {
        let early = AccountId::new(Timestamp::from_second(1).expect("in range"), [255; 16]);
        let late = AccountId::new(Timestamp::from_second(2).expect("in range"), [0; 16]);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn event_ids_can_be_counted_through() {
        let second = |second| Timestamp::from_second(second).expect("in range");
        let last = EventId::new(second(1), [255; 16]);
        assert!(last < last.after(1) && last.after(1) < last.after(2));
        assert_eq!(last.after(40).before(40), last);
        assert!(last < EventId::at(second(2)) && EventId::at(second(2)) < EventId::new(second(2), [1; 16]));
    }

    /// CHK-P11: no delimiter of a table key can be spelled in a workspace id.
    #[test]
    fn a_workspace_id_has_a_grammar() {
        for bad in ["", "a#b", "a/b", "a\0b", "ä", &"x".repeat(65)] {
            assert_eq!(bad.parse::<WorkspaceId>(), Err(BadId), "{bad:?}");
        }
        assert!("ws_1-A".parse::<WorkspaceId>().is_ok());
    }
}
