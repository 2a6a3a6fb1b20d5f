//! Calls a day, per app and per member. No header tells of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::throttled;
use crate::answer::Answer;

/// LinkedIn publishes no numbers; these are of the size that apps report.
const APP: u64 = 100_000;
const MEMBER: u64 = 500;

/// What is counted on its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    UserInfo,
    Me,
    Acls,
    Organizations,
    NetworkSizes,
    Shares,
    Followers,
    Pages,
    Posts,
    MemberFollowers,
}

const ALL: [Resource; 10] = [
    Resource::UserInfo,
    Resource::Me,
    Resource::Acls,
    Resource::Organizations,
    Resource::NetworkSizes,
    Resource::Shares,
    Resource::Followers,
    Resource::Pages,
    Resource::Posts,
    Resource::MemberFollowers,
];

/// Calls made on a day, by app and member; without a member they are all of the app's.
#[derive(Default)]
pub(super) struct Limits(BTreeMap<(Resource, String, Option<String>), (i64, u64)>);

impl Limits {
    /// Takes one call; refused calls are not counted.
    pub(super) fn count(&mut self, now: Timestamp, what: Resource, app: &str, person: &str) -> Result<(), Answer> {
        let app_key = (what, app.to_owned(), None);
        let member_key = (what, app.to_owned(), Some(person.to_owned()));
        if self.made(now, &app_key) >= APP {
            return Err(throttled("APPLICATION"));
        }
        if self.made(now, &member_key) >= MEMBER {
            return Err(throttled("MEMBER"));
        }
        for key in [app_key, member_key] {
            let calls = self.made(now, &key);
            self.0.insert(key, (day(now), calls + 1));
        }
        Ok(())
    }

    fn made(&self, now: Timestamp, key: &(Resource, String, Option<String>)) -> u64 {
        self.0.get(key).filter(|(on, _)| *on == day(now)).map_or(0, |(_, calls)| *calls)
    }

    /// Leaves so many calls for today, of everything.
    pub(super) fn leave(&mut self, now: Timestamp, app: &str, person: Option<&str>, left: u64) {
        let limit = if person.is_some() { MEMBER } else { APP };
        for what in ALL {
            let key = (what, app.to_owned(), person.map(ToOwned::to_owned));
            self.0.insert(key, (day(now), limit.saturating_sub(left)));
        }
    }
}

/// Days begin at midnight UTC.
fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(86_400)
}
