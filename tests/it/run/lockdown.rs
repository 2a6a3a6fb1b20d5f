//! After a breach: one call, and nothing is connected and no token lent any more.

use std::{collections::BTreeMap, time::Duration};

use app::{deliver, run::lockdown, sweep};
use domain::{Lifecycle, actor::permit::WorkspaceLockdown, renewal::LEASE};
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{
    Answer, Caller, World,
    fleet::{Fleet, owner},
};

use super::told;

const BINARY: &str = env!("CARGO_BIN_EXE_worker");
const PATH: &str = "/v1/workspaces/ws_1/lockdown";

async fn lock(world: &World, caller: &Caller) -> String {
    let locked = caller.post(PATH, json!({"reason": "a stolen laptop"})).await;
    assert_eq!(locked.status, 202, "{}", locked.text);
    let id = locked.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(locked.header("location"), Some(format!("/v1/lockdowns/{id}").as_str()));
    // What the request had no time for.
    world.job("sweep").await;
    world.job("deliver").await;
    id
}

async fn report(caller: &Caller, id: &str) -> Value {
    let answer = caller.get(&format!("/v1/lockdowns/{id}?limit=200")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// What became of each account's consent, by the account.
fn revocations(report: &Value) -> BTreeMap<&str, &Value> {
    let accounts = report["data"].as_array().expect("accounts");
    accounts.iter().map(|one| (one["account_id"].as_str().expect("an id"), &one["revocation"])).collect()
}

/// S0-61, S1-56: everything is disconnected and revoked by one call, and its report names for each account the platform's
/// page and what is to be done there.
#[tokio::test(flavor = "multi_thread")]
async fn everything_is_disconnected_and_revoked_by_one_call() {
    let world = World::start().await;
    let admin = world.member("ws_1", "admin");
    let owner = world.owner("ws_1");
    let mut all = Vec::new();
    for (platform, person) in [("x", "acme"), ("facebook", "demo-01"), ("reddit", "acme")] {
        all.extend(world.connect(&owner, platform, person).await);
    }
    let elsewhere = world.connect(&world.owner("ws_2"), "x", "demo-02").await.remove(0);
    world.member("ws_1", "manager").post(PATH, json!({})).await.is_problem(403, "permission_denied");

    let id = lock(&world, &admin).await;
    let found = report(&owner, &id).await;
    assert_eq!((&found["disconnected"], &found["in_force"]), (&json!(true), &json!(true)), "{found}");
    assert_eq!((&found["run"]["state"], &found["reason"]), (&json!("succeeded"), &json!("a stolen laptop")));
    assert_eq!(found["data"].as_array().map(Vec::len), Some(all.len()));
    for one in found["data"].as_array().expect("accounts") {
        assert_eq!((&one["disconnected"], &one["revocation"]), (&json!(true), &json!("revoked")), "{one}");
        let page = &one["security_page"];
        assert!(page["url"].as_str().is_some_and(|url| url.starts_with("https://")), "{one}");
        let steps = page["steps"].as_array().expect("steps");
        for kind in ["change_password", "two_factor", "connected_apps"] {
            assert!(steps.iter().any(|step| step["kind"] == kind), "{one}");
        }
        let id = one["account_id"].as_str().expect("an id");
        assert_eq!(owner.get(&format!("/v1/accounts/{id}")).await.body["lifecycle"], "disconnected");
        assert_eq!(world.kinds(id), ["account.connected", "account.disconnected"]);
    }
    // X and Reddit have the access and the refresh token ended.
    assert_eq!(world.count("revoked").await, 5);
    let events = told(&world, "workspace.locked_down");
    let counted = (&events[0]["data"]["accounts"], &events[0]["data"]["lockdown_id"]);
    assert_eq!((events.len(), counted), (1, (&json!(all.len()), &json!(id))));
    assert_eq!(lock(&world, &owner).await, id, "it is the same one");
    assert_eq!(told(&world, "workspace.locked_down").len(), 1);
    assert_eq!(world.lease(&world.owner("ws_2"), &elsewhere).await.status, 201);
    world.owner("ws_2").get(&format!("/v1/lockdowns/{id}")).await.is_problem(404, "not_found");

    // Page by page it is the same report.
    let (mut paged, mut query) = (Vec::new(), "limit=1".to_owned());
    loop {
        let page = owner.get(&format!("/v1/lockdowns/{id}?{query}")).await.body;
        paged.extend(page["data"].as_array().expect("accounts").iter().cloned());
        let Some(next) = page["page"]["next_cursor"].as_str() else { break };
        query = format!("limit=1&cursor={next}");
    }
    assert_eq!(Value::from(paged), found["data"]);
}

/// S0-61: nothing is connected, whatever step it was at, and no token lent or renewed; lifted, everything goes again.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_connected_and_no_token_lent_until_it_is_lifted() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let begun = world.attempt(&owner, json!({"platform": "x"})).await;
    let approved = world.attempt(&owner, json!({"platform": "x"})).await;
    let callback = approved.approved("demo-02").await;
    let choosing = world.attempt(&owner, json!({"platform": "facebook"})).await;
    choosing.land("acme-team").await;
    let candidates = choosing.selectable().await;
    let healing = world.attempt(&owner, json!({"platform": "x", "account_id": account})).await;
    let healed = healing.approved("acme").await;
    assert_eq!((owner.delete(PATH).await.status, told(&world, "workspace.lockdown_lifted").len()), (204, 0));
    let said = async || owner.get("/v1/workspaces/ws_1").await.body["lockdown"].clone();
    assert_eq!(said().await, Value::Null);

    let id = lock(&world, &owner).await;
    let run = report(&owner, &id).await["run"].clone();
    assert_eq!(said().await, json!({"since": run["created_at"], "run_id": run["id"]}));
    let decided = crate::plan::patch(&owner, "ws_1", json!({"name": "Acme"})).await;
    assert_eq!(decided.body["lockdown"], said().await, "whoever decides something sees it, too");
    let (tokens, exchanged) = (world.calls("token").await, world.count("code_exchanged").await);
    let refused = |answer: &Answer| answer.is_problem(423, "workspace_locked_down");
    refused(&world.lease(&owner, &account).await);
    refused(&owner.post(&format!("/v1/accounts/{account}/refresh"), json!({})).await);
    refused(&owner.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await);
    refused(&owner.get(&format!("/v1/connect-sessions/{}/candidates", choosing.id)).await);
    refused(&choosing.select(&candidates[..1], true).await);
    assert_eq!(begun.browser.submit(&begun.start_url, &[]).await.status, 423);
    for (attempt, callback) in [(&approved, &callback), (&healing, &healed)] {
        attempt.browser.open(callback).await;
        let session = attempt.session().await;
        assert_eq!(
            (&session["status"], &session["error"]["code"]),
            (&json!("failed"), &json!("workspace_locked_down"))
        );
    }
    assert_eq!((world.calls("token").await, world.count("code_exchanged").await), (tokens, exchanged));
    assert_eq!(owner.get("/v1/workspaces/ws_1/accounts").await.body["data"], json!([]));

    world.member("ws_1", "manager").delete(PATH).await.is_problem(403, "permission_denied");
    assert_eq!((owner.delete(PATH).await.status, said().await), (204, Value::Null));
    assert_eq!(told(&world, "workspace.lockdown_lifted").len(), 1);
    assert_eq!(report(&owner, &id).await["in_force"], false);
    world.lease(&owner, &account).await.is_problem(409, "account_disconnected");
    assert_eq!(world.connect(&owner, "x", "acme").await, [account.as_str()]);
    assert_eq!(world.lease(&owner, &account).await.status, 201);
}

/// CHK-S15, S0-61: a platform that does not answer is told again, and the report says so meanwhile; the lockdown can be
/// lifted before.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_does_not_answer_is_told_again_and_the_report_says_so() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let reddit = world.connect(&owner, "reddit", "acme").await.remove(0);
    world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
    let id = lock(&world, &owner).await;
    let found = report(&owner, &id).await;
    let seen = revocations(&found);
    assert_eq!((seen[x.as_str()], seen[reddit.as_str()]), (&json!("pending"), &json!("revoked")), "{found}");
    assert_eq!((&found["disconnected"], &found["run"]["state"]), (&json!(true), &json!("running")));
    assert_eq!(owner.delete(PATH).await.status, 204, "everything is disconnected");
    world.no_faults().await;
    world.advance(SignedDuration::from_mins(3));
    world.job("sweep").await;
    let found = report(&owner, &id).await;
    assert_eq!(revocations(&found)[x.as_str()], "revoked");
    assert_eq!(
        (&found["run"]["state"], &found["run"]["counts"]["pending"]),
        (&json!("succeeded"), &json!(0)),
        "{found}"
    );
}

/// CHK-S15: after seven days it is said that the platform was not told.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_never_answers_is_told_as_failed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
    let id = lock(&world, &owner).await;
    world.live(SignedDuration::from_hours(24 * 8), SignedDuration::from_hours(6)).await;
    let found = report(&world.owner("ws_1"), &id).await;
    assert_eq!(
        (revocations(&found)[account.as_str()], &found["run"]["state"]),
        (&json!("failed"), &json!("succeeded"))
    );
}

/// S1-56: what cannot be disconnected now holds nothing up, is told, and is come back to.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_fails_does_not_stop_the_others() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut all = Vec::new();
    for person in ["acme", "demo-01", "demo-02"] {
        let account = world.connect(&owner, "x", person).await.remove(0);
        all.push((world.grant_of(&owner, &account).await, account));
    }
    // The one whose turn comes first.
    let (grant, account) = all.into_iter().min_by_key(|(grant, _)| grant.id).expect("three");
    // Its row names a grant that is not there.
    let key = [("pk", format!("R#{}", grant.id)), ("sk", "R".to_owned())];
    let key = key.map(|(name, text)| (name.to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(text)));
    let key: std::collections::HashMap<_, _> = key.into_iter().collect();
    let client = &world.stack.client;
    let found = client.get_item().table_name("mooring").set_key(Some(key.clone())).send().await.expect("the table");
    client.delete_item().table_name("mooring").set_key(Some(key)).send().await.expect("the table");

    let id = lock(&world, &owner).await;
    let told = report(&owner, &id).await;
    let left = |report: &Value| -> Vec<String> {
        let waiting = report["data"].as_array().expect("accounts").iter().filter(|one| one["disconnected"] == false);
        waiting.map(|one| one["account_id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!((left(&told), &told["disconnected"]), (vec![account.clone()], &json!(false)), "{told}");
    owner.delete(PATH).await.is_problem(409, "busy");
    world.lease(&owner, &account).await.is_problem(423, "workspace_locked_down");

    client.put_item().table_name("mooring").set_item(found.item).send().await.expect("the table");
    world.advance(SignedDuration::from_mins(2));
    world.job("sweep").await;
    let told = report(&owner, &id).await;
    assert_eq!((left(&told), &told["run"]["state"]), (vec![], &json!("succeeded")), "{told}");
    assert_eq!(owner.delete(PATH).await.status, 204);
}

/// S0-61: of sixty-four at once that ask for a token around a lockdown, none gets one that asked after its answer.
#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_leases_none_succeeds_after_the_answer() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let accounts = world.connect(&owner, "facebook", "agency").await;
    let (locked, answered) = tokio::sync::watch::channel(false);
    let lease = async |n: usize| {
        let (mut before, mut after) = (0, 0);
        loop {
            let is_after = *answered.borrow();
            let answer = world.lease(&owner, &accounts[n % accounts.len()]).await;
            match (is_after, answer.status) {
                (true, 423) => break,
                (true, _) => after += 1,
                (false, 201) => before += 1,
                (false, _) => assert!([409, 423].contains(&answer.status), "{}", answer.text),
            }
            assert_eq!(after, 0, "{}", answer.text);
        }
        before
    };
    let locking = async {
        // Every one of them has asked at least once.
        let first = world.lease(&owner, &accounts[0]).await;
        assert_eq!(first.status, 201);
        lock(&world, &owner).await;
        locked.send_replace(true);
    };
    let (lent, ()) = tokio::join!(join_all((0..64).map(lease)), locking);
    assert!(lent.iter().sum::<usize>() > 0, "some were lent before");
}

/// CHK-S15: a lockdown that is dropped at any point goes on: everything is disconnected and revoked, each account told
/// once.
#[tokio::test(flavor = "multi_thread")]
async fn a_lockdown_dropped_at_any_point_goes_on() {
    let fleet = Fleet::start(BINARY, 0).await;
    let services = &fleet.product.services;
    let (mut dropped, mut half) = (0, 0);
    for round in 0..24u64 {
        let ws = format!("ws_{round}");
        let actor = owner(&ws).allow::<WorkspaceLockdown>().expect("an owner may");
        let mut connected = Vec::new();
        for (platform, person) in [("x", "acme"), ("reddit", "acme"), ("x", "demo-01")] {
            connected.extend(fleet.connect(&ws, platform, person).await);
        }
        let locking = Box::pin(lockdown::lock_down(services, &actor, &actor.workspace, None, None));
        let in_time = Duration::from_millis(2 + 3 * round);
        let was_dropped = tokio::time::timeout(in_time, locking).await.is_err();
        dropped += u32::from(was_dropped);
        let mut active = 0;
        for one in &connected {
            let account = services.store.find_account(&one.workspace, one.account).await.expect("the table");
            active += usize::from(account.expect("the account").lifecycle == Lifecycle::Active);
        }
        half += u32::from(was_dropped && (1..connected.len()).contains(&active));
        let org = domain::OrgId::from(&actor.workspace);
        let there = services.store.find_workspace(&actor.workspace, &org).await.expect("the table").locked_down;
        if there.is_none() {
            // It was dropped before its one commit: nothing has happened.
            assert_eq!(active, connected.len());
            let again = Box::pin(lockdown::lock_down(services, &actor, &actor.workspace, None, None));
            again.await.expect("a lockdown");
        }
        // Whoever held the run, or a grant, is gone.
        for _ in 0..3 {
            fleet.advance(LEASE.as_secs() + 120).await;
            Box::pin(sweep::sweep(services)).await.expect("a report");
        }
        for one in &connected {
            let account = services.store.find_account(&one.workspace, one.account).await.expect("the table");
            assert_eq!(account.expect("the account").lifecycle, Lifecycle::Disconnected, "round {round}");
            assert_eq!(services.store.find_grant(one.grant).await.expect("the table"), None, "round {round}");
        }
        let workspace = services.store.find_workspace(&actor.workspace, &org).await.expect("the table");
        let id = workspace.locked_down.expect("it is locked").into();
        let run = services.store.find_run(&actor.workspace, id).await.expect("the table").expect("the run");
        assert_eq!((run.state.as_str(), run.counts["accounts"]), ("succeeded", 3), "round {round}: {run:?}");
    }
    println!("{dropped} of 24 lockdowns were dropped, {half} of them half way through the accounts");
    assert!(dropped >= 6, "{dropped} dropped, {half} of them half way");
    fleet.advance(3600).await;
    deliver::deliver(services).await.expect("a report");
    let told = fleet.bus.taken();
    let ids = |kind: &str| -> std::collections::BTreeSet<String> {
        let of_kind = told.iter().filter(|event| event["type"] == kind);
        of_kind.map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids("account.disconnected").len(), 3 * 24, "each is told, under one id");
    assert_eq!(ids("workspace.locked_down").len(), 24);
}

/// The console says so above everything, and offers nothing to connect.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_says_that_the_workspace_is_locked_down() {
    let world = World::start().await;
    let browser = world.browser();
    let at = |path: &str| format!("{}{path}", world.product);
    browser.go(&at("/console/sign-in?workspace=ws_1&role=owner")).await;
    let title = "The workspace is locked down";
    let before = browser.go(&at("/console")).await;
    assert!(!before.text.contains(title) && before.text.contains("/console/connect"));
    lock(&world, &world.owner("ws_1")).await;
    let page = browser.go(&at("/console")).await;
    let told = page.text.split("note warn").nth(1).is_some_and(|note| note.contains(title));
    assert!(told && !page.text.contains("action=\"/console/connect\""), "{}", page.text);
}
