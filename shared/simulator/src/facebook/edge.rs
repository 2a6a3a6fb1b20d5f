//! Listings: pages, portfolios, pages of a portfolio; paged by cursor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::account::{Page, scoped_id};
use super::grant::{Kind, Session};
use super::node::page_value;
use super::{Facebook, GRAPH};
use crate::World;
use crate::answer::Answer;
use crate::call::{Call, without};
use crate::graph::{GraphError, parse, select};

const DEFAULT_LIMIT: usize = 25;
const MOST: usize = 100;
const MARK: &str = "QVFIU";
const BUSINESS: [&str; 2] = ["id", "name"];

/// The user behind the call; a page has no such edges.
fn user(room: &Facebook, world: &World, call: &Call, id: &str) -> Result<Session, GraphError> {
    let session = room.grants.session(world, call)?;
    let own = scoped_id(&session.token.app, &session.account);
    if matches!(session.token.kind, Kind::Page(_)) {
        let edge = call.path.rsplit('/').next().unwrap_or_default();
        let message = format!("Tried accessing nonexisting field ({edge}) on node type (Page)");
        return Err(GraphError::parameter(&message));
    }
    if id != "me" && id != own {
        return Err(GraphError::missing("get", id));
    }
    Ok(session)
}

/// Without `pages_show_list` there is nothing in it, and no error either.
pub(super) fn accounts(room: &mut Facebook, world: &mut World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let session = user(room, world, call, id)?;
    let shown = session.has("pages_show_list");
    let pages = session.pages().filter(|page| shown && page.listed);
    let pages: Vec<Page> = pages.cloned().collect();
    let cap = session.account.listing_cap;
    page_list(room, world, call, &session, &pages, cap)
}

pub(super) fn businesses(room: &mut Facebook, world: &mut World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let session = user(room, world, call, id)?;
    session.needs("business_management")?;
    let fields = parse(call.param("fields"))?;
    let all = &session.account.businesses;
    let ids: Vec<&str> = all.iter().map(|business| business.id.as_str()).collect();
    let cut = Cut::of(call, &ids, session.account.business_cap)?;
    let data = all[cut.from..cut.to]
        .iter()
        .map(|business| {
            select("Business", &BUSINESS, &fields, |field| {
                Ok(match field.name.as_str() {
                    "id" => Some(json!(business.id)),
                    "name" => Some(json!(business.name)),
                    _ => None,
                })
            })
        })
        .collect::<Result<Vec<Value>, _>>()?;
    Ok(cut.answer(call, &data, &ids))
}

/// `/{business}/owned_pages` and `/{business}/client_pages`.
pub(super) fn portfolio(
    room: &mut Facebook,
    world: &mut World,
    call: &Call,
    id: &str,
    owned: bool,
) -> Result<Answer, GraphError> {
    let session = room.grants.session(world, call)?;
    let business = session
        .account
        .businesses
        .iter()
        .find(|business| business.id == id)
        .ok_or_else(|| GraphError::missing("get", id))?;
    session.needs("business_management")?;
    let cap = business.listing_cap;
    let stands = |page: &&Page| {
        let portfolio = if owned { &page.owned_by } else { &page.client_of };
        portfolio.as_deref() == Some(id)
    };
    let pages: Vec<Page> = session.pages().filter(stands).cloned().collect();
    page_list(room, world, call, &session, &pages, cap)
}

fn page_list(
    room: &mut Facebook,
    world: &mut World,
    call: &Call,
    session: &Session,
    pages: &[Page],
    cap: usize,
) -> Result<Answer, GraphError> {
    let fields = parse(call.param("fields"))?;
    let ids: Vec<&str> = pages.iter().map(|page| page.id.as_str()).collect();
    let cut = Cut::of(call, &ids, cap)?;
    let data = pages[cut.from..cut.to]
        .iter()
        .map(|page| page_value(room, world, call, session, page, &fields))
        .collect::<Result<Vec<Value>, _>>()?;
    Ok(cut.answer(call, &data, &ids))
}

/// The part of a list that one listing answers.
struct Cut {
    from: usize,
    to: usize,
    limit: usize,
}

impl Cut {
    fn of(call: &Call, ids: &[&str], cap: usize) -> Result<Self, GraphError> {
        let limit = match call.query("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse::<usize>()
                .ok()
                .filter(|limit| *limit > 0)
                .ok_or_else(|| GraphError::parameter("Param limit must be a positive integer"))?,
        };
        let from = match call.query("after").filter(|cursor| !cursor.is_empty()) {
            None => 0,
            Some(after) => {
                let place = ids.iter().position(|id| cursor(id) == after);
                place.ok_or_else(|| GraphError::parameter("Invalid parameter: after"))? + 1
            }
        };
        let to = ids.len().min(from + limit.min(MOST).min(cap));
        Ok(Self { from, to, limit })
    }

    fn answer(&self, call: &Call, data: &[Value], ids: &[&str]) -> Answer {
        if data.is_empty() {
            return Answer::json(200, &json!({ "data": [] }));
        }
        let after = cursor(ids[self.to - 1]);
        let mut paging = json!({ "cursors": { "before": cursor(ids[self.from]), "after": after } });
        if self.to < ids.len() {
            let kept = without(&call.query, &["after", "before", "limit"]);
            let joint = if kept.is_empty() { "" } else { "&" };
            let query = format!("{kept}{joint}limit={}&after={after}", self.limit);
            let next = call.address(GRAPH, &format!("{}?{query}", call.path));
            paging["next"] = json!(next);
        }
        Answer::json(200, &json!({ "data": data, "paging": paging }))
    }
}

fn cursor(id: &str) -> String {
    format!("{MARK}{}", URL_SAFE_NO_PAD.encode(id))
}
