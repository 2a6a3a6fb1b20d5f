//! Texts as people compare them when they search.

use icu_normalizer::{DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};

/// A text without case, accents, widths and doubled spaces: `ＣＡＦＥ́  Ström` is `cafe strom`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return spaced(&text.to_ascii_lowercase());
    }
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    let plain = apart.filter(|letter| classes.get_u8(*letter) == 0);
    // By way of the upper case, so that ß is ss, and a sigma is one wherever it stands.
    let lower: String = plain.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    spaced(&lower)
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text, at most so many bytes, that ends where a letter ends.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    text[..text.floor_char_boundary(most)].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_people_take_for_the_same_are_the_same() {
        for (one, other) in [
            ("Acme", "ACME"),
            ("Café", "cafe"),
            ("Cafe\u{301}", "CAFÉ"),
            ("Ｎｏｒｄｌｙｓ", "nordlys"),
            ("ﬁne", "Fine"),
            ("Straße", "STRASSE"),
            ("Ödön", "odon"),
            ("ΣΊΣΥΦΟΣ", "σισυφος"),
            ("İstanbul", "istanbul"),
            (" two \u{a0}\u{2003} words ", "Two Words"),
        ] {
            assert_eq!(fold(one), fold(other), "{one}");
        }
        assert_ne!(fold("北京"), fold("東京"));
        assert_eq!(fold("北京 Bakery"), "北京 bakery");
    }

    #[test]
    fn what_is_cut_is_cut_between_letters() {
        assert_eq!(beginning("äöü", 3), "ä");
        assert_eq!(beginning("a bc", 2), "a");
        assert_eq!(beginning("abc", 9), "abc");
    }
}
