//! Plans and their limits, as data.

mod seat;

use serde::{Deserialize, Serialize};

pub use self::seat::{Bounds, ranked, seats};
use crate::{Code, Refusal};

/// How many accounts there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<u32>", into = "Option<u32>")]
pub enum Limit {
    /// At most so many.
    AtMost(u32),
    /// As many as one likes (`null` as JSON).
    Unlimited,
}

impl Limit {
    /// How many more fit beside `used`.
    pub fn room(self, used: u32) -> u32 {
        match self {
            Self::AtMost(most) => most.saturating_sub(used),
            Self::Unlimited => u32::MAX,
        }
    }
}

impl From<Option<u32>> for Limit {
    fn from(most: Option<u32>) -> Self {
        most.map_or(Self::Unlimited, Self::AtMost)
    }
}

impl From<Limit> for Option<u32> {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::AtMost(most) => Some(most),
            Limit::Unlimited => None,
        }
    }
}

/// What a workspace may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `free`, `starter`, `professional`, `enterprise`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Over all platforms.
    pub max_total: Limit,
    /// On each platform.
    pub max_per_platform: Limit,
    /// The shortest interval at which an account's data may be fetched again.
    pub sync_floor_minutes: u32,
    /// What it lets one do beside connecting accounts.
    #[serde(default)]
    pub entitlements: Vec<Entitlement>,
}

/// What a plan lets one do beside connecting accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// Show a brand of one's own to the people who connect accounts.
    Branding,
    /// Connect by OAuth apps of one's own.
    OwnOauthApps,
}

impl Entitlement {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Branding => "branding",
            Self::OwnOauthApps => "own_oauth_apps",
        }
    }
}

/// Which of a plan's two limits is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Over all platforms.
    Total,
    /// On one platform.
    PerPlatform,
}

impl Scope {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::PerPlatform => "per_platform",
        }
    }
}

/// A limit that is in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Which limit.
    pub scope: Scope,
    /// The most there may be.
    pub limit: u32,
    /// How many there are.
    pub used: u32,
    /// The plan's id.
    pub plan: String,
    /// The smallest plan that would have room.
    pub upgrade: Option<Upgrade>,
}

/// A plan that would have room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upgrade {
    /// The plan's id.
    pub plan: String,
    /// Its limit of the same scope; `None` is unlimited.
    pub max: Option<u32>,
}

/// All plans, smallest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCatalogue {
    /// `merged`, `per_platform_only`, `s3`.
    pub id: String,
    /// The page of the SaaS where a larger plan is taken.
    #[serde(default)]
    pub upgrade_url: Option<String>,
    /// Smallest first.
    pub plans: Vec<Plan>,
}

/// There is no catalogue of that name, or its file is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not one of the shipped names.
    #[error("no plan catalogue named {0:?}: choose merged, per_platform_only or s3")]
    UnknownCatalogue(String),
    /// The shipped file does not parse.
    #[error("plan catalogue {0} is broken: {1}")]
    Broken(String, String),
}

impl PlanCatalogue {
    /// One of the three shipped catalogues.
    pub fn shipped(id: &str) -> Result<Self, PlanError> {
        let text = match id {
            "merged" => include_str!("../../../infra/plans/merged.json"),
            "per_platform_only" => include_str!("../../../infra/plans/per_platform_only.json"),
            "s3" => include_str!("../../../infra/plans/s3.json"),
            other => return Err(PlanError::UnknownCatalogue(other.to_owned())),
        };
        let catalogue: Self =
            serde_json::from_str(text).map_err(|e| PlanError::Broken(id.to_owned(), e.to_string()))?;
        if catalogue.plans.is_empty() {
            return Err(PlanError::Broken(id.to_owned(), "no plans".to_owned()));
        }
        Ok(catalogue)
    }

    /// The plan of that id; an unknown id is the smallest plan, so that a typo never gives more.
    pub fn plan(&self, id: &str) -> &Plan {
        self.plans.iter().find(|p| p.id == id).unwrap_or(&self.plans[0])
    }

    /// Whether there is a plan of that id.
    pub fn has(&self, id: &str) -> bool {
        self.plans.iter().any(|p| p.id == id)
    }

    /// Refuses what a plan does not let one do, and names the smallest plan that does.
    pub fn entitled(&self, plan: &Plan, to: Entitlement) -> Result<(), Refusal> {
        if plan.entitlements.contains(&to) {
            return Ok(());
        }
        let with = self.plans.iter().find(|p| p.entitlements.contains(&to));
        let with = with.map(|p| format!(" The plan {} has it.", p.id)).unwrap_or_default();
        let detail = format!("The plan {} does not include {}.{with}", plan.id, to.as_str());
        Err(Refusal::new(Code::EntitlementMissing, detail))
    }

    /// The limit that `adding` more accounts of a platform would exceed, if any.
    pub fn reached(&self, plan: &Plan, total: u32, on_platform: u32, adding: u32) -> Option<Reached> {
        let checks = [(Scope::PerPlatform, plan.max_per_platform, on_platform), (Scope::Total, plan.max_total, total)];
        let (scope, limit, used) = checks.into_iter().find(|(_, limit, used)| limit.room(*used) < adding)?;
        let of = |p: &Plan| match scope {
            Scope::PerPlatform => p.max_per_platform,
            Scope::Total => p.max_total,
        };
        let fits = |p: &&Plan| p.max_per_platform.room(on_platform) >= adding && p.max_total.room(total) >= adding;
        let upgrade = self.plans.iter().find(fits).map(|p| Upgrade { plan: p.id.clone(), max: of(p).into() });
        Some(Reached { scope, limit: Option::from(limit).unwrap_or(u32::MAX), used, plan: plan.id.clone(), upgrade })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the shipped catalogues allow.
    #[test]
    fn the_three_catalogues_hold_the_documented_limits() {
        use Limit::{AtMost, Unlimited};
        let cases = [
            (
                "merged",
                [(AtMost(3), AtMost(1)), (AtMost(10), AtMost(3)), (AtMost(25), AtMost(10)), (Unlimited, Unlimited)],
            ),
            (
                "per_platform_only",
                [(Unlimited, AtMost(1)), (Unlimited, AtMost(3)), (Unlimited, AtMost(10)), (Unlimited, Unlimited)],
            ),
            ("s3", [(AtMost(3), AtMost(1)), (AtMost(10), Unlimited), (AtMost(25), Unlimited), (Unlimited, Unlimited)]),
        ];
        for (id, limits) in cases {
            let catalogue = PlanCatalogue::shipped(id).expect(id);
            let found: Vec<_> = catalogue.plans.iter().map(|p| (p.max_total, p.max_per_platform)).collect();
            assert_eq!(found, limits, "{id}");
            let ids: Vec<_> = catalogue.plans.iter().map(|p| p.id.as_str()).collect();
            assert_eq!(ids, ["free", "starter", "professional", "enterprise"]);
        }
        assert!(PlanCatalogue::shipped("gold").is_err());
    }

    /// S3-56, S3-57
    #[test]
    fn a_brand_and_apps_of_ones_own_are_part_of_the_largest_plan() {
        for id in ["merged", "per_platform_only", "s3"] {
            let catalogue = PlanCatalogue::shipped(id).expect(id);
            for entitlement in [Entitlement::Branding, Entitlement::OwnOauthApps] {
                for plan in &catalogue.plans {
                    let asked = catalogue.entitled(plan, entitlement);
                    assert_eq!(asked.is_ok(), plan.id == "enterprise", "{id} {}", plan.id);
                    let Err(refused) = asked else { continue };
                    assert_eq!(refused.code, Code::EntitlementMissing);
                    assert!(refused.detail.contains("The plan enterprise has it."), "{}", refused.detail);
                }
            }
        }
    }

    #[test]
    fn a_limit_names_the_smallest_plan_that_would_have_room() {
        let merged = PlanCatalogue::shipped("merged").expect("shipped");
        let free = merged.plan("free");
        assert_eq!(merged.reached(free, 0, 0, 1), None);
        let reached = merged.reached(free, 1, 1, 1).expect("per platform");
        assert_eq!((reached.scope, reached.limit, reached.used), (Scope::PerPlatform, 1, 1));
        assert_eq!(reached.upgrade, Some(Upgrade { plan: "starter".to_owned(), max: Some(3) }));
        let reached = merged.reached(free, 3, 0, 1).expect("total");
        assert_eq!((reached.scope, reached.limit), (Scope::Total, 3));
        assert_eq!(merged.plan("typo").id, "free");
    }
}
