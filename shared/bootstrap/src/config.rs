//! The environment, read once. Every error names its variable.

use std::{fmt::Display, str::FromStr, time::Duration};

use api::{auth::LONGEST_LIFE, rate};
use domain::{Digest, budget::Spend};
use url::Url;
use vault::Kind;

use crate::StartError;

/// What a function is told.
pub(crate) struct Config {
    /// `MOORING_PUBLIC_URL`
    pub(crate) public_url: Url,
    /// `MOORING_TABLE`
    pub(crate) table: String,
    /// `MOORING_EVENT_BUS`
    pub(crate) event_bus: String,
    /// `MOORING_JWT_ISSUER`
    pub(crate) jwt_issuer: String,
    /// `MOORING_JWT_AUDIENCE`
    pub(crate) jwt_audience: String,
    /// `MOORING_JWKS_URL`
    pub(crate) jwks_url: Url,
    /// `MOORING_TOKEN_LIFE`
    pub(crate) token_life: Duration,
    /// `MOORING_RATE_LIMIT`
    pub(crate) rate_limit: u32,
    /// `MOORING_EDGE_SECRET`
    pub(crate) edge_secret: Option<String>,
    /// `MOORING_APPS_SECRET`
    pub(crate) apps_secret: Option<String>,
    /// Where tokens are, if any may be opened.
    pub(crate) tokens: Option<Tokens>,
    /// `MOORING_SPEND`
    pub(crate) spend: Spend,
    /// `MOORING_OPERATOR_KEY`
    pub(crate) operator_key: Option<Digest>,
    /// `MOORING_PLANS`
    pub(crate) plans: String,
    /// `MOORING_RETURN_URLS`
    pub(crate) return_urls: Vec<String>,
    /// `MOORING_CORS_ORIGINS`
    pub(crate) cors_origins: Vec<String>,
    /// `MOORING_SIMULATOR_URL`
    pub(crate) simulator_url: Option<Url>,
}

/// Where tokens are.
pub(crate) struct Tokens {
    /// `MOORING_TOKEN_VAULT`
    pub(crate) vault: Kind,
    /// `MOORING_SECRET_PREFIX`
    pub(crate) secret_prefix: String,
    /// `MOORING_ROOT_KEYS_SECRET`
    pub(crate) root_keys_secret: String,
}

impl Config {
    /// Of a function that callers and browsers come to.
    pub(crate) fn of_edge() -> Result<Self, StartError> {
        required("MOORING_EDGE_SECRET")?;
        required("MOORING_APPS_SECRET")?;
        Self::from_env()
    }

    pub(crate) fn from_env() -> Result<Self, StartError> {
        let simulator_url = optional("MOORING_SIMULATOR_URL").map(|_| url("MOORING_SIMULATOR_URL")).transpose()?;
        if simulator_url.as_ref().is_some_and(|at| !is_here(at)) {
            return Err(StartError::of("MOORING_SIMULATOR_URL", "is not on this machine"));
        }
        let jwks_url = url("MOORING_JWKS_URL")?;
        if jwks_url.scheme() != "https" && simulator_url.is_none() {
            return Err(StartError::of("MOORING_JWKS_URL", "must be https"));
        }
        Ok(Self {
            public_url: url("MOORING_PUBLIC_URL")?,
            table: required("MOORING_TABLE")?,
            event_bus: required("MOORING_EVENT_BUS")?,
            jwt_issuer: required("MOORING_JWT_ISSUER")?,
            jwt_audience: required("MOORING_JWT_AUDIENCE")?,
            jwks_url,
            token_life: parsed("MOORING_TOKEN_LIFE")?.map_or(LONGEST_LIFE, Duration::from_secs),
            rate_limit: parsed("MOORING_RATE_LIMIT")?.unwrap_or(rate::USUAL),
            edge_secret: optional("MOORING_EDGE_SECRET"),
            apps_secret: optional("MOORING_APPS_SECRET"),
            tokens: optional("MOORING_TOKEN_VAULT").map(|word| Tokens::from_env(&word)).transpose()?,
            spend: parsed("MOORING_SPEND")?.unwrap_or_default(),
            operator_key: optional("MOORING_OPERATOR_KEY").as_deref().map(digest).transpose()?,
            plans: optional("MOORING_PLANS").unwrap_or_else(|| "merged".to_owned()),
            return_urls: list("MOORING_RETURN_URLS"),
            cors_origins: list("MOORING_CORS_ORIGINS"),
            simulator_url,
        })
    }
}

impl Tokens {
    fn from_env(vault: &str) -> Result<Self, StartError> {
        Ok(Self {
            vault: vault.parse().map_err(|e| StartError::of("MOORING_TOKEN_VAULT", e))?,
            secret_prefix: required("MOORING_SECRET_PREFIX")?,
            root_keys_secret: required("MOORING_ROOT_KEYS_SECRET")?,
        })
    }
}

fn optional(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the door through which the environment comes in")]
    let value = std::env::var(name).ok();
    value.filter(|v| !v.is_empty())
}

fn parsed<T: FromStr<Err: Display>>(name: &str) -> Result<Option<T>, StartError> {
    optional(name).map(|text| text.parse().map_err(|e| StartError::of(name, e))).transpose()
}

/// Entries between commas.
fn list(name: &str) -> Vec<String> {
    let text = optional(name).unwrap_or_default();
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

fn required(name: &str) -> Result<String, StartError> {
    optional(name).ok_or_else(|| StartError::of(name, "is not set"))
}

fn digest(hex: &str) -> Result<Digest, StartError> {
    Digest::parse(hex).ok_or_else(|| StartError::of("MOORING_OPERATOR_KEY", "must be 64 hexadecimal digits"))
}

/// A function of a real deployment reaches nothing there, so it cannot take a simulator for the platforms.
fn is_here(at: &Url) -> bool {
    at.host_str() == Some("127.0.0.1")
}

fn url(name: &str) -> Result<Url, StartError> {
    Url::parse(&required(name)?).map_err(|e| StartError::of(name, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CHK-S11
    #[test]
    fn only_this_machine_can_pretend_to_be_the_platforms() {
        let here = |text: &str| is_here(&Url::parse(text).expect("an address"));
        assert!(here("http://127.0.0.1:8090/"));
        for elsewhere in ["https://simulator.example/", "http://127.0.0.1.example/", "http://127.0.0.1@evil.example/"] {
            assert!(!here(elsewhere), "{elsewhere}");
        }
    }
}
