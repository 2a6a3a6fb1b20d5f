//! `follower_demographics` of insights: who follows, by one facet.

use serde_json::{Value, json};

use super::error::GraphError;
use crate::call::Call;
use crate::util::number;

/// The name of the metric.
pub(crate) const NAME: &str = "follower_demographics";
/// Of fewer followers nothing is told.
const FOLLOWERS_AT_LEAST: i64 = 100;
/// Only so many of a facet are told, the largest.
const MOST_RESULTS: usize = 45;
/// Of so many in a hundred followers a facet is known; of cities only the large ones are told.
const KNOWN: i64 = 92;
const IN_LARGE_CITIES: i64 = 40;
const AGES: [&str; 7] = ["13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"];
const GENDERS: [&str; 3] = ["F", "M", "U"];
const COUNTRIES: [&str; 48] = [
    "NO", "SE", "DK", "FI", "IS", "DE", "NL", "BE", "FR", "ES", "PT", "IT", "CH", "AT", "PL", "CZ", "SK", "HU", "RO",
    "BG", "GR", "TR", "GB", "IE", "US", "CA", "MX", "BR", "AR", "CL", "CO", "PE", "JP", "KR", "TW", "TH", "VN", "ID",
    "MY", "SG", "PH", "IN", "PK", "AU", "NZ", "ZA", "NG", "EG",
];
const CITIES: [&str; 8] = [
    "Oslo, Oslo",
    "Bergen, Vestland",
    "Stockholm, Stockholm County",
    "Copenhagen, Capital Region",
    "Berlin, Berlin",
    "London, England",
    "New York, New York",
    "S\u{e3}o Paulo, S\u{e3}o Paulo (state)",
];

/// Whether it is asked for; not beside others, which have days.
pub(crate) fn asked(call: &Call) -> Result<bool, GraphError> {
    let metrics = call.query("metric").unwrap_or_default();
    if metrics == NAME {
        return Ok(true);
    }
    if metrics.split(',').any(|metric| metric.trim() == NAME) {
        return Err(GraphError::parameter(&format!("Incompatible metrics ({NAME}): it has a period of its own")));
    }
    Ok(false)
}

/// The metric, or none of an account that too few follow. It is of now: no time may be asked for.
pub(crate) fn data(call: &Call, id: &str, followers: i64) -> Result<Vec<Value>, GraphError> {
    if call.query("since").or_else(|| call.query("until")).is_some() {
        return Err(GraphError::parameter(&format!("{NAME} does not support since and until")));
    }
    let facet = call.query("breakdown").ok_or_else(|| GraphError::parameter("The parameter breakdown is required"))?;
    let (names, known): (&[&str], i64) = match facet {
        "age" => (&AGES, KNOWN),
        "gender" => (&GENDERS, KNOWN),
        "country" => (&COUNTRIES, KNOWN),
        "city" => (&CITIES, IN_LARGE_CITIES),
        _ => return Err(GraphError::parameter("breakdown must be one of: age, city, country, gender")),
    };
    if followers < FOLLOWERS_AT_LEAST {
        return Ok(Vec::new());
    }
    let weight = |name: &str| i64::try_from(number(&format!("{id}/{facet}/{name}")) % 100).unwrap_or(0) + 1;
    let sum: i64 = names.iter().map(|name| weight(name)).sum();
    let mut told: Vec<(&str, i64)> =
        names.iter().map(|name| (*name, followers * known * weight(name) / 100 / sum)).collect();
    told.sort_by_key(|(_, value)| -value);
    told.truncate(MOST_RESULTS);
    let results: Vec<Value> =
        told.iter().map(|(name, value)| json!({ "dimension_values": [name], "value": value })).collect();
    Ok(vec![json!({
        "name": NAME, "period": "lifetime", "title": "Follower demographics", "description": "",
        "total_value": { "breakdowns": [{ "dimension_keys": [facet], "results": results }] },
        "id": format!("{id}/insights/{NAME}/lifetime"),
    })])
}
