//! A workspace and what is decided for it.

#![expect(clippy::option_option, reason = "a member that is absent, null or there means three things")]

use std::ops::RangeInclusive;

use app::workspace::Configured;
use domain::{
    AccountId, Code, PlanCatalogue, Refusal, Workspace,
    health::vocabulary,
    return_url::may_be_listed,
    schedule::Zone,
    text,
    workspace::{Configuration, CrossWorkspace, EXPIRING_WINDOW_DAYS, Overrides, Policies, Retention},
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Longest name, in characters.
const NAME: usize = 100;
/// Most return addresses.
const RETURN_URLS: usize = 20;
/// Most accounts that can be named to keep their places.
const KEPT: usize = 200;
/// The vocabulary that a workspace makes itself.
const OWN: &str = "own";
/// For how many days things can be kept, and for how many they are where nobody decided.
const WINDOW: RangeInclusive<u16> = 1..=365;
const ACTIVITY: (RangeInclusive<u16>, u16) = (30..=400, 90);
const AUDIT: (RangeInclusive<u16>, u16) = (30..=3650, 400);
const METRICS: (RangeInclusive<u16>, u16) = (30..=3650, 760);

/// A workspace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceView {
    /// The SaaS's id of it.
    pub id: String,
    /// Its organisation.
    pub organization_id: String,
    /// What people call it, if that was decided.
    pub name: Option<String>,
    /// The zone of its days, a name of the IANA database.
    pub timezone: String,
    /// The plan in force: the one that was set, else the one that the caller's token names, else the smallest.
    pub plan: String,
    /// The plan that was set; null if none was. Only a plan and overrides that were set suspend accounts.
    pub plan_set: Option<String>,
    /// Limits in place of the plan's.
    pub overrides: OverridesView,
    /// What its administrators decided.
    pub policies: PoliciesView,
    /// How many accounts are over the plan and suspended; `GET …/limits` names them.
    pub suspended: u32,
    /// The version of all that is decided, as the header `ETag` has it.
    pub etag: String,
}

/// Limits in place of the plan's.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Overrides)]
pub struct OverridesView {
    /// Over all platforms; null leaves it to the plan.
    pub max_total: Option<u32>,
    /// On each platform; null leaves it to the plan.
    pub max_per_platform: Option<u32>,
}

/// What a workspace's administrators decide.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Policies)]
pub struct PoliciesView {
    /// Whether a further account may be added from a living consent (`from_grant`) without asking the person
    /// again. A consent then asks along for the other platforms of the same sign-in.
    pub reuse_grant: bool,
    /// Whether an account may be in another workspace of the organisation too: `allow`, `copy_only` or `forbid`. Of two
    /// workspaces the stricter one decides.
    pub cross_workspace: String,
    /// How long before a person must act an account is told as expiring, `P30D`.
    pub expiring_window: String,
    /// The vocabulary of whoever names none; `own` is the workspace's. Null is the product's default.
    pub vocabulary: Option<String>,
    /// How long things are kept.
    pub retention: RetentionView,
    /// Addresses that a browser may be sent back to, beside the operator's.
    pub return_urls: Vec<String>,
    /// Whether the SaaS has what its AI needs to know of the workspace; null if nobody said. Advice hangs on it, and
    /// nothing is blocked by it.
    pub identity_configured: Option<bool>,
}

/// How long things are kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Retention)]
pub struct RetentionView {
    /// What an account was known to be, `P90D` if nobody decided.
    pub activity: String,
    /// Who did what, `P400D` if nobody decided.
    pub audit: String,
    /// Figures, `P760D` if nobody decided.
    pub metrics: String,
}

/// What shall be different. What is absent stays as it is, and null takes it away.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WorkspacePatch {
    /// What people call it: 1 to 100 characters.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    /// A name of the IANA database.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub timezone: Option<Option<String>>,
    /// One of `/v1/meta/plans`; takes an API key that has `workspace.plan`. Accounts that it has no place for are
    /// suspended before the answer comes, and come back as soon as there are places again.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub plan: Option<Option<String>>,
    /// Limits in place of the plan's; takes the same.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<OverridesPatch>)]
    pub overrides: Option<Option<OverridesPatch>>,
    /// Accounts that keep their places where there are not enough, at most 200; takes `workspace.plan`. Without it the
    /// newest are suspended first and main accounts last.
    pub keep_accounts: Option<Vec<String>>,
    /// Policies.
    pub policies: PoliciesPatch,
}

/// Which limits shall be different.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OverridesPatch {
    /// Over all platforms.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<u32>)]
    pub max_total: Option<Option<u32>>,
    /// On each platform.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<u32>)]
    pub max_per_platform: Option<Option<u32>>,
}

/// Which policies shall be different.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PoliciesPatch {
    /// Whether a further account may be added from a living consent.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<bool>)]
    pub reuse_grant: Option<Option<bool>>,
    /// `allow`, `copy_only` or `forbid`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub cross_workspace: Option<Option<String>>,
    /// `P1D` to `P365D`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub expiring_window: Option<Option<String>>,
    /// One of `/v1/meta/vocabularies`, or `own`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub vocabulary: Option<Option<String>>,
    /// How long things are kept.
    pub retention: RetentionPatch,
    /// https addresses without query and fragment, at most 20. Each admits its own path and those below.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<String>>)]
    pub return_urls: Option<Option<Vec<String>>>,
    /// Whether the SaaS has what its AI needs to know of the workspace.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<bool>)]
    pub identity_configured: Option<Option<bool>>,
}

/// What shall be kept for another time.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionPatch {
    /// What an account was known to be, `P30D` to `P400D`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub activity: Option<Option<String>>,
    /// Who did what, `P30D` to `P3650D`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub audit: Option<Option<String>>,
    /// Figures, `P30D` to `P3650D`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub metrics: Option<Option<String>>,
}

/// A member that was sent, be it null.
fn sent<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Whole days as people write durations, `P30D`.
fn days(text: &str, range: &RangeInclusive<u16>, pointer: &str) -> Result<u16, Refusal> {
    let digits = text.strip_prefix('P').and_then(|rest| rest.strip_suffix('D'));
    let digits = digits.filter(|digits| digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).filter(|days| range.contains(days)).ok_or_else(|| {
        let detail = format!("A number of days from P{}D to P{}D.", range.start(), range.end());
        Refusal::field(pointer, "out_of_range", detail)
    })
}

/// Sets what was sent, if it can be read.
fn set<S, T>(
    place: &mut Option<T>,
    sent: Option<&Option<S>>,
    read: impl FnOnce(&S) -> Result<T, Refusal>,
) -> Result<(), Refusal> {
    if let Some(sent) = sent {
        *place = sent.as_ref().map(read).transpose()?;
    }
    Ok(())
}

impl WorkspacePatch {
    /// Changes what was decided until now.
    pub(crate) fn apply(&self, plans: &PlanCatalogue, configuration: &mut Configuration) -> Result<(), Refusal> {
        set(&mut configuration.name, self.name.as_ref(), |name| {
            let clean = text::clean(name, usize::MAX);
            let detail = format!("1 to {NAME} characters that can be seen.");
            let fits = (1..=NAME).contains(&clean.chars().count());
            if fits { Ok(clean) } else { Err(Refusal::field("/name", "length", detail)) }
        })?;
        set(&mut configuration.timezone, self.timezone.as_ref(), |zone| {
            let zone = zone.parse::<Zone>().map_err(|_| Refusal::plain(Code::TimezoneInvalid))?;
            Ok(zone.as_str().to_owned())
        })?;
        set(&mut configuration.plan, self.plan.as_ref(), |plan| {
            let known = plans.has(plan);
            let detail = format!("The catalogue {} has no such plan.", plans.id);
            if known { Ok(plan.clone()) } else { Err(Refusal::field("/plan", "unknown", detail)) }
        })?;
        match &self.overrides {
            Some(Some(OverridesPatch { max_total, max_per_platform })) => {
                let overrides = &mut configuration.overrides;
                set(&mut overrides.max_total, max_total.as_ref(), |most| Ok(*most))?;
                set(&mut overrides.max_per_platform, max_per_platform.as_ref(), |most| Ok(*most))?;
            }
            Some(None) => configuration.overrides = Overrides::default(),
            None => {}
        }
        self.policies.apply(&mut configuration.policies)
    }

    /// The accounts that keep their places. A text that is no id is as an account that is not there.
    pub(crate) fn keep(&self) -> Result<Option<Vec<AccountId>>, Refusal> {
        let Some(keep) = &self.keep_accounts else { return Ok(None) };
        if keep.len() > KEPT {
            return Err(Refusal::field("/keep_accounts", "too_many", format!("At most {KEPT} accounts.")));
        }
        let read = |(at, id): (usize, &String)| {
            let detail = "No connected account of this workspace has this id.";
            id.parse().map_err(|_| Refusal::field(&format!("/keep_accounts/{at}"), "unknown", detail))
        };
        keep.iter().enumerate().map(read).collect::<Result<_, _>>().map(Some)
    }
}

impl PoliciesPatch {
    fn apply(&self, policies: &mut Policies) -> Result<(), Refusal> {
        let RetentionPatch { activity, audit, metrics } = &self.retention;
        if let Some(reuse) = self.reuse_grant {
            policies.reuse_grant = reuse.unwrap_or_default();
        }
        if let Some(word) = &self.cross_workspace {
            policies.cross_workspace = word.as_deref().map(cross_workspace).transpose()?.unwrap_or_default();
        }
        set(&mut policies.expiring_window_days, self.expiring_window.as_ref(), |window| {
            days(window, &WINDOW, "/policies/expiring_window")
        })?;
        set(&mut policies.vocabulary, self.vocabulary.as_ref(), |id| {
            let known = id == OWN || vocabulary::shipped().iter().any(|shipped| shipped.id == *id);
            let detail = "One of /v1/meta/vocabularies, or own.";
            if known { Ok(id.clone()) } else { Err(Refusal::field("/policies/vocabulary", "unknown", detail)) }
        })?;
        let kept = &mut policies.retention;
        for (place, sent, range, name) in [
            (&mut kept.activity_days, activity, ACTIVITY.0, "activity"),
            (&mut kept.audit_days, audit, AUDIT.0, "audit"),
            (&mut kept.metrics_days, metrics, METRICS.0, "metrics"),
        ] {
            set(place, sent.as_ref(), |text| days(text, &range, &format!("/policies/retention/{name}")))?;
        }
        if let Some(addresses) = &self.return_urls {
            policies.return_urls = return_urls(addresses.as_deref().unwrap_or_default())?;
        }
        set(&mut policies.identity_configured, self.identity_configured.as_ref(), |is| Ok(*is))
    }
}

fn cross_workspace(word: &str) -> Result<CrossWorkspace, Refusal> {
    let all = [CrossWorkspace::Allow, CrossWorkspace::CopyOnly, CrossWorkspace::Forbid];
    let detail = "One of allow, copy_only, forbid.";
    let found = all.into_iter().find(|policy| policy.as_str() == word);
    found.ok_or_else(|| Refusal::field("/policies/cross_workspace", "unknown", detail))
}

fn return_urls(addresses: &[String]) -> Result<Vec<String>, Refusal> {
    if addresses.len() > RETURN_URLS {
        let detail = format!("At most {RETURN_URLS} addresses.");
        return Err(Refusal::field("/policies/return_urls", "too_many", detail));
    }
    if let Some(at) = addresses.iter().position(|address| !may_be_listed(address)) {
        let detail = "A plain https address: no user, query or fragment, nothing encoded that separates.";
        return Err(Refusal::field(&format!("/policies/return_urls/{at}"), "invalid", detail));
    }
    Ok(addresses.to_vec())
}

impl WorkspaceView {
    pub(crate) fn of(workspace: &Workspace, plan: &str) -> Self {
        Self::made(
            workspace.id.to_string(),
            &Configured {
                org: workspace.org.clone(),
                configuration: workspace.configuration.clone(),
                plan: plan.to_owned(),
                suspended: workspace.suspended,
                version: workspace.version,
            },
        )
    }

    /// As it was decided.
    pub(crate) fn made(id: String, decided: &Configured) -> Self {
        let Configured { org, configuration, plan, suspended, version } = decided;
        let Overrides { max_total, max_per_platform } = configuration.overrides;
        Self {
            id,
            organization_id: org.to_string(),
            name: configuration.name.clone(),
            timezone: configuration.timezone.clone().unwrap_or_else(|| "UTC".to_owned()),
            plan: plan.clone(),
            plan_set: configuration.plan.clone(),
            overrides: OverridesView { max_total, max_per_platform },
            policies: PoliciesView::from(&configuration.policies),
            suspended: *suspended,
            etag: format!("\"{version}\""),
        }
    }
}

impl From<&Policies> for PoliciesView {
    fn from(policies: &Policies) -> Self {
        let days = |days: Option<u16>, usual: u16| format!("P{}D", days.unwrap_or(usual));
        let Retention { activity_days, audit_days, metrics_days } = policies.retention;
        Self {
            reuse_grant: policies.reuse_grant,
            cross_workspace: policies.cross_workspace.as_str().to_owned(),
            expiring_window: days(policies.expiring_window_days, EXPIRING_WINDOW_DAYS),
            vocabulary: policies.vocabulary.clone(),
            retention: RetentionView {
                activity: days(activity_days, ACTIVITY.1),
                audit: days(audit_days, AUDIT.1),
                metrics: days(metrics_days, METRICS.1),
            },
            return_urls: policies.return_urls.clone(),
            identity_configured: policies.identity_configured,
        }
    }
}
