//! What X's calls cost, and what is left to pay for them.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// X docs, pricing of 2026-08-22, in millionths of a dollar.
pub(super) const USER_READ: u64 = 10_000;
pub(super) const POST_READ: u64 = 5_000;
const DAY: i64 = 86_400;

/// What is left for all apps; without end unless an event says otherwise.
#[derive(Default)]
pub(super) struct Credits {
    left: Option<u64>,
    /// What was paid for, by app and day: on that day it is free.
    paid: BTreeSet<(String, i64, String)>,
}

impl Credits {
    pub(super) fn limit(&mut self, left: u64) {
        self.left = Some(left);
    }

    /// Pays for what was not yet paid on this UTC day, or for nothing.
    pub(super) fn pays(&mut self, now: Timestamp, app: &str, price: u64, read: &[String]) -> bool {
        let day = now.as_second().div_euclid(DAY);
        let mut new: BTreeSet<_> = read.iter().map(|id| (app.to_owned(), day, id.clone())).collect();
        new.retain(|resource| !self.paid.contains(resource));
        let cost = price * u64::try_from(new.len()).unwrap_or(u64::MAX);
        match &mut self.left {
            // An empty balance blocks what is free as well.
            Some(0) => return false,
            Some(left) if *left < cost => return false,
            Some(left) => *left -= cost,
            None => {}
        }
        self.paid.extend(new);
        true
    }
}

/// `1.50` in millionths.
pub(super) fn dollars(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<6}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_to_the_millionth() {
        assert_eq!([dollars("0"), dollars("1.5"), dollars("12.000001")], [Some(0), Some(1_500_000), Some(12_000_001)]);
        assert!([".5", "", "-1", "1.0000001", "1,5"].iter().all(|text| dollars(text).is_none()));
    }
}
