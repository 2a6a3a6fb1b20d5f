//! What became of an account's identity: what it was called, and when it changed.

use askama::{Template, filters::HtmlSafe};
use domain::Date;

use crate::words;

/// What can change of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// What people call it.
    Name,
    /// Its handle.
    Handle,
    /// Its picture; what it showed is not told.
    Picture,
    /// What kind of account it is.
    Kind,
    /// What it pays for.
    Tier,
    /// Whether the platform vouches for it.
    Verification,
    /// The role there of whoever allowed it.
    Role,
    /// The Page that it is linked to.
    LinkedPage,
}

impl Trait {
    fn title(self) -> &'static str {
        match self {
            Self::Name => "Renamed",
            Self::Handle => "New handle",
            Self::Picture => "New picture",
            Self::Kind => "Another kind of account",
            Self::Tier => "Another tier",
            Self::Verification => "Verification",
            Self::Role => "Another role",
            Self::LinkedPage => "Linked to another Page",
        }
    }

    /// A word of it for people.
    fn shown(self, text: &str) -> String {
        match self {
            Self::Handle => format!("@{}", text.trim_start_matches('@')),
            Self::Kind => words::kind(text),
            Self::Verification if text == "true" => "verified".to_owned(),
            Self::Verification if text == "false" => "not verified".to_owned(),
            Self::Tier | Self::Verification | Self::Role => text.replace('_', " "),
            Self::Name | Self::Picture | Self::LinkedPage => text.to_owned(),
        }
    }
}

/// A change of identity.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "console/change.html")]
pub struct IdentityChange {
    /// When it was noticed.
    pub day: Date,
    /// What changed.
    pub what: Trait,
    /// What it was; none where nothing was there.
    pub from: Option<String>,
    /// What it is; none where nothing is left.
    pub to: Option<String>,
}

impl HtmlSafe for IdentityChange {}

impl IdentityChange {
    fn was(&self) -> Option<String> {
        self.from.as_deref().filter(|_| self.what != Trait::Picture).map(|text| self.what.shown(text))
    }

    fn is(&self) -> Option<String> {
        self.to.as_deref().filter(|_| self.what != Trait::Picture).map(|text| self.what.shown(text))
    }
}

/// What became of an account's identity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Template)]
#[template(path = "console/timeline.html")]
pub struct Timeline {
    /// The changes; shown with the newest first.
    pub changes: Vec<IdentityChange>,
    /// Where older ones are.
    pub older: Option<String>,
}

impl HtmlSafe for Timeline {}

impl Timeline {
    fn newest_first(&self) -> Vec<&IdentityChange> {
        let mut changes: Vec<&IdentityChange> = self.changes.iter().collect();
        // Of one day they stay in their order.
        changes.sort_by_key(|change| std::cmp::Reverse(change.day));
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(day: &str, what: Trait, from: Option<&str>, to: Option<&str>) -> IdentityChange {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        IdentityChange { day: day.parse().expect("a day"), what, from: owned(from), to: owned(to) }
    }

    fn drawn(changes: Vec<IdentityChange>) -> String {
        Timeline { changes, older: None }.render().expect("renders")
    }

    #[test]
    fn the_newest_change_comes_first() {
        let html = drawn(vec![
            change("2026-10-01", Trait::Name, Some("Old"), Some("Middle")),
            change("2026-11-20", Trait::Handle, Some("middle"), Some("new")),
            change("2026-11-01", Trait::Tier, None, Some("premium_plus")),
            change("2026-10-20", Trait::Verification, Some("false"), Some("true")),
        ]);
        assert!(html.contains("<bdi>not verified</bdi>") && html.contains("<bdi>verified</bdi>"), "{html}");
        let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} in {html}"));
        assert!(at("Nov 20, 2026") < at("Nov 1, 2026") && at("Nov 1, 2026") < at("Oct 1, 2026"));
        assert!(html.contains("<bdi>@middle</bdi>") && html.contains("<bdi>@new</bdi>"));
        assert!(html.contains("premium plus") && !html.contains("no changes"));
    }

    #[test]
    fn strangers_names_stay_apart_and_are_escaped() {
        let html = drawn(vec![change("2026-10-01", Trait::Name, Some("<b>a</b>"), Some("\u{202e}b"))]);
        assert!(
            html.contains("<bdi>&#60;b&#62;a&#60;/b&#62;</bdi>") && html.contains("<bdi>\u{202e}b</bdi>"),
            "{html}"
        );
    }

    #[test]
    fn a_picture_says_only_that_it_changed() {
        let html = drawn(vec![change("2026-10-01", Trait::Picture, Some("https://a.example/1"), Some("x"))]);
        assert!(html.contains("New picture") && !html.contains("a.example") && !html.contains("<bdi>"), "{html}");
    }

    #[test]
    fn nothing_changed_is_said() {
        assert!(drawn(vec![]).contains("No changes yet"));
    }
}
