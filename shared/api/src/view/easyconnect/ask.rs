//! What a caller asks of a link.
#![expect(clippy::option_option, reason = "absent and null are different things to ask for")]

use std::collections::BTreeSet;

use app::easyconnect::{
    NewAgain,
    manage::{LinkChange, NewLink},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use domain::{
    Color, Language, PlatformId, Refusal, Secret,
    easyconnect::{Branding, Item, Notify, Recipient},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NotifyView, RecipientView};
use crate::view::{
    connect::capabilities,
    duration,
    settings::patch::{line, sent, tags},
};

/// Longest title, name and text of a caller's own.
const TITLE: usize = 100;
const NAME: usize = 80;
const TEXT: usize = 200;
/// Shortest and longest password, in characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 6..=200;
/// Most platforms that a list names.
const PLATFORMS: usize = 50;

/// What a link shall be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateEasyConnectLink, example = json!({"title": "Acme onboarding", "expires_in": "P7D",
    "max_connections": 5, "items": [{"platform": "facebook", "kind": "page", "expected_name": "Acme"}],
    "recipient": {"email": "client@acme.example", "language": "en"}, "branding": {"name": "North Agency", "color": "#0a5"}}))]
pub struct CreateLink {
    /// What it is for, in the words that the client reads: 1 to 100 characters.
    pub title: String,
    /// Opens it, 6 to 200 characters; none if absent. Five wrong ones lock the link for 15 minutes.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub password: Option<Secret>,
    /// How long it works, an ISO 8601 duration between `PT1H` and `P90D`; `P14D` if absent.
    #[serde(default)]
    pub expires_in: Option<String>,
    /// Most accounts that it connects, 1 to 100.
    #[serde(default)]
    pub max_connections: Option<u32>,
    /// Where accounts may be connected beside the checklist. Without this and without a checklist: everywhere.
    #[serde(default)]
    pub allowed_platforms: Option<Vec<String>>,
    /// `publish`, `analytics`, `messages`, `audience`; what each platform has of the first two if absent.
    #[serde(default)]
    pub capabilities: Option<Vec<String>>,
    /// The accounts that are wanted, at most 50.
    #[serde(default)]
    pub items: Vec<NewItemView>,
    /// For whom it is.
    #[serde(default)]
    pub recipient: Option<RecipientView>,
    /// In whose name and colours.
    #[serde(default)]
    pub branding: Option<NewBrandingView>,
    /// Which events are told of it; all if absent.
    #[serde(default)]
    pub notify: Option<NotifyView>,
    /// What you call it; becomes the `external_id` of every account.
    #[serde(default)]
    pub client_ref: Option<String>,
    /// Tags for every account, at most 20.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where the client goes from the receipt; must be on the allow-list.
    #[serde(default)]
    pub return_url: Option<String>,
}

/// What of a link shall be different. What is absent stays as it is, and null takes it away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EasyConnectLinkPatch)]
pub struct PatchLink {
    /// What it is for.
    #[serde(default)]
    pub title: Option<String>,
    /// Another password, or none.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub password: Option<Option<Secret>>,
    /// Whether it is not paused.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// How long it works from now on.
    #[serde(default)]
    pub expires_in: Option<String>,
    /// Most accounts that it connects.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<u32>)]
    pub max_connections: Option<Option<u32>>,
    /// Where accounts may be connected beside the checklist.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<String>>)]
    pub allowed_platforms: Option<Option<Vec<String>>>,
    /// For what.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<String>>)]
    pub capabilities: Option<Option<Vec<String>>>,
    /// The whole checklist; what is connected keeps its number.
    #[serde(default)]
    pub items: Option<Vec<NewItemView>>,
    /// For whom it is, as a whole.
    #[serde(default)]
    pub recipient: Option<RecipientView>,
    /// In whose name and colours, as a whole; a logo that is not sent stays.
    #[serde(default)]
    pub branding: Option<NewBrandingView>,
    /// Which events are told of it.
    #[serde(default)]
    pub notify: Option<NotifyView>,
    /// What you call it.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub client_ref: Option<Option<String>>,
    /// Tags for every account that is connected from now on.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Where the client goes from the receipt.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub return_url: Option<Option<String>>,
}

/// An account that is wanted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEasyConnectItem)]
pub struct NewItemView {
    /// The platform's id.
    pub platform: String,
    /// The method's id; the platform's first if absent.
    #[serde(default)]
    pub method: Option<String>,
    /// `page`, `profile`, `organization` … as the platform's `kinds` say; any if absent.
    #[serde(default)]
    pub kind: Option<String>,
    /// Only an account of this name is welcome.
    #[serde(default)]
    pub expected_name: Option<String>,
    /// Only this handle is welcome, where the platform tells handles.
    #[serde(default)]
    pub expected_handle: Option<String>,
    /// Only this platform account is welcome.
    #[serde(default)]
    pub expected_platform_account_id: Option<String>,
    /// Whether the link is complete without it.
    #[serde(default)]
    pub optional: bool,
}

/// In whose name and colours a link shall ask.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NewLinkBranding)]
pub struct NewBrandingView {
    /// Who asks, 1 to 80 characters; the workspace's id if absent.
    pub name: Option<String>,
    /// The colour of what is pressed, `#0a5` or `#00aa55`.
    pub color: Option<String>,
    /// The colour of what is read; the same as `color` if absent.
    pub accent: Option<String>,
    /// The logo, a PNG, JPEG, GIF or WebP of at most 45 KB in base64; it is drawn anew and small. Null takes it away.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub logo: Option<Option<String>>,
}

/// Another secret for a link.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SendEasyConnectLink)]
pub struct SendLink {
    /// For whom it is from now on; as before if absent.
    pub recipient: Option<RecipientView>,
}

/// The file of a logo, or that there is none, where either was sent.
type Logo = Option<Option<Vec<u8>>>;

/// A link that reconnects one account.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CreateReconnectLink)]
pub struct CreateReconnectLink {
    /// What it is for; `Reconnect …` if absent.
    pub title: Option<String>,
    /// How long it works, an ISO 8601 duration between `PT1H` and `P90D`; `P14D` if absent.
    pub expires_in: Option<String>,
    /// For whom it is.
    pub recipient: Option<RecipientView>,
    /// In whose name and colours.
    pub branding: Option<NewBrandingView>,
    /// Where the client goes from the receipt; must be on the allow-list.
    pub return_url: Option<String>,
}

/// One link that brings back what a lockdown disconnected.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CreateReturnLink)]
pub struct CreateReturnLink {
    /// Only these accounts, at most 50; all that are still disconnected if absent.
    pub account_ids: Option<Vec<String>>,
    /// What it is for.
    pub title: Option<String>,
    /// How long it works, an ISO 8601 duration between `PT1H` and `P90D`; `P14D` if absent.
    pub expires_in: Option<String>,
    /// For whom it is.
    pub recipient: Option<RecipientView>,
    /// In whose name and colours.
    pub branding: Option<NewBrandingView>,
    /// Where the client goes from the receipt; must be on the allow-list.
    pub return_url: Option<String>,
}

impl CreateLink {
    pub(crate) fn read(self) -> Result<NewLink, Refusal> {
        let (branding, logo) = self.branding.unwrap_or_default().read()?;
        Ok(NewLink {
            title: line("/title", &self.title, TITLE)?,
            password: self.password.map(password).transpose()?,
            lifetime: self.expires_in.as_deref().map(lifetime).transpose()?,
            max_connections: self.max_connections,
            allowed_platforms: self.allowed_platforms.as_deref().map(platforms).transpose()?,
            capabilities: capabilities(self.capabilities)?.map(BTreeSet::from_iter),
            items: items(self.items)?,
            recipient: self.recipient.unwrap_or_default().read()?,
            branding,
            logo: logo.flatten(),
            notify: self.notify.as_ref().map(notify).transpose()?,
            client_ref: self.client_ref.map(|text| line("/client_ref", &text, TEXT)).transpose()?,
            tags: tags(&self.tags)?.into_iter().collect(),
            return_url: self.return_url,
        })
    }
}

impl PatchLink {
    pub(crate) fn read(self) -> Result<LinkChange, Refusal> {
        let branding = self.branding.map(NewBrandingView::read).transpose()?;
        let (branding, logo) = branding.unzip();
        Ok(LinkChange {
            title: self.title.map(|title| line("/title", &title, TITLE)).transpose()?,
            password: self.password.map(|sent| sent.map(password).transpose()).transpose()?,
            enabled: self.enabled,
            lifetime: self.expires_in.as_deref().map(lifetime).transpose()?,
            max_connections: self.max_connections,
            allowed_platforms: self
                .allowed_platforms
                .map(|sent| sent.as_deref().map(platforms).transpose())
                .transpose()?,
            capabilities: match self.capabilities {
                Some(sent) => Some(capabilities(sent)?.map(BTreeSet::from_iter)),
                None => None,
            },
            items: self.items.map(items).transpose()?,
            recipient: self.recipient.map(RecipientView::read).transpose()?,
            branding,
            logo: logo.flatten(),
            notify: self.notify.as_ref().map(notify).transpose()?,
            client_ref: match self.client_ref {
                Some(sent) => Some(sent.map(|text| line("/client_ref", &text, TEXT)).transpose()?),
                None => None,
            },
            tags: self.tags.map(|sent| tags(&sent)).transpose()?.map(BTreeSet::from_iter),
            return_url: self.return_url,
        })
    }
}

impl SendLink {
    pub(crate) fn read(self) -> Result<Option<Recipient>, Refusal> {
        self.recipient.map(RecipientView::read).transpose()
    }
}

impl CreateReconnectLink {
    pub(crate) fn read(self) -> Result<NewAgain, Refusal> {
        let (branding, _) = self.branding.unwrap_or_default().read()?;
        Ok(NewAgain {
            title: self.title.map(|title| line("/title", &title, TITLE)).transpose()?,
            lifetime: self.expires_in.as_deref().map(lifetime).transpose()?,
            recipient: self.recipient.unwrap_or_default().read()?,
            branding,
            return_url: self.return_url,
            accounts: None,
        })
    }
}

impl CreateReturnLink {
    pub(crate) fn read(self) -> Result<NewAgain, Refusal> {
        let Self { account_ids, title, expires_in, recipient, branding, return_url } = self;
        let again = CreateReconnectLink { title, expires_in, recipient, branding, return_url }.read()?;
        let unknown = |at: usize| Refusal::field(&format!("/account_ids/{at}"), "unknown", "There is no such account.");
        let ids = account_ids.map(|ids| {
            let read = ids.iter().enumerate().map(|(at, id)| id.parse().map_err(|_| unknown(at)));
            read.collect::<Result<BTreeSet<_>, _>>()
        });
        Ok(NewAgain { accounts: ids.transpose()?, ..again })
    }
}

impl RecipientView {
    fn read(self) -> Result<Recipient, Refusal> {
        let unknown = || Refusal::field("/recipient/language", "unknown", "This language is not spoken here.");
        let language = self.language.map(|tag| Language::of_tag(&tag).ok_or_else(unknown)).transpose()?;
        let email = self.email.map(|email| line("/recipient/email", &email, TEXT)).transpose()?;
        if email.as_deref().is_some_and(|email| email.contains(' ') || !email.contains('@')) {
            return Err(Refusal::field("/recipient/email", "invalid", "This is no mail address."));
        }
        let name = self.name.map(|name| line("/recipient/name", &name, NAME)).transpose()?;
        Ok(Recipient { name, email, language })
    }
}

impl NewBrandingView {
    /// The branding, and the logo's file where one was sent.
    fn read(self) -> Result<(Branding, Logo), Refusal> {
        let color = |name: &str, text: Option<String>| {
            let odd = |_| Refusal::field(&format!("/branding/{name}"), "invalid", "A colour such as #0a5 or #00aa55.");
            text.map(|text| text.parse::<Color>().map_err(odd)).transpose()
        };
        let odd = |_| Refusal::field("/branding/logo", "invalid", "The logo is a file in base64.");
        let logo = match self.logo {
            Some(sent) => Some(sent.map(|text| BASE64.decode(text).map_err(odd)).transpose()?),
            None => None,
        };
        let branding = Branding {
            name: self.name.map(|name| line("/branding/name", &name, NAME)).transpose()?,
            color: color("color", self.color)?,
            accent: color("accent", self.accent)?,
            logo: None,
        };
        Ok((branding, logo))
    }
}

fn items(sent: Vec<NewItemView>) -> Result<Vec<Item>, Refusal> {
    sent.into_iter().enumerate().map(|(at, item)| item.read(at)).collect()
}

impl NewItemView {
    fn read(self, at: usize) -> Result<Item, Refusal> {
        let pointer = |field: &str| format!("/items/{at}/{field}");
        let text = |field: &str, text: Option<String>| text.map(|t| line(&pointer(field), &t, TEXT)).transpose();
        let unknown = |field: &str| Refusal::field(&pointer(field), "unknown", format!("There is no such {field}."));
        let platform: PlatformId = self.platform.parse().map_err(|_| unknown("platform"))?;
        Ok(Item {
            method: self.method.map(|method| method.parse().map_err(|_| unknown("method"))).transpose()?,
            kind: self.kind,
            expected_name: text("expected_name", self.expected_name)?,
            expected_handle: text("expected_handle", self.expected_handle)?,
            expected_platform_account_id: text("expected_platform_account_id", self.expected_platform_account_id)?,
            optional: self.optional,
            wanted: true,
            ..Item::beside(platform)
        })
    }
}

fn password(sent: Secret) -> Result<Secret, Refusal> {
    let detail = "A password has 6 to 200 characters.";
    if PASSWORD.contains(&sent.expose().chars().count()) {
        Ok(sent)
    } else {
        Err(Refusal::field("/password", "length", detail))
    }
}

fn lifetime(text: &str) -> Result<SignedDuration, Refusal> {
    let no_duration = || Refusal::field("/expires_in", "duration", "An ISO 8601 duration such as P7D or PT12H.");
    duration(text).ok_or_else(no_duration)
}

fn platforms(sent: &[String]) -> Result<BTreeSet<PlatformId>, Refusal> {
    if !(1..=PLATFORMS).contains(&sent.len()) {
        return Err(Refusal::field("/allowed_platforms", "length", format!("1 to {PLATFORMS} platforms.")));
    }
    let unknown =
        |at: usize| Refusal::field(&format!("/allowed_platforms/{at}"), "unknown", "There is no such platform.");
    sent.iter().enumerate().map(|(at, id)| id.parse().map_err(|_| unknown(at))).collect()
}

fn notify(sent: &NotifyView) -> Result<BTreeSet<Notify>, Refusal> {
    let unknown = |at: usize| Refusal::field(&format!("/notify/on/{at}"), "unknown", "There is no such event.");
    let find = |(at, word): (usize, &String)| {
        Notify::ALL.into_iter().find(|what| what.as_str() == word).ok_or_else(|| unknown(at))
    };
    sent.on.iter().enumerate().map(find).collect()
}
