//! What breaks behind the edge is told by a code and a request id, and by nothing else.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use api::{ConsoleSetup, Edge};
use app::Services;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use axum::Router;
use domain::{Envelope, Event, Fault, SealedFor, TokenSet};
use reqwest::Method;
use serde_json::{Value, json};
use store::Store;
use tests::{Answer, Caller, Options, World};

use super::route::{Operation, Place, inside, protected};

/// What a table can answer or do instead of what it should.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Refused,
    Silent,
    NotAllowed,
    Missing,
    Broken,
    Throttled,
    Garbage,
}

const TROUBLES: [Trouble; 7] = [
    Trouble::Refused,
    Trouble::Silent,
    Trouble::NotAllowed,
    Trouble::Missing,
    Trouble::Broken,
    Trouble::Throttled,
    Trouble::Garbage,
];

/// Words of our insides, which those troubles tell us and we tell nobody.
const INSIDE: [&str; 24] = [
    "amazon",
    "aws",
    "arn:",
    "dynamo",
    "eu-central-1",
    "123456789012",
    "mooring-role",
    "exception",
    "sqlite",
    "select ",
    "/var/",
    "/usr/",
    ".rs",
    "10.0.0.7",
    "nginx",
    "connect to",
    "os error",
    "timed out",
    "backtrace",
    "panicked",
    "kms",
    "eventbridge",
    "table:",
    "vault:",
];

impl Trouble {
    fn answer(self) -> Result<HttpResponse, ConnectorError> {
        let refusal = |status: u16, kind: &str, message: &str| {
            let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
            let text = json!({"__type": kind, "message": message}).to_string();
            Ok(HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(text)))
        };
        match self {
            Self::Refused => Err(ConnectorError::io(
                "connect to 10.0.0.7:443 dynamodb.eu-central-1.amazonaws.com: os error 111".into(),
            )),
            Self::Silent => Err(ConnectorError::timeout("timed out at /usr/lib/aws".into())),
            Self::NotAllowed => refusal(
                400,
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/mooring-role is not authorized",
            ),
            Self::Missing => refusal(400, "ResourceNotFoundException", "arn:aws:dynamodb:eu-central-1:1:table/mooring"),
            Self::Broken => {
                refusal(500, "InternalServerError", "SQLITE_BUSY at /var/data/table.sqlite: SELECT * FROM t")
            }
            Self::Throttled => refusal(400, "ProvisionedThroughputExceededException", "table mooring on 10.0.0.7"),
            Self::Garbage => {
                let page = "<html>nginx on 10.0.0.7, backtrace: src/main.rs panicked</html>";
                Ok(HttpResponse::new(200.try_into().expect("a status"), SdkBody::from(page)))
            }
        }
    }
}

/// A way to the table that is open for so many calls.
#[derive(Clone)]
struct Way {
    inner: Arc<dyn Fn(HttpRequest) -> HttpConnectorFuture + Send + Sync>,
    open: Arc<AtomicUsize>,
    then: Trouble,
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Way")
    }
}

impl HttpConnector for Way {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let passes = self.open.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if passes { (self.inner)(request) } else { HttpConnectorFuture::ready(self.then.answer()) }
    }
}

#[derive(Debug, Clone)]
struct Door {
    inner: SharedHttpClient,
    open: Arc<AtomicUsize>,
    then: Trouble,
}

impl HttpClient for Door {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, parts);
        let inner = Arc::new(move |request| inner.call(request));
        SharedHttpConnector::new(Way { inner, open: Arc::clone(&self.open), then: self.then })
    }
}

/// The world's routes over a table that answers `calls` times and is in trouble then.
fn after(world: &World, calls: usize, then: Trouble) -> Router {
    let config = world.stack.client.config();
    let inner = config.http_client().expect("the embedded one");
    let door = Door { inner, open: Arc::new(AtomicUsize::new(calls)), then };
    let client = Client::from_conf(config.to_builder().http_client(door).build());
    let services = world.stack.services.clone();
    let store = Store::new(client, "mooring", 4, Arc::clone(&services.entropy));
    with(world, Services { store, ..services })
}

fn with(world: &World, services: Services) -> Router {
    let edge = Edge { services, ..world.stack.edge().clone() };
    api::everything(&edge, ConsoleSetup::default())
}

/// A problem that says what its code says, and nothing of what happened.
#[track_caller]
fn tells_nothing(answer: &Answer, registry: &Value, what: &str) {
    let mut said = answer.text.replace("127.0.0.1", "");
    for place in ["/instance", "/request_id", "/confirm"] {
        // Ids and signatures are random, and what is random can spell anything.
        let random = answer.body.pointer(place).and_then(Value::as_str);
        said = said.replace(random.unwrap_or("127.0.0.1"), "");
    }
    let low = said.to_lowercase();
    for word in INSIDE {
        assert!(!low.contains(word), "{what}: {word}: {}", answer.text);
    }
    for (name, value) in answer.headers.iter().filter(|(name, _)| *name != "x-request-id") {
        let value = value.to_str().expect("text").to_lowercase();
        assert!(!INSIDE.iter().any(|word| value.contains(word)), "{what}: {name}: {value}");
    }
    if answer.status < 500 {
        return;
    }
    let members: Vec<&str> = answer.body.as_object().expect("a problem").keys().map(String::as_str).collect();
    let mut expected =
        ["action", "code", "detail", "instance", "request_id", "retry_after", "retryable", "status", "title", "type"];
    expected.sort_unstable();
    assert_eq!(members, expected, "{what}");
    let entry = registry["data"].as_array().expect("codes").iter().find(|entry| entry["code"] == answer.body["code"]);
    let entry = entry.expect("a known code");
    assert_eq!(answer.body["detail"], entry["cause"], "{what}");
    assert_eq!(answer.body["title"], entry["title"], "{what}");
    assert_eq!(answer.header("x-request-id"), answer.body["request_id"].as_str(), "{what}");
}

async fn try_it(router: &Router, owner: &Caller, operation: &Operation, place: &Place) -> Answer {
    let (path, body) = (place.path(operation), place.body(operation));
    inside(router, owner, operation.method.clone(), &path, body.as_ref()).await
}

/// CHK-P22: every operation, whichever of its calls of the table is the first to fail.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_in_trouble_is_told_of_by_a_code() {
    let world = World::with(Options { unpublished_events: true, ..Options::default() }).await;
    let registry = world.nobody().get("/v1/meta/errors").await.body;
    let mut failed = 0;
    for (round, operation) in protected(&world).await.into_iter().enumerate() {
        let workspace = format!("ws_{round}");
        let (owner, place) = (world.owner(&workspace), Place::make(&world, &workspace).await);
        for then in TROUBLES {
            let answer = try_it(&after(&world, 0, then), &owner, &operation, &place).await;
            tells_nothing(&answer, &registry, &format!("{} {then:?}", operation.id));
            // Some need no table at all.
            let asked = answer.status >= 500 || answer.status == 409;
            // Of many, each is told of by itself.
            let in_parts = answer.status == 200 && answer.text.contains("\"internal\"");
            assert!(
                asked || in_parts || operation.path.starts_with("/v1/platforms"),
                "{}: {}",
                operation.id,
                answer.text
            );
        }
        for calls in 1..20 {
            let then = TROUBLES[calls % TROUBLES.len()];
            let answer = try_it(&after(&world, calls, then), &owner, &operation, &place).await;
            tells_nothing(&answer, &registry, &format!("{} {calls} {then:?}", operation.id));
            if answer.status < 400 {
                break;
            }
            failed += 1;
        }
    }
    assert!(failed > 15, "{failed}");
}

/// CHK-P22: pages, and whether we are ready.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_over_a_table_in_trouble_tells_no_more() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let callback = attempt.approved("acme").await;
    let callback = callback.strip_prefix(&world.product).expect("ours").to_owned();
    let cookies = attempt.browser.cookies(&world.product);
    let console = format!("mooring-console={}", owner.token.as_deref().expect("a token"));
    let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    for then in TROUBLES {
        let router = after(&world, 0, then);
        for (path, status) in [
            ("/readyz", 503),
            ("/console", 500),
            (&*format!("/v1/oauth/start/{}", attempt.id), 500),
            (callback.as_str(), 500),
        ] {
            let request = axum::http::Request::get(path).header("accept", "text/html");
            let request = request.header("cookie", format!("{line}; {console}")).body(axum::body::Body::empty());
            let answer = tower::ServiceExt::oneshot(router.clone(), request.expect("a request")).await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.status().as_u16(), status, "{path} {then:?}");
            let bytes = http_body_util::BodyExt::collect(answer.into_body()).await.expect("a body").to_bytes();
            let text = String::from_utf8_lossy(&bytes).to_lowercase().replace("127.0.0.1", "");
            assert!(!INSIDE.iter().any(|word| text.contains(word)), "{path} {then:?}: {text}");
        }
    }
    // Nothing was burnt by it.
    assert_eq!(attempt.browser.open(&format!("{}{callback}", world.product)).await.status, 200);
    assert_eq!(attempt.status().await, "completed");
}

/// A vault and a bus whose services are in trouble.
struct Down;

#[async_trait]
impl vault::TokenVault for Down {
    async fn seal(&self, _: &SealedFor, _: &TokenSet) -> Result<Option<Envelope>, Fault> {
        Err(Fault::Vault("kms arn:aws:kms:eu-central-1:123456789012:key/1 AccessDeniedException".to_owned()))
    }

    async fn unseal(&self, _: &SealedFor, _: &Envelope) -> Result<TokenSet, Fault> {
        Err(Fault::Vault("kms arn:aws:kms:eu-central-1:123456789012:key/1 AccessDeniedException".to_owned()))
    }

    async fn forget(&self, _: &SealedFor, _: &Envelope) -> Result<(), Fault> {
        Err(Fault::Vault("kms at 10.0.0.7".to_owned()))
    }

    async fn find(&self, _: &SealedFor) -> Result<Option<Envelope>, Fault> {
        Err(Fault::Vault("kms at 10.0.0.7".to_owned()))
    }

    async fn list(&self, _: Option<String>) -> Result<(Vec<vault::Kept>, Option<String>), Fault> {
        Err(Fault::Vault("kms at 10.0.0.7".to_owned()))
    }

    async fn destroy(&self, _: &vault::Kept) -> Result<(), Fault> {
        Err(Fault::Vault("kms at 10.0.0.7".to_owned()))
    }

    fn keeps(&self, _: &Envelope) -> bool {
        true
    }

    fn is_current(&self, _: &Envelope) -> bool {
        true
    }
}

#[async_trait]
impl events::EventBus for Down {
    async fn publish(&self, _: &[Event]) -> events::Published {
        let fault = Fault::Bus("eventbridge arn:aws:events:eu-central-1:123456789012:event-bus/mooring".to_owned());
        events::Published { taken: Vec::new(), fault: Some(fault) }
    }
}

/// CHK-P22
#[tokio::test(flavor = "multi_thread")]
async fn a_vault_or_a_bus_in_trouble_is_told_of_by_a_code() {
    let world = World::with(Options { unpublished_events: true, ..Options::default() }).await;
    let registry = world.nobody().get("/v1/meta/errors").await.body;
    for (round, operation) in protected(&world).await.into_iter().enumerate() {
        let services = world.stack.services.clone();
        let vault = with(&world, Services { vault: Arc::new(Down), ..services.clone() });
        let bus = with(&world, Services { events: Arc::new(Down), ..services });
        for (what, router) in [("vault", vault), ("bus", bus)] {
            let workspace = format!("ws_{what}_{round}");
            let (owner, place) = (world.owner(&workspace), Place::make(&world, &workspace).await);
            let answer = try_it(&router, &owner, &operation, &place).await;
            tells_nothing(&answer, &registry, &format!("{} {what}", operation.id));
            // What happened is not undone because nobody could be told of it.
            assert!(what == "vault" || answer.status < 400, "{}: {}", operation.id, answer.text);
            let needs_tokens = operation.id == "selectCandidates";
            assert!(!needs_tokens || what == "bus" || answer.status == 500, "{}", answer.text);
        }
    }
}

/// CHK-P22: a platform's words are not ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_in_trouble_is_told_of_by_a_code() {
    let world = World::with(Options { undocumented_calls: true, ..Options::default() }).await;
    let registry = world.nobody().get("/v1/meta/errors").await.body;
    let kinds = [
        "status:400",
        "status:403",
        "status:500",
        "html",
        "html:200",
        "cut:20",
        "truncated_json",
        "rate_limited",
        "answer_lost",
    ];
    for (round, kind) in kinds.into_iter().enumerate() {
        for platform in ["facebook", "x"] {
            let owner = world.owner(&format!("ws_{round}"));
            world.fault(json!({"platform": platform, "route": "token", "kind": kind})).await;
            let attempt = world.attempt(&owner, json!({"platform": platform})).await;
            let page = attempt.land("acme").await;
            world.no_faults().await;
            let session = attempt.session().await;
            assert_eq!(session["status"], "failed", "{platform} {kind}: {session}");
            let entry =
                registry["data"].as_array().expect("codes").iter().find(|e| e["code"] == session["error"]["code"]);
            assert_eq!(session["error"]["detail"], entry.expect("a known code")["cause"], "{platform} {kind}");
            for text in [page.text.to_lowercase(), session["error"].to_string().to_lowercase()] {
                let text = text.replace("127.0.0.1", "");
                for word in ["oauthexception", "fbtrace", "bad gateway", "graph.", "api.x.com", "eof", "column"] {
                    assert!(!text.contains(word), "{platform} {kind}: {word}: {text}");
                }
            }
        }
    }
    // And at the end of a connection: the receipt says that it is not done, not why.
    let owner = world.owner("ws_receipt");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
    let receipt = owner.call(Method::POST, &format!("/v1/accounts/{account}/disconnect"));
    let receipt = tests::send(receipt.json(&json!({}))).await;
    world.no_faults().await;
    assert_eq!((receipt.status, &receipt.body["revocation"]["status"]), (200, &json!("pending")), "{}", receipt.text);
    tells_nothing(&receipt, &registry, "a receipt");
    world.job("sweep").await;
}
