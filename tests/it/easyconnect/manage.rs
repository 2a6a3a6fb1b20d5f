//! The workspace's side: who may do what, what a link can be, and what is told of it.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World, send};

use super::{Client, Link, VISITS, accounts, for_x, form::Visitor};

const PATH: &str = "/v1/workspaces/ws_1/easyconnect-links";
/// A picture of one point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// S2-25: a viewer reads, a manager makes and ends; so does an API key of that scope, and nobody of another workspace.
#[tokio::test(flavor = "multi_thread")]
async fn links_are_read_by_all_and_made_by_managers() {
    let world = World::start().await;
    let manager = world.member("ws_1", "manager");
    let link = Link::make(&manager, for_x()).await;
    let account = world.connect(&world.owner("ws_1"), "x", "acme").await.remove(0);
    let writes = |caller: &Caller| {
        let call = |method: Method, path: String, body: Value| send(caller.call(method, &path).json(&body));
        let (own, post) = (link.path(), Method::POST);
        [
            call(post.clone(), PATH.to_owned(), for_x()),
            call(Method::PATCH, own.clone(), json!({"title": "Another"})),
            call(post.clone(), format!("{own}/send"), json!({})),
            call(post.clone(), format!("{own}/rotate"), json!({})),
            call(post, format!("/v1/accounts/{account}/reconnect-link"), json!({})),
            call(Method::DELETE, own, json!({})),
        ]
    };
    for role in ["viewer", "analyst", "editor"] {
        let member = world.member("ws_1", role);
        assert_eq!(member.get(PATH).await.body["data"][0]["id"], link.id.as_str());
        assert_eq!(member.get(&link.path()).await.status, 200);
        for write in writes(&member) {
            write.await.is_problem(403, "permission_denied");
        }
    }
    let stranger = world.owner("ws_2");
    stranger.get(PATH).await.is_problem(404, "not_found");
    stranger.get(&link.path()).await.is_problem(404, "not_found");
    for (at, write) in writes(&stranger).into_iter().enumerate() {
        let refused = write.await;
        assert_eq!(refused.status, 404, "{at}: {}", refused.text);
    }
    let owner = world.owner("ws_1");
    let (_, other) = owner.program(&["accounts:read"]).await;
    other.get(&link.path()).await.is_problem(403, "permission_denied");
    let (id, program) = owner.program(&["links:*"]).await;
    assert_eq!(program.get(&link.path()).await.status, 200);
    let made = program.post(PATH, for_x()).await;
    assert_eq!((made.status, &made.body["created_by"]["id"]), (201, &json!(id)), "{}", made.text);
    assert_eq!(owner.delete(&link.path()).await.status, 204);
}

/// S2-25: what a link cannot be is refused with the place of the mistake.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_cannot_be_is_refused_where_it_is_wrong() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let big = STANDARD.encode(vec![0; 46 * 1024]);
    let many: Vec<Value> = (0..51).map(|_| json!({"platform": "x"})).collect();
    let long = "x".repeat(101);
    for (wrong, pointer) in [
        (json!({"title": ""}), "/title"),
        (json!({"title": long}), "/title"),
        (json!({"password": "short"}), "/password"),
        (json!({"expires_in": "PT59M"}), "/expires_in"),
        (json!({"expires_in": "P91D"}), "/expires_in"),
        (json!({"expires_in": "a week"}), "/expires_in"),
        (json!({"max_connections": 0}), "/max_connections"),
        (json!({"max_connections": 101}), "/max_connections"),
        (json!({"allowed_platforms": ["nowhere"]}), "/allowed_platforms/0"),
        (json!({"capabilities": ["fly"]}), "/capabilities/0"),
        (json!({"items": many}), "/items"),
        (json!({"items": [{"platform": "nowhere"}]}), "/items/0/platform"),
        (json!({"items": [{"platform": "x"}, {"platform": "x", "kind": "page"}]}), "/items/1/kind"),
        (json!({"items": [{"platform": "x", "method": "facebook_login"}]}), "/items/0/platform"),
        (json!({"items": [{"platform": "reddit"}], "allowed_platforms": ["x"]}), "/items/0/platform"),
        (json!({"recipient": {"language": "xx"}}), "/recipient/language"),
        (json!({"branding": {"color": "red"}}), "/branding/color"),
        (json!({"branding": {"color": "#12345"}}), "/branding/color"),
        (json!({"branding": {"accent": "url(x)"}}), "/branding/accent"),
        (json!({"branding": {"name": ""}}), "/branding/name"),
        (json!({"branding": {"logo": "no base64"}}), "/branding/logo"),
        (json!({"branding": {"logo": STANDARD.encode("<svg onload=alert(1)>")}}), "/branding/logo"),
        (json!({"branding": {"logo": big}}), "/branding/logo"),
        (json!({"notify": {"on": ["everything"]}}), "/notify/on/0"),
        (json!({"client_ref": "x".repeat(201)}), "/client_ref"),
        (json!({"tags": ["x".repeat(200)]}), "/tags/0"),
    ] {
        let mut asks = json!({"title": "Acme"});
        for (name, value) in wrong.as_object().expect("members") {
            asks[name] = value.clone();
        }
        let refused = owner.post(PATH, asks).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{wrong}: {}", refused.text);
    }
    owner
        .post(PATH, json!({"title": "Acme", "return_url": "https://evil.example/"}))
        .await
        .is_problem(422, "return_url_not_allowed");
    owner.post(PATH, json!({"title": "Acme", "url": "mine"})).await.is_problem(400, "unknown_field");
    assert_eq!(owner.get(PATH).await.body["data"], json!([]));
    assert!(world.dump().await.keys().all(|key| !key.contains(" Z")), "nothing is kept of it");
}

/// S2-25: colours are those that can be read, and a logo is drawn anew and shown in a visit of its link only.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_bears_its_agencys_colours_and_logo() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let asks = json!({"title": "Acme", "branding": {"name": "North Agency", "color": "#FF0", "accent": "#ffff00", "logo": PNG}});
    let link = Link::make(&owner, asks).await;
    let branding = link.now(&owner).await["branding"].clone();
    assert_eq!((&branding["color"], &branding["color_ink"]), (&json!("#ffff00"), &json!("#000000")));
    assert_ne!(branding["accent_readable"], "#ffff00", "yellow on white is not read");
    assert_eq!(branding["has_logo"], true);
    let (visitor, home) = Visitor::land(&world, &link).await;
    let path = home
        .text
        .split("src=\"")
        .find_map(|rest| rest.split('"').next().filter(|to| to.starts_with("/c/logo")))
        .expect("a logo");
    let call = |cookie: String| world.nobody().call(Method::GET, path).header("cookie", cookie);
    let shown = call(super::tour::cookie(&visitor)).send().await.expect("an answer");
    assert_eq!(shown.status(), 200);
    let kind = shown.headers()["content-type"].to_str().expect("text").to_owned();
    assert!(["image/png", "image/jpeg"].contains(&kind.as_str()), "{kind}");
    assert_eq!(shown.headers()["cross-origin-resource-policy"], "same-origin");
    let drawn = shown.bytes().await.expect("a file");
    assert_ne!(drawn.as_ref(), STANDARD.decode(PNG).expect("base64"));
    assert_eq!(world.nobody().get("/c/logo").await.status, 401);
    // The style sheet of its colours is our own, and takes no other text.
    let sheet =
        home.text.split("rel=\"stylesheet\" href=\"").nth(2).and_then(|rest| rest.split('"').next()).expect("a sheet");
    let styled = world.nobody().get(sheet).await;
    assert_eq!((styled.status, styled.header("content-type")), (200, Some("text/css; charset=utf-8")), "{sheet}");
    assert!(!styled.text.contains("url(") && !styled.text.contains('<'), "{}", styled.text);

    let without = link.patch(&owner, json!({"branding": {"name": "North Agency", "logo": null}})).await;
    assert_eq!((without.status, &without.body["branding"]["has_logo"]), (200, &json!(false)), "{}", without.text);
    assert_eq!(call(super::tour::cookie(&visitor)).send().await.expect("an answer").status(), 404);
}

/// S2-25: the newest first, by their status, page by page.
#[tokio::test(flavor = "multi_thread")]
async fn links_are_listed_by_status_and_page_by_page() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut links = Vec::new();
    for n in 0..7 {
        world.advance(SignedDuration::from_secs(1));
        links.push(
            Link::make(&owner, json!({"title": format!("Link {n}"), "max_connections": 1, "allowed_platforms": ["x"]}))
                .await,
        );
    }
    Link::make(&world.owner("ws_2"), for_x()).await;
    assert_eq!(links[1].patch(&owner, json!({"enabled": false})).await.status, 200);
    assert_eq!(owner.delete(&links[2].path()).await.status, 204);
    let used = Client::open(&world, &links[3]).await;
    assert_eq!(used.connect(json!({"platform": "x"}), "acme").await.status, 200);
    let titles = |page: &Value| {
        let data = page["data"].as_array().expect("links").iter();
        data.map(|link| link["title"].as_str().expect("a title").trim_start_matches("Link ").to_owned())
            .collect::<String>()
    };
    for (query, expected) in [
        ("", "654310"),
        ("?status=active", "6540"),
        ("?status=disabled", "1"),
        ("?status=deleted", "2"),
        ("?status=exhausted,disabled", "31"),
        ("?status=completed", ""),
        ("?limit=200", "654310"),
    ] {
        let page = owner.get(&format!("{PATH}{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(titles(&page.body), expected, "{query}");
    }
    for query in ["", "&status=active"] {
        let (mut seen, mut next) = (String::new(), String::new());
        loop {
            let page = owner.get(&format!("{PATH}?limit=2{query}{next}")).await.body;
            seen += &titles(&page);
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(seen, if query.is_empty() { "654310" } else { "6540" });
    }
    let cursor =
        owner.get(&format!("{PATH}?limit=2")).await.body["page"]["next_cursor"].as_str().expect("one").to_owned();
    for wrong in [format!("status=active&cursor={cursor}"), format!("cursor={cursor}x"), "cursor=x".to_owned()] {
        owner.get(&format!("{PATH}?{wrong}")).await.is_problem(400, "cursor_invalid");
    }
    let other = world.owner("ws_2");
    other
        .get(&format!("/v1/workspaces/ws_2/easyconnect-links?cursor={cursor}"))
        .await
        .is_problem(400, "cursor_invalid");
    owner.get(&format!("{PATH}?status=green")).await.is_problem(422, "validation_failed");
    world.advance(SignedDuration::from_hours(24 * 14));
    assert_eq!(titles(&owner.get(&format!("{PATH}?status=expired")).await.body), "6540");
}

/// S2-25: a change keeps what is connected at its number, and the counters with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_keeps_what_is_connected_in_its_place() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let asks = json!({"title": "Acme", "items": [{"platform": "x"}, {"platform": "facebook"}, {"platform": "reddit"}]});
    let link = Link::make(&owner, asks).await;
    let client = Client::open(&world, &link).await;
    assert_eq!(client.connect(json!({"item": 2}), "acme").await.status, 200);
    for items in [json!([]), json!([{"platform": "x"}]), json!([{"platform": "x"}, {"platform": "reddit"}])] {
        let refused = link.patch(&owner, json!({"items": items})).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/items");
    }
    let etag = link.now(&owner).await["etag"].as_str().expect("an etag").to_owned();
    let change = |etag: &str, change: Value| {
        send(owner.call(Method::PATCH, &link.path()).header("if-match", etag).json(&change))
    };
    let changed = change(&etag, json!({"title": "New", "items": [{"platform": "reddit"}, {"platform": "facebook"}], "tags": ["new"], "max_connections": 4})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let items = &changed.body["items"];
    assert_eq!(
        (&items[1]["status"], &items[0]["platform"], items.as_array().map(Vec::len)),
        (&json!("connected"), &json!("reddit"), Some(2))
    );
    assert_eq!(
        (&changed.body["title"], &changed.body["tags"], &changed.body["max_connections"]),
        (&json!("New"), &json!(["new"]), &json!(4))
    );
    let funnel = link.now(&owner).await["funnel"].clone();
    assert_eq!((&changed.body["funnel"], &funnel["opened"]), (&funnel, &json!(1)), "as it is told elsewhere");
    change(&etag, json!({"title": "Older"})).await.is_problem(412, "version_conflict");
    let cleared = link.patch(&owner, json!({"max_connections": null, "tags": []})).await;
    assert_eq!((&cleared.body["max_connections"], &cleared.body["tags"]), (&Value::Null, &json!([])));
    let sent = owner.post(&format!("{}/send", link.path()), json!({})).await;
    assert_eq!(sent.body["funnel"], funnel);
}

/// CHK-P2, S2-25: each change of a link is on record, a client's withdrawal too; and no answer, record or export tells
/// the password's hash or what a secret leads by.
#[tokio::test(flavor = "multi_thread")]
async fn changes_are_on_record_and_the_password_is_nowhere() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut asks = for_x();
    asks["password"] = "a very good word".into();
    let link = Link::of(&owner.post_once(PATH, asks, "a key").await, 201);
    let open = json!({"token": link.secret(), "password": "a very good word"});
    let client = Client::with(&world, open.clone()).await;
    assert_eq!(client.connect(json!({"item": 1}), "acme").await.status, 200);
    let account = accounts(&owner).await[0]["id"].as_str().expect("an id").to_owned();
    let changed = link.patch(&owner, json!({"password": "another good word"})).await;
    assert_eq!((changed.status, &changed.body["has_password"]), (200, &json!(true)));
    world.nobody().post(VISITS, open).await.is_problem(401, "link_password_wrong");
    assert_eq!(client.withdraw(1).await.status, 202);
    let mut answers = vec![changed.text, link.now(&owner).await.to_string(), owner.get(PATH).await.text];
    assert_eq!(owner.delete(&link.path()).await.status, 204);

    let audit = owner.get("/v1/workspaces/ws_1/audit?limit=200").await;
    let entries = audit.body["data"].as_array().expect("entries").clone();
    let actions: BTreeSet<&str> =
        entries.iter().filter(|e| e["target"]["id"] == link.id.as_str()).filter_map(|e| e["action"].as_str()).collect();
    assert_eq!(actions, BTreeSet::from(["changeEasyConnectLink", "deleteEasyConnectLink"]), "{}", audit.text);
    assert!(entries.iter().any(|e| e["action"] == "createEasyConnectLink"));
    let ended = world.told(&account).pop().expect("an event").1;
    assert_eq!(
        (&ended["type"], ended.to_string().contains("withdrawn_by_client")),
        (&json!("account.disconnected"), true),
        "{ended}"
    );
    answers.push(audit.text);

    let export = owner.post("/v1/workspaces/ws_1/exports", json!({})).await;
    world.job("sweep").await;
    let run = owner.get(&format!("/v1/runs/{}", export.body["id"].as_str().expect("an id"))).await.body;
    assert_eq!(run["state"], "succeeded", "{run}");
    for part in run["parts"].as_array().expect("parts") {
        let told = owner.get(part["href"].as_str().expect("an address")).await;
        answers.push(told.text);
    }
    let digest = domain::Digest::of(link.secret());
    for answer in answers {
        for secret in ["argon2", "a very good word", "another good word", digest.as_str()] {
            assert!(!answer.contains(secret), "{secret} in {answer}");
        }
    }
    let table = serde_json::to_string(&world.whole_dump().await).expect("JSON");
    assert!(!table.contains("good word"));
}
