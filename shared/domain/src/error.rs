//! What can go wrong, without HTTP: refusals (the caller can do something) and faults (we must).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{WorkspaceId, health::Cause, plan::Reached};

macro_rules! codes {
    ($($name:ident $slug:literal: $title:literal, $cause:literal, $next:literal;)*) => {
        /// The registry of stable codes: in problems, in failed sessions and on candidates.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $cause] $name,)*
        }

        impl Code {
            /// Every code, in the registry's order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// A short title in the words of people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// Why it happens.
            pub fn cause(self) -> &'static str {
                match self { $(Self::$name => $cause,)* }
            }

            /// What to do next.
            pub fn next_step(self) -> &'static str {
                match self { $(Self::$name => $next,)* }
            }
        }
    };
}

codes! {
    InvalidRequest "invalid_request": "The request cannot be read",
        "The request is not what this address expects: broken JSON, a wrong type, or a missing field.",
        "Compare the request with the API reference and send it again.";
    UnknownField "unknown_field": "There is a field that is not known here",
        "The request holds a field that this address does not know. Nothing was changed.",
        "Remove the field, or check its spelling against the API reference.";
    CursorInvalid "cursor_invalid": "This page cursor cannot be used",
        "The cursor was changed, is too old, or belongs to another list, filter or workspace.",
        "Start again from the first page, without a cursor.";
    StateInvalid "state_invalid": "This sign-in does not belong to this browser",
        "The address was opened in another browser than the one that started, or it was changed on the way.",
        "Start connecting again, and finish in the same browser.";
    StateExpired "state_expired": "This sign-in took too long",
        "The platform's answer came later than ten minutes after Continue was pressed.",
        "Start connecting again.";
    StateAlreadyUsed "state_already_used": "This sign-in was already used",
        "The platform's answer was handed in before, and that attempt has been ended since.",
        "Start connecting again.";
    Unauthenticated "unauthenticated": "Sign in first",
        "The request has no valid bearer token: it is missing, expired, or not from the configured issuer.",
        "Send a fresh token in the header Authorization: Bearer.";
    SignatureInvalid "signature_invalid": "This notice is not signed by the platform",
        "The signature is missing, wrong or of another app, or the notice is too old. Nothing was changed.",
        "Only the platform can send this; check which app and which secret are set up for it.";
    LinkPasswordWrong "link_password_wrong": "The link's password is missing or wrong",
        "The link asks for a password, and this is not it. After five wrong ones it is locked for fifteen minutes.",
        "Ask whoever sent the link for its password.";
    LinkLocked "link_locked": "Too many wrong passwords",
        "Five wrong passwords were given for this link, so it takes none for fifteen minutes.",
        "Wait until retry_after, and ask whoever sent the link for its password.";
    LinkExpired "link_expired": "This link's time is over",
        "Links end by themselves, and this one has. What was connected through it stays connected.",
        "Ask for a fresh link.";
    LinkDisabled "link_disabled": "This link is paused",
        "Whoever made the link has paused it.",
        "Ask whoever sent the link to resume it, or for a fresh one.";
    LinkExhausted "link_exhausted": "This link is used up",
        "As many accounts were connected through this link as it allows.",
        "Ask for a fresh link.";
    ConfirmationCodeWrong "confirmation_code_wrong": "That code is not right",
        "The four digits are not the ones that the first device shows.",
        "Read the code on the first device again; after three wrong tries, ask there for a new one.";
    PermissionDenied "permission_denied": "You are not allowed to do this",
        "Your role in this workspace does not include this action.",
        "Ask an administrator of the workspace, or sign in as somebody who may.";
    PlanLimitReached "plan_limit_reached": "The plan has no room for another account",
        "The workspace already holds as many accounts as its plan allows, on this platform or in total.",
        "Upgrade the plan, or disconnect an account that is not needed.";
    EntitlementMissing "entitlement_missing": "The plan does not include this",
        "The feature is not part of the workspace's plan.",
        "Upgrade the plan, or leave that part out.";
    CrossWorkspaceForbidden "cross_workspace_forbidden": "The account may not go to that workspace",
        "A policy of one of the two workspaces, or your role in the other one, does not allow it.",
        "Ask an administrator of both workspaces.";
    NotFound "not_found": "There is nothing here",
        "The address or id does not exist, or belongs to another workspace.",
        "Check the id; list what there is.";
    MethodNotAllowed "method_not_allowed": "This address does not take that method",
        "The address exists, but not for this HTTP method.",
        "Use one of the methods in the header Allow.";
    AlreadyConnectedElsewhere "already_connected_elsewhere": "This account is connected in another workspace",
        "Another workspace of your organisation holds this account.",
        "Disconnect it there first, or ask that workspace's administrator.";
    AlreadyInWorkspace "already_in_workspace": "This account is connected here already",
        "The account is connected in this workspace.",
        "Choose it once more to renew its permissions; its id and its history stay.";
    AccountMismatch "account_mismatch": "Another account came back",
        "The person signed in to the platform as somebody else than expected, so nothing was changed.",
        "Sign out at the platform or switch the account there, then try again.";
    AccountDisconnected "account_disconnected": "The account is disconnected",
        "Somebody disconnected the account, so nothing can be done with it.",
        "Reconnect the account first.";
    ConnectionExpired "connection_expired": "The consent behind this has ended",
        "The platform no longer accepts what the person allowed: it ran out, or was taken back.",
        "Connect the account again, with a new consent.";
    ReauthorizationRequired "reauthorization_required": "A person must sign in again",
        "The access cannot be renewed without the person: it ran out, or was taken back.",
        "Open connect_url as somebody who manages the account, and allow what is asked.";
    RefreshInProgress "refresh_in_progress": "The access is being renewed",
        "Another request or the schedule is renewing this account's access at this moment.",
        "Try again in a few seconds.";
    AccountNotUsable "account_not_usable": "This account cannot be used for that",
        "The account is disconnected.",
        "Reconnect the account first.";
    SessionStateInvalid "session_state_invalid": "The attempt is not at this step",
        "The connect session is in another state than this action needs.",
        "Read the session's status and go on from there.";
    LinkedAccountTaken "linked_account_taken": "That Instagram account has its Threads account",
        "Another Threads account is tied to it, and there is one for each.",
        "Untie the other one first.";
    PlatformNotConfigured "platform_not_configured": "This platform is not set up",
        "There is no OAuth app for this platform, or the platform refuses the app as it is set up.",
        "Ask the operator to add or correct the app's client id, secret and redirect address.";
    IdempotencyInProgress "idempotency_in_progress": "The same request is still running",
        "A request with this Idempotency-Key has not finished.",
        "Wait a moment and send the same request again.";
    Busy "busy": "Too many changes at once",
        "Others kept changing the same records, and the change was given up before it did anything.",
        "Try again in a moment.";
    SessionExpired "session_expired": "This attempt has ended",
        "The connect session expired, was cancelled, or has finished.",
        "Start connecting again.";
    VersionConflict "version_conflict": "Somebody changed it meanwhile",
        "The header If-Match names an older version than the present one.",
        "Read it again and repeat the change on what is there now.";
    TooLarge "too_large": "The request is too large",
        "The body is larger than this address accepts.",
        "Send less.";
    RequestTimeout "request_timeout": "The request came too slowly",
        "The body did not arrive within ten seconds. Nothing was changed.",
        "Send the same request again over a better connection.";
    MediaTypeUnsupported "media_type_unsupported": "That body format is not taken",
        "The body's Content-Type is not the one that this address reads.",
        "Send application/json.";
    ValidationFailed "validation_failed": "Some fields are not right",
        "One or more fields have a value that is not allowed; each is named.",
        "Correct the named fields.";
    CapabilityUnsupported "capability_unsupported": "This platform cannot do that",
        "The platform or the method does not offer what was asked.",
        "Ask only for what the platform's entry in /v1/platforms lists.";
    CandidateNotSelectable "candidate_not_selectable": "This account cannot be chosen",
        "The account was offered by the platform but cannot be connected; its reason is told.",
        "Fix what the reason names at the platform, then connect again; or choose another account.";
    ReturnUrlNotAllowed "return_url_not_allowed": "That return address is not allowed",
        "The return address is not on the list of addresses that a browser may be sent back to.",
        "Use a listed address, or ask the operator to add it.";
    LocationNotSupported "location_not_supported": "This platform knows no places",
        "Only accounts on Facebook and Instagram can have a location.",
        "Leave the location out.";
    DevicesNotSupported "devices_not_supported": "This platform knows no devices",
        "Only Instagram accounts can have devices.",
        "Use an Instagram account.";
    TimezoneInvalid "timezone_invalid": "There is no such time zone",
        "The time zone is not a name of the IANA database, like Europe/Oslo.",
        "Send a name of the database; an offset like +02:00 is none, for it knows no change of clocks.";
    IdempotencyKeyReused "idempotency_key_reused": "The Idempotency-Key was used for another request",
        "A different request was sent with the same key within 24 hours.",
        "Use a new key for each new request.";
    WorkspaceLockedDown "workspace_locked_down": "The workspace is locked down",
        "Somebody disconnected everything in it at once. Until that is lifted nothing is connected and no token is lent.",
        "Ask an administrator of the workspace to lift the lockdown.";
    RateLimited "rate_limited": "Too many requests",
        "This address was called more often than it may be.",
        "Wait as long as Retry-After says.";
    ConnectRateLimited "connect_rate_limited": "Too many attempts to connect",
        "Too many attempts to connect an account of this platform did not succeed within an hour.",
        "Wait as long as Retry-After says, and find out meanwhile why they failed.";
    PlatformError "platform_error": "The platform gave an answer that makes no sense",
        "The platform answered in a way that its own rules do not allow.",
        "Try again; if it goes on, tell support the request id.";
    PlatformUnavailable "platform_unavailable": "The platform does not work at the moment",
        "The platform has an outage or limits our calls. Nothing was changed.",
        "Try again in a few minutes.";
    PlatformRateLimited "platform_rate_limited": "The platform limits our calls",
        "The platform says that there were too many calls, or that this one came too early.",
        "Wait, as long as Retry-After says where there is one; nothing is lost.";
    SyncInProgress "sync_in_progress": "The account's data is being fetched",
        "A run is under way already.",
        "Wait for it, and look at the account then.";
    SyncCooldown "sync_cooldown": "The account's data was just fetched",
        "Somebody asked for it less than a minute ago.",
        "Wait, as long as Retry-After says.";
    BudgetExhausted "budget_exhausted": "What may be spent on the platform's calls is used up",
        "The platform's quota, or what you pay for its calls, has a limit, and fetching has used its part of it.",
        "Wait until Retry-After; what is planned goes on by itself then.";
    MetricUnsupported "metric_unsupported": "The platform does not tell this figure",
        "The figure that was asked for is not known here, or the platform does not tell it of this kind of account.",
        "Ask for others; the answer for the account names what there is.";
    InsufficientData "insufficient_data": "There is too little to measure yet",
        "The platform tells figures of an account only when there is enough of it: followers, posts or views.",
        "Nothing needs to be done; they come by themselves when there is more.";
    PlatformUnreachable "platform_unreachable": "The platform cannot be reached",
        "The connection to the platform failed before it got the request.",
        "Try again in a few minutes.";
    Internal "internal": "Something broke on our side",
        "An unexpected fault. It was logged under the request id.",
        "Try again; if it goes on, tell support the request id.";
    AuthenticationFailed "authentication_failed": "The sign-in did not succeed",
        "The platform did not accept the sign-in: its code was too old, already used, or not meant for us.",
        "Connect again.";
    ConsentDenied "consent_denied": "The permission was not given",
        "The person pressed Cancel or refused on the platform's page.",
        "Connect again and allow what is asked, if that was a mistake.";
    NoPagesFound "no_pages_found": "No pages came back",
        "The person manages no page there, or ticked none on the platform's page.",
        "Connect again as somebody who manages a page, and leave the page ticked.";
    InstagramNotLinked "instagram_not_linked": "No Instagram account is linked to this page",
        "The page has no Instagram business or creator account linked to it, so there is nothing to connect.",
        "Link the Instagram account to the page at Facebook, then connect again; or sign in with Instagram directly.";
    AccountTypeUnsupported "account_type_unsupported": "This kind of account cannot be connected",
        "The platform does not let apps work with this kind of account.",
        "Switch the account to the kind that the platform's requirements name.";
    AppUnaudited "app_unaudited": "Our app is not reviewed yet",
        "The platform has not reviewed our app, and shows nobody what an app without a review publishes.",
        "Ask the operator how far the review is; all but publishing works meanwhile.";
    InsufficientPlatformRole "insufficient_platform_role": "The role on the page is too small",
        "The person helps on this page but does not manage it; only an admin of the page can connect it.",
        "Ask the page's admin to connect it, or to give this person full control.";
    InsufficientPermissions "insufficient_permissions": "Permissions are missing",
        "The person did not allow everything that is needed.",
        "Connect again and allow all that is asked.";
    AccountRestricted "account_restricted": "The platform has restricted this account",
        "The platform suspended or blocked the account.",
        "Clear it with the platform, then connect again.";
    AccountNotFound "account_not_found": "The platform does not have this account",
        "The account was deleted, or the person may no longer see it.",
        "Check the account at the platform.";
    NotSharedInConsent "not_shared_in_consent": "The account is no longer shared with us",
        "The person still allows access, but took this account out of it at the platform.",
        "Connect again, and leave the account ticked on the platform's page.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::ALL.iter().copied().find(|c| c.as_str() == word).ok_or_else(|| serde::de::Error::custom("unknown code"))
    }
}

/// One field that is not right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer into the request, `/capabilities/0`.
    pub pointer: String,
    /// A stable word.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
}

/// What a refusal tells beside its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum More {
    /// Nothing more.
    #[default]
    Nothing,
    /// Which fields are wrong.
    Fields(Vec<FieldError>),
    /// Which limit is in the way.
    Limit(Reached),
    /// Who was expected and who came.
    Mismatch {
        /// The handle or id that was expected.
        expected: String,
        /// The one that came.
        got: String,
    },
    /// A larger plan, or an account less, is what helps.
    Upgrade,
    /// A link's password is asked for; whoever holds the link is told what it is.
    Password {
        /// The link's title.
        title: String,
        /// Who asks.
        agency: String,
        /// How many tries are left, where one was wrong.
        tries_left: Option<u8>,
    },
    /// When to try again.
    Later(Timestamp),
    /// Where a person signs in again.
    Connect(String),
    /// Another workspace has it connected.
    Elsewhere {
        /// Which one, if the caller may know it.
        workspace: Option<WorkspaceId>,
    },
}

/// The caller asked for something that cannot be; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// This case, in the words of people.
    pub detail: String,
    /// What else to tell.
    pub more: More,
}

impl Refusal {
    /// A refusal with its own detail.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), more: More::Nothing }
    }

    /// A refusal that says no more than its code.
    pub fn plain(code: Code) -> Self {
        Self::new(code, code.cause())
    }

    /// Not now; from that moment on it may succeed.
    pub fn later(code: Code, at: Timestamp) -> Self {
        Self { more: More::Later(at), ..Self::plain(code) }
    }

    /// A link's password is missing or wrong.
    pub fn password(title: &str, agency: &str, tries_left: Option<u8>, detail: impl Into<String>) -> Self {
        let more = More::Password { title: title.to_owned(), agency: agency.to_owned(), tries_left };
        Self { more, ..Self::new(Code::LinkPasswordWrong, detail) }
    }

    /// A person must sign in again, there.
    pub fn connect(detail: impl Into<String>, url: String) -> Self {
        Self { more: More::Connect(url), ..Self::new(Code::ReauthorizationRequired, detail) }
    }

    /// There is no room in the plan.
    pub fn limit(reached: Reached) -> Self {
        let over = match reached.scope {
            crate::plan::Scope::Total => "in total",
            crate::plan::Scope::PerPlatform => "per platform",
        };
        let detail = format!(
            "The plan {} allows {} {over}; {} connected.",
            reached.plan,
            if reached.limit == 1 { "1 account".to_owned() } else { format!("{} accounts", reached.limit) },
            if reached.used == 1 { "1 is".to_owned() } else { format!("{} are", reached.used) },
        );
        Self { more: More::Limit(reached), ..Self::new(Code::PlanLimitReached, detail) }
    }

    /// The account is over the plan. Connecting it again does not help.
    pub fn suspended() -> Self {
        let cause = Cause::SuspendedByPlan;
        let detail = format!("{} {}", cause.detail(), cause.next_step());
        Self { more: More::Upgrade, ..Self::new(Code::AccountNotUsable, detail) }
    }

    /// One field is wrong.
    pub fn field(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.clone() };
        Self { more: More::Fields(vec![error]), ..Self::new(Code::ValidationFailed, detail) }
    }

    /// Another workspace of the organisation has these connected; it is named only to who may know it.
    pub fn elsewhere(names: &[&str], workspace: Option<WorkspaceId>) -> Self {
        let place = match &workspace {
            Some(workspace) => format!("the workspace {workspace}"),
            None => "another workspace of your organisation".to_owned(),
        };
        let detail = format!("Already connected in {place}: {}.", names.join(", "));
        Self { more: More::Elsewhere { workspace }, ..Self::new(Code::AlreadyConnectedElsewhere, detail) }
    }

    /// Another account came back.
    pub fn mismatch(expected: String, got: String) -> Self {
        let detail = format!("Expected {expected}, but {got} came back from the platform. Nothing was changed.");
        Self { more: More::Mismatch { expected, got }, ..Self::new(Code::AccountMismatch, detail) }
    }
}

/// Something on our side broke; the text is for the log, never for the caller.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The table failed.
    #[error("table: {0}")]
    Store(String),
    /// The vault failed.
    #[error("vault: {0}")]
    Vault(String),
    /// The event bus failed.
    #[error("bus: {0}")]
    Bus(String),
    /// A record says something that cannot be.
    #[error("inconsistent record: {0}")]
    Inconsistent(String),
}

/// Either of both.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller can do something about it.
    #[error("{}: {}", .0.code, .0.detail)]
    Refused(Refusal),
    /// We must.
    #[error(transparent)]
    Fault(Fault),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Refused(Refusal::plain(code))
    }
}
