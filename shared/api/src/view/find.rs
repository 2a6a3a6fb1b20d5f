//! Lists of accounts, and how many there are of what.

use std::collections::BTreeMap;

use app::{
    Services,
    account::Shown,
    find::{Page, Summary, Tally},
    platform,
};
use domain::{
    Actor, PlatformId, capability::Availability, find::Facets, health::vocabulary::Vocabulary, health::vocabulary::Word,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    PageInfo,
    account::{AccountView, UsageView},
    permission::CapabilityView,
};

/// Most entries of a facet.
const ENTRIES: usize = 100;

/// One page of accounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountPage)]
pub struct AccountPageView {
    /// In the order that was asked for; oldest first if none was.
    pub data: Vec<AccountView>,
    /// Where the next page begins.
    pub page: PageInfo,
    /// Counts over all pages; null unless `facets=true`.
    pub facets: Option<FacetsView>,
}

/// How many accounts a list would have if it were narrowed to a value, with everything else that it asks: the counts of
/// one facet disregard what is asked by that facet itself. Each facet shows its hundred most frequent values, most
/// frequent first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountFacets)]
pub struct FacetsView {
    /// Values of `platform`.
    pub platform: Vec<FacetView>,
    /// Values of `state`.
    pub state: Vec<FacetView>,
    /// Values of `status`, in the vocabulary that was asked for; of `s0` if none was.
    pub status: Vec<FacetView>,
    /// Values of `owner`.
    pub owner: Vec<FacetView>,
    /// Values of `connected_by`.
    pub connected_by: Vec<FacetView>,
    /// Values of `tag`.
    pub tag: Vec<FacetView>,
}

/// One value and how many accounts have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountFacet)]
pub struct FacetView {
    /// What the list is narrowed by.
    pub id: String,
    /// Its words for people, where those are others.
    pub name: Option<String>,
    /// How many accounts have it.
    pub count: u32,
}

/// Counts of a workspace's accounts, as far as the caller sees them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountSummary)]
pub struct SummaryView {
    /// All that are kept, connected or not.
    pub total: u32,
    /// Connected ones that can publish, as the vocabulary `s3` has it.
    pub active: u32,
    /// Connected ones that cannot.
    pub inactive: u32,
    /// Those of the inactive that are broken.
    pub failed: u32,
    /// `active`, `disconnected`.
    pub by_lifecycle: BTreeMap<String, u32>,
    /// Connected ones by platform.
    pub by_platform: BTreeMap<String, PlatformCountView>,
    /// By health state, connected or not.
    pub by_state: BTreeMap<String, u32>,
    /// Connected ones by the words of the vocabulary that was asked for, each with as many as a list with that `status`
    /// has.
    pub by_status: BTreeMap<String, u32>,
    /// Connected ones by token, each with as many as a list with that `token_status` has.
    pub by_token_status: BTreeMap<String, u32>,
    /// Every platform of the catalogue, in its order; null unless `group_by=platform`.
    pub platforms: Option<Vec<PlatformSummaryView>>,
}

/// How many accounts of a platform are connected, and how the worst is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlatformCount)]
pub struct PlatformCountView {
    /// How many.
    pub count: u32,
    /// The health state of the worst one.
    pub worst_state: String,
}

/// A platform's card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlatformSummary)]
pub struct PlatformSummaryView {
    /// The platform's id.
    pub platform: String,
    /// What people call it.
    pub name: String,
    /// How many of its accounts are connected.
    pub count: u32,
    /// How the worst one is; null where none is connected.
    pub worst: Option<WorstView>,
    /// Connected ones by health state.
    pub by_state: BTreeMap<String, u32>,
    /// Connected ones by the words of the vocabulary.
    pub by_status: BTreeMap<String, u32>,
    /// Connected ones by token.
    pub by_token_status: BTreeMap<String, u32>,
    /// Its main account; null where it has none.
    pub main: Option<NamedAccountView>,
}

/// How the worst account of a platform is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorstState)]
pub struct WorstView {
    /// Its health state.
    pub state: String,
    /// `ok`, `warning`, `error`.
    pub severity: String,
    /// The state in the words of the vocabulary.
    pub label: String,
    /// Its colour there.
    pub color: String,
    /// Its icon there.
    pub icon: String,
}

/// An account with what people call it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NamedAccount)]
pub struct NamedAccountView {
    /// `acc_…`
    pub id: String,
    /// The label, else the name.
    pub name: String,
}

/// The main account of each platform that has one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MainAccounts)]
pub struct MainsView {
    /// By platform.
    pub data: BTreeMap<String, MainAccountView>,
}

/// A main account and what it can be used for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MainAccount)]
pub struct MainAccountView {
    /// `acc_…`
    pub id: String,
    /// The label, else the name.
    pub name: String,
    /// What it can be used for.
    pub usable_for: Vec<String>,
    /// Why not for the rest: a code of the registry, `not_asked`, or `unknown`.
    pub unusable: BTreeMap<String, String>,
}

impl AccountPageView {
    /// One page, with the sealed cursor of the next.
    pub(crate) fn of(
        services: &Services,
        page: &Page<'_>,
        next_cursor: Option<String>,
        actor: &Actor,
        words: &Vocabulary,
    ) -> Self {
        let view = |shown: &Shown| {
            let view = AccountView::of(shown, actor, words);
            let used = page.usage.as_ref().map(|usage| usage.get(&shown.account.id).copied().unwrap_or_default());
            let usage = used.map(|used| UsageView::of(&shown.account, used, services.now()));
            AccountView { usage, ..view }
        };
        Self {
            data: page.accounts.iter().map(view).collect(),
            page: PageInfo { has_more: next_cursor.is_some(), next_cursor },
            facets: page.facets.as_ref().map(|facets| FacetsView::of(services, facets)),
        }
    }
}

impl FacetsView {
    pub(crate) fn of(services: &Services, facets: &Facets<'_>) -> Self {
        let plain = |(id, count): (String, u32)| FacetView { id, name: None, count };
        let platform = |(id, count): (&PlatformId, &u32)| FacetView {
            id: id.to_string(),
            name: services.platforms.entry(id, None).map(|entry| entry.platform_name.clone()),
            count: *count,
        };
        let words = |counts: &BTreeMap<&str, u32>| {
            most_frequent(counts.iter().map(|(word, count)| plain(((*word).to_owned(), *count))).collect())
        };
        let owner = |(id, (name, count)): (&String, &(String, u32))| FacetView {
            id: id.clone(),
            name: Some(name.clone()),
            count: *count,
        };
        let connected_by = |(id, (name, count)): (&String, &(Option<String>, u32))| FacetView {
            id: id.clone(),
            name: name.clone(),
            count: *count,
        };
        Self {
            platform: most_frequent(facets.platform.iter().map(platform).collect()),
            state: words(&facets.state),
            status: words(&facets.status),
            owner: most_frequent(facets.owner.iter().map(owner).collect()),
            connected_by: most_frequent(facets.connected_by.iter().map(connected_by).collect()),
            tag: most_frequent(facets.tag.clone().into_iter().map(plain).collect()),
        }
    }
}

/// Equal ones stay in the order of their ids.
fn most_frequent(mut entries: Vec<FacetView>) -> Vec<FacetView> {
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.count));
    entries.truncate(ENTRIES);
    entries
}

fn owned(counts: &BTreeMap<&str, u32>) -> BTreeMap<String, u32> {
    counts.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect()
}

impl SummaryView {
    /// `by_platform`: whether each platform has an entry of its own.
    pub(crate) fn of(services: &Services, summary: &Summary, by_platform: bool) -> Self {
        let s3 = |word: &str| summary.by_s3.get(word).copied().unwrap_or(0);
        let worst = |tally: &Tally| tally.worst.as_ref().map(|(state, ..)| state.as_str().to_owned());
        let count = |(platform, tally): (&PlatformId, &Tally)| {
            Some((platform.to_string(), PlatformCountView { count: tally.count, worst_state: worst(tally)? }))
        };
        Self {
            total: summary.by_lifecycle.values().sum(),
            active: s3("Active"),
            inactive: s3("Inactive"),
            failed: s3("Failed"),
            by_lifecycle: owned(&summary.by_lifecycle),
            by_platform: summary.platforms.iter().filter_map(count).collect(),
            by_state: owned(&summary.by_state),
            by_status: summary.connected.by_status.clone(),
            by_token_status: owned(&summary.connected.by_token),
            platforms: by_platform.then(|| cards(services, summary)),
        }
    }
}

fn cards(services: &Services, summary: &Summary) -> Vec<PlatformSummaryView> {
    let none = Tally::default();
    let card = |platform: platform::Platform| {
        let tally = summary.platforms.get(&platform.id).unwrap_or(&none);
        PlatformSummaryView {
            platform: platform.id.to_string(),
            name: platform.name,
            count: tally.count,
            worst: tally.worst.as_ref().map(|(state, severity, Word { label, color, icon })| WorstView {
                state: state.as_str().to_owned(),
                severity: severity.as_str().to_owned(),
                label: label.clone(),
                color: color.clone(),
                icon: icon.clone(),
            }),
            by_state: owned(&tally.by_state),
            by_status: tally.by_status.clone(),
            by_token_status: owned(&tally.by_token),
            main: tally.main.as_ref().map(|(id, name)| NamedAccountView { id: id.to_string(), name: name.clone() }),
        }
    };
    platform::list(services).into_iter().map(card).collect()
}

impl From<&Vec<Shown>> for MainsView {
    fn from(mains: &Vec<Shown>) -> Self {
        let main = |Shown { account, capabilities, .. }: &Shown| {
            let usable = capabilities.iter().filter(|(_, found)| **found == Availability::Available);
            let reason = |(capability, found): (&domain::Capability, &Availability)| {
                Some((capability.as_str().to_owned(), CapabilityView::from(*found).reason?))
            };
            let view = MainAccountView {
                id: account.id.to_string(),
                name: account.display_name().to_owned(),
                usable_for: usable.map(|(capability, _)| capability.as_str().to_owned()).collect(),
                unusable: capabilities.iter().filter_map(reason).collect(),
            };
            (account.platform.to_string(), view)
        };
        Self { data: mains.iter().map(main).collect() }
    }
}
