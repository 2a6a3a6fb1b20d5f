//! `/_sim/notices`: what was told, sending what is due, and sending one by hand.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::tiktok::Reason;
use super::{Run, Tamper, google, meta, tiktok, x};
use crate::control::{Bad, Outcome, ok, read};
use crate::{Simulator, State};

/// One notice to each app that is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    platform: String,
    kind: String,
    /// A person, or an account as the app knows it.
    account: String,
    /// All of the platform's, if absent.
    app: Option<String>,
    /// Why TikTok removed an authorisation.
    reason: Option<u8>,
    /// What X's profile said before and says now.
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
    tamper: Option<Tamper>,
}

pub(crate) async fn list(Shared(simulator): Shared<Simulator>) -> Json<Value> {
    let state = simulator.lock();
    let notices = &state.world.notices;
    Json(json!({ "data": notices.all, "challenges": notices.challenges }))
}

/// What became of each that was due.
pub(crate) async fn deliver(Shared(simulator): Shared<Simulator>) -> Json<Value> {
    let tried = simulator.deliver(Run::Asked).await;
    Json(shown(&simulator, &tried))
}

pub(crate) async fn send(Shared(simulator): Shared<Simulator>, body: Bytes) -> Outcome {
    let new: New = read(&body)?;
    let queued: Vec<u64> = {
        let mut guard = simulator.lock();
        let state = &mut *guard;
        state.world.now = state.clock.now();
        let before = state.world.notices.all.len();
        state.world.notices.tamper = new.tamper;
        let told = tell(state, &new);
        state.world.notices.tamper = None;
        told?;
        state.world.notices.all[before..].iter().map(|notice| notice.id).collect()
    };
    if queued.is_empty() {
        let message = format!("no such app of {} names an address for `{}`", new.platform, new.kind);
        return Err(Bad(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    simulator.deliver(Run::Event).await;
    let (_, told) = ok(shown(&simulator, &queued));
    Ok((StatusCode::CREATED, told))
}

fn shown(simulator: &Simulator, ids: &[u64]) -> Value {
    let state = simulator.lock();
    let found: Vec<_> = ids.iter().filter_map(|id| state.world.notices.get(*id)).collect();
    json!({ "data": found })
}

fn tell(state: &mut State, new: &New) -> Result<(), Bad> {
    let State { world, rooms, .. } = state;
    let room = rooms.iter().find(|room| room.platform() == new.platform);
    let of_platform = world.apps.of(&new.platform).map(|app| app.client_id.clone());
    let apps: Vec<String> = of_platform.filter(|id| new.app.as_ref().is_none_or(|wanted| wanted == id)).collect();
    let unknown = || format!("{} tells nothing called `{}`", new.platform, new.kind);
    for app in &apps {
        let known = room.and_then(|room| room.subject(world, app, &new.account));
        let account = known.unwrap_or_else(|| new.account.clone());
        match (new.platform.as_str(), new.kind.as_str()) {
            ("facebook" | "instagram" | "threads", meta::DEAUTHORIZE) => {
                meta::deauthorized(world, &new.platform, app, &account);
            }
            ("facebook" | "instagram" | "threads", meta::DATA_DELETION) => {
                meta::deletion_asked(world, &new.platform, app, &account);
            }
            ("tiktok", tiktok::REMOVED) => {
                let reason = Reason::new(new.reason.unwrap_or(1));
                let reason = reason.ok_or_else(|| "`reason` is from 0 to 5".to_owned())?;
                tiktok::removed(world, app, &account, reason);
            }
            ("x", x::REVOKED) => x::revoked(world, app, &account),
            ("x", kind) => {
                let change = x::Change::named(kind).ok_or_else(unknown)?;
                x::changed(world, app, &account, change, &new.before, &new.after);
            }
            ("google", kind) if google::is_event(kind) => {
                let sign = |claims: &Value| room.and_then(|room| room.sign(claims)).unwrap_or_default();
                google::security_event(world, app, &account, kind, sign);
            }
            _ => return Err(unknown().into()),
        }
    }
    Ok(())
}
