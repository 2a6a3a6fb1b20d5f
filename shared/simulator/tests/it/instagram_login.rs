//! Instagram Login: the authorise page.

use std::collections::BTreeMap;

use crate::harness::{BACK, IG_AUTHORIZE, IG_SCOPES, Sim};
use serde_json::json;
use simulator::App;

#[tokio::test]
async fn instagram_refuses_a_wrong_request_without_sending_anybody_back() {
    let sim = Sim::start().await;
    let wrong = [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("client_id", "1001"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("redirect_uri", "https://mooring.example/callback?a=1"),
        ("redirect_uri", "https://evil.example/callback"),
        ("response_type", ""),
        ("response_type", "token"),
        ("scope", ""),
        ("scope", "instagram_business_manage_insights"),
        ("scope", "business_basic"),
        ("scope", "instagram_basic"),
        ("scope", "instagram_business_basic,business_content_publish"),
        ("scope", "instagram_business_basic instagram_business_content_publish"),
        ("scope", "instagram_business_basic, instagram_business_content_publish"),
        ("scope", "instagram_business_basic,public_profile"),
    ];
    for (name, value) in wrong {
        let path = format!("{IG_AUTHORIZE}?{}", Sim::ig_request(&[(name, value)]));
        sim.get(&path, &[]).await.is_error_page();
        sim.post(&path, &[("decision", "approve")]).await.is_error_page();
    }
    let right = Sim::ig_request(&[]);
    sim.get(&format!("{IG_AUTHORIZE}?{right}&redirect_uri=https://evil.example/"), &[]).await.is_error_page();
    let meta = sim.get(&format!("{IG_AUTHORIZE}?{}", Sim::ig_request(&[("client_id", "1001")])), &[]).await;
    assert!(meta.text.contains("Invalid platform app"));
    assert_eq!(sim.get(&format!("{IG_AUTHORIZE}?{right}"), &[]).await.status, 200);
    assert_eq!(sim.get(&format!("/api.instagram.com/oauth/authorize?{right}"), &[]).await.status, 200);
    for elsewhere in ["/www.instagram.com/v26.0/oauth/authorize", "/www.instagram.com/dialog/oauth"] {
        assert_eq!(sim.get(&format!("{elsewhere}?{right}"), &[]).await.status, 404, "{elsewhere}");
        assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    }
}

#[tokio::test]
async fn instagram_sends_nobody_back_without_https_but_to_this_machine() {
    let sim = Sim::start().await;
    let uris = ["http://mooring.example/callback", "http://127.0.0.1:8080/callback", "http://localhost/callback"];
    sim.simulator.register(App {
        platform: "instagram".into(),
        client_id: "2001".into(),
        client_secret: "2001-secret".into(),
        redirect_uris: uris.map(String::from).to_vec(),
        notices: BTreeMap::new(),
    });
    sim.ig_approve(&[("redirect_uri", uris[0])], &[]).await.is_error_page();
    for uri in &uris[1..] {
        let back = sim.ig_approve(&[("redirect_uri", uri)], &[]).await;
        assert!(back.location().starts_with(&format!("{uri}?code=AQ")), "{back:?}");
    }
}

#[tokio::test]
async fn instagram_sends_back_in_its_own_form() {
    let sim = Sim::start().await;
    let approved = sim.ig_approve(&[], &[]).await;
    let code = approved.code();
    assert!(code.starts_with("AQCANARYCODE"), "{code}");
    assert_eq!(approved.location(), format!("{BACK}?code={code}&state=s-1#_"));
    let denied = sim.ig_approve(&[], &[("decision", "deny")]).await;
    let query =
        "error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request.&state=s-1";
    assert_eq!(denied.location(), format!("{BACK}?{query}"));
    let stateless = sim.ig_approve(&[("state", "")], &[]).await;
    assert_eq!(stateless.location(), format!("{BACK}?code={}#_", stateless.code()));
    sim.ig_approve(&[], &[("decision", "maybe")]).await.is_error_page();
    for person in ["nobody", "analyst", "17841000000000000"] {
        sim.ig_approve(&[], &[("person", person)]).await.is_error_page();
    }
}

#[tokio::test]
async fn instagram_grants_the_ticked_scopes_and_always_the_basic_one() {
    let sim = Sim::start().await;
    let granted = async |ticked: &[(&str, &str)]| {
        let code = sim.ig_approve(&[], ticked).await.code();
        sim.ig_exchange(&code, &[]).await.json()["permissions"].clone()
    };
    let all: Vec<&str> = IG_SCOPES.split(',').collect();
    assert_eq!(granted(&[]).await, json!(all));
    assert_eq!(granted(&[("scope", "instagram_business_manage_insights")]).await, json!([all[0], all[2]]));
    assert_eq!(granted(&[("boxes", "shown")]).await, json!([all[0]]), "a browser that ticks nothing");
    assert_eq!(
        granted(&[("scope", all[1]), ("scope", "instagram_business_manage_comments")]).await,
        json!([all[0], all[1]]),
        "nothing that was not asked for"
    );
    assert_eq!(granted(&[]).await, json!(all), "a new consent replaces the old one");
}

#[tokio::test]
async fn instagram_lets_one_sign_in_as_any_account_of_a_person() {
    let sim = Sim::start().await;
    let name = async |person: &str| {
        let long = sim.ig_long(person).await;
        sim.ig("me", &long, &[("fields", "username")]).await.str("username")
    };
    assert_eq!(name("agency").await, "northagency", "the first is meant by the person");
    let people = sim.get("/_sim/people", &[]).await.json()["data"].clone();
    let agency = people.as_array().unwrap().iter().find(|person| person["id"] == "agency").unwrap().clone();
    let other = agency["instagram"][1]["id"].as_str().unwrap();
    assert_eq!(name(other).await, "fjordceramics");
    let page = sim.get(&format!("{IG_AUTHORIZE}?{}&person={other}", Sim::ig_request(&[])), &[]).await;
    assert!(page.text.contains("Simulated Instagram") && page.text.contains("<code>2001</code>"));
    assert!(page.text.contains(&format!("value=\"{other}\" checked")), "preselected");
    assert!(page.text.contains("value=\"instagram_business_basic\" checked disabled"));
    assert!(page.text.contains("value=\"instagram_business_content_publish\" checked>"));
}

#[tokio::test]
async fn instagram_is_the_same_account_in_both_ways() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let page =
        sim.graph("me/accounts", &user, &[("fields", "instagram_business_account{id,username,followers_count}")]);
    let linked = page.await.json()["data"][0]["instagram_business_account"].clone();
    let long = sim.ig_long("acme").await;
    let direct = sim.ig("me", &long, &[("fields", "id,user_id,username,followers_count")]).await.json();
    assert_eq!(direct["user_id"], linked["id"]);
    assert_ne!(direct["id"], linked["id"], "the app-scoped id is another");
    assert_eq!((&direct["username"], &direct["followers_count"]), (&linked["username"], &linked["followers_count"]));
    sim.event("facebook", linked["id"].as_str().unwrap(), "rename", json!({ "to": "acme.one" })).await;
    assert_eq!(sim.ig("me", &long, &[("fields", "username")]).await.str("username"), "acme.one");
    sim.event("facebook", "acme", "revoke", json!({})).await;
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200, "the grants are two");
}
