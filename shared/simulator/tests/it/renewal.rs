//! Renewing a token while things go wrong: what happened at the platform, and what arrived.

use std::{pin::pin, time::Duration};

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{FB, FB_SCOPES, IG, Sim, query};

const DAY: i64 = 86_400;

/// A fault that stays on.
async fn always(sim: &Sim, platform: &str, kind: &str) {
    let body = json!({ "platform": platform, "route": "token", "kind": kind });
    assert_eq!(sim.sim("POST", "faults", body).await.status, 201, "{kind}");
}

async fn last(sim: &Sim) -> Value {
    sim.journal().await.pop().unwrap()
}

fn x_bad_token() -> (u16, String, String) {
    (400, "invalid_request".to_owned(), "Value passed for the token was invalid.".to_owned())
}

#[tokio::test]
async fn x_may_only_refuse_a_spent_refresh_token() {
    let sim = Sim::start().await;
    always(&sim, "x", "replay_refused").await;
    let (_, first) = sim.x_pair("acme").await;
    let renewed = sim.x_refresh(&first).await;
    assert_eq!(sim.x_refresh(&first).await.oauth_error(), x_bad_token());
    assert_eq!(last(&sim).await["outcome"], "refused:reused");
    assert_eq!(sim.x_me(&renewed.str("access_token"), "").await.status, 200, "the family lives");
    let heir = sim.x_refresh(&renewed.str("refresh_token")).await;
    assert_eq!(heir.status, 200);
    assert_eq!(sim.sim("DELETE", "faults", json!(null)).await.status, 204);
    assert_eq!(sim.x_refresh(&first).await.oauth_error(), x_bad_token());
    assert_eq!(last(&sim).await["outcome"], "refused:reused_family_killed");
    assert_eq!(sim.x_refresh(&heir.str("refresh_token")).await.oauth_error(), x_bad_token());
}

#[tokio::test]
async fn x_may_forgive_a_spent_refresh_token_for_five_minutes() {
    let sim = Sim::start().await;
    always(&sim, "x", "replay_forgiven").await;
    let (_, first) = sim.x_pair("acme").await;
    let renewed = sim.x_refresh(&first).await;
    assert_eq!(last(&sim).await["outcome"], "refreshed");
    sim.pass(200);
    let again = sim.x_refresh(&first).await;
    assert_eq!(last(&sim).await["outcome"], "replay_forgiven");
    assert_ne!(again.str("refresh_token"), renewed.str("refresh_token"));
    sim.pass(99);
    assert_eq!(sim.x_refresh(&first).await.status, 200);
    for pair in [&renewed, &again] {
        assert_eq!(sim.x_me(&pair.str("access_token"), "").await.status, 200, "each is of the one family");
    }
    let heir = sim.x_refresh(&renewed.str("refresh_token")).await;
    assert_eq!(heir.status, 200);
    sim.pass(1);
    assert_eq!(sim.x_refresh(&first).await.oauth_error(), x_bad_token(), "five minutes after its first use");
    assert_eq!(last(&sim).await["outcome"], "refused:reused_family_killed");
    for pair in [&again, &heir] {
        assert_eq!(sim.x_me(&pair.str("access_token"), "").await.status, 401);
    }
}

#[tokio::test]
async fn x_forgives_nothing_to_a_family_that_is_dead() {
    let sim = Sim::start().await;
    always(&sim, "x", "replay_forgiven").await;
    let (_, first) = sim.x_pair("acme").await;
    assert_eq!(sim.x_refresh(&first).await.status, 200);
    assert_eq!(sim.event("x", "acme", "revoke", json!({})).await, 204);
    assert_eq!(sim.x_refresh(&first).await.oauth_error(), x_bad_token());
}

#[tokio::test]
async fn x_may_refuse_a_good_token_and_nothing_changes() {
    let sim = Sim::start().await;
    let code = sim.x_code().await;
    sim.fault("x", "token", "invalid_grant").await;
    let refused = sim.x_exchange(&code, &[]).await.oauth_error();
    assert_eq!((refused.0, refused.2.as_str()), (400, "Value passed for the authorization code was invalid."));
    let pair = sim.x_exchange(&code, &[]).await;
    let (access, refresh) = (pair.str("access_token"), pair.str("refresh_token"));
    sim.fault("x", "token", "invalid_grant").await;
    assert_eq!(sim.x_refresh(&refresh).await.oauth_error(), x_bad_token());
    assert_eq!(sim.x_me(&access, "").await.status, 200);
    assert_eq!(sim.x_refresh(&refresh).await.status, 200, "it was not spent");
}

#[tokio::test]
async fn x_may_renew_without_a_new_refresh_token_and_the_old_one_stays_good() {
    let sim = Sim::start().await;
    let (_, refresh) = sim.x_pair("acme").await;
    for _ in 0..2 {
        sim.fault("x", "token", "no_refresh_token").await;
        let renewed = sim.x_refresh(&refresh).await.json();
        assert_eq!((&renewed["expires_in"], renewed.get("refresh_token")), (&json!(7200), None));
        assert_eq!(sim.x_me(renewed["access_token"].as_str().unwrap(), "").await.status, 200);
    }
    let renewed = sim.x_refresh(&refresh).await;
    assert_ne!(renewed.str("refresh_token"), refresh, "it was good, and is used now");
    assert_eq!(sim.x_refresh(&refresh).await.oauth_error(), x_bad_token());
}

#[tokio::test]
async fn meta_may_refuse_a_good_token_without_a_reason_and_nothing_changes() {
    let sim = Sim::start().await;
    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    sim.fault("facebook", "token", "invalid_grant").await;
    let refused = sim.fb_token("1001", &[("code", &code)]).await;
    assert_eq!(refused.graph_error(), (400, 100, Some(36009)));
    let short = sim.fb_token("1001", &[("code", &code)]).await.str("access_token");
    sim.fault("facebook", "token", "invalid_grant").await;
    assert_eq!(sim.fb_long_of("1001", &short).await.graph_error(), (400, 190, None));
    let long = sim.fb_long_of("1001", &short).await.str("access_token");
    sim.fault("facebook", "token", "invalid_grant").await;
    assert_eq!(sim.fb_long_of("1001", &long).await.graph_error(), (400, 190, None));
    assert_eq!(sim.debug(&long).await["is_valid"], true);
    assert_eq!(sim.fb_long_of("1001", &long).await.status, 200);

    let code = sim.ig_code("acme").await;
    sim.fault("instagram", "token", "invalid_grant").await;
    let refused = sim.ig_exchange(&code, &[]).await.instagram_error();
    assert_eq!(refused, (400, "Matching code was not found or was already used".to_owned()));
    let short = sim.ig_exchange(&code, &[]).await.str("access_token");
    sim.fault("instagram", "token", "invalid_grant").await;
    assert_eq!(sim.ig_long_of(&short, &[]).await.graph_error(), (400, 190, None));
    let long = sim.ig_long_of(&short, &[]).await.str("access_token");
    sim.pass(DAY);
    sim.fault("instagram", "token", "invalid_grant").await;
    assert_eq!(sim.ig_refresh(&long).await.graph_error(), (400, 190, None));
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200);
    assert_eq!(sim.ig_refresh(&long).await.status, 200);
}

#[tokio::test]
async fn a_platform_may_not_say_how_long_a_token_lives() {
    let sim = Sim::start().await;
    for platform in ["x", "facebook", "instagram"] {
        always(&sim, platform, "no_expires_in").await;
    }
    let code = sim.x_code().await;
    let pair = sim.x_exchange(&code, &[]).await;
    let renewed = sim.x_refresh(&pair.str("refresh_token")).await;
    let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    let short = sim.fb_token("1001", &[("code", &code)]).await;
    let long = sim.fb_long_of("1001", &short.str("access_token")).await;
    let ig_short = sim.ig_short("acme").await;
    let ig_long = sim.ig_long_of(&ig_short, &[]).await;
    sim.pass(DAY);
    let ig_renewed = sim.ig_refresh(&ig_long.str("access_token")).await;
    for reply in [&pair, &renewed, &short, &long, &ig_long, &ig_renewed] {
        assert!(!reply.str("access_token").is_empty() && !reply.str("token_type").is_empty());
        assert_eq!(reply.json().get("expires_in"), None, "{reply:?}");
    }
    sim.sim("DELETE", "faults", json!(null)).await;
    assert!(sim.x_refresh(&renewed.str("refresh_token")).await.json()["expires_in"].is_i64());
}

/// What the client has of a renewal.
#[derive(Debug, PartialEq)]
enum Arrived {
    Whole,
    /// A status and a body that is none of a token answer.
    Other(u16),
    /// A status, and then the connection broke.
    Cut(u16),
    Nothing,
}

/// A renewal of each platform. Nothing arrived if it does not while the platform has long had the call.
async fn renew(sim: &Sim, platform: &str, token: &str) -> Arrived {
    let call = match platform {
        "x" => sim.x_post("token").form(&[("grant_type", "refresh_token"), ("refresh_token", token)]),
        "facebook" => sim.http.post(sim.url(&format!("{FB}/oauth/access_token"))).form(&[
            ("grant_type", "fb_exchange_token"),
            ("client_id", "1001"),
            ("client_secret", "1001-secret"),
            ("fb_exchange_token", token),
        ]),
        _ => {
            let pairs = [("grant_type", "ig_refresh_token"), ("access_token", token)];
            sim.http.get(sim.url(&format!("{IG}/refresh_access_token?{}", query(&pairs))))
        }
    };
    let before = sim.journal().await.len();
    let mut sent = pin!(call.send());
    let had = async { while sim.journal().await.len() == before {} };
    let answer = tokio::select! {
        answer = &mut sent => answer.ok(),
        () = had => timeout(Duration::from_millis(300), sent).await.ok().and_then(Result::ok),
    };
    let Some(response) = answer else { return Arrived::Nothing };
    let status = response.status().as_u16();
    let Ok(text) = response.text().await else { return Arrived::Cut(status) };
    let is_token = serde_json::from_str::<Value>(&text).is_ok_and(|body| body["access_token"].is_string());
    if status == 200 && is_token { Arrived::Whole } else { Arrived::Other(status) }
}

/// A token that can be renewed now, of somebody whose others are not.
async fn renewable(sim: &Sim, platform: &str) -> String {
    match platform {
        "x" => sim.x_pair("acme").await.1,
        "facebook" => sim.fb_long("acme").await,
        _ => {
            let long = sim.ig_long("acme").await;
            sim.pass(50 * DAY);
            long
        }
    }
}

/// Whether the platform did it, seen from the old token: X's is spent then; Instagram's, which comes back prolonged,
/// lives beyond its first end. Facebook's shows nothing: an exchange leaves it as it is.
async fn happened(sim: &Sim, platform: &str, token: &str) -> Option<bool> {
    match platform {
        "x" => Some(sim.x_refresh(token).await.status != 200),
        "facebook" => None,
        _ => {
            sim.pass(11 * DAY);
            Some(sim.ig("me", token, &[]).await.status == 200)
        }
    }
}

#[tokio::test]
async fn a_renewal_happens_or_not_whatever_arrives_of_its_answer() {
    let done = [
        ("answer_lost", Arrived::Nothing),
        ("cut:0", Arrived::Cut(200)),
        ("cut:1", Arrived::Cut(200)),
        ("cut:60", Arrived::Cut(200)),
        ("truncated_json", Arrived::Other(200)),
        ("slow:20", Arrived::Whole),
        ("slow:60000", Arrived::Nothing),
    ];
    let not_done = [
        ("status:400", Arrived::Other(400)),
        ("status:500", Arrived::Other(500)),
        ("status:503", Arrived::Other(503)),
        ("html", Arrived::Other(502)),
        ("html:200", Arrived::Other(200)),
        ("timeout", Arrived::Nothing),
    ];
    let cases = done.map(|case| (true, case)).into_iter().chain(not_done.map(|case| (false, case)));
    let cases: Vec<_> = cases.collect();
    for platform in ["x", "facebook", "instagram"] {
        let limited = (false, ("rate_limited", Arrived::Other(if platform == "x" { 429 } else { 400 })));
        for (is_done, (kind, expected)) in cases.iter().chain([&limited]) {
            let sim = Sim::start().await;
            let token = renewable(&sim, platform).await;
            if platform == "instagram" {
                always(&sim, platform, "same_token").await;
            }
            sim.fault(platform, "token", kind).await;
            assert_eq!(renew(&sim, platform, &token).await, *expected, "{platform} {kind}");
            let call = last(&sim).await;
            let outcome = if *is_done { "refreshed".to_owned() } else { format!("fault:{kind}") };
            assert_eq!((&call["platform"], &call["outcome"]), (&json!(platform), &json!(outcome)));
            let answered = call["status"].as_u64().is_some();
            assert_eq!(answered, !["answer_lost", "timeout"].contains(kind), "{call}");
            let seen = happened(&sim, platform, &token).await;
            assert!(seen.is_none_or(|seen| seen == *is_done), "{platform} {kind}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn a_mode_goes_together_with_an_answer_that_is_lost() {
    let sim = Sim::start().await;
    always(&sim, "x", "replay_forgiven").await;
    let (_, first) = sim.x_pair("acme").await;
    sim.fault("x", "token", "answer_lost").await;
    assert_eq!(renew(&sim, "x", &first).await, Arrived::Nothing);
    let call = last(&sim).await;
    assert_eq!((&call["outcome"], &call["fault"]), (&json!("refreshed"), &json!("answer_lost, replay_forgiven")));
    assert_eq!(renew(&sim, "x", &first).await, Arrived::Whole);
    let call = last(&sim).await;
    assert_eq!((&call["outcome"], &call["fault"]), (&json!("replay_forgiven"), &json!("replay_forgiven")));
}

#[tokio::test]
async fn faults_of_a_platform_s_own_strike_beside_each_other_and_wait_for_a_call_that_happens() {
    let sim = Sim::start().await;
    for kind in ["no_expires_in", "no_refresh_token", "status:500", "status:503"] {
        sim.fault("x", "token", kind).await;
    }
    let (first, second) = (r#"{"n":1}"#, r#"{"n":2}"#);
    let code = sim.x_code().await;
    for status in [500, 503] {
        assert_eq!(sim.x_exchange(&code, &[]).await.status, status);
    }
    let pair = sim.x_exchange(&code, &[]).await;
    assert_eq!(pair.json().get("expires_in"), None);
    assert_eq!(last(&sim).await["fault"], "no_expires_in, no_refresh_token");
    for body in [first, second] {
        sim.fault("x", "token", &format!("token_body:{body}")).await;
    }
    let refresh = pair.str("refresh_token");
    sim.fault("x", "token", "no_refresh_token").await;
    assert_eq!(sim.x_refresh(&refresh).await.text, first, "one of a name at a time");
    assert_eq!(sim.x_refresh(&refresh).await.text, second, "the token was not spent");
}

#[tokio::test]
async fn a_mode_that_another_platform_has_is_unknown() {
    let sim = Sim::start().await;
    for (platform, kind) in [
        ("facebook", "replay_refused"),
        ("instagram", "replay_forgiven"),
        ("facebook", "no_refresh_token"),
        ("instagram", "no_refresh_token"),
        ("x", "same_token"),
    ] {
        let body = json!({ "platform": platform, "route": "token", "kind": kind });
        assert_eq!(sim.sim("POST", "faults", body).await.status, 400, "{platform} {kind}");
    }
}
