//! Platforms, plans and limits.

mod method;
mod notice;

use app::{
    platform::{Card, Platform},
    workspace::Limits,
};
use domain::{Limit, Timestamp, health::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use method::{MethodView, RequirementView};
use notice::NoticeView;

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
    /// Accounts that a smaller plan suspended.
    pub suspended: Vec<String>,
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
    pub(crate) fn of(card: &Card, worst: Option<State>) -> Self {
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
            },
        }
    }
}

impl From<&Limits> for LimitsView {
    fn from(limits: &Limits) -> Self {
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
            suspended: Vec::new(),
        }
    }
}
