//! The form by which accounts are found.

use domain::health::Rule;
use web::{
    console::{self, Choice, Search, Select},
    parts::Hidden,
};

use super::Ask;
use crate::{
    route::find::ListQuery,
    view::find::{FacetView, FacetsView},
};

impl Ask {
    /// The same without fields that were left empty, and without what is told once only.
    pub(super) fn sent(self) -> Self {
        let sent = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            q: sent(self.q),
            state: sent(self.state),
            token_status: sent(self.token_status),
            owner: sent(self.owner),
            sort: sent(self.sort),
            session: None,
            ..self
        }
    }

    /// As the API takes it.
    pub(super) fn list(&self) -> ListQuery {
        let lifecycle = self.disconnected.unwrap_or(false).then(|| "active,disconnected".to_owned());
        ListQuery {
            q: self.q.clone(),
            platform: self.platform.as_ref().map(ToString::to_string),
            state: self.state.clone(),
            token_status: self.token_status.clone(),
            owner: self.owner.clone(),
            sort: self.sort.clone(),
            lifecycle,
            ..ListQuery::default()
        }
    }

    /// Where it is shown; the page opens at the list.
    pub(super) fn address(&self) -> String {
        format!("/console?{}#accounts", serde_urlencoded::to_string(self).unwrap_or_default())
    }

    /// Whether the form asks something, apart from an order.
    pub(super) fn is_narrow(&self) -> bool {
        self.q.is_some() || self.state.is_some() || self.token_status.is_some() || self.owner.is_some()
    }
}

/// The form as it was sent, with what can be chosen in it.
pub(super) fn form(ask: &Ask, facets: Option<&FacetsView>) -> Search {
    let hidden = |name: &str, value: String| Hidden { name: name.to_owned(), value };
    let platform = ask.platform.as_ref().map(|platform| hidden("platform", platform.to_string()));
    let disconnected = ask.disconnected.filter(|on| *on).map(|_| hidden("disconnected", "true".to_owned()));
    let entries =
        |of: fn(&FacetsView) -> &Vec<FacetView>| facets.map(|facets| of(facets).as_slice()).unwrap_or_default();
    let states = entries(|facets| &facets.state).iter().map(|facet| (facet.id.as_str(), word(&facet.id), facet.count));
    // Each platform has an id of its own for the same person.
    let mut owners: Vec<(&str, &str, u32)> = Vec::new();
    for facet in entries(|facets| &facets.owner) {
        let name = facet.name.as_deref().unwrap_or(&facet.id);
        match owners.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., count)) => *count += facet.count,
            None => owners.push((name, name, facet.count)),
        }
    }
    let cleared = Ask { platform: ask.platform.clone(), disconnected: ask.disconnected, ..Ask::default() };
    Search {
        action: "/console#accounts".to_owned(),
        text: ask.q.clone().unwrap_or_default(),
        selects: vec![
            counted("state", "Status", "Any", ask.state.as_deref(), states.collect()),
            plain(
                "token_status",
                "Token",
                ask.token_status.as_deref(),
                &[("", "Any"), ("valid", "Valid"), ("expiring", "Ends soon"), ("expired", "Ended")],
            ),
            counted("owner", "Who consented", "Anybody", ask.owner.as_deref(), owners),
            plain(
                "sort",
                "Order",
                ask.sort.as_deref(),
                &[
                    ("", "Oldest first"),
                    ("-connected_at", "Newest first"),
                    ("name", "By name"),
                    ("-severity", "Worst first"),
                    ("reauth_due_at", "Ending first"),
                    ("-usage", "Most used first"),
                ],
            ),
        ],
        kept: platform.into_iter().chain(disconnected).collect(),
        clear: (ask.is_narrow() || ask.sort.is_some()).then(|| cleared.address()),
    }
}

/// A state as the console says it.
fn word(state: &str) -> &str {
    let known = Rule::ALL.into_iter().map(Rule::state).find(|known| known.as_str() == state);
    known.map_or(state, |known| console::word(known))
}

fn plain(name: &'static str, label: &'static str, present: Option<&str>, choices: &[(&str, &str)]) -> Select {
    let choice = |(value, label): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        count: None,
        chosen: present.unwrap_or_default() == *value,
    };
    Select { name, label, choices: choices.iter().map(choice).collect() }
}

/// Choices with counts. What is chosen stays one, however few it shows.
fn counted<'a>(
    name: &'static str,
    label: &'static str,
    all: &str,
    present: Option<&'a str>,
    mut choices: Vec<(&'a str, &'a str, u32)>,
) -> Select {
    if let Some(chosen) = present.filter(|chosen| choices.iter().all(|(value, ..)| value != chosen)) {
        choices.push((chosen, word(chosen), 0));
    }
    let choice = |(value, label, count): (&str, &str, u32)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        count: Some(count),
        chosen: present == Some(value),
    };
    let any = Choice { value: String::new(), label: all.to_owned(), count: None, chosen: present.is_none() };
    Select { name, label, choices: std::iter::once(any).chain(choices.into_iter().map(choice)).collect() }
}
