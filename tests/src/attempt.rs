//! One attempt to connect, step by step.

use serde_json::{Value, json};

use crate::{Answer, Browser, Caller, Page, World};

/// A connect session with the browser that goes through it.
pub struct Attempt {
    /// The session's id.
    pub id: String,
    /// The page that the browser is sent to.
    pub start_url: String,
    /// The browser, with a jar of its own.
    pub browser: Browser,
    caller: Caller,
}

impl World {
    /// Starts a session.
    pub async fn attempt(&self, caller: &Caller, ask: Value) -> Attempt {
        let started = caller.post(&format!("/v1/workspaces/{}/connect-sessions", caller.workspace()), ask).await;
        assert_eq!(started.status, 201, "{}", started.text);
        let text = |name: &str| started.body[name].as_str().expect("a text").to_owned();
        Attempt { id: text("id"), start_url: text("start_url"), browser: self.browser(), caller: caller.clone() }
    }
}

impl Attempt {
    /// Continue, approved by the person; answers with the callback's address, which is not opened.
    pub async fn approved(&self, person: &str) -> String {
        let authorize = self.browser.press_continue(&self.start_url).await;
        self.browser.answer(&authorize, &[("person", person), ("decision", "approve")]).await
    }

    /// The whole way to where the callback lands.
    pub async fn land(&self, person: &str) -> Page {
        let callback = self.approved(person).await;
        self.browser.open(&callback).await
    }

    /// The session as it is now.
    pub async fn session(&self) -> Value {
        let answer = self.caller.get(&format!("/v1/connect-sessions/{}", self.id)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Its status.
    pub async fn status(&self) -> String {
        self.session().await["status"].as_str().expect("a status").to_owned()
    }

    /// What can be chosen from, in the platform's order.
    pub async fn candidates(&self) -> Vec<Value> {
        let answer = self.caller.get(&format!("/v1/connect-sessions/{}/candidates", self.id)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["data"].as_array().expect("candidates").clone()
    }

    /// The ids of those that can be chosen.
    pub async fn selectable(&self) -> Vec<String> {
        let candidates = self.candidates().await;
        let open = candidates.iter().filter(|c| c["selectable"] == true);
        open.map(|c| c["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// Chooses.
    pub async fn select(&self, candidates: &[String], done: bool) -> Answer {
        let choice = json!({"candidate_ids": candidates, "done": done});
        self.caller.post(&format!("/v1/connect-sessions/{}/selection", self.id), choice).await
    }
}
