//! What a client of a link is told: what is asked of them and what they connected. No id of ours but an attempt's, no
//! member, no other account.

use app::{
    Services,
    connect::select::Candidates,
    easyconnect::{connect::Withdrawal, receipt::Signed, visit::Visited},
};
use domain::{
    ConnectSession, Secret, Timestamp,
    connect::Status,
    easyconnect::{Item, VISIT_LIFETIME},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{connect::start_url, receipt::RevocationView};

/// Who visits by which secret.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenVisit, example = json!({"token": "q2Zl…", "password": "our shared word"}))]
pub struct OpenVisit {
    /// What stands behind `/c/` in the link's address.
    #[schema(value_type = String)]
    pub token: Secret,
    /// The link's password, where it has one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub password: Option<Secret>,
}

/// A visit that was opened. The token is the client's own: it reaches this visit and nothing else.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Visit)]
pub struct OpenedView {
    /// Send it as a bearer token.
    pub visit_token: String,
    /// For so many seconds.
    pub expires_in: u32,
    /// What is asked for.
    pub visit: VisitView,
}

/// What a link asks for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitState)]
pub struct VisitView {
    /// What it is for.
    pub title: String,
    /// Who asks.
    pub agency: String,
    /// In which language the client reads.
    pub language: String,
    /// `active`, `completed`, `expired`, `disabled`, `exhausted`.
    pub status: String,
    /// The checklist, and behind it what was connected beside it.
    pub items: Vec<VisitItemView>,
    /// Platforms of which another account can be connected.
    pub platforms: Vec<VisitPlatformView>,
    /// How many of the checklist are connected.
    pub progress: super::easyconnect::ProgressView,
    /// Until when the link works.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// One account that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitItem)]
pub struct VisitItemView {
    /// Its number.
    pub item: u16,
    /// Its platform.
    pub platform: String,
    /// What people call that.
    pub platform_name: String,
    /// What kind of account.
    pub kind: Option<String>,
    /// Whom it expects.
    pub expected: Option<String>,
    /// Whether it can be left out.
    pub optional: bool,
    /// `open`, `connected`, `withdrawn`.
    pub status: String,
    /// What the connected account is called.
    pub name: Option<String>,
    /// Its handle.
    pub handle: Option<String>,
}

/// A platform of which another account can be connected.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitPlatform)]
pub struct VisitPlatformView {
    /// Its id.
    pub platform: String,
    /// What people call it.
    pub name: String,
}

/// What to connect: a place of the checklist, or an account beside it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NewVisitConnectSession, example = json!({"item": 1}))]
pub struct NewVisitSession {
    /// A place of the checklist, by its number.
    pub item: Option<u16>,
    /// A platform of the link's `platforms`.
    pub platform: Option<String>,
    /// The method's id; the platform's first if absent.
    pub method: Option<String>,
    /// Ask the platform for another account than the one that is signed in there.
    pub switch_account: bool,
}

/// An attempt that was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitConnectSessionStarted)]
pub struct VisitStartedView {
    /// `cs_…`
    pub id: String,
    /// Where the browser goes: a page of ours that says who asks for what.
    pub start_url: String,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// An attempt of a visit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitConnectSession)]
pub struct VisitSessionView {
    /// `cs_…`
    pub id: String,
    /// `created`, `consenting`, `awaiting_confirmation`, `awaiting_selection`, `completed`, `failed`, `expired`,
    /// `cancelled`.
    pub status: String,
    /// Its platform.
    pub platform: String,
    /// Why it failed.
    pub error: Option<VisitErrorView>,
    /// When its present status ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitError)]
pub struct VisitErrorView {
    /// A stable word of the registry.
    pub code: String,
    /// What the client is told, in their language.
    pub user_message: Option<String>,
    /// `account_mismatch`: who was expected.
    pub expected: Option<String>,
    /// `account_mismatch`: who came.
    pub got: Option<String>,
}

/// What a consent offers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitCandidates)]
pub struct VisitCandidatesView {
    /// In the platform's order.
    pub data: Vec<VisitCandidateView>,
    /// Why something may be missing: codes of the registry.
    pub missing: Vec<String>,
    /// How many more accounts there is room for.
    pub room: Option<u32>,
    /// Until when one can choose.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// One account that a consent offers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitCandidate)]
pub struct VisitCandidateView {
    /// `cand_…`
    pub id: String,
    /// `page`, `profile` …
    pub kind: String,
    /// What the platform calls it.
    pub name: String,
    /// Handle without `@`.
    pub handle: Option<String>,
    /// Where the platform keeps its picture; that address ends after days.
    pub picture: Option<String>,
    /// The person's role there.
    pub role: Option<String>,
    /// Whether it can be chosen now.
    pub selectable: bool,
    /// Why not: a code of the registry.
    pub reason: Option<String>,
    /// The same in the client's language.
    pub user_message: Option<String>,
    /// Where it can be fixed.
    pub fix_url: Option<String>,
    /// Whether it is connected already; choosing it renews it.
    pub already_connected: bool,
}

/// A choice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VisitSelection)]
pub struct VisitSelection {
    /// 1 to 25 candidates.
    pub candidate_ids: Vec<String>,
}

/// What a choice did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitSelected)]
pub struct VisitSelectedView {
    /// `completed`.
    pub status: String,
    /// The visit as it is then.
    pub visit: VisitView,
}

/// The end of a visit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = VisitFinished)]
pub struct VisitFinishedView {
    /// How many accounts are connected through the link.
    pub connected: u32,
    /// The client's own page of what they connected; from there they can take it back.
    pub receipt_url: String,
}

/// Who allowed what to whom, signed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConsentReceipt)]
pub struct ReceiptView {
    /// What it says: `iss`, `iat`, `link`, `asked_by`, `connections`.
    #[schema(value_type = Object)]
    pub receipt: serde_json::Value,
    /// The same as a compact JWS; the key is at `/v1/meta/receipt-keys`.
    pub jws: String,
}

/// What came of taking a connection back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Withdrawn)]
pub struct WithdrawnView {
    /// What became of the access at the platform.
    pub revocation: RevocationView,
}

impl OpenedView {
    pub(crate) fn of(services: &Services, visited: &Visited) -> Self {
        Self {
            visit_token: visited.sealed(services).expose().to_owned(),
            expires_in: u32::try_from(VISIT_LIFETIME.as_secs()).unwrap_or(u32::MAX),
            visit: VisitView::of(services, visited),
        }
    }
}

impl VisitView {
    pub(crate) fn of(services: &Services, visited: &Visited) -> Self {
        let link = &visited.link;
        let (done, of) = link.progress();
        Self {
            title: link.title.clone(),
            agency: link.agency().to_owned(),
            language: visited.language(None).as_str().to_owned(),
            status: link.status(services.now()).as_str().to_owned(),
            items: link.items.iter().zip(1..).map(|(item, number)| item_view(services, item, number)).collect(),
            platforms: addable(services, visited)
                .into_iter()
                .map(|entry| VisitPlatformView {
                    platform: entry.platform.to_string(),
                    name: entry.platform_name.clone(),
                })
                .collect(),
            progress: super::easyconnect::ProgressView { done, of },
            expires_at: link.expires_at,
        }
    }
}

/// The platforms of which another account can be connected, each by its usual method.
pub(crate) fn addable<'a>(services: &'a Services, visited: &Visited) -> Vec<&'a app::platform::Entry> {
    let mut found: Vec<&app::platform::Entry> = Vec::new();
    for entry in services.platforms.entries() {
        let known = found.iter().any(|other| other.platform == entry.platform);
        let configured = services.platforms.connector(&entry.platform, &entry.method).is_some();
        if !known && configured && visited.link.lets_add(&entry.platform) {
            found.push(entry);
        }
    }
    found
}

fn item_view(services: &Services, item: &Item, number: u16) -> VisitItemView {
    let name = services.platforms.entry(&item.platform, item.method.as_ref()).map(|entry| entry.platform_name.clone());
    let consented = item.consented.as_ref().filter(|consented| !consented.name.is_empty());
    VisitItemView {
        item: number,
        platform: item.platform.to_string(),
        platform_name: name.unwrap_or_else(|| item.platform.to_string()),
        kind: item.kind.clone(),
        expected: item.expected(),
        optional: item.optional,
        status: item.state().as_str().to_owned(),
        name: consented.map(|consented| consented.name.clone()),
        handle: consented.and_then(|consented| consented.handle.clone()),
    }
}

impl VisitStartedView {
    pub(crate) fn of(services: &Services, started: &app::connect::start::Started) -> Self {
        Self {
            id: started.session.to_string(),
            start_url: start_url(services, started.session),
            expires_at: started.expires_at,
        }
    }
}

impl VisitSessionView {
    pub(crate) fn of(services: &Services, visited: &Visited, session: &ConnectSession) -> Self {
        let now = services.now();
        let language = visited.language(None);
        let error = session.error(now).map(|error| VisitErrorView {
            code: error.code.to_string(),
            user_message: web::easyconnect::user_message(error.code, visited.link.agency(), language),
            expected: error.expected,
            got: error.got,
        });
        Self {
            id: session.id.to_string(),
            status: session.status(now).as_str().to_owned(),
            platform: session.platform.to_string(),
            error,
            expires_at: session.ends_at(),
        }
    }
}

impl VisitCandidatesView {
    pub(crate) fn of(visited: &Visited, found: &Candidates) -> Self {
        let language = visited.language(None);
        let data = found.candidates.iter().map(|candidate| {
            let reason = candidate.barrier.as_ref().map(|barrier| barrier.code);
            let told = |code| web::easyconnect::user_message(code, visited.link.agency(), language);
            VisitCandidateView {
                id: candidate.id.to_string(),
                kind: candidate.profile.kind.clone(),
                name: candidate.profile.name.clone(),
                handle: candidate.profile.handle.clone(),
                picture: candidate.profile.picture_url.as_deref().and_then(domain::text::https_url),
                role: candidate.profile.role.clone(),
                selectable: reason.is_none() && !found.chosen.contains(&candidate.id),
                reason: reason.map(|code| code.to_string()),
                user_message: reason.and_then(told),
                fix_url: candidate.barrier.as_ref().and_then(|barrier| barrier.fix_url.clone()),
                already_connected: candidate.existing.is_some_and(|id| found.connected.contains(&id)),
            }
        });
        let mut missing: Vec<String> = found.session.gaps.iter().map(|gap| gap.code.to_string()).collect();
        missing.dedup();
        Self { data: data.collect(), missing, room: found.room, expires_at: found.session.ends_at() }
    }
}

impl VisitSelectedView {
    pub(crate) fn of(services: &Services, visited: &Visited, status: Status) -> Self {
        Self { status: status.as_str().to_owned(), visit: VisitView::of(services, visited) }
    }
}

impl ReceiptView {
    pub(crate) fn of(signed: &Signed) -> Self {
        let receipt = serde_json::to_value(&signed.receipt).unwrap_or_default();
        Self { receipt, jws: signed.jws.clone() }
    }
}

impl From<&Withdrawal> for WithdrawnView {
    fn from(done: &Withdrawal) -> Self {
        let revocation = match done {
            Withdrawal::Ended(receipt) => RevocationView::of(receipt),
            Withdrawal::NothingLeft => RevocationView { status: None, manual_url: None, steps: Vec::new() },
        };
        Self { revocation }
    }
}
