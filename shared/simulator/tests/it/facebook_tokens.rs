//! Facebook: codes, user tokens, page tokens, `debug_token`.

use serde_json::json;

use crate::harness::{BACK, FB, FB_SCOPES, Sim};

const DAY: i64 = 86_400;

#[tokio::test]
async fn facebook_gives_a_short_token_for_a_code_by_get_or_post() {
    let sim = Sim::start().await;
    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    sim.pass(599);
    let reply = sim.fb_token("1001", &[("code", &code)]).await;
    let body = reply.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(5112)));
    assert!(reply.str("access_token").starts_with("EAAGCANARY"));

    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    let form = [("client_id", "1001"), ("client_secret", "1001-secret"), ("redirect_uri", BACK), ("code", &code)];
    let path = format!("{FB}/oauth/access_token");
    assert_eq!(sim.post(&path, &form).await.status, 200);

    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    let mut multipart = form;
    multipart[3].1 = &code;
    let parts = multipart.map(|(name, value)| {
        let head = format!("content-disposition: form-data; name=\"{name}\"");
        format!("--b\r\n{head}\r\n\r\n{value}\r\n")
    });
    let multipart = parts.concat();
    let request = sim
        .http
        .post(sim.url(&path))
        .header("content-type", "multipart/form-data; boundary=b")
        .body(multipart + "--b--\r\n");
    assert_eq!(sim.send(request).await.status, 200);
}

#[tokio::test]
async fn facebook_takes_a_code_once_and_within_ten_minutes() {
    let sim = Sim::start().await;
    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    assert_eq!(sim.fb_token("1001", &[("code", &code)]).await.status, 200);
    let again = sim.fb_token("1001", &[("code", &code)]).await;
    assert_eq!(again.graph_error(), (400, 100, Some(36009)));
    assert!(again.text.contains("This authorization code has been used."));
    let late = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    sim.pass(600);
    assert_eq!(sim.fb_token("1001", &[("code", &late)]).await.graph_error(), (400, 100, Some(36007)));
}

#[tokio::test]
async fn facebook_binds_a_code_to_app_secret_and_redirect() {
    let sim = Sim::start().await;
    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    let with = async |changed: &[(&str, &str)]| {
        let changed = [&[("code", code.as_str())], changed].concat();
        sim.fb_token("1001", &changed).await
    };
    let cases = [
        ("redirect_uri", "https://mooring.example/callback/other", (400, 100, Some(36008))),
        ("redirect_uri", "", (400, 191, None)),
        ("client_secret", "nonsense", (400, 1, None)),
        ("client_secret", "", (400, 1, None)),
        ("client_id", "nobody", (400, 101, None)),
        ("client_id", "", (400, 101, None)),
        ("code", "garbage", (400, 100, None)),
        ("grant_type", "refresh_token", (400, 100, None)),
    ];
    for (name, value, expected) in cases {
        let reply =
            if name == "code" { sim.fb_token("1001", &[("code", value)]).await } else { with(&[(name, value)]).await };
        assert_eq!(reply.graph_error(), expected, "{name}={value}");
    }
    let text = with(&[("client_secret", "nonsense")]).await.text;
    assert!(text.contains("Error validating client secret."));
    let other = sim.fb_token("1002", &[("code", &code)]).await;
    assert_eq!(other.graph_error(), (400, 100, None));
    let url = sim.url(&format!("{FB}/oauth/access_token"));
    let basic = sim.http.post(url).basic_auth("1001", Some("1001-secret"));
    let form = [("redirect_uri", BACK), ("code", code.as_str())];
    assert_eq!(sim.send(basic.form(&form)).await.graph_error(), (400, 101, None));
    assert_eq!(with(&[]).await.status, 200);
}

#[tokio::test]
async fn facebook_makes_a_long_token_of_a_living_one_only() {
    let sim = Sim::start().await;
    let short = sim.fb_short("acme").await;
    let wrong_secret = sim
        .fb_token(
            "1001",
            &[("grant_type", "fb_exchange_token"), ("fb_exchange_token", &short), ("client_secret", "nonsense")],
        )
        .await;
    assert_eq!(wrong_secret.graph_error(), (400, 1, None));
    assert_eq!(sim.fb_long_of("1002", &short).await.graph_error(), (400, 100, None));
    assert_eq!(sim.fb_long_of("1001", "").await.graph_error(), (400, 101, None));
    assert_eq!(sim.fb_long_of("1001", "garbage").await.graph_error(), (400, 190, None));
    let long = sim.fb_long_of("1001", &short).await;
    assert_eq!(long.json()["expires_in"], 5_183_944);
    let long = long.str("access_token");
    let (_, page) = sim.fb_page(&long).await;
    assert_eq!(sim.fb_long_of("1001", &page).await.graph_error(), (400, 100, None));
    sim.pass(5_111);
    assert_eq!(sim.graph("me", &short, &[]).await.status, 200);
    sim.pass(1);
    let late = sim.graph("me", &short, &[]).await;
    assert_eq!(late.graph_error(), (400, 190, Some(463)));
    assert!(late.text.contains("Session has expired on Sunday, 22-Nov-26"), "{late:?}");
    assert_eq!(sim.fb_long_of("1001", &short).await.graph_error(), (400, 190, Some(463)));
    assert_eq!(sim.fb_long_of("1001", &long).await.status, 200, "a living long one can be renewed");
}

#[tokio::test]
async fn facebook_ends_a_long_token_after_sixty_days_and_its_pages_never() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (page_id, page) = sim.fb_page(&user).await;
    assert_eq!(sim.fb_page(&user).await.1, page, "the same string while nothing changed");
    sim.pass(5_183_943);
    assert_eq!(sim.graph("me", &user, &[]).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.graph("me", &user, &[]).await.graph_error(), (400, 190, Some(463)));
    assert_eq!(sim.graph(&page_id, &page, &[]).await.status, 200);
}

#[tokio::test]
async fn facebook_ends_a_page_token_with_the_short_token_it_came_of() {
    let sim = Sim::start().await;
    let short = sim.fb_short("acme").await;
    let (page_id, page) = sim.fb_page(&short).await;
    assert_eq!(sim.graph(&page_id, &page, &[]).await.status, 200);
    sim.pass(5_112);
    assert_eq!(sim.graph(&page_id, &page, &[]).await.graph_error(), (400, 190, Some(463)));
}

#[tokio::test]
async fn facebook_ends_data_access_after_ninety_days_without_a_login() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (page_id, page) = sim.fb_page(&user).await;
    sim.pass(90 * DAY - 1);
    assert_eq!(sim.graph(&page_id, &page, &[]).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.graph(&page_id, &page, &[]).await.graph_error(), (403, 10, None));
    let told = sim.debug(&page).await;
    assert_eq!((&told["is_valid"], &told["expires_at"]), (&json!(true), &json!(0)));
    let until = told["data_access_expires_at"].as_i64().unwrap();
    let now: jiff::Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    assert_eq!(until, now.as_second() + 90 * DAY);
    sim.fb_short("acme").await;
    assert_eq!(sim.graph(&page_id, &page, &[]).await.status, 200, "a login renews it");
}

#[tokio::test]
async fn facebook_tells_what_a_token_is() {
    let sim = Sim::start().await;
    let short = sim.fb_short("acme").await;
    let user = sim.fb_long_of("1001", &short).await.str("access_token");
    let (page_id, page) = sim.fb_page(&user).await;
    let told = sim.debug(&short).await;
    assert_eq!((&told["type"], &told["app_id"], &told["is_valid"]), (&json!("USER"), &json!("1001"), &json!(true)));
    assert!(told.get("issued_at").is_none(), "only long-lived tokens tell when they were made");
    let told = sim.debug(&user).await;
    assert_eq!(told["expires_at"].as_i64().unwrap() - told["issued_at"].as_i64().unwrap(), 5_183_944);
    assert_eq!(told["user_id"].as_str().unwrap(), sim.graph("me", &user, &[]).await.str("id"));
    let told = sim.debug(&page).await;
    assert_eq!((&told["type"], &told["expires_at"], &told["profile_id"]), (&json!("PAGE"), &json!(0), &json!(page_id)));
    let granular = told["granular_scopes"].as_array().unwrap();
    let listed = granular.iter().find(|scope| scope["scope"] == "pages_show_list").unwrap();
    assert_eq!(listed["target_ids"], json!([page_id]));
}

#[tokio::test]
async fn facebook_tells_of_a_bad_token_with_status_200() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    assert_eq!(sim.event("facebook", "acme", "password_change", json!({})).await, 204);
    let told = sim.debug(&user).await;
    assert_eq!((&told["is_valid"], &told["scopes"]), (&json!(false), &json!([])));
    assert_eq!((&told["error"]["code"], &told["error"]["subcode"]), (&json!(190), &json!(460)));
    let told = sim.debug("garbage").await;
    assert_eq!((&told["is_valid"], &told["error"]["code"]), (&json!(false), &json!(190)));
}

#[tokio::test]
async fn facebook_tells_it_to_the_app_alone() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let ask = async |token: &str, input: &str| {
        let pairs = [("input_token", input)];
        sim.graph("debug_token", token, &pairs).await.graph_error()
    };
    assert_eq!(ask(&user, &user).await, (400, 100, None));
    assert_eq!(ask("1001|wrong", &user).await, (400, 190, None));
    assert_eq!(ask("1002|1002-secret", &user).await, (400, 100, None));
    assert_eq!(ask("1001|1001-secret", "").await, (400, 100, None));
    let bare = sim.get("/graph.facebook.com/debug_token", &[("input_token", &user)]).await;
    assert_eq!(bare.graph_error(), (400, 104, None));
    let pairs = [("input_token", user.as_str()), ("access_token", "1001|1001-secret")];
    assert_eq!(sim.get("/graph.facebook.com/debug_token", &pairs).await.status, 200);
}

#[tokio::test]
async fn facebook_gives_an_app_token_for_the_secret() {
    let sim = Sim::start().await;
    let reply = sim.fb_token("1001", &[("grant_type", "client_credentials")]).await;
    assert_eq!(reply.str("access_token"), "1001|1001-secret");
    let me = sim.graph("me", "1001|1001-secret", &[]).await;
    assert_eq!(me.graph_error().0, 400, "an app is nobody");
}

#[tokio::test]
async fn facebook_answers_any_token_body_that_a_test_asks_for() {
    let sim = Sim::start().await;
    let body = r#"{"access_token":null}"#;
    sim.fault("facebook", "token", &format!("token_body:{body}")).await;
    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    assert_eq!(sim.fb_token("1001", &[("code", &code)]).await.text, body);
    let again = sim.fb_token("1001", &[("code", &code)]).await;
    assert_eq!(again.graph_error(), (400, 100, Some(36009)));
}
