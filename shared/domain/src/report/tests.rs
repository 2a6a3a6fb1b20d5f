use serde_json::json;

use super::*;
use crate::{
    AccountId, Days, EpisodeId, Ledger, PlatformId,
    health::{Cause, Reason, Rule, Severity, State, episode::Episode},
    schedule::Zone,
    series::{
        Amount, Completeness, Missing,
        tests::{at, day, days, ledger},
    },
};

fn account(number: u8) -> AccountId {
    AccountId::new(at("2026-01-01T00:00:00Z"), [number; 16])
}

fn platform(name: &str) -> PlatformId {
    name.parse().expect("legal")
}

fn episode(of: u8, rule: Rule, cause: Cause, from: &str, until: Option<&str>) -> Episode {
    let opened_at = at(from);
    let reason = Reason { rule, cause, since: opened_at, capability: None, facts: json!({}), named: None };
    let id = EpisodeId::of(account(of), cause.as_str(), opened_at);
    Episode { id, reason, opened_at, resolved_at: until.map(at) }
}

fn counted(values: std::ops::Range<u64>) -> Vec<Option<u64>> {
    values.map(Some).collect()
}

/// The audit of a month that is over.
#[test]
fn a_month_is_judged_by_the_days_on_which_each_account_was_connected() {
    // Connected all month, and one day lost; connected on the 20th; connected in April.
    let mut whole = ledger("2026-01-01", "2026-04-10").followers("2026-02-28", &counted(100..110));
    whole = whole.followers("2026-03-11", &counted(111..140)).likes("2026-03-01", &counted(0..31));
    let outage = episode(1, Rule::Degraded, Cause::SyncFailing, "2026-03-10T08:00:00Z", Some("2026-03-10T09:00:00Z"));
    let early = episode(1, Rule::Expired, Cause::Revoked, "2026-02-20T08:00:00Z", Some("2026-03-01T00:00:00Z"));
    let late = episode(1, Rule::Stale, Cause::SyncOverdue, "2026-03-31T23:59:59Z", None);
    let after = episode(1, Rule::Stale, Cause::SyncOverdue, "2026-04-01T00:00:00Z", None);
    let episodes = [outage.clone(), early.clone(), late.clone(), after];
    whole.troubles = episodes.iter().filter_map(crate::series::Trouble::of).collect();
    whole.snapshots.remove(&day("2026-03-10"));
    let fresh = ledger("2026-03-20", "2026-04-10").followers("2026-03-20", &counted(10..22));
    let next = ledger("2026-04-01", "2026-04-10").followers("2026-04-01", &counted(10..20));
    let (instagram, x) = (platform("instagram"), platform("x"));
    let of = |number, platform, ledger, episodes| Audited {
        account: account(number),
        name: "Fjord",
        platform,
        ledger,
        episodes,
    };
    let month: Month = "2026-03".parse().expect("a month");
    let audited = [of(1, &instagram, &whole, &episodes), of(2, &x, &fresh, &[]), of(3, &x, &next, &[])];
    let report = monthly(month, &audited);

    assert_eq!(report.accounts.iter().map(|of| of.account).collect::<Vec<_>>(), [account(1), account(2)]);
    let [one, two] = &report.accounts[..] else { panic!("two") };
    assert_eq!(one.days, Completeness { expected: 31, known: 30 });
    assert_eq!(one.days.per_mille(), Some(967));
    // Followers, likes and shares; of these the shares were never told.
    assert_eq!(one.figures, Completeness { expected: 93, known: 60 });
    let trouble_then = Some(outage.id);
    assert_eq!(one.gaps, [Missing { days: days("2026-03-10", "2026-03-10"), episode: trouble_then }]);
    assert_eq!(one.opened, [outage.id, late.id]);
    assert_eq!(one.resolved, [outage.id, early.id]);
    assert_eq!(one.followers.from, Some(Amount { days: Days::one(day("2026-03-01")), value: 101 }));
    assert_eq!(one.followers.to, Some(Amount { days: Days::one(day("2026-03-31")), value: 131 }));
    assert_eq!(one.followers.gaps.len(), 1, "growth says that a day is missing");
    assert_eq!(two.days, Completeness { expected: 12, known: 12 });
    assert_eq!((two.gaps.len(), two.opened.len(), two.resolved.len()), (0, 0, 0));

    let x = report.platforms[&x];
    assert_eq!((x.accounts, x.days, x.opened, x.resolved), (1, two.days, 0, 0));
    let all = report.all;
    assert_eq!((all.accounts, all.opened, all.resolved), (2, 2, 2));
    assert_eq!(all.days, Completeness { expected: 43, known: 42 });
    assert_eq!(all.followers, Followers { accounts: 2, left_out: 0, from: 111, to: 152 });
    assert_eq!((all.followers.change(), all.followers.percent()), (Some(41), Some(Percent(36_937))));
}

#[test]
fn a_month_that_is_not_over_is_judged_up_to_yesterday() {
    let ledger = ledger("2026-03-01", "2026-03-05").followers("2026-03-01", &counted(1..3));
    let instagram = platform("instagram");
    let audited = Audited { account: account(1), name: "Fjord", platform: &instagram, ledger: &ledger, episodes: &[] };
    let of = |month: &str| monthly(month.parse().expect("a month"), &[audited]).all;
    assert_eq!(of("2026-03").days, Completeness { expected: 4, known: 2 });
    assert_eq!((of("2026-02").accounts, of("2026-04").accounts), (0, 0), "it was not, or is not yet");
}

#[test]
fn a_platform_that_measures_alone_owes_a_day_later_and_one_that_tells_nothing_owes_none() {
    let mut ledger = ledger("2026-03-01", "2026-03-05").likes("2026-03-02", &counted(1..2));
    let all = days("2026-03-01", "2026-03-31");
    let (level, measured) = (ledger.tells.level.clone(), ledger.tells.measured.clone());
    assert_eq!(ledger.kept(all), Completeness { expected: 4, known: 1 });
    ledger.tells.level.clear();
    assert_eq!(ledger.kept(all), Completeness { expected: 3, known: 1 });
    ledger.tells.measured.clear();
    ledger.snapshots.clear();
    assert_eq!((ledger.kept(all), ledger.nothing_known(all)), (Completeness::default(), vec![]));
    (ledger.tells.level, ledger.tells.measured) = (level, measured);
    assert_eq!(ledger.nothing_known(all), [Missing { days: days("2026-03-01", "2026-03-04"), episode: None }]);
}

#[test]
fn followers_of_a_month_leave_out_only_those_that_should_be_known() {
    let unknown = ledger("2026-03-01", "2026-04-10");
    let one_day = ledger("2026-03-31", "2026-04-10").followers("2026-03-31", &counted(1..9));
    let mut untold = ledger("2026-03-01", "2026-04-10");
    untold.tells.level.clear();
    let instagram = platform("instagram");
    let of = |ledger| Audited { account: account(1), name: "F", platform: &instagram, ledger, episodes: &[] };
    let report = monthly("2026-03".parse().expect("a month"), &[of(&unknown), of(&one_day), of(&untold)]);
    assert_eq!(report.all.followers, Followers { accounts: 0, left_out: 1, from: 0, to: 0 });
    assert_eq!((report.all.followers.change(), report.all.followers.percent()), (None, None));
}

#[test]
fn a_month_is_written_in_one_way() {
    let month: Month = "2026-01".parse().expect("a month");
    assert_eq!((month.to_string(), month.before().to_string()), ("2026-01".to_owned(), "2025-12".to_owned()));
    assert_eq!(month.days(), days("2026-01-01", "2026-01-31"));
    assert_eq!(Month::of(day("2026-01-31")), month);
    for bad in ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "2026/01", "202601", "+2026-01"] {
        assert_eq!(bad.parse::<Month>(), Err(NoMonth), "{bad}");
    }
}

fn reviewed(number: u8, platform: &PlatformId, state: State) -> Reviewed<'_> {
    Reviewed { account: account(number), platform, state, due_at: None, is_unused: false, episodes: &[], ledger: None }
}

/// The digest of a week.
#[test]
fn a_week_counts_states_troubles_and_what_is_due() {
    let (week, now) = (days("2026-03-02", "2026-03-08"), at("2026-03-09T06:00:00Z"));
    let (instagram, x) = (platform("instagram"), platform("x"));
    let of_one = [
        episode(1, Rule::Degraded, Cause::SyncFailing, "2026-03-01T23:59:59Z", Some("2026-03-02T00:00:00Z")),
        episode(1, Rule::Expired, Cause::Revoked, "2026-03-08T23:59:59Z", None),
    ];
    let of_two = [
        episode(2, Rule::Stale, Cause::SyncOverdue, "2026-03-03T00:00:00Z", Some("2026-03-04T00:00:00Z")),
        episode(2, Rule::Error, Cause::RenewalQuarantined, "2026-02-01T00:00:00Z", Some("2026-03-09T00:00:00Z")),
        episode(2, Rule::Stale, Cause::NeverSynced, "2026-03-09T00:00:00Z", None),
        episode(2, Rule::Expired, Cause::TwoFactor, "2026-02-09T00:00:00Z", Some("2026-03-08T23:59:59Z")),
        episode(2, Rule::Limited, Cause::RotationLost, "2026-01-01T00:00:00Z", Some("2026-03-01T00:00:00Z")),
    ];
    let due = |text| Some(at(text));
    let accounts = [
        Reviewed { episodes: &of_one, due_at: due("2026-03-01T00:00:00Z"), ..reviewed(1, &x, State::Expired) },
        Reviewed { episodes: &of_two, due_at: due("2026-03-16T06:00:00Z"), ..reviewed(2, &x, State::Error) },
        Reviewed { due_at: due("2026-03-16T06:00:01Z"), is_unused: true, ..reviewed(3, &instagram, State::Healthy) },
        Reviewed { due_at: due("2026-04-08T06:00:01Z"), ..reviewed(4, &instagram, State::Healthy) },
        Reviewed { due_at: due("2026-03-01T00:00:00Z"), is_unused: true, ..reviewed(5, &x, State::Disconnected) },
    ];
    let digest = weekly(week, &accounts, now, &Zone::default());
    let states = [(State::Healthy, 2), (State::Error, 1), (State::Expired, 1), (State::Disconnected, 1)];
    assert_eq!((digest.accounts, digest.states), (5, states.into()));
    assert_eq!(digest.platforms[&instagram], [(State::Healthy, 2)].into());
    let on_x = [(State::Error, 1), (State::Expired, 1), (State::Disconnected, 1)];
    assert_eq!(digest.platforms[&x], on_x.into());
    let told = |list: &[TroubleTold]| list.iter().map(|told| (told.account, told.cause)).collect::<Vec<_>>();
    assert_eq!(told(&digest.opened), [(account(1), "revoked"), (account(2), "sync_overdue")]);
    let over = [(account(2), "two_factor"), (account(1), "sync_failing"), (account(2), "sync_overdue")];
    assert_eq!(told(&digest.resolved), over);
    assert_eq!(told(&digest.still_open), [(account(2), "renewal_quarantined"), (account(1), "revoked")]);
    assert_eq!(digest.opened[0].severity, Severity::Error);
    assert_eq!(digest.due_7d, [account(1), account(2)]);
    assert_eq!(digest.due_30d, [account(1), account(2), account(3)]);
    assert_eq!(digest.unused, [account(3)]);
    assert_eq!(digest.followers, Followers::default());
}

#[test]
fn the_followers_of_a_week_are_those_of_accounts_of_which_both_days_are_known() {
    let week = days("2026-03-02", "2026-03-08");
    let instagram = platform("instagram");
    let known = ledger("2026-01-01", "2026-03-09").followers("2026-03-01", &counted(100..108));
    // A day within the week is no matter.
    let between =
        ledger("2026-01-01", "2026-03-09").followers("2026-03-01", &[Some(50)]).followers("2026-03-08", &[Some(40)]);
    let lost = ledger("2026-01-01", "2026-03-09").followers("2026-03-01", &counted(100..107));
    let new = ledger("2026-03-02", "2026-03-09").followers("2026-03-02", &counted(100..107));
    let mut untold = ledger("2026-01-01", "2026-03-09");
    untold.tells.level.clear();
    let of = |ledger: &Ledger| {
        let account = Reviewed { ledger: Some(ledger), ..reviewed(1, &instagram, State::Healthy) };
        weekly(week, &[account], at("2026-03-09T06:00:00Z"), &Zone::default()).followers
    };
    let is = |accounts, left_out, from, to| Followers { accounts, left_out, from, to };
    assert_eq!(of(&known), is(1, 0, 100, 107));
    assert_eq!(of(&between), is(1, 0, 50, 40));
    assert_eq!(of(&lost), is(0, 1, 0, 0));
    assert_eq!(of(&new), is(0, 0, 0, 0));
    assert_eq!(of(&untold), is(0, 0, 0, 0));
    let all = [&known, &between, &lost, &new]
        .map(|of| Reviewed { ledger: Some(of), ..reviewed(1, &instagram, State::Healthy) });
    let sum = weekly(week, &all, at("2026-03-09T06:00:00Z"), &Zone::default()).followers;
    assert_eq!((sum, sum.change(), sum.percent()), (is(2, 1, 150, 147), Some(-3), Some(Percent(-2_000))));
}
