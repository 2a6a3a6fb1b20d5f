//! Every answer of the product against the API document, strictly: nothing comes out that the document does not
//! have. It stands around each [`World`](crate::World)'s product, so that every test asks. Events are read by the same
//! rules, each against the schema of its type.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt as _;
use regex::Regex;
use serde_json::Value;

/// The document, and what came out against it.
pub(crate) struct Shapes {
    document: Value,
    odd: Mutex<Vec<String>>,
}

impl Shapes {
    pub(crate) fn new() -> Self {
        let document = serde_json::to_value(api::openapi()).expect("a document");
        Self { document, odd: Mutex::default() }
    }

    /// What came out against it so far.
    pub(crate) fn odd(&self) -> Vec<String> {
        self.odd.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What of an answer's body is not as the document says.
    fn against(&self, operation: &Value, status: u16, kind: &str, body: &[u8]) -> Vec<String> {
        let responses = &operation["responses"];
        let exact = &responses[status.to_string()];
        let response = if exact.is_null() { &responses["default"] } else { exact };
        if response.is_null() || (exact.is_null() && status < 400) {
            return vec![format!("the status {status} is not in the document")];
        }
        let content = &response["content"][kind];
        if content.is_null() {
            return vec![format!("{status} is not answered as {kind}")];
        }
        let Ok(value) = serde_json::from_slice(body) else { return vec!["the body is no JSON".to_owned()] };
        odd(&self.document, &content["schema"], &value, "")
    }
}

/// The layer around the product.
pub(crate) async fn check(State(shapes): State<Arc<Shapes>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let method = request.method().clone();
    let (head, body) = next.run(request).await.into_parts();
    let bytes = body.collect().await.expect("a body in memory").to_bytes();
    let operation = &shapes.document["paths"][&path][method.as_str().to_lowercase()];
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !operation.is_null() && kind.ends_with("json") && method != Method::HEAD {
        let odd = shapes.against(operation, head.status.as_u16(), kind, &bytes);
        let told = odd.into_iter().map(|odd| format!("{method} {path}: {odd}"));
        shapes.odd.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
    }
    Response::from_parts(head, Body::from(bytes))
}

/// What of a value is not as its schema says, or is more.
pub(crate) fn odd(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut odd = Vec::new();
    fits(document, schema, value, at, &mut odd);
    odd
}

/// The words of a schema that say something here, and those that only people read.
const KNOWN: [&str; 22] = [
    "$ref",
    "additionalProperties",
    "const",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "propertyNames",
    "required",
    "type",
    "default",
    "description",
    "example",
    "examples",
    "title",
    "$defs",
    "$id",
    "$schema",
];

/// What a reference leads to: a place in the document, or in one of several that the document holds by their names.
fn resolved<'a>(document: &'a Value, to: &str) -> &'a Value {
    let (name, pointer) = to.split_once('#').unwrap_or((to, ""));
    let of = if name.is_empty() { document } else { &document[name] };
    of.pointer(pointer).filter(|schema| !schema.is_null()).unwrap_or_else(|| panic!("{to} leads nowhere"))
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str, odd: &mut Vec<String>) {
    if schema == &Value::Bool(false) {
        return odd.push(format!("{at} must not be there"));
    }
    let schema = schema.as_object().unwrap_or_else(|| panic!("{at}: no schema"));
    if let Some(word) = schema.keys().find(|word| !KNOWN.contains(&word.as_str())) {
        panic!("{at}: say here what {word} means");
    }
    if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
        fits(document, resolved(document, to), value, at, odd);
    }
    if let Some(only) = schema.get("const").filter(|only| *only != value) {
        odd.push(format!("{at}: {value} is not {only}"));
    }
    let least = schema.get("minimum").and_then(Value::as_f64);
    if least.zip(value.as_f64()).is_some_and(|(least, is)| is < least) {
        odd.push(format!("{at}: {value} is too little"));
    }
    if let Some(ways) = schema.get("oneOf").and_then(Value::as_array) {
        let tries: Vec<Vec<String>> = ways.iter().map(|way| self::odd(document, way, value, at)).collect();
        if !tries.iter().any(Vec::is_empty) {
            odd.extend(tries.into_iter().flatten());
        }
        return;
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        // What has no type may be anything.
        None => return,
    };
    if !types.iter().any(|name| is_of(name, value)) {
        odd.push(format!("{at}: {value} is not {types:?}"));
        return;
    }
    match value {
        Value::Object(members) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                if !name.as_str().is_some_and(|name| members.contains_key(name)) {
                    odd.push(format!("{at}: {name} is missing"));
                }
            }
            for (name, value) in members {
                let at = format!("{at}/{name}");
                match properties.and_then(|p| p.get(name)).or_else(|| schema.get("additionalProperties")) {
                    Some(Value::Bool(true)) => {}
                    Some(schema) => fits(document, schema, value, &at, odd),
                    // The document of documents says of itself only that it is an object; what is beside a reference
                    // says more of what that knows.
                    None if properties.is_none() || schema.contains_key("$ref") => {}
                    None => odd.push(format!("{at} is not in the document")),
                }
            }
        }
        Value::Array(list) => {
            let most = schema.get("maxItems").and_then(Value::as_u64);
            if most.is_some_and(|most| list.len() as u64 > most) {
                odd.push(format!("{at}: {} are too many", list.len()));
            }
            for (place, value) in list.iter().enumerate() {
                fits(document, schema.get("items").expect("items"), value, &format!("{at}/{place}"), odd);
            }
        }
        Value::String(text) => {
            let is_time = schema.get("format").is_some_and(|format| format == "date-time");
            if is_time && text.parse::<jiff::Timestamp>().is_err() {
                odd.push(format!("{at}: {text} is no time"));
            }
            let pattern = schema.get("pattern").and_then(Value::as_str);
            if pattern.is_some_and(|pattern| !Regex::new(pattern).expect("a pattern").is_match(text)) {
                odd.push(format!("{at}: {text} is not of its pattern"));
            }
            let most = schema.get("maxLength").and_then(Value::as_u64);
            if most.is_some_and(|most| text.chars().count() as u64 > most) {
                odd.push(format!("{at} is too long"));
            }
        }
        _ => {}
    }
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("say here what {other} is"),
    }
}
