//! Pages about links for clients.

use domain::{
    Language,
    easyconnect::{ItemState, LinkStatus},
};

use super::{at, chrome, facebook, platform, press};
use crate::{
    console::{
        Address, Choice, Fact, LinkActions, LinkConfirm, LinkEnding, LinkItem, LinkPage, LinkRow, LinkTold, Links,
        NewLink, Place, Standing,
    },
    easyconnect::invitation,
    parts::{Flash, FlashKind, Hidden, Link, Meter},
    qr,
};

const LIST: &str = "/console/links";
const PAGE: &str = "/console/links/ecl_1";

pub(super) fn list(name: &str) -> Links {
    let row = |status, connected: u32, recipient: Option<&str>| LinkRow {
        link: Link::new(name, PAGE),
        recipient: recipient.map(str::to_owned),
        standing: Standing(status),
        progress: Meter::new(connected, 3),
        opened: connected + 1,
        connected,
        until: at("2026-12-06T10:00:00Z"),
    };
    Links {
        chrome: chrome(name),
        flash: Some(Flash { kind: FlashKind::Success, title: "Deleted".to_owned(), text: None, next: None }),
        links: LinkStatus::ALL
            .into_iter()
            .zip(0..)
            .map(|(status, n)| row(status, n, (n > 0).then_some(name)))
            .collect(),
        new: Some("/console/links/new".to_owned()),
        next: Some("?cursor=x".to_owned()),
    }
}

pub(super) fn none(name: &str) -> Links {
    Links { flash: None, links: vec![], new: None, next: None, ..list(name) }
}

fn item(name: &str, state: ItemState) -> LinkItem {
    let known = state != ItemState::Open;
    LinkItem {
        platform: facebook(),
        what: format!("Facebook, page, only {name}"),
        optional: !known,
        state,
        account: known.then(|| Link::new(name, "/console/accounts/a")),
        by: known.then(|| name.to_owned()),
        at: known.then(|| at("2026-11-22T10:00:00Z")),
    }
}

pub(super) fn link(name: &str, manage: bool) -> LinkPage {
    let fact = |what: &str, text: &str| Fact { what: what.to_owned(), text: text.to_owned(), at: None };
    let made = Fact { at: Some(at("2026-11-22T10:00:00Z")), ..fact("Made by", name) };
    let states = [ItemState::Connected, ItemState::Open, ItemState::Withdrawn];
    LinkPage {
        chrome: chrome(name),
        list: LIST.to_owned(),
        title: name.to_owned(),
        standing: Standing(if manage { LinkStatus::Active } else { LinkStatus::Disabled }),
        progress: Meter::new(1, 3),
        until: at("2026-12-06T10:00:00Z"),
        fresh_asked_at: (!manage).then(|| at("2026-12-07T10:00:00Z")),
        items: if manage { states.map(|state| item(name, state)).into() } else { vec![] },
        beside: vec![LinkItem { platform: platform("x", "X"), ..item(name, ItemState::Connected) }],
        funnel: vec![("Opened", 2), ("Started", 2), ("Connected", 1)],
        dropped: vec![("The consent was denied".to_owned(), 1)],
        facts: vec![fact("For", name), made],
        actions: manage.then(|| LinkActions {
            pause: press("Pause"),
            send: press("Make another address"),
            rotate: format!("{PAGE}/rotate"),
            delete: format!("{PAGE}/delete"),
        }),
    }
}

pub(super) fn confirm(name: &str, ending: LinkEnding) -> LinkConfirm {
    LinkConfirm {
        chrome: chrome(name),
        ending,
        title: name.to_owned(),
        submit: press("Delete"),
        cancel: PAGE.to_owned(),
    }
}

pub(super) fn told(name: &str, is_first: bool) -> LinkTold {
    let url = "https://mooring.example/c/4pX0q1ZkS8sVYw2n9dQ7cT5uLrBmJeHfGaKiOxNtRvE";
    let message = invitation(Language::Ar, name, name, url);
    LinkTold {
        chrome: chrome(name),
        done: "The link is ready",
        title: name.to_owned(),
        address: is_first.then(|| Address {
            url: url.to_owned(),
            picture: qr::svg(url),
            language: Language::Ar,
            subject: message.subject,
            text: message.text,
        }),
        has_password: true,
        send: press("Make another address"),
        page: PAGE.to_owned(),
    }
}

pub(super) fn new(name: &str, refused: bool) -> NewLink {
    let choice = |value: &str, chosen| Choice { value: value.to_owned(), label: name.to_owned(), count: None, chosen };
    let place = |n: usize| Place {
        choices: vec![choice("", n > 0), choice("facebook:facebook_login:page", n == 0)],
        only: name.to_owned(),
        optional: n == 0,
    };
    NewLink {
        chrome: chrome(name),
        flash: refused.then(|| Flash {
            kind: FlashKind::Error,
            title: "A field is wrong".to_owned(),
            text: Some(format!("{name} is no colour.")),
            next: None,
        }),
        submit: LIST.to_owned(),
        list: LIST.to_owned(),
        once: Hidden { name: "once".to_owned(), value: "once-1".to_owned() },
        title: name.to_owned(),
        places: (0..8).map(place).collect(),
        shown: 3,
        retype: refused,
        days: "14".to_owned(),
        most: String::new(),
        recipient: name.to_owned(),
        languages: vec![choice("", true), choice("de", false)],
        agency: name.to_owned(),
        color: name.to_owned(),
    }
}
