use super::*;

const WHOLE: &str = r#"
[[app]]
platform = "facebook"
client_id = "1"
client_secret = "hunter2"
approved_scopes = ["public_profile"]

[[app]]
platform = "acme"
method = "oauth2_generic"
name = "Acme"
issuer = "https://id.acme.example"
authorize_url = "https://id.acme.example/authorize?tenant=1"
token_url = "https://id.acme.example/token"
userinfo_url = "http://127.0.0.1:9/me"
revoke_url = "http://localhost:9/revoke"
introspection_url = "http://[::1]:9/introspect"
client_auth = "post"
scopes = ["openid", "profile"]
authorize_params = { audience = "api" }
pkce = true
id_field = "data.id"
name_field = "/data/full~1name"
handle_field = "data.login"
client_id = "2"
client_secret = "hunter2"
"#;

#[test]
fn a_whole_file_is_read() {
    let file = AppsFile::parse(WHOLE).expect("good");
    assert_eq!(file.apps.len(), 1);
    assert_eq!(file.apps[0].approved_scopes, Some(vec!["public_profile".to_owned()]));
    let operator = &file.operators[0];
    assert_eq!(operator.method.platform.as_str(), "acme");
    assert_eq!(operator.method.expected_iss.as_deref(), Some("https://id.acme.example"));
    assert_eq!(operator.method.token.client_auth, ClientAuth::Post);
    assert_eq!(operator.method.blast, Blast::Token);
    assert_eq!(operator.fields.id, "/data/id");
    assert_eq!(operator.fields.name, "/data/full~1name");
    assert!(operator.method.returns_handle);
    assert_eq!(operator.method.authorize.fresh_params["prompt"], "consent");
    assert!(AppsFile::parse("").expect("nothing is fine").apps.is_empty());
    assert!(!format!("{file:?}").contains("hunter2"));
}

#[test]
fn apps_of_the_file_come_before_the_ones_it_is_filled_up_with() {
    let app = |platform: &str| App {
        platform: platform.parse().expect("legal"),
        method: None,
        client_id: "default".into(),
        client_secret: Secret::new("s"),
        approved_scopes: None,
    };
    let file = AppsFile::parse(WHOLE).expect("good").or(vec![app("facebook"), app("x")]);
    let ids: Vec<_> = file.apps.iter().map(|a| (a.platform.as_str(), a.client_id.as_str())).collect();
    assert_eq!(ids, [("facebook", "1"), ("x", "default")]);
}

#[test]
fn what_is_wrong_is_named_by_app_and_key_and_no_secret_is_repeated() {
    let generic = |more: &str| {
        format!(
            "[[app]]\nplatform = \"acme\"\nmethod = \"oauth2_generic\"\nclient_id = \"i\"\nclient_secret = \"hunter2\"\n\
             authorize_url = \"https://a.example/a\"\ntoken_url = \"https://a.example/t\"\n{more}"
        )
    };
    let userinfo = "userinfo_url = \"https://a.example/u\"\n";
    for (text, wanted) in [
        ("[[app]]\nplatform = \"x\"\nclient_secret = \"hunter2\"".to_owned(), "app[0]: client_id: missing"),
        (
            "[[app]]\nplatform = \"x\"\nclient_id = \"i\"\nclient_secret = 2".to_owned(),
            "app[0]: client_secret: must be",
        ),
        ("[[app]]\nplatform = \"x\"\nclient_id = \"\"\nclient_secret = \"hunter2\"".to_owned(), "client_id: must be"),
        (
            "[[app]]\nplatform = \"X!\"\nclient_id = \"i\"\nclient_secret = \"hunter2\"".to_owned(),
            "platform: not a name",
        ),
        (
            "[[app]]\nplatform = \"x\"\nclient_id = \"i\"\nclient_secret = \"hunter2\"\nid = \"y\"".to_owned(),
            "app[0]: id:",
        ),
        (
            "[[app]]\nplatform = \"x\"\nclient_id = \"i\"\nclient_secret = \"hunter2\"\nstage = \"soon\"".to_owned(),
            "app[0]: stage: must be \"live\" or \"unaudited\"",
        ),
        (generic(&format!("{userinfo}stage = \"live\"")), "stage"),
        ("[[app]]\nclient_secret = \"hunter2".to_owned(), "line 2 is not TOML"),
        ("[app]\nclient_secret = \"hunter2\"".to_owned(), "app: write each app under [[app]]"),
        ("apps = []".to_owned(), "apps: not known here"),
        (
            "[[app]]\nplatform = \"x\"\nclient_id = \"i\"\nclient_secret = \"hunter2\"\napproved_scopes = \"a b\""
                .to_owned(),
            "approved_scopes: must be a list",
        ),
        (generic(""), "userinfo_url"),
        (generic(&format!("{userinfo}secret_sauce = 1")), "secret_sauce"),
        (generic(&format!("{userinfo}client_auth = \"jwt\"")), "client_auth"),
        (generic(&format!("{userinfo}pkce = \"yes\"")), "pkce"),
        (generic(&format!("{userinfo}authorize_params = {{ state = \"mine\" }}")), "authorize_params.state"),
        (generic("userinfo_url = \"http://a.example/u\""), "userinfo_url: must be https"),
        (generic("userinfo_url = \"http://127.0.0.1.a.example/u\""), "userinfo_url: must be https"),
        (generic("userinfo_url = \"ftp://localhost/u\""), "userinfo_url: must be https"),
        (generic("userinfo_url = \"https://u:p@a.example/u\""), "userinfo_url: must be https"),
        (generic(&format!("{userinfo}revoke_url = \"http://10.0.0.1/r\"")), "revoke_url: must be https"),
        (generic(&format!("{userinfo}id = \"Not A Name\"")), "id"),
    ] {
        let error = AppsFile::parse(&text).expect_err(&text).to_string();
        assert!(error.contains(wanted), "{text}\ngave {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
