//! Devices on which the mobile app uses an Instagram account.

use app::{Services, device};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{AccountId, DeviceId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, NamedTwo, Sent},
    route::start::Nothing,
    view::{
        answer,
        device::{DeviceView, DevicesView, RegisterDevice},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, register)).routes(routes!(remove))
}

/// List an account's devices
///
/// At most twenty. Whether each is active is judged by what its app last said, and by the time.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/devices", operation_id = "listDevices", tag = "accounts",
    params(("account" = String, Path)),
    responses(
        (status = 200, body = DevicesView),
        (status = "default", description = "not_found, devices_not_supported", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn list(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
) -> Result<Json<DevicesView>, Problem> {
    let (found, now) = (device::list(&services, &actor, id).await?, services.now());
    let data = found.iter().map(|device| DeviceView::of(&services, id, device, now)).collect();
    Ok(Json(DevicesView { data }))
}

/// Register a device, or sign it in again
///
/// The same `device_key` is the same device: what is said of it takes the place of what was said before.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/devices", operation_id = "registerDevice", tag = "accounts",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = RegisterDevice,
    responses(
        (status = 200, body = DeviceView, description = "It was known before"),
        (status = 201, body = DeviceView),
        (status = "default", description = "not_found, account_disconnected, devices_not_supported, validation_failed",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("devices.edit"))),
)]
async fn register(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::DevicesEdit>,
    Sent { body, key }: Sent<RegisterDevice>,
) -> Result<Response, Problem> {
    let done = device::register(&services, &actor, id, &body.read()?, key).await?;
    let registered = done.outcome();
    let status = if registered.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(answer(&done, (status, Json(DeviceView::registered(&services, registered)))))
}

/// Remove a device
///
/// It is notified no more, until its app signs in again.
#[utoipa::path(
    delete, path = "/v1/accounts/{account}/devices/{device}", operation_id = "removeDevice", tag = "accounts",
    params(("account" = String, Path), ("device" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 204),
        (status = "default", description = "not_found, devices_not_supported", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("devices.edit"))),
)]
async fn remove(
    State(services): State<Services>,
    NamedTwo(id, device): NamedTwo<AccountId, DeviceId>,
    May(actor): May<permit::DevicesEdit>,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let done = device::remove(&services, &actor, id, device, key).await?;
    Ok(answer(&done, StatusCode::NO_CONTENT))
}
