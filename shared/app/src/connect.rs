//! Connecting an account: start → the platform → callback → selection.

pub mod callback;
pub mod select;
pub mod session;
pub mod start;

mod commit;

use domain::{Code, ConnectSession, Refusal};

/// What keeps an attempt from being acted on: it has ended, or is at another step.
pub(crate) fn not_at_this_step(session: &ConnectSession, now: domain::Timestamp) -> Refusal {
    use domain::connect::Status;
    let status = session.status(now);
    match status {
        Status::Completed | Status::Failed | Status::Expired | Status::Cancelled => {
            Refusal::new(Code::SessionExpired, format!("This connect session is {}.", status.as_str()))
        }
        Status::Created | Status::Consenting | Status::AwaitingSelection => {
            Refusal::new(Code::SessionStateInvalid, format!("This connect session is {}.", status.as_str()))
        }
    }
}
