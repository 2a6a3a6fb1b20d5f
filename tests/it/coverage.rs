//! The rows that tests cite are rows that there are, and every other one is open for a reason.

use std::collections::BTreeSet;

use tests::coverage::{self, Citations};

#[test]
fn each_row_is_listed_once_with_a_text() {
    let (rows, mut seen) = (coverage::rows(), BTreeSet::new());
    for (row, text) in &rows {
        assert!(seen.insert(row), "{row} is listed twice");
        assert!(!text.trim().is_empty() && !text.contains('\t'), "{row}: {text}");
    }
    assert_eq!(rows.len(), 264 + 69);
}

#[test]
fn each_row_that_a_test_cites_exists() {
    let cited = coverage::read();
    assert_eq!(cited.unknown(), Vec::<String>::new());
    assert!(cited.tests.len() > 80, "{:?}", cited.tests.keys());
}

#[test]
fn each_row_is_cited_or_open_for_a_reason() {
    let (cited, open) = (coverage::read().tests, coverage::open());
    let rows: BTreeSet<&str> = coverage::rows().into_iter().map(|(row, _)| row).collect();
    let unsettled: Vec<&&str> =
        rows.iter().filter(|row| cited.contains_key(**row) == open.contains_key(*row)).collect();
    assert_eq!(unsettled, Vec::<&&str>::new(), "each is either cited or open");
    for (row, why) in open {
        assert!(rows.contains(row), "{row} does not exist");
        assert!(why.ends_with('.') && why.len() > 20, "{row}: {why}");
    }
}

#[test]
fn only_tests_cite_rows_each_at_the_beginning_of_a_line() {
    assert_eq!(coverage::read().stray, Vec::<String>::new());
}

fn of(path: &str, lines: &[&str]) -> Citations {
    let mut citations = Citations::default();
    citations.add(path, &lines.join("\n"));
    citations
}

#[test]
fn rows_are_read_from_the_doc_comments_of_tests_alone() {
    let doc = "/// S0-01, CHK-A3: at once,";
    let tests = [
        ["#[test]", "fn a() {}"].as_slice(),
        &["#[tokio::test(flavor = \"multi_thread\")]", "async fn a() {}"],
        &["/// and again.", "#[test]", "#[should_panic]", "    fn a() {"],
    ];
    for test in tests {
        let read = of("f.rs", &[&[doc], test].concat());
        let tests: Vec<_> = read.tests.iter().map(|(row, tests)| (row.as_str(), tests.as_slice())).collect();
        let a = ["f.rs a".to_owned()];
        assert_eq!(tests, [("CHK-A3", a.as_slice()), ("S0-01", a.as_slice())], "{test:?}");
        assert!(read.stray.is_empty(), "{test:?}");
    }
    let read = of("f.mjs", &["// S0-01", "test('a thing works', async () => {"]);
    assert_eq!(read.tests["S0-01"], ["f.mjs a thing works"]);
    for stray in [
        [doc, "fn helper() {}"].as_slice(),
        &[doc, "", "#[test]", "fn a() {}"],
        &["//! S0-01", "", "#[test]", "fn a() {}"],
        &["#[test]", "fn a() {", "    // CHK-A3: here", "}"],
        &["/// S0-17 to S0-19", "#[test]", "fn a() {}"],
        &["/// As CHK-A3 says.", "#[test]", "fn a() {}"],
        &["/// S0-01"],
    ] {
        let read = of("f.rs", stray);
        assert!(read.tests.is_empty() && read.stray.len() == 1, "{stray:?}: {read:?}");
    }
}

#[test]
fn a_row_that_is_not_listed_is_unknown() {
    let read = of("f.rs", &["/// S0-01, S0-99, CHK-Z1", "#[test]", "fn a() {}"]);
    assert_eq!(read.unknown(), ["CHK-Z1: f.rs a", "S0-99: f.rs a"]);
}
