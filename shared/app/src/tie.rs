//! Threads tied to Instagram: the platforms do not tell it, so an equal handle proposes it and a person says so.

use domain::{
    Account, AccountId, Actor, Allowed, Code, Error, Fault, Lifecycle, PlatformId, Refusal, account::tied_platform,
    actor::permit, text,
};
use serde::{Deserialize, Serialize};
use store::{AccountFilter, Committed, IdempotencyKey};

use crate::{
    Once, Services,
    account::{all, check_version, find, seen},
    idempotency::{borrowed, once},
};

/// How often a change is judged again when others change the same accounts.
const TRIES: u32 = 8;

/// A tie as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tied {
    /// The account that was named.
    pub account: AccountId,
    /// The other one now, if there is one.
    pub to: Option<AccountId>,
    /// The version of the account that was named.
    pub version: u64,
}

/// Ties an account to one of the other platform, whichever of the two is named, or unties both.
pub async fn tie(
    services: &Services,
    actor: &Allowed<permit::AccountsConfigure>,
    id: AccountId,
    to: Option<AccountId>,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Tied>, Error> {
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let account = find(services, actor, id).await?;
            check_version(if_match, &account)?;
            let other = match to.or(account.linked) {
                // Who unties one unties the other, whoever sees that.
                Some(other) if to.is_none() => services.store.find_account(&account.workspace, other).await?,
                Some(other) => Some(find(services, actor, other).await?),
                None => None,
            };
            if let (Some(_), Some(other)) = (to, &other) {
                may_tie(&account, other)?;
            }
            let is_so = account.linked == to;
            let version = account.version + u64::from(!is_so);
            let tied = Tied { account: id, to, version };
            if is_so {
                // Nothing is left to do, so there is no transaction to finish the key in.
                ending.amend(services, &tied).await?;
                return Ok(tied);
            }
            let next = |account: Account, linked| Account { linked, version: account.version + 1, ..account };
            let back = to.is_some().then_some(id);
            let changed: Vec<Account> =
                [Some(next(account, to)), other.map(|other| next(other, back))].into_iter().flatten().collect();
            let finish = ending.with(&tied)?;
            match services.store.set_ties(&changed, borrowed(finish.as_ref())).await? {
                Committed::Done => return Ok(tied),
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// Whether two accounts can belong to each other, and neither belongs to another one.
fn may_tie(one: &Account, other: &Account) -> Result<(), Refusal> {
    if tied_platform(&one.platform) != Some(other.platform.as_str()) {
        let detail = "A Threads account is tied to an Instagram account, and nothing else to anything.";
        return Err(Refusal::field("/account_id", "other_platform", detail));
    }
    let is_free = |account: &Account, from: &Account| account.linked.is_none_or(|linked| linked == from.id);
    if is_free(one, other) && is_free(other, one) {
        return Ok(());
    }
    let detail = "One of the two is tied to another account already; untie that first.";
    Err(Refusal::new(Code::LinkedAccountTaken, detail))
}

/// The account of the other platform that an untied one seems to belong to, among those that the caller sees.
pub(crate) async fn proposal(services: &Services, actor: &Actor, account: &Account) -> Result<Option<Account>, Error> {
    let platform = tied_platform(&account.platform).and_then(|platform| platform.parse::<PlatformId>().ok());
    let (Some(platform), Some(handle), None) = (platform, &account.profile.handle, account.linked) else {
        return Ok(None);
    };
    let filter = AccountFilter { platforms: vec![platform], lifecycle: Some(Lifecycle::Active) };
    let is_alike = |other: &Account| {
        let theirs = other.profile.handle.as_deref().map(text::handle);
        other.linked.is_none() && theirs == Some(text::handle(handle))
    };
    Ok(all(services, actor, &filter).await?.into_iter().find(is_alike))
}

/// Takes away the ties to accounts that the caller does not see.
pub(crate) async fn hide<'a>(
    services: &Services,
    actor: &Actor,
    accounts: impl Iterator<Item = &'a mut Account>,
) -> Result<(), Fault> {
    let mut tied: Vec<&mut Account> = accounts.filter(|account| account.linked.is_some()).collect();
    let seen = seen(services, actor, tied.iter().filter_map(|account| account.linked).collect()).await?;
    for account in &mut tied {
        account.linked = account.linked.filter(|linked| seen.contains(linked));
    }
    Ok(())
}
