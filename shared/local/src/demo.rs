//! First demo data, made through the product's own calls with the clock moved.

use std::{collections::BTreeMap, sync::Arc};

use app::connect::{
    callback::{self, Callback, Landing},
    select, start,
};
use axum::{
    body::Body,
    http::{Request, header},
};
use domain::{Actor, Error, OrgId, Role, Secret, actor::permit, connect::Status};
use jiff::SignedDuration;
use tower::ServiceExt as _;
use url::Url;

use crate::{Stack, StackError};

/// The demo's workspaces with their plans; the first one is where a newcomer lands.
pub const WORKSPACES: [(&str, &str); 3] = [("demo", "professional"), ("agency", "enterprise"), ("solo", "free")];

/// What is connected: workspace, platform, person, days ago. Never `acme`, who is the newcomer's.
const ACCOUNTS: [(&str, &str, &str, i64); 7] = [
    ("demo", "facebook", "demo-01", 21),
    ("demo", "x", "demo-01", 21),
    ("demo", "facebook", "demo-04", 9),
    ("agency", "facebook", "demo-10", 40),
    ("agency", "x", "demo-10", 38),
    ("agency", "x", "demo-03", 5),
    ("solo", "x", "demo-05", 2),
];

/// Makes it. The simulator must be served.
pub async fn fill(stack: &Arc<Stack>) -> Result<(), StackError> {
    let today = stack.services.now();
    for (workspace, platform, person, days) in ACCOUNTS {
        let then = today.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(today);
        stack.set_time(then);
        let done = Box::pin(connect(stack, workspace, platform, person)).await;
        if let Err(why) = done {
            stack.set_time(today);
            return Err(StackError(format!("demo data, {person} on {platform}: {why}")));
        }
    }
    stack.set_time(today);
    Ok(())
}

async fn connect(stack: &Stack, workspace: &str, platform: &str, person: &str) -> Result<(), String> {
    let services = &stack.services;
    let actor = owner(workspace)?.allow::<permit::AccountsConnect>().map_err(|r| r.detail)?;
    let ask = start::NewSession::new(platform.parse().map_err(|_| "platform")?);
    let workspace = actor.workspace.clone();
    let started = start::start(services, &actor, &workspace, ask, None).await.map_err(said)?;
    let id = started.outcome().session;
    let going = start::proceed(services, id, None).await.map_err(said)?;
    let back = consent(stack, &going.location, person).await?;
    let value = |name: &str| back.query_pairs().find(|(n, _)| n == name).map(|(_, v)| Secret::new(v.into_owned()));
    let callback = Callback::Granted {
        state: value("state").ok_or("no state came back")?,
        code: value("code").ok_or("no code came back")?,
        iss: None,
    };
    let landing = callback::complete(services, platform, callback, Some(going.cookie)).await.map_err(said)?;
    let Landing::Reached(session) = landing else { return Err("still at work".to_owned()) };
    match session.status(services.now()) {
        Status::Completed => Ok(()),
        Status::AwaitingSelection => {
            let found = select::candidates(services, &actor, id).await.map_err(said)?;
            let open = found.candidates.iter().filter(|c| c.barrier.is_none()).map(|c| c.id).collect();
            select::select(services, &actor, id, open, true, None).await.map(|_| ()).map_err(said)
        }
        other => Err(format!("{} {:?}", other.as_str(), session.error(services.now()))),
    }
}

/// The person approves on the simulated platform's page.
async fn consent(stack: &Stack, at: &Url, person: &str) -> Result<Url, String> {
    let path = &at[url::Position::BeforePath..];
    let request = Request::post(path)
        .header(header::HOST, at.authority())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("person={person}&decision=approve")))
        .map_err(|e| e.to_string())?;
    let answer = stack.simulator.router().oneshot(request).await.map_err(|e| e.to_string())?;
    let to = answer.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
    let to = to.ok_or_else(|| format!("the platform's page answered {}", answer.status()))?;
    Url::parse(to).map_err(|e| e.to_string())
}

fn owner(workspace: &str) -> Result<Actor, String> {
    let id: domain::WorkspaceId = workspace.parse().map_err(|_| "workspace")?;
    let plan = WORKSPACES.iter().find(|(w, _)| *w == workspace).map(|(_, plan)| (*plan).to_owned());
    Ok(Actor {
        sub: "dev-owner".to_owned(),
        name: Some("You, on this machine".to_owned()),
        org: OrgId::from(&id),
        workspace: id,
        role: Role::Owner,
        plan,
        perms: None,
        accounts: None,
        workspaces: BTreeMap::new(),
    })
}

fn said(error: Error) -> String {
    match error {
        Error::Refused(refusal) => refusal.detail,
        Error::Fault(fault) => fault.to_string(),
    }
}
