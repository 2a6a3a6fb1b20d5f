//! One page as an offer.

use domain::{Code, account::Profile, connect::Barrier};
use serde_json::Value;

use crate::{Offer, catalogue::method::Method, read};

/// The role that may connect a page.
const CONNECTS: &str = "admin";

/// A page of a list (developers.facebook.com, "Page"); nothing if it has no usable id.
pub(super) fn offer(page: &Value, method: &Method) -> Option<Offer> {
    let id = read::id(page.get("id"))?;
    let tasks: Option<Vec<&str>> =
        page.get("tasks").and_then(Value::as_array).map(|tasks| tasks.iter().filter_map(Value::as_str).collect());
    let role = tasks.as_ref().and_then(|tasks| method.role(tasks));
    let token = read::token(page.get("access_token"));
    let settings = || Some(format!("https://www.facebook.com/{id}/settings"));
    // Where the list cannot tell tasks, the platform itself is left to judge.
    let barrier = if tasks.is_some() && role != Some(CONNECTS) {
        Some(Barrier { code: Code::InsufficientPlatformRole, fix_url: settings() })
    } else if token.is_none() {
        Some(Barrier { code: Code::InsufficientPermissions, fix_url: method.manual_revoke_url.clone() })
    } else {
        None
    };
    let verified = read::text(page.get("verification_status")).map(|status| status != "not_verified");
    let url = |pointer| read::text(page.pointer(pointer)).and_then(domain::text::https_url);
    let profile = Profile {
        kind: "page".to_owned(),
        name: read::name(page.get("name"), &id),
        handle: read::handle(page.get("username")),
        picture_url: url("/picture/data/url"),
        profile_url: url("/link").or_else(|| domain::text::https_url(&format!("https://www.facebook.com/{id}"))),
        account_type: read::text(page.get("category")).map(|c| domain::text::clean(c, 100)),
        verified,
        role: role.map(str::to_owned),
        platform_account_id: id,
    };
    Some(Offer { profile, barrier, token })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue;

    fn offered(page: &Value) -> Offer {
        let methods = catalogue::methods().expect("shipped");
        offer(page, &methods[0]).expect("has an id")
    }

    #[test]
    fn only_an_admin_of_a_page_can_choose_it() {
        for (tasks, role, can) in [
            (json!(["MANAGE", "ANALYZE"]), Some("admin"), true),
            (json!(["PROFILE_PLUS_FULL_CONTROL"]), Some("admin"), true),
            (json!(["PROFILE_PLUS_MANAGE"]), Some("admin"), true),
            (json!(["ANALYZE", "CREATE_CONTENT"]), Some("editor"), false),
            (json!(["PROFILE_PLUS_MODERATE", "ANALYZE"]), Some("moderator"), false),
            (json!(["ANALYZE"]), Some("analyst"), false),
            (json!(["ADVERTISE"]), None, false),
            (json!([]), None, false),
            (Value::Null, None, true),
        ] {
            let offer = offered(&json!({"id": "1", "access_token": "t", "tasks": tasks}));
            assert_eq!(offer.profile.role.as_deref(), role, "{tasks}");
            let code = offer.barrier.map(|b| b.code);
            assert_eq!(code, (!can).then_some(Code::InsufficientPlatformRole), "{tasks}");
        }
    }

    #[test]
    fn a_page_without_a_token_of_its_own_cannot_be_chosen() {
        let offer = offered(&json!({"id": "1", "tasks": ["MANAGE"]}));
        assert_eq!(offer.barrier.map(|b| b.code), Some(Code::InsufficientPermissions));
    }

    #[test]
    fn a_page_is_told_harmlessly() {
        let offer = offered(&json!({
            "id": 104_857_600_000_001_u64, "name": " Nord\u{202e}lys ", "username": "@NordlysBakery",
            "link": "javascript:alert(1)", "picture": {"data": {"url": "http://plain.example/p.jpg"}},
            "category": "Bakery", "verification_status": "blue_verified", "access_token": "t", "tasks": ["MANAGE"],
        }));
        let profile = offer.profile;
        assert_eq!(profile.platform_account_id, "104857600000001");
        assert_eq!(profile.name, "Nordlys");
        assert_eq!(profile.handle.as_deref(), Some("nordlysbakery"));
        assert_eq!(profile.profile_url.as_deref(), Some("https://www.facebook.com/104857600000001"));
        assert_eq!(profile.picture_url, None);
        assert_eq!(profile.account_type.as_deref(), Some("Bakery"));
        assert_eq!(profile.verified, Some(true));
    }
}
