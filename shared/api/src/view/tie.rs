//! Accounts that belong to each other.

use app::tie::Tied;
use domain::{Account, AccountId, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// To which account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TieAccount {
    /// An account of the other platform in the same workspace; null unties both.
    #[serde(deserialize_with = "Option::deserialize")]
    pub account_id: Option<String>,
}

/// A tie as it is now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Tie)]
pub struct TieView {
    /// The account that was named.
    pub id: String,
    /// The account that it is tied to.
    pub linked_account_id: Option<String>,
    /// The version of the account that was named, as the header `ETag` has it.
    pub etag: String,
}

/// An account that another one may be tied to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = TieProposal)]
pub struct TieProposalView {
    /// The account.
    pub id: String,
    /// Its handle without `@`.
    pub handle: Option<String>,
}

impl TieAccount {
    /// The account, if one is named; one that is no id is not there.
    pub(crate) fn read(&self) -> Result<Option<AccountId>, Refusal> {
        let id = self.account_id.as_deref().map(str::parse).transpose();
        id.map_err(|_| Refusal::plain(domain::Code::NotFound))
    }
}

impl From<&Tied> for TieView {
    fn from(tied: &Tied) -> Self {
        Self {
            id: tied.account.to_string(),
            linked_account_id: tied.to.map(|id| id.to_string()),
            etag: format!("\"{}\"", tied.version),
        }
    }
}

impl From<&Account> for TieProposalView {
    fn from(account: &Account) -> Self {
        Self { id: account.id.to_string(), handle: account.profile.handle.clone() }
    }
}
