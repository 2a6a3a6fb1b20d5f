use domain::{DeadReason, Renewal, Secret, grant::Expiry};

use super::*;
use crate::{
    AppsFile, Connector, Platforms, Upstream,
    stub::{Heard, Is, Stub, answer, now},
};

fn platforms(base: &Url, more: &str) -> Platforms {
    let file = format!(
        "[[app]]\nplatform = \"acme\"\nmethod = \"oauth2_generic\"\nclient_id = \"i\"\nclient_secret = \"s\"\n\
         authorize_url = \"{base}authorize?tenant=1\"\ntoken_url = \"{base}token\"\nuserinfo_url = \"{base}me?v=2\"\n{more}"
    );
    // Where the catalogue's hosts are is nothing to an operator's.
    let upstream = Upstream::Simulated("http://127.0.0.1:9".parse().expect("legal"));
    Platforms::new(&upstream, AppsFile::parse(&file).expect("good")).expect("good")
}

fn acme(all: &Platforms) -> &Connector {
    let method = "oauth2_generic".parse().expect("legal");
    all.connector(&"acme".parse().expect("legal"), &method).expect("set up")
}

async fn exchange(user: &'static str, more: &str) -> (Result<Consent, PlatformError>, Vec<Heard>) {
    let stub = Stub::start(move |heard| {
        if heard.line.starts_with("POST /token ") {
            answer(200, r#"{"access_token":"acc","token_type":"Bearer","expires_in":"3600","refresh_token":"ref"}"#)
        } else {
            answer(200, user)
        }
    })
    .await;
    let all = platforms(&stub.base, more);
    let client = &acme(&all).client;
    let (code, verifier) = (Secret::new("c"), Secret::new("v".repeat(43)));
    let grab = Grab { code: &code, redirect_uri: "http://localhost/cb", verifier: &verifier, capabilities: &[] };
    (client.exchange(&grab, now()).await, stub.heard())
}

#[tokio::test]
async fn a_service_is_driven_by_its_description_alone() {
    let user = r#"{"sub":"u|1","name":"Ada","preferred_username":"@Ada","picture":"https://a.example/p.png"}"#;
    let (got, heard) = exchange(user, "scopes = [\"openid\"]\n").await;
    let consent = got.expect("good");
    let profile = &consent.offers[0].profile;
    assert_eq!((profile.platform_account_id.as_str(), profile.kind.as_str()), ("u|1", "account"));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Ada", Some("ada")));
    assert_eq!(consent.renewal, Renewal::Silent);
    assert_eq!(consent.expiry.access.map(Timestamp::as_second), Some(1_795_003_600));
    assert!(heard[0].rest.contains("authorization: Basic aTpz\r\n"));
    assert!(heard[0].rest.contains("code_verifier=vvv"));
    assert!(heard[1].line.starts_with("GET /me?v=2 "));
    assert!(heard[1].rest.contains("authorization: Bearer acc\r\n"));
}

#[tokio::test]
async fn ids_keep_all_their_digits() {
    let fields = "id_field = \"data.id\"\nname_field = \"data.n\"\nclient_auth = \"post\"\npkce = false\n";
    for (user, id) in [
        (r#"{"data":{"id":18446744073709551615}}"#, Some("18446744073709551615")),
        (r#"{"data":{"id":9007199254740993}}"#, Some("9007199254740993")),
        (r#"{"data":{"id":-5}}"#, Some("-5")),
        (r#"{"data":{"id":"007"}}"#, Some("007")),
        (r#"{"data":{"id":1.0}}"#, None),
        (r#"{"data":{"id":1e3}}"#, None),
        (r#"{"data":{"id":18446744073709551616}}"#, None),
        (r#"{"data":{"id":""}}"#, None),
        (r#"{"data":{"id":"a\nb"}}"#, None),
        (r#"{"data":{"id":null}}"#, None),
        (r#"{"data":{"id":["1"]}}"#, None),
        (r#"{"id":"1"}"#, None),
        ("[]", None),
    ] {
        let (got, heard) = exchange(user, fields).await;
        match (got, id) {
            (Ok(consent), Some(id)) => {
                assert_eq!(consent.person.id, id);
                assert_eq!(consent.offers[0].profile.name, id, "the id, for want of a name");
            }
            (Err(PlatformError::Contract(_)), None) => {}
            (other, _) => panic!("{user} gave {other:?}"),
        }
        assert!(heard[0].rest.ends_with("client_id=i&client_secret=s"), "{}", heard[0].rest);
        assert!(!heard[0].rest.contains("code_verifier") && !heard[0].rest.contains("authorization:"));
    }
}

#[test]
fn the_browser_is_sent_where_the_operator_says() {
    let base = "https://id.acme.example/".parse().expect("legal");
    let all = platforms(&base, "authorize_params = { audience = \"a b\" }\nissuer = \"https://id.acme.example\"");
    let connector = acme(&all);
    assert_eq!(connector.entry.expected_iss.as_deref(), Some("https://id.acme.example"));
    let verifier = Secret::new("v".repeat(43));
    let redirect_uri = "http://localhost/cb";
    let scopes = connector.entry.scopes(&[]);
    let ask = Ask { redirect_uri, state: "st", verifier: &verifier, scopes: &scopes, fresh_consent: true };
    let url = connector.client.authorize_url(&ask);
    let start = "https://id.acme.example/authorize?tenant=1&response_type=code&client_id=i&redirect_uri=";
    assert!(url.as_str().starts_with(start), "{url}");
    assert!(url.as_str().contains("&audience=a%20b&code_challenge="), "{url}");
    assert!(url.as_str().ends_with("&code_challenge_method=S256"), "{url}");
}

#[tokio::test]
async fn revoking_needs_an_address_for_it() {
    let person = Person { id: "1".into(), name: "n".into() };
    let tokens = TokenSet { access: Secret::new("acc"), refresh: None, children: [].into() };
    let stub = Stub::start(|_| answer(200, "")).await;
    for (more, wanted) in
        [(String::new(), Revocation::Unsupported), (format!("revoke_url = \"{}r\"", stub.base), Revocation::Revoked)]
    {
        let all = platforms(&stub.base, &more);
        let got = acme(&all).client.revoke(&person, &tokens, now()).await;
        assert_eq!(got.expect("good"), wanted);
    }
    assert_eq!(stub.heard().len(), 1);
}

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("old-access"), refresh: Some(Secret::new("old-refresh")), children: [].into() }
}

#[tokio::test]
async fn a_refresh_token_is_spent_as_the_description_says() {
    let body = r#"{"access_token":"acc","refresh_token":"ref","expires_in":"3600","refresh_token_expires_in":"86400"}"#;
    for auth in ["basic", "post"] {
        let stub = Stub::start(move |_| answer(200, body)).await;
        let all = platforms(&stub.base, &format!("client_auth = \"{auth}\"\n"));
        let got = acme(&all).client.renew(&tokens(), now()).await.expect("good");
        assert_eq!(got.tokens.access.expose(), "acc");
        assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("ref"));
        assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_003_600));
        assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_086_400));

        let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
        assert_eq!(heard.line, "POST /token HTTP/1.1");
        assert_eq!(heard.rest.contains("authorization: Basic aTpz\r\n"), auth == "basic");
        let mut sent = vec![("grant_type", "refresh_token"), ("refresh_token", "old-refresh")];
        if auth == "post" {
            sent.extend([("client_id", "i"), ("client_secret", "s")]);
        }
        assert_eq!(heard.form(), sent.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
    }
    // How long a refresh token lives is nobody's guess.
    let stub = Stub::start(|_| answer(200, r#"{"access_token":"acc","refresh_token":"ref","scope":"a b"}"#)).await;
    let got = acme(&platforms(&stub.base, "")).client.renew(&tokens(), now()).await.expect("good");
    assert_eq!((got.expiry, got.granted), (Expiry::default(), Some(vec!["a".to_owned(), "b".to_owned()])));
}

#[tokio::test]
async fn a_grant_is_looked_at_by_its_user_info() {
    let stub = Stub::start(|_| answer(200, r#"{"sub":"u1"}"#)).await;
    let all = platforms(&stub.base, "");
    assert!(acme(&all).entry.free_probe);
    assert_eq!(acme(&all).client.probe(&tokens(), now()).await.expect("good"), Probe::default());
    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    assert_eq!(heard.line, "GET /me?v=2 HTTP/1.1");
    assert!(heard.rest.contains("authorization: Bearer old-access\r\n"), "{heard:?}");

    let ended = |error: &PlatformError| matches!(error, PlatformError::GrantGone(DeadReason::Expired));
    let unknown = |error: &PlatformError| matches!(error, PlatformError::Unknown(_));
    let contract = |error: &PlatformError| matches!(error, PlatformError::Contract(_));
    let limited = |error: &PlatformError| matches!(error, PlatformError::RateLimited { .. });
    let cases: [(u16, &str, Is); 8] = [
        (401, r#"{"error":"invalid_token"}"#, ended),
        (401, "", unknown),
        (401, "<html>", unknown),
        (503, r#"{"error":"invalid_token"}"#, unknown),
        (404, "{}", unknown),
        (429, "", limited),
        (200, "<html>", unknown),
        (200, "{}", contract),
    ];
    for (status, body, is) in cases {
        let stub = Stub::start(move |_| answer(status, body)).await;
        let got = acme(&platforms(&stub.base, "")).client.probe(&tokens(), now()).await;
        assert!(got.as_ref().is_err_and(is), "{status} {body} gave {got:?}");
    }
}
