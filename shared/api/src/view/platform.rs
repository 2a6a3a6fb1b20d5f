//! Platforms, plans and limits.

mod method;
mod notice;

use app::{
    Services,
    platform::{Card, Platform},
    workspace::{Limits, Order},
};
use domain::{Account, Limit, Timestamp, health::State, plan::Reached};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use method::{MethodView, RequirementView};
use notice::NoticeView;

use crate::problem::UpgradeView;

/// A platform of the catalogue.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Platform)]
pub struct PlatformView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its logo, an SVG; null for an operator's own platform.
    pub icon: Option<String>,
    /// Where it tells of its outages.
    pub status_page_url: Option<String>,
    /// The ways to connect; the first is the default.
    pub methods: Vec<MethodView>,
    /// What can be connected.
    pub kinds: Vec<String>,
    /// What an account must be or have.
    pub requirements: Vec<RequirementView>,
    /// Whether any method is set up here.
    pub configured: bool,
    /// `operational` as far as is known, `degraded` while it is in trouble.
    pub status: String,
    /// What is to be known of it now; the most pressing first.
    pub notices: Vec<NoticeView>,
}

/// Platforms.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Platforms)]
pub struct PlatformsView {
    /// In the catalogue's order.
    pub data: Vec<PlatformView>,
}

/// A platform in a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkspacePlatform)]
pub struct CardView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its logo, an SVG; null for an operator's own platform.
    pub icon: Option<String>,
    /// The worst health state of its connected accounts; null where there are none.
    pub worst_state: Option<String>,
    /// How many accounts count.
    pub counts: CountsView,
    /// The main account, if there is one.
    pub main_account_id: Option<String>,
    /// The plan's limit here; null is none.
    pub limit: Option<u32>,
    /// Whether another account can be connected, and how.
    pub add: AddView,
}

/// Counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Counts)]
pub struct CountsView {
    /// Connected ones.
    pub connected: u32,
}

/// Whether another account can be connected.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Add)]
pub struct AddView {
    /// Whether it can.
    pub enabled: bool,
    /// The code that says why not.
    pub disabled_reason: Option<String>,
    /// The methods that are set up.
    pub methods: Vec<String>,
    /// The limit of the plan that another account would exceed; null while there is room.
    pub limit: Option<ReachedView>,
}

/// A limit that is in the way.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LimitReached)]
pub struct ReachedView {
    /// `total` or `per_platform`.
    pub scope: String,
    /// The most there may be.
    pub limit: u32,
    /// How many there are.
    pub used: u32,
    /// The smallest plan with room, if there is one.
    pub upgrade: Option<UpgradeView>,
}

/// Platforms in a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkspacePlatforms)]
pub struct CardsView {
    /// In the catalogue's order.
    pub data: Vec<CardView>,
}

/// A plan and how much of it is used.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Limits)]
pub struct LimitsView {
    /// The plan's id.
    pub plan: String,
    /// Over all platforms.
    pub total: TotalView,
    /// By platform.
    pub per_platform: Vec<PlatformLimitView>,
    /// How many accounts are suspended for want of a place. They count as the others do.
    pub suspended_count: u32,
    /// Those that the caller sees; the first one comes back first.
    pub suspended: Vec<SuspendedView>,
    /// Who would be suspended next by a smaller plan: the newest first and main accounts last, at most 25.
    pub next_suspended: Vec<AccountInPlanView>,
    /// What the plan lets one do beside connecting accounts: `branding`, `own_oauth_apps`.
    pub entitlements: Vec<String>,
}

/// An account that is suspended for want of a place.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SuspendedAccount)]
pub struct SuspendedView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its platform.
    pub platform: String,
    /// Since when.
    #[schema(value_type = Option<String>)]
    pub since: Option<Timestamp>,
}

/// An account by its id and name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountInPlan)]
pub struct AccountInPlanView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its platform.
    pub platform: String,
}

/// A limit and its use.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = TotalLimit)]
pub struct TotalView {
    /// The most; null is no limit.
    pub limit: Option<u32>,
    /// How many there are.
    pub used: u32,
}

/// A platform's limit and its use.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlatformLimit)]
pub struct PlatformLimitView {
    /// The platform's id.
    pub platform: String,
    /// The most; null is no limit.
    pub limit: Option<u32>,
    /// How many there are.
    pub used: u32,
}

impl PlatformView {
    /// As it is now; `trouble` is since when it is in trouble.
    pub(crate) fn of(platform: &Platform, trouble: Option<Timestamp>, now: Timestamp) -> Self {
        let mut kinds: Vec<String> = Vec::new();
        let mut requirements: Vec<RequirementView> = Vec::new();
        for (entry, _) in &platform.methods {
            kinds.extend(entry.kinds.iter().filter(|kind| !kinds.contains(kind)).cloned().collect::<Vec<_>>());
            for requirement in &entry.requirements {
                if !requirements.iter().any(|r| r.code == requirement.code) {
                    requirements.push(requirement.into());
                }
            }
        }
        Self {
            id: platform.id.to_string(),
            name: platform.name.clone(),
            icon: icon(platform),
            status_page_url: platform.methods.iter().find_map(|(e, _)| e.status_page_url.clone()),
            methods: platform.methods.iter().map(|(entry, configured)| MethodView::of(entry, *configured)).collect(),
            kinds,
            requirements,
            configured: platform.configured(),
            status: if trouble.is_some() { "degraded" } else { "operational" }.to_owned(),
            notices: platform.notices(trouble, now).into_iter().map(NoticeView::from).collect(),
        }
    }
}

fn icon(platform: &Platform) -> Option<String> {
    web::icon::platform(&platform.id).map(str::to_owned)
}

impl CardView {
    /// `worst` is the worst state of its connected accounts.
    pub(crate) fn of(services: &Services, card: &Card, worst: Option<State>) -> Self {
        let configured = card.platform.configured();
        let disabled_reason = match &card.reached {
            _ if !card.may_connect => Some("permission_denied".to_owned()),
            _ if !configured => Some("platform_not_configured".to_owned()),
            Some(_) => Some("plan_limit_reached".to_owned()),
            None => None,
        };
        Self {
            id: card.platform.id.to_string(),
            name: card.platform.name.clone(),
            icon: icon(&card.platform),
            worst_state: worst.map(|state| state.as_str().to_owned()),
            counts: CountsView { connected: card.used },
            main_account_id: card.main.as_ref().map(|a| a.id.to_string()),
            limit: card.limit.into(),
            add: AddView {
                enabled: disabled_reason.is_none(),
                disabled_reason,
                methods: card
                    .platform
                    .methods
                    .iter()
                    .filter(|(_, on)| *on)
                    .map(|(e, _)| e.method.to_string())
                    .collect(),
                limit: card.reached.as_ref().map(|reached| ReachedView::of(services, reached)),
            },
        }
    }
}

impl ReachedView {
    fn of(services: &Services, reached: &Reached) -> Self {
        Self {
            scope: reached.scope.as_str().to_owned(),
            limit: reached.limit,
            used: reached.used,
            upgrade: reached.upgrade.as_ref().map(|upgrade| UpgradeView::of(services, upgrade)),
        }
    }
}

impl LimitsView {
    pub(crate) fn of(limits: &Limits, order: &Order) -> Self {
        let most = |limit: Limit| Option::<u32>::from(limit);
        let each = most(limits.plan.max_per_platform);
        Self {
            plan: limits.plan.id.clone(),
            total: TotalView { limit: most(limits.plan.max_total), used: limits.total },
            per_platform: limits
                .per_platform
                .iter()
                .map(|(p, used)| PlatformLimitView { platform: p.to_string(), limit: each, used: *used })
                .collect(),
            suspended_count: limits.suspended,
            suspended: order.suspended.iter().map(suspended).collect(),
            next_suspended: order.next.iter().map(AccountInPlanView::from).collect(),
            entitlements: limits.plan.entitlements.iter().map(|e| e.as_str().to_owned()).collect(),
        }
    }
}

fn suspended(account: &Account) -> SuspendedView {
    let AccountInPlanView { id, name, platform } = AccountInPlanView::from(account);
    SuspendedView { id, name, platform, since: account.suspended.map(|suspended| suspended.since) }
}

impl From<&Account> for AccountInPlanView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.display_name().to_owned(),
            platform: account.platform.to_string(),
        }
    }
}
