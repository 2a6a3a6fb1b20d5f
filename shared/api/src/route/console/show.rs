//! What several pages show alike.

use app::{Services, account::Shown, platform::Entry, workspace::Limits};
use axum::{http::StatusCode, response::Response};
use domain::{Account, AccountId, Capability, ConnectSession, Lifecycle, Permission, PlatformId, Refusal, Role};
use web::{
    Page,
    console::{AccountRow, Chrome, Manual, Mark, PlanPanel, Subject, WorkspaceLink},
    parts::{Action, Blocked, CSRF_FIELD, Face, Flash, FlashKind, Hidden, Link, Meter, Platform, Press, Tick, Via},
};

use super::{Visitor, links::LIST};
use crate::{
    audit::Note,
    problem::{self, Problem},
    route::page,
};

pub(super) fn chrome(visitor: &Visitor) -> Chrome {
    let actor = &visitor.actor;
    let sign_in = visitor.setup.sign_in.clone().unwrap_or_default();
    let link = |id: &domain::WorkspaceId| WorkspaceLink {
        id: id.clone(),
        label: id.to_string(),
        href: format!("{sign_in}?workspace={id}"),
        current: *id == actor.workspace,
    };
    Chrome {
        home: "/console".to_owned(),
        csrf: visitor.csrf.expose().to_owned(),
        workspace: actor.workspace.clone(),
        workspace_name: actor.workspace.to_string(),
        person: actor.name.clone(),
        role: Some(actor.role),
        links: actor.may(Permission::LinksRead).then(|| LIST.to_owned()),
        settings: "/console/settings".to_owned(),
        workspaces: visitor.setup.workspaces.iter().map(link).collect(),
        sign_out: None,
    }
}

pub(super) fn named(services: &Services, platform: &PlatformId) -> Platform {
    let name = services.platforms.entry(platform, None).map(|e| e.platform_name.clone());
    Platform { id: platform.clone(), name: name.unwrap_or_else(|| platform.to_string()) }
}

/// The plan, how much of it is used, and where a larger one is taken.
pub(super) fn plan_panel(services: &Services, Limits { plan, total, .. }: &Limits) -> PlanPanel {
    PlanPanel {
        name: plan.name.clone(),
        total: Meter::new(*total, Option::<u32>::from(plan.max_total)),
        per_platform: plan.max_per_platform.into(),
        upgrade: services.plans.upgrade_url.as_ref().map(|url| Link::new("Upgrade", url)),
    }
}

/// Why a caller without a permission cannot do it.
pub(super) fn not_allowed(visitor: &Visitor, permission: Permission) -> Option<Blocked> {
    let reason = || match permission.least().map(Role::as_str) {
        Some(who) if who.starts_with(['a', 'e', 'o']) => format!("Only an {who} or somebody above can do this."),
        Some(who) => format!("Only a {who} or somebody above can do this."),
        None => "Only the operator can do this.".to_owned(),
    };
    (!visitor.actor.may(permission)).then(|| Blocked::because(reason()))
}

/// A button with the visitor's token.
pub(super) fn press(visitor: &Visitor, label: &str, action: String, fields: &[(&str, &str)]) -> Press {
    let csrf = [(CSRF_FIELD, visitor.csrf.expose())];
    let field = |(name, value): &(&str, &str)| Hidden { name: (*name).to_owned(), value: (*value).to_owned() };
    Press { label: label.to_owned(), action, fields: csrf.iter().chain(fields).map(field).collect(), first: false }
}

/// A button that starts the same attempt once more; `fresh` makes the platform ask again.
pub(super) fn again(visitor: &Visitor, label: &str, session: &ConnectSession, fresh: bool) -> Press {
    let account = session.account.map(|id| id.to_string());
    let mut fields = vec![("platform", session.platform.as_str()), ("method", session.method.as_str())];
    fields.extend(account.as_deref().map(|id| ("account", id)));
    fields.extend(fresh.then_some(("fresh_consent", "true")));
    if !session.capabilities.is_empty() {
        fields.push(("asked", "true"));
        fields.extend(session.capabilities.iter().map(|c| ("capability", c.as_str())));
    }
    press(visitor, label, "/console/connect".to_owned(), &fields).first()
}

/// The boxes of a method; `asked` says which are ticked.
pub(super) fn ticks(entry: &Entry, asked: impl Fn(Capability) -> bool) -> Vec<Tick> {
    entry.capabilities.keys().map(|c| Tick { capability: *c, checked: asked(*c) }).collect()
}

/// How a person withdraws an access at the platform; none where nothing is known of it.
pub(super) fn by_hand(steps: &[String], url: Option<&str>, place: &str) -> Option<Manual> {
    (!steps.is_empty() || url.is_some()).then(|| Manual {
        steps: steps.to_vec(),
        link: url.map(|url| Link::new(format!("Open the settings of {place}"), url)),
    })
}

/// A refusal above a page.
pub(super) fn refused(refusal: &Refusal) -> Flash {
    Flash {
        kind: FlashKind::Error,
        title: refusal.code.title().to_owned(),
        text: Some(sentence(refusal.code, &refusal.detail)),
        next: None,
    }
}

/// A page that tells a refusal itself; it is written down as one.
pub(super) fn refuse(page: &impl Page, refusal: &Refusal) -> Result<Response, Problem> {
    let mut shown = page::show(page, "'self'")?;
    *shown.status_mut() = problem::status(refusal.code).unwrap_or(StatusCode::BAD_REQUEST);
    shown.extensions_mut().insert(Note { refused: Some(refusal.code), ..Note::default() });
    Ok(shown)
}

/// A warning of accounts that lost their access because the consent left them out.
pub(super) fn lost(session: &ConnectSession) -> Option<Flash> {
    let [title, text] = web::parts::lost(&page::names(&session.siblings_lost))?;
    Some(Flash { kind: FlashKind::Warning, title, text: Some(text), next: None })
}

/// What happened and what to do; the cause alone is in the title already.
pub(super) fn sentence(code: domain::Code, detail: &str) -> String {
    if detail == code.cause() { code.next_step().to_owned() } else { format!("{detail} {}", code.next_step()) }
}

/// Who an account is, with the picture that is kept of it.
pub(super) fn face(account: &Account) -> Face {
    Face {
        name: account.display_name().to_owned(),
        picture_url: account.has_picture.then(|| picture(account.id)),
        ..Face::from(&account.profile)
    }
}

/// Who an account is and where, in a line.
pub(super) fn subject(services: &Services, account: &Account) -> Subject {
    Subject { face: face(account), platform: named(services, &account.platform) }
}

/// Where the picture of an account is.
pub(super) fn picture(id: AccountId) -> String {
    format!("/console/accounts/{id}/picture")
}

pub(super) fn row(
    services: &Services,
    visitor: &Visitor,
    Shown { account, is_main, health, .. }: &Shown,
) -> AccountRow {
    let active = account.lifecycle == Lifecycle::Active;
    let path = format!("/console/accounts/{}", account.id);
    let action = |label: &str, verb: &str, via, permission| Action {
        label: label.to_owned(),
        href: format!("{path}/{verb}"),
        via,
        danger: permission == Permission::AccountsRemove,
        blocked: not_allowed(visitor, permission),
    };
    let mut actions = Vec::new();
    if active && !is_main {
        actions.push(action("Set as main", "main", Via::Post, Permission::AccountsMain));
    }
    if active {
        actions.push(action("Disconnect", "disconnect", Via::Page, Permission::AccountsDisconnect));
    }
    actions.push(action("Remove…", "remove", Via::Page, Permission::AccountsRemove));
    AccountRow {
        id: account.id,
        face: face(account),
        href: path,
        platform: named(services, &account.platform),
        kind: account.profile.kind.clone(),
        connected_at: account.connected_at,
        connected_by: Some(account.connected_by.name.clone().unwrap_or_else(|| account.connected_by.id.clone())),
        mark: Mark::from(health),
        disconnected_at: account.disconnected_at,
        is_main: *is_main,
        actions,
    }
}
