//! Threads by its own login (developers.facebook.com, "Threads API").

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{Audience, Counts, Measured, Metric, Person, Secret, Timestamp, TokenSet, account::Profile};
use jiff::{SignedDuration, ToSpan, civil::Date, tz::TimeZone};
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Revocation, Snapshot, Which,
    insights::Demographics, instagram, oauth::OAuth, read, token::Tokens,
};

/// What is asked of a profile.
const FIELDS: &str = "id,username,name,threads_profile_picture_url,is_verified";
/// What is asked of some days.
const METRICS: &str = "views,likes,replies,reposts,quotes,clicks";
/// Nothing was measured before (2024-04-13); an earlier moment is refused.
const FIRST: i64 = 1_712_991_600;
/// The platform's days end so long after those of UTC, an hour earlier in summer.
const LATER: SignedDuration = SignedDuration::from_hours(8);

/// The client.
pub(crate) struct Threads {
    oauth: OAuth,
    /// Where a short token becomes a long one.
    long_token: Url,
    /// Where a long token becomes another one.
    extend: Url,
}

#[async_trait]
impl Platform for Threads {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.oauth.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let code = instagram::bare(grab.code);
        let short = self.oauth.code_answer(&Grab { code: &code, ..grab.clone() }, now).await?;
        let tokens =
            self.oauth.long_token(&self.long_token, "th_exchange_token", &Tokens::parse(&short, now)?, now).await?;
        let profile = self.me(&tokens.access, now).await?;
        // The token's host tells the id as a number, the API as a text.
        if short.get("user_id").is_some_and(|id| !id.is_null())
            && read::must_id(short.get("user_id"), "token")? != profile.platform_account_id
        {
            return Err(PlatformError::Contract("the token is another account's".to_owned()));
        }
        let person = Person { id: profile.platform_account_id.clone(), name: profile.name.clone() };
        Ok(self.oauth.consent(tokens, person, Offer { profile, barrier: None, token: None }, now))
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        let query = [("grant_type", "th_refresh_token"), ("access_token", tokens.access.expose())];
        self.oauth.renew(self.oauth.query_request(&self.extend, &query), tokens, now).await
    }

    /// What the platform tells of a token it tells to testers of our app only, so the account is looked at.
    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let url = self.oauth.api(&["me"], &[("fields", "id")]);
        let (me, _) = self.oauth.get(url, &tokens.access, now).await?;
        read::must_id(me.get("id"), "account")?;
        Ok(Probe::default())
    }

    /// Who follows is one of the insights: without their permission it is not known.
    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let profile = read::the_one(self.me(&tokens.access, now).await?, which)?;
        let url = self.oauth.api(&[which.id, "threads_insights"], &[("metric", "followers_count")]);
        let counts = match self.oauth.get(url, &tokens.access, now).await {
            Ok((insights, _)) => {
                let followers = row(&insights, "followers_count").and_then(total);
                read::counts([(Metric::Followers, followers)])
            }
            Err(PlatformError::PermissionMissing) => Counts::new(),
            Err(error) => return Err(error),
        };
        Ok(Snapshot { profile, counts })
    }

    /// Views come by day, all else as a sum over the days.
    async fn metrics(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let Some([since, until]) = moments(days) else { return Ok(Measured::default()) };
        let query = [("metric", METRICS), ("since", &since.to_string()), ("until", &until.to_string())];
        let url = self.oauth.api(&[which.id, "threads_insights"], &query);
        let (insights, _) = self.oauth.get(url, &tokens.access, now).await?;
        let total = |name| row(&insights, name).and_then(total);
        Ok(Measured {
            total: read::counts([
                (Metric::Likes, total("likes")),
                (Metric::Comments, total("replies")),
                (Metric::Shares, read::sum([total("reposts"), total("quotes")])),
                (Metric::Clicks, row(&insights, "clicks").and_then(links)),
            ]),
            daily: row(&insights, "views").map(|row| daily(row, days)).unwrap_or_default(),
        })
    }

    /// The same as Instagram's, and of now whatever days are asked for.
    async fn audience(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Audience, PlatformError> {
        let path = [which.id, "threads_insights"];
        Demographics { oauth: &self.oauth, path, query: &[], token: &tokens.access, now }.audience().await
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.oauth.revoke(tokens, now).await
    }
}

impl Threads {
    /// Nothing if the catalogue does not say where long tokens come from.
    pub(crate) fn new(oauth: OAuth) -> Option<Self> {
        let (long_token, extend) = (oauth.method.long_token.clone()?, oauth.method.extend.clone()?);
        Some(Self { oauth, long_token, extend })
    }

    async fn me(&self, token: &Secret, now: Timestamp) -> Result<Profile, PlatformError> {
        let url = self.oauth.api(&["me"], &[("fields", FIELDS)]);
        let (me, _) = self.oauth.get(url, token, now).await?;
        profile(&me)
    }
}

/// The account of `/me`.
fn profile(me: &Value) -> Result<Profile, PlatformError> {
    let id = read::must_id(me.get("id"), "account")?;
    let handle = read::handle(me.get("username"));
    Ok(Profile {
        kind: "profile".to_owned(),
        name: read::name(me.get("name"), handle.as_deref().unwrap_or(&id)),
        picture_url: read::text(me.get("threads_profile_picture_url")).and_then(domain::text::picture_url),
        profile_url: handle.as_deref().and_then(|h| domain::text::https_url(&format!("https://www.threads.net/@{h}"))),
        tier: None,
        verified: me.get("is_verified").and_then(Value::as_bool),
        handle,
        platform_account_id: id,
        ..Profile::default()
    })
}

/// From when to when, in unix seconds; none where all of it is before anything was measured.
fn moments([from, to]: [Date; 2]) -> Option<[i64; 2]> {
    let begins = |day: Date| Some((day.to_zoned(TimeZone::UTC).ok()?.timestamp() + LATER).as_second());
    let until = begins(to.checked_add(1.day()).ok()?)?;
    (until > FIRST).then_some([begins(from)?.max(FIRST), until])
}

/// One metric's row.
fn row<'a>(insights: &'a Value, name: &str) -> Option<&'a Value> {
    insights.get("data")?.as_array()?.iter().find(|row| row.get("name").is_some_and(|n| n == name))
}

fn total(row: &Value) -> Option<u64> {
    read::count(row.pointer("/total_value/value"))
}

/// Clicks come by the links that they were on; no list is no answer.
fn links(row: &Value) -> Option<u64> {
    let links = row.get("link_total_values")?.as_array()?;
    links.iter().try_fold(0, |sum: u64, link| Some(sum.saturating_add(read::count(link.get("value"))?)))
}

/// Each value is of the day that ended at its moment.
fn daily(row: &Value, [from, to]: [Date; 2]) -> BTreeMap<Date, Counts> {
    let values = row.get("values").and_then(Value::as_array).into_iter().flatten();
    let read = values.filter_map(|value| {
        let ended: Timestamp = read::text(value.get("end_time"))?.parse().ok()?;
        let day = read::day(ended).yesterday().ok()?;
        let views = read::count(value.get("value"))?;
        (from..=to).contains(&day).then(|| (day, Counts::from([(Metric::Impressions, views), (Metric::Views, views)])))
    });
    read.collect()
}

#[cfg(test)]
mod tests;
