//! The workspace at a glance.

mod search;

use std::time::Duration;

use app::{
    Services, account,
    connect::session,
    find::{self, Page},
    platform::{self, Card, Entry, Level},
    workspace::{self, Limits},
};
use axum::{
    extract::{Extension, State},
    response::Response,
};
use domain::{
    Capability, ConnectSessionId, Permission, PlatformId, Refusal, actor::permit, find::Place, health::vocabulary,
    plan::Reached,
};
use serde::{Deserialize, Serialize};
use web::{
    console::{self, AccountRow, FilterLink, Method, PlatformCard, Toggle},
    parts::{Blocked, Flash, FlashKind, Meter, Platform},
};

use super::{
    Visitor, outcome,
    show::{chrome, not_allowed, plan_panel, refuse as refuse_page, refused, row, ticks},
};
use crate::{cursor, problem::Problem, receive::Query, route::page, view::find::FacetsView};

/// Accounts on one page of the list: more would make it heavier than a page may be.
const PAGE: usize = 20;

/// What the overview shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    q: Option<String>,
    platform: Option<PlatformId>,
    state: Option<String>,
    token_status: Option<String>,
    owner: Option<String>,
    sort: Option<String>,
    disconnected: Option<bool>,
    cursor: Option<String>,
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
    refuse_page(&overview, refusal)
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
    let query = query.sent();
    let (asked, bound) = (query.list(), query.list().bound());
    // Who comes back after days begins at the first page.
    let after = query.cursor.as_ref().and_then(|c| cursor::open(services, &actor.workspace, &bound, c).ok());
    let ask = find::Ask {
        question: asked.question(None)?,
        sort: asked.sort()?,
        after,
        limit: PAGE,
        facets: vocabulary::find(None),
    };
    let list = find::list(services, &reading, &actor.workspace, &ask).await?;
    let cards = platform::cards(services, &looking, &actor.workspace).await?;
    let limits = workspace::limits_of(services, &actor, &list.workspace);
    let next = list.next.as_ref().map(|last: &Place| cursor::seal(services, &actor.workspace, &bound, last));
    Ok(Parts { query, list, next, cards, limits, flash }.page(services, visitor))
}

/// All that the overview is made from.
struct Parts {
    query: Ask,
    list: Page<'static>,
    next: Option<String>,
    cards: Vec<Card>,
    limits: Limits,
    flash: Option<Flash>,
}

impl Parts {
    fn page(self, services: &Services, visitor: &Visitor) -> console::Overview {
        // Whatever is narrowed begins at its first page.
        let query = &Ask { cursor: None, ..self.query };
        let facets = self.list.facets.as_ref().map(|facets| FacetsView::of(services, facets));
        let mut accounts: Vec<AccountRow> = self.list.accounts.iter().map(|s| row(services, visitor, s)).collect();
        if query.sort.is_none() {
            accounts.sort_by_key(|a| !a.is_main);
        }
        let counts = facets.as_ref().map(|facets| facets.platform.as_slice()).unwrap_or_default();
        let count =
            |id: &PlatformId| counts.iter().find(|facet| facet.id == id.as_str()).map_or(0, |facet| facet.count);
        let at = |platform: Option<&PlatformId>| Ask { platform: platform.cloned(), ..query.clone() }.address();
        let all = FilterLink {
            label: "All".to_owned(),
            href: at(None),
            count: Some(counts.iter().map(|facet| facet.count).sum()),
            current: query.platform.is_none(),
        };
        let filter = |card: &Card| FilterLink {
            label: card.platform.name.clone(),
            href: at(Some(&card.platform.id)),
            count: Some(count(&card.platform.id)),
            current: query.platform.as_ref() == Some(&card.platform.id),
        };
        let has_any = |card: &&Card| count(&card.platform.id) > 0 || query.platform.as_ref() == Some(&card.platform.id);
        let disconnected = query.disconnected.unwrap_or(false);
        let other = Ask { disconnected: (!disconnected).then_some(true), ..query.clone() };
        let locked = self.list.workspace.open().err();
        console::Overview {
            chrome: chrome(visitor),
            flash: self.flash.or_else(|| locked.as_ref().map(locked_down)),
            plan: plan_panel(services, &self.limits),
            platforms: self.cards.iter().map(|c| card(visitor, c, locked.as_ref())).collect(),
            connect: "/console/connect".to_owned(),
            search: (query.is_narrow() || !accounts.is_empty()).then(|| search::form(query, facets.as_ref())),
            accounts,
            filters: std::iter::once(all).chain(self.cards.iter().filter(has_any).map(filter)).collect(),
            filtered: query.platform.is_some() || query.is_narrow(),
            disconnected: Toggle { on: disconnected, href: other.address() },
            next: self.next.map(|cursor| Ask { cursor: Some(cursor), ..query.clone() }.address()),
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
        main: card.main.as_ref().map(|a| a.display_name().to_owned()),
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
