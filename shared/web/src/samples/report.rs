//! A month's audit.

use domain::health::State;

use super::{at, chrome, face, facebook, faceless, figures::day, platform};
use crate::{
    console::Completeness,
    report::{AuditRow, ConnectionsReport, Followers, GapSpan},
};

pub fn audit(name: &str) -> ConnectionsReport {
    let gap =
        |from: &str, to: &str, why: Option<&str>| GapSpan { from: day(from), to: day(to), why: why.map(str::to_owned) };
    let whole = AuditRow {
        face: face(name),
        href: "/console/accounts/a".to_owned(),
        platform: facebook(),
        kind: "page".to_owned(),
        state: State::Healthy,
        connected_at: at("2026-03-02T10:00:00Z"),
        completeness: Completeness { observed: 30, expected: 30 },
        gaps: vec![],
        followers: Followers::Known { first: 1204.0, last: 1310.0 },
        opened: 0,
        resolved: 0,
        missing: vec![],
    };
    let limited = AuditRow {
        platform: platform("instagram", "Instagram"),
        kind: "instagram_business".to_owned(),
        state: State::Limited,
        completeness: Completeness { observed: 20, expected: 30 },
        gaps: vec![gap("2026-11-03", "2026-11-11", Some(name)), gap("2026-11-20", "2026-11-20", None)],
        followers: Followers::NoData,
        opened: 2,
        resolved: 2,
        missing: vec!["instagram_business_manage_insights".to_owned(), name.to_owned()],
        ..whole.clone()
    };
    let expired = AuditRow {
        face: faceless(name),
        platform: platform("x", "X"),
        kind: "profile".to_owned(),
        state: State::Expired,
        completeness: Completeness { observed: 16, expected: 30 },
        followers: Followers::Unavailable,
        opened: 1,
        ..whole.clone()
    };
    let new = AuditRow {
        completeness: Completeness { observed: 0, expected: 1 },
        followers: Followers::NoData,
        ..whole.clone()
    };
    ConnectionsReport {
        chrome: chrome(name),
        month: day("2026-11-26"),
        so_far: true,
        earlier: Some("?month=2026-10".to_owned()),
        later: None,
        accounts: vec![whole, limited, expired, new],
        unseen: 2,
        csv: "/v1/workspaces/ws_nordlys/reports/connections.csv?month=2026-11".to_owned(),
        json: "/v1/workspaces/ws_nordlys/reports/connections?month=2026-11".to_owned(),
        made_at: at("2026-11-26T09:00:00Z"),
        made_by: Some(name.to_owned()),
    }
}
