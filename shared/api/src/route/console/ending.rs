//! Disconnecting and removing: asked once more, done, and told truthfully.

use app::{
    Services,
    disconnect::{self, Action as Verb, Preview, Receipt},
    revoke::Revoked,
};
use axum::{
    extract::{Extension, State},
    response::Response,
};
use domain::{Account, AccountId, actor::permit};
use web::{
    console::{self, Access, Ending, Subject},
    parts::Face,
};

use super::{
    Visitor,
    show::{by_hand, chrome, face, named},
};
use crate::{problem::Problem, receive::Named, route::page};

pub(super) async fn confirm_disconnect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    ask(&services, &visitor, id, Verb::Disconnect).await
}

pub(super) async fn confirm_remove(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    ask(&services, &visitor, id, Verb::Remove).await
}

async fn ask(services: &Services, visitor: &Visitor, id: AccountId, action: Verb) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let preview = disconnect::preview(services, &actor, id, action).await?;
    page::show(&confirm(services, visitor, &preview), "'self'")
}

pub(super) async fn disconnect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsDisconnect>()?;
    let before = disconnect::preview(&services, &visitor.actor.clone().allow()?, id, Verb::Disconnect).await?;
    let done = disconnect::disconnect(&services, &actor, id, None, None, None).await?;
    page::show(&receipt(&services, &visitor, &before.account, done.outcome()), "'self'")
}

pub(super) async fn remove(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRemove>()?;
    let before = disconnect::preview(&services, &visitor.actor.clone().allow()?, id, Verb::Remove).await?;
    let done = disconnect::remove(&services, &actor, id, None, None).await?;
    page::show(&receipt(&services, &visitor, &before.account, done.outcome()), "'self'")
}

fn ending(action: Verb) -> Ending {
    match action {
        Verb::Disconnect => Ending::Disconnect,
        Verb::Remove => Ending::Remove,
    }
}

fn subject(services: &Services, account: &Account) -> Subject {
    Subject { face: face(account), platform: named(services, &account.platform) }
}

fn confirm(services: &Services, visitor: &Visitor, preview: &Preview) -> console::Confirm {
    let account = &preview.account;
    let action = preview.receipt.action;
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let access = match preview.receipt.revocation.status {
        None => Access::None,
        Some(Revoked::SkippedSharedGrant) => Access::Shared { others: preview.siblings },
        Some(_) if entry.is_some_and(|e| e.blast == app::platform::Blast::Unsupported) => Access::Unsupported,
        Some(_) => Access::Revoked,
    };
    let mut effects = sentences(&preview.receipt.effects);
    if preview.is_main {
        effects.push(
            "It is the main account of its platform; if one other account is left there, that one takes over."
                .to_owned(),
        );
    }
    let verb = match action {
        Verb::Disconnect => "disconnect",
        Verb::Remove => "remove",
    };
    console::Confirm {
        chrome: chrome(visitor),
        ending: ending(action),
        subject: subject(services, account),
        effects,
        access,
        kept: sentences(&preview.receipt.kept),
        erased: sentences(&preview.receipt.erased),
        submit: format!("/console/accounts/{}/{verb}", account.id),
        cancel: "/console".to_owned(),
    }
}

fn receipt(services: &Services, visitor: &Visitor, account: &Account, receipt: &Receipt) -> console::Receipt {
    let revocation = &receipt.revocation;
    let platform = named(services, &account.platform).name;
    let manual = by_hand(&revocation.steps, revocation.manual_url.as_deref(), &platform);
    console::Receipt {
        chrome: chrome(visitor),
        ending: ending(receipt.action),
        subject: match receipt.action {
            Verb::Disconnect => subject(services, account),
            // Its picture went with it.
            Verb::Remove => Subject { face: Face::from(&account.profile), ..subject(services, account) },
        },
        revocation: match revocation.status {
            None => console::Revocation::Nothing,
            Some(Revoked::Pending) => console::Revocation::Pending,
            Some(Revoked::Revoked) => console::Revocation::Revoked,
            Some(Revoked::Unsupported) => console::Revocation::Unsupported,
            Some(Revoked::Failed) => console::Revocation::Failed,
            Some(Revoked::SkippedSharedGrant) => console::Revocation::SkippedSharedGrant,
        },
        manual,
        effects: sentences(&receipt.effects),
        kept: sentences(&receipt.kept),
        erased: sentences(&receipt.erased),
    }
}

/// The receipt's words as sentences for people.
fn sentences(words: &[String]) -> Vec<String> {
    words.iter().map(|word| sentence(word).to_owned()).collect()
}

fn sentence(word: &str) -> &str {
    match word {
        "fail_scheduled_posts" => "Posts scheduled for it will fail.",
        "delete_scheduled_posts" => "Posts scheduled for it will be deleted.",
        "delete_queues" => "Its posting queue will be deleted.",
        "delete_automations" => "Automations that use it will be deleted.",
        "delete_drafts" => "Drafts for it will be deleted.",
        "delete_analytics" => "Its analytics will be deleted.",
        "id" => "Its id, so that reconnecting brings the same account back",
        "profile" => "Its name, handle and picture",
        "history" => "Its history",
        "settings" => "Its settings",
        "tokens" => "Its access tokens",
        "tokens_until_revoked" => "The access tokens, only until the platform has withdrawn the access",
        "tokens_of_other_accounts" => "The access tokens, for the other accounts of the same sign-in",
        other => other,
    }
}
