//! The platforms: a catalogue of facts as data, and the clients that speak to them.

mod catalogue;
mod client;
mod error;
mod registry;

pub use catalogue::{Blast, Entry, Level, Requirement};
pub use client::{Ask, Consent, Grab, Offer, Platform, Revocation};
pub use error::{DeadReason, PlatformError};
pub use registry::{App, AppsFile, Connector, Platforms, Upstream};
