//! Going on on another device, and waiting.

use askama::Template;

use super::{Shell, text::Text};
use crate::parts::Platform;

/// The address for another device.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/device.html")]
pub struct Device {
    /// Around it.
    pub shell: Shell,
    /// The address.
    pub address: String,
    /// The same as a picture, made by [`crate::qr::svg`].
    pub qr: Option<String>,
    /// For how long it works.
    pub minutes: u32,
    /// Leads back to the list.
    pub back: String,
}

/// The callback is at work in another run; the page asks again by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/waiting.html")]
pub struct Waiting {
    /// Around it.
    pub shell: Shell,
    /// Where.
    pub platform: Platform,
    /// After how many seconds the page asks again, by a meta tag; `None` leaves it to a header or to the person.
    pub refresh: Option<u32>,
}
