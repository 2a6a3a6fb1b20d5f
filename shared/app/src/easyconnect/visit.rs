//! How a client comes in: a link's secret gives a visit, which a cookie or a token of the client's own bears, sealed.
//! Looking changes nothing; only a person's first POST opens the link.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{
    Code, ConnectSessionId, Digest, EasyConnectLink, Error, Language, LinkId, Refusal, Secret, Timestamp, WorkspaceId,
    easyconnect::{FunnelStep, Notify, RECEIPT_LIFETIME, VISIT_LIFETIME},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Committed, Count, Tried};

use super::{counted, event, password};
use crate::{Services, deliver};

/// What a visit is sealed for, and an address that leads to one.
const VISIT: &str = "easyconnect visit";
const ADDRESS: &str = "easyconnect address";
/// The text of a secret: 256 bits in base64.
const SECRET: usize = 43;
/// How often a link can be asked for anew.
const FRESH_AGAIN: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// What a client holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    workspace: WorkspaceId,
    link: LinkId,
    rotation: u32,
    /// Names this visit: another one of the same link does not see its attempts.
    nonce: String,
    /// Whether a person opened the link, by its password where it has one.
    pub opened: bool,
    /// Whether it is for the receipt only, by the address that stands on it.
    pub receipt_only: bool,
    /// The attempt that it began last.
    pub pending: Option<ConnectSessionId>,
    /// What the client chose to read.
    pub language: Option<Language>,
    /// When it is over.
    pub ends_at: Timestamp,
}

/// An address that leads to a visit, beside the link's secret: for another device, or back to the receipt.
#[derive(Serialize, Deserialize)]
struct Address {
    workspace: WorkspaceId,
    link: LinkId,
    rotation: u32,
    receipt: bool,
    ends_at: Timestamp,
}

/// A visit with its link as it is now.
#[derive(Debug, Clone)]
pub struct Visited {
    /// The link.
    pub link: EasyConnectLink,
    /// The visit.
    pub visit: Visit,
}

impl Visited {
    /// As the client bears it.
    pub fn sealed(&self, services: &Services) -> Secret {
        let text = serde_json::to_string(&self.visit).unwrap_or_default();
        Secret::new(services.edge.seal(services.entropy.as_ref(), VISIT, &text))
    }

    /// The same visit, from now on for its whole time.
    #[must_use]
    pub fn kept(mut self, services: &Services) -> Self {
        self.visit.ends_at = services.now() + VISIT_LIFETIME;
        self
    }

    /// What names the visit in the attempts that it begins.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.visit.nonce)
    }

    /// What a form of a page of this visit bears.
    pub fn form_token(&self, services: &Services) -> Secret {
        services.edge.sign("easyconnect form", &self.visit.nonce)
    }

    /// Whether a form comes from a page of this visit.
    pub fn is_own_form(&self, services: &Services, token: &str) -> bool {
        services.edge.verify("easyconnect form", &self.visit.nonce, token)
    }

    /// What the client reads, where nobody chose what their browser says.
    pub fn language(&self, browser: Option<Language>) -> Language {
        self.visit.language.or(self.link.recipient.language).or(browser).unwrap_or_default()
    }

    /// Who has not opened the link gets nothing of it.
    pub(super) fn opened(&self) -> Result<&EasyConnectLink, Error> {
        if self.visit.opened && !self.visit.receipt_only { Ok(&self.link) } else { Err(Code::Unauthenticated.into()) }
    }

    /// An address that leads another device here; it opens as the link does.
    pub fn elsewhere(&self, services: &Services) -> Secret {
        address(services, &self.link, false, services.now() + VISIT_LIFETIME)
    }

    /// An address that leads back to the receipt, long after the link is over.
    pub fn receipt_address(&self, services: &Services) -> Secret {
        address(services, &self.link, true, services.now() + RECEIPT_LIFETIME)
    }
}

fn address(services: &Services, link: &EasyConnectLink, receipt: bool, ends_at: Timestamp) -> Secret {
    let (workspace, rotation) = (link.workspace.clone(), link.rotation);
    let address = Address { workspace, link: link.id, rotation, receipt, ends_at };
    let text = serde_json::to_string(&address).unwrap_or_default();
    Secret::new(services.edge.seal(services.entropy.as_ref(), ADDRESS, &text))
}

/// A new visit by what stands in the address: the link's secret, or an address that was made of it. Writes nothing.
///
/// # Errors
/// `not_found` alike for what never was, what was deleted and what was rotated.
pub async fn land(services: &Services, text: &Secret) -> Result<Visited, Error> {
    let now = services.now();
    let (link, receipt_only) = if text.expose().len() == SECRET {
        (services.store.find_link_by_secret(&Digest::of(text.expose())).await?, false)
    } else {
        let opened = services.edge.open(ADDRESS, text.expose());
        let address: Option<Address> = opened.and_then(|text| serde_json::from_str(&text).ok());
        let address = address.filter(|address| now < address.ends_at).ok_or(Code::NotFound)?;
        let link = services.store.find_link(&address.workspace, address.link).await?;
        let lives = |link: &EasyConnectLink| link.rotation == address.rotation && link.deleted_at.is_none();
        (link.filter(|link| address.receipt || lives(link)), address.receipt)
    };
    let link = link.ok_or(Code::NotFound)?;
    let visit = Visit {
        workspace: link.workspace.clone(),
        link: link.id,
        rotation: link.rotation,
        nonce: BASE64.encode(services.entropy.bytes::<16>()),
        opened: false,
        receipt_only,
        pending: None,
        language: None,
        ends_at: now + VISIT_LIFETIME,
    };
    Ok(Visited { link, visit })
}

/// The visit that a client bears.
///
/// # Errors
/// `unauthenticated` for what is no visit or over, `not_found` where its link is gone.
pub async fn find(services: &Services, sealed: &Secret) -> Result<Visited, Error> {
    let opened = services.edge.open(VISIT, sealed.expose());
    let visit: Option<Visit> = opened.and_then(|text| serde_json::from_str(&text).ok());
    let visit = visit.filter(|visit| services.now() < visit.ends_at).ok_or(Code::Unauthenticated)?;
    let link = services.store.find_link(&visit.workspace, visit.link).await?;
    let lives = |link: &EasyConnectLink| link.rotation == visit.rotation && link.deleted_at.is_none();
    let link = link.filter(|link| visit.receipt_only || lives(link)).ok_or(Code::NotFound)?;
    Ok(Visited { link, visit })
}

/// A person opens the link: the first POST of a visit. Counted once for each visit.
///
/// # Errors
/// What keeps the link from being used; `link_password_wrong` and `link_locked`.
pub async fn open(services: &Services, visited: Visited, password: Option<Secret>) -> Result<Visited, Error> {
    let Visited { link, mut visit } = visited;
    if visit.receipt_only {
        return Err(Code::Unauthenticated.into());
    }
    let now = services.now();
    if let Some(code) = link.barrier(now) {
        return Err(code.into());
    }
    if visit.opened {
        return Ok(Visited { link, visit }.kept(services));
    }
    if let Some(kept) = &link.password {
        let Some(password) = password.filter(|password| !password.expose().is_empty()) else {
            return Err(Refusal::password(&link.title, link.agency(), None, "This link asks for a password.").into());
        };
        let left = match services.store.take_password_try(&link.workspace, link.id, now).await? {
            Tried::Yes(left) => left,
            Tried::Locked(until) => return Err(Refusal::later(Code::LinkLocked, until).into()),
        };
        if !password::is_right(kept, password).await? {
            counted(services, &link, Count::Step(FunnelStep::PasswordWrong)).await;
            let detail = match left {
                0 => "That is not the password. The link takes none for fifteen minutes now.".to_owned(),
                1 => "That is not the password. One try is left.".to_owned(),
                more => format!("That is not the password. {more} tries are left."),
            };
            return Err(Refusal::password(&link.title, link.agency(), Some(left), detail).into());
        }
        services.store.forget_password_tries(&link.workspace, link.id).await?;
    }
    visit.opened = true;
    counted(services, &link, Count::Step(FunnelStep::Opened)).await;
    let events: Vec<_> = event(services, &link, Notify::Opened, now, json!({})).into_iter().collect();
    if !events.is_empty() && services.store.tell(&[], &events, now).await? == Committed::Done {
        deliver::publish(services, &events).await;
    }
    Ok(Visited { link, visit }.kept(services))
}

/// A client whose link is over asks for a fresh one; told once a day. Whatever is wrong with the link, the answer is the
/// same.
pub async fn ask_for_fresh(services: &Services, visited: &Visited) -> Result<(), Error> {
    let (before, now) = (&visited.link, services.now());
    if before.fresh_asked_at.is_some_and(|at| now.duration_since(at) < FRESH_AGAIN) || before.deleted_at.is_some() {
        return Ok(());
    }
    let after = EasyConnectLink { fresh_asked_at: Some(now), version: before.version + 1, ..before.clone() };
    let more = json!({"status": before.status(now).as_str()});
    let events: Vec<_> = event(services, &after, Notify::FreshLinkRequested, now, more).into_iter().collect();
    if services.store.save_link(Some(before), &after, &events, None, now).await? == Committed::Done {
        counted(services, &after, Count::Step(FunnelStep::FreshLinkRequested)).await;
        deliver::publish(services, &events).await;
    }
    Ok(())
}
