//! Budgets and balances that are used up, and what tells of them.

use serde_json::{Value, json};

use crate::harness::{Reply, Sim};

fn usage(reply: &Reply, name: &str) -> Value {
    serde_json::from_str(reply.header(name)).unwrap_or_else(|_| panic!("no {name}: {reply:?}"))
}

#[tokio::test]
async fn facebook_refuses_an_app_without_a_budget_until_the_hour_ends() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    for account in ["1001", "acme"] {
        assert_eq!(sim.event("facebook", account, "quota_empty", json!({})).await, 204);
        let refused = sim.graph("me", &user, &[]).await;
        assert_eq!(refused.graph_error(), (400, 4, None));
        assert!(usage(&refused, "x-app-usage")["call_count"].as_u64() >= Some(100));
        let other = sim.graph("1002", "1002|1002-secret", &[]).await;
        assert_eq!(other.status, 200, "another app has its own");
        sim.pass(3_600);
        let served = sim.graph("me", &user, &[]).await;
        assert_eq!((served.status, usage(&served, "x-app-usage")["call_count"].as_u64()), (200, Some(0)));
    }
    assert_eq!(sim.event("facebook", "nobody", "quota_empty", json!({})).await, 404);
}

#[tokio::test]
async fn facebook_tells_a_pages_use_under_its_portfolio_and_refuses_it_until_the_day_ends() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (page, token) = sim.fb_page(&user).await;
    let people = sim.get("/_sim/people", &[]).await.json();
    let owner = people["data"][0]["facebook"]["pages"][0]["owned_by"].as_str().unwrap_or(&page).to_owned();
    let told = usage(&sim.graph(&page, &token, &[]).await, "x-business-use-case-usage");
    assert_eq!((&told[&owner][0]["type"], &told[&owner][0]["call_count"]), (&json!("pages"), &json!(0)));
    assert_eq!(sim.event("facebook", &page, "quota_empty", json!({})).await, 204);
    let refused = sim.graph(&page, &token, &[]).await;
    assert_eq!(refused.graph_error(), (400, 32, None));
    let told = usage(&refused, "x-business-use-case-usage");
    assert_eq!(
        (&told[&owner][0]["call_count"], &told[&owner][0]["estimated_time_to_regain_access"]),
        (&json!(100), &json!(840))
    );
    assert_eq!(sim.graph("me", &user, &[]).await.status, 200, "the person's budget is another");
    sim.pass(14 * 3_600);
    assert_eq!(sim.graph(&page, &token, &[]).await.status, 200);
}

#[tokio::test]
async fn instagram_refuses_an_account_without_a_budget_until_the_day_ends() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    assert_eq!(sim.event("instagram", "acme", "quota_empty", json!({})).await, 204);
    assert_eq!(sim.ig("me", &long, &[]).await.graph_error(), (403, 80_002, None));
    sim.pass(14 * 3_600);
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200);

    let user = sim.fb_ig("acme").await;
    let people = sim.get("/_sim/people", &[]).await.json();
    let id = people["data"][0]["instagram"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(sim.event("facebook", &id, "quota_empty", json!({})).await, 204);
    assert_eq!(sim.graph(&id, &user, &[]).await.graph_error(), (403, 80_002, None));
}

#[tokio::test]
async fn x_answers_nothing_for_an_empty_balance() {
    let sim = Sim::start().await;
    let (access, refresh) = sim.x_pair("acme").await;
    assert_eq!(sim.x_me(&access, "").await.status, 200);
    assert_eq!(sim.event("x", "", "quota_empty", json!({})).await, 204);
    let refused = sim.x_me(&access, "").await;
    assert_eq!((refused.status, refused.str("title").as_str()), (402, "CreditsDepleted"));
    assert_eq!(sim.x_refresh(&refresh).await.status, 200, "a login costs nothing");
    assert_eq!(sim.event("x", "", "quota_empty", json!({ "to": "a lot" })).await, 400);
    assert_eq!(sim.event("x", "", "quota_empty", json!({ "to": "1" })).await, 204);
    assert_eq!(sim.x_me(&access, "").await.status, 200);
}

#[tokio::test]
async fn x_takes_its_price_for_a_profile_and_a_post_once_a_day() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let id = sim.x_me(&access, "").await.json()["data"]["id"].as_str().unwrap().to_owned();
    sim.pass(86_400);
    let (access, _) = sim.x_pair("acme").await;
    let posts = async || {
        let url = sim.url(&format!("/api.x.com/2/users/{id}/tweets?max_results=5"));
        sim.send(sim.http.get(url).bearer_auth(&access)).await.status
    };
    // A profile is a cent, five posts are two and a half.
    sim.event("x", "", "quota_empty", json!({ "to": "0.0399" })).await;
    for _ in 0..3 {
        assert_eq!((sim.x_me(&access, "").await.status, posts().await), (200, 200));
    }
    sim.pass(3_600);
    assert_eq!(sim.x_me(&access, "").await.status, 200, "the same on the same day is free");
    let (other, _) = sim.x_pair("agency").await;
    assert_eq!(sim.x_me(&other, "").await.status, 402);
    sim.event("x", "", "quota_empty", json!({ "to": "0.01" })).await;
    assert_eq!((sim.x_me(&other, "").await.status, sim.x_me(&other, "").await.status), (200, 402));
}

#[tokio::test]
async fn facebook_refuses_a_wrong_proof_of_the_apps_secret() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let hex = |secret: &str| crate::receiver::hex(&crate::receiver::mac(secret, &user));
    let (right, wrong) = (hex("1001-secret"), hex("1002-secret"));
    assert_eq!(sim.graph("me", &user, &[("appsecret_proof", &right)]).await.status, 200);
    let refused = sim.graph("me", &user, &[("appsecret_proof", &wrong)]).await;
    assert_eq!(refused.graph_error(), (400, 100, None));
    assert!(refused.text.contains("Invalid appsecret_proof"));
}
