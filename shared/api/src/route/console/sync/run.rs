//! One run that fetches an account's data: how far it is, and how it ended.

use std::{cmp::Ordering, time::Duration};

use app::{Services, account::Detail, figures, run};
use axum::{
    extract::{Extension, State},
    http::HeaderValue,
    response::Response,
};
use domain::{
    AccountId, Code, Run, RunId,
    actor::permit,
    run::{State as Stage, Work},
    sync::Scope,
};
use serde::Deserialize;
use web::{
    console::{FetchFailure, IdentityChange, Looks, NotFetched, RunEnd, RunPage, Step, StepState},
    parts::Link,
};

use super::{blocked, failure, from, named, path, press, to_do};
use crate::{
    problem::Problem,
    receive::{NamedTwo, Query},
    route::{
        console::{
            Visitor,
            figures::change,
            show::{chrome, subject},
        },
        page,
    },
};

/// How many moments of change one run is looked for among.
const MOMENTS: usize = 20;

/// The steps as a run names them, in their order; those that are not always taken with what they fetch.
const STEPS: [(&str, Option<Scope>); 5] = [
    ("Checking the access", None),
    ("Reading the profile", None),
    ("Reading the figures", Some(Scope::Metrics)),
    ("Reading the audience", Some(Scope::Audience)),
    ("Saving", None),
];

/// The label of a run that waits for its platform.
const WAITING: &str = "Waiting";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::route::console) struct Look {
    /// Do not look again by itself.
    still: Option<bool>,
}

/// How far it is, until it has ended.
pub(in crate::route::console) async fn show(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    NamedTwo(id, run): NamedTwo<AccountId, RunId>,
    Query(look): Query<Look>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let run = run::get(&services, &actor, run, Duration::ZERO).await?;
    if !matches!(&run.work, Work::Sync { account, .. } if *account == id) {
        return Err(Code::NotFound.into());
    }
    let detail = Box::pin(app::account::get(&services, &actor, id)).await?;
    let changes = match run.finished_at {
        Some(_) => changes(&services, &visitor, &detail, &run).await?,
        None => Vec::new(),
    };
    let is_still = look.still == Some(true);
    let mut shown = page::show(&drawn(&services, &visitor, &detail, &run, changes, is_still), "'self'")?;
    if run.finished_at.is_none() && !is_still {
        // As a header: a refresh in the page could not be told to stop.
        let again = HeaderValue::from_str(&format!("2; url={}", path(id, run.id))).map_err(|_| Code::Internal)?;
        shown.headers_mut().insert("refresh", again);
    }
    Ok(shown)
}

/// What the run found changed.
async fn changes(
    services: &Services,
    visitor: &Visitor,
    detail: &Detail,
    run: &Run,
) -> Result<Vec<IdentityChange>, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let (changed, _) = figures::history(services, &actor, detail.shown.account.id, None, MOMENTS).await?;
    let zone = figures::zone(&detail.workspace);
    // Moments are kept by the millisecond.
    let from = run.created_at.as_millisecond();
    let to = run.finished_at.unwrap_or(run.created_at).as_millisecond();
    let own = changed.iter().filter(|(at, _)| (from..=to).contains(&at.as_millisecond()));
    Ok(own.flat_map(|(at, changes)| changes.iter().map(|one| change(zone.day(*at), one))).collect())
}

fn drawn(
    services: &Services,
    visitor: &Visitor,
    detail: &Detail,
    run: &Run,
    changes: Vec<IdentityChange>,
    is_still: bool,
) -> RunPage {
    let account = &detail.shown.account;
    let path = path(account.id, run.id);
    let still = format!("{path}?still=true");
    RunPage {
        chrome: chrome(visitor),
        subject: subject(services, account),
        account: format!("/console/accounts/{}", account.id),
        started_at: run.created_at,
        steps: steps(run),
        changes,
        end: end(services, visitor, detail, run),
        looks: if is_still { Looks::Not } else { Looks::ByHeader },
        look: if is_still { still.clone() } else { path.clone() },
        toggle: if is_still { path } else { still },
    }
}

/// The steps that it takes, with how far each is. A run tells how many it takes and which one it is at; which of those
/// that are not always taken is among them may show only when it comes to it.
fn steps(run: &Run) -> Vec<Step> {
    let at = STEPS.iter().position(|(label, _)| *label == run.progress.label);
    // It is about to begin, or waits at one of the first two for better times.
    let current = at.unwrap_or_else(|| usize::from(run.progress.step > 1));
    let step = |(place, (label, scope)): (usize, &(&str, Option<Scope>))| {
        let is_taken = scope.map_or(Some(true), |scope| is_taken(run, scope));
        let is_missing =
            run.finished_at.is_some() && scope.is_some() && run.error.as_ref().map(|error| error.scope) == *scope;
        let state = match (run.state, place.cmp(&current)) {
            _ if is_missing => StepState::Failed,
            (Stage::Succeeded | Stage::Partial, _) | (Stage::Running | Stage::Failed, Ordering::Less) => {
                StepState::Done
            }
            (Stage::Running, Ordering::Equal) => StepState::Doing,
            (Stage::Failed, Ordering::Equal) => StepState::Failed,
            (Stage::Failed, Ordering::Greater) => StepState::Skipped,
            (Stage::Queued, _) | (Stage::Running, Ordering::Greater) => StepState::Waiting,
        };
        let detail = match state {
            StepState::Doing if run.progress.label == WAITING => Some("waiting for the platform"),
            StepState::Waiting | StepState::Skipped if is_taken.is_none() => Some("if due"),
            _ => None,
        };
        let step = Step { name: (*label).to_owned(), state, detail: detail.map(str::to_owned) };
        (is_taken != Some(false)).then_some(step)
    };
    STEPS.iter().enumerate().filter_map(step).collect()
}

/// Whether the run fetches this, as far as it shows.
fn is_taken(run: &Run, scope: Scope) -> Option<bool> {
    let label = |scope| STEPS.iter().find(|(_, of)| *of == Some(scope)).map(|(label, _)| *label);
    let other = if scope == Scope::Metrics { Scope::Audience } else { Scope::Metrics };
    let is_at = |scope| label(scope) == Some(run.progress.label.as_str());
    let has_failed = |scope| run.error.as_ref().is_some_and(|error| error.scope == scope);
    match run.progress.of {
        3 => Some(false),
        4 if is_at(scope) || has_failed(scope) => Some(true),
        4 if is_at(other) || has_failed(other) => Some(false),
        // Figures are counted.
        4 if run.state == Stage::Succeeded => Some(run.counts.contains_key("days") == (scope == Scope::Metrics)),
        0 | 4 => None,
        _ => Some(true),
    }
}

/// How it ended.
fn end(services: &Services, visitor: &Visitor, detail: &Detail, run: &Run) -> Option<RunEnd> {
    let at = run.finished_at?;
    let told = |error| FetchFailure { at, ..failure(services, detail, error) };
    Some(match (&run.error, run.state) {
        (Some(error), Stage::Partial) => {
            let why = format!("{} {}", error.code.cause(), to_do(error));
            RunEnd::Partial { at, missing: vec![NotFetched { what: named(error.scope).to_owned(), why }] }
        }
        (Some(error), _) => {
            let cannot = blocked(services, visitor, detail);
            let again = cannot.is_none().then(|| press(services, visitor, detail.shown.account.id, "Fetch again"));
            let mut failure = told(error);
            let free_at = detail.sync.as_ref().and_then(|sync| sync.free_at);
            if let Some(at) = free_at.filter(|_| again.is_some()) {
                failure.to_do = format!("{} {}", failure.to_do, from(at));
            }
            if cannot.is_some() {
                let account = format!("/console/accounts/{}", detail.shown.account.id);
                failure.fix = Some(Link::new("To the account", account));
            }
            RunEnd::Failed { failure, again: again.map(web::parts::Press::first) }
        }
        (None, _) => RunEnd::Succeeded { at },
    })
}

#[cfg(test)]
mod tests;
