//! Instagram accounts through Facebook Login: on pages, as nodes, by events.

use serde_json::{Value, json};

use crate::harness::{BACK, FB_IG_SCOPES, FB_SCOPES, Sim, shape};

const LISTED: &str =
    "id,name,access_token,tasks,instagram_business_account{id,username,name,profile_picture_url,followers_count}";
const PROFILE: &str =
    "id,ig_id,username,name,biography,website,profile_picture_url,followers_count,follows_count,media_count";
const TOTALS: &str = "views,accounts_engaged,total_interactions,likes,comments,shares,saves,replies,profile_links_taps";

/// The person's pages as one listing tells of them.
async fn listing(sim: &Sim, token: &str) -> Vec<Value> {
    let pairs = [("fields", LISTED), ("limit", "100")];
    let reply = sim.graph("me/accounts", token, &pairs).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["data"].as_array().unwrap().clone()
}

/// Id of the Instagram account and token of the person's first page.
async fn first(sim: &Sim, user: &str) -> (String, String) {
    let page = listing(sim, user).await.remove(0);
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{page}")).to_owned();
    (text(&page["instagram_business_account"]["id"]), text(&page["access_token"]))
}

#[tokio::test]
async fn instagram_is_a_field_of_its_page() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let page = listing(&sim, &user).await.remove(0);
    let example = json!({
        "id": "104857600000001", "name": "Nordlys Bakery", "access_token": "EAAGfakePage0003",
        "tasks": ["CREATE_CONTENT", "ANALYZE"],
        "instagram_business_account": {
            "id": "17841400000000001", "username": "nordlys.bakery", "name": "Nordlys Bakery",
            "profile_picture_url": "https://scontent.example/ig1.jpg?oe=6A000000", "followers_count": 9120,
        },
    });
    assert_eq!(shape(&page), shape(&example));
    let account = &page["instagram_business_account"];
    assert!(account["id"].as_str().unwrap().starts_with("17841"));
    assert_eq!((&account["username"], &account["name"]), (&json!("acme"), &json!("Acme")));
    let picture = sim.get(account["profile_picture_url"].as_str().unwrap(), &[]).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));

    let id = page["id"].as_str().unwrap();
    let token = page["access_token"].as_str().unwrap();
    for token in [&user, token] {
        let bare = sim.graph(id, token, &[("fields", "instagram_business_account")]).await.json();
        assert_eq!(bare, json!({ "id": id, "instagram_business_account": { "id": account["id"] } }));
    }
    let unknown = sim.graph(id, token, &[("fields", "instagram_business_account{id,shoe_size}")]).await;
    assert_eq!(unknown.graph_error(), (400, 100, None));
    let open = sim.graph(id, token, &[("fields", "instagram_business_account{id")]).await;
    assert_eq!(open.graph_error().0, 400);
}

#[tokio::test]
async fn instagram_is_on_a_part_of_the_agencys_pages_in_portfolios_too() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("agency").await;
    let mut pages = Vec::new();
    let mut paths = vec!["me/accounts".to_owned()];
    let businesses = sim.graph("me/businesses", &user, &[]).await.json()["data"][0]["id"].clone();
    paths.push(format!("{}/owned_pages", businesses.as_str().unwrap()));
    for path in paths {
        let mut reply = sim.graph(&path, &user, &[("fields", LISTED), ("limit", "100")]).await.json();
        loop {
            pages.extend(reply["data"].as_array().unwrap().clone());
            let Some(next) = reply["paging"]["next"].as_str() else { break };
            reply = sim.get(next, &[]).await.json();
        }
    }
    let with = |pages: &[Value]| pages.iter().filter(|page| page["instagram_business_account"].is_object()).count();
    assert_eq!((pages.len(), with(&pages[..22]), with(&pages[22..])), (22 + 8, 15, 5), "20 and 21 stand in both");
    assert!(pages[2].get("instagram_business_account").is_none(), "a personal account is not one");
    assert!(pages[5].get("instagram_business_account").is_none());
    assert_eq!(pages[13]["tasks"], json!(["PROFILE_PLUS_ANALYZE"]));
    assert!(pages[13]["instagram_business_account"].is_object());
}

#[tokio::test]
async fn instagram_needs_both_scopes() {
    let sim = Sim::start().await;
    let login = async |scopes: &str, ticked: &[(&str, &str)]| {
        let form = [&[("person", "acme")], ticked].concat();
        let code = sim.fb_dialog("1002", scopes, &form).await.code();
        let token = sim.fb_token("1002", &[("code", &code)]).await.str("access_token");
        let page = sim.graph("me/accounts", &token, &[("fields", LISTED)]).await.json()["data"][0].clone();
        page.get("instagram_business_account").is_some()
    };
    assert!(!login("pages_show_list", &[]).await);
    assert!(!login("instagram_basic,pages_show_list", &[("scope", "pages_show_list")]).await, "declined");
    assert!(!login("instagram_basic,pages_show_list", &[]).await, "declined once, so not asked again");
    let user = sim.fb_ig("acme").await;
    let (id, page) = first(&sim, &user).await;
    assert_eq!(sim.graph(&id, &page, &[]).await.json(), json!({ "id": id }));
    let path = format!("{id}/insights");
    let insights = [("metric", "reach"), ("period", "day")];
    assert_eq!(sim.graph(&path, &page, &insights).await.status, 200);

    let scope = json!({ "scope": "instagram_manage_insights" });
    assert_eq!(sim.event("facebook", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.graph(&path, &page, &insights).await.graph_error(), (403, 10, None));
    assert_eq!(sim.graph(&id, &page, &[]).await.status, 200);
    let scope = json!({ "scope": "instagram_basic" });
    assert_eq!(sim.event("facebook", &id, "withdraw_scope", scope).await, 204);
    for token in [&user, &page] {
        assert_eq!(sim.graph(&id, token, &[]).await.graph_error(), (403, 10, None));
    }
    assert!(listing(&sim, &user).await[0].get("instagram_business_account").is_none());
    let all = sim.graph("me/permissions", &user, &[]).await.json();
    let declined = |name: &str| {
        let all = all["data"].as_array().unwrap();
        all.iter().any(|one| one["permission"] == name && one["status"] == "declined")
    };
    assert!(declined("instagram_basic") && !declined("instagram_content_publish"));

    let user = sim.fb_ig("demo-01").await;
    let (id, page) = first(&sim, &user).await;
    let fields = [("fields", "instagram_business_account")];
    assert_eq!(sim.graph("me", &page, &fields).await.json()["instagram_business_account"], json!({ "id": id }));
    let scope = json!({ "scope": "pages_show_list" });
    assert_eq!(sim.event("facebook", "demo-01", "withdraw_scope", scope).await, 204);
    let without = sim.graph("me", &page, &fields).await;
    assert_eq!((without.status, without.json().get("instagram_business_account")), (200, None));
    assert_eq!(sim.graph(&id, &user, &[]).await.graph_error(), (400, 100, Some(33)), "the page is out of sight");
}

#[tokio::test]
async fn instagram_tells_its_profile_to_page_and_user_tokens() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (id, page) = first(&sim, &user).await;
    let example = json!({
        "id": "17841400000000001", "ig_id": 3_000_000_001_u64, "username": "nordlys.bakery", "name": "Nordlys Bakery",
        "followers_count": 9120, "follows_count": 310, "media_count": 482,
        "profile_picture_url": "https://scontent.example/ig1.jpg?oe=6A000000",
    });
    for token in [&user, &page] {
        let reply = sim.graph(&id, token, &[("fields", PROFILE)]).await;
        assert_eq!((reply.status, shape(&reply.json())), (200, shape(&example)));
        let usage: Value = serde_json::from_str(reply.header("x-business-use-case-usage")).unwrap();
        assert_eq!(usage[&id][0]["type"], "instagram");
    }
    assert_eq!(sim.graph(&id, &page, &[("fields", "id,fans")]).await.graph_error(), (400, 100, None));

    let stranger = sim.fb_ig("demo-01").await;
    let (_, foreign) = first(&sim, &stranger).await;
    for token in [&stranger, &foreign] {
        assert_eq!(sim.graph(&id, token, &[]).await.graph_error(), (400, 100, Some(33)));
    }
    assert_eq!(sim.graph(&id, "1001|1001-secret", &[]).await.graph_error().0, 400);
    assert_eq!(sim.get(&format!("{}/{id}", crate::harness::FB), &[]).await.graph_error(), (400, 104, None));

    let creator = sim.fb_ig("creator").await;
    let (id, page) = first(&sim, &creator).await;
    let bare = sim.graph(&id, &page, &[("fields", PROFILE)]).await.json();
    assert_eq!(bare["username"], "creator.studio");
    assert!(bare.get("name").is_none() && bare.get("profile_picture_url").is_none());
}

#[tokio::test]
async fn instagram_is_in_the_granular_scopes() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (id, page) = first(&sim, &user).await;
    for token in [&user, &page] {
        let granular = sim.debug(token).await["granular_scopes"].clone();
        let of = |name: &str| granular.as_array().unwrap().iter().find(|one| one["scope"] == name).unwrap().clone();
        assert_eq!(of("instagram_basic")["target_ids"], json!([id]));
        assert_ne!(of("pages_show_list")["target_ids"], json!([id]));
        assert!(of("public_profile").get("target_ids").is_none());
    }
    let hobby = sim.fb_ig("hobby").await;
    let granular = sim.debug(&hobby).await["granular_scopes"].clone();
    let of = granular.as_array().unwrap().iter().find(|one| one["scope"] == "instagram_basic");
    assert_eq!(of.unwrap()["target_ids"], json!([]));
}

#[tokio::test]
async fn instagram_personal_accounts_are_connected_but_not_business() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("hobby").await;
    let fields = [("fields", "id,instagram_business_account{id},connected_instagram_account{id,username}")];
    let pages = sim.graph("me/accounts", &user, &fields).await.json()["data"].clone();
    assert!(pages.as_array().unwrap().iter().all(|page| page.get("instagram_business_account").is_none()));
    assert_eq!(pages[0]["connected_instagram_account"]["username"], "hannaknits");
    assert!(pages[1].get("connected_instagram_account").is_none());
    let id = pages[0]["connected_instagram_account"]["id"].as_str().unwrap();
    let refused = sim.graph(id, &user, &[]).await;
    assert_eq!(refused.graph_error(), (400, 10, None));
    assert!(refused.text.contains("The user is not an Instagram Business"));
}

#[tokio::test]
async fn instagram_insights_are_series_or_totals() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (id, page) = first(&sim, &user).await;
    let path = format!("{id}/insights");
    let week = [("period", "day"), ("since", "2026-11-10"), ("until", "2026-11-17")];
    let ask = async |metric: &str, more: &[(&str, &str)], token: &str| {
        let pairs = [&[("metric", metric)], &week[..], more].concat();
        sim.graph(&path, token, &pairs).await
    };
    for token in [&user, &page] {
        let series = ask("reach,follower_count", &[], token).await.json()["data"].clone();
        assert_eq!(series.as_array().unwrap().len(), 2);
        assert_eq!(series[0]["values"].as_array().unwrap().len(), 7);
        assert!(series[1]["values"][0]["value"].is_i64() && series[1]["values"][0]["end_time"].is_string());
    }
    let totals = ask(TOTALS, &[("metric_type", "total_value")], &page).await.json();
    let example = json!({ "data": [{
        "name": "views", "period": "day", "title": "Views", "description": "",
        "total_value": { "value": 15422 }, "id": "17841400000000001/insights/views/day",
    }] });
    assert_eq!(shape(&totals), shape(&example));
    assert_eq!(totals["data"].as_array().unwrap().len(), 9);
    assert_eq!(
        (&totals["data"][0]["title"], &totals["data"][0]["id"]),
        (&json!("Views"), &json!(format!("{path}/views/day")))
    );

    let total = [("metric_type", "total_value")];
    for (metric, more) in [
        ("views", &[][..]),
        ("follower_count", &total[..]),
        ("impressions", &total[..]),
        ("plays", &total[..]),
        ("video_views", &total[..]),
        ("impressions", &[][..]),
        ("reach", &[("metric_type", "sum")][..]),
    ] {
        assert_eq!(ask(metric, more, &page).await.graph_error(), (400, 100, None), "{metric} {more:?}");
    }
    for pairs in [&[("metric", "reach")][..], &[("period", "day")][..], &[("metric", "reach"), ("period", "week")][..]]
    {
        assert_eq!(sim.graph(&path, &page, pairs).await.graph_error(), (400, 100, None), "{pairs:?}");
    }
}

#[tokio::test]
async fn instagram_leaves_out_what_is_not_there_instead_of_zero() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (id, _) = first(&sim, &user).await;
    let path = format!("{id}/insights");
    let days = async |metric: &str, since: &str, until: &str| {
        let pairs = [("metric", metric), ("period", "day"), ("since", since), ("until", until)];
        let data = sim.graph(&path, &user, &pairs).await.json()["data"].clone();
        data[0]["values"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(days("reach", "2026-11-18", "2026-11-22").await, 3, "numbers come up to 48 hours late");
    assert_eq!(days("reach", "2026-11-21", "2026-11-22").await, 0);
    assert_eq!(days("reach", "2024-11-20", "2024-11-24").await, 2, "kept for two years");
    let recent = [
        ("metric", "views"),
        ("metric_type", "total_value"),
        ("period", "day"),
        ("since", "2026-11-21"),
        ("until", "2026-11-22"),
    ];
    assert_eq!(sim.graph(&path, &user, &recent).await.json(), json!({ "data": [] }));

    assert_eq!(days("reach", "2026-10-21", "2026-11-20").await, 30);
    let long = [("metric", "reach"), ("period", "day"), ("since", "2026-10-20"), ("until", "2026-11-20")];
    let refused = sim.graph(&path, &user, &long).await;
    assert_eq!(refused.graph_error(), (400, 100, None));
    assert!(refused.text.contains("There cannot be more than 30 days (2592000 s) between since and until"));

    let small = sim.fb_ig("creator").await;
    let (id, _) = first(&sim, &small).await;
    let pairs =
        [("metric", "reach,follower_count"), ("period", "day"), ("since", "2026-11-10"), ("until", "2026-11-12")];
    let data = sim.graph(&format!("{id}/insights"), &small, &pairs).await.json()["data"].clone();
    assert_eq!((data.as_array().unwrap().len(), &data[0]["name"]), (1, &json!("reach")), "under 100 followers");
}

#[tokio::test]
async fn instagram_insights_are_for_whoever_may_analyse_the_page() {
    let sim = Sim::start().await;
    let pairs = [("metric", "reach"), ("period", "day")];
    let analyst = sim.fb_ig("analyst").await;
    let (id, page) = first(&sim, &analyst).await;
    assert_eq!(sim.graph(&id, &page, &[("fields", "username")]).await.json()["username"], "watchedcompany");
    assert_eq!(sim.graph(&format!("{id}/insights"), &page, &pairs).await.status, 200);
    let agency = sim.fb_ig("agency").await;
    let moderated = listing(&sim, &agency).await.remove(9);
    assert_eq!(moderated["tasks"], json!(["MODERATE"]));
    let id = moderated["instagram_business_account"]["id"].as_str().unwrap();
    assert_eq!(sim.graph(id, &agency, &[]).await.status, 200);
    assert_eq!(sim.graph(&format!("{id}/insights"), &agency, &pairs).await.graph_error(), (403, 10, None));
}

#[tokio::test]
async fn instagram_events_strike_the_account_behind_a_page() {
    let sim = Sim::start().await;
    let gone = (400, 100, Some(33));
    let cases = [
        ("unlink_instagram", gone, false),
        ("delete", gone, false),
        ("type_change", (400, 10, None), false),
        ("suspend", (400, 25, Some(2_207_050)), true),
        ("untick_page", gone, false),
        ("lose_role", gone, false),
    ];
    for (kind, expected, listed) in cases {
        let user = sim.fb_ig("acme-team").await;
        let (id, page) = first(&sim, &user).await;
        assert_eq!(sim.event("facebook", &id, kind, json!({})).await, 204, "{kind}");
        assert_eq!(sim.graph(&id, &user, &[]).await.graph_error(), expected, "{kind}");
        let still = listing(&sim, &user).await.iter().any(|page| page.get("instagram_business_account").is_some());
        assert_eq!(still, listed, "{kind}");
        let by_page = sim.graph(&id, &page, &[]).await.graph_error();
        let expected = match kind {
            "untick_page" => (400, 190, Some(467)),
            "lose_role" => (400, 190, Some(492)),
            _ => expected,
        };
        assert_eq!(by_page, expected, "{kind}");
        let page_well = sim.graph("me", &page, &[]).await.status == 200;
        assert_eq!(page_well, !["untick_page", "lose_role"].contains(&kind), "{kind}");
        assert_eq!(sim.sim("POST", "reset", json!({})).await.status, 204);
    }
}

#[tokio::test]
async fn instagram_events_name_the_page_or_the_person_too() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (page, _) = sim.fb_page(&user).await;
    assert_eq!(sim.event("facebook", "acme", "type_change", json!({ "to": "MEDIA_CREATOR" })).await, 204);
    assert!(listing(&sim, &user).await[0].get("instagram_business_account").is_some());
    assert_eq!(sim.event("facebook", "acme", "type_change", json!({ "to": "nonsense" })).await, 400);
    assert_eq!(sim.event("facebook", &page, "type_change", json!({})).await, 204);
    assert!(listing(&sim, &user).await[0].get("instagram_business_account").is_none());
    assert_eq!(sim.event("facebook", &page, "unlink_instagram", json!({})).await, 204);
    for kind in ["unlink_instagram", "type_change"] {
        assert_eq!(sim.event("facebook", &page, kind, json!({})).await, 422, "{kind}: no account left");
    }
    assert_eq!(sim.event("facebook", "agency", "type_change", json!({})).await, 422, "which of them?");
    let agency = sim.fb_ig("agency").await;
    assert_eq!(sim.event("facebook", "agency", "unlink_instagram", json!({})).await, 204);
    let left = listing(&sim, &agency).await;
    assert!(left.iter().all(|page| page.get("instagram_business_account").is_none()));
}

#[tokio::test]
async fn instagram_is_renamed_without_its_page() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (id, page) = first(&sim, &user).await;
    let fields = [("fields", PROFILE)];
    let before = sim.graph(&id, &page, &fields).await.json();
    assert_eq!(sim.event("facebook", &id, "rename", json!({ "to": "acme.nord" })).await, 204);
    assert_eq!(sim.event("facebook", &id, "new_avatar", json!({})).await, 204);
    let after = sim.graph(&id, &page, &fields).await.json();
    assert_eq!((&after["username"], &after["id"]), (&json!("acme.nord"), &before["id"]));
    assert_ne!(after["profile_picture_url"], before["profile_picture_url"]);
    let shown = sim.graph("me", &page, &[("fields", "name,username")]).await.json();
    assert_eq!((&shown["name"], &shown["username"]), (&json!("Acme"), &json!("acme")));
    assert_eq!(sim.event("facebook", "acme", "rename", json!({ "to": "Acme Sud" })).await, 204);
    assert_eq!(sim.graph(&id, &page, &fields).await.json()["username"], "acme.nord");
    assert_eq!(sim.event("facebook", &id, "rename", json!({})).await, 400);
}

#[tokio::test]
async fn instagram_dies_with_the_facebook_grant() {
    let sim = Sim::start().await;
    for (kind, expected) in [("revoke", (400, 190, Some(458))), ("password_change", (400, 190, Some(460)))] {
        let user = sim.fb_ig("acme").await;
        let (id, page) = first(&sim, &user).await;
        assert_eq!(sim.event("facebook", &id, kind, json!({})).await, 204);
        for token in [&user, &page] {
            let reply = sim.graph(&id, token, &[]).await;
            assert_eq!(reply.graph_error(), expected, "{kind}");
        }
    }
}

#[tokio::test]
async fn instagram_has_faults_and_a_limit_of_its_own_on_facebook() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (id, page) = first(&sim, &user).await;
    for (kind, expected) in [
        ("instagram_rate_limited", (403, 80_002, None)),
        ("instagram_restricted", (400, 25, Some(2_207_050))),
        ("not_business", (400, 10, None)),
        ("rate_limited", (403, 80_002, None)),
        ("status:500", (500, 1, None)),
    ] {
        sim.fault("facebook", "profile", kind).await;
        let reply = sim.graph(&id, &page, &[]).await;
        assert_eq!(reply.graph_error(), expected, "{kind}");
        if kind == "rate_limited" {
            let usage: Value = serde_json::from_str(reply.header("x-business-use-case-usage")).unwrap();
            let example = json!({ "30303030": [{
                "type": "instagram", "call_count": 100, "total_cputime": 20, "total_time": 31,
                "estimated_time_to_regain_access": 17,
            }] });
            assert_eq!(shape(&usage[&id]), shape(&example["30303030"]));
            assert_eq!(
                (&usage[&id][0]["call_count"], &usage[&id][0]["estimated_time_to_regain_access"]),
                (&json!(100), &json!(840))
            );
        }
    }
    sim.fault("facebook", "profile", "rate_limited").await;
    assert_eq!(sim.graph("me", &page, &[]).await.graph_error(), (400, 32, None), "a page's own limit");
    sim.fault("facebook", "profile", "wrong_person").await;
    let wrong = sim.graph(&id, &page, &[("fields", "id,username")]).await.json();
    assert_eq!(wrong["username"], "mallory");
    assert_ne!(wrong["id"], json!(id));
}

#[tokio::test]
async fn instagram_and_facebook_share_one_app_with_two_addresses() {
    let sim = Sim::start().await;
    let other = format!("{BACK}/other");
    let code = async |redirect: &str, scopes: &str| {
        let request = crate::harness::query(&[
            ("client_id", "1001"),
            ("redirect_uri", redirect),
            ("response_type", "code"),
            ("scope", scopes),
        ]);
        let reply = sim.post(&format!("{}?{request}", crate::harness::DIALOG), &[("decision", "approve")]).await;
        assert!(reply.location().starts_with(&format!("{redirect}?code=")), "{reply:?}");
        reply.code()
    };
    let (facebook, instagram) = (code(BACK, FB_SCOPES).await, code(&other, FB_IG_SCOPES).await);
    let crossed = sim.fb_token("1001", &[("code", &instagram)]).await;
    assert_eq!(crossed.graph_error(), (400, 100, Some(36008)));
    assert_eq!(sim.fb_token("1001", &[("code", &instagram), ("redirect_uri", &other)]).await.status, 200);
    assert_eq!(sim.fb_token("1001", &[("code", &facebook)]).await.status, 200);
}

#[tokio::test]
async fn instagram_has_no_other_edges_on_facebook() {
    let sim = Sim::start().await;
    let user = sim.fb_ig("acme").await;
    let (id, _) = first(&sim, &user).await;
    for edge in ["media", "stories", "tags"] {
        assert_eq!(sim.graph(&format!("{id}/{edge}"), &user, &[]).await.graph_error(), (400, 2500, None), "{edge}");
        assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    }
    assert_eq!(sim.graph(&format!("{id}/accounts"), &user, &[]).await.graph_error(), (400, 100, Some(33)));
}
