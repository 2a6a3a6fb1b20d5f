//! What was asked of an account's consent, scope by scope, and how it came back.

use std::collections::BTreeMap;

use domain::{
    Account, AccountId, Allowed, Capability, Error, Timestamp,
    actor::permit,
    capability::{Availability, Given},
    health::Policy,
};

use crate::{Services, account, health};

/// A capability and the scopes that it needs.
#[derive(Debug, Clone)]
pub struct Needed {
    /// Which one.
    pub capability: Capability,
    /// Whether it works.
    pub availability: Availability,
    /// How each scope came back.
    pub scopes: Vec<(String, Given)>,
}

/// The permission matrix of one account.
#[derive(Debug, Clone)]
pub struct Permissions {
    /// The account.
    pub account: Account,
    /// When the platform was last asked; none for an account without a consent.
    pub checked_at: Option<Timestamp>,
    /// Whether the platform told which scopes it gave.
    pub told: bool,
    /// Scopes that every connection asks for.
    pub connect: Vec<(String, Given)>,
    /// Each capability that the method offers, with the scopes that it takes for an account of this kind.
    pub capabilities: Vec<Needed>,
    /// Scopes that came although neither the account nor its method needs them.
    pub beyond: Vec<String>,
}

/// Reads it.
pub async fn matrix(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
) -> Result<Permissions, Error> {
    let account = account::find(services, actor, id).await?;
    let grant = match account.grant {
        Some(grant) => services.store.find_grant(grant).await?,
        None => None,
    };
    let granted = grant.as_ref().and_then(|g| g.granted.as_deref());
    let (mut connect, mut known, mut needed) = (Vec::new(), Vec::new(), BTreeMap::new());
    if let Some(entry) = services.platforms.entry(&account.platform, Some(&account.method)) {
        connect.clone_from(&entry.connect_scopes);
        known = entry.scopes(&Capability::ALL);
        let needs = |c: &Capability| entry.needs(&account.profile.kind, *c).map(<[String]>::to_vec).unwrap_or_default();
        needed = entry.capabilities.keys().map(|c| (*c, needs(c))).collect();
    }
    let beyond = granted.unwrap_or_default().iter().filter(|s| !known.contains(s)).cloned().collect();
    let incidents = services.guard.incidents(services).await?;
    // When it is told that a person must act takes no capability away, so the workspace is not asked.
    let policy = Policy::default();
    let judged = health::judge(services, &incidents, &account, &account.facts(), services.now(), &policy);
    let given = |scopes: Vec<String>, asked: bool| -> Vec<(String, Given)> {
        scopes.into_iter().map(|scope| (scope.clone(), Given::of(&scope, asked, granted))).collect()
    };
    let capabilities = needed.into_iter().map(|(capability, scopes)| Needed {
        capability,
        availability: judged.capabilities.get(&capability).copied().unwrap_or(Availability::NotAsked),
        scopes: given(scopes, account.access.asked.contains(&capability)),
    });
    Ok(Permissions {
        checked_at: grant.as_ref().and_then(|g| g.scopes_checked_at),
        told: granted.is_some(),
        connect: given(connect, grant.is_some()),
        capabilities: capabilities.collect(),
        beyond,
        account,
    })
}
