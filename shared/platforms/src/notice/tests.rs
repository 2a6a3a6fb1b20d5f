//! Forged notices of each dialect. Each is made like a good one but for the one thing that it tries, and must be refused
//! for just that.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    hmac::{HMAC_SHA256, HMAC_SHA512, Key, sign},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use domain::notice::Happened;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::*;
use crate::{
    Upstream, catalogue,
    http::clients,
    stub::{Stub, answer},
};

const NOW: i64 = 1_800_000_000;
const SECRET: &str = "the app's own secret";
const OTHER: &str = "another app's secret";
const NOT_OURS: &str = "the signature is not the app's";
const OLD: &str = "it is too old";
const LATER: &str = "it is of a later time";
const ALGORITHM: &str = "the algorithm is another";
const ELSEWHERE: &str = "it is for another app";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

/// An app with these lines under `[notices]`.
fn receiver(lines: &str, upstream: &Upstream) -> Receiver {
    let mut method = catalogue::methods().expect("shipped").remove(0);
    method.notices = Some(toml::from_str(lines).expect("legal"));
    let http = clients().expect("clients");
    let (client_id, client_secret) = ("our app".to_owned(), Secret::new(SECRET));
    let oauth = OAuth { method: method.at(upstream), http: http.clone(), client_id, client_secret };
    Receiver::of(&oauth, None, &http).expect("it is told things")
}

fn mac(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, secret.as_bytes()), &parts.concat()).as_ref().to_vec()
}

/// A table's row: what is tried, the header and the body of it, and why it is refused.
type Row = (&'static str, String, String, &'static str);

async fn refused(to: &Receiver, door: Door, header: &str, rows: Vec<Row>) {
    for (what, value, body, why) in rows {
        let headers = [(header, value.as_str()), ("content-type", "x")];
        let sent = Incoming { door, headers: &headers, body: body.as_bytes() };
        assert_eq!(to.read(&sent, at(NOW)).await, Err(why), "{what}");
    }
}

async fn taken(to: &Receiver, door: Door, header: &str, value: &str, body: &str) -> Result<Signed, &'static str> {
    let headers = [(header, value)];
    to.read(&Incoming { door, headers: &headers, body: body.as_bytes() }, at(NOW)).await
}

fn told(person: &str, what: Happened, second: i64) -> Vec<Told> {
    vec![Told { person: person.to_owned(), what, at: at(second) }]
}

fn payload(algorithm: &str, issued_at: i64) -> Value {
    json!({"algorithm": algorithm, "issued_at": issued_at, "user_id": "122100000000000001"})
}

/// A form with a request of these parts.
fn request(mac: &[u8], encoded: &str) -> String {
    form(&format!("{}.{encoded}", URL_SAFE_NO_PAD.encode(mac)))
}

fn form(request: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("signed_request", request).finish()
}

/// What Meta would send with this payload.
fn meta(secret: &str, payload: &Value) -> String {
    let encoded = URL_SAFE_NO_PAD.encode(payload.to_string());
    request(&mac(secret, &[encoded.as_bytes()]), &encoded)
}

/// CHK-S4: Meta's request is believed as it is encoded, by HMAC-SHA256 of the app's secret, for five minutes.
#[tokio::test]
async fn a_signed_request_is_believed_whole_in_time_and_by_its_one_algorithm() {
    let to = receiver("dialect = \"meta\"", &Upstream::Real);
    for (door, what) in [(Door::Deauthorize, Happened::Revoked), (Door::DataDeletion, Happened::Erase)] {
        for second in [NOW - 300, NOW, NOW + 60] {
            let signed = taken(&to, door, "x", "", &meta(SECRET, &payload("HMAC-SHA256", second))).await;
            let signed = signed.expect("Meta's");
            assert_eq!((signed.app.as_str(), signed.told), ("our app", told("122100000000000001", what, second)));
        }
    }
    let numbered = json!({"algorithm": "HMAC-SHA256", "issued_at": NOW, "user_id": 24_000_000_000_000_001_u64});
    let signed = taken(&to, Door::Deauthorize, "x", "", &meta(SECRET, &numbered)).await.expect("Meta's");
    assert_eq!(signed.told[0].person, "24000000000000001", "with all of its digits");

    let good = payload("HMAC-SHA256", NOW);
    let encoded = URL_SAFE_NO_PAD.encode(good.to_string());
    let whole = mac(SECRET, &[encoded.as_bytes()]);
    let spaced = URL_SAFE_NO_PAD.encode(serde_json::to_string_pretty(&good).expect("JSON"));
    let sha512 = sign(&Key::new(HMAC_SHA512, SECRET.as_bytes()), encoded.as_bytes());
    let decoded = mac(SECRET, &[good.to_string().as_bytes()]);
    let without = |name: &str| {
        let mut less = good.clone();
        less.as_object_mut().expect("an object").remove(name);
        meta(SECRET, &less)
    };
    let both = format!("{}&{}", meta(SECRET, &good), meta(SECRET, &good));
    let rows = [
        ("no algorithm", without("algorithm"), ALGORITHM),
        ("another algorithm", meta(SECRET, &payload("none", NOW)), ALGORITHM),
        ("SHA-1 is said", meta(SECRET, &payload("HMAC-SHA1", NOW)), ALGORITHM),
        ("SHA-512 is used", request(sha512.as_ref(), &encoded), NOT_OURS),
        ("another way to write it", request(&whole, &spaced), NOT_OURS),
        ("what is signed is not encoded", request(&decoded, &encoded), NOT_OURS),
        ("a padded payload", request(&whole, &URL_SAFE.encode(good.to_string() + " ")), NOT_OURS),
        ("a shortened signature", request(&whole[..16], &encoded), NOT_OURS),
        ("a signature of one byte", request(&whole[..1], &encoded), NOT_OURS),
        ("no signature", request(&[], &encoded), NOT_OURS),
        ("a longer signature", request(&[whole.as_slice(), &[0]].concat(), &encoded), NOT_OURS),
        ("another app's secret", meta(OTHER, &good), NOT_OURS),
        ("no secret", meta("", &good), NOT_OURS),
        ("too old", meta(SECRET, &payload("HMAC-SHA256", NOW - 301)), OLD),
        ("of a later time", meta(SECRET, &payload("HMAC-SHA256", NOW + 61)), LATER),
        ("without a time", without("issued_at"), "the payload has no time"),
        ("about nobody", without("user_id"), "the payload names nobody"),
        ("one part", form("abc"), "the request has not two parts"),
        ("a third part", form(&format!("{}.{encoded}.x", URL_SAFE_NO_PAD.encode(&whole))), NOT_OURS),
        ("odd characters", form(&format!("!!.{encoded}")), "the signature is not base64url"),
        ("nothing", String::new(), "not exactly one request"),
        ("two requests", both, "not exactly one request"),
        ("no JSON", request(&mac(SECRET, &[b"AAAA"]), "AAAA"), "the payload cannot be read"),
    ];
    let rows = rows.map(|(what, body, why)| (what, String::new(), body, why));
    refused(&to, Door::Deauthorize, "x-none", rows.into()).await;
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text");
        text
    })
}

fn tiktok_signature(secret: &str, time: i64, body: &str) -> String {
    format!("t={time},s={}", hex(&mac(secret, &[time.to_string().as_bytes(), b".", body.as_bytes()])))
}

fn removed(app: &str, reason: i64) -> String {
    let content = format!("{{\"reason\": {reason} }}");
    json!({"client_key": app, "event": "authorization.removed", "create_time": NOW - 7200,
           "user_openid": "-000fakeOpenId0001", "content": content})
    .to_string()
}

/// CHK-S4: TikTok signs the time with the body; the event itself may be three days old.
#[tokio::test]
async fn a_tiktok_notice_is_believed_with_its_time_and_for_its_app() {
    let to = receiver("dialect = \"tiktok\"", &Upstream::Real);
    let reasons = [
        (0, Happened::Revoked),
        (1, Happened::Revoked),
        (2, Happened::Deleted),
        (3, Happened::Revoked),
        (4, Happened::Banned),
        (5, Happened::Revoked),
    ];
    let name = "tiktok-signature";
    for (reason, what) in reasons {
        let body = removed("our app", reason);
        let signed = taken(&to, Door::Notices, name, &tiktok_signature(SECRET, NOW, &body), &body).await;
        assert_eq!(signed.expect("TikTok's").told, told("-000fakeOpenId0001", what, NOW - 7200), "{reason}");
    }
    let other = json!({"client_key": "our app", "event": "video.publish.completed"}).to_string();
    let signed = taken(&to, Door::Notices, name, &tiktok_signature(SECRET, NOW, &other), &other).await;
    assert_eq!(signed.expect("TikTok's").told, vec![]);

    let body = removed("our app", 1);
    let good = tiktok_signature(SECRET, NOW, &body);
    let bare = hex(&mac(SECRET, &[body.as_bytes()]));
    let again = serde_json::from_str::<Value>(&body).expect("JSON").to_string() + " ";
    let elsewhere = removed("another app", 1);
    let row = |what, value: &str, body: &str, why| (what, value.to_owned(), body.to_owned(), why);
    let rows = vec![
        row("written anew", &good, &again, NOT_OURS),
        row("the body alone is signed", &format!("t={NOW},s={bare}"), &body, NOT_OURS),
        row("the time was changed", &good.replace("t=18", "t=19"), &body, NOT_OURS),
        row("a shortened signature", &good[..good.len() - 32], &body, NOT_OURS),
        row("no signature", &format!("t={NOW},s="), &body, NOT_OURS),
        row("half a digit", &good[..good.len() - 1], &body, "the signature is not hexadecimal"),
        row("one part", &format!("s={bare}"), &body, "the signature has not two parts"),
        row("two times", &format!("t={NOW},{good}"), &body, "the signature has not two parts"),
        row("too old", &tiktok_signature(SECRET, NOW - 301, &body), &body, OLD),
        row("of a later time", &tiktok_signature(SECRET, NOW + 61, &body), &body, LATER),
        row("another app's secret", &tiktok_signature(OTHER, NOW, &body), &body, NOT_OURS),
        row("for another app", &tiktok_signature(SECRET, NOW, &elsewhere), &elsewhere, ELSEWHERE),
    ];
    refused(&to, Door::Notices, name, rows).await;
    refused(&to, Door::Notices, "x-other", vec![row("not signed", "", &body, "it is not signed")]).await;
}

fn x_signature(secret: &str, body: &str) -> String {
    format!("sha256={}", STANDARD.encode(mac(secret, &[body.as_bytes()])))
}

fn oauth_revoke(second: i64) -> String {
    json!({"data": {"event_uuid": "5900000000000000001", "filter": {}, "event_type": "oauth.revoke", "payload":
        {"date_time": at(second).to_string(), "user_id": "1600000000000000001", "app_id": "29000001"}}})
    .to_string()
}

/// CHK-S4
#[tokio::test]
async fn a_notice_of_x_is_believed_as_it_came_and_in_time() {
    let (to, name) = (receiver("dialect = \"x\"", &Upstream::Real), "x-twitter-webhooks-signature");
    let body = oauth_revoke(NOW - 300);
    let signed = taken(&to, Door::Notices, name, &x_signature(SECRET, &body), &body).await.expect("X's");
    assert_eq!(signed.told, told("1600000000000000001", Happened::Revoked, NOW - 300));
    let renamed = json!({"data": {"event_type": "profile.update.screenname"}}).to_string();
    let signed = taken(&to, Door::Notices, name, &x_signature(SECRET, &renamed), &renamed).await.expect("X's");
    assert_eq!(signed.told, vec![]);

    let good = x_signature(SECRET, &body);
    let again = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&body).expect("JSON")).expect("JSON");
    let cut = format!("sha256={}", STANDARD.encode(&mac(SECRET, &[body.as_bytes()])[..16]));
    let (old, later) = (oauth_revoke(NOW - 301), oauth_revoke(NOW + 61));
    let row = |what, value: &str, body: &str, why| (what, value.to_owned(), body.to_owned(), why);
    let rows = vec![
        row("written anew", &good, &again, NOT_OURS),
        row("another algorithm", &good.replace("sha256=", "sha1="), &body, ALGORITHM),
        row("a shortened signature", &cut, &body, NOT_OURS),
        row("no signature", "sha256=", &body, NOT_OURS),
        row("another app's secret", &x_signature(OTHER, &body), &body, NOT_OURS),
        row("too old", &x_signature(SECRET, &old), &old, OLD),
        row("of a later time", &x_signature(SECRET, &later), &later, LATER),
    ];
    refused(&to, Door::Notices, name, rows).await;
    let headers = [(name, good.as_str()), (name, good.as_str())];
    let twice = Incoming { door: Door::Notices, headers: &headers, body: body.as_bytes() };
    assert_eq!(to.read(&twice, at(NOW)).await, Err("it is signed more than once"));
}

/// CHK-S4: whoever asks challenges gets signatures, and none of them is a notice's.
#[tokio::test]
async fn a_challenge_signs_one_word_and_never_a_notice() {
    let to = receiver("dialect = \"x\"", &Upstream::Real);
    let word = "NzdmYmRjNGItM2U2-_=+/.";
    assert_eq!(to.challenge(word), Some(x_signature(SECRET, word)));
    let long = "a".repeat(257);
    for other in ["", " ", "{}", "{\"data\":1}", "a b", "a\nb", "ä", "\"a\"", &long, &oauth_revoke(NOW)] {
        assert_eq!(to.challenge(other), None, "{other}");
    }
    for dialect in ["meta", "tiktok", "google"] {
        assert_eq!(receiver(&format!("dialect = \"{dialect}\""), &Upstream::Real).challenge(word), None, "{dialect}");
    }
}

const GOOGLE: &str = "dialect = \"google\"\nkeys = \"https://www.googleapis.com/oauth2/v3/certs\"\n\
                      issuer = \"https://accounts.google.com\"\nlate_s = 604800";

/// A key of Google's, by name.
struct Signer {
    kid: &'static str,
    key: RsaKeyPair,
}

impl Signer {
    fn new(kid: &'static str) -> Self {
        Self { kid, key: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key") }
    }

    fn jwk(&self) -> Value {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(self.key.public_key());
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": text(&public.n), "e": text(&public.e)})
    }

    fn sign(&self, header: &Value, claims: &Value, by: &'static dyn RsaEncoding) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(by, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn token(&self, claims: &Value) -> String {
        self.sign(&json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"}), claims, &RSA_PKCS1_SHA256)
    }
}

fn claims(event: &str) -> Value {
    let subject = json!({"subject_type": "iss-sub", "iss": "https://accounts.google.com", "sub": "7375626A656374"});
    json!({"iss": "https://accounts.google.com", "aud": ["other", "our app"], "iat": NOW - 86400, "jti": "jti-1",
           "events": {format!("https://schemas.openid.net/secevent/risc/event-type/{event}"): {"subject": subject}}})
}

/// Where Google's keys are; a test may change them.
async fn google(keys: &Arc<Mutex<Vec<Value>>>) -> (Receiver, Stub) {
    let keys = Arc::clone(keys);
    let stub = Stub::start(move |_| answer(200, json!({"keys": *keys.lock().expect("keys")}).to_string())).await;
    (receiver(GOOGLE, &Upstream::Simulated(stub.base.clone())), stub)
}

/// CHK-S4
#[tokio::test]
async fn a_security_event_is_believed_by_googles_keys_for_our_app_and_a_week() {
    let (ours, other) = (Signer::new("g1"), Signer::new("g1"));
    let keys = Arc::new(Mutex::new(vec![ours.jwk()]));
    let (to, _stub) = google(&keys).await;
    let happens = [
        ("tokens-revoked", Some(Happened::Revoked)),
        ("account-purged", Some(Happened::Deleted)),
        ("account-disabled", Some(Happened::Disabled)),
        ("account-enabled", Some(Happened::Enabled)),
        ("sessions-revoked", Some(Happened::Doubtful)),
        ("account-credential-change-required", Some(Happened::Doubtful)),
        ("verification", None),
    ];
    for (event, what) in happens {
        let signed = taken(&to, Door::Notices, "x", "", &ours.token(&claims(event))).await.expect(event);
        let expected = what.map(|what| told("7375626A656374", what, NOW - 86400)).unwrap_or_default();
        assert_eq!((signed.content.as_str(), signed.told), ("jti-1", expected), "{event}");
    }
    let with = |name: &str, value: Value| {
        let mut claims = claims("tokens-revoked");
        claims[name] = value;
        claims
    };
    let header = |alg: &str| json!({"alg": alg, "kid": "g1"});
    let good = ours.token(&claims("tokens-revoked"));
    let (unsigned, signature) = good.rsplit_once('.').expect("three parts");
    let none =
        format!("{}.", ours.sign(&header("none"), &claims("x"), &RSA_PKCS1_SHA256).rsplit_once('.').expect("parts").0);
    let public = ours.jwk()["n"].as_str().expect("text").to_owned();
    let by_hmac = {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header("HS256")), encode(&claims("tokens-revoked")));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac(&public, &[signed.as_bytes()])))
    };
    let not_the_key_s = "the signature is not the key's";
    let rows = [
        ("no algorithm", none, ALGORITHM),
        ("the public key as a secret", by_hmac, ALGORITHM),
        ("PS256 is said", ours.sign(&header("PS256"), &claims("x"), &RSA_PSS_SHA256), ALGORITHM),
        ("PS256 is used", ours.sign(&header("RS256"), &claims("x"), &RSA_PSS_SHA256), not_the_key_s),
        ("another key of that name", other.token(&claims("tokens-revoked")), not_the_key_s),
        ("a shortened signature", format!("{unsigned}.{}", &signature[..100]), not_the_key_s),
        ("no signature", format!("{unsigned}."), not_the_key_s),
        ("an unknown key", Signer::new("g2").token(&claims("tokens-revoked")), "the key is not known"),
        ("another issuer", ours.token(&with("iss", json!("https://evil.example"))), "the issuer is another"),
        ("for another app", ours.token(&with("aud", json!("other"))), ELSEWHERE),
        ("older than a week", ours.token(&with("iat", json!(NOW - 604_801))), OLD),
        ("of a later time", ours.token(&with("iat", json!(NOW + 61))), LATER),
        ("without an id", ours.token(&with("jti", Value::Null)), "the token has no id"),
        ("what signs people in", ours.token(&with("events", Value::Null)), "the token has no events"),
        ("two parts", unsigned.to_owned(), "the token has not three parts"),
    ];
    let rows = rows.map(|(what, body, why)| (what, String::new(), body, why));
    refused(&to, Door::Notices, "x", rows.into()).await;
}

/// A key that nobody knows makes us ask once a minute, whatever comes; a new key is found.
#[tokio::test]
async fn keys_are_asked_for_at_most_once_a_minute_and_kept_when_that_fails() {
    let (first, second) = (Signer::new("g1"), Signer::new("g2"));
    let keys = Arc::new(Mutex::new(vec![first.jwk()]));
    let (to, stub) = google(&keys).await;
    let (old, new) = (first.token(&claims("tokens-revoked")), second.token(&claims("tokens-revoked")));
    let read = async |token: &str, second: i64| {
        let sent = Incoming { door: Door::Notices, headers: &[], body: token.as_bytes() };
        to.read(&sent, at(second)).await.map(|_| ())
    };
    assert_eq!(read(&old, NOW).await, Ok(()));
    keys.lock().expect("keys").push(second.jwk());
    for _ in 0..20 {
        assert_eq!(read(&new, NOW + 59).await, Err("the key is not known"));
    }
    assert_eq!(stub.heard().len(), 1);
    assert_eq!(read(&new, NOW + 60).await, Ok(()));
    keys.lock().expect("keys").clear();
    assert_eq!(read(&old, NOW + 3600).await, Ok(()));
    assert_eq!(stub.heard().len(), 2, "what is known is not asked for again within the hour");
}

/// What each method of the catalogue that is told things needs for it.
#[test]
fn what_the_catalogue_says_of_notices_can_be_used() {
    let mut told = 0;
    for method in catalogue::methods().expect("shipped") {
        let Some(notices) = method.notices else { continue };
        let google = notices.dialect == Dialect::Google;
        assert_eq!((notices.keys.is_some(), notices.issuer.is_some()), (google, google), "{}", method.issuer);
        // A notice is kept for eight days after it was worked off.
        assert!((60..=7 * 24 * 3600).contains(&notices.late_s), "{}", method.issuer);
        told += 1;
    }
    assert!(told >= 4, "{told}");
}
