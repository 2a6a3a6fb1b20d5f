//! What happens to an account on Threads itself.

use super::Threads;
use crate::World;
use crate::graph::login::Ended;
use crate::notice::meta;
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};

impl Threads {
    /// `account` is a person or an account's id. The handle is the Instagram
    /// account's, so both are renamed.
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        let named = |id: &str, account: &super::Account| id == event.account || account.id == event.account;
        let account = world
            .people
            .all_mut()
            .iter_mut()
            .filter_map(|person| Some((person.id.as_str(), person.threads.as_mut()?)))
            .find_map(|(id, account)| named(id, account).then_some(account))
            .ok_or(EventError::Unknown)?;
        let given = self.grants.given.iter_mut().filter(|((_, by), _)| *by == account.id);
        match event.kind {
            EventKind::Revoke => {
                let id = account.id.clone();
                let apps: Vec<String> = given.map(|((app, _), _)| app.clone()).collect();
                self.grants.remove(&id);
                for app in apps {
                    meta::deauthorized(world, "threads", &app, &id);
                }
            }
            EventKind::DataDeletion => {
                let id = account.id.clone();
                for app in self.grants.apps_of(&id) {
                    meta::deletion_asked(world, "threads", &app, &id);
                }
            }
            EventKind::PasswordChange => self.grants.end(&account.id, Ended::PasswordChanged),
            EventKind::Delete => account.standing = Standing::Deleted,
            EventKind::Suspend => account.standing = Standing::Suspended,
            EventKind::Rename => {
                let id = account.instagram.clone();
                world.people.instagram_mut(&id).ok_or(EventError::Unknown)?.happen(event)?;
            }
            EventKind::NewAvatar => account.avatar += 1,
            EventKind::Verify | EventKind::Unverify => account.verified = event.kind == EventKind::Verify,
            EventKind::TypeChange => {
                account.private = match event.to.as_deref() {
                    None | Some("private") => true,
                    Some("public") => false,
                    Some(_) => return Err(EventError::Incomplete("to")),
                }
            }
            EventKind::WithdrawScope => {
                let scope = event.scope.as_deref().ok_or(EventError::Incomplete("scope"))?;
                given.for_each(|(_, given)| given.scopes.retain(|granted| granted != scope));
            }
            EventKind::DataAccessExpiry if account.private => given.for_each(|(_, given)| given.lapse(world.now)),
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }
}
