//! What a world's product lets out, and the secrets that must not be in it.
//!
//! Every answer is noted as it leaves, and the secrets that may be in it, once, are planted and left out: the cookie
//! where it is set, the state where the browser is sent to the platform, the token that the dev issuer gives away.

use std::sync::{Arc, Mutex};

use app::{Services, connect::start};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::{self, Next},
    response::Response,
};
use domain::{
    Entropy as _, Secret,
    api_key::{MARK, SHOWN},
};
use local::entropy::SeededEntropy;
use serde_json::{Value, json};
use url::Url;

use crate::{World, log, secret::Needles};

/// One world's.
pub(crate) struct Watch {
    needles: Mutex<Needles>,
    answers: Mutex<Vec<u8>>,
    keys: [[u8; 32]; 2],
    /// Where this world's part of the log begins.
    log: usize,
}

impl Watch {
    /// With the secrets that are there from the start. A product that keeps nothing takes its keys from the seed first.
    pub(crate) fn start(seed: u64) -> Self {
        let mut needles = Needles::usual();
        let keys = keys(seed);
        needles.plant("the vault's root key", keys[0]);
        needles.plant("the edge's key", keys[1]);
        Self { needles: Mutex::new(needles), answers: Mutex::default(), keys, log: log::length() }
    }

    /// The product's routes, each answer noted.
    pub(crate) fn over(self: &Arc<Self>, router: Router, services: Services) -> Router {
        router.layer(middleware::from_fn_with_state((Arc::clone(self), services), note))
    }

    fn plant(&self, what: &str, secret: &str) {
        // What a test makes up may be anything.
        if secret.len() >= 12 {
            self.needles.lock().expect("the needles").plant(what, secret);
        }
    }

    fn caller(&self, headers: &HeaderMap) {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(("Bearer", token)) = bearer.and_then(|value| value.split_once(' ')) {
            self.token("a caller's token", token);
        }
    }

    /// Of a JWT, what makes it one: its signature. Of an API key, all but what people know it by.
    fn token(&self, what: &str, token: &str) {
        let telling = match token.get(SHOWN..).filter(|_| token.starts_with(MARK)) {
            Some(rest) => rest,
            None => token.rsplit('.').next().unwrap_or_default(),
        };
        self.plant(what, telling);
    }

    /// A cookie's attributes; its value is planted.
    fn cookie(&self, cookie: &str) -> String {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        self.token("a cookie", value);
        format!("{name}; {attributes}")
    }

    /// The address of a platform without the state, which is planted with its verifier.
    fn platform(&self, services: &Services, location: &str) -> String {
        let Ok(mut url) = Url::parse(location) else { return location.to_owned() };
        let (states, others): (Vec<_>, Vec<_>) = url.query_pairs().into_owned().partition(|(name, _)| name == "state");
        for (_, state) in states {
            self.plant("a state", state.rsplit('.').next().unwrap_or_default());
            self.plant("a PKCE verifier", start::verifier(services, &Secret::new(state)).expose());
        }
        url.query_pairs_mut().clear().extend_pairs(others);
        url.into()
    }
}

/// The keys of the vault and of the edge, as a product that keeps nothing makes them.
fn keys(seed: u64) -> [[u8; 32]; 2] {
    let entropy = SeededEntropy::new(seed);
    let mut keys = [[0; 32]; 2];
    for key in &mut keys {
        entropy.fill(key);
    }
    keys
}

async fn note(State((watch, services)): State<(Arc<Watch>, Services)>, request: Request, next: Next) -> Response {
    watch.caller(request.headers());
    let path = request.uri().path().to_owned();
    let (parts, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let mut answer = Vec::new();
    for (name, value) in &parts.headers {
        let text = String::from_utf8_lossy(value.as_bytes());
        let text = match *name {
            header::SET_COOKIE => watch.cookie(&text),
            header::LOCATION if path.starts_with("/v1/oauth/start/") => watch.platform(&services, &text),
            _ => text.into_owned(),
        };
        answer.extend(format!("{name}: {text}\n").bytes());
    }
    if path.ends_with("/credential-leases") {
        answer.extend(without(&body, &["access_token"]));
    } else if path == "/v1/public/easyconnect/visits" {
        answer.extend(without(&body, &["visit_token"]));
    } else if path.contains("/api-keys") {
        answer.extend(without(&body, &["key"]));
        let made: Value = serde_json::from_slice(&body).unwrap_or_default();
        watch.token("an API key", made["key"].as_str().unwrap_or_default());
    } else if LINKS.iter().any(|tail| path.ends_with(tail)) {
        answer.extend(without(&body, &["url", "message"]));
        let made: Value = serde_json::from_slice(&body).unwrap_or_default();
        let secret = made["url"].as_str().and_then(|url| url.rsplit('/').next());
        watch.plant("a link's secret", secret.unwrap_or_default());
    } else if path != "/v1/dev/tokens" {
        answer.extend(&body);
    }
    watch.answers.lock().expect("the answers").extend(answer);
    Response::from_parts(parts, Body::from(body))
}

/// Which answers tell the address of a link.
const LINKS: [&str; 5] = ["/easyconnect-links", "/send", "/rotate", "/reconnect-link", "/return-link"];

/// An answer without the secret that it is there to give.
fn without(body: &[u8], secrets: &[&str]) -> Vec<u8> {
    let Ok(mut answer) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    if let Some(answer) = answer.as_object_mut() {
        answer.retain(|name, _| !secrets.contains(&name.as_str()));
    }
    answer.to_string().into_bytes()
}

impl World {
    /// The keys of the vault and of the edge.
    pub fn keys(&self) -> [[u8; 32]; 2] {
        self.watch.keys
    }

    /// The log since this world began, that of others in the same process included.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&log::since(self.watch.log)).into_owned()
    }

    /// Each secret that is where it must not be: in an answer, the log, an event, the table, or in a call to a platform
    /// that is not for it.
    pub async fn leaks(&self) -> Vec<String> {
        let (table, journal) = (self.whole_dump().await, self.journal().await);
        let needles = self.watch.needles.lock().expect("the needles");
        let mut found = needles.found_in("an answer", &*self.watch.answers.lock().expect("the answers"));
        found.extend(needles.found_in("the log", log::since(self.watch.log)));
        found.extend(needles.found_in("an event", json!(self.published()).to_string()));
        found.extend(needles.found_in("the table", json!(table).to_string()));
        found.extend(needles.found_in("a call to a platform", json!(journal).to_string()));
        found.extend(journal.iter().filter_map(misplaced));
        found
    }
}

/// Where a platform takes a secret in its query only: the platform, the path and the parameters. `debug_token` looks
/// into a token; Instagram's own login and Threads exchange and renew their tokens so, and Google tells of one so.
const IN_QUERY: [(&str, &str, &[&str]); 6] = [
    ("facebook", "/debug_token", &["input_token"]),
    ("instagram", "/access_token", &["access_token", "client_secret"]),
    ("instagram", "/refresh_access_token", &["access_token"]),
    ("threads", "/access_token", &["access_token", "client_secret"]),
    ("threads", "/refresh_access_token", &["access_token"]),
    ("google", "/tokeninfo", &["access_token"]),
];

/// Where LinkedIn tells our app of a token.
const INTROSPECT: &str = "/oauth/v2/introspectToken";

/// A secret's parameter in a call that is not for it.
pub(crate) fn misplaced(call: &Value) -> Option<String> {
    let secrets = |place: &str| {
        let names = call[place].as_array().into_iter().flatten().filter_map(Value::as_str);
        names.filter(|name| simulator::SECRETS.contains(name)).collect::<Vec<_>>()
    };
    let may = |name: &&str| {
        IN_QUERY
            .iter()
            .any(|(of, path, names)| call["platform"] == *of && call["path"] == *path && names.contains(name))
    };
    let in_query = secrets("query").into_iter().find(|name| !may(name));
    // LinkedIn looks into a token that is posted.
    let for_secrets = call["route"] == "token" || call["route"] == "revoke" || call["path"] == INTROSPECT;
    let in_body = secrets("fields").into_iter().next().filter(|_| !for_secrets);
    in_query.or(in_body).map(|name| format!("{name} in {} {}", call["method"], call["path"]))
}
