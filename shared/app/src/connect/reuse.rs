//! Choosing from a consent that lives: a further account without asking the person again, where the
//! workspace's policy allows it.

use domain::{
    Account, Actor, Code, ConnectSession, Error, Grant, GrantId, Refusal, Workspace,
    connect::{Held, SELECTION_LIFETIME, Stage},
    grant::GrantState,
};
use platforms::{Connector, PlatformError, Reread};

use super::{callback, scopes};
use crate::Services;

/// The attempt as it waits for a choice from what `grant` offers now, and what it can choose from.
pub(super) async fn reuse(
    services: &Services,
    actor: &Actor,
    workspace: &Workspace,
    connector: &Connector,
    session: ConnectSession,
    reconnecting: Option<&Account>,
    grant: GrantId,
) -> Result<(ConnectSession, Held), Error> {
    if !workspace.policies.reuse_grant {
        let detail = "The workspace's policy reuse_grant is off: each account takes a consent of its own.";
        return Err(Refusal::new(Code::PermissionDenied, detail).into());
    }
    let grant = visible(services, actor, grant).await?;
    if grant.method != session.method || grant.app != connector.client_id {
        let detail = format!("That consent was not given by {}.", connector.entry.method_name);
        return Err(Refusal::field("/from_grant", "other_method", detail).into());
    }
    let tokens = services.vault.unseal(&grant.sealed_for(), &grant.envelope).await?;
    let reread = connector.client.reread(&tokens, &session.capabilities, services.now()).await;
    let Some(Reread { granted, offers }) = reread.map_err(|error| refusal(&error))? else {
        let detail = format!("A consent at {} is for one account.", connector.entry.platform_name);
        return Err(Refusal::new(Code::CapabilityUnsupported, detail).into());
    };
    let lacks = |scope: &&String| granted.as_ref().is_some_and(|granted| !granted.contains(scope));
    let missing: Vec<&str> = connector.entry.connect_scopes.iter().filter(lacks).map(String::as_str).collect();
    if !missing.is_empty() {
        let detail = format!("The living consent lacks {}; connect with a new one.", missing.join(", "));
        return Err(Refusal::new(Code::InsufficientPermissions, detail).into());
    }
    let welcome = callback::welcome(&session, reconnecting, &offers).map_err(nothing_to_choose)?;
    let now = services.now();
    let mut held = Held {
        person: grant.person.clone(),
        app: grant.app.clone(),
        expiry: grant.expiry,
        renewal: grant.renewal,
        requested: scopes(services, &session, connector),
        granted,
        candidates: callback::candidates(services, welcome),
        envelope: domain::Envelope(String::new()),
        sealed_as: GrantId::new(now, services.entropy.bytes()),
        reused: Some(grant.id),
    };
    let tokens = callback::with_children(tokens, offers);
    held.envelope = services.vault.seal(&held.sealed_for(&session.platform), &tokens).await?;
    let until = now + SELECTION_LIFETIME;
    let stage = Stage::AwaitingSelection { until, chosen: Vec::new(), accounts: Vec::new() };
    Ok((ConnectSession { stage, ..session }, held))
}

/// A living grant of the caller's workspace with an account in the caller's reach.
async fn visible(services: &Services, actor: &Actor, id: GrantId) -> Result<Grant, Error> {
    let grant = services.store.find_grant(id).await?;
    let grant = grant.filter(|g| g.workspace == actor.workspace && g.accounts.iter().any(|a| actor.sees(*a)));
    let grant = grant.ok_or(Code::NotFound)?;
    if grant.state == GrantState::Live { Ok(grant) } else { Err(Code::ConnectionExpired.into()) }
}

fn refusal(error: &PlatformError) -> Error {
    tracing::warn!(%error, "a living consent could not be read again");
    match error {
        PlatformError::GrantGone(_) => Code::ConnectionExpired,
        PlatformError::RoleLost | PlatformError::AccountGone | PlatformError::AccountTypeUnsupported => {
            Code::AccountNotUsable
        }
        PlatformError::AccountRestricted => Code::AccountNotUsable,
        other => callback::code_of(other),
    }
    .into()
}

/// A consent that offers nothing ends an attempt badly; here there is no attempt yet.
fn nothing_to_choose(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if refusal.code == Code::NoPagesFound => {
            Refusal::new(Code::AccountNotUsable, "The living consent offers nothing to connect.").into()
        }
        other => other,
    }
}
