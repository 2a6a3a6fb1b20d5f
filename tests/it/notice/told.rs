//! What is told ends what it is about, once, and nothing else.

use domain::{
    Digest, Grant, Timestamp,
    notice::{Happened, Told},
};
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use store::Notice;
use tests::FINE;
use tests::{
    Caller, World,
    notice::{FACEBOOK, INSTAGRAM, X, meta, oauth_revoke, payload, x},
};

use super::{at_x, later, verdict};

const ENDED_AND_HEALED: [&str; 4] =
    ["account.connected", "account.expired", "account.reconnected", "account.recovered"];

fn revoked() -> (String, String) {
    ("expired".to_owned(), "revoked".to_owned())
}

/// S0-73: Meta names the person and not the page, so every account ends that they allowed, wherever it is; nothing of
/// somebody else does, and no token of theirs is used again.
#[tokio::test(flavor = "multi_thread")]
async fn who_removes_the_app_at_facebook_is_believed_at_once_in_every_workspace() {
    let world = World::start().await;
    let (one, two) = (world.owner("ws_1"), world.owner("ws_2"));
    let pages = world.connect(&one, "facebook", "agency").await;
    let linked = world.connect(&two, "instagram", "agency").await;
    let other = world.connect(&one, "facebook", "acme").await.remove(0);
    assert!(pages.len() > 1 && linked.len() > 1);
    let grant = world.grant_of(&one, &pages[0]).await;
    let at = later(&world, 60);
    let calls = world.journal().await.len();
    assert_eq!(world.deauthorize(&grant.person.id).await.status, 200);
    for (owner, accounts) in [(&one, &pages), (&two, &linked)] {
        for id in accounts {
            assert_eq!(verdict(&world, owner, id).await, revoked());
            assert_eq!(world.kinds(id), ["account.connected", "account.expired"]);
            let told = &world.told(id)[1].1;
            assert_eq!((&told["data"]["reason"], &told["data"]["since"]), (&json!("revoked"), &json!(at)));
            world.lease(owner, id).await.is_problem(409, "connection_expired");
        }
    }
    world.live(SignedDuration::from_hours(48), SignedDuration::from_hours(12)).await;
    let seen = world.journal().await.split_off(calls);
    assert!(!seen.is_empty(), "acme's page is looked at");
    let acme = world.grant_of(&one, &other).await;
    assert_eq!(verdict(&world, &one, &other).await.0, FINE);
    assert!(acme.upkeep.checked_at.is_some() && world.grant(grant.id).await.expect("kept").upkeep.checked_at.is_none());
}

/// S0-73
#[tokio::test(flavor = "multi_thread")]
async fn who_removes_the_app_at_instagram_or_x_is_believed_at_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let session = world.consent(&owner, json!({"platform": "instagram", "method": "instagram_login"}), "acme").await;
    let direct = session["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let scoped = world.grant_of(&owner, &direct).await.person.id;
    let (id, grant) = at_x(&world, &owner, "acme").await;
    let other = at_x(&world, &owner, "mallory").await.0;
    let now = later(&world, 60);
    let calls = world.journal().await.len();
    let by_instagram = meta("instagram", "deauthorize", INSTAGRAM, &payload(&scoped, now));
    assert_eq!(world.notify(&by_instagram).await.status, 200);
    assert_eq!(world.notify(&x(X, &oauth_revoke("1", &grant.person.id, now))).await.status, 200);
    world.advance(SignedDuration::from_hours(3));
    for id in [&direct, &id] {
        world.lease(&owner, id).await.is_problem(409, "connection_expired");
        assert_eq!(verdict(&world, &owner, id).await, revoked());
        assert_eq!(world.kinds(id), ["account.connected", "account.expired"]);
    }
    world.job("sweep").await;
    assert_eq!(world.journal().await.len(), calls);
    assert_eq!(world.lease(&owner, &other).await.status, 201);
}

/// CHK-S4: nobody learns who is here, and nothing changes.
#[tokio::test(flavor = "multi_thread")]
async fn of_somebody_unknown_nothing_changes() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let now = later(&world, 60);
    let before = world.dump().await;
    let renamed = json!({"data": {"event_type": "profile.update.screenname", "payload": {"user_id": "1"}}});
    for sent in [
        meta("facebook", "deauthorize", FACEBOOK, &payload("nobody", now)),
        meta("instagram", "deauthorize", INSTAGRAM, &payload("nobody", now)),
        x(X, &oauth_revoke("1", "nobody", now)),
        x(X, &renamed),
    ] {
        let taken = world.notify(&sent).await;
        assert_eq!((taken.status, taken.text.as_str()), (200, ""), "{sent:?}");
        assert_eq!(world.dump().await, before, "{sent:?}");
    }
    assert_eq!(world.kinds(&id), ["account.connected"]);
}

/// A notice that comes 32 times at once, and others about the same, end a consent once.
#[tokio::test(flavor = "multi_thread")]
async fn many_notices_at_once_end_a_consent_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "agency").await;
    let grant = world.grant_of(&owner, &pages[0]).await;
    let now = later(&world, 60);
    let same = meta("facebook", "deauthorize", FACEBOOK, &payload(&grant.person.id, now));
    let answers = join_all((0..32).map(|_| world.notify(&same))).await;
    let others = (1..9).map(|second| payload(&grant.person.id, now - SignedDuration::from_secs(second)));
    let others: Vec<_> = others.map(|payload| meta("facebook", "deauthorize", FACEBOOK, &payload)).collect();
    let more = join_all(others.iter().map(|sent| world.notify(sent))).await;
    assert!(answers.iter().chain(&more).all(|answer| (answer.status, answer.text.as_str()) == (200, "")));
    world.advance(SignedDuration::from_mins(1));
    world.job("sweep").await;
    for id in &pages {
        assert_eq!(world.kinds(id), ["account.connected", "account.expired"]);
    }
    assert_eq!(world.grant(grant.id).await.expect("kept").upkeep.dead.expect("it is over").at, now);
}

/// A notice that is older than the consent is about an earlier one, however late it comes.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_notice_does_not_end_a_new_consent() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let person = world.grant_of(&owner, &page).await.person.id;
    let (account, grant) = at_x(&world, &owner, "acme").await;
    let then = later(&world, 60);
    for platform in ["facebook", "x"] {
        world.event(json!({"platform": platform, "account": "acme", "kind": "revoke"})).await;
    }
    later(&world, 60);
    world.connect(&owner, "facebook", "acme").await;
    world.connect(&owner, "x", "acme").await;
    later(&world, 60);
    let late = meta("facebook", "deauthorize", FACEBOOK, &payload(&person, then));
    assert_eq!(world.notify(&late).await.status, 200);
    assert_eq!(world.notify(&x(X, &oauth_revoke("1", &grant.person.id, then))).await.status, 200);
    for _ in 0..2 {
        for id in [&page, &account] {
            assert_eq!(verdict(&world, &owner, id).await.0, FINE);
            // The platforms have told of the first end themselves.
            assert_eq!(world.kinds(id), ENDED_AND_HEALED);
            assert_eq!(world.lease(&owner, id).await.status, 201);
        }
        // What is not believed is looked into, and it is not so.
        assert_eq!(world.job("sweep").await["grants"]["died"], 0);
    }
}

/// What we end ourselves the platform may tell again: that ends no other consent of the person, unless it is so.
#[tokio::test(flavor = "multi_thread")]
async fn the_echo_of_our_own_revocation_ends_nothing_else() {
    let world = World::start().await;
    let (one, two) = (world.owner("ws_1"), world.owner("ws_2"));
    let (first, grant) = at_x(&world, &one, "acme").await;
    let second = at_x(&world, &two, "acme").await.0;
    later(&world, 60);
    let left = one.post(&format!("/v1/accounts/{first}/disconnect"), json!({})).await;
    assert_eq!(left.body["revocation"]["status"], "revoked", "{}", left.text);
    let now = later(&world, 5);
    assert_eq!(world.notify(&x(X, &oauth_revoke("1", &grant.person.id, now))).await.status, 200);
    assert_eq!(world.job("sweep").await["grants"]["died"], 0);
    assert_eq!(verdict(&world, &two, &second).await.0, FINE);
    assert_eq!(world.lease(&two, &second).await.status, 201);
    assert_eq!(world.kinds(&second), ["account.connected"]);

    world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    let now = later(&world, 60);
    assert_eq!(world.notify(&x(X, &oauth_revoke("2", &grant.person.id, now))).await.status, 200);
    world.job("sweep").await;
    assert_eq!(verdict(&world, &two, &second).await, revoked());
}

/// What is being revoked is left to that.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_we_are_ending_hears_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (id, grant) = at_x(&world, &owner, "acme").await;
    world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
    owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    let now = later(&world, 30);
    let before = world.dump().await;
    assert_eq!(world.notify(&x(X, &oauth_revoke("1", &grant.person.id, now))).await.status, 200);
    assert_eq!(world.dump().await, before);
    world.no_faults().await;
    world.advance(SignedDuration::from_mins(2));
    assert_eq!(world.job("sweep").await["revocations"]["revoked"], 1);
}

/// A renewal that is under way is not overtaken: the notice is kept, and worked off when the hold is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_waits_for_whoever_holds_the_consent() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (id, grant) = at_x(&world, &owner, "acme").await;
    let now = later(&world, 60);
    let held = world.stack.services.store.hold(grant.id, None, now).await.expect("the table");
    assert!(held.is_some());
    assert_eq!(world.notify(&x(X, &oauth_revoke("1", &grant.person.id, now))).await.status, 200);
    assert_eq!(world.kinds(&id), ["account.connected"]);
    let calls = world.journal().await.len();
    world.advance(SignedDuration::from_secs(61));
    let report = world.job("sweep").await;
    assert_eq!(report["notices"], 1, "{report}");
    assert_eq!(world.kinds(&id), ["account.connected", "account.expired"]);
    assert_eq!(world.journal().await.len(), calls);
    assert_eq!(world.job("sweep").await["notices"], 0);
}

/// Once it is worked off, a notice names nobody, and goes after eight days.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_notice_names_nobody() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (_, grant) = at_x(&world, &owner, "acme").await;
    let now = later(&world, 60);
    assert_eq!(world.notify(&x(X, &oauth_revoke("1", &grant.person.id, now))).await.status, 200);
    let table = world.dump().await;
    let kept: Vec<_> = table.iter().filter(|(key, _)| key.starts_with("M#")).map(|(_, item)| item).collect();
    assert_eq!(kept.len(), 1, "{:?}", table.keys());
    assert!(!kept[0].to_string().contains(&grant.person.id), "{kept:?}");
    assert_eq!(kept[0]["ttl"].as_i64(), Some(now.as_second() + 8 * 24 * 3600));
}

/// A notice about a grant's person, written down as if it had been signed: what X itself never tells.
async fn write_down(world: &World, grant: &Grant, what: Happened, at: Timestamp) {
    let notice = Notice {
        id: Digest::of_parts(&[&grant.id.to_string(), &at.to_string(), &format!("{what:?}")]),
        platform: grant.platform.clone(),
        method: grant.method.clone(),
        app: grant.app.clone(),
        told: vec![Told { person: grant.person.id.clone(), what, at }],
        erases: false,
        received_at: world.now() - SignedDuration::from_secs(1),
        done_at: None,
        tries: 0,
        place: None,
    };
    assert!(world.stack.services.store.insert_notice(&notice).await.expect("the table"));
    assert_eq!(world.job("sweep").await["notices"], 1);
}

/// The reasons of an account's health.
async fn reasons(world: &World, owner: &Caller, id: &str) -> Vec<String> {
    let health = world.health(owner, id).await;
    let reasons = health["reasons"].as_array().expect("reasons").iter();
    reasons.map(|reason| reason["code"].as_str().expect("a code").to_owned()).collect()
}

/// S0-07: who is deleted or banned at a platform is told apart from who only took it back.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_gone_or_banned_is_told_from_one_who_took_it_back() {
    for (what, reason) in [(Happened::Deleted, "account_not_found"), (Happened::Banned, "account_restricted")] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let (id, grant) = at_x(&world, &owner, "acme").await;
        let now = later(&world, 60);
        write_down(&world, &grant, what, now).await;
        assert_eq!(reasons(&world, &owner, &id).await, ["revoked", reason, "sync_running"]);
        assert_eq!(world.kinds(&id), ["account.connected", "account.expired"]);
        // It comes again, and about an account that was connected anew meanwhile.
        later(&world, 60);
        write_down(&world, &grant, what, now - SignedDuration::from_secs(1)).await;
        world.connect(&owner, "x", "acme").await;
        later(&world, 60);
        write_down(&world, &grant, what, now + SignedDuration::from_secs(1)).await;
        assert_eq!(reasons(&world, &owner, &id).await, ["sync_running"]);
    }
}

/// An account that is closed for a while stands as restricted until it is open again, in whatever order that is told; what
/// is doubtful is looked into.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_closed_is_open_again_when_that_is_told() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (id, grant) = at_x(&world, &owner, "acme").await;
    let closed = later(&world, 60);
    write_down(&world, &grant, Happened::Disabled, closed).await;
    assert_eq!(reasons(&world, &owner, &id).await, ["account_restricted", "sync_running"]);
    let open = later(&world, 60);
    write_down(&world, &grant, Happened::Enabled, open).await;
    write_down(&world, &grant, Happened::Disabled, closed + SignedDuration::from_secs(1)).await;
    assert_eq!(reasons(&world, &owner, &id).await, ["sync_running"]);
    assert_eq!(world.kinds(&id), ["account.connected", "account.degraded", "account.recovered"]);
    let calls = world.calls("token").await;
    let now = later(&world, 60);
    write_down(&world, &grant, Happened::Doubtful, now).await;
    assert_eq!(world.calls("token").await, calls + 1, "its refresh token was good");
    assert_eq!(world.lease(&owner, &id).await.status, 201);
}
