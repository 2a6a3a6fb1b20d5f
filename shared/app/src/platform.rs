//! The catalogue as a workspace sees it.

mod notice;

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Account, Actor, Allowed, Code, Error, Lifecycle, Limit, Permission, PlatformId, Timestamp, Workspace, WorkspaceId,
    actor::permit, health::State, plan::Reached,
};
pub use notice::Notice;
pub(crate) use notice::warn;
pub use platforms::{
    ApiVersion, Blast, Children, Endpoint, Entry, ErrorRule, Fact, Level, OtherVersion, Price, RateLimit, Requirement,
    Stage, Wording,
};
use store::AccountFilter;

use crate::{
    Services,
    account::{self, Shown},
    guard::outage_since,
    workspace::own,
};

/// One platform with its methods.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Its id.
    pub id: PlatformId,
    /// What people call it.
    pub name: String,
    /// Its methods, the default one first, each with whether our app is set up.
    pub methods: Vec<(Arc<Entry>, bool)>,
}

impl Platform {
    /// Whether any method is set up.
    pub fn configured(&self) -> bool {
        self.methods.iter().any(|(_, configured)| *configured)
    }
}

/// A platform in a workspace.
#[derive(Debug, Clone)]
pub struct Card {
    /// The platform.
    pub platform: Platform,
    /// Accounts that count.
    pub used: u32,
    /// Its main account.
    pub main: Option<Account>,
    /// How many accounts the plan allows here.
    pub limit: Limit,
    /// The limit that another account would exceed.
    pub reached: Option<Reached>,
    /// Whether the caller may connect accounts.
    pub may_connect: bool,
}

/// Every platform, in the catalogue's order.
pub fn list(services: &Services) -> Vec<Platform> {
    let mut platforms: Vec<Platform> = Vec::new();
    for entry in services.platforms.entries() {
        let configured = services.platforms.connector(&entry.platform, &entry.method).is_some();
        let method = (Arc::clone(entry), configured);
        match platforms.iter_mut().find(|p| p.id == entry.platform) {
            Some(platform) => platform.methods.push(method),
            None => platforms.push(Platform {
                id: entry.platform.clone(),
                name: entry.platform_name.clone(),
                methods: vec![method],
            }),
        }
    }
    platforms
}

/// One platform.
pub fn get(services: &Services, id: &PlatformId) -> Result<Platform, Error> {
    list(services).into_iter().find(|p| p.id == *id).ok_or_else(|| Code::NotFound.into())
}

/// The platforms in trouble, and since when.
pub async fn troubles(services: &Services) -> Result<BTreeMap<PlatformId, Timestamp>, Error> {
    let (incidents, now) = (services.guard.incidents(services).await?, services.now());
    let since = |platform: Platform| outage_since(&incidents, &platform.id, now).map(|since| (platform.id, since));
    Ok(list(services).into_iter().filter_map(since).collect())
}

/// The worst state among the connected accounts that the caller may read, by platform.
pub async fn worst(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<BTreeMap<PlatformId, State>, Error> {
    own(actor, workspace)?;
    if !actor.may(Permission::AccountsRead) {
        return Ok(BTreeMap::new());
    }
    let incidents = services.guard.incidents(services).await?;
    let connected = AccountFilter { lifecycle: Some(Lifecycle::Active), ..AccountFilter::default() };
    let mut worst: BTreeMap<PlatformId, State> = BTreeMap::new();
    let visit = |workspace: &Workspace, account: Account| {
        if account.is_seen_by(actor) {
            let Shown { account, health, .. } = account::shown(services, &incidents, workspace, account);
            let state = worst.entry(account.platform).or_insert(health.state);
            *state = health.state.max(*state);
        }
    };
    services.store.visit_accounts(&actor.workspace, &actor.org, &connected, visit).await?;
    Ok(worst)
}

/// Every platform with what the workspace has there.
pub async fn cards(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<Vec<Card>, Error> {
    own(actor, workspace)?;
    let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let mut cards = Vec::new();
    for platform in list(services) {
        let main = match found.main.get(&platform.id) {
            Some(id) => services.store.find_account(&found.id, *id).await?.filter(|main| main.is_seen_by(actor)),
            None => None,
        };
        cards.push(card(services, actor, &found, platform, main));
    }
    Ok(cards)
}

fn card(services: &Services, actor: &Actor, workspace: &Workspace, platform: Platform, main: Option<Account>) -> Card {
    let plan = actor.plan.as_deref();
    let reached = workspace.reached(&services.plans, plan, &platform.id, 1);
    let limit = workspace.plan(&services.plans, plan).max_per_platform;
    let may_connect = actor.may(Permission::AccountsConnect);
    Card { limit, used: workspace.used(&platform.id), main, reached, may_connect, platform }
}
