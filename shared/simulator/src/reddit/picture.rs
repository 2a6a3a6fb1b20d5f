//! Pictures: the original at a plain address, and a small one at an address that is signed and ends.

use jiff::Timestamp;

use super::CDN;
use crate::answer::Answer;
use crate::avatar::png;
use crate::call::Call;
use crate::util::digest;

/// An address is good until the end of the third day after.
const DAYS: i64 = 4;
const DAY: i64 = 86_400;

pub(super) fn address(now: Timestamp, call: &Call, subreddit: &str, version: u32) -> String {
    let end = (now.as_second().div_euclid(DAY) + DAYS) * DAY;
    let key = digest(&format!("reddit/{subreddit}/{version}"));
    let proof = digest(&format!("{key}/{end}"));
    let path = format!("/t5_{subreddit}/styles/profileIcon_{key}.png?width=256&height=256&e={end}&s={proof}");
    call.address(CDN, &path)
}

/// What stands at either address.
pub(super) fn image(now: Timestamp, call: &Call) -> Answer {
    let last = call.path.rsplit('/').next().unwrap_or_default();
    let Some(key) = last.strip_prefix("profileIcon_").and_then(|name| name.strip_suffix(".png")) else {
        return Answer::html(404, "Not Found".to_owned());
    };
    if call.query.is_empty() {
        return Answer::png(png(key));
    }
    let end = call.query("e").unwrap_or_default();
    let signed = call.query("s") == Some(digest(&format!("{key}/{end}")).as_str());
    if signed && end.parse::<i64>().is_ok_and(|end| now.as_second() < end) {
        Answer::png(png(key))
    } else {
        Answer::html(403, "Forbidden".to_owned())
    }
}
