//! The vaults before one judge, and what only one of them has: Secrets Manager's ways, the move from one to the other,
//! and root keys that rotate.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{Entropy, Envelope, Fault, GrantId, SealedFor, Timestamp};
use futures::future::join_all;
use local::entropy::SystemEntropy;
use serde_json::json;
use tests::{
    BEGINNING, Options, World,
    secret::Needles,
    vault::{StandIn, Trouble, conforms, same, tokens},
};
use tokio::time::Instant;
use vault::{Kind, RootKeys, Sealed, SecretsManager, TokenVault, Vaults};

const PREFIX: &str = "mooring/grants";

fn now() -> Timestamp {
    BEGINNING.parse().expect("a time")
}

fn stand_in() -> StandIn {
    StandIn::new(now())
}

fn secrets(stand_in: &StandIn) -> SecretsManager {
    SecretsManager::new(&stand_in.client(), PREFIX)
}

fn sealed(roots: RootKeys) -> Sealed {
    Sealed::new(roots, Arc::new(SystemEntropy))
}

fn both(seals: Kind, stand_in: &StandIn) -> Vaults {
    Vaults::new(seals, sealed(RootKeys::new("k1", [9; 32])), secrets(stand_in))
}

/// A version of a grant of its own.
fn of(version: u64) -> SealedFor {
    let entropy: &dyn Entropy = &SystemEntropy;
    SealedFor { grant: GrantId::new(now(), entropy.bytes()), platform: "x".parse().expect("an id"), version }
}

async fn seal(vault: &dyn TokenVault, of: &SealedFor, name: &str) -> Envelope {
    vault.seal(of, &tokens(name)).await.expect("a vault").expect("a new version")
}

async fn opens(vault: &dyn TokenVault, of: &SealedFor, envelope: &Envelope, name: &str) {
    assert!(same(&vault.unseal(of, envelope).await.expect("it opens"), &tokens(name)), "{of:?}");
}

#[track_caller]
fn fault<T>(outcome: Result<T, Fault>) -> String {
    let Err(fault) = outcome else { panic!("no fault") };
    let leaks = Needles::usual().found_in("a fault", format!("{fault} {fault:?}"));
    assert!(leaks.is_empty(), "{leaks:?}");
    fault.to_string()
}

/// CHK-S6, CHK-S7
#[tokio::test]
async fn sealed_keeps_its_promises() {
    conforms(&sealed(RootKeys::new("k1", [9; 32])), false, now(), &SystemEntropy).await;
}

/// CHK-S6, CHK-S7
#[tokio::test(start_paused = true)]
async fn secrets_manager_keeps_its_promises() {
    conforms(&secrets(&stand_in()), true, now(), &SystemEntropy).await;
}

/// CHK-S6, CHK-S7
#[tokio::test(start_paused = true)]
async fn both_together_keep_the_promises_of_the_one_that_seals() {
    conforms(&both(Kind::SecretsManager, &stand_in()), true, now(), &SystemEntropy).await;
    let unused = stand_in();
    conforms(&both(Kind::Sealed, &unused), false, now(), &SystemEntropy).await;
    assert_eq!(unused.names(), [""; 0]);
}

/// One secret a grant, its version's id the token that it was written with; nobody reads what is merely current.
#[tokio::test(start_paused = true)]
async fn a_version_is_written_and_read_by_an_id_of_its_own() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in);
    let first = of(1);
    let second = SealedFor { version: 2, ..first.clone() };
    let envelopes = [seal(&vault, &first, "one").await, seal(&vault, &second, "two").await];
    opens(&vault, &first, &envelopes[0], "one").await;
    opens(&vault, &second, &envelopes[1], "two").await;
    let name = format!("{PREFIX}/{}", first.grant);
    assert_eq!(stand_in.names(), [name.as_str()]);
    let ids = envelopes.map(|envelope| envelope.0.strip_prefix("sm1.").expect("the format").to_owned());
    assert!(ids.iter().all(|id| id.len() == 64) && ids[0] != ids[1], "{ids:?}");
    let requests = stand_in.requests();
    let said: Vec<(&str, [&str; 2])> = requests
        .iter()
        .map(|(operation, body)| {
            let text = |member: &str| body[member].as_str().unwrap_or_default();
            let id = [text("ClientRequestToken"), text("VersionId")].concat();
            let id = ids.iter().find(|own| **own == id).map_or("another", String::as_str);
            (operation.as_str(), [if body["SecretId"].is_null() { text("Name") } else { text("SecretId") }, id])
        })
        .collect();
    assert_eq!(
        said,
        [
            ("CreateSecret", [&name, &ids[0]]),
            ("PutSecretValue", [&name, &ids[1]]),
            ("GetSecretValue", [&name, &ids[0]]),
            ("GetSecretValue", [&name, &ids[1]]),
        ]
        .map(|(operation, [name, id])| (operation, [name.as_str(), id.as_str()]))
    );
}

/// CHK-S6: whoever can write secrets has put other tokens under the very version.
#[tokio::test(start_paused = true)]
async fn a_secret_s_text_is_compared_with_the_row() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in);
    let mine = of(1);
    let name = format!("{PREFIX}/{}", mine.grant);
    let envelope = seal(&vault, &mine, "mine").await;
    let theirs = of(1).grant.to_string();
    let (grant, text) = (mine.grant.to_string(), std::cell::RefCell::new(String::new()));
    stand_in.rewrite(&name, |before| {
        before.clone_into(&mut text.borrow_mut());
        before.to_owned()
    });
    let text = text.into_inner();
    for (what, changed) in [
        ("another grant", text.replace(&grant, &theirs)),
        ("another platform", text.replace("\"x\"", "\"facebook\"")),
        ("another version", text.replace("\"version\":1", "\"version\":2")),
        ("another format", text.replace("sm1", "sm2")),
        ("no JSON", text.replace('}', "")),
        ("nothing of ours", json!({"access": "a"}).to_string()),
    ] {
        assert_ne!(changed, text, "{what}");
        stand_in.rewrite(&name, |_| changed.clone());
        assert!(fault(vault.unseal(&mine, &envelope).await).contains("does not open"), "{what}");
        fault(vault.find(&mine).await);
    }
    stand_in.rewrite(&name, |_| text.clone());
    opens(&vault, &mine, &envelope, "mine").await;
}

/// A call that failed is made again, whether it was done or not: what it writes, it writes once.
#[tokio::test(start_paused = true)]
async fn a_call_may_be_made_again_whatever_became_of_it() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in);
    let first = of(1);
    for trouble in [Trouble::Throttled, Trouble::Broken, Trouble::AnswerLost, Trouble::Silent] {
        for of in [of(1), SealedFor { version: 2, ..first.clone() }, of(7)] {
            stand_in.trouble([trouble]);
            let envelope = seal(&vault, &of, "once").await;
            stand_in.trouble([trouble]);
            opens(&vault, &of, &envelope, "once").await;
            stand_in.trouble([trouble]);
            assert_eq!(vault.find(&of).await.expect("a vault"), Some(envelope.clone()));
            stand_in.trouble([trouble]);
            vault.forget(&of, &envelope).await.expect("it is gone");
        }
    }
    assert_eq!(stand_in.names(), [""; 0]);
    // An answer that was lost is no new version, and a lost one of others is none either.
    let mine = of(1);
    stand_in.trouble([Trouble::AnswerLost]);
    let envelope = seal(&vault, &mine, "mine").await;
    assert_eq!(vault.seal(&mine, &tokens("theirs")).await.expect("a vault"), None);
    opens(&vault, &mine, &envelope, "mine").await;
}

/// What does not answer is not waited for: seconds, all tries together.
#[tokio::test(start_paused = true)]
async fn a_call_is_given_up_after_seconds_and_says_nothing_of_what_it_carried() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in);
    let sealed = of(1);
    let envelope = seal(&vault, &sealed, "kept").await;
    for (trouble, why) in [
        (Trouble::Silent, "no answer in time"),
        (Trouble::Throttled, "ThrottlingException"),
        (Trouble::Broken, "InternalServiceError"),
        (Trouble::Quoted, "ValidationException"),
    ] {
        let begun = Instant::now();
        stand_in.trouble([trouble; 9]);
        for (call, told) in [
            ("CreateSecret", fault(vault.seal(&of(1), &tokens("new")).await)),
            ("PutSecretValue", fault(vault.seal(&SealedFor { version: 2, ..sealed.clone() }, &tokens("new")).await)),
        ] {
            assert!(told.contains(call), "{told}");
            stand_in.trouble([trouble; 9]);
        }
        let told = fault(vault.unseal(&sealed, &envelope).await);
        assert!(told.contains("GetSecretValue") && told.contains(why), "{told}");
        stand_in.trouble([trouble; 9]);
        fault(vault.find(&sealed).await);
        stand_in.trouble([trouble; 9]);
        fault(vault.list(None).await);
        stand_in.trouble([trouble; 9]);
        fault(vault.forget(&sealed, &envelope).await);
        assert!(begun.elapsed() < Duration::from_secs(6 * 6), "{:?} {trouble:?}", begun.elapsed());
        stand_in.trouble([]);
    }
    opens(&vault, &sealed, &envelope, "kept").await;
}

/// An operator has marked a secret for deletion: nothing is read from it, nothing written over it, and it can be
/// forgotten.
#[tokio::test(start_paused = true)]
async fn a_secret_that_is_marked_for_deletion_is_no_place_for_tokens() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in);
    let first = of(1);
    let envelope = seal(&vault, &first, "marked").await;
    let name = format!("{PREFIX}/{}", first.grant);
    let marked = stand_in.client().delete_secret().secret_id(&name).recovery_window_in_days(7).send().await;
    marked.expect("it is marked");
    assert!(fault(vault.unseal(&first, &envelope).await).contains("its secret is gone"));
    assert_eq!(vault.find(&first).await.expect("a vault"), None);
    assert_eq!(vault.list(None).await.expect("a page"), (Vec::new(), None));
    for version in [1, 2] {
        let told = fault(vault.seal(&SealedFor { version, ..first.clone() }, &tokens("more")).await);
        assert!(told.contains("InvalidRequestException"), "{told}");
    }
    vault.forget(&first, &envelope).await.expect("it is gone");
    assert_eq!(stand_in.names(), [""; 0]);
}

/// A secret takes a hundred versions a day; then renewals fail and are tried again, and the row's version stays.
#[tokio::test(start_paused = true)]
async fn more_versions_than_a_secret_takes_are_a_fault_and_no_loss() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in);
    let first = of(1);
    let version = |version| SealedFor { version, ..first.clone() };
    for n in 1..=100 {
        seal(&vault, &version(n), &n.to_string()).await;
    }
    let told = fault(vault.seal(&version(101), &tokens("101")).await);
    assert!(told.contains("LimitExceededException"), "{told}");
    let named = vault.find(&version(100)).await.expect("a vault").expect("the row's own");
    opens(&vault, &version(100), &named, "100").await;
    stand_in.advance(24 * 60 * 60);
    seal(&vault, &version(101), "101").await;
    opens(&vault, &version(100), &named, "100").await;
}

/// Secrets Manager takes fifty writes a second of an account: three hundred grants are moved in five seconds, and reads do
/// not wait.
#[tokio::test(start_paused = true)]
async fn writes_wait_their_turn_and_reads_do_not() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in);
    let all: Vec<SealedFor> = (0..300).map(|_| of(1)).collect();
    let begun = Instant::now();
    join_all(all.iter().map(|of| seal(&vault, of, "moved"))).await;
    assert_eq!(begun.elapsed().as_millis(), 250 * 20);
    let begun = Instant::now();
    join_all(all.iter().map(|of| vault.find(of))).await;
    assert_eq!(begun.elapsed().as_millis(), 0);
    let narrow = secrets(&stand_in).at_most(1);
    let begun = Instant::now();
    for of in &all[..4] {
        narrow.forget(of, &Envelope(String::new())).await.expect("it is gone");
    }
    assert_eq!(begun.elapsed().as_secs(), 3);
}

/// Page by page, and nothing that is not a grant's.
#[tokio::test(start_paused = true)]
async fn what_is_kept_is_listed_a_page_at_a_time() {
    let stand_in = stand_in();
    let vault = secrets(&stand_in).at_most(10_000);
    let all: BTreeSet<GrantId> = (0..250).map(|_| of(1).grant).collect();
    for grant in &all {
        seal(&vault, &SealedFor { grant: *grant, ..of(1) }, "listed").await;
    }
    let stranger = of(1).grant;
    for name in ["mooring/grants", "mooring/grantsX", "other", "mooring/grants/notes", "mooring/grants/grt_1"] {
        stand_in.put(name, "a stranger's");
    }
    stand_in.put(&format!("elsewhere/{PREFIX}/{stranger}"), "a stranger's");
    stand_in.advance(7_200);
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = vault.list(after).await.expect("a page");
        pages.push(page);
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages.len(), 3);
    let listed: Vec<GrantId> = pages.iter().flatten().map(|kept| kept.grant).collect();
    assert_eq!(listed, all.into_iter().collect::<Vec<_>>());
    assert!(pages.iter().flatten().all(|kept| kept.changed_at == now()));
}

/// What the sweep does with a grant: opens what is not current, seals it as the next version, writes the row, forgets.
async fn moved(vault: &dyn TokenVault, row: &mut (SealedFor, Envelope)) -> bool {
    if vault.is_current(&row.1) {
        return false;
    }
    let tokens = vault.unseal(&row.0, &row.1).await.expect("it opens");
    let next = SealedFor { version: row.0.version + 1, ..row.0.clone() };
    let envelope = vault.seal(&next, &tokens).await.expect("a vault").expect("a new version");
    let (old_of, old) = std::mem::replace(row, (next, envelope));
    vault.forget(&old_of, &old).await.expect("it is gone");
    true
}

#[test]
fn a_vault_has_a_name() {
    for (name, kind) in [("sealed", Kind::Sealed), ("secretsmanager", Kind::SecretsManager)] {
        assert_eq!(name.parse(), Ok(kind));
    }
    for nobody in ["", "Sealed", "secrets_manager", "sealed "] {
        assert!(nobody.parse::<Kind>().is_err(), "{nobody}");
    }
}

/// Tokens move from the one vault to the other and back, and each time nothing is left where they were.
#[tokio::test(start_paused = true)]
async fn tokens_move_from_one_vault_to_the_other_and_back() {
    let stand_in = stand_in();
    let (into, out) = (both(Kind::SecretsManager, &stand_in), both(Kind::Sealed, &stand_in));
    let first = of(3);
    let mut row = (first.clone(), seal(&out, &first, "moved").await);
    for round in 0..2 {
        // Either opens it, whichever seals.
        opens(&into, &row.0, &row.1, "moved").await;
        opens(&out, &row.0, &row.1, "moved").await;
        assert!(moved(&into, &mut row).await, "{round}");
        assert!(row.1.0.starts_with("sm1.") && !moved(&into, &mut row).await, "{row:?}");
        assert_eq!(stand_in.names(), [format!("{PREFIX}/{}", first.grant)]);
        opens(&out, &row.0, &row.1, "moved").await;
        assert!(moved(&out, &mut row).await, "{round}");
        assert!(row.1.0.starts_with("1.k1.") && !moved(&out, &mut row).await, "{row:?}");
        assert_eq!(stand_in.names(), [""; 0]);
        opens(&out, &row.0, &row.1, "moved").await;
    }
    // Whoever died after Secrets Manager had the next version is found, whichever seals now.
    let next = SealedFor { version: row.0.version + 1, ..row.0.clone() };
    let left = seal(&into, &next, "newer").await;
    for vault in [&into, &out] {
        assert_eq!(vault.find(&next).await.expect("a vault"), Some(left.clone()));
        assert_eq!(vault.list(None).await.expect("a page").0.len(), 1);
    }
    // To forget what a row holds touches nothing in Secrets Manager.
    into.forget(&row.0, &row.1).await.expect("nothing to do");
    opens(&out, &next, &left, "newer").await;
}

/// CHK-S8: root keys rotate as the runbook says, one step after the other, and at each step functions of before and
/// after it live side by side, seal, open and seal anew.
#[tokio::test(flavor = "multi_thread")]
async fn root_keys_rotate_under_load_and_everything_opens() {
    let (old, new) = ([1; 32], [2; 32]);
    let steps = [
        RootKeys::new("k1", old),
        RootKeys::new("k1", old).and("k2", new),
        RootKeys::new("k2", new).and("k1", old),
        RootKeys::new("k2", new),
    ];
    let mut rows: Vec<(SealedFor, Envelope)> = Vec::new();
    let opened = Arc::new(AtomicUsize::new(0));
    for step in steps.windows(2) {
        let fleet: Vec<Arc<Sealed>> = step.iter().map(|roots| Arc::new(sealed(roots.clone()))).collect();
        let tasks = (0..8).map(|n| {
            let (fleet, rows, opened) = (fleet.clone(), rows.clone(), Arc::clone(&opened));
            tokio::spawn(async move {
                let mut own = Vec::new();
                for round in 0..50 {
                    let (one, other) = (&fleet[(n + round) % 2], &fleet[(n + round + 1) % 2]);
                    let of = of(1);
                    let envelope = seal(&**one, &of, "own").await;
                    opens(&**other, &of, &envelope, "own").await;
                    opened.fetch_add(1, Ordering::Relaxed);
                    own.push((of, envelope));
                }
                for (of, envelope) in &rows {
                    opens(&*fleet[n % 2], of, envelope, "own").await;
                    opened.fetch_add(1, Ordering::Relaxed);
                }
                own
            })
        });
        for task in join_all(tasks).await {
            rows.extend(task.expect("0 failures"));
        }
        // Before the next step everything is sealed anew.
        let newest = &fleet[1];
        for row in &mut rows {
            moved(&**newest, row).await;
        }
        assert!(rows.iter().all(|(_, envelope)| newest.is_current(envelope)));
    }
    assert_eq!((rows.len(), opened.load(Ordering::Relaxed)), (1_200, 3 * 400 + 8 * (400 + 800)));
    assert!(rows.iter().all(|(_, envelope)| envelope.0.starts_with("1.k2.")));
    // In one step instead of two, a function that is not started anew yet cannot open what the others seal.
    let (before, hasty) = (sealed(steps[0].clone()), sealed(steps[2].clone()));
    let of = of(1);
    assert!(before.unseal(&of, &seal(&hasty, &of, "hasty").await).await.is_err());
}

/// S4-13: over Secrets Manager a row names a version and holds no token, and with the last account the secret is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_connected_account_has_a_secret_until_it_is_disconnected() {
    let stand_in = stand_in();
    let vault: Arc<dyn TokenVault> = Arc::new(both(Kind::SecretsManager, &stand_in));
    let world = World::with(Options { vault: Some(vault), ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let grant = world.grant_of(&owner, &id).await;
    assert!(grant.envelope.0.starts_with("sm1."), "{:?}", grant.envelope);
    assert_eq!(stand_in.names(), [format!("{PREFIX}/{}", grant.id)]);
    let tokens = world.tokens(&grant).await;
    assert_eq!(world.ask_platform("api.x.com/2/users/me", &tokens.access).await.status, 200);
    // A second consent is the next version of the same secret.
    assert_eq!(world.connect(&owner, "x", "acme").await, [id.as_str()]);
    let again = world.grant_of(&owner, &id).await;
    assert_eq!((again.id, again.version), (grant.id, grant.version + 1));
    assert_eq!(stand_in.names().len(), 1);
    let receipt = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(receipt.body["revocation"]["status"], "revoked", "{}", receipt.text);
    assert_eq!(stand_in.names(), [""; 0]);
}
