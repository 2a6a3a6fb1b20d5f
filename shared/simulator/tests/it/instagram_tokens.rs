//! Instagram Login: codes, short and long tokens, refreshes.

use serde_json::json;

use crate::harness::{BACK, IG, IG_TOKEN, Sim, query, shape};

const DAY: i64 = 86_400;

#[tokio::test]
async fn instagram_answers_a_code_with_a_number_that_no_float_holds() {
    let sim = Sim::start().await;
    let code = sim.ig_code("acme").await;
    let reply = sim.ig_exchange(&code, &[]).await;
    let example = json!({
        "access_token": "IGAAfakeShort0001", "user_id": 17_841_400_000_000_005_u64,
        "permissions": ["instagram_business_basic"],
    });
    assert_eq!((reply.status, shape(&reply.json())), (200, shape(&example)));
    assert!(reply.str("access_token").starts_with("IGAACANARY"));
    let id = reply.json()["user_id"].as_u64().unwrap();
    assert!(reply.text.contains(&format!("\"user_id\":{id},")) || reply.text.contains(&format!("\"user_id\":{id}}}")));
    assert!(id > 1 << 53 && id % 2 == 1, "{id} between 2^54 and 2^53 is odd, so a float cannot hold it");
    let me = sim.ig("me", &reply.str("access_token"), &[("fields", "user_id")]).await;
    assert_eq!(me.str("user_id"), id.to_string());
}

#[tokio::test]
async fn instagram_has_two_more_forms_of_that_answer() {
    let sim = Sim::start().await;
    let code = sim.ig_code("acme").await;
    sim.fault("instagram", "token", "array_envelope").await;
    let array = sim.ig_exchange(&code, &[]).await.json();
    let example = json!({ "data": [{
        "access_token": "IGAAfakeShort0001", "user_id": "17841400000000005",
        "permissions": "instagram_business_basic,instagram_business_content_publish",
    }] });
    assert_eq!(shape(&array), shape(&example));
    assert_eq!(array["data"][0]["permissions"], crate::harness::IG_SCOPES);
    let code = sim.ig_code("acme").await;
    sim.fault("instagram", "token", "comma_permissions").await;
    let flat = sim.ig_exchange(&code, &[]).await.json();
    assert_eq!(flat["permissions"], crate::harness::IG_SCOPES);
    assert!(flat["user_id"].is_u64());
}

#[tokio::test]
async fn instagram_takes_a_code_once_and_within_an_hour() {
    let sim = Sim::start().await;
    let none = (400, "Matching code was not found or was already used".to_owned());
    let code = sim.ig_code("acme").await;
    let tailed = format!("{code}#_");
    assert_eq!(sim.ig_exchange(&tailed, &[]).await.instagram_error(), none, "the suffix is not of the code");
    sim.pass(3_599);
    assert_eq!(sim.ig_exchange(&code, &[]).await.status, 200);
    let again = sim.ig_exchange(&code, &[]).await;
    assert_eq!(again.instagram_error(), none);
    let example = json!({ "error_type": "OAuthException", "code": 400, "error_message": "…" });
    assert_eq!(shape(&again.json()), shape(&example));
    let late = sim.ig_code("acme").await;
    sim.pass(3_600);
    assert_eq!(sim.ig_exchange(&late, &[]).await.instagram_error(), none);
    let forgotten = sim.ig_code("acme").await;
    sim.event("instagram", "acme", "revoke", json!({})).await;
    assert_eq!(sim.ig_exchange(&forgotten, &[]).await.instagram_error(), none);
}

#[tokio::test]
async fn instagram_binds_a_code_to_app_secret_and_redirect() {
    let sim = Sim::start().await;
    let code = sim.ig_code("acme").await;
    let cases = [
        ("client_id", "1001", "Invalid platform app"),
        ("client_id", "nobody", "Invalid platform app"),
        ("client_id", "", "Missing required field client_id"),
        ("client_secret", "1001-secret", "Invalid platform app"),
        ("client_secret", "", "Missing required field client_secret"),
        ("grant_type", "", "Missing required field grant_type"),
        ("grant_type", "ig_exchange_token", "Invalid grant_type"),
        ("code", "", "Missing required field code"),
        ("code", "AQgarbage", "Matching code was not found or was already used"),
        ("redirect_uri", "", "Missing required field redirect_uri"),
    ];
    for (name, value, message) in cases {
        let reply = sim.ig_exchange(&code, &[(name, value)]).await;
        assert_eq!(reply.instagram_error(), (400, message.to_owned()), "{name}={value}");
    }
    let elsewhere = format!("{BACK}/other");
    let (status, message) = sim.ig_exchange(&code, &[("redirect_uri", &elsewhere)]).await.instagram_error();
    assert!(status == 400 && message.contains("redirect_uri is identical"), "{message}");
    let other = sim.ig_exchange(&code, &[("client_id", "2002"), ("client_secret", "2002-secret")]).await;
    assert!(other.instagram_error().1.starts_with("Matching code was not found"));
    assert_eq!(sim.ig_exchange(&code, &[]).await.status, 200, "no wrong call uses it up");
}

#[tokio::test]
async fn instagram_reads_the_exchange_from_a_form_or_multipart_only() {
    let sim = Sim::start().await;
    let form = |code: &str| {
        [
            ("client_id", "2001".to_owned()),
            ("client_secret", "2001-secret".to_owned()),
            ("grant_type", "authorization_code".to_owned()),
            ("redirect_uri", BACK.to_owned()),
            ("code", code.to_owned()),
        ]
    };
    let url = sim.url(IG_TOKEN);
    let code = sim.ig_code("acme").await;
    let object: serde_json::Map<_, _> = form(&code).into_iter().map(|(n, v)| (n.to_owned(), json!(v))).collect();
    let missing = (400, "Missing required field client_id".to_owned());
    assert_eq!(sim.send(sim.http.post(&url).json(&object)).await.instagram_error(), missing);
    let text = form(&code);
    let pairs: Vec<(&str, &str)> = text.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(sim.send(sim.http.post(format!("{url}?{}", query(&pairs)))).await.instagram_error(), missing);
    let basic = sim.http.post(&url).basic_auth("2001", Some("2001-secret")).form(&pairs[2..]);
    assert_eq!(sim.send(basic).await.instagram_error(), missing);
    let get = sim.get(IG_TOKEN, &pairs).await;
    assert_eq!(get.instagram_error(), (400, "Unsupported request - method type: get".to_owned()));
    assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    let versioned = sim.post("/api.instagram.com/v26.0/oauth/access_token", &pairs).await;
    assert_eq!(versioned.instagram_error().0, 400);
    let wrong_host = sim.post(&format!("{IG}/oauth/access_token"), &pairs).await;
    assert_eq!(wrong_host.graph_error(), (400, 100, None));
    let facebook = sim.post(&format!("{}/oauth/access_token", crate::harness::FB), &pairs).await;
    assert_eq!(facebook.graph_error(), (400, 101, None), "another platform does not know the app");

    let parts =
        text.map(|(name, value)| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    let multipart = sim
        .http
        .post(&url)
        .header("content-type", "multipart/form-data; boundary=b")
        .body(parts.concat() + "--b--\r\n");
    assert_eq!(sim.send(multipart).await.status, 200);
}

#[tokio::test]
async fn instagram_makes_a_long_token_of_a_living_short_one() {
    let sim = Sim::start().await;
    let short = sim.ig_short("acme").await;
    for (name, value, expected) in [
        ("client_secret", "1001-secret", (400, 1, None)),
        ("client_secret", "2002-secret", (400, 1, None)),
        ("client_secret", "", (400, 101, None)),
        ("access_token", "", (400, 101, None)),
        ("access_token", "IGAAgarbage", (400, 190, None)),
        ("grant_type", "", (400, 101, None)),
        ("grant_type", "fb_exchange_token", (400, 100, None)),
        ("grant_type", "ig_refresh_token", (400, 100, None)),
    ] {
        let reply = sim.ig_long_of(&short, &[(name, value)]).await;
        assert_eq!(reply.graph_error(), expected, "{name}={value}");
    }
    let form = [("grant_type", "ig_exchange_token"), ("client_secret", "2001-secret"), ("access_token", &short)];
    let post = sim.post(&format!("{IG}/access_token"), &form).await;
    assert_eq!(post.graph_error(), (400, 100, None));
    assert!(post.text.contains("Unsupported request - method type: post"));
    let versioned = sim.get(&format!("{IG}/v26.0/access_token"), &form).await;
    assert_eq!(versioned.graph_error(), (400, 2500, None), "the token endpoints have no version");
    let header = sim.http.get(sim.url(&format!("{IG}/access_token?{}", query(&form[..2])))).bearer_auth(&short);
    assert_eq!(sim.send(header).await.graph_error(), (400, 101, None));

    let long = sim.ig_long_of(&short, &[]).await;
    let example = json!({ "access_token": "IGAAfakeLong0001", "token_type": "bearer", "expires_in": 5_183_990 });
    assert_eq!(shape(&long.json()), shape(&example));
    assert_eq!(long.json()["expires_in"], 60 * DAY);
    let long = long.str("access_token");
    assert_eq!(sim.ig_long_of(&long, &[]).await.graph_error(), (400, 100, None), "it is long already");
    sim.pass(3_599);
    assert_eq!(sim.ig("me", &short, &[]).await.status, 200);
    sim.pass(1);
    for late in [sim.ig("me", &short, &[]).await, sim.ig_long_of(&short, &[]).await] {
        assert_eq!(late.graph_error(), (400, 190, None), "without a subcode");
        assert!(late.text.contains("Session has expired on "));
    }
    sim.pass(60 * DAY - 3_601);
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.ig("me", &long, &[]).await.graph_error(), (400, 190, None));
}

#[tokio::test]
async fn instagram_refreshes_a_token_that_is_a_day_old_and_lives() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    sim.pass(DAY - 1);
    let young = sim.ig_refresh(&long).await;
    assert_eq!(young.graph_error(), (400, 100, None));
    assert!(young.text.contains("must be at least 24 hours old to be refreshed"));
    sim.pass(1);
    let refreshed = sim.ig_refresh(&long).await;
    assert_eq!((refreshed.status, refreshed.json()["expires_in"].as_i64()), (200, Some(60 * DAY)));
    let new = refreshed.str("access_token");
    assert_ne!(new, long);
    assert_eq!(sim.ig_refresh(&new).await.graph_error(), (400, 100, None), "its own day begins");
    sim.pass(59 * DAY - 1);
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200, "the old one lives to its own end");
    sim.pass(1);
    assert_eq!(sim.ig("me", &long, &[]).await.graph_error(), (400, 190, None));
    assert_eq!(sim.ig_refresh(&long).await.graph_error(), (400, 190, None), "an expired one cannot come back");
    assert_eq!(sim.ig("me", &new, &[]).await.status, 200);

    let short = sim.ig_short("acme").await;
    assert_eq!(sim.ig_refresh(&short).await.graph_error(), (400, 100, None));
}

#[tokio::test]
async fn instagram_may_refresh_with_the_same_string() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    sim.pass(50 * DAY);
    sim.fault("instagram", "token", "same_token").await;
    assert_eq!(sim.ig_refresh(&long).await.str("access_token"), long);
    sim.pass(59 * DAY);
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200);
    sim.pass(DAY);
    assert_eq!(sim.ig("me", &long, &[]).await.graph_error(), (400, 190, None));
}

#[tokio::test]
async fn instagram_refreshes_by_get_with_the_token_in_the_query_while_basic_is_granted() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    sim.pass(2 * DAY);
    let path = format!("{IG}/refresh_access_token");
    let pairs = [("grant_type", "ig_refresh_token"), ("access_token", long.as_str())];
    let post = sim.post(&path, &pairs).await;
    assert_eq!(post.graph_error(), (400, 100, None));
    assert!(post.text.contains("Unsupported request - method type: post"));
    assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    let header = sim.http.get(sim.url(&format!("{path}?grant_type=ig_refresh_token"))).bearer_auth(&long);
    assert_eq!(sim.send(header).await.graph_error(), (400, 101, None));
    let body = sim.http.get(sim.url(&format!("{path}?grant_type=ig_refresh_token"))).form(&pairs[1..]);
    assert_eq!(sim.send(body).await.graph_error(), (400, 101, None));
    for wrong in ["ig_exchange_token", "refresh_token", "th_refresh_token"] {
        let reply = sim.get(&path, &[("grant_type", wrong), pairs[1]]).await;
        assert_eq!(reply.graph_error(), (400, 100, None), "{wrong}");
    }
    assert_eq!(sim.get(&path, &pairs[1..]).await.graph_error(), (400, 101, None));
    let versioned = sim.get(&format!("{IG}/v26.0/refresh_access_token"), &pairs).await;
    assert_eq!(versioned.graph_error(), (400, 2500, None));

    let scope = json!({ "scope": "instagram_business_content_publish" });
    assert_eq!(sim.event("instagram", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.ig_refresh(&long).await.status, 200);
    let scope = json!({ "scope": "instagram_business_basic" });
    assert_eq!(sim.event("instagram", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.ig_refresh(&long).await.graph_error(), (403, 10, None));
}
