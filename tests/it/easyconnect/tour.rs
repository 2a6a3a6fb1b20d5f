//! Every page that a client can be shown.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, Page, World, send};

use super::{
    Link,
    form::{Visitor, form, forms},
};

/// What people call themselves.
pub(super) struct Names {
    /// Of a page, a person, an agency, a title.
    pub shown: String,
    /// A handle as the platform tells it.
    pub handle: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { shown: "Nordlys Bakery".to_owned(), handle: "nordlys".to_owned() }
    }
}

/// What was shown.
pub(super) struct Tour {
    pub pages: Vec<(&'static str, Page)>,
    /// What stands in the addresses of the links.
    pub secrets: Vec<String>,
}

/// A link that asks for a page on Facebook and a profile on X, in the name of an agency.
async fn link(owner: &Caller, names: &Names, more: Value) -> Link {
    let mut asks = json!({"title": names.shown, "branding": {"name": names.shown},
        "items": [{"platform": "facebook", "kind": "page"}, {"platform": "x", "expected_name": names.shown}]});
    for (name, value) in more.as_object().expect("members") {
        asks[name] = value.clone();
    }
    Link::make(owner, asks).await
}

/// Goes everywhere, as people of these names.
pub(super) async fn tour(world: &World, owner: &Caller, names: &Names) -> Tour {
    let page = |more: &str, tasks: Value| json!({"name": format!("{}{more}", names.shown), "category": names.shown, "tasks": tasks});
    let both = [page("", json!(["MANAGE"])), page(" 2", json!(["ANALYZE"])), page(" 3", json!(["MANAGE"]))];
    let x = json!({"name": names.shown, "username": names.handle});
    let ida = json!({"id": "ida", "name": names.shown, "facebook": {"pages": both}, "x": x});
    world.add_person(ida).await;
    let mut pages = Vec::new();
    let mut secrets = Vec::new();
    let made = link(owner, names, json!({"password": "a good word"})).await;
    secrets.push(made.secret().to_owned());
    let (visitor, asked) = Visitor::land(world, &made).await;
    let mut wrong = asked.clone();
    pages.push(("landing with a password", asked));
    for _ in 0..5 {
        wrong = visitor.press(&form(&wrong, "/c/start", &[]), &[("password", "wrong word")]).await;
    }
    pages.push(("a wrong password", wrong.clone()));
    pages.push(("locked", visitor.press(&form(&wrong, "/c/start", &[]), &[("password", "wrong word")]).await));

    let made = link(owner, names, json!({"allowed_platforms": ["facebook", "x", "reddit"]})).await;
    secrets.push(made.secret().to_owned());
    let visitor = Visitor { world, browser: world.browser() };
    pages.push(("the address itself", visitor.browser.open(&made.url).await));
    let home = visitor.open("/c").await;
    pages.push(("landing", home.clone()));
    let (cookie, agent) = (cookie(&visitor), "Mozilla/5.0 (Linux; Android 15) Instagram 300.0.0.0");
    let call = world.nobody().call(Method::GET, "/c").header("cookie", cookie).header("user-agent", agent);
    let answer = send(call).await;
    pages.push((
        "in an app",
        Page { url: visitor.at("/c"), status: answer.status, headers: answer.headers, text: answer.text },
    ));
    pages.push(("another language", visitor.open("/c?lang=ar").await));
    pages.push(("landing in Arabic", visitor.open("/c").await));
    visitor.open("/c?lang=en").await;
    let list = visitor.press(&form(&home, "/c/start", &[]), &[]).await;
    pages.push(("checklist", list.clone()));
    pages.push(("another device", visitor.open("/c/device").await));
    pages.push(("consent", visitor.press(&form(&list, "/c/connect", &[("item", "1")]), &[]).await));
    let pick = visitor.consent(&list, &[("item", "1")], "ida").await;
    assert!(pick.url.contains("/c/back?session="), "{}", pick.url);
    pages.push(("pick", pick.clone()));
    pages.push(("checklist with a choice that waits", visitor.open("/c").await));
    let choice = form(&pick, "/c/choose", &[]);
    let candidate = pick.text.split("name=\"candidate\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let list = visitor.press(&choice, &[("candidate", candidate.expect("a candidate"))]).await;
    pages.push(("connected", list.clone()));
    pages.push(("the wrong account", visitor.consent(&list, &[("item", "2")], "mallory").await));
    let asks = visitor.press(&form(&list, "/c/connect", &[("item", "2")]), &[]).await;
    let go = forms(&asks).into_iter().find(|form| form.action.starts_with("/v1/oauth/start/")).expect("a way on");
    let authorize = visitor.sent(&go, &[]).await.location().expect("the platform");
    let denied = visitor.browser.answer(&authorize, &[("person", "ida"), ("decision", "deny")]).await;
    pages.push(("denied", visitor.browser.go(&denied).await));
    let one = visitor.consent(&list, &[("item", "2")], "ida").await;
    pages.push(("pick the only one", one.clone()));
    let list = visitor.press(&form(&one, "/c/choose", &[]), &[]).await;
    pages.push(("all connected", list.clone()));
    pages.push(("receipt", visitor.press(&form(&list, "/c/finish", &[]), &[]).await));
    let sure = visitor.open("/c/withdraw?item=2").await;
    pages.push(("to be taken back", sure.clone()));
    pages.push(("taken back", visitor.press(&form(&sure, "/c/withdraw", &[]), &[]).await));

    assert_eq!(made.patch(owner, json!({"enabled": false})).await.status, 200);
    pages.push(("checklist of a paused link", visitor.open("/c").await));
    let (late, paused) = Visitor::land(world, &made).await;
    pages.push(("paused", paused.clone()));
    pages.push(("asked for a fresh one", late.press(&form(&paused, "/c/fresh", &[]), &[]).await));

    let made =
        link(owner, names, json!({"max_connections": 1, "items": [{"platform": "x"}, {"platform": "facebook"}]})).await;
    secrets.push(made.secret().to_owned());
    let (visitor, list) = Visitor::start(world, &made).await;
    pages.push(("already connected", visitor.connect(&list, &[("item", "1")], "ida").await));
    let (_, used) = Visitor::land(world, &made).await;
    pages.push(("used up", used));

    let made = link(owner, names, json!({"expires_in": "PT1H"})).await;
    secrets.push(made.secret().to_owned());
    let (visitor, _) = Visitor::land(world, &made).await;
    world.advance(SignedDuration::from_hours(1));
    pages.push(("a visit that is over", visitor.open("/c").await));
    pages.push(("expired", Visitor::land(world, &made).await.1));
    assert_eq!(owner.delete(&made.path()).await.status, 204);
    pages.push(("nothing", visitor.browser.open(&made.url).await));
    pages.push(("no cookie", Visitor { world, browser: world.browser() }.open("/c").await));
    Tour { pages, secrets }
}

/// The cookies that a visitor's browser sends.
pub(super) fn cookie(visitor: &Visitor<'_>) -> String {
    let cookies = visitor.browser.cookies(&visitor.world.product);
    cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}
