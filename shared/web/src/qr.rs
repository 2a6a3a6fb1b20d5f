//! Addresses as pictures for another device's camera.

use qrcode::{EcLevel, QrCode, render::svg};

/// Smallest side in pixels; it scales.
const SIDE: u32 = 240;

/// An address as an SVG image; nothing if it is too long for one.
pub fn svg(address: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let image = code.render::<svg::Color<'_>>().min_dimensions(SIDE, SIDE).quiet_zone(true).build();
    // Without the XML declaration it can stand in a page.
    Some(image.split_once("?>").map_or(image.as_str(), |(_, svg)| svg).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_a_picture_that_can_stand_in_a_page() {
        let svg = svg("http://127.0.0.1:8080/v1/connect-sessions/cs_1/confirm").expect("short");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
        assert!(!svg.contains("http://127"), "the address is in the picture only");
        assert_eq!(super::svg(&"a".repeat(5000)), None);
    }
}
