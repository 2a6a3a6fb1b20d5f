//! What an account counts as: over time with its gaps, last of all, who follows it, and who it was.

use std::collections::BTreeMap;

use app::{
    Services,
    account::{self, Detail},
    episode,
    figures::{self, Figures},
};
use axum::{
    extract::{Extension, State},
    response::Response,
};
use domain::{
    AccountId, Allowed, Capability, Code, Date, Days, EpisodeId, Facet, Granularity, Key, Refusal, Timestamp,
    actor::permit,
    capability::Availability,
    identity::{Change, Kind},
    series::{self, Latest},
};
use serde::Deserialize;
use web::console::{
    Chart, Completeness, FiguresPage, FiguresSummary, FilterLink, Growth, IdentityChange, Latest as Last, Point,
    Quality, Reading, Shares, Side, Timeline, Told as _, Trait,
};

use super::{
    Visitor,
    show::{chrome, subject},
};
use crate::{
    cursor,
    problem::Problem,
    receive::{Named, Query},
    route::{self, page},
};

/// The choice of days.
const PERIODS: [u32; 3] = [7, 30, 90];
/// Those that are shown if none are chosen.
const USUAL: u32 = 30;
/// How many moments of the timeline are on a page.
const MOMENTS: usize = 20;

/// Which figure of which days.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    days: Option<u32>,
    figure: Option<String>,
    /// Where the timeline goes on.
    before: Option<String>,
}

impl Ask {
    fn days(&self) -> Result<u32, Refusal> {
        let days = self.days.unwrap_or(USUAL);
        let unknown = || Refusal::field("/days", "unknown", "One of 7, 30, 90.");
        if PERIODS.contains(&days) { Ok(days) } else { Err(unknown()) }
    }

    fn figure(&self) -> Result<Option<Key>, Refusal> {
        let find = |word: &str| Key::find(word).ok_or_else(|| Refusal::plain(Code::MetricUnsupported));
        self.figure.as_deref().map(find).transpose()
    }
}

fn path(id: AccountId) -> String {
    format!("/console/accounts/{id}/figures")
}

/// An account's page in a line; none for whoever may not read figures, and where there never were any.
pub(super) async fn summary(
    services: &Services,
    visitor: &Visitor,
    detail: &Detail,
) -> Result<Option<FiguresSummary>, Problem> {
    let account = &detail.shown.account;
    let Some(latest) = &detail.latest else { return Ok(None) };
    if latest.is_empty() && !Key::ALL.into_iter().any(|key| figures::told_by_platform(services, account, key)) {
        return Ok(None);
    }
    let actor = visitor.actor.clone().allow::<permit::MetricsRead>()?;
    let read = Box::pin(figures::read(services, &actor, account.id, Vec::new(), [None, None], None)).await?;
    let followers = Key::Metric(domain::Metric::Followers);
    Ok(Some(FiguresSummary {
        followers: reading(services, detail, latest, followers),
        completeness: complete(if read.ledger.supports(followers) {
            read.ledger.completeness(followers, read.days)
        } else {
            read.ledger.kept(read.days)
        }),
        href: path(account.id),
    }))
}

/// What is asked for, of an account that the visitor sees.
struct Asked {
    reading: Allowed<permit::AccountsRead>,
    actor: Allowed<permit::MetricsRead>,
    key: Option<Key>,
    many: u32,
    detail: Detail,
    /// The first day.
    first: Date,
}

async fn asked(services: &Services, visitor: &Visitor, id: AccountId, ask: &Ask) -> Result<Asked, Problem> {
    let reading = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let actor = visitor.actor.clone().allow::<permit::MetricsRead>()?;
    let (many, key) = (ask.days()?, ask.figure()?);
    let detail = Box::pin(account::get(services, &reading, id)).await?;
    let first = days(services, &detail, many).first;
    Ok(Asked { reading, actor, key, many, detail, first })
}

/// All of one account's.
pub(super) async fn show(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let Asked { reading, actor, key, many, detail, first } = asked(&services, &visitor, id, &ask).await?;
    let figures = Box::pin(figures::read(&services, &actor, id, Vec::new(), [Some(first), None], None)).await?;
    let episodes = Box::pin(episode::history(&services, &reading, id, None, None)).await?.episodes;
    let title = |noted: &episode::Noted| (noted.episode.id, within(noted.episode.reason.cause.title()));
    let audience = figures::audience(&services, &actor, id).await?;
    let view = View {
        services: &services,
        detail: &detail,
        figures: &figures,
        troubles: episodes.iter().map(title).collect(),
        key: key.unwrap_or(Key::Metric(domain::Metric::Followers)),
        many,
    };
    let timeline = timeline(&services, &visitor, &view, ask.before.as_deref()).await?;
    page::show(&view.page(&visitor, &audience, timeline), "'self'")
}

/// The same days as a table, as the API answers it.
pub(super) async fn table(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    let Asked { actor, key, first, .. } = asked(&services, &visitor, id, &ask).await?;
    let keys = key.into_iter().collect();
    let told = Box::pin(figures::read(&services, &actor, id, keys, [Some(first), None], None)).await?;
    Ok(route::figures::table(&told, Granularity::Day))
}

/// So many days up to today.
fn days(services: &Services, detail: &Detail, many: u32) -> Days {
    Days::until(figures::zone(&detail.workspace).day(services.now()), many)
}

/// What became of the account's identity, behind a moment if one is named.
async fn timeline(
    services: &Services,
    visitor: &Visitor,
    view: &View<'_>,
    sealed: Option<&str>,
) -> Result<Timeline, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let id = view.figures.account.id;
    let scope = format!("{}|timeline", path(id));
    let before = sealed.map(|sealed| cursor::open::<Timestamp>(services, &actor.workspace, &scope, sealed));
    let (changed, more) = figures::history(services, &actor, id, before.transpose()?, MOMENTS).await?;
    let zone = &view.figures.ledger.zone;
    let older = changed.last().filter(|_| more).map(|(at, _)| {
        let sealed = cursor::seal(services, &actor.workspace, &scope, at);
        format!("{}&before={sealed}#timeline", view.href(view.key, view.many))
    });
    let all = changed.iter().flat_map(|(at, changes)| changes.iter().map(|one| change(zone.day(*at), one)));
    Ok(Timeline { changes: all.collect(), older })
}

/// A change, noticed on that day.
pub(super) fn change(day: Date, change: &Change) -> IdentityChange {
    let what = match change.kind {
        Kind::Name => Trait::Name,
        Kind::Handle => Trait::Handle,
        Kind::Picture => Trait::Picture,
        Kind::Type => Trait::Kind,
        Kind::Tier => Trait::Tier,
        Kind::Verification => Trait::Verification,
        Kind::Role => Trait::Role,
        Kind::LinkedPage => Trait::LinkedPage,
    };
    IdentityChange { day, what, from: change.from.clone(), to: change.to.clone() }
}

/// All that the page is made from.
struct View<'a> {
    services: &'a Services,
    detail: &'a Detail,
    figures: &'a Figures,
    /// What the troubles are called.
    troubles: BTreeMap<EpisodeId, String>,
    key: Key,
    many: u32,
}

impl View<'_> {
    fn href(&self, key: Key, many: u32) -> String {
        format!("{}?figure={}&days={many}", path(self.figures.account.id), key.as_str())
    }

    /// Whether the platform tells it of such an account, whatever was allowed.
    fn is_told(&self, key: Key) -> bool {
        figures::told_by_platform(self.services, &self.figures.account, key)
    }

    fn page(&self, visitor: &Visitor, audience: &figures::Audience, timeline: Timeline) -> FiguresPage {
        let Figures { account, ledger, days, .. } = self.figures;
        let none = BTreeMap::new();
        let latest = self.detail.latest.as_ref().unwrap_or(&none);
        let is_shown = |key: &Key| self.is_told(*key) || latest.contains_key(key);
        let shown: Vec<Key> = Key::ALL.into_iter().filter(is_shown).collect();
        let points = self.points();
        let (audience, no_audience) = self.sides(audience);
        let completeness = if ledger.supports(self.key) {
            complete(ledger.completeness(self.key, *days))
        } else {
            let known = points.iter().filter(|point| point.value.is_some()).count();
            let missing = points.iter().filter(|point| matches!(point.quality, Quality::Gap { .. })).count();
            let few = |count| u32::try_from(count).unwrap_or(u32::MAX);
            Completeness { observed: few(known), expected: few(known + missing) }
        };
        let link = |label: String, href: String, current| FilterLink { label, href, count: None, current };
        FiguresPage {
            chrome: chrome(visitor),
            flash: None,
            subject: subject(self.services, account),
            account: format!("/console/accounts/{}", account.id),
            figure: self.key,
            periods: PERIODS
                .iter()
                .map(|many| link(format!("{many} days"), self.href(self.key, *many), *many == self.many))
                .collect(),
            figures: shown.iter().map(|key| link(key.title(), self.href(*key, self.many), *key == self.key)).collect(),
            csv: (self.is_told(self.key) && !points.is_empty())
                .then(|| self.href(self.key, self.many).replacen("/figures?", "/figures.csv?", 1)),
            chart: Chart::new(self.key.as_str(), self.key.title(), self.key.unit(), self.key.is_level(), points),
            growth: growth(self.key, &ledger.growth(self.key, *days)),
            completeness,
            latest: shown
                .iter()
                .map(|key| Last { figure: *key, reading: reading(self.services, self.detail, latest, *key) })
                .collect(),
            audience,
            no_audience,
            timeline: Some(timeline),
        }
    }

    /// The days of the figure. What was not allowed to be read is a gap, for the platform would tell it.
    fn points(&self) -> Vec<Point> {
        let series = self.figures.ledger.series(self.key, self.figures.days);
        let untold = self.is_told(self.key).then(|| untold(self.detail));
        let quality = |quality| match quality {
            series::Quality::Observed => Quality::Observed,
            series::Quality::Backfilled => Quality::Backfilled,
            series::Quality::Gap { episode } => {
                Quality::Gap { why: episode.and_then(|episode| self.troubles.get(&episode).cloned()) }
            }
            series::Quality::Unsupported => match &untold {
                Some(why) => Quality::Gap { why: Some(why.clone()) },
                None => Quality::Unsupported,
            },
        };
        let points = series.points.iter();
        points
            .map(|point| Point {
                day: point.date,
                value: point.value.map(|value| amount(self.key, value)),
                quality: quality(point.quality),
            })
            .collect()
    }

    /// Who follows, or why nobody knows; neither where the platform never tells.
    fn sides(&self, audience: &figures::Audience) -> (Option<Vec<Side>>, Option<String>) {
        let Some(kept) = &audience.kept else {
            let why = match audience.availability {
                Availability::Unavailable(code) => refused("it", code),
                Availability::NotAsked => "it was not asked for when the account was connected".to_owned(),
                _ if audience.is_thin => within(Code::InsufficientData.title()),
                _ => return ((!audience.tells.audience.is_empty()).then(Vec::new), None),
            };
            return ((!audience.tells.audience.is_empty()).then(Vec::new), Some(why));
        };
        let side = |facet: Facet| {
            let shares = match kept.audience.get(&facet) {
                Some(parts) => Shares::Told { as_of: self.figures.ledger.zone.day(kept.as_of), parts: parts.clone() },
                None if audience.tells.audience.contains(&facet) => {
                    Shares::NoData { why: Some(within(Code::InsufficientData.title())) }
                }
                None => Shares::Unavailable,
            };
            Side { facet, shares }
        };
        (Some(Facet::ALL.into_iter().map(side).collect()), None)
    }
}

/// An amount as it is drawn: a number, or per cent.
fn amount(key: Key, amount: impl Into<i128>) -> f64 {
    key.number(amount).as_f64().unwrap_or_default()
}

fn complete(of: series::Completeness) -> Completeness {
    Completeness { observed: of.known, expected: of.expected }
}

/// What is known last of a figure.
fn reading(services: &Services, detail: &Detail, latest: &BTreeMap<Key, Latest>, key: Key) -> Reading {
    let account = &detail.shown.account;
    match latest.get(&key) {
        Some(last) => Reading::Known {
            value: amount(key, last.value),
            as_of: last.date,
            over_7: last.delta_7d.map(|by| amount(key, by)),
            over_30: last.delta_30d.map(|by| amount(key, by)),
        },
        None if !figures::told_by_platform(services, account, key) => Reading::Unavailable,
        None if key.is_level() => Reading::NoData { why: None },
        None => {
            let works = detail.shown.capabilities.get(&Capability::Analytics) == Some(&Availability::Available);
            let thin = account.fetched.is_thin.then(|| within(Code::InsufficientData.title()));
            Reading::NoData { why: if works { thin } else { Some(untold(detail)) } }
        }
    }
}

/// Why nothing that is measured comes of an account although its platform tells it.
fn untold(detail: &Detail) -> String {
    match detail.shown.capabilities.get(&Capability::Analytics) {
        Some(Availability::Unavailable(code)) => refused("analytics", *code),
        Some(Availability::NotAsked) | None => "analytics was not asked for when the account was connected".to_owned(),
        Some(Availability::Available | Availability::Unknown) => "it is fetched only when somebody asks".to_owned(),
    }
}

fn refused(what: &str, code: Code) -> String {
    match code {
        Code::InsufficientPermissions => format!("{what} was not allowed"),
        code => within(code.title()),
    }
}

/// A title within a sentence.
fn within(title: &str) -> String {
    let mut rest = title.chars();
    rest.next().map(|first| first.to_lowercase().chain(rest).collect()).unwrap_or_default()
}

/// How a figure moved; none where too little is known.
fn growth(key: Key, growth: &series::Growth) -> Option<Growth> {
    let (from, to) = (growth.from, growth.to?);
    if !key.is_level() {
        let before = from.map(|from| amount(key, from.value));
        return Some(Growth::Measured { days: to.days, all: amount(key, to.value), before });
    }
    let from = from.filter(|from| from.days != to.days)?;
    let without = growth.gaps.iter().map(|gap| gap.days.count()).sum();
    Some(Growth::Level {
        from: from.days.first,
        to: to.days.last,
        before: amount(key, from.value),
        after: amount(key, to.value),
        without,
    })
}
