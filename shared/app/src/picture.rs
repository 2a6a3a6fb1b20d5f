//! An account's picture: our own small one, so that no browser is sent to a platform's address, which ends after days.

use domain::{
    Account, AccountId, Allowed, Code, Error, Fault, GrantId, Lifecycle, OrgId, TokenSet,
    actor::permit,
    grant::GrantState,
    picture::{Kept, Picture, Source},
};
use platforms::{Entry, PictureError, Which};
use tokio::sync::Semaphore;

use crate::{Services, account};

/// How many are decoded at once: each may take a hundred megabytes for a moment.
static DECODING: Semaphore = Semaphore::const_new(1);

/// The picture of an account as it is kept, looked for anew when that is old. `not_found` where there is none.
pub async fn get(services: &Services, actor: &Allowed<permit::AccountsRead>, id: AccountId) -> Result<Picture, Error> {
    let account = account::find(services, actor, id).await?;
    let kept = services.store.find_picture(&account.workspace, id).await?;
    let now = services.now();
    let source = source(services, &account, kept.as_ref(), &actor.org).await?;
    let picture = match kept {
        // What is disconnected is not looked for.
        Some(kept) if account.lifecycle == Lifecycle::Disconnected || kept.is_current(&source, now) => kept.picture,
        None if account.lifecycle == Lifecycle::Disconnected => None,
        kept => {
            let (source, found) = look(services, &account, source).await?;
            let (old, fetched_at) = kept.map(|kept| (kept.picture, kept.fetched_at)).unwrap_or_default();
            let next = match found {
                Found::Picture(picture) => {
                    Kept { source, looked_at: now, fetched_at: Some(now), picture: Some(picture) }
                }
                Found::None => Kept { source, looked_at: now, fetched_at: Some(now), picture: None },
                Found::Unknown => Kept { source, looked_at: now, fetched_at, picture: old },
            };
            services.store.keep_picture(&account.workspace, id, &next).await?;
            next.picture
        }
    };
    picture.ok_or_else(|| Code::NotFound.into())
}

/// Where it is, as far as is known: what a later look found, or else what the consent told.
async fn source(services: &Services, account: &Account, kept: Option<&Kept>, org: &OrgId) -> Result<Source, Fault> {
    let named_at = Source::consented_at(account);
    if let Some(kept) = kept.filter(|kept| kept.source.named_at >= named_at) {
        return Ok(kept.source.clone());
    }
    let workspace = services.store.glance_workspace(&account.workspace, org).await?;
    let address = services.store.find_picture_address(&workspace.org, account).await?;
    Ok(Source { address, named_at })
}

/// What a look finds.
enum Found {
    Picture(Picture),
    /// The account has none.
    None,
    /// It could not be had.
    Unknown,
}

/// Looks where the platform says that it is. Where the platform may name another address by now, and asking costs
/// nothing, it is asked first; an address that does not hold any more is asked for wherever that is possible.
async fn look(services: &Services, account: &Account, mut source: Source) -> Result<(Source, Found), Fault> {
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let Some(entry) = entry.cloned() else { return Ok((source, Found::Unknown)) };
    let mut asked = false;
    if source.is_old(services.now()) && entry.free_probe {
        asked = true;
        source = named_anew(services, account).await?.unwrap_or(source);
    }
    loop {
        let Some(address) = &source.address else { return Ok((source, Found::None)) };
        match fetch(services, &entry, address).await {
            Ok(picture) => return Ok((source, Found::Picture(picture))),
            Err(PictureError::Gone) if !asked => {
                asked = true;
                match named_anew(services, account).await? {
                    Some(named) => source = named,
                    None => return Ok((source, Found::Unknown)),
                }
            }
            Err(error) => {
                tracing::warn!(account = %account.id, %error, "a picture could not be had");
                return Ok((source, Found::Unknown));
            }
        }
    }
}

async fn fetch(services: &Services, entry: &Entry, address: &str) -> Result<Picture, PictureError> {
    draw(services.platforms.picture(entry, address).await?).await
}

/// A file as a small picture of our own.
pub(crate) async fn draw(file: Vec<u8>) -> Result<Picture, PictureError> {
    let broken = |_| PictureError::Unfit("decoding was given up");
    let permit = DECODING.acquire().await.map_err(|_| PictureError::Unfit("nothing is decoded any more"))?;
    let drawn = tokio::task::spawn_blocking(move || platforms::draw(&file)).await.map_err(broken);
    drop(permit);
    drawn?
}

/// Asks the platform where the picture is now, with the token that lives: for a picture nothing is renewed.
async fn named_anew(services: &Services, account: &Account) -> Result<Option<Source>, Fault> {
    let (Some(grant), Some(connector)) =
        (account.grant, services.platforms.connector(&account.platform, &account.method))
    else {
        return Ok(None);
    };
    let Some(tokens) = living(services, grant).await? else { return Ok(None) };
    let profile = &account.profile;
    let which = Which { id: &profile.platform_account_id, kind: &profile.kind };
    let now = services.now();
    match connector.client.profile(&tokens, which, now).await {
        Ok(snapshot) => Ok(Some(Source { address: snapshot.profile.picture_url, named_at: now })),
        Err(error) => {
            tracing::info!(account = %account.id, %error, "a picture's address could not be asked for");
            Ok(None)
        }
    }
}

/// The tokens of a grant as they are, if they can be used now and the platform is not in trouble.
async fn living(services: &Services, id: GrantId) -> Result<Option<TokenSet>, Fault> {
    let now = services.now();
    let grant = services.store.find_grant(id).await?;
    let usable = |grant: &domain::Grant| {
        grant.state == GrantState::Live && grant.upkeep.dead.is_none() && grant.access_lives(now)
    };
    let Some(grant) = grant.filter(usable) else { return Ok(None) };
    if services.guard.shut_until(services, &grant).await?.is_some() {
        return Ok(None);
    }
    services.tokens(&grant).await
}
