//! A request to a platform, read once for all platforms.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::util::form;

/// One call, with the host that it was meant for.
pub(crate) struct Call {
    pub(crate) host: &'static str,
    pub(crate) method: Method,
    /// The path below the host.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Body parameters: of a form, of a JSON object, or of multipart parts.
    pub(crate) fields: Vec<(String, String)>,
    /// How the caller reaches hosts: `http://<simulator>` if it named the host
    /// in the path, nothing if by `Host` header.
    pub(crate) base: Option<String>,
    /// The faults of the platform's own that this call meets.
    pub(crate) faults: Vec<String>,
}

/// How the body was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Form,
    Json,
    Multipart,
    Other,
}

impl Call {
    pub(crate) fn read(
        host: &'static str,
        base: Option<String>,
        path: String,
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        bytes: &Bytes,
    ) -> Self {
        let content_type = text(&headers, header::CONTENT_TYPE.as_str());
        let (body, fields) = fields(content_type, bytes);
        Self {
            host,
            method,
            path,
            query: pairs(uri.query().unwrap_or_default().as_bytes()),
            headers,
            body,
            fields,
            base,
            faults: Vec::new(),
        }
    }

    /// The path's parts; a slash at the end leaves an empty one, which no path has.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').skip(1).collect()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        first(&self.fields, name)
    }

    /// From the query or from the body.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query(name).or_else(|| self.field(name))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        text(&self.headers, name)
    }

    /// The credentials of this `Authorization` scheme.
    pub(crate) fn authorization(&self, scheme: &str) -> Option<&str> {
        let (given, rest) = self.header("authorization").split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
    }

    /// Client id and secret of HTTP Basic.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let decoded = STANDARD.decode(self.authorization("Basic")?).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((id.to_owned(), secret.to_owned()))
    }

    /// An address of a platform's host as this caller can reach it.
    pub(crate) fn address(&self, host: &str, path: &str) -> String {
        match &self.base {
            Some(base) => format!("{base}/{host}{path}"),
            None => format!("https://{host}{path}"),
        }
    }

    /// The path of this call as the caller sent it, without its query.
    pub(crate) fn action(&self) -> String {
        if self.base.is_some() { format!("/{}{}", self.host, self.path) } else { self.path.clone() }
    }

    pub(crate) fn own_fault(&self, name: &str) -> bool {
        self.faults.iter().any(|fault| fault == name)
    }

    /// What follows a fault of the platform's own whose name ends in `:`.
    pub(crate) fn own_argument(&self, name: &str) -> Option<&str> {
        self.faults.iter().find_map(|fault| fault.strip_prefix(name))
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Reads `name=value&…`; what does not parse is nothing.
pub(crate) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(text).unwrap_or_default()
}

fn fields(content_type: &str, bytes: &Bytes) -> (Body, Vec<(String, String)>) {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        _ if bytes.is_empty() => (Body::None, Vec::new()),
        "application/x-www-form-urlencoded" => (Body::Form, pairs(bytes)),
        "application/json" => (Body::Json, object(bytes)),
        "multipart/form-data" => (Body::Multipart, parts(content_type, bytes)),
        _ => (Body::Other, Vec::new()),
    }
}

fn object(bytes: &Bytes) -> Vec<(String, String)> {
    let Ok(Value::Object(map)) = serde_json::from_slice(bytes) else {
        return Vec::new();
    };
    map.into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => (name, text),
            other => (name, other.to_string()),
        })
        .collect()
}

/// The text parts of a multipart form; files are of no use to any platform here.
fn parts(content_type: &str, bytes: &Bytes) -> Vec<(String, String)> {
    let Some((_, boundary)) = content_type.split_once("boundary=") else {
        return Vec::new();
    };
    let boundary = boundary.split(';').next().unwrap_or_default();
    let mark = format!("--{}", boundary.trim().trim_matches('"'));
    String::from_utf8_lossy(bytes)
        .split(mark.as_str())
        .filter_map(|part| {
            let (head, body) = part.split_once("\r\n\r\n")?;
            let (_, name) = head.split_once("name=\"")?;
            let (name, _) = name.split_once('"')?;
            let body = body.strip_suffix("\r\n").unwrap_or(body);
            Some((name.to_owned(), body.to_owned()))
        })
        .collect()
}

/// The query of a call without the named parameters, encoded again.
pub(crate) fn without(query: &[(String, String)], names: &[&str]) -> String {
    let kept: Vec<(&str, &str)> = query
        .iter()
        .filter(|(name, _)| !names.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    form(&kept)
}
