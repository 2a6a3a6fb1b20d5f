//! Locations of Google Business Profile (developers.google.com, "Business Profile APIs").

use domain::{Capability, Code, Counts, Measured, Metric, Secret, Timestamp, account::Profile, connect::Barrier};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use serde_json::Value;
use url::Url;

use crate::{
    Offer, PlatformError, Snapshot,
    google::{Found, GoogleLogin},
    read,
};

/// What is asked of a location.
const FIELDS: &str = "name,title,storefrontAddress,metadata";
/// Where a person asks for another role.
const MANAGE: &str = "https://business.google.com/locations";
/// Most answers of one list that are read.
const MOST_LISTS: u32 = 50;
/// Most locations that are offered: they wait in one item.
const MOST_LOCATIONS: usize = 200;
/// Calls under way at once.
const AT_ONCE: usize = 4;
/// What is measured, in Google's words; what bears the same name here is one sum.
const MEASURED: [(&str, Metric); 7] = [
    ("BUSINESS_IMPRESSIONS_DESKTOP_MAPS", Metric::Impressions),
    ("BUSINESS_IMPRESSIONS_DESKTOP_SEARCH", Metric::Impressions),
    ("BUSINESS_IMPRESSIONS_MOBILE_MAPS", Metric::Impressions),
    ("BUSINESS_IMPRESSIONS_MOBILE_SEARCH", Metric::Impressions),
    ("WEBSITE_CLICKS", Metric::Clicks),
    ("CALL_CLICKS", Metric::Clicks),
    ("BUSINESS_DIRECTION_REQUESTS", Metric::Clicks),
];

impl GoogleLogin {
    /// The locations of all accounts, each once: the same one may be in several, and counts with the best role.
    pub(crate) async fn find_locations(
        &self,
        token: &Secret,
        asked: &[Capability],
        now: Timestamp,
    ) -> Result<Found, PlatformError> {
        let url = self.oauth.api_of("accounts", &["accounts"], &[("pageSize", "20")])?;
        let accounts = self.pages(url, "accounts", token, now).await?;
        let lists: Vec<_> = accounts.iter().map(|account| self.locations(account, token, now)).collect();
        let lists: Vec<Vec<Value>> = stream::iter(lists).buffered(AT_ONCE).try_collect().await?;
        let mut offers: Vec<Offer> = Vec::new();
        for (account, location) in accounts.iter().zip(&lists).flat_map(|(a, list)| list.iter().map(move |l| (a, l))) {
            let Some(offer) = self.offer(account, location, asked) else { continue };
            let same = |o: &&mut Offer| o.profile.platform_account_id == offer.profile.platform_account_id;
            match offers.iter_mut().find(same) {
                Some(known) if known.barrier.is_some() && offer.barrier.is_none() => *known = offer,
                Some(_) => {}
                None => offers.push(offer),
            }
        }
        offers.truncate(MOST_LOCATIONS);
        // The account of the person's own is named after them.
        let own = accounts.iter().find(|a| read::text(a.get("type")) == Some("PERSONAL"));
        let name = own.map(|own| read::name(own.get("accountName"), "")).filter(|name| !name.is_empty());
        let whole = offers.len() < MOST_LOCATIONS;
        Ok(Found { name, offers, whole })
    }

    /// A location as it is now. Whose it is is not told here.
    pub(crate) async fn location(&self, token: &Secret, id: &str, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let url = self.oauth.api(&["locations", id], &[("readMask", FIELDS)]);
        let (location, _) = self.oauth.get(url, token, now).await?;
        let profile = profile(&location, None);
        let profile = profile.ok_or_else(|| PlatformError::Contract("location without a usable id".to_owned()))?;
        Ok(Snapshot { profile, counts: Counts::new() })
    }

    /// What Google measured of a location.
    pub(crate) async fn location_metrics(
        &self,
        token: &Secret,
        id: &str,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let path = ["locations", &format!("{id}:fetchMultiDailyMetricsTimeSeries")];
        let mut url = self.oauth.api_of("performance", &path, &[])?;
        url.query_pairs_mut().extend_pairs(MEASURED.map(|(name, _)| ("dailyMetrics", name)));
        for (key, day) in ["startDate", "endDate"].into_iter().zip(days) {
            let parts = [("year", i32::from(day.year())), ("month", day.month().into()), ("day", day.day().into())];
            let parts = parts.map(|(part, number)| (format!("dailyRange.{key}.{part}"), number.to_string()));
            url.query_pairs_mut().extend_pairs(parts);
        }
        let (answer, _) = self.oauth.get(url, token, now).await?;
        Ok(sums(&answer))
    }

    async fn locations(&self, account: &Value, token: &Secret, now: Timestamp) -> Result<Vec<Value>, PlatformError> {
        let Some(name) = read::id(account.get("name")) else { return Ok(Vec::new()) };
        let path: Vec<&str> = name.split('/').chain(["locations"]).collect();
        let url = self.oauth.api(&path, &[("readMask", FIELDS), ("pageSize", "100")]);
        match self.pages(url, "locations", token, now).await {
            // What the person may not see in one account is not there.
            Err(PlatformError::PermissionMissing | PlatformError::AccountGone) => Ok(Vec::new()),
            locations => locations,
        }
    }

    /// A whole list, page by page; nothing of it is there where it is empty.
    async fn pages(&self, first: Url, key: &str, token: &Secret, now: Timestamp) -> Result<Vec<Value>, PlatformError> {
        let (mut all, mut page) = (Vec::new(), None);
        for _ in 0..MOST_LISTS {
            let mut url = first.clone();
            url.query_pairs_mut().extend_pairs(page.as_ref().map(|page: &String| ("pageToken", page)));
            let (mut answer, _) = self.oauth.get(url, token, now).await?;
            match answer.get_mut(key).map(Value::take) {
                None | Some(Value::Null) => {}
                Some(Value::Array(rows)) => all.extend(rows),
                Some(_) => return Err(PlatformError::Contract(format!("odd {key}"))),
            }
            let next = read::text(answer.get("nextPageToken")).map(str::to_owned);
            if next.is_none() || next == page {
                return Ok(all);
            }
            if all.len() >= MOST_LOCATIONS {
                break;
            }
            page = next;
        }
        tracing::warn!(platform = %self.oauth.method.platform, list = key, read = all.len(),
            "a list was not read to its end");
        Ok(all)
    }

    /// A location by the person's role in its account; nothing if it has no usable id.
    fn offer(&self, account: &Value, location: &Value, asked: &[Capability]) -> Option<Offer> {
        let method = &self.oauth.method;
        let role = read::text(account.get("role"));
        let profile = profile(location, role.and_then(|role| method.role(&[role])))?;
        // Where no role is told, the platform itself is left to judge.
        let too_small = role.is_some_and(|role| !method.may_connect(&[role], asked));
        let barrier = Barrier { code: Code::InsufficientPlatformRole, fix_url: Some(MANAGE.to_owned()) };
        Some(Offer { profile, barrier: too_small.then_some(barrier), token: None })
    }
}

/// A location; its id is the same in every account.
fn profile(location: &Value, role: Option<&str>) -> Option<Profile> {
    let id = read::id(location.get("name"))?.strip_prefix("locations/").filter(|id| !id.is_empty())?.to_owned();
    let at = |pointer| location.pointer(pointer);
    Some(Profile {
        kind: "location".to_owned(),
        name: read::name(at("/title"), &id),
        profile_url: read::text(at("/metadata/mapsUri")).and_then(domain::text::https_url),
        tier: None,
        verified: at("/metadata/hasVoiceOfMerchant").and_then(Value::as_bool),
        role: role.map(str::to_owned),
        platform_account_id: id,
        ..Profile::default()
    })
}

/// What is told of each day. A day without a value counts 0: that is how this API writes it.
fn sums(answer: &Value) -> Measured {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let all = list(answer.get("multiDailyMetricTimeSeries"));
    let series = all.iter().flat_map(|one| list(one.get("dailyMetricTimeSeries")));
    let mut measured = Measured::default();
    for series in series {
        let name = read::text(series.get("dailyMetric")).unwrap_or_default();
        let Some((_, metric)) = MEASURED.iter().find(|(known, _)| *known == name) else { continue };
        for value in list(series.pointer("/timeSeries/datedValues")) {
            let count = value.get("value").map_or(Some(0), |count| read::count(Some(count)));
            if let Some((day, count)) = read::date(value.get("date")).zip(count) {
                let sum = measured.daily.entry(day).or_default().entry(*metric).or_default();
                *sum = sum.saturating_add(count);
            }
        }
    }
    measured
}
