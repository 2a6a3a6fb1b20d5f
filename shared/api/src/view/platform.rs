//! Platforms, plans and limits.

use app::{
    platform::{Blast, Card, Entry, Platform},
    workspace::Limits,
};
use domain::{Limit, Renewal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A platform of the catalogue.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Platform)]
pub struct PlatformView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
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
    /// Whether the platform works; `operational` as far as is known.
    pub status: String,
}

/// A way to connect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Method)]
pub struct MethodView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether our app is set up.
    pub configured: bool,
    /// The scopes that each capability asks for, beside those of `connect`.
    pub capabilities: std::collections::BTreeMap<String, Vec<String>>,
    /// The scopes that are asked always.
    pub connect_scopes: Vec<String>,
    /// `silent`, `extend` or `none`.
    pub renewal: String,
    /// What a revocation ends: `token`, `person_app`, or `unsupported`.
    pub revoke: String,
    /// Where a person ends the access by hand.
    pub manual_revoke_url: Option<String>,
    /// Whether `expected_handle` can be judged.
    pub returns_handle: bool,
}

/// What an account must be or have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Requirement)]
pub struct RequirementView {
    /// A stable word.
    pub code: String,
    /// For people.
    pub text: String,
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
    /// The worst health state of its accounts.
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

impl From<&Platform> for PlatformView {
    fn from(platform: &Platform) -> Self {
        let mut kinds: Vec<String> = platform.methods.iter().flat_map(|(e, _)| e.kinds.clone()).collect();
        kinds.dedup();
        let mut requirements: Vec<RequirementView> = Vec::new();
        for requirement in platform.methods.iter().flat_map(|(e, _)| &e.requirements) {
            if !requirements.iter().any(|r| r.code == requirement.code) {
                requirements.push(RequirementView { code: requirement.code.clone(), text: requirement.text.clone() });
            }
        }
        Self {
            id: platform.id.to_string(),
            name: platform.name.clone(),
            status_page_url: platform.methods.iter().find_map(|(e, _)| e.status_page_url.clone()),
            methods: platform.methods.iter().map(|(entry, configured)| method(entry, *configured)).collect(),
            kinds,
            requirements,
            configured: platform.configured(),
            status: "operational".to_owned(),
        }
    }
}

fn method(entry: &Entry, configured: bool) -> MethodView {
    MethodView {
        id: entry.method.to_string(),
        name: entry.method_name.clone(),
        configured,
        capabilities: entry.capabilities.iter().map(|(c, s)| (c.as_str().to_owned(), s.clone())).collect(),
        connect_scopes: entry.connect_scopes.clone(),
        renewal: match entry.renewal.renewal() {
            Renewal::Silent => "silent",
            Renewal::Extend => "extend",
            Renewal::None => "none",
        }
        .to_owned(),
        revoke: match entry.blast {
            Blast::Unsupported => "unsupported",
            Blast::Token => "token",
            Blast::PersonApp => "person_app",
        }
        .to_owned(),
        manual_revoke_url: entry.manual_revoke_url.clone(),
        returns_handle: entry.returns_handle,
    }
}

impl From<&Card> for CardView {
    fn from(card: &Card) -> Self {
        let configured = card.platform.configured();
        let disabled_reason = match &card.reached {
            _ if !configured => Some("platform_not_configured".to_owned()),
            Some(_) => Some("plan_limit_reached".to_owned()),
            None => None,
        };
        Self {
            id: card.platform.id.to_string(),
            name: card.platform.name.clone(),
            worst_state: None,
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
