//! Secrets Manager, read at the start of a function.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::Client;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use domain::Secret;
use serde::Deserialize;
use vault::RootKeys;

use crate::StartError;

pub(crate) struct Secrets(Client);

/// The vault's root keys, as they are kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roots {
    current: String,
    keys: BTreeMap<String, String>,
}

impl Secrets {
    pub(crate) fn new(aws: &aws_config::SdkConfig) -> Self {
        Self(Client::new(aws))
    }

    async fn read(&self, id: &str) -> Result<Secret, StartError> {
        let call = self.0.get_secret_value().secret_id(id).send().await;
        let found = call.map_err(|e| StartError::of(id, e.into_service_error()))?;
        found.secret_string.map(Secret::new).ok_or_else(|| StartError::of(id, "is not text"))
    }

    pub(crate) async fn text(&self, id: &str) -> Result<String, StartError> {
        Ok(self.read(id).await?.expose().to_owned())
    }

    pub(crate) async fn bytes(&self, id: &str) -> Result<[u8; 32], StartError> {
        key(id, self.read(id).await?.expose())
    }

    pub(crate) async fn root_keys(&self, id: &str) -> Result<RootKeys, StartError> {
        let secret = self.read(id).await?;
        let roots: Roots =
            serde_json::from_str(secret.expose()).map_err(|_| StartError::of(id, "is not {current, keys}"))?;
        let current = roots.keys.get(&roots.current).ok_or_else(|| StartError::of(id, "lacks its current key"))?;
        let mut keys = RootKeys::new(&roots.current, key(id, current)?);
        for (name, text) in &roots.keys {
            keys = keys.and(name, key(id, text)?);
        }
        Ok(keys)
    }
}

fn key(id: &str, text: &str) -> Result<[u8; 32], StartError> {
    let bytes = BASE64.decode(text.trim()).ok().and_then(|b| b.try_into().ok());
    bytes.ok_or_else(|| StartError::of(id, "does not hold 32 bytes as base64"))
}
