//! What every file of the catalogue promises.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::super::{FILES, Reset, Section, methods};

/// Each file as it is written, with what is read of it.
fn files() -> Vec<(Table, super::Method)> {
    let tables = FILES.iter().map(|text| text.parse().expect("TOML"));
    tables.zip(methods().expect("shipped")).collect()
}

/// The addresses in a file that are called, or that a browser is sent to.
fn addresses(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("http") => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| addresses(value, found)),
        Value::Table(table) => {
            // People open these, wherever they are; and Google's scopes only look like addresses.
            let shown = ["status_page_url", "manual_revoke_url", "facts", "scopes", "scopes_of"];
            table.iter().filter(|(key, _)| !shown.contains(&key.as_str())).for_each(|(_, v)| addresses(v, found));
        }
        _ => {}
    }
}

#[test]
fn every_address_is_on_a_host_that_is_named() {
    for (file, method) in files() {
        let mut found = Vec::new();
        addresses(&Value::Table(file), &mut found);
        assert!(found.len() >= 3, "{}: {found:?}", method.issuer);
        for address in found {
            let url: url::Url = address.parse().expect("an address");
            let host = url.host_str().expect("a host").to_owned();
            assert!(method.hosts.contains(&host), "{}: {address}", method.issuer);
            assert_eq!((url.scheme(), url.port()), ("https", None), "{address}");
        }
    }
}

#[test]
fn every_capability_is_told_in_words_of_its_own() {
    for (_, method) in files() {
        let words = &method.wording;
        let capabilities: BTreeSet<_> = method.scopes.capabilities.keys().collect();
        assert_eq!(words.capabilities.keys().collect::<BTreeSet<_>>(), capabilities, "{}", method.issuer);
        for word in words.capabilities.values().chain([&words.connect]) {
            for sentence in [&word.what, &word.why, &word.never] {
                let one = sentence.ends_with('.') && !sentence.trim_end_matches('.').contains(". ");
                assert!(one && sentence.len() <= 140, "{}: {sentence}", method.issuer);
                let plain = |scope: &String| !sentence.contains(scope.as_str());
                assert!(method.entry().scopes(&domain::Capability::ALL).iter().all(plain), "{sentence}");
            }
        }
    }
}

#[test]
fn every_section_says_how_sure_it_is() {
    for (file, method) in files() {
        let always =
            [Section::Authorize, Section::Token, Section::Scopes, Section::Renewal, Section::Revoke, Section::Errors];
        let more = [
            Section::Children,
            Section::RateLimit,
            Section::Budgets,
            Section::Sync,
            Section::Prices,
            Section::ApiVersion,
            Section::Requirements,
            Section::Tells,
        ];
        let present = more.into_iter().filter(|section| file.contains_key(section.as_str()));
        let wanted: BTreeSet<Section> = always.into_iter().chain(present).collect();
        assert_eq!(method.facts.keys().copied().collect::<BTreeSet<_>>(), wanted, "{}", method.issuer);
        assert!(method.facts.values().all(|fact| !fact.source.trim().is_empty()), "{}", method.issuer);
        // The section is as sure as its least sure rule.
        let least = method.errors.iter().map(|rule| rule.confidence).max();
        assert!(least <= Some(method.facts[&Section::Errors].confidence), "{}: {least:?}", method.issuer);
    }
}

#[test]
fn a_limit_is_told_where_it_can_be_read_and_by_no_status_that_says_something_else() {
    for (_, method) in files() {
        let Some(limit) = &method.rate_limit else { continue };
        let by_header = matches!(limit.reset, Reset::HeaderUnix | Reset::HeaderSeconds);
        assert_eq!(limit.header.is_some(), by_header, "{}", method.issuer);
        let ambiguous = |status: &u16| [200, 400, 401, 403, 404].contains(status) || *status >= 500;
        assert!(!limit.status.iter().any(ambiguous), "{}: {:?}", method.issuer, limit.status);
        assert!(limit.text.ends_with('.'), "{}", limit.text);
    }
}

#[test]
fn the_spoken_version_is_not_among_the_others_and_lives() {
    let compiled: jiff::civil::Date = "2026-11-22".parse().expect("a day");
    for (_, method) in files() {
        let Some(version) = &method.api_version else { continue };
        assert!(version.ends_on.is_none_or(|ends| compiled < ends), "{}: {version:?}", method.issuer);
        assert!(version.others.iter().all(|other| other.value != version.value), "{}", method.issuer);
    }
}

#[test]
fn a_file_with_a_word_too_many_or_too_few_is_refused() {
    let refused = |from: &str, to: &str| {
        let text = FILES[0].replacen(from, to, 1);
        assert_ne!(text, FILES[0], "{from} is in the file");
        toml::from_str::<super::Method>(&text).expect_err(from).to_string()
    };
    for (from, to, wanted) in [
        ("kinds = ", "colours = [\"blue\"]\nkinds = ", "colours"),
        ("hosts = ", "guests = ", "guests"),
        ("[wording.publish]\n", "[wording.dance]\n", "dance"),
        ("never = ", "ever = ", "ever"),
        ("[facts.token]", "[facts.tokens]", "tokens"),
        ("confidence = \"seen\"", "confidence = \"sure\"", "sure"),
        ("paging = \"cursor_next_url\"", "paging = \"scroll\"", "scroll"),
        ("reset = \"unknown\"", "reset = \"noon\"", "noon"),
        ("level = \"enforce\"\n", "", "level"),
        ("released_on = \"2026-07-29\"", "released_on = \"last summer\"", "last"),
        ("value = \"v25.0\"\n", "", "value"),
    ] {
        let said = refused(from, to);
        assert!(said.contains(wanted), "{from}: {said}");
    }
    let rule = |text: &str| toml::from_str::<super::Rule>(text).expect_err(text).to_string();
    assert!(rule("class = \"token_expired\"").contains("confidence"));
    assert!(rule("class = \"token_expired\"\nconfidence = \"seen\"\naction = \"shrug\"").contains("shrug"));
    assert!(rule("class = \"bad_mood\"\nconfidence = \"seen\"").contains("bad_mood"));
}
