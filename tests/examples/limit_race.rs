//! The limit of a plan at the store: sixteen connects at once for the last place of a plan, a thousand times.
//!
//! ```text
//! cargo run -p tests --example limit_race [ROUNDS]
//! ```
//!
//! A thousand rounds take some minutes. It ends with 1 at the first round in which the plan's count, or the
//! rows, are not exactly the limit.

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use domain::{
    Access, Account, AccountId, ConnectSession, ConnectSessionId, ConnectedBy, Entropy, Envelope, Fault, Grant,
    GrantFacts, GrantId, Lifecycle, Limit, Person, Plan, Renewal, Timestamp, WorkspaceId,
    account::Profile,
    connect::{SESSION_LIFETIME, Stage},
    grant::{Expiry, GrantState, Upkeep},
    renewal::Hold,
};
use dynoxide::Database;
use futures::future::join_all;
use local::{embedded, entropy::SystemEntropy};
use store::{AccountChange, AccountFilter, Connect, Connected, GrantChange, Store, Stretch, create_table};

const ROUNDS: usize = 1_000;
const AT_ONCE: usize = 16;
const LIMIT: u32 = 3;
const TABLE: &str = "race";

fn plan() -> Plan {
    Plan {
        id: "starter".to_owned(),
        name: "Starter".to_owned(),
        max_total: Limit::AtMost(10),
        max_per_platform: Limit::AtMost(LIMIT),
        sync_floor_minutes: 15,
    }
}

/// One attempt of one person to connect the one account that is theirs.
struct Attempt {
    session: ConnectSession,
    account: Account,
    grant: Grant,
}

impl Attempt {
    fn new(workspace: &WorkspaceId, person: usize, now: Timestamp) -> Self {
        let entropy: &dyn Entropy = &SystemEntropy;
        let random = || entropy.bytes();
        let id = format!("person-{person}");
        let person = Person { id: id.clone(), name: id.clone() };
        let by = ConnectedBy { kind: "user".to_owned(), id: "racer".to_owned(), name: None };
        let (account, grant) = (AccountId::new(now, random()), GrantId::new(now, random()));
        let (platform, method) = ("x".parse().expect("an id"), "x_login".parse().expect("an id"));
        let session = ConnectSession {
            id: ConnectSessionId::new(now, random()),
            workspace: workspace.clone(),
            org: workspace.into(),
            plan: Some("starter".to_owned()),
            platform,
            method,
            issuer: "x".to_owned(),
            asked_by: by.clone(),
            capabilities: Vec::new(),
            expected_handle: None,
            expected_platform_account_id: None,
            account: None,
            detach: false,
            fresh_consent: false,
            return_url: None,
            external_id: None,
            created_at: now,
            expires_at: now + SESSION_LIFETIME,
            also: Vec::new(),
            reuse: None,
            handoff: None,
            binding: None,
            stage: Stage::Consenting,
            gaps: Vec::new(),
            siblings_lost: Vec::new(),
            version: 0,
        };
        let profile =
            Profile { platform_account_id: id.clone(), kind: "profile".to_owned(), name: id, ..Profile::default() };
        Self {
            account: Account {
                id: account,
                workspace: workspace.clone(),
                platform: session.platform.clone(),
                method: session.method.clone(),
                profile,
                has_picture: false,
                lifecycle: Lifecycle::Active,
                grant: Some(grant),
                ended_grant: None,
                authorized_by: person.clone(),
                access: Access::default(),
                grant_facts: GrantFacts::default(),
                standing: None,
                suspended: None,
                settings: domain::account::Settings::default(),
                former_handles: Vec::new(),
                linked: None,
                facts_since: now,
                connected_by: by,
                connected_at: now,
                reconnected_at: None,
                disconnected_at: None,
                departure: None,
                external_id: None,
                version: 1,
                sequence: 1,
            },
            grant: Grant {
                id: grant,
                workspace: workspace.clone(),
                platform: session.platform.clone(),
                method: session.method.clone(),
                app: "race".to_owned(),
                person,
                only: None,
                accounts: BTreeSet::from([account]),
                copies: [].into(),
                envelope: Envelope("sealed".to_owned()),
                version: 1,
                hold: Hold::default(),
                renewal: Renewal::Silent,
                issued_at: now,
                upkeep: Upkeep::default(),
                told: GrantFacts::default(),
                due: None,
                expiry: Expiry::default(),
                scopes_checked_at: None,
                requested: Vec::new(),
                granted: None,
                state: GrantState::Live,
                revision: 1,
            },
            session,
        }
    }

    /// As the product does it: what has changed since it was read is read again, and judged again.
    async fn run(self, store: &Store, plan: &Plan, now: Timestamp) -> Result<bool, Fault> {
        let Self { session, account, grant } = self;
        store.insert_session(&session, None).await?;
        let next = ConnectSession { stage: Stage::Completed { accounts: vec![account.id] }, version: 1, ..session };
        let (accounts, grant) = (
            [AccountChange { before: None, after: account, picture: None, beside: None }],
            GrantChange::New { grant, ended: None },
        );
        loop {
            let workspace = store.find_workspace(&next.workspace, &next.org).await?;
            let connect = Connect {
                session: &next,
                workspace: &workspace,
                plan,
                accounts: &accounts,
                grant: &grant,
                left: &[],
                forget_held: false,
                events: &[],
                finish: None,
                now,
            };
            match store.connect(&connect).await? {
                Connected::Done => return Ok(true),
                // No look at the count before the write: the condition alone must hold the limit.
                Connected::Stale if workspace.total >= LIMIT => return Ok(false),
                Connected::Stale | Connected::Busy => {}
                other => return Err(Fault::Inconsistent(format!("{other:?}"))),
            }
        }
    }
}

async fn round(store: &Store, number: usize, now: Timestamp) -> Result<Option<String>, Fault> {
    let plan = plan();
    let workspace: WorkspaceId = format!("ws_{number}").parse().expect("an id");
    for person in 1..LIMIT {
        let person = AT_ONCE + usize::try_from(person).expect("small");
        Box::pin(Attempt::new(&workspace, person, now).run(store, &plan, now)).await?;
    }
    let racers = (0..AT_ONCE).map(|person| {
        let (store, plan) = (store.clone(), plan.clone());
        let attempt = Attempt::new(&workspace, person, now);
        tokio::spawn(async move { Box::pin(attempt.run(&store, &plan, now)).await })
    });
    let mut won = 0;
    for racer in join_all(racers).await {
        won += usize::from(racer.expect("no racer panics")?);
    }
    let org = (&workspace).into();
    let stretch = Stretch { limit: 200, ..Stretch::default() };
    let page = store.list_accounts(&workspace, &org, &AccountFilter::default(), stretch, |_| true).await?;
    let (counted, rows) = (page.workspace.total, page.accounts.len());
    let holds = won == 1 && counted == LIMIT && rows == usize::try_from(LIMIT).expect("small");
    Ok((!holds).then(|| format!("round {number}: {won} won, {counted} counted, {rows} rows, {LIMIT} allowed")))
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this is what the command says")]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(ROUNDS), |text| text.parse())?;
    let client = embedded::client(Database::memory()?);
    create_table(&client, TABLE).await?;
    let store = Store::new(client, TABLE, 4, Arc::new(SystemEntropy));
    let now: Timestamp = tests::BEGINNING.parse()?;
    for number in 0..rounds {
        if let Some(broken) = Box::pin(round(&store, number, now)).await? {
            println!("{broken}");
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("{rounds} rounds of {AT_ONCE} at once: the plan held {LIMIT} each time");
    Ok(ExitCode::SUCCESS)
}
