//! From what the use cases answer to what the pages show.

use app::{
    Services,
    account::{Page, Shown},
    connect::select::Candidates,
    disconnect::{Action as Verb, Preview, Receipt},
    platform::Card,
    revoke::Revoked,
    workspace::Limits,
};
use domain::{
    Account, Code, ConnectSession, Lifecycle, Permission, PlatformId, Refusal, connect::Status, plan::Reached,
};
use web::{
    console::{
        self, Access, AccountRow, CandidateRow, Chrome, Ending, Existing, FilterLink, Manual, Method, PlanPanel,
        PlatformCard, Subject, Toggle, WorkspaceLink,
    },
    parts::{Action, Blocked, Face, Flash, FlashKind, Link, Meter, Platform, Via},
};

use super::Visitor;

/// All that the overview is made from.
pub(super) struct Overview {
    pub(super) platform: Option<PlatformId>,
    pub(super) disconnected: bool,
    pub(super) list: Page,
    pub(super) cards: Vec<Card>,
    pub(super) limits: Limits,
    pub(super) ended: Option<ConnectSession>,
}

impl Overview {
    pub(super) fn page(self, services: &Services, visitor: &Visitor) -> console::Overview {
        let plan = &self.limits.plan;
        let mut accounts: Vec<AccountRow> = self.list.accounts.iter().map(|s| row(services, visitor, s)).collect();
        accounts.sort_by_key(|a| !a.is_main);
        let address = |platform: Option<&PlatformId>, disconnected: bool, after: Option<String>| {
            let mut parts = Vec::new();
            parts.extend(platform.map(|p| format!("platform={p}")));
            parts.extend(disconnected.then(|| "disconnected=true".to_owned()));
            parts.extend(after.map(|a| format!("after={a}")));
            format!("/console?{}", parts.join("&"))
        };
        let all = FilterLink {
            label: "All".to_owned(),
            href: address(None, self.disconnected, None),
            count: Some(self.limits.total),
            current: self.platform.is_none(),
        };
        let filter = |card: &Card| FilterLink {
            label: card.platform.name.clone(),
            href: address(Some(&card.platform.id), self.disconnected, None),
            count: Some(card.used),
            current: self.platform.as_ref() == Some(&card.platform.id),
        };
        console::Overview {
            chrome: chrome(visitor),
            flash: self.ended.as_ref().and_then(|s| ended(services, s)),
            plan: PlanPanel {
                name: plan.name.clone(),
                total: Meter::new(self.limits.total, Option::<u32>::from(plan.max_total)),
                per_platform: plan.max_per_platform.into(),
                upgrade: None,
            },
            platforms: self.cards.iter().map(|c| card(visitor, c)).collect(),
            connect: "/console/connect".to_owned(),
            accounts,
            filters: std::iter::once(all).chain(self.cards.iter().map(filter)).collect(),
            filtered: self.platform.is_some(),
            disconnected: Toggle {
                on: self.disconnected,
                href: address(self.platform.as_ref(), !self.disconnected, None),
            },
            next: self.list.next.map(|id| address(self.platform.as_ref(), self.disconnected, Some(id.to_string()))),
            hint: visitor.setup.hint.clone(),
        }
    }
}

fn chrome(visitor: &Visitor) -> Chrome {
    let actor = &visitor.actor;
    let sign_in = visitor.setup.sign_in.clone().unwrap_or_default();
    let link = |id: &domain::WorkspaceId| WorkspaceLink {
        id: id.clone(),
        label: id.to_string(),
        href: format!("{sign_in}?workspace={id}"),
        current: *id == actor.workspace,
    };
    Chrome {
        home: "/console".to_owned(),
        csrf: visitor.csrf.expose().to_owned(),
        workspace: actor.workspace.clone(),
        workspace_name: actor.workspace.to_string(),
        person: actor.name.clone(),
        role: Some(actor.role),
        workspaces: visitor.setup.workspaces.iter().map(link).collect(),
        sign_out: None,
    }
}

fn named(services: &Services, platform: &PlatformId) -> Platform {
    let name = services.platforms.entry(platform, None).map(|e| e.platform_name.clone());
    Platform { id: platform.clone(), name: name.unwrap_or_else(|| platform.to_string()) }
}

/// Why a caller without a permission cannot do it.
fn not_allowed(visitor: &Visitor, permission: Permission) -> Option<Blocked> {
    let who = permission.least().as_str();
    (!visitor.actor.may(permission)).then(|| Blocked::because(format!("Only a {who} or somebody above can do this.")))
}

fn limit_text(reached: &Reached) -> String {
    let text = Refusal::limit(reached.clone()).detail;
    let Some(upgrade) = &reached.upgrade else { return text };
    let max = upgrade.max.map_or_else(|| "as many as you like".to_owned(), |m| m.to_string());
    format!("{text} The plan {} allows {max}.", upgrade.plan)
}

fn card(visitor: &Visitor, card: &Card) -> PlatformCard {
    let platform = &card.platform;
    let unconfigured = || Blocked::because("There is no OAuth app for it; an operator adds one with --apps.");
    let blocked = not_allowed(visitor, Permission::AccountsConnect)
        .or_else(|| (!platform.configured()).then(unconfigured))
        .or_else(|| card.reached.as_ref().map(|r| Blocked::because(limit_text(r))));
    PlatformCard {
        platform: Platform { id: platform.id.clone(), name: platform.name.clone() },
        connected: Meter::new(card.used, Option::<u32>::from(card.limit)),
        main: card.main.as_ref().map(|a| a.profile.name.clone()),
        methods: platform
            .methods
            .iter()
            .map(|(entry, configured)| Method {
                id: entry.method.clone(),
                name: entry.method_name.clone(),
                ask: None,
                blocked: (!configured).then(unconfigured),
            })
            .collect(),
        blocked,
    }
}

fn row(services: &Services, visitor: &Visitor, Shown { account, is_main, .. }: &Shown) -> AccountRow {
    let active = account.lifecycle == Lifecycle::Active;
    let path = format!("/console/accounts/{}", account.id);
    let mut actions = Vec::new();
    if active && !is_main {
        actions.push(Action {
            label: "Set as main".to_owned(),
            href: format!("{path}/main"),
            via: Via::Post,
            danger: false,
            blocked: not_allowed(visitor, Permission::AccountsMain),
        });
    }
    if active {
        actions.push(Action {
            label: "Disconnect".to_owned(),
            href: format!("{path}/disconnect"),
            via: Via::Page,
            danger: false,
            blocked: not_allowed(visitor, Permission::AccountsDisconnect),
        });
    }
    actions.push(Action {
        label: "Remove…".to_owned(),
        href: format!("{path}/remove"),
        via: Via::Page,
        danger: true,
        blocked: not_allowed(visitor, Permission::AccountsRemove),
    });
    AccountRow {
        id: account.id,
        face: Face::from(&account.profile),
        profile_url: account.profile.profile_url.clone(),
        platform: named(services, &account.platform),
        kind: account.profile.kind.clone(),
        connected_at: account.connected_at,
        connected_by: Some(account.connected_by.name.clone().unwrap_or_else(|| account.connected_by.id.clone())),
        lifecycle: account.lifecycle,
        disconnected_at: account.disconnected_at,
        is_main: *is_main,
        actions,
    }
}

/// How an attempt ended, above the overview.
fn ended(services: &Services, session: &ConnectSession) -> Option<Flash> {
    let platform = named(services, &session.platform).name;
    let now = services.now();
    let (kind, title, text) = match session.status(now) {
        Status::Completed => {
            let count = session.accounts().len();
            let title = if count == 1 {
                "1 account is connected".to_owned()
            } else {
                format!("{count} accounts are connected")
            };
            (FlashKind::Success, title, Some(format!("They are from {platform}.")).filter(|_| count > 1))
        }
        Status::Failed => {
            let error = session.error(now)?;
            (
                FlashKind::Error,
                error.code.title().to_owned(),
                Some(format!("{} {}", error.detail, error.code.next_step())),
            )
        }
        Status::Cancelled => (FlashKind::Success, "Nothing was connected".to_owned(), None),
        Status::Expired => (
            FlashKind::Error,
            Code::SessionExpired.title().to_owned(),
            Some(Code::SessionExpired.next_step().to_owned()),
        ),
        Status::Created | Status::Consenting | Status::AwaitingConfirmation | Status::AwaitingSelection => return None,
    };
    Some(Flash { kind, title, text, link: None })
}

pub(super) fn choose(
    services: &Services,
    visitor: &Visitor,
    found: &Candidates,
    refusal: Option<&Refusal>,
) -> console::Choose {
    let session = &found.session;
    let open: Vec<_> = found.candidates.iter().filter(|c| !found.chosen.contains(&c.id)).collect();
    let free = |c: &&&domain::Candidate| c.barrier.is_none() && c.existing.is_none();
    // What fits is ticked, so that one press does what most people came for.
    let fits = open.iter().filter(free).count() <= found.room.map_or(usize::MAX, |r| r as usize);
    let row = |candidate: &&domain::Candidate| CandidateRow {
        id: candidate.id,
        face: Face::from(&candidate.profile),
        kind: candidate.profile.kind.clone(),
        role: candidate.profile.role.clone(),
        existing: candidate
            .existing
            .map(|id| if found.connected.contains(&id) { Existing::Connected } else { Existing::Disconnected }),
        checked: fits && free(&candidate) && open.len() <= domain::connect::MOST_SELECTED,
        blocked: candidate.barrier.as_ref().map(|barrier| Blocked {
            reason: format!("{}. {}", barrier.code.title(), barrier.code.next_step()),
            fix: barrier.fix_url.clone().map(|url| Link::new("Fix it there", url)),
        }),
    };
    let plan = services.plans.plan(session.plan.as_deref().unwrap_or("free"));
    console::Choose {
        chrome: chrome(visitor),
        flash: refusal.map(|refusal| Flash {
            kind: FlashKind::Error,
            title: refusal.code.title().to_owned(),
            text: Some(format!("{} {}", refusal.detail, refusal.code.next_step())),
            link: None,
        }),
        platform: named(services, &session.platform),
        authorized_by: None,
        candidates: open.iter().map(row).collect(),
        room: found.room,
        plan: plan.name.clone(),
        connected_before: u32::try_from(session.accounts().len()).unwrap_or(u32::MAX),
        until: session.ends_at(),
        submit: format!("/console/sessions/{}/selection", session.id),
        finish: format!("/console/sessions/{}/selection", session.id),
    }
}

fn ending(action: Verb) -> Ending {
    match action {
        Verb::Disconnect => Ending::Disconnect,
        Verb::Remove => Ending::Remove,
    }
}

fn subject(services: &Services, account: &Account) -> Subject {
    Subject { face: Face::from(&account.profile), platform: named(services, &account.platform) }
}

pub(super) fn confirm(services: &Services, visitor: &Visitor, preview: &Preview) -> console::Confirm {
    let account = &preview.account;
    let action = preview.receipt.action;
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let access = match preview.receipt.revocation.status {
        None => Access::None,
        Some(Revoked::SkippedSharedGrant) => Access::Shared { others: preview.siblings },
        Some(_) if entry.is_some_and(|e| e.blast == app::platform::Blast::Unsupported) => Access::Unsupported,
        Some(_) => Access::Revoked,
    };
    let mut effects = sentences(&preview.receipt.effects);
    if preview.is_main {
        effects.push(
            "It is the main account of its platform; if one other account is left there, that one takes over."
                .to_owned(),
        );
    }
    let verb = match action {
        Verb::Disconnect => "disconnect",
        Verb::Remove => "remove",
    };
    console::Confirm {
        chrome: chrome(visitor),
        ending: ending(action),
        subject: subject(services, account),
        effects,
        access,
        kept: sentences(&preview.receipt.kept),
        erased: sentences(&preview.receipt.erased),
        submit: format!("/console/accounts/{}/{verb}", account.id),
        cancel: "/console".to_owned(),
    }
}

pub(super) fn receipt(
    services: &Services,
    visitor: &Visitor,
    account: &Account,
    receipt: &Receipt,
) -> console::Receipt {
    let revocation = &receipt.revocation;
    let manual = (!revocation.steps.is_empty() || revocation.manual_url.is_some()).then(|| Manual {
        steps: revocation.steps.clone(),
        link: revocation.manual_url.clone().map(|url| Link::new("Open the platform's settings", url)),
    });
    console::Receipt {
        chrome: chrome(visitor),
        ending: ending(receipt.action),
        subject: subject(services, account),
        revocation: match revocation.status {
            None => console::Revocation::Nothing,
            Some(Revoked::Pending) => console::Revocation::Pending,
            Some(Revoked::Revoked) => console::Revocation::Revoked,
            Some(Revoked::Unsupported) => console::Revocation::Unsupported,
            Some(Revoked::Failed) => console::Revocation::Failed,
            Some(Revoked::SkippedSharedGrant) => console::Revocation::SkippedSharedGrant,
        },
        manual,
        effects: sentences(&receipt.effects),
        kept: sentences(&receipt.kept),
        erased: sentences(&receipt.erased),
    }
}

/// The receipt's words as sentences for people.
fn sentences(words: &[String]) -> Vec<String> {
    words.iter().map(|word| sentence(word).to_owned()).collect()
}

fn sentence(word: &str) -> &str {
    match word {
        "fail_scheduled_posts" => "Posts scheduled for it will fail.",
        "delete_scheduled_posts" => "Posts scheduled for it will be deleted.",
        "delete_queues" => "Its posting queue will be deleted.",
        "delete_automations" => "Automations that use it will be deleted.",
        "delete_drafts" => "Drafts for it will be deleted.",
        "delete_analytics" => "Its analytics will be deleted.",
        "id" => "Its id, so that reconnecting brings the same account back",
        "profile" => "Its name, handle and picture",
        "history" => "Its history",
        "settings" => "Its settings",
        "tokens" => "Its access tokens",
        "tokens_until_revoked" => "The access tokens, only until the platform has withdrawn the access",
        "tokens_of_other_accounts" => "The access tokens, for the other accounts of the same sign-in",
        other => other,
    }
}
