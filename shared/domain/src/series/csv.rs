//! A series as a table (RFC 4180).

use super::{Bucket, Key};

/// The columns.
const COLUMNS: [&str; 9] =
    ["account", "metric", "first_day", "last_day", "value", "quality", "days", "known_days", "episode_id"];

/// Series of one account, by its name, as a table with a header row. What is not known has an empty value and says why.
pub fn csv<'a>(account: &str, series: impl IntoIterator<Item = (Key, &'a [Bucket])>) -> String {
    let mut table = String::new();
    row(&mut table, COLUMNS.map(str::to_owned));
    for (key, buckets) in series {
        for bucket in buckets {
            let cells = [
                account.to_owned(),
                key.as_str().to_owned(),
                bucket.of.first.to_string(),
                bucket.of.last.to_string(),
                bucket.value.map(|value| key.text(value)).unwrap_or_default(),
                bucket.quality.as_str().to_owned(),
                bucket.days.to_string(),
                bucket.known_days.to_string(),
                bucket.episode.map(|episode| episode.to_string()).unwrap_or_default(),
            ];
            row(&mut table, cells);
        }
    }
    table
}

fn row<const N: usize>(table: &mut String, cells: [String; N]) {
    table.push_str(&cells.map(|cell| quoted(&harmless(cell))).join(","));
    table.push_str("\r\n");
}

/// A cell that no spreadsheet calculates: an apostrophe stands before what would begin a formula.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
