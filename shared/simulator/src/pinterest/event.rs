//! What happens to an account on Pinterest itself.

use serde_json::json;

use super::Pinterest;
use crate::World;
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};

impl Pinterest {
    /// `account` is a person or an account's id.
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        let account = world
            .people
            .all_mut()
            .iter_mut()
            .filter_map(|person| Some((person.id.as_str(), person.pinterest.as_mut()?)))
            .find_map(|(id, account)| (id == event.account || account.id == event.account).then_some(account))
            .ok_or(EventError::Unknown)?;
        match event.kind {
            EventKind::Revoke | EventKind::PasswordChange => self.grants.end(&account.id),
            EventKind::Delete => {
                account.standing = Standing::Deleted;
                self.grants.end(&account.id);
            }
            EventKind::Suspend => account.standing = Standing::Suspended,
            EventKind::Rename => {
                let to = event.to.as_deref().filter(|to| !to.is_empty());
                to.ok_or(EventError::Incomplete("to"))?.clone_into(&mut account.username);
            }
            EventKind::NewAvatar => account.avatar += 1,
            EventKind::TypeChange => {
                let to = event.to.as_deref().unwrap_or("PINNER");
                account.kind = serde_json::from_value(json!(to)).map_err(|_| EventError::Incomplete("to"))?;
            }
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }
}
