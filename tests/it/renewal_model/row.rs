//! What the table holds of a grant, and the writes that may change it: each with its condition.

use domain::{DeadReason, Timestamp, renewal::Hold};

/// A grant's row; `T` is what it keeps of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<T> {
    /// Counts the tokens.
    pub version: u64,
    pub hold: Hold,
    pub tokens: T,
    pub dead: Option<DeadReason>,
    /// Whether people are told that the token may be spent.
    pub uncertain: bool,
}

/// What a write asks of the row; what is none it does not ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct If {
    pub fence: Option<u64>,
    pub version: Option<u64>,
}

impl<T: Copy> Row<T> {
    pub fn first(tokens: T) -> Self {
        Self { version: 1, hold: Hold::default(), tokens, dead: None, uncertain: false }
    }

    fn meets(&self, asked: If) -> bool {
        asked.fence.is_none_or(|fence| fence == self.hold.fence)
            && asked.version.is_none_or(|version| version == self.version)
    }

    /// Takes the row for a call on its version.
    pub fn acquire(self, now: Timestamp) -> Option<Self> {
        let hold = self.hold.acquire(self.version, now)?;
        Some(Self { hold, ..self })
    }

    /// Gives it back; `spent` is the version whose token may be spent.
    pub fn release(self, asked: If, spent: Option<u64>, uncertain: bool) -> Option<Self> {
        let uncertain = self.uncertain || uncertain;
        self.meets(asked).then(|| Self { hold: self.hold.release(spent), uncertain, ..self })
    }

    /// Writes new tokens and gives the row back.
    pub fn commit(self, asked: If, tokens: T) -> Option<Self> {
        self.save(asked, tokens).map(|saved| Self { hold: self.hold.release(None), ..saved })
    }

    /// Writes new tokens, whoever holds the row, and even if it was thought dead.
    pub fn save(self, asked: If, tokens: T) -> Option<Self> {
        let saved = Self { version: self.version + 1, tokens, dead: None, uncertain: false, ..self };
        self.meets(asked).then_some(saved)
    }

    /// Writes that the grant is dead, and gives the row back.
    pub fn bury(self, asked: If, reason: DeadReason) -> Option<Self> {
        let buried = Self { dead: Some(reason), hold: self.hold.release(None), ..self };
        (self.meets(asked) && self.dead.is_none()).then_some(buried)
    }

    /// A person consents anew: whoever holds the row holds tokens that are no longer the newest.
    pub fn consent(self, tokens: T) -> Self {
        let hold = Hold { fence: self.hold.fence + 1, ..Hold::default() };
        Self { version: self.version + 1, hold, tokens, dead: None, uncertain: false }
    }
}
