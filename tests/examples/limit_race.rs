//! A thousand times sixteen at once at the table: for the last place of a plan, for places while the plan becomes smaller,
//! for the main account while accounts go, and for one identity in two workspaces. Prints how often what must hold did not, and fails if it ever did not.
//!
//! `cargo run -p tests --example limit_race [rounds]`

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use domain::{
    Access, Account, AccountId, ConnectSession, ConnectSessionId, ConnectedBy, Entropy, Envelope, Fault, Grant,
    GrantFacts, GrantId, Lifecycle, OrgId, Person, PlanCatalogue, Renewal, Timestamp, Workspace, WorkspaceId,
    account::Profile,
    connect::{SESSION_LIFETIME, Stage},
    grant::{Due, Expiry, GrantState, Upkeep, Work},
    renewal::Hold,
};
use dynoxide::Database;
use futures::future::join_all;
use local::{embedded, entropy::SystemEntropy};
use store::{
    AccountChange, AccountFilter, Committed, Connect, Connected, Disconnect, GrantChange, Store, Stretch, create_table,
};
use tokio::time::Instant;

const ROUNDS: usize = 1_000;
const AT_ONCE: usize = 16;
/// What `starter` allows on each platform.
const LIMIT: u32 = 3;
const TABLE: &str = "race";

/// One attempt of one person to connect the one account that is theirs.
struct Attempt {
    session: ConnectSession,
    account: Account,
    grant: Grant,
}

impl Attempt {
    fn new(workspace: &WorkspaceId, org: &OrgId, person: usize, now: Timestamp) -> Self {
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
            org: org.clone(),
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
            through: None,
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
                fetched: domain::Fetched::default(),
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
    async fn run(self, store: &Store, plans: &PlanCatalogue, now: Timestamp) -> Result<bool, Fault> {
        let Self { session, account, grant } = self;
        store.insert_session(&session, None).await?;
        let next = ConnectSession { stage: Stage::Completed { accounts: vec![account.id] }, version: 1, ..session };
        let identity = account.profile.platform_account_id.clone();
        let (accounts, grant) = (
            [AccountChange { before: None, after: account, picture: None, beside: None, asked: None }],
            GrantChange::New { grant, ended: None },
        );
        loop {
            let workspace = store.find_workspace(&next.workspace, &next.org).await?;
            let connect = Connect {
                session: &next,
                workspace: &workspace,
                plan: &workspace.plan(plans, next.plan.as_deref()),
                accounts: &accounts,
                grant: &grant,
                left: &[],
                link: None,
                forget_held: false,
                events: &[],
                finish: None,
                now,
            };
            match store.connect(&connect).await? {
                Connected::Done => return Ok(true),
                Connected::Elsewhere(_) => return Ok(false),
                // No look at the count before the write: the condition alone must hold the limit.
                Connected::Stale if workspace.reached(plans, next.plan.as_deref(), &next.platform, 1).is_some() => {
                    return Ok(false);
                }
                // Somebody else has connected it here; the product heals that one.
                Connected::Stale
                    if !store.find_claimed(&next.workspace, &next.platform, &[&identity]).await?.is_empty() =>
                {
                    return Ok(false);
                }
                Connected::Stale | Connected::Busy => {}
                other => return Err(Fault::Inconsistent(format!("{other:?}"))),
            }
        }
    }
}

/// The table, and what all rounds share.
#[derive(Clone)]
struct Race {
    store: Store,
    plans: Arc<PlanCatalogue>,
    now: Timestamp,
}

/// What a race found in one round: nothing, or what does not hold.
type Found = Result<Option<String>, Fault>;

impl Race {
    async fn rows(&self, workspace: &WorkspaceId, org: &OrgId) -> Result<(Workspace, Vec<Account>), Fault> {
        let stretch = Stretch { limit: 200, ..Stretch::default() };
        let filter = AccountFilter::default();
        let page = self.store.list_accounts(workspace, org, &filter, stretch, |_| true).await?;
        Ok((page.workspace, page.accounts))
    }

    async fn connect(&self, workspace: &WorkspaceId, org: &OrgId, person: usize) -> Result<bool, Fault> {
        let attempt = Attempt::new(workspace, org, person, self.now);
        Box::pin(attempt.run(&self.store, &self.plans, self.now)).await
    }

    /// Sixteen people for the last place.
    async fn limit(&self, number: usize) -> Found {
        let workspace: WorkspaceId = format!("limit_{number}").parse().expect("an id");
        let org = OrgId::from(&workspace);
        for person in (AT_ONCE..).take(2) {
            self.connect(&workspace, &org, person).await?;
        }
        let racers = (0..AT_ONCE).map(|person| {
            let (race, workspace, org) = (self.clone(), workspace.clone(), org.clone());
            tokio::spawn(async move { race.connect(&workspace, &org, person).await })
        });
        let won = won(join_all(racers).await)?;
        let (counted, rows) = self.rows(&workspace, &org).await?;
        let holds = won == 1 && counted.total == LIMIT && rows.len() == 3;
        Ok((!holds).then(|| format!("{won} won, {} counted, {} rows", counted.total, rows.len())))
    }

    /// Sixteen people for three places while the plan becomes one of a single place: whoever is later has none.
    async fn plan(&self, number: usize) -> Found {
        let workspace: WorkspaceId = format!("plan_{number}").parse().expect("an id");
        let org = OrgId::from(&workspace);
        let racers: Vec<_> = (0..AT_ONCE)
            .map(|person| {
                let (race, workspace, org) = (self.clone(), workspace.clone(), org.clone());
                tokio::spawn(async move { race.connect(&workspace, &org, person).await })
            })
            .collect();
        // The others have read the plan by now, and are about to write.
        while self.store.find_workspace(&workspace, &org).await?.total == 0 {}
        let mut smaller = Workspace::empty(workspace.clone(), org.clone());
        (smaller.configuration.plan, smaller.version) = (Some("free".to_owned()), 1);
        let settle = Some((&BTreeSet::new(), self.now));
        while self.store.configure_workspace(&smaller, settle, None).await? != Committed::Done {}
        let there = self.store.find_workspace(&workspace, &org).await?.total;
        won(join_all(racers).await)?;
        let (counted, rows) = self.rows(&workspace, &org).await?;
        let holds = counted.total == there.max(1) && usize::try_from(counted.total).is_ok_and(|n| n == rows.len());
        Ok((!holds).then(|| format!("{there} when the plan was set, {} counted, {} rows", counted.total, rows.len())))
    }

    /// Sixteen who choose one of three accounts as the main one, or disconnect one of two.
    async fn main(&self, number: usize) -> Found {
        let workspace: WorkspaceId = format!("main_{number}").parse().expect("an id");
        let org = OrgId::from(&workspace);
        for person in 0..3 {
            self.connect(&workspace, &org, person).await?;
        }
        let (_, accounts) = self.rows(&workspace, &org).await?;
        let racers = (0..AT_ONCE).map(|racer| {
            let (race, account) = (self.clone(), accounts[racer % 3].id);
            let (workspace, org) = (workspace.clone(), org.clone());
            tokio::spawn(async move {
                if racer % 5 == 1 && account != race.last(&workspace, &org).await? {
                    race.disconnect(&workspace, &org, account).await
                } else {
                    race.choose(&workspace, &org, account).await
                }
            })
        });
        won(join_all(racers).await)?;
        let (workspace, rows) = self.rows(&workspace, &org).await?;
        let active: BTreeSet<AccountId> =
            rows.iter().filter(|a| a.lifecycle == Lifecycle::Active).map(|a| a.id).collect();
        let mains: Vec<&AccountId> = workspace.main.values().collect();
        let counted = usize::try_from(workspace.total).is_ok_and(|total| total == active.len());
        let holds = counted && mains.len() <= 1 && mains.iter().all(|main| active.contains(*main));
        Ok((!holds).then(|| format!("main {mains:?}, connected {active:?}, counted {}", workspace.total)))
    }

    /// The account that nobody disconnects.
    async fn last(&self, workspace: &WorkspaceId, org: &OrgId) -> Result<AccountId, Fault> {
        let (_, rows) = self.rows(workspace, org).await?;
        rows.last().map(|account| account.id).ok_or_else(|| Fault::Inconsistent("no account".to_owned()))
    }

    async fn choose(&self, workspace: &WorkspaceId, org: &OrgId, id: AccountId) -> Result<bool, Fault> {
        loop {
            let found = self.store.find_account(workspace, id).await?;
            let Some(account) = found.filter(|a| a.lifecycle == Lifecycle::Active) else { return Ok(false) };
            let workspace = self.store.find_workspace(workspace, org).await?;
            if self.store.set_main(&workspace, &account, &[], None, self.now).await? == Committed::Done {
                return Ok(true);
            }
        }
    }

    async fn disconnect(&self, id: &WorkspaceId, org: &OrgId, account: AccountId) -> Result<bool, Fault> {
        loop {
            let found = self.store.find_account(id, account).await?;
            let Some(before) = found.filter(|a| a.lifecycle == Lifecycle::Active) else { return Ok(false) };
            let workspace = self.store.find_workspace(id, org).await?;
            let (_, rows) = self.rows(id, org).await?;
            let mut others = rows.iter().filter(|a| a.id != account && a.lifecycle == Lifecycle::Active).map(|a| a.id);
            let only = others.next().filter(|_| others.next().is_none() && workspace.is_main(account));
            let Some(grant) = (match before.grant {
                Some(grant) => self.store.find_grant(grant).await?,
                None => None,
            }) else {
                return Ok(false);
            };
            let grant = Grant {
                accounts: BTreeSet::new(),
                revision: grant.revision + 1,
                state: GrantState::Revoking { since: self.now, attempts: 0, quietly: false },
                due: Some(Due { work: Work::Revoke, at: self.now }),
                ..grant
            };
            let after = Account {
                lifecycle: Lifecycle::Disconnected,
                grant: None,
                ended_grant: Some(grant.id),
                disconnected_at: Some(self.now),
                version: before.version + 1,
                ..before.clone()
            };
            let leaving = Disconnect {
                runs: &[],
                workspace: &workspace,
                before: &before,
                after: Some(&after),
                grant: Some(&grant),
                successor: only,
                events: &[],
                finish: None,
                now: self.now,
            };
            if self.store.disconnect(&leaving).await? == Committed::Done {
                return Ok(true);
            }
        }
    }

    /// One identity, sixteen times in two workspaces of an organisation.
    async fn uniqueness(&self, number: usize) -> Found {
        let org: OrgId = format!("org_{number}").parse().expect("an id");
        let sides: Vec<WorkspaceId> =
            ["a", "b"].map(|side| format!("unique_{number}_{side}").parse().expect("an id")).to_vec();
        let racers = (0..AT_ONCE).map(|racer| {
            let (race, workspace, org) = (self.clone(), sides[racer % 2].clone(), org.clone());
            tokio::spawn(async move { race.connect(&workspace, &org, 0).await })
        });
        let won = won(join_all(racers).await)?;
        let (mut counted, mut rows) = (0, 0);
        for side in &sides {
            let (workspace, accounts) = self.rows(side, &org).await?;
            counted += workspace.total;
            rows += accounts.len();
        }
        let holders = self.store.find_holders(&org, &"x".parse().expect("an id"), "person-0").await?;
        let holds = won == 1 && counted == 1 && rows == 1 && holders.len() == 1;
        Ok((!holds).then(|| format!("{won} won, {counted} counted, {rows} rows, held by {holders:?}")))
    }
}

/// How many racers got what they wanted.
fn won(racers: Vec<Result<Result<bool, Fault>, tokio::task::JoinError>>) -> Result<usize, Fault> {
    let mut won = 0;
    for racer in racers {
        won += usize::from(racer.expect("no racer panics")?);
    }
    Ok(won)
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this is what the command says")]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(ROUNDS), |text| text.parse())?;
    let client = embedded::client(Database::memory()?);
    create_table(&client, TABLE).await?;
    let store = Store::new(client, TABLE, 4, Arc::new(SystemEntropy));
    let race = Race { store, plans: Arc::new(PlanCatalogue::shipped("merged")?), now: tests::BEGINNING.parse()? };
    let mut violations = 0;
    for name in ["limit", "plan", "main", "uniqueness"] {
        let (began, mut broken) = (Instant::now(), 0);
        for number in 0..rounds {
            let found = match name {
                "limit" => Box::pin(race.limit(number)).await?,
                "plan" => Box::pin(race.plan(number)).await?,
                "main" => Box::pin(race.main(number)).await?,
                _ => Box::pin(race.uniqueness(number)).await?,
            };
            if let Some(found) = found {
                broken += 1;
                println!("{name}, round {number}: {found}");
            }
        }
        let seconds = began.elapsed().as_secs_f32();
        println!("{name}: {rounds} rounds of {AT_ONCE} at once in {seconds:.1} s, {broken} violations");
        violations += broken;
    }
    Ok(if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
