//! How Instagram Login and Threads let apps in: a code, a token of an hour, and one of 60 days.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use serde_json::json;

use super::GraphError;
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Decision, each_once, once};
use crate::util::{random, with_query};

/// A code and a first token live an hour, a long-lived token 60 days; it can be
/// refreshed once it is a day old.
pub(crate) const CODE: SignedDuration = SignedDuration::from_secs(3_600);
pub(crate) const SHORT: SignedDuration = SignedDuration::from_secs(3_600);
pub(crate) const LONG: SignedDuration = SignedDuration::from_secs(5_184_000);
const REFRESHED_AFTER: SignedDuration = SignedDuration::from_secs(86_400);

/// What sets one of the two apart from the other.
pub(crate) struct Login {
    pub(crate) platform: &'static str,
    /// What it says of an app that is not its own; another platform's of Meta is none.
    pub(crate) unknown_app: &'static str,
    /// How its codes and tokens begin, so that a search for the mark finds each of them.
    pub(crate) code_mark: &'static str,
    pub(crate) mark: &'static str,
    /// The grant types of its two calls.
    pub(crate) exchange: &'static str,
    pub(crate) refresh: &'static str,
    pub(crate) scopes: &'static [&'static str],
    /// The scope that is always asked for and always granted, and without which nothing is refreshed.
    pub(crate) basic: &'static str,
}

/// A request that the page accepts.
pub(crate) struct Asked {
    pub(crate) app: App,
    redirect_uri: String,
    state: Option<String>,
    pub(crate) scopes: Vec<String>,
}

pub(crate) struct Code {
    pub(crate) app: String,
    pub(crate) account: String,
    pub(crate) redirect_uri: String,
    pub(crate) issued: Timestamp,
    pub(crate) used: bool,
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
    pub(crate) account: String,
    pub(crate) long: bool,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) ended: Option<Ended>,
}

/// A good token with all that stands behind it.
pub(crate) struct Session<Account> {
    pub(crate) token: Token,
    pub(crate) account: Account,
    pub(crate) scopes: Vec<String>,
}

/// Everything that is remembered of logins; what was `given` is by app and account.
pub(crate) struct Grants<Given> {
    pub(crate) given: BTreeMap<(String, String), Given>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) tokens: BTreeMap<String, Token>,
}

/// Whether a token is good now, and if not, for the first reason.
type Judge<Given, Account> = fn(&Grants<Given>, &World, &str) -> Result<Session<Account>, GraphError>;

impl<Given> Default for Grants<Given> {
    fn default() -> Self {
        Self { given: BTreeMap::new(), codes: BTreeMap::new(), tokens: BTreeMap::new() }
    }
}

impl Asked {
    /// What is wrong is shown and never sent back.
    pub(crate) fn read(login: &Login, world: &World, request: &[(String, String)]) -> Result<Self, String> {
        let value = |name: &str| {
            let value = once(request, name).map_err(|()| format!("{name} was given twice"))?;
            Ok::<_, String>(value.filter(|text| !text.is_empty()))
        };
        let app = value("client_id")?.and_then(|id| world.apps.get(login.platform, id)).ok_or(login.unknown_app)?;
        let redirect_uri = value("redirect_uri")?.unwrap_or_default();
        if !app.redirect_uris.iter().any(|known| known == redirect_uri) || !is_safe(redirect_uri) {
            return Err("Invalid redirect_uri".to_owned());
        }
        if value("response_type")? != Some("code") {
            return Err("Invalid response_type".to_owned());
        }
        let scopes = value("scope")?.unwrap_or_default().split(',');
        let scopes = each_once(scopes, |scope| login.scopes.contains(&scope))
            .map_err(|scope| format!("Invalid scope: {scope}"))?;
        let basic = login.basic;
        if !scopes.iter().any(|scope| scope == basic) {
            return Err(format!("Invalid scope: {basic} is required"));
        }
        let state = value("state")?.map(ToOwned::to_owned);
        Ok(Self { app: app.clone(), redirect_uri: redirect_uri.to_owned(), state, scopes })
    }

    /// What the person left ticked.
    pub(crate) fn granted(&self, login: &Login, decision: &Decision) -> Vec<String> {
        let ticked = decision.scopes.as_ref();
        let granted = |scope: &&String| *scope == login.basic || ticked.is_none_or(|ticked| ticked.contains(scope));
        self.scopes.iter().filter(granted).cloned().collect()
    }

    /// Back to the app, with its state.
    pub(crate) fn back(&self, pairs: &[(&str, &str)], end: &str) -> Answer {
        let state = self.state.iter().map(|state| ("state", state.as_str()));
        let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain(state).collect();
        Answer::redirect(with_query(&self.redirect_uri, &pairs) + end)
    }
}

/// Both want https. A simulator on one machine lets loopback pass.
fn is_safe(redirect_uri: &str) -> bool {
    let Ok(url) = url::Url::parse(redirect_uri) else { return false };
    url.scheme() == "https" || matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

impl<Given> Grants<Given> {
    /// The account allows the app this; the app gets a code.
    pub(crate) fn allow(
        &mut self,
        login: &Login,
        world: &mut World,
        asked: &Asked,
        account: String,
        given: Given,
    ) -> Answer {
        let code = format!("{}{}", login.code_mark, random(&mut world.rng, 170));
        let (app, redirect_uri) = (asked.app.client_id.clone(), asked.redirect_uri.clone());
        let kept = Code { app: app.clone(), account: account.clone(), redirect_uri, issued: world.now, used: false };
        self.codes.insert(code.clone(), kept);
        self.given.insert((app, account), given);
        asked.back(&[("code", &code)], "#_").outcome("code_issued")
    }

    pub(crate) fn issue(&mut self, login: &Login, rng: &mut StdRng, token: Token) -> String {
        let secret = format!("{}{}ZD", login.mark, random(rng, 150));
        self.tokens.insert(secret.clone(), token);
        secret
    }

    /// Ends every token and code of the account.
    pub(crate) fn end(&mut self, account: &str, why: Ended) {
        for token in self.tokens.values_mut().filter(|token| token.account == account) {
            token.ended.get_or_insert(why);
        }
        self.codes.retain(|_, code| code.account != account);
    }

    /// The apps that ever were allowed anything.
    pub(crate) fn apps_of(&self, account: &str) -> BTreeSet<String> {
        let by_token = self.tokens.values().filter(|token| token.account == account).map(|token| &token.app);
        let given = self.given.keys().filter(|(_, by)| by == account).map(|(app, _)| app);
        by_token.chain(given).cloned().collect()
    }

    /// Takes what the account allows away from every app.
    pub(crate) fn remove(&mut self, account: &str) {
        self.end(account, Ended::AppRemoved);
        self.given.retain(|(_, by), _| by != account);
    }
}

impl<Account> Session<Account> {
    pub(crate) fn needs(&self, scope: &str) -> Result<(), GraphError> {
        let has = self.scopes.iter().any(|given| given == scope);
        if has { Ok(()) } else { Err(GraphError::no_permission()) }
    }
}

/// `GET /access_token`: the short token's end is not changed by it.
pub(crate) fn exchange<Given, Account>(
    login: &Login,
    grants: &mut Grants<Given>,
    world: &mut World,
    call: &Call,
    judge: Judge<Given, Account>,
) -> Result<Answer, GraphError> {
    grant_type(call, login.exchange)?;
    let secret = parameter(call, "client_secret")?;
    let session = presented(grants, world, call, judge)?;
    let app = world.apps.get(login.platform, &session.token.app);
    if app.is_none_or(|app| app.client_secret != secret) {
        return Err(GraphError::new(400, 1, "Error validating client secret."));
    }
    if session.token.long {
        return Err(GraphError::parameter("A short-lived access token is required"));
    }
    let secret = grants.issue(login, &mut world.rng, long(world.now, &session));
    Ok(lived(call, &secret).outcome("token_exchanged"))
}

/// `GET /refresh_access_token`. By default a new string comes back and the old
/// one lives on; with the fault `same_token` the old one is prolonged.
pub(crate) fn refresh<Given, Account>(
    login: &Login,
    grants: &mut Grants<Given>,
    world: &mut World,
    call: &Call,
    judge: Judge<Given, Account>,
) -> Result<Answer, GraphError> {
    grant_type(call, login.refresh)?;
    let session = presented(grants, world, call, judge)?;
    if world.now < session.token.issued + REFRESHED_AFTER {
        let message = "The access token must be at least 24 hours old to be refreshed";
        return Err(GraphError::new(400, 100, message));
    }
    session.needs(login.basic)?;
    let token = long(world.now, &session);
    let secret = if call.own_fault("same_token") {
        let old = parameter(call, "access_token")?;
        grants.tokens.insert(old.to_owned(), token);
        old.to_owned()
    } else {
        grants.issue(login, &mut world.rng, token)
    };
    Ok(lived(call, &secret).outcome("refreshed"))
}

/// The token that is to be exchanged or prolonged.
fn presented<Given, Account>(
    grants: &Grants<Given>,
    world: &World,
    call: &Call,
    judge: Judge<Given, Account>,
) -> Result<Session<Account>, GraphError> {
    let session = judge(grants, world, parameter(call, "access_token")?)?;
    if call.own_fault("invalid_grant") { Err(GraphError::bad_token()) } else { Ok(session) }
}

fn long<Account>(now: Timestamp, session: &Session<Account>) -> Token {
    Token { long: true, issued: now, expires: now + LONG, ..session.token.clone() }
}

fn lived(call: &Call, secret: &str) -> Answer {
    let mut body = json!({ "access_token": secret, "token_type": "bearer" });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(LONG.as_secs());
    }
    Answer::json(200, &body)
}

/// These two read their parameters from the query alone.
fn parameter<'a>(call: &'a Call, name: &str) -> Result<&'a str, GraphError> {
    call.query(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| GraphError::new(400, 101, format!("Missing {name} parameter.")))
}

fn grant_type(call: &Call, wanted: &str) -> Result<(), GraphError> {
    let given = parameter(call, "grant_type")?;
    if given == wanted { Ok(()) } else { Err(GraphError::parameter(&format!("Invalid grant_type: {given}"))) }
}
