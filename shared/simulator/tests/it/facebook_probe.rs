//! Facebook: what `debug_token` tells after something happened to the person or the page, and how long data access is.

use serde_json::{Value, json};

use crate::harness::{FB_SCOPES, Sim};

const DAY: i64 = 86_400;

/// Whether a token is valid, and code and subcode if it is not.
fn judged(told: &Value) -> Result<(), (u64, Option<u64>)> {
    if told["is_valid"] == true {
        assert_eq!(told.get("error"), None, "{told}");
        return Ok(());
    }
    let error = &told["error"];
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{told}");
    assert_eq!((&told["scopes"], &told["granular_scopes"]), (&json!([]), &json!([])), "{told}");
    Err((error["code"].as_u64().unwrap(), error["subcode"].as_u64()))
}

fn granted(told: &Value, scope: &str) -> bool {
    let has = |scopes: &Value, is: &dyn Fn(&Value) -> bool| scopes.as_array().unwrap().iter().any(is);
    let (flat, granular) =
        (has(&told["scopes"], &|one| one == scope), has(&told["granular_scopes"], &|one| one["scope"] == scope));
    assert_eq!(flat, granular, "{told}");
    flat
}

/// The pages that the app may list.
fn targets(told: &Value) -> Value {
    let granular = told["granular_scopes"].as_array().unwrap();
    granular.iter().find(|one| one["scope"] == "pages_show_list").unwrap()["target_ids"].clone()
}

#[tokio::test]
async fn facebook_tells_of_a_token_what_happened_to_its_person() {
    let cases = [
        ("password_change", Err((190, Some(460)))),
        ("revoke", Err((190, Some(458)))),
        ("delete", Err((190, Some(458)))),
        ("suspend", Err((190, Some(459)))),
        ("data_access_expiry", Ok(())),
    ];
    for (kind, expected) in cases {
        let sim = Sim::start().await;
        let user = sim.fb_long("acme").await;
        let (id, page) = sim.fb_page(&user).await;
        let unhurt = sim.fb_long("analyst").await;
        assert_eq!(sim.event("facebook", "acme", kind, json!({})).await, 204);
        let told = sim.debug(&user).await;
        assert_eq!((judged(&told), &told["type"]), (expected, &json!("USER")), "{kind}");
        assert_eq!(told["app_id"], "1001");
        let told = sim.debug(&page).await;
        assert_eq!((judged(&told), &told["type"]), (expected, &json!("PAGE")), "{kind}");
        assert_eq!((&told["profile_id"], &told["expires_at"]), (&json!(id), &json!(0)));
        assert_eq!(judged(&sim.debug(&unhurt).await), Ok(()), "{kind}");
    }
}

#[tokio::test]
async fn facebook_tells_of_a_page_s_token_what_happened_to_the_page() {
    let cases = [
        ("untick_page", (190, Some(467))),
        ("lose_role", (190, Some(492))),
        ("delete", (100, Some(33))),
        ("suspend", (368, None)),
    ];
    for (kind, expected) in cases {
        let sim = Sim::start().await;
        let user = sim.fb_long("acme").await;
        let (id, page) = sim.fb_page(&user).await;
        assert_eq!(targets(&sim.debug(&user).await), json!([id]));
        assert_eq!(sim.event("facebook", &id, kind, json!({})).await, 204);
        assert_eq!(judged(&sim.debug(&page).await), Err(expected), "{kind}");
        let told = sim.debug(&user).await;
        assert_eq!(judged(&told), Ok(()), "{kind}: the person is well");
        assert_eq!(targets(&told) == json!([]), kind == "untick_page", "{kind}");
    }
}

#[tokio::test]
async fn facebook_tells_of_a_token_which_scopes_are_left() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (_, page) = sim.fb_page(&user).await;
    let scope = "pages_manage_posts";
    for token in [&user, &page] {
        assert!(granted(&sim.debug(token).await, scope));
    }
    assert_eq!(sim.event("facebook", "acme", "withdraw_scope", json!({ "scope": scope })).await, 204);
    for token in [&user, &page] {
        let told = sim.debug(token).await;
        assert_eq!(judged(&told), Ok(()), "a scope that is taken back ends no token");
        assert!(!granted(&told, scope) && granted(&told, "pages_show_list"), "{told}");
    }
    let listed = sim.graph("me/permissions", &user, &[]).await.json();
    assert!(listed["data"].as_array().unwrap().contains(&json!({ "permission": scope, "status": "declined" })));
}

#[tokio::test]
async fn facebook_tells_of_a_token_that_its_time_is_over() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (_, page) = sim.fb_page(&user).await;
    let ends = sim.debug(&user).await["expires_at"].as_i64().unwrap();
    sim.pass(5_183_943);
    assert_eq!(judged(&sim.debug(&user).await), Ok(()));
    sim.pass(1);
    let told = sim.debug(&user).await;
    assert_eq!((judged(&told), told["expires_at"].as_i64()), (Err((190, Some(463))), Some(ends)));
    assert_eq!(judged(&sim.debug(&page).await), Ok(()), "the page's has no end");
}

/// Ninety days from a consent, from nothing else.
#[tokio::test]
async fn facebook_renews_data_access_by_a_consent_alone() {
    let sim = Sim::start().await;
    let until = async |token: &str| sim.debug(token).await["data_access_expires_at"].as_i64().unwrap();
    let began = "2026-11-22T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    let user = sim.fb_long("acme").await;
    let (id, page) = sim.fb_page(&user).await;
    assert_eq!((until(&user).await, until(&page).await), (began + 90 * DAY, began + 90 * DAY));

    sim.pass(50 * DAY);
    let exchanged = sim.fb_long_of("1001", &user).await.str("access_token");
    assert_eq!(until(&exchanged).await, began + 90 * DAY, "an exchange renews the token, not the access");
    assert_eq!(sim.fb_dialog("1001", FB_SCOPES, &[("decision", "deny")]).await.status, 302);
    assert_eq!(until(&exchanged).await, began + 90 * DAY);
    sim.fb_dialog("1001", FB_SCOPES, &[("person", "analyst")]).await.code();
    assert_eq!(until(&exchanged).await, began + 90 * DAY, "somebody else's consent");
    sim.fb_dialog("1002", FB_SCOPES, &[]).await.code();
    assert_eq!(until(&exchanged).await, began + 90 * DAY, "a consent for another app");

    sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    for token in [&user, &exchanged, &page] {
        assert_eq!(until(token).await, began + (50 + 90) * DAY);
    }
    assert_eq!(sim.event("facebook", "acme", "data_access_expiry", json!({})).await, 204);
    assert_eq!(until(&page).await, began + 50 * DAY);
    assert_eq!(sim.graph(&id, &page, &[]).await.graph_error(), (403, 10, None));
    sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
    assert_eq!(until(&page).await, began + (50 + 90) * DAY);
    assert_eq!(sim.graph(&id, &page, &[]).await.status, 200);
}
