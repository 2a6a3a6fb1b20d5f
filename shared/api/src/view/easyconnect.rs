//! Links by which clients connect, as their workspace sees them.

mod ask;

use std::collections::BTreeMap;

use app::{
    Services,
    easyconnect::manage::{Detail, Told},
};
use domain::{
    Account, EasyConnectLink, Secret, Timestamp,
    easyconnect::{Branding, Funnel, FunnelStep, Item},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use ask::{
    CreateLink, CreateReconnectLink, CreateReturnLink, NewBrandingView, NewItemView, PatchLink, SendLink,
};

use super::{PageInfo, connect::AccountRefView};

/// A link by which a client connects accounts.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = EasyConnectLink)]
pub struct LinkView {
    /// `ecl_…`
    pub id: String,
    /// What it is for, in the words that the client reads.
    pub title: String,
    /// `active`, `disabled`, `completed`, `expired`, `exhausted`, `deleted`; derived.
    pub status: String,
    /// What to send to the client, once: in the answer that makes it. Only its digest is kept, so everywhere else, and
    /// where that request is repeated, it is null.
    pub url: Option<String>,
    /// The same as an SVG picture; null where the address is.
    pub qr_svg: Option<String>,
    /// A text for the client in their language; null where the address is. Mooring sends no mail itself.
    pub message: Option<MessageView>,
    /// Whether it takes a password.
    pub has_password: bool,
    /// Whether it is not paused.
    pub enabled: bool,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Most accounts that it connects; null is no limit but the plan's.
    pub max_connections: Option<u32>,
    /// Where accounts may be connected beside the checklist; null without a checklist is everywhere.
    pub allowed_platforms: Option<Vec<String>>,
    /// For what; null is what each platform has of publishing and analytics.
    pub capabilities: Option<Vec<String>>,
    /// The checklist, and behind it what was connected beside it.
    pub items: Vec<LinkItemView>,
    /// How many of the checklist are connected.
    pub progress: ProgressView,
    /// For whom it is.
    pub recipient: RecipientView,
    /// In whose name and colours.
    pub branding: BrandingView,
    /// Which events are told of it.
    pub notify: NotifyView,
    /// What the SaaS calls it; the `external_id` of every account.
    pub client_ref: Option<String>,
    /// Tags of every account.
    pub tags: Vec<String>,
    /// Where the client goes from the receipt.
    pub return_url: Option<String>,
    /// How far clients came.
    pub funnel: FunnelView,
    /// The accounts that are connected through it, with `include=accounts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<LinkAccountView>>,
    /// Who made it.
    pub created_by: super::PersonView,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When all that it asks for was connected.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    /// When a client last asked for a fresh one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub fresh_link_requested_at: Option<Timestamp>,
    /// Its version, as the header `ETag` has it.
    pub etag: String,
}

/// A text for the client, to be sent by whoever made the link.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkMessage)]
pub struct MessageView {
    /// In which language.
    pub language: String,
    /// A line above it.
    pub subject: String,
    /// The text, the address included.
    pub text: String,
}

/// One account that a link asks for, or that was connected beside the checklist.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = EasyConnectItem)]
pub struct LinkItemView {
    /// Its number on the checklist, from 1 on.
    pub item: u16,
    /// Where.
    pub platform: String,
    /// How; null is the platform's usual way.
    pub method: Option<String>,
    /// What kind of account; null is any.
    pub kind: Option<String>,
    /// Only an account of this name is welcome.
    pub expected_name: Option<String>,
    /// Only this handle is welcome.
    pub expected_handle: Option<String>,
    /// Only this platform account is welcome.
    pub expected_platform_account_id: Option<String>,
    /// Whether the link is complete without it.
    pub optional: bool,
    /// Whether it was asked for; false for what a client connected beside the checklist.
    pub wanted: bool,
    /// `open`, `connected`, `withdrawn`.
    pub status: String,
    /// The account that it brings back.
    pub reconnects: Option<AccountRefView>,
    /// The account that it became.
    pub account: Option<AccountRefView>,
    /// What that was called when the client consented.
    pub name: Option<String>,
    /// Who consented, as the platform calls them.
    pub consented_by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub connected_at: Option<Timestamp>,
    /// When the client took it back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Timestamp>,
}

/// An account that is connected through a link, as it is now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkAccount)]
pub struct LinkAccountView {
    /// `acc_…`
    pub id: String,
    /// Its platform.
    pub platform: String,
    /// What it is called.
    pub name: String,
    /// Handle without `@`.
    pub handle: Option<String>,
    /// `active`, `disconnected`.
    pub lifecycle: String,
    /// Where everything else of it is told.
    pub href: String,
}

impl From<&Account> for LinkAccountView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            platform: account.platform.to_string(),
            name: account.profile.name.clone(),
            handle: account.profile.handle.clone(),
            lifecycle: account.lifecycle.as_str().to_owned(),
            href: format!("/v1/accounts/{}", account.id),
        }
    }
}

/// How many are done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkProgress)]
pub struct ProgressView {
    /// Connected.
    pub done: u32,
    /// Asked for.
    pub of: u32,
}

/// For whom a link is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = LinkRecipient)]
pub struct RecipientView {
    /// What they are called.
    pub name: Option<String>,
    /// Where you send it.
    pub email: Option<String>,
    /// What they read: `en`, `de`, `es`, `fr`, `it`, `pt`, `nl`, `ja`, `ar`; what their browser says if null.
    pub language: Option<String>,
}

/// In whose name and colours a link asks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkBranding)]
pub struct BrandingView {
    /// Who asks.
    pub name: Option<String>,
    /// The colour of what is pressed.
    pub color: Option<String>,
    /// The colour of what is read.
    pub accent: Option<String>,
    /// What is shown of `accent`, so that it can be read on a white page: it has a contrast of 4.5 to 1.
    pub accent_readable: Option<String>,
    /// What is written on `color`: black or white.
    pub color_ink: Option<String>,
    /// Whether there is a logo.
    pub has_logo: bool,
}

/// Which events are told of a link.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LinkNotify)]
pub struct NotifyView {
    /// `opened`, `account_connected`, `stuck`, `completed`, `expired`, `fresh_link_requested`.
    pub on: Vec<String>,
}

/// How far clients came, without who they were.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkFunnel)]
pub struct FunnelView {
    /// Visits that a person opened; programs that look at the address do not count.
    pub opened: u32,
    /// Wrong passwords.
    pub password_wrong: u32,
    /// Platforms that were chosen.
    pub started: u32,
    /// How often somebody went to a platform.
    pub consenting: u32,
    /// How often they came back with a consent.
    pub returned: u32,
    /// How often they chose.
    pub selected: u32,
    /// Accounts that were connected.
    pub connected: u32,
    /// How often somebody said that they are done.
    pub finished: u32,
    /// How often a fresh link was asked for.
    pub fresh_link_requested: u32,
    /// Connections that were taken back.
    pub withdrawn: u32,
    /// Attempts that ended badly, by the code of their end.
    pub dropped: BTreeMap<String, u32>,
}

/// A page of links.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = EasyConnectLinkPage)]
pub struct LinkPageView {
    /// The newest first.
    pub data: Vec<LinkView>,
    /// Where the next page begins.
    pub page: PageInfo,
}

impl LinkView {
    /// A link that was made, or got another secret.
    pub(crate) fn told(services: &Services, (once, secret): &Told, funnel: &Funnel) -> Self {
        let link = once.outcome();
        let mut view = Self::of(services, link, funnel);
        if let Some(secret) = secret {
            let url = address(services, secret);
            let language = link.recipient.language.unwrap_or_default();
            let message = web::easyconnect::invitation(language, link.agency(), &link.title, &url);
            view.message = Some(MessageView {
                language: language.as_str().to_owned(),
                subject: message.subject,
                text: message.text,
            });
            view.qr_svg = web::qr::svg(&url);
            view.url = Some(url);
        }
        view
    }

    pub(crate) fn detail(services: &Services, detail: &Detail, with_accounts: bool) -> Self {
        let accounts = with_accounts.then(|| detail.accounts.iter().map(LinkAccountView::from).collect());
        Self { accounts, ..Self::of(services, &detail.link, &detail.funnel) }
    }

    pub(crate) fn of(services: &Services, link: &EasyConnectLink, funnel: &Funnel) -> Self {
        let words = |all: &mut dyn Iterator<Item = &'static str>| all.map(str::to_owned).collect::<Vec<_>>();
        let (done, of) = link.progress();
        Self {
            id: link.id.to_string(),
            title: link.title.clone(),
            status: link.status(services.now()).as_str().to_owned(),
            url: None,
            qr_svg: None,
            message: None,
            has_password: link.password.is_some(),
            enabled: link.enabled,
            expires_at: link.expires_at,
            max_connections: link.max_connections,
            allowed_platforms: link.allowed_platforms.as_ref().map(|all| all.iter().map(ToString::to_string).collect()),
            capabilities: link.capabilities.as_ref().map(|all| words(&mut all.iter().map(|c| c.as_str()))),
            items: link.items.iter().zip(1..).map(|(item, number)| LinkItemView::of(item, number)).collect(),
            progress: ProgressView { done, of },
            recipient: RecipientView {
                name: link.recipient.name.clone(),
                email: link.recipient.email.clone(),
                language: link.recipient.language.map(|language| language.as_str().to_owned()),
            },
            branding: BrandingView::of(&link.branding),
            notify: NotifyView { on: words(&mut link.notify.iter().map(|what| what.as_str())) },
            client_ref: link.client_ref.clone(),
            tags: link.tags.iter().cloned().collect(),
            return_url: link.return_url.clone(),
            funnel: FunnelView::of(link, funnel),
            accounts: None,
            created_by: super::PersonView { id: link.created_by.id.clone(), name: link.created_by.name.clone() },
            created_at: link.created_at,
            completed_at: link.completed_at,
            fresh_link_requested_at: link.fresh_asked_at,
            etag: format!("\"{}\"", link.version),
        }
    }
}

/// What is sent to a client.
pub(crate) fn address(services: &Services, secret: &Secret) -> String {
    services.url(&format!("c/{}", secret.expose()))
}

impl LinkItemView {
    fn of(item: &Item, number: u16) -> Self {
        let consented = item.consented.as_ref();
        let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            item: number,
            platform: item.platform.to_string(),
            method: item.method.as_ref().map(ToString::to_string),
            kind: item.kind.clone(),
            expected_name: item.expected_name.clone(),
            expected_handle: item.expected_handle.clone(),
            expected_platform_account_id: item.expected_platform_account_id.clone(),
            optional: item.optional,
            wanted: item.wanted,
            status: item.state().as_str().to_owned(),
            reconnects: item.reconnects.map(|id| AccountRefView { id: id.to_string() }),
            account: consented.map(|consented| AccountRefView { id: consented.account.to_string() }),
            name: consented.and_then(|consented| known(&consented.name)),
            consented_by: consented.and_then(|consented| known(&consented.by)),
            connected_at: consented.map(|consented| consented.at),
            withdrawn_at: consented.and_then(|consented| consented.withdrawn_at),
        }
    }
}

impl BrandingView {
    fn of(branding: &Branding) -> Self {
        let shown = |color: domain::Color| color.to_string();
        Self {
            name: branding.name.clone(),
            color: branding.color.map(shown),
            accent: branding.accent.map(shown),
            accent_readable: branding.accent.map(|color| shown(color.readable_on(domain::Color::WHITE))),
            color_ink: branding.color.map(|color| shown(color.ink())),
            has_logo: branding.logo.is_some(),
        }
    }
}

impl FunnelView {
    fn of(link: &EasyConnectLink, funnel: &Funnel) -> Self {
        Self {
            opened: funnel.of(FunnelStep::Opened),
            password_wrong: funnel.of(FunnelStep::PasswordWrong),
            started: funnel.of(FunnelStep::Started),
            consenting: funnel.of(FunnelStep::Consenting),
            returned: funnel.of(FunnelStep::Returned),
            selected: funnel.of(FunnelStep::Selected),
            connected: link.connections(),
            finished: funnel.of(FunnelStep::Finished),
            fresh_link_requested: funnel.of(FunnelStep::FreshLinkRequested),
            withdrawn: funnel.of(FunnelStep::Withdrawn),
            dropped: funnel.dropped.clone(),
        }
    }
}
