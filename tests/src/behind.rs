//! Behind the edge: grants, their tokens, and what a platform says of a token.

use domain::{Grant, GrantId, Secret, TokenSet};
use reqwest::Method;
use serde_json::Value;

use crate::{Answer, Caller, World, send};

impl World {
    /// The grant that an account hangs on.
    pub async fn grant_of(&self, caller: &Caller, account: &str) -> Grant {
        let account = caller.get(&format!("/v1/accounts/{account}")).await.body;
        let id: GrantId = account["grant"]["id"].as_str().expect("a grant").parse().expect("an id");
        self.grant(id).await.expect("the grant's record")
    }

    /// A grant's record, while there is one.
    pub async fn grant(&self, id: GrantId) -> Option<Grant> {
        self.stack.services.store.find_grant(id).await.expect("the table")
    }

    /// A grant's tokens in clear.
    pub async fn tokens(&self, grant: &Grant) -> TokenSet {
        self.stack.services.vault.unseal(&grant.sealed_for(), &grant.envelope).await.expect("tokens")
    }

    /// What a platform answers to a token, `graph.facebook.com/v26.0/me` …
    pub async fn ask_platform(&self, path: &str, token: &Secret) -> Answer {
        send(self.http.get(format!("{}/{path}", self.simulator)).bearer_auth(token.expose())).await
    }

    /// Runs a scheduled function; answers with its report.
    pub async fn job(&self, name: &str) -> Value {
        let answer = send(self.nobody().call(Method::POST, &format!("/v1/dev/jobs/{name}"))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Adds a person to the platforms, or replaces the one of that id.
    pub async fn add_person(&self, person: Value) {
        self.steer(Method::POST, "people", person).await;
    }
}
