//! What happens to an account on Reddit itself.

use super::Reddit;
use crate::World;
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};

impl Reddit {
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        if event.kind == EventKind::QuotaEmpty {
            return self.quota_empty(world, event);
        }
        let all = world.people.all_mut().iter_mut();
        let (person, account) = all
            .filter_map(|person| Some((person.id.clone(), person.reddit.as_mut()?)))
            .find(|(id, account)| *id == event.account || account.id == event.account)
            .ok_or(EventError::Unknown)?;
        match event.kind {
            EventKind::Revoke | EventKind::PasswordChange => self.grants.end(&person),
            EventKind::Delete => account.standing = Standing::Deleted,
            EventKind::Suspend => account.standing = Standing::Suspended,
            // A name on Reddit cannot be changed; what is shown beside it can.
            EventKind::Rename => {
                let to = event.to.as_deref().filter(|to| !to.is_empty());
                to.ok_or(EventError::Incomplete("to"))?.clone_into(&mut account.title);
            }
            EventKind::NewAvatar => account.avatar += 1,
            EventKind::LoseRole => account.subreddits.clear(),
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }

    /// No calls are left for now, or `to` calls: to the app that `account` names, or to all.
    fn quota_empty(&mut self, world: &World, event: &Event) -> Result<(), EventError> {
        let left = event.to.as_deref().unwrap_or("0").parse().map_err(|_| EventError::Incomplete("to"))?;
        let mut meant =
            world.apps.of("reddit").filter(|app| event.account.is_empty() || app.client_id == event.account).peekable();
        meant.peek().ok_or(EventError::Unknown)?;
        meant.for_each(|app| self.limits.leave(world.now, &app.client_id, left));
        Ok(())
    }
}
