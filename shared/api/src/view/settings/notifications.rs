//! Of which events who is told, and when.

use std::collections::BTreeSet;

use domain::{
    Refusal,
    account::TOLD,
    schedule::{Minute, Zone},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Most channels of one event, and the longest name of one.
const CHANNELS: usize = 10;
const CHANNEL: usize = 40;

/// When nobody is disturbed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read is of interest; it is kept as it came")]
struct QuietHours {
    from: Minute,
    to: Minute,
    timezone: Zone,
}

/// What was sent, if it says something; null members are left out.
pub(super) fn read(sent: Option<&Map<String, Value>>) -> Result<Map<String, Value>, Refusal> {
    let mut kept = Map::new();
    for (name, value) in sent.into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let wrong = |code: &str, what: &str| {
            let name = domain::text::clean(name, 60);
            Refusal::field(&format!("/settings/notifications/{name}"), code, what)
        };
        let value = match name.as_str() {
            "digest" => match value.as_str() {
                Some("off" | "daily" | "weekly") => value.clone(),
                _ => return Err(wrong("unknown", "digest is off, daily or weekly.")),
            },
            "quiet_hours" => {
                let detail = "quiet_hours is {from, to, timezone}: two times of day in a zone of the IANA database.";
                let hours = serde_json::from_value::<QuietHours>(value.clone());
                hours.map(|_| value.clone()).map_err(|_| wrong("invalid", detail))?
            }
            event if TOLD.contains(&event) => {
                let channels = channels(value).ok_or_else(|| {
                    wrong("invalid", "At most 10 channels, each a name of 1 to 40 of a-z, 0-9 and _.")
                })?;
                channels.into_iter().collect()
            }
            _ => return Err(wrong("unknown", "There is no event of this type that one can be told of.")),
        };
        kept.insert(name.clone(), value);
    }
    Ok(kept)
}

fn channels(value: &Value) -> Option<BTreeSet<String>> {
    let is_legal = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    let is_name = |name: &&str| (1..=CHANNEL).contains(&name.len()) && name.bytes().all(is_legal);
    let channels = value.as_array()?.iter().map(|name| name.as_str().filter(is_name).map(str::to_owned));
    channels.collect::<Option<BTreeSet<String>>>().filter(|channels| channels.len() <= CHANNELS)
}
