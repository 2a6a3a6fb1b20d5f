//! What became of a lockdown, account by account.

use std::collections::BTreeMap;

use domain::{
    Account, AccountId, Allowed, Code, Error, Lifecycle, LockdownId, PlatformId, Run, actor::permit, run::Work,
};

use super::{Consent, is_disconnected, read};
use crate::{Services, revoke::Revoked, run::find};

/// What became of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Which one.
    pub id: AccountId,
    /// The account as it is now; none if it was removed since.
    pub account: Option<Account>,
    /// Its platform.
    pub platform: PlatformId,
    /// Whether it is disconnected.
    pub disconnected: bool,
    /// What became of the access at the platform; none while it is not disconnected.
    pub revocation: Option<Revoked>,
    /// Where a person ends the access by hand and sees to the account's security.
    pub page: Option<String>,
    /// How they end the access there.
    pub steps: Vec<String>,
}

/// A lockdown with a page of its report.
#[derive(Debug, Clone)]
pub struct Report {
    /// The run.
    pub run: Run,
    /// Why.
    pub reason: Option<String>,
    /// Whether every account is disconnected that was connected.
    pub disconnected: bool,
    /// Whether it is in force.
    pub in_force: bool,
    /// What became of the accounts of this page.
    pub accounts: Vec<Left>,
    /// Where the next page begins.
    pub next: Option<Spot>,
}

/// A place in the report: a piece, and an account of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The piece's number.
    pub part: u32,
    /// How many of its accounts are before it.
    pub at: usize,
}

/// A lockdown of the caller's workspace, with what became of so many accounts from a place on.
pub async fn report(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: LockdownId,
    from: Option<Spot>,
    limit: usize,
) -> Result<Report, Error> {
    let run = find(services, actor, id.into()).await?;
    let Work::Lockdown { reason } = run.work.clone() else { return Err(Code::NotFound.into()) };
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let (mut accounts, mut next) = (Vec::new(), None);
    let mut spot = from.unwrap_or(Spot { part: 1, at: 0 });
    while spot.part <= run.parts {
        let Some(consent) = read(services, &run, spot.part).await? else { break };
        let room = limit - accounts.len();
        let ids: Vec<AccountId> = consent.accounts.iter().skip(spot.at).take(room).copied().collect();
        let there = services.store.find_accounts(&run.workspace, &ids).await?;
        let mut there: BTreeMap<AccountId, Account> = there.into_iter().map(|a| (a.id, a)).collect();
        for id in &ids {
            let left = left(services, &consent, *id, there.remove(id));
            let seen = left.account.as_ref().is_none_or(|account| account.is_seen_by(actor)) && actor.sees(*id);
            accounts.extend(Some(left).filter(|_| seen));
        }
        spot.at += ids.len();
        if spot.at >= consent.accounts.len() {
            spot = Spot { part: spot.part + 1, at: 0 };
        }
        if accounts.len() >= limit {
            next = Some(spot).filter(|spot| spot.part <= run.parts);
            break;
        }
    }
    let in_force = workspace.locked_down == Some(id);
    Ok(Report { disconnected: is_disconnected(&run), in_force, reason, accounts, next, run })
}

fn left(services: &Services, consent: &Consent, id: AccountId, account: Option<Account>) -> Left {
    let entry = services.platforms.entry(&consent.platform, Some(&consent.method));
    let gone = account.as_ref().is_none_or(|account| account.lifecycle == Lifecycle::Disconnected);
    let disconnected = gone || !consent.waiting.contains(&id);
    Left {
        id,
        platform: consent.platform.clone(),
        disconnected,
        revocation: consent.revocation,
        page: entry.and_then(|entry| entry.manual_revoke_url.clone()),
        steps: entry.map(|entry| entry.manual_revoke_steps.clone()).unwrap_or_default(),
        account,
    }
}
