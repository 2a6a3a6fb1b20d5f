//! Choosing what was not offered, or not to the chooser.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, World};

use super::{Answered, accounts, harmless, on};

/// A session that waits for a choice, with its candidates.
struct Offer {
    path: String,
    candidates: Vec<Value>,
}

impl Offer {
    async fn of(world: &World, caller: &Caller, person: &str) -> Self {
        Self::with(world, caller, &[("person", person), ("decision", "approve")]).await
    }

    async fn with(world: &World, caller: &Caller, fields: &[(&str, &str)]) -> Self {
        let attempt = Answered::with(world, caller, on("facebook"), fields).await;
        attempt.browser.open(&attempt.callback).await;
        let path = format!("/v1/connect-sessions/{}", attempt.id);
        let candidates = caller.get(&format!("{path}/candidates")).await.body["data"].as_array().cloned();
        Self { path, candidates: candidates.expect("candidates") }
    }

    fn selectable(&self) -> impl Iterator<Item = &str> {
        self.candidates.iter().filter(|c| c["selectable"] == true).map(|c| c["id"].as_str().expect("an id"))
    }

    /// Fails unless this choice is refused and changes nothing.
    async fn refuses(&self, world: &World, caller: &Caller, choice: Value, status: u16, code: &str) {
        let answer = harmless(world, caller.post(&format!("{}/selection", self.path), choice.clone())).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{choice}: {}", answer.text);
        answer.is_problem(status, code);
    }
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> Value {
    json!({"candidate_ids": ids.into_iter().collect::<Vec<_>>()})
}

/// CHK-A14: only what this session offered, to whoever may choose in its workspace.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_this_session_offered_can_be_chosen() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let manager = world.member("ws_1", "manager");
    let stranger = world.owner("ws_2");
    let mine = Offer::of(&world, &owner, "agency").await;
    let colleague = Offer::of(&world, &manager, "agency").await;
    let foreign = Offer::of(&world, &stranger, "agency").await;
    let good: Vec<&str> = mine.selectable().take(26).collect();
    let (first, second) = (good[0], good[1]);
    let barred = mine.candidates.iter().find(|c| c["selectable"] == false).expect("one that cannot be chosen");
    let barred = barred["id"].as_str().expect("an id");
    let theirs = colleague.selectable().next().expect("one").to_owned();
    let of_others = foreign.selectable().next().expect("one").to_owned();

    let lower = first.to_lowercase();
    let no_candidate = [
        theirs.as_str(),
        of_others.as_str(),
        "cand_01JD0000000000000000000000",
        barred,
        lower.as_str(),
        "",
        "100000000000001",
        "acc_01JD0000000000000000000000",
        "../../ws_2",
        "cand_01JD0000000000000000000000#",
    ];
    for id in no_candidate {
        mine.refuses(&world, &owner, ids([id]), 422, "candidate_not_selectable").await;
        // One of them spoils the whole choice.
        mine.refuses(&world, &owner, ids([first, id]), 422, "candidate_not_selectable").await;
        mine.refuses(&world, &owner, ids([id, first]), 422, "candidate_not_selectable").await;
    }
    mine.refuses(&world, &owner, ids([first, first]), 422, "validation_failed").await;
    mine.refuses(&world, &owner, ids([]), 422, "validation_failed").await;
    mine.refuses(&world, &owner, ids(good.iter().copied()), 422, "validation_failed").await;
    for (more, code) in [
        (json!({"candidate_ids": [first], "workspace_id": "ws_2"}), "unknown_field"),
        (json!({"candidate_ids": [first], "platform_account_ids": ["1"]}), "unknown_field"),
        (json!({"candidate_ids": [{"id": first}]}), "invalid_request"),
        (json!({"candidate_ids": first}), "invalid_request"),
    ] {
        mine.refuses(&world, &owner, more, 400, code).await;
    }

    // The other workspace's session is not there for us, nor ours for them.
    mine.refuses(&world, &stranger, ids([first]), 404, "not_found").await;
    mine.refuses(&world, &stranger, ids([of_others.as_str()]), 404, "not_found").await;
    foreign.refuses(&world, &owner, ids([of_others.as_str()]), 404, "not_found").await;
    harmless(&world, stranger.get(&format!("{}/candidates", mine.path))).await.is_problem(404, "not_found");
    for role in ["viewer", "analyst", "editor"] {
        let member = world.member("ws_1", role);
        mine.refuses(&world, &member, ids([first]), 403, "permission_denied").await;
        mine.refuses(&world, &member, json!({"done": true}), 403, "permission_denied").await;
        let list = harmless(&world, member.get(&format!("{}/candidates", mine.path))).await;
        list.is_problem(403, "permission_denied");
    }
    mine.refuses(&world, &world.nobody(), ids([first]), 401, "unauthenticated").await;
    assert_eq!((accounts(&owner).await.len(), accounts(&stranger).await.len()), (0, 0));

    // The right ones can be chosen, each once.
    let path = format!("{}/selection", mine.path);
    assert_eq!(owner.post(&path, ids([first])).await.status, 200);
    mine.refuses(&world, &owner, ids([first]), 422, "candidate_not_selectable").await;
    mine.refuses(&world, &owner, ids([second, first]), 422, "candidate_not_selectable").await;
    assert_eq!(owner.post(&path, json!({"candidate_ids": [second], "done": true})).await.status, 200);
    assert_eq!(accounts(&owner).await.len(), 2);
    // When it is over, it is over.
    for choice in [ids([first]), ids([good[2]]), json!({"done": true})] {
        mine.refuses(&world, &owner, choice, 410, "session_expired").await;
    }
}

/// CHK-A14: a page that the person did not share is not there to be chosen, though another session saw it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_not_shared_cannot_be_chosen() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let all = Offer::of(&world, &owner, "agency").await;
    let people = world.steer(reqwest::Method::GET, "people", Value::Null).await;
    let agency = people["data"].as_array().expect("people").iter().find(|p| p["id"] == "agency").expect("agency");
    let page = |at: usize| agency["facebook"]["pages"][at]["id"].as_str().expect("an id");
    let ticked = [("person", "agency"), ("decision", "approve"), ("child", page(0)), ("child", page(1))];
    let some = Offer::with(&world, &owner, &ticked).await;
    assert_eq!(some.candidates.len(), 2);
    let others = all.selectable().filter(|id| !some.selectable().any(|own| own == *id));
    for id in others.take(5) {
        some.refuses(&world, &owner, ids([id]), 422, "candidate_not_selectable").await;
    }
    for id in [page(2), page(0)] {
        some.refuses(&world, &owner, ids([id]), 422, "candidate_not_selectable").await;
    }
}

/// CHK-A14: an offer that ended, by the caller or by time, cannot be chosen from.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_ended_cannot_be_chosen_from() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let cancelled = Offer::of(&world, &owner, "agency").await;
    let late = Offer::of(&world, &owner, "agency").await;
    assert_eq!(owner.delete(&cancelled.path).await.status, 204);
    let one = cancelled.selectable().next().expect("one");
    cancelled.refuses(&world, &owner, ids([one]), 410, "session_expired").await;
    let one = late.selectable().next().expect("one");
    world.advance(SignedDuration::from_secs(24 * 3600 + 1));
    late.refuses(&world, &owner, ids([one]), 410, "session_expired").await;
    assert_eq!(accounts(&owner).await.len(), 0);
}
