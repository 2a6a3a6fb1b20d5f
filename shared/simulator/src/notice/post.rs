//! The way out.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};

use super::Letter;
use crate::Simulator;

/// Whoever takes longer has not answered.
const PATIENCE: Duration = Duration::from_secs(3);

/// What an app answered.
pub(super) enum Reply {
    Answered { status: u16, text: String },
    None,
}

impl Simulator {
    fn client(&self) -> &Client {
        #[expect(clippy::disallowed_methods, reason = "a program of its own, which sends what platforms send")]
        let build = || Client::builder().redirect(Policy::none()).timeout(PATIENCE).no_proxy().build();
        self.inner.client.get_or_init(|| build().unwrap_or_default())
    }

    pub(super) async fn post(&self, url: &str, letter: &Letter) -> Reply {
        let request = self.client().post(url).header(CONTENT_TYPE, letter.content_type).body(letter.body.clone());
        answered(match &letter.header {
            Some((name, value)) => request.header(*name, value),
            None => request,
        })
        .await
    }

    pub(super) async fn get(&self, url: &str) -> Reply {
        answered(self.client().get(url)).await
    }
}

async fn answered(request: RequestBuilder) -> Reply {
    let Ok(response) = request.send().await else { return Reply::None };
    let status = response.status().as_u16();
    match response.text().await {
        Ok(text) => Reply::Answered { status, text },
        Err(_) => Reply::None,
    }
}
