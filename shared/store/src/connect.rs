//! Connecting: up to 25 accounts, their claims, the limit, the grant, the attempt and its events in one
//! transaction, or nothing.

use domain::{
    Account, ConnectSession, EasyConnectLink, Event, Fault, Grant, GrantId, Lifecycle, OrgId, Plan, PlatformId,
    Timestamp, Workspace, WorkspaceId, sync::Asked,
};

use crate::{
    Committed, Finish, Store,
    change::leave_grant,
    claim, easyconnect, grant, history, idempotency,
    item::{Item, encode, n, s},
    key, outbox, session, sync,
    transaction::{Expression, Transaction},
    workspace::{self, count_attribute, main_attribute},
};

/// `TransactWriteItems` takes a hundred writes.
const MOST_WRITES: usize = 100;

/// What happens to one account.
#[derive(Debug, Clone)]
pub struct AccountChange {
    /// The account as it was; none if it was never here.
    pub before: Option<Account>,
    /// The account as it will be.
    pub after: Account,
    /// Where its platform keeps its picture; kept with the organisation's claim, which lists do not read.
    pub picture: Option<String>,
    /// The first workspace of the organisation that has it connected, where this one is let in beside it.
    pub beside: Option<WorkspaceId>,
    /// The run that fetches its data at once, where anything is fetched.
    pub asked: Option<Asked>,
}

impl AccountChange {
    /// Whether it takes a place in the plan: it is new here, or comes back.
    pub fn takes_place(&self) -> bool {
        self.before.as_ref().is_none_or(|before| before.lifecycle == Lifecycle::Disconnected)
    }
}

/// What happens to the grant.
#[derive(Debug, Clone)]
pub enum GrantChange {
    /// The person's first living grant here; an ended one may still be on its way out.
    New {
        /// The grant.
        grant: Grant,
        /// The one that the person's entry still names.
        ended: Option<GrantId>,
    },
    /// New tokens in the same grant; its next revision.
    Renewed(Grant),
}

/// One connect.
#[derive(Debug)]
pub struct Connect<'a> {
    /// The attempt's next version.
    pub session: &'a ConnectSession,
    /// The workspace as it was read.
    pub workspace: &'a Workspace,
    /// The plan in force.
    pub plan: &'a Plan,
    /// 1 to 25 accounts.
    pub accounts: &'a [AccountChange],
    /// Their grant.
    pub grant: &'a GrantChange,
    /// Other grants that lose an account to it; their next revisions.
    pub left: &'a [Grant],
    /// The link through which it came, with what it connected; its next version.
    pub link: Option<&'a EasyConnectLink>,
    /// Whether a held consent is to be destroyed with it.
    pub forget_held: bool,
    /// What happened.
    pub events: &'a [Event],
    /// The caller's key and the outcome to replay.
    pub finish: Option<(&'a Finish, &'a str)>,
    /// Now.
    pub now: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connected {
    /// All are connected.
    Done,
    /// Another workspace of the organisation holds these (places in `accounts`).
    Elsewhere(Vec<usize>),
    /// The attempt went on meanwhile.
    SessionMoved,
    /// Something that was read has changed, or the plan is full: read again and judge again.
    Stale,
    /// More writes than one transaction takes.
    TooMany,
    /// Others kept changing the same items.
    Busy,
}

/// Which write of a connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Session,
    Workspace,
    Account,
    Claim,
    OrgClaim(usize),
    Grant,
    Link,
    Outbox,
    Idempotency,
}

impl Store {
    /// Connects all of them or none. Two writes of the same thing cannot both succeed: whoever is
    /// later finds a condition failed.
    pub async fn connect(&self, connect: &Connect<'_>) -> Result<Connected, Fault> {
        let Connect { session, accounts, .. } = *connect;
        let mut transaction = Transaction::new();
        transaction.put(self, Part::Session, session::write(session)?, &session::replaces(session))?;
        let (workspace, plan, platform) = (connect.workspace, connect.plan, &session.platform);
        let incoming = Incoming { workspace, plan, platform, accounts };
        take_places(self, &mut transaction, Part::Workspace, &incoming)?;
        for (place, AccountChange { before, after, picture, beside, asked }) in accounts.iter().enumerate() {
            let (ws, platform, id) = (&after.workspace, &after.platform, &after.profile.platform_account_id);
            let row = encode(&key::account(ws, after.id), after)?;
            if let Some(before) = before {
                let unchanged = Expression::condition("version = :v").value(":v", n(before.version));
                transaction.put(self, Part::Account, row, &unchanged)?;
                history::add(self, &mut transaction, Part::Account, before, after)?;
                if let Some(asked) = asked {
                    let (claim, with) = sync::ask(self, after, asked)?;
                    transaction.update(self, Part::Claim, &claim, &with)?;
                }
            } else {
                let absent = Expression::condition("attribute_not_exists(pk)");
                transaction.put(self, Part::Account, row, &absent)?;
                let mut item = key::claim(ws, platform, id).item();
                item.insert("account".to_owned(), s(after.id.to_string()));
                if let Some(asked) = asked {
                    sync::begin(self, &mut item, after, asked)?;
                }
                transaction.put(self, Part::Claim, item, &absent)?;
            }
            let claim = claim::of(&connect.workspace.org, platform, after);
            let held = claim::hold(ws, beside.as_ref(), picture.as_deref());
            transaction.update(self, Part::OrgClaim(place), &claim, &held)?;
        }
        put_grant(self, &mut transaction, connect.grant)?;
        for grant in connect.left {
            leave_grant(self, &mut transaction, Part::Grant, grant)?;
        }
        if let Some(link) = connect.link {
            easyconnect::put_next(self, &mut transaction, Part::Link, link)?;
        }
        if connect.forget_held {
            transaction.delete(self, Part::Session, &key::held(session.id), &Expression::default())?;
        }
        outbox::add(self, &mut transaction, Part::Outbox, connect.events, connect.now)?;
        if let Some((finish, outcome)) = connect.finish {
            idempotency::finish(self, &mut transaction, Part::Idempotency, finish, outcome)?;
        }
        if transaction.len() > MOST_WRITES {
            return Ok(Connected::TooMany);
        }
        Ok(match transaction.commit(self).await? {
            Committed::Done => Connected::Done,
            Committed::Busy => Connected::Busy,
            Committed::Refused(parts) => answer(&parts),
        })
    }
}

fn answer(parts: &[Part]) -> Connected {
    if parts.contains(&Part::Session) || parts.contains(&Part::Idempotency) {
        return Connected::SessionMoved;
    }
    let elsewhere: Vec<usize> =
        parts.iter().filter_map(|p| if let Part::OrgClaim(place) = p { Some(*place) } else { None }).collect();
    if elsewhere.is_empty() { Connected::Stale } else { Connected::Elsewhere(elsewhere) }
}

/// Accounts that come in.
pub(crate) struct Incoming<'a> {
    /// The workspace as it was read.
    pub(crate) workspace: &'a Workspace,
    /// The plan in force.
    pub(crate) plan: &'a Plan,
    /// Their platform.
    pub(crate) platform: &'a PlatformId,
    /// What happens to each.
    pub(crate) accounts: &'a [AccountChange],
}

/// Counts the accounts that come in against both limits, in one condition; the first account of a
/// platform becomes its main one.
pub(crate) fn take_places<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    incoming: &Incoming<'_>,
) -> Result<(), Fault> {
    let Incoming { workspace, plan, platform, accounts } = *incoming;
    let adding = u32::try_from(accounts.iter().filter(|a| a.takes_place()).count()).unwrap_or(u32::MAX);
    if adding == 0 {
        return Ok(());
    }
    // Nothing comes in that a lockdown would not find, nor under another plan than the one that was read.
    let mut conditions =
        vec!["attribute_not_exists(locked_down)".to_owned(), workspace::unchanged(workspace.version).to_owned()];
    let mut with = Expression::default().name("#count", count_attribute(platform)).value(":adding", n(adding));
    for (limit, attribute, placeholder) in [(plan.max_total, "n", ":total"), (plan.max_per_platform, "#count", ":each")]
    {
        if let domain::Limit::AtMost(most) = limit {
            // `most - adding` may be below zero: then no count satisfies it, and absence must not either.
            let room = i64::from(most) - i64::from(adding);
            let empty = if room >= 0 { format!("attribute_not_exists({attribute}) OR ") } else { String::new() };
            conditions.push(format!("({empty}{attribute} <= {placeholder})"));
            with = with.value(placeholder, n(room));
        }
    }
    let first = accounts.iter().find(|a| a.before.is_none());
    let mut set = Vec::new();
    // A workspace that is its own organisation may be told another one later.
    if workspace.org != OrgId::from(&workspace.id) {
        set.push("#org = if_not_exists(#org, :org)");
        with = with.name("#org", "org").value(":org", s(workspace.org.as_str()));
    }
    if let (Some(first), None) = (first, workspace.main.get(platform)) {
        set.push("#main = :main");
        conditions.push("attribute_not_exists(#main)".to_owned());
        with = with.name("#main", main_attribute(platform)).value(":main", s(first.after.id.to_string()));
    }
    let set = if set.is_empty() { String::new() } else { format!("SET {} ", set.join(", ")) };
    with.update = Some(format!("{set}ADD n :adding, #count :adding"));
    if workspace.version > 0 {
        with = with.value(":version", n(workspace.version));
    }
    with.condition = Some(conditions.join(" AND "));
    transaction.update(store, label, &key::workspace(&workspace.id), &with)
}

/// The next revision of a grant that lives.
pub(crate) fn put_living<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    grant: &Grant,
) -> Result<(), Fault> {
    let live = Expression::condition("revision = :r AND #state.#state = :live")
        .name("#state", "state")
        .value(":r", n(grant.revision.saturating_sub(1)))
        .value(":live", s("live"));
    transaction.put(store, label, grant::write(store, grant)?, &live)
}

fn put_grant(store: &Store, transaction: &mut Transaction<Part>, change: &GrantChange) -> Result<(), Fault> {
    match change {
        GrantChange::Renewed(grant) => put_living(store, transaction, Part::Grant, grant),
        GrantChange::New { grant, ended } => {
            let absent = Expression::condition("attribute_not_exists(pk)");
            transaction.put(store, Part::Grant, grant::write(store, grant)?, &absent)?;
            let mut entry: Item = grant::entry(grant).item();
            entry.insert("grant".to_owned(), s(grant.id.to_string()));
            let vacant = match ended {
                None => absent,
                Some(old) => Expression::condition("attribute_not_exists(pk) OR #grant = :old")
                    .name("#grant", "grant")
                    .value(":old", s(old.to_string())),
            };
            transaction.put(store, Part::Grant, entry, &vacant)?;
            let subject = key::subject(&grant.app, &grant.person.id);
            let joins = Expression::update("ADD grants :grant").value(":grant", set_of(grant));
            transaction.update(store, Part::Grant, &subject, &joins)
        }
    }
}

/// A grant as a member of its subject's set, with its workspace named inside.
pub(crate) fn set_of(grant: &Grant) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::Ss(vec![format!("{}#{}", grant.workspace, grant.id)])
}
