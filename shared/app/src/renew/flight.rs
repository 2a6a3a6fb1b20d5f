//! One of a process at a time goes for a grant's tokens; the others find them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use domain::GrantId;
use tokio::sync::OwnedMutexGuard;

/// Who of this process is at which grant.
#[derive(Default)]
pub struct Flights(Mutex<HashMap<GrantId, Weak<tokio::sync::Mutex<()>>>>);

impl Flights {
    /// Waits until nobody else of this process is at the grant.
    pub(super) async fn enter(&self, id: GrantId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|other, turn| *other == id || turn.strong_count() > 0);
            let turn = all.get(&id).and_then(Weak::upgrade).unwrap_or_default();
            all.insert(id, Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }
}
