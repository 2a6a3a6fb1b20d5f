//! The budgets of calls to platforms: whoever looks at accounts takes from them first, in the table, so that all processes
//! together never use up what a platform allows, nor more money than somebody decided.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    Account, AccountId, Allowed, Error, Fault, MethodId, OrgId, PlatformId, Timestamp, WorkspaceId,
    actor::permit,
    budget::{self, Budget, MICROS, Per, UNKNOWN_STOP, Window},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, civil::Date};
use platforms::{Connector, Price};
use store::{Counter, Purse, Took};

pub use domain::budget::{Class, Why};
pub use store::Share;

use crate::Services;

/// How long a process believes what it read of a stop, where it is only shown.
const BELIEVED: SignedDuration = SignedDuration::from_secs(30);
/// How long what a platform told of its use says something of now.
const RECENT: SignedDuration = SignedDuration::from_mins(1);
/// When it is worth trying again where others kept counting.
const BUSY: SignedDuration = SignedDuration::from_secs(1);
/// So many accounts are looked up at once.
const AT_ONCE: usize = 16;
/// Why nobody calls: the platform refused, or told that little is left.
const REFUSED: &str = "refused";
const NEARLY_USED_UP: &str = "nearly_used_up";

/// What is wanted of one platform's budget at once.
#[derive(Debug, Clone, Copy)]
pub struct Want<'a> {
    /// The platform.
    pub platform: &'a PlatformId,
    /// The method.
    pub method: &'a MethodId,
    /// What the accounts are looked at for.
    pub class: Class,
    /// The accounts, each with its workspace.
    pub of: &'a [(WorkspaceId, AccountId)],
}

impl<'a> Want<'a> {
    /// What one account is looked at for; `of` is that account.
    pub fn one(account: &'a Account, class: Class, of: &'a [(WorkspaceId, AccountId); 1]) -> Self {
        Self { platform: &account.platform, method: &account.method, class, of }
    }
}

/// How many of them, the first ones, may go now; and why the others wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// So many.
    pub go: usize,
    /// What the others wait for.
    pub rest: Option<Refused>,
    /// When it was taken: it is given back to the same window.
    at: Timestamp,
    /// Those that are paid for, by their places.
    charged: Vec<usize>,
}

/// Why somebody waits, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When it may be tried again.
    pub until: Timestamp,
    /// Why.
    pub why: Why,
    /// The only workspace that it is about, where its own cap is reached: others need not wait.
    pub workspace: Option<WorkspaceId>,
}

/// Who is stopped, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Until when.
    pub until: Timestamp,
    /// Whether all of our app's looks are, or only the account's that was refused; of that nothing is noted here.
    pub whom: Per,
}

/// Whether a budget was stopped, as it was read at a moment.
#[derive(Clone, Copy)]
struct Seen {
    at: Timestamp,
    until: Option<Timestamp>,
}

/// Stops as this process read them, by app and budget.
#[derive(Default)]
pub(crate) struct Stops(Mutex<BTreeMap<(String, String), Seen>>);

impl Stops {
    /// How a budget was, if it was read a moment ago.
    fn recent(&self, of: &Counter<'_>) -> Option<Seen> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (of.app.to_owned(), of.budget.name.clone());
        seen.get(&key).copied().filter(|seen| seen.at <= of.at && of.at.duration_since(seen.at) < BELIEVED)
    }

    fn note(&self, of: &Counter<'_>, until: Option<Timestamp>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert((of.app.to_owned(), of.budget.name.clone()), Seen { at: of.at, until });
    }
}

/// The budgets of our app that a look is counted against.
fn counters(connector: &Connector, class: Class, at: Timestamp) -> impl Iterator<Item = Counter<'_>> {
    let ours = connector.entry.budgets_for(class).filter(|budget| budget.per == Per::App);
    ours.map(move |budget| Counter { app: &connector.client_id, budget, at })
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// How many of these accounts each workspace has.
fn by_workspace<'a>(of: impl Iterator<Item = &'a (WorkspaceId, AccountId)>) -> BTreeMap<&'a WorkspaceId, i64> {
    let mut counts = BTreeMap::new();
    for (workspace, _) in of {
        *counts.entry(workspace).or_default() += 1;
    }
    counts
}

/// Takes what these looks need, for as many of the first accounts as there is something left.
pub async fn take(services: &Services, want: &Want<'_>) -> Result<Taken, Fault> {
    let at = services.now();
    let (mut go, mut rest) = (want.of.len(), None);
    let Some(connector) = services.platforms.connector(want.platform, want.method) else {
        return Ok(Taken { go, rest, at, charged: Vec::new() });
    };
    let mut took = Vec::new();
    for counter in counters(connector, want.class, at) {
        if go == 0 {
            break;
        }
        let refused = |until, why| Some(Refused { until, why, workspace: None });
        let (looks, why) = match services.store.take_budget(&counter, number(go)).await? {
            Took::Looks(looks) => (looks, refused(counter.budget.window.end(at), Why::Calls)),
            Took::Stopped(until) => {
                services.guard.stops.note(&counter, Some(until));
                (0, refused(until, Why::Stopped))
            }
            Took::Busy => (0, refused(at + BUSY, Why::Calls)),
        };
        if looks < number(go) {
            (go, rest) = (usize::try_from(looks).unwrap_or(go), why);
        }
        took.push((counter, looks));
    }
    let mut charged = Vec::new();
    if let Some(price) = connector.entry.price_of(want.class).filter(|_| go > 0) {
        let bill = Bill { services, want, price, day: budget::day(at) };
        let (paid, refused);
        (paid, refused, charged) = bill.charge(go).await?;
        if paid < go {
            (go, rest) = (paid, refused);
        }
    }
    for (counter, looks) in &took {
        let left = looks.saturating_sub(number(go));
        if left > 0 {
            services.store.give_budget_back(counter, left).await?;
        }
        for (workspace, looks) in by_workspace(want.of[..go].iter()) {
            services.store.note_budget_share(counter, workspace, looks).await?;
        }
    }
    Ok(Taken { go, rest, at, charged })
}

/// Gives back what was taken for the last `unused` of those that might go, and did not.
pub async fn give_back(services: &Services, want: &Want<'_>, taken: &Taken, unused: usize) -> Result<(), Fault> {
    let Some(connector) = services.platforms.connector(want.platform, want.method) else { return Ok(()) };
    let from = taken.go.saturating_sub(unused);
    if from == taken.go {
        return Ok(());
    }
    for counter in counters(connector, want.class, taken.at) {
        services.store.give_budget_back(&counter, number(taken.go - from)).await?;
        for (workspace, looks) in by_workspace(want.of[from..taken.go].iter()) {
            services.store.note_budget_share(&counter, workspace, -looks).await?;
        }
    }
    if let Some(price) = connector.entry.price_of(want.class) {
        let bill = Bill { services, want, price, day: budget::day(taken.at) };
        for place in taken.charged.iter().filter(|place| **place >= from) {
            bill.take_back(*place, bill.cost()).await?;
        }
    }
    Ok(())
}

/// Where a look is paid for by the piece, as many as it may read were paid for: what each of those that went has really
/// read, in their order, settles that. Of what is not known all of it stays paid.
pub async fn settle(services: &Services, want: &Want<'_>, taken: &Taken, read: &[Option<u64>]) -> Result<(), Fault> {
    let Some(connector) = services.platforms.connector(want.platform, want.method) else { return Ok(()) };
    let Some(price) = connector.entry.price_of(want.class) else { return Ok(()) };
    let Some(most) = price.most else { return Ok(()) };
    let bill = Bill { services, want, price, day: budget::day(taken.at) };
    for place in &taken.charged {
        let left = read.get(*place).copied().flatten().map_or(0, |read| most.saturating_sub(read));
        if left > 0 {
            bill.refund(*place, price.usd_micros.saturating_mul(left), 0).await?;
        }
    }
    Ok(())
}

/// The platform said that it is enough: of our app nobody calls before `until`, or for as long as its window lasts or a
/// quarter of an hour where it did not say. Where budgets are each account's own, or the platform counts in percent and did
/// not tell that our app's is used up, only the account that was refused waits.
pub async fn stop(
    services: &Services,
    platform: &PlatformId,
    method: &MethodId,
    class: Class,
    until: Option<Timestamp>,
) -> Result<Stopped, Fault> {
    let now = services.now();
    let reopens = |window: Window| until.unwrap_or_else(|| window.reopens(now).min(now + UNKNOWN_STOP));
    let mut stopped = None;
    let connector = services.platforms.connector(platform, method);
    for counter in connector.into_iter().flat_map(|connector| counters(connector, class, now)) {
        // Where the platform counts in percent, a page or an account may be refused what our app still has.
        let stop = counter.budget.stop_percent.filter(|_| counter.budget.window == Window::Percent);
        let told = percent(services, platform, method, now).map_or(0, |(percent, _)| percent);
        if stop.is_some_and(|stop| told < stop) {
            continue;
        }
        let until = reopens(counter.budget.window);
        halt(services, &counter, until, REFUSED).await?;
        stopped = stopped.max(Some(until));
    }
    if let Some(until) = stopped {
        return Ok(Stopped { until, whom: Per::App });
    }
    let own = connector.and_then(|connector| connector.entry.budgets_for(class).find(|own| own.per == Per::Account));
    Ok(Stopped {
        until: own.map_or_else(|| until.unwrap_or(now + UNKNOWN_STOP), |own| reopens(own.window)),
        whom: Per::Account,
    })
}

/// After an answer: where the platform tells how much of our app's budget is used, nobody calls from some percent on.
pub async fn told(services: &Services, platform: &PlatformId, method: &MethodId, class: Class) -> Result<(), Fault> {
    let now = services.now();
    let Some(connector) = services.platforms.connector(platform, method) else { return Ok(()) };
    let Some((percent, regain_at)) = percent(services, platform, method, now) else { return Ok(()) };
    for counter in counters(connector, class, now) {
        let is_much = counter.budget.stop_percent.is_some_and(|stop| percent >= stop);
        let seen = services.guard.stops.recent(&counter).and_then(|seen| seen.until);
        if is_much && seen.is_none_or(|until| until <= now) {
            let until = regain_at.filter(|at| now < *at).unwrap_or_else(|| counter.budget.window.reopens(now));
            halt(services, &counter, until, NEARLY_USED_UP).await?;
        }
    }
    Ok(())
}

/// Until when nobody looks for this, as it was a moment ago.
pub async fn stopped_until(
    services: &Services,
    platform: &PlatformId,
    method: &MethodId,
    class: Class,
) -> Result<Option<Timestamp>, Fault> {
    let Some(connector) = services.platforms.connector(platform, method) else { return Ok(None) };
    let mut latest = None;
    for counter in counters(connector, class, services.now()) {
        let seen = services.guard.stops.recent(&counter);
        let until = if let Some(seen) = seen {
            seen.until
        } else {
            let until = services.store.find_budget(&counter).await?.blocked_until;
            services.guard.stops.note(&counter, until);
            until
        };
        latest = latest.max(until.filter(|until| counter.at < *until));
    }
    Ok(latest)
}

/// How much of our app's budget is used, and when it is filled again, if the platform told that just now.
fn percent(
    services: &Services,
    platform: &PlatformId,
    method: &MethodId,
    now: Timestamp,
) -> Option<(u64, Option<Timestamp>)> {
    let told = services.platforms.told(platform, method)?;
    (told.at <= now && now.duration_since(told.at) <= RECENT).then_some((told.percent, told.regain_at))
}

async fn halt(services: &Services, counter: &Counter<'_>, until: Timestamp, why: &str) -> Result<(), Fault> {
    services.store.stop_budget(counter, until, why).await?;
    services.guard.stops.note(counter, Some(until));
    tracing::warn!(budget = counter.budget.name, %until, why, "budget_stopped");
    Ok(())
}

/// What looks cost on a day.
struct Bill<'a> {
    services: &'a Services,
    want: &'a Want<'a>,
    price: &'a Price,
    day: Date,
}

impl<'a> Bill<'a> {
    /// What one look costs at most, in millionths of a US dollar.
    fn cost(&self) -> u64 {
        self.price.usd_micros.saturating_mul(self.price.most.unwrap_or(1))
    }

    fn purse(&self, workspace: Option<&'a WorkspaceId>) -> Purse<'a> {
        Purse { platform: self.want.platform, day: self.day, workspace }
    }

    /// Those among the first `go` that must be paid for, by their places.
    async fn unpaid(&self, go: usize) -> Result<Vec<usize>, Fault> {
        if self.price.most.is_some() {
            return Ok((0..go).collect());
        }
        let (store, platform, day) = (&self.services.store, self.want.platform, self.day);
        let look = |place: usize| async move {
            let paid = store.is_paid(platform, day, self.want.of[place].1).await?;
            Ok::<_, Fault>((!paid).then_some(place))
        };
        let found: Vec<Option<usize>> = stream::iter((0..go).map(look)).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What a workspace may spend in a day.
    async fn cap(&self, workspace: &WorkspaceId) -> Result<Option<u64>, Fault> {
        let found = self.services.store.glance_workspace(workspace, &OrgId::from(workspace)).await?;
        Ok(found.configuration.overrides.max_spend_usd_per_day.map(|dollars| u64::from(dollars) * MICROS))
    }

    /// Pays for as many of the first `go` as the caps let: how many go, why the next one does not, and which are paid for.
    /// The money comes first and the note that an account is paid for last, so that whoever dies between has paid too
    /// much and never too little.
    async fn charge(&self, go: usize) -> Result<(usize, Option<Refused>, Vec<usize>), Fault> {
        let store = &self.services.store;
        let pays = self.unpaid(go).await?;
        let refused = |busy: bool, workspace: Option<&WorkspaceId>| Refused {
            until: if busy { self.services.now() + BUSY } else { self.tomorrow() },
            why: Why::Money,
            workspace: workspace.cloned(),
        };
        if pays.is_empty() {
            return Ok((go, None, pays));
        }
        let cap = self.services.spend.at(self.want.platform);
        let spent = store.spend(&self.purse(None), cap, self.cost(), number(pays.len())).await?;
        let paid = usize::try_from(spent.unwrap_or(0)).unwrap_or(0);
        let mut cut = pays.get(paid).copied().unwrap_or(go);
        let mut rest = (cut < go).then(|| refused(spent.is_none(), None));
        let mut places: BTreeMap<&WorkspaceId, Vec<usize>> = BTreeMap::new();
        for place in &pays[..paid] {
            places.entry(&self.want.of[*place].0).or_default().push(*place);
        }
        let mut purses = Vec::new();
        for (workspace, places) in &places {
            let cap = self.cap(workspace).await?;
            let spent = store.spend(&self.purse(Some(workspace)), cap, self.cost(), number(places.len())).await?;
            let paid = usize::try_from(spent.unwrap_or(0)).unwrap_or(0);
            if let Some(first) = places.get(paid).filter(|first| **first < cut) {
                cut = *first;
                rest = Some(refused(spent.is_none(), Some(workspace)));
            }
            purses.push((*workspace, &places[..paid]));
        }
        let behind = |places: &[usize]| number(places.iter().filter(|place| **place >= cut).count());
        for (workspace, places) in purses {
            self.back(Some(workspace), behind(places)).await?;
        }
        self.back(None, behind(&pays[..paid])).await?;
        let mut charged = Vec::new();
        for place in pays.into_iter().filter(|place| *place < cut) {
            let is_mine = self.price.most.is_some()
                || store.note_paid(self.want.platform, self.day, self.want.of[place].1).await?;
            if is_mine {
                charged.push(place);
            } else {
                self.refund(place, self.cost(), 1).await?;
            }
        }
        Ok((cut, rest, charged))
    }

    /// So many looks were not made after all.
    async fn back(&self, workspace: Option<&'a WorkspaceId>, looks: u64) -> Result<(), Fault> {
        if looks == 0 {
            return Ok(());
        }
        let amount = self.cost().saturating_mul(looks);
        self.services.store.refund(&self.purse(workspace), amount, looks).await
    }

    /// An account is not paid for after all.
    async fn take_back(&self, place: usize, amount: u64) -> Result<(), Fault> {
        if self.price.most.is_none() {
            self.services.store.forget_paid(self.want.platform, self.day, self.want.of[place].1).await?;
        }
        self.refund(place, amount, 1).await
    }

    /// Less was spent on an account, by its workspace and by all.
    async fn refund(&self, place: usize, amount: u64, looks: u64) -> Result<(), Fault> {
        for purse in [self.purse(Some(&self.want.of[place].0)), self.purse(None)] {
            self.services.store.refund(&purse, amount, looks).await?;
        }
        Ok(())
    }

    /// When there is money again.
    fn tomorrow(&self) -> Timestamp {
        Window::UtcDay.end(self.services.now())
    }
}

/// All budgets, and what was spent today.
#[derive(Debug, Clone)]
pub struct BudgetsShown {
    /// The budgets of each method that is set up.
    pub budgets: Vec<BudgetShown>,
    /// The platforms that take money.
    pub spend: Vec<SpendShown>,
}

/// How a budget stands.
#[derive(Debug, Clone)]
pub struct BudgetShown {
    /// The platform.
    pub platform: PlatformId,
    /// The method.
    pub method: MethodId,
    /// Its rule.
    pub budget: Budget,
    /// What is used of it; nothing is counted of what is each account's own.
    pub used: Option<Used>,
    /// When its window ends.
    pub resets_at: Timestamp,
    /// Until when nobody calls.
    pub blocked_until: Option<Timestamp>,
    /// Why: `refused` or `nearly_used_up`.
    pub why: Option<String>,
}

/// What is used of a budget in its window.
#[derive(Debug, Clone)]
pub struct Used {
    /// Looks at accounts.
    pub looks: u64,
    /// Units that these took.
    pub units: u64,
    /// By workspace.
    pub by_workspace: Vec<Share>,
}

/// What was spent at a platform today.
#[derive(Debug, Clone)]
pub struct SpendShown {
    /// The platform.
    pub platform: PlatformId,
    /// The day of UTC.
    pub day: Date,
    /// In millionths of a US dollar.
    pub usd_micros: u64,
    /// What may be spent in a day, if somebody said.
    pub cap_usd_micros: Option<u64>,
    /// When the next day begins.
    pub resets_at: Timestamp,
    /// By workspace.
    pub by_workspace: Vec<Share>,
}

/// How all budgets stand now.
pub async fn list(services: &Services, _: &Allowed<permit::OpsRead>) -> Result<BudgetsShown, Error> {
    let (now, store) = (services.now(), &services.store);
    let (mut budgets, mut spend) = (Vec::new(), Vec::<SpendShown>::new());
    for connector in services.platforms.connectors() {
        let entry = &connector.entry;
        for budget in &entry.budgets {
            let counter = Counter { app: &connector.client_id, budget, at: now };
            let (mut used, mut standing) = (None, store::Standing::default());
            if budget.per == Per::App {
                standing = store.find_budget(&counter).await?;
                let by_workspace = store.list_budget_shares(&counter).await?;
                used = Some(Used { looks: standing.looks, units: standing.units, by_workspace });
            }
            budgets.push(BudgetShown {
                platform: entry.platform.clone(),
                method: entry.method.clone(),
                budget: budget.clone(),
                used,
                resets_at: budget.window.end(now),
                blocked_until: standing.blocked_until,
                why: standing.why,
            });
        }
        let costs = Class::ALL.into_iter().any(|class| entry.price_of(class).is_some());
        if costs && !spend.iter().any(|shown| shown.platform == entry.platform) {
            let day = budget::day(now);
            let (usd_micros, by_workspace) = store.list_spent(&entry.platform, day).await?;
            spend.push(SpendShown {
                platform: entry.platform.clone(),
                day,
                usd_micros,
                cap_usd_micros: services.spend.at(&entry.platform),
                resets_at: Window::UtcDay.end(now),
                by_workspace,
            });
        }
    }
    Ok(BudgetsShown { budgets, spend })
}
