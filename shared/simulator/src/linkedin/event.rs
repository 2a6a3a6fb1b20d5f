//! What happens to members and organisations on LinkedIn itself.

use super::LinkedIn;
use super::account::{Account, Organization, RoleState, hyphened};
use crate::World;
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};

impl LinkedIn {
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        match event.kind {
            EventKind::VersionSunset => {
                let version = event.version.as_deref().ok_or(EventError::Incomplete("version"))?;
                return self.versions.end(version).then_some(()).ok_or(EventError::Incomplete("version"));
            }
            EventKind::QuotaEmpty => return self.quota_empty(world, event),
            _ => {}
        }
        let apps: Vec<String> = world.apps.of("linkedin").map(|app| app.client_id.clone()).collect();
        let named = event.account.trim_start_matches("urn:li:person:");
        let is = |person: &str, account: &Account| {
            person == named || account.id == named || apps.iter().any(|app| account.sub(app) == named)
        };
        let mut members = world.people.all_mut().iter_mut().filter_map(|p| Some((p.id.clone(), p.linkedin.as_mut()?)));
        if let Some((person, account)) = members.find(|(person, account)| is(person, account)) {
            return self.happen_to(&person, account, event);
        }
        to_organization(world, event)
    }

    fn happen_to(&mut self, person: &str, account: &mut Account, event: &Event) -> Result<(), EventError> {
        match event.kind {
            EventKind::Revoke | EventKind::PasswordChange => self.grants.end(person),
            EventKind::Delete => account.standing = Standing::Deleted,
            EventKind::Suspend => account.standing = Standing::Suspended,
            EventKind::Rename => {
                to(event)?.clone_into(&mut account.name);
                account.vanity_name = hyphened(&account.name);
            }
            EventKind::NewAvatar => account.avatar += 1,
            EventKind::LoseRole => account.organizations.iter_mut().for_each(|held| held.state = RoleState::Revoked),
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }

    /// No calls are left today, or `to` calls: to a member, or to an app if that is what `account` names, or to all.
    fn quota_empty(&mut self, world: &World, event: &Event) -> Result<(), EventError> {
        let left = event.to.as_deref().unwrap_or("0").parse().map_err(|_| EventError::Incomplete("to"))?;
        let apps: Vec<&str> = world.apps.of("linkedin").map(|app| app.client_id.as_str()).collect();
        let person = world.people.get(&event.account).filter(|person| person.linkedin.is_some());
        match person {
            Some(person) => {
                for app in apps {
                    self.limits.leave(world.now, app, Some(&person.id), left);
                }
            }
            None if event.account.is_empty() || apps.contains(&event.account.as_str()) => {
                let meant = apps.iter().filter(|app| event.account.is_empty() || **app == event.account);
                meant.for_each(|app| self.limits.leave(world.now, app, None, left));
            }
            None => return Err(EventError::Unknown),
        }
        Ok(())
    }
}

fn to(event: &Event) -> Result<&str, EventError> {
    event.to.as_deref().filter(|to| !to.is_empty()).ok_or(EventError::Incomplete("to"))
}

/// To everybody who has a role there.
fn to_organization(world: &mut World, event: &Event) -> Result<(), EventError> {
    let id = event.account.rsplit(':').next().unwrap_or_default();
    let all = world.people.all_mut().iter_mut().filter_map(|person| person.linkedin.as_mut());
    let mut held: Vec<&mut Organization> =
        all.flat_map(|account| &mut account.organizations).filter(|held| held.id == id).collect();
    if held.is_empty() {
        return Err(EventError::Unknown);
    }
    for held in &mut held {
        match event.kind {
            EventKind::Delete => held.standing = Standing::Deleted,
            EventKind::Suspend => held.standing = Standing::Suspended,
            EventKind::Rename => {
                to(event)?.clone_into(&mut held.name);
                held.vanity_name = hyphened(&held.name);
            }
            EventKind::NewAvatar => held.avatar += 1,
            EventKind::LoseRole => held.state = RoleState::Revoked,
            _ => return Err(EventError::NotApplicable),
        }
    }
    Ok(())
}
