//! How an account is, now or at a moment that is past.

use std::collections::BTreeMap;

use domain::{
    Account, AccountFacts, AccountId, Allowed, Capability, Code, EpisodeId, Error, Refusal, Timestamp, Workspace,
    actor::permit,
    capability::Availability,
    health::{Facts, Health, Policy, Reason, health},
    incident::Incident,
};
use platforms::Stage;

use crate::{Services, account, episode, guard::outage_since, sync};

/// What follows from what is known of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How it is.
    pub health: Health,
    /// What it can be used for.
    pub capabilities: BTreeMap<Capability, Availability>,
    /// The scopes that each capability needs and that were not given.
    pub missing: BTreeMap<Capability, Vec<String>>,
}

/// How an account was at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The account as it is now.
    pub account: Account,
    /// The moment.
    pub at: Timestamp,
    /// What was known then.
    pub facts: AccountFacts,
    /// What followed from it.
    pub judged: Judged,
    /// The episode of each trouble that was found, in their order, and whether somebody had seen it by then.
    pub episodes: Vec<Option<(EpisodeId, bool)>>,
    /// The account's workspace.
    pub workspace: Workspace,
}

/// How an account is, or was at a moment that is past: the same verdict that was given then.
pub async fn at(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
    at: Option<Timestamp>,
) -> Result<Told, Error> {
    let account = account::find(services, actor, id).await?;
    let now = services.now();
    let facts = match at {
        Some(at) if at > now => {
            return Err(Refusal::field("/at", "in_the_future", "at is a moment that is past.").into());
        }
        Some(at) if at < account.facts_since => {
            services.store.find_past_facts(&account.workspace, id, at).await?.ok_or_else(unknown)?
        }
        _ => account.facts(),
    };
    let at = at.unwrap_or(now);
    // Read now, so that whoever asks of this moment later is told the same.
    let incidents = services.store.list_incidents().await?;
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let policy = policy(&workspace, &account);
    let judged = judge(services, &incidents, &account, &facts, at, &policy);
    let troubles: Vec<&Reason> = judged.health.reasons.iter().filter(|reason| reason.is_trouble()).collect();
    let episodes = episode::of(services, &account, &incidents, &policy, &troubles, at).await?;
    Ok(Told { account, at, facts, judged, episodes, workspace })
}

fn unknown() -> Refusal {
    let detail =
        "Nothing is known of the account as it was then: it was not connected yet, or that is more than 90 days ago.";
    Refusal::new(Code::NotFound, detail)
}

/// How an account is judged: as its workspace has decided for it, or for all of them.
pub(crate) fn policy(workspace: &Workspace, account: &Account) -> Policy {
    workspace.health_policy(account.settings.expiring_window_days)
}

/// Judges what is or was known of an account, and of its platform.
pub(crate) fn judge(
    services: &Services,
    incidents: &[Incident],
    account: &Account,
    facts: &AccountFacts,
    at: Timestamp,
    policy: &Policy,
) -> Judged {
    let outage_since = outage_since(incidents, &account.platform, at);
    let known = Facts { outage_since, ..known(services, account, facts) };
    let health = health(&known, at, policy);
    let entry = services.platforms.entry(&account.platform, Some(&facts.method));
    let needs = |capability| entry.and_then(|entry| entry.needs(&account.profile.kind, capability).ok());
    let lacks = |needs: &[String]| needs.iter().filter(|s| facts.access.missing.contains(s)).cloned().collect();
    // What a platform has too little of to measure is nobody's trouble, and not there all the same.
    let is_thin = |capability| account.fetched.is_thin && capability == Capability::Analytics;
    let availability = |capability, allowed| match health.availability(capability, allowed) {
        Availability::Available if is_thin(capability) => Availability::Unavailable(Code::InsufficientData),
        found => found,
    };
    Judged {
        capabilities: known.capabilities.into_iter().map(|(c, allowed)| (c, availability(c, allowed))).collect(),
        missing: Capability::ALL.into_iter().filter_map(|c| Some((c, lacks(needs(c)?)))).collect(),
        health,
    }
}

/// What is or was known of an account, with what its consent lets it be used for, and nothing of its platform.
pub(crate) fn known(services: &Services, account: &Account, facts: &AccountFacts) -> Facts {
    let entry = services.platforms.entry(&account.platform, Some(&facts.method));
    let needs = |capability| {
        entry.map_or(Err(Code::CapabilityUnsupported), |entry| entry.needs(&account.profile.kind, capability))
    };
    let unaudited = entry.is_some_and(|entry| entry.stage == Stage::Unaudited);
    let allowed = |capability| {
        // What a platform of the operator's own is good for, no catalogue tells.
        if entry.is_some_and(|entry| entry.by_kind.is_empty()) {
            return Availability::Unknown;
        }
        match facts.access.availability(capability, needs(capability)) {
            lacking @ Availability::Unavailable(_) => lacking,
            // Whatever the person allowed, nobody would see it.
            _ if unaudited && capability == Capability::Publish => Availability::Unavailable(Code::AppUnaudited),
            available => available,
        }
    };
    let capabilities = Capability::ALL.into_iter().map(|capability| (capability, allowed(capability))).collect();
    let usual = entry.filter(|entry| sync::is_fetched(entry)).map(|entry| sync::usual(entry));
    Facts::of(facts.clone(), capabilities, usual)
}
