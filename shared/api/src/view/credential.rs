//! Access for a while, as it is answered.

use app::lease::Leased;
use domain::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::AccountView;

/// What a refresh did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Refresh)]
pub struct RefreshView {
    /// Whether the access was renewed.
    pub renewed: bool,
    /// Why not: `too_early`, `only_a_person_can`, `never_ends`, `not_needed`, `rotation_uncertain`; null if it was.
    pub reason: Option<String>,
    /// Whether the platform was asked just now.
    pub checked: bool,
    /// The account as it is now.
    pub account: AccountView,
}

/// A lease: an access token, and until when it may be used.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = CredentialLease)]
pub struct LeaseView {
    /// The account.
    pub account_id: String,
    /// The platform's stable id of the account.
    pub platform_account_id: String,
    /// What for.
    pub purpose: String,
    /// The access token; null where the request was replayed, for it is kept nowhere.
    pub access_token: Option<String>,
    /// `bearer`.
    pub token_type: String,
    /// Until when it may be used; then another lease is asked for.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Timestamp,
}

impl LeaseView {
    /// The one place where an access token leaves: into the answer to whoever may have it.
    pub(crate) fn of(leased: &Leased, token: Option<Secret>) -> Self {
        Self {
            account_id: leased.account.to_string(),
            platform_account_id: leased.platform_account_id.clone(),
            purpose: leased.purpose.as_str().to_owned(),
            access_token: token.map(|token| token.expose().to_owned()),
            token_type: "bearer".to_owned(),
            valid_until: leased.valid_until,
        }
    }
}

/// A signal that was taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SignalTaken)]
pub struct SignalView {
    /// True.
    pub accepted: bool,
}
