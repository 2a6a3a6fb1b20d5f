//! The schedules, on one machine.

use std::{sync::Arc, time::Duration};

use app::{deliver, housekeeping, sweep, sync};

use crate::Stack;

const EVERY: Duration = Duration::from_mins(1);
/// Out-of-date items are deleted at each of these ticks.
const TTL_EVERY: u32 = 60;
/// Housekeeping goes on with its daily round at each of these.
const HOUSEKEEPING_EVERY: u32 = 60;

/// Data is fetched at each of these ticks, and when the bus says that somebody waits.
const SYNC_EVERY: u32 = 5;
/// The events at which a run waits.
const WAITED_FOR: [&str; 4] = ["sync.requested", "account.connected", "account.reconnected", "account.copied"];

/// Runs the scheduled functions for as long as it is polled.
pub(crate) async fn run(stack: Arc<Stack>) {
    tokio::join!(tick(&stack), fetch(&stack));
}

/// Fetches data when somebody waits for it.
async fn fetch(stack: &Stack) {
    let mut last = None;
    loop {
        last = stack.bus.heard(&WAITED_FOR, last).await;
        if let Err(error) = sync::sync(&stack.services).await {
            tracing::error!(?error, "sync");
        }
    }
}

async fn tick(stack: &Stack) {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0u32.. {
        interval.tick().await;
        if tick % SYNC_EVERY == 0
            && let Err(error) = sync::sync(&stack.services).await
        {
            tracing::error!(?error, "sync");
        }
        if let Err(error) = deliver::deliver(&stack.services).await {
            tracing::error!(?error, "deliver");
        }
        if let Err(error) = sweep::sweep(&stack.services).await {
            tracing::error!(?error, "sweep");
        }
        if tick % HOUSEKEEPING_EVERY == 0
            && let Err(error) = housekeeping::housekeeping(&stack.services).await
        {
            tracing::error!(?error, "housekeeping");
        }
        if tick % TTL_EVERY == 0
            && let Err(error) = stack.sweep_ttl().await
        {
            tracing::error!(%error, "out-of-date items");
        }
    }
}
