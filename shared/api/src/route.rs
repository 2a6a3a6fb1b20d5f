//! The routes, by what they are about.

pub(crate) mod access_report;
pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod audit;
pub(crate) mod bulk;
pub(crate) mod callback;
pub mod console;
pub(crate) mod copy;
pub(crate) mod credential;
pub(crate) mod device;
pub(crate) mod docs;
pub(crate) mod easyconnect;
pub(crate) mod ending;
pub(crate) mod event;
pub(crate) mod figures;
pub(crate) mod find;
pub(crate) mod handoff;
pub(crate) mod health;
pub(crate) mod help;
pub(crate) mod impact;
pub(crate) mod meta;
pub(crate) mod notice;
pub(crate) mod ops;
pub(crate) mod page;
pub(crate) mod picture;
pub(crate) mod planned;
pub(crate) mod reconnect;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod start;
pub(crate) mod sync;
pub(crate) mod tie;
pub(crate) mod vocabulary;
pub(crate) mod workspace;

use utoipa_axum::router::OpenApiRouter;

use crate::Edge;

/// What the function `accounts` serves to verified callers.
pub(crate) fn accounts() -> OpenApiRouter<Edge> {
    account::protected()
        .merge(audit::protected())
        .merge(bulk::protected())
        .merge(copy::protected())
        .merge(access_report::protected())
        .merge(api_key::protected())
        .merge(credential::protected())
        .merge(device::protected())
        .merge(ending::protected())
        .merge(event::protected())
        .merge(figures::protected())
        .merge(find::protected())
        .merge(health::protected())
        .merge(impact::protected())
        .merge(ops::protected())
        .merge(picture::protected())
        .merge(planned::protected())
        .merge(report::protected())
        .merge(run::protected())
        .merge(schedule::protected())
        .merge(settings::protected())
        .merge(sync::protected())
        .merge(tie::protected())
        .merge(vocabulary::protected())
        .merge(workspace::protected())
}

/// What it serves to anybody.
pub(crate) fn accounts_public() -> OpenApiRouter<Edge> {
    meta::public().merge(docs::public()).merge(report::public())
}
