//! What a believed token says, read without guessing: an absent claim is absent, and a claim
//! that is there has its one type (`null` is none).

use std::time::Duration;

use domain::{AccountId, Actor, OrgId, Role, WorkspaceId, text};
use serde_json::{Map, Value};

use super::Rejected;

/// How far the clocks of issuer and product may be apart, in seconds.
const LEEWAY: i64 = 60;
/// Longest `sub`, in characters.
const SUB_LENGTH: usize = 200;
/// Longest `plan`, in characters.
const PLAN_LENGTH: usize = 40;

type Claims = Map<String, Value>;

/// The caller whom the claims describe.
pub fn actor(claims: &Claims, issuer: &str, audience: &str) -> Result<Actor, Rejected> {
    if claims.get("iss").and_then(Value::as_str) != Some(issuer) {
        return Err(Rejected("the issuer is another"));
    }
    if !meant_for(claims.get("aud"), audience) {
        return Err(Rejected("the audience is another"));
    }
    let sub = string(claims, "sub", "sub is not a short text")?.ok_or(Rejected("sub is missing"))?;
    if sub.trim().is_empty() || !short(&sub, SUB_LENGTH) {
        return Err(Rejected("sub is not a short text"));
    }
    let workspace = claims.get("ws").and_then(workspace).ok_or(Rejected("ws is not a workspace id"))?;
    let org = match claims.get("org") {
        None => OrgId::from(&workspace),
        Some(value) => parsed(value).ok_or(Rejected("org is not an organisation id"))?,
    };
    let role = claims.get("role").and_then(role).ok_or(Rejected("role is not a role"))?;
    let name = string(claims, "name", "name is not a text")?
        .map(|name| text::clean(&name, text::NAME_LENGTH))
        .filter(|name| !name.is_empty());
    let plan = string(claims, "plan", "plan is not a short text")?;
    if plan.as_ref().is_some_and(|plan| plan.is_empty() || !short(plan, PLAN_LENGTH)) {
        return Err(Rejected("plan is not a short text"));
    }
    let perms = list(claims, "perms", |v| v.as_str().map(str::to_owned), "perms is not a list of texts")?;
    let accounts = list(claims, "accounts", parsed::<AccountId>, "accounts is not a list of account ids")?;
    let workspaces = list(claims, "workspaces", membership, "workspaces is not a list of workspaces")?;
    let workspaces = workspaces.unwrap_or_default().into_iter().collect();

    let credential = domain::actor::Credential::Token;
    Ok(Actor { sub, credential, name, workspace, org, role, plan, perms, accounts, workspaces })
}

/// Whether `aud`, a text or a list of texts, contains our audience.
fn meant_for(aud: Option<&Value>, ours: &str) -> bool {
    match aud {
        Some(Value::String(one)) => one == ours,
        Some(Value::Array(several)) => several.iter().all(Value::is_string) && several.iter().any(|aud| aud == ours),
        _ => false,
    }
}

/// Judges `exp`, `nbf` and `iat`, each in whole seconds, by the product's own clock.
pub fn in_time(claims: &Claims, longest_life: Duration, now: i64) -> Result<(), Rejected> {
    let exp = seconds(claims, "exp", "exp is not whole seconds")?.ok_or(Rejected("exp is missing"))?;
    if now.saturating_sub(exp) >= LEEWAY {
        return Err(Rejected("the token has expired"));
    }
    if seconds(claims, "nbf", "nbf is not whole seconds")?.is_some_and(|nbf| nbf.saturating_sub(now) > LEEWAY) {
        return Err(Rejected("the token is not valid yet"));
    }
    let iat = seconds(claims, "iat", "iat is not whole seconds")?;
    if iat.is_some_and(|iat| iat.saturating_sub(now) > LEEWAY) {
        return Err(Rejected("the token is from the future"));
    }
    let longest = i64::try_from(longest_life.as_secs()).unwrap_or(i64::MAX);
    // Without a beginning it may have begun just now.
    if exp.saturating_sub(iat.unwrap_or(now.saturating_add(LEEWAY))) > longest {
        return Err(Rejected("the token lives too long"));
    }
    Ok(())
}

fn seconds(claims: &Claims, name: &str, otherwise: &'static str) -> Result<Option<i64>, Rejected> {
    claims.get(name).map(|value| value.as_i64().ok_or(Rejected(otherwise))).transpose()
}

fn string(claims: &Claims, name: &str, otherwise: &'static str) -> Result<Option<String>, Rejected> {
    claims.get(name).map(|value| value.as_str().map(str::to_owned).ok_or(Rejected(otherwise))).transpose()
}

/// A list in which every item is what it should be.
fn list<T>(
    claims: &Claims,
    name: &str,
    item: impl Fn(&Value) -> Option<T>,
    otherwise: &'static str,
) -> Result<Option<Vec<T>>, Rejected> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let items = value.as_array().ok_or(Rejected(otherwise))?;
    items.iter().map(item).collect::<Option<_>>().map(Some).ok_or(Rejected(otherwise))
}

fn short(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn parsed<T: std::str::FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.parse().ok()
}

fn workspace(value: &Value) -> Option<WorkspaceId> {
    parsed(value)
}

fn role(value: &Value) -> Option<Role> {
    let word = value.as_str()?;
    Role::ALL.into_iter().find(|role| role.as_str() == word)
}

fn membership(value: &Value) -> Option<(WorkspaceId, Role)> {
    Some((workspace(value.get("id")?)?, role(value.get("role")?)?))
}
