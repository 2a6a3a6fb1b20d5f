//! Keeping grants alive, as a test drives it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{Answer, Caller, World};

impl World {
    /// A lease of an account's token for publishing.
    pub async fn lease(&self, caller: &Caller, account: &str) -> Answer {
        caller.post(&format!("/v1/accounts/{account}/credential-leases"), json!({"purpose": "publish"})).await
    }

    /// An account's health.
    pub async fn health(&self, caller: &Caller, account: &str) -> Value {
        let answer = caller.get(&format!("/v1/accounts/{account}/health")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Lets time pass with a sweep at each step, and what was left over delivered.
    pub async fn live(&self, time: SignedDuration, step: SignedDuration) {
        let until = self.now() + time;
        while self.now() < until {
            self.advance(step.min(until.duration_since(self.now())));
            self.job("sweep").await;
        }
    }

    /// The events about an account, oldest first: type and data.
    pub fn told(&self, account: &str) -> Vec<(String, Value)> {
        let about = |event: &&Value| event["account_id"] == account;
        let events = self.published();
        let kind = |event: &Value| event["type"].as_str().expect("a type").to_owned();
        events.iter().filter(about).map(|event| (kind(event), event.clone())).collect()
    }

    /// The types of the events about an account, oldest first.
    pub fn kinds(&self, account: &str) -> Vec<String> {
        self.told(account).into_iter().map(|(kind, _)| kind).collect()
    }
}
