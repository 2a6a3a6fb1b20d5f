use std::collections::BTreeMap;

use domain::{
    AccountId, OrgId, Timestamp, WorkspaceId,
    account::ConnectedBy,
    run::Progress,
    sync::{Asked, SyncError, Trigger},
};
use web::console::StepState::{Doing, Done, Failed, Skipped, Waiting};

use super::*;

/// A run at a step of so many.
fn at(label: &str, step: u32, of: u32, stage: Stage) -> Run {
    let now = Timestamp::UNIX_EPOCH;
    let workspace: WorkspaceId = "ws_1".parse().expect("legal");
    let asked = Asked { run: RunId::new(now, [1; 16]), trigger: Trigger::Manual, scope: Vec::new(), at: now };
    let by = ConnectedBy { kind: "user".to_owned(), id: "u".to_owned(), name: None };
    let work = Work::Sync { account: AccountId::new(now, [2; 16]), trigger: asked.trigger, scope: Vec::new() };
    let has_ended = !matches!(stage, Stage::Queued | Stage::Running);
    Run {
        id: asked.run,
        org: OrgId::from(&workspace),
        workspace,
        work,
        asked_by: by,
        created_at: now,
        state: stage,
        progress: Progress { step, of, label: label.to_owned() },
        phase: 0,
        after: None,
        left: false,
        look_at: None,
        parts: 0,
        counts: BTreeMap::new(),
        tries: 0,
        error: None,
        finished_at: has_ended.then_some(now),
        fence: 0,
        lease_until: None,
        due_at: None,
    }
}

fn missed(run: Run, scope: Scope) -> Run {
    let error = SyncError { code: Code::PlatformUnavailable, scope, at: run.created_at, retry_at: None };
    Run { error: Some(error), ..run }
}

fn states(run: &Run) -> Vec<StepState> {
    steps(run).into_iter().map(|step| step.state).collect()
}

#[test]
fn a_run_that_goes_on_shows_what_is_done_and_what_comes() {
    assert_eq!(states(&at("queued", 0, 0, Stage::Queued)), [Waiting; 5]);
    assert_eq!(states(&at("queued", 0, 5, Stage::Running)), [Doing, Waiting, Waiting, Waiting, Waiting]);
    let profile = at("Reading the profile", 2, 5, Stage::Running);
    assert_eq!(states(&profile), [Done, Doing, Waiting, Waiting, Waiting]);
    assert_eq!(states(&at("Saving", 5, 5, Stage::Running)), [Done, Done, Done, Done, Doing]);
}

#[test]
fn what_is_not_due_is_no_step() {
    let names = |run: &Run| steps(run).into_iter().map(|step| step.name).collect::<Vec<_>>();
    let [access, profile, figures, audience, saving] = STEPS.map(|(label, _)| label);
    let three = at(saving, 3, 3, Stage::Running);
    assert_eq!(
        (names(&three), states(&three)),
        (vec![access.into(), profile.into(), saving.into()], vec![Done, Done, Doing])
    );
    let of_four = |label| names(&at(label, 3, 4, Stage::Running));
    assert_eq!(of_four(audience), [access, profile, audience, saving]);
    assert_eq!(of_four(figures), [access, profile, figures, saving]);
    // Which one comes does not show yet.
    let open = steps(&at(profile, 2, 4, Stage::Running));
    assert_eq!((open[2].state, open[2].detail.as_deref()), (Waiting, Some("if due")));
    let mut saved = at(saving, 4, 4, Stage::Succeeded);
    assert_eq!(names(&saved), [access, profile, audience, saving]);
    saved.counts.insert("days".to_owned(), 30);
    assert_eq!((names(&saved), states(&saved)), (of_four(figures), vec![Done; 4]));
}

#[test]
fn what_failed_is_marked_where_it_failed() {
    let access = missed(at("Checking the access", 1, 3, Stage::Failed), Scope::Profile);
    assert_eq!(states(&access), [Failed, Skipped, Skipped]);
    let held_back = missed(at("queued", 0, 0, Stage::Failed), Scope::Profile);
    assert_eq!(states(&held_back), [Failed, Skipped, Skipped, Skipped, Skipped]);
    let profile = missed(at("Reading the profile", 2, 5, Stage::Failed), Scope::Profile);
    assert_eq!(states(&profile), [Done, Failed, Skipped, Skipped, Skipped]);
    let partial = missed(at("Saving", 5, 5, Stage::Partial), Scope::Audience);
    assert_eq!(states(&partial), [Done, Done, Done, Failed, Done]);
    let only = missed(at("Saving", 4, 4, Stage::Partial), Scope::Audience);
    assert_eq!(states(&only), [Done, Done, Failed, Done]);
}

#[test]
fn a_run_that_waits_for_its_platform_says_so() {
    let waits = steps(&at(WAITING, 2, 5, Stage::Running));
    assert_eq!((waits[0].state, waits[1].state), (Done, Doing));
    assert_eq!(waits[1].detail.as_deref(), Some("waiting for the platform"));
}
