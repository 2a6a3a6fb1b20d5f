//! Connecting an account again: it keeps its id, its settings and its history, and takes no other identity.

use domain::{AccountId, Allowed, Capability, Error, actor::permit};
use jiff::SignedDuration;
use store::IdempotencyKey;

use crate::{
    Once, Services, account,
    connect::start::{self, NewSession, Started},
};

/// What may be special about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Again {
    /// For what; what it was asked for before if absent.
    pub capabilities: Option<Vec<Capability>>,
    /// Ask the platform to ask again.
    pub fresh_consent: bool,
    /// Where the browser goes at the end.
    pub return_url: Option<String>,
    /// How long the attempt lives until the consent returns.
    pub lifetime: Option<SignedDuration>,
}

/// Makes an attempt that reconnects an account by the method by which it was connected.
pub async fn reconnect(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: AccountId,
    again: Again,
    key: Option<IdempotencyKey>,
) -> Result<Once<Started>, Error> {
    let account = account::find(services, actor, id).await?;
    let Again { capabilities, fresh_consent, return_url, lifetime } = again;
    let ask = NewSession {
        method: Some(account.method),
        capabilities,
        account: Some(id),
        fresh_consent,
        return_url,
        lifetime,
        ..NewSession::new(account.platform)
    };
    start::start(services, actor, &account.workspace, ask, key).await
}
