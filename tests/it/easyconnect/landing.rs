//! The first page: looked at by programs, framed, and used to deceive.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, send};

use super::{
    Client, Link, for_x,
    form::{Visitor, form, forms, unescaped},
    tour::{self, cookie},
};

/// Programs that open addresses before people do.
const BOTS: [&str; 6] = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "Twitterbot/1.0",
    "WhatsApp/2.23",
    "Mozilla/5.0 (compatible; SafeLinks)",
    "LinkedInBot/1.0",
];

/// CHK-E4: fifty programs look at the link, and it is as if nobody had.
#[tokio::test(flavor = "multi_thread")]
async fn programs_that_look_at_a_link_change_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut asks = for_x();
    asks["max_connections"] = 1.into();
    let link = Link::make(&owner, asks).await;
    let (visitor, home) = Visitor::land(&world, &link).await;
    let cookie = cookie(&visitor);
    let (items, calls) = (world.whole_dump().await, world.journal().await.len());
    let secret = format!("/c/{}", link.secret());
    let paths =
        [secret.as_str(), "/c", "/c/device", "/c/receipt", "/c/withdraw?item=1", "/c/back?session=x", "/c?lang=de"];
    let forms = ["/c/start", "/c/connect", "/c/choose", "/c/finish", "/c/fresh", "/c/withdraw"];
    let mut looked = 0;
    for (round, path) in paths.iter().chain(&forms).cycle().take(paths.len() * 16).enumerate() {
        let method = if round % 2 == 0 { Method::GET } else { Method::HEAD };
        let call = world.nobody().call(method, path).header("user-agent", BOTS[round % BOTS.len()]);
        let call = if round % 3 == 0 { call.header("cookie", &cookie) } else { call };
        let call = if round % 5 == 0 { call.header("sec-purpose", "prefetch") } else { call };
        let answer = send(call).await;
        assert!(answer.status < 500, "{path}: {}", answer.text);
        let to = answer.header("location").unwrap_or("/c");
        assert!(to.starts_with("/c"), "{path} leads to {to}");
        looked += 1;
    }
    assert!(looked >= 100);
    assert_eq!(world.whole_dump().await, items);
    assert_eq!(world.journal().await.len(), calls);
    assert_eq!(super::kinds(&world).len(), 0);
    let funnel = link.now(&owner).await["funnel"].clone();
    assert!(funnel.as_object().expect("counters").values().all(|n| n == 0 || *n == json!({})), "{funnel}");
    // A person's first POST is counted.
    visitor.press(&form(&home, "/c/start", &[]), &[]).await;
    assert_eq!(link.now(&owner).await["funnel"]["opened"], 1);
    assert_eq!(super::kinds(&world), ["opened"]);
}

/// CHK-E4: a form counts only with the token of a page of the same visit, and from our own origin.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_form_does_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, for_x()).await;
    let (visitor, home) = Visitor::land(&world, &link).await;
    let (_, other) = Visitor::land(&world, &link).await;
    let token = |page: &tests::Page| form(page, "/c/start", &[]).fields[0].1.clone();
    let (own, foreign) = (token(&home), token(&other));
    assert_ne!(own, foreign);
    let before = world.dump().await;
    for path in ["/c/start", "/c/connect", "/c/choose", "/c/finish", "/c/withdraw", "/c/fresh"] {
        for fields in [vec![], vec![("csrf", "")], vec![("csrf", foreign.as_str())]] {
            let fields: Vec<_> = fields.into_iter().chain([("item", "1")]).collect();
            let refused = visitor.browser.submit(&visitor.at(path), &fields).await;
            assert!((400..404).contains(&refused.status), "{path} {fields:?}: {}", refused.status);
        }
        let fields = [("csrf", own.as_str()), ("item", "1")];
        let refused = visitor.browser.submit_from("https://evil.example", &visitor.at(path), &fields).await;
        assert_eq!(refused.status, 403, "{path}");
        let refused = world.browser().submit(&visitor.at(path), &fields).await;
        assert_eq!(refused.status, 401, "{path}: without a visit");
    }
    assert_eq!(world.dump().await, before);
    let opened = visitor.press(&form(&home, "/c/start", &[]), &[]).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    // As a browser sends it from a page that names no referrer.
    let go = form(&opened, "/c/finish", &[]);
    let fields: Vec<_> = go.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let call = world.nobody().call(Method::POST, "/c/finish").header("origin", "null");
    let call = call.header("sec-fetch-site", "same-origin").header("cookie", cookie(&visitor)).form(&fields);
    assert_eq!(send(call).await.status, 303);
    // The JSON twin takes the cookie from our own pages only.
    let visits = "/v1/public/easyconnect/visit/finish";
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200)] {
        let call = world.nobody().call(Method::POST, visits).header("sec-fetch-site", site).json(&json!({}));
        assert_eq!(send(call.header("cookie", cookie(&visitor))).await.status, status, "{site}");
    }
}

/// CHK-E9
#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_a_client_can_be_framed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let toured = tour::tour(&world, &owner, &tour::Names::default()).await;
    for (name, page) in &toured.pages {
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{name}");
        assert_eq!(page.header("cross-origin-opener-policy"), Some("same-origin"), "{name}");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{name}: {policy}");
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{name}: {policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{name}");
        if page.status == 200 && *name != "consent" {
            assert_eq!(page.header("x-robots-tag"), Some("noindex"), "{name}");
        }
    }
}

/// CHK-E10: the first page says who asks and until when, and no GET leads to a platform.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_says_who_asks_and_leads_nowhere_by_itself() {
    let world = World::start().await;
    let owner = world.owner("ws_north");
    let mut asks = json!({"title": "Acme onboarding", "items": [{"platform": "facebook"}, {"platform": "x"}], "expires_in": "P7D"});
    for name in [None, Some("North Agency")] {
        if let Some(name) = name {
            asks["branding"] = json!({"name": name});
        }
        let link = Link::make(&owner, asks.clone()).await;
        let (visitor, home) = Visitor::land(&world, &link).await;
        for words in [name.unwrap_or("ws_north"), "Acme onboarding", "Facebook", "2026-11-29"] {
            assert!(home.text.contains(words), "{words}: {}", home.text);
        }
        assert!(!home.text.contains("http-equiv"), "it does not go on by itself");
        assert_eq!(forms(&home).len(), 1);
        let list = visitor.press(&form(&home, "/c/start", &[]), &[]).await;
        let asks = visitor.press(&form(&list, "/c/connect", &[("item", "2")]), &[]).await;
        assert!(asks.url.contains("/v1/oauth/start/") && asks.status == 200, "{}", asks.url);
        assert!(asks.text.contains(name.unwrap_or("ws_north")), "{}", asks.text);
        assert_eq!(world.journal().await.len(), 0);
        for path in
            ["/c", "/c/device", "/c/receipt", "/c/receipt.json", "/c/start", "/c/connect", "/c/choose", "/c/finish"]
        {
            for query in [
                "",
                "?session=cs_01JD0000000000000000000000",
                "?item=1",
                "?url=https://evil.example",
                "?lang=//evil.example",
            ] {
                let to = visitor.open(&format!("{path}{query}")).await.location();
                assert!(to.as_ref().is_none_or(|to| to.starts_with(&world.product)), "{path}{query}: {to:?}");
            }
        }
    }
}

/// Names by which one could be taken for another.
const NAMES: [(&str, &[char]); 5] = [
    ("<b onclick=x>North</b><a href=//evil.example>", &[]),
    ("North\u{202E}ycnegA", &['\u{202E}']),
    ("No\u{200B}rth Agen\u{200D}cy\u{FEFF}", &['\u{200B}', '\u{200D}', '\u{FEFF}']),
    ("North\u{2066}Agency\u{2069}\u{061C}", &['\u{2066}', '\u{061C}']),
    ("\"><script>alert(1)</script>", &[]),
];

/// CHK-E10: markup, and marks that turn or hide a text, do nothing in a name.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_a_text_and_nothing_else() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (name, marks) in NAMES {
        let asks =
            json!({"title": name, "branding": {"name": name}, "items": [{"platform": "x", "expected_name": name}]});
        let made = owner.post("/v1/workspaces/ws_1/easyconnect-links", asks).await;
        if made.status == 422 {
            // Refused where it is written is as good.
            assert!(!marks.is_empty(), "{}", made.text);
            continue;
        }
        let link = Link::of(&made, 201);
        let (visitor, home) = Visitor::land(&world, &link).await;
        let list = visitor.press(&form(&home, "/c/start", &[]), &[]).await;
        let asks = visitor.press(&form(&list, "/c/connect", &[("item", "1")]), &[]).await;
        for page in [home, list, asks] {
            for mark in marks {
                assert!(!page.text.contains(*mark), "{mark:?} on {}", page.url);
            }
            // Our own sentences keep a name to itself by such marks, in pairs.
            assert_eq!(page.text.matches('\u{2068}').count(), page.text.matches('\u{2069}').count(), "{}", page.text);
            for live in ["<b onclick", "<a href=//evil", "<script"] {
                assert!(!page.text.contains(live), "{live} on {}: {}", page.url, page.text);
            }
            if marks.is_empty() {
                assert!(unescaped(&page.text).contains(name), "it is shown as it is: {}", page.text);
            }
        }
    }
    // An address in a name, and letters of two scripts, are pointed out.
    for name in ["www.paypal.com", "https://facebook.com", "N\u{43E}rth Agency"] {
        let asks = json!({"title": "Acme", "branding": {"name": name}});
        let made = owner.post("/v1/workspaces/ws_1/easyconnect-links", asks).await;
        if made.status == 201 {
            let (_, home) = Visitor::land(&world, &Link::of(&made, 201)).await;
            assert!(home.text.contains("caution"), "{name}: {}", home.text);
        } else {
            made.is_problem(422, "validation_failed");
        }
    }
    let plain = Link::make(&owner, json!({"title": "Acme", "branding": {"name": "North Agency"}})).await;
    assert!(!Visitor::land(&world, &plain).await.1.text.contains("caution"));
}

/// CHK-E3, CHK-E10: a visit is over after half an hour without a step, and the link leads to another.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_ends_after_half_an_hour() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, for_x()).await;
    let client = Client::open(&world, &link).await;
    let (visitor, _) = Visitor::start(&world, &link).await;
    world.advance(SignedDuration::from_mins(29));
    client.visit().await;
    let list = visitor.open("/c").await;
    assert_eq!(list.status, 200);
    world.advance(SignedDuration::from_mins(1));
    client.caller.get(super::VISIT).await.is_problem(401, "unauthenticated");
    let over = visitor.open("/c").await;
    assert_eq!((over.status, forms(&over).len()), (401, 0), "{}", over.text);
    assert_eq!(Visitor::start(&world, &link).await.1.status, 200);
    assert_eq!(link.now(&owner).await["funnel"]["opened"], Value::from(3));
}
