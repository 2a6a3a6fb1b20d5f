//! What is around every page of the client's.

use askama::{Template, filters::HtmlSafe};
use domain::{Capability, Language};

use super::text::{About, Text, say};
use crate::{
    parts::{Hidden, Press},
    words::{self, Suspicion},
};

/// Around a page: in which language it speaks, and whom it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// The language.
    pub language: Language,
    /// Who asks: the name of the brand, or else of the workspace.
    pub agency: String,
    /// Path of its logo on our own origin; anything else is not shown.
    pub logo: Option<String>,
    /// Path of its colours, made by [`super::brand_path`].
    pub stylesheet: Option<String>,
}

impl Shell {
    /// A message that tells of nothing but the agency.
    pub(crate) fn say(&self, text: Text) -> String {
        self.tell(text, None, About::default())
    }

    /// A message as a label of what follows it.
    pub(crate) fn label(&self, text: Text) -> String {
        self.say(text) + &self.say(Text::Colon)
    }

    /// A message about a platform or another name.
    pub(crate) fn of(&self, text: Text, name: &str) -> String {
        self.tell(text, None, About { name, ..About::default() })
    }

    /// A message about so many.
    pub(crate) fn count(&self, text: Text, count: u32) -> String {
        self.tell(text, None, About { count, ..About::default() })
    }

    /// A message about so many of so many.
    pub(crate) fn count_of(&self, text: Text, count: u32, total: u32) -> String {
        self.tell(text, None, About { count, total, ..About::default() })
    }

    /// A part of a message, about a name.
    pub(crate) fn part(&self, text: Text, part: &str, name: &str) -> String {
        self.tell(text, Some(part), About { name, ..About::default() })
    }

    fn tell(&self, text: Text, part: Option<&str>, about: About<'_>) -> String {
        say(self.language, text, part, About { agency: &self.agency, ..about })
    }

    /// Who asks, made harmless.
    pub(crate) fn name(&self) -> String {
        words::inert(&self.agency)
    }

    /// What kind of account it is.
    pub(crate) fn kind(&self, kind: &str) -> String {
        self.say(match kind {
            "page" => Text::KindPage,
            "profile" => Text::KindProfile,
            "organization" => Text::KindOrganization,
            "channel" => Text::KindChannel,
            "location" => Text::KindLocation,
            "instagram_business" => Text::KindInstagramBusiness,
            "instagram_creator" => Text::KindInstagramCreator,
            _ => Text::KindAccount,
        })
    }

    /// A link to where a stranger's address leads; none where that is not safe.
    pub(crate) fn leading(&self, label: String, href: &str) -> Option<Leading> {
        words::href(href).map(|url| Leading { label, url, outside: self.say(Text::OtherSite) })
    }

    pub(crate) fn picture(&self) -> Option<String> {
        self.logo.as_deref().and_then(words::path)
    }

    pub(crate) fn brand(&self) -> Option<String> {
        self.stylesheet.as_deref().and_then(words::path)
    }

    pub(crate) fn caution(&self) -> Option<String> {
        words::suspicion(&self.agency).map(|suspicion| {
            self.say(match suspicion {
                Suspicion::Address => Text::CautionAddress,
                Suspicion::Mixed => Text::CautionMixed,
            })
        })
    }
}

/// A link that leads away.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<a href="{{ url }}" rel="noopener noreferrer">{{ label }}<span class="icon out" aria-hidden="true">{{ crate::icon::OUTSIDE|safe }}</span><span class="quiet"> ({{ outside }})</span></a>"#
)]
pub(crate) struct Leading {
    label: String,
    url: String,
    outside: String,
}

impl HtmlSafe for Leading {}

impl From<Capability> for Text {
    fn from(capability: Capability) -> Self {
        match capability {
            Capability::Publish => Self::Publish,
            Capability::Analytics => Self::Analytics,
            Capability::Messages => Self::Messages,
            Capability::Audience => Self::Audience,
        }
    }
}

/// As many, for a message.
pub(super) fn many(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Where one button posts, and what; the button's words are the page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where.
    pub action: String,
    /// What, the CSRF token included.
    pub fields: Vec<Hidden>,
}

impl Form {
    pub(crate) fn press(&self, label: String) -> Press {
        Press { label, action: self.action.clone(), fields: self.fields.clone(), first: false }
    }
}
