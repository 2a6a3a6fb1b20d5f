//! Story 2: an agency sends a link, its client connects, and takes one account back.

use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

use super::{
    Client, Link, VISIT, VISITS, accounts,
    form::{Visitor, form},
    kinds, told,
};

/// What story 2 asks for.
fn onboarding() -> Value {
    json!({"title": "Acme onboarding", "password": "our shared word", "expires_in": "P7D", "max_connections": 5,
        "items": [{"platform": "facebook", "kind": "page", "expected_name": "Acme"},
                  {"platform": "instagram", "expected_handle": "acme"}, {"platform": "linkedin", "kind": "organization"}],
        "allowed_platforms": ["facebook", "instagram", "linkedin"], "capabilities": ["publish", "analytics"],
        "recipient": {"email": "client@acme.example", "language": "en"},
        "branding": {"name": "North Agency", "color": "#0A5"},
        "client_ref": "client_7", "tags": ["Acme", "2026"],
        "notify": {"on": ["opened", "account_connected", "completed", "stuck"]}})
}

/// The word of each place's status.
fn states(visit: &Value) -> Vec<&str> {
    visit["items"].as_array().expect("items").iter().filter_map(|item| item["status"].as_str()).collect()
}

async fn enter(world: &World, link: &Link) -> Client {
    Client::with(world, json!({"token": link.secret(), "password": "our shared word"})).await
}

/// What a signed receipt says, if its signature is ours. The key is that of `GET /v1/meta/receipt-keys`.
fn verified(world: &World, jws: &str) -> Option<Value> {
    let key = DecodingKey::from_ed_components(&world.stack.services.edge.receipt_key()).expect("a key");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(jws, &key, &validation).ok().map(|read| read.claims)
}

async fn revoked(world: &World, platform: &str) -> usize {
    world.journal().await.iter().filter(|call| call["platform"] == platform && call["outcome"] == "revoked").count()
}

#[track_caller]
fn is_link(answer: &Answer) {
    let secret = answer.body["url"].as_str().and_then(|url| url.rsplit_once("/c/")).expect("an address").1;
    assert_eq!(secret.len(), 43, "256 bits");
    assert!(answer.body["qr_svg"].as_str().expect("a picture").starts_with("<svg"));
    assert!(answer.body["message"]["text"].as_str().expect("words").contains(secret));
    assert_eq!(answer.body["status"], "active");
}

/// S2-25: all of story 2, by the token of the visit.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_connects_what_a_link_asks_for_and_takes_it_back() {
    let world = World::start().await;
    let agency = world.member("ws_1", "manager");
    let path = "/v1/workspaces/ws_1/easyconnect-links";
    let made = agency.post(path, onboarding()).await;
    is_link(&made);
    let link = Link::of(&made, 201);
    assert_eq!(made.header("location"), Some(link.path().as_str()));
    assert_eq!((&made.body["expires_at"], &made.body["has_password"]), (&json!("2026-11-29T10:00:00Z"), &json!(true)));
    assert_eq!(made.body["progress"], json!({"done": 0, "of": 3}));
    assert_eq!(made.body["branding"]["color"], "#00aa55");

    // The client.
    let nobody = world.nobody();
    let asked = nobody.post(VISITS, json!({"token": link.secret()})).await;
    asked.is_problem(401, "link_password_wrong");
    assert_eq!(asked.body["requires_password"], true);
    assert_eq!(asked.body["link"], json!({"title": "Acme onboarding", "agency": "North Agency"}));
    assert_eq!(kinds(&world).len(), 0, "nobody opened it yet");
    let client = enter(&world, &link).await;
    let visit = client.visit().await;
    assert_eq!(states(&visit), ["open", "open", "open"]);
    assert_eq!((&visit["agency"], &visit["status"]), (&json!("North Agency"), &json!("active")));

    for (item, kind) in [(1, "page"), (2, "instagram_business"), (3, "organization")] {
        let id = client.consent(json!({"item": item}), "acme").await;
        assert_eq!(client.session(&id).await["status"], "awaiting_selection", "the client says which account it is");
        assert_eq!(accounts(&agency).await.len(), item - 1, "nothing is connected before");
        let offered = client.candidates(&id).await;
        let right = offered.iter().find(|c| c["selectable"] == true && c["kind"] == kind).expect("the account");
        let chosen = client.choose(&id, &[right["id"].as_str().expect("an id").to_owned()]).await;
        assert_eq!((chosen.status, &chosen.body["status"]), (200, &json!("completed")), "{}", chosen.text);
        assert_eq!(chosen.body["visit"]["progress"], json!({"done": item, "of": 3}));
    }
    let finished = client.caller.post(&format!("{VISIT}/finish"), json!({})).await;
    assert_eq!((finished.status, &finished.body["connected"]), (200, &json!(3)), "{}", finished.text);

    // The agency.
    assert_eq!(kinds(&world), ["opened", "account_connected", "account_connected", "account_connected", "completed"]);
    let link_now = link.now(&agency).await;
    assert_eq!((&link_now["status"], states(&link_now)), (&json!("completed"), vec!["connected"; 3]));
    let funnel = &link_now["funnel"];
    for (step, times) in [
        ("opened", 1),
        ("started", 3),
        ("consenting", 3),
        ("returned", 3),
        ("selected", 3),
        ("connected", 3),
        ("finished", 1),
        ("password_wrong", 0),
        ("withdrawn", 0),
    ] {
        assert_eq!(funnel[step], times, "{step}: {funnel}");
    }
    let all = accounts(&agency).await;
    assert_eq!(all.len(), 3);
    for account in &all {
        let account = agency.get(&format!("/v1/accounts/{}", account["id"].as_str().expect("an id"))).await.body;
        assert_eq!(account["connected_by"]["type"], "easyconnect", "{account}");
        assert_eq!(account["connected_by"]["id"], link.id.as_str());
        assert_eq!((&account["external_id"], &account["tags"]), (&json!("client_7"), &json!(["2026", "Acme"])));
        let shown = link_now["accounts"].as_array().expect("accounts").iter().any(|one| one["id"] == account["id"]);
        assert!(shown, "{link_now}");
    }
    let connected: Vec<Value> =
        told(&world).into_iter().filter(|(kind, _)| kind == "account_connected").map(|e| e.1).collect();
    let items: Vec<&Value> = connected.iter().map(|data| &data["item"]).collect();
    assert_eq!(items, [1, 2, 3]);
    assert!(connected.iter().all(|data| data["link_id"] == link.id.as_str() && data["client_ref"] == "client_7"));

    receipt_and_end(&world, &agency, &link, &client).await;
}

/// The second half: the receipt, a pause, a deletion, a reconnection, and what is taken back.
async fn receipt_and_end(world: &World, agency: &Caller, link: &Link, client: &Client) {
    let receipt = client.caller.get(&format!("{VISIT}/receipt")).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    let signed = receipt.body["jws"].as_str().expect("a signature");
    assert_eq!(verified(world, signed).as_ref(), Some(&receipt.body["receipt"]));
    assert_eq!(verified(world, &signed.replace('.', ".A")), None);
    let told = &receipt.body["receipt"];
    assert_eq!((&told["iss"], &told["asked_by"]), (&json!(world.product), &json!("North Agency")));
    let names: Vec<_> =
        told["connections"].as_array().expect("some").iter().map(|c| (&c["platform"], &c["name"])).collect();
    assert_eq!(json!(names), json!([["facebook", "Acme"], ["instagram", "Acme"], ["linkedin", "Acme"]]));

    // 58 days later one account needs a person: the same id after the consent.
    let page = accounts(agency).await.into_iter().find(|a| a["platform"] == "linkedin").expect("an account");
    let id = page["id"].as_str().expect("an id");
    world.advance(SignedDuration::from_hours(58 * 24));
    let asks = json!({"recipient": {"email": "client@acme.example"}, "expires_in": "P3D"});
    let again = agency.post(&format!("/v1/accounts/{id}/reconnect-link"), asks).await;
    is_link(&again);
    let again = Link::of(&again, 201);
    let other = Client::open(world, &again).await;
    let done = other.connect(json!({"item": 1}), "acme").await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(again.now(agency).await["status"], "completed");
    let account = agency.get(&format!("/v1/accounts/{id}")).await.body;
    assert_eq!((&account["lifecycle"], account["reconnected_at"].is_null()), (&json!("active"), false));
    assert_eq!(accounts(agency).await.len(), 3);

    let paused = again.patch(agency, json!({"enabled": false})).await;
    assert_eq!((paused.status, &paused.body["status"]), (200, &json!("disabled")), "{}", paused.text);
    other.caller.post(super::SESSIONS, json!({"item": 1})).await.is_problem(410, "link_disabled");

    // The client takes an account back.
    let before = revoked(world, "linkedin").await;
    let taken = other.withdraw(1).await;
    assert_eq!((taken.status, &taken.body["revocation"]["status"]), (202, &json!("revoked")), "{}", taken.text);
    assert!(revoked(world, "linkedin").await > before);
    let account = agency.get(&format!("/v1/accounts/{id}")).await.body;
    assert_eq!(account["lifecycle"], "disconnected");
    assert_eq!(again.now(agency).await["items"][0]["status"], "withdrawn");

    let deleted = agency.delete(&link.path()).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    agency.get(&link.path()).await.is_problem(404, "not_found");
    assert_eq!(accounts(agency).await.len(), 2, "the accounts stay");
    assert_eq!(send(agency.call(Method::GET, &again.path())).await.status, 200);
}

/// S2-25: the same by the pages: every step is a link or a form of the page before.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_through_by_links_and_forms_alone() {
    let world = World::start().await;
    let agency = world.owner("ws_1");
    let link = Link::make(&agency, onboarding()).await;
    let (visitor, home) = Visitor::land(&world, &link).await;
    assert_eq!(home.status, 200, "{}", home.text);
    for words in ["Acme onboarding", "North Agency", "Facebook", "Instagram", "LinkedIn"] {
        assert!(home.text.contains(words), "{words}: {}", home.text);
    }
    assert_eq!(kinds(&world).len(), 0);
    let wrong = visitor.press(&form(&home, "/c/start", &[]), &[("password", "a wrong word")]).await;
    assert_eq!(wrong.status, 401, "{}", wrong.text);
    let mut list = visitor.press(&form(&wrong, "/c/start", &[]), &[("password", "our shared word")]).await;
    assert_eq!((list.status, list.url.as_str()), (200, visitor.at("/c").as_str()), "{}", list.text);

    for item in ["1", "2", "3"] {
        list = visitor.connect(&list, &[("item", item)], "acme").await;
        assert_eq!(list.status, 200, "{}", list.text);
        assert!(list.text.contains("Acme"), "{}", list.text);
    }
    let receipt = visitor.press(&form(&list, "/c/finish", &[]), &[]).await;
    assert_eq!((receipt.status, receipt.url.as_str()), (200, visitor.at("/c/receipt").as_str()), "{}", receipt.text);
    assert_eq!(link.now(&agency).await["status"], "completed");
    assert_eq!(kinds(&world), ["opened", "account_connected", "account_connected", "account_connected", "completed"]);
    let file = visitor.open("/c/receipt.json").await;
    let file: Value = serde_json::from_str(&file.text).expect("JSON");
    let said = verified(&world, file["jws"].as_str().expect("a signature")).expect("ours");
    assert_eq!(said["connections"].as_array().map(Vec::len), Some(3));

    assert!(receipt.text.contains("/c/withdraw?item=3"), "{}", receipt.text);
    let sure = visitor.open("/c/withdraw?item=3").await;
    let before = revoked(&world, "linkedin").await;
    let done = visitor.press(&form(&sure, "/c/withdraw", &[]), &[]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(!done.text.contains("/c/withdraw?item=3"), "{}", done.text);
    assert!(revoked(&world, "linkedin").await > before);
    assert_eq!(link.now(&agency).await["funnel"]["withdrawn"], 1);
    assert_eq!(link.now(&agency).await["funnel"]["password_wrong"], 1);
}
