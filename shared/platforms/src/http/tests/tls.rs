//! The connection to a platform: nobody else's certificate, no old protocol.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use reqwest::Certificate;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, SupportedProtocolVersion, crypto,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
        version::{TLS12, TLS13},
    },
};

use super::*;

/// What must reach nobody who is not the platform.
const CODE: &str = "the-code-hunter2";

/// A value in DER (X.690): its tag, its length, what it holds.
fn der(tag: u8, holds: &[&[u8]]) -> Vec<u8> {
    let holds = holds.concat();
    let length = match u16::try_from(holds.len()).expect("small").to_be_bytes() {
        [0, low @ ..128] => vec![low],
        [0, low] => vec![0x81, low],
        [high, low] => vec![0x82, high, low],
    };
    [&[tag], length.as_slice(), &holds].concat()
}

/// A certificate that its own key signed, for `localhost` or another name, until a day (RFC 5280 section 4.1).
fn certificate(name: &str, until: &str) -> (CertificateDer<'static>, PrivatePkcs8KeyDer<'static>) {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).expect("a key");
    let ecdsa_with_sha256 = der(0x30, &[&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]]);
    let common_name = der(0x30, &[&[6, 3, 0x55, 4, 3], &der(0x0c, &[b"a platform"])]);
    let who = der(0x30, &[&der(0x31, &[&common_name])]);
    let validity = der(0x30, &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[until.as_bytes()])]);
    let curve =
        [&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1][..], &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]].concat();
    let public = der(0x30, &[&der(0x30, &[&curve]), &der(3, &[&[0], key.public_key().as_ref()])]);
    let names = der(0x30, &[&der(0x82, &[name.as_bytes()])]);
    let extensions = der(0x30, &[&der(0x30, &[&[6, 3, 0x55, 0x1d, 0x11], &der(4, &[&names])])]);
    let to_sign = der(
        0x30,
        &[
            &[0xa0, 3, 2, 1, 2],
            &[2, 1, 1],
            &ecdsa_with_sha256,
            &who,
            &validity,
            &who,
            &public,
            &der(0xa3, &[&extensions]),
        ],
    );
    let signature = key.sign(&random, &to_sign).expect("signed");
    let whole = der(0x30, &[&to_sign, &ecdsa_with_sha256, &der(3, &[&[0], signature.as_ref()])]);
    (whole.into(), pkcs8.as_ref().to_vec().into())
}

/// A server of TLS; what it heard once the connection stood.
struct Server {
    url: String,
    certificate: Certificate,
    heard: Arc<Mutex<Vec<String>>>,
}

async fn server(name: &str, until: &str, version: &'static SupportedProtocolVersion) -> Server {
    let (certificate, key) = certificate(name, until);
    let known = Certificate::from_der(&certificate).expect("a certificate");
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .expect("known")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .expect("they fit");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("free");
    let url = format!("https://localhost:{}/token", listener.local_addr().expect("bound").port());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = heard.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            let mut chunk = [0; 4096];
            let Ok(read) = stream.read(&mut chunk).await else { continue };
            keep.lock().expect("not poisoned").push(String::from_utf8_lossy(&chunk[..read]).into_owned());
            let _ = stream.write_all(&answer(200, "{}")).await;
            let _ = stream.shutdown().await;
        }
    });
    Server { url, certificate: known, heard }
}

/// The same client that platforms are called by; `trusted` are further certificates that it believes.
async fn call(url: &str, trusted: Vec<Certificate>) -> Result<Answer, PlatformError> {
    let client = client_with(Duration::from_secs(5), 0).tls_certs_merge(trusted).build().expect("builds");
    send(client.post(url).form(&[("code", CODE)])).await
}

const LATER: &str = "491231235959Z";

/// CHK-S9
#[tokio::test]
async fn a_platform_is_spoken_to_by_its_own_certificate_alone() {
    for (what, name, until, trusts, reached) in [
        ("its own", "localhost", LATER, true, true),
        ("signed by nobody known", "localhost", LATER, false, false),
        ("another host's", "elsewhere.example", LATER, true, false),
        ("a longer name's", "localhost.example", LATER, true, false),
        ("one that has run out", "localhost", "201231235959Z", true, false),
    ] {
        for version in [&TLS12, &TLS13] {
            let server = server(name, until, version).await;
            let trusted = if trusts { vec![server.certificate.clone()] } else { Vec::new() };
            let got = call(&server.url, trusted).await;
            let heard = server.heard.lock().expect("not poisoned").clone();
            if reached {
                assert!(got.is_ok_and(|answer| answer.is_success()), "{what} by {version:?}");
                assert_eq!(heard.len(), 1);
            } else {
                // Nothing was spent: the code never left.
                assert!(matches!(got, Err(PlatformError::NotSent(_))), "{what} by {version:?}");
                assert_eq!(heard, Vec::<String>::new(), "{what} by {version:?}");
            }
        }
    }
}

/// A server that takes what is said and answers that it speaks this version (RFC 5246 section 7.4.1.3).
async fn old(version: u8) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("free");
    let url = format!("https://localhost:{}/token", listener.local_addr().expect("bound").port());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = heard.clone();
    tokio::spawn(async move {
        let hello = [&[3, version], &[7; 32][..], &[0], &[0xc0, 0x2f], &[0]].concat();
        let hello = [&[2, 0, 0, u8::try_from(hello.len()).expect("small")], hello.as_slice()].concat();
        let record = [&[22, 3, version, 0, u8::try_from(hello.len()).expect("small")], hello.as_slice()].concat();
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut chunk = [0; 4096];
            let mut said = false;
            while let Ok(read @ 1..) = socket.read(&mut chunk).await {
                keep.lock().expect("not poisoned").extend_from_slice(&chunk[..read]);
                if !std::mem::replace(&mut said, true) && socket.write_all(&record).await.is_err() {
                    break;
                }
            }
        }
    });
    (url, heard)
}

/// CHK-S9
#[tokio::test]
async fn no_version_before_tls_1_2_is_spoken() {
    for version in [0, 1, 2] {
        let (url, heard) = old(version).await;
        let got = call(&url, Vec::new()).await;
        assert!(matches!(got, Err(PlatformError::NotSent(_))), "3.{version}");
        let heard = heard.lock().expect("not poisoned").clone();
        // The extension supported_versions (RFC 8446 section 4.2.1) names 1.3 and 1.2, and nothing else.
        let offered = [0, 43, 0, 5, 4, 3, 4, 3, 3];
        assert!(heard.windows(offered.len()).any(|bytes| bytes == offered), "{heard:?}");
        assert!(!heard.windows(CODE.len()).any(|bytes| bytes == CODE.as_bytes()));
    }
}

/// CHK-S9: an answer that leads from TLS to plain text is the answer, and nobody goes there.
#[tokio::test]
async fn a_redirect_to_plain_text_is_not_followed() {
    let plain = Stub::start(|_| answer(200, "{}")).await;
    let client = clients().expect("build").fresh;
    for status in [301, 302, 303, 307, 308] {
        let to = plain.base.clone();
        let stub = Stub::start(move |_| {
            format!("HTTP/1.1 {status} X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
        })
        .await;
        let got = send(client.post(stub.base.clone()).form(&[("code", CODE)])).await.expect("an answer");
        assert_eq!((got.status, stub.heard().len(), plain.heard().len()), (status, 1, 0));
    }
}
