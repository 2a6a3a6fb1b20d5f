//! Secrets are found wherever they get out, and no answer, log, event, file or call holds one.
//!
//! Every [`World`] and every `Mooring` of all tests searches when it is dropped; here is proven that the search finds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use app::EdgeKeys;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::Secret;
use serde_json::json;
use tests::{World, secret::Needles};
use url::form_urlencoded;
use vault::{RootKeys, Sealed, TokenVault as _};

/// With what each encoding changes.
const SECRET: &str = "p/a+s \"s\\w?o~r>d, and what follows";

fn found(text: impl AsRef<[u8]>) -> bool {
    let mut needles = Needles::default();
    needles.plant("a secret", SECRET);
    !needles.found_in("a text", text).is_empty()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// CHK-S1: in each of six encodings, wherever it stands and however little of it.
#[test]
fn a_secret_is_found_in_every_shape() {
    let form = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    for secret in [SECRET, &SECRET[..12]] {
        let json = json!(secret).to_string();
        for shape in [
            secret.to_owned(),
            json.trim_matches('"').to_owned(),
            format!("{secret:?}").trim_matches('"').to_owned(),
            form(secret),
            form(secret).replace('+', "%20"),
            "p%2fa%2bs+%22s%5cw%3fo".to_owned(),
            hex(secret),
            hex(secret).to_uppercase(),
        ] {
            for text in [shape.clone(), format!("before {shape}"), format!("{shape} after"), format!("a{shape}b")] {
                assert!(found(&text), "{text}");
            }
        }
        // At any place among bytes that are encoded together.
        for before in ["", "i", "id", "id:", "app:"] {
            for after in ["", "\n", "ab", "abc"] {
                let whole = format!("{before}{secret}{after}");
                for text in [STANDARD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole)] {
                    assert!(found(&text) && found(format!("Basic {text}")), "{whole}: {text}");
                }
            }
        }
    }
    for other in [&SECRET[..11], &SECRET[1..], &hex(SECRET)[2..], "", "nothing of the kind"] {
        assert!(!found(other), "{other}");
    }
    assert!(!found(STANDARD.encode(&SECRET[1..])));
}

/// CHK-S1: what is searched for are the secrets that there are.
#[tokio::test(flavor = "multi_thread")]
async fn the_needles_of_a_world_are_its_true_secrets() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let [root, edge] = world.keys();
    let signed = |edge: &EdgeKeys| edge.sign("a context", "a text").expose().to_owned();
    assert_eq!(signed(&EdgeKeys::new(&edge).expect("usable")), signed(&world.stack.services.edge));
    for (platform, refreshes) in [("facebook", false), ("x", true)] {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let grant = world.grant_of(&owner, &id).await;
        // The root key is the one that sealed.
        let entropy = world.stack.services.entropy.clone();
        let vault = Sealed::new(RootKeys::new("local", root), entropy);
        let tokens = vault.unseal(&grant.sealed_for(), &grant.envelope).await.expect("it opens");
        let all: Vec<&Secret> = tokens.children.values().chain(&tokens.refresh).chain([&tokens.access]).collect();
        assert_eq!((tokens.refresh.is_some(), all.len()), (refreshes, 2));
        for token in all {
            assert!(!Needles::usual().found_in("a token", &token.expose()[..12]).is_empty());
        }
    }
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let callback = attempt.approved("acme").await;
    let code = callback.split("code=").nth(1).expect("a code");
    assert!(!Needles::usual().found_in("a code", &code[..12]).is_empty());
}

/// Where a leak is planted, and what is said of it.
async fn leak(which: &str) -> String {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let state = authorize.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let cookie = attempt.browser.cookies(&attempt.start_url).into_values().next().expect("a cookie");
    let signature = owner.token.as_deref().and_then(|token| token.rsplit('.').next()).expect("a token");
    match which {
        "none" => {}
        "log" => tracing::trace!(state, "an attempt"),
        "log in base64" => tracing::debug!(sent = STANDARD.encode(format!("id:{cookie}")), "a call"),
        "panic" => {
            let what = state.to_owned();
            let _ = tokio::spawn(async move { assert_eq!(what, "") }).await;
        }
        "answer" => {
            // The address of a problem is told as it was asked.
            owner.get(&format!("/v1/{signature}")).await.is_problem(404, "not_found");
        }
        "table" => {
            let ask = json!({"platform": "x", "external_id": cookie});
            assert_eq!(owner.post("/v1/workspaces/ws_1/connect-sessions", ask).await.status, 201);
        }
        "event" => {
            let ask = json!({"platform": "x", "external_id": "user_1"});
            let id = world.consent(&owner, ask, "acme").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
            owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({"reason": signature})).await;
        }
        "call" => {
            let at = format!("{}/graph.facebook.com/v26.0/me?access_token=x", world.simulator);
            tests::send(tests::client().get(at)).await;
        }
        other => panic!("{other}"),
    }
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(world)));
    dropped.err().and_then(|said| said.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// CHK-S1: a world whose product lets one secret out fails its test.
#[tokio::test(flavor = "multi_thread")]
async fn a_leak_anywhere_fails_the_test() {
    assert_eq!(leak("none").await, "");
    for (which, what) in [
        ("log", "a state (raw) in the log"),
        ("log in base64", "a cookie (base64) in the log"),
        ("panic", "a state (raw) in the log"),
        ("answer", "a caller's token (raw) in an answer"),
        ("table", "a cookie (raw) in the table"),
        ("event", "a caller's token (raw) in an event"),
        ("call", "access_token in \"GET\""),
    ] {
        let said = leak(which).await;
        assert!(said.contains(what), "{which}: {said}");
    }
}
