//! How notices reach an app: again, late, twice, broken, or not before it proved itself.

use serde_json::{Value, json};

use crate::harness::Sim;
use crate::receiver::{Receiver, Seen};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

async fn facebook() -> (Sim, Receiver) {
    let sim = Sim::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "facebook", "1001");
    (sim, receiver)
}

/// Lets `person` log in to Facebook and remove the app again.
async fn removal(sim: &Sim, person: &str, more: Value) {
    sim.fb_long(person).await;
    assert_eq!(sim.event("facebook", person, "revoke", more).await, 204);
}

fn user(seen: &Seen) -> Value {
    seen.meta("1001-secret").expect("rightly signed")["user_id"].clone()
}

#[tokio::test]
async fn a_notice_is_sent_again_later_and_later_until_it_is_taken() {
    let (sim, receiver) = facebook().await;
    receiver.answer(&[(500, ""), (503, ""), (302, ""), (202, "")]);
    removal(&sim, "acme", json!({})).await;
    let first = receiver.one();
    assert_eq!(sim.told().await, [("waiting".to_owned(), 1, "status:500".to_owned())]);
    for (wait, outcome) in [(1, "status:503"), (2, "status:302"), (4, "status:202"), (8, "delivered")] {
        sim.pass(wait * MINUTE - 1);
        assert_eq!(sim.deliver().await, 0, "not yet");
        sim.pass(1);
        assert_eq!(sim.deliver().await, 1);
        assert_eq!(receiver.one().body, first.body, "the same bytes each time");
        assert_eq!(sim.told().await[0].2, outcome);
    }
    sim.pass(72 * HOUR);
    assert_eq!(sim.deliver().await, 0);
}

#[tokio::test]
async fn a_notice_that_nobody_takes_is_given_up_after_three_days() {
    let (sim, receiver) = facebook().await;
    receiver.answer(&[(500, ""); 100]);
    removal(&sim, "acme", json!({})).await;
    let mut last = 0;
    for hour in 1..=80 {
        sim.pass(HOUR);
        if sim.deliver().await == 1 {
            last = hour;
        }
    }
    let (state, attempts, _) = sim.told().await[0].clone();
    assert_eq!((state.as_str(), receiver.take().len() as u64), ("given_up", attempts));
    assert!((48..=72).contains(&last), "the last attempt was after {last} hours");
}

#[tokio::test]
async fn who_does_not_answer_is_asked_once_in_a_run() {
    let (sim, receiver) = facebook().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut nobody = receiver;
    nobody.url = format!("http://{closed}");
    nobody.hear(&sim, "facebook", "1001");
    removal(&sim, "acme", json!({})).await;
    removal(&sim, "agency", json!({})).await;
    assert!(sim.told().await.iter().all(|told| *told == ("waiting".to_owned(), 1, "no_answer".to_owned())));
    sim.pass(MINUTE);
    assert_eq!(sim.deliver().await, 2);
    let attempts: Vec<u64> = sim.told().await.iter().map(|told| told.1).collect();
    assert_eq!(attempts, [2, 1]);
}

#[tokio::test]
async fn a_notice_can_come_twice() {
    let (sim, receiver) = facebook().await;
    removal(&sim, "acme", json!({ "tamper": "duplicate" })).await;
    let seen = receiver.take();
    assert_eq!((seen.len(), seen[0].body == seen[1].body), (2, true));
    removal(&sim, "agency", json!({})).await;
    receiver.one();
}

#[tokio::test]
async fn a_notice_can_come_after_the_next_one() {
    let (sim, receiver) = facebook().await;
    removal(&sim, "acme", json!({ "tamper": "out_of_order" })).await;
    assert!(receiver.take().is_empty(), "it waits for the next one");
    removal(&sim, "agency", json!({})).await;
    let seen = receiver.take();
    let accounts: Vec<Value> = sim.notices().await.iter().map(|notice| notice["account"].clone()).collect();
    assert_eq!(seen.iter().map(user).collect::<Vec<_>>(), [accounts[1].clone(), accounts[0].clone()]);
    removal(&sim, "acme", json!({ "tamper": "out_of_order" })).await;
    assert_eq!(sim.deliver().await, 1, "or for somebody who asks");
    receiver.one();
}

#[tokio::test]
async fn a_notice_can_be_old_wrongly_signed_or_of_nobody() {
    let (sim, receiver) = facebook().await;
    let user = sim.fb_long("acme").await;
    let scoped = sim.graph("me", &user, &[]).await.str("id");
    let send = async |tamper: Value| {
        let sent = json!({ "platform": "facebook", "kind": "deauthorize", "account": "acme", "tamper": tamper });
        assert_eq!(sim.by_hand(sent).await.status, 201);
        receiver.one()
    };
    let right = send(Value::Null).await;
    let fresh = right.meta("1001-secret").unwrap();
    let stale = send(json!("stale")).await.meta("1001-secret").expect("rightly signed");
    let age = fresh["issued_at"].as_i64().unwrap() - stale["issued_at"].as_i64().unwrap();
    assert_eq!((age, &stale["user_id"]), (8 * 24 * HOUR, &json!(scoped)));

    let forged = send(json!("forged")).await;
    assert!(forged.meta("1001-secret").is_none() && forged.meta("1002-secret").is_none());
    assert_eq!(forged.signed_request().1, right.signed_request().1);

    let other = send(json!("other_secret")).await;
    assert!(other.meta("1001-secret").is_none() && other.meta("1002-secret").is_some());

    let short = send(json!("truncated_signature")).await.signed_request().0;
    let whole = right.signed_request().0;
    assert!(!short.is_empty() && short.len() < whole.len() && whole.starts_with(&short[..short.len() - 1]));

    let unknown = send(json!("unknown_person")).await.meta("1001-secret").expect("rightly signed");
    assert_ne!(unknown["user_id"], scoped);
}

async fn x() -> (Sim, Receiver) {
    let sim = Sim::start().await;
    let receiver = Receiver::start().await;
    receiver.hear(&sim, "x", "xapp");
    sim.x_pair("acme").await;
    (sim, receiver)
}

#[tokio::test]
async fn x_tells_nothing_to_who_fails_its_challenge() {
    let (sim, receiver) = x().await;
    receiver.prove_by("xother-secret");
    sim.event("x", "acme", "rename", json!({ "to": "one" })).await;
    assert!(receiver.take().is_empty());
    assert_eq!(sim.told().await, [("waiting".to_owned(), 0, "challenge_failed".to_owned())]);
    let challenge = sim.get("/_sim/notices", &[]).await.json()["challenges"]["xapp"].clone();
    assert_eq!((&challenge["passed"], &challenge["outcome"]), (&json!(false), &json!("wrong_response_token")));
    assert_eq!((sim.deliver().await, receiver.challenges()), (0, 2));

    receiver.prove_by("xapp-secret");
    assert_eq!((sim.deliver().await, receiver.challenges()), (1, 3));
    assert!(receiver.one().x("xapp-secret").is_some());
}

#[tokio::test]
async fn x_gives_up_what_waited_three_days_for_a_proof() {
    let (sim, receiver) = x().await;
    sim.event("x", "acme", "rename", json!({ "to": "one" })).await;
    sim.pass(72 * HOUR + 1);
    assert_eq!(sim.deliver().await, 0);
    receiver.prove_by("xapp-secret");
    assert_eq!(sim.deliver().await, 0);
    assert_eq!((sim.told().await[0].0.as_str(), receiver.take().len()), ("given_up", 0));
}

#[tokio::test]
async fn x_challenges_each_hour() {
    let (sim, receiver) = x().await;
    receiver.prove_by("xapp-secret");
    assert_eq!((sim.deliver().await, receiver.challenges()), (0, 1), "also without anything to tell");
    sim.pass(HOUR - 1);
    sim.event("x", "acme", "rename", json!({ "to": "one" })).await;
    assert_eq!((receiver.take().len(), receiver.challenges()), (1, 1));
    receiver.prove_by("lost");
    sim.pass(1);
    sim.event("x", "acme", "rename", json!({ "to": "two" })).await;
    assert_eq!((receiver.take().len(), receiver.challenges()), (0, 2));
}
