//! The one path by which tokens are renewed: the sweep, a person's refresh, and whoever needs a token take it.
//!
//! Who holds a grant ([`domain::renewal`]) is alone with it: what is due is looked at, the platform is called at most
//! as often as the rules say, and what came of it is written before anything else happens. The grant's accounts hear
//! of it afterwards; if the process dies in between, the grant is due at once and they hear of it then.

mod call;
mod flight;
mod hear;
mod look;
mod write;

use std::time::Duration;

use domain::{
    Code, Error, Fault, Grant, GrantId, Timestamp, TokenSet,
    grant::{Due, GrantState, Work},
    renewal::{Found, LEASE, MARGIN, Renewal, Rules, Step, begin},
};
use platforms::Connector;
use tokio::time::Instant;

pub use flight::Flights;
pub(crate) use hear::{Heard, hear, suspect};
pub(crate) use write::{due, seal_next};

use crate::Services;
use write::finish;

/// How long a reader waits for somebody else's renewal: a call's deadline, and a little.
const PATIENCE: Duration = Duration::from_secs(12);
/// How often it looks: at first, and at most.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LONGEST_LOOK: Duration = Duration::from_millis(400);

/// What a grant is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Whatever is due.
    Due,
    /// Tokens that can be used now.
    Token,
    /// A renewal before its time, and a look at what the platform says now.
    Now,
    /// A look at what the platform says now; a renewal only where nothing else tells.
    Look,
}

impl Want {
    /// Whether somebody wants to know what the platform says now.
    fn is_curious(self) -> bool {
        matches!(self, Self::Now | Self::Look)
    }
}

/// A grant after it was looked after.
#[derive(Debug)]
pub struct Kept {
    /// As it is now.
    pub grant: Grant,
    /// Its tokens, where they were opened or came.
    pub tokens: Option<TokenSet>,
    /// What was done.
    pub did: Did,
}

/// What was done about a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Nothing had to be.
    Nothing,
    /// It was looked at, and is as it should be.
    Looked,
    /// It has new tokens.
    Renewed,
    /// It may have lost its refresh token; its access token is used as long as it lives.
    Endured,
    /// It could not be renewed now.
    Failed {
        /// Why, in the registry's words.
        code: Code,
        /// When it is tried again.
        until: Option<Timestamp>,
    },
    /// It was not tried: its platform is in trouble, or somebody else is at it.
    Postponed {
        /// Until when, if that is known.
        until: Option<Timestamp>,
    },
    /// It was found dead now.
    Died,
    /// It was dead before.
    Dead,
}

/// Tokens that can be used now, renewed first if need be. One renewal at a time: who comes second waits for the first
/// one's tokens, or uses the old ones if they still live.
pub async fn token(services: &Services, id: GrantId, want: Want) -> Result<Kept, Error> {
    // A person's wish is met by a renewal that ends after it was made.
    let before = if want == Want::Now { services.store.find_grant(id).await?.map(|grant| grant.version) } else { None };
    let renewed = |grant: &Grant, now| before.is_some_and(|before| before < grant.version) && grant.is_fresh(now);
    let _flight = services.flights.enter(id).await;
    let began = Instant::now();
    let mut pause = FIRST_LOOK;
    loop {
        let grant = services.store.find_grant(id).await?.filter(|g| g.state == GrantState::Live);
        let grant = grant.ok_or(Code::ConnectionExpired)?;
        let now = services.now();
        if grant.upkeep.dead.is_some() {
            return Ok(Kept { grant, tokens: None, did: Did::Dead });
        }
        if want == Want::Token && grant.is_fresh(now) {
            return open(services, grant, Did::Nothing).await;
        }
        if renewed(&grant, now) {
            return open(services, grant, Did::Renewed).await;
        }
        if want == Want::Token
            && let Some(until) = services.guard.shut_until(services, &grant).await?
        {
            return if grant.access_lives(now) {
                open(services, grant, Did::Postponed { until: Some(until) }).await
            } else {
                Ok(Kept { grant, tokens: None, did: Did::Postponed { until: Some(until) } })
            };
        }
        let holder_gone = Due { work: Work::Renew, at: now + LEASE + MARGIN };
        let later = grant.due.is_none_or(|due| due.at > holder_gone.at);
        let found_by = later.then_some((holder_gone, &grant.workspace));
        let held_at = Instant::now();
        if let Some(held) = services.store.hold(id, found_by, now).await? {
            if renewed(&held, now) {
                services.store.let_go(&held).await?;
                return open(services, held, Did::Renewed).await;
            }
            let kept = Box::pin(work(services, held, want, held_at)).await?.ok_or(Code::ConnectionExpired)?;
            return match kept {
                Kept { grant, tokens: None, did } if grant.upkeep.dead.is_none() => open(services, grant, did).await,
                kept => Ok(kept),
            };
        }
        // Somebody else is at it.
        if want == Want::Token && grant.access_lives(now) {
            return open(services, grant, Did::Postponed { until: None }).await;
        }
        if began.elapsed() > PATIENCE {
            return Ok(Kept { grant, tokens: None, did: Did::Postponed { until: None } });
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_LOOK);
    }
}

/// Does what is due about a grant; nothing if somebody else holds it, or if it is gone.
pub(crate) async fn keep(services: &Services, id: GrantId) -> Result<Option<Kept>, Fault> {
    let done = once(services, id).await?;
    match done {
        // Who was renewed may have to be looked at too.
        Some(Kept { ref grant, did: Did::Renewed, .. }) if grant.due.is_some_and(|due| due.at <= services.now()) => {
            let looked = once(services, id).await?;
            Ok(looked
                .map(|kept| if kept.did == Did::Died { kept } else { Kept { did: Did::Renewed, ..kept } })
                .or(done))
        }
        done => Ok(done),
    }
}

/// Does the most urgent of what is due.
async fn once(services: &Services, id: GrantId) -> Result<Option<Kept>, Fault> {
    let held_at = Instant::now();
    match services.store.hold(id, None, services.now()).await? {
        Some(held) => Box::pin(work(services, held, Want::Due, held_at)).await,
        None => Ok(None),
    }
}

async fn open(services: &Services, grant: Grant, did: Did) -> Result<Kept, Error> {
    let tokens = services.vault.unseal(&grant.sealed_for(), &grant.envelope).await?;
    Ok(Kept { grant, tokens: Some(tokens), did })
}

/// A grant in its holder's hands.
struct Held<'a> {
    services: &'a Services,
    grant: Grant,
    /// The version at which it was found.
    found: u64,
    /// Whether a holder before may have spent its token.
    doubtful: bool,
    /// When the lease began, by a clock that nobody moves.
    since: Instant,
}

/// What a holder does.
async fn work(services: &Services, grant: Grant, want: Want, since: Instant) -> Result<Option<Kept>, Fault> {
    if grant.state != GrantState::Live {
        services.store.let_go(&grant).await?;
        return Ok(None);
    }
    let (found, doubtful) = (grant.version, grant.hold.is_doubtful(grant.version));
    let mut held = Held { services, grant, found, doubtful, since };
    if held.grant.upkeep.dead.is_some() {
        return finish(held, None, Did::Dead).await;
    }
    if let Some(kept) = Box::pin(call::adopt(&held)).await? {
        return Ok(Some(kept));
    }
    let connector = services.platforms.connector(&held.grant.platform, &held.grant.method);
    let Some(connector) = connector.cloned() else {
        return call::fail(held, None, Code::PlatformNotConfigured, None).await;
    };
    let now = services.now();
    let (rules, grant) = (&connector.entry.renewal, &held.grant);
    let harmless = rules.replay_is_harmless();
    let fresh = match want {
        Want::Due => !is_due(&held, &connector, now),
        Want::Token => grant.is_fresh(now),
        Want::Now => false,
        Want::Look => connector.entry.free_probe && grant.access_lives(now),
    };
    let step = if can_renew(rules, grant, now) {
        begin(Found { lives: true, fresh, access_lives: grant.access_lives(now), doubtful, harmless })
    } else {
        Step::Use
    };
    match step {
        Step::Call => Box::pin(call::renew(held, &connector, want)).await,
        Step::Use | Step::Leave => Box::pin(look::look(held, &connector, want)).await,
        Step::Endure => {
            held.grant.upkeep.uncertain_since.get_or_insert(now);
            finish(held, None, Did::Endured).await
        }
    }
}

/// Whether a renewal is due: its time has come, or another try's, or somebody was refused and only a renewal tells.
fn is_due(held: &Held<'_>, connector: &Connector, now: Timestamp) -> bool {
    let grant = &held.grant;
    let rules = &connector.entry.renewal;
    let at = rules.renew_at(grant.id, grant.renewal, grant.issued_at, &grant.expiry);
    if grant.upkeep.retry_at.is_some_and(|retry| now < retry) {
        return false;
    }
    at.is_some_and(|at| at <= now)
        || grant.upkeep.retry_at.is_some()
        || grant.upkeep.suspected_at.is_some() && !connector.entry.free_probe
        || held.doubtful && (rules.replay_is_harmless() || !grant.access_lives(now))
        || grant.renewal == Renewal::Silent && grant.expiry.refresh.is_some_and(|ends| ends <= now)
}

/// Whether a renewal could succeed at all.
fn can_renew(rules: &Rules, grant: &Grant, now: Timestamp) -> bool {
    match (rules, grant.renewal) {
        (Rules::RefreshGrant { .. }, Renewal::Silent) => true,
        (Rules::SelfExchange { min_age_s, .. }, Renewal::Extend) => {
            let age = now.duration_since(grant.issued_at).as_secs();
            age >= i64::from(*min_age_s) && grant.access_lives(now)
        }
        _ => false,
    }
}
