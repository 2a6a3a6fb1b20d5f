//! The console's form, which only asks.

use domain::AccountId;
use jiff::SignedDuration;
use tests::{Page, World};

use super::table::{like, put, row};

/// The accounts of the list, in its order.
fn rows(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let rows = page.text.split("<li class=\"account\" id=\"").skip(1);
    rows.map(|row| row.split('"').next().unwrap_or_default().to_owned()).collect()
}

fn next(page: &Page) -> Option<String> {
    let link = page.text.split("rel=\"next\" href=\"").nth(1)?.split('"').next()?;
    Some(link.replace("&#38;", "&").replace("&amp;", "&"))
}

/// S3-47, S3-51: by words, platform, status, token and owner, with the counts of what can be chosen.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_finds_accounts_by_a_form() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let acme = world.connect(&owner, "x", "acme").await.remove(0);
    world.advance(SignedDuration::from_secs(1));
    let mallory = world.connect(&owner, "x", "mallory").await.remove(0);
    world.advance(SignedDuration::from_secs(1));
    let pin = world.connect(&owner, "pinterest", "acme").await.remove(0);
    world.job("sync").await;
    let browser = world.browser();
    let open = async |path: &str| browser.go(&format!("{}{path}", world.product)).await;
    open("/console/sign-in?workspace=ws_1&role=viewer").await;
    let all = open("/console").await;
    assert_eq!(rows(&all).len(), 3);
    for option in [">Acme (2)<", ">Mallory Moreau (1)<", ">Connected (3)<"] {
        assert!(all.text.contains(option), "{option}: {}", all.text);
    }
    let person = owner.get(&format!("/v1/accounts/{mallory}")).await.body["grant"]["authorized_by"]["id"].clone();
    let person = person.as_str().expect("an id");
    for (query, expected) in [
        ("q=ACME", vec![acme.as_str(), pin.as_str()]),
        ("q=acme&state=&token_status=&owner=&sort=", vec![acme.as_str(), pin.as_str()]),
        ("q=acme&platform=x", vec![acme.as_str()]),
        ("q=nobody", vec![]),
        ("state=healthy&platform=pinterest", vec![pin.as_str()]),
        ("state=expired", vec![]),
        ("token_status=valid&sort=-connected_at", vec![pin.as_str(), mallory.as_str(), acme.as_str()]),
        (&format!("owner={person}"), vec![mallory.as_str()]),
        ("owner=Acme&sort=connected_at", vec![acme.as_str(), pin.as_str()]),
    ] {
        let page = open(&format!("/console?{query}")).await;
        let mut found = rows(&page);
        if !query.contains("sort=-") {
            found.sort();
        }
        assert_eq!(found, expected, "{query}");
    }
    let none = open("/console?q=%3Cscript%3E&state=expired").await;
    assert!(none.text.contains("There is no account to show here") && !none.text.contains("<script"), "{}", none.text);
    assert!(none.text.contains("value=\"expired\" selected"), "what was chosen stays chosen: {}", none.text);
    assert_eq!(open("/console?state=fine").await.status, 422);
    assert_eq!(open("/console?offset=3").await.status, 400);
}

/// The next page goes on with what was asked, in its order.
#[tokio::test(flavor = "multi_thread")]
async fn the_consoles_pages_keep_what_was_asked() {
    let world = World::start().await;
    let first = world.connect(&world.owner("ws_1"), "x", "acme").await.remove(0);
    let model = row(&world, &first).await;
    let id = |n: u8| AccountId::new(world.now() + SignedDuration::from_secs(n.into()), [n; 16]);
    put(&world, (1..=50).map(|n| like(&model, id(n), &format!("Shop {n:02}")))).await;
    let browser = world.browser();
    browser.go(&format!("{}/console/sign-in?workspace=ws_1&role=viewer", world.product)).await;
    let (mut seen, mut path) = (Vec::new(), Some("/console?q=shop&sort=-connected_at".to_owned()));
    while let Some(to) = path {
        let page = browser.go(&format!("{}{to}", world.product)).await;
        seen.extend(rows(&page));
        path = next(&page);
    }
    let expected: Vec<String> = (1..=50).rev().map(|n| id(n).to_string()).collect();
    assert_eq!(seen, expected);
    world.advance(SignedDuration::from_hours(25));
    browser.go(&format!("{}/console/sign-in?workspace=ws_1&role=viewer", world.product)).await;
    let late = browser.go(&format!("{}/console?q=shop&sort=-connected_at&cursor=old", world.product)).await;
    assert_eq!(rows(&late)[0], expected[0], "who comes too late begins at the first page");
}
