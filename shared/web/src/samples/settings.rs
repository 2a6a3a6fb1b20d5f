//! A workspace's settings.

use super::{at, chrome, platform};
use crate::{
    console::{PlanPanel, Settings, SuspendedRow},
    parts::{Blocked, Link, Meter},
};

pub(super) fn settings(name: &str, blocked: bool) -> Settings {
    let row = |id: &str, label: &str| SuspendedRow {
        account: Link::new(name, format!("/console/accounts/acc_{id}")),
        platform: platform(id, label),
        since: Some(at("2026-11-22T10:00:00Z")),
    };
    Settings {
        chrome: chrome(name),
        flash: None,
        plan: PlanPanel { name: "Starter".to_owned(), total: Meter::new(12, 10), per_platform: Some(3), upgrade: None },
        suspended: if blocked { vec![] } else { vec![row("x", "X"), row("facebook", "Facebook")] },
        unseen: u32::from(blocked),
        reuse_grant: true,
        version: 3,
        blocked: blocked.then(|| Blocked::because("Only an admin or somebody above can change this.")),
        submit: "/console/settings".to_owned(),
    }
}
