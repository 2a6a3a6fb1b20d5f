//! `/api/v1/me`, and who calls.

use serde_json::json;

use super::account::{Account, of};
use super::error::{forbidden, insufficient_scope, plain, unauthorized};
use super::limit::Left;
use super::{Reddit, picture};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::escape;

/// Who calls, with what is left of the app's calls.
pub(super) struct Caller {
    pub(super) account: Account,
    pub(super) left: Left,
}

/// The bearer's account, if one of these scopes is there. A suspended one may still look at itself.
pub(super) fn caller(room: &mut Reddit, world: &World, call: &Call, scopes: &[&str]) -> Result<Caller, Answer> {
    let secret = call.authorization("Bearer").ok_or_else(unauthorized)?;
    let consent = room.grants.bearer(world.now, secret).ok_or_else(unauthorized)?.clone();
    let left = room.limits.count(world.now, &consent.app);
    if left.over {
        return Err(left.headers(plain(429, "Too Many Requests").outcome("refused:rate_limited")));
    }
    if !consent.scopes.iter().any(|scope| scopes.contains(&scope.as_str())) {
        return Err(left.headers(insufficient_scope()));
    }
    let person = if call.own_fault("wrong_person") { "mallory" } else { &consent.person };
    let account = world.people.get(person).and_then(of).filter(|account| account.standing != Standing::Deleted);
    let account = account.ok_or_else(unauthorized)?.clone();
    if account.standing == Standing::Suspended && !scopes.contains(&"identity") {
        return Err(left.headers(forbidden()));
    }
    Ok(Caller { account, left })
}

/// The picture's address is escaped as HTML is.
pub(super) fn me(room: &mut Reddit, world: &World, call: &Call) -> Result<Answer, Answer> {
    let Caller { account, left } = caller(room, world, call, &["identity"])?;
    let profile = account.profile_id();
    let icon = escape(&picture::address(world.now, call, &profile, account.avatar));
    let karma = account.karma_at(world.now);
    let mut body = json!({
        "id": account.id,
        "name": account.name,
        "icon_img": icon,
        "total_karma": karma,
        "link_karma": karma * 2 / 3,
        "comment_karma": karma - karma * 2 / 3,
        "has_verified_email": account.has_verified_email,
        "verified": account.has_verified_email,
        "is_suspended": account.standing == Standing::Suspended,
        "is_mod": !account.subreddits.is_empty(),
        "is_employee": false,
        "over_18": false,
        "subreddit": {
            "display_name": format!("u_{}", account.name),
            "name": format!("t5_{profile}"),
            "title": account.title,
            "icon_img": icon,
            "subscribers": account.subscribers_at(world.now),
            "subreddit_type": "user",
            "url": format!("/user/{}/", account.name),
        },
    });
    // Reddit writes a whole number of seconds with a point.
    if let Ok(seconds) = i32::try_from(account.created_utc) {
        body["created_utc"] = json!(f64::from(seconds));
    }
    if account.standing == Standing::Suspended {
        body["suspension_expiration_utc"] = json!(null);
    }
    Ok(left.headers(Answer::json(200, &body)))
}
