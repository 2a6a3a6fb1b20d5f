//! The platforms: a catalogue of facts as data, and the clients that speak to them.

mod apps;
mod catalogue;
mod client;
mod error;
mod facebook;
mod generic;
mod http;
mod instagram;
mod oauth;
mod picture;
mod read;
mod registry;
#[cfg(test)]
mod stub;
mod token;
mod x;

pub use apps::{AppsError, AppsFile};
pub use catalogue::{ApiVersion, Blast, Check, Entry, Level, Requirement};
pub use client::{Ask, Consent, Grab, Offer, Platform, Probe, Renewed, Reread, Revocation, Snapshot, Which};
pub use error::PlatformError;
pub use picture::{PictureError, draw};
pub use registry::{App, Connector, Platforms, Upstream};
