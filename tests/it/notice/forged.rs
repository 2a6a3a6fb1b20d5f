//! Whatever is not the platform's is refused, and changes nothing.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{
    World,
    notice::{FACEBOOK, INSTAGRAM, Sent, X, form, hmac, meta, oauth_revoke, payload, x},
};
use url::form_urlencoded;

use super::{at_x, later};

/// Meta's forged notices about a person.
fn forged_by_meta(world: &World, door: &str, person: &str) -> Vec<(&'static str, Sent)> {
    let now = world.now();
    let good = payload(person, now);
    let at = |seconds: i64| payload(person, now + SignedDuration::from_secs(seconds));
    let of = |secret: &str, payload: &Value| meta("facebook", door, secret, payload);
    let encoded = URL_SAFE_NO_PAD.encode(good.to_string());
    let mac = hmac(FACEBOOK, encoded.as_bytes());
    let with = |body: String| Sent { body, ..of(FACEBOOK, &good) };
    let anew = URL_SAFE_NO_PAD.encode(serde_json::to_string_pretty(&good).expect("JSON"));
    let algorithm = |name: &str| {
        let mut payload = good.clone();
        payload["algorithm"] = json!(name);
        of(FACEBOOK, &payload)
    };
    let elsewhere = x(X, &oauth_revoke("1", person, now));
    vec![
        ("another algorithm", algorithm("HMAC-SHA1")),
        ("no algorithm", algorithm("none")),
        ("written anew", with(form(&mac, &anew))),
        ("a shortened signature", with(form(&mac[..16], &encoded))),
        ("no signature", with(form(&[], &encoded))),
        ("too old", of(FACEBOOK, &at(-301))),
        ("of a later time", of(FACEBOOK, &at(61))),
        ("another app's secret", of(INSTAGRAM, &good)),
        ("another platform's secret", of(X, &good)),
        ("a secret that anybody knows", of("", &good)),
        ("another platform's notice", Sent { path: of(X, &good).path, ..elsewhere }),
        ("nothing", with(String::new())),
        ("no form", with("{\"signed_request\": 1}".to_owned())),
    ]
}

/// X's forged notices about a person.
fn forged_by_x(world: &World, person: &str) -> Vec<(&'static str, Sent)> {
    let now = world.now();
    let event = |seconds: i64| oauth_revoke("1", person, now + SignedDuration::from_secs(seconds));
    let good = x(X, &event(0));
    let signed = |signature: String| {
        let headers = vec![good.headers[0].clone(), ("x-twitter-webhooks-signature", signature)];
        Sent { headers, ..good.clone() }
    };
    let mac = hmac(X, good.body.as_bytes());
    let anew = serde_json::to_string_pretty(&event(0)).expect("JSON");
    let elsewhere = meta("facebook", "deauthorize", FACEBOOK, &payload(person, now));
    vec![
        ("another algorithm", signed(format!("sha1={}", STANDARD.encode(&mac)))),
        ("written anew", Sent { body: anew, ..good.clone() }),
        ("a shortened signature", signed(format!("sha256={}", STANDARD.encode(&mac[..16])))),
        ("no signature", signed("sha256=".to_owned())),
        ("not signed", Sent { headers: vec![good.headers[0].clone()], ..good.clone() }),
        ("too old", x(X, &event(-301))),
        ("of a later time", x(X, &event(61))),
        ("another app's secret", x(FACEBOOK, &event(0))),
        ("another platform's notice", Sent { path: good.path.clone(), ..elsewhere }),
    ]
}

/// CHK-S4, CHK-S5: at each door; what is refused leaves the table as it was, and the notice that each was made from is
/// taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_notice_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let person = world.grant_of(&owner, &page).await.person.id;
    let (account, grant) = at_x(&world, &owner, "acme").await;
    later(&world, 60);
    let before = world.dump().await;
    let mut tried = 0;
    let by_meta = ["deauthorize", "data-deletion"].into_iter().flat_map(|door| forged_by_meta(&world, door, &person));
    for (what, forged) in by_meta.chain(forged_by_x(&world, &grant.person.id)) {
        let refused = world.notify(&forged).await;
        assert_eq!((refused.status, &refused.body["code"]), (401, &json!("signature_invalid")), "{what}: {forged:?}");
        assert_eq!(world.dump().await, before, "{what}: {forged:?}");
        tried += 1;
    }
    assert_eq!(tried, 2 * 13 + 9);
    assert_eq!(world.kinds(&page), ["account.connected"]);
    assert_eq!(world.deauthorize(&person).await.status, 200);
    assert_eq!(world.notify(&x(X, &oauth_revoke("1", &grant.person.id, world.now()))).await.status, 200);
    for id in [page, account] {
        assert_eq!(world.kinds(&id), ["account.connected", "account.expired"]);
    }
}

/// CHK-S4: a notice that is heard again does nothing: within five minutes because it is known, later because it is old.
#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_notice_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let person = world.grant_of(&owner, &page).await.person.id;
    let (_, grant) = at_x(&world, &owner, "acme").await;
    let now = later(&world, 60);
    let by_meta = meta("facebook", "deauthorize", FACEBOOK, &payload(&person, now));
    let by_x = x(X, &oauth_revoke("1", &grant.person.id, now));
    for sent in [&by_meta, &by_x] {
        assert_eq!(world.notify(sent).await.status, 200);
    }
    later(&world, 240);
    world.connect(&owner, "facebook", "acme").await;
    world.connect(&owner, "x", "acme").await;
    let before = world.dump().await;
    for sent in [&by_meta, &by_x] {
        assert_eq!(world.notify(sent).await.status, 200);
        assert_eq!(world.dump().await, before, "{sent:?}");
    }
    later(&world, 61);
    for sent in [&by_meta, &by_x] {
        world.notify(sent).await.is_problem(401, "signature_invalid");
    }
    assert_eq!(world.dump().await, before);
}

/// CHK-S4
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_too_large_or_comes_to_no_door_is_refused() {
    let world = World::start().await;
    let before = world.dump().await;
    let good = meta("facebook", "deauthorize", FACEBOOK, &payload("1", world.now()));
    let giant = Sent { body: format!("{}&x={}", good.body, "x".repeat(64 * 1024)), ..good.clone() };
    world.notify(&giant).await.is_problem(413, "too_large");
    for path in ["facebook/notices", "x/deauthorize", "x/data-deletion", "myspace/deauthorize", "myspace/notices"] {
        let sent = Sent { path: format!("/v1/platform-callbacks/{path}"), ..good.clone() };
        world.notify(&sent).await.is_problem(404, "not_found");
    }
    for path in ["facebook/notices?crc_token=a", "myspace/notices?crc_token=a"] {
        let path = format!("/v1/platform-callbacks/{path}");
        world.nobody().get(&path).await.is_problem(404, "not_found");
    }
    assert_eq!(world.dump().await, before);
}

/// CHK-S4: X sees that the address is ours; what it signs for anybody who asks is no notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_answered_and_signs_no_notice() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (id, grant) = at_x(&world, &owner, "acme").await;
    let now = later(&world, 60);
    let ask = async |token: &str| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("crc_token", token).finish();
        world.nobody().get(&format!("/v1/platform-callbacks/x/notices?{query}")).await
    };
    let answer = ask("NzdmYmRjNGItM2U2").await;
    let expected = format!("sha256={}", STANDARD.encode(hmac(X, b"NzdmYmRjNGItM2U2")));
    assert_eq!((answer.status, &answer.body), (200, &json!({"response_token": expected})));
    let notice = oauth_revoke("1", &grant.person.id, now);
    for body in [notice.to_string(), format!(" {notice}"), "{}".to_owned()] {
        ask(&body).await.is_problem(404, "not_found");
    }
    world.nobody().get("/v1/platform-callbacks/x/notices").await.is_problem(400, "invalid_request");
    assert_eq!(world.kinds(&id), ["account.connected"]);
}
