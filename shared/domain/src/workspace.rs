//! A workspace's one small record: its plan, its counts, its main accounts.

use std::collections::BTreeMap;

use crate::{AccountId, OrgId, Plan, PlanCatalogue, PlatformId, WorkspaceId, plan::Reached};

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The SaaS's id of it.
    pub id: WorkspaceId,
    /// Its organisation.
    pub org: OrgId,
    /// The plan that the SaaS set on the record, if it did.
    pub plan: Option<String>,
    /// Accounts that count against the limits.
    pub total: u32,
    /// The same by platform.
    pub per_platform: BTreeMap<PlatformId, u32>,
    /// The main account of each platform that has one.
    pub main: BTreeMap<PlatformId, AccountId>,
    /// What its administrators decided.
    pub policies: Policies,
    /// Counts every change of the policies.
    pub version: u64,
}

/// What a workspace's administrators decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policies {
    /// Whether a further account may be added from a living consent without asking the person again; a
    /// consent then asks along for the other platforms of the same sign-in.
    pub reuse_grant: bool,
}

impl Workspace {
    /// A workspace that holds nothing yet.
    pub fn empty(id: WorkspaceId, org: OrgId) -> Self {
        let (per_platform, main) = (BTreeMap::new(), BTreeMap::new());
        Self { id, org, plan: None, total: 0, per_platform, main, policies: Policies::default(), version: 0 }
    }

    /// How many accounts of a platform count.
    pub fn used(&self, platform: &PlatformId) -> u32 {
        self.per_platform.get(platform).copied().unwrap_or(0)
    }

    /// The plan in force: the record's, else the one the caller's token names, else the smallest.
    pub fn plan<'a>(&self, plans: &'a PlanCatalogue, claimed: Option<&str>) -> &'a Plan {
        plans.plan(self.plan.as_deref().or(claimed).unwrap_or("free"))
    }

    /// The limit that `adding` more would exceed, if any.
    pub fn reached(
        &self,
        plans: &PlanCatalogue,
        claimed: Option<&str>,
        platform: &PlatformId,
        adding: u32,
    ) -> Option<Reached> {
        plans.reached(self.plan(plans, claimed), self.total, self.used(platform), adding)
    }

    /// Whether an account is the main one of its platform.
    pub fn is_main(&self, account: AccountId) -> bool {
        self.main.values().any(|main| *main == account)
    }
}
