//! Every end of a token call: cut, lost, unreadable, crashed.

use std::sync::Arc;

use domain::grant::DeadReason;
use jiff::SignedDuration;
use serde_json::json;
use tests::{Caller, Options, World, vault::StandIn};
use vault::{SecretsManager, TokenVault};

async fn connected(world: &World) -> (Caller, String) {
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    world.advance(SignedDuration::from_hours(2));
    (owner, id)
}

/// An answer that was cut anywhere may hold a spent token: it is uncertain, and told as lost once that is certain.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_at_any_byte_is_uncertain_and_then_lost() {
    let world = World::start().await;
    let (owner, id) = connected(&world).await;
    let whole = 200;
    for (round, cut) in (0..whole).step_by(13).enumerate() {
        world.fault(json!({"platform": "x", "route": "token", "kind": format!("cut:{cut}"), "times": 1})).await;
        world.lease(&owner, &id).await.is_problem(503, "platform_unavailable");
        let grant = world.grant_of(&owner, &id).await;
        assert!(grant.upkeep.uncertain_since.is_some() && grant.upkeep.dead.is_none(), "cut at {cut}");
        assert_eq!(grant.hold.intent, grant.version, "it is noted that its token may be spent");
        world.advance(SignedDuration::from_mins(2));
        world.job("sweep").await;
        let dead = world.grant(grant.id).await.and_then(|g| g.upkeep.dead).expect("dead");
        assert_eq!(dead.reason, DeadReason::RotationLost, "cut at {cut}");
        assert_eq!(world.connect(&owner, "x", "acme").await, [id.as_str()], "round {round}");
        world.advance(SignedDuration::from_hours(2));
    }
}

/// On a platform that forgives, a lost answer costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn where_a_spent_token_is_forgiven_a_lost_answer_is_healed() {
    let world = World::start().await;
    let (owner, id) = connected(&world).await;
    world.fault(json!({"platform": "x", "route": "token", "kind": "answer_lost", "times": 1})).await;
    world.fault(json!({"platform": "x", "route": "token", "kind": "replay_forgiven"})).await;
    world.lease(&owner, &id).await.is_problem(503, "platform_unavailable");
    world.advance(SignedDuration::from_mins(2));
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    assert_eq!(world.grant_of(&owner, &id).await.upkeep.uncertain_since, None);
}

/// On a strict platform that only refuses a spent token, a lost answer is a lost rotation, and nothing else dies.
#[tokio::test(flavor = "multi_thread")]
async fn where_a_spent_token_is_only_refused_a_lost_answer_is_a_lost_rotation() {
    let world = World::start().await;
    let (owner, id) = connected(&world).await;
    world.fault(json!({"platform": "x", "route": "token", "kind": "answer_lost", "times": 1})).await;
    world.fault(json!({"platform": "x", "route": "token", "kind": "replay_refused"})).await;
    world.lease(&owner, &id).await.is_problem(503, "platform_unavailable");
    world.advance(SignedDuration::from_mins(2));
    world.lease(&owner, &id).await.is_problem(409, "connection_expired");
    let dead = world.grant_of(&owner, &id).await.upkeep.dead.expect("dead");
    assert_eq!(dead.reason, DeadReason::RotationLost);
}

/// A request that never left has spent nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_turned_away_unseen_spends_nothing() {
    let world = World::start().await;
    let (owner, id) = connected(&world).await;
    world.fault(json!({"platform": "x", "route": "token", "kind": "rate_limited", "times": 1})).await;
    let refused = world.lease(&owner, &id).await;
    refused.is_problem(429, "platform_rate_limited");
    assert_eq!(refused.header("retry-after"), Some("900"), "as the platform says");
    let grant = world.grant_of(&owner, &id).await;
    assert_eq!((grant.upkeep.uncertain_since, grant.hold.intent), (None, 0));
    world.advance(SignedDuration::from_mins(15));
    assert_eq!(world.lease(&owner, &id).await.status, 201);
}

/// A success that cannot be read may hold the only token: it is kept, sealed, beside the old one.
#[tokio::test(flavor = "multi_thread")]
async fn a_success_that_cannot_be_read_is_sealed_beside_the_old_tokens() {
    let start = StandIn::new(World::start().await.now());
    let own: Arc<dyn TokenVault> = Arc::new(SecretsManager::new(&start.client(), "mooring/grants"));
    for vault in [None, Some(own)] {
        kept_beside(&World::with(Options { vault, ..Options::default() }).await).await;
    }
}

async fn kept_beside(world: &World) {
    let (owner, id) = connected(world).await;
    let before = world.grant_of(&owner, &id).await;
    world.fault(json!({"platform": "x", "route": "token", "kind": "truncated_json", "times": 1})).await;
    world.lease(&owner, &id).await.is_problem(503, "platform_unavailable");
    let grant = world.grant_of(&owner, &id).await;
    assert_eq!((&grant.envelope, grant.version), (&before.envelope, before.version), "never over it");
    let beside = grant.upkeep.beside.clone().expect("kept");
    let kept = world.stack.services.vault.unseal(&grant.sealed_for().beside(), &beside).await.expect("it opens");
    assert!(kept.access.expose().contains("access_token"), "as it came");
    assert!(grant.upkeep.uncertain_since.is_some());
    // It is nobody's access token: a person reads it, if anybody.
    world.advance(SignedDuration::from_mins(2));
    world.lease(&owner, &id).await.is_problem(409, "connection_expired");
}

/// An answer without a new refresh token keeps the old one.
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_refresh_token_never_overwrites_one() {
    let world = World::start().await;
    let (owner, id) = connected(&world).await;
    let before = world.tokens(&world.grant_of(&owner, &id).await).await;
    world.fault(json!({"platform": "x", "route": "token", "kind": "no_refresh_token", "times": 1})).await;
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    let after = world.tokens(&world.grant_of(&owner, &id).await).await;
    assert_ne!(before.access, after.access);
    assert_eq!(before.refresh, after.refresh);
    world.advance(SignedDuration::from_hours(2));
    assert_eq!(world.lease(&owner, &id).await.status, 201, "and it is good");
}

/// A holder that died before it called, or after, is found by the next one, within a minute.
#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_died_is_followed_by_the_sweep() {
    let world = World::start().await;
    let (owner, id) = connected(&world).await;
    let grant = world.grant_of(&owner, &id).await;
    let store = &world.stack.services.store;
    let due = domain::grant::Due { work: domain::grant::Work::Renew, at: world.now() + SignedDuration::from_secs(35) };
    let held = store.hold(grant.id, Some((due, &grant.workspace)), world.now()).await.expect("the table");
    assert!(held.is_some());
    assert!(store.hold(grant.id, None, world.now()).await.expect("the table").is_none(), "one at a time");
    world.advance(SignedDuration::from_secs(34));
    assert_eq!(world.job("sweep").await["grants"]["due"], 0);
    world.advance(SignedDuration::from_secs(3));
    // Its access token is over: what may have been spent is tried once more, and was not.
    assert_eq!(world.job("sweep").await["grants"]["renewed"], 1);
    assert_eq!(world.lease(&owner, &id).await.status, 201);
}

/// A write that came and whose answer did not is written once.
#[tokio::test(flavor = "multi_thread")]
async fn new_tokens_survive_a_new_consent_in_between() {
    let world = World::start().await;
    let (owner, id) = connected(&world).await;
    let grant = world.grant_of(&owner, &id).await;
    let store = &world.stack.services.store;
    let held = store.hold(grant.id, None, world.now()).await.expect("the table").expect("free");
    // The person consents while a renewal is on its way: theirs are the newer tokens.
    assert_eq!(world.connect(&owner, "x", "acme").await, [id.as_str()]);
    let consented = world.grant_of(&owner, &id).await;
    assert_eq!(consented.version, held.version + 1);
    let late = domain::Grant { version: held.version + 1, hold: held.hold.release(None), ..held.clone() };
    let refused = store.settle(&late, held.version).await.expect("the table");
    assert!(matches!(refused, store::Settled::Refused(Some(there)) if there.envelope == consented.envelope));
    assert!(!store.save_tokens(&late, held.version).await.expect("the table"));
    assert_eq!(world.lease(&owner, &id).await.status, 201);
}
