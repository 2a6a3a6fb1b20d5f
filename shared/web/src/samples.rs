//! One of every page, in every shape that it has, around one stranger's name.

mod docs;
mod ending;
pub mod figures;
mod links;
pub mod report;
mod runs;
mod search;
mod settings;

use std::collections::BTreeSet;

use domain::{
    AccountFacts, Capability, Code, GrantFacts, Lifecycle, Role, Timestamp,
    capability::{self, Availability, Given},
    health::{self, Facts, Health, Policy},
};

use self::ending::{by_hand, confirm, receipt, revoke};
use crate::{
    Page,
    connect::{Asked, Confirm as Code4, Done, Outcome, Problem, Start, Waiting},
    console::{
        Access, AccountPage, AccountRow, Ask, CandidateRow, Change, Choose, Chrome, Ending, Existing, Fact, HandOff,
        LinkEnding, Mark, Matrix, MatrixRow, Method, Overview, PlanPanel, PlatformCard, Revocation, Sibling, SignIn,
        Subject, Toggle, Waiting as Waits, WorkspaceLink, remedy,
    },
    docs::{ErrorEntry, ErrorIndex, ErrorPage, Group, Index, OperationPage, ShapePage},
    notice::Deletion,
    parts::{Action, Blocked, Face, Flash, FlashKind, Hidden, Link, Meter, Missing, Platform, Press, Tick, Via},
    qr,
};

/// A page's file name and its HTML.
pub type Sample = (&'static str, String);

const PICTURE: &str = "/console/accounts/a/picture";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn platform(id: &str, name: &str) -> Platform {
    Platform { id: id.parse().expect("a platform"), name: name.to_owned() }
}

fn facebook() -> Platform {
    platform("facebook", "Facebook")
}

fn face(name: &str) -> Face {
    Face { name: name.to_owned(), handle: Some(name.to_owned()), picture_url: Some(PICTURE.to_owned()) }
}

fn faceless(name: &str) -> Face {
    Face { name: name.to_owned(), handle: None, picture_url: Some("javascript:alert(1)".to_owned()) }
}

fn chrome(name: &str) -> Chrome {
    let link = |id: &str, label: &str, current| WorkspaceLink {
        id: id.parse().expect("a workspace"),
        label: label.to_owned(),
        href: format!("/console/{id}"),
        current,
    };
    Chrome {
        home: "/console".to_owned(),
        csrf: "csrf-token".to_owned(),
        workspace: "ws_nordlys".parse().expect("a workspace"),
        workspace_name: name.to_owned(),
        person: Some(name.to_owned()),
        role: Some(Role::Admin),
        links: Some("/console/links".to_owned()),
        settings: "/console/settings".to_owned(),
        workspaces: vec![link("ws_nordlys", name, true), link("ws_2", "Studio Fjord", false)],
        sign_out: Some("/console/sign-out".to_owned()),
    }
}

fn action(label: &str, via: Via, danger: bool, blocked: Option<&str>) -> Action {
    Action {
        label: label.to_owned(),
        href: format!("/console/accounts/a/{}", label.to_lowercase().replace([' ', '…'], "-")),
        via,
        danger,
        blocked: blocked.map(Blocked::because),
    }
}

const NOT_ALLOWED: Availability = Availability::Unavailable(Code::InsufficientPermissions);

/// How an account is that was asked for all of these, and must be reconnected within the year.
fn judged(lifecycle: Lifecycle, capabilities: &[(Capability, Availability)]) -> Health {
    let asked = capabilities.iter().filter(|(_, a)| *a == NOT_ALLOWED || *a == Availability::Available);
    let since = at("2026-11-22T23:19:05Z");
    let account = AccountFacts {
        fetched: domain::Fetched::default(),
        sync_interval_minutes: None,
        suspended: None,
        lifecycle,
        method: "facebook_login".parse().expect("a method"),
        access: capability::Access { asked: asked.map(|(c, _)| *c).collect(), ..capability::Access::default() },
        grant: GrantFacts { reauth_due_at: Some(at("2027-01-22T23:19:05Z")), ..GrantFacts::default() },
        standing: None,
        connected_at: since,
        since,
    };
    health::health(&Facts::of(account, capabilities.iter().copied().collect(), None), since, &Policy::default())
}

fn account(name: &str, number: u8, here: Platform, lifecycle: Lifecycle) -> AccountRow {
    let connected_at = at("2026-11-22T23:19:05Z");
    let active = lifecycle == Lifecycle::Active;
    AccountRow {
        id: domain::AccountId::new(connected_at, [number; 16]),
        face: if number % 3 == 2 { faceless(name) } else { face(name) },
        href: format!("/console/accounts/{number}"),
        platform: here,
        kind: if number == 1 { "business_profile" } else { "page" }.to_owned(),
        connected_at,
        connected_by: Some(name.to_owned()),
        mark: Mark::from(&judged(
            lifecycle,
            &[(Capability::Publish, if number == 1 { NOT_ALLOWED } else { Availability::Available })],
        )),
        disconnected_at: (!active).then(|| at("2026-11-23T08:00:00Z")),
        is_main: number == 0,
        actions: if active {
            let main = (number == 0).then_some("It is the main account already.");
            vec![
                action("Set as main", Via::Post, false, main),
                action("Disconnect", Via::Page, false, None),
                action(
                    "Remove…",
                    Via::Page,
                    true,
                    (number == 1).then_some("Your role manager does not include this; ask an admin."),
                ),
            ]
        } else {
            vec![action("Remove…", Via::Page, true, None)]
        },
    }
}

fn method(id: &str, name: &str) -> Method {
    let ticks =
        vec![tick(Capability::Publish, true), tick(Capability::Analytics, true), tick(Capability::Audience, false)];
    Method { id: id.parse().expect("a method"), name: name.to_owned(), suits: None, ticks, ask: None, blocked: None }
}

fn tick(capability: Capability, checked: bool) -> Tick {
    Tick { capability, checked }
}

fn press(label: &str) -> Press {
    let fields = vec![
        Hidden { name: crate::parts::CSRF_FIELD.to_owned(), value: "csrf-token".to_owned() },
        Hidden { name: "platform".to_owned(), value: "instagram".to_owned() },
    ];
    Press { label: label.to_owned(), action: "/console/connect".to_owned(), fields, first: false }
}

fn card(id: &str, name: &str, used: u32, max: impl Into<Option<u32>>, methods: Vec<Method>) -> PlatformCard {
    PlatformCard { platform: platform(id, name), connected: Meter::new(used, max), main: None, methods, blocked: None }
}

fn cards(name: &str, connected: bool) -> Vec<PlatformCard> {
    let used = u32::from(connected);
    let mut instagram = card(
        "instagram",
        "Instagram",
        0,
        10,
        vec![method("facebook_login", "Facebook"), method("instagram_login", "Instagram")],
    );
    instagram.methods[0].suits = Some("For accounts linked to a Page".to_owned());
    instagram.methods[1].suits = Some("No Page needed".to_owned());
    let mut threads =
        card("threads", "Threads", 0, 10, vec![method("threads_login", "Threads"), method("other", "Facebook")]);
    threads.methods[1].blocked = Some(Blocked::because("No app is configured for this method."));
    let mut x = card("x", "X", 10 * used, 10, vec![method("x_login", "X login")]);
    if connected {
        x.blocked = Some(Blocked {
            reason: "The plan Professional allows 10 accounts per platform; Enterprise has no limit.".to_owned(),
            fix: Some(Link::new("Upgrade", "https://app.example/billing")),
        });
    }
    let mut mastodon = card("mastodon", "Mastodon", 0, 10, vec![method("mastodon_login", "Mastodon login")]);
    mastodon.methods[0].ask = Some(Ask {
        name: "host".to_owned(),
        label: "Your server".to_owned(),
        example: "mastodon.social".to_owned(),
        required: true,
    });
    let mut tiktok = card("tiktok", "TikTok", 0, 10, vec![method("tiktok_login", "TikTok login")]);
    tiktok.blocked = Some(Blocked::because("No app is configured for this platform. The operator can add one."));
    vec![
        PlatformCard {
            main: connected.then(|| name.to_owned()),
            ..card("facebook", "Facebook", 3 * used, 10, vec![method("facebook_login", "Facebook login")])
        },
        instagram,
        threads,
        x,
        card("linkedin", "LinkedIn", used, 10, vec![method("linkedin_login", "LinkedIn login")]),
        tiktok,
        card("pinterest", "Pinterest", 0, 10, vec![method("pinterest_login", "Pinterest login")]),
        card("youtube", "YouTube", 0, 10, vec![method("google_login", "Google login")]),
        card("google_business", "Google Business", 0, 10, vec![method("google_login", "Google login")]),
        card("bluesky", "Bluesky", 0, 10, vec![method("bluesky_login", "Bluesky login")]),
        mastodon,
        card("forum", "House Forum", 0, None, vec![method("oauth2_generic", "Forum login")]),
    ]
}

fn overview(name: &str) -> Overview {
    Overview {
        chrome: chrome(name),
        flash: Some(Flash {
            kind: FlashKind::Success,
            title: format!("{name} is connected"),
            text: Some(format!("{name} can be used from now on.")),
            next: Some(press("Allow publishing")),
        }),
        plan: PlanPanel {
            name: "Professional".to_owned(),
            total: Meter::new(15, 25),
            per_platform: Some(10),
            upgrade: Some(Link::new("Upgrade", "https://app.example/billing")),
        },
        platforms: cards(name, true),
        connect: "/console/connect".to_owned(),
        accounts: vec![
            account(name, 0, facebook(), Lifecycle::Active),
            account(name, 1, platform("x", "X"), Lifecycle::Active),
            account(name, 2, platform("linkedin", "LinkedIn"), Lifecycle::Active),
            account(name, 3, platform("forum", name), Lifecycle::Disconnected),
        ],
        search: Some(search::form(name)),
        filters: search::filters(),
        filtered: false,
        disconnected: Toggle { on: true, href: "?".to_owned() },
        next: Some("?cursor=abc".to_owned()),
        hint: None,
    }
}

fn newcomer(name: &str) -> Overview {
    Overview {
        flash: None,
        plan: PlanPanel { name: "Free".to_owned(), total: Meter::new(0, 3), per_platform: Some(1), upgrade: None },
        platforms: cards(name, false),
        accounts: vec![],
        search: None,
        filters: vec![],
        disconnected: Toggle { on: false, href: "?lifecycle=all".to_owned() },
        next: None,
        hint: Some("Here the platforms are simulated: approve as acme.".to_owned()),
        ..overview(name)
    }
}

fn filtered(name: &str) -> Overview {
    Overview {
        flash: Some(Flash {
            kind: FlashKind::Error,
            title: "The plan has no room for another account".to_owned(),
            text: Some(format!("{name} is not connected.")),
            next: None,
        }),
        plan: PlanPanel {
            name: "Enterprise".to_owned(),
            total: Meter::new(15, None),
            per_platform: None,
            upgrade: None,
        },
        accounts: vec![],
        filtered: true,
        ..overview(name)
    }
}

fn candidate(name: &str, number: u8, existing: Option<Existing>, blocked: Option<Blocked>) -> CandidateRow {
    CandidateRow {
        id: domain::CandidateId::new(at("2026-11-22T23:19:05Z"), [number; 16]),
        face: if number % 2 == 1 { faceless(name) } else { face(name) },
        kind: "page".to_owned(),
        role: Some("admin".to_owned()),
        linked: (number != 1).then(|| name.to_owned()),
        existing,
        checked: number == 0,
        blocked,
    }
}

fn choose(name: &str) -> Choose {
    let because = |reason: &str, fix: Option<Link>| Some(Blocked { reason: reason.to_owned(), fix });
    let fix = Link::new("Ask for the role admin", "https://business.facebook.com/settings");
    Choose {
        chrome: chrome(name),
        flash: Some(Flash {
            kind: FlashKind::Error,
            title: "Nothing was chosen".to_owned(),
            text: Some("Tick at least one account.".to_owned()),
            next: None,
        }),
        platform: facebook(),
        authorized_by: Some(name.to_owned()),
        candidates: vec![
            candidate(name, 0, None, None),
            candidate(name, 1, Some(Existing::Connected), None),
            candidate(name, 2, Some(Existing::Disconnected), None),
            candidate(name, 3, None, because("The role on the page is too small: analyst.", Some(fix))),
            candidate(name, 4, None, because("The platform has restricted this account.", None)),
        ],
        missing: vec![missing(&[name, "Studio Fjord"], None), missing(&[], Some("https://www.facebook.com/settings"))],
        room: Some(7),
        plan: "Professional".to_owned(),
        connected_before: 0,
        until: at("2026-11-23T23:19:05Z"),
        submit: "/console/sessions/cs_1/selection".to_owned(),
        finish: "/console/sessions/cs_1/selection".to_owned(),
        instead: Some(press("Connect with Instagram instead")),
    }
}

fn missing(names: &[&str], fix: Option<&str>) -> Missing {
    Missing {
        text: "Most likely it was not ticked at the platform.".to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        fix: fix.map(|url| Link::new("Look there", url)),
    }
}

fn page_of_account(name: &str, lifecycle: Lifecycle, publish: Availability) -> AccountPage {
    let capabilities = vec![
        (Capability::Publish, publish),
        (Capability::Analytics, Availability::Available),
        (Capability::Messages, Availability::Unavailable(Code::CapabilityUnsupported)),
        (Capability::Audience, Availability::NotAsked),
    ];
    let health = judged(lifecycle, &capabilities);
    let row =
        AccountRow { mark: Mark::from(&health), ..account(name, 0, platform("instagram", "Instagram"), lifecycle) };
    let scope = |scope: &str, given| (scope.to_owned(), given);
    let rows = vec![
        MatrixRow { capability: None, scopes: vec![scope("instagram_basic", Given::Granted)] },
        MatrixRow {
            capability: Some(Capability::Publish),
            scopes: vec![scope("instagram_business_content_publish", Given::Denied), scope("more", Given::Unknown)],
        },
        MatrixRow {
            capability: Some(Capability::Audience),
            scopes: vec![scope("instagram_manage_insights", Given::NotAsked)],
        },
    ];
    let sibling = |id: &str, label: &str| Sibling {
        face: face(name),
        platform: platform(id, label),
        href: "/console/accounts/a".to_owned(),
    };
    let fact = |what: &str, text: &str, at: Option<&str>| Fact {
        what: what.to_owned(),
        text: text.to_owned(),
        at: at.map(self::at),
    };
    let active = lifecycle == Lifecycle::Active;
    AccountPage {
        chrome: chrome(name),
        flash: None,
        row,
        place: "Facebook".to_owned(),
        profile: Some(Link::new("Public page", "https://www.instagram.com/somebody")),
        facts: vec![
            fact("Way", "Instagram with Facebook", None),
            fact("Allowed by", name, None),
            fact("Connected", name, Some("2026-11-22T23:19:05Z")),
            fact("Sign in again by", "", Some("2027-01-22T23:19:05Z")),
        ],
        remedy: remedy(&health).map(|label| press(&label)),
        send: active.then(|| press("Send a reconnect link")),
        health,
        capabilities,
        change: active.then(|| Change {
            action: "/console/connect".to_owned(),
            fields: press("").fields,
            ticks: vec![tick(Capability::Publish, true), tick(Capability::Audience, false)],
        }),
        data: active.then(|| runs::data(publish != NOT_ALLOWED)),
        figures: active.then(figures::summary),
        matrix: active.then(|| Matrix {
            checked_at: Some(at("2026-11-22T23:19:05Z")),
            told: publish != Availability::Unknown,
            rows,
            beyond: vec![name.to_owned()],
        }),
        siblings: if active {
            vec![sibling("facebook", "Facebook"), sibling("instagram", "Instagram")]
        } else {
            vec![]
        },
        more_siblings: usize::from(active) * 14,
        add: if active { vec![press("Add another Instagram account"), press("Add a Facebook Page")] } else { vec![] },
        take_back: active.then(by_hand),
    }
}

fn handed_over(name: &str, waiting: Waits, code: Option<&str>) -> HandOff {
    let link = "http://127.0.0.1:8080/v1/connect-sessions/cs_01JD0000000000000000000000/confirm";
    HandOff {
        chrome: chrome(name),
        platform: platform("instagram", "Instagram"),
        place: "Facebook".to_owned(),
        waiting,
        link: link.to_owned(),
        picture: qr::svg(link),
        code: code.map(str::to_owned),
        look: "/console/sessions/cs_1/handoff".to_owned(),
        toggle: "?still=true".to_owned(),
        moving: true,
        again: press("New code"),
        cancel: press("Cancel"),
        expires_at: at("2026-11-22T23:49:05Z"),
    }
}

fn finish_here(name: &str, wrong: Option<&str>, spent: bool) -> Code4 {
    Code4 {
        workspace: name.to_owned(),
        person: Some(name.to_owned()),
        platform: platform("instagram", "Instagram"),
        action: "/v1/connect-sessions/cs_1/confirm".to_owned(),
        wrong: wrong.map(str::to_owned),
        spent,
        expires_at: at("2026-11-22T23:49:05Z"),
    }
}

fn nothing_to_choose(name: &str) -> Choose {
    let mut page = choose(name);
    page.flash = None;
    page.room = None;
    page.connected_before = 2;
    page.candidates.drain(..3);
    page
}

fn subject(name: &str) -> Subject {
    Subject { face: face(name), platform: facebook() }
}

fn start(name: &str) -> Start {
    Start {
        workspace: name.to_owned(),
        person: Some(name.to_owned()),
        platform: platform("instagram", "Instagram"),
        method: "facebook_login".parse().expect("a method"),
        way: "Facebook".to_owned(),
        sign_in: "Facebook".to_owned(),
        also: vec![(facebook(), "facebook_login".parse().expect("a method"))],
        asks: vec![Asked {
            what: format!("See that {name} is there."),
            why: "It can be shown with its name.".to_owned(),
            never: "It never lets us post.".to_owned(),
        }],
        excluded: BTreeSet::from([Capability::Messages]),
        expected: None,
        keep_ticked: true,
        action: "/v1/oauth/start/cs_1".to_owned(),
        fields: vec![Hidden { name: "session".to_owned(), value: name.to_owned() }],
        device: Some(Press {
            action: "/console/sessions/cs_1/handoff".to_owned(),
            ..press("Continue on another device")
        }),
        expires_at: at("2026-11-22T23:49:05Z"),
    }
}

fn done(name: &str, outcome: Outcome) -> Done {
    Done { workspace: name.to_owned(), platform: facebook(), outcome, lost: vec![name.to_owned()], link: None }
}

fn problem(name: &str) -> Problem {
    Problem {
        explanation: format!("Expected acme, but {name} came back from the platform. Nothing was changed."),
        missing: vec![missing(&[name], None)],
        lost: vec![name.to_owned(), "Studio Fjord".to_owned()],
        link: Some(Link::new("Try again", "https://app.example/connect")),
        ..Problem::of(Code::AccountMismatch, name)
    }
}

fn html(page: &impl Page) -> String {
    page.render().expect("renders")
}

fn deletion(name: &str, done_at: Option<Timestamp>) -> Deletion {
    let platform = platform("facebook", name);
    Deletion { platform, code: "a_code-1".to_owned(), asked_at: at("2026-11-22T10:00:00Z"), done_at }
}

/// One of every page around a name.
pub fn all(name: &str) -> Vec<Sample> {
    let example = format!(
        "{{\n  \"code\": \"account_mismatch\",\n  \"status\": 409,\n  \"detail\": \"Expected acme, but {name} came back from the platform.\",\n  \"request_id\": \"req_01\"\n}}"
    );
    let entries = Code::ALL.iter().map(|code| ErrorEntry { code: *code, status: Some(409) }).collect();
    let ending = Ending::Disconnect;
    let operation = docs::operation(name);
    vec![
        ("overview", html(&overview(name))),
        ("overview-new", html(&newcomer(name))),
        ("overview-filtered", html(&filtered(name))),
        ("choose", html(&choose(name))),
        ("choose-none", html(&nothing_to_choose(name))),
        ("confirm-disconnect", html(&confirm(name, ending, Access::Shared { others: 2 }))),
        ("confirm-remove", html(&confirm(name, Ending::Remove, Access::Revoked))),
        ("receipt-pending", html(&receipt(name, ending, Revocation::Pending))),
        ("receipt-revoked", html(&receipt(name, Ending::Remove, Revocation::Revoked))),
        ("receipt-unsupported", html(&receipt(name, ending, Revocation::Unsupported))),
        ("receipt-failed", html(&receipt(name, ending, Revocation::Failed))),
        ("receipt-shared", html(&receipt(name, ending, Revocation::SkippedSharedGrant))),
        ("account", html(&page_of_account(name, Lifecycle::Active, Availability::Available))),
        ("account-limited", html(&page_of_account(name, Lifecycle::Active, NOT_ALLOWED))),
        ("account-disconnected", html(&page_of_account(name, Lifecycle::Disconnected, NOT_ALLOWED))),
        ("figures", html(&figures::page(name))),
        ("figures-short", html(&figures::short(name))),
        ("figures-none", html(&figures::none(name))),
        ("run-going", html(&runs::run(name, None))),
        ("run-succeeded", html(&runs::run(name, Some(runs::succeeded())))),
        ("run-partial", html(&runs::run(name, Some(runs::partial(name))))),
        ("run-failed", html(&runs::run(name, Some(runs::failed())))),
        ("report", html(&report::audit(name))),
        ("handoff", html(&handed_over(name, Waits::Code { tries_left: 3 }, Some("4821")))),
        ("handoff-wrong", html(&handed_over(name, Waits::Code { tries_left: 1 }, None))),
        ("handoff-spent", html(&handed_over(name, Waits::Code { tries_left: 0 }, Some("4821")))),
        ("handoff-going", html(&handed_over(name, Waits::Platform, None))),
        ("links", html(&links::list(name))),
        ("links-none", html(&links::none(name))),
        ("link", html(&links::link(name, true))),
        ("link-read", html(&links::link(name, false))),
        ("link-new", html(&links::new(name, false))),
        ("link-refused", html(&links::new(name, true))),
        ("link-told", html(&links::told(name, true))),
        ("link-told-again", html(&links::told(name, false))),
        ("link-rotate", html(&links::confirm(name, LinkEnding::Rotate))),
        ("link-delete", html(&links::confirm(name, LinkEnding::Delete))),
        ("settings", html(&settings::settings(name, false))),
        ("settings-read", html(&settings::settings(name, true))),
        ("finish", html(&finish_here(name, None, false))),
        ("finish-wrong", html(&finish_here(name, Some("That is not the code. 2 tries are left."), false))),
        ("finish-spent", html(&finish_here(name, Some("The code was wrong three times."), true))),
        ("sign-in", html(&SignIn { app: Some(Link::new("Open the app", "https://app.example/")) })),
        ("start", html(&start(name))),
        (
            "start-expected",
            html(&Start { expected: Some(name.to_owned()), person: None, device: None, also: vec![], ..start(name) }),
        ),
        ("waiting", html(&Waiting { platform: facebook(), refresh: Some(2) })),
        ("done", html(&done(name, Outcome::Connected(vec![face(name), faceless(name)])))),
        ("done-choose", html(&done(name, Outcome::ChooseInApp { offered: 30 }))),
        ("done-first", html(&done(name, Outcome::ChooseOnFirstDevice { offered: 30 }))),
        ("problem", html(&problem(name))),
        ("revoke", html(&revoke())),
        ("deletion", html(&deletion(name, None))),
        ("deletion-done", html(&deletion(name, Some(at("2026-11-22T10:01:00Z"))))),
        (
            "error",
            html(&ErrorPage {
                code: Code::AccountMismatch,
                status: Some(409),
                example: Some(example),
                operations: vec![&operation],
            }),
        ),
        (
            "docs",
            html(&Index { groups: &[Group { name: "accounts".to_owned(), operations: vec![operation.clone()] }] }),
        ),
        ("operation", html(&OperationPage { operation: &operation })),
        ("shape", html(&ShapePage { shape: docs::shape(name) })),
        ("errors", html(&ErrorIndex { entries })),
    ]
}
