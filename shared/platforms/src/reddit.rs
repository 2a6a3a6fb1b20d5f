//! Reddit: OAuth 2.0, API v1.

use async_trait::async_trait;
use domain::{Measured, Metric, Person, Secret, Timestamp, TokenSet, account::Profile};
use jiff::civil::Date;
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Revocation, Snapshot, Which,
    catalogue::rule::Endpoint, oauth::OAuth, read,
};

/// The client.
pub(crate) struct Reddit(pub(crate) OAuth);

#[async_trait]
impl Platform for Reddit {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.0.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        // A code that comes twice ends the tokens that it gave.
        let tokens = self.0.code(grab, now).await?;
        let profile = profile(&self.me(&tokens.access, now).await?)?;
        let person = Person { id: profile.platform_account_id.clone(), name: profile.name.clone() };
        Ok(self.0.consent(tokens, person, Offer { profile, barrier: None, token: None }, now))
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.0.refresh(tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let me = self.me(&tokens.access, now).await?;
        read::must_id(me.get("id"), "account")?;
        Ok(Probe::default())
    }

    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let me = self.me(&tokens.access, now).await?;
        let counts = read::counts([(Metric::Followers, read::count(me.pointer("/subreddit/subscribers")))]);
        Ok(Snapshot { profile: read::the_one(profile(&me)?, which)?, counts })
    }

    /// The platform measures posts alone, and no call tells which of an account's posts there are with their numbers.
    async fn metrics(
        &self,
        _tokens: &TokenSet,
        _which: Which<'_>,
        _days: [Date; 2],
        _now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        Ok(Measured::default())
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.0.revoke(tokens, now).await
    }
}

impl Reddit {
    /// The account of a token, if it is not suspended.
    async fn me(&self, token: &Secret, now: Timestamp) -> Result<Value, PlatformError> {
        let (me, mut answer) = self.0.get(self.0.api(&["me"], &[]), token, now).await?;
        if me.get("is_suspended") == Some(&Value::Bool(true)) {
            return Err(PlatformError::AccountRestricted);
        }
        // An error may come with status 200.
        if me.get("error").is_some_and(|error| !error.is_null()) {
            answer.json = Some(me);
            return Err(self.0.method.classify(Endpoint::Api, &answer, now));
        }
        Ok(me)
    }
}

/// The account of `/me`. That its mail address is verified says nothing of who it is.
fn profile(me: &Value) -> Result<Profile, PlatformError> {
    let id = read::must_id(me.get("id"), "account")?;
    let handle = read::handle(me.get("name"));
    // Written for a page. The address is signed and ends, so nothing is cut off.
    let picture = read::text(me.get("icon_img")).map(|url| url.replace("&amp;", "&"));
    Ok(Profile {
        kind: "profile".to_owned(),
        name: read::name(me.pointer("/subreddit/title"), handle.as_deref().unwrap_or(&id)),
        picture_url: picture.and_then(|url| domain::text::picture_url(&url)),
        profile_url: handle
            .as_deref()
            .and_then(|h| domain::text::https_url(&format!("https://www.reddit.com/user/{h}/"))),
        handle,
        platform_account_id: id,
        ..Profile::default()
    })
}

#[cfg(test)]
mod tests;
