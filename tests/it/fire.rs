//! Many at once, and the product's promises afterwards: one main account, one claim, no account over the plan.

use std::collections::BTreeMap;

use domain::{AccountId, Lifecycle, OrgId, WorkspaceId};
use futures::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use store::AccountFilter;
use tests::{Caller, World};

use crate::plan::{backend, patch};

/// What the record says, and what there is.
struct Found {
    workspace: domain::Workspace,
    accounts: Vec<domain::Account>,
}

impl Found {
    async fn of(world: &World, workspace: &str, org: &str) -> Self {
        let (id, org): (WorkspaceId, OrgId) = (workspace.parse().expect("an id"), org.parse().expect("an id"));
        let filter = AccountFilter::default();
        let stretch = store::Stretch { limit: 1000, ..store::Stretch::default() };
        let page =
            world.stack.services.store.list_accounts(&id, &org, &filter, stretch, |_| true).await.expect("the table");
        Self { workspace: page.workspace, accounts: page.accounts }
    }

    fn connected(&self) -> impl Iterator<Item = &domain::Account> {
        self.accounts.iter().filter(|account| account.lifecycle == Lifecycle::Active)
    }

    /// Counters and rows are the same, and a main account is a connected one of its platform.
    fn holds(&self) {
        let counted = |found: usize| u32::try_from(found).expect("small");
        assert_eq!(self.workspace.total, counted(self.connected().count()));
        let mut each = BTreeMap::<_, u32>::new();
        self.connected().for_each(|account| *each.entry(account.platform.clone()).or_default() += 1);
        let used: BTreeMap<_, u32> = self.workspace.per_platform.clone().into_iter().filter(|(_, n)| *n > 0).collect();
        assert_eq!(used, each);
        assert_eq!(self.workspace.suspended, counted(self.connected().filter(|a| a.is_over_plan()).count()));
        assert!(self.accounts.iter().all(|a| a.lifecycle == Lifecycle::Active || a.suspended.is_none()));
        for (platform, main) in &self.workspace.main {
            let row = self.connected().find(|account| account.id == *main);
            assert_eq!(row.map(|account| &account.platform), Some(platform), "{main} is main");
        }
    }
}

/// People with an X profile each.
async fn people(world: &World, many: usize) -> Vec<String> {
    let people: Vec<String> = (0..many).map(|n| format!("runner-{n:02}")).collect();
    for person in &people {
        world.steer(Method::POST, "people", json!({"id": person, "name": person, "x": {}})).await;
    }
    people
}

/// CHK-P10: 64 at once choose the main account, disconnect and remove.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_choose_and_disconnect_at_once_one_connected_account_is_main() {
    const ROUNDS: usize = 5;
    let world = World::start().await;
    let people = people(&world, 8).await;
    for round in 0..ROUNDS {
        let ws = format!("ws_{round}");
        let owner = world.owner(&ws);
        let mut ids = Vec::new();
        for person in &people {
            ids.extend(world.connect(&owner, "x", person).await);
        }
        let calls = (0..64).map(|n| {
            // Four of the eight accounts are let go, four stay.
            let at = match n % 8 {
                1 => n / 8 % 2,
                5 => 2 + n / 8 % 2,
                _ => n + n / 8,
            };
            let (owner, id) = (&owner, &ids[(at + round) % ids.len()]);
            async move {
                match n % 8 {
                    1 => owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await,
                    5 => owner.delete(&format!("/v1/accounts/{id}")).await,
                    _ => owner.put(&format!("/v1/accounts/{id}/main")).await,
                }
            }
        });
        let answers = join_all(calls).await;
        for answer in &answers {
            let code = answer.body["code"].as_str().unwrap_or_default();
            let fine = answer.status < 300 || ["account_not_usable", "not_found", "busy"].contains(&code);
            assert!(fine, "round {round}: {}", answer.text);
        }
        let found = Found::of(&world, &ws, &ws).await;
        found.holds();
        assert_eq!(found.connected().count(), 4, "round {round}");
        // Whoever asks alone gets what they ask for, and X20 holds to the last account.
        let mut left: Vec<AccountId> = found.connected().map(|account| account.id).collect();
        while let Some(last) = left.pop() {
            let chosen = owner.put(&format!("/v1/accounts/{last}/main")).await;
            assert_eq!(chosen.status, 200, "{}", chosen.text);
            assert_eq!(owner.post(&format!("/v1/accounts/{last}/disconnect"), json!({})).await.status, 200);
            let mains = owner.get(&format!("/v1/workspaces/{ws}/accounts/main")).await.body["data"].clone();
            let expected = if let [only] = &left[..] { json!(only.to_string()) } else { Value::Null };
            assert_eq!(mains["x"]["id"], expected, "round {round}");
        }
        Found::of(&world, &ws, &ws).await.holds();
    }
}

/// CHK-P9: one identity, two workspaces of an organisation, 32 at once, twenty times.
#[tokio::test(flavor = "multi_thread")]
async fn of_32_who_connect_the_same_account_at_once_one_workspace_gets_it() {
    const ROUNDS: usize = 20;
    let world = World::start().await;
    for round in 0..ROUNDS {
        // X counts each person's calls by the quarter of an hour.
        world.advance(jiff::SignedDuration::from_mins(16));
        let org = format!("org_{round}");
        let [a, b] = ["a", "b"].map(|side| {
            let ws = format!("ws_{round}_{side}");
            world.caller(json!({"ws": ws, "org": org, "role": "owner", "plan": "enterprise"}))
        });
        let attempts: Vec<_> = join_all((0..32).map(|n| {
            let caller = if n % 2 == 0 { &a } else { &b };
            let world = &world;
            async move {
                let attempt = world.attempt(caller, json!({"platform": "x"})).await;
                let callback = attempt.approved("acme").await;
                (attempt, callback)
            }
        }))
        .await;
        join_all(attempts.iter().map(|(attempt, callback)| attempt.browser.open(callback))).await;
        let sides = [Found::of(&world, &a.workspace(), &org).await, Found::of(&world, &b.workspace(), &org).await];
        sides.iter().for_each(Found::holds);
        let rows: usize = sides.iter().map(|side| side.accounts.len()).sum();
        assert_eq!(rows, 1, "round {round}");
        let claims = world.dump().await.into_keys().filter(|key| key.contains(&format!("G#{org}#"))).count();
        assert_eq!(claims, 1, "round {round}");
        for (at, (attempt, _)) in attempts.iter().enumerate() {
            let session = attempt.session().await;
            let code = session["error"]["code"].as_str();
            if sides[at % 2].accounts.is_empty() {
                assert_eq!(code, Some("already_connected_elsewhere"), "round {round}: {session}");
            } else {
                // The same account is healed by whoever comes later, or by nobody where too many came at once.
                assert!(session["status"] == "completed" || code == Some("busy"), "round {round}: {session}");
            }
        }
    }
}

/// CHK-P9: plans go up and down while accounts come and go. At the end no account is over the plan and usable,
/// and none is suspended that has a place.
#[tokio::test(flavor = "multi_thread")]
async fn plans_that_change_while_accounts_come_and_go_leave_none_over_them() {
    const ROUNDS: usize = 8;
    const PLANS: [&str; 3] = ["free", "starter", "professional"];
    let world = World::start().await;
    let people = people(&world, 24).await;
    for round in 0..ROUNDS {
        let ws = format!("ws_{round}");
        let (owner, backend) = (world.owner(&ws), backend(&world, &ws).await);
        let (there, coming) = people.split_at(8);
        let mut ids = Vec::new();
        for person in there {
            ids.extend(world.connect(&owner, "x", person).await);
        }
        let waiting = join_all(coming.iter().map(|person| approved(&world, &owner, person))).await;
        let resize = (0..16).map(|n| {
            let (backend, ws) = (&backend, &ws);
            let plan = PLANS[(n * 5 + round) % PLANS.len()];
            async move { patch(backend, ws, json!({"plan": plan})).await }
        });
        let leave = ids.iter().step_by(2).map(|id| {
            let (owner, path) = (&owner, format!("/v1/accounts/{id}/disconnect"));
            async move { owner.post(&path, json!({})).await }
        });
        let come = waiting.iter().map(|(attempt, callback)| attempt.browser.open(callback));
        let ((resized, left), _) = join(join(join_all(resize), join_all(leave)), join_all(come)).await;
        for answer in resized.iter().chain(&left) {
            assert!(answer.status == 200 || answer.body["code"] == "busy", "round {round}: {}", answer.text);
        }
        // Whatever was left is settled as it is when a process died.
        world.advance(jiff::SignedDuration::from_secs(31));
        world.job("sweep").await;
        let found = Found::of(&world, &ws, &ws).await;
        found.holds();
        assert!(!found.workspace.settlement.open, "round {round}: all is settled");
        in_step(&world, &owner, &found, round).await;
    }
}

/// Usable accounts are as many as the plan allows, if there are so many; and the newest and no main one are suspended.
async fn in_step(world: &World, owner: &Caller, found: &Found, round: usize) {
    let bounds = found.workspace.bounds(&world.stack.services.plans);
    let usable = found.connected().filter(|account| !account.is_over_plan()).count();
    let most: Option<u32> = bounds.per_platform.into();
    let most = usize::try_from(most.expect("a limit")).expect("small");
    assert_eq!(usable, most.min(found.connected().count()), "round {round}");
    let limits = owner.get(&format!("/v1/workspaces/{}/limits", found.workspace.id)).await.body;
    assert_eq!(limits["suspended"].as_array().map(Vec::len), Some(found.connected().count() - usable), "{limits}");
    let main = found.workspace.main.values().next();
    let held = |id: &AccountId| {
        limits["suspended"].as_array().is_some_and(|all| all.iter().any(|a| a["id"] == id.to_string()))
    };
    assert!(main.is_none_or(|main| !held(main)), "round {round}: the main account is usable");
}

async fn approved(world: &World, caller: &Caller, person: &str) -> (tests::Attempt, String) {
    // The plan lets them begin; whether there is room when they come back is another matter.
    let attempt = world.attempt(caller, json!({"platform": "x"})).await;
    let callback = attempt.approved(person).await;
    (attempt, callback)
}
