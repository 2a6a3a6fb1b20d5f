//! Codes, tokens and grants of Threads, and how a token is judged.

use jiff::{SignedDuration, Timestamp};

use super::Account;
use super::account::by_id;
use super::authorize::{BASIC, SCOPES};
use crate::World;
use crate::graph::GraphError;
use crate::graph::login::{self, Ended, Login};

/// How codes and tokens begin.
pub(crate) const CODE_MARK: &str = "AQCANARYCODETH";
pub(crate) const TOKEN_MARK: &str = "THAACANARYTOKEN";

/// What a private profile allows lapses after 90 days.
const PRIVATE: SignedDuration = SignedDuration::from_secs(90 * 86_400);

pub(super) const LOGIN: Login = Login {
    platform: "threads",
    unknown_app: "Invalid client_id",
    code_mark: CODE_MARK,
    mark: TOKEN_MARK,
    exchange: "th_exchange_token",
    refresh: "th_refresh_token",
    scopes: SCOPES,
    basic: BASIC,
};

pub(super) type Grants = login::Grants<Given>;
/// Its scopes are those that have not lapsed.
pub(super) type Session = login::Session<Account>;

/// What an account allows an app.
#[derive(Clone)]
pub(super) struct Given {
    /// In the order asked.
    pub(super) scopes: Vec<String>,
    pub(super) at: Timestamp,
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
