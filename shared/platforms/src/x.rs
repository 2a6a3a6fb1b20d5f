//! X: OAuth 2.0 with PKCE, API v2 (docs.x.com).

use async_trait::async_trait;
use domain::{Counts, Measured, Metric, Person, Secret, Timestamp, TokenSet, account::Profile};
use jiff::{SignedDuration, ToSpan, civil::Date, tz::TimeZone};
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Renewed, Revocation, Snapshot, Which,
    catalogue::rule::Endpoint, http::Answer, oauth::OAuth, read,
};

/// What is asked of a profile.
const FIELDS: &str = "id,name,username,profile_image_url,verified,verified_type,subscription_type,public_metrics";
/// Most posts that one call reads.
pub(crate) const MOST_POSTS: &str = "100";
/// What is asked for must have ended so long ago.
const SETTLED: SignedDuration = SignedDuration::from_secs(10);

/// The client.
pub(crate) struct X(pub(crate) OAuth);

#[async_trait]
impl Platform for X {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.0.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        // The code lives for 30 seconds: nothing comes before this call.
        let tokens = self.0.code(grab, now).await?;
        let profile = profile(&self.me(&tokens.access, now).await?)?;
        let person = Person { id: profile.platform_account_id.clone(), name: profile.name.clone() };
        Ok(self.0.consent(tokens, person, Offer { profile, barrier: None, token: None }, now))
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.0.refresh(tokens, now).await
    }

    /// Costs what a user read costs ($0.010), once for each account in a day of UTC.
    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let user = self.me(&tokens.access, now).await?;
        let count = |name| read::count(user.get("public_metrics").and_then(|metrics| metrics.get(name)));
        let counts = read::counts([
            (Metric::Followers, count("followers_count")),
            (Metric::Following, count("following_count")),
            // The documentation has the first name, the OpenAPI description the other.
            (Metric::Posts, count("tweet_count").or_else(|| count("post_count"))),
        ]);
        Ok(Snapshot { profile: read::the_one(profile(&user)?, which)?, counts })
    }

    /// The platform counts by post only: what the posts of a day have drawn up to now. It is one call, which costs what
    /// each post costs that it reads ($0.005, once in a day of UTC): $0.50 at most. Of more than 100 posts the newest
    /// are read, and the days that these do not cover are absent.
    async fn metrics(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let begins = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
        let start = begins(days[0]).map(|at| at.to_string());
        let end = days[1].checked_add(1.day()).ok().and_then(begins).filter(|end| *end <= now - SETTLED);
        let end = end.map(|at| at.to_string());
        let mut query =
            vec![("max_results", MOST_POSTS), ("exclude", "retweets"), ("tweet.fields", "created_at,public_metrics")];
        query.extend(start.iter().map(|at| ("start_time", at.as_str())));
        query.extend(end.iter().map(|at| ("end_time", at.as_str())));
        let url = self.0.api(&["users", which.id, "tweets"], &query);
        let (json, answer) = self.0.get(url, &tokens.access, now).await?;
        let read = json.get("data").and_then(Value::as_array).map_or(0, Vec::len);
        self.0.http.gauge.note_read(&self.0.method.platform, which.id, read);
        let posts = match json.get("data").and_then(Value::as_array) {
            Some(posts) => posts.iter().filter_map(post).collect(),
            // Of nothing there is no list, only its length.
            None if json.pointer("/meta/result_count").is_some() => Vec::new(),
            None => return Err(self.partial(json, answer, now)),
        };
        let whole = json.pointer("/meta/next_token").is_none_or(Value::is_null);
        Ok(read::by_day(posts, days, whole))
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.0.revoke(tokens, now).await
    }
}

impl X {
    async fn me(&self, token: &Secret, now: Timestamp) -> Result<Value, PlatformError> {
        let url = self.0.api(&["users", "me"], &[("user.fields", FIELDS)]);
        let (mut json, answer) = self.0.get(url, token, now).await?;
        match json.get_mut("data").filter(|data| data.is_object()) {
            Some(user) => Ok(user.take()),
            None => Err(self.partial(json, answer, now)),
        }
    }

    /// A partial error comes with status 200 and no data.
    fn partial(&self, json: Value, mut answer: Answer, now: Timestamp) -> PlatformError {
        answer.json = Some(json);
        self.0.method.classify(Endpoint::Api, &answer, now)
    }
}

/// A user object (docs.x.com, "User object").
fn profile(user: &Value) -> Result<Profile, PlatformError> {
    let id = read::must_id(user.get("id"), "user")?;
    let handle = read::handle(user.get("username"));
    let picture = read::text(user.get("profile_image_url")).map(|url| url.replace("_normal.", "_400x400."));
    Ok(Profile {
        kind: "profile".to_owned(),
        name: read::name(user.get("name"), handle.as_deref().unwrap_or(&id)),
        picture_url: picture.and_then(|url| domain::text::picture_url(&url)),
        profile_url: handle.as_deref().and_then(|h| domain::text::https_url(&format!("https://x.com/{h}"))),
        account_type: read::text(user.get("verified_type")).filter(|t| *t != "none").map(str::to_owned),
        tier: tier(user.get("subscription_type")),
        verified: user.get("verified").and_then(Value::as_bool),
        handle,
        platform_account_id: id,
        ..Profile::default()
    })
}

/// What the account has subscribed to, by the platform's word in lower case: `basic`, `premium`, `premiumplus`. Its
/// word for nothing is `None` (docs.x.com, OpenAPI 2.167).
fn tier(told: Option<&Value>) -> Option<String> {
    let tier = domain::text::clean(read::text(told)?, 100).to_lowercase();
    (!tier.is_empty() && tier != "none").then_some(tier)
}

/// The day of a post, and what it drew.
fn post(post: &Value) -> Option<(Date, Counts)> {
    let posted: Timestamp = read::text(post.get("created_at"))?.parse().ok()?;
    let count = |name| read::count(post.get("public_metrics").and_then(|metrics| metrics.get(name)));
    let counts = read::counts([
        (Metric::Impressions, count("impression_count")),
        (Metric::Likes, count("like_count")),
        (Metric::Comments, count("reply_count")),
        (Metric::Shares, read::sum([count("retweet_count"), count("quote_count")])),
        (Metric::Saves, count("bookmark_count")),
    ]);
    Some((read::day(posted), counts))
}

#[cfg(test)]
mod tests;
