//! What shall be different about a workspace.

#![expect(clippy::option_option, reason = "a member that is absent, null or there means three things")]

use std::ops::RangeInclusive;

use domain::{
    AccountId, Code, PlanCatalogue, Refusal,
    health::vocabulary,
    return_url::may_be_listed,
    schedule::Zone,
    text,
    workspace::{Configuration, CrossWorkspace, Overrides, Policies},
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
/// For how many days things can be kept, and before how many it is told that a person must act.
const WINDOW: RangeInclusive<u16> = 1..=365;
const ACTIVITY: RangeInclusive<u16> = 30..=400;
const AUDIT: RangeInclusive<u16> = 30..=3650;
const METRICS: RangeInclusive<u16> = 30..=3650;

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
#[expect(clippy::struct_field_names, reason = "the words of the API")]
pub struct OverridesPatch {
    /// Over all platforms.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<u32>)]
    pub max_total: Option<Option<u32>>,
    /// On each platform.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<u32>)]
    pub max_per_platform: Option<Option<u32>>,
    /// What fetching may cost in a day of UTC where a platform takes money for it, in whole US dollars.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<u32>)]
    pub max_spend_usd_per_day: Option<Option<u32>>,
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
            Some(Some(OverridesPatch { max_total, max_per_platform, max_spend_usd_per_day })) => {
                let overrides = &mut configuration.overrides;
                set(&mut overrides.max_total, max_total.as_ref(), |most| Ok(*most))?;
                set(&mut overrides.max_per_platform, max_per_platform.as_ref(), |most| Ok(*most))?;
                set(&mut overrides.max_spend_usd_per_day, max_spend_usd_per_day.as_ref(), |most| Ok(*most))?;
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
            (&mut kept.activity_days, activity, ACTIVITY, "activity"),
            (&mut kept.audit_days, audit, AUDIT, "audit"),
            (&mut kept.metrics_days, metrics, METRICS, "metrics"),
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
