//! When an account's queue publishes: read and decided here, kept by whoever publishes.

use domain::{AccountId, Allowed, Code, Error, Lifecycle, QueueSchedule, Timestamp, actor::permit};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services,
    account::find,
    idempotency::{borrowed, once},
};

/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;

/// A schedule as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The schedule.
    pub schedule: QueueSchedule,
    /// When.
    pub at: Timestamp,
}

/// The schedule of an account; an empty one in UTC if it was given none.
pub async fn get(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
) -> Result<QueueSchedule, Error> {
    let account = find(services, actor, id).await?;
    let found = services.store.find_schedule(&account.workspace, id).await?;
    Ok(found.unwrap_or_else(QueueSchedule::none))
}

/// Gives a connected account another schedule; its version is the next one.
pub async fn set(
    services: &Services,
    actor: &Allowed<permit::ScheduleEdit>,
    id: AccountId,
    schedule: &QueueSchedule,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Decided>, Error> {
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let account = find(services, actor, id).await?;
            if account.lifecycle != Lifecycle::Active {
                return Err(Code::AccountDisconnected.into());
            }
            let before = services.store.find_schedule(&account.workspace, id).await?.map_or(0, |s| s.version);
            if if_match.is_some_and(|version| version != before) {
                return Err(Code::VersionConflict.into());
            }
            let schedule = QueueSchedule { version: before + 1, ..schedule.clone() };
            let decided = Decided { schedule, at: services.now() };
            let finish = ending.with(&decided)?;
            match services.store.set_schedule(&account, &decided.schedule, borrowed(finish.as_ref())).await? {
                Committed::Done => return Ok(decided),
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}
