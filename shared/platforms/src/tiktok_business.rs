//! TikTok's business accounts by TikTok's API for Business, whose pages are not public: what is read here is what
//! integrators' published code reads.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{Code, Counts, Measured, Metric, Person, Secret, Timestamp, TokenSet, account::Profile, connect::Barrier};
use jiff::civil::Date;
use serde_json::{Value, json};
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Renewed, Revocation, Snapshot, Which, oauth::OAuth, read,
    token::Tokens,
};

/// What is asked of an account.
const FIELDS: [&str; 5] = ["username", "display_name", "profile_image", "is_verified", "is_business_account"];
/// What it counts.
const COUNTS: [&str; 4] = ["followers_count", "following_count", "total_likes", "videos_count"];
/// What is measured by day.
const METRICS: [&str; 5] = ["video_views", "reach", "likes", "comments", "shares"];

/// The client.
pub(crate) struct TikTokBusiness(pub(crate) OAuth);

#[async_trait]
impl Platform for TikTokBusiness {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.0.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let answer = self.0.code_answer(grab, now).await?;
        let tokens = Tokens::parse(&answer, now)?;
        let id = read::must_id(answer.get("open_id"), "token")?;
        let business = self.business(&id, &FIELDS, &[], &tokens.access, now).await?;
        let profile = profile(&business, &id);
        let personal = business.get("is_business_account") == Some(&Value::Bool(false));
        let barrier = personal.then_some(Barrier { code: Code::AccountTypeUnsupported, fix_url: None });
        let person = Person { id, name: profile.name.clone() };
        Ok(self.0.consent(tokens, person, Offer { profile, barrier, token: None }, now))
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.0.refresh(tokens, now).await
    }

    /// Without the permission for numbers the rest is read alone.
    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let all = [FIELDS.as_slice(), &COUNTS].concat();
        let business = match self.business(which.id, &all, &[], &tokens.access, now).await {
            Err(PlatformError::PermissionMissing) => self.business(which.id, &FIELDS, &[], &tokens.access, now).await?,
            read => read?,
        };
        let count = |field| read::count(business.get(field));
        let counts = read::counts([
            (Metric::Followers, count("followers_count")),
            (Metric::Following, count("following_count")),
            (Metric::Likes, count("total_likes")),
            (Metric::Posts, count("videos_count")),
        ]);
        Ok(Snapshot { profile: profile(&business, which.id), counts })
    }

    /// What is measured by day is unverified, and so is where the days stand in the answer.
    async fn metrics(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let [from, to] = days.map(|day| day.to_string());
        let span = [("start_date", from.as_str()), ("end_date", to.as_str())];
        let business = self.business(which.id, &METRICS, &span, &tokens.access, now).await?;
        let rows = business.get("metrics").and_then(Value::as_array).into_iter().flatten();
        let daily: BTreeMap<Date, Counts> = rows
            .filter_map(day)
            .filter(|(day, counts)| (days[0]..=days[1]).contains(day) && !counts.is_empty())
            .collect();
        Ok(Measured { total: Counts::new(), daily })
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.0.revoke(tokens, now).await
    }
}

impl TikTokBusiness {
    async fn business(
        &self,
        id: &str,
        fields: &[&str],
        more: &[(&str, &str)],
        token: &Secret,
        now: Timestamp,
    ) -> Result<Value, PlatformError> {
        let fields = json!(fields).to_string();
        let query = [&[("business_id", id), ("fields", fields.as_str())], more].concat();
        let (mut json, _) = self.0.get(self.0.api(&["business", "get", ""], &query), token, now).await?;
        let business = json.get_mut("data").map(Value::take).filter(Value::is_object);
        business.ok_or_else(|| PlatformError::Contract("no account in the answer".to_owned()))
    }
}

/// The account of `business/get`, which does not repeat the id that it is asked for by.
fn profile(business: &Value, id: &str) -> Profile {
    let handle = read::handle(business.get("username"));
    Profile {
        kind: "profile".to_owned(),
        name: read::name(business.get("display_name"), handle.as_deref().unwrap_or(id)),
        picture_url: read::text(business.get("profile_image")).and_then(domain::text::picture_url),
        profile_url: handle.as_deref().and_then(|h| domain::text::https_url(&format!("https://www.tiktok.com/@{h}"))),
        account_type: match business.get("is_business_account") {
            Some(Value::Bool(true)) => Some("business".to_owned()),
            Some(Value::Bool(false)) => Some("personal".to_owned()),
            _ => None,
        },
        tier: None,
        verified: business.get("is_verified").and_then(Value::as_bool),
        handle,
        platform_account_id: id.to_owned(),
        ..Profile::default()
    }
}

/// One day and what was measured on it.
fn day(row: &Value) -> Option<(Date, Counts)> {
    let day = read::text(row.get("date"))?.parse().ok()?;
    let count = |field| read::count(row.get(field));
    let counts = read::counts([
        (Metric::Impressions, count("video_views")),
        (Metric::Views, count("video_views")),
        (Metric::Reach, count("reach")),
        (Metric::Likes, count("likes")),
        (Metric::Comments, count("comments")),
        (Metric::Shares, count("shares")),
    ]);
    Some((day, counts))
}

#[cfg(test)]
mod tests;
