//! Deletions, as they are answered to a platform and to whoever has the code.

use app::notice::Erasure;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A request to delete a person's data was taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = DeletionTaken)]
pub struct DeletionTakenView {
    /// Where the person sees how far it is.
    pub url: String,
    /// The code that the platform shows the person.
    pub confirmation_code: String,
}

/// How far a deletion is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Deletion)]
pub struct DeletionView {
    /// `pending` or `done`.
    pub status: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// When everything was deleted; null while it is pending.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
}

impl From<Erasure> for DeletionView {
    fn from(Erasure { asked_at, done_at }: Erasure) -> Self {
        let status = if done_at.is_some() { "done" } else { "pending" };
        Self { status: status.to_owned(), requested_at: asked_at, completed_at: done_at }
    }
}
