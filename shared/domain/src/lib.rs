//! What a connected account is, and what may happen to it.
//!
//! Pure: time and random bytes come in as values, nothing here reads a clock, a file or a socket.

#[macro_use]
mod grammar;

pub mod account;
pub mod actor;
pub mod ambient;
pub mod api_key;
pub mod audit;
pub mod budget;
pub mod capability;
pub mod color;
pub mod connect;
pub mod device;
pub mod digest;
pub mod easyconnect;
pub mod error;
pub mod event;
pub mod find;
pub mod forecast;
pub mod gap;
pub mod grant;
pub mod health;
pub mod id;
pub mod identity;
pub mod incident;
pub mod language;
pub mod metric;
pub mod name;
pub mod notice;
pub mod picture;
pub mod plan;
pub mod planned;
pub mod recommendation;
pub mod renewal;
pub mod report;
pub mod return_url;
pub mod run;
pub mod schedule;
pub mod secret;
pub mod series;
pub mod sync;
pub mod text;
pub mod workspace;

pub use account::{Account, AccountFacts, ConnectedBy, Lifecycle};
pub use actor::{Actor, Allowed, Permission, Role};
pub use ambient::{Clock, Entropy};
pub use api_key::ApiKey;
pub use capability::{Access, Capability};
pub use color::Color;
pub use connect::{Candidate, ConnectSession};
pub use device::Device;
pub use digest::Digest;
pub use easyconnect::EasyConnectLink;
pub use error::{Code, Error, Fault, Refusal};
pub use event::Event;
pub use gap::Gap;
pub use grant::{DeadReason, Envelope, Grant, GrantFacts, Person, SealedFor, TokenSet};
pub use id::{
    AccountId, ApiKeyId, AuditId, CandidateId, ConnectSessionId, DeviceId, EpisodeId, EventId, GrantId, LinkId,
    LockdownId, OrgId, RunId, WorkspaceId,
};
pub use jiff::{Timestamp, civil::Date};
pub use language::Language;
pub use metric::{Audience, Counts, Facet, Measured, Metric, Snapshot, Tells};
pub use name::{MethodId, PlatformId};
pub use plan::{Limit, Plan, PlanCatalogue};
pub use planned::Planned;
pub use renewal::Renewal;
pub use run::Run;
pub use schedule::QueueSchedule;
pub use secret::Secret;
pub use series::{Days, Granularity, Key, Ledger, Percent};
pub use sync::{Fetched, Sync};
pub use workspace::Workspace;
