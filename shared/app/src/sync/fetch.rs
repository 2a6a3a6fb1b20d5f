//! Asking a platform for what it tells of an account. Tokens come by the one path that renews them; the platform's
//! troubles are noted where those of all its calls are.

use std::collections::BTreeMap;

use domain::{
    Account, Audience, Capability, Code, Counts, Fault, GrantId, Sync, Timestamp, TokenSet, Workspace,
    account::{Against, Profile},
    capability::Availability,
    incident::EndpointClass,
    sync::{AUDIENCE_EVERY, MOST_DAYS, Scope, SyncError},
};
use jiff::{SignedDuration, ToSpan as _, civil::Date};
use platforms::{Connector, Platform, PlatformError, Which};

use super::{day, plan, save::Progress};
use crate::{
    Services,
    budget::{self, Class, Taken},
    guard::{Door, outage_since},
    health,
    renew::{self, Did as Renewed, Kept, Want},
};

/// Platforms are late: the last days are asked for again each time.
const LATE: i32 = 2;
/// What an outage kept from being fetched is tried again after this.
const AFTER_OUTAGE: SignedDuration = SignedDuration::from_mins(5);
/// So many single days are asked for where a platform sums them itself, beside yesterday.
const SINGLE: usize = 6;

/// What came of asking.
#[derive(Debug)]
pub(super) enum Outcome {
    /// At least the profile came.
    Got(Box<Got>),
    /// Nothing did.
    Failed(Failed),
    /// It was not tried, and nobody is to blame.
    Deferred {
        /// Why.
        code: Code,
        /// When it is tried.
        until: Timestamp,
    },
}

/// What came.
#[derive(Debug, Clone)]
pub(super) struct Got {
    /// What the platform says of the account.
    pub(super) profile: Profile,
    /// What it counts as.
    pub(super) level: Counts,
    /// What was measured, by day; none if that was not asked.
    pub(super) measured: Option<BTreeMap<Date, Counts>>,
    /// The last day that was asked for.
    pub(super) measured_until: Option<Date>,
    /// Who follows, if that was asked.
    pub(super) audience: Option<Audience>,
    /// What did not come.
    pub(super) errors: Vec<SyncError>,
    /// Calls.
    pub(super) calls: usize,
}

/// That nothing came.
#[derive(Debug)]
pub(super) struct Failed {
    /// Why.
    pub(super) error: SyncError,
    /// Whether it is this account's own trouble.
    pub(super) is_own: bool,
    /// What stands against the account by it.
    pub(super) against: Option<Against>,
    /// Calls.
    pub(super) calls: usize,
}

impl Outcome {
    /// How often the platform was called.
    pub(super) fn calls(&self) -> usize {
        match self {
            Self::Got(got) => got.calls,
            Self::Failed(failed) => failed.calls,
            Self::Deferred { .. } => 0,
        }
    }

    /// An account that is not to be used is looked at again later, without a call.
    pub(super) fn held_back(account: &Account) -> Self {
        let code = if account.suspended.is_some() { Code::AccountNotUsable } else { Code::ConnectionExpired };
        Self::failed(code, None, false, None, 0)
    }

    fn failed(code: Code, retry_at: Option<Timestamp>, is_own: bool, against: Option<Against>, calls: usize) -> Self {
        let error = SyncError { code, scope: Scope::Profile, at: Timestamp::UNIX_EPOCH, retry_at };
        Self::Failed(Failed { error, is_own, against, calls })
    }
}

/// What is to be fetched beside the profile.
struct Wanted {
    metrics: Option<[Date; 2]>,
    audience: bool,
}

/// What is due of an account, and what somebody named.
fn wanted(
    services: &Services,
    connector: &Connector,
    workspace: &Workspace,
    account: &Account,
    sync: &Sync,
    now: Timestamp,
) -> Wanted {
    let named = sync.asked.as_ref().map(|asked| asked.scope.as_slice()).unwrap_or_default();
    let is_named = |scope| named.contains(&scope);
    let may = |scope, is_due: bool| is_named(scope) || named.is_empty() && is_due;
    let capabilities = health::known(services, account, &account.facts()).capabilities;
    let has = |capability| capabilities.get(&capability) == Some(&Availability::Available);
    let yesterday = day(workspace, now).saturating_sub(1.days());
    let is_new = sync.measured_until.is_none_or(|until| until < yesterday);
    let oldest = yesterday.saturating_sub((MOST_DAYS - 1).days());
    let from = sync.measured_until.map_or(oldest, |until| until.saturating_sub(LATE.days()).max(oldest));
    let scheduled = super::is_measured(&connector.entry);
    let metrics = has(Capability::Analytics) && may(Scope::Metrics, is_new && scheduled);
    let is_old = sync.audience_at.is_none_or(|at| now.duration_since(at) >= AUDIENCE_EVERY);
    let tells = connector.entry.tells(&account.profile.kind);
    let metrics = metrics && !tells.measured.is_empty();
    let tells = !tells.audience.is_empty();
    Wanted {
        metrics: metrics.then_some([from.min(yesterday), yesterday]),
        audience: tells && has(Capability::Audience) && may(Scope::Audience, is_old),
    }
}

/// Asks for the profile, and for what else is due.
pub(super) async fn fetch(
    services: &Services,
    workspace: &Workspace,
    account: &Account,
    sync: &Sync,
    progress: &mut Progress,
) -> Result<Outcome, Fault> {
    let now = services.now();
    let (Some(grant), Some(connector)) =
        (account.grant, services.platforms.connector(&account.platform, &account.method).cloned())
    else {
        return Ok(Outcome::failed(Code::PlatformNotConfigured, None, false, None, 0));
    };
    let wanted = wanted(services, &connector, workspace, account, sync, now);
    progress.will(services, wanted.metrics.is_some(), wanted.audience).await?;
    progress.step(services, "Checking the access").await?;
    let mut tokens = match tokens(services, grant, Want::Token).await? {
        Ok(tokens) => tokens,
        Err(outcome) => return Ok(*outcome),
    };
    progress.step(services, "Reading the profile").await?;
    let which = Which { id: &account.profile.platform_account_id, kind: &account.profile.kind };
    let (mut calls, mut asked_again) = (0, false);
    let snapshot = loop {
        let pass = match services.guard.admit(services, &account.platform, EndpointClass::Api, grant).await? {
            Door::Open(pass) => pass,
            Door::Shut(until) => return Ok(Outcome::Deferred { code: Code::PlatformUnavailable, until }),
        };
        calls += 1;
        let told = connector.client.profile(&tokens, which, services.now()).await;
        services.guard.note(services, pass, matches!(&told, Err(error) if is_outage(error))).await?;
        match told {
            Ok(snapshot) => break snapshot,
            // Only a look, or a renewal, tells whether the consent has ended.
            Err(PlatformError::GrantGone(_)) if !asked_again => {
                asked_again = true;
                tokens = match self::tokens(services, grant, Want::Look).await? {
                    Ok(tokens) => tokens,
                    Err(outcome) => return Ok(*outcome),
                };
            }
            // In an outage it is nobody's own trouble.
            Err(error) if is_outage(&error) && in_outage(services, account).await? => {
                let until = services.now() + AFTER_OUTAGE;
                return Ok(Outcome::Deferred { code: Code::PlatformUnavailable, until });
            }
            Err(error) => {
                let until = limited(services, account, Class::Profile, &error).await?;
                return Ok(refused(&error, until, calls));
            }
        }
    };
    budget::told(services, &account.platform, &account.method, Class::Profile).await?;
    let mut got = Got {
        profile: snapshot.profile,
        level: snapshot.counts,
        measured: None,
        measured_until: None,
        audience: None,
        errors: Vec::new(),
        calls,
    };
    if let Some(days) = wanted.metrics {
        progress.step(services, "Reading the figures").await?;
        match look(services, account, Class::Metrics).await? {
            Err(refused) => got.errors.push(refused),
            Ok(taken) => {
                let told = measured(&*connector.client, &tokens, which, days, services, &mut got.calls).await;
                paid(services, account, &taken).await?;
                match told {
                    Ok(daily) => {
                        got.measured_until = Some(days[1]);
                        got.measured = Some(daily);
                        budget::told(services, &account.platform, &account.method, Class::Metrics).await?;
                    }
                    Err(error) => {
                        let until = limited(services, account, Class::Metrics, &error).await?;
                        got.errors.push(trouble(&error, Scope::Metrics, until));
                    }
                }
            }
        }
    }
    if wanted.audience {
        progress.step(services, "Reading the audience").await?;
        if let Err(refused) = look(services, account, Class::Audience).await? {
            got.errors.push(refused);
        } else {
            got.calls += 1;
            match connector.client.audience(&tokens, which, services.now()).await {
                Ok(audience) => got.audience = Some(audience),
                Err(error) => {
                    let until = limited(services, account, Class::Audience, &error).await?;
                    got.errors.push(trouble(&error, Scope::Audience, until));
                }
            }
        }
    }
    progress.step(services, "Saving").await?;
    Ok(Outcome::Got(Box::new(got)))
}

/// The tokens that can be used now, or what stands in the way.
async fn tokens(services: &Services, grant: GrantId, want: Want) -> Result<Result<TokenSet, Box<Outcome>>, Fault> {
    let failed = |code| Outcome::failed(code, None, false, None, 0);
    let kept = match renew::token(services, grant, want).await {
        Ok(kept) => kept,
        Err(domain::Error::Refused(refusal)) => return Ok(Err(Box::new(failed(refusal.code)))),
        Err(domain::Error::Fault(fault)) => return Err(fault),
    };
    let now = services.now();
    let later = now + AFTER_OUTAGE;
    Ok(match kept {
        Kept { did: Renewed::Dead | Renewed::Died, .. } => Err(Box::new(failed(Code::ConnectionExpired))),
        Kept { tokens: Some(tokens), .. } => Ok(tokens),
        Kept { did: Renewed::Failed { code, until }, .. } => {
            Err(Box::new(Outcome::Deferred { code, until: until.unwrap_or(later).max(now) }))
        }
        Kept { did: Renewed::Postponed { until }, .. } => {
            let until = until.unwrap_or(later).max(now);
            Err(Box::new(Outcome::Deferred { code: Code::PlatformUnavailable, until }))
        }
        Kept { .. } => Err(Box::new(Outcome::Deferred { code: Code::RefreshInProgress, until: later })),
    })
}

/// What was measured by day. Where a platform sums a day itself, yesterday is asked for by itself, and the days before
/// it that may have been late.
async fn measured(
    client: &dyn Platform,
    tokens: &TokenSet,
    which: Which<'_>,
    [from, yesterday]: [Date; 2],
    services: &Services,
    calls: &mut usize,
) -> Result<BTreeMap<Date, Counts>, PlatformError> {
    *calls += 1;
    let mut measured = client.metrics(tokens, which, [yesterday, yesterday], services.now()).await?;
    let mut sums = !measured.total.is_empty();
    let mut daily = std::mem::take(&mut measured.daily);
    add(&mut daily, yesterday, measured.total);
    let before = yesterday.saturating_sub(1.days());
    if from > before {
        return Ok(daily);
    }
    *calls += 1;
    let earlier = client.metrics(tokens, which, [from, before], services.now()).await?;
    // Yesterday may be too early for it.
    sums |= !earlier.total.is_empty();
    for (day, counts) in earlier.daily {
        add(&mut daily, day, counts);
    }
    if sums {
        let single = from.series(1.days()).take_while(|day| *day <= before).collect::<Vec<_>>();
        for day in single.into_iter().rev().take(SINGLE) {
            *calls += 1;
            let one = client.metrics(tokens, which, [day, day], services.now()).await?;
            add(&mut daily, day, one.total);
        }
    }
    Ok(daily)
}

fn add(daily: &mut BTreeMap<Date, Counts>, day: Date, counts: Counts) {
    if !counts.is_empty() {
        daily.entry(day).or_default().extend(counts);
    }
}

/// Whether the account's platform is known to have an outage now.
async fn in_outage(services: &Services, account: &Account) -> Result<bool, Fault> {
    let incidents = services.guard.incidents(services).await?;
    Ok(outage_since(&incidents, &account.platform, services.now()).is_some())
}

/// Whether a platform did not answer as a platform does.
fn is_outage(error: &PlatformError) -> bool {
    matches!(error, PlatformError::NotSent(_) | PlatformError::Unknown(_) | PlatformError::Contract(_))
}

/// Takes from the budgets for one more look, or says why it waits.
async fn look(services: &Services, account: &Account, class: Class) -> Result<Result<Taken, SyncError>, Fault> {
    let of = [(account.workspace.clone(), account.id)];
    let taken = budget::take(services, &budget::Want::one(account, class, &of)).await?;
    let scope = if class == Class::Metrics { Scope::Metrics } else { Scope::Audience };
    Ok(match taken.rest.clone().filter(|_| taken.go == 0) {
        Some(refused) => {
            let (code, retry_at) = (plan::code(refused.why), Some(refused.until));
            Err(SyncError { code, scope, at: Timestamp::UNIX_EPOCH, retry_at })
        }
        None => Ok(taken),
    })
}

/// Where posts are paid for by the piece, those that were read are.
async fn paid(services: &Services, account: &Account, taken: &Taken) -> Result<(), Fault> {
    let of = [(account.workspace.clone(), account.id)];
    let want = budget::Want::one(account, Class::Metrics, &of);
    let read = services.platforms.take_read(&account.platform, &account.profile.platform_account_id);
    budget::settle(services, &want, taken, &[read]).await
}

/// Where the platform says that it is enough, nobody asks it before the end of that; when that is.
async fn limited(
    services: &Services,
    account: &Account,
    class: Class,
    error: &PlatformError,
) -> Result<Option<Timestamp>, Fault> {
    let PlatformError::RateLimited { until } = error else { return Ok(None) };
    let stopped = budget::stop(services, &account.platform, &account.method, class, *until).await?;
    tracing::warn!(platform = %account.platform, ?class, until = %stopped.until, whom = ?stopped.whom, "limited");
    Ok(Some(stopped.until))
}

/// What is missing, and why; `until` is when a platform that has enough lets itself be asked again.
fn trouble(error: &PlatformError, scope: Scope, until: Option<Timestamp>) -> SyncError {
    let (code, retry_at) = match error {
        PlatformError::RateLimited { until: told } => (Code::PlatformRateLimited, until.or(*told)),
        PlatformError::NotSent(_) => (Code::PlatformUnreachable, None),
        PlatformError::Unknown(_) => (Code::PlatformUnavailable, None),
        PlatformError::Contract(_) | PlatformError::Unreadable(_) => (Code::PlatformError, None),
        PlatformError::GrantGone(_) => (Code::AuthenticationFailed, None),
        PlatformError::PermissionMissing => (Code::InsufficientPermissions, None),
        PlatformError::RoleLost => (Code::InsufficientPlatformRole, None),
        PlatformError::AccountGone => (Code::AccountNotFound, None),
        PlatformError::AccountRestricted => (Code::AccountRestricted, None),
        PlatformError::AccountTypeUnsupported => (Code::AccountTypeUnsupported, None),
        PlatformError::Misconfigured(_) => (Code::PlatformNotConfigured, None),
    };
    SyncError { code, scope, at: Timestamp::UNIX_EPOCH, retry_at }
}

/// That nothing came, by what the platform said.
fn refused(error: &PlatformError, until: Option<Timestamp>, calls: usize) -> Outcome {
    let SyncError { code, retry_at, .. } = trouble(error, Scope::Profile, until);
    let against = match error {
        PlatformError::RoleLost => Some(Against::RoleLost),
        PlatformError::AccountGone => Some(Against::Gone),
        PlatformError::AccountRestricted => Some(Against::Restricted),
        _ => None,
    };
    // The limits of an app, and its keys, are nobody's account's.
    let is_own = !matches!(error, PlatformError::RateLimited { .. } | PlatformError::Misconfigured(_));
    Outcome::failed(code, retry_at, is_own, against, calls)
}
