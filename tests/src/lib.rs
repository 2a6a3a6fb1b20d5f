//! The harness: the whole product on a stack of its own, with callers, browsers and people as objects.
//!
//! Dropping a [`World`] fails the test if events wait in the outbox, if the simulator saw a call that the platform does
//! not have, if an answer or an event was not as the document of its shape says, or if a secret is where it must not be.

#![expect(clippy::missing_panics_doc, reason = "a harness fails a test by panicking")]

mod attempt;
mod behind;
mod binary;
mod browser;
pub mod bus;
mod caller;
pub mod count;
pub mod coverage;
pub mod crowd;
pub mod event;
mod fickle;
pub mod fleet;
mod keep;
mod log;
pub mod notice;
pub mod process;
pub mod proxy;
mod raw;
pub mod secret;
mod shape;
pub mod table;
pub mod vault;
mod watch;
pub mod worker;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use ::vault::TokenVault;
use app::AttemptLimits;
use axum::middleware;
use domain::{Clock as _, Digest, Timestamp};
use jiff::SignedDuration;
use local::{Places, Setup, Stack, Storage, wire};
use platforms::AppsFile;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use shape::Shapes;

pub use attempt::Attempt;
pub use binary::binary;
pub use browser::{Browser, Page};
pub use caller::{Answer, Caller, send};
pub use fickle::{Does, FickleBus};
pub use raw::{Reply, raw};
use watch::Watch;

/// When every world begins.
pub const BEGINNING: &str = "2026-11-22T10:00:00Z";

/// The key by which every world's operator calls.
const OPERATOR_KEY: &str = "mrk_the-operators-own-key-in-each-world-of-test";

/// Limits that no test comes to whose clock stands still.
const CALLS: u32 = 600_000;
const ATTEMPTS: AttemptLimits = AttemptLimits { unsuccessful: 100_000, all: 100_000 };

/// What a world may be given.
#[derive(Default)]
pub struct Options {
    /// The operator's apps.
    pub apps: AppsFile,
    /// Further return addresses.
    pub return_urls: Vec<String>,
    /// Origins whose web pages may call.
    pub cors_origins: Vec<String>,
    /// Where a larger plan is taken.
    pub upgrade_url: Option<String>,
    /// Counts what the table is asked.
    pub count: Option<count::Count>,
    /// Where tokens are kept instead of in their rows.
    pub vault: Option<Arc<dyn TokenVault>>,
    /// Calls a minute of each caller, and attempts to connect; as good as endless if absent.
    pub limits: Option<(u32, AttemptLimits)>,
    /// What fetching may cost in a day, `x=100`.
    pub spend: Option<&'static str>,
    /// Whether a call that the platform does not have is part of the test.
    pub undocumented_calls: bool,
    /// Whether events that wait in the outbox are part of the test.
    pub unpublished_events: bool,
}

/// The state of an account that nothing is the matter with, in a world where nobody has fetched its data yet.
pub const FINE: &str = "processing";

/// One product with its simulated platforms, on ports of its own, with a clock that stands still.
pub struct World {
    /// The product in this process.
    pub stack: Arc<Stack>,
    /// Its address, without a slash at the end.
    pub product: String,
    /// The simulated platforms' address, without a slash at the end.
    pub simulator: String,
    /// The product's bus, which can be told to refuse.
    pub bus: Arc<FickleBus>,
    http: reqwest::Client,
    options: Options,
    shapes: Arc<Shapes>,
    watch: Arc<Watch>,
}

impl World {
    /// A world of its own.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// A world with something special.
    pub async fn with(options: Options) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(1);
        log::start();
        let seed = SEED.fetch_add(1, Ordering::Relaxed);
        let watch = Arc::new(Watch::start(seed));
        let product = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let platforms = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let place = |listener: &TcpListener| {
            let port = listener.local_addr().expect("bound").port();
            Url::parse(&format!("http://127.0.0.1:{port}/")).expect("an address")
        };
        let places = Places { product: place(&product), simulator: place(&platforms) };
        let beginning: Timestamp = BEGINNING.parse().expect("a time");
        let setup = Setup {
            places: places.clone(),
            storage: Storage::Memory,
            seed: Some(seed),
            wall: Arc::new(move || beginning),
            apps: options.apps.clone(),
            real_platforms: false,
            plans: "merged".to_owned(),
            return_urls: options.return_urls.clone(),
            cors_origins: options.cors_origins.clone(),
        };
        let mut stack = Stack::build(setup).await.expect("a stack");
        if let Some(url) = &options.upgrade_url {
            stack.upgrade_at(url);
        }
        if let Some(count) = &options.count {
            stack.reach_table_by(count.client(&stack.client));
        }
        let (calls, attempts) = options.limits.unwrap_or((CALLS, ATTEMPTS));
        stack.limit(calls, attempts);
        let spend = options.spend.unwrap_or_default().parse().expect("caps");
        stack.operate(spend, Some(Digest::of_bytes(OPERATOR_KEY.as_bytes())));
        if let Some(vault) = &options.vault {
            stack.keep_tokens_in(Arc::clone(vault));
        }
        let bus = Arc::new(FickleBus::new(Arc::clone(&stack.bus)));
        stack.publish_by(Arc::<FickleBus>::clone(&bus));
        let stack = Arc::new(stack);
        tokio::spawn(axum::serve(platforms, stack.simulator.router()).into_future());
        let shapes = Arc::new(Shapes::new());
        let checked = stack.router().layer(middleware::from_fn_with_state(Arc::clone(&shapes), shape::check));
        let routes = watch.over(checked, stack.services.clone());
        tokio::spawn(wire::serve(product, routes, std::future::pending()));
        let trimmed = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        let http = client();
        let (product, simulator) = (trimmed(&places.product), trimmed(&places.simulator));
        Self { stack, product, simulator, bus, http, options, shapes, watch }
    }

    /// A caller with claims of a token; `ws` and `role` at least.
    pub fn caller(&self, claims: Value) -> Caller {
        let mut claims = claims;
        if claims.get("sub").is_none() {
            claims["sub"] = format!("user-{}", claims["role"].as_str().unwrap_or("nobody")).into();
        }
        let token = self.stack.token(claims).expect("a token");
        Caller::new(self.http.clone(), self.product.clone(), Some(token.expose().to_owned()))
    }

    /// The owner of a workspace with the plan `enterprise`.
    pub fn owner(&self, workspace: &str) -> Caller {
        self.member(workspace, "owner")
    }

    /// Somebody with a role in a workspace with the plan `enterprise`, and in another one of its organisation to which
    /// accounts can be copied.
    pub fn member(&self, workspace: &str, role: &str) -> Caller {
        self.caller(membership(workspace, role))
    }

    /// Whoever runs the product.
    pub fn operator(&self) -> Caller {
        self.nobody().with_token(OPERATOR_KEY)
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Caller {
        Caller::new(self.http.clone(), self.product.clone(), None)
    }

    /// A browser with a cookie jar of its own.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http.clone())
    }

    /// Moves both clocks.
    pub fn advance(&self, by: SignedDuration) {
        self.stack.set_time(self.now() + by);
    }

    /// The product's time.
    pub fn now(&self) -> Timestamp {
        self.stack.clock.now()
    }

    /// Every item of the table by its key, but for the audit: also what is refused is on record there.
    pub async fn dump(&self) -> BTreeMap<String, Value> {
        let mut items = self.whole_dump().await;
        items.retain(|key, _| !key.contains(" U#"));
        items
    }

    /// Every item of the table by its key.
    pub async fn whole_dump(&self) -> BTreeMap<String, Value> {
        self.stack.dump().await.expect("the table")
    }

    /// A steering call to the simulator, which must succeed.
    pub async fn steer(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let call = self.http.request(method, format!("{}/_sim/{path}", self.simulator)).json(&body);
        let answer = call.send().await.expect("the simulator answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap_or_default());
        let text = answer.text().await.expect("a body");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") }
    }

    /// Something happens to a person or an account at the platform.
    pub async fn event(&self, body: Value) {
        self.steer(reqwest::Method::POST, "events", body).await;
    }

    /// The platform misbehaves from now on.
    pub async fn fault(&self, body: Value) {
        self.steer(reqwest::Method::POST, "faults", body).await;
    }

    /// The platform behaves again.
    pub async fn no_faults(&self) {
        self.steer(reqwest::Method::DELETE, "faults", Value::Null).await;
    }

    /// Every call that the platforms saw, oldest first.
    pub async fn journal(&self) -> Vec<Value> {
        let answer = self.steer(reqwest::Method::GET, "journal", Value::Null).await;
        answer["data"].as_array().cloned().unwrap_or_default()
    }

    /// How many calls had an outcome, `code_exchanged` …
    pub async fn count(&self, outcome: &str) -> usize {
        self.journal().await.iter().filter(|call| call["outcome"] == outcome).count()
    }

    /// How many calls came to a route, `token` …
    pub async fn calls(&self, route: &str) -> usize {
        self.journal().await.iter().filter(|call| call["route"] == route).count()
    }

    /// What was published, oldest first.
    pub fn published(&self) -> Vec<Value> {
        self.stack.bus.after(None).iter().map(|event| serde_json::to_value(event).expect("JSON")).collect()
    }

    /// Starts a session, lets the person approve in a browser of their own, and answers with the session
    /// as it is then.
    pub async fn consent(&self, caller: &Caller, ask: Value, person: &str) -> Value {
        let workspace = caller.workspace();
        let started = caller.post(&format!("/v1/workspaces/{workspace}/connect-sessions"), ask).await;
        assert_eq!(started.status, 201, "{}", started.body);
        let start_url = started.body["start_url"].as_str().expect("a start_url").to_owned();
        let browser = self.browser();
        let landed = browser.approve(&start_url, person).await;
        assert!(landed.status < 400, "{}: {}", landed.status, landed.text);
        let id = started.body["id"].as_str().expect("an id");
        caller.get(&format!("/v1/connect-sessions/{id}")).await.body
    }

    /// Connects what a person has on a platform: everything selectable, at most 25. Answers with the
    /// accounts' ids.
    pub async fn connect(&self, caller: &Caller, platform: &str, person: &str) -> Vec<String> {
        let session = self.consent(caller, json!({"platform": platform}), person).await;
        let ids = |accounts: &Value| -> Vec<String> {
            let accounts = accounts.as_array().cloned().unwrap_or_default();
            accounts.iter().map(|a| a["id"].as_str().expect("an id").to_owned()).collect()
        };
        match session["status"].as_str() {
            Some("completed") => ids(&session["accounts"]),
            Some("awaiting_selection") => {
                let path = format!("/v1/connect-sessions/{}", session["id"].as_str().expect("an id"));
                let candidates = caller.get(&format!("{path}/candidates")).await.body;
                let open = candidates["data"].as_array().expect("candidates").iter();
                let open: Vec<&Value> = open.filter(|c| c["selectable"] == true).map(|c| &c["id"]).take(25).collect();
                let chosen = json!({"candidate_ids": open, "done": true});
                let selected = caller.post(&format!("{path}/selection"), chosen).await;
                assert_eq!(selected.status, 200, "{}", selected.body);
                ids(&selected.body["accounts"])
            }
            other => panic!("{other:?}: {session}"),
        }
    }

    /// What must be true when a test is over.
    pub async fn settled(&self) {
        assert_eq!(self.shapes.odd(), Vec::<String>::new(), "answers that the API document does not have");
        let odd: Vec<String> = self.published().iter().flat_map(event::odd).collect();
        assert_eq!(odd, Vec::<String>::new(), "events that infra/events does not have");
        if !self.options.undocumented_calls {
            let odd: Vec<_> = self.journal().await.into_iter().filter(|c| c["documented"] == false).collect();
            assert!(odd.is_empty(), "calls that the platform does not have: {odd:?}");
        }
        if !self.options.unpublished_events {
            let due = self.stack.services.store.list_due(store::Due::Deliver, self.now(), 10).await.expect("the index");
            assert!(due.is_empty(), "events wait in the outbox: {due:?}");
        }
        let leaks = self.leaks().await;
        assert!(leaks.is_empty(), "secrets got out:\n{}", leaks.join("\n"));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        when_over(self.settled());
    }
}

/// What is looked at when a test is over, unless it has failed already.
pub(crate) fn when_over(look: impl Future<Output = ()>) {
    if std::thread::panicking() {
        return;
    }
    // A test is a runtime of several threads, so this one can wait for the others.
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| handle.block_on(look));
}

/// The claims of a member of a workspace, who is the same in the organisation's other one.
pub fn membership(workspace: &str, role: &str) -> Value {
    json!({"ws": workspace, "role": role, "plan": "enterprise", "org": format!("org_{workspace}"),
        "workspaces": [{"id": format!("{workspace}_copies"), "role": role}]})
}

/// A client that follows no redirect and keeps no cookie: both are for the tests to see.
#[expect(clippy::disallowed_methods, reason = "tests call from outside, as anybody does")]
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client")
}
