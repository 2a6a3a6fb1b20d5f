//! The deployment in this process: the template's routes before the functions' routers, and the functions that a
//! schedule calls. All share one table, and every call to it is written down.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use api::{
    Edge,
    auth::{Jwks, Verifier},
};
use app::Services;
use aws_sdk_dynamodb::{
    Client,
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef},
    error::BoxError,
};
use axum::{Router, body::Body};
use events::LocalBus;
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use store::Store;
use tests::{Answer, FickleBus, Options, World, vault::StandIn};
use tower::ServiceExt as _;
use vault::{Kind, RootKeys, Sealed, SecretsManager, TokenVault, Vaults};

use super::file::{Route, Template};

type Mount = fn(Edge) -> Router;

/// The functions by their folders, each with its router and whether it opens tokens.
pub(super) const FUNCTIONS: [(&str, Mount, bool); 5] = [
    ("accounts", api::accounts, true),
    ("easyconnect", api::easyconnect, true),
    ("oauth-callback", api::oauth_callback, true),
    ("oauth-start", api::oauth_start, false),
    ("platform-callbacks", api::platform_callbacks, false),
];

/// The functions that a schedule calls, each with whether it opens tokens.
pub(super) const SCHEDULED: [(&str, bool); 4] =
    [("deliver", false), ("housekeeping", false), ("sweep", true), ("sync", true)];

/// Whose web pages may call from a browser.
pub(super) const FRONTEND: &str = "https://app.example";

/// What the names of the grants' secrets begin with.
pub(super) const GRANTS: &str = "mooring/grants";

/// Who made the callers' tokens.
const ISSUER: &str = "https://saas.example";

/// Every request to an AWS service: the operation and its body.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Vec<(String, Value)>>>);

impl Recorder {
    /// A client of a database whose requests are written down here.
    pub(super) fn client(&self, database: dynoxide::Database) -> Client {
        let client = local::embedded::client(database);
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    pub(super) fn requests(&self) -> Vec<(String, Value)> {
        self.0.lock().expect("the requests").clone()
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let target = request.headers().get("x-amz-target").and_then(|t| t.split('.').next_back());
        let body = serde_json::from_slice(request.body().bytes().expect("a whole body"))?;
        self.0.lock().expect("the requests").push((target.expect("an operation").to_owned(), body));
        Ok(())
    }
}

/// One function in this process.
pub(super) struct Function {
    pub(super) services: Services,
    /// The same while the deployment's vault is the other one.
    pub(super) sealing_in_rows: Services,
    pub(super) table: Recorder,
    /// What was asked of Secrets Manager for the tokens.
    pub(super) secrets: Recorder,
    pub(super) bus: Arc<LocalBus>,
    /// What it may be told to do with events.
    pub(super) fickle: Arc<FickleBus>,
}

/// The API with its functions.
pub(super) struct Gateway {
    pub(super) world: World,
    pub(super) functions: BTreeMap<&'static str, Function>,
    routers: BTreeMap<&'static str, Router>,
    routes: Vec<Route>,
    walked: Mutex<BTreeSet<Route>>,
    bearer: String,
}

impl Gateway {
    pub(super) async fn start() -> Self {
        let cors_origins = vec![FRONTEND.to_owned()];
        let world = World::with(Options { cors_origins, ..Options::default() }).await;
        let database = dynoxide::Database::memory().expect("a table");
        store::create_table(&local::embedded::client(database.clone()), "mooring").await.expect("a table");
        let account = StandIn::new(world.stack.services.now());
        let function = |opens_tokens: bool| {
            let (table, secrets, bus) = (Recorder::default(), Recorder::default(), Arc::new(LocalBus::default()));
            let fickle = Arc::new(FickleBus::new(Arc::clone(&bus)));
            let of = &world.stack.services;
            let vault = |kind| -> Arc<dyn TokenVault> {
                if !opens_tokens {
                    return Arc::new(Sealed::new(RootKeys::none(), Arc::clone(&of.entropy)));
                }
                let sealed = Sealed::new(RootKeys::new("k1", [5; 32]), Arc::clone(&of.entropy));
                let client = account.client();
                let config = client.config().to_builder().interceptor(secrets.clone()).build();
                let own = SecretsManager::new(&aws_sdk_secretsmanager::Client::from_conf(config), GRANTS);
                Arc::new(Vaults::new(kind, sealed, own))
            };
            let services = Services {
                store: Store::new(table.client(database.clone()), "mooring", 64, Arc::clone(&of.entropy)),
                vault: vault(Kind::SecretsManager),
                events: Arc::clone(&fickle) as Arc<dyn events::EventBus>,
                ..of.clone()
            };
            let sealing_in_rows = Services { vault: vault(Kind::Sealed), ..services.clone() };
            Function { services, sealing_in_rows, table, secrets, bus, fickle }
        };
        let all = FUNCTIONS.iter().map(|(name, _, opens_tokens)| (*name, *opens_tokens)).chain(SCHEDULED);
        let functions: BTreeMap<_, _> = all.map(|(name, opens_tokens)| (name, function(opens_tokens))).collect();
        let router = |(name, router, _): (&'static str, Mount, bool)| {
            let (services, verifier) = (functions[name].services.clone(), Arc::new(verifier(&world)));
            (name, router(Edge { services, verifier, ..world.stack.edge().clone() }))
        };
        let routers = FUNCTIONS.map(router).into();
        let claims = json!({"iss": ISSUER, "aud": "mooring", "exp": 253_402_207_200_i64, "sub": "u1",
                            "ws": "ws_1", "role": "owner", "plan": "enterprise", "org": "org_ws_1",
                            "workspaces": [{"id": "ws_1_copies", "role": "owner"}]});
        let bearer = format!("Bearer {}", world.stack.issuer.sign(&claims).expect("a token"));
        Self { world, functions, routers, routes: Template::read().routes(), walked: Mutex::default(), bearer }
    }

    /// The function that a call comes to.
    pub(super) fn leads_to(&self, method: &str, path: &str) -> Option<&str> {
        self.route(method, path).map(|route| route.function.as_str())
    }

    /// A path in full goes before one with parameters, and both before one that takes whatever follows.
    fn route(&self, method: &str, path: &str) -> Option<&Route> {
        let have: Vec<_> = path.split('/').collect();
        let fits = |route: &&Route| {
            let named: Vec<_> = route.path.split('/').filter(|segment| !is_greedy(segment)).collect();
            let enough = if is_greedy(&route.path) { have.len() > named.len() } else { have.len() == named.len() };
            let alike = |(want, have): (&&str, &&str)| want == have || (want.starts_with('{') && !have.is_empty());
            route.method == method && enough && named.iter().zip(&have).all(alike)
        };
        let rank = |route: &&Route| (is_greedy(&route.path), route.path.matches('{').count());
        self.routes.iter().filter(fits).min_by_key(rank)
    }

    /// A call with the owner's token, as the gateway hands it on.
    pub(super) async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let route = self.route(method, path.split('?').next().unwrap_or_default());
        let route = route.unwrap_or_else(|| panic!("no route {method} {path}"));
        self.walked.lock().expect("the routes").insert(route.clone());
        self.call_function(&route.function, method, path, headers, body).await
    }

    /// The routes that no call has taken.
    pub(super) fn untrodden(&self) -> Vec<&Route> {
        let walked = self.walked.lock().expect("the routes");
        self.routes.iter().filter(|route| !walked.contains(route)).collect()
    }

    /// The same to a function of ours, whatever the routes are. A text is sent as it is.
    pub(super) async fn call_function(
        &self,
        function: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", &self.bearer);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else if let Some(text) = body.as_str() {
            if text.contains('=') && !headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", "application/x-www-form-urlencoded");
            }
            Body::from(text.to_owned())
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        let router = self.routers[function].clone();
        let answer = router.oneshot(request.body(body).expect("a request")).await.expect("an answer");
        let (status, headers): (u16, HeaderMap) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        // A picture is no text.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text }
    }
}

/// Whether a path, or a segment of one, takes whatever follows.
fn is_greedy(path: &str) -> bool {
    path.ends_with("+}")
}

fn verifier(world: &World) -> Verifier {
    let jwks = world.stack.issuer.jwks();
    let keys = Jwks::new(Arc::new(move || {
        let jwks = jwks.clone();
        Box::pin(async move { Ok(jwks) })
    }));
    Verifier::new(ISSUER.to_owned(), "mooring".to_owned(), keys).believing_for(std::time::Duration::MAX)
}
