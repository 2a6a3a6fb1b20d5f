//! Long work that outlives whoever does it: what is to be done, how far it is, and who is at it.
//!
//! It is done in small steps, each of which may be done twice. After each one it is written down how far it is, by the
//! one whose fence is the newest.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Account, AccountId, Actor, OrgId, RunId, WorkspaceId,
    account::ConnectedBy,
    renewal::{LEASE, MARGIN},
    sync::{Asked, Scope, SyncError, Trigger},
};

/// How often work is tried that nobody depends on: a bit more than a day.
const MOST_TRIES: u32 = 30;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Work {
    /// Disconnect everything at once.
    Lockdown {
        /// Why.
        reason: Option<String>,
    },
    /// Erase the workspace.
    Erase,
    /// Write down what is known of the workspace.
    Export {
        /// Only of these accounts; of everything if none.
        accounts: Vec<AccountId>,
    },
    /// Erase what is left of a removed account.
    Purge {
        /// Which one.
        account: AccountId,
    },
    /// Fetch an account's data. It is not worked off as the others are: [`crate::sync`] says when.
    Sync {
        /// Of which account.
        account: AccountId,
        /// Why.
        trigger: Trigger,
        /// What of it; whatever is due if nothing is named.
        scope: Vec<Scope>,
    },
}

impl Work {
    /// The word used in answers.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Lockdown { .. } => "lockdown",
            Self::Erase => "erase",
            Self::Export { .. } => "export",
            Self::Purge { .. } => "purge",
            Self::Sync { .. } => "sync",
        }
    }

    /// Whether it is tried again however often it failed: what is begun of it must not stay half done.
    fn never_gives_up(&self) -> bool {
        matches!(self, Self::Lockdown { .. } | Self::Erase)
    }
}

/// Where it is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has begun.
    Queued,
    /// It was begun.
    Running,
    /// All of it is done.
    Succeeded,
    /// A part of it is done, and `error` says what is missing.
    Partial,
    /// It was given up.
    Failed,
}

impl State {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

/// How far it is, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// So much is done.
    pub step: u32,
    /// Of so much; 0 where that is not known yet.
    pub of: u32,
    /// What is being done.
    pub label: String,
}

/// Long work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// In whose workspace.
    pub workspace: WorkspaceId,
    /// Its organisation.
    pub org: OrgId,
    /// What is to be done.
    pub work: Work,
    /// Who asked for it.
    pub asked_by: ConnectedBy,
    /// When.
    pub created_at: Timestamp,
    /// Where it is in its life.
    pub state: State,
    /// How far it is.
    pub progress: Progress,
    /// Which part of the work it is at.
    pub phase: u8,
    /// Where it goes on in that part.
    #[serde(default)]
    pub after: Option<String>,
    /// Whether this pass of the part has left something for another one.
    #[serde(default)]
    pub left: bool,
    /// When what was left can be gone on with, if that is known.
    #[serde(default)]
    pub look_at: Option<Timestamp>,
    /// How many pieces it has written beside itself.
    #[serde(default)]
    pub parts: u32,
    /// What it did, counted.
    #[serde(default)]
    pub counts: BTreeMap<String, u32>,
    /// How often in a row a step failed.
    #[serde(default)]
    pub tries: u32,
    /// What it did not get, and why.
    #[serde(default)]
    pub error: Option<SyncError>,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Counts everybody who was at it.
    pub fence: u64,
    /// Until when somebody is at it, in epoch milliseconds.
    #[serde(default)]
    pub lease_until: Option<i64>,
    /// When it is gone on with.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
}

impl Run {
    /// Work that nobody has begun.
    pub fn new(id: RunId, actor: &Actor, org: OrgId, work: Work, now: Timestamp) -> Self {
        let by = ConnectedBy { kind: "user".to_owned(), id: actor.sub.clone(), name: actor.name.clone() };
        Self { due_at: Some(now), ..Self::queued(id, actor.workspace.clone(), org, work, by, now) }
    }

    /// A run that fetches an account's data.
    pub fn sync(id: RunId, account: &Account, org: OrgId, asked: &Asked, by: ConnectedBy) -> Self {
        let work = Work::Sync { account: account.id, trigger: asked.trigger, scope: asked.scope.clone() };
        Self::queued(id, account.workspace.clone(), org, work, by, asked.at)
    }

    /// Work that is not begun, and not due by itself.
    fn queued(
        id: RunId,
        workspace: WorkspaceId,
        org: OrgId,
        work: Work,
        asked_by: ConnectedBy,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            workspace,
            org,
            work,
            asked_by,
            created_at: now,
            state: State::Queued,
            progress: Progress { step: 0, of: 0, label: "queued".to_owned() },
            phase: 0,
            after: None,
            left: false,
            look_at: None,
            parts: 0,
            counts: BTreeMap::new(),
            tries: 0,
            error: None,
            finished_at: None,
            fence: 0,
            lease_until: None,
            due_at: None,
        }
    }

    /// Goes on with the next part of the work.
    pub fn enter(&mut self, phase: u8) {
        self.phase = phase;
        self.begin_again();
    }

    /// Goes through the same part once more.
    pub fn begin_again(&mut self) {
        (self.after, self.left, self.look_at) = (None, false, None);
    }

    /// Something of this part is left; `at` is when it can be gone on with, if that is known.
    pub fn leave(&mut self, at: Option<Timestamp>) {
        self.left = true;
        self.look_at = self.look_at.into_iter().chain(at).min();
    }

    /// Counts so many of something.
    pub fn count(&mut self, what: &str, more: u32) {
        if more > 0 {
            *self.counts.entry(what.to_owned()).or_default() += more;
        }
    }

    /// Whoever is at it goes on.
    pub fn keep_hold(&mut self, now: Timestamp) {
        self.tries = 0;
        self.lease_until = Some((now + LEASE).as_millisecond());
        self.due_at = Some(now + LEASE + MARGIN);
    }

    /// Whoever is at it stops; it is gone on with at a moment.
    pub fn let_go(&mut self, at: Timestamp) {
        self.lease_until = None;
        self.due_at = Some(at);
    }

    /// A step failed: it is tried again later, or given up.
    pub fn fail(&mut self, now: Timestamp) {
        self.tries = self.tries.saturating_add(1);
        if self.tries >= MOST_TRIES && !self.work.never_gives_up() {
            self.finish(State::Failed, now);
        } else {
            self.let_go(now + wait(self.tries));
        }
    }

    /// It has ended.
    pub fn finish(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.finished_at = Some(now);
        (self.lease_until, self.due_at) = (None, None);
    }
}

/// A minute, doubled by each try, an hour at most.
pub fn wait(tries: u32) -> SignedDuration {
    SignedDuration::from_mins(1i64 << tries.saturating_sub(1).min(6)).min(SignedDuration::from_hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(work: Work) -> Run {
        let workspace: WorkspaceId = "ws_1".parse().expect("legal");
        let org = OrgId::from(&workspace);
        let now = Timestamp::UNIX_EPOCH;
        let actor = Actor {
            sub: "u".to_owned(),
            credential: crate::actor::Credential::Token,
            name: None,
            workspace,
            org: org.clone(),
            role: crate::Role::Owner,
            plan: None,
            perms: None,
            accounts: None,
            workspaces: BTreeMap::new(),
        };
        Run::new(RunId::new(now, [1; 16]), &actor, org, work, now)
    }

    #[test]
    fn tries_back_off_from_a_minute_to_an_hour() {
        assert_eq!(wait(1), SignedDuration::from_mins(1));
        assert_eq!(wait(3), SignedDuration::from_mins(4));
        assert_eq!(wait(40), SignedDuration::from_hours(1));
    }

    #[test]
    fn what_must_not_stay_half_done_is_never_given_up() {
        let now = Timestamp::UNIX_EPOCH;
        for (work, given_up) in [
            (Work::Lockdown { reason: None }, false),
            (Work::Erase, false),
            (Work::Export { accounts: Vec::new() }, true),
            (Work::Purge { account: AccountId::new(now, [2; 16]) }, true),
        ] {
            let mut run = run(work);
            for _ in 0..100 {
                if run.finished_at.is_none() {
                    run.fail(now);
                }
            }
            assert_eq!(run.state == State::Failed, given_up, "{:?}", run.work);
            assert_eq!(run.due_at.is_none(), given_up);
        }
    }

    #[test]
    fn a_pass_remembers_what_it_left_and_the_earliest_moment_to_go_on() {
        let mut run = run(Work::Erase);
        let at = |second| Some(Timestamp::from_second(second).expect("in range"));
        for moment in [None, at(9), at(7), at(8)] {
            run.leave(moment);
        }
        assert_eq!((run.left, run.look_at), (true, at(7)));
        run.enter(2);
        assert_eq!((run.phase, run.left, run.look_at), (2, false, None));
    }
}
