//! Tiers and verifications, which come and go.

use serde_json::{Value, json};

use crate::google;
use crate::harness::Sim;
use crate::{threads, tiktok};

#[tokio::test]
async fn x_changes_tier_and_verification_and_shows_each_where_it_is_asked_for() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let me = async || {
        sim.x_me(&access, "?user.fields=verified,verified_type,subscription_type").await.json()["data"].clone()
    };
    let told = |me: &Value| ["verified", "verified_type", "subscription_type"].map(|field| me[field].clone());
    for to in ["Basic", "PremiumPlus", "None", "Premium"] {
        assert_eq!(sim.event("x", "acme", "tier_change", json!({ "to": to })).await, 204);
        assert_eq!(me().await["subscription_type"], to);
    }
    assert_eq!(sim.event("x", "acme", "unverify", json!({})).await, 204);
    assert_eq!(told(&me().await), [json!(false), json!("none"), json!("Premium")]);
    assert_eq!(sim.event("x", "acme", "verify", json!({})).await, 204);
    assert_eq!(told(&me().await), [json!(true), json!("blue"), json!("Premium")]);
    assert_eq!(sim.event("x", "acme", "verify", json!({ "to": "business" })).await, 204);
    assert_eq!(told(&me().await)[1], "business");
    let plain = sim.x_me(&access, "").await.json()["data"].clone();
    assert!(told(&plain).iter().all(Value::is_null), "{plain}");
    for (kind, more) in [
        ("tier_change", json!({})),
        ("tier_change", json!({ "to": "gold" })),
        ("verify", json!({ "to": "none" })),
        ("verify", json!({ "to": "green" })),
    ] {
        assert_eq!(sim.event("x", "acme", kind, more.clone()).await, 400, "{kind} {more}");
    }
    assert_eq!(told(&me().await)[1], "business", "what could not happen changed nothing");
    let odd = json!({ "id": "odd", "name": "Odd", "x": { "subscription_type": "gold" } });
    assert_eq!(sim.sim("POST", "people", odd).await.status, 400);
}

#[tokio::test]
async fn a_verification_comes_and_goes_where_a_platform_knows_one() {
    let sim = threads::start().await;
    let long = sim.th_long("acme").await;
    for (kind, verified) in [("verify", true), ("unverify", false)] {
        assert_eq!(sim.event("threads", "acme", kind, json!({})).await, 204);
        assert_eq!(sim.th("me", &long, &[("fields", "is_verified")]).await.json()["is_verified"], verified);
    }
    assert_eq!(sim.event("threads", "acme", "tier_change", json!({ "to": "Basic" })).await, 422);

    let sim = tiktok::start().await;
    let (access, _) = sim.tt_pair("acme").await;
    for (kind, verified) in [("verify", true), ("unverify", false)] {
        assert_eq!(sim.event("tiktok", "acme", kind, json!({})).await, 204);
        assert_eq!(sim.tt_user(&access, "is_verified").await.json()["data"]["user"]["is_verified"], verified);
    }

    let sim = google::start().await;
    let (access, _) = sim.g_pair("acme").await;
    let info = "/mybusinessbusinessinformation.googleapis.com/v1";
    let all = sim.g(&format!("{info}/accounts/-/locations?readMask=name"), &access).await.json();
    let name = all["locations"][0]["name"].as_str().unwrap();
    for (kind, verified) in [("unverify", false), ("verify", true)] {
        assert_eq!(sim.event("google", name, kind, json!({})).await, 204);
        let one = sim.g(&format!("{info}/{name}?readMask=metadata"), &access).await.json();
        assert_eq!(one["metadata"]["hasVoiceOfMerchant"], verified);
    }
    assert_eq!(sim.event("google", "acme", "verify", json!({})).await, 422, "an account is not verified, a place is");
}

#[tokio::test]
async fn facebook_verifies_pages_in_blue_or_gray() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (id, token) = sim.fb_page(&user).await;
    let status = async || sim.graph(&id, &token, &[("fields", "verification_status")]).await.str("verification_status");
    for (account, kind, more, wanted) in [
        (id.as_str(), "unverify", json!({}), "not_verified"),
        ("acme", "verify", json!({}), "blue_verified"),
        (&id, "verify", json!({ "to": "gray_verified" }), "gray_verified"),
    ] {
        assert_eq!(sim.event("facebook", account, kind, more).await, 204);
        assert_eq!(status().await, wanted);
    }
    assert_eq!(sim.event("facebook", &id, "verify", json!({ "to": "green" })).await, 400);
    assert_eq!(sim.event("facebook", "agency", "verify", json!({})).await, 422, "which of them?");
    for platform in ["instagram", "reddit", "pinterest", "linkedin"] {
        assert_eq!(sim.event(platform, "acme", "verify", json!({})).await, 422, "{platform} tells none");
    }
}
