//! The platform's answer: the state is taken once, the code is spent once, and what was consented to is
//! connected or offered. Nothing here trusts a browser that did not press Continue.

use std::time::Duration;

use domain::{
    Account, Candidate, CandidateId, Code, ConnectSession, ConnectSessionId, Digest, Error, Refusal, Secret, TokenSet,
    connect::{Barrier, Held, SELECTION_LIFETIME, SessionError, Stage, Status},
    easyconnect::FunnelStep,
    error::More,
    text,
};
use platforms::{Grab, Offer, PlatformError};
use serde_json::json;
use store::Committed;

use super::{attempt, commit, gap, scopes, siblings, start};
use crate::{Services, deliver, easyconnect};

/// How long the code's exchange and the listing behind it may take together; well below the deadline
/// after which the attempt counts as interrupted.
const EXCHANGE_TIME: Duration = Duration::from_mins(1);

/// What the platform's redirect says.
#[derive(Debug)]
pub enum Callback {
    /// The person agreed.
    Granted {
        /// The state that we made.
        state: Secret,
        /// The code to spend.
        code: Secret,
        /// The issuer's own name, where it sends one (RFC 9207).
        iss: Option<String>,
    },
    /// The person, or the platform, refused.
    Refused {
        /// The state that we made.
        state: Secret,
        /// The platform's word, `access_denied` …
        error: String,
        /// What it says of it, for developers.
        description: Option<String>,
        /// The issuer's own name, where it sends one.
        iss: Option<String>,
    },
}

impl Callback {
    fn state(&self) -> &Secret {
        match self {
            Self::Granted { state, .. } | Self::Refused { state, .. } => state,
        }
    }

    fn iss(&self) -> Option<&str> {
        match self {
            Self::Granted { iss, .. } | Self::Refused { iss, .. } => iss.as_deref(),
        }
    }

    /// The attempt that its state names, so that the edge can look for that attempt's cookie.
    pub fn session(&self) -> Option<ConnectSessionId> {
        start::session_of(self.state().expose())
    }
}

/// Where the browser is now.
#[derive(Debug)]
pub enum Landing {
    /// The first callback is still at work: look again.
    Working(Box<ConnectSession>),
    /// The attempt is where it will stay for now.
    Reached(Box<ConnectSession>),
}

/// Works on a callback that came on `issuer`'s address with the browser's cookie for that attempt.
pub async fn complete(
    services: &Services,
    issuer: &str,
    callback: Callback,
    cookie: Option<Secret>,
) -> Result<Landing, Error> {
    let unknown = || Error::from(Code::StateInvalid);
    let id = callback.session().ok_or_else(unknown)?;
    let cookie = Digest::of(cookie.ok_or_else(unknown)?.expose());
    let state = Digest::of(callback.state().expose());
    check_issuer(services, issuer, callback.iss())?;
    let now = services.now();
    let Some(mut session) = services.store.consume_state(id, &state, &cookie, issuer, now).await? else {
        return replay(services, id, issuer, &state, &cookie).await;
    };
    let done = match callback {
        Callback::Refused { error, description, .. } => {
            let refusal = refused_by_platform(&error);
            if refusal.code == Code::PlatformNotConfigured {
                refused_app(services, &session, description.as_deref().unwrap_or_default());
            }
            Err(refusal.into())
        }
        Callback::Granted { code, state, .. } => Box::pin(consent(services, &mut session, &state, &code)).await,
    };
    match done {
        Ok(reached) => {
            attempt::succeeded(services, &reached).await;
            Ok(Landing::Reached(Box::new(reached)))
        }
        Err(Error::Refused(refusal)) => {
            let entry = services.platforms.entry(&session.platform, Some(&session.method));
            if let Some(entry) = entry {
                gap::add_of_failure(entry, refusal.code, &mut session.gaps);
            }
            fail(services, session, refusal).await
        }
        Err(Error::Fault(fault)) => Err(Error::Fault(fault)),
    }
}

/// RFC 9207: an issuer that names itself must be the one that this address belongs to.
fn check_issuer(services: &Services, issuer: &str, iss: Option<&str>) -> Result<(), Error> {
    let entry = services.platforms.entries().iter().find(|e| e.issuer == issuer).ok_or(Code::NotFound)?;
    if entry.expected_iss.as_deref() == iss { Ok(()) } else { Err(Code::StateInvalid.into()) }
}

/// A callback that took nothing: the bound browser's second one finds the outcome, anything else is refused.
async fn replay(
    services: &Services,
    id: ConnectSessionId,
    issuer: &str,
    state: &Digest,
    cookie: &Digest,
) -> Result<Landing, Error> {
    let session = services.store.find_session(id).await?.ok_or(Code::StateInvalid)?;
    let binding = session.binding.as_ref().ok_or(Code::StateInvalid)?;
    if binding.cookie != *cookie || binding.state != *state || session.issuer != issuer {
        return Err(Code::StateInvalid.into());
    }
    let now = services.now();
    match (binding.used_at, session.status(now)) {
        (None, _) if now >= binding.state_expires_at => Err(Code::StateExpired.into()),
        (_, Status::Cancelled) => Err(Code::StateAlreadyUsed.into()),
        (Some(_), Status::Consenting) => Ok(Landing::Working(Box::new(session))),
        _ => Ok(Landing::Reached(Box::new(session))),
    }
}

/// Spends the code, and connects or offers what it gave. However that ends, the attempt knows what the consent left
/// open.
async fn consent(
    services: &Services,
    session: &mut ConnectSession,
    state: &Secret,
    code: &Secret,
) -> Result<ConnectSession, Error> {
    let connector = services.platforms.connector(&session.platform, &session.method);
    let connector = connector.ok_or(Code::PlatformNotConfigured)?;
    // A code that is not spent gives no tokens.
    services.store.glance_workspace(&session.workspace, &session.org).await?.open()?;
    let link = easyconnect::still_open(services, session).await?;
    let scopes = scopes(services, session, connector);
    let grab = Grab {
        code,
        redirect_uri: &start::redirect_uri(services, &connector.entry),
        verifier: &start::verifier(services, state),
        capabilities: &session.capabilities,
    };
    let exchange = connector.client.exchange(&grab, services.now());
    let exchanged = tokio::time::timeout(EXCHANGE_TIME, exchange).await;
    let slow = || PlatformError::Unknown("the exchange took too long".to_owned());
    let consent = exchanged.unwrap_or_else(|_| Err(slow())).map_err(|error| platform_refusal(&error))?;
    let siblings = siblings::judge(services, session, connector, &consent).await;
    let granted = consent.granted.as_deref();
    session.gaps = gap::of_consent(&connector.entry, granted, &consent.offers, &siblings.not_shown);
    session.siblings_lost = siblings.lost;
    let session = &*session;
    let reconnecting = reconnecting(services, session).await?;
    let welcome = welcome(session, reconnecting.as_ref(), &consent.offers)?;
    let held = Held {
        app: connector.client_id.clone(),
        expiry: consent.expiry,
        renewal: consent.renewal,
        requested: scopes,
        granted: consent.granted,
        candidates: candidates(services, easyconnect::asked_for(link.as_ref(), session, welcome)?),
        person: consent.person,
        envelope: domain::Envelope(String::new()),
        reused: None,
    };
    let tokens = with_children(consent.tokens, consent.offers);
    let selectable: Vec<&Candidate> = held.candidates.iter().filter(|c| c.barrier.is_none()).collect();
    // Whoever comes by a link is asked whether it is the right account.
    if let ([only], 1, None) = (selectable.as_slice(), held.candidates.len(), &link) {
        let chosen = [only.id];
        let (candidates, stored, caller) = (&chosen, false, None);
        let connect = commit::Chosen { session, held: &held, tokens: &tokens, candidates, stored, caller };
        match Box::pin(commit::commit(services, &connect, false, |_| Ok(None))).await {
            // It is for some members only: whoever chooses it is judged.
            Err(Error::Refused(refusal)) if refusal.code == Code::PermissionDenied => {}
            done => return done,
        }
    }
    let envelope = services.vault.seal(&session.sealed_for(), &tokens).await?.ok_or(Code::Busy)?;
    let held = Held { envelope, ..held };
    let until = services.now() + SELECTION_LIFETIME;
    let next = ConnectSession {
        stage: Stage::AwaitingSelection { until, chosen: Vec::new(), accounts: Vec::new() },
        version: session.version + 1,
        ..session.clone()
    };
    let kept = services.store.update_session(&next, Some(&held), None).await?;
    easyconnect::count(services, link.as_ref(), FunnelStep::Returned).await;
    if kept { Ok(next) } else { Err(Code::SessionExpired.into()) }
}

/// The account that the attempt reconnects, if it is for one.
pub(super) async fn reconnecting(services: &Services, session: &ConnectSession) -> Result<Option<Account>, Error> {
    let Some(id) = session.account else { return Ok(None) };
    let gone = || Refusal::new(Code::NotFound, "The account to reconnect was removed meanwhile.");
    let account = services.store.find_account(&session.workspace, id).await?;
    Ok(Some(account.ok_or_else(gone)?))
}

/// The offers that this attempt may take: all, or only the one that is expected.
pub(super) fn welcome(
    session: &ConnectSession,
    reconnecting: Option<&Account>,
    offers: &[Offer],
) -> Result<Vec<Offer>, Error> {
    if offers.is_empty() {
        return Err(Code::NoPagesFound.into());
    }
    let wanted_id = reconnecting
        .map(|a| a.profile.platform_account_id.as_str())
        .or(session.expected_platform_account_id.as_deref());
    let is_welcome = |offer: &Offer| {
        wanted_id.is_none_or(|id| offer.profile.platform_account_id == id)
            && session
                .expected_handle
                .as_ref()
                .is_none_or(|handle| offer.profile.handle.as_deref().map(text::handle).as_ref() == Some(handle))
    };
    let welcome: Vec<Offer> = offers.iter().filter(|o| is_welcome(o)).cloned().collect();
    if welcome.is_empty() {
        // Nobody can be mistaken for another where nothing can be chosen: what stands in the way says more.
        let barriers: Option<Vec<&Barrier>> = offers.iter().map(|o| o.barrier.as_ref()).collect();
        if let Some([first, ..]) = barriers.as_deref() {
            return Err(first.code.into());
        }
        let label = |profile: &domain::account::Profile| profile.handle.clone().unwrap_or_else(|| profile.name.clone());
        let expected = reconnecting.map(|a| label(&a.profile));
        let expected = expected.or_else(|| session.expected_handle.clone()).or_else(|| wanted_id.map(str::to_owned));
        let got: Vec<String> = offers.iter().take(3).map(|o| label(&o.profile)).collect();
        return Err(Refusal::mismatch(expected.unwrap_or_default(), got.join(", ")).into());
    }
    Ok(welcome)
}

/// Offers as candidates, each with an id of this attempt.
pub(super) fn candidates(services: &Services, offers: Vec<Offer>) -> Vec<Candidate> {
    let now = services.now();
    let candidate = |Offer { profile, barrier, .. }| Candidate {
        id: CandidateId::new(now, services.entropy.bytes()),
        profile,
        barrier,
        existing: None,
    };
    offers.into_iter().map(candidate).collect()
}

/// The person's tokens with those of all that is offered, welcome or not: accounts of this person that are
/// connected already may need them.
pub(super) fn with_children(mut tokens: TokenSet, offers: Vec<Offer>) -> TokenSet {
    tokens.children.extend(offers.into_iter().filter_map(|o| Some((o.profile.platform_account_id, o.token?))));
    tokens
}

/// The attempt ends badly, with an event; the browser is told where it stands.
async fn fail(services: &Services, session: ConnectSession, refusal: Refusal) -> Result<Landing, Error> {
    let (expected, got) = match refusal.more {
        More::Mismatch { expected, got } => (Some(expected), Some(got)),
        _ => (None, None),
    };
    let error = SessionError { code: refusal.code, detail: refusal.detail, expected, got };
    let now = services.now();
    let data = json!({"connect_session_id": session.id, "platform": session.platform, "error": error,
                      "external_id": session.external_id});
    let mut events = vec![services.event(now, &session.workspace, "connect_session.failed", data)];
    events.extend(easyconnect::stuck(services, &session, error.code).await);
    let next = ConnectSession { stage: Stage::Failed { error }, version: session.version + 1, ..session };
    match services.store.end_session(&next, &events, None, now).await? {
        Committed::Done => deliver::publish(services, &events).await,
        // It was cancelled meanwhile; that is how it ends.
        Committed::Refused(_) | Committed::Busy => return Err(Code::SessionExpired.into()),
    }
    Ok(Landing::Reached(Box::new(next)))
}

/// The `error` of a callback (RFC 6749 section 4.1.2.1, and LinkedIn's own words) in our words; the platform's text is
/// not shown.
fn refused_by_platform(error: &str) -> Refusal {
    Refusal::plain(match error {
        "access_denied" | "user_cancelled_login" | "user_cancelled_authorize" => Code::ConsentDenied,
        "server_error" | "temporarily_unavailable" => Code::PlatformUnavailable,
        "unauthorized_client"
        | "unauthorized_scope_error"
        | "invalid_scope"
        | "invalid_request"
        | "unsupported_response_type" => Code::PlatformNotConfigured,
        _ => Code::AuthenticationFailed,
    })
}

/// The operator is told which of the scopes that were asked for the platform's text names; the text itself may come
/// from anybody.
fn refused_app(services: &Services, session: &ConnectSession, description: &str) {
    let connector = services.platforms.connector(&session.platform, &session.method);
    let requested = connector.map(|connector| scopes(services, session, connector)).unwrap_or_default();
    let scopes = named_in(description, &requested).join(" ");
    tracing::warn!(platform = %session.platform, method = %session.method, scopes, "the platform refuses our app");
}

/// Those of the scopes that a text names.
fn named_in<'a>(text: &str, scopes: &'a [String]) -> Vec<&'a str> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_.:/-".contains(c)).collect();
    scopes.iter().map(String::as_str).filter(|scope| words.contains(scope)).collect()
}

fn platform_refusal(error: &PlatformError) -> Error {
    // The one place where a failed exchange is logged; the error names no token.
    tracing::warn!(%error, "the code could not be exchanged");
    code_of(error).into()
}

/// What a platform's answer is called towards people.
pub(super) fn code_of(error: &PlatformError) -> Code {
    match error {
        PlatformError::GrantGone(_) => Code::AuthenticationFailed,
        PlatformError::NotSent(_) => Code::PlatformUnreachable,
        PlatformError::Unknown(_) | PlatformError::RateLimited { .. } => Code::PlatformUnavailable,
        PlatformError::PermissionMissing => Code::InsufficientPermissions,
        PlatformError::RoleLost => Code::InsufficientPlatformRole,
        PlatformError::AccountGone => Code::AccountNotFound,
        PlatformError::AccountRestricted => Code::AccountRestricted,
        PlatformError::AccountTypeUnsupported => Code::AccountTypeUnsupported,
        PlatformError::Misconfigured(_) => Code::PlatformNotConfigured,
        PlatformError::Contract(_) | PlatformError::Unreadable(_) => Code::PlatformError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_platform_refuses_is_the_persons_or_the_operators() {
        for (error, code) in [
            ("access_denied", Code::ConsentDenied),
            ("user_cancelled_login", Code::ConsentDenied),
            ("user_cancelled_authorize", Code::ConsentDenied),
            ("unauthorized_scope_error", Code::PlatformNotConfigured),
            ("temporarily_unavailable", Code::PlatformUnavailable),
            ("anything_else", Code::AuthenticationFailed),
        ] {
            assert_eq!(refused_by_platform(error).code, code, "{error}");
        }
    }

    /// S3-32
    #[test]
    fn of_a_refusal_only_scopes_that_were_asked_for_are_told() {
        let asked = ["openid", "profile", "w_organization_social", "https://www.googleapis.com/auth/youtube.upload"];
        let asked = asked.map(str::to_owned);
        for (text, named) in [
            ("Scope &quot;w_organization_social&quot; is not authorized for your application", "w_organization_social"),
            (r#"Scope "w_organization_social" is not authorized"#, "w_organization_social"),
            (
                "no https://www.googleapis.com/auth/youtube.upload, no openid",
                "openid https://www.googleapis.com/auth/youtube.upload",
            ),
            ("r_profile and w_organization_social_admin", ""),
            ("", ""),
        ] {
            assert_eq!(named_in(text, &asked).join(" "), named, "{text}");
        }
    }
}
