//! A member (learn.microsoft.com/linkedin, "Sign In with LinkedIn", "Member Post Statistics",
//! "Member Follower Statistics").

use domain::{Measured, Metric, account::Profile};
use futures::{StreamExt, TryStreamExt, stream, try_join};
use jiff::civil::Date;
use serde_json::Value;

use super::Reader;
use crate::{PlatformError, Snapshot, Which, read};

/// What is measured day by day, in LinkedIn's words; each takes a call of its own.
const DAILY: [(&str, Metric); 5] = [
    ("IMPRESSION", Metric::Impressions),
    ("REACTION", Metric::Likes),
    ("COMMENT", Metric::Comments),
    ("RESHARE", Metric::Shares),
    ("POST_SAVE", Metric::Saves),
];
/// People are counted over all days only.
const REACHED: &str = "MEMBERS_REACHED";
/// Calls under way at once.
const AT_ONCE: usize = 3;

impl Reader<'_> {
    /// The user-info has no handle: that is told elsewhere, where it is permitted.
    pub(super) async fn member_profile(&self, named: bool) -> Result<Profile, PlatformError> {
        let user = self.get(self.oauth.api(&["v2", "userinfo"], &[]));
        let name = async {
            if named { self.get_permitted(self.oauth.api(&["v2", "me"], &[])).await } else { Ok(Value::Null) }
        };
        let (user, name) = try_join!(user, name)?;
        let id = read::must_id(user.get("sub"), "member")?;
        let handle = read::handle(name.get("vanityName"));
        Ok(Profile {
            kind: "profile".to_owned(),
            name: read::name(user.get("name"), handle.as_deref().unwrap_or(&id)),
            picture_url: read::text(user.get("picture")).and_then(domain::text::picture_url),
            profile_url: handle
                .as_deref()
                .and_then(|handle| domain::text::https_url(&format!("https://www.linkedin.com/in/{handle}"))),
            handle,
            platform_account_id: id,
            ..Profile::default()
        })
    }

    /// The member as of now.
    pub(super) async fn member(&self, which: Which<'_>) -> Result<Snapshot, PlatformError> {
        let followers = self.get_permitted(self.oauth.api(&["rest", "memberFollowersCount"], &[("q", "me")]));
        let (profile, followers) = try_join!(self.member_profile(true), followers)?;
        let counts =
            read::counts([(Metric::Followers, read::count(followers.pointer("/elements/0/memberFollowersCount")))]);
        Ok(Snapshot { profile: read::the_one(profile, which)?, counts })
    }

    /// What all of the member's posts brought.
    pub(super) async fn member_metrics(&self, days: [Date; 2]) -> Result<Measured, PlatformError> {
        let daily = DAILY.map(|(word, metric)| async move { Ok((metric, self.analytics(word, "DAILY", days).await?)) });
        let (daily, reached): (Vec<(Metric, Vec<Value>)>, _) =
            try_join!(stream::iter(daily).buffered(AT_ONCE).try_collect(), self.analytics(REACHED, "TOTAL", days),)?;
        let mut measured = Measured {
            total: read::counts([(Metric::Reach, read::count(reached.first().and_then(|row| row.get("count"))))]),
            ..Measured::default()
        };
        for (metric, row) in daily.iter().flat_map(|(metric, rows)| rows.iter().map(move |row| (metric, row))) {
            let day = read::date(row.pointer("/dateRange/start")).filter(|day| (days[0]..=days[1]).contains(day));
            if let Some((day, count)) = day.zip(read::count(row.get("count"))) {
                measured.daily.entry(day).or_default().insert(*metric, count);
            }
        }
        Ok(measured)
    }

    /// Braces and commas of a range are the protocol's own and stand as they are; its last day is not in it.
    async fn analytics(&self, word: &str, by: &str, [from, to]: [Date; 2]) -> Result<Vec<Value>, PlatformError> {
        let day = |day: Date| format!("(day:{},month:{},year:{})", day.day(), day.month(), day.year());
        let end = to.tomorrow().unwrap_or(to);
        let mut url = self.oauth.api(&["rest", "memberCreatorPostAnalytics"], &[]);
        url.set_query(Some(&format!(
            "q=me&queryType={word}&aggregation={by}&dateRange=(start:{},end:{})",
            day(from),
            day(end)
        )));
        rows(self.get(url).await?)
    }
}

/// The rows of a list's answer.
pub(super) fn rows(mut answer: Value) -> Result<Vec<Value>, PlatformError> {
    match answer.get_mut("elements").map(Value::take) {
        Some(Value::Array(rows)) => Ok(rows),
        _ => Err(PlatformError::Contract("a list without elements".to_owned())),
    }
}
