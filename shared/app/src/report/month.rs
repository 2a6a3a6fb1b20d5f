//! The monthly audit: what should be known of each account, and what is. On the first days of a month the one before is
//! kept account by account, so that it stays what it was when the facts that led to it are gone.

use std::collections::{HashMap, HashSet};

use domain::{
    Account, AccountId, Allowed, Error, Fault, OrgId, Refusal, Timestamp, WorkspaceId,
    actor::permit,
    report::{AccountMonth, Audited, Month, Monthly},
    schedule::Zone,
};
use store::{AccountFilter, Stretch};
use tokio::time::Instant;

use super::{Gathered, Looked, gather, look};
use crate::{
    Services,
    account::{Shown, reaches_figures, shown},
    figures, sync,
    workspace::own,
};

/// How many accounts are kept before it is looked whether there is time for more.
const PAGE: usize = 100;
/// How many days of a month pass before the one before is kept: platforms tell a day up to two days later.
const SETTLED: i8 = 3;

/// A month of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// What it was like.
    pub monthly: Monthly,
    /// Its accounts as they are now, in the same order.
    pub shown: Vec<Shown>,
    /// Whether it is kept and changes no more.
    pub is_final: bool,
    /// How many more accounts there are than one answer tells of.
    pub left_out: u32,
    /// The zone of its days.
    pub zone: Zone,
}

/// A month of the accounts whose figures the caller may read; the last whole one if none is named.
pub async fn month(
    services: &Services,
    actor: &Allowed<permit::MetricsRead>,
    workspace: &WorkspaceId,
    asked: Option<Month>,
) -> Result<Audit, Error> {
    own(actor, workspace)?;
    let told = |account: &Account| reaches_figures(account, actor);
    let Gathered { workspace, accounts, left_out } = gather(services, &actor.workspace, &actor.org, told).await?;
    let zone = figures::zone(&workspace);
    let this = Month::of(zone.day(services.now()));
    let month = asked.unwrap_or_else(|| this.before());
    if month > this {
        return Err(Refusal::field("/month", "in_the_future", "month is this one or one that is past.").into());
    }
    let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
    let mut kept = HashMap::new();
    if services.store.find_told(&workspace.id).await?.month.is_some_and(|last| month <= last) {
        let found = services.store.find_months(&workspace.id, &ids, month).await?;
        kept = found.into_iter().map(|of: AccountMonth| (of.account, of)).collect();
    }
    // Of a month before the first one that was kept nothing is.
    let is_final = !kept.is_empty();
    let incidents = services.guard.incidents(services).await?;
    let now = |account: &Account| shown(services, &incidents, &workspace, account.clone());
    let mut shown: HashMap<AccountId, Shown> = accounts.iter().map(|account| (account.id, now(account))).collect();
    let months = if is_final {
        ids.iter().filter_map(|id| kept.remove(id)).collect()
    } else {
        let looked = look(services, &workspace, accounts, month.days(), |_| true).await?;
        looked.iter().filter_map(|looked| looked.in_month(month)).collect::<Vec<_>>()
    };
    let monthly = Monthly::of(month, months);
    let shown = monthly.accounts.iter().filter_map(|of| shown.remove(&of.account)).collect();
    Ok(Audit { monthly, shown, is_final, left_out, zone })
}

impl Looked {
    fn in_month(&self, month: Month) -> Option<AccountMonth> {
        let Self { account, episodes, ledger } = self;
        let ledger = ledger.as_ref()?;
        let (name, platform) = (account.display_name(), &account.platform);
        Audited { account: account.id, name, platform, ledger, episodes }.in_month(month)
    }
}

/// The month that is to be kept now: the last one, once all of it can be known.
pub(crate) fn settled(zone: &Zone, now: Timestamp) -> Month {
    let today = zone.day(now);
    let last = Month::of(today).before();
    if today.day() < SETTLED { last.before() } else { last }
}

/// Keeps a month of all accounts of a workspace; `false` if the time is over before. What is kept stays, and whoever
/// comes next goes on behind it.
pub(crate) async fn keep(services: &Services, ws: &WorkspaceId, month: Month, until: Instant) -> Result<bool, Fault> {
    let (org, filter) = (OrgId::from(ws), AccountFilter::default());
    let mut after = None;
    loop {
        let stretch = Stretch { after, newest_first: false, limit: PAGE };
        let page = services.store.list_accounts(ws, &org, &filter, stretch, |_| true).await?;
        after = page.accounts.last().map(|account| account.id).filter(|_| page.more);
        let ids: Vec<AccountId> = page.accounts.iter().map(|account| account.id).collect();
        let kept = services.store.find_months(ws, &ids, month).await?;
        let kept: HashSet<AccountId> = kept.iter().map(|of| of.account).collect();
        let open = page.accounts.into_iter().filter(|account| !kept.contains(&account.id)).collect();
        let ends = sync::kept_until(&page.workspace, services.now());
        for looked in look(services, &page.workspace, open, month.days(), |_| true).await? {
            if let Some(of) = looked.in_month(month) {
                services.store.keep_month(ws, month, &of, ends).await?;
            }
        }
        if after.is_none() {
            services.store.month_kept(ws, month).await?;
            return Ok(true);
        }
        if Instant::now() >= until {
            return Ok(false);
        }
    }
}
