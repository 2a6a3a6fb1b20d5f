//! Which query parameters an operation has: those that the API document says.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
};

/// The names, by path and method.
static KNOWN: LazyLock<BTreeMap<(String, String), BTreeSet<String>>> = LazyLock::new(|| {
    let document = serde_json::to_value(crate::openapi()).unwrap_or_default();
    let mut known = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let all = operation["parameters"].as_array().into_iter().flatten();
            let names = all.filter(|p| p["in"] == "query").filter_map(|p| p["name"].as_str());
            known.insert((path.clone(), method.to_uppercase()), names.map(str::to_owned).collect());
        }
    }
    known
});

/// A parameter of the request's query that its operation does not have.
pub(crate) fn unknown(request: &Request) -> Option<String> {
    let query = request.uri().query().filter(|query| !query.is_empty())?;
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let known = KNOWN.get(&(path.to_owned(), method.to_string()));
    let mut sent = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
    sent.find(|name| known.is_none_or(|known| !known.contains(name)))
}
