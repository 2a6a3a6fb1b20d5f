//! What is told of the platforms: all that the catalogue knows, and how they do.

mod choice;
mod ending;
mod error;
mod life;
mod reddit;
mod sunset;
mod who;

use domain::incident::{EndpointClass, Incident};
use jiff::SignedDuration;
use platforms::AppsFile;
use serde_json::{Value, json};
use tests::{Caller, FINE, Options, World};

async fn platforms(caller: &Caller) -> Vec<Value> {
    let answer = caller.get("/v1/platforms").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().expect("platforms").clone()
}

async fn card(caller: &Caller, id: &str) -> Value {
    let cards = caller.get("/v1/workspaces/ws_1/platforms").await.body;
    cards["data"].as_array().expect("cards").iter().find(|c| c["id"] == id).unwrap_or_else(|| panic!("{id}")).clone()
}

fn list<'a>(of: &'a Value, key: &str) -> &'a Vec<Value> {
    of[key].as_array().unwrap_or_else(|| panic!("{key}: {of}"))
}

fn is_sentence(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.ends_with('.') && text.len() > 10)
}

/// S3-13
#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_catalogue_knows_of_a_method_is_told() {
    let world = World::start().await;
    let viewer = world.member("ws_1", "viewer");
    let mut methods = 0;
    for platform in platforms(&viewer).await {
        let id = platform["id"].as_str().expect("an id");
        assert!(platform["icon"].as_str().is_some_and(|svg| svg.starts_with("<svg")), "{id}");
        assert_eq!(card(&viewer, id).await["icon"], platform["icon"], "{id}");
        assert_eq!((&platform["status"], list(&platform, "notices").len()), (&json!("operational"), 0), "{id}");
        for method in list(&platform, "methods") {
            methods += 1;
            assert_eq!((&method["configured"], &method["app_stage"]), (&json!(true), &json!("live")), "{method}");
            assert!(!list(method, "hosts").is_empty() && !list(method, "kinds").is_empty(), "{method}");
            let capabilities = method["capabilities"].as_object().expect("capabilities");
            assert!(capabilities.contains_key("publish"), "{method}");
            for asked in capabilities.values().chain([&method["connect"]]) {
                assert!(!list(asked, "scopes").is_empty(), "{asked}");
                assert!(["what", "why", "never"].iter().all(|word| is_sentence(&asked["wording"][*word])), "{asked}");
            }
            for requirement in list(method, "requirements") {
                assert!(["enforce", "warn"].contains(&requirement["level"].as_str().expect("a level")), "{method}");
            }
            let reach = method["revoke"]["reach"].as_str().expect("a reach");
            assert!(["token", "person_app", "unsupported"].contains(&reach), "{method}");
            assert!(
                method["revoke"]["manual_url"].is_string() && list(&method["revoke"], "steps").len() > 1,
                "{method}"
            );
            let classes = ["refresh_grant", "self_exchange", "human", "endless"];
            assert!(classes.contains(&method["renewal_class"].as_str().expect("a class")), "{method}");
            assert!(is_sentence(&method["renewal_text"]), "{method}");
            assert!(list(method, "errors").len() > 10, "{method}");
            for rule in list(method, "errors") {
                assert!(["class", "action", "confidence"].iter().all(|key| rule[*key].is_string()), "{rule}");
            }
            for section in ["authorize", "token", "scopes", "renewal", "revoke", "errors", "api_version", "rate_limit"]
            {
                let fact = &method["facts"][section];
                assert!(fact["source"].is_string() && fact["confidence"].is_string(), "{section}: {method}");
            }
            assert!(method["api_version"]["value"].is_string(), "{method}");
        }
        let alone = viewer.get(&format!("/v1/platforms/{id}")).await;
        assert_eq!(alone.body, platform, "{id}");
        assert!(!alone.text.contains("client-secret"), "{id}");
    }
    assert!(methods >= 4, "{methods}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_limits_and_lives_are_told_in_numbers_and_words() {
    let world = World::start().await;
    let platforms = platforms(&world.member("ws_1", "viewer")).await;
    let of = |id: &str| platforms.iter().find(|p| p["id"] == id).expect("there")["methods"].clone();
    let (x, facebook, instagram) = (&of("x")[0], &of("facebook")[0], &of("instagram")[1]);
    assert_eq!(
        x["prices"][0],
        json!({"what": "user read", "usd_micros": 10000,
        "text": "Each profile that is read costs a cent, once in a UTC day."})
    );
    assert_eq!(
        (&x["rate_limit"]["reset"], &x["rate_limit"]["header"]),
        (&json!("header_unix"), &json!("x-rate-limit-reset"))
    );
    assert_eq!(
        x["renewal_text"],
        "A refresh token brings the next access token and is replaced by each use. It lives for \
        180 days, and is used when 20 to 35 percent of that are left."
    );
    assert_eq!(
        instagram["renewal_text"],
        "A living token is exchanged for a longer one, once it is 1 day old, when 40 to \
        50 percent of its life are left; once it has ended, the person signs in again."
    );
    assert_eq!(facebook["children"], json!({"kind": "pages", "paging": "cursor_next_url"}));
    assert_eq!((&x["children"], &facebook["prices"]), (&Value::Null, &json!([])));
    let version = &facebook["api_version"];
    assert_eq!((&version["value"], &version["released_on"]), (&json!("v26.0"), &json!("2026-07-29")));
    assert!(list(version, "others").contains(&json!({"value": "v21.0", "ends_on": "2027-01-21"})), "{version}");
    let too_early =
        json!({"class": "too_early", "action": "retry_backoff", "endpoint": "token", "confidence": "memory"});
    assert!(list(instagram, "errors").contains(&too_early), "{instagram}");
}

/// What an app without a review publishes nobody sees; the rest of the account works.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_an_app_without_a_review_cannot_publish() {
    let apps = "[[app]]\nplatform = \"x\"\nclient_id = \"mooring-x-client\"\n\
                client_secret = \"simulated-x-client-secret\"\nstage = \"unaudited\"\n";
    let world = World::with(Options { apps: AppsFile::parse(apps).expect("good"), ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let x = platforms(&owner).await.into_iter().find(|p| p["id"] == "x").expect("there");
    assert_eq!((&x["methods"][0]["app_stage"], &x["configured"]), (&json!("unaudited"), &json!(true)));
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let told = owner.get(&format!("/v1/accounts/{account}")).await.body;
    let publish = json!({"available": false, "reason": "app_unaudited"});
    assert_eq!(told["capabilities"]["publish"], publish, "{told}");
    assert_eq!(told["capabilities"]["analytics"]["available"], true, "{told}");
    let health = owner.get(&format!("/v1/accounts/{account}/health")).await.body;
    assert_eq!((&health["state"], &health["action"]["id"]), (&json!("limited"), &json!("ask_operator")), "{health}");
    let lease = |purpose: &str| json!({"purpose": purpose});
    let path = format!("/v1/accounts/{account}/credential-leases");
    owner.post(&path, lease("publish")).await.is_problem(409, "app_unaudited");
    assert_eq!(owner.post(&path, lease("analytics")).await.status, 201);
    let facebook = world.connect(&owner, "facebook", "acme").await.remove(0);
    let facebook = owner.get(&format!("/v1/accounts/{facebook}")).await.body;
    assert_eq!(facebook["capabilities"]["publish"]["available"], true, "{facebook}");
    assert_eq!(card(&owner, "x").await["worst_state"], "limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_how_its_worst_account_is_and_why_none_can_be_added() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    assert_eq!(card(&owner, "x").await["worst_state"], Value::Null);
    let first = world.connect(&owner, "x", "acme").await.remove(0);
    let second = world.connect(&owner, "x", "demo-02").await.remove(0);
    assert_eq!(card(&owner, "x").await["worst_state"], FINE);
    world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    let refused = owner.post(&format!("/v1/accounts/{first}/refresh"), json!({})).await;
    refused.is_problem(409, "reauthorization_required");
    assert_eq!(card(&owner, "x").await["worst_state"], "expired");
    assert_eq!(card(&owner, "facebook").await["worst_state"], Value::Null);
    // Whoever sees one account is told of that one, and whoever may not read accounts is told nothing.
    let narrow = |claims: Value| world.caller(claims);
    let one = narrow(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "accounts": [second]}));
    assert_eq!(card(&one, "x").await["worst_state"], FINE);
    let blind = narrow(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "perms": ["workspace.read"]}));
    let seen = card(&blind, "x").await;
    assert_eq!((&seen["worst_state"], &seen["add"]["enabled"]), (&Value::Null, &json!(false)), "{seen}");
    assert_eq!(seen["add"]["disabled_reason"], "permission_denied");
    assert_eq!(
        card(&owner, "x").await["add"],
        json!({"enabled": true, "disabled_reason": null, "limit": null, "methods": ["x_login"]})
    );
    // What is disconnected is not among them.
    let gone = owner.post(&format!("/v1/accounts/{first}/disconnect"), json!({})).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    assert_eq!(card(&owner, "x").await["worst_state"], FINE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_in_trouble_says_so_until_it_is_over() {
    let world = World::start().await;
    let viewer = world.member("ws_1", "viewer");
    let store = &world.stack.services.store;
    let incident = Incident::open("x".parse().expect("legal"), EndpointClass::Token, world.now(), 1);
    assert!(store.put_incident(None, &incident, &[], world.now()).await.expect("written"));
    world.advance(SignedDuration::from_mins(1));
    let x = viewer.get("/v1/platforms/x").await.body;
    assert_eq!(x["status"], "degraded", "{x}");
    let notice = &x["notices"][0];
    assert_eq!((&notice["code"], &notice["severity"]), (&json!("platform_unavailable"), &json!("warning")), "{x}");
    assert_eq!(notice["since"], json!(incident.since), "{x}");
    let others = platforms(&viewer).await;
    assert!(others.iter().filter(|p| p["id"] != "x").all(|p| p["status"] == "operational"));
    assert_eq!(others.iter().find(|p| p["id"] == "x"), Some(&x));
    assert!(
        store.put_incident(Some(&incident), &incident.resolved(world.now()), &[], world.now()).await.expect("written")
    );
    world.advance(SignedDuration::from_mins(30));
    assert_eq!(viewer.get("/v1/platforms/x").await.body["status"], "operational");
}
