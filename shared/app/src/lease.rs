//! Credential leases: a publisher gets an account's access token for a while, renewed first, never the refresh token.

use domain::{
    Account, AccountId, Actor, Allowed, Capability, Code, DeadReason, Error, Grant, Lifecycle, Refusal, Role, Secret,
    Timestamp, TokenSet,
    account::Right,
    actor::{Credential, permit},
    capability::Availability,
    health::Policy,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services, account, audit,
    connect::for_callers,
    deliver, health,
    idempotency::once,
    renew::{self, Did, Want},
};

/// A lease lasts at most so long, whatever the token's own time: who needs it longer asks again, and learns then that
/// the account was disconnected.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// How much of a signature tells users apart.
const DIGEST: usize = 22;
/// How often it is tried to tell of a newcomer when others change the same account.
const TRIES: u32 = 8;

/// A lease, without its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leased {
    /// Of which account.
    pub account: AccountId,
    /// The platform's id of it.
    pub platform_account_id: String,
    /// What for.
    pub purpose: Capability,
    /// Until when it may be used.
    pub valid_until: Timestamp,
}

/// A person for whom a program asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalfOf {
    /// Their id at the SaaS.
    pub id: String,
    /// Their role in the workspace, as the SaaS says.
    pub role: Role,
}

/// Gives an access token that is good for a purpose. Where a program asks for a person, the person's rights decide too.
/// The edge writes down who got it before it answers. A replayed request gets everything but the token, which is kept
/// nowhere.
pub async fn lease(
    services: &Services,
    actor: &Allowed<permit::CredentialsLease>,
    id: AccountId,
    purpose: Capability,
    person: Option<&OnBehalfOf>,
    key: Option<IdempotencyKey>,
) -> Result<(Once<Leased>, Option<Secret>), Error> {
    if person.is_some() && actor.credential == Credential::Token {
        let detail = "A token says already who asks; only a program that calls by an API key names somebody.";
        return Err(Refusal::field("/on_behalf_of", "not_a_program", detail).into());
    }
    let mut token = None;
    let slot = &mut token;
    let once = Box::pin(once(services, key, |ending| async move {
        let mut outcome = Box::pin(take(services, actor, id, purpose, person)).await;
        // The last look before a token is handed out: none is after a lockdown was answered.
        if !matches!(&outcome, Err(Error::Refused(refusal)) if refusal.code == Code::NotFound) {
            let workspace = services.store.find_workspace(&actor.workspace, &actor.org).await?;
            outcome = workspace.open().map_err(Error::from).and(outcome);
        }
        let (leased, secret) = outcome?;
        let who = person.map_or(&actor.sub, |person| &person.id);
        let digest = services.edge.sign("account user", who).expose().chars().take(DIGEST).collect::<String>();
        if services.store.count_use(&actor.workspace, id, &digest, services.now()).await? {
            tell_newcomer(services, actor, id, purpose, person).await?;
        }
        ending.amend(services, &leased).await?;
        *slot = Some(secret);
        Ok(leased)
    }))
    .await?;
    Ok((once, token))
}

/// Tells that somebody used an account who never had: most likely a new colleague, and worth a look if it is none.
async fn tell_newcomer(
    services: &Services,
    actor: &Actor,
    id: AccountId,
    purpose: Capability,
    person: Option<&OnBehalfOf>,
) -> Result<(), Error> {
    for _ in 0..TRIES {
        let Some(before) = services.store.find_account(&actor.workspace, id).await? else { return Ok(()) };
        let mut after = Account { version: before.version + 1, ..before.clone() };
        let data = json!({
            "reason": "first_use", "by": {"id": actor.sub, "credential": audit::credential(actor)},
            "on_behalf_of": person.map(|person| &person.id), "purpose": purpose.as_str(),
        });
        let now = services.now();
        let events = [services.account_event(now, &mut after, "account.access_unusual", data)];
        if services.store.tell(&[(before, after)], &events, now).await? == Committed::Done {
            deliver::publish(services, &events).await;
            return Ok(());
        }
    }
    Err(Code::Busy.into())
}

async fn take(
    services: &Services,
    actor: &Allowed<permit::CredentialsLease>,
    id: AccountId,
    purpose: Capability,
    person: Option<&OnBehalfOf>,
) -> Result<(Leased, Secret), Error> {
    let right = Some(Right::for_purpose(purpose));
    let account = account::find_by(services, actor, id, right).await?;
    if let Some(OnBehalfOf { id: person, role }) = person {
        let person = actor.on_behalf_of(person.clone(), *role).allow::<permit::CredentialsLease>()?;
        account::find_by(services, &person, id, right).await?;
    }
    usable(services, &account, purpose)?;
    let Some(grant) = account.grant else { return Err(Refusal::plain(Code::AccountDisconnected).into()) };
    let kept = renew::token(services, grant, Want::Token).await?;
    let now = services.now();
    match (kept.did, kept.tokens) {
        (Did::Dead | Did::Died, _) => Err(dead(&kept.grant).into()),
        (_, Some(tokens)) if kept.grant.access_lives(now) => {
            let token = of(&tokens, &account);
            let valid_until = kept.grant.expiry.access.map_or(now + LONGEST, |ends| ends.min(now + LONGEST));
            let platform_account_id = account.profile.platform_account_id;
            Ok((Leased { account: id, platform_account_id, purpose, valid_until }, token))
        }
        (did, _) => Err(later(did).into()),
    }
}

/// Whether an account may be used for a purpose as it is known.
fn usable(services: &Services, account: &Account, purpose: Capability) -> Result<(), Refusal> {
    if account.lifecycle == Lifecycle::Disconnected {
        return Err(Refusal::plain(Code::AccountDisconnected));
    }
    if account.is_over_plan() {
        return Err(Refusal::suspended());
    }
    let word = purpose.as_str();
    // When it is told that a person must act keeps nobody from publishing, so the workspace is not asked.
    let judged = health::judge(services, &[], account, &account.facts(), services.now(), &Policy::default());
    match judged.capabilities.get(&purpose) {
        Some(Availability::Available | Availability::Unknown) => Ok(()),
        Some(Availability::Unavailable(Code::InsufficientPermissions)) => {
            let detail = format!("The person did not allow what {word} needs: {}.", account.access.missing.join(", "));
            Err(Refusal::new(Code::InsufficientPermissions, detail))
        }
        Some(Availability::Unavailable(code)) => {
            Err(Refusal::new(for_callers(*code), format!("{} {}", code.cause(), code.next_step())))
        }
        Some(Availability::NotAsked) | None => {
            let detail = format!("Nobody was asked for {word} when the account was connected; reconnect it for that.");
            Err(Refusal::new(Code::InsufficientPermissions, detail))
        }
    }
}

/// The account's own token where it has one, else the person's.
fn of(tokens: &TokenSet, account: &Account) -> Secret {
    tokens.children.get(&account.profile.platform_account_id).unwrap_or(&tokens.access).clone()
}

/// A consent that has ended, and why.
pub(crate) fn dead(grant: &Grant) -> Refusal {
    let why = match grant.upkeep.dead.map(|dead| dead.reason) {
        Some(DeadReason::Revoked) => "the person or the platform took it back",
        Some(DeadReason::PasswordChanged) => "the person's password has changed",
        Some(DeadReason::TwoFactor) => "the person has something to confirm at the platform",
        Some(DeadReason::RotationLost) => "the platform's answer with the next token was lost",
        Some(DeadReason::Expired | DeadReason::InvalidGrant) | None => "its time is over",
    };
    Refusal::new(Code::ConnectionExpired, format!("The consent has ended: {why}. Reconnect the account."))
}

/// Why a token is not to be had now, and when to ask again.
pub(crate) fn later(did: Did) -> Refusal {
    let (code, at) = match did {
        Did::Postponed { until: Some(until) } => (Code::PlatformUnavailable, Some(until)),
        Did::Failed { code: code @ (Code::PlatformUnreachable | Code::PlatformRateLimited), until } => (code, until),
        Did::Failed { code: code @ (Code::PlatformNotConfigured | Code::InsufficientPermissions), .. } => (code, None),
        Did::Failed { until, .. } => (Code::PlatformUnavailable, until),
        _ => (Code::RefreshInProgress, None),
    };
    at.map_or_else(|| Refusal::plain(code), |at| Refusal::later(code, at))
}
