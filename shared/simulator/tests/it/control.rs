//! `/_sim/*`, the door, the consent page.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::App;

use crate::harness::{AUTHORIZE, BACK, DIALOG, FB, FB_SCOPES, Sim, X_API, query};

#[tokio::test]
async fn people_of_the_seed_are_there() {
    let sim = Sim::start().await;
    let people = sim.get("/_sim/people", &[]).await.json()["data"].clone();
    let person = |id: &str| {
        let all = people.as_array().unwrap();
        all.iter().find(|person| person["id"] == id).unwrap().clone()
    };
    let manageable = |page: &&Value| {
        let tasks = page["tasks"].as_array().unwrap();
        tasks.iter().any(|task| {
            let task = task.as_str().unwrap().trim_start_matches("PROFILE_PLUS_");
            ["MANAGE", "CREATE_CONTENT"].contains(&task)
        })
    };
    let count = |id: &str| {
        let pages = person(id)["facebook"]["pages"].as_array().unwrap().clone();
        (pages.len(), pages.iter().filter(manageable).count())
    };
    assert_eq!(count("acme"), (1, 1));
    assert_eq!(count("acme-team"), (2, 1));
    assert_eq!(count("agency"), (30, 26));
    assert_eq!(count("personal"), (0, 0));
    assert_eq!(count("analyst"), (2, 0));
    assert_eq!(person("acme")["x"]["username"], "acme");
    assert_eq!(person("agency")["x"]["username"], "northagency");
    assert_eq!(person("personal")["x"]["standing"], "suspended");
    assert!((1..=12).all(|n| person(&format!("demo-{n:02}"))["x"].is_object()));

    let accounts = |id: &str| person(id)["instagram"].as_array().unwrap().clone();
    let types = |id: &str| {
        let all = accounts(id);
        let mut types = [0; 3];
        for account in &all {
            let known = ["BUSINESS", "MEDIA_CREATOR", "PERSONAL"];
            types[known.iter().position(|kind| account["account_type"] == *kind).unwrap()] += 1;
        }
        types
    };
    assert_eq!((types("acme"), types("agency")), ([1, 0, 0], [17, 4, 1]));
    assert_eq!((types("personal"), types("creator"), types("hobby")), ([0, 0, 1], [0, 2, 0], [0, 0, 1]));
    assert_eq!(accounts("acme")[0]["username"], "acme");
    assert_eq!(accounts("acme")[0]["id"], person("acme")["facebook"]["pages"][0]["instagram"]);
    let linked = |id: &str| {
        let pages = person(id)["facebook"]["pages"].as_array().unwrap().clone();
        pages.into_iter().filter(|page| page["instagram"].is_string()).collect::<Vec<_>>()
    };
    assert_eq!((linked("agency").len(), linked("analyst").len(), linked("hobby").len()), (21, 1, 1));
    let agency = linked("agency");
    assert_eq!(agency.iter().filter(|page| !manageable(page)).count(), 3);
    assert_eq!(agency.iter().filter(|page| page["listed"] == false).count(), 5);
    assert_eq!(linked("analyst")[0]["instagram"], accounts("watched")[0]["id"], "somebody else signs in to it");
    for account in people.as_array().unwrap().iter().flat_map(|p| p["instagram"].as_array().into_iter().flatten()) {
        let id = account["id"].as_str().unwrap();
        let float: f64 = id.parse().unwrap();
        assert_ne!(format!("{float}"), id, "no floating-point number holds it");
    }
}

#[tokio::test]
async fn a_person_can_be_added_and_log_in() {
    let sim = Sim::start().await;
    let new = json!({
        "id": "nora", "name": "Nora Nord",
        "facebook": { "pages": [{ "name": "Nora's <Shop>", "tasks": ["MANAGE"], "followers": 12, "instagram": "nora.shop" }] },
        "instagram": [{ "username": "nora.shop", "followers": 56 }, { "username": "nora", "account_type": "PERSONAL" }],
        "x": { "username": "nora", "followers": 34 },
    });
    let added = sim.sim("POST", "people", new).await;
    assert_eq!(added.status, 201, "{added:?}");
    let id = added.json()["facebook"]["pages"][0]["id"].as_str().unwrap().to_owned();
    assert!(id.chars().all(|c| c.is_ascii_digit()));
    let user = sim.fb_long("nora").await;
    assert_eq!(sim.graph(&id, &user, &[("fields", "followers_count")]).await.json()["followers_count"], 12);
    let instagram = &added.json()["instagram"][0]["id"];
    assert_eq!(&added.json()["facebook"]["pages"][0]["instagram"], instagram);
    let long = sim.ig_long("nora").await;
    let shown = sim.ig("me", &long, &[("fields", "user_id,followers_count")]).await.json();
    assert_eq!((&shown["user_id"], &shown["followers_count"]), (instagram, &json!(56)));
    let (access, _) = sim.x_pair("nora").await;
    let shown = sim.x_me(&access, "?user.fields=public_metrics").await.json();
    assert_eq!(shown["data"]["public_metrics"]["followers_count"], 34);
    let again = sim.sim("POST", "people", added.json()).await;
    assert_eq!((again.status, again.json()), (201, added.json()), "the shape is the same both ways");
    let page = sim.get(&format!("{AUTHORIZE}?{}", Sim::x_request(&[])), &[]).await;
    assert!(page.text.contains("value=\"nora\""));
}

#[tokio::test]
async fn bad_steering_is_refused_with_a_message() {
    let sim = Sim::start().await;
    let fault = |key: &str, value: Value| {
        let mut body = json!({ "platform": "x", "route": "token", "kind": "timeout" });
        body[key] = value;
        ("POST", "faults", body)
    };
    let cases = [
        fault("platform", json!("myspace")),
        fault("route", json!("teapot")),
        fault("kind", json!("gremlin")),
        fault("kind", json!("password_changed")),
        fault("kind", json!("status:200")),
        fault("kind", json!("status:abc")),
        fault("kind", json!("cut")),
        fault("kind", json!("slow:")),
        fault("kind", json!("timeout:3")),
        fault("kind", json!("token_body:{nonsense")),
        fault("times", json!(0)),
        fault("times", json!(-1)),
        fault("rate", json!(1.5)),
        fault("extra", json!(1)),
        ("POST", "faults", json!({ "platform": "x" })),
        ("POST", "faults", json!([])),
        ("POST", "people", json!({ "id": "no one", "name": "N" })),
        ("POST", "people", json!({ "id": "n", "name": "" })),
        ("POST", "people", json!({ "id": "n", "name": "N", "myspace": {} })),
        ("POST", "people", json!({ "id": "n", "name": "N", "x": { "id": "abc" } })),
        (
            "POST",
            "people",
            json!({ "id": "n", "name": "N", "facebook": { "pages": [{ "name": "P", "owned_by": "?" }] } }),
        ),
        ("POST", "people", json!({ "id": "n", "name": "N", "instagram": [{ "id": "123" }] })),
        ("POST", "people", json!({ "id": "n", "name": "N", "instagram": [{ "username": "No Spaces" }] })),
        ("POST", "people", json!({ "id": "n", "name": "N", "instagram": [{}, {}] })),
        ("POST", "people", json!({ "id": "n", "name": "N", "instagram": [{ "account_type": "Business" }] })),
        ("POST", "people", json!({ "id": "n", "name": "N", "instagram": [{ "username": "acme" }] })),
        (
            "POST",
            "people",
            json!({ "id": "n", "name": "N", "facebook": { "pages": [{ "name": "P", "instagram": "nobody.here" }] } }),
        ),
        ("PUT", "apps", json!({ "platform": "x", "client_id": "a" })),
        ("PUT", "apps", json!({ "platform": "myspace", "client_id": "a", "client_secret": "b", "redirect_uris": [] })),
        ("PUT", "apps", json!({ "platform": "x", "client_id": "", "client_secret": "b", "redirect_uris": [] })),
        (
            "PUT",
            "apps",
            json!({ "platform": "x", "client_id": "a", "client_secret": "b", "redirect_uris": ["nonsense"] }),
        ),
        (
            "PUT",
            "apps",
            json!({ "platform": "x", "client_id": "a", "client_secret": "b", "redirect_uris": [], "notices": { "mail": BACK } }),
        ),
        (
            "PUT",
            "apps",
            json!({ "platform": "x", "client_id": "a", "client_secret": "b", "redirect_uris": [], "notices": { "notices": "ftp://a" } }),
        ),
        ("POST", "events", json!({ "platform": "x", "account": "acme", "kind": "revoke", "tamper": "mildly" })),
        ("POST", "events", json!({ "platform": "myspace", "account": "acme", "kind": "revoke" })),
        ("POST", "events", json!({ "platform": "x", "account": "acme", "kind": "explode" })),
        ("POST", "events", json!({ "platform": "x", "account": "acme", "kind": "revoke", "why": 1 })),
        ("POST", "clock", json!({})),
        ("POST", "clock", json!({ "advance": "tomorrow" })),
        ("POST", "clock", json!({ "advance": "P1M" })),
        ("POST", "clock", json!({ "set": "noon" })),
        ("POST", "clock", json!({ "advance": "P1D", "set": "2026-12-01T00:00:00Z" })),
        ("GET", "journal?platform=myspace", json!(null)),
        ("GET", "journal?after=soon", json!(null)),
        ("GET", "journal?before=1", json!(null)),
        ("GET", "journal/counts?platform=myspace", json!(null)),
        ("GET", "journal/counts?after=1", json!(null)),
    ];
    for (method, path, body) in cases {
        let reply = sim.sim(method, path, body.clone()).await;
        assert_eq!(reply.status, 400, "{method} {path} {body}: {reply:?}");
        assert!(!reply.str("error").is_empty());
    }
    let taken = sim.get("/_sim/people", &[]).await.json()["data"][0]["x"]["id"].clone();
    let thief = json!({ "id": "thief", "name": "T", "x": { "id": taken } });
    assert_eq!(sim.sim("POST", "people", thief).await.status, 400);
}

#[tokio::test]
async fn the_clock_moves_and_is_set() {
    let sim = Sim::start().await;
    let now = async || sim.get("/_sim/clock", &[]).await.str("now");
    assert_eq!(now().await, "2026-11-22T10:00:00Z");
    let moved = sim.sim("POST", "clock", json!({ "advance": "P59DT1H" })).await;
    assert_eq!((moved.status, moved.str("now").as_str()), (200, "2027-01-20T11:00:00Z"));
    sim.simulator.advance(jiff::SignedDuration::from_secs(60));
    sim.pass(60);
    assert_eq!(now().await, "2027-01-20T11:02:00Z");
    sim.sim("POST", "clock", json!({ "set": "2026-12-24T18:00:00Z" })).await;
    sim.pass(1);
    assert_eq!(now().await, "2026-12-24T18:00:01Z");
}

#[tokio::test]
async fn a_reset_goes_back_to_the_seed_and_keeps_registered_apps() {
    let sim = Sim::start().await;
    let first = sim.x_code().await;
    let put = json!({ "platform": "x", "client_id": "late", "client_secret": "s", "redirect_uris": [BACK] });
    assert_eq!(sim.sim("PUT", "apps", put).await.status, 200);
    assert_eq!(sim.x_approve(&[("client_id", "late")], &[]).await.status, 302);
    let (access, _) = sim.x_pair("acme").await;
    sim.event("x", "acme", "rename", json!({ "to": "gone" })).await;
    sim.sim("POST", "clock", json!({ "advance": "P1D" })).await;
    sim.sim("POST", "faults", json!({ "platform": "x", "route": "*", "kind": "status:500" })).await;
    assert_eq!(sim.x_me(&access, "").await.status, 500);

    assert_eq!(sim.sim("POST", "reset", json!(null)).await.status, 204);
    assert!(sim.journal().await.is_empty());
    assert_eq!(sim.get("/_sim/clock", &[]).await.str("now"), "2026-11-22T10:00:00Z");
    assert_eq!(sim.x_me(&access, "").await.status, 401);
    sim.x_approve(&[("client_id", "late")], &[]).await.is_error_page();
    assert_eq!(sim.x_code().await, first, "the same seed gives the same code again");
    let (access, _) = sim.x_pair("acme").await;
    assert_eq!(sim.x_me(&access, "").await.json()["data"]["username"], "acme");
}

#[tokio::test]
async fn another_seed_gives_other_secrets() {
    let (one, same, other) = (Sim::seeded(1).await, Sim::seeded(1).await, Sim::seeded(2).await);
    let code = one.x_code().await;
    assert_eq!(same.x_code().await, code);
    assert_ne!(other.x_code().await, code);
}

#[tokio::test]
async fn registering_an_app_again_replaces_it() {
    let sim = Sim::start().await;
    sim.simulator.register(App {
        platform: "x".into(),
        client_id: "xapp".into(),
        client_secret: "new".into(),
        redirect_uris: vec!["https://new.example/back".into()],
        notices: BTreeMap::new(),
    });
    sim.x_approve(&[], &[]).await.is_error_page();
    let moved = sim.x_approve(&[("redirect_uri", "https://new.example/back")], &[]).await;
    assert!(moved.location().starts_with("https://new.example/back?"));
}

#[tokio::test]
async fn a_platform_is_served_by_path_and_by_host_and_nothing_else_is() {
    let sim = Sim::start().await;
    let token = sim.fb_short("acme").await;
    let url = sim.url(&format!("/v26.0/me?access_token={token}"));
    let by_host = sim.http.get(&url).header("host", "graph.facebook.com:8090");
    assert_eq!(sim.send(by_host).await.status, 200);
    let unknown = sim.send(sim.http.get(&url)).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.str("error").contains("graph.facebook.com"));
    let wrong_host = sim.get(&format!("/www.facebook.com/v26.0/me?access_token={token}"), &[]).await;
    assert_eq!(wrong_host.status, 404);
}

#[tokio::test]
async fn the_journal_names_everything_and_tells_no_secret() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    let pair = sim.x_exchange(&code, &[]).await;
    let (access, refresh) = (pair.str("access_token"), pair.str("refresh_token"));
    sim.x_me(&access, "?user.fields=id").await;
    let user = sim.fb_short("acme").await;
    sim.graph("me", &user, &[("fields", "id")]).await;
    let calls = sim.journal().await;
    let exchange = &calls[1];
    assert_eq!(exchange["outcome"], "code_exchanged");
    assert_eq!(
        (&exchange["platform"], &exchange["host"], &exchange["path"]),
        (&json!("x"), &json!("api.x.com"), &json!("/2/oauth2/token"))
    );
    assert_eq!(
        (&exchange["method"], &exchange["route"], &exchange["status"]),
        (&json!("POST"), &json!("token"), &json!(200))
    );
    assert_eq!(exchange["fields"], json!(["grant_type", "code", "redirect_uri", "code_verifier"]));
    assert!(exchange["headers"].as_array().unwrap().contains(&json!("authorization")));
    assert_eq!((&exchange["documented"], &exchange["at"]), (&json!(true), &json!("2026-11-22T10:00:00Z")));
    let profile = &calls[2];
    assert_eq!(profile["query"], json!(["user.fields"]));
    assert_eq!(profile["secrets"]["authorization"].as_str().unwrap().len(), 16);
    let graph = calls.last().unwrap();
    assert_eq!(graph["query"], json!(["fields", "access_token"]));
    assert!(graph["secrets"]["access_token"].is_string());
    let of_code = calls.iter().find(|call| call["path"] == "/v26.0/oauth/access_token");
    let secrets = of_code.unwrap()["secrets"].as_object().unwrap();
    assert_eq!(secrets.keys().collect::<Vec<_>>(), ["client_secret", "code"]);
    let all = sim.get("/_sim/journal", &[]).await.text;
    for secret in [&code, &access, &refresh, &user] {
        assert!(!all.contains(secret.as_str()));
    }
    assert!(!all.contains("CANARY") && !all.contains("xapp-secret") && !all.contains("1001-secret"));

    let of_x = sim.get("/_sim/journal?platform=x", &[]).await.json()["data"].clone();
    assert_eq!(of_x.as_array().unwrap().len(), 3);
    let after = sim.get("/_sim/journal?after=2&platform=x", &[]).await.json()["data"].clone();
    assert_eq!((after.as_array().unwrap().len(), &after[0]["id"]), (1, &json!(3)));
}

#[tokio::test]
async fn the_journal_counts_what_came_of_the_calls_and_for_what_they_were() {
    let sim = Sim::start().await;
    let counts = async |query: &str| sim.get(&format!("/_sim/journal/counts{query}"), &[]).await.json();
    assert_eq!(counts("").await, json!({ "routes": {} }));
    let (access, refresh) = sim.x_pair("acme").await;
    sim.x_me(&access, "").await;
    sim.x_refresh(&refresh).await;
    sim.x_refresh(&refresh).await;
    sim.fault("x", "token", "status:503").await;
    sim.x_refresh(&refresh).await;
    sim.get(&format!("{X_API}/nonsense"), &[]).await;
    sim.fb_short("acme").await;
    let of_x = json!({
        "code_issued": 1, "code_exchanged": 1, "ok": 1, "refreshed": 1, "refused:reused_family_killed": 1,
        "fault:status:503": 1, "refused:404": 1,
        "routes": { "authorize": 1, "token": 4, "profile": 1 },
    });
    assert_eq!(counts("?platform=x").await, of_x);
    let of_facebook = json!({ "code_issued": 1, "code_exchanged": 1, "routes": { "authorize": 1, "token": 1 } });
    assert_eq!(counts("?platform=facebook").await, of_facebook);
    assert_eq!(counts("?platform=instagram").await, json!({ "routes": {} }));
    let all = counts("").await;
    assert_eq!((&all["code_exchanged"], &all["routes"]["token"]), (&json!(2), &json!(5)));
    let mut told = serde_json::Map::new();
    for call in sim.journal().await {
        let outcome = call["outcome"].as_str().unwrap().to_owned();
        let n = told.get(&outcome).and_then(Value::as_u64).unwrap_or(0);
        told.insert(outcome, json!(n + 1));
    }
    told.insert("routes".to_owned(), all["routes"].clone());
    assert_eq!(all, Value::Object(told), "as one who reads them all would count");
    assert_eq!(sim.get("/_sim/journal?after=99", &[]).await.json(), json!({ "data": [] }));
    assert_eq!(sim.sim("POST", "reset", json!(null)).await.status, 204);
    assert_eq!(counts("").await, json!({ "routes": {} }));
}

#[tokio::test]
async fn the_journal_tells_what_was_refused_and_what_is_not_documented() {
    let sim = Sim::start().await;
    sim.x_exchange("garbage", &[]).await;
    sim.get(&format!("{X_API}/nonsense"), &[]).await;
    let calls = sim.journal().await;
    assert_eq!(calls[0]["outcome"], "refused:invalid_request");
    assert_eq!((&calls[1]["documented"], &calls[1]["route"]), (&json!(false), &json!(null)));
}

#[tokio::test]
async fn faults_strike_as_often_as_told() {
    let sim = Sim::start().await;
    let user = sim.fb_short("acme").await;
    let me = async || sim.graph("me", &user, &[]).await.status;
    let add = async |more: Value| {
        let mut body = json!({ "platform": "facebook", "route": "profile", "kind": "status:502" });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        assert_eq!(sim.sim("POST", "faults", body).await.status, 201);
    };
    add(json!({ "times": 2 })).await;
    assert_eq!((me().await, me().await, me().await), (502, 502, 200));
    add(json!({})).await;
    assert_eq!(sim.graph("me/permissions", &user, &[]).await.status, 200, "another route");
    assert_eq!((me().await, me().await), (502, 502));
    assert_eq!(sim.sim("DELETE", "faults", json!(null)).await.status, 204);
    assert_eq!(me().await, 200);
    add(json!({ "rate": 0.5 })).await;
    let mut struck = 0;
    for _ in 0..40 {
        struck += i32::from(me().await == 502);
    }
    assert!((8..=32).contains(&struck), "{struck} of 40");
    sim.sim("DELETE", "faults", json!(null)).await;
    add(json!({ "rate": 0.0 })).await;
    assert_eq!(me().await, 200);
}

#[tokio::test]
async fn faults_damage_answers_on_the_way() {
    let sim = Sim::start().await;
    let user = sim.fb_short("acme").await;
    let url = sim.url(&format!("{FB}/me?access_token={user}"));
    let whole = sim.graph("me", &user, &[]).await.text;

    for (kind, status) in [("html", 502), ("html:200", 200)] {
        sim.fault("facebook", "profile", kind).await;
        let page = sim.graph("me", &user, &[]).await;
        assert_eq!((page.status, page.text.starts_with("<html>")), (status, true));
    }
    sim.fault("facebook", "profile", "truncated_json").await;
    let half = sim.graph("me", &user, &[]).await;
    assert!(half.status == 200 && whole.starts_with(&half.text) && half.text.len() < whole.len());

    sim.fault("facebook", "profile", "cut:5").await;
    let mut response = sim.http.get(&url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let start = response.chunk().await.unwrap().unwrap();
    assert_eq!(start, whole.as_bytes()[..5]);
    assert!(response.chunk().await.is_err(), "the connection is cut");

    sim.fault("facebook", "profile", "answer_lost").await;
    let lost = sim.http.get(&url).send().await.unwrap_err();
    assert!(!lost.is_timeout());

    sim.fault("facebook", "profile", "slow:1").await;
    assert_eq!(sim.graph("me", &user, &[]).await.text, whole);

    sim.fault("facebook", "profile", "timeout").await;
    let waited = sim.http.get(&url).timeout(Duration::from_millis(150));
    assert!(waited.send().await.unwrap_err().is_timeout());
    let entry = sim.journal().await.pop().unwrap();
    assert_eq!((&entry["status"], &entry["outcome"]), (&json!(null), &json!("fault:timeout")));
    assert_eq!(sim.graph("me", &user, &[]).await.text, whole);
}

#[tokio::test]
async fn a_fault_that_replaces_the_answer_changes_nothing() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    for kind in ["status:500", "html", "rate_limited"] {
        sim.fault("x", "token", kind).await;
        assert!(sim.x_exchange(&code, &[]).await.status >= 400, "{kind}");
    }
    assert_eq!(sim.x_exchange(&code, &[]).await.status, 200, "the code was not used");
    sim.fault("x", "authorize", "status:503").await;
    assert_eq!(sim.x_approve(&[], &[]).await.status, 503);
}

#[tokio::test]
async fn the_consent_page_is_one_form_that_can_be_posted_back() {
    let sim = Sim::start().await;
    let request = query(&[
        ("client_id", "1001"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("state", "\"><script>alert(1)</script>"),
        ("scope", FB_SCOPES),
        ("person", "agency"),
    ]);
    let page = sim.get(&format!("{DIALOG}?{request}"), &[]).await;
    assert_eq!(page.status, 200);
    let html = &page.text;
    assert_eq!(html.matches("<form").count(), 1);
    assert!(!html.contains("<script"));
    assert!(html.contains("Simulated Facebook") && html.contains("<code>1001</code>"));
    assert!(html.contains("prefers-color-scheme:dark") && html.contains("name=\"viewport\""));
    assert!(html.contains("id=\"person-agency\" value=\"agency\" checked"));
    assert_eq!(
        html.matches(" checked><span>").count(),
        1 + html.matches("name=\"child\"").count() + html.matches("name=\"scope\"").count() - 1
    );
    assert!(html.contains("name=\"decision\" value=\"approve\"") && html.contains("name=\"decision\" value=\"deny\""));
    let hidden: Vec<(String, String)> = html
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            let (value, _) = rest.split_once('"').unwrap();
            (name.to_owned(), value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">"))
        })
        .collect();
    let (_, action) = html.split_once("action=\"").unwrap();
    let (action, _) = action.split_once('"').unwrap();
    assert_eq!(action, DIALOG);
    let mut form: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    form.push(("decision", "approve"));
    let back = sim.post(action, &form).await;
    assert!(back.location().contains("state=%22%3E%3Cscript%3E"), "{}", back.location());
    let token = sim.fb_token("1001", &[("code", &back.code())]).await.str("access_token");
    assert_eq!(sim.graph("me", &token, &[]).await.json()["name"], "Acme", "acme unless said otherwise");
    assert_eq!(sim.fb_page(&token).await.0.len(), 15, "a program that posts no child gets all");

    form.push(("boxes", "shown"));
    let code = sim.post(action, &form).await.code();
    let token = sim.fb_token("1001", &[("code", &code)]).await.str("access_token");
    let pages = sim.graph("me/accounts", &token, &[]).await.json();
    assert_eq!(pages["data"], json!([]), "a browser that ticks nothing gets nothing");
}

#[tokio::test]
async fn the_page_posts_to_where_the_host_header_brought_it() {
    let sim = Sim::start().await;
    let url = sim.url(&format!("/i/oauth2/authorize?{}", Sim::x_request(&[])));
    let page = sim.send(sim.http.get(url).header("host", "x.com")).await;
    assert!(page.text.contains("Simulated X"));
    assert!(page.text.contains("action=\"/i/oauth2/authorize\""));
}
