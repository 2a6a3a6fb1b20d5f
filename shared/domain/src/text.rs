//! Texts that strangers wrote: names, handles, pictures' addresses.

use icu_normalizer::ComposingNormalizerBorrowed;

/// Longest name kept, in characters.
pub const NAME_LENGTH: usize = 200;

/// A stranger's text made harmless for a list: no control or direction-changing characters,
/// white space folded, at most `most` characters.
pub fn clean(text: &str, most: usize) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !is_invisible(*c)).collect();
        if !word.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&word);
        }
    }
    out.chars().take(most).collect()
}

/// Zero-width, bidirectional and other format characters that make a name read as another.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}'
        | '\u{61c}' | '\u{180e}')
}

/// A text in the one way of writing its letters (NFC).
pub fn composed(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// What texts have in common that people take for the same: letters in their plain form (NFKC) and lower case.
pub fn folded(text: &str) -> String {
    let plain = ComposingNormalizerBorrowed::new_nfkc();
    plain.normalize(&plain.normalize(text).to_lowercase()).into_owned()
}

/// A handle as people compare it: without `@`, in lower case.
pub fn handle(text: &str) -> String {
    text.trim().trim_start_matches('@').to_lowercase()
}

/// An address of a picture or profile that a page may show: https only, or nothing.
pub fn https_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    (url.scheme() == "https" && text.len() <= 2000).then(|| url.to_string())
}

/// An address where a picture may be fetched: https, or plain on this machine, where platforms are simulated.
pub fn picture_url(text: &str) -> Option<String> {
    let here = || {
        let url = url::Url::parse(text).ok()?;
        let loopback = match url.host()? {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(ip) => ip.is_loopback(),
            url::Host::Ipv6(ip) => ip.is_loopback(),
        };
        (url.scheme() == "http" && loopback && text.len() <= 2000).then(|| url.to_string())
    };
    https_url(text).or_else(here)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CHK-E10: a name cannot reverse or hide the text around it.
    #[test]
    fn a_name_is_shown_inert() {
        assert_eq!(clean("  Nord\u{202e}lys\u{200b}\r\n Bakery\u{0}", 50), "Nordlys Bakery");
        assert_eq!(clean("abcdef", 3), "abc");
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(composed("Bode\u{301}"), "Bod\u{e9}");
        for other in ["CAFÉ", "cafe\u{301}", "ｃａｆé"] {
            assert_eq!(folded(other), folded("café"), "{other}");
        }
        assert_ne!(folded("cafe"), folded("café"));
    }

    #[test]
    fn handles_are_compared_without_at_and_case() {
        assert_eq!(handle(" @AcMe "), "acme");
    }

    #[test]
    fn only_https_addresses_are_kept() {
        assert_eq!(https_url("javascript:alert(1)"), None);
        assert_eq!(https_url("http://x.example/a"), None);
        assert!(https_url("https://x.example/a").is_some());
    }
}
