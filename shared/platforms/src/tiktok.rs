//! TikTok by Login Kit for Web (developers.tiktok.com, "Login Kit", "Display API").

use async_trait::async_trait;
use domain::{Counts, Measured, Metric, Person, Secret, Timestamp, TokenSet, account::Profile};
use jiff::civil::Date;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Revocation, Snapshot, Which, oauth::OAuth,
    read, token::Tokens,
};

/// What may be asked of an account with each scope; a field of a scope that was not given fails the whole call.
const FIELDS: [(&str, &str); 3] = [
    ("user.info.basic", "open_id,union_id,avatar_url,display_name"),
    ("user.info.profile", "username,is_verified,profile_deep_link"),
    ("user.info.stats", "follower_count,following_count,likes_count,video_count"),
];
/// What is asked of a video.
const VIDEO_FIELDS: &str = "id,create_time,view_count,like_count,comment_count,share_count";
/// Most videos in a part of the list.
const PART: u32 = 20;
/// Most parts that are read.
const MOST_PARTS: usize = 10;

/// The client.
pub(crate) struct TikTok(pub(crate) OAuth);

#[async_trait]
impl Platform for TikTok {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.0.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let answer = self.0.code_answer(grab, now).await?;
        let tokens = Tokens::parse(&answer, now)?;
        let given = |scope: &str| tokens.scopes.as_ref().is_none_or(|given| given.iter().any(|g| g == scope));
        let fields: Vec<&str> = FIELDS.iter().filter(|(scope, _)| given(scope)).map(|(_, fields)| *fields).collect();
        let user = self.user(&fields.join(","), &tokens.access, now).await?;
        // Removals are told by this id, which is our app's name for the account.
        let open_id = read::must_id(user.get("open_id"), "user")?;
        if answer.get("open_id").is_some_and(|id| !id.is_null() && *id != open_id) {
            return Err(PlatformError::Contract("the token is another account's".to_owned()));
        }
        let profile = profile(&user)?;
        let person = Person { id: open_id, name: profile.name.clone() };
        Ok(self.0.consent(tokens, person, Offer { profile, barrier: None, token: None }, now))
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.0.refresh(tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let user = self.user("open_id", &tokens.access, now).await?;
        read::must_id(user.get("open_id"), "user")?;
        Ok(Probe::default())
    }

    /// Where a scope was not given, each one's fields are asked for alone.
    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let all = FIELDS.map(|(_, fields)| fields).join(",");
        let user = match self.user(&all, &tokens.access, now).await {
            Err(PlatformError::PermissionMissing) => self.by_scope(&tokens.access, now).await?,
            read => read?,
        };
        let count = |field| read::count(user.get(field));
        let counts = read::counts([
            (Metric::Followers, count("follower_count")),
            (Metric::Following, count("following_count")),
            (Metric::Likes, count("likes_count")),
            (Metric::Posts, count("video_count")),
        ]);
        Ok(Snapshot { profile: read::the_one(profile(&user)?, which)?, counts })
    }

    /// The platform counts by video only: what the videos that were posted on a day have drawn up to now.
    async fn metrics(
        &self,
        tokens: &TokenSet,
        _which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let mut videos = Vec::new();
        let mut cursor = Value::Null;
        for _ in 0..MOST_PARTS {
            let part = self.videos(&cursor, &tokens.access, now).await?;
            let list = part.get("videos").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            videos.extend(list.iter().filter_map(video));
            let passed = videos.last().is_some_and(|(day, _)| *day < days[0]);
            cursor = part.get("cursor").cloned().unwrap_or_default();
            let more = part.get("has_more").and_then(Value::as_bool) == Some(true);
            if passed || !more || list.is_empty() || !cursor.is_number() {
                return Ok(read::by_day(videos, days, true));
            }
        }
        Ok(read::by_day(videos, days, false))
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.0.revoke(tokens, now).await
    }
}

impl TikTok {
    async fn user(&self, fields: &str, token: &Secret, now: Timestamp) -> Result<Value, PlatformError> {
        let url = self.0.api(&["user", "info", ""], &[("fields", fields)]);
        let (mut json, _) = self.0.get(url, token, now).await?;
        let user = json.pointer_mut("/data/user").map(Value::take).filter(Value::is_object);
        user.ok_or_else(|| PlatformError::Contract("no user in the answer".to_owned()))
    }

    /// All fields of the scopes that were given; the first is given always.
    async fn by_scope(&self, token: &Secret, now: Timestamp) -> Result<Value, PlatformError> {
        let [(_, basic), others @ ..] = FIELDS;
        let mut user = self.user(basic, token, now).await?;
        for (_, fields) in others {
            match self.user(fields, token, now).await {
                Ok(Value::Object(more)) => user.as_object_mut().into_iter().for_each(|user| user.extend(more.clone())),
                Ok(_) | Err(PlatformError::PermissionMissing) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(user)
    }

    /// A part of the videos, newest first.
    async fn videos(&self, cursor: &Value, token: &Secret, now: Timestamp) -> Result<Value, PlatformError> {
        let url = self.0.api(&["video", "list", ""], &[("fields", VIDEO_FIELDS)]);
        let mut body = json!({ "max_count": PART });
        if !cursor.is_null() {
            body["cursor"] = cursor.clone();
        }
        let request = self.0.request(&self.0.http.kept, Method::POST, url).json(&body);
        let (mut json, _) = self.0.call(request, token, now).await?;
        let part = json.get_mut("data").map(Value::take).filter(Value::is_object);
        part.ok_or_else(|| PlatformError::Contract("no videos in the answer".to_owned()))
    }
}

/// A user object. The `union_id` is the account's in all of a developer's apps; where it does not come, the app's own
/// name for the account stands for it.
fn profile(user: &Value) -> Result<Profile, PlatformError> {
    let id = match read::id(user.get("union_id")) {
        Some(id) => id,
        None => read::must_id(user.get("open_id"), "user")?,
    };
    let handle = read::handle(user.get("username"));
    let page = |handle: &str| domain::text::https_url(&format!("https://www.tiktok.com/@{handle}"));
    Ok(Profile {
        kind: "profile".to_owned(),
        name: read::name(user.get("display_name"), handle.as_deref().unwrap_or(&id)),
        picture_url: read::text(user.get("avatar_url")).and_then(domain::text::picture_url),
        profile_url: read::text(user.get("profile_deep_link"))
            .and_then(domain::text::https_url)
            .or_else(|| handle.as_deref().and_then(page)),
        tier: None,
        verified: user.get("is_verified").and_then(Value::as_bool),
        handle,
        platform_account_id: id,
        ..Profile::default()
    })
}

/// The day on which a video was posted, and what it drew.
fn video(video: &Value) -> Option<(Date, Counts)> {
    let posted = Timestamp::from_second(video.get("create_time")?.as_i64()?).ok()?;
    let count = |field| read::count(video.get(field));
    let counts = read::counts([
        (Metric::Impressions, count("view_count")),
        (Metric::Views, count("view_count")),
        (Metric::Likes, count("like_count")),
        (Metric::Comments, count("comment_count")),
        (Metric::Shares, count("share_count")),
    ]);
    Some((read::day(posted), counts))
}

#[cfg(test)]
mod tests;
