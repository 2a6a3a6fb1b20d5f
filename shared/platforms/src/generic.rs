//! `oauth2_generic`: any OAuth 2.0 service with a user-info address, described by an operator.

use async_trait::async_trait;
use domain::{Person, Timestamp, TokenSet, account::Profile};
use serde_json::Value;
use url::Url;

use crate::{Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Revocation, oauth::OAuth, read};

/// The client.
pub(crate) struct Generic {
    pub(crate) oauth: OAuth,
    pub(crate) fields: Fields,
}

/// Where the user-info answer holds what, as JSON pointers.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) handle: String,
}

#[async_trait]
impl Platform for Generic {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.oauth.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let tokens = self.oauth.code(grab, now).await?;
        let (user, _) = self.oauth.get(self.oauth.method.api.clone(), &tokens.access, now).await?;
        let profile = self.profile(&user)?;
        let person = Person { id: profile.platform_account_id.clone(), name: profile.name.clone() };
        Ok(self.oauth.consent(tokens, person, Offer { profile, barrier: None, token: None }, now))
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.oauth.refresh(tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let (user, _) = self.oauth.get(self.oauth.method.api.clone(), &tokens.access, now).await?;
        self.profile(&user)?;
        Ok(Probe::default())
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.oauth.revoke(tokens, now).await
    }
}

impl Generic {
    fn profile(&self, user: &Value) -> Result<Profile, PlatformError> {
        let id = read::must_id(user.pointer(&self.fields.id), "user")?;
        let handle = read::handle(user.pointer(&self.fields.handle));
        Ok(Profile {
            kind: "account".to_owned(),
            name: read::name(user.pointer(&self.fields.name), handle.as_deref().unwrap_or(&id)),
            // The standard claims (OpenID Connect Core 1.0 section 5.1), where they come.
            picture_url: read::text(user.get("picture")).and_then(domain::text::picture_url),
            profile_url: read::text(user.get("profile")).and_then(domain::text::https_url),
            handle,
            platform_account_id: id,
            ..Profile::default()
        })
    }
}

#[cfg(test)]
mod tests;
