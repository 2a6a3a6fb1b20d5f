//! Codes, connections and rotating tokens of TikTok.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;

use crate::call::Call;
use crate::util::random;

/// How codes and tokens begin.
pub(crate) const CODE_MARK: &str = "TTCANARYCODE0";
pub(crate) const ACCESS_MARK: &str = "act.CANARYTOKEN";
pub(crate) const REFRESH_MARK: &str = "rft.CANARYTOKEN";

/// Nothing says how long a code lives.
pub(super) const CODE: SignedDuration = SignedDuration::from_mins(10);

/// Whose tokens they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Login,
    Business,
}

/// How long access and refresh tokens live.
#[derive(Clone, Copy)]
pub(super) struct Lives {
    pub(super) access: SignedDuration,
    pub(super) refresh: SignedDuration,
}

pub(super) struct Code {
    pub(super) grant: usize,
    pub(super) redirect_uri: String,
    /// What a desktop app must prove, as hex.
    pub(super) challenge: Option<String>,
    pub(super) issued: Timestamp,
    pub(super) used: bool,
}

/// What one consent gave.
pub(super) struct Grant {
    pub(super) app: String,
    pub(super) account: String,
    pub(super) scopes: Vec<String>,
    /// The app is no longer among the account's connected apps.
    pub(super) ended: bool,
}

pub(super) struct Token {
    pub(super) grant: usize,
    api: Api,
    expires: Timestamp,
    /// Of a refresh token: it was used.
    spent: bool,
}

/// A new pair, as it is handed out.
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) lives: Lives,
}

/// Why a token is of no use.
pub(super) enum Bad {
    /// There is none, or it was used.
    Unknown,
    Expired,
    /// The account has disconnected the app.
    Removed,
}

/// Everything that TikTok remembers of logins.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) all: Vec<Grant>,
    access: BTreeMap<String, Token>,
    refresh: BTreeMap<String, Token>,
}

impl Lives {
    /// Login Kit: two hours and 180 days by the pages of 2026-11, a day and a
    /// year before them and for the API for Business.
    pub(super) fn of(api: Api, call: &Call) -> Self {
        let days = |n: i64| SignedDuration::from_secs(n * 86_400);
        if api == Api::Login && !call.own_fault("old_lifetimes") {
            Self { access: SignedDuration::from_secs(7_200), refresh: days(180) }
        } else {
            Self { access: days(1), refresh: days(365) }
        }
    }
}

impl Grant {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|given| given == scope)
    }
}

impl Token {
    fn judged(&self, now: Timestamp, api: Api, grant: &Grant) -> Result<usize, Bad> {
        match self {
            _ if self.api != api || self.spent => Err(Bad::Unknown),
            _ if grant.ended => Err(Bad::Removed),
            _ if now >= self.expires => Err(Bad::Expired),
            _ => Ok(self.grant),
        }
    }
}

impl Grants {
    pub(super) fn pair(&mut self, rng: &mut StdRng, now: Timestamp, grant: usize, api: Api, lives: Lives) -> Pair {
        let access = format!("{ACCESS_MARK}{}!4242.e1", random(rng, 60));
        let refresh = format!("{REFRESH_MARK}{}!4242.e1", random(rng, 60));
        let token = |life| Token { grant, api, expires: now + life, spent: false };
        self.access.insert(access.clone(), token(lives.access));
        self.refresh.insert(refresh.clone(), token(lives.refresh));
        Pair { access, refresh, lives }
    }

    /// What a refresh token of this app stands for.
    pub(super) fn refreshable(&self, now: Timestamp, app: &str, api: Api, given: &str) -> Result<usize, Bad> {
        let token = self.refresh.get(given).ok_or(Bad::Unknown)?;
        let grant = &self.all[token.grant];
        if grant.app == app { token.judged(now, api, grant) } else { Err(Bad::Unknown) }
    }

    /// From now on it is refused.
    pub(super) fn spend(&mut self, given: &str) {
        if let Some(token) = self.refresh.get_mut(given) {
            token.spent = true;
        }
    }

    /// What an access token stands for.
    pub(super) fn bearer(&self, now: Timestamp, api: Api, given: &str) -> Result<&Grant, Bad> {
        let token = self.access.get(given).ok_or(Bad::Unknown)?;
        token.judged(now, api, &self.all[token.grant]).map(|grant| &self.all[grant])
    }

    /// When an access token ends.
    pub(super) fn end_of(&self, given: &str) -> Option<Timestamp> {
        self.access.get(given).map(|token| token.expires)
    }

    /// Whose a token of this app is, be it good or not.
    pub(super) fn account_of(&self, app: &str, given: &str) -> Option<String> {
        let token = self.access.get(given).or_else(|| self.refresh.get(given))?;
        let grant = &self.all[token.grant];
        (grant.app == app).then(|| grant.account.clone())
    }

    /// What an account allows now, app by app.
    pub(super) fn of_account<'a>(&'a mut self, account: &'a str) -> impl Iterator<Item = &'a mut Grant> {
        self.all.iter_mut().filter(move |grant| grant.account == account && !grant.ended)
    }

    /// Disconnects an app, or every app, from an account.
    pub(super) fn disconnect(&mut self, account: &str, app: Option<&str>) {
        for grant in self.of_account(account).filter(|grant| app.is_none_or(|app| grant.app == app)) {
            grant.ended = true;
        }
    }
}
