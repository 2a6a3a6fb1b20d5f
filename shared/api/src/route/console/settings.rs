//! The workspace's plan and policies.

use app::{
    Services,
    workspace::{self, Order},
};
use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{Account, Code, Error, Permission, actor::permit, workspace::Configuration};
use serde::Deserialize;
use web::{
    console::{Settings, SuspendedRow},
    parts::{Flash, FlashKind, Link},
};

use super::{
    Form, Visitor,
    show::{chrome, named, not_allowed, plan_panel, refuse, refused},
};
use crate::{problem::Problem, receive::Query, route::page};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    saved: Option<bool>,
}

pub(super) async fn show(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let saved = Flash { kind: FlashKind::Success, title: "Saved".to_owned(), text: None, next: None };
    page::show(&settings(&services, &visitor, (ask.saved == Some(true)).then_some(saved)).await?, "'self'")
}

pub(super) async fn save(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::WorkspaceConfigure>()?;
    let reuse_grant = form.one("reuse_grant") == Some("true");
    // A form without its version was not made by the page.
    let version = form.one("version").and_then(|v| v.parse().ok()).ok_or(Code::InvalidRequest)?;
    let workspace = actor.workspace.clone();
    let change = |configuration: &mut Configuration| {
        configuration.policies.reuse_grant = reuse_grant;
        Ok(())
    };
    match workspace::configure(&services, &actor, &workspace, change, Some(version), None).await {
        Ok(_) => Ok(Redirect::to("/console/settings?saved=true").into_response()),
        Err(Error::Refused(refusal)) if refusal.code == Code::VersionConflict => {
            refuse(&settings(&services, &visitor, Some(refused(&refusal))).await?, &refusal)
        }
        Err(error) => Err(error.into()),
    }
}

async fn settings(services: &Services, visitor: &Visitor, flash: Option<Flash>) -> Result<Settings, Problem> {
    let actor = visitor.actor.clone().allow::<permit::WorkspaceRead>()?;
    let workspace = workspace::get(services, &actor, &actor.workspace).await?;
    let (limits, order) = workspace::limits(services, &actor, &actor.workspace).await?;
    let Order { suspended: seen, .. } = order;
    let row = |account: &Account| SuspendedRow {
        account: Link::new(account.display_name(), format!("/console/accounts/{}", account.id)),
        platform: named(services, &account.platform),
        since: account.suspended.map(|suspended| suspended.since),
    };
    Ok(Settings {
        chrome: chrome(visitor),
        flash,
        plan: plan_panel(services, &limits),
        unseen: limits.suspended.saturating_sub(u32::try_from(seen.len()).unwrap_or(u32::MAX)),
        suspended: seen.iter().map(row).collect(),
        reuse_grant: workspace.policies().reuse_grant,
        version: workspace.version,
        blocked: not_allowed(visitor, Permission::WorkspaceConfigure),
        submit: "/console/settings".to_owned(),
    })
}
