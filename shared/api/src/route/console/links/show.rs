//! A link in the list, and on its page.

use app::{Services, easyconnect::manage::Detail};
use domain::{
    Account, Code, EasyConnectLink,
    easyconnect::{Funnel, FunnelStep, Item, MOST_CONNECTIONS},
};
use web::{
    console::{Fact, LinkActions, LinkItem, LinkPage, LinkRow, Standing, kind},
    parts::{Link, Meter},
};

use super::{LIST, Visitor, another, may, path};
use crate::route::console::show::{chrome, named, press};

pub(super) fn row(services: &Services, link: &EasyConnectLink, funnel: &Funnel) -> LinkRow {
    LinkRow {
        link: Link::new(&link.title, path(link.id)),
        recipient: link.recipient.name.clone(),
        standing: Standing(link.status(services.now())),
        progress: progress(link),
        opened: funnel.of(FunnelStep::Opened),
        connected: link.connections(),
        until: link.expires_at,
    }
}

/// How much of the checklist is done; without one, how much room is used.
fn progress(link: &EasyConnectLink) -> Meter {
    match link.progress() {
        (_, 0) => Meter::new(link.connections(), link.most()),
        (done, of) => Meter::new(done, of),
    }
}

pub(super) fn page(services: &Services, visitor: &Visitor, detail: &Detail) -> LinkPage {
    let Detail { link, funnel, accounts } = detail;
    let items = |wanted: bool| {
        let these = link.items.iter().filter(|item| item.wanted == wanted);
        these.map(|item| self::item(services, item, accounts)).collect()
    };
    let (label, enabled) = if link.enabled { ("Pause", "false") } else { ("Resume", "true") };
    LinkPage {
        chrome: chrome(visitor),
        list: LIST.to_owned(),
        title: link.title.clone(),
        standing: Standing(link.status(services.now())),
        progress: progress(link),
        until: link.expires_at,
        fresh_asked_at: link.fresh_asked_at,
        items: items(true),
        beside: items(false),
        funnel: steps(link, funnel),
        dropped: funnel.dropped.iter().map(|(code, count)| (title(code), *count)).collect(),
        facts: facts(link),
        actions: may(visitor).then(|| LinkActions {
            pause: press(visitor, label, format!("{}/enabled", path(link.id)), &[("enabled", enabled)]),
            send: another(services, visitor, link.id),
            rotate: format!("{}/rotate", path(link.id)),
            delete: format!("{}/delete", path(link.id)),
        }),
    }
}

fn item(services: &Services, item: &Item, accounts: &[Account]) -> LinkItem {
    let platform = named(services, &item.platform);
    let consented = item.consented.as_ref();
    let seen = |id| accounts.iter().find(|account| account.id == id);
    let account = consented.map(|consented| match seen(consented.account) {
        Some(account) => Link::new(account.display_name(), format!("/console/accounts/{}", account.id)),
        None => Link::new(&consented.name, ""),
    });
    let only = item.expected_handle.as_ref().map(|handle| format!("@{handle}"));
    let only = only.or_else(|| item.expected_name.clone()).or_else(|| item.label.clone());
    let what = match (item.kind.as_deref().map(kind), only) {
        (Some(kind), Some(only)) => format!("{}, {kind}, only {only}", platform.name),
        (Some(kind), None) => format!("{}, {kind}", platform.name),
        (None, Some(only)) => format!("{}, only {only}", platform.name),
        (None, None) => format!("{}, any account", platform.name),
    };
    LinkItem {
        platform,
        what,
        optional: item.optional,
        state: item.state(),
        account,
        by: consented.map(|consented| consented.by.clone()).filter(|by| !by.is_empty()),
        at: consented.map(|consented| consented.withdrawn_at.unwrap_or(consented.at)),
    }
}

fn steps(link: &EasyConnectLink, funnel: &Funnel) -> Vec<(&'static str, u32)> {
    let step = |step| match step {
        FunnelStep::Opened => "Opened",
        FunnelStep::PasswordWrong => "Wrong passwords",
        FunnelStep::Started => "Platforms chosen",
        FunnelStep::Consenting => "Went to the platform",
        FunnelStep::Returned => "Came back",
        FunnelStep::Selected => "Chose accounts",
        FunnelStep::Finished => "Said they are done",
        FunnelStep::FreshLinkRequested => "Asked for a fresh link",
        FunnelStep::Withdrawn => "Took back",
    };
    // What goes wrong is told where it happened.
    let always = |step: FunnelStep| !matches!(step, FunnelStep::PasswordWrong | FunnelStep::FreshLinkRequested);
    let counted = FunnelStep::ALL.into_iter().filter(|s| always(*s) || funnel.of(*s) > 0);
    let mut steps: Vec<_> = counted.map(|s| (step(s), funnel.of(s))).collect();
    steps.push(("Accounts connected", link.connections()));
    steps
}

fn title(code: &str) -> String {
    Code::ALL
        .iter()
        .find(|known| known.as_str() == code)
        .map_or_else(|| code.to_owned(), |known| known.title().to_owned())
}

fn facts(link: &EasyConnectLink) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut tell = |what: &str, text: Option<String>, at| {
        if text.is_some() || at {
            facts.push(Fact {
                what: what.to_owned(),
                text: text.unwrap_or_default(),
                at: at.then_some(link.created_at),
            });
        }
    };
    let by = link.created_by.name.clone().unwrap_or_else(|| link.created_by.id.clone());
    tell("For", link.recipient.name.clone(), false);
    tell("Mail", link.recipient.email.clone(), false);
    tell("Language", link.recipient.language.map(|language| language.name().to_owned()), false);
    tell("Asks as", Some(link.agency().to_owned()), false);
    tell("Colour", link.branding.color.map(|color| color.to_string()), false);
    tell("Password", Some(if link.password.is_some() { "Yes" } else { "None" }.to_owned()), false);
    tell("Most accounts", Some(link.max_connections.unwrap_or(MOST_CONNECTIONS).to_string()), false);
    tell("Your reference", link.client_ref.clone(), false);
    tell("Made by", Some(by), true);
    tell("Id", Some(link.id.to_string()), false);
    facts
}
