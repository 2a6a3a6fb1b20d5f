//! How accounts are found.

use crate::{
    console::{Choice, FilterLink, Search, Select},
    parts::Hidden,
};

pub(super) fn filters() -> Vec<FilterLink> {
    [("All", "?", 15, true), ("Facebook", "?platform=facebook", 3, false), ("X", "?platform=x", 10, false)]
        .map(|(label, href, count, current)| FilterLink {
            label: label.to_owned(),
            href: href.to_owned(),
            count: Some(count),
            current,
        })
        .into()
}

pub(super) fn form(name: &str) -> Search {
    let choice = |value: &str, label: &str, count| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        count,
        chosen: value.is_empty(),
    };
    let owners = vec![choice("", "Anybody", None), choice(name, name, Some(12))];
    Search {
        action: "/console".to_owned(),
        text: name.to_owned(),
        selects: vec![Select { name: "owner", label: "Who consented", choices: owners }],
        kept: vec![Hidden { name: "platform".to_owned(), value: "x".to_owned() }],
        clear: Some("/console".to_owned()),
    }
}
