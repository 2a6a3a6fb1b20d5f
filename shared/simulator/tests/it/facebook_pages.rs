//! Facebook: listings, portfolios, pages, pictures, insights.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{DIALOG, FB_SCOPES, Sim, query};

const PROFILE: &str = "id,name,username,link,picture.type(large),followers_count,fan_count,verification_status,category,is_published,instagram_business_account";

/// Follows `paging.next` to the end; one list of ids per listing.
async fn walk(sim: &Sim, first: &str, token: &str, limit: &str) -> Vec<Vec<String>> {
    let fields = if first.ends_with("businesses") { "id,name" } else { "id,name,access_token,tasks" };
    let pairs = [("fields", fields), ("limit", limit)];
    let mut reply = sim.graph(first, token, &pairs).await;
    let mut listings = Vec::new();
    loop {
        assert_eq!(reply.status, 200, "{reply:?}");
        let body = reply.json();
        listings.push(ids(&body));
        let Some(next) = body["paging"]["next"].as_str() else {
            return listings;
        };
        reply = sim.get(next, &[]).await;
    }
}

fn ids(body: &Value) -> Vec<String> {
    let data = body["data"].as_array().unwrap();
    data.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn facebook_lists_the_agency_over_three_listings_and_two_portfolios() {
    let sim = Sim::start().await;
    let token = sim.fb_long("agency").await;
    let listings = walk(&sim, "me/accounts", &token, "100").await;
    let sizes: Vec<usize> = listings.iter().map(Vec::len).collect();
    assert_eq!(sizes, [10, 10, 2]);
    let mut all: BTreeSet<String> = listings.concat().into_iter().collect();
    let businesses = walk(&sim, "me/businesses", &token, "100").await;
    assert_eq!(businesses.len(), 2, "one portfolio per listing");
    let mut only_there = 0;
    for business in businesses.concat() {
        for edge in ["owned_pages", "client_pages"] {
            let path = format!("{business}/{edge}");
            for id in walk(&sim, &path, &token, "100").await.concat() {
                only_there += usize::from(all.insert(id));
            }
        }
    }
    assert_eq!((all.len(), only_there), (30, 8));
}

#[tokio::test]
async fn facebook_pages_by_limit_and_cursor() {
    let sim = Sim::start().await;
    let token = sim.fb_long("demo-04").await;
    let listings = walk(&sim, "me/accounts", &token, "1").await;
    assert_eq!(listings.len(), 3);
    assert_eq!(walk(&sim, "me/accounts", &token, "3").await.len(), 1);
    for wrong in [("limit", "0"), ("limit", "many"), ("after", "garbage")] {
        let reply = sim.graph("me/accounts", &token, &[wrong]).await;
        assert_eq!(reply.graph_error(), (400, 100, None), "{wrong:?}");
    }
    let bare = sim.graph("me/accounts", &token, &[]).await.json();
    assert_eq!(bare["data"][0].as_object().unwrap().len(), 2, "no token unless asked for");
    assert!(bare["paging"]["cursors"]["after"].is_string() && bare["paging"].get("next").is_none());
}

#[tokio::test]
async fn facebook_keeps_a_token_out_of_the_next_address_if_it_came_in_the_header() {
    let sim = Sim::start().await;
    let token = sim.fb_long("agency").await;
    let url = sim.url("/graph.facebook.com/v26.0/me/accounts?limit=2");
    let body = sim.send(sim.http.get(url).bearer_auth(&token)).await.json();
    let next = body["paging"]["next"].as_str().unwrap();
    assert!(!next.contains("CANARY"), "{next}");
    let by_host = sim.http.get(sim.url("/v26.0/me/accounts?limit=2"));
    let by_host = by_host.header("host", "graph.facebook.com").bearer_auth(&token);
    let body = sim.send(by_host).await.json();
    let next = body["paging"]["next"].as_str().unwrap();
    assert!(next.starts_with("https://graph.facebook.com/v26.0/me/accounts?limit=2&after="), "{next}");
}

#[tokio::test]
async fn facebook_shows_portfolios_only_with_business_management() {
    let sim = Sim::start().await;
    let long = sim.fb_long("agency").await;
    let business = walk(&sim, "me/businesses", &long, "100").await.concat()[0].clone();
    let code = sim.fb_dialog("1002", "pages_show_list", &[("person", "agency")]).await.code();
    let token = sim.fb_token("1002", &[("code", &code)]).await.str("access_token");
    for path in ["me/businesses".to_owned(), format!("{business}/owned_pages"), format!("{business}/client_pages")] {
        let reply = sim.graph(&path, &token, &[]).await;
        assert_eq!(reply.graph_error(), (403, 200, None), "{path}");
        assert!(reply.text.contains("business_management"));
    }
    assert_eq!(walk(&sim, "me/accounts", &token, "100").await.concat().len(), 22);
    let stranger = sim.fb_long("acme").await;
    let reply = sim.graph(&format!("{business}/owned_pages"), &stranger, &[]).await;
    assert_eq!(reply.graph_error(), (400, 100, Some(33)));
    let (_, page) = sim.fb_page(&stranger).await;
    assert_eq!(sim.graph("me/accounts", &page, &[]).await.graph_error(), (400, 100, None));
}

#[tokio::test]
async fn facebook_lists_nothing_without_pages_show_list() {
    let sim = Sim::start().await;
    let code = sim.fb_dialog("1001", "public_profile,email", &[]).await.code();
    let token = sim.fb_token("1001", &[("code", &code)]).await.str("access_token");
    let reply = sim.graph("me/accounts", &token, &[]).await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "data": [] })));
}

#[tokio::test]
async fn facebook_shows_a_page_to_its_token_and_to_its_people() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (id, page) = sim.fb_page(&user).await;
    let full = sim.graph(&id, &page, &[("fields", PROFILE)]).await.json();
    assert_eq!((&full["username"], &full["link"]), (&json!("acme"), &json!("https://www.facebook.com/acme")));
    assert_eq!(full["verification_status"], "blue_verified");
    assert!(full["followers_count"].as_i64().unwrap() > 18_000 && full["fan_count"].is_i64());
    assert!(full.get("instagram_business_account").is_none());
    assert_eq!(sim.graph(&id, &page, &[]).await.json().as_object().unwrap().len(), 2);
    let unknown = sim.graph(&id, &page, &[("fields", "id,page_fans")]).await;
    assert_eq!(unknown.graph_error(), (400, 100, None));
    let again = sim.graph(&id, &user, &[("fields", "access_token")]).await;
    assert_eq!(again.str("access_token"), page);

    let other_user = sim.fb_long("analyst").await;
    let (other_id, other_page) = sim.fb_page(&other_user).await;
    let pairs = [(&id, &other_user), (&id, &other_page), (&other_id, &page)];
    for (id, token) in pairs {
        assert_eq!(sim.graph(id, token, &[]).await.graph_error(), (400, 100, Some(33)));
    }
}

#[tokio::test]
async fn facebook_shares_the_ticked_pages_alone() {
    let sim = Sim::start().await;
    let first = sim.fb_long("demo-04").await;
    let all = walk(&sim, "me/accounts", &first, "100").await.concat();
    let tokens = sim.graph("me/accounts", &first, &[("fields", "access_token")]).await.json();
    let token = |at: usize| tokens["data"][at]["access_token"].as_str().unwrap().to_owned();
    let acme = sim.fb_long("acme").await;
    let (foreign, _) = sim.fb_page(&acme).await;
    let login = async |children: &[&str]| {
        let request = query(&[
            ("client_id", "1001"),
            ("redirect_uri", crate::harness::BACK),
            ("response_type", "code"),
            ("scope", FB_SCOPES),
        ]);
        let mut form = vec![("decision", "approve"), ("person", "demo-04")];
        form.extend(children.iter().map(|child| ("child", *child)));
        let code = sim.post(&format!("{DIALOG}?{request}"), &form).await.code();
        let user = sim.fb_token("1001", &[("code", &code)]).await.str("access_token");
        walk(&sim, "me/accounts", &user, "100").await.concat()
    };
    assert_eq!(login(&[&all[1], &foreign]).await, [all[1].clone()]);
    assert_eq!(sim.graph("me", &token(1), &[]).await.status, 200);
    let lost = sim.graph("me", &token(0), &[]).await;
    assert_eq!(lost.graph_error(), (400, 190, Some(467)), "left out, so lost");
    assert_eq!(sim.debug(&token(0)).await["is_valid"], false);
    assert!(login(&[""]).await.is_empty());
    assert_eq!(login(&[]).await.len(), 3, "no field at all means all");
}

#[tokio::test]
async fn facebook_events_strike_pages() {
    let sim = Sim::start().await;
    let cases = [
        ("untick_page", (400, 190, Some(467))),
        ("lose_role", (400, 190, Some(492))),
        ("suspend", (400, 368, None)),
        ("delete", (400, 100, Some(33))),
    ];
    for (kind, expected) in cases {
        let user = sim.fb_long("acme-team").await;
        let (id, page) = sim.fb_page(&user).await;
        assert_eq!(sim.event("facebook", &id, kind, json!({})).await, 204);
        assert_eq!(sim.graph(&id, &page, &[]).await.graph_error(), expected, "{kind}");
        assert_eq!(sim.graph("me", &user, &[]).await.status, 200, "the person is well");
        let left = walk(&sim, "me/accounts", &user, "100").await.concat();
        assert_eq!(left.contains(&id), kind == "suspend", "{kind}");
        assert_eq!(sim.sim("POST", "reset", json!({})).await.status, 204);
    }
}

#[tokio::test]
async fn facebook_renames_a_page_and_changes_its_picture() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (id, page) = sim.fb_page(&user).await;
    let fields = [("fields", "id,name,username,picture")];
    let before = sim.graph(&id, &page, &fields).await.json();
    assert_eq!(sim.event("facebook", &id, "rename", json!({ "to": "Acme Nord" })).await, 204);
    assert_eq!(sim.event("facebook", "acme", "new_avatar", json!({})).await, 204);
    let after = sim.graph(&id, &page, &fields).await.json();
    assert_eq!((&after["name"], &after["username"]), (&json!("Acme Nord"), &json!("acmenord")));
    assert_eq!(after["id"], before["id"]);
    assert_ne!(after["picture"], before["picture"]);
    assert_eq!(sim.event("facebook", &id, "rename", json!({})).await, 400);
}

#[tokio::test]
async fn facebook_signs_a_picture_for_days_and_has_a_stable_address() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (id, page) = sim.fb_page(&user).await;
    let body = sim.graph(&id, &page, &[("fields", "picture")]).await.json();
    let url = body["picture"]["data"]["url"].as_str().unwrap().to_owned();
    let picture = sim.get(&url, &[]).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    let forged = url.replace("oe=", "oe=7");
    assert_eq!(sim.get(&forged, &[]).await.status, 403);
    sim.pass(5 * 86_400);
    let late = sim.get(&url, &[]).await;
    assert_eq!((late.status, late.text.as_str()), (403, "URL signature expired"));
    let stable = sim.get(&format!("/graph.facebook.com/{id}/picture?type=large"), &[]).await;
    assert_eq!(sim.get(stable.location(), &[]).await.status, 200);
}

#[tokio::test]
async fn facebook_gives_insights_to_whoever_may_analyse() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (id, page) = sim.fb_page(&user).await;
    let path = format!("{id}/insights");
    let metrics = "page_media_view,page_total_media_view_unique,page_post_engagements,page_daily_follows";
    let pairs = [("metric", metrics), ("period", "day"), ("since", "2026-11-15"), ("until", "2026-11-22")];
    let data = sim.graph(&path, &page, &pairs).await.json()["data"].clone();
    assert_eq!(data.as_array().unwrap().len(), 4);
    assert_eq!(data[0]["values"].as_array().unwrap().len(), 7);
    assert!(data[0]["values"][0]["value"].is_i64() && data[0]["values"][0]["end_time"].is_string());
    for removed in ["page_impressions", "page_fans", "page_impressions_unique"] {
        let reply = sim.graph(&path, &page, &[("metric", removed)]).await;
        assert_eq!(reply.graph_error(), (400, 100, None), "{removed}");
    }
    assert_eq!(sim.graph(&path, &page, &[]).await.graph_error(), (400, 100, None));
    let long_ago = [("metric", "page_media_view"), ("since", "2026-01-01"), ("until", "2026-11-01")];
    assert_eq!(sim.graph(&path, &page, &long_ago).await.graph_error(), (400, 100, None));
    let by_user = sim.graph(&path, &user, &[("metric", "page_media_view")]).await;
    assert_eq!(by_user.graph_error(), (400, 190, None));
    let scope = json!({ "scope": "read_insights" });
    assert_eq!(sim.event("facebook", "acme", "withdraw_scope", scope).await, 204);
    let reply = sim.graph(&path, &page, &[("metric", "page_media_view")]).await;
    assert_eq!(reply.graph_error(), (403, 200, None));
    let agency = sim.fb_long("agency").await;
    let moderated = sim.graph("me/accounts", &agency, &[("fields", "access_token,tasks"), ("limit", "100")]).await;
    let moderated = moderated.json()["data"][9].clone();
    assert_eq!(moderated["tasks"], json!(["MODERATE"]));
    let token = moderated["access_token"].as_str().unwrap();
    let reply = sim.graph("me/insights", token, &[("metric", "page_media_view")]).await;
    assert_eq!(reply.graph_error(), (403, 200, None));
}

#[tokio::test]
async fn facebook_tells_the_use_of_the_budget() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let mut reply = sim.graph("me", &user, &[]).await;
    for _ in 0..60 {
        reply = sim.graph("me", &user, &[]).await;
    }
    let usage: Value = serde_json::from_str(reply.header("x-app-usage")).unwrap();
    assert_eq!(usage["call_count"], 1, "61 of 5000 calls an hour");
    sim.pass(3_600);
    let usage = sim.graph("me", &user, &[]).await.header("x-app-usage").to_owned();
    assert!(usage.contains("\"call_count\":0"));
}
