//! A client's pages by their forms, as a browser without a script uses them.

use std::collections::BTreeMap;

use tests::{Browser, Page, World};

use super::Link;

/// A form of a page.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub action: String,
    /// What the browser sends: hidden fields and what is ticked.
    pub fields: Vec<(String, String)>,
}

/// A text of the source as people read it.
pub(super) fn unescaped(text: &str) -> String {
    let marks = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let text = marks.iter().fold(text.to_owned(), |text, (mark, plain)| text.replace(mark, plain));
    text.replace("&quot;", "\"").replace("&#38;", "&").replace("&amp;", "&")
}

/// The source's tags, each without its brackets.
pub(super) fn tags(source: &str) -> impl Iterator<Item = &str> {
    source.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default())
}

/// The attributes of a tag.
pub(super) fn attributes(tag: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = tag.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').unwrap_or((after, ""));
        let name = name.rsplit(char::is_whitespace).next().unwrap_or_default();
        found.insert(name.to_owned(), unescaped(value));
        rest = after;
    }
    found
}

pub(super) fn forms(page: &Page) -> Vec<Form> {
    let sources = page.text.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default());
    let form = |source: &str| Form {
        action: attributes(&format!("form {}", source.split('>').next().unwrap_or_default()))["action"].clone(),
        fields: tags(source)
            .filter(|tag| tag.starts_with("input "))
            .filter(|tag| tag.contains("type=\"hidden\"") || tag.ends_with("checked"))
            .map(attributes)
            .map(|mut field| (field.remove("name").expect("a name"), field.remove("value").unwrap_or_default()))
            .collect(),
    };
    sources.map(form).collect()
}

/// The first form that leads there and bears these fields.
#[track_caller]
pub(super) fn form(page: &Page, action: &str, bears: &[(&str, &str)]) -> Form {
    let bears_all =
        |form: &Form| bears.iter().all(|(name, value)| form.fields.iter().any(|(n, v)| n == name && v == value));
    let found = forms(page).into_iter().find(|f| f.action == action && bears_all(f));
    found.unwrap_or_else(|| panic!("no {action} {bears:?} on {} {}: {}", page.status, page.url, page.text))
}

/// A client with a browser.
pub(super) struct Visitor<'w> {
    pub world: &'w World,
    pub browser: Browser,
}

impl<'w> Visitor<'w> {
    /// Comes in by a link's address, to where that leads.
    pub async fn land(world: &'w World, link: &Link) -> (Self, Page) {
        let visitor = Self { world, browser: world.browser() };
        let landed = visitor.browser.open(&link.url).await;
        assert_eq!((landed.status, landed.location()), (303, Some(visitor.at("/c"))), "{}", landed.text);
        let home = visitor.browser.open(&visitor.at("/c")).await;
        (visitor, home)
    }

    /// The same, and presses Start.
    pub async fn start(world: &'w World, link: &Link) -> (Self, Page) {
        let (visitor, home) = Self::land(world, link).await;
        let list = visitor.press(&form(&home, "/c/start", &[]), &[]).await;
        assert_eq!(list.status, 200, "{}", list.text);
        (visitor, list)
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.world.product)
    }

    pub async fn open(&self, path: &str) -> Page {
        self.browser.open(&self.at(path)).await
    }

    /// Sends a form and follows where it leads, as far as our own pages go.
    pub async fn press(&self, form: &Form, more: &[(&str, &str)]) -> Page {
        let mut page = self.sent(form, more).await;
        while let Some(to) = page.location().filter(|to| to.starts_with(&self.world.product)) {
            page = self.browser.open(&to).await;
        }
        page
    }

    /// Sends a form and stays there.
    pub async fn sent(&self, form: &Form, more: &[(&str, &str)]) -> Page {
        let own = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        self.browser.submit(&self.at(&form.action), &fields).await
    }

    /// From the checklist to the platform, where a person agrees, and back; answers with the page of the choice, or of
    /// how it ended.
    pub async fn consent(&self, list: &Page, bears: &[(&str, &str)], person: &str) -> Page {
        let asks = self.press(&form(list, "/c/connect", bears), &[]).await;
        assert_eq!(asks.status, 200, "{}", asks.text);
        let go = forms(&asks).into_iter().find(|form| form.action.starts_with("/v1/oauth/start/")).expect("a way on");
        let going = self.sent(&go, &[]).await;
        assert_eq!(going.status, 303, "{}", going.text);
        let authorize = going.location().expect("the platform's address");
        let callback = self.browser.answer(&authorize, &[("person", person), ("decision", "approve")]).await;
        self.browser.go(&callback).await
    }

    /// The same, and confirms the one account that is offered, or those that are ticked.
    pub async fn connect(&self, list: &Page, bears: &[(&str, &str)], person: &str) -> Page {
        let pick = self.consent(list, bears, person).await;
        self.press(&form(&pick, "/c/choose", &[]), &[]).await
    }
}
