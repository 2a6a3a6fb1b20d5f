//! A workspace's accounts: listed as somebody asks, counted, and the main ones. Nobody meets or counts what is hidden from
//! them.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Account, AccountId, Allowed, Error, Lifecycle, PlatformId, Workspace, WorkspaceId,
    actor::permit,
    find::{By, Facets, Place, Question, Seen, Sort, Verdict, answers_to, fold, token_of},
    health::{
        Severity, State, TokenStatus,
        vocabulary::{self, Vocabulary, Word},
    },
    schedule::Zone,
};
use store::{AccountFilter, Stretch, Usage};

use crate::{
    Services,
    account::{Shown, shown},
    platform, tie,
    workspace::own,
};

/// Which page of which list.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Which accounts.
    pub question: Question<'a>,
    /// In which order.
    pub sort: Sort,
    /// Where the last account of the page before stands.
    pub after: Option<Place>,
    /// At most so many.
    pub limit: usize,
    /// In whose words statuses are counted, where the list's counts are wanted.
    pub facets: Option<&'a Vocabulary>,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    /// The accounts, in the order that was asked for.
    pub accounts: Vec<Shown>,
    /// Where the last one stands, if there are more behind it.
    pub next: Option<Place>,
    /// Their workspace.
    pub workspace: Workspace,
    /// How their tokens were used, where the list had to know it.
    pub usage: Option<HashMap<AccountId, Usage>>,
    /// Counts over all pages, where they were asked for.
    pub facets: Option<Facets<'a>>,
}

/// Counts of the workspace's accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// By lifecycle.
    pub by_lifecycle: BTreeMap<&'static str, u32>,
    /// By health state, connected or not.
    pub by_state: BTreeMap<&'static str, u32>,
    /// Those that are connected.
    pub connected: Tally,
    /// How many of them S3 calls active, inactive and failed; the failed are among the inactive.
    pub by_s3: BTreeMap<&'static str, u32>,
    /// The same by platform.
    pub platforms: BTreeMap<PlatformId, Tally>,
}

/// Counts of connected accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub count: u32,
    /// By health state.
    pub by_state: BTreeMap<&'static str, u32>,
    /// By the words of the vocabulary that was asked for.
    pub by_status: BTreeMap<String, u32>,
    /// By how the token stands.
    pub by_token: BTreeMap<&'static str, u32>,
    /// How the worst one is.
    pub worst: Option<(State, Severity, Word)>,
    /// The main one, where it is seen.
    pub main: Option<(AccountId, String)>,
}

impl Ask<'_> {
    /// Whether the table has the accounts in this order, and need not be asked for others.
    fn is_plain(&self) -> bool {
        self.facets.is_none() && self.sort.by == By::ConnectedAt && self.question.is_plain()
    }

    /// What the table can leave out. Facets count the other platforms too.
    fn filter(&self) -> AccountFilter {
        let Question { platforms, lifecycle, .. } = &self.question;
        let platforms = if self.facets.is_some() { Vec::new() } else { platforms.clone() };
        AccountFilter { platforms, lifecycle: *lifecycle }
    }
}

/// One page of the workspace's accounts.
pub async fn list<'a>(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
    ask: &Ask<'a>,
) -> Result<Page<'a>, Error> {
    own(actor, workspace)?;
    let mut page =
        if ask.is_plain() { stretch(services, actor, ask).await } else { search(services, actor, ask).await }?;
    tie::hide(services, actor, page.accounts.iter_mut().map(|shown| &mut shown.account)).await?;
    Ok(page)
}

/// A page as it lies in the table: it costs what it holds.
async fn stretch<'a>(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    ask: &Ask<'a>,
) -> Result<Page<'a>, Error> {
    let after = ask.after.as_ref().map(|place| place.id);
    let stretch = Stretch { after, newest_first: ask.sort.descending, limit: ask.limit };
    let seen = |account: &Account| account.is_seen_by(actor);
    let page = services.store.list_accounts(&actor.workspace, &actor.org, &ask.filter(), stretch, seen).await?;
    let incidents = services.guard.incidents(services).await?;
    let all = page.accounts.into_iter().map(|account| shown(services, &incidents, &page.workspace, account));
    let accounts: Vec<Shown> = all.collect();
    let next = accounts.last().filter(|_| page.more).map(|last| ask.sort.place(&seen_as(last, None)));
    Ok(Page { accounts, next, workspace: page.workspace, usage: None, facets: None })
}

/// A page of what a search finds: every account is read, and the page's are kept.
async fn search<'a>(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    ask: &Ask<'a>,
) -> Result<Page<'a>, Error> {
    let (question, now) = (with_names(services, &ask.question), services.now());
    let incidents = services.guard.incidents(services).await?;
    let usage = if question.asks_for_usage() || ask.sort.by == By::Usage {
        Some(services.store.list_usage(&actor.workspace, now).await?)
    } else {
        None
    };
    let (mut found, mut facets, mut zone) = (BTreeMap::new(), ask.facets.map(Facets::new), None);
    let visit = |workspace: &Workspace, account: Account| {
        let zone = zone.get_or_insert_with(|| zone_of(workspace));
        if !account.is_seen_by(actor) || !question.admits(&account, zone) {
            return;
        }
        let shown = shown(services, &incidents, workspace, account);
        let used = usage.as_ref().and_then(|usage| usage.get(&shown.account.id).copied());
        let seen = seen_as(&shown, used);
        let verdict = question.judge(&seen, now, zone);
        if let Some(facets) = &mut facets {
            facets.count(&seen, verdict);
        }
        if verdict != Verdict::Hit {
            return;
        }
        let place = ask.sort.place(&seen);
        if ask.after.as_ref().is_none_or(|after| place > *after) {
            found.insert(place, shown);
            // One more than the page, to know whether there is a next one.
            if found.len() > ask.limit + 1 {
                found.pop_last();
            }
        }
    };
    let workspace = services.store.visit_accounts(&actor.workspace, &actor.org, &ask.filter(), visit).await?;
    let more = found.len() > ask.limit;
    if more {
        found.pop_last();
    }
    let next = found.last_key_value().filter(|_| more).map(|(place, _)| place.clone());
    Ok(Page { accounts: found.into_values().collect(), next, workspace, usage, facets })
}

fn seen_as(shown: &Shown, used: Option<Usage>) -> Seen<'_> {
    let Shown { account, is_main, capabilities, health, .. } = shown;
    let Usage { last_used_at, leases_7d } = used.unwrap_or_default();
    Seen { account, health, capabilities, is_main: *is_main, leases_7d, last_used_at }
}

/// The question, with the platforms whose names it says a part of.
fn with_names<'a>(services: &Services, question: &Question<'a>) -> Question<'a> {
    let said = |name: &str| question.text.as_ref().is_some_and(|text| fold(name).contains(text));
    let called = platform::list(services).into_iter().filter(|platform| said(&platform.name));
    Question { called: called.map(|platform| platform.id).collect(), ..question.clone() }
}

/// The zone of the workspace's days.
fn zone_of(workspace: &Workspace) -> Zone {
    let name = workspace.configuration.timezone.as_deref();
    name.and_then(|name| name.parse().ok()).unwrap_or_default()
}

impl Tally {
    fn add(&mut self, Shown { account, is_main, health, .. }: &Shown, words: &Vocabulary) {
        self.count += 1;
        *self.by_state.entry(health.state.as_str()).or_default() += 1;
        for word in answers_to(words, health) {
            *self.by_status.entry(word.to_owned()).or_default() += 1;
        }
        if let Some(token) = token_of(health).map(TokenStatus::as_str) {
            *self.by_token.entry(token).or_default() += 1;
        }
        if self.worst.as_ref().is_none_or(|(state, ..)| *state < health.state) {
            self.worst = Some((health.state, health.severity, words.word(health).clone()));
        }
        if *is_main {
            self.main = Some((account.id, account.display_name().to_owned()));
        }
    }
}

/// Counts over all accounts, statuses in the words of a vocabulary.
pub async fn summary(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
    words: &Vocabulary,
) -> Result<Summary, Error> {
    own(actor, workspace)?;
    let (mut summary, s3) = (Summary::default(), vocabulary::find(Some("s3")));
    let incidents = services.guard.incidents(services).await?;
    let visit = |workspace: &Workspace, account: Account| {
        if !account.is_seen_by(actor) {
            return;
        }
        let shown = shown(services, &incidents, workspace, account);
        let Shown { account, health, .. } = &shown;
        *summary.by_state.entry(health.state.as_str()).or_default() += 1;
        *summary.by_lifecycle.entry(account.lifecycle.as_str()).or_default() += 1;
        if account.lifecycle == Lifecycle::Active {
            for word in s3.iter().flat_map(|s3| answers_to(s3, health)) {
                *summary.by_s3.entry(word).or_default() += 1;
            }
            summary.connected.add(&shown, words);
            summary.platforms.entry(account.platform.clone()).or_default().add(&shown, words);
        }
    };
    services.store.visit_accounts(&actor.workspace, &actor.org, &AccountFilter::default(), visit).await?;
    Ok(summary)
}

/// The main account of each platform that has one.
pub async fn mains(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
) -> Result<Vec<Shown>, Error> {
    own(actor, workspace)?;
    let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let ids: Vec<AccountId> = found.main.values().copied().collect();
    let incidents = services.guard.incidents(services).await?;
    let accounts = services.store.glance_accounts(&actor.workspace, &ids).await?;
    let seen = accounts.into_iter().filter(|account| account.is_seen_by(actor));
    Ok(seen.map(|account| shown(services, &incidents, &found, account)).collect())
}
