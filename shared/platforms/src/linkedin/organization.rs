//! Organisations, and what a member may do there (learn.microsoft.com/linkedin, "Organization Access Control",
//! "Organization Lookup", "Organization Share Statistics").

use domain::{Capability, Code, Measured, Metric, Timestamp, account::Profile, connect::Barrier};
use futures::{StreamExt, TryStreamExt, stream, try_join};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::Value;

use super::{Reader, member::rows};
use crate::{Offer, PlatformError, Snapshot, read};

/// What these accounts are called.
pub(super) const KIND: &str = "organization";
/// So many roles are asked for at once.
const COUNT: u64 = 100;
/// Most answers of the list that are read.
const MOST_LISTS: u32 = 20;
/// Most organisations that are offered: they wait in one item.
pub(super) const MOST_OFFERS: usize = 200;
/// What is asked of an organisation, written as the protocol has it: its picture has an address only where it is
/// decorated.
const PROJECTION: &str =
    "projection=(id,localizedName,vanityName,primaryOrganizationType,logoV2(original~:playableStreams))";
/// Calls under way at once.
const AT_ONCE: usize = 4;
/// What is measured, in LinkedIn's words.
const MEASURED: [(&str, Metric); 6] = [
    ("impressionCount", Metric::Impressions),
    ("uniqueImpressionsCount", Metric::Reach),
    ("likeCount", Metric::Likes),
    ("commentCount", Metric::Comments),
    ("shareCount", Metric::Shares),
    ("clickCount", Metric::Clicks),
];

/// What a member is at an organisation.
struct Membership {
    /// The organisation.
    id: String,
    /// The roles that count: those that are approved.
    roles: Vec<String>,
}

impl Reader<'_> {
    /// Each organisation once, also those where the member's role is not enough, or not approved; nothing where the
    /// platform does not show them.
    pub(super) async fn organizations(&self, asked: &[Capability]) -> Result<Option<Vec<Offer>>, PlatformError> {
        let memberships = match self.memberships().await {
            Ok(memberships) => memberships,
            Err(PlatformError::PermissionMissing | PlatformError::RoleLost) => return Ok(None),
            Err(error) => return Err(error),
        };
        let offers: Vec<_> = memberships.iter().take(MOST_OFFERS).map(|one| self.offer(one, asked)).collect();
        stream::iter(offers).buffered(AT_ONCE).try_collect().await.map(Some)
    }

    /// An organisation as of now; it is gone for whoever has no role there.
    pub(super) async fn organization(&self, id: &str) -> Result<Snapshot, PlatformError> {
        let followers = self.get_permitted(self.followers_url(id));
        let (memberships, details, followers) = try_join!(self.memberships(), self.details(id), followers)?;
        let roles = memberships.into_iter().find(|one| one.id == id).map(|one| one.roles).unwrap_or_default();
        if roles.is_empty() {
            return Err(PlatformError::RoleLost);
        }
        let counts = read::counts([(Metric::Followers, read::count(followers.get("firstDegreeSize")))]);
        Ok(Snapshot { profile: profile(id, self.role(&roles), &details), counts })
    }

    /// What all posts of an organisation brought. Likes that were taken back are counted off: a day can have fewer
    /// than none, which is not known here.
    pub(super) async fn organization_metrics(&self, id: &str, days: [Date; 2]) -> Result<Measured, PlatformError> {
        let [from, to] = [days[0], days[1].tomorrow().unwrap_or(days[1])].map(midnight);
        let mut url = self.oauth.api(&["rest", "organizationalEntityShareStatistics"], &[]);
        url.set_query(Some(&format!(
            "q=organizationalEntity&organizationalEntity={}\
             &timeIntervals=(timeRange:(start:{from},end:{to}),timeGranularityType:DAY)",
            urn(id)
        )));
        let mut measured = Measured::default();
        for row in rows(self.get(url).await?)? {
            let start = row.pointer("/timeRange/start").and_then(Value::as_i64);
            let day = start.and_then(|start| Timestamp::from_millisecond(start).ok());
            let day = day.map(read::day).filter(|day| (days[0]..=days[1]).contains(day));
            if let Some((day, told)) = day.zip(row.get("totalShareStatistics")) {
                let counts = read::counts(MEASURED.map(|(word, metric)| (metric, read::count(told.get(word)))));
                measured.daily.entry(day).or_default().extend(counts);
            }
        }
        Ok(measured)
    }

    /// All roles in whatever state, as one list tells them part by part.
    async fn memberships(&self) -> Result<Vec<Membership>, PlatformError> {
        let mut all: Vec<Membership> = Vec::new();
        let mut start = 0;
        for _ in 0..MOST_LISTS {
            let (from, count) = (start.to_string(), COUNT.to_string());
            let query = [("q", "roleAssignee"), ("start", from.as_str()), ("count", &count)];
            let answer = self.get(self.oauth.api(&["rest", "organizationAcls"], &query)).await?;
            let served = read::count(answer.pointer("/paging/count")).unwrap_or(COUNT);
            let part = rows(answer)?;
            for row in &part {
                let Some(id) = id_of(row.get("organization")) else { continue };
                let place = all.iter().position(|one| one.id == id).unwrap_or_else(|| {
                    all.push(Membership { id, roles: Vec::new() });
                    all.len() - 1
                });
                if read::text(row.get("state")) == Some("APPROVED") {
                    all[place].roles.extend(read::text(row.get("role")).map(str::to_owned));
                }
            }
            let read = part.len() as u64;
            start += read;
            if read == 0 || read < served {
                return Ok(all);
            }
        }
        tracing::warn!(platform = %self.oauth.method.platform, list = "organizationAcls", read = all.len(),
            "a list was not read to its end");
        Ok(all)
    }

    async fn offer(&self, one: &Membership, asked: &[Capability]) -> Result<Offer, PlatformError> {
        let details = self.details(&one.id).await?;
        let roles: Vec<&str> = one.roles.iter().map(String::as_str).collect();
        let too_small = !self.oauth.method.may_connect(&roles, asked);
        let fix_url = Some(format!("https://www.linkedin.com/company/{}/admin/", one.id));
        let barrier = Barrier { code: Code::InsufficientPlatformRole, fix_url };
        let profile = profile(&one.id, self.role(&one.roles), &details);
        Ok(Offer { profile, barrier: too_small.then_some(barrier), token: None })
    }

    fn role(&self, roles: &[String]) -> Option<String> {
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        self.oauth.method.role(&roles).map(str::to_owned)
    }

    /// What an organisation is called, and its picture; nothing where the member may not see it. That every version
    /// of the API takes a projection is not documented: without one there is no picture, and that is all.
    async fn details(&self, id: &str) -> Result<Value, PlatformError> {
        let plain = self.oauth.api(&["rest", "organizations", id], &[]);
        let mut decorated = plain.clone();
        decorated.set_query(Some(PROJECTION));
        let details = match self.get_permitted(decorated).await {
            Err(PlatformError::Unknown(_)) => self.get_permitted(plain).await,
            details => details,
        };
        match details {
            Err(PlatformError::AccountGone) => Ok(Value::Null),
            details => details,
        }
    }

    /// A name in a path is written in full, colons too.
    fn followers_url(&self, id: &str) -> url::Url {
        let mut url = self.oauth.api(&["rest", "networkSizes"], &[("edgeType", "COMPANY_FOLLOWED_BY_MEMBER")]);
        url.set_path(&format!("{}/{}", url.path(), urn(id)));
        url
    }
}

/// An organisation's full name as addresses have it.
fn urn(id: &str) -> String {
    format!("urn%3Ali%3Aorganization%3A{id}")
}

/// The number at the end of a full name.
fn id_of(urn: Option<&Value>) -> Option<String> {
    let (_, id) = read::text(urn)?.rsplit_once(':')?;
    (!id.is_empty() && id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
}

fn midnight(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC).map_or(0, |at| at.timestamp().as_millisecond())
}

fn profile(id: &str, role: Option<String>, details: &Value) -> Profile {
    let handle = read::handle(details.get("vanityName"));
    let logo = details.pointer("/logoV2/original~/elements/0/identifiers/0/identifier");
    Profile {
        platform_account_id: id.to_owned(),
        kind: KIND.to_owned(),
        name: read::name(details.get("localizedName"), handle.as_deref().unwrap_or(id)),
        picture_url: read::text(logo).and_then(domain::text::picture_url),
        profile_url: domain::text::https_url(&format!(
            "https://www.linkedin.com/company/{}",
            handle.as_deref().unwrap_or(id)
        )),
        account_type: read::text(details.get("primaryOrganizationType")).map(|t| domain::text::clean(t, 100)),
        role,
        handle,
        ..Profile::default()
    }
}
