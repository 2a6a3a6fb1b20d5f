//! What a role allows is what its function does: everything that people do is done, and the calls are compared.

use std::collections::BTreeSet;

use app::{deliver, housekeeping, sweep};
use domain::Event;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, Does, notice};

use super::{
    file::{Template, list, text},
    gateway::{FRONTEND, Function, GRANTS, Gateway},
    link::links,
    sync::syncs,
};

/// What may be done to which resource of the template.
type Allowed = BTreeSet<(String, String)>;

/// A resource's name in an ARN that a policy names.
fn named(resource: &Value) -> String {
    if let Some(plain) = resource.as_str() {
        return plain.to_owned();
    }
    let (function, of) = resource.as_object().and_then(|o| o.iter().next()).expect("a resource of the template");
    match function.as_str() {
        "Ref" => text(of).to_owned(),
        "Fn::GetAtt" => text(of).strip_suffix(".Arn").expect("an ARN").to_owned(),
        "Fn::Sub" if text(of).starts_with("arn:") => text(of).to_owned(),
        "Fn::Sub" => text(of).replacen("${", "", 1).replacen(".Arn}", "", 1),
        other => panic!("{other}"),
    }
}

fn allowed(role: &Value) -> Allowed {
    let mut allowed = Allowed::new();
    for policy in role["Policies"].as_array().expect("policies") {
        for statement in policy["PolicyDocument"]["Statement"].as_array().expect("statements") {
            let members: Vec<&String> = statement.as_object().expect("a statement").keys().collect();
            assert_eq!(members, ["Action", "Effect", "Resource"], "{statement}");
            assert_eq!(statement["Effect"], "Allow");
            for action in list(&statement["Action"]) {
                for resource in list(&statement["Resource"]) {
                    let new = allowed.insert((text(action).to_owned(), named(resource)));
                    assert!(new, "{action} on {resource} stands twice");
                }
            }
        }
    }
    allowed
}

/// What a call to the table needs; a transaction needs what its parts need.
fn needs(operation: &str, request: &Value) -> Vec<(String, String)> {
    let table = request["IndexName"].as_str().map_or("Table".to_owned(), |index| format!("Table/index/{index}"));
    let parts = match operation {
        "TransactWriteItems" => {
            let writes = request["TransactItems"].as_array().expect("writes").iter();
            let part =
                |write: &Value| write.as_object().and_then(|w| w.keys().next()).expect("a write").clone() + "Item";
            writes.map(part).collect()
        }
        other => vec![other.to_owned()],
    };
    parts.into_iter().map(|part| (format!("dynamodb:{part}"), table.clone())).collect()
}

/// What a function has done, and what it does when it starts.
fn needed(template: &Template, name: &str, function: &Function) -> Allowed {
    let mut needed: Allowed = function.table.requests().iter().flat_map(|(o, request)| needs(o, request)).collect();
    for (_, secret) in template.variables(name).into_iter().filter(|(name, _)| name.ends_with("_SECRET")) {
        needed.insert(("secretsmanager:GetSecretValue".to_owned(), named(secret)));
    }
    for (operation, request) in function.secrets.requests() {
        if operation == "ListSecrets" {
            needed.insert((format!("secretsmanager:{operation}"), "*".to_owned()));
            continue;
        }
        let secret = text(if request["SecretId"].is_null() { &request["Name"] } else { &request["SecretId"] });
        assert!(secret.starts_with(&format!("{GRANTS}/grt_")), "{operation} of {secret}");
        let prefix = text(&template.variables(name)["MOORING_SECRET_PREFIX"]["Fn::Sub"]);
        let account = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}";
        needed.insert((format!("secretsmanager:{operation}"), format!("{account}:secret:{prefix}/*")));
    }
    if !function.bus.after(None).is_empty() {
        needed.insert(("events:PutEvents".to_owned(), "EventBus".to_owned()));
    }
    let logs = named(&template.functions()[name]["LoggingConfig"]["LogGroup"]);
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        needed.insert((action.to_owned(), logs.clone()));
    }
    needed
}

/// CHK-S12: one action too few fails a person, one too many serves a thief.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_allows_what_its_function_does_and_no_more() {
    let gateway = Gateway::start().await;
    connect_sessions(&gateway).await;
    hand_off(&gateway).await;
    let (first, second) = callbacks(&gateway).await;
    policies(&gateway).await;
    keys(&gateway).await;
    let further = a_living_consent(&gateway, &second).await;
    another_person(&gateway).await;
    renewals(&gateway, &first, &second).await;
    syncs(&gateway, &first, &second).await;
    managing(&gateway, &first, &second).await;
    accounts(&gateway, &first, &second, &further).await;
    links(&gateway).await;
    notices(&gateway).await;
    pages(&gateway).await;
    schedules(&gateway).await;
    long_work(&gateway).await;
    assert!(gateway.untrodden().is_empty(), "nobody went {:?}", gateway.untrodden());
    let template = Template::read();
    for name in gateway.functions.keys() {
        let role = text(&template.functions()[name]["Role"]["Fn::GetAtt"]).strip_suffix(".Arn").expect("a role");
        let allowed = allowed(template.resource("AWS::IAM::Role", role));
        let needed = needed(&template, name, &gateway.functions[name]);
        let few: Vec<_> = needed.difference(&allowed).collect();
        let many: Vec<_> = allowed.difference(&needed).collect();
        assert!(
            few.is_empty() && many.is_empty(),
            "{name}: not allowed but done: {few:?}; allowed but not done: {many:?}"
        );
        let scans = allowed.iter().any(|(action, _)| action == "dynamodb:Scan");
        assert!(!scans || ["housekeeping", "sweep"].contains(name), "{name}");
    }
}

impl Gateway {
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], &Value::Null).await
    }

    pub(super) async fn once(&self, method: &str, path: &str, key: &str, body: &Value) -> Answer {
        self.call(method, path, &[("idempotency-key", key)], body).await
    }

    /// A session up to the platform's answer: its id, the callback's path and the browser's cookie.
    async fn consent(&self, ask: Value, fields: &[(&str, &str)]) -> (String, String, String) {
        let made = self.call("POST", SESSIONS, &[], &ask).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let start = text(&made.body["start_url"]).strip_prefix(&self.world.product).expect("our address");
        assert_eq!(self.get(start).await.status, 200);
        let going = self.call("POST", start, &[("origin", &self.world.product)], &Value::Null).await;
        let cookie = going.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
        let back = self.world.browser().answer(going.header("location").expect("the platform"), fields).await;
        let back = back.strip_prefix(&self.world.product).expect("our callback").to_owned();
        (text(&made.body["id"]).to_owned(), back, cookie)
    }

    /// A session through its callback.
    pub(super) async fn land(&self, ask: Value, person: &str) -> String {
        let (id, back, cookie) = self.consent(ask, &[("person", person), ("decision", "approve")]).await;
        let landed = self.call("GET", &back, &[("cookie", &cookie)], &Value::Null).await;
        assert_eq!(landed.status, 200, "{}", landed.text);
        id
    }
}

const SESSIONS: &str = "/v1/workspaces/ws_1/connect-sessions";

/// Attempts are made, made once, refused, read and cancelled.
async fn connect_sessions(gateway: &Gateway) {
    let ask = json!({"platform": "x"});
    let made = gateway.once("POST", SESSIONS, "k1", &ask).await;
    assert_eq!((made.status, gateway.once("POST", SESSIONS, "k1", &ask).await.body), (201, made.body.clone()));
    gateway
        .once("POST", SESSIONS, "k1", &json!({"platform": "facebook"}))
        .await
        .is_problem(422, "idempotency_key_reused");
    assert_eq!(gateway.once("POST", SESSIONS, "k2", &json!({"platform": "nothing"})).await.status, 422);
    let session = format!("/v1/connect-sessions/{}", text(&made.body["id"]));
    assert_eq!(gateway.get(&session).await.status, 200);
    assert_eq!(gateway.once("DELETE", &session, "k3", &Value::Null).await.status, 204);
}

/// An attempt goes to another device, which names a wrong code and then the right one, and continues.
async fn hand_off(gateway: &Gateway) {
    let made = gateway.call("POST", SESSIONS, &[], &json!({"platform": "x"})).await;
    let session = format!("/v1/connect-sessions/{}", text(&made.body["id"]));
    let start = text(&made.body["start_url"]).strip_prefix(&gateway.world.product).expect("our address");
    let (handoff, confirm) = (format!("{session}/handoff"), format!("{session}/confirm"));
    let handed = gateway.once("POST", &handoff, "h1", &json!({})).await;
    assert_eq!((handed.status, gateway.once("POST", &handoff, "h1", &json!({})).await.status), (200, 200));
    assert_eq!(gateway.get(&confirm).await.status, 200);
    gateway.get(start).await.is_problem(409, "session_state_invalid");
    let code = text(&handed.body["code"]);
    let wrong: String = code.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect();
    let name = async |code: &str| gateway.call("POST", &confirm, &[], &json!({"code": code})).await;
    name(&wrong).await.is_problem(401, "confirmation_code_wrong");
    let confirmed = name(code).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let device = confirmed.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie");
    let going = gateway.call("POST", start, &[("cookie", device)], &Value::Null).await;
    assert_eq!(going.status, 303, "{}", going.text);
    gateway.once("POST", &handoff, "h2", &json!({})).await;
    gateway.get("/v1/connect-sessions/cs_nobody/confirm").await.is_problem(404, "not_found");
}

/// People agree, decline, come back, come from another browser, choose; answers with two connected accounts.
async fn callbacks(gateway: &Gateway) -> (String, String) {
    let approve = [("person", "acme"), ("decision", "approve")];
    let (id, back, cookie) = gateway.consent(json!({"platform": "x"}), &approve).await;
    gateway.get(&back).await.is_problem(400, "state_invalid");
    // As platforms want it whose addresses end with a slash.
    gateway.get(&back.replacen('?', "/?", 1)).await.is_problem(400, "state_invalid");
    for _ in 0..2 {
        assert_eq!(gateway.call("GET", &back, &[("cookie", &cookie)], &Value::Null).await.status, 200);
    }
    let session = gateway.get(&format!("/v1/connect-sessions/{id}")).await.body;
    let first = text(&session["accounts"][0]["id"]).to_owned();
    let again = gateway.land(json!({"platform": "x", "account_id": first}), "acme").await;
    assert_eq!(gateway.get(&format!("/v1/connect-sessions/{again}")).await.body["status"], "completed");
    let (_, back, cookie) =
        gateway.consent(json!({"platform": "x"}), &[("person", "acme"), ("decision", "deny")]).await;
    assert_eq!(gateway.call("GET", &back, &[("cookie", &cookie)], &Value::Null).await.status, 200);

    let many = gateway.land(json!({"platform": "facebook"}), "agency").await;
    let many = format!("/v1/connect-sessions/{many}");
    let offered = gateway.get(&format!("{many}/candidates")).await.body;
    let offered: Vec<&Value> = offered["data"].as_array().expect("candidates").iter().map(|c| &c["id"]).collect();
    let selection = format!("{many}/selection");
    let nobody = json!({"candidate_ids": ["cand_nobody"]});
    assert_eq!(gateway.once("POST", &selection, "k4", &nobody).await.status, 422);
    let chosen = json!({"candidate_ids": [offered[0]]});
    let chosen = gateway.once("POST", &selection, "k5", &chosen).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    let done = json!({"candidate_ids": [], "done": true});
    assert_eq!(gateway.call("POST", &selection, &[], &done).await.status, 200);
    let left = gateway.land(json!({"platform": "facebook"}), "acme-team").await;
    let left = format!("/v1/connect-sessions/{left}");
    assert_eq!(gateway.call("DELETE", &left, &[], &Value::Null).await.status, 204);
    (first, text(&chosen.body["accounts"][0]["id"]).to_owned())
}

/// The policies are read, decided, decided once, and decided too late.
async fn policies(gateway: &Gateway) {
    let workspace = "/v1/workspaces/ws_1";
    let on = json!({"policies": {"reuse_grant": true}});
    let decided = gateway.once("PATCH", workspace, "p1", &on).await;
    assert_eq!((decided.status, gateway.once("PATCH", workspace, "p1", &on).await.body), (200, decided.body));
    let late = [("if-match", "\"0\""), ("idempotency-key", "p2")];
    gateway.call("PATCH", workspace, &late, &on).await.is_problem(412, "version_conflict");
    assert_eq!(gateway.get(workspace).await.body["policies"]["reuse_grant"], true);
}

/// A key is made, replaced and ended, and the access report is read.
async fn keys(gateway: &Gateway) {
    let keys = "/v1/workspaces/ws_1/api-keys";
    let made =
        gateway.once("POST", keys, "y1", &json!({"name": "a", "scopes": ["accounts:read", "connect:write"]})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(gateway.get(keys).await.body["data"][0]["id"], made.body["id"]);
    let key = format!("{keys}/{}", text(&made.body["id"]));
    assert_eq!(gateway.once("POST", &format!("{key}/rotate"), "y2", &json!({})).await.status, 200);
    assert_eq!(gateway.get("/v1/workspaces/ws_1/access-report").await.status, 200);
    assert_eq!(gateway.once("DELETE", &key, "y3", &Value::Null).await.status, 204);
}

/// A further page of the agency from the consent that its first one lives on; answers with its account.
async fn a_living_consent(gateway: &Gateway, page: &str) -> String {
    let read = gateway.get(&format!("/v1/accounts/{page}")).await;
    let ask = json!({"platform": "facebook", "from_grant": read.body["grant"]["id"]});
    let made = gateway.once("POST", SESSIONS, "g1", &ask).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("awaiting_selection")), "{}", made.text);
    let nobody = json!({"platform": "facebook", "from_grant": "grt_nobody"});
    gateway.once("POST", SESSIONS, "g2", &nobody).await.is_problem(404, "not_found");
    let session = format!("/v1/connect-sessions/{}", text(&made.body["id"]));
    let offered = gateway.get(&format!("{session}/candidates")).await.body;
    let mut open = offered["data"].as_array().expect("candidates").iter();
    let further = open.find(|c| c["selectable"] == true && c["existing_account_id"].is_null()).expect("one more");
    let choice = json!({"candidate_ids": [further["id"]], "done": true});
    let chosen = gateway.once("POST", &format!("{session}/selection"), "g3", &choice).await;
    assert_eq!((chosen.status, &chosen.body["status"]), (200, &json!("completed")), "{}", chosen.text);
    text(&chosen.body["accounts"][0]["id"]).to_owned()
}

/// A page moves to the consent of another person, and nothing is left on the first one's.
async fn another_person(gateway: &Gateway) {
    let account = async |person: &str| {
        let id = gateway.land(json!({"platform": "facebook"}), person).await;
        let session = gateway.get(&format!("/v1/connect-sessions/{id}")).await.body;
        gateway.get(&format!("/v1/accounts/{}", text(&session["accounts"][0]["id"]))).await.body
    };
    let before = account("acme").await;
    let page = json!({"id": before["platform_account_id"], "name": "Acme", "tasks": ["MANAGE"]});
    let second = json!({"id": "second", "name": "Second Admin", "facebook": {"pages": [page]}});
    gateway.world.add_person(second).await;
    let after = account("second").await;
    assert_eq!((&after["id"], &after["etag"]), (&before["id"], &json!("\"2\"")));
    assert_ne!(after["grant"]["id"], before["grant"]["id"]);
}

/// Tokens are leased, renewed and looked into, while the deployment's vault changes and changes back; a consent that
/// nobody chooses from is left behind.
async fn renewals(gateway: &Gateway, first: &str, second: &str) {
    let sweep_services = &gateway.functions["sweep"];
    let lease = async |account: &str, key: &str| {
        let path = format!("/v1/accounts/{account}/credential-leases");
        let leased = gateway.once("POST", &path, key, &json!({"purpose": "publish"})).await;
        assert_eq!(leased.status, 201, "{}", leased.text);
    };
    gateway.land(json!({"platform": "facebook"}), "agency").await;
    gateway.world.advance(SignedDuration::from_hours(25));
    let moved = sweep::sweep(&sweep_services.sealing_in_rows).await.expect("a report").pass;
    assert!(moved.resealed > 1 && moved.failed == 0, "{moved:?}");
    lease(first, "l1").await;
    gateway.world.advance(SignedDuration::from_hours(3));
    lease(first, "l2").await;
    for (key, account) in [("r1", first), ("r2", second)] {
        let refreshed = gateway.once("POST", &format!("/v1/accounts/{account}/refresh"), key, &json!({})).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    }
    for (key, signal) in [("s1", "restricted"), ("s2", "works"), ("s3", "unauthorized")] {
        let path = format!("/v1/accounts/{second}/signals");
        let taken = gateway.once("POST", &path, key, &json!({"signal": signal})).await;
        assert_eq!(taken.status, 202, "{}", taken.text);
    }
    gateway.world.advance(SignedDuration::from_hours(25));
    let back = sweep::sweep(&sweep_services.services).await.expect("a report");
    assert!(back.pass.resealed > 0 && back.pass.failed == 0, "{back:?}");
}

/// What is decided about accounts, what is planned with them, their troubles, devices, ties and copies, and what was done.
async fn managing(gateway: &Gateway, first: &str, second: &str) {
    let (workspace, one) = ("/v1/workspaces/ws_1", format!("/v1/accounts/{first}"));
    let ok = async |method: &str, path: &str, key: &str, body: Value| {
        let done = gateway.once(method, path, key, &body).await;
        assert!(done.status < 300, "{method} {path}: {}", done.text);
        done.body
    };
    let location = json!({"label": "Acme", "contact": {"name": "Ada", "email": null, "phone": null}});
    ok("PATCH", &one, "m1", location).await;
    ok("PUT", &format!("{one}/usage"), "m2", json!({"drafts": 1})).await;
    let words: Value = serde_json::from_str(include_str!("../../../infra/vocabularies/s1.json")).expect("JSON");
    let vocabulary = format!("{workspace}/vocabulary");
    ok(
        "PUT",
        &vocabulary,
        "m3",
        json!({"id": "own", "name": "Ours", "words": words["words"], "rules": words["rules"]}),
    )
    .await;
    let trouble = gateway.get(&format!("/v1/accounts/{second}/health/history")).await.body;
    let episode = text(&trouble["data"][0]["id"]).to_owned();
    let note = json!({"acknowledged": true, "note": "Seen."});
    ok("PUT", &format!("/v1/accounts/{second}/episodes/{episode}"), "m4", note).await;
    for path in [
        format!("{one}/usage"),
        format!("{one}/impact?action=remove"),
        format!("{one}/activity"),
        format!("{one}/health/history"),
        format!("{one}/copy-targets"),
        format!("{workspace}/impact?action=lockdown"),
        format!("{workspace}/accounts?q=acme&facets=true&sort=usage&vocabulary=own"),
        format!("{workspace}/audit?limit=5"),
        vocabulary.clone(),
    ] {
        let read = gateway.get(&path).await;
        assert_eq!(read.status, 200, "{path}: {}", read.text);
    }
    ok("DELETE", &vocabulary, "m5", Value::Null).await;
    ok("POST", &format!("{one}/reconnect"), "m6", json!({})).await;
    for (verb, key) in [("verify", "m10"), ("refresh", "m11")] {
        ok("POST", &format!("{workspace}/accounts:{verb}"), key, json!({"account_ids": [first, second]})).await;
    }
    let nobody = json!({"account_ids": ["acc_01ARZ3NDEKTSV4RRFFQ69G5FAV"]});
    ok("POST", &format!("{workspace}/accounts:disconnect"), "m12", nobody).await;
    let asked = json!({"platform": "x", "platform_account_id": "1"});
    ok("POST", &format!("{workspace}/release-requests"), "m13", asked).await;
    ok("POST", &format!("{one}/release-request"), "m14", json!({})).await;

    let by_itself = json!({"platform": "instagram", "method": "instagram_login"});
    let session = gateway.land(by_itself, "acme").await;
    let session = gateway.get(&format!("/v1/connect-sessions/{session}")).await.body;
    let instagram = format!("/v1/accounts/{}", text(&session["accounts"][0]["id"]));
    let devices = format!("{instagram}/devices");
    let new = json!({"device_key": "a telephone", "name": "Ada's", "os": "ios 20.1"});
    let device = ok("POST", &devices, "m15", new).await;
    assert_eq!(gateway.get(&devices).await.status, 200);
    ok("DELETE", &format!("{devices}/{}", text(&device["id"])), "m16", Value::Null).await;
    let session = gateway.land(json!({"platform": "threads"}), "acme").await;
    let session = gateway.get(&format!("/v1/connect-sessions/{session}")).await.body;
    let threads = json!({"account_id": session["accounts"][0]["id"]});
    ok("PUT", &format!("{instagram}/linked-account"), "m17", threads.clone()).await;
    ok("POST", &format!("{instagram}/copies"), "m7", json!({"workspace_id": "ws_1_copies"})).await;
    gateway.once("POST", &format!("{instagram}/detach"), "m8", &json!({})).await.is_problem(409, "account_not_usable");
    let many = json!({"account_ids": [threads["account_id"]], "workspace_id": "ws_1_copies"});
    ok("POST", &format!("{workspace}/accounts:copy"), "m9", many).await;
}

/// X tells that a person removed our app, Meta of one who wants their data deleted too.
async fn notices(gateway: &Gateway) {
    let person = async |platform: &str, person: &str| {
        let session = gateway.land(json!({"platform": platform}), person).await;
        let session = gateway.get(&format!("/v1/connect-sessions/{session}")).await.body;
        let account = gateway.get(&format!("/v1/accounts/{}", text(&session["accounts"][0]["id"]))).await.body;
        text(&account["grant"]["authorized_by"]["id"]).to_owned()
    };
    let (at_x, at_facebook) = (person("x", "demo-02").await, person("facebook", "second").await);
    gateway.world.advance(SignedDuration::from_mins(1));
    let now = gateway.world.now();
    let send = async |sent: notice::Sent| {
        let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        gateway.call("POST", &sent.path, &headers, &json!(sent.body)).await
    };
    for _ in 0..2 {
        assert_eq!(send(notice::x(notice::X, &notice::oauth_revoke("1", &at_x, now))).await.status, 200);
    }
    let of = |door| notice::meta("facebook", door, notice::FACEBOOK, &notice::payload(&at_facebook, now));
    send(notice::Sent { body: String::new(), ..of("deauthorize") }).await.is_problem(401, "signature_invalid");
    let asked = send(of("data-deletion")).await;
    assert_eq!((asked.status, send(of("deauthorize")).await.status), (200, 200), "{}", asked.text);
    let status = text(&asked.body["url"]).strip_prefix(&gateway.world.product).expect("our address").to_owned();
    assert_eq!(gateway.get(&status).await.body["status"], "pending");
    assert_eq!(gateway.get("/v1/platform-callbacks/x/notices?crc_token=a").await.status, 200);
}

/// What anybody may read.
async fn pages(gateway: &Gateway) {
    for path in [
        "/docs",
        "/docs/errors",
        "/docs/errors/not_found",
        "/docs/operations/listAccounts",
        "/docs/shapes/Account",
        "/help/revoke/facebook",
        web::stylesheet_path(),
        "/v1/openapi.json",
        "/v1/meta/receipt-keys",
    ] {
        assert!(gateway.get(path).await.status < 400, "{path}");
    }
    let asks = [("origin", FRONTEND), ("access-control-request-method", "GET")];
    assert_eq!(gateway.call("OPTIONS", "/v1/platforms", &asks, &Value::Null).await.status, 204);
}

/// Accounts are listed, read, made main, disconnected and removed, with a platform that answers and one that does not.
async fn accounts(gateway: &Gateway, first: &str, second: &str, further: &str) {
    let workspace = "/v1/workspaces/ws_1";
    for path in [
        "accounts?platform=x",
        "accounts?limit=1",
        "accounts/main",
        "accounts/summary",
        "events",
        "limits",
        "platforms",
    ] {
        let read = gateway.get(&format!("{workspace}/{path}")).await;
        assert_eq!(read.status, 200, "{path}: {}", read.text);
    }
    let meta = ["errors", "plans", "permissions", "vocabularies"].map(|registry| format!("/v1/meta/{registry}"));
    for path in ["/v1/platforms", "/v1/platforms/x"].into_iter().chain(meta.iter().map(String::as_str)) {
        assert_eq!(gateway.get(path).await.status, 200, "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(gateway.get(path).await.status, 204, "{path}");
    }
    let (first, second) = (format!("/v1/accounts/{first}"), format!("/v1/accounts/{second}"));
    for path in [&first, &format!("{first}/permissions"), &format!("{first}/health"), &format!("{first}/picture")] {
        assert_eq!(gateway.get(path).await.status, 200, "{path}");
    }
    assert_eq!(gateway.once("PUT", &format!("{second}/main"), "k6", &Value::Null).await.status, 200);
    let queue = json!({"timezone": "Europe/Oslo", "slots": [{"weekday": "monday", "time": "09:30"}]});
    assert_eq!(gateway.once("PUT", &format!("{second}/queue-schedule"), "k13", &queue).await.status, 200);
    assert_eq!(gateway.get(&format!("{second}/queue-schedule")).await.status, 200);
    let fault = json!({"platform": "x", "route": "revoke", "kind": "status:500"});
    gateway.world.fault(fault).await;
    let left = gateway.once("POST", &format!("{first}/disconnect"), "k7", &json!({})).await;
    assert_eq!(left.body["revocation"]["status"], "pending", "{}", left.text);
    gateway.world.no_faults().await;
    assert_eq!(gateway.once("POST", &format!("{first}/disconnect"), "k8", &json!({})).await.status, 200);
    assert_eq!(gateway.once("PUT", &format!("{first}/main"), "k9", &Value::Null).await.status, 409);
    let further = format!("/v1/accounts/{further}");
    // One that was disconnected, one of two on a consent, and the other one.
    for (key, account, told) in
        [("k10", first, "pending"), ("k11", second, "skipped_shared_grant"), ("k12", further, "revoked")]
    {
        let gone = gateway.once("DELETE", &account, key, &Value::Null).await;
        assert_eq!((gone.status, &gone.body["revocation"]["status"]), (202, &json!(told)), "{}", gone.text);
    }
}

/// The minutes go by: a revocation fails and then succeeds, and what the bus has refused of a change is delivered.
async fn schedules(gateway: &Gateway) {
    let services = |name: &str| &gateway.functions[name].services;
    gateway.world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
    for (minutes, revoked, pending) in [(1, 0, 1), (2, 1, 0)] {
        gateway.world.advance(SignedDuration::from_mins(minutes));
        let done = sweep::sweep(services("sweep")).await.expect("a report").revocations;
        assert_eq!((done.revoked, done.pending), (revoked, pending));
        gateway.world.no_faults().await;
    }
    let refusing = |name: &str| {
        let refuses = |event: &Event| if event.account_id.is_some() { Does::Refuse } else { Does::Take };
        gateway.functions[name].fickle.does(refuses);
    };
    refusing("oauth-callback");
    gateway.land(json!({"platform": "x"}), "demo-01").await;
    refusing("deliver");
    let report = deliver::deliver(services("deliver")).await.expect("a report");
    assert_eq!((report.due, report.postponed), (1, 1), "{report:?}");
    gateway.functions["deliver"].fickle.does(|_| Does::Take);
    gateway.world.advance(SignedDuration::from_mins(1));
    let report = deliver::deliver(services("deliver")).await.expect("a report");
    assert_eq!((report.published, report.postponed), (1, 0), "{report:?}");
    // Months later a person is warned that their consent ends.
    gateway.world.advance(SignedDuration::from_hours(24 * 65));
    sweep::sweep(services("sweep")).await.expect("a report");
    // Each workspace is told of its week, and what is out of date is erased.
    let round = housekeeping::housekeeping(services("housekeeping")).await.expect("a report");
    assert!(round.digests > 0 && round.months > 0 && !round.ended.is_empty() && round.failed == 0, "{round:?}");
}

/// An export, a lockdown that is lifted, and the end of the workspace.
async fn long_work(gateway: &Gateway) {
    let sweeping = &gateway.functions["sweep"].services;
    let begun = gateway.once("POST", "/v1/workspaces/ws_1/exports", "e1", &json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    sweep::sweep(sweeping).await.expect("a report");
    let run = gateway.get(text(&begun.body["href"])).await;
    assert_eq!(run.body["state"], "succeeded", "{}", run.text);
    assert_eq!(gateway.get(text(&run.body["parts"][0]["href"])).await.status, 200);
    let lockdown = "/v1/workspaces/ws_1/lockdown";
    let locked = gateway.once("POST", lockdown, "e2", &json!({"reason": "a test"})).await;
    assert_eq!(locked.status, 202, "{}", locked.text);
    sweep::sweep(sweeping).await.expect("a report");
    assert_eq!(gateway.get(text(&locked.body["href"])).await.body["disconnected"], true);
    assert_eq!(gateway.once("DELETE", lockdown, "e3", &json!({})).await.status, 204);
    let back = format!("/v1/lockdowns/{}/return-link", text(&locked.body["id"]));
    let back = gateway.once("POST", &back, "e5", &json!({})).await;
    assert_eq!(back.status, 201, "{}", back.text);
    gateway.land(json!({"platform": "x"}), "demo-01").await;
    let erased = gateway.once("DELETE", "/v1/workspaces/ws_1", "e4", &json!({})).await;
    assert_eq!(erased.status, 202, "{}", erased.text);
    assert_eq!(sweep::sweep(sweeping).await.expect("a report").runs, 1);
}
