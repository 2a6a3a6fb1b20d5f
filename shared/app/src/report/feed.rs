//! The address at which a calendar program reads when people must sign in again: it cannot sign in itself, so a secret in
//! the address stands for whoever opened it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{Allowed, Code, Digest, Error, OrgId, Secret, Timestamp, WorkspaceId, actor::permit, forecast::Feed};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use super::{Forecast, forecast::seen_by, is_everybodys};
use crate::{
    Once, Services,
    idempotency::{borrowed, once},
    workspace::own,
};

/// An open address, without the secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// When it was opened.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

impl From<Feed> for Open {
    fn from(feed: Feed) -> Self {
        Self { created_at: feed.created_at, created_by: feed.created_by }
    }
}

/// Opens an address, in place of one that was open. Its secret is told once and kept nowhere: a replayed request gets
/// everything but that.
pub async fn open(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
    key: Option<IdempotencyKey>,
) -> Result<(Once<Open>, Option<Secret>), Error> {
    own(actor, workspace)?;
    let mut told = None;
    let slot = &mut told;
    let once = once(services, key, |ending| async move {
        let secret = Secret::new(BASE64.encode(services.entropy.bytes::<32>()));
        let proof = Digest::of(secret.expose());
        let feed = Feed { proof, created_at: services.now(), created_by: actor.sub.clone() };
        let open = Open::from(feed.clone());
        let finish = ending.with(&open)?;
        match services.store.set_forecast_feed(workspace, Some(&feed), borrowed(finish.as_ref())).await? {
            Committed::Done => {
                *slot = Some(secret);
                Ok(open)
            }
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await?;
    Ok((once, told))
}

/// The address that is open, if one is.
pub async fn get(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
) -> Result<Option<Open>, Error> {
    own(actor, workspace)?;
    Ok(services.store.find_forecast_feed(workspace).await?.map(Open::from))
}

/// Closes it: calendars that read it find nothing from then on. Where none is open, nothing is done.
pub async fn close(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    own(actor, workspace)?;
    once(services, key, |ending| async move {
        let finish = ending.with(&())?;
        match services.store.set_forecast_feed(workspace, None, borrowed(finish.as_ref())).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await
}

/// What whoever has the secret reads: when people must act for the accounts that everybody in the workspace sees. A wrong
/// secret and a workspace that has none open are the same.
pub async fn read(services: &Services, workspace: &WorkspaceId, secret: &Secret) -> Result<Forecast, Error> {
    let feed = services.store.find_forecast_feed(workspace).await?.ok_or(Code::NotFound)?;
    // Digests are compared, and of a digest nobody learns the secret.
    if feed.proof != Digest::of(secret.expose()) {
        return Err(Code::NotFound.into());
    }
    Ok(seen_by(services, workspace, &OrgId::from(workspace), None, is_everybodys).await?)
}
