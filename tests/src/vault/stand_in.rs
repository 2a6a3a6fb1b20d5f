//! Secrets Manager on this machine, as far as the product speaks to it, and as strict as AWS documents it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use domain::Timestamp;
use serde_json::{Value, json};

/// A day in seconds: so long is a version safe.
const DAY: i64 = 24 * 60 * 60;
/// As many versions as a secret may have.
const VERSIONS: usize = 100;

/// What may happen to a request instead of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Too many came; it is not done.
    Throttled,
    /// Something broke, and it is not done.
    Broken,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// It is not done, and no answer ever comes.
    Silent,
    /// It is refused with a text that quotes it.
    Quoted,
}

/// Secrets Manager of one account. A clone is the same one.
#[derive(Clone)]
pub struct StandIn(Arc<Mutex<State>>);

struct State {
    now: i64,
    secrets: BTreeMap<String, Secret>,
    requests: Vec<(String, Value)>,
    troubles: VecDeque<Trouble>,
}

struct Secret {
    created: i64,
    changed: i64,
    deleted: bool,
    versions: BTreeMap<String, Version>,
}

struct Version {
    text: String,
    created: i64,
    stages: BTreeSet<&'static str>,
}

/// The type of an error and its text.
type Failure = (&'static str, String);
type Done = Result<Value, Failure>;

fn error<T>(kind: &'static str, text: impl Into<String>) -> Result<T, Failure> {
    Err((kind, text.into()))
}

impl StandIn {
    /// An empty one, whose clock stands.
    pub fn new(now: Timestamp) -> Self {
        let (secrets, requests, troubles) = Default::default();
        Self(Arc::new(Mutex::new(State { now: now.as_second(), secrets, requests, troubles })))
    }

    /// A client that speaks to it without a network.
    pub fn client(&self) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "stand-in"))
            .endpoint_url("http://secrets.invalid")
            .http_client(self.clone())
            .build();
        Client::from_conf(config)
    }

    /// What it answers to `secretsmanager.<operation>`: status and body.
    pub async fn answer(&self, target: &str, request: &[u8]) -> (u16, Value) {
        let operation = target.strip_prefix("secretsmanager.").expect("an operation").to_owned();
        let request: Value = serde_json::from_slice(request).expect("JSON");
        let trouble = {
            let mut state = self.state();
            state.requests.push((operation.clone(), request.clone()));
            state.troubles.pop_front()
        };
        let broken = (500, json!({"__type": "InternalServiceError", "Message": "It broke."}));
        match trouble {
            Some(Trouble::Throttled) => {
                return (400, json!({"__type": "ThrottlingException", "Message": "Rate exceeded"}));
            }
            Some(Trouble::Broken) => return broken,
            Some(Trouble::Silent) => std::future::pending().await,
            Some(Trouble::Quoted) => {
                let text = format!("Value '{request}' failed to satisfy constraint");
                return (400, json!({"__type": "ValidationException", "Message": text}));
            }
            Some(Trouble::AnswerLost) | None => {}
        }
        let done = self.state().perform(&operation, &request);
        match done {
            _ if trouble.is_some() => broken,
            Ok(answer) => (200, answer),
            Err((kind, text)) => (400, json!({"__type": kind, "Message": text})),
        }
    }

    /// Lets the next requests come to grief.
    pub fn trouble(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.state().troubles = troubles.into_iter().collect();
    }

    /// Every request so far: the operation and its body.
    pub fn requests(&self) -> Vec<(String, Value)> {
        self.state().requests.clone()
    }

    /// The names of its secrets, those marked for deletion included.
    pub fn names(&self) -> Vec<String> {
        self.state().secrets.keys().cloned().collect()
    }

    /// Puts a secret there, as an operator does.
    pub fn put(&self, name: &str, text: &str) {
        let mut state = self.state();
        let id = format!("{:0>32}", state.requests.len());
        let created = state.create(&json!({"Name": name, "ClientRequestToken": id, "SecretString": text}));
        created.expect("a new secret");
    }

    /// Changes what a secret's versions say, as whoever has its key can.
    pub fn rewrite(&self, name: &str, mut change: impl FnMut(&str) -> String) {
        let mut state = self.state();
        for version in state.secrets.get_mut(name).expect("a secret").versions.values_mut() {
            version.text = change(&version.text);
        }
    }

    /// Moves its clock on.
    pub fn advance(&self, seconds: i64) {
        self.state().now += seconds;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("the secrets")
    }
}

impl State {
    fn perform(&mut self, operation: &str, request: &Value) -> Done {
        let members = match operation {
            "CreateSecret" => ["Name", "ClientRequestToken", "SecretString"].as_slice(),
            "PutSecretValue" => &["SecretId", "ClientRequestToken", "SecretString"],
            "GetSecretValue" => &["SecretId", "VersionId"],
            "DeleteSecret" => &["SecretId", "ForceDeleteWithoutRecovery", "RecoveryWindowInDays"],
            "ListSecrets" => &["Filters", "MaxResults", "NextToken"],
            other => return error("UnknownOperationException", other),
        };
        let given = request.as_object().expect("an object");
        if let Some(unknown) = given.keys().find(|name| !members.contains(&name.as_str())) {
            return error("ValidationException", format!("{operation} is not known to take {unknown}"));
        }
        match operation {
            "CreateSecret" => self.create(request),
            "PutSecretValue" => self.put(request),
            "GetSecretValue" => self.get(request),
            "DeleteSecret" => self.delete(request),
            _ => self.list(request),
        }
    }

    fn create(&mut self, request: &Value) -> Done {
        let name = text(request, "Name", 1..=512)?;
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b)) {
            return error("InvalidParameterException", "Name");
        }
        let (id, value) = (text(request, "ClientRequestToken", 32..=64)?, text(request, "SecretString", 1..=65_536)?);
        if let Some(secret) = self.secrets.get(name) {
            if secret.deleted {
                return error("InvalidRequestException", "a secret with this name is scheduled for deletion");
            }
            // What is there already under this token is made once.
            if secret.versions.get(id).is_none_or(|version| version.text != value) {
                return error("ResourceExistsException", format!("the secret {name} already exists"));
            }
        } else {
            let mut secret = Secret { created: self.now, changed: self.now, deleted: false, versions: BTreeMap::new() };
            secret.write(id, value, self.now)?;
            self.secrets.insert(name.to_owned(), secret);
        }
        Ok(json!({"ARN": arn(name), "Name": name, "VersionId": id}))
    }

    fn put(&mut self, request: &Value) -> Done {
        let (id, value) = (text(request, "ClientRequestToken", 32..=64)?, text(request, "SecretString", 1..=65_536)?);
        let now = self.now;
        let (name, secret) = self.living(request)?;
        secret.write(id, value, now)?;
        Ok(json!({"ARN": arn(name), "Name": name, "VersionId": id, "VersionStages": secret.versions[id].stages}))
    }

    fn get(&mut self, request: &Value) -> Done {
        let (name, secret) = self.living(request)?;
        let found = if request["VersionId"].is_null() {
            secret.versions.iter().find(|(_, version)| version.stages.contains("AWSCURRENT"))
        } else {
            secret.versions.get_key_value(text(request, "VersionId", 32..=64)?)
        };
        let Some((id, Version { text, created, stages })) = found else {
            return error("ResourceNotFoundException", "can't find the specified secret value");
        };
        Ok(json!({"ARN": arn(name), "Name": name, "VersionId": id, "VersionStages": stages, "SecretString": text,
                  "CreatedDate": created}))
    }

    /// By force at once, or marked for it.
    fn delete(&mut self, request: &Value) -> Done {
        let force = request["ForceDeleteWithoutRecovery"] == true;
        if force && !request["RecoveryWindowInDays"].is_null() {
            return error("InvalidParameterException", "by force, or with a window for recovery");
        }
        let name = text(request, "SecretId", 1..=2048)?;
        let Some(secret) = self.secrets.get_mut(name) else {
            return error("ResourceNotFoundException", "can't find the specified secret");
        };
        if force {
            self.secrets.remove(name);
        } else if secret.deleted {
            return error("InvalidRequestException", "it was already scheduled for deletion");
        } else {
            secret.deleted = true;
        }
        Ok(json!({"ARN": arn(name), "Name": name, "DeletionDate": self.now}))
    }

    /// Not those marked for deletion. A name is filtered by what it begins with.
    fn list(&mut self, request: &Value) -> Done {
        let mut begins = Vec::new();
        for filter in request["Filters"].as_array().into_iter().flatten() {
            if filter["Key"] != "name" {
                return error("InvalidParameterException", "this one filters by name");
            }
            begins.extend(filter["Values"].as_array().into_iter().flatten().filter_map(Value::as_str));
        }
        let limit = request["MaxResults"].as_u64().unwrap_or(100);
        if !(1..=100).contains(&limit) {
            return error("InvalidParameterException", "MaxResults");
        }
        let after = match request["NextToken"].as_str().map(|token| token.strip_prefix("after ")) {
            Some(None) => return error("InvalidNextTokenException", "NextToken"),
            after => after.flatten(),
        };
        let ours = |name: &str| begins.is_empty() || begins.iter().any(|begin| name.starts_with(begin));
        let mut found = self
            .secrets
            .iter()
            .filter(|(name, secret)| !secret.deleted && ours(name) && after.is_none_or(|after| name.as_str() > after));
        let limit = usize::try_from(limit).expect("a hundred at most");
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let entry = |(name, secret): &(&String, &Secret)| json!({"ARN": arn(name), "Name": name, "CreatedDate": secret.created, "LastChangedDate": secret.changed});
        let mut answer = json!({"SecretList": page.iter().map(entry).collect::<Vec<_>>()});
        if let (Some((last, _)), true) = (page.last(), found.next().is_some()) {
            answer["NextToken"] = format!("after {last}").into();
        }
        Ok(answer)
    }

    /// The secret that is named, unless it is marked for deletion.
    fn living<'a>(&mut self, request: &'a Value) -> Result<(&'a str, &mut Secret), Failure> {
        let name = text(request, "SecretId", 1..=2048)?;
        match self.secrets.get_mut(name) {
            None => error("ResourceNotFoundException", "can't find the specified secret"),
            Some(secret) if secret.deleted => error("InvalidRequestException", "it was marked for deletion"),
            Some(secret) => Ok((name, secret)),
        }
    }
}

impl Secret {
    /// A version is written once. What was current is the previous one; what has no label goes, a day later at the
    /// earliest, when there are too many.
    fn write(&mut self, id: &str, text: &str, now: i64) -> Result<(), Failure> {
        if let Some(version) = self.versions.get(id) {
            let same = version.text == text;
            return if same { Ok(()) } else { error("ResourceExistsException", "a version cannot be changed") };
        }
        if self.versions.len() >= VERSIONS {
            self.versions.retain(|_, v| !v.stages.is_empty() || now - v.created < DAY);
        }
        if self.versions.len() >= VERSIONS {
            return error("LimitExceededException", "too many versions");
        }
        for version in self.versions.values_mut() {
            version.stages = if version.stages.contains("AWSCURRENT") { ["AWSPREVIOUS"].into() } else { [].into() };
        }
        let version = Version { text: text.to_owned(), created: now, stages: ["AWSCURRENT"].into() };
        self.versions.insert(id.to_owned(), version);
        self.changed = now;
        Ok(())
    }
}

fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:eu-central-1:000000000000:secret:{name}-AbCdEf")
}

/// A text of a length that is allowed.
fn text<'a>(request: &'a Value, name: &str, length: RangeInclusive<usize>) -> Result<&'a str, Failure> {
    match request[name].as_str().filter(|text| length.contains(&text.len())) {
        Some(text) => Ok(text),
        None => error("ValidationException", format!("{name} is not of {length:?} characters")),
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandIn")
    }
}

impl HttpClient for StandIn {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for StandIn {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stand_in = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let (status, body) = stand_in.answer(target, request.body().bytes().unwrap_or_default()).await;
            let status = status.try_into().map_err(|_| ConnectorError::user("status".into()))?;
            Ok(HttpResponse::new(status, SdkBody::from(body.to_string())))
        })
    }
}
