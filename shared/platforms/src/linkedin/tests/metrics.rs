//! What is read of an account after connecting.

use super::*;

const MEMBER: Which<'_> = Which { id: "aB3dE5fG7h", kind: "profile" };
const COMPANY: Which<'_> = Which { id: "9001", kind: "organization" };

fn days() -> [Date; 2] {
    ["2026-10-31", "2026-11-01"].map(|day| day.parse().expect("a day"))
}

#[tokio::test]
async fn a_member_has_followers_only_where_they_are_permitted() {
    let stub = Stub::start(linkedin).await;
    let got = connector(&stub.base).client.profile(&held(None), MEMBER, now()).await.expect("good");
    assert_eq!((got.profile.handle.as_deref(), got.counts), (Some("ida-solberg"), [(Metric::Followers, 512)].into()));
    let stub = Stub::start(|heard| {
        let denied = r#"{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough"}"#;
        let is_barred = heard.line.contains("memberFollowersCount") || heard.line.contains("/v2/me ");
        if is_barred { answer(403, denied) } else { linkedin(heard) }
    })
    .await;
    let got = connector(&stub.base).client.profile(&held(None), MEMBER, now()).await.expect("good");
    assert_eq!((got.profile.handle, got.counts), (None, [].into()));
    let other = Which { id: "zZ", kind: "profile" };
    let got = connector(&stub.base).client.profile(&held(None), other, now()).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

/// S1-37
#[tokio::test]
async fn an_organisation_is_lost_with_the_last_role() {
    let stub = Stub::start(linkedin).await;
    let got = connector(&stub.base).client.profile(&held(None), COMPANY, now()).await.expect("good");
    assert_eq!((got.profile.name.as_str(), got.profile.role.as_deref()), ("Company 9001", Some("admin")));
    assert_eq!(got.counts, [(Metric::Followers, 2_219_488)].into());
    for elements in [json!([]), json!([acl("9001", "ADMINISTRATOR", "REVOKED"), acl("9002", "ANALYST", "APPROVED")])] {
        let stub = Stub::start(move |heard| {
            let roles = json!({ "elements": elements }).to_string();
            if heard.line.contains("organizationAcls") { answer(200, roles) } else { linkedin(heard) }
        })
        .await;
        let got = connector(&stub.base).client.profile(&held(None), COMPANY, now()).await;
        assert!(matches!(got, Err(PlatformError::RoleLost)), "{got:?}");
    }
}

/// Not every version of the API takes a projection: without one there is no picture, and that is all.
#[tokio::test]
async fn an_organisation_has_its_picture_where_it_can_be_decorated() {
    const DECORATED: &str = "/organizations/9001?projection=(id,localizedName,vanityName,primaryOrganizationType,\
        logoV2(original~:playableStreams)) ";
    let refused = r#"{"status":400,"code":"ILLEGAL_ARGUMENT","message":"Projections are not supported"}"#;
    let logo = r#"{"localizedName":"Fjord","logoV2":{"original~":{"elements":[
        {"identifiers":[{"identifier":"https://media.example/logo"}]}]}}}"#;
    for (status, body, name, picture) in
        [(200, logo, "Fjord", Some("https://media.example/logo")), (400, refused, "Company 9001", None)]
    {
        let stub = Stub::start(move |heard| {
            let decorated = heard.line.contains(DECORATED);
            if decorated { answer(status, body) } else { linkedin(heard) }
        })
        .await;
        let got = connector(&stub.base).client.profile(&held(None), COMPANY, now()).await.expect("good").profile;
        assert_eq!((got.name.as_str(), got.picture_url.as_deref()), (name, picture));
    }
}

#[tokio::test]
async fn a_member_is_measured_word_by_word() {
    let stub = Stub::start(|heard| {
        let range = "dateRange=(start:(day:31,month:10,year:2026),end:(day:2,month:11,year:2026)) ";
        assert!(heard.line.contains(range), "{}", heard.line);
        let query = target(heard).1;
        let row = |day: i8, month: i8, count: u64| {
            json!({"count": count, "metricType": {"x": query["queryType"]},
                "dateRange": {"start": {"day": day, "month": month, "year": 2026}}})
        };
        let rows = match (query["queryType"].as_str(), query["aggregation"].as_str()) {
            ("MEMBERS_REACHED", "TOTAL") => json!([{"count": 77}]),
            ("IMPRESSION", "DAILY") => json!([row(31, 10, 40), row(1, 11, 0), row(2, 11, 9)]),
            ("REACTION" | "COMMENT" | "RESHARE", "DAILY") => json!([row(1, 11, 3)]),
            ("POST_SAVE", "DAILY") => json!([]),
            odd => panic!("{odd:?}"),
        };
        answer(200, json!({ "elements": rows }).to_string())
    })
    .await;
    let got = connector(&stub.base).client.metrics(&held(None), MEMBER, days(), now()).await.expect("good");
    assert_eq!(got.total, [(Metric::Reach, 77)].into());
    let second = [(Metric::Impressions, 0), (Metric::Likes, 3), (Metric::Comments, 3), (Metric::Shares, 3)].into();
    assert_eq!(got.daily, [(days()[0], [(Metric::Impressions, 40)].into()), (days()[1], second)].into());
    assert_eq!(stub.heard().len(), 6);
}

#[tokio::test]
async fn an_organisation_is_measured_by_day() {
    let stub = Stub::start(|heard| {
        let range = "timeIntervals=(timeRange:(start:1793404800000,end:1793577600000),timeGranularityType:DAY) ";
        assert!(heard.line.contains(range), "{}", heard.line);
        assert!(heard.line.contains("organizationalEntity=urn%3Ali%3Aorganization%3A9001&"), "{}", heard.line);
        let day = |start: i64, told: Value| json!({"timeRange": {"start": start}, "totalShareStatistics": told});
        answer(
            200,
            json!({"elements": [
                day(1_793_404_800_000, json!({"impressionCount": 15, "uniqueImpressionsCount": 9, "likeCount": -1,
                    "clickCount": 2, "engagement": 0.2})),
                day(1_793_491_200_000, json!({"impressionCount": 0, "commentCount": 1, "shareCount": 1})),
                day(1_793_577_600_000, json!({"impressionCount": 99})),
            ]})
            .to_string(),
        )
    })
    .await;
    let got = connector(&stub.base).client.metrics(&held(None), COMPANY, days(), now()).await.expect("good");
    let first = [(Metric::Impressions, 15), (Metric::Reach, 9), (Metric::Clicks, 2)].into();
    let second = [(Metric::Impressions, 0), (Metric::Comments, 1), (Metric::Shares, 1)].into();
    assert_eq!((got.daily, got.total), ([(days()[0], first), (days()[1], second)].into(), [].into()));
}
