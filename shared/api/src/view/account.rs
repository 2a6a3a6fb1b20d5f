//! Accounts and what is done to them.

use std::collections::BTreeMap;

use app::account::{Detail, Shown, Usage, reaches_figures};
use domain::{Account, Actor, ConnectedBy, Renewal, Timestamp, health::vocabulary::Vocabulary};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod action;

pub(super) use action::{AccountActionView, actions};

use super::{
    PersonView,
    figures::{self, LatestView},
    health::HealthView,
    permission::{self, CapabilityView},
    planned::{CountsView, RiskView},
    settings::{self, AclEntryView, ContactView, LocationView, SettingsView},
    sync::SyncView,
    tie::TieProposalView,
};

/// An account counts as unused after so long.
const UNUSED: SignedDuration = SignedDuration::from_hours(24 * 7);

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
    /// What to call it: the label, else the name.
    pub display_name: String,
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
    /// The account that it is tied to: an Instagram account's Threads account, and the other way round.
    pub linked_account_id: Option<String>,
    /// The account that it may be tied to, as it has the same handle there; only in the answer for one account.
    pub linked_account_proposal: Option<TieProposalView>,
    /// Whether it is the main account of its platform.
    pub is_main: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// The SaaS's id of a brand, a region, a client.
    pub group_id: Option<String>,
    /// Where it is; only in the answer for one account.
    pub location: Option<LocationView>,
    /// Whom to ask about it; only in the answer for one account, for those with `access.edit` and those on its list.
    pub contact: Option<ContactView>,
    /// To whom it is shown: `workspace`, `restricted` or `private`.
    pub visibility: String,
    /// The members whom a restricted or private account is for; told like `contact`.
    pub acl: Option<Vec<AclEntryView>>,
    /// When it was first connected.
    #[schema(value_type = String, format = DateTime)]
    pub connected_at: Timestamp,
    /// When it was last connected again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reconnected_at: Option<Timestamp>,
    /// When it was disconnected.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disconnected_at: Option<Timestamp>,
    /// Who disconnected it, and why; null while it is connected.
    pub disconnected: Option<DisconnectedView>,
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
    pub sync: Option<SyncView>,
    /// The latest of each figure that the platform tells; in lists the followers alone. Null for who may not read figures.
    pub metrics_latest: Option<BTreeMap<String, LatestView>>,
    /// How its tokens were used; in the answer for one account, and in lists that asked for it (`sort=usage`,
    /// `unused_since`).
    pub usage: Option<UsageView>,
    /// Its settings; only in the answer for one account.
    pub settings: Option<SettingsView>,
    /// `active` or `disconnected`.
    pub lifecycle: String,
    /// What the SaaS calls it.
    pub external_id: Option<String>,
    /// Its version, as the header `ETag` has it.
    pub etag: String,
    /// What the caller can do with it.
    pub actions: Vec<AccountActionView>,
}

/// Who did something to an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectedBy)]
pub struct ConnectedByView {
    /// `user`; `copy` where it was copied from another workspace; `mooring` where a person had their data deleted at the
    /// platform.
    #[serde(rename = "type")]
    pub kind: String,
    /// Their id at the SaaS.
    pub id: String,
    /// Their name, if the SaaS tells it.
    pub name: Option<String>,
}

/// How an account was disconnected.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Disconnected)]
pub struct DisconnectedView {
    /// Who did it.
    pub by: ConnectedByView,
    /// What they gave as the reason.
    pub reason: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Whether it was the main account of its platform; reconnecting does not give that back.
    pub was_main: bool,
}

/// The consent an account hangs on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountGrant)]
pub struct GrantView {
    /// `grt_…`
    pub id: String,
    /// Other accounts of this workspace on the same consent; only in the answer for one account.
    pub siblings: Option<Vec<String>>,
    /// Who consented, as the platform names them.
    pub authorized_by: PersonView,
    /// `independent`: its tokens serve this workspace alone. `shared_grant`: another workspace lives on them too.
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
    /// Since when it was not used, if that is more than seven days ago; counted from when it was connected if it never was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub unused_since: Option<Timestamp>,
    /// What a publisher plans with it; only in the answer for one account.
    pub planned: Option<CountsView>,
    /// What of that will fail unless a person acts; only in the answer for one account.
    pub risk: Option<RiskView>,
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

impl From<&ConnectedBy> for ConnectedByView {
    fn from(by: &ConnectedBy) -> Self {
        Self { kind: by.kind.clone(), id: by.id.clone(), name: by.name.clone() }
    }
}

fn renewal(renewal: Renewal) -> &'static str {
    match renewal {
        Renewal::Silent => "silent",
        Renewal::Extend => "extend",
        Renewal::None => "none",
    }
}

fn token_mode(shared: bool) -> &'static str {
    if shared { "shared_grant" } else { "independent" }
}

impl AccountView {
    /// An account for a caller.
    pub(crate) fn of(shown: &Shown, actor: &Actor, words: &Vocabulary) -> Self {
        let Shown { account, is_main, health, missing, capabilities } = shown;
        let (profile, settings) = (&account.profile, &account.settings);
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
            label: settings.label.clone(),
            display_name: account.display_name().to_owned(),
            picture_url: account.has_picture.then(|| format!("/v1/accounts/{}/picture", account.id)),
            profile_url: profile.profile_url.clone(),
            account_type: profile.account_type.clone(),
            tier: profile.tier.clone(),
            verified: profile.verified,
            platform_role: profile.role.clone(),
            region: None,
            linked_page_id: profile.linked_page_id.clone(),
            linked_page_name: profile.linked_page_name.clone(),
            linked_account_proposal: None,
            linked_account_id: account.linked.filter(|id| actor.sees(*id)).map(|id| id.to_string()),
            is_main: *is_main,
            tags: settings.tags.clone(),
            group_id: settings.group_id.clone(),
            location: None,
            contact: None,
            visibility: account.settings.visibility.as_str().to_owned(),
            acl: None,
            connected_at: account.connected_at,
            reconnected_at: account.reconnected_at,
            disconnected_at: account.disconnected_at,
            disconnected: account.departure.as_ref().map(|departure| DisconnectedView {
                by: (&departure.by).into(),
                reason: departure.reason.clone(),
                at: account.disconnected_at,
                was_main: departure.was_main,
            }),
            connected_by: (&account.connected_by).into(),
            grant: account.grant.map(|id| GrantView {
                id: id.to_string(),
                siblings: None,
                authorized_by: PersonView {
                    id: account.authorized_by.id.clone(),
                    name: Some(account.authorized_by.name.clone()),
                },
                token_mode: token_mode(account.grant_facts.shared).to_owned(),
                renewal: renewal(account.grant_facts.renewal).to_owned(),
                access_expires_at: None,
                reauth_due_at: account.grant_facts.reauth_due_at,
            }),
            token_status: health.token.status.as_str().to_owned(),
            health: HealthView::of(health, missing, &actions, words),
            capabilities: permission::capabilities(capabilities),
            sync: health.is_fetched.then(|| SyncView::brief(account)),
            metrics_latest: reaches_figures(account, actor).then(|| figures::brief(account)).flatten(),
            usage: None,
            settings: None,
            lifecycle: account.lifecycle.as_str().to_owned(),
            external_id: account.external_id.clone(),
            etag: format!("\"{}\"", account.version),
            actions,
        }
    }

    /// One account with what only its own answer tells.
    pub(crate) fn detail(detail: &Detail, actor: &Actor, words: &Vocabulary, now: Timestamp) -> Self {
        let Detail { shown, grant, siblings, tie_proposal, usage, planned, risk, preferences, sync, latest, .. } =
            detail;
        let mut view = Self::of(shown, actor, words);
        let settings = &shown.account.settings;
        view.settings = Some(SettingsView::of(settings, preferences));
        view.location = preferences.location.as_ref().map(LocationView::from);
        if settings::knows_members(actor, settings) {
            view.contact = preferences.contact.as_ref().map(ContactView::from);
            view.acl = Some(settings::members(settings));
        }
        view.usage = Some(UsageView {
            planned: Some(planned.counts(now).into()),
            risk: Some((*risk).into()),
            ..UsageView::of(&shown.account, *usage, now)
        });
        view.metrics_latest = latest.as_ref().map(figures::latest);
        view.sync = sync.as_ref().map(SyncView::from);
        view.linked_account_proposal = tie_proposal.as_ref().map(TieProposalView::from);
        if let (Some(view), Some(grant)) = (&mut view.grant, grant) {
            view.siblings = Some(siblings.iter().map(ToString::to_string).collect());
            token_mode(grant.is_shared()).clone_into(&mut view.token_mode);
            view.access_expires_at = grant.expiry.access;
        }
        view
    }
}

impl UsageView {
    /// How an account's tokens were used, without what is planned with it.
    pub(super) fn of(account: &Account, Usage { last_used_at, leases_7d }: Usage, now: Timestamp) -> Self {
        let since = last_used_at.unwrap_or(account.connected_at);
        let unused_since = (now.duration_since(since) > UNUSED).then_some(since);
        Self { last_used_at, leases_7d, unused_since, planned: None, risk: None }
    }
}
