//! Pictures of people and pages: small PNGs in a colour of their own.

use jiff::Timestamp;

use crate::answer::Answer;
use crate::call::Call;
use crate::util::{digest, number};

const SIDE: usize = 96;
/// A signed address is good until the end of the third day after.
const DAYS: i64 = 4;
const DAY: i64 = 86_400;

/// An address that is signed for some days, as Meta's are: `oe` is the hour of
/// its end as hex, `oh` proves it.
pub(crate) fn address(now: Timestamp, call: &Call, host: &str, id: &str, version: u32) -> String {
    let end = (now.as_second().div_euclid(DAY) + DAYS) * DAY;
    let key = digest(&format!("{id}/{version}"));
    let proof = digest(&format!("{key}/{end:X}"));
    let path = format!("/v/t39/{key}.png?oe={end:X}&oh={proof}");
    call.address(host, &path)
}

/// What stands at a signed address.
pub(crate) fn image(now: Timestamp, call: &Call) -> Answer {
    let key = call.path.rsplit('/').next().unwrap_or_default();
    let key = key.trim_end_matches(".png");
    let end = call.query("oe").unwrap_or_default();
    let signed = call.query("oh") == Some(digest(&format!("{key}/{end}")).as_str());
    let live = i64::from_str_radix(end, 16).is_ok_and(|end| now.as_second() < end);
    match (signed, live) {
        (true, true) => Answer::png(png(key)),
        (true, false) => Answer::html(403, "URL signature expired".to_owned()),
        _ => Answer::html(403, "Bad URL hash".to_owned()),
    }
}

/// A square with a lighter disc; the colour depends on nothing but the key.
pub(crate) fn png(key: &str) -> Vec<u8> {
    let hue = number(key);
    let back = [channel(hue, 0), channel(hue, 8), channel(hue, 16)];
    let front = back.map(|part| part / 2 + 120);
    let mut header = Vec::new();
    header.extend(u32_of(SIDE).to_be_bytes());
    header.extend(u32_of(SIDE).to_be_bytes());
    header.extend([8, 3, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"PLTE", &[back, front].concat());
    chunk(&mut file, *b"IDAT", &stored(&pixels()));
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn channel(hue: u64, shift: u32) -> u8 {
    30 + u8::try_from((hue >> shift) % 120).unwrap_or(0)
}

fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// One filter byte and one palette index per pixel, row by row.
fn pixels() -> Vec<u8> {
    let half = SIDE / 2;
    let mut rows = Vec::with_capacity(SIDE * (SIDE + 1));
    for y in 0..SIDE {
        rows.push(0);
        rows.extend((0..SIDE).map(|x| {
            let (dx, dy) = (x.abs_diff(half), y.abs_diff(half));
            u8::from(dx * dx + dy * dy < half * half / 2)
        }));
    }
    rows
}

/// A zlib stream of one stored block: under 64 KiB there is nothing to gain.
fn stored(raw: &[u8]) -> Vec<u8> {
    let length = u16::try_from(raw.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(raw);
    let (low, high) = raw.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend(((high << 16) | low).to_be_bytes());
    stream
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend(u32_of(data.len()).to_be_bytes());
    let start = file.len();
    file.extend(name);
    file.extend(data);
    let sum = !file[start..].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
    });
    file.extend(sum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_own_colour_and_sound_sums() {
        assert_ne!(png("one"), png("two"));
        let file = png("one");
        // The empty last chunk has a sum that every PNG shares.
        assert!(file.ends_with(&[0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42, 0x60, 0x82]));
    }
}
