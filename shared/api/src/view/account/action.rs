//! What a caller can do with an account: one table of its verbs.

use domain::{
    Account, Actor, Lifecycle,
    Permission::{
        self, AccountsConfigure, AccountsConnect, AccountsDisconnect, AccountsMain, AccountsRefresh, AccountsRemove,
        AccountsSignal, CredentialsLease, DevicesEdit, LinksManage, ScheduleEdit,
    },
    account::{Reach, tied_platform},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that a caller can do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountAction)]
pub struct AccountActionView {
    /// `configure`, `main`, `refresh`, `reconnect`, `reconnect_link`, `schedule`, `lease`, `signal`, `device`, `link`, `disconnect`,
    /// `remove`.
    pub id: String,
    /// HTTP method.
    pub method: String,
    /// Path.
    pub href: String,
    /// Whether it can be done now.
    pub enabled: bool,
    /// Why not.
    pub disabled_reason: Option<String>,
    /// Whether a person should be asked first.
    pub confirm: bool,
}

/// One verb: its id, its method, its path behind the account's, the permission that it takes, whether a person should be
/// asked first, and what stands in its way though the caller may.
type Verb = (&'static str, &'static str, &'static str, Permission, bool, fn(&Account, bool) -> Option<&'static str>);

const VERBS: [Verb; 12] = [
    ("configure", "PATCH", "", AccountsConfigure, false, nothing),
    ("main", "PUT", "/main", AccountsMain, false, is_main_already),
    ("refresh", "POST", "/refresh", AccountsRefresh, false, is_disconnected),
    ("reconnect", "POST", "/reconnect", AccountsConnect, false, nothing),
    ("reconnect_link", "POST", "/reconnect-link", LinksManage, false, nothing),
    ("schedule", "PUT", "/queue-schedule", ScheduleEdit, false, is_disconnected),
    ("lease", "POST", "/credential-leases", CredentialsLease, false, is_disconnected),
    ("signal", "POST", "/signals", AccountsSignal, false, is_disconnected),
    ("device", "POST", "/devices", DevicesEdit, false, has_no_devices),
    ("link", "PUT", "/linked-account", AccountsConfigure, false, is_tied_to_nothing),
    ("disconnect", "POST", "/disconnect", AccountsDisconnect, true, is_disconnected_already),
    ("remove", "DELETE", "", AccountsRemove, true, nothing),
];

fn nothing(_: &Account, _: bool) -> Option<&'static str> {
    None
}

fn is_disconnected(account: &Account, _: bool) -> Option<&'static str> {
    (account.lifecycle == Lifecycle::Disconnected).then_some("The account is disconnected.")
}

fn is_disconnected_already(account: &Account, _: bool) -> Option<&'static str> {
    (account.lifecycle == Lifecycle::Disconnected).then_some("The account is disconnected already.")
}

fn is_main_already(account: &Account, is_main: bool) -> Option<&'static str> {
    is_disconnected(account, is_main).or_else(|| is_main.then_some("It is the main account already."))
}

fn has_no_devices(account: &Account, is_main: bool) -> Option<&'static str> {
    let has_devices = app::device::has_devices(account);
    (!has_devices).then_some("Only Instagram accounts have devices.").or_else(|| is_disconnected(account, is_main))
}

fn is_tied_to_nothing(account: &Account, _: bool) -> Option<&'static str> {
    tied_platform(&account.platform).is_none().then_some("Only Instagram and Threads accounts are tied to each other.")
}

/// What a caller can do with an account.
pub(in crate::view) fn actions(account: &Account, is_main: bool, actor: &Actor) -> Vec<AccountActionView> {
    VERBS
        .iter()
        .map(|(id, method, path, permission, confirm, in_the_way)| {
            let disabled_reason =
                not_allowed(account, actor, *permission).or_else(|| in_the_way(account, is_main).map(str::to_owned));
            AccountActionView {
                id: (*id).to_owned(),
                method: (*method).to_owned(),
                href: format!("/v1/accounts/{}{path}", account.id),
                enabled: disabled_reason.is_none(),
                disabled_reason,
                confirm: *confirm,
            }
        })
        .collect()
}

/// Why the caller's role, or the account's list, does not let them.
fn not_allowed(account: &Account, actor: &Actor, permission: Permission) -> Option<String> {
    if !actor.may(permission) {
        return Some(format!("Your role {} does not include {}.", actor.role.as_str(), permission.as_str()));
    }
    (account.reach(actor, permission) != Reach::Open).then(|| {
        format!("The account is for some members only, and your rights do not include {}.", permission.as_str())
    })
}
