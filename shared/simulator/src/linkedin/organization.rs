//! Organisations: which the member has, what they are, and who follows them.

use serde_json::{Value, json};

use super::account::{Organization, Role, RoleState, organization};
use super::error::{illegal, missing, no_role, not_found};
use super::limit::Resource;
use super::member::{caller, finder};
use super::{LinkedIn, picture};
use crate::World;
use crate::answer::Answer;
use crate::call::{Call, without};
use crate::people::Standing;
use crate::util::form;

const ADMIN: [&str; 2] = ["rw_organization_admin", "r_organization_admin"];
const READ: [&str; 4] =
    ["rw_organization_admin", "r_organization_admin", "r_organization_social", "r_organization_followers"];
const DEFAULT_COUNT: usize = 10;

/// The member's roles, of every state unless one is asked for. A page never has more than the person's cap, and says so.
pub(super) fn acls(room: &mut LinkedIn, world: &World, call: &Call, legacy: bool) -> Result<Answer, Answer> {
    finder(call, "roleAssignee")?;
    let caller = caller(room, world, call, Resource::Acls)?;
    caller.needs(&ADMIN, "organizationAcls.FINDER-roleAssignee")?;
    let role = word::<Role>(call, "role")?;
    let state = word::<RoleState>(call, "state")?;
    let (start, count) = (position(call, "start", 0)?, position(call, "count", DEFAULT_COUNT)?);
    if count == 0 {
        return Err(illegal("count must be at least 1"));
    }
    let count = count.min(caller.account.listing_cap);
    let held: Vec<&Organization> = caller
        .account
        .organizations
        .iter()
        .filter(|held| held.standing != Standing::Deleted)
        .filter(|held| role.is_none_or(|role| held.role == role) && state.is_none_or(|state| held.state == state))
        .collect();
    let assignee = format!("urn:li:person:{}", caller.account.sub(&caller.app));
    let place = if legacy { "organizationalTarget" } else { "organization" };
    let elements: Vec<Value> = held
        .iter()
        .skip(start)
        .take(count)
        .map(|held| json!({ "role": held.role, place: held.urn(), "roleAssignee": assignee, "state": held.state }))
        .collect();
    let mut links = Vec::new();
    if start + elements.len() < held.len() {
        let rest = without(&call.query, &["start", "count"]);
        let next = form(&[("start", &(start + count).to_string()), ("count", &count.to_string())]);
        links
            .push(json!({ "type": "application/json", "rel": "next", "href": format!("{}?{rest}&{next}", call.path) }));
    }
    let paging = json!({ "start": start, "count": count, "links": links });
    Ok(Answer::json(200, &json!({ "paging": paging, "elements": elements })))
}

/// A parameter that has one of an enumeration's words.
fn word<T: serde::de::DeserializeOwned>(call: &Call, name: &str) -> Result<Option<T>, Answer> {
    let given = call.query(name);
    let read = given.map(|given| serde_json::from_value(json!(given)));
    read.transpose().map_err(|_| illegal(&format!("{} is not a {name}", given.unwrap_or_default())))
}

fn position(call: &Call, name: &str, default: usize) -> Result<usize, Answer> {
    let given = call.query(name).map_or(Ok(default), str::parse);
    given.map_err(|_| illegal(&format!("{name} is not a number")))
}

/// `organizations/{id}`: the picture is only there with the decoration of a projection.
pub(super) fn by_id(room: &mut LinkedIn, world: &World, call: &Call, id: &str) -> Result<Answer, Answer> {
    let projection = call.query("projection");
    if projection.is_some() && call.own_fault("projection_refused") && call.segments()[0] == "rest" {
        return Err(illegal("Projections are not supported in this version"));
    }
    let caller = caller(room, world, call, Resource::Organizations)?;
    caller.needs(&READ, "organizations.GET")?;
    let held = exists(world, &caller.person, id)?;
    let mut all = json!({
        "id": id.parse::<u64>().unwrap_or_default(),
        "localizedName": held.name,
        "name": { "localized": { "en_US": held.name }, "preferredLocale": { "country": "US", "language": "en" } },
        "vanityName": held.vanity_name,
        "primaryOrganizationType": if held.brand { "BRAND" } else { "NONE" },
        "organizationType": "PRIVATELY_HELD",
        "localizedWebsite": format!("https://{}.example", held.vanity_name),
    });
    if held.avatar > 0 {
        let asset = format!("urn:li:digitalmediaAsset:C4{}{}", held.id, held.avatar);
        all["logoV2"] = json!({ "original": asset, "cropped": asset });
        if projection.is_some_and(|projection| projection.contains("original~:playableStreams")) {
            let address = picture::address(world.now, call, "company-logo_200_200", &held.id, held.avatar);
            all["logoV2"]["original~"] = json!({ "elements": [{
                "artifact": format!("{asset}-logo_200_200"),
                "identifiers": [{ "identifier": address, "identifierType": "EXTERNAL_URL" }],
            }] });
        }
    }
    if let Some(projection) = projection {
        let wanted = fields(projection).ok_or_else(|| illegal("The projection is malformed"))?;
        if let Some(all) = all.as_object_mut() {
            all.retain(|name, _| wanted.contains(&name.as_str()));
        }
    }
    Ok(Answer::json(200, &all))
}

/// The names at the top of `(id,logoV2(original~:playableStreams))`.
fn fields(projection: &str) -> Option<Vec<&str>> {
    let inner = projection.strip_prefix('(')?.strip_suffix(')')?;
    let (mut names, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                let name = inner[start..at].split(['(', ':']).next()?;
                names.push(name);
                start = at + 1;
            }
            _ => {}
        }
    }
    (depth == 0).then_some(names)
}

/// The organisation if the member has a role there; it may be there and the member has none.
pub(super) fn exists<'a>(world: &'a World, person: &str, id: &str) -> Result<&'a Organization, Answer> {
    let mut all = world.people.all().iter().filter_map(super::account::of).flat_map(|account| &account.organizations);
    if !all.any(|other| other.id == id && other.standing != Standing::Deleted) {
        return Err(not_found("Organization"));
    }
    organization(world, person, id).ok_or_else(no_role)
}

/// The id in `urn%3Ali%3Aorganization%3A{id}`; in a path a URN is percent-encoded.
fn encoded_id(urn: &str) -> Result<String, Answer> {
    let wrong = || illegal(&format!("The key {urn} is not a percent-encoded URN"));
    if urn.contains(':') {
        return Err(wrong());
    }
    let pairs = crate::call::pairs(format!("urn={urn}").as_bytes());
    let urn = pairs.first().map(|(_, urn)| urn.as_str()).unwrap_or_default();
    id_of(urn).map(ToOwned::to_owned).ok_or_else(wrong)
}

/// The id of an organisation's URN.
pub(super) fn id_of(urn: &str) -> Option<&str> {
    let id = urn.strip_prefix("urn:li:organization:").or_else(|| urn.strip_prefix("urn:li:organizationBrand:"))?;
    (!id.is_empty() && id.chars().all(|c| c.is_ascii_digit())).then_some(id)
}

/// `networkSizes/{urn}`: how many follow.
pub(super) fn network_size(room: &mut LinkedIn, world: &World, call: &Call, urn: &str) -> Result<Answer, Answer> {
    let id = encoded_id(urn)?;
    match call.query("edgeType").ok_or_else(|| missing("edgeType"))? {
        "COMPANY_FOLLOWED_BY_MEMBER" | "CompanyFollowedByMember" => {}
        other => return Err(illegal(&format!("edgeType {other} is not supported"))),
    }
    let caller = caller(room, world, call, Resource::NetworkSizes)?;
    caller.needs(&READ, "networkSizes.GET")?;
    let held = exists(world, &caller.person, &id)?;
    Ok(Answer::json(200, &json!({ "firstDegreeSize": held.followers_at(world.now) })))
}
