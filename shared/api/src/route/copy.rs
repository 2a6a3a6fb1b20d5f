//! Accounts in further workspaces: copied, parted, asked for.

use std::collections::BTreeSet;

use app::{
    Services, account,
    copy::{self, MOST_AT_ONCE, NewCopy},
    release,
    vocabulary::Asked,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::Response,
};
use domain::{AccountId, Code, PlatformId, Refusal, WorkspaceId, actor::permit, text};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, Sent},
    view::{
        account::AccountView,
        answer,
        copy::{
            AskRelease, CopyManyView, DetachView, DetachingView, NewCopyView, NewReleaseRequest, OutcomesView,
            ReleaseRequestedView, TargetsView,
        },
        etag,
    },
};

/// Longest name that a workspace gives an account.
const LABEL: usize = 120;
/// Longest platform's id of an account.
const PLATFORM_ACCOUNT_ID: usize = 200;
/// Longest message.
const MESSAGE: usize = 500;

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(targets))
        .routes(routes!(copy_one))
        .routes(routes!(copy_many))
        .routes(routes!(detach))
        .routes(routes!(ask))
        .routes(routes!(ask_for))
}

/// List workspaces to copy an account to
///
/// The caller's further workspaces, as their token names them; each with whether the account can be copied there now.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/copy-targets", operation_id = "listCopyTargets", tag = "accounts",
    params(("account" = String, Path)),
    responses(
        (status = 200, body = TargetsView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.copy"))),
)]
async fn targets(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsCopy>,
) -> Result<Json<TargetsView>, Problem> {
    let targets = copy::targets(&services, &actor, id).await?;
    Ok(Json(TargetsView { workspaces: targets.iter().map(Into::into).collect() }))
}

/// Copy an account to another workspace
///
/// Makes an account of its own there: own id, health, settings and schedule. Both live on one consent (`token_mode`
/// `shared_grant`), whose tokens are renewed once for both and end with the last one. Name, tags and publishing defaults
/// come along. One that was disconnected there comes back under its old id.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/copies", operation_id = "copyAccount", tag = "accounts",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewCopyView,
    responses(
        (status = 201, body = AccountView),
        (status = "default", description = "not_found, permission_denied, cross_workspace_forbidden, \
            already_in_workspace, account_disconnected, connection_expired, plan_limit_reached, workspace_locked_down, \
            validation_failed", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.copy"))),
)]
async fn copy_one(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsCopy>,
    Sent { body, key }: Sent<NewCopyView>,
) -> Result<Response, Problem> {
    let label = body.label.map(|label| text::clean(&label, usize::MAX));
    if label.as_ref().is_some_and(|label| label.is_empty() || label.chars().count() > LABEL) {
        let detail = format!("label has 1 to {LABEL} characters.");
        return Err(Refusal::field("/label", "length", detail).into());
    }
    let ask = NewCopy { workspace: workspace(&body.workspace_id)?, label };
    let copied = copy::copy(&services, &actor, id, &ask, key).await?;
    let there = copy::there(&actor, &copied.outcome().workspace)?;
    let detail = account::detail(&services, &there, copied.outcome().account).await?;
    let words = Asked::Usual.words(&services, &detail.workspace).await?;
    let view = AccountView::detail(&detail, &there, &words, services.now());
    Ok(answer(&copied, (StatusCode::CREATED, etag(detail.shown.account.version), Json(view))))
}

/// Copy many accounts to another workspace
///
/// One result for each, in the order in which they were asked for; a failure is its own and stops no other.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/accounts:copy", operation_id = "copyAccounts", tag = "accounts",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CopyManyView,
    responses(
        (status = 200, body = OutcomesView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.copy"))),
)]
async fn copy_many(
    State(services): State<Services>,
    Named(here): Named<WorkspaceId>,
    May(actor): May<permit::AccountsCopy>,
    Sent { body, key }: Sent<CopyManyView>,
) -> Result<Response, Problem> {
    if !(1..=MOST_AT_ONCE).contains(&body.account_ids.len()) {
        let detail = format!("Name 1 to {MOST_AT_ONCE} accounts.");
        return Err(Refusal::field("/account_ids", "out_of_range", detail).into());
    }
    let mut ids = Vec::new();
    for (place, id) in body.account_ids.iter().enumerate() {
        let pointer = format!("/account_ids/{place}");
        let id: AccountId = id.parse().map_err(|_| Refusal::field(&pointer, "unknown", "That is no account's id."))?;
        ids.push(id);
    }
    if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
        return Err(Refusal::field("/account_ids", "duplicate", "An account is named twice.").into());
    }
    let to = workspace(&body.workspace_id)?;
    let outcomes = copy::copy_all(&services, &actor, &here, &ids, &to, key).await?;
    let view = OutcomesView { data: outcomes.outcome().iter().map(Into::into).collect() };
    Ok(answer(&outcomes, Json(view)))
}

/// Part an account from a shared consent
///
/// Begins a connect session; once the person has consented in it, the account lives on a consent of its own workspace, and
/// the other workspaces keep theirs. `warnings` says what two consents of one person to one app still have in common there.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/detach", operation_id = "detachAccount", tag = "accounts",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Option<DetachView>,
    responses(
        (status = 201, body = DetachingView),
        (status = "default", description = "not_found, account_disconnected, account_not_usable, return_url_not_allowed, \
            platform_not_configured", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn detach(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body, key }: Sent<DetachView>,
) -> Result<Response, Problem> {
    let detaching = copy::detach(&services, &actor, id, body.return_url, key).await?;
    let view = DetachingView::of(&services, detaching.outcome());
    let location = [(header::LOCATION, format!("/v1/connect-sessions/{}", view.id))];
    Ok(answer(&detaching, (StatusCode::CREATED, location, Json(view))))
}

/// Ask for an account that is connected elsewhere
///
/// Whichever other workspace of the organisation has it is told who asks, once a day at most. The answer is always the same,
/// whether or not anybody has it.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/release-requests", operation_id = "requestRelease", tag = "accounts",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewReleaseRequest,
    responses(
        (status = 202, body = ReleaseRequestedView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn ask(
    State(services): State<Services>,
    Named(here): Named<WorkspaceId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body, key }: Sent<NewReleaseRequest>,
) -> Result<Response, Problem> {
    let platform: Option<PlatformId> = body.platform.parse().ok();
    let platform = platform.filter(|platform| services.platforms.entry(platform, None).is_some());
    let platform = platform.ok_or_else(|| Refusal::field("/platform", "unknown", "There is no such platform."))?;
    let id = body.platform_account_id;
    if id.is_empty() || id.chars().count() > PLATFORM_ACCOUNT_ID || id.chars().any(char::is_control) {
        let detail = format!("1 to {PLATFORM_ACCOUNT_ID} characters, none of them a control character.");
        return Err(Refusal::field("/platform_account_id", "length", detail).into());
    }
    let message = message(body.message)?;
    let asked = release::ask(&services, &actor, &here, (&platform, &id), message.as_deref(), key).await?;
    Ok(answer(&asked, (StatusCode::ACCEPTED, Json(ReleaseRequestedView::accepted()))))
}

/// Ask the other workspaces to let an account go
///
/// For an account of this workspace that others of the organisation have too. The answer is always the same, whether or
/// not anybody has it.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/release-request", operation_id = "requestAccountRelease", tag = "accounts",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Option<AskRelease>,
    responses(
        (status = 202, body = ReleaseRequestedView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn ask_for(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body, key }: Sent<AskRelease>,
) -> Result<Response, Problem> {
    let asked = release::ask_for(&services, &actor, id, message(body.message)?.as_deref(), key).await?;
    Ok(answer(&asked, (StatusCode::ACCEPTED, Json(ReleaseRequestedView::accepted()))))
}

/// A text that is no workspace's id is as an id that the caller does not belong to.
fn workspace(sent: &str) -> Result<WorkspaceId, Refusal> {
    sent.parse().map_err(|_| Refusal::plain(Code::NotFound))
}

fn message(sent: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(message) = sent.map(|message| text::clean(&message, usize::MAX)) else { return Ok(None) };
    if message.chars().count() > MESSAGE {
        return Err(Refusal::field("/message", "length", format!("At most {MESSAGE} characters.")));
    }
    Ok(Some(message).filter(|message| !message.is_empty()))
}
