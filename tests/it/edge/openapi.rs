//! The API document is the one that is committed, and holds together.

use serde_json::Value;
use tests::World;

use super::route::{document, operations};

/// Where the committed one lies.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/openapi.json");

/// Every place of a document, with its pointer.
fn walk<'a>(value: &'a Value, at: &str, found: &mut Vec<(String, &'a Value)>) {
    found.push((at.to_owned(), value));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, v)| walk(v, &format!("{at}/{name}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| walk(v, &format!("{at}/{i}"), found)),
        _ => {}
    }
}

/// What is committed for people to read is what the handlers are.
#[test]
#[expect(clippy::disallowed_methods, reason = "the command that writes the file is this test with a variable")]
fn openapi_is_the_committed_one() {
    let now = api::openapi().to_pretty_json().expect("JSON") + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(FILE, &now).expect("infra/openapi.json is written");
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        committed == now,
        "infra/openapi.json is not what the handlers are; look at the difference after\n\
         UPDATE_OPENAPI=1 cargo test -p tests --test it openapi"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_is_served_as_it_is_committed() {
    let world = World::start().await;
    let committed = std::fs::read_to_string(FILE).expect("infra/openapi.json");
    let committed: Value = serde_json::from_str(&committed).expect("JSON");
    assert!(document(&world).await == committed, "infra/openapi.json is not what is served");
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_is_version_3_1_and_every_reference_resolves() {
    let world = World::start().await;
    let document = document(&world).await;
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1.")), "{}", document["openapi"]);
    let mut places = Vec::new();
    walk(&document, "", &mut places);
    let mut references = 0;
    for (at, value) in places.iter().filter(|(at, _)| at.ends_with("/$ref")) {
        let to = value.as_str().expect("text").strip_prefix('#').expect("within the document");
        assert!(document.pointer(to).is_some(), "{at} leads nowhere: {to}");
        references += 1;
    }
    assert!(references > 30, "{references}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_openapi_is_named_described_and_says_how_it_fails() {
    let world = World::start().await;
    let document = document(&world).await;
    let mut ids = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let at = format!("{method} {path}");
            ids.push(operation["operationId"].as_str().unwrap_or_else(|| panic!("{at}: no operationId")).to_owned());
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(!summary.is_empty() && !summary.ends_with('.'), "{at}: summary {summary:?}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{at}: one tag");
            let responses = operation["responses"].as_object().expect("responses");
            assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{at}: no success");
            // Probes and registries take nothing that could be wrong.
            let takes_nothing = operation["tags"][0] == "meta";
            let problem = &responses.get("default").unwrap_or(&Value::Null)["content"]["application/problem+json"];
            let problem = problem["schema"]["$ref"].as_str();
            assert!(takes_nothing || problem == Some("#/components/schemas/Problem"), "{at}: no error response");
            for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let parameters = operation["parameters"].as_array().expect("parameters");
                let found = parameters.iter().find(|p| p["name"] == name && p["in"] == "path");
                assert_eq!(found.map(|p| &p["required"]), Some(&Value::Bool(true)), "{at}: {name}");
            }
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "an operationId stands twice");
}

/// CHK-P2: a route says whom it lets in, or does not pass.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_openapi_is_public_or_names_one_known_permission() {
    let world = World::start().await;
    let table = world.nobody().get("/v1/meta/permissions").await.body;
    let known: Vec<&str> =
        table["data"].as_array().expect("permissions").iter().filter_map(|p| p["permission"].as_str()).collect();
    for operation in operations(&world).await {
        let permission = operation.permission.as_deref();
        assert_eq!(operation.public, permission.is_none(), "{}: public, or a permission, and not both", operation.id);
        assert!(permission.is_none_or(|p| known.contains(&p)), "{}: {permission:?}", operation.id);
    }
}
