//! Page cursors: sealed, bound to workspace, filter and order, good for a day, and all equally long.

use std::{fmt::Display, str::FromStr};

use app::Services;
use domain::{Code, Refusal, Timestamp, WorkspaceId};
use jiff::SignedDuration;

const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What it means; an older version's cursor opens nowhere.
const VERSION: u8 = 2;

/// The bytes of every cursor's text, so that its length tells nothing of a name: a time, an id, and the rank, of which
/// [`domain::find`] takes a name's beginning only.
const LENGTH: usize = 112;

fn context(workspace: &WorkspaceId, filter: &str) -> String {
    format!("cursor|{VERSION}|{workspace}|{filter}")
}

/// Seals where the next page begins.
pub(crate) fn seal(services: &Services, workspace: &WorkspaceId, filter: &str, last: &impl Display) -> String {
    let ends = (services.now() + LIFETIME).as_second();
    let mut text = format!("{ends}|{last}");
    text.extend(std::iter::repeat_n(' ', LENGTH.saturating_sub(text.len())));
    services.edge.seal(&*services.entropy, &context(workspace, filter), &text)
}

/// Opens it for the same workspace, filter and order.
pub(crate) fn open<T: FromStr>(
    services: &Services,
    workspace: &WorkspaceId,
    filter: &str,
    cursor: &str,
) -> Result<T, Refusal> {
    let read = || {
        let text = services.edge.open(&context(workspace, filter), cursor)?;
        let (ends, last) = text.trim_end_matches(' ').split_once('|')?;
        let ends = Timestamp::from_second(ends.parse().ok()?).ok()?;
        if services.now() < ends { last.parse().ok() } else { None }
    };
    read().ok_or_else(|| Refusal::plain(Code::CursorInvalid))
}
