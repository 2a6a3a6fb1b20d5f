//! An account may be tied to another one, a Threads account to its Instagram account. On demand the other one goes along.

use domain::{
    Account, AccountId, Allowed, Code, Error, PlatformId, Refusal,
    actor::{Permit, permit},
};

use super::{Action, Leave, Receipt, one};
use crate::{Services, account, idempotency::Ending};

/// Ends the tied account first, so that a caller who tries again after a failure finds one thing less to do. Answers
/// with its receipt, and with what is left to ask of the other one.
pub(super) async fn cascade<P: Permit>(
    services: &Services,
    actor: &Allowed<P>,
    id: AccountId,
    action: Action,
    ask: &Leave,
) -> Result<(Vec<Receipt>, Leave), Error> {
    if ask.cascade.is_empty() {
        return Ok((Vec::new(), ask.clone()));
    }
    let account = account::find(services, actor, id).await?;
    super::check(services, &account, action, ask).await?;
    let tied = match account.linked {
        Some(tied) => account::find(services, actor, tied).await.map(Some).or_else(absent)?,
        None => None,
    };
    for (at, platform) in ask.cascade.iter().enumerate() {
        if tied.as_ref().is_none_or(|tied| tied.platform != *platform) {
            let detail = "No account of this platform is tied to this one.";
            return Err(Refusal::field(&format!("/cascade/{at}"), "not_tied", detail).into());
        }
    }
    let mut receipts = Vec::new();
    let mut left = Leave { cascade: Vec::new(), confirm: None, ..ask.clone() };
    if let Some(tied) = tied {
        let with = Leave { reason: ask.reason.clone(), ..Leave::default() };
        receipts.push(Box::pin(one(services, actor, tied.id, action, &with, Vec::new(), &Ending::default())).await?);
        // Untying changed this one, too.
        let untied = u64::from(action == Action::Remove && tied.linked == Some(id));
        left.if_match = ask.if_match.map(|version| version + untied);
    }
    Ok((receipts, left))
}

/// What is not there, or out of reach, is not tied for this caller.
fn absent(error: Error) -> Result<Option<Account>, Error> {
    match error {
        Error::Refused(refusal) if refusal.code == Code::NotFound => Ok(None),
        other => Err(other),
    }
}

/// The platform that the account is tied to, if the caller sees that account.
pub(crate) async fn tied(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    account: &Account,
) -> Result<Option<Account>, Error> {
    match account.linked {
        Some(tied) => account::find(services, actor, tied).await.map(Some).or_else(absent),
        None => Ok(None),
    }
}

/// Platforms whose accounts can be tied to each other.
pub fn is_tying(platform: &PlatformId) -> bool {
    ["instagram", "threads"].contains(&platform.as_str())
}
