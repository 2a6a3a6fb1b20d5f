//! What a publisher plans with an account.

use std::collections::BTreeSet;

use app::planned::Plan;
use domain::{
    Planned, Refusal, Timestamp,
    planned::{Counts, ID_LENGTH, Item, MOST_ITEMS, MOST_POSTS, NAME_LENGTH, Post, Risk},
    text::clean,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a publisher plans with an account, as it reported it last.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlannedUsage)]
pub struct PlanView {
    /// The next one first; those that are past are left out.
    pub scheduled_posts: Vec<PostView>,
    /// Campaigns.
    pub campaigns: Vec<ItemView>,
    /// Automations.
    pub automations: Vec<ItemView>,
    /// How many drafts there are.
    pub drafts: u32,
    /// When it was reported; null if it never was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reported_at: Option<Timestamp>,
    /// What of it will fail unless a person acts.
    pub risk: RiskView,
}

/// What is planned, by its names; posts that are past are left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Planned)]
pub struct PlannedView {
    /// The next one first.
    pub scheduled_posts: Vec<PostView>,
    /// Campaigns.
    pub campaigns: Vec<ItemView>,
    /// Automations.
    pub automations: Vec<ItemView>,
    /// How many drafts there are.
    pub drafts: u32,
}

/// The same in numbers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlannedCounts)]
pub struct CountsView {
    /// Scheduled posts that are not past.
    pub posts: usize,
    /// When the next one is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_at: Option<Timestamp>,
    /// Campaigns.
    pub campaigns: usize,
    /// Automations.
    pub automations: usize,
    /// Drafts.
    pub drafts: u32,
}

/// What will fail unless a person acts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlannedRisk)]
pub struct RiskView {
    /// Posts that are due when the account works no more.
    pub posts_after_expiry: usize,
    /// When the first of them is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_at: Option<Timestamp>,
    /// When a person must act, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reauth_due_at: Option<Timestamp>,
}

/// A post that waits for its time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScheduledPost)]
pub struct PostView {
    /// The publisher's id of it; 1 to 64 characters.
    pub id: String,
    /// When it is to be published.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// A campaign or an automation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlannedItem)]
pub struct ItemView {
    /// The publisher's id of it; 1 to 64 characters.
    pub id: String,
    /// What people call it; 1 to 100 characters.
    pub name: String,
}

/// What a publisher plans with an account; takes the place of what it reported before.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportUsage {
    /// At most 500, each id once.
    #[serde(default)]
    pub scheduled_posts: Vec<PostView>,
    /// At most 100, each id once.
    #[serde(default)]
    pub campaigns: Vec<ItemView>,
    /// At most 100, each id once.
    #[serde(default)]
    pub automations: Vec<ItemView>,
    /// How many, or their ids, of which the number is kept.
    #[serde(default)]
    pub drafts: Drafts,
}

/// How many drafts there are.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Drafts {
    /// So many.
    Count(u32),
    /// One for each id.
    Ids(Vec<String>),
}

impl Default for Drafts {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl ReportUsage {
    /// The report, if it is one.
    pub(crate) fn read(self) -> Result<Planned, Refusal> {
        let ids = self.scheduled_posts.iter().map(|post| post.id.as_str());
        check("/scheduled_posts", ids, MOST_POSTS)?;
        let mut posts: Vec<Post> = self.scheduled_posts.into_iter().map(|p| Post { id: p.id, at: p.at }).collect();
        posts.sort_by_key(|post| post.at);
        let drafts = match self.drafts {
            Drafts::Count(count) => count,
            Drafts::Ids(ids) => u32::try_from(ids.len()).unwrap_or(u32::MAX),
        };
        Ok(Planned {
            scheduled_posts: posts,
            campaigns: items("/campaigns", self.campaigns)?,
            automations: items("/automations", self.automations)?,
            drafts,
            ..Planned::default()
        })
    }
}

fn items(list: &str, items: Vec<ItemView>) -> Result<Vec<Item>, Refusal> {
    check(list, items.iter().map(|item| item.id.as_str()), MOST_ITEMS)?;
    let item = |(at, item): (usize, ItemView)| {
        let name = clean(&item.name, NAME_LENGTH + 1);
        if (1..=NAME_LENGTH).contains(&name.chars().count()) {
            return Ok(Item { id: item.id, name });
        }
        let detail = format!("A name has 1 to {NAME_LENGTH} characters.");
        Err(Refusal::field(&format!("{list}/{at}/name"), "length", detail))
    };
    items.into_iter().enumerate().map(item).collect()
}

/// Not too many, and each with an id of its own.
fn check<'a>(list: &str, ids: impl ExactSizeIterator<Item = &'a str>, most: usize) -> Result<(), Refusal> {
    if ids.len() > most {
        return Err(Refusal::field(list, "too_many", format!("At most {most}.")));
    }
    let mut seen = BTreeSet::new();
    for (at, id) in ids.enumerate() {
        let wrong = |code: &str, detail: String| Refusal::field(&format!("{list}/{at}/id"), code, detail);
        if !(1..=ID_LENGTH).contains(&id.chars().count()) || id.chars().any(char::is_control) {
            return Err(wrong("invalid", format!("An id has 1 to {ID_LENGTH} visible characters.")));
        }
        if !seen.insert(id) {
            return Err(wrong("duplicate", "This id is there twice.".to_owned()));
        }
    }
    Ok(())
}

impl PlanView {
    /// As it is seen at a moment.
    pub(crate) fn of(plan: &Plan, now: Timestamp) -> Self {
        let reported_at = plan.planned.reported_at;
        let PlannedView { scheduled_posts, campaigns, automations, drafts } =
            PlannedView::from(&plan.planned.clone().ahead(now));
        Self { scheduled_posts, campaigns, automations, drafts, reported_at, risk: plan.risk.into() }
    }
}

impl From<&Planned> for PlannedView {
    fn from(planned: &Planned) -> Self {
        let item = |item: &Item| ItemView { id: item.id.clone(), name: item.name.clone() };
        let post = |post: &Post| PostView { id: post.id.clone(), at: post.at };
        Self {
            scheduled_posts: planned.scheduled_posts.iter().map(post).collect(),
            campaigns: planned.campaigns.iter().map(item).collect(),
            automations: planned.automations.iter().map(item).collect(),
            drafts: planned.drafts,
        }
    }
}

impl From<Counts> for CountsView {
    fn from(counts: Counts) -> Self {
        let Counts { posts, first_at, campaigns, automations, drafts } = counts;
        Self { posts, first_at, campaigns, automations, drafts }
    }
}

impl From<Risk> for RiskView {
    fn from(risk: Risk) -> Self {
        let Risk { posts_after_expiry, first_at, reauth_due_at } = risk;
        Self { posts_after_expiry, first_at, reauth_due_at }
    }
}
