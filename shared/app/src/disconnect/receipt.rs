//! What an account's end did, or would do, in words that claim no more than that.

use domain::{Account, AccountId, Lifecycle, Planned, RunId, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Action;
use crate::{Services, planned, revoke::Revoked};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which account.
    pub account: AccountId,
    /// Which verb.
    pub action: Action,
    /// What the caller gave as the reason.
    #[serde(default)]
    pub reason: Option<String>,
    /// What became of the access at the platform.
    pub revocation: Revocation,
    /// What the publisher is told to do.
    pub effects: Vec<String>,
    /// What it plans with the account, as it reported it.
    #[serde(default)]
    pub planned: Planned,
    /// Whether it was the main account of its platform.
    #[serde(default)]
    pub was_main: bool,
    /// The main one now.
    #[serde(default)]
    pub main_now: Option<AccountId>,
    /// What is kept.
    pub kept: Vec<String>,
    /// What is erased.
    pub erased: Vec<String>,
    /// The run that erases what was too much for the request.
    #[serde(default)]
    pub purge: Option<RunId>,
    /// The same of the account that it is tied to, where that one went with it.
    #[serde(default)]
    pub cascaded: Vec<Receipt>,
}

/// The access at the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// What became of it; none where nothing was left to revoke, because it ended when the account was
    /// disconnected.
    pub status: Option<Revoked>,
    /// What is left to do by hand.
    pub by_hand: Option<ByHand>,
}

/// How a person ends an access at the platform, where we did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// Our page about it, which anybody can open.
    pub url: String,
    /// What that page is called.
    pub title: String,
    /// What to do, one after the other.
    pub steps: Vec<String>,
    /// Where at the platform.
    pub settings_url: Option<String>,
}

/// What the publisher is told to do.
pub(crate) fn effects(removed: bool) -> &'static [&'static str] {
    if removed {
        &["delete_scheduled_posts", "delete_queues", "delete_automations", "delete_drafts", "delete_analytics"]
    } else {
        &["fail_scheduled_posts"]
    }
}

/// What the publisher is told to do when an account that was known is connected again: what waits goes on, and what
/// failed while it was disconnected stays failed.
pub(crate) fn effects_of_reconnecting(was: Lifecycle) -> &'static [&'static str] {
    match was {
        Lifecycle::Active => &["resume_scheduled_posts"],
        Lifecycle::Disconnected => &["keep_failed_posts"],
    }
}

/// What the event of an end tells.
pub(crate) fn data(reason: Option<&str>, effects: &[impl Serialize], planned: &Planned, was_main: bool) -> Value {
    json!({"reason": reason, "effects": effects, "planned": planned::told(planned), "was_main": was_main})
}

/// What can be said of an end beside what becomes of the access.
pub(crate) struct Known<'a> {
    pub(crate) account: &'a Account,
    pub(crate) workspace: &'a Workspace,
    /// The account that becomes main, where this one is it.
    pub(crate) successor: Option<AccountId>,
    /// What is planned and not past.
    pub(crate) planned: Planned,
    pub(crate) reason: Option<String>,
    pub(crate) cascaded: Vec<Receipt>,
}

/// The receipt of an end. `access` is what became of the access, and what of the tokens is kept.
pub(crate) fn receipt(
    services: &Services,
    known: Known<'_>,
    action: Action,
    access: (Option<Revoked>, Option<&str>),
) -> Receipt {
    let Known { account, workspace, successor, planned, reason, cascaded } = known;
    let is_main = workspace.is_main(account.id);
    // One that is disconnected already is not disconnected for another reason.
    let (reason, was_main) = match &account.departure {
        Some(departure) if action == Action::Disconnect => (departure.reason.clone(), departure.was_main),
        _ => (reason, is_main),
    };
    let receipt = Receipt {
        account: account.id,
        action,
        reason,
        revocation: Revocation { status: None, by_hand: None },
        effects: words(effects(action == Action::Remove)),
        planned,
        was_main,
        main_now: if is_main { successor } else { workspace.main.get(&account.platform).copied() },
        kept: Vec::new(),
        erased: Vec::new(),
        purge: None,
        cascaded,
    };
    receipt.with_access(services, account, access)
}

impl Receipt {
    /// The same, where something else became of the access.
    pub(crate) fn with_access(
        self,
        services: &Services,
        account: &Account,
        (status, tokens_kept): (Option<Revoked>, Option<&str>),
    ) -> Self {
        let (mut kept, mut erased) = match self.action {
            Action::Disconnect => (words(&["id", "profile", "history", "settings"]), vec![]),
            Action::Remove => (vec![], words(&["profile", "history", "settings"])),
        };
        match tokens_kept {
            Some(kept_as) => kept.push(kept_as.to_owned()),
            // They were erased before.
            None if status.is_none() => {}
            None => erased.push("tokens".to_owned()),
        }
        Self { revocation: Revocation { status, by_hand: by_hand(services, account, status) }, kept, erased, ..self }
    }
}

/// Where the platform was not told, a person can still do it.
fn by_hand(services: &Services, account: &Account, status: Option<Revoked>) -> Option<ByHand> {
    let is_left = matches!(status, Some(Revoked::Unsupported | Revoked::Failed | Revoked::SkippedSharedGrant));
    let entry = services.platforms.entry(&account.platform, Some(&account.method)).filter(|_| is_left)?;
    let is_known = entry.manual_revoke_url.is_some() || !entry.manual_revoke_steps.is_empty();
    is_known.then(|| ByHand {
        url: services.url(&format!("help/revoke/{}#{}", account.platform, account.method)),
        title: format!("Withdraw the access at {}", entry.platform_name),
        steps: entry.manual_revoke_steps.clone(),
        settings_url: entry.manual_revoke_url.clone(),
    })
}

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
