//! Page cursors: sealed, bound to workspace and filter, good for a day.

use std::{fmt::Display, str::FromStr};

use app::Services;
use domain::{Code, Refusal, Timestamp, WorkspaceId};
use jiff::SignedDuration;

const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What it means; an older version's cursor opens nowhere.
const VERSION: u8 = 1;

fn context(workspace: &WorkspaceId, filter: &str) -> String {
    format!("cursor|{VERSION}|accounts|{workspace}|{filter}")
}

/// Seals where the next page begins.
pub(crate) fn seal(services: &Services, workspace: &WorkspaceId, filter: &str, last: impl Display) -> String {
    let ends = (services.now() + LIFETIME).as_second();
    services.edge.seal(&*services.entropy, &context(workspace, filter), &format!("{ends}|{last}"))
}

/// Opens it for the same workspace and filter.
pub(crate) fn open<T: FromStr>(
    services: &Services,
    workspace: &WorkspaceId,
    filter: &str,
    cursor: &str,
) -> Result<T, Refusal> {
    let read = || {
        let text = services.edge.open(&context(workspace, filter), cursor)?;
        let (ends, last) = text.split_once('|')?;
        let ends = Timestamp::from_second(ends.parse().ok()?).ok()?;
        if services.now() < ends { last.parse().ok() } else { None }
    };
    read().ok_or_else(|| Refusal::plain(Code::CursorInvalid))
}
