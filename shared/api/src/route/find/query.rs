//! What a list of accounts is asked, as it comes in a query.

use domain::{
    Capability, Lifecycle, Refusal,
    find::{By, Moment, Question, Sort, Status, fold, words_of},
    health::{
        Rule, State, TokenStatus,
        vocabulary::{self, Vocabulary},
    },
};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Most values of one parameter.
const VALUES: usize = 20;
/// Longest value, in bytes.
const LENGTH: usize = 200;
/// The furthest that `reauth_due_within` looks.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 3660);

/// Which page of which accounts, in which order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// A part of the name, the label, a present or former handle (with `@` or without), a tag or the platform, whatever
    /// its case, accents and widths; or the day on which the account was connected or the beginning of it, such as
    /// `2025-08`, `Aug 25 2025`, `25.08.2025` or `Aug 2025`.
    pub(crate) q: Option<String>,
    /// Only of this platform; repeat it, or separate several by commas. So it is with every parameter that has words.
    pub(crate) platform: Option<String>,
    /// `page`, `profile` … as the account has it.
    pub(crate) kind: Option<String>,
    /// A state of health: `healthy`, `stale`, `processing`, `degraded`, `expiring`, `limited`, `suspended`, `error`,
    /// `expired`, `pending`, `disconnected`.
    pub(crate) state: Option<String>,
    /// Health in a word of `vocabulary`, such as `Needs Sync`; where that is absent, of whichever vocabulary has the
    /// word first. `Active` and `Connected` mean the same. `Inactive` (`s3`) has the failed ones too, `Valid` (`s2`)
    /// only accounts that are neither broken nor held back.
    pub(crate) status: Option<String>,
    /// `valid`, `expiring`, `expired`; `valid` has only accounts that are neither broken nor held back.
    pub(crate) token_status: Option<String>,
    /// A person must act within this time: `P30D` or `30d`.
    pub(crate) reauth_due_within: Option<String>,
    /// First connected at this moment (RFC 3339) or on this day (`2025-08-25`), or later.
    pub(crate) connected_after: Option<String>,
    /// First connected before this moment, or on this day or before it.
    pub(crate) connected_before: Option<String>,
    /// Who connected it, by `connected_by.id`.
    pub(crate) connected_by: Option<String>,
    /// Who consented, by the id or the name of `grant.authorized_by`.
    pub(crate) owner: Option<String>,
    /// A tag.
    pub(crate) tag: Option<String>,
    /// A group.
    pub(crate) group_id: Option<String>,
    /// Whether it is the main account of its platform.
    pub(crate) is_main: Option<bool>,
    /// What it can be used for now: `publish`, `analytics`, `messages`, `audience`.
    pub(crate) usable_for: Option<String>,
    /// Its tokens were never used, or not since this moment or day.
    pub(crate) unused_since: Option<String>,
    /// `active` (default), `disconnected`.
    pub(crate) lifecycle: Option<String>,
    /// `name`, `connected_at` (default), `last_synced_at`, `reauth_due_at`, `usage` or `severity`; with `-` before it the
    /// greatest comes first. What has no value stands last either way. Of a name its first 60 bytes count.
    pub(crate) sort: Option<String>,
    /// Whether the values that the list can be narrowed to are counted, over all pages.
    pub(crate) facets: Option<bool>,
    /// 1 to 200; 50 if absent.
    pub(crate) limit: Option<usize>,
    /// `next_cursor` of the page before, with the same filter and order.
    pub(crate) cursor: Option<String>,
    /// The vocabulary of health's `label`, `color` and `icon`, and of `status`: `s0`, `s1`, `s2`, `s3`, `s4`, `own`; what
    /// the workspace's policy says if absent, else `s0`.
    pub(crate) vocabulary: Option<String>,
}

/// The values of a parameter, each once, in their order.
fn values<'a>(name: &str, sent: Option<&'a str>) -> Result<Vec<&'a str>, Refusal> {
    let Some(text) = sent else { return Ok(Vec::new()) };
    let mut values: Vec<&str> = text.split(',').collect();
    if values.len() > VALUES {
        return Err(Refusal::field(&pointer(name), "too_many", format!("At most {VALUES} values of {name}.")));
    }
    if values.iter().any(|value| value.len() > LENGTH) {
        return Err(too_long(name));
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

/// The same, of words that are known.
fn known_words<T>(
    name: &str,
    sent: Option<&str>,
    allowed: &[&str],
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refusal> {
    let unknown = || Refusal::field(&pointer(name), "unknown", format!("{name} is one of {}.", allowed.join(", ")));
    values(name, sent)?.into_iter().map(|word| read(word).ok_or_else(unknown)).collect()
}

fn pointer(name: &str) -> String {
    format!("/{name}")
}

fn too_long(name: &str) -> Refusal {
    Refusal::field(&pointer(name), "too_long", format!("{name} has at most {LENGTH} bytes."))
}

fn moment(name: &str, sent: Option<&str>) -> Result<Option<Moment>, Refusal> {
    let detail = || format!("{name} is a day, such as 2025-08-25, or a moment as RFC 3339 writes it.");
    let malformed = || Refusal::field(&pointer(name), "malformed", detail());
    sent.map(|text| Moment::read(text).ok_or_else(malformed)).transpose()
}

impl ListQuery {
    /// What the list shows and in which order, as its cursor is bound to it.
    pub(crate) fn bound(&self) -> String {
        let sorted = |text: &Option<String>| {
            let mut values: Vec<&str> = text.as_deref()?.split(',').collect();
            values.sort_unstable();
            Some(values.join(","))
        };
        let same = Self {
            platform: sorted(&self.platform),
            lifecycle: Some(self.lifecycle.clone().unwrap_or_else(|| Lifecycle::Active.as_str().to_owned())),
            sort: Some(self.sort.clone().unwrap_or_else(|| By::ConnectedAt.as_str().to_owned())),
            vocabulary: self.vocabulary.clone().filter(|_| self.status.is_some()),
            facets: None,
            limit: None,
            cursor: None,
            ..self.clone()
        };
        serde_urlencoded::to_string(same).unwrap_or_default()
    }

    pub(crate) fn sort(&self) -> Result<Sort, Refusal> {
        let Some(text) = &self.sort else { return Ok(Sort::default()) };
        let words = By::ALL.map(By::as_str).join(", ");
        let detail = format!("sort is one of {words}, or one of these with - before it.");
        text.parse().map_err(|_| Refusal::field("/sort", "unknown", detail))
    }

    /// The question; `named` are the words of the vocabulary that it names, if it names one.
    pub(crate) fn question<'a>(&self, named: Option<&'a Vocabulary>) -> Result<Question<'a>, Refusal> {
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let folded = |values: Vec<&str>| values.into_iter().map(fold).collect::<Vec<_>>();
        let mut owners = folded(values("owner", self.owner.as_deref())?);
        // A name may have commas.
        owners.extend(self.owner.as_deref().filter(|name| name.contains(',')).map(fold));
        Ok(Question {
            text: self.text()?,
            called: Vec::new(),
            platforms: values("platform", self.platform.as_deref())?
                .into_iter()
                .map(|p| p.parse().map_err(|_| Refusal::field("/platform", "unknown", "There is no such platform.")))
                .collect::<Result<_, _>>()?,
            kinds: owned(values("kind", self.kind.as_deref())?),
            states: states(self.state.as_deref())?,
            statuses: self.statuses(named)?,
            tokens: tokens(self.token_status.as_deref())?,
            reauth_due_within: self.reauth_due_within()?,
            connected_after: moment("connected_after", self.connected_after.as_deref())?,
            connected_before: moment("connected_before", self.connected_before.as_deref())?,
            connected_by: owned(values("connected_by", self.connected_by.as_deref())?),
            owners,
            tags: folded(values("tag", self.tag.as_deref())?),
            groups: owned(values("group_id", self.group_id.as_deref())?),
            is_main: self.is_main,
            usable_for: capabilities(self.usable_for.as_deref())?,
            unused_since: moment("unused_since", self.unused_since.as_deref())?,
            lifecycle: self.lifecycle()?,
        })
    }

    fn text(&self) -> Result<Option<String>, Refusal> {
        match &self.q {
            Some(text) if text.len() > LENGTH => Err(too_long("q")),
            Some(text) => Ok(Some(fold(text)).filter(|text| !text.is_empty())),
            None => Ok(None),
        }
    }

    fn statuses<'a>(&self, named: Option<&'a Vocabulary>) -> Result<Vec<Status<'a>>, Refusal> {
        let within: &'a [Vocabulary] = named.map_or_else(|| vocabulary::shipped(), std::slice::from_ref);
        let mut allowed: Vec<&str> = Vec::new();
        for word in within.iter().flat_map(words_of) {
            if !allowed.contains(&word.label.as_str()) {
                allowed.push(&word.label);
            }
        }
        known_words("status", self.status.as_deref(), &allowed, |word| Status::find(word, within))
    }

    fn reauth_due_within(&self) -> Result<Option<SignedDuration>, Refusal> {
        let Some(text) = &self.reauth_due_within else { return Ok(None) };
        let read = || {
            let span: Span = text.parse().ok()?;
            let within = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
            (SignedDuration::ZERO..=FURTHEST).contains(&within).then_some(within)
        };
        let detail = "reauth_due_within is a time of at most ten years, such as P30D or 30d.";
        read().map(Some).ok_or_else(|| Refusal::field("/reauth_due_within", "malformed", detail))
    }

    fn lifecycle(&self) -> Result<Option<Lifecycle>, Refusal> {
        let all = [Lifecycle::Active, Lifecycle::Disconnected];
        let read = |word: &str| all.into_iter().find(|lifecycle| lifecycle.as_str() == word);
        let asked = self.lifecycle.as_deref().unwrap_or(Lifecycle::Active.as_str());
        let asked = known_words("lifecycle", Some(asked), &all.map(Lifecycle::as_str), read)?;
        // Both are all.
        Ok(asked.first().copied().filter(|_| asked.len() == 1))
    }
}

fn states(sent: Option<&str>) -> Result<Vec<State>, Refusal> {
    // Two rules are one state.
    let mut all = Rule::ALL.map(Rule::state).to_vec();
    all.dedup();
    let words: Vec<&str> = all.iter().map(|state| state.as_str()).collect();
    known_words("state", sent, &words, |word| all.iter().copied().find(|state| state.as_str() == word))
}

fn tokens(sent: Option<&str>) -> Result<Vec<TokenStatus>, Refusal> {
    let all = [TokenStatus::Valid, TokenStatus::Expiring, TokenStatus::Expired];
    let read = |word: &str| all.into_iter().find(|status| status.as_str() == word);
    known_words("token_status", sent, &all.map(TokenStatus::as_str), read)
}

fn capabilities(sent: Option<&str>) -> Result<Vec<Capability>, Refusal> {
    let read = |word: &str| Capability::ALL.into_iter().find(|capability| capability.as_str() == word);
    known_words("usable_for", sent, &Capability::ALL.map(Capability::as_str), read)
}
