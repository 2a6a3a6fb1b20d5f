//! Long work, lockdowns and exports, as they are told.

use std::collections::BTreeMap;

use app::{
    Services,
    run::{
        export::{Piece, READABLE},
        lockdown::{Left, Report},
    },
};
use domain::{AccountId, Code, LockdownId, Refusal, Run, RunId, Timestamp, run::Work};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PageInfo, PersonView, receipt::revoked, sync::SyncErrorView};

/// Longest reason.
const REASON: usize = 500;

/// Long work that was begun.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RunStarted)]
pub struct RunStartedView {
    /// `run_…`
    pub id: String,
    /// Where it is told how far it is.
    pub href: String,
}

/// Long work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Run)]
pub struct RunView {
    /// `run_…`
    pub id: String,
    /// `lockdown`, `erase`, `export`, `purge`, `sync` …
    pub kind: String,
    /// `queued`, `running`, `succeeded`, `partial`, `failed`
    pub state: String,
    /// How far it is.
    pub progress: ProgressView,
    /// What it did, counted; which words there are depends on the kind.
    pub counts: BTreeMap<String, u32>,
    /// Who asked for it.
    pub asked_by: PersonView,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ended; null while it has not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Of a sync: which account's.
    pub account_id: Option<String>,
    /// Of a sync: `initial`, `scheduled`, `manual`.
    pub trigger: Option<String>,
    /// Of a sync that somebody asked for: what of it; empty for whatever was due.
    pub scope: Vec<String>,
    /// Of a sync: what it did not get, and why.
    pub error: Option<SyncErrorView>,
    /// Of an export that succeeded: its pieces, while they can be read.
    pub parts: Vec<RunPartView>,
}

/// How far long work is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RunProgress)]
pub struct ProgressView {
    /// So much is done.
    pub step: u32,
    /// Of so much; 0 where that is not known yet.
    pub of: u32,
    /// What is being done.
    pub label: String,
}

/// A piece of an export.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RunPart)]
pub struct RunPartView {
    /// Where it is read.
    pub href: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Why a workspace is locked down.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LockDown {
    /// For people; at most 500 characters.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

impl LockDown {
    /// The reason, if it is not too long.
    pub(crate) fn read(self) -> Result<Option<String>, Refusal> {
        match self.reason {
            Some(reason) if reason.chars().count() > REASON => {
                Err(Refusal::field("/reason", "too_long", format!("At most {REASON} characters.")))
            }
            reason => Ok(reason.map(|reason| domain::text::clean(&reason, REASON))),
        }
    }
}

/// A lockdown that was begun, or that was there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LockdownStarted)]
pub struct LockdownStartedView {
    /// `lck_…`
    pub id: String,
    /// Where its report is.
    pub href: String,
    /// The same as long work.
    pub run_id: String,
}

/// A lockdown with a page of its report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Lockdown)]
pub struct LockdownView {
    /// `lck_…`
    pub id: String,
    /// Whether it is in force: nothing is connected and no token is lent.
    pub in_force: bool,
    /// Whether every account is disconnected that was connected; before that it cannot be lifted.
    pub disconnected: bool,
    /// Why.
    pub reason: Option<String>,
    /// The work, and how far it is. It goes on until each platform has answered, seven days at most.
    pub run: RunView,
    /// What became of the accounts.
    pub data: Vec<LockedAccountView>,
    /// Where the next page begins.
    pub page: PageInfo,
}

/// What became of one account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LockedAccount)]
pub struct LockedAccountView {
    /// `acc_…`
    pub account_id: String,
    /// Its platform.
    pub platform: String,
    /// Its name; null if it was removed since.
    pub name: Option<String>,
    /// Its handle, where it has one.
    pub handle: Option<String>,
    /// Whether it is disconnected.
    pub disconnected: bool,
    /// What became of the consent at the platform: `pending`, `revoked`, `unsupported`, `failed`,
    /// `skipped_shared_grant`; null while accounts on it are still to be disconnected.
    pub revocation: Option<String>,
    /// What a person does at the platform now.
    pub security_page: SecurityPageView,
}

/// What a person does at a platform after a breach.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SecurityPage)]
pub struct SecurityPageView {
    /// The platform's own page, where it is known.
    pub url: Option<String>,
    /// What to do there, in this order.
    pub steps: Vec<SecurityStepView>,
}

/// One thing to do at a platform.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SecurityStep)]
pub struct SecurityStepView {
    /// `change_password`, `two_factor`, `connected_apps`
    pub kind: String,
    /// For people.
    pub text: String,
}

/// What to export.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportWorkspace {
    /// Only what is known of these, 1 to 200; the whole workspace if absent.
    #[serde(default)]
    pub accounts: Option<Vec<String>>,
}

/// A piece of an export.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ExportPart)]
pub struct ExportPartView {
    /// Its number, from 1 on.
    pub part: u32,
    /// How many pieces there are so far; all of them once the run has succeeded.
    pub of: u32,
    /// What is known, one thing after the other.
    pub data: Vec<ExportRecordView>,
}

/// One thing that is known.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ExportRecord)]
pub struct ExportRecordView {
    /// `workspace`, `account`, `queue_schedule`, `device`, `planned_use`, `past_facts`, `audit`, `event` …
    pub kind: String,
    /// As it is kept.
    pub data: serde_json::Value,
}

impl From<RunId> for RunStartedView {
    fn from(id: RunId) -> Self {
        Self { id: id.to_string(), href: format!("/v1/runs/{id}") }
    }
}

impl From<LockdownId> for LockdownStartedView {
    fn from(id: LockdownId) -> Self {
        Self { id: id.to_string(), href: format!("/v1/lockdowns/{id}"), run_id: RunId::from(id).to_string() }
    }
}

impl RunView {
    /// A run as it is now.
    pub(crate) fn of(services: &Services, run: &Run) -> Self {
        let expires_at = run.finished_at.map(|at| at + READABLE).filter(|ends| services.now() < *ends);
        let readable = expires_at.filter(|_| matches!(run.work, Work::Export { .. }));
        let part =
            |number, expires_at| RunPartView { href: format!("/v1/exports/{}/parts/{number}", run.id), expires_at };
        let sync = match &run.work {
            Work::Sync { account, trigger, scope } => Some((account, trigger, scope)),
            _ => None,
        };
        Self {
            id: run.id.to_string(),
            kind: run.work.as_str().to_owned(),
            state: run.state.as_str().to_owned(),
            progress: (&run.progress).into(),
            counts: run.counts.clone(),
            asked_by: PersonView { id: run.asked_by.id.clone(), name: run.asked_by.name.clone() },
            created_at: run.created_at,
            finished_at: run.finished_at,
            account_id: sync.map(|(account, ..)| account.to_string()),
            trigger: sync.map(|(_, trigger, _)| trigger.as_str().to_owned()),
            scope: sync.map(|(.., scope)| scope.iter().map(|s| s.as_str().to_owned()).collect()).unwrap_or_default(),
            error: run.error.as_ref().map(SyncErrorView::from),
            parts: readable.map(|ends| (1..=run.parts).map(|number| part(number, ends)).collect()).unwrap_or_default(),
        }
    }
}

impl LockdownView {
    /// A lockdown with a page of its report, and the sealed cursor of the next.
    pub(crate) fn of(services: &Services, report: &Report, next_cursor: Option<String>) -> Self {
        Self {
            id: LockdownId::from(report.run.id).to_string(),
            in_force: report.in_force,
            disconnected: report.disconnected,
            reason: report.reason.clone(),
            run: RunView::of(services, &report.run),
            data: report.accounts.iter().map(LockedAccountView::from).collect(),
            page: PageInfo { has_more: next_cursor.is_some(), next_cursor },
        }
    }
}

impl From<&Left> for LockedAccountView {
    fn from(left: &Left) -> Self {
        let step = |kind: &str, text: &str| SecurityStepView { kind: kind.to_owned(), text: text.to_owned() };
        let mut steps = vec![
            step("change_password", "Change the account's password, and sign out everywhere else."),
            step("two_factor", "Turn on two-factor sign-in, or renew its codes."),
        ];
        let apps = "Remove every connected app that you do not know.";
        let own: Vec<&str> = left.steps.iter().map(String::as_str).chain([apps]).collect();
        steps.extend(own.into_iter().map(|text| step("connected_apps", text)));
        Self {
            account_id: left.id.to_string(),
            platform: left.platform.to_string(),
            name: left.account.as_ref().map(|account| account.display_name().to_owned()),
            handle: left.account.as_ref().and_then(|account| account.profile.handle.clone()),
            disconnected: left.disconnected,
            revocation: left.revocation.map(|status| revoked(status).to_owned()),
            security_page: SecurityPageView { url: left.page.clone(), steps },
        }
    }
}

impl ExportWorkspace {
    /// The accounts, if some are named.
    pub(crate) fn read(self) -> Result<Option<Vec<AccountId>>, Refusal> {
        let Some(named) = self.accounts else { return Ok(None) };
        let most = app::run::export::MOST_NAMED;
        if !(1..=most).contains(&named.len()) {
            return Err(Refusal::field("/accounts", "out_of_range", format!("Name 1 to {most} accounts, or none.")));
        }
        // A text that is no id is as one that nobody has.
        let ids = named.iter().map(|id| id.parse().map_err(|_| Refusal::plain(Code::NotFound)));
        ids.collect::<Result<_, _>>().map(Some)
    }
}

impl ExportPartView {
    /// One piece, by its number.
    pub(crate) fn of(number: u32, piece: Piece) -> Self {
        let record = |value| serde_json::from_value(value).ok();
        Self { part: number, of: piece.of, data: piece.records.into_iter().filter_map(record).collect() }
    }
}
