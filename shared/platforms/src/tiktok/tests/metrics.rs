//! What videos drew, by the day on which they were posted.

use super::*;

const VIDEOS: &str = "POST /open.tiktokapis.com/v2/video/list/?fields=\
    id%2Ccreate_time%2Cview_count%2Clike_count%2Ccomment_count%2Cshare_count HTTP/1.1";

/// So many videos at noon of a day, each with as many likes as its place.
fn videos(day: &str, count: u64) -> Vec<Value> {
    let noon = format!("{day}T12:00:00Z").parse::<Timestamp>().expect("a moment").as_second();
    (1..=count)
        .map(|n| {
            json!({"id": n.to_string(), "create_time": noon, "view_count": 10 * n, "like_count": n,
                "comment_count": 0})
        })
        .collect()
}

async fn metrics(days: [&str; 2], parts: Vec<Value>) -> (Result<Measured, PlatformError>, Vec<Value>) {
    let stub = Stub::start(move |heard| {
        assert_eq!(heard.line, VIDEOS);
        assert!(heard.rest.contains("authorization: Bearer act.old\r\n"), "{heard:?}");
        let place = sent(heard).get("cursor").map_or(0, |cursor| cursor.as_u64().expect("a number"));
        answer(200, ok(&parts[usize::try_from(place).expect("small")]).to_string())
    })
    .await;
    let days = days.map(|day| day.parse().expect("a day"));
    let got = connector(&stub.base).client.metrics(&tokens(), WHICH, days, now()).await;
    (got, stub.heard().iter().map(sent).collect())
}

fn sent(heard: &Heard) -> Value {
    serde_json::from_str(heard.rest.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

#[tokio::test]
async fn videos_count_for_the_day_on_which_they_were_posted() {
    let first = [videos("2026-11-18", 2), videos("2026-11-17", 1)].concat();
    let second = [videos("2026-11-17", 2), vec![json!({"id": "odd"})], videos("2026-11-14", 3)].concat();
    let parts = vec![
        json!({"videos": first, "cursor": 1, "has_more": true}),
        json!({"videos": second, "cursor": 2, "has_more": true}),
    ];
    let (got, asked) = metrics(["2026-11-15", "2026-11-17"], parts).await;
    let counts = [(Metric::Impressions, 40), (Metric::Views, 40), (Metric::Likes, 4), (Metric::Comments, 0)];
    let day = "2026-11-17".parse::<Date>().expect("a day");
    let got = got.expect("good");
    assert_eq!(got.daily, [(day, counts.into())].into(), "shares were not told");
    assert!(got.total.is_empty());
    // The list is left where it is past the days.
    assert_eq!(asked, [json!({"max_count": 20}), json!({"max_count": 20, "cursor": 1})]);

    let (got, asked) = metrics(["2026-11-15", "2026-11-17"], vec![json!({"videos": [], "has_more": false})]).await;
    assert_eq!((got.expect("good"), asked.len()), (Measured::default(), 1));
}

#[tokio::test]
async fn a_list_without_end_is_given_up_and_its_last_day_left_out() {
    let part = |n: u64| {
        let day = if n < 9 { "2026-11-18" } else { "2026-11-17" };
        json!({"videos": videos(day, 1), "cursor": n + 1, "has_more": true})
    };
    let (got, asked) = metrics(["2026-11-01", "2026-11-18"], (0..30).map(part).collect()).await;
    let days: Vec<String> = got.expect("good").daily.keys().map(ToString::to_string).collect();
    assert_eq!((days, asked.len()), (vec!["2026-11-18".to_owned()], 10));
    for odd in [json!({"videos": [], "cursor": 0, "has_more": true}), json!({"videos": videos("2026-11-18", 1)})] {
        let (got, asked) = metrics(["2026-11-01", "2026-11-18"], vec![odd]).await;
        assert!(got.is_ok() && asked.len() == 1, "{got:?}");
    }
    let stub = Stub::start(|_| answer(401, error("scope_not_authorized").to_string())).await;
    let days = ["2026-11-01", "2026-11-18"].map(|day| day.parse().expect("a day"));
    let got = connector(&stub.base).client.metrics(&tokens(), WHICH, days, now()).await;
    assert!(matches!(got, Err(PlatformError::PermissionMissing)), "{got:?}");
}
