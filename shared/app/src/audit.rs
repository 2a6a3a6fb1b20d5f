//! Who did what. Whoever verified a caller keeps it here; administrators read it, and of one account whoever sees it.

use domain::{
    AccountId, Actor, Allowed, AuditId, ConnectSession, Error, Fault, Timestamp, Workspace, WorkspaceId,
    actor::{Credential, permit},
    audit::{AuditActor, AuditEntry, AuditFilter, AuditTarget},
};
use jiff::SignedDuration;

use crate::{Services, account, workspace::own};

/// How long it is kept who did what, where a workspace decided nothing.
const KEPT_DAYS: u16 = 400;
/// How far back an account's activity is told.
const ACTIVITY: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How many entries are read at a time, and how often for one page: a filter that lets little through ends there, and
/// the next page goes on.
const READ: usize = 250;
const READS: usize = 8;

/// What somebody did, as whoever verified them saw it.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// The operation.
    pub action: String,
    /// Which accounts it was about.
    pub accounts: Vec<AccountId>,
    /// What else.
    pub target: Option<AuditTarget>,
    /// `done`, `replayed`, or the code of the refusal.
    pub outcome: String,
    /// What a credential was wanted for.
    pub purpose: Option<String>,
    /// The person in whose name a program did it.
    pub on_behalf_of: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// The address that it came from, as a keyed digest.
    pub ip_hash: Option<String>,
}

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAudit {
    /// What is wanted.
    pub filter: AuditFilter,
    /// The last entry that was read for the page before.
    pub before: Option<AuditId>,
    /// At most so many.
    pub limit: usize,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries, the latest first; may be empty although there are more.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<AuditId>,
}

/// Keeps what a caller did, or tried.
pub async fn record(services: &Services, actor: &Actor, credential: &str, done: Done) -> Result<(), Fault> {
    let who = AuditActor { credential: credential.to_owned(), id: actor.sub.clone(), name: actor.name.clone() };
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    keep(services, &workspace, who, done).await
}

/// The word for what a caller proved to be who they are with.
pub fn credential(actor: &Actor) -> &'static str {
    match actor.credential {
        Credential::Token => "token",
        Credential::ApiKey { .. } => "api_key",
        Credential::Link => "link",
    }
}

/// Keeps which accounts an attempt connected, in the name of who asked for it. What is connected stays connected, so a
/// table in trouble is only logged.
pub(crate) async fn connected(
    services: &Services,
    workspace: &Workspace,
    session: &ConnectSession,
    accounts: &[AccountId],
) {
    let by = &session.asked_by;
    let who = AuditActor { credential: "consent".to_owned(), id: by.id.clone(), name: by.name.clone() };
    let target = AuditTarget { kind: "session".to_owned(), id: session.id.to_string() };
    let done = Done {
        action: "connectAccounts".to_owned(),
        accounts: accounts.to_vec(),
        target: Some(target),
        outcome: "done".to_owned(),
        ..Done::default()
    };
    if let Err(fault) = keep(services, workspace, who, done).await {
        tracing::error!(%fault, session = %session.id, "audit_lost");
    }
}

async fn keep(services: &Services, workspace: &Workspace, actor: AuditActor, done: Done) -> Result<(), Fault> {
    let now = services.now();
    let Done { action, accounts, target, outcome, purpose, on_behalf_of, request_id, ip_hash } = done;
    let id = AuditId::new(now, services.entropy.bytes());
    let entry = AuditEntry {
        id,
        at: now,
        actor,
        action,
        accounts,
        target,
        outcome,
        purpose,
        on_behalf_of,
        request_id,
        ip_hash,
    };
    services.store.audit(&workspace.id, &entry, kept(workspace)).await
}

/// How long a workspace's audit is kept.
pub(crate) fn kept(workspace: &Workspace) -> SignedDuration {
    let days = workspace.policies().retention.audit_days.unwrap_or(KEPT_DAYS);
    SignedDuration::from_hours(24 * i64::from(days))
}

/// One page of what was done in the workspace.
pub async fn list(
    services: &Services,
    actor: &Allowed<permit::AuditRead>,
    workspace: &WorkspaceId,
    ask: &ListAudit,
) -> Result<Page, Error> {
    own(actor, workspace)?;
    let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let oldest = services.now() - kept(&found);
    read(services, actor, ask, oldest, |entry| reaches(actor, entry)).await
}

/// One page of what was done to an account, and of what its credentials were used for.
pub async fn activity(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
    before: Option<AuditId>,
    limit: usize,
) -> Result<Page, Error> {
    let account = account::find(services, actor, id).await?;
    let filter = AuditFilter { account: Some(id), ..AuditFilter::default() };
    let ask = ListAudit { filter, before, limit };
    let oldest = (services.now() - ACTIVITY).max(account.connected_at - SignedDuration::from_hours(1));
    let mut page = read(services, actor, &ask, oldest, |_| true).await?;
    // What else the same act was about is not theirs to know.
    page.entries.iter_mut().for_each(|entry| entry.accounts = vec![id]);
    Ok(page)
}

/// A caller whose accounts are narrowed reads what was done to one of these.
fn reaches(actor: &Actor, entry: &AuditEntry) -> bool {
    actor.accounts.is_none() || (!entry.accounts.is_empty() && entry.accounts.iter().all(|id| actor.sees(*id)))
}

async fn read(
    services: &Services,
    actor: &Actor,
    ask: &ListAudit,
    oldest: Timestamp,
    is_seen: impl Fn(&AuditEntry) -> bool,
) -> Result<Page, Error> {
    let oldest = ask.filter.from.map_or(oldest, |from| from.max(oldest));
    // Ids of the same millisecond are not ordered by time, so the end is a millisecond late.
    let latest = ask.filter.until.unwrap_or_else(|| services.now()) + SignedDuration::from_millis(1);
    let end = AuditId::new(latest, [0; 16]);
    let mut before = ask.before.map_or(end, |id| id.min(end));
    let mut entries = Vec::new();
    for _ in 0..READS {
        let page = services.store.list_audit(&actor.workspace, oldest, before, READ).await?;
        for entry in page.entries {
            before = entry.id;
            if ask.filter.lets(&entry) && is_seen(&entry) {
                entries.push(entry);
                if entries.len() == ask.limit {
                    return Ok(Page { entries, next: Some(before) });
                }
            }
        }
        if !page.more {
            return Ok(Page { entries, next: None });
        }
    }
    Ok(Page { entries, next: Some(before) })
}
