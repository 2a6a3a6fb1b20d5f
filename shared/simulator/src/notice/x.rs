//! X: events of its Activity API, to a webhook that must pass a challenge.

use serde_json::{Value, json};

use super::sign::{Ink, base64};
use super::{Letter, Told, queue};
use crate::World;
use crate::util::digits;

pub(super) const PLATFORM: &str = "x";
pub(super) const ADDRESS: &str = "notices";
pub(crate) const REVOKED: &str = "oauth.revoke";

/// A change of a profile that an app can subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Bio,
    Picture,
    Banner,
    ScreenName,
    Handle,
    Location,
    Website,
    VerifiedBadge,
}

impl Change {
    const ALL: [Self; 8] = [
        Self::Bio,
        Self::Picture,
        Self::Banner,
        Self::ScreenName,
        Self::Handle,
        Self::Location,
        Self::Website,
        Self::VerifiedBadge,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Bio => "profile.update.bio",
            Self::Picture => "profile.update.profile_picture",
            Self::Banner => "profile.update.banner_picture",
            Self::ScreenName => "profile.update.screenname",
            Self::Handle => "profile.update.handle",
            Self::Location => "profile.update.geo",
            Self::Website => "profile.update.url",
            Self::VerifiedBadge => "profile.update.verified_badge",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.name() == name)
    }
}

/// A person took away what they had allowed an app; the subscription has no filter.
pub(crate) fn revoked(world: &mut World, app: &str, user: &str) {
    let told = Told { platform: PLATFORM, app, address: ADDRESS, kind: REVOKED, account: user };
    queue(world, &told, |ink| {
        let payload = json!({
            "date_time": ink.at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
            "user_id": ink.account,
            "app_id": digits(&format!("x/app/{app}"), "29", 8),
        });
        letter(ink, REVOKED, &json!({}), &payload)
    });
}

/// Something of a profile is not as it was.
pub(crate) fn changed(world: &mut World, app: &str, user: &str, change: Change, before: &str, after: &str) {
    let kind = change.name();
    let told = Told { platform: PLATFORM, app, address: ADDRESS, kind, account: user };
    queue(world, &told, |ink| {
        letter(ink, kind, &json!({ "user_id": ink.account }), &json!({ "after": after, "before": before }))
    });
}

fn letter(ink: &Ink, kind: &str, filter: &Value, payload: &Value) -> Letter {
    let payload =
        json!({ "data": { "event_type": kind, "event_uuid": ink.nonce, "filter": filter, "payload": payload } });
    let body = payload.to_string();
    let signature = base64(&ink.sign(&body));
    Letter {
        content_type: "application/json",
        header: Some(("x-twitter-webhooks-signature", format!("sha256={signature}"))),
        body,
        payload,
        signature,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// Made with Python's `hmac` and `base64`.
    #[test]
    fn an_event_is_signed_over_its_bytes() {
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().expect("a time");
        let ink = Ink { at, account: "16".into(), secret: "shhh".into(), tamper: None, nonce: "59".into() };
        let letter = letter(&ink, REVOKED, &json!({}), &json!({ "user_id": ink.account }));
        assert_eq!(
            letter.body,
            r#"{"data":{"event_type":"oauth.revoke","event_uuid":"59","filter":{},"payload":{"user_id":"16"}}}"#
        );
        let signed = "sha256=laG3aqUn4B6Wkmhn/qgUyVa9xr/8P1xtmo0KD/DJasU=";
        assert_eq!(letter.header, Some(("x-twitter-webhooks-signature", signed.to_owned())));
    }

    #[test]
    fn changes_have_names() {
        assert!(Change::ALL.into_iter().all(|change| Change::named(change.name()) == Some(change)));
        assert_eq!(Change::named("profile.update.mood"), None);
    }
}
