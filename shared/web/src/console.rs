//! The console: the accounts of one workspace, for its members.

mod account;
mod chart;
mod choose;
mod ending;
mod figures;
mod handoff;
mod health;
mod links;
mod overview;
mod progress;
mod settings;
mod timeline;

use askama::Template;
use domain::{Role, WorkspaceId};

use crate::parts::Link;

pub use crate::words::kind;
pub use account::{AccountPage, Change, Fact, Matrix, MatrixRow, Sibling};
pub use chart::{Chart, MOST_DAYS, Point, Quality};
pub use choose::{CandidateRow, Choose, Existing};
pub use ending::{Access, Confirm, Ending, Manual, Receipt, Revocation, Subject};
pub use figures::{Completeness, FiguresPage, FiguresSummary, Growth, Latest, Reading, Shares, Side, Told};
pub use handoff::{HandOff, Waiting};
pub use health::{Mark, remedy, why, word};
pub use links::{
    Address, LinkActions, LinkConfirm, LinkEnding, LinkItem, LinkPage, LinkRow, LinkTold, Links, NewLink, Place,
    Standing,
};
pub use overview::{
    AccountRow, Ask, Choice, FilterLink, Method, Overview, PlanPanel, PlatformCard, Search, Select, Toggle,
};
pub use progress::{DataSection, FetchFailure, FetchNow, Looks, NotFetched, RunEnd, RunPage, Step, StepState};
pub use settings::{Settings, SuspendedRow};
pub use timeline::{IdentityChange, Timeline, Trait};

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
    /// Where its links for clients are; none where this visitor may not see them.
    pub links: Option<String>,
    /// Where the workspace's settings are.
    pub settings: String,
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

/// For somebody who came without a session.
#[derive(Debug, Clone, Template)]
#[template(path = "console/sign_in.html")]
pub struct SignIn {
    /// Where the app is that members sign in to.
    pub app: Option<Link>,
}
