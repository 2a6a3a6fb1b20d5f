//! A link's password: argon2id at the parameters that OWASP's cheat sheet names first (19 MiB, 2 passes, 1 lane).

use argon2::{
    Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{Error as HashError, SaltString},
};
use domain::{Fault, Secret};

use crate::Services;

/// How many bytes of salt.
const SALT: usize = 16;

/// A password as it is kept.
pub(super) async fn hash(services: &Services, password: Secret) -> Result<String, Fault> {
    let salt: [u8; SALT] = services.entropy.bytes();
    let hashed = blocking(move || {
        let salt = SaltString::encode_b64(&salt)?;
        let hash = Argon2::default().hash_password(password.expose().as_bytes(), &salt)?;
        Ok(hash.to_string())
    });
    hashed.await
}

/// Whether a password is the one that was kept.
pub(super) async fn is_right(kept: &str, password: Secret) -> Result<bool, Fault> {
    let kept = kept.to_owned();
    let compared = blocking(move || {
        let hash = PasswordHash::new(&kept)?;
        match Argon2::default().verify_password(password.expose().as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(HashError::Password) => Ok(false),
            Err(error) => Err(error),
        }
    });
    compared.await
}

/// It takes tens of milliseconds of one core.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, HashError> + Send + 'static) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| Fault::Inconsistent(error.to_string()))?;
    done.map_err(|error| Fault::Inconsistent(format!("a password's hash: {error}")))
}
