//! Writing what came of a run: figures first, then the account with what changed about it, then how its fetching stands.
//! Each can be written twice; whoever dies in between is followed by a run that writes the same.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::{
    Account, Code, ConnectedBy, Counts, EpisodeId, Event, Fault, Fetched, Lifecycle, Metric, Run, RunId, Sync,
    Timestamp, Workspace, WorkspaceId,
    account::{Against, Profile, Standing},
    digest::Digest,
    identity::{self, Change, Kind, Seen},
    picture::Source,
    run::{Progress as Told, State},
    sync::{Asked, FAILURES, HeldSync, Scope, SyncError, Trigger, next, spread, wait},
};
use jiff::SignedDuration;
use serde_json::json;
use store::{Figures, KeptAudience};

use super::{
    Batch, Did, day,
    fetch::{Failed, Got, Outcome},
    interval, kept_until,
};
use crate::{Services, deliver, tell};

/// How often a change is judged again when others change the same account.
const TRIES: u32 = 8;
/// How long what is nobody's fault waits, where nobody said how long.
const LIMITED: SignedDuration = SignedDuration::from_mins(15);
/// What is missing is asked for again after this.
const MISSING: SignedDuration = SignedDuration::from_hours(1);
/// Accounts that wait for the same moment come back spread over so long.
const SPREAD: SignedDuration = SignedDuration::from_mins(5);

/// Who asks where a schedule does.
static SCHEDULE: LazyLock<ConnectedBy> =
    LazyLock::new(|| ConnectedBy { kind: "mooring".to_owned(), id: "mooring".to_owned(), name: None });

/// How far a run is, for whoever waits for it.
pub(super) struct Progress {
    run: Run,
    /// Whether anybody waits: each step is written then.
    is_watched: bool,
}

impl Progress {
    /// The run that somebody waits for, or a new one that is written when it has ended.
    pub(super) async fn begin(
        services: &Services,
        workspace: &Workspace,
        account: &Account,
        sync: &Sync,
    ) -> Result<Self, Fault> {
        let now = services.now();
        let asked = sync.asked.clone();
        let is_watched = asked.is_some();
        let found = match &asked {
            Some(asked) => services.store.find_run(&account.workspace, asked.run).await?,
            None => None,
        };
        let asked = asked.unwrap_or_else(|| Asked {
            run: RunId::new(now, services.entropy.bytes()),
            trigger: Trigger::Scheduled,
            scope: Vec::new(),
            at: now,
        });
        let new = || Run::sync(asked.run, account, workspace.org.clone(), &asked, SCHEDULE.clone());
        let mut run = found.unwrap_or_else(new);
        run.state = State::Running;
        Ok(Self { run, is_watched })
    }

    /// How many steps there will be.
    pub(super) async fn will(&mut self, services: &Services, metrics: bool, audience: bool) -> Result<(), Fault> {
        self.run.progress =
            Told { step: 0, of: 3 + u32::from(metrics) + u32::from(audience), label: "queued".to_owned() };
        self.write(services).await
    }

    /// The next step begins.
    pub(super) async fn step(&mut self, services: &Services, label: &str) -> Result<(), Fault> {
        self.run.progress.step += 1;
        label.clone_into(&mut self.run.progress.label);
        self.write(services).await
    }

    async fn write(&self, services: &Services) -> Result<(), Fault> {
        if self.is_watched { services.store.put_sync_run(&self.run).await } else { Ok(()) }
    }

    async fn end(&mut self, services: &Services, state: State, error: Option<SyncError>) -> Result<(), Fault> {
        self.run.finish(state, services.now());
        self.run.error = error;
        services.store.put_sync_run(&self.run).await
    }

    /// It waits for better times; nobody is to take it for running.
    async fn wait(&mut self, services: &Services) -> Result<(), Fault> {
        self.run.state = State::Running;
        "Waiting".clone_into(&mut self.run.progress.label);
        self.write(services).await
    }
}

/// Now, as exactly as it is kept.
fn now_of(services: &Services) -> Timestamp {
    let now = services.now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// Nothing is fetched of it any more, until somebody connects it again.
pub(super) async fn stop(
    services: &Services,
    account: Account,
    held: &mut HeldSync,
    progress: &mut Progress,
) -> Result<Did, Fault> {
    let now = now_of(services);
    if progress.is_watched {
        let error = SyncError { code: Code::AccountDisconnected, scope: Scope::Profile, at: now, retry_at: None };
        progress.end(services, State::Failed, Some(error)).await?;
    }
    held.sync.asked = None;
    held.sync.next_at = None;
    services.store.save_sync(&account, held).await?;
    Ok(Did::Passed)
}

/// Writes what came of a run, and says what it was.
pub(super) async fn save(
    batch: &Batch<'_>,
    workspace: &Workspace,
    account: &Account,
    held: &mut HeldSync,
    outcome: &Outcome,
    progress: &mut Progress,
) -> Result<Did, Fault> {
    let services = batch.services;
    let now = now_of(services);
    let asked = held.sync.asked.clone();
    let waits = matches!(outcome, Outcome::Deferred { .. })
        && asked.as_ref().is_some_and(|asked| asked.trigger == Trigger::Initial);
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let every = entry.map_or(domain::sync::INTERVAL, |entry| interval(entry, account));
    if let Outcome::Got(got) = outcome {
        keep_figures(services, workspace, account, got, now).await?;
    }
    let changes = write_account(services, account, held, outcome, &progress.run, waits, now).await?;
    let sync = &mut held.sync;
    sync.last_attempt_at = Some(now);
    let (did, state, error) = match outcome {
        Outcome::Got(got) => {
            sync.tries = 0;
            sync.measured_until = got.measured_until.or(sync.measured_until);
            sync.audience_at = got.audience.as_ref().map(|_| now).or(sync.audience_at);
            sync.picture = got.profile.picture_url.as_deref().map(short);
            let error = got.errors.first().map(|error| SyncError { at: now, ..error.clone() });
            let soon = error.as_ref().map(|error| error.retry_at.unwrap_or(now + MISSING.min(every)));
            let usual = next(account.id, every, now);
            sync.next_at = Some(soon.map_or(usual, |soon| (soon + spread(account.id, SPREAD)).min(usual)));
            progress.run.counts.extend(counts(got, changes));
            match &error {
                None => (Did::Succeeded, State::Succeeded, None),
                Some(_) => (Did::Partial, State::Partial, error),
            }
        }
        Outcome::Failed(Failed { error, is_own, .. }) => {
            sync.tries = sync.tries.saturating_add(u32::from(*is_own));
            let at = match (error.retry_at, error.code) {
                (Some(at), _) => at.max(now) + spread(account.id, SPREAD),
                (None, Code::PlatformRateLimited) => now + LIMITED + spread(account.id, SPREAD),
                (None, _) if *is_own => now + wait(sync.tries, every),
                (None, _) => next(account.id, every, now),
            };
            sync.next_at = Some(at);
            let error = SyncError { at: now, retry_at: Some(at), ..error.clone() };
            (Did::Failed, State::Failed, Some(error))
        }
        Outcome::Deferred { code, until } => {
            sync.tries = 0;
            let at = (*until).max(now) + spread(account.id, SPREAD.min(SignedDuration::from_mins(1)));
            sync.next_at = Some(at);
            let error = SyncError { code: *code, scope: Scope::Profile, at: now, retry_at: Some(at) };
            (Did::Deferred, State::Failed, Some(error))
        }
    };
    sync.last_error.clone_from(&error);
    let mut forgotten = None;
    if waits {
        progress.wait(services).await?;
    } else if progress.is_watched || did != Did::Deferred {
        progress.end(services, state, error).await?;
        forgotten = sync.remember(progress.run.id);
        sync.asked = None;
    }
    services.store.save_sync(account, held).await?;
    if let Some(run) = forgotten {
        services.store.forget_run(&account.workspace, run).await?;
    }
    Ok(did)
}

/// The same account elsewhere on the same consent gets what was fetched here: it is not asked for twice.
pub(super) async fn copies(batch: &Batch<'_>, account: &Account, got: &Got) -> Result<(), Fault> {
    let services = batch.services;
    if !account.grant_facts.shared {
        return Ok(());
    }
    let Some(grant) = account.grant else { return Ok(()) };
    let Some(grant) = services.store.find_grant(grant).await? else { return Ok(()) };
    for (id, others) in grant.holders() {
        let same = services.store.find_accounts(&id, &others).await?.into_iter().filter(|other| {
            other.id != account.id
                && other.lifecycle == Lifecycle::Active
                && other.profile.platform_account_id == account.profile.platform_account_id
        });
        for other in same {
            let Some(mut held) = services.store.hold_sync(&other, services.now()).await? else { continue };
            let workspace = batch.workspace(&id).await?;
            let mut progress = Progress::begin(services, &workspace, &other, &held.sync).await?;
            let copied = Outcome::Got(Box::new(Got { calls: 0, ..got.clone() }));
            Box::pin(save(batch, &workspace, &other, &mut held, &copied, &mut progress)).await?;
        }
    }
    Ok(())
}

/// What a run did, counted.
fn counts(got: &Got, changes: usize) -> BTreeMap<String, u32> {
    let days = got.measured.as_ref().map_or(0, BTreeMap::len);
    let few = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let told = [("calls", got.calls), ("days", days), ("changes", changes), ("figures", got.level.len())];
    told.into_iter().filter(|(_, count)| *count > 0).map(|(word, count)| (word.to_owned(), few(count))).collect()
}

/// Keeps what an account counts as today, what was measured, and who follows it.
async fn keep_figures(
    services: &Services,
    workspace: &Workspace,
    account: &Account,
    got: &Got,
    now: Timestamp,
) -> Result<(), Fault> {
    let until = kept_until(workspace, now);
    if !got.level.is_empty() {
        let level = Figures::Level(&got.level);
        services.store.keep_figures(account, day(workspace, now), &level, now, until).await?;
    }
    for (day, counts) in got.measured.iter().flatten() {
        services.store.keep_figures(account, *day, &Figures::Measured(counts), now, until).await?;
    }
    if let Some(audience) = &got.audience {
        let kept = KeptAudience { audience: audience.clone(), as_of: now };
        services.store.keep_audience(account, &kept, until).await?;
    }
    Ok(())
}

/// Writes the account's row with what happened to it, and says how many things changed about it. Nothing is written
/// where nothing is new.
async fn write_account(
    services: &Services,
    account: &Account,
    held: &HeldSync,
    outcome: &Outcome,
    run: &Run,
    waits: bool,
    now: Timestamp,
) -> Result<usize, Fault> {
    let mut before = account.clone();
    for _ in 0..TRIES {
        if before.lifecycle != Lifecycle::Active || before.grant != account.grant {
            return Ok(0);
        }
        let mut after = before.clone();
        let mut events = Vec::new();
        let mut changes = Vec::new();
        match outcome {
            Outcome::Got(got) => {
                found(&mut after, got, now);
                let picture = got.profile.picture_url.as_deref().map(short);
                let another = held.sync.picture.is_some() && picture.is_some() && picture != held.sync.picture;
                changes = changed(&before, &after, another);
            }
            Outcome::Failed(failed) => missed(&mut after, failed, now),
            Outcome::Deferred { code, .. } => {
                // Nobody's trouble but the platform's, whatever it looked like before.
                (after.fetched.failing_since, after.fetched.failures) = (None, 0);
                if matches!(code, Code::PlatformRateLimited | Code::BudgetExhausted) {
                    after.fetched.limited_since.get_or_insert(now);
                }
            }
        }
        if !waits {
            after.fetched.in_flight_since = None;
        }
        if after == before {
            return Ok(0);
        }
        after.known_since(&before, now);
        after.version += 1;
        events.extend(tell::troubles(services, &before, &mut after, None, now));
        events.extend(told(services, &before, &mut after, &changes, run, now));
        if services.store.save_fetched(&before, &after, &changes, &events, now).await? {
            deliver::publish(services, &events).await;
            if let Outcome::Got(got) = outcome
                && changes.iter().any(|change| change.kind == Kind::Picture)
            {
                keep_picture(services, &after, got, now).await?;
            }
            return Ok(changes.len());
        }
        let Some(there) = services.store.find_account(&before.workspace, before.id).await? else { return Ok(0) };
        before = there;
    }
    Err(Fault::Store(format!("{} keeps changing", account.id)))
}

/// What changed of who an account is; `another` says that the platform shows another picture.
fn changed(before: &Account, after: &Account, another: bool) -> Vec<Change> {
    let was = Seen { profile: &before.profile, has_picture: before.has_picture };
    let is = Seen { profile: &after.profile, has_picture: after.has_picture };
    let mut changes = identity::changes(was, is);
    if another && was.has_picture && is.has_picture {
        let shown = || Some("shown".to_owned());
        changes.push(Change { kind: Kind::Picture, from: shown(), to: shown() });
    }
    changes
}

/// The account as the platform tells it. What an answer does not tell of a role or a linked page is as it was.
fn found(account: &mut Account, got: &Got, now: Timestamp) {
    let was = account.profile.clone();
    let told = got.profile.clone();
    account.has_picture = told.picture_url.is_some();
    account.profile = Profile {
        kind: was.kind,
        role: told.role.or(was.role),
        linked_page_id: told.linked_page_id.or(was.linked_page_id),
        linked_page_name: told.linked_page_name.or(was.linked_page_name),
        picture_url: None,
        ..got.profile.clone()
    };
    if let Some(old) = was.handle.filter(|old| account.profile.handle.as_ref() != Some(old)) {
        account.remember_handle(old);
    }
    if account.standing.is_some_and(|standing| standing.what == Against::Gone) {
        account.standing = None;
    }
    let is_limited = got.errors.iter().any(|error| error.code == Code::PlatformRateLimited);
    let nothing = |measured: &BTreeMap<_, Counts>| measured.values().all(Counts::is_empty);
    account.fetched = Fetched {
        last_ok_at: Some(now),
        in_flight_since: account.fetched.in_flight_since,
        failures: 0,
        failing_since: None,
        limited_since: account.fetched.limited_since.or(Some(now)).filter(|_| is_limited),
        followers: got.level.get(&Metric::Followers).copied(),
        is_thin: got.measured.as_ref().map_or(account.fetched.is_thin, nothing),
    };
}

/// The account after a run that got nothing.
fn missed(account: &mut Account, failed: &Failed, now: Timestamp) {
    let fetched = &mut account.fetched;
    if failed.error.code == Code::PlatformRateLimited {
        fetched.limited_since.get_or_insert(now);
    }
    if failed.is_own {
        fetched.failures = (fetched.failures + 1).min(FAILURES);
        fetched.failing_since.get_or_insert(now);
    }
    if let Some(what) = failed.against.filter(|_| account.standing.is_none()) {
        account.standing = Some(Standing { what, since: now });
    }
}

/// What is told of a run: what changed, that it fails, that it works again. A run that found nothing new is told to
/// nobody but whoever asked for it.
fn told(
    services: &Services,
    before: &Account,
    after: &mut Account,
    changes: &[Change],
    run: &Run,
    now: Timestamp,
) -> Vec<Event> {
    let mut told: Vec<(&str, serde_json::Value, Option<EpisodeId>)> = Vec::new();
    for (kind, changes) in identity::events(changes) {
        told.push((kind, json!({"changes": changes}), None));
    }
    let failing = |account: &Account| account.fetched.failing_since.filter(|_| account.fetched.failures >= FAILURES);
    let episode = |since| EpisodeId::of(before.id, "sync_failing", since);
    match (failing(before), failing(after)) {
        (None, Some(since)) => {
            let data = json!({"since": since, "failures": FAILURES, "run_id": run.id});
            told.push(("sync.failed", data, Some(episode(since))));
        }
        (Some(since), None) => told.push(("sync.recovered", json!({"since": since}), Some(episode(since)))),
        _ => {}
    }
    let is_new = before.fetched.followers != after.fetched.followers || !changes.is_empty();
    let is_asked = before.fetched.in_flight_since.is_some() && after.fetched.in_flight_since.is_none();
    if after.fetched.last_ok_at == Some(now) && (is_new || is_asked) {
        let trigger = match &run.work {
            domain::run::Work::Sync { trigger, .. } => trigger.as_str(),
            _ => "scheduled",
        };
        let data = json!({"run_id": run.id, "trigger": trigger, "followers": after.fetched.followers,
                          "changed": changes.iter().map(|change| change.kind).collect::<Vec<_>>()});
        told.push(("account.synced", data, None));
    }
    let event = |(kind, data, episode_id)| Event { episode_id, ..services.account_event(now, after, kind, data) };
    told.into_iter().map(event).collect()
}

/// Where the new picture is: whoever asks for it next gets that one.
async fn keep_picture(services: &Services, account: &Account, got: &Got, now: Timestamp) -> Result<(), Fault> {
    let Some(mut kept) = services.store.find_picture(&account.workspace, account.id).await? else { return Ok(()) };
    kept.source = Source { address: got.profile.picture_url.clone(), named_at: now };
    (kept.looked_at, kept.fetched_at) = (Timestamp::UNIX_EPOCH, None);
    services.store.keep_picture(&account.workspace, account.id, &kept).await
}

/// A picture's address in short: what signs it, and where it is served from, changes from answer to answer.
fn short(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or(path, |(_, path)| path);
    Digest::of(path).as_str().chars().take(12).collect()
}

/// The runs of an account that are on record, which go with it.
pub(crate) async fn on_record(services: &Services, account: &Account) -> Result<Vec<RunId>, Fault> {
    Ok(services.store.find_sync(account).await?.map(|held| held.sync.on_record()).unwrap_or_default())
}

/// Reads the runs that a workspace's claim remembers.
pub(super) async fn runs(services: &Services, ws: &WorkspaceId, sync: &Sync) -> Result<Vec<Run>, Fault> {
    let ids = sync.on_record();
    if ids.is_empty() { Ok(Vec::new()) } else { services.store.list_runs(ws, &ids).await }
}
