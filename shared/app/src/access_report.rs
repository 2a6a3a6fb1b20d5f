//! Who may do what with which account, and who did: what an administrator reviews now and then.

use std::collections::BTreeMap;

use domain::{Account, AccountId, Allowed, ApiKey, Error, Timestamp, WorkspaceId, actor::permit};
use jiff::SignedDuration;
use store::AccountFilter;

use crate::{Services, workspace::own};

/// How far back it is looked who did something.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How many records of that time are read at most.
const RECORDS: usize = 2_000;
/// How many keys are told.
const KEYS: usize = 200;
/// A key that was not used for so long is worth a question.
const UNUSED: SignedDuration = SignedDuration::from_hours(24 * 30);
/// What is written down of a token that was lent.
const LEASED: (&str, &str) = ("credential.leased", "granted");

/// Who did what from when on.
#[derive(Debug, Clone)]
pub struct Report {
    /// The accounts of this page with whoever used their tokens.
    pub accounts: Vec<(Account, BTreeMap<String, Uses>)>,
    /// The last one, if there are more behind it.
    pub next: Option<AccountId>,
    /// Whoever appears in this page, made a key, or did something in the time that was looked at.
    pub members: BTreeMap<String, Member>,
    /// The workspace's keys.
    pub keys: Vec<ApiKey>,
    /// Whether there are more of them.
    pub more_keys: bool,
    /// Since when records were looked at.
    pub since: Timestamp,
    /// Whether there are older records of that time.
    pub more_records: bool,
}

/// How somebody used an account's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses {
    /// How often.
    pub times: u32,
    /// The last time.
    pub last_at: Timestamp,
}

/// Somebody who was seen in the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Their name, where it was told.
    pub name: Option<String>,
    /// When they were last seen to do something.
    pub last_seen_at: Option<Timestamp>,
}

/// One page of the report.
pub async fn read(
    services: &Services,
    actor: &Allowed<permit::AuditRead>,
    workspace: &WorkspaceId,
    after: Option<AccountId>,
    limit: usize,
) -> Result<Report, Error> {
    own(actor, workspace)?;
    let store = &services.store;
    let page = store.list_accounts(&actor.workspace, &actor.org, &AccountFilter::default(), after, limit).await?;
    let next = page.accounts.last().filter(|_| page.more).map(|account| account.id);
    let seen = page.accounts.into_iter().filter(|account| account.is_seen_by(actor));
    let mut accounts: Vec<(Account, BTreeMap<String, Uses>)> = seen.map(|account| (account, BTreeMap::new())).collect();
    let since = services.now() - LOOKED_BACK;
    let records = store.list_records(&actor.workspace, since, RECORDS).await?;
    let keys = store.list_api_keys(&actor.workspace, None, KEYS).await?;
    let mut members = BTreeMap::new();
    for record in &records.records {
        let who = record.on_behalf_of.as_ref().unwrap_or(&record.actor);
        met(&mut members, who, None, Some(record.at));
        let account = accounts.iter_mut().find(|(account, _)| Some(account.id) == record.account);
        if let Some((_, uses)) = account.filter(|_| (record.action.as_str(), record.outcome.as_str()) == LEASED) {
            let theirs = uses.entry(who.clone()).or_insert(Uses { times: 0, last_at: record.at });
            theirs.times += 1;
            theirs.last_at = theirs.last_at.max(record.at);
        }
    }
    for (account, _) in &accounts {
        met(&mut members, &account.connected_by.id, account.connected_by.name.as_ref(), Some(account.connected_at));
        for entry in &account.settings.acl {
            met(&mut members, &entry.user, None, None);
        }
    }
    for key in &keys.keys {
        met(&mut members, &key.created_by, key.created_by_name.as_ref(), Some(key.created_at));
    }
    for key in &keys.keys {
        members.remove(&key.id.to_string());
    }
    Ok(Report { accounts, next, members, keys: keys.keys, more_keys: keys.more, since, more_records: records.more })
}

/// Since when a living key was not used, where that is long.
pub fn unused_since(key: &ApiKey, now: Timestamp) -> Option<Timestamp> {
    let last = key.last_used_at.unwrap_or(key.created_at);
    (key.lives(now) && now.duration_since(last) >= UNUSED).then_some(last)
}

fn met(members: &mut BTreeMap<String, Member>, id: &str, name: Option<&String>, at: Option<Timestamp>) {
    let member = members.entry(id.to_owned()).or_default();
    member.name = name.cloned().or(member.name.take());
    member.last_seen_at = member.last_seen_at.max(at);
}
