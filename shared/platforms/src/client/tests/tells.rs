//! What each client reads of an account, held against what the catalogue says that its platform tells.

mod world;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Facet, Metric};
use jiff::civil::Date;

use super::*;
use world::{ACCOUNTS, full, little};

const DAY: [&str; 2] = ["2026-11-10", "2026-11-10"];
const MONTH: [&str; 2] = ["2026-10-12", "2026-11-10"];

fn days(days: [&str; 2]) -> [Date; 2] {
    days.map(|day| day.parse().expect("a day"))
}

/// Each account that a client is for, with the client, at `stub`.
fn accounts(stub: &Stub) -> Vec<(Connector, Which<'static>)> {
    let connectors = connectors(&stub.base);
    let of = |issuer: &str| connectors.iter().find(|c| c.entry.issuer == issuer).expect("a client").clone();
    ACCOUNTS.iter().map(|(issuer, kind, id)| (of(issuer), Which { id, kind })).collect()
}

/// Every kind of every method has an account here, but that of which no catalogue knows.
#[test]
fn no_kind_is_forgotten() {
    let nowhere = "http://127.0.0.1:9/".parse().expect("an address");
    let entries = connectors(&nowhere).into_iter().map(|c| c.entry).filter(|e| e.issuer != "acme");
    let kinds: Vec<(String, String)> =
        entries.flat_map(|e| e.kinds.iter().map(|kind| (e.issuer.clone(), kind.clone())).collect::<Vec<_>>()).collect();
    let here: BTreeSet<_> =
        ACCOUNTS.iter().map(|(issuer, kind, _)| ((*issuer).to_owned(), (*kind).to_owned())).collect();
    assert_eq!(kinds.into_iter().collect::<BTreeSet<_>>(), here);
}

/// S0-06: of answers in which everything is that the platforms' documents have, exactly that is read which the
/// catalogue says.
#[tokio::test]
async fn what_is_read_is_what_the_catalogue_says() {
    let stub = Stub::start(full).await;
    for (connector, which) in accounts(&stub) {
        let (client, tokens, who) = (&connector.client, held(&connector), format!("{} {}", which.kind, which.id));
        let tells = connector.entry.tells(which.kind);
        let profile = client.profile(&tokens, which, now()).await.expect(&who);
        assert_eq!(profile.counts.into_keys().collect::<BTreeSet<_>>(), set(&tells.level), "{who}");
        for span in [DAY, MONTH] {
            let got = client.metrics(&tokens, which, days(span), now()).await.expect(&who);
            let told: BTreeSet<Metric> =
                got.total.into_keys().chain(got.daily.into_values().flat_map(BTreeMap::into_keys)).collect();
            assert_eq!(told, set(&tells.measured), "{who}");
        }
        let told = audience(&connector, which).await.expect(&who);
        assert_eq!(told.keys().copied().collect::<BTreeSet<_>>(), set(&tells.audience), "{who}");
        for (facet, parts) in told {
            let sum: u16 = parts.iter().map(|part| part.per_mille).sum();
            assert!(!parts.is_empty() && sum <= 1_000, "{who}: {facet:?} {parts:?}");
        }
    }
}

/// Who follows, where the client knows a way; a client without one has nothing to tell.
async fn audience(connector: &Connector, which: Which<'_>) -> Result<Audience, PlatformError> {
    match connector.client.audience(&held(connector), which, now()).await {
        Err(PlatformError::Misconfigured(_)) => Ok(Audience::new()),
        told => told,
    }
}

fn set<T: Ord + Copy>(told: &[T]) -> BTreeSet<T> {
    told.iter().copied().collect()
}

/// Where a platform has too little of an account to tell, numbers are absent; it is no error, and they are not 0.
#[tokio::test]
async fn too_little_to_tell_is_no_error_and_no_number() {
    let stub = Stub::start(little).await;
    for (connector, which) in accounts(&stub) {
        let (client, tokens, who) = (&connector.client, held(&connector), format!("{} {}", which.kind, which.id));
        for span in [DAY, MONTH] {
            let got = client.metrics(&tokens, which, days(span), now()).await.expect(&who);
            assert!(got.total.is_empty() && got.daily.values().all(Counts::is_empty), "{who}: {got:?}");
        }
        assert_eq!(audience(&connector, which).await.expect(&who), Audience::new(), "{who}");
        let got = client.profile(&tokens, which, now()).await.expect(&who);
        let hidden = [Metric::Followers, Metric::Reach].into_iter().find(|metric| got.counts.contains_key(metric));
        assert_eq!(hidden, None, "{who}: {:?}", got.counts);
    }
}

/// What a profile is filled with where the platform tells it (`profile.map` of `platforms.yaml`).
#[tokio::test]
async fn a_profile_has_all_that_the_platform_tells() {
    let stub = Stub::start(full).await;
    for (connector, which) in accounts(&stub) {
        let who = format!("{} {}", connector.entry.issuer, which.kind);
        let got = connector.client.profile(&held(&connector), which, now()).await.expect(&who).profile;
        let parts = [
            ("handle", got.handle.is_some()),
            ("picture", got.picture_url.is_some()),
            ("page", got.profile_url.is_some()),
            ("type", got.account_type.is_some()),
            ("tier", got.tier.is_some()),
            ("verified", got.verified.is_some()),
            ("role", got.role.is_some()),
        ];
        let told: Vec<&str> = parts.into_iter().filter(|(_, told)| *told).map(|(part, _)| part).collect();
        let wanted = match (connector.entry.issuer.as_str(), which.kind) {
            ("facebook", "page") | ("tiktok-business", _) => "handle picture page type verified",
            ("facebook", _) => "picture",
            ("instagram" | "youtube" | "reddit", _) | ("linkedin", "profile") => "handle picture page",
            ("instagram-login" | "pinterest", _) => "handle picture page type",
            ("x", _) => "handle picture page type tier verified",
            ("threads" | "tiktok", _) => "handle picture page verified",
            ("linkedin", _) => "handle picture page type role",
            ("google_business", _) => "page verified",
            odd => panic!("{odd:?}"),
        };
        assert_eq!(told.join(" "), wanted, "{who}");
        assert_eq!((got.platform_account_id.as_str(), got.name.as_str()), (which.id, "Fjord Ceramics"), "{who}");
    }
}

/// How many calls it takes to read a profile, what was measured on a day and in a month, and an audience.
#[tokio::test]
async fn reading_an_account_takes_few_calls() {
    let stub = Stub::start(full).await;
    for (connector, which) in accounts(&stub) {
        let (client, tokens) = (&connector.client, held(&connector));
        let mut calls = Vec::new();
        let mut before = stub.heard().len();
        let mut count = |calls: &mut Vec<usize>| {
            let heard = stub.heard().len();
            calls.push(heard - std::mem::replace(&mut before, heard));
        };
        client.profile(&tokens, which, now()).await.expect("good");
        count(&mut calls);
        for span in [DAY, MONTH] {
            client.metrics(&tokens, which, days(span), now()).await.expect("good");
            count(&mut calls);
        }
        audience(&connector, which).await.expect("good");
        count(&mut calls);
        let wanted = match (connector.entry.issuer.as_str(), which.kind) {
            ("facebook", "page") | ("x" | "tiktok" | "tiktok-business" | "pinterest" | "google_business", _) => {
                [1, 1, 1, 0]
            }
            ("facebook" | "reddit", _) => [1, 0, 0, 0],
            ("instagram" | "instagram-login", _) => [1, 2, 4, 4],
            ("threads", _) => [2, 1, 1, 4],
            ("linkedin", "profile") => [3, 6, 6, 0],
            ("linkedin", _) => [3, 1, 1, 0],
            ("youtube", _) => [1, 1, 1, 2],
            odd => panic!("{odd:?}"),
        };
        assert_eq!(calls, wanted, "{} {}", connector.entry.issuer, which.kind);
    }
}

/// Names are the platform's own, parts are of those whom it knows best; an answer without data is a broken contract.
#[tokio::test]
async fn an_audience_is_told_in_the_platforms_words() {
    let stub = Stub::start(full).await;
    for (connector, which) in accounts(&stub).iter().filter(|(c, w)| !c.entry.tells(w.kind).audience.is_empty()) {
        let got = audience(connector, *which).await.expect("good");
        let parts = |facet| {
            let parts: &Vec<domain::metric::Part> = &got[&facet];
            parts.iter().map(|part| (part.name.as_str(), part.per_mille)).collect::<Vec<_>>()
        };
        if connector.entry.issuer == "youtube" {
            assert_eq!(parts(Facet::Age), [("age25-34", 625), ("age18-24", 375)]);
            assert_eq!(parts(Facet::Gender), [("female", 700), ("male", 300)]);
            assert_eq!(parts(Facet::Country), [("NO", 750), ("SE", 250)]);
        } else {
            assert_eq!(parts(Facet::Age), [("25-34", 600), ("18-24", 300)]);
            assert_eq!(parts(Facet::Gender), [("F", 620), ("M", 330), ("U", 50)]);
            assert_eq!(parts(Facet::Country), [("NO", 700), ("SE", 100)]);
            assert_eq!(parts(Facet::City), [("Oslo, Oslo", 400)]);
        }
        let stub = Stub::start(|_| answer(200, r#"{"odd":1}"#)).await;
        let (connector, _) =
            accounts(&stub).into_iter().find(|(c, _)| c.entry.issuer == connector.entry.issuer).expect("");
        let got = audience(&connector, *which).await;
        let broken = matches!(got, Err(PlatformError::Contract(_)));
        assert!(broken, "{}: {got:?}", connector.entry.issuer);
    }
}
