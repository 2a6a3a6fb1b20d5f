//! An account's picture: our own small one, which outlives the platform's addresses and harms nobody.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use app::{Services, picture};
use async_trait::async_trait;
use domain::{
    AccountId, Code, Counts, Error, Person, Timestamp, TokenSet, account::Profile, actor::permit::AccountsRead,
    picture::Picture,
};
use jiff::SignedDuration;
use platforms::{Ask, Consent, Grab, Platform, PlatformError, Revocation, Snapshot, Which};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tests::{Caller, World, fleet};
use url::Url;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The path that an account tells of its picture.
async fn path(caller: &Caller, id: &str) -> String {
    let account = caller.get(&format!("/v1/accounts/{id}")).await.body;
    account["picture_url"].as_str().unwrap_or_else(|| panic!("no picture: {account}")).to_owned()
}

async fn open(caller: &Caller, path: &str) -> Response {
    caller.call(Method::GET, path).send().await.expect("an answer")
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What the table keeps of pictures.
async fn kept(world: &World) -> Vec<Value> {
    world.dump().await.into_iter().filter(|(key, _)| key.contains(" P#acc_")).map(|(_, item)| item).collect()
}

/// How often a platform was asked for a file.
async fn fetches(world: &World) -> usize {
    let is_file = |call: &&Value| {
        let host = call["host"].as_str().unwrap_or_default();
        host.contains("fbcdn") || host.contains("twimg")
    };
    world.journal().await.iter().filter(is_file).count()
}

/// CHK-S3, S4-01: what comes is a small picture of our own in a box without anything, and only for who may see it.
#[tokio::test(flavor = "multi_thread")]
async fn an_accounts_picture_is_served_as_our_own() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for platform in ["facebook", "x"] {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let path = path(&owner, &id).await;
        assert_eq!(path, format!("/v1/accounts/{id}/picture"), "no address of the platform");
        let shown = open(&owner, &path).await;
        assert_eq!(shown.status(), 200, "{platform}");
        assert!(["image/png", "image/jpeg"].contains(&header(&shown, "content-type")));
        assert_eq!(header(&shown, "x-content-type-options"), "nosniff");
        assert_eq!(header(&shown, "content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(header(&shown, "cache-control"), "private, max-age=3600");
        let (tag, is_jpeg) = (header(&shown, "etag").to_owned(), header(&shown, "content-type") == "image/jpeg");
        let file = shown.bytes().await.expect("a file");
        let begins: &[u8] = if is_jpeg { b"\xff\xd8\xff" } else { b"\x89PNG" };
        assert!(file.starts_with(begins) && file.len() < 32 * 1024, "{platform}: {}", file.len());

        let before = fetches(&world).await;
        let again = owner.call(Method::GET, &path).header("if-none-match", &tag).send().await.expect("an answer");
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag.as_str()));
        assert_eq!(again.bytes().await.expect("nothing").len(), 0);
        let other =
            owner.call(Method::GET, &path).header("if-none-match", "\"other\"").send().await.expect("an answer");
        assert_eq!(other.status(), 200);
        assert_eq!(fetches(&world).await, before, "it is fetched once");
        assert_eq!(before, if platform == "facebook" { 1 } else { 2 });

        world.nobody().get(&path).await.is_problem(401, "unauthenticated");
        world.owner("ws_2").get(&path).await.is_problem(404, "not_found");
    }
}

/// CHK-S3: what a platform sends in its place is not passed on, and is not asked for again at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_not_passed_on() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let path = path(&owner, &id).await;
    world.fault(json!({"platform": "x", "route": "profile", "kind": "html:200"})).await;
    owner.get(&path).await.is_problem(404, "not_found");
    let before = fetches(&world).await;
    owner.get(&path).await.is_problem(404, "not_found");
    assert_eq!(fetches(&world).await, before, "not at once");
    world.no_faults().await;
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(open(&owner, &path).await.status(), 200);
    // A picture that is there stays, whatever the platform does.
    world.fault(json!({"platform": "x", "route": "profile", "kind": "status:500"})).await;
    world.advance(DAY * 2);
    let owner = world.owner("ws_1");
    let before = fetches(&world).await;
    assert_eq!(open(&owner, &path).await.status(), 200);
    assert!(fetches(&world).await > before, "it was looked for");
    let ten = futures::future::join_all((0..10).map(|_| open(&owner, &path))).await;
    assert!(ten.iter().all(|answer| answer.status() == 200));
    assert_eq!(fetches(&world).await, before + 1);
}

/// S2-22: a removed account leaves no picture behind; a disconnected one keeps it.
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_goes_with_its_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let path = path(&owner, &id).await;
    assert_eq!(open(&owner, &path).await.status(), 200);
    assert_eq!(kept(&world).await.len(), 1);
    assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
    world.advance(DAY * 30);
    let owner = world.owner("ws_1");
    assert_eq!(open(&owner, &path).await.status(), 200, "the old one");
    assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
    assert_eq!(kept(&world).await, [] as [Value; 0]);
    owner.get(&path).await.is_problem(404, "not_found");
    assert_eq!(kept(&world).await, [] as [Value; 0]);
}

/// CHK-S3: the console loads nothing from elsewhere; its pictures are its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_pictures_of_its_own() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let browser = world.browser();
    browser.go(&format!("{}/console/sign-in?workspace=ws_1", world.product)).await;
    let page = browser.open(&format!("{}/console", world.product)).await;
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    let picture = format!("/console/accounts/{id}/picture");
    assert!(page.text.contains(&format!("src=\"{picture}\"")), "{}", page.text);
    for elsewhere in ["fbcdn", "twimg", &world.simulator] {
        assert!(!page.text.contains(elsewhere), "{elsewhere}: {}", page.text);
    }
    let shown = browser.open(&format!("{}{picture}", world.product)).await;
    assert_eq!((shown.status, shown.header("content-security-policy")), (200, Some("default-src 'none'; sandbox")));
    let stranger = world.browser().open(&format!("{}{picture}", world.product)).await;
    assert_ne!(stranger.status, 200);
    // Where there is none the page shows letters, and the browser has nothing to complain of.
    let nobody = domain::AccountId::new(world.now(), [7; 16]);
    let none = browser.open(&format!("{}/console/accounts/{nobody}/picture", world.product)).await;
    assert_eq!((none.status, none.text.as_str()), (204, ""));
}

/// A client that is asked for a profile anew, and otherwise is the one behind it.
struct Naming {
    behind: Arc<dyn Platform>,
    address: Mutex<Option<String>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Platform for Naming {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.behind.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        self.behind.exchange(grab, now).await
    }

    async fn profile(&self, _: &TokenSet, which: Which<'_>, _: Timestamp) -> Result<Snapshot, PlatformError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let picture_url = self.address.lock().expect("not poisoned").clone();
        let profile = Profile { platform_account_id: which.id.to_owned(), picture_url, ..Profile::default() };
        Ok(Snapshot { profile, counts: Counts::default() })
    }

    async fn revoke(&self, person: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.behind.revoke(person, tokens, now).await
    }
}

/// The product with such a client of a method.
fn naming(world: &World, platform: &str, method: &str) -> (Services, Arc<Naming>) {
    let mut services = world.stack.services.clone();
    let (platform, method) = (platform.parse().expect("an id"), method.parse().expect("an id"));
    let connector = services.platforms.connector(&platform, &method).expect("set up");
    let (behind, asked) = (Arc::clone(&connector.client), AtomicUsize::new(0));
    let naming = Arc::new(Naming { behind, address: Mutex::default(), asked });
    let all = (*services.platforms).clone().with_client(&platform, &method, Arc::<Naming>::clone(&naming));
    services.platforms = Arc::new(all);
    (services, naming)
}

async fn look(services: &Services, id: &str) -> Result<Picture, Error> {
    let actor = fleet::owner("ws_1").allow::<AccountsRead>().expect("an owner may");
    picture::get(services, &actor, id.parse::<AccountId>().expect("an id")).await
}

fn is_missing(looked: &Result<Picture, Error>) -> bool {
    matches!(looked, Err(Error::Refused(refusal)) if refusal.code == Code::NotFound)
}

/// An address that is a day old is asked for anew where that costs nothing, with the token as it is; whoever has no
/// picture any more is shown without one.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_ends_is_asked_for_anew() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let (services, naming) = naming(&world, "facebook", "facebook_login");
    look(&services, &id).await.expect("a picture");
    assert_eq!(naming.asked.load(Ordering::SeqCst), 0, "the address of the consent is new");
    // The simulator's addresses end within four days.
    world.advance(DAY * 5);
    let grant = world.grant_of(&world.owner("ws_1"), &id).await;
    let token = world.tokens(&grant).await.access;
    let page = world.owner("ws_1").get(&format!("/v1/accounts/{id}")).await.body["platform_account_id"].clone();
    let page = page.as_str().expect("an id").to_owned();
    let told = world.ask_platform(&format!("graph.facebook.com/v26.0/{page}?fields=picture"), &token).await;
    let address = told.body["picture"]["data"]["url"].as_str().expect("an address").to_owned();
    *naming.address.lock().expect("not poisoned") = Some(address.clone());
    let tokens = world.calls("token").await;
    look(&services, &id).await.expect("a picture");
    assert_eq!(naming.asked.load(Ordering::SeqCst), 1);
    let [item] = &kept(&world).await[..] else { panic!("one") };
    assert_eq!((&item["source"]["address"], &item["fetched_at"]), (&json!(address), &json!(world.now().to_string())));
    look(&services, &id).await.expect("a picture");
    assert_eq!(naming.asked.load(Ordering::SeqCst), 1, "once a day");
    assert_eq!(world.calls("token").await, tokens, "no token is renewed for a picture");

    *naming.address.lock().expect("not poisoned") = None;
    world.advance(DAY + SignedDuration::from_hours(1));
    assert!(is_missing(&look(&services, &id).await));
    assert!(is_missing(&look(&services, &id).await));
}

/// Where asking costs something it is asked only for an address that does not hold any more; and never with a token
/// that has ended, which would have to be renewed.
#[tokio::test(flavor = "multi_thread")]
async fn where_asking_costs_something_it_is_asked_only_when_it_must() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let (services, naming) = naming(&world, "x", "x_login");
    look(&services, &id).await.expect("a picture");
    world.advance(DAY * 2);
    assert_eq!(world.lease(&world.owner("ws_1"), &id).await.status, 201, "its token lives");
    look(&services, &id).await.expect("a picture");
    assert_eq!(naming.asked.load(Ordering::SeqCst), 0, "its address holds");
    // The access token ended hours ago.
    world.fault(json!({"platform": "x", "route": "profile", "kind": "status:404"})).await;
    world.advance(DAY * 2);
    let tokens = world.calls("token").await;
    look(&services, &id).await.expect("the old picture");
    assert_eq!((naming.asked.load(Ordering::SeqCst), world.calls("token").await), (0, tokens));
    assert_eq!(world.lease(&world.owner("ws_1"), &id).await.status, 201);
    world.advance(SignedDuration::from_hours(1));
    *naming.address.lock().expect("not poisoned") = Some("https://evil.example/a.png".to_owned());
    look(&services, &id).await.expect("the old picture");
    assert_eq!(naming.asked.load(Ordering::SeqCst), 1);
    // What the platform named is not a place of its pictures, and nobody goes there.
    world.no_faults().await;
    world.advance(SignedDuration::from_hours(1));
    look(&services, &id).await.expect("the old picture");
}
