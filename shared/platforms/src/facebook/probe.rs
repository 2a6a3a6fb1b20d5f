//! What the platform tells of a token, for nothing (developers.facebook.com, "Debug-Token").

use domain::{Secret, Timestamp};
use serde_json::{Value, json};

use super::{FacebookLogin, Offered};
use crate::{PlatformError, Probe, catalogue::rule::Endpoint, http::Answer, oauth::of_our_app, read};

impl FacebookLogin {
    /// How the grant of this token is. That it is no good is told with status 200, and judged as an error of the API.
    pub(super) async fn look(&self, token: &Secret, now: Timestamp) -> Result<Probe, PlatformError> {
        let (told, mut answer) = self.debug(token, now).await?;
        match told.get("is_valid") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => {
                let of = |key| told.get("error").and_then(|error| error.get(key));
                let error = json!({ "code": of("code"), "error_subcode": of("subcode"), "message": of("message") });
                answer.json = Some(json!({ "error": error }));
                return Err(self.oauth.method.classify(Endpoint::Api, &answer, now));
            }
            _ => return Err(PlatformError::Contract("a token of which is not told whether it is valid".to_owned())),
        }
        let scopes = told.get("scopes").and_then(Value::as_array);
        let (prefix, person) = match self.offered {
            Offered::Pages => ("pages_", read::id(told.get("user_id"))),
            Offered::Instagram => ("instagram_", None),
        };
        // A person who is connected is there as long as the grant is.
        let shared = shared(&told, prefix).map(|ids| ids.into_iter().chain(person).collect());
        Ok(Probe {
            granted: scopes.map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            data_access: data_access(&told),
            shared,
        })
    }

    /// When the leave to read data ends; unknown if the platform does not tell, which stops nothing.
    pub(super) async fn data_access(&self, token: &Secret, now: Timestamp) -> Option<Timestamp> {
        let (told, _) = self.debug(token, now).await.ok()?;
        data_access(&told)
    }

    /// `debug_token` takes the token that it looks into in its query only. Our app asks in its own name: a refusal is
    /// of our app, and says nothing of the grant.
    async fn debug(&self, token: &Secret, now: Timestamp) -> Result<(Value, Answer), PlatformError> {
        let url = self.oauth.method.introspect.clone();
        let mut url = url.ok_or_else(|| PlatformError::Misconfigured("nothing looks into tokens".to_owned()))?;
        url.query_pairs_mut().append_pair("input_token", token.expose());
        let (mut json, answer) = self.oauth.get(url, &self.app_token(), now).await.map_err(of_our_app)?;
        match json.get_mut("data").map(Value::take) {
            Some(told) if told.is_object() => Ok((told, answer)),
            _ => Err(PlatformError::Contract("nothing is told of the token".to_owned())),
        }
    }
}

fn data_access(told: &Value) -> Option<Timestamp> {
    let seconds = told.get("data_access_expires_at")?.as_i64().filter(|s| *s > 0)?;
    Timestamp::from_second(seconds).ok()
}

/// The ids that the scopes with this prefix are given for, each once. A scope without ids may be given for all there
/// are (unverified): then it is not told which these are.
fn shared(told: &Value, prefix: &str) -> Option<Vec<String>> {
    let scopes = told.get("granular_scopes")?.as_array()?;
    let is_ours = |row: &&Value| read::text(row.get("scope")).is_some_and(|scope| scope.starts_with(prefix));
    let ours: Vec<&Value> = scopes.iter().filter(is_ours).collect();
    let mut ids = Vec::new();
    for row in &ours {
        for id in row.get("target_ids")?.as_array()? {
            let id = read::id(Some(id))?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    (!ours.is_empty()).then_some(ids)
}
