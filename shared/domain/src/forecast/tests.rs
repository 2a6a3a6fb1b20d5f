use std::collections::BTreeSet;

use super::*;
use crate::grant::Dead;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn now() -> Timestamp {
    at("2026-03-10T12:00:00Z")
}

fn account(number: u8) -> AccountId {
    AccountId::new(Timestamp::UNIX_EPOCH, [number; 16])
}

fn connection(number: u8, person: &str, due: Option<&str>) -> Connection {
    Connection {
        account: account(number),
        name: format!("Account {number}"),
        platform: "facebook".parse().expect("legal"),
        person: Person { id: person.to_owned(), name: person.to_uppercase() },
        grant: GrantFacts { reauth_due_at: due.map(at), ..GrantFacts::default() },
        expiry: None,
        reconnect_url: Some(format!("https://app.example/reconnect?account={}", account(number))),
    }
}

fn told(connections: &[Connection], zone: &str) -> Vec<(String, bool, String, Vec<AccountId>)> {
    let zone = zone.parse().expect("a zone");
    let due = forecast(connections, now(), HORIZON, &zone).into_iter();
    due.map(|due| {
        let accounts = due.accounts.iter().map(|item| item.account).collect();
        (due.date.to_string(), due.overdue, due.person.name, accounts)
    })
    .collect()
}

/// When a person must act, ahead of time.
#[test]
fn what_is_due_is_told_by_day_and_person_with_the_overdue_first() {
    let all = [
        connection(1, "ada", Some("2026-04-01T08:00:00Z")),
        connection(2, "ada", Some("2026-04-01T02:00:00Z")),
        connection(3, "bo", Some("2026-04-01T02:00:00Z")),
        connection(4, "bo", Some("2026-03-10T13:00:00Z")),
        connection(5, "bo", Some("2026-03-10T12:00:00Z")),
        connection(6, "ada", Some("2025-12-24T02:00:00Z")),
        connection(7, "ada", None),
        connection(8, "ada", Some("2026-06-08T12:00:00Z")),
        connection(9, "ada", Some("2026-06-08T12:00:01Z")),
    ];
    let is = |date: &str, overdue, person: &str, accounts: &[u8]| {
        (date.to_owned(), overdue, person.to_owned(), accounts.iter().copied().map(account).collect::<Vec<_>>())
    };
    let wanted = [
        is("2025-12-24", true, "ADA", &[6]),
        is("2026-03-10", true, "BO", &[5]),
        is("2026-03-10", false, "BO", &[4]),
        is("2026-04-01", false, "ADA", &[2, 1]),
        is("2026-04-01", false, "BO", &[3]),
        is("2026-06-08", false, "ADA", &[8]),
    ];
    assert_eq!(told(&all, "UTC"), wanted);
    let west = told(&all[..2], "America/New_York");
    assert_eq!(west, [is("2026-03-31", false, "ADA", &[2]), is("2026-04-01", false, "ADA", &[1])]);
    assert_eq!(forecast(&all, now(), SignedDuration::MAX, &Zone::default()).len(), 6);
}

#[test]
fn persons_of_two_platforms_are_two_though_their_ids_are_alike() {
    let mut other = connection(2, "ada", Some("2026-04-01T08:00:00Z"));
    other.platform = "x".parse().expect("legal");
    assert_eq!(told(&[connection(1, "ada", Some("2026-04-01T08:00:00Z")), other], "UTC").len(), 2);
}

#[test]
fn the_reason_is_what_ends() {
    let (access, refresh, data) = (at("2026-04-01T00:00:00Z"), at("2026-04-02T00:00:00Z"), at("2026-04-03T00:00:00Z"));
    let expiry = Expiry { access: Some(access), refresh: Some(refresh), data_access: Some(data) };
    let of = |due: Timestamp, renewal, expiry| {
        let grant = GrantFacts { reauth_due_at: Some(due), renewal, ..GrantFacts::default() };
        Connection { grant, expiry, ..connection(1, "ada", None) }.due().map(|item| item.ends)
    };
    assert_eq!(of(access, Renewal::None, Some(expiry)), Some(Ends::AccessToken));
    assert_eq!(of(access, Renewal::Extend, Some(expiry)), Some(Ends::AccessToken));
    assert_eq!(of(refresh, Renewal::Silent, Some(expiry)), Some(Ends::RefreshToken));
    assert_eq!(of(access, Renewal::Silent, Some(expiry)), Some(Ends::Unknown), "an access token that renews itself");
    assert_eq!(of(data, Renewal::Silent, Some(expiry)), Some(Ends::DataAccess));
    assert_eq!(of(data, Renewal::Silent, None), Some(Ends::Unknown));
    let mut dead = connection(1, "ada", Some("2026-06-01T00:00:00Z"));
    dead.grant.dead = Some(Dead { at: access, reason: DeadReason::Revoked });
    let item = dead.due().expect("due");
    assert_eq!((item.due_at, item.ends, item.ended), (access, Ends::Consent, Some(DeadReason::Revoked)));
}

fn feed(connections: &[Connection]) -> String {
    calendar("Reconnects", &forecast(connections, now(), HORIZON, &Zone::default()), now(), PlatformId::to_string)
}

/// The lines as whoever reads them unfolds them.
fn unfolded(feed: &str) -> Vec<String> {
    feed.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

#[test]
fn the_calendar_has_an_event_of_a_whole_day_with_a_reminder_for_each_account() {
    let feed = feed(&[connection(1, "ada", Some("2026-03-31T08:00:00Z"))]);
    let id = account(1);
    let (uid, url) = (format!("UID:{id}-20260331@mooring"), format!("URL:https://app.example/reconnect?account={id}"));
    assert_eq!(
        unfolded(&feed),
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Mooring//Forecast//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "X-WR-CALNAME:Reconnects",
            "BEGIN:VEVENT",
            &uid,
            "DTSTAMP:20260310T120000Z",
            "DTSTART;VALUE=DATE:20260331",
            "DTEND;VALUE=DATE:20260401",
            "SEQUENCE:0",
            "TRANSP:TRANSPARENT",
            "SUMMARY:Reconnect Account 1 (facebook)",
            "DESCRIPTION:What the person allowed runs out. ADA must sign in again.",
            &url,
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-P3D",
            "DESCRIPTION:Reconnect Account 1 (facebook)",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    );
}

#[test]
fn a_name_of_any_length_and_letters_is_folded_between_characters() {
    let names = ["☕️🇳🇴👩‍👩‍👧‍👦".repeat(40), "a".repeat(1_000), "ä".repeat(61), format!("{}👍", "b".repeat(56))];
    for name in names.into_iter().chain([String::new()]) {
        let mut account = connection(1, "ada", Some("2026-03-31T08:00:00Z"));
        account.name.clone_from(&name);
        let feed = feed(&[account]);
        assert!(feed.ends_with("\r\n") && !feed.replace("\r\n", "").contains(['\r', '\n']));
        for line in feed.split_terminator("\r\n") {
            assert!(line.len() <= 75, "{} octets: {line}", line.len());
        }
        assert!(unfolded(&feed).contains(&format!("SUMMARY:Reconnect {name} (facebook)")), "{feed}");
    }
}

#[test]
fn a_line_of_75_octets_is_whole_and_one_of_76_is_folded() {
    let lengths = |letters: usize| {
        let feed = calendar(&"x".repeat(letters), &[], now(), PlatformId::to_string);
        let lines = feed.split("\r\n").skip_while(|line| !line.starts_with("X-WR")).take(2);
        lines.map(str::len).collect::<Vec<_>>()
    };
    let name = "X-WR-CALNAME:".len();
    assert_eq!(lengths(75 - name), [75, "END:VCALENDAR".len()]);
    assert_eq!(lengths(76 - name), [75, 2]);
}

#[test]
fn no_name_ends_its_value_or_its_line() {
    let mut evil = connection(1, "ada", Some("2026-03-31T08:00:00Z"));
    evil.name = "a,b;c\\d\r\nEND:VEVENT\ne\rf\u{7}\u{85}g\th".to_owned();
    evil.reconnect_url = Some("https://app.example/a,b;c\r\nEND:VEVENT".to_owned());
    let lines = unfolded(&feed(&[evil]));
    let summary = r"SUMMARY:Reconnect a\,b\;c\\d\nEND:VEVENT\ne\nfg".to_owned() + "\th (facebook)";
    assert!(lines.contains(&summary), "{lines:?}");
    assert!(lines.contains(&"URL:https://app.example/a,b;cEND:VEVENT".to_owned()), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| *line == "END:VEVENT").count(), 1);
}

#[test]
fn an_event_keeps_its_id_as_long_as_its_day_and_no_two_share_one() {
    let ids = |connections: &[Connection], stamp| {
        let feed =
            calendar("R", &forecast(connections, now(), HORIZON, &Zone::default()), stamp, PlatformId::to_string);
        let lines = unfolded(&feed);
        let ids: Vec<String> = lines.into_iter().filter(|line| line.starts_with("UID:")).collect();
        let apart: BTreeSet<String> = ids.iter().cloned().collect();
        assert_eq!(apart.len(), ids.len());
        apart
    };
    let all = [connection(1, "ada", Some("2026-03-31T08:00:00Z")), connection(2, "ada", Some("2026-03-31T08:00:00Z"))];
    let later = [connection(1, "bo", Some("2026-03-31T09:30:00Z")), connection(2, "ada", Some("2026-04-01T08:00:00Z"))];
    let (first, again) = (ids(&all, now()), ids(&later, at("2026-03-11T12:00:00Z")));
    assert_eq!(first.intersection(&again).count(), 1, "another day is another event");
}
