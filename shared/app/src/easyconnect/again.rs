//! Links that bring accounts back under the ids that they have: one, or all that a lockdown disconnected.

use std::collections::BTreeSet;

use domain::{
    Account, AccountId, Actor, Allowed, Code, Error, Lifecycle, LockdownId, Refusal,
    actor::permit,
    easyconnect::{Branding, Item, MOST_ITEMS, Recipient},
};
use jiff::SignedDuration;
use store::IdempotencyKey;

use super::manage::{self, NewLink, Told};
use crate::{Services, account, run::lockdown};

/// How many accounts of a lockdown's report are read at a time.
const PAGE: usize = 100;

/// What may be special about such a link.
#[derive(Debug, Clone, Default)]
pub struct NewAgain {
    /// What it is for.
    pub title: Option<String>,
    /// How long it works.
    pub lifetime: Option<SignedDuration>,
    /// For whom.
    pub recipient: Recipient,
    /// In whose name.
    pub branding: Branding,
    /// Where the client goes from the receipt.
    pub return_url: Option<String>,
    /// Of a lockdown, only these accounts.
    pub accounts: Option<BTreeSet<AccountId>>,
}

/// A link that reconnects one account.
pub async fn reconnect_link(
    services: &Services,
    actor: &Allowed<permit::LinksManage>,
    id: AccountId,
    ask: NewAgain,
    key: Option<IdempotencyKey>,
) -> Result<Told, Error> {
    let account = account::find(services, actor, id).await?;
    // Not the account's own name: a title outlives an account that is removed.
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let title = format!("Reconnect {}", entry.map_or(account.platform.as_str(), |entry| &entry.platform_name));
    manage::make(services, actor, new(ask, title, &[account]), key).await
}

/// One link that brings back what a lockdown disconnected; each account still takes its own person's consent.
pub async fn return_link(
    services: &Services,
    actor: &Allowed<permit::LinksManage>,
    id: LockdownId,
    ask: NewAgain,
    key: Option<IdempotencyKey>,
) -> Result<Told, Error> {
    // Whoever may make the link may know what it is for.
    let readers = Actor { perms: None, ..(**actor).clone() }.allow::<permit::AccountsRead>()?;
    let (mut accounts, mut from) = (Vec::new(), None);
    loop {
        let report = lockdown::report(services, &readers, id, from, PAGE).await?;
        let there = report.accounts.into_iter().filter_map(|left| left.account);
        accounts.extend(there.filter(|account| {
            let wanted = ask.accounts.as_ref().is_none_or(|wanted| wanted.contains(&account.id));
            wanted && account.lifecycle == Lifecycle::Disconnected
        }));
        from = report.next;
        if from.is_none() {
            break;
        }
    }
    if accounts.is_empty() {
        let detail = "Nothing that this lockdown disconnected is left to bring back.";
        return Err(Refusal::new(Code::AccountNotUsable, detail).into());
    }
    if accounts.len() > MOST_ITEMS {
        let detail = format!("{} accounts are too many for one link; name {MOST_ITEMS} at most.", accounts.len());
        return Err(Refusal::field("/account_ids", "too_many", detail).into());
    }
    let title = "Connect your accounts again".to_owned();
    manage::make(services, actor, new(ask, title, &accounts), key).await
}

fn new(ask: NewAgain, title: String, accounts: &[Account]) -> NewLink {
    NewLink {
        title: ask.title.unwrap_or(title),
        lifetime: ask.lifetime,
        recipient: ask.recipient,
        branding: ask.branding,
        return_url: ask.return_url,
        items: accounts.iter().map(item).collect(),
        ..NewLink::default()
    }
}

fn item(account: &Account) -> Item {
    Item {
        method: Some(account.method.clone()),
        kind: Some(account.profile.kind.clone()),
        expected_name: None,
        expected_handle: None,
        expected_platform_account_id: Some(account.profile.platform_account_id.clone()),
        reconnects: Some(account.id),
        label: Some(account.profile.handle.as_ref().map_or_else(|| account.profile.name.clone(), |h| format!("@{h}"))),
        capabilities: Some(account.access.asked.clone()).filter(|asked| !asked.is_empty()),
        wanted: true,
        ..Item::beside(account.platform.clone())
    }
}
