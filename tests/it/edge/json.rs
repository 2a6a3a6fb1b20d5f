//! JSON with more than one reading is refused by every operation that takes a body.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::{World, send};

use super::route::{Operation, Place, protected};

/// A body made odd: `{b}` stands for the good one's members.
const ODD: [&str; 34] = [
    "{{b}",
    "{b}",
    "{{b}}}",
    "{{b}}{}",
    "{{b}} x",
    "{{b}}\0",
    "{{b},}",
    "{,{b}}",
    "[{{b}}]",
    "\"{{b}}\"",
    "\u{feff}{{b}}",
    "\u{b}{{b}}",
    "\u{a0}{{b}}",
    "/* c */{{b}}",
    "{{b}} // c",
    "{{b},\"\":1}",
    "{{b},\"x\":1,\"x\":1}",
    "{{b},\"x\":1e400}",
    "{{b},\"x\":-1e400}",
    "{{b},\"x\":NaN}",
    "{{b},\"x\":Infinity}",
    "{{b},\"x\":-Infinity}",
    "{{b},\"x\":undefined}",
    "{{b},\"x\":0x10}",
    "{{b},\"x\":01}",
    "{{b},\"x\":1.}",
    "{{b},\"x\":+1}",
    "{{b},\"x\":\"\\ud800\"}",
    "{{b},\"x\":\"\\udc00\\ud800\"}",
    "{{b},\"x\":\"\\x41\"}",
    "{{b},\"x\":\"\\u{41}\"}",
    "{{b},\"x\":\"\n\"}",
    "{{b},\"x\":'y'}",
    "{{b},x:1}",
];

/// Content types that are not JSON in UTF-8, sent once.
const KINDS: [&[&str]; 20] = [
    &[],
    &[""],
    &["text/plain"],
    &["text/json"],
    &["text/html"],
    &["application/x-www-form-urlencoded"],
    &["multipart/form-data; boundary=x"],
    &["application/jsonx"],
    &["application/json5"],
    &["application/json-seq"],
    &["application/merge-patch+json"],
    &["application/x-json"],
    &["application"],
    &["json"],
    &["application/json, text/plain"],
    &["application/json; charset=utf-16"],
    &["application/json; charset=iso-8859-1"],
    &["application/json; charset=\"utf-7\""],
    &["application/json", "text/plain"],
    &["application/json", "application/json"],
];

/// Each operation with a good body, to which nothing may happen.
async fn each(world: &World) -> Vec<(Operation, RequestBuilder, Value)> {
    let owner = world.owner("ws_1");
    let place = Place::make(world, "ws_1").await;
    let changing = protected(world).await.into_iter().filter(Operation::changes);
    changing
        .map(|operation| {
            let request = owner.call(operation.method.clone(), &place.path(&operation));
            let body = place.body(&operation).unwrap_or_else(|| json!({}));
            (operation, request, body)
        })
        .collect()
}

fn again(request: &RequestBuilder) -> RequestBuilder {
    request.try_clone().expect("it has no body yet")
}

/// CHK-P14
#[tokio::test(flavor = "multi_thread")]
async fn odd_json_is_refused_everywhere() {
    let world = World::start().await;
    let all = each(&world).await;
    let before = world.dump().await;
    for (operation, request, body) in &all {
        let good = body.to_string();
        let members = &good[1..good.len() - 1];
        for odd in ODD {
            let text = odd.replace("{b}", members);
            // What is only odd beside members is plain or nothing without any.
            let text = if members.is_empty() { text.replace("{,", "{") } else { text };
            if members.is_empty() && (text.is_empty() || text == "{}") {
                continue;
            }
            let call = again(request).header("content-type", "application/json").body(text.clone());
            let refused = send(call).await;
            assert_eq!(refused.status, 400, "{} {text:?}: {}", operation.id, refused.text);
            let code = refused.body["code"].as_str().unwrap_or_default();
            assert!(matches!(code, "invalid_request" | "unknown_field"), "{} {text:?}: {code}", operation.id);
            assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        }
        // Each member twice, also where one is written otherwise.
        for (name, value) in body.as_object().expect("an object") {
            let first = name.chars().next().expect("a letter");
            let escaped = format!("\\u{:04x}{}", u32::from(first), &name[1..]);
            for second in [name.as_str(), escaped.as_str()] {
                let twice = format!("{{{members},\"{second}\":{value}}}");
                let call = again(request).header("content-type", "application/json").body(twice.clone());
                send(call).await.is_problem(400, "invalid_request");
            }
        }
    }
    assert_eq!(world.dump().await, before);
}

/// CHK-P14
#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_kind_is_refused_everywhere() {
    let world = World::start().await;
    let all = each(&world).await;
    let before = world.dump().await;
    for (_, request, body) in &all {
        for kinds in KINDS {
            let call = again(request).body(body.to_string());
            let call = kinds.iter().fold(call, |call, kind| call.header("content-type", *kind));
            send(call).await.is_problem(415, "media_type_unsupported");
        }
        for coding in ["gzip", "br", "deflate", "identity", "aes128gcm"] {
            let call = again(request).json(body).header("content-encoding", coding);
            send(call).await.is_problem(415, "media_type_unsupported");
        }
        for bytes in [&b"{\"x\":\"\xff\"}"[..], b"\xff\xfe{\0}\0", b"\0\0\0{", b"\x1f\x8b\x08\0"] {
            let call = again(request).header("content-type", "application/json").body(bytes);
            let refused = send(call).await;
            assert_eq!(refused.status, 400, "{bytes:?}: {}", refused.text);
        }
    }
    assert_eq!(world.dump().await, before);
    // JSON is still JSON under its other spellings.
    let owner = world.owner("ws_1");
    for kind in ["application/json;charset=UTF-8", "APPLICATION/JSON ; Charset=\"utf-8\"", "application/json; v=1"] {
        let call = owner.call(reqwest::Method::POST, "/v1/workspaces/ws_1/connect-sessions");
        let made = send(call.header("content-type", kind).body("{\"platform\":\"x\"}")).await;
        assert_eq!(made.status, 201, "{kind}: {}", made.text);
    }
}
