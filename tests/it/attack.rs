//! Attacks on the way an account is connected. Whatever is refused changes no item of the table and
//! makes us call nobody.

mod browser;
mod elsewhere;
mod identity;
mod issuer;
mod pkce;
mod query;
mod redirect;
mod selection;
mod server;
mod state;
mod token_answer;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Browser, Caller, Page, World, send};
use url::Url;

/// The platforms with a simulation.
const PLATFORMS: [&str; 2] = ["facebook", "x"];

/// An attempt whose person approved, just before the browser comes back to us.
struct Answered {
    id: String,
    start_url: String,
    /// The browser that pressed Continue.
    browser: Browser,
    /// Where Continue sent it.
    authorize: String,
    /// Where the platform sends it.
    callback: String,
}

impl Answered {
    async fn by(world: &World, caller: &Caller, ask: Value, person: &str) -> Self {
        Self::with(world, caller, ask, &[("person", person), ("decision", "approve")]).await
    }

    async fn with(world: &World, caller: &Caller, ask: Value, fields: &[(&str, &str)]) -> Self {
        let (id, start_url) = make(caller, ask).await;
        let browser = world.browser();
        let authorize = browser.press_continue(&start_url).await;
        let callback = browser.answer(&authorize, fields).await;
        Self { id, start_url, browser, authorize, callback }
    }

    async fn status(&self, caller: &Caller) -> Value {
        caller.get(&format!("/v1/connect-sessions/{}", self.id)).await.body
    }

    /// The name and value of the cookie that binds the browser.
    fn cookie(&self) -> (String, String) {
        let name = cookie_name(&self.id);
        let value = self.browser.cookies(&self.callback).remove(&name).expect("the attempt's cookie");
        (name, value)
    }
}

fn cookie_name(session: &str) -> String {
    session.replace('_', "-")
}

/// A new session's id and start page.
async fn make(caller: &Caller, ask: Value) -> (String, String) {
    let made = caller.post(&format!("/v1/workspaces/{}/connect-sessions", caller.workspace()), ask).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let text = |name: &str| made.body[name].as_str().expect("a text").to_owned();
    (text("id"), text("start_url"))
}

/// The accounts of the caller's workspace.
async fn accounts(caller: &Caller) -> Vec<Value> {
    let list = caller.get(&format!("/v1/workspaces/{}/accounts", caller.workspace())).await;
    list.body["data"].as_array().expect("a list").clone()
}

/// The same address, asked for by a program that stole the browser's cookies.
async fn ask(world: &World, browser: &Browser, url: &str) -> Answer {
    let cookies = browser.cookies(url);
    let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let path = url.strip_prefix(&world.product).expect("an address of the product");
    let call = world.nobody().call(Method::GET, path).header("x-request-id", "attack-0001");
    send(if line.is_empty() { call } else { call.header("cookie", line) }).await
}

/// Fails if the attack changes an item of the table or makes anybody call a platform.
async fn harmless<T>(world: &World, attack: impl Future<Output = T>) -> T {
    let (items, calls) = (world.dump().await, world.journal().await.len());
    let answer = attack.await;
    let after = world.dump().await;
    let changed: Vec<_> = after.iter().filter(|(key, item)| items.get(*key) != Some(item)).collect();
    assert!(changed.is_empty() && after.len() == items.len(), "changed: {changed:?}");
    assert_eq!(world.journal().await.len(), calls, "a platform was called");
    answer
}

/// Fails unless a browser is shown this problem, on a page in which nothing can run.
#[track_caller]
fn shows_problem(page: &Page, status: u16, code: &str) {
    assert_eq!(page.status, status, "{}", page.text);
    assert!(page.text.contains(&format!("<code>{code}</code>")), "{}", page.text);
    nothing_can_run(page);
}

#[track_caller]
fn nothing_can_run(page: &Page) {
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("script-src"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
}

/// Every value of a parameter.
fn params(url: &str, name: &str) -> Vec<String> {
    let url = Url::parse(url).expect("an address");
    url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
}

/// The one value of a parameter.
#[track_caller]
fn param(url: &str, name: &str) -> String {
    let mut values = params(url, name);
    assert_eq!(values.len(), 1, "{name} in {url}");
    values.remove(0)
}

/// The address with only these parameters.
fn with_query(url: &str, query: &[(&str, &str)]) -> String {
    let mut url = Url::parse(url).expect("an address");
    url.query_pairs_mut().clear().extend_pairs(query);
    url.into()
}

/// The address with one parameter replaced, or added.
fn with_param(url: &str, name: &str, value: &str) -> String {
    let parsed = Url::parse(url).expect("an address");
    let kept: Vec<(String, String)> = parsed.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    let mut query: Vec<(&str, &str)> = kept.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    query.push((name, value));
    with_query(url, &query)
}

fn on(platform: &str) -> Value {
    json!({"platform": platform})
}
