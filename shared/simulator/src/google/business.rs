//! Business Profile: accounts, their locations, and a location's photos.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::account::{Account, Business, Location, of};
use super::error::{denied, insufficient, invalid_argument, no_entity, unauthenticated};
use super::{CDN, Google, quota};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::{digest, slug};

const SCOPE: &str = "https://www.googleapis.com/auth/business.manage";
const FIELDS: [&str; 14] = [
    "name",
    "languageCode",
    "storeCode",
    "title",
    "phoneNumbers",
    "categories",
    "storefrontAddress",
    "websiteUri",
    "regularHours",
    "labels",
    "latlng",
    "openInfo",
    "metadata",
    "profile",
];

/// The bearer's account, with one call taken of the project's minute.
pub(super) fn caller(room: &mut Google, world: &World, call: &Call) -> Result<Account, Answer> {
    let secret = call.authorization("Bearer").unwrap_or_default();
    let token = room.grants.bearer(world.now, secret).ok_or_else(|| unauthenticated(true))?;
    if !token.consent.scopes.iter().any(|scope| scope == SCOPE) {
        return Err(insufficient(true));
    }
    let person = if call.own_fault("wrong_person") { "mallory" } else { &token.consent.person };
    let account = world.people.get(person).and_then(of).ok_or_else(|| unauthenticated(true))?.clone();
    match account.standing {
        Standing::Active => {}
        Standing::Suspended => return Err(denied()),
        Standing::Deleted => return Err(unauthenticated(true)),
    }
    if call.own_fault("not_allow_listed") {
        return Err(quota::too_many());
    }
    let app = token.consent.app.clone();
    room.quotas.call(world.now, &app)?;
    Ok(account)
}

/// One page of a listing, and the token of the next.
fn page<T>(
    call: &Call,
    all: &[T],
    cap: usize,
    usual: usize,
    of: &str,
) -> Result<(std::ops::Range<usize>, Option<String>), Answer> {
    let size = match call.query("pageSize").map(str::parse::<usize>) {
        None | Some(Ok(0)) => usual,
        Some(Ok(size)) => size,
        Some(Err(_)) => return Err(invalid_argument("page_size", "pageSize is not a number")),
    };
    let proof = digest(&format!("{of}/{size}"));
    let start = match call.query("pageToken").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => {
            let decoded = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let start =
                decoded.as_deref().and_then(|text| text.strip_suffix(&proof)).and_then(|text| text.parse().ok());
            start.ok_or_else(|| invalid_argument("page_token", "pageToken is not of this listing"))?
        }
    };
    let end = (start + size.min(cap)).min(all.len());
    let next = (end < all.len()).then(|| URL_SAFE_NO_PAD.encode(format!("{end}{proof}")));
    Ok((start.min(end)..end, next))
}

pub(super) fn accounts(room: &mut Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let account = caller(room, world, call)?;
    let (range, next) = page(call, &account.businesses, account.listing_cap, 20, &account.id)?;
    let shown: Vec<Value> = account.businesses[range]
        .iter()
        .map(|business| {
            json!({
                "name": format!("accounts/{}", business.id),
                "accountName": business.name,
                "type": business.kind,
                "role": business.role,
                "verificationState": "UNVERIFIED",
                "vettedState": "NOT_VETTED",
            })
        })
        .collect();
    Ok(Answer::json(200, &listing("accounts", shown, next)))
}

/// An empty listing has nothing in it, not even its name.
fn listing(name: &str, shown: Vec<Value>, next: Option<String>) -> Value {
    let mut body = json!({});
    if !shown.is_empty() {
        body[name] = Value::Array(shown);
    }
    if let Some(next) = next {
        body["nextPageToken"] = json!(next);
    }
    body
}

fn lives(location: &Location) -> bool {
    location.standing != Standing::Deleted
}

/// The locations of one account, or of all with `-`.
pub(super) fn locations(room: &mut Google, world: &World, call: &Call, of: &str) -> Result<Answer, Answer> {
    let account = caller(room, world, call)?;
    let mask = mask(call)?;
    let meant: Vec<&Business> = account.businesses.iter().filter(|business| of == "-" || business.id == of).collect();
    let cap = meant.iter().map(|business| business.listing_cap).min().ok_or_else(denied)?;
    let mut all: Vec<&Location> = Vec::new();
    for location in meant.iter().flat_map(|business| &business.locations).filter(|location| lives(location)) {
        if !all.iter().any(|other| other.id == location.id) {
            all.push(location);
        }
    }
    let (range, next) = page(call, &all, cap, 10, of)?;
    let total = all.len();
    let shown = all[range].iter().map(|location| fields(location, &mask)).collect();
    let mut body = listing("locations", shown, next);
    body["totalSize"] = json!(total);
    Ok(Answer::json(200, &body))
}

/// A location that the caller may see: others' are denied, gone ones are not found.
pub(super) fn seen(world: &World, account: &Account, id: &str) -> Result<Location, Answer> {
    let own = account.locations().find(|location| location.id == id && lives(location));
    if let Some(location) = own {
        return Ok(location.clone());
    }
    let mut others = world.people.all().iter().filter_map(of).flat_map(Account::locations);
    if others.any(|location| location.id == id && lives(location)) { Err(denied()) } else { Err(no_entity()) }
}

pub(super) fn location(room: &mut Google, world: &World, call: &Call, id: &str) -> Result<Answer, Answer> {
    let account = caller(room, world, call)?;
    let mask = mask(call)?;
    Ok(Answer::json(200, &fields(&seen(world, &account, id)?, &mask)))
}

/// The asked fields; a part of a field counts as the field.
fn mask(call: &Call) -> Result<Vec<&str>, Answer> {
    let given = call.query("readMask").filter(|mask| !mask.is_empty());
    let given = given.ok_or_else(|| invalid_argument("read_mask", "Field is required"))?;
    let all: Vec<&str> = given.split(',').map(|path| path.trim().split('.').next().unwrap_or_default()).collect();
    match all.iter().find(|name| !FIELDS.contains(name)) {
        Some(unknown) => Err(invalid_argument("read_mask", &format!("Invalid field mask provided: {unknown}"))),
        None => Ok(all),
    }
}

fn fields(location: &Location, mask: &[&str]) -> Value {
    let mut body = json!({});
    for name in mask {
        body[*name] = match *name {
            "name" => json!(format!("locations/{}", location.id)),
            "title" => json!(location.title),
            "languageCode" => json!("en"),
            "storeCode" => json!(format!("S{}", &location.id[location.id.len() - 4..])),
            "phoneNumbers" => json!({ "primaryPhone": "+47 22 00 00 00" }),
            "categories" => json!({ "primaryCategory": { "name": "categories/gcid:store", "displayName": "Store" } }),
            "storefrontAddress" => json!({
                "regionCode": "NO", "languageCode": "en", "postalCode": "0150", "locality": location.city,
                "addressLines": ["1 Harbour Street"],
            }),
            "websiteUri" => json!(format!("https://{}.example", slug(&location.title))),
            "openInfo" => json!({ "status": "OPEN", "canReopen": true }),
            "metadata" => json!({
                "hasVoiceOfMerchant": location.has_voice_of_merchant && location.standing == Standing::Active,
                "placeId": format!("ChIJ{}", location.id),
                "mapsUri": format!("https://maps.google.com/?cid={}", location.id),
                "newReviewUri": format!("https://search.google.com/local/writereview?placeid=ChIJ{}", location.id),
            }),
            _ => continue,
        };
    }
    body
}

/// Photos, of which the profile's is the picture of the location.
pub(super) fn media(room: &mut Google, world: &World, call: &Call, of: &str, id: &str) -> Result<Answer, Answer> {
    let account = caller(room, world, call)?;
    let place = seen(world, &account, id)?;
    let business = account.businesses.iter().find(|business| business.id == of);
    if !business.is_some_and(|business| business.locations.iter().any(|location| location.id == id)) {
        return Err(no_entity());
    }
    if place.avatar == 0 {
        return Ok(Answer::json(200, &json!({ "totalMediaItemCount": 0 })));
    }
    let item = json!({
        "name": format!("accounts/{of}/locations/{id}/media/profile"),
        "mediaFormat": "PHOTO",
        "locationAssociation": { "category": "PROFILE" },
        "googleUrl": call.address(CDN, &format!("/p/{}=s0", place.picture())),
    });
    Ok(Answer::json(200, &json!({ "mediaItems": [item], "totalMediaItemCount": 1 })))
}
