//! The numbers of a report as metrics: one line in `CloudWatch`'s embedded metric format.
//!
//! A function that writes such a line to standard output has its metrics, without a call and without a right (AWS,
//! `CloudWatch`, "Using the embedded metric format with Lambda"). The log format JSON leaves the line as it is: Lambda
//! does not encode anew what is JSON already (AWS, Lambda, "Configuring JSON and plain text log formats"). A line without
//! a level counts as `INFO` (the same, "Log-level filtering"), so a function that is told to log less has no metrics.

use std::io::{self, Write as _};

use domain::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What all metrics of the product lie in.
const NAMESPACE: &str = "Mooring";
/// How many metrics one directive may name.
const MOST: usize = 100;

/// Writes the metrics of a report to standard output, each by the function and by its name in the report.
pub fn tell(function: &str, report: &impl Serialize, now: Timestamp) {
    let written = line(function, report, now).and_then(|line| io::stdout().write_all(line.as_bytes()));
    if let Err(error) = written {
        tracing::warn!(%error, "metrics");
    }
}

/// The line, with its end.
fn line(function: &str, report: &impl Serialize, now: Timestamp) -> io::Result<String> {
    let mut root = Map::new();
    flatten("", serde_json::to_value(report)?, &mut root);
    let names: Vec<Value> = root.keys().map(|name| json!({"Name": name, "Unit": "Count"})).collect();
    let directive =
        |metrics: &[Value]| json!({"Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics});
    let directives: Vec<Value> = names.chunks(MOST).map(directive).collect();
    root.insert("Function".to_owned(), function.into());
    root.insert("_aws".to_owned(), json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": directives}));
    Ok(format!("{}\n", Value::Object(root)))
}

/// The numbers of a value, each by the way to it; true is 1, and what is neither is left out.
fn flatten(at: &str, value: Value, found: &mut Map<String, Value>) {
    let number = match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = if at.is_empty() { name } else { format!("{at}.{name}") };
                flatten(&at, value, found);
            }
            return;
        }
        Value::Bool(is) => u8::from(is).into(),
        Value::Number(number) => number.into(),
        Value::Null | Value::String(_) | Value::Array(_) => return,
    };
    found.insert(at.to_owned(), number);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00.5Z".parse().expect("a time")
    }

    /// What a line tells, read as `CloudWatch` does: each metric with its value. Panics where it is not as the
    /// specification of the embedded metric format says.
    fn read(line: &str) -> Vec<(String, f64)> {
        assert_eq!((line.matches('\n').count(), line.ends_with('\n')), (1, true), "one line");
        assert!(line.len() <= 256 * 1024, "{}", line.len());
        let root: Value = serde_json::from_str(line).expect("JSON, and nothing before or after it");
        let metadata = root["_aws"].as_object().expect("a metadata object");
        assert_eq!(metadata.keys().collect::<Vec<_>>(), ["CloudWatchMetrics", "Timestamp"]);
        assert!(metadata["Timestamp"].is_u64(), "milliseconds");
        let mut told = Vec::new();
        for directive in metadata["CloudWatchMetrics"].as_array().expect("directives") {
            let members: Vec<_> = directive.as_object().expect("a directive").keys().collect();
            assert_eq!(members, ["Dimensions", "Metrics", "Namespace"]);
            let is_text = |text: &str, most: usize| {
                (1..=most).contains(&text.chars().count())
                    && !text.trim().is_empty()
                    && !text.contains(char::is_control)
            };
            assert!(is_text(directive["Namespace"].as_str().expect("text"), 1024));
            for set in directive["Dimensions"].as_array().expect("dimension sets") {
                let set = set.as_array().expect("a dimension set");
                assert!(set.len() <= 30);
                for name in set {
                    let name = name.as_str().expect("a name");
                    assert!(is_text(name, 250) && is_text(root[name].as_str().expect("its value"), 1024), "{name}");
                }
            }
            let metrics = directive["Metrics"].as_array().expect("metrics");
            assert!((1..=100).contains(&metrics.len()), "{}", metrics.len());
            for metric in metrics {
                let name = metric["Name"].as_str().expect("a name");
                assert!(is_text(name, 1024), "{name:?}");
                assert_eq!(metric["Unit"], "Count", "{name}");
                // By its name as it is: a dot leads nowhere.
                told.push((name.to_owned(), root[name].as_f64().unwrap_or_else(|| panic!("{name} is no number"))));
            }
        }
        let names: BTreeSet<_> = told.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), told.len(), "each once");
        assert_eq!(root.as_object().expect("members").len(), told.len() + 2, "nothing is there that is not told");
        told
    }

    fn told(report: &impl Serialize) -> Vec<(String, f64)> {
        read(&line("sync", report, now()).expect("a line"))
    }

    #[test]
    fn a_report_is_told_number_by_number() {
        let line = line("sync", &app::sync::Report { due: 3, unfinished: true, ..Default::default() }, now());
        let line = line.expect("a line");
        let root: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(root["Function"], "sync");
        assert_eq!(root["_aws"]["Timestamp"], 1_795_348_800_500_i64);
        let directive = &root["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&directive["Namespace"], &directive["Dimensions"]), (&json!("Mooring"), &json!([["Function"]])));
        let told = read(&line);
        assert!(told.contains(&("due".to_owned(), 3.0)) && told.contains(&("unfinished".to_owned(), 1.0)), "{told:?}");
        assert_eq!(told.len(), 8, "{told:?}");
    }

    #[test]
    fn what_lies_deeper_is_told_by_the_way_to_it() {
        let mut report = app::sweep::Report::default();
        (report.grants.due, report.revocations.due) = (2, 5);
        let told = told(&report);
        assert!(told.contains(&("grants.due".to_owned(), 2.0)), "{told:?}");
        assert!(told.contains(&("revocations.due".to_owned(), 5.0)), "{told:?}");
        assert!(told.contains(&("unfinished".to_owned(), 0.0)), "{told:?}");
    }

    #[test]
    fn only_numbers_are_told() {
        let odd = json!({"name": "acme", "none": null, "list": [1, 2], "share": 0.5, "below": -1, "empty": {}});
        assert_eq!(told(&odd), [("below".to_owned(), -1.0), ("share".to_owned(), 0.5)]);
        for nothing in [json!(null), json!([]), json!({}), json!("text")] {
            assert_eq!(told(&nothing), []);
        }
    }

    #[test]
    fn more_than_a_hundred_are_told_in_several_directives() {
        for many in [1, 100, 101, 250] {
            let report: Map<String, Value> = (0..many).map(|n| (format!("n{n:03}"), n.into())).collect();
            assert_eq!(told(&report).len(), many);
        }
    }
}
