//! The operations of the API document, and a workspace that each of them can be called on.

use axum::{Router, body::Body, http::Request};
use domain::{AccountId, ApiKeyId, ConnectSessionId, EpisodeId};
use http_body_util::BodyExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};
use tower::ServiceExt as _;

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With its parameters in braces.
    pub path: String,
    pub permission: Option<String>,
    /// Whether the document says that it needs no token.
    pub public: bool,
    /// The names of the JSON body's members.
    pub members: Vec<String>,
}

impl Operation {
    /// The names of the path's parameters.
    pub fn parameters(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    /// Whether it changes something.
    pub fn changes(&self) -> bool {
        self.method != Method::GET
    }
}

/// The document as it is served.
pub async fn document(world: &World) -> Value {
    let answer = world.nobody().get("/v1/openapi.json").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// Every operation of the document.
pub async fn operations(world: &World) -> Vec<Operation> {
    let document = document(world).await;
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            operations.push(Operation {
                id: operation["operationId"].as_str().expect("an operationId").to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                permission: operation["x-permission"].as_str().map(str::to_owned),
                public: [json!([{}]), json!([]), json!([{"visit": []}])].contains(&operation["security"]),
                members: members(&document, &operation["requestBody"]),
            });
        }
    }
    assert!(operations.len() > 20, "{}", operations.len());
    operations
}

/// The operations that only a verified caller reaches, in a workspace; the operator's own have tests of their own.
pub async fn protected(world: &World) -> Vec<Operation> {
    let in_a_workspace = |operation: &Operation| !operation.public && !operation.path.starts_with("/v1/ops/");
    operations(world).await.into_iter().filter(in_a_workspace).collect()
}

fn members(document: &Value, body: &Value) -> Vec<String> {
    let mut schema = &body["content"]["application/json"]["schema"];
    if let Some(one) = schema["oneOf"].as_array().and_then(|all| all.iter().find(|s| s.get("$ref").is_some())) {
        schema = one;
    }
    if let Some(to) = schema["$ref"].as_str() {
        schema = document.pointer(to.trim_start_matches('#')).expect("a schema");
    }
    schema["properties"].as_object().map(|p| p.keys().cloned().collect()).unwrap_or_default()
}

/// Operations on an attempt that was handed over.
const HANDED_OVER: [&str; 3] = ["handOffConnectSession", "openConfirmPage", "confirmHandoff"];

/// Operations that only an Instagram account has.
const ON_INSTAGRAM: [&str; 3] = ["listDevices", "registerDevice", "removeDevice"];

/// What one workspace has that can be acted on.
#[derive(Debug, Clone)]
pub struct Place {
    pub workspace: String,
    /// An account on X.
    pub account: String,
    /// An account on Instagram.
    pub instagram: String,
    /// A device of that.
    pub device: String,
    /// A trouble of it that is over.
    pub episode: String,
    /// An attempt on Facebook that waits for a choice.
    pub session: String,
    /// An attempt that was handed over and not continued.
    pub fresh: String,
    /// The code that the other device names.
    pub code: String,
    /// A candidate of it that can be chosen.
    pub candidate: String,
    /// An export that can be read.
    pub run: String,
    /// A lockdown that was lifted.
    pub lockdown: String,
    /// An API key.
    pub key: String,
    /// A link for clients.
    pub link: String,
}

impl Place {
    /// A new workspace with all of it.
    pub async fn make(world: &World, workspace: &str) -> Self {
        let owner = world.owner(workspace);
        // Not everybody is the same person: the platform counts each person's calls.
        let person = format!("demo-{:02}", workspace.bytes().map(u32::from).sum::<u32>() % 12 + 1);
        // Something that it takes, and that stays disconnected.
        world.connect(&owner, "pinterest", &person).await;
        let locked = owner.post(&format!("/v1/workspaces/{workspace}/lockdown"), json!({})).await;
        let lockdown = locked.body["id"].as_str().expect("an id").to_owned();
        assert_eq!(owner.delete(&format!("/v1/workspaces/{workspace}/lockdown")).await.status, 204);
        let account = world.connect(&owner, "x", &person).await.remove(0);
        let by_itself = json!({"platform": "instagram", "method": "instagram_login"});
        let connected = world.consent(&owner, by_itself, &person).await;
        let instagram = connected["accounts"][0]["id"].as_str().expect("an account").to_owned();
        let new = json!({"device_key": "a telephone", "name": "Ada's", "os": "ios 20.1"});
        let device = owner.post(&format!("/v1/accounts/{instagram}/devices"), new).await;
        let device = device.body["id"].as_str().expect("a device").to_owned();
        for signal in ["restricted", "works"] {
            let path = format!("/v1/accounts/{account}/signals");
            assert_eq!(owner.post(&path, json!({"signal": signal})).await.status, 202);
        }
        let episode = EpisodeId::of(account.parse().expect("an id"), "account_restricted", world.now()).to_string();
        let session = world.consent(&owner, json!({"platform": "facebook"}), "acme-team").await;
        assert_eq!(session["status"], "awaiting_selection", "{session}");
        let session = session["id"].as_str().expect("an id").to_owned();
        let fresh = owner.post(&format!("/v1/workspaces/{workspace}/connect-sessions"), json!({"platform": "x"})).await;
        let fresh = fresh.body["id"].as_str().expect("an id").to_owned();
        let handed = owner.post(&format!("/v1/connect-sessions/{fresh}/handoff"), json!({})).await;
        assert_eq!(handed.status, 200, "{}", handed.text);
        let code = handed.body["code"].as_str().expect("a code").to_owned();
        let candidates = owner.get(&format!("/v1/connect-sessions/{session}/candidates")).await.body;
        let candidate = candidates["data"].as_array().expect("candidates").iter().find(|c| c["selectable"] == true);
        let candidate = candidate.expect("a selectable one")["id"].as_str().expect("an id").to_owned();
        let export = owner.post(&format!("/v1/workspaces/{workspace}/exports"), json!({})).await;
        let run = export.body["id"].as_str().expect("an id").to_owned();
        let (key, _) = owner.program(&["webhooks:*"]).await;
        // What is fetched first is fetched, so that it can be asked for again.
        world.job("sync").await;
        let links = format!("/v1/workspaces/{workspace}/easyconnect-links");
        let link = owner.post(&links, json!({"title": "Welcome"})).await.body["id"].as_str().expect("an id").to_owned();
        let workspace = workspace.to_owned();
        Self {
            workspace,
            account,
            instagram,
            device,
            episode,
            session,
            fresh,
            code,
            candidate,
            run,
            lockdown,
            key,
            link,
        }
    }

    /// Ids of the right kinds that nobody has.
    pub fn nowhere(world: &World) -> Self {
        let (now, random) = (world.now(), [9; 16]);
        Self {
            workspace: "ws_nowhere".to_owned(),
            account: AccountId::new(now, random).to_string(),
            instagram: AccountId::new(now, random).to_string(),
            device: domain::DeviceId::new(now, random).to_string(),
            episode: EpisodeId::new(now, random).to_string(),
            session: ConnectSessionId::new(now, random).to_string(),
            fresh: ConnectSessionId::new(now, random).to_string(),
            code: "0000".to_owned(),
            candidate: domain::CandidateId::new(now, random).to_string(),
            run: domain::RunId::new(now, random).to_string(),
            lockdown: domain::LockdownId::new(now, random).to_string(),
            key: ApiKeyId::new(now, random).to_string(),
            link: domain::LinkId::new(now, random).to_string(),
        }
    }

    /// The path of an operation on this workspace.
    pub fn path(&self, operation: &Operation) -> String {
        let mut path = operation.path.clone();
        for name in operation.parameters() {
            let value = match name {
                "workspace" => &self.workspace,
                "account" if ON_INSTAGRAM.contains(&operation.id.as_str()) => &self.instagram,
                "account" => &self.account,
                "device" => &self.device,
                "episode" => &self.episode,
                "session" if HANDED_OVER.contains(&operation.id.as_str()) => &self.fresh,
                "session" => &self.session,
                "platform" => "x",
                "run" => &self.run,
                "lockdown" => &self.lockdown,
                "key" => &self.key,
                "link" => &self.link,
                "part" | "item" => "1",
                "code" => "nobody",
                "file" => "nobody.ics",
                other => panic!("{}: say here what {other} is", operation.id),
            };
            path = path.replace(&format!("{{{name}}}"), value);
        }
        path
    }

    /// A body that the operation takes.
    pub fn body(&self, operation: &Operation) -> Option<Value> {
        match operation.id.as_str() {
            "createConnectSession" => Some(json!({"platform": "x"})),
            "selectCandidates" | "selectVisitCandidates" => Some(json!({"candidate_ids": [self.candidate]})),
            "confirmHandoff" => Some(json!({"code": self.code})),
            // A scope that gives nothing yet, so that whoever makes keys can give it.
            "createApiKey" => Some(json!({"name": "a test", "scopes": ["webhooks:*"]})),
            "rotateApiKey" => Some(json!({"overlap": "PT1H"})),
            "leaseCredential" => Some(json!({"purpose": "publish"})),
            "reportSignal" => Some(json!({"signal": "works"})),
            "verifyAccounts" | "refreshAccounts" | "syncAccounts" | "disconnectAccounts" => {
                Some(json!({"account_ids": [self.account]}))
            }
            "syncAccount" => Some(json!({"scope": ["profile"]})),
            "reconnectAccount" => Some(json!({"fresh_consent": true})),
            "annotateEpisode" => Some(json!({"acknowledged": true, "note": "Seen."})),
            "setVocabulary" => {
                let mut s1: Value =
                    serde_json::from_str(include_str!("../../../infra/vocabularies/s1.json")).expect("JSON");
                s1["id"] = "own".into();
                Some(s1)
            }
            "setQueueSchedule" => {
                Some(json!({"timezone": "Europe/Oslo", "slots": [{"weekday": "monday", "time": "09:30"}]}))
            }
            "registerDevice" => Some(json!({"device_key": "another", "name": "Bo's", "os": "android 17"})),
            "tieAccount" => Some(json!({"account_id": null})),
            "changeAccount" => Some(json!({"label": "Acme in Oslo"})),
            "reportAccountUsage" => {
                Some(json!({"scheduled_posts": [{"id": "p", "at": "2027-01-01T10:00:00Z"}], "drafts": 1}))
            }
            "disconnectAccount" | "lockDownWorkspace" => Some(json!({"reason": "a test"})),
            "exportWorkspace" => Some(json!({"accounts": [self.account]})),
            "copyAccount" => Some(json!({"workspace_id": format!("{}_copies", self.workspace)})),
            "copyAccounts" => {
                Some(json!({"account_ids": [self.account], "workspace_id": format!("{}_copies", self.workspace)}))
            }
            "requestRelease" => Some(json!({"platform": "x", "platform_account_id": "1"})),
            "requestAccountRelease" => Some(json!({"message": "a test"})),
            "createEasyConnectLink" => Some(json!({"title": "Welcome"})),
            "changeEasyConnectLink" => Some(json!({"title": "Welcome again"})),
            "detachAccount" | "sendEasyConnectLink" | "createReconnectLink" | "createReturnLink" => Some(json!({})),
            "openVisit" | "askForFreshLink" => Some(json!({"token": "nobody"})),
            "createVisitConnectSession" => Some(json!({"item": 1})),
            "configureWorkspace" => Some(json!({"policies": {"reuse_grant": true}})),
            other => {
                assert!(operation.members.is_empty(), "{other}: say here what it takes");
                None
            }
        }
    }

    /// Calls the operation on this workspace.
    pub async fn call(&self, caller: &Caller, operation: &Operation) -> Answer {
        call(caller, operation, &self.path(operation), self.body(operation), None).await
    }
}

/// One call, with an idempotency key where there is one.
pub async fn call(
    caller: &Caller,
    operation: &Operation,
    path: &str,
    body: Option<Value>,
    key: Option<&str>,
) -> Answer {
    let mut call = caller.call(operation.method.clone(), path);
    if let Some(body) = body {
        call = call.json(&body);
    }
    if let Some(key) = key {
        call = call.header("idempotency-key", key);
    }
    send(call).await
}

/// A call of the product in this process, for tests that make thousands of them.
pub async fn inside(router: &Router, caller: &Caller, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let token = caller.token.as_deref().unwrap_or_default();
    let call = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    let call = match body {
        Some(body) => call.header("content-type", "application/json").body(Body::from(body.to_string())),
        None => call.body(Body::empty()),
    };
    let answer = router.clone().oneshot(call.expect("a request")).await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    // A picture is no text.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text }
}

/// A problem without what differs between any two requests, and without the ids that were sent.
pub fn told(answer: &Answer, ids: &[&str]) -> (u16, Value) {
    let mut body = answer.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("request_id");
        members.remove("instance");
    }
    let mut text = body.to_string();
    for id in ids {
        text = text.replace(id, "<id>");
    }
    (answer.status, serde_json::from_str(&text).expect("JSON"))
}
