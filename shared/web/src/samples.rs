//! One of every page, in every shape that it has, around one stranger's name.

use std::collections::BTreeSet;

use domain::{Capability, Code, Lifecycle, Role, Timestamp};

use crate::{
    Page,
    connect::{Done, Outcome, Problem, Start, Waiting},
    console::{
        Access, AccountRow, Ask, CandidateRow, Choose, Chrome, Confirm, Ending, Existing, FilterLink, Manual, Method,
        Overview, PlanPanel, PlatformCard, Receipt, Revocation, SignIn, Subject, Toggle, WorkspaceLink,
    },
    docs::{ErrorEntry, ErrorIndex, ErrorPage},
    parts::{Action, Blocked, Face, Flash, FlashKind, Hidden, Link, Meter, Platform, Via},
};

/// A page's file name and its HTML.
pub type Sample = (&'static str, String);

const PICTURE: &str = "https://pictures.example/a.png";

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

fn account(name: &str, number: u8, here: Platform, lifecycle: Lifecycle) -> AccountRow {
    let connected_at = at("2026-11-22T23:19:05Z");
    let active = lifecycle == Lifecycle::Active;
    AccountRow {
        id: domain::AccountId::new(connected_at, [number; 16]),
        face: if number % 3 == 2 { faceless(name) } else { face(name) },
        profile_url: (number != 1).then(|| "https://facebook.com/somebody".to_owned()),
        platform: here,
        kind: if number == 1 { "business_profile" } else { "page" }.to_owned(),
        connected_at,
        connected_by: Some(name.to_owned()),
        lifecycle,
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
    Method { id: id.parse().expect("a method"), name: name.to_owned(), ask: None, blocked: None }
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
        vec![method("facebook_login", "Facebook login"), method("instagram_login", "Instagram login")],
    );
    instagram.methods[1].blocked = Some(Blocked::because("No app is configured for this method."));
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
        card("threads", "Threads", 0, 10, vec![method("threads_login", "Threads login")]),
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

fn filters() -> Vec<FilterLink> {
    [("All", "?", 15, true), ("Facebook", "?platform=facebook", 3, false), ("X", "?platform=x", 10, false)]
        .map(|(label, href, count, current)| FilterLink {
            label: label.to_owned(),
            href: href.to_owned(),
            count: Some(count),
            current,
        })
        .into()
}

fn overview(name: &str) -> Overview {
    Overview {
        chrome: chrome(name),
        flash: Some(Flash {
            kind: FlashKind::Success,
            title: format!("{name} is connected"),
            text: Some(format!("{name} can be used from now on.")),
            link: Some(Link::new("Upgrade", "https://app.example/billing")),
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
        filters: filters(),
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
            link: None,
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
            link: None,
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
        room: Some(7),
        plan: "Professional".to_owned(),
        connected_before: 0,
        until: at("2026-11-23T23:19:05Z"),
        submit: "/console/sessions/cs_1/selection".to_owned(),
        finish: "/console/sessions/cs_1/selection".to_owned(),
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

fn confirm(name: &str, ending: Ending, access: Access) -> Confirm {
    Confirm {
        chrome: chrome(name),
        ending,
        subject: subject(name),
        effects: vec![
            format!("Nothing can be published to {name} any more."),
            "Facebook will have no main account.".to_owned(),
        ],
        access,
        kept: vec!["Its id and history; reconnecting brings it back.".to_owned()],
        erased: vec!["The tokens for it.".to_owned()],
        submit: "/console/accounts/a/disconnect".to_owned(),
        cancel: "/console".to_owned(),
    }
}

fn receipt(name: &str, ending: Ending, revocation: Revocation) -> Receipt {
    Receipt {
        chrome: chrome(name),
        ending,
        subject: subject(name),
        revocation,
        manual: (revocation == Revocation::Unsupported).then(|| Manual {
            steps: vec![
                "Open the settings of Facebook.".to_owned(),
                "Choose Business integrations.".to_owned(),
                "Remove the app.".to_owned(),
            ],
            link: Some(Link::new("Open the settings", "https://www.facebook.com/settings?tab=business_tools")),
        }),
        effects: vec![format!("{name} no longer counts against the plan.")],
        kept: vec!["Its id and history.".to_owned()],
        erased: vec!["The tokens for it.".to_owned()],
    }
}

fn start(name: &str) -> Start {
    Start {
        workspace: name.to_owned(),
        person: Some(name.to_owned()),
        platform: facebook(),
        capabilities: BTreeSet::from([Capability::Publish, Capability::Analytics]),
        excluded: BTreeSet::from([Capability::Messages]),
        expected: None,
        action: "/v1/oauth/start/cs_1".to_owned(),
        fields: vec![Hidden { name: "session".to_owned(), value: name.to_owned() }],
        expires_at: at("2026-11-22T23:49:05Z"),
    }
}

fn done(name: &str, outcome: Outcome) -> Done {
    Done { workspace: name.to_owned(), platform: facebook(), outcome, link: None }
}

fn problem(name: &str) -> Problem {
    Problem {
        explanation: format!("Expected acme, but {name} came back from the platform. Nothing was changed."),
        link: Some(Link::new("Try again", "https://app.example/connect")),
        ..Problem::of(Code::AccountMismatch, name)
    }
}

fn html(page: &impl Page) -> String {
    page.render().expect("renders")
}

/// One of every page around a name.
pub fn all(name: &str) -> Vec<Sample> {
    let example = format!(
        "{{\n  \"code\": \"account_mismatch\",\n  \"status\": 409,\n  \"detail\": \"Expected acme, but {name} came back from the platform.\",\n  \"request_id\": \"req_01\"\n}}"
    );
    let entries = Code::ALL.iter().map(|code| ErrorEntry { code: *code, status: Some(409) }).collect();
    let ending = Ending::Disconnect;
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
        ("sign-in", html(&SignIn { app: Some(Link::new("Open the app", "https://app.example/")) })),
        ("start", html(&start(name))),
        ("start-expected", html(&Start { expected: Some(name.to_owned()), person: None, ..start(name) })),
        ("waiting", html(&Waiting { platform: facebook(), refresh: Some(2) })),
        ("done", html(&done(name, Outcome::Connected(vec![face(name), faceless(name)])))),
        ("done-choose", html(&done(name, Outcome::ChooseInApp { offered: 30 }))),
        ("problem", html(&problem(name))),
        ("error", html(&ErrorPage { code: Code::AccountMismatch, status: Some(409), example: Some(example) })),
        ("errors", html(&ErrorIndex { entries })),
    ]
}
