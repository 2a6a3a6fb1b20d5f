//! One of every client's page, in every shape that it has, around one stranger's name.

use domain::{Capability, Code, Language, Timestamp};

use super::{
    Add, Candidate, CandidateState, Checklist, Consent, Device, Elsewhere, Form, FreshAsked, Gate, Item, ItemState,
    Landing, Line, Missing, Next, Notice, Outcome, OutcomePage, Pick, Receipt, Shell, Waiting, Withdraw, Withdrawal,
    WithdrawalNotice, brand_path,
};
use crate::{
    Page,
    parts::{Face, Hidden, Platform},
    qr,
};

const ADDRESS: &str = "https://connect.example/c/3vQb4nqk0mQ8uYtq1Zk7cXw9pLr2sTf5aHj6dGe8NyM";

/// A page's file name and its HTML.
pub type Sample = (String, String);

/// All of them in a language.
pub fn all(name: &str, language: Language) -> Vec<Sample> {
    let made = Made { name, shell: shell(name, language) };
    let mut samples = vec![];
    let mut add = |file: &str, html: String| samples.push((format!("easyconnect-{file}"), html));
    for (file, gate) in [
        ("landing", Gate::Open),
        ("landing-password", Gate::Password),
        ("landing-wrong", Gate::WrongPassword { tries_left: 2 }),
        ("landing-locked", Gate::Locked { minutes: 15 }),
    ] {
        add(file, html(&made.landing(gate)));
    }
    add("landing-elsewhere", html(&made.elsewhere(None)));
    add("landing-no-intent", html(&made.elsewhere(Some("javascript:alert(1)"))));
    add("landing-android", html(&made.elsewhere(Some("intent://connect.example/c/3vQb#Intent;scheme=https;end"))));
    add("checklist", html(&made.checklist()));
    let done = vec![made.item(1, facebook(), Some("page"), ItemState::Connected)];
    add("checklist-done", html(&Checklist { notice: None, items: done, ..made.checklist() }));
    add("checklist-new", html(&made.new_checklist()));
    add("checklist-open", html(&made.open_checklist()));
    let wrong = Outcome::WrongAccount { expected: Some("acme".to_owned()), got: Some(name.to_owned()) };
    let ended = Notice::Ended(wrong, Next::Form(form("/e/items/1")));
    add("checklist-ended", html(&Checklist { notice: Some(ended), ..made.checklist() }));
    add("checklist-asked", html(&Checklist { notice: Some(Notice::FreshAsked), ..made.checklist() }));
    add("consent", html(&made.consent()));
    add("consent-expected", html(&made.expected()));
    for (file, pick) in [
        ("pick", made.pick()),
        ("pick-only", made.only(CandidateState::Free { checked: true })),
        ("pick-here", made.only(CandidateState::Here)),
        ("pick-none", made.only(blocked(Code::AccountTypeUnsupported, None))),
    ] {
        add(file, html(&pick));
    }
    for outcome in outcomes(name) {
        let page = OutcomePage {
            shell: made.shell.clone(),
            next: if outcome == Outcome::PlanFull { Next::Link("/e".to_owned()) } else { Next::Form(form("/e/again")) },
            receipt: Some("/e/receipt".to_owned()),
            outcome,
        };
        add(page.outcome.text().key(), html(&page));
    }
    add("unknown-still", html(&made.unknown()));
    add("fresh", html(&FreshAsked { shell: made.shell.clone(), receipt: Some("/e/receipt".to_owned()) }));
    for (file, result) in [
        ("receipt-revoked", Some(Withdrawal::Revoked)),
        ("receipt-retrying", Some(Withdrawal::Retrying)),
        ("receipt-by-hand", Some(Withdrawal::ByHand { url: Some("https://x.example/settings".to_owned()) })),
        ("receipt", None),
    ] {
        add(file, html(&made.receipt(result)));
    }
    let empty = Receipt { lines: vec![], list: None, download: None, back: None, ..made.receipt(None) };
    add("receipt-none", html(&empty));
    add("withdraw", html(&made.withdraw()));
    add("device", html(&made.device()));
    add("waiting", html(&Waiting { shell: made.shell.clone(), platform: facebook(), refresh: Some(2) }));
    samples
}

/// Every outcome.
pub fn outcomes(name: &str) -> Vec<Outcome> {
    vec![
        Outcome::Denied,
        Outcome::WrongAccount { expected: Some("acme".to_owned()), got: Some(name.to_owned()) },
        Outcome::PersonalNotBusiness,
        Outcome::NoPages,
        Outcome::PageWithoutInstagram,
        Outcome::MissingPermission,
        Outcome::ConnectedElsewhere,
        Outcome::PlanFull,
        Outcome::LinkExpired,
        Outcome::LinkPaused,
        Outcome::LinkUsedUp,
        Outcome::LinkUnknown,
        Outcome::VisitOver,
        Outcome::PlatformDown,
        Outcome::AttemptExpired,
        Outcome::CookiesBlocked,
        Outcome::InAppBrowser,
        Outcome::AlreadyConnected,
        Outcome::Removed,
        Outcome::TooManyAttempts { minutes: 5 },
        Outcome::Other,
    ]
}

/// Around a page of a brand.
pub fn shell(name: &str, language: Language) -> Shell {
    let color = |text: &str| text.parse().expect("a colour");
    Shell {
        language,
        agency: name.to_owned(),
        logo: Some("/assets/logo/a".to_owned()),
        stylesheet: Some(brand_path(color("#e8762c"), color("#7a3cff"))),
    }
}

fn html(page: &impl Page) -> String {
    page.render().expect("renders")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn until() -> Timestamp {
    at("2026-12-10T14:05:33Z")
}

fn platform(id: &str, name: &str) -> Platform {
    Platform { id: id.parse().expect("a platform"), name: name.to_owned() }
}

fn facebook() -> Platform {
    platform("facebook", "Facebook")
}

fn form(action: &str) -> Form {
    let field = |name: &str, value: &str| Hidden { name: name.to_owned(), value: value.to_owned() };
    Form { action: action.to_owned(), fields: vec![field("csrf", "csrf-token"), field("item", "1")] }
}

fn blocked(code: Code, fix: Option<&str>) -> CandidateState {
    CandidateState::Blocked { code, fix: fix.map(str::to_owned) }
}

struct Made<'a> {
    name: &'a str,
    shell: Shell,
}

impl Made<'_> {
    fn face(&self, picture: &str) -> Face {
        let name = self.name.to_owned();
        Face { name: name.clone(), handle: Some(name), picture_url: Some(picture.to_owned()) }
    }

    fn landing(&self, gate: Gate) -> Landing {
        Landing {
            shell: self.shell.clone(),
            title: self.name.to_owned(),
            platforms: vec![
                facebook(),
                platform("instagram", "Instagram"),
                platform("linkedin", "LinkedIn"),
                platform("forum", self.name),
            ],
            gate,
            start: form("/c/visit"),
            elsewhere: None,
            until: until(),
        }
    }

    fn elsewhere(&self, intent: Option<&str>) -> Landing {
        let elsewhere =
            Elsewhere { url: ADDRESS.to_owned(), android_intent: intent.map(str::to_owned), qr: qr::svg(ADDRESS) };
        Landing { elsewhere: Some(elsewhere), ..self.landing(Gate::Open) }
    }

    fn item(&self, number: u16, platform: Platform, kind: Option<&str>, state: ItemState) -> Item {
        let connected = matches!(state, ItemState::Connected | ItemState::Withdrawn);
        Item {
            number,
            platform,
            kind: kind.map(str::to_owned),
            expected: (number == 2).then(|| self.name.to_owned()),
            face: connected.then(|| self.face("/e/picture/1")),
            state,
            optional: number > 3,
            reconnect: false,
            go: form(&format!("/e/items/{number}")),
        }
    }

    fn checklist(&self) -> Checklist {
        let renewed = Item {
            reconnect: true,
            face: Some(self.face("/e/picture/1")),
            ..self.item(6, platform("tiktok", "TikTok"), None, ItemState::Open)
        };
        Checklist {
            shell: self.shell.clone(),
            title: self.name.to_owned(),
            notice: Some(Notice::Connected(vec![self.name.to_owned(), "Acme".to_owned()])),
            items: vec![
                self.item(1, facebook(), Some("page"), ItemState::Connected),
                self.item(2, platform("instagram", "Instagram"), Some("instagram_business"), ItemState::Open),
                self.item(3, platform("linkedin", "LinkedIn"), Some("organization"), ItemState::Choose),
                self.item(4, platform("x", "X"), None, ItemState::Withdrawn),
                self.item(5, platform("youtube", "YouTube"), None, ItemState::Blocked(Outcome::PlatformDown)),
                renewed,
            ],
            adds: vec![],
            finish: form("/e/finish"),
            receipt: Some("/e/receipt".to_owned()),
            device: Some("/e/device".to_owned()),
            until: until(),
        }
    }

    fn new_checklist(&self) -> Checklist {
        let items = vec![
            self.item(1, facebook(), Some("page"), ItemState::Open),
            self.item(2, platform("instagram", "Instagram"), Some("instagram_creator"), ItemState::Open),
            self.item(3, platform("forum", self.name), Some("a_kind"), ItemState::Open),
        ];
        Checklist { notice: None, items, receipt: None, ..self.checklist() }
    }

    fn open_checklist(&self) -> Checklist {
        let add = |id: &str, name: &str, blocked| Add { platform: platform(id, name), go: form("/e/adds"), blocked };
        let adds = vec![
            add("facebook", "Facebook", None),
            add("forum", self.name, None),
            add("linkedin", "LinkedIn", Some(Outcome::PlanFull)),
        ];
        Checklist { notice: None, items: vec![], adds, receipt: None, device: None, ..self.checklist() }
    }

    fn consent(&self) -> Consent {
        Consent {
            shell: self.shell.clone(),
            platform: platform("instagram", "Instagram"),
            way: "Instagram by Facebook".to_owned(),
            sign_in: "Facebook".to_owned(),
            also: vec![facebook()],
            capabilities: [Capability::Publish, Capability::Analytics].into(),
            excluded: [Capability::Messages, Capability::Audience].into(),
            expected: None,
            keep_ticked: true,
            go: form("/v1/oauth/start/cs_1"),
            back: "/e".to_owned(),
            until: until(),
        }
    }

    fn expected(&self) -> Consent {
        Consent {
            platform: platform("x", "X"),
            way: "X".to_owned(),
            sign_in: "X".to_owned(),
            also: vec![],
            capabilities: Capability::ALL.into(),
            excluded: [].into(),
            expected: Some(self.name.to_owned()),
            keep_ticked: false,
            ..self.consent()
        }
    }

    fn candidate(&self, number: u8, state: CandidateState) -> Candidate {
        Candidate {
            value: format!("cnd_{number}"),
            face: self.face(if number == 2 { "javascript:alert(1)" } else { "/e/picture/2" }),
            kind: "page".to_owned(),
            role: (number != 3).then(|| self.name.to_owned()),
            state,
        }
    }

    fn pick(&self) -> Pick {
        let missing = |code, names: &[&str], fix: Option<&str>| Missing {
            code,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            fix: fix.map(str::to_owned),
        };
        Pick {
            shell: self.shell.clone(),
            platform: facebook(),
            candidates: vec![
                self.candidate(1, CandidateState::Free { checked: true }),
                self.candidate(2, CandidateState::Free { checked: false }),
                self.candidate(3, CandidateState::Here),
                self.candidate(4, blocked(Code::InsufficientPlatformRole, Some("https://business.facebook.com/"))),
                self.candidate(5, blocked(Code::AlreadyConnectedElsewhere, Some("javascript:alert(1)"))),
            ],
            missing: vec![
                missing(Code::NotSharedInConsent, &[self.name, "Acme"], Some("https://facebook.com/settings")),
                missing(Code::NoPagesFound, &[], None),
            ],
            room: Some(1),
            submit: form("/e/selection"),
            switch: form("/e/switch"),
            back: "/e".to_owned(),
            until: until(),
        }
    }

    fn only(&self, state: CandidateState) -> Pick {
        Pick { candidates: vec![self.candidate(1, state)], missing: vec![], room: None, ..self.pick() }
    }

    fn unknown(&self) -> OutcomePage {
        OutcomePage { shell: self.shell.clone(), outcome: Outcome::LinkUnknown, next: Next::None, receipt: None }
    }

    fn receipt(&self, result: Option<Withdrawal>) -> Receipt {
        let line = |platform: Platform, withdrawn: Option<&str>| Line {
            face: self.face("/e/picture/1"),
            platform,
            kind: "page".to_owned(),
            connected_at: at("2026-11-26T09:30:12Z"),
            allowed: vec![Capability::Publish, Capability::Analytics],
            withdrawn_at: withdrawn.map(at),
            withdraw: withdrawn.is_none().then(|| "/e/items/1/withdraw".to_owned()),
            at_platform: Some("https://www.facebook.com/settings?tab=business_tools".to_owned()),
        };
        let notice = |result| WithdrawalNotice { name: self.name.to_owned(), platform: facebook(), result };
        Receipt {
            shell: self.shell.clone(),
            title: self.name.to_owned(),
            notice: result.map(notice),
            lines: vec![
                line(facebook(), None),
                line(platform("linkedin", "LinkedIn"), Some("2026-11-27T10:00:00Z")),
                Line {
                    at_platform: Some("javascript:alert(1)".to_owned()),
                    ..line(platform("forum", self.name), None)
                },
            ],
            download: Some("/e/receipt.json".to_owned()),
            list: Some("/e".to_owned()),
            back: Some("https://agency.example/done".to_owned()),
        }
    }

    fn withdraw(&self) -> Withdraw {
        Withdraw {
            shell: self.shell.clone(),
            face: self.face("/e/picture/1"),
            platform: facebook(),
            confirm: form("/e/items/1/withdraw"),
            back: "/e/receipt".to_owned(),
        }
    }

    fn device(&self) -> Device {
        Device {
            shell: self.shell.clone(),
            address: ADDRESS.to_owned(),
            qr: qr::svg(ADDRESS),
            minutes: 30,
            back: "/e".to_owned(),
        }
    }
}
