//! In which words health is told: one of the shipped vocabularies, or the workspace's own.

use std::borrow::Cow;

use domain::{
    Actor, Allowed, Code, Error, Fault, Refusal, Workspace, WorkspaceId,
    actor::permit,
    error::More,
    health::vocabulary::{self, Draft, OWN, Own, Vocabulary},
};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services,
    idempotency::{borrowed, once},
    workspace::own,
};

/// How often a change is judged again when others change the same record.
const TRIES: u32 = 8;

/// Which vocabulary a caller asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Whatever the workspace has decided.
    Usual,
    /// This one.
    Shipped(&'static Vocabulary),
    /// The workspace's own.
    Own,
}

/// A vocabulary as it is shown, and its version; none of it is the workspace's own where that is 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// `own`, or the id of a shipped one.
    pub id: String,
    /// As it was written.
    pub draft: Draft,
    /// Counts every change.
    pub version: u64,
}

impl Asked {
    /// From the id that a caller sent, if one was sent.
    pub fn read(id: Option<&str>) -> Result<Self, Refusal> {
        let unknown = || Refusal::field("/vocabulary", "unknown", "vocabulary is s0, s1, s2, s3, s4 or own.");
        match id {
            None => Ok(Self::Usual),
            Some(OWN) => Ok(Self::Own),
            Some(id) => vocabulary::find(Some(id)).map(Self::Shipped).ok_or_else(unknown),
        }
    }

    /// Its words for a caller, whose workspace was not read yet.
    pub async fn words_for(self, services: &Services, actor: &Actor) -> Result<Cow<'static, Vocabulary>, Error> {
        if let Self::Shipped(shipped) = self {
            return Ok(Cow::Borrowed(shipped));
        }
        let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
        self.words(services, &workspace).await
    }

    /// Its words. The workspace's own is read only where it is wanted; where it is usual and was taken away, the first
    /// of the shipped ones takes its place.
    pub async fn words(self, services: &Services, workspace: &Workspace) -> Result<Cow<'static, Vocabulary>, Error> {
        let usual = workspace.policies().vocabulary.as_deref();
        let first = || vocabulary::find(None).ok_or_else(|| Fault::Inconsistent("no vocabulary is shipped".to_owned()));
        match self {
            Self::Shipped(shipped) => Ok(Cow::Borrowed(shipped)),
            Self::Usual if usual != Some(OWN) => match usual.and_then(|id| vocabulary::find(Some(id))) {
                Some(shipped) => Ok(Cow::Borrowed(shipped)),
                None => Ok(Cow::Borrowed(first()?)),
            },
            Self::Usual | Self::Own => match services.store.find_vocabulary(&workspace.id).await? {
                Some(own) => Ok(Cow::Owned(read(own)?)),
                None if self == Self::Usual => Ok(Cow::Borrowed(first()?)),
                None => {
                    let detail = "This workspace has no vocabulary of its own.";
                    Err(Refusal::field("/vocabulary", "unknown", detail).into())
                }
            },
        }
    }
}

fn read(own: Own) -> Result<Vocabulary, Fault> {
    Vocabulary::read(OWN, own.draft).map_err(|faults| Fault::Inconsistent(format!("a vocabulary: {faults:?}")))
}

/// The workspace's own vocabulary; to begin with, the first of the shipped ones.
pub async fn get(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<Kept, Error> {
    own(actor, workspace)?;
    if let Some(Own { draft, version }) = services.store.find_vocabulary(workspace).await? {
        return Ok(Kept { id: OWN.to_owned(), draft, version });
    }
    let first = vocabulary::find(None).ok_or_else(|| Fault::Inconsistent("no vocabulary is shipped".to_owned()))?;
    Ok(Kept { id: first.id.clone(), draft: first.draft.clone(), version: 0 })
}

/// Gives the workspace another vocabulary of its own.
pub async fn set(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
    draft: Draft,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Kept>, Error> {
    own(actor, workspace)?;
    let Vocabulary { draft, .. } = Vocabulary::read(OWN, draft).map_err(|faults| {
        let detail = "The vocabulary is not complete, or not right.";
        Refusal { more: More::Fields(faults), ..Refusal::new(Code::ValidationFailed, detail) }
    })?;
    let draft = &draft;
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let before = version(services, actor, if_match).await?;
            let kept = Kept { id: OWN.to_owned(), draft: draft.clone(), version: before + 1 };
            let after = Own { draft: draft.clone(), version: before + 1 };
            let finish = ending.with(&kept)?;
            let done =
                services.store.set_vocabulary(workspace, before, Some(&after), borrowed(finish.as_ref())).await?;
            if done == Committed::Done {
                return Ok(kept);
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// Takes the workspace's own vocabulary away. One that is not there is answered alike.
pub async fn remove(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    own(actor, workspace)?;
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let before = version(services, actor, if_match).await?;
            let finish = ending.with(&())?;
            let done = services.store.set_vocabulary(workspace, before, None, borrowed(finish.as_ref())).await?;
            if done == Committed::Done {
                return Ok(());
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// The version that is there, if it is the one that the caller knows.
async fn version(services: &Services, actor: &Actor, if_match: Option<u64>) -> Result<u64, Error> {
    let before = services.store.find_vocabulary(&actor.workspace).await?.map_or(0, |own| own.version);
    if if_match.is_some_and(|version| version != before) { Err(Code::VersionConflict.into()) } else { Ok(before) }
}
