//! Names that would run as a script somewhere.

use std::collections::BTreeSet;

use serde_json::json;
use tests::{Page, World};

use super::{
    Client, Link, VISIT,
    form::{Visitor, attributes, form, tags, unescaped},
    tour::{self, Names},
};

/// Texts that break out of one place or another of a page.
const POLYGLOTS: [&str; 60] = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><img src=x onerror=alert(1)>",
    "\" onmouseover=alert(1) x=\"",
    "' onfocus=alert(1) autofocus x='",
    "</textarea><svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><script>alert(1)</script>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=javascript:alert(1)><button>",
    "<button formaction=javascript:alert(1)>",
    "<input onfocus=alert(1) autofocus>",
    "<body onload=alert(1)>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<object data=//evil.example></object>",
    "<embed src=//evil.example>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<style>*{background:url(//evil.example)}</style>",
    "<div style=background:url(javascript:alert(1))>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "--><script>alert(1)</script>",
    "<!--<img src='--><img src=x onerror=alert(1)>'>",
    "]]><script>alert(1)</script>",
    "{{7*7}}",
    "{% raw %}{{ 7*7 }}{% endraw %}",
    "${alert(1)}",
    "#{alert(1)}",
    "<%= 7*7 %>",
    "{ $agency }",
    "{\"a\":1}</script><script>alert(1)</script>",
    "\\\"><script>alert(1)</script>",
    "\\u003cscript\\u003ealert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "&quot;onclick=alert(1)&quot;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "+ADw-script+AD4-alert(1)",
    "\u{FF1C}script\u{FF1E}alert(1)",
    "<scr<script>ipt>alert(1)</script>",
    "<IMG SRC=x OnErRoR=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    "<x onclick=alert(1)>x",
    "\u{2028}<script>alert(1)</script>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<select><option><script>alert(1)</script>",
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//</stYle/</titLe/--!>\\x3csVg/<sVg/oNloAd=alert()//>",
];

/// What a page may have: the tags and attributes that are there with plain names.
struct Plain {
    world: World,
    known: BTreeSet<String>,
}

/// The tags of a page with the names of their attributes.
fn parts(page: &Page) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for tag in tags(&page.text) {
        let word = tag.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        found.insert(word.to_owned());
        found.extend(attributes(tag).into_keys().map(|attribute| format!("{word} {attribute}")));
    }
    found
}

impl Plain {
    async fn look() -> Self {
        let world = World::start().await;
        let toured = tour::tour(&world, &world.owner("ws_plain"), &Names::default()).await;
        let known = toured.pages.iter().flat_map(|(_, page)| parts(page)).collect();
        Self { world, known }
    }

    /// Fails if a page has a tag or an attribute more than with plain names, or leads somewhere else.
    #[track_caller]
    fn has(&self, page: &Page, name: &str) {
        let parts = parts(page);
        let more: Vec<_> = parts.difference(&self.known).collect();
        assert!(more.is_empty(), "{name:?} makes {more:?} on {}: {}", page.url, page.text);
        for tag in tags(&page.text) {
            assert_eq!(tag.matches('"').count() % 2, 0, "{name:?}: <{tag}> on {}", page.url);
            for (attribute, value) in attributes(tag) {
                let is_address = ["href", "src", "action"].contains(&attribute.as_str());
                let value = value.trim().to_lowercase();
                let ours = ["/", "?", "#", "data:image/", "https://www.facebook.com", "https://x.com"];
                assert!(!is_address || ours.iter().any(|begins| value.starts_with(begins)), "{name:?}: {tag}");
            }
        }
        assert!(!page.text.contains(">49<"), "{name:?} is counted: {}", page.text);
    }
}

/// The texts that are taken as a title, a name and a tag.
fn lines() -> Vec<String> {
    POLYGLOTS.iter().map(|text| text.chars().filter(|c| !c.is_control()).take(80).collect()).collect()
}

/// CHK-E11: an agency's name, a link's title and whom it expects are texts on every page before the platform.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_a_link_is_markup() {
    let plain = Plain::look().await;
    let world = &plain.world;
    let owner = world.owner("ws_1");
    for name in lines() {
        let asks =
            json!({"title": name, "branding": {"name": name}, "items": [{"platform": "x", "expected_name": name}]});
        let link = Link::make(&owner, asks).await;
        let (visitor, home) = Visitor::land(world, &link).await;
        let list = visitor.press(&form(&home, "/c/start", &[]), &[]).await;
        let asks = visitor.press(&form(&list, "/c/connect", &[("item", "1")]), &[]).await;
        let wrong = visitor.consent(&list, &[("item", "1")], "mallory").await;
        let device = visitor.open("/c/device").await;
        assert_eq!(link.patch(&owner, json!({"enabled": false})).await.status, 200);
        let (late, paused) = Visitor::land(world, &link).await;
        let fresh = late.press(&form(&paused, "/c/fresh", &[]), &[]).await;
        for page in [&home, &list, &asks, &wrong, &device, &paused, &fresh] {
            plain.has(page, &name);
        }
        for page in [&home, &list, &asks, &wrong] {
            assert!(unescaped(&page.text).contains(name.trim()), "{name:?} is on {}: {}", page.url, page.text);
        }
    }
}

/// CHK-E11: what pages and people are called at a platform is a text on the pages of the choice, the checklist, the
/// receipt, and where something is taken back.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_an_account_is_markup() {
    let plain = Plain::look().await;
    let world = &plain.world;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, json!({"title": "Acme", "allowed_platforms": ["facebook", "x"]})).await;
    let (visitor, mut list) = Visitor::start(world, &link).await;
    for (round, names) in POLYGLOTS.chunks(20).enumerate() {
        let pages: Vec<_> =
            names.iter().map(|name| json!({"name": name, "category": name, "tasks": ["MANAGE"]})).collect();
        let person = format!("ida-{round}");
        world.add_person(json!({"id": person, "name": names[0], "facebook": {"pages": pages}})).await;
        let pick = visitor.consent(&list, &[("platform", "facebook")], &person).await;
        plain.has(&pick, "all");
        let all: Vec<&str> =
            pick.text.split("name=\"candidate\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(all.len(), names.len());
        let ticked: Vec<_> = all.into_iter().map(|id| ("candidate", id)).collect();
        list = visitor.press(&form(&pick, "/c/choose", &[]), &ticked).await;
        assert_eq!(list.status, 200, "{}", list.text);
        plain.has(&list, "all");
    }
    assert_eq!(link.now(&owner).await["funnel"]["connected"], POLYGLOTS.len());
    let receipt = visitor.press(&form(&list, "/c/finish", &[]), &[]).await;
    plain.has(&receipt, "all");
    for (at, name) in POLYGLOTS.iter().enumerate() {
        let sure = visitor.open(&format!("/c/withdraw?item={}", at + 1)).await;
        plain.has(&sure, name);
        assert!(sure.text.contains("class=\"name\""), "{}", sure.text);
        if at % 10 == 0 {
            plain.has(&visitor.press(&form(&sure, "/c/withdraw", &[]), &[]).await, name);
        }
    }
}

/// CHK-E11: who came instead of the one that was expected is named as a text, and so is a handle.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_a_stranger_is_markup() {
    let plain = Plain::look().await;
    let world = &plain.world;
    let owner = world.owner("ws_1");
    let asks = json!({"title": "Acme", "items": [{"platform": "x", "expected_handle": "acme"}, {"platform": "x"}]});
    let link = Link::make(&owner, asks).await;
    let (visitor, list) = Visitor::start(world, &link).await;
    for (at, name) in POLYGLOTS.iter().enumerate() {
        let person = format!("ida-{at}");
        world.add_person(json!({"id": person, "name": name, "x": {"name": name, "username": name}})).await;
        let wrong = visitor.consent(&list, &[("item", "1")], &person).await;
        assert!(!wrong.text.contains("action=\"/c/choose\""), "{}", wrong.text);
        plain.has(&wrong, name);
        let pick = visitor.consent(&list, &[("item", "2")], &person).await;
        assert!(pick.text.contains("action=\"/c/choose\""), "{}", pick.text);
        plain.has(&pick, name);
    }
}

/// CHK-E11: what a client is told as JSON is a text there, and no browser takes it for a page.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_such_a_name_is_json_and_nothing_else() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let name = POLYGLOTS[2];
    world.add_person(json!({"id": "ida", "name": name, "x": {"name": name, "username": "ida"}})).await;
    let link = Link::make(&owner, json!({"title": name, "items": [{"platform": "x"}]})).await;
    let client = Client::open(&world, &link).await;
    assert_eq!(client.connect(json!({"item": 1}), "ida").await.status, 200);
    for path in [VISIT.to_owned(), format!("{VISIT}/receipt")] {
        let answer = client.caller.get(&path).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.body.to_string().contains("onerror"), "{}", answer.text);
    }
}
