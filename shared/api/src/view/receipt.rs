//! What ending an account did.

use app::{
    disconnect::{Action, Receipt},
    revoke::Revoked,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::planned::PlannedView;

/// What disconnecting or removing did; it claims no more than happened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptView {
    /// The account.
    pub id: String,
    /// `disconnected` or `removed`.
    pub lifecycle: String,
    /// What was given as the reason.
    pub reason: Option<String>,
    /// The access at the platform.
    pub revocation: RevocationView,
    /// What the publisher is told to do.
    pub effects: Vec<String>,
    /// What the publisher plans with it, as it reported it: what the effects are about.
    pub planned: PlannedView,
    /// Whether it was the main account of its platform.
    pub was_main: bool,
    /// The main account of its platform now.
    pub main_now: Option<String>,
    /// What is kept.
    pub kept: Vec<String>,
    /// What is erased.
    pub erased: Vec<String>,
    /// The run that purges the rest; null where nothing is left to purge.
    pub purge_id: Option<String>,
    /// What to do next, if anything is left.
    pub next: Option<NextView>,
    /// The same of the account that it is tied to, where `cascade` asked for that one to go along.
    #[schema(no_recursion)]
    pub cascaded: Vec<ReceiptView>,
}

/// The access at the platform.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Revocation)]
pub struct RevocationView {
    /// `pending`, `revoked`, `unsupported`, `failed`, `skipped_shared_grant`; null where nothing was left to revoke.
    pub status: Option<String>,
    /// Where a person can end it by hand.
    pub manual_url: Option<String>,
    /// How they do it.
    pub steps: Vec<String>,
}

/// What is left to do for a person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Next)]
pub struct NextView {
    /// `instructions`.
    pub kind: String,
    /// Our page about it; anybody can open it, also when the account is gone.
    pub url: String,
    /// What that page is called.
    pub title: String,
    /// What to do, one after the other.
    pub steps: Vec<String>,
    /// Where at the platform.
    pub platform_settings_url: Option<String>,
}

/// The word of a revocation's state.
pub(crate) fn revoked(status: Revoked) -> &'static str {
    match status {
        Revoked::Pending => "pending",
        Revoked::Revoked => "revoked",
        Revoked::Unsupported => "unsupported",
        Revoked::Failed => "failed",
        Revoked::SkippedSharedGrant => "skipped_shared_grant",
    }
}

impl From<&Receipt> for ReceiptView {
    fn from(receipt: &Receipt) -> Self {
        Self {
            id: receipt.account.to_string(),
            lifecycle: match receipt.action {
                Action::Disconnect => "disconnected",
                Action::Remove => "removed",
            }
            .to_owned(),
            reason: receipt.reason.clone(),
            next: NextView::of(receipt),
            revocation: RevocationView::of(receipt),
            effects: receipt.effects.clone(),
            planned: (&receipt.planned).into(),
            was_main: receipt.was_main,
            main_now: receipt.main_now.map(|id| id.to_string()),
            kept: receipt.kept.clone(),
            erased: receipt.erased.clone(),
            purge_id: receipt.purge.map(|id| id.to_string()),
            cascaded: receipt.cascaded.iter().map(Self::from).collect(),
        }
    }
}

impl RevocationView {
    pub(crate) fn of(receipt: &Receipt) -> Self {
        let by_hand = receipt.revocation.by_hand.as_ref();
        Self {
            status: receipt.revocation.status.map(|status| revoked(status).to_owned()),
            manual_url: by_hand.and_then(|by_hand| by_hand.settings_url.clone()),
            steps: by_hand.map(|by_hand| by_hand.steps.clone()).unwrap_or_default(),
        }
    }
}

impl NextView {
    pub(crate) fn of(receipt: &Receipt) -> Option<Self> {
        receipt.revocation.by_hand.as_ref().map(|by_hand| Self {
            kind: "instructions".to_owned(),
            url: by_hand.url.clone(),
            title: by_hand.title.clone(),
            steps: by_hand.steps.clone(),
            platform_settings_url: by_hand.settings_url.clone(),
        })
    }
}
