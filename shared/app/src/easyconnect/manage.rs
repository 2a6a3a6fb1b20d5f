//! The workspace's side of a link: made, read, changed, sent once more, rotated, deleted.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{
    Account, AccountId, Actor, Allowed, Capability, Code, ConnectedBy, Digest, EasyConnectLink, Error, Fault, LinkId,
    MethodId, PlatformId, Refusal, Secret, Timestamp, WorkspaceId,
    actor::{Credential, permit},
    easyconnect::{
        Branding, Funnel, Item, LIFETIME, LONGEST, LinkStatus, MOST_CONNECTIONS, MOST_ITEMS, MOST_SECRETS, Notify,
        Recipient, SHORTEST,
    },
    picture::Picture,
    text,
};
use jiff::SignedDuration;
use store::{Committed, IdempotencyKey};

use super::{absent, connect::connected, logo, password};
use crate::{
    Once, Services,
    connect::start::admit,
    idempotency::{Ending, borrowed, once},
    workspace::own,
};

/// How often a change is judged again when others change the same link.
const TRIES: u32 = 8;
/// How many are read at a time, and how often for one page.
const READ: usize = 100;
const READS: usize = 10;

/// What a link shall be.
#[derive(Debug, Clone, Default)]
pub struct NewLink {
    /// What it is for.
    pub title: String,
    /// The password that opens it.
    pub password: Option<Secret>,
    /// How long it works.
    pub lifetime: Option<SignedDuration>,
    /// Most accounts that it connects.
    pub max_connections: Option<u32>,
    /// Where accounts may be connected beside the checklist.
    pub allowed_platforms: Option<BTreeSet<PlatformId>>,
    /// For what.
    pub capabilities: Option<BTreeSet<Capability>>,
    /// The checklist.
    pub items: Vec<Item>,
    /// For whom.
    pub recipient: Recipient,
    /// In whose name; its logo comes beside it.
    pub branding: Branding,
    /// The logo's file.
    pub logo: Option<Vec<u8>>,
    /// What the SaaS wants to hear of it; everything where nothing is said.
    pub notify: Option<BTreeSet<Notify>>,
    /// What the SaaS calls it.
    pub client_ref: Option<String>,
    /// Tags for the accounts.
    pub tags: BTreeSet<String>,
    /// Where the client goes from the receipt.
    pub return_url: Option<String>,
}

/// What of a link is changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct LinkChange {
    /// What it is for.
    pub title: Option<String>,
    /// Another password, or none.
    pub password: Option<Option<Secret>>,
    /// Whether it is not paused.
    pub enabled: Option<bool>,
    /// How long it works from now on.
    pub lifetime: Option<SignedDuration>,
    /// Most accounts that it connects.
    pub max_connections: Option<Option<u32>>,
    /// Where accounts may be connected beside the checklist.
    pub allowed_platforms: Option<Option<BTreeSet<PlatformId>>>,
    /// For what.
    pub capabilities: Option<Option<BTreeSet<Capability>>>,
    /// The checklist; what is connected keeps its place, by its number.
    pub items: Option<Vec<Item>>,
    /// For whom.
    pub recipient: Option<Recipient>,
    /// In whose name.
    pub branding: Option<Branding>,
    /// The logo's file, or none.
    pub logo: Option<Option<Vec<u8>>>,
    /// What the SaaS wants to hear of it.
    pub notify: Option<BTreeSet<Notify>>,
    /// What the SaaS calls it.
    pub client_ref: Option<Option<String>>,
    /// Tags for the accounts.
    pub tags: Option<BTreeSet<String>>,
    /// Where the client goes from the receipt.
    pub return_url: Option<Option<String>>,
}

/// A link that was made or got another secret, and the secret: it is told once and kept nowhere.
pub type Told = (Once<EasyConnectLink>, Option<Secret>);

/// A link with what came of it.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The link.
    pub link: EasyConnectLink,
    /// How far clients came.
    pub funnel: Funnel,
    /// The accounts that are connected through it and that the caller sees.
    pub accounts: Vec<Account>,
}

/// One page of links.
#[derive(Debug, Clone)]
pub struct Page {
    /// The links with how far clients came, the newest first.
    pub links: Vec<(EasyConnectLink, Funnel)>,
    /// Where the next page begins, if there is one.
    pub next: Option<LinkId>,
}

/// Makes a link.
pub async fn create(
    services: &Services,
    actor: &Allowed<permit::LinksManage>,
    workspace: &WorkspaceId,
    ask: NewLink,
    key: Option<IdempotencyKey>,
) -> Result<Told, Error> {
    own(actor, workspace)?;
    make(services, actor, ask, key).await
}

/// The same where the workspace is the caller's own.
pub(super) async fn make(
    services: &Services,
    actor: &Actor,
    ask: NewLink,
    key: Option<IdempotencyKey>,
) -> Result<Told, Error> {
    let mut told = None;
    let slot = &mut told;
    let once = once(services, key, |ending| async move {
        let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
        found.open()?;
        let now = services.now();
        let (secret, logo) = (secret(services), drawn(ask.logo).await?);
        let kind = if actor.credential == Credential::Token { "user" } else { "api" };
        let link = EasyConnectLink {
            id: LinkId::new(now, services.entropy.bytes()),
            workspace: actor.workspace.clone(),
            org: actor.org.clone(),
            plan: actor.plan.clone(),
            title: ask.title,
            password: hashed(services, ask.password).await?,
            enabled: true,
            expires_at: now + lifetime(ask.lifetime.unwrap_or(LIFETIME))?,
            max_connections: ask.max_connections,
            allowed_platforms: ask.allowed_platforms,
            capabilities: ask.capabilities,
            items: ask.items,
            recipient: ask.recipient,
            branding: Branding { logo: logo.as_ref().map(Picture::digest), ..ask.branding },
            notify: ask.notify.unwrap_or_else(|| Notify::ALL.into_iter().collect()),
            client_ref: ask.client_ref,
            tags: ask.tags,
            return_url: ask.return_url,
            created_by: ConnectedBy { kind: kind.to_owned(), id: actor.sub.clone(), name: actor.name.clone() },
            created_at: now,
            secrets: vec![Digest::of(secret.expose())],
            rotation: 0,
            completed_at: None,
            expiry_told_at: None,
            fresh_asked_at: None,
            deleted_at: None,
            version: 1,
        };
        let link = judged(services, &found, link)?;
        let finish = ending.with(&link)?;
        if let Some(logo) = &logo {
            services.store.put_link_logo(&link, Some(logo)).await?;
        }
        match services.store.save_link(None, &link, &[], borrowed(finish.as_ref()), now).await? {
            Committed::Done => {
                *slot = Some(secret);
                Ok(link)
            }
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await?;
    Ok((once, told))
}

/// One page of the workspace's links, the newest first; of these statuses, or of all but the deleted ones.
pub async fn list(
    services: &Services,
    actor: &Allowed<permit::LinksRead>,
    workspace: &WorkspaceId,
    statuses: &[LinkStatus],
    before: Option<LinkId>,
    limit: usize,
) -> Result<Page, Error> {
    own(actor, workspace)?;
    let now = services.now();
    let wanted = |link: &EasyConnectLink| match statuses {
        [] => link.status(now) != LinkStatus::Deleted,
        some => some.contains(&link.status(now)),
    };
    let (mut links, mut before) = (Vec::new(), before);
    for _ in 0..READS {
        let page = services.store.list_links(&actor.workspace, before, READ.min(limit)).await?;
        for link in page.links {
            before = Some(link.id);
            if wanted(&link) {
                let funnel = services.store.find_funnel(&link.workspace, link.id).await?;
                links.push((link, funnel));
                if links.len() == limit {
                    let next = services.store.list_links(&actor.workspace, before, 1).await?;
                    return Ok(Page { links, next: before.filter(|_| !next.links.is_empty()) });
                }
            }
        }
        if !page.more {
            return Ok(Page { links, next: None });
        }
    }
    Ok(Page { links, next: before })
}

/// A link with what came of it; a deleted one is not there.
pub async fn get(services: &Services, actor: &Allowed<permit::LinksRead>, id: LinkId) -> Result<Detail, Error> {
    let link = find(services, actor, id).await?;
    let funnel = services.store.find_funnel(&link.workspace, id).await?;
    let ids: Vec<AccountId> = connected(&link).into_iter().collect();
    let mut accounts = services.store.find_accounts(&link.workspace, &ids).await?;
    accounts.retain(|account| account.is_seen_by(actor) && actor.sees(account.id));
    accounts.sort_unstable_by_key(|account| account.id);
    Ok(Detail { link, funnel, accounts })
}

async fn find(services: &Services, actor: &Actor, id: LinkId) -> Result<EasyConnectLink, Error> {
    let link = services.store.find_link(&actor.workspace, id).await?;
    link.filter(|link| link.deleted_at.is_none()).ok_or_else(absent)
}

/// How far clients came with a link.
pub async fn funnel(services: &Services, link: &EasyConnectLink) -> Result<Funnel, Error> {
    Ok(services.store.find_funnel(&link.workspace, link.id).await?)
}

/// Changes a link.
pub async fn change(
    services: &Services,
    actor: &Allowed<permit::LinksManage>,
    id: LinkId,
    ask: LinkChange,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<EasyConnectLink>, Error> {
    once(services, key, |ending| async move {
        let password = match ask.password.clone() {
            Some(password) => Some(hashed(services, password).await?),
            None => None,
        };
        let logo = match ask.logo.clone() {
            Some(logo) => Some(drawn(logo).await?),
            None => None,
        };
        let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
        let changed = changed(services, actor, id, if_match, &ending, |link, now| {
            apply(link, &ask, now)?;
            if let Some(password) = &password {
                link.password.clone_from(password);
            }
            if let Some(logo) = &logo {
                link.branding.logo = logo.as_ref().map(Picture::digest);
            }
            // A pause needs nothing to be right that was right before.
            if ask.asks_anew() {
                *link = judged(services, &found, link.clone())?;
            }
            Ok(())
        });
        let link = changed.await?;
        if let Some(logo) = &logo {
            services.store.put_link_logo(&link, logo.as_ref()).await?;
        }
        if password.is_some() {
            services.store.forget_password_tries(&link.workspace, link.id).await?;
        }
        Ok(link)
    })
    .await
}

impl LinkChange {
    /// Whether what the link asks for is another thing than before.
    fn asks_anew(&self) -> bool {
        self.items.is_some()
            || self.allowed_platforms.is_some()
            || self.max_connections.is_some()
            || self.return_url.is_some()
    }
}

fn apply(link: &mut EasyConnectLink, ask: &LinkChange, now: Timestamp) -> Result<(), Refusal> {
    macro_rules! take {
        ($($field:ident),*) => { $(if let Some(value) = &ask.$field { link.$field.clone_from(value); })* };
    }
    take!(title, enabled, max_connections, allowed_platforms, capabilities, recipient, notify, client_ref, tags);
    take!(return_url);
    if let Some(branding) = &ask.branding {
        link.branding = Branding { logo: link.branding.logo.clone(), ..branding.clone() };
    }
    if let Some(time) = ask.lifetime {
        link.expires_at = now + lifetime(time)?;
        link.expiry_told_at = None;
    }
    if let Some(items) = &ask.items {
        let wanted = link.wanted().count();
        let beside = link.items.split_off(wanted);
        if items.len() < link.items.iter().rposition(|item| item.consented.is_some()).map_or(0, |last| last + 1) {
            let detail = "A place that is connected stays on the checklist, at its number.";
            return Err(Refusal::field("/items", "connected", detail));
        }
        let mut next = items.clone();
        for (before, after) in link.items.iter().zip(&mut next) {
            if before.consented.is_some() && before.platform != after.platform {
                let detail = "A place that is connected stays on the checklist, at its number.";
                return Err(Refusal::field("/items", "connected", detail));
            }
            after.consented.clone_from(&before.consented);
            after.reconnects = before.reconnects;
        }
        next.extend(beside);
        link.items = next;
        let is_left = |item: &Item| item.wanted && !item.optional && item.consented.is_none();
        if link.items.iter().any(is_left) {
            link.completed_at = None;
        }
    }
    Ok(())
}

/// Another secret for a link, so that it can be sent once more; those that were sent before go on.
pub async fn send(
    services: &Services,
    actor: &Allowed<permit::LinksManage>,
    id: LinkId,
    recipient: Option<Recipient>,
    key: Option<IdempotencyKey>,
) -> Result<Told, Error> {
    another_secret(services, actor, id, None, key, move |link, secret| {
        if let Some(recipient) = &recipient {
            link.recipient.clone_from(recipient);
        }
        link.secrets.push(secret);
        let over = link.secrets.len().saturating_sub(MOST_SECRETS);
        link.secrets.drain(..over);
    })
    .await
}

/// Another secret for a link in place of all others: what was sent before, and each visit by it, is worth nothing.
pub async fn rotate(
    services: &Services,
    actor: &Allowed<permit::LinksManage>,
    id: LinkId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Told, Error> {
    another_secret(services, actor, id, if_match, key, |link, secret| {
        link.secrets = vec![secret];
        link.rotation += 1;
    })
    .await
}

async fn another_secret(
    services: &Services,
    actor: &Actor,
    id: LinkId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
    change: impl Fn(&mut EasyConnectLink, Digest) + Send + Sync,
) -> Result<Told, Error> {
    let mut told = None;
    let slot = &mut told;
    let once = once(services, key, |ending| async move {
        let secret = secret(services);
        let digest = Digest::of(secret.expose());
        let link = changed(services, actor, id, if_match, &ending, |link, _| {
            change(link, digest.clone());
            Ok(())
        });
        let link = link.await?;
        *slot = Some(secret);
        Ok(link)
    })
    .await?;
    Ok((once, told))
}

/// Deletes a link. What was connected through it stays connected, and clients can still take it back.
pub async fn delete(
    services: &Services,
    actor: &Allowed<permit::LinksManage>,
    id: LinkId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<EasyConnectLink>, Error> {
    once(services, key, |ending| async move {
        changed(services, actor, id, if_match, &ending, |link, now| {
            link.deleted_at = Some(now);
            link.secrets.clear();
            link.rotation += 1;
            Ok(())
        })
        .await
    })
    .await
}

/// Ends all links of a workspace that is locked down; whether none is left.
pub(crate) async fn end_all(services: &Services, workspace: &WorkspaceId) -> Result<bool, Fault> {
    let (mut before, mut is_done) = (None, true);
    loop {
        let page = services.store.list_links(workspace, before, READ).await?;
        let now = services.now();
        for link in page.links.iter().filter(|link| link.deleted_at.is_none() && !link.secrets.is_empty()) {
            let mut after = link.clone();
            after.enabled = false;
            after.secrets.clear();
            after.rotation += 1;
            after.version += 1;
            is_done &= services.store.save_link(Some(link), &after, &[], None, now).await? == Committed::Done;
        }
        before = page.links.last().map(|link| link.id);
        if !page.more || before.is_none() {
            return Ok(is_done);
        }
    }
}

/// The next version of a link.
async fn changed(
    services: &Services,
    actor: &Actor,
    id: LinkId,
    if_match: Option<u64>,
    ending: &Ending,
    change: impl Fn(&mut EasyConnectLink, Timestamp) -> Result<(), Refusal> + Send + Sync,
) -> Result<EasyConnectLink, Error> {
    for _ in 0..TRIES {
        let now = services.now();
        let before = find(services, actor, id).await?;
        if if_match.is_some_and(|version| version != before.version) {
            return Err(Code::VersionConflict.into());
        }
        let mut after = before.clone();
        change(&mut after, now)?;
        after.version = before.version + 1;
        let finish = ending.with(&after)?;
        match services.store.save_link(Some(&before), &after, &[], borrowed(finish.as_ref()), now).await? {
            Committed::Done => return Ok(after),
            Committed::Refused(_) | Committed::Busy => {}
        }
    }
    Err(Code::Busy.into())
}

/// 256 random bits.
fn secret(services: &Services) -> Secret {
    Secret::new(BASE64.encode(services.entropy.bytes::<32>()))
}

async fn hashed(services: &Services, password: Option<Secret>) -> Result<Option<String>, Fault> {
    match password {
        Some(password) => password::hash(services, password).await.map(Some),
        None => Ok(None),
    }
}

async fn drawn(logo: Option<Vec<u8>>) -> Result<Option<Picture>, Error> {
    match logo {
        Some(file) => logo::draw(file).await.map(Some),
        None => Ok(None),
    }
}

fn lifetime(asked: SignedDuration) -> Result<SignedDuration, Refusal> {
    let detail = "A link works between PT1H and P90D.";
    if (SHORTEST..=LONGEST).contains(&asked) {
        Ok(asked)
    } else {
        Err(Refusal::field("/expires_in", "out_of_range", detail))
    }
}

/// A link that can be what it says: each place is one that a client can connect.
fn judged(
    services: &Services,
    workspace: &domain::Workspace,
    mut link: EasyConnectLink,
) -> Result<EasyConnectLink, Refusal> {
    if link.wanted().count() > MOST_ITEMS {
        return Err(Refusal::field("/items", "too_many", format!("At most {MOST_ITEMS} items.")));
    }
    if link.max_connections.is_some_and(|most| !(1..=MOST_CONNECTIONS).contains(&most)) {
        let detail = format!("max_connections is between 1 and {MOST_CONNECTIONS}.");
        return Err(Refusal::field("/max_connections", "out_of_range", detail));
    }
    for (at, platform) in link.allowed_platforms.iter().flatten().enumerate() {
        entry(services, platform, None, &format!("/allowed_platforms/{at}"))?;
    }
    let allowed = link.allowed_platforms.clone();
    for (at, item) in link.items.iter_mut().enumerate().filter(|(_, item)| item.wanted) {
        let pointer = |field: &str| format!("/items/{at}/{field}");
        if allowed.as_ref().is_some_and(|allowed| !allowed.contains(&item.platform)) {
            let detail = format!("{} is not among allowed_platforms.", item.platform);
            return Err(Refusal::field(&pointer("platform"), "not_allowed", detail));
        }
        let found = entry(services, &item.platform, item.method.as_ref(), &pointer("platform"))?;
        if let Some(kind) = item.kind.as_ref().filter(|kind| !found.kinds.contains(kind)) {
            let detail = format!("{} has no {kind}; it has {}.", found.platform_name, found.kinds.join(", "));
            return Err(Refusal::field(&pointer("kind"), "unknown", detail));
        }
        if item.expected_handle.is_some() && !found.returns_handle {
            let detail = format!("{} does not tell handles, so this cannot be judged.", found.platform_name);
            return Err(Refusal::field(&pointer("expected_handle"), "unsupported", detail));
        }
        item.expected_handle = item.expected_handle.as_deref().map(text::handle);
    }
    if let Some(url) = &link.return_url {
        let admitted = admit(services, workspace, url).ok_or_else(|| Refusal::plain(Code::ReturnUrlNotAllowed))?;
        link.return_url = Some(admitted.to_string());
    }
    Ok(link)
}

fn entry<'a>(
    services: &'a Services,
    platform: &PlatformId,
    method: Option<&MethodId>,
    pointer: &str,
) -> Result<&'a platforms::Entry, Refusal> {
    let found = services.platforms.entry(platform, method);
    let unknown = || Refusal::field(pointer, "unknown", format!("There is no such way to connect {platform}."));
    let found = found.ok_or_else(unknown)?;
    let configured = services.platforms.connector(platform, &found.method).is_some();
    let detail = format!("There is no OAuth app for {}.", found.platform_name);
    if configured { Ok(found) } else { Err(Refusal::new(Code::PlatformNotConfigured, detail)) }
}
