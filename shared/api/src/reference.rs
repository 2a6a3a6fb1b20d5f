//! The API document as the reference's pages show it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use web::docs::{Answer, Field, Group, Operation, Parameter, Shape};

/// How deep an example goes into what refers to itself.
const DEPTH: usize = 6;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(crate::openapi()).unwrap_or_default());

/// Every operation of the document, by tag, in the document's order.
pub(crate) fn groups() -> &'static [Group] {
    static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
        let mut groups: Vec<Group> = Vec::new();
        for (path, methods) in members(&DOCUMENT["paths"]) {
            for (method, operation) in members(methods) {
                let tag = operation["tags"][0].as_str().unwrap_or("meta").to_owned();
                let operation = read(path, method, operation);
                match groups.iter_mut().find(|group| group.name == tag) {
                    Some(group) => group.operations.push(operation),
                    None => groups.push(Group { name: tag, operations: vec![operation] }),
                }
            }
        }
        groups.sort_by(|one, other| one.name.cmp(&other.name));
        groups
    });
    &GROUPS
}

/// One operation.
pub(crate) fn operation(id: &str) -> Option<&'static Operation> {
    operations().find(|operation| operation.id == id)
}

/// The operations that can answer with a code.
pub(crate) fn answering(code: &str) -> Vec<&'static Operation> {
    operations().filter(|operation| operation.codes.iter().any(|c| c == code)).collect()
}

/// One shape.
pub(crate) fn shape(name: &str) -> Option<Shape> {
    let schema = DOCUMENT["components"]["schemas"].get(name)?;
    let example = serde_json::to_string_pretty(&example(name, schema, 0)).unwrap_or_default();
    Some(Shape { name: name.to_owned(), about: text(schema, "description"), fields: fields(schema), example })
}

fn operations() -> impl Iterator<Item = &'static Operation> {
    groups().iter().flat_map(|group| &group.operations)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let sent = (!body.is_null()).then(|| serde_json::to_string(&example("", body, 0)).unwrap_or_default());
    let public = operation["security"].as_array().is_some_and(|all| all.iter().all(|s| members(s).next().is_none()));
    let responses = members(&operation["responses"]);
    Operation {
        id: text(operation, "operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "summary"),
        about: text(operation, "description"),
        permission: operation["x-permission"].as_str().map(str::to_owned),
        parameters: operation["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        body: referred(body).map(str::to_owned),
        answers: responses.filter(|(status, _)| *status != "default").map(answer).collect(),
        codes: codes(&operation["responses"]["default"]),
        curl: curl(path, method, public, sent),
    }
}

fn parameter(parameter: &Value) -> Parameter {
    Parameter {
        name: text(parameter, "name"),
        place: text(parameter, "in"),
        required: parameter["required"] == true,
        about: text(parameter, "description"),
    }
}

fn answer((status, response): (&String, &Value)) -> Answer {
    let content = members(&response["content"]).next();
    Answer {
        status: status.clone(),
        about: text(response, "description"),
        media: content.map(|(media, _)| media.clone()),
        shape: content.and_then(|(_, content)| referred(&content["schema"])).map(str::to_owned),
    }
}

/// The codes that the description of an operation's problems lists.
fn codes(default: &Value) -> Vec<String> {
    let words = default["description"].as_str().unwrap_or_default().split(", ");
    words.filter(|word| domain::Code::ALL.iter().any(|code| code.as_str() == *word)).map(str::to_owned).collect()
}

/// The shape that a schema refers to, itself or in a list or as an option.
fn referred(schema: &Value) -> Option<&str> {
    if let Some(to) = schema["$ref"].as_str() {
        return to.rsplit('/').next();
    }
    let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[*name].as_array()).flatten();
    parts
        .chain([&schema["items"], &schema["additionalProperties"]].into_iter().filter(|s| s.is_object()))
        .find_map(referred)
}

fn fields(schema: &Value) -> Vec<Field> {
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|r| r == name));
    let field = |(name, of): (&String, &Value)| Field {
        name: name.clone(),
        kind: kind(of),
        shape: referred(of).map(str::to_owned),
        required: is_required(name),
        about: text(of, "description"),
    };
    members(&schema["properties"]).map(field).collect()
}

/// The type of a field in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(to) = schema["$ref"].as_str() {
        return to.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for name in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[name].as_array() {
            return parts.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    let words: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec!["anything"],
    };
    let one = |word: &&str| match *word {
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!("map to {}", kind(&schema["additionalProperties"]))
        }
        "string" if schema["format"] == "date-time" => "moment".to_owned(),
        other => other.to_owned(),
    };
    words.iter().map(one).collect::<Vec<_>>().join(" or ")
}

/// A value of a schema: the document's own example, or one made up from its type.
fn example(name: &str, schema: &Value, depth: usize) -> Value {
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(to) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        let of = &DOCUMENT["components"]["schemas"][to];
        return if depth < DEPTH { example(name, of, depth + 1) } else { json!({}) };
    }
    if let Some(parts) = ["oneOf", "anyOf", "allOf"].iter().find_map(|part| schema[*part].as_array()) {
        let first = parts.iter().find(|part| part["type"] != "null");
        return first.map_or(Value::Null, |part| example(name, part, depth));
    }
    if let Some(word) = schema["enum"].as_array().and_then(|words| words.first()) {
        return word.clone();
    }
    let word = match &schema["type"] {
        Value::String(one) => one.as_str(),
        Value::Array(several) => several.iter().filter_map(Value::as_str).find(|t| *t != "null").unwrap_or("null"),
        _ => "object",
    };
    match word {
        "string" if schema["format"] == "date-time" => json!("2026-11-22T10:00:00Z"),
        "string" => json!(word_for(name)),
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "array" => json!([example(name, &schema["items"], depth + 1)]),
        "object" if depth < DEPTH => {
            let all = members(&schema["properties"]);
            Value::Object(all.map(|(name, of)| (name.clone(), example(name, of, depth + 1))).collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

/// A text that stands for what a field of that name holds.
fn word_for(name: &str) -> String {
    let id = |prefix: &str| format!("{prefix}01JD0000000000000000000000");
    match name {
        "account_id" | "account_ids" | "linked_account_id" => id("acc_"),
        "candidate_ids" => id("cand_"),
        "workspace_id" => "ws_1".to_owned(),
        "platform" => "facebook".to_owned(),
        "timezone" => "Europe/Oslo".to_owned(),
        "weekday" => "monday".to_owned(),
        "time" => "09:30".to_owned(),
        "purpose" | "capabilities" => "publish".to_owned(),
        name if name.ends_with("_url") || name == "url" => "https://app.example/".to_owned(),
        name if name.ends_with("_at") => "2026-11-22T10:00:00Z".to_owned(),
        "" => "…".to_owned(),
        name => name.replace('_', " "),
    }
}

/// The call as one types it.
fn curl(path: &str, method: &str, public: bool, body: Option<String>) -> String {
    let mut lines = vec!["curl".to_owned()];
    if method != "get" {
        lines[0] = format!("curl -X {}", method.to_uppercase());
    }
    if !public {
        lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    if let Some(body) = body {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{}'", body.replace('\'', "'\\''")));
    }
    lines.push(format!("\"$MOORING{path}\""));
    lines.join(" \\\n  ")
}
