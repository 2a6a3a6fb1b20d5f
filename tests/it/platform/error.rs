//! Each documented error of each platform, answered over HTTP by the simulator, and what it comes to.

mod end;
mod rule;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex},
};

use domain::{Secret, TokenSet};
use platforms::{Connector, Grab, PlatformError, Which};
use serde_json::json;
use tests::World;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    instrument::WithSubscriber as _,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use rule::{Rule, rules};

/// Where a platform of the documentation is: its method here, the kind of its accounts, and its room in the simulator.
struct Place {
    platform: &'static str,
    /// Platform and method.
    method: (&'static str, &'static str),
    kind: &'static str,
    room: &'static str,
    /// How many rules the documentation has for it.
    rules: usize,
}

#[rustfmt::skip]
const PLACES: [Place; 14] = [
    Place::new("facebook_page", ("facebook", "facebook_login"), "page", "facebook", 24),
    Place::new("facebook_profile", ("facebook", "facebook_login"), "profile", "facebook", 24),
    Place::new("instagram_facebook", ("instagram", "facebook_login"), "instagram_business", "facebook", 28),
    Place::new("instagram_direct", ("instagram", "instagram_login"), "instagram_business", "instagram", 9),
    Place::new("threads", ("threads", "threads_login"), "profile", "threads", 7),
    Place::new("x", ("x", "x_login"), "profile", "x", 12),
    Place::new("linkedin_member", ("linkedin", "linkedin_login"), "profile", "linkedin", 9),
    Place::new("linkedin_organization", ("linkedin", "linkedin_login"), "organization", "linkedin", 10),
    Place::new("tiktok", ("tiktok", "tiktok_login"), "profile", "tiktok", 12),
    Place::new("tiktok_business", ("tiktok", "tiktok_business"), "profile", "tiktok", 6),
    Place::new("pinterest", ("pinterest", "pinterest_login"), "profile", "pinterest", 7),
    Place::new("youtube", ("youtube", "google_login"), "channel", "google", 12),
    Place::new("google_business", ("google_business", "google_login"), "location", "google", 6),
    Place::new("reddit", ("reddit", "reddit_login"), "profile", "reddit", 6),
];

impl Place {
    const fn new(
        platform: &'static str,
        method: (&'static str, &'static str),
        kind: &'static str,
        room: &'static str,
        rules: usize,
    ) -> Self {
        Self { platform, method, kind, room, rules }
    }

    fn of(rule: &Rule) -> &'static Self {
        PLACES.iter().find(|place| place.platform == rule.platform).unwrap_or_else(|| panic!("{rule}"))
    }

    /// The product's client.
    fn connector(&self, world: &World) -> Connector {
        let (platform, method) = self.method;
        let (platform, method) = (platform.parse().expect("legal"), method.parse().expect("legal"));
        world.stack.services.platforms.connector(&platform, &method).expect("set up").clone()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({}, {}) by {}", self.platform, self.which, self.class, self.action, self.row)
    }
}

/// From now on the simulator answers by a rule's row, on the routes that are named.
async fn answer_by(world: &World, rule: &Rule, routes: &[&str]) {
    let room = Place::of(rule).room;
    for (route, row) in routes.iter().flat_map(|route| rule.row.split('+').map(move |row| (route, row))) {
        let kind = if row.contains(':') { row.to_owned() } else { format!("error:{row}") };
        world.fault(json!({"platform": room, "route": route, "kind": kind})).await;
    }
}

/// The class and the action by which the catalogue knew an answer: the log tells them, and nothing else does.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<BTreeSet<(String, String)>>>);

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        if event.metadata().target().starts_with("platforms::") {
            self.0.lock().expect("the log").extend(told.class.zip(told.action));
        }
    }
}

#[derive(Default)]
struct Told {
    class: Option<String>,
    action: Option<String>,
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "class" => self.class = Some(value.to_owned()),
            "action" => self.action = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// The product's client makes the call that a rule is about.
async fn call(world: &World, rule: &Rule, connector: &Connector) -> Result<(), PlatformError> {
    let tokens =
        TokenSet { access: Secret::new("any-access"), refresh: Some(Secret::new("any-refresh")), children: [].into() };
    let (client, now) = (&connector.client, world.now());
    match rule.call {
        "code" => {
            let (code, verifier) = (Secret::new("any-code"), Secret::new("v".repeat(43)));
            let redirect_uri = "http://localhost/v1/oauth/callback/any";
            let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[] };
            client.exchange(&grab, now).await.map(drop)
        }
        "renew" => client.renew(&tokens, now).await.map(drop),
        "profile" => client.profile(&tokens, Which { id: "1", kind: Place::of(rule).kind }, now).await.map(drop),
        other => panic!("{other}: {rule}"),
    }
}

/// The variant, without what varies.
fn word(error: &PlatformError) -> String {
    match error {
        PlatformError::RateLimited { .. } => "RateLimited".to_owned(),
        PlatformError::Unreadable(_) => "Unreadable".to_owned(),
        PlatformError::Unknown(_) => "Unknown".to_owned(),
        PlatformError::Misconfigured(_) => "Misconfigured".to_owned(),
        PlatformError::Contract(_) => "Contract".to_owned(),
        PlatformError::NotSent(_) => "NotSent".to_owned(),
        other => format!("{other:?}"),
    }
}

/// What a rule came to: class and action as the log tells them, and the error.
async fn driven(world: &World, rule: &Rule, connector: &Connector) -> (Vec<(String, String)>, String) {
    answer_by(world, rule, &["*"]).await;
    let log = Log::default();
    let heard = tracing_subscriber::registry().with(log.clone());
    let error = call(world, rule, connector).with_subscriber(heard).await.expect_err("refused");
    world.no_faults().await;
    let told = log.0.lock().expect("the log").iter().cloned().collect();
    (told, word(&error))
}

/// S0-73: every rule of the documentation is answered to a real call of the product's client, and comes to the class,
/// the action and the error that it is to come to.
#[tokio::test(flavor = "multi_thread")]
async fn every_documented_error_comes_to_its_class_and_action() {
    let world = World::start().await;
    let mut counts: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for rule in rules() {
        let count = counts.entry(rule.platform).or_default();
        count.0.insert(rule.which);
        count.1 += 1;
        let wanted = (vec![(rule.class.to_owned(), rule.action.to_owned())], rule.error.to_owned());
        let got = driven(&world, &rule, &Place::of(&rule).connector(&world)).await;
        if got != wanted {
            wrong.push(format!("{rule} came to {got:?} and not to {wanted:?}"));
        }
    }
    for place in &PLACES {
        let (rules, rows) = counts.get(place.platform).map_or((0, 0), |(rules, rows)| (rules.len(), *rows));
        println!("{}: {rules} rules, {rows} answers", place.platform);
        if rules != place.rules {
            wrong.push(format!("{} has {rules} rules here and {} in the documentation", place.platform, place.rules));
        }
    }
    let (rules, rows) = counts.values().fold((0, 0), |(rules, rows), of| (rules + of.0.len(), rows + of.1));
    println!("in all: {rules} rules, {rows} answers");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where each room answers, those of two dialects twice.
const DOORS: [(&str, &str); 10] = [
    ("facebook", "graph.facebook.com/v26.0/me"),
    ("instagram", "graph.instagram.com/v26.0/me"),
    ("threads", "graph.threads.net/v1.0/me"),
    ("x", "api.x.com/2/users/me"),
    ("linkedin", "api.linkedin.com/v2/userinfo"),
    ("tiktok", "open.tiktokapis.com/v2/user/info/"),
    ("tiktok", "business-api.tiktok.com/open_api/v1.3/business/get/"),
    ("pinterest", "api.pinterest.com/v5/user_account"),
    ("google", "oauth2.googleapis.com/tokeninfo"),
    ("reddit", "oauth.reddit.com/api/v1/me"),
];

/// The rows that a room has: whoever asks for another one is told of all.
async fn rows_of(world: &World, room: &str, door: &str) -> Vec<String> {
    let unknown = json!({"platform": room, "route": "*", "kind": "error:no_such"});
    let taken = tests::send(tests::client().post(format!("{}/_sim/faults", world.simulator)).json(&unknown)).await;
    let told = if taken.status == 201 { world.ask_platform(door, &Secret::new("any-access")).await } else { taken };
    world.no_faults().await;
    let told = told.body["error"].as_str().unwrap_or_else(|| panic!("{room}: {}", told.text));
    let (_, names) = told.split_once("use ").or_else(|| told.split_once("these are:")).expect("a list");
    names.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// No answer of the simulator is without a rule, and no rule without an answer.
#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_has_an_answer_for_each_rule_and_no_other() {
    let world = World::start().await;
    let rules = rules();
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for rule in &rules {
        let rows = rule.row.split('+').filter(|row| !row.contains(':')).map(str::to_owned);
        used.entry(Place::of(rule).room).or_default().extend(rows);
    }
    // Accounts of Instagram have a code of their own for their limit, which stands in no rule of theirs.
    used.entry("facebook").or_default().insert("rate_limited_80002".to_owned());
    let mut there: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (room, door) in DOORS {
        there.entry(room).or_default().extend(rows_of(&world, room, door).await);
    }
    assert_eq!(used, there);
}
