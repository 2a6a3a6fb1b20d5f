//! What an action would do, told before it is done. Nothing is written by asking.

mod warning;
pub mod workspace;

use domain::{
    Account, AccountId, Allowed, Code, Error, Grant, Lifecycle, Limit, Planned, Timestamp, Workspace, actor::permit,
};
use jiff::SignedDuration;
use store::Usage;

pub use self::warning::{Warning, planned};
use crate::{
    Services, account,
    disconnect::{self, Action, Known, Receipt, words},
    platform::Blast,
    revoke::Revoked,
};

/// For how long a confirmation is good.
const CONFIRM: SignedDuration = SignedDuration::from_mins(5);
/// What a confirmation is signed for.
const CONTEXT: &str = "confirm";

/// What is to be done with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Disconnect it.
    Disconnect,
    /// Remove it.
    Remove,
    /// Connect it again.
    Reconnect,
    /// Disconnect it with all others.
    Lockdown,
}

impl Asked {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disconnect => "disconnect",
            Self::Remove => "remove",
            Self::Reconnect => "reconnect",
            Self::Lockdown => "lockdown",
        }
    }

    /// The action by its word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Disconnect, Self::Remove, Self::Reconnect, Self::Lockdown]
            .into_iter()
            .find(|asked| asked.as_str() == word)
    }

    fn verb(self) -> Option<Action> {
        match self {
            Self::Disconnect | Self::Lockdown => Some(Action::Disconnect),
            Self::Remove => Some(Action::Remove),
            Self::Reconnect => None,
        }
    }
}

/// How many places are used, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Used now.
    pub used: u32,
    /// The limit.
    pub limit: Limit,
}

/// A word that an action is confirmed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// It is good for this account as it is now, and this action.
    pub word: String,
    /// Until then.
    pub until: Timestamp,
}

/// What an action would do with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    /// The account.
    pub account: Account,
    /// The action.
    pub asked: Asked,
    /// Whether it is the main one of its platform.
    pub is_main: bool,
    /// The account that would become main, if the caller sees it.
    pub successor: Option<Account>,
    /// Other accounts on the same consent that the caller sees.
    pub siblings: Vec<Account>,
    /// How many there are, seen or not.
    pub siblings_total: usize,
    /// How many accounts of other workspaces live on the same consent.
    pub copies_elsewhere: usize,
    /// The account that it is tied to, if the caller sees it.
    pub tied: Option<Account>,
    /// What is planned with it and not past.
    pub planned: Planned,
    /// How its tokens were used.
    pub usage: Usage,
    /// Places that become free, or that are taken.
    pub freed: u32,
    /// Places that are taken.
    pub taken: u32,
    /// Places over all platforms.
    pub total: Places,
    /// Places on its platform.
    pub per_platform: Places,
    /// The receipt as it will be if the platform answers.
    pub receipt: Receipt,
    /// What a person should know before.
    pub warnings: Vec<Warning>,
    /// What the action can be confirmed with; none for what is confirmed in another way.
    pub confirm: Option<Confirm>,
}

impl Impact {
    /// How many other accounts live on the same consent, here or in other workspaces.
    pub fn others(&self) -> usize {
        self.siblings_total + self.copies_elsewhere
    }
}

/// What an action would do with an account.
pub async fn of(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
    asked: Asked,
) -> Result<Impact, Error> {
    let account = account::find(services, actor, id).await?;
    let now = services.now();
    let workspace = services.store.find_workspace(&actor.workspace, &actor.org).await?;
    let (usage, planned) = services.store.find_use(&account.workspace, id, now).await?;
    let grant = disconnect::next_grant(services, &account).await?;
    let others: Vec<AccountId> = grant.iter().flat_map(|grant| grant.of(&account.workspace)).collect();
    let all = grant.as_ref().map_or(0, |grant| grant.accounts.len() + grant.copies.len());
    let seen = |account: &Account| account.is_seen_by(actor);
    let siblings: Vec<Account> =
        services.store.find_accounts(&account.workspace, &others).await?.into_iter().filter(seen).collect();
    let tied = disconnect::tied(services, actor, &account).await?;
    let leaves = asked.verb().is_some();
    let successor = if leaves { disconnect::successor(services, actor, &workspace, &account).await? } else { None };
    let confirm = asked.verb().filter(|_| asked != Asked::Lockdown);
    let confirm = confirm.map(|action| confirm_with(services, &account, planned.version, action, now + CONFIRM));
    let receipt =
        expected(services, &account, &workspace, grant.as_ref(), (asked, successor), planned.clone().ahead(now));
    let receipt = receipt.await?;
    let successor = match successor {
        Some(id) => services.store.find_account(&account.workspace, id).await?.filter(seen),
        None => None,
    };
    let plan = workspace.plan(&services.plans, actor.plan.as_deref());
    let is_active = account.lifecycle == Lifecycle::Active;
    let mut impact = Impact {
        asked,
        is_main: workspace.is_main(id),
        successor,
        siblings,
        siblings_total: others.len(),
        copies_elsewhere: all - others.len(),
        tied,
        planned: receipt.planned.clone(),
        usage,
        freed: u32::from(leaves && is_active),
        taken: u32::from(!leaves && !is_active),
        total: Places { used: workspace.total, limit: plan.max_total },
        per_platform: Places { used: workspace.used(&account.platform), limit: plan.max_per_platform },
        receipt,
        warnings: Vec::new(),
        confirm,
        account,
    };
    impact.warnings = warning::of(services, &impact);
    Ok(impact)
}

/// The receipt as it will be if the platform answers.
async fn expected(
    services: &Services,
    account: &Account,
    workspace: &Workspace,
    grant: Option<&Grant>,
    (asked, successor): (Asked, Option<AccountId>),
    planned: Planned,
) -> Result<Receipt, Error> {
    let known = Known { account, workspace, successor, planned, reason: None, cascaded: Vec::new() };
    let access = match asked.verb() {
        Some(_) => access(services, account, grant).await?,
        None => (None, None),
    };
    let receipt = disconnect::receipt(services, known, asked.verb().unwrap_or(Action::Disconnect), access);
    Ok(match asked.verb() {
        Some(_) => receipt,
        None => Receipt { effects: words(disconnect::effects_of_reconnecting(account.lifecycle)), ..receipt },
    })
}

/// What will become of the access, and of the tokens.
async fn access(
    services: &Services,
    account: &Account,
    grant: Option<&Grant>,
) -> Result<(Option<Revoked>, Option<&'static str>), Error> {
    let Some(ends) = grant.filter(|grant| grant.is_left()) else {
        return disconnect::owed(services, account, grant).await;
    };
    let blast = services.platforms.entry(&ends.platform, Some(&ends.method)).map(|entry| entry.blast);
    let status = match blast {
        None | Some(Blast::Unsupported) => Revoked::Unsupported,
        Some(Blast::Token) => Revoked::Revoked,
        Some(Blast::PersonApp) => {
            let subject = services.store.find_subject(&ends.app, &ends.person.id).await?;
            let others = subject.grants.iter().any(|(_, id)| *id != ends.id);
            if others { Revoked::SkippedSharedGrant } else { Revoked::Revoked }
        }
    };
    Ok((Some(status), None))
}

fn signed(account: &Account, planned: u64, action: Action, until: i64) -> String {
    format!("{}|{}|{planned}|{action:?}|{until}", account.id, account.version)
}

fn confirm_with(services: &Services, account: &Account, planned: u64, action: Action, until: Timestamp) -> Confirm {
    let seconds = until.as_second();
    let signature = services.edge.sign(CONTEXT, &signed(account, planned, action, seconds));
    Confirm { word: format!("{seconds}.{}", signature.expose()), until }
}

/// Whether a confirmation was given for the account as it is, with what is planned as it is, for this action, and not
/// long ago.
pub(crate) async fn check(services: &Services, account: &Account, action: Action, confirm: &str) -> Result<(), Error> {
    let planned = services.store.find_planned(&account.workspace, account.id).await?.version;
    let good = confirm.split_once('.').is_some_and(|(until, signature)| {
        let lives = |until: &i64| services.now().as_second() < *until;
        let until = until.parse().ok().filter(lives);
        until.is_some_and(|until| services.edge.verify(CONTEXT, &signed(account, planned, action, until), signature))
    });
    if good { Ok(()) } else { Err(Code::VersionConflict.into()) }
}

/// What people call a platform.
pub(crate) fn platform_name(services: &Services, account: &Account) -> String {
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    entry.map_or_else(|| account.platform.to_string(), |entry| entry.platform_name.clone())
}
