//! The platforms: a catalogue of facts as data, and the clients that speak to them.

mod apps;
mod audience;
mod catalogue;
mod client;
mod error;
mod facebook;
mod generic;
mod google;
mod google_business;
mod http;
mod insights;
mod instagram;
mod linkedin;
mod notice;
mod oauth;
mod picture;
mod pinterest;
mod read;
mod reddit;
mod registry;
#[cfg(test)]
mod stub;
mod threads;
mod tiktok;
mod tiktok_business;
mod token;
mod usage;
mod x;
mod youtube;

pub use apps::{AppsError, AppsFile};
pub use catalogue::{
    Action, ApiVersion, Blast, Check, Children, Class, Confidence, Endpoint, Entry, ErrorRule, Fact, Level,
    OtherVersion, Paging, Price, RateLimit, Requirement, Reset, Scheduled, Section, Stage, SyncRules, Urgency, Wording,
    Wordings,
};
pub use client::{Ask, Consent, Grab, Offer, Platform, Probe, Renewed, Reread, Revocation, Snapshot, Which};
pub use error::PlatformError;
pub use notice::{Door, Incoming, Signed, Unsigned};
pub use picture::{PictureError, draw};
pub use registry::{App, Connector, Platforms, Upstream};
pub use usage::Told;
