//! What platforms tell apps of their own accord: that a person removed the app, wants their data deleted, or changed.
//!
//! A room queues a notice by a function of its platform's module ([`meta`], [`tiktok`], [`x`], [`google`]); without an
//! address in the app's `notices` that does nothing. What an event queued is sent within the call to `/_sim/events`,
//! the rest (and what failed) by `POST /_sim/notices/deliver`, as due by the simulator's clock: a minute after the first
//! attempt, then twice as long each time, twelve hours at most, for 72 hours or until it was taken.

mod challenge;
pub(crate) mod control;
pub(crate) mod google;
pub(crate) mod meta;
mod post;
mod sign;
pub(crate) mod tiktok;
pub(crate) mod x;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::challenge::Challenge;
use self::post::Reply;
use self::sign::Ink;
use crate::apps::App;
use crate::util::{digest, digits, random};
use crate::{Simulator, World};

/// TikTok webhooks: tried again for up to 72 hours. Others do not say, and are taken alike.
const KEPT: SignedDuration = SignedDuration::from_hours(72);
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(12);
/// How old a stale notice is.
const STALE: SignedDuration = SignedDuration::from_hours(8 * 24);

/// What is wrong with a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tamper {
    /// It is sent twice, as platforms may.
    Duplicate,
    /// It is sent after the app's next one.
    OutOfOrder,
    /// It says that it is eight days old, and is rightly signed.
    Stale,
    /// It is signed by a key that is nobody's.
    Forged,
    /// Half of its signature is missing.
    TruncatedSignature,
    /// It is signed by the secret of another app.
    OtherSecret,
    /// It is about somebody who never was there, and rightly signed.
    UnknownPerson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Waiting,
    Delivered,
    GivenUp,
}

/// A request as it will be sent, each time alike.
#[derive(Clone)]
pub(crate) struct Letter {
    content_type: &'static str,
    header: Option<(&'static str, String)>,
    body: String,
    /// What it says, without its signature.
    payload: Value,
    signature: String,
}

/// One notice to one app.
#[derive(Serialize)]
pub(crate) struct Notice {
    id: u64,
    platform: String,
    app: String,
    kind: String,
    /// The person or account, as the app knows it.
    account: String,
    url: String,
    tamper: Option<Tamper>,
    queued_at: Timestamp,
    state: State,
    attempts: u32,
    next_at: Option<Timestamp>,
    /// What came of the last attempt.
    outcome: Option<String>,
    payload: Value,
    /// A digest of the signature.
    signature: String,
    /// What the app answered to a request for deletion: where its state is told, and the code.
    reply: Option<Value>,
    #[serde(skip)]
    letter: Letter,
    #[serde(skip)]
    in_flight: bool,
}

/// What is told, of whom, to which app.
struct Told<'a> {
    platform: &'a str,
    app: &'a str,
    /// Which of the app's addresses it goes to.
    address: &'a str,
    kind: &'a str,
    account: &'a str,
}

/// Everything that was told or is to be.
#[derive(Default)]
pub(crate) struct Notices {
    all: Vec<Notice>,
    challenges: BTreeMap<String, Challenge>,
    /// What is to be wrong with those that are queued now.
    pub(crate) tamper: Option<Tamper>,
}

/// Why notices are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// Something happened.
    Event,
    /// Somebody asked for all that is due.
    Asked,
}

/// Queues what `write` makes of it, if the app has an address for it.
fn queue(world: &mut World, told: &Told<'_>, write: impl FnOnce(&Ink) -> Letter) {
    let Some(app) = world.apps.get(told.platform, told.app).cloned() else { return };
    let Some(url) = app.notices.get(told.address) else { return };
    let tamper = world.notices.tamper;
    let ink = Ink {
        at: if tamper == Some(Tamper::Stale) { world.now - STALE } else { world.now },
        account: match tamper {
            Some(Tamper::UnknownPerson) => digits(&format!("nobody/{}", told.account), "9", 17),
            _ => told.account.to_owned(),
        },
        secret: secret(world, &app, tamper),
        tamper,
        nonce: digits(&format!("notice/{}/{}", app.client_id, world.notices.all.len()), "59", 19),
    };
    let letter = write(&ink);
    let copies = if tamper == Some(Tamper::Duplicate) { 2 } else { 1 };
    for _ in 0..copies {
        let id = u64::try_from(world.notices.all.len()).unwrap_or(u64::MAX) + 1;
        world.notices.all.push(Notice {
            id,
            platform: told.platform.to_owned(),
            app: app.client_id.clone(),
            kind: told.kind.to_owned(),
            account: ink.account.clone(),
            url: url.clone(),
            tamper,
            queued_at: world.now,
            state: State::Waiting,
            attempts: 0,
            next_at: Some(world.now),
            outcome: None,
            payload: letter.payload.clone(),
            signature: digest(&letter.signature),
            reply: None,
            letter: letter.clone(),
            in_flight: false,
        });
    }
}

fn secret(world: &mut World, app: &App, tamper: Option<Tamper>) -> String {
    match tamper {
        Some(Tamper::Forged) => random(&mut world.rng, 32),
        Some(Tamper::OtherSecret) => world
            .apps
            .of(&app.platform)
            .find(|other| other.client_id != app.client_id)
            .map_or_else(|| format!("another-{}", app.client_secret), |other| other.client_secret.clone()),
        _ => app.client_secret.clone(),
    }
}

impl Notice {
    /// Sent after the next one, as long as it was not sent at all.
    fn is_late(&self) -> bool {
        self.tamper == Some(Tamper::OutOfOrder) && self.attempts == 0
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.state == State::Waiting && !self.in_flight && self.next_at.is_some_and(|at| at <= now)
    }

    /// Gives up what nobody took in time.
    fn wait(&mut self, now: Timestamp, outcome: String) {
        self.outcome = Some(outcome);
        let doubled = 1_i32 << self.attempts.saturating_sub(1).min(10);
        let wait = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
        let next = now + if self.attempts == 0 { SignedDuration::ZERO } else { wait };
        let in_time = next <= self.queued_at + KEPT;
        self.next_at = in_time.then_some(next);
        self.state = if in_time { State::Waiting } else { State::GivenUp };
    }

    fn settle(&mut self, now: Timestamp, reply: &Reply) {
        self.in_flight = false;
        self.attempts += 1;
        match self.taken(reply) {
            Ok(kept) => {
                self.state = State::Delivered;
                self.next_at = None;
                self.outcome = Some("delivered".to_owned());
                self.reply = kept;
            }
            Err(outcome) => self.wait(now, outcome),
        }
    }

    /// Whether the app took it, with what is to be kept of its answer.
    fn taken(&self, reply: &Reply) -> Result<Option<Value>, String> {
        let Reply::Answered { status, text } = reply else { return Err("no_answer".to_owned()) };
        let accepted = *status == 200 || (self.platform == "google" && *status == 202);
        if !accepted {
            return Err(format!("status:{status}"));
        }
        if self.kind != meta::DATA_DELETION {
            return Ok(None);
        }
        meta::deletion_reply(text).map(Some).ok_or_else(|| "bad_reply".to_owned())
    }
}

impl Notices {
    /// What is due now, in the order in which it is sent; nobody else sends it meanwhile.
    fn take(&mut self, now: Timestamp, run: Run) -> Vec<u64> {
        let challenges = &self.challenges;
        let mut due: Vec<&mut Notice> = self.all.iter_mut().filter(|notice| notice.is_due(now)).collect();
        due.retain_mut(|notice| {
            let open = notice.platform != x::PLATFORM || challenges.get(&notice.app).is_some_and(Challenge::is_passed);
            if !open {
                notice.wait(now, "challenge_failed".to_owned());
            }
            open
        });
        let overtaking: BTreeSet<String> =
            due.iter().filter(|notice| !notice.is_late()).map(|notice| notice.app.clone()).collect();
        due.retain(|notice| run == Run::Asked || !notice.is_late() || overtaking.contains(&notice.app));
        due.sort_by_key(|notice| (notice.is_late(), notice.id));
        due.into_iter()
            .map(|notice| {
                notice.in_flight = true;
                notice.id
            })
            .collect()
    }

    fn get(&self, id: u64) -> Option<&Notice> {
        self.all.iter().find(|notice| notice.id == id)
    }

    fn get_mut(&mut self, id: u64) -> Option<&mut Notice> {
        self.all.iter_mut().find(|notice| notice.id == id)
    }
}

impl Simulator {
    /// Sends what is due. It goes on if the caller does not wait for it.
    pub(crate) async fn deliver(&self, run: Run) -> Vec<u64> {
        let simulator = self.clone();
        tokio::spawn(async move { simulator.send_due(run).await }).await.unwrap_or_default()
    }

    /// An address that does not answer is left alone for the rest of the run.
    async fn send_due(&self, run: Run) -> Vec<u64> {
        self.challenge_endpoints(run).await;
        let due = {
            let mut state = self.lock();
            let now = state.clock.now();
            state.world.notices.take(now, run)
        };
        let mut silent: BTreeSet<String> = BTreeSet::new();
        for id in &due {
            let found = self.lock().world.notices.get(*id).map(|notice| (notice.url.clone(), notice.letter.clone()));
            let Some((url, letter)) = found else { continue };
            let reply = if silent.contains(&url) { None } else { Some(self.post(&url, &letter).await) };
            let mut state = self.lock();
            let now = state.clock.now();
            let Some(notice) = state.world.notices.get_mut(*id) else { continue };
            match reply {
                None => notice.in_flight = false,
                Some(reply) => {
                    if matches!(reply, Reply::None) {
                        silent.insert(url);
                    }
                    notice.settle(now, &reply);
                }
            }
        }
        due
    }
}
