//! What happens to an account on Instagram itself.

use super::Instagram;
use super::account::scoped_id;
use crate::World;
use crate::graph::login::Ended;
use crate::notice::meta;
use crate::room::{Event, EventError, EventKind};

impl Instagram {
    /// `account` is a person, meaning their first account, or an account by
    /// either of its ids.
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        if event.kind == EventKind::VersionSunset {
            let version = event.version.as_deref().ok_or(EventError::Incomplete("version"))?;
            return if self.versions.end(version) { Ok(()) } else { Err(EventError::NotApplicable) };
        }
        let id = find(world, &event.account).ok_or(EventError::Unknown)?;
        match event.kind {
            EventKind::Revoke => {
                let told: Vec<String> =
                    self.grants.given.keys().filter(|(_, by)| *by == id).map(|(app, _)| app.clone()).collect();
                self.grants.remove(&id);
                for app in told {
                    if let Some(account) = Self::scoped(world, &app, &id) {
                        meta::deauthorized(world, "instagram", &app, &account);
                    }
                }
            }
            EventKind::DataDeletion => {
                for app in self.grants.apps_of(&id) {
                    if let Some(account) = Self::scoped(world, &app, &id) {
                        meta::deletion_asked(world, "instagram", &app, &account);
                    }
                }
            }
            EventKind::QuotaEmpty => {
                let now = world.now;
                world.apps.of("instagram").for_each(|app| self.usage.exhaust_account(now, &app.client_id, &id));
            }
            EventKind::PasswordChange => self.grants.end(&id, Ended::PasswordChanged),
            EventKind::WithdrawScope => {
                let scope = event.scope.as_deref().ok_or(EventError::Incomplete("scope"))?;
                let theirs = self.grants.given.iter_mut().filter(|((_, account), _)| *account == id);
                theirs.for_each(|(_, scopes)| scopes.retain(|given| given != scope));
            }
            _ => world.people.instagram_mut(&id).ok_or(EventError::Unknown)?.happen(event)?,
        }
        Ok(())
    }

    /// An account by the id that the app knows.
    pub(super) fn scoped(world: &World, app: &str, account: &str) -> Option<String> {
        let id = find(world, account)?;
        world.people.instagram(&id).map(|account| scoped_id(app, account))
    }
}

fn find(world: &World, account: &str) -> Option<String> {
    if let Some(person) = world.people.get(account) {
        return person.instagram.first().map(|account| account.id.clone());
    }
    let mut all = world.people.all().iter().flat_map(|person| &person.instagram);
    let known = |app: &crate::apps::App, of| scoped_id(&app.client_id, of) == account;
    all.find(|of| of.id == account || world.apps.of("instagram").any(|app| known(app, of))).map(|of| of.id.clone())
}
