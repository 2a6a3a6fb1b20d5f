//! A page, or an Instagram account, after it was connected.

use domain::{Audience, Counts, Measured, Metric, Secret, Timestamp, TokenSet};
use jiff::civil::Date;
use serde_json::Value;

use super::{FacebookLogin, Offered, page::Page, person};
use crate::{PlatformError, Snapshot, Which, insights::Insights, instagram, read};

/// What is asked of a page that is connected.
const FIELDS: &str = "id,name,username,category,link,verification_status,picture.type(large),followers_count,fan_count";
/// What is measured of a page, in Meta's words of 2026.
const MEASURED: [(&str, &[Metric]); 2] =
    [("page_media_view", &[Metric::Impressions, Metric::Views]), ("page_total_media_view_unique", &[Metric::Reach])];
/// Of more days at once nothing is measured of a page (developers.facebook.com, "Page Insights").
const MOST_DAYS: i32 = 93;

impl FacebookLogin {
    /// The account as of now, by its own token. What the person may do with it is not told here.
    pub(super) async fn snapshot(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        now: Timestamp,
    ) -> Result<Snapshot, PlatformError> {
        let token = own(tokens, which);
        match self.offered {
            Offered::Pages if which.kind == person::KIND => self.person_snapshot(&tokens.access, which, now).await,
            Offered::Pages => {
                let url = self.oauth.api(&[which.id], &[("fields", FIELDS)]);
                let (page, _) = self.oauth.get(url, token, now).await?;
                let read = Page::read(&page, &self.oauth.method, &[]);
                let read = read.ok_or_else(|| PlatformError::Contract("page without a usable id".to_owned()))?;
                Ok(Snapshot { profile: read.profile(), counts: counts(&page) })
            }
            Offered::Instagram => {
                let fields = [("fields", instagram::COUNTED)];
                let (account, _) = self.oauth.get(self.oauth.api(&[which.id], &fields), token, now).await?;
                let id = read::must_id(account.get("id"), "account")?;
                let profile = instagram::profile(&account, id, "instagram_business");
                Ok(Snapshot { profile, counts: instagram::counts(&account) })
            }
        }
    }

    pub(super) async fn measure(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let most_days = match self.offered {
            Offered::Pages => MOST_DAYS,
            Offered::Instagram => instagram::MOST_DAYS,
        };
        let insights = Insights { oauth: &self.oauth, id: which.id, token: own(tokens, which), days, most_days, now };
        match self.offered {
            Offered::Pages if which.kind == person::KIND => Ok(Measured::default()),
            Offered::Pages => Ok(Measured { daily: insights.daily(&MEASURED).await?, ..Measured::default() }),
            Offered::Instagram => instagram::measured(&insights).await,
        }
    }

    pub(super) async fn instagram_audience(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        now: Timestamp,
    ) -> Result<Audience, PlatformError> {
        instagram::audience(&self.oauth, which, own(tokens, which), now).await
    }
}

/// The account's own token where it has one, else the person's.
fn own<'a>(tokens: &'a TokenSet, which: Which<'_>) -> &'a Secret {
    tokens.children.get(which.id).unwrap_or(&tokens.access)
}

/// Who follows, and who pressed Like; whom a page follows is not told.
fn counts(page: &Value) -> Counts {
    read::counts([
        (Metric::Followers, read::count(page.get("followers_count"))),
        (Metric::Likes, read::count(page.get("fan_count"))),
    ])
}
