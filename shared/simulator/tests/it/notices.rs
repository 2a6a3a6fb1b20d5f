//! What platforms tell apps: which, when, and in which form.

use serde_json::{Value, json};

use crate::harness::{FB_SCOPES, Sim};
use crate::receiver::{Receiver, hex, mac};

/// A simulator in whose Facebook app `1001` somebody listens, and `acme` has logged in there and at `1002`.
async fn facebook() -> (Sim, Receiver, String) {
    let sim = Sim::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "facebook", "1001");
    let user = sim.fb_long("acme").await;
    let code = sim.fb_dialog("1002", FB_SCOPES, &[("person", "acme")]).await.code();
    sim.fb_token("1002", &[("code", &code)]).await.str("access_token");
    (sim, receiver, user)
}

async fn x() -> (Sim, Receiver, String) {
    let sim = Sim::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "x", "xapp");
    receiver.prove_by("xapp-secret");
    sim.x_pair("acme").await;
    let people = sim.get("/_sim/people", &[]).await.json();
    (sim, receiver, people["data"][0]["x"]["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn facebook_tells_within_the_event_that_a_person_removed_the_app() {
    let (sim, receiver, user) = facebook().await;
    let scoped = sim.graph("me", &user, &[]).await.str("id");
    assert_eq!(sim.event("facebook", "acme", "revoke", json!({})).await, 204);
    let told = receiver.one().meta("1001-secret").expect("rightly signed");
    let now = "2026-11-22T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(told, json!({ "algorithm": "HMAC-SHA256", "issued_at": now, "user_id": scoped }));
    assert_eq!(sim.told().await, [("delivered".to_owned(), 1, "delivered".to_owned())], "1002 has no address");
    sim.event("facebook", "acme", "revoke", json!({})).await;
    assert!(receiver.take().is_empty(), "there was nothing left to remove");
}

#[tokio::test]
async fn facebook_tells_nothing_of_what_is_no_removal() {
    let (sim, receiver, _) = facebook().await;
    for kind in ["password_change", "suspend", "delete", "new_avatar"] {
        assert_eq!(sim.event("facebook", "acme", kind, json!({})).await, 204);
    }
    sim.event("facebook", "agency", "revoke", json!({})).await;
    assert!(receiver.take().is_empty() && sim.notices().await.is_empty());
}

#[tokio::test]
async fn a_grant_that_the_app_gave_back_is_told_when_notices_are_delivered() {
    let (sim, receiver, user) = facebook().await;
    let url = sim.url(&format!("/graph.facebook.com/v26.0/me/permissions?access_token={user}"));
    assert_eq!(sim.send(sim.http.delete(url)).await.status, 200);
    assert!(receiver.take().is_empty());
    assert_eq!(sim.deliver().await, 1);
    assert!(receiver.one().meta("1001-secret").is_some());
    assert_eq!(sim.deliver().await, 0);
}

#[tokio::test]
async fn one_permission_less_is_not_told() {
    let (sim, _, user) = facebook().await;
    let url = sim.url(&format!("/graph.facebook.com/v26.0/me/permissions/email?access_token={user}"));
    assert_eq!(sim.send(sim.http.delete(url)).await.status, 200);
    assert!(sim.notices().await.is_empty());
}

#[tokio::test]
async fn a_deletion_can_be_asked_after_the_app_was_removed_and_its_answer_is_kept() {
    let (sim, receiver, _) = facebook().await;
    sim.event("facebook", "acme", "revoke", json!({})).await;
    receiver.take();
    receiver.answer(&[(200, "{}"), (200, "no JSON")]);
    assert_eq!(sim.event("facebook", "acme", "data_deletion", json!({})).await, 204);
    assert_eq!(sim.notices().await[1]["outcome"], "bad_reply");
    for wait in [60, 120] {
        sim.pass(wait);
        assert_eq!(sim.deliver().await, 1);
    }
    assert_eq!(receiver.take().len(), 3);
    let kept = json!({ "url": "https://mooring.example/deletions/d1", "confirmation_code": "d1" });
    let notice = &sim.notices().await[1];
    assert_eq!(
        (&notice["reply"], &notice["kind"], &notice["state"]),
        (&kept, &json!("data_deletion"), &json!("delivered"))
    );
}

#[tokio::test]
async fn instagram_signs_by_its_own_secret_and_names_its_own_id() {
    let sim = Sim::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "instagram", "2001");
    let long = sim.ig_long("acme").await;
    let scoped = sim.ig("me", &long, &[("fields", "id")]).await.str("id");
    for kind in ["revoke", "data_deletion"] {
        assert_eq!(sim.event("instagram", "acme", kind, json!({})).await, 204);
        assert_eq!(receiver.one().meta("2001-secret").expect("rightly signed")["user_id"], scoped);
    }
    sim.event("instagram", "agency", "data_deletion", json!({})).await;
    assert!(receiver.take().is_empty(), "the agency never let the app in");
}

#[tokio::test]
async fn x_tells_of_a_revocation() {
    let (sim, receiver, id) = x().await;
    sim.event("x", "acme", "revoke", json!({})).await;
    let told = receiver.one().x("xapp-secret").expect("rightly signed");
    assert_eq!((&told["event_type"], &told["filter"]), (&json!("oauth.revoke"), &json!({})));
    let payload = &told["payload"];
    assert_eq!((&payload["user_id"], &payload["date_time"]), (&json!(id), &json!("2026-11-22T10:00:00+00:00")));
    assert!(payload["app_id"].is_string() && told["event_uuid"].is_string());
    sim.event("x", "acme", "rename", json!({ "to": "later" })).await;
    assert!(receiver.take().is_empty(), "the app is told no more of who left it");
}

#[tokio::test]
async fn x_tells_what_a_profile_was_and_is() {
    let (sim, receiver, id) = x().await;
    sim.event("x", "acme", "rename", json!({ "to": "acme_new" })).await;
    let told = receiver.one().x("xapp-secret").unwrap();
    assert_eq!(told["event_type"], "profile.update.handle");
    assert_eq!(told["filter"], json!({ "user_id": id }));
    assert_eq!(told["payload"], json!({ "before": "acme", "after": "acme_new" }));
    sim.event("x", "acme", "new_avatar", json!({})).await;
    let told = receiver.one().x("xapp-secret").unwrap();
    assert_eq!(told["event_type"], "profile.update.profile_picture");
    let (access, _) = sim.x_pair("acme").await;
    let shown = sim.x_me(&access, "?user.fields=profile_image_url").await.json();
    let path = |value: &Value| value.as_str().unwrap().split_once("/profile_images/").unwrap().1.to_owned();
    assert_eq!(path(&told["payload"]["after"]), path(&shown["data"]["profile_image_url"]));
    assert_ne!(told["payload"]["before"], told["payload"]["after"]);
}

#[tokio::test]
async fn tiktok_and_threads_are_told_of_by_hand() {
    let sim = Sim::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "tiktok", "awkey");
    receiver.hear(&sim, "threads", "3001");
    let sent = json!({ "platform": "tiktok", "kind": "authorization.removed", "account": "-000open", "reason": 4 });
    let reply = sim.by_hand(sent).await;
    assert_eq!((reply.status, &reply.json()["data"][0]["state"]), (201, &json!("delivered")));
    let seen = receiver.one();
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!((&body["client_key"], &body["user_openid"]), (&json!("awkey"), &json!("-000open")));
    let content: Value = serde_json::from_str(body["content"].as_str().expect("JSON within a text")).unwrap();
    assert_eq!(content, json!({ "reason": 4 }));
    let at = body["create_time"].as_i64().unwrap();
    let hex = hex(&mac("awkey-secret", &format!("{at}.{}", seen.body)));
    assert_eq!(seen.signature, format!("t={at},s={hex}"));

    let sent = json!({ "platform": "threads", "kind": "deauthorize", "account": "24000000000000001" });
    assert_eq!(sim.by_hand(sent).await.status, 201);
    assert_eq!(receiver.one().meta("3001-secret").unwrap()["user_id"], "24000000000000001");
}

#[tokio::test]
async fn by_hand_a_person_is_called_as_the_app_knows_them() {
    let (sim, receiver, user) = facebook().await;
    let scoped = sim.graph("me", &user, &[]).await.str("id");
    let (page, _) = sim.fb_page(&user).await;
    for account in ["acme", &page, &scoped, "77"] {
        let sent = json!({ "platform": "facebook", "kind": "deauthorize", "account": account });
        assert_eq!(sim.by_hand(sent).await.status, 201);
        let expected = if account == "77" { "77" } else { &scoped };
        assert_eq!(receiver.one().meta("1001-secret").unwrap()["user_id"], expected);
    }
    assert_eq!(sim.graph("me", &user, &[]).await.status, 200, "nothing happened to the grant");
}

#[tokio::test]
async fn what_cannot_be_told_is_refused() {
    let (sim, receiver, _) = facebook().await;
    let cases = [
        (400, json!({ "platform": "facebook", "kind": "oauth.revoke", "account": "acme" })),
        (400, json!({ "platform": "facebook", "kind": "deauthorize" })),
        (400, json!({ "platform": "facebook", "kind": "deauthorize", "account": "acme", "tamper": "gently" })),
        (422, json!({ "platform": "facebook", "kind": "deauthorize", "account": "acme", "app": "1002" })),
        (422, json!({ "platform": "facebook", "kind": "deauthorize", "account": "acme", "app": "nobody" })),
        (422, json!({ "platform": "myspace", "kind": "deauthorize", "account": "acme" })),
        (400, json!({ "platform": "x", "kind": "profile.update.mood", "account": "acme" })),
    ];
    for (status, sent) in cases {
        let reply = sim.by_hand(sent.clone()).await;
        assert_eq!(reply.status, status, "{sent}: {reply:?}");
        assert!(!reply.str("error").is_empty());
    }
    assert!(receiver.take().is_empty());
}

#[tokio::test]
async fn the_list_of_notices_has_no_secret_and_no_signature() {
    let (sim, receiver, _) = facebook().await;
    sim.event("facebook", "acme", "revoke", json!({})).await;
    let (signature, payload) = receiver.one().signed_request();
    let list = sim.get("/_sim/notices", &[]).await;
    for secret in [signature.as_str(), payload.as_str(), "1001-secret"] {
        assert!(!list.text.contains(secret));
    }
    let notice = &list.json()["data"][0];
    assert_eq!(notice["url"], format!("{}/deauthorize", receiver.url));
    assert_eq!((&notice["platform"], &notice["app"]), (&json!("facebook"), &json!("1001")));
    assert_eq!(notice["payload"]["user_id"], notice["account"]);
    assert_eq!(notice["signature"].as_str().unwrap().len(), 16);
    sim.sim("POST", "reset", json!({})).await;
    assert!(sim.notices().await.is_empty());
}
