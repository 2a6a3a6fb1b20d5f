//! From the functions' environment to the services and the edge.
//!
//! | variable | meaning |
//! |---|---|
//! | `MOORING_PUBLIC_URL` | our own address, `https://…/` |
//! | `MOORING_TABLE` | the table |
//! | `MOORING_EVENT_BUS` | the EventBridge bus |
//! | `MOORING_JWT_ISSUER`, `MOORING_JWT_AUDIENCE` | which callers' tokens are believed |
//! | `MOORING_JWKS_URL` | where their keys are, https |
//! | `MOORING_TOKEN_LIFE` | how many seconds a caller's token lives at most; 3600 if absent |
//! | `MOORING_RATE_LIMIT` | calls a minute of each caller, in each process; 600 if absent |
//! | `MOORING_EDGE_SECRET` | id of the secret with the edge's key, 64 hexadecimal digits; absent where no request comes in |
//! | `MOORING_APPS_SECRET` | id of the secret with the OAuth apps, TOML as for `--apps`; absent where no platform is called |
//! | `MOORING_TOKEN_VAULT` | which vault seals, `secretsmanager` or `sealed`; absent, with the next two, where no token may be opened |
//! | `MOORING_SECRET_PREFIX` | what the names of the grants' secrets begin with: `<prefix>/<grant>` |
//! | `MOORING_ROOT_KEYS_SECRET` | id of the secret `{"current": name, name: 64 hexadecimal digits, …}` that `sealed` opens and seals by |
//! | `MOORING_SPEND` | what fetching may cost in a day of UTC at platforms that take money for it, in whole US dollars, `x=100`; separated by commas; no cap where none is named |
//! | `MOORING_OPERATOR_KEY` | SHA-256 of the key by which the operator calls, 64 hexadecimal digits; nobody can if absent |
//! | `MOORING_PLANS` | plan catalogue, `merged` if absent |
//! | `MOORING_RETURN_URLS` | where browsers may be sent back to, separated by commas |
//! | `MOORING_CORS_ORIGINS` | origins whose web pages may call from a browser, separated by commas |
//! | `MOORING_SIMULATOR_URL` | the simulated platforms instead of the real ones; on this machine only, for tests |

mod ambient;
mod config;
pub mod metrics;
mod peer;
mod secrets;

use std::sync::Arc;

use api::{
    Edge, Origins,
    auth::{FetchJwks, Jwks, Verifier},
    rate::Rates,
};
use app::{AttemptLimits, EdgeKeys, Services};
use aws_config::BehaviorVersion;
use domain::{Entropy, PlanCatalogue, return_url::ReturnUrls};
use events::EventBridge;
use platforms::{AppsFile, Platforms, Upstream};
use store::Store;
use vault::{RootKeys, Sealed, SecretsManager, TokenVault, Vaults};

pub use peer::with_peer;

use crate::{
    ambient::{SystemClock, SystemEntropy},
    config::{Config, Tokens},
    secrets::Secrets,
};

/// Parts of the due index in the deployed table.
const SHARDS: u8 = 64;

/// A function cannot start; the text names the variable or secret, never its value.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(String);

impl StartError {
    fn of(what: &str, why: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {why}"))
    }
}

/// The edge of a function, from its environment.
pub async fn edge() -> Result<Edge, StartError> {
    let config = Config::of_edge()?;
    let services = bundle(&config).await?;
    let keys = Jwks::new(fetch_jwks(config.jwks_url)?);
    let verifier = Verifier::new(config.jwt_issuer, config.jwt_audience, keys).believing_for(config.token_life);
    let origins = Origins::new(config.cors_origins.iter().map(String::as_str));
    let origins = origins.map_err(|e| StartError::of("MOORING_CORS_ORIGINS", e))?;
    let rates = Arc::new(Rates::new(config.rate_limit));
    Ok(Edge { services, verifier: Arc::new(verifier), origins: Arc::new(origins), rates })
}

/// The services of a function that a schedule calls, from its environment.
pub async fn services() -> Result<Services, StartError> {
    bundle(&Config::from_env()?).await
}

async fn bundle(config: &Config) -> Result<Services, StartError> {
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let secrets = Secrets::new(&aws);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let apps = match &config.apps_secret {
        Some(secret) => AppsFile::parse(&secrets.text(secret).await?).map_err(|e| StartError::of(secret, e))?,
        None => AppsFile::default(),
    };
    let upstream = config.simulator_url.clone().map_or(Upstream::Real, Upstream::Simulated);
    let vault: Arc<dyn TokenVault> = match &config.tokens {
        Some(Tokens { vault, secret_prefix, root_keys_secret }) => {
            let sealed = Sealed::new(secrets.root_keys(root_keys_secret).await?, Arc::clone(&entropy));
            Arc::new(Vaults::new(*vault, sealed, SecretsManager::new(secrets.client(), secret_prefix)))
        }
        None => Arc::new(Sealed::new(RootKeys::none(), Arc::clone(&entropy))),
    };
    let edge_secret = match &config.edge_secret {
        Some(secret) => secrets.bytes(secret).await?,
        // Nothing is sealed for anybody: keys of this process alone.
        None => entropy.bytes(),
    };
    Ok(Services {
        store: Store::new(aws_sdk_dynamodb::Client::new(&aws), &config.table, SHARDS, Arc::clone(&entropy)),
        vault,
        events: Arc::new(EventBridge::new(aws_sdk_eventbridge::Client::new(&aws), config.event_bus.clone())),
        platforms: Arc::new(Platforms::new(&upstream, apps).map_err(|e| StartError::of("MOORING_APPS_SECRET", e))?),
        clock: Arc::new(SystemClock),
        entropy,
        edge: Arc::new(EdgeKeys::new(&edge_secret).map_err(|e| StartError::of("MOORING_EDGE_SECRET", e))?),
        guard: Arc::default(),
        flights: Arc::default(),
        plans: Arc::new(PlanCatalogue::shipped(&config.plans).map_err(|e| StartError::of("MOORING_PLANS", e))?),
        return_urls: Arc::new(
            ReturnUrls::new(config.return_urls.iter().map(String::as_str))
                .map_err(|e| StartError::of("MOORING_RETURN_URLS", e))?,
        ),
        public_url: config.public_url.clone(),
        attempts: AttemptLimits::default(),
        spend: Arc::new(config.spend.clone()),
        operator: config.operator_key.clone(),
    })
}

/// Fetches the callers' public keys: five seconds, no redirects.
fn fetch_jwks(url: url::Url) -> Result<FetchJwks, StartError> {
    #[expect(clippy::disallowed_methods, reason = "the one client that fetches the callers' keys")]
    let http = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|e| StartError::of("MOORING_JWKS_URL", e))?;
    Ok(Arc::new(move || {
        let call = http.get(url.clone());
        Box::pin(async move {
            let answer = call.send().await.and_then(reqwest::Response::error_for_status).map_err(|e| e.to_string())?;
            answer.text().await.map_err(|e| e.to_string())
        })
    }))
}
