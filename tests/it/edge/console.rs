//! The console by its forms, as a browser without a script uses it; and everybody who is not that browser.

mod figures;
mod links;

use domain::Account;
use reqwest::Method;
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

/// The session that an address ends with.
fn id_in(url: &str) -> &str {
    let at = url.find("cs_").unwrap_or_else(|| panic!("{url} names no session"));
    &url[at..at + 29]
}

/// What a page says, without its tags.
fn words(page: &Page) -> String {
    let tags = page.text.split('<').skip(1).filter_map(|tag| tag.split_once('>').map(|(_, text)| text));
    let text: String = tags.collect::<Vec<_>>().join(" ");
    text.replace("&#39;", "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of a page between two words.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.split_once(to).map_or(rest, |(part, _)| part)
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
        self.consent(&card, &[("person", person), ("decision", "approve")]).await
    }

    /// The form of one of a platform's ways.
    async fn way(&self, platform: &str, method: &str) -> Form {
        form(&self.open("/console").await, "/console/connect", &[("platform", platform), ("method", method)])
    }

    /// Presses a form that begins an attempt, continues, answers at the platform, and goes back.
    async fn consent(&self, begin: &Form, answer: &[(&str, &str)]) -> Page {
        let start = self.follow(self.press(begin).await).await;
        let authorize = self.press(&form(&start, "", &[("session", id_in(&start.url))])).await.location();
        let callback = self.browser.answer(&authorize.expect("the platform"), answer).await;
        self.browser.go(&callback).await
    }

    /// An attempt of the console that has not been continued: its start page.
    async fn started(&self, platform: &str) -> Page {
        let card = form(&self.open("/console").await, "/console/connect", &[("platform", platform)]);
        self.follow(self.press(&card).await).await
    }

    /// What is due is fetched.
    async fn sync(&self) {
        app::sync::sync(&self.world.stack.services).await.expect("the runs");
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

    // What the forms did is on record like what a token does.
    let audit = visitor.api.get("/v1/workspaces/ws_1/audit?credential=console").await.body;
    let audit = audit["data"].as_array().expect("a list").iter();
    let mut did: Vec<&str> = audit.map(|entry| entry["action"].as_str().expect("an action")).collect();
    did.sort_unstable();
    let connect = "createConnectSession";
    assert_eq!(did, [connect, connect, "disconnectAccount", "removeAccount", "selectCandidates", "setMainAccount"]);
}

/// What is planned is told before and after, and the tied account goes along where that is ticked.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_before_an_end_says_what_it_would_take() {
    let visitor = Visitor::sign_in("owner").await;
    let world = &visitor.world;
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let session = world.consent(&visitor.api, ask, "acme").await;
    let instagram = session["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let threads = world.connect(&visitor.api, "threads", "acme").await.remove(0);
    let planned = json!({"scheduled_posts": [{"id": "p", "at": "2026-12-01T09:00:00Z"}], "drafts": 2});
    let report = visitor.api.call(Method::PUT, &format!("/v1/accounts/{instagram}/usage"));
    assert_eq!(tests::send(report.json(&planned)).await.status, 200);
    let alone = visitor.open(&format!("/console/accounts/{instagram}/disconnect")).await;
    assert!(!alone.text.contains(r#"name="along""#), "nothing is tied to it");
    for (one, other) in [(&instagram, &threads), (&threads, &instagram)] {
        let (ws, store) = ("ws_1".parse().expect("an id"), &world.stack.services.store);
        let found = store.find_account(&ws, one.parse().expect("an id")).await.expect("the table");
        let before = found.expect("an account");
        let after = Account { linked: other.parse().ok(), version: before.version + 1, ..before.clone() };
        store.tell(&[(before, after)], &[], world.now()).await.expect("the table");
    }
    let sure = visitor.open(&format!("/console/accounts/{instagram}/disconnect")).await;
    for told in ["1 scheduled post will fail, the next on 1 December 2026", "reconnect instead", r#"name="along""#] {
        assert!(sure.text.contains(told), "{told}: {}", sure.text);
    }
    let mut ticked = form(&sure, &format!("{instagram}/disconnect"), &[]);
    ticked.fields.push(("along".to_owned(), "true".to_owned()));
    let receipt = visitor.press(&ticked).await;
    for told in ["1 scheduled post, 2 drafts", "went along", "The access can only be withdrawn by hand"] {
        assert!(receipt.text.contains(told), "{told}: {}", receipt.text);
    }
    assert_eq!(visitor.accounts("?lifecycle=disconnected").await.len(), 2);
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
    let only_asks = forms(&overview).iter().all(|form| form.action == "/console#accounts");
    assert!(overview.text.contains(&account) && only_asks, "{}", overview.text);
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

/// What a person ticks at a platform: everything but these.
fn all_but(authorize_scopes: &str, without: &[&str]) -> Vec<String> {
    authorize_scopes.split(',').filter(|scope| !without.contains(scope)).map(str::to_owned).collect()
}

/// S2-04, S2-05: both ways of Instagram stand on one card, each with whom it suits and what it may do.
#[tokio::test(flavor = "multi_thread")]
async fn instagram_is_connected_in_two_ways() {
    let visitor = Visitor::sign_in("owner").await;
    let card = words(&visitor.open("/console").await);
    assert!(card.contains("For accounts linked to a Page") && card.contains("No Page needed"), "{card}");
    for (method, place, reach, more) in [
        ("facebook_login", "Facebook", "the Instagram accounts linked to your Pages", "audience"),
        ("instagram_login", "Instagram", "the Instagram account that you sign in to", "messages"),
    ] {
        let mut way = visitor.way("instagram", method).await;
        let ticked = |form: &Form| -> Vec<String> {
            form.fields.iter().filter(|(n, _)| n == "capability").map(|(_, v)| v.clone()).collect()
        };
        assert_eq!(ticked(&way), ["publish", "analytics"], "{method}");
        way.fields.push(("capability".to_owned(), more.to_owned()));
        let start = visitor.follow(visitor.press(&way).await).await;
        let told = words(&start);
        assert!(told.contains("Connect Instagram to ws_1") && told.contains(reach), "{told}");
        assert!(told.contains(&format!("Continue to {place}")), "{told}");
        assert_eq!(told.contains("Read your messages"), more != "messages", "{told}");
        // The scope of the numbers allows this as well, so nobody says that it does not.
        assert!(!told.contains("See who follows you"), "{told}");
        let session = visitor.api.get(&format!("/v1/connect-sessions/{}", id_in(&start.url))).await.body;
        assert_eq!((&session["platform"], &session["method"]), (&json!("instagram"), &json!(method)));
        assert_eq!(session["capabilities"], json!(["publish", "analytics", more]));

        let way = visitor.way("instagram", method).await;
        let back = visitor.consent(&way, &[("person", "acme"), ("decision", "approve")]).await;
        assert!(back.text.contains("1 account is connected"), "{}", words(&back));
    }
    // Both ways lead to one account, which the second one took over.
    let accounts = visitor.accounts("?platform=instagram").await;
    assert_eq!(accounts.len(), 1, "{accounts:?}");
    assert_eq!((&accounts[0]["handle"], &accounts[0]["method"]), (&json!("acme"), &json!("instagram_login")));
}

/// Before the consent each way of each platform says what is allowed, what for, and what never.
#[tokio::test(flavor = "multi_thread")]
async fn each_start_page_says_what_is_allowed_and_why() {
    let visitor = Visitor::sign_in("owner").await;
    let platforms = visitor.api.get("/v1/platforms").await.body;
    let mut seen = 0;
    for platform in platforms["data"].as_array().expect("a list") {
        let id = platform["id"].as_str().expect("an id");
        for method in platform["methods"].as_array().expect("methods") {
            let way = visitor.way(id, method["id"].as_str().expect("an id")).await;
            let start = words(&visitor.follow(visitor.press(&way).await).await);
            let asked = way.fields.iter().filter(|(name, _)| name == "capability").map(|(_, word)| word.as_str());
            let capabilities = asked.map(|word| &method["capabilities"][word]["wording"]);
            for wording in std::iter::once(&method["connect"]["wording"]).chain(capabilities) {
                for part in ["what", "why", "never"] {
                    let sentence = wording[part].as_str().unwrap_or_else(|| panic!("{method}"));
                    assert!(start.contains(sentence), "{id}: {sentence} is not in {start}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 11 * 3 * 3, "every way of every platform: {seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_for_nothing_is_refused_where_it_was_begun() {
    let visitor = Visitor::sign_in("owner").await;
    let mut way = visitor.way("instagram", "facebook_login").await;
    way.fields.retain(|(name, _)| name != "capability");
    let refused = visitor.press(&way).await;
    assert_eq!(refused.status, 422);
    assert!(words(&refused).contains("Tick at least one thing") && refused.text.contains("id=\"platform-instagram\""));
    way.fields.push(("capability".to_owned(), "everything".to_owned()));
    assert_eq!(visitor.press(&way).await.status, 422);
}

/// S3-24, S3-67, S1-39: a page without Instagram is shown with its reason and where to change it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_instagram_tells_why_and_what_else_there_is() {
    let visitor = Visitor::sign_in("owner").await;
    let way = visitor.way("instagram", "facebook_login").await;
    let choose = visitor.consent(&way, &[("person", "acme-team"), ("decision", "approve")]).await;
    let told = words(&choose);
    assert!(told.contains("@acmeteam") && told.contains("linked to the Page Acme Team"), "{told}");
    let refused = between(&told, "Cannot be connected now", "You can choose until");
    assert!(refused.contains("Acme Archive") && refused.contains("No Instagram account is linked"), "{refused}");
    assert!(choose.text.contains("?tab=linked_accounts"));
    assert!(!told.contains("without a Page"), "something can be chosen here");

    // Where nothing can be chosen, the next step is the way that needs no page.
    let way = visitor.way("instagram", "facebook_login").await;
    let nothing = visitor.consent(&way, &[("person", "hobby"), ("decision", "approve")]).await;
    assert!(words(&nothing).contains("None of these 2 accounts can be connected"), "{}", words(&nothing));
    let instead = form(&nothing, "/console/connect", &[("method", "instagram_login")]);
    assert!(words(&visitor.follow(visitor.press(&instead).await).await).contains("Continue to Instagram"));
}

/// S0-22, S0-76, CHK-A12: what was unticked is seen in the list and on the account's page, and one button heals it.
#[tokio::test(flavor = "multi_thread")]
async fn a_partial_consent_is_shown_and_healed_by_one_button() {
    let visitor = Visitor::sign_in("owner").await;
    for (method, publish) in
        [("facebook_login", "instagram_content_publish"), ("instagram_login", "instagram_business_content_publish")]
    {
        let way = visitor.way("instagram", method).await;
        let start = visitor.follow(visitor.press(&way).await).await;
        let authorize = visitor.press(&form(&start, "", &[("session", id_in(&start.url))])).await.location();
        let authorize = authorize.expect("the platform");
        let query = url::Url::parse(&authorize).expect("an address");
        let asked = query.query_pairs().find(|(n, _)| n == "scope").expect("scopes").1.into_owned();
        assert!(asked.contains(publish), "{asked}");
        let scopes = all_but(&asked, &[publish]);
        let answer = [("person", "acme"), ("decision", "approve")];
        let answer: Vec<(&str, &str)> =
            answer.into_iter().chain(scopes.iter().map(|scope| ("scope", scope.as_str()))).collect();
        let callback = visitor.browser.answer(&authorize, &answer).await;
        let back = visitor.browser.go(&callback).await;
        let told = words(&back);
        assert!(told.contains("1 account is connected, but not everything was allowed"), "{told}");
        assert!(told.contains("Limited") && told.contains("Publishing was not allowed."), "{told}");

        let account = visitor.id_of("Acme").await;
        let page = visitor.open(&format!("/console/accounts/{account}")).await;
        let told = words(&page);
        assert!(told.contains("Publishing Not allowed") && told.contains("Analytics Works"), "{told}");
        let matrix = between(&told, "Permission Came back", "Disconnect");
        assert!(matrix.replace(' ', "").contains(&format!("{publish}Notgiven")), "{matrix}");
        let heal = forms(&page)
            .into_iter()
            .find(|f| f.fields.iter().all(|(n, _)| n != "asked") && f.action.ends_with("/connect"));
        assert!(page.text.contains(">Allow publishing</button>"), "{told}");
        let healed = visitor.consent(&heal.expect("one button"), &[("person", "acme"), ("decision", "approve")]).await;
        assert!(
            words(&healed).contains("1 account is connected") && !healed.text.contains("not allowed"),
            "{}",
            words(&healed)
        );
        assert_eq!(visitor.id_of("Acme").await, account);
        visitor.sync().await;
        let told = words(&visitor.open(&format!("/console/accounts/{account}")).await);
        assert!(told.contains("Publishing Works") && told.contains("Everything that was asked for works"), "{told}");
        let sure = visitor.open(&format!("/console/accounts/{account}/remove")).await;
        visitor.press(&form(&sure, "/remove", &[])).await;
    }
}

/// S0-22: what a new set of ticks asks for is what the account has afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_can_be_asked_for_more() {
    let visitor = Visitor::sign_in("owner").await;
    let way = visitor.way("instagram", "instagram_login").await;
    visitor.consent(&way, &[("person", "acme"), ("decision", "approve")]).await;
    let account = visitor.id_of("Acme").await;
    let page = visitor.open(&format!("/console/accounts/{account}")).await;
    assert!(words(&page).contains("Messages Not asked"), "{}", words(&page));
    let mut change = form(&page, "/console/connect", &[("asked", "true")]);
    change.fields.push(("capability".to_owned(), "messages".to_owned()));
    visitor.consent(&change, &[("person", "acme"), ("decision", "approve")]).await;
    let told = words(&visitor.open(&format!("/console/accounts/{account}")).await);
    assert!(told.contains("Messages Works"), "{told}");
}

/// CHK-P1, CHK-P2: an account's page is for its workspace, and offers what the role may.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_s_page_is_for_its_workspace_and_role() {
    let visitor = Visitor::sign_in("viewer").await;
    let own = visitor.world.connect(&visitor.api, "facebook", "acme").await.remove(0);
    let other = visitor.world.owner("ws_2");
    let foreign = visitor.world.connect(&other, "x", "demo-01").await.remove(0);
    let page = visitor.open(&format!("/console/accounts/{own}")).await;
    assert!(page.status == 200 && page.text.contains("Acme") && forms(&page).is_empty(), "{}", page.text);
    for absent in [foreign.as_str(), "acc_01JD0000000000000000000000", "acc_1"] {
        assert_eq!(visitor.open(&format!("/console/accounts/{absent}")).await.status, 404, "{absent}");
    }
    let stranger = visitor.world.browser();
    let page = stranger.open(&visitor.at(&format!("/console/accounts/{own}"))).await;
    assert_eq!((page.status, page.header("location")), (303, Some("/console/sign-in")));
}

/// The code that a page shows.
fn code_on(page: &Page) -> Option<String> {
    let (_, rest) = page.text.split_once("id=\"code\">")?;
    Some(rest.split('<').next().unwrap_or_default().replace(' ', ""))
}

/// S0-79, S0-81: the first device shows, the other one names the code, continues and finishes; the first goes on.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_of_the_console_goes_on_on_another_device() {
    for (person, reached) in [("acme", "is connected"), ("agency", "Which accounts do you want here")] {
        let visitor = Visitor::sign_in("owner").await;
        let start = visitor.started("facebook").await;
        let id = id_in(&start.url).to_owned();
        let waiting = visitor.follow(visitor.press(&form(&start, &format!("{id}/handoff"), &[])).await).await;
        assert!(waiting.text.contains("<svg") && waiting.text.contains(&format!("/v1/connect-sessions/{id}/confirm")));
        assert!(waiting.header("refresh").is_some_and(|to| to.contains(&id)), "{:?}", waiting.headers);
        let code = code_on(&waiting).expect("a code");
        assert_eq!(code_on(&visitor.browser.open(&waiting.url).await), Some(code.clone()), "it stays over a reload");
        assert_eq!(visitor.browser.submit(&start.url, &[]).await.status, 409, "the first device has handed it over");

        // A colleague in the same workspace does not see the code.
        let colleague = visitor.world.browser();
        colleague.go(&visitor.at("/console/sign-in?workspace=ws_1&role=owner")).await;
        assert_eq!(code_on(&colleague.open(&waiting.url).await), None);

        let phone = visitor.world.browser();
        let confirm = visitor.at(&format!("/v1/connect-sessions/{id}/confirm"));
        let asking = phone.open(&confirm).await;
        assert!(words(&asking).contains("The four digits that the first device shows"));
        let going = phone.submit(&confirm, &[("code", &code)]).await;
        assert_eq!(going.status, 303, "{}", going.text);
        assert!(words(&visitor.open(&format!("/console/sessions/{id}/handoff")).await).contains("The code was right"));
        // The link once more leads the same phone back to where it was.
        assert_eq!(phone.open(&confirm).await.location(), going.location());
        let authorize = phone.press_continue(&going.location().expect("the start page")).await;
        assert!(words(&visitor.open(&format!("/console/sessions/{id}/handoff")).await).contains("at Facebook now"));
        let callback = phone.answer(&authorize, &[("person", person), ("decision", "approve")]).await;
        let done = phone.go(&callback).await;
        assert_eq!((done.status, done.url.contains("/v1/oauth/callback/")), (200, true), "{}", done.url);
        assert!(done.text.contains("is connected") || words(&done).contains("Go back to the first device"));

        // What is on the screen is old by now, so nothing is waited for.
        let refresh = waiting.header("refresh").and_then(|to| to.split_once("url=")).expect("a place").1.to_owned();
        let looking = tokio::time::timeout(std::time::Duration::from_secs(5), visitor.open(&refresh));
        let first = looking.await.expect("at once");
        assert!(words(&first).contains(reached), "{}", words(&first));
    }
}

/// S0-81: three wrong codes make it void, a new one makes it good again, and cancelling ends it.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_told_on_both_devices() {
    let visitor = Visitor::sign_in("owner").await;
    let start = visitor.started("x").await;
    let id = id_in(&start.url).to_owned();
    let hand_over = form(&start, "/handoff", &[]);
    let waiting = visitor.follow(visitor.press(&hand_over).await).await;
    let code = code_on(&waiting).expect("a code");
    let wrong = if code == "0000" { "1111" } else { "0000" };
    let phone = visitor.world.browser();
    let confirm = visitor.at(&format!("/v1/connect-sessions/{id}/confirm"));
    for (tries, there, here) in [
        ("12a4", "four digits", "Waiting for the other device"),
        (wrong, "2 tries are left", "Two tries are left"),
        (wrong, "One try is left", "One try is left"),
        (wrong, "wrong three times", "wrong three times"),
    ] {
        let told = phone.submit(&confirm, &[("code", tries)]).await;
        assert!(told.status >= 400 && words(&told).contains(there), "{}", words(&told));
        let page = visitor.browser.open(&waiting.url).await;
        assert!(words(&page).contains(here), "{}", words(&page));
    }
    let void = phone.open(&confirm).await;
    assert_eq!(void.status, 409);
    assert!(words(&void).contains("New code") && forms(&void).is_empty(), "{}", words(&void));
    let spent = visitor.browser.open(&waiting.url).await;
    assert_eq!(code_on(&spent), None);

    let again = visitor.follow(visitor.press(&form(&spent, "/handoff", &[])).await).await;
    let stale = code_on(&again).expect("a new code");
    // A code that the app made since is not this browser's to show, and the one before is shown no more.
    let handed = visitor.api.post(&format!("/v1/connect-sessions/{id}/handoff"), json!({})).await.body;
    let elsewhere = visitor.browser.open(&again.url).await;
    assert_ne!(handed["code"], stale.as_str());
    assert_eq!(code_on(&elsewhere), None, "{}", words(&elsewhere));
    assert!(words(&elsewhere).contains("Make a new one to see it"), "{}", words(&elsewhere));
    let again = visitor.follow(visitor.press(&form(&elsewhere, "/handoff", &[])).await).await;
    let new = code_on(&again).expect("a new code");
    assert_eq!(phone.submit(&confirm, &[("code", &new)]).await.status, 303);

    let ended = visitor.follow(visitor.press(&form(&again, "/cancel", &[])).await).await;
    assert!(words(&ended).contains("Nothing was connected"), "{}", words(&ended));
    assert_eq!(phone.open(&confirm).await.status, 410);
    let start_again = forms(&ended).remove(0);
    assert!(words(&visitor.follow(visitor.press(&start_again).await).await).contains("Connect X to ws_1"));
}

/// CHK-P1, CHK-P2, CHK-P17
#[tokio::test(flavor = "multi_thread")]
async fn a_hand_off_is_made_by_the_visitor_s_own_form_only() {
    let visitor = Visitor::sign_in("owner").await;
    let start = visitor.started("x").await;
    let id = id_in(&start.url).to_owned();
    let own = form(&start, "/handoff", &[]);
    for verb in ["handoff", "cancel"] {
        let at = visitor.at(&format!("/console/sessions/{id}/{verb}"));
        assert_eq!(visitor.browser.submit(&at, &[]).await.status, 403);
        assert_eq!(visitor.browser.submit(&at, &[("csrf", "x")]).await.status, 403);
        let other = visitor.world.browser();
        other.go(&visitor.at("/console/sign-in?workspace=ws_2&role=owner")).await;
        let csrf = forms(&other.go(&visitor.at("/console")).await).remove(0).fields.remove(0).1;
        assert_eq!(other.submit(&at, &[("csrf", &csrf)]).await.status, 404, "another workspace");
        let viewer = visitor.world.browser();
        viewer.go(&visitor.at("/console/sign-in?workspace=ws_1&role=viewer")).await;
        let account = visitor.world.connect(&visitor.api, "facebook", "acme").await.remove(0);
        let sure = viewer.go(&visitor.at(&format!("/console/accounts/{account}/remove"))).await;
        let csrf = form(&sure, "/remove", &[]).fields.remove(0).1;
        assert_eq!(viewer.submit(&at, &[("csrf", &csrf)]).await.status, 403, "a viewer");
    }
    assert_eq!(visitor.api.get(&format!("/v1/connect-sessions/{id}")).await.body["status"], "created");
    // Nobody but the console's own browser is offered it, and no attempt of another app.
    let stranger = visitor.world.browser().open(&start.url).await;
    assert!(stranger.status == 200 && !stranger.text.contains("handoff"));
    let foreign = visitor.api.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await;
    let page = visitor.browser.open(foreign.body["start_url"].as_str().expect("an address")).await;
    assert!(page.status == 200 && !page.text.contains("handoff"));
    assert_eq!(visitor.press(&own).await.status, 303);
    // Before it is handed over there is nothing to wait for.
    let other = visitor.started("x").await;
    let early = visitor.browser.open(&visitor.at(&format!("/console/sessions/{}/handoff", id_in(&other.url)))).await;
    assert_eq!(early.location(), Some(other.url));
}

/// S0-71, CHK-P17: the policy is changed by an admin's own form, and read by everybody.
#[tokio::test(flavor = "multi_thread")]
async fn the_policy_is_an_admin_s_to_change() {
    let visitor = Visitor::sign_in("admin").await;
    let policy = async || visitor.api.get("/v1/workspaces/ws_1").await.body["policies"]["reuse_grant"].clone();
    let settings = visitor.open("/console/settings").await;
    let mut save = form(&settings, "/console/settings", &[]);
    assert!(save.fields.iter().all(|(name, _)| name != "reuse_grant"), "off at first");
    save.fields.push(("reuse_grant".to_owned(), "true".to_owned()));
    let saved = visitor.follow(visitor.press(&save).await).await;
    assert!(
        words(&saved).contains("Saved") && saved.text.contains("value=\"true\" aria-describedby=\"reuse\" checked")
    );
    assert_eq!(policy().await, true);
    // The same form again is out of date.
    assert_eq!(visitor.press(&save).await.status, 412);
    assert_eq!(policy().await, true);
    let off = form(&saved, "/console/settings", &[]);
    let without: Vec<(&str, &str)> =
        off.fields.iter().filter(|(n, _)| n == "version").map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(visitor.browser.submit(&visitor.at("/console/settings"), &without).await.status, 403, "no token");
    assert_eq!(policy().await, true);

    let manager = visitor.world.browser();
    manager.go(&visitor.at("/console/sign-in?workspace=ws_1&role=manager")).await;
    let read = manager.go(&visitor.at("/console/settings")).await;
    assert!(words(&read).contains("Only an admin"), "{}", words(&read));
    assert!(!read.text.contains(">Save</button>") && read.text.contains("disabled"));
    let csrf = form(&read, "/console/settings", &[]).fields.remove(0).1;
    let version = off.fields.iter().find(|(n, _)| n == "version").expect("a version").1.clone();
    let at = visitor.at("/console/settings");
    assert_eq!(manager.submit(&at, &[("csrf", &csrf), ("version", &version)]).await.status, 403);
    assert_eq!(policy().await, true);
}

/// S2-05, S1-40: with the policy on, a further account comes from the consent that lives, without the platform's page.
#[tokio::test(flavor = "multi_thread")]
async fn another_account_is_added_from_the_same_consent() {
    let visitor = Visitor::sign_in("owner").await;
    let mut save = form(&visitor.open("/console/settings").await, "/console/settings", &[]);
    let connected = visitor.connect("facebook", "acme").await;
    assert!(connected.text.contains("1 account is connected"));
    let account = visitor.id_of("Acme").await;
    let path = format!("/console/accounts/{account}");
    assert!(!words(&visitor.open(&path).await).contains("Add another"), "the policy is off");
    save.fields.push(("reuse_grant".to_owned(), "true".to_owned()));
    visitor.press(&save).await;

    // The consent of before did not ask for Instagram; the next one does, and says so.
    let start = visitor.started("facebook").await;
    assert!(words(&start).contains("and the Instagram accounts linked to your Pages"), "{}", words(&start));
    visitor.connect("facebook", "acme").await;
    let page = visitor.open(&path).await;
    let add = form(&page, "/console/connect", &[("platform", "instagram"), ("method", "facebook_login")]);
    let before = visitor.world.calls("authorize").await;
    let choose = visitor.follow(visitor.press(&add).await).await;
    assert!(choose.text.contains("@acme"), "{}", words(&choose));
    let choice = forms(&choose).into_iter().find(|f| f.fields.iter().any(|(name, _)| name == "candidate"));
    let done = visitor.follow(visitor.press(&choice.expect("a choice")).await).await;
    let done = visitor.browser.go(&done.url).await;
    assert!(words(&done).contains("1 account is connected"), "{}", words(&done));
    assert_eq!(visitor.world.calls("authorize").await, before);
    let told = words(&visitor.open(&path).await);
    assert!(between(&told, "On the same consent", "Add another").contains("@acme"), "{told}");
}

/// S0-76: however an attempt ends, one sentence says it and one button goes on from there.
#[tokio::test(flavor = "multi_thread")]
async fn every_end_of_an_attempt_has_a_sentence_and_one_button() {
    let visitor = Visitor::sign_in("owner").await;
    let approve = |person| [("person", person), ("decision", "approve")];
    let buttons = |page: &Page| {
        let note =
            page.text.split("<div class=\"note ").nth(1).and_then(|n| n.split("<section").next()).unwrap_or_default();
        note.matches("<button").count()
    };
    for (method, answer, title, sentence, fresh) in [
        (
            "facebook_login",
            [("person", "acme"), ("decision", "deny")],
            "The permission was not given",
            "Connect again and allow",
            false,
        ),
        ("facebook_login", approve("personal"), "No pages came back", "as somebody who manages a page", true),
        (
            "instagram_login",
            approve("personal"),
            "This kind of account cannot be connected",
            "must be a business or creator account",
            true,
        ),
    ] {
        let way = visitor.way("instagram", method).await;
        let ended = visitor.consent(&way, &answer).await;
        let told = words(&ended);
        assert!(told.contains(title) && told.contains(sentence), "{title}: {told}");
        assert_eq!(buttons(&ended), 1, "{title}");
        let next = forms(&ended).remove(0);
        assert_eq!(next.fields.iter().any(|(n, _)| n == "fresh_consent"), fresh, "{title}");
        let start = visitor.follow(visitor.press(&next).await).await;
        assert!(words(&start).contains("Connect Instagram to ws_1"), "{title}");
    }
    // Another account than the one to be reconnected.
    let way = visitor.way("instagram", "instagram_login").await;
    visitor.consent(&way, &approve("acme")).await;
    let account = visitor.id_of("Acme").await;
    let page = visitor.open(&format!("/console/accounts/{account}")).await;
    let change = form(&page, "/console/connect", &[("account", &account), ("asked", "true")]);
    let ended = visitor.consent(&change, &approve("mallory")).await;
    assert!(words(&ended).contains("Expected acme, but mallory came back"), "{}", words(&ended));
    assert_eq!(buttons(&ended), 1);
    let next = forms(&ended).remove(0);
    assert!(next.fields.contains(&("account".to_owned(), account)), "it is still about that account");

    let start = visitor.started("x").await;
    visitor.world.advance(jiff::SignedDuration::from_mins(31));
    let ended = visitor.open(&format!("/console/sessions?session={}", id_in(&start.url))).await;
    assert!(words(&ended).contains("It was not finished in time"), "{}", words(&ended));
    assert_eq!(buttons(&ended), 1);
}
