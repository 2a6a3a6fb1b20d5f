//! Somebody wants an account's data fetched now.

use domain::{
    Account, AccountId, Allowed, Code, ConnectedBy, Error, Lifecycle, Refusal, Run, RunId,
    account::Visibility,
    actor::permit,
    capability::Availability,
    sync::{Asked, COOLDOWN, Scope, Trigger},
};
use serde_json::json;
use store::{AskSync, AskedSync, IdempotencyKey};

use super::{is_fetched, plan::code, save};
use crate::{
    Once, Services, account,
    budget::{self, Class, Want},
    health,
    idempotency::{borrowed, once},
};

/// How often a wish is judged again when others change the same account.
const TRIES: u32 = 8;

/// Queues a run that fetches an account's data, of these scopes or whatever is due. It is begun at once by whoever hears
/// `sync.requested`, and by the schedule if nobody does.
pub async fn ask(
    services: &Services,
    actor: &Allowed<permit::AccountsSync>,
    id: AccountId,
    scope: Vec<Scope>,
    key: Option<IdempotencyKey>,
) -> Result<Once<RunId>, Error> {
    Box::pin(once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let now = services.now();
            let before = account::find(services, actor, id).await?;
            let workspace = services.store.find_workspace(&actor.workspace, &actor.org).await?;
            workspace.open()?;
            may_be_fetched(services, &before, &scope)?;
            let sync = services.store.find_sync(&before).await?.ok_or(Code::CapabilityUnsupported)?;
            if sync.sync.asked.is_some() || sync.is_held(now) {
                return Err(Refusal::plain(Code::SyncInProgress).into());
            }
            if let Some(free_at) = sync.sync.free_at().filter(|at| *at > now) {
                return Err(Refusal::later(Code::SyncCooldown, free_at).into());
            }
            has_budget(services, &before).await?;
            let asked = Asked {
                run: RunId::new(now, services.entropy.bytes()),
                trigger: Trigger::Manual,
                scope: scope.clone(),
                at: now,
            };
            let by = ConnectedBy { kind: "user".to_owned(), id: actor.sub.clone(), name: actor.name.clone() };
            let run = Run::sync(asked.run, &before, workspace.org.clone(), &asked, by);
            let mut after = before.clone();
            after.fetched.in_flight_since = Some(now);
            after.known_since(&before, now);
            after.version += 1;
            let finish = ending.with(&run.id)?;
            let ask = AskSync {
                before: &before,
                after: &after,
                asked: &asked,
                run: &run,
                finish: borrowed(finish.as_ref()),
                now,
            };
            match services.store.ask_sync(&ask).await? {
                AskedSync::Queued => {
                    ring(services, &after, run.id).await;
                    return Ok(run.id);
                }
                AskedSync::InFlight => return Err(Refusal::plain(Code::SyncInProgress).into()),
                AskedSync::Stale => {}
            }
        }
        Err(Code::Busy.into())
    }))
    .await
}

/// Whether anything can be fetched, or why not.
fn may_be_fetched(services: &Services, account: &Account, scope: &[Scope]) -> Result<(), Refusal> {
    if account.lifecycle != Lifecycle::Active {
        return Err(Refusal::plain(Code::AccountDisconnected));
    }
    if account.is_over_plan() {
        return Err(Refusal::suspended());
    }
    if account.suspended.is_some() {
        return Err(Refusal::plain(Code::AccountNotUsable));
    }
    if account.grant_facts.dead.is_some() {
        return Err(Refusal::plain(Code::ConnectionExpired));
    }
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    if !entry.is_some_and(|entry| is_fetched(entry)) {
        return Err(Refusal::new(Code::CapabilityUnsupported, "This platform tells nothing of its accounts."));
    }
    let capabilities = health::known(services, account, &account.facts()).capabilities;
    for (place, scope) in scope.iter().enumerate() {
        let needed = match scope {
            Scope::Profile | Scope::Followers => continue,
            Scope::Metrics => domain::Capability::Analytics,
            Scope::Audience => domain::Capability::Audience,
        };
        if capabilities.get(&needed) != Some(&Availability::Available) {
            let detail =
                format!("{} of this account cannot be read: {} is not available.", scope.as_str(), needed.as_str());
            return Err(Refusal::field(&format!("/scope/{place}"), "unavailable", detail));
        }
    }
    Ok(())
}

/// Whether the platform's budget has room for one more look, or when it has. What a look needs is taken when it is made.
async fn has_budget(services: &Services, account: &Account) -> Result<(), Error> {
    let of = [(account.workspace.clone(), account.id)];
    let want = Want::one(account, Class::Profile, &of);
    let taken = budget::take(services, &want).await?;
    budget::give_back(services, &want, &taken, taken.go).await?;
    match taken.rest {
        Some(refused) if taken.go == 0 => Err(Refusal::later(code(refused.why), refused.until).into()),
        _ => Ok(()),
    }
}

/// Says to the bus that somebody waits. A lost word is harmless: the schedule finds what is due.
async fn ring(services: &Services, account: &Account, run: RunId) {
    let data = json!({"run_id": run, "platform": account.platform});
    let event = services.event(services.now(), &account.workspace, "sync.requested", data);
    let private = account.settings.visibility == Visibility::Private;
    let event = domain::Event { account_id: Some(account.id), private, ..event };
    let published = services.events.publish(&[event]).await;
    if let Some(fault) = published.fault {
        tracing::warn!(%fault, %run, "nobody was told that a run waits");
    }
}

/// How long one waits between two wishes, in seconds.
pub const COOLDOWN_S: i64 = COOLDOWN.as_secs();

/// The runs of an account that are remembered, the newest first.
pub async fn list(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
) -> Result<Vec<Run>, Error> {
    let account = account::find(services, actor, id).await?;
    match services.store.find_sync(&account).await? {
        Some(held) => Ok(save::runs(services, &account.workspace, &held.sync).await?),
        None => Ok(Vec::new()),
    }
}
