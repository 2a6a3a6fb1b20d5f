//! Changes to connected accounts: the main one, disconnecting, removing.

use domain::{
    Account, AccountId, ConnectSession, Event, Fault, Grant, Lifecycle, PlatformId, RunId, Timestamp, Workspace,
    WorkspaceId, grant::GrantState,
};

use crate::{
    Committed, Finish, Store, claim,
    connect::set_of,
    grant, history, idempotency,
    item::{attribute, encode, n, s},
    key, outbox, plan, tie,
    transaction::{Expression, Transaction},
    workspace::{count_attribute, main_attribute},
};

/// One account leaves: it is kept as disconnected, or removed with its claim.
#[derive(Debug)]
pub struct Disconnect<'a> {
    /// The workspace as it was read.
    pub workspace: &'a Workspace,
    /// The account as it was read.
    pub before: &'a Account,
    /// The account as it will be; none removes it.
    pub after: Option<&'a Account>,
    /// Its grant's next revision; none if it was disconnected already.
    pub grant: Option<&'a Grant>,
    /// The runs that fetched its data, which are removed with it.
    pub runs: &'a [RunId],
    /// The account that becomes main, where the leaving one was.
    pub successor: Option<AccountId>,
    /// What happened.
    pub events: &'a [Event],
    /// The caller's key and the outcome to replay.
    pub finish: Option<(&'a Finish, &'a str)>,
    /// Now.
    pub now: Timestamp,
}

/// Which write of leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The organisation's claim.
    Claim,
    Other,
}

impl Store {
    /// A new attempt, with the key's outcome.
    pub async fn insert_session(
        &self,
        session: &ConnectSession,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let (item, absent) = Self::new_session(session)?;
        transaction.put(self, (), item, &absent)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }

    /// The next version of an attempt with the key's outcome and its events.
    pub async fn end_session(
        &self,
        session: &ConnectSession,
        events: &[Event],
        finish: Option<(&Finish, &str)>,
        now: Timestamp,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        transaction.put(self, (), crate::session::write(session)?, &crate::session::replaces(session))?;
        transaction.delete(self, (), &key::held(session.id), &Expression::default())?;
        outbox::add(self, &mut transaction, (), events, now)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }

    /// Makes a usable account the main one of its platform, in place of the one that was read.
    pub async fn set_main(
        &self,
        workspace: &Workspace,
        account: &Account,
        events: &[Event],
        finish: Option<(&Finish, &str)>,
        now: Timestamp,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let usable = Expression::condition("lifecycle = :active AND attribute_not_exists(suspended)")
            .value(":active", s(Lifecycle::Active.as_str()));
        transaction.check(self, (), &key::account(&account.workspace, account.id), &usable)?;
        let mut with = main(&account.platform, workspace.main.get(&account.platform), Some(account.id));
        if workspace.is_unsettled() {
            // Main accounts are suspended last: whoever is at it judges again.
            with.update = with.update.map(|set| format!("{set} ADD settling :step"));
            with = with.value(":step", n(1));
        }
        let with = plan::unmoved(with, workspace);
        transaction.update(self, (), &key::workspace(&workspace.id), &with)?;
        outbox::add(self, &mut transaction, (), events, now)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }

    /// Disconnects or removes one account, frees its place, and ends its grant with the last account.
    pub async fn disconnect(&self, leave: &Disconnect<'_>) -> Result<Committed<()>, Fault> {
        let Disconnect { workspace, before, .. } = *leave;
        // That it is in other workspaces too is the rare case, which the claim tells of itself.
        let mut left = self.leave(leave, None).await?;
        if matches!(&left, Committed::Refused(parts) if parts.contains(&Part::Claim)) {
            let id = &before.profile.platform_account_id;
            let holders = self.find_holders(&workspace.org, &before.platform, id).await?;
            left = self.leave(leave, Some(&holders)).await?;
        }
        Ok(match left {
            Committed::Done => Committed::Done,
            Committed::Busy => Committed::Busy,
            Committed::Refused(_) => Committed::Refused(Vec::new()),
        })
    }

    /// The same, where the holders of its claim are known or taken to be nobody else.
    async fn leave(&self, leave: &Disconnect<'_>, holders: Option<&[WorkspaceId]>) -> Result<Committed<Part>, Fault> {
        let Disconnect { workspace, before, .. } = *leave;
        let mut transaction = Transaction::new();
        let row = key::account(&before.workspace, before.id);
        let unchanged = Expression::condition("version = :v").value(":v", n(before.version));
        if let Some(after) = leave.after {
            transaction.put(self, Part::Other, encode(&row, after)?, &unchanged)?;
            history::add(self, &mut transaction, Part::Other, before, after)?;
        } else {
            transaction.delete(self, Part::Other, &row, &unchanged)?;
            let claim = key::claim(&before.workspace, &before.platform, &before.profile.platform_account_id);
            transaction.delete(self, Part::Other, &claim, &Expression::default())?;
            let (ws, id) = (&before.workspace, before.id);
            let beside = [
                key::picture(ws, id),
                key::schedule(ws, id),
                key::usage(ws, id),
                key::preferences(ws, id),
                key::planned(ws, id),
            ];
            let runs = leave.runs.iter().map(|run| key::run(ws, *run));
            for beside in beside.into_iter().chain(runs) {
                transaction.delete(self, Part::Other, &beside, &Expression::default())?;
            }
            if let Some(other) = before.linked {
                transaction.update(self, Part::Other, &key::account(ws, other), &tie::untied(id))?;
            }
        }
        if before.lifecycle == Lifecycle::Active {
            let claimed = claim::of(&workspace.org, &before.platform, before);
            claim::leave(self, &mut transaction, Part::Claim, &claimed, &before.workspace, holders)?;
            let with = free_place(self, leave);
            transaction.update(self, Part::Other, &key::workspace(&workspace.id), &with)?;
        }
        if let Some(grant) = leave.grant {
            leave_grant(self, &mut transaction, Part::Other, grant)?;
        }
        outbox::add(self, &mut transaction, Part::Other, leave.events, leave.now)?;
        if let Some((finish, outcome)) = leave.finish {
            idempotency::finish(self, &mut transaction, Part::Other, finish, outcome)?;
        }
        transaction.commit(self).await
    }
}

/// The main account of a platform moves from the one that was read to another or to none.
fn main(platform: &PlatformId, from: Option<&AccountId>, to: Option<AccountId>) -> Expression {
    let with = match to {
        Some(to) => Expression::update("SET #main = :main").value(":main", s(to.to_string())),
        None => Expression::update("REMOVE #main"),
    };
    let with = with.name("#main", main_attribute(platform));
    match from {
        Some(from) => with.when("#main = :from").value(":from", s(from.to_string())),
        None => with.when("attribute_not_exists(#main)"),
    }
}

/// One account less is counted; if it was the main one, its successor is, or none.
/// Whoever was suspended for want of a place may get it.
fn free_place(store: &Store, leave: &Disconnect<'_>) -> Expression {
    let Disconnect { workspace, before: account, successor, .. } = *leave;
    let platform = &account.platform;
    let was_main = workspace.is_main(account.id);
    let mut with = if was_main {
        main(platform, Some(&account.id), successor)
    } else {
        // It must not have become the main one since it was read.
        Expression::default()
            .when("attribute_not_exists(#main) OR #main <> :from")
            .name("#main", main_attribute(platform))
            .value(":from", s(account.id.to_string()))
    };
    with = with.name("#count", count_attribute(platform)).value(":less", n(-1));
    let moved = with.update.take().unwrap_or_default();
    let (mut less, mut marked) = ("n :less, #count :less".to_owned(), "");
    if account.is_over_plan() {
        less.push_str(", suspended :less");
    }
    if workspace.is_unsettled() {
        less.push_str(", settling :step");
        marked = if moved.starts_with("SET") { ", dp = :dp, ds = :ds" } else { " SET dp = :dp, ds = :ds" };
        let (partition, sort) = plan::due(store, &workspace.id, leave.now);
        with = with.value(":dp", partition).value(":ds", sort).value(":step", n(1));
    }
    with.update = Some(format!("{moved}{marked} ADD {less}"));
    plan::unmoved(with, workspace)
}

/// The grant without the account; its last account gone, it is due to be revoked and no second consent
/// lands in it any more.
pub(crate) fn leave_grant<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    grant: &Grant,
) -> Result<(), Fault> {
    let unchanged = Expression::condition("revision = :r").value(":r", n(grant.revision.saturating_sub(1)));
    let ended = match grant.state {
        GrantState::Revoking { since, .. } => Some(since),
        GrantState::Live => None,
    };
    transaction.put(store, label.clone(), grant::write(store, grant)?, &unchanged)?;
    if let Some(since) = ended {
        let entry = grant::entry(grant);
        let own = Expression::condition("attribute_not_exists(pk) OR #grant = :grant")
            .name("#grant", "grant")
            .value(":grant", s(grant.id.to_string()));
        transaction.delete(store, label.clone(), &entry, &own)?;
        let subject = key::subject(&grant.app, &grant.person.id);
        let leaves = Expression::update("SET ended_at = :since DELETE grants :grant")
            .value(":grant", set_of(grant))
            .value(":since", attribute(&since)?);
        transaction.update(store, label, &subject, &leaves)?;
    }
    Ok(())
}
