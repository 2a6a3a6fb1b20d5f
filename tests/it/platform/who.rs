//! What each of three people is offered: the agency with its many accounts, somebody who has only what platforms refuse,
//! and an analyst who may publish nowhere.

use serde_json::{Value, json};
use tests::World;

/// The agency's pages over three parts of its list and two portfolios; four of them it may not manage.
const AGENCY_PAGES: &str = "
    page | Fjord Ceramics | admin | can be chosen
    page | Nordlys Bakery | admin | can be chosen
    page | Harbour Books | admin | can be chosen
    page | Alpine Cycles | admin | can be chosen
    page | Lantern Theatre | admin | can be chosen
    page | Moss and Stone | analyst | insufficient_platform_role
    page | Copper Kettle | admin | can be chosen
    page | Tidewater Sailing | admin | can be chosen
    page | Birch Yoga | admin | can be chosen
    page | Atlas Coffee | moderator | insufficient_platform_role
    page | Juniper Florist | admin | can be chosen
    page | Old Mill Brewery | admin | can be chosen
    page | Quartz Dental | admin | can be chosen
    page | Riverside Vets | analyst | insufficient_platform_role
    page | Sundial Optics | admin | can be chosen
    page | Thistle Tailors | admin | can be chosen
    page | Umbra Records | admin | can be chosen
    page | Velvet Salon | admin | can be chosen
    page | Willow Nursery | admin | can be chosen
    page | Yarrow Clinic | admin | can be chosen
    page | Zephyr Kites | admin | can be chosen
    page | Ember Pizza | admin | can be chosen
    page | Granite Climbing | admin | can be chosen
    page | Heron Lodge | admin | can be chosen
    page | Indigo Prints | admin | can be chosen
    page | Kestrel Drones | moderator | insufficient_platform_role
    page | Larch Joinery | admin | can be chosen
    page | Meadow Dairy | admin | can be chosen
    page | Onyx Jewellers | admin | can be chosen
    page | Poppy Kindergarten | admin | can be chosen
";

/// The account that is linked to each of them, or that none is; a personal one is not told of by the platform.
const AGENCY_INSTAGRAM: &str = "
    instagram_business | Fjord Ceramics | admin | can be chosen
    instagram_business | Nordlys Bakery | admin | can be chosen
    page | Harbour Books | admin | instagram_not_linked
    instagram_business | Alpine Cycles | admin | can be chosen
    instagram_business | Lantern Theatre | admin | can be chosen
    page | Moss and Stone | analyst | instagram_not_linked
    instagram_business | Copper Kettle | admin | can be chosen
    instagram_business | Tidewater Sailing | admin | can be chosen
    page | Birch Yoga | admin | instagram_not_linked
    instagram_business | Atlas Coffee | moderator | insufficient_platform_role
    instagram_business | Juniper Florist | admin | can be chosen
    page | Old Mill Brewery | admin | instagram_not_linked
    instagram_business | Quartz Dental | admin | can be chosen
    instagram_business | Riverside Vets | analyst | insufficient_platform_role
    page | Sundial Optics | admin | instagram_not_linked
    instagram_business | Thistle Tailors | admin | can be chosen
    instagram_business | Umbra Records | admin | can be chosen
    page | Velvet Salon | admin | instagram_not_linked
    instagram_business | Willow Nursery | admin | can be chosen
    instagram_business | Yarrow Clinic | admin | can be chosen
    page | Zephyr Kites | admin | instagram_not_linked
    instagram_business | Ember Pizza | admin | can be chosen
    instagram_business | Granite Climbing | admin | can be chosen
    page | Heron Lodge | admin | instagram_not_linked
    instagram_business | Indigo Prints | admin | can be chosen
    instagram_business | Kestrel Drones | moderator | insufficient_platform_role
    page | Larch Joinery | admin | instagram_not_linked
    instagram_business | Meadow Dairy | admin | can be chosen
    instagram_business | Onyx Jewellers | admin | can be chosen
    page | Poppy Kindergarten | admin | instagram_not_linked
";

/// The agency's owner, and twelve organisations over three parts of their list; one whose role is only asked for or was
/// taken back is not told by name.
const AGENCY_LINKEDIN: &str = "
    profile | North Agency | - | can be chosen
    organization | North Agency | admin | can be chosen
    organization | Fjord Ceramics AS | admin | can be chosen
    organization | Nordlys Bakery | editor | can be chosen
    organization | Harbour Books | analyst | insufficient_platform_role
    organization | (its number) | - | insufficient_platform_role
    organization | Lantern Theatre | moderator | insufficient_platform_role
    organization | Moss and Stone | editor | can be chosen
    organization | (its number) | - | insufficient_platform_role
    organization | Tidewater Sailing | admin | can be chosen
    organization | Birch Yoga | analyst | insufficient_platform_role
    organization | (its number) | - | insufficient_platform_role
    organization | Juniper Florist | admin | can be chosen
";

const ANALYST_PAGES: &str = "
    page | Watched Company | analyst | insufficient_platform_role
    page | Watched Shop | analyst | insufficient_platform_role
";

const ANALYST_INSTAGRAM: &str = "
    instagram_business | Watched Company | analyst | insufficient_platform_role
    page | Watched Shop | analyst | instagram_not_linked
";

/// Of a member nobody else decides.
const ANALYST_LINKEDIN: &str = "
    profile | Ana Lyst | - | can be chosen
    organization | Watched Company | analyst | insufficient_platform_role
    organization | Watched Shop | analyst | insufficient_platform_role
";

const NO_CHANNEL: &str = "channel | A Google account without a channel | - | account_type_unsupported";

/// Platform, method, person, and what the attempt comes to.
#[rustfmt::skip]
const SEEN: [(&str, &str, &str, &str); 21] = [
    ("facebook", "facebook_login", "agency", AGENCY_PAGES),
    ("facebook", "facebook_login", "personal", "failed: no_pages_found"),
    ("facebook", "facebook_login", "analyst", ANALYST_PAGES),
    ("instagram", "facebook_login", "agency", AGENCY_INSTAGRAM),
    ("instagram", "facebook_login", "personal", "failed: no_pages_found"),
    ("instagram", "facebook_login", "analyst", ANALYST_INSTAGRAM),
    ("instagram", "instagram_login", "agency", "connected: instagram_business | North Agency | -"),
    ("instagram", "instagram_login", "personal", "failed: account_type_unsupported"),
    // Has no account of their own there.
    ("instagram", "instagram_login", "analyst", "cannot sign in"),
    ("linkedin", "linkedin_login", "agency", AGENCY_LINKEDIN),
    ("linkedin", "linkedin_login", "personal", "connected: profile | Pat Personal | -"),
    ("linkedin", "linkedin_login", "analyst", ANALYST_LINKEDIN),
    ("tiktok", "tiktok_login", "agency", "connected: profile | North Agency | -"),
    // Is banned.
    ("tiktok", "tiktok_login", "personal", "failed: account_restricted"),
    // There are no roles: whoever signs in may publish.
    ("tiktok", "tiktok_login", "analyst", "connected: profile | Ana Lyst | -"),
    ("tiktok", "tiktok_business", "agency", "connected: profile | North Agency | -"),
    ("tiktok", "tiktok_business", "personal", "failed: account_type_unsupported"),
    ("tiktok", "tiktok_business", "analyst", "connected: profile | Ana Lyst | -"),
    ("youtube", "google_login", "agency", "connected: channel | North Agency | -"),
    ("youtube", "google_login", "personal", NO_CHANNEL),
    ("youtube", "google_login", "analyst", NO_CHANNEL),
];

fn line(of: &Value, role: &str) -> String {
    let name = of["name"].as_str().expect("a name");
    let name = if name.bytes().all(|b| b.is_ascii_digit()) { "(its number)" } else { name };
    format!("{} | {name} | {}", of["kind"].as_str().expect("a kind"), of[role].as_str().unwrap_or("-"))
}

/// What a person's attempt comes to; `more` is ticked on the platform's page.
async fn seen(platform: &str, method: &str, person: &str, more: &[(&str, &str)]) -> String {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": platform, "method": method})).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let approve = [&[("person", person), ("decision", "approve")], more].concat();
    let Some(callback) = attempt.browser.submit(&authorize, &approve).await.location() else {
        assert_eq!(attempt.status().await, "consenting");
        return "cannot sign in".to_owned();
    };
    attempt.browser.open(callback.split('#').next().expect("an address")).await;
    let session = attempt.session().await;
    match session["status"].as_str() {
        Some("failed") => format!("failed: {}", session["error"]["code"].as_str().expect("a code")),
        Some("completed") => {
            let id = session["accounts"][0]["id"].as_str().expect("an id");
            let account = owner.get(&format!("/v1/accounts/{id}")).await.body;
            assert_eq!(session["accounts"].as_array().map(Vec::len), Some(1), "the only one");
            format!("connected: {}", line(&account, "platform_role"))
        }
        Some("awaiting_selection") => {
            let lines = attempt.candidates().await.into_iter().map(|candidate| {
                let reason = candidate["reason"].as_str();
                assert_eq!(candidate["selectable"], reason.is_none(), "{candidate}");
                let words = candidate["reason_detail"].as_str().expect("words");
                assert_eq!(words == "It can be connected.", reason.is_none(), "{candidate}");
                format!("{} | {}", line(&candidate, "role"), reason.unwrap_or("can be chosen"))
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        other => panic!("{other:?}: {session}"),
    }
}

/// S0-22, S1-37, S1-39, S1-42, S2-05, S3-22
#[tokio::test(flavor = "multi_thread")]
async fn each_of_three_people_sees_what_is_theirs_and_why_the_rest_cannot_be_chosen() {
    for (platform, method, person, wanted) in SEEN {
        let wanted: Vec<&str> = wanted.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let seen = seen(platform, method, person, &[]).await;
        assert_eq!(seen.lines().collect::<Vec<_>>(), wanted, "{person} at {platform} by {method}");
    }
}

/// S1-39: one consent is for one channel, and each of a brand's is reached by a consent of its own.
#[tokio::test(flavor = "multi_thread")]
async fn each_channel_of_a_brand_is_connected_by_a_consent_of_its_own() {
    let world = World::start().await;
    let people = world.steer(reqwest::Method::GET, "people", Value::Null).await;
    let agency = people["data"].as_array().expect("people").iter().find(|p| p["id"] == "agency").expect("the agency");
    let channels = agency["google"]["channels"].as_array().expect("channels");
    let titles: Vec<&str> = channels.iter().map(|channel| channel["title"].as_str().expect("a title")).collect();
    assert_eq!(titles, ["North Agency", "Fjord Ceramics", "Lantern Theatre"]);
    for channel in channels {
        let (id, title) = (channel["id"].as_str().expect("an id"), channel["title"].as_str().expect("a title"));
        let seen = seen("youtube", "google_login", "agency", &[("child", id)]).await;
        assert_eq!(seen, format!("connected: channel | {title} | -"));
    }
}
