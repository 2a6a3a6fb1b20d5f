//! What a person sees who connects an account: often on a phone, often without knowing Mooring.

use std::collections::BTreeSet;

use askama::Template;
use domain::{Capability, Code, MethodId, Timestamp};

use crate::{
    parts::{Face, Hidden, Link, Missing, Platform, Press},
    words::{self, Suspicion},
};

/// What is asked for, in the catalogue's words; each is one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it allows.
    pub what: String,
    /// What that is needed for.
    pub why: String,
    /// What never happens with it.
    pub never: String,
}

/// The page behind `start_url`: who asks for what. Opening it writes nothing; its one button goes on.
///
/// Its answer needs the platform's origin in the policy's `form-action`.
#[derive(Debug, Clone, Template)]
#[template(path = "connect/start.html")]
pub struct Start {
    /// The workspace that asks.
    pub workspace: String,
    /// The person who asks, by name or else by id.
    pub person: Option<String>,
    /// Where.
    pub platform: Platform,
    /// How.
    pub method: MethodId,
    /// What people call it (`TikTok Business`).
    pub way: String,
    /// Where one signs in for it (`Facebook`, for Instagram accounts that are linked to Pages).
    pub sign_in: String,
    /// Other platforms that are asked for along.
    pub also: Vec<(Platform, MethodId)>,
    /// What is asked for.
    pub asks: Vec<Asked>,
    /// What that surely does not allow.
    pub excluded: BTreeSet<Capability>,
    /// The account to be reconnected or expected; none if any is welcome.
    pub expected: Option<String>,
    /// Where Continue is posted.
    pub action: String,
    /// What is posted.
    pub fields: Vec<Hidden>,
    /// Whether accounts are connected that lose their access if they are left unticked this time.
    pub keep_ticked: bool,
    /// Goes on on another device, where the person can do that.
    pub device: Option<Press>,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Start {
    /// Whether the way is worth a word: it is not what the platform's name says.
    fn is_special(&self) -> bool {
        self.way != self.platform.name
    }

    fn caution(&self) -> Option<&'static str> {
        let suspicion = words::suspicion(&self.workspace);
        suspicion.or_else(|| self.person.as_deref().and_then(words::suspicion)).map(Suspicion::sentence)
    }

    /// What it cannot do, in plain words.
    fn cannot(&self) -> Vec<&'static str> {
        let excluded = self.excluded.iter().map(|capability| match capability {
            Capability::Publish => "Post anything",
            Capability::Analytics => "Read your numbers",
            Capability::Messages => "Read your messages",
            Capability::Audience => "See who follows you",
        });
        excluded.collect()
    }
}

/// Another device was handed the attempt: it names the code of the first one.
#[derive(Debug, Clone, Template)]
#[template(path = "connect/confirm.html")]
pub struct Confirm {
    /// The workspace that asks.
    pub workspace: String,
    /// The person who asks, by name or else by id.
    pub person: Option<String>,
    /// Where.
    pub platform: Platform,
    /// Where the code is posted, as `code`.
    pub action: String,
    /// What was wrong with the code before.
    pub wrong: Option<String>,
    /// Whether no try is left: the first device has to make a new code.
    pub spent: bool,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Confirm {
    fn caution(&self) -> Option<&'static str> {
        let suspicion = words::suspicion(&self.workspace);
        suspicion.or_else(|| self.person.as_deref().and_then(words::suspicion)).map(Suspicion::sentence)
    }
}

/// The callback is at work in another run; the page asks again by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "connect/waiting.html")]
pub struct Waiting {
    /// Where.
    pub platform: Platform,
    /// After how many seconds the page asks again, by a meta tag; `None` leaves it to a header or to the person.
    pub refresh: Option<u32>,
}

/// How connecting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These accounts are connected.
    Connected(Vec<Face>),
    /// The choice is made in the app that asked.
    ChooseInApp {
        /// How many can be chosen from.
        offered: usize,
    },
    /// The choice is made on the device that handed the attempt over.
    ChooseOnFirstDevice {
        /// How many can be chosen from.
        offered: usize,
    },
}

/// Where one lands who has nowhere else to go.
#[derive(Debug, Clone, Template)]
#[template(path = "connect/done.html")]
pub struct Done {
    /// The workspace that asked.
    pub workspace: String,
    /// Where.
    pub platform: Platform,
    /// How it ended.
    pub outcome: Outcome,
    /// Accounts that were connected before and lost their access, because they were left out.
    pub lost: Vec<String>,
    /// Where to go on.
    pub link: Option<Link>,
}

/// It did not work, and what to do now.
#[derive(Debug, Clone, Template)]
#[template(path = "connect/problem.html")]
pub struct Problem {
    /// In a few words.
    pub title: String,
    /// Why.
    pub explanation: String,
    /// What to do.
    pub next_step: String,
    /// The stable code.
    pub code: Code,
    /// The request's id, for support.
    pub request_id: String,
    /// What else to look at.
    pub missing: Vec<Missing>,
    /// Accounts that were connected before and lost their access, because they were left out.
    pub lost: Vec<String>,
    /// Where to do it.
    pub link: Option<Link>,
}

impl Problem {
    /// A problem in the registry's words.
    pub fn of(code: Code, request_id: impl Into<String>) -> Self {
        Self {
            title: code.title().to_owned(),
            explanation: code.cause().to_owned(),
            next_step: code.next_step().to_owned(),
            code,
            request_id: request_id.into(),
            missing: Vec::new(),
            lost: Vec::new(),
            link: None,
        }
    }
}
