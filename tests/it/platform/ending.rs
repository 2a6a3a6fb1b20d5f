//! How far an end reaches at the platform: what lives on the same consent is spared, and nothing is claimed that did not
//! happen.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, FINE, World};

use super::life::{state, way};

async fn disconnect(owner: &Caller, id: &str) -> Value {
    let receipt = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    receipt.body["revocation"].clone()
}

/// S1-43: what one call would end at the platform is one thing, by whatever method it was connected: Google knows a person
/// and a project, TikTok an account and an app. Each account has a grant of its own, and the last one ends it.
#[tokio::test(flavor = "multi_thread")]
async fn what_ends_by_one_call_ends_with_its_last_account() {
    for [one, other] in [
        [way("youtube", "google_login"), way("google_business", "google_login")],
        [way("google_business", "google_login"), way("youtube", "google_login")],
        [way("tiktok", "tiktok_login"), way("tiktok", "tiktok_business")],
        [way("tiktok", "tiktok_business"), way("tiktok", "tiktok_login")],
    ] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let first = one.connect(&world, &owner, "acme").await.remove(0);
        let second = other.connect(&world, &owner, "acme").await.remove(0);
        let grants = [world.grant_of(&owner, &first).await, world.grant_of(&owner, &second).await];
        assert_ne!(grants[0].id, grants[1].id, "each has its own");
        assert_eq!(grants[0].person.id, grants[1].person.id, "of one person");
        one.leased(&world, &owner, &first).await;
        let came = disconnect(&owner, &first).await;
        assert_eq!(came["status"], "skipped_shared_grant", "{came}");
        assert!(came["manual_url"].is_string(), "{came}");
        assert_eq!(world.calls("revoke").await, 0);
        // The other one lives, and is renewed.
        other.leased(&world, &owner, &second).await;
        world.advance(SignedDuration::from_hours(25));
        let token = other.leased(&world, &owner, &second).await;
        assert_eq!(state(&world, &owner, &second).await, FINE);
        assert_eq!(disconnect(&owner, &second).await["status"], "revoked");
        assert_eq!(world.count("revoked").await, 1);
        assert!(!token.is_taken(&world).await);
    }
}

/// One consent at YouTube is for one channel: another channel of the same person is another consent, and takes nothing from
/// the first one.
#[tokio::test(flavor = "multi_thread")]
async fn two_channels_of_one_person_keep_their_own_tokens() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let youtube = way("youtube", "google_login");
    let channels: Vec<String> = {
        let people = world.steer(reqwest::Method::GET, "people", Value::Null).await;
        let agency = people["data"]
            .as_array()
            .expect("people")
            .iter()
            .find(|person| person["id"] == "agency")
            .expect("the agency");
        let channels = agency["google"]["channels"].as_array().expect("channels");
        channels.iter().take(2).map(|channel| channel["id"].as_str().expect("an id").to_owned()).collect()
    };
    let mut accounts = Vec::new();
    for channel in &channels {
        let attempt = world.attempt(&owner, json!({"platform": "youtube"})).await;
        let authorize = attempt.browser.press_continue(&attempt.start_url).await;
        let fields = [("person", "agency"), ("decision", "approve"), ("child", channel.as_str())];
        let callback = attempt.browser.answer(&authorize, &fields).await;
        attempt.browser.open(&callback).await;
        let session = attempt.session().await;
        accounts.push(session["accounts"][0]["id"].as_str().unwrap_or_else(|| panic!("{session}")).to_owned());
    }
    assert_ne!(accounts[0], accounts[1]);
    world.advance(SignedDuration::from_hours(2));
    for (account, channel) in accounts.iter().zip(&channels) {
        let lease = world.lease(&owner, account).await;
        let secret = domain::Secret::new(lease.body["access_token"].as_str().expect("a token"));
        let own = world.ask_platform("www.googleapis.com/youtube/v3/channels?part=id&mine=true", &secret).await;
        assert_eq!(own.body["items"][0]["id"], json!(channel), "{}", own.text);
    }
    assert_eq!(disconnect(&owner, &accounts[0]).await["status"], "skipped_shared_grant");
    youtube.leased(&world, &owner, &accounts[1]).await;
    assert_eq!(disconnect(&owner, &accounts[1]).await["status"], "revoked");
}

/// TikTok ends a consent by its access token, which lives for two hours: one that has ended is refused, which says nothing
/// of the consent, so another one is got for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_whose_access_token_has_ended_is_revoked_by_another_one() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let tiktok = way("tiktok", "tiktok_login");
    let id = tiktok.connect(&world, &owner, "acme").await.remove(0);
    let refresh = world.tokens(&world.grant_of(&owner, &id).await).await.refresh.expect("a refresh token");
    world.advance(SignedDuration::from_hours(3));
    world.fault(json!({"platform": "tiktok", "route": "revoke", "kind": "error:token_expired", "times": 1})).await;
    assert_eq!(disconnect(&owner, &id).await["status"], "revoked");
    assert_eq!((world.calls("revoke").await, world.count("refreshed").await, world.count("revoked").await), (2, 1, 1));
    assert!(!renews(&world, refresh.expose()).await);
}

/// A refresh token that may be spent is refused as one is whose consent is gone: it is not taken for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_not_claimed_because_a_spent_token_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let tiktok = way("tiktok", "tiktok_login");
    let id = tiktok.connect(&world, &owner, "acme").await.remove(0);
    world.advance(SignedDuration::from_hours(3));
    world.fault(json!({"platform": "tiktok", "route": "revoke", "kind": "error:token_expired"})).await;
    world.fault(json!({"platform": "tiktok", "route": "token", "kind": "answer_lost", "times": 1})).await;
    assert_eq!(disconnect(&owner, &id).await["status"], "pending");
    world.advance(SignedDuration::from_mins(2));
    let report = world.job("sweep").await;
    assert_eq!((&report["revocations"]["due"], &report["revocations"]["revoked"]), (&json!(1), &json!(0)), "{report}");
    world.live(SignedDuration::from_hours(8 * 24), SignedDuration::from_hours(6)).await;
    assert_eq!(world.count("revoked").await, 0);
    assert!(world.log().contains("revocation given up: its refresh token may be spent"));
    assert!(!world.dump().await.keys().any(|key| key.starts_with("R#")), "the tokens are destroyed");
}

async fn renews(world: &World, refresh: &str) -> bool {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("client_key", "awmooringlocal"),
        ("client_secret", "simulated-tiktok-client-secret"),
    ];
    let call = tests::client().post(format!("{}/open.tiktokapis.com/v2/oauth/token/", world.simulator)).form(&form);
    tests::send(call).await.body["access_token"].is_string()
}
