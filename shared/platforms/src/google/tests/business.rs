//! Locations.

use super::*;

const INFO: &str = "/mybusinessbusinessinformation.googleapis.com/v1";

/// A person's own account with two pages of locations, and two of others; one location is in two of them.
fn business(heard: &Heard) -> Vec<u8> {
    let (path, query) = target(heard);
    let page = query.get("pageToken").map(String::as_str);
    let location = |id: &str| {
        json!({"name": format!("locations/{id}"), "title": format!("Shop {id}"),
        "metadata": {"mapsUri": format!("https://maps.example/?cid={id}"), "hasVoiceOfMerchant": true}})
    };
    let body = match (path.strip_prefix(INFO).unwrap_or(&path), page) {
        ("/oauth2.googleapis.com/token", _) => json!({"access_token": "acc", "expires_in": 3599,
            "refresh_token": "ref", "scope": "https://www.googleapis.com/auth/business.manage"}),
        ("/oauth2.googleapis.com/tokeninfo", _) => json!({"sub": "108"}),
        ("/mybusinessaccountmanagement.googleapis.com/v1/accounts", None) => json!({"accounts": [
            {"name": "accounts/1", "accountName": "Ida Solberg", "type": "PERSONAL", "role": "PRIMARY_OWNER"},
            {"name": "accounts/2", "accountName": "Nordlys", "type": "LOCATION_GROUP", "role": "SITE_MANAGER"},
        ], "nextPageToken": "more"}),
        ("/mybusinessaccountmanagement.googleapis.com/v1/accounts", Some("more")) => json!({"accounts": [
            {"name": "accounts/3", "type": "LOCATION_GROUP", "role": "OWNER"},
            {"name": "accounts/4", "type": "USER_GROUP"},
        ]}),
        ("/accounts/1/locations", None) => json!({"locations": [location("11")], "nextPageToken": "p2"}),
        ("/accounts/1/locations", Some("p2")) => json!({"locations": [location("12")], "nextPageToken": "p2"}),
        ("/accounts/2/locations", _) => json!({"locations": [location("21"), location("22"), location("11")]}),
        ("/accounts/3/locations", _) => json!({"locations": [location("22"), {"title": "without a name"}]}),
        ("/accounts/4/locations", _) => return answer(403, r#"{"error":{"status":"PERMISSION_DENIED"}}"#),
        ("/locations/11", None) => location("11"),
        (other, page) => panic!("no such address: {other} {page:?}"),
    };
    answer(200, body.to_string())
}

#[tokio::test]
async fn locations_of_all_accounts_are_offered_once_by_the_best_role() {
    let stub = Stub::start(business).await;
    let consent = exchange(&stub, "google_business").await.expect("good");
    assert_eq!((consent.person.id.as_str(), consent.person.name.as_str()), ("108", "Ida Solberg"));
    let offers: Vec<_> = consent
        .offers
        .iter()
        .map(|o| {
            let barrier = o.barrier.as_ref().map(|b| b.code);
            (o.profile.platform_account_id.as_str(), o.profile.role.as_deref(), barrier)
        })
        .collect();
    let too_small = Some(Code::InsufficientPlatformRole);
    assert_eq!(
        offers,
        [
            ("11", Some("admin"), None),
            ("12", Some("admin"), None),
            ("21", Some("moderator"), too_small),
            ("22", Some("admin"), None),
        ]
    );
    let profile = &consent.offers[0].profile;
    assert_eq!((profile.kind.as_str(), profile.name.as_str()), ("location", "Shop 11"));
    assert_eq!(profile.profile_url.as_deref(), Some("https://maps.example/?cid=11"));
    assert_eq!((profile.verified, profile.handle.as_deref()), (Some(true), None));
    assert!(consent.offers[2].barrier.as_ref().is_some_and(|b| b.fix_url.is_some()));

    let client = connector(&stub.base, "google_business").client;
    let again = client.reread(&held(), &[Capability::Publish], now()).await.expect("good");
    assert_eq!(again.offers.len(), 4);
}

#[tokio::test]
async fn an_account_without_locations_offers_none_and_an_outage_is_told() {
    let stub =
        Stub::start(|heard| if heard.line.contains("/accounts?") { answer(200, "{}") } else { business(heard) }).await;
    assert!(exchange(&stub, "google_business").await.expect("good").offers.is_empty());
    for address in ["/accounts?", "/accounts/1/locations?"] {
        let stub = Stub::start(move |heard| {
            if heard.line.contains(address) {
                answer(503, r#"{"error":{"status":"UNAVAILABLE"}}"#)
            } else {
                business(heard)
            }
        })
        .await;
        let got = exchange(&stub, "google_business").await;
        assert!(matches!(got, Err(PlatformError::Unknown(_))), "{address}: {got:?}");
    }
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let stub = Stub::start(|heard| {
        if !heard.line.contains("/accounts/1/locations?") {
            return business(heard);
        }
        let next = format!("{}x", target(heard).1.get("pageToken").map_or("", String::as_str));
        answer(200, json!({"locations": [], "nextPageToken": next}).to_string())
    })
    .await;
    exchange(&stub, "google_business").await.expect("good");
    assert_eq!(stub.heard().iter().filter(|h| h.line.contains("/accounts/1/locations?")).count(), 50);
}

#[tokio::test]
async fn a_location_is_read_and_may_be_gone() {
    let stub = Stub::start(business).await;
    let which = Which { id: "11", kind: "location" };
    let got = connector(&stub.base, "google_business").client.profile(&held(), which, now()).await.expect("good");
    assert_eq!((got.profile.name.as_str(), got.counts.len()), ("Shop 11", 0));
    let stub = Stub::start(|_| answer(404, r#"{"error":{"code":404,"status":"NOT_FOUND"}}"#)).await;
    let got = connector(&stub.base, "google_business").client.profile(&held(), which, now()).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

#[tokio::test]
async fn what_belongs_together_is_summed_by_day() {
    let series = |name: &str, values: Value| json!({"dailyMetric": name, "timeSeries": {"datedValues": values}});
    let on = |day: u8, value: Value| {
        let mut dated = json!({"date": {"year": 2026, "month": 11, "day": day}});
        if !value.is_null() {
            dated["value"] = value;
        }
        dated
    };
    let told = json!({"multiDailyMetricTimeSeries": [{"dailyMetricTimeSeries": [
        series("BUSINESS_IMPRESSIONS_DESKTOP_MAPS", json!([on(1, json!("7")), on(2, json!(null))])),
        series("BUSINESS_IMPRESSIONS_MOBILE_MAPS", json!([on(1, json!("5"))])),
        series("CALL_CLICKS", json!([on(1, json!("2")), on(2, json!("odd")), {"value": "9"}])),
        series("WEBSITE_CLICKS", json!([on(1, json!("3"))])),
        series("SOMETHING_NEW", json!([on(1, json!("99"))])),
    ]}]});
    let stub = Stub::start(move |_| answer(200, told.to_string())).await;
    let which = Which { id: "11", kind: "location" };
    let days: [Date; 2] = ["2026-11-01", "2026-11-02"].map(|day| day.parse().expect("a day"));
    let client = connector(&stub.base, "google_business").client;
    let got = client.metrics(&held(), which, days, now()).await.expect("good");
    let first = [(Metric::Impressions, 12), (Metric::Clicks, 5)].into();
    let second = [(Metric::Impressions, 0)].into();
    assert_eq!((got.daily, got.total), ([(days[0], first), (days[1], second)].into(), [].into()));
    let line = &stub.heard()[0].line;
    let path = "/businessprofileperformance.googleapis.com/v1/locations/11:fetchMultiDailyMetricsTimeSeries?";
    assert!(line.contains(path) && line.contains("dailyMetrics=WEBSITE_CLICKS&dailyMetrics=CALL_CLICKS"), "{line}");
    assert!(line.contains("dailyRange.startDate.year=2026&dailyRange.startDate.month=11&dailyRange.startDate.day=1"));
    assert!(line.contains("dailyRange.endDate.day=2"), "{line}");
}
