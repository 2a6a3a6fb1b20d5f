//! Pictures of accounts, at addresses that are good for hours.

use jiff::Timestamp;

use super::{Account, CDN};
use crate::answer::Answer;
use crate::avatar::png;
use crate::call::Call;
use crate::util::digest;

/// An address is good until the end of the fifth hour after.
const HOURS: i64 = 6;
const HOUR: i64 = 3_600;

/// `x-expires` is the second of its end, `x-signature` proves it.
pub(super) fn address(now: Timestamp, call: &Call, account: &Account, size: &str) -> String {
    let end = (now.as_second().div_euclid(HOUR) + HOURS) * HOUR;
    let key = digest(&format!("{}/{}", account.id, account.avatar));
    let proof = digest(&format!("tiktok/{key}/{end}"));
    call.address(CDN, &format!("/{size}/{key}.jpeg?x-expires={end}&x-signature={proof}"))
}

/// What stands at a signed address.
pub(super) fn image(now: Timestamp, call: &Call) -> Answer {
    let key = call.path.rsplit('/').next().unwrap_or_default();
    let key = key.trim_end_matches(".jpeg");
    let end = call.query("x-expires").unwrap_or_default();
    let signed = call.query("x-signature") == Some(digest(&format!("tiktok/{key}/{end}")).as_str());
    let live = end.parse::<i64>().is_ok_and(|end| now.as_second() < end);
    if signed && live { Answer::png(png(key)) } else { Answer::html(403, "Access Denied".to_owned()) }
}
