//! One product process without HTTP, one of several on a table: it is told what to do on stdin and answers on stdout,
//! a JSON document a line each way.
//!
//! The first line is [`Settings`]; each further one is a [`Command`] with an id that its answer repeats. Commands run
//! at the same time. A process whose stdin is closed ends. Dropping a [`Worker`] ends it, and fails the test if a
//! secret is in what it wrote.

use std::{
    collections::BTreeMap,
    fmt,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{AttemptLimits, EdgeKeys, Services, deliver, lease, sweep};
use domain::{
    AccountId, Capability, Clock as _, Digest, Entropy, Error, PlanCatalogue, Secret, WorkspaceId,
    actor::permit::CredentialsLease, return_url::ReturnUrls,
};
use futures::future::join_all;
use jiff::SignedDuration;
use local::{
    clock::{self, MovableClock},
    entropy::SystemEntropy,
};
use platforms::{App, Platforms, Upstream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Store;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::{Child, Command as Process},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use url::Url;
use vault::{RootKeys, Sealed};

use crate::{bus::HttpBus, fleet::owner, secret::Needles, table, when_over};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a worker is made of.
#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The table's address, or that of a proxy before it.
    pub table: String,
    /// The simulated platforms' address.
    pub simulator: Url,
    /// Where events are posted to.
    pub bus: String,
    /// The product's own address, where nobody listens.
    pub product: Url,
    /// Our apps.
    pub apps: Vec<Registered>,
    /// The vault's root key.
    pub root_key: [u8; 32],
    /// The edge's key.
    pub edge_key: [u8; 32],
    /// How far its clock is ahead of the system's from the start.
    pub ahead_s: i64,
}

/// One of our apps.
#[derive(Clone, Serialize, Deserialize)]
pub struct Registered {
    /// The platform that it is for.
    pub platform: String,
    /// The method; the platform's first if absent.
    pub method: Option<String>,
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// What a worker does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Says what time it is: `{"now": …}`.
    Ping,
    /// Moves the clock; says what time it is then.
    Clock {
        /// By so much.
        advance_s: i64,
    },
    /// Runs the scheduled function; answers with its report.
    Sweep,
    /// The same.
    Deliver,
    /// Leases an account's token for publishing, so often at once; says what came of each.
    Lease {
        /// Where the account is.
        workspace: WorkspaceId,
        /// Which one.
        account: AccountId,
        /// How often.
        times: usize,
    },
}

/// A line to a worker.
#[derive(Serialize, Deserialize)]
struct Order {
    id: u64,
    #[serde(flatten)]
    command: Command,
}

/// A line of a worker.
#[derive(Serialize, Deserialize)]
struct Reply {
    id: u64,
    #[serde(flatten)]
    done: Done,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Ok(Value),
    Failed(String),
}

/// The product of one process, without HTTP.
pub struct Product {
    /// The use cases' bundle.
    pub services: Services,
    /// Its clock: the system's, and how far it was moved.
    pub clock: Arc<MovableClock>,
}

impl Product {
    /// Puts it together.
    pub fn new(settings: &Settings) -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let clock = Arc::new(MovableClock::new(clock::system()));
        let apps = settings.apps.iter().map(|app| App {
            platform: app.platform.parse().expect("a platform"),
            method: app.method.as_ref().map(|method| method.parse().expect("a method")),
            client_id: app.client_id.clone(),
            client_secret: Secret::new(app.client_secret.clone()),
            approved_scopes: None,
        });
        let apps = apps.collect::<Vec<_>>().into();
        let platforms = Platforms::new(&Upstream::Simulated(settings.simulator.clone()), apps).expect("platforms");
        let services = Services {
            store: Store::new(table::client(&settings.table), table::NAME, table::SHARDS, Arc::clone(&entropy)),
            vault: Arc::new(Sealed::new(RootKeys::new("tests", settings.root_key), Arc::clone(&entropy))),
            events: Arc::new(HttpBus::new(&settings.bus)),
            platforms: Arc::new(platforms),
            clock: Arc::clone(&clock) as Arc<dyn domain::Clock>,
            entropy,
            edge: Arc::new(EdgeKeys::new(&settings.edge_key).expect("a key")),
            guard: Arc::default(),
            flights: Arc::default(),
            plans: Arc::new(PlanCatalogue::shipped("merged").expect("plans")),
            return_urls: Arc::new(ReturnUrls::new([settings.product.as_str()]).expect("an address")),
            public_url: settings.product.clone(),
            attempts: AttemptLimits { unsuccessful: u32::MAX, all: u32::MAX },
            spend: Arc::default(),
            operator: None,
        };
        let product = Self { services, clock };
        product.advance(settings.ahead_s);
        product
    }

    /// Moves its clock.
    pub fn advance(&self, seconds: i64) {
        self.clock.set(self.clock.now() + SignedDuration::from_secs(seconds));
    }

    /// Does what a worker is told.
    pub async fn obey(&self, command: Command) -> Result<Value, String> {
        let said = |error: domain::Error| format!("{error:?}");
        match command {
            Command::Ping => {}
            Command::Clock { advance_s } => self.advance(advance_s),
            Command::Sweep => return sweep::sweep(&self.services).await.map(|report| json!(report)).map_err(said),
            Command::Deliver => {
                return deliver::deliver(&self.services).await.map(|report| json!(report)).map_err(said);
            }
            Command::Lease { workspace, account, times } => return Ok(self.lease(&workspace, account, times).await),
        }
        Ok(json!({"now": self.services.now()}))
    }

    /// Leases at once: the digest of each token, or the code of the refusal.
    async fn lease(&self, workspace: &WorkspaceId, account: AccountId, times: usize) -> Value {
        let actor = owner(workspace.as_str()).allow::<CredentialsLease>().expect("an owner may");
        let one = || Box::pin(lease::lease(&self.services, &actor, account, Capability::Publish, None, None));
        let all = join_all((0..times).map(|_| one())).await;
        let word = |leased: Result<(_, Option<Secret>), Error>| match leased {
            Ok((_, token)) => Digest::of(token.expect("a token").expose()).as_str().to_owned(),
            Err(Error::Refused(refusal)) => refusal.code.to_string(),
            Err(Error::Fault(fault)) => format!("fault: {fault}"),
        };
        all.into_iter().map(word).collect()
    }
}

/// What the program `worker` is.
pub async fn run() {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut line = async || lines.next_line().await.expect("text");
    let settings = line().await.expect("settings");
    let product = Arc::new(Product::new(&serde_json::from_str(&settings).expect("settings")));
    let (answers, mut answered) = mpsc::unbounded_channel::<Reply>();
    let answering = tokio::spawn(async move {
        let mut out = tokio::io::stdout();
        while let Some(reply) = answered.recv().await {
            out.write_all(&line_of(&reply)).await.expect("somebody listens");
            out.flush().await.expect("somebody listens");
        }
    });
    while let Some(order) = line().await {
        let Order { id, command } = serde_json::from_str(&order).expect("a command");
        let (product, answers) = (Arc::clone(&product), answers.clone());
        tokio::spawn(async move {
            // A command that panics is one that failed; the log says of what.
            let done = tokio::spawn(async move { product.obey(command).await }).await;
            let done = match done.unwrap_or_else(|panic| Err(panic.to_string())) {
                Ok(value) => Done::Ok(value),
                Err(why) => Done::Failed(why),
            };
            let _ = answers.send(Reply { id, done });
        });
    }
    drop(answers);
    answering.await.expect("it answers");
}

fn line_of(what: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(what).expect("JSON");
    line.push(b'\n');
    line
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// It failed; what the worker says of it.
    Failed(String),
    /// The worker is gone. What it was told may have happened.
    Gone,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => f.write_str(why),
            Self::Gone => f.write_str("the worker is gone"),
        }
    }
}

/// The commands without an answer so far; none are taken any more once the worker is gone.
type Waiting = Arc<Mutex<Option<BTreeMap<u64, oneshot::Sender<Done>>>>>;

/// A worker, as a test holds it.
pub struct Worker {
    child: Child,
    orders: mpsc::UnboundedSender<Vec<u8>>,
    waiting: Waiting,
    ids: Mutex<u64>,
    output: JoinHandle<String>,
    log: JoinHandle<String>,
    needles: Needles,
}

impl Worker {
    /// Starts it, and waits until it answers.
    pub async fn start(binary: &str, settings: &Settings) -> Self {
        let mut process = Process::new(binary);
        process.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = process.spawn().expect("the binary is built with these tests");
        let (orders, mut given) = mpsc::unbounded_channel::<Vec<u8>>();
        let mut stdin = child.stdin.take().expect("piped");
        tokio::spawn(async move {
            while let Some(line) = given.recv().await {
                // Who is killed reads no more.
                let _ = stdin.write_all(&line).await;
            }
        });
        let waiting: Waiting = Arc::new(Mutex::new(Some(BTreeMap::new())));
        // Both are read all along: a full pipe would hold it up.
        let output = tokio::spawn(answers(child.stdout.take().expect("piped"), Arc::clone(&waiting)));
        let log = tokio::spawn(text(child.stderr.take().expect("piped")));
        orders.send(line_of(settings)).expect("it is written");
        let needles = needles(settings);
        let worker = Self { child, orders, waiting, ids: Mutex::new(0), output, log, needles };
        worker.ask(Command::Ping).await.expect("it answers");
        worker
    }

    /// Tells it to do something, at once; the answer is to be awaited.
    pub fn ask(&self, command: Command) -> impl Future<Output = Result<Value, NoAnswer>> + Send + use<> {
        let mut id = self.ids.lock().expect("the ids");
        *id += 1;
        let (tell, told) = oneshot::channel();
        if let Some(waiting) = &mut *self.waiting.lock().expect("the commands") {
            waiting.insert(*id, tell);
        }
        let _ = self.orders.send(line_of(&Order { id: *id, command }));
        async move {
            match timeout(PATIENCE, told).await.expect("an answer in time") {
                Ok(Done::Ok(value)) => Ok(value),
                Ok(Done::Failed(why)) => Err(NoAnswer::Failed(why)),
                Err(_) => Err(NoAnswer::Gone),
            }
        }
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it is there to be killed");
    }

    /// Each secret that is where it must not be, when it is over.
    async fn leaks(&mut self) -> Vec<String> {
        let _ = self.child.kill().await;
        let (output, log) = ((&mut self.output).await.expect("the output"), (&mut self.log).await.expect("the log"));
        let mut found = self.needles.found_in("a worker's output", output);
        found.extend(self.needles.found_in("a worker's log", log));
        found
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        when_over(async {
            let leaks = self.leaks().await;
            assert!(leaks.is_empty(), "secrets got out:\n{}", leaks.join("\n"));
        });
    }
}

/// What products of these settings have to keep to themselves.
pub(crate) fn needles(settings: &Settings) -> Needles {
    let mut needles = Needles::usual();
    needles.plant("the vault's root key", settings.root_key);
    needles.plant("the edge's key", settings.edge_key);
    for app in &settings.apps {
        needles.plant("a client secret", &app.client_secret);
    }
    needles
}

/// Hands each answer to whoever waits for it; all that was said is kept.
async fn answers(out: impl AsyncRead + Unpin, waiting: Waiting) -> String {
    let (mut lines, mut said) = (BufReader::new(out).lines(), String::new());
    while let Ok(Some(line)) = lines.next_line().await {
        if let Ok(Reply { id, done }) = serde_json::from_str(&line)
            && let Some(waiting) = &mut *waiting.lock().expect("the commands")
            && let Some(tell) = waiting.remove(&id)
        {
            let _ = tell.send(done);
        }
        said += &line;
        said.push('\n');
    }
    waiting.lock().expect("the commands").take();
    said
}

/// What was written, also where it ends within a character.
async fn text(mut from: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut from, &mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}
