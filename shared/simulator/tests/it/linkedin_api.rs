//! LinkedIn: members, organisations, numbers, versions, budgets, events.

use serde_json::{Value, json};

use crate::harness::{Reply, Sim};
use crate::linkedin::{API, SCOPES, start};

const DAY: i64 = 86_400;

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.str("code"))
}

/// Role, state and organisation of one page of the listing.
fn roles(reply: &Reply) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = reply.json()["elements"].as_array().unwrap().clone();
    all.iter().map(|one| (text(&one["role"]), text(&one["state"]), text(&one["organization"]))).collect()
}

async fn organization(sim: &Sim, token: &str) -> String {
    let listing = sim.li("/rest/organizationAcls?q=roleAssignee", token).await;
    roles(&listing)[0].2.rsplit(':').next().unwrap().to_owned()
}

#[tokio::test]
async fn linkedin_tells_a_member_without_handle_or_followers() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let body = sim.li("/v2/userinfo", &token).await.json();
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["email", "email_verified", "family_name", "given_name", "locale", "name", "picture", "sub"]);
    let me = sim.li("/v2/me", &token).await.json();
    assert_eq!((&me["id"], &me["vanityName"]), (&body["sub"], &json!("acme")));
    let bare = sim.li_token("acme", "openid").await;
    let body = sim.li("/v2/userinfo", &bare).await.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "only sub without profile and email: {body}");
    let refused = sim.li("/v2/me", &bare).await;
    assert_eq!(code(&refused), (403, "ACCESS_DENIED".to_owned()));
    let other = sim.li_approve(&[("client_id", "li-other")], &[]).await.code();
    let secret = [("client_id", "li-other"), ("client_secret", "li-other-secret")];
    let other = sim.li_exchange(&other, &secret).await.str("access_token");
    let seen = sim.li("/v2/userinfo", &other).await.json();
    assert_ne!(seen["sub"], me["id"], "each app has its own id of a member");
}

#[tokio::test]
async fn linkedin_takes_a_token_in_the_header_alone() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let none = sim.get(&format!("{API}/v2/userinfo"), &[("oauth2_access_token", &token)]).await;
    assert_eq!(code(&none), (401, "EMPTY_ACCESS_TOKEN".to_owned()));
    let garbage = sim.li("/v2/userinfo", "garbage").await;
    assert_eq!((garbage.status, garbage.json()["serviceErrorCode"].clone()), (401, json!(65600)));
    assert_eq!(code(&sim.li("/v2/nothing", &token).await), (404, "RESOURCE_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn linkedin_lets_a_picture_end() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let picture = sim.li("/v2/userinfo", &token).await.str("picture");
    assert_eq!(sim.get(&picture, &[]).await.header("content-type"), "image/png");
    let tampered = picture.replacen("?e=1", "?e=2", 1);
    assert_eq!(sim.get(&tampered, &[]).await.status, 403);
    sim.pass(8 * DAY);
    assert_eq!(sim.get(&picture, &[]).await.status, 403);
    let renewed = sim.li("/v2/userinfo", &token).await.str("picture");
    assert_eq!(sim.get(&renewed, &[]).await.status, 200);
}

#[tokio::test]
async fn linkedin_serves_versions_by_the_calendar() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let ask = |version: &'static str| {
        let url = sim.url(&format!("{API}/rest/organizationAcls?q=roleAssignee"));
        let request = sim.http.get(url).bearer_auth(&token).header("x-restli-protocol-version", "2.0.0");
        sim.send(if version.is_empty() { request } else { request.header("linkedin-version", version) })
    };
    assert_eq!(code(&ask("").await), (400, "VERSION_MISSING".to_owned()));
    for ended in ["202510", "202511", "202612", "2026-07", "202613"] {
        let reply = ask(ended).await;
        assert_eq!(code(&reply), (426, "NONEXISTENT_VERSION".to_owned()), "{ended}");
        assert_eq!(reply.str("message"), format!("Requested version {ended}01 is not active"));
    }
    for served in ["202512", "202601", "202607", "202611"] {
        assert_eq!(ask(served).await.status, 200, "{served}");
    }
    sim.sim("POST", "clock", json!({ "set": "2027-01-14T23:59:59Z" })).await;
    let token = sim.li_token("acme", SCOPES).await;
    let ask = |version: &'static str| {
        let url = sim.url(&format!("{API}/rest/organizationAcls?q=roleAssignee"));
        let request = sim.http.get(url).bearer_auth(&token).header("x-restli-protocol-version", "2.0.0");
        sim.send(request.header("linkedin-version", version))
    };
    assert_eq!(ask("202601").await.status, 200);
    sim.pass(1);
    assert_eq!(ask("202601").await.status, 426);
    assert_eq!(ask("202602").await.status, 200);
    assert_eq!(sim.event("linkedin", "", "version_sunset", json!({ "version": "202602" })).await, 204);
    assert_eq!(ask("202602").await.status, 426);
    assert_eq!(sim.event("linkedin", "", "version_sunset", json!({})).await, 400);
}

#[tokio::test]
async fn linkedin_wants_its_protocol_on_finders() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let url = sim.url(&format!("{API}/rest/organizationAcls?q=roleAssignee"));
    let request = sim.http.get(url).bearer_auth(&token).header("linkedin-version", "202607");
    assert_eq!(code(&sim.send(request).await), (400, "ILLEGAL_ARGUMENT".to_owned()));
    assert_eq!(code(&sim.li("/rest/organizationAcls", &token).await), (400, "PARAM_MISSING".to_owned()));
    assert_eq!(sim.li("/rest/organizationAcls?q=organization", &token).await.status, 400);
    let id = organization(&sim, &token).await;
    let url = sim.url(&format!("{API}/rest/organizations/{id}"));
    let request = sim.http.get(url).bearer_auth(&token).header("linkedin-version", "202607");
    assert_eq!(sim.send(request).await.status, 200, "what is no finder goes without");
}

#[tokio::test]
async fn linkedin_lists_roles_of_all_states_over_pages() {
    let sim = start().await;
    let token = sim.li_token("agency", SCOPES).await;
    let mut path = "/rest/organizationAcls?q=roleAssignee&start=0&count=100".to_owned();
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let reply = sim.li(&path, &token).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        all.extend(roles(&reply));
        pages += 1;
        let paging = reply.json()["paging"].clone();
        assert_eq!(paging["count"], 4, "a page says how many it has at most");
        let Some(next) = paging["links"][0]["href"].as_str() else { break };
        next.clone_into(&mut path);
    }
    assert_eq!((all.len(), pages), (12, 3));
    let states = |state: &str| all.iter().filter(|(_, is, _)| is == state).count();
    assert_eq!((states("APPROVED"), states("REQUESTED"), states("REVOKED")), (9, 2, 1));
    let held = |role: &str| all.iter().filter(|(is, ..)| is == role).count();
    assert!(["ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "ANALYST", "CURATOR"].iter().all(|role| held(role) > 0));
    assert_eq!(all.iter().filter(|(.., urn)| urn.starts_with("urn:li:organizationBrand:")).count(), 1);
    let approved = sim.li("/rest/organizationAcls?q=roleAssignee&state=APPROVED&start=8", &token).await;
    assert_eq!((roles(&approved).len(), approved.json()["paging"]["links"].clone()), (1, json!([])));
    let analysed = sim.li("/rest/organizationAcls?q=roleAssignee&role=ANALYST", &token).await;
    assert_eq!(roles(&analysed).len(), 2);
    for wrong in ["role=BOSS", "state=approved", "count=0", "start=x"] {
        let reply = sim.li(&format!("/rest/organizationAcls?q=roleAssignee&{wrong}"), &token).await;
        assert_eq!(code(&reply), (400, "ILLEGAL_ARGUMENT".to_owned()), "{wrong}");
    }
    let legacy = sim.li("/v2/organizationalEntityAcls?q=roleAssignee", &token).await.json();
    assert!(legacy["elements"][0]["organizationalTarget"].is_string());
    let none = sim.li_token("personal", SCOPES).await;
    assert_eq!(roles(&sim.li("/rest/organizationAcls?q=roleAssignee", &none).await).len(), 0);
    let narrow = sim.li_token("agency", "openid profile").await;
    assert_eq!(sim.li("/rest/organizationAcls?q=roleAssignee", &narrow).await.status, 403);
}

#[tokio::test]
async fn linkedin_tells_an_organisation_and_its_followers() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let id = organization(&sim, &token).await;
    let plain = sim.li(&format!("/rest/organizations/{id}"), &token).await.json();
    assert_eq!(plain["id"].as_u64().unwrap().to_string(), id);
    assert_eq!((&plain["localizedName"], &plain["vanityName"]), (&json!("Acme"), &json!("acme")));
    assert!(plain["logoV2"]["original"].is_string() && plain["logoV2"].get("original~").is_none());
    let projection = "projection=(id,localizedName,vanityName,logoV2(original~:playableStreams))";
    let decorated = sim.li(&format!("/v2/organizations/{id}?{projection}"), &token).await.json();
    assert_eq!(decorated.as_object().unwrap().len(), 4);
    let logo = decorated["logoV2"]["original~"]["elements"][0]["identifiers"][0]["identifier"].clone();
    assert_eq!(sim.get(logo.as_str().unwrap(), &[]).await.status, 200);
    sim.fault("linkedin", "profile", "projection_refused").await;
    assert_eq!(sim.li(&format!("/rest/organizations/{id}?{projection}"), &token).await.status, 400);
    let size = |urn: String| {
        let path = format!("/rest/networkSizes/{urn}?edgeType=COMPANY_FOLLOWED_BY_MEMBER");
        let (sim, token) = (&sim, &token);
        async move { sim.li(&path, token).await }
    };
    let first = size(format!("urn%3Ali%3Aorganization%3A{id}")).await.json()["firstDegreeSize"].as_i64().unwrap();
    assert!(first > 11_480);
    assert_eq!(size(format!("urn:li:organization:{id}")).await.status, 400, "a URN in a path is encoded");
    sim.pass(30 * DAY);
    let later = size(format!("urn%3Ali%3Aorganization%3A{id}")).await.json()["firstDegreeSize"].as_i64().unwrap();
    assert!(later > first + 300, "{first} {later}");
    assert_eq!(sim.li(&format!("/rest/networkSizes/urn%3Ali%3Aorganization%3A{id}"), &token).await.status, 400);
    let stranger = sim.li_token("mallory", SCOPES).await;
    assert_eq!(code(&sim.li(&format!("/rest/organizations/{id}"), &stranger).await), (403, "ACCESS_DENIED".to_owned()));
    assert_eq!(sim.li("/rest/organizations/1", &token).await.status, 404);
}

#[tokio::test]
async fn linkedin_tells_numbers_to_administrators() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let id = organization(&sim, &token).await;
    let start_ms = (1_795_341_600 - 7 * DAY) / DAY * DAY * 1_000;
    let path = format!(
        "/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity=urn%3Ali%3Aorganization%3A{id}"
    );
    let days = format!("&timeIntervals=(timeRange:(start:{start_ms}),timeGranularityType:DAY)");
    let daily = sim.li(&format!("{path}{days}"), &token).await.json();
    let elements = daily["elements"].as_array().unwrap();
    assert_eq!(elements.len(), 7, "today is not over: {daily}");
    let one = &elements[0]["totalShareStatistics"];
    assert!(one["impressionCount"].as_i64().unwrap() > one["uniqueImpressionsCount"].as_i64().unwrap());
    assert!(one["engagement"].is_f64());
    let all = sim.li(&path, &token).await.json();
    assert_eq!(all["elements"].as_array().unwrap().len(), 1);
    assert!(all["elements"][0].get("timeRange").is_none());
    let gains = path.replace("ShareStatistics", "FollowerStatistics");
    let gains = sim.li(&format!("{gains}{days}"), &token).await.json();
    assert!(gains["elements"][6]["followerGains"]["organicFollowerGain"].is_i64());
    let pages = format!("/rest/organizationPageStatistics?q=organization&organization=urn%3Ali%3Aorganization%3A{id}");
    let pages = sim.li(&pages, &token).await.json();
    assert!(pages["elements"][0]["totalPageStatistics"]["views"]["allPageViews"]["pageViews"].is_i64());
    for wrong in
        ["&timeIntervals=(timeRange:(start:1)", "&timeIntervals=(timeRange:(start:1),timeGranularityType:HOUR)"]
    {
        assert_eq!(sim.li(&format!("{path}{wrong}"), &token).await.status, 400, "{wrong}");
    }
    let analyst = sim.li_token("analyst", SCOPES).await;
    let watched = organization(&sim, &analyst).await;
    let refused = sim.li(&path.replace(&id, &watched), &analyst).await;
    assert_eq!(code(&refused), (403, "ACCESS_DENIED".to_owned()));
}

#[tokio::test]
async fn linkedin_tells_what_became_of_a_members_posts() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let range = "dateRange=(start:(year:2026,month:11,day:1),end:(year:2026,month:11,day:11))";
    let path = format!("/rest/memberCreatorPostAnalytics?q=me&aggregation=DAILY&{range}&queryType=");
    let daily = sim.li(&format!("{path}IMPRESSION"), &token).await.json();
    let elements = daily["elements"].as_array().unwrap();
    assert_eq!(elements.len(), 10);
    assert_eq!(elements[0]["dateRange"]["start"], json!({ "year": 2026, "month": 11, "day": 1 }));
    assert_eq!(sim.li(&format!("{path}MEMBERS_REACHED"), &token).await.status, 400);
    assert_eq!(sim.li(&format!("{path}LIKES"), &token).await.status, 400);
    let total =
        sim.li("/rest/memberCreatorPostAnalytics?q=me&queryType=MEMBERS_REACHED&aggregation=TOTAL", &token).await;
    assert!(total.json()["elements"][0]["count"].as_i64().unwrap() > 0);
    let followers = sim.li("/rest/memberFollowersCount?q=me", &token).await.json();
    assert!(followers["elements"][0]["memberFollowersCount"].as_i64().unwrap() > 2_340);
    let narrow = sim.li_token("acme", "openid profile").await;
    assert_eq!(sim.li(&format!("{path}IMPRESSION"), &narrow).await.status, 403);
    assert_eq!(sim.li("/rest/memberFollowersCount?q=me", &narrow).await.status, 403);
}

#[tokio::test]
async fn linkedin_counts_calls_a_day_and_tells_of_it_in_no_header() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let unhurt = sim.li_token("agency", SCOPES).await;
    for _ in 0..500 {
        assert_eq!(sim.li("/v2/me", &token).await.status, 200);
    }
    let over = sim.li("/v2/me", &token).await;
    assert_eq!(code(&over), (429, "TOO_MANY_REQUESTS".to_owned()));
    assert!(over.str("message").contains("MEMBER DAY"));
    assert!(over.headers.keys().all(|name| !name.as_str().contains("limit") && name.as_str() != "retry-after"));
    assert_eq!(sim.li("/v2/userinfo", &token).await.status, 200, "each resource has a budget of its own");
    assert_eq!(sim.li("/v2/me", &unhurt).await.status, 200, "so has each member");
    sim.pass(14 * 3_600 - 1);
    assert_eq!(sim.li("/v2/me", &token).await.status, 429);
    sim.pass(1);
    assert_eq!(sim.li("/v2/me", &token).await.status, 200, "at midnight UTC");
    assert_eq!(sim.event("linkedin", "li-app", "quota_empty", json!({ "to": "1" })).await, 204);
    assert_eq!(sim.li("/v2/me", &token).await.status, 200);
    let over = sim.li("/v2/me", &unhurt).await;
    assert!(over.status == 429 && over.str("message").contains("APPLICATION DAY"));
}

#[tokio::test]
async fn linkedin_events_happen_to_members() {
    let sim = start().await;
    for kind in ["revoke", "password_change"] {
        let token = sim.li_token("acme", SCOPES).await;
        let sub = sim.li("/v2/userinfo", &token).await.str("sub");
        assert_eq!(sim.event("linkedin", &sub, kind, json!({})).await, 204);
        assert_eq!(code(&sim.li("/v2/userinfo", &token).await), (401, "REVOKED_ACCESS_TOKEN".to_owned()));
    }
    let token = sim.li_token("acme", SCOPES).await;
    let before = sim.li("/v2/userinfo", &token).await.json();
    assert_eq!(sim.event("linkedin", "acme", "rename", json!({ "to": "Acme Nova" })).await, 204);
    assert_eq!(sim.event("linkedin", "acme", "new_avatar", json!({})).await, 204);
    let after = sim.li("/v2/userinfo", &token).await.json();
    assert_eq!((&after["sub"], &after["name"]), (&before["sub"], &json!("Acme Nova")));
    assert_ne!(after["picture"], before["picture"]);
    assert_eq!(sim.li("/v2/me", &token).await.str("vanityName"), "acme-nova");
    for kind in ["withdraw_scope", "type_change", "untick_page"] {
        assert_eq!(sim.event("linkedin", "acme", kind, json!({ "scope": "openid" })).await, 422, "{kind}");
    }
    assert_eq!(sim.event("linkedin", "acme", "suspend", json!({})).await, 204);
    assert_eq!(code(&sim.li("/v2/userinfo", &token).await), (403, "ACCESS_DENIED".to_owned()));
    assert_eq!(sim.event("linkedin", "acme", "delete", json!({})).await, 204);
    assert_eq!(sim.li("/v2/userinfo", &token).await.status, 401);
    sim.li_approve(&[], &[]).await.is_error_page();
    assert_eq!(sim.event("linkedin", "nobody", "revoke", json!({})).await, 404);
    sim.fault("linkedin", "profile", "wrong_person").await;
    let other = sim.li_token("agency", SCOPES).await;
    assert_eq!(sim.li("/v2/userinfo", &other).await.str("name"), "Mallory Moreau");
}

#[tokio::test]
async fn linkedin_events_happen_to_organisations() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    let id = organization(&sim, &token).await;
    let path = format!("/rest/organizations/{id}");
    assert_eq!(sim.event("linkedin", &id, "rename", json!({ "to": "Acme Nova AS" })).await, 204);
    let renamed = sim.li(&path, &token).await.json();
    assert_eq!((&renamed["localizedName"], &renamed["vanityName"]), (&json!("Acme Nova AS"), &json!("acme-nova-as")));
    let logo = renamed["logoV2"].clone();
    assert_eq!(sim.event("linkedin", &id, "new_avatar", json!({})).await, 204);
    assert_ne!(sim.li(&path, &token).await.json()["logoV2"], logo);
    let urn = format!("urn:li:organization:{id}");
    assert_eq!(sim.event("linkedin", &urn, "lose_role", json!({})).await, 204);
    assert_eq!(code(&sim.li(&path, &token).await), (403, "ACCESS_DENIED".to_owned()));
    let left = sim.li("/rest/organizationAcls?q=roleAssignee&state=APPROVED", &token).await;
    assert_eq!(left.json()["elements"], json!([]));
    assert_eq!(sim.event("linkedin", &id, "delete", json!({})).await, 204);
    assert_eq!(sim.li(&path, &token).await.status, 404);
    assert_eq!(sim.event("linkedin", &id, "revoke", json!({})).await, 422);
}

#[tokio::test]
async fn people_of_the_seed_are_on_linkedin_google_and_reddit() {
    let sim = start().await;
    let people = sim.get("/_sim/people", &[]).await.json()["data"].clone();
    let person = |id: &str| people.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
    let count = |of: &Value| of.as_array().unwrap().len();
    let acme = person("acme");
    let one = [&acme["linkedin"]["organizations"], &acme["google"]["channels"]];
    assert!(one.into_iter().all(|all| count(all) == 1) && acme["reddit"]["name"] == "acme");
    assert_eq!(count(&acme["google"]["businesses"][0]["locations"]), 1);
    assert_eq!(count(&person("agency")["google"]["channels"]), 3);
    let personal = person("personal");
    assert_eq!((count(&personal["linkedin"]["organizations"]), count(&personal["google"]["channels"])), (0, 0));
    let analyst = person("analyst")["linkedin"]["organizations"].clone();
    assert!(analyst.as_array().unwrap().iter().all(|held| held["role"] == "ANALYST"));
    for id in (1..=12).map(|n| format!("demo-{n:02}")) {
        let demo = person(&id);
        assert!(["linkedin", "google", "reddit"].iter().all(|platform| demo[platform].is_object()), "{id}");
    }
    let known = person("acme");
    let added = sim.sim("POST", "people", known).await;
    assert_eq!(added.status, 201, "what is told of a person makes that person: {added:?}");
}
