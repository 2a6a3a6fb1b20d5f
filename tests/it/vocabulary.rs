//! A workspace's own words for health.

use domain::workspace::Configuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

const PATH: &str = "/v1/workspaces/ws_1/vocabulary";

async fn put(caller: &Caller, body: &Value) -> Answer {
    send(caller.call(Method::PUT, PATH).json(body)).await
}

/// Words in which one account works, wobbles, or does not.
fn words() -> Value {
    let word = |label: &str, color: &str, icon: &str| json!({"label": label, "color": color, "icon": icon});
    json!({
        "name": "Works, wobbles, does not",
        "words": {
            "works": word("Virker", "green", "check"),
            "wobbles": word("Vakler", "yellow", "warning"),
            "fails": word("Virker ikke", "red", "error"),
            "old": word("Gammel", "orange", "sync"),
        },
        "rules": {
            "disconnected": "fails", "pending": "wobbles", "expired": "fails", "error": "fails", "suspended": "fails",
            "limited_publish": "fails", "limited": "wobbles", "expiring": {"stale": "old", "else": "wobbles"},
            "degraded": "wobbles", "processing": "works", "stale": "old", "healthy": "works",
        },
    })
}

/// What the workspace has decided, as whoever configures it will.
async fn decide(world: &World, usual: Option<&str>) {
    let store = &world.stack.services.store;
    let (ws, org) = ("ws_1".parse().expect("legal"), "ws_1".parse().expect("legal"));
    let mut found = store.find_workspace(&ws, &org).await.expect("the workspace");
    let Configuration { policies, .. } = &mut found.configuration;
    policies.vocabulary = usual.map(str::to_owned);
    found.version += 1;
    store.configure_workspace(&found, None, None).await.expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_tells_health_in_its_own_words() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let paths =
        [format!("/v1/accounts/{id}/health"), format!("/v1/accounts/{id}"), "/v1/workspaces/ws_1/accounts".to_owned()];
    let label = async |path: &str| {
        let body = owner.get(path).await.body;
        [&body["label"], &body["health"]["label"], &body["data"][0]["health"]["label"]]
            .into_iter()
            .find_map(|label| label.as_str().map(str::to_owned))
    };
    let none = owner.get(PATH).await;
    assert_eq!((none.status, none.header("etag"), &none.body["id"]), (200, Some("\"0\""), &json!("s0")));
    for path in &paths {
        owner.get(&format!("{path}?vocabulary=own")).await.is_problem(422, "validation_failed");
    }

    world.job("sync").await;
    let given = put(&owner, &words()).await;
    assert_eq!(
        (given.status, given.header("etag"), &given.body["id"]),
        (200, Some("\"1\""), &json!("own")),
        "{}",
        given.text
    );
    let (kept, mut sent) = (owner.get(PATH).await.body, words());
    sent["id"] = json!("own");
    assert_eq!((&kept, &given.body), (&sent, &sent));
    for path in &paths {
        assert_eq!(label(path).await.as_deref(), Some("Active"), "nobody decided that it is usual");
        assert_eq!(label(&format!("{path}?vocabulary=own")).await.as_deref(), Some("Virker"));
        decide(&world, Some("own")).await;
        assert_eq!(label(path).await.as_deref(), Some("Virker"));
        assert_eq!(label(&format!("{path}?vocabulary=s4")).await.as_deref(), Some("Connected"));
        decide(&world, Some("s2")).await;
        assert_eq!(label(path).await.as_deref(), Some("Valid"));
        decide(&world, None).await;
    }
    let account = owner.get(&format!("/v1/accounts/{id}?vocabulary=own")).await.body["health"].clone();
    assert_eq!((&account["color"], &account["icon"]), (&json!("green"), &json!("check")));

    owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(label(&format!("{}?vocabulary=own", paths[0])).await.as_deref(), Some("Virker ikke"));
    // Another workspace has none of it.
    let stranger = world.owner("ws_2");
    assert_eq!(stranger.get("/v1/workspaces/ws_2/vocabulary").await.body["id"], "s0");
    stranger.get(PATH).await.is_problem(404, "not_found");

    decide(&world, Some("own")).await;
    assert_eq!(owner.delete(PATH).await.status, 204);
    assert_eq!(owner.delete(PATH).await.status, 204, "there is none to take away");
    assert_eq!(owner.get(PATH).await.body["id"], "s0");
    assert_eq!(label(&paths[0]).await.as_deref(), Some("Error"), "the first of the shipped ones takes its place");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vocabulary_that_is_not_whole_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    assert_eq!(put(&owner, &words()).await.status, 200);
    let before = world.dump().await;
    let refuse = async |pointer: &str, value: Value| {
        let mut body = words();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let members = body.pointer_mut(parent).expect("a parent").as_object_mut().expect("an object");
        match value {
            Value::Null => drop(members.remove(name)),
            value => drop(members.insert(name.to_owned(), value)),
        }
        let refused = put(&owner, &body).await;
        refused.is_problem(422, "validation_failed");
        let error = &refused.body["errors"][0];
        (error["pointer"].as_str().expect("a pointer").to_owned(), error["code"].as_str().expect("a code").to_owned())
    };
    for (pointer, value, code) in [
        ("/rules/stale", Value::Null, "missing"),
        ("/rules/perfect", json!("works"), "unknown"),
        ("/rules/healthy", json!("nothing"), "unknown"),
        ("/words/works/color", json!("pink"), "unknown"),
        ("/words/works/icon", json!("star"), "unknown"),
        ("/words/works/label", json!(""), "length"),
        ("/words/works/label", json!("\u{202e}ikriV"), "length"),
        ("/name", json!("x".repeat(61)), "length"),
        ("/rules/expired", json!("works"), "looks_better"),
        ("/id", json!("s1"), "unknown"),
    ] {
        assert_eq!(refuse(pointer, value).await, (pointer.to_owned(), code.to_owned()));
    }
    let mut odd = words();
    odd["rules"]["stale"] = json!({"sometimes": "old", "else": "old"});
    put(&owner, &odd).await.is_problem(400, "invalid_request");
    odd = words();
    odd["more"] = json!(1);
    put(&owner, &odd).await.is_problem(400, "unknown_field");
    put(&world.member("ws_1", "manager"), &words()).await.is_problem(403, "permission_denied");
    let old = owner.call(Method::PUT, PATH).header("if-match", "\"0\"").json(&words());
    send(old).await.is_problem(412, "version_conflict");
    send(owner.call(Method::DELETE, PATH).header("if-match", "\"2\"")).await.is_problem(412, "version_conflict");
    assert_eq!(world.dump().await, before);
    let tables = world.nobody().get("/v1/meta/vocabularies").await.body;
    assert_eq!(tables["colors"], json!(["green", "blue", "yellow", "orange", "red"]));
    assert_eq!(tables["icons"], json!(["check", "sync", "warning", "error"]));
}
