//! Who lives on a grant: accounts of the workspace that it was given to, and copies of them in others.

use std::collections::BTreeMap;

use super::Grant;
use crate::{AccountId, WorkspaceId};

impl Grant {
    /// Whether nobody lives on it any more.
    pub fn is_left(&self) -> bool {
        self.accounts.is_empty() && self.copies.is_empty()
    }

    /// Whether it serves more than one workspace.
    pub fn is_shared(&self) -> bool {
        match (self.copies.first(), self.copies.last()) {
            (Some((first, _)), Some((last, _))) => first != last || !self.accounts.is_empty(),
            _ => false,
        }
    }

    /// The accounts of one workspace that live on it.
    pub fn of<'a>(&'a self, workspace: &'a WorkspaceId) -> impl Iterator<Item = AccountId> + 'a {
        let own = self.accounts.iter().filter(|_| self.workspace == *workspace).copied();
        own.chain(self.copies.iter().filter(move |(holder, _)| holder == workspace).map(|(_, id)| *id))
    }

    /// All that live on it, by their workspace.
    pub fn holders(&self) -> BTreeMap<WorkspaceId, Vec<AccountId>> {
        let own = self.accounts.iter().map(|id| (&self.workspace, *id));
        let mut holders: BTreeMap<WorkspaceId, Vec<AccountId>> = BTreeMap::new();
        for (workspace, id) in own.chain(self.copies.iter().map(|(workspace, id)| (workspace, *id))) {
            holders.entry(workspace.clone()).or_default().push(id);
        }
        holders
    }

    /// An account of a workspace lives on it from now on.
    pub fn join(&mut self, workspace: &WorkspaceId, account: AccountId) {
        if self.workspace == *workspace {
            self.accounts.insert(account);
        } else {
            self.copies.insert((workspace.clone(), account));
        }
    }

    /// These accounts do no longer.
    pub fn leave(&mut self, accounts: &[AccountId]) {
        self.accounts.retain(|id| !accounts.contains(id));
        self.copies.retain(|(_, id)| !accounts.contains(id));
    }
}
