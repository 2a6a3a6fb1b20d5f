//! Errors by name, against what is documented of each.

use serde_json::{Value, json};

use crate::harness::{IG_TOKEN, Reply, Sim};

/// Name, status, code and subcode.
type Graph = (&'static str, u16, u64, Option<u64>);

const FACEBOOK: [Graph; 30] = [
    ("token_expired_463", 400, 190, Some(463)),
    ("password_changed", 400, 190, Some(460)),
    ("token_revoked_458", 400, 190, Some(458)),
    ("checkpoint_459", 400, 190, Some(459)),
    ("checkpoint_464", 400, 190, Some(464)),
    ("token_revoked_467", 400, 190, Some(467)),
    ("role_lost", 400, 190, Some(492)),
    ("token_expired_190", 400, 190, None),
    ("token_expired_102", 400, 102, None),
    ("permission_missing_10", 403, 10, None),
    ("permission_missing_200", 403, 200, None),
    ("account_deleted", 400, 100, Some(33)),
    ("rate_limited_4", 400, 4, None),
    ("rate_limited_17", 400, 17, Some(2_446_079)),
    ("rate_limited_32", 400, 32, None),
    ("rate_limited_613", 400, 613, None),
    ("rate_limited_80001", 400, 80_001, None),
    ("rate_limited_341", 400, 341, None),
    ("account_suspended_368", 400, 368, None),
    ("checkpoint_4854002", 400, 100, None),
    ("platform_outage_1", 500, 1, None),
    ("platform_outage_2", 503, 2, None),
    ("client_misconfigured", 400, 100, Some(36008)),
    ("invalid_grant", 400, 100, Some(36009)),
    ("account_deleted_instagram", 400, 100, Some(33)),
    ("account_suspended_2207050", 400, 25, Some(2_207_050)),
    ("rate_limited_2207042", 403, 9, Some(2_207_042)),
    ("account_suspended_2207051", 400, 4, Some(2_207_051)),
    ("permission_missing_viewers", 400, 10, None),
    ("rate_limited_80002", 403, 80_002, None),
];

/// All but `invalid_grant`, which is of the token host.
const INSTAGRAM: [Graph; 9] = [
    ("token_expired", 400, 190, None),
    ("password_changed", 400, 190, None),
    ("token_revoked", 400, 190, Some(458)),
    ("client_misconfigured", 400, 100, None),
    ("permission_missing", 403, 10, None),
    ("account_type_unsupported", 400, 10, None),
    ("rate_limited", 400, 4, None),
    ("platform_outage_1", 500, 1, None),
    ("platform_outage_2", 500, 2, None),
];

/// Name, status, and a member of the body with its value or its end.
const X: [(&str, u16, &str, &str); 15] = [
    ("token_expired", 401, "/title", "Unauthorized"),
    ("invalid_grant", 400, "/error_description", "Value passed for the token was invalid."),
    ("client_misconfigured_authorization", 401, "/error", "unauthorized_client"),
    ("permission_missing", 403, "/detail", "You are not permitted to perform this action."),
    ("client_misconfigured_forbidden", 403, "/type", "client-forbidden"),
    ("client_misconfigured_authentication", 403, "/type", "unsupported-authentication"),
    ("rate_limited", 429, "/type", "rate-limit-exceeded"),
    ("quota_exhausted_usage", 429, "/type", "usage-capped"),
    ("quota_exhausted_credits", 402, "/title", "CreditsDepleted"),
    ("account_suspended", 403, "/type", "user-suspended"),
    ("account_deleted", 200, "/errors/0/type", "resource-not-found"),
    ("platform_outage_500", 500, "/status", ""),
    ("platform_outage_502", 502, "/status", ""),
    ("platform_outage_503", 503, "/status", ""),
    ("platform_outage_504", 504, "/status", ""),
];

/// The names that the room knows, as it lists them to who asks for another.
async fn known(sim: &Sim, platform: &str) -> Vec<String> {
    let fault = json!({ "platform": platform, "route": "*", "kind": "error:?" });
    let refused = sim.sim("POST", "faults", fault).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    let list = refused.str("error");
    list.split_once(": use ").unwrap().1.split(", ").map(ToOwned::to_owned).collect()
}

/// One call that meets the error.
async fn meet(sim: &Sim, platform: &str, name: &str, path: &str) -> Reply {
    sim.fault(platform, "*", &format!("error:{name}")).await;
    sim.get(path, &[]).await
}

fn message(reply: &Reply) -> String {
    reply.json()["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn facebook_answers_any_of_its_thirty_errors_by_name() {
    let sim = Sim::start().await;
    assert_eq!(known(&sim, "facebook").await, FACEBOOK.map(|row| row.0));
    for (name, status, code, subcode) in FACEBOOK {
        for path in ["/graph.facebook.com/v26.0/me", "/graph.facebook.com/v26.0/oauth/access_token"] {
            let reply = meet(&sim, "facebook", name, path).await;
            assert_eq!(reply.graph_error(), (status, code, subcode), "{name}");
            let usage = reply.header("x-app-usage").len() + reply.header("x-business-use-case-usage").len();
            let tells = matches!(code, 4 | 17 | 32 | 341 | 80_001 | 80_002);
            assert_eq!(usage > 0, tells, "{name}");
        }
    }
    let text = |name: &'static str| async { message(&meet(&sim, "facebook", name, "/graph.facebook.com/me").await) };
    assert!(text("checkpoint_4854002").await.contains("4854002"));
    assert!(text("permission_missing_viewers").await.contains("Not enough viewers"));
    assert_eq!(sim.get("/graph.facebook.com/me", &[]).await.graph_error().1, 2500, "the errors are over");
}

#[tokio::test]
async fn instagram_answers_any_of_its_ten_errors_by_name() {
    let sim = Sim::start().await;
    let names: Vec<&str> = INSTAGRAM.iter().map(|row| row.0).chain(["invalid_grant"]).collect();
    assert_eq!(known(&sim, "instagram").await, names);
    for (name, status, code, subcode) in INSTAGRAM {
        let reply = meet(&sim, "instagram", name, "/graph.instagram.com/v26.0/me").await;
        assert_eq!(reply.graph_error(), (status, code, subcode), "{name}");
    }
    for (name, words) in [
        ("token_expired", "Session has expired on"),
        ("password_changed", "session has been invalidated"),
        ("client_misconfigured", "Unsupported request - method type"),
        ("account_type_unsupported", "not an Instagram Business"),
        ("platform_outage_1", "An unknown error occurred"),
    ] {
        assert!(message(&meet(&sim, "instagram", name, "/graph.instagram.com/me").await).contains(words), "{name}");
    }
    sim.fault("instagram", "token", "error:invalid_grant").await;
    let reply = sim.post(IG_TOKEN, &[]).await;
    assert_eq!(reply.instagram_error(), (400, "Matching code was not found or was already used".to_owned()));
}

#[tokio::test]
async fn x_answers_any_of_its_fifteen_errors_by_name() {
    let sim = Sim::start().await;
    assert_eq!(known(&sim, "x").await, X.map(|row| row.0));
    for (name, status, place, end) in X {
        let reply = meet(&sim, "x", name, "/api.x.com/2/users/me").await;
        let found = reply.json().pointer(place).cloned().unwrap_or_default();
        let right = match found {
            Value::String(text) => text.ends_with(end),
            other => end.is_empty() && other == json!(status),
        };
        assert!(reply.status == status && right, "{name}: {reply:?}");
        assert_eq!(reply.header("x-rate-limit-remaining"), if name == "rate_limited" { "0" } else { "" }, "{name}");
    }
}
