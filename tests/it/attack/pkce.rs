//! Stolen codes, and the proof that a code is ours.

use std::collections::{BTreeMap, BTreeSet};

use app::connect::start;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join_all;
use platforms::AppsFile;
use sha2::{Digest as _, Sha256};
use tests::{Options, World};

use super::{Answered, accounts, harmless, make, on, param, params, server::Server, with_param};

/// CHK-A6: a code that was made for another challenge is refused by the platform, and the state is spent.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_attempt_is_refused() {
    let world = World::start().await;
    let (attacker, owner) = (world.owner("ws_evil"), world.owner("ws_1"));
    let victim = Answered::by(&world, &owner, on("x"), "acme").await;
    let thief = Answered::by(&world, &attacker, on("x"), "mallory").await;
    // The attacker's code in the victim's flow, and the stolen code in the attacker's own.
    for (attempt, caller, other) in [(&victim, &owner, &thief), (&thief, &attacker, &victim)] {
        let calls = world.calls("token").await;
        let injected = with_param(&attempt.callback, "code", &param(&other.callback, "code"));
        let page = attempt.browser.open(&injected).await;
        assert!(page.text.contains("<code>authentication_failed</code>"), "{}", page.text);
        let session = attempt.status(caller).await;
        assert_eq!(
            (&session["status"], &session["error"]["code"]),
            (&"failed".into(), &"authentication_failed".into())
        );
        assert_eq!(world.calls("token").await, calls + 1);
        assert_eq!(accounts(caller).await.len(), 0);
        // The state is spent: not even the right code is looked at again.
        let again = harmless(&world, attempt.browser.open(&attempt.callback)).await;
        assert!(again.text.contains("<code>authentication_failed</code>"), "{}", again.text);
    }
    assert_eq!(world.count("code_exchanged").await, 0);
}

/// CHK-A7: at every service that can, with S256, and never twice the same.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_starts_have_ten_thousand_challenges() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (_, start_url) = make(&owner, on("x")).await;
    let browser = world.browser();
    let mut seen = BTreeMap::from([("state", BTreeSet::new()), ("code_challenge", BTreeSet::new())]);
    let mut look = |authorize: &str| {
        assert_eq!(params(authorize, "code_challenge_method"), ["S256"], "{authorize}");
        let challenge = param(authorize, "code_challenge");
        assert_eq!(URL_SAFE_NO_PAD.decode(&challenge).expect("base64url").len(), 32, "{challenge}");
        for (name, values) in &mut seen {
            assert!(values.insert(param(authorize, name)), "{name} came twice");
        }
    };
    for _ in 0..300 {
        look(&browser.press_continue(&start_url).await);
    }
    // Eight browsers at once, each on a session of its own.
    let starts = join_all((0..8).map(async |_| {
        let services = world.stack.services.clone();
        let session = make(&owner, on("x")).await.0.parse().expect("an id");
        tokio::spawn(async move {
            let mut locations = Vec::new();
            for _ in 0..9_704 / 8 {
                locations.push(start::proceed(&services, session, None).await.expect("it goes on").location);
            }
            locations
        })
        .await
        .expect("no panic")
    }));
    for location in starts.await.concat() {
        look(location.as_str());
    }
    assert!(seen.values().all(|values| values.len() >= 10_000));
}

/// CHK-A7: the verifier has the right length and alphabet, proves the challenge, and is seen by the token
/// endpoint alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_verifier_is_for_the_token_endpoint_alone() {
    let server = Server::start("named", true).await;
    let apps = AppsFile::parse(&server.app()).expect("a file");
    let world = World::with(Options { apps, ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let mut verifiers = BTreeSet::new();
    for _ in 0..10 {
        let attempt = Answered::by(&world, &owner, on("named"), "acme").await;
        let waiting = format!("{:?}", world.dump().await);
        let landed = attempt.browser.open(&attempt.callback).await;
        let spent = server.spent().pop().expect("a call");
        let verifier = spent["code_verifier"].clone();
        let legal = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!((43..=128).contains(&verifier.len()) && verifier.chars().all(legal), "{verifier}");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        assert_eq!(challenge, param(&attempt.authorize, "code_challenge"));
        let stored = format!("{:?}", world.dump().await);
        for text in [&attempt.authorize, &attempt.callback, &landed.text, &waiting, &stored] {
            assert!(!text.contains(&verifier));
        }
        assert!(verifiers.insert(verifier), "one for each attempt");
    }
}
