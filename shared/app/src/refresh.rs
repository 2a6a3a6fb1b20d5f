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
    connect::start::{self, NewSession},
    idempotency::once,
    lease::{dead, later},
    renew::{self, Did, Kept, Want},
};

/// What a refresh did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// Whether there are new tokens.
    pub renewed: bool,
    /// Why not: a stable word.
    pub reason: Option<String>,
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
        let refreshed = match kept.did {
            Did::Renewed => Refreshed { renewed: true, reason: None },
            Did::Looked | Did::Nothing => {
                Refreshed { renewed: false, reason: Some(reason(services, &kept).to_owned()) }
            }
            Did::Endured => Refreshed { renewed: false, reason: Some("rotation_uncertain".to_owned()) },
            Did::Dead | Did::Died => return Err(sign_in(services, actor, &kept, id).await?.into()),
            did @ (Did::Failed { .. } | Did::Postponed { .. }) => return Err(later(did).into()),
        };
        ending.amend(services, &refreshed).await?;
        Ok(refreshed)
    }))
    .await
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
    let account = account::find(services, actor, id).await?;
    let ask =
        NewSession { method: Some(account.method.clone()), account: Some(id), ..NewSession::new(account.platform) };
    let started = start::start(services, &connects, &account.workspace, ask, None).await?;
    let url = services.url(&format!("v1/oauth/start/{}", started.outcome().session));
    Ok(Refusal::connect(detail, url))
}
