//! Facebook, Instagram and Threads: a `signed_request`, posted as a form.

use serde_json::{Value, json};

use super::sign::{Ink, base64url};
use super::{Letter, Told, queue};
use crate::World;
use crate::util::form;

pub(crate) const DEAUTHORIZE: &str = "deauthorize";
pub(crate) const DATA_DELETION: &str = "data_deletion";

/// A person removed the app. `account` is the person as this app knows them.
pub(crate) fn deauthorized(world: &mut World, platform: &str, app: &str, account: &str) {
    tell(world, platform, app, DEAUTHORIZE, account);
}

/// A person wants the app to delete what it knows of them.
pub(crate) fn deletion_asked(world: &mut World, platform: &str, app: &str, account: &str) {
    tell(world, platform, app, DATA_DELETION, account);
}

fn tell(world: &mut World, platform: &str, app: &str, kind: &str, account: &str) {
    queue(world, &Told { platform, app, address: kind, kind, account }, letter);
}

/// The signature is of the payload as it is encoded.
fn letter(ink: &Ink) -> Letter {
    let payload = json!({ "algorithm": "HMAC-SHA256", "issued_at": ink.at.as_second(), "user_id": ink.account });
    let encoded = base64url(payload.to_string());
    let signature = base64url(ink.sign(&encoded));
    Letter {
        content_type: "application/x-www-form-urlencoded",
        header: None,
        body: form(&[("signed_request", &format!("{signature}.{encoded}"))]),
        payload,
        signature,
    }
}

/// What must come back of a request for deletion.
pub(super) fn deletion_reply(text: &str) -> Option<Value> {
    let reply: Value = serde_json::from_str(text).ok()?;
    let has = |name: &str| reply[name].as_str().is_some_and(|value| !value.is_empty());
    let is_url = url::Url::parse(reply["url"].as_str()?).is_ok();
    (is_url && has("confirmation_code"))
        .then(|| json!({ "url": reply["url"], "confirmation_code": reply["confirmation_code"] }))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// Made with Python's `hmac` and `base64`.
    #[test]
    fn a_signed_request_is_the_signature_of_the_encoded_payload_and_that() {
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().expect("a time");
        let ink =
            Ink { at, account: "122100000000000001".into(), secret: "shhh".into(), tamper: None, nonce: "1".into() };
        assert_eq!(
            letter(&ink).body,
            "signed_request=7hPxJgMw4BgFuDQ-diUqrUejGGTRf17GRwe1ApmOV_E.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTM0MTYwMCwidXNlcl9pZCI6IjEyMjEwMDAwMDAwMDAwMDAwMSJ9"
        );
    }

    #[test]
    fn a_deletion_is_taken_by_an_address_and_a_code() {
        let good = r#"{"url":"https://a.example/d/1","confirmation_code":"c1","more":1}"#;
        let kept = json!({ "url": "https://a.example/d/1", "confirmation_code": "c1" });
        assert_eq!(deletion_reply(good), Some(kept));
        for bad in [
            "",
            "{}",
            r#"{"url":"x","confirmation_code":"c"}"#,
            r#"{"url":"https://a.example","confirmation_code":""}"#,
        ] {
            assert_eq!(deletion_reply(bad), None, "{bad}");
        }
    }
}
