//! Writing down what is known of a workspace, or of some of its accounts: in pieces of JSON that can be read for a day.
//! No token is among it; of a consent it says who gave it, when and for what.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use domain::{
    AccountId, Actor, Allowed, Code, Error, Fault, GrantId, Run, RunId, WorkspaceId, actor::permit, run::Work,
};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use store::{IdempotencyKey, Part, Record};

use super::{Step, find};
use crate::{Once, Services, account, idempotency::once, workspace::own};

/// How long the pieces can be read.
pub const READABLE: SignedDuration = SignedDuration::from_hours(24);
/// The most accounts that can be named.
pub const MOST_NAMED: usize = 200;
/// How large a piece may become before the next one begins.
const ENOUGH: usize = 120_000;
/// How many items are read at a time.
const PAGE: i32 = 20;

/// A piece of an export.
#[derive(Debug, Clone)]
pub struct Piece {
    /// How many pieces there are.
    pub of: u32,
    /// What it says: a list of records.
    pub records: Vec<Value>,
}

/// Begins an export of the caller's workspace, or of some accounts of it.
pub async fn export(
    services: &Services,
    actor: &Allowed<permit::WorkspaceExport>,
    workspace: &WorkspaceId,
    accounts: Option<Vec<AccountId>>,
    key: Option<IdempotencyKey>,
) -> Result<Once<RunId>, Error> {
    own(actor, workspace)?;
    // Whose token names accounts gets no more than these.
    let accounts: BTreeSet<AccountId> =
        accounts.or_else(|| actor.accounts.clone()).unwrap_or_default().into_iter().collect();
    once(services, key, |ending| async move {
        for id in &accounts {
            account::find(services, actor, *id).await?;
        }
        let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
        let work = Work::Export { accounts: accounts.into_iter().collect() };
        let run = super::new(services, actor, &found, work);
        let begun = super::begin(services, &run, None, &[], ending.with(&run.id)?).await?;
        if begun { Ok(run.id) } else { Err(Code::Busy.into()) }
    })
    .await
}

/// A piece of an export of the caller's workspace, by its number from 1 on.
pub async fn piece(
    services: &Services,
    actor: &Allowed<permit::WorkspaceExport>,
    id: RunId,
    number: u32,
) -> Result<Piece, Error> {
    let run = find(services, actor, id).await?;
    if !may_read(actor, &run) {
        return Err(Code::NotFound.into());
    }
    let text = services.store.find_part(&run.workspace, id, number, services.now()).await?.ok_or(Code::NotFound)?;
    let records = serde_json::from_str(&text).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    Ok(Piece { of: run.parts, records })
}

/// Whether a caller may read an export: one of accounts out of reach is as if it were not there.
fn may_read(actor: &Actor, run: &Run) -> bool {
    match &run.work {
        Work::Export { accounts } if accounts.is_empty() => actor.accounts.is_none(),
        Work::Export { accounts } => accounts.iter().all(|id| actor.sees(*id)),
        _ => false,
    }
}

/// Writes one piece.
pub(super) async fn step(
    services: &Services,
    run: &mut Run,
    parts: &mut Vec<Part>,
    accounts: &[AccountId],
) -> Result<Step, Fault> {
    "writing".clone_into(&mut run.progress.label);
    let (mut records, mut size): (Vec<Value>, usize) = (Vec::new(), 0);
    let mut consents = BTreeMap::new();
    let through = loop {
        let (found, next) = services.store.list_records(&run.workspace, run.after.as_deref(), PAGE).await?;
        run.after = next;
        for record in found {
            if !accounts.is_empty() && !record.account.is_some_and(|id| accounts.contains(&id)) {
                continue;
            }
            let told = told(services, &run.workspace, record, &mut consents).await?;
            let text = told.to_string();
            if size + text.len() > ENOUGH && !records.is_empty() {
                run.parts += 1;
                parts.push(part(run, services, &records)?);
                (records, size) = (Vec::new(), 0);
            }
            run.count("records", 1);
            size += text.len() + 1;
            records.push(told);
        }
        if run.after.is_none() {
            break true;
        }
        // What is written goes into one transaction with the run.
        if size > ENOUGH || !parts.is_empty() {
            break false;
        }
    };
    if !records.is_empty() {
        run.parts += 1;
        parts.push(part(run, services, &records)?);
    }
    run.progress.step = run.parts;
    if through {
        run.progress.of = run.parts;
    }
    Ok(if through { Step::Done } else { Step::On })
}

/// A record as it is told; with an account, what it hangs on.
async fn told(
    services: &Services,
    workspace: &WorkspaceId,
    record: Record,
    consents: &mut BTreeMap<GrantId, Value>,
) -> Result<Value, Fault> {
    let Record { kind, account, mut body, file } = record;
    if let Some(bytes) = file {
        body.insert("file".to_owned(), BASE64.encode(bytes).into());
    }
    if let Some(id) = account {
        body.insert("account_id".to_owned(), id.to_string().into());
    }
    let grant: Option<GrantId> = body.get("grant").and_then(Value::as_str).and_then(|id| id.parse().ok());
    if let (Some(id), "account") = (grant, kind) {
        let consent = match consents.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(consent(services, workspace, id).await?),
        };
        body.insert("consent".to_owned(), consent.clone());
    }
    let mut told = Map::new();
    told.insert("kind".to_owned(), kind.into());
    told.insert("data".to_owned(), body.into());
    Ok(told.into())
}

/// What a person gave, without the tokens.
async fn consent(services: &Services, workspace: &WorkspaceId, id: GrantId) -> Result<Value, Fault> {
    let Some(grant) = services.store.find_grant(id).await? else { return Ok(Value::Null) };
    Ok(json!({
        "id": grant.id, "platform": grant.platform, "method": grant.method, "person": grant.person,
        "requested": grant.requested, "granted": grant.granted, "consented_at": grant.consented_at(),
        "issued_at": grant.issued_at, "expiry": grant.expiry, "renewal": grant.renewal, "state": grant.state,
        "accounts": grant.of(workspace).collect::<Vec<_>>(),
    }))
}

fn part(run: &Run, services: &Services, records: &[Value]) -> Result<Part, Fault> {
    let body = serde_json::to_string(records).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    Ok(Part { number: run.parts, body, expires_at: services.now() + READABLE })
}
