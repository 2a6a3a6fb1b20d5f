//! The API against a small model of it: five hundred lives of a workspace, forty steps each, and after each step the
//! active accounts are told as the model has them; all else that the API tells is looked at every few steps, and at the
//! end.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZero,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use axum::Router;
use proptest::{prelude::*, test_runner::TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World};
use tokio::runtime::Runtime;

use crate::edge::route::inside;

/// How many lives, and how long each is.
const CASES: usize = 500;
const STEPS: usize = 40;
/// After how many steps more than the active accounts is looked at.
const STRIDE: usize = 5;
/// The people of each life, each with an account on both platforms.
const PEOPLE: usize = 5;
const PLATFORMS: [&str; 2] = ["x", "pinterest"];
/// The plan `starter`.
const TOTAL: usize = 10;
const EACH: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// Somebody consents on a platform, as a new connect.
    Connect {
        platform: usize,
        person: usize,
    },
    /// Somebody consents to have an account reconnected.
    Reconnect {
        place: usize,
        person: usize,
    },
    Disconnect {
        place: usize,
    },
    /// The same with an idempotency key, twice.
    DisconnectTwice {
        place: usize,
    },
    Remove {
        place: usize,
    },
    /// A removal that names a version which the account never had.
    RemoveStale {
        place: usize,
    },
    Main {
        place: usize,
    },
    Lease {
        place: usize,
    },
    Label {
        place: usize,
        label: Option<u8>,
    },
    /// What somebody may not, who only reads.
    AsViewer {
        place: usize,
    },
    /// The same account's id, in another workspace.
    Elsewhere {
        place: usize,
    },
}

/// An account as the model has it. A removed one keeps its place, so that its id goes on being asked for.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    platform: usize,
    person: usize,
    life: Life,
    label: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Active,
    Disconnected,
    Removed,
}

#[derive(Debug, Clone, Default)]
struct Model {
    accounts: Vec<Known>,
    main: BTreeMap<usize, usize>,
}

impl Step {
    /// The account that it touches.
    fn place(&self) -> Option<usize> {
        match *self {
            Self::Connect { .. } => None,
            Self::Reconnect { place, .. }
            | Self::Disconnect { place }
            | Self::DisconnectTwice { place }
            | Self::Remove { place }
            | Self::RemoveStale { place }
            | Self::Main { place }
            | Self::Lease { place }
            | Self::Label { place, .. }
            | Self::AsViewer { place }
            | Self::Elsewhere { place } => Some(place),
        }
    }
}

impl Model {
    fn active(&self, platform: Option<usize>) -> Vec<usize> {
        let is_wanted = |known: &Known| known.life == Life::Active && platform.is_none_or(|p| p == known.platform);
        (0..self.accounts.len()).filter(|place| is_wanted(&self.accounts[*place])).collect()
    }

    fn is_full(&self, platform: usize) -> bool {
        self.active(None).len() >= TOTAL || self.active(Some(platform)).len() >= EACH
    }

    fn find(&self, platform: usize, person: usize) -> Option<usize> {
        let same = |k: &Known| k.platform == platform && k.person == person && k.life != Life::Removed;
        self.accounts.iter().position(same)
    }

    /// Which account a number means; none before the first one.
    fn at(&self, place: usize) -> Option<usize> {
        (!self.accounts.is_empty()).then(|| place % self.accounts.len())
    }

    fn leave(&mut self, place: usize, life: Life) {
        let before = std::mem::replace(&mut self.accounts[place].life, life);
        let platform = self.accounts[place].platform;
        if before == Life::Active && self.main.get(&platform) == Some(&place) {
            match self.active(Some(platform))[..] {
                [only] => self.main.insert(platform, only),
                _ => self.main.remove(&platform),
            };
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Connect { platform, person } if !self.is_full(platform) => {
                if let Some(place) = self.find(platform, person) {
                    self.accounts[place].life = Life::Active;
                } else {
                    self.accounts.push(Known { platform, person, life: Life::Active, label: None });
                    self.main.entry(platform).or_insert(self.accounts.len() - 1);
                }
            }
            Step::Reconnect { place, person } => {
                if let Some(place) = self.at(place) {
                    let known = &self.accounts[place];
                    let has_room = known.life == Life::Active || !self.is_full(known.platform);
                    if known.life != Life::Removed && known.person == person && has_room {
                        self.accounts[place].life = Life::Active;
                    }
                }
            }
            Step::Disconnect { place } | Step::DisconnectTwice { place } => {
                if let Some(place) = self.at(place).filter(|p| self.accounts[*p].life == Life::Active) {
                    self.leave(place, Life::Disconnected);
                }
            }
            Step::Remove { place } => {
                if let Some(place) = self.at(place) {
                    self.leave(place, Life::Removed);
                }
            }
            Step::Main { place } => {
                if let Some(place) = self.at(place).filter(|p| self.accounts[*p].life == Life::Active) {
                    self.main.insert(self.accounts[place].platform, place);
                }
            }
            Step::Label { place, label } => {
                if let Some(place) = self.at(place).filter(|p| self.accounts[*p].life != Life::Removed) {
                    self.accounts[place].label = label;
                }
            }
            Step::Connect { .. }
            | Step::RemoveStale { .. }
            | Step::Lease { .. }
            | Step::AsViewer { .. }
            | Step::Elsewhere { .. } => {}
        }
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let (platform, person, place) = (0..PLATFORMS.len(), 0..PEOPLE, 0..20usize);
        prop_oneof![
            8 => (platform, person.clone()).prop_map(|(platform, person)| Step::Connect { platform, person }),
            2 => (place.clone(), person).prop_map(|(place, person)| Step::Reconnect { place, person }),
            4 => place.clone().prop_map(|place| Step::Disconnect { place }),
            2 => place.clone().prop_map(|place| Step::DisconnectTwice { place }),
            2 => place.clone().prop_map(|place| Step::Remove { place }),
            1 => place.clone().prop_map(|place| Step::RemoveStale { place }),
            4 => place.clone().prop_map(|place| Step::Main { place }),
            3 => place.clone().prop_map(|place| Step::Lease { place }),
            3 => (place.clone(), proptest::option::of(0..3u8)).prop_map(|(place, label)| Step::Label { place, label }),
            1 => place.clone().prop_map(|place| Step::AsViewer { place }),
            1 => place.prop_map(|place| Step::Elsewhere { place }),
        ]
        .boxed()
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        state.step(step);
        state
    }
}

/// What all lives share: one product, and a workspace for each.
struct Stage {
    runtime: Runtime,
    world: World,
    router: Router,
}

static STAGE: OnceLock<Stage> = OnceLock::new();
static LIVES: AtomicUsize = AtomicUsize::new(0);

fn stage() -> &'static Stage {
    STAGE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let world = runtime.block_on(World::start());
        let router = world.stack.router();
        Stage { runtime, world, router }
    })
}

/// The product in one workspace, and the ids by the model's places.
struct Product {
    life: usize,
    workspace: String,
    owner: Caller,
    viewer: Caller,
    stranger: Caller,
    ids: Vec<String>,
    /// Who is known to the platforms.
    people: BTreeSet<usize>,
    /// How many steps it took.
    steps: usize,
    /// How many idempotency keys were used.
    keys: usize,
}

impl Product {
    fn start(life: usize) -> Self {
        let world = &stage().world;
        let workspace = format!("life-{life}");
        let caller = |ws: &str, role: &str| world.caller(json!({"ws": ws, "role": role, "plan": "starter"}));
        let (owner, viewer) = (caller(&workspace, "owner"), caller(&workspace, "viewer"));
        let stranger = caller("life-of-others", "owner");
        let (ids, people) = (Vec::new(), BTreeSet::new());
        Self { life, workspace, owner, viewer, stranger, ids, people, steps: 0, keys: 0 }
    }

    /// A person consents to what is asked.
    async fn consent(&mut self, ask: Value, person: usize) -> Value {
        let (world, id) = (&stage().world, format!("life{}p{person}", self.life));
        if self.people.insert(person) {
            let profile = json!({"username": id});
            world.add_person(json!({"id": id, "name": id, "x": profile, "pinterest": profile})).await;
        }
        world.consent(&self.owner, ask, &id).await
    }

    async fn call(&self, caller: &Caller, method: Method, path: &str, body: Option<Value>) -> Answer {
        inside(&stage().router, caller, method, path, body.as_ref()).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.call(&self.owner, Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.body
    }

    /// One step, and whether it is answered as the model before it says.
    async fn step(&mut self, before: &Model, step: &Step) {
        let place = |place: usize| before.at(place);
        match *step {
            Step::Connect { platform, person } => {
                let ask = json!({"platform": PLATFORMS[platform]});
                let sessions = format!("/v1/workspaces/{}/connect-sessions", self.workspace);
                if before.is_full(platform) {
                    let refused = self.call(&self.owner, Method::POST, &sessions, Some(ask)).await;
                    refused.is_problem(403, "plan_limit_reached");
                    return;
                }
                let done = self.consent(ask, person).await;
                assert_eq!(done["status"], "completed", "{done}");
                let id = done["accounts"][0]["id"].as_str().expect("an id").to_owned();
                if let Some(place) = before.find(platform, person) {
                    assert_eq!(self.ids[place], id, "the same account keeps its id");
                } else {
                    assert!(!self.ids.contains(&id), "a new account has a new id");
                    self.ids.push(id);
                }
            }
            Step::Reconnect { place: number, person } => {
                let Some(place) = place(number) else { return };
                let known = &before.accounts[place];
                let ask = json!({"platform": PLATFORMS[known.platform], "account_id": self.ids[place]});
                let sessions = format!("/v1/workspaces/{}/connect-sessions", self.workspace);
                let refused = match known.life {
                    Life::Removed => Some((404, "not_found")),
                    Life::Disconnected if before.is_full(known.platform) => Some((403, "plan_limit_reached")),
                    _ => None,
                };
                if let Some((status, code)) = refused {
                    self.call(&self.owner, Method::POST, &sessions, Some(ask)).await.is_problem(status, code);
                    return;
                }
                let done = self.consent(ask, person).await;
                let (status, error) = (&done["status"], &done["error"]["code"]);
                if known.person == person {
                    assert_eq!((status, &done["accounts"][0]["id"]), (&json!("completed"), &json!(self.ids[place])));
                } else {
                    assert_eq!((status, error), (&json!("failed"), &json!("account_mismatch")), "{done}");
                }
            }
            Step::Disconnect { place: number } => {
                let Some(place) = place(number) else { return };
                let path = format!("/v1/accounts/{}/disconnect", self.ids[place]);
                let done = self.call(&self.owner, Method::POST, &path, Some(json!({}))).await;
                match before.accounts[place].life {
                    Life::Removed => done.is_problem(404, "not_found"),
                    _ => assert_eq!((done.status, &done.body["lifecycle"]), (200, &json!("disconnected"))),
                }
            }
            Step::DisconnectTwice { place: number } => {
                let Some(place) = place(number) else { return };
                let path = format!("/v1/accounts/{}/disconnect", self.ids[place]);
                self.keys += 1;
                let key = format!("key-{}", self.keys);
                let first = self.owner.post_once(&path, json!({}), &key).await;
                let second = self.owner.post_once(&path, json!({}), &key).await;
                if before.accounts[place].life == Life::Removed {
                    second.is_problem(404, "not_found");
                } else {
                    assert_eq!((first.status, &first.body), (200, &second.body));
                    assert_eq!(second.header("idempotency-replayed"), Some("true"));
                }
            }
            Step::Remove { place: number } => {
                let Some(place) = place(number) else { return };
                let path = format!("/v1/accounts/{}", self.ids[place]);
                let done = self.call(&self.owner, Method::DELETE, &path, None).await;
                match before.accounts[place].life {
                    Life::Removed => done.is_problem(404, "not_found"),
                    _ => assert_eq!((done.status, &done.body["lifecycle"]), (202, &json!("removed"))),
                }
            }
            Step::RemoveStale { place: number } => {
                let Some(place) = place(number) else { return };
                let call = self.owner.call(Method::DELETE, &format!("/v1/accounts/{}", self.ids[place]));
                let done = tests::send(call.header("if-match", "\"987654\"")).await;
                match before.accounts[place].life {
                    Life::Removed => done.is_problem(404, "not_found"),
                    _ => done.is_problem(412, "version_conflict"),
                }
            }
            Step::Main { place: number } => {
                let Some(place) = place(number) else { return };
                let path = format!("/v1/accounts/{}/main", self.ids[place]);
                let done = self.call(&self.owner, Method::PUT, &path, None).await;
                match before.accounts[place].life {
                    Life::Removed => done.is_problem(404, "not_found"),
                    Life::Disconnected => done.is_problem(409, "account_not_usable"),
                    Life::Active => assert_eq!(done.status, 200, "{}", done.text),
                }
            }
            Step::Lease { place: number } => {
                let Some(place) = place(number) else { return };
                let path = format!("/v1/accounts/{}/credential-leases", self.ids[place]);
                let done = self.call(&self.owner, Method::POST, &path, Some(json!({"purpose": "publish"}))).await;
                match before.accounts[place].life {
                    Life::Removed => done.is_problem(404, "not_found"),
                    Life::Disconnected => done.is_problem(409, "account_disconnected"),
                    Life::Active => assert_eq!(done.status, 201, "{}", done.text),
                }
            }
            Step::Label { place: number, label } => {
                let Some(place) = place(number) else { return };
                let body = json!({"label": label.map(|n| format!("Label {n}"))});
                let path = format!("/v1/accounts/{}", self.ids[place]);
                let done = self.call(&self.owner, Method::PATCH, &path, Some(body)).await;
                match before.accounts[place].life {
                    Life::Removed => done.is_problem(404, "not_found"),
                    _ => assert_eq!(done.status, 200, "{}", done.text),
                }
            }
            Step::AsViewer { place: number } => {
                let Some(place) = place(number) else { return };
                let path = format!("/v1/accounts/{}", self.ids[place]);
                self.call(&self.viewer, Method::DELETE, &path, None).await.is_problem(403, "permission_denied");
            }
            Step::Elsewhere { place: number } => {
                let Some(place) = place(number) else { return };
                let path = format!("/v1/accounts/{}", self.ids[place]);
                self.call(&self.stranger, Method::GET, &path, None).await.is_problem(404, "not_found");
                self.call(&self.stranger, Method::DELETE, &path, None).await.is_problem(404, "not_found");
            }
        }
    }

    /// The accounts of one list are those that the model has there, each as it has it.
    async fn list(&self, model: &Model, life: Life, word: &str) {
        let list = self.get(&format!("/v1/workspaces/{}/accounts?limit=200&lifecycle={word}", self.workspace)).await;
        let told: Vec<Value> = list["data"].as_array().expect("a list").iter().map(row).collect();
        let known = model.accounts.iter().enumerate().filter(|(_, known)| known.life == life);
        let expected: Vec<Value> = known
            .map(|(place, known)| {
                let is_main = model.main.get(&known.platform) == Some(&place);
                let label = known.label.map(|n| format!("Label {n}"));
                json!([self.ids[place], PLATFORMS[known.platform], word, is_main, label])
            })
            .collect();
        assert_eq!(sorted(told), sorted(expected), "{word}");
    }

    /// What is disconnected, and what is counted, is what the model says.
    async fn rest(&self, model: &Model) {
        self.list(model, Life::Disconnected, "disconnected").await;
        let ws = &self.workspace;
        let summary = self.get(&format!("/v1/workspaces/{ws}/accounts/summary")).await;
        let kept = model.accounts.iter().filter(|known| known.life != Life::Removed).count();
        assert_eq!(summary["total"], kept, "{summary}");
        let limits = self.get(&format!("/v1/workspaces/{ws}/limits")).await;
        assert_eq!(limits["total"]["used"], model.active(None).len(), "{limits}");
    }

    /// An account is gone for good, if the model says so.
    async fn gone(&self, model: &Model, place: usize) {
        if model.accounts[place].life == Life::Removed {
            let path = format!("/v1/accounts/{}", self.ids[place]);
            self.call(&self.owner, Method::GET, &path, None).await.is_problem(404, "not_found");
        }
    }
}

fn row(account: &Value) -> Value {
    json!([account["id"], account["platform"], account["lifecycle"], account["is_main"], account["label"]])
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(ToString::to_string);
    rows
}

impl StateMachineTest for Product {
    type SystemUnderTest = (Self, Model);
    type Reference = Model;

    fn init_test(_: &Model) -> (Self, Model) {
        let life = LIVES.fetch_add(1, Ordering::Relaxed);
        (Self::start(life), Model::default())
    }

    fn apply((mut product, before): (Self, Model), after: &Model, step: Step) -> (Self, Model) {
        stage().runtime.block_on(async {
            product.step(&before, &step).await;
            product.list(after, Life::Active, "active").await;
            product.steps += 1;
            if product.steps.is_multiple_of(STRIDE) {
                product.rest(after).await;
            }
            if let Some(place) = step.place().and_then(|place| before.at(place)) {
                product.gone(after, place).await;
            }
        });
        (product, after.clone())
    }

    fn teardown((product, _): (Self, Model), model: Model) {
        stage().runtime.block_on(async {
            product.rest(&model).await;
            for place in 0..model.accounts.len() {
                product.gone(&model, place).await;
            }
        });
    }
}

/// S0-78, S1-09, S1-11, S1-30, CHK-P3, CHK-P9: whatever is done in whatever order.
#[test]
fn the_api_does_what_a_small_model_of_it_does() {
    let runners = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let running: Vec<_> = (0..runners).map(|_| scope.spawn(|| run(CASES.div_ceil(runners)))).collect();
        for lives in running {
            lives.join().expect("a runner");
        }
    });
    assert!(LIVES.load(Ordering::Relaxed) >= CASES);
}

/// So many lives, one after the other.
fn run(cases: usize) {
    let cases = u32::try_from(cases).expect("few");
    let config =
        ProptestConfig { cases, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() };
    let lives = Model::sequential_strategy(STEPS..=STEPS);
    let outcome = TestRunner::new(config.clone()).run(&lives, |(model, steps, seen)| {
        Product::test_sequential(config.clone(), model, steps, seen);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
