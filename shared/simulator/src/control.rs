//! `/_sim/*`: how a test or a person steers the simulator.

use axum::body::Bytes;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::apps::{App, NOTICES};
use crate::fault::{Fault, Kind};
use crate::notice::Run;
use crate::people::Person;
use crate::room::{Event, EventError, Route};
use crate::{Simulator, State, clock, notice, sloppy};

/// What was wrong with a steering call.
pub(crate) struct Bad(pub(crate) StatusCode, pub(crate) String);

impl IntoResponse for Bad {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<String> for Bad {
    fn from(message: String) -> Self {
        Self(StatusCode::BAD_REQUEST, message)
    }
}

pub(crate) type Outcome = Result<(StatusCode, Json<Value>), Bad>;

pub(crate) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/_sim/people", get(people).post(add_person))
        .route("/_sim/faults", post(add_fault).delete(clear_faults))
        .route("/_sim/apps", put(put_app))
        .route("/_sim/reset", post(reset))
        .route("/_sim/events", post(event))
        .route("/_sim/notices", get(notice::control::list).post(notice::control::send))
        .route("/_sim/notices/deliver", post(notice::control::deliver))
        .route("/_sim/journal", get(journal))
        .route("/_sim/journal/counts", get(counts))
        .route("/_sim/clock", get(clock_now).post(set_clock))
}

pub(crate) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Bad> {
    serde_json::from_slice(body).map_err(|error| Bad::from(format!("the JSON body: {error}")))
}

pub(crate) fn ok(body: Value) -> (StatusCode, Json<Value>) {
    (StatusCode::OK, Json(body))
}

fn known_platform(state: &State, platform: &str) -> Result<(), Bad> {
    let known: Vec<&str> = state.rooms.iter().map(|room| room.platform()).collect();
    if known.contains(&platform) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(format!("unknown platform `{platform}`: use {known}").into())
}

async fn people(Shared(simulator): Shared<Simulator>) -> Json<Value> {
    Json(json!({ "data": simulator.lock().world.people.all() }))
}

async fn add_person(Shared(simulator): Shared<Simulator>, body: Bytes) -> Outcome {
    let person: Person = read(&body)?;
    let mut state = simulator.lock();
    let added = state.world.people.put(person)?;
    Ok((StatusCode::CREATED, Json(json!(added))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFault {
    platform: String,
    route: String,
    kind: String,
    times: Option<u32>,
    rate: Option<f64>,
}

async fn add_fault(Shared(simulator): Shared<Simulator>, body: Bytes) -> Outcome {
    let new: NewFault = read(&body)?;
    let mut state = simulator.lock();
    known_platform(&state, &new.platform)?;
    let room = state.rooms.iter().find(|room| room.platform() == new.platform);
    let own: Vec<&str> = room.iter().flat_map(|room| room.own_faults()).copied().chain([sloppy::NAME]).collect();
    let kind = Kind::parse(&new.kind, &own)?;
    if let Some(name) = new.kind.strip_prefix("error:") {
        let errors = room.map(|room| room.errors()).unwrap_or_default();
        if !errors.is_empty() && !errors.contains(&name) {
            return Err(format!("unknown error `{name}`: use {}", errors.join(", ")).into());
        }
    }
    let route = match new.route.as_str() {
        "*" => None,
        word => Some(serde_json::from_value::<Route>(json!(word)).map_err(|_| format!("unknown route `{word}`"))?),
    };
    let rate = new.rate.unwrap_or(1.0);
    if !(0.0..=1.0).contains(&rate) {
        return Err(format!("`rate` is from 0 to 1, not {rate}").into());
    }
    if new.times == Some(0) {
        return Err("`times` is at least 1".to_owned().into());
    }
    let echo = json!({
        "platform": new.platform, "route": new.route, "kind": new.kind,
        "times": new.times, "rate": rate,
    });
    state.faults.add(Fault { platform: new.platform, route, text: new.kind, kind, left: new.times, rate });
    Ok((StatusCode::CREATED, Json(echo)))
}

async fn clear_faults(Shared(simulator): Shared<Simulator>) -> StatusCode {
    simulator.lock().faults.clear();
    StatusCode::NO_CONTENT
}

async fn put_app(Shared(simulator): Shared<Simulator>, body: Bytes) -> Outcome {
    let app: App = read(&body)?;
    let mut state = simulator.lock();
    known_platform(&state, &app.platform)?;
    if app.client_id.is_empty() || app.client_secret.is_empty() {
        return Err("`client_id` and `client_secret` must not be empty".to_owned().into());
    }
    for uri in &app.redirect_uris {
        let parsed = url::Url::parse(uri).map_err(|_| format!("`{uri}` is not a URL"))?;
        if parsed.fragment().is_some() {
            return Err(format!("`{uri}` has a fragment").into());
        }
    }
    for (name, address) in &app.notices {
        let known = NOTICES.contains(&name.as_str());
        let is_web = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !known || !is_web {
            let known = NOTICES.join(", ");
            return Err(format!("`notices` has a web address for any of {known}, not `{name}`: `{address}`").into());
        }
    }
    let mut echo = json!({
        "platform": app.platform, "client_id": app.client_id, "redirect_uris": app.redirect_uris,
    });
    if !app.notices.is_empty() {
        echo["notices"] = json!(app.notices);
    }
    state.world.apps.put(app, false);
    Ok(ok(echo))
}

async fn reset(Shared(simulator): Shared<Simulator>) -> StatusCode {
    simulator.reset();
    StatusCode::NO_CONTENT
}

async fn event(Shared(simulator): Shared<Simulator>, body: Bytes) -> Result<StatusCode, Bad> {
    let event: Event = read(&body)?;
    let happened = happen(&simulator, &event)?;
    match happened {
        Ok(()) => {
            simulator.deliver(Run::Event).await;
            Ok(StatusCode::NO_CONTENT)
        }
        Err(EventError::Unknown) => {
            Err(Bad(StatusCode::NOT_FOUND, format!("nobody has the {} account `{}`", event.platform, event.account)))
        }
        Err(EventError::NotApplicable) => Err(Bad(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("that cannot happen to `{}` on {}", event.account, event.platform),
        )),
        Err(EventError::Incomplete(name)) => Err(format!("this event needs `{name}`").into()),
    }
}

fn happen(simulator: &Simulator, event: &Event) -> Result<Result<(), EventError>, Bad> {
    let mut guard = simulator.lock();
    known_platform(&guard, &event.platform)?;
    let state = &mut *guard;
    state.world.now = state.clock.now();
    state.world.notices.tamper = event.tamper;
    let room = state.rooms.iter_mut().find(|room| room.platform() == event.platform);
    let happened = room.map_or(Err(EventError::Unknown), |room| room.event(&mut state.world, event));
    state.world.notices.tamper = None;
    Ok(happened)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JournalQuery {
    platform: Option<String>,
    after: Option<u64>,
}

async fn journal(
    Shared(simulator): Shared<Simulator>,
    query: Result<Query<JournalQuery>, axum::extract::rejection::QueryRejection>,
) -> Outcome {
    let Query(query) = query.map_err(|error| Bad::from(error.body_text()))?;
    let state = simulator.lock();
    if let Some(platform) = &query.platform {
        known_platform(&state, platform)?;
    }
    let entries: Vec<_> = state.journal.read(query.platform.as_deref(), query.after.unwrap_or(0)).collect();
    Ok(ok(json!({ "data": entries })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountsQuery {
    platform: Option<String>,
}

async fn counts(
    Shared(simulator): Shared<Simulator>,
    query: Result<Query<CountsQuery>, axum::extract::rejection::QueryRejection>,
) -> Outcome {
    let Query(query) = query.map_err(|error| Bad::from(error.body_text()))?;
    let state = simulator.lock();
    if let Some(platform) = &query.platform {
        known_platform(&state, platform)?;
    }
    Ok(ok(json!(state.journal.counts(query.platform.as_deref()))))
}

async fn clock_now(Shared(simulator): Shared<Simulator>) -> Json<Value> {
    Json(json!({ "now": simulator.lock().clock.now() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance: Option<String>,
    set: Option<Timestamp>,
}

async fn set_clock(Shared(simulator): Shared<Simulator>, body: Bytes) -> Outcome {
    let given: Move = read(&body)?;
    match (given.advance, given.set) {
        (Some(by), None) => simulator.advance(clock::duration(&by)?),
        (None, Some(to)) => simulator.set_now(to),
        _ => return Err("give either `advance` or `set`".to_owned().into()),
    }
    Ok(ok(json!({ "now": simulator.lock().clock.now() })))
}
