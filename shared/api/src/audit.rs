//! What a verified caller did is written down before it is answered: each change, and each read of what is written down
//! or lent. Nobody gets a credential that is not on record.

use std::net::IpAddr;

use app::audit::{self, Done};
use axum::{
    extract::{RawPathParams, Request, State, rejection::RawPathParamsRejection},
    http::Method,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::{AccountId, Actor, Code, Permission, audit::AuditTarget};

use crate::{Edge, operation, problem::Problem, wrap::RequestId};

/// The other end of the connection, as the server or the platform that runs us says; no header of the caller's.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// What only the handler knows of what it did; it goes along with the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Note {
    /// Accounts that no part of the path names.
    pub(crate) accounts: Vec<AccountId>,
    /// What a credential was wanted for.
    pub(crate) purpose: Option<String>,
    /// The person in whose name a program did it.
    pub(crate) on_behalf_of: Option<String>,
    /// Why a page does not do it, which tells so itself.
    pub(crate) refused: Option<Code>,
}

/// Longest id that is written down.
const ID: usize = 80;

/// The layer behind [`crate::receive::verify`].
pub(crate) async fn record(
    State(edge): State<Edge>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let Some(actor) = request.extensions().get::<Actor>().cloned() else { return next.run(request).await };
    let Some(operation) = operation::operation(&request).filter(|o| is_kept(&request, o.permission.as_deref())) else {
        return next.run(request).await;
    };
    let done = asked(&edge, &operation.id, params.ok().as_ref(), &request);
    let takes = |permission: Permission| operation.permission.as_deref() == Some(permission.as_str());
    if takes(Permission::WorkspaceErase) {
        // The record goes with the workspace: written afterwards it would be what is left of it.
        return finish_first(&edge, &actor, done, request, next).await;
    }
    let response = next.run(request).await;
    let lends = takes(Permission::CredentialsLease);
    finish(&edge, &actor, audit::credential(&actor), done, response, lends).await
}

/// Writes down that something was asked for, and lets it be done.
async fn finish_first(edge: &Edge, actor: &Actor, done: Done, request: Request, next: Next) -> Response {
    let asked = Done { outcome: "asked".to_owned(), ..done };
    match audit::record(&edge.services, actor, audit::credential(actor), asked).await {
        Ok(()) => next.run(request).await,
        Err(fault) => {
            tracing::error!(%fault, "audit_lost");
            Problem::from(Code::Busy).into_response()
        }
    }
}

/// Whether an operation is written down: what changes something, and what reads what others did or exports.
fn is_kept(request: &Request, permission: Option<&str>) -> bool {
    let reads = [Permission::AuditRead, Permission::WorkspaceExport];
    *request.method() != Method::GET && *request.method() != Method::HEAD
        || reads.iter().any(|p| Some(p.as_str()) == permission)
}

/// What is known before the handler runs.
pub(crate) fn asked(edge: &Edge, action: &str, params: Option<&RawPathParams>, request: &Request) -> Done {
    let mut done = Done { action: action.to_owned(), ..Done::default() };
    for (kind, id) in params.into_iter().flatten() {
        match (kind, id.parse()) {
            ("account", Ok(account)) => done.accounts = vec![account],
            ("account", Err(_)) => {}
            _ => done.target = Some(AuditTarget { kind: kind.to_owned(), id: domain::text::clean(id, ID) }),
        }
    }
    let extensions = request.extensions();
    done.request_id = extensions.get::<RequestId>().map(|id| id.0.clone());
    let keyed = |Peer(address): &Peer| edge.services.edge.sign("audit address", &address.to_string());
    done.ip_hash = extensions.get::<Peer>().map(|peer| keyed(peer).expose().chars().take(22).collect());
    done
}

/// Writes down what came of it, and answers.
pub(crate) async fn finish(
    edge: &Edge,
    actor: &Actor,
    credential: &str,
    mut done: Done,
    mut response: Response,
    lends: bool,
) -> Response {
    let Note { accounts, purpose, on_behalf_of, refused } =
        response.extensions_mut().remove::<Note>().unwrap_or_default();
    done.accounts.extend(accounts);
    (done.purpose, done.on_behalf_of) = (purpose, on_behalf_of);
    let outcome = match refused.or_else(|| response.extensions().get::<Problem>().map(Problem::code)) {
        Some(code) => code.as_str(),
        None if response.headers().contains_key("idempotency-replayed") => "replayed",
        None => "done",
    };
    outcome.clone_into(&mut done.outcome);
    match audit::record(&edge.services, actor, credential, done).await {
        Ok(()) => response,
        // What was done is done; what would be lent is not.
        Err(fault) => {
            tracing::error!(%fault, "audit_lost");
            if lends { Problem::from(Code::Busy).into_response() } else { response }
        }
    }
}
