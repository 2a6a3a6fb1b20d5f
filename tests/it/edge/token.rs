//! Who is believed. The unit tests beside the verifier try hundreds of tokens; these show that the edge asks it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use local::issuer::Issuer;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, World, send};
use tokio::net::TcpListener;

use super::route::told;

const PATH: &str = "/v1/workspaces/ws_1/accounts";

fn claims(world: &World) -> Value {
    let now = world.now().as_second();
    json!({"iss": "https://dev.mooring.invalid", "aud": "mooring", "exp": now + 300, "sub": "user-1", "ws": "ws_1",
           "role": "owner"})
}

fn with(world: &World, name: &str, value: Value) -> String {
    let mut claims = claims(world);
    claims[name] = value;
    signed(world, &claims)
}

fn signed(world: &World, claims: &Value) -> String {
    world.stack.issuer.sign(claims).expect("signed")
}

fn b64(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The good token's parts.
fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().expect("three parts")
}

#[track_caller]
fn is_refused(answer: &Answer) {
    answer.is_problem(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

/// CHK-P4: every one is refused by the same answer, and a good one is let in beside them.
#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_token_is_refused_without_saying_why() {
    let world = World::start().await;
    let good = signed(&world, &claims(&world));
    let [header, body, signature] = parts(&good);
    let kid =
        serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(header).expect("base64")).expect("JSON")["kid"].clone();
    let key = URL_SAFE_NO_PAD.encode("{}");
    let symmetric = EncodingKey::from_secret(world.stack.issuer.jwks().as_bytes());
    let hs256 = Header { kid: kid.as_str().map(str::to_owned), ..Header::new(Algorithm::HS256) };
    let (stranger, _) = Issuer::generate().expect("a key");
    let now = world.now().as_second();
    let mut owner = claims(&world);
    owner["ws"] = "ws_2".into();
    let hostile = [
        ("nothing", String::new()),
        ("words", "let me in".to_owned()),
        ("no signature", format!("{header}.{body}.")),
        ("two parts", format!("{header}.{body}")),
        ("alg none", format!("{}.{body}.", b64(&json!({"alg": "none", "kid": kid})))),
        ("alg nOnE", format!("{}.{body}.{signature}", b64(&json!({"alg": "nOnE", "kid": kid})))),
        ("the public key as a secret", jsonwebtoken::encode(&hs256, &claims(&world), &symmetric).expect("signed")),
        ("other claims", format!("{header}.{}.{signature}", b64(&owner))),
        ("an empty object", format!("{header}.{key}.{signature}")),
        ("r = s = 0", format!("{header}.{body}.{}", URL_SAFE_NO_PAD.encode([0; 64]))),
        (
            "a path as its key",
            format!("{}.{body}.{signature}", b64(&json!({"alg": "ES256", "kid": "../../etc/passwd"}))),
        ),
        ("another issuer's key", stranger.sign(&claims(&world)).expect("signed")),
        ("another issuer", with(&world, "iss", json!("https://evil.example"))),
        ("another audience", with(&world, "aud", json!("another"))),
        ("expired", with(&world, "exp", json!(now - 60))),
        ("no end as a number", with(&world, "exp", json!("9999999999"))),
        ("from the future", with(&world, "nbf", json!(now + 61))),
        ("no such role", with(&world, "role", json!("root"))),
        ("no such workspace id", with(&world, "ws", json!("ws_1#A"))),
        ("long", with(&world, "name", json!("x".repeat(9000)))),
    ];
    let nobody = world.nobody();
    let missing = nobody.get(PATH).await;
    is_refused(&missing);
    for (what, token) in hostile {
        let refused = nobody.with_token(token).get(PATH).await;
        assert_eq!(told(&refused, &[]), told(&missing, &[]), "{what}");
        is_refused(&refused);
    }
    assert_eq!(nobody.with_token(good).get(PATH).await.status, 200);
}

/// CHK-P4
#[tokio::test(flavor = "multi_thread")]
async fn only_one_bearer_token_in_the_header_counts() {
    let world = World::start().await;
    let good = signed(&world, &claims(&world));
    let nobody = world.nobody();
    for scheme in ["Basic", "Token", "Bearer:", ""] {
        let call = nobody.call(Method::GET, PATH).header("authorization", format!("{scheme} {good}"));
        is_refused(&send(call).await);
    }
    let twice = nobody.with_token(&good).call(Method::GET, PATH).header("authorization", format!("Bearer {good}"));
    is_refused(&send(twice).await);
    is_refused(&nobody.get(&format!("{PATH}?access_token={good}")).await);
    let cookie = nobody.call(Method::GET, PATH).header("cookie", format!("mooring-console={good}"));
    is_refused(&send(cookie).await);
    let lower = nobody.call(Method::GET, PATH).header("authorization", format!("bearer {good}"));
    assert_eq!(send(lower).await.status, 200);
}

/// CHK-P4: the key set that a token names is never asked for.
#[tokio::test(flavor = "multi_thread")]
async fn no_address_that_a_token_names_is_fetched() {
    let world = World::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/jwks.json", listener.local_addr().expect("bound"));
    let asked = Arc::new(AtomicUsize::new(0));
    let (issuer, pkcs8) = Issuer::generate().expect("a key");
    let jwks = issuer.jwks();
    let counter = Arc::clone(&asked);
    let app = axum::Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        let jwks = jwks.clone();
        async move { jwks }
    });
    tokio::spawn(axum::serve(listener, app).into_future());
    let der = base64::engine::general_purpose::STANDARD.decode(pkcs8.expose()).expect("base64");
    let key = EncodingKey::from_ec_der(&der);
    let set: Value = serde_json::from_str(&issuer.jwks()).expect("JSON");
    let kid = set["keys"][0]["kid"].as_str().map(str::to_owned);
    let plain = Header { kid, ..Header::new(Algorithm::ES256) };
    let jwk = serde_json::from_value(set["keys"][0].clone()).expect("a key");
    for header in [
        Header { jku: Some(address.clone()), ..plain.clone() },
        Header { x5u: Some(address.clone()), ..plain.clone() },
        Header { jwk: Some(jwk), ..plain.clone() },
        Header { kid: Some(address.clone()), ..plain.clone() },
        plain,
    ] {
        let token = jsonwebtoken::encode(&header, &claims(&world), &key).expect("signed");
        is_refused(&world.nobody().with_token(token).get(PATH).await);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

/// CHK-P5: the product's own clock decides, with a minute of leeway.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_by_the_clock() {
    let world = World::start().await;
    let caller = world.nobody().with_token(signed(&world, &claims(&world)));
    assert_eq!(caller.get(PATH).await.status, 200);
    world.advance(SignedDuration::from_secs(359));
    assert_eq!(caller.get(PATH).await.status, 200);
    world.advance(SignedDuration::from_secs(2));
    is_refused(&caller.get(PATH).await);
}
