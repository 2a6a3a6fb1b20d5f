//! What is too large is refused at once and takes no memory; measured at the command itself.

use std::time::Duration;

use serde_json::json;
use tests::{
    Reply,
    process::{self, Mooring},
    raw,
};
use tokio::time::Instant;

/// How much more memory the command may ever have had.
const GROWTH: u64 = 8 * 1024 * 1024;
/// How long an answer may take.
const SOON: Duration = Duration::from_secs(1);
const SESSIONS: &str = "/v1/workspaces/ws_1/connect-sessions";

/// A whole request, and the statuses that it may be answered with.
struct Large {
    what: &'static str,
    bytes: Vec<u8>,
    answers: &'static [u16],
}

fn large(bearer: &str) -> Vec<Large> {
    let request = |line: &str, headers: &str, body: &str| {
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        format!("{line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{bearer}{kind}{headers}\r\n{body}").into_bytes()
    };
    let post = |body: &str| request(&format!("POST {SESSIONS}"), &format!("Content-Length: {}\r\n", body.len()), body);
    let chunked = |chunk: &str, count: usize| {
        let body = format!("{:x}\r\n{chunk}\r\n", chunk.len()).repeat(count) + "0\r\n\r\n";
        request(&format!("POST {SESSIONS}"), "Transfer-Encoding: chunked\r\n", &body)
    };
    let get = |query: &str| request(&format!("GET /v1/workspaces/ws_1/accounts?{query}"), "", "");
    let mib = "x".repeat(1024 * 1024);
    let keys = |n: usize| (0..n).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    let header = |n: usize| (0..n).map(|n| format!("X-{n}: 1")).collect::<Vec<_>>().join("\r\n") + "\r\n";
    let same = |n: usize| "X-Same: 1\r\n".repeat(n);
    let cookies = "a=b; ".repeat(12_000);
    let deep = |depth: usize| format!("{{\"platform\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    vec![
        Large { what: "a body of 10 MiB", bytes: post(&mib.repeat(10)), answers: &[413] },
        Large { what: "10 MiB of spaces", bytes: post(&" ".repeat(10 << 20)), answers: &[413] },
        Large { what: "10 MiB in chunks", bytes: chunked(&mib, 10), answers: &[413] },
        Large { what: "a MiB in small chunks", bytes: chunked("xxxxxxxxxxxxxxxx", 1 << 16), answers: &[413] },
        Large { what: "100,000 keys", bytes: post(&format!("{{{}}}", keys(100_000))), answers: &[413] },
        Large { what: "keys that fit", bytes: post(&format!("{{{}}}", keys(5_000))), answers: &[400] },
        Large { what: "100,000 lists", bytes: post(&deep(100_000)), answers: &[413] },
        Large { what: "lists that fit", bytes: post(&deep(30_000)), answers: &[400] },
        Large { what: "objects that fit", bytes: post(&objects(10_000)), answers: &[400] },
        Large {
            what: "a long number",
            bytes: post(&format!("{{\"platform\":{}}}", "9".repeat(60_000))),
            answers: &[400],
        },
        Large {
            what: "a long text",
            bytes: post(&json!({"platform": "x", "external_id": "x".repeat(60_000)}).to_string()),
            answers: &[422],
        },
        Large {
            what: "a long list",
            bytes: post(&json!({"platform": "x", "capabilities": vec!["publish"; 5_000]}).to_string()),
            answers: &[201, 422],
        },
        Large { what: "65 headers", bytes: request("GET /healthz", &header(65), ""), answers: &[431] },
        Large { what: "100,000 headers", bytes: request("GET /healthz", &header(100_000), ""), answers: &[431] },
        Large { what: "a header 100,000 times", bytes: request("GET /healthz", &same(100_000), ""), answers: &[431] },
        Large {
            what: "a header of a MiB",
            bytes: request("GET /healthz", &format!("X: {mib}\r\n"), ""),
            answers: &[431],
        },
        Large {
            what: "many cookies",
            bytes: request("GET /console", &format!("Cookie: {cookies}\r\n"), ""),
            answers: &[303],
        },
        Large {
            what: "a key of 10 KB",
            bytes: request(
                &format!("POST {SESSIONS}"),
                &format!("Idempotency-Key: {}\r\nContent-Length: 16\r\n", "k".repeat(10_240)),
                "{\"platform\":\"x\"}",
            ),
            answers: &[400],
        },
        Large { what: "a path of a MiB", bytes: request(&format!("GET /{mib}"), "", ""), answers: &[414, 431] },
        Large { what: "a path of 60 KB", bytes: request(&format!("GET /{}", &mib[..60_000]), "", ""), answers: &[404] },
        Large {
            what: "10,000 segments",
            bytes: request(&format!("GET {}", "/a".repeat(10_000)), "", ""),
            answers: &[404],
        },
        Large { what: "a query of a MiB", bytes: get(&mib), answers: &[414, 431] },
        Large { what: "20,000 parameters", bytes: get(&"a=&".repeat(20_000)), answers: &[400] },
        Large { what: "5,000 known parameters", bytes: get(&"platform=x&".repeat(5_000)), answers: &[400] },
        Large {
            what: "65 known parameters",
            bytes: get(&format!("{}limit=1", "platform=x&".repeat(64))),
            answers: &[400],
        },
        Large {
            what: "30,000 platforms",
            bytes: get(&format!("platform={}x", "x,".repeat(30_000))),
            answers: &[400, 422],
        },
        Large {
            what: "a callback of 60 KB",
            bytes: request(&format!("GET /v1/oauth/callback/x?state={}&code=1", &mib[..60_000]), "", ""),
            answers: &[400],
        },
    ]
}

/// CHK-P13
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_at_once_and_kept_nowhere() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = ["--memory", "--no-demo", "--manual", "--port", "0", "--simulator-port", "0"];
    let mooring = Mooring::start(process::command(crate::command::BINARY, &options, directory.path())).await;
    let who = mooring.caller(json!({"workspace": "ws_1", "role": "owner"})).await;
    let bearer = format!("Authorization: Bearer {}\r\n", who.token.as_deref().expect("a token"));
    // What it takes to answer anything at all; after ten attempts without success it is another answer.
    for _ in 0..5 {
        assert_eq!(who.post(SESSIONS, json!({"platform": "x"})).await.status, 201);
    }
    let before = mooring.peak_memory();
    for Large { what, bytes, answers } in large(&bearer) {
        let asked = Instant::now();
        let replies = raw(&mooring.product, &bytes).await;
        let took = asked.elapsed();
        let statuses: Vec<u16> = replies.iter().map(|reply: &Reply| reply.status).collect();
        assert!(statuses.len() == 1 && answers.contains(&statuses[0]), "{what}: {replies:?}");
        assert!(took < SOON, "{what}: {took:?}");
    }
    let grew = mooring.peak_memory() - before;
    assert!(grew < GROWTH, "{grew} bytes");
    assert_eq!(who.get("/v1/workspaces/ws_1/accounts").await.status, 200);
}
