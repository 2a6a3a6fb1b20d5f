//! One page, and what the person may do with it; as an offer itself.

use domain::{Capability, Code, Secret, account::Profile, connect::Barrier};
use serde_json::Value;

use crate::{Offer, catalogue::method::Method, read};

/// What is asked of a page that is offered itself.
pub(super) const FIELDS: &str = "id,name,username,access_token,category,link,verification_status,picture.type(large)";

/// A page of a list (developers.facebook.com, "Page").
pub(super) struct Page<'a> {
    /// Its id.
    pub(super) id: String,
    /// All that the list tells.
    pub(super) json: &'a Value,
    /// The role that the person's tasks make.
    pub(super) role: Option<String>,
    /// Its own token.
    pub(super) token: Option<Secret>,
    /// Why nothing can be connected through it, if nothing can.
    pub(super) barrier: Option<Barrier>,
    /// Where the person changes what they permitted.
    pub(super) permissions_url: Option<String>,
}

impl<'a> Page<'a> {
    /// Reads a page, and judges the person's tasks by what is asked; nothing if it has no usable id.
    pub(super) fn read(json: &'a Value, method: &Method, asked: &[Capability]) -> Option<Self> {
        let id = read::id(json.get("id"))?;
        let tasks: Option<Vec<&str>> =
            json.get("tasks").and_then(Value::as_array).map(|tasks| tasks.iter().filter_map(Value::as_str).collect());
        let role = tasks.as_ref().and_then(|tasks| method.role(tasks)).map(str::to_owned);
        let token = read::token(json.get("access_token"));
        let settings = || Some(format!("https://www.facebook.com/{id}/settings"));
        // Where the list cannot tell tasks, the platform itself is left to judge.
        let barrier = if tasks.is_some_and(|tasks| !method.may_connect(&tasks, asked)) {
            Some(Barrier { code: Code::InsufficientPlatformRole, fix_url: settings() })
        } else if token.is_none() {
            Some(Barrier { code: Code::InsufficientPermissions, fix_url: method.manual_revoke_url.clone() })
        } else {
            None
        };
        Some(Self { id, json, role, token, barrier, permissions_url: method.manual_revoke_url.clone() })
    }

    /// What a page is shown as.
    pub(super) fn profile(&self) -> Profile {
        let url = |pointer| read::text(self.json.pointer(pointer)).and_then(domain::text::https_url);
        let verified = read::text(self.json.get("verification_status")).map(|status| status != "not_verified");
        Profile {
            platform_account_id: self.id.clone(),
            kind: "page".to_owned(),
            name: read::name(self.json.get("name"), &self.id),
            handle: read::handle(self.json.get("username")),
            picture_url: read::text(self.json.pointer("/picture/data/url")).and_then(domain::text::picture_url),
            profile_url: url("/link")
                .or_else(|| domain::text::https_url(&format!("https://www.facebook.com/{}", self.id))),
            account_type: read::text(self.json.get("category")).map(|c| domain::text::clean(c, 100)),
            tier: None,
            verified,
            role: self.role.clone(),
            ..Profile::default()
        }
    }
}

/// The page itself.
pub(super) fn offer(page: Page<'_>) -> Offer {
    Offer { profile: page.profile(), barrier: page.barrier, token: page.token }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue;

    fn offered(page: &Value) -> Offer {
        let methods = catalogue::methods().expect("shipped");
        offer(Page::read(page, &methods[0], &[Capability::Analytics]).expect("has an id"))
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
