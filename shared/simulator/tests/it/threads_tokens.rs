//! Threads: codes, short and long tokens, refreshes, `debug_token`.

use serde_json::{Value, json};

use crate::harness::{BACK, query, shape};
use crate::threads::{API, SCOPES, start};

const DAY: i64 = 86_400;

#[tokio::test]
async fn threads_answers_a_code_with_a_number_that_no_float_holds() {
    let sim = start().await;
    let code = sim.th_code("acme").await;
    let reply = sim.th_exchange(&code, &[]).await;
    let example = json!({ "access_token": "THAAfakeShort0001", "user_id": 24_000_000_000_000_001_u64 });
    assert_eq!((reply.status, shape(&reply.json())), (200, shape(&example)));
    assert!(reply.str("access_token").starts_with("THAACANARY"));
    let id = reply.json()["user_id"].as_u64().unwrap();
    assert!(id > 1 << 53 && id % 2 == 1, "{id} between 2^54 and 2^53 is odd, so a float cannot hold it");
    assert_eq!(sim.th("me", &reply.str("access_token"), &[]).await.str("id"), id.to_string());
}

#[tokio::test]
async fn threads_takes_a_code_once_and_within_an_hour() {
    let sim = start().await;
    let none = (400, "Invalid authorization code".to_owned());
    let code = sim.th_code("acme").await;
    let tailed = format!("{code}#_");
    assert_eq!(sim.th_exchange(&tailed, &[]).await.instagram_error(), none, "the suffix is not of the code");
    sim.pass(3_599);
    assert_eq!(sim.th_exchange(&code, &[]).await.status, 200);
    let again = sim.th_exchange(&code, &[]).await;
    assert_eq!(again.instagram_error(), none);
    let example = json!({ "error_message": "…", "error_type": "OAuthException", "code": 400 });
    assert_eq!(shape(&again.json()), shape(&example));
    let late = sim.th_code("acme").await;
    sim.pass(3_600);
    assert_eq!(sim.th_exchange(&late, &[]).await.instagram_error(), none);
    let forgotten = sim.th_code("acme").await;
    sim.event("threads", "acme", "revoke", json!({})).await;
    assert_eq!(sim.th_exchange(&forgotten, &[]).await.instagram_error(), none);
}

#[tokio::test]
async fn threads_binds_a_code_to_app_secret_and_redirect() {
    let sim = start().await;
    let code = sim.th_code("acme").await;
    let elsewhere = format!("{BACK}/other");
    let cases = [
        ("client_id", "1001", "Invalid client_id"),
        ("client_id", "2001", "Invalid client_id"),
        ("client_id", "", "Missing required field client_id"),
        ("client_secret", "1001-secret", "Error validating client secret."),
        ("client_secret", "", "Missing required field client_secret"),
        ("grant_type", "", "Missing required field grant_type"),
        ("grant_type", "th_exchange_token", "Invalid grant_type"),
        ("code", "", "Missing required field code"),
        ("code", "AQgarbage", "Invalid authorization code"),
        ("redirect_uri", "", "Missing required field redirect_uri"),
    ];
    for (name, value, message) in cases {
        let reply = sim.th_exchange(&code, &[(name, value)]).await;
        assert_eq!(reply.instagram_error(), (400, message.to_owned()), "{name}={value}");
    }
    let (status, message) = sim.th_exchange(&code, &[("redirect_uri", &elsewhere)]).await.instagram_error();
    assert!(status == 400 && message.contains("redirect_uri is identical"), "{message}");
    let other = sim.th_exchange(&code, &[("client_id", "3002"), ("client_secret", "3002-secret")]).await;
    assert_eq!(other.instagram_error().1, "Invalid authorization code");
    assert_eq!(sim.th_exchange(&code, &[]).await.status, 200, "no wrong call uses it up");
}

#[tokio::test]
async fn threads_reads_the_exchange_from_form_or_query_and_by_post_only() {
    let sim = start().await;
    let url = sim.url(&format!("{API}/oauth/access_token"));
    let right = async || {
        [
            ("client_id", "3001".to_owned()),
            ("client_secret", "3001-secret".to_owned()),
            ("grant_type", "authorization_code".to_owned()),
            ("redirect_uri", BACK.to_owned()),
            ("code", sim.th_code("acme").await),
        ]
    };
    let text = right().await;
    let pairs: Vec<(&str, &str)> = text.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let missing = (400, "Missing required field client_id".to_owned());
    let object: serde_json::Map<_, _> = text.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
    assert_eq!(sim.send(sim.http.post(&url).json(&object)).await.instagram_error(), missing);
    let basic = sim.http.post(&url).basic_auth("3001", Some("3001-secret")).form(&pairs[2..]);
    assert_eq!(sim.send(basic).await.instagram_error(), missing);
    let get = sim.get(&format!("{API}/oauth/access_token"), &pairs).await;
    assert_eq!(get.instagram_error(), (400, "Unsupported request - method type: get".to_owned()));
    assert_eq!(sim.send(sim.http.post(format!("{url}?{}", query(&pairs)))).await.status, 200);
    let text = right().await;
    let pairs: Vec<(&str, &str)> = text.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(sim.post("/graph.threads.com/oauth/access_token", &pairs).await.status, 200);
}

#[tokio::test]
async fn threads_makes_a_long_token_of_a_living_short_one() {
    let sim = start().await;
    let short = sim.th_short("acme").await;
    for (name, value, expected) in [
        ("client_secret", "2001-secret", (400, 1, None)),
        ("client_secret", "3002-secret", (400, 1, None)),
        ("client_secret", "", (400, 101, None)),
        ("access_token", "", (400, 101, None)),
        ("access_token", "THAAgarbage", (400, 190, None)),
        ("grant_type", "", (400, 101, None)),
        ("grant_type", "ig_exchange_token", (400, 100, None)),
        ("grant_type", "th_refresh_token", (400, 100, None)),
    ] {
        let reply = sim.th_long_of(&short, &[(name, value)]).await;
        assert_eq!(reply.graph_error(), expected, "{name}={value}");
    }
    let form = [("grant_type", "th_exchange_token"), ("client_secret", "3001-secret"), ("access_token", &short)];
    assert_eq!(sim.post(&format!("{API}/access_token"), &form).await.graph_error(), (400, 100, None));
    assert_eq!(sim.get(&format!("{API}/v1.0/access_token"), &form).await.graph_error(), (400, 2500, None));
    let long = sim.th_long_of(&short, &[]).await;
    let example = json!({ "access_token": "THAAfakeLong0001", "token_type": "bearer", "expires_in": 5_183_944 });
    assert_eq!(shape(&long.json()), shape(&example));
    assert_eq!(long.json()["expires_in"], 60 * DAY);
    let long = long.str("access_token");
    assert_eq!(sim.th_long_of(&long, &[]).await.graph_error(), (400, 100, None), "it is long already");
    sim.pass(3_600);
    for late in [sim.th("me", &short, &[]).await, sim.th_long_of(&short, &[]).await] {
        assert_eq!(late.graph_error(), (400, 190, Some(463)));
        assert!(late.text.contains("Error validating access token: Session has expired on "));
    }
    sim.pass(60 * DAY - 3_601);
    assert_eq!(sim.th("me", &long, &[]).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.th("me", &long, &[]).await.graph_error(), (400, 190, Some(463)));
}

#[tokio::test]
async fn threads_refreshes_a_token_that_is_a_day_old_and_lives() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    sim.pass(DAY - 1);
    let young = sim.th_refresh(&long).await;
    assert_eq!(young.graph_error(), (400, 100, None));
    assert!(young.text.contains("at least 24 hours old"));
    sim.pass(1);
    let path = format!("{API}/refresh_access_token");
    let pairs = [("grant_type", "th_refresh_token"), ("access_token", long.as_str())];
    assert_eq!(sim.post(&path, &pairs).await.graph_error(), (400, 100, None), "by GET only");
    let header = sim.http.get(sim.url(&format!("{path}?grant_type=th_refresh_token"))).bearer_auth(&long);
    assert_eq!(sim.send(header).await.graph_error(), (400, 101, None), "the token stands in the query");
    assert_eq!(sim.get(&path, &[("grant_type", "ig_refresh_token"), pairs[1]]).await.graph_error(), (400, 100, None));
    let refreshed = sim.th_refresh(&long).await;
    assert_eq!((refreshed.status, refreshed.json()["expires_in"].as_i64()), (200, Some(60 * DAY)));
    let new = refreshed.str("access_token");
    assert_ne!(new, long);
    assert_eq!(sim.th_refresh(&new).await.graph_error(), (400, 100, None), "its own day begins");
    sim.pass(59 * DAY);
    assert_eq!(sim.th_refresh(&long).await.graph_error(), (400, 190, Some(463)), "an expired one cannot come back");
    assert_eq!(sim.th("me", &new, &[]).await.status, 200);

    sim.fault("threads", "token", "same_token").await;
    assert_eq!(sim.th_refresh(&new).await.str("access_token"), new);
    sim.pass(59 * DAY);
    assert_eq!(sim.th("me", &new, &[]).await.status, 200, "prolonged");
    sim.fault("threads", "token", "invalid_grant").await;
    assert_eq!(sim.th_refresh(&new).await.graph_error(), (400, 190, None));
    sim.fault("threads", "token", "no_expires_in").await;
    assert!(sim.th_refresh(&new).await.json().get("expires_in").is_none());
    let scope = json!({ "scope": "threads_basic" });
    assert_eq!(sim.event("threads", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.th_refresh(&new).await.graph_error(), (403, 10, None));
}

#[tokio::test]
async fn threads_looks_into_a_token_of_the_same_app() {
    let sim = start().await;
    let short = sim.th_short("acme").await;
    let debug = async |input: &str, token: &str| {
        let pairs = [("input_token", input), ("access_token", token)];
        sim.get(&format!("{API}/debug_token"), &pairs).await
    };
    for by in [short.as_str(), "TH|3001|3001-secret"] {
        let data = debug(&short, by).await.json()["data"].clone();
        let scopes: Vec<&str> = SCOPES.split(',').collect();
        assert_eq!((&data["is_valid"], &data["scopes"]), (&json!(true), &json!(scopes)));
        let issued = data["issued_at"].as_i64().unwrap();
        assert_eq!(data["expires_at"], issued + 3_600);
        let id = sim.th("me", &short, &[]).await.str("id");
        assert_eq!((&data["user_id"], data["application"].is_string()), (&json!(id), true));
    }
    assert_eq!(debug(&short, "").await.graph_error(), (400, 104, None));
    assert_eq!(sim.journal().await.last().unwrap()["route"], "probe");
    assert_eq!(debug("", &short).await.graph_error(), (400, 100, None));
    assert_eq!(debug(&short, "TH|3002|3002-secret").await.graph_error(), (400, 100, None), "another app");
    assert_eq!(debug(&short, "TH|3001|3002-secret").await.graph_error(), (400, 190, None));
    let garbage = debug("garbage", "TH|3001|3001-secret").await;
    assert_eq!((garbage.status, &garbage.json()["data"]["is_valid"]), (200, &json!(false)));
    let subcode = async |input: &str| {
        let reply = debug(input, "TH|3001|3001-secret").await;
        assert_eq!((reply.status, &reply.json()["data"]["is_valid"]), (200, &json!(false)));
        reply.json()["data"]["error"]["subcode"].clone()
    };
    sim.pass(3_600);
    assert_eq!(subcode(&short).await, 463);
    assert_eq!(debug(&short, &short).await.graph_error(), (400, 190, Some(463)), "a dead one cannot ask");
    let long = sim.th_long("acme").await;
    sim.event("threads", "acme", "revoke", json!({})).await;
    assert_eq!(subcode(&long).await, 458);
}

#[tokio::test]
async fn threads_keeps_secrets_out_of_the_journal() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    sim.th("me", &long, &[]).await;
    let calls: Vec<Value> = sim.journal().await;
    let outcomes: Vec<&str> = calls.iter().map(|call| call["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["code_issued", "code_exchanged", "token_exchanged", "ok"]);
    assert!(calls.iter().all(|call| call["platform"] == "threads" && call["documented"] == true));
    let text = sim.get("/_sim/journal?platform=threads", &[]).await.text;
    assert!(!text.contains("CANARY") && !text.contains("3001-secret"));
    assert!(simulator::MARKS.iter().any(|mark| long.starts_with(mark)));
}
