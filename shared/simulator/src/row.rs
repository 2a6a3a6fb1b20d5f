//! Tables of the errors that a platform documents, to be asked for by name.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;

/// One error: its name, which begins with its class, its status and its body.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// JSON.
    pub(crate) body: &'static str,
}

/// A row without headers of its own.
pub(crate) const fn row(name: &'static str, status: u16, body: &'static str) -> Row {
    Row { name, status, headers: &[], body }
}

/// The answer of the row that the fault `error:NAME` names. A name that no row has is answered with those that there are.
pub(crate) fn named(call: &Call, rows: &[Row]) -> Option<Answer> {
    let name = call.faults.iter().find_map(|fault| fault.strip_prefix("error:"))?;
    let Some(row) = rows.iter().find(|row| row.name == name) else {
        let known = rows.iter().fold(String::new(), |mut known, row| {
            let _ = write!(known, " {}", row.name);
            known
        });
        return Some(Answer::json(501, &json!({ "error": format!("no row `{name}`; these are:{known}") })));
    };
    let body: Value = serde_json::from_str(row.body).unwrap_or_default();
    let answer =
        row.headers.iter().fold(Answer::json(row.status, &body), |answer, (key, value)| answer.header(key, *value));
    Some(answer.outcome(format!("refused:{name}")))
}

#[cfg(test)]
pub(crate) fn are_sound(rows: &[Row]) -> usize {
    for (at, row) in rows.iter().enumerate() {
        let body = serde_json::from_str::<Value>(row.body);
        assert!(body.is_ok_and(|body| body.is_object()), "{} has a body that is no object", row.name);
        assert!(rows[..at].iter().all(|other| other.name != row.name), "{} is there twice", row.name);
    }
    rows.len()
}
