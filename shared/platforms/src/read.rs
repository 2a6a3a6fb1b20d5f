//! Values out of strangers' JSON.

use std::collections::BTreeMap;

use domain::{
    Counts, Measured, Metric, Secret, Timestamp,
    account::Profile,
    text::{NAME_LENGTH, clean},
};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::Value;

use crate::{PlatformError, Which};

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

/// The profile that a token reaches, which must be the one that is asked for.
pub(crate) fn the_one(profile: Profile, which: Which<'_>) -> Result<Profile, PlatformError> {
    if profile.platform_account_id == which.id { Ok(profile) } else { Err(PlatformError::AccountGone) }
}

/// How many: a whole number, as it is, with a point, or as its digits. Anything else tells nothing.
pub(crate) fn count(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(digits) => digits.parse().ok(),
        number => number.as_u64().or_else(|| whole(number.as_f64()?)),
    }
}

/// A number without a part, below 2^53.
fn whole(number: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within the range")]
    ((0.0..9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// Several together, if all of them are known.
pub(crate) fn sum<const N: usize>(counts: [Option<u64>; N]) -> Option<u64> {
    counts.into_iter().try_fold(0, |sum: u64, count| Some(sum.saturating_add(count?)))
}

/// The numbers that are known, by name.
pub(crate) fn counts<const N: usize>(told: [(Metric, Option<u64>); N]) -> Counts {
    told.into_iter().filter_map(|(metric, count)| Some((metric, count?))).collect()
}

/// The day of a moment, by UTC.
pub(crate) fn day(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

/// A day as its year, month and day.
pub(crate) fn date(value: Option<&Value>) -> Option<Date> {
    let part = |key| value?.get(key)?.as_i64();
    let of = |key| i8::try_from(part(key)?).ok();
    Date::new(i16::try_from(part("year")?).ok()?, of("month")?, of("day")?).ok()
}

/// What posts drew up to now, added up by the day on which each was posted. They come newest first; where they are not
/// `whole`, the last one's day may lack some and is left out.
pub(crate) fn by_day(posts: Vec<(Date, Counts)>, [from, to]: [Date; 2], whole: bool) -> Measured {
    let torn = posts.last().map(|(day, _)| *day).filter(|_| !whole);
    let mut daily: BTreeMap<Date, Counts> = BTreeMap::new();
    for (day, counts) in posts.into_iter().filter(|(day, _)| (from..=to).contains(day) && Some(*day) != torn) {
        for (metric, count) in counts {
            let sum = daily.entry(day).or_default().entry(metric).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    Measured { total: Counts::new(), daily }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_of_things_is_whole_and_not_negative() {
        for (told, known) in [
            (json!(0), Some(0)),
            (json!(51_200), Some(51_200)),
            (json!("51200"), Some(51_200)),
            (json!(240.0), Some(240)),
            (json!(u64::MAX), Some(u64::MAX)),
            (json!(-1), None),
            (json!(-0.5), None),
            (json!(2.5), None),
            (json!(1e300), None),
            (json!("1.2K"), None),
            (json!(""), None),
            (json!("-3"), None),
            (json!(null), None),
            (json!(true), None),
            (json!([1]), None),
        ] {
            assert_eq!(count(Some(&told)), known, "{told}");
        }
        assert_eq!(count(None), None);
    }

    #[test]
    fn a_sum_is_known_if_all_its_parts_are() {
        assert_eq!(sum([Some(2), Some(0), Some(3)]), Some(5));
        assert_eq!(sum([Some(2), None]), None, "not known is not none");
        assert_eq!(sum([Some(u64::MAX), Some(1)]), Some(u64::MAX));
    }
}
