//! Whoever asks Meta that their data be deleted is not to be found here any more.

use domain::Grant;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Caller, World,
    notice::{FACEBOOK, INSTAGRAM, meta, payload},
    send,
};

use super::later;

const NAME: &str = "Ida Marie Solberg";

/// Ida, who manages two pages at Facebook.
async fn ida(world: &World) {
    let page = |id: &str, name: &str| json!({"id": id, "name": name, "tasks": ["MANAGE"]});
    let pages = [page("901", "Nordlys Bakery"), page("902", "Nordlys Catering")];
    world.add_person(json!({"id": "ida", "name": NAME, "facebook": {"pages": pages}})).await;
}

/// Her pages in a workspace, and the consent that they hang on.
async fn connected(world: &World, owner: &Caller) -> (Vec<String>, Grant) {
    let pages = world.connect(owner, "facebook", "ida").await;
    let grant = world.grant_of(owner, &pages[0]).await;
    assert_eq!((pages.len(), grant.person.name.as_str()), (2, NAME));
    (pages, grant)
}

async fn ask(world: &World, person: &str) -> Answer {
    let sent = meta("facebook", "data-deletion", FACEBOOK, &payload(person, world.now()));
    world.notify(&sent).await
}

/// Where the table names somebody.
async fn named(world: &World, texts: &[&str]) -> Vec<String> {
    let table = world.dump().await;
    let names = |item: &Value| texts.iter().any(|text| item.to_string().contains(text));
    table
        .into_iter()
        .filter(|(key, item)| names(item) || texts.iter().any(|text| key.contains(text)))
        .map(|(key, _)| key)
        .collect()
}

fn path(world: &World, url: &Value) -> String {
    url.as_str().and_then(|url| url.strip_prefix(&world.product)).expect("our own address").to_owned()
}

/// CHK-S5, S0-66: her consents end in every workspace, at once, without a call to the platform; her name and id are
/// nowhere, and what others have stays.
#[tokio::test(flavor = "multi_thread")]
async fn who_wants_it_is_erased_from_every_workspace() {
    let world = World::start().await;
    ida(&world).await;
    let (one, two) = (world.owner("ws_1"), world.owner("ws_2"));
    let (pages, grant) = connected(&world, &one).await;
    let (more, second) = connected(&world, &two).await;
    let acme = world.connect(&one, "facebook", "acme").await.remove(0);
    let untouched = world.grant_of(&one, &acme).await;
    later(&world, 60);
    let calls = world.journal().await.len();
    let id = grant.person.id.as_str();
    let asked = ask(&world, id).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let code = asked.body["confirmation_code"].as_str().expect("a code");
    assert!(code.len() == 43 && !asked.text.contains(id), "{}", asked.text);
    let again = ask(&world, id).await;
    assert_eq!((again.status, &again.body), (200, &asked.body));
    for page in &pages {
        world.lease(&one, page).await.is_problem(409, "connection_expired");
    }
    let status = path(&world, &asked.body["url"]);
    let read = world.nobody().get(&status).await;
    let requested = world.now().to_string();
    assert_eq!(
        (read.status, read.body),
        (200, json!({"status": "pending", "requested_at": requested, "completed_at": null}))
    );

    later(&world, 60);
    assert_eq!(world.job("sweep").await["notices"], 1);
    assert_eq!(named(&world, &[id, NAME]).await, Vec::<String>::new());
    for (owner, pages) in [(&one, &pages), (&two, &more)] {
        for page in pages {
            let account = owner.get(&format!("/v1/accounts/{page}")).await.body;
            assert_eq!((&account["lifecycle"], &account["grant"]), (&json!("disconnected"), &Value::Null), "{account}");
            assert_eq!(world.kinds(page), ["account.connected", "account.expired", "account.disconnected"]);
            assert_eq!(world.told(page)[2].1["data"]["reason"], "data_deletion");
        }
    }
    for ended in [grant.id, second.id] {
        assert!(world.grant(ended).await.is_none());
    }
    assert_eq!(world.journal().await.len(), calls, "the platform asked for it and is told nothing");
    assert_eq!(world.grant(untouched.id).await, Some(untouched));
    let read = world.nobody().get(&status).await;
    assert_eq!((&read.body["status"], &read.body["completed_at"]), (&json!("done"), &json!(world.now())));
    assert_eq!(world.job("sweep").await["notices"], 0);
}

/// S0-66: where the account is the person, it goes with them.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_the_person_is_removed() {
    let world = World::start().await;
    let own = json!([{"username": "ida.solberg", "name": NAME}]);
    world.add_person(json!({"id": "ida", "name": NAME, "instagram": own})).await;
    let owner = world.owner("ws_1");
    let direct = json!({"platform": "instagram", "method": "instagram_login"});
    let id = world.consent(&owner, direct, "ida").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let person = world.grant_of(&owner, &id).await.person;
    let now = later(&world, 60);
    let asked = world.notify(&meta("instagram", "data-deletion", INSTAGRAM, &payload(&person.id, now))).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    world.job("sweep").await;
    owner.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
    assert_eq!(named(&world, &[&person.id, &person.name, "ida.solberg"]).await, Vec::<String>::new());
    assert_eq!(world.kinds(&id).last().map(String::as_str), Some("account.removed"));
}

/// S0-66: what was disconnected long ago, is being revoked, or waits to be chosen from names her too.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_living_consent_leads_to_is_found() {
    let world = World::start().await;
    ida(&world).await;
    let (one, two) = (world.owner("ws_1"), world.owner("ws_2"));
    let (pages, grant) = connected(&world, &one).await;
    for page in &pages {
        one.post(&format!("/v1/accounts/{page}/disconnect"), json!({})).await;
    }
    world.fault(json!({"platform": "facebook", "route": "revoke", "kind": "status:500"})).await;
    let (more, revoking) = connected(&world, &two).await;
    for page in &more {
        two.post(&format!("/v1/accounts/{page}/disconnect"), json!({})).await;
    }
    assert!(world.grant(revoking.id).await.is_some(), "the platform is still to be told");
    let waiting = world.consent(&one, json!({"platform": "facebook"}), "ida").await;
    assert_eq!(waiting["status"], "awaiting_selection");
    let id = grant.person.id.as_str();
    assert!(named(&world, &[id, NAME]).await.len() >= 6, "{:?}", named(&world, &[id, NAME]).await);
    later(&world, 20);
    let calls = world.journal().await.len();
    assert_eq!(ask(&world, id).await.status, 200);
    assert_eq!(world.job("sweep").await["notices"], 1);
    assert_eq!(named(&world, &[id, NAME]).await, Vec::<String>::new());
    assert_eq!(world.journal().await.len(), calls);
    for (owner, page) in [(&one, &pages[0]), (&two, &more[0])] {
        assert_eq!(owner.get(&format!("/v1/accounts/{page}")).await.body["lifecycle"], "disconnected");
    }
}

/// A process that dies after its answer, or finds the consent held, leaves the rest due.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_erased_at_once_is_erased_later() {
    let world = World::start().await;
    ida(&world).await;
    let owner = world.owner("ws_1");
    let (_, grant) = connected(&world, &owner).await;
    let now = later(&world, 60);
    let held = world.stack.services.store.hold(grant.id, None, now).await.expect("the table");
    assert!(held.is_some());
    let asked = ask(&world, &grant.person.id).await;
    let status = path(&world, &asked.body["url"]);
    later(&world, 1);
    assert_eq!(world.job("sweep").await["notices"], 0);
    assert_eq!(world.nobody().get(&status).await.body["status"], "pending");
    assert!(world.grant(grant.id).await.is_some(), "whoever holds it may write tokens");
    later(&world, 60);
    world.job("sweep").await;
    later(&world, 60);
    world.job("sweep").await;
    assert_eq!(world.nobody().get(&status).await.body["status"], "done");
    assert_eq!(named(&world, &[&grant.person.id, NAME]).await, Vec::<String>::new());
}

/// Who consents again after the wish has a new consent.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_after_the_wish_stays() {
    let world = World::start().await;
    ida(&world).await;
    let owner = world.owner("ws_1");
    let (pages, before) = connected(&world, &owner).await;
    later(&world, 60);
    let asked = ask(&world, &before.person.id).await;
    later(&world, 10);
    let (same, grant) = connected(&world, &owner).await;
    assert_eq!(same, pages);
    world.job("sweep").await;
    assert_eq!(world.nobody().get(&path(&world, &asked.body["url"])).await.body["status"], "done");
    for page in &pages {
        assert_eq!(world.lease(&owner, page).await.status, 201);
    }
    assert_eq!(world.grant(grant.id).await.map(|grant| grant.person), Some(grant.person));
}

/// CHK-S5: a code is told to nobody else, and says nothing of anybody; of a person who is not here there is one too.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_shows_how_far_it_is_and_nothing_else() {
    let world = World::start().await;
    ida(&world).await;
    let owner = world.owner("ws_1");
    let (_, grant) = connected(&world, &owner).await;
    later(&world, 60);
    let (known, unknown) = (ask(&world, &grant.person.id).await, ask(&world, "nobody").await);
    let members = |answer: &Answer| answer.body.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!((known.status, unknown.status, members(&known)), (200, 200, members(&unknown)));
    let codes = [&known, &unknown].map(|answer| answer.body["confirmation_code"].as_str().expect("a code").to_owned());
    assert_ne!(codes[0], codes[1]);
    later(&world, 1);
    world.job("sweep").await;
    for (answer, code) in [&known, &unknown].into_iter().zip(&codes) {
        let at = path(&world, &answer.body["url"]);
        assert_eq!(world.nobody().get(&at).await.body["status"], "done");
        let page = send(world.nobody().call(Method::GET, &at).header("accept", "text/html")).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(
            page.text.contains("Your data is deleted") && page.text.contains(code) && !page.text.contains("<script")
        );
        for text in [&grant.person.id, NAME, "Nordlys"] {
            assert!(!page.text.contains(text), "{text}");
        }
        world.nobody().get(&at.replace("facebook", "instagram")).await.is_problem(404, "not_found");
    }
    let elsewhere = |code: &str| format!("/v1/platform-callbacks/facebook/data-deletion/{code}");
    for code in ["", "x", &codes[0][1..], &codes[0].to_lowercase(), &"A".repeat(43), "..%2F..", &"A".repeat(5000)] {
        let missing = world.nobody().get(&elsewhere(code)).await;
        missing.is_problem(404, "not_found");
    }
    assert_eq!(world.dump().await.keys().filter(|key| key.starts_with("M#")).count(), 2);
    world.advance(SignedDuration::from_hours(24 * 181));
    world.stack.sweep_ttl().await.expect("the table");
    world.nobody().get(&path(&world, &known.body["url"])).await.is_problem(404, "not_found");
}
