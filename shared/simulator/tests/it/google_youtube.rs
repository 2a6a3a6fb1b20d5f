//! YouTube: channels, videos, analytics, the project's quota.

use serde_json::{Value, json};

use crate::google::{NUMBERS, READ, start};
use crate::harness::{Reply, Sim};

const DATA: &str = "/youtube.googleapis.com/youtube/v3";
const MINE: &str = "/www.googleapis.com/youtube/v3/channels?mine=true&part=snippet,statistics,status,brandingSettings";
const REPORT: &str = "/youtubeanalytics.googleapis.com/v2/reports";

fn reason(reply: &Reply) -> (u16, Value) {
    (reply.status, reply.json()["error"]["errors"][0]["reason"].clone())
}

async fn channels(sim: &Sim, person: &str) -> Vec<String> {
    let people = sim.get("/_sim/people", &[]).await.json()["data"].clone();
    let all = people.as_array().unwrap().iter().find(|one| one["id"] == person).unwrap()["google"]["channels"].clone();
    all.as_array().unwrap().iter().map(|channel| channel["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn youtube_tells_a_channel_with_numbers_as_text() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    let body = sim.g(MINE, &access).await.json();
    assert_eq!(body["pageInfo"], json!({ "totalResults": 1, "resultsPerPage": 5 }));
    let item = &body["items"][0];
    assert!(item["id"].as_str().is_some_and(|id| id.starts_with("UC") && id.len() == 24));
    assert_eq!((&item["snippet"]["title"], &item["snippet"]["customUrl"]), (&json!("Acme"), &json!("@acme")));
    let statistics = &item["statistics"];
    let subscribers = statistics["subscriberCount"].as_str().unwrap();
    assert!(subscribers.len() == 5 && subscribers.ends_with("00"), "three digits count: {subscribers}");
    assert!(statistics["viewCount"].is_string() && statistics["videoCount"].is_string());
    let picture = item["snippet"]["thumbnails"]["high"]["url"].as_str().unwrap();
    assert_eq!(sim.get(picture, &[]).await.header("content-type"), "image/png");
    sim.pass(400 * 86_400);
    assert_eq!(sim.get(picture, &[]).await.status, 200, "it does not end");
    let one = sim.g(&format!("{MINE}&part=x"), "garbage").await;
    assert_eq!(reason(&one), (401, json!("authError")));
}

#[tokio::test]
async fn youtube_hides_subscribers_and_knows_people_without_a_channel() {
    let sim = start().await;
    let (access, _) = sim.g_pair("creator").await;
    let statistics = sim.g(MINE, &access).await.json()["items"][0]["statistics"].clone();
    assert_eq!(statistics["hiddenSubscriberCount"], true);
    assert!(statistics.get("subscriberCount").is_none(), "{statistics}");
    let (access, _) = sim.g_pair("personal").await;
    let none = sim.g(MINE, &access).await;
    assert_eq!(none.status, 200);
    assert!(none.json().get("items").is_none(), "{none:?}");
    sim.fault("google", "profile", "empty_items").await;
    assert_eq!(sim.g(MINE, &access).await.json()["items"], json!([]));
    sim.fault("google", "profile", "signup_required").await;
    assert_eq!(reason(&sim.g(MINE, &access).await), (401, json!("youtubeSignupRequired")));
}

#[tokio::test]
async fn youtube_answers_as_the_channel_that_was_picked() {
    let sim = start().await;
    let ids = channels(&sim, "agency").await;
    assert_eq!(ids.len(), 3);
    let mut tokens = Vec::new();
    for id in &ids {
        let answers = [("person", "agency"), ("child", id.as_str())];
        let code = sim.g_approve(&[], &answers).await.code();
        tokens.push(sim.g_exchange(&code, &[]).await.str("access_token"));
    }
    for (token, id) in tokens.iter().zip(&ids) {
        assert_eq!(sim.g(MINE, token).await.json()["items"][0]["id"], json!(id));
    }
    let all = [("person", "agency"), ("boxes", "shown"), ("child", &ids[2]), ("child", &ids[1]), ("scope", READ)];
    let code = sim.g_approve(&[], &all).await.code();
    let first = sim.g_exchange(&code, &[]).await.str("access_token");
    assert_eq!(sim.g(MINE, &first).await.json()["items"][0]["id"], json!(ids[2]), "the first tick is the one");
    let none = [("person", "agency"), ("boxes", "shown"), ("scope", READ)];
    let code = sim.g_approve(&[], &none).await.code();
    let none = sim.g_exchange(&code, &[]).await.str("access_token");
    assert!(sim.g(MINE, &none).await.json().get("items").is_none());
    let page = sim.get(
        "/accounts.google.com/o/oauth2/v2/auth",
        &[("response_type", "code"), ("client_id", "g-app"), ("redirect_uri", crate::harness::BACK), ("scope", READ)],
    );
    assert!(page.await.text.contains(&ids[1]), "the page lets a brand account be picked");
}

#[tokio::test]
async fn youtube_refuses_what_is_missing_unknown_or_not_allowed() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    let id = channels(&sim, "acme").await.remove(0);
    let cases = [
        ("channels?mine=true", "missingRequiredParameter"),
        ("channels?part=id", "missingRequiredParameter"),
        ("channels?part=snippet,shoes&mine=true", "unknownPart"),
        ("channels?part=id&mine=true&id=UC1", "incompatibleParameters"),
        ("videos?part=statistics", "missingRequiredParameter"),
    ];
    for (path, wanted) in cases {
        assert_eq!(reason(&sim.g(&format!("{DATA}/{path}"), &access).await), (400, json!(wanted)), "{path}");
    }
    let by_id = sim.g(&format!("{DATA}/channels?part=id&id={id}"), &access).await.json();
    assert_eq!(by_id["items"][0]["id"], json!(id));
    assert_eq!(
        sim.g(&format!("{DATA}/channels?part=id&forHandle=@acme"), &access).await.json()["items"][0]["id"],
        json!(id)
    );
    let code = sim.g_approve(&[("scope", NUMBERS)], &[]).await.code();
    let narrow = sim.g_exchange(&code, &[]).await.str("access_token");
    assert_eq!(reason(&sim.g(MINE, &narrow).await), (403, json!("insufficientPermissions")));
    let in_query = sim.get(&format!("{MINE}&access_token={access}"), &[]).await;
    assert_eq!(in_query.status, 401, "a token belongs in the header");
    assert_eq!(sim.g(&format!("{DATA}/shoes"), &access).await.status, 404);
}

#[tokio::test]
async fn youtube_counts_ten_thousand_units_a_day_of_the_project() {
    let sim = start().await;
    let (access, refresh) = sim.g_pair("acme").await;
    let (other, _) = sim.g_pair("agency").await;
    for _ in 0..20 {
        assert_eq!(sim.g(MINE, &access).await.status, 200);
    }
    assert_eq!(sim.event("google", "g-app", "quota_empty", json!({ "to": "3" })).await, 204);
    for token in [&access, &other, &access] {
        assert_eq!(sim.g(MINE, token).await.status, 200);
    }
    let over = sim.g(MINE, &other).await;
    assert_eq!(reason(&over), (403, json!("quotaExceeded")));
    assert_eq!(over.json()["error"]["errors"][0]["domain"], "youtube.quota");
    assert!(over.headers.keys().all(|name| name.as_str() != "retry-after"));
    sim.pass(22 * 3_600 - 1);
    let access = sim.g_refresh(&refresh).await.str("access_token");
    assert_eq!(sim.g(MINE, &access).await.status, 403, "midnight of UTC is no midnight there");
    sim.pass(1);
    assert_eq!(sim.g(MINE, &access).await.status, 200, "midnight in California is 08:00 UTC in winter");
    sim.sim("POST", "clock", json!({ "set": "2027-07-01T06:59:59Z" })).await;
    let (access, _) = sim.g_pair("acme").await;
    assert_eq!(sim.event("google", "", "quota_empty", json!({})).await, 204);
    assert_eq!(sim.g(MINE, &access).await.status, 403);
    sim.pass(1);
    assert_eq!(sim.g(MINE, &access).await.status, 200, "and 07:00 in summer");
}

#[tokio::test]
async fn youtube_tells_numbers_two_days_late() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    let path = format!(
        "{REPORT}?ids=channel==MINE&startDate=2026-11-15&endDate=2026-11-22&metrics=views,likes,subscribersGained"
    );
    let daily = sim.g(&format!("{path}&dimensions=day"), &access).await.json();
    assert_eq!(daily["columnHeaders"][0], json!({ "name": "day", "columnType": "DIMENSION", "dataType": "STRING" }));
    assert_eq!(daily["columnHeaders"][3]["name"], "subscribersGained");
    let rows = daily["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[5][0]), (6, &json!("2026-11-20")), "{daily}");
    let total = sim.g(&path, &access).await.json();
    let sum: i64 = rows.iter().map(|row| row[1].as_i64().unwrap()).sum();
    assert_eq!(total["rows"], json!([[sum, total["rows"][0][1], total["rows"][0][2]]]));
    let ahead = path.replace("2026-11-15", "2026-11-21");
    assert_eq!(sim.g(&ahead, &access).await.json()["rows"], json!([]));
    let cases = [
        (path.replace("&metrics=views,likes,subscribersGained", ""), (400, json!("required"))),
        (path.replace("likes", "shoes"), (400, json!("badRequest"))),
        (format!("{path}&dimensions=shoes"), (400, json!("badRequest"))),
        (path.replace("2026-11-15", "2026-12-01"), (400, json!("badRequest"))),
        (path.replace("2026-11-15", "yesterday"), (400, json!("badRequest"))),
        (path.replace("channel==MINE", "channel==UCother"), (403, json!("forbidden"))),
    ];
    for (path, wanted) in cases {
        assert_eq!(reason(&sim.g(&path, &access).await), wanted, "{path}");
    }
    let code = sim.g_approve(&[("scope", READ)], &[]).await.code();
    let narrow = sim.g_exchange(&code, &[]).await.str("access_token");
    assert_eq!(reason(&sim.g(&path, &narrow).await), (403, json!("insufficientPermissions")));
}

#[tokio::test]
async fn youtube_tells_videos_by_their_ids() {
    let sim = start().await;
    let (access, _) = sim.g_pair("acme").await;
    let details = sim.g(&format!("{DATA}/channels?part=contentDetails&mine=true"), &access).await.json();
    let uploads = details["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"].as_str().unwrap().to_owned();
    let listing =
        sim.g(&format!("{DATA}/playlistItems?part=contentDetails&playlistId={uploads}"), &access).await.json();
    let id = listing["items"][0]["contentDetails"]["videoId"].as_str().unwrap().to_owned();
    let videos = sim.g(&format!("{DATA}/videos?part=statistics&id={id},unknown0000"), &access).await.json();
    assert_eq!((videos["items"].as_array().unwrap().len(), &videos["items"][0]["id"]), (1, &json!(id)));
    assert!(videos["items"][0]["statistics"]["viewCount"].is_string());
}

#[tokio::test]
async fn youtube_events_happen_to_channels() {
    let sim = start().await;
    let id = channels(&sim, "acme").await.remove(0);
    let (access, refresh) = sim.g_pair("acme").await;
    let before = sim.g(MINE, &access).await.json()["items"][0]["snippet"].clone();
    assert_eq!(sim.event("google", &id, "rename", json!({ "to": "Acme Nova" })).await, 204);
    assert_eq!(sim.event("google", &id, "new_avatar", json!({})).await, 204);
    let after = sim.g(MINE, &access).await.json()["items"][0]["snippet"].clone();
    assert_eq!((&after["title"], &after["customUrl"]), (&json!("Acme Nova"), &json!("@acmenova")));
    assert_ne!(before["thumbnails"]["high"], after["thumbnails"]["high"]);
    assert_eq!(sim.event("google", &id, "suspend", json!({})).await, 204);
    let suspended = sim.g(MINE, &access).await;
    assert_eq!(reason(&suspended), (403, json!("authenticatedUserAccountSuspended")));
    assert_eq!(sim.event("google", &id, "delete", json!({})).await, 204);
    assert_eq!(reason(&sim.g(MINE, &access).await), (403, json!("authenticatedUserAccountClosed")));
    assert_eq!(sim.g_refresh(&refresh).await.status, 200, "the Google account lives on");
    assert_eq!(sim.event("google", &id, "revoke", json!({})).await, 422);
    let (hobby, _) = sim.g_pair("hobby").await;
    assert_eq!(reason(&sim.g(MINE, &hobby).await).1, json!("authenticatedUserAccountSuspended"));
    sim.fault("google", "profile", "wrong_person").await;
    let (agency, _) = sim.g_pair("agency").await;
    assert_eq!(sim.g(MINE, &agency).await.json()["items"][0]["snippet"]["title"], "Mallory Trading");
}
