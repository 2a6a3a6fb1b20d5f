//! What a publisher plans with an account: reported by it, told to people before they end something.

use domain::{
    Account, AccountId, Allowed, Code, Error, Planned, Timestamp,
    actor::permit,
    health::{Policy, State},
    planned::Risk,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services,
    account::find,
    health,
    idempotency::{borrowed, once},
};

/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;

/// What is planned, and what of it will fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What is planned, as it was reported.
    pub planned: Planned,
    /// What of it will fail.
    pub risk: Risk,
}

/// What is planned with an account; nothing if it was never reported.
pub async fn get(services: &Services, actor: &Allowed<permit::AccountsRead>, id: AccountId) -> Result<Plan, Error> {
    let account = find(services, actor, id).await?;
    let planned = services.store.find_planned(&account.workspace, id).await?;
    let risk = risk(services, &account, &planned);
    Ok(Plan { planned, risk })
}

/// Takes a report in place of the one before; its version is the next one. It is taken of a disconnected account too:
/// its publisher tells what became of its posts.
pub async fn report(
    services: &Services,
    actor: &Allowed<permit::UsageReport>,
    id: AccountId,
    planned: &Planned,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Plan>, Error> {
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let account = find(services, actor, id).await?;
            let before = services.store.find_planned(&account.workspace, id).await?.version;
            if if_match.is_some_and(|version| version != before) {
                return Err(Code::VersionConflict.into());
            }
            let reported_at = Some(services.now());
            let planned = Planned { reported_at, version: before + 1, ..planned.clone() };
            let plan = Plan { risk: risk(services, &account, &planned), planned };
            let finish = ending.with(&plan)?;
            match services.store.set_planned(&account, &plan.planned, borrowed(finish.as_ref())).await? {
                Committed::Done => return Ok(plan),
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// What will fail of what is planned with an account as it is.
pub(crate) fn risk(services: &Services, account: &Account, planned: &Planned) -> Risk {
    let now = services.now();
    // Whether it has ended does not hang on how long before that is told.
    let state = health::judge(services, &[], account, &account.facts(), now, &Policy::default()).health.state;
    planned.risk(now, ends(account, state, now), account.grant_facts.reauth_due_at)
}

/// When an account works no more: now if it works no more already.
fn ends(account: &Account, state: State, now: Timestamp) -> Option<Timestamp> {
    match state {
        State::Expired | State::Disconnected => Some(now),
        _ => account.grant_facts.reauth_due_at,
    }
}

/// What is planned by its names, as events tell it.
pub(crate) fn told(planned: &Planned) -> Value {
    let Planned { scheduled_posts, campaigns, automations, drafts, .. } = planned;
    json!({"scheduled_posts": scheduled_posts, "campaigns": campaigns, "automations": automations, "drafts": drafts})
}
