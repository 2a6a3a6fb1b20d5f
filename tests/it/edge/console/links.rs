//! Links for clients, by the console's forms.

use serde_json::Value;

use super::*;

/// A form with what a person types into it.
fn filled(mut form: Form, typed: &[(&str, &str)]) -> Form {
    form.fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    form
}

/// The path of the address that a page shows, if it shows one.
fn address(page: &Page) -> Option<String> {
    let (_, rest) = page.text.split_once("/c/")?;
    Some(format!("/c/{}", rest.split(['"', '<', '\n']).next().unwrap_or_default()))
}

impl Visitor {
    async fn links(&self) -> Vec<Value> {
        let list = self.api.get("/v1/workspaces/ws_1/easyconnect-links").await.body;
        list["data"].as_array().cloned().expect("a list")
    }

    /// What is written down of links, by name: it all happens in one moment.
    async fn record(&self) -> Vec<String> {
        let audit = self.api.get("/v1/workspaces/ws_1/audit?limit=200").await.body;
        let entries = audit["data"].as_array().expect("a list").iter();
        let told = entries.map(|entry| format!("{} {}", entry["action"], entry["outcome"]).replace('"', ""));
        let mut told: Vec<_> = told.filter(|entry| entry.contains("Link")).collect();
        told.sort_unstable();
        told
    }

    async fn opens(&self, path: &str) -> u16 {
        self.world.browser().go(&self.at(path)).await.status
    }
}

const ASKED: [(&str, &str); 12] = [
    ("title", "Onboarding <b>"),
    ("place", "facebook:facebook_login:page"),
    ("only", "Acme"),
    ("place", "x:x_login:"),
    ("only", "@acme"),
    ("optional", "2"),
    ("days", "7"),
    ("most", "5"),
    ("password", "open sesame"),
    ("language", "de"),
    ("agency", "North Agency"),
    ("color", "#0a5"),
];

/// A link's whole life; its address is on one page only, and each deed is written down as the API's.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_made_followed_and_ended_by_forms() {
    let visitor = Visitor::sign_in("manager").await;
    let new = filled(form(&visitor.open("/console/links/new").await, "/console/links", &[]), &ASKED);
    let made = visitor.press(&new).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let first = address(&made).expect("the address");
    assert!(made.text.contains("<svg") && words(&made).contains("North Agency"), "{}", words(&made));
    assert!(words(&made).contains("needs the password"), "{}", words(&made));
    assert_eq!(visitor.opens(&first).await, 200);

    // The same form once more makes no second link and tells no address.
    let again = visitor.press(&new).await;
    assert_eq!((again.status, address(&again)), (200, None), "{}", again.text);
    let links = visitor.links().await;
    let [link] = links.as_slice() else { panic!("{links:?}") };
    assert_eq!(link["items"][0]["expected_name"], "Acme");
    assert_eq!((&link["items"][1]["expected_handle"], &link["items"][1]["optional"]), (&"acme".into(), &true.into()));
    assert_eq!((&link["has_password"], &link["max_connections"]), (&true.into(), &5.into()));
    assert_eq!((&link["recipient"]["language"], &link["branding"]["color"]), (&"de".into(), &"#00aa55".into()));

    let at = format!("/console/links/{}", link["id"].as_str().expect("an id"));
    let list = visitor.open("/console/links").await;
    assert!(list.text.contains(&format!("href=\"{at}\"")) && words(&list).contains("0 of 2 connected"));
    let page = visitor.open(&at).await;
    assert!(page.text.contains("Onboarding &#60;b&#62;") && words(&page).contains("Facebook, page, only Acme"));
    assert!(address(&page).is_none() && address(&list).is_none());

    let paused = visitor.follow(visitor.press(&form(&page, "/enabled", &[("enabled", "false")])).await).await;
    assert!(words(&paused).contains("Paused"), "{}", words(&paused));
    assert_eq!(visitor.links().await[0]["status"], "disabled");
    let on = visitor.follow(visitor.press(&form(&paused, "/enabled", &[("enabled", "true")])).await).await;
    let sent = visitor.press(&form(&on, "/send", &[])).await;
    let second = address(&sent).expect("another address");
    assert_ne!(first, second);
    assert_eq!((visitor.opens(&first).await, visitor.opens(&second).await), (200, 200));
    let rotated = visitor.press(&form(&visitor.open(&format!("{at}/rotate")).await, "/rotate", &[])).await;
    let third = address(&rotated).expect("the new address");
    assert_eq!((visitor.opens(&second).await, visitor.opens(&third).await), (404, 200));
    let sure = visitor.open(&format!("{at}/delete")).await;
    let gone = visitor.follow(visitor.press(&form(&sure, "/delete", &[])).await).await;
    assert!(words(&gone).contains("The link is deleted") && words(&gone).contains("no link yet"), "{}", words(&gone));
    assert_eq!((visitor.opens(&third).await, visitor.open(&at).await.status), (404, 404));

    assert_eq!(
        visitor.record().await,
        [
            "changeEasyConnectLink done",
            "changeEasyConnectLink done",
            "createEasyConnectLink done",
            "createEasyConnectLink done",
            "deleteEasyConnectLink done",
            "rotateEasyConnectLink done",
            "sendEasyConnectLink done",
        ]
    );
}

/// What cannot be is told above the form, which keeps all but the password; and it is written down as refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_keeps_what_was_typed() {
    let visitor = Visitor::sign_in("manager").await;
    let new = form(&visitor.open("/console/links/new").await, "/console/links", &[]);
    let mut odd = ASKED;
    odd[11].1 = "green";
    let refused = visitor.press(&filled(new, &odd)).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(words(&refused).contains("A colour such as #0a5"), "{}", words(&refused));
    assert!(refused.text.contains("value=\"Onboarding &#60;b&#62;\"") && refused.text.contains("value=\"Acme\""));
    assert!(!refused.text.contains("open sesame") && words(&refused).contains("Type it again"));
    assert_eq!(visitor.links().await, Vec::<Value>::new());
    assert_eq!(visitor.record().await, ["createEasyConnectLink validation_failed"]);
}

/// An account's page makes a link that brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_s_page_makes_its_reconnect_link() {
    let visitor = Visitor::sign_in("manager").await;
    visitor.connect("x", "acme").await;
    let id = visitor.id_of("Acme").await;
    let page = visitor.open(&format!("/console/accounts/{id}")).await;
    let told = visitor.press(&form(&page, "/reconnect-link", &[])).await;
    assert_eq!(visitor.opens(&address(&told).expect("the address")).await, 200);
    let links = visitor.links().await;
    assert_eq!((links.len(), &links[0]["items"][0]["reconnects"]["id"]), (1, &id.clone().into()));
    assert_eq!(visitor.record().await, ["createReconnectLink done"]);
}

/// Who may only read is shown no button, and their own form does nothing; another workspace's link is not there.
#[tokio::test(flavor = "multi_thread")]
async fn links_are_changed_by_those_who_may() {
    let visitor = Visitor::sign_in("viewer").await;
    let made = visitor.api.post("/v1/workspaces/ws_1/easyconnect-links", json!({"title": "Onboarding"})).await.body;
    let account = visitor.world.connect(&visitor.api, "x", "acme").await.remove(0);
    let at = format!("/console/links/{}", made["id"].as_str().expect("an id"));
    let (list, page) = (visitor.open("/console/links").await, visitor.open(&at).await);
    assert!(words(&list).contains("Onboarding") && !list.text.contains("/console/links/new"));
    for path in [&at, &format!("/console/accounts/{account}")] {
        let page = visitor.open(path).await;
        assert!(!page.text.contains("/reconnect-link") && !page.text.contains("/send"), "{path}");
    }
    assert!(!page.text.contains(&format!("{at}/delete")) && forms(&page).is_empty());
    for path in ["/console/links/new".to_owned(), format!("{at}/delete"), format!("{at}/rotate")] {
        assert_eq!(visitor.open(&path).await.status, 403, "{path}");
    }
    let sure = visitor.open(&format!("/console/accounts/{account}/remove")).await;
    let csrf = form(&sure, "/remove", &[]).fields.remove(0).1;
    let before = visitor.links().await;
    for verb in ["enabled", "send", "rotate", "delete"] {
        let posted = visitor.browser.submit(&visitor.at(&format!("{at}/{verb}")), &[("csrf", &csrf)]).await;
        assert_eq!(posted.status, 403, "{verb}: {}", posted.text);
    }
    for path in ["/console/links".to_owned(), format!("/console/accounts/{account}/reconnect-link")] {
        assert_eq!(visitor.browser.submit(&visitor.at(&path), &[("csrf", &csrf), ("title", "X")]).await.status, 403);
    }
    assert_eq!(visitor.links().await, before);

    let other = visitor.world.browser();
    other.go(&visitor.at("/console/sign-in?workspace=ws_2&role=owner")).await;
    assert_eq!(other.go(&visitor.at(&at)).await.status, 404);
    assert_eq!(other.go(&visitor.at(&format!("{at}/delete"))).await.status, 404);
}
