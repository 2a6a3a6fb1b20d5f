//! Secrets that must be nowhere: planted once, then searched for in whatever came out, in every shape that they may
//! have taken.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use base64::{
    Engine as _,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use url::form_urlencoded;

/// What a secret begins with that a test itself hands to the product: what its own server gives, its client secrets.
pub const MARK: &str = "CANARY-OF-A-TEST";

/// As many bytes of a secret as give it away; no shape of them is shorter.
const TELLING: usize = 12;

/// What is searched for. Only the beginning of each secret, so that one that was cut short is found too.
#[derive(Default)]
pub struct Needles {
    /// By the bytes that they begin with.
    shapes: HashMap<[u8; TELLING], Vec<Shape>>,
    planted: BTreeSet<Vec<u8>>,
    /// Whether anything can begin so: most of a text is passed over by this alone.
    maybe: Vec<bool>,
}

/// A secret's beginning as it would be seen.
struct Shape {
    bytes: Vec<u8>,
    what: String,
    encoding: &'static str,
}

impl Needles {
    /// What every product on simulated platforms has to keep to itself: codes, tokens, and its apps' secrets.
    pub fn usual() -> Self {
        let mut needles = Self::default();
        for mark in simulator::MARKS.iter().copied().chain([MARK]) {
            needles.plant("a code or token", mark);
        }
        for platform in ["facebook", "x"] {
            needles.plant("a client secret", format!("simulated-{platform}-client-secret"));
        }
        needles
    }

    /// Begins to search for a secret.
    pub fn plant(&mut self, what: &str, secret: impl AsRef<[u8]>) {
        let telling =
            secret.as_ref().get(..TELLING).unwrap_or_else(|| panic!("{what} is too short to be searched for"));
        if !self.planted.insert(telling.to_vec()) {
            return;
        }
        self.maybe.resize(1 << 16, false);
        for (encoding, bytes) in shapes(telling) {
            let begins = bytes[..TELLING].try_into().expect("as long as that");
            self.maybe[slot(&begins)] = true;
            let shapes = self.shapes.entry(begins).or_default();
            shapes.push(Shape { bytes, what: what.to_owned(), encoding });
        }
    }

    /// Each secret in a text: what it is, how it is encoded, and what stands before it.
    pub fn found_in(&self, place: &str, text: impl AsRef<[u8]>) -> Vec<String> {
        let (text, mut found) = (text.as_ref(), Vec::new());
        if self.maybe.is_empty() {
            return found;
        }
        for (at, begins) in text.windows(TELLING).enumerate() {
            let begins = begins.try_into().expect("a window's width");
            if !self.maybe[slot(&begins)] {
                continue;
            }
            for shape in self.shapes.get(&begins).into_iter().flatten() {
                if text[at..].starts_with(&shape.bytes) {
                    let before = String::from_utf8_lossy(&text[at.saturating_sub(120)..at]).into_owned();
                    found.push(format!("{} ({}) in {place} after {before:?}", shape.what, shape.encoding));
                }
            }
        }
        found
    }
}

/// Where `maybe` knows of such a beginning.
fn slot(begins: &[u8; TELLING]) -> usize {
    let some = u32::from_le_bytes([begins[0], begins[3], begins[7], begins[11]]);
    (some.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

/// Every shape of some bytes, each once.
fn shapes(telling: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut shapes = vec![("raw", telling.to_vec())];
    for (encoding, alphabet) in [("base64", STANDARD), ("base64url", URL_SAFE)] {
        shapes.extend((0..3).map(|lead| (encoding, base64(&alphabet, telling, lead))));
    }
    shapes.push(("hex", hex(telling).into_bytes()));
    shapes.push(("hex", hex(telling).to_uppercase().into_bytes()));
    let form: String = form_urlencoded::byte_serialize(telling).collect();
    shapes.push(("url-encoded", form.replace('+', "%20").into_bytes()));
    shapes.push(("url-encoded", lower_escapes(&form).into_bytes()));
    shapes.push(("url-encoded", form.into_bytes()));
    if let Ok(text) = std::str::from_utf8(telling) {
        let json = serde_json::to_string(text).expect("JSON");
        shapes.push(("JSON", json.trim_matches('"').as_bytes().to_vec()));
        shapes.push(("JSON", text.escape_debug().to_string().into_bytes()));
    }
    let mut seen = BTreeSet::new();
    shapes.retain(|(_, bytes)| seen.insert(bytes.clone()));
    shapes
}

/// What base64 always makes of these bytes where `lead` bytes (of three) come before them, whatever follows.
fn base64(alphabet: &Alphabet, bytes: &[u8], lead: usize) -> Vec<u8> {
    let before = [&[0; 2][..lead], bytes].concat();
    let text = GeneralPurpose::new(alphabet, NO_PAD).encode(&before);
    // A character at either end holds bits of a neighbour.
    text.as_bytes()[(lead * 8).div_ceil(6)..before.len() * 8 / 6].to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    })
}

/// `%2F` as `%2f`.
fn lower_escapes(form: &str) -> String {
    let mut parts = form.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}%{}{}", part[..2].to_lowercase(), &part[2..]))
}
