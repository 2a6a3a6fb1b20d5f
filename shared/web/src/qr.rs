//! Addresses as pictures for another device's camera.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Its side in pixels where nothing else says; it scales.
const SIDE: u32 = 240;
/// What stays white around it.
const QUIET: usize = 4;

/// An address as an SVG image; nothing if it is too long for one.
pub fn svg(address: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let side = code.width() + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIDE}\" height=\"{SIDE}\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path stroke=\"#000\" d=\"{}\"/></svg>",
        strokes(&code)
    ))
}

/// Each row as strokes and gaps: they weigh a fraction of what squares would.
fn strokes(code: &QrCode) -> String {
    let (mut path, colors) = (String::new(), code.to_colors());
    for (row, y) in colors.chunks(code.width()).zip(QUIET..) {
        let (mut x, mut end) = (QUIET, None);
        for run in row.chunk_by(|a, b| a == b) {
            let length = run.len();
            if run[0] == Color::Dark {
                // A text takes whatever is written.
                let _ = match end {
                    None => write!(path, "M{x} {y}.5h{length}"),
                    Some(end) => write!(path, "m{} 0h{length}", x - end),
                };
                end = Some(x + length);
            }
            x += length;
        }
    }
    path
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

    /// Drawn from its strokes, the picture has the code's colours.
    #[test]
    fn the_strokes_are_the_code() {
        let code = QrCode::with_error_correction_level("https://mooring.example/c/secret", EcLevel::M).expect("short");
        let (path, side) = (strokes(&code), code.width());
        let mut drawn = vec![Color::Light; side * side];
        let number = |text: &str| text.trim_end_matches(".5").parse::<usize>().expect("a number");
        let (mut x, mut y) = (0, 0);
        for part in path.replace('M', "|M").replace('m', "|m").split('|').skip(1) {
            let (to, length) = part[1..].split_once('h').expect("a stroke");
            let (dx, dy) = to.split_once(' ').expect("two numbers");
            (x, y) = if part.starts_with('M') { (number(dx) - QUIET, number(dy) - QUIET) } else { (x + number(dx), y) };
            for _ in 0..number(length) {
                drawn[y * side + x] = Color::Dark;
                x += 1;
            }
        }
        assert_eq!(drawn, code.to_colors());
        assert!(path.len() < 6 * 1024, "{}", path.len());
    }
}
