//! Accounts and what is done to them.

use std::collections::BTreeMap;

use app::{
    account::{Detail, Page, Shown, Summary},
    disconnect::{Action, Receipt},
    revoke::Revoked,
};
use domain::{Actor, Lifecycle, Permission, Renewal, Timestamp, health::vocabulary::Vocabulary};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    PageInfo, PersonView,
    health::HealthView,
    permission::{self, CapabilityView},
};

/// A connected account. A field whose capability does not exist yet is null.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// `acc_…`
    pub id: String,
    /// The workspace.
    pub workspace_id: String,
    /// The platform's id.
    pub platform: String,
    /// The method's id.
    pub method: String,
    /// `page`, `profile`, `account` …
    pub kind: String,
    /// The platform's stable id of the account.
    pub platform_account_id: String,
    /// Handle without `@`.
    pub handle: Option<String>,
    /// What the platform calls it.
    pub name: String,
    /// What the workspace calls it.
    pub label: Option<String>,
    /// Path of its picture, made here; a platform's own address would end after days.
    pub picture_url: Option<String>,
    /// https address of its public page.
    pub profile_url: Option<String>,
    /// The platform's own word for its type.
    pub account_type: Option<String>,
    /// The platform's tier.
    pub tier: Option<String>,
    /// Whether the platform has verified it.
    pub verified: Option<bool>,
    /// `admin`, `editor`, `moderator`, `analyst`, where the platform has roles.
    pub platform_role: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// The platform's id of the page that it is linked to (Instagram through Facebook).
    pub linked_page_id: Option<String>,
    /// What that page is called.
    pub linked_page_name: Option<String>,
    /// The account that it is tied to.
    pub linked_account_id: Option<String>,
    /// Whether it is the main account of its platform.
    pub is_main: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Group.
    pub group_id: Option<String>,
    /// Location.
    pub location: Option<serde_json::Value>,
    /// When it was first connected.
    #[schema(value_type = String, format = DateTime)]
    pub connected_at: Timestamp,
    /// When it was last connected again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reconnected_at: Option<Timestamp>,
    /// When it was disconnected.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disconnected_at: Option<Timestamp>,
    /// Who connected it.
    pub connected_by: ConnectedByView,
    /// The consent it hangs on; null once disconnected.
    pub grant: Option<GrantView>,
    /// How its token stands: `valid`, `expiring`, `expired`.
    pub token_status: String,
    /// How it is.
    pub health: HealthView,
    /// What it can be used for: `publish`, `analytics`, `messages`, `audience`.
    pub capabilities: BTreeMap<String, CapabilityView>,
    /// Sync.
    pub sync: Option<serde_json::Value>,
    /// Latest metrics.
    pub metrics_latest: Option<serde_json::Value>,
    /// How its tokens were used; only in the answer for one account.
    pub usage: Option<UsageView>,
    /// Settings.
    pub settings: Option<serde_json::Value>,
    /// `active` or `disconnected`.
    pub lifecycle: String,
    /// What the SaaS calls it.
    pub external_id: Option<String>,
    /// Its version, as the header `ETag` has it.
    pub etag: String,
    /// What the caller can do with it.
    pub actions: Vec<AccountActionView>,
}

/// Who connected an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectedBy)]
pub struct ConnectedByView {
    /// `user`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Their id at the SaaS.
    pub id: String,
    /// Their name, if the SaaS tells it.
    pub name: Option<String>,
}

/// The consent an account hangs on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountGrant)]
pub struct GrantView {
    /// `grt_…`
    pub id: String,
    /// Other accounts on the same consent; only in the answer for one account.
    pub siblings: Option<Vec<String>>,
    /// Who consented, as the platform names them.
    pub authorized_by: PersonView,
    /// `independent`: its tokens serve this workspace alone.
    pub token_mode: String,
    /// `silent`, `extend` or `none`.
    pub renewal: String,
    /// When the access token ends; only in the answer for one account.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub access_expires_at: Option<Timestamp>,
    /// When a person must act, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reauth_due_at: Option<Timestamp>,
}

/// How an account's tokens were used.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountUsage)]
pub struct UsageView {
    /// When one was last leased.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// How often in the last seven days.
    pub leases_7d: u32,
}

/// Something that a caller can do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountAction)]
pub struct AccountActionView {
    /// `main`, `refresh`, `reconnect`, `disconnect`, `remove`.
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

/// One page of accounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountPage)]
pub struct AccountPageView {
    /// Oldest first.
    pub data: Vec<AccountView>,
    /// Where the next page begins.
    pub page: PageInfo,
}

/// Counts of a workspace's accounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountSummary)]
pub struct SummaryView {
    /// All that are kept, connected or not.
    pub total: u32,
    /// `active`, `disconnected`.
    pub by_lifecycle: BTreeMap<String, u32>,
    /// Connected ones by platform.
    pub by_platform: BTreeMap<String, u32>,
    /// By health state, connected or not.
    pub by_state: BTreeMap<String, u32>,
}

/// The main account of each platform that has one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MainAccounts)]
pub struct MainsView {
    /// Platform → account id.
    pub data: BTreeMap<String, String>,
}

/// A main account that was chosen.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MainChosen)]
pub struct MainView {
    /// The account.
    pub id: String,
    /// True.
    pub is_main: bool,
    /// The one that was main before, if it was another.
    pub demoted: Option<String>,
}

/// What disconnecting or removing did; it claims no more than happened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptView {
    /// The account.
    pub id: String,
    /// `disconnected` or `removed`.
    pub lifecycle: String,
    /// The access at the platform.
    pub revocation: RevocationView,
    /// What the publisher is told to do.
    pub effects: Vec<String>,
    /// What is kept.
    pub kept: Vec<String>,
    /// What is erased.
    pub erased: Vec<String>,
    /// The run that purges the rest; null where nothing is left to purge.
    pub purge_id: Option<String>,
    /// What to do next, if anything is left.
    pub next: Option<NextView>,
}

/// The access at the platform.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Revocation)]
pub struct RevocationView {
    /// `pending`, `revoked`, `unsupported`, `failed`, `skipped_shared_grant`; null where nothing was left to revoke.
    pub status: Option<String>,
    /// Where a person can end it by hand.
    pub manual_url: Option<String>,
    /// How they do it.
    pub steps: Vec<String>,
}

/// What is left to do for a person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Next)]
pub struct NextView {
    /// `instructions`.
    pub kind: String,
    /// Where.
    pub url: String,
}

/// The word of a revocation's state.
pub(crate) fn revoked(status: Revoked) -> &'static str {
    match status {
        Revoked::Pending => "pending",
        Revoked::Revoked => "revoked",
        Revoked::Unsupported => "unsupported",
        Revoked::Failed => "failed",
        Revoked::SkippedSharedGrant => "skipped_shared_grant",
    }
}

fn renewal(renewal: Renewal) -> &'static str {
    match renewal {
        Renewal::Silent => "silent",
        Renewal::Extend => "extend",
        Renewal::None => "none",
    }
}

impl AccountView {
    /// An account for a caller.
    pub(crate) fn of(shown: &Shown, actor: &Actor, words: &Vocabulary) -> Self {
        let Shown { account, is_main, health, missing, capabilities } = shown;
        let profile = &account.profile;
        let actions = actions(account, *is_main, actor);
        Self {
            id: account.id.to_string(),
            workspace_id: account.workspace.to_string(),
            platform: account.platform.to_string(),
            method: account.method.to_string(),
            kind: profile.kind.clone(),
            platform_account_id: profile.platform_account_id.clone(),
            handle: profile.handle.clone(),
            name: profile.name.clone(),
            label: None,
            picture_url: account.has_picture.then(|| format!("/v1/accounts/{}/picture", account.id)),
            profile_url: profile.profile_url.clone(),
            account_type: profile.account_type.clone(),
            tier: None,
            verified: profile.verified,
            platform_role: profile.role.clone(),
            region: None,
            linked_page_id: profile.linked_page_id.clone(),
            linked_page_name: profile.linked_page_name.clone(),
            linked_account_id: None,
            is_main: *is_main,
            tags: Vec::new(),
            group_id: None,
            location: None,
            connected_at: account.connected_at,
            reconnected_at: account.reconnected_at,
            disconnected_at: account.disconnected_at,
            connected_by: ConnectedByView {
                kind: account.connected_by.kind.clone(),
                id: account.connected_by.id.clone(),
                name: account.connected_by.name.clone(),
            },
            grant: account.grant.map(|id| GrantView {
                id: id.to_string(),
                siblings: None,
                authorized_by: PersonView {
                    id: account.authorized_by.id.clone(),
                    name: Some(account.authorized_by.name.clone()),
                },
                token_mode: "independent".to_owned(),
                renewal: renewal(account.grant_facts.renewal).to_owned(),
                access_expires_at: None,
                reauth_due_at: account.grant_facts.reauth_due_at,
            }),
            token_status: health.token.status.as_str().to_owned(),
            health: HealthView::of(health, missing, &actions, words),
            capabilities: permission::capabilities(capabilities),
            sync: None,
            metrics_latest: None,
            usage: None,
            settings: None,
            lifecycle: account.lifecycle.as_str().to_owned(),
            external_id: account.external_id.clone(),
            etag: format!("\"{}\"", account.version),
            actions,
        }
    }

    /// One account with what only its own answer tells.
    pub(crate) fn detail(Detail { shown, grant, usage }: &Detail, actor: &Actor, words: &Vocabulary) -> Self {
        let mut view = Self::of(shown, actor, words);
        view.usage = Some(UsageView { last_used_at: usage.last_used_at, leases_7d: usage.leases_7d });
        if let (Some(view), Some(grant)) = (&mut view.grant, grant) {
            // Which of the others an AI may not see is not known here.
            let others = grant.accounts.iter().filter(|id| **id != shown.account.id && !actor.is_ai());
            view.siblings = Some(others.filter(|id| actor.sees(**id)).map(ToString::to_string).collect());
            view.access_expires_at = grant.expiry.access;
        }
        view
    }
}

/// What a caller can do with an account.
pub(super) fn actions(account: &domain::Account, is_main: bool, actor: &Actor) -> Vec<AccountActionView> {
    let path = format!("/v1/accounts/{}", account.id);
    let active = account.lifecycle == Lifecycle::Active;
    let sessions = format!("/v1/workspaces/{}/connect-sessions", account.workspace);
    let action = |id: &str, method: &str, href: String, permission: Permission, state: Option<&str>, confirm: bool| {
        let denied = (!actor.may(permission))
            .then(|| format!("Your role {} does not include {}.", actor.role.as_str(), permission.as_str()));
        let disabled_reason = denied.or_else(|| state.map(str::to_owned));
        let enabled = disabled_reason.is_none();
        AccountActionView { id: id.to_owned(), method: method.to_owned(), href, enabled, disabled_reason, confirm }
    };
    let main_state = match (active, is_main) {
        (false, _) => Some("The account is disconnected."),
        (true, true) => Some("It is the main account already."),
        (true, false) => None,
    };
    let disconnect_state = (!active).then_some("The account is disconnected already.");
    vec![
        action("main", "PUT", format!("{path}/main"), Permission::AccountsMain, main_state, false),
        action(
            "refresh",
            "POST",
            format!("{path}/refresh"),
            Permission::AccountsRefresh,
            (!active).then_some("The account is disconnected."),
            false,
        ),
        action("reconnect", "POST", sessions, Permission::AccountsConnect, None, false),
        action(
            "disconnect",
            "POST",
            format!("{path}/disconnect"),
            Permission::AccountsDisconnect,
            disconnect_state,
            true,
        ),
        action("remove", "DELETE", path, Permission::AccountsRemove, None, true),
    ]
}

impl AccountPageView {
    /// One page, with the sealed cursor of the next.
    pub(crate) fn of(page: &Page, next_cursor: Option<String>, actor: &Actor, words: &Vocabulary) -> Self {
        Self {
            data: page.accounts.iter().map(|shown| AccountView::of(shown, actor, words)).collect(),
            page: PageInfo { has_more: next_cursor.is_some(), next_cursor },
        }
    }
}

impl From<Summary> for SummaryView {
    fn from(summary: Summary) -> Self {
        let by_lifecycle = summary.by_lifecycle.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let by_platform = summary.by_platform.into_iter().map(|(k, v)| (k.to_string(), v)).collect();
        let by_state = summary.by_state.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        Self { total: summary.total, by_lifecycle, by_platform, by_state }
    }
}

impl From<&Receipt> for ReceiptView {
    fn from(receipt: &Receipt) -> Self {
        let manual_url = receipt.revocation.manual_url.clone();
        Self {
            id: receipt.account.to_string(),
            lifecycle: match receipt.action {
                Action::Disconnect => "disconnected",
                Action::Remove => "removed",
            }
            .to_owned(),
            next: manual_url.clone().map(|url| NextView { kind: "instructions".to_owned(), url }),
            revocation: RevocationView {
                status: receipt.revocation.status.map(|s| revoked(s).to_owned()),
                manual_url,
                steps: receipt.revocation.steps.clone(),
            },
            effects: receipt.effects.clone(),
            kept: receipt.kept.clone(),
            erased: receipt.erased.clone(),
            purge_id: None,
        }
    }
}
