//! The access report.

use std::collections::BTreeMap;

use app::access_report::{Member, Report, Uses, unused_since};
use domain::{Account, ApiKey, Timestamp, api_key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PageInfo, PersonView};

/// Who may do what with which account, and who did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccessReport)]
pub struct AccessReportView {
    /// Since when it was looked who used what.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Whether all that was written down since then was looked at; else the newest of it.
    pub complete: bool,
    /// The accounts of this page, connected or not.
    pub accounts: Vec<AccountAccessView>,
    /// Whoever appears in this page, made a key, or did something since then. Who else may come in is for the SaaS to say.
    pub members: Vec<MemberAccessView>,
    /// The workspace's API keys, the oldest 200 at most.
    pub api_keys: Vec<KeyAccessView>,
    /// Whether there are more of them.
    pub more_api_keys: bool,
    /// Where the next page of accounts begins.
    pub page: PageInfo,
}

/// Who has to do with an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountAccess)]
pub struct AccountAccessView {
    /// `acc_…`
    pub account_id: String,
    /// The platform.
    pub platform: String,
    /// What people call it.
    pub name: String,
    /// Its handle there.
    pub handle: Option<String>,
    /// `active` or `disconnected`.
    pub lifecycle: String,
    /// `workspace`: everybody does what their role allows. `restricted`: everybody sees it, and administrators and those
    /// below do something with it. `private`: only these see it.
    pub visibility: String,
    /// Members with rights of their own.
    pub acl: Vec<MemberRightsView>,
    /// Whether readers that are an AI may see it.
    pub shared_with_ai: bool,
    /// Who allowed it at the platform, as the platform calls them.
    pub authorized_by: PersonView,
    /// Who connected it.
    pub connected_by: PersonView,
    /// Who got its access token since then, the last one first.
    pub used_by: Vec<AccountUseView>,
}

/// What a member may do with an account, if their role allows it too.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MemberRights)]
pub struct MemberRightsView {
    /// Their id at the SaaS.
    pub user: String,
    /// `publish`, `analytics`, `settings`, `manage`.
    pub rights: Vec<String>,
}

/// How somebody used an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountUse)]
pub struct AccountUseView {
    /// A person's id at the SaaS, or `key_…` of a program that named nobody.
    pub id: String,
    /// How often they got its token.
    pub times: u32,
    /// The last time.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
}

/// Somebody who was seen here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MemberAccess)]
pub struct MemberAccessView {
    /// Their id at the SaaS.
    pub id: String,
    /// Their name, where it was told.
    pub name: Option<String>,
    /// When they were last seen to do something; null for who only has rights.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
}

/// What a program may do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = KeyAccess)]
pub struct KeyAccessView {
    /// `key_…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<String>,
    /// The permissions that it has by that.
    pub permissions: Vec<String>,
    /// Where it is good.
    pub workspaces: Vec<String>,
    /// Who made it.
    pub created_by: PersonView,
    /// When it was last used.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// Since when it was not used, if that is 30 days or more: it may be time to end it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub unused_since: Option<Timestamp>,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When somebody ended it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl AccessReportView {
    pub(crate) fn of(report: Report, next_cursor: Option<String>, now: Timestamp) -> Self {
        let member = |(id, Member { name, last_seen_at })| MemberAccessView { id, name, last_seen_at };
        Self {
            since: report.since,
            complete: !report.more_records,
            accounts: report.accounts.into_iter().map(|(account, uses)| AccountAccessView::of(account, uses)).collect(),
            members: report.members.into_iter().map(member).collect(),
            api_keys: report.keys.into_iter().map(|key| KeyAccessView::of(key, now)).collect(),
            more_api_keys: report.more_keys,
            page: PageInfo { has_more: next_cursor.is_some(), next_cursor },
        }
    }
}

impl AccountAccessView {
    fn of(account: Account, uses: BTreeMap<String, Uses>) -> Self {
        let mut used_by: Vec<AccountUseView> =
            uses.into_iter().map(|(id, Uses { times, last_at })| AccountUseView { id, times, last_at }).collect();
        used_by.sort_by_key(|used| std::cmp::Reverse(used.last_at));
        let settings = &account.settings;
        let rights = |entry: &domain::account::AclEntry| MemberRightsView {
            user: entry.user.clone(),
            rights: entry.rights.iter().map(|right| right.as_str().to_owned()).collect(),
        };
        Self {
            account_id: account.id.to_string(),
            platform: account.platform.to_string(),
            name: account.display_name().to_owned(),
            lifecycle: account.lifecycle.as_str().to_owned(),
            visibility: settings.visibility.as_str().to_owned(),
            acl: settings.acl.iter().map(rights).collect(),
            shared_with_ai: !settings.hidden_from_ai,
            handle: account.profile.handle,
            authorized_by: PersonView { id: account.authorized_by.id, name: Some(account.authorized_by.name) },
            connected_by: PersonView { id: account.connected_by.id, name: account.connected_by.name },
            used_by,
        }
    }
}

impl KeyAccessView {
    fn of(key: ApiKey, now: Timestamp) -> Self {
        Self {
            id: key.id.to_string(),
            unused_since: unused_since(&key, now),
            scopes: key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            permissions: api_key::permissions(&key.scopes).into_iter().map(str::to_owned).collect(),
            workspaces: key.workspaces.iter().map(ToString::to_string).collect(),
            created_by: PersonView { id: key.created_by, name: key.created_by_name },
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            name: key.name,
        }
    }
}
