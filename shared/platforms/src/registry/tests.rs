use domain::{Capability, Code, Secret};

use super::*;

fn app(platform: &str) -> App {
    App {
        platform: platform.parse().expect("legal"),
        method: None,
        client_id: "i".into(),
        client_secret: Secret::new("s"),
        approved_scopes: None,
    }
}

fn generic(platform: &str) -> AppsFile {
    AppsFile::parse(&format!(
        "[[app]]\nplatform = \"{platform}\"\nmethod = \"oauth2_generic\"\nclient_id = \"i\"\nclient_secret = \"s\"\n\
         authorize_url = \"https://a.example/a\"\ntoken_url = \"https://a.example/t\"\nuserinfo_url = \"https://a.example/u\""
    ))
    .expect("good")
}

#[test]
fn what_is_not_set_up_is_known_but_has_no_client() {
    let all = Platforms::new(&Upstream::Real, vec![app("x")].into()).expect("good");
    let names: Vec<_> = all.entries().iter().map(|e| (e.platform.as_str(), e.method.as_str())).collect();
    let meta = [("facebook", "facebook_login"), ("instagram", "facebook_login"), ("instagram", "instagram_login")];
    let others = [
        ("x", "x_login"),
        ("threads", "threads_login"),
        ("linkedin", "linkedin_login"),
        ("tiktok", "tiktok_login"),
        ("tiktok", "tiktok_business"),
        ("pinterest", "pinterest_login"),
        ("youtube", "google_login"),
        ("google_business", "google_login"),
        ("reddit", "reddit_login"),
    ];
    assert_eq!(names, [&meta[..], &others].concat());
    let connector = |platform: &str| {
        let entry = all.entry(&platform.parse().expect("legal"), None).expect("known");
        all.connector(&entry.platform, &entry.method).map(|c| c.client_id.clone())
    };
    assert_eq!(connector("facebook"), None);
    assert_eq!(connector("x").as_deref(), Some("i"));
    assert!(all.entry(&"myspace".parse().expect("legal"), None).is_none());
}

#[test]
fn one_meta_app_serves_facebook_and_both_ways_to_instagram() {
    let mut direct = app("instagram");
    direct.method = Some("instagram_login".parse().expect("legal"));
    let all = Platforms::new(&Upstream::Real, vec![app("facebook"), app("instagram"), direct].into()).expect("good");
    let issuers: Vec<_> = all.entries().iter().map(|e| e.issuer.as_str()).collect();
    let direct = ["x", "threads", "linkedin", "tiktok", "tiktok-business", "pinterest"];
    let last = ["youtube", "google_business", "reddit"];
    assert_eq!(issuers, [&["facebook", "instagram", "instagram-login"][..], &direct, &last].concat());
    for (platform, method) in
        [("facebook", "facebook_login"), ("instagram", "facebook_login"), ("instagram", "instagram_login")]
    {
        let connector = all.connector(&platform.parse().expect("legal"), &method.parse().expect("legal"));
        let connector = connector.unwrap_or_else(|| panic!("{platform} by {method}"));
        assert_eq!((connector.entry.platform.as_str(), connector.client_id.as_str()), (platform, "i"));
    }
}

#[test]
fn an_operators_service_comes_after_the_catalogue_and_keeps_its_addresses() {
    let upstream = Upstream::Simulated("http://127.0.0.1:9".parse().expect("legal"));
    let all = Platforms::new(&upstream, generic("acme")).expect("good");
    let entry = all.entries().last().expect("there");
    assert_eq!((entry.platform.as_str(), entry.issuer.as_str()), ("acme", "acme"));
    assert_eq!(entry.authorize_origin.as_str(), "https://a.example/");
    assert!(all.connector(&entry.platform, &entry.method).is_some());
}

#[test]
fn apps_that_cannot_be_are_named() {
    let error = |apps: AppsFile| Platforms::new(&Upstream::Real, apps).err().expect("refused").to_string();
    assert!(error(vec![app("myspace")].into()).contains("myspace"));
    assert!(error(vec![app("x"), app("x")].into()).contains("x by x_login: there are two apps"));
    assert!(error(generic("facebook")).contains("facebook: this id is taken"));
    let mut by_other = app("x");
    by_other.method = Some("facebook_login".parse().expect("legal"));
    assert!(error(vec![by_other].into()).contains("x by facebook_login"));
}

#[test]
fn an_app_without_a_review_is_known_for_it_and_no_other() {
    let file = |of: &str| {
        let app = |platform: &str, more: &str| {
            format!("[[app]]\nplatform = \"{platform}\"\nclient_id = \"i\"\nclient_secret = \"s\"\n{more}\n")
        };
        let direct = "method = \"instagram_login\"\nstage = \"unaudited\"";
        AppsFile::parse(&(app("x", "stage = \"live\"") + &app("facebook", of) + &app("instagram", direct)))
            .expect("good")
    };
    let unaudited = |of: &str| -> Vec<String> {
        let all = Platforms::new(&Upstream::Real, file(of)).expect("good");
        let is = |e: &&Arc<Entry>| e.stage == Stage::Unaudited;
        let issuers: Vec<_> = all.entries().iter().filter(is).map(|e| e.issuer.clone()).collect();
        let connected = all.connectors().iter().map(|c| &c.entry).filter(is).map(|e| e.issuer.clone());
        assert_eq!(connected.collect::<Vec<_>>(), issuers, "the clients know it too");
        issuers
    };
    assert_eq!(unaudited(""), ["instagram-login"]);
    assert_eq!(unaudited("stage = \"unaudited\""), ["facebook", "instagram-login"]);
}

/// S3-32
#[test]
fn what_our_app_is_not_approved_for_is_not_asked_for_and_not_offered() {
    let approved = ["public_profile", "pages_show_list", "pages_manage_posts", "pages_read_engagement", "email"];
    let narrow = App { approved_scopes: Some(approved.map(str::to_owned).to_vec()), ..app("facebook") };
    let all = Platforms::new(&Upstream::Real, vec![narrow, app("x")].into()).expect("good");
    let entry = |platform: &str| all.entry(&platform.parse().expect("legal"), None).expect("known");
    let facebook = entry("facebook");
    assert_eq!(facebook.scopes(&Capability::ALL), approved[..4]);
    assert_eq!(facebook.unapproved, ["business_management", "read_insights"]);
    assert!(facebook.capabilities.keys().eq([&Capability::Publish]));
    assert_eq!(facebook.needs("page", Capability::Publish), Ok(&approved.map(str::to_owned)[2..4]));
    assert_eq!(facebook.needs("page", Capability::Analytics), Err(Code::PlatformNotConfigured));
    assert_eq!(facebook.needs("page", Capability::Messages), Err(Code::CapabilityUnsupported));
    assert!(facebook.is_unapproved(Capability::Analytics) && !facebook.is_unapproved(Capability::Publish));
    let connector = all.connector(&facebook.platform, &facebook.method).expect("set up");
    assert_eq!(connector.entry.unapproved, facebook.unapproved);
    assert!(entry("x").unapproved.is_empty() && entry("instagram").unapproved.is_empty());
}
