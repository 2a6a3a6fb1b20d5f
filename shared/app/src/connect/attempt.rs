//! Attempts without success are slowed down. What counts is workspace, platform and caller, never where a request
//! comes from, so no header changes anything.

use domain::{Code, ConnectSession, Error, Refusal};
use store::Counted;

use crate::Services;

/// Lets an attempt begin. It counts as one without success until it has some.
pub(super) async fn begin(services: &Services, session: &ConnectSession) -> Result<(), Error> {
    match services.store.count_attempt(session, services.attempts).await? {
        Counted::Yes => Ok(()),
        Counted::TooMany(until) => Err(Refusal::later(Code::ConnectRateLimited, until).into()),
        Counted::Busy => Err(Code::Busy.into()),
    }
}

/// It has come to something: accounts, or a choice of them. That it cannot be noted is not the person's trouble.
pub(super) async fn succeeded(services: &Services, session: &ConnectSession) {
    if let Err(fault) = services.store.take_attempt_back(session).await {
        tracing::warn!(%fault, "an attempt's success could not be counted");
    }
}
