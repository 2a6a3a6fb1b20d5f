//! The product: one module per use case, one `async fn` per verb, over one [`Services`] bundle.

pub mod access_report;
pub mod account;
pub mod api_key;
pub mod audit;
pub mod budget;
pub mod bulk;
pub mod connect;
pub mod copy;
pub mod deliver;
pub mod device;
pub mod disconnect;
pub mod easyconnect;
pub mod edge;
pub mod episode;
pub mod event;
pub mod figures;
pub mod find;
pub mod guard;
pub mod health;
pub mod housekeeping;
pub mod idempotency;
pub mod impact;
pub mod lease;
pub mod notice;
pub mod permission;
pub mod picture;
pub mod plan;
pub mod planned;
pub mod platform;
pub mod reconnect;
pub mod refresh;
pub mod release;
pub mod renew;
pub mod report;
pub mod reseal;
pub mod revoke;
pub mod run;
pub mod schedule;
pub mod settings;
pub mod signal;
pub mod sweep;
pub mod sync;
pub mod tie;
pub mod vocabulary;
pub mod workspace;

mod tell;

use std::sync::Arc;

use domain::{
    Clock, Digest, Entropy, Event, EventId, Fault, Grant, PlanCatalogue, Timestamp, TokenSet, WorkspaceId,
    budget::Spend, return_url::ReturnUrls,
};
use events::EventBus;
use platforms::Platforms;
use store::Store;
use url::Url;
use vault::TokenVault;

pub use edge::EdgeKeys;
pub use guard::Guard;
pub use idempotency::Once;
pub use store::{AttemptLimits, IdempotencyKey};

/// All that the use cases need from outside.
#[derive(Clone)]
pub struct Services {
    /// The table.
    pub store: Store,
    /// Where tokens are sealed.
    pub vault: Arc<dyn TokenVault>,
    /// Where events go.
    pub events: Arc<dyn EventBus>,
    /// The methods and their clients.
    pub platforms: Arc<Platforms>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Keys of cursors, forms and verifiers; not the vault's.
    pub edge: Arc<EdgeKeys>,
    /// What this process knows of the platforms' troubles.
    pub guard: Arc<Guard>,
    /// Who of this process is at which grant.
    pub flights: Arc<renew::Flights>,
    /// The plans.
    pub plans: Arc<PlanCatalogue>,
    /// Our own address, fixed by configuration, never taken from a request.
    pub public_url: Url,
    /// Where a browser may be sent back to.
    pub return_urls: Arc<ReturnUrls>,
    /// How many attempts to connect somebody may make.
    pub attempts: AttemptLimits,
    /// What fetching may cost at each platform in a day.
    pub spend: Arc<Spend>,
    /// The digest of the key by which the operator calls, if there is one.
    pub operator: Option<Digest>,
}

impl Services {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An address of ours; `path` begins without a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// The tokens of a grant; nothing if they do not open.
    async fn tokens(&self, grant: &Grant) -> Result<Option<TokenSet>, Fault> {
        match self.vault.unseal(&grant.sealed_for(), &grant.envelope).await {
            Ok(tokens) => Ok(Some(tokens)),
            Err(Fault::Vault(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn event(&self, now: Timestamp, workspace: &WorkspaceId, kind: &str, data: serde_json::Value) -> Event {
        Event {
            id: EventId::new(now, self.entropy.bytes()),
            kind: kind.to_owned(),
            version: 1,
            occurred_at: now,
            workspace_id: Some(workspace.clone()),
            episode_id: None,
            account_id: None,
            private: false,
            sequence: 0,
            data,
        }
    }

    /// An event about an account, in its sequence.
    fn account_event(
        &self,
        now: Timestamp,
        account: &mut domain::Account,
        kind: &str,
        mut data: serde_json::Value,
    ) -> Event {
        account.sequence += 1;
        if let Some(data) = data.as_object_mut() {
            data.insert("platform".to_owned(), account.platform.as_str().into());
            data.insert("platform_account_id".to_owned(), account.profile.platform_account_id.as_str().into());
        }
        let event = self.event(now, &account.workspace, kind, data);
        let private = account.settings.visibility == domain::account::Visibility::Private;
        Event { account_id: Some(account.id), private, sequence: account.sequence, ..event }
    }
}
