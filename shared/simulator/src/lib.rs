//! The social platforms, pretended, over real HTTP.
//!
//! Each real host is served under `/<host>/…` and alike when the `Host` header
//! names it; `/_sim/*` steers people, faults, apps, events, the clock and the
//! journal, of which `/_sim/journal/counts` tells how many calls came to what. The crate is a program of its own and strict: what a platform
//! refuses is refused here, in that platform's words.
//!
//! A platform is one module that implements `room::Room`, one line in
//! `rooms()` and an account type on `people::Person`.

mod answer;
mod apps;
mod avatar;
mod call;
mod clock;
mod consent;
mod control;
mod door;
mod facebook;
mod fault;
mod google;
mod graph;
mod instagram;
mod journal;
mod jwt;
mod linkedin;
mod notice;
mod page;
mod people;
mod pinterest;
mod reddit;
mod room;
mod row;
mod seed;
mod sloppy;
mod threads;
mod tiktok;
mod util;
mod x;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

pub use crate::apps::App;
use crate::apps::Apps;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Journal;
pub use crate::journal::SECRETS;
use crate::notice::Notices;
use crate::people::People;
use crate::room::Room;
use crate::sloppy::Sloppy;

/// How the codes and tokens of the platforms begin, less what an address would encode. Whoever searches for these, each
/// of at least twelve characters, finds every code and token, also one that was cut short.
pub const MARKS: &[&str] = &[
    facebook::CODE_MARK,
    facebook::TOKEN_MARK,
    instagram::CODE_MARK,
    instagram::TOKEN_MARK,
    x::CODE_MARK,
    x::TOKEN_MARK,
    threads::CODE_MARK,
    threads::TOKEN_MARK,
    tiktok::CODE_MARK,
    tiktok::ACCESS_MARK,
    tiktok::REFRESH_MARK,
    pinterest::CODE_MARK,
    pinterest::ACCESS_MARK,
    pinterest::REFRESH_MARK,
    jwt::MARK,
    linkedin::CODE_MARK,
    linkedin::TOKEN_MARK,
    linkedin::REFRESH_MARK,
    google::CODE_MARK,
    google::TOKEN_MARK,
    google::REFRESH_MARK,
    reddit::CODE_MARK,
    reddit::TOKEN_MARK,
    reddit::REFRESH_MARK,
];

/// What a simulator is made of.
pub struct Options {
    /// Decides every token, code and fault roll.
    pub seed: u64,
    /// The base time; the simulator's own clock is this plus an offset.
    pub wall: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// All platforms behind one door; clones share their state.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

struct Inner {
    seed: u64,
    state: Mutex<State>,
    /// By which notices are sent; made when the first is.
    client: OnceLock<reqwest::Client>,
}

/// Everything that a call may read or change.
struct State {
    clock: Clock,
    world: World,
    faults: Faults,
    journal: Journal,
    sloppy: Sloppy,
    rooms: Vec<Box<dyn Room>>,
}

/// What all platforms share.
struct World {
    now: Timestamp,
    rng: StdRng,
    apps: Apps,
    people: People,
    notices: Notices,
}

fn rooms() -> Vec<Box<dyn Room>> {
    vec![
        Box::new(facebook::Facebook::default()),
        Box::new(instagram::Instagram::default()),
        Box::new(x::X::default()),
        Box::new(threads::Threads::default()),
        Box::new(tiktok::TikTok::default()),
        Box::new(pinterest::Pinterest::default()),
        Box::new(linkedin::LinkedIn::default()),
        Box::new(google::Google::default()),
        Box::new(reddit::Reddit::default()),
    ]
}

impl State {
    fn new(seed: u64, clock: Clock, apps: Apps) -> Self {
        Self {
            world: World {
                now: clock.now(),
                rng: StdRng::seed_from_u64(seed),
                apps,
                people: seed::people(),
                notices: Notices::default(),
            },
            clock,
            faults: Faults::default(),
            journal: Journal::default(),
            sloppy: Sloppy::default(),
            rooms: rooms(),
        }
    }
}

impl Simulator {
    /// A simulator with the seed's people and no apps.
    pub fn new(options: Options) -> Self {
        let state = State::new(options.seed, Clock::new(options.wall), Apps::default());
        Self { inner: Arc::new(Inner { seed: options.seed, state: Mutex::new(state), client: OnceLock::new() }) }
    }

    /// Everything: `/<host>/…`, calls by `Host` header, and `/_sim/*`.
    pub fn router(&self) -> axum::Router {
        control::routes().fallback(door::serve).with_state(self.clone())
    }

    /// Registers an app, or replaces the one with the same platform and client
    /// id; it outlives a reset.
    pub fn register(&self, app: App) {
        self.lock().world.apps.put(app, true);
    }

    /// Moves the simulator's clock.
    pub fn advance(&self, by: SignedDuration) {
        self.lock().clock.advance(by);
    }

    /// Sets the simulator's clock; it keeps running from there.
    pub fn set_now(&self, to: Timestamp) {
        self.lock().clock.set(to);
    }

    fn reset(&self) {
        let mut state = self.lock();
        let clock = state.clock.fresh();
        let apps = state.world.apps.lasting();
        *state = State::new(self.inner.seed, clock, apps);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
