//! Erasing what is left of a removed account: what there may be too much of for the request that removed it.

use domain::{Account, AccountId, Actor, Code, Error, Fault, OrgId, Run, RunId, run::Work};

use super::Step;
use crate::{Services, easyconnect};

/// Begins it, and answers with its run.
pub async fn purge(services: &Services, actor: &Actor, account: &Account) -> Result<RunId, Error> {
    let org = OrgId::from(&account.workspace);
    let work = Work::Purge { account: account.id };
    let now = services.now();
    let run = Run::new(RunId::new(now, services.entropy.bytes()), actor, org, work, now);
    let begun = super::begin(services, &run, None, &[], None).await?;
    if begun { Ok(run.id) } else { Err(Code::Busy.into()) }
}

pub(super) async fn step(services: &Services, run: &mut Run, account: AccountId) -> Result<Step, Fault> {
    "erasing".clone_into(&mut run.progress.label);
    let all = services.store.erase_beside(&run.workspace, account).await?;
    if !all {
        return Ok(Step::On);
    }
    easyconnect::forget::forget(services, &run.workspace, account).await?;
    (run.progress.step, run.progress.of) = (1, 1);
    Ok(Step::Done)
}
