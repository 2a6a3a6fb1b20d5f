//! What each operation takes of the table: units and round trips, exactly. ARCHITECTURE.md shows the same figures.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::{
    Attempt, Caller, Options, World,
    count::{Count, Trip},
};

/// What one operation takes, and what it would take at least.
struct Row {
    operation: &'static str,
    /// Write units, read units and round trips.
    takes: (f64, f64, usize),
    /// The least: write units and read units.
    least: (f64, f64),
    /// What each unit above the least is for.
    above: &'static str,
}

const fn row(operation: &'static str, takes: (f64, f64, usize), least: (f64, f64), above: &'static str) -> Row {
    Row { operation, takes, least, above }
}

const ROWS: [Row; 25] = [
    row(
        "start",
        (3.0, 1.0, 6),
        (1.0, 0.5),
        "on record: write 1, read 0.5; write: attempts counted 1; the first of an hour finds none to count on",
    ),
    row("start page", (0.0, 1.0, 1), (0.0, 0.5), "consistent 0.5: the attempt is a moment old"),
    row("Continue", (1.0, 1.5, 3), (1.0, 1.0), "consistent 0.5: the attempt is a moment old"),
    row(
        "callback that connects one X profile",
        (27.0, 3.5, 10),
        (10.0, 0.0),
        "on record: write 1, read 0.5; write: first run 1 + 1 index, attempts 1, session 2, organisation's claim 2, grant by person 2, subject 2, outbox 2 + 1 index, published 1 + 1 index; read, to judge: workspace 1, claim 1, grant by person 1",
    ),
    row(
        "callback that connects one Facebook page",
        (29.0, 4.5, 11),
        (10.0, 0.0),
        "the same, and grant 2: the person's and the page's token make it 2 KB; read, to judge their other accounts: grant by person 1",
    ),
    row(
        "callback that heals one",
        (19.0, 5.5, 12),
        (5.0, 0.0),
        "on record: write 1, read 0.5; write: next run 1, claim 2, attempts 1, session 2, organisation's claim 2, outbox 2 + 1 index, published 1 + 1 index; read, to judge: workspace 1, claim 1, account 1, grant by person 1, grant 1",
    ),
    row("the same callback again", (0.0, 1.0, 2), (0.0, 0.5), "consistent 0.5: the outcome is a moment old"),
    row(
        "callback that offers 25",
        (35.0, 1.5, 5),
        (18.0, 0.0),
        "attempts 1, 15 KB of offers and sealed tokens and the session in one transaction 16; read, to judge their other accounts: grant by person 1",
    ),
    row("candidates, 25", (0.0, 43.0, 5), (0.0, 28.0), "consistent 15: session, offers and claims are a moment old"),
    row(
        "selection that connects 25",
        (297.0, 32.5, 35),
        (154.0, 5.0),
        "on record: write 1, read 0.5; write: first runs 25 + 25 index, session 4, grant of 9 KB 18, grant by person 2, subject 2, offers destroyed 30, outbox 22 + 1 index, published 11 + 1 index; read, to judge: workspace 1, claims 25, grant by person 1",
    ),
    row("list 25", (0.0, 2.0, 1), (0.0, 2.0), ""),
    row(
        "get",
        (0.0, 8.0, 8),
        (0.0, 4.5),
        "consistent 3.5: who has just connected it, used it, set it, asked for its data or reported what is planned with it finds it",
    ),
    row("permissions", (0.0, 2.0, 2), (0.0, 1.0), "consistent 1: who has just connected it finds it"),
    row(
        "health",
        (0.0, 2.5, 3),
        (0.0, 1.5),
        "consistent 1: who has just connected it finds it, and the incident that just began",
    ),
    row(
        "set main",
        (10.0, 2.5, 6),
        (4.0, 0.0),
        "on record: write 1, read 0.5; write: outbox 2 + 1 index, published 1 + 1 index; read, to judge: account 1, workspace 1",
    ),
    row(
        "disconnect one of 25 on a consent",
        (32.0, 6.5, 8),
        (26.0, 0.0),
        "on record: write 1, read 0.5; write: outbox 2 + 1 index, published 1 + 1 index; read, to judge: account 1, workspace 1, grant of 9 KB 3, to tell: what is planned 1",
    ),
    row(
        "disconnect the last of its consent",
        (29.0, 8.0, 12),
        (15.0, 0.0),
        "on record: write 1, read 0.5; write: grant by person 2, subject 2, outbox 2 + 1 index, published 1 + 1 index, the grant held to revoke it 2, its second KB and its due entry deleted 2; read, to judge: account 1, workspace 1, grant 1 + 1, successor as main 2.5, to tell: what is planned 1",
    ),
    row("health of a past moment", (0.0, 3.5, 4), (0.0, 2.0), "consistent 1.5: what has just ended is found"),
    row("hand-off", (2.0, 1.5, 4), (1.0, 0.0), "on record: write 1, read 0.5; read, to judge: session 1"),
    row("confirm", (1.0, 1.0, 2), (1.0, 0.0), "read, to judge: session 1"),
    row(
        "cancel",
        (5.0, 1.5, 4),
        (1.0, 0.0),
        "on record: write 1, read 0.5; write: offers destroyed with it 3; read, to judge: session 1",
    ),
    row(
        "start with an idempotency key",
        (7.0, 1.0, 6),
        (1.0, 0.5),
        "on record: write 1, read 0.5; key taken 1, attempts counted 1, session and key in one transaction 3",
    ),
    row(
        "sweep, nothing due, 4 shards",
        (0.0, 17.0, 33),
        (0.0, 12.0),
        "8 kinds of work in 4 shards; consistent 1: how far the daily pass is",
    ),
    row(
        "lease",
        (2.0, 3.5, 6),
        (2.0, 1.5),
        "write: the record of the use and its count; consistent 1.5: account, grant and lockdown as they are now",
    ),
    row(
        "lease that renews",
        (10.0, 4.5, 9),
        (6.0, 1.5),
        "write: a grant of more than 1 KB 2, its due entry moved for a holder that dies 2; read: consistent 1.5, platforms in trouble 1",
    ),
];

/// A world whose table is counted.
struct Counted {
    world: World,
    owner: Caller,
    count: Count,
    seen: Vec<(f64, f64, usize)>,
}

impl Counted {
    async fn start() -> Self {
        let count = Count::default();
        let world = World::with(Options { count: Some(count.clone()), ..Options::default() }).await;
        let pages: Vec<Value> =
            (1..=25).map(|n| json!({"name": format!("Page {n:02}"), "tasks": ["MANAGE"]})).collect();
        world.add_person(json!({"id": "many", "name": "Many", "facebook": {"pages": pages}})).await;
        let owner = world.owner("ws_1");
        Self { world, owner, count, seen: Vec::new() }
    }

    /// What the table was asked since the last look.
    fn look(&mut self) {
        let trips = self.count.take();
        let sum = |writes: bool| trips.iter().filter(|t| t.writes() == writes).map(|t: &Trip| t.units).sum::<f64>();
        // A sum of nothing is negative zero.
        self.seen.push((sum(true) + 0.0, sum(false) + 0.0, trips.len()));
    }

    fn forget(&self) {
        self.count.take();
    }

    /// An attempt up to the callback's address.
    async fn consented(&self, platform: &str, person: &str) -> (Attempt, String) {
        let ask = json!({"platform": platform, "return_url": "https://app.example/done"});
        let attempt = self.world.attempt(&self.owner, ask).await;
        let callback = attempt.approved(person).await;
        self.forget();
        (attempt, callback)
    }

    async fn open(&mut self, attempt: &Attempt, callback: &str) {
        let landed = attempt.browser.open(callback).await;
        assert_eq!(landed.status, 303, "{}", landed.text);
        self.look();
    }

    async fn get(&mut self, path: &str) -> Value {
        let answer = self.owner.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.look();
        answer.body
    }

    async fn post(&mut self, path: &str, body: Value) -> Value {
        let answer = self.owner.post(path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.look();
        answer.body
    }
}

async fn measure() -> Vec<(f64, f64, usize)> {
    let mut table = Counted::start().await;
    table.forget();
    let attempt = table.world.attempt(&table.owner, json!({"platform": "x"})).await;
    table.look();
    attempt.browser.open(&attempt.start_url).await;
    table.look();
    attempt.browser.submit(&attempt.start_url, &[]).await;
    table.look();
    for (platform, person) in [("x", "acme"), ("facebook", "acme"), ("x", "acme")] {
        let (attempt, callback) = table.consented(platform, person).await;
        table.open(&attempt, &callback).await;
        if table.seen.len() == 6 {
            table.open(&attempt, &callback).await;
        }
    }
    let (attempt, callback) = table.consented("facebook", "many").await;
    table.open(&attempt, &callback).await;
    let session = format!("/v1/connect-sessions/{}", attempt.id);
    let offered = table.get(&format!("{session}/candidates")).await;
    let all: Vec<&Value> = offered["data"].as_array().expect("candidates").iter().map(|c| &c["id"]).collect();
    let chosen = table.post(&format!("{session}/selection"), json!({"candidate_ids": all})).await;
    let pages = chosen["accounts"].as_array().expect("accounts").clone();
    let id = |account: &Value| account["id"].as_str().expect("an id").to_owned();
    // Which platforms are in trouble is read twice a minute at most.
    table.owner.get("/v1/workspaces/ws_1/accounts?limit=1").await;
    table.forget();
    let listed = table.get("/v1/workspaces/ws_1/accounts?limit=25").await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(25));
    let of_x = table.owner.get("/v1/workspaces/ws_1/accounts?platform=x").await.body;
    table.forget();
    let (profile, page) = (id(&of_x["data"][0]), id(&pages[3]));
    table.get(&format!("/v1/accounts/{profile}")).await;
    table.get(&format!("/v1/accounts/{profile}/permissions")).await;
    table.get(&format!("/v1/accounts/{profile}/health")).await;
    let connected = table.world.now();
    table.world.advance(jiff::SignedDuration::from_secs(1));
    assert_eq!(table.owner.put(&format!("/v1/accounts/{page}/main")).await.status, 200);
    table.look();
    table.post(&format!("/v1/accounts/{}/disconnect", id(&pages[4])), json!({})).await;
    let receipt = table.post(&format!("/v1/accounts/{profile}/disconnect"), json!({})).await;
    assert_eq!(receipt["revocation"]["status"], "revoked");
    table.get(&format!("/v1/accounts/{profile}/health?at={connected}")).await;
    let attempt = table.world.attempt(&table.owner, json!({"platform": "x"})).await;
    table.forget();
    let session = format!("/v1/connect-sessions/{}", attempt.id);
    let handed = table.post(&format!("{session}/handoff"), json!({})).await;
    table.post(&format!("{session}/confirm"), json!({"code": handed["code"]})).await;
    assert_eq!(table.owner.delete(&session).await.status, 204);
    table.look();
    let ask = json!({"platform": "x"});
    assert_eq!(table.owner.post_once("/v1/workspaces/ws_1/connect-sessions", ask, "key").await.status, 201);
    table.look();
    // The first run of a day goes over all grants too.
    table.world.job("sweep").await;
    table.forget();
    table.world.job("sweep").await;
    table.look();
    let profile = table.world.connect(&table.owner, "x", "demo-01").await.remove(0);
    for hours in [0, 3] {
        table.world.advance(jiff::SignedDuration::from_hours(hours));
        table.owner = table.world.owner("ws_1");
        table.forget();
        let path = format!("/v1/accounts/{profile}/credential-leases");
        assert_eq!(table.owner.post(&path, json!({"purpose": "publish"})).await.status, 201);
        table.look();
    }
    table.seen
}

/// The table as ARCHITECTURE.md shows it.
fn shown() -> String {
    let mut text =
        "| operation | write units | read units | round trips | least | above it |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for Row { operation, takes: (writes, reads, trips), least: (w, r), above } in &ROWS {
        let least = [(w, "write"), (r, "read")].into_iter().filter(|(n, _)| **n > 0.0);
        let least: Vec<String> = least.map(|(n, kind)| format!("{n} {kind}")).collect();
        writeln!(text, "| {operation} | {writes} | {reads} | {trips} | {} | {above} |", least.join(", "))
            .expect("text");
    }
    text
}

/// Each operation takes exactly this, and no document says otherwise. A connect takes 24 units at most, one more for
/// the record of who connected what, and two for the run that fetches what it tells: its place in the index, its record.
#[tokio::test(flavor = "multi_thread")]
async fn each_operation_takes_exactly_what_the_table_says() {
    let measured = measure().await;
    assert_eq!(measured.len(), ROWS.len());
    let of = |operation: &str| ROWS.iter().position(|row| row.operation == operation).map(|at| measured[at]);
    assert!(of("callback that connects one X profile").is_some_and(|(writes, _, _)| writes <= 27.0));
    assert_eq!(of("list 25"), Some((0.0, 2.0, 1)));
    let wrong: Vec<String> = ROWS
        .iter()
        .zip(&measured)
        .filter(|(row, measured)| row.takes != **measured)
        .map(|(row, measured)| format!("{}: {:?} instead of {:?}", row.operation, measured, row.takes))
        .collect();
    assert!(wrong.is_empty(), "write units, read units, round trips:\n{}", wrong.join("\n"));
    let document = include_str!("../../ARCHITECTURE.md");
    assert!(document.contains(&shown()), "ARCHITECTURE.md shows another table than:\n{}", shown());
}
