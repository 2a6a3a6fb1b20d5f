//! What pages are made of.

use askama::{Template, filters::HtmlSafe};
use domain::{Capability, PlatformId, Timestamp, account::Profile};

use crate::{icon, words};

/// Name of the hidden field that bears the CSRF token in every form of the console.
pub const CSRF_FIELD: &str = "csrf";

/// A platform, as pages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// Its id; decides the logo.
    pub id: PlatformId,
    /// What people call it.
    pub name: String,
}

impl Platform {
    /// Its logo on a tile of its colour, a monogram if it has none. Says nothing by itself.
    pub(crate) fn tile(&self) -> Tile<'_> {
        Tile { id: &self.id, logo: icon::platform(&self.id).map(str::to_owned), letters: words::monogram(&self.name) }
    }

    /// The same where the page has its [`Self::symbol`], so that a long list stays light.
    pub(crate) fn stamp(&self) -> Tile<'_> {
        let stamp =
            |_| format!(r##"<svg viewBox="0 0 16 16" fill="currentColor"><use href="#logo-{}"/></svg>"##, self.id);
        Tile { id: &self.id, logo: icon::platform(&self.id).map(stamp), letters: words::monogram(&self.name) }
    }

    /// Its logo, to be stamped.
    pub(crate) fn symbol(&self) -> Option<String> {
        let (_, inside) = icon::platform(&self.id)?.split_once('>')?;
        let inside = inside.strip_suffix("</svg>")?;
        Some(format!(r#"<symbol id="logo-{}" viewBox="0 0 16 16">{inside}</symbol>"#, self.id))
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="tile p-{{ id }}" aria-hidden="true">{% match logo %}{% when Some(svg) %}{{ svg|safe }}{% when None %}{{ letters }}{% endmatch %}</span>"#
)]
pub(crate) struct Tile<'a> {
    id: &'a PlatformId,
    logo: Option<String>,
    letters: String,
}

impl HtmlSafe for Tile<'_> {}

/// Who an account is, in the platform's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// What people call it.
    pub name: String,
    /// Handle without `@`.
    pub handle: Option<String>,
    /// Path of its picture on our own origin; anything else is not shown.
    pub picture_url: Option<String>,
}

impl From<&Profile> for Face {
    /// Without its picture: no browser is sent to where a platform keeps it.
    fn from(profile: &Profile) -> Self {
        Self { name: profile.name.clone(), handle: profile.handle.clone(), picture_url: None }
    }
}

impl Face {
    /// Its picture, over a monogram that remains if the picture does not load.
    pub(crate) fn picture(&self) -> Picture {
        let url = self.picture_url.as_deref().and_then(words::path);
        Picture { letters: words::monogram(&self.name), url }
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="face"><span aria-hidden="true">{{ letters }}</span>{% if let Some(url) = url %}<img src="{{ url }}" alt="" data-letters="{{ letters }}" width="44" height="44" loading="lazy" decoding="async" referrerpolicy="no-referrer">{% endif %}</span>"#
)]
pub(crate) struct Picture {
    letters: String,
    url: Option<String>,
}

impl HtmlSafe for Picture {}

/// Somewhere to go. An address that is neither https nor a path on our own origin is shown as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"{% match self.url() %}{% when Some(url) %}<a href="{{ url }}"{% if self.outside() %} rel="noopener noreferrer"{% endif %}>{{ label }}{% if self.outside() %}<span class="icon out" aria-hidden="true">{{ crate::icon::OUTSIDE|safe }}</span><span class="quiet"> (leads to another site)</span>{% endif %}</a>{% when None %}{{ label }}{% endmatch %}"#
)]
pub struct Link {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl HtmlSafe for Link {}

impl Link {
    /// A link.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }

    pub(crate) fn url(&self) -> Option<String> {
        words::href(&self.href)
    }

    pub(crate) fn outside(&self) -> bool {
        !self.href.starts_with(['/', '?', '#'])
    }
}

/// Why something cannot be done now, and what would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The reason, with a hint (`The plan Free allows 1 account per platform; Starter allows 3.`).
    pub reason: String,
    /// Where it can be changed.
    pub fix: Option<Link>,
}

impl Blocked {
    /// A reason that nothing on this page can change.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), fix: None }
    }
}

/// Why something is missing, with those whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The reason and what to do.
    pub text: String,
    /// Whom it is about; none where nobody is known by name.
    pub names: Vec<String>,
    /// Where it can be fixed.
    pub fix: Option<Link>,
}

/// What became of accounts that a sign-in has left out, in a title and a sentence; nothing where there are none.
pub fn lost(names: &[String]) -> Option<[String; 2]> {
    let text = format!("{}. {}", names.join(", "), words::LOST);
    (!names.is_empty()).then(|| [words::lost_title(names.len()), text])
}

/// How an action is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// At once, by a form with the CSRF token.
    Post,
    /// On a page of its own, which asks again.
    Page,
}

/// What can be done with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// Where it is done.
    pub href: String,
    /// How.
    pub via: Via,
    /// Whether it destroys something.
    pub danger: bool,
    /// Why it cannot be done now.
    pub blocked: Option<Blocked>,
}

/// How many there are, and may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    /// There are.
    pub used: u32,
    /// There may be; `None` is no limit.
    pub max: Option<u32>,
}

impl Meter {
    /// `used` of a limit.
    pub fn new(used: u32, max: impl Into<Option<u32>>) -> Self {
        Self { used, max: max.into() }
    }

    pub(crate) fn full(self) -> bool {
        self.max.is_some_and(|max| self.used >= max)
    }

    /// A bar with its numbers in words (`3 of 10 connected`); a bar without a limit has only the words.
    pub(crate) fn bar<'a>(self, what: &'a str, unit: &'a str) -> Bar<'a> {
        Bar { meter: self, what, unit }
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% match meter.max %}{% when Some(max) %}<span class="count"><strong>{{ meter.used }}</strong> of {{ max }} {{ unit }}</span><progress{% if meter.full() %} class="full"{% endif %} value="{{ meter.used }}" max="{{ max }}" aria-label="{{ what }}">{{ meter.used }} of {{ max }}</progress>{% when None %}<span class="count"><strong>{{ meter.used }}</strong> {{ unit }}, no limit</span>{% endmatch %}"#
)]
pub(crate) struct Bar<'a> {
    meter: Meter,
    what: &'a str,
    unit: &'a str,
}

impl HtmlSafe for Bar<'_> {}

/// Whether a message is good or bad news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// It was done.
    Success,
    /// It was done, but something is missing.
    Warning,
    /// Nothing was done, as wished.
    Info,
    /// It was not done.
    Error,
}

/// What came of the last action.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/flash.html")]
pub struct Flash {
    /// Good or bad.
    pub kind: FlashKind,
    /// In a few words.
    pub title: String,
    /// More of it.
    pub text: Option<String>,
    /// What to do about it.
    pub next: Option<Press>,
}

impl HtmlSafe for Flash {}

/// A field of a form that people do not see.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(ext = "html", source = r#"<input type="hidden" name="{{ name }}" value="{{ value }}">"#)]
pub struct Hidden {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl HtmlSafe for Hidden {}

/// One button that posts at once. Its fields hold the CSRF token where the console takes it.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<form method="post" action="{{ action }}">{% for field in fields %}{{ field }}{% endfor %}<button class="btn{% if first %} first{% endif %}">{{ label }}</button></form>"#
)]
pub struct Press {
    /// What the button says.
    pub label: String,
    /// Where it is posted.
    pub action: String,
    /// What is posted.
    pub fields: Vec<Hidden>,
    /// Whether it is the way on from here.
    pub first: bool,
}

impl HtmlSafe for Press {}

impl Press {
    /// The same as the way on from here.
    #[must_use]
    pub fn first(self) -> Self {
        Self { first: true, ..self }
    }
}

/// Something that an account may be used for, to be ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// What.
    pub capability: Capability,
    /// Whether it is ticked at first.
    pub checked: bool,
}

impl Tick {
    pub(crate) fn label(self) -> &'static str {
        words::doing(self.capability)
    }
}

/// What an account shall be used for, as boxes in a form: `asked` says that they were there, `capability`
/// is sent for each that is ticked.
#[derive(Template)]
#[template(path = "parts/ticks.html")]
pub(crate) struct Ticks<'a> {
    platform: &'a Platform,
    ticks: &'a [Tick],
}

impl HtmlSafe for Ticks<'_> {}

impl Platform {
    /// The boxes for what its accounts shall be used for.
    pub(crate) fn ticks<'a>(&'a self, ticks: &'a [Tick]) -> Ticks<'a> {
        Ticks { platform: self, ticks }
    }
}

/// A moment: for people, and for programs.
#[derive(Template)]
#[template(ext = "html", source = r#"<time datetime="{{ at.strftime("%FT%TZ") }}">{{ text }}</time>"#)]
pub(crate) struct Moment {
    /// Told to the second: parts of it would weigh on each row of a list.
    at: Timestamp,
    text: String,
}

impl HtmlSafe for Moment {}

/// A moment, to the minute.
pub(crate) fn moment(at: &Timestamp) -> Moment {
    Moment { at: *at, text: words::readable(*at) }
}

/// A moment, to the day.
pub(crate) fn date(at: &Timestamp) -> Moment {
    Moment { at: *at, text: at.strftime("%b %-d, %Y").to_string() }
}

/// A moment, to the minute, in figures that every language reads.
pub(crate) fn figures(at: &Timestamp) -> Moment {
    Moment { at: *at, text: at.strftime("%Y-%m-%d, %H:%M UTC").to_string() }
}
