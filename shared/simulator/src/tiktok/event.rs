//! What happens to an account on TikTok itself.

use std::collections::BTreeSet;

use serde_json::json;

use super::TikTok;
use super::account::{Account, by_id, open_id};
use crate::World;
use crate::notice::tiktok::{Reason, removed};
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};

impl TikTok {
    /// `account` is a person, or an account by its `union_id` or any app's `open_id`.
    ///
    /// An account that is gone, banned or found too young loses its connected
    /// apps as if the person had removed them.
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        let apps: Vec<&str> = world.apps.of("tiktok").map(|app| app.client_id.as_str()).collect();
        let named = |id: &str, account: &Account| {
            let known = |app: &&str| open_id(app, account) == event.account;
            id == event.account || account.id == event.account || apps.iter().any(known)
        };
        let account = world
            .people
            .all_mut()
            .iter_mut()
            .filter_map(|person| Some((person.id.as_str(), person.tiktok.as_mut()?)))
            .find_map(|(id, account)| named(id, account).then_some(account))
            .ok_or(EventError::Unknown)?;
        let reason = match event.kind {
            EventKind::Revoke => Reason::USER,
            EventKind::PasswordChange => Reason::UNKNOWN,
            EventKind::AgeChange => Reason::AGE,
            EventKind::Delete => {
                account.standing = Standing::Deleted;
                Reason::DELETED
            }
            EventKind::Suspend => {
                account.standing = Standing::Suspended;
                Reason::BANNED
            }
            EventKind::Rename => {
                let to = event.to.as_deref().filter(|to| !to.is_empty());
                to.ok_or(EventError::Incomplete("to"))?.clone_into(&mut account.username);
                return Ok(());
            }
            EventKind::NewAvatar => {
                account.avatar += 1;
                return Ok(());
            }
            EventKind::Verify | EventKind::Unverify => {
                account.verified = event.kind == EventKind::Verify;
                return Ok(());
            }
            EventKind::TypeChange => {
                let to = event.to.as_deref().unwrap_or("personal");
                account.kind = serde_json::from_value(json!(to)).map_err(|_| EventError::Incomplete("to"))?;
                return Ok(());
            }
            EventKind::WithdrawScope => {
                let scope = event.scope.as_deref().ok_or(EventError::Incomplete("scope"))?;
                let theirs = self.grants.of_account(&account.id);
                theirs.for_each(|grant| grant.scopes.retain(|given| given != scope));
                return Ok(());
            }
            _ => return Err(EventError::NotApplicable),
        };
        let id = account.id.clone();
        self.disconnect(world, &id, None, reason);
        Ok(())
    }

    /// Disconnects an app, or every app, from an account, and tells it.
    pub(super) fn disconnect(&mut self, world: &mut World, account: &str, app: Option<&str>, reason: Reason) {
        let given = self.grants.of_account(account).map(|grant| grant.app.clone());
        let told: BTreeSet<String> = given.filter(|of| app.is_none_or(|app| app == of)).collect();
        self.grants.disconnect(account, app);
        for app in told {
            if let Some(open_id) = by_id(world, account).map(|account| open_id(&app, account)) {
                removed(world, &app, &open_id, reason);
            }
        }
    }
}
