//! What platforms count of an account, and what is kept of it.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// A number that platforms tell, under the one name that it has here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Who follows.
    Followers,
    /// Whom it follows.
    Following,
    /// Posts, videos or pins.
    Posts,
    /// Likes and reactions.
    Likes,
    /// Times that a post was kept.
    Saves,
    /// Clicks on links, contacts and directions.
    Clicks,
    /// Comments and replies.
    Comments,
    /// Shares, reposts and quotes.
    Shares,
    /// Times that something was shown.
    Impressions,
    /// Times that something was watched or viewed.
    Views,
    /// People who were reached.
    Reach,
}

impl Metric {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::Followers,
        Self::Following,
        Self::Posts,
        Self::Likes,
        Self::Saves,
        Self::Clicks,
        Self::Comments,
        Self::Shares,
        Self::Impressions,
        Self::Views,
        Self::Reach,
    ];

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Following => "following",
            Self::Posts => "posts",
            Self::Likes => "likes",
            Self::Saves => "saves",
            Self::Clicks => "clicks",
            Self::Comments => "comments",
            Self::Shares => "shares",
            Self::Impressions => "impressions",
            Self::Views => "views",
            Self::Reach => "reach",
        }
    }

    /// Whether it is how much there is at a moment, and not how much there was on a day.
    pub fn is_level(self) -> bool {
        matches!(self, Self::Followers | Self::Following | Self::Posts)
    }
}

/// Numbers by name. What is absent is not known, which is not zero.
pub type Counts = BTreeMap<Metric, u64>;

/// What a platform measured over some days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// Over all of the days, where the platform sums itself.
    pub total: Counts,
    /// By day, as the platform cuts its days.
    pub daily: BTreeMap<Date, Counts>,
}

/// What is kept of one account and one day of its workspace's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The day.
    pub date: Date,
    /// What the account counted as when it was last looked at on that day.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub level: Counts,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// What the platform measured for that day, as the platform cuts its days.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub measured: Counts,
    /// When that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_at: Option<Timestamp>,
}

/// What a platform says of the people who follow an account, in totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// How old they are.
    Age,
    /// Their gender.
    Gender,
    /// The country that they live in.
    Country,
    /// The city that they live in.
    City,
    /// The language that they speak.
    Language,
}

impl Facet {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Age, Self::Gender, Self::Country, Self::City, Self::Language];

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Gender => "gender",
            Self::Country => "country",
            Self::City => "city",
            Self::Language => "language",
        }
    }
}

/// A part of an audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The platform's own word for it: `25-34`, `F`, `NO`, `Oslo` …
    pub name: String,
    /// How many of a thousand.
    pub per_mille: u16,
}

/// Who follows an account, facet by facet, the largest part first. A facet that a platform does not tell is absent.
pub type Audience = BTreeMap<Facet, Vec<Part>>;

/// What a platform can tell of an account of a kind, by the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tells {
    /// With its profile.
    pub level: Vec<Metric>,
    /// By day.
    pub measured: Vec<Metric>,
    /// Of its audience.
    pub audience: Vec<Facet>,
}
