//! A workspace's one small record: its plan, its counts, its main accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Code, Limit, LockdownId, OrgId, Plan, PlanCatalogue, PlatformId, Refusal, WorkspaceId,
    health::Policy,
    plan::{Bounds, Reached},
};

/// How many days before a person must act it is told, where nobody decided that.
pub const EXPIRING_WINDOW_DAYS: u16 = 30;

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The SaaS's id of it.
    pub id: WorkspaceId,
    /// Its organisation.
    pub org: OrgId,
    /// What was decided for it.
    pub configuration: Configuration,
    /// Accounts that count against the limits.
    pub total: u32,
    /// The same by platform.
    pub per_platform: BTreeMap<PlatformId, u32>,
    /// The main account of each platform that has one.
    pub main: BTreeMap<PlatformId, AccountId>,
    /// How many of its accounts are over the plan and therefore held back.
    pub suspended: u32,
    /// How far that is in step with the plan.
    pub settlement: Settlement,
    /// The lockdown that it is in.
    pub locked_down: Option<LockdownId>,
    /// Counts every change of the configuration.
    pub version: u64,
}

/// How far the suspended accounts are in step with the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// Counts what moved it: each step names the one before, so that two cannot be taken at once.
    pub step: u64,
    /// Whether something may be left to do.
    pub open: bool,
    /// Accounts that the owner would rather keep, until it is done.
    pub keep: BTreeSet<AccountId>,
}

/// What is decided for a workspace: by its administrators, and by the SaaS.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Configuration {
    /// What people call it.
    pub name: Option<String>,
    /// The zone of its days, a name of the IANA database; UTC if none.
    pub timezone: Option<String>,
    /// The plan that the SaaS set, if it did.
    pub plan: Option<String>,
    /// Limits that the SaaS set in place of the plan's.
    pub overrides: Overrides,
    /// What its administrators decided.
    pub policies: Policies,
}

/// Limits in place of the plan's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// Over all platforms.
    pub max_total: Option<u32>,
    /// On each platform.
    pub max_per_platform: Option<u32>,
    /// What looking at its accounts may cost in a day of UTC, over all platforms that take money, in whole US dollars.
    pub max_spend_usd_per_day: Option<u32>,
}

/// What a workspace's administrators decide.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Policies {
    /// Whether a further account may be added from a living consent without asking the person again; a
    /// consent then asks along for the other platforms of the same sign-in.
    pub reuse_grant: bool,
    /// Whether an account of it may be in another workspace of the organisation too.
    pub cross_workspace: CrossWorkspace,
    /// How many days before a person must act it is told.
    pub expiring_window_days: Option<u16>,
    /// The vocabulary of whoever names none.
    pub vocabulary: Option<String>,
    /// How long what is kept.
    pub retention: Retention,
    /// Further addresses that a browser may be sent back to.
    pub return_urls: Vec<String>,
    /// Whether the SaaS has what its AI needs to know of the workspace; advice hangs on it and nothing else.
    pub identity_configured: Option<bool>,
}

/// Whether an account may be in two workspaces of an organisation. Of two workspaces the stricter decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrossWorkspace {
    /// It may be copied and connected.
    Allow,
    /// It may be copied, by somebody with rights in both.
    #[default]
    CopyOnly,
    /// No.
    Forbid,
}

/// For how many days things are kept; the product's defaults where none is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// What an account was known to be.
    pub activity_days: Option<u16>,
    /// Who did what.
    pub audit_days: Option<u16>,
    /// Figures.
    pub metrics_days: Option<u16>,
}

impl CrossWorkspace {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::CopyOnly => "copy_only",
            Self::Forbid => "forbid",
        }
    }
}

impl Workspace {
    /// A workspace that holds nothing yet.
    pub fn empty(id: WorkspaceId, org: OrgId) -> Self {
        let (per_platform, main) = (BTreeMap::new(), BTreeMap::new());
        Self {
            id,
            org,
            configuration: Configuration::default(),
            total: 0,
            per_platform,
            main,
            suspended: 0,
            settlement: Settlement::default(),
            locked_down: None,
            version: 0,
        }
    }

    /// How many accounts of a platform count.
    pub fn used(&self, platform: &PlatformId) -> u32 {
        self.per_platform.get(platform).copied().unwrap_or(0)
    }

    /// The plan in force: the record's, else the one the caller's token names, else the smallest; with the workspace's
    /// own limits.
    pub fn plan(&self, plans: &PlanCatalogue, claimed: Option<&str>) -> Plan {
        let Configuration { plan, overrides, .. } = &self.configuration;
        let mut plan = plans.plan(plan.as_deref().or(claimed).unwrap_or("free")).clone();
        plan.max_total = overrides.max_total.map_or(plan.max_total, Limit::AtMost);
        plan.max_per_platform = overrides.max_per_platform.map_or(plan.max_per_platform, Limit::AtMost);
        plan
    }

    /// The limits by which accounts are suspended: what the SaaS decided on the record. What a caller's token says of
    /// the plan suspends nothing.
    pub fn bounds(&self, plans: &PlanCatalogue) -> Bounds {
        let Configuration { plan, overrides, .. } = &self.configuration;
        let own = |most: Option<u32>| Limit::from(most);
        match plan {
            Some(_) => {
                let plan = self.plan(plans, None);
                Bounds { total: plan.max_total, per_platform: plan.max_per_platform }
            }
            None => Bounds { total: own(overrides.max_total), per_platform: own(overrides.max_per_platform) },
        }
    }

    /// Whether accounts are suspended, or are about to be: what frees a place or moves a main account must tell whoever
    /// settles that.
    pub fn is_unsettled(&self) -> bool {
        self.suspended > 0 || self.settlement.open
    }

    /// What its administrators decided.
    pub fn policies(&self) -> &Policies {
        &self.configuration.policies
    }

    /// How the health of an account is judged, which may have a window of its own.
    pub fn health_policy(&self, window_days: Option<u16>) -> Policy {
        Policy::with_window(
            window_days.or(self.configuration.policies.expiring_window_days).unwrap_or(EXPIRING_WINDOW_DAYS),
        )
    }

    /// The limit that `adding` more would exceed, if any.
    pub fn reached(
        &self,
        plans: &PlanCatalogue,
        claimed: Option<&str>,
        platform: &PlatformId,
        adding: u32,
    ) -> Option<Reached> {
        plans.reached(&self.plan(plans, claimed), self.total, self.used(platform), adding)
    }

    /// Refused while it is locked down: nothing is connected then, and no token is lent.
    pub fn open(&self) -> Result<(), Refusal> {
        if self.locked_down.is_none() { Ok(()) } else { Err(Refusal::plain(Code::WorkspaceLockedDown)) }
    }

    /// Whether an account is the main one of its platform.
    pub fn is_main(&self, account: AccountId) -> bool {
        self.main.values().any(|main| *main == account)
    }
}
