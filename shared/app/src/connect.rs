//! Connecting an account: start → the platform → callback → selection.

pub mod callback;
pub mod handoff;
pub mod select;
pub mod session;
pub mod start;

pub(crate) mod abandoned;

mod attempt;
pub(crate) mod commit;
mod gap;
mod reuse;
mod siblings;

use domain::{Code, ConnectSession, PlatformId, Refusal};
use platforms::Connector;

use crate::Services;

/// What to ask a person for: what the attempt needs, and what the platforms that are asked for along need.
fn scopes(services: &Services, session: &ConnectSession, connector: &Connector) -> Vec<String> {
    let mut scopes = connector.entry.scopes(&session.capabilities);
    let also = session.also.iter().filter_map(|p| services.platforms.connector(p, &session.method));
    for scope in also.flat_map(|c| c.entry.scopes(&session.capabilities)) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// The other platforms that the same app reaches by the same sign-in.
fn siblings(services: &Services, connector: &Connector) -> Vec<PlatformId> {
    let same = |c: &&Connector| c.entry.method == connector.entry.method && c.client_id == connector.client_id;
    let others = services.platforms.connectors().iter().filter(same).map(|c| c.entry.platform.clone());
    others.filter(|p| *p != connector.entry.platform).collect()
}

/// Codes that only attempts, candidates and accounts bear, as callers are answered.
pub(crate) fn for_callers(code: Code) -> Code {
    match code {
        Code::InsufficientPlatformRole
        | Code::AccountNotFound
        | Code::AccountRestricted
        | Code::AccountTypeUnsupported
        | Code::NotSharedInConsent
        | Code::InstagramNotLinked => Code::AccountNotUsable,
        other => other,
    }
}

/// What keeps an attempt from being acted on: it has ended, or is at another step.
pub(crate) fn not_at_this_step(session: &ConnectSession, now: domain::Timestamp) -> Refusal {
    use domain::connect::Status;
    let status = session.status(now);
    match status {
        Status::Completed | Status::Failed | Status::Expired | Status::Cancelled => {
            Refusal::new(Code::SessionExpired, format!("This connect session is {}.", status.as_str()))
        }
        Status::Created | Status::Consenting | Status::AwaitingConfirmation | Status::AwaitingSelection => {
            Refusal::new(Code::SessionStateInvalid, format!("This connect session is {}.", status.as_str()))
        }
    }
}
