//! The product, put together for one process.

use std::{
    collections::BTreeMap,
    fs::{DirBuilder, File},
    os::unix::fs::DirBuilderExt as _,
    path::PathBuf,
    sync::Arc,
};

use api::{
    ConsoleSetup, Edge, Origins,
    auth::{FetchJwks, Jwks, Verifier},
    rate::Rates,
};
use app::{AttemptLimits, EdgeKeys, Services};
use aws_sdk_dynamodb::Client;
use axum::Router;
use domain::{Digest, Entropy, PlanCatalogue, Secret, budget::Spend, return_url::ReturnUrls};
use dynoxide::Database;
use events::LocalBus;
use platforms::{App, AppsFile, Platforms, Upstream};
use simulator::Simulator;
use store::Store;
use url::Url;
use vault::{Sealed, TokenVault};

use crate::{
    clock::{MovableClock, Wall},
    demo, dev, dump, embedded,
    entropy::{SeededEntropy, SystemEntropy},
    issuer::Issuer,
    keys::Keys,
    ttl,
};

/// Name of the table.
const TABLE: &str = "mooring";
/// Parts of the due index: enough for one machine, and an empty tick costs four small queries.
const SHARDS: u8 = 4;
/// Calls a minute of each caller. This machine's owner is the only one who comes.
const CALLS: u32 = 600_000;
/// The name of the dev issuer; it does not change with the port.
pub(crate) const ISSUER: &str = "https://dev.mooring.invalid";
/// Whom its tokens are for.
pub(crate) const AUDIENCE: &str = "mooring";
/// What an app is for here: platform, method (the first if none) and the end of its callback address.
pub type Use = (&'static str, Option<&'static str>, &'static str);
/// The product's own apps at the simulated platforms: the platform that knows the app, its client id, and its
/// uses. Facebook's serves Instagram too.
pub const SIMULATED: [(&str, &str, &[Use]); 9] = [
    ("facebook", "100000000000001", &[("facebook", None, "facebook"), ("instagram", None, "instagram")]),
    ("instagram", "200000000000002", &[("instagram", Some("instagram_login"), "instagram-login")]),
    ("x", "mooring-x-client", &[("x", None, "x")]),
    ("threads", "300000000000003", &[("threads", None, "threads")]),
    ("linkedin", "77mooringlocal", &[("linkedin", None, "linkedin")]),
    (
        "tiktok",
        "awmooringlocal",
        &[("tiktok", None, "tiktok"), ("tiktok", Some("tiktok_business"), "tiktok-business/")],
    ),
    ("pinterest", "1500001", &[("pinterest", None, "pinterest")]),
    (
        "google",
        "mooring.apps.googleusercontent.com",
        &[("youtube", None, "youtube"), ("google_business", None, "google_business")],
    ),
    ("reddit", "mooring-reddit-client", &[("reddit", None, "reddit")]),
];

/// Where the product and the simulated platforms are reached.
#[derive(Debug, Clone)]
pub struct Places {
    /// The product's own address.
    pub product: Url,
    /// The simulated platforms'.
    pub simulator: Url,
}

/// Where the table and the keys live.
#[derive(Debug, Clone)]
pub enum Storage {
    /// Nowhere.
    Memory,
    /// In a directory, which one process holds at a time.
    Directory(PathBuf),
}

/// What a stack is made of.
pub struct Setup {
    /// Addresses.
    pub places: Places,
    /// Storage.
    pub storage: Storage,
    /// Seed of the simulator, and of everything random where nothing is kept.
    pub seed: Option<u64>,
    /// Where the time comes from.
    pub wall: Wall,
    /// The operator's apps.
    pub apps: AppsFile,
    /// Whether the catalogue's hosts are the real ones.
    pub real_platforms: bool,
    /// The plan catalogue's name.
    pub plans: String,
    /// Further return addresses.
    pub return_urls: Vec<String>,
    /// Origins whose web pages may call.
    pub cors_origins: Vec<String>,
}

/// The stack cannot be put together; one line for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StackError(pub String);

/// The whole product.
pub struct Stack {
    /// The use cases' bundle.
    pub services: Services,
    /// The simulated platforms.
    pub simulator: Simulator,
    /// The product's clock; the simulator's follows it.
    pub clock: Arc<MovableClock>,
    /// What was published.
    pub bus: Arc<LocalBus>,
    /// The dev issuer.
    pub issuer: Arc<Issuer>,
    /// Whether the data directory was empty.
    pub is_new: bool,
    /// The table itself, for whoever must look or reach behind the store.
    pub client: Client,
    edge: Edge,
    /// Held as long as the stack lives.
    _lock: Option<File>,
}

impl Stack {
    /// Puts it together. The simulator is not served yet.
    pub async fn build(setup: Setup) -> Result<Self, StackError> {
        let said = |e: &dyn std::fmt::Display| StackError(e.to_string());
        let entropy: Arc<dyn Entropy> = match (&setup.storage, setup.seed) {
            (Storage::Memory, Some(seed)) => Arc::new(SeededEntropy::new(seed)),
            _ => Arc::new(SystemEntropy),
        };
        let Opened { database, keys, is_new, lock } = open(&setup.storage, &*entropy)?;
        let client = embedded::client(database);
        store::create_table(&client, TABLE).await.map_err(|e| said(&e))?;
        let clock = Arc::new(MovableClock::new(Arc::clone(&setup.wall)));
        let simulator = simulator(&setup, &entropy);
        let bus = Arc::new(LocalBus::default());
        let issuer = Arc::new(keys.issuer);
        let origins = setup.cors_origins.iter().map(String::as_str);
        let origins = Origins::new(origins).map_err(|e| StackError(format!("--cors-origins: {e}")))?;
        let services = Services {
            store: Store::new(client.clone(), TABLE, SHARDS, Arc::clone(&entropy)),
            vault: Arc::new(Sealed::new(keys.roots, Arc::clone(&entropy))),
            events: Arc::clone(&bus) as Arc<dyn events::EventBus>,
            platforms: Arc::new(platforms(&setup)?),
            clock: Arc::clone(&clock) as Arc<dyn domain::Clock>,
            entropy,
            edge: Arc::new(EdgeKeys::new(&keys.edge).map_err(|e| said(&e))?),
            guard: Arc::default(),
            flights: Arc::default(),
            plans: Arc::new(PlanCatalogue::shipped(&setup.plans).map_err(|e| said(&e))?),
            return_urls: Arc::new(return_urls(&setup)?),
            public_url: setup.places.product,
            attempts: AttemptLimits::default(),
            spend: Arc::default(),
            operator: None,
        };
        let edge = Edge {
            services: services.clone(),
            verifier: Arc::new(verifier(&issuer)),
            origins: Arc::new(origins),
            rates: Arc::new(Rates::new(CALLS)),
        };
        Ok(Self { services, simulator, clock, bus, issuer, is_new, client, edge, _lock: lock })
    }

    /// Every route: the functions', the console's, and those that only the local server has.
    pub fn router(self: &Arc<Self>) -> Router {
        let setup = ConsoleSetup {
            sign_in: Some(dev::SIGN_IN.to_owned()),
            workspaces: demo::WORKSPACES.iter().filter_map(|(id, _)| id.parse().ok()).collect(),
            hint: Some("The platforms here are simulated: press Connect, then approve as acme.".to_owned()),
        };
        api::everything(&self.edge, setup).merge(api::with_own(dev::routes(Arc::clone(self)), &self.edge))
    }

    /// Reaches the same table through another client.
    pub fn reach_table_by(&mut self, client: Client) {
        self.services.store = Store::new(client.clone(), TABLE, SHARDS, Arc::clone(&self.services.entropy));
        self.edge.services = self.services.clone();
        self.client = client;
    }

    /// Keeps tokens in another vault.
    pub fn keep_tokens_in(&mut self, vault: Arc<dyn TokenVault>) {
        self.services.vault = vault;
    }

    /// Publishes over another bus.
    pub fn publish_by(&mut self, bus: Arc<dyn events::EventBus>) {
        self.services.events = bus;
        self.edge.services = self.services.clone();
    }

    /// Says where a larger plan is taken.
    pub fn upgrade_at(&mut self, url: &str) {
        let plans = PlanCatalogue { upgrade_url: Some(url.to_owned()), ..(*self.services.plans).clone() };
        self.services.plans = Arc::new(plans);
        self.edge.services = self.services.clone();
    }

    /// Lets callers make so many calls a minute, and so many attempts to connect an hour.
    pub fn limit(&mut self, calls: u32, attempts: AttemptLimits) {
        self.services.attempts = attempts;
        self.edge.services = self.services.clone();
        self.edge.rates = Arc::new(Rates::new(calls));
    }

    /// Says what fetching may cost in a day, and by which key the operator calls: by the digest of its bytes.
    pub fn operate(&mut self, spend: Spend, operator: Option<Digest>) {
        (self.services.spend, self.services.operator) = (Arc::new(spend), operator);
        self.edge.services = self.services.clone();
    }

    /// The edge that its routes have.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Moves both clocks.
    pub fn set_time(&self, to: domain::Timestamp) {
        let by = self.clock.set(to);
        self.simulator.advance(by);
    }

    /// A bearer token of the dev issuer that outlives any clock move.
    pub fn token(&self, claims: serde_json::Value) -> Result<Secret, StackError> {
        let mut claims = claims;
        claims["iss"] = ISSUER.into();
        claims["aud"] = AUDIENCE.into();
        claims["exp"] = domain::Timestamp::MAX.as_second().into();
        self.issuer.sign(&claims).map(Secret::new).map_err(|e| StackError(e.to_string()))
    }

    /// Every item of the table by its key, as JSON: what a test compares before and after.
    pub async fn dump(&self) -> Result<BTreeMap<String, serde_json::Value>, StackError> {
        dump::dump(&self.client, TABLE).await.map_err(StackError)
    }

    /// Deletes what is out of date; says how many items.
    pub async fn sweep_ttl(&self) -> Result<usize, StackError> {
        ttl::sweep(&self.client, TABLE, &self.services).await.map_err(StackError)
    }
}

struct Opened {
    database: Database,
    keys: Keys,
    is_new: bool,
    lock: Option<File>,
}

fn open(storage: &Storage, entropy: &dyn Entropy) -> Result<Opened, StackError> {
    let Storage::Directory(directory) = storage else {
        let database = Database::memory().map_err(|e| StackError(e.to_string()))?;
        let keys = Keys::generate(entropy).map_err(StackError)?;
        return Ok(Opened { database, keys, is_new: true, lock: None });
    };
    let said = |e: &dyn std::fmt::Display| StackError(format!("{}: {e}", directory.display()));
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|e| said(&e))?;
    let lock = File::create(directory.join("lock")).map_err(|e| said(&e))?;
    lock.try_lock().map_err(|_| said(&"another mooring holds this data directory"))?;
    let path = directory.join("table.sqlite");
    let is_new = !path.exists();
    let keys = Keys::of_directory(directory, entropy).map_err(StackError)?;
    let path = path.to_str().ok_or_else(|| said(&"the path is not text"))?;
    let database = Database::new(path).map_err(|e| said(&e))?;
    Ok(Opened { database, keys, is_new, lock: Some(lock) })
}

fn simulator(setup: &Setup, entropy: &Arc<dyn Entropy>) -> Simulator {
    let seed = setup.seed.unwrap_or_else(|| u64::from_be_bytes(entropy.bytes()));
    let simulator = Simulator::new(simulator::Options { seed, wall: Arc::clone(&setup.wall) });
    for (platform, client_id, uses) in SIMULATED {
        let callback = |(_, _, issuer): &(_, _, &str)| format!("{}v1/oauth/callback/{issuer}", setup.places.product);
        simulator.register(simulator::App {
            platform: platform.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: simulated_secret(platform),
            redirect_uris: uses.iter().map(callback).collect(),
            notices: notices(&setup.places.product, platform),
        });
    }
    simulator
}

/// Where a simulated platform tells our app things by itself.
fn notices(product: &Url, platform: &str) -> BTreeMap<String, String> {
    let (of, doors): (&str, &[(&str, &str)]) = match platform {
        "facebook" | "instagram" | "threads" => {
            (platform, &[("deauthorize", "deauthorize"), ("data_deletion", "data-deletion")])
        }
        "tiktok" | "x" => (platform, &[("notices", "notices")]),
        // One app is told for both of its platforms, which share a person's grant.
        "google" => ("youtube", &[("notices", "notices")]),
        _ => return BTreeMap::new(),
    };
    let address =
        |(name, path): &(&str, &str)| ((*name).to_owned(), format!("{product}v1/platform-callbacks/{of}/{path}"));
    doors.iter().map(address).collect()
}

/// The secret of our own app at a simulated platform; it protects nothing.
fn simulated_secret(platform: &str) -> String {
    format!("simulated-{platform}-client-secret")
}

fn platforms(setup: &Setup) -> Result<Platforms, StackError> {
    let (upstream, apps) = if setup.real_platforms {
        (Upstream::Real, setup.apps.clone())
    } else {
        let all = SIMULATED.iter().flat_map(|(known, id, uses)| uses.iter().map(move |used| (known, id, used)));
        let own = all.map(|(known, client_id, (platform, method, _))| {
            let unknown = |_| StackError(format!("{platform} is no platform"));
            Ok(App {
                platform: platform.parse().map_err(unknown)?,
                method: method.map(str::parse).transpose().map_err(unknown)?,
                client_id: (*client_id).to_owned(),
                client_secret: Secret::new(simulated_secret(known)),
                approved_scopes: None,
            })
        });
        let own = own.collect::<Result<Vec<_>, StackError>>()?;
        (Upstream::Simulated(setup.places.simulator.clone()), setup.apps.clone().or(own))
    };
    Platforms::new(&upstream, apps).map_err(|e| StackError(e.to_string()))
}

fn return_urls(setup: &Setup) -> Result<ReturnUrls, StackError> {
    let usual = [setup.places.product.as_str(), "https://app.example/"];
    let all = usual.into_iter().chain(setup.return_urls.iter().map(String::as_str));
    ReturnUrls::new(all).map_err(StackError)
}

fn verifier(issuer: &Issuer) -> Verifier {
    let document = issuer.jwks();
    let fetch: FetchJwks = Arc::new(move || {
        let document = document.clone();
        Box::pin(async move { Ok(document) })
    });
    // Its tokens outlive any move of the clock.
    Verifier::new(ISSUER.to_owned(), AUDIENCE.to_owned(), Jwks::new(fetch)).believing_for(std::time::Duration::MAX)
}
