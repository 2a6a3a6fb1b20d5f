//! What platforms count of an account.

use std::collections::BTreeMap;

use jiff::civil::Date;
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
