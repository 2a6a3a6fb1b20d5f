//! What platforms tell by themselves: each notice is one item, due until it is worked off, and kept for a while so that
//! the same one has no second effect. And where a person is found whom it is about.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Account, ConnectSessionId, Digest, Fault, Grant, GrantId, MethodId, PlatformId, Timestamp, WorkspaceId,
    notice::Told,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Committed, Place, Store, account,
    due::{self, Due},
    item::{Item, attribute, decode, encode, fault, n, s, ttl},
    key::{self, Key},
    transaction::{Expression, Transaction},
};

/// How long one is kept after it was worked off: longer than the platform could be believed that sends it again. What
/// people can look up is kept longer.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 8);
const SHOWN: SignedDuration = SignedDuration::from_hours(24 * 180);

/// One notice that was believed. It names nobody once it is worked off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Digest of its name.
    pub id: Digest,
    /// Which platform sent it.
    pub platform: PlatformId,
    /// The method whose app it was sent to.
    pub method: MethodId,
    /// Client id of that app.
    pub app: String,
    /// What it says; nothing once it is worked off.
    #[serde(default)]
    pub told: Vec<Told>,
    /// Whether it asks for an erasure.
    pub erases: bool,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was worked off.
    #[serde(default)]
    pub done_at: Option<Timestamp>,
    /// How often a run has tried.
    #[serde(default)]
    pub tries: u32,
    /// How far through the table an erasure is.
    #[serde(default)]
    pub place: Option<Place>,
}

/// What is known of a person over all workspaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Their living grants.
    pub grants: Vec<(WorkspaceId, GrantId)>,
    /// When we last ended one of them.
    pub ended_at: Option<Timestamp>,
}

/// What names a person.
#[derive(Debug)]
pub enum Found {
    /// An account that they allowed.
    Account(Box<Account>),
    /// What they allowed.
    Grant(Box<Grant>),
    /// What they allowed and nobody has chosen from.
    Held(ConnectSessionId),
}

impl Store {
    /// A new notice, due at once where there is something to do; `false` if it came before.
    pub async fn insert_notice(&self, notice: &Notice) -> Result<bool, Fault> {
        let mut item = encode(&key::notice(&notice.id), notice)?;
        match notice.done_at {
            Some(at) => drop(item.insert("ttl".to_owned(), ttl(at + kept(notice)))),
            None => due::schedule(self, &mut item, Due::Notice, notice.received_at, notice.id.as_str(), None),
        }
        let mut transaction = Transaction::new();
        transaction.put(self, (), item, &Expression::condition("attribute_not_exists(pk)"))?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// A notice, read consistently.
    pub async fn find_notice(&self, id: &Digest) -> Result<Option<Notice>, Fault> {
        self.read(&key::notice(id)).await?.map(decode).transpose()
    }

    /// It is worked off: out of the index, without the person, kept for a while.
    pub async fn finish_notice(&self, notice: &Notice, now: Timestamp) -> Result<(), Fault> {
        let with = Expression::update("SET done_at = :now, #ttl = :ttl REMOVE told, place, dp, ds")
            .when("attribute_exists(pk)")
            .name("#ttl", "ttl")
            .value(":now", attribute(&now)?)
            .value(":ttl", ttl(now + kept(notice)));
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::notice(&notice.id), &with)?;
        transaction.commit(self).await.map(|_| ())
    }

    /// It is gone on with at a later time, from where it is.
    pub async fn postpone_notice(&self, notice: &Notice, at: Timestamp) -> Result<(), Fault> {
        let (partition, sort) = due::entry(self, Due::Notice, at, notice.id.as_str(), None);
        let with = match &notice.place {
            Some(place) => Expression::update("SET dp = :dp, ds = :ds, tries = :tries, place = :place")
                .value(":place", attribute(place)?),
            None => Expression::update("SET dp = :dp, ds = :ds, tries = :tries REMOVE place"),
        };
        // Somebody else may have worked it off.
        let with = with.when("attribute_exists(dp)").value(":dp", partition).value(":ds", sort);
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::notice(&notice.id), &with.value(":tries", n(notice.tries)))?;
        transaction.commit(self).await.map(|_| ())
    }

    /// What is known of a person, by whatever method of the app, read consistently.
    pub async fn find_subject(&self, app: &str, person: &str) -> Result<Subject, Fault> {
        let Some(mut item) = self.read(&key::subject(app, person)).await? else { return Ok(Subject::default()) };
        let odd = || Fault::Inconsistent(format!("a subject of the app {app}"));
        let ended_at =
            item.remove("ended_at").map(serde_dynamo::from_attribute_value).transpose().map_err(|_| odd())?;
        let all = item.get("grants").and_then(|v| v.as_ss().ok()).map(Vec::as_slice).unwrap_or_default();
        let one = |text: &String| {
            let (workspace, grant) = text.split_once('#')?;
            Some((workspace.parse().ok()?, grant.parse().ok()?))
        };
        let grants = all.iter().map(|text| one(text).ok_or_else(odd)).collect::<Result<_, _>>()?;
        Ok(Subject { grants, ended_at })
    }

    /// Erases what is known of a person who has no living grant.
    pub async fn erase_subject(&self, app: &str, person: &str) -> Result<(), Fault> {
        let mut transaction = Transaction::new();
        let nothing_lives = Expression::condition("attribute_not_exists(grants)");
        transaction.delete(self, (), &key::subject(app, person), &nothing_lives)?;
        transaction.commit(self).await.map(|_| ())
    }

    /// What of a part of the table names a person, and the place behind that part; none at the end. Reads so many items
    /// of the table, of which few may do.
    pub async fn scan_person(
        &self,
        method: &MethodId,
        person: &str,
        after: Option<&Place>,
        items: i32,
    ) -> Result<(Vec<Found>, Option<Place>), Fault> {
        let start: Option<HashMap<String, AttributeValue>> = after.map(Place::key);
        let page = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("authorized_by.id = :person OR person.id = :person")
            .expression_attribute_values(":person", s(person))
            .limit(items)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault)?;
        let mut found = Vec::new();
        for item in page.items.unwrap_or_default() {
            found.extend(of_method(item, method)?);
        }
        let next = page.last_evaluated_key.as_ref().and_then(Key::of).map(Place::from);
        Ok((found, next))
    }
}

/// What an item is that names a person; ids of persons are one method's.
fn of_method(item: Item, method: &MethodId) -> Result<Option<Found>, Fault> {
    let Some(Key { pk, sk }) = Key::of(&item) else { return Ok(None) };
    Ok(if sk.starts_with(key::ACCOUNT) {
        Some(account::read(item)?).filter(|account| account.method == *method).map(|a| Found::Account(Box::new(a)))
    } else if pk.starts_with(key::GRANT) {
        Some(decode::<Grant>(item)?).filter(|grant| grant.method == *method).map(|g| Found::Grant(Box::new(g)))
    } else {
        due::held(&item).map(Found::Held)
    })
}

fn kept(notice: &Notice) -> SignedDuration {
    if notice.erases { SHOWN } else { KEPT }
}
