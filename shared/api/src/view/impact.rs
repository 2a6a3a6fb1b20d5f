//! What an action would do.

use std::collections::BTreeMap;

use app::impact::{Impact, Places, Warning, workspace};
use domain::{Account, Limit, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    planned::{CountsView, PlannedView},
    receipt::{NextView, RevocationView},
};

/// What an action would do with an account. Nothing was changed by asking.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountImpact)]
pub struct ImpactView {
    /// The account.
    pub id: String,
    /// `disconnect`, `remove`, `reconnect`, `lockdown`.
    pub action: String,
    /// The account's version, as `ETag` and `If-Match` have it.
    pub etag: String,
    /// Whether it is the main account of its platform.
    pub is_main: bool,
    /// The account that would become main.
    pub main_successor: Option<OtherView>,
    /// Other accounts on the same consent, as far as the caller sees them.
    pub siblings: Vec<OtherView>,
    /// How many there are, seen or not.
    pub siblings_total: usize,
    /// How many accounts of other workspaces live on the same consent.
    pub copies_elsewhere: usize,
    /// The account that it is tied to (Threads and Instagram).
    pub linked_account: Option<OtherView>,
    /// What `cascade` may name, so that the tied account goes along.
    pub cascade: Vec<String>,
    /// What the publisher plans with it, as it reported it.
    pub planned: PlannedView,
    /// The same in numbers.
    pub planned_counts: CountsView,
    /// How its tokens were used.
    pub usage: RecentView,
    /// Places of the plan.
    pub limits: PlacesView,
    /// The access at the platform as it would be: `revoked` where the platform will be told.
    pub revocation: RevocationView,
    /// What the publisher would be told to do.
    pub effects: Vec<String>,
    /// What would be kept.
    pub kept: Vec<String>,
    /// What would be erased.
    pub erased: Vec<String>,
    /// What would be left to do by hand.
    pub next: Option<NextView>,
    /// What a person should know before, the worst first.
    pub warnings: Vec<WarningView>,
    /// Send it as `confirm` with the action: it is refused when the account, or what is planned with it, has changed since.
    pub confirm: Option<String>,
    /// Until when it is good.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub confirm_expires_at: Option<Timestamp>,
}

/// Another account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = OtherAccount)]
pub struct OtherView {
    /// `acc_…`
    pub id: String,
    /// The platform's id.
    pub platform: String,
    /// What people call it.
    pub name: String,
    /// Handle without `@`.
    pub handle: Option<String>,
}

/// How an account's tokens were used lately.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RecentUsage)]
pub struct RecentView {
    /// When one was last leased.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// How often in the last seven days.
    pub leases_7d: u32,
}

/// Places of the plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ImpactLimits)]
pub struct PlacesView {
    /// Places that become free.
    pub freed: u32,
    /// Places that are taken.
    pub taken: u32,
    /// Over all platforms, now.
    pub total: PlaceView,
    /// On its platform, now.
    pub per_platform: PlaceView,
}

/// How many places are used, and how many there are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ImpactLimit)]
pub struct PlaceView {
    /// Used now.
    pub used: u32,
    /// Null is no limit.
    pub limit: Option<u32>,
}

/// What a person should know before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ImpactWarning)]
pub struct WarningView {
    /// A stable word: `scheduled_posts_fail`, `plans_deleted`, `scheduled_posts_stay`, `failed_posts_stay_failed`,
    /// `reconnect_instead`, `access_stays`, `revoke_by_hand`, `main_account`, `recently_used`, `tied_account`,
    /// `accounts_disconnected`, `plans_end`.
    pub code: String,
    /// A sentence.
    pub text: String,
}

/// What an action would do with a workspace, as far as the caller sees its accounts. Nothing was changed by asking.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkspaceImpact)]
pub struct WorkspaceImpactView {
    /// The SaaS's id of it.
    pub workspace_id: String,
    /// `lockdown` or `erase`.
    pub action: String,
    /// Connected accounts, by platform.
    pub connected: BTreeMap<String, u32>,
    /// Disconnected accounts.
    pub disconnected: u32,
    /// Consents that the platforms will be asked to end.
    pub revoked: usize,
    /// Consents that only a person can end.
    pub by_hand: usize,
    /// What is planned with these accounts.
    pub planned_counts: CountsView,
    /// What the publisher would be told to do, of each account.
    pub effects: Vec<String>,
    /// What would be kept.
    pub kept: Vec<String>,
    /// What would be erased.
    pub erased: Vec<String>,
    /// What a person should know before.
    pub warnings: Vec<WarningView>,
}

impl From<&Account> for OtherView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            platform: account.platform.to_string(),
            name: account.display_name().to_owned(),
            handle: account.profile.handle.clone(),
        }
    }
}

impl From<&Warning> for WarningView {
    fn from(warning: &Warning) -> Self {
        Self { code: warning.code.to_owned(), text: warning.text.clone() }
    }
}

impl From<Places> for PlaceView {
    fn from(places: Places) -> Self {
        let limit = match places.limit {
            Limit::AtMost(most) => Some(most),
            Limit::Unlimited => None,
        };
        Self { used: places.used, limit }
    }
}

impl ImpactView {
    /// As it is seen at a moment.
    pub(crate) fn of(impact: &Impact, now: Timestamp) -> Self {
        let tied = impact.tied.as_ref();
        let confirm = impact.confirm.as_ref();
        Self {
            id: impact.account.id.to_string(),
            action: impact.asked.as_str().to_owned(),
            etag: format!("\"{}\"", impact.account.version),
            is_main: impact.is_main,
            main_successor: impact.successor.as_ref().map(OtherView::from),
            siblings: impact.siblings.iter().map(OtherView::from).collect(),
            siblings_total: impact.siblings_total,
            copies_elsewhere: impact.copies_elsewhere,
            linked_account: tied.map(OtherView::from),
            cascade: tied.filter(|_| confirm.is_some()).map(|tied| tied.platform.to_string()).into_iter().collect(),
            planned: (&impact.planned).into(),
            planned_counts: impact.planned.counts(now).into(),
            usage: RecentView { last_used_at: impact.usage.last_used_at, leases_7d: impact.usage.leases_7d },
            limits: PlacesView {
                freed: impact.freed,
                taken: impact.taken,
                total: impact.total.into(),
                per_platform: impact.per_platform.into(),
            },
            revocation: RevocationView::of(&impact.receipt),
            effects: impact.receipt.effects.clone(),
            kept: impact.receipt.kept.clone(),
            erased: impact.receipt.erased.clone(),
            next: NextView::of(&impact.receipt),
            warnings: impact.warnings.iter().map(WarningView::from).collect(),
            confirm: confirm.map(|confirm| confirm.word.clone()),
            confirm_expires_at: confirm.map(|confirm| confirm.until),
        }
    }
}

impl From<&workspace::Impact> for WorkspaceImpactView {
    fn from(impact: &workspace::Impact) -> Self {
        Self {
            workspace_id: impact.workspace.to_string(),
            action: impact.asked.as_str().to_owned(),
            connected: impact.connected.iter().map(|(platform, count)| (platform.to_string(), *count)).collect(),
            disconnected: impact.disconnected,
            revoked: impact.revoked,
            by_hand: impact.by_hand,
            planned_counts: impact.planned.into(),
            effects: impact.effects.clone(),
            kept: impact.kept.clone(),
            erased: impact.erased.clone(),
            warnings: impact.warnings.iter().map(WarningView::from).collect(),
        }
    }
}
