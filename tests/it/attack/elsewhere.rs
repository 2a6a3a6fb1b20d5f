//! An account that another workspace of the organisation has connected.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Attempt, Caller, World};

use super::{accounts, on};

/// The owner of a workspace of one organisation, with further workspaces that the token names.
fn owner(world: &World, workspace: &str, further: &Value) -> Caller {
    world.caller(json!({"ws": workspace, "role": "owner", "plan": "enterprise", "org": "org_1", "workspaces": further}))
}

/// An attempt of the workspace that waits for its choice, and what its caller is told when choosing.
async fn choose(world: &World, caller: &Caller) -> (Attempt, Answer) {
    let attempt = world.attempt(caller, on("facebook")).await;
    attempt.land("acme-team").await;
    // What is told to be taken can still be asked for: the choice itself is judged.
    let open = |c: &&Value| c["selectable"] == true || c["reason"] == "already_connected_elsewhere";
    let all = attempt.candidates().await;
    let all: Vec<String> = all.iter().filter(open).map(|c| c["id"].as_str().expect("an id").to_owned()).collect();
    let told = attempt.select(&all, true).await;
    (attempt, told)
}

/// What the table holds of a workspace.
async fn rows(world: &World, workspace: &str) -> Vec<(String, Value)> {
    world.dump().await.into_iter().filter(|(key, item)| format!("{key}{item}").contains(workspace)).collect()
}

/// CHK-A13: only who belongs to the other workspace learns which one it is.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_which_workspace_has_it_who_does_not_belong_there() {
    let world = World::start().await;
    let there = owner(&world, "ws_secret", &json!([]));
    let (_, done) = choose(&world, &there).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let theirs = accounts(&there).await;
    let account = theirs[0]["id"].as_str().expect("an id").to_owned();
    let held = rows(&world, "ws_secret").await;
    assert!(!held.is_empty());
    for (round, further) in [
        json!([]),
        json!([{"id": "ws_other", "role": "owner"}]),
        json!([{"id": "ws_secre", "role": "owner"}, {"id": "ws_secrets", "role": "owner"}]),
        json!([{"id": "WS_SECRET", "role": "owner"}]),
    ]
    .into_iter()
    .enumerate()
    {
        let here = owner(&world, &format!("ws_{round}"), &further);
        let (attempt, refused) = choose(&world, &here).await;
        refused.is_problem(409, "already_connected_elsewhere");
        let told = |name: &str| refused.body.get(name).cloned();
        assert_eq!(told("can_see"), Some(json!(false)), "{further}");
        assert_eq!(told("can_request_release"), Some(json!(true)));
        assert_eq!(told("workspace"), None);
        for secret in ["ws_secret", &account, "user-owner"] {
            assert!(!refused.text.contains(secret), "{secret}: {}", refused.text);
        }
        assert_eq!(attempt.status().await, "awaiting_selection");
        assert_eq!(accounts(&here).await.len(), 0);
    }
    for role in ["owner", "viewer"] {
        let further = json!([{"id": "ws_other", "role": "owner"}, {"id": "ws_secret", "role": role}]);
        let here = owner(&world, &format!("ws_known_{role}"), &further);
        let (_, refused) = choose(&world, &here).await;
        refused.is_problem(409, "already_connected_elsewhere");
        assert_eq!(refused.body["can_see"], true);
        assert_eq!(refused.body["workspace"], json!({"id": "ws_secret"}));
        assert_eq!(refused.body["can_request_release"], true);
        assert!(refused.body["detail"].as_str().expect("words").contains("ws_secret"));
        assert!(!refused.text.contains(&account), "{}", refused.text);
    }
    // Where it is connected, nothing moved.
    assert_eq!(rows(&world, "ws_secret").await, held);
    assert_eq!(accounts(&there).await, theirs);
    assert_eq!(there.put(&format!("/v1/accounts/{account}/main")).await.status, 200);
}

/// CHK-A13: a token cannot claim its way there.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_further_workspaces_opens_none_of_them() {
    let world = World::start().await;
    let there = owner(&world, "ws_secret", &json!([]));
    let account = world.connect(&there, "x", "acme").await.remove(0);
    let here = owner(&world, "ws_1", &json!([{"id": "ws_secret", "role": "owner"}]));
    here.get("/v1/workspaces/ws_secret/accounts").await.is_problem(404, "not_found");
    here.get(&format!("/v1/accounts/{account}")).await.is_problem(404, "not_found");
    // A single account is found out in the callback, where nobody has a token.
    let failed = world.consent(&here, on("x"), "acme").await;
    assert_eq!(failed["error"]["code"], "already_connected_elsewhere", "{failed}");
    assert!(!failed.to_string().contains("ws_secret"), "{failed}");
    for odd in [json!("ws_secret"), json!(["ws_secret"]), json!([{"id": "ws_secret"}]), json!([{"id": 1, "role": "x"}])]
    {
        owner(&world, "ws_1", &odd).get("/v1/platforms").await.is_problem(401, "unauthenticated");
    }
}

/// CHK-A13: sixty-four people at once connect one account in one workspace.
#[tokio::test(flavor = "multi_thread")]
async fn parallel_connects_of_one_account_make_one_row() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let approved = join_all((0..64).map(|_| async {
        let attempt = world.attempt(&owner, on("x")).await;
        let callback = attempt.approved("acme").await;
        (attempt, callback)
    }));
    let approved = approved.await;
    join_all(approved.iter().map(|(attempt, callback)| attempt.browser.open(callback))).await;
    let rows = accounts(&owner).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    for (attempt, _) in &approved {
        let session = attempt.session().await;
        assert_eq!(
            (&session["status"], &session["accounts"][0]["id"]),
            (&json!("completed"), &rows[0]["id"]),
            "{session}"
        );
    }
    let dump = world.dump().await;
    let of = |part: &str| dump.keys().filter(|key| key.contains(part)).count();
    assert_eq!((of("W#ws_1 A#"), of("W#ws_1 C#"), of("G#"), of("R#")), (1, 1, 1, 1), "{:?}", dump.keys());
    let limits = owner.get("/v1/workspaces/ws_1/limits").await.body;
    assert_eq!(limits["total"]["used"], 1, "{limits}");
}
