//! What Threads, TikTok and Google tell apps.

use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::harness::Sim;
use crate::receiver::{Receiver, Seen, hex, mac};
use crate::{google, threads, tiktok};

#[tokio::test]
async fn threads_tells_of_a_removal_and_of_a_deletion_that_is_asked() {
    let sim = threads::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "threads", "3001");
    let long = sim.th_long("acme").await;
    let id = sim.get(&format!("{}/v1.0/me", threads::API), &[("access_token", &long)]).await.str("id");
    for kind in ["revoke", "data_deletion"] {
        assert_eq!(sim.event("threads", "acme", kind, json!({})).await, 204);
        assert_eq!(receiver.one().meta("3001-secret").expect("rightly signed")["user_id"], id);
    }
    sim.event("threads", "acme", "revoke", json!({})).await;
    sim.event("threads", "agency", "data_deletion", json!({})).await;
    assert!(receiver.take().is_empty());
    let sent = json!({ "platform": "threads", "kind": "deauthorize", "account": "acme" });
    assert_eq!(sim.by_hand(sent).await.status, 201);
    assert_eq!(receiver.one().meta("3001-secret").unwrap()["user_id"], id);
}

/// Who is told of, and the reason.
fn removal(seen: &Seen) -> (String, u64) {
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    let signed = mac("ttapp-secret", &format!("{}.{}", body["create_time"], seen.body));
    assert_eq!(seen.signature, format!("t={},s={}", body["create_time"], hex(&signed)));
    let content: Value = serde_json::from_str(body["content"].as_str().unwrap()).unwrap();
    (body["user_openid"].as_str().unwrap().to_owned(), content["reason"].as_u64().unwrap())
}

#[tokio::test]
async fn tiktok_tells_why_an_app_was_disconnected() {
    for (kind, reason) in [("revoke", 1), ("delete", 2), ("age_change", 3), ("suspend", 4), ("password_change", 0)] {
        let sim = tiktok::start().await;
        let receiver = Receiver::start().await;
        receiver.hear(&sim, "tiktok", "ttapp");
        let (access, _) = sim.tt_pair("acme").await;
        let user = sim.tt_user(&access, "open_id").await.json();
        let open_id = user["data"]["user"]["open_id"].as_str().unwrap().to_owned();
        assert_eq!(sim.event("tiktok", "acme", kind, json!({})).await, 204);
        assert_eq!(removal(&receiver.one()), (open_id, reason), "{kind}");
        assert_eq!(sim.tt_user(&access, "open_id").await.status, 401, "the token was dead when it came");
    }
}

#[tokio::test]
async fn tiktok_tells_of_our_own_revocation_too_and_of_no_rename() {
    let sim = tiktok::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "tiktok", "ttapp");
    let (access, _) = sim.tt_pair("acme").await;
    sim.event("tiktok", "acme", "rename", json!({ "to": "later" })).await;
    assert!(sim.notices().await.is_empty());
    assert_eq!(sim.tt_oauth("revoke", &[("token", &access)], &[]).await.status, 200);
    assert_eq!(sim.deliver().await, 1);
    assert_eq!(removal(&receiver.one()).1, 5);
    let sent =
        json!({ "platform": "tiktok", "kind": "authorization.removed", "account": "acme", "tamper": "duplicate" });
    assert_eq!(sim.by_hand(sent).await.status, 201);
    let seen = receiver.take();
    assert_eq!((seen.len(), removal(&seen[0]).1), (2, 1));
}

/// What a security event says, if it is signed by the key that Google publishes.
async fn claims(sim: &Sim, seen: &Seen) -> Option<Value> {
    assert_eq!(seen.content_type, "application/secevent+jwt");
    let set = sim.get("/www.googleapis.com/oauth2/v3/certs", &[]).await.json();
    let number = |name: &str| URL_SAFE_NO_PAD.decode(set["keys"][0][name].as_str().unwrap()).unwrap();
    let key = aws_lc_rs::rsa::PublicKeyComponents { n: number("n"), e: number("e") };
    let (signed, signature) = seen.body.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).ok()?;
    let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
    Some(serde_json::from_slice(&claims).unwrap())
}

#[tokio::test]
async fn google_tells_who_may_know_the_person_what_happened_to_the_account() {
    for (kind, event) in [
        ("revoke", "oauth/event-type/tokens-revoked"),
        ("password_change", "risc/event-type/sessions-revoked"),
        ("suspend", "risc/event-type/account-disabled"),
        ("delete", "risc/event-type/account-purged"),
    ] {
        let sim = google::start().await;
        let receiver = Receiver::start().await;
        receiver.hear(&sim, "google", "g-app");
        receiver.answer(&[(202, "")]);
        let (access, _) = sim.g_pair("acme").await;
        let info = sim.get(&format!("{}/tokeninfo", google::OAUTH), &[("access_token", &access)]).await;
        assert_eq!(sim.event("google", "acme", kind, json!({})).await, 204);
        let told = claims(&sim, &receiver.one()).await.expect("rightly signed");
        let subject = &told["events"][format!("https://schemas.openid.net/secevent/{event}")]["subject"];
        assert_eq!(
            (subject["sub"].as_str(), &told["aud"]),
            (Some(info.str("sub").as_str()), &json!(["g-app"])),
            "{kind}"
        );
        assert_eq!(sim.told().await[0].0, "delivered", "by 202");
    }
}

#[tokio::test]
async fn google_tells_nothing_to_an_app_that_may_not_know_the_person() {
    let sim = google::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "google", "g-app");
    let code = sim.g_approve(&[("scope", google::READ), ("prompt", "consent")], &[("person", "acme")]).await.code();
    sim.g_exchange(&code, &[]).await.str("refresh_token");
    sim.event("google", "acme", "revoke", json!({})).await;
    assert!(receiver.take().is_empty());
    for (tamper, is_right) in [("stale", true), ("forged", false), ("truncated_signature", false)] {
        let sent = json!({ "platform": "google", "kind": "verification", "account": "acme", "tamper": tamper });
        assert_eq!(sim.by_hand(sent).await.status, 201);
        assert_eq!(claims(&sim, &receiver.one()).await.is_some(), is_right, "{tamper}");
    }
}

#[tokio::test]
async fn google_tells_what_a_token_is_to_its_own_client_too() {
    let sim = google::start().await;
    let (access, _) = sim.g_pair("acme").await;
    let url = sim.url(&format!("{}/tokeninfo", google::OAUTH));
    let posted = sim.send(sim.http.post(&url).bearer_auth(&access)).await;
    assert_eq!((posted.status, posted.str("aud").as_str()), (200, "g-app"));
    assert_eq!(sim.send(sim.http.post(&url).bearer_auth("nothing")).await.status, 400);
}

#[tokio::test]
async fn tiktok_s_page_stands_without_a_slash_at_its_end_too() {
    let sim = tiktok::start().await;
    let path = format!("{}?{}", tiktok::AUTHORIZE.trim_end_matches('/'), Sim::tt_request(&[]));
    let code = sim.post(&path, &[("decision", "approve")]).await.code();
    assert_eq!(sim.tt_exchange(&code, &[]).await.status, 200);
}
