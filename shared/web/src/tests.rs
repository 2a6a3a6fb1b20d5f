//! What holds for every page.

use std::{io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};

use crate::{
    FIGURES, Page, STYLESHEET, connect::Waiting, figures_stylesheet, figures_stylesheet_path, parts::Platform, samples,
    stylesheet, stylesheet_path,
};

pub(crate) const HONEST: &str = "Nordlys Bakery";

/// Names that try to become something else.
pub(crate) const HOSTILE: [&str; 24] = [
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<svg/onload=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "{{7*7}}{% raw %}${7*7}#{7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "<a href=\"https://evil.example\">Nordlys</a>",
    "<style>body{display:none}</style>",
    "\" style=\"position:fixed;inset:0",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<form action=https://evil.example><input name=csrf>",
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>",
    "\u{202e}gro.kcabyaP\u{200b}",
    "`-alert(1)-`\\\"-alert(1)}//",
];

/// A start tag with its attributes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The start tags of a page. Every `<` of a page begins a tag, and every value stands in double quotes;
/// text that says otherwise is a hole, and panics here.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let mut tags = vec![];
    let mut rest = html;
    while let Some((_, from)) = rest.split_once('<') {
        rest = from;
        if from.starts_with(['/', '!']) {
            continue;
        }
        let name: String = from.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(!name.is_empty(), "a bare < before {:?}", from.chars().take(40).collect::<String>());
        rest = &from[name.len()..];
        let mut attributes = vec![];
        loop {
            rest = rest.trim_start().trim_start_matches('/');
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let end = rest.find(['=', ' ', '>', '\n', '/']).expect("a tag ends");
            let attribute = rest[..end].to_owned();
            assert!(!attribute.is_empty() && !attribute.contains(['"', '\'', '<']), "{attribute:?}");
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(after) = rest.strip_prefix("=\"") {
                let (inside, after) = after.split_once('"').expect("a value ends");
                value = inside.to_owned();
                rest = after;
            }
            attributes.push((attribute, value));
        }
        tags.push(Tag { name, attributes });
    }
    tags
}

/// What a page is made of: its elements with their attributes' names.
pub(crate) fn skeleton(html: &str) -> Vec<(String, Vec<String>)> {
    let shape = |tag: Tag| (tag.name, tag.attributes.into_iter().map(|(name, _)| name).collect());
    tags(html).into_iter().map(shape).collect()
}

/// CHK-E10, CHK-E11, CHK-A10: whatever a stranger is called, the page has the same elements and attributes.
#[test]
fn no_name_changes_what_a_page_is_made_of() {
    let honest = samples::all(HONEST);
    // A name that is flagged adds the warning; everything else stays.
    let flagged = samples::all("www.nordlys.example");
    for name in HOSTILE {
        for (index, (page, html)) in samples::all(name).iter().enumerate() {
            let like = if html.contains("caution") { &flagged[index] } else { &honest[index] };
            assert_eq!(skeleton(html), skeleton(&like.1), "{page} with {name:?}");
        }
    }
}

#[test]
fn no_page_has_a_script_an_inline_style_or_a_handler() {
    for (page, html) in samples::all(HONEST) {
        for tag in tags(&html) {
            assert!(!["script", "style", "iframe", "object", "base"].contains(&tag.name.as_str()), "{page}: {tag:?}");
            for (name, _) in &tag.attributes {
                assert!(name != "style" && !name.starts_with("on"), "{page}: {tag:?}");
            }
        }
    }
}

/// CHK-E11, CHK-S3: nothing is loaded from elsewhere, pictures neither, and nothing leads to a program.
#[test]
fn addresses_are_ours_or_https() {
    for name in HOSTILE.iter().chain([&HONEST]) {
        for (page, html) in samples::all(name) {
            for tag in tags(&html) {
                for (attribute, value) in &tag.attributes {
                    let ours = value.starts_with(['/', '?', '#']) && !value.starts_with("//");
                    let legal = match (tag.name.as_str(), attribute.as_str()) {
                        ("link", "href") => ours || value.starts_with("data:image/svg+xml,"),
                        ("a", "href") if value.is_empty() => page == "waiting",
                        ("a", "href") => ours || value.starts_with("https://"),
                        ("form", "action") | ("img", "src") => ours,
                        ("use", "href") => value.starts_with('#'),
                        (_, "href" | "src" | "action" | "formaction" | "srcset" | "srcdoc" | "data") => false,
                        _ => true,
                    };
                    assert!(legal, "{page}: {tag:?}");
                }
            }
        }
    }
}

#[test]
fn every_form_that_changes_something_is_posted_and_bears_the_token() {
    for (page, html) in samples::all(HONEST) {
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().expect("a form ends");
            // What only asks has no token to show in an address.
            if form.starts_with("method=\"get\"") {
                assert!(form.contains("role=\"search\"") && !form.contains("csrf"), "{page}: {form}");
                continue;
            }
            assert!(form.starts_with("method=\"post\""), "{page}: {form}");
            // Whoever holds the link may post these; they say where they come from instead.
            let public = ["/v1/oauth/start/", "/v1/connect-sessions/"];
            let public = public.iter().any(|path| form.contains(&format!("action=\"{path}")));
            assert!(public || form.contains("name=\"csrf\" value=\"csrf-token\""), "{page}: {form}");
        }
    }
}

#[test]
fn every_page_names_itself_and_its_pictures() {
    for (page, html) in samples::all(HONEST) {
        let tags = tags(&html);
        assert_eq!(tags.iter().filter(|t| t.name == "h1").count(), 1, "{page}");
        assert_eq!(tags.iter().filter(|t| t.name == "main").count(), 1, "{page}");
        assert_eq!(tags[0].get("lang"), Some("en"), "{page}");
        assert!(tags.iter().any(|t| t.get("name") == Some("viewport")), "{page}");
        assert!(tags.iter().filter(|t| t.name == "img").all(|t| t.get("alt").is_some()), "{page}");
        assert!(tags.iter().any(|t| t.name == "link" && t.get("href") == Some(stylesheet_path())), "{page}");
        let title = html.split("<title>").nth(1).and_then(|t| t.split("</title>").next()).expect("a title");
        assert!(title.len() > " · Mooring".len() && title.ends_with(" · Mooring"), "{page}: {title:?}");
        let mut ids: Vec<_> = tags.iter().filter_map(|t| t.get("id")).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{page}: an id stands twice");
        let named = tags.iter().filter_map(|t| t.get("aria-describedby").or(t.get("aria-labelledby")).or(t.get("for")));
        for id in named.flat_map(str::split_whitespace) {
            assert!(ids.contains(&id), "{page}: nothing has the id {id:?}");
        }
    }
}

fn zipped(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory").len()
}

/// NFR: at most 15 KB over the wire with the stylesheets that it asks for; a chart of 90 days with its table, too.
#[test]
fn a_page_is_light() {
    for (page, html) in samples::all(HONEST) {
        let more = if html.contains(figures_stylesheet_path()) { zipped(figures_stylesheet()) } else { 0 };
        let weight = zipped(&html) + zipped(stylesheet()) + more;
        assert!(weight <= 15_000, "{page}: {weight}");
    }
}

#[test]
fn a_page_is_small() {
    assert!(STYLESHEET.len() < 28_000, "{}", STYLESHEET.len());
    assert!(FIGURES.len() < 8_000, "{}", FIGURES.len());
    for (page, html) in samples::all(HONEST) {
        assert!(html.len() < 60_000, "{page}: {}", html.len());
    }
}

#[test]
fn a_stylesheet_loads_nothing_and_its_name_follows_its_content() {
    let sheets = [
        (STYLESHEET, stylesheet(), stylesheet_path(), "/assets/mooring-"),
        (FIGURES, figures_stylesheet(), figures_stylesheet_path(), "/assets/figures-"),
    ];
    for (source, served, path, name) in sheets {
        assert!(!source.contains("url(") && !source.contains("@import"));
        // Served without its comments, and with all of its rules.
        let rules = |text: &str| text.matches('{').count();
        assert!(source.contains("/*") && !served.contains("/*") && !served.contains("*/"));
        assert_eq!(rules(served), rules(source));
        assert!(path.starts_with(name) && Path::new(path).extension().is_some_and(|e| e == "css"));
    }
    assert_ne!(crate::fnv_1a(b"a"), crate::fnv_1a(b"b"));
}

#[test]
fn only_what_is_waited_for_goes_on_by_itself() {
    for (page, html) in samples::all(HONEST) {
        let waits = ["waiting", "run-going"].contains(&page);
        assert_eq!(html.contains("http-equiv=\"refresh\" content=\"2\""), waits, "{page}");
        assert_eq!(html.contains("http-equiv"), waits, "{page}");
    }
    let platform = Platform { id: "x".parse().expect("legal"), name: "X".to_owned() };
    let still = Waiting { platform, refresh: None }.render().expect("renders");
    assert!(!still.contains("refresh"));
}
