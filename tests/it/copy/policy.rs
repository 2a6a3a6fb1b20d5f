//! Whether an account may be in two workspaces is decided by both.

use domain::workspace::CrossWorkspace;
use serde_json::{Value, json};
use tests::{Attempt, Caller, World};

use super::{account, copied, copy, decide, disconnect, ida, two};

async fn policies(world: &World, here: CrossWorkspace, there: CrossWorkspace) {
    decide(world, "ws_a", |c| c.policies.cross_workspace = here).await;
    decide(world, "ws_b", |c| c.policies.cross_workspace = there).await;
}

async fn offered(world: &World, caller: &Caller) -> (Attempt, Vec<Value>) {
    let attempt = world.attempt(caller, json!({"platform": "facebook"})).await;
    attempt.land("acme-team").await;
    let candidates = attempt.candidates().await;
    (attempt, candidates)
}

/// S1-53, CHK-A13: of two policies the stricter decides, for copying and for connecting.
#[tokio::test(flavor = "multi_thread")]
async fn the_stricter_policy_of_both_decides() {
    use CrossWorkspace::{Allow, CopyOnly, Forbid};
    for (here, there, may_copy, may_connect) in [
        (CopyOnly, CopyOnly, true, false),
        (Allow, CopyOnly, true, false),
        (CopyOnly, Allow, true, false),
        (Allow, Allow, true, true),
        (Forbid, Allow, false, false),
        (Allow, Forbid, false, false),
    ] {
        let world = World::start().await;
        let (a, b) = two(&world);
        let source = world.connect(&a, "x", "acme").await.remove(0);
        policies(&world, here, there).await;
        let tried = world.consent(&b, json!({"platform": "x"}), "acme").await;
        if may_connect {
            assert_eq!(tried["status"], "completed", "{tried}");
            let own = tried["accounts"][0]["id"].as_str().expect("an id");
            let modes = [account(&a, &source).await, account(&b, own).await].map(|a| a["grant"]["token_mode"].clone());
            assert_eq!(modes, ["independent", "independent"]);
            disconnect(&b, own).await;
        } else {
            assert_eq!(tried["error"]["code"], "already_connected_elsewhere", "{here:?} {there:?}");
        }
        if may_copy {
            copied(&a, &source, "ws_b").await;
        } else {
            copy(&a, &source, "ws_b").await.is_problem(403, "cross_workspace_forbidden");
        }
        assert_eq!(world.lease(&a, &source).await.status, 201);
    }
}

/// S1-53: where both allow it, what another workspace has can be chosen like the rest, and each has a consent of its own.
#[tokio::test(flavor = "multi_thread")]
async fn where_both_allow_it_what_is_elsewhere_can_be_chosen() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let theirs = world.connect(&a, "facebook", "acme-team").await;
    let (_, candidates) = offered(&world, &b).await;
    let taken = candidates.iter().filter(|c| c["reason"] == "already_connected_elsewhere").count();
    assert_eq!(taken, theirs.len());
    policies(&world, CrossWorkspace::Allow, CrossWorkspace::Allow).await;
    let (attempt, candidates) = offered(&world, &b).await;
    assert!(candidates.iter().all(|c| c["reason"] != "already_connected_elsewhere"), "{candidates:?}");
    let done = attempt.select(&attempt.selectable().await, true).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let grants = world.dump().await.keys().filter(|key| key.starts_with("R#")).count();
    assert_eq!(grants, 2);
    // Whoever has it first lets it go, and it stays the other one's.
    for id in &theirs {
        disconnect(&a, id).await;
    }
    let holders: Vec<Value> =
        world.dump().await.into_iter().filter(|(key, _)| key.starts_with("G#")).map(|(_, item)| item).collect();
    assert_eq!(holders.len(), theirs.len());
    assert!(
        holders.iter().all(|item| item.to_string().contains("ws_b") && !item.to_string().contains("ws_a")),
        "{holders:?}"
    );
    policies(&world, CrossWorkspace::CopyOnly, CrossWorkspace::CopyOnly).await;
    let (_, candidates) = offered(&world, &a).await;
    assert!(candidates.iter().any(|c| c["reason"] == "already_connected_elsewhere"));
    let (_, candidates) = offered(&world, &ida(&world, "ws_b", &[])).await;
    assert!(candidates.iter().all(|c| c["reason"] != "already_connected_elsewhere"));
}
