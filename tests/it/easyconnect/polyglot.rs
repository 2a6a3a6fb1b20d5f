//! Names that would run as a script somewhere.

use regex::Regex;
use serde_json::json;
use tests::World;

use super::{
    form::{attributes, tags},
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

/// Tags that a page of ours may have.
const TAGS: [&str; 48] = [
    "!DOCTYPE", "a", "bdi", "body", "button", "circle", "code", "dd", "details", "div", "dl", "dt", "ellipse",
    "fieldset", "footer", "form", "g", "h1", "h2", "h3", "head", "header", "html", "img", "input", "label", "legend",
    "li", "link", "main", "meta", "nav", "ol", "p", "path", "polyline", "rect", "section", "span", "strong", "summary",
    "svg", "title", "ul", "line", "polygon", "time", "progress",
];

/// CHK-E11: names of people, pages, handles, agencies and titles are texts on every page of a client.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_is_markup_on_any_page_of_a_client() {
    let handler = Regex::new("^on[a-z]+$").expect("a pattern");
    for chunk in POLYGLOTS.chunks(6) {
        let world = World::start().await;
        for (at, polyglot) in chunk.iter().enumerate() {
            let owner = world.owner(&format!("ws_{at}"));
            let shown: String = polyglot.chars().take(80).filter(|c| !c.is_control()).collect();
            let names = Names { shown, handle: (*polyglot).to_owned() };
            let toured = tour::tour(&world, &owner, &names).await;
            for (name, page) in &toured.pages {
                for tag in tags(&page.text) {
                    let word = tag
                        .trim_start_matches('/')
                        .split(|c: char| c.is_whitespace() || c == '/')
                        .next()
                        .unwrap_or_default();
                    assert!(TAGS.contains(&word), "{polyglot}: <{tag}> on {name}");
                    for (attribute, value) in attributes(tag) {
                        assert!(
                            !handler.is_match(&attribute) && attribute != "style" && attribute != "srcdoc",
                            "{polyglot}: {tag} on {name}"
                        );
                        let scheme = value.trim().to_lowercase();
                        let is_address = ["href", "src", "action", "formaction"].contains(&attribute.as_str());
                        let foreign = scheme.starts_with("javascript")
                            || scheme.starts_with("vbscript")
                            || scheme.starts_with("data:text")
                            || scheme.contains("evil.example");
                        assert!(!is_address || !foreign, "{polyglot}: {tag} on {name}");
                    }
                    assert_eq!(tag.matches('"').count() % 2, 0, "{polyglot}: {tag} on {name}");
                }
                assert!(
                    !page.text.contains("49") || !polyglot.contains("7*7") || !page.text.contains(">49<"),
                    "{name}"
                );
            }
        }
    }
}

/// CHK-E11: what a client is told as JSON is a text there, and no browser takes it for a page.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_such_a_name_is_json_and_nothing_else() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let name = POLYGLOTS[2];
    world.add_person(json!({"id": "ida", "name": name, "x": {"name": name, "username": "ida"}})).await;
    let link = super::Link::make(&owner, json!({"title": name, "items": [{"platform": "x"}]})).await;
    let client = super::Client::open(&world, &link).await;
    assert_eq!(client.connect(json!({"item": 1}), "ida").await.status, 200);
    for path in [super::VISIT.to_owned(), format!("{}/receipt", super::VISIT)] {
        let answer = client.caller.get(&path).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.body.to_string().contains("onerror"), "{}", answer.text);
    }
}
