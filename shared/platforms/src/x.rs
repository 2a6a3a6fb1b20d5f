//! X: OAuth 2.0 with PKCE, API v2 (docs.x.com).

use async_trait::async_trait;
use domain::{Person, Renewal, Timestamp, TokenSet, account::Profile};
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Renewed, Revocation, catalogue::rule::Endpoint, oauth::OAuth,
    read,
};

/// What is asked of a profile.
const FIELDS: &str = "id,name,username,profile_image_url,verified,verified_type";

/// The client.
pub(crate) struct X(pub(crate) OAuth);

#[async_trait]
impl Platform for X {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.0.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        // The code lives for 30 seconds: nothing comes before this call.
        let tokens = self.0.code(grab, now).await?;
        let url = self.0.api(&["users", "me"], &[("user.fields", FIELDS)]);
        let (json, mut answer) = self.0.get(url, &tokens.access, now).await?;
        // A partial error comes with status 200 and no data.
        let Some(user) = json.get("data").filter(|data| data.is_object()) else {
            answer.json = Some(json);
            return Err(self.0.method.classify(Endpoint::Api, &answer, now));
        };
        let profile = profile(user)?;
        Ok(Consent {
            person: Person { id: profile.platform_account_id.clone(), name: profile.name.clone() },
            expiry: self.0.expiry(&tokens, now),
            renewal: if tokens.refresh.is_some() { self.0.method.renewal.renewal() } else { Renewal::None },
            granted: tokens.scopes,
            tokens: TokenSet { access: tokens.access, refresh: tokens.refresh, children: [].into() },
            offers: vec![Offer { profile, barrier: None, token: None }],
            whole: true,
        })
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.0.refresh(tokens, now).await
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.0.revoke(tokens, now).await
    }
}

/// A user object (docs.x.com, "User object").
fn profile(user: &Value) -> Result<Profile, PlatformError> {
    let id = read::must_id(user.get("id"), "user")?;
    let handle = read::handle(user.get("username"));
    let picture = read::text(user.get("profile_image_url")).map(|url| url.replace("_normal.", "_400x400."));
    Ok(Profile {
        kind: "profile".to_owned(),
        name: read::name(user.get("name"), handle.as_deref().unwrap_or(&id)),
        picture_url: picture.and_then(|url| domain::text::picture_url(&url)),
        profile_url: handle.as_deref().and_then(|h| domain::text::https_url(&format!("https://x.com/{h}"))),
        account_type: read::text(user.get("verified_type")).filter(|t| *t != "none").map(str::to_owned),
        verified: user.get("verified").and_then(Value::as_bool),
        role: None,
        linked_page_id: None,
        linked_page_name: None,
        handle,
        platform_account_id: id,
    })
}

#[cfg(test)]
mod tests;
