//! What an action would do with a whole workspace.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccountId, Allowed, Error, GrantId, Lifecycle, PlatformId, WorkspaceId, actor::permit, planned::Counts};
use store::AccountFilter;

use super::warning::{Warning, next, planned};
use crate::{
    Services, account,
    disconnect::{self, words},
    platform::Blast,
    workspace::own,
};

/// What is to be done with a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Disconnect everything at once.
    Lockdown,
    /// Erase it.
    Erase,
}

impl Asked {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lockdown => "lockdown",
            Self::Erase => "erase",
        }
    }

    /// The action by its word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Lockdown, Self::Erase].into_iter().find(|asked| asked.as_str() == word)
    }
}

/// What it would do, as far as the caller sees accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The action.
    pub asked: Asked,
    /// Connected accounts, by platform.
    pub connected: BTreeMap<PlatformId, u32>,
    /// Disconnected ones.
    pub disconnected: u32,
    /// Consents that the platforms will be asked to end.
    pub revoked: usize,
    /// Consents that only a person can end.
    pub by_hand: usize,
    /// What is planned with all of them.
    pub planned: Counts,
    /// What the publisher is told to do.
    pub effects: Vec<String>,
    /// What is kept.
    pub kept: Vec<String>,
    /// What is erased.
    pub erased: Vec<String>,
    /// What a person should know before.
    pub warnings: Vec<Warning>,
}

/// What an action would do with a workspace.
pub async fn of(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
    asked: Asked,
) -> Result<Impact, Error> {
    own(actor, workspace)?;
    let accounts = account::all(services, actor, &AccountFilter::default()).await?;
    let mut connected: BTreeMap<PlatformId, u32> = BTreeMap::new();
    let (mut disconnected, mut grants) = (0, BTreeMap::<GrantId, bool>::new());
    for account in &accounts {
        match account.grant {
            Some(grant) if account.lifecycle == Lifecycle::Active => {
                *connected.entry(account.platform.clone()).or_default() += 1;
                let entry = services.platforms.entry(&account.platform, Some(&account.method));
                grants.insert(grant, entry.is_some_and(|entry| entry.blast != Blast::Unsupported));
            }
            _ => disconnected += 1,
        }
    }
    // What is disconnected already has nothing that a lockdown could end.
    let leaving = |account: &&domain::Account| asked == Asked::Erase || account.lifecycle == Lifecycle::Active;
    let ids: BTreeSet<AccountId> = accounts.iter().filter(leaving).map(|account| account.id).collect();
    let ids: Vec<AccountId> = ids.into_iter().collect();
    let now = services.now();
    let all = services.store.find_all_planned(&actor.workspace, &ids).await?;
    let counts = all.values().map(|planned| planned.counts(now)).fold(Counts::default(), Counts::and);
    let revoked = grants.values().filter(|revoked| **revoked).count();
    let (kept, erased) = match asked {
        Asked::Lockdown => (words(&["id", "profile", "history", "settings"]), words(&["tokens"])),
        Asked::Erase => (Vec::new(), words(&["profile", "history", "settings", "tokens"])),
    };
    let by_hand = grants.len() - revoked;
    Ok(Impact {
        workspace: workspace.clone(),
        asked,
        warnings: warnings(asked, connected.values().sum(), by_hand, &counts),
        connected,
        disconnected,
        revoked,
        by_hand,
        planned: counts,
        effects: words(disconnect::effects(asked == Asked::Erase)),
        kept,
        erased,
    })
}

fn warnings(asked: Asked, connected: u32, by_hand: usize, counts: &Counts) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let (many, verb) = match asked {
        Asked::Lockdown => ("disconnected at once; only reconnecting each brings it back", "fail or stop"),
        Asked::Erase => ("disconnected, and all that is known of the workspace is erased for good", "be deleted"),
    };
    let accounts = if connected == 1 { "1 account is".to_owned() } else { format!("{connected} accounts are") };
    warnings.push(Warning { code: "accounts_disconnected", text: format!("{accounts} {many}.") });
    let plans = planned(counts);
    if !plans.is_empty() {
        let text = format!("{} will {verb}{}.", plans.join(", "), next(counts));
        warnings.push(Warning { code: "plans_end", text });
    }
    if by_hand > 0 {
        let consents = if by_hand == 1 { "One consent".to_owned() } else { format!("{by_hand} consents") };
        let text = format!("{consents} can only be withdrawn by a person at the platform.");
        warnings.push(Warning { code: "revoke_by_hand", text });
    }
    warnings
}
