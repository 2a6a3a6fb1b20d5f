//! What is worth doing about a workspace's accounts, by the rules of [`domain::recommendation`].

use domain::{
    Account, Allowed, Days, Error, Key, Ledger, Metric, WorkspaceId,
    account::Against,
    actor::permit,
    health::{Rule, State},
    recommendation::{Portfolio, Portrait, Recommendation, Used, month_of_followers, recommendations},
};
use store::Usage;

use super::{
    Gathered, Looked,
    digest::{connected_at, due_at},
    gather, look,
};
use crate::{
    Services,
    account::{Shown, reaches_figures, shown},
    figures, health,
    impact::platform_name,
    sync,
    workspace::own,
};

/// So many days are looked at: the month behind today, and the day that it is compared with.
const DAYS: u32 = 33;
/// Of so many it is told how much is known.
const KNOWN: u32 = 30;

/// What is worth doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Advised {
    /// What matters more first.
    pub recommendations: Vec<Recommendation>,
    /// How many more accounts there are than one answer looks at.
    pub left_out: u32,
}

/// What is worth doing about the accounts that the caller sees. What hangs on figures that they may not read is not among
/// it.
///
/// Costs about 4 units for each account: its row, its past facts, its last month, how it was used.
pub async fn advise(
    services: &Services,
    actor: &Allowed<permit::MetricsRead>,
    workspace: &WorkspaceId,
) -> Result<Advised, Error> {
    own(actor, workspace)?;
    let now = services.now();
    let seen = |account: &Account| account.is_seen_by(actor);
    let Gathered { workspace, accounts, left_out } = gather(services, &actor.workspace, &actor.org, seen).await?;
    let usage = services.store.list_usage(&workspace.id, now).await?;
    let incidents = services.guard.incidents(services).await?;
    let days = Days::until(figures::zone(&workspace).day(now), DAYS);
    let reaches = |account: &Account| reaches_figures(account, actor);
    let looked = look(services, &workspace, accounts, days, reaches).await?;
    let portrait = |Looked { account, ledger, .. }: Looked| {
        let policy = health::policy(&workspace, &account);
        let used = usage.get(&account.id).copied();
        let shown = shown(services, &incidents, &workspace, account);
        let fetched = services.platforms.entry(&shown.account.platform, Some(&shown.account.method));
        let is_fetched = fetched.is_some_and(|entry| sync::is_fetched(entry));
        Portrait { policy, ..portrait(services, &shown, used, ledger.as_ref(), is_fetched) }
    };
    let portfolio = Portfolio {
        accounts: looked.into_iter().map(portrait).collect(),
        identity_configured: workspace.policies().identity_configured,
    };
    Ok(Advised { recommendations: recommendations(&portfolio, now), left_out })
}

fn portrait(
    services: &Services,
    shown: &Shown,
    used: Option<Usage>,
    ledger: Option<&Ledger>,
    is_fetched: bool,
) -> Portrait {
    let Shown { account, is_main, health, .. } = shown;
    let is_stale = health.state == State::Stale || health.reasons.iter().any(|reason| reason.rule == Rule::Stale);
    let restricted = account.standing.filter(|standing| standing.what == Against::Restricted);
    let followers = |ledger: &Ledger| ledger.latest_of(Key::Metric(Metric::Followers)).map(|latest| latest.value);
    let known = |ledger: &Ledger| ledger.kept(Days::until(ledger.today, KNOWN));
    Portrait {
        account: account.id,
        // A person is called the same on all of their platforms.
        name: format!("{} ({})", account.display_name(), platform_name(services, account)),
        platform: account.platform.clone(),
        state: health.state,
        due_at: due_at(account),
        policy: domain::health::Policy::default(),
        connected_at: connected_at(account),
        used: used.and_then(|used| used.last_used_at).map_or(Used::Never, Used::At),
        restricted_since: restricted.map(|standing| standing.since),
        missing: account.access.missing.clone(),
        is_stale: is_fetched.then_some(is_stale),
        followers: ledger.and_then(followers),
        month: ledger.and_then(month_of_followers),
        figures: ledger.map(known).filter(|known| known.expected > 0),
        is_main: *is_main,
        verified: account.profile.verified,
    }
}
