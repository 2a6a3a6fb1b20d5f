//! Instagram's own login (developers.facebook.com, "Business Login for Instagram").

use async_trait::async_trait;
use domain::{Person, Secret, Timestamp, TokenSet, account::Profile, grant::Expiry};
use reqwest::header;
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Revocation, oauth::OAuth, read, token::Tokens,
};

/// What is asked of an account.
const FIELDS: &str = "id,user_id,username,name,account_type,profile_picture_url";

/// The client.
pub(crate) struct InstagramLogin {
    oauth: OAuth,
    /// Where a short token becomes a long one.
    long_token: Url,
    /// Where a long token becomes another one.
    extend: Url,
}

#[async_trait]
impl Platform for InstagramLogin {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.oauth.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        // `#_` is put behind the code and is no part of it.
        let code = grab.code.expose();
        let code = Secret::new(code.strip_suffix("#_").unwrap_or(code));
        let answer = self.oauth.code_answer(&Grab { code: &code, ..grab.clone() }, now).await?;
        // The documentation shows a list of one, the platform answers without it: both are read.
        let short = answer.pointer("/data/0").unwrap_or(&answer);
        let granted = permissions(short.get("permissions"))?;
        let tokens = self.long_token(&Tokens::parse(short, now)?, now).await?;
        let url = self.oauth.api(&["me"], &[("fields", FIELDS)]);
        let (me, _) = self.oauth.get(url, &tokens.access, now).await?;
        let account = account(&me)?;
        let person = person(&me, &account)?;
        check_subject(short.get("user_id"), &person, &account)?;
        Ok(Consent {
            person,
            expiry: Expiry { access: tokens.expires_at, refresh: None, data_access: None },
            renewal: self.oauth.method.renewal.renewal(),
            granted,
            tokens: TokenSet { access: tokens.access, refresh: None, children: [].into() },
            offers: vec![Offer { profile: account, barrier: None, token: None }],
            whole: true,
        })
    }

    /// The platform takes the token in the query only: this address is never told to anybody.
    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        let mut url = self.extend.clone();
        url.query_pairs_mut()
            .append_pair("grant_type", "ig_refresh_token")
            .append_pair("access_token", tokens.access.expose());
        let request = self.oauth.http.fresh.get(url).header(header::ACCEPT, "application/json");
        self.oauth.renew(request, tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let url = self.oauth.api(&["me"], &[("fields", "user_id")]);
        let (me, _) = self.oauth.get(url, &tokens.access, now).await?;
        read::must_id(me.get("user_id"), "account")?;
        Ok(Probe::default())
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.oauth.revoke(tokens, now).await
    }
}

impl InstagramLogin {
    /// Nothing if the catalogue does not say where long tokens come from.
    pub(crate) fn new(oauth: OAuth) -> Option<Self> {
        let (long_token, extend) = (oauth.method.long_token.clone()?, oauth.method.extend.clone()?);
        Some(Self { oauth, long_token, extend })
    }

    /// The platform takes secret and token in the query only: this address is never told to anybody.
    async fn long_token(&self, short: &Tokens, now: Timestamp) -> Result<Tokens, PlatformError> {
        let mut url = self.long_token.clone();
        url.query_pairs_mut()
            .append_pair("grant_type", "ig_exchange_token")
            .append_pair("client_secret", self.oauth.client_secret.expose())
            .append_pair("access_token", short.access.expose());
        let request = self.oauth.http.fresh.get(url).header(header::ACCEPT, "application/json");
        Tokens::parse(&self.oauth.token_answer(request, now).await?, now)
    }
}

/// An account as both logins tell it.
pub(crate) fn profile(user: &Value, id: String, kind: &str) -> Profile {
    let handle = read::handle(user.get("username"));
    Profile {
        kind: kind.to_owned(),
        name: read::name(user.get("name"), handle.as_deref().unwrap_or(&id)),
        picture_url: read::text(user.get("profile_picture_url")).and_then(domain::text::picture_url),
        profile_url: handle.as_deref().and_then(|h| domain::text::https_url(&format!("https://www.instagram.com/{h}"))),
        account_type: None,
        verified: None,
        role: None,
        linked_page_id: None,
        linked_page_name: None,
        handle,
        platform_account_id: id,
    }
}

/// The account of `/me`: `user_id` is the account's id everywhere, `id` only our app's name for it.
fn account(me: &Value) -> Result<Profile, PlatformError> {
    let id = read::must_id(me.get("user_id"), "account")?;
    let account_type = read::text(me.get("account_type"));
    let kind = match account_type.map(str::to_ascii_uppercase).as_deref() {
        Some("PERSONAL") => return Err(PlatformError::AccountTypeUnsupported),
        Some("CREATOR" | "MEDIA_CREATOR") => "instagram_creator",
        _ => "instagram_business",
    };
    let account_type = account_type.map(|t| domain::text::clean(t, 100));
    Ok(Profile { account_type, ..profile(me, id, kind) })
}

/// Who consented: the id that is scoped to our app, as Meta tells us of a removal by it, and the account's
/// own id is kept with the account.
fn person(me: &Value, account: &Profile) -> Result<Person, PlatformError> {
    Ok(Person { id: read::must_id(me.get("id"), "person")?, name: account.name.clone() })
}

/// The token must be the account's. Its answer names the account by either id: the documentation calls it
/// scoped, and the account's own is seen.
fn check_subject(named: Option<&Value>, person: &Person, account: &Profile) -> Result<(), PlatformError> {
    if named.is_none_or(Value::is_null) {
        return Ok(());
    }
    let named = read::must_id(named, "token")?;
    if named == person.id || named == account.platform_account_id {
        return Ok(());
    }
    Err(PlatformError::Contract("the token is another account's".to_owned()))
}

/// What was granted, as a list or with commas; nothing where the platform does not tell.
fn permissions(told: Option<&Value>) -> Result<Option<Vec<String>>, PlatformError> {
    let words: Vec<&str> = match told {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(words)) => words.split(',').collect(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        Some(_) => return Err(PlatformError::Contract("odd permissions".to_owned())),
    };
    Ok(Some(words.into_iter().map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests;
