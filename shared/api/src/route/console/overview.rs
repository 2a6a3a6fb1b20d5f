//! The workspace at a glance.

use std::time::Duration;

use app::{
    Services,
    account::{self, ListAccounts, Page},
    connect::session,
    platform::{self, Card, Entry, Level},
    workspace::{self, Limits},
};
use axum::{
    extract::{Extension, State},
    http::StatusCode,
    response::Response,
};
use domain::{AccountId, Capability, ConnectSessionId, Permission, PlatformId, Refusal, actor::permit, plan::Reached};
use serde::Deserialize;
use web::{
    console::{self, AccountRow, FilterLink, Method, PlanPanel, PlatformCard, Toggle},
    parts::{Blocked, Flash, FlashKind, Meter, Platform},
};

use super::{
    Visitor, outcome,
    show::{chrome, not_allowed, refused, row, ticks},
};
use crate::{
    problem::{self, Problem},
    receive::Query,
    route::page,
};

/// Accounts on one page of the list: more would make it heavier than a page may be.
const PAGE: usize = 20;

/// What the overview shows.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    platform: Option<PlatformId>,
    disconnected: Option<bool>,
    after: Option<AccountId>,
    /// An attempt that has just ended, to be told of.
    session: Option<ConnectSessionId>,
}

pub(super) async fn show(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<Ask>,
) -> Result<Response, Problem> {
    let flash = match query.session {
        Some(id) => told(&services, &visitor, id).await?,
        None => None,
    };
    page::show(&overview(&services, &visitor, query, flash).await?, "'self'")
}

/// The overview with what was refused above it.
pub(super) async fn refuse(services: &Services, visitor: &Visitor, refusal: &Refusal) -> Result<Response, Problem> {
    let overview = overview(services, visitor, Ask::default(), Some(refused(refusal))).await?;
    let mut shown = page::show(&overview, "'self'")?;
    *shown.status_mut() = problem::status(refusal.code).unwrap_or(StatusCode::BAD_REQUEST);
    Ok(shown)
}

/// How an attempt of this workspace ended; nothing where there is none.
async fn told(services: &Services, visitor: &Visitor, id: ConnectSessionId) -> Result<Option<Flash>, Problem> {
    let connecting = visitor.actor.clone().allow::<permit::AccountsConnect>()?;
    let Ok(found) = session::get(services, &connecting, id, Duration::ZERO).await else { return Ok(None) };
    let reading = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    // One consent allows the same to all that it connects.
    let first = match found.accounts().first() {
        Some(id) => account::get(services, &reading, *id).await.ok(),
        None => None,
    };
    Ok(outcome::told(services, visitor, &found, first.as_ref()))
}

async fn overview(
    services: &Services,
    visitor: &Visitor,
    query: Ask,
    flash: Option<Flash>,
) -> Result<console::Overview, Problem> {
    let actor = visitor.actor.clone();
    let reading = actor.clone().allow::<permit::AccountsRead>()?;
    let looking = actor.clone().allow::<permit::WorkspaceRead>()?;
    let disconnected = query.disconnected.unwrap_or(false);
    let ask = ListAccounts {
        platforms: query.platform.clone().into_iter().collect(),
        lifecycle: (!disconnected).then_some(domain::Lifecycle::Active),
        after: query.after,
        limit: PAGE,
    };
    let list = account::list(services, &reading, &actor.workspace, &ask).await?;
    let cards = platform::cards(services, &looking, &actor.workspace).await?;
    let limits = workspace::limits_of(services, &actor, &list.workspace);
    Ok(Parts { platform: query.platform, disconnected, list, cards, limits, flash }.page(services, visitor))
}

/// All that the overview is made from.
struct Parts {
    platform: Option<PlatformId>,
    disconnected: bool,
    list: Page,
    cards: Vec<Card>,
    limits: Limits,
    flash: Option<Flash>,
}

impl Parts {
    fn page(self, services: &Services, visitor: &Visitor) -> console::Overview {
        let plan = &self.limits.plan;
        let mut accounts: Vec<AccountRow> = self.list.accounts.iter().map(|s| row(services, visitor, s)).collect();
        accounts.sort_by_key(|a| !a.is_main);
        let address = |platform: Option<&PlatformId>, disconnected: bool, after: Option<String>| {
            let mut parts = Vec::new();
            parts.extend(platform.map(|p| format!("platform={p}")));
            parts.extend(disconnected.then(|| "disconnected=true".to_owned()));
            parts.extend(after.map(|a| format!("after={a}")));
            format!("/console?{}", parts.join("&"))
        };
        let all = FilterLink {
            label: "All".to_owned(),
            href: address(None, self.disconnected, None),
            count: Some(self.limits.total),
            current: self.platform.is_none(),
        };
        let filter = |card: &Card| FilterLink {
            label: card.platform.name.clone(),
            href: address(Some(&card.platform.id), self.disconnected, None),
            count: Some(card.used),
            current: self.platform.as_ref() == Some(&card.platform.id),
        };
        // Who was disconnected is not counted.
        let has_any =
            |card: &&Card| card.used > 0 || self.disconnected || self.platform.as_ref() == Some(&card.platform.id);
        let locked = self.list.workspace.open().err();
        console::Overview {
            chrome: chrome(visitor),
            flash: self.flash.or_else(|| locked.as_ref().map(locked_down)),
            plan: PlanPanel {
                name: plan.name.clone(),
                total: Meter::new(self.limits.total, Option::<u32>::from(plan.max_total)),
                per_platform: plan.max_per_platform.into(),
                upgrade: None,
            },
            platforms: self.cards.iter().map(|c| card(visitor, c, locked.as_ref())).collect(),
            connect: "/console/connect".to_owned(),
            accounts,
            filters: std::iter::once(all).chain(self.cards.iter().filter(has_any).map(filter)).collect(),
            filtered: self.platform.is_some(),
            disconnected: Toggle {
                on: self.disconnected,
                href: address(self.platform.as_ref(), !self.disconnected, None),
            },
            next: self.list.next.map(|id| address(self.platform.as_ref(), self.disconnected, Some(id.to_string()))),
            hint: visitor.setup.hint.clone(),
        }
    }
}

/// What stands above everything while nothing can be connected.
fn locked_down(refusal: &Refusal) -> Flash {
    Flash {
        kind: FlashKind::Warning,
        title: refusal.code.title().to_owned(),
        text: Some(refusal.detail.clone()),
        next: None,
    }
}

fn limit_text(reached: &Reached) -> String {
    let text = Refusal::limit(reached.clone()).detail;
    let Some(upgrade) = &reached.upgrade else { return text };
    let max = upgrade.max.map_or_else(|| "as many as you like".to_owned(), |m| m.to_string());
    format!("{text} The plan {} allows {max}.", upgrade.plan)
}

fn card(visitor: &Visitor, card: &Card, locked: Option<&Refusal>) -> PlatformCard {
    let platform = &card.platform;
    let unconfigured = || Blocked::because("There is no OAuth app for it; an operator adds one with --apps.");
    let blocked = not_allowed(visitor, Permission::AccountsConnect)
        .or_else(|| locked.map(|refusal| Blocked::because(refusal.code.title())))
        .or_else(|| (!platform.configured()).then(unconfigured))
        .or_else(|| card.reached.as_ref().map(|r| Blocked::because(limit_text(r))));
    PlatformCard {
        platform: Platform { id: platform.id.clone(), name: platform.name.clone() },
        connected: Meter::new(card.used, Option::<u32>::from(card.limit)),
        main: card.main.as_ref().map(|a| a.profile.name.clone()),
        methods: platform
            .methods
            .iter()
            .map(|(entry, configured)| Method {
                id: entry.method.clone(),
                name: page::way(entry).to_owned(),
                suits: suits(platform, entry),
                ticks: ticks(entry, |c| matches!(c, Capability::Publish | Capability::Analytics)),
                ask: None,
                blocked: (!configured).then(unconfigured),
            })
            .collect(),
        blocked,
    }
}

/// Whom a method suits, where the platform's methods differ in that.
fn suits(platform: &app::platform::Platform, entry: &Entry) -> Option<String> {
    let differ = |(code, with, without): (&str, &str, &str)| {
        let asks = |e: &Entry| e.requirements.iter().any(|r| r.code == code && r.level == Level::Enforce);
        let others = platform.methods.iter().any(|(other, _)| asks(other) != asks(entry));
        others.then(|| if asks(entry) { with } else { without }.to_owned())
    };
    [
        ("linked_page", "For accounts linked to a Page", "No Page needed"),
        ("business_account", "For business accounts, with more numbers", "For every account"),
    ]
    .into_iter()
    .find_map(differ)
}
