//! Who somebody is: `/tokeninfo`, `userinfo`, and pictures of people and places.

use serde_json::{Value, json};

use super::account::{Account, of};
use super::authorize::{EMAIL, OPENID, PROFILE};
use super::error::{oauth, unauthenticated};
use super::grant::Consent;
use super::{CDN, Google};
use crate::World;
use crate::answer::Answer;
use crate::avatar;
use crate::call::Call;
use crate::people::Standing;

/// The claims about a person that the consent lets an app know.
pub(super) fn claims(world: &World, call: &Call, consent: &Consent) -> Option<Value> {
    let id = if call.own_fault("wrong_person") { "mallory" } else { &consent.person };
    let person = world.people.get(id)?;
    let account = of(person)?;
    let has = |scope: &str| consent.scopes.iter().any(|given| given == scope);
    let mut claims = json!({ "sub": account.id });
    if has(PROFILE) {
        let (given, family) = person.name.split_once(' ').unwrap_or((&person.name, ""));
        claims["name"] = json!(person.name);
        claims["given_name"] = json!(given);
        claims["family_name"] = json!(family);
        claims["picture"] = json!(call.address(CDN, &format!("/a/{}=s96-c", account.picture())));
    }
    if has(EMAIL) {
        claims["email"] = json!(person.email);
        claims["email_verified"] = json!(true);
    }
    Some(claims)
}

/// `/tokeninfo?access_token=`, which Google's own client posts with the token in the header: numbers are text there.
pub(super) fn token_info(room: &Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let invalid = || oauth(400, "invalid_token", "Invalid Value");
    let given = call.param("access_token").or_else(|| call.authorization("Bearer")).ok_or_else(invalid)?;
    let token = room.grants.bearer(world.now, given).ok_or_else(invalid)?;
    let person = world.people.get(&token.consent.person).ok_or_else(invalid)?;
    let account = of(person).filter(|account| account.standing != Standing::Deleted).ok_or_else(invalid)?;
    let left = token.expires.duration_since(world.now).as_secs();
    let mut body = json!({
        "azp": token.consent.app,
        "aud": token.consent.app,
        "sub": account.id,
        "scope": token.consent.scopes.join(" "),
        "exp": token.expires.as_second().to_string(),
        "expires_in": left.to_string(),
        "access_type": if token.consent.offline { "offline" } else { "online" },
    });
    if token.consent.scopes.iter().any(|scope| scope == EMAIL) {
        body["email"] = json!(person.email);
        body["email_verified"] = json!("true");
    }
    Ok(Answer::json(200, &body))
}

/// `userinfo`, for whoever has a scope that tells of a person.
pub(super) fn user_info(room: &Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let given = call.authorization("Bearer").unwrap_or_default();
    let token = room.grants.bearer(world.now, given).ok_or_else(|| unauthenticated(false))?;
    if ![OPENID, EMAIL, PROFILE].iter().any(|basic| token.consent.scopes.iter().any(|scope| scope == basic)) {
        return Err(unauthenticated(false));
    }
    let claims = claims(world, call, &token.consent).ok_or_else(|| unauthenticated(false))?;
    Ok(Answer::json(200, &claims))
}

/// A picture of somebody or of a place, as long as it is the one that they have.
pub(super) fn image(world: &World, key: &str) -> Answer {
    let shows =
        |account: &Account| account.picture() == key || account.locations().any(|location| location.picture() == key);
    if world.people.all().iter().filter_map(of).any(shows) {
        Answer::png(avatar::png(key))
    } else {
        Answer::html(404, "Not Found".to_owned())
    }
}
