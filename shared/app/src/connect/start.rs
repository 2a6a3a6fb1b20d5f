//! Starting: an attempt is made by the caller, seen and continued by a person, and only then does a
//! browser get a state and go to the platform.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{
    AccountId, Allowed, Capability, Code, ConnectSession, ConnectSessionId, ConnectedBy, Digest, EasyConnectLink,
    Error, GrantId, Lifecycle, MethodId, PlatformId, Refusal, Secret, Workspace, WorkspaceId,
    actor::{Credential, permit},
    connect::{Binding, SESSION_LIFETIME, STATE_LIFETIME, Stage, Status},
    easyconnect::{FunnelStep, Through},
    return_url::ReturnUrls,
    text,
};
use jiff::{SignedDuration, Timestamp};
use platforms::{Ask, Connector, Entry};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};
use url::Url;

use super::{attempt, handoff, not_at_this_step, reuse, scopes, siblings};
use crate::{
    Once, Services, account, easyconnect,
    idempotency::{Ending, borrowed, once},
    workspace::own,
};

/// The longest time that a caller can give an attempt.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// The shortest.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
/// What the PKCE verifier is derived for.
const VERIFIER: &str = "pkce verifier";

/// What a caller asks for.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Where.
    pub platform: PlatformId,
    /// How; the platform's default if absent.
    pub method: Option<MethodId>,
    /// For what; publishing and analytics if absent.
    pub capabilities: Option<Vec<Capability>>,
    /// Only this handle is welcome.
    pub expected_handle: Option<String>,
    /// Only this platform account is welcome.
    pub expected_platform_account_id: Option<String>,
    /// The account to reconnect.
    pub account: Option<AccountId>,
    /// Whether it is to live on a consent of its own from then on.
    pub detach: bool,
    /// Ask the platform to ask again.
    pub fresh_consent: bool,
    /// Where the browser goes at the end.
    pub return_url: Option<String>,
    /// What the SaaS calls it.
    pub external_id: Option<String>,
    /// How long it lives until the consent returns.
    pub lifetime: Option<SignedDuration>,
    /// Choose from what this living grant offers, without a new consent.
    pub from_grant: Option<GrantId>,
    /// The link through which a client begins it; it leads the browser back.
    pub through: Option<Through>,
}

impl NewSession {
    /// An attempt with nothing special, by the platform's default method.
    pub fn new(platform: PlatformId) -> Self {
        Self {
            platform,
            method: None,
            capabilities: None,
            expected_handle: None,
            expected_platform_account_id: None,
            account: None,
            detach: false,
            fresh_consent: false,
            return_url: None,
            external_id: None,
            lifetime: None,
            from_grant: None,
            through: None,
        }
    }
}

/// An attempt that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Its id.
    pub session: ConnectSessionId,
    /// `created`, or `awaiting_selection` where no consent is needed.
    pub status: Status,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What the start page shows.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The attempt.
    pub session: ConnectSession,
    /// Its method.
    pub entry: Arc<Entry>,
    /// Whether accounts may lose their access that are left unticked this time.
    pub keep_ticked: bool,
    /// The link through which a client began it.
    pub link: Option<EasyConnectLink>,
}

/// A browser that is bound and on its way.
#[derive(Debug)]
pub struct Proceeding {
    /// Where it goes.
    pub location: Url,
    /// The cookie's value that binds it; its digest is all that we keep.
    pub cookie: Secret,
    /// How long the cookie is needed.
    pub lifetime: SignedDuration,
}

/// Makes an attempt.
pub async fn start(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    workspace: &WorkspaceId,
    ask: NewSession,
    key: Option<IdempotencyKey>,
) -> Result<Once<Started>, Error> {
    own(actor, workspace)?;
    once(services, key, |ending| begin(services, actor, ask, ending, |started| started)).await
}

/// The same under a key that is somebody's already; `outcome` makes what it replays.
pub(crate) async fn begin<T: Serialize>(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    ask: NewSession,
    ending: Ending,
    outcome: impl FnOnce(Started) -> T,
) -> Result<T, Error> {
    let session = judge(services, actor, ask).await?;
    attempt::begin(services, &session).await?;
    let status = session.status(services.now());
    let outcome = outcome(Started { session: session.id, status, expires_at: session.ends_at() });
    let finish = ending.with(&outcome)?;
    match services.store.insert_session(&session, borrowed(finish.as_ref())).await? {
        Committed::Done => {}
        Committed::Refused(_) | Committed::Busy => return Err(Code::Busy.into()),
    }
    if status == Status::AwaitingSelection {
        attempt::succeeded(services, &session).await;
    }
    Ok(outcome)
}

async fn judge(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    ask: NewSession,
) -> Result<ConnectSession, Error> {
    let reconnecting = match ask.account {
        Some(id) => Some(account::find(services, actor, id).await?),
        None => None,
    };
    if reconnecting.as_ref().is_some_and(|a| a.platform != ask.platform) {
        return Err(
            Refusal::field("/platform", "other_platform", "The account to reconnect is on another platform.").into()
        );
    }
    let method = ask.method.or_else(|| reconnecting.as_ref().map(|a| a.method.clone()));
    let connector = connector(services, &ask.platform, method.as_ref())?;
    let entry = &connector.entry;
    let before = reconnecting.as_ref().map(|a| &a.access.asked).filter(|asked| !asked.is_empty()).cloned();
    let kind = reconnecting.as_ref().map(|a| a.profile.kind.as_str());
    let capabilities = capabilities(entry, kind, ask.capabilities.or(before))?;
    if ask.expected_handle.is_some() && !entry.returns_handle {
        let detail = format!("{} does not tell handles, so expected_handle cannot be judged.", entry.platform_name);
        return Err(Refusal::new(Code::CapabilityUnsupported, detail).into());
    }
    let lifetime = ask.lifetime.unwrap_or(SESSION_LIFETIME);
    if !(SHORTEST..=LONGEST).contains(&lifetime) {
        return Err(Refusal::field("/ttl", "out_of_range", "ttl is between PT1M and PT24H.").into());
    }
    let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    found.open()?;
    let return_url = match ask.return_url {
        _ if ask.through.is_some() => Some(services.url(easyconnect::BACK)),
        Some(asked) => Some(admit(services, &found, &asked).ok_or(Code::ReturnUrlNotAllowed)?.to_string()),
        None => None,
    };
    // An active account keeps its place when it is reconnected; everything else needs one.
    if reconnecting.as_ref().is_none_or(|a| a.lifecycle != Lifecycle::Active)
        && let Some(reached) = found.reached(&services.plans, actor.plan.as_deref(), &ask.platform, 1)
    {
        return Err(Refusal::limit(reached).into());
    }
    let now = services.now();
    let stage = match ask.from_grant {
        Some(grant) => reuse::begin(services, actor, &found, connector, grant).await?,
        None => Stage::Created,
    };
    let kind = match actor.credential {
        Credential::Token => "user",
        Credential::ApiKey { .. } => "api",
        Credential::Link => "easyconnect",
    };
    Ok(ConnectSession {
        id: ConnectSessionId::new(now, services.entropy.bytes()),
        workspace: actor.workspace.clone(),
        org: actor.org.clone(),
        plan: actor.plan.clone(),
        platform: ask.platform,
        method: entry.method.clone(),
        issuer: entry.issuer.clone(),
        asked_by: ConnectedBy { kind: kind.to_owned(), id: actor.sub.clone(), name: actor.name.clone() },
        capabilities,
        expected_handle: ask.expected_handle.map(|h| text::handle(&h)),
        expected_platform_account_id: ask.expected_platform_account_id,
        account: ask.account,
        detach: ask.detach,
        fresh_consent: ask.fresh_consent,
        return_url,
        external_id: ask.external_id,
        created_at: now,
        expires_at: now + lifetime,
        also: if found.policies().reuse_grant { siblings(services, connector) } else { Vec::new() },
        reuse: ask.from_grant,
        handoff: None,
        through: ask.through,
        binding: None,
        stage,
        gaps: Vec::new(),
        siblings_lost: Vec::new(),
        version: 0,
    })
}

/// Where a browser may be sent back to: the operator's list, and the workspace's.
pub(crate) fn admit(services: &Services, workspace: &Workspace, asked: &str) -> Option<Url> {
    let own = || ReturnUrls::new(workspace.policies().return_urls.iter().map(String::as_str)).ok();
    services.return_urls.admit(asked).or_else(|| own()?.admit(asked))
}

/// The method that is asked for, if there is one and it is set up.
fn connector<'a>(
    services: &'a Services,
    platform: &PlatformId,
    method: Option<&MethodId>,
) -> Result<&'a Connector, Refusal> {
    let entry = services.platforms.entry(platform, method).ok_or_else(|| match method {
        Some(method) => Refusal::field("/method", "unknown", format!("{platform} has no method {method}.")),
        None => Refusal::field("/platform", "unknown", format!("There is no platform {platform}.")),
    })?;
    services.platforms.connector(platform, &entry.method).ok_or_else(|| {
        Refusal::new(Code::PlatformNotConfigured, format!("There is no OAuth app for {}.", entry.platform_name))
    })
}

/// What is asked, each once; by default whatever of publishing and analytics there is. An account that is
/// reconnected is of a kind.
fn capabilities(entry: &Entry, kind: Option<&str>, asked: Option<Vec<Capability>>) -> Result<Vec<Capability>, Refusal> {
    let has = |capability: &Capability| match kind {
        Some(kind) => entry.needs(kind, *capability).is_ok(),
        None => entry.capabilities.contains_key(capability),
    };
    let Some(mut asked) = asked else {
        return Ok([Capability::Publish, Capability::Analytics].into_iter().filter(has).collect());
    };
    asked.sort_unstable();
    asked.dedup();
    match asked.iter().find(|capability| !has(capability)) {
        Some(missing) => {
            let not = if entry.is_unapproved(*missing) { "has not approved our app for" } else { "does not offer" };
            let detail = format!("{} {not} {}.", entry.platform_name, missing.as_str());
            Err(Refusal::new(Code::CapabilityUnsupported, detail))
        }
        None => Ok(asked),
    }
}

/// What a person is shown before anything happens; `device` is the cookie of a device that the attempt was
/// handed over to. Writes nothing.
pub async fn open(services: &Services, id: ConnectSessionId, device: Option<&Secret>) -> Result<Opened, Error> {
    let session = services.store.find_session(id).await?.ok_or(Code::NotFound)?;
    let now = services.now();
    handoff::may_continue(&session, device)?;
    let taken = session.binding.as_ref().is_some_and(|b| b.used_at.is_some());
    if taken || !matches!(session.status(now), Status::Created | Status::Consenting) {
        return Err(not_at_this_step(&session, now).into());
    }
    let entry = services.platforms.entry(&session.platform, Some(&session.method));
    let entry = Arc::clone(entry.ok_or(Code::PlatformNotConfigured)?);
    let link = easyconnect::still_open(services, &session).await?;
    let keep_ticked = entry.offers_many && has_accounts(services, &session, &entry).await?;
    Ok(Opened { session, entry, keep_ticked, link })
}

/// Whether accounts are connected that one may reach by the same sign-in.
async fn has_accounts(services: &Services, session: &ConnectSession, entry: &Entry) -> Result<bool, Error> {
    let workspace = services.store.glance_workspace(&session.workspace, &session.org).await?;
    let same = services.platforms.entries().iter().filter(|other| other.method == entry.method);
    Ok(same.map(|other| workspace.used(&other.platform)).any(|used| used > 0))
}

/// Continue was pressed: binds the browser by a new cookie, makes the one state that is good from now
/// on, and sends the browser to the platform.
pub async fn proceed(services: &Services, id: ConnectSessionId, device: Option<&Secret>) -> Result<Proceeding, Error> {
    let Opened { session, entry, link, .. } = open(services, id, device).await?;
    // A person is not sent to consent in vain.
    services.store.glance_workspace(&session.workspace, &session.org).await?.open()?;
    let connector = services.platforms.connector(&entry.platform, &entry.method).ok_or(Code::PlatformNotConfigured)?;
    let now = services.now();
    let cookie = random(services);
    let state = Secret::new(format!("{}.{}", id, random(services).expose()));
    let verifier = verifier(services, &state);
    let binding = Binding {
        cookie: Digest::of(cookie.expose()),
        state: Digest::of(state.expose()),
        // An attempt that is told as expired connects nothing.
        state_expires_at: (now + STATE_LIFETIME).min(session.expires_at),
        used_at: None,
    };
    let next =
        ConnectSession { binding: Some(binding), stage: Stage::Consenting, version: session.version + 1, ..session };
    if !services.store.update_session(&next, None, None).await? {
        return Err(Code::Busy.into());
    }
    easyconnect::count(services, link.as_ref(), FunnelStep::Consenting).await;
    let location = connector.client.authorize_url(&Ask {
        redirect_uri: &redirect_uri(services, &entry),
        state: state.expose(),
        verifier: &verifier,
        scopes: &scopes(services, &next, connector),
        fresh_consent: next.fresh_consent,
    });
    Ok(Proceeding { location, cookie, lifetime: STATE_LIFETIME })
}

/// Our callback address for a method, exactly as it is registered at the platform.
pub fn redirect_uri(services: &Services, entry: &Entry) -> String {
    let slash = if entry.redirect_slash { "/" } else { "" };
    services.url(&format!("v1/oauth/callback/{}{slash}", entry.issuer))
}

/// The attempt that a state names; whether the state is its own is for the table to say.
pub(crate) fn session_of(state: &str) -> Option<ConnectSessionId> {
    let (id, random) = state.split_once('.')?;
    (random.len() == 43).then(|| id.parse().ok())?
}

/// The PKCE verifier of a state: derived, so that it is kept nowhere. 43 URL-safe characters.
pub fn verifier(services: &Services, state: &Secret) -> Secret {
    services.edge.sign(VERIFIER, state.expose())
}

/// 256 random bits, URL-safe.
pub(super) fn random(services: &Services) -> Secret {
    Secret::new(BASE64.encode(services.entropy.bytes::<32>()))
}
