//! Access for a while: renewing it, lending it, and hearing what became of it.

use app::{Services, lease, refresh, signal, vocabulary::Asked};
use axum::{
    Extension, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{AccountId, Capability, Refusal, Role, actor::permit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::start::Nothing;
use crate::{
    Edge,
    audit::Note,
    problem::{Problem, ProblemView},
    receive::{May, Named, Sent},
    view::{
        account::AccountView,
        answer,
        credential::{LeaseView, RefreshView, SignalView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(refresh_account))
        .routes(routes!(lease_credential))
        .routes(routes!(report_signal))
}

/// Refresh an account
///
/// Renews its access at the platform without anybody noticing, and reads its permissions again where the platform tells
/// them; a trouble that this ends is over at once. What cannot be renewed before its time is looked at and answers
/// `renewed: false` with the reason. Where only a person helps, the answer is 409 with the address at which they sign in
/// again.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/refresh", operation_id = "refreshAccount", tag = "accounts",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = RefreshView),
        (status = "default", description = "not_found, account_disconnected, reauthorization_required, \
            refresh_in_progress, platform_unavailable, platform_unreachable, platform_rate_limited", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.refresh"))),
)]
async fn refresh_account(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRefresh>,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let refreshed = refresh::refresh(&services, &actor, id, key).await?;
    let detail = app::account::detail(&services, &actor, id).await?;
    let words = Asked::Usual.words(&services, &detail.workspace).await?;
    let outcome = refreshed.outcome();
    let view = RefreshView {
        renewed: outcome.renewed,
        reason: outcome.reason.clone(),
        checked: outcome.checked,
        account: AccountView::detail(&detail, &actor, &words, services.now()),
    };
    Ok(answer(&refreshed, Json(view)))
}

/// What a token is wanted for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LeaseCredential {
    /// `publish`, `analytics`, `messages` or `audience`.
    #[schema(value_type = String)]
    purpose: Capability,
    /// The person for whom a program publishes, which calls by an API key: the lease is judged by their rights too.
    #[serde(default)]
    on_behalf_of: Option<OnBehalfOf>,
}

/// A person, as the SaaS knows them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OnBehalfOf {
    /// Their id at the SaaS.
    id: String,
    /// Their role in the workspace.
    #[schema(value_type = String)]
    role: Role,
}

/// Longest id of a person, in characters.
const PERSON: usize = 200;

impl OnBehalfOf {
    fn read(self) -> Result<lease::OnBehalfOf, Refusal> {
        let length = self.id.chars().count();
        if !(1..=PERSON).contains(&length) || self.id.chars().any(char::is_control) {
            let detail = format!("id has 1 to {PERSON} visible characters.");
            return Err(Refusal::field("/on_behalf_of/id", "length", detail));
        }
        Ok(lease::OnBehalfOf { id: self.id, role: self.role })
    }
}

/// Lease a credential
///
/// An access token that is good until `valid_until`, renewed first if need be; never the refresh token. Each lease is
/// written down and counted. The token is kept nowhere: a replayed request answers the same with the token null.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/credential-leases", operation_id = "leaseCredential", tag = "accounts",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = LeaseCredential,
    responses(
        (status = 201, body = LeaseView),
        (status = "default", description = "not_found, account_disconnected, connection_expired, \
            insufficient_permissions, capability_unsupported, refresh_in_progress, platform_unavailable, \
            platform_unreachable, platform_rate_limited", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("credentials.lease"))),
)]
async fn lease_credential(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::CredentialsLease>,
    Sent { body, key }: Sent<LeaseCredential>,
) -> Response {
    let person = match body.on_behalf_of.map(OnBehalfOf::read).transpose() {
        Ok(person) => person,
        Err(refusal) => return Problem::from(refusal).into_response(),
    };
    let note = Extension(Note {
        purpose: Some(body.purpose.as_str().to_owned()),
        on_behalf_of: person.as_ref().map(|person| person.id.clone()),
        ..Note::default()
    });
    match lease::lease(&services, &actor, id, body.purpose, person.as_ref(), key).await {
        Ok((leased, token)) => {
            let view = LeaseView::of(leased.outcome(), token);
            answer(&leased, (StatusCode::CREATED, note, Json(view)))
        }
        Err(error) => (note, Problem::from(error)).into_response(),
    }
}

/// What a platform answered to a publisher.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportSignal {
    /// `unauthorized`: it did not accept the token. `permission_denied`: it missed a permission. `restricted`: it has
    /// blocked or suspended the account. `not_found`: it does not have the account. `works`: it did what was asked.
    #[schema(value_type = String)]
    signal: signal::Signal,
}

/// Report a signal
///
/// What a publisher learnt from a platform's answer. A refused token is looked into at once, and only the platform's own
/// word ends a consent; what stands against the account is shown until it works again.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/signals", operation_id = "reportSignal", tag = "accounts",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = ReportSignal,
    responses(
        (status = 202, body = SignalView),
        (status = "default", description = "not_found, account_disconnected, busy", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.signal"))),
)]
async fn report_signal(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsSignal>,
    Sent { body, key }: Sent<ReportSignal>,
) -> Result<Response, Problem> {
    let taken = signal::report(&services, &actor, id, body.signal, key).await?;
    Ok(answer(&taken, (StatusCode::ACCEPTED, Json(SignalView { accepted: true }))))
}
