//! Choosing from a consent that lives: a further account without asking the person again, where the
//! workspace's policy allows it. The attempt begins where no token can be opened; what the consent offers is
//! read when somebody wants to choose.

use domain::{
    Actor, Code, ConnectSession, Error, Grant, GrantId, Refusal, Workspace,
    account::Right,
    connect::{Held, SELECTION_LIFETIME, Stage},
    grant::GrantState,
};
use platforms::{Connector, PlatformError, Reread};

use super::{callback, for_callers, gap, scopes};
use crate::{Services, account};

/// Where an attempt begins that chooses from a living grant of the caller's workspace.
pub(super) async fn begin(
    services: &Services,
    actor: &Actor,
    workspace: &Workspace,
    connector: &Connector,
    grant: GrantId,
) -> Result<Stage, Error> {
    if !workspace.policies().reuse_grant {
        let detail = "The workspace's policy reuse_grant is off: each account takes a consent of its own.";
        return Err(Refusal::new(Code::PermissionDenied, detail).into());
    }
    let grant = services.store.find_grant(grant).await?.filter(|g| g.workspace == actor.workspace);
    let grant = grant.ok_or(Code::NotFound)?;
    may_use(services, actor, &grant).await?;
    let grant = living(grant)?;
    let entry = &connector.entry;
    if grant.method != entry.method || grant.app != connector.client_id {
        let detail = format!("That consent was not given by {}.", entry.method_name);
        return Err(Refusal::field("/from_grant", "other_method", detail).into());
    }
    if !entry.offers_many {
        let detail = format!("A consent by {} is for one account.", entry.method_name);
        return Err(Refusal::new(Code::CapabilityUnsupported, detail).into());
    }
    suffices(connector, grant.granted.as_deref())?;
    let until = services.now() + SELECTION_LIFETIME;
    Ok(Stage::AwaitingSelection { until, chosen: Vec::new(), accounts: Vec::new() })
}

/// Reads what the grant offers now, and keeps it beside the attempt.
pub(super) async fn read(
    services: &Services,
    session: ConnectSession,
    grant: GrantId,
) -> Result<(ConnectSession, Held), Error> {
    let connector = services.platforms.connector(&session.platform, &session.method);
    let connector = connector.ok_or(Code::PlatformNotConfigured)?;
    let grant = living(services.store.find_grant(grant).await?.ok_or(Code::ConnectionExpired)?)?;
    let tokens = services.vault.unseal(&grant.sealed_for(), &grant.envelope).await?;
    let reread = connector.client.reread(&tokens, &session.capabilities, services.now()).await;
    let Reread { granted, offers } = reread.map_err(|error| refusal(&error))?;
    suffices(connector, granted.as_deref())?;
    let reconnecting = callback::reconnecting(services, &session).await?;
    let welcome = callback::welcome(&session, reconnecting.as_ref(), &offers).map_err(nothing_to_choose)?;
    let gaps = gap::of_consent(&connector.entry, granted.as_deref(), &offers, &[]);
    let mut held = Held {
        person: grant.person,
        app: grant.app,
        expiry: grant.expiry,
        renewal: grant.renewal,
        requested: scopes(services, &session, connector),
        granted,
        candidates: callback::candidates(services, welcome),
        envelope: domain::Envelope(String::new()),
        reused: Some(grant.id),
    };
    let tokens = callback::with_children(tokens, offers);
    let next = ConnectSession { gaps, version: session.version + 1, ..session };
    if let Some(envelope) = services.vault.seal(&next.sealed_for(), &tokens).await? {
        held.envelope = envelope;
        if services.store.update_session(&next, Some(&held), None).await? {
            return Ok((next, held));
        }
    }
    // Somebody else read it first, and what is kept is theirs.
    let session = services.store.find_session(next.id).await?.ok_or(Code::NotFound)?;
    let held = services.store.find_held(next.id).await?.ok_or(Code::Busy)?;
    Ok((session, held))
}

/// Whether the caller may manage an account of a grant; that of nothing they see is not there.
async fn may_use(services: &Services, actor: &Actor, grant: &Grant) -> Result<(), Error> {
    let mut refusal = Refusal::plain(Code::NotFound);
    for id in &grant.accounts {
        match account::find_by(services, actor, *id, Some(Right::Manage)).await {
            Ok(_) => return Ok(()),
            Err(Error::Refused(denied)) if denied.code == Code::PermissionDenied => refusal = denied,
            Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Err(refusal.into())
}

fn living(grant: Grant) -> Result<Grant, Refusal> {
    if grant.state == GrantState::Live { Ok(grant) } else { Err(Refusal::plain(Code::ConnectionExpired)) }
}

/// Whether what was given is enough to find accounts at all.
fn suffices(connector: &Connector, granted: Option<&[String]>) -> Result<(), Refusal> {
    let lacks = |scope: &&String| granted.is_some_and(|granted| !granted.contains(scope));
    let missing: Vec<&str> = connector.entry.connect_scopes.iter().filter(lacks).map(String::as_str).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!("The living consent lacks {}; connect with a new one.", missing.join(", "));
    Err(Refusal::new(Code::InsufficientPermissions, detail))
}

fn refusal(error: &PlatformError) -> Error {
    tracing::warn!(%error, "a living consent could not be read again");
    match error {
        PlatformError::GrantGone(_) => Code::ConnectionExpired,
        other => for_callers(callback::code_of(other)),
    }
    .into()
}

/// What ends an attempt badly after a consent has no attempt to end here.
fn nothing_to_choose(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if refusal.code == Code::NoPagesFound => {
            Refusal::new(Code::AccountNotUsable, "The living consent offers nothing to connect.").into()
        }
        Error::Refused(refusal) => Refusal { code: for_callers(refusal.code), ..refusal }.into(),
        Error::Fault(fault) => fault.into(),
    }
}
