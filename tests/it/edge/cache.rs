//! Nobody on the way keeps an answer or gives it to somebody else.

use reqwest::Method;
use tests::{Answer, World, send};

use super::route::{Operation, Place, operations};

#[track_caller]
fn is_kept_by_nobody(answer: &Answer, what: &str) {
    is_kept(answer, what, "no-store");
}

#[track_caller]
fn is_kept(answer: &Answer, what: &str, how: &str) {
    assert_eq!(answer.header("cache-control"), Some(how), "{what}: {}", answer.status);
    let vary: Vec<&str> = answer.header("vary").unwrap_or_default().split(", ").collect();
    assert_eq!(vary, ["accept", "authorization", "cookie", "origin"], "{what}: {}", answer.status);
    for name in ["expires", "age", "pragma", "last-modified", "surrogate-control"] {
        assert_eq!(answer.header(name), None, "{what}: {}", answer.status);
    }
}

/// CHK-P23: every operation, where it succeeds and where it is refused.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_of_the_api_is_kept() {
    let world = World::start().await;
    let nowhere = Place::nowhere(&world);
    let mut place = Place::make(&world, "ws_1").await;
    for (round, operation) in operations(&world).await.into_iter().enumerate() {
        let at = operation.path.replace("{issuer}", "x");
        let operation = Operation { path: at, ..operation };
        let is_ours = operation.path.starts_with("/v1/ops/");
        let owner = if is_ours { world.operator() } else { world.owner(&place.workspace) };
        let done = place.call(&owner, &operation).await;
        // The callback has no state, a session that waits for a choice is not started again, nobody has signed, and nobody
        // visits.
        let others = ["/v1/oauth/", "/v1/platform-callbacks/", "/v1/public/"];
        let refused = others.iter().any(|other| operation.path.starts_with(other));
        assert!(done.status < 400 || refused, "{}: {}", operation.id, done.text);
        // A browser keeps a picture for its own person, for a while.
        let picture = operation.id == "getAccountPicture" && done.status == 200;
        is_kept(&done, &operation.id, if picture { "private, max-age=3600" } else { "no-store" });
        is_kept_by_nobody(&nowhere.call(&world.nobody(), &operation).await, &operation.id);
        is_kept_by_nobody(&nowhere.call(&owner, &operation).await, &operation.id);
        is_kept_by_nobody(&send(owner.call(Method::PATCH, &nowhere.path(&operation))).await, &operation.id);
        if operation.changes() {
            place = Place::make(&world, &format!("ws_1_{round}")).await;
        }
    }
}

/// CHK-P23: only the stylesheet, whose name changes with it, may be kept.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_kept() {
    let world = World::start().await;
    let nobody = world.nobody();
    let signed_in = send(nobody.call(Method::GET, "/console/sign-in?workspace=ws_1")).await;
    is_kept_by_nobody(&signed_in, "sign-in");
    let cookie = signed_in.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let pages = [
        "/".to_owned(),
        "/console".to_owned(),
        "/console?platform=nowhere!".to_owned(),
        format!("/console/accounts/{account}/disconnect"),
        format!("/console/accounts/{account}/remove"),
        "/docs".to_owned(),
        "/docs/errors".to_owned(),
        "/docs/errors/not_found".to_owned(),
        "/v1/dev/clock".to_owned(),
        "/v1/dev/events".to_owned(),
        "/.well-known/jwks.json".to_owned(),
        "/nothing".to_owned(),
    ];
    for path in pages {
        for accept in ["text/html", "application/json"] {
            let page = nobody.call(Method::GET, &path).header("cookie", &cookie).header("accept", accept);
            is_kept_by_nobody(&send(page).await, &path);
            is_kept_by_nobody(&send(nobody.call(Method::GET, &path).header("accept", accept)).await, &path);
        }
    }
    let console = send(nobody.call(Method::GET, "/console").header("cookie", &cookie)).await;
    let css = console.text.split('"').find(|text| text.starts_with("/assets/")).expect("a stylesheet");
    let css = nobody.get(css).await;
    assert_eq!(css.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(css.header("vary"), None);
}
