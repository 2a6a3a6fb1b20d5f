//! Links by which clients connect: listed, made, followed, ended.

use askama::Template;
use domain::{
    Timestamp,
    easyconnect::{ItemState, LinkStatus},
};

use super::{Choice, Chrome, Fact};
use crate::{
    icon,
    parts::{Flash, Hidden, Link, Meter, Platform, Press},
};

/// How a link stands: a word, a sign and a tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing(pub LinkStatus);

impl Standing {
    fn word(self) -> &'static str {
        match self.0 {
            LinkStatus::Active => "Active",
            LinkStatus::Disabled => "Paused",
            LinkStatus::Completed => "Completed",
            LinkStatus::Expired => "Expired",
            LinkStatus::Exhausted => "Used up",
            LinkStatus::Deleted => "Deleted",
        }
    }

    fn icon(self) -> &'static str {
        match self.0 {
            LinkStatus::Active => icon::ARROW,
            LinkStatus::Completed => icon::SUCCESS,
            LinkStatus::Expired => icon::CLOCK,
            LinkStatus::Disabled | LinkStatus::Exhausted | LinkStatus::Deleted => icon::OFF,
        }
    }

    fn tone(self) -> &'static str {
        match self.0 {
            LinkStatus::Active => "info",
            LinkStatus::Completed => "good",
            LinkStatus::Expired | LinkStatus::Exhausted => "warn",
            LinkStatus::Disabled | LinkStatus::Deleted => "off",
        }
    }
}

/// A link in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// What it is for, and its page.
    pub link: Link,
    /// For whom.
    pub recipient: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// How much of it is done.
    pub progress: Meter,
    /// How often it was opened.
    pub opened: u32,
    /// How many accounts are connected through it.
    pub connected: u32,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// The links of a workspace, the newest first.
#[derive(Debug, Clone, Template)]
#[template(path = "console/links.html")]
pub struct Links {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// The links of this page of the list.
    pub links: Vec<LinkRow>,
    /// Where one is made; none where this visitor may not.
    pub new: Option<String>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// An account that a link asks for, or that came beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkItem {
    /// Where.
    pub platform: Platform,
    /// Which one, in words.
    pub what: String,
    /// Whether the link is complete without it.
    pub optional: bool,
    /// How it stands.
    pub state: ItemState,
    /// What it became, with its page where this visitor sees it.
    pub account: Option<Link>,
    /// Who consented.
    pub by: Option<String>,
    /// When it was connected, or taken back.
    pub at: Option<Timestamp>,
}

impl LinkItem {
    fn word(&self) -> &'static str {
        match self.state {
            ItemState::Open => "Not connected",
            ItemState::Connected => "Connected",
            ItemState::Withdrawn => "Taken back by the client",
        }
    }

    fn icon(&self) -> &'static str {
        match self.state {
            ItemState::Open => icon::CLOCK,
            ItemState::Connected => icon::SUCCESS,
            ItemState::Withdrawn => icon::OFF,
        }
    }

    fn tone(&self) -> &'static str {
        if self.state == ItemState::Connected { "good" } else { "off" }
    }
}

/// What may be done with a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkActions {
    /// Pauses it, or lets it go on.
    pub pause: Press,
    /// Makes another address.
    pub send: Press,
    /// Asks before all addresses are replaced.
    pub rotate: String,
    /// Asks before it is deleted.
    pub delete: String,
}

/// One link.
#[derive(Debug, Clone, Template)]
#[template(path = "console/link.html")]
pub struct LinkPage {
    /// Around it.
    pub chrome: Chrome,
    /// Where the list is.
    pub list: String,
    /// What it is for.
    pub title: String,
    /// How it stands.
    pub standing: Standing,
    /// How much of it is done.
    pub progress: Meter,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When a client last asked for a fresh one.
    pub fresh_asked_at: Option<Timestamp>,
    /// The checklist.
    pub items: Vec<LinkItem>,
    /// What clients connected beside it.
    pub beside: Vec<LinkItem>,
    /// How far clients came: each step and how often.
    pub funnel: Vec<(&'static str, u32)>,
    /// Attempts that ended badly: why and how often.
    pub dropped: Vec<(String, u32)>,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// What may be done; none where this visitor may not.
    pub actions: Option<LinkActions>,
}

/// What a link's end, or its addresses' end, is asked again for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnding {
    /// All addresses are replaced by another one.
    Rotate,
    /// The link goes.
    Delete,
}

impl LinkEnding {
    fn verb(self) -> &'static str {
        match self {
            Self::Rotate => "Replace the address",
            Self::Delete => "Delete the link",
        }
    }

    fn effects(self) -> [&'static str; 3] {
        match self {
            Self::Rotate => [
                "Every address that was sent before stops working, also for a client who is connecting now.",
                "You get one new address to send.",
                "Accounts that are connected stay connected.",
            ],
            Self::Delete => [
                "Its address stops working, also for a client who is connecting now.",
                "Accounts that are connected stay connected.",
                "The client can still take them back, from the receipt.",
            ],
        }
    }
}

/// Asks again before a link or its addresses end.
#[derive(Debug, Clone, Template)]
#[template(path = "console/link_confirm.html")]
pub struct LinkConfirm {
    /// Around it.
    pub chrome: Chrome,
    /// What ends.
    pub ending: LinkEnding,
    /// Which link.
    pub title: String,
    /// Does it.
    pub submit: Press,
    /// Where one goes who does not want it.
    pub cancel: String,
}

/// An address with what goes along when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What the client opens.
    pub url: String,
    /// The same as a picture, made by [`crate::qr::svg`].
    pub picture: Option<String>,
    /// The message's language.
    pub language: domain::Language,
    /// A line above the message.
    pub subject: String,
    /// The message, the address included.
    pub text: String,
}

/// The one page that shows an address.
#[derive(Debug, Clone, Template)]
#[template(path = "console/link_told.html")]
pub struct LinkTold {
    /// Around it.
    pub chrome: Chrome,
    /// What was done.
    pub done: &'static str,
    /// What the link is for.
    pub title: String,
    /// The address; none where the same form was sent once more.
    pub address: Option<Address>,
    /// Whether the client needs a password, too.
    pub has_password: bool,
    /// Makes another address.
    pub send: Press,
    /// The link's page.
    pub page: String,
}

/// One row of the checklist in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which account, the first choice for none.
    pub choices: Vec<Choice>,
    /// Only an account of this name or @handle.
    pub only: String,
    /// Whether the link is complete without it.
    pub optional: bool,
}

/// The form that makes a link, with what was typed before.
#[derive(Debug, Clone, Template)]
#[template(path = "console/link_new.html")]
pub struct NewLink {
    /// Around it.
    pub chrome: Chrome,
    /// What was refused.
    pub flash: Option<Flash>,
    /// Where it is posted.
    pub submit: String,
    /// Where the list is.
    pub list: String,
    /// Makes that the form counts once.
    pub once: Hidden,
    /// What it is for.
    pub title: String,
    /// The checklist.
    pub places: Vec<Place>,
    /// How many of its rows are shown at first.
    pub shown: usize,
    /// Whether a password was typed, which is not shown again.
    pub retype: bool,
    /// How many days it works.
    pub days: String,
    /// Most accounts.
    pub most: String,
    /// What the client is called.
    pub recipient: String,
    /// What they speak.
    pub languages: Vec<Choice>,
    /// Who asks.
    pub agency: String,
    /// The colour of what is pressed.
    pub color: String,
}

impl NewLink {
    /// Rows with their numbers: those that are shown, and those that unfold.
    fn rows(&self, first: bool) -> impl Iterator<Item = (usize, &Place)> {
        let shown = self.shown;
        (1..).zip(&self.places).filter(move |(number, _)| (*number <= shown) == first)
    }
}
