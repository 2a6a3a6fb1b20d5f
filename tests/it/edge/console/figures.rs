//! An account's data and figures, by the console's pages and its form.

use jiff::SignedDuration;

use super::*;

impl Visitor {
    /// An account that is there, with its page.
    async fn account(&self, platform: &str) -> (String, String) {
        let id = self.world.connect(&self.api, platform, "acme").await.remove(0);
        let page = format!("/console/accounts/{id}");
        (id, page)
    }

    /// The same person by another role, or somebody of another workspace.
    async fn other(&self, workspace: &str, role: &str) -> Browser {
        let browser = self.world.browser();
        browser.go(&self.at(&format!("/console/sign-in?workspace={workspace}&role={role}"))).await;
        browser
    }
}

/// Where a posted form leads.
fn leads(page: &Page) -> String {
    let to = page.location().unwrap_or_else(|| panic!("{}: {}", page.status, page.text));
    to.find("/console/").map_or(to.clone(), |at| to[at..].to_owned())
}

/// S0-28, S0-29, S0-31: asked for by a form, which counts once; looked at by itself until it has ended; on record.
#[tokio::test(flavor = "multi_thread")]
async fn data_is_fetched_now_by_a_form_and_watched() {
    let visitor = Visitor::sign_in("manager").await;
    let (id, at) = visitor.account("x").await;
    let new = visitor.open(&at).await;
    assert!(words(&new).contains("Last fetched Not yet") && words(&new).contains("Being fetched"), "{}", words(&new));
    visitor.sync().await;

    let page = visitor.open(&at).await;
    assert!(words(&page).contains("Every 24 hours") || words(&page).contains("Every day"), "{}", words(&page));
    assert!(words(&page).contains("followers on"), "{}", words(&page));
    let press = form(&page, "/sync", &[]);
    let run = leads(&visitor.press(&press).await);
    assert!(run.starts_with(&format!("{at}/runs/run_")), "{run}");
    assert_eq!(leads(&visitor.press(&press).await), run, "the same form is the same run");
    // Another form leads to the run that goes on as well.
    let mut another = form(&page, "/sync", &[]);
    another.fields.retain(|(name, _)| name == "csrf");
    assert_eq!(leads(&visitor.press(&another).await), run);
    assert!(visitor.open(&at).await.text.contains(&format!("href=\"{run}\"")));

    let queued = visitor.open(&run).await;
    assert!(words(&queued).contains("It begins in a moment"), "{}", words(&queued));
    let refresh = queued.header("refresh").expect("it looks by itself");
    assert!(refresh.starts_with("2; url=") && refresh.ends_with(&run), "{refresh}");
    assert!(!queued.text.contains("http-equiv"), "and not by a tag");
    assert_eq!(visitor.open(&format!("{run}?still=true")).await.header("refresh"), None);
    visitor.sync().await;
    let ended = visitor.open(&run).await;
    assert!(words(&ended).contains("Everything was fetched"), "{}", words(&ended));
    assert_eq!(ended.header("refresh"), None, "it has ended");

    let cooling = visitor.open(&at).await;
    assert!(words(&cooling).contains("It can be asked for again from"), "{}", words(&cooling));
    assert!(cooling.text.contains(&format!("href=\"{run}\"")), "the last run");
    let early = visitor.press(&another).await;
    assert_eq!(early.status, 429, "{}", early.text);
    assert!(words(&early).contains("was just fetched") && words(&early).contains("Fetch now"), "{}", words(&early));
    visitor.world.advance(SignedDuration::from_secs(61));
    assert_ne!(leads(&visitor.press(&another).await), run);

    let audit = visitor.api.get("/v1/workspaces/ws_1/audit?credential=console").await.body;
    let entries = audit["data"].as_array().expect("a list").iter().filter(|entry| entry["action"] == "syncAccount");
    let mut did: Vec<String> = entries.map(|entry| entry["outcome"].to_string().replace('"', "")).collect();
    did.sort_unstable();
    assert_eq!(did, ["done", "done", "done", "done", "sync_cooldown"], "{id}");
}

/// What fails says why, what to do and when; what the person must do has no button that would not help.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_says_what_to_do() {
    let visitor = Visitor::sign_in("owner").await;
    let (_, at) = visitor.account("x").await;
    visitor.sync().await;
    let run = leads(&visitor.press(&form(&visitor.open(&at).await, "/sync", &[])).await);
    visitor.world.fault(json!({"platform": "x", "route": "*", "kind": "status:503"})).await;
    visitor.sync().await;
    let failed = visitor.open(&run).await;
    assert!(words(&failed).contains("The platform does not work at the moment."), "{}", words(&failed));
    assert!(words(&failed).contains("tried again by itself") && words(&failed).contains("Reading the profile Failed"));
    form(&failed, "/sync", &[]);
    let page = words(&visitor.open(&at).await);
    let data = between(&page, "How often", "Permissions");
    assert!(data.contains("The platform does not work at the moment"), "{data}");
    visitor.world.no_faults().await;

    visitor.world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    visitor.world.advance(SignedDuration::from_hours(7));
    visitor.browser.go(&visitor.at("/console/sign-in?workspace=ws_1&role=owner")).await;
    visitor.sync().await;
    let page = visitor.open(&at).await;
    let data = words(&page);
    let data = between(&data, "How often", "Permissions");
    assert!(data.contains("The consent behind this has ended"), "{data}");
    assert!(!forms(&page).iter().any(|form| form.action.ends_with("/sync")), "{data}");
}

/// S0-46: the chart's days are those of the API, the gap names its trouble, and the table is the same one.
#[tokio::test(flavor = "multi_thread")]
async fn figures_are_drawn_with_their_gaps_and_are_the_api_s_table() {
    let visitor = Visitor::sign_in("analyst").await;
    let (id, at) = visitor.account("x").await;
    visitor.sync().await;
    let day = SignedDuration::from_hours(24);
    for is_broken in [false, false, true, true, true, false, false] {
        visitor.world.advance(day);
        if is_broken {
            visitor.world.fault(json!({"platform": "x", "route": "*", "kind": "status:503"})).await;
        }
        for _ in 0..3 {
            visitor.world.advance(SignedDuration::from_mins(30));
            visitor.sync().await;
        }
        visitor.world.no_faults().await;
    }
    visitor.browser.go(&visitor.at("/console/sign-in?workspace=ws_1&role=analyst")).await;
    let page = visitor.open(&format!("{at}/figures")).await;
    let drawn = between(&page.text, "<desc", "</desc>");
    let title = "the data cannot be fetched";
    assert!(drawn.contains("No data on 3 days") && drawn.contains(title), "{drawn}");
    assert!(words(&page).contains("3 days in between have no data"), "{}", words(&page));
    assert!(words(&page).contains("No changes yet"), "{}", words(&page));

    let csv = visitor.open(&format!("{at}/figures.csv?figure=followers&days=30")).await;
    assert!(csv.header("content-type").is_some_and(|kind| kind.starts_with("text/csv")));
    let first = visitor.world.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let first = first.checked_sub(jiff::ToSpan::days(29)).expect("a day");
    let path = format!("/v1/accounts/{id}/metrics?keys=followers&from={first}");
    let api = tests::send(visitor.world.owner("ws_1").call(Method::GET, &path).header("accept", "text/csv")).await;
    assert_eq!(csv.text, api.text);
    assert_eq!(csv.text.matches(",gap,").count(), 3, "{}", csv.text);

    for wrong in ["?days=8", "?figure=luck", "?before=x"] {
        let refused = visitor.open(&format!("{at}/figures{wrong}")).await;
        assert!(matches!(refused.status, 400 | 422), "{wrong}: {}", refused.status);
    }
    // What X never tells is not drawn as nothing.
    let untold = visitor.open(&format!("{at}/figures?figure=reach")).await;
    assert!(words(&untold).contains("Not available: the platform does not tell this"), "{}", words(&untold));
}

/// Who may not is told so and does nothing; another workspace's account is not there.
#[tokio::test(flavor = "multi_thread")]
async fn data_and_figures_are_for_those_who_may() {
    let visitor = Visitor::sign_in("manager").await;
    let (_, at) = visitor.account("x").await;
    let (_, elsewhere) = visitor.account("pinterest").await;
    visitor.sync().await;
    let run = leads(&visitor.press(&form(&visitor.open(&at).await, "/sync", &[])).await);
    let runs: Vec<&str> = run.rsplit('/').collect();
    assert_eq!(visitor.open(&format!("{elsewhere}/runs/{}", runs[0])).await.status, 404, "it is another account's");

    let viewer = visitor.other("ws_1", "viewer").await;
    let page = viewer.go(&visitor.at(&at)).await;
    assert!(words(&page).contains("Only a manager or somebody above can do this"), "{}", words(&page));
    assert!(!page.text.contains(&format!("{at}/figures")) && !words(&page).contains("followers"), "{}", words(&page));
    assert_eq!(viewer.go(&visitor.at(&run)).await.status, 200);
    for path in ["figures", "figures.csv"] {
        assert_eq!(viewer.go(&visitor.at(&format!("{at}/{path}"))).await.status, 403, "{path}");
    }
    let sure = viewer.go(&visitor.at(&format!("{at}/remove"))).await;
    let csrf = form(&sure, "/remove", &[]).fields.remove(0).1;
    assert_eq!(viewer.submit(&visitor.at(&format!("{at}/sync")), &[("csrf", &csrf)]).await.status, 403);

    let stranger = visitor.other("ws_2", "owner").await;
    for path in [run.clone(), format!("{at}/figures"), format!("{at}/figures.csv")] {
        assert_eq!(stranger.go(&visitor.at(&path)).await.status, 404, "{path}");
    }
    let csrf = form(&stranger.go(&visitor.at("/console/settings")).await, "/settings", &[]).fields.remove(0).1;
    assert_eq!(stranger.submit(&visitor.at(&format!("{at}/sync")), &[("csrf", &csrf)]).await.status, 404);
}

/// A run tells what it found changed and what it did not get; the account tells all that ever changed, page by page.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_what_changed_and_what_is_missing() {
    let visitor = Visitor::sign_in("owner").await;
    let (_, at) = visitor.account("pinterest").await;
    visitor.sync().await;
    let rename = |to: String| json!({"platform": "pinterest", "account": "acme", "kind": "rename", "to": to});
    for number in 0..20 {
        visitor.world.event(rename(format!("acme_{number}"))).await;
        visitor.world.advance(SignedDuration::from_hours(7));
        visitor.sync().await;
    }
    visitor.world.event(rename("acme_bakery".to_owned())).await;
    visitor.world.advance(SignedDuration::from_hours(24));
    visitor.world.fault(json!({"platform": "pinterest", "route": "metrics", "kind": "status:503"})).await;
    visitor.browser.go(&visitor.at("/console/sign-in?workspace=ws_1&role=owner")).await;
    let run = leads(&visitor.press(&form(&visitor.open(&at).await, "/sync", &[])).await);
    visitor.sync().await;
    let partial = words(&visitor.open(&run).await);
    assert!(partial.contains("Part of the data fetched"), "{partial}");
    let missing = between(&partial, "What is missing", "Steps");
    assert!(missing.contains("Figures: The platform has an outage"), "{missing}");
    assert!(partial.contains("Reading the figures Failed"), "{partial}");
    let changed = between(&partial, "What changed", "Back to the account");
    assert!(changed.contains("@acme_19") && changed.contains("@acme_bakery"), "{changed}");
    assert!(!changed.contains("@acme_18"), "{changed}");

    let newest = visitor.open(&format!("{at}/figures?days=7")).await;
    let link = newest.text.split("href=\"").find(|href| href.contains("before=")).expect("older ones");
    let older = link.split('"').next().unwrap_or_default().replace("&#38;", "&").replace("&amp;", "&");
    assert!(older.contains("days=7") && words(&newest).contains("@acme_bakery"), "{older}");
    let oldest = visitor.open(&older).await;
    let timeline = words(&oldest);
    let timeline = between(&timeline, "Timeline", "Mooring keeps");
    assert!(timeline.contains("@acme @acme_0") || timeline.contains("@acme → to @acme_0"), "{timeline}");
    assert!(!timeline.contains("@acme_bakery") && !timeline.contains("Older changes"), "{timeline}");
}
