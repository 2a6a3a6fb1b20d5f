//! Which accounts have a place in a plan that is too small for all of them.
//!
//! One order decides: those that the owner would rather keep, those that are not suspended, main ones, and then whoever
//! was connected first. So the newest are suspended first and main ones last, and a place that gets free goes to a main
//! one, else to the oldest.

use std::collections::{BTreeMap, BTreeSet};

use super::Limit;
use crate::{Account, AccountId, PlatformId, Workspace};

/// How many accounts may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Over all platforms.
    pub total: Limit,
    /// On each platform.
    pub per_platform: Limit,
}

/// Connected accounts, the last one to lose its place first.
pub fn ranked<'a>(workspace: &Workspace, keep: &BTreeSet<AccountId>, accounts: &'a [Account]) -> Vec<&'a Account> {
    let mut ranked: Vec<&Account> = accounts.iter().collect();
    ranked.sort_by_key(|account| {
        let kept = keep.contains(&account.id);
        (!kept, account.is_over_plan(), !workspace.is_main(account.id), account.connected_at, account.id)
    });
    ranked
}

/// Of accounts in their order those that have a place, and those that have none.
pub fn seats<'a>(ranked: &[&'a Account], bounds: Bounds) -> (Vec<&'a Account>, Vec<&'a Account>) {
    let (mut total, mut each) = (0, BTreeMap::<&PlatformId, u32>::new());
    ranked.iter().copied().partition(|account| {
        let used = each.entry(&account.platform).or_default();
        let fits = bounds.total.room(total) > 0 && bounds.per_platform.room(*used) > 0;
        if fits {
            total += 1;
            *used += 1;
        }
        fits
    })
}
