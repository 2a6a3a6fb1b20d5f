//! Codes, token families, and how a bearer token is judged.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;

use crate::util::random;

/// X docs, OAuth 2.0 with PKCE: a code lives 30 s, an access token two hours.
pub(super) const CODE: SignedDuration = SignedDuration::from_secs(30);
pub(super) const ACCESS: SignedDuration = SignedDuration::from_secs(7_200);
/// Six months.
pub(super) const REFRESH: SignedDuration = SignedDuration::from_secs(15_552_000);
/// How long after its first use a refresh token may be forgiven.
const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// How codes and tokens begin.
pub(crate) const CODE_MARK: &str = "XCANARYCODE0";
pub(crate) const TOKEN_MARK: &str = "XCANARYTOKEN";

/// What the app must prove of the challenge it sent.
#[derive(Clone)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

pub(super) struct Code {
    pub(super) app: String,
    pub(super) person: String,
    pub(super) redirect_uri: String,
    pub(super) challenge: Challenge,
    pub(super) scopes: Vec<String>,
    pub(super) issued: Timestamp,
    pub(super) used: bool,
}

/// Everything that came of one consent.
pub(super) struct Family {
    pub(super) app: String,
    pub(super) person: String,
    pub(super) scopes: Vec<String>,
    pub(super) dead: bool,
}

/// How a token stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum State {
    Active,
    /// A refresh token that was used, first then.
    Spent(Timestamp),
    Revoked,
}

pub(super) struct Token {
    pub(super) family: usize,
    pub(super) expires: Timestamp,
    pub(super) state: State,
}

/// A new pair, as it is handed out.
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    pub(super) scopes: Vec<String>,
}

/// Everything that X remembers of logins.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) families: Vec<Family>,
    pub(super) access: BTreeMap<String, Token>,
    pub(super) refresh: BTreeMap<String, Token>,
}

/// What a spent refresh token that comes again brings about.
#[derive(Clone, Copy)]
pub(super) enum Replay {
    KillsFamily,
    Refused,
    /// For so long as [`GRACE`] after its first use; later the family dies.
    Forgiven,
}

/// The family whose refresh token can be used.
pub(super) enum Refresh {
    First(usize),
    Forgiven(usize),
}

/// Why a refresh was refused.
pub(super) enum RefreshError {
    Invalid,
    /// It had been used, and that is all.
    Reused,
    /// It had been used: the whole family is dead now.
    FamilyKilled,
}

impl Grants {
    pub(super) fn start(&mut self, rng: &mut StdRng, now: Timestamp, family: Family) -> Pair {
        self.families.push(family);
        self.pair(rng, now, self.families.len() - 1)
    }

    /// A refresh token comes only with `offline.access`.
    fn pair(&mut self, rng: &mut StdRng, now: Timestamp, family: usize) -> Pair {
        let mut pair = self.access_alone(rng, now, family);
        if pair.scopes.iter().any(|scope| scope == "offline.access") {
            let refresh = secret(rng, ":1:1:rt:1");
            self.refresh.insert(refresh.clone(), Token { family, expires: now + REFRESH, state: State::Active });
            pair.refresh = Some(refresh);
        }
        pair
    }

    /// An access token without a refresh token.
    pub(super) fn access_alone(&mut self, rng: &mut StdRng, now: Timestamp, family: usize) -> Pair {
        let access = secret(rng, ":1:1:at:1");
        self.access.insert(access.clone(), Token { family, expires: now + ACCESS, state: State::Active });
        Pair { access, refresh: None, scopes: self.families[family].scopes.clone() }
    }

    /// Whether a refresh token can be used now, and whose it is. One that comes again may end its family.
    pub(super) fn refreshable(
        &mut self,
        now: Timestamp,
        app: &str,
        given: &str,
        replay: Replay,
    ) -> Result<Refresh, RefreshError> {
        let token = self.refresh.get(given).ok_or(RefreshError::Invalid)?;
        let family = &mut self.families[token.family];
        if family.app != app {
            return Err(RefreshError::Invalid);
        }
        let lives = !family.dead && now < token.expires;
        match (token.state, replay) {
            (State::Active, _) if lives => Ok(Refresh::First(token.family)),
            (State::Active | State::Revoked, _) => Err(RefreshError::Invalid),
            (State::Spent(_), Replay::Refused) => Err(RefreshError::Reused),
            (State::Spent(first), Replay::Forgiven) if lives && now < first + GRACE => {
                Ok(Refresh::Forgiven(token.family))
            }
            (State::Spent(_), Replay::Forgiven | Replay::KillsFamily) => {
                family.dead = true;
                Err(RefreshError::FamilyKilled)
            }
        }
    }

    /// Takes the use of a refresh token and hands out a new pair; the first use counts.
    pub(super) fn rotate(&mut self, rng: &mut StdRng, now: Timestamp, given: &str, family: usize) -> Pair {
        if let Some(token) = self.refresh.get_mut(given).filter(|token| token.state == State::Active) {
            token.state = State::Spent(now);
        }
        self.pair(rng, now, family)
    }

    /// Ends one token, be it an access or a refresh token of this app; `false`
    /// if there is none.
    pub(super) fn revoke(&mut self, app: &str, given: &str) -> bool {
        let found = self
            .access
            .get_mut(given)
            .or_else(|| self.refresh.get_mut(given))
            .filter(|token| self.families[token.family].app == app);
        match found {
            Some(token) => {
                token.state = State::Revoked;
                true
            }
            None => false,
        }
    }

    /// The apps that the person lets in.
    pub(super) fn apps_of(&self, person: &str) -> BTreeSet<String> {
        let live = self.families.iter().filter(|family| family.person == person && !family.dead);
        live.map(|family| family.app.clone()).collect()
    }

    /// Ends everything of a person.
    pub(super) fn end(&mut self, person: &str) {
        let theirs = self.families.iter_mut().filter(|f| f.person == person);
        theirs.for_each(|family| family.dead = true);
        self.codes.retain(|_, code| code.person != person);
    }

    /// The family of an access token that is good now.
    pub(super) fn bearer(&self, now: Timestamp, given: &str) -> Option<&Family> {
        let token = self.access.get(given)?;
        let family = &self.families[token.family];
        let good = token.state == State::Active && now < token.expires && !family.dead;
        good.then_some(family)
    }
}

fn secret(rng: &mut StdRng, tail: &str) -> String {
    let end = URL_SAFE_NO_PAD.encode(format!("{}{tail}", random(rng, 18)));
    format!("{TOKEN_MARK}{}{end}", random(rng, 34))
}
