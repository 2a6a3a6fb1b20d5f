//! Codes, tokens, and what a person allowed an app.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;

use super::authorize::{EMAIL, PROFILE};
use crate::util::random;

/// A code lives ten minutes. Google docs: an access token lives an hour less a second; a refresh token dies when it was not
/// used for six months, when a hundred younger ones are there, and after a week while the app is in testing.
pub(super) const CODE: SignedDuration = SignedDuration::from_mins(10);
pub(super) const ACCESS: SignedDuration = SignedDuration::from_secs(3_599);
pub(super) const TESTING: SignedDuration = SignedDuration::from_hours(7 * 24);
const IDLE: SignedDuration = SignedDuration::from_hours(180 * 24);
const LIVE: usize = 100;

/// How codes and tokens begin, without the `4/` and `1//` that an address does not keep as they are.
pub(crate) const CODE_MARK: &str = "0ACANARYCODE";
pub(crate) const TOKEN_MARK: &str = "ya29.a0CANARYTOKEN";
pub(crate) const REFRESH_MARK: &str = "0gCANARYRENEW";

/// Whom an app may act for, and how far.
#[derive(Clone)]
pub(super) struct Consent {
    pub(super) app: String,
    pub(super) person: String,
    /// The channel that was picked on the consent page.
    pub(super) channel: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) offline: bool,
}

/// What the app must prove of the challenge it sent.
#[derive(Clone)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

pub(super) struct Code {
    pub(super) consent: Consent,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<Challenge>,
    /// The person was asked anew.
    pub(super) fresh: bool,
    pub(super) issued: Timestamp,
    pub(super) used: bool,
}

pub(super) struct Token {
    pub(super) consent: Consent,
    pub(super) expires: Timestamp,
}

pub(super) struct Refresh {
    pub(super) consent: Consent,
    /// Of an app in testing.
    pub(super) expires: Option<Timestamp>,
    used: Timestamp,
    order: usize,
}

/// Everything that Google remembers of logins.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) access: BTreeMap<String, Token>,
    pub(super) refresh: BTreeMap<String, Refresh>,
    /// All scopes that a person ever let an app have, by both.
    pub(super) given: BTreeMap<(String, String), Vec<String>>,
    issued: usize,
}

impl Grants {
    pub(super) fn issue(&mut self, rng: &mut StdRng, now: Timestamp, consent: Consent) -> String {
        let secret = format!("{TOKEN_MARK}{}", random(rng, 190));
        self.access.insert(secret.clone(), Token { consent, expires: now + ACCESS });
        secret
    }

    /// Another refresh token. The oldest of this person and app gives way without a word.
    pub(super) fn issue_refresh(
        &mut self,
        rng: &mut StdRng,
        now: Timestamp,
        consent: Consent,
        expires: Option<Timestamp>,
    ) -> String {
        let secret = format!("1//{REFRESH_MARK}{}", random(rng, 88));
        let is_same = |other: &Refresh| other.consent.app == consent.app && other.consent.person == consent.person;
        let same: Vec<(usize, String)> =
            self.refresh.iter().filter(|(_, other)| is_same(other)).map(|(s, r)| (r.order, s.clone())).collect();
        if same.len() >= LIVE
            && let Some((_, oldest)) = same.into_iter().min()
        {
            self.refresh.remove(&oldest);
        }
        self.issued += 1;
        self.refresh.insert(secret.clone(), Refresh { consent, expires, used: now, order: self.issued });
        secret
    }

    /// Whose refresh token it is, if it lives. It is used by this.
    pub(super) fn renew(&mut self, now: Timestamp, app: &str, secret: &str) -> Option<Consent> {
        let token = self.refresh.get_mut(secret).filter(|token| token.consent.app == app)?;
        if now >= token.used + IDLE || token.expires.is_some_and(|end| now >= end) {
            return None;
        }
        token.used = now;
        Some(token.consent.clone())
    }

    pub(super) fn bearer(&self, now: Timestamp, secret: &str) -> Option<&Token> {
        self.access.get(secret).filter(|token| now < token.expires)
    }

    /// Who gave a token of either sort, and to which app.
    pub(super) fn owner(&self, now: Timestamp, secret: &str) -> Option<(String, String)> {
        let consent = self.bearer(now, secret).map(|token| &token.consent);
        let consent = consent.or_else(|| self.refresh.get(secret).map(|token| &token.consent))?;
        Some((consent.app.clone(), consent.person.clone()))
    }

    /// Ends all that a person allowed: one app, or every app.
    pub(super) fn end(&mut self, app: Option<&str>, person: &str) {
        let is_kept = |consent: &Consent| consent.person != person || app.is_some_and(|app| app != consent.app);
        self.codes.retain(|_, code| is_kept(&code.consent));
        self.access.retain(|_, token| is_kept(&token.consent));
        self.refresh.retain(|_, token| is_kept(&token.consent));
        self.given.retain(|(by, of), _| of != person || app.is_some_and(|app| app != by));
    }

    /// The apps that may know who the person is, to which alone security events go.
    pub(super) fn knowing(&self, person: &str) -> Vec<String> {
        let knows = |scopes: &[String]| scopes.iter().any(|scope| scope == PROFILE || scope == EMAIL);
        let theirs = self.given.iter().filter(|((_, of), scopes)| of == person && knows(scopes));
        theirs.map(|((app, _), _)| app.clone()).collect()
    }

    /// Takes one scope from all that a person allowed; `false` if no app had it.
    pub(super) fn withdraw(&mut self, person: &str, scope: &str) -> bool {
        let mut had = false;
        for ((_, of), scopes) in &mut self.given {
            if of == person {
                had |= scopes.iter().any(|given| given == scope);
                scopes.retain(|given| given != scope);
            }
        }
        let tokens = self.access.values_mut().map(|token| &mut token.consent);
        let all = tokens.chain(self.refresh.values_mut().map(|token| &mut token.consent));
        all.filter(|consent| consent.person == person)
            .for_each(|consent| consent.scopes.retain(|given| given != scope));
        had
    }
}
