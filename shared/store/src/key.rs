//! Every key of the table.
//!
//! | item | `pk` | `sk` | what it holds |
//! |---|---|---|---|
//! | workspace | `W#<ws>` | `A` | plan, counts, main accounts; sorts before its accounts; due while its suspended accounts are not in step with the plan |
//! | account | `W#<ws>` | `A#<account>` | the account |
//! | claim in the workspace | `W#<ws>` | `C#<platform>#<digest of platform id>` | which account it is, and how its data is fetched; kept while disconnected; due when it is fetched next |
//! | snapshot | `W#<ws>` | `M#<account>#<yyyy-mm-dd>` | what an account counted as on a day; 25 months or as the workspace decided |
//! | audience | `W#<ws>` | `M#<account>` | who follows it, in totals |
//! | month | `W#<ws>` | `RM#<account>#<yyyy-mm>` | what the audit of a month found of an account; as long as figures |
//! | forecast feed | `W#<ws>` | `RF` | the address of the workspace's calendar; the secret in it as a digest |
//! | identity change | `W#<ws>` | `V#<account>#<epoch milliseconds, 15 digits>` | name, handle, type … before and after |
//! | grant by person | `W#<ws>` | `I#<digest of method, app, person>` | which grant a second consent lands in |
//! | outbox | `W#<ws>` | `E#<event>` | the events of one change; due until published, then 30 days |
//! | outbox of the operator | `O` | `E#<event>` | the same for what happened to a platform |
//! | past facts | `W#<ws>` | `F#<account>#<end in epoch milliseconds, 15 digits>-<version, 10 digits>` | what an account was known to be until then; 90 days longer |
//! | idempotency | `W#<ws>` | `K#<digest of caller, route, key>` | the outcome to replay, 24 hours |
//! | audit | `W#<ws>` | `U#<record>` | who did what, 400 days or as the workspace decided |
//! | picture | `W#<ws>` | `P#<account>` | our small picture of it, and where it was found |
//! | usage | `W#<ws>` | `N#<account>` | how often that was, by day |
//! | queue schedule | `W#<ws>` | `Q#<account>` | when its queue publishes |
//! | preferences | `W#<ws>` | `T#<account>` | what the workspace decided about it and lists do not show |
//! | planned use | `W#<ws>` | `J#<account>` | posts and campaigns that a publisher plans with it |
//! | device | `W#<ws>` | `D#<account>#<device>` | a telephone that it is used on |
//! | devices' count | `W#<ws>` | `D#<account>#` | how many that are |
//! | episode note | `W#<ws>` | `H#<account>#<episode>` | who acknowledged a trouble, and what they wrote |
//! | vocabulary | `W#<ws>` | `B` | the workspace's own words for health |
//! | API key | `W#<ws>` | `Y#<key>` | what a program may do; without the key itself |
//! | API key by secret | `Y#<digest of the secret>` | `Y` | which key of which workspace it is |
//! | link | `W#<ws>` | `Z#<link>` | how a client connects accounts: its checklist and what was connected; due when its time is over |
//! | link's counters | `W#<ws>` | `ZF#<link>` | how far clients came with it |
//! | link's password | `W#<ws>` | `ZP#<link>` | how many wrong ones there were |
//! | link's logo | `W#<ws>` | `ZG#<link>` | a small picture |
//! | link by secret | `Z#<digest of the secret>` | `Z` | which link of which workspace it is |
//! | connect attempts | `W#<ws>` | `L#<digest of platform, actor>` | how many were begun and failed within an hour |
//! | run | `W#<ws>` | `X#<run>` | long work: due until it is done, then kept for its report |
//! | part of a run | `W#<ws>` | `X#<run>#<number, 5 digits>` | what the run made or did, piece by piece |
//! | incident | `O` | `B#<platform>#<class>` | a platform in trouble; with `#<epoch seconds>` one that is over |
//! | budget | `O` | `Q#<digest of app>#<budget>` | looks at a platform that were taken in the present window, and a stop; two days |
//! | budget by workspace | `O` | `Q#<digest of app>#<budget>#<start in epoch seconds, 12 digits>#<ws>` | what a workspace took of it |
//! | spent | `O` | `QS#<platform>#<day>` | what was paid for looking on a day of UTC; with `#<ws>` by a workspace; 31 days |
//! | paid | `O` | `QP#<platform>#<day>#<digest of account>` | an account whose look was paid for, so that another one is free; two days |
//! | pass | `O` | `V` | how far the daily pass over all grants is |
//! | round | `O` | `VH` | how far the daily round of housekeeping is |
//! | grant | `R#<grant>` | `R` | envelope, its accounts, renewal facts |
//! | claim in the organisation | `G#<org>#<platform>#<digest of platform id>` | `C` | which workspaces have it connected, and where its platform keeps its picture |
//! | request to let go | the same | `L#<who asks>#<who is asked>` | when it was last told, a day |
//! | subject | `P#<digest of method, app, person>` | `P` | live grants of one person and app over all workspaces |
//! | notice | `M#<digest of its name>` | `M` | what a platform told by itself: due until it is worked off, then kept against replays |
//! | connect session | `S#<digest of session id>` | `S` | the attempt, its browser and state as digests |
//! | held consent | `S#<digest of session id>` | `T` | candidates and sealed tokens until the choice |
//!
//! Index `due` (`dp`, `ds`; keys only, sparse): `<kind>#<shard>` and `<epoch seconds, 12 digits>#<id>#<workspace>`.
//!
//! A key starts with a workspace, a grant or a digest; what starts with a digest or an organisation names
//! its workspace inside. Texts of strangers enter a key only as digests.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    AccountId, ApiKeyId, AuditId, ConnectSessionId, DeviceId, Digest, EpisodeId, EventId, GrantId, LinkId, MethodId,
    OrgId, PlatformId, RunId, Timestamp, WorkspaceId,
    incident::{EndpointClass, Incident},
    report::Month,
};
use jiff::civil::Date;

use crate::item::Item;

/// The key of one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// As the SDK takes it.
    pub(crate) fn item(&self) -> Item {
        [("pk", &self.pk), ("sk", &self.sk)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.clone())))
            .collect()
    }

    /// From an item that has it.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        let text = |name| item.get(name).and_then(|v| v.as_s().ok()).cloned();
        Some(Self { pk: text("pk")?, sk: text("sk")? })
    }
}

/// What is the operator's and no workspace's.
pub(crate) const OPERATOR: &str = "O";

/// Sort key prefix of incidents.
pub(crate) const INCIDENT: &str = "B#";

/// Partition key prefix of grants.
pub(crate) const GRANT: &str = "R#";

/// Sort key prefix of accounts.
pub(crate) const ACCOUNT: &str = "A#";

/// Sort key prefix of how accounts' tokens were used.
pub(crate) const USAGE: &str = "N#";

pub(crate) fn workspace_partition(ws: &WorkspaceId) -> String {
    format!("W#{ws}")
}

pub(crate) fn workspace(ws: &WorkspaceId) -> Key {
    Key::new(workspace_partition(ws), "A")
}

pub(crate) fn account(ws: &WorkspaceId, id: AccountId) -> Key {
    Key::new(workspace_partition(ws), format!("{ACCOUNT}{id}"))
}

pub(crate) fn claim(ws: &WorkspaceId, platform: &PlatformId, platform_account_id: &str) -> Key {
    Key::new(workspace_partition(ws), format!("C#{platform}#{}", Digest::of(platform_account_id).as_str()))
}

/// Where what an account counted as is kept; the audience itself, and before its days.
pub(crate) fn figures(id: AccountId) -> String {
    format!("M#{id}")
}

pub(crate) fn audience(ws: &WorkspaceId, id: AccountId) -> Key {
    Key::new(workspace_partition(ws), figures(id))
}

pub(crate) fn snapshot(ws: &WorkspaceId, id: AccountId, day: Date) -> Key {
    Key::new(workspace_partition(ws), format!("{}#{day}", figures(id)))
}

/// Sort key prefix of an account's months.
pub(crate) fn months(id: AccountId) -> String {
    format!("RM#{id}#")
}

pub(crate) fn month(ws: &WorkspaceId, id: AccountId, month: Month) -> Key {
    Key::new(workspace_partition(ws), format!("{}{month}", months(id)))
}

pub(crate) fn forecast_feed(ws: &WorkspaceId) -> Key {
    Key::new(workspace_partition(ws), "RF")
}

/// Sort key prefix of what changed about an account.
pub(crate) fn identity(id: AccountId) -> String {
    format!("V#{id}#")
}

pub(crate) fn identity_change(ws: &WorkspaceId, id: AccountId, at: Timestamp) -> Key {
    Key::new(workspace_partition(ws), format!("{}{:015}", identity(id), at.as_millisecond()))
}

/// Sort key prefix of an account's past facts.
pub(crate) fn past(id: AccountId) -> String {
    format!("F#{id}#")
}

/// Facts that ended at a moment, with the account's version that ended then: two may end in one millisecond.
pub(crate) fn past_facts(ws: &WorkspaceId, id: AccountId, until: Timestamp, version: u64) -> Key {
    Key::new(workspace_partition(ws), format!("{}-{version:010}", past_until(id, until)))
}

/// Sort key prefix of the facts that ended at a moment.
pub(crate) fn past_until(id: AccountId, until: Timestamp) -> String {
    format!("{}{:015}", past(id), until.as_millisecond())
}

pub(crate) fn org_claim(org: &OrgId, platform: &PlatformId, platform_account_id: &str) -> Key {
    Key::new(format!("G#{org}#{platform}#{}", Digest::of(platform_account_id).as_str()), "C")
}

/// That one workspace asked another to let an account go.
pub(crate) fn asked(
    org: &OrgId,
    platform: &PlatformId,
    platform_account_id: &str,
    asks: &WorkspaceId,
    of: &WorkspaceId,
) -> Key {
    Key { sk: format!("L#{asks}#{of}"), ..org_claim(org, platform, platform_account_id) }
}

/// Where a consent is for one account, `only` is that.
pub(crate) fn grant_by_person(ws: &WorkspaceId, method: &MethodId, app: &str, person: &str, only: Option<&str>) -> Key {
    let parts: Vec<&str> = [method.as_str(), app, person].into_iter().chain(only).collect();
    Key::new(workspace_partition(ws), format!("I#{}", Digest::of_parts(&parts).as_str()))
}

/// A person and an app, by whatever method: what a platform may end in one call.
pub(crate) fn subject(app: &str, person: &str) -> Key {
    Key::new(format!("P#{}", Digest::of_parts(&[app, person]).as_str()), "P")
}

pub(crate) fn outbox(ws: Option<&WorkspaceId>, first: EventId) -> Key {
    Key::new(events_partition(ws), format!("E#{first}"))
}

/// Where events lie: in their workspace, or with the operator.
pub(crate) fn events_partition(ws: Option<&WorkspaceId>) -> String {
    ws.map_or_else(|| OPERATOR.to_owned(), workspace_partition)
}

pub(crate) fn incident(platform: &PlatformId, class: EndpointClass) -> Key {
    Key::new(OPERATOR, format!("{INCIDENT}{platform}#{}", class.as_str()))
}

pub(crate) fn past_incident(past: &Incident) -> Key {
    let Key { pk, sk } = incident(&past.platform, past.class);
    Key::new(pk, format!("{sk}#{:012}", past.since.as_second()))
}

/// What is used of a budget of one of our apps, by the app's public id.
pub(crate) fn budget(app: &str, name: &str) -> Key {
    Key::new(OPERATOR, format!("Q#{}#{name}", Digest::of(app).as_str()))
}

/// What a workspace took of it in the window that began at `start`.
pub(crate) fn budget_share(app: &str, name: &str, start: i64, ws: &str) -> Key {
    let Key { pk, sk } = budget(app, name);
    Key::new(pk, format!("{sk}#{start:012}#{ws}"))
}

/// What was spent at a platform on a day, by all or by one workspace.
pub(crate) fn spent(platform: &PlatformId, day: Date, ws: Option<&WorkspaceId>) -> Key {
    let of = ws.map(|ws| format!("#{ws}")).unwrap_or_default();
    Key::new(OPERATOR, format!("QS#{platform}#{day}{of}"))
}

/// That an account was paid for on a day.
pub(crate) fn paid(platform: &PlatformId, day: Date, account: AccountId) -> Key {
    let account = Digest::of(&account.to_string());
    Key::new(OPERATOR, format!("QP#{platform}#{day}#{}", account.as_str()))
}

pub(crate) fn pass() -> Key {
    Key::new(OPERATOR, "V")
}

pub(crate) fn round() -> Key {
    Key::new(OPERATOR, "VH")
}

pub(crate) fn audit(ws: &WorkspaceId, id: AuditId) -> Key {
    Key::new(workspace_partition(ws), format!("U#{id}"))
}

pub(crate) fn picture(ws: &WorkspaceId, account: AccountId) -> Key {
    Key::new(workspace_partition(ws), format!("P#{account}"))
}

pub(crate) fn usage(ws: &WorkspaceId, account: AccountId) -> Key {
    Key::new(workspace_partition(ws), format!("{USAGE}{account}"))
}

pub(crate) fn schedule(ws: &WorkspaceId, account: AccountId) -> Key {
    Key::new(workspace_partition(ws), format!("Q#{account}"))
}

pub(crate) fn preferences(ws: &WorkspaceId, account: AccountId) -> Key {
    Key::new(workspace_partition(ws), format!("T#{account}"))
}

pub(crate) fn planned(ws: &WorkspaceId, account: AccountId) -> Key {
    Key::new(workspace_partition(ws), format!("J#{account}"))
}

/// Sort key prefix of an account's devices.
pub(crate) fn devices(account: AccountId) -> String {
    format!("D#{account}#")
}

pub(crate) fn device(ws: &WorkspaceId, account: AccountId, device: DeviceId) -> Key {
    Key::new(workspace_partition(ws), format!("{}{device}", devices(account)))
}

/// How many devices an account has; sorts before them and goes with them.
pub(crate) fn device_count(ws: &WorkspaceId, account: AccountId) -> Key {
    Key::new(workspace_partition(ws), devices(account))
}

/// Sort key prefix of what was written about an account's troubles.
pub(crate) fn episode_notes(account: AccountId) -> String {
    format!("H#{account}#")
}

/// What was written about one of them.
pub(crate) fn episode_note(ws: &WorkspaceId, account: AccountId, episode: EpisodeId) -> Key {
    Key::new(workspace_partition(ws), format!("{}{episode}", episode_notes(account)))
}

pub(crate) fn vocabulary(ws: &WorkspaceId) -> Key {
    Key::new(workspace_partition(ws), "B")
}

pub(crate) fn idempotency(ws: &WorkspaceId, of: &Digest) -> Key {
    Key::new(workspace_partition(ws), format!("K#{}", of.as_str()))
}

pub(crate) fn run(ws: &WorkspaceId, id: RunId) -> Key {
    Key::new(workspace_partition(ws), format!("X#{id}"))
}

pub(crate) fn run_part(ws: &WorkspaceId, id: RunId, number: u32) -> Key {
    Key::new(workspace_partition(ws), format!("X#{id}#{number:05}"))
}

/// Sort key prefix of API keys.
pub(crate) const API_KEY: &str = "Y#";

pub(crate) fn api_key(ws: &WorkspaceId, id: ApiKeyId) -> Key {
    Key::new(workspace_partition(ws), format!("{API_KEY}{id}"))
}

/// What is found of an API key by the digest of its text.
pub(crate) fn badge(proof: &Digest) -> Key {
    Key::new(format!("{API_KEY}{}", proof.as_str()), "Y")
}

/// Sort key prefix of links.
pub(crate) const LINK: &str = "Z#";

pub(crate) fn link(ws: &WorkspaceId, id: LinkId) -> Key {
    Key::new(workspace_partition(ws), format!("{LINK}{id}"))
}

/// How far clients came with a link.
pub(crate) fn link_funnel(ws: &WorkspaceId, id: LinkId) -> Key {
    Key::new(workspace_partition(ws), format!("ZF#{id}"))
}

/// How many wrong passwords a link was given.
pub(crate) fn link_tries(ws: &WorkspaceId, id: LinkId) -> Key {
    Key::new(workspace_partition(ws), format!("ZP#{id}"))
}

pub(crate) fn link_logo(ws: &WorkspaceId, id: LinkId) -> Key {
    Key::new(workspace_partition(ws), format!("ZG#{id}"))
}

/// What is found of a link by the digest of a secret.
pub(crate) fn link_secret(secret: &Digest) -> Key {
    Key::new(format!("{LINK}{}", secret.as_str()), "Z")
}

pub(crate) fn attempts(ws: &WorkspaceId, platform: &PlatformId, actor: &str) -> Key {
    let of = Digest::of_parts(&[platform.as_str(), actor]);
    Key::new(workspace_partition(ws), format!("L#{}", of.as_str()))
}

pub(crate) fn grant(id: GrantId) -> Key {
    Key::new(format!("{GRANT}{id}"), "R")
}

pub(crate) fn notice(id: &Digest) -> Key {
    Key::new(format!("M#{}", id.as_str()), "M")
}

pub(crate) fn session(id: ConnectSessionId) -> Key {
    Key::new(format!("S#{}", Digest::of(&id.to_string()).as_str()), "S")
}

pub(crate) fn held(id: ConnectSessionId) -> Key {
    Key { sk: "T".to_owned(), ..session(id) }
}
