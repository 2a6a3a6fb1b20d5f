//! Who an account is, over time: what its platform says of it otherwise than before.

use serde::{Deserialize, Serialize};

use crate::account::Profile;

/// What can change of who an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What people call it.
    Name,
    /// Its handle.
    Handle,
    /// Its picture, as far as its address tells.
    Picture,
    /// The platform's word for its type.
    Type,
    /// The platform's word for what is paid for it.
    Tier,
    /// Whether the platform has verified it.
    Verification,
    /// The role that the person has at it.
    Role,
    /// The page that it is linked to.
    LinkedPage,
}

impl Kind {
    /// The word used in answers and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Handle => "handle",
            Self::Picture => "picture",
            Self::Type => "type",
            Self::Tier => "tier",
            Self::Verification => "verification",
            Self::Role => "role",
            Self::LinkedPage => "linked_page",
        }
    }

    /// The type of the event that tells it.
    pub fn event(self) -> &'static str {
        match self {
            Self::Handle => "account.handle_changed",
            Self::Type => "account.type_changed",
            Self::Verification => "account.verification_changed",
            Self::Name | Self::Picture | Self::Tier | Self::Role | Self::LinkedPage => "account.profile_changed",
        }
    }
}

/// One thing that is otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What.
    pub kind: Kind,
    /// What it was; none if there was none. A picture is `shown`; a verification is `true` or `false`; a page is its
    /// id.
    pub from: Option<String>,
    /// What it is; none if there is none.
    pub to: Option<String>,
}

/// What a platform says of an account, and whether it shows a picture of it: the row keeps no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Whether there is a picture.
    pub has_picture: bool,
}

/// What is otherwise than before, in the order of the kinds.
///
/// What an answer does not tell has not changed; only a handle can be given up. A handle, a tier and a linked page can
/// be taken on; a type, a verification and a role that nobody had told of were there before, and are only known now. A
/// picture changes when it comes or goes: its address is another one each time, and so tells nothing.
pub fn changes(before: Seen<'_>, after: Seen<'_>) -> Vec<Change> {
    let (was, is) = (before.profile, after.profile);
    let picture = |has: bool| has.then(|| "shown".to_owned());
    let verified = |verified: Option<bool>| verified.map(|verified| verified.to_string());
    let text = |kind, from: &Option<String>, to: &Option<String>| (kind, from.clone(), to.clone());
    let all = [
        (Kind::Name, Some(was.name.clone()), Some(is.name.clone())),
        text(Kind::Handle, &was.handle, &is.handle),
        (Kind::Picture, picture(before.has_picture), picture(after.has_picture)),
        text(Kind::Type, &was.account_type, &is.account_type),
        text(Kind::Tier, &was.tier, &is.tier),
        (Kind::Verification, verified(was.verified), verified(is.verified)),
        text(Kind::Role, &was.role, &is.role),
        text(Kind::LinkedPage, &was.linked_page_id, &is.linked_page_id),
    ];
    let is_change = |(kind, from, to): &(Kind, Option<String>, Option<String>)| {
        let is_known = match kind {
            Kind::Name | Kind::Handle | Kind::Picture => true,
            Kind::Tier | Kind::LinkedPage => to.is_some(),
            Kind::Type | Kind::Verification | Kind::Role => from.is_some() && to.is_some(),
        };
        is_known && from != to
    };
    all.into_iter().filter(is_change).map(|(kind, from, to)| Change { kind, from, to }).collect()
}

/// The events that tell of changes, by their type in the order of the first change of each, with the changes.
pub fn events(changes: &[Change]) -> Vec<(&'static str, Vec<Change>)> {
    let mut events: Vec<(&'static str, Vec<Change>)> = Vec::new();
    for change in changes {
        let kind = change.kind.event();
        match events.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, told)) => told.push(change.clone()),
            None => events.push((kind, vec![change.clone()])),
        }
    }
    events
}

#[cfg(test)]
mod tests;
