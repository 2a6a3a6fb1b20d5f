//! The routes, by what they are about.

pub(crate) mod access_report;
pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod callback;
pub mod console;
pub(crate) mod credential;
pub(crate) mod event;
pub(crate) mod handoff;
pub(crate) mod health;
pub(crate) mod meta;
pub(crate) mod notice;
pub(crate) mod page;
pub(crate) mod picture;
pub(crate) mod schedule;
pub(crate) mod start;
pub(crate) mod workspace;

use utoipa_axum::router::OpenApiRouter;

use crate::Edge;

/// What the function `accounts` serves to verified callers.
pub(crate) fn accounts() -> OpenApiRouter<Edge> {
    account::protected()
        .merge(access_report::protected())
        .merge(api_key::protected())
        .merge(credential::protected())
        .merge(event::protected())
        .merge(health::protected())
        .merge(picture::protected())
        .merge(schedule::protected())
        .merge(workspace::protected())
}
