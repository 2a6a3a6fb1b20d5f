//! Pages about the end of an account.

use super::{chrome, platform, subject};
use crate::{
    console::{Access, Confirm, Ending, Manual, Receipt, Revocation},
    help::{ENGLISH, Revoke, Way},
    parts::Link,
};

pub(super) fn confirm(name: &str, ending: Ending, access: Access) -> Confirm {
    Confirm {
        chrome: chrome(name),
        ending,
        subject: subject(name),
        effects: vec![
            format!("Nothing can be published to {name} any more."),
            "Facebook will have no main account.".to_owned(),
        ],
        access,
        kept: vec!["Its id and history; reconnecting brings it back.".to_owned()],
        erased: vec!["The tokens for it.".to_owned()],
        along: (ending == Ending::Remove).then(|| subject(name)),
        submit: "/console/accounts/a/disconnect".to_owned(),
        cancel: "/console".to_owned(),
    }
}

pub(super) fn by_hand() -> Manual {
    Manual {
        steps: vec![
            "Open the settings of Facebook.".to_owned(),
            "Choose Business integrations.".to_owned(),
            "Remove the app.".to_owned(),
        ],
        link: Some(Link::new("Open the settings", "https://www.facebook.com/settings?tab=business_tools")),
    }
}

pub(super) fn receipt(name: &str, ending: Ending, revocation: Revocation) -> Receipt {
    Receipt {
        chrome: chrome(name),
        ending,
        subject: subject(name),
        revocation,
        manual: (revocation == Revocation::Unsupported).then(by_hand),
        effects: vec![format!("{name} no longer counts against the plan.")],
        kept: vec!["Its id and history.".to_owned()],
        erased: vec!["The tokens for it.".to_owned()],
    }
}

pub(super) fn revoke() -> Revoke {
    let way = |id: &str, way: &str| Way {
        id: id.parse().expect("a method"),
        name: way.to_owned(),
        steps: by_hand().steps,
        link: by_hand().link,
    };
    let none = Way { steps: vec![], link: None, ..way("other_login", "Other") };
    let ways = vec![way("facebook_login", "Facebook"), way("instagram_login", "Instagram"), none];
    Revoke { platform: platform("instagram", "Instagram"), ways, words: &ENGLISH }
}
