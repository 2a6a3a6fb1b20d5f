//! Instagram's own login (developers.facebook.com, "Business Login for Instagram").

use async_trait::async_trait;
use domain::{
    Audience, Counts, Measured, Metric, Person, Secret, Timestamp, TokenSet, account::Profile, grant::Expiry,
};
use futures::try_join;
use jiff::civil::Date;
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Revocation, Snapshot, Which,
    insights::{Demographics, Insights},
    oauth::OAuth,
    read,
    token::Tokens,
};

/// What is asked of an account.
const FIELDS: &str = "id,user_id,username,name,account_type,profile_picture_url";
/// What is asked of an account by its id, with what it counts; by either login.
pub(crate) const COUNTED: &str = "id,username,name,profile_picture_url,followers_count,follows_count,media_count";
/// What is measured by day.
const DAILY: [(&str, &[Metric]); 1] = [("reach", &[Metric::Reach])];
/// What is measured over some days together only.
const TOTAL: [(&str, &[Metric]); 6] = [
    ("views", &[Metric::Impressions, Metric::Views]),
    ("likes", &[Metric::Likes]),
    ("comments", &[Metric::Comments]),
    ("shares", &[Metric::Shares]),
    ("saves", &[Metric::Saves]),
    ("profile_links_taps", &[Metric::Clicks]),
];

/// Of more days at once nothing is measured: "There cannot be more than 30 days (2592000 s) between since and until"
/// (seen in integrators' code).
pub(crate) const MOST_DAYS: i32 = 30;

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
        let code = bare(grab.code);
        let answer = self.oauth.code_answer(&Grab { code: &code, ..grab.clone() }, now).await?;
        // The documentation shows a list of one, the platform answers without it: both are read.
        let short = answer.pointer("/data/0").unwrap_or(&answer);
        let granted = permissions(short.get("permissions"))?;
        let tokens =
            self.oauth.long_token(&self.long_token, "ig_exchange_token", &Tokens::parse(short, now)?, now).await?;
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

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        let query = [("grant_type", "ig_refresh_token"), ("access_token", tokens.access.expose())];
        self.oauth.renew(self.oauth.query_request(&self.extend, &query), tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let url = self.oauth.api(&["me"], &[("fields", "user_id")]);
        let (me, _) = self.oauth.get(url, &tokens.access, now).await?;
        read::must_id(me.get("user_id"), "account")?;
        Ok(Probe::default())
    }

    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let fields = format!("{FIELDS},followers_count,follows_count,media_count");
        let (me, _) = self.oauth.get(self.oauth.api(&["me"], &[("fields", &fields)]), &tokens.access, now).await?;
        Ok(Snapshot { profile: read::the_one(account(&me)?, which)?, counts: counts(&me) })
    }

    async fn metrics(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let (oauth, token) = (&self.oauth, &tokens.access);
        measured(&Insights { oauth, id: which.id, token, days, most_days: MOST_DAYS, now }).await
    }

    async fn audience(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Audience, PlatformError> {
        audience(&self.oauth, which, &tokens.access, now).await
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
}

/// A code without the `#_` that is put behind it and is no part of it.
pub(crate) fn bare(code: &Secret) -> Secret {
    let code = code.expose();
    Secret::new(code.strip_suffix("#_").unwrap_or(code))
}

/// An account as both logins tell it.
pub(crate) fn profile(user: &Value, id: String, kind: &str) -> Profile {
    let handle = read::handle(user.get("username"));
    Profile {
        kind: kind.to_owned(),
        name: read::name(user.get("name"), handle.as_deref().unwrap_or(&id)),
        picture_url: read::text(user.get("profile_picture_url")).and_then(domain::text::picture_url),
        profile_url: handle.as_deref().and_then(|h| domain::text::https_url(&format!("https://www.instagram.com/{h}"))),
        handle,
        platform_account_id: id,
        ..Profile::default()
    }
}

/// What both logins count.
pub(crate) fn counts(user: &Value) -> Counts {
    read::counts([
        (Metric::Followers, read::count(user.get("followers_count"))),
        (Metric::Following, read::count(user.get("follows_count"))),
        (Metric::Posts, read::count(user.get("media_count"))),
    ])
}

/// What both logins measure. What is summed over a single day is that day's.
pub(crate) async fn measured(insights: &Insights<'_>) -> Result<Measured, PlatformError> {
    let (mut daily, total) = try_join!(insights.daily(&DAILY), insights.total(&TOTAL))?;
    let [from, to] = insights.days;
    if from == to && !total.is_empty() {
        daily.entry(from).or_default().extend(total.clone());
    }
    Ok(Measured { total, daily })
}

/// Who follows, as both logins tell it (developers.facebook.com, "Instagram Account Insights").
pub(crate) async fn audience(
    oauth: &OAuth,
    which: Which<'_>,
    token: &Secret,
    now: Timestamp,
) -> Result<Audience, PlatformError> {
    let query = &[("period", "lifetime"), ("metric_type", "total_value")];
    Demographics { oauth, path: [which.id, "insights"], query, token, now }.audience().await
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
