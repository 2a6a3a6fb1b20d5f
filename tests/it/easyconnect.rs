//! Links by which clients connect accounts: as JSON by the visit's token, and by the pages.

mod again;
mod bar;
mod fixation;
mod forget;
mod form;
mod handing;
mod landing;
mod manage;
mod polyglot;
mod secret;
mod shown;
mod story;
mod tour;

use domain::easyconnect::VISIT_LIFETIME;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Browser, Caller, World, send};

const VISITS: &str = "/v1/public/easyconnect/visits";
const VISIT: &str = "/v1/public/easyconnect/visit";
const SESSIONS: &str = "/v1/public/easyconnect/visit/connect-sessions";

/// A link as it was made.
#[derive(Debug, Clone)]
struct Link {
    id: String,
    url: String,
}

impl Link {
    /// A link that asks for this.
    async fn make(caller: &Caller, ask: Value) -> Self {
        let path = format!("/v1/workspaces/{}/easyconnect-links", caller.workspace());
        Self::of(&caller.post(&path, ask).await, 201)
    }

    /// The link that an answer tells of.
    #[track_caller]
    fn of(answer: &Answer, status: u16) -> Self {
        assert_eq!(answer.status, status, "{}", answer.text);
        let text = |name: &str| answer.body[name].as_str().expect("a text").to_owned();
        Self { id: text("id"), url: text("url") }
    }

    /// What stands in its address.
    fn secret(&self) -> &str {
        self.url.rsplit('/').next().expect("a secret")
    }

    fn path(&self) -> String {
        format!("/v1/easyconnect-links/{}", self.id)
    }

    /// As it is now.
    async fn now(&self, caller: &Caller) -> Value {
        let answer = caller.get(&format!("{}?include=accounts,funnel", self.path())).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn patch(&self, caller: &Caller, change: Value) -> Answer {
        send(caller.call(Method::PATCH, &self.path()).json(&change)).await
    }
}

/// A client by the token of a visit.
struct Client {
    caller: Caller,
    browser: Browser,
}

impl Client {
    /// Opens a link without a password.
    async fn open(world: &World, link: &Link) -> Self {
        Self::with(world, json!({"token": link.secret()})).await
    }

    async fn with(world: &World, sent: Value) -> Self {
        let opened = world.nobody().post(VISITS, sent).await;
        assert_eq!(opened.status, 201, "{}", opened.text);
        assert_eq!(opened.body["expires_in"].as_i64(), Some(VISIT_LIFETIME.as_secs()));
        let token = opened.body["visit_token"].as_str().expect("a token");
        Self { caller: world.nobody().with_token(token), browser: world.browser() }
    }

    fn token(&self) -> &str {
        self.caller.token.as_deref().expect("a token")
    }

    async fn visit(&self) -> Value {
        let answer = self.caller.get(VISIT).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Begins to connect; the attempt's id and start page.
    async fn begin(&self, wanted: Value) -> (String, String) {
        let begun = self.caller.post(SESSIONS, wanted).await;
        assert_eq!(begun.status, 201, "{}", begun.text);
        let text = |name: &str| begun.body[name].as_str().expect("a text").to_owned();
        (text("id"), text("start_url"))
    }

    /// The attempt of that id after a person's consent.
    async fn consent(&self, wanted: Value, person: &str) -> String {
        let (id, start_url) = self.begin(wanted).await;
        let landed = self.browser.approve(&start_url, person).await;
        assert_eq!(landed.status, 303, "{}", landed.text);
        assert!(landed.location().expect("a place").ends_with(&format!("/c/back?session={id}")));
        id
    }

    async fn session(&self, id: &str) -> Value {
        let answer = self.caller.get(&format!("{SESSIONS}/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn candidates(&self, id: &str) -> Vec<Value> {
        let answer = self.caller.get(&format!("{SESSIONS}/{id}/candidates")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["data"].as_array().expect("candidates").clone()
    }

    /// The ids of those that can be chosen.
    async fn selectable(&self, id: &str) -> Vec<String> {
        let candidates = self.candidates(id).await;
        let open = candidates.iter().filter(|c| c["selectable"] == true);
        open.map(|c| c["id"].as_str().expect("an id").to_owned()).collect()
    }

    async fn choose(&self, id: &str, candidates: &[String]) -> Answer {
        self.caller.post(&format!("{SESSIONS}/{id}/selection"), json!({"candidate_ids": candidates})).await
    }

    /// Connects the first of what a person's consent offers.
    async fn connect(&self, wanted: Value, person: &str) -> Answer {
        let id = self.consent(wanted, person).await;
        let open = self.selectable(&id).await;
        self.choose(&id, &open[..1]).await
    }

    async fn withdraw(&self, item: u16) -> Answer {
        self.caller.post(&format!("{VISIT}/items/{item}/withdraw"), json!({})).await
    }
}

/// A link that asks for X, and lets at most one be connected.
fn for_x() -> Value {
    json!({"title": "Acme onboarding", "items": [{"platform": "x"}]})
}

/// The events of a link, oldest first: type without `easyconnect.`, and data.
fn told(world: &World) -> Vec<(String, Value)> {
    let kind = |event: &Value| Some(event["type"].as_str()?.strip_prefix("easyconnect.")?.to_owned());
    world.published().iter().filter_map(|event| Some((kind(event)?, event["data"].clone()))).collect()
}

fn kinds(world: &World) -> Vec<String> {
    told(world).into_iter().map(|(kind, _)| kind).collect()
}

async fn accounts(caller: &Caller) -> Vec<Value> {
    let list = caller.get(&format!("/v1/workspaces/{}/accounts?limit=200", caller.workspace())).await;
    list.body["data"].as_array().expect("accounts").clone()
}
