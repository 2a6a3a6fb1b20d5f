//! The key file of a data directory: root key of the vault, secret of the edge, key of the dev issuer.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use domain::{Entropy, Secret};
use serde::{Deserialize, Serialize};
use vault::RootKeys;

use crate::issuer::Issuer;

/// Name of the file.
const FILE: &str = "keys.json";

/// All keys of one local product.
pub struct Keys {
    /// The vault's.
    pub roots: RootKeys,
    /// The edge's.
    pub edge: [u8; 32],
    /// The dev issuer.
    pub issuer: Issuer,
}

/// As written. Readable by its owner only.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vault: String,
    edge: String,
    issuer: String,
}

impl Keys {
    /// New keys, kept nowhere.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, String> {
        Self::from_file(&File::generate(entropy)?)
    }

    /// The keys of a data directory, made at its first start.
    pub fn of_directory(directory: &Path, entropy: &dyn Entropy) -> Result<Self, String> {
        let path = directory.join(FILE);
        let said = |e: io::Error| format!("{}: {e}", path.display());
        match fs::read_to_string(&path) {
            Ok(text) => {
                let mode = fs::metadata(&path).map_err(said)?.permissions().mode() & 0o077;
                if mode != 0 {
                    return Err(format!("{}: others can read it; chmod 600", path.display()));
                }
                let file = serde_json::from_str(&text).map_err(|_| format!("{}: not a key file", path.display()))?;
                Self::from_file(&file)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = File::generate(entropy)?;
                write(directory, &path, &file).map_err(said)?;
                Self::from_file(&file)
            }
            Err(error) => Err(said(error)),
        }
    }

    fn from_file(file: &File) -> Result<Self, String> {
        let key = |text: &str| -> Result<[u8; 32], String> {
            let bytes = BASE64.decode(text).ok().and_then(|b| b.try_into().ok());
            bytes.ok_or_else(|| "the key file holds a key of the wrong length".to_owned())
        };
        Ok(Self {
            roots: RootKeys::new("local", key(&file.vault)?),
            edge: key(&file.edge)?,
            issuer: Issuer::new(&Secret::new(file.issuer.clone())).map_err(|e| e.to_string())?,
        })
    }
}

impl File {
    fn generate(entropy: &dyn Entropy) -> Result<Self, String> {
        let (_, issuer) = Issuer::generate().map_err(|e| e.to_string())?;
        Ok(Self {
            vault: BASE64.encode(entropy.bytes::<32>()),
            edge: BASE64.encode(entropy.bytes::<32>()),
            issuer: issuer.expose().to_owned(),
        })
    }
}

/// Written whole or not at all: beside it first, durable, then renamed.
fn write(directory: &Path, path: &Path, file: &File) -> io::Result<()> {
    let beside = directory.join(format!("{FILE}.new"));
    let _ = fs::remove_file(&beside);
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    new.write_all(serde_json::to_string_pretty(file)?.as_bytes())?;
    new.sync_all()?;
    fs::rename(&beside, path)
}
