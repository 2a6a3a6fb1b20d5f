//! Pinterest: OAuth 2.0, API v5 (developers.pinterest.com, pinterest/api-description).

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{Counts, Measured, Metric, Person, Secret, Timestamp, TokenSet, account::Profile};
use jiff::{ToSpan, civil::Date};
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Revocation, Snapshot, Which, oauth::OAuth, read,
};

/// What is asked of some days.
const METRICS: &str = "IMPRESSION,SAVE,PIN_CLICK,OUTBOUND_CLICK";
/// So many days are kept, today among them; an earlier day is refused.
const KEPT_DAYS: i32 = 90;
/// The platform's word for an account that is no business.
const PERSONAL: &str = "PINNER";

/// The client.
pub(crate) struct Pinterest(pub(crate) OAuth);

#[async_trait]
impl Platform for Pinterest {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.0.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let tokens = self.0.code(grab, now).await?;
        let profile = profile(&self.user(&tokens.access, now).await?)?;
        let person = Person { id: profile.platform_account_id.clone(), name: profile.name.clone() };
        Ok(self.0.consent(tokens, person, Offer { profile, barrier: None, token: None }, now))
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.0.refresh(tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let user = self.user(&tokens.access, now).await?;
        read::must_id(user.get("id"), "account")?;
        Ok(Probe::default())
    }

    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let user = self.user(&tokens.access, now).await?;
        let count = |field| read::count(user.get(field));
        let counts = read::counts([
            (Metric::Followers, count("follower_count")),
            (Metric::Following, count("following_count")),
            (Metric::Posts, count("pin_count")),
        ]);
        Ok(Snapshot { profile: read::the_one(profile(&user)?, which)?, counts })
    }

    /// Nothing is measured of an account that is no business, which is refused as if a permission were missing.
    async fn metrics(
        &self,
        tokens: &TokenSet,
        _which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let Some(kept) = kept(days, read::day(now)) else { return Ok(Measured::default()) };
        let [from, to] = kept.map(|day| day.to_string());
        let query = [("start_date", from.as_str()), ("end_date", &to), ("metric_types", METRICS)];
        let url = self.0.api(&["user_account", "analytics"], &query);
        match self.0.get(url, &tokens.access, now).await {
            Ok((analytics, _)) => Ok(measured(&analytics, kept, kept == days)),
            Err(PlatformError::PermissionMissing) => {
                let user = self.user(&tokens.access, now).await?;
                let personal = user.get("account_type").is_some_and(|told| told == PERSONAL);
                if personal { Ok(Measured::default()) } else { Err(PlatformError::PermissionMissing) }
            }
            Err(error) => Err(error),
        }
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.0.revoke(tokens, now).await
    }
}

impl Pinterest {
    async fn user(&self, token: &Secret, now: Timestamp) -> Result<Value, PlatformError> {
        let (user, _) = self.0.get(self.0.api(&["user_account"], &[]), token, now).await?;
        Ok(user)
    }
}

/// The account of `/user_account`.
fn profile(user: &Value) -> Result<Profile, PlatformError> {
    let id = read::must_id(user.get("id"), "account")?;
    let handle = read::handle(user.get("username"));
    Ok(Profile {
        kind: "profile".to_owned(),
        name: read::name(user.get("business_name"), handle.as_deref().unwrap_or(&id)),
        picture_url: read::text(user.get("profile_image")).and_then(domain::text::picture_url),
        profile_url: handle
            .as_deref()
            .and_then(|h| domain::text::https_url(&format!("https://www.pinterest.com/{h}/"))),
        account_type: read::text(user.get("account_type")).map(|t| domain::text::clean(t, 100)),
        handle,
        platform_account_id: id,
        ..Profile::default()
    })
}

/// The days of these that the platform has kept.
fn kept([from, to]: [Date; 2], today: Date) -> Option<[Date; 2]> {
    let first = today.checked_sub((KEPT_DAYS - 1).days()).ok()?;
    let kept = [from.max(first), to.min(today)];
    (kept[0] <= kept[1]).then_some(kept)
}

/// The platform's own sum is one over the days that it was asked for.
fn measured(analytics: &Value, [from, to]: [Date; 2], whole: bool) -> Measured {
    let rows = analytics.pointer("/all/daily_metrics").and_then(Value::as_array).into_iter().flatten();
    let daily: BTreeMap<Date, Counts> =
        rows.filter_map(day).filter(|(day, counts)| (from..=to).contains(day) && !counts.is_empty()).collect();
    let total = analytics.pointer("/all/summary_metrics").filter(|_| whole).map(numbers).unwrap_or_default();
    Measured { total, daily }
}

/// A day, if the platform has done with it.
fn day(row: &Value) -> Option<(Date, Counts)> {
    let day = read::text(row.get("date"))?.parse().ok()?;
    let ready = row.get("data_status").is_none_or(|status| status == "READY" || status == "ESTIMATE");
    ready.then(|| (day, row.get("metrics").map(numbers).unwrap_or_default()))
}

fn numbers(metrics: &Value) -> Counts {
    let count = |name| read::count(metrics.get(name));
    read::counts([
        (Metric::Impressions, count("IMPRESSION")),
        (Metric::Saves, count("SAVE")),
        (Metric::Clicks, read::sum([count("PIN_CLICK"), count("OUTBOUND_CLICK")])),
    ])
}

#[cfg(test)]
mod tests;
