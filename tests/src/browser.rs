//! A browser without a script: cookies by host, forms, and redirects one at a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use reqwest::{RequestBuilder, header::HeaderMap};
use url::Url;

/// A browser with its own cookie jar.
#[derive(Clone)]
pub struct Browser {
    http: reqwest::Client,
    /// Cookies by host and port, then by name.
    jar: Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>,
}

/// What it shows.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub url: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The page's source.
    pub text: String,
}

impl Page {
    /// Where it sends the browser, absolute.
    pub fn location(&self) -> Option<String> {
        let to = self.headers.get("location")?.to_str().ok()?;
        Url::parse(&self.url).ok()?.join(to).ok().map(String::from)
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Browser {
    pub(crate) fn new(http: reqwest::Client) -> Self {
        Self { http, jar: Arc::default() }
    }

    /// The cookies that a host would be sent.
    pub fn cookies(&self, url: &str) -> BTreeMap<String, String> {
        self.jar.lock().expect("the jar").get(&host(url)).cloned().unwrap_or_default()
    }

    /// Plants a cookie for a host.
    pub fn plant(&self, url: &str, name: &str, value: &str) {
        self.jar.lock().expect("the jar").entry(host(url)).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Opens an address and stays there, whatever it answers.
    pub async fn open(&self, url: &str) -> Page {
        self.send(url, self.http.get(url).header("sec-fetch-site", "none")).await
    }

    /// Posts a form of the page's own origin and stays there.
    pub async fn submit(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        let origin = Url::parse(url).expect("an address").origin().ascii_serialization();
        let post = self.http.post(url).header("origin", origin).header("sec-fetch-site", "same-origin");
        self.send(url, post.form(fields)).await
    }

    /// Posts a form that a page of another site made.
    pub async fn submit_from(&self, origin: &str, url: &str, fields: &[(&str, &str)]) -> Page {
        let post = self.http.post(url).header("origin", origin).header("sec-fetch-site", "cross-site");
        self.send(url, post.form(fields)).await
    }

    /// Opens an address and follows redirects until there are none, or until they leave this machine.
    pub async fn go(&self, url: &str) -> Page {
        let mut page = self.open(url).await;
        for _ in 0..10 {
            match page.location() {
                Some(to) if is_here(&to) => page = self.open(&to).await,
                _ => break,
            }
        }
        page
    }

    /// Opens the start page, presses Continue, and answers with the platform's address that follows.
    pub async fn press_continue(&self, start_url: &str) -> String {
        let start = self.open(start_url).await;
        assert_eq!(start.status, 200, "{}", start.text);
        let going = self.submit(start_url, &[]).await;
        assert_eq!(going.status, 303, "{}", going.text);
        going.location().expect("the platform's address")
    }

    /// The person answers on the platform's page; answers with the callback's address.
    pub async fn answer(&self, authorize: &str, fields: &[(&str, &str)]) -> String {
        let consent = self.open(authorize).await;
        assert_eq!(consent.status, 200, "{}", consent.text);
        let decided = self.submit(authorize, fields).await;
        let to = decided.location().unwrap_or_else(|| panic!("{}: {}", decided.status, decided.text));
        // The fragment never reaches a server.
        to.split('#').next().unwrap_or_default().to_owned()
    }

    /// The whole way: Continue, approve as the person, callback; stays where the callback sends it.
    pub async fn approve(&self, start_url: &str, person: &str) -> Page {
        let authorize = self.press_continue(start_url).await;
        let callback = self.answer(&authorize, &[("person", person), ("decision", "approve")]).await;
        self.open(&callback).await
    }

    async fn send(&self, url: &str, call: RequestBuilder) -> Page {
        let cookies = self.cookies(url);
        let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let call = call.header("accept", "text/html,application/xhtml+xml");
        let call = if line.is_empty() { call } else { call.header("cookie", line) };
        let answer = call.send().await.expect("an answer");
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().expect("a cookie").split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.plant(url, name, value);
            }
        }
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Page { url: url.to_owned(), status, headers, text: answer.text().await.unwrap_or_default() }
    }
}

fn host(url: &str) -> String {
    Url::parse(url).expect("an address").authority().to_owned()
}

fn is_here(url: &str) -> bool {
    matches!(
        Url::parse(url).ok().and_then(|u| u.host_str().map(str::to_owned)).as_deref(),
        Some("127.0.0.1" | "localhost")
    )
}
