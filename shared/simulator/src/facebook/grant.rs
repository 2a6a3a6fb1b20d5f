//! Grants, codes and tokens, and how a token is judged.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;

use super::account::{Account, Page, of};
use crate::World;
use crate::call::Call;
use crate::graph::{GraphError, presented};
use crate::people::{Person, Standing};
use crate::util::{hex, hmac_sha256, random};

/// Facebook Login: a user token from the dialog, and one from `fb_exchange_token`.
pub(crate) const SHORT: SignedDuration = SignedDuration::from_secs(5_112);
pub(crate) const LONG: SignedDuration = SignedDuration::from_secs(5_183_944);
pub(crate) const CODE: SignedDuration = SignedDuration::from_secs(600);
pub(crate) const DATA_ACCESS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How codes and tokens begin, those of people and of pages.
pub(crate) const CODE_MARK: &str = "AQCANARYCODE";
pub(crate) const TOKEN_MARK: &str = "EAAGCANARYTOKEN";

/// What one person allows one app.
#[derive(Clone)]
pub(crate) struct Grant {
    /// In the order in which they were asked for.
    pub(crate) asked: Vec<String>,
    pub(crate) granted: BTreeSet<String>,
    pub(crate) pages: BTreeSet<String>,
    pub(crate) data_access_until: Timestamp,
}

/// An authorisation code.
pub(crate) struct Code {
    pub(crate) app: String,
    pub(crate) person: String,
    pub(crate) redirect_uri: String,
    pub(crate) issued: Timestamp,
    pub(crate) used: bool,
}

/// What a token is for.
#[derive(Clone, PartialEq)]
pub(crate) enum Kind {
    User { long: bool },
    Page(String),
}

/// Why a token was ended ahead of its time.
#[derive(Clone, Copy)]
pub(crate) enum Ended {
    AppRemoved,
    PasswordChanged,
}

#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) app: String,
    pub(crate) person: String,
    pub(crate) kind: Kind,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) ended: Option<Ended>,
}

/// Who calls.
pub(crate) enum Caller {
    App(String),
    Person(Box<Session>),
}

/// A good token with all that stands behind it.
pub(crate) struct Session {
    pub(crate) secret: String,
    pub(crate) token: Token,
    pub(crate) person: Person,
    pub(crate) account: Account,
    pub(crate) grant: Grant,
}

/// Everything that Facebook remembers of logins.
#[derive(Default)]
pub(crate) struct Grants {
    pub(crate) given: BTreeMap<(String, String), Grant>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) tokens: BTreeMap<String, Token>,
}

impl Grants {
    pub(crate) fn issue(&mut self, rng: &mut StdRng, token: Token) -> String {
        let secret = format!("{TOKEN_MARK}{}ZD", random(rng, 155));
        self.tokens.insert(secret.clone(), token);
        secret
    }

    /// The page's token; the same string again while nothing changed. From a
    /// long-lived user token it has no expiry, from a short-lived one it ends
    /// with it.
    pub(crate) fn page_token(&mut self, rng: &mut StdRng, now: Timestamp, user: &Token, page: &str) -> String {
        let expires = match user.kind {
            Kind::User { long: true } => None,
            _ => user.expires,
        };
        let wanted = Token { kind: Kind::Page(page.to_owned()), issued: now, expires, ..user.clone() };
        let same = self.tokens.iter().find(|(_, token)| {
            token.app == wanted.app
                && token.person == wanted.person
                && token.kind == wanted.kind
                && token.expires == wanted.expires
                && token.ended.is_none()
        });
        match same {
            Some((secret, _)) => secret.clone(),
            None => self.issue(rng, wanted),
        }
    }

    /// Ends every token of the person; of one app, or of all.
    pub(crate) fn end(&mut self, person: &str, app: Option<&str>, why: Ended) {
        let theirs =
            self.tokens.values_mut().filter(|token| token.person == person && app.is_none_or(|app| token.app == app));
        for token in theirs {
            token.ended.get_or_insert(why);
        }
        self.codes.retain(|_, code| code.person != person || app.is_some_and(|app| code.app != app));
    }

    /// Takes the grant away with all its tokens.
    pub(crate) fn remove(&mut self, person: &str, app: Option<&str>) {
        self.end(person, app, Ended::AppRemoved);
        self.given.retain(|(of, by), _| by != person || app.is_some_and(|app| of != app));
    }

    /// Who calls, or why not.
    pub(crate) fn caller(&self, world: &World, call: &Call) -> Result<Caller, GraphError> {
        let secret = presented(call).filter(|secret| !secret.is_empty());
        let Some(secret) = secret else {
            return Err(if call.segments().contains(&"me") {
                no_user()
            } else {
                let message = "An access token is required to request this resource.";
                GraphError::new(400, 104, message)
            });
        };
        if let Some(app) = app_of(world, secret) {
            return Ok(Caller::App(app));
        }
        let session = self.judge(world, secret)?;
        let app = world.apps.get("facebook", &session.token.app);
        let right = app.map(|app| hex(&hmac_sha256(&app.client_secret, secret)));
        match call.param("appsecret_proof") {
            Some(proof) if right.is_none_or(|right| right != proof) => {
                Err(GraphError::parameter("Invalid appsecret_proof provided in the API argument"))
            }
            _ => Ok(Caller::Person(Box::new(session))),
        }
    }

    /// Who calls, if it must be a person or a page.
    pub(crate) fn session(&self, world: &World, call: &Call) -> Result<Session, GraphError> {
        match self.caller(world, call)? {
            Caller::Person(session) => Ok(*session),
            Caller::App(_) => Err(no_user()),
        }
    }

    /// Whether a token is good now, and if not, for the first reason.
    pub(crate) fn judge(&self, world: &World, secret: &str) -> Result<Session, GraphError> {
        let token = self.tokens.get(secret).ok_or_else(GraphError::malformed_token)?;
        let removed = || GraphError::not_authorised(&token.app);
        match token.ended {
            Some(Ended::AppRemoved) => return Err(removed()),
            Some(Ended::PasswordChanged) => return Err(GraphError::password_changed()),
            None => {}
        }
        if let Some(end) = token.expires.filter(|end| world.now >= *end) {
            return Err(GraphError::expired(end, world.now));
        }
        let person = world.people.get(&token.person).ok_or_else(removed)?;
        let account = of(person).ok_or_else(removed)?;
        match account.standing {
            Standing::Active => {}
            Standing::Suspended => return Err(GraphError::checkpoint()),
            Standing::Deleted => return Err(removed()),
        }
        let key = (token.app.clone(), token.person.clone());
        let grant = self.given.get(&key).ok_or_else(removed)?;
        if world.now >= grant.data_access_until {
            return Err(GraphError::new(
                403,
                10,
                "(#10) Data access has expired: the user must authorize the application again",
            ));
        }
        if let Kind::Page(id) = &token.kind {
            page_is_held(account, grant, id)?;
        }
        Ok(Session {
            secret: secret.to_owned(),
            token: token.clone(),
            account: account.clone(),
            person: person.clone(),
            grant: grant.clone(),
        })
    }
}

fn page_is_held(account: &Account, grant: &Grant, id: &str) -> Result<(), GraphError> {
    let page = account
        .page(id)
        .filter(|page| page.standing != Standing::Deleted)
        .ok_or_else(|| GraphError::missing("get", id))?;
    if page.tasks.is_empty() {
        return Err(GraphError::lost_role());
    }
    if !grant.pages.contains(id) {
        let why = "The session is invalid because the Page is no longer shared with the app.";
        return Err(GraphError::token(467, why));
    }
    if page.standing == Standing::Suspended {
        return Err(GraphError::blocked());
    }
    Ok(())
}

fn no_user() -> GraphError {
    let message = "An active access token must be used to query information about the current user.";
    GraphError::new(400, 2500, message)
}

/// The app whose `id|secret` this is.
pub(crate) fn app_of(world: &World, secret: &str) -> Option<String> {
    let (id, given) = secret.split_once('|')?;
    let app = world.apps.get("facebook", id)?;
    (app.client_secret == given).then(|| id.to_owned())
}

impl Session {
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.grant.granted.contains(scope)
    }

    pub(crate) fn needs(&self, scope: &str) -> Result<(), GraphError> {
        if self.has(scope) { Ok(()) } else { Err(GraphError::permission(scope)) }
    }

    /// Whether the app may learn of the page: through the listing, or through a
    /// portfolio.
    pub(crate) fn sees(&self, page: &Page) -> bool {
        let in_portfolio = page.owned_by.is_some() || page.client_of.is_some();
        (page.listed && self.has("pages_show_list")) || (in_portfolio && self.has("business_management"))
    }

    /// The pages that the person ticked and still works on.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.account.pages.iter().filter(|page| {
            !page.tasks.is_empty() && page.standing != Standing::Deleted && self.grant.pages.contains(&page.id)
        })
    }
}
