//! Who consented, to what and for how long; the same whatever is offered of their pages.

use domain::{Person, Secret, Timestamp, TokenSet};
use reqwest::Method;
use serde_json::Value;

use super::FacebookLogin;
use crate::{Grab, PlatformError, Renewed, catalogue::rule::Endpoint, facebook::lists, http, read, token::Tokens};

impl FacebookLogin {
    /// The code becomes a short token, and that the person's long one.
    pub(super) async fn long_token(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Tokens, PlatformError> {
        let short = self.oauth.code(grab, now).await?;
        self.oauth.token(exchange(&short.access), now).await
    }

    /// The person's long token becomes another one.
    pub(super) async fn extend(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.oauth.renew(self.oauth.token_request(exchange(&tokens.access)), tokens, now).await
    }

    /// Our app's own token (developers.facebook.com, "Access Tokens", app access tokens).
    pub(super) fn app_token(&self) -> Secret {
        Secret::new(format!("{}|{}", self.oauth.client_id, self.oauth.client_secret.expose()))
    }

    pub(super) async fn person(&self, token: &Secret, now: Timestamp) -> Result<Person, PlatformError> {
        let (me, _) = self.oauth.get(self.oauth.api(&["me"], &[("fields", "id,name")]), token, now).await?;
        let id = read::must_id(me.get("id"), "person")?;
        Ok(Person { name: read::name(me.get("name"), &id), id })
    }

    /// The permissions that the person left ticked.
    pub(super) async fn granted(&self, token: &Secret, now: Timestamp) -> Result<Vec<String>, PlatformError> {
        let url = self.oauth.api(&["me", "permissions"], &[("limit", "200")]);
        let (answer, _) = self.oauth.get(url, token, now).await?;
        let rows = lists::rows(&answer)?;
        let granted = rows.iter().filter(|row| row.get("status").and_then(Value::as_str) == Some("granted"));
        Ok(granted.filter_map(|row| read::text(row.get("permission"))).map(str::to_owned).collect())
    }

    /// De-authorises our app for the person.
    pub(super) async fn withdraw(&self, person: &Person, token: &Secret, now: Timestamp) -> Result<(), PlatformError> {
        let url = self.oauth.api(&[&person.id, "permissions"], &[]);
        let request = self.oauth.request(&self.oauth.http.fresh, Method::DELETE, url);
        let answer = http::send(request.bearer_auth(token.expose())).await?;
        let confirmed = answer.json.as_ref().and_then(|json| json.get("success")).and_then(Value::as_bool);
        if answer.is_success() && confirmed == Some(true) {
            return Ok(());
        }
        Err(self.oauth.method.classify(Endpoint::Api, &answer, now))
    }
}

/// Asks for a long token by one that lives, short or long.
fn exchange(token: &Secret) -> Vec<(&str, &str)> {
    vec![("grant_type", "fb_exchange_token"), ("fb_exchange_token", token.expose())]
}
