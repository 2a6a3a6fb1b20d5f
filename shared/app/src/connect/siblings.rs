//! Accounts that hang on the consent of a person who consents again: what is not ticked this time loses its access,
//! although the sign-in succeeded. All of them are judged by what the new consent shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{Account, ConnectSession, Fault, Grant, TokenSet, gap::Named, grant::GrantState};
use platforms::{Connector, Consent};

use crate::{Services, tell};

/// How long the looking may take: with the exchange before it, it stays below the time after which an attempt counts
/// as interrupted.
const TIME: Duration = Duration::from_secs(20);

/// What became of the accounts of this person that are connected already.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    /// Those that were shared until now, and are no longer.
    pub(super) lost: Vec<Named>,
    /// Those of this platform that the consent does not show.
    pub(super) not_shown: Vec<Account>,
}

/// Judges them. What cannot be found out now stays as it was, and the daily look finds it out.
pub(super) async fn judge(
    services: &Services,
    session: &ConnectSession,
    connector: &Connector,
    consent: &Consent,
) -> Siblings {
    if !connector.entry.offers_many {
        return Siblings::default();
    }
    match tokio::time::timeout(TIME, look(services, session, connector, consent)).await {
        Ok(Ok(siblings)) => siblings,
        Ok(Err(fault)) => {
            tracing::error!(%fault, session = %session.id, "the other accounts of a consent were not judged");
            Siblings::default()
        }
        Err(_) => {
            tracing::warn!(session = %session.id, "the other accounts of a consent were not judged in time");
            Siblings::default()
        }
    }
}

async fn look(
    services: &Services,
    session: &ConnectSession,
    connector: &Connector,
    consent: &Consent,
) -> Result<Siblings, Fault> {
    let Some(grant) = grant_of(services, session, connector, consent).await? else { return Ok(Siblings::default()) };
    let mut accounts: Vec<Account> = Vec::new();
    for (workspace, ids) in grant.holders() {
        accounts.extend(services.store.find_accounts(&workspace, &ids).await?);
    }
    accounts.retain(|account| account.grant == Some(grant.id));
    let offered: BTreeSet<&str> = consent.offers.iter().map(|o| o.profile.platform_account_id.as_str()).collect();
    let is_offered = |account: &Account| offered.contains(account.profile.platform_account_id.as_str());
    let mut shared: Vec<String> = offered.iter().map(|id| (*id).to_owned()).collect();
    let mut judged: Vec<&Account> = accounts.iter().filter(|account| is_offered(account)).collect();
    let (workspace, platform) = (&session.workspace, &session.platform);
    let is_missing = |account: &&Account| account.platform == *platform && !is_offered(account);
    let not_shown: Vec<&Account> = accounts.iter().filter(is_missing).collect();
    if judged.len() < accounts.len() {
        if let Some(told) = told(services, &grant, consent).await? {
            shared.extend(told);
            judged = accounts.iter().collect();
        } else if consent.whole {
            judged.extend(&not_shown);
        }
    }
    let mut ids: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for account in judged {
        ids.entry(account.workspace.clone()).or_default().push(account.id);
    }
    let not_shown = not_shown.into_iter().filter(|account| account.workspace == *workspace).cloned().collect();
    let lost = tell::shared(services, &grant, ids, &shared, session).await?;
    Ok(Siblings { lost: lost.iter().map(super::gap::named).collect(), not_shown })
}

/// The grant that the person consents to again: theirs in this workspace, or the one that the account to reconnect shares
/// with another workspace.
async fn grant_of(
    services: &Services,
    session: &ConnectSession,
    connector: &Connector,
    consent: &Consent,
) -> Result<Option<Grant>, Fault> {
    let (workspace, method, person) = (&session.workspace, &session.method, &consent.person.id);
    let by_person = services.store.find_grant_by_person(workspace, method, &connector.client_id, person, None).await?;
    let by_account = match (&by_person, session.account) {
        (None, Some(id)) if !session.detach => services.store.find_account(workspace, id).await?.and_then(|a| a.grant),
        _ => None,
    };
    let grant = match by_account {
        Some(id) => services.store.find_grant(id).await?,
        None => by_person,
    };
    let same =
        |grant: &Grant| grant.method == *method && grant.app == connector.client_id && grant.person.id == *person;
    Ok(grant.filter(|grant| grant.state == GrantState::Live && same(grant)))
}

/// What the platform says is shared, where it tells at no cost: the same look as each day's, with the new token of the
/// person and the tokens of accounts as they are known.
async fn told(services: &Services, grant: &Grant, consent: &Consent) -> Result<Option<Vec<String>>, Fault> {
    let connector = services.platforms.connector(&grant.platform, &grant.method);
    let Some(connector) = connector.filter(|connector| connector.entry.free_probe) else { return Ok(None) };
    let Some(TokenSet { mut children, .. }) = services.tokens(grant).await? else { return Ok(None) };
    let offered = consent.offers.iter();
    children.extend(offered.filter_map(|o| Some((o.profile.platform_account_id.clone(), o.token.clone()?))));
    let tokens = TokenSet { children, ..consent.tokens.clone() };
    match connector.client.probe(&tokens, services.now()).await {
        Ok(probe) => Ok(probe.shared),
        Err(error) => {
            tracing::warn!(grant = %grant.id, %error, "what a consent shares could not be looked at");
            Ok(None)
        }
    }
}
