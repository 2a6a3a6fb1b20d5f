//! Refusals and faults as `application/problem+json` (RFC 9457). The one place that knows both our codes
//! and HTTP's statuses.

use std::sync::Arc;

use app::Services;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Code, Error, Language, Refusal,
    error::{FieldError, More},
    plan::Upgrade,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A refusal on its way out; [`crate::wrap`] adds what only the edge knows.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    refusal: Arc<Refusal>,
    /// What the client of a link is told.
    to_client: Option<String>,
}

/// The status that a code is answered with. Codes that only sessions and candidates bear have none.
pub(crate) fn status(code: Code) -> Option<StatusCode> {
    Some(match code {
        Code::InvalidRequest
        | Code::UnknownField
        | Code::CursorInvalid
        | Code::StateInvalid
        | Code::StateExpired
        | Code::StateAlreadyUsed => StatusCode::BAD_REQUEST,
        Code::Unauthenticated | Code::SignatureInvalid | Code::ConfirmationCodeWrong | Code::LinkPasswordWrong => {
            StatusCode::UNAUTHORIZED
        }
        Code::PermissionDenied
        | Code::PlanLimitReached
        | Code::EntitlementMissing
        | Code::CrossWorkspaceForbidden
        | Code::BudgetExhausted => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::AlreadyConnectedElsewhere
        | Code::AlreadyInWorkspace
        | Code::AccountMismatch
        | Code::AccountNotUsable
        | Code::AccountDisconnected
        | Code::ConnectionExpired
        | Code::ReauthorizationRequired
        | Code::RefreshInProgress
        | Code::SyncInProgress
        | Code::InsufficientPermissions
        | Code::SessionStateInvalid
        | Code::LinkedAccountTaken
        | Code::PlatformNotConfigured
        | Code::AppUnaudited
        | Code::IdempotencyInProgress
        | Code::Busy => StatusCode::CONFLICT,
        Code::SessionExpired | Code::LinkExpired | Code::LinkDisabled | Code::LinkExhausted => StatusCode::GONE,
        Code::VersionConflict => StatusCode::PRECONDITION_FAILED,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::MediaTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::ValidationFailed
        | Code::CapabilityUnsupported
        | Code::CandidateNotSelectable
        | Code::ReturnUrlNotAllowed
        | Code::TimezoneInvalid
        | Code::LocationNotSupported
        | Code::DevicesNotSupported
        | Code::MetricUnsupported
        | Code::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Code::WorkspaceLockedDown => StatusCode::LOCKED,
        Code::PlatformRateLimited
        | Code::RateLimited
        | Code::ConnectRateLimited
        | Code::SyncCooldown
        | Code::LinkLocked => StatusCode::TOO_MANY_REQUESTS,
        Code::PlatformError => StatusCode::BAD_GATEWAY,
        Code::PlatformUnavailable | Code::PlatformUnreachable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::AuthenticationFailed
        | Code::ConsentDenied
        | Code::NoPagesFound
        | Code::InstagramNotLinked
        | Code::AccountTypeUnsupported
        | Code::InsufficientPlatformRole
        | Code::AccountRestricted
        | Code::AccountNotFound
        | Code::NotSharedInConsent
        | Code::InsufficientData => return None,
    })
}

/// Whether the same request can succeed later without being changed.
pub(crate) fn retryable(code: Code) -> bool {
    matches!(
        code,
        Code::IdempotencyInProgress
            | Code::Busy
            | Code::RequestTimeout
            | Code::RefreshInProgress
            | Code::SyncInProgress
            | Code::SyncCooldown
            | Code::BudgetExhausted
            | Code::PlatformRateLimited
            | Code::RateLimited
            | Code::ConnectRateLimited
            | Code::LinkLocked
            | Code::PlatformUnavailable
            | Code::PlatformUnreachable
            | Code::PlatformError
            | Code::Internal
    )
}

/// A problem as JSON.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem, title = "Problem", example = json!({
    "type": "https://api.example/docs/errors/not_found", "title": "There is nothing here", "status": 404,
    "detail": "The address or id does not exist, or belongs to another workspace.",
    "instance": "/v1/accounts/acc_01JD0000000000000000000000", "code": "not_found",
    "request_id": "req_01JD0000000000000000000000", "retryable": false
}))]
pub struct ProblemView {
    /// Address of a page about the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in the words of people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// This case.
    pub detail: String,
    /// The path that was asked.
    pub instance: String,
    /// The stable word.
    pub code: String,
    /// To be told to support.
    pub request_id: String,
    /// Whether the same request can succeed later.
    pub retryable: bool,
    /// Seconds to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// What the person can do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionView>,
    /// Fields that are not right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldErrorView>>,
    /// `plan_limit_reached`: which limit, `total` or `per_platform`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// `plan_limit_reached`: the most there may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `plan_limit_reached`: how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u32>,
    /// `plan_limit_reached`: the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// `plan_limit_reached`: the smallest plan with room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<UpgradeView>,
    /// `account_mismatch`: who was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// `account_mismatch`: who came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// `reauthorization_required`: where a person signs in again; absent if the caller may not connect accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
    /// `already_connected_elsewhere`: whether the caller may see which workspace it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_see: Option<bool>,
    /// `already_connected_elsewhere`: that workspace, where the caller's token names it in `workspaces`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceRefView>,
    /// `link_password_wrong`: that the link takes a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_password: Option<bool>,
    /// `link_password_wrong`: the link that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<AskingLinkView>,
    /// `link_password_wrong`: how many tries are left, where one was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
    /// To the client of a link: what is the matter, in their language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_message: Option<String>,
    /// `already_connected_elsewhere`: whether its release can be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_request_release: Option<bool>,
}

/// A workspace by its id.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkspaceRef)]
pub struct WorkspaceRefView {
    /// The SaaS's id of it.
    pub id: String,
}

/// A link whose password is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AskingLink)]
pub struct AskingLinkView {
    /// What it is for.
    pub title: String,
    /// Who asks.
    pub agency: String,
}

/// What a person can do about a problem.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ProblemAction)]
pub struct ActionView {
    /// `upgrade`, `retry`, `sign_in`, `connect`, `read`.
    pub kind: String,
    /// Where, if there is a page for it.
    pub url: Option<String>,
}

/// One field that is not right.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = FieldError)]
pub struct FieldErrorView {
    /// JSON pointer into the request.
    pub pointer: String,
    /// A stable word.
    pub code: String,
    /// What is wrong.
    pub detail: String,
}

impl From<FieldError> for FieldErrorView {
    fn from(FieldError { pointer, code, detail }: FieldError) -> Self {
        Self { pointer, code, detail }
    }
}

/// A plan that would have room.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Upgrade)]
pub struct UpgradeView {
    /// Its id.
    pub plan: String,
    /// Its limit of the same scope; null is unlimited.
    pub max: Option<u32>,
    /// Where to upgrade, if that is configured.
    pub url: Option<String>,
}

impl UpgradeView {
    pub(crate) fn of(services: &Services, Upgrade { plan, max }: &Upgrade) -> Self {
        Self { plan: plan.clone(), max: *max, url: services.plans.upgrade_url.clone() }
    }
}

impl Problem {
    /// The code.
    pub(crate) fn code(&self) -> Code {
        self.refusal.code
    }

    /// The same for the client of a link, who is told what is the matter in their language.
    pub(crate) fn for_client(self, agency: &str, language: Language) -> Self {
        let to_client = web::easyconnect::user_message(self.code(), agency, language);
        Self { to_client, ..self }
    }

    /// As JSON, with what only the edge knows.
    pub(crate) fn view(&self, services: &Services, instance: &str, request_id: &str) -> ProblemView {
        let refusal = &*self.refusal;
        let code = refusal.code;
        let kind = services.url(&format!("docs/errors/{code}"));
        let upgrade = || ActionView { kind: "upgrade".to_owned(), url: services.plans.upgrade_url.clone() };
        let action = match code {
            Code::PlanLimitReached => upgrade(),
            Code::Unauthenticated => ActionView { kind: "sign_in".to_owned(), url: None },
            code if retryable(code) => ActionView { kind: "retry".to_owned(), url: None },
            _ => ActionView { kind: "read".to_owned(), url: Some(kind.clone()) },
        };
        let mut view = ProblemView {
            kind,
            title: code.title().to_owned(),
            status: status(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).as_u16(),
            detail: refusal.detail.clone(),
            instance: instance.to_owned(),
            code: code.as_str().to_owned(),
            request_id: request_id.to_owned(),
            retryable: retryable(code),
            retry_after: retryable(code).then_some(1),
            action: Some(action),
            errors: None,
            scope: None,
            limit: None,
            used: None,
            plan: None,
            upgrade: None,
            expected: None,
            got: None,
            connect_url: None,
            can_see: (code == Code::AlreadyConnectedElsewhere).then_some(false),
            workspace: None,
            requires_password: None,
            link: None,
            tries_left: None,
            user_message: self.to_client.clone(),
            can_request_release: (code == Code::AlreadyConnectedElsewhere).then_some(true),
        };
        match &refusal.more {
            More::Nothing => {}
            More::Fields(errors) => view.errors = Some(errors.iter().cloned().map(FieldErrorView::from).collect()),
            More::Upgrade => view.action = Some(upgrade()),
            More::Mismatch { expected, got } => {
                view.expected = Some(expected.clone());
                view.got = Some(got.clone());
            }
            More::Elsewhere { workspace } => {
                view.can_see = Some(workspace.is_some());
                view.workspace = workspace.as_ref().map(|id| WorkspaceRefView { id: id.to_string() });
            }
            More::Password { title, agency, tries_left } => {
                view.tries_left = *tries_left;
                view.requires_password = Some(true);
                view.link = Some(AskingLinkView { title: title.clone(), agency: agency.clone() });
            }
            More::Later(at) => {
                let seconds = at.duration_since(services.now()).as_secs().max(1);
                view.retry_after = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
            }
            More::Connect(url) => {
                view.action = Some(ActionView { kind: "connect".to_owned(), url: Some(url.clone()) });
                view.connect_url = Some(url.clone());
            }
            More::Limit(reached) => {
                view.scope = Some(reached.scope.as_str().to_owned());
                view.limit = Some(reached.limit);
                view.used = Some(reached.used);
                view.plan = Some(reached.plan.clone());
                view.upgrade = reached.upgrade.as_ref().map(|upgrade| UpgradeView::of(services, upgrade));
            }
        }
        view
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self { refusal: Arc::new(refusal), to_client: None }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Refusal::plain(code).into()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Fault(fault) => {
                // Logged here, once, under the request's span; the caller is told nothing of it.
                tracing::error!(%fault, "fault");
                Code::Internal.into()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status(self.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.code() == Code::Unauthenticated {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// No such address.
pub(crate) async fn not_found() -> Problem {
    Code::NotFound.into()
}

/// Not with that method.
pub(crate) async fn method_not_allowed() -> Problem {
    Code::MethodNotAllowed.into()
}
