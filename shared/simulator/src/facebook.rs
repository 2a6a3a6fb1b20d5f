//! Facebook: Login, user and page tokens, the Graph API, and Instagram accounts
//! that are linked to pages.

mod account;
mod debug;
mod dialog;
mod edge;
mod errors;
mod event;
mod grant;
mod insight;
mod instagram;
mod node;
mod permission;
mod token;

use axum::http::Method;

pub(crate) use self::account::{Account, Business, Page};
use self::grant::Grants;
pub(crate) use self::grant::{CODE_MARK, TOKEN_MARK};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{GraphError, Usage, Versions, business_use, is_node, presented, versioned};
use crate::room::{Event, EventError, Room, Route};
use crate::{avatar, page};

const WWW: &str = "www.facebook.com";
const GRAPH: &str = "graph.facebook.com";
/// Where pictures stand.
const CDN: &str = "scontent.xx.fbcdn.net";

/// The room of Facebook.
#[derive(Default)]
pub(crate) struct Facebook {
    grants: Grants,
    versions: Versions,
    usage: Usage,
}

/// What a path means.
enum Endpoint<'a> {
    Dialog,
    Token,
    Debug,
    Node(&'a str),
    Accounts(&'a str),
    Businesses(&'a str),
    OwnedPages(&'a str),
    ClientPages(&'a str),
    Permissions(&'a str),
    DropPermissions(&'a str, Option<&'a str>),
    Insights(&'a str),
    Picture(&'a str),
    Image,
}

/// The version in the path, and what stands below it.
fn target(call: &Call) -> Option<(Option<&str>, Endpoint<'_>)> {
    let parts = call.segments();
    let (version, rest) = versioned(&parts);
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let delete = call.method == Method::DELETE;
    let endpoint = match (call.host, rest) {
        (WWW, &["dialog", "oauth"]) if read || post => Endpoint::Dialog,
        (GRAPH, &["oauth", "access_token"]) if read || post => Endpoint::Token,
        (GRAPH, &["debug_token"]) if read => Endpoint::Debug,
        (GRAPH, &[id, "permissions"]) if delete && is_node(id) => Endpoint::DropPermissions(id, None),
        (GRAPH, &[id, "permissions", one]) if delete && is_node(id) => Endpoint::DropPermissions(id, Some(one)),
        (GRAPH, &[id]) if read && is_node(id) => Endpoint::Node(id),
        (GRAPH, &[id, edge]) if read && is_node(id) => match edge {
            "accounts" => Endpoint::Accounts(id),
            "businesses" => Endpoint::Businesses(id),
            "owned_pages" => Endpoint::OwnedPages(id),
            "client_pages" => Endpoint::ClientPages(id),
            "permissions" => Endpoint::Permissions(id),
            "insights" => Endpoint::Insights(id),
            "picture" => Endpoint::Picture(id),
            _ => return None,
        },
        (CDN, &["v", "t39", _]) if read => Endpoint::Image,
        _ => return None,
    };
    Some((version, endpoint))
}

impl Endpoint<'_> {
    fn route(&self) -> Route {
        match self {
            Self::Dialog => Route::Authorize,
            Self::Token => Route::Token,
            Self::Debug => Route::Probe,
            Self::Node(_) | Self::Picture(_) | Self::Image => Route::Profile,
            Self::Accounts(_) | Self::Businesses(_) | Self::OwnedPages(_) | Self::ClientPages(_) => Route::Children,
            Self::Permissions(_) => Route::Permissions,
            Self::DropPermissions(..) => Route::Revoke,
            Self::Insights(_) => Route::Metrics,
        }
    }
}

impl Room for Facebook {
    fn platform(&self) -> &'static str {
        "facebook"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW, GRAPH, CDN]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "user_removed_app",
            "password_changed",
            "checkpoint",
            "unconfirmed_user",
            "role_lost",
            "user_rate_limited",
            "page_rate_limited",
            "blocked",
            "not_business",
            "instagram_restricted",
            "instagram_rate_limited",
            "no_business_scope",
            "no_expires_in",
            "invalid_grant",
            "expired_version",
            "wrong_person",
            "token_body:",
            "error:",
        ]
    }

    fn errors(&self) -> Vec<&'static str> {
        errors::ROWS.iter().map(|row| row.name).collect()
    }

    fn find(&self, call: &Call) -> Option<Route> {
        target(call).map(|(_, endpoint)| endpoint.route())
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        let Some((asked, endpoint)) = target(call) else {
            return lost(world, call);
        };
        if let Some(answer) = errors::asked(world, call) {
            return answer;
        }
        if call.host == CDN {
            return avatar::image(world.now, call);
        }
        let Some(version) = self.versions.serving(asked, world.now) else {
            return unknown_version(world, call);
        };
        let app = self.app_of(call);
        let named = call.faults.iter().find_map(|fault| GraphError::named(fault, &app));
        let answered = match named {
            Some(error) => Err(error),
            None => self.dispatch(world, call, &endpoint),
        };
        let answer = answered.unwrap_or_else(|error| error.answer(&mut world.rng));
        if call.host == WWW {
            return answer;
        }
        let answer = self.usage.headers(answer, world.now, &app).header("facebook-api-version", version);
        if let Some(account) = instagram::meant(world, &endpoint) {
            return self.usage.instagram_header(answer, world.now, &app, &account.id);
        }
        match self.page_of(call) {
            Some(page) => self.usage.page_header(answer, world.now, &app, &page, &portfolio_of(world, &page)),
            None => answer,
        }
    }

    fn rate_limited(&mut self, world: &mut World, call: &Call) -> Answer {
        let linked = target(call).and_then(|(_, endpoint)| instagram::meant(world, &endpoint));
        if let Some(id) = linked.map(|account| account.id.clone()) {
            let usage = business_use("instagram", &id, world.now, 100);
            return GraphError::instagram_limit().answer(&mut world.rng).header("x-business-use-case-usage", usage);
        }
        let error = match self.page_of(call) {
            Some(_) => GraphError::page_limit(),
            None => GraphError::app_limit(),
        };
        let usage = r#"{"call_count":101,"total_time":40,"total_cputime":22}"#;
        error.answer(&mut world.rng).header("x-app-usage", usage)
    }

    fn failing(&mut self, world: &mut World, _call: &Call, status: u16) -> Answer {
        GraphError::outage(status).answer(&mut world.rng)
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }

    fn subject(&self, world: &World, app: &str, account: &str) -> Option<String> {
        Self::scoped(world, app, account)
    }
}

impl Facebook {
    fn dispatch(&mut self, world: &mut World, call: &Call, endpoint: &Endpoint<'_>) -> Result<Answer, GraphError> {
        self.charge(world, call, endpoint)?;
        let linked = instagram::meant(world, endpoint).is_some();
        match *endpoint {
            Endpoint::Dialog => Ok(dialog::answer(self, world, call)),
            Endpoint::Token => token::answer(self, world, call),
            Endpoint::Debug => debug::answer(self, world, call),
            Endpoint::Node(id) if linked => instagram::node(self, world, call, id),
            Endpoint::Insights(id) if linked => instagram::insights(self, world, call, id),
            Endpoint::Node(id) => node::answer(self, world, call, id),
            Endpoint::Accounts(id) => edge::accounts(self, world, call, id),
            Endpoint::Businesses(id) => edge::businesses(self, world, call, id),
            Endpoint::OwnedPages(id) => edge::portfolio(self, world, call, id, true),
            Endpoint::ClientPages(id) => edge::portfolio(self, world, call, id, false),
            Endpoint::Permissions(id) => permission::list(self, world, call, id),
            Endpoint::DropPermissions(id, one) => permission::drop(self, world, call, id, one),
            Endpoint::Insights(id) => insight::answer(self, world, call, id),
            Endpoint::Picture(id) => node::picture(self, world, call, id),
            Endpoint::Image => Ok(avatar::image(world.now, call)),
        }
    }

    /// Counts a call against its budget.
    fn charge(&mut self, world: &World, call: &Call, endpoint: &Endpoint<'_>) -> Result<(), GraphError> {
        if matches!(endpoint, Endpoint::Dialog | Endpoint::Token | Endpoint::Image) {
            return Ok(());
        }
        let app = self.app_of(call);
        if let Some(account) = instagram::meant(world, endpoint) {
            return self.usage.instagram_call(world.now, &app, &account.id);
        }
        if let Some(page) = self.page_of(call) {
            return self.usage.page_call(world.now, &app, &page);
        }
        let users = self.grants.given.keys().filter(|(of, _)| *of == app);
        let users = users.count();
        self.usage.app_call(world.now, &app, users)
    }

    /// The app on whose behalf a call is made, as far as it says.
    fn app_of(&self, call: &Call) -> String {
        let secret = presented(call).unwrap_or_default();
        let of_token = self.grants.tokens.get(secret).map(|token| token.app.as_str());
        of_token
            .or_else(|| secret.split_once('|').map(|(id, _)| id))
            .or_else(|| call.param("client_id"))
            .unwrap_or_default()
            .to_owned()
    }

    /// The page whose token the call bears.
    fn page_of(&self, call: &Call) -> Option<String> {
        let token = self.grants.tokens.get(presented(call)?)?;
        match &token.kind {
            grant::Kind::Page(id) => Some(id.clone()),
            grant::Kind::User { .. } => None,
        }
    }
}

/// The portfolio that owns the page, or the page.
fn portfolio_of(world: &World, page: &str) -> String {
    let pages = world.people.all().iter().filter_map(account::of).flat_map(|account| &account.pages);
    let owners = pages.filter(|known| known.id == page).find_map(|known| known.owned_by.clone());
    owners.unwrap_or_else(|| page.to_owned())
}

fn unknown_version(world: &mut World, call: &Call) -> Answer {
    if call.host == WWW {
        let detail = "The version in this address is not one of the Graph API.";
        return page::error(400, "Facebook", "Unknown version", detail);
    }
    unknown_path(call).answer(&mut world.rng)
}

fn unknown_path(call: &Call) -> GraphError {
    GraphError::new(400, 2500, format!("Unknown path components: {}", call.path))
}

/// What a path that is not there answers.
fn lost(world: &mut World, call: &Call) -> Answer {
    if call.host == GRAPH {
        let known_by_get = call.method != Method::GET;
        let error = match call.segments().last() {
            Some(last) if known_by_get => GraphError::missing(call.method.as_str(), last),
            _ => unknown_path(call),
        };
        return error.answer(&mut world.rng);
    }
    page::error(
        404,
        "Facebook",
        "This page isn't available",
        "The link may be broken, or the page may have been removed.",
    )
}
