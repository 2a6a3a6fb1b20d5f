//! Links and their clients, through the deployed routes.

use serde_json::{Value, json};
use tests::Answer;

use super::{file::text, gateway::Gateway};

const LINKS: &str = "/v1/workspaces/ws_1/easyconnect-links";
const VISIT: &str = "/v1/public/easyconnect/visit";

/// A link is made, changed and ended, and clients go through it by its pages and by calls of their own.
pub(super) async fn links(gateway: &Gateway) {
    manage(gateway).await;
    calls(gateway).await;
    pages(gateway).await;
}

/// A link for a platform; answers with its id and secret.
async fn make(gateway: &Gateway, key: &str, ask: Value) -> (String, String) {
    let made = gateway.call("POST", LINKS, &[("idempotency-key", key)], &ask).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let secret = text(&made.body["url"]).rsplit('/').next().expect("a secret").to_owned();
    (text(&made.body["id"]).to_owned(), secret)
}

async fn manage(gateway: &Gateway) {
    let ask = json!({"title": "Welcome", "items": [{"platform": "x"}], "expires_in": "PT1H"});
    let (id, secret) = make(gateway, "ec1", ask).await;
    let link = format!("/v1/easyconnect-links/{id}");
    let get = async |path: &str| gateway.call("GET", path, &[], &Value::Null).await;
    assert_eq!(get(&format!("{link}?include=accounts,funnel")).await.body["status"], "active");
    assert_eq!(get(&format!("{LINKS}?status=active")).await.body["data"][0]["id"], json!(id));
    let dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let logo = json!({"branding": {"name": "North", "logo": dot}, "password": "harbour lights"});
    let changed = gateway.call("PATCH", &link, &[("idempotency-key", "ec2")], &logo).await;
    assert_eq!((changed.status, &changed.body["branding"]["has_logo"]), (200, &json!(true)), "{}", changed.text);
    let visits = "/v1/public/easyconnect/visits";
    for (password, status) in [("wrong one", 401), ("harbour lights", 201)] {
        let visit = gateway.call("POST", visits, &[], &json!({"token": secret, "password": password})).await;
        assert_eq!(visit.status, status, "{}", visit.text);
    }
    let plain = gateway.call("PATCH", &link, &[], &json!({"branding": {"logo": null}})).await;
    assert_eq!(plain.status, 200, "{}", plain.text);
    for (verb, key) in [("send", "ec3"), ("rotate", "ec4")] {
        let again = gateway.call("POST", &format!("{link}/{verb}"), &[("idempotency-key", key)], &json!({})).await;
        assert!(again.status == 200 && again.body["url"].is_string(), "{verb}: {}", again.text);
    }
    assert_eq!(gateway.call("DELETE", &link, &[], &Value::Null).await.status, 204);
}

/// A session through the platform; answers with where the browser is sent.
async fn consent(gateway: &Gateway, start: &str, person: &str) -> String {
    assert_eq!(gateway.call("GET", start, &[], &Value::Null).await.status, 200);
    let going = gateway.call("POST", start, &[("origin", &gateway.world.product)], &Value::Null).await;
    let cookie = cookie(&going);
    let fields = [("person", person), ("decision", "approve")];
    let back = gateway.world.browser().answer(going.header("location").expect("the platform"), &fields).await;
    let back = back.strip_prefix(&gateway.world.product).expect("our callback");
    let landed = gateway.call("GET", back, &[("cookie", &cookie)], &Value::Null).await;
    assert_eq!(landed.status, 303, "{}", landed.text);
    landed.header("location").expect("a place").strip_prefix(&gateway.world.product).expect("ours").to_owned()
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned()
}

async fn calls(gateway: &Gateway) {
    let (id, secret) = make(gateway, "ec5", json!({"title": "Welcome", "items": [{"platform": "x"}]})).await;
    let opened = gateway.call("POST", "/v1/public/easyconnect/visits", &[], &json!({"token": secret})).await;
    let bearer = format!("Bearer {}", text(&opened.body["visit_token"]));
    let headers = [("authorization", bearer.as_str())];
    let get = async |path: &str| gateway.call("GET", path, &headers, &Value::Null).await;
    let post = async |path: &str, body: Value| gateway.call("POST", path, &headers, &body).await;
    assert_eq!(get(VISIT).await.status, 200);
    let begun = post(&format!("{VISIT}/connect-sessions"), json!({"item": 1})).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    let start = text(&begun.body["start_url"]).strip_prefix(&gateway.world.product).expect("ours");
    consent(gateway, start, "demo-03").await;
    let session = format!("{VISIT}/connect-sessions/{}", text(&begun.body["id"]));
    assert_eq!(get(&session).await.body["status"], "awaiting_selection");
    let offered = get(&format!("{session}/candidates")).await;
    let chosen = json!({"candidate_ids": [offered.body["data"][0]["id"]]});
    let chosen = post(&format!("{session}/selection"), chosen).await;
    assert_eq!((chosen.status, &chosen.body["status"]), (200, &json!("completed")), "{}", chosen.text);
    // The same person consents once more, and what they gave before is replaced.
    let begun = post(&format!("{VISIT}/connect-sessions"), json!({"item": 1, "switch_account": true})).await;
    let start = text(&begun.body["start_url"]).strip_prefix(&gateway.world.product).expect("ours");
    consent(gateway, start, "demo-03").await;
    let session = format!("{VISIT}/connect-sessions/{}", text(&begun.body["id"]));
    let offered = get(&format!("{session}/candidates")).await;
    let chosen = json!({"candidate_ids": [offered.body["data"][0]["id"]]});
    assert_eq!(post(&format!("{session}/selection"), chosen).await.status, 200);
    assert_eq!(post(&format!("{VISIT}/finish"), json!({})).await.body["connected"], 1);
    assert_eq!(get(&format!("{VISIT}/receipt")).await.status, 200);
    let read = gateway.call("GET", &format!("/v1/easyconnect-links/{id}?include=accounts"), &[], &Value::Null).await;
    let account = format!("/v1/accounts/{}", text(&read.body["accounts"][0]["id"]));
    let again = gateway.call("POST", &format!("{account}/reconnect-link"), &[], &json!({})).await;
    assert_eq!(again.status, 201, "{}", again.text);
    let back = post(&format!("{VISIT}/items/1/withdraw"), json!({})).await;
    assert_eq!((back.status, &back.body["revocation"]["status"]), (202, &json!("revoked")), "{}", back.text);
    let fresh = gateway.call("POST", "/v1/public/easyconnect/fresh-link", &[], &json!({"token": secret})).await;
    assert_eq!(fresh.status, 202, "{}", fresh.text);
    // What is known of the account goes from the link as well.
    assert_eq!(gateway.call("DELETE", &account, &[], &Value::Null).await.status, 202);
}

async fn pages(gateway: &Gateway) {
    let ask = json!({"title": "Welcome", "allowed_platforms": ["x"], "branding": {"name": "North", "color": "#0a5"}});
    let (_, secret) = make(gateway, "ec6", ask).await;
    let landed = gateway.call("GET", &format!("/c/{secret}"), &[], &Value::Null).await;
    let mut visit = cookie(&landed);
    let page = async |path: &str, visit: &str| {
        let page = gateway.call("GET", path, &[("cookie", visit)], &Value::Null).await;
        assert!(page.status < 400, "{path}: {}", page.text);
        page
    };
    let home = page("/c", &visit).await;
    let token = field(&home.text, "csrf");
    let post = async |path: &str, visit: &str, more: &str| {
        let form = json!(format!("csrf={token}&{more}"));
        let done = gateway.call("POST", path, &[("cookie", visit)], &form).await;
        assert!(done.status < 400, "{path}: {}", done.text);
        done
    };
    visit = cookie(&post("/c/start", &visit, "").await);
    let begun = post("/c/connect", &visit, "platform=x").await;
    visit = cookie(&begun);
    let back = consent(gateway, begun.header("location").expect("the start page"), "demo-04").await;
    let choice = page(&back, &visit).await;
    let more = format!("session={}&candidate={}", field(&choice.text, "session"), field(&choice.text, "candidate"));
    visit = cookie(&post("/c/choose", &visit, &more).await);
    page(&back, &visit).await;
    visit = cookie(&post("/c/finish", &visit, "").await);
    for path in ["/c/receipt", "/c/receipt.json", "/c/device", "/c/withdraw?item=1"] {
        page(path, &visit).await;
    }
    for path in ["/c/start", "/c/connect", "/c/choose", "/c/finish", "/c/fresh"] {
        page(path, &visit).await;
    }
    let none = gateway.call("GET", "/c/logo", &[("cookie", &visit)], &Value::Null).await;
    assert_eq!(none.status, 404, "{}", none.text);
    post("/c/withdraw", &visit, "item=1").await;
    post("/c/fresh", &visit, "").await;
}

/// The value of a field of a form.
fn field(page: &str, name: &str) -> String {
    let at = format!("name=\"{name}\" value=\"");
    let rest = page.split(&at).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().expect("a value").to_owned()
}
