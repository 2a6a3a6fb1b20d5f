//! Hostile tokens, clocks and key sets. Every hostile token is made like a good one but for the
//! one thing it tries, and must be refused for just that.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use domain::{AccountId, OrgId, Role};
use futures::{FutureExt, future::join_all};
use serde_json::json;
use tokio::sync::Notify;

use super::*;

const ISSUER: &str = "https://saas.example";
const AUDIENCE: &str = "mooring";
const NOW: i64 = 1_800_000_000;
const KINDS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

const ALGORITHM: &str = "the algorithm is not allowed";
const OTHER_ALGORITHM: &str = "the algorithm is not the key's";
const UNKNOWN: &str = "the key is not known";
const NO_KEY: &str = "the header names no key";
const OWN_KEY: &str = "the header brings its own key or rules";
const TYP: &str = "the header has another typ";
const HEADER: &str = "the header is not one plain JSON object";
const CLAIMS: &str = "the claims are not one plain JSON object";
const SIGNATURE: &str = "the signature is not the key's";
const UNSIGNED: &str = "the token is not signed";
const BASE64: &str = "a part is not base64url";
const PARTS: &str = "the token has not three parts";
const LONG: &str = "the token is too long";
const ISS: &str = "the issuer is another";
const AUD: &str = "the audience is another";
const EXP: &str = "exp is not whole seconds";
const EXPIRED: &str = "the token has expired";
const SUB: &str = "sub is not a short text";
const WS: &str = "ws is not a workspace id";
const ORG: &str = "org is not an organisation id";
const ROLE: &str = "role is not a role";
const PLAN: &str = "plan is not a short text";
const PERMS: &str = "perms is not a list of texts";
const ACCOUNTS: &str = "accounts is not a list of account ids";
const WORKSPACES: &str = "workspaces is not a list of workspaces";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn kid(kind: Algorithm) -> &'static str {
    match kind {
        Algorithm::RS256 => "rsa-1",
        Algorithm::PS256 => "pss-1",
        Algorithm::ES256 => "ec-1",
        _ => "ed-1",
    }
}

/// The issuer with a key of each kind.
struct Saas {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ec_der: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Saas {
    fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("key");
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("key"),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).expect("key"),
            ec_der: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).expect("key"),
            ed: Ed25519KeyPair::generate().expect("key"),
        }
    }

    fn jwk(&self, kind: Algorithm) -> Value {
        let rsa = RsaPublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
        let point = self.ec.public_key().as_ref();
        match kind {
            Algorithm::RS256 => json!({"kty": "RSA", "kid": kid(kind), "n": b64(rsa.n), "e": b64(rsa.e)}),
            Algorithm::PS256 => json!({
                "kty": "RSA", "kid": kid(kind), "alg": "PS256", "use": "sig", "n": b64(rsa.n), "e": b64(rsa.e),
            }),
            Algorithm::ES256 => json!({
                "kty": "EC", "crv": "P-256", "kid": kid(kind), "use": "sig", "key_ops": ["verify"],
                "x": b64(&point[1..33]), "y": b64(&point[33..]),
            }),
            _ => json!({"kty": "OKP", "crv": "Ed25519", "kid": kid(kind), "x": b64(self.ed.public_key())}),
        }
    }

    /// The published key set; it also holds a symmetric key, which nobody may sign with.
    fn jwks(&self, kinds: &[Algorithm]) -> String {
        let mut keys = vec![json!({"kty": "oct", "kid": "oct-1", "k": b64("shared")})];
        keys.extend(kinds.iter().map(|kind| self.jwk(*kind)));
        json!({ "keys": keys }).to_string()
    }

    fn rsa_pem(&self) -> String {
        let der: PublicKeyX509Der = self.rsa.public_key().as_der().expect("der");
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).expect("ascii")).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    fn sign(&self, kind: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let mut rsa = vec![0; self.rsa.public_modulus_len()];
        match kind {
            Algorithm::RS256 => {
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, message, &mut rsa).map(|()| rsa).expect("sign")
            }
            Algorithm::PS256 => self.rsa.sign(&RSA_PSS_SHA256, &random, message, &mut rsa).map(|()| rsa).expect("sign"),
            Algorithm::ES256 => self.ec.sign(&random, message).expect("sign").as_ref().to_vec(),
            _ => self.ed.sign(message).as_ref().to_vec(),
        }
    }

    /// A token of exactly these texts.
    fn raw(&self, kind: Algorithm, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", b64(header), b64(claims));
        let signature = b64(self.sign(kind, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    fn token(&self, kind: Algorithm, claims: &Value) -> String {
        self.raw(kind, &header(kind).to_string(), &claims.to_string())
    }

    fn good(&self, kind: Algorithm) -> String {
        self.token(kind, &claims())
    }

    fn header(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut header = header(Algorithm::ES256);
        edit(&mut header);
        self.raw(Algorithm::ES256, &header.to_string(), &claims().to_string())
    }

    fn header_with(&self, name: &str, value: Value) -> String {
        self.header(|header| header[name] = value)
    }

    fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = claims();
        claims[name] = value;
        self.token(Algorithm::ES256, &claims)
    }

    fn without(&self, name: &str) -> String {
        let mut claims = claims();
        claims.as_object_mut().expect("object").remove(name);
        self.token(Algorithm::ES256, &claims)
    }

    /// A good token whose claims have this text in place of their closing brace.
    fn tail(&self, tail: &str) -> String {
        let claims = claims().to_string();
        let claims = format!("{}{tail}", claims.strip_suffix('}').expect("object"));
        self.raw(Algorithm::ES256, &header(Algorithm::ES256).to_string(), &claims)
    }
}

fn header(kind: Algorithm) -> Value {
    json!({"alg": format!("{kind:?}"), "kid": kid(kind), "typ": "JWT"})
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 300, "iat": NOW, "sub": "user-1", "ws": "ws_1", "role": "manager",
    })
}

/// A token with a right header and right claims, and a signature made from both.
fn signed_by(header: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", b64(header.to_string()), b64(claims().to_string()));
    let signature = b64(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Where the keys come from, and how often they were asked for.
#[derive(Clone)]
struct Source {
    answer: Arc<Mutex<Result<String, String>>>,
    fetches: Arc<AtomicUsize>,
}

impl Source {
    fn new(document: String) -> Self {
        Self { answer: Arc::new(Mutex::new(Ok(document))), fetches: Arc::default() }
    }

    fn set(&self, answer: Result<String, String>) {
        *self.answer.lock().expect("unpoisoned") = answer;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    fn verifier(&self) -> Verifier {
        let this = self.clone();
        verifier(Arc::new(move || {
            this.fetches.fetch_add(1, Ordering::SeqCst);
            let answer = this.answer.lock().expect("unpoisoned").clone();
            // Others come in between, as they do with a real fetch.
            async move {
                tokio::task::yield_now().await;
                answer
            }
            .boxed()
        }))
    }
}

fn verifier(fetch: FetchJwks) -> Verifier {
    Verifier::new(ISSUER.to_owned(), AUDIENCE.to_owned(), Jwks::new(fetch)).believing_for(Duration::MAX)
}

fn hs256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// An Ed25519 signature with the group order added to its scalar: the same to a careless verifier.
fn malleated(mut signature: Vec<u8>) -> Vec<u8> {
    let mut order = [0_u8; 32];
    order[..16].copy_from_slice(&0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_le_bytes());
    order[31] = 0x10;
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    signature
}

/// Name, token and the one reason for which it must be refused.
type Row = (String, String, &'static str);

fn algorithms(saas: &Saas) -> Vec<Row> {
    let mut rows = Vec::new();
    for alg in ["none", "None", "nOnE", "NONE", "", "HS256", "HS512", "RS512", "ES384", "es256", "ES256 ", "RSA1_5"] {
        rows.push((format!("alg {alg:?}"), saas.header_with("alg", json!(alg)), ALGORITHM));
        let unsigned = saas.header_with("alg", json!(alg));
        let unsigned = unsigned.rsplit_once('.').expect("three parts").0;
        rows.push((format!("alg {alg:?} unsigned"), format!("{unsigned}."), UNSIGNED));
    }
    let no_alg = saas.header(|h| drop(h.as_object_mut().expect("object").remove("alg")));
    rows.push(("alg missing".into(), no_alg, ALGORITHM));
    for alg in [json!(null), json!(256), json!(["ES256"])] {
        rows.push((format!("alg {alg}"), saas.header_with("alg", alg), ALGORITHM));
    }
    let pem = saas.rsa_pem();
    let jwk = saas.jwk(Algorithm::RS256).to_string();
    let point = saas.ec.public_key().as_ref();
    for (what, kid, secret) in [
        ("RSA public key PEM", "rsa-1", pem.as_bytes()),
        ("RSA public key PEM without last newline", "rsa-1", pem.trim_end().as_bytes()),
        ("RSA JWK", "rsa-1", jwk.as_bytes()),
        ("EC public point", "ec-1", point),
        ("published symmetric key", "oct-1", b"shared"),
        ("empty key", "ec-1", b""),
    ] {
        let header = json!({"alg": "HS256", "kid": kid, "typ": "JWT"});
        rows.push((format!("HS256 with the {what}"), signed_by(&header, |m| hs256(secret, m)), ALGORITHM));
        let header = json!({"alg": "RS256", "kid": "rsa-1"});
        let hidden = signed_by(&header, |m| hs256(secret, m));
        rows.push((format!("HS256 with the {what}, called RS256"), hidden, SIGNATURE));
    }
    for claimed in KINDS {
        for named in KINDS {
            if claimed != named {
                let header = json!({"alg": format!("{claimed:?}"), "kid": kid(named)});
                let token = saas.raw(claimed, &header.to_string(), &claims().to_string());
                rows.push((format!("{claimed:?} with the key of {named:?}"), token, OTHER_ALGORITHM));
                let header = json!({"alg": format!("{named:?}"), "kid": kid(named)});
                let token = saas.raw(claimed, &header.to_string(), &claims().to_string());
                rows.push((format!("{named:?} signed as {claimed:?}"), token, SIGNATURE));
            }
        }
    }
    rows
}

fn headers(saas: &Saas) -> Vec<Row> {
    let mut rows = Vec::new();
    for kid in [
        "../../../../dev/null",
        "' OR '1'='1' --",
        "https://evil.example/jwks.json",
        "file:///etc/passwd",
        "| whoami",
        "ec-1\0",
        " ec-1",
        "EC-1",
        "ec-1,rsa-1",
        "keys.0",
        "__proto__",
        "oct-1",
    ] {
        rows.push((format!("kid {kid:?}"), saas.header_with("kid", json!(kid)), UNKNOWN));
    }
    for kid in [json!("k".repeat(129)), json!(""), json!(1), json!(null), json!(["ec-1"]), json!({"kid": "ec-1"})] {
        rows.push((format!("kid {kid}"), saas.header_with("kid", kid), NO_KEY));
    }
    rows.push(("kid missing".into(), saas.header(|h| drop(h.as_object_mut().expect("object").remove("kid"))), NO_KEY));
    let evil = "https://evil.example/jwks.json";
    for (name, value) in [
        ("jku", json!(evil)),
        ("x5u", json!(evil)),
        ("jwk", saas.jwk(Algorithm::ES256)),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("jku", json!(null)),
    ] {
        rows.push((format!("header {name} {value}"), saas.header_with(name, value), OWN_KEY));
    }
    for typ in [json!("JWE"), json!("dpop+jwt"), json!("id+jwt"), json!(""), json!(null), json!(["JWT"])] {
        rows.push((format!("typ {typ}"), saas.header_with("typ", typ), TYP));
    }
    let claims = claims().to_string();
    for header in [
        r#"{"alg":"none","alg":"ES256","kid":"ec-1"}"#,
        r#"{"alg":"ES256","alg":"ES256","kid":"ec-1"}"#,
        r#"{"alg":"ES256","kid":"rsa-1","kid":"ec-1"}"#,
        r#"{"alg":"none","\u0061lg":"ES256","kid":"ec-1"}"#,
        "\u{feff}{\"alg\":\"ES256\",\"kid\":\"ec-1\"}",
        r#"{"alg":"ES256","kid":"ec-1"} {}"#,
        r#"[{"alg":"ES256","kid":"ec-1"}]"#,
        r#""ES256""#,
        "",
    ] {
        rows.push((format!("header {header}"), saas.raw(Algorithm::ES256, header, &claims), HEADER));
    }
    rows
}

fn shapes(saas: &Saas) -> Vec<Row> {
    let good = saas.good(Algorithm::ES256);
    let parts: Vec<&str> = good.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    let json = json!({"payload": claims, "protected": header, "signature": signature}).to_string();
    // The last character of 64 bytes carries four bits that mean nothing: it is A, Q, g or w.
    let (all_but_last, last) = good.split_at(good.len() - 1);
    let respelled = format!("{all_but_last}{}", char::from(last.as_bytes()[0] + 1));

    let claims_text = self::claims().to_string();
    let padded = URL_SAFE.encode(format!("{claims_text}{}", " ".repeat(4 - claims_text.len() % 3)));
    assert!(padded.ends_with('='));
    let standard_text = claims_text.replace("user-1", "user-1???>>>???~~~");
    let standard = STANDARD_NO_PAD.encode(standard_text);
    assert!(standard.contains(['/', '+']));
    let with_part = |part: &str| {
        let signed = format!("{header}.{part}");
        format!("{signed}.{}", b64(saas.sign(Algorithm::ES256, signed.as_bytes())))
    };

    vec![
        ("no text".into(), String::new(), PARTS),
        ("one part".into(), header.into(), PARTS),
        ("two parts".into(), format!("{header}.{claims}"), PARTS),
        ("four parts".into(), format!("{good}.{signature}"), PARTS),
        ("four parts, the last one empty".into(), format!("{good}."), PARTS),
        ("five parts, as an encrypted token has".into(), format!("{good}.a.b"), PARTS),
        ("only dots".into(), "..".into(), UNSIGNED),
        ("the JSON form".into(), json, PARTS),
        ("empty signature".into(), format!("{header}.{claims}."), UNSIGNED),
        ("empty claims".into(), with_part(""), CLAIMS),
        ("padding".into(), with_part(&padded), BASE64),
        ("padding after the signature".into(), format!("{good}=="), BASE64),
        ("standard alphabet".into(), with_part(&standard), BASE64),
        ("another spelling of the same signature".into(), respelled, BASE64),
        ("space before".into(), format!(" {good}"), BASE64),
        ("newline after".into(), format!("{good}\n"), BASE64),
        ("line break inside".into(), good.replacen('.', ".\r\n", 1), BASE64),
        ("nul after".into(), format!("{good}\0"), BASE64),
        ("the scheme left on".into(), format!("Bearer {good}"), BASE64),
        ("another script's letters".into(), good.replacen('e', "е", 1), BASE64),
        ("9 KiB".into(), saas.claim("more", json!("x".repeat(6900))), LONG),
        ("9 KiB of dots".into(), ".".repeat(9 * 1024), LONG),
    ]
}

fn signatures(saas: &Saas) -> Vec<Row> {
    let good = saas.good(Algorithm::ES256);
    let other = saas.claim("sub", json!("user-2"));
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    let (other_signed, other_signature) = other.rsplit_once('.').expect("three parts");
    let stranger = Saas::new();
    let ec = header(Algorithm::ES256);
    let random = SystemRandom::new();
    let mut one = vec![0; 256];
    one[255] = 1;
    let mut rows = vec![
        ("signature of another token".into(), format!("{signed}.{other_signature}"), SIGNATURE),
        ("claims of another token".into(), format!("{other_signed}.{signature}"), SIGNATURE),
        ("truncated by a byte".into(), signed_by(&ec, |m| saas.sign(Algorithm::ES256, m)[..63].to_vec()), SIGNATURE),
        ("longer by a byte".into(), signed_by(&ec, |m| [saas.sign(Algorithm::ES256, m), vec![0]].concat()), SIGNATURE),
        ("ES256 r = s = 0".into(), signed_by(&ec, |_| vec![0; 64]), SIGNATURE),
        (
            "ES256 r = 0".into(),
            signed_by(&ec, |m| [&[0; 32], &saas.sign(Algorithm::ES256, m)[32..]].concat()),
            SIGNATURE,
        ),
        ("ES256 all ones".into(), signed_by(&ec, |_| vec![255; 64]), SIGNATURE),
        (
            "ES256 in DER".into(),
            signed_by(&ec, |m| saas.ec_der.sign(&random, m).expect("sign").as_ref().to_vec()),
            SIGNATURE,
        ),
        ("RS256 of zero".into(), signed_by(&header(Algorithm::RS256), |_| vec![0; 256]), SIGNATURE),
        ("RS256 of one".into(), signed_by(&header(Algorithm::RS256), |_| one), SIGNATURE),
        ("EdDSA of zero".into(), signed_by(&header(Algorithm::EdDSA), |_| vec![0; 64]), SIGNATURE),
        (
            "EdDSA with its scalar respelled".into(),
            signed_by(&header(Algorithm::EdDSA), |m| malleated(saas.sign(Algorithm::EdDSA, m))),
            SIGNATURE,
        ),
    ];
    for kind in KINDS {
        rows.push((format!("a stranger's {kind:?} key under our name"), stranger.good(kind), SIGNATURE));
    }
    rows
}

fn meanings(saas: &Saas) -> Vec<Row> {
    let long = |n: usize| json!("x".repeat(n));
    let mut rows = Vec::new();
    for (claim, reason, values) in [
        (
            "iss",
            ISS,
            vec![
                json!("https://evil.example"),
                json!([ISSUER]),
                json!("https://saas.example/"),
                json!("https://saas.example@evil.example"),
                json!("https://SAAS.example"),
                json!("http://saas.example"),
                json!(""),
                json!(null),
            ],
        ),
        (
            "aud",
            AUD,
            vec![
                json!("other"),
                json!("Mooring"),
                json!("mooring "),
                json!(""),
                json!([]),
                json!(["other"]),
                json!(["mooring", 1]),
                json!([["mooring"]]),
                json!({"mooring": true}),
                json!(null),
            ],
        ),
        (
            "exp",
            EXP,
            vec![
                json!("1900000000"),
                json!(1_900_000_000.0),
                json!(1_900_000_000.5),
                json!(1e18),
                json!(u64::MAX),
                json!(null),
                json!(true),
                json!([NOW + 300]),
            ],
        ),
        ("exp", EXPIRED, vec![json!(NOW - 61), json!(NOW - 60), json!(0), json!(-1), json!(i64::MIN)]),
        ("nbf", "the token is not valid yet", vec![json!(NOW + 61), json!(i64::MAX)]),
        ("nbf", "nbf is not whole seconds", vec![json!("0"), json!(0.5), json!(null)]),
        ("iat", "the token is from the future", vec![json!(NOW + 61), json!(i64::MAX)]),
        ("iat", "iat is not whole seconds", vec![json!("0"), json!(1.0), json!(null)]),
        (
            "sub",
            SUB,
            vec![
                json!(""),
                json!("  "),
                json!("a\nb"),
                json!("a\0"),
                json!("a\u{85}"),
                long(201),
                json!(1),
                json!(null),
            ],
        ),
        (
            "ws",
            WS,
            vec![
                json!("ws_1#ACC"),
                json!("ws/1"),
                json!("ws_1\n"),
                json!(""),
                long(65),
                json!(["ws_1"]),
                json!(1),
                json!("*"),
                json!(null),
            ],
        ),
        ("org", ORG, vec![json!("org#1"), json!(""), json!(["org_1"]), json!(null)]),
        (
            "role",
            ROLE,
            vec![
                json!("root"),
                json!("Owner"),
                json!("OWNER"),
                json!("owner "),
                json!(["owner"]),
                json!(5),
                json!(""),
                json!(null),
            ],
        ),
        ("name", "name is not a text", vec![json!(1), json!(null), json!({"first": "A"})]),
        ("plan", PLAN, vec![json!(1), long(41), json!(""), json!("pro\n"), json!(null)]),
        ("perms", PERMS, vec![json!("accounts.read"), json!([1]), json!({}), json!(null)]),
        (
            "accounts",
            ACCOUNTS,
            vec![
                json!(["acc_1"]),
                json!(["grt_01ARZ3NDEKTSV4RRFFQ69G5FAV"]),
                json!(["acc_01ARZ3NDEKTSV4RRFFQ69G5FAV", 1]),
                json!("acc_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                json!(null),
            ],
        ),
        (
            "workspaces",
            WORKSPACES,
            vec![
                json!({}),
                json!(["ws_2"]),
                json!([{"id": "ws_2"}]),
                json!([{"id": "ws#2", "role": "viewer"}]),
                json!([{"id": "ws_2", "role": "god"}]),
                json!(null),
            ],
        ),
    ] {
        for value in values {
            rows.push((format!("{claim} {value}"), saas.claim(claim, value), reason));
        }
    }
    for (claim, reason) in
        [("iss", ISS), ("aud", AUD), ("exp", "exp is missing"), ("sub", "sub is missing"), ("ws", WS), ("role", ROLE)]
    {
        rows.push((format!("{claim} missing"), saas.without(claim), reason));
    }
    rows
}

fn texts(saas: &Saas) -> Vec<Row> {
    let mut rows = Vec::new();
    for tail in [
        ",\"exp\":1900000000}",
        ",\"ws\":\"ws_2\"}",
        ",\"ws\":\"ws_1\"}",
        ",\"role\":\"owner\"}",
        ",\"\\u0077s\":\"ws_2\"}",
        ",\"x\":{\"a\":1,\"a\":2}}",
        ",\"x\":1e400}",
        ",\"x\":-1e400}",
        ",\"x\":NaN}",
        ",\"x\":\"\\ud800\"}",
        ",\"x\":\"\\udc00\\ud800\"}",
        ",\"x\":\"\t\"}",
        ",}",
        "",
        "} {}",
        "}\0",
    ] {
        rows.push((format!("claims ending in {tail}"), saas.tail(tail), CLAIMS));
    }
    for (what, opening, closing) in [("lists", "[", "]"), ("objects", "{\"a\":", "}")] {
        let deep = format!(",\"x\":{}1{}}}", opening.repeat(100), closing.repeat(100));
        rows.push((format!("deep {what}"), saas.tail(&deep), CLAIMS));
    }
    rows.push(("lists that never close".into(), saas.tail(&format!(",\"x\":{}", "[".repeat(5000))), CLAIMS));
    let claims = claims();
    for text in [
        format!("\u{feff}{claims}"),
        format!("[{claims}]"),
        json!(claims.to_string()).to_string(),
        "null".into(),
        "1".into(),
        claims.to_string().replace('"', "'"),
        claims.to_string().replace(&(NOW + 300).to_string(), "1e400"),
        claims.to_string().replace(&(NOW + 300).to_string(), &format!("0{}", NOW + 300)),
    ] {
        let token = saas.raw(Algorithm::ES256, &header(Algorithm::ES256).to_string(), &text);
        rows.push((format!("claims {text}"), token, CLAIMS));
    }
    let name = r#""sub":"user-1""#;
    let latin1 = [b"{\"x\":\"".as_slice(), b"\xe9\"}"].concat();
    assert!(claims.to_string().contains(name));
    let signed = format!("{}.{}", b64(header(Algorithm::ES256).to_string()), b64(latin1));
    let signature = b64(saas.sign(Algorithm::ES256, signed.as_bytes()));
    rows.push(("not UTF-8".into(), format!("{signed}.{signature}"), CLAIMS));
    rows
}

fn hostile(saas: &Saas) -> Vec<Row> {
    [algorithms(saas), headers(saas), shapes(saas), signatures(saas), meanings(saas), texts(saas)].concat()
}

/// CHK-P4
#[tokio::test]
async fn no_hostile_token_is_believed_and_none_says_why() {
    let saas = Saas::new();
    let source = Source::new(saas.jwks(&KINDS));
    let verifier = source.verifier();
    let rows = hostile(&saas);
    assert!(rows.len() >= 60, "{}", rows.len());

    for kind in KINDS {
        let control = verifier.verify(&saas.good(kind), at(NOW)).await.expect("a valid control");
        assert_eq!((control.workspace.as_str(), control.role), ("ws_1", Role::Manager));
    }
    for (name, token, reason) in &rows {
        let outcome = verifier.verify(token, at(NOW)).await;
        assert_eq!(outcome, Err(Rejected(reason)), "{name}");
        let told = outcome.map_err(Refusal::from).expect_err("rejected");
        assert_eq!(told, Refusal::plain(Code::Unauthenticated), "{name}");
    }
    for kind in KINDS {
        assert!(verifier.verify(&saas.good(kind), at(NOW)).await.is_ok(), "{kind:?} afterwards");
    }
}

/// CHK-P4: the keys are fetched from the one configured place, and hostile tokens can ask for
/// that once in a minute.
#[tokio::test]
async fn hostile_tokens_cause_no_more_fetches_than_the_floor_allows() {
    let saas = Saas::new();
    let source = Source::new(saas.jwks(&KINDS));
    let verifier = source.verifier();
    let rows = hostile(&saas);

    for (later, fetches) in [(0, 1), (59, 1), (60, 2), (100, 2), (121, 3)] {
        for (name, token, _) in &rows {
            // By then a token from the near future is a good one.
            let outcome = verifier.verify(token, at(NOW + later)).await;
            assert!(later > 0 || outcome.is_err(), "{name}");
        }
        assert_eq!(source.fetches(), fetches, "after {later} s");
    }
}

/// CHK-P4
#[tokio::test]
async fn a_good_token_says_all_that_is_known_of_the_caller() {
    let saas = Saas::new();
    let verifier = Source::new(saas.jwks(&KINDS)).verifier();
    let account = "acc_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let full = json!({
        "iss": ISSUER, "aud": ["other", AUDIENCE], "exp": NOW + 1, "nbf": NOW + 60, "iat": NOW + 60, "jti": "1",
        "sub": "x".repeat(200), "ws": "ws_1", "org": "org_1", "role": "owner", "name": " Ada\u{202e}  Berg ",
        "plan": "professional", "perms": ["accounts.read", "not.known.here"], "accounts": [account],
        "workspaces": [{"id": "ws_2", "role": "viewer", "name": "Two"}],
        "resource_access": {"a": {"b": {"roles": ["x", 1.5, null, true]}}},
    });
    let caller = verifier.verify(&saas.token(Algorithm::EdDSA, &full), at(NOW)).await.expect("believed");
    let expected = Actor {
        sub: "x".repeat(200),
        credential: domain::actor::Credential::Token,
        name: Some("Ada Berg".into()),
        workspace: "ws_1".parse().expect("legal"),
        org: "org_1".parse().expect("legal"),
        role: Role::Owner,
        plan: Some("professional".into()),
        perms: Some(vec!["accounts.read".into(), "not.known.here".into()]),
        accounts: Some(vec![account.parse::<AccountId>().expect("legal")]),
        workspaces: [("ws_2".parse().expect("legal"), Role::Viewer)].into(),
    };
    assert_eq!(caller, expected);

    let caller = verifier.verify(&saas.good(Algorithm::ES256), at(NOW)).await.expect("believed");
    assert_eq!(caller.org, OrgId::from(&caller.workspace));
    assert_eq!((caller.name, caller.plan, caller.perms, caller.accounts), (None, None, None, None));
    let nameless = verifier.verify(&saas.claim("name", json!("\u{200b} ")), at(NOW)).await.expect("believed");
    assert_eq!(nameless.name, None);
    let none = verifier.verify(&saas.claim("accounts", json!([])), at(NOW)).await.expect("believed");
    assert_eq!(none.accounts, Some(vec![]));
}

/// CHK-P4
#[tokio::test]
async fn harmless_differences_of_headers_are_taken() {
    let saas = Saas::new();
    let verifier = Source::new(saas.jwks(&KINDS)).verifier();
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT"] {
        assert!(verifier.verify(&saas.header_with("typ", json!(typ)), at(NOW)).await.is_ok(), "{typ}");
    }
    let untyped = saas.header(|h| drop(h.as_object_mut().expect("object").remove("typ")));
    assert!(verifier.verify(&untyped, at(NOW)).await.is_ok());
    assert!(verifier.verify(&saas.header_with("x5t", json!("abc")), at(NOW)).await.is_ok());
    let long = saas.claim("more", json!("x".repeat(5800)));
    assert!(long.len() > 7 * 1024 && verifier.verify(&long, at(NOW)).await.is_ok(), "{}", long.len());
}

/// CHK-P5
#[tokio::test]
async fn clocks_may_be_a_minute_apart_and_no_more() {
    let saas = Saas::new();
    let verifier = Source::new(saas.jwks(&KINDS)).verifier();
    for (claim, apart, believed) in [
        ("exp", -61, false),
        ("exp", -60, false),
        ("exp", -59, true),
        ("exp", 1_000_000_000, true),
        ("nbf", 61, false),
        ("nbf", 60, true),
        ("nbf", -1_000_000_000, true),
        ("iat", 61, false),
        ("iat", 60, true),
    ] {
        let token = saas.claim(claim, json!(NOW + apart));
        assert_eq!(verifier.verify(&token, at(NOW)).await.is_ok(), believed, "{claim} {apart}");
    }
}

/// CHK-P6: who was removed goes on as long as a token lives, and that is bounded.
#[tokio::test]
async fn a_token_that_lives_too_long_is_not_believed() {
    let saas = Saas::new();
    let verifier = Source::new(saas.jwks(&KINDS)).verifier().believing_for(LONGEST_LIFE);
    for (iat, exp, believed) in [
        (Some(0), 3600, true),
        (Some(0), 3601, false),
        (Some(-3000), 601, false),
        (Some(60), 3660, true),
        (Some(i64::MIN), i64::MAX, false),
        (None, 3660, true),
        (None, 3661, false),
        (None, i64::MAX - NOW, false),
    ] {
        let mut claims = claims();
        claims["exp"] = json!(NOW + exp.min(i64::MAX - NOW));
        match iat {
            Some(iat) => claims["iat"] = json!(NOW.saturating_add(iat)),
            None => drop(claims.as_object_mut().expect("object").remove("iat")),
        }
        let outcome = verifier.verify(&saas.token(Algorithm::ES256, &claims), at(NOW)).await;
        let expected = if believed { Ok(()) } else { Err(Rejected("the token lives too long")) };
        assert_eq!(outcome.map(drop), expected, "{iat:?} {exp}");
    }
}

/// CHK-P5
#[tokio::test]
async fn during_a_rotation_both_keys_are_believed() {
    let (old, new) = (Saas::new(), Saas::new());
    let mut renamed = new.jwk(Algorithm::ES256);
    renamed["kid"] = json!("ec-2");
    let both = json!({"keys": [renamed, old.jwk(Algorithm::ES256)]}).to_string();
    let verifier = Source::new(both).verifier();
    let second = new.header_with("kid", json!("ec-2"));
    assert!(verifier.verify(&old.good(Algorithm::ES256), at(NOW)).await.is_ok());
    assert!(verifier.verify(&second, at(NOW)).await.is_ok());
    let crossed = new.good(Algorithm::ES256);
    assert_eq!(verifier.verify(&crossed, at(NOW)).await, Err(Rejected(SIGNATURE)));
}

/// CHK-P5
#[tokio::test]
async fn a_key_that_was_rotated_in_is_found_after_the_floor() {
    let saas = Saas::new();
    let source = Source::new(saas.jwks(&[Algorithm::ES256]));
    let verifier = source.verifier();
    let (old, new) = (saas.good(Algorithm::ES256), saas.good(Algorithm::EdDSA));
    assert!(verifier.verify(&old, at(NOW)).await.is_ok());
    source.set(Ok(saas.jwks(&[Algorithm::EdDSA])));
    assert_eq!(verifier.verify(&new, at(NOW + 59)).await, Err(Rejected(UNKNOWN)));
    assert!(verifier.verify(&new, at(NOW + 60)).await.is_ok());
    assert_eq!(verifier.verify(&old, at(NOW + 61)).await, Err(Rejected(UNKNOWN)), "withdrawn");
    assert_eq!(source.fetches(), 2);
}

/// CHK-P5
#[tokio::test]
async fn a_withdrawn_key_is_forgotten_within_the_hour() {
    let saas = Saas::new();
    let source = Source::new(saas.jwks(&KINDS));
    let verifier = source.verifier();
    let mut lasting = claims();
    lasting["exp"] = json!(NOW + 100_000);
    let token = saas.token(Algorithm::ES256, &lasting);
    assert!(verifier.verify(&token, at(NOW)).await.is_ok());
    source.set(Ok(r#"{"keys":[]}"#.into()));
    assert!(verifier.verify(&token, at(NOW + 3599)).await.is_ok());
    assert_eq!(verifier.verify(&token, at(NOW + 3600)).await, Err(Rejected(UNKNOWN)));
}

/// CHK-P5
#[tokio::test]
async fn a_failed_fetch_keeps_the_keys_and_is_not_repeated_at_once() {
    let saas = Saas::new();
    let source = Source::new(saas.jwks(&KINDS));
    let verifier = source.verifier();
    let mut lasting = claims();
    lasting["exp"] = json!(NOW + 100_000);
    let token = saas.token(Algorithm::ES256, &lasting);
    assert!(verifier.verify(&token, at(NOW)).await.is_ok());
    let mut fetches = 1;
    for (hours, answer) in [
        (1, Err("no route".to_owned())),
        (2, Ok("<html>".to_owned())),
        (3, Ok("{}".to_owned())),
        (4, Ok(r#"{"keys":{}}"#.to_owned())),
        (5, Ok(format!("{}{}", saas.jwks(&[]), " ".repeat(256 * 1024)))),
    ] {
        source.set(answer);
        fetches += 1;
        for later in [0, 1, 59] {
            assert!(verifier.verify(&token, at(NOW + 3600 * hours + later)).await.is_ok(), "{hours} h {later} s");
        }
        assert_eq!(source.fetches(), fetches, "{hours} h");
    }
}

/// CHK-P5
#[tokio::test]
async fn without_any_keys_the_next_try_comes_soon() {
    let saas = Saas::new();
    let source = Source::new(String::new());
    let verifier = source.verifier();
    let token = saas.good(Algorithm::ES256);
    assert_eq!(verifier.verify(&token, at(NOW)).await, Err(Rejected(UNKNOWN)));
    source.set(Ok(saas.jwks(&KINDS)));
    assert_eq!(verifier.verify(&token, at(NOW + 4)).await, Err(Rejected(UNKNOWN)));
    assert_eq!(source.fetches(), 1);
    assert!(verifier.verify(&token, at(NOW + 5)).await.is_ok());
}

/// CHK-P5
#[tokio::test]
async fn many_callers_at_once_share_one_fetch() {
    let saas = Saas::new();
    let source = Source::new(saas.jwks(&KINDS));
    let verifier = source.verifier();
    let token = saas.good(Algorithm::ES256);
    // Calls overtake each other, so that their clocks are not in order.
    let calls = (0..50).map(|n| verifier.verify(&token, at(NOW + (n * 7) % 10)));
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(source.fetches(), 1);
}

/// CHK-P5: nobody with a known key waits because somebody else names an unknown one.
#[tokio::test]
async fn a_fetch_that_hangs_holds_up_no_known_key() {
    let saas = Saas::new();
    let document = saas.jwks(&KINDS);
    let fetches = Arc::new(AtomicUsize::new(0));
    let begun = Arc::new(Notify::new());
    let (counter, bell) = (fetches.clone(), begun.clone());
    let verifier = verifier(Arc::new(move || {
        let first = counter.fetch_add(1, Ordering::SeqCst) == 0;
        let (document, bell) = (document.clone(), bell.clone());
        async move {
            if !first {
                bell.notify_one();
                std::future::pending::<()>().await;
            }
            Ok(document)
        }
        .boxed()
    }));
    let verifier = Arc::new(verifier);
    let mut lasting = claims();
    lasting["exp"] = json!(NOW + 100_000);
    let known = saas.token(Algorithm::ES256, &lasting);
    assert!(verifier.verify(&known, at(NOW)).await.is_ok());

    let unknown = saas.header_with("kid", json!("ec-9"));
    let waiting = tokio::spawn({
        let verifier = verifier.clone();
        async move { verifier.verify(&unknown, at(NOW + 60)).await }
    });
    begun.notified().await;
    // Also when its own refresh is due.
    for later in [61, 7200] {
        let outcome = verifier.verify(&known, at(NOW + later)).now_or_never();
        assert!(outcome.is_some_and(|caller| caller.is_ok()), "after {later} s");
    }
    // Whoever gave up waiting leaves the way free.
    waiting.abort();
    assert!(waiting.await.expect_err("aborted").is_cancelled());
    let next = verifier.verify(&saas.header_with("kid", json!("ec-9")), at(NOW + 90)).now_or_never();
    assert_eq!(next, Some(Err(Rejected(UNKNOWN))), "under the floor, without waiting");
}

/// CHK-P5: on one machine the clock can be moved both ways.
#[tokio::test]
async fn a_clock_set_back_neither_stops_the_refresh_nor_opens_the_floor() {
    let saas = Saas::new();
    let source = Source::new(saas.jwks(&[Algorithm::ES256]));
    let verifier = source.verifier();
    assert!(verifier.verify(&saas.good(Algorithm::ES256), at(NOW)).await.is_ok());
    source.set(Ok(saas.jwks(&KINDS)));
    let mut early = claims();
    early["iat"] = json!(0);
    let token = saas.token(Algorithm::EdDSA, &early);
    assert!(verifier.verify(&token, at(NOW - 59)).await.is_err());
    assert!(verifier.verify(&token, at(NOW - 86_400)).await.is_ok());
    assert_eq!(source.fetches(), 2);
}

/// CHK-P4: whatever else a key set holds is not a key for callers.
#[tokio::test]
async fn unfit_keys_of_a_key_set_are_ignored() {
    let saas = Saas::new();
    let with = |kind: Algorithm, name: &str, value: Value| {
        let mut jwk = saas.jwk(kind);
        jwk[name] = value;
        jwk
    };
    let modulus = |bits: usize| {
        let mut n = vec![0xff; bits.div_ceil(8)];
        n[0] >>= n.len() * 8 - bits;
        // A zero before does not make a number longer.
        json!(b64([vec![0], n].concat()))
    };
    let unfit = [
        with(Algorithm::ES256, "use", json!("enc")),
        with(Algorithm::ES256, "use", json!(null)),
        with(Algorithm::ES256, "key_ops", json!(["sign"])),
        with(Algorithm::ES256, "key_ops", json!("verify")),
        with(Algorithm::ES256, "alg", json!("RS256")),
        with(Algorithm::ES256, "alg", json!("HS256")),
        with(Algorithm::ES256, "alg", json!("none")),
        with(Algorithm::ES256, "alg", json!(null)),
        with(Algorithm::ES256, "crv", json!("P-384")),
        with(Algorithm::ES256, "crv", json!("secp256k1")),
        with(Algorithm::ES256, "kty", json!("oct")),
        with(Algorithm::ES256, "x", json!(b64([1; 31]))),
        with(Algorithm::ES256, "d", json!(b64([1; 32]))),
        with(Algorithm::ES256, "kid", json!(1)),
        with(Algorithm::EdDSA, "crv", json!("Ed448")),
        with(Algorithm::EdDSA, "crv", json!("X25519")),
        with(Algorithm::EdDSA, "x", json!(b64([1; 33]))),
        with(Algorithm::EdDSA, "alg", json!("ES256")),
        with(Algorithm::RS256, "n", modulus(1024)),
        with(Algorithm::RS256, "n", modulus(2047)),
        with(Algorithm::RS256, "n", modulus(8193)),
        with(Algorithm::RS256, "n", json!("")),
        with(Algorithm::RS256, "e", json!("AQ")),
        with(Algorithm::RS256, "e", json!("AA")),
        with(Algorithm::RS256, "alg", json!("RS512")),
        with(Algorithm::RS256, "alg", json!("EdDSA")),
        json!({"kty": "oct", "kid": "ec-1", "k": b64("shared"), "alg": "HS256"}),
        json!("ec-1"),
        json!(null),
    ];
    for jwk in unfit {
        let verifier = Source::new(json!({"keys": [jwk]}).to_string()).verifier();
        for kind in KINDS {
            assert_eq!(verifier.verify(&saas.good(kind), at(NOW)).await, Err(Rejected(UNKNOWN)), "{kind:?} {jwk}");
        }
    }
    let mixed = json!({"keys": [1, {"kid": "ec-1", "kty": "oct", "k": "AA"}, saas.jwk(Algorithm::ES256)]}).to_string();
    assert!(Source::new(mixed).verifier().verify(&saas.good(Algorithm::ES256), at(NOW)).await.is_ok());
}

/// CHK-P4
#[tokio::test]
async fn of_two_keys_with_one_name_the_first_counts() {
    let (first, second) = (Saas::new(), Saas::new());
    let both = json!({"keys": [first.jwk(Algorithm::ES256), second.jwk(Algorithm::ES256)]}).to_string();
    let verifier = Source::new(both).verifier();
    assert!(verifier.verify(&first.good(Algorithm::ES256), at(NOW)).await.is_ok());
    assert!(verifier.verify(&second.good(Algorithm::ES256), at(NOW)).await.is_err());
}
