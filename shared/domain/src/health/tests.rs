//! The table of the rules and their words, row by row.

use super::{vocabulary::shipped, *};
use crate::{
    Code, DeadReason, GrantFacts, Lifecycle, Renewal,
    account::{Against, Standing},
    capability::Access,
    grant::{Dead, Failing},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("a moment")
}

fn ago(time: SignedDuration) -> Timestamp {
    now() - time
}

/// An account that was asked to publish and to read numbers, and may; connected a year ago, known like this for a month.
pub(super) fn whole() -> Facts {
    let account = AccountFacts {
        suspended: None,
        lifecycle: Lifecycle::Active,
        method: "x_login".parse().expect("a method"),
        access: Access::new(&[Capability::Publish, Capability::Analytics], &[], Some(&[])),
        grant: GrantFacts { renewal: Renewal::Silent, ..GrantFacts::default() },
        standing: None,
        fetched: Fetched::default(),
        sync_interval_minutes: None,
        connected_at: ago(DAY * 365),
        since: ago(DAY * 30),
    };
    let yes = Availability::Available;
    Facts::of(account, [(Capability::Publish, yes), (Capability::Analytics, yes)].into(), None)
}

fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = whole();
    change(&mut facts);
    facts
}

fn fetched(change: impl FnOnce(&mut SyncFacts)) -> Facts {
    let mut sync = SyncFacts {
        in_flight_since: None,
        last_ok_at: Some(ago(HOUR)),
        failures: 0,
        failing_since: None,
        rate_limited_since: None,
        interval: HOUR * 6,
    };
    change(&mut sync);
    Facts { sync: Some(sync), ..whole() }
}

fn dead(reason: DeadReason) -> Facts {
    with(|f| f.account.grant.dead = Some(Dead { at: ago(HOUR), reason }))
}

fn against(what: Against) -> Facts {
    with(|f| f.account.standing = Some(Standing { what, since: ago(HOUR) }))
}

fn lacks(facts: &mut Facts, capability: Capability) {
    facts.capabilities.insert(capability, Availability::Unavailable(Code::InsufficientPermissions));
}

fn due(in_: SignedDuration) -> Facts {
    with(|f| f.account.grant.reauth_due_at = Some(now() + in_))
}

fn failing(facts: &mut Facts) {
    facts.account.grant.failing = Some(Failing { since: ago(DAY * 2), code: Code::PlatformUnavailable });
}

fn judge(facts: &Facts) -> Health {
    health(facts, now(), &Policy::default())
}

fn words(health: &Health) -> Vec<(&'static str, &'static str)> {
    shipped().iter().map(|v| v.word(health)).map(|word| (word.label.as_str(), word.color.as_str())).collect()
}

/// One line of the table: facts, and what they mean.
struct Row {
    facts: Facts,
    rule: Rule,
    severity: Severity,
    code: Option<&'static str>,
    since: Timestamp,
    remedy: Option<Remedy>,
    /// The words of s0 to s4, each with its colour.
    words: [(&'static str, &'static str); 5],
}

const S0_ERROR: (&str, &str) = ("Error", "red");
const S0_LIMITED: (&str, &str) = ("Limited", "orange");
const S0_WARNING: (&str, &str) = ("Warning", "yellow");
const S0_PROCESSING: (&str, &str) = ("Processing", "blue");
const S1_ERROR: (&str, &str) = ("Error", "red");
const S1_ERROR_YELLOW: (&str, &str) = ("Error", "yellow");
const S1_EXPIRED: (&str, &str) = ("Expired", "red");
const S1_ACTIVE_YELLOW: (&str, &str) = ("Active", "yellow");
const ACTIVE: (&str, &str) = ("Active", "green");
const VALID: (&str, &str) = ("Valid", "green");
const SOON: (&str, &str) = ("Expiring Soon", "yellow");
const EXPIRED: (&str, &str) = ("Expired", "red");
const INACTIVE: (&str, &str) = ("Inactive", "yellow");
const FAILED: (&str, &str) = ("Failed", "red");
const CONNECTED: (&str, &str) = ("Connected", "green");
const NEEDS_SYNC: (&str, &str) = ("Needs Sync", "yellow");
const CONNECTION_ERROR: (&str, &str) = ("Connection Error", "red");

fn row(
    facts: Facts,
    (rule, severity): (Rule, Severity),
    (code, since): (impl Into<Option<&'static str>>, Timestamp),
    remedy: impl Into<Option<Remedy>>,
    words: [(&'static str, &'static str); 5],
) -> Row {
    Row { facts, rule, severity, code: code.into(), since, remedy: remedy.into(), words }
}

fn table() -> Vec<Row> {
    use Remedy::{AskOperator, Choose, OpenPlatform, Reconnect, Resume, Sync, Upgrade, Wait};
    let gone = [S0_ERROR, S1_ERROR, EXPIRED, INACTIVE, CONNECTION_ERROR];
    let pending = [S0_PROCESSING, S1_ERROR_YELLOW, VALID, INACTIVE, CONNECTION_ERROR];
    let expired = [S0_ERROR, S1_EXPIRED, EXPIRED, INACTIVE, CONNECTION_ERROR];
    let error = [S0_ERROR, S1_ERROR, VALID, FAILED, CONNECTION_ERROR];
    let error_expired = [S0_ERROR, S1_ERROR, EXPIRED, FAILED, CONNECTION_ERROR];
    let off = [S0_LIMITED, S1_ERROR_YELLOW, VALID, INACTIVE, CONNECTION_ERROR];
    let off_soon = [S0_LIMITED, S1_ERROR_YELLOW, SOON, INACTIVE, CONNECTION_ERROR];
    let limited = [S0_LIMITED, S1_ACTIVE_YELLOW, VALID, ACTIVE, CONNECTION_ERROR];
    let limited_soon = [S0_LIMITED, S1_ACTIVE_YELLOW, SOON, ACTIVE, CONNECTION_ERROR];
    let expiring = [S0_WARNING, S1_ACTIVE_YELLOW, SOON, ACTIVE, CONNECTED];
    let expiring_stale = [S0_WARNING, S1_ACTIVE_YELLOW, SOON, ACTIVE, NEEDS_SYNC];
    let degraded = [S0_WARNING, ACTIVE, VALID, ACTIVE, CONNECTED];
    let degraded_stale = [S0_WARNING, ACTIVE, VALID, ACTIVE, NEEDS_SYNC];
    let processing = [S0_PROCESSING, ACTIVE, VALID, ACTIVE, CONNECTED];
    let processing_stale = [S0_PROCESSING, ACTIVE, VALID, ACTIVE, NEEDS_SYNC];
    let stale = [S0_WARNING, ACTIVE, VALID, ACTIVE, NEEDS_SYNC];
    let healthy = [ACTIVE, ACTIVE, VALID, ACTIVE, CONNECTED];
    let (known, hour) = (ago(DAY * 30), ago(HOUR));
    let of = |rule: Rule| match rule {
        Rule::Disconnected | Rule::Expired | Rule::Error | Rule::Suspended | Rule::LimitedPublish => {
            (rule, Severity::Error)
        }
        Rule::Processing | Rule::Healthy => (rule, Severity::Ok),
        _ => (rule, Severity::Warning),
    };
    let suspended = |by| with(|f| f.account.suspended = Some(Suspended { by, since: hour }));
    let quarantined = |f: &mut Facts| {
        failing(f);
        f.account.grant.quarantined_since = Some(hour);
    };
    let soon = now() + DAY * 10;
    vec![
        // 1
        row(
            with(|f| f.account.lifecycle = Lifecycle::Disconnected),
            of(Rule::Disconnected),
            ("account_disconnected", known),
            Reconnect,
            gone,
        ),
        // 2
        row(with(|f| f.pending_since = Some(hour)), of(Rule::Pending), ("selection_pending", hour), Choose, pending),
        // 3
        row(dead(DeadReason::Expired), of(Rule::Expired), ("connection_expired", hour), Reconnect, expired),
        row(dead(DeadReason::Revoked), of(Rule::Expired), ("revoked", hour), Reconnect, expired),
        row(dead(DeadReason::PasswordChanged), of(Rule::Expired), ("password_changed", hour), Reconnect, expired),
        row(dead(DeadReason::TwoFactor), of(Rule::Expired), ("two_factor", hour), Reconnect, expired),
        row(dead(DeadReason::InvalidGrant), of(Rule::Expired), ("connection_expired", hour), Reconnect, expired),
        row(dead(DeadReason::RotationLost), of(Rule::Expired), ("rotation_lost", hour), Reconnect, expired),
        row(due(-HOUR), of(Rule::Expired), ("connection_expired", hour), Reconnect, expired),
        row(due(SignedDuration::ZERO), of(Rule::Expired), ("connection_expired", now()), Reconnect, expired),
        row(
            with(|f| {
                failing(f);
                f.account.grant.renewal = Renewal::Extend;
                f.account.grant.access_ends = Some(hour);
            }),
            of(Rule::Expired),
            ("connection_expired", hour),
            Reconnect,
            expired,
        ),
        // 4
        row(against(Against::Restricted), of(Rule::Error), ("account_restricted", hour), OpenPlatform, error),
        row(against(Against::Gone), of(Rule::Error), ("account_not_found", hour), OpenPlatform, error),
        row(against(Against::RoleLost), of(Rule::Error), ("insufficient_platform_role", hour), OpenPlatform, error),
        row(against(Against::NotShared), of(Rule::Error), ("not_shared_in_consent", hour), Reconnect, error),
        row(
            with(|f| f.account.grant.misconfigured_since = Some(hour)),
            of(Rule::Error),
            ("platform_not_configured", hour),
            AskOperator,
            error,
        ),
        row(with(quarantined), of(Rule::Error), ("renewal_quarantined", hour), Reconnect, error),
        row(
            with(|f| {
                quarantined(f);
                f.account.grant.access_ends = Some(ago(DAY));
            }),
            of(Rule::Error),
            ("renewal_quarantined", hour),
            Reconnect,
            error_expired,
        ),
        row(
            fetched(|s| s.failing_since = Some(ago(DAY * 2))),
            of(Rule::Error),
            ("sync_failing", ago(DAY)),
            Reconnect,
            error,
        ),
        // 5
        row(suspended(Suspender::Plan), of(Rule::Suspended), ("suspended_by_plan", hour), Upgrade, off),
        row(suspended(Suspender::Person), of(Rule::Suspended), ("paused_by_user", hour), Resume, off),
        row(
            with(|f| {
                f.account.suspended = Some(Suspended { by: Suspender::Plan, since: hour });
                f.account.grant.reauth_due_at = Some(soon);
            }),
            of(Rule::Suspended),
            ("suspended_by_plan", hour),
            Upgrade,
            off_soon,
        ),
        // 6
        row(
            with(|f| lacks(f, Capability::Publish)),
            of(Rule::LimitedPublish),
            ("insufficient_permissions", known),
            Reconnect,
            off,
        ),
        row(against(Against::Refused), of(Rule::LimitedPublish), ("insufficient_permissions", hour), Reconnect, off),
        row(
            with(|f| {
                let no = Availability::Unavailable(Code::AccountTypeUnsupported);
                f.capabilities.insert(Capability::Publish, no);
                f.account.grant.reauth_due_at = Some(soon);
            }),
            of(Rule::LimitedPublish),
            ("account_type_unsupported", known),
            OpenPlatform,
            off_soon,
        ),
        // 7
        row(
            with(|f| lacks(f, Capability::Analytics)),
            of(Rule::Limited),
            ("insufficient_permissions", known),
            Reconnect,
            limited,
        ),
        row(
            with(|f| {
                lacks(f, Capability::Analytics);
                f.account.grant.reauth_due_at = Some(soon);
            }),
            of(Rule::Limited),
            ("insufficient_permissions", known),
            Reconnect,
            limited_soon,
        ),
        // 8
        row(due(DAY * 10), of(Rule::Expiring), ("reauthorization_due", ago(DAY * 20)), Reconnect, expiring),
        row(due(DAY * 30), of(Rule::Expiring), ("reauthorization_due", now()), Reconnect, expiring),
        row(
            Facts { account: due(DAY * 10).account, ..fetched(|s| s.last_ok_at = Some(ago(DAY * 2))) },
            of(Rule::Expiring),
            ("reauthorization_due", ago(DAY * 20)),
            Reconnect,
            expiring_stale,
        ),
        // 9
        row(with(failing), of(Rule::Degraded), ("renewal_failing", ago(DAY * 2)), Wait, degraded),
        row(
            with(|f| {
                failing(f);
                f.account.grant.access_ends = Some(hour);
            }),
            of(Rule::Degraded),
            ("renewal_failing", ago(DAY * 2)),
            Wait,
            degraded,
        ),
        row(
            with(|f| f.account.grant.uncertain_since = Some(hour)),
            of(Rule::Degraded),
            ("rotation_uncertain", hour),
            Wait,
            degraded,
        ),
        row(with(|f| f.outage_since = Some(hour)), of(Rule::Degraded), ("platform_unavailable", hour), Wait, degraded),
        row(fetched(|s| s.failures = 3), of(Rule::Degraded), ("sync_failing", known), Wait, degraded),
        row(
            fetched(|s| s.rate_limited_since = Some(ago(HOUR * 2))),
            of(Rule::Degraded),
            ("platform_rate_limited", hour),
            Wait,
            degraded,
        ),
        row(
            fetched(|s| (s.failures, s.last_ok_at) = (3, Some(ago(DAY * 2)))),
            of(Rule::Degraded),
            ("sync_failing", known),
            Wait,
            degraded_stale,
        ),
        // 10
        row(
            fetched(|s| (s.in_flight_since, s.last_ok_at) = (Some(hour), None)),
            of(Rule::Processing),
            ("sync_running", hour),
            Wait,
            processing,
        ),
        row(
            fetched(|s| (s.in_flight_since, s.last_ok_at) = (Some(hour), Some(ago(DAY * 2)))),
            of(Rule::Processing),
            ("sync_running", hour),
            Wait,
            processing_stale,
        ),
        // 11
        row(fetched(|s| s.last_ok_at = None), of(Rule::Stale), ("never_synced", known), Sync, stale),
        row(fetched(|s| s.last_ok_at = Some(ago(DAY * 2))), of(Rule::Stale), ("sync_overdue", ago(DAY)), Sync, stale),
        // 12
        row(whole(), of(Rule::Healthy), (None, known), None, healthy),
        row(fetched(|_| {}), of(Rule::Healthy), (None, known), None, healthy),
        row(due(DAY * 31), of(Rule::Healthy), (None, known), None, healthy),
        row(fetched(|s| s.failures = 2), of(Rule::Healthy), (None, known), None, healthy),
        row(fetched(|s| s.rate_limited_since = Some(hour)), of(Rule::Healthy), (None, known), None, healthy),
        row(
            fetched(|s| (s.interval, s.last_ok_at) = (DAY, Some(ago(DAY * 2)))),
            of(Rule::Healthy),
            (None, known),
            None,
            healthy,
        ),
    ]
}

/// S1-06, S1-17, S1-18, S1-20, S2-15, S2-16, S2-17, S3-41, S3-42, S3-43, S4-17, S4-18, S4-19, S0-37, S0-38, S0-39,
/// S0-40, S0-41: every row of the table, and every word of the five vocabularies, as they are written down.
#[test]
fn every_row_of_the_table_means_what_is_written() {
    let mut seen = Vec::new();
    for Row { facts, rule, severity, code, since, remedy, words: expected } in table() {
        let health = judge(&facts);
        assert_eq!((health.rule, health.state, health.severity), (rule, rule.state(), severity), "{facts:?}");
        assert_eq!(health.reasons.first().map(|reason| reason.cause.as_str()), code, "{rule:?}");
        assert_eq!((health.since, health.remedy), (since, remedy), "{rule:?} {code:?}");
        assert_eq!(words(&health), expected, "{rule:?} {code:?}");
        seen.push(rule);
    }
    seen.dedup();
    assert_eq!(seen, Rule::ALL, "the table is in the order of the rules, and none is missing");
}

/// What was never asked for degrades nothing, and neither does what the platform does not tell.
#[test]
fn what_nobody_asked_for_limits_nothing() {
    for (publish, analytics) in [
        (Availability::NotAsked, Availability::Available),
        (Availability::Unknown, Availability::Unknown),
        (Availability::Available, Availability::Available),
    ] {
        let facts =
            with(|f| f.capabilities = [(Capability::Publish, publish), (Capability::Analytics, analytics)].into());
        assert_eq!(judge(&facts).rule, Rule::Healthy, "{publish:?} {analytics:?}");
    }
    let facts = with(|f| {
        lacks(f, Capability::Messages);
        f.account.standing = Some(Standing { what: Against::Refused, since: now() });
        f.account.access.asked = vec![Capability::Analytics];
    });
    assert_eq!(judge(&facts).rule, Rule::Healthy);
}

/// The worst decides, and the others are told; of what is not there to be used, nothing else is.
#[test]
fn every_trouble_is_told_and_the_worst_first() {
    let mut facts = against(Against::Restricted);
    failing(&mut facts);
    lacks(&mut facts, Capability::Analytics);
    facts.account.grant.reauth_due_at = Some(now() + DAY);
    let told = |facts: &Facts| judge(facts).reasons.iter().map(|reason| reason.cause.as_str()).collect::<Vec<_>>();
    let all = ["account_restricted", "insufficient_permissions", "reauthorization_due", "renewal_failing"];
    assert_eq!(told(&facts), all);
    facts.account.grant.dead = Some(Dead { at: ago(HOUR), reason: DeadReason::Revoked });
    assert_eq!(told(&facts), ["revoked", "account_restricted", "insufficient_permissions"]);
    facts.account.lifecycle = Lifecycle::Disconnected;
    assert_eq!(told(&facts), ["account_disconnected"]);
}

/// S2-18: the sentences that people read beside a token.
#[test]
fn a_token_says_how_it_stands() {
    let human = |due: Option<SignedDuration>| {
        with(|f| {
            f.account.grant.renewal = Renewal::None;
            f.account.grant.reauth_due_at = due.map(|due| now() + due);
        })
    };
    for (facts, status, days_left, tooltip) in [
        (whole(), "valid", None, "The token is valid and renews itself."),
        (due(DAY * 300), "valid", Some(300), "The token is valid and renews itself, at least until Sep 18, 2027."),
        (human(None), "valid", None, "The token is valid, and no end of it is known."),
        (human(Some(DAY * 60)), "valid", Some(60), "The token is valid until Jan 21, 2027."),
        (
            human(Some(DAY * 10 + HOUR)),
            "expiring",
            Some(10),
            "The token ends in 10 days, on Dec 2, 2026. Reconnect the account before then.",
        ),
        (
            human(Some(DAY)),
            "expiring",
            Some(1),
            "The token ends in 1 day, on Nov 23, 2026. Reconnect the account before then.",
        ),
        (
            human(Some(HOUR)),
            "expiring",
            Some(0),
            "The token ends in less than a day, on Nov 22, 2026. Reconnect the account before then.",
        ),
        (
            human(Some(-DAY)),
            "expired",
            Some(0),
            "The token ended on Nov 21, 2026. Reconnect the account to get a new one.",
        ),
        (
            with(|f| f.account.lifecycle = Lifecycle::Disconnected),
            "expired",
            None,
            "There is no token while the account is disconnected.",
        ),
    ] {
        let token = judge(&facts).token;
        assert_eq!((token.status.as_str(), token.days_left, token.tooltip.as_str()), (status, days_left, tooltip));
    }
}

/// A capability is not said to work where the account itself does not.
#[test]
fn what_is_the_matter_with_an_account_takes_its_uses_away() {
    let yes = Availability::Available;
    for (facts, publish, analytics) in [
        (whole(), None, None),
        (dead(DeadReason::Revoked), Some(Code::ConnectionExpired), Some(Code::ConnectionExpired)),
        (against(Against::Restricted), Some(Code::AccountRestricted), Some(Code::AccountRestricted)),
        (against(Against::Refused), Some(Code::InsufficientPermissions), None),
        (with(|f| lacks(f, Capability::Analytics)), None, Some(Code::InsufficientPermissions)),
        (with(|f| f.account.grant.misconfigured_since = Some(now())), None, None),
        (with(failing), None, None),
    ] {
        let health = judge(&facts);
        let of = |capability| match health.availability(capability, yes) {
            Availability::Unavailable(code) => Some(code),
            _ => None,
        };
        assert_eq!((of(Capability::Publish), of(Capability::Analytics)), (publish, analytics), "{facts:?}");
        assert_eq!(health.availability(Capability::Messages, Availability::NotAsked), Availability::NotAsked);
    }
}

#[test]
fn a_state_never_began_before_the_account_did() {
    let mut facts = due(DAY * 10);
    facts.account.connected_at = ago(DAY);
    assert_eq!(judge(&facts).since, ago(DAY));
}

#[test]
fn every_cause_has_a_word_of_its_own_and_reads_well() {
    let mut words: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for cause in Cause::OWN {
        words.push(cause.as_str());
        for sentence in [cause.detail(), cause.next_step()] {
            assert!(sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'), "{sentence}");
        }
        assert!(cause.title().starts_with(char::is_uppercase) && !cause.title().ends_with('.'), "{}", cause.title());
    }
    let count = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), count, "a word stands twice");
}

/// A vocabulary that lacks a word is none.
#[test]
fn the_five_vocabularies_are_complete() {
    let ids: Vec<&str> = shipped().iter().map(|vocabulary| vocabulary.id.as_str()).collect();
    assert_eq!(ids, ["s0", "s1", "s2", "s3", "s4"]);
    let file = include_str!("../../../../infra/vocabularies/s4.json");
    let parse = |text: &str| serde_json::from_str::<vocabulary::Vocabulary>(text).map_err(|e| e.to_string());
    assert!(parse(file).is_ok());
    for rule in Rule::ALL {
        let without: Vec<&str> =
            file.lines().filter(|line| !line.contains(&format!("\"{}\":", rule.as_str()))).collect();
        assert!(parse(&without.join("\n")).is_err(), "{rule:?}");
    }
    assert!(parse(&file.replace("\"healthy\": \"connected\"", "\"healthy\": \"conected\"")).is_err());
    assert!(parse(&file.replace("\"stale\": \"needs_sync\", ", "\"old\": \"needs_sync\", ")).is_err());
}

/// A draft of the first shipped vocabulary, changed.
fn draft(change: impl FnOnce(&mut vocabulary::Draft)) -> vocabulary::Draft {
    let mut draft = shipped()[0].draft.clone();
    change(&mut draft);
    draft
}

fn always(word: &str) -> vocabulary::Named {
    vocabulary::Named::Always(word.to_owned())
}

#[test]
fn every_shipped_vocabulary_may_be_a_workspace_s_own() {
    assert_eq!(shipped().len(), 5);
    for shipped in shipped() {
        let own = vocabulary::Vocabulary::read(vocabulary::OWN, shipped.draft.clone()).expect("it is complete");
        assert_eq!(own.draft, shipped.draft);
        assert!(Rule::ALL.iter().all(|rule| own.choice(*rule) == shipped.choice(*rule)), "{}", shipped.id);
    }
}

#[test]
fn a_vocabulary_that_lacks_something_is_told_all_that_it_lacks() {
    let whole = draft(|_| {});
    let some = whole.words.keys().next().expect("a word").clone();
    let faults = |draft| {
        let faults = vocabulary::Vocabulary::read(vocabulary::OWN, draft).expect_err("something is wrong");
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    let told = faults(draft(|draft| {
        draft.name = " ".to_owned();
        draft.rules.remove("stale");
        draft.rules.insert("perfect".to_owned(), always(&some));
        draft.rules.insert("healthy".to_owned(), always("nothing"));
        let splits = vocabulary::Splits {
            token_expired: Some("none".to_owned()),
            token_expiring: None,
            stale: None,
            usual: "no".to_owned(),
        };
        draft.rules.insert("error".to_owned(), vocabulary::Named::Split(splits));
        let odd = vocabulary::Word { label: "x".repeat(41), color: "pink".to_owned(), icon: "star".to_owned() };
        draft.words.insert("A/b".to_owned(), odd);
    }));
    let expected = [
        ("/name", "length"),
        ("/words/A~1b", "malformed"),
        ("/words/A~1b/label", "length"),
        ("/words/A~1b/color", "unknown"),
        ("/words/A~1b/icon", "unknown"),
        ("/rules/perfect", "unknown"),
        ("/rules/error/token_expired", "unknown"),
        ("/rules/error/else", "unknown"),
        ("/rules/stale", "missing"),
        ("/rules/healthy", "unknown"),
    ];
    assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    let many = |draft: &mut vocabulary::Draft| {
        let word = draft.words[&some].clone();
        draft.words.extend((0..25).map(|n| (format!("word_{n}"), word.clone())));
    };
    assert_eq!(faults(draft(many)), [("/words".to_owned(), "too_many".to_owned())]);
}

/// A colour promises as much as a word: what is worse is never greener, and a worse token neither.
#[test]
fn a_vocabulary_in_which_something_worse_looks_better_is_refused() {
    let word =
        |color: &str| vocabulary::Word { label: color.to_owned(), color: color.to_owned(), icon: "check".to_owned() };
    let of = |rules: &[(&str, vocabulary::Named)]| {
        let draft = draft(|draft| {
            draft.words = vocabulary::COLORS.iter().map(|color| ((*color).to_owned(), word(color))).collect();
            for rule in Rule::ALL {
                let color = match rule.severity() {
                    Severity::Ok => "green",
                    Severity::Warning => "orange",
                    Severity::Error => "red",
                };
                draft.rules.insert(rule.as_str().to_owned(), always(color));
            }
            draft.rules.extend(rules.iter().map(|(rule, named)| ((*rule).to_owned(), named.clone())));
        });
        let faults = vocabulary::Vocabulary::read(vocabulary::OWN, draft).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    let worse = |rule: &str| [(format!("/rules/{rule}"), "looks_better".to_owned())];
    assert_eq!(of(&[]), []);
    assert_eq!(of(&[("processing", always("blue"))]), []);
    assert_eq!(of(&[("limited_publish", always("yellow"))]), worse("limited_publish"));
    assert_eq!(of(&[("expired", always("green"))]), worse("expired"));
    // Nobody is shown what was not chosen yet.
    assert_eq!(of(&[("pending", always("green"))]), []);
    let split = |ended: &str, usual: &str| {
        vocabulary::Named::Split(vocabulary::Splits {
            token_expired: Some(ended.to_owned()),
            token_expiring: None,
            stale: None,
            usual: usual.to_owned(),
        })
    };
    assert_eq!(of(&[("error", split("red", "orange"))]), []);
    assert_eq!(of(&[("error", split("orange", "red"))]), worse("error"));
}
