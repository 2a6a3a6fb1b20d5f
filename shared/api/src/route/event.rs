//! What happened, to be pulled.

use app::{
    Services,
    event::{self, ListEvents},
};
use axum::{Json, extract::State};
use domain::{Code, Refusal, WorkspaceId, actor::permit};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, Query, page_size},
    view::event::EventPageView,
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `next_cursor` of the page before, or the id of any event; from the oldest on if absent.
    after: Option<String>,
    /// 1 to 200; 50 if absent.
    limit: Option<usize>,
}

/// Read what happened
///
/// The events of the last 30 days, the same as on the bus, whether they are published yet or not. They are told five
/// seconds late, so that none appears behind a reader. Each is about one account or one connect session; of an account,
/// `sequence` counts without gaps. A caller whose token names accounts sees only what is about one of these.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/events", operation_id = "listEvents", tag = "events",
    params(("workspace" = String, Path), ListQuery),
    responses(
        (status = 200, body = EventPageView),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("events.read"))),
)]
async fn list(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::EventsRead>,
    Query(query): Query<ListQuery>,
) -> Result<Json<EventPageView>, Problem> {
    let after = query.after.map(|id| id.parse().map_err(|_| Refusal::plain(Code::CursorInvalid))).transpose()?;
    let ask = ListEvents { after, limit: page_size(query.limit)? };
    Ok(Json(event::list(&services, &actor, &workspace, &ask).await?.into()))
}
