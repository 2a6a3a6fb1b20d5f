//! What comes of each method of the catalogue: a consent, four months, an end, and a new beginning.

use std::{collections::BTreeSet, ops::RangeInclusive};

use domain::Secret;
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, Caller, FINE, World, client, send};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const STEP: SignedDuration = SignedDuration::from_hours(6);

/// What an account is: kind, handle and role.
type Is = (&'static str, Option<&'static str>, Option<&'static str>);

/// A method, and what its facts say comes of it.
pub struct Way {
    platform: &'static str,
    method: &'static str,
    /// The simulated platform.
    room: &'static str,
    /// What acme has there.
    accounts: &'static [Is],
    /// Whether the platform tells which scopes it gave.
    tells: bool,
    /// What is asked with an account's token; `{id}` is what the platform calls the account.
    asks: &'static str,
    /// After so many days only a person helps.
    lasts: Option<i32>,
    /// How often it is renewed in 120 days, the last lease included.
    renewed: RangeInclusive<usize>,
    /// How many tokens, or consents, the platform ends when the last account goes; none where it has no such call.
    ended: usize,
}

const ADMIN: Option<&str> = Some("admin");
const ACME: Option<&str> = Some("acme");

/// Sixty days of Facebook's are renewed when 15 to 30 of them are left, Instagram's and Threads' when 24 to 30 are.
/// Pinterest's are when 33 to 36 are, Google's unused ones each week; TikTok's and X's half years when 36 to 63 days
/// are left. The access tokens of the last four live for hours: the lease on day 120 gets another one.
pub const WAYS: [Way; 11] = [
    Way {
        platform: "facebook",
        method: "facebook_login",
        room: "facebook",
        accounts: &[("page", ACME, ADMIN)],
        tells: true,
        asks: "graph.facebook.com/v26.0/me?fields=id",
        lasts: Some(90),
        renewed: 2..=4,
        ended: 1,
    },
    Way {
        platform: "instagram",
        method: "facebook_login",
        room: "facebook",
        accounts: &[("instagram_business", ACME, ADMIN)],
        tells: true,
        asks: "graph.facebook.com/v26.0/{id}?fields=id",
        lasts: Some(90),
        renewed: 2..=4,
        ended: 1,
    },
    Way {
        platform: "instagram",
        method: "instagram_login",
        room: "instagram",
        accounts: &[("instagram_business", ACME, None)],
        tells: true,
        asks: "graph.instagram.com/v26.0/me?fields=id",
        lasts: None,
        renewed: 3..=4,
        ended: 0,
    },
    Way {
        platform: "threads",
        method: "threads_login",
        room: "threads",
        accounts: &[("profile", ACME, None)],
        tells: false,
        asks: "graph.threads.net/v1.0/me?fields=id",
        lasts: None,
        renewed: 3..=4,
        ended: 0,
    },
    Way {
        platform: "x",
        method: "x_login",
        room: "x",
        accounts: &[("profile", ACME, None)],
        tells: true,
        asks: "api.x.com/2/users/me",
        lasts: None,
        renewed: 1..=2,
        ended: 2,
    },
    Way {
        platform: "linkedin",
        method: "linkedin_login",
        room: "linkedin",
        accounts: &[("profile", ACME, None), ("organization", ACME, ADMIN)],
        tells: true,
        asks: "api.linkedin.com/v2/userinfo",
        lasts: Some(60),
        renewed: 0..=0,
        ended: 1,
    },
    Way {
        platform: "tiktok",
        method: "tiktok_login",
        room: "tiktok",
        accounts: &[("profile", ACME, None)],
        tells: true,
        asks: "open.tiktokapis.com/v2/user/info/?fields=open_id",
        lasts: None,
        renewed: 1..=2,
        ended: 1,
    },
    Way {
        platform: "tiktok",
        method: "tiktok_business",
        room: "tiktok",
        accounts: &[("profile", ACME, None)],
        tells: true,
        asks: "business-api.tiktok.com/open_api/v1.3/business/get/?business_id={id}&fields=[\"username\"]",
        lasts: None,
        renewed: 1..=1,
        ended: 1,
    },
    Way {
        platform: "pinterest",
        method: "pinterest_login",
        room: "pinterest",
        accounts: &[("profile", ACME, None)],
        tells: true,
        asks: "api.pinterest.com/v5/user_account",
        lasts: None,
        renewed: 4..=5,
        ended: 0,
    },
    Way {
        platform: "youtube",
        method: "google_login",
        room: "google",
        accounts: &[("channel", ACME, None)],
        tells: true,
        asks: "www.googleapis.com/youtube/v3/channels?part=id&mine=true",
        lasts: None,
        renewed: 17..=22,
        ended: 1,
    },
    Way {
        platform: "google_business",
        method: "google_login",
        room: "google",
        accounts: &[("location", None, ADMIN)],
        tells: true,
        asks: "mybusinessbusinessinformation.googleapis.com/v1/locations/{id}?readMask=name",
        lasts: None,
        renewed: 17..=22,
        ended: 1,
    },
];

/// The method of a platform.
pub fn way(platform: &str, method: &str) -> &'static Way {
    WAYS.iter().find(|way| (way.platform, way.method) == (platform, method)).expect("a method")
}

impl Way {
    /// Connects all that the person has, and answers with the accounts' ids.
    pub async fn connect(&self, world: &World, owner: &Caller, person: &str) -> Vec<String> {
        let ask = json!({"platform": self.platform, "method": self.method, "capabilities": ["publish", "analytics"]});
        let attempt = world.attempt(owner, ask).await;
        let landed = attempt.land(person).await;
        assert!(landed.status < 400, "{}: {}", self.method, landed.text);
        if attempt.status().await == "awaiting_selection" {
            let selected = attempt.select(&attempt.selectable().await, true).await;
            assert_eq!(selected.status, 200, "{}", selected.text);
        }
        let session = attempt.session().await;
        let accounts = session["accounts"].as_array().unwrap_or_else(|| panic!("{}: {session}", self.method));
        accounts.iter().map(|account| account["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// How many calls at its platform came to what.
    async fn came_to(&self, world: &World, outcome: &str) -> usize {
        let journal = world.journal().await;
        journal.iter().filter(|call| call["platform"] == self.room && call["outcome"] == outcome).count()
    }

    /// A token of an account, which the platform takes.
    pub async fn leased(&self, world: &World, owner: &Caller, account: &str) -> Token {
        let lease = world.lease(owner, account).await;
        assert_eq!(lease.status, 201, "{}: {}", self.method, lease.text);
        let text = |key: &str| lease.body[key].as_str().expect("a text");
        let asks = self.asks.replace("{id}", text("platform_account_id"));
        let token = Token { secret: Secret::new(text("access_token")), asks, bare: self.method == "tiktok_business" };
        let answer = token.ask(world).await;
        assert!(token.takes(&answer), "{}: {} {}", self.method, answer.status, answer.text);
        token
    }
}

/// A leased token and what it opens.
pub struct Token {
    secret: Secret,
    asks: String,
    /// It stands in a header of its own.
    bare: bool,
}

impl Token {
    async fn ask(&self, world: &World) -> Answer {
        if self.bare {
            let call = client().get(format!("{}/{}", world.simulator, self.asks));
            return send(call.header("access-token", self.secret.expose())).await;
        }
        world.ask_platform(&self.asks, &self.secret).await
    }

    /// TikTok's API for Business says in the body that it went wrong.
    fn takes(&self, answer: &Answer) -> bool {
        answer.status == 200 && (!self.bare || answer.body["code"] == 0)
    }

    /// Whether the platform still takes it.
    pub async fn is_taken(&self, world: &World) -> bool {
        self.takes(&self.ask(world).await)
    }
}

pub async fn state(world: &World, owner: &Caller, id: &str) -> String {
    world.health(owner, id).await["state"].as_str().expect("a state").to_owned()
}

/// S0-15, S1-19, S1-45, S2-01, S2-26, S3-06, S3-07, S3-08, S3-09: by every method an account is connected, lends tokens that the
/// platform takes, lives for months, ends at the platform as far as it can, and comes back.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_lives_by_every_method() {
    let all: BTreeSet<(String, String)> = listed(&World::start().await.owner("ws_1")).await.into_iter().collect();
    // Reddit wants to know who calls: its life is in `reddit.rs`.
    let ways = WAYS.iter().map(|way| (way.platform, way.method)).chain([("reddit", "reddit_login")]);
    let ours = ways.map(|(platform, method)| (platform.to_owned(), method.to_owned()));
    assert_eq!(all, ours.collect(), "the catalogue's methods");
    // All are waited for: a world that is dropped while another one fails would wait for ever.
    for life in join_all(together().into_iter().map(|ways| tokio::spawn(lives(ways)))).await {
        life.expect("a life");
    }
}

/// Those that live in one world: what ends at the same platform would spare each other, and what only a person renews has
/// days of its own.
fn together() -> Vec<Vec<&'static Way>> {
    let mut groups: Vec<Vec<&Way>> = Vec::new();
    for way in &WAYS {
        let apart = |other: &&Way| other.lasts.is_none() && other.room != way.room;
        match groups.iter_mut().find(|group| way.lasts.is_none() && group.iter().all(apart)) {
            Some(group) => group.push(way),
            None => groups.push(vec![way]),
        }
    }
    groups
}

async fn listed(owner: &Caller) -> Vec<(String, String)> {
    let platforms = owner.get("/v1/platforms").await.body;
    let platforms = platforms["data"].as_array().expect("platforms").clone();
    let id = |of: &Value| of["id"].as_str().expect("an id").to_owned();
    let methods = |platform: &Value| -> Vec<(String, String)> {
        let methods = platform["methods"].as_array().expect("methods").iter();
        methods.map(|method| (id(platform), id(method))).collect()
    };
    platforms.iter().flat_map(methods).collect()
}

async fn lives(ways: Vec<&'static Way>) {
    let world = World::start().await;
    let mut lives = Vec::new();
    for way in ways {
        let owner = world.owner(&format!("ws_{}_{}", way.platform, way.method));
        let ids = way.connect(&world, &owner, "acme").await;
        begins(way, &world, &owner, &ids).await;
        lives.push((way, owner, ids));
    }
    let rest = match lives.as_slice() {
        [(way @ Way { lasts: Some(days), .. }, owner, ids)] => {
            ends_for_a_person(way, &world, owner, ids, *days).await;
            // No further than a person is bothered again.
            (120 - days).min(days - 31)
        }
        _ => 120,
    };
    world.live(DAY * rest, STEP).await;
    for (way, owner, ids) in &lives {
        has_lived(way, &world, owner, ids).await;
    }
}

/// Months later: alive and unnoticed, then ended, then back, then removed.
async fn has_lived(way: &Way, world: &World, owner: &Caller, ids: &[String]) {
    let mut token = None;
    for id in ids {
        assert_eq!(state(world, owner, id).await, FINE, "{}", way.method);
        token = Some(way.leased(world, owner, id).await);
        if way.lasts.is_none() {
            assert_eq!(world.kinds(id), ["account.connected"], "{}: nobody was bothered", way.method);
        }
    }
    let renewed = way.came_to(world, "refreshed").await;
    assert!(way.renewed.contains(&renewed), "{} of {}: {renewed} times", way.method, way.platform);
    ends(way, world, owner, ids, &token.expect("an account")).await;
    assert_eq!(way.connect(world, owner, "acme").await, ids, "{}: under the same ids", way.method);
    for id in ids {
        assert_eq!(state(world, owner, id).await, FINE, "{}", way.method);
        way.leased(world, owner, id).await;
        assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202, "{}", way.method);
        owner.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
    }
}

/// Just connected: who it is, what the platform gave, and a token that it takes.
async fn begins(way: &Way, world: &World, owner: &Caller, ids: &[String]) {
    let mut grants = BTreeSet::new();
    let mut are = Vec::new();
    for id in ids {
        let account = owner.get(&format!("/v1/accounts/{id}")).await.body;
        let text = |key: &str| account[key].as_str().map(str::to_owned);
        are.push((text("kind").expect("a kind"), text("handle"), text("platform_role")));
        grants.insert(account["grant"]["id"].as_str().expect("a grant").to_owned());
        assert_eq!((&account["method"], &account["health"]["state"]), (&json!(way.method), &json!(FINE)));
        let told = owner.get(&format!("/v1/accounts/{id}/permissions")).await.body;
        assert_eq!(told["scopes_known"], way.tells, "{told}");
        let status = if way.tells { "granted" } else { "unknown" };
        for row in told["data"].as_array().expect("rows").iter().filter(|row| row["asked"] == true) {
            let scopes = row["scopes"].as_array().expect("scopes");
            assert!(scopes.iter().all(|scope| scope["status"] == status), "{}: {row}", way.method);
            assert_eq!(row["available"], if way.tells { json!(true) } else { Value::Null }, "{}: {row}", way.method);
        }
        way.leased(world, owner, id).await;
    }
    let expected = way
        .accounts
        .iter()
        .map(|(kind, handle, role)| ((*kind).to_owned(), handle.map(str::to_owned), role.map(str::to_owned)));
    assert_eq!(are, expected.collect::<Vec<_>>(), "{} of {}", way.method, way.platform);
    assert_eq!(grants.len(), 1, "one consent");
}

/// Only a person helps: told 30, 7, 3 days and one day before, over on its day, healed by a consent.
async fn ends_for_a_person(way: &Way, world: &World, owner: &Caller, ids: &[String], days: i32) {
    world.live(DAY * days - STEP, STEP).await;
    for id in ids {
        way.leased(world, owner, id).await;
    }
    world.live(STEP, STEP).await;
    for id in ids {
        assert_eq!(state(world, owner, id).await, "expired", "{}", way.method);
        world.lease(owner, id).await.is_problem(409, "connection_expired");
        assert_eq!(warnings(world, id), [30, 7, 3, 1], "{}", way.method);
        let told = world.told(id);
        let (kind, event) = told.last().expect("events");
        assert_eq!((kind.as_str(), &event["data"]["reason"]), ("account.expired", &json!("expired")));
        assert_eq!(event["occurred_at"], json!(world.now()), "{}: on its day", way.method);
    }
    assert_eq!(way.connect(world, owner, "acme").await, ids, "{}: under the same ids", way.method);
    for id in ids {
        assert_eq!(state(world, owner, id).await, FINE, "{}", way.method);
    }
}

/// The days before an end of which people were warned, oldest first.
fn warnings(world: &World, id: &str) -> Vec<i64> {
    let told = world.told(id);
    let due = told.iter().filter(|(kind, _)| kind == "account.reauthorization_due");
    due.map(|(_, event)| event["data"]["days_left"].as_i64().expect("days")).collect()
}

/// Disconnected one after the other: the last one ends the consent, where the platform has a call for it, and the receipt
/// says no more than happened.
async fn ends(way: &Way, world: &World, owner: &Caller, ids: &[String], token: &Token) {
    let platform = owner.get(&format!("/v1/platforms/{}", way.platform)).await.body;
    let methods = platform["methods"].as_array().expect("methods");
    let revoke = &methods.iter().find(|method| method["id"] == way.method).expect("the method")["revoke"];
    assert_eq!(revoke["reach"] == "unsupported", way.ended == 0, "{}: {revoke}", way.method);
    for (place, id) in ids.iter().enumerate() {
        assert!(token.is_taken(world).await, "{}: it lives to the last", way.method);
        let receipt = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
        assert_eq!(receipt.status, 200, "{}", receipt.text);
        let came = &receipt.body["revocation"];
        let status = match (place + 1 == ids.len(), way.ended) {
            (false, _) => "skipped_shared_grant",
            (true, 0) => "unsupported",
            (true, _) => "revoked",
        };
        assert_eq!(came["status"], status, "{}: {came}", way.method);
        let by_hand =
            if status == "revoked" { [&Value::Null, &json!([])] } else { [&revoke["manual_url"], &revoke["steps"]] };
        assert_eq!([&came["manual_url"], &came["steps"]], by_hand, "{}", way.method);
    }
    let journal = world.journal().await;
    let calls = journal.iter().filter(|call| call["platform"] == way.room && call["route"] == "revoke").count();
    assert_eq!((calls, way.came_to(world, "revoked").await), (way.ended, way.ended), "{}", way.method);
    assert_eq!(
        token.is_taken(world).await,
        way.ended == 0,
        "{}: dead where the platform has a call for it",
        way.method
    );
}

/// A partner of LinkedIn gets a refresh token, whose year nothing prolongs.
#[tokio::test(flavor = "multi_thread")]
async fn a_linkedin_partner_s_year_is_warned_of_and_ends() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let linkedin = way("linkedin", "linkedin_login");
    world.fault(json!({"platform": "linkedin", "route": "token", "kind": "partner"})).await;
    let ids = linkedin.connect(&world, &owner, "acme").await;
    for month in 1..=12 {
        world.live(DAY * 30, DAY).await;
        for id in &ids {
            linkedin.leased(&world, &owner, id).await;
            let warned: &[i64] = if month == 12 { &[30, 7] } else { &[] };
            assert_eq!(warnings(&world, id), warned, "in month {month}");
        }
    }
    // Sixty days of access are renewed by whoever wants a token at their end.
    let renewed = world.count("refreshed").await;
    assert!((6..=8).contains(&renewed), "{renewed}");
    world.live(DAY * 5 - STEP, STEP).await;
    assert_eq!(world.lease(&owner, &ids[0]).await.status, 201, "alive to the last hour");
    world.live(STEP * 2, STEP).await;
    for id in &ids {
        assert_eq!(state(&world, &owner, id).await, "expired");
        world.lease(&owner, id).await.is_problem(409, "connection_expired");
        assert_eq!(warnings(&world, id), [30, 7, 3, 1]);
        assert_eq!(world.kinds(id).last().map(String::as_str), Some("account.expired"));
    }
}

/// What a partner's refresh token would bring for the rest of its year ends too.
#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_linkedin_partner_has_no_refresh_token_left() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let linkedin = way("linkedin", "linkedin_login");
    world.fault(json!({"platform": "linkedin", "route": "token", "kind": "partner"})).await;
    let ids = linkedin.connect(&world, &owner, "acme").await;
    let token = linkedin.leased(&world, &owner, &ids[0]).await;
    let refresh = world.tokens(&world.grant_of(&owner, &ids[0]).await).await.refresh.expect("a refresh token");
    for id in &ids {
        owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    }
    assert!(!token.is_taken(&world).await);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.expose()),
        ("client_id", "77mooringlocal"),
        ("client_secret", "simulated-linkedin-client-secret"),
    ];
    let call = client().post(format!("{}/www.linkedin.com/oauth/v2/accessToken", world.simulator)).form(&form);
    let refused = send(call).await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_grant")), "{}", refused.text);
}
