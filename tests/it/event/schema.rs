//! The committed schemas are an allowlist: each type and each member of an event is named, and nothing else comes out.

use serde_json::{Value, json};
use tests::event::{SCHEMAS, odd};

/// Every place of a value, with its pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => members.iter().for_each(|(name, v)| places(v, &format!("{at}/{name}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), found)),
        _ => {}
    }
}

fn all(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    places(value, "", &mut found);
    found
}

/// The schemas of types, each with its event.
fn examples() -> Vec<(&'static str, &'static Value)> {
    let files = SCHEMAS.as_object().expect("schemas").iter().filter(|(name, _)| *name != "envelope.json");
    let examples: Vec<_> =
        files.map(|(name, schema)| (name.trim_end_matches(".json"), &schema["examples"][0])).collect();
    assert!(examples.len() >= 14, "{examples:?}");
    examples
}

/// CHK-S16
#[test]
fn every_object_of_a_schema_is_closed() {
    for (name, schema) in SCHEMAS.as_object().expect("schemas") {
        for at in all(schema).iter().filter(|at| !at.contains("/examples")) {
            let place = schema.pointer(at).expect("a place");
            let is_object = place["type"] == "object" && place["properties"].is_object();
            // What stands beside the reference to the envelope is closed by it.
            let closed = place["additionalProperties"] == false || place["$ref"] == "envelope.json";
            assert!(!is_object || closed, "{name}{at}");
        }
        assert!(name == "envelope.json" || schema["properties"]["data"]["additionalProperties"] == false, "{name}");
    }
}

/// CHK-S16: a member more, a member less, or another kind of value is seen, wherever it is.
#[test]
fn an_event_that_is_not_as_its_schema_says_is_seen() {
    for (kind, example) in examples() {
        assert_eq!((example["type"].as_str(), odd(example)), (Some(kind), vec![]));
        let mut tried = 0;
        for at in all(example) {
            let mut changed = example.clone();
            let place = changed.pointer_mut(&at).expect("a place");
            if let Some(members) = place.as_object_mut() {
                members.insert("access_token".to_owned(), json!("EAAG"));
                assert!(!odd(&changed).is_empty(), "{kind}: one more in {at:?}");
            }
            let mut changed = example.clone();
            *changed.pointer_mut(&at).expect("a place") = json!({"nested": ["something"]});
            assert!(!odd(&changed).is_empty(), "{kind}: another kind of value at {at:?}");
            let Some((parent, name)) = at.rsplit_once('/') else { continue };
            let mut changed = example.clone();
            if let Some(members) = changed.pointer_mut(parent).and_then(Value::as_object_mut) {
                members.remove(name);
                assert!(!odd(&changed).is_empty(), "{kind}: without {at}");
            }
            tried += 1;
        }
        assert!(tried > 8, "{kind}: {tried}");
    }
}

/// CHK-S16
#[test]
fn a_type_that_has_no_schema_is_seen() {
    for kind in ["account.exploded", "envelope", "", "../plans/merged"] {
        let (_, example) = examples()[0];
        let mut unknown = example.clone();
        unknown["type"] = kind.into();
        assert!(!odd(&unknown).is_empty(), "{kind}");
    }
}
