//! What platforms may be asked is counted in the table, before it is asked.

mod ops;
mod stop;

use app::{
    Services,
    budget::{self, Class, Taken, Want, Why},
};
use domain::{Account, AccountId, MethodId, PlatformId, Timestamp, TokenSet, WorkspaceId};
use jiff::SignedDuration;
use platforms::{Connector, PlatformError, Snapshot, Which};
use serde_json::json;
use tests::{Caller, Options, World};

/// A method.
struct By {
    platform: PlatformId,
    method: MethodId,
}

impl By {
    fn new(platform: &str, method: &str) -> Self {
        Self { platform: platform.parse().expect("legal"), method: method.parse().expect("legal") }
    }

    fn want<'a>(&'a self, class: Class, of: &'a [(WorkspaceId, AccountId)]) -> Want<'a> {
        Want { platform: &self.platform, method: &self.method, class, of }
    }
}

/// So many accounts of a workspace, as if there were any.
fn accounts(workspace: &str, count: u16) -> Vec<(WorkspaceId, AccountId)> {
    let workspace: WorkspaceId = workspace.parse().expect("legal");
    let id = |number: u16| {
        let mut bytes = [7; 16];
        bytes[14..].copy_from_slice(&number.to_be_bytes());
        AccountId::new(Timestamp::UNIX_EPOCH, bytes)
    };
    (0..count).map(|number| (workspace.clone(), id(number))).collect()
}

/// Another process on the same table.
fn another(world: &World) -> Services {
    Services { guard: std::sync::Arc::default(), ..world.stack.services.clone() }
}

async fn take(services: &Services, want: &Want<'_>) -> Taken {
    budget::take(services, want).await.expect("the table")
}

/// How many went, why the others did not, and in how many seconds they may.
fn told(taken: &Taken, now: Timestamp) -> (usize, Option<(Why, i64)>) {
    let rest = taken.rest.as_ref().map(|rest| (rest.why, rest.until.duration_since(now).as_secs()));
    (taken.go, rest)
}

/// An account of a workspace, its client, and its tokens as they are.
async fn reach(world: &World, workspace: &str, account: &str) -> (Account, Connector, TokenSet) {
    let services = &world.stack.services;
    let (workspace, id) = (workspace.parse().expect("legal"), account.parse().expect("an id"));
    let account = services.store.find_account(&workspace, id).await.expect("the table").expect("the account");
    let grant = services.store.find_grant(account.grant.expect("a grant")).await.expect("the table").expect("it");
    let tokens = services.vault.unseal(&grant.sealed_for(), &grant.envelope).await.expect("tokens");
    let connector = services.platforms.connector(&account.platform, &account.method).expect("set up").clone();
    (account, connector, tokens)
}

fn which(account: &Account) -> Which<'_> {
    Which { id: &account.profile.platform_account_id, kind: &account.profile.kind }
}

/// A look at an account's profile.
async fn look(world: &World, workspace: &str, account: &str) -> Result<Snapshot, PlatformError> {
    let (account, connector, tokens) = reach(world, workspace, account).await;
    connector.client.profile(&tokens, which(&account), world.now()).await
}

fn one(workspace: &str, account: &str) -> Vec<(WorkspaceId, AccountId)> {
    vec![(workspace.parse().expect("legal"), account.parse().expect("an id"))]
}

/// Many takes of four processes at the same time: a hundred calls a minute, of which looking may have half.
#[tokio::test(flavor = "multi_thread")]
async fn all_processes_together_take_no_more_than_there_is() {
    let world = World::start().await;
    let processes: Vec<Services> = (0..4).map(|_| another(&world)).collect();
    let mut running = tokio::task::JoinSet::new();
    for round in 0..40 {
        let services = processes[round % processes.len()].clone();
        running.spawn(async move {
            let of = accounts(&format!("ws_{}", round % 3), 3);
            let reddit = By::new("reddit", "reddit_login");
            let taken = take(&services, &reddit.want(Class::Profile, &of)).await;
            if taken.go < 3 {
                assert_eq!(taken.rest.as_ref().map(|rest| rest.why), Some(Why::Calls));
            }
            taken.go
        });
    }
    let went: usize = running.join_all().await.into_iter().sum();
    let reddit = By::new("reddit", "reddit_login");
    let of = accounts("ws_1", 60);
    let left = take(&processes[0], &reddit.want(Class::Metrics, &of)).await;
    assert_eq!(went + left.go, 50, "the classes share it, and nothing is lost");
    assert_eq!(told(&left, world.now()).1, Some((Why::Calls, 60)));
    assert_eq!(told(&take(&processes[1], &reddit.want(Class::Profile, &of)).await, world.now()).0, 0);
    world.advance(SignedDuration::from_secs(59));
    assert_eq!(take(&processes[1], &reddit.want(Class::Profile, &of)).await.go, 0);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(take(&processes[1], &reddit.want(Class::Profile, &of)).await.go, 50);
}

/// What was not used goes to others in the same window, and to nobody in the next one.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_used_is_given_back_to_its_own_window() {
    let world = World::start().await;
    let services = &world.stack.services;
    let (reddit, of) = (By::new("reddit", "reddit_login"), accounts("ws_1", 50));
    let want = reddit.want(Class::Profile, &of);
    let first = take(services, &want).await;
    assert_eq!(first.go, 50);
    budget::give_back(services, &want, &first, 20).await.expect("the table");
    assert_eq!(take(services, &want).await.go, 20);
    world.advance(SignedDuration::from_secs(60));
    assert_eq!(take(services, &want).await.go, 50);
    budget::give_back(services, &want, &first, 30).await.expect("the table");
    assert_eq!(take(services, &want).await.go, 0, "those of a minute ago are forgotten");
}

/// A project's day at YouTube ends at midnight in California, also when its clocks change.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_s_day_ends_at_midnight_in_california() {
    let world = World::start().await;
    let services = &world.stack.services;
    let (youtube, of) = (By::new("youtube", "google_login"), accounts("ws_1", 5_100));
    let want = youtube.want(Class::Profile, &of);
    for (now, hours) in [("2026-11-23T07:30:00Z", 24), ("2027-03-14T07:30:00Z", 23), ("2027-11-07T06:30:00Z", 25)] {
        world.stack.set_time(now.parse().expect("a time"));
        let taken = take(services, &want).await;
        assert_eq!(told(&taken, world.now()), (5_000, Some((Why::Calls, 1_800))), "{now}");
        world.advance(SignedDuration::from_secs(1_799));
        assert_eq!(take(services, &want).await.go, 0, "{now}");
        world.advance(SignedDuration::from_secs(1));
        let next = take(services, &want).await;
        assert_eq!(told(&next, world.now()), (5_000, Some((Why::Calls, hours * 3_600))), "{now}");
    }
}

/// X's bill: a profile is paid for once in a UTC day, posts by the piece, and the simulator takes exactly as much.
#[tokio::test(flavor = "multi_thread")]
async fn the_bill_of_a_day_is_right_to_the_cent_and_shown() {
    let (bill, _) = day_at_x(None).await;
    // With exactly that on the account everything is paid, and then nothing is left; with a cent less it is not.
    assert_eq!(day_at_x(Some(bill)).await, (bill, 0), "the platform took what we counted");
    assert_ne!(day_at_x(Some(bill - 10_000)).await.1, 0, "a cent less is not enough");
}

/// Looks at two accounts, twice in a day, and at the posts of one; what we counted in millionths, and how many looks the
/// platform refused to pay for.
async fn day_at_x(balance: Option<u64>) -> (u64, usize) {
    let world = World::start().await;
    let services = &world.stack.services;
    let owner = world.owner("ws_1");
    let mut ids = Vec::new();
    for person in ["demo-01", "demo-02"] {
        ids.push(world.connect(&owner, "x", person).await.remove(0));
    }
    world.advance(SignedDuration::from_hours(24));
    for id in &ids {
        assert!(world.lease(&owner, id).await.status < 300);
    }
    if let Some(balance) = balance {
        let to = format!("{}.{:06}", balance / 1_000_000, balance % 1_000_000);
        world.event(json!({"platform": "x", "account": "", "kind": "quota_empty", "to": to})).await;
    }
    let (x, mut refused) = (By::new("x", "x_login"), 0);
    let of: Vec<_> = ids.iter().flat_map(|id| one("ws_1", id)).collect();
    let profiles = x.want(Class::Profile, &of);
    for round in 0..2 {
        let taken = take(services, &profiles).await;
        assert_eq!(taken.go, 2, "{round}");
        for id in &ids {
            // The second time it is free; an empty balance blocks that as well.
            refused += usize::from(round == 0 && look(&world, "ws_1", id).await.is_err());
        }
    }
    let posts = x.want(Class::Metrics, &of[..1]);
    let taken = take(services, &posts).await;
    let read = read_posts(&world, &ids[0]).await;
    refused += usize::from(read.is_none());
    budget::settle(services, &posts, &taken, &[read]).await.expect("the table");
    let shown = world.operator().get("/v1/ops/budgets").await.body;
    let spend = &shown["spend"][0];
    assert_eq!((&spend["platform"], &spend["date"]), (&json!("x"), &json!("2026-11-23")));
    let usd = spend["usd"].as_str().expect("dollars");
    assert_eq!(spend["by_workspace"], json!([{"workspace": "ws_1", "calls": 3, "usd": usd}]));
    let (dollars, beyond) = usd.split_once('.').expect("cents");
    let micros = format!("{dollars}{beyond:0<6}").parse().expect("a number");
    if let Some(read) = read {
        assert!(read > 0);
        assert_eq!(micros, 2 * 10_000 + read * 5_000);
    }
    if balance.is_some() && refused == 0 {
        assert!(look(&world, "ws_1", &ids[0]).await.is_err(), "nothing is left at the platform");
    }
    (micros, refused)
}

/// How many posts of an account a look at its figures reads.
async fn read_posts(world: &World, account: &str) -> Option<u64> {
    let (account, connector, tokens) = reach(world, "ws_1", account).await;
    let days = ["2026-11-16".parse().expect("a day"), "2026-11-22".parse().expect("a day")];
    connector.client.metrics(&tokens, which(&account), days, world.now()).await.ok()?;
    world.stack.services.platforms.take_read(&account.platform, which(&account).id)
}

/// The operator's cap is over all workspaces, and a workspace's own over it alone; both last until the UTC day is over.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_spent_beyond_a_cap() {
    let world = World::with(Options { spend: Some("x=1"), ..Options::default() }).await;
    let services = &world.stack.services;
    let backend: Caller = world.owner("ws_1").program(&["workspace:write", "accounts:read"]).await.1;
    let cap = json!({"overrides": {"max_spend_usd_per_day": 0}});
    let set = tests::send(backend.call(reqwest::Method::PATCH, "/v1/workspaces/ws_1").json(&cap)).await;
    assert_eq!((set.status, &set.body["overrides"]["max_spend_usd_per_day"]), (200, &json!(0)), "{}", set.text);

    let x = By::new("x", "x_login");
    let (poor, mut rich) = (accounts("ws_1", 1), accounts("ws_2", 120));
    let until_midnight = Some((Why::Money, 14 * 3_600));
    let taken = take(services, &x.want(Class::Profile, &poor)).await;
    assert_eq!(told(&taken, world.now()), (0, until_midnight));
    assert_eq!(taken.rest.expect("refused").workspace.expect("its own cap").as_str(), "ws_1");
    // Sixty are wanted by each of two processes, and a dollar pays for a hundred.
    let (one, two) = rich.split_at(60);
    let other = another(&world);
    let (here, there) = (x.want(Class::Profile, one), x.want(Class::Profile, two));
    let (first, second) = tokio::join!(take(services, &here), take(&other, &there));
    assert_eq!(first.go + second.go, 100);
    let short = if first.go < 60 { &first } else { &second };
    assert_eq!(
        (told(short, world.now()).1, short.rest.as_ref().and_then(|r| r.workspace.clone())),
        (until_midnight, None)
    );
    // Who was paid for today goes for nothing; posts do not.
    assert_eq!(take(services, &x.want(Class::Profile, &one[..first.go])).await.go, first.go);
    assert_eq!(take(services, &x.want(Class::Metrics, &one[..1])).await.go, 0);
    // What was not used can be used by somebody else.
    budget::give_back(services, &x.want(Class::Profile, one), &first, 1).await.expect("the table");
    let again = take(services, &x.want(Class::Profile, &accounts("ws_3", 200)[198..])).await;
    assert_eq!(again.go, 1);
    world.advance(SignedDuration::from_hours(14));
    rich.truncate(100);
    assert_eq!(take(services, &x.want(Class::Profile, &rich)).await.go, 100);
}
