//! Who follows an account, out of what platforms tell of it.

use domain::{
    metric::Part,
    text::{NAME_LENGTH, clean},
};

/// Most parts of a facet that are kept; Meta tells no more.
const MOST_PARTS: usize = 45;

/// Parts of a whole, each under the platform's own word, the largest first. What is less than one of a thousand is left
/// out, and so is what has no name.
pub(crate) fn parts<'a>(told: impl IntoIterator<Item = (&'a str, u64)>, whole: u64) -> Vec<Part> {
    let part = |(name, count): (&str, u64)| {
        let per_mille = u128::from(count) * 1_000 / u128::from(whole.max(1));
        let name = clean(name, NAME_LENGTH);
        let per_mille = u16::try_from(per_mille.min(1_000)).ok()?;
        (per_mille > 0 && !name.is_empty()).then_some(Part { name, per_mille })
    };
    let mut parts: Vec<Part> = told.into_iter().filter_map(part).collect();
    parts.sort_by(|a, b| b.per_mille.cmp(&a.per_mille).then_with(|| a.name.cmp(&b.name)));
    parts.truncate(MOST_PARTS);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_of_a_thousand_and_the_largest_comes_first() {
        let told = [("18-24", 333), ("25-34", 333), (" 35-44\u{202e} ", 334), ("65+", 0), ("", 9)];
        let got = parts(told, 1_000);
        let got: Vec<_> = got.iter().map(|part| (part.name.as_str(), part.per_mille)).collect();
        assert_eq!(got, [("35-44", 334), ("18-24", 333), ("25-34", 333)]);
        assert_eq!(parts([("NO", 2), ("SE", 1)], 3).iter().map(|part| part.per_mille).sum::<u16>(), 999, "cut off");
    }

    #[test]
    fn odd_numbers_come_to_nothing_odd() {
        assert_eq!(parts([("NO", 7)], 0)[0].per_mille, 1_000, "of nobody");
        assert_eq!(parts([("NO", u64::MAX)], u64::MAX)[0].per_mille, 1_000);
        assert_eq!(parts([("NO", 1)], 1_001), [], "less than one of a thousand");
        let many: Vec<String> = (0..90).map(|n| format!("City {n:02}")).collect();
        let got = parts(many.iter().map(|name| (name.as_str(), 10)), 900);
        assert_eq!((got.len(), got[44].name.as_str()), (45, "City 44"));
    }
}
