//! What ends a grant, and that nothing disconnects an account.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World};

use super::{
    Place, answer_by,
    rule::{Rule, rules},
};

/// By what an account of a platform meets an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// A publisher was refused, and the sweep looks.
    Look,
    /// The sweep renews what is due, or somebody needs a token.
    Renewal,
}

/// Connects what acme has there.
async fn connect(world: &World, owner: &Caller, place: &Place) -> String {
    let (platform, method) = place.method;
    // Refresh tokens are for partners at LinkedIn.
    if place.room == "linkedin" {
        world.fault(json!({"platform": "linkedin", "route": "token", "kind": "partner"})).await;
    }
    // A person is offered to whoever asks for nothing that a person has not.
    let capabilities = if place.platform == "facebook_profile" { json!([]) } else { json!(["publish"]) };
    let ask = json!({"platform": platform, "method": method, "capabilities": capabilities});
    let attempt = world.attempt(owner, ask).await;
    attempt.land("acme").await;
    let mut session = attempt.session().await;
    if session["status"] == "awaiting_selection" {
        let candidates = attempt.candidates().await;
        let one = candidates.iter().find(|c| c["kind"] == place.kind && c["selectable"] == true).expect("one of them");
        session = attempt.select(&[one["id"].as_str().expect("an id").to_owned()], true).await.body;
    }
    world.no_faults().await;
    session["accounts"][0]["id"].as_str().unwrap_or_else(|| panic!("{}: {session}", place.platform)).to_owned()
}

/// Lets an account meet a rule's answer; says whether that has ended its grant.
async fn met(rule: &Rule, by: By) -> bool {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = Place::of(rule);
    let id = connect(&world, &owner, place).await;
    let entry = place.connector(&world).entry;
    let before = world.grant_of(&owner, &id).await;
    match by {
        By::Look => {
            answer_by(&world, rule, &["probe", "profile", "children", "permissions"]).await;
            let report = json!({"signal": "unauthorized"});
            assert_eq!(owner.post(&format!("/v1/accounts/{id}/signals"), report).await.status, 202);
        }
        By::Renewal => {
            answer_by(&world, rule, &["token"]).await;
            let due = entry.renewal.renew_at(before.id, before.renewal, before.issued_at, &before.expiry);
            let at = due.or(before.expiry.access).expect("it is renewed some day");
            world.advance(at.duration_since(world.now()) + SignedDuration::from_secs(1));
            if due.is_none() {
                world.lease(&owner, &id).await;
            }
        }
    }
    world.job("sweep").await;
    let calls: Vec<Value> = world.journal().await;
    assert!(by == By::Look || calls.iter().any(|call| call["fault"].is_string()), "{rule} was not met");
    let account = owner.call(Method::GET, &format!("/v1/accounts/{id}"));
    let account = tests::send(account).await.body;
    assert_eq!(account["lifecycle"], "active", "{rule} by {by:?}: {account}");
    let grant = world.grant_of(&owner, &id).await;
    let ended = grant.upkeep.dead.is_some();
    let told = world.kinds(&id);
    assert_eq!(account["health"]["state"] == "expired", ended, "{rule} by {by:?}: {account}");
    assert_eq!(told.iter().any(|kind| kind == "account.expired"), ended, "{rule} by {by:?}: {told:?}");
    assert!(!told.iter().any(|kind| kind == "account.disconnected" || kind == "account.removed"), "{rule}: {told:?}");
    ended
}

/// A definite word on the grant: what only another consent helps against, and that it was taken back. A person who has
/// something to confirm at the platform has no token until then.
fn is_definite(rule: &Rule) -> bool {
    match rule.class {
        "token_expired" | "password_changed" | "invalid_grant" => rule.action == "reauthorize",
        "token_revoked" | "checkpoint" => true,
        _ => false,
    }
}

/// Each rule of some platforms, met by a look and by a renewal.
async fn only_a_definite_word_ends(platforms: &[&str]) {
    for rule in rules().iter().filter(|rule| platforms.contains(&rule.platform)) {
        let ended = (met(rule, By::Look).await, met(rule, By::Renewal).await);
        let word = match ended {
            (false, false) => "-",
            (false, true) => "renewal",
            (true, false) => "look",
            (true, true) => "both",
        };
        assert_eq!(word, rule.ends, "{rule}");
        assert!(word == "-" || is_definite(rule), "{rule} ends a grant by {word}");
    }
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_grant_at_facebook() {
    only_a_definite_word_ends(&["facebook_page"]).await;
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_persons_grant_at_facebook() {
    only_a_definite_word_ends(&["facebook_profile"]).await;
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_grant_at_instagram_behind_a_page() {
    only_a_definite_word_ends(&["instagram_facebook"]).await;
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_grant_at_instagram_and_threads() {
    only_a_definite_word_ends(&["instagram_direct", "threads"]).await;
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_grant_at_x_pinterest_and_reddit() {
    only_a_definite_word_ends(&["x", "pinterest", "reddit"]).await;
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_grant_at_linkedin() {
    only_a_definite_word_ends(&["linkedin_member", "linkedin_organization"]).await;
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_grant_at_tiktok() {
    only_a_definite_word_ends(&["tiktok", "tiktok_business"]).await;
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn only_a_definite_word_ends_a_grant_at_google() {
    only_a_definite_word_ends(&["youtube", "google_business"]).await;
}
