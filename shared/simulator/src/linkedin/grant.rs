//! Codes and tokens, and how a token is judged.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;
use rand::rngs::StdRng;

use crate::util::random;

/// LinkedIn docs: an access token lives 60 days, a refresh token 365 days from the consent; a code 30 minutes.
pub(super) const CODE: SignedDuration = SignedDuration::from_mins(30);
const ACCESS: SignedDuration = SignedDuration::from_hours(60 * 24);
pub(super) const REFRESH: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How codes and tokens begin.
pub(crate) const CODE_MARK: &str = "AQTCANARYCODE";
pub(crate) const TOKEN_MARK: &str = "AQXCANARYTOKEN";
pub(crate) const REFRESH_MARK: &str = "AQWCANARYRENEW";

pub(super) struct Code {
    pub(super) app: String,
    pub(super) person: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) issued: Timestamp,
    pub(super) used: bool,
}

/// An access token or a refresh token.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) app: String,
    pub(super) person: String,
    pub(super) scopes: Vec<String>,
    /// When the member consented.
    pub(super) authorized: Timestamp,
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) revoked: bool,
}

/// Why a token is not good.
pub(super) enum Bad {
    Unknown,
    Revoked,
    Expired,
}

/// Everything that LinkedIn remembers of logins.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) access: BTreeMap<String, Token>,
    pub(super) refresh: BTreeMap<String, Token>,
}

impl Grants {
    /// Another access token; with a refresh token behind it, it never outlives that.
    pub(super) fn issue(&mut self, rng: &mut StdRng, now: Timestamp, of: &Token, cap: Option<Timestamp>) -> String {
        let expires = cap.map_or(now + ACCESS, |cap| cap.min(now + ACCESS));
        let length = rng.random_range(480..900);
        let secret = format!("{TOKEN_MARK}{}", random(rng, length));
        self.access.insert(secret.clone(), Token { issued: now, expires, ..of.clone() });
        secret
    }

    pub(super) fn issue_refresh(&mut self, rng: &mut StdRng, of: &Token) -> String {
        let secret = format!("{REFRESH_MARK}{}", random(rng, 480));
        self.refresh.insert(secret.clone(), Token { expires: of.authorized + REFRESH, ..of.clone() });
        secret
    }

    /// Whether an access token is good now, and whose it is.
    pub(super) fn bearer(&self, now: Timestamp, secret: &str) -> Result<&Token, Bad> {
        let token = self.access.get(secret).ok_or(Bad::Unknown)?;
        if token.revoked {
            return Err(Bad::Revoked);
        }
        if now < token.expires { Ok(token) } else { Err(Bad::Expired) }
    }

    /// A token of either sort.
    pub(super) fn any(&mut self, app: &str, secret: &str) -> Option<&mut Token> {
        self.access.get_mut(secret).or_else(|| self.refresh.get_mut(secret)).filter(|token| token.app == app)
    }

    /// Ends everything of a member.
    pub(super) fn end(&mut self, person: &str) {
        self.end_where(|token| token.person == person);
        self.codes.retain(|_, code| code.person != person);
    }

    /// Ends what a member allowed this app with other scopes.
    pub(super) fn end_others(&mut self, of: &Token) {
        self.end_where(|token| token.app == of.app && token.person == of.person && token.scopes != of.scopes);
    }

    fn end_where(&mut self, is_meant: impl Fn(&Token) -> bool) {
        let all = self.access.values_mut().chain(self.refresh.values_mut());
        all.filter(|token| is_meant(token)).for_each(|token| token.revoked = true);
    }
}
