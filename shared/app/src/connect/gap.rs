//! What a consent leaves open: why something is missing from what it offers.

use domain::{Account, Actor, Candidate, Code, Gap, Workspace, WorkspaceId, gap::Named};
use platforms::{Check, Entry, Offer};

use super::select::Candidates;
use crate::Services;

/// What is known once a consent has come: what cannot be chosen, what this person shared before, and what to look at.
pub(super) fn of_consent(
    entry: &Entry,
    granted: Option<&[String]>,
    offers: &[Offer],
    not_shown: &[Account],
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if !not_shown.is_empty() {
        gaps.push(Gap::not_shown(not_shown.iter().map(named).collect()));
    }
    gaps.extend(Gap::barred(offers.iter().map(|offer| (offer.profile.name.as_str(), offer.barrier.as_ref()))));
    let is_barred = |code: Code| offers.iter().any(|o| o.barrier.as_ref().is_some_and(|b| b.code == code));
    let lacks = |scope: &String| granted.is_some_and(|granted| !granted.contains(scope));
    let applies = |check: &&Check| check.beside.is_none_or(is_barred) && check.without.as_ref().is_none_or(lacks);
    gaps.extend(entry.checks.iter().filter(applies).map(looked_at));
    gaps
}

/// The same where the attempt ended for want of something: what to look at then comes along.
pub(super) fn add_of_failure(entry: &Entry, code: Code, gaps: &mut Vec<Gap>) {
    let applies = |check: &&Check| check.beside == Some(code) && check.without.is_none();
    for gap in entry.checks.iter().filter(applies).map(looked_at) {
        if !gaps.contains(&gap) {
            gaps.push(gap);
        }
    }
}

fn looked_at(check: &Check) -> Gap {
    let gap = Gap::of(check.code, Vec::new());
    Gap { text: check.text.clone(), fix_url: check.fix_url.clone(), ..gap }
}

/// An account of this workspace by its name.
pub(super) fn named(account: &Account) -> Named {
    Named { name: account.profile.name.clone(), account: Some(account.id) }
}

/// What is known at the time of choosing: what is here, what another workspace has, and what the plan has room for.
/// `taken` are candidates with the workspaces that have them.
pub(super) fn of_choice(
    services: &Services,
    actor: &Actor,
    workspace: &Workspace,
    found: &Candidates,
    taken: &[(&Candidate, &[WorkspaceId])],
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let here = |c: &Candidate| {
        let id = c.existing.filter(|id| found.connected.contains(id))?;
        Some(Named { name: c.profile.name.clone(), account: Some(id) })
    };
    let here: Vec<Named> = found.candidates.iter().filter_map(here).collect();
    if !here.is_empty() {
        gaps.push(Gap::here(here));
    }
    if !taken.is_empty() {
        let names: Vec<&str> = taken.iter().map(|(candidate, _)| candidate.profile.name.as_str()).collect();
        let holders: Vec<WorkspaceId> = taken.iter().flat_map(|(_, holders)| holders.iter().cloned()).collect();
        gaps.push(Gap::elsewhere(&names, told(Some(actor), &holders)));
    }
    if let Some(left) = found.room {
        let wants = |c: &&Candidate| {
            let blocked = c.barrier.as_ref().is_some_and(|b| b.code != Code::PlanLimitReached);
            !blocked && !found.chosen.contains(&c.id) && c.existing.is_none_or(|id| !found.connected.contains(&id))
        };
        if found.candidates.iter().filter(wants).count() > left as usize {
            gaps.push(Gap::room(&workspace.plan(&services.plans, found.session.plan.as_deref()), left));
        }
    }
    gaps
}

/// Which workspace has something connected, as far as a caller may know: only one who belongs to each that has is told.
pub(super) fn told(caller: Option<&Actor>, holders: &[WorkspaceId]) -> Option<WorkspaceId> {
    let knows = |holder: &WorkspaceId| caller.is_some_and(|caller| caller.belongs_to(holder));
    holders.iter().all(knows).then(|| holders.first().cloned()).flatten()
}
