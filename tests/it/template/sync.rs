//! Fetching data, as the deployed functions do it.

use app::{sweep, sync};
use jiff::SignedDuration;
use serde_json::json;

use super::{
    file::{Template, text},
    gateway::Gateway,
    woken,
};

/// Data is fetched by the clock, while the deployment's vault changes and changes back, and because somebody asks; then
/// it is read.
pub(super) async fn syncs(gateway: &Gateway, first: &str, second: &str) {
    let syncing = &gateway.functions["sync"];
    let report = sync::sync(&syncing.services).await.expect("a report");
    assert!(report.succeeded > 1, "{report:?}");
    // Tokens are renewed on the way, wherever they lie, and a consent that has ended is noticed.
    gateway.land(json!({"platform": "x"}), "demo-06").await;
    gateway.world.advance(SignedDuration::from_hours(25));
    sweep::sweep(&gateway.functions["sweep"].sealing_in_rows).await.expect("a report");
    for services in [&syncing.services, &syncing.sealing_in_rows, &syncing.services] {
        gateway.world.advance(SignedDuration::from_hours(7));
        let report = sync::sync(services).await.expect("a report");
        assert!(report.succeeded > 1, "{report:?}");
    }
    gateway.world.event(json!({"platform": "x", "account": "demo-06", "kind": "revoke"})).await;
    for _ in 0..2 {
        gateway.world.advance(SignedDuration::from_hours(7));
        sync::sync(&syncing.services).await.expect("a report");
    }
    let (one, two) = (format!("/v1/accounts/{first}"), format!("/v1/accounts/{second}"));
    let path = format!("{one}/syncs");
    for (kind, to) in [("rename", Some("acme_co")), ("new_avatar", None)] {
        gateway.world.event(json!({"platform": "x", "account": "acme", "kind": kind, "to": to})).await;
    }
    let asked = gateway.once("POST", &path, "y10", &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    assert_eq!(gateway.once("POST", &path, "y10", &json!({})).await.body["id"], asked.body["id"]);
    gateway.once("POST", &path, "y11", &json!({})).await.is_problem(409, "sync_in_progress");
    sync::sync(&syncing.services).await.expect("a report");
    let run = gateway.get(&format!("/v1/runs/{}", text(&asked.body["id"]))).await;
    assert_eq!(run.body["state"], "succeeded", "{}", run.text);
    let many = json!({"account_ids": [first, second]});
    gateway.world.advance(SignedDuration::from_mins(2));
    let begun = gateway.once("POST", "/v1/workspaces/ws_1/accounts:sync", "y12", &many).await;
    assert!(begun.status < 300, "{}", begun.text);
    gateway.world.fault(json!({"platform": "x", "route": "profile", "kind": "status:500"})).await;
    let report = sync::sync(&syncing.services).await.expect("a report");
    assert!(report.failed > 0 && report.succeeded > 0, "{report:?}");
    gateway.world.no_faults().await;
    for part in ["syncs", "metrics", "audience", "history"] {
        for account in [&one, &two] {
            let read = gateway.get(&format!("{account}/{part}")).await;
            assert_eq!(read.status, 200, "{part}: {}", read.text);
        }
    }
    for report in ["forecast", "forecast.ics", "reports/connections?month=2026-11", "recommendations"] {
        let read = gateway.get(&format!("/v1/workspaces/ws_1/{report}")).await;
        assert_eq!(read.status, 200, "{report}: {}", read.text);
    }
    let feed = "/v1/workspaces/ws_1/forecast/feed";
    assert_eq!(gateway.get(feed).await.status, 200);
    let opened = gateway.once("POST", feed, "y13", &json!({})).await;
    let path = text(&opened.body["url"]).split_once("/v1/").map(|(_, path)| format!("/v1/{path}")).expect("an address");
    assert_eq!(gateway.get(&path).await.status, 200, "{path}");
    assert_eq!(gateway.once("DELETE", feed, "y14", &json!({})).await.status, 204);
    // Only an operator reads it, and none is configured here.
    gateway.get("/v1/ops/budgets").await.is_problem(403, "permission_denied");
    wakes_nobody_but_who_waits(gateway);
}

/// What the function tells itself does not wake it again; what somebody waits for does.
fn wakes_nobody_but_who_waits(gateway: &Gateway) {
    let template = Template::read();
    let (types, _) = woken(&template, "SyncFunction").expect("a rule");
    let told = |function: &str| gateway.functions[function].bus.after(None).into_iter().map(|event| event.kind);
    let own: Vec<String> = told("sync").collect();
    assert!(own.iter().any(|kind| kind == "account.synced"), "{own:?}");
    assert!(!own.iter().any(|kind| types.contains(&kind.as_str())), "{own:?} wakes it again and again");
    assert!(told("accounts").any(|kind| kind == "sync.requested" && types.contains(&kind.as_str())));
}
