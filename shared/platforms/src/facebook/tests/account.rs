//! What is read of pages, people and Instagram accounts after connecting.

use domain::{Measured, Metric};

use super::*;

const PAGE: Which<'_> = Which { id: "1", kind: "page" };
const PERSON: Which<'_> = Which { id: "77", kind: "profile" };
const ACCOUNT: Which<'_> = Which { id: "17841400000000001", kind: "instagram_business" };

fn held() -> TokenSet {
    let children = ["1", ACCOUNT.id].map(|id| (id.to_owned(), Secret::new("child")));
    TokenSet { access: Secret::new("long"), refresh: None, children: children.into() }
}

fn days(from: &str, to: &str) -> [Date; 2] {
    [from, to].map(|day| day.parse().expect("a day"))
}

/// S3-05, S2-03: whoever asks for nothing but an identity is offered the person beside the pages.
#[tokio::test]
async fn a_person_is_offered_to_whoever_asks_for_nothing_else() {
    let stub = Stub::start(facebook).await;
    let consent = consent(&stub, "facebook", &[]).await.expect("good");
    let kinds: Vec<_> = consent.offers.iter().map(|o| o.profile.kind.as_str()).collect();
    assert_eq!(kinds, ["page", "page", "page", "page", "profile"]);
    let person = consent.offers.last().expect("there");
    assert_eq!((person.profile.platform_account_id.as_str(), person.profile.name.as_str()), ("77", "Ada"));
    assert!(person.barrier.is_none() && person.token.is_none());
    assert_eq!(person.profile.platform_account_id, consent.person.id);

    let entry = connector(&stub.base, "facebook").entry;
    for capability in Capability::ALL {
        assert_eq!(entry.needs("profile", capability), Err(Code::CapabilityUnsupported), "{capability:?}");
    }
    assert!(entry.has_identity() && entry.needs("page", Capability::Publish).is_ok());
    assert_eq!(entry.scopes_of("profile", &Capability::ALL), entry.connect_scopes);
    assert!(!connector(&stub.base, "instagram").entry.has_identity());
}

/// api.md decision 14: one page is one candidate, and a person does not make it two.
#[tokio::test]
async fn whoever_asks_for_a_capability_is_offered_no_person() {
    for asked in [&[Capability::Publish][..], &[Capability::Analytics], &[Capability::Publish, Capability::Analytics]] {
        let stub = Stub::start(|heard| {
            let lists = [("/me/accounts?", json!([page("1")])), ("/me/businesses?", json!([]))];
            match lists.iter().find(|(address, _)| heard.line.contains(address)) {
                Some((_, rows)) => answer(200, json!({ "data": rows }).to_string()),
                None => facebook(heard),
            }
        })
        .await;
        let offers = consent(&stub, "facebook", asked).await.expect("good").offers;
        let ids: Vec<_> = offers.iter().map(|o| o.profile.platform_account_id.as_str()).collect();
        assert_eq!(ids, ["1"], "{asked:?}");
        assert_eq!(stub.heard().iter().filter(|h| h.line.contains("/me?")).count(), 1);
    }
}

/// A person is shared as long as the grant lives, whatever pages are.
#[tokio::test]
async fn a_look_finds_the_person_too() {
    let told = json!({"data": {"is_valid": true, "user_id": "77", "scopes": ["pages_show_list"],
        "granular_scopes": [{"scope": "pages_show_list", "target_ids": ["1"]}]}});
    let stub = Stub::start(move |_| answer(200, told.to_string())).await;
    let tokens = TokenSet { access: Secret::new("long"), refresh: None, children: [].into() };
    let probe = connector(&stub.base, "facebook").client.probe(&tokens, now()).await.expect("good");
    assert_eq!(probe.shared, Some(vec!["1".to_owned(), "77".to_owned()]));
}

async fn profile(platform: &str, which: Which<'_>, body: Value) -> (Result<Snapshot, PlatformError>, Vec<Heard>) {
    let stub = Stub::start(move |_| answer(200, body.to_string())).await;
    let got = connector(&stub.base, platform).client.profile(&held(), which, now()).await;
    (got, stub.heard())
}

#[tokio::test]
async fn a_page_is_read_by_its_own_token_and_counts() {
    let body = json!({"id": "1", "name": "Nordlys Bakery", "username": "nordlysbakery", "followers_count": 18_234,
        "fan_count": 17_950, "verification_status": "not_verified", "category": "Bakery"});
    let (got, heard) = profile("facebook", PAGE, body).await;
    let got = got.expect("good");
    assert_eq!((got.profile.kind.as_str(), got.profile.handle.as_deref()), ("page", Some("nordlysbakery")));
    assert_eq!((got.profile.verified, got.profile.role), (Some(false), None));
    assert_eq!(got.counts, [(Metric::Followers, 18_234), (Metric::Likes, 17_950)].into());
    assert!(heard[0].rest.contains("Bearer child\r\n") && !heard[0].line.contains("access_token"), "{heard:?}");

    let (got, _) = profile("facebook", PAGE, json!({"id": "1"})).await;
    assert!(got.expect("good").counts.is_empty(), "what is not told is not 0");
    let (got, _) = profile("facebook", PAGE, json!({})).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");
}

#[tokio::test]
async fn a_person_is_read_and_neither_counted_nor_measured() {
    let body = || json!({"id": "77", "name": "Ida", "picture": {"data": {"url": "https://scontent.example/u1.jpg"}}});
    let (got, heard) = profile("facebook", PERSON, body()).await;
    let got = got.expect("good");
    assert_eq!((got.profile.kind.as_str(), got.counts.len()), ("profile", 0));
    assert_eq!(got.profile.picture_url.as_deref(), Some("https://scontent.example/u1.jpg"));
    assert!(heard[0].rest.contains("Bearer long\r\n"));
    let (got, _) = profile("facebook", Which { id: "78", ..PERSON }, body()).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");

    let stub = Stub::start(|heard| panic!("nothing to measure: {}", heard.line)).await;
    let days = days("2026-11-01", "2026-11-02");
    let got = connector(&stub.base, "facebook").client.metrics(&held(), PERSON, days, now()).await;
    assert_eq!(got.expect("nothing"), Measured::default());
}

#[tokio::test]
async fn an_instagram_account_is_read_and_counts() {
    let body = json!({"id": ACCOUNT.id, "username": "nordlys.bakery", "followers_count": 9120, "follows_count": 310,
        "media_count": 482});
    let (got, heard) = profile("instagram", ACCOUNT, body).await;
    let got = got.expect("good");
    assert_eq!(got.profile.handle.as_deref(), Some("nordlys.bakery"));
    let counts = [(Metric::Followers, 9120), (Metric::Following, 310), (Metric::Posts, 482)].into();
    assert_eq!(got.counts, counts);
    assert!(heard[0].rest.contains("Bearer child\r\n"));

    let stub = Stub::start(|_| answer(400, r#"{"error":{"code":100,"error_subcode":33}}"#)).await;
    let got = connector(&stub.base, "instagram").client.profile(&held(), ACCOUNT, now()).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "unlinked or gone: {got:?}");
}

/// A value stands under the end of its day, by California's clock.
#[tokio::test]
async fn a_page_is_measured_by_day() {
    let value = |end: &str, value: Value| json!({"value": value, "end_time": end});
    let told = json!({"data": [
        {"name": "page_media_view", "period": "day", "values": [
            value("2026-10-31T07:00:00+0000", json!(1)), value("2026-11-01T07:00:00+0000", json!(40)),
            value("2026-11-02T08:00:00+0000", json!(0)), value("2026-11-03T08:00:00+0000", json!(9))]},
        {"name": "page_total_media_view_unique", "period": "day", "values": [
            value("2026-11-01T07:00:00+0000", json!(30)), value("2026-11-02T08:00:00+0000", json!(null)),
            {"value": 5}]},
        {"name": "page_media_view", "period": "week", "values": [value("odd", json!(7))]},
        {"name": "something_new", "values": [value("2026-11-01T07:00:00+0000", json!(99))]},
    ]});
    let stub = Stub::start(move |_| answer(200, told.to_string())).await;
    let days = days("2026-10-31", "2026-11-01");
    let got = connector(&stub.base, "facebook").client.metrics(&held(), PAGE, days, now()).await.expect("good");
    let first = [(Metric::Impressions, 40), (Metric::Views, 40), (Metric::Reach, 30)].into();
    let second = [(Metric::Impressions, 0), (Metric::Views, 0)].into();
    assert_eq!((got.daily, got.total), ([(days[0], first), (days[1], second)].into(), [].into()));
    let [heard] = &stub.heard()[..] else { panic!("one call") };
    let wanted = "/1/insights?metric=page_media_view%2Cpage_total_media_view_unique&period=day&since=2026-10-31&until=2026-11-03 ";
    assert!(heard.line.contains(wanted) && heard.rest.contains("Bearer child\r\n"), "{heard:?}");
}

#[tokio::test]
async fn an_instagram_account_is_measured_by_day_and_in_sum() {
    let stub = Stub::start(|heard| {
        let sum = |name: &str, value: u64| json!({"name": name, "period": "day", "total_value": {"value": value}});
        let body = if heard.line.contains("metric_type=total_value") {
            assert!(heard.line.contains("metric=views%2Clikes%2Ccomments%2Cshares%2Csaves%2Cprofile_links_taps&"));
            json!({"data": [sum("views", 15_422), sum("saves", 0)]})
        } else {
            assert!(heard.line.contains("metric=reach&period=day&since=2026-11-"), "{}", heard.line);
            json!({"data": [{"name": "reach", "values": [{"value": 800, "end_time": "2026-11-02T08:00:00+0000"}]}]})
        };
        answer(200, body.to_string())
    })
    .await;
    let client = connector(&stub.base, "instagram").client;
    let sums = [(Metric::Impressions, 15_422), (Metric::Views, 15_422), (Metric::Saves, 0)];
    let several = days("2026-11-01", "2026-11-07");
    let got = client.metrics(&held(), ACCOUNT, several, now()).await.expect("good");
    assert_eq!(got.total, sums.into());
    assert_eq!(got.daily, [(several[0], [(Metric::Reach, 800)].into())].into());
    // The sum of one day is that day's.
    let one = days("2026-11-01", "2026-11-01");
    let got = client.metrics(&held(), ACCOUNT, one, now()).await.expect("good");
    assert_eq!(got.daily, [(one[0], sums.into_iter().chain([(Metric::Reach, 800)]).collect())].into());

    // Nothing is known of an account that is too small: that is not 0.
    let stub = Stub::start(|_| answer(200, r#"{"data":[]}"#)).await;
    let got = connector(&stub.base, "instagram").client.metrics(&held(), ACCOUNT, one, now()).await;
    assert_eq!(got.expect("nothing"), Measured::default());
    let stub = Stub::start(|_| answer(200, "{}")).await;
    let got = connector(&stub.base, "instagram").client.metrics(&held(), ACCOUNT, one, now()).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");
}
