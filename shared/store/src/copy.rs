//! An account in a further workspace of its organisation, and asking the others to let one go.

use domain::{
    Account, Event, Fault, Grant, OrgId, Plan, PlatformId, Timestamp, Workspace, WorkspaceId, account::Preferences,
};
use jiff::SignedDuration;

use crate::{
    Committed, Finish, Store, claim,
    connect::{AccountChange, Incoming, put_living, take_places},
    history, idempotency,
    item::{encode, n, s, ttl},
    key, outbox, sync,
    transaction::{Expression, Transaction},
};

/// How often one workspace may ask for one account.
const ASKED_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// One copy: an account that lives on the grant of another one.
#[derive(Debug)]
pub struct Copy<'a> {
    /// The account that is copied, as it was and as it will be.
    pub source: (&'a Account, &'a Account),
    /// The workspace that gets the copy, as it was read.
    pub workspace: &'a Workspace,
    /// The plan in force there.
    pub plan: &'a Plan,
    /// The copy; it is let in beside the first holder.
    pub account: &'a AccountChange,
    /// What is copied of what lists do not show.
    pub preferences: Option<&'a Preferences>,
    /// The grant's next revision.
    pub grant: &'a Grant,
    /// What happened: where it came from, and where it went to.
    pub events: [&'a [Event]; 2],
    /// The caller's key and the outcome to replay.
    pub finish: Option<(&'a Finish, &'a str)>,
    /// Now.
    pub now: Timestamp,
}

/// A request to let an account go.
#[derive(Debug)]
pub struct Release<'a> {
    /// The organisation.
    pub org: &'a OrgId,
    /// Who asks.
    pub asks: &'a WorkspaceId,
    /// For what.
    pub platform: &'a PlatformId,
    /// For which of its accounts.
    pub platform_account_id: &'a str,
    /// The account of whoever has it, as it was and as it will be.
    pub account: (&'a Account, &'a Account),
    /// What they are told.
    pub events: &'a [Event],
    /// Now.
    pub now: Timestamp,
}

impl Store {
    /// Copies an account, or nothing of it; refused if something that was read has changed, or the plan is full.
    pub async fn copy(&self, copy: &Copy<'_>) -> Result<Committed<()>, Fault> {
        let Copy { source: (before, after), workspace, account, .. } = *copy;
        let mut transaction = Transaction::new();
        self.replace(&mut transaction, before, after)?;
        let (made, ws) = (&account.after, &workspace.id);
        let row = encode(&key::account(ws, made.id), made)?;
        let absent = Expression::condition("attribute_not_exists(pk)");
        if let Some(before) = &account.before {
            self.replace(&mut transaction, before, made)?;
            if let Some(asked) = &account.asked {
                let (claim, with) = sync::ask(self, made, asked)?;
                transaction.update(self, (), &claim, &with)?;
            }
        } else {
            transaction.put(self, (), row, &absent)?;
            let mut item = key::claim(ws, &made.platform, &made.profile.platform_account_id).item();
            item.insert("account".to_owned(), s(made.id.to_string()));
            if let Some(asked) = &account.asked {
                sync::begin(self, &mut item, made, asked)?;
            }
            transaction.put(self, (), item, &absent)?;
        }
        let first = account.beside.as_ref().unwrap_or(&before.workspace);
        let claim = claim::of(&workspace.org, &made.platform, made);
        transaction.update(self, (), &claim, &claim::join(ws, first))?;
        let accounts = std::slice::from_ref(account);
        let incoming = Incoming { workspace, plan: copy.plan, platform: &made.platform, accounts };
        take_places(self, &mut transaction, (), &incoming)?;
        if let Some(preferences) = copy.preferences {
            let item = encode(&key::preferences(ws, made.id), preferences)?;
            transaction.put(self, (), item, &Expression::default())?;
        }
        put_living(self, &mut transaction, (), copy.grant)?;
        for events in copy.events {
            outbox::add(self, &mut transaction, (), events, copy.now)?;
        }
        if let Some((finish, outcome)) = copy.finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }

    /// Tells a workspace that another one asks for an account; refused if it did so within a day, or if the account
    /// changed meanwhile.
    pub async fn ask_release(&self, release: &Release<'_>) -> Result<Committed<()>, Fault> {
        let Release { org, asks, platform, platform_account_id, account: (before, after), events, now } = *release;
        let mut transaction = Transaction::new();
        let mut asked = key::asked(org, platform, platform_account_id, asks, &after.workspace).item();
        asked.insert("at".to_owned(), n(now.as_second()));
        asked.insert("ttl".to_owned(), ttl(now + ASKED_EVERY));
        let long_ago = Expression::condition("attribute_not_exists(pk) OR #at <= :before")
            .name("#at", "at")
            .value(":before", n((now - ASKED_EVERY).as_second()));
        transaction.put(self, (), asked, &long_ago)?;
        self.replace(&mut transaction, before, after)?;
        outbox::add(self, &mut transaction, (), events, now)?;
        transaction.commit(self).await
    }

    /// Whether a workspace has asked another one for an account within a day.
    pub async fn has_asked(&self, release: &Release<'_>) -> Result<bool, Fault> {
        let Release { org, asks, platform, platform_account_id, account: (_, after), now, .. } = *release;
        let asked = self.read(&key::asked(org, platform, platform_account_id, asks, &after.workspace)).await?;
        let at = asked.and_then(|item| crate::item::number(&item, "at"));
        Ok(at.is_some_and(|at| at > (now - ASKED_EVERY).as_second()))
    }

    /// An account as it will be, in place of what was read.
    fn replace(&self, transaction: &mut Transaction<()>, before: &Account, after: &Account) -> Result<(), Fault> {
        let unchanged = Expression::condition("version = :v").value(":v", n(before.version));
        transaction.put(self, (), encode(&key::account(&after.workspace, after.id), after)?, &unchanged)?;
        history::add(self, transaction, (), before, after)
    }
}
