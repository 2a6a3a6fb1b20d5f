//! One effect per idempotency key: the outcome is stored in the effect's own transaction and replayed.

use std::time::Duration;

use domain::{Code, Error, Fault};
use serde::{Serialize, de::DeserializeOwned};
use store::{Begun, Finish, IdempotencyKey};

use crate::Services;

/// How long a second request waits for the first: 25 looks, 200 ms apart.
const LOOKS: u32 = 25;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// An outcome, and whether it was only told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It happened now.
    Fresh(T),
    /// It happened before.
    Replayed(T),
}

impl<T> Once<T> {
    /// The outcome, either way.
    pub fn outcome(&self) -> &T {
        match self {
            Self::Fresh(outcome) | Self::Replayed(outcome) => outcome,
        }
    }
}

/// The key that a use case finishes in its transaction, if the caller sent one.
#[derive(Debug, Clone, Default)]
pub struct Ending(Option<Finish>);

impl Ending {
    /// An outcome as it will be replayed, beside the key; nothing where there is no key.
    pub(crate) fn with<T: Serialize>(&self, outcome: &T) -> Result<Option<(Finish, String)>, Fault> {
        let Some(finish) = &self.0 else { return Ok(None) };
        let text = serde_json::to_string(outcome).map_err(|e| Fault::Inconsistent(e.to_string()))?;
        Ok(Some((finish.clone(), text)))
    }

    /// Replaces the outcome that is replayed by a more exact one.
    pub(crate) async fn amend<T: Serialize>(&self, services: &Services, outcome: &T) -> Result<(), Fault> {
        match self.with(outcome)? {
            Some((finish, text)) => services.store.amend(&finish, &text).await,
            None => Ok(()),
        }
    }
}

/// Borrows what [`Ending::with`] made.
pub(crate) fn borrowed(ending: Option<&(Finish, String)>) -> Option<(&Finish, &str)> {
    ending.map(|(finish, text)| (finish, text.as_str()))
}

/// Does the work at most once for a key. What is refused frees the key again.
pub async fn once<T, F>(
    services: &Services,
    key: Option<IdempotencyKey>,
    work: impl FnOnce(Ending) -> F + Send,
) -> Result<Once<T>, Error>
where
    T: Serialize + DeserializeOwned,
    F: Future<Output = Result<T, Error>> + Send,
{
    let Some(key) = key else { return work(Ending::default()).await.map(Once::Fresh) };
    for _ in 0..LOOKS {
        match services.store.begin(&key, services.now()).await? {
            Begun::Fresh(finish) => {
                let done = work(Ending(Some(finish.clone()))).await;
                if done.is_err() {
                    services.store.abandon(&finish).await?;
                }
                return done.map(Once::Fresh);
            }
            Begun::Done(text) => {
                let outcome = serde_json::from_str(&text).map_err(|e| Fault::Inconsistent(e.to_string()))?;
                return Ok(Once::Replayed(outcome));
            }
            Begun::Reused => return Err(Code::IdempotencyKeyReused.into()),
            Begun::InProgress => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
    Err(Code::IdempotencyInProgress.into())
}
