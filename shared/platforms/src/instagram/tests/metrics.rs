//! What is read of an account after connecting.

use domain::Metric;

use super::*;

const ACCOUNT: Which<'_> = Which { id: "17841400000000005", kind: "instagram_business" };

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("IGAAfakeLong0001"), refresh: None, children: [].into() }
}

fn me(account_type: &str) -> Value {
    json!({"id": "26000000000000001", "user_id": 17_841_400_000_000_005_u64, "username": "fjord.ceramics",
        "account_type": account_type, "followers_count": 40_211, "follows_count": 512, "media_count": 1033})
}

#[tokio::test]
async fn an_account_is_read_and_counts() {
    let read = |body: Value, which| async move {
        let stub = Stub::start(move |heard| {
            assert!(heard.line.contains("followers_count%2Cfollows_count%2Cmedia_count "), "{}", heard.line);
            answer(200, body.to_string())
        })
        .await;
        connector(&stub.base).client.profile(&tokens(), which, now()).await
    };
    let got = read(me("MEDIA_CREATOR"), ACCOUNT).await.expect("good");
    assert_eq!(
        (got.profile.kind.as_str(), got.profile.handle.as_deref()),
        ("instagram_creator", Some("fjord.ceramics"))
    );
    let counts = [(Metric::Followers, 40_211), (Metric::Following, 512), (Metric::Posts, 1033)].into();
    assert_eq!(got.counts, counts);
    let got = read(me("BUSINESS"), Which { id: "26000000000000001", ..ACCOUNT }).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "another account: {got:?}");
    // Since then it was made a personal one.
    let got = read(me("PERSONAL"), ACCOUNT).await;
    assert!(matches!(got, Err(PlatformError::AccountTypeUnsupported)), "{got:?}");
}

#[tokio::test]
async fn an_account_is_measured_by_day_and_in_sum() {
    let stub = Stub::start(|heard| {
        assert!(heard.line.starts_with("GET /graph.instagram.com/v26.0/17841400000000005/insights?"), "{}", heard.line);
        let body = if heard.line.contains("metric_type=total_value") {
            json!({"data": [{"name": "likes", "total_value": {"value": 12}}, {"name": "views"}]})
        } else {
            json!({"data": [{"name": "reach", "values": [{"value": 800, "end_time": "2026-11-02T08:00:00+0000"}]}]})
        };
        answer(200, body.to_string())
    })
    .await;
    let days: [Date; 2] = ["2026-11-01", "2026-11-02"].map(|day| day.parse().expect("a day"));
    let got = connector(&stub.base).client.metrics(&tokens(), ACCOUNT, days, now()).await.expect("good");
    assert_eq!(got.total, [(Metric::Likes, 12)].into());
    assert_eq!(got.daily, [(days[0], [(Metric::Reach, 800)].into())].into());
}

/// Meta measures at most thirty days at once: more are asked for in equal parts, and a sum is known where all its parts
/// are.
#[tokio::test]
async fn a_month_is_measured_in_parts() {
    let stub = Stub::start(|heard| {
        let day = |name: &str| -> Date {
            let (_, rest) = heard.line.split_once(&format!("{name}=")).expect("a parameter");
            rest[..10].parse().expect("a day")
        };
        let (since, until) = (day("since"), day("until"));
        assert!(since.until(until).expect("a span").get_days() <= 30, "{}", heard.line);
        let body = if heard.line.contains("metric_type=total_value") {
            let mut rows = vec![json!({"name": "likes", "total_value": {"value": 12}})];
            rows.extend((since.month() == 10).then(|| json!({"name": "saves", "total_value": {"value": 3}})));
            json!({ "data": rows })
        } else {
            let end = format!("{}T07:00:00+0000", since.tomorrow().expect("a day"));
            json!({"data": [{"name": "reach", "values": [{"value": 800, "end_time": end}]}]})
        };
        answer(200, body.to_string())
    })
    .await;
    let client = connector(&stub.base).client;
    let days = |from: &str, to: &str| [from, to].map(|day| day.parse().expect("a day"));
    let got = client.metrics(&tokens(), ACCOUNT, days("2026-10-17", "2026-11-15"), now()).await.expect("good");
    assert_eq!(got.total, [(Metric::Likes, 24)].into(), "saves are told of one part only");
    let told: Vec<String> = got.daily.keys().map(ToString::to_string).collect();
    assert_eq!((told, stub.heard().len()), (vec!["2026-10-17".to_owned(), "2026-11-01".to_owned()], 4));
    client.metrics(&tokens(), ACCOUNT, days("2026-10-17", "2026-11-14"), now()).await.expect("good");
    assert_eq!(stub.heard().len(), 6, "twenty-nine days and the one after are thirty");
    let none = client.metrics(&tokens(), ACCOUNT, days("2026-11-15", "2026-11-14"), now()).await.expect("good");
    assert_eq!((none, stub.heard().len()), (domain::Measured::default(), 6), "no days are no call");
}
