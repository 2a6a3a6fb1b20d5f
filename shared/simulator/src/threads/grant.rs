//! Codes, tokens and grants of Threads, and how a token is judged.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;

use super::Account;
use super::account::by_id;
use crate::World;
use crate::graph::GraphError;
use crate::util::random;

/// How codes and tokens begin.
pub(crate) const CODE_MARK: &str = "AQCANARYCODETH";
pub(crate) const TOKEN_MARK: &str = "THAACANARYTOKEN";

/// A code and a first token live an hour, a long-lived token 60 days; it can be
/// refreshed once it is a day old. What a private profile allows lapses after 90 days.
pub(super) const CODE: SignedDuration = SignedDuration::from_secs(3_600);
pub(super) const SHORT: SignedDuration = SignedDuration::from_secs(3_600);
pub(super) const LONG: SignedDuration = SignedDuration::from_secs(5_184_000);
pub(super) const REFRESHED_AFTER: SignedDuration = SignedDuration::from_secs(86_400);
const PRIVATE: SignedDuration = SignedDuration::from_secs(90 * 86_400);

pub(super) struct Code {
    pub(super) app: String,
    pub(super) account: String,
    pub(super) redirect_uri: String,
    pub(super) issued: Timestamp,
    pub(super) used: bool,
}

/// Why a token was ended ahead of its time.
#[derive(Clone, Copy)]
pub(super) enum Ended {
    AppRemoved,
    PasswordChanged,
}

#[derive(Clone)]
pub(super) struct Token {
    pub(super) app: String,
    pub(super) account: String,
    pub(super) long: bool,
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) ended: Option<Ended>,
}

/// What an account allows an app.
#[derive(Clone)]
pub(super) struct Given {
    /// In the order asked.
    pub(super) scopes: Vec<String>,
    pub(super) at: Timestamp,
}

/// A good token with all that stands behind it.
pub(super) struct Session {
    pub(super) token: Token,
    pub(super) account: Account,
    /// Those that have not lapsed.
    pub(super) scopes: Vec<String>,
}

/// Everything that Threads remembers of logins, by app and account.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) given: BTreeMap<(String, String), Given>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) tokens: BTreeMap<String, Token>,
}

impl Given {
    /// Makes it as old as it can be.
    pub(super) fn lapse(&mut self, now: Timestamp) {
        self.at = now - PRIVATE;
    }

    fn has_lapsed(&self, account: &Account, now: Timestamp) -> bool {
        account.private && now >= self.at + PRIVATE
    }
}

impl Grants {
    pub(super) fn issue(&mut self, rng: &mut StdRng, token: Token) -> String {
        let secret = format!("{TOKEN_MARK}{}ZD", random(rng, 150));
        self.tokens.insert(secret.clone(), token);
        secret
    }

    /// Ends every token and code of the account.
    pub(super) fn end(&mut self, account: &str, why: Ended) {
        for token in self.tokens.values_mut().filter(|token| token.account == account) {
            token.ended.get_or_insert(why);
        }
        self.codes.retain(|_, code| code.account != account);
    }

    /// The apps that ever were allowed anything.
    pub(super) fn apps_of(&self, account: &str) -> BTreeSet<String> {
        let by_token = self.tokens.values().filter(|token| token.account == account).map(|token| &token.app);
        let given = self.given.keys().filter(|(_, by)| by == account).map(|(app, _)| app);
        by_token.chain(given).cloned().collect()
    }

    /// Takes what the account allows away from every app.
    pub(super) fn remove(&mut self, account: &str) {
        self.end(account, Ended::AppRemoved);
        self.given.retain(|(_, by), _| by != account);
    }

    /// Whether a token is good now, and if not, for the first reason.
    pub(super) fn judge(&self, world: &World, secret: &str) -> Result<Session, GraphError> {
        let token = self.tokens.get(secret).ok_or_else(GraphError::malformed_token)?;
        let removed = || GraphError::not_authorised(&token.app);
        match token.ended {
            Some(Ended::AppRemoved) => return Err(removed()),
            Some(Ended::PasswordChanged) => return Err(GraphError::password_changed()),
            None => {}
        }
        if world.now >= token.expires {
            return Err(GraphError::expired(token.expires, world.now));
        }
        let account = by_id(world, &token.account).ok_or_else(removed)?;
        let given = self.given.get(&(token.app.clone(), token.account.clone())).ok_or_else(removed)?;
        let lapsed = given.has_lapsed(account, world.now);
        let scopes = if lapsed { Vec::new() } else { given.scopes.clone() };
        Ok(Session { token: token.clone(), account: account.clone(), scopes })
    }
}

impl Session {
    pub(super) fn needs(&self, scope: &str) -> Result<(), GraphError> {
        let has = self.scopes.iter().any(|given| given == scope);
        if has { Ok(()) } else { Err(GraphError::no_permission()) }
    }
}
