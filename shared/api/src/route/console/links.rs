//! Links for clients: listed, followed, paused, sent once more, replaced, deleted. Their address is shown once.

mod draft;
mod show;

use app::{
    IdempotencyKey, Services,
    easyconnect::{
        self, NewAgain,
        manage::{self, LinkChange, Told},
    },
};
use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{AccountId, Code, Digest, Error, LinkId, Permission, Secret, actor::permit};
use serde::Deserialize;
use web::{
    console::{self, LinkEnding},
    parts::{Flash, FlashKind, Hidden, Press},
};

use super::{
    Form, Visitor,
    show::{chrome, press, refuse, refused},
};
use crate::{
    cursor,
    problem::Problem,
    receive::{Named, Query},
    route::page,
    view::easyconnect::address,
};

/// Where the list is.
pub(super) const LIST: &str = "/console/links";
/// The field that makes a form count once.
const ONCE: &str = "once";
/// How many are on a page.
const PAGE: usize = 25;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    cursor: Option<String>,
    deleted: Option<bool>,
}

pub(super) async fn list(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::LinksRead>()?;
    let workspace = &actor.workspace;
    let before = ask.cursor.as_ref().map(|sealed| cursor::open(&services, workspace, LIST, sealed)).transpose()?;
    let found = manage::list(&services, &actor, workspace, &[], before, PAGE).await?;
    let flash = Flash { kind: FlashKind::Success, title: "The link is deleted".to_owned(), text: None, next: None };
    let links = console::Links {
        chrome: chrome(&visitor),
        flash: (ask.deleted == Some(true)).then_some(flash),
        links: found.links.iter().map(|(link, funnel)| show::row(&services, link, funnel)).collect(),
        new: may(&visitor).then(|| format!("{LIST}/new")),
        next: found.next.map(|last| format!("{LIST}?cursor={}", cursor::seal(&services, workspace, LIST, &last))),
    };
    page::show(&links, "'self'")
}

pub(super) async fn draw(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Problem> {
    visitor.actor.clone().allow::<permit::LinksManage>()?;
    page::show(&draft::page(&services, &visitor, &Form(vec![]), None), "'self'")
}

pub(super) async fn create(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::LinksManage>()?;
    let made = match draft::read(&form) {
        Ok(ask) => manage::create(&services, &actor, &actor.workspace, ask, key(&visitor, &form, "create")).await,
        Err(refusal) => Err(refusal.into()),
    };
    match made {
        Ok(told) => tell(&services, &visitor, "The link is ready", &told),
        Err(Error::Refused(refusal)) => {
            let again = draft::page(&services, &visitor, &form, Some(refused(&refusal)));
            refuse(&again, &refusal)
        }
        Err(error) => Err(error.into()),
    }
}

/// A link by which somebody else connects an account again.
pub(super) async fn reconnect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::LinksManage>()?;
    let key = key(&visitor, &form, &id.to_string());
    let told = Box::pin(easyconnect::reconnect_link(&services, &actor, id, NewAgain::default(), key)).await?;
    tell(&services, &visitor, "The reconnect link is ready", &told)
}

pub(super) async fn show(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<LinkId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::LinksRead>()?;
    let detail = manage::get(&services, &actor, id).await?;
    page::show(&show::page(&services, &visitor, &detail), "'self'")
}

pub(super) async fn pause(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<LinkId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::LinksManage>()?;
    let enabled = form.one("enabled").and_then(|word| word.parse().ok()).ok_or(Code::InvalidRequest)?;
    let change = LinkChange { enabled: Some(enabled), ..LinkChange::default() };
    manage::change(&services, &actor, id, change, None, None).await?;
    Ok(Redirect::to(&path(id)).into_response())
}

pub(super) async fn send(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<LinkId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::LinksManage>()?;
    let told = manage::send(&services, &actor, id, None, key(&visitor, &form, &format!("send {id}"))).await?;
    tell(&services, &visitor, "Another address of the link", &told)
}

pub(super) async fn confirm_rotate(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<LinkId>,
) -> Result<Response, Problem> {
    confirm(&services, &visitor, id, LinkEnding::Rotate).await
}

pub(super) async fn rotate(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<LinkId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::LinksManage>()?;
    let told = manage::rotate(&services, &actor, id, None, key(&visitor, &form, &format!("rotate {id}"))).await?;
    tell(&services, &visitor, "The address is replaced", &told)
}

pub(super) async fn confirm_delete(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<LinkId>,
) -> Result<Response, Problem> {
    confirm(&services, &visitor, id, LinkEnding::Delete).await
}

pub(super) async fn delete(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<LinkId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::LinksManage>()?;
    manage::delete(&services, &actor, id, None, None).await?;
    Ok(Redirect::to(&format!("{LIST}?deleted=true")).into_response())
}

async fn confirm(services: &Services, visitor: &Visitor, id: LinkId, ending: LinkEnding) -> Result<Response, Problem> {
    visitor.actor.clone().allow::<permit::LinksManage>()?;
    let actor = visitor.actor.clone().allow::<permit::LinksRead>()?;
    let link = manage::get(services, &actor, id).await?.link;
    let submit = match ending {
        LinkEnding::Rotate => once(services, visitor, "Replace it", format!("{}/rotate", path(id))),
        LinkEnding::Delete => press(visitor, "Delete it", format!("{}/delete", path(id)), &[]),
    };
    let confirm = console::LinkConfirm { chrome: chrome(visitor), ending, title: link.title, submit, cancel: path(id) };
    page::show(&confirm, "'self'")
}

/// Shows the address; nowhere else is it shown.
fn tell(
    services: &Services,
    visitor: &Visitor,
    done: &'static str,
    (once, secret): &Told,
) -> Result<Response, Problem> {
    let link = once.outcome();
    let address = |secret: &Secret| {
        let url = address(services, secret);
        let language = link.recipient.language.unwrap_or_default();
        let message = web::easyconnect::invitation(language, link.agency(), &link.title, &url);
        let picture = web::qr::svg(&url);
        console::Address { url, picture, language, subject: message.subject, text: message.text }
    };
    let told = console::LinkTold {
        chrome: chrome(visitor),
        done,
        title: link.title.clone(),
        address: secret.as_ref().map(address),
        has_password: link.password.is_some(),
        send: another(services, visitor, link.id),
        page: path(link.id),
    };
    page::show(&told, "'self'")
}

fn may(visitor: &Visitor) -> bool {
    visitor.actor.may(Permission::LinksManage)
}

fn path(id: LinkId) -> String {
    format!("{LIST}/{id}")
}

/// Makes another address.
fn another(services: &Services, visitor: &Visitor, id: LinkId) -> Press {
    once(services, visitor, "Make another address", format!("{}/send", path(id)))
}

/// A button that counts once, so that a page which is loaded again makes no second address.
pub(super) fn once(services: &Services, visitor: &Visitor, label: &str, action: String) -> Press {
    let mut press = press(visitor, label, action, &[]);
    press.fields.push(counted(services));
    press
}

fn counted(services: &Services) -> Hidden {
    Hidden { name: ONCE.to_owned(), value: BASE64.encode(services.entropy.bytes::<12>()) }
}

/// Under which a form counts once; none where it does not say.
pub(super) fn key(visitor: &Visitor, form: &Form, what: &str) -> Option<IdempotencyKey> {
    let (workspace, once) = (visitor.actor.workspace.clone(), form.one(ONCE)?);
    let of = Digest::of_parts(&["console", &visitor.actor.sub, what, once]);
    let fields: Vec<&str> = form.0.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
    Some(IdempotencyKey { workspace, of, body: Digest::of_parts(&fields) })
}
