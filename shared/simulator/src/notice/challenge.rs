//! X's challenge: an app proves that it holds its secret before its webhook is told anything, and each hour again.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::post::Reply;
use super::sign::base64;
use super::{Run, x};
use crate::Simulator;
use crate::apps::App;
use crate::util::{hmac_sha256, random, with_query};

/// X docs, webhooks: a challenge each hour.
const EACH: SignedDuration = SignedDuration::from_hours(1);

/// The last challenge of an app's webhook.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Challenge {
    url: String,
    at: Timestamp,
    passed: bool,
    outcome: String,
}

impl Challenge {
    pub(super) fn is_passed(&self) -> bool {
        self.passed
    }
}

impl Simulator {
    /// Challenges whoever must prove it: before an event only those to whom something is due.
    pub(super) async fn challenge_endpoints(&self, run: Run) {
        for (app, url) in self.unproven(run) {
            let token = random(&mut self.lock().world.rng, 32);
            let asked = with_query(&url, &[("crc_token", &token), ("nonce", &token[..16])]);
            let reply = self.get(&asked).await;
            let outcome = judge(&reply, &app.client_secret, &token);
            let mut state = self.lock();
            let challenge = Challenge {
                url,
                at: state.clock.now(),
                passed: outcome.is_ok(),
                outcome: outcome.err().unwrap_or_else(|| "passed".to_owned()),
            };
            state.world.notices.challenges.insert(app.client_id, challenge);
        }
    }

    fn unproven(&self, run: Run) -> Vec<(App, String)> {
        let state = self.lock();
        let (now, notices) = (state.clock.now(), &state.world.notices);
        let is_proven = |app: &App, url: &str| {
            let last = notices.challenges.get(&app.client_id);
            last.is_some_and(|last| last.passed && last.url == url && now < last.at + EACH)
        };
        let is_told = |app: &App| notices.all.iter().any(|notice| notice.app == app.client_id && notice.is_due(now));
        state
            .world
            .apps
            .of(x::PLATFORM)
            .filter_map(|app| Some((app.clone(), app.notices.get(x::ADDRESS)?.clone())))
            .filter(|(app, url)| !is_proven(app, url) && (run == Run::Asked || is_told(app)))
            .collect()
    }
}

fn judge(reply: &Reply, secret: &str, token: &str) -> Result<(), String> {
    let Reply::Answered { status, text } = reply else { return Err("no_answer".to_owned()) };
    if *status != 200 {
        return Err(format!("status:{status}"));
    }
    let told: Value = serde_json::from_str(text).map_err(|_| "no_json".to_owned())?;
    let right = format!("sha256={}", base64(&hmac_sha256(secret, token)));
    if told["response_token"] == right { Ok(()) } else { Err("wrong_response_token".to_owned()) }
}
