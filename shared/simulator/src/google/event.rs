//! What happens to Google accounts, channels and locations.

use super::Google;
use super::account::{Account, Channel, Location};
use super::authorize::GMAIL;
use crate::World;
use crate::notice::google;
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};
use crate::util::slug;

impl Google {
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        if event.kind == EventKind::QuotaEmpty {
            return self.quota_empty(world, event);
        }
        let named = event.account.as_str();
        let mut all = world.people.all_mut().iter_mut().filter_map(|p| Some((p.id.clone(), p.google.as_mut()?)));
        if let Some((person, account)) = all.find(|(person, account)| person == named || account.id == named) {
            let (sub, told) = (account.id.clone(), self.grants.knowing(&person));
            self.happen_to(&person, account, event)?;
            if let Some(name) = security_event(event.kind) {
                for app in &told {
                    google::security_event(world, app, &sub, name, super::sign_jwt);
                }
            }
            return Ok(());
        }
        let accounts = || world.people.all().iter().filter_map(super::account::of);
        let is_channel = accounts().flat_map(|account| &account.channels).any(|channel| channel.id == named);
        if is_channel { to_channel(world, event) } else { to_location(world, event) }
    }

    /// A changed password ends only what has a scope of Gmail.
    fn happen_to(&mut self, person: &str, account: &mut Account, event: &Event) -> Result<(), EventError> {
        match event.kind {
            EventKind::Revoke => self.grants.end(None, person),
            EventKind::PasswordChange => {
                let reads_mail = |((app, of), scopes): (&(String, String), &Vec<String>)| {
                    (of == person && scopes.iter().any(|scope| scope == GMAIL)).then(|| app.clone())
                };
                let apps: Vec<String> = self.grants.given.iter().filter_map(reads_mail).collect();
                for app in &apps {
                    self.grants.end(Some(app), person);
                }
            }
            EventKind::Delete => account.standing = Standing::Deleted,
            EventKind::Suspend => account.standing = Standing::Suspended,
            EventKind::Rename => {
                let channel = account.channels.first_mut().ok_or(EventError::NotApplicable)?;
                rename(channel, event)?;
            }
            EventKind::NewAvatar => {
                account.avatar += 1;
                account.channels.iter_mut().take(1).for_each(|channel| channel.avatar += 1);
            }
            EventKind::LoseRole => account.businesses.iter_mut().for_each(|business| business.locations.clear()),
            EventKind::WithdrawScope => {
                let scope = event.scope.as_deref().ok_or(EventError::Incomplete("scope"))?;
                return self.grants.withdraw(person, scope).then_some(()).ok_or(EventError::NotApplicable);
            }
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }

    /// No units are left today, or `to` units: to the app that `account` names, or to all.
    fn quota_empty(&mut self, world: &World, event: &Event) -> Result<(), EventError> {
        let left = event.to.as_deref().unwrap_or("0").parse().map_err(|_| EventError::Incomplete("to"))?;
        let mut meant =
            world.apps.of("google").filter(|app| event.account.is_empty() || app.client_id == event.account).peekable();
        meant.peek().ok_or(EventError::Unknown)?;
        meant.for_each(|app| self.quotas.leave(world.now, &app.client_id, left));
        Ok(())
    }
}

/// What apps are told of it that know who the person is.
fn security_event(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Revoke => Some("tokens-revoked"),
        EventKind::PasswordChange => Some("sessions-revoked"),
        EventKind::Delete => Some("account-purged"),
        EventKind::Suspend => Some("account-disabled"),
        _ => None,
    }
}

fn to(event: &Event) -> Result<&str, EventError> {
    event.to.as_deref().filter(|to| !to.is_empty()).ok_or(EventError::Incomplete("to"))
}

fn rename(channel: &mut Channel, event: &Event) -> Result<(), EventError> {
    to(event)?.clone_into(&mut channel.title);
    channel.handle = format!("@{}", slug(&channel.title));
    Ok(())
}

fn to_channel(world: &mut World, event: &Event) -> Result<(), EventError> {
    let all = world.people.all_mut().iter_mut().filter_map(|person| person.google.as_mut());
    let channel = all.flat_map(|account| &mut account.channels).find(|channel| channel.id == event.account);
    let channel = channel.ok_or(EventError::Unknown)?;
    match event.kind {
        EventKind::Delete => channel.standing = Standing::Deleted,
        EventKind::Suspend => channel.standing = Standing::Suspended,
        EventKind::Rename => rename(channel, event)?,
        EventKind::NewAvatar => channel.avatar += 1,
        _ => return Err(EventError::NotApplicable),
    }
    Ok(())
}

/// To the location under every account; a role is lost by taking it from them.
fn to_location(world: &mut World, event: &Event) -> Result<(), EventError> {
    let id = event.account.rsplit('/').next().unwrap_or_default();
    let all = world.people.all_mut().iter_mut().filter_map(|person| person.google.as_mut());
    let businesses = all.flat_map(|account| &mut account.businesses);
    let mut holding: Vec<_> =
        businesses.filter(|business| business.locations.iter().any(|location| location.id == id)).collect();
    if holding.is_empty() {
        return Err(EventError::Unknown);
    }
    for business in &mut holding {
        if event.kind == EventKind::LoseRole {
            business.locations.retain(|location| location.id != id);
        }
        for location in business.locations.iter_mut().filter(|location| location.id == id) {
            change(location, event)?;
        }
    }
    Ok(())
}

fn change(location: &mut Location, event: &Event) -> Result<(), EventError> {
    match event.kind {
        EventKind::Delete => location.standing = Standing::Deleted,
        EventKind::Suspend => location.standing = Standing::Suspended,
        EventKind::Rename => to(event)?.clone_into(&mut location.title),
        EventKind::NewAvatar => location.avatar += 1,
        EventKind::Verify | EventKind::Unverify => location.has_voice_of_merchant = event.kind == EventKind::Verify,
        _ => return Err(EventError::NotApplicable),
    }
    Ok(())
}
