//! Who calls, and `/v5/user_account`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Kind, by_id};
use super::errors::{BAD_TOKEN, Error, MANY, NOT_PERMITTED, SUSPENDED};
use super::{Account, CDN, Pinterest};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::{digest, grown};

/// The account of a good token.
pub(super) struct Session {
    pub(super) account: Account,
    scopes: Vec<String>,
}

impl Session {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|given| given == scope)
    }
}

/// A call with a bearer token and this scope, counted against the account's budget.
pub(super) fn call_of(
    room: &mut Pinterest,
    world: &World,
    call: &Call,
    category: &str,
    scope: &str,
    answer: impl FnOnce(&Session) -> Result<Answer, Error>,
) -> Answer {
    let bearer = call.authorization("Bearer").and_then(|secret| room.grants.bearer(world.now, secret));
    let found = bearer.and_then(|(token, grant)| Some((token, grant, by_id(world, &grant.account)?)));
    let Some((token, grant, mut account)) = found else {
        return BAD_TOKEN.answer();
    };
    let left = room.limits.count(world.now, &grant.app, &grant.account);
    if call.own_fault("wrong_person")
        && let Some(other) = world.people.get("mallory").and_then(|person| person.pinterest.as_ref())
    {
        account = other;
    }
    let session = Session { account: account.clone(), scopes: token.scopes.clone() };
    let answered = match account.standing {
        _ if left.over => Err(MANY),
        Standing::Suspended => Err(SUSPENDED),
        _ if !session.has(scope) => Err(NOT_PERMITTED),
        _ => answer(&session),
    };
    left.headers(call, category, answered.unwrap_or_else(|error| error.answer()))
}

pub(super) fn answer(room: &mut Pinterest, world: &World, call: &Call) -> Answer {
    call_of(room, world, call, "org_read", "user_accounts:read", |session| {
        Ok(Answer::json(200, &value(world.now, call, &session.account)))
    })
}

fn value(now: Timestamp, call: &Call, account: &Account) -> Value {
    let business = (account.kind == Kind::Business).then_some(&account.business_name);
    json!({
        "account_type": account.kind,
        "id": account.id,
        "profile_image": picture(call, account),
        "website_url": account.website,
        "username": account.username,
        "about": account.about,
        "business_name": business,
        "board_count": account.boards,
        "pin_count": account.pins,
        "follower_count": grown(account.followers, account.daily, &account.id, now),
        "following_count": account.following,
        "monthly_views": grown(account.monthly_views, account.daily * 3, &account.id, now),
    })
}

/// A path by the picture's content, which never ends.
fn picture(call: &Call, account: &Account) -> String {
    let key = digest(&format!("{}/{}", account.id, account.avatar));
    call.address(CDN, &format!("/280x280_RS/{}/{}/{key}.jpg", &key[..2], &key[2..4]))
}
