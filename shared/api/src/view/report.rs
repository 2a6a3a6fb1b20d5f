//! What is told of all accounts of a workspace together.

use app::report::{Advised, Audit, Forecast, feed::Open};
use domain::{
    Timestamp,
    forecast::{Due, Item},
    recommendation::Recommendation,
    report::{AccountMonth, Followers, Totals},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    PersonView,
    audit::harmless,
    figures::{CompletenessView, GrowthView, MissingView},
};

/// When people must sign in again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Forecast)]
pub struct ForecastView {
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// How far it looks.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// The zone in which days are cut.
    pub tz: String,
    /// What is overdue first, then day by day; on a day person by person.
    pub data: Vec<DueView>,
    /// How many more accounts are due than one answer tells of.
    pub left_out: u32,
}

/// What one person must do on one day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ForecastDay)]
pub struct DueView {
    /// The day in the workspace's zone.
    pub date: String,
    /// Whether it has come.
    pub overdue: bool,
    /// Whose platform it is.
    pub platform: String,
    /// Who must sign in again.
    pub person: PersonView,
    /// The accounts, the earliest first.
    pub accounts: Vec<DueAccountView>,
}

/// One account for which a person must act.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ForecastAccount)]
pub struct DueAccountView {
    /// `acc_…`
    pub account_id: String,
    /// What people call it.
    pub name: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// What ends then: `consent` (has ended), `access_token`, `refresh_token`, `data_access`, `unknown`
    pub ends: String,
    /// What that means, in a sentence.
    pub text: String,
    /// Where it can be reconnected.
    pub reconnect_url: Option<String>,
}

/// The address at which calendar programs read the forecast.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ForecastFeed)]
pub struct ForecastFeedView {
    /// With a secret in it; told once, when it is opened.
    pub url: Option<String>,
    /// When it was opened; null if none is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Timestamp>,
    /// By whom.
    pub created_by: Option<String>,
}

impl ForecastFeedView {
    /// One that may be open, with its address where that is told.
    pub fn of(open: Option<&Open>, url: Option<String>) -> Self {
        let created_by = open.map(|open| open.created_by.clone());
        Self { url, created_at: open.map(|open| open.created_at), created_by }
    }
}

/// What is worth doing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Recommendations)]
pub struct RecommendationsView {
    /// What matters more first.
    pub data: Vec<RecommendationView>,
    /// How many more accounts there are than one answer looks at.
    pub left_out: u32,
}

/// One thing that is worth doing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Recommendation)]
pub struct RecommendationView {
    /// The rule, by its stable code; new ones may be added.
    pub code: String,
    /// `warning`: something does not work, or will not. `info`: something could be better.
    pub severity: String,
    /// The accounts that it is about; none if it is about the workspace.
    pub account_ids: Vec<String>,
    /// The facts that led to it, by their names.
    #[schema(value_type = Object)]
    pub facts: Value,
    /// A short title.
    pub title: String,
    /// What was found.
    pub text: String,
    /// What to do next.
    pub next_step: String,
}

/// A month of a workspace's connections.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectionsReport)]
pub struct ConnectionsView {
    /// `2026-11`
    pub month: String,
    /// Its first day.
    pub from: String,
    /// Its last day.
    pub to: String,
    /// The zone in which days are cut.
    pub tz: String,
    /// Whether it is kept as it was and changes no more: from the third day of the next month on.
    pub r#final: bool,
    /// All accounts together.
    pub totals: TotalsView,
    /// The same by platform.
    pub platforms: Vec<PlatformTotalsView>,
    /// The accounts that were connected in the month, in the order in which they came.
    pub accounts: Vec<AccountMonthView>,
    /// How many more accounts there are than one answer tells of.
    pub left_out: u32,
}

/// Several accounts together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectionTotals)]
pub struct TotalsView {
    /// How many.
    pub accounts: u32,
    /// Days of which something should be known, and of which something is.
    pub days: CompletenessView,
    /// The same of each figure and day.
    pub figures: CompletenessView,
    /// Troubles that began.
    pub opened: u32,
    /// Troubles that were over.
    pub resolved: u32,
    /// Their followers.
    pub followers: FollowersView,
}

/// The accounts of a platform together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlatformConnectionTotals)]
pub struct PlatformTotalsView {
    /// Which one.
    pub platform: String,
    /// Its accounts.
    pub totals: TotalsView,
}

/// Followers of several accounts, when they were first and last known in the month.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = FollowerTotals)]
pub struct FollowersView {
    /// So many accounts are counted.
    pub accounts: u32,
    /// So many are not, of which they should be known on two days and are not.
    pub left_out: u32,
    /// How many there were.
    pub from: u64,
    /// How many there were last.
    pub to: u64,
    /// How many more; null if no account is counted.
    pub change: Option<i64>,
    /// In per cent; null from nothing.
    pub change_percent: Option<f64>,
}

/// A month of one account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountMonth)]
pub struct AccountMonthView {
    /// `acc_…`
    pub account_id: String,
    /// What people called it.
    pub name: String,
    /// Its platform.
    pub platform: String,
    /// Days on which it was connected and something of it should be known, and those of which something is.
    pub days: CompletenessView,
    /// The same of each figure that the platform tells.
    pub figures: CompletenessView,
    /// Days of which nothing is known.
    pub gaps: Vec<MissingView>,
    /// Troubles that began in the month.
    pub opened: Vec<String>,
    /// Troubles that were over in the month.
    pub resolved: Vec<String>,
    /// Its followers.
    pub followers: GrowthView,
}

impl From<&Forecast> for ForecastView {
    fn from(forecast: &Forecast) -> Self {
        Self {
            from: forecast.from,
            until: forecast.until,
            tz: forecast.zone.as_str().to_owned(),
            data: forecast.due.iter().map(DueView::from).collect(),
            left_out: forecast.left_out,
        }
    }
}

impl From<&Due> for DueView {
    fn from(Due { date, overdue, person, platform, accounts }: &Due) -> Self {
        Self {
            date: date.to_string(),
            overdue: *overdue,
            platform: platform.to_string(),
            person: PersonView {
                id: person.id.clone(),
                name: Some(person.name.clone()).filter(|name| !name.is_empty()),
            },
            accounts: accounts.iter().map(DueAccountView::from).collect(),
        }
    }
}

impl From<&Item> for DueAccountView {
    fn from(item: &Item) -> Self {
        Self {
            account_id: item.account.to_string(),
            name: item.name.clone(),
            due_at: item.due_at,
            ends: item.ends.as_str().to_owned(),
            text: item.ends.sentence().to_owned(),
            reconnect_url: item.reconnect_url.clone(),
        }
    }
}

impl From<Advised> for RecommendationsView {
    fn from(Advised { recommendations, left_out }: Advised) -> Self {
        Self { data: recommendations.into_iter().map(RecommendationView::from).collect(), left_out }
    }
}

impl From<Recommendation> for RecommendationView {
    fn from(of: Recommendation) -> Self {
        Self {
            code: of.code.as_str().to_owned(),
            severity: of.severity.as_str().to_owned(),
            account_ids: of.accounts.iter().map(ToString::to_string).collect(),
            facts: of.facts,
            title: of.title.to_owned(),
            text: of.text,
            next_step: of.next_step.to_owned(),
        }
    }
}

impl From<&Audit> for ConnectionsView {
    fn from(Audit { monthly, is_final, left_out, zone, .. }: &Audit) -> Self {
        let days = monthly.month.days();
        let platforms = monthly.platforms.iter();
        let platforms = platforms
            .map(|(platform, totals)| PlatformTotalsView { platform: platform.to_string(), totals: totals.into() });
        Self {
            month: monthly.month.to_string(),
            from: days.first.to_string(),
            to: days.last.to_string(),
            tz: zone.as_str().to_owned(),
            r#final: *is_final,
            totals: (&monthly.all).into(),
            platforms: platforms.collect(),
            accounts: monthly.accounts.iter().map(AccountMonthView::from).collect(),
            left_out: *left_out,
        }
    }
}

impl From<&Totals> for TotalsView {
    fn from(totals: &Totals) -> Self {
        let followers = totals.followers;
        let Followers { accounts, left_out, from, to } = followers;
        Self {
            accounts: totals.accounts,
            days: totals.days.into(),
            figures: totals.figures.into(),
            opened: totals.opened,
            resolved: totals.resolved,
            followers: FollowersView {
                accounts,
                left_out,
                from,
                to,
                change: followers.change(),
                change_percent: followers.percent().map(domain::Percent::as_f64),
            },
        }
    }
}

impl From<&AccountMonth> for AccountMonthView {
    fn from(of: &AccountMonth) -> Self {
        let followers = domain::Key::Metric(domain::Metric::Followers);
        Self {
            account_id: of.account.to_string(),
            name: of.name.clone(),
            platform: of.platform.to_string(),
            days: of.days.into(),
            figures: of.figures.into(),
            gaps: of.gaps.iter().map(MissingView::from).collect(),
            opened: of.opened.iter().map(ToString::to_string).collect(),
            resolved: of.resolved.iter().map(ToString::to_string).collect(),
            followers: GrowthView::of(followers, &of.followers),
        }
    }
}

/// The columns of a month as a table.
const COLUMNS: [&str; 14] = [
    "month",
    "account",
    "name",
    "platform",
    "expected_days",
    "known_days",
    "expected_figures",
    "known_figures",
    "gaps",
    "opened",
    "resolved",
    "followers_from",
    "followers_to",
    "final",
];

/// A month as a table for a spreadsheet (RFC 4180), an account a row. What is not known is empty.
pub(crate) fn csv(Audit { monthly, is_final, .. }: &Audit) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for of in &monthly.accounts {
        let amount = |amount: Option<domain::series::Amount>| amount.map(|of| of.value.to_string()).unwrap_or_default();
        let gaps: Vec<String> = of.gaps.iter().map(|gap| format!("{}/{}", gap.days.first, gap.days.last)).collect();
        let cells = [
            monthly.month.to_string(),
            of.account.to_string(),
            of.name.clone(),
            of.platform.to_string(),
            of.days.expected.to_string(),
            of.days.known.to_string(),
            of.figures.expected.to_string(),
            of.figures.known.to_string(),
            gaps.join(" "),
            of.opened.len().to_string(),
            of.resolved.len().to_string(),
            amount(of.followers.from),
            amount(of.followers.to),
            is_final.to_string(),
        ];
        table.write_record(cells.map(harmless))?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}
