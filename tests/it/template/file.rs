//! `template.yaml`, as a deployment reads it.

use std::{collections::BTreeMap, fs};

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Value, json};

/// The template as JSON, its short tags spelt out: `!Ref x` is `{"Ref": "x"}`.
pub(super) struct Template(pub(super) Value);

/// One route of the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route {
    pub(super) path: String,
    pub(super) method: String,
    /// The folder of the function that it leads to.
    pub(super) function: String,
}

impl Template {
    pub(super) fn read() -> Self {
        let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).expect("a template");
        let documents = Yaml::load_from_str(&text).expect("YAML");
        assert_eq!(documents.len(), 1);
        Self(json(&documents[0]))
    }

    /// The properties of every resource of a type, by its name.
    pub(super) fn resources(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let all = self.0["Resources"].as_object().expect("resources").iter();
        all.filter(|(_, r)| r["Type"] == kind).map(|(name, r)| (name.as_str(), &r["Properties"])).collect()
    }

    pub(super) fn resource(&self, kind: &str, name: &str) -> &Value {
        self.resources(kind).remove(name).unwrap_or_else(|| panic!("no {kind} {name}"))
    }

    /// The functions' properties by their folders.
    pub(super) fn functions(&self) -> BTreeMap<&str, &Value> {
        self.resources("AWS::Serverless::Function").into_values().map(|f| (folder(f), f)).collect()
    }

    /// A function's environment: what all have, and its own.
    pub(super) fn variables(&self, function: &str) -> BTreeMap<&str, &Value> {
        let all = &self.0["Globals"]["Function"]["Environment"]["Variables"];
        let own = &self.functions()[function]["Environment"]["Variables"];
        let both = [all, own].into_iter().filter_map(Value::as_object).flatten();
        both.map(|(name, value)| (name.as_str(), value)).collect()
    }

    pub(super) fn routes(&self) -> Vec<Route> {
        let route = |properties: &Value| {
            let (method, path) = text(&properties["RouteKey"]).split_once(' ').expect("a method and a path");
            let target = text(&properties["Target"]["Fn::Sub"]);
            let integration = target.strip_prefix("integrations/${").and_then(|t| t.strip_suffix('}'));
            let integration = self.resource("AWS::ApiGatewayV2::Integration", integration.expect("an integration"));
            let function = text(&integration["IntegrationUri"]["Fn::GetAtt"]).strip_suffix(".Arn");
            let function = folder(self.resource("AWS::Serverless::Function", function.expect("a function")));
            Route { path: path.to_owned(), method: method.to_owned(), function: function.to_owned() }
        };
        self.resources("AWS::ApiGatewayV2::Route").into_values().map(route).collect()
    }
}

/// The folder that a function's code comes from.
fn folder(function: &Value) -> &str {
    let place = text(&function["CodeUri"]).strip_prefix("target/lambda/").and_then(|p| p.strip_suffix('/'));
    place.expect("where `cargo lambda build` leaves it")
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}"))
}

/// One value or a list of them.
pub(super) fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |all| all.iter().collect())
}

fn json(node: &Yaml) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(is)) => json!(is),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(all) => all.iter().map(json).collect(),
        Yaml::Mapping(all) => all.iter().map(|(name, value)| (text(&json(name)).to_owned(), json(value))).collect(),
        Yaml::Tagged(tag, value) => {
            let name = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            json!({name: json(value)})
        }
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => panic!("a deployment does not read {node:?}"),
    }
}
