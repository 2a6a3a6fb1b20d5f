//! A server that is not as it should be.

use serde_json::json;

use crate::harness::{BACK, Reply, Sim};

async fn sloppy(platform: &str) -> Sim {
    let sim = Sim::start().await;
    let fault = json!({ "platform": platform, "route": "*", "kind": "sloppy" });
    assert_eq!(sim.sim("POST", "faults", fault).await.status, 201);
    sim
}

#[track_caller]
fn is_html(reply: &Reply, status: u16, text: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert!(reply.header("content-type").starts_with("text/html"), "{reply:?}");
    assert!(reply.text.contains(text), "{reply:?}");
}

/// An access token of `acme` on X, whose answer says nothing else.
async fn token(sim: &Sim) -> String {
    let code = sim.x_code().await;
    let reply = sim.x_exchange(&code, &[]).await;
    let body = reply.json();
    assert_eq!((reply.status, body.get("expires_in"), body.get("refresh_token")), (200, None, None));
    reply.str("access_token")
}

#[tokio::test]
async fn a_sloppy_server_calls_a_dead_token_a_bad_request_in_plain_words() {
    let sim = sloppy("x").await;
    let access = token(&sim).await;
    assert_eq!(sim.x_me(&access, "").await.status, 200);
    sim.event("x", "acme", "revoke", json!({})).await;
    let dead = sim.x_me(&access, "").await;
    is_html(&dead, 400, "Invalid Bearer token");
    assert_eq!(dead.text, "Invalid Bearer token");
    let none = sim.get("/api.x.com/2/users/me", &[]).await;
    assert_eq!((none.status, none.str("title").as_str()), (401, "Unauthorized"), "no token is another thing");

    let sim = sloppy("facebook").await;
    is_html(&sim.graph("me", "EAAGnothing", &[]).await, 400, "Invalid Bearer token");
    let user = sim.fb_long("acme").await;
    assert_eq!(sim.graph("me", &user, &[]).await.status, 200);
    assert_eq!(sim.graph("me", &user, &[("fields", "shoe_size")]).await.graph_error(), (400, 100, None));
    let sim = sloppy("instagram").await;
    is_html(&sim.ig("me", "IGAAnothing", &[]).await, 400, "Invalid Bearer token");
}

#[tokio::test]
async fn a_sloppy_server_fails_at_an_unknown_code_and_takes_a_known_one_twice() {
    let sim = sloppy("x").await;
    is_html(&sim.x_exchange("nonsense", &[]).await, 500, "<h1>");
    let code = sim.x_code().await;
    let wrong = sim.x_exchange(&code, &[("redirect_uri", "https://evil.example")]).await;
    assert_eq!(wrong.oauth_error().0, 400, "a known code is refused as ever");
    let first = sim.x_exchange(&code, &[]).await;
    let again = sim.x_exchange(&code, &[]).await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(sim.x_me(&again.str("access_token"), "").await.status, 200);

    let sim = sloppy("instagram").await;
    is_html(&sim.ig_exchange("nonsense", &[]).await, 500, "<h1>");
    let code = sim.ig_code("acme").await;
    assert_eq!((sim.ig_exchange(&code, &[]).await.status, sim.ig_exchange(&code, &[]).await.status), (200, 200));
}

#[tokio::test]
async fn a_sloppy_server_denies_access_to_a_wrong_secret() {
    let sim = sloppy("x").await;
    let code = sim.x_code().await;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let url = sim.url("/api.x.com/2/oauth2/token");
    let wrong = sim.send(sim.http.post(url).basic_auth("xapp", Some("wrong")).form(&form)).await;
    assert_eq!((wrong.status, wrong.str("error").as_str()), (401, "access_denied"));
    let sim = sloppy("facebook").await;
    let wrong = sim.fb_token("1001", &[("code", "any"), ("client_secret", "wrong")]).await;
    assert_eq!((wrong.status, wrong.str("error").as_str()), (401, "access_denied"));
}

#[tokio::test]
async fn a_sloppy_server_has_no_refresh_grant() {
    let sim = Sim::start().await;
    let (_, refresh) = sim.x_pair("acme").await;
    let fault = json!({ "platform": "x", "route": "token", "kind": "sloppy", "times": 1 });
    sim.sim("POST", "faults", fault).await;
    let refused = sim.x_refresh(&refresh).await;
    assert_eq!((refused.status, refused.str("error").as_str()), (400, "invalid_grant_type"));
    assert_eq!(sim.x_refresh(&refresh).await.status, 200, "nothing happened to the token");
}

#[tokio::test]
async fn a_sloppy_server_gives_state_back_as_it_is() {
    let sim = sloppy("x").await;
    let code = sim.x_approve(&[("state", "a b&c=d%/+")], &[]).await;
    let to = code.location().to_owned();
    assert!(to.starts_with(&format!("{BACK}?state=a b&c=d%/+&code=")), "{to}");
    let denied = sim.x_approve(&[("state", "a/b=")], &[("decision", "deny")]).await;
    assert_eq!(denied.location(), format!("{BACK}?error=access_denied&state=a/b="));
    let strange = sim.x_approve(&[("state", "line\nend")], &[]).await;
    assert!(strange.location().contains("state=line%0Aend"), "what no header can hold stays encoded");
    let sim = sloppy("facebook").await;
    let request = "client_id=1001&response_type=code&redirect_uri=https%3A%2F%2Fmooring.example%2Fcallback&state=a%2Fb";
    let path = format!("{}?{request}", crate::harness::DIALOG);
    let to = sim.post(&path, &[("decision", "approve")]).await;
    assert!(to.location().ends_with("&state=a/b#_=_"), "{to:?}");
}

#[tokio::test]
async fn a_sloppy_server_says_nothing_to_a_revocation() {
    let sim = sloppy("x").await;
    let access = token(&sim).await;
    let revoked = sim.send(sim.x_post("revoke").form(&[("token", &access)])).await;
    is_html(&revoked, 200, "");
    assert_eq!(revoked.text, "");
    is_html(&sim.x_me(&access, "").await, 400, "Invalid Bearer token");
}
