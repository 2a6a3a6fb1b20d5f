//! Google's sign-in, the same whatever is offered with it (developers.google.com, "OAuth 2.0 for Web Server
//! Applications").

use async_trait::async_trait;
use domain::{Audience, Capability, Measured, Person, Secret, Timestamp, TokenSet};
use futures::try_join;
use jiff::civil::Date;
use reqwest::Method;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Reread, Revocation, Snapshot, Which,
    catalogue::rule::Endpoint, http, oauth::OAuth, read, token::words,
};

/// The client.
pub(crate) struct GoogleLogin {
    pub(crate) oauth: OAuth,
    pub(crate) offered: Offered,
}

/// What is offered of a person's.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Offered {
    /// The channel that was picked on Google's page.
    Channel,
    /// The locations of all business profiles.
    Locations,
}

/// What a token opens.
pub(crate) struct Found {
    /// What the person is called, where anything tells.
    pub(crate) name: Option<String>,
    pub(crate) offers: Vec<Offer>,
    /// Whether that is all there is.
    pub(crate) whole: bool,
}

#[async_trait]
impl Platform for GoogleLogin {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.oauth.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let tokens = self.oauth.code(grab, now).await?;
        // It was asked for; without it the consent is over in an hour, and the one that is kept would be lost.
        if tokens.refresh.is_none() {
            return Err(PlatformError::Contract("a consent without a refresh token".to_owned()));
        }
        let (told, found) =
            try_join!(self.look(&tokens.access, now), self.find(&tokens.access, grab.capabilities, now))?;
        let id = told.subject.ok_or_else(|| PlatformError::Contract("a token of nobody".to_owned()))?;
        Ok(Consent {
            person: Person { name: found.name.unwrap_or_else(|| id.clone()), id },
            expiry: self.oauth.expiry(&tokens, now),
            renewal: self.oauth.method.renewal.renewal(),
            granted: tokens.scopes.or(told.scopes),
            tokens: TokenSet { access: tokens.access, refresh: tokens.refresh, children: [].into() },
            offers: found.offers,
            whole: found.whole,
        })
    }

    async fn reread(
        &self,
        tokens: &TokenSet,
        capabilities: &[Capability],
        now: Timestamp,
    ) -> Result<Reread, PlatformError> {
        let (told, found) = try_join!(self.look(&tokens.access, now), self.find(&tokens.access, capabilities, now))?;
        Ok(Reread { granted: told.scopes, offers: found.offers })
    }

    /// The answer brings no refresh token: the one that was sent stays.
    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.oauth.refresh(tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let told = self.look(&tokens.access, now).await?;
        Ok(Probe { granted: told.scopes, ..Probe::default() })
    }

    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        match self.offered {
            Offered::Channel => self.channel(&tokens.access, which.id, now).await,
            Offered::Locations => self.location(&tokens.access, which.id, now).await,
        }
    }

    async fn metrics(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        match self.offered {
            Offered::Channel => self.channel_metrics(&tokens.access, days, now).await,
            Offered::Locations => self.location_metrics(&tokens.access, which.id, days, now).await,
        }
    }

    async fn audience(&self, tokens: &TokenSet, _: Which<'_>, now: Timestamp) -> Result<Audience, PlatformError> {
        match self.offered {
            Offered::Channel => self.channel_audience(&tokens.access, now).await,
            Offered::Locations => Ok(Audience::new()),
        }
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.oauth.revoke(tokens, now).await
    }
}

/// What Google tells of an access token.
struct Told {
    /// Whose it is, by the id that notices name too.
    subject: Option<String>,
    scopes: Option<Vec<String>>,
}

impl GoogleLogin {
    async fn find(&self, token: &Secret, asked: &[Capability], now: Timestamp) -> Result<Found, PlatformError> {
        match self.offered {
            Offered::Channel => self.find_channel(token, now).await,
            Offered::Locations => self.find_locations(token, asked, now).await,
        }
    }

    /// Google takes the token that it looks into in the query only: this address is never told to anybody.
    async fn look(&self, token: &Secret, now: Timestamp) -> Result<Told, PlatformError> {
        let url = self.oauth.method.introspect.clone();
        let mut url = url.ok_or_else(|| PlatformError::Misconfigured("nothing looks into tokens".to_owned()))?;
        url.query_pairs_mut().append_pair("access_token", token.expose());
        let answer = http::send(self.oauth.request(&self.oauth.http.kept, Method::GET, url)).await?;
        let Some(told) = answer.json.as_ref().filter(|told| answer.is_success() && told.is_object()) else {
            return Err(self.oauth.method.classify(Endpoint::Api, &answer, now));
        };
        Ok(Told { subject: read::id(told.get("sub")), scopes: read::text(told.get("scope")).map(words) })
    }
}

#[cfg(test)]
mod tests;
