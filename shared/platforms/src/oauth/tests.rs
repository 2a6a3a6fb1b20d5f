use domain::{Capability, Secret};

use super::*;
use crate::{
    Upstream,
    catalogue::{self, dialect::Call},
    http,
    stub::{Stub, answer},
};

/// A method as its file has it, but for how it is called.
fn called(stub: &Stub, issuer: &str, call: Call) -> OAuth {
    let methods = catalogue::methods().expect("shipped");
    let method = methods.into_iter().find(|method| method.issuer == issuer).expect("in the catalogue");
    let method = Method { call, ..method.at(&Upstream::Simulated(stub.base.clone())) };
    let http = http::clients().expect("clients");
    OAuth { method, http, client_id: "i".to_owned(), client_secret: Secret::new("s") }
}

#[tokio::test]
async fn calls_go_out_as_the_catalogue_says() {
    let stub = Stub::start(|_| answer(200, r#"{"access_token":"a"}"#)).await;
    let call: Call = toml::from_str(
        "token_header = \"Access-Token\"\nuser_agent = \"web:mooring:1\"\n\
         headers = { \"LinkedIn-Version\" = \"202607\", \"X-Restli-Protocol-Version\" = \"2.0.0\" }",
    )
    .expect("good");
    let oauth = called(&stub, "x", call);
    let (code, verifier) = (Secret::new("c"), Secret::new("v".repeat(43)));
    let capabilities = &[Capability::Publish];
    let grab = Grab { code: &code, redirect_uri: "http://localhost/cb", verifier: &verifier, capabilities };
    oauth.code(&grab, Timestamp::UNIX_EPOCH).await.expect("good");
    oauth.get(oauth.api(&["me"], &[]), &Secret::new("the-token"), Timestamp::UNIX_EPOCH).await.expect("good");

    let [token, api] = &stub.heard()[..] else { panic!("two calls: {:?}", stub.heard()) };
    for heard in [token, api] {
        assert!(heard.rest.contains("user-agent: web:mooring:1\r\n"), "{heard:?}");
        assert!(!heard.rest.contains("user-agent: mooring\r\n"), "{heard:?}");
        assert!(heard.rest.contains("accept: application/json\r\n"), "{heard:?}");
    }
    for header in
        ["linkedin-version: 202607\r\n", "x-restli-protocol-version: 2.0.0\r\n", "access-token: the-token\r\n"]
    {
        assert!(api.rest.contains(header) && !token.rest.contains(header), "{header}");
    }
    assert!(!api.rest.contains("authorization:"), "{api:?}");
}

/// A word too many in how a platform is spoken to is a mistake that nobody would see.
#[test]
fn a_key_that_is_not_known_is_refused() {
    for text in ["token_heading = \"A\"", "headers = [\"A\"]", "user_agent = 5"] {
        assert!(toml::from_str::<Call>(text).is_err(), "{text}");
    }
}
