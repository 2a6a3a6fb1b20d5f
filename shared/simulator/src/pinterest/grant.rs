//! Codes, grants and rolling tokens of Pinterest.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;

use crate::util::random;

/// How codes and tokens begin.
pub(crate) const CODE_MARK: &str = "PINCANARYCODE";
pub(crate) const ACCESS_MARK: &str = "pina_CANARYTOKEN";
pub(crate) const REFRESH_MARK: &str = "pinr_CANARYTOKEN";

/// Nothing says how long a code lives. An access token lives 30 days, a refresh token 60.
pub(super) const CODE: SignedDuration = SignedDuration::from_mins(10);
pub(super) const ACCESS: SignedDuration = SignedDuration::from_secs(2_592_000);
pub(super) const REFRESH: SignedDuration = SignedDuration::from_secs(5_184_000);

pub(super) struct Code {
    pub(super) grant: usize,
    pub(super) redirect_uri: String,
    pub(super) issued: Timestamp,
    pub(super) used: bool,
}

/// What one consent gave.
pub(super) struct Grant {
    pub(super) app: String,
    pub(super) account: String,
    pub(super) scopes: Vec<String>,
    /// The person has removed the app.
    pub(super) ended: bool,
}

#[derive(Clone)]
pub(super) struct Token {
    pub(super) grant: usize,
    /// All of the grant's, or those that a refresh asked for.
    pub(super) scopes: Vec<String>,
    pub(super) expires: Timestamp,
    /// Of a refresh token: another comes with each refresh, and this one is dead then.
    pub(super) rolling: bool,
}

/// New tokens, as they are handed out.
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) scopes: Vec<String>,
}

/// Everything that Pinterest remembers of logins.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) all: Vec<Grant>,
    access: BTreeMap<String, Token>,
    refresh: BTreeMap<String, Token>,
}

impl Grants {
    /// A pair, whose refresh token rolls or has one end for good.
    pub(super) fn pair(
        &mut self,
        rng: &mut StdRng,
        now: Timestamp,
        grant: usize,
        scopes: Vec<String>,
        rolling: bool,
    ) -> Pair {
        let pair = self.access_alone(rng, now, grant, scopes);
        let refresh = format!("{REFRESH_MARK}{}", random(rng, 60));
        let token = Token { grant, scopes: pair.scopes.clone(), expires: now + REFRESH, rolling };
        self.refresh.insert(refresh.clone(), token);
        Pair { refresh: Some(refresh), ..pair }
    }

    /// An access token without a refresh token.
    pub(super) fn access_alone(&mut self, rng: &mut StdRng, now: Timestamp, grant: usize, scopes: Vec<String>) -> Pair {
        let access = format!("{ACCESS_MARK}{}", random(rng, 60));
        let token = Token { grant, scopes: scopes.clone(), expires: now + ACCESS, rolling: false };
        self.access.insert(access.clone(), token);
        Pair { access, refresh: None, scopes }
    }

    fn good<'a>(&'a self, now: Timestamp, token: &'a Token) -> Option<(&'a Token, &'a Grant)> {
        let grant = &self.all[token.grant];
        (!grant.ended && now < token.expires).then_some((token, grant))
    }

    /// A refresh token of this app that is good now.
    pub(super) fn refreshable(&self, now: Timestamp, app: &str, given: &str) -> Option<Token> {
        let (token, grant) = self.good(now, self.refresh.get(given)?)?;
        (grant.app == app).then(|| token.clone())
    }

    /// An access token that is good now, with what it stands for.
    pub(super) fn bearer(&self, now: Timestamp, given: &str) -> Option<(&Token, &Grant)> {
        self.good(now, self.access.get(given)?)
    }

    /// Ends a token of either sort.
    pub(super) fn forget(&mut self, given: &str) {
        self.access.remove(given);
        self.refresh.remove(given);
    }

    /// Whether this app has such a token.
    pub(super) fn knows(&self, app: &str, given: &str) -> bool {
        let token = self.access.get(given).or_else(|| self.refresh.get(given));
        token.is_some_and(|token| self.all[token.grant].app == app)
    }

    /// Takes what the account allows away from every app.
    pub(super) fn end(&mut self, account: &str) {
        self.all.iter_mut().filter(|grant| grant.account == account).for_each(|grant| grant.ended = true);
    }
}
