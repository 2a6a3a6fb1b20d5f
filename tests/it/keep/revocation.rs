//! What is owed to a platform outlives whoever owed it.

use std::{collections::BTreeSet, time::Duration};

use app::{
    deliver,
    disconnect::{self, Leave},
    sweep,
};
use domain::{Lifecycle, actor::permit::AccountsDisconnect, renewal::LEASE};
use jiff::SignedDuration;
use serde_json::json;
use tests::{
    World,
    fleet::{Fleet, owner},
};

const BINARY: &str = env!("CARGO_BIN_EXE_worker");
const ROUNDS: u64 = 200;

/// CHK-S15: a disconnect that is dropped at any point, between deleting and revoking too: whatever was disconnected is
/// revoked at the platform, and no token is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_disconnect_dropped_at_any_point_is_revoked_all_the_same() {
    let fleet = Fleet::start(BINARY, 0).await;
    let services = &fleet.product.services;
    let actor = owner("ws_1").allow::<AccountsDisconnect>().expect("an owner may");
    let leave = Leave::default();
    let (mut dropped, mut owed) = (0, 0);
    for round in 0..ROUNDS {
        let acme = fleet.connect("ws_1", "x", "acme").await.remove(0);
        let leaving = Box::pin(disconnect::disconnect(services, &actor, acme.account, &leave, None));
        let in_time = Duration::from_micros(round % 50 * 400);
        let was_dropped = tokio::time::timeout(in_time, leaving).await.is_err();
        dropped += u32::from(was_dropped);
        let account = services.store.find_account(&acme.workspace, acme.account).await.expect("the table");
        if account.expect("the account").lifecycle == Lifecycle::Active {
            let again = Box::pin(disconnect::disconnect(services, &actor, acme.account, &leave, None));
            again.await.expect("a receipt");
        } else if was_dropped {
            owed += 1;
        }
        // Whoever held the grant is gone; the sweep finds what is owed.
        fleet.advance(LEASE.as_secs() + 120).await;
        sweep::sweep(services).await.expect("a report");
        assert_eq!(services.store.find_grant(acme.grant).await.expect("the table"), None, "round {round}");
    }
    println!("{dropped} of {ROUNDS} disconnects were dropped, {owed} of them after the account was gone");
    assert!(dropped >= 20 && owed >= 5, "{dropped} dropped, {owed} of them owed");
    let revoked = fleet.counts("x").await["revoked"].as_u64().unwrap_or(0);
    assert!(revoked >= 2 * ROUNDS, "the access and the refresh token of each, some of them twice: {revoked}");
    fleet.advance(3600).await;
    deliver::deliver(services).await.expect("a report");
    let told = fleet.bus.taken();
    let told: BTreeSet<&str> =
        told.iter().filter(|e| e["type"] == "account.disconnected").filter_map(|e| e["id"].as_str()).collect();
    assert_eq!(told.len() as u64, ROUNDS, "each is told, under one id");
}

/// CHK-S15: TikTok revokes by the access token alone, which lives for two hours: another one is got for it, and is kept
/// when the platform does not answer then.
#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_that_has_ended_is_renewed_to_revoke_with_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "tiktok", "acme").await.remove(0);
    world.advance(SignedDuration::from_hours(3));
    world.fault(json!({"platform": "tiktok", "route": "revoke", "kind": "status:500", "times": 2})).await;
    let left = owner.post(&format!("/v1/accounts/{account}/disconnect"), json!({})).await;
    assert_eq!(left.body["revocation"]["status"], "pending", "{}", left.text);
    for (minutes, revoked) in [(1, 0), (5, 1)] {
        world.advance(SignedDuration::from_mins(minutes));
        assert_eq!(world.job("sweep").await["revocations"]["revoked"], revoked, "after {minutes} minutes");
    }
    assert_eq!(world.count("revoked").await, 1, "the platform was told");
}
