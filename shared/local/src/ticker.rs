//! The schedules, on one machine.

use std::{sync::Arc, time::Duration};

use app::{deliver, sweep};

use crate::Stack;

const EVERY: Duration = Duration::from_mins(1);
/// Out-of-date items are deleted at each of these ticks.
const TTL_EVERY: u32 = 60;

/// Runs the scheduled functions for as long as it is polled.
pub(crate) async fn run(stack: Arc<Stack>) {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0u32.. {
        interval.tick().await;
        if let Err(error) = deliver::deliver(&stack.services).await {
            tracing::error!(?error, "deliver");
        }
        if let Err(error) = sweep::sweep(&stack.services).await {
            tracing::error!(?error, "sweep");
        }
        if tick % TTL_EVERY == 0
            && let Err(error) = stack.sweep_ttl().await
        {
            tracing::error!(%error, "out-of-date items");
        }
    }
}
