//! Platforms that answer what their documents show (the examples of `platforms.yaml`), and no field that was not asked
//! for.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::stub::{Heard, answer};

/// A method by its issuer, a kind, and the platform's id of such an account.
pub(super) const ACCOUNTS: [(&str, &str, &str); 15] = [
    ("facebook", "page", "104857600000001"),
    ("facebook", "profile", "122100000000000001"),
    ("instagram", "instagram_business", "17841400000000001"),
    ("instagram-login", "instagram_business", "17841400000000005"),
    ("instagram-login", "instagram_creator", "17841400000000005"),
    ("x", "profile", "1600000000000000001"),
    ("threads", "profile", "24000000000000001"),
    ("linkedin", "profile", "aB3dE5fG7h"),
    ("linkedin", "organization", "9000001"),
    ("tiktok", "profile", "fake-union-0001"),
    ("tiktok-business", "profile", "-000fakeOpenId0001"),
    ("pinterest", "profile", "2783136121146000001"),
    ("youtube", "channel", "UCfakeChannel0000000001"),
    ("google_business", "location", "11"),
    ("reddit", "profile", "1fake1"),
];

struct Call {
    path: String,
    query: HashMap<String, String>,
}

impl Call {
    fn of(heard: &Heard) -> Self {
        let target = heard.line.split(' ').nth(1).expect("a target");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { path: path.to_owned(), query: serde_urlencoded::from_str(query).expect("a query") }
    }

    fn ask(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Those of an object's fields that `name` asks for; what is in brackets stands for itself.
    fn only(&self, name: &str, object: &Value) -> Value {
        let asked: Vec<&str> =
            self.ask(name).split(',').map(|f| f.split(['.', '{', '(']).next().expect("one")).collect();
        let all = object.as_object().expect("an object").iter();
        all.filter(|(field, _)| asked.contains(&field.as_str())).map(|(f, v)| (f.clone(), v.clone())).collect()
    }
}

/// Platforms that have everything to tell.
pub(super) fn full(heard: &Heard) -> Vec<u8> {
    let call = Call::of(heard);
    let body = profile(&call).or_else(|| numbers(&call)).unwrap_or_else(|| panic!("no such address: {}", heard.line));
    answer(200, body.to_string())
}

/// Platforms that have nothing of an account but who it is: it is new, or too small.
pub(super) fn little(heard: &Heard) -> Vec<u8> {
    let call = Call::of(heard);
    let body = nothing(&call).unwrap_or_else(|| {
        let mut body = profile(&call).unwrap_or_else(|| panic!("no such address: {}", heard.line));
        forget(&mut body);
        body
    });
    answer(200, body.to_string())
}

/// Takes away how many follow.
fn forget(value: &mut Value) {
    const FOLLOWERS: [&str; 6] =
        ["followers_count", "follower_count", "public_metrics", "subscribers", "subscriberCount", "firstDegreeSize"];
    match value {
        Value::Object(map) => {
            map.retain(|name, _| !FOLLOWERS.contains(&name.as_str()));
            map.values_mut().for_each(forget);
        }
        Value::Array(all) => all.iter_mut().for_each(forget),
        _ => {}
    }
}

fn graph(call: &Call) -> Option<Value> {
    let node = match call.path.strip_prefix("/graph.facebook.com/v26.0/")? {
        "104857600000001" => json!({"id": "104857600000001", "name": "Fjord Ceramics", "username": "fjordceramics",
            "link": "https://www.facebook.com/fjordceramics", "followers_count": 18_234, "fan_count": 17_950,
            "verification_status": "not_verified", "category": "Bakery",
            "picture": {"data": {"url": "https://scontent.example/p1.jpg?oe=6A000000"}}}),
        "me" => json!({"id": "122100000000000001", "name": "Fjord Ceramics",
            "picture": {"data": {"url": "https://scontent.example/u1.jpg?oe=6A000000"}}}),
        "17841400000000001" => json!({"id": "17841400000000001", "ig_id": 3_000_000_001_u64,
            "username": "fjord.ceramics", "name": "Fjord Ceramics", "followers_count": 9120, "follows_count": 310,
            "media_count": 482, "profile_picture_url": "https://scontent.example/ig1.jpg?oe=6A000000"}),
        _ => return None,
    };
    Some(call.only("fields", &node))
}

fn profile(call: &Call) -> Option<Value> {
    Some(match call.path.as_str() {
        "/graph.instagram.com/v26.0/me" => call.only(
            "fields",
            &json!({"id": "26000000000000001", "user_id": "17841400000000005", "username": "fjord.ceramics",
                "name": "Fjord Ceramics", "account_type": "BUSINESS", "followers_count": 40_211,
                "follows_count": 512, "media_count": 1033,
                "profile_picture_url": "https://scontent.example/ig5.jpg?oe=6A000000"}),
        ),
        "/graph.threads.net/v1.0/me" => call.only(
            "fields",
            &json!({"id": "24000000000000001", "username": "fjord.ceramics", "name": "Fjord Ceramics",
                "threads_profile_picture_url": "https://scontent.example/th1.jpg?oe=6A000000", "is_verified": false}),
        ),
        "/api.x.com/2/users/me" => {
            let user = json!({"id": "1600000000000000001", "name": "Fjord Ceramics", "username": "fjordceramics",
                "profile_image_url": "https://pbs.twimg.com/profile_images/1/fake_normal.jpg", "verified": true,
                "verified_type": "blue", "subscription_type": "PremiumPlus",
                "public_metrics": {"followers_count": 8123, "following_count": 402, "tweet_count": 2210}});
            json!({ "data": call.only("user.fields", &user) })
        }
        "/api.linkedin.com/v2/userinfo" => json!({"sub": "aB3dE5fG7h", "name": "Fjord Ceramics",
            "picture": "https://media.licdn.com/dms/image/v2/FAKE/1?e=1800000000&v=beta&t=fake"}),
        "/api.linkedin.com/v2/me" => json!({"vanityName": "fjord-ceramics"}),
        "/api.linkedin.com/rest/memberFollowersCount" => json!({"elements": [{"memberFollowersCount": 512}]}),
        "/api.linkedin.com/rest/organizationAcls" => json!({"paging": {"start": 0, "count": 100}, "elements": [
            {"role": "ADMINISTRATOR", "organization": "urn:li:organization:9000001", "state": "APPROVED"}]}),
        "/api.linkedin.com/rest/organizations/9000001" => organization(call),
        path if path.starts_with("/api.linkedin.com/rest/networkSizes/") => json!({"firstDegreeSize": 2_219_488}),
        "/open.tiktokapis.com/v2/user/info/" => {
            let user = json!({"open_id": "-000fakeOpenId0001", "union_id": "fake-union-0001",
                "avatar_url": "https://p16-sign.tiktokcdn.example/a.jpeg", "display_name": "Fjord Ceramics",
                "username": "fjordceramics", "is_verified": false, "profile_deep_link": "https://vm.tiktok.com/FAKE/",
                "follower_count": 51_200, "following_count": 77, "likes_count": 900_321, "video_count": 214});
            json!({"data": {"user": call.only("fields", &user)}, "error": {"code": "ok"}})
        }
        "/business-api.tiktok.com/open_api/v1.3/business/get/" if !call.query.contains_key("start_date") => {
            json!({"code": 0, "message": "OK", "data": {"username": "fjordbiz", "display_name": "Fjord Ceramics",
                "profile_image": "https://p16.example/b.jpeg", "followers_count": 12_000, "following_count": 12,
                "total_likes": 88_123, "videos_count": 91, "is_verified": true, "is_business_account": true}})
        }
        "/api.pinterest.com/v5/user_account" => json!({"account_type": "BUSINESS", "id": "2783136121146000001",
            "profile_image": "https://i.pinimg.com/280x280_RS/fa/ke/01.jpg", "username": "fjordceramics",
            "business_name": "Fjord Ceramics", "pin_count": 339, "follower_count": 1010, "following_count": 347}),
        "/www.googleapis.com/youtube/v3/channels" => json!({"items": [{"id": "UCfakeChannel0000000001",
            "snippet": {"title": "Fjord Ceramics", "customUrl": "@fjordceramics",
                "thumbnails": {"high": {"url": "https://yt3.ggpht.com/fake=s800"}}},
            "statistics": {"viewCount": "1203344", "subscriberCount": "15400", "hiddenSubscriberCount": false,
                "videoCount": "142"}}]}),
        "/mybusinessbusinessinformation.googleapis.com/v1/locations/11" => json!({"name": "locations/11",
            "title": "Fjord Ceramics",
            "metadata": {"mapsUri": "https://maps.example/?cid=11", "hasVoiceOfMerchant": true}}),
        "/oauth.reddit.com/api/v1/me" => json!({"id": "1fake1", "name": "fjordceramics",
            "icon_img": "https://styles.redditmedia.com/t5_fake/a.png?width=256&amp;s=fake", "is_suspended": false,
            "subreddit": {"title": "Fjord Ceramics", "subscribers": 12}}),
        _ => return graph(call),
    })
}

/// The picture comes only where it is decorated.
fn organization(call: &Call) -> Value {
    let mut all = json!({"id": 9_000_001, "localizedName": "Fjord Ceramics", "vanityName": "fjord-ceramics",
        "primaryOrganizationType": "NONE", "logoV2": {"original": "urn:li:digitalmediaAsset:FAKE"}});
    if call.ask("projection").contains("logoV2(original~:playableStreams)") {
        all["logoV2"]["original~"] = json!({"elements": [{"identifiers": [
            {"identifier": "https://media.licdn.com/dms/image/v2/FAKE/logo?e=1800000000&v=beta&t=fake"}]}]});
    }
    all
}

/// Who follows, by the facet that is asked for; 1000 followers, of whom not every age and country is told.
fn demographics(facet: &str) -> Value {
    let told = match facet {
        "age" => vec![("18-24", 300), ("25-34", 600)],
        "gender" => vec![("F", 620), ("M", 330), ("U", 50)],
        "country" => vec![("NO", 700), ("SE", 100)],
        "city" => vec![("Oslo, Oslo", 400)],
        odd => panic!("{odd}"),
    };
    let row = |(name, value)| json!({"dimension_values": [name], "value": value});
    let results: Vec<Value> = told.into_iter().map(row).collect();
    json!({"data": [{"name": "follower_demographics", "period": "lifetime", "total_value": {
        "breakdowns": [{"dimension_keys": [facet], "results": results}]}}]})
}

fn insights(call: &Call) -> Value {
    let total = !call.path.contains("/threads_insights") && call.ask("metric_type") == "total_value";
    let row = |name: &str| match name {
        "clicks" => json!({"name": name, "link_total_values": [{"value": 4, "link_url": "https://links.example"}]}),
        "likes" | "replies" | "reposts" | "quotes" | "followers_count" => {
            json!({"name": name, "total_value": {"value": 7}})
        }
        _ if total => json!({"name": name, "total_value": {"value": 7}}),
        _ => json!({"name": name, "values": [{"value": 7, "end_time": "2026-11-11T08:00:00+0000"}]}),
    };
    json!({"data": call.ask("metric").split(',').map(row).collect::<Vec<_>>()})
}

fn numbers(call: &Call) -> Option<Value> {
    let date = json!({"year": 2026, "month": 11, "day": 10});
    Some(match call.path.as_str() {
        path if path.ends_with("insights") && call.ask("metric") == "follower_demographics" => {
            let own = path.starts_with("/graph.threads.net/v1.0/24000000000000001/threads_insights");
            let asked = (call.ask("period"), call.ask("metric_type"));
            assert_eq!(asked, if own { ("", "") } else { ("lifetime", "total_value") });
            demographics(call.ask("breakdown"))
        }
        path if path.ends_with("insights") => insights(call),
        "/api.x.com/2/users/1600000000000000001/tweets" => json!({"meta": {"result_count": 1}, "data": [
            {"id": "1", "created_at": "2026-11-10T10:00:00.000Z", "public_metrics": {"impression_count": 90,
                "like_count": 8, "reply_count": 1, "retweet_count": 2, "quote_count": 0, "bookmark_count": 1}}]}),
        "/api.linkedin.com/rest/memberCreatorPostAnalytics" => {
            json!({"elements": [{"count": 5, "dateRange": {"start": date}}]})
        }
        "/api.linkedin.com/rest/organizationalEntityShareStatistics" => json!({"elements": [
            {"timeRange": {"start": 1_794_268_800_000_i64}, "totalShareStatistics": {"impressionCount": 15,
                "uniqueImpressionsCount": 9, "likeCount": 1, "commentCount": 1, "shareCount": 0, "clickCount": 2}}]}),
        "/open.tiktokapis.com/v2/video/list/" => json!({"error": {"code": "ok"}, "data": {"has_more": false,
            "videos": [{"id": "1", "create_time": 1_794_300_000, "view_count": 90, "like_count": 8,
                "comment_count": 1, "share_count": 0}]}}),
        "/business-api.tiktok.com/open_api/v1.3/business/get/" => json!({"code": 0, "data": {"metrics": [
            {"date": "2026-11-10", "video_views": 90, "reach": 70, "likes": 8, "comments": 1, "shares": 0}]}}),
        "/api.pinterest.com/v5/user_account/analytics" => json!({"all": {"daily_metrics": [
            {"date": "2026-11-10", "data_status": "READY",
                "metrics": {"IMPRESSION": 90, "SAVE": 3, "PIN_CLICK": 2, "OUTBOUND_CLICK": 1}}]}}),
        "/youtubeanalytics.googleapis.com/v2/reports" => report(call.ask("dimensions")),
        path if path.ends_with("/locations/11:fetchMultiDailyMetricsTimeSeries") => {
            let series =
                |name| json!({"dailyMetric": name, "timeSeries": {"datedValues": [{"date": date, "value": "3"}]}});
            json!({"multiDailyMetricTimeSeries": [{"dailyMetricTimeSeries": [
                series("BUSINESS_IMPRESSIONS_MOBILE_MAPS"), series("WEBSITE_CLICKS")]}]})
        }
        _ => return None,
    })
}

/// Percentages of viewers are of those whose age and gender are known.
fn report(dimensions: &str) -> Value {
    let table = |names: &[&str], rows: Value| {
        let headers: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
        json!({"columnHeaders": headers, "rows": rows})
    };
    match dimensions {
        "day" => table(&["day", "views", "likes", "comments", "shares"], json!([["2026-11-10", 120, 4, 0, 1]])),
        "ageGroup,gender" => table(
            &["ageGroup", "gender", "viewerPercentage"],
            json!([
                ["age18-24", "female", 20.5],
                ["age18-24", "male", 17],
                ["age25-34", "female", 49.5],
                ["age25-34", "male", 13.0]
            ]),
        ),
        "country" => table(&["country", "views"], json!([["SE", 40], ["NO", 120]])),
        odd => panic!("{odd}"),
    }
}

/// What platforms say that have nothing to tell.
fn nothing(call: &Call) -> Option<Value> {
    Some(match call.path.as_str() {
        path if path.ends_with("insights") => json!({"data": []}),
        "/api.x.com/2/users/1600000000000000001/tweets" => json!({"meta": {"result_count": 0}}),
        "/api.linkedin.com/rest/memberCreatorPostAnalytics"
        | "/api.linkedin.com/rest/organizationalEntityShareStatistics"
        | "/api.linkedin.com/rest/memberFollowersCount" => json!({"elements": []}),
        "/open.tiktokapis.com/v2/video/list/" => json!({"error": {"code": "ok"}, "data": {"has_more": false}}),
        "/business-api.tiktok.com/open_api/v1.3/business/get/" if call.query.contains_key("start_date") => {
            json!({"code": 0, "data": {"metrics": [{"date": "2026-11-10"}]}})
        }
        "/api.pinterest.com/v5/user_account/analytics" => json!({"all": {"daily_metrics": [
            {"date": "2026-11-10", "data_status": "PROCESSING"}], "summary_metrics": {}}}),
        "/youtubeanalytics.googleapis.com/v2/reports" if call.ask("dimensions") == "country" => {
            json!({"columnHeaders": [{"name": "country"}, {"name": "views"}]})
        }
        "/youtubeanalytics.googleapis.com/v2/reports" => json!({"columnHeaders": [], "rows": []}),
        path if path.ends_with(":fetchMultiDailyMetricsTimeSeries") => json!({}),
        _ => return None,
    })
}
