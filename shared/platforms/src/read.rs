//! Values out of strangers' JSON.

use domain::{
    Counts, Metric, Secret,
    text::{NAME_LENGTH, clean},
};
use jiff::civil::Date;
use serde_json::Value;

use crate::PlatformError;

/// Longest id kept, in bytes.
const MOST_ID: usize = 255;
/// Longest token kept, in bytes.
const MOST_TOKEN: usize = 4096;

/// A platform's stable id: a text, or a whole number with all its digits.
pub(crate) fn id(value: Option<&Value>) -> Option<String> {
    let id = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() || number.is_i64() => number.to_string(),
        _ => return None,
    };
    let legal = !id.is_empty() && id.len() <= MOST_ID && !id.contains(|c: char| c.is_control() || c.is_whitespace());
    legal.then_some(id)
}

/// The same, or a broken contract.
pub(crate) fn must_id(value: Option<&Value>, of: &str) -> Result<String, PlatformError> {
    id(value).ok_or_else(|| PlatformError::Contract(format!("{of} without a usable id")))
}

/// A text that is not empty.
pub(crate) fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|t| !t.is_empty())
}

/// A name made harmless, or else the other text.
pub(crate) fn name(value: Option<&Value>, or: &str) -> String {
    let name = clean(text(value).unwrap_or_default(), NAME_LENGTH);
    if name.is_empty() { or.to_owned() } else { name }
}

/// A handle, without `@` and in lower case.
pub(crate) fn handle(value: Option<&Value>) -> Option<String> {
    let handle = domain::text::handle(&clean(text(value)?, NAME_LENGTH));
    (!handle.is_empty()).then_some(handle)
}

/// A token: visible ASCII (RFC 6749 appendix A.12), of a sane length.
pub(crate) fn token(value: Option<&Value>) -> Option<Secret> {
    let token = text(value)?;
    (token.len() <= MOST_TOKEN && token.bytes().all(|b| b.is_ascii_graphic())).then(|| Secret::new(token))
}

/// A count: a whole number, or its digits.
pub(crate) fn count(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Those of the counts that are told.
pub(crate) fn counts<'a>(told: impl IntoIterator<Item = (Metric, Option<&'a Value>)>) -> Counts {
    told.into_iter().filter_map(|(metric, value)| Some((metric, count(value)?))).collect()
}

/// A day as its year, month and day.
pub(crate) fn day(value: Option<&Value>) -> Option<Date> {
    let part = |key| value?.get(key)?.as_i64();
    let of = |key| i8::try_from(part(key)?).ok();
    Date::new(i16::try_from(part("year")?).ok()?, of("month")?, of("day")?).ok()
}
