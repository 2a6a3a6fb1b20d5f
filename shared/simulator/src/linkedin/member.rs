//! A member's own: `/v2/userinfo`, `/v2/me`, followers, and what became of the posts.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value as Json, json};

use super::account::{Account, of};
use super::error::{denied, empty_token, expired_token, illegal, invalid_token, missing, revoked_token};
use super::grant::Bad;
use super::limit::Resource;
use super::restli::Value;
use super::{LinkedIn, picture};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::number;

/// Who calls.
pub(super) struct Caller {
    pub(super) app: String,
    pub(super) person: String,
    pub(super) scopes: Vec<String>,
    pub(super) account: Account,
}

impl Caller {
    /// Whether one of these scopes was granted.
    pub(super) fn needs(&self, any: &[&str], what: &str) -> Result<(), Answer> {
        let has = self.scopes.iter().any(|scope| any.contains(&scope.as_str()));
        if has { Ok(()) } else { Err(denied(&format!("Not enough permissions to access: {what}"))) }
    }

    fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|given| given == scope)
    }
}

/// The bearer's member, with one call taken from the day's. With the fault `fresh_refused:N` a token that is younger than
/// N seconds is told to be revoked.
pub(super) fn caller(room: &mut LinkedIn, world: &World, call: &Call, what: Resource) -> Result<Caller, Answer> {
    let secret = call.authorization("Bearer").filter(|secret| !secret.is_empty()).ok_or_else(empty_token)?;
    let token = room.grants.bearer(world.now, secret).map_err(|bad| match bad {
        Bad::Unknown => invalid_token(),
        Bad::Revoked => revoked_token(),
        Bad::Expired => expired_token(),
    })?;
    let fresh = call.faults.iter().find_map(|fault| fault.strip_prefix("fresh_refused:"));
    let fresh = fresh.and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
    if world.now.duration_since(token.issued).as_secs() < fresh {
        return Err(revoked_token().outcome("refused:fresh"));
    }
    let (app, scopes) = (token.app.clone(), token.scopes.clone());
    let person = if call.own_fault("wrong_person") { "mallory".to_owned() } else { token.person.clone() };
    let account = world.people.get(&person).and_then(of).ok_or_else(revoked_token)?.clone();
    match account.standing {
        Standing::Active => {}
        Standing::Suspended => return Err(denied("Member is restricted")),
        Standing::Deleted => return Err(revoked_token()),
    }
    room.limits.count(world.now, what, &app, &person)?;
    Ok(Caller { app, person, scopes, account })
}

/// Finders need the protocol's second version.
pub(super) fn finder<'a>(call: &'a Call, name: &str) -> Result<&'a str, Answer> {
    if call.header("x-restli-protocol-version") != "2.0.0" {
        return Err(illegal("X-Restli-Protocol-Version 2.0.0 is required for this finder"));
    }
    let given = call.query("q").ok_or_else(|| missing("q"))?;
    if given == name { Ok(given) } else { Err(illegal(&format!("Finder {given} is not supported"))) }
}

/// `/v2/userinfo`: neither a handle nor a number of followers.
pub(super) fn info(room: &mut LinkedIn, world: &World, call: &Call) -> Result<Answer, Answer> {
    let caller = caller(room, world, call, Resource::UserInfo)?;
    caller.needs(&["openid"], "userinfo.GET.NO_VERSION")?;
    let mut body = json!({ "sub": caller.account.sub(&caller.app) });
    if caller.has("profile") {
        let (given, family) = names(&caller.account.name);
        body["name"] = json!(caller.account.name);
        body["given_name"] = json!(given);
        body["family_name"] = json!(family);
        body["locale"] = json!({ "country": "NO", "language": "en" });
        if caller.account.avatar > 0 {
            let kind = "profile-displayphoto-shrink_100_100";
            let address = picture::address(world.now, call, kind, &caller.account.id, caller.account.avatar);
            body["picture"] = json!(address);
        }
    }
    if let Some(person) = world.people.get(&caller.person).filter(|_| caller.has("email")) {
        body["email"] = json!(person.email);
        body["email_verified"] = json!(true);
    }
    Ok(Answer::json(200, &body))
}

fn names(name: &str) -> (&str, &str) {
    name.split_once(' ').unwrap_or((name, ""))
}

/// `/v2/me`: the only place of the handle.
pub(super) fn me(room: &mut LinkedIn, world: &World, call: &Call) -> Result<Answer, Answer> {
    let caller = caller(room, world, call, Resource::Me)?;
    caller.needs(&["r_basicprofile"], "me.GET.NO_VERSION")?;
    let (given, family) = names(&caller.account.name);
    let localized = |text: &str| json!({ "localized": { "en_US": text }, "preferredLocale": { "country": "US", "language": "en" } });
    Ok(Answer::json(
        200,
        &json!({
            "id": caller.account.sub(&caller.app),
            "firstName": localized(given),
            "lastName": localized(family),
            "localizedFirstName": given,
            "localizedLastName": family,
            "localizedHeadline": format!("Works as {}", caller.account.name),
            "vanityName": caller.account.vanity_name,
        }),
    ))
}

/// `/rest/memberFollowersCount?q=me`.
pub(super) fn followers(room: &mut LinkedIn, world: &World, call: &Call) -> Result<Answer, Answer> {
    finder(call, "me")?;
    let caller = caller(room, world, call, Resource::MemberFollowers)?;
    caller.needs(&["r_member_profileAnalytics"], "memberFollowersCount.FINDER-me")?;
    let count = caller.account.followers_at(world.now);
    Ok(Answer::json(200, &json!({ "paging": paging(1), "elements": [{ "memberFollowersCount": count }] })))
}

fn paging(count: usize) -> Json {
    json!({ "start": 0, "count": count.max(10), "links": [] })
}

/// Metrics of a member's posts, with their usual size in thousandths of the followers a day.
const POSTS: [(&str, i64); 7] = [
    ("IMPRESSION", 400),
    ("MEMBERS_REACHED", 250),
    ("REACTION", 30),
    ("COMMENT", 5),
    ("RESHARE", 3),
    ("POST_SAVE", 4),
    ("POST_SEND", 2),
];
/// The days of a total, if none were asked for.
const USUAL: i64 = 365;

/// `/rest/memberCreatorPostAnalytics`: one metric per call, of all posts or of one.
pub(super) fn posts(room: &mut LinkedIn, world: &World, call: &Call) -> Result<Answer, Answer> {
    let name = if call.query("q") == Some("entity") { "entity" } else { "me" };
    finder(call, name)?;
    let caller = caller(room, world, call, Resource::Posts)?;
    caller.needs(&["r_member_postAnalytics"], "memberCreatorPostAnalytics.FINDER-me")?;
    let of = match name {
        "entity" => call.query("entity").ok_or_else(|| missing("entity"))?,
        _ => caller.account.id.as_str(),
    };
    let asked = call.query("queryType").ok_or_else(|| missing("queryType"))?;
    let metric = POSTS.iter().find(|(known, _)| *known == asked);
    let (kind, size) = metric.ok_or_else(|| illegal(&format!("queryType {asked} is not a metric")))?;
    let daily = match call.query("aggregation").unwrap_or("TOTAL") {
        "TOTAL" => false,
        "DAILY" if *kind == "MEMBERS_REACHED" => {
            return Err(illegal("MEMBERS_REACHED is not available with the aggregation DAILY"));
        }
        "DAILY" => true,
        other => return Err(illegal(&format!("aggregation {other} is not one of DAILY, TOTAL"))),
    };
    let (start, end) = range(world.now, call)?;
    let days: Vec<Date> = start.series(1.day()).take_while(|day| *day < end).collect();
    let value = |day: &Date| {
        let usual = caller.account.followers * size / 1_000 + 1;
        usual * (50 + i64::try_from(number(&format!("{of}/{kind}/{day}")) % 100).unwrap_or(0)) / 100
    };
    let element = |count: i64, from: Date, to: Date| {
        json!({
            "count": count, "metricType": { "com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1": kind },
            "dateRange": { "start": date(from), "end": date(to) },
        })
    };
    let elements: Vec<Json> = if daily {
        days.iter().map(|day| element(value(day), *day, day.saturating_add(1.day()))).collect()
    } else {
        vec![element(days.iter().map(value).sum(), start, end)]
    };
    Ok(Answer::json(200, &json!({ "paging": paging(elements.len()), "elements": elements })))
}

/// The asked days, of which the last is not one; days to come are not there.
fn range(now: Timestamp, call: &Call) -> Result<(Date, Date), Answer> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let Some(text) = call.query("dateRange") else {
        return Ok((today.saturating_sub(USUAL.days()), today));
    };
    let value = Value::parse(text);
    let day = |name: &str| {
        let value = value.as_ref()?.field(name)?;
        let part = |name| value.number(name);
        let (year, month) = (i16::try_from(part("year")?).ok()?, i8::try_from(part("month")?).ok()?);
        Date::new(year, month, i8::try_from(part("day")?).ok()?).ok()
    };
    match (day("start"), day("end")) {
        (Some(start), Some(end)) if start < end => Ok((start, end.min(today).max(start))),
        _ => Err(illegal("dateRange is malformed")),
    }
}

fn date(date: Date) -> Json {
    json!({ "year": date.year(), "month": date.month(), "day": date.day() })
}
