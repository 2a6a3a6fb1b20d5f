//! The console: the accounts of one workspace, for its members.

use std::collections::BTreeSet;

use askama::Template;
use domain::{AccountId, CandidateId, Lifecycle, MethodId, Role, Timestamp, WorkspaceId, connect::MOST_SELECTED};

use crate::{
    icon,
    parts::{Action, Blocked, Face, Flash, Link, Meter, Platform, Via},
    words,
};

/// What stands around every page of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chrome {
    /// Where the overview of this workspace is.
    pub home: String,
    /// The CSRF token for every form of the page.
    pub csrf: String,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What people call it.
    pub workspace_name: String,
    /// Who is signed in.
    pub person: Option<String>,
    /// Their role.
    pub role: Option<Role>,
    /// The workspaces to change to; may be empty.
    pub workspaces: Vec<WorkspaceLink>,
    /// Where one signs out, if one can.
    pub sign_out: Option<String>,
}

/// A workspace to change to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceLink {
    /// Its id.
    pub id: WorkspaceId,
    /// What people call it.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// The plan and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPanel {
    /// What people call the plan.
    pub name: String,
    /// Accounts over all platforms.
    pub total: Meter,
    /// Accounts on each platform; `None` is no limit.
    pub per_platform: Option<u32>,
    /// Where to get more.
    pub upgrade: Option<Link>,
}

/// A field that a method needs before it can start (`host` for Mastodon).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The field's name.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// An example.
    pub example: String,
    /// Whether the method cannot start without it.
    pub required: bool,
}

/// One way to connect an account of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Its id; sent as `method`.
    pub id: MethodId,
    /// What people call it, shown where a platform has several (`Instagram login`).
    pub name: String,
    /// What has to be known first.
    pub ask: Option<Ask>,
    /// Why this method cannot be used now.
    pub blocked: Option<Blocked>,
}

/// A platform and its state in this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformCard {
    /// The platform.
    pub platform: Platform,
    /// Its accounts here.
    pub connected: Meter,
    /// Name of the main account.
    pub main: Option<String>,
    /// The ways to connect, the default first.
    pub methods: Vec<Method>,
    /// Why no account can be connected now (plan full, not configured, not allowed).
    pub blocked: Option<Blocked>,
}

impl PlatformCard {
    /// Whether it needs no more than one button, so that it can be drawn small.
    fn simple(&self) -> bool {
        self.blocked.is_none() && matches!(self.methods.as_slice(), [one] if one.ask.is_none() && one.blocked.is_none())
    }
}

/// A connected or disconnected account in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// Who it is.
    pub face: Face,
    /// Its public page.
    pub profile_url: Option<String>,
    /// Where.
    pub platform: Platform,
    /// `page`, `profile` …
    pub kind: String,
    /// Since when.
    pub connected_at: Timestamp,
    /// Who connected it.
    pub connected_by: Option<String>,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// When it was disconnected.
    pub disconnected_at: Option<Timestamp>,
    /// Whether it is the main account of its platform.
    pub is_main: bool,
    /// What can be done with it.
    pub actions: Vec<Action>,
}

impl AccountRow {
    fn kind_in_words(&self) -> String {
        self.kind.replace('_', " ")
    }

    fn link(&self) -> Option<String> {
        self.profile_url.as_deref().and_then(words::href)
    }

    /// The reasons of its blocked actions, each once.
    fn reasons(&self) -> BTreeSet<&str> {
        self.actions.iter().filter_map(|a| a.blocked.as_ref()).map(|b| b.reason.as_str()).collect()
    }
}

/// One choice of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterLink {
    /// What it is called.
    pub label: String,
    /// Where it leads (`?platform=facebook`).
    pub href: String,
    /// How many accounts it shows.
    pub count: Option<u32>,
    /// Whether it is the present one.
    pub current: bool,
}

/// Whether disconnected accounts are listed too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toggle {
    /// They are.
    pub on: bool,
    /// Leads to the other state.
    pub href: String,
}

/// The workspace at a glance.
#[derive(Debug, Clone, Template)]
#[template(path = "console/overview.html")]
pub struct Overview {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// The plan.
    pub plan: PlanPanel,
    /// The platforms, in the catalogue's order.
    pub platforms: Vec<PlatformCard>,
    /// Where the Connect forms are posted: `platform`, `method`, and what the method asks.
    pub connect: String,
    /// The accounts of this page of the list.
    pub accounts: Vec<AccountRow>,
    /// Which platforms to list, the first for all; may be empty.
    pub filters: Vec<FilterLink>,
    /// Whether the list shows a part only.
    pub filtered: bool,
    /// Disconnected accounts too?
    pub disconnected: Toggle,
    /// Where the list goes on.
    pub next: Option<String>,
    /// A word for the newcomer (`Here the platforms are simulated: approve as acme.`).
    pub hint: Option<String>,
}

impl Overview {
    fn untouched(&self) -> bool {
        self.accounts.is_empty() && !self.filtered && self.plan.total.used == 0
    }
}

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
    /// Whether it is here already.
    pub existing: Option<Existing>,
    /// Whether its box is ticked at first.
    pub checked: bool,
    /// Why it cannot be chosen, and where that can be fixed.
    pub blocked: Option<Blocked>,
}

impl CandidateRow {
    fn kind_in_words(&self) -> String {
        self.kind.replace('_', " ")
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

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The connection; id and history stay.
    Disconnect,
    /// The account and all that is known of it.
    Remove,
}

impl Ending {
    fn verb(self) -> &'static str {
        match self {
            Self::Disconnect => "Disconnect",
            Self::Remove => "Remove",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Disconnect => "Disconnected",
            Self::Remove => "Removed",
        }
    }
}

/// The account that a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Who it is.
    pub face: Face,
    /// Where.
    pub platform: Platform,
}

/// What will become of the access at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It will be withdrawn.
    Revoked,
    /// It stays: so many other accounts hang on the same sign-in.
    Shared {
        /// The others.
        others: usize,
    },
    /// The platform offers no way; a person can do it there.
    Unsupported,
    /// There is none any more.
    None,
}

impl Access {
    fn sentence(self, platform: &str) -> String {
        match self {
            Self::Revoked => {
                format!("No other account uses this sign-in, so {platform} will be told to withdraw the access.")
            }
            Self::Shared { others: 1 } => {
                format!("The access at {platform} stays, because another account uses the same sign-in.")
            }
            Self::Shared { others } => {
                format!("The access at {platform} stays, because {others} other accounts use the same sign-in.")
            }
            Self::Unsupported => {
                format!(
                    "{platform} offers apps no way to withdraw the access. You will be shown how to do it there yourself."
                )
            }
            Self::None => format!("There is no access left at {platform} to withdraw."),
        }
    }
}

/// Asks again before a connection or an account ends.
#[derive(Debug, Clone, Template)]
#[template(path = "console/confirm.html")]
pub struct Confirm {
    /// Around it.
    pub chrome: Chrome,
    /// What ends.
    pub ending: Ending,
    /// Of which account.
    pub subject: Subject,
    /// What will happen, in sentences.
    pub effects: Vec<String>,
    /// What becomes of the access at the platform.
    pub access: Access,
    /// What stays.
    pub kept: Vec<String>,
    /// What goes.
    pub erased: Vec<String>,
    /// Where the confirmation is posted.
    pub submit: String,
    /// Where one goes who does not want it.
    pub cancel: String,
}

/// What became of the access at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// It is being withdrawn.
    Pending,
    /// The platform confirmed it.
    Revoked,
    /// The platform offers no way.
    Unsupported,
    /// The platform would not.
    Failed,
    /// Others use the same sign-in.
    SkippedSharedGrant,
    /// It had ended before.
    Nothing,
}

impl Revocation {
    fn title(self) -> &'static str {
        match self {
            Self::Pending => "The access is being withdrawn",
            Self::Revoked => "The access is withdrawn",
            Self::Unsupported => "The access can only be withdrawn by hand",
            Self::Failed => "The access could not be withdrawn",
            Self::SkippedSharedGrant => "The access stays, for other accounts",
            Self::Nothing => "There was no access left",
        }
    }

    fn sentence(self, platform: &str) -> String {
        match self {
            Self::Pending => format!("{platform} has not confirmed it yet. It will be asked again until it does."),
            Self::Revoked => format!("{platform} has confirmed it."),
            Self::Unsupported => format!("{platform} offers apps no way to do it. You can do it there yourself."),
            Self::Failed => format!("{platform} did not accept it. You can do it there yourself."),
            Self::SkippedSharedGrant => {
                format!("Other accounts use the same sign-in at {platform}. It ends when the last of them goes.")
            }
            Self::Nothing => "It ended when the account was disconnected.".to_owned(),
        }
    }

    /// Whether withdrawing it by hand would end other accounts.
    fn is_shared(self) -> bool {
        self == Self::SkippedSharedGrant
    }

    fn tone(self) -> &'static str {
        match self {
            Self::Revoked | Self::Nothing => "good",
            Self::Failed => "bad",
            Self::Pending | Self::Unsupported | Self::SkippedSharedGrant => "info",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Revoked | Self::Nothing => icon::SUCCESS,
            Self::Failed => icon::WARNING,
            Self::Pending | Self::Unsupported | Self::SkippedSharedGrant => icon::INFO,
        }
    }
}

/// How a person withdraws the access at the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manual {
    /// What to do, one after the other.
    pub steps: Vec<String>,
    /// Where.
    pub link: Option<Link>,
}

/// What was done, truthfully.
#[derive(Debug, Clone, Template)]
#[template(path = "console/receipt.html")]
pub struct Receipt {
    /// Around it.
    pub chrome: Chrome,
    /// What ended.
    pub ending: Ending,
    /// Of which account.
    pub subject: Subject,
    /// What became of the access at the platform.
    pub revocation: Revocation,
    /// How to do by hand what could not be done.
    pub manual: Option<Manual>,
    /// What happened, in sentences.
    pub effects: Vec<String>,
    /// What stays.
    pub kept: Vec<String>,
    /// What went, or is going.
    pub erased: Vec<String>,
}

/// For somebody who came without a session.
#[derive(Debug, Clone, Template)]
#[template(path = "console/sign_in.html")]
pub struct SignIn {
    /// Where the app is that members sign in to.
    pub app: Option<Link>,
}
