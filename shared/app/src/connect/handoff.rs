//! Handing an attempt over to another device before the consent: the first device shows four digits, the
//! other one names them, and from then on only that one may continue.

use domain::{
    Allowed, Code, ConnectSession, ConnectSessionId, Digest, Error, Refusal, Secret, Timestamp,
    actor::permit,
    connect::{HANDOFF_TRIES, Handoff, Stage, Status},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::IdempotencyKey;

use super::{not_at_this_step, session::find, start};
use crate::{
    Once, Services,
    idempotency::{borrowed, once},
};

/// What a code is signed for.
const CODE: &str = "hand-off code";
/// How often a change is judged again when somebody else was faster.
const TRIES: u32 = 40;

/// A hand-off that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandedOff {
    /// The attempt.
    pub session: ConnectSessionId,
    /// The four digits; told once, and never stored.
    #[serde(skip)]
    pub code: Option<Secret>,
    /// When the attempt ends if no consent returns.
    pub expires_at: Timestamp,
}

/// Another device that named the code.
#[derive(Debug)]
pub struct Confirmed {
    /// The cookie's value that lets it continue; its digest is all that we keep.
    pub cookie: Secret,
    /// How long the cookie is needed.
    pub lifetime: SignedDuration,
}

/// Hands an attempt over. Whoever was about to continue it no longer may; an older code is void.
pub async fn hand_off(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: ConnectSessionId,
    key: Option<IdempotencyKey>,
) -> Result<Once<HandedOff>, Error> {
    once(services, key, |ending| async move {
        let session = before_consent(find(services, actor, id).await?, services.now())?;
        let code = digits(services);
        let handed = HandedOff { session: id, code: Some(code.clone()), expires_at: session.expires_at };
        let handoff = Handoff { code: digest(services, id, code.expose()), tries_left: HANDOFF_TRIES, device: None };
        let next = ConnectSession {
            handoff: Some(handoff),
            binding: None,
            stage: Stage::Created,
            version: session.version + 1,
            ..session
        };
        let finish = ending.with(&handed)?;
        let moved = services.store.update_session(&next, None, borrowed(finish.as_ref())).await?;
        if moved { Ok(handed) } else { Err(Code::Busy.into()) }
    })
    .await
}

/// What the other device is shown before it names the code, also where no try is left. Writes nothing.
pub async fn open(services: &Services, id: ConnectSessionId) -> Result<ConnectSession, Error> {
    let session = services.store.find_session(id).await?.ok_or(Code::NotFound)?;
    handed_over(&session, services.now())?;
    Ok(session)
}

/// Whether a code is the one that counts now, so that the first device shows no other.
pub fn is_present(services: &Services, session: &ConnectSession, code: &Secret) -> bool {
    session.handoff.as_ref().is_some_and(|h| h.code == digest(services, session.id, code.expose()))
}

/// The other device names the code. A wrong one is counted, and the third ends the hand-off.
pub async fn confirm(services: &Services, id: ConnectSessionId, code: &str) -> Result<Confirmed, Error> {
    for _ in 0..TRIES {
        let session = services.store.find_session(id).await?.ok_or(Code::NotFound)?;
        let handoff = waiting(&session, services.now())?.clone();
        let right = handoff.code == digest(services, id, code);
        let cookie = start::random(services);
        let handoff = if right {
            Handoff { device: Some(Digest::of(cookie.expose())), ..handoff }
        } else {
            Handoff { tries_left: handoff.tries_left.saturating_sub(1), ..handoff }
        };
        let left = handoff.tries_left;
        let lifetime = session.expires_at.duration_since(services.now());
        let next = ConnectSession { handoff: Some(handoff), version: session.version + 1, ..session };
        if services.store.update_session(&next, None, None).await? {
            return if right { Ok(Confirmed { cookie, lifetime }) } else { Err(wrong(left).into()) };
        }
    }
    Err(Code::Busy.into())
}

/// Whether this browser may continue an attempt: anybody's, unless it was handed over.
pub(super) fn may_continue(session: &ConnectSession, device: Option<&Secret>) -> Result<(), Refusal> {
    let Some(handoff) = &session.handoff else { return Ok(()) };
    let named = device.map(|cookie| Digest::of(cookie.expose()));
    if handoff.device.is_some() && handoff.device == named {
        return Ok(());
    }
    let detail = "This attempt was handed over to another device. Finish it there, or start again.";
    Err(Refusal::new(Code::SessionStateInvalid, detail))
}

fn before_consent(session: ConnectSession, now: Timestamp) -> Result<ConnectSession, Refusal> {
    let taken = session.binding.as_ref().is_some_and(|b| b.used_at.is_some());
    let open = matches!(session.status(now), Status::Created | Status::Consenting | Status::AwaitingConfirmation);
    if taken || !open { Err(not_at_this_step(&session, now)) } else { Ok(session) }
}

/// The hand-off that nobody has confirmed.
fn handed_over(session: &ConnectSession, now: Timestamp) -> Result<&Handoff, Refusal> {
    let handoff = session.handoff.as_ref().filter(|_| session.status(now) == Status::AwaitingConfirmation);
    handoff.ok_or_else(|| not_at_this_step(session, now))
}

/// The same, while it can still be.
fn waiting(session: &ConnectSession, now: Timestamp) -> Result<&Handoff, Refusal> {
    let handoff = handed_over(session, now)?;
    if handoff.tries_left == 0 {
        let detail = "The code was wrong three times. Ask for a new one on the first device.";
        return Err(Refusal::new(Code::SessionStateInvalid, detail));
    }
    Ok(handoff)
}

fn wrong(left: u8) -> Refusal {
    let detail = match left {
        0 => "That was the third wrong code. Ask for a new one on the first device.".to_owned(),
        1 => "That is not the code. One try is left.".to_owned(),
        more => format!("That is not the code. {more} tries are left."),
    };
    Refusal::new(Code::ConfirmationCodeWrong, detail)
}

/// Four digits.
fn digits(services: &Services) -> Secret {
    let number = u64::from_be_bytes(services.entropy.bytes()) % 10_000;
    Secret::new(format!("{number:04}"))
}

/// What is kept of a code: signed, because four digits would be found by trying.
fn digest(services: &Services, id: ConnectSessionId, code: &str) -> Digest {
    Digest::of(services.edge.sign(CODE, &format!("{id}|{code}")).expose())
}
