//! The documented errors of Threads, by name.

use rand::rngs::StdRng;

use crate::answer::Answer;
use crate::fault::no_row;
use crate::graph::GraphError;

/// The class, and the code where a class has several.
const ROWS: [&str; 10] = [
    "token_expired",
    "password_changed",
    "permission_missing",
    "account_suspended_4279013",
    "account_suspended_2207051",
    "rate_limited_4",
    "rate_limited_17",
    "rate_limited_80002",
    "platform_outage_1",
    "platform_outage_2",
];

/// The row of that name.
pub(super) fn answer(rng: &mut StdRng, name: &str) -> Answer {
    let error = match name {
        "token_expired" => GraphError::new(400, 190, "Error validating access token: Session has expired."),
        "password_changed" => GraphError::password_changed(),
        "permission_missing" => GraphError::no_permission(),
        "account_suspended_4279013" => GraphError::threads_restricted(),
        "account_suspended_2207051" => {
            let message = "We restrict certain activity to protect our community.";
            GraphError::new(400, 25, message).subcode(2_207_051)
        }
        "rate_limited_4" => GraphError::threads_limit(),
        "rate_limited_17" => GraphError::new(400, 17, "User request limit reached").transient(),
        "rate_limited_80002" => {
            let message = "There have been too many calls to this account. Wait a bit and try again.";
            GraphError::new(400, 80_002, message).transient()
        }
        "platform_outage_1" => GraphError::outage(500),
        "platform_outage_2" => GraphError::new(500, 2, "Service temporarily unavailable").transient(),
        _ => return no_row(name, &ROWS),
    };
    error.answer(rng)
}
