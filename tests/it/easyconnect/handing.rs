//! How a client's visit can go: to the wrong account, past what is optional, over its time, and back again.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, World};

use super::{
    Client, Link, SESSIONS, VISIT, VISITS, accounts, for_x,
    form::{Visitor, form},
    kinds, told,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn funnel(link: &Link, owner: &Caller) -> Value {
    link.now(owner).await["funnel"].clone()
}

/// S2-25: another account than the one that was expected is not connected, and the agency hears of it; whether the link
/// lets further accounts of that platform in or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_account_is_named_and_not_connected() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for allowed in [Value::Null, json!(["x", "facebook"])] {
        let asks = json!({"title": "Acme", "allowed_platforms": allowed, "client_ref": "client_7", "items": [
            {"platform": "x", "expected_handle": "@Acme"}, {"platform": "facebook", "kind": "page", "expected_name": "acme"}]});
        let link = Link::make(&owner, asks).await;
        let client = Client::open(&world, &link).await;
        let before = told(&world).len();
        for (item, platform, expected, got) in [(1, "x", "@acme", "mallory"), (2, "facebook", "acme", "mallorytrading")]
        {
            let id = client.consent(json!({"item": item}), "mallory").await;
            let session = client.session(&id).await;
            assert_eq!(session["status"], "failed", "{session}");
            let error = &session["error"];
            assert_eq!(error["code"], "account_mismatch");
            assert_eq!((&error["expected"], &error["got"]), (&json!(expected), &json!(got)));
            assert!(error["user_message"].as_str().is_some_and(|words| !words.is_empty()), "{error}");
            let (kind, data) = told(&world).pop().expect("an event");
            assert_eq!(
                (kind.as_str(), &data["code"], &data["item"]),
                ("stuck", &json!("account_mismatch"), &json!(item))
            );
            assert_eq!((&data["platform"], &data["client_ref"]), (&json!(platform), &json!("client_7")));
            let next = data["next_step"].as_str().expect("words");
            assert!(!next.is_empty());
        }
        assert_eq!(told(&world).len(), before + 2);
        assert_eq!(funnel(&link, &owner).await["dropped"], json!({"account_mismatch": 2}));
        assert_eq!(accounts(&owner).await.len(), 0);
        for item in [1, 2] {
            assert_eq!(client.connect(json!({"item": item}), "acme").await.status, 200);
        }
        assert_eq!(link.now(&owner).await["status"], "completed");
        for account in accounts(&owner).await {
            let id = account["id"].as_str().expect("an id");
            assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
        }
    }
}

/// S2-25: a person who declines, and a platform that fails, are counted; whoever wants to hear nothing hears nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_end_is_counted_and_told_where_it_is_wanted() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (wanted, events) in [(json!(["stuck"]), 1), (json!([]), 0)] {
        let mut asks = for_x();
        asks["notify"] = json!({"on": wanted});
        let link = Link::make(&owner, asks).await;
        let before = kinds(&world).len();
        let client = Client::open(&world, &link).await;
        let (id, start_url) = client.begin(json!({"item": 1})).await;
        let authorize = client.browser.press_continue(&start_url).await;
        let callback = client.browser.answer(&authorize, &[("person", "acme"), ("decision", "deny")]).await;
        client.browser.open(&callback).await;
        assert_eq!(client.session(&id).await["error"]["code"], "consent_denied");
        assert_eq!(kinds(&world).len() - before, events);
        let counted = funnel(&link, &owner).await;
        assert_eq!(counted["dropped"], json!({"consent_denied": 1}));
        assert_eq!((&counted["consenting"], &counted["returned"]), (&json!(1), &json!(0)), "{counted}");
    }
}

/// S2-25: a link is complete without what is optional, once; that can be connected all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_complete_without_what_is_optional() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let asks = json!({"title": "Acme", "items": [{"platform": "x", "optional": true}, {"platform": "facebook"}]});
    let link = Link::make(&owner, asks).await;
    let client = Client::open(&world, &link).await;
    assert_eq!(client.connect(json!({"item": 2}), "acme").await.status, 200);
    let now = link.now(&owner).await;
    assert_eq!((&now["status"], &now["progress"]), (&json!("completed"), &json!({"done": 1, "of": 2})));
    assert_eq!(now["completed_at"], tests::BEGINNING);
    assert_eq!(client.connect(json!({"item": 1}), "acme").await.status, 200);
    assert_eq!(kinds(&world), ["opened", "account_connected", "completed", "account_connected"]);
    // Another place makes it open again.
    let more = json!([{"platform": "x", "optional": true}, {"platform": "facebook"}, {"platform": "reddit"}]);
    let changed = link.patch(&owner, json!({"items": more})).await;
    assert_eq!((changed.status, &changed.body["status"]), (200, &json!("active")), "{}", changed.text);
    assert_eq!(changed.body["items"][1]["status"], "connected");
}

/// S2-25: one consent fills as many places as fit it, each account its own.
#[tokio::test(flavor = "multi_thread")]
async fn one_consent_fills_every_place_that_fits_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = |name: &str| json!({"platform": "facebook", "expected_name": name});
    let asks = json!({"title": "Fjord", "items": [page("Onyx Jewellers"), page("fjord  CERAMICS"), {"platform": "x"}]});
    let link = Link::make(&owner, asks).await;
    let client = Client::open(&world, &link).await;
    let id = client.consent(json!({"item": 2}), "agency").await;
    let offered = client.candidates(&id).await;
    let open: Vec<&Value> = offered.iter().filter(|c| c["selectable"] == true).collect();
    let mut names: Vec<&str> = open.iter().filter_map(|c| c["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Fjord Ceramics", "Onyx Jewellers"]);
    let strangers = offered.iter().filter(|c| c["reason"] == "account_mismatch").count();
    assert!(strangers > 20, "{strangers}");
    let stranger = offered.iter().find(|c| c["reason"] == "account_mismatch").expect("one");
    let stranger = stranger["id"].as_str().expect("an id").to_owned();
    let refused = client.choose(&id, &[stranger]).await;
    assert!(["account_mismatch", "candidate_not_selectable"].contains(&refused.body["code"].as_str().expect("a code")));
    let ids = client.selectable(&id).await;
    assert_eq!(client.choose(&id, &ids).await.status, 200);
    let now = link.now(&owner).await;
    assert_eq!(
        (&now["items"][0]["name"], &now["items"][1]["name"]),
        (&json!("Onyx Jewellers"), &json!("Fjord Ceramics"))
    );
    assert_eq!(now["progress"], json!({"done": 2, "of": 3}));
}

/// S2-25: a link whose time is over is told of once; given more time, once more.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_link_is_told_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let asks = json!({"title": "Acme", "expires_in": "PT1H", "items": [{"platform": "x"}]});
    let link = Link::make(&owner, asks.clone()).await;
    let paused = Link::make(&owner, asks.clone()).await;
    let deleted = Link::make(&owner, asks.clone()).await;
    let done = Link::make(&owner, asks).await;
    assert_eq!(paused.patch(&owner, json!({"enabled": false})).await.status, 200);
    assert_eq!(owner.delete(&deleted.path()).await.status, 204);
    assert_eq!(Client::open(&world, &done).await.connect(json!({"item": 1}), "acme").await.status, 200);
    let expired =
        |world: &World| told(world).into_iter().filter(|(kind, _)| kind == "expired").map(|e| e.1).collect::<Vec<_>>();
    world.advance(SignedDuration::from_mins(59));
    world.job("sweep").await;
    assert_eq!(expired(&world).len(), 0);
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(link.now(&owner).await["status"], "expired");
    for _ in 0..3 {
        world.job("sweep").await;
        world.advance(SignedDuration::from_mins(5));
    }
    let events = expired(&world);
    assert_eq!((events.len(), &events[0]["link_id"], &events[0]["connections"]), (1, &json!(link.id), &json!(0)));

    let longer = link.patch(&owner, json!({"expires_in": "P1D"})).await;
    assert_eq!((longer.status, &longer.body["status"]), (200, &json!("active")), "{}", longer.text);
    Client::open(&world, &link).await;
    world.advance(DAY);
    world.job("sweep").await;
    assert_eq!(expired(&world).len(), 2);
    for lifetime in ["PT59M", "P91D", "P-1D", "soon"] {
        link.patch(&owner, json!({"expires_in": lifetime})).await.is_problem(422, "validation_failed");
    }
}

/// S2-25: a client asks for a fresh link once a day, and is answered alike each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_link_is_asked_for_once_a_day() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, json!({"title": "Acme", "expires_in": "PT1H"})).await;
    world.advance(SignedDuration::from_hours(2));
    let nobody = world.nobody();
    let path = "/v1/public/easyconnect/fresh-link";
    let asked = |world: &World| told(world).into_iter().filter(|(kind, _)| kind == "fresh_link_requested").count();
    for _ in 0..3 {
        assert_eq!(nobody.post(path, json!({"token": link.secret()})).await.status, 202);
    }
    let (visitor, page) = Visitor::land(&world, &link).await;
    assert_eq!(visitor.press(&form(&page, "/c/fresh", &[]), &[]).await.status, 200);
    assert_eq!(asked(&world), 1);
    assert_eq!(told(&world).pop().expect("one").1["status"], "expired");
    let now = link.now(&owner).await;
    assert_eq!(
        (&now["funnel"]["fresh_link_requested"], &now["fresh_link_requested_at"]),
        (&json!(1), &json!("2026-11-22T12:00:00Z"))
    );
    world.advance(DAY);
    let (visitor, page) = Visitor::land(&world, &link).await;
    assert_eq!(visitor.press(&form(&page, "/c/fresh", &[]), &[]).await.status, 200);
    assert_eq!((asked(&world), funnel(&link, &owner).await["fresh_link_requested"].clone()), (2, json!(2)));
    nobody.post(path, json!({"token": "unknown"})).await.is_problem(404, "not_found");
}

/// S2-25: another address for the same link, five at most; the ones before go on until all are replaced.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_sent_again_until_its_addresses_are_replaced() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, for_x()).await;
    let client = Client::open(&world, &link).await;
    let mut sent = vec![link.clone()];
    for n in 0..4 {
        let to = json!({"recipient": {"name": format!("Client {n}"), "language": "de"}});
        let again = owner.post(&format!("{}/send", link.path()), to).await;
        assert_eq!(
            (&again.body["recipient"]["name"], &again.body["message"]["language"]),
            (&json!(format!("Client {n}")), &json!("de"))
        );
        sent.push(Link::of(&again, 200));
    }
    let opens = async |link: &Link| world.nobody().post(VISITS, json!({"token": link.secret()})).await.status;
    for link in &sent {
        assert_eq!(opens(link).await, 201);
    }
    sent.push(Link::of(&owner.post(&format!("{}/send", link.path()), json!({})).await, 200));
    assert_eq!(opens(&sent[0]).await, 404, "the oldest of six");
    client.visit().await;
    let rotated = Link::of(&owner.post(&format!("{}/rotate", link.path()), json!({})).await, 200);
    for link in &sent {
        assert_eq!(opens(link).await, 404);
    }
    client.caller.get(VISIT).await.is_problem(404, "not_found");
    client.caller.post(SESSIONS, json!({"item": 1})).await.is_problem(404, "not_found");
    assert_eq!((opens(&rotated).await, rotated.id), (201, link.id.clone()));
    assert_eq!(owner.delete(&link.path()).await.status, 204);
    owner.post(&format!("{}/send", link.path()), json!({})).await.is_problem(404, "not_found");
}

/// S2-25: the receipt has an address of its own, by which a client takes an account back though the link was deleted.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_taken_back_after_the_link_was_deleted() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, for_x()).await;
    let client = Client::open(&world, &link).await;
    assert_eq!(client.connect(json!({"item": 1}), "acme").await.status, 200);
    let id = accounts(&owner).await[0]["id"].as_str().expect("an id").to_owned();
    let finished = client.caller.post(&format!("{VISIT}/finish"), json!({})).await;
    let receipt = finished.body["receipt_url"].as_str().expect("an address").to_owned();
    assert!(!receipt.contains(link.secret()) && receipt.starts_with(&world.product), "{receipt}");
    assert_eq!(owner.delete(&link.path()).await.status, 204);
    client.caller.get(VISIT).await.is_problem(404, "not_found");
    world.advance(DAY * 30);

    let visitor = Visitor { world: &world, browser: world.browser() };
    let page = visitor.browser.go(&receipt).await;
    assert_eq!((page.status, page.url.as_str()), (200, visitor.at("/c/receipt").as_str()), "{}", page.text);
    assert!(page.text.contains("@acme"), "{}", page.text);
    // It leads to the receipt, and connects nothing.
    let token = receipt.rsplit('/').next().expect("a token");
    assert!(world.nobody().post(VISITS, json!({"token": token})).await.status >= 400);
    let home = visitor.browser.go(&visitor.at("/c")).await;
    assert_eq!(home.url, visitor.at("/c/receipt"));
    let sure = visitor.open("/c/withdraw?item=1").await;
    let confirm = form(&sure, "/c/withdraw", &[]);
    let csrf = confirm.fields.iter().find(|(name, _)| name == "csrf").expect("a token").1.clone();
    for path in ["/c/start", "/c/connect", "/c/finish"] {
        let page = visitor.browser.submit(&visitor.at(path), &[("csrf", &csrf), ("item", "1")]).await;
        assert!(page.status >= 400, "{path}: {}", page.status);
    }
    assert_eq!(visitor.press(&confirm, &[]).await.status, 200);
    assert_eq!(owner.get(&format!("/v1/accounts/{id}")).await.body["lifecycle"], "disconnected");
    assert_eq!(world.count("revoked").await, 2, "the access and the refresh token");
    world.advance(DAY * 370);
    assert_eq!(visitor.browser.open(&receipt).await.status, 404);
}

/// S2-25: what was disconnected by others, or is allowed by somebody else meanwhile, is not the client's to end.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_ends_what_they_allowed_and_nothing_else() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, json!({"title": "Acme", "allowed_platforms": ["facebook", "x"]})).await;
    let client = Client::open(&world, &link).await;
    assert_eq!(client.connect(json!({"platform": "facebook"}), "acme").await.status, 200);
    assert_eq!(client.connect(json!({"platform": "x"}), "acme").await.status, 200);
    let all = accounts(&owner).await;
    let page = all.iter().find(|account| account["platform"] == "facebook").expect("a page");
    let x = all.iter().find(|account| account["platform"] == "x").expect("a profile")["id"].as_str().expect("an id");
    let same = json!({"id": page["platform_account_id"], "name": "Acme", "username": "acme", "tasks": ["MANAGE"]});
    world.add_person(json!({"id": "second", "name": "Second Admin", "facebook": {"pages": [same]}})).await;
    let id = page["id"].as_str().expect("an id");
    assert_eq!(world.connect(&owner, "facebook", "second").await, [id]);
    let taken = client.withdraw(1).await;
    assert_eq!((taken.status, &taken.body["revocation"]["status"]), (202, &Value::Null), "{}", taken.text);
    assert_eq!(owner.get(&format!("/v1/accounts/{id}")).await.body["lifecycle"], "active");

    assert_eq!(owner.post(&format!("/v1/accounts/{x}/disconnect"), json!({})).await.status, 200);
    let revoked = world.count("revoked").await;
    for _ in 0..2 {
        let taken = client.withdraw(2).await;
        assert_eq!((taken.status, &taken.body["revocation"]["status"]), (202, &Value::Null), "{}", taken.text);
    }
    assert_eq!(world.count("revoked").await, revoked);
    assert_eq!(funnel(&link, &owner).await["withdrawn"], 2);
    client.withdraw(3).await.is_problem(404, "not_found");
    // And it can be connected once more.
    assert_eq!(client.connect(json!({"item": 2}), "acme").await.status, 200);
    assert_eq!(owner.get(&format!("/v1/accounts/{x}")).await.body["lifecycle"], "active");
    assert_eq!(link.now(&owner).await["items"][1]["status"], "connected");
}
