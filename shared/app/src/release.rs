//! Asking the other workspaces of the organisation to let an account go. Whoever asks learns nothing: neither whether
//! anybody has it, nor who.

use domain::{Account, AccountId, Allowed, Error, Fault, Lifecycle, OrgId, PlatformId, WorkspaceId, actor::permit};
use serde_json::json;
use store::{Committed, IdempotencyKey, Release};

use crate::{
    Once, Services, account, deliver,
    idempotency::{Ending, once},
    workspace::own,
};

/// How often it is judged again when the account changes meanwhile.
const TRIES: u32 = 8;

/// Asks for an account that the caller could not connect. Each workspace that has it is told once a day at most.
pub async fn ask(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    workspace: &WorkspaceId,
    (platform, platform_account_id): (&PlatformId, &str),
    message: Option<&str>,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    own(actor, workspace)?;
    let work = |ending: Ending| async move {
        ask_all(services, actor, platform, platform_account_id, message).await?;
        ending.amend(services, &()).await.map_err(Error::from)
    };
    Box::pin(once(services, key, work)).await
}

/// The same for an account of the caller's workspace that others have too.
pub async fn ask_for(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: AccountId,
    message: Option<&str>,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    let work = |ending: Ending| async move {
        let account = account::find(services, actor, id).await?;
        let platform_account_id = &account.profile.platform_account_id;
        ask_all(services, actor, &account.platform, platform_account_id, message).await?;
        ending.amend(services, &()).await.map_err(Error::from)
    };
    Box::pin(once(services, key, work)).await
}

async fn ask_all(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    platform: &PlatformId,
    platform_account_id: &str,
    message: Option<&str>,
) -> Result<(), Error> {
    let org = services.store.find_workspace(&actor.workspace, &actor.org).await?.org;
    let holders = services.store.find_holders(&org, platform, platform_account_id).await?;
    for holder in holders.into_iter().filter(|holder| *holder != actor.workspace) {
        let known = services.store.find_claimed(&holder, platform, &[platform_account_id]).await?;
        for account in known.into_iter().filter(|account| account.lifecycle == Lifecycle::Active) {
            tell(services, actor, &org, account, message).await?;
        }
    }
    Ok(())
}

/// Tells a workspace who asks and what they say, and not from where: its members may not know that workspace.
async fn tell(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    org: &OrgId,
    account: Account,
    message: Option<&str>,
) -> Result<(), Error> {
    let mut before = account;
    for _ in 0..TRIES {
        let now = services.now();
        let mut after = Account { version: before.version + 1, ..before.clone() };
        let data = json!({"asked_by": {"id": actor.sub, "name": actor.name}, "message": message});
        let events = [services.account_event(now, &mut after, "account.release_requested", data)];
        let release = Release {
            org,
            asks: &actor.workspace,
            platform: &before.platform,
            platform_account_id: &before.profile.platform_account_id,
            account: (&before, &after),
            events: &events,
            now,
        };
        if services.store.has_asked(&release).await? {
            return Ok(());
        }
        if services.store.ask_release(&release).await? == Committed::Done {
            deliver::publish(services, &events).await;
            return Ok(());
        }
        match services.store.find_account(&before.workspace, before.id).await? {
            Some(there) if there.lifecycle == Lifecycle::Active => before = there,
            _ => return Ok(()),
        }
    }
    Err(Fault::Store(format!("{} keeps changing", before.id)).into())
}
