//! The daily pass over all grants: sealed anew, moved to another vault, and what belongs to nobody destroyed.

use std::{collections::BTreeSet, sync::Arc};

use app::{Services, lease, renew, sweep};
use domain::{Capability, Grant, TokenSet, actor::permit::CredentialsLease};
use futures::future::join_all;
use jiff::SignedDuration;
use tests::{Options, World, fleet, vault::StandIn};
use vault::{Kind, RootKeys, Sealed, SecretsManager, TokenVault, Vaults};

const DAY: SignedDuration = SignedDuration::from_hours(25);

fn roots() -> RootKeys {
    RootKeys::new("k1", [5; 32])
}

/// The vault of a deployment in which one of the two seals.
fn vault(account: &StandIn, kind: Kind, world: &World) -> Arc<dyn TokenVault> {
    let sealed = Sealed::new(roots(), Arc::clone(&world.stack.services.entropy));
    Arc::new(Vaults::new(kind, sealed, SecretsManager::new(&account.client(), "mooring/grants")))
}

async fn grants(services: &Services) -> Vec<Grant> {
    let (grants, next) = services.store.scan_grants(None, 1_000).await.expect("the table");
    assert_eq!(next, None, "few enough");
    grants
}

async fn tokens(services: &Services, grant: &Grant) -> TokenSet {
    services.vault.unseal(&grant.sealed_for(), &grant.envelope).await.expect("it opens")
}

async fn pass(world: &World, services: &Services) -> (usize, usize) {
    world.advance(DAY);
    let pass = Box::pin(sweep::sweep(services)).await.expect("a report").pass;
    assert_eq!(pass.failed, 0, "{pass:?}");
    (pass.resealed, pass.orphans)
}

/// Tokens move into secrets and back into their rows, unchanged, and nothing is left where they were.
#[tokio::test(flavor = "multi_thread")]
async fn all_tokens_move_to_the_other_vault_and_back() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, person) in [("facebook", "acme"), ("facebook", "demo-01"), ("x", "acme"), ("x", "demo-02")] {
        world.connect(&owner, platform, person).await;
    }
    let of = &world.stack.services;
    let account = StandIn::new(of.now());
    let mut before = Vec::new();
    for grant in grants(of).await {
        before.push((grant.id, tokens(of, &grant).await));
    }
    // The world's own root key opens what it has sealed.
    let world_seals: Arc<dyn TokenVault> = Arc::clone(&of.vault);
    let start = Services { vault: world_seals, ..of.clone() };
    for grant in grants(&start).await {
        let held = start.store.hold(grant.id, None, of.now()).await.expect("the table").expect("free");
        let open = tokens(&start, &held).await;
        let mut next = held.clone();
        next.version += 1;
        let rows = vault(&account, Kind::Sealed, &world);
        next.envelope = rows.seal(&next.sealed_for(), &open).await.expect("a vault").expect("sealed");
        next.hold = next.hold.release(None);
        start.store.settle(&next, held.version).await.expect("the table");
    }
    for (kind, secrets) in
        [(Kind::SecretsManager, before.len()), (Kind::Sealed, 0), (Kind::SecretsManager, before.len())]
    {
        let services = Services { vault: vault(&account, kind, &world), ..of.clone() };
        // Half of the way, and the rest by another run: what was moved is not moved again.
        let (moved, _) = pass(&world, &services).await;
        assert_eq!(moved, before.len(), "{kind:?}");
        assert_eq!(pass(&world, &services).await.0, 0, "{kind:?}: once");
        assert_eq!(account.names().len(), secrets, "{kind:?}");
        for grant in grants(&services).await {
            assert!(services.vault.is_current(&grant.envelope));
            let (_, was) = before.iter().find(|(id, _)| *id == grant.id).expect("one of them");
            assert!(tests::vault::same(was, &tokens(&services, &grant).await), "{kind:?}");
            assert_eq!((grant.hold.lease_until, grant.hold.intent), (None, 0), "nobody holds it");
        }
    }
}

/// What a vault keeps for no grant and no attempt is destroyed, once it is old enough to belong to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_vault_keeps_for_nobody_is_destroyed() {
    let start = World::start().await;
    let account = StandIn::new(start.now());
    let own = vault(&account, Kind::SecretsManager, &start);
    let world = World::with(Options { vault: Some(Arc::clone(&own)), ..Options::default() }).await;
    let owner = world.owner("ws_1");
    world.connect(&owner, "x", "acme").await;
    world.consent(&owner, serde_json::json!({"platform": "facebook"}), "agency").await;
    let theirs: BTreeSet<String> = account.names().into_iter().collect();
    assert_eq!(theirs.len(), 2, "the grant's, and those of the consent that waits for a choice");
    let services = &world.stack.services;
    let living = grants(services).await.remove(0);
    let nobody = domain::GrantId::new(world.now(), [8; 16]);
    let of = domain::SealedFor { grant: nobody, ..living.sealed_for() };
    own.seal(&of, &tests::vault::tokens("nobody")).await.expect("a vault").expect("sealed");
    let sweep = async || Box::pin(sweep::sweep(services)).await.expect("a report").pass;
    assert_eq!(sweep().await.orphans, 0, "it may be of a row that is being written");
    assert_eq!(account.names().len(), 3);
    // A day later the choice is over too, and what waited for it is no orphan but abandoned.
    world.advance(DAY);
    let report = Box::pin(sweep::sweep(services)).await.expect("a report");
    assert_eq!((report.pass.orphans, report.abandoned), (1, 1), "{report:?}");
    assert_eq!(account.names(), [format!("mooring/grants/{}", living.id)]);
    assert!(renew::token(services, living.id, renew::Want::Token).await.expect("no fault").tokens.is_some());
}

/// CHK-S8: a root key is exchanged while leases go on, in two steps as the runbook says: nothing fails, and in the end
/// the new key alone opens everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_root_key_is_exchanged_under_load() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut accounts = Vec::new();
    for n in 1..=5 {
        accounts.extend(world.connect(&owner, "x", &format!("demo-0{n}")).await);
    }
    let of = &world.stack.services;
    let with =
        |roots: RootKeys| Services { vault: Arc::new(Sealed::new(roots, Arc::clone(&of.entropy))), ..of.clone() };
    let old = with(roots());
    for grant in grants(of).await {
        let held = of.store.hold(grant.id, None, of.now()).await.expect("the table").expect("free");
        let mut next = held.clone();
        next.version += 1;
        let open = tokens(of, &held).await;
        next.envelope = old.vault.seal(&next.sealed_for(), &open).await.expect("a vault").expect("sealed");
        next.hold = next.hold.release(None);
        of.store.settle(&next, held.version).await.expect("the table");
    }
    let (knows, seals) = (with(roots().and("k2", [6; 32])), with(RootKeys::new("k2", [6; 32]).and("k1", [5; 32])));
    let actor = fleet::owner("ws_1").allow::<CredentialsLease>().expect("an owner may");
    let leases = async |services: &Services| {
        let one = |id: &String| {
            let id = id.parse().expect("an account");
            Box::pin(lease::lease(services, &actor, id, Capability::Publish, None, None))
        };
        let failed = join_all(accounts.iter().map(one)).await.into_iter().filter(Result::is_err).count();
        assert_eq!(failed, 0);
    };
    let mut resealed = 0;
    for hour in 0..60 {
        world.advance(SignedDuration::from_hours(1));
        // Functions of before and of after a step are at work at once.
        let (one, other) = if hour < 20 { (&old, &knows) } else { (&knows, &seals) };
        let (report, (), ()) = futures::join!(Box::pin(sweep::sweep(other)), leases(one), leases(other));
        resealed += report.expect("a report").pass.resealed;
    }
    // All are started anew; the pass after that leaves nothing under the old key.
    resealed += pass(&world, &seals).await.0;
    assert!(resealed >= accounts.len(), "the pass went over all of them: {resealed}");
    assert_eq!(pass(&world, &seals).await.0, 0);
    println!("{resealed} grants were sealed anew beside {} leases", 60 * 2 * accounts.len());
    let alone = with(RootKeys::new("k2", [6; 32]));
    for grant in grants(&alone).await {
        tokens(&alone, &grant).await;
    }
}
