//! The catalogue as a workspace sees it.

use std::sync::Arc;

use domain::{Account, Allowed, Code, Error, Limit, PlatformId, Workspace, WorkspaceId, actor::permit, plan::Reached};
pub use platforms::{Blast, Entry};

use crate::{Services, workspace::own};

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
            Some(id) if actor.sees(*id) => services.store.find_account(&found.id, *id).await?,
            _ => None,
        };
        cards.push(card(services, actor.plan.as_deref(), &found, platform, main));
    }
    Ok(cards)
}

fn card(
    services: &Services,
    plan: Option<&str>,
    workspace: &Workspace,
    platform: Platform,
    main: Option<Account>,
) -> Card {
    let reached = workspace.reached(&services.plans, plan, &platform.id, 1);
    let limit = workspace.plan(&services.plans, plan).max_per_platform;
    Card { limit, used: workspace.used(&platform.id), main, reached, platform }
}
