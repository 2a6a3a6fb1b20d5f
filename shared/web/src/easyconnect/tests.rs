//! What holds for every client's page, and for its texts in each language.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

use domain::{Code, Language};
use flate2::{Compression, write::GzEncoder};

use super::{
    Outcome, Shell,
    samples::{all, outcomes, shell},
    text::{About, Text, say, source},
    user_message,
};
use crate::{
    stylesheet, stylesheet_path,
    tests::{HONEST, HOSTILE, skeleton, tags},
};

const SPOKEN: [Language; 3] = [Language::En, Language::Ar, Language::De];

fn every_sample() -> impl Iterator<Item = (String, String)> {
    SPOKEN.into_iter().flat_map(|language| all(HONEST, language))
}

/// CHK-E10, CHK-E11: whatever a stranger is called, the page has the same elements and attributes.
#[test]
fn no_name_changes_what_a_page_is_made_of() {
    for language in [Language::En, Language::Ar] {
        let (honest, flagged) = (all(HONEST, language), all("www.nordlys.example", language));
        for name in HOSTILE {
            for (index, (page, html)) in all(name, language).iter().enumerate() {
                let like = if html.contains("caution") { &flagged[index] } else { &honest[index] };
                assert_eq!(skeleton(html), skeleton(&like.1), "{page} with {name:?}");
                assert!(!html.contains(['\u{202e}', '\u{200b}']), "{page} with {name:?}");
            }
        }
    }
}

/// CHK-E10: a name that looks like an address or mixes alphabets is flagged where it asks for something.
#[test]
fn a_name_made_to_deceive_is_flagged() {
    for name in ["https://facebook.com", "Faceb\u{43e}\u{43e}k"] {
        for (page, html) in all(name, Language::Ja) {
            let asks = ["landing", "checklist", "consent", "pick", "receipt"].iter().any(|asks| page.contains(asks));
            assert_eq!(html.contains("caution"), asks, "{page}");
        }
    }
}

#[test]
fn no_page_has_a_script_an_inline_style_or_a_handler() {
    for (page, html) in every_sample() {
        for tag in tags(&html) {
            assert!(!["script", "style", "iframe", "object", "base"].contains(&tag.name.as_str()), "{page}: {tag:?}");
            let inline = tag.attributes.iter().any(|(name, _)| name == "style" || name.starts_with("on"));
            assert!(!inline, "{page}: {tag:?}");
        }
    }
}

/// CHK-E3, CHK-E11: nothing is loaded from elsewhere, and nothing leads to a program.
#[test]
fn addresses_are_ours_or_https() {
    for name in HOSTILE.iter().chain([&HONEST]) {
        for (page, html) in all(name, Language::En) {
            for tag in tags(&html) {
                for (attribute, value) in &tag.attributes {
                    let ours = value.starts_with(['/', '?', '#']) && !value.starts_with("//");
                    let legal = match (tag.name.as_str(), attribute.as_str()) {
                        ("link", "href") => ours || value.starts_with("data:image/svg+xml,"),
                        ("a", "href") if value.is_empty() => page == "easyconnect-waiting",
                        ("a", "href") if value.starts_with("intent://") => page == "easyconnect-landing-android",
                        ("a", "href") => ours || value.starts_with("https://"),
                        ("form", "action") | ("img", "src") => ours,
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
fn every_form_is_posted_and_bears_what_the_caller_gave() {
    for (page, html) in every_sample() {
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().expect("a form ends");
            assert!(form.starts_with("method=\"post\""), "{page}: {form}");
            assert!(form.contains("name=\"csrf\" value=\"csrf-token\""), "{page}: {form}");
        }
    }
}

#[test]
fn every_page_names_itself_and_its_fields() {
    for language in SPOKEN {
        for (page, html) in all(HONEST, language) {
            let tags = tags(&html);
            for name in ["h1", "main"] {
                assert_eq!(tags.iter().filter(|t| t.name == name).count(), 1, "{page}: {name}");
            }
            assert_eq!(tags[0].get("lang"), Some(language.as_str()), "{page}");
            assert_eq!(tags[0].get("dir"), Some(language.direction()), "{page}");
            assert!(tags.iter().any(|t| t.name == "link" && t.get("href") == Some(stylesheet_path())), "{page}");
            let title = html.split("<title>").nth(1).and_then(|t| t.split("</title>").next()).expect("a title");
            assert!(title.ends_with(&format!(" · {HONEST}")) && !title.starts_with(' '), "{page}: {title:?}");
            assert!(tags.iter().filter(|t| t.name == "img").all(|t| t.get("alt").is_some()), "{page}");
            let mut ids: Vec<_> = tags.iter().filter_map(|t| t.get("id")).collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "{page}: an id stands twice");
            let ids_of = ["aria-describedby", "aria-labelledby", "for"];
            let named = tags.iter().flat_map(|tag| ids_of.iter().filter_map(move |name| tag.get(name)));
            for id in named.flat_map(str::split_whitespace) {
                assert!(ids.contains(&id), "{page}: nothing has the id {id:?}");
            }
            // A heading goes one level deeper at most.
            let levels: Vec<char> = tags
                .iter()
                .filter_map(|t| t.name.strip_prefix('h')?.chars().next())
                .filter(char::is_ascii_digit)
                .collect();
            let skips = levels.windows(2).any(|pair| pair[1] as u32 > pair[0] as u32 + 1);
            assert!(!skips && levels[0] == '1', "{page}: {levels:?}");
            for field in tags.iter().filter(|t| t.name == "input" && t.get("type") != Some("hidden")) {
                let labelled = field.get("type") == Some("checkbox")
                    || field.get("id").is_some_and(|id| html.contains(&format!("<label for=\"{id}\"")));
                assert!(labelled, "{page}: {field:?}");
            }
        }
    }
}

fn zipped(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory").len()
}

/// NFR: at most 15 KB over the wire with both stylesheets, in every language.
#[test]
fn a_page_is_light() {
    let brand = super::brand_stylesheet("#e8762c".parse().expect("a colour"), "#7a3cff".parse().expect("a colour"));
    let styles = zipped(stylesheet()) + zipped(&brand);
    for language in Language::ALL {
        for (page, html) in all(HONEST, language) {
            let weight = zipped(&html) + styles;
            assert!(weight <= 15_000, "{page} in {}: {weight}", language.as_str());
        }
    }
}

#[test]
fn only_the_waiting_page_goes_on_by_itself() {
    for (page, html) in every_sample() {
        assert_eq!(html.contains("http-equiv=\"refresh\""), page == "easyconnect-waiting", "{page}");
    }
}

/// One way on from each: a form's button, or a link that looks like one.
#[test]
fn an_outcome_has_one_button() {
    for outcome in outcomes(HONEST) {
        let page = format!("easyconnect-{}", outcome.text().key());
        let html = sample(&page);
        assert_eq!(html.matches("class=\"btn").count(), 1, "{page}");
    }
}

fn sample(page: &str) -> String {
    let plain = |html: String| html.replace(['\u{2068}', '\u{2069}'], "");
    let (_, html) = all(HONEST, Language::En).into_iter().find(|(name, _)| name == page).expect("a sample");
    plain(html)
}

/// What the buttons of a page say, and whether each is a strong one.
fn buttons(html: &str) -> Vec<(&str, bool)> {
    let buttons = html.split("<button class=\"btn").skip(1).filter_map(|rest| rest.split_once('>'));
    buttons.map(|(class, rest)| (rest.split('<').next().unwrap_or_default().trim(), class.contains("first"))).collect()
}

#[test]
fn a_checklist_offers_what_is_left_to_do() {
    let left = [
        ("Connect Instagram", true),
        ("Choose the account", true),
        ("Connect X", true),
        ("Renew TikTok", true),
        ("Finish", false),
    ];
    let html = sample("easyconnect-checklist");
    assert_eq!(buttons(&html), left);
    assert!(html.contains("1 of 6 connected") && html.contains("<progress value=\"1\" max=\"6\""));
    let next = html.split("<li class=\"card\">").position(|card| card.contains("class=\"onward\""));
    assert_eq!(next, Some(2), "the first account that is not connected");
    assert_eq!(buttons(&sample("easyconnect-checklist-done")), [("Finish", true)]);
    let open = sample("easyconnect-checklist-open");
    assert_eq!(buttons(&open).len(), 3, "a platform that is full has no button");
    assert!(!open.contains("<progress"), "nothing is asked for, so nothing is missing");
}

#[test]
fn one_account_is_a_question_and_several_are_a_choice() {
    let only = sample("easyconnect-pick-only");
    assert!(
        only.contains("<h1>Is this the right account?</h1>") && only.contains("name=\"candidate\" value=\"cnd_1\"")
    );
    assert_eq!(buttons(&only), [("Yes, connect it", true), ("No, use another account", false)]);
    let several = sample("easyconnect-pick");
    assert_eq!(several.matches("type=\"checkbox\"").count(), 3, "what is blocked cannot be ticked");
    assert_eq!(several.matches(" checked>").count(), 1);
    assert!(several.contains("You can choose 1 account."));
    assert!(several.contains("Your role on it is too small."));
    let none = sample("easyconnect-pick-none");
    assert!(none.contains("<h1>Nothing here can be connected yet</h1>"));
    assert_eq!(buttons(&none), [("No, use another account", false)]);
}

#[test]
fn the_way_out_of_an_app_is_an_intent_where_there_is_one() {
    let button = |page| {
        let html = sample(page);
        let (_, link) = html.split_once("class=\"btn first\" href=\"").expect("a button");
        link.split(':').next().map(str::to_owned)
    };
    assert_eq!(button("easyconnect-landing-android").as_deref(), Some("intent"));
    for page in ["easyconnect-landing-elsewhere", "easyconnect-landing-no-intent"] {
        assert_eq!(button(page).as_deref(), Some("https"), "{page}");
    }
}

#[test]
fn a_brand_s_files_come_from_our_origin() {
    let theirs = Shell {
        logo: Some("https://evil.example/a.png".to_owned()),
        stylesheet: Some("//evil.example/a.css".to_owned()),
        ..shell(HONEST, Language::En)
    };
    assert_eq!((theirs.picture(), theirs.brand()), (None, None));
    let ours = shell(HONEST, Language::En);
    assert!(ours.picture().is_some() && ours.brand().is_some());
}

/// What a language says: each message and part of one, with its variables and the categories of its plurals.
type Messages = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

/// Reads the files as they are written here: a message per paragraph, parts and plurals in lines of their own.
fn messages(language: Language) -> Messages {
    let mut messages = Messages::new();
    let mut key = String::new();
    let mut entry = String::new();
    for line in source(language).lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let trimmed = line.trim_start();
        let plural = trimmed.trim_start_matches('*').strip_prefix('[').and_then(|rest| rest.split_once(']'));
        if let Some((category, _)) = plural {
            messages.get_mut(&entry).expect("within a message").1.insert(category.to_owned());
        } else if let Some((name, _)) = trimmed.split_once(" = ") {
            if name.starts_with('.') {
                entry = format!("{key}{name}");
            } else {
                (key, entry) = (name.to_owned(), name.to_owned());
            }
            assert!(messages.insert(entry.clone(), Default::default()).is_none(), "{entry} stands twice");
        } else {
            assert_eq!(trimmed, "}", "{}: {line}", language.as_str());
        }
        for variable in line.split('$').skip(1) {
            let name: String = variable.chars().take_while(char::is_ascii_lowercase).collect();
            messages.get_mut(&entry).expect("within a message").0.insert(name);
        }
    }
    messages
}

/// Every key that the code names is there, in each language with the same parts and variables, and nothing else is.
#[test]
fn every_language_says_the_same() {
    let english = messages(Language::En);
    let keys: BTreeSet<&str> = english.keys().filter(|key| !key.contains('.')).map(String::as_str).collect();
    assert_eq!(keys, Text::ALL.iter().map(|text| text.key()).collect());
    for language in Language::ALL {
        fluent_bundle::FluentResource::try_new(source(language).to_owned()).expect("well-formed");
        let here = messages(language);
        for (key, (variables, _)) in &english {
            let there = here.get(key).unwrap_or_else(|| panic!("{} has no {key}", language.as_str()));
            assert_eq!(&there.0, variables, "{} in {}", key, language.as_str());
        }
        assert_eq!(here.len(), english.len(), "{} has more than English", language.as_str());
    }
}

/// The categories of CLDR that whole numbers have in each language.
#[test]
fn plurals_are_those_of_the_language() {
    for language in Language::ALL {
        let expected: BTreeSet<&str> = match language {
            Language::Ja => [].into(),
            Language::Ar => ["zero", "one", "two", "few", "many", "other"].into(),
            _ => ["one", "other"].into(),
        };
        for (key, (variables, categories)) in messages(language) {
            let counted = variables.contains("count") && !variables.contains("total");
            let expected = if counted { expected.clone() } else { BTreeSet::new() };
            let categories: BTreeSet<&str> = categories.iter().map(String::as_str).collect();
            assert_eq!(categories, expected, "{key} in {}", language.as_str());
        }
    }
    let wait = |language, count| {
        let text = say(language, Text::Wait, None, About { count, ..About::default() });
        text.replace(['\u{2068}', '\u{2069}'], "")
    };
    assert_eq!(wait(Language::En, 1), "Please try again in 1 minute.");
    assert_eq!(wait(Language::En, 0), "Please try again in 0 minutes.");
    assert_eq!(wait(Language::Fr, 0), "Veuillez réessayer dans 0 minute.");
    assert_eq!(wait(Language::Ja, 1), "1 分後にもう一度お試しください。");
    let arabic: BTreeSet<String> =
        [0, 1, 2, 3, 11].map(|count| wait(Language::Ar, count).replace(char::is_numeric, "")).into();
    assert_eq!(arabic.len(), 5);
}

/// A message that was forgotten in translation reads like the English one.
#[test]
fn no_language_is_english_in_disguise() {
    for language in Language::ALL.into_iter().filter(|language| *language != Language::En) {
        let same = Text::ALL.iter().filter(|text| {
            let say = |language| say(language, **text, None, About { agency: "N", name: "N", count: 5, total: 7 });
            say(language) == say(Language::En)
        });
        let same: Vec<&str> = same.map(|text| text.key()).collect();
        assert!(
            same.iter().all(|key| key.starts_with("kind-") || ["colon", "comma"].contains(key)),
            "{}: {same:?}",
            language.as_str()
        );
    }
}

/// What the code asks of a message's parts is there, and says something.
#[test]
fn messages_have_their_parts() {
    let shell = shell(HONEST, Language::En);
    for outcome in outcomes(HONEST) {
        for part in ["text", "next"] {
            assert_ne!(shell.part(outcome.text(), part, ""), outcome.text().key());
        }
    }
    for capability in domain::Capability::ALL {
        for part in ["short", "why", "never", "cannot"] {
            assert_ne!(shell.part(Text::from(capability), part, ""), Text::from(capability).key());
        }
    }
    let others = [Text::FreshAsked, Text::WithdrawalRevoked, Text::WithdrawalRetrying, Text::WithdrawalByHand];
    for (text, part) in
        others.map(|text| (text, "text")).into_iter().chain([(Text::Connect, "why"), (Text::Connect, "never")])
    {
        assert_ne!(shell.part(text, part, ""), text.key());
    }
}

/// CHK-E10: in a sentence a name is isolated, and cannot end the isolation.
#[test]
fn a_name_turns_no_sentence_around() {
    let agency = "\u{2069}\u{202e}evil\u{2068}";
    let said = say(Language::Ar, Text::LandingTitle, None, About { agency, ..About::default() });
    assert_eq!(said, "اربطوا حساباتكم مع \u{2068}evil\u{2069}");
}

#[test]
fn a_client_is_told_what_concerns_a_client() {
    for language in Language::ALL {
        let told = |code| user_message(code, "North Agency", language);
        for code in [
            Code::ConsentDenied,
            Code::AccountMismatch,
            Code::PlanLimitReached,
            Code::InsufficientPlatformRole,
            Code::ConnectRateLimited,
            Code::Internal,
        ] {
            assert!(told(code).is_some_and(|text| text.len() > 20), "{code}");
        }
        for code in [Code::CursorInvalid, Code::IdempotencyKeyReused, Code::Unauthenticated] {
            assert_eq!(told(code), None, "{code}");
        }
        assert!(told(Code::PlanLimitReached).is_some_and(|text| text.contains("North Agency")));
    }
    assert_eq!(Outcome::of(Code::PlanLimitReached), Outcome::PlanFull);
    assert_eq!(Outcome::of(Code::CursorInvalid), Outcome::Other);
}
