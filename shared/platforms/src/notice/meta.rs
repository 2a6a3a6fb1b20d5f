//! Meta's `signed_request`: `<signature>.<payload>`, both base64url; what is signed is the payload as it is encoded
//! (developers.facebook.com, "Parsing the Signed Request", "Data Deletion Request Callback").

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Timestamp,
    notice::{Happened, Told},
};
use url::form_urlencoded;

use super::{Door, Incoming, Receiver};
use crate::{http, read};

/// The one algorithm.
const ALGORITHM: &str = "HMAC-SHA256";

pub(super) fn read(to: &Receiver, sent: &Incoming<'_>, now: Timestamp) -> Result<(String, Vec<Told>), &'static str> {
    let mut fields = form_urlencoded::parse(sent.body).filter(|(name, _)| name == "signed_request");
    let (Some((_, request)), None) = (fields.next(), fields.next()) else { return Err("not exactly one request") };
    let (mac, payload) = request.split_once('.').ok_or("the request has not two parts")?;
    let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| "the signature is not base64url")?;
    to.secret.verify(&[payload.as_bytes()], &mac)?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let json = json.and_then(|text| http::json(&text)).ok_or("the payload cannot be read")?;
    if json.get("algorithm").is_none_or(|algorithm| algorithm != ALGORITHM) {
        return Err("the algorithm is another");
    }
    let at = json.get("issued_at").and_then(serde_json::Value::as_i64);
    let at = at.and_then(|at| Timestamp::from_second(at).ok()).ok_or("the payload has no time")?;
    to.is_fresh(at, now)?;
    let person = read::id(json.get("user_id")).ok_or("the payload names nobody")?;
    let what = if sent.door == Door::DataDeletion { Happened::Erase } else { Happened::Revoked };
    Ok((payload.to_owned(), vec![Told { person, what, at }]))
}
