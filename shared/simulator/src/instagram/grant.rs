//! Codes, tokens and grants of Instagram Login, and how a token is judged.

use super::Account;
use super::authorize::{BASIC, SCOPES};
use crate::World;
use crate::graph::GraphError;
use crate::graph::login::{self, Ended, Login};

/// What every code and token begins with, so that a search for the mark finds each of them.
pub(crate) const CODE_MARK: &str = "AQCANARYCODEIG";
pub(crate) const TOKEN_MARK: &str = "IGAACANARYTOKEN";

pub(super) const LOGIN: Login = Login {
    platform: "instagram",
    unknown_app: "Invalid platform app",
    code_mark: CODE_MARK,
    mark: TOKEN_MARK,
    exchange: "ig_exchange_token",
    refresh: "ig_refresh_token",
    scopes: SCOPES,
    basic: BASIC,
};

/// What is given are the scopes that an account allows an app, in the order asked.
pub(super) type Grants = login::Grants<Vec<String>>;
pub(super) type Session = login::Session<Account>;

impl Grants {
    /// Whether a token is good now, and if not, for the first reason. The
    /// subcode that Facebook adds is missing where Instagram leaves it out.
    pub(super) fn judge(&self, world: &World, secret: &str) -> Result<Session, GraphError> {
        let token = self.tokens.get(secret).ok_or_else(GraphError::malformed_token)?;
        let removed = || GraphError::not_authorised(&token.app);
        match token.ended {
            Some(Ended::AppRemoved) => return Err(removed()),
            Some(Ended::PasswordChanged) => return Err(GraphError::password_changed().bare()),
            None => {}
        }
        if world.now >= token.expires {
            return Err(GraphError::expired(token.expires, world.now).bare());
        }
        let account = world.people.instagram(&token.account).ok_or_else(removed)?;
        let scopes = self.given.get(&(token.app.clone(), token.account.clone())).ok_or_else(removed)?;
        Ok(Session { token: token.clone(), account: account.clone(), scopes: scopes.clone() })
    }
}
