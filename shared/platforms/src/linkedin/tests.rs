use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use domain::{Code, Metric};
use serde_json::json;

use super::*;
use crate::{
    App, Connector, Platforms, Upstream,
    stub::{Heard, Stub, answer, now},
};

mod metrics;
mod renewal;

const SCOPES: &str = "openid,profile,r_basicprofile,rw_organization_admin,w_member_social,w_organization_social";

fn platforms(base: &Url, approved: Option<&[&str]>) -> Platforms {
    let app = App {
        platform: "linkedin".parse().expect("legal"),
        method: None,
        client_id: "77app".into(),
        client_secret: Secret::new("app-secret"),
        approved_scopes: approved.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
    };
    Platforms::new(&Upstream::Simulated(base.clone()), vec![app].into()).expect("set up")
}

fn connector(base: &Url) -> Connector {
    platforms(base, None).connectors()[0].clone()
}

/// The client by itself, with waits that no test waits for.
fn client(base: &Url) -> LinkedIn {
    let method = crate::catalogue::methods().expect("shipped").into_iter().find(|m| m.issuer == "linkedin");
    let method = method.expect("in the catalogue").at(&Upstream::Simulated(base.clone()));
    let http = crate::http::clients().expect("set up");
    let oauth = OAuth { method, http, client_id: "77app".into(), client_secret: Secret::new("app-secret") };
    LinkedIn { oauth, patience: [Duration::from_millis(1); 3] }
}

async fn exchange(stub: &Stub, capabilities: &[Capability]) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("the-code"), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/linkedin";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities };
    client(&stub.base).exchange(&grab, now()).await
}

fn held(refresh: Option<&str>) -> TokenSet {
    TokenSet { access: Secret::new("acc"), refresh: refresh.map(Secret::new), children: [].into() }
}

/// Path without the query, and the query.
fn target(heard: &Heard) -> (String, HashMap<String, String>) {
    let target = heard.line.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path.to_owned(), serde_urlencoded::from_str(query).expect("a query"))
}

fn acl(id: &str, role: &str, state: &str) -> Value {
    json!({"role": role, "organization": format!("urn:li:organization:{id}"), "state": state,
        "roleAssignee": "urn:li:person:aB3dE5fG7h"})
}

fn token(more: &Value) -> Vec<u8> {
    let mut body = json!({"access_token": "acc", "expires_in": 5_183_999, "scope": SCOPES, "token_type": "Bearer"});
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    answer(200, body.to_string())
}

/// A member with five organisations, in two parts of a list.
fn linkedin(heard: &Heard) -> Vec<u8> {
    let (path, query) = target(heard);
    if heard.line.starts_with("GET ") {
        let headers = heard.rest.to_ascii_lowercase();
        assert!(
            headers.contains("linkedin-version: 202607\r\n")
                && headers.contains("x-restli-protocol-version: 2.0.0\r\n")
        );
        assert!(headers.contains("authorization: bearer acc\r\n"), "{headers}");
    }
    let body = match path.as_str() {
        "/www.linkedin.com/oauth/v2/accessToken" => return token(&json!({})),
        "/api.linkedin.com/v2/userinfo" => json!({"sub": "aB3dE5fG7h", "name": "Ida Solberg",
            "picture": "https://media.example/p?e=1&t=x", "email": "ida@example.org"}),
        "/api.linkedin.com/v2/me" => json!({"id": "aB3dE5fG7h", "vanityName": "Ida-Solberg"}),
        "/api.linkedin.com/rest/organizationAcls" if query["start"] == "0" => {
            assert_eq!(query["q"], "roleAssignee");
            assert!(!query.contains_key("state"), "all states are read");
            json!({"paging": {"start": 0, "count": 4}, "elements": [
                acl("9001", "ANALYST", "APPROVED"), acl("9001", "ADMINISTRATOR", "APPROVED"),
                acl("9002", "CONTENT_ADMINISTRATOR", "APPROVED"), acl("9003", "ANALYST", "APPROVED")]})
        }
        "/api.linkedin.com/rest/organizationAcls" => {
            assert_eq!(query["start"], "4");
            json!({"paging": {"start": 4, "count": 4}, "elements": [
                acl("9004", "ADMINISTRATOR", "REQUESTED"), acl("9005", "ADMINISTRATOR", "REVOKED"),
                json!({"role": "ADMINISTRATOR", "organization": "urn:li:organization:../me", "state": "APPROVED"})]})
        }
        "/api.linkedin.com/rest/organizations/9003" => {
            return answer(403, r#"{"status":403,"serviceErrorCode":100,"message":"no required role"}"#);
        }
        path if path.starts_with("/api.linkedin.com/rest/organizations/") => {
            let id = path.rsplit('/').next().expect("an id");
            json!({"id": 9001, "localizedName": format!("Company {id}"), "vanityName": format!("Company-{id}"),
                "primaryOrganizationType": "NONE"})
        }
        "/api.linkedin.com/rest/networkSizes/urn%3Ali%3Aorganization%3A9001" => {
            assert_eq!(query["edgeType"], "COMPANY_FOLLOWED_BY_MEMBER");
            json!({"firstDegreeSize": 2_219_488})
        }
        "/api.linkedin.com/rest/memberFollowersCount" => json!({"elements": [{"memberFollowersCount": 512}]}),
        other => panic!("no such address: {other}"),
    };
    answer(200, body.to_string())
}

/// S3-08, S3-31: one consent offers the member and the organisations.
#[tokio::test]
async fn a_code_becomes_the_member_and_the_organisations() {
    let stub = Stub::start(linkedin).await;
    let consent = exchange(&stub, &[Capability::Publish]).await.expect("good");
    assert_eq!((consent.person.id.as_str(), consent.person.name.as_str()), ("aB3dE5fG7h", "Ida Solberg"));
    assert_eq!((consent.renewal, consent.expiry.refresh), (Renewal::None, None), "no partner of theirs");
    assert_eq!(consent.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 5_183_999));
    assert_eq!(consent.granted.expect("told").join(","), SCOPES);
    let offers: Vec<_> = consent
        .offers
        .iter()
        .map(|o| {
            let barrier = o.barrier.as_ref().map(|b| (b.code, b.fix_url.as_deref().expect("a way out")));
            (o.profile.platform_account_id.as_str(), o.profile.kind.as_str(), o.profile.role.as_deref(), barrier)
        })
        .collect();
    let too_small = |url| Some((Code::InsufficientPlatformRole, url));
    assert_eq!(
        offers,
        [
            ("aB3dE5fG7h", "profile", None, None),
            ("9001", "organization", Some("admin"), None),
            ("9002", "organization", Some("editor"), None),
            ("9003", "organization", Some("analyst"), too_small("https://www.linkedin.com/company/9003/admin/")),
            ("9004", "organization", None, too_small("https://www.linkedin.com/company/9004/admin/")),
            ("9005", "organization", None, too_small("https://www.linkedin.com/company/9005/admin/")),
        ]
    );
    let [member, company, .., unseen, _, _] = &consent.offers[..] else { panic!("six") };
    assert_eq!(member.profile.handle.as_deref(), Some("ida-solberg"));
    assert_eq!(member.profile.profile_url.as_deref(), Some("https://www.linkedin.com/in/ida-solberg"));
    assert_eq!(
        (company.profile.name.as_str(), company.profile.handle.as_deref()),
        ("Company 9001", Some("company-9001"))
    );
    assert_eq!(company.profile.account_type.as_deref(), Some("NONE"));
    assert_eq!(unseen.profile.name, "9003", "what may not be seen is named by its id");
    for heard in stub.heard() {
        let secret = ["acc", "app-secret", "the-code"].iter().any(|s| heard.line.contains(&format!("={s}")));
        assert!(!secret, "{}", heard.line);
    }
}

/// S3-32
#[tokio::test]
async fn what_was_not_granted_is_not_asked_for() {
    for (scope, offers, handle) in [
        ("openid,profile,w_member_social", 1, None),
        ("openid profile r_basicprofile", 1, Some("ida-solberg")),
        ("openid,profile,rw_organization_admin", 6, None),
    ] {
        let stub = Stub::start(move |heard| {
            let barred = ["/v2/me ", "organizationAcls"].into_iter().zip(["r_basicprofile", "rw_organization_admin"]);
            for (address, needs) in barred {
                assert!(!heard.line.contains(address) || scope.contains(needs), "{}", heard.line);
            }
            if heard.line.contains("accessToken") { token(&json!({ "scope": scope })) } else { linkedin(heard) }
        })
        .await;
        let consent = exchange(&stub, &[]).await.expect("good");
        assert_eq!((consent.offers.len(), consent.offers[0].profile.handle.as_deref()), (offers, handle), "{scope}");
    }
    // Where the scopes are not told, a refusal says the same.
    let stub = Stub::start(|heard| {
        if heard.line.contains("accessToken") {
            token(&json!({ "scope": null }))
        } else if heard.line.contains("userinfo") {
            linkedin(heard)
        } else {
            answer(403, r#"{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough"}"#)
        }
    })
    .await;
    let consent = exchange(&stub, &[]).await.expect("good");
    assert_eq!((consent.offers.len(), consent.granted), (1, None));
}

/// S3-32: LinkedIn refuses the whole request for one scope too many.
#[tokio::test]
async fn an_ordinary_app_asks_for_a_member_alone_and_organisations_say_why_not() {
    let base: Url = "http://127.0.0.1:9".parse().expect("legal");
    let approved = ["openid", "profile", "email", "w_member_social"];
    let all = platforms(&base, Some(&approved));
    let Connector { entry, client, .. } = &all.connectors()[0];
    let scopes = entry.scopes(&[Capability::Publish]);
    assert_eq!(scopes, ["openid", "profile", "w_member_social"]);
    let verifier = Secret::new("v");
    let redirect_uri = "http://localhost/v1/oauth/callback/linkedin";
    let ask = Ask { redirect_uri, state: "st", verifier: &verifier, scopes: &scopes, fresh_consent: false };
    let url = client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.linkedin.com/oauth/v2/authorization");
    assert!(url.as_str().contains("scope=openid%20profile%20w_member_social&"), "{url}");
    assert!(!url.as_str().contains("code_challenge"), "{url}");

    assert_eq!(entry.needs("profile", Capability::Publish), Ok(&["w_member_social".to_owned()][..]));
    assert_eq!(entry.needs("organization", Capability::Publish), Err(Code::PlatformNotConfigured));
    assert!(!entry.capabilities.contains_key(&Capability::Analytics) && entry.is_unapproved(Capability::Analytics));
    assert!(entry.unapproved.contains(&"rw_organization_admin".to_owned()));
    assert_eq!(entry.scopes_of("organization", &[Capability::Publish]), ["openid", "profile"]);
    let full = platforms(&base, None);
    let full = &full.connectors()[0].entry;
    assert_eq!(full.scopes_of("organization", &[Capability::Publish])[4..], ["w_organization_social"]);
    assert_eq!(full.scopes(&[Capability::Publish])[4..], ["w_member_social", "w_organization_social"]);
}

/// A token of seconds can be called revoked and be good.
#[tokio::test]
async fn a_fresh_token_is_asked_again_before_it_is_believed_to_be_revoked() {
    const REVOKED: &str = r#"{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN"}"#;
    for (times, good) in [(1, true), (3, true), (4, false)] {
        let refused = AtomicUsize::new(0);
        let stub = Stub::start(move |heard| {
            let first = heard.line.contains("userinfo") && refused.fetch_add(1, Ordering::SeqCst) < times;
            if first { answer(401, REVOKED) } else { linkedin(heard) }
        })
        .await;
        let got = exchange(&stub, &[]).await;
        let gone = matches!(got, Err(PlatformError::GrantGone(DeadReason::Revoked)));
        assert_eq!((got.is_ok(), gone), (good, !good), "{times}: {got:?}");
        let asked = stub.heard().iter().filter(|h| h.line.contains("userinfo")).count();
        assert_eq!(asked, if good { times + 1 } else { times });
        assert_eq!(stub.heard().iter().filter(|h| h.line.contains("accessToken")).count(), 1, "the code is spent once");
    }
    // One that is old is believed, and what is over stays over.
    let stub = Stub::start(|_| answer(401, REVOKED)).await;
    let which = Which { id: "aB3dE5fG7h", kind: "profile" };
    let got = client(&stub.base).profile(&held(None), which, now()).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::Revoked))), "{got:?}");
    assert!(stub.heard().len() <= 3, "{:?}", stub.heard());
    assert!(PATIENCE.iter().sum::<Duration>() < Duration::from_secs(10), "within a call's deadline");
}

/// Runs the exchange with one address answering something else.
async fn with(address: &'static str, bytes: Vec<u8>) -> Result<Consent, PlatformError> {
    let stub =
        Stub::start(move |heard| if heard.line.contains(address) { bytes.clone() } else { linkedin(heard) }).await;
    exchange(&stub, &[]).await
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let used = r#"{"error":"invalid_request","error_description":"... does not match authorization code. Or ..."}"#;
    let got = with("accessToken", answer(400, used)).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    for address in ["accessToken", "userinfo", "/v2/me", "organizationAcls", "organizations/9001"] {
        for bytes in [answer(503, used), answer(504, ""), answer(200, "<html>"), Vec::new()] {
            let got = with(address, bytes).await;
            assert!(matches!(got, Err(PlatformError::Unknown(_))), "{address}: {got:?}");
        }
    }
    for (address, odd) in [("userinfo", "{}"), ("userinfo", r#"{"sub":1.5}"#), ("organizationAcls", "{}")] {
        let got = with(address, answer(200, odd)).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{address} {odd}: {got:?}");
    }
    let ended = r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20251001 is not active"}"#;
    let got = with("organizationAcls", answer(426, ended)).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");
    let limited = r#"{"status":429,"serviceErrorCode":101,"message":"Resource level throttle"}"#;
    let got = with("userinfo", answer(429, limited)).await;
    assert!(matches!(got, Err(PlatformError::RateLimited { until: Some(_) })), "at midnight: {got:?}");
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let stub = Stub::start(|heard| {
        if !heard.line.contains("organizationAcls") {
            return linkedin(heard);
        }
        let start: u64 = target(heard).1["start"].parse().expect("a number");
        let row = acl(&format!("8{start}"), "ADMINISTRATOR", "APPROVED");
        answer(200, json!({"paging": {"count": 1}, "elements": [row]}).to_string())
    })
    .await;
    assert_eq!(exchange(&stub, &[]).await.expect("good").offers.len(), 21);
}
