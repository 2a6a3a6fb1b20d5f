//! One account: how it is, what it can be used for, and the consent behind it.

use app::{
    Services,
    account::{self, Detail, Shown},
    permission::{self, Permissions},
    platform::{self, Entry},
    sync::ask,
    workspace,
};
use axum::{
    extract::{Extension, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Account, AccountId, Code, Error, Grant, Lifecycle, Permission, RunId, Timestamp,
    actor::permit,
    grant::GrantState,
    renewal::{RefreshToken, Renewal, Rules},
};
use web::{
    console::{AccountPage, Change, Fact, FiguresSummary, Matrix, MatrixRow, Sibling, remedy},
    parts::{Flash, Link, Press},
};

use super::{
    Visitor, figures, links,
    show::{by_hand, chrome, face, named, press, row, ticks},
    sync,
};
use crate::{
    problem::Problem,
    receive::Named,
    route::{self, page},
};

/// How many accounts of the same consent are named.
const NAMED: usize = 12;

pub(super) async fn show(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    let seen = Box::pin(seen(&services, &visitor, id)).await?;
    page::show(&seen.page(&services, &visitor, None), "'self'")
}

/// Reads what the page shows.
pub(super) async fn seen(services: &Services, visitor: &Visitor, id: AccountId) -> Result<Seen, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let looking = visitor.actor.clone().allow::<permit::WorkspaceRead>()?;
    let detail = Box::pin(account::get(services, &actor, id)).await?;
    let permissions = permission::matrix(services, &actor, id).await?;
    let grant = &detail.grant;
    let others: Vec<AccountId> = grant.iter().flat_map(|g| g.of(&actor.workspace)).filter(|a| *a != id).collect();
    let mut siblings = Vec::new();
    for other in others.iter().take(NAMED) {
        siblings.extend(Box::pin(account::get(services, &actor, *other)).await.ok().map(|d| d.shown.account));
    }
    let policies = workspace::get(services, &looking, &actor.workspace).await?.configuration.policies;
    let add = match grant {
        Some(grant) if policies.reuse_grant && grant.workspace == actor.workspace => add(services, visitor, grant),
        _ => Vec::new(),
    };
    let runs = if detail.sync.is_some() { ask::list(services, &actor, id).await? } else { Vec::new() };
    Ok(Seen {
        more: others.len().saturating_sub(NAMED),
        permissions,
        siblings,
        add,
        last_run: runs.iter().find(|run| run.finished_at.is_some()).map(|run| run.id),
        figures: Box::pin(figures::summary(services, visitor, &detail)).await?,
        detail,
    })
}

/// Its picture, for the pages of the console; nothing where there is none, and the page shows letters.
pub(super) async fn picture(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::AccountsRead>()?;
    match app::picture::get(&services, &actor, id).await {
        Ok(picture) => Ok(route::picture::answer(picture, &headers)),
        Err(Error::Refused(refusal)) if refusal.code == Code::NotFound => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn choose_main(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::AccountsMain>()?;
    account::choose_main(&services, &actor, id, None, None).await?;
    Ok(Redirect::to("/console").into_response())
}

/// A further account of each platform that the consent's sign-in reaches; none where it is for one account.
fn add(services: &Services, visitor: &Visitor, grant: &Grant) -> Vec<Press> {
    let reached: Vec<_> = platform::list(services)
        .into_iter()
        .filter(|p| p.methods.iter().any(|(entry, configured)| *configured && entry.method == grant.method))
        .collect();
    let several = reached.len() > 1 || grant.accounts.len() > 1;
    if !several || grant.state != GrantState::Live || !visitor.actor.may(Permission::AccountsConnect) {
        return Vec::new();
    }
    let id = grant.id.to_string();
    let press = |p: &platform::Platform| {
        let fields = [("platform", p.id.as_str()), ("method", grant.method.as_str()), ("from_grant", id.as_str())];
        press(visitor, &format!("Add another {} account", p.name), "/console/connect".to_owned(), &fields)
    };
    reached.iter().map(press).collect()
}

/// All that the page is made from.
pub(super) struct Seen {
    pub(super) detail: Detail,
    permissions: Permissions,
    siblings: Vec<Account>,
    more: usize,
    add: Vec<Press>,
    last_run: Option<RunId>,
    figures: Option<FiguresSummary>,
}

impl Seen {
    pub(super) fn page(self, services: &Services, visitor: &Visitor, flash: Option<Flash>) -> AccountPage {
        let shown = &self.detail.shown;
        let entry = services.platforms.entry(&shown.account.platform, Some(&shown.account.method)).map(AsRef::as_ref);
        let account = &shown.account;
        let active = account.lifecycle == Lifecycle::Active;
        let may = visitor.actor.may(Permission::AccountsConnect);
        let id = account.id.to_string();
        let mut reconnect = vec![
            ("platform", account.platform.as_str()),
            ("method", account.method.as_str()),
            ("account", id.as_str()),
        ];
        // What was declined is asked again only if the platform is told so.
        reconnect.extend(active.then_some(("fresh_consent", "true")));
        let connect = |label: &str| press(visitor, label, "/console/connect".to_owned(), &reconnect);
        let sibling = |other: &Account| Sibling {
            face: face(other),
            platform: named(services, &other.platform),
            href: format!("/console/accounts/{}", other.id),
        };
        let ticks = entry.map(|e| ticks(e, |c| account.access.asked.contains(&c))).unwrap_or_default();
        let Press { action, fields, .. } = connect("");
        AccountPage {
            chrome: chrome(visitor),
            flash,
            row: row(services, visitor, shown),
            place: entry.map_or_else(|| account.platform.to_string(), page::sign_in),
            profile: account.profile.profile_url.clone().map(|url| Link::new("Public page", url)),
            facts: facts(shown, entry),
            remedy: remedy(&shown.health).filter(|_| may).map(|label| connect(&label).first()),
            send: visitor.actor.may(Permission::LinksManage).then(|| {
                let action = format!("/console/accounts/{}/reconnect-link", account.id);
                links::once(services, visitor, "Send a reconnect link", action)
            }),
            health: shown.health.clone(),
            capabilities: shown.capabilities.iter().map(|(c, a)| (*c, *a)).collect(),
            change: (active && may && !ticks.is_empty()).then_some(Change { action, fields, ticks }),
            data: sync::section(services, visitor, &self.detail, self.last_run),
            figures: self.figures,
            matrix: active.then(|| matrix(&self.permissions)),
            siblings: self.siblings.iter().map(sibling).collect(),
            more_siblings: self.more,
            add: self.add,
            take_back: entry
                .filter(|_| active)
                .and_then(|e| by_hand(&e.manual_revoke_steps, e.manual_revoke_url.as_deref(), &page::sign_in(e))),
        }
    }
}

fn facts(Shown { account, health, .. }: &Shown, entry: Option<&Entry>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut tell = |what: &str, text: Option<String>, at: Option<Timestamp>| {
        if text.is_some() || at.is_some() {
            facts.push(Fact { what: what.to_owned(), text: text.unwrap_or_default(), at });
        }
    };
    let active = account.lifecycle == Lifecycle::Active;
    let profile = &account.profile;
    let by = account.connected_by.name.clone().unwrap_or_else(|| account.connected_by.id.clone());
    let way = entry.map_or(account.method.as_str(), page::way);
    tell("Signed in with", Some(way.to_owned()), None);
    tell("Allowed by", Some(account.authorized_by.name.clone()).filter(|name| !name.is_empty()), None);
    tell("Linked to the Page", profile.linked_page_name.clone().or_else(|| profile.linked_page_id.clone()), None);
    tell("Role there", profile.role.clone(), None);
    tell("Connected by", Some(by), Some(account.connected_at));
    tell("Connected again", None, account.reconnected_at);
    tell("Disconnected", None, account.disconnected_at);
    tell("Token", Some(health.token.tooltip.clone()), None);
    tell(
        "Renewal",
        entry.filter(|_| active).map(|e| renewed(&e.renewal, account.grant_facts.renewal).to_owned()),
        None,
    );
    tell("Sign in again by", None, account.grant_facts.reauth_due_at);
    tell("Your id for it", account.external_id.clone(), None);
    tell("Id", Some(account.id.to_string()), None);
    facts
}

/// How its consent is kept alive.
fn renewed(rules: &Rules, renewal: Renewal) -> &'static str {
    match (rules, renewal) {
        (Rules::Endless, _) => "Needs no renewal.",
        (Rules::RefreshGrant { refresh_token: RefreshToken::FixedEnd, .. }, Renewal::Silent) => {
            "By itself, until a day that nothing moves."
        }
        (_, Renewal::Silent | Renewal::Extend) => "By itself; nobody has to do anything.",
        (_, Renewal::None) => "Only by signing in again.",
    }
}

fn matrix(permissions: &Permissions) -> Matrix {
    let connect = MatrixRow { capability: None, scopes: permissions.connect.clone() };
    let capabilities = permissions
        .capabilities
        .iter()
        .map(|needed| MatrixRow { capability: Some(needed.capability), scopes: needed.scopes.clone() });
    Matrix {
        checked_at: permissions.checked_at,
        told: permissions.told,
        rows: std::iter::once(connect).chain(capabilities).collect(),
        beyond: permissions.beyond.clone(),
    }
}
