//! What happens to an account on X itself.

use super::X;
use super::account::{SORTS, TIERS};
use super::credit::dollars;
use crate::World;
use crate::notice::x::{Change, changed, revoked};
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};

impl X {
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        if event.kind == EventKind::QuotaEmpty {
            let left = event.to.as_deref().map_or(Some(0), dollars).ok_or(EventError::Incomplete("to"))?;
            self.credits.limit(left);
            return Ok(());
        }
        let (person, account) = world
            .people
            .all_mut()
            .iter_mut()
            .filter_map(|person| Some((person.id.clone(), person.x.as_mut()?)))
            .find(|(id, account)| *id == event.account || account.id == event.account)
            .ok_or(EventError::Unknown)?;
        let user = account.id.clone();
        match event.kind {
            EventKind::Revoke => {
                let apps = self.grants.apps_of(&person);
                self.grants.end(&person);
                for app in apps {
                    revoked(world, &app, &user);
                }
            }
            EventKind::PasswordChange => self.grants.end(&person),
            EventKind::Delete => account.standing = Standing::Deleted,
            EventKind::Suspend => account.standing = Standing::Suspended,
            EventKind::Rename => {
                let to = event.to.as_deref().filter(|to| !to.is_empty());
                let to = to.ok_or(EventError::Incomplete("to"))?;
                let before = std::mem::replace(&mut account.username, to.to_owned());
                self.tell(world, &person, &user, Change::Handle, &before, to);
            }
            EventKind::NewAvatar => {
                account.avatar += 1;
                let (before, after) = (picture(&user, account.avatar - 1), picture(&user, account.avatar));
                self.tell(world, &person, &user, Change::Picture, &before, &after);
            }
            EventKind::TierChange => {
                let to = event.to.as_deref().filter(|to| TIERS.contains(to)).ok_or(EventError::Incomplete("to"))?;
                to.clone_into(&mut account.subscription_type);
            }
            EventKind::Verify => {
                let to = event.to.as_deref().unwrap_or("blue");
                let known = SORTS.contains(&to) && to != "none";
                known.then(|| to.clone_into(&mut account.verified_type)).ok_or(EventError::Incomplete("to"))?;
                account.verified = true;
            }
            EventKind::Unverify => {
                account.verified = false;
                "none".clone_into(&mut account.verified_type);
            }
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }

    /// Tells a change to every app that the person lets in.
    fn tell(&self, world: &mut World, person: &str, user: &str, change: Change, before: &str, after: &str) {
        for app in self.grants.apps_of(person) {
            changed(world, &app, user, change, before, after);
        }
    }
}

/// Where a picture stands at X, whichever way an app reaches it.
fn picture(user: &str, version: u32) -> String {
    format!("https://{}{}", super::CDN, super::user::picture_path(user, version))
}
