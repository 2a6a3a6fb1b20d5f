//! What the API document says of the operation that a request is for: its name, and the query parameters it has.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
};

/// An operation of the document.
pub(crate) struct Operation {
    /// Its name there, `disconnectAccount`.
    pub(crate) id: String,
    /// The permission that it takes.
    pub(crate) permission: Option<String>,
    query: BTreeSet<String>,
}

/// All of them, by path and method.
static KNOWN: LazyLock<BTreeMap<(String, String), Operation>> = LazyLock::new(|| {
    let document = serde_json::to_value(crate::openapi()).unwrap_or_default();
    let mut known = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let all = operation["parameters"].as_array().into_iter().flatten();
            let query = all.filter(|p| p["in"] == "query").filter_map(|p| p["name"].as_str()).map(str::to_owned);
            let text = |name: &str| operation[name].as_str().map(str::to_owned);
            let of = Operation {
                id: text("operationId").unwrap_or_default(),
                permission: text("x-permission"),
                query: query.collect(),
            };
            known.insert((path.clone(), method.to_uppercase()), of);
        }
    }
    known
});

/// The operation that a request is for.
pub(crate) fn operation(request: &Request) -> Option<&'static Operation> {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    KNOWN.get(&(path.to_owned(), method.to_string()))
}

/// A parameter of the request's query that its operation does not have.
pub(crate) fn unknown(request: &Request) -> Option<String> {
    let query = request.uri().query().filter(|query| !query.is_empty())?;
    let known = operation(request);
    let mut sent = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
    sent.find(|name| known.is_none_or(|known| !known.query.contains(name)))
}
