//! A platform's token endpoint: what it accepts, and what comes of sending a token to it.

/// What a platform does with refresh tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Each works once; sent again it ends every token of the consent.
    Killing,
    /// Each works once; sent again it is refused.
    Single,
    /// The last one but one works too, and brings the last one again.
    Grace,
    /// One works for ever.
    Static,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Killing, Self::Single, Self::Grace, Self::Static];

    /// Whether a token may be sent again.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Grace | Self::Static)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single use",
            Self::Killing => "single use, a replay kills",
            Self::Grace => "grace for the last one",
            Self::Static => "static",
        }
    }
}

/// A refresh token: the consent that it is of, and its place among that consent's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Token {
    pub consent: u8,
    pub nth: u8,
}

/// What a platform knows of one person's latest consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    pub kind: Kind,
    /// The newest token.
    pub newest: Token,
    /// A replay ended it.
    pub killed: bool,
    /// The person took it back.
    pub revoked: bool,
}

/// What a platform says to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Issued(Token),
    Refused,
}

impl Platform {
    pub fn new(kind: Kind) -> Self {
        Self { kind, newest: Token { consent: 1, nth: 1 }, killed: false, revoked: false }
    }

    pub fn accepts(self, token: Token) -> bool {
        let Token { consent, nth } = self.newest;
        let last_but_one = self.kind == Kind::Grace && token.nth + 1 == nth;
        token.consent == consent && (token.nth == nth || last_but_one) && !self.killed && !self.revoked
    }

    /// The same token as far as the platform can still tell them apart.
    pub fn without_history(self, token: Token) -> Token {
        let Token { consent, nth } = self.newest;
        if token.consent < consent {
            return Token { consent: 1, nth: 1 };
        }
        let nth = if token.nth == nth {
            3
        } else if self.accepts(token) {
            2
        } else {
            1
        };
        Token { consent: 2, nth }
    }

    /// A token is sent. One of an older consent may still be good or not: both are tried.
    pub fn spend(self, token: Token) -> Vec<(Self, Answer)> {
        let next = Token { nth: token.nth + 1, ..token };
        if token.consent < self.newest.consent {
            return vec![(self, Answer::Issued(next)), (self, Answer::Refused)];
        }
        if !self.accepts(token) {
            let replayed = self.kind == Kind::Killing && token.nth < self.newest.nth;
            return vec![(Self { killed: self.killed || replayed, ..self }, Answer::Refused)];
        }
        let newest = match self.kind {
            Kind::Single | Kind::Killing => next,
            Kind::Grace if token == self.newest => next,
            Kind::Grace | Kind::Static => self.newest,
        };
        vec![(Self { newest, ..self }, Answer::Issued(newest))]
    }

    /// The person consents again.
    pub fn consent(self) -> Self {
        let newest = Token { consent: self.newest.consent + 1, nth: 1 };
        Self { newest, killed: false, revoked: false, ..self }
    }

    pub fn revoke(self) -> Self {
        Self { revoked: true, ..self }
    }
}
