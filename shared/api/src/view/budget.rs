//! The budgets of calls to platforms, and what was paid.

use app::budget::{BudgetShown, BudgetsShown, Share, SpendShown, Used};
use domain::{Timestamp, budget::MICROS};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All budgets, and what was paid today.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Budgets)]
pub struct BudgetsView {
    /// The budgets of each method that is set up. What has the same name under one app is one budget.
    pub data: Vec<BudgetView>,
    /// The platforms that take money for being read.
    pub spend: Vec<SpendView>,
}

/// A budget of calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Budget)]
pub struct BudgetView {
    /// The platform.
    pub platform: String,
    /// The method.
    pub method: String,
    /// Its name.
    pub name: String,
    /// What it is for: `profile`, `metrics`, `audience`.
    pub classes: Vec<String>,
    /// Whose it is: `app`, or each `account`'s own, of which nothing is counted here.
    pub per: String,
    /// Over how long it is counted: `minute`, `quarter_hour`, `hour`, `utc_day`, `pacific_day`, or `percent` where the
    /// platform counts by itself.
    pub window: String,
    /// How many units the platform gives in a window; null where it tells no number.
    pub limit: Option<u64>,
    /// How many of them fetching may use; the rest is for people and publishing.
    pub share: Option<u64>,
    /// How many units a look at an account takes at most.
    pub cost: u64,
    /// From how many percent on, as the platform tells them, nobody fetches.
    pub stop_percent: Option<u64>,
    /// What was used in the window; null of what is each account's own.
    pub used: Option<UsedView>,
    /// When the window ends.
    #[schema(value_type = String, format = DateTime)]
    pub resets_at: Timestamp,
    /// Until when nobody fetches; null if nothing is stopped.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub blocked_until: Option<Timestamp>,
    /// Why: the platform `refused`, or told that it is `nearly_used_up`.
    pub blocked_why: Option<String>,
}

/// What was used of a budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BudgetUse)]
pub struct UsedView {
    /// Looks at accounts.
    pub calls: u64,
    /// Units that these took.
    pub units: u64,
    /// By workspace.
    pub by_workspace: Vec<BudgetShareView>,
}

/// What a workspace used of a budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BudgetShare)]
pub struct BudgetShareView {
    /// The SaaS's id of it.
    pub workspace: String,
    /// Looks at accounts.
    pub calls: u64,
    /// Units that these took.
    pub units: u64,
}

/// What was paid at a platform today, by our own count.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Spend)]
pub struct SpendView {
    /// The platform.
    pub platform: String,
    /// The day of UTC.
    pub date: String,
    /// US dollars, `0.03`.
    pub usd: String,
    /// What may be spent in a day; null where nobody said.
    pub cap_usd: Option<String>,
    /// When the next day begins.
    #[schema(value_type = String, format = DateTime)]
    pub resets_at: Timestamp,
    /// By workspace.
    pub by_workspace: Vec<SpendShareView>,
}

/// What a workspace cost at a platform today.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SpendShare)]
pub struct SpendShareView {
    /// The SaaS's id of it.
    pub workspace: String,
    /// Looks that were paid for.
    pub calls: u64,
    /// US dollars.
    pub usd: String,
}

/// Millionths of a dollar as dollars, to the cent, and beyond that what there is.
fn dollars(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / MICROS, micros % MICROS);
    let cents = text.len() - 4;
    let (whole, beyond) = text.split_at(cents);
    format!("{whole}{}", beyond.trim_end_matches('0'))
}

impl From<BudgetsShown> for BudgetsView {
    fn from(BudgetsShown { budgets, spend }: BudgetsShown) -> Self {
        Self {
            data: budgets.into_iter().map(BudgetView::from).collect(),
            spend: spend.into_iter().map(SpendView::from).collect(),
        }
    }
}

impl From<BudgetShown> for BudgetView {
    fn from(shown: BudgetShown) -> Self {
        let budget = shown.budget;
        Self {
            platform: shown.platform.to_string(),
            method: shown.method.to_string(),
            share: budget.share(),
            name: budget.name,
            classes: budget.classes.iter().map(|class| class.as_str().to_owned()).collect(),
            per: budget.per.as_str().to_owned(),
            window: budget.window.as_str().to_owned(),
            limit: budget.limit,
            cost: budget.cost,
            stop_percent: budget.stop_percent,
            used: shown.used.map(UsedView::from),
            resets_at: shown.resets_at,
            blocked_until: shown.blocked_until,
            blocked_why: shown.why,
        }
    }
}

impl From<Used> for UsedView {
    fn from(Used { looks, units, by_workspace }: Used) -> Self {
        let share = |Share { workspace, looks, units }: Share| BudgetShareView {
            workspace: workspace.to_string(),
            calls: looks,
            units,
        };
        Self { calls: looks, units, by_workspace: by_workspace.into_iter().map(share).collect() }
    }
}

impl From<SpendShown> for SpendView {
    fn from(shown: SpendShown) -> Self {
        let share = |Share { workspace, looks, units }: Share| SpendShareView {
            workspace: workspace.to_string(),
            calls: looks,
            usd: dollars(units),
        };
        Self {
            platform: shown.platform.to_string(),
            date: shown.day.to_string(),
            usd: dollars(shown.usd_micros),
            cap_usd: shown.cap_usd_micros.map(dollars),
            resets_at: shown.resets_at,
            by_workspace: shown.by_workspace.into_iter().map(share).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::dollars;

    #[test]
    fn money_is_told_to_the_cent_and_no_less_than_there_is() {
        let told = [0, 5_000, 10_000, 30_000, 1_000_000, 12_345_678, 100_000_000].map(dollars);
        assert_eq!(told, ["0.00", "0.005", "0.01", "0.03", "1.00", "12.345678", "100.00"]);
    }
}
