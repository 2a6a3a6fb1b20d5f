//! A link's secret: it is not guessed, not told apart, and stands in no address, log or table.

use std::collections::BTreeSet;

use app::easyconnect::visit::land;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Digest, Secret};
use jiff::SignedDuration;
use local::entropy::SystemEntropy;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

use super::{
    Client, Link, SESSIONS, VISIT, VISITS, for_x,
    form::{attributes, tags},
    tour,
};

/// Enough guesses to make a mistake in the comparison seen.
const GUESSES: usize = 100_000;

fn random() -> [u8; 32] {
    (&SystemEntropy as &dyn domain::Entropy).bytes()
}

/// CHK-E1: random secrets, and every one that is a bit away from a true one.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_guessed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut links = Vec::new();
    for _ in 0..4 {
        links.push(Link::make(&owner, for_x()).await);
    }
    let secrets: BTreeSet<&str> = links.iter().map(Link::secret).collect();
    assert_eq!(secrets.len(), links.len());
    let services = &world.stack.services;
    let mut guesses: BTreeSet<String> = BTreeSet::new();
    for secret in &secrets {
        assert!(land(services, &Secret::new(*secret)).await.is_ok());
        let bytes = URL_SAFE_NO_PAD.decode(secret).expect("base64");
        assert_eq!(bytes.len(), 32, "256 bits");
        for bit in 0..256 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            guesses.insert(URL_SAFE_NO_PAD.encode(flipped));
        }
        guesses.extend(
            [&secret[1..], &secret[..42], &format!("{secret}="), &format!("{secret}A"), &format!(" {secret}")]
                .map(str::to_owned),
        );
        guesses.extend([secret.to_lowercase(), secret.to_uppercase(), secret.chars().rev().collect()]);
    }
    let near: Vec<String> = guesses.iter().cloned().collect();
    while guesses.len() < GUESSES {
        guesses.insert(URL_SAFE_NO_PAD.encode(random()));
    }
    // What a secret leads to stands under its digest: that is all that the product looks for.
    let table = serde_json::to_string(&world.whole_dump().await).expect("JSON");
    let digest = |text: &str| Digest::of(text).as_str().to_owned();
    let known: BTreeSet<String> = secrets.iter().map(|secret| digest(secret)).collect();
    assert!(known.iter().all(|digest| table.contains(digest.as_str())));
    assert_eq!(guesses.iter().filter(|guess| known.contains(&digest(guess))).count(), 0);
    for guess in near.iter().chain(guesses.iter().step_by(GUESSES / 2_000)) {
        assert!(!secrets.contains(guess.as_str()));
        assert!(land(services, &Secret::new(guess)).await.is_err(), "{guess}");
    }
    // The edge asks the same.
    let before = world.dump().await;
    for guess in guesses.iter().step_by(GUESSES / 100) {
        world.nobody().post(VISITS, json!({"token": guess})).await.is_problem(404, "not_found");
        assert_eq!(world.browser().open(&format!("{}/c/{guess}", world.product)).await.status, 404);
    }
    assert_eq!(world.dump().await, before);
}

/// CHK-E1: whoever reads the table can open nothing by what stands there.
#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_the_table_opens_a_link() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let path = "/v1/workspaces/ws_1/easyconnect-links";
    let link = Link::of(&owner.post_once(path, for_x(), "a key").await, 201);
    let sent = Link::of(&owner.post_once(&format!("{}/send", link.path()), json!({}), "another").await, 200);
    let client = Client::open(&world, &link).await;
    assert_eq!(client.connect(json!({"item": 1}), "acme").await.status, 200);
    let table = serde_json::to_string(&world.whole_dump().await).expect("JSON");
    for secret in [link.secret(), sent.secret(), client.token()] {
        assert!(!table.contains(secret));
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
    let texts: BTreeSet<&str> = table.split(|c| !is_part(c)).filter(|text| text.len() >= 20).collect();
    assert!(texts.iter().any(|text| text.len() >= 43), "the digests are there");
    for text in texts {
        assert!(land(&world.stack.services, &Secret::new(text)).await.is_err(), "{text}");
        let bytes = [URL_SAFE_NO_PAD.encode(text), text.trim_end_matches('=').replace('+', "-").replace('/', "_")];
        for text in bytes {
            assert!(land(&world.stack.services, &Secret::new(text)).await.is_err());
        }
    }
}

/// Without what differs between any two answers.
fn bare(headers: &HeaderMap, text: &str) -> (Vec<(String, String)>, String) {
    let told = |name: &str| name != "date" && !name.starts_with("ratelimit");
    let headers = headers.iter().filter(|(name, _)| told(name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
    (headers.collect(), text.to_owned())
}

async fn by_json(world: &World, token: &str) -> Answer {
    let call = world.nobody().call(Method::POST, VISITS).header("x-request-id", "attack-0001");
    send(call.json(&json!({"token": token}))).await
}

async fn by_page(world: &World, token: &str) -> Answer {
    let call = world.nobody().call(Method::GET, &format!("/c/{token}")).header("x-request-id", "attack-0001");
    send(call.header("accept", "text/html")).await
}

async fn ended(owner: &Caller, how: &str) -> Link {
    let link = Link::make(owner, for_x()).await;
    match how {
        "deleted" => assert_eq!(owner.delete(&link.path()).await.status, 204),
        "rotated" => assert_eq!(owner.post(&format!("{}/rotate", link.path()), json!({})).await.status, 200),
        "paused" => assert_eq!(link.patch(owner, json!({"enabled": false})).await.status, 200),
        _ => {}
    }
    link
}

/// CHK-E2
#[tokio::test(flavor = "multi_thread")]
async fn what_never_was_what_was_deleted_and_what_was_rotated_look_alike() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let unknown = URL_SAFE_NO_PAD.encode(random());
    let (json, page) = (by_json(&world, &unknown).await, by_page(&world, &unknown).await);
    json.is_problem(404, "not_found");
    assert_eq!(page.status, 404);
    let deleted = ended(&owner, "deleted").await;
    let rotated = ended(&owner, "rotated").await;
    let sealed = Client::open(&world, &ended(&owner, "").await).await;
    for token in [deleted.secret(), rotated.secret(), sealed.token(), "x", "AAAA", &"A".repeat(43), &"A".repeat(400)] {
        let (also, shown) = (by_json(&world, token).await, by_page(&world, token).await);
        assert_eq!(bare(&also.headers, &also.text), bare(&json.headers, &json.text), "{token}");
        assert_eq!(also.status, 404);
        assert_eq!(bare(&shown.headers, &shown.text), bare(&page.headers, &page.text), "{token}");
        assert_eq!(shown.status, 404);
    }
    // Nor does an open visit tell them apart.
    let (one, other) = (Link::make(&owner, for_x()).await, Link::make(&owner, for_x()).await);
    let (first, second) = (Client::open(&world, &one).await, Client::open(&world, &other).await);
    assert_eq!(owner.delete(&one.path()).await.status, 204);
    assert_eq!(owner.post(&format!("{}/rotate", other.path()), json!({})).await.status, 200);
    let ask = async |client: &Client| {
        send(client.caller.call(Method::GET, VISIT).header("x-request-id", "attack-0001")).await
    };
    let (gone, also) = (ask(&first).await, ask(&second).await);
    gone.is_problem(404, "not_found");
    assert_eq!(bare(&gone.headers, &gone.text), bare(&also.headers, &also.text));
}

/// CHK-E2: whoever holds a true secret is told that it is paused, over or used up.
#[tokio::test(flavor = "multi_thread")]
async fn a_true_secret_is_told_what_is_wrong() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let used = Link::make(&owner, json!({"title": "Acme", "max_connections": 1, "allowed_platforms": ["x"]})).await;
    let client = Client::open(&world, &used).await;
    assert_eq!(client.connect(json!({"platform": "x"}), "acme").await.status, 200);
    let paused = ended(&owner, "paused").await;
    let over = ended(&owner, "").await;
    let locked = Link::make(&owner, json!({"title": "Acme", "password": "a good word", "expires_in": "P90D"})).await;
    assert_eq!(locked.patch(&owner, json!({"enabled": false})).await.status, 200);
    for (link, code, words) in [
        (&used, "link_exhausted", "used up"),
        (&paused, "link_disabled", "paused"),
        (&locked, "link_disabled", "paused"),
        (&over, "link_expired", "expired"),
    ] {
        if code == "link_expired" {
            world.advance(SignedDuration::from_hours(14 * 24));
        }
        let told = by_json(&world, link.secret()).await;
        told.is_problem(410, code);
        assert!(told.body["user_message"].as_str().is_some_and(|words| !words.is_empty()), "{}", told.text);
        let browser = world.browser();
        let page = browser.go(&link.url).await;
        assert_eq!(page.status, 410, "{}", page.text);
        assert!(page.text.to_lowercase().contains(words), "{words}: {}", page.text);
    }
}

/// CHK-E3: no address after the landing holds the secret, and nothing that can be followed leaves our origin but the
/// platforms' own pages.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_landing_no_address_holds_the_secret() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let toured = tour::tour(&world, &owner, &tour::Names::default()).await;
    let secrets = &toured.secrets;
    assert!(secrets.len() >= 4 && toured.pages.len() >= 20);
    for (name, page) in &toured.pages {
        let is_landing = secrets.iter().any(|secret| page.url.ends_with(secret.as_str()));
        let location = page.location().unwrap_or_default();
        for secret in secrets {
            assert!(is_landing || !page.url.contains(secret), "{name}: {}", page.url);
            assert!(!page.text.contains(secret) && !location.contains(secret), "{name}: {} {location}", page.text);
            for (header, value) in &page.headers {
                assert!(!value.to_str().unwrap_or_default().contains(secret), "{name}: {header}");
            }
        }
        // A redirect and the page before a platform are no exception.
        let referrer = page.header("referrer-policy");
        let before_platform = *name == "consent";
        assert_eq!(referrer, Some(if before_platform { "same-origin" } else { "no-referrer" }), "{name}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{name}");
        for tag in tags(&page.text) {
            let kind = tag.split_whitespace().next().unwrap_or_default();
            for (attribute, value) in attributes(tag) {
                if !["href", "src", "action", "srcset", "data", "poster", "formaction", "content", "xlink:href"]
                    .contains(&attribute.as_str())
                {
                    continue;
                }
                let leaves = value.contains("//") && !value.starts_with(&world.product) && !value.starts_with("data:");
                // Where a client looks at the platform itself: it follows, and tells nobody where it came from.
                let followed = kind == "a" && attribute == "href" && tag.contains("rel=\"noopener noreferrer\"");
                let intent = *name == "in an app" && value.starts_with("intent://");
                assert!(!leaves || followed || intent, "{name}: {tag}");
                assert!(!leaves || !name.starts_with("landing"), "{name}: {tag}");
            }
        }
    }
    for secret in secrets {
        assert!(!world.log().contains(secret.as_str()), "the log");
    }
}

/// CHK-E3: an answer that tells the secret is kept nowhere, and it is told once.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_tells_the_address_no_more() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let path = "/v1/workspaces/ws_1/easyconnect-links";
    let first = owner.post_once(path, for_x(), "once").await;
    let link = Link::of(&first, 201);
    let again = owner.post_once(path, for_x(), "once").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    let mut expected = first.body.clone();
    for secret in ["url", "qr_svg", "message"] {
        expected[secret] = Value::Null;
    }
    assert_eq!(again.body, expected);
    owner.post_once(path, json!({"title": "Another"}), "once").await.is_problem(422, "idempotency_key_reused");
    for (path, status) in [(format!("{}/send", link.path()), 200), (format!("{}/rotate", link.path()), 200)] {
        assert!(owner.post_once(&path, json!({}), &path).await.body["url"].is_string());
        let again = owner.post_once(&path, json!({}), &path).await;
        assert_eq!((again.status, &again.body["url"]), (status, &Value::Null), "{}", again.text);
    }
    let list = owner.get(path).await;
    let (shown, listed) = (link.now(&owner).await, &list.body["data"][0]);
    assert_eq!((&shown["url"], &listed["url"]), (&Value::Null, &Value::Null));
    assert_eq!(owner.get(path).await.body["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.nobody().post(SESSIONS, json!({})).await.status, 401);
}
