//! X's errors, one row for each rule by which they are told apart, for the fault `error:`.

use axum::http::StatusCode;

use super::error::{bad_token, depleted, forbidden, no_client, not_found, problem, suspended, typed, unauthorized};
use super::limit::Left;
use super::{refusal, user};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;

pub(super) struct Row {
    pub(super) name: &'static str,
    answer: fn() -> Answer,
}

pub(super) const ROWS: [Row; 15] = [
    Row { name: "token_expired", answer: unauthorized },
    Row { name: "invalid_grant", answer: bad_token },
    Row { name: "client_misconfigured_authorization", answer: no_client },
    Row { name: "permission_missing", answer: forbidden },
    Row { name: "client_misconfigured_forbidden", answer: || own("client_forbidden") },
    Row { name: "client_misconfigured_authentication", answer: || own("unsupported_authentication") },
    Row { name: "rate_limited", answer: rate_limited },
    Row { name: "quota_exhausted_usage", answer: || own("usage_capped") },
    Row { name: "quota_exhausted_credits", answer: depleted },
    Row { name: "account_suspended", answer: || suspended(user::NOBODY) },
    Row { name: "account_deleted", answer: || not_found(user::NOBODY) },
    Row { name: "platform_outage_500", answer: || outage(500) },
    Row { name: "platform_outage_502", answer: || outage(502) },
    Row { name: "platform_outage_503", answer: || outage(503) },
    Row { name: "platform_outage_504", answer: || outage(504) },
];

/// The row that the call is to meet.
pub(super) fn asked(world: &World, call: &Call) -> Option<Answer> {
    let name = call.faults.iter().find_map(|fault| fault.strip_prefix("error:"))?;
    let row = ROWS.iter().find(|row| row.name == name)?;
    let answer = (row.answer)();
    Some(if name == "rate_limited" { Left::none(world.now).headers(answer) } else { answer })
}

fn own(fault: &str) -> Answer {
    refusal(fault).unwrap_or_else(|| outage(500))
}

/// Documented with a type of its own, though answers seen have none.
fn rate_limited() -> Answer {
    typed(429, "Too Many Requests", "rate-limit-exceeded", "Too Many Requests")
}

fn outage(status: u16) -> Answer {
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error");
    problem(status, title, title)
}
