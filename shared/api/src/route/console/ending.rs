//! Disconnecting and removing: asked once more, done, and told truthfully.

use app::{
    Services,
    disconnect::{self, Action as Verb, Leave, Receipt},
    impact::{self, Asked, Impact},
    revoke::Revoked,
};
use axum::{
    extract::{Extension, State},
    response::Response,
};
use domain::{AccountId, Lifecycle, actor::permit};
use web::{
    console::{self, Access, Ending, Subject},
    parts::Face,
};

use super::{
    Form, Visitor,
    show::{by_hand, chrome, named, subject},
};
use crate::{problem::Problem, receive::Named, route::page};

/// The box that lets the tied account go along.
const ALONG: &str = "along";

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
    let impact = see(services, visitor, id, action).await?;
    page::show(&confirm(services, visitor, &impact, action), "'self'")
}

async fn see(services: &Services, visitor: &Visitor, id: AccountId, action: Verb) -> Result<Impact, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let asked = match action {
        Verb::Disconnect => Asked::Disconnect,
        Verb::Remove => Asked::Remove,
    };
    Ok(impact::of(services, &actor, id, asked).await?)
}

/// What was ticked: whether the tied account goes along.
fn leave(form: &Form, impact: &Impact) -> Leave {
    let tied = impact.tied.as_ref().filter(|_| form.one(ALONG).is_some());
    Leave { cascade: tied.map(|tied| tied.platform.clone()).into_iter().collect(), ..Leave::default() }
}

pub(super) async fn disconnect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsDisconnect>()?;
    let before = see(&services, &visitor, id, Verb::Disconnect).await?;
    let done = disconnect::disconnect(&services, &actor, id, &leave(&form, &before), None).await?;
    page::show(&receipt(&services, &visitor, &before, done.outcome()), "'self'")
}

pub(super) async fn remove(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRemove>()?;
    let before = see(&services, &visitor, id, Verb::Remove).await?;
    let done = disconnect::remove(&services, &actor, id, &leave(&form, &before), None).await?;
    page::show(&receipt(&services, &visitor, &before, done.outcome()), "'self'")
}

fn ending(action: Verb) -> Ending {
    match action {
        Verb::Disconnect => Ending::Disconnect,
        Verb::Remove => Ending::Remove,
    }
}

fn confirm(services: &Services, visitor: &Visitor, impact: &Impact, action: Verb) -> console::Confirm {
    let account = &impact.account;
    let access = match impact.receipt.revocation.status {
        None => Access::None,
        Some(Revoked::SkippedSharedGrant) => Access::Shared { others: impact.others() },
        Some(Revoked::Unsupported) => Access::Unsupported,
        Some(_) => Access::Revoked,
    };
    // What becomes of the access is said by itself, and the general effects where nothing more exact is known.
    let told = |code: &str| !["access_stays", "revoke_by_hand", "tied_account"].contains(&code);
    let warnings = impact.warnings.iter().filter(|warning| told(warning.code)).map(|warning| warning.text.clone());
    let verb = match action {
        Verb::Disconnect => "disconnect",
        Verb::Remove => "remove",
    };
    let tied = impact.tied.as_ref().filter(|tied| action == Verb::Remove || tied.lifecycle == Lifecycle::Active);
    console::Confirm {
        chrome: chrome(visitor),
        ending: ending(action),
        subject: subject(services, account),
        effects: sentences(&impact.receipt.effects).into_iter().chain(warnings).collect(),
        access,
        kept: sentences(&impact.receipt.kept),
        erased: sentences(&impact.receipt.erased),
        along: tied.map(|tied| subject(services, tied)),
        submit: format!("/console/accounts/{}/{verb}", account.id),
        cancel: "/console".to_owned(),
    }
}

fn receipt(services: &Services, visitor: &Visitor, before: &Impact, receipt: &Receipt) -> console::Receipt {
    let account = &before.account;
    let by_hand = receipt.revocation.by_hand.as_ref();
    let platform = named(services, &account.platform).name;
    let manual = by_hand.and_then(|hand| self::by_hand(&hand.steps, hand.settings_url.as_deref(), &platform));
    let mut effects = sentences(&receipt.effects);
    effects.extend(planned(receipt, services.now()));
    let along = before.tied.as_ref().filter(|_| !receipt.cascaded.is_empty());
    effects.extend(
        along.map(|tied| format!("{} at {} went along.", tied.display_name(), named(services, &tied.platform).name)),
    );
    console::Receipt {
        chrome: chrome(visitor),
        ending: ending(receipt.action),
        subject: match receipt.action {
            Verb::Disconnect => subject(services, account),
            // Its picture went with it.
            Verb::Remove => Subject { face: Face::from(&account.profile), ..subject(services, account) },
        },
        revocation: match receipt.revocation.status {
            None => console::Revocation::Nothing,
            Some(Revoked::Pending) => console::Revocation::Pending,
            Some(Revoked::Revoked) => console::Revocation::Revoked,
            Some(Revoked::Unsupported) => console::Revocation::Unsupported,
            Some(Revoked::Failed) => console::Revocation::Failed,
            Some(Revoked::SkippedSharedGrant) => console::Revocation::SkippedSharedGrant,
        },
        manual,
        effects,
        kept: sentences(&receipt.kept),
        erased: sentences(&receipt.erased),
    }
}

/// What the publisher was told of, in a sentence.
fn planned(receipt: &Receipt, now: domain::Timestamp) -> Option<String> {
    let plans = impact::planned(&receipt.planned.counts(now));
    (!plans.is_empty()).then(|| format!("Its publisher was told what this is about: {}.", plans.join(", ")))
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
