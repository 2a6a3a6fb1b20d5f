//! When an account's queue publishes: the slots of a week, in the time zone of a place.

use std::{collections::BTreeSet, fmt, str::FromStr, sync::LazyLock};

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Serialize};

/// Most slots of a week: fifty a day.
pub const MOST_SLOTS: usize = 350;
/// How many of the next slots are told.
pub const NEXT: usize = 10;

/// The zones that came with the program: a machine's own may be older or missing.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone of the IANA database, `Europe/Oslo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// There is no such zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no time zone of the IANA database")]
pub struct NoZone;

impl FromStr for Zone {
    type Err = NoZone;

    fn from_str(name: &str) -> Result<Self, NoZone> {
        ZONES.get(name).map(Self).map_err(|_| NoZone)
    }
}

impl Default for Zone {
    /// UTC.
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Zone {
    /// Which day it is there.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.0.clone()).date()
    }

    /// Its name as the database writes it.
    pub fn as_str(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// The first one (ISO 8601).
    Monday,
    /// The second one.
    Tuesday,
    /// The third one.
    Wednesday,
    /// The fourth one.
    Thursday,
    /// The fifth one.
    Friday,
    /// The sixth one.
    Saturday,
    /// The last one.
    Sunday,
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        match day {
            jiff::civil::Weekday::Monday => Self::Monday,
            jiff::civil::Weekday::Tuesday => Self::Tuesday,
            jiff::civil::Weekday::Wednesday => Self::Wednesday,
            jiff::civil::Weekday::Thursday => Self::Thursday,
            jiff::civil::Weekday::Friday => Self::Friday,
            jiff::civil::Weekday::Saturday => Self::Saturday,
            jiff::civil::Weekday::Sunday => Self::Sunday,
        }
    }
}

/// A time of day to the minute, `09:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(Time);

/// Not a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no time from 00:00 to 23:59")]
pub struct NoTime;

impl FromStr for Minute {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let is_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        let (hour, minute) = text.split_once(':').filter(|(h, m)| is_digits(h) && is_digits(m)).ok_or(NoTime)?;
        let part = |digits: &str| digits.parse::<i8>().map_err(|_| NoTime);
        Time::new(part(hour)?, part(minute)?, 0, 0).map(Self).map_err(|_| NoTime)
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for Minute {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Minute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A moment of each week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// On which day.
    pub weekday: Weekday,
    /// At what time there.
    pub time: Minute,
}

/// When an account's queue publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSchedule {
    /// Where the times are meant.
    pub timezone: Zone,
    /// At most [`MOST_SLOTS`].
    pub slots: BTreeSet<Slot>,
    /// Nothing is published meanwhile.
    pub paused: bool,
    /// Counts its changes; 0 was never written.
    pub version: u64,
}

impl QueueSchedule {
    /// The one of an account that was given none.
    pub fn none() -> Self {
        Self { timezone: Zone::default(), slots: BTreeSet::new(), paused: false, version: 0 }
    }

    /// The next moments after `now`, at most [`NEXT`]; none while it is paused.
    ///
    /// A time that a day does not have, because clocks go forward there, comes as much later as they went; one that a
    /// day has twice comes the first time.
    pub fn next_slots(&self, now: Timestamp) -> Vec<Timestamp> {
        let mut next = Vec::new();
        if self.paused || self.slots.is_empty() {
            return next;
        }
        let zone = &self.timezone.0;
        let mut day = now.to_zoned(zone.clone()).date();
        // One slot a week is enough for all of them in as many weeks and a day.
        for _ in 0..=7 * NEXT {
            let today = self.slots.iter().filter(|slot| slot.weekday == day.weekday().into());
            let moments =
                today.filter_map(|slot| zone.to_ambiguous_timestamp(day.to_datetime(slot.time.0)).compatible().ok());
            next.extend(moments.filter(|moment| *moment > now));
            if next.len() >= NEXT {
                break;
            }
            let Ok(tomorrow) = day.checked_add(1.day()) else { break };
            day = tomorrow;
        }
        next.sort_unstable();
        next.truncate(NEXT);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(zone: &str, slots: &[(Weekday, &str)]) -> QueueSchedule {
        let slots = slots.iter().map(|(weekday, time)| Slot { weekday: *weekday, time: time.parse().expect("a time") });
        QueueSchedule { timezone: zone.parse().expect("a zone"), slots: slots.collect(), ..QueueSchedule::none() }
    }

    fn next(schedule: &QueueSchedule, now: &str) -> Vec<String> {
        let now = now.parse().expect("a time");
        schedule.next_slots(now).iter().map(ToString::to_string).collect()
    }

    /// S2-20
    #[test]
    fn a_slot_keeps_its_time_of_day_over_a_change_of_clocks() {
        // Oslo goes back an hour on Sunday 2026-10-25 and forward on Sunday 2027-03-28.
        let weekly = schedule("Europe/Oslo", &[(Weekday::Sunday, "09:30")]);
        let found = next(&weekly, "2026-10-11T07:30:00Z");
        assert_eq!(found.len(), NEXT);
        assert_eq!(found[..3], ["2026-10-18T07:30:00Z", "2026-10-25T08:30:00Z", "2026-11-01T08:30:00Z"]);
        let found = next(&weekly, "2027-03-20T00:00:00Z");
        assert_eq!(found[..2], ["2027-03-21T08:30:00Z", "2027-03-28T07:30:00Z"]);
    }

    #[test]
    fn a_time_that_is_skipped_comes_later_and_one_that_comes_twice_comes_once() {
        let night = schedule("Europe/Oslo", &[(Weekday::Sunday, "02:30"), (Weekday::Sunday, "03:10")]);
        // 02:30 is not there and becomes 03:30; 03:10 is before it.
        let forward = next(&night, "2027-03-27T12:00:00Z");
        assert_eq!(forward[..2], ["2027-03-28T01:10:00Z", "2027-03-28T01:30:00Z"]);
        // 02:30 is there twice.
        let back = next(&night, "2026-10-24T12:00:00Z");
        assert_eq!(back[..3], ["2026-10-25T00:30:00Z", "2026-10-25T02:10:00Z", "2026-11-01T01:30:00Z"]);
    }

    #[test]
    fn the_day_is_the_one_of_the_zone() {
        let kiritimati = schedule("Pacific/Kiritimati", &[(Weekday::Monday, "00:15")]);
        assert_eq!(next(&kiritimati, "2026-11-22T10:00:00Z")[0], "2026-11-22T10:15:00Z");
        let honolulu = schedule("Pacific/Honolulu", &[(Weekday::Sunday, "23:45")]);
        assert_eq!(next(&honolulu, "2026-11-22T10:00:00Z")[0], "2026-11-23T09:45:00Z");
    }

    #[test]
    fn a_slot_that_is_now_is_over_and_a_paused_queue_has_none() {
        let daily: Vec<(Weekday, &str)> = [
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
        ]
        .map(|day| (day, "10:00"))
        .to_vec();
        let mut daily = schedule("UTC", &daily);
        assert_eq!(next(&daily, "2026-11-22T10:00:00Z")[0], "2026-11-23T10:00:00Z");
        assert_eq!(next(&daily, "2026-11-22T09:59:59Z")[0], "2026-11-22T10:00:00Z");
        daily.paused = true;
        assert_eq!(next(&daily, "2026-11-22T10:00:00Z"), Vec::<String>::new());
        assert_eq!(next(&schedule("UTC", &[]), "2026-11-22T10:00:00Z"), Vec::<String>::new());
    }

    #[test]
    fn zones_are_of_the_database_and_times_of_a_day() {
        for zone in ["", "Mars/Olympus", "+02:00", "Europe/Oslo ", "../etc/passwd", "localtime"] {
            assert_eq!(zone.parse::<Zone>(), Err(NoZone), "{zone}");
        }
        assert_eq!("europe/oslo".parse::<Zone>().expect("known").as_str(), "Europe/Oslo");
        assert_eq!(QueueSchedule::none().timezone.as_str(), "UTC");
        for time in ["", "9:30", "24:00", "23:60", "09:30:00", "-1:00", "+9:30", "09-30"] {
            assert_eq!(time.parse::<Minute>(), Err(NoTime), "{time}");
        }
        assert_eq!("09:05".parse::<Minute>().expect("a time").to_string(), "09:05");
    }
}
