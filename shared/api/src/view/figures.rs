//! Figures, audiences and the timeline of an account, as they are told.

use std::collections::BTreeMap;

use app::figures::{Audience, Figures};
use domain::{
    Facet, Refusal, Timestamp,
    capability::Availability,
    identity::Change,
    series::{Amount, Bucket, Completeness, Granularity, Growth, Key, Latest, Missing},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::PageInfo;

/// Figures of an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Metrics)]
pub struct MetricsView {
    /// `acc_…`
    pub account_id: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// `day`, `week`, `month`
    pub granularity: String,
    /// The zone in which days are cut.
    pub tz: String,
    /// Figure by figure.
    pub data: Vec<SeriesView>,
}

/// One figure over some days.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricSeries)]
pub struct SeriesView {
    /// `followers`, `following`, `posts`, `likes`, `saves`, `clicks`, `comments`, `shares`, `impressions`, `views`, `reach`,
    /// `engagement_rate`
    pub key: String,
    /// `level`: how much there is at a moment. `daily`: how much there was on a day.
    pub kind: String,
    /// Whether the platform tells it of this account, as far as its consent allows.
    pub supported: bool,
    /// What is known, the oldest first. A gap has no value; it is not zero.
    pub points: Vec<PointView>,
    /// From the first to the last value; of what is told by day, this period against the one before.
    pub growth: GrowthView,
    /// How much of it is known.
    pub completeness: CompletenessView,
}

/// What is known of a day, or of a week or month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricPoint)]
pub struct PointView {
    /// The day, or the first one.
    pub t: String,
    /// The value; null if it is not known.
    pub v: Option<Value>,
    /// `observed`, `backfilled` (told by the platform afterwards), `gap` (not known), `unsupported` (never told).
    pub quality: String,
    /// The trouble that kept it, or a part of it, from being known.
    pub episode_id: Option<String>,
    /// How many days it is about.
    pub days: u32,
    /// How many of them are known.
    pub known_days: u32,
}

/// How a figure grew.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricGrowth)]
pub struct GrowthView {
    /// From what.
    pub from: Option<AmountView>,
    /// To what.
    pub to: Option<AmountView>,
    /// By how much; null if an end is not known.
    pub absolute: Option<Value>,
    /// In per cent; null from nothing.
    pub percent: Option<f64>,
    /// Days in between that are not known: growth over these says nothing of when it happened.
    pub gaps: Vec<MissingView>,
}

/// A value and its days.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricAmount)]
pub struct AmountView {
    /// The first day.
    pub from: String,
    /// The last day; the same for a level.
    pub to: String,
    /// The value.
    pub value: Value,
}

/// Days that are not known.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricGap)]
pub struct MissingView {
    /// The first.
    pub from: String,
    /// The last.
    pub to: String,
    /// The trouble that held, if one is known.
    pub episode_id: Option<String>,
}

/// How much is known.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MetricCompleteness)]
pub struct CompletenessView {
    /// Days of which it should be known.
    pub expected: u32,
    /// Days of which it is.
    pub known: u32,
    /// In thousandths; null if nothing was expected.
    pub per_mille: Option<u16>,
}

/// The latest value of a figure.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LatestMetric)]
pub struct LatestView {
    /// The value.
    pub value: Value,
    /// Of which day it is; in lists, when it was fetched.
    pub as_of: String,
    /// By how much it changed in seven days; of what is told by day, the last seven against the seven before. Null where a
    /// day of these is not known.
    pub delta_7d: Option<Value>,
    /// The same for thirty days.
    pub delta_30d: Option<Value>,
}

/// Who follows an account, in totals.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Audience)]
pub struct AudienceView {
    /// `acc_…`
    pub account_id: String,
    /// `age`, `gender`, `country`, `city`, `language`; each is there.
    pub facets: BTreeMap<String, FacetView>,
}

/// One facet of an audience.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AudienceFacet)]
pub struct FacetView {
    /// `known`, `unknown` (not told yet, or too little to tell), `unsupported` (the platform never tells it).
    pub status: String,
    /// Why it is not known: a stable code.
    pub reason: Option<String>,
    /// When it was told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Timestamp>,
    /// The parts, the largest first.
    pub parts: Vec<PartView>,
}

/// A part of an audience.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AudiencePart)]
pub struct PartView {
    /// The platform's own word.
    pub name: String,
    /// In per cent.
    pub percent: f64,
}

/// What changed about an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = IdentityHistory)]
pub struct HistoryView {
    /// The newest first.
    pub data: Vec<IdentityChangeView>,
    /// Where the next page begins.
    pub page: PageInfo,
}

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = IdentityChange)]
pub struct IdentityChangeView {
    /// When it was seen.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `name`, `handle`, `picture`, `type`, `tier`, `verification`, `role`, `linked_page`
    pub kind: String,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

/// The figures that a query names; all of them if it names none.
pub(crate) fn keys(text: Option<&str>) -> Result<Vec<Key>, Refusal> {
    let mut keys = Vec::new();
    for word in text.into_iter().flat_map(|text| text.split(',')) {
        let key = Key::find(word.trim()).ok_or_else(|| {
            let known = Key::ALL.map(Key::as_str).join(", ");
            Refusal::new(domain::Code::MetricUnsupported, format!("There is no such figure; there are {known}."))
        })?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// A granularity by its word.
pub(crate) fn granularity(text: Option<&str>) -> Result<Granularity, Refusal> {
    let Some(word) = text else { return Ok(Granularity::Day) };
    let found = Granularity::ALL.into_iter().find(|granularity| granularity.as_str() == word);
    found.ok_or_else(|| Refusal::field("/granularity", "unknown", "One of day, week, month."))
}

/// A day of a query.
pub(crate) fn date(name: &str, text: Option<&str>) -> Result<Option<Date>, Refusal> {
    let malformed =
        |_| Refusal::field(&format!("/{name}"), "malformed", format!("{name} is a day such as 2026-11-22."));
    text.map(|text| text.parse().map_err(malformed)).transpose()
}

impl MetricsView {
    pub(crate) fn of(figures: &Figures, granularity: Granularity) -> Self {
        let Figures { account, ledger, days, keys } = figures;
        Self {
            account_id: account.id.to_string(),
            from: days.first.to_string(),
            to: days.last.to_string(),
            granularity: granularity.as_str().to_owned(),
            tz: ledger.zone.as_str().to_owned(),
            data: keys
                .iter()
                .map(|key| {
                    let buckets = ledger.series(*key, *days).by(granularity);
                    SeriesView {
                        key: key.as_str().to_owned(),
                        kind: if key.is_level() { "level" } else { "daily" }.to_owned(),
                        supported: ledger.supports(*key),
                        points: buckets.iter().map(|bucket| PointView::of(*key, bucket)).collect(),
                        growth: GrowthView::of(*key, &ledger.growth(*key, *days)),
                        completeness: ledger.completeness(*key, *days).into(),
                    }
                })
                .collect(),
        }
    }
}

impl PointView {
    fn of(key: Key, bucket: &Bucket) -> Self {
        Self {
            t: bucket.of.first.to_string(),
            v: bucket.value.map(|value| key.number(value)),
            quality: bucket.quality.as_str().to_owned(),
            episode_id: bucket.episode.map(|episode| episode.to_string()),
            days: bucket.days,
            known_days: bucket.known_days,
        }
    }
}

impl GrowthView {
    pub(super) fn of(key: Key, growth: &Growth) -> Self {
        let amount = |amount: &Amount| AmountView {
            from: amount.days.first.to_string(),
            to: amount.days.last.to_string(),
            value: key.number(amount.value),
        };
        Self {
            from: growth.from.as_ref().map(amount),
            to: growth.to.as_ref().map(amount),
            absolute: growth.absolute.map(|by| key.number(by)),
            percent: growth.percent.map(domain::series::Percent::as_f64),
            gaps: growth.gaps.iter().map(MissingView::from).collect(),
        }
    }
}

impl From<&Missing> for MissingView {
    fn from(missing: &Missing) -> Self {
        Self {
            from: missing.days.first.to_string(),
            to: missing.days.last.to_string(),
            episode_id: missing.episode.map(|episode| episode.to_string()),
        }
    }
}

impl From<Completeness> for CompletenessView {
    fn from(completeness: Completeness) -> Self {
        let Completeness { expected, known } = completeness;
        Self { expected, known, per_mille: completeness.per_mille() }
    }
}

/// The latest figures by their keys.
pub(super) fn latest(latest: &BTreeMap<Key, Latest>) -> BTreeMap<String, LatestView> {
    let view = |key: Key, latest: &Latest| LatestView {
        value: key.number(latest.value),
        as_of: latest.date.to_string(),
        delta_7d: latest.delta_7d.map(|by| key.number(by)),
        delta_30d: latest.delta_30d.map(|by| key.number(by)),
    };
    latest.iter().map(|(key, latest)| (key.as_str().to_owned(), view(*key, latest))).collect()
}

/// What a list tells of the latest figures: the followers.
pub(super) fn brief(account: &domain::Account) -> Option<BTreeMap<String, LatestView>> {
    let (followers, at) = (account.fetched.followers?, account.fetched.last_ok_at?);
    let view = LatestView { value: followers.into(), as_of: at.to_string(), delta_7d: None, delta_30d: None };
    Some([("followers".to_owned(), view)].into())
}

impl AudienceView {
    pub(crate) fn of(id: domain::AccountId, audience: &Audience) -> Self {
        let facet = |facet: Facet| {
            let parts = audience.kept.as_ref().and_then(|kept| kept.audience.get(&facet));
            let (status, reason) = match (parts, audience.tells.audience.contains(&facet), audience.availability) {
                (Some(_), ..) => ("known", None),
                (None, false, _) => ("unsupported", None),
                (None, true, Availability::Unavailable(code)) => ("unknown", Some(code.to_string())),
                (None, true, Availability::NotAsked) => ("unknown", Some("not_asked".to_owned())),
                (None, true, _) if audience.kept.is_some() => ("unknown", Some("insufficient_data".to_owned())),
                (None, true, _) => ("unknown", Some("never_synced".to_owned())),
            };
            FacetView {
                status: status.to_owned(),
                reason,
                as_of: audience.kept.as_ref().filter(|_| parts.is_some()).map(|kept| kept.as_of),
                parts: parts.into_iter().flatten().map(PartView::from).collect(),
            }
        };
        let facets = Facet::ALL.into_iter().map(|one| (one.as_str().to_owned(), facet(one))).collect();
        Self { account_id: id.to_string(), facets }
    }
}

impl From<&domain::metric::Part> for PartView {
    fn from(part: &domain::metric::Part) -> Self {
        Self { name: part.name.clone(), percent: f64::from(part.per_mille) / 10.0 }
    }
}

impl HistoryView {
    pub(crate) fn of(changed: &[(Timestamp, Vec<Change>)], next_cursor: Option<String>) -> Self {
        let data = changed.iter().flat_map(|(at, changes)| {
            changes.iter().map(|change| IdentityChangeView {
                at: *at,
                kind: change.kind.as_str().to_owned(),
                from: change.from.clone(),
                to: change.to.clone(),
            })
        });
        Self { data: data.collect(), page: PageInfo { has_more: next_cursor.is_some(), next_cursor } }
    }
}
