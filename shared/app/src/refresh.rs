//! A person's refresh: renewed silently before its time, and looked at; where only a person helps, the way to it.

use domain::{
    AccountId, Allowed, Code, Error, Lifecycle, Refusal,
    actor::permit,
    renewal::{Renewal, Rules},
};
use serde::{Deserialize, Serialize};
use store::IdempotencyKey;

use crate::{
    Once, Services, account,
    idempotency::once,
    lease::{dead, later},
    reconnect::{self, Again},
    renew::{self, Did, Kept, Want},
};

/// What a refresh did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// Whether there are new tokens.
    pub renewed: bool,
    /// Why not: a stable word.
    pub reason: Option<String>,
    /// Whether the platform itself was asked now how it stands.
    #[serde(default)]
    pub checked: bool,
}

/// Renews an account's access before its time, and reads again what the platform says of it.
pub async fn refresh(
    services: &Services,
    actor: &Allowed<permit::AccountsRefresh>,
    id: AccountId,
    key: Option<IdempotencyKey>,
) -> Result<Once<Refreshed>, Error> {
    Box::pin(once(services, key, |ending| async move {
        let account = account::find(services, actor, id).await?;
        services.store.find_workspace(&actor.workspace, &actor.org).await?.open()?;
        let Some(grant) = account.grant.filter(|_| account.lifecycle == Lifecycle::Active) else {
            return Err(Refusal::plain(Code::AccountDisconnected).into());
        };
        let kept = renew::token(services, grant, Want::Now).await?;
        if let Did::Dead | Did::Died = kept.did {
            return Err(sign_in(services, actor, &kept, id).await?.into());
        }
        let refreshed = came_of(services, &kept)?;
        ending.amend(services, &refreshed).await?;
        Ok(refreshed)
    }))
    .await
}

/// What came of looking after a grant for somebody.
pub(crate) fn came_of(services: &Services, kept: &Kept) -> Result<Refreshed, Refusal> {
    let not = |reason: &str, checked| Refreshed { renewed: false, reason: Some(reason.to_owned()), checked };
    match kept.did {
        Did::Renewed => Ok(Refreshed { renewed: true, reason: None, checked: true }),
        did @ (Did::Looked | Did::Nothing) => Ok(not(reason(services, kept), did == Did::Looked)),
        Did::Endured => Ok(not("rotation_uncertain", false)),
        Did::Dead | Did::Died => Err(Refusal::new(Code::ReauthorizationRequired, dead(&kept.grant).detail)),
        did @ (Did::Failed { .. } | Did::Postponed { .. }) => Err(later(did)),
    }
}

/// Why a grant that lives has no new tokens.
fn reason(services: &Services, kept: &Kept) -> &'static str {
    let entry = services.platforms.entry(&kept.grant.platform, Some(&kept.grant.method));
    match (entry.map(|e| e.renewal), kept.grant.renewal) {
        (Some(Rules::SelfExchange { .. }), Renewal::Extend) => "too_early",
        (Some(Rules::Endless), _) => "never_ends",
        (_, Renewal::None) => "only_a_person_can",
        _ => "not_needed",
    }
}

/// Only a person helps: an attempt that reconnects this account is begun for them, where the caller may.
async fn sign_in(
    services: &Services,
    actor: &Allowed<permit::AccountsRefresh>,
    kept: &Kept,
    id: AccountId,
) -> Result<Refusal, Error> {
    let detail = dead(&kept.grant).detail;
    let Ok(connects) = domain::Actor::clone(actor).allow::<permit::AccountsConnect>() else {
        return Ok(Refusal::new(Code::ReauthorizationRequired, detail));
    };
    let started = reconnect::reconnect(services, &connects, id, Again::default(), None).await?;
    let url = services.url(&format!("v1/oauth/start/{}", started.outcome().session));
    Ok(Refusal::connect(detail, url))
}
