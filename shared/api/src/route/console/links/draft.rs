//! The form that makes a link.

use app::{Services, easyconnect::manage::NewLink, platform};
use domain::{Language, Refusal, Secret, text};
use web::{
    console::{self, Choice, Place, kind},
    parts::Flash,
};

use super::{Form, LIST, Visitor, counted};
use crate::{
    route::{console::show::chrome, page},
    view::easyconnect::{CreateLink, NewBrandingView, NewItemView, RecipientView},
};

/// How many rows the checklist has, and how many are shown at first.
const ROWS: usize = 8;
const SHOWN: usize = 3;
/// How long a link works where nothing else is typed.
const DAYS: &str = "14";

/// What the form asks for, judged as the API judges it.
pub(super) fn read(form: &Form) -> Result<NewLink, Refusal> {
    let days: u32 = number("/expires_in", typed(form, "days").as_deref().unwrap_or(DAYS))?;
    let ask = CreateLink {
        title: form.one("title").unwrap_or_default().to_owned(),
        password: form.one("password").filter(|text| !text.is_empty()).map(Secret::new),
        expires_in: Some(format!("P{days}D")),
        max_connections: typed(form, "most").map(|text| number("/max_connections", &text)).transpose()?,
        allowed_platforms: None,
        capabilities: None,
        items: items(form)?,
        recipient: Some(RecipientView {
            name: typed(form, "recipient"),
            email: None,
            language: typed(form, "language"),
        }),
        branding: Some(NewBrandingView {
            name: typed(form, "agency"),
            color: typed(form, "color"),
            ..NewBrandingView::default()
        }),
        notify: None,
        client_ref: None,
        tags: vec![],
        return_url: None,
    };
    ask.read()
}

fn typed(form: &Form, name: &str) -> Option<String> {
    form.one(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn number(pointer: &str, text: &str) -> Result<u32, Refusal> {
    text.parse().map_err(|_| Refusal::field(pointer, "number", format!("{} is no number.", text::clean(text, 20))))
}

/// The rows that name a place.
fn items(form: &Form) -> Result<Vec<NewItemView>, Refusal> {
    let rows = (1..).zip(form.all("place").zip(form.all("only")));
    let item = |(number, (place, only)): (usize, (&str, &str))| {
        let detail = "The form is out of date. Go back and reload it.";
        let mut parts = place.splitn(3, ':').map(str::to_owned);
        let (Some(platform), Some(method), Some(kind)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Refusal::field("/items", "unknown", detail));
        };
        let only = Some(only.trim()).filter(|only| !only.is_empty());
        Ok(NewItemView {
            platform,
            method: Some(method),
            kind: Some(kind).filter(|kind| !kind.is_empty()),
            expected_name: only.filter(|only| !only.starts_with('@')).map(str::to_owned),
            expected_handle: only.filter(|only| only.starts_with('@')).map(str::to_owned),
            expected_platform_account_id: None,
            optional: is_optional(form, number),
        })
    };
    rows.filter(|(_, (place, _))| !place.is_empty()).map(item).collect()
}

fn is_optional(form: &Form, number: usize) -> bool {
    form.all("optional").any(|sent| sent == number.to_string())
}

/// The form, with what was typed in it.
pub(super) fn page(services: &Services, visitor: &Visitor, form: &Form, flash: Option<Flash>) -> console::NewLink {
    let places = places(services);
    let choices = |chosen: &str| {
        let choice = |(value, label): &(String, String)| Choice {
            value: value.clone(),
            label: label.clone(),
            count: None,
            chosen: value == chosen,
        };
        places.iter().map(choice).collect::<Vec<_>>()
    };
    let row = |at: usize| Place {
        choices: choices(form.all("place").nth(at).unwrap_or_default()),
        only: form.all("only").nth(at).unwrap_or_default().to_owned(),
        optional: is_optional(form, at + 1),
    };
    let text = |name: &str| form.one(name).unwrap_or_default().to_owned();
    let spoken = text("language");
    let browser = Choice {
        value: String::new(),
        label: "As their browser says".to_owned(),
        count: None,
        chosen: spoken.is_empty(),
    };
    let language = |language: Language| Choice {
        value: language.as_str().to_owned(),
        label: language.name().to_owned(),
        count: None,
        chosen: spoken == language.as_str(),
    };
    let filled = |at: &usize| form.all("place").nth(*at).is_some_and(|place| !place.is_empty());
    console::NewLink {
        chrome: chrome(visitor),
        flash,
        submit: LIST.to_owned(),
        list: LIST.to_owned(),
        once: counted(services),
        title: text("title"),
        places: (0..ROWS).map(row).collect(),
        // What was filled in is not folded away.
        shown: (SHOWN..ROWS).rev().find(filled).map_or(SHOWN, |last| last + 1),
        retype: form.one("password").is_some_and(|password| !password.is_empty()),
        days: typed(form, "days").unwrap_or_else(|| DAYS.to_owned()),
        most: text("most"),
        recipient: text("recipient"),
        languages: std::iter::once(browser).chain(Language::ALL.map(language)).collect(),
        agency: text("agency"),
        color: text("color"),
    }
}

/// What a row can ask for: any account of a way to connect, or one of its kinds.
fn places(services: &Services) -> Vec<(String, String)> {
    let mut places = vec![(String::new(), "None".to_owned())];
    for platform in platform::list(services) {
        let several = platform.methods.iter().filter(|(_, configured)| *configured).count() > 1;
        for (entry, _) in platform.methods.iter().filter(|(_, configured)| *configured) {
            let way = if several { format!(" (with {})", page::way(entry)) } else { String::new() };
            let place = |kind: &str, words: &str| {
                (format!("{}:{}:{kind}", platform.id, entry.method), format!("{}: {words}{way}", platform.name))
            };
            places.push(place("", "any account"));
            if entry.kinds.len() > 1 {
                places.extend(entry.kinds.iter().map(|one| place(one, &kind(one))));
            }
        }
    }
    places
}
