//! Queue schedules.

use std::collections::BTreeSet;

use domain::{
    Code, QueueSchedule, Refusal, Timestamp,
    schedule::{MOST_SLOTS, Slot, Weekday},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When an account's queue publishes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = QueueSchedule)]
pub struct ScheduleView {
    /// A name of the IANA database.
    pub timezone: String,
    /// In the order of the week.
    pub slots: Vec<SlotView>,
    /// Nothing is published meanwhile.
    pub paused: bool,
    /// How many slots a week has.
    pub per_week: usize,
    /// The next ten moments; none while it is paused.
    #[schema(value_type = Vec<String>)]
    pub next_slots: Vec<Timestamp>,
}

/// A moment of each week.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Slot)]
pub struct SlotView {
    /// `monday` to `sunday`.
    #[schema(value_type = String)]
    pub weekday: Weekday,
    /// `00:00` to `23:59` in the time zone.
    pub time: String,
}

/// What a schedule shall be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetQueueSchedule {
    /// A name of the IANA database.
    pub timezone: String,
    /// At most 350, each once.
    pub slots: Vec<SlotView>,
    /// Publish nothing meanwhile; false if absent.
    #[serde(default)]
    pub paused: bool,
}

impl SetQueueSchedule {
    /// The schedule without its version.
    pub(crate) fn read(&self) -> Result<QueueSchedule, Refusal> {
        let timezone = self.timezone.parse().map_err(|_| Refusal::plain(Code::TimezoneInvalid))?;
        if self.slots.len() > MOST_SLOTS {
            return Err(Refusal::field("/slots", "too_many", format!("At most {MOST_SLOTS} slots a week.")));
        }
        let mut slots = BTreeSet::new();
        for (at, slot) in self.slots.iter().enumerate() {
            let wrong = |part: &str, code: &str, what: &str| Refusal::field(&format!("/slots/{at}{part}"), code, what);
            let time = slot.time.parse().map_err(|_| wrong("/time", "invalid", "time is 00:00 to 23:59."))?;
            if !slots.insert(Slot { weekday: slot.weekday, time }) {
                return Err(wrong("", "duplicate", "This slot is there twice."));
            }
        }
        Ok(QueueSchedule { timezone, slots, paused: self.paused, version: 0 })
    }
}

impl ScheduleView {
    /// As it is seen at a moment.
    pub(crate) fn of(schedule: &QueueSchedule, now: Timestamp) -> Self {
        let slots = schedule.slots.iter();
        Self {
            timezone: schedule.timezone.as_str().to_owned(),
            slots: slots.map(|slot| SlotView { weekday: slot.weekday, time: slot.time.to_string() }).collect(),
            paused: schedule.paused,
            per_week: schedule.slots.len(),
            next_slots: schedule.next_slots(now),
        }
    }
}
