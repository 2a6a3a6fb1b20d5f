//! What must happen later, found through the due index. Takes no input; a lost or doubled trigger is harmless.

use domain::{Error, grant::Work};
use serde::Serialize;
use store::{Due, DueItem};

use crate::{
    Services,
    revoke::{self, Revoked},
};

/// How many items one run takes.
const BATCH: usize = 200;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Ended grants that were due to be revoked.
    pub revocations: Revocations,
}

/// Ended grants, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Revocations {
    /// Found due.
    pub due: usize,
    /// Confirmed by the platform.
    pub revoked: usize,
    /// Not to be revoked, or without a call for it.
    pub closed: usize,
    /// To be tried again.
    pub pending: usize,
    /// Given up.
    pub failed: usize,
}

/// Works off what is due; one item's failure stays its own.
pub async fn sweep(services: &Services) -> Result<Report, Error> {
    let mut report = Report::default();
    let counts = &mut report.revocations;
    for item in services.store.list_due(Due::Grant(Work::Revoke), services.now(), BATCH).await? {
        let DueItem::Grant(grant) = item else { continue };
        counts.due += 1;
        match revoke::revoke(services, grant).await {
            Ok(Some(Revoked::Revoked)) => counts.revoked += 1,
            Ok(Some(Revoked::Pending)) => counts.pending += 1,
            Ok(Some(Revoked::Failed)) => counts.failed += 1,
            Ok(Some(Revoked::Unsupported | Revoked::SkippedSharedGrant) | None) => counts.closed += 1,
            Err(fault) => {
                tracing::error!(%fault, %grant, "revocation");
                counts.pending += 1;
            }
        }
    }
    Ok(report)
}
