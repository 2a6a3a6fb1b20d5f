//! What every platform client can do.

use async_trait::async_trait;
use domain::{
    Audience, Capability, Counts, Measured, Person, Renewal, Secret, TokenSet, account::Profile, connect::Barrier,
    grant::Expiry,
};
use jiff::civil::Date;
use url::Url;

use crate::PlatformError;

/// What is needed to send a browser to a platform.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Our callback address, exactly as registered.
    pub redirect_uri: &'a str,
    /// The one-time state.
    pub state: &'a str,
    /// The PKCE verifier, 43 to 128 characters (RFC 7636 section 4.1); its challenge is sent where
    /// the platform knows PKCE.
    pub verifier: &'a Secret,
    /// The scopes to ask for ([`crate::Entry::scopes`]).
    pub scopes: &'a [String],
    /// Ask again even if the platform remembers a consent.
    pub fresh_consent: bool,
}

/// What the callback brought.
#[derive(Debug, Clone)]
pub struct Grab<'a> {
    /// The authorisation code.
    pub code: &'a Secret,
    /// The same address that the browser was sent with.
    pub redirect_uri: &'a str,
    /// The verifier of the challenge that the browser was sent with.
    pub verifier: &'a Secret,
    /// What the accounts shall be used for: roles are judged by it.
    pub capabilities: &'a [Capability],
}

/// One account that a consent offers.
#[derive(Debug, Clone)]
pub struct Offer {
    /// What the platform says of it.
    pub profile: Profile,
    /// Why it cannot be connected, if it cannot.
    pub barrier: Option<Barrier>,
    /// Its own token, where children have one (a page's).
    pub token: Option<Secret>,
}

/// What one consent gave.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Who consented.
    pub person: Person,
    /// The person's tokens; `children` is empty, each [`Offer`] holds its own.
    pub tokens: TokenSet,
    /// When they end.
    pub expiry: Expiry,
    /// How they are kept alive.
    pub renewal: Renewal,
    /// The scopes that were given, where the platform tells.
    pub granted: Option<Vec<String>>,
    /// What can be connected with it, in the platform's order, each platform account id once.
    pub offers: Vec<Offer>,
    /// Whether these are all that the person shares with us: every list was read to its end.
    pub whole: bool,
}

/// What a living grant gives without a new consent.
#[derive(Debug, Clone)]
pub struct Reread {
    /// The scopes that it has now, where the platform tells.
    pub granted: Option<Vec<String>>,
    /// What can be connected with it now.
    pub offers: Vec<Offer>,
}

/// What a renewal gave.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// All tokens as they are now: those of children, and a refresh token that stays, are the ones that were sent.
    pub tokens: TokenSet,
    /// When they end. A renewal is never told of the leave to read data: `data_access` is none and says nothing of what
    /// is known of it.
    pub expiry: Expiry,
    /// The scopes that they have, where the answer tells.
    pub granted: Option<Vec<String>>,
}

/// How a grant is, looked at without being changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probe {
    /// The scopes that it has, where the platform tells.
    pub granted: Option<Vec<String>>,
    /// When the leave to read data ends, where the platform tells.
    pub data_access: Option<domain::Timestamp>,
    /// The platform's ids of the accounts that the person shares with us, where the platform tells: what is connected
    /// and not among them is no longer shared.
    pub shared: Option<Vec<String>>,
}

/// One account among those of a grant.
#[derive(Debug, Clone, Copy)]
pub struct Which<'a> {
    /// The platform's id of it.
    pub id: &'a str,
    /// Its kind.
    pub kind: &'a str,
}

/// How an account is now.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What the platform says of it. A role or a linked page that is none was not told, and is as it was.
    pub profile: Profile,
    /// What it counts as of now.
    pub counts: Counts,
}

/// What became of asking the platform to take the grant back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// The platform confirmed.
    Revoked,
    /// The platform says that it was gone already.
    AlreadyGone,
    /// The platform has no such call.
    Unsupported,
}

/// A client of one method at one platform, with our app's credentials.
///
/// `now` is the product's clock; every call has a deadline of ten seconds of its own.
#[async_trait]
pub trait Platform: Send + Sync {
    /// The address to send the browser to. Never fails: the catalogue was checked at the start.
    fn authorize_url(&self, ask: &Ask<'_>) -> Url;

    /// Spends the code: tokens, who consented, and what can be connected. Never retried.
    async fn exchange(&self, grab: &Grab<'_>, now: domain::Timestamp) -> Result<Consent, PlatformError>;

    /// What can be connected with a grant that lives, without a new consent, where one consent is for many
    /// accounts ([`crate::Entry::offers_many`]). `capabilities` is what they shall be used for.
    async fn reread(
        &self,
        _tokens: &TokenSet,
        _capabilities: &[Capability],
        _now: domain::Timestamp,
    ) -> Result<Reread, PlatformError> {
        Err(PlatformError::Misconfigured("a consent is for one account here".to_owned()))
    }

    /// Gets new tokens for the old ones, by one call on a connection of its own that is sent once and never followed by
    /// another. An answer that may hold tokens of which none can be read is [`PlatformError::Unreadable`]; it is used
    /// here only.
    async fn renew(&self, _tokens: &TokenSet, _now: domain::Timestamp) -> Result<Renewed, PlatformError> {
        Err(PlatformError::Misconfigured("a grant is renewed by a person here".to_owned()))
    }

    /// Looks whether a grant is as it was, where that costs nothing ([`crate::Entry::free_probe`]). That an access
    /// token has ended is [`PlatformError::GrantGone`] also where a refresh token gets the next one.
    async fn probe(&self, _tokens: &TokenSet, _now: domain::Timestamp) -> Result<Probe, PlatformError> {
        Err(PlatformError::Misconfigured("a grant is not looked at here".to_owned()))
    }

    /// Reads an account anew; an account that the grant no longer reaches is [`PlatformError::AccountGone`] or what the
    /// platform says.
    async fn profile(
        &self,
        _tokens: &TokenSet,
        _which: Which<'_>,
        _now: domain::Timestamp,
    ) -> Result<Snapshot, PlatformError> {
        Err(PlatformError::Misconfigured("a profile is not read here".to_owned()))
    }

    /// What the platform measured of an account from one day to another, both included. What it does not measure, and
    /// days of which it has nothing yet, are absent.
    async fn metrics(
        &self,
        _tokens: &TokenSet,
        _which: Which<'_>,
        _days: [Date; 2],
        _now: domain::Timestamp,
    ) -> Result<Measured, PlatformError> {
        Err(PlatformError::Misconfigured("nothing is measured here".to_owned()))
    }

    /// Who follows an account, in totals. What the platform does not tell, or has too little of, is absent.
    async fn audience(
        &self,
        _tokens: &TokenSet,
        _which: Which<'_>,
        _now: domain::Timestamp,
    ) -> Result<Audience, PlatformError> {
        Err(PlatformError::Misconfigured("no audience is told here".to_owned()))
    }

    /// Asks the platform to take the grant back. That only an access token does that, and this one has ended, is
    /// [`PlatformError::GrantGone`] with [`domain::DeadReason::Expired`]: another one is to be got first.
    async fn revoke(
        &self,
        person: &Person,
        tokens: &TokenSet,
        now: domain::Timestamp,
    ) -> Result<Revocation, PlatformError>;
}

#[cfg(test)]
mod tests;
