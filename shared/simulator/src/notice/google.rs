//! Google: security events of Cross-Account Protection, each a signed JWT.

use serde_json::{Value, json};

use super::sign::Ink;
use super::{Letter, Tamper, Told, queue};
use crate::World;

const PLATFORM: &str = "google";
const ISSUER: &str = "https://accounts.google.com/";
const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
const OAUTH: &str = "https://schemas.openid.net/secevent/oauth/event-type/";

/// The events, and where their names are defined.
const EVENTS: [(&str, &str); 8] = [
    ("tokens-revoked", OAUTH),
    ("token-revoked", OAUTH),
    ("sessions-revoked", RISC),
    ("account-disabled", RISC),
    ("account-enabled", RISC),
    ("account-purged", RISC),
    ("account-credential-change-required", RISC),
    ("verification", RISC),
];

pub(super) fn is_event(kind: &str) -> bool {
    EVENTS.iter().any(|(name, _)| *name == kind)
}

/// Something happened to a person's Google account, or to what they allow an app. `event` is a name of [`EVENTS`], `sub`
/// the person, `sign` makes a JWT of claims by Google's key.
pub(crate) fn security_event(
    world: &mut World,
    app: &str,
    sub: &str,
    event: &str,
    sign: impl FnOnce(&Value) -> String,
) {
    let told = Told { platform: PLATFORM, app, address: "notices", kind: event, account: sub };
    queue(world, &told, |ink| letter(ink, app, event, sign));
}

/// The app's secret signs nothing here, so that another app's is as good as none.
fn letter(ink: &Ink, app: &str, event: &str, sign: impl FnOnce(&Value) -> String) -> Letter {
    let claims = claims(ink, app, event);
    let jwt = sign(&claims);
    let (signed, signature) = jwt.rsplit_once('.').unwrap_or((&jwt, ""));
    let signature = match ink.tamper {
        Some(Tamper::Forged | Tamper::OtherSecret) => signature.chars().rev().collect(),
        Some(Tamper::TruncatedSignature) => signature[..signature.len() / 2].to_owned(),
        _ => signature.to_owned(),
    };
    Letter {
        content_type: "application/secevent+jwt",
        header: None,
        body: format!("{signed}.{signature}"),
        payload: claims,
        signature,
    }
}

fn claims(ink: &Ink, app: &str, event: &str) -> Value {
    let home = EVENTS.iter().find(|(name, _)| *name == event).map_or(RISC, |(_, home)| home);
    let subject = json!({ "iss": ISSUER, "sub": ink.account, "subject_type": "iss-sub" });
    let about = match event {
        "verification" => json!({ "state": format!("verification of {}", ink.at) }),
        _ => json!({ "subject": subject }),
    };
    json!({
        "aud": [app],
        "events": { format!("{home}{event}"): about },
        "iat": ink.at.as_second(),
        "iss": ISSUER,
        "jti": ink.nonce,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn letter_of(tamper: Option<Tamper>) -> Letter {
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().expect("a time");
        let ink = Ink { at, account: "1090".into(), secret: "shhh".into(), tamper, nonce: "59".into() };
        letter(&ink, "app.example", "tokens-revoked", |claims| {
            format!("h.{}.abcd", claims["jti"].as_str().unwrap_or_default())
        })
    }

    #[test]
    fn a_security_event_is_the_signed_claims_alone() {
        let letter = letter_of(None);
        let events = json!({ "https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked": {
            "subject": { "iss": "https://accounts.google.com/", "sub": "1090", "subject_type": "iss-sub" },
        } });
        assert_eq!(
            letter.payload,
            json!({
                "iss": "https://accounts.google.com/", "aud": ["app.example"], "iat": 1_795_341_600, "jti": "59",
                "events": events,
            })
        );
        assert_eq!((letter.content_type, letter.body.as_str()), ("application/secevent+jwt", "h.59.abcd"));
        assert_eq!(letter_of(Some(Tamper::Forged)).body, "h.59.dcba");
        assert_eq!(letter_of(Some(Tamper::TruncatedSignature)).body, "h.59.ab");
    }
}
