//! Secrets Manager, read at the start of a function.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::Client;
use domain::Secret;
use serde::Deserialize;
use vault::RootKeys;

use crate::StartError;

pub(crate) struct Secrets(Client);

/// The vault's root keys, as they are kept: the current one's name, and each key under its own.
#[derive(Deserialize)]
struct Roots {
    current: String,
    #[serde(flatten)]
    keys: BTreeMap<String, String>,
}

impl Secrets {
    pub(crate) fn new(aws: &aws_config::SdkConfig) -> Self {
        Self(Client::new(aws))
    }

    /// What they are read by.
    pub(crate) fn client(&self) -> &Client {
        &self.0
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
        let roots: Roots = serde_json::from_str(secret.expose())
            .map_err(|_| StartError::of(id, "is not {current, each key by its name}"))?;
        let current = roots.keys.get(&roots.current).ok_or_else(|| StartError::of(id, "lacks its current key"))?;
        let mut keys = RootKeys::new(&roots.current, key(id, current)?);
        for (name, text) in &roots.keys {
            keys = keys.and(name, key(id, text)?);
        }
        Ok(keys)
    }
}

/// 32 bytes as Secrets Manager can generate them: 64 hexadecimal digits.
fn key(id: &str, text: &str) -> Result<[u8; 32], StartError> {
    let unfit = || StartError::of(id, "does not hold 64 hexadecimal digits");
    let digits: Option<Vec<u32>> = text.trim().chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|d| d.len() == 64).ok_or_else(unfit)?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(pair[0] * 16 + pair[1]).map_err(|_| unfit())?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_hexadecimal_digits_and_nothing_else() {
        let text = "00ff".to_owned() + &"1a".repeat(30);
        let read = key("edge", &format!("{text}\n")).expect("a key");
        assert_eq!((read[0], read[1], read[2], read[31]), (0, 255, 26, 26));
        for bad in ["", "00", &text[1..], &format!("{text}00"), &text.replace('a', "g"), &text.replace("1a", "+a")] {
            assert!(key("edge", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn root_keys_lie_beside_the_current_one_s_name() {
        let roots: Roots = serde_json::from_str(r#"{"current": "k2", "k1": "a", "k2": "b"}"#).expect("root keys");
        assert_eq!((roots.current.as_str(), roots.keys.len(), roots.keys["k2"].as_str()), ("k2", 2, "b"));
        assert!(serde_json::from_str::<Roots>(r#"{"k1": "a"}"#).is_err());
    }
}
