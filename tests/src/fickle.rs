//! A bus that does with each event what a test says.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::{Event, Fault};
use events::{EventBus, LocalBus, Published};
use tokio::sync::Notify;

/// What the bus does with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Takes it, and says so.
    Take,
    /// Refuses it.
    Refuse,
    /// Takes it, and never answers.
    Hang,
}

type How = Box<dyn Fn(&Event) -> Does + Send>;

/// Takes everything until it is told otherwise. What it takes is on the bus behind it.
pub struct FickleBus {
    behind: Arc<LocalBus>,
    how: Mutex<How>,
    hangs: Notify,
}

impl FickleBus {
    /// In front of another one.
    pub fn new(behind: Arc<LocalBus>) -> Self {
        Self { behind, how: Mutex::new(Box::new(|_| Does::Take)), hangs: Notify::new() }
    }

    /// From now on.
    pub fn does(&self, how: impl Fn(&Event) -> Does + Send + 'static) {
        *self.how.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(how);
    }

    /// Until somebody waits for an answer that does not come.
    pub async fn hangs(&self) {
        self.hangs.notified().await;
    }
}

#[async_trait]
impl EventBus for FickleBus {
    async fn publish(&self, events: &[Event]) -> Published {
        let how = |event: &Event| self.how.lock().unwrap_or_else(PoisonError::into_inner)(event);
        let done: Vec<(Event, Does)> = events.iter().map(|event| (event.clone(), how(event))).collect();
        let of = |wanted: Does| done.iter().filter(move |(_, done)| *done == wanted).map(|(event, _)| event.clone());
        let taken: Vec<Event> = of(Does::Take).chain(of(Does::Hang)).collect();
        let refused = of(Does::Refuse).count();
        let answer = self.behind.publish(&taken).await;
        if of(Does::Hang).next().is_some() {
            self.hangs.notify_one();
            std::future::pending::<()>().await;
        }
        let fault = (refused > 0).then(|| Fault::Bus(format!("{refused} entries were refused")));
        Published { fault, ..answer }
    }
}
