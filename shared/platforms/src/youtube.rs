//! YouTube channels (developers.google.com, "YouTube Data API", "YouTube Analytics API").

use std::collections::BTreeMap;

use domain::{
    Audience, Code, Counts, Facet, Measured, Metric, Secret, Timestamp, account::Profile, connect::Barrier,
    metric::Part,
};
use futures::try_join;
use jiff::{ToSpan, civil::Date};
use serde_json::Value;

use crate::{
    Offer, PlatformError, Snapshot, audience,
    google::{Found, GoogleLogin},
    read,
};

/// What is asked of a channel; its price in quota is the same with one part as with all.
const PARTS: &str = "snippet,statistics";
/// Where a person makes a channel.
const MAKE_ONE: &str = "https://www.youtube.com/create_channel";
/// What is measured, in YouTube's words.
const WORDS: &str = "views,likes,comments,shares";
/// What each is here; how often a video was shown is told nowhere but as its views.
const MEASURED: [(&str, Metric); 5] = [
    ("views", Metric::Impressions),
    ("views", Metric::Views),
    ("likes", Metric::Likes),
    ("comments", Metric::Comments),
    ("shares", Metric::Shares),
];

/// So many days make an audience.
const AUDIENCE_DAYS: i32 = 90;

impl GoogleLogin {
    /// The channel that was picked, or what stands in for one where the account has none.
    pub(crate) async fn find_channel(&self, token: &Secret, now: Timestamp) -> Result<Found, PlatformError> {
        let channels = self.channels(token, now).await?;
        let offer = |channel| Ok(Offer { profile: profile(channel)?, barrier: None, token: None });
        let mut offers = channels.iter().map(offer).collect::<Result<Vec<Offer>, PlatformError>>()?;
        let name = offers.first().map(|offer| offer.profile.name.clone());
        if offers.is_empty() {
            offers.push(without_channel());
        }
        Ok(Found { name, offers, whole: true })
    }

    /// A channel as it is now.
    pub(crate) async fn channel(&self, token: &Secret, id: &str, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let channels = self.channels(token, now).await?;
        let channel = channels.iter().find(|channel| read::id(channel.get("id")).as_deref() == Some(id));
        let channel = channel.ok_or(PlatformError::AccountGone)?;
        Ok(Snapshot { profile: profile(channel)?, counts: counts(channel) })
    }

    /// Days of which YouTube has nothing yet, the last two or three, are absent.
    pub(crate) async fn channel_metrics(
        &self,
        token: &Secret,
        [from, to]: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let table = self.report([from, to], WORDS, "day", token, now).await?;
        Ok(Measured { daily: table.rows.iter().filter_map(|row| table.day(row)).collect(), ..Measured::default() })
    }

    /// Who watched in the last ninety days: how old and of which gender those are whom YouTube knows, and in which
    /// countries the channel was viewed. Of a channel that too few have watched no row comes.
    pub(crate) async fn channel_audience(&self, token: &Secret, now: Timestamp) -> Result<Audience, PlatformError> {
        let today = read::day(now);
        let days = [today.saturating_sub(AUDIENCE_DAYS.days()), today];
        let (people, countries) = try_join!(
            self.report(days, "viewerPercentage", "ageGroup,gender", token, now),
            self.report(days, "views", "country", token, now),
        )?;
        let facets = [
            (Facet::Age, people.parts("ageGroup", "viewerPercentage")),
            (Facet::Gender, people.parts("gender", "viewerPercentage")),
            (Facet::Country, countries.parts("country", "views")),
        ];
        Ok(facets.into_iter().filter(|(_, parts)| !parts.is_empty()).collect())
    }

    async fn report(
        &self,
        [from, to]: [Date; 2],
        metrics: &str,
        dimensions: &str,
        token: &Secret,
        now: Timestamp,
    ) -> Result<Table, PlatformError> {
        let (from, to) = (from.to_string(), to.to_string());
        let query = [
            ("ids", "channel==MINE"),
            ("startDate", &from),
            ("endDate", &to),
            ("metrics", metrics),
            ("dimensions", dimensions),
        ];
        let (report, _) = self.oauth.get(self.oauth.api_of("analytics", &["reports"], &query)?, token, now).await?;
        Table::read(&report)
    }

    async fn channels(&self, token: &Secret, now: Timestamp) -> Result<Vec<Value>, PlatformError> {
        let url = self.oauth.api(&["channels"], &[("part", PARTS), ("mine", "true"), ("maxResults", "50")]);
        match self.oauth.get(url, token, now).await {
            // Without a channel there are no items, or it is said so.
            Ok((mut answer, _)) => match answer.get_mut("items").map(Value::take) {
                None | Some(Value::Null) => Ok(Vec::new()),
                Some(Value::Array(channels)) => Ok(channels),
                Some(_) => Err(PlatformError::Contract("odd items".to_owned())),
            },
            Err(PlatformError::AccountTypeUnsupported) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn profile(channel: &Value) -> Result<Profile, PlatformError> {
    let id = read::must_id(channel.get("id"), "channel")?;
    let text = |pointer| channel.pointer(pointer);
    let handle = read::handle(text("/snippet/customUrl"));
    let picture = ["/snippet/thumbnails/high/url", "/snippet/thumbnails/default/url"];
    Ok(Profile {
        kind: "channel".to_owned(),
        name: read::name(text("/snippet/title"), handle.as_deref().unwrap_or(&id)),
        picture_url: picture.iter().find_map(|pointer| domain::text::picture_url(read::text(text(pointer))?)),
        profile_url: domain::text::https_url(&format!("https://www.youtube.com/channel/{id}")),
        handle,
        platform_account_id: id,
        ..Profile::default()
    })
}

/// Numbers come as digits. How many subscribe can be hidden, and 0 is told then.
fn counts(channel: &Value) -> Counts {
    let told = |key| channel.get("statistics").and_then(|statistics| statistics.get(key));
    let hidden = told("hiddenSubscriberCount").and_then(Value::as_bool) == Some(true);
    let count = |key| read::count(told(key));
    read::counts([
        (Metric::Followers, count("subscriberCount").filter(|_| !hidden)),
        (Metric::Posts, count("videoCount")),
        (Metric::Views, count("viewCount")),
    ])
}

/// What stands in for the channel of an account that has none.
fn without_channel() -> Offer {
    let profile = Profile {
        platform_account_id: "no-channel".to_owned(),
        kind: "channel".to_owned(),
        name: "A Google account without a channel".to_owned(),
        ..Profile::default()
    };
    let barrier = Barrier { code: Code::AccountTypeUnsupported, fix_url: Some(MAKE_ONE.to_owned()) };
    Offer { profile, barrier: Some(barrier), token: None }
}

/// A report; its columns are named in their order.
struct Table {
    names: Vec<String>,
    rows: Vec<Value>,
}

impl Table {
    /// Where there is nothing to tell, the rows may be missing; the columns are not.
    fn read(report: &Value) -> Result<Self, PlatformError> {
        let name = |column: &Value| read::text(column.get("name")).unwrap_or_default().to_owned();
        let columns = report.get("columnHeaders").and_then(Value::as_array);
        let columns = columns.ok_or_else(|| PlatformError::Contract("a report without columns".to_owned()))?;
        let rows = report.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(Self { names: columns.iter().map(name).collect(), rows })
    }

    fn cell<'a>(&self, row: &'a Value, name: &str) -> Option<&'a Value> {
        row.get(self.names.iter().position(|known| known == name)?)
    }

    /// A row of what was measured on a day.
    fn day(&self, row: &Value) -> Option<(Date, Counts)> {
        let day = read::text(self.cell(row, "day"))?.parse().ok()?;
        Some((day, read::counts(MEASURED.map(|(name, metric)| (metric, read::count(self.cell(row, name)))))))
    }

    /// The rows added up by a dimension, as parts of all of them.
    fn parts(&self, dimension: &str, metric: &str) -> Vec<Part> {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &self.rows {
            if let Some((name, part)) = read::text(self.cell(row, dimension)).zip(millis(self.cell(row, metric))) {
                let sum = sums.entry(name).or_default();
                *sum = sum.saturating_add(part);
            }
        }
        let whole = sums.values().fold(0, |sum: u64, part| sum.saturating_add(*part));
        audience::parts(sums, whole)
    }
}

/// A count or a percentage in thousandths, so that its digits behind the point count.
fn millis(value: Option<&Value>) -> Option<u64> {
    match read::count(value) {
        Some(count) => Some(count.saturating_mul(1_000)),
        None => read::count(Some(&Value::from((value?.as_f64()? * 1_000.0).round()))),
    }
}
