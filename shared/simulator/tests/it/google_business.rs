//! Business Profile: accounts, locations, photos, performance.

use serde_json::{Value, json};

use crate::google::start;
use crate::harness::{Reply, Sim};

const ACCOUNTS: &str = "/mybusinessaccountmanagement.googleapis.com/v1/accounts";
const INFO: &str = "/mybusinessbusinessinformation.googleapis.com/v1";

fn status(reply: &Reply) -> (u16, Value) {
    (reply.status, reply.json()["error"]["status"].clone())
}

fn names(body: &Value, of: &str) -> Vec<String> {
    let all = body[of].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

async fn all(sim: &Sim, access: &str, path: &str, of: &str) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut token) = (Vec::new(), 0, String::new());
    loop {
        let mark = if path.contains('?') { '&' } else { '?' };
        let body = sim.g(&format!("{path}{mark}pageToken={token}"), access).await.json();
        found.extend(names(&body, of));
        pages += 1;
        match body["nextPageToken"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => return (found, pages),
        }
    }
}

#[tokio::test]
async fn business_lists_accounts_and_locations_over_pages() {
    let sim = start().await;
    let (access, _) = sim.g_pair("agency").await;
    let (accounts, pages) = all(&sim, &access, ACCOUNTS, "accounts").await;
    assert_eq!((accounts.len(), pages), (2, 2));
    let mut locations = Vec::new();
    for account in &accounts {
        let path = format!("{INFO}/{account}/locations?readMask=name,title");
        let (found, pages) = all(&sim, &access, &path, "locations").await;
        assert_eq!((found.len(), pages), (3, 2));
        locations.extend(found);
    }
    locations.sort();
    locations.dedup();
    assert_eq!(locations.len(), 5, "one of them is under both");
    let wild = sim.g(&format!("{INFO}/accounts/-/locations?readMask=name"), &access).await.json();
    assert_eq!(wild["totalSize"], 5);
    let first = sim.g(ACCOUNTS, &access).await.json();
    assert_eq!(
        (&first["accounts"][0]["type"], &first["accounts"][0]["role"]),
        (&json!("PERSONAL"), &json!("PRIMARY_OWNER"))
    );
    let page = |account: &String| format!("{INFO}/{account}/locations?readMask=name&pageSize=2");
    let token = sim.g(&page(&accounts[0]), &access).await.json()["nextPageToken"].as_str().unwrap().to_owned();
    let own = sim.g(&format!("{}&pageToken={token}", page(&accounts[0])), &access).await;
    let other = sim.g(&format!("{}&pageToken={token}", page(&accounts[1])), &access).await;
    assert_eq!((own.status, status(&other)), (200, (400, json!("INVALID_ARGUMENT"))), "a token is of its listing");
}

#[tokio::test]
async fn business_tells_roles_and_has_a_personal_account_for_everybody() {
    let sim = start().await;
    let (analyst, _) = sim.g_pair("analyst").await;
    let accounts = sim.g(ACCOUNTS, &analyst).await.json()["accounts"].clone();
    assert!(
        accounts.as_array().unwrap().iter().any(|one| one["role"] == "SITE_MANAGER" && one["type"] == "LOCATION_GROUP")
    );
    let (personal, _) = sim.g_pair("personal").await;
    let accounts = sim.g(ACCOUNTS, &personal).await.json();
    let name = names(&accounts, "accounts").remove(0);
    let none = sim.g(&format!("{INFO}/{name}/locations?readMask=name"), &personal).await;
    assert_eq!((none.status, none.json()), (200, json!({ "totalSize": 0 })));
}

#[tokio::test]
async fn business_wants_a_read_mask_of_fields_it_knows() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    let account = names(&sim.g(ACCOUNTS, &access).await.json(), "accounts").remove(0);
    for path in
        ["locations", "locations?readMask=", "locations?readMask=name,shoes", "locations?readMask=name&pageSize=x"]
    {
        let reply = sim.g(&format!("{INFO}/{account}/{path}"), &access).await;
        assert_eq!(status(&reply), (400, json!("INVALID_ARGUMENT")), "{path}");
        assert!(reply.json()["error"]["details"][0]["fieldViolations"][0]["field"].is_string());
    }
    let listing = sim.g(&format!("{INFO}/{account}/locations?readMask=name,title"), &access).await.json();
    assert_eq!(listing["locations"][0].as_object().unwrap().len(), 2);
    let name = listing["locations"][0]["name"].as_str().unwrap();
    assert_eq!(sim.g(&format!("{INFO}/{name}"), &access).await.status, 400);
    let mask = "name,title,storefrontAddress,metadata";
    let one = sim.g(&format!("{INFO}/{name}?readMask={mask}"), &access).await.json();
    assert_eq!((&one["title"], &one["storefrontAddress"]["locality"]), (&json!("Acme"), &json!("Oslo")));
    assert_eq!(one["metadata"]["hasVoiceOfMerchant"], true);
    assert!(one["metadata"]["mapsUri"].as_str().unwrap().contains("?cid="));
    let (stranger, _) = sim.g_pair("mallory").await;
    let denied = sim.g(&format!("{INFO}/{name}?readMask=name"), &stranger).await;
    assert_eq!(status(&denied), (403, json!("PERMISSION_DENIED")));
    let nowhere = sim.g(&format!("{INFO}/locations/42?readMask=name"), &access).await;
    assert_eq!(status(&nowhere), (404, json!("NOT_FOUND")));
    assert_eq!(status(&sim.g(ACCOUNTS, "garbage").await), (401, json!("UNAUTHENTICATED")));
    assert_eq!(status(&sim.g(&format!("{INFO}/shoes"), &access).await), (404, json!("NOT_FOUND")));
}

#[tokio::test]
async fn business_shows_the_photo_that_there_is() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    let account = names(&sim.g(ACCOUNTS, &access).await.json(), "accounts").remove(0);
    let listing = sim.g(&format!("{INFO}/{account}/locations?readMask=name"), &access).await.json();
    let name = names(&listing, "locations").remove(0);
    let path = format!("/mybusiness.googleapis.com/v4/{account}/{name}/media");
    let photo = |body: Value| body["mediaItems"][0]["googleUrl"].as_str().unwrap().to_owned();
    let first = sim.g(&path, &access).await.json();
    assert_eq!(first["mediaItems"][0]["locationAssociation"]["category"], "PROFILE");
    let first = photo(first);
    assert_eq!(sim.get(&first, &[]).await.header("content-type"), "image/png");
    assert_eq!(sim.event("google", &name, "new_avatar", json!({})).await, 204);
    let second = photo(sim.g(&path, &access).await.json());
    assert_eq!((sim.get(&second, &[]).await.status, sim.get(&first, &[]).await.status), (200, 404));
}

#[tokio::test]
async fn business_tells_what_people_did_with_a_location() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    let account = names(&sim.g(ACCOUNTS, &access).await.json(), "accounts").remove(0);
    let listing = sim.g(&format!("{INFO}/{account}/locations?readMask=name"), &access).await.json();
    let name = names(&listing, "locations").remove(0);
    let days = "dailyRange.startDate.year=2026&dailyRange.startDate.month=11&dailyRange.startDate.day=11&dailyRange.endDate.year=2026&dailyRange.endDate.month=11&dailyRange.endDate.day=22";
    let base = format!("/businessprofileperformance.googleapis.com/v1/{name}:fetchMultiDailyMetricsTimeSeries");
    let path = format!("{base}?dailyMetrics=WEBSITE_CLICKS&dailyMetrics=BUSINESS_FOOD_ORDERS&{days}");
    let body = sim.g(&path, &access).await.json();
    let series = &body["multiDailyMetricTimeSeries"][0]["dailyMetricTimeSeries"];
    assert_eq!((&series[0]["dailyMetric"], series.as_array().unwrap().len()), (&json!("WEBSITE_CLICKS"), 2));
    let values = series[0]["timeSeries"]["datedValues"].as_array().unwrap();
    assert_eq!((values.len(), &values[9]["date"]), (10, &json!({ "year": 2026, "month": 11, "day": 20 })));
    assert!(values[0]["value"].as_str().unwrap().parse::<i64>().unwrap() > 0);
    assert!(series[1]["timeSeries"]["datedValues"][0].get("value").is_none(), "nothing has no value");
    let snake = path.replace("Date.", "_date.");
    assert_eq!(sim.g(&snake, &access).await.json(), body);
    for wrong in [
        format!("{base}?{days}"),
        format!("{base}?dailyMetrics=SHOES&{days}"),
        format!("{base}?dailyMetrics=CALL_CLICKS"),
    ] {
        assert_eq!(status(&sim.g(&wrong, &access).await), (400, json!("INVALID_ARGUMENT")), "{wrong}");
    }
}

#[tokio::test]
async fn business_counts_calls_a_minute() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    for _ in 0..300 {
        assert_eq!(sim.g(ACCOUNTS, &access).await.status, 200);
    }
    assert_eq!(status(&sim.g(ACCOUNTS, &access).await), (429, json!("RESOURCE_EXHAUSTED")));
    sim.pass(60);
    assert_eq!(sim.g(ACCOUNTS, &access).await.status, 200);
    sim.fault("google", "children", "not_allow_listed").await;
    assert_eq!(sim.g(ACCOUNTS, &access).await.status, 429);
}

#[tokio::test]
async fn business_events_happen_to_locations_wherever_they_are() {
    let sim = start().await;
    let (agency, _) = sim.g_pair("agency").await;
    let wild = format!("{INFO}/accounts/-/locations?readMask=name,title&pageSize=100");
    let (found, _) = all(&sim, &agency, &wild, "locations").await;
    let mut shared = String::new();
    for name in &found {
        let title = sim.g(&format!("{INFO}/{name}?readMask=title"), &agency).await.json()["title"].clone();
        if title == "Nordlys Bakery" {
            name.clone_into(&mut shared);
        }
    }
    assert_eq!(sim.event("google", &shared, "rename", json!({ "to": "Nordlys" })).await, 204);
    assert_eq!(sim.event("google", &shared, "suspend", json!({})).await, 204);
    let path = format!("{INFO}/{shared}?readMask=title,metadata");
    let one = sim.g(&path, &agency).await.json();
    assert_eq!((&one["title"], &one["metadata"]["hasVoiceOfMerchant"]), (&json!("Nordlys"), &json!(false)));
    let accounts = all(&sim, &agency, ACCOUNTS, "accounts").await.0;
    let second = sim.g(&format!("{INFO}/{}/locations?readMask=title", accounts[1]), &agency).await.json();
    assert_eq!(second["locations"][0]["title"], "Nordlys", "both copies are the same place");
    assert_eq!(sim.event("google", &shared, "delete", json!({})).await, 204);
    assert_eq!(status(&sim.g(&path, &agency).await), (404, json!("NOT_FOUND")));
    let (analyst, _) = sim.g_pair("analyst").await;
    let (watched, _) = all(&sim, &analyst, &wild, "locations").await;
    assert_eq!(sim.event("google", "analyst", "lose_role", json!({})).await, 204);
    let lost = sim.g(&format!("{INFO}/{}?readMask=title", watched[0]), &analyst).await;
    assert_eq!(status(&lost), (403, json!("PERMISSION_DENIED")));
    assert_eq!(sim.event("google", "locations/42", "delete", json!({})).await, 404);
}
