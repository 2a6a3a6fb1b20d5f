//! Mix-up: one platform's answer handed in as another's.

use platforms::AppsFile;
use tests::{Options, World};

use super::{Answered, ask, harmless, on, server::Server, with_param};

/// A world with two services of an operator's own: one that names itself in its answers, one that does not.
async fn world() -> (World, Server, Server) {
    let (named, bare) = (Server::start("named", true).await, Server::start("bare", false).await);
    let apps = AppsFile::parse(&format!("{}{}", named.app(), bare.app())).expect("a file");
    (World::with(Options { apps, ..Options::default() }).await, named, bare)
}

/// CHK-A8: for every pair, before any call to a token endpoint.
#[tokio::test(flavor = "multi_thread")]
async fn one_platforms_state_is_worth_nothing_at_another() {
    let (world, named, bare) = world().await;
    let all = ["facebook", "x", "named", "bare"];
    for (round, (at, of)) in all.iter().flat_map(|x| all.iter().map(move |y| (*x, *y))).enumerate() {
        let owner = world.owner(&format!("ws_{round}"));
        let attempt = Answered::by(&world, &owner, on(of), "acme").await;
        let spent = (named.spent().len(), bare.spent().len());
        if at != of {
            let moved = attempt.callback.replace(&format!("/callback/{of}?"), &format!("/callback/{at}?"));
            assert_ne!(moved, attempt.callback);
            // As it came; with the name of either issuer; without any.
            let none = moved.split("&iss=").next().unwrap_or_default().to_owned();
            let as_named = with_param(&moved, "iss", named.issuer().expect("a name"));
            for forged in [&moved, &none, &as_named] {
                let answer = harmless(&world, ask(&world, &attempt.browser, forged)).await;
                answer.is_problem(400, "state_invalid");
                let page = harmless(&world, attempt.browser.open(forged)).await;
                super::shows_problem(&page, 400, "state_invalid");
            }
            assert_eq!((named.spent().len(), bare.spent().len()), spent, "{of} at {at}");
        }
        // The true callback was not burnt.
        let landed = attempt.browser.open(&attempt.callback).await;
        assert_eq!(landed.status, 200, "{of} at {at}: {}", landed.text);
        assert_eq!(attempt.status(&owner).await["status"], "completed", "{of} at {at}");
    }
}

/// CHK-A8: by RFC 9207, whoever says a name must say the right one, and who has one must say it.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_its_true_issuer_or_is_refused() {
    let (world, named, bare) = world().await;
    let issuer = named.issuer().expect("a name");
    let owner = world.owner("ws_1");
    for platform in ["named", "bare", "facebook", "x"] {
        let attempt = Answered::by(&world, &owner, on(platform), "acme").await;
        let plain = attempt.callback.split("&iss=").next().unwrap_or_default().to_owned();
        let says = |iss: &str| with_param(&plain, "iss", iss);
        let mut wrong = vec![
            says("https://evil.example"),
            says(&format!("{issuer}/")),
            says(&issuer.to_uppercase()),
            says(&issuer[..issuer.len() - 1]),
            says(&format!("{issuer}\n")),
            says("null"),
            format!("{plain}&iss={issuer}&iss={issuer}"),
            format!("{plain}&iss={issuer}&iss=https://evil.example"),
            format!("{plain}&iss=&iss={issuer}"),
            format!("{plain}&iss[]={issuer}"),
        ];
        if platform == "named" {
            wrong.extend([plain.clone(), format!("{plain}&iss="), format!("{plain}&ISS={issuer}")]);
        } else {
            wrong.push(says(issuer));
        }
        for forged in &wrong {
            harmless(&world, ask(&world, &attempt.browser, forged)).await.is_problem(400, "state_invalid");
            // A refusal that names the wrong issuer ends nothing either.
            let refusal = forged.replace("code=", "error=access_denied&x=");
            harmless(&world, ask(&world, &attempt.browser, &refusal)).await.is_problem(400, "state_invalid");
        }
        assert_eq!(
            (named.spent().len(), bare.spent().len()),
            match platform {
                "named" => (0, 0),
                "bare" => (1, 0),
                _ => (1, 1),
            }
        );
        assert_eq!(attempt.browser.open(&attempt.callback).await.status, 200);
        assert_eq!(attempt.status(&owner).await["status"], "completed", "{platform}");
    }
}
