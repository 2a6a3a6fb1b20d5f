//! What accounts count as, day by day, who follows them, and who they were: read from what fetching has kept.

use std::collections::BTreeMap;

use domain::{
    Account, AccountFacts, AccountId, Allowed, Capability, Error, Fault, Lifecycle, Refusal, Tells, Timestamp,
    Workspace,
    actor::permit,
    capability::Availability,
    health::episode::Episode,
    identity::Change,
    schedule::Zone,
    series::{Days, Key, Latest, Ledger, Trouble},
};
use jiff::{ToSpan as _, civil::Date};
use store::KeptAudience;

use crate::{Services, account, episode, health};

/// How many days are told where nobody says which.
const USUAL: i32 = 30;
/// How far back the latest figures and their changes reach: twice thirty days, and some by which platforms are late.
const LATEST: i32 = 67;

/// What an account counted as over some days.
#[derive(Debug, Clone)]
pub struct Figures {
    /// The account.
    pub account: Account,
    /// What is known.
    pub ledger: Ledger,
    /// The days.
    pub days: Days,
    /// The figures that were asked for.
    pub keys: Vec<Key>,
}

/// Who follows an account.
#[derive(Debug, Clone)]
pub struct Audience {
    /// What the platform can tell.
    pub tells: Tells,
    /// Whether its consent lets it be read.
    pub availability: Availability,
    /// What it told, and when.
    pub kept: Option<KeptAudience>,
    /// Why it has not told anything, where that is known.
    pub is_thin: bool,
}

/// A workspace's zone.
pub fn zone(workspace: &Workspace) -> Zone {
    let name = workspace.configuration.timezone.as_deref();
    name.and_then(|name| name.parse().ok()).unwrap_or_default()
}

/// Figures of an account from one day to another; of the last thirty days if none are named, and of all that its platform
/// tells if no figures are.
pub async fn read(
    services: &Services,
    actor: &Allowed<permit::MetricsRead>,
    id: AccountId,
    keys: Vec<Key>,
    [from, to]: [Option<Date>; 2],
    asked_zone: Option<&str>,
) -> Result<Figures, Error> {
    let account = account::find(services, actor, id).await?;
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let zone = zone(&workspace);
    if let Some(asked) = asked_zone.filter(|asked| *asked != zone.as_str()) {
        let detail = format!(
            "Days of this workspace are cut in {}; its time zone is changed for all of it, by PATCH /v1/workspaces/{}. \
             {asked} cannot be told from them.",
            zone.as_str(),
            workspace.id
        );
        return Err(Refusal::new(domain::Code::TimezoneInvalid, detail).into());
    }
    let today = zone.day(services.now());
    let last = to.unwrap_or(today).min(today);
    let first = from.unwrap_or_else(|| last.saturating_sub((USUAL - 1).days()));
    if first > last {
        let field = if from.is_some_and(|from| from > today) { "/from" } else { "/to" };
        return Err(Refusal::field(field, "behind_to", "from is not behind to, and not in the future.").into());
    }
    let days = Days { first, last };
    let ledger = ledger(services, &workspace, &account, Days { first: days.before().first, last }).await?;
    let tells = |key: &Key| ledger.supports(*key);
    for key in &keys {
        if !told_by_platform(services, &account, *key) {
            let detail = format!("{} does not tell {} of this kind of account.", account.platform, key.as_str());
            return Err(Refusal::new(domain::Code::MetricUnsupported, detail).into());
        }
    }
    let keys = if keys.is_empty() { Key::ALL.into_iter().filter(tells).collect() } else { keys };
    Ok(Figures { account, ledger, days, keys })
}

/// Whether a platform tells a figure of such an account at all, whatever its consent allows.
pub fn told_by_platform(services: &Services, account: &Account, key: Key) -> bool {
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let tells = entry.map(|entry| entry.tells(&account.profile.kind).clone()).unwrap_or_default();
    let (zone, today) = (Zone::default(), Date::MIN);
    let none = Ledger { snapshots: BTreeMap::new(), tells, connected: Vec::new(), troubles: Vec::new(), zone, today };
    none.supports(key)
}

/// The latest figures of an account, for a caller who may read figures.
pub(crate) async fn latest(
    services: &Services,
    workspace: &Workspace,
    account: &Account,
) -> Result<BTreeMap<Key, Latest>, Fault> {
    let today = zone(workspace).day(services.now());
    let days = Days { first: today.saturating_sub(LATEST.days()), last: today };
    let snapshots = services.store.list_snapshots(&account.workspace, account.id, [days.first, days.last]).await?;
    let ledger = Ledger {
        snapshots: snapshots.into_iter().map(|snapshot| (snapshot.date, snapshot)).collect(),
        tells: tells(services, account),
        connected: vec![days],
        troubles: Vec::new(),
        zone: zone(workspace),
        today,
    };
    Ok(ledger.latest())
}

/// What the platform tells of an account, as far as its consent lets it be read.
fn tells(services: &Services, account: &Account) -> Tells {
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let mut tells = entry.map(|entry| entry.tells(&account.profile.kind).clone()).unwrap_or_default();
    let capabilities = health::known(services, account, &account.facts()).capabilities;
    if capabilities.get(&Capability::Analytics) != Some(&Availability::Available) {
        tells.measured.clear();
    }
    if capabilities.get(&Capability::Audience) != Some(&Availability::Available) {
        tells.audience.clear();
    }
    tells
}

/// What is known of an account's figures over some days: what was kept, when it was connected, and what was the matter.
pub(crate) async fn ledger(
    services: &Services,
    workspace: &Workspace,
    account: &Account,
    days: Days,
) -> Result<Ledger, Fault> {
    let incidents = services.guard.incidents(services).await?;
    let episodes = episode::all(services, account, &incidents, &health::policy(workspace, account)).await?;
    ledger_with(services, workspace, account, days, &episodes).await
}

/// The same, where its troubles were read.
pub(crate) async fn ledger_with(
    services: &Services,
    workspace: &Workspace,
    account: &Account,
    days: Days,
    episodes: &[Episode],
) -> Result<Ledger, Fault> {
    let zone = zone(workspace);
    let today = zone.day(services.now());
    let snapshots = services.store.list_snapshots(&account.workspace, account.id, [days.first, days.last]).await?;
    let past = services.store.list_past_facts(&account.workspace, account.id, services.now()).await?;
    let mut tells = tells(services, account);
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    // What is fetched only when somebody asks is expected on no day.
    let on_request = entry.is_some_and(|entry| !crate::sync::is_measured(entry));
    if on_request && snapshots.iter().all(|snapshot| snapshot.measured.is_empty()) {
        tells.measured.clear();
    }
    Ok(Ledger {
        snapshots: snapshots.into_iter().map(|snapshot| (snapshot.date, snapshot)).collect(),
        tells,
        connected: connected(account, &past, &zone, today),
        troubles: episodes.iter().filter_map(Trouble::of).collect(),
        zone,
        today,
    })
}

/// When an account was connected, as far as that is known.
fn connected(account: &Account, past: &[(AccountFacts, Timestamp)], zone: &Zone, today: Date) -> Vec<Days> {
    let now = account.facts();
    let all = past.iter().map(|(facts, until)| (facts, Some(*until))).chain([(&now, None)]);
    let mut spans: Vec<Days> = Vec::new();
    let mut first = true;
    for (facts, until) in all {
        // Of what was before the first that is known it is taken to have been the same.
        let since = if std::mem::take(&mut first) { account.connected_at } else { facts.since };
        if facts.lifecycle == Lifecycle::Active {
            spans.push(Days::of(since, until, zone, today));
        }
    }
    spans
}

/// Who follows an account, in totals.
pub async fn audience(
    services: &Services,
    actor: &Allowed<permit::MetricsRead>,
    id: AccountId,
) -> Result<Audience, Error> {
    let account = account::find(services, actor, id).await?;
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let tells = entry.map(|entry| entry.tells(&account.profile.kind).clone()).unwrap_or_default();
    let capabilities = health::known(services, &account, &account.facts()).capabilities;
    let availability = capabilities.get(&Capability::Audience).copied().unwrap_or(Availability::NotAsked);
    let kept = services.store.find_audience(&account).await?;
    Ok(Audience { tells, availability, kept, is_thin: account.fetched.is_thin })
}

/// What changed about an account, the newest first; behind a moment, if one is named.
pub async fn history(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
    before: Option<Timestamp>,
    limit: usize,
) -> Result<(Vec<(Timestamp, Vec<Change>)>, bool), Error> {
    let account = account::find(services, actor, id).await?;
    let mut changed = services.store.list_identity(&account, before, limit + 1).await?;
    let more = changed.len() > limit;
    changed.truncate(limit);
    Ok((changed.into_iter().map(|changed| (changed.at, changed.changes)).collect(), more))
}
