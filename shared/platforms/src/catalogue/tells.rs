//! What a platform tells of an account, by its kind.

use std::collections::BTreeMap;

use domain::{Facet, Metric, Tells};
use serde::Deserialize;

use super::Entry;

/// Of what no row speaks.
static NOTHING: Tells = Tells { level: Vec::new(), measured: Vec::new(), audience: Vec::new() };

/// One `[[tells]]` of a method's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    kinds: Vec<String>,
    #[serde(default)]
    level: Vec<Metric>,
    #[serde(default)]
    measured: Vec<Metric>,
    #[serde(default)]
    audience: Vec<Facet>,
}

/// Each kind with its row.
pub(super) fn by_kind(rows: &[Row]) -> BTreeMap<String, Tells> {
    let tells =
        |row: &Row| Tells { level: row.level.clone(), measured: row.measured.clone(), audience: row.audience.clone() };
    rows.iter().flat_map(|row| row.kinds.iter().map(move |kind| (kind.clone(), tells(row)))).collect()
}

impl Entry {
    /// What the platform tells of accounts of a kind; nothing where no catalogue says it.
    pub fn tells(&self, kind: &str) -> &Tells {
        self.tells.get(kind).unwrap_or(&NOTHING)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::Capability;

    use super::*;
    use crate::catalogue::methods;

    /// Whether all are there in the order of `all`, each once.
    fn in_order<T: PartialEq>(told: &[T], all: &[T]) -> bool {
        let places: Option<Vec<usize>> = told.iter().map(|one| all.iter().position(|known| known == one)).collect();
        places.is_some_and(|places| places.is_sorted_by(|a, b| a < b))
    }

    #[test]
    fn each_kind_has_one_row_and_each_number_its_place() {
        for method in methods().expect("shipped") {
            let kinds: Vec<&String> = method.tells.iter().flat_map(|row| &row.kinds).collect();
            assert!(kinds.iter().all(|kind| method.kinds.contains(kind)), "{}: {kinds:?}", method.issuer);
            assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "{}: {kinds:?}", method.issuer);
            for row in &method.tells {
                let ordered = in_order(&row.level, &Metric::ALL) && in_order(&row.measured, &Metric::ALL);
                assert!(ordered && in_order(&row.audience, &Facet::ALL), "{}: {row:?}", method.issuer);
            }
        }
    }

    /// S0-06
    #[test]
    fn what_is_told_is_what_can_be_asked_for() {
        for entry in methods().expect("shipped").iter().map(super::super::Method::entry) {
            for kind in &entry.kinds {
                let (tells, of) = (entry.tells(kind), |capability| entry.needs(kind, capability).is_ok());
                let who = format!("{}: {kind}", entry.issuer);
                assert_eq!(!tells.audience.is_empty(), of(Capability::Audience), "{who}");
                assert!(tells.measured.is_empty() || of(Capability::Analytics), "{who}");
            }
            assert_eq!(entry.tells("nonesuch"), &Tells::default());
        }
    }
}
