//! Fetching an account's data: when, why not now, and asking for it.

pub(super) mod run;

use app::{
    Services,
    account::Detail,
    sync::{ask, show::SyncShown},
};
use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    AccountId, Code, Error, Lifecycle, Permission, Refusal, RunId, Timestamp,
    account::Reach,
    actor::permit,
    error::More,
    sync::{Scope, SyncError},
};
use web::{
    console::{DataSection, FetchFailure, FetchNow},
    parts::{Blocked, Flash, Link, Press},
};

use super::{
    Form, Visitor, account,
    links::{key, once},
    show::{not_allowed, refuse, refused},
};
use crate::{
    problem::{Problem, retryable},
    receive::Named,
};

/// Asks for a run, and goes where one sees how far it is.
pub(super) async fn fetch(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsSync>()?;
    let key = key(&visitor, &form, &format!("sync {id}"));
    let refusal = match Box::pin(ask::ask(&services, &actor, id, Vec::new(), key)).await {
        Ok(asked) => return Ok(Redirect::to(&path(id, *asked.outcome())).into_response()),
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => return Err(error.into()),
    };
    let seen = Box::pin(account::seen(&services, &visitor, id)).await?;
    match seen.detail.sync.as_ref().and_then(|sync| sync.in_flight.as_ref()) {
        // Somebody was faster: what they asked for is what this visitor wants.
        Some((run, _)) if refusal.code == Code::SyncInProgress => Ok(Redirect::to(&path(id, *run)).into_response()),
        _ => refuse(&seen.page(&services, &visitor, Some(told(&refusal))), &refusal),
    }
}

/// Where a run is looked at.
pub(super) fn path(account: AccountId, run: RunId) -> String {
    format!("/console/accounts/{account}/runs/{run}")
}

/// A refusal above the page; when it may succeed is named as people do.
fn told(refusal: &Refusal) -> Flash {
    match refusal.more {
        More::Later(at) => Flash { text: Some(format!("{} {}", refusal.detail, from(at))), ..refused(refusal) },
        _ => refused(refusal),
    }
}

/// `It can be asked for again from 10:15:07 UTC on.`
fn from(at: Timestamp) -> String {
    format!("It can be asked for again from {} on.", at.strftime("%H:%M:%S UTC"))
}

/// How fetching stands; nothing where nothing is fetched. `last` is the last run that has ended.
pub(super) fn section(
    services: &Services,
    visitor: &Visitor,
    detail: &Detail,
    last: Option<RunId>,
) -> Option<DataSection> {
    let sync = detail.sync.as_ref()?;
    let id = detail.shown.account.id;
    let fetch = match (&sync.in_flight, blocked(services, visitor, detail), sync.free_at) {
        (Some((run, _)), ..) => FetchNow::Running { href: path(id, *run) },
        (None, Some(blocked), _) => FetchNow::Blocked(blocked),
        (None, None, Some(at)) => {
            FetchNow::Blocked(Blocked::because(format!("{}. {}", Code::SyncCooldown.title(), from(at))))
        }
        (None, None, None) => FetchNow::Press(press(services, visitor, id, "Fetch now")),
    };
    Some(DataSection {
        fetched_at: sync.last_ok_at,
        next_at: sync.next_at.filter(|_| detail.shown.account.lifecycle == Lifecycle::Active),
        every: format!("Every {}", span(sync.interval.as_mins())),
        floor: Some(floor(services, visitor, detail, sync)),
        failure: sync.last_error.as_ref().map(|error| failure(services, detail, error)),
        fetch: Some(fetch),
        last_run: last.map(|run| path(id, run)),
    })
}

/// The button that asks for a run.
fn press(services: &Services, visitor: &Visitor, id: AccountId, label: &str) -> Press {
    once(services, visitor, label, format!("/console/accounts/{id}/sync"))
}

/// Why it cannot be fetched, whenever it is asked for.
fn blocked(services: &Services, visitor: &Visitor, detail: &Detail) -> Option<Blocked> {
    let account = &detail.shown.account;
    let plain = |code: Code| Blocked::because(format!("{}. {}", code.title(), code.next_step()));
    not_allowed(visitor, Permission::AccountsSync)
        .or_else(|| {
            let only = "This account is for some members only, and you are not among those who may have it fetched.";
            (account.reach(&visitor.actor, Permission::AccountsSync) != Reach::Open).then(|| Blocked::because(only))
        })
        .or_else(|| (account.lifecycle != Lifecycle::Active).then(|| plain(Code::AccountDisconnected)))
        .or_else(|| detail.workspace.open().err().map(|refusal| plain(refusal.code)))
        .or_else(|| {
            let upgrade = services.plans.upgrade_url.as_ref().map(|url| Link::new("Upgrade", url));
            account.is_over_plan().then(|| Blocked { fix: upgrade, ..Blocked::because(Refusal::suspended().detail) })
        })
        .or_else(|| account.suspended.is_some().then(|| plain(Code::AccountNotUsable)))
        .or_else(|| account.grant_facts.dead.is_some().then(|| plain(Code::ConnectionExpired)))
}

/// `6 hours`, `hour`, `30 minutes`: what follows `every`.
fn span(minutes: i64) -> String {
    let (count, unit) = match minutes {
        days if days % (24 * 60) == 0 => (days / (24 * 60), "day"),
        hours if hours % 60 == 0 => (hours / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    if count == 1 { unit.to_owned() } else { format!("{count} {unit}s") }
}

/// How often it may be fetched, and what else keeps it from that.
fn floor(services: &Services, visitor: &Visitor, detail: &Detail, sync: &SyncShown) -> String {
    let plan = detail.workspace.plan(&services.plans, visitor.actor.plan.as_deref());
    let every = |minutes: u32| format!("every {}", span(minutes.into()));
    let larger = services.plans.plans.iter().find(|other| other.sync_floor_minutes < plan.sync_floor_minutes);
    let larger = larger.map(|other| format!("; {} allows {}", other.name, every(other.sync_floor_minutes)));
    let allows =
        format!("The plan {} allows {}{}.", plan.name, every(plan.sync_floor_minutes), larger.unwrap_or_default());
    sync.floor_reason.iter().cloned().chain([allows]).collect::<Vec<_>>().join(" ")
}

/// What a run did not get, and what to do.
fn failure(services: &Services, detail: &Detail, error: &SyncError) -> FetchFailure {
    let what = match error.scope {
        Scope::Profile => String::new(),
        scope => format!("{}: ", named(scope)),
    };
    let code = error.code;
    FetchFailure {
        at: error.at,
        title: format!("{what}{}", code.title()),
        to_do: to_do(error),
        fix: fix(services, detail, code).or_else(|| Some(Link::new("More about it", format!("/docs/errors/{code}")))),
    }
}

/// Where it can be done, or seen how it is.
fn fix(services: &Services, detail: &Detail, code: Code) -> Option<Link> {
    let account = &detail.shown.account;
    let entry = services.platforms.entry(&account.platform, Some(&account.method))?;
    let page = entry.status_page_url.as_ref()?;
    let is_theirs = matches!(code, Code::PlatformUnavailable | Code::PlatformUnreachable | Code::PlatformError);
    is_theirs.then(|| Link::new(format!("How {} is", entry.platform_name), page))
}

/// The registry's next step, or that nobody has to take one.
fn to_do(error: &SyncError) -> String {
    match (retryable(error.code), error.retry_at) {
        (true, Some(at)) => {
            format!("Nothing has to be done: it is tried again by itself, {}.", at.strftime("%b %-d, %H:%M UTC"))
        }
        (true, None) => "Nothing has to be done: it is tried again by itself.".to_owned(),
        (false, _) => error.code.next_step().to_owned(),
    }
}

/// What is fetched, for people.
fn named(scope: Scope) -> &'static str {
    match scope {
        Scope::Profile => "Profile",
        Scope::Followers => "Followers",
        Scope::Metrics => "Figures",
        Scope::Audience => "Audience",
    }
}
