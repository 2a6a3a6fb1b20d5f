//! The console by its forms, as a browser without a script uses it; and everybody who is not that browser.

use serde_json::{Value, json};
use tests::{Browser, Caller, Page, World};

/// A form of a page.
struct Form {
    action: String,
    /// What the browser sends: hidden fields and what is ticked.
    fields: Vec<(String, String)>,
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    Some(rest.split('"').next().unwrap_or_default().to_owned())
}

fn forms(page: &Page) -> Vec<Form> {
    let sources = page.text.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default());
    let form = |source: &str| Form {
        action: attribute(source, "action").expect("an action"),
        fields: source
            .split("<input ")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap_or_default())
            .filter(|tag| tag.contains("type=\"hidden\"") || tag.ends_with("checked"))
            .map(|tag| (attribute(tag, "name").expect("a name"), attribute(tag, "value").unwrap_or_default()))
            .collect(),
    };
    sources.map(form).collect()
}

/// The one form that leads there and bears these fields.
fn form(page: &Page, action: &str, bears: &[(&str, &str)]) -> Form {
    let bears_all =
        |form: &Form| bears.iter().all(|(name, value)| form.fields.iter().any(|(n, v)| n == name && v == value));
    let mut found: Vec<_> = forms(page).into_iter().filter(|f| f.action.ends_with(action) && bears_all(f)).collect();
    assert_eq!(found.len(), 1, "{action} {bears:?} on {}: {}", page.url, page.text);
    found.remove(0)
}

struct Visitor {
    world: World,
    browser: Browser,
    api: Caller,
}

impl Visitor {
    async fn sign_in(role: &str) -> Self {
        let world = World::start().await;
        let browser = world.browser();
        let api = world.owner("ws_1");
        let visitor = Self { world, browser, api };
        let landed = visitor.browser.go(&visitor.at(&format!("/console/sign-in?workspace=ws_1&role={role}"))).await;
        assert_eq!(landed.status, 200, "{}", landed.text);
        visitor
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.world.product)
    }

    async fn open(&self, path: &str) -> Page {
        self.browser.go(&self.at(path)).await
    }

    /// Presses a form's button; stays where it answers.
    async fn press(&self, form: &Form) -> Page {
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.browser.submit(&self.at(&form.action), &fields).await
    }

    /// The same, and goes where it is sent.
    async fn follow(&self, page: Page) -> Page {
        let to = page.location().unwrap_or_else(|| panic!("{}: {}", page.status, page.text));
        self.browser.go(&to).await
    }

    /// Connect on a platform's card, Continue, approve as the person, and back.
    async fn connect(&self, platform: &str, person: &str) -> Page {
        let card = form(&self.open("/console").await, "/console/connect", &[("platform", platform)]);
        let start = self.follow(self.press(&card).await).await;
        let proceed = forms(&start).remove(0);
        let authorize = self.press(&proceed).await.location().expect("the platform");
        let callback = self.browser.answer(&authorize, &[("person", person), ("decision", "approve")]).await;
        self.browser.go(&callback).await
    }

    async fn accounts(&self, query: &str) -> Vec<Value> {
        let list = self.api.get(&format!("/v1/workspaces/ws_1/accounts{query}")).await.body;
        list["data"].as_array().cloned().expect("a list")
    }

    async fn id_of(&self, name: &str) -> String {
        let found = self.accounts("").await.into_iter().find(|a| a["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not connected"))["id"].as_str().expect("an id").to_owned()
    }
}

/// S0-17, S2-02, S3-15, S3-38, S4-12: connect, choose, main, disconnect and remove by pressing what the pages show.
#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_done_by_forms() {
    let visitor = Visitor::sign_in("owner").await;
    let back = visitor.connect("facebook", "acme").await;
    assert!(back.url.contains("/console?session=cs_") && back.text.contains("1 account is connected"), "{}", back.text);
    let acme = visitor.id_of("Acme").await;

    // Two pages, one of which cannot be chosen: the other is ticked already.
    let choose = visitor.connect("facebook", "acme-team").await;
    assert!(choose.url.contains("/console/sessions?session="), "{}", choose.url);
    assert!(choose.text.contains("Acme Archive") && choose.text.contains("Cannot be connected now"));
    let choices = forms(&choose).into_iter().find(|f| f.fields.iter().any(|(name, _)| name == "candidate"));
    let choices = choices.expect("a choice");
    assert_eq!(choices.fields.iter().filter(|(name, _)| name == "candidate").count(), 1);
    let chosen = visitor.follow(visitor.press(&choices).await).await;
    assert_eq!(chosen.status, 200);
    let team = visitor.id_of("Acme Team").await;

    let main = form(&visitor.open("/console").await, &format!("{team}/main"), &[]);
    let overview = visitor.follow(visitor.press(&main).await).await;
    assert!(forms(&overview).iter().any(|f| f.action.ends_with(&format!("{acme}/main"))), "{}", overview.text);
    assert_eq!(visitor.api.get(&format!("/v1/accounts/{team}")).await.body["is_main"], true);

    let sure = visitor.open(&format!("/console/accounts/{team}/disconnect")).await;
    let receipt = visitor.press(&form(&sure, &format!("{team}/disconnect"), &[])).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    assert_eq!(visitor.accounts("?lifecycle=disconnected").await.len(), 1);
    assert_eq!(visitor.api.get(&format!("/v1/accounts/{acme}")).await.body["is_main"], true);

    let sure = visitor.open(&format!("/console/accounts/{acme}/remove")).await;
    let receipt = visitor.press(&form(&sure, &format!("{acme}/remove"), &[])).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    visitor.api.get(&format!("/v1/accounts/{acme}")).await.is_problem(404, "not_found");
    assert!(visitor.accounts("").await.is_empty());
    assert_eq!(visitor.world.count("revoked").await, 2);
}

/// Without the cookie there is no page and no effect.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_sent_to_sign_in() {
    let visitor = Visitor::sign_in("owner").await;
    visitor.connect("x", "acme").await;
    let account = visitor.accounts("").await[0]["id"].as_str().expect("an id").to_owned();
    let stranger = visitor.world.browser();
    let own = visitor.browser.cookies(&visitor.world.product);
    for cookie in [None, Some("x"), Some("a.b.c")] {
        if let Some(value) = cookie {
            stranger.plant(&visitor.world.product, "mooring-console", value);
        }
        for path in ["/console", "/console/sessions?session=cs_1", &format!("/console/accounts/{account}/remove")] {
            let page = stranger.open(&visitor.at(path)).await;
            assert_eq!((page.status, page.header("location")), (303, Some("/console/sign-in")), "{path}");
        }
        for path in ["/console/connect", &format!("/console/accounts/{account}/remove")] {
            let page = stranger.submit(&visitor.at(path), &[("platform", "x")]).await;
            assert_eq!((page.status, page.header("location")), (303, Some("/console/sign-in")), "{path}");
        }
    }
    assert!(own.contains_key("mooring-console"));
    assert_eq!(visitor.accounts("").await.len(), 1);
}

/// CHK-P17
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_the_visitor_s_own_has_no_effect() {
    let visitor = Visitor::sign_in("owner").await;
    visitor.connect("x", "acme").await;
    let account = visitor.accounts("").await[0]["id"].as_str().expect("an id").to_owned();
    let path = visitor.at(&format!("/console/accounts/{account}/remove"));
    let sure = visitor.open(&format!("/console/accounts/{account}/remove")).await;
    let csrf = form(&sure, "/remove", &[]).fields.remove(0).1;
    let colleague = visitor.world.browser();
    colleague.go(&visitor.at("/console/sign-in?workspace=ws_1&role=admin")).await;
    let page = colleague.go(&visitor.at(&format!("/console/accounts/{account}/remove"))).await;
    let theirs = form(&page, "/remove", &[]).fields.remove(0).1;
    assert_ne!(csrf, theirs);
    let last = if csrf.ends_with('A') { "B" } else { "A" };
    let wrong = format!("{}{last}", &csrf[..csrf.len() - 1]);
    let events = visitor.world.published().len();
    for fields in
        [vec![], vec![("csrf", "")], vec![("csrf", "x")], vec![("csrf", wrong.as_str())], vec![("csrf", &theirs)]]
    {
        assert_eq!(visitor.browser.submit(&path, &fields).await.status, 403, "{fields:?}");
    }
    for origin in ["https://evil.example", "null", visitor.world.simulator.as_str()] {
        assert_eq!(visitor.browser.submit_from(origin, &path, &[("csrf", &csrf)]).await.status, 403, "{origin}");
    }
    let own = visitor.world.product.clone();
    let cross = visitor.browser.submit_from(&own, &path, &[("csrf", &csrf)]).await;
    assert_eq!(cross.status, 403, "sec-fetch-site says cross-site");
    assert_eq!(visitor.world.published().len(), events);
    assert_eq!(visitor.accounts("").await.len(), 1);
    assert_eq!(visitor.browser.submit(&path, &[("csrf", &csrf)]).await.status, 200);
    assert_eq!(visitor.accounts("").await.len(), 0);
}

/// CHK-P2: the console asks the same table as the API.
#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_sees_and_does_nothing_else() {
    let visitor = Visitor::sign_in("viewer").await;
    let account = visitor.world.connect(&visitor.api, "x", "demo-01").await.remove(0);
    let overview = visitor.open("/console").await;
    assert!(overview.text.contains(&account) && forms(&overview).is_empty(), "{}", overview.text);
    let sure = visitor.open(&format!("/console/accounts/{account}/disconnect")).await;
    let csrf = form(&sure, "/disconnect", &[]).fields.remove(0).1;
    for verb in ["disconnect", "remove", "main"] {
        let at = visitor.at(&format!("/console/accounts/{account}/{verb}"));
        assert_eq!(visitor.browser.submit(&at, &[("csrf", &csrf)]).await.status, 403, "{verb}");
    }
    let connect = visitor.browser.submit(&visitor.at("/console/connect"), &[("csrf", &csrf), ("platform", "x")]).await;
    assert_eq!(connect.status, 403);
    assert_eq!(visitor.accounts("").await.len(), 1);
}

/// CHK-P1: another workspace's account is not there, on any page.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_one_workspace_only() {
    let visitor = Visitor::sign_in("owner").await;
    let other = visitor.world.owner("ws_2");
    let account = visitor.world.connect(&other, "x", "demo-01").await.remove(0);
    let session = other.post("/v1/workspaces/ws_2/connect-sessions", json!({"platform": "x"})).await;
    let session = session.body["id"].as_str().expect("an id").to_owned();
    let csrf = forms(&visitor.open("/console").await).remove(0).fields.remove(0).1;
    for verb in ["disconnect", "remove"] {
        assert_eq!(visitor.open(&format!("/console/accounts/{account}/{verb}")).await.status, 404);
    }
    for path in [
        format!("/console/accounts/{account}/disconnect"),
        format!("/console/accounts/{account}/remove"),
        format!("/console/accounts/{account}/main"),
        format!("/console/sessions/{session}/selection"),
    ] {
        assert_eq!(visitor.browser.submit(&visitor.at(&path), &[("csrf", &csrf)]).await.status, 404, "{path}");
    }
    assert_eq!(visitor.open(&format!("/console/sessions?session={session}")).await.status, 404);
    assert!(!visitor.open("/console").await.text.contains(&account));
    assert_eq!(other.get(&format!("/v1/accounts/{account}")).await.body["lifecycle"], "active");
}
