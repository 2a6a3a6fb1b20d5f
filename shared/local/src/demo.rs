//! The first demo data, made through the product's own calls with the clock moved: people connect what they have, their data
//! is fetched day by day, and since then something has happened to some of it.

mod link;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use app::{
    account,
    connect::{
        callback::{self, Callback, Landing},
        select, session, start,
    },
    disconnect::{self, Leave},
    lease,
    signal::{self, Signal},
    sweep, sync,
};
use axum::{
    body::Body,
    http::{Request, header},
    response::Response,
};
use domain::{
    AccountId, Actor, Allowed, Capability, ConnectSession, Error, OrgId, Role, Secret,
    actor::{Permit, permit},
    connect::Status,
};
use jiff::SignedDuration;
use serde_json::json;
use tower::ServiceExt as _;
use tracing::{instrument::WithSubscriber as _, subscriber::NoSubscriber};
use url::{Url, form_urlencoded::Serializer};

use crate::{Stack, StackError};

/// The demo's workspaces with their plans; the first one is where a newcomer lands, and has room for all that `acme` has.
pub const WORKSPACES: [(&str, &str); 3] = [("demo", "professional"), ("agency", "enterprise"), ("solo", "free")];

/// Somebody who connects all that a platform offers them.
struct Visit {
    workspace: &'static str,
    platform: &'static str,
    /// The platform's first one if none.
    method: Option<&'static str>,
    /// Never `acme`, who is the newcomer's, nor `agency`, who has too much.
    person: &'static str,
    days_ago: i64,
    /// A scope that they do not allow.
    without: Option<&'static str>,
}

const fn visit(workspace: &'static str, platform: &'static str, person: &'static str, days_ago: i64) -> Visit {
    Visit { workspace, platform, method: None, person, days_ago, without: None }
}

const VISITS: &[Visit] = &[
    visit("demo", "facebook", "demo-01", 21),
    visit("demo", "facebook", "demo-02", 9),
    Visit {
        method: Some("facebook_login"),
        without: Some("instagram_content_publish"),
        ..visit("demo", "instagram", "demo-03", 14)
    },
    visit("demo", "threads", "demo-01", 7),
    visit("demo", "x", "demo-01", 91),
    visit("demo", "linkedin", "demo-01", 20),
    visit("demo", "tiktok", "demo-01", 12),
    Visit { method: Some("tiktok_business"), ..visit("demo", "tiktok", "demo-02", 11) },
    visit("demo", "pinterest", "demo-01", 10),
    visit("demo", "youtube", "demo-01", 91),
    visit("demo", "google_business", "demo-01", 4),
    visit("demo", "reddit", "demo-01", 3),
    visit("agency", "facebook", "demo-10", 40),
    Visit { method: Some("instagram_login"), ..visit("agency", "instagram", "demo-10", 18) },
    visit("agency", "threads", "demo-08", 12),
    visit("agency", "x", "demo-10", 38),
    visit("agency", "x", "demo-11", 33),
    visit("agency", "x", "demo-03", 5),
    // A sign-in that nobody can renew, and that ends after sixty days: one has ended, one is about to.
    visit("agency", "linkedin", "demo-06", 61),
    visit("agency", "linkedin", "demo-09", 40),
    visit("agency", "tiktok", "demo-08", 25),
    // Its renewal is due now.
    visit("agency", "pinterest", "demo-10", 28),
    visit("agency", "pinterest", "demo-02", 8),
    visit("agency", "youtube", "demo-12", 16),
    visit("agency", "google_business", "demo-10", 15),
    visit("solo", "x", "demo-05", 2),
    visit("solo", "youtube", "demo-05", 3),
];

/// How many days ago an outage began, and ended.
const OUTAGE_BEGINS: i64 = 34;
const OUTAGE_ENDS: i64 = 31;

/// What has happened to the last of the accounts that somebody connected.
enum Fate {
    /// The person no longer shares the page.
    Unshared,
    /// The person took it all back at the platform, which is found when the publisher wants a token.
    TakenBack,
    /// The publisher tells what the platform answered.
    Told(Signal),
    Disconnected,
}

const FATES: &[(&str, &str, &str, Fate)] = &[
    ("demo", "facebook", "demo-02", Fate::Unshared),
    ("agency", "tiktok", "demo-08", Fate::TakenBack),
    ("agency", "threads", "demo-08", Fate::Told(Signal::PermissionDenied)),
    ("agency", "x", "demo-03", Fate::Told(Signal::Restricted)),
    ("agency", "x", "demo-11", Fate::Disconnected),
];

/// Makes it. The simulator must be served. Answers with the address of a link that waits for a client: it is kept
/// nowhere.
pub async fn fill(stack: &Arc<Stack>) -> Result<Option<String>, StackError> {
    let today = stack.services.now();
    // Its troubles are the demo's, and nobody's who reads the log.
    let filled = Box::pin(live(stack)).with_subscriber(NoSubscriber::default()).await;
    stack.set_time(today);
    let secret = filled.map_err(|why| StackError(format!("demo data, {why}")))?;
    Ok(secret.map(|secret| stack.services.url(&format!("c/{}", secret.expose()))))
}

async fn live(stack: &Stack) -> Result<Option<Secret>, String> {
    let today = stack.services.now();
    let ago = |days: i64| today.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(today);
    let mut connected = BTreeMap::new();
    let first = VISITS.iter().map(|visit| visit.days_ago).max().unwrap_or(0);
    for day in (1..=first).rev() {
        stack.set_time(ago(day));
        for visit in VISITS.iter().filter(|visit| visit.days_ago == day) {
            let Visit { workspace, platform, person, .. } = *visit;
            let accounts =
                Box::pin(connect(stack, visit)).await.map_err(|why| format!("{person} on {platform}: {why}"))?;
            connected.insert((workspace, platform, person), accounts);
        }
        // For some days nothing of a channel could be had: its figures have a gap.
        match day {
            OUTAGE_BEGINS => {
                let fault = json!({"platform": "google", "route": "profile", "kind": "status:400"});
                steer(stack, "/_sim/faults", &fault).await?;
            }
            OUTAGE_ENDS => behave(stack).await?,
            // Somebody begins to pay for theirs, which is on its timeline.
            60 => {
                let event = json!({"platform": "x", "account": "demo-01", "kind": "tier_change", "to": "Premium"});
                steer(stack, "/_sim/events", &event).await?;
            }
            _ => {}
        }
        Box::pin(sync::sync(&stack.services)).await.map_err(said)?;
    }
    for (workspace, platform, person, fate) in FATES {
        let accounts = connected.get(&(*workspace, *platform, *person)).ok_or("nobody to whom it happens")?;
        let id = *accounts.last().ok_or("nothing to which it happens")?;
        Box::pin(happen(stack, workspace, platform, person, id, fate))
            .await
            .map_err(|why| format!("{person} on {platform}: {why}"))?;
    }
    let waiting = link::make(stack, ago).await?;
    stack.set_time(today);
    // What is due by now is done as ever, but for one answer that does not arrive.
    steer(
        stack,
        "/_sim/faults",
        &json!({"platform": "pinterest", "route": "token", "kind": "answer_lost", "times": 1}),
    )
    .await?;
    let swept = Box::pin(sweep::sweep(&stack.services)).await;
    behave(stack).await?;
    swept.map_err(said)?;
    Box::pin(sync::sync(&stack.services)).await.map_err(said)?;
    Ok(waiting)
}

/// The simulated platforms work again.
async fn behave(stack: &Stack) -> Result<(), String> {
    let clear = Request::delete("/_sim/faults").body(Body::empty()).map_err(|e| e.to_string())?;
    ask(stack, clear).await.map(|_| ())
}

/// Connects all that can be.
async fn connect(stack: &Stack, visit: &Visit) -> Result<Vec<AccountId>, String> {
    let services = &stack.services;
    let actor = allowed::<permit::AccountsConnect>(visit.workspace)?;
    let platform = visit.platform.parse().map_err(|_| "platform")?;
    let method = visit.method.map(str::parse).transpose().map_err(|_| "method")?;
    let asked = start::NewSession { method, ..start::NewSession::new(platform) };
    let started = start::start(services, &actor, &actor.workspace, asked, None).await.map_err(said)?;
    let id = started.outcome().session;
    let going = start::proceed(services, id, None).await.map_err(said)?;
    let reached = Box::pin(returned(stack, going, visit)).await?;
    match reached.status(services.now()) {
        Status::Completed => {}
        Status::AwaitingSelection => {
            let found = select::candidates(services, &actor, id).await.map_err(said)?;
            let open = found.candidates.iter().filter(|c| c.barrier.is_none()).map(|c| c.id).collect();
            select::select(services, &actor, id, open, true, None).await.map_err(said)?;
        }
        other => return Err(format!("{} {:?}", other.as_str(), reached.error(services.now()))),
    }
    let done = session::get(services, &actor, id, Duration::ZERO).await.map_err(said)?;
    Ok(done.accounts().to_vec())
}

/// The person approves, and the platform sends them back.
async fn returned(stack: &Stack, going: start::Proceeding, visit: &Visit) -> Result<ConnectSession, String> {
    let services = &stack.services;
    let platform = visit.platform.parse().map_err(|_| "platform")?;
    let method = visit.method.map(str::parse).transpose().map_err(|_| "method")?;
    let issuer = services.platforms.entry(&platform, method.as_ref()).ok_or("no such method")?.issuer.clone();
    let back = consent(stack, &going.location, visit).await?;
    let value = |name: &str| back.query_pairs().find(|(n, _)| n == name).map(|(_, v)| Secret::new(v.into_owned()));
    let callback = Callback::Granted {
        state: value("state").ok_or("no state came back")?,
        code: value("code").ok_or("no code came back")?,
        iss: None,
    };
    let landing = Box::pin(callback::complete(services, &issuer, callback, Some(going.cookie))).await.map_err(said)?;
    let Landing::Reached(reached) = landing else { return Err("still at work".to_owned()) };
    Ok(*reached)
}

/// The person approves on the simulated platform's page.
async fn consent(stack: &Stack, at: &Url, visit: &Visit) -> Result<Url, String> {
    let mut form = Serializer::new(String::new());
    form.append_pair("person", visit.person).append_pair("decision", "approve");
    if let Some(without) = visit.without {
        let asked = at.query_pairs().find(|(name, _)| name == "scope").map(|(_, scopes)| scopes).unwrap_or_default();
        let allowed = asked.split([' ', ',']).filter(|scope| *scope != without);
        form.extend_pairs(allowed.map(|scope| ("scope", scope)));
    }
    let request = Request::post(&at[url::Position::BeforePath..])
        .header(header::HOST, at.authority())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.finish()))
        .map_err(|e| e.to_string())?;
    let answer = ask(stack, request).await?;
    let to = answer.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
    let to = to.ok_or_else(|| format!("the platform's page answered {}", answer.status()))?;
    Url::parse(to).map_err(|e| e.to_string())
}

async fn happen(
    stack: &Stack,
    workspace: &str,
    platform: &str,
    person: &str,
    id: AccountId,
    fate: &Fate,
) -> Result<(), String> {
    let services = &stack.services;
    let event = |account: &str, kind: &str| json!({"platform": platform, "account": account, "kind": kind});
    let tell = match fate {
        Fate::Unshared => {
            let found = account::get(services, &allowed(workspace)?, id).await.map_err(said)?;
            let page = &found.shown.account.profile.platform_account_id;
            return steer(stack, "/_sim/events", &event(page, "untick_page")).await;
        }
        Fate::Disconnected => {
            return disconnect::disconnect(services, &allowed(workspace)?, id, &Leave::default(), None)
                .await
                .map(|_| ())
                .map_err(said);
        }
        Fate::TakenBack => {
            steer(stack, "/_sim/events", &event(person, "revoke")).await?;
            return match lease::lease(services, &allowed(workspace)?, id, Capability::Publish, None, None).await {
                Err(Error::Refused(_)) => Ok(()),
                Err(error) => Err(said(error)),
                Ok(_) => Err("it still works".to_owned()),
            };
        }
        Fate::Told(signal) => *signal,
    };
    signal::report(services, &allowed(workspace)?, id, tell, None).await.map(|_| ()).map_err(said)
}

/// Lets something happen at the simulated platforms.
async fn steer(stack: &Stack, path: &str, body: &serde_json::Value) -> Result<(), String> {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .map_err(|e| e.to_string())?;
    let answer = ask(stack, request).await?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("{path} answered {}", answer.status())) }
}

async fn ask(stack: &Stack, request: Request<Body>) -> Result<Response, String> {
    stack.simulator.router().oneshot(request).await.map_err(|e| e.to_string())
}

fn allowed<P: Permit>(workspace: &str) -> Result<Allowed<P>, String> {
    owner(workspace)?.allow().map_err(|refusal| refusal.detail)
}

fn owner(workspace: &str) -> Result<Actor, String> {
    let id: domain::WorkspaceId = workspace.parse().map_err(|_| "workspace")?;
    let plan = WORKSPACES.iter().find(|(w, _)| *w == workspace).map(|(_, plan)| (*plan).to_owned());
    Ok(Actor {
        sub: "dev-owner".to_owned(),
        credential: domain::actor::Credential::Token,
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
