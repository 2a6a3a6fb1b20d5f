//! Colours of brands, made readable.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Least contrast of text (WCAG 2.2, 1.4.3).
pub const READABLE: f64 = 4.5;

/// An opaque colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color([u8; 3]);

/// The text is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a colour is # and three or six hexadecimal digits")]
pub struct NoColor;

impl Color {
    /// Black.
    pub const BLACK: Self = Self([0; 3]);
    /// White.
    pub const WHITE: Self = Self([255; 3]);

    /// Contrast ratio (WCAG 2.2): 1 to 21, whichever is in front.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever reads better on it; always readable.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(Self::BLACK) >= self.contrast(Self::WHITE) { Self::BLACK } else { Self::WHITE }
    }

    /// The same colour, moved towards black or white as little as makes it readable there.
    #[must_use]
    pub fn readable_on(self, background: Self) -> Self {
        let moved = (0..=255).flat_map(|share| [self.mixed(Self::BLACK, share), self.mixed(Self::WHITE, share)]);
        let mut readable = moved.filter(|color| color.contrast(background) >= READABLE);
        readable.next().unwrap_or_else(|| background.ink())
    }

    /// With so many 255ths of the other colour.
    #[must_use]
    pub fn mixed(self, other: Self, share: u8) -> Self {
        let mix = |at: usize| {
            let (own, share) = (u16::from(255 - share), u16::from(share));
            let sum = u16::from(self.0[at]) * own + u16::from(other.0[at]) * share;
            u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
        };
        Self([mix(0), mix(1), mix(2)])
    }

    /// Relative luminance (WCAG 2.2): 0 to 1.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl FromStr for Color {
    type Err = NoColor;

    fn from_str(text: &str) -> Result<Self, NoColor> {
        let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digits = text.strip_prefix('#').and_then(|digits| digits.chars().map(digit).collect::<Option<Vec<u8>>>());
        let digits = digits.ok_or(NoColor)?;
        let channels: Vec<u8> = match digits.len() {
            3 => digits.iter().map(|digit| digit * 17).collect(),
            6 => digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect(),
            _ => return Err(NoColor),
        };
        channels.try_into().map(Self).map_err(|_| NoColor)
    }
}

impl TryFrom<String> for Color {
    type Error = NoColor;

    fn try_from(text: String) -> Result<Self, NoColor> {
        text.parse()
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn color(text: &str) -> Color {
        text.parse().expect("a colour")
    }

    #[test]
    fn a_colour_is_read_strictly_and_written_in_one_way() {
        assert_eq!(color("#0A5"), color("#00aa55"));
        assert_eq!(color("#0A5").to_string(), "#00aa55");
        for wrong in ["", "#", "0a5", "#0a", "#0a55", "#00aa5", "#00aa555", "#00aa5g", "#0a5 ", "##a5", "#é5", "red"] {
            assert_eq!(wrong.parse::<Color>(), Err(NoColor), "{wrong}");
        }
        assert_eq!(serde_json::from_str::<Color>("\"#FFF\"").expect("a colour"), Color::WHITE);
        assert_eq!(serde_json::to_string(&Color::BLACK).expect("a text"), "\"#000000\"");
        assert!(serde_json::from_str::<Color>("\"url(x)\"").is_err());
    }

    /// The ratios of the recommendation's own examples and of known pairs.
    #[test]
    fn contrast_is_that_of_the_recommendation() {
        for (one, two, ratio) in
            [("#000", "#fff", 21.0), ("#fff", "#fff", 1.0), ("#777", "#fff", 4.48), ("#00f", "#fff", 8.59)]
        {
            assert!((color(one).contrast(color(two)) - ratio).abs() < 0.01, "{one} on {two}");
            assert!((color(two).contrast(color(one)) - ratio).abs() < 0.01, "{two} on {one}");
        }
    }

    #[test]
    fn what_is_readable_stays_and_the_rest_moves_a_little() {
        assert_eq!(color("#0b5d70").readable_on(Color::WHITE), color("#0b5d70"));
        assert_eq!(color("#777").readable_on(Color::WHITE), color("#767676"));
        assert!(Color::WHITE.readable_on(Color::WHITE).contrast(Color::WHITE) < 4.6);
    }

    proptest! {
        #[test]
        fn any_colour_becomes_readable_on_any_other(one: [u8; 3], two: [u8; 3]) {
            let (color, background) = (Color(one), Color(two));
            prop_assert!(color.readable_on(background).contrast(background) >= READABLE);
            prop_assert!(background.ink().contrast(background) >= READABLE);
            prop_assert_eq!(color.to_string().parse(), Ok(color));
        }
    }
}
