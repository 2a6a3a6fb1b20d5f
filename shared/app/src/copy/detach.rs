//! A copy gets a consent of its own workspace.

use domain::{AccountId, Allowed, Code, Error, Lifecycle, Refusal, actor::permit};
use platforms::{Blast, Entry};
use serde::{Deserialize, Serialize};
use store::IdempotencyKey;

use crate::{
    Once, Services, account,
    connect::start::{self, NewSession, Started},
    idempotency::once,
};

/// What a second consent does not part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Whoever removes our app at the platform ends both consents.
    RemovalEndsBoth,
    /// The platform's call that ends a consent ends all of this person's, so it is made with the last one only.
    RevocationWaits,
    /// Nothing says that the platform goes on renewing the older consent beside a newer one of the same person.
    OlderMayEnd,
}

impl Warning {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RemovalEndsBoth => "removal_ends_both",
            Self::RevocationWaits => "revocation_waits",
            Self::OlderMayEnd => "older_may_end",
        }
    }
}

/// An attempt whose consent parts an account from the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detaching {
    /// The attempt.
    pub started: Started,
    /// What two consents of one person to one app have in common still.
    pub warnings: Vec<Warning>,
}

/// Begins an attempt that ends with the account on a consent of its own workspace. The consent that it shared stays as it
/// is for the others.
pub async fn detach(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: AccountId,
    return_url: Option<String>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Detaching>, Error> {
    Box::pin(once(services, key, |ending| async move {
        let account = account::find(services, actor, id).await?;
        let Some(grant) = account.grant.filter(|_| account.lifecycle == Lifecycle::Active) else {
            return Err(Refusal::plain(Code::AccountDisconnected).into());
        };
        let grant = services.store.find_grant(grant).await?.ok_or(Code::ConnectionExpired)?;
        if grant.workspace == account.workspace && grant.is_shared() {
            let detail = "The consent was given in this workspace; detach the copies that live on it.";
            return Err(Refusal::new(Code::AccountNotUsable, detail).into());
        }
        let entry = services.platforms.entry(&account.platform, Some(&account.method));
        let warnings = entry.map(|entry| warnings(entry)).unwrap_or_default();
        let ask = NewSession {
            method: Some(account.method),
            account: Some(id),
            detach: true,
            fresh_consent: true,
            return_url,
            ..NewSession::new(account.platform)
        };
        start::begin(services, actor, ask, ending, |started| Detaching { started, warnings }).await
    }))
    .await
}

/// What the catalogue's facts say of two consents of one person to our app.
fn warnings(entry: &Entry) -> Vec<Warning> {
    let mut warnings = vec![Warning::RemovalEndsBoth];
    if entry.blast == Blast::PersonApp {
        warnings.push(Warning::RevocationWaits);
    }
    if !entry.renewal.replay_is_harmless() {
        warnings.push(Warning::OlderMayEnd);
    }
    warnings
}
