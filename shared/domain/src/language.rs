//! The languages that clients are spoken to in.

use serde::{Deserialize, Serialize};

/// A language that the client's pages exist in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Italian.
    It,
    /// Portuguese.
    Pt,
    /// Dutch.
    Nl,
    /// Japanese.
    Ja,
    /// Arabic.
    Ar,
}

impl Language {
    /// All of them, in the order in which people choose.
    pub const ALL: [Self; 9] =
        [Self::En, Self::De, Self::Es, Self::Fr, Self::It, Self::Pt, Self::Nl, Self::Ja, Self::Ar];

    /// Its tag (BCP 47).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::It => "it",
            Self::Pt => "pt",
            Self::Nl => "nl",
            Self::Ja => "ja",
            Self::Ar => "ar",
        }
    }

    /// What those who speak it call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Es => "Español",
            Self::Fr => "Français",
            Self::It => "Italiano",
            Self::Pt => "Português",
            Self::Nl => "Nederlands",
            Self::Ja => "日本語",
            Self::Ar => "العربية",
        }
    }

    /// Which way it is written: the attribute `dir` of HTML.
    pub fn direction(self) -> &'static str {
        if self == Self::Ar { "rtl" } else { "ltr" }
    }

    /// By a tag, whatever region it names (`de-AT`).
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.as_str().eq_ignore_ascii_case(primary))
    }

    /// The one that a browser likes best of those we have (`Accept-Language`, RFC 9110 section 12.5.4).
    pub fn preferred(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for part in header.split(',').take(32) {
            let mut parts = part.split(';');
            let Some(language) = parts.next().and_then(Self::of_tag) else { continue };
            let quality = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.trim().parse().ok());
            if let Some(quality) = quality.filter(|q| *q > 0.0 && best.is_none_or(|(_, most)| *q > most)) {
                best = Some((language, quality));
            }
        }
        best.map(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_a_browser_likes_best_is_spoken() {
        for (header, expected) in [
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::De)),
            ("pl, fr;q=0.4, it;q=0.7", Some(Language::It)),
            ("ar", Some(Language::Ar)),
            ("pt-BR", Some(Language::Pt)),
            ("en;q=0, nl;q=0.1", Some(Language::Nl)),
            ("pl, *", None),
            ("de;q=high", None),
            ("", None),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header}");
        }
    }
}
