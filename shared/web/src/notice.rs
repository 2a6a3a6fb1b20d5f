//! What a person sees who asked a platform that their data be deleted.

use askama::Template;
use domain::Timestamp;

use crate::parts::Platform;

/// How far a deletion is. Tells nothing about anybody: whoever has the address sees times only.
#[derive(Debug, Clone, Template)]
#[template(path = "notice/deletion.html")]
pub struct Deletion {
    /// Where it was asked for.
    pub platform: Platform,
    /// The code that the platform shows.
    pub code: String,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When everything was deleted.
    pub done_at: Option<Timestamp>,
}
