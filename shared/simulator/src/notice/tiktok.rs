//! TikTok: a webhook whose signature stands beside a time.

use serde_json::json;

use super::sign::Ink;
use super::{Letter, Told, queue};
use crate::World;
use crate::util::hex;

const PLATFORM: &str = "tiktok";
pub(crate) const REMOVED: &str = "authorization.removed";

/// Why an authorisation was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason(u8);

impl Reason {
    pub(crate) const UNKNOWN: Self = Self(0);
    /// The person disconnected the app.
    pub(crate) const USER: Self = Self(1);
    pub(crate) const DELETED: Self = Self(2);
    /// The person was found too young.
    pub(crate) const AGE: Self = Self(3);
    pub(crate) const BANNED: Self = Self(4);
    /// The app gave it back.
    pub(crate) const DEVELOPER: Self = Self(5);

    /// From 0 to 5.
    pub(crate) fn new(number: u8) -> Option<Self> {
        (number <= 5).then_some(Self(number))
    }
}

/// An app lost its authorisation; `open_id` is the person as this app knows them.
pub(crate) fn removed(world: &mut World, app: &str, open_id: &str, reason: Reason) {
    let told = Told { platform: PLATFORM, app, address: "notices", kind: REMOVED, account: open_id };
    queue(world, &told, |ink| letter(ink, app, reason));
}

/// `content` is JSON within a text.
fn letter(ink: &Ink, app: &str, reason: Reason) -> Letter {
    let at = ink.at.as_second();
    let payload = json!({
        "client_key": app,
        "content": format!("{{\"reason\": {} }}", reason.0),
        "create_time": at,
        "event": REMOVED,
        "user_openid": ink.account,
    });
    let body = payload.to_string();
    let signature = hex(&ink.sign(&format!("{at}.{body}")));
    Letter {
        content_type: "application/json",
        header: Some(("tiktok-signature", format!("t={at},s={signature}"))),
        body,
        payload,
        signature,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// Made with Python's `hmac`.
    #[test]
    fn a_removal_is_signed_over_its_time_and_its_bytes() {
        let at = Timestamp::from_second(1_795_340_000).expect("a time");
        let ink = Ink { at, account: "-000open".into(), secret: "shhh".into(), tamper: None, nonce: "1".into() };
        let letter = letter(&ink, "awkey", Reason::new(1).expect("a reason"));
        assert_eq!(
            letter.body,
            r#"{"client_key":"awkey","content":"{\"reason\": 1 }","create_time":1795340000,"event":"authorization.removed","user_openid":"-000open"}"#
        );
        let signed = "t=1795340000,s=d6e412a73708c5b9393b4d2a1db55f9ef72ede3edaef838f916f2d0714050efb";
        assert_eq!(letter.header, Some(("tiktok-signature", signed.to_owned())));
        assert_eq!(Reason::new(6), None);
    }
}
