//! Replaying, guessing, changing and keeping a state.

use std::collections::BTreeSet;

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use tests::{Answer, World};

use super::{Answered, PLATFORMS, accounts, ask, harmless, make, on, param, shows_problem, with_param};

/// How many calls of one round come at once.
const AT_ONCE: usize = 50;

/// CHK-A3: one code is spent once and makes one account, however often its callback comes.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_callbacks_at_once_are_one() {
    let world = World::start().await;
    for round in 0..20 {
        replay(&world, round, AT_ONCE).await;
    }
    replay(&world, 20, 64).await;
}

async fn replay(world: &World, round: usize, at_once: usize) {
    let platform = PLATFORMS[round % 2];
    let owner = world.owner(&format!("ws_{round}"));
    let back = "https://app.example/done";
    let ask = json!({"platform": platform, "return_url": back});
    let attempt = Answered::by(world, &owner, ask, "acme").await;
    let (spent, calls) = (world.count("code_exchanged").await, world.calls("token").await);

    let pages = join_all((0..at_once).map(|_| attempt.browser.open(&attempt.callback))).await;
    let end = format!("{back}?session={}", attempt.id);
    let done = pages.iter().filter(|page| page.location().as_deref() == Some(&end)).count();
    for page in &pages {
        match page.status {
            303 => assert_eq!(page.header("location"), Some(end.as_str())),
            200 => assert!(page.text.contains("Almost there"), "round {round}: {}", page.text),
            other => panic!("round {round}: {other} {}", page.text),
        }
    }
    assert!(done > 0, "the first one tells how it ended");

    // Facebook changes its short token for a long one.
    let expected = if platform == "facebook" { 2 } else { 1 };
    assert_eq!(world.count("code_exchanged").await, spent + 1, "round {round}");
    assert_eq!(world.calls("token").await, calls + expected, "round {round}");
    let rows = world.dump().await.into_keys().filter(|key| key.starts_with(&format!("W#ws_{round} A#"))).count();
    assert_eq!((rows, accounts(&owner).await.len()), (1, 1), "round {round}");

    // And later, too, the browser is only told how it ended.
    let again = harmless(world, attempt.browser.open(&attempt.callback)).await;
    assert_eq!((again.status, again.header("location")), (303, Some(end.as_str())));
    shows_problem(&harmless(world, world.browser().open(&attempt.callback)).await, 400, "state_invalid");
}

/// CHK-A4: no state but the exact one is accepted, and a stranger learns nothing from the answers.
#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_changed_states_are_refused_alike() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = Answered::by(&world, &owner, on("facebook"), "acme").await;
    let other = Answered::by(&world, &world.owner("ws_2"), on("facebook"), "mallory").await;
    let state = param(&attempt.callback, "state");
    let changed = changes(&state, &param(&other.callback, "state"));
    assert!(changed.len() >= 2_000, "{}", changed.len());

    let stranger = world.browser();
    let known = ask(&world, &stranger, &attempt.callback).await;
    known.is_problem(400, "state_invalid");
    let answers = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        (answer.status, answer.text.clone(), headers)
    };
    let attack = async |state: &String| {
        let forged = with_param(&attempt.callback, "state", state);
        // The right state and any other look the same to whoever lacks the cookie.
        assert_eq!(answers(&ask(&world, &stranger, &forged).await), answers(&known), "{state}");
        // Nor does either attempt's browser get in, with any but its own.
        for bound in [&attempt, &other].into_iter().filter(|a| param(&a.callback, "state") != *state) {
            ask(&world, &bound.browser, &forged).await.is_problem(400, "state_invalid");
        }
    };
    let all: Vec<&String> = changed.iter().collect();
    for some in all.chunks(100) {
        harmless(&world, join_all(some.iter().map(|state| attack(state)))).await;
    }
    for state in changed.iter().step_by(100) {
        let forged = with_param(&attempt.callback, "state", state);
        for browser in [&stranger, &attempt.browser] {
            shows_problem(&harmless(&world, browser.open(&forged)).await, 400, "state_invalid");
        }
    }
    // None of them burnt anything.
    assert_eq!(attempt.browser.open(&attempt.callback).await.status, 200);
    assert_eq!(attempt.status(&owner).await["status"], "completed");
}

/// States that are not the right one: changed at every place, cut, grown, in another case, put together
/// from two, and guessed.
fn changes(state: &str, other: &str) -> BTreeSet<String> {
    const LETTERS: &str = "AZaz09-_.BQgk5 /=%+~\u{e9}\u{430}\u{0}\n\u{200b}Xx37Yy4";
    let (id, random) = state.split_once('.').expect("two parts");
    let (other_id, other_random) = other.split_once('.').expect("two parts");
    let mut all = BTreeSet::new();
    for at in 0..state.len() {
        for letter in LETTERS.chars() {
            all.insert(format!("{}{letter}{}", &state[..at], &state[at + 1..]));
        }
        let flipped = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        let one = state[at..].chars().next().map(flipped).into_iter();
        all.insert(format!("{}{}{}", &state[..at], one.collect::<String>(), &state[at + 1..]));
        all.insert(state[..at].to_owned());
        all.insert(state[at + 1..].to_owned());
        all.insert(format!("{}{}", &state[..at], &state[at + 1..]));
    }
    all.extend([state.to_lowercase(), state.to_uppercase(), format!("{state}A"), format!(" {state}")]);
    all.extend([format!("{state}="), format!("{state}.{random}"), format!("{id}.{id}.{random}")]);
    // Another workspace's attempt, in both halves and whole.
    all.extend([other.to_owned(), format!("{other_id}.{random}"), format!("{id}.{other_random}")]);
    all.extend((0..50).map(|n| format!("{id}.{:043}", n * 7_919)));
    all.extend((0..50).map(|n| format!("cs_{n:026}.{random}")));
    all.remove(state);
    // An empty one is none at all.
    all.remove("");
    all
}

/// CHK-A5: the time is looked at, not whether the row still exists.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_good_for_ten_minutes() {
    for platform in PLATFORMS {
        for (after, good) in [(599, true), (600, false), (601, false)] {
            let world = World::start().await;
            let owner = world.owner("ws_1");
            let (id, start_url) = make(&owner, on(platform)).await;
            let browser = world.browser();
            let authorize = browser.press_continue(&start_url).await;
            world.advance(SignedDuration::from_secs(after));
            let callback = browser.answer(&authorize, &[("person", "acme"), ("decision", "approve")]).await;
            let rows = world.dump().await;
            assert!(rows.values().any(|item| item["id"] == id), "the row is still there");
            let session = format!("/v1/connect-sessions/{id}");
            if good {
                assert_eq!(browser.open(&callback).await.status, 200, "{platform} after {after} s");
                assert_eq!(owner.get(&session).await.body["status"], "completed");
                continue;
            }
            harmless(&world, ask(&world, &browser, &callback)).await.is_problem(400, "state_expired");
            shows_problem(&harmless(&world, browser.open(&callback)).await, 400, "state_expired");
            // Only the bound browser is told why.
            shows_problem(&harmless(&world, world.browser().open(&callback)).await, 400, "state_invalid");
            assert_eq!((world.calls("token").await, accounts(&owner).await.len()), (0, 0));
            // The session lives: Continue gives a new state.
            let again = browser.approve(&start_url, "acme").await;
            assert_eq!(again.status, 200, "{}", again.text);
            assert_eq!(owner.get(&session).await.body["status"], "completed");
        }
    }
}

/// CHK-A4: pressing Continue again, there or elsewhere, ends the state before; cancelling ends them all.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_latest_state_is_good() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let first = Answered::by(&world, &owner, on("x"), "mallory").await;
    let second = world.browser();
    let authorize = second.press_continue(&first.start_url).await;
    let callback = second.answer(&authorize, &[("person", "acme"), ("decision", "approve")]).await;
    assert_ne!(param(&first.authorize, "state"), param(&authorize, "state"));
    shows_problem(&harmless(&world, first.browser.open(&first.callback)).await, 400, "state_invalid");
    assert_eq!(second.open(&callback).await.status, 200);
    assert_eq!(accounts(&owner).await[0]["name"], "Acme");

    let cancelled = Answered::by(&world, &owner, on("x"), "mallory").await;
    assert_eq!(owner.delete(&format!("/v1/connect-sessions/{}", cancelled.id)).await.status, 204);
    let page = harmless(&world, cancelled.browser.open(&cancelled.callback)).await;
    shows_problem(&page, 400, "state_already_used");
    shows_problem(&harmless(&world, world.browser().open(&cancelled.callback)).await, 400, "state_invalid");
    assert_eq!(accounts(&owner).await.len(), 1);
}
