//! Which of the accounts that a consent offers to connect.

use askama::Template;
use domain::{CandidateId, Timestamp, connect::MOST_SELECTED};

use super::Chrome;
use crate::{
    parts::{Blocked, Face, Flash, Missing, Platform, Press},
    words,
};

/// Whether a candidate is in this workspace already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is connected; choosing it renews its permissions.
    Connected,
    /// It was disconnected; choosing it brings it back.
    Disconnected,
}

/// One account that the consent offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateRow {
    /// Its id; sent as `candidate`.
    pub id: CandidateId,
    /// Who it is.
    pub face: Face,
    /// `page`, `profile` …
    pub kind: String,
    /// The person's role there.
    pub role: Option<String>,
    /// The page that it is linked to.
    pub linked: Option<String>,
    /// Whether it is here already.
    pub existing: Option<Existing>,
    /// Whether its box is ticked at first.
    pub checked: bool,
    /// Why it cannot be chosen, and where that can be fixed.
    pub blocked: Option<Blocked>,
}

impl CandidateRow {
    fn kind_in_words(&self) -> String {
        words::kind(&self.kind)
    }
}

/// Which of the offered accounts to connect.
#[derive(Debug, Clone, Template)]
#[template(path = "console/choose.html")]
pub struct Choose {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// Where.
    pub platform: Platform,
    /// Who gave the permission, as the platform names them.
    pub authorized_by: Option<String>,
    /// What is offered.
    pub candidates: Vec<CandidateRow>,
    /// Why something may be missing from it.
    pub missing: Vec<Missing>,
    /// How many more accounts of this platform the plan takes; `None` is no limit.
    pub room: Option<u32>,
    /// What people call the plan.
    pub plan: String,
    /// How many this attempt has connected before.
    pub connected_before: u32,
    /// Until when one can choose.
    pub until: Timestamp,
    /// Where the choice is posted: `candidate` for each.
    pub submit: String,
    /// Where the end of choosing is posted: `done=true`.
    pub finish: String,
    /// What to do where nothing can be chosen.
    pub instead: Option<Press>,
}

impl Choose {
    fn selectable(&self) -> usize {
        self.candidates.iter().filter(|c| c.blocked.is_none()).count()
    }

    fn refused(&self) -> usize {
        self.candidates.len() - self.selectable()
    }

    /// `24 can be connected, 6 cannot.`
    fn tally(&self) -> String {
        match (self.selectable(), self.refused()) {
            (can, 0) => format!("{} can be connected.", words::accounts(can)),
            (0, 1) => "The only account here cannot be connected.".to_owned(),
            (0, cannot) => format!("None of these {cannot} accounts can be connected."),
            (can, cannot) => format!("{can} can be connected, {cannot} cannot."),
        }
    }

    /// `The plan Free has room for 1 more account.`
    fn room_in_words(&self) -> String {
        let plan = &self.plan;
        match self.room {
            None => format!("The plan {plan} has room for all of them."),
            Some(0) => format!("The plan {plan} has no room for another account."),
            Some(1) => format!("The plan {plan} has room for 1 more account."),
            Some(room) => format!("The plan {plan} has room for {room} more accounts."),
        }
    }

    fn most(&self) -> usize {
        let room = self.room.map_or(usize::MAX, |room| usize::try_from(room).unwrap_or(usize::MAX));
        room.min(MOST_SELECTED)
    }
}
