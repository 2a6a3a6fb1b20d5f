//! `kill -9` while accounts are being connected: what was acknowledged is there, and nothing is half there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::{Method, Response, header};
use serde_json::{Value, json};
use tests::{
    Caller, client,
    process::{Mooring, command},
};
use tokio::{sync::mpsc, task::JoinSet};

const BINARY: &str = env!("CARGO_BIN_EXE_mooring-under-test");
/// How often it is killed.
const ROUNDS: usize = 14;
/// Who connects in each round: some have one account, one has a choice of many.
const PEOPLE: [&str; 9] =
    ["acme", "demo-01", "demo-02", "demo-03", "demo-04", "demo-05", "demo-06", "demo-07", "agency"];

async fn start(directory: &Path) -> Mooring {
    let options = ["--data", "data", "--port", "0", "--simulator-port", "0", "--manual", "--no-demo", "--seed", "1"];
    Mooring::start(command(BINARY, &options, directory)).await
}

/// An owner of the round's workspace, by a name of their own: nobody has more than ten attempts on the way in an hour.
async fn owner(mooring: &Mooring, round: usize, name: &str) -> Caller {
    let workspace = format!("round-{round}");
    mooring.caller(json!({"workspace": workspace, "role": "owner", "plan": "enterprise", "sub": name})).await
}

/// What the product has acknowledged to somebody.
#[derive(Clone, Default)]
struct Acknowledged {
    /// Sessions whose callback was answered well.
    landed: Arc<Mutex<BTreeSet<String>>>,
    /// Accounts by the session that was told to have connected them.
    accounts: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>,
    /// Set when the process was killed.
    over: Arc<AtomicBool>,
}

/// A call broke off, as they do when the other side is killed.
struct Broken;

impl From<reqwest::Error> for Broken {
    fn from(_: reqwest::Error) -> Self {
        Self
    }
}

async fn body(answer: Response, status: u16) -> Result<Value, Broken> {
    let seen = answer.status().as_u16();
    let text = answer.text().await?;
    assert_eq!(seen, status, "{text}");
    Ok(serde_json::from_str(&text).expect("JSON"))
}

fn location(answer: &Response) -> String {
    let to = answer.headers().get(header::LOCATION).unwrap_or_else(|| panic!("a redirect, not {}", answer.status()));
    to.to_str().expect("text").split('#').next().unwrap_or_default().to_owned()
}

fn ids(accounts: &Value) -> BTreeSet<String> {
    let accounts = accounts.as_array().expect("accounts").iter();
    accounts.map(|a| a["id"].as_str().expect("an id").to_owned()).collect()
}

/// One person connects all that they have on one platform; each acknowledgement is noted and told.
async fn connect(
    who: &Caller,
    platform: &str,
    person: &str,
    known: &Acknowledged,
    told: &mpsc::UnboundedSender<()>,
) -> Result<(), Broken> {
    let http = client();
    let create = who.call(Method::POST, &format!("/v1/workspaces/{}/connect-sessions", who.workspace()));
    let session = body(create.json(&json!({"platform": platform})).send().await?, 201).await?;
    let id = session["id"].as_str().expect("an id").to_owned();
    let going = http.post(session["start_url"].as_str().expect("a start_url")).send().await?;
    let cookie = going.headers()[header::SET_COOKIE].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let approve = [("person", person), ("decision", "approve")];
    let back = http.post(location(&going)).form(&approve).send().await?;
    let landed = http.get(location(&back)).header(header::COOKIE, cookie).send().await?;
    assert_eq!(landed.status(), 200);
    known.landed.lock().expect("sound").insert(id.clone());
    let _ = told.send(());

    let path = format!("/v1/connect-sessions/{id}");
    let session = body(who.call(Method::GET, &path).send().await?, 200).await?;
    let accounts = if session["status"] == "awaiting_selection" {
        let found = who.call(Method::GET, &format!("{path}/candidates")).send().await?;
        let found = body(found, 200).await?;
        let open = found["data"].as_array().expect("candidates").iter().filter(|c| c["selectable"] == true);
        let open: Vec<&Value> = open.map(|c| &c["id"]).take(25).collect();
        let choose = who.call(Method::POST, &format!("{path}/selection"));
        let chosen = choose.json(&json!({"candidate_ids": open, "done": true})).send().await?;
        body(chosen, 200).await?["accounts"].clone()
    } else {
        assert_eq!(session["status"], "completed", "{session}");
        session["accounts"].clone()
    };
    known.accounts.lock().expect("sound").insert(id, ids(&accounts));
    let _ = told.send(());
    Ok(())
}

/// Everybody connects everything at once.
fn connect_all(who: &Caller, known: &Acknowledged) -> (JoinSet<Result<(), Broken>>, mpsc::UnboundedReceiver<()>) {
    let (told, heard) = mpsc::unbounded_channel();
    let mut all = JoinSet::new();
    for person in PEOPLE {
        for platform in ["x", "facebook"] {
            let (who, known, told) = (who.clone(), known.clone(), told.clone());
            all.spawn(async move {
                let done = connect(&who, platform, person, &known, &told).await;
                assert!(done.is_ok() || known.over.load(Ordering::SeqCst), "a call broke while the product lived");
                done
            });
        }
    }
    (all, heard)
}

/// The listed accounts, after list, summary, limits and each single account told the same.
async fn consistent(who: &Caller) -> BTreeSet<String> {
    let workspace = format!("/v1/workspaces/{}", who.workspace());
    let list = who.get(&format!("{workspace}/accounts?limit=200")).await;
    assert_eq!((list.status, &list.body["page"]["has_more"]), (200, &json!(false)), "{}", list.text);
    let accounts = ids(&list.body["data"]);
    let identities: BTreeSet<&str> = list.body["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|a| a["platform_account_id"].as_str())
        .collect();
    assert_eq!(identities.len(), accounts.len(), "an identity is there twice");
    let limits = who.get(&format!("{workspace}/limits")).await;
    assert_eq!(limits.body["total"]["used"], accounts.len(), "{}", limits.text);
    let summary = who.get(&format!("{workspace}/accounts/summary")).await;
    let active = summary.body["by_lifecycle"]["active"].as_u64().unwrap_or(0);
    assert_eq!(usize::try_from(active), Ok(accounts.len()), "{}", summary.text);
    for id in &accounts {
        let account = who.get(&format!("/v1/accounts/{id}")).await;
        assert_eq!(account.status, 200, "{}", account.text);
        assert!(account.body["grant"]["id"].is_string(), "no grant: {}", account.text);
        let siblings = account.body["grant"]["siblings"].as_array().expect("siblings");
        assert!(siblings.iter().all(|s| accounts.contains(s.as_str().expect("an id"))), "{}", account.text);
    }
    accounts
}

/// What was acknowledged before the kill is true after it.
async fn kept(who: &Caller, known: &Acknowledged) {
    let listed = consistent(who).await;
    let landed = known.landed.lock().expect("sound").clone();
    let told = known.accounts.lock().expect("sound").clone();
    for id in landed {
        let session = who.get(&format!("/v1/connect-sessions/{id}")).await;
        let status = session.body["status"].as_str();
        assert!(matches!(status, Some("completed" | "awaiting_selection")), "{}", session.text);
        let shown = ids(&session.body["accounts"]);
        assert!(status != Some("completed") || !shown.is_empty(), "completed with nothing: {}", session.text);
        assert!(shown.is_subset(&listed), "{shown:?} of {id} are not in {listed:?}");
        if let Some(accounts) = told.get(&id) {
            assert_eq!(status, Some("completed"), "{}", session.text);
            assert_eq!(shown, *accounts);
        }
    }
}

/// Nothing that broke off stands in the way: everybody connects everything, and the ids stay.
async fn complete(who: &Caller) -> usize {
    let before = consistent(who).await;
    let (mut all, _) = connect_all(who, &Acknowledged::default());
    while let Some(done) = all.join_next().await {
        assert!(done.expect("no panic").is_ok());
    }
    let after = consistent(who).await;
    assert!(before.is_subset(&after), "an account was lost or doubled: {before:?} {after:?}");
    after.len()
}

/// S0-26
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9_and_nothing_is_half_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut rounds: Vec<Acknowledged> = Vec::new();
    let (mut cut_short, mut sizes) = (0, BTreeSet::new());
    for round in 0..=ROUNDS {
        let mooring = start(directory.path()).await;
        if let (Some(last), Some(known)) = (round.checked_sub(1), rounds.last()) {
            let who = owner(&mooring, last, "first").await;
            kept(&who, known).await;
            sizes.insert(complete(&owner(&mooring, last, "second").await).await);
        }
        if round == ROUNDS {
            for (before, known) in rounds.iter().enumerate() {
                kept(&owner(&mooring, before, "first").await, known).await;
            }
            // The sealed tokens are readable: every grant can be ended at the platform.
            let who = owner(&mooring, 0, "first").await;
            for id in consistent(&who).await {
                let receipt = who.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
                let status = receipt.body["revocation"]["status"].as_str();
                assert!(matches!(status, Some("revoked" | "skipped_shared_grant")), "{}", receipt.text);
            }
            assert_eq!(consistent(&who).await.len(), 0);
            break;
        }
        // Two acknowledgements each: killed after the first of all, near the last, and everywhere between.
        let known = Acknowledged::default();
        let (mut all, mut heard) = connect_all(&owner(&mooring, round, "first").await, &known);
        for _ in 0..=round * 2 {
            heard.recv().await.expect("an acknowledgement");
        }
        known.over.store(true, Ordering::SeqCst);
        mooring.kill().await;
        while let Some(done) = all.join_next().await {
            cut_short += usize::from(done.expect("no panic").is_err());
        }
        rounds.push(known);
    }
    assert_eq!(sizes.len(), 1, "each workspace ends with the same accounts: {sizes:?}");
    assert!(cut_short >= ROUNDS, "too little was in flight: {cut_short}");
}
