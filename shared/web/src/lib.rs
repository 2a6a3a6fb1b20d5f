//! The pages that people see: typed values in, HTML out.
//!
//! Every page works without JavaScript and under a policy that allows no script, no inline style and no
//! other host: `default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'`, with
//! the platform's origin in `form-action` on [`connect::Start`]. Texts of strangers are escaped by the
//! templates; addresses of strangers are shown only when they are https.

pub mod connect;
pub mod console;
pub mod docs;
pub mod easyconnect;
pub mod help;
pub mod icon;
pub mod notice;
mod number;
pub mod parts;
pub mod qr;
pub mod report;
mod words;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

/// A page: `render()` makes its HTML.
pub use askama::Template as Page;

/// Media type of every page.
pub const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// The stylesheet of every page, to be served at [`stylesheet_path`]; its comments and its lines are ours.
pub fn stylesheet() -> &'static str {
    static SERVED: LazyLock<String> = LazyLock::new(|| served(STYLESHEET));
    &SERVED
}

const STYLESHEET: &str = include_str!("../assets/mooring.css");

/// Where each page expects the stylesheet. The name changes with the content, so it may be cached for ever.
pub fn stylesheet_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| named("mooring", stylesheet()));
    &PATH
}

/// What pages with figures, runs and reports need beyond [`stylesheet`], to be served at
/// [`figures_stylesheet_path`].
pub fn figures_stylesheet() -> &'static str {
    static SERVED: LazyLock<String> = LazyLock::new(|| served(FIGURES));
    &SERVED
}

const FIGURES: &str = include_str!("../assets/figures.css");

/// Where pages with figures expect theirs. The name changes with the content, so it may be cached for ever.
pub fn figures_stylesheet_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| named("figures", figures_stylesheet()));
    &PATH
}

/// Without comments and without lines.
fn served(source: &str) -> String {
    let (first, rest) = source.split_once("/*").unwrap_or((source, ""));
    let behind = rest.split("/*").map(|part| part.split_once("*/").map_or("", |(_, behind)| behind));
    let rules: String = [first].into_iter().chain(behind).collect();
    let lines = rules.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, if line.ends_with(['{', '}', ';', ',']) { "" } else { " " }]).collect()
}

fn named(what: &str, content: &str) -> String {
    format!("/assets/{what}-{:016x}.css", fnv_1a(content.as_bytes()))
}

/// 64-bit FNV-1a: names a version, protects nothing.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
