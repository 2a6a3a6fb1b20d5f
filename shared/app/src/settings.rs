//! What a workspace decides about an account: its name here, its tags, who sees it, what publishing needs.

use domain::{
    AccountId, Allowed, Code, Error, Permission, Plan, Refusal, Role,
    account::{Preferences, Settings, knows_places},
    actor::permit,
};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services,
    account::{check_version, find},
    idempotency::{borrowed, once},
};

/// How often a change is judged again when others change the same account.
const TRIES: u32 = 8;

/// Settings as they were decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// Of which account.
    pub account: AccountId,
    /// What lists show.
    pub settings: Settings,
    /// The rest.
    pub preferences: Preferences,
    /// The account's version with them.
    pub version: u64,
}

/// Changes what is decided about an account, connected or not. `of_access` says that the change is about who sees the
/// account, which takes a permission of its own.
pub async fn change(
    services: &Services,
    actor: &Allowed<permit::AccountsConfigure>,
    id: AccountId,
    of_access: bool,
    change: impl Fn(&mut Settings, &mut Preferences) -> Result<(), Refusal> + Send + Sync,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Decided>, Error> {
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let mut account = find(services, actor, id).await?;
            if of_access && !actor.may(Permission::AccessEdit) {
                return Err(no_access_edit(actor.role).into());
            }
            check_version(if_match, &account)?;
            let before = (account.settings.clone(), services.store.find_preferences(&account.workspace, id).await?);
            let mut preferences = before.1.clone();
            change(&mut account.settings, &mut preferences)?;
            if preferences.location.is_some() && !knows_places(&account.platform) {
                return Err(Refusal::plain(Code::LocationNotSupported).into());
            }
            if account.settings.sync_interval_minutes != before.0.sync_interval_minutes {
                let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
                let plan = workspace.plan(&services.plans, actor.plan.as_deref());
                is_above_floor(account.settings.sync_interval_minutes, &plan)?;
            }
            account.version += 1;
            let settings = account.settings.clone();
            let decided = Decided { account: id, settings, preferences, version: account.version };
            let finish = ending.with(&decided)?;
            match services.store.set_settings(&account, &decided.preferences, borrowed(finish.as_ref())).await? {
                Committed::Done => return Ok(decided),
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

fn no_access_edit(role: Role) -> Refusal {
    let permission = Permission::AccessEdit;
    let detail = format!(
        "visibility, acl and privacy take {}, which your role {} does not include.",
        permission.as_str(),
        role.as_str()
    );
    Refusal::new(Code::PermissionDenied, detail)
}

fn is_above_floor(minutes: Option<u32>, plan: &Plan) -> Result<(), Refusal> {
    let floor = plan.sync_floor_minutes;
    if minutes.is_none_or(|minutes| minutes >= floor) {
        return Ok(());
    }
    let detail = format!("The plan {} allows PT{floor}M and longer.", plan.id);
    Err(Refusal::field("/settings/sync_interval", "below_floor", detail))
}
