//! Every event against the committed schema of its type, strictly: no type and no member comes out that they do not have.

use std::{fs, sync::LazyLock};

use serde_json::{Map, Value};

use crate::shape;

/// Where the committed ones lie.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/events");

/// The schemas by the names of their files.
pub static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
    let files = fs::read_dir(FOLDER).expect("the schemas").map(|entry| entry.expect("a file").path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = fs::read_to_string(&path).expect("a schema");
        (name, serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    };
    files.map(read).collect::<Map<_, _>>().into()
});

/// What of an event is not as its schema says.
pub fn odd(event: &Value) -> Vec<String> {
    let kind = event["type"].as_str().unwrap_or_default();
    match &SCHEMAS[format!("{kind}.json")] {
        Value::Null => vec![format!("{kind} has no schema")],
        schema => shape::odd(&SCHEMAS, schema, event, kind),
    }
}
