//! The Lambda functions are the same routers: each one's own binary, run by a runtime API on this machine, over a
//! table behind TCP, with its secrets, bus and callers' keys where AWS and the SaaS would have them.

mod runtime;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::any,
};
use jiff::SignedDuration;
use local::issuer::Issuer;
use serde_json::{Value, json};
use tests::{client, event::odd, notice, vault::StandIn};
use tokio::net::TcpListener;

use runtime::{CLIENT_SECRET, Function, KEY};

const PUBLIC: &str = "https://mooring.example";

/// What stands where AWS would: the table, the secrets, and a bus that remembers.
struct Cloud {
    table: String,
    secrets: StandIn,
    services: String,
    simulator: String,
    bus: Bus,
    issuer: Issuer,
}

/// What came to the bus, and which types of events it does not take.
#[derive(Clone, Default)]
struct Bus {
    published: Arc<Mutex<Vec<Value>>>,
    refused: Arc<Mutex<BTreeSet<&'static str>>>,
}

impl Bus {
    /// As EventBridge answers: of each entry in its place.
    fn put(&self, entries: &[Value]) -> Value {
        let refused = self.refused.lock().expect("the bus");
        let (mut answers, mut failed) = (Vec::new(), 0);
        for entry in entries {
            if entry["DetailType"].as_str().is_some_and(|kind| refused.contains(kind)) {
                failed += 1;
                answers.push(json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}));
            } else {
                self.published.lock().expect("the bus").push(entry.clone());
                answers.push(json!({"EventId": "1"}));
            }
        }
        json!({"FailedEntryCount": failed, "Entries": answers})
    }

    /// The types of what was taken, oldest first; each is as its schema says.
    fn kinds(&self) -> Vec<String> {
        let published = self.published.lock().expect("the bus").clone();
        for entry in &published {
            let event: Value = serde_json::from_str(entry["Detail"].as_str().expect("a detail")).expect("JSON");
            assert_eq!((odd(&event), &event["type"]), (vec![], &entry["DetailType"]));
            assert_eq!((&entry["Source"], &entry["EventBusName"]), (&json!("mooring"), &json!("mooring")));
        }
        published.iter().map(|entry| entry["DetailType"].as_str().expect("a type").to_owned()).collect()
    }
}

#[derive(Clone)]
struct Desk {
    jwks: String,
    secrets: StandIn,
    bus: Bus,
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    (listener, address)
}

impl Cloud {
    async fn start() -> Self {
        let database = dynoxide::Database::memory().expect("a table");
        store::create_table(&local::embedded::client(database.clone()), "mooring").await.expect("a table");
        let (listener, table) = listen().await;
        tokio::spawn(dynoxide::server::serve_on(listener, database));

        let wall = local::clock::system();
        let simulator = simulator::Simulator::new(simulator::Options { seed: 7, wall });
        simulator.register(simulator::App {
            platform: "x".to_owned(),
            client_id: "deployed-x".to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            redirect_uris: vec![format!("{PUBLIC}/v1/oauth/callback/x")],
            notices: std::collections::BTreeMap::new(),
        });
        let (listener, at) = listen().await;
        tokio::spawn(axum::serve(listener, simulator.router()).into_future());

        let (issuer, _) = Issuer::generate().expect("an issuer");
        let bus = Bus::default();
        let secrets = secrets();
        let desk = Desk { jwks: issuer.jwks(), secrets: secrets.clone(), bus: bus.clone() };
        let (listener, services) = listen().await;
        let desk = Router::new().fallback(any(answer)).with_state(desk);
        tokio::spawn(axum::serve(listener, desk).into_future());
        Self { table, secrets, services, simulator: at, bus, issuer }
    }

    /// The secrets that nobody but the functions has made.
    fn grants(&self) -> Vec<String> {
        let own = |name: &String| !["apps", "edge", "roots"].contains(&name.as_str());
        self.secrets.names().into_iter().filter(own).collect()
    }

    fn token(&self) -> String {
        let claims = json!({"iss": "https://saas.example", "aud": "mooring", "exp": 253_402_207_200_i64,
                            "sub": "u1", "ws": "ws_1", "role": "owner", "plan": "starter"});
        self.issuer.sign(&claims).expect("a token")
    }

    /// A function with the secrets that it may read, and by which vault it seals if it may open tokens.
    async fn function(&self, name: &str, secrets: &[(&'static str, &str)], vault: Option<&str>) -> Function {
        let mut environment = vec![
            ("MOORING_PUBLIC_URL", format!("{PUBLIC}/")),
            ("MOORING_TABLE", "mooring".to_owned()),
            ("MOORING_EVENT_BUS", "mooring".to_owned()),
            ("MOORING_JWT_ISSUER", "https://saas.example".to_owned()),
            ("MOORING_JWT_AUDIENCE", "mooring".to_owned()),
            // The token of these tests never ends.
            ("MOORING_TOKEN_LIFE", u64::MAX.to_string()),
            ("MOORING_JWKS_URL", format!("{}/jwks", self.services)),
            ("MOORING_RETURN_URLS", "https://app.example/".to_owned()),
            ("MOORING_SIMULATOR_URL", format!("{}/", self.simulator)),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.table.clone()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.services.clone()),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", self.services.clone()),
        ];
        environment.extend(secrets.iter().map(|(variable, id)| (*variable, (*id).to_owned())));
        if let Some(vault) = vault {
            environment.push(("MOORING_TOKEN_VAULT", vault.to_owned()));
            environment.push(("MOORING_SECRET_PREFIX", "mooring/grants".to_owned()));
        }
        Function::start(name, &environment).await
    }
}

/// What an operator has put there.
fn secrets() -> StandIn {
    let mut key = String::new();
    for byte in KEY {
        write!(key, "{byte:02x}").expect("text");
    }
    let secrets = StandIn::new(local::clock::system()());
    secrets.put("edge", &key);
    secrets.put("roots", &json!({"current": "k1", "k1": key}).to_string());
    let app = "[[app]]\nplatform = \"x\"\nclient_id = \"deployed-x\"";
    secrets.put("apps", &format!("{app}\nclient_secret = \"{CLIENT_SECRET}\"\n"));
    secrets
}

/// Secrets Manager, EventBridge and the SaaS's keys, as far as the functions speak to them.
async fn answer(State(desk): State<Desk>, headers: HeaderMap, body: String) -> (StatusCode, Json<Value>) {
    let target = headers.get("x-amz-target").and_then(|t| t.to_str().ok()).unwrap_or_default();
    if target.starts_with("secretsmanager.") {
        let (status, answer) = desk.secrets.answer(target, body.as_bytes()).await;
        return (StatusCode::from_u16(status).expect("a status"), Json(answer));
    }
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let answer = match target {
        "AWSEvents.PutEvents" => {
            let entries = body["Entries"].as_array().expect("entries");
            assert!((1..=10).contains(&entries.len()), "{}", entries.len());
            desk.bus.put(entries)
        }
        _ => serde_json::from_str(&desk.jwks).expect("JSON"),
    };
    (StatusCode::OK, Json(answer))
}

/// The tokens are in a secret of their own from the consent to the disconnect.
#[tokio::test(flavor = "multi_thread")]
async fn three_functions_connect_an_account_together() {
    let cloud = Cloud::start().await;
    let kept = connect_and_disconnect(&cloud, "secretsmanager", "secretsmanager").await;
    assert!(kept.len() == 1 && kept[0].starts_with("mooring/grants/grt_"), "{kept:?}");
    assert_eq!(cloud.grants(), [""; 0]);
}

/// While the vault is changed, functions that seal by either live side by side.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_opens_what_another_one_has_sealed_in_the_other_vault() {
    for (seals, other, secrets) in [("sealed", "secretsmanager", 0), ("secretsmanager", "sealed", 1)] {
        let cloud = Cloud::start().await;
        assert_eq!(connect_and_disconnect(&cloud, seals, other).await.len(), secrets, "{seals}");
        assert_eq!(cloud.grants(), [""; 0]);
    }
}

const APPS: (&str, &str) = ("MOORING_APPS_SECRET", "apps");
const EDGE: (&str, &str) = ("MOORING_EDGE_SECRET", "edge");
const ROOTS: (&str, &str) = ("MOORING_ROOT_KEYS_SECRET", "roots");

/// Two functions connect the account of acme, and seal by this vault.
async fn connect(cloud: &Cloud, vault: &str) {
    let start = cloud.function("oauth-start", &[APPS, EDGE], None).await;
    let callback = cloud.function("oauth-callback", &[APPS, EDGE, ROOTS], Some(vault)).await;
    let bearer = format!("Bearer {}", cloud.token());
    let authorized = [("authorization", bearer.as_str()), ("content-type", "application/json")];

    let body = json!({"platform": "x", "return_url": "https://app.example/done"}).to_string();
    let made = start.call("POST", "/v1/workspaces/ws_1/connect-sessions", &authorized, &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made: Value = serde_json::from_str(&made.body).expect("JSON");
    let start_url = made["start_url"].as_str().expect("a start_url");
    let path = start_url.strip_prefix(PUBLIC).expect("our own address");

    let page = start.call("GET", path, &[("accept", "text/html")], "").await;
    assert_eq!(page.status, 200);
    let going = start.call("POST", path, &[("origin", PUBLIC), ("sec-fetch-site", "same-origin")], "").await;
    assert_eq!(going.status, 303, "{}", going.body);
    let cookie = going.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("__Host-cs-") && cookie.contains("; Secure"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();

    let consent = client().post(going.header("location").expect("the platform"));
    let decided = consent.form(&[("person", "acme"), ("decision", "approve")]).send().await.expect("an answer");
    let back = decided.headers()["location"].to_str().expect("text").to_owned();
    let back = back.strip_prefix(PUBLIC).expect("our callback").to_owned();

    let landed = callback.call("GET", &back, &[("cookie", &cookie)], "").await;
    assert_eq!(landed.status, 303, "{}", landed.body);
    let session = made["id"].as_str().expect("an id");
    assert_eq!(landed.header("location"), Some(format!("https://app.example/done?session={session}").as_str()));
}

/// Connects and disconnects an account, by functions that seal in these vaults; answers with the grants' secrets between.
async fn connect_and_disconnect(cloud: &Cloud, connects: &str, disconnects: &str) -> Vec<String> {
    connect(cloud, connects).await;
    let accounts = cloud.function("accounts", &[APPS, EDGE, ROOTS], Some(disconnects)).await;
    let bearer = format!("Bearer {}", cloud.token());
    let authorized = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let listed = accounts.call("GET", "/v1/workspaces/ws_1/accounts", &authorized, "").await;
    let listed: Value = serde_json::from_str(&listed.body).expect("JSON");
    assert_eq!(listed["data"][0]["handle"], "acme");
    let account = listed["data"][0]["id"].as_str().expect("an id");
    let kept = cloud.grants();
    let left = accounts.call("POST", &format!("/v1/accounts/{account}/disconnect"), &authorized, "").await;
    let left: Value = serde_json::from_str(&left.body).expect("JSON");
    assert_eq!(left["revocation"]["status"], "revoked", "{left}");

    assert_eq!(
        cloud.bus.kinds(),
        ["account.connected", "connect_session.completed", "account.disconnected", "account.main_changed"]
    );
    kept
}

/// CHK-S13: a scheduled function does its work whatever it is told, knows no secret that it does not need, and says what
/// it did in its answer and in one line.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_bus_refused_is_delivered_by_a_function_that_takes_no_input() {
    let cloud = Cloud::start().await;
    cloud.bus.refused.lock().expect("the bus").insert("account.connected");
    connect(&cloud, "secretsmanager").await;
    assert_eq!(cloud.bus.kinds(), ["connect_session.completed"]);
    cloud.bus.refused.lock().expect("the bus").clear();
    let deliver = cloud.function("deliver", &[], None).await;
    let report = |due: usize, published: usize| json!({"due": due, "published": published, "postponed": 0, "failed": 0, "out_of_time": false});
    assert_eq!(deliver.invoke(json!({"due": [], "workspace": "ws_2", "limit": 0})).await, report(1, 1));
    assert_eq!(cloud.bus.kinds(), ["connect_session.completed", "account.connected"]);
    for forged in [json!({"source": "aws.events", "resources": ["x"]}), json!([1, 2]), json!("deliver"), json!(null)] {
        assert_eq!(deliver.invoke(forged).await, report(0, 0));
    }
    let printed = deliver.printed();
    let lines = printed.lines().filter(|line| line.contains("Report {")).count();
    assert_eq!(lines, 5, "{printed}");
    let told: Vec<_> =
        deliver.metrics().iter().map(|line| (line["Function"].clone(), line["published"].clone())).collect();
    let expected = [1, 0, 0, 0, 0].map(|published| (json!("deliver"), json!(published)));
    assert_eq!(told, expected, "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_is_a_function_that_takes_no_input() {
    let cloud = Cloud::start().await;
    connect(&cloud, "secretsmanager").await;
    let sweep = cloud.function("sweep", &[APPS, ROOTS], Some("secretsmanager")).await;
    let said = sweep.invoke(json!({"revoke": "everything"})).await;
    assert_eq!(said["revocations"]["due"], 0, "{said}");
    let [line] = &sweep.metrics()[..] else { panic!("one line of metrics: {}", sweep.printed()) };
    assert_eq!((&line["Function"], &line["revocations.due"]), (&json!("sweep"), &json!(0)));
}

/// It opens no token, and knows the apps alone.
#[tokio::test(flavor = "multi_thread")]
async fn house_is_kept_by_a_function_that_takes_no_input() {
    let cloud = Cloud::start().await;
    connect(&cloud, "secretsmanager").await;
    let keeps = cloud.function("housekeeping", &[APPS], None).await;
    let said = keeps.invoke(json!({"erase": "everything"})).await;
    assert_eq!((&said["rounds"], &said["months"], &said["failed"]), (&json!(1), &json!(1), &json!(0)), "{said}");
    assert_eq!(keeps.invoke(json!(null)).await["items"], 0);
    let told: Vec<_> = keeps.metrics().iter().map(|line| (line["Function"].clone(), line["rounds"].clone())).collect();
    let expected = [1, 0].map(|rounds| (json!("housekeeping"), json!(rounds)));
    assert_eq!(told, expected, "{}", keeps.printed());
}

/// Whoever asks waits for nothing but the run of the other function, whatever that is told.
#[tokio::test(flavor = "multi_thread")]
async fn data_is_fetched_by_a_function_that_takes_no_input() {
    let cloud = Cloud::start().await;
    connect(&cloud, "secretsmanager").await;
    let accounts = cloud.function("accounts", &[APPS, EDGE, ROOTS], Some("secretsmanager")).await;
    let sync = cloud.function("sync", &[APPS, ROOTS], Some("secretsmanager")).await;
    let bearer = format!("Bearer {}", cloud.token());
    let authorized = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let call = async |method: &str, path: &str, body: &str| {
        let answer = accounts.call(method, path, &authorized, body).await;
        assert!(answer.status < 300, "{path}: {}", answer.body);
        serde_json::from_str::<Value>(&answer.body).expect("JSON")
    };
    let id = call("GET", "/v1/workspaces/ws_1/accounts", "").await["data"][0]["id"].as_str().expect("an id").to_owned();
    let account = format!("/v1/accounts/{id}");
    let forged = json!({"account_id": "acc_nobody", "workspace_id": "ws_2", "limit": 0});
    let first = sync.invoke(forged).await;
    assert_eq!((&first["due"], &first["succeeded"]), (&json!(1), &json!(1)), "{first}: {}", sync.printed());
    let run = call("POST", &format!("{account}/syncs"), "{}").await;
    assert_eq!(cloud.bus.kinds().last().map(String::as_str), Some("sync.requested"));
    assert_eq!(sync.invoke(json!({"detail-type": "sync.requested"})).await["succeeded"], 1);
    let run = call("GET", &format!("/v1/runs/{}", run["id"].as_str().expect("an id")), "").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let read = call("GET", &account, "").await;
    assert!(read["sync"]["last_ok_at"].is_string() && read["metrics_latest"]["followers"]["value"].is_u64(), "{read}");
    assert_eq!(sync.invoke(json!(null)).await["due"], 0);
    let told: Vec<_> =
        sync.metrics().iter().map(|line| (line["Function"].clone(), line["succeeded"].clone())).collect();
    assert_eq!(told, [1, 1, 0].map(|succeeded| (json!("sync"), json!(succeeded))), "{}", sync.printed());
}

/// It knows no root key and opens no token, and is believed all the same by whoever uses them.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_platform_tells_is_taken_by_a_function_that_opens_no_token() {
    let cloud = Cloud::start().await;
    connect(&cloud, "secretsmanager").await;
    let accounts = cloud.function("accounts", &[APPS, EDGE, ROOTS], Some("secretsmanager")).await;
    let bearer = format!("Bearer {}", cloud.token());
    let authorized = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let read = async |path: &str| {
        let answer = accounts.call("GET", path, &authorized, "").await;
        serde_json::from_str::<Value>(&answer.body).expect("JSON")
    };
    let id = read("/v1/workspaces/ws_1/accounts").await["data"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/accounts/{id}");
    let person = read(&path).await["grant"]["authorized_by"]["id"].as_str().expect("an id").to_owned();
    // By X's clock a little later than the consent.
    let at = local::clock::system()() + SignedDuration::from_secs(30);
    let callbacks = cloud.function("platform-callbacks", &[APPS, EDGE], None).await;
    let send = async |secret: &str| {
        let sent = notice::x(secret, &notice::oauth_revoke("1", &person, at));
        let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        callbacks.call("POST", &sent.path, &headers, &sent.body).await.status
    };
    assert_eq!(send("another secret").await, 401);
    assert_eq!((send(CLIENT_SECRET).await, send(CLIENT_SECRET).await), (200, 200));
    assert_eq!(cloud.bus.kinds(), ["account.connected", "connect_session.completed", "account.expired"]);
    assert_eq!(read(&path).await["health"]["reasons"][0]["code"], "revoked");
    assert_eq!(callbacks.call("GET", &path, &authorized, "").await.status, 404);
}

/// Each function serves its own slice only.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_serves_its_own_slice_and_no_local_calls() {
    let cloud = Cloud::start().await;
    let accounts = cloud.function("accounts", &[APPS, EDGE, ROOTS], Some("secretsmanager")).await;
    assert_eq!(accounts.call("GET", "/v1/meta/plans", &[], "").await.status, 200);
    assert_eq!(accounts.call("GET", "/v1/workspaces/ws_1/accounts", &[], "").await.status, 401);
    for path in ["/v1/dev/tokens", "/v1/dev/clock", "/v1/oauth/start/cs_1", "/console", "/console/sign-in"] {
        assert_eq!(accounts.call("POST", path, &[], "{}").await.status, 404, "{path}");
    }
}
