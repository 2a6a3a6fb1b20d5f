//! API keys: programs call by them, within what their makers may do themselves.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{
    Actor, Allowed, ApiKey, ApiKeyId, Code, Digest, Error, Fault, OrgId, Permission, Refusal, Role, Secret, Timestamp,
    WorkspaceId,
    actor::{Credential, permit},
    api_key::{MARK, Proof, Scope},
};
use jiff::SignedDuration;
use store::{ApiKeyPage, Committed, IdempotencyKey};

use crate::{
    Once, Services,
    idempotency::{borrowed, once},
    workspace::own,
};

/// The longest time that a text goes on beside the one that takes its place.
pub const LONGEST_OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often it is noted at most that a key was used.
const NOTED: SignedDuration = SignedDuration::from_mins(1);
/// How often a change is judged again when others change the same key.
const TRIES: u32 = 8;
/// What the operator is called, and the workspace that they are in, which is nobody's.
const OPERATOR: &str = "operator";
/// Length of a key: the mark, and 256 bits in base64.
const LENGTH: usize = MARK.len() + 43;

/// What a key shall be.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub scopes: BTreeSet<Scope>,
    /// Where it is good; in the workspace that keeps it if none is said.
    pub workspaces: Option<BTreeSet<WorkspaceId>>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Who calls by a key, in the workspace that the request names. Nobody, whatever is wrong with it.
pub async fn caller(services: &Services, text: &str, named: Option<&str>) -> Result<Option<Actor>, Fault> {
    if text.len() != LENGTH {
        return Ok(None);
    }
    if services.operator.as_ref() == Some(&Digest::of_bytes(text.as_bytes())) {
        return Ok(operator());
    }
    let proof = Digest::of(text);
    let Some(badge) = services.store.find_badge(&proof).await? else { return Ok(None) };
    let now = services.now();
    let Some(actor) = badge.actor(named, now) else { return Ok(None) };
    if badge.used_at.is_none_or(|before| now.duration_since(before) >= NOTED)
        && let Err(fault) = services.store.note_key_used(&proof, &badge, now).await
    {
        tracing::warn!(%fault, "the use of a key could not be noted");
    }
    Ok(Some(actor))
}

/// Whoever runs the product, in no workspace of anybody's: what the scope `ops:*` gives, and nothing else.
fn operator() -> Option<Actor> {
    let workspace: WorkspaceId = OPERATOR.parse().ok()?;
    Some(Actor {
        sub: OPERATOR.to_owned(),
        credential: Credential::ApiKey { is_ai: false },
        name: None,
        org: OrgId::from(&workspace),
        workspace,
        role: Role::Viewer,
        plan: None,
        perms: Some(Scope::Ops.permissions().iter().map(|permission| permission.as_str().to_owned()).collect()),
        accounts: Some(Vec::new()),
        workspaces: BTreeMap::new(),
    })
}

/// Makes a key. Its text is told once and kept nowhere: a replayed request gets everything but that.
pub async fn create(
    services: &Services,
    actor: &Allowed<permit::ApiKeysManage>,
    workspace: &WorkspaceId,
    ask: NewApiKey,
    key: Option<IdempotencyKey>,
) -> Result<(Once<ApiKey>, Option<Secret>), Error> {
    own(actor, workspace)?;
    let mut told = None;
    let slot = &mut told;
    let once = once(services, key, |ending| async move {
        let now = services.now();
        let workspaces = may_give(actor, &ask, now)?;
        let text = text(services);
        let key = ApiKey {
            id: ApiKeyId::new(now, services.entropy.bytes()),
            workspace: actor.workspace.clone(),
            org: actor.org.clone(),
            name: ask.name,
            scopes: ask.scopes,
            workspaces,
            accounts: actor.accounts.clone(),
            created_by: actor.sub.clone(),
            created_by_name: actor.name.clone(),
            created_at: now,
            expires_at: ask.expires_at,
            revoked_at: None,
            proofs: vec![Proof::of(text.expose())],
            last_used_at: None,
            version: 1,
        };
        let finish = ending.with(&key)?;
        match services.store.save_api_key(None, &key, borrowed(finish.as_ref()), now).await? {
            Committed::Done => {
                *slot = Some(text);
                Ok(key)
            }
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await?;
    Ok((once, told))
}

/// One page of the workspace's keys, oldest first; such as have ended stay for 90 days.
pub async fn list(
    services: &Services,
    actor: &Allowed<permit::ApiKeysManage>,
    workspace: &WorkspaceId,
    after: Option<ApiKeyId>,
    limit: usize,
) -> Result<ApiKeyPage, Error> {
    own(actor, workspace)?;
    Ok(services.store.list_api_keys(&actor.workspace, after, limit).await?)
}

/// Gives a key another text; the one before goes on for a while.
pub async fn rotate(
    services: &Services,
    actor: &Allowed<permit::ApiKeysManage>,
    workspace: &WorkspaceId,
    id: ApiKeyId,
    overlap: SignedDuration,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<(Once<ApiKey>, Option<Secret>), Error> {
    own(actor, workspace)?;
    let mut told = None;
    let slot = &mut told;
    let once = once(services, key, |ending| async move {
        let text = text(services);
        let change = |key: &mut ApiKey, now| {
            // A text goes on only for those who could have made it.
            may_give(actor, &asked(key), now)?;
            key.rotate(text.expose(), now + overlap, now);
            Ok(())
        };
        let rotated = changed(services, actor, id, change, if_match, &ending).await?;
        *slot = Some(text);
        Ok(rotated)
    })
    .await?;
    Ok((once, told))
}

/// Ends a key at once.
pub async fn revoke(
    services: &Services,
    actor: &Allowed<permit::ApiKeysManage>,
    workspace: &WorkspaceId,
    id: ApiKeyId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<ApiKey>, Error> {
    own(actor, workspace)?;
    once(services, key, |ending| async move {
        let change = |key: &mut ApiKey, now| {
            key.revoke(now);
            Ok(())
        };
        changed(services, actor, id, change, if_match, &ending).await
    })
    .await
}

/// The next version of a living key; one that has ended is not there to be changed.
async fn changed(
    services: &Services,
    actor: &Actor,
    id: ApiKeyId,
    change: impl Fn(&mut ApiKey, Timestamp) -> Result<(), Refusal> + Send + Sync,
    if_match: Option<u64>,
    ending: &crate::idempotency::Ending,
) -> Result<ApiKey, Error> {
    for _ in 0..TRIES {
        let now = services.now();
        let before = services.store.find_api_key(&actor.workspace, id).await?.filter(|key| key.lives(now));
        let before = before.ok_or(Code::NotFound)?;
        if if_match.is_some_and(|version| version != before.version) {
            return Err(Code::VersionConflict.into());
        }
        let mut after = before.clone();
        change(&mut after, now)?;
        let finish = ending.with(&after)?;
        match services.store.save_api_key(Some(&before), &after, borrowed(finish.as_ref()), now).await? {
            Committed::Done => return Ok(after),
            Committed::Refused(_) | Committed::Busy => {}
        }
    }
    Err(Code::Busy.into())
}

/// 256 random bits behind the mark.
fn text(services: &Services) -> Secret {
    Secret::new(format!("{MARK}{}", BASE64.encode(services.entropy.bytes::<32>())))
}

/// A key as it would be asked for again.
fn asked(key: &ApiKey) -> NewApiKey {
    NewApiKey {
        name: key.name.clone(),
        scopes: key.scopes.clone(),
        workspaces: Some(key.workspaces.clone()),
        expires_at: key.expires_at,
    }
}

/// Where the key is good, if whoever makes it may do all of that there too.
fn may_give(actor: &Actor, ask: &NewApiKey, now: Timestamp) -> Result<BTreeSet<WorkspaceId>, Refusal> {
    let own = BTreeSet::from([actor.workspace.clone()]);
    let workspaces = ask.workspaces.clone().unwrap_or(own);
    if !workspaces.contains(&actor.workspace) {
        let detail = format!("{} keeps the key, so it is among the workspaces where the key is good.", actor.workspace);
        return Err(Refusal::field("/workspaces", "missing", detail));
    }
    if ask.expires_at.is_some_and(|ends| ends <= now) {
        return Err(Refusal::field("/expires_at", "out_of_range", "expires_at is in the future."));
    }
    if ask.scopes.contains(&Scope::Ops) {
        return Err(Refusal::new(Code::PermissionDenied, "No member of a workspace can give ops:*."));
    }
    let given: BTreeSet<Permission> = ask.scopes.iter().flat_map(|scope| scope.permissions()).copied().collect();
    if let Some(lacking) = given.iter().find(|permission| !actor.may(**permission)) {
        let detail = format!("You cannot give a key {}, which you do not have.", lacking.as_str());
        return Err(Refusal::new(Code::PermissionDenied, detail));
    }
    let least = given.iter().filter_map(|permission| permission.least()).fold(Role::Admin, Role::max);
    let held = |workspace: &WorkspaceId| {
        *workspace == actor.workspace || actor.workspaces.get(workspace).is_some_and(|role| *role >= least)
    };
    if let Some(elsewhere) = workspaces.iter().find(|workspace| !held(workspace)) {
        let detail = format!("You are not {} in {elsewhere}, so you cannot make a key for it.", least.as_str());
        return Err(Refusal::new(Code::PermissionDenied, detail));
    }
    Ok(workspaces)
}
