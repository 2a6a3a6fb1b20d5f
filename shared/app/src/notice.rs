//! What platforms tell by themselves: that a person removed our app, lost or deleted their account, or wants erased what
//! is kept of them.
//!
//! A notice that is believed is written down once, with what is to be done about it, before anything is done. Whoever
//! took it in works it off; what is left over the sweep finds through the due index. An erasure is left to the sweep
//! altogether, which may read all of the table and destroy tokens.

mod erase;

use domain::{
    Account, Code, Digest, Error, Fault, GrantId, PlatformId, Timestamp,
    account::Against,
    notice::{Happened, Told},
};
use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use platforms::{Blast, Signed, Unsigned};
pub use platforms::{Door, Incoming};
use store::{Due, DueItem, Notice, Subject};
use tokio::time::Instant;

use crate::{
    Services,
    renew::{self, Heard},
    signal,
};

/// How many are read at a time, and how many of a person's grants are told at once.
const PAGE: usize = 100;
const AT_ONCE: usize = 8;
/// A platform may repeat so long after it what we did ourselves: as long as we try.
const ECHO: SignedDuration = SignedDuration::from_hours(24 * 7);

/// An erasure, as anybody is told who has its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When everything was erased.
    pub done_at: Option<Timestamp>,
}

/// Takes a notice in, and answers with its code. Whatever it leads to, it is kept when this returns; the same notice
/// again changes nothing and is answered alike.
pub async fn receive(services: &Services, platform: &PlatformId, sent: &Incoming<'_>) -> Result<String, Error> {
    let now = services.now();
    let Signed { method, app, content, told } = match services.platforms.notice(platform, sent, now).await {
        Ok(signed) => signed,
        Err(Unsigned::NoDoor) => return Err(Code::NotFound.into()),
        Err(Unsigned::Because(reason)) => {
            tracing::warn!(%platform, door = ?sent.door, reason, "notice_refused");
            return Err(Code::SignatureInvalid.into());
        }
    };
    let code = services.edge.sign(&format!("notice|{platform}|{:?}", sent.door), &content).expose().to_owned();
    let erases = told.iter().any(|told| told.what == Happened::Erase);
    if !erases && !is_about_anybody(services, &app, &told).await? {
        return Ok(code);
    }
    let id = Digest::of(&code);
    let platform = platform.clone();
    let notice =
        Notice { id, platform, method, app, told, erases, received_at: now, done_at: None, tries: 0, place: None };
    if services.store.insert_notice(&notice).await? {
        // An erasure only begins here: nobody uses the tokens any more.
        let worked =
            if erases { tell_all(services, &notice).await } else { go_on(services, notice, Instant::now()).await };
        if let Err(fault) = worked {
            tracing::error!(%fault, "a notice is worked off later");
        }
    }
    Ok(code)
}

/// The answer to a platform's challenge.
pub fn challenge(services: &Services, platform: &PlatformId, token: &str) -> Result<String, Error> {
    services.platforms.challenge(platform, token).ok_or_else(|| Code::NotFound.into())
}

/// How far an erasure is.
pub async fn erasure(services: &Services, platform: &PlatformId, code: &str) -> Result<Erasure, Error> {
    let notice = services.store.find_notice(&Digest::of(code)).await?;
    let notice = notice.filter(|notice| notice.erases && notice.platform == *platform).ok_or(Code::NotFound)?;
    Ok(Erasure { asked_at: notice.received_at, done_at: notice.done_at })
}

/// Works off what is due; says how many were.
pub(crate) async fn work_off(services: &Services, until: Instant) -> Result<usize, Fault> {
    let mut done = 0;
    for item in services.store.list_due(Due::Notice, services.now(), PAGE).await? {
        let DueItem::Notice(id) = item else { continue };
        if Instant::now() >= until {
            break;
        }
        let worked = match services.store.find_notice(&id).await? {
            Some(notice) if notice.done_at.is_none() => go_on(services, notice, until).await,
            _ => continue,
        };
        match worked {
            Ok(finished) => done += usize::from(finished),
            Err(fault) => tracing::error!(%fault, "a notice"),
        }
    }
    Ok(done)
}

/// Whether anybody is here who is meant.
async fn is_about_anybody(services: &Services, app: &str, told: &[Told]) -> Result<bool, Fault> {
    for told in told {
        if !services.store.find_subject(app, &told.person).await?.grants.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Goes on with a notice; whether it is through. What is not goes on later.
async fn go_on(services: &Services, mut notice: Notice, until: Instant) -> Result<bool, Fault> {
    let worked = if notice.erases {
        Box::pin(erase::erase(services, &mut notice, until)).await
    } else {
        tell_all(services, &notice).await
    };
    let now = services.now();
    match worked {
        Ok(true) => services.store.finish_notice(&notice, now).await?,
        // There was no time for all of it.
        Ok(false) if notice.place.is_some() => services.store.postpone_notice(&notice, now).await?,
        _ => {
            notice.tries = notice.tries.saturating_add(1);
            services.store.postpone_notice(&notice, now + wait(notice.tries)).await?;
        }
    }
    worked
}

/// A minute, doubled by each try, an hour at most.
fn wait(tries: u32) -> SignedDuration {
    SignedDuration::from_mins(1i64 << tries.saturating_sub(1).min(9)).min(SignedDuration::from_hours(1))
}

/// Tells every grant of the persons, over all workspaces; whether all of them know now. One grant's failure stays its
/// own.
async fn tell_all(services: &Services, notice: &Notice) -> Result<bool, Fault> {
    let mut through = Ok(true);
    for told in &notice.told {
        let subject = services.store.find_subject(&notice.app, &told.person).await?;
        let is_sure = !may_be_an_echo(services, notice, &subject);
        let mut all = stream::iter(subject.grants)
            .map(|(_, grant)| tell(services, grant, told, is_sure))
            .buffer_unordered(AT_ONCE);
        while let Some(one) = all.next().await {
            through = match (through, one) {
                (Ok(all), Ok(one)) => Ok(all && one),
                (Err(fault), _) | (_, Err(fault)) => Err(fault),
            };
        }
    }
    through
}

/// Tells one grant and its accounts; whether they know now.
async fn tell(services: &Services, grant: GrantId, told: &Told, is_sure: bool) -> Result<bool, Fault> {
    match Box::pin(renew::hear(services, grant, told, is_sure)).await? {
        Heard::Later => Ok(false),
        Heard::Passed => Ok(true),
        Heard::Believed(grant) => {
            for (workspace, accounts) in grant.holders() {
                for account in services.store.find_accounts(&workspace, &accounts).await? {
                    Box::pin(stand(services, account, told.what)).await?;
                }
            }
            Ok(true)
        }
    }
}

/// Whether the platform may only repeat that we ended another grant of the person: where a call ends one grant, it names
/// the person all the same.
fn may_be_an_echo(services: &Services, notice: &Notice, subject: &Subject) -> bool {
    let entry = services.platforms.entry(&notice.platform, Some(&notice.method));
    let ends_one = entry.is_some_and(|entry| entry.blast == Blast::Token);
    ends_one && subject.ended_at.is_some_and(|ended| services.now().duration_since(ended) < ECHO)
}

/// What a platform says of the person stands against the accounts, or no longer does.
async fn stand(services: &Services, account: Account, what: Happened) -> Result<(), Fault> {
    let against = match what {
        Happened::Deleted => Some(Against::Gone),
        Happened::Banned | Happened::Disabled => Some(Against::Restricted),
        // Only what it had said itself is taken back.
        Happened::Enabled if account.standing.is_some_and(|standing| standing.what == Against::Restricted) => None,
        _ => return Ok(()),
    };
    match Box::pin(signal::stand(services, account, against)).await {
        // It was disconnected meanwhile.
        Ok(()) | Err(Error::Refused(domain::Refusal { code: Code::AccountDisconnected, .. })) => Ok(()),
        Err(Error::Refused(refusal)) => Err(Fault::Store(refusal.detail)),
        Err(Error::Fault(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_back_off_from_a_minute_to_an_hour() {
        assert_eq!(wait(1), SignedDuration::from_mins(1));
        assert_eq!(wait(3), SignedDuration::from_mins(4));
        assert_eq!(wait(40), SignedDuration::from_hours(1));
    }
}
