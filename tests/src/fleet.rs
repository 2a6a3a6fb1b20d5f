//! Several product processes on one table, with the platforms and the bus in the test's own process.
//!
//! Dropping a [`Fleet`] fails the test if the simulator saw a call that the platform does not have, or if a secret is
//! where it must not be; each worker's log is searched as it ends.

use std::{collections::BTreeMap, sync::Mutex};

use app::connect::{
    callback::{self, Callback, Landing},
    select, start,
};
use domain::{
    AccountId, Actor, Allowed, ConnectSessionId, Error, GrantId, OrgId, Role, Secret, WorkspaceId,
    actor::permit::AccountsConnect, connect::Status,
};
use jiff::SignedDuration;
use local::{SIMULATED, Use};
use reqwest::Method;
use serde_json::{Value, json};
use simulator::Simulator;
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use crate::{
    bus::Bus,
    client, log,
    proxy::Proxy,
    secret::{MARK, Needles},
    table::Table,
    watch, when_over,
    worker::{self, Command, Product, Registered, Settings, Worker},
};

/// Where the product would be, if anybody opened a page of it.
const PRODUCT: &str = "https://mooring.example/";
/// An account that was connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The account.
    pub account: AccountId,
    /// Where it is.
    pub workspace: WorkspaceId,
    /// What it hangs on.
    pub grant: GrantId,
}

/// A table, the platforms, a bus, and the workers.
pub struct Fleet {
    /// The one table.
    pub table: Table,
    /// The simulated platforms.
    pub simulator: Simulator,
    /// Their address, without a slash at the end.
    pub platforms: String,
    /// What left the workers and the product here.
    pub bus: Bus,
    /// A product in this process, on the same table without a proxy: what a test looks and connects with.
    pub product: Product,
    seats: Vec<Seat>,
    binary: String,
    settings: Settings,
    ahead_s: Mutex<i64>,
    needles: Mutex<Needles>,
    http: reqwest::Client,
    serving: JoinHandle<()>,
    /// Where this fleet's part of the log begins.
    log: usize,
}

/// Where a worker is, or was.
struct Seat {
    proxy: Proxy,
    worker: Option<Worker>,
}

impl Fleet {
    /// So many workers on a table that is kept nowhere. `binary` is `env!("CARGO_BIN_EXE_worker")`.
    pub async fn start(binary: &str, workers: usize) -> Self {
        Self::on(Table::start().await, binary, workers).await
    }

    /// So many workers on a table.
    pub async fn on(table: Table, binary: &str, workers: usize) -> Self {
        log::start();
        let log = log::length();
        let simulator = Simulator::new(simulator::Options { seed: 1, wall: local::clock::system() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let platforms = format!("http://{}", listener.local_addr().expect("bound"));
        let routes = simulator.router();
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        for (platform, client_id, uses) in SIMULATED {
            simulator.register(simulator::App {
                platform: platform.to_owned(),
                client_id: client_id.to_owned(),
                client_secret: secret(platform),
                redirect_uris: uses.iter().map(|of| format!("{PRODUCT}v1/oauth/callback/{}", of.2)).collect(),
                notices: std::collections::BTreeMap::new(),
            });
        }
        let bus = Bus::start().await;
        let settings = Settings {
            table: table.address.clone(),
            simulator: Url::parse(&platforms).expect("an address"),
            bus: bus.address.clone(),
            product: Url::parse(PRODUCT).expect("an address"),
            apps: SIMULATED
                .iter()
                .flat_map(|(known, id, uses)| uses.iter().map(|of| registered(known, id, of)))
                .collect(),
            root_key: *b"the fleet's root key of 32 bytes",
            edge_key: *b"the fleet's edge key of 32 bytes",
            ahead_s: 0,
        };
        let needles = worker::needles(&settings);
        let product = Product::new(&settings);
        let mut fleet = Self {
            table,
            simulator,
            platforms,
            bus,
            product,
            seats: Vec::new(),
            binary: binary.to_owned(),
            settings,
            ahead_s: Mutex::new(0),
            needles: Mutex::new(needles),
            http: client(),
            serving,
            log,
        };
        for seat in 0..workers {
            let proxy = Proxy::start(&fleet.settings.table).await;
            fleet.seats.push(Seat { proxy, worker: None });
            fleet.restart(seat).await;
        }
        fleet
    }

    /// A worker that lives.
    pub fn worker(&self, seat: usize) -> &Worker {
        self.seats[seat].worker.as_ref().expect("it lives")
    }

    /// What stands between this worker and the table, whether it lives or not.
    pub fn proxy(&self, seat: usize) -> &Proxy {
        &self.seats[seat].proxy
    }

    /// Kills a worker as `kill -9` does, and waits until it is gone.
    pub async fn kill(&mut self, seat: usize) {
        self.seats[seat].worker.take().expect("it lives").kill().await;
    }

    /// Starts a worker again, its clock as the others'.
    pub async fn restart(&mut self, seat: usize) {
        assert!(self.seats[seat].worker.is_none(), "it lives");
        let ahead_s = *self.ahead_s.lock().expect("the clock");
        let settings = Settings { table: self.proxy(seat).address.clone(), ahead_s, ..self.settings.clone() };
        self.seats[seat].worker = Some(Worker::start(&self.binary, &settings).await);
    }

    /// Moves all clocks: the platforms', the product's here, and every living worker's.
    pub async fn advance(&self, seconds: i64) {
        *self.ahead_s.lock().expect("the clock") += seconds;
        self.simulator.advance(SignedDuration::from_secs(seconds));
        self.product.advance(seconds);
        for worker in self.seats.iter().filter_map(|seat| seat.worker.as_ref()) {
            worker.ask(Command::Clock { advance_s: seconds }).await.expect("its clock moves");
        }
    }

    /// A steering call to the simulator, which must succeed.
    pub async fn steer(&self, method: Method, path: &str, body: Value) -> Value {
        let call = self.http.request(method, format!("{}/_sim/{path}", self.platforms)).json(&body);
        let answer = call.send().await.expect("the simulator answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{path}: {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") }
    }

    /// Something happens to a person or an account at the platform.
    pub async fn event(&self, body: Value) {
        self.steer(Method::POST, "events", body).await;
    }

    /// The platform misbehaves from now on.
    pub async fn fault(&self, body: Value) {
        self.steer(Method::POST, "faults", body).await;
    }

    /// The platform behaves again.
    pub async fn no_faults(&self) {
        self.steer(Method::DELETE, "faults", Value::Null).await;
    }

    /// Every call that the platforms saw, oldest first.
    pub async fn journal(&self) -> Vec<Value> {
        let answer = self.steer(Method::GET, "journal", Value::Null).await;
        answer["data"].as_array().cloned().unwrap_or_default()
    }

    /// How many calls of a platform came to what (`refreshed` …), and under `routes` for what they were (`token` …).
    pub async fn counts(&self, platform: &str) -> Value {
        self.steer(Method::GET, &format!("journal/counts?platform={platform}"), Value::Null).await
    }

    /// A person connects everything that they have on a platform, at most 25, by its default method.
    pub async fn connect(&self, workspace: &str, platform: &str, person: &str) -> Vec<Connected> {
        let ask = start::NewSession::new(platform.parse().expect("a platform"));
        self.connect_by(workspace, ask, person).await
    }

    /// The same, asked for in another way.
    pub async fn connect_by(&self, workspace: &str, ask: start::NewSession, person: &str) -> Vec<Connected> {
        let services = &self.product.services;
        let actor = owner(workspace).allow::<AccountsConnect>().expect("an owner may");
        let started = Box::pin(start::start(services, &actor, &actor.workspace, ask, None)).await.expect("a session");
        let id = started.outcome().session;
        let going = start::proceed(services, id, None).await.expect("the way to the platform");
        let back = self.consent(&going.location, person).await;
        let value = |name: &str| {
            let found = back.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
            Secret::new(found.unwrap_or_else(|| panic!("no {name} came back")))
        };
        let (state, code) = (value("state"), value("code"));
        let random = state.expose().rsplit('.').next().unwrap_or_default();
        let verifier = start::verifier(services, &state);
        for (what, secret) in
            [("a state", random), ("a cookie", going.cookie.expose()), ("a PKCE verifier", verifier.expose())]
        {
            self.needles.lock().expect("the needles").plant(what, secret);
        }
        let issuer =
            back.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty())).expect("an issuer");
        let callback = Callback::Granted { state, code, iss: None };
        let landing = Box::pin(callback::complete(services, issuer, callback, Some(going.cookie))).await;
        let Landing::Reached(session) = landing.expect("it lands") else { panic!("the callback is still at work") };
        let accounts = match session.status(services.now()) {
            Status::Completed => session.accounts().to_vec(),
            Status::AwaitingSelection => self.select(&actor, id).await.expect("a selection"),
            other => panic!("{} {:?}", other.as_str(), session.error(services.now())),
        };
        let mut connected = Vec::new();
        for account in accounts {
            let found = services.store.find_account(&actor.workspace, account).await.expect("the table");
            let grant = found.expect("the account").grant.expect("it is active");
            connected.push(Connected { account, workspace: actor.workspace.clone(), grant });
        }
        connected
    }

    /// Everything that can be chosen, at most 25.
    async fn select(&self, actor: &Allowed<AccountsConnect>, id: ConnectSessionId) -> Result<Vec<AccountId>, Error> {
        let services = &self.product.services;
        let found = select::candidates(services, actor, id).await?;
        let open = found.candidates.iter().filter(|c| c.barrier.is_none()).map(|c| c.id).take(25).collect();
        let selected = Box::pin(select::select(services, actor, id, open, true, None)).await?;
        Ok(selected.outcome().accounts.clone())
    }

    /// The person approves on the simulated platform's page; answers with where they are sent back to.
    async fn consent(&self, at: &Url, person: &str) -> Url {
        let form = [("person", person), ("decision", "approve")];
        let answer = self.http.post(at.clone()).form(&form).send().await.expect("the platform's page");
        let to = answer.headers().get("location").and_then(|l| l.to_str().ok());
        Url::parse(to.unwrap_or_else(|| panic!("the platform's page answered {}", answer.status())))
            .expect("an address")
    }

    /// What must be true when a test is over.
    pub async fn settled(&self) {
        let journal = self.journal().await;
        let odd: Vec<_> = journal.iter().filter(|call| call["documented"] == false).collect();
        assert!(odd.is_empty(), "calls that the platform does not have: {odd:?}");
        let table = self.table.text().await;
        let needles = self.needles.lock().expect("the needles");
        let mut leaks = needles.found_in("the table", table);
        leaks.extend(needles.found_in("an event", json!(self.bus.taken()).to_string()));
        leaks.extend(needles.found_in("a call to a platform", json!(journal).to_string()));
        leaks.extend(needles.found_in("the log", log::since(self.log)));
        leaks.extend(journal.iter().filter_map(watch::misplaced));
        assert!(leaks.is_empty(), "secrets got out:\n{}", leaks.join("\n"));
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        when_over(self.settled());
        self.serving.abort();
    }
}

/// The secret of our app at a simulated platform.
fn secret(platform: &str) -> String {
    format!("{MARK}-{platform}-client-secret")
}

fn registered(known: &str, client_id: &str, (platform, method, _): &Use) -> Registered {
    Registered {
        platform: (*platform).to_owned(),
        method: method.map(str::to_owned),
        client_id: client_id.to_owned(),
        client_secret: secret(known),
    }
}

/// The owner of a workspace with the plan `enterprise`.
pub fn owner(workspace: &str) -> Actor {
    let id: WorkspaceId = workspace.parse().expect("a workspace's id");
    Actor {
        sub: "user-owner".to_owned(),
        credential: domain::actor::Credential::Token,
        name: None,
        org: OrgId::from(&id),
        workspace: id,
        role: Role::Owner,
        plan: Some("enterprise".to_owned()),
        perms: None,
        accounts: None,
        workspaces: BTreeMap::new(),
    }
}
