//! Connect sessions, candidates, selections.

use app::{
    Services,
    connect::{
        select::{Candidates, Selected},
        start::{NewSession, Started},
    },
    sync::show::first_runs,
};
use domain::{
    AccountId, Candidate, Capability, ConnectSession, ConnectSessionId, Gap, GrantId, Refusal, Timestamp,
    connect::Status,
    gap::{Eligibility, Named},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{handoff, reconnect::OfferView};

/// What to connect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"platform": "facebook", "capabilities": ["publish", "analytics"], "return_url": "https://app.example/done"}))]
pub struct NewConnectSession {
    /// The platform's id.
    pub platform: String,
    /// The method's id; the platform's first if absent.
    #[serde(default)]
    pub method: Option<String>,
    /// `publish`, `analytics`, `messages`, `audience`; publishing and analytics if absent.
    #[serde(default)]
    pub capabilities: Option<Vec<String>>,
    /// Only this handle is welcome.
    #[serde(default)]
    pub expected_handle: Option<String>,
    /// Only this platform account is welcome.
    #[serde(default)]
    pub expected_platform_account_id: Option<String>,
    /// The account to reconnect.
    #[serde(default)]
    pub account_id: Option<String>,
    /// Ask the platform to ask again even if it remembers a consent.
    #[serde(default)]
    pub fresh_consent: bool,
    /// Where the browser goes at the end; must be on the allow-list.
    #[serde(default)]
    pub return_url: Option<String>,
    /// What you call it; carried to the accounts.
    #[serde(default)]
    pub external_id: Option<String>,
    /// How long the session lives until the consent returns, ISO 8601; 30 minutes if absent.
    #[serde(default)]
    pub ttl: Option<String>,
    /// Choose from what this living consent offers, without asking the person again; by the policy `reuse_grant`.
    #[serde(default)]
    pub from_grant: Option<String>,
}

/// Longest text of a caller's own.
const TEXT: usize = 200;

impl TryFrom<NewConnectSession> for NewSession {
    type Error = Refusal;

    fn try_from(sent: NewConnectSession) -> Result<Self, Refusal> {
        let unknown =
            |pointer: &str, what: &str| Refusal::field(pointer, "unknown", format!("There is no such {what}."));
        let text = |pointer: &str, text: Option<String>| match text {
            Some(text) if text.is_empty() || text.chars().count() > TEXT || text.chars().any(char::is_control) => Err(
                Refusal::field(pointer, "length", format!("1 to {TEXT} characters, none of them a control character.")),
            ),
            other => Ok(other),
        };
        Ok(Self {
            platform: sent.platform.parse().map_err(|_| unknown("/platform", "platform"))?,
            method: sent.method.map(|m| m.parse().map_err(|_| unknown("/method", "method"))).transpose()?,
            capabilities: capabilities(sent.capabilities)?,
            expected_handle: text("/expected_handle", sent.expected_handle)?,
            expected_platform_account_id: text("/expected_platform_account_id", sent.expected_platform_account_id)?,
            account: match sent.account_id {
                Some(id) => Some(id.parse::<AccountId>().map_err(|_| Refusal::plain(domain::Code::NotFound))?),
                None => None,
            },
            from_grant: match sent.from_grant {
                Some(id) => Some(id.parse::<GrantId>().map_err(|_| Refusal::plain(domain::Code::NotFound))?),
                None => None,
            },
            detach: false,
            through: None,
            fresh_consent: sent.fresh_consent,
            return_url: sent.return_url,
            external_id: text("/external_id", sent.external_id)?,
            lifetime: lifetime(sent.ttl)?,
        })
    }
}

pub(super) fn capabilities(words: Option<Vec<String>>) -> Result<Option<Vec<Capability>>, Refusal> {
    let capability = |(at, word): (usize, String)| {
        let unknown = || Refusal::field(&format!("/capabilities/{at}"), "unknown", "There is no such capability.");
        Capability::ALL.into_iter().find(|c| c.as_str() == word).ok_or_else(unknown)
    };
    words.map(|words| words.into_iter().enumerate().map(capability).collect()).transpose()
}

pub(super) fn lifetime(ttl: Option<String>) -> Result<Option<SignedDuration>, Refusal> {
    let malformed = |_| Refusal::field("/ttl", "duration", "An ISO 8601 duration such as PT30M.");
    ttl.map(|ttl| ttl.parse().map_err(malformed)).transpose()
}

/// A session that was made. Send the browser to `start_url`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectSessionStarted)]
pub struct StartedView {
    /// `cs_…`
    pub id: String,
    /// `created`, or `awaiting_selection` with `from_grant`.
    pub status: String,
    /// A page of ours that says who asks for what; its Continue goes to the platform. Null with `from_grant`.
    pub start_url: Option<String>,
    /// With `from_grant`: where the candidates are.
    pub candidates_url: Option<String>,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl StartedView {
    pub(crate) fn of(services: &Services, started: &Started) -> Self {
        Self {
            id: started.session.to_string(),
            status: started.status.as_str().to_owned(),
            start_url: (started.status == Status::Created).then(|| start_url(services, started.session)),
            candidates_url: (started.status == Status::AwaitingSelection)
                .then(|| candidates_url(services, started.session)),
            expires_at: started.expires_at,
        }
    }
}

pub(crate) fn start_url(services: &Services, id: ConnectSessionId) -> String {
    services.url(&format!("v1/oauth/start/{id}"))
}

fn candidates_url(services: &Services, id: ConnectSessionId) -> String {
    services.url(&format!("v1/connect-sessions/{id}/candidates"))
}

/// A connect session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectSession)]
pub struct SessionView {
    /// `cs_…`
    pub id: String,
    /// `created`, `consenting`, `awaiting_confirmation`, `awaiting_selection`, `completed`, `failed`, `expired`, `cancelled`.
    pub status: String,
    /// The platform's id.
    pub platform: String,
    /// The method's id.
    pub method: String,
    /// What was asked for.
    pub capabilities: Vec<String>,
    /// The account to reconnect.
    pub account_id: Option<String>,
    /// What the SaaS calls it.
    pub external_id: Option<String>,
    /// While it can be started: where the browser goes.
    pub start_url: Option<String>,
    /// While another device is to name the code: what it opens.
    pub handoff_url: Option<String>,
    /// While it waits for a choice: where the candidates are.
    pub candidates_url: Option<String>,
    /// What it connected so far.
    pub accounts: Vec<AccountRefView>,
    /// The runs that fetch their data for the first time, `run_…`, in the same order; none where nothing is fetched.
    pub runs: Vec<String>,
    /// Why it failed.
    pub error: Option<SessionErrorView>,
    /// Why something may be missing from what its consent offered; empty if nothing is known of that.
    pub gaps: Vec<GapView>,
    /// Accounts of this workspace that the consent no longer shares, although it was given: they were left out of it.
    pub siblings_lost: Vec<NamedView>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its present status ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// An account by its id.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountRef)]
pub struct AccountRefView {
    /// `acc_…`
    pub id: String,
}

/// Why something is missing from what a consent offers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Gap)]
pub struct GapView {
    /// A stable word of the registry.
    pub code: String,
    /// What is the matter and what to do, for people.
    pub text: String,
    /// Where a person can fix it.
    pub fix_url: Option<String>,
    /// Whom it is about, a few of them; empty where nobody is known by name.
    pub accounts: Vec<NamedView>,
    /// `plan_limit_reached`: how many more accounts the plan has room for.
    pub left: Option<u32>,
}

/// An account by its name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NamedAccount)]
pub struct NamedView {
    /// `acc_…`, where it is an account of this workspace.
    pub id: Option<String>,
    /// What the platform calls it.
    pub name: String,
}

impl From<&Gap> for GapView {
    fn from(gap: &Gap) -> Self {
        Self {
            code: gap.code.to_string(),
            text: gap.text.clone(),
            fix_url: gap.fix_url.clone(),
            accounts: gap.accounts.iter().map(NamedView::from).collect(),
            left: gap.left,
        }
    }
}

impl From<&Named> for NamedView {
    fn from(named: &Named) -> Self {
        Self { id: named.account.map(|id| id.to_string()), name: named.name.clone() }
    }
}

/// Why a session failed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectSessionError)]
pub struct SessionErrorView {
    /// A stable word of the registry.
    pub code: String,
    /// The code in the words of people.
    pub title: String,
    /// This case.
    pub detail: String,
    /// What to do next.
    pub next_step: String,
    /// `account_mismatch`: who was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// `account_mismatch`: who came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// What to look at: the session's own `gaps`.
    pub gaps: Vec<GapView>,
    /// Where the one who came was not the account to reconnect: the call that adds them as a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferView>,
}

impl SessionView {
    pub(crate) fn of(services: &Services, session: &ConnectSession) -> Self {
        let now = services.now();
        let status = session.status(now);
        let startable = matches!(status, Status::Created | Status::Consenting)
            && session.binding.as_ref().is_none_or(|b| b.used_at.is_none());
        Self {
            id: session.id.to_string(),
            status: status.as_str().to_owned(),
            platform: session.platform.to_string(),
            method: session.method.to_string(),
            capabilities: session.capabilities.iter().map(|c| c.as_str().to_owned()).collect(),
            account_id: session.account.map(|a| a.to_string()),
            external_id: session.external_id.clone(),
            start_url: startable.then(|| start_url(services, session.id)),
            handoff_url: (status == Status::AwaitingConfirmation).then(|| handoff::url(services, session.id)),
            candidates_url: (status == Status::AwaitingSelection).then(|| candidates_url(services, session.id)),
            accounts: session.accounts().iter().map(|id| AccountRefView { id: id.to_string() }).collect(),
            runs: first_runs(services, session, session.accounts()).iter().map(ToString::to_string).collect(),
            error: session.error(now).map(|e| SessionErrorView {
                code: e.code.to_string(),
                offer: OfferView::of(session, e.code),
                title: e.code.title().to_owned(),
                next_step: e.code.next_step().to_owned(),
                detail: e.detail,
                expected: e.expected,
                got: e.got,
                gaps: session.gaps.iter().map(GapView::from).collect(),
            }),
            gaps: session.gaps.iter().map(GapView::from).collect(),
            siblings_lost: session.siblings_lost.iter().map(NamedView::from).collect(),
            created_at: session.created_at,
            expires_at: session.ends_at(),
        }
    }
}

/// What a consent offers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Candidates)]
pub struct CandidatesView {
    /// In the platform's order.
    pub data: Vec<CandidateView>,
    /// Why something may be missing from these, and what stands in the way.
    pub gaps: Vec<GapView>,
    /// How many more accounts the plan has room for; null is no limit.
    pub room: Option<u32>,
    /// Until when one can choose.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// One account that a consent offers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Candidate)]
pub struct CandidateView {
    /// `cand_…`
    pub id: String,
    /// `page`, `profile` …
    pub kind: String,
    /// What the platform calls it.
    pub name: String,
    /// Handle without `@`.
    pub handle: Option<String>,
    /// Where its picture is: at the platform, whose address ends after days, or of an account that is here already, its
    /// `picture_url`.
    pub picture: Option<String>,
    /// The person's role there.
    pub role: Option<String>,
    /// Whether it can be chosen now.
    pub selectable: bool,
    /// `new`, `connected` and `disconnected` (it is or was here), `chosen` in this session, `blocked`.
    pub eligibility: String,
    /// Why not: a code of the registry, or `already_chosen`.
    pub reason: Option<String>,
    /// `eligibility` and `reason` in a sentence for people.
    pub reason_detail: String,
    /// Where a person can fix it.
    pub fix_url: Option<String>,
    /// The page that it is linked to (Instagram through Facebook).
    pub linked_page_id: Option<String>,
    /// What that page is called.
    pub linked_page_name: Option<String>,
    /// The account of this workspace that it is; choosing it heals that account.
    pub existing_account_id: Option<String>,
}

impl CandidatesView {
    pub(crate) fn of(found: &Candidates) -> Self {
        let data = found.candidates.iter().map(|c| CandidateView::of(c, found.eligibility(c))).collect();
        let gaps = found.gaps.iter().map(GapView::from).collect();
        Self { data, gaps, room: found.room, expires_at: found.session.ends_at() }
    }
}

impl CandidateView {
    fn of(candidate: &Candidate, eligibility: Eligibility) -> Self {
        let barrier = candidate.barrier.as_ref();
        let reason = match eligibility {
            Eligibility::Blocked(code) => Some(code.to_string()),
            Eligibility::Chosen => Some("already_chosen".to_owned()),
            Eligibility::New | Eligibility::Connected | Eligibility::Disconnected => None,
        };
        Self {
            id: candidate.id.to_string(),
            kind: candidate.profile.kind.clone(),
            name: candidate.profile.name.clone(),
            handle: candidate.profile.handle.clone(),
            picture: picture(candidate),
            role: candidate.profile.role.clone(),
            selectable: reason.is_none(),
            eligibility: eligibility.as_str().to_owned(),
            reason,
            reason_detail: eligibility.sentence(),
            fix_url: barrier.and_then(|b| b.fix_url.clone()),
            linked_page_id: candidate.profile.linked_page_id.clone(),
            linked_page_name: candidate.profile.linked_page_name.clone(),
            existing_account_id: candidate.existing.map(|id| id.to_string()),
        }
    }
}

/// The platform's own address as long as there is no account that could have a picture here.
fn picture(candidate: &Candidate) -> Option<String> {
    let address = candidate.profile.picture_url.as_deref()?;
    candidate.existing.map(|id| format!("/v1/accounts/{id}/picture")).or_else(|| domain::text::https_url(address))
}

/// A choice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// 1 to 25 candidates; none with `done` finishes the session.
    #[serde(default)]
    pub candidate_ids: Vec<String>,
    /// Nothing more will be chosen.
    #[serde(default)]
    pub done: bool,
}

/// What a choice did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Selected)]
pub struct SelectedView {
    /// Where the session is now: `awaiting_selection` while more can be chosen.
    pub status: String,
    /// What the session connected so far.
    pub accounts: Vec<AccountRefView>,
    /// The runs that fetch their data for the first time, `run_…`, in the same order; none where nothing is fetched.
    pub runs: Vec<String>,
}

impl From<&Selected> for SelectedView {
    fn from(selected: &Selected) -> Self {
        Self {
            status: selected.status.as_str().to_owned(),
            accounts: selected.accounts.iter().map(|id| AccountRefView { id: id.to_string() }).collect(),
            runs: selected.runs.iter().map(ToString::to_string).collect(),
        }
    }
}
