//! Who did what, as it is told.

use app::audit::Page;
use domain::{Timestamp, audit::AuditEntry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PageInfo;

/// One thing that somebody did, or tried.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryView {
    /// `aud_…`
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub actor: AuditActorView,
    /// The `operationId` of what was done, as this document has it; `connectAccounts` is what followed from an attempt.
    pub action: String,
    /// Which accounts, where it was about some; they may be gone since.
    pub account_ids: Vec<String>,
    /// What else it was about, by the name that the path has for it.
    pub target: Option<AuditTargetView>,
    /// `done`, `replayed`, or the code of the refusal; `asked` where the record goes with what is erased.
    pub outcome: String,
    /// What a credential was wanted for.
    pub purpose: Option<String>,
    /// The person in whose name a program did it.
    pub on_behalf_of: Option<String>,
    /// The request's id, as its answer bore it.
    pub request_id: Option<String>,
    /// A keyed digest of the address that it came from: alike for the same address, and no more.
    pub ip_hash: Option<String>,
}

/// Who did something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct AuditActorView {
    /// `token`, `api_key`, `console`; `consent` is the browser of an attempt that the actor asked for.
    pub credential: String,
    /// Their id at the SaaS; of a program, its key's.
    pub id: String,
    /// Their name, if it is known.
    pub name: Option<String>,
}

/// What was done something to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditTarget)]
pub struct AuditTargetView {
    /// `workspace`, `session`, `key` …
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// One page of the audit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditPage)]
pub struct AuditPageView {
    /// The latest first; may be empty although there are more, where a filter lets little through.
    pub data: Vec<AuditEntryView>,
    /// Where the next page begins.
    pub page: PageInfo,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at,
            actor: AuditActorView { credential: entry.actor.credential, id: entry.actor.id, name: entry.actor.name },
            action: entry.action,
            account_ids: entry.accounts.iter().map(ToString::to_string).collect(),
            target: entry.target.map(|target| AuditTargetView { kind: target.kind, id: target.id }),
            outcome: entry.outcome,
            purpose: entry.purpose,
            on_behalf_of: entry.on_behalf_of,
            request_id: entry.request_id,
            ip_hash: entry.ip_hash,
        }
    }
}

impl AuditPageView {
    pub(crate) fn of(page: Page, next_cursor: Option<String>) -> Self {
        Self {
            data: page.entries.into_iter().map(AuditEntryView::from).collect(),
            page: PageInfo { has_more: next_cursor.is_some(), next_cursor },
        }
    }
}

/// The first line of a table.
const COLUMNS: [&str; 13] = [
    "at",
    "action",
    "outcome",
    "actor_credential",
    "actor_id",
    "actor_name",
    "account_ids",
    "target_kind",
    "target_id",
    "purpose",
    "on_behalf_of",
    "request_id",
    "ip_hash",
];

/// Entries as a table for a spreadsheet (RFC 4180). What a spreadsheet would take for a formula is marked as text.
pub(crate) fn csv(entries: &[AuditEntryView]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for entry in entries {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (kind, id) = entry.target.as_ref().map(|t| (t.kind.clone(), t.id.clone())).unwrap_or_default();
        let cells = [
            entry.at.to_string(),
            entry.action.clone(),
            entry.outcome.clone(),
            entry.actor.credential.clone(),
            entry.actor.id.clone(),
            text(&entry.actor.name),
            entry.account_ids.join(" "),
            kind,
            id,
            text(&entry.purpose),
            text(&entry.on_behalf_of),
            text(&entry.request_id),
            text(&entry.ip_hash),
        ];
        table.write_record(cells.map(harmless))?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// A cell that no spreadsheet calculates: an apostrophe stands before what would begin a formula.
pub(super) fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(name: &str) -> AuditEntryView {
        AuditEntryView {
            id: "aud_1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            actor: AuditActorView { credential: "token".to_owned(), id: name.to_owned(), name: Some(name.to_owned()) },
            action: "disconnectAccount".to_owned(),
            account_ids: vec!["acc_1".to_owned(), "acc_2".to_owned()],
            target: None,
            outcome: "done".to_owned(),
            purpose: None,
            on_behalf_of: None,
            request_id: None,
            ip_hash: None,
        }
    }

    #[test]
    fn no_cell_of_a_table_is_a_formula() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            let table = csv(&[by(evil)]).expect("a table");
            let mut read = csv::Reader::from_reader(table.as_slice());
            let row = read.records().next().expect("a row").expect("legal");
            assert_eq!(&row[4], format!("'{evil}"), "{evil:?}");
            assert_eq!(&row[5], format!("'{evil}"), "{evil:?}");
        }
    }

    #[test]
    fn a_cell_holds_whatever_a_name_holds() {
        let name = "Ada \"the\nfirst\", Berg";
        let table = csv(&[by(name)]).expect("a table");
        let mut read = csv::Reader::from_reader(table.as_slice());
        assert_eq!(read.headers().expect("a head"), COLUMNS.as_slice());
        let row = read.records().next().expect("a row").expect("legal");
        assert_eq!((&row[5], &row[6], row.len()), (name, "acc_1 acc_2", COLUMNS.len()));
    }
}
