//! The registries, so that a frontend holds no table of its own.

use std::collections::BTreeMap;

use domain::{
    Code, Permission, PlanCatalogue, Role,
    api_key::Scope,
    health::{
        Cause, Rule,
        vocabulary::{self, COLORS, Choice, ICONS, Vocabulary},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{health::WordView, settings::interval};
use crate::problem::status;

/// Every stable code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Errors {
    /// In the registry's order.
    pub data: Vec<ErrorInfo>,
}

/// One stable code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorInfo {
    /// The word.
    pub code: String,
    /// The HTTP status; null for codes that only sessions and candidates bear.
    pub status: Option<u16>,
    /// In the words of people.
    pub title: String,
    /// Why it happens.
    pub cause: String,
    /// What to do next.
    pub next_step: String,
    /// A page about it.
    pub url: String,
}

/// Every plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Plans {
    /// Which catalogue applies.
    pub catalogue: String,
    /// Smallest first.
    pub data: Vec<PlanInfo>,
}

/// One plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlanInfo {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Over all platforms; null is no limit.
    pub max_total: Option<u32>,
    /// On each platform; null is no limit.
    pub max_per_platform: Option<u32>,
    /// The shortest interval at which an account's data may be fetched again, an ISO 8601 duration.
    pub sync_floor: String,
    /// What it lets one do beside connecting accounts: `branding`, `own_oauth_apps`.
    pub entitlements: Vec<String>,
}

/// The policy table.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Permissions {
    /// The roles, least first.
    pub roles: Vec<String>,
    /// The permissions.
    pub data: Vec<PermissionInfo>,
    /// What API keys can be for.
    pub scopes: Vec<ScopeInfo>,
}

/// What an API key can be for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ApiKeyScope)]
pub struct ScopeInfo {
    /// The word.
    pub scope: String,
    /// What it lets a program do.
    pub what: String,
    /// The permissions that it gives; none while there is nothing here that it is for.
    pub permissions: Vec<String>,
}

/// One permission.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PermissionInfo {
    /// The word.
    pub permission: String,
    /// What it lets one do.
    pub what: String,
    /// The roles that have it.
    pub roles: Vec<String>,
}

/// How health is told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Vocabularies {
    /// The one that applies where none is asked for.
    pub default: String,
    /// The vocabularies.
    pub data: Vec<VocabularyInfo>,
    /// The rules, in their order: the first that holds decides.
    pub rules: Vec<RuleInfo>,
    /// What they can find beside codes of `/v1/meta/errors`.
    pub causes: Vec<CauseInfo>,
    /// The colours that a word can have, best first.
    pub colors: Vec<String>,
    /// The icons that a word can have.
    pub icons: Vec<String>,
}

/// The words of a vocabulary.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VocabularyInfo {
    /// Its id.
    pub id: String,
    /// Its words.
    pub name: String,
    /// The word for each rule.
    pub words: BTreeMap<String, WordInfo>,
}

/// The word for a rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WordInfo {
    /// The usual one.
    pub usual: WordView,
    /// The one that holds instead while something is so beside the rule: the first of `token_expired`, `token_expiring`,
    /// `stale`.
    pub when: BTreeMap<String, WordView>,
}

/// One rule of health.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleInfo {
    /// Its name.
    pub rule: String,
    /// When it holds.
    pub condition: String,
    /// The state that it means.
    pub state: String,
    /// `ok`, `warning`, `error`.
    pub severity: String,
}

/// Something that a rule can find.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CauseInfo {
    /// The word.
    pub code: String,
    /// In the words of people.
    pub title: String,
    /// What happened.
    pub detail: String,
    /// What to do next.
    pub next_step: String,
}

impl Vocabularies {
    pub(crate) fn table() -> Self {
        let word = |vocabulary: &Vocabulary, rule: Rule| {
            let Choice { when, usual } = vocabulary.choice(rule);
            let when = when.iter().map(|(split, word)| (split.as_str().to_owned(), word.into())).collect();
            WordInfo { usual: usual.into(), when }
        };
        let vocabulary = |vocabulary: &Vocabulary| VocabularyInfo {
            id: vocabulary.id.clone(),
            name: vocabulary.draft.name.clone(),
            words: Rule::ALL.iter().map(|rule| (rule.as_str().to_owned(), word(vocabulary, *rule))).collect(),
        };
        let rule = |rule: &Rule| RuleInfo {
            rule: rule.as_str().to_owned(),
            condition: rule.condition().to_owned(),
            state: rule.state().as_str().to_owned(),
            severity: rule.severity().as_str().to_owned(),
        };
        let cause = |cause: &Cause| CauseInfo {
            code: cause.as_str().to_owned(),
            title: cause.title().to_owned(),
            detail: cause.detail().to_owned(),
            next_step: cause.next_step().to_owned(),
        };
        Self {
            default: vocabulary::find(None).map(|vocabulary| vocabulary.id.clone()).unwrap_or_default(),
            data: vocabulary::shipped().iter().map(vocabulary).collect(),
            rules: Rule::ALL.iter().map(rule).collect(),
            causes: Cause::OWN.iter().map(cause).collect(),
            colors: COLORS.map(str::to_owned).to_vec(),
            icons: ICONS.map(str::to_owned).to_vec(),
        }
    }
}

impl Errors {
    pub(crate) fn of(url: impl Fn(Code) -> String) -> Self {
        let info = |code: &Code| ErrorInfo {
            code: code.to_string(),
            status: status(*code).map(|s| s.as_u16()),
            title: code.title().to_owned(),
            cause: code.cause().to_owned(),
            next_step: code.next_step().to_owned(),
            url: url(*code),
        };
        Self { data: Code::ALL.iter().map(info).collect() }
    }
}

impl From<&PlanCatalogue> for Plans {
    fn from(catalogue: &PlanCatalogue) -> Self {
        let info = |plan: &domain::Plan| PlanInfo {
            id: plan.id.clone(),
            name: plan.name.clone(),
            max_total: plan.max_total.into(),
            max_per_platform: plan.max_per_platform.into(),
            sync_floor: interval(plan.sync_floor_minutes),
            entitlements: plan.entitlements.iter().map(|e| e.as_str().to_owned()).collect(),
        };
        Self { catalogue: catalogue.id.clone(), data: catalogue.plans.iter().map(info).collect() }
    }
}

impl Permissions {
    pub(crate) fn table() -> Self {
        let word = |role: &Role| role.as_str().to_owned();
        let info = |permission: &Permission| PermissionInfo {
            permission: permission.as_str().to_owned(),
            what: permission.what().to_owned(),
            roles: Role::ALL
                .iter()
                .filter(|r| permission.least().is_some_and(|least| **r >= least))
                .map(word)
                .collect(),
        };
        let scope = |scope: &Scope| ScopeInfo {
            scope: scope.as_str().to_owned(),
            what: scope.what().to_owned(),
            permissions: scope.permissions().iter().map(|permission| permission.as_str().to_owned()).collect(),
        };
        Self {
            roles: Role::ALL.iter().map(word).collect(),
            data: Permission::ALL.iter().map(info).collect(),
            scopes: Scope::ALL.iter().map(scope).collect(),
        }
    }
}

/// The keys by which receipts are checked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptKeys {
    /// One, as long as the deployment keeps its edge secret.
    pub keys: Vec<ReceiptKey>,
}

/// A public key (RFC 8037).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptKey {
    /// `OKP`
    pub kty: String,
    /// `Ed25519`
    pub crv: String,
    /// `EdDSA`
    pub alg: String,
    /// `sig`
    #[serde(rename = "use")]
    pub usage: String,
    /// What the receipts call it.
    pub kid: String,
    /// The key.
    pub x: String,
}

impl ReceiptKeys {
    pub(crate) fn of(services: &app::Services) -> Self {
        let [kty, crv, alg, usage] = ["OKP", "Ed25519", "EdDSA", "sig"].map(str::to_owned);
        let (kid, x) = (services.edge.receipt_key_id(), services.edge.receipt_key());
        Self { keys: vec![ReceiptKey { kty, crv, alg, usage, kid, x }] }
    }
}
