//! Which rows of the requirements and of the attack checklist the tests cite.
//!
//! A test cites rows at the beginning of a line of its doc comment, one after the other, alone or before a colon. A row
//! of the product is cited where all that it says is shown through the API, a page or a job; a row of the checklist by
//! each test of that attack. Every other row is listed as open, with what the product lacks for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The rows of both lists, `id<tab>text`.
const LISTS: [&str; 2] = [include_str!("../requirements/product.tsv"), include_str!("../requirements/checklist.tsv")];
/// The rows that no test cites yet, `id<tab>why`.
const OPEN: &str = include_str!("../requirements/open.tsv");
/// Where tests are.
const ROOMS: [&str; 3] = ["shared", "functions", "tests"];

/// What all tests together cite.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Citations {
    /// The tests by the row that they cite.
    pub tests: BTreeMap<String, Vec<String>>,
    /// Rows that are named, but not by a test, or not at the beginning of a line.
    pub stray: Vec<String>,
}

/// Every row with its text, in the lists' order.
pub fn rows() -> Vec<(&'static str, &'static str)> {
    LISTS.into_iter().flat_map(str::lines).map(split).collect()
}

/// The rows that are open, each with what the product lacks for it.
pub fn open() -> BTreeMap<&'static str, &'static str> {
    OPEN.lines().map(split).collect()
}

fn split(line: &'static str) -> (&'static str, &'static str) {
    line.split_once('\t').unwrap_or_else(|| panic!("no row: {line}"))
}

/// What all tests of the tree cite.
pub fn read() -> Citations {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tree");
    let mut files = Vec::new();
    for room in ROOMS {
        find(&root.join(room), &mut files);
    }
    files.sort();
    let mut citations = Citations::default();
    for path in files {
        let text = fs::read_to_string(&path).expect("a source");
        citations.add(&path.strip_prefix(root).expect("below the root").display().to_string(), &text);
    }
    citations
}

/// Every Rust and JavaScript file below a folder.
fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("node_modules") {
            find(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs" || end == "mjs") {
            files.push(path);
        }
    }
}

impl Citations {
    /// What a file's tests cite.
    pub fn add(&mut self, path: &str, text: &str) {
        let mut comment: Vec<(usize, &str)> = Vec::new();
        let mut is_test = false;
        for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
            if line.starts_with("#[") {
                is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
                continue;
            }
            if let Some(said) = line.strip_prefix("///").or_else(|| line.strip_prefix("//")) {
                comment.push((at, said.trim()));
                continue;
            }
            let name = function(line).filter(|_| is_test).or_else(|| javascript_test(line));
            for (at, said) in comment.drain(..) {
                self.line(&format!("{path}:{at}"), said, name.map(|name| format!("{path} {name}")));
            }
            is_test = false;
        }
        for (at, said) in comment {
            self.line(&format!("{path}:{at}"), said, None);
        }
    }

    fn line(&mut self, at: &str, said: &str, test: Option<String>) {
        let beginning = said.split(':').next().unwrap_or_default().trim_end_matches(',');
        let cited: Vec<&str> = beginning.split(", ").collect();
        let cited = if cited.iter().all(|word| is_row(word)) { cited } else { Vec::new() };
        let named = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| is_row(word)).count();
        match test {
            Some(test) if named == cited.len() => {
                for row in cited {
                    self.tests.entry(row.to_owned()).or_default().push(test.clone());
                }
            }
            _ if named == 0 => {}
            _ => self.stray.push(format!("{at}: {said}")),
        }
    }

    /// Rows that are cited and do not exist, each with a test that does it.
    pub fn unknown(&self) -> Vec<String> {
        let known: BTreeSet<&str> = rows().into_iter().map(|(row, _)| row).collect();
        let unknown = self.tests.iter().filter(|(row, _)| !known.contains(row.as_str()));
        unknown.map(|(row, tests)| format!("{row}: {}", tests.join(", "))).collect()
    }
}

/// Whether a word is spelled like a row's id, be there such a row or not.
fn is_row(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match word.split_once('-') {
        Some(("CHK", row)) => row.starts_with(|c: char| c.is_ascii_uppercase()) && number(&row[1..]),
        Some((document, row)) => document.strip_prefix('S').is_some_and(number) && number(row),
        None => false,
    }
}

/// `fn name(` with whatever stands before it.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let legal = before.split_whitespace().all(|word| ["pub", "async"].contains(&word));
    after.split(['(', '<']).next().filter(|_| legal)
}

/// `test('name'` or `it('name'`.
fn javascript_test(line: &str) -> Option<&str> {
    let call = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
    call.split(['\'', '"', '`']).nth(1)
}
