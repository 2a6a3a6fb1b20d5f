//! Instagram through Facebook.

use domain::Code::{InstagramNotLinked, InsufficientPermissions, InsufficientPlatformRole};

use super::*;

/// A page of a person who may do everything there, with an account of a number above 2^53.
fn linked(page: &str, account: u64, handle: &str) -> Value {
    json!({"id": page, "name": format!("Page {page}"), "access_token": format!("token-{page}"),
        "tasks": ["MANAGE"], "instagram_business_account": {"id": account, "username": handle}})
}

/// What a person without portfolios has; each answer can be replaced.
struct Person {
    granted: Value,
    accounts: Value,
    businesses: Value,
    owned: Value,
}

impl Default for Person {
    fn default() -> Self {
        let granted = ["instagram_basic", "business_management", "pages_show_list"];
        let row = |p: &&str| json!({"permission": p, "status": "granted"});
        Self {
            granted: granted.iter().map(row).collect(),
            accounts: json!([]),
            businesses: json!([]),
            owned: json!([]),
        }
    }
}

impl Person {
    async fn stub(self) -> Stub {
        Stub::start(move |heard| {
            let path = heard.line.split([' ', '?']).nth(1).unwrap_or_default();
            let rows = match path.strip_prefix(API).unwrap_or(path) {
                "/me/permissions" => &self.granted,
                "/me/accounts" => &self.accounts,
                "/me/businesses" => &self.businesses,
                "/900/owned_pages" => &self.owned,
                "/900/client_pages" => &json!([]),
                _ => return facebook(heard),
            };
            answer(200, json!({ "data": rows }).to_string())
        })
        .await
    }

    /// What it is offered when this is asked.
    async fn offered(self, capabilities: &[Capability]) -> Vec<Offer> {
        consent(&self.stub().await, "instagram", capabilities).await.expect("good").offers
    }
}

fn codes(offers: &[Offer]) -> Vec<Option<Code>> {
    offers.iter().map(|o| o.barrier.as_ref().map(|b| b.code)).collect()
}

#[tokio::test]
async fn each_page_brings_its_instagram_account() {
    let first = json!({"id": "104857600000001", "name": "Nordlys Bakery", "access_token": "EAAGfakePage0003",
        "tasks": ["CREATE_CONTENT", "ANALYZE"], "instagram_business_account": {"id": "17841400000000001",
            "username": "@Nordlys.Bakery", "profile_picture_url": "https://scontent.example/ig1.jpg?oe=6A000000",
            "followers_count": 9120}});
    let second = json!({"id": "104857600000002", "name": "Nordlys Catering", "username": "nordlys",
        "access_token": "EAAGfakePage0004", "tasks": ["ANALYZE"]});
    let stub = Person { accounts: json!([first, second]), ..Person::default() }.stub().await;
    let got = consent(&stub, "instagram", &[Capability::Publish, Capability::Analytics]).await.expect("good");
    assert_eq!((got.person.id.as_str(), got.tokens.access.expose()), ("77", "long"));
    assert_eq!(got.expiry.data_access.map(Timestamp::as_second), Some(1_802_776_000));

    let [account, page] = got.offers.as_slice() else { panic!("{:?}", got.offers) };
    let profile = &account.profile;
    assert_eq!(
        (profile.kind.as_str(), profile.platform_account_id.as_str()),
        ("instagram_business", "17841400000000001")
    );
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("nordlys.bakery", Some("nordlys.bakery")));
    assert_eq!(profile.linked_page_id.as_deref(), Some("104857600000001"));
    assert_eq!(profile.linked_page_name.as_deref(), Some("Nordlys Bakery"));
    assert_eq!(profile.role.as_deref(), Some("editor"));
    assert_eq!(profile.picture_url.as_deref(), Some("https://scontent.example/ig1.jpg?oe=6A000000"));
    assert_eq!(profile.profile_url.as_deref(), Some("https://www.instagram.com/nordlys.bakery"));
    assert_eq!(account.token.as_ref().map(Secret::expose), Some("EAAGfakePage0003"));
    assert!(account.barrier.is_none());

    let profile = &page.profile;
    assert_eq!((profile.kind.as_str(), profile.platform_account_id.as_str()), ("page", "104857600000002"));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Nordlys Catering", None));
    assert_eq!(profile.linked_page_id.as_deref(), Some("104857600000002"));
    let barrier = page.barrier.as_ref().expect("has no account");
    assert_eq!(barrier.code, InstagramNotLinked);
    let link = "https://www.facebook.com/104857600000002/settings/?tab=linked_accounts";
    assert_eq!(barrier.fix_url.as_deref(), Some(link));
    assert!(page.token.is_none(), "nothing is connected through it");
}

#[tokio::test]
async fn a_role_must_suffice_for_what_is_asked() {
    use Capability::{Analytics, Audience, Publish};
    for (tasks, role, asked, can) in [
        (json!(["ANALYZE"]), Some("analyst"), vec![Analytics], true),
        (json!(["PROFILE_PLUS_ANALYZE"]), Some("analyst"), vec![Analytics, Audience], true),
        (json!(["ANALYZE"]), Some("analyst"), vec![], true),
        (json!(["ANALYZE"]), Some("analyst"), vec![Publish], false),
        (json!(["ANALYZE"]), Some("analyst"), vec![Publish, Analytics], false),
        (json!(["MODERATE", "ANALYZE"]), Some("moderator"), vec![Analytics], true),
        (json!(["MODERATE"]), Some("moderator"), vec![Analytics], false),
        (json!(["CREATE_CONTENT"]), Some("editor"), vec![Publish], true),
        (json!(["CREATE_CONTENT"]), Some("editor"), vec![Publish, Analytics], false),
        (json!(["PROFILE_PLUS_CREATE_CONTENT", "ANALYZE"]), Some("editor"), vec![Publish, Analytics], true),
        (json!(["PROFILE_PLUS_FULL_CONTROL"]), Some("admin"), vec![Publish, Analytics, Audience], true),
        (json!(["ADVERTISE"]), None, vec![Analytics], false),
        (json!(["ADVERTISE"]), None, vec![], false),
        (Value::Null, None, vec![Publish], true),
    ] {
        let mut page = linked("1", 17_841_400_000_000_001, "a");
        page["tasks"] = tasks.clone();
        let offers = Person { accounts: json!([page]), ..Person::default() }.offered(&asked).await;
        assert_eq!(offers[0].profile.role.as_deref(), role, "{tasks}");
        assert_eq!(codes(&offers), [(!can).then_some(InsufficientPlatformRole)], "{tasks} {asked:?}");
        let fix = offers[0].barrier.as_ref().map(|b| b.fix_url.as_deref());
        assert_eq!(fix, (!can).then_some(Some("https://www.facebook.com/1/settings")));
    }
}

/// S0-22
#[tokio::test]
async fn what_was_not_granted_is_not_called_unlinked() {
    for granted in [
        json!([{"permission": "instagram_basic", "status": "declined"}]),
        json!([{"permission": "pages_show_list", "status": "granted"}]),
    ] {
        let stub = Person { granted, accounts: json!([page("1"), page("2")]), ..Person::default() }.stub().await;
        let got = consent(&stub, "instagram", &[Capability::Publish]).await.expect("good");
        assert_eq!(codes(&got.offers), [Some(InsufficientPermissions); 2]);
        let fix = got.offers[0].barrier.as_ref().and_then(|b| b.fix_url.as_deref());
        assert_eq!(fix, Some("https://www.facebook.com/settings?tab=business_tools"));
        assert!(got.offers.iter().all(|o| o.token.is_none() && o.profile.kind == "page"));
        // The platform is not asked for what it may not tell.
        assert!(stub.heard().iter().all(|h| !h.line.contains("instagram_business_account")));
    }
}

#[tokio::test]
async fn without_a_token_of_its_page_an_account_cannot_be_chosen() {
    let mut page = linked("1", 17_841_400_000_000_001, "a");
    page["access_token"] = Value::Null;
    let offers = Person { accounts: json!([page]), ..Person::default() }.offered(&[Capability::Publish]).await;
    assert_eq!(codes(&offers), [Some(InsufficientPermissions)]);
}

/// Ids above 2^53 stay exact.
#[tokio::test]
async fn accounts_of_portfolio_pages_come_too_and_each_once() {
    let mut told_again = linked("1", 0, "");
    told_again.as_object_mut().expect("a page").remove("instagram_business_account");
    let owned = json!([
        told_again,
        linked("3", 18_014_398_509_481_985, "third"),
        // Another page names an account that is known.
        linked("4", 9_007_199_254_740_993, "first"),
    ]);
    let person = Person {
        accounts: json!([linked("1", 9_007_199_254_740_993, "first"), linked("2", 9_007_199_254_740_995, "second")]),
        businesses: json!([{"id": "900"}]),
        owned,
        ..Person::default()
    };
    let offers = person.offered(&[Capability::Publish]).await;
    let ids: Vec<_> = offers.iter().map(|o| o.profile.platform_account_id.as_str()).collect();
    assert_eq!(ids, ["9007199254740993", "9007199254740995", "18014398509481985"]);
    assert_eq!(codes(&offers), [None; 3], "a page that is known is not called unlinked by another list");
    let pages: Vec<_> = offers.iter().map(|o| o.profile.linked_page_id.as_deref()).collect();
    assert_eq!(pages, [Some("1"), Some("2"), Some("3")]);
}

#[tokio::test]
async fn odd_accounts_are_no_offers() {
    for account in [json!({"id": 1.5}), json!({"id": ""}), json!({"username": "a"})] {
        let mut page = linked("1", 1, "a");
        page["instagram_business_account"] = account.clone();
        let offers = Person { accounts: json!([page]), ..Person::default() }.offered(&[]).await;
        assert!(offers.is_empty(), "{account}");
    }
    for account in [json!(null), json!("17841400000000001"), json!([])] {
        let mut page = linked("1", 1, "a");
        page["instagram_business_account"] = account.clone();
        let offers = Person { accounts: json!([page]), ..Person::default() }.offered(&[]).await;
        assert_eq!(codes(&offers), [Some(InstagramNotLinked)], "{account}");
    }
}

/// A5.8 X17
#[tokio::test]
async fn a_facebook_grant_is_read_again_for_instagram() {
    let stub = Person { accounts: json!([linked("1", 17_841_400_000_000_001, "a"), page("2")]), ..Person::default() };
    let stub = stub.stub().await;
    let tokens = TokenSet { access: Secret::new("long"), refresh: None, children: [].into() };
    let client = connector(&stub.base, "instagram").client;
    let got = client.reread(&tokens, &[Capability::Publish], now()).await.expect("good");
    assert_eq!(codes(&got.offers), [None, Some(InstagramNotLinked)]);
    assert_eq!(got.offers[0].token.as_ref().map(Secret::expose), Some("token-1"));
    assert!(got.granted.expect("told").contains(&"instagram_basic".to_owned()));
    assert!(stub.heard().iter().all(|h| h.line.starts_with("GET ") && !h.line.contains("long")));

    let stub = Stub::start(|_| answer(400, r#"{"error":{"code":190,"error_subcode":460}}"#)).await;
    let got = connector(&stub.base, "instagram").client.reread(&tokens, &[], now()).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::PasswordChanged))), "{got:?}");
}

#[tokio::test]
async fn the_browser_is_sent_to_facebook_with_instagrams_scopes() {
    let connector = connector(&"http://127.0.0.1:9".parse().expect("legal"), "instagram");
    let ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/instagram",
        state: "st",
        verifier: &Secret::new("v"),
        scopes: &connector.entry.scopes(&[Capability::Publish, Capability::Analytics, Capability::Audience]),
        fresh_consent: true,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.facebook.com/v26.0/dialog/oauth");
    let query: HashMap<_, _> = url.query_pairs().collect();
    let scopes = "instagram_basic,pages_show_list,pages_read_engagement,business_management,\
        instagram_content_publish,instagram_manage_insights";
    assert_eq!(query["scope"], scopes);
    assert_eq!(query["auth_type"], "rerequest");
    assert_eq!(connector.entry.issuer, "instagram");
}
