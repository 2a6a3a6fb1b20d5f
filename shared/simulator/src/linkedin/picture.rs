//! Pictures at addresses that end: `e` is the second of it, `t` proves it.

use jiff::Timestamp;

use super::CDN;
use crate::answer::Answer;
use crate::avatar::png;
use crate::call::Call;
use crate::util::digest;

/// An address is good until the end of the seventh day after.
const DAYS: i64 = 8;
const DAY: i64 = 86_400;

pub(super) fn address(now: Timestamp, call: &Call, kind: &str, id: &str, version: u32) -> String {
    let end = (now.as_second().div_euclid(DAY) + DAYS) * DAY;
    let key = digest(&format!("linkedin/{id}/{version}"));
    let proof = digest(&format!("{key}/{end}"));
    call.address(CDN, &format!("/dms/image/v2/{key}/{kind}/0/1?e={end}&v=beta&t={proof}"))
}

/// What stands at such an address.
pub(super) fn image(now: Timestamp, call: &Call) -> Answer {
    let key = call.segments()[3];
    let end = call.query("e").unwrap_or_default();
    let signed = call.query("t") == Some(digest(&format!("{key}/{end}")).as_str()) && call.query("v") == Some("beta");
    if signed && end.parse::<i64>().is_ok_and(|end| now.as_second() < end) {
        Answer::png(png(key))
    } else {
        Answer::html(403, "Forbidden".to_owned())
    }
}
