//! Sealed tokens that somebody at the table moved or put back: they open nowhere but in their own row, at their own
//! version; it is told to whoever watches the log, and everybody else goes on. In either vault.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Envelope, Grant, GrantId};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Attempt, BEGINNING, Caller, Options, World, send, vault::StandIn};
use vault::{SecretsManager, TokenVault};

/// The word that an alarm waits for.
const ALARM: &str = "envelope_refused";

/// A world over each vault.
async fn worlds() -> [World; 2] {
    let secrets = StandIn::new(BEGINNING.parse().expect("a time"));
    let vault: Arc<dyn TokenVault> = Arc::new(SecretsManager::new(&secrets.client(), "mooring/grants"));
    [World::start().await, World::with(Options { vault: Some(vault), ..Options::default() }).await]
}

/// Puts envelopes into the rows in which the others stand now.
async fn put(world: &World, changes: &[(&Envelope, &Envelope)]) {
    let table = world.dump().await;
    for (there, new) in changes {
        let row = table.values().find(|item| item["envelope"] == there.0.as_str()).expect("its row");
        let part = |name: &str| AttributeValue::S(row[name].as_str().expect("a key").to_owned());
        let update = world.stack.client.update_item().table_name("mooring").key("pk", part("pk")).key("sk", part("sk"));
        let update = update.update_expression("SET envelope = :e");
        update.expression_attribute_values(":e", AttributeValue::S(new.0.clone())).send().await.expect("the table");
    }
}

async fn swap(world: &World, one: &Envelope, other: &Envelope) {
    put(world, &[(one, other), (other, one)]).await;
}

async fn disconnect(caller: &Caller, id: &str) -> Value {
    let receipt = caller.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    receipt.body
}

/// How often the alarm went off for a grant.
fn alarms(world: &World, grant: GrantId) -> usize {
    let (log, grant) = (world.log(), grant.to_string());
    let alarms = log.lines().filter(|line| line.contains("ERROR") && line.contains(ALARM));
    alarms.filter(|line| line.contains(&grant)).count()
}

/// Nothing is told of the inside.
#[track_caller]
fn is_a_bare_fault(answer: &Answer) {
    answer.is_problem(500, "internal");
    assert_eq!(answer.body["detail"], "An unexpected fault. It was logged under the request id.");
    for inside in ["envelope", "vault", "grt_", "version", "key"] {
        assert!(!answer.text.contains(inside), "{inside}: {}", answer.text);
    }
}

/// The callback, asked for by a program in the browser's place.
async fn callback(world: &World, attempt: &Attempt, person: &str) -> Answer {
    let address = attempt.approved(person).await;
    let cookies = attempt.browser.cookies(&address);
    let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let path = address.strip_prefix(&world.product).expect("ours");
    send(world.nobody().call(Method::GET, path).header("cookie", line)).await
}

/// One X account of a person in a workspace, with its grant.
async fn connected(world: &World, workspace: &str, platform: &str, person: &str) -> (Caller, String, Grant) {
    let owner = world.owner(workspace);
    let id = world.connect(&owner, platform, person).await.remove(0);
    let grant = world.grant_of(&owner, &id).await;
    (owner, id, grant)
}

/// CHK-S6: by disconnecting, where the tokens would be opened to be revoked.
#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_in_another_row_revokes_nobody() {
    for world in worlds().await {
        let (first, here, mine) = connected(&world, "ws_1", "x", "acme").await;
        // Of another workspace, of another account in the same one, and of another platform.
        for (workspace, platform, person) in
            [("ws_2", "x", "mallory"), ("ws_1", "x", "analyst"), ("ws_1", "facebook", "acme")]
        {
            let (second, there, theirs) = connected(&world, workspace, platform, person).await;
            assert_eq!(mine.version, theirs.version);
            swap(&world, &mine.envelope, &theirs.envelope).await;
            let calls = world.calls("revoke").await;
            let receipt = disconnect(&second, &there).await;
            assert_eq!(receipt["revocation"]["status"], "pending", "it does not claim what did not happen");
            assert_eq!(world.calls("revoke").await, calls, "{platform} was told nothing");
            assert_eq!(alarms(&world, theirs.id), 1);
            // What was put right is made good; nothing was lost.
            swap(&world, &mine.envelope, &theirs.envelope).await;
            world.advance(SignedDuration::from_mins(2));
            assert_eq!(world.job("sweep").await["revocations"]["revoked"], 1);
            assert!(world.grant(theirs.id).await.is_none());
        }
        assert_eq!(alarms(&world, mine.id), 0);
        assert_eq!(disconnect(&first, &here).await["revocation"]["status"], "revoked");
    }
}

/// CHK-S6: the job that revokes goes on to the others.
#[tokio::test(flavor = "multi_thread")]
async fn one_envelope_that_does_not_open_holds_up_no_other() {
    for world in worlds().await {
        world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
        let mut grants = Vec::new();
        for person in ["acme", "mallory", "analyst"] {
            let (owner, id, grant) = connected(&world, "ws_1", "x", person).await;
            assert_eq!(disconnect(&owner, &id).await["revocation"]["status"], "pending");
            grants.push(grant);
        }
        world.no_faults().await;
        let (owner, _, living) = connected(&world, "ws_1", "x", "agency").await;
        put(&world, &[(&grants[0].envelope, &living.envelope)]).await;
        world.advance(SignedDuration::from_mins(2));
        let report = world.job("sweep").await["revocations"].clone();
        assert_eq!(report, json!({"due": 3, "revoked": 2, "closed": 0, "pending": 1, "failed": 0}));
        assert_eq!((alarms(&world, grants[0].id), alarms(&world, living.id)), (1, 0));
        // The one whose envelope was copied lives.
        let tokens = world.tokens(&living).await;
        assert_eq!(world.ask_platform("api.x.com/2/users/me", &tokens.access).await.status, 200);
        assert_eq!(owner.get("/v1/workspaces/ws_1/limits").await.body["total"]["used"], 1);
    }
}

/// CHK-S6: by a second consent of the same person, where the older tokens would be kept beside the new ones.
#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_in_another_row_is_not_taken_into_a_new_consent() {
    for world in worlds().await {
        let (first, here, mine) = connected(&world, "ws_1", "facebook", "acme").await;
        let (second, there, theirs) = connected(&world, "ws_2", "facebook", "mallory").await;
        swap(&world, &mine.envelope, &theirs.envelope).await;
        let before = (first.get(&format!("/v1/accounts/{here}")).await.text, world.grant(mine.id).await);
        let attempt = world.attempt(&first, json!({"platform": "facebook", "account_id": here})).await;
        is_a_bare_fault(&callback(&world, &attempt, "acme").await);
        assert_eq!((alarms(&world, mine.id), alarms(&world, theirs.id)), (1, 0));
        assert_eq!((first.get(&format!("/v1/accounts/{here}")).await.text, world.grant(mine.id).await), before);
        assert_ne!(attempt.status().await, "completed");
        // A page says no more.
        let attempt = world.attempt(&first, json!({"platform": "facebook"})).await;
        let page = attempt.land("acme").await;
        assert!(page.status == 500 && page.text.contains("<code>internal</code>"), "{}", page.text);
        assert!(!page.text.contains("envelope") && !page.text.contains("grt_"), "{}", page.text);
        // Others in the same workspaces go on, on the same platform too.
        for owner in [&first, &second] {
            world.connect(owner, "x", "demo-01").await;
            world.connect(owner, "facebook", "demo-01").await;
        }
        swap(&world, &mine.envelope, &theirs.envelope).await;
        assert_eq!(world.connect(&first, "facebook", "acme").await, [here]);
        assert_eq!(world.connect(&second, "facebook", "mallory").await, [there]);
    }
}

/// CHK-S6: by choosing, where the tokens of the consent wait sealed beside the attempt.
#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_of_another_attempt_connects_nothing() {
    for world in worlds().await {
        let mut waiting = Vec::new();
        for (workspace, person) in [("ws_1", "demo-02"), ("ws_2", "demo-04"), ("ws_3", "demo-06")] {
            let attempt = world.attempt(&world.owner(workspace), json!({"platform": "facebook"})).await;
            attempt.land(person).await;
            let held =
                world.stack.services.store.find_held(attempt.id.parse().expect("an id")).await.expect("the table");
            waiting.push((attempt, held.expect("a consent")));
        }
        swap(&world, &waiting[0].1.envelope, &waiting[1].1.envelope).await;
        for (attempt, _) in &waiting[..2] {
            let choice = attempt.selectable().await;
            is_a_bare_fault(&attempt.select(&choice, true).await);
            assert_eq!(attempt.status().await, "awaiting_selection");
            assert_eq!(attempt.session().await["accounts"], json!([]));
            assert_eq!(alarms(&world, attempt.id.parse::<domain::ConnectSessionId>().expect("an id").into()), 1);
        }
        let (attempt, _) = &waiting[2];
        assert_eq!(attempt.select(&attempt.selectable().await, true).await.body["status"], "completed");
        swap(&world, &waiting[0].1.envelope, &waiting[1].1.envelope).await;
        for (attempt, _) in &waiting[..2] {
            assert_eq!(attempt.select(&attempt.selectable().await, true).await.body["status"], "completed");
        }
    }
}

/// A whole row in the place of another one of its kind.
async fn copy(world: &World, from: &Value, to: &Value) {
    let text = |row: &Value, name: &str| AttributeValue::S(row[name].as_str().expect("a key").to_owned());
    let client = &world.stack.client;
    let row = client.get_item().table_name("mooring").key("pk", text(from, "pk")).key("sk", text(from, "sk"));
    let mut row = row.send().await.expect("the table").item.expect("the row");
    row.extend([("pk".to_owned(), text(to, "pk")), ("sk".to_owned(), text(to, "sk"))]);
    client.put_item().table_name("mooring").set_item(Some(row)).send().await.expect("the table");
}

/// The row that holds an envelope.
async fn row_of(world: &World, envelope: &Envelope) -> Value {
    let table = world.dump().await;
    table.into_values().find(|item| item["envelope"] == envelope.0.as_str()).expect("its row")
}

/// CHK-S6: a whole row of another attempt, candidates and tokens, connects nobody's accounts here.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_row_of_another_attempt_connects_nothing() {
    for world in worlds().await {
        let mut waiting = Vec::new();
        for (workspace, person) in [("ws_1", "demo-02"), ("ws_2", "demo-04")] {
            let attempt = world.attempt(&world.owner(workspace), json!({"platform": "facebook"})).await;
            attempt.land(person).await;
            let held =
                world.stack.services.store.find_held(attempt.id.parse().expect("an id")).await.expect("the table");
            waiting.push((attempt, row_of(&world, &held.expect("a consent").envelope).await));
        }
        let (mine, theirs) = (&waiting[0], &waiting[1]);
        copy(&world, &theirs.1, &mine.1).await;
        is_a_bare_fault(&mine.0.select(&mine.0.selectable().await, true).await);
        assert_eq!(world.owner("ws_1").get("/v1/workspaces/ws_1/limits").await.body["total"]["used"], 0);
        let id: domain::ConnectSessionId = mine.0.id.parse().expect("an id");
        assert_eq!(alarms(&world, id.into()), 1);
    }
}

/// CHK-S6: a whole grant under another one's key is not that other one.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_row_of_another_grant_revokes_nobody() {
    for world in worlds().await {
        let (first, here, mine) = connected(&world, "ws_1", "x", "acme").await;
        let (_, _, theirs) = connected(&world, "ws_2", "x", "mallory").await;
        copy(&world, &row_of(&world, &theirs.envelope).await, &row_of(&world, &mine.envelope).await).await;
        is_a_bare_fault(&first.post(&format!("/v1/accounts/{here}/disconnect"), json!({})).await);
        assert_eq!(world.calls("revoke").await, 0);
        let tokens = world.tokens(&theirs).await;
        assert_eq!(world.ask_platform("api.x.com/2/users/me", &tokens.access).await.status, 200);
    }
}

/// CHK-S6: what never opens is given up after seven days like the rest, and no sweep looks at it for ever.
#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_that_never_opens_is_given_up() {
    for world in worlds().await {
        let (owner, id, grant) = connected(&world, "ws_1", "x", "acme").await;
        let (_, _, other) = connected(&world, "ws_2", "x", "mallory").await;
        put(&world, &[(&grant.envelope, &other.envelope)]).await;
        assert_eq!(disconnect(&owner, &id).await["revocation"]["status"], "pending");
        world.advance(SignedDuration::from_mins(2));
        assert_eq!(world.job("sweep").await["revocations"]["pending"], 1);
        assert_eq!(world.job("sweep").await["revocations"]["due"], 0, "it waits its turn");
        world.advance(SignedDuration::from_hours(24 * 8));
        assert_eq!(world.job("sweep").await["revocations"]["failed"], 1);
        assert!(world.grant(grant.id).await.is_none());
    }
}

/// CHK-S7: an older envelope of the very same grant.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_envelope_under_a_newer_row_does_not_open() {
    for world in worlds().await {
        let (owner, id, old) = connected(&world, "ws_1", "facebook", "acme").await;
        assert_eq!(world.connect(&owner, "facebook", "acme").await, [id.as_str()]);
        let new = world.grant(old.id).await.expect("the same grant");
        assert_eq!((new.id, new.version), (old.id, old.version + 1));
        put(&world, &[(&new.envelope, &old.envelope)]).await;
        let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
        is_a_bare_fault(&callback(&world, &attempt, "acme").await);
        assert_eq!(disconnect(&owner, &id).await["revocation"]["status"], "pending");
        assert_eq!((alarms(&world, old.id), world.calls("revoke").await), (2, 0));
        put(&world, &[(&old.envelope, &new.envelope)]).await;
        world.advance(SignedDuration::from_mins(2));
        assert_eq!(world.job("sweep").await["revocations"]["revoked"], 1);
    }
}
