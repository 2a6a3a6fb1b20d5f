//! Who of those that are due goes now: as many as the platforms' budgets let, those that are used and longest without news
//! before the others. The rest is told when.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{Account, AccountId, Code, Fault, Lifecycle, MethodId, PlatformId, WorkspaceId, sync::spread};
use jiff::SignedDuration;

use super::{Batch, fetch, save};
use crate::{
    Services,
    budget::{self, Class, Refused, Taken, Want, Why},
};

/// Those that wait for the same moment come back spread over so long.
const SPREAD: SignedDuration = SignedDuration::from_mins(10);

/// Who goes, and who waits for what.
pub(super) struct Plan {
    /// They go, each with its place in `taken`.
    pub(super) go: Vec<(Account, usize)>,
    /// They wait.
    pub(super) wait: Vec<(Account, Refused)>,
    /// What was taken for them.
    pub(super) taken: Vec<(Group, Taken)>,
}

/// Accounts that are asked for through the same app.
pub(super) struct Group {
    platform: PlatformId,
    method: MethodId,
    of: Vec<(WorkspaceId, AccountId)>,
}

impl Group {
    fn want(&self) -> Want<'_> {
        Want { platform: &self.platform, method: &self.method, class: Class::Profile, of: &self.of }
    }
}

/// Takes from the budgets for as many as there is something left.
pub(super) async fn plan(services: &Services, accounts: Vec<Account>) -> Result<Plan, Fault> {
    let mut plan = Plan { go: Vec::new(), wait: Vec::new(), taken: Vec::new() };
    let mut groups: BTreeMap<(PlatformId, MethodId), Vec<Account>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for account in accounts {
        // What is the same account on the same consent gets what is fetched for the first of them.
        if !seen.insert((account.grant, account.profile.platform_account_id.clone())) {
            continue;
        }
        // Of what is not to be asked for nothing is taken.
        let asks =
            account.lifecycle == Lifecycle::Active && account.suspended.is_none() && account.grant_facts.dead.is_none();
        if asks {
            groups.entry((account.platform.clone(), account.method.clone())).or_default().push(account);
        } else {
            plan.go.push((account, usize::MAX));
        }
    }
    for ((platform, method), group) in groups {
        let mut left = ranked(services, &platform, &method, group).await?;
        while !left.is_empty() {
            let of = left.iter().map(|account| (account.workspace.clone(), account.id)).collect();
            let group = Group { platform: platform.clone(), method: method.clone(), of };
            let taken = budget::take(services, &group.want()).await?;
            let rest = left.split_off(taken.go.min(left.len()));
            let place = plan.taken.len();
            plan.go.extend(left.into_iter().map(|account| (account, place)));
            let refused = taken.rest.clone();
            plan.taken.push((group, taken));
            left = Vec::new();
            let Some(refused) = refused else { break };
            for account in rest {
                // Where one workspace has spent its part, the others go on.
                if refused.workspace.as_ref().is_none_or(|workspace| *workspace == account.workspace) {
                    plan.wait.push((account, refused.clone()));
                } else {
                    left.push(account);
                }
            }
        }
    }
    Ok(plan)
}

/// Those that somebody uses first, then those that nothing is known of, then the longest without news.
async fn ranked(
    services: &Services,
    platform: &PlatformId,
    method: &MethodId,
    mut accounts: Vec<Account>,
) -> Result<Vec<Account>, Fault> {
    let entry = services.platforms.entry(platform, Some(method));
    if entry.is_none_or(|entry| entry.budgets_for(Class::Profile).next().is_none()) {
        return Ok(accounts);
    }
    let ids: Vec<(WorkspaceId, AccountId)> = accounts.iter().map(|a| (a.workspace.clone(), a.id)).collect();
    let used = services.store.glance_used(&ids, services.now()).await?;
    accounts.sort_by_key(|account| (!used.contains(&account.id), account.fetched.last_ok_at));
    Ok(accounts)
}

/// One that waits: its turn comes later, and whoever asked for it is told.
pub(super) async fn put_off(
    batch: &Batch<'_>,
    account: Account,
    refused: &Refused,
    is_asked: bool,
) -> Result<(), Fault> {
    let services = batch.services;
    let code = code(refused.why);
    if is_asked {
        let Some(mut held) = services.store.hold_sync(&account, services.now()).await? else { return Ok(()) };
        let workspace = batch.workspace(&account.workspace).await?;
        let mut progress = save::Progress::begin(services, &workspace, &account, &held.sync).await?;
        let outcome = fetch::Outcome::Deferred { code, until: refused.until };
        Box::pin(save::save(batch, &workspace, &account, &mut held, &outcome, &mut progress)).await?;
        return Ok(());
    }
    let at = refused.until + spread(account.id, SPREAD);
    services.store.postpone_sync(&account, at, code, services.now()).await
}

/// Why it waits, in the registry's words.
pub(super) fn code(why: Why) -> Code {
    match why {
        Why::Stopped => Code::PlatformRateLimited,
        Why::Calls | Why::Money => Code::BudgetExhausted,
    }
}

/// Gives back what was taken for those that there was no time for; they are the last ones.
pub(super) async fn give_back(
    services: &Services,
    taken: &[(Group, Taken)],
    left: &HashMap<usize, usize>,
) -> Result<(), Fault> {
    for (place, unused) in left {
        if let Some((group, taken)) = taken.get(*place) {
            budget::give_back(services, &group.want(), taken, *unused).await?;
        }
    }
    Ok(())
}
