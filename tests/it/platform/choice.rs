//! What a person is asked for, and what they can choose, where the methods differ.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::World;
use url::Url;

use super::life::way;

fn told(candidate: &Value) -> [&Value; 4] {
    ["kind", "handle", "role", "reason"].map(|key| &candidate[key])
}

/// S3-08, S3-31, S3-33: the member and each company page are choices of their own, and a page takes the role of somebody
/// who may post there.
#[tokio::test(flavor = "multi_thread")]
async fn a_linkedin_member_chooses_themselves_or_a_page_that_they_administer() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "linkedin"})).await;
    attempt.land("acme-team").await;
    let candidates = attempt.candidates().await;
    let lacks = json!("insufficient_platform_role");
    assert_eq!(
        candidates.iter().map(told).collect::<Vec<_>>(),
        [
            [&json!("profile"), &json!("acme-team"), &Value::Null, &Value::Null],
            [&json!("organization"), &json!("acme"), &json!("editor"), &Value::Null],
            [&json!("organization"), &json!("acme-archive"), &json!("analyst"), &lacks],
        ]
    );
    let page = candidates[1]["id"].as_str().expect("an id").to_owned();
    let chosen = attempt.select(&[page], true).await;
    assert_eq!(chosen.body["accounts"].as_array().map(Vec::len), Some(1), "{}", chosen.text);
    let accounts = owner.get("/v1/workspaces/ws_1/accounts").await.body;
    let [account] = accounts["data"].as_array().expect("accounts").as_slice() else { panic!("{accounts}") };
    assert_eq!((&account["kind"], &account["platform_role"]), (&json!("organization"), &json!("editor")), "{account}");
}

/// S0-24, S3-35: whoever wants numbers alone is not asked to let anybody post.
#[tokio::test(flavor = "multi_thread")]
async fn tiktok_is_asked_for_numbers_and_profile_alone_where_that_is_wanted() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (capabilities, more) in
        [(json!(["analytics"]), vec![]), (json!(["publish", "analytics"]), vec!["publish", "upload"])]
    {
        let ask = json!({"platform": "tiktok", "method": "tiktok_login", "capabilities": capabilities});
        let attempt = world.attempt(&owner, ask).await;
        let authorize = attempt.browser.press_continue(&attempt.start_url).await;
        let authorize = Url::parse(&authorize).expect("an address");
        let scope = authorize.query_pairs().find(|(name, _)| name == "scope").expect("scopes").1.into_owned();
        let wanted: BTreeSet<String> = ["user.info.basic", "user.info.profile", "user.info.stats", "video.list"]
            .map(str::to_owned)
            .into_iter()
            .chain(more.iter().map(|more| format!("video.{more}")))
            .collect();
        assert_eq!(scope.split(',').map(str::to_owned).collect::<BTreeSet<_>>(), wanted);
        let agreed = [("person", "acme"), ("decision", "approve")];
        let callback = attempt.browser.answer(authorize.as_str(), &agreed).await;
        attempt.browser.open(&callback).await;
        let session = attempt.session().await;
        let id = session["accounts"][0]["id"].as_str().unwrap_or_else(|| panic!("{session}"));
        let can = owner.get(&format!("/v1/accounts/{id}")).await.body["capabilities"].clone();
        assert_eq!(
            (&can["publish"]["available"], &can["analytics"]["available"]),
            (&json!(!more.is_empty()), &json!(true))
        );
    }
}

/// S1-43, S3-02, S4-20: each account of a platform where a consent is for one has a grant of its own.
#[tokio::test(flavor = "multi_thread")]
async fn several_accounts_of_a_platform_have_a_grant_each() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for way in [way("pinterest", "pinterest_login"), way("tiktok", "tiktok_login"), way("threads", "threads_login")] {
        let mut grants = BTreeSet::new();
        for person in ["acme", "mallory", "agency"] {
            let id = way.connect(&world, &owner, person).await.remove(0);
            grants.insert(world.grant_of(&owner, &id).await.id);
            way.leased(&world, &owner, &id).await;
        }
        assert_eq!(grants.len(), 3);
    }
}
