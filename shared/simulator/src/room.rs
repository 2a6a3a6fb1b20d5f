//! What a platform is to the rest of the simulator.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::notice::Tamper;

/// What a call is for; faults are aimed at these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Route {
    Authorize,
    Token,
    Revoke,
    Profile,
    Children,
    Permissions,
    Metrics,
    Probe,
    Register,
}

/// Something that happens to an account on its platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) platform: String,
    #[serde(default)]
    pub(crate) account: String,
    pub(crate) kind: EventKind,
    pub(crate) to: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) version: Option<String>,
    /// What is to be wrong with the notice of it.
    pub(crate) tamper: Option<Tamper>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventKind {
    Revoke,
    PasswordChange,
    Delete,
    Suspend,
    Rename,
    NewAvatar,
    TypeChange,
    /// What the account has subscribed to is another.
    TierChange,
    /// The account is found to be who it says, or no longer.
    Verify,
    Unverify,
    LoseRole,
    UnlinkInstagram,
    UntickPage,
    WithdrawScope,
    DataAccessExpiry,
    VersionSunset,
    /// The person is found to be too young.
    AgeChange,
    /// The person wants apps to delete what they know of them.
    DataDeletion,
    /// What the app may still call, or has paid for, is used up.
    QuotaEmpty,
}

/// Why an event could not happen.
pub(crate) enum EventError {
    /// Nobody has this account.
    Unknown,
    /// This platform, or this sort of account, knows no such event.
    NotApplicable,
    /// The event lacks something.
    Incomplete(&'static str),
}

/// One platform.
pub(crate) trait Room: Send {
    /// Its id in `/_sim/*`.
    fn platform(&self) -> &'static str;

    /// The hosts it answers for, aliases included.
    fn hosts(&self) -> &'static [&'static str];

    /// Fault kinds that only it knows; a name that ends in `:` takes an argument.
    fn own_faults(&self) -> &'static [&'static str];

    /// The names that its own fault `error:` knows.
    fn errors(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// What the call is for; `None` if the host has no such path.
    fn find(&self, call: &Call) -> Option<Route>;

    /// Answers as the platform does, unknown paths too.
    fn handle(&mut self, world: &mut World, call: &Call) -> Answer;

    /// Says in the platform's dialect that there were too many calls.
    fn rate_limited(&mut self, world: &mut World, call: &Call) -> Answer;

    /// Fails with this status in the platform's dialect.
    fn failing(&mut self, world: &mut World, call: &Call, status: u16) -> Answer;

    /// Lets something happen to an account.
    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError>;

    /// How notices to this app call an account, which is named by its person or as in events.
    fn subject(&self, _world: &World, _app: &str, _account: &str) -> Option<String> {
        None
    }

    /// A JWT of these claims by the platform's key, if its notices are signed so.
    fn sign(&self, _claims: &Value) -> Option<String> {
        None
    }
}
