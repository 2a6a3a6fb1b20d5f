//! Choosing from what a consent offered.

use std::collections::BTreeSet;

use domain::{
    Account, AccountId, Allowed, Candidate, CandidateId, Code, ConnectSession, ConnectSessionId, Error, Gap, Lifecycle,
    Permission, Refusal, RunId, WorkspaceId,
    account::Reach,
    actor::permit,
    connect::{Barrier, Held, MOST_SELECTED, Stage, Status},
    gap::Eligibility,
};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use super::{abandoned, commit, gap, not_at_this_step, reuse, session::find};
use crate::{
    Once, Services, copy, deliver,
    idempotency::{borrowed, once},
    sync::show::first_runs,
};

/// The candidates of an attempt.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// The attempt.
    pub session: ConnectSession,
    /// What was offered, in the platform's order, with what stands in the way now.
    pub candidates: Vec<Candidate>,
    /// The candidates chosen so far.
    pub chosen: Vec<CandidateId>,
    /// The accounts among them that are connected now, and so keep their place in the plan.
    pub connected: BTreeSet<AccountId>,
    /// How many more accounts the plan has room for; none is no limit.
    pub room: Option<u32>,
    /// Why something may be missing, and what stands in the way.
    pub gaps: Vec<Gap>,
}

impl Candidates {
    /// Whether and how one of them can be chosen.
    pub fn eligibility(&self, candidate: &Candidate) -> Eligibility {
        match (&candidate.barrier, candidate.existing) {
            (Some(barrier), _) => Eligibility::Blocked(barrier.code),
            _ if self.chosen.contains(&candidate.id) => Eligibility::Chosen,
            (None, Some(id)) if self.connected.contains(&id) => Eligibility::Connected,
            (None, Some(_)) => Eligibility::Disconnected,
            (None, None) => Eligibility::New,
        }
    }
}

/// What a selection did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selected {
    /// Where the attempt is now.
    pub status: Status,
    /// What it connected so far.
    pub accounts: Vec<AccountId>,
    /// The runs that fetch their data for the first time.
    #[serde(default)]
    pub runs: Vec<RunId>,
}

/// What a consent offers, and what stands in the way.
pub async fn candidates(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: ConnectSessionId,
) -> Result<Candidates, Error> {
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    workspace.open()?;
    let (session, held, chosen) = awaiting(services, actor, id).await?;
    let plan = &workspace.plan(&services.plans, session.plan.as_deref());
    let room = plan.max_total.room(workspace.total).min(plan.max_per_platform.room(workspace.used(&session.platform)));
    let mut candidates = held.candidates;
    let ids: Vec<&str> = candidates.iter().map(|c| c.profile.platform_account_id.as_str()).collect();
    let known = services.store.find_claimed(&session.workspace, &session.platform, &ids).await?;
    let mut taken = services.store.glance_holders(&workspace.org, &session.platform, &ids).await?;
    taken.retain(|_, holders| !holders.contains(&session.workspace));
    let letting = copy::letting(services, &workspace, taken.values().flatten()).await?;
    taken.retain(|_, holders| holders.iter().any(|holder| !letting.contains(holder)));
    for candidate in &mut candidates {
        let same = |a: &&Account| a.profile.platform_account_id == candidate.profile.platform_account_id;
        let existing = known.iter().find(same);
        candidate.existing = existing.filter(|a| a.is_seen_by(actor)).map(|a| a.id);
        if existing.is_some_and(|a| a.reach(actor, Permission::AccountsConnect) != Reach::Open) {
            candidate.barrier.get_or_insert_with(|| barred(Code::PermissionDenied));
        }
    }
    for candidate in &mut candidates {
        if taken.contains_key(&candidate.profile.platform_account_id) {
            candidate.barrier.get_or_insert_with(|| barred(Code::AlreadyConnectedElsewhere));
        }
    }
    let connected: BTreeSet<AccountId> =
        known.iter().filter(|a| a.lifecycle == Lifecycle::Active).map(|a| a.id).collect();
    if room == 0 {
        let keeps_its_place = |c: &Candidate| c.existing.is_some_and(|id| connected.contains(&id));
        for candidate in candidates.iter_mut().filter(|c| !keeps_its_place(c)) {
            candidate.barrier.get_or_insert_with(|| barred(Code::PlanLimitReached));
        }
    }
    let room = (room < u32::MAX).then_some(room);
    let mut found = Candidates { gaps: session.gaps.clone(), session, candidates, chosen, connected, room };
    let taken: Vec<(&Candidate, &[WorkspaceId])> = found
        .candidates
        .iter()
        .filter_map(|c| Some((c, taken.get(&c.profile.platform_account_id)?.as_slice())))
        .collect();
    let gaps = gap::of_choice(services, actor, &workspace, &found, &taken);
    found.gaps.extend(gaps);
    Ok(found)
}

/// What stands in the way now, and nowhere else.
fn barred(code: Code) -> Barrier {
    Barrier { code, fix_url: None }
}

/// How many accounts a consent offers to choose from.
pub async fn offered(services: &Services, id: ConnectSessionId) -> Result<usize, Error> {
    let held = services.store.find_held(id).await?;
    Ok(held.iter().flat_map(|h| &h.candidates).filter(|c| c.barrier.is_none()).count())
}

/// Connects the chosen ones, all or none, or finishes the attempt.
pub async fn select(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: ConnectSessionId,
    choice: Vec<CandidateId>,
    done: bool,
    key: Option<IdempotencyKey>,
) -> Result<Once<Selected>, Error> {
    once(services, key, |ending| async move {
        let (session, held, chosen_before) = awaiting(services, actor, id).await?;
        if choice.is_empty() && done {
            let accounts = session.accounts().to_vec();
            let mut events = Vec::new();
            if !accounts.is_empty() {
                events.push(commit::completed(services, &session, &accounts));
            }
            let stage = if accounts.is_empty() { Stage::Cancelled } else { Stage::Completed { accounts } };
            let next = ConnectSession { stage, version: session.version + 1, ..session };
            let selected = told(&next, services);
            let finish = ending.with(&selected)?;
            return match services.store.end_session(&next, &events, borrowed(finish.as_ref()), services.now()).await? {
                Committed::Done => {
                    deliver::publish(services, &events).await;
                    abandoned::forget_after(services, &next, &held).await;
                    Ok(selected)
                }
                Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
            };
        }
        check(&held, &chosen_before, &choice)?;
        let tokens = services.vault.unseal(&session.sealed_for(), &held.envelope).await?;
        let connect = commit::Chosen {
            session: &session,
            held: &held,
            tokens: &tokens,
            candidates: &choice,
            stored: true,
            caller: Some(actor),
        };
        let next =
            Box::pin(commit::commit(services, &connect, done, |next| ending.with(&told(next, services)))).await?;
        Ok(told(&next, services))
    })
    .await
}

fn told(session: &ConnectSession, services: &Services) -> Selected {
    let accounts = session.accounts().to_vec();
    let runs = first_runs(services, session, &accounts);
    Selected { status: session.status(services.now()), accounts, runs }
}

/// The caller's attempt while it waits for a choice.
async fn awaiting(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: ConnectSessionId,
) -> Result<(ConnectSession, Held, Vec<CandidateId>), Error> {
    let session = find(services, actor, id).await?;
    let now = services.now();
    let chosen = match &session.stage {
        Stage::AwaitingSelection { chosen, .. } if session.status(now) == Status::AwaitingSelection => chosen.clone(),
        _ => return Err(not_at_this_step(&session, now).into()),
    };
    let (session, held) = match (services.store.find_held(id).await?, session.reuse) {
        (Some(held), _) => (session, held),
        (None, Some(grant)) => Box::pin(reuse::read(services, session, grant)).await?,
        (None, None) => return Err(Code::SessionExpired.into()),
    };
    Ok((session, held, chosen))
}

/// Only what was offered, each once, none twice, none with a barrier.
fn check(held: &Held, chosen_before: &[CandidateId], choice: &[CandidateId]) -> Result<(), Refusal> {
    if !(1..=MOST_SELECTED).contains(&choice.len()) {
        let detail = format!("Choose between 1 and {MOST_SELECTED} candidates.");
        return Err(Refusal::field("/candidate_ids", "out_of_range", detail));
    }
    if choice.iter().collect::<BTreeSet<_>>().len() != choice.len() {
        return Err(Refusal::field("/candidate_ids", "duplicate", "A candidate is named twice."));
    }
    for id in choice {
        let candidate = held.candidates.iter().find(|c| c.id == *id);
        let Some(candidate) = candidate else {
            return Err(Refusal::new(
                Code::CandidateNotSelectable,
                format!("{id} is not a candidate of this session."),
            ));
        };
        if let Some(barrier) = &candidate.barrier {
            let detail = format!("{} cannot be chosen: {}.", candidate.profile.name, barrier.code);
            return Err(Refusal::new(Code::CandidateNotSelectable, detail));
        }
        if chosen_before.contains(id) {
            let detail = format!("{} was chosen already.", candidate.profile.name);
            return Err(Refusal::new(Code::CandidateNotSelectable, detail));
        }
    }
    Ok(())
}
