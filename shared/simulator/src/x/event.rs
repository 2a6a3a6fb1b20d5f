//! What happens to an account on X itself.

use super::X;
use crate::World;
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};

impl X {
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        let (person, account) = world
            .people
            .all_mut()
            .iter_mut()
            .filter_map(|person| Some((person.id.clone(), person.x.as_mut()?)))
            .find(|(id, account)| *id == event.account || account.id == event.account)
            .ok_or(EventError::Unknown)?;
        match event.kind {
            EventKind::Revoke | EventKind::PasswordChange => self.grants.end(&person),
            EventKind::Delete => account.standing = Standing::Deleted,
            EventKind::Suspend => account.standing = Standing::Suspended,
            EventKind::Rename => {
                let to = event.to.as_deref().filter(|to| !to.is_empty());
                to.ok_or(EventError::Incomplete("to"))?.clone_into(&mut account.username);
            }
            EventKind::NewAvatar => account.avatar += 1,
            EventKind::TypeChange
            | EventKind::LoseRole
            | EventKind::UnlinkInstagram
            | EventKind::UntickPage
            | EventKind::WithdrawScope
            | EventKind::DataAccessExpiry
            | EventKind::VersionSunset
            | EventKind::QuotaEmpty => return Err(EventError::NotApplicable),
        }
        Ok(())
    }
}
