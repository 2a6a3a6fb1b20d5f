//! How an account's data is fetched.

use super::{at, chrome, figures, press, subject};
use crate::{
    console::{DataSection, FetchFailure, FetchNow, Looks, NotFetched, RunEnd, RunPage, Step, StepState},
    parts::{Blocked, Link},
};

fn failure() -> FetchFailure {
    FetchFailure {
        at: at("2026-11-25T06:00:00Z"),
        title: "The platform was not reachable".to_owned(),
        to_do: "Nothing has to be done: it is tried again by itself.".to_owned(),
        fix: Some(Link::new("How the platform is", "https://metastatus.com")),
    }
}

pub fn data(well: bool) -> DataSection {
    let blocked = Blocked::because("It was fetched a minute ago; the platform allows it again at 10:15 UTC.");
    DataSection {
        fetched_at: well.then(|| at("2026-11-25T12:00:00Z")),
        next_at: well.then(|| at("2026-11-25T18:00:00Z")),
        every: "Every 6 hours".to_owned(),
        floor: Some("The plan Starter allows it every 6 hours; Professional allows every hour.".to_owned()),
        failure: (!well).then(failure),
        fetch: Some(if well { FetchNow::Press(press("Fetch now")) } else { FetchNow::Blocked(blocked) }),
        last_run: well.then(|| "/console/runs/run_1".to_owned()),
    }
}

pub fn succeeded() -> RunEnd {
    RunEnd::Succeeded { at: at("2026-11-25T12:00:09Z") }
}

pub fn partial(name: &str) -> RunEnd {
    let missing = |what: &str, why: String| NotFetched { what: what.to_owned(), why };
    RunEnd::Partial {
        at: at("2026-11-25T12:00:09Z"),
        missing: vec![missing("Audience", format!("{name} did not give the permission for it. Sign in again."))],
    }
}

pub fn failed() -> RunEnd {
    RunEnd::Failed { failure: failure(), again: Some(press("Fetch again").first()) }
}

pub fn run(name: &str, end: Option<RunEnd>) -> RunPage {
    let states = match &end {
        None => [StepState::Done, StepState::Doing, StepState::Waiting, StepState::Waiting],
        Some(RunEnd::Succeeded { .. }) => [StepState::Done; 4],
        Some(RunEnd::Partial { .. }) => [StepState::Done, StepState::Done, StepState::Done, StepState::Skipped],
        Some(RunEnd::Failed { .. }) => [StepState::Failed, StepState::Skipped, StepState::Skipped, StepState::Skipped],
    };
    let steps = ["Profile", "Followers", "Figures by day", "Audience"].into_iter().zip(states);
    let detail = |state| (state == StepState::Doing).then(|| "12 of 30 days".to_owned());
    RunPage {
        chrome: chrome(name),
        subject: subject(name),
        account: "/console/accounts/a".to_owned(),
        started_at: at("2026-11-25T12:00:00Z"),
        steps: steps.map(|(step, state)| Step { name: step.to_owned(), state, detail: detail(state) }).collect(),
        changes: figures::changes(name).drain(..2).collect(),
        end,
        looks: Looks::ByTag(2),
        look: "/console/runs/run_1".to_owned(),
        toggle: "?still=true".to_owned(),
    }
}
