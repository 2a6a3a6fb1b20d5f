//! X: codes, pairs, rotation, revocation.

use serde_json::json;

use crate::harness::{BACK, Sim, VERIFIER, X_API, X_SCOPES};

fn bad_code() -> (u16, String, String) {
    let text = "Value passed for the authorization code was invalid.";
    (400, "invalid_request".to_owned(), text.to_owned())
}

fn bad_token() -> (u16, String, String) {
    let text = "Value passed for the token was invalid.";
    (400, "invalid_request".to_owned(), text.to_owned())
}

fn no_client() -> (u16, String, String) {
    let text = "Missing valid authorization header";
    (401, "unauthorized_client".to_owned(), text.to_owned())
}

#[tokio::test]
async fn x_gives_a_pair_for_a_code() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    sim.pass(29);
    let reply = sim.x_exchange(&code, &[]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let body = reply.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(7200)));
    assert_eq!(body["scope"], X_SCOPES);
    assert!(reply.str("access_token").contains("CANARY"));
    assert!(reply.str("refresh_token").contains("CANARY"));
}

#[tokio::test]
async fn x_refuses_a_code_after_thirty_seconds() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    sim.pass(30);
    assert_eq!(sim.x_exchange(&code, &[]).await.oauth_error(), bad_code());
}

#[tokio::test]
async fn x_takes_a_code_once() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    assert_eq!(sim.x_exchange(&code, &[]).await.status, 200);
    assert_eq!(sim.x_exchange(&code, &[]).await.oauth_error(), bad_code());
    assert_eq!(sim.x_exchange("garbage", &[]).await.oauth_error(), bad_code());
}

#[tokio::test]
async fn x_binds_a_code_to_app_redirect_and_verifier() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let url = sim.url(&format!("{X_API}/oauth2/token"));
    let other = sim.http.post(url).basic_auth("xother", Some("xother-secret"));
    assert_eq!(sim.send(other.form(&form)).await.oauth_error(), bad_code());
    let cases = [
        ("redirect_uri", "https://mooring.example/callback/other", "redirect uri did not match"),
        ("code_verifier", "a-verifier-of-somebody-else-entirely-0000000", "code verifier did not match"),
        ("code_verifier", "", "[code_verifier]"),
        ("redirect_uri", "", "[redirect_uri]"),
        ("code", "", "[code]"),
        ("grant_type", "", "[grant_type]"),
    ];
    for (name, value, text) in cases {
        let (status, error, description) = sim.x_exchange(&code, &[(name, value)]).await.oauth_error();
        assert_eq!((status, error.as_str()), (400, "invalid_request"), "{name}={value}");
        assert!(description.contains(text), "{description}");
    }
    let unknown = sim.x_exchange(&code, &[("grant_type", "password")]).await;
    assert_eq!(unknown.oauth_error().1, "unsupported_grant_type");
    assert_eq!(sim.x_exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn x_checks_a_plain_challenge_as_it_is() {
    let sim = Sim::start().await;
    let plain = [("code_challenge_method", "plain"), ("code_challenge", VERIFIER)];
    let code = sim.x_approve(&plain, &[]).await.code();
    let wrong = sim.x_exchange(&code, &[("code_verifier", "something-else")]).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(sim.x_exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn x_knows_an_app_by_basic_alone() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    let url = sim.url(&format!("{X_API}/oauth2/token"));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", "xapp"),
        ("client_secret", "xapp-secret"),
    ];
    let in_body = sim.http.post(&url).form(&form);
    assert_eq!(sim.send(in_body).await.oauth_error(), no_client());
    let wrong = sim.http.post(&url).basic_auth("xapp", Some("nonsense")).form(&form[..4]);
    assert_eq!(sim.send(wrong).await.oauth_error(), no_client());
    let unknown = sim.http.post(&url).basic_auth("nobody", Some("xapp-secret")).form(&form[..4]);
    assert_eq!(sim.send(unknown).await.oauth_error(), no_client());
    let bearer = sim.http.post(&url).bearer_auth("xapp-secret").form(&form[..4]);
    assert_eq!(sim.send(bearer).await.oauth_error(), no_client());
    let other_id = sim.x_exchange(&code, &[("client_id", "xother")]).await;
    assert_eq!(other_id.status, 400);
    assert_eq!(sim.x_exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn x_reads_form_and_json_but_no_query_and_no_get() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    let query = crate::harness::query(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]);
    let url = sim.url(&format!("{X_API}/oauth2/token?{query}"));
    let in_query = sim.http.post(&url).basic_auth("xapp", Some("xapp-secret"));
    assert_eq!(sim.send(in_query).await.oauth_error().0, 400);
    let by_get = sim.http.get(&url).basic_auth("xapp", Some("xapp-secret"));
    assert_eq!(sim.send(by_get).await.status, 404);
    let text = sim.x_post("token").header("content-type", "text/plain").body(query);
    assert_eq!(sim.send(text).await.oauth_error().0, 400);
    let part = "--b\r\ncontent-disposition: form-data; name=\"grant_type\"\r\n\r\nrefresh_token\r\n--b--\r\n";
    let multipart = sim.x_post("token").header("content-type", "multipart/form-data; boundary=b").body(part);
    let refused = sim.send(multipart).await.oauth_error().2;
    assert_eq!(refused, "Missing required parameter [grant_type].");
    let body = json!({
        "grant_type": "authorization_code", "code": code,
        "redirect_uri": BACK, "code_verifier": VERIFIER,
    });
    assert_eq!(sim.send(sim.x_post("token").json(&body)).await.status, 200);
}

#[tokio::test]
async fn x_gives_no_refresh_token_without_offline_access() {
    let sim = Sim::start().await;
    let code = sim.x_approve(&[("scope", "users.read tweet.read")], &[]).await.code();
    let body = sim.x_exchange(&code, &[]).await.json();
    assert!(body["access_token"].is_string());
    assert!(body.get("refresh_token").is_none());
}

#[tokio::test]
async fn x_ends_an_access_token_after_two_hours() {
    let sim = Sim::start().await;
    let (access, refresh) = sim.x_pair("acme").await;
    sim.pass(7_199);
    assert_eq!(sim.x_me(&access, "").await.status, 200);
    sim.pass(1);
    assert_eq!(sim.x_me(&access, "").await.status, 401);
    let renewed = sim.x_refresh(&refresh).await.str("access_token");
    assert_eq!(sim.x_me(&renewed, "").await.status, 200);
}

#[tokio::test]
async fn x_kills_the_family_when_a_refresh_token_is_used_again() {
    let sim = Sim::start().await;
    let (_, first) = sim.x_pair("acme").await;
    let (sibling, _) = sim.x_pair("acme").await;
    let renewed = sim.x_refresh(&first).await;
    assert_eq!(renewed.status, 200);
    assert_ne!(renewed.str("refresh_token"), first);
    let access = renewed.str("access_token");
    assert_eq!(sim.x_me(&access, "").await.status, 200);
    assert_eq!(sim.x_refresh(&first).await.oauth_error(), bad_token());
    assert_eq!(sim.x_me(&access, "").await.status, 401);
    let heir = sim.x_refresh(&renewed.str("refresh_token")).await;
    assert_eq!(heir.oauth_error(), bad_token());
    assert_eq!(sim.x_me(&sibling, "").await.status, 200, "another consent is another family");
}

#[tokio::test]
async fn x_lets_one_of_two_simultaneous_refreshes_win() {
    let sim = Sim::start().await;
    let (_, refresh) = sim.x_pair("acme").await;
    let (one, two) = tokio::join!(sim.x_refresh(&refresh), sim.x_refresh(&refresh));
    let (won, lost) = if one.status == 200 { (one, two) } else { (two, one) };
    assert_eq!(won.status, 200);
    assert_eq!(lost.oauth_error(), bad_token());
    let heir = sim.x_refresh(&won.str("refresh_token")).await;
    assert_eq!(heir.oauth_error(), bad_token(), "the family died with the second use");
}

#[tokio::test]
async fn x_ends_a_refresh_token_after_six_months() {
    let sim = Sim::start().await;
    let (_, kept) = sim.x_pair("acme").await;
    let (_, late) = sim.x_pair("agency").await;
    sim.pass(15_551_999);
    assert_eq!(sim.x_refresh(&kept).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.x_refresh(&late).await.oauth_error(), bad_token());
}

#[tokio::test]
async fn x_refreshes_only_for_the_app_that_owns_the_token() {
    let sim = Sim::start().await;
    let (access, refresh) = sim.x_pair("acme").await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let url = sim.url(&format!("{X_API}/oauth2/token"));
    let other = sim.http.post(&url).basic_auth("xother", Some("xother-secret")).form(&form);
    assert_eq!(sim.send(other).await.oauth_error(), bad_token());
    let anonymous = sim.http.post(&url).form(&form);
    assert_eq!(sim.send(anonymous).await.oauth_error(), no_client());
    assert_eq!(sim.x_refresh(&access).await.oauth_error(), bad_token());
    assert_eq!(sim.x_refresh("").await.oauth_error().1, "invalid_request");
    assert_eq!(sim.x_refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn x_revokes_one_token_and_leaves_its_partner() {
    let sim = Sim::start().await;
    let revoke = |token: String| {
        let form = [("token", token)];
        sim.send(sim.x_post("revoke").form(&form))
    };
    let (access, refresh) = sim.x_pair("acme").await;
    let done = revoke(refresh.clone()).await;
    assert_eq!((done.status, done.json()), (200, json!({ "revoked": true })));
    assert_eq!(sim.x_me(&access, "").await.status, 200);
    assert_eq!(sim.x_refresh(&refresh).await.oauth_error(), bad_token());
    assert_eq!(revoke(access.clone()).await.status, 200);
    assert_eq!(sim.x_me(&access, "").await.status, 401);
    assert_eq!(revoke(access).await.status, 200, "revoking again changes nothing");

    let (access, refresh) = sim.x_pair("agency").await;
    assert_eq!(revoke(access.clone()).await.status, 200);
    assert_eq!(sim.x_me(&access, "").await.status, 401);
    assert_eq!(sim.x_refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn x_revokes_only_for_the_app_by_basic() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let form = [("token", access.as_str()), ("client_id", "xapp"), ("client_secret", "xapp-secret")];
    let url = sim.url(&format!("{X_API}/oauth2/revoke"));
    let in_body = sim.http.post(&url).form(&form);
    assert_eq!(sim.send(in_body).await.oauth_error(), no_client());
    let other = sim.http.post(&url).basic_auth("xother", Some("xother-secret")).form(&form[..1]);
    assert_eq!(sim.send(other).await.oauth_error(), bad_token());
    let unknown = sim.x_post("revoke").form(&[("token", "garbage")]);
    assert_eq!(sim.send(unknown).await.oauth_error(), bad_token());
    let none = sim.x_post("revoke").form(&[("other", "thing")]);
    assert!(sim.send(none).await.oauth_error().2.contains("[token]"));
    assert_eq!(sim.x_me(&access, "").await.status, 200);
}

#[tokio::test]
async fn x_rotates_even_when_the_answer_is_lost() {
    let sim = Sim::start().await;
    let (_, refresh) = sim.x_pair("acme").await;
    sim.fault("x", "token", "answer_lost").await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    assert!(sim.x_post("token").form(&form).send().await.is_err(), "no answer arrives");
    let entry = sim.journal().await.pop().unwrap();
    assert_eq!((&entry["outcome"], &entry["status"]), (&json!("refreshed"), &json!(null)));
    assert_eq!(entry["fault"], "answer_lost");
    assert_eq!(sim.x_refresh(&refresh).await.oauth_error(), bad_token());
    let outcome = sim.journal().await.pop().unwrap()["outcome"].clone();
    assert_eq!(outcome, "refused:reused_family_killed");
}

#[tokio::test]
async fn x_answers_any_token_body_that_a_test_asks_for() {
    let sim = Sim::start().await;
    let body = r#"{"access_token":"CANARY-odd","expires_in":"7200"}"#;
    sim.fault("x", "token", &format!("token_body:{body}")).await;
    let code = sim.x_code().await;
    assert_eq!(sim.x_exchange(&code, &[]).await.text, body);
    assert_eq!(sim.x_exchange(&code, &[]).await.oauth_error(), bad_code(), "the code is used");
    sim.fault("x", "token", &format!("token_body:{body}")).await;
    let refused = sim.x_exchange("garbage", &[]).await;
    assert_eq!(refused.oauth_error(), bad_code(), "errors stay as they are");
}
