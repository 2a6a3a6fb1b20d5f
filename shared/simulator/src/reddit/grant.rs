//! Codes, what came of them, and how a bearer token is judged.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;

use crate::util::random;

/// A code lives ten minutes, a refresh token a year. An access token is seen to live a day; it was an hour in 2021.
pub(super) const CODE: SignedDuration = SignedDuration::from_mins(10);
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);
const REFRESH: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How codes and tokens begin, the refresh token's after the `1000000-` in front of it.
pub(crate) const CODE_MARK: &str = "RDCANARYCODE";
pub(crate) const TOKEN_MARK: &str = "eyJRDCANARYTOKEN";
pub(crate) const REFRESH_MARK: &str = "RDCANARYRENEW";

pub(super) struct Code {
    pub(super) consent: Consent,
    pub(super) redirect_uri: String,
    pub(super) issued: Timestamp,
    /// What was issued for it.
    pub(super) family: Option<usize>,
}

/// Whom an app may act for, and how far.
#[derive(Clone)]
pub(super) struct Consent {
    pub(super) app: String,
    pub(super) person: String,
    pub(super) scopes: Vec<String>,
    pub(super) permanent: bool,
}

/// Everything that came of one code.
struct Family {
    consent: Consent,
    dead: bool,
}

struct Token {
    family: usize,
    expires: Timestamp,
    dead: bool,
    /// The refresh token from which it came; nothing if it came from the code.
    from: Option<String>,
}

/// Everything that Reddit remembers of logins.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) codes: BTreeMap<String, Code>,
    families: Vec<Family>,
    access: BTreeMap<String, Token>,
    refresh: BTreeMap<String, Token>,
}

impl Grants {
    pub(super) fn start(&mut self, consent: Consent) -> usize {
        self.families.push(Family { consent, dead: false });
        self.families.len() - 1
    }

    pub(super) fn issue(
        &mut self,
        rng: &mut StdRng,
        now: Timestamp,
        family: usize,
        life: SignedDuration,
        from: Option<&str>,
    ) -> String {
        let secret = format!("{TOKEN_MARK}{}", random(rng, 700));
        let token = Token { family, expires: now + life, dead: false, from: from.map(ToOwned::to_owned) };
        self.access.insert(secret.clone(), token);
        secret
    }

    pub(super) fn issue_refresh(&mut self, rng: &mut StdRng, now: Timestamp, family: usize) -> String {
        let secret = format!("1000000-{REFRESH_MARK}{}", random(rng, 24));
        self.refresh.insert(secret.clone(), Token { family, expires: now + REFRESH, dead: false, from: None });
        secret
    }

    /// The family of a refresh token that is good now.
    pub(super) fn refreshable(&self, now: Timestamp, app: &str, secret: &str) -> Option<(usize, &Consent)> {
        let token = self.refresh.get(secret).filter(|token| !token.dead && now < token.expires)?;
        let family = &self.families[token.family];
        (!family.dead && family.consent.app == app).then_some((token.family, &family.consent))
    }

    pub(super) fn spend(&mut self, secret: &str) {
        if let Some(token) = self.refresh.get_mut(secret) {
            token.dead = true;
        }
    }

    pub(super) fn kill(&mut self, family: usize) {
        self.families[family].dead = true;
    }

    /// Ends a token of the app, if there is one. A refresh token takes the access tokens of its consent along.
    pub(super) fn revoke(&mut self, app: &str, secret: &str) {
        let of_app = |families: &[Family], token: &Token| families[token.family].consent.app == app;
        if let Some(token) = self.access.get_mut(secret).filter(|token| of_app(&self.families, token)) {
            token.dead = true;
        }
        let Some(token) = self.refresh.get_mut(secret).filter(|token| of_app(&self.families, token)) else { return };
        token.dead = true;
        let family = token.family;
        let came = |token: &&mut Token| token.family == family && token.from.as_ref().is_none_or(|from| from == secret);
        self.access.values_mut().filter(came).for_each(|token| token.dead = true);
    }

    /// Ends everything of a person.
    pub(super) fn end(&mut self, person: &str) {
        let theirs = self.families.iter_mut().filter(|family| family.consent.person == person);
        theirs.for_each(|family| family.dead = true);
        self.codes.retain(|_, code| code.consent.person != person);
    }

    pub(super) fn bearer(&self, now: Timestamp, secret: &str) -> Option<&Consent> {
        let token = self.access.get(secret).filter(|token| !token.dead && now < token.expires)?;
        let family = &self.families[token.family];
        (!family.dead).then_some(&family.consent)
    }
}
