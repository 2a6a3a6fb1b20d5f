//! `/v5/boards`, page by page.

use serde_json::{Value, json};

use super::errors::Error;
use super::user::call_of;
use super::{Account, Pinterest};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::util::{digest, digits};

const PAGE: u32 = 25;
const MOST: u32 = 250;

/// A bookmark tells where the next page begins; the last page has none. Secret
/// boards have a scope of their own.
pub(super) fn answer(room: &mut Pinterest, world: &World, call: &Call) -> Answer {
    call_of(room, world, call, "org_read", "boards:read", |session| {
        let size = call.query("page_size").map_or(Ok(PAGE), str::parse);
        let size = size.ok().filter(|size| (1..=MOST).contains(size));
        let size = size.ok_or(Error::parameter("page_size is from 1 to 250."))?;
        let account = &session.account;
        let secret = if session.has("boards:read_secret") { account.secret_boards } else { 0 };
        let all = account.boards + secret;
        let start = match call.query("bookmark").filter(|bookmark| !bookmark.is_empty()) {
            None => 0,
            Some(given) => (1..all)
                .find(|at| bookmark(account, *at) == given)
                .ok_or(Error::parameter("The bookmark is not valid."))?,
        };
        let end = (start + size).min(all);
        let items: Vec<Value> = (start..end).map(|at| board(account, at)).collect();
        let next = (end < all).then(|| bookmark(account, end));
        Ok(Answer::json(200, &json!({ "items": items, "bookmark": next })))
    })
}

fn bookmark(account: &Account, at: u32) -> String {
    digest(&format!("pinterest/{}/bookmark/{at}", account.id))
}

fn board(account: &Account, at: u32) -> Value {
    let privacy = if at < account.boards { "PUBLIC" } else { "SECRET" };
    json!({
        "id": digits(&format!("pinterest/{}/board/{at}", account.id), "54", 18),
        "name": format!("Board {}", at + 1),
        "description": "",
        "privacy": privacy,
        "owner": { "username": account.username },
        "pin_count": account.pins / i64::from(account.boards.max(1)),
    })
}
