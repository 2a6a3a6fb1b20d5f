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
