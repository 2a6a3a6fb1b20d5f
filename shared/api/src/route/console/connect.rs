//! Connecting: the card's form, the way back from the platform, and the choice.

use std::time::Duration;

use app::{
    Services,
    connect::{
        select::{self, Candidates},
        session, start,
    },
};
use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Candidate, CandidateId, Capability, Code, ConnectSession, ConnectSessionId, Error, Gap, MethodId, PlatformId,
    Refusal, actor::permit, connect::Status,
};
use serde::Deserialize;
use web::{
    console::{self, CandidateRow, Existing},
    parts::{Blocked, Face, Link, Press},
};

use super::{
    BACK, Form, Visitor, overview,
    show::{again, chrome, lost, named, picture, press, refused},
};
use crate::{
    problem::Problem,
    receive::{Named, Query},
    route::page,
};

pub(super) async fn connect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsConnect>()?;
    let started = match asked(&services, &form) {
        Ok(ask) => start::start(&services, &actor, &actor.workspace, ask, None).await,
        Err(refusal) => Err(refusal.into()),
    };
    match started {
        Ok(started) => {
            let started = started.outcome();
            Ok(Redirect::to(&match started.status {
                Status::AwaitingSelection => format!("/{BACK}?session={}", started.session),
                _ => format!("/v1/oauth/start/{}", started.session),
            })
            .into_response())
        }
        Err(Error::Refused(refusal)) => overview::refuse(&services, &visitor, &refusal).await,
        Err(error) => Err(error.into()),
    }
}

/// What a form asks for.
fn asked(services: &Services, form: &Form) -> Result<start::NewSession, Refusal> {
    let unknown = |pointer: &str| Refusal::field(pointer, "unknown", "The form is out of date. Go back and reload it.");
    let platform: PlatformId = form.one("platform").and_then(|p| p.parse().ok()).ok_or_else(|| unknown("/platform"))?;
    let capability = |word: &str| Capability::ALL.into_iter().find(|c| c.as_str() == word);
    let ticked: Vec<Capability> = form
        .all("capability")
        .map(|word| capability(word).ok_or_else(|| unknown("/capabilities")))
        .collect::<Result<_, _>>()?;
    let boxes = form.one("asked").is_some();
    let method: Option<MethodId> = form.one("method").map(|m| m.parse().map_err(|_| unknown("/method"))).transpose()?;
    // Where people themselves can be connected, asking for nothing asks for them.
    let identity = services.platforms.entry(&platform, method.as_ref()).is_some_and(|e| e.has_identity());
    if boxes && ticked.is_empty() && !identity {
        return Err(Refusal::field(
            "/capabilities",
            "empty",
            "Tick at least one thing that the account may be used for.",
        ));
    }
    Ok(start::NewSession {
        method,
        capabilities: boxes.then_some(ticked),
        account: form.one("account").map(|a| a.parse().map_err(|_| unknown("/account_id"))).transpose()?,
        from_grant: form.one("from_grant").map(|g| g.parse().map_err(|_| unknown("/from_grant"))).transpose()?,
        fresh_consent: form.one("fresh_consent") == Some("true"),
        return_url: Some(services.url(BACK)),
        ..start::NewSession::new(platform)
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reached {
    session: ConnectSessionId,
}

/// Back from the platform: choose, or see how it ended.
pub(super) async fn reached(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Query(Reached { session: id }): Query<Reached>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsConnect>()?;
    let found = session::get(&services, &actor, id, Duration::ZERO).await?;
    if found.status(services.now()) != Status::AwaitingSelection {
        return Ok(Redirect::to(&format!("/console?session={id}")).into_response());
    }
    let candidates = select::candidates(&services, &actor, id).await?;
    page::show(&choice(&services, &visitor, &candidates, None), "'self'")
}

pub(super) async fn choose(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<ConnectSessionId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsConnect>()?;
    let done = form.one("done") == Some("true");
    let chosen: Vec<CandidateId> =
        if done { Vec::new() } else { form.all("candidate").filter_map(|c| c.parse().ok()).collect() };
    match select::select(&services, &actor, id, chosen, done, None).await {
        Ok(_) => Ok(Redirect::to(&format!("/{BACK}?session={id}")).into_response()),
        Err(Error::Refused(refusal)) if refusal.code != Code::SessionExpired => {
            let candidates = select::candidates(&services, &actor, id).await?;
            page::show(&choice(&services, &visitor, &candidates, Some(&refusal)), "'self'")
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends an attempt; the overview tells of it.
pub(super) async fn cancel(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<ConnectSessionId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::AccountsConnect>()?;
    match session::cancel(&services, &actor, id, None).await {
        Ok(_) => {}
        // It has ended otherwise, which the overview tells as well.
        Err(Error::Refused(refusal)) if refusal.code == Code::SessionExpired => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Redirect::to(&format!("/console?session={id}")).into_response())
}

fn choice(services: &Services, visitor: &Visitor, found: &Candidates, refusal: Option<&Refusal>) -> console::Choose {
    let session = &found.session;
    let open: Vec<_> = found.candidates.iter().filter(|c| !found.chosen.contains(&c.id)).collect();
    let free = |c: &&&Candidate| c.barrier.is_none() && c.existing.is_none();
    // What fits is ticked, so that one press does what most people came for.
    let fits = open.iter().filter(free).count() <= found.room.map_or(usize::MAX, |r| r as usize);
    let row = |candidate: &&Candidate| CandidateRow {
        id: candidate.id,
        face: Face { picture_url: candidate.existing.map(picture), ..Face::from(&candidate.profile) },
        kind: candidate.profile.kind.clone(),
        role: candidate.profile.role.clone(),
        linked: candidate.profile.linked_page_name.clone(),
        existing: candidate
            .existing
            .map(|id| if found.connected.contains(&id) { Existing::Connected } else { Existing::Disconnected }),
        checked: fits && free(&candidate) && open.len() <= domain::connect::MOST_SELECTED,
        blocked: candidate.barrier.as_ref().map(|barrier| Blocked {
            reason: format!("{}. {}", barrier.code.title(), barrier.code.next_step()),
            fix: barrier.fix_url.clone().map(|url| Link::new("Fix it there", url)),
        }),
    };
    let plan = services.plans.plan(session.plan.as_deref().unwrap_or("free"));
    console::Choose {
        chrome: chrome(visitor),
        flash: refusal.map(refused).or_else(|| lost(session)),
        platform: named(services, &session.platform),
        authorized_by: None,
        candidates: open.iter().map(row).collect(),
        missing: page::missing(found.gaps.iter().filter(|gap| is_unseen(session, gap))),
        room: found.room,
        plan: plan.name.clone(),
        connected_before: u32::try_from(session.accounts().len()).unwrap_or(u32::MAX),
        until: session.ends_at(),
        submit: format!("/console/sessions/{}/selection", session.id),
        finish: format!("/console/sessions/{}/selection", session.id),
        instead: open.iter().all(|c| c.barrier.is_some()).then(|| instead(services, visitor, found)),
    }
}

/// Whether it is about what neither the list shows nor the warning above it.
fn is_unseen(session: &ConnectSession, gap: &Gap) -> bool {
    let unnamed = gap.accounts.is_empty() && gap.left.is_none();
    unnamed || gap.code == Code::NotSharedInConsent && gap.accounts.len() > session.siblings_lost.len()
}

/// What to do where nothing can be chosen: another way that needs no page, or the same once more.
fn instead(services: &Services, visitor: &Visitor, found: &Candidates) -> Press {
    let session = &found.session;
    let unlinked = |c: &Candidate| c.barrier.as_ref().is_some_and(|b| b.code == Code::InstagramNotLinked);
    let other = services.platforms.entries().iter().find(|entry| {
        entry.platform == session.platform
            && entry.method != session.method
            && services.platforms.connector(&entry.platform, &entry.method).is_some()
    });
    match other {
        Some(entry) if found.candidates.iter().any(unlinked) => {
            let label = format!("Connect with {}, without a Page", page::way(entry));
            let fields = [("platform", entry.platform.as_str()), ("method", entry.method.as_str())];
            press(visitor, &label, "/console/connect".to_owned(), &fields).first()
        }
        _ => again(visitor, "Sign in to another account", session, true),
    }
}
