//! Page cursors: sealed, bound to workspace, filter and order, good for a day, and all equally long.

use std::cmp::Reverse;

use app::Services;
use domain::{
    Code, Refusal, Timestamp, WorkspaceId,
    find::{Place, Rank},
};
use jiff::SignedDuration;

const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What it means; an older version's cursor opens nowhere.
const VERSION: u8 = 2;

/// The bytes of every cursor's text, so that its length tells nothing of a name: a time, an id, and the rank, of which
/// [`domain::find`] takes a name's beginning only.
const LENGTH: usize = 112;

fn context(workspace: &WorkspaceId, filter: &str) -> String {
    format!("cursor|{VERSION}|accounts|{workspace}|{filter}")
}

/// Seals where the next page begins.
pub(crate) fn seal(services: &Services, workspace: &WorkspaceId, filter: &str, last: &Place) -> String {
    let ends = (services.now() + LIFETIME).as_second();
    let rank = match &last.rank {
        Rank::Number(number) => format!("n{number}"),
        Rank::Text(text) => format!("t{text}"),
        Rank::Reversed(Reverse(text)) => format!("r{text}"),
        Rank::Last => "l".to_owned(),
    };
    let mut text = format!("{ends}|{}|{rank}", last.id);
    text.extend(std::iter::repeat_n(' ', LENGTH.saturating_sub(text.len())));
    services.edge.seal(&*services.entropy, &context(workspace, filter), &text)
}

/// Opens it for the same workspace, filter and order.
pub(crate) fn open(services: &Services, workspace: &WorkspaceId, filter: &str, cursor: &str) -> Result<Place, Refusal> {
    let read = || {
        let text = services.edge.open(&context(workspace, filter), cursor)?;
        let (ends, rest) = text.trim_end_matches(' ').split_once('|')?;
        let (id, rank) = rest.split_once('|')?;
        let ends = Timestamp::from_second(ends.parse().ok()?).ok()?;
        let rank = match rank.split_at_checked(1)? {
            ("n", number) => Rank::Number(number.parse().ok()?),
            ("t", text) => Rank::Text(text.to_owned()),
            ("r", text) => Rank::Reversed(Reverse(text.to_owned())),
            ("l", "") => Rank::Last,
            _ => return None,
        };
        (services.now() < ends).then_some(Place { rank, id: id.parse().ok()? })
    };
    read().ok_or_else(|| Refusal::plain(Code::CursorInvalid))
}
