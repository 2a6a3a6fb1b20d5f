mod budget;
mod documented;
mod promise;

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use super::{
    method::Method,
    rule::{Class, Endpoint, Wanted},
    *,
};
use crate::{PlatformError, Upstream, http::Answer, stub::now};
use domain::{DeadReason, Renewal, Timestamp};

fn method(issuer: &str) -> Method {
    methods().expect("shipped").into_iter().find(|m| m.issuer == issuer).expect("in the catalogue")
}

fn said(status: u16, text: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), json: crate::http::json(text), text: text.to_owned() }
}

/// What a class must come out as, with its usual action or another one that ends no less.
fn is(class: Class, error: &PlatformError) -> bool {
    use PlatformError as E;
    match class {
        Class::TokenExpired => matches!(error, E::GrantGone(DeadReason::Expired)),
        Class::TokenRevoked => matches!(error, E::GrantGone(DeadReason::Revoked)),
        Class::PasswordChanged => matches!(error, E::GrantGone(DeadReason::PasswordChanged)),
        Class::Checkpoint => matches!(error, E::GrantGone(DeadReason::TwoFactor)),
        Class::InvalidGrant => matches!(error, E::GrantGone(DeadReason::InvalidGrant)),
        Class::PermissionMissing => matches!(error, E::PermissionMissing),
        Class::RoleLost => matches!(error, E::RoleLost),
        Class::RateLimited | Class::QuotaExhausted | Class::TooEarly => matches!(error, E::RateLimited { .. }),
        Class::AccountSuspended => matches!(error, E::AccountRestricted),
        Class::AccountDeleted => matches!(error, E::AccountGone),
        Class::AccountTypeUnsupported => matches!(error, E::AccountTypeUnsupported),
        Class::AppCapReached | Class::ClientMisconfigured | Class::VersionSunset => {
            matches!(error, E::Misconfigured(_))
        }
        Class::PlatformOutage => matches!(error, E::Unknown(_)),
    }
}

/// What a rule must come out as: by its class, where its action is not of another kind.
fn fires(rule: &Rule, endpoint: Endpoint, error: &PlatformError) -> bool {
    match rule.action() {
        Action::FixConfig => matches!(error, PlatformError::Misconfigured(_)),
        Action::WaitUntilReset => matches!(error, PlatformError::RateLimited { .. }),
        Action::RetryBackoff => matches!(error, PlatformError::Unknown(_) | PlatformError::RateLimited { .. }),
        Action::RefreshThenRetry if endpoint == Endpoint::Token => matches!(error, PlatformError::Unknown(_)),
        Action::RefreshThenRetry => matches!(error, PlatformError::GrantGone(DeadReason::Expired)),
        _ => is(rule.class, error),
    }
}

/// Every value that a condition admits, by its first and last.
fn samples(wanted: &Wanted) -> Vec<Value> {
    match wanted {
        Wanted::Number(number) => vec![json!(number), json!(number.to_string())],
        Wanted::Text(text) => vec![json!(text)],
        Wanted::Range { from, to } => vec![json!(from), json!(to)],
        Wanted::Contains { contains } => vec![json!(format!("before {contains} after"))],
        Wanted::Any(wanted) => wanted.iter().flat_map(samples).collect(),
    }
}

fn put(value: &mut Value, pointer: &str, leaf: Value) {
    let mut at = value;
    for key in pointer.split('/').skip(1) {
        let index = key.parse::<usize>().is_ok();
        if index && !at.is_array() {
            *at = json!([{}]);
        } else if !index && !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = if index { &mut at[0] } else { &mut at[key] };
    }
    *at = leaf;
}

/// Bodies made for a rule: each condition's samples, the others at their first.
fn bodies(rule: &Rule) -> Vec<String> {
    let mut base = json!({});
    for (pointer, wanted) in &rule.json {
        put(&mut base, pointer, samples(wanted).remove(0));
    }
    if let Some(text) = &rule.text {
        base["detail"] = json!(format!("before {text} after"));
    }
    let mut bodies = vec![base.to_string()];
    for (pointer, wanted) in &rule.json {
        for sample in samples(wanted) {
            let mut body = base.clone();
            put(&mut body, pointer, sample);
            bodies.push(body.to_string());
        }
    }
    bodies
}

#[test]
fn every_rule_fires_on_a_body_made_for_it() {
    for method in methods().expect("shipped") {
        for rule in method.rules() {
            let endpoint = rule.endpoint.unwrap_or(Endpoint::Api);
            let statuses = if rule.status.is_empty() { vec![400, 401, 403] } else { rule.status.clone() };
            for (status, body) in statuses.iter().flat_map(|s| bodies(rule).into_iter().map(move |b| (*s, b))) {
                let error = method.classify(endpoint, &said(status, &body), now());
                // A platform's outage is one whatever it says.
                let fires = if status < 500 { fires(rule, endpoint, &error) } else { is_alive(&error) };
                assert!(fires, "{}: {rule:?} {status} {body} gave {error:?}", method.platform);
            }
        }
    }
}

#[test]
fn nothing_that_a_status_alone_says_ends_a_grant() {
    for rule in methods().expect("shipped").iter().flat_map(Method::rules) {
        let dead = is_dead(rule.class);
        assert!(!dead || !rule.json.is_empty(), "{rule:?}");
    }
}

fn is_alive(error: &PlatformError) -> bool {
    matches!(error, PlatformError::Unknown(_) | PlatformError::RateLimited { .. })
}

fn is_dead(class: Class) -> bool {
    use Class::{Checkpoint, InvalidGrant, PasswordChanged, TokenExpired, TokenRevoked};
    matches!(class, TokenExpired | TokenRevoked | PasswordChanged | Checkpoint | InvalidGrant)
}

/// An outage is never a dead grant: whatever a 5xx says, and whatever a page of HTML says.
#[test]
fn an_outage_is_never_a_dead_grant() {
    for method in methods().expect("shipped") {
        for endpoint in [Endpoint::Token, Endpoint::Api] {
            for rule in method.rules() {
                for (status, body) in
                    [500, 502, 503, 504].iter().flat_map(|s| bodies(rule).into_iter().map(move |b| (*s, b)))
                {
                    let error = method.classify(endpoint, &said(status, &body), now());
                    assert!(is_alive(&error), "{status} {body} gave {error:?}");
                }
            }
            for status in [200, 302, 400, 401, 403, 404, 410, 418, 500, 502] {
                for body in ["<html>Unauthorized invalid_grant</html>", "", "{\"error\":\"invalid_gra", "\u{feff}{}"] {
                    let error = method.classify(endpoint, &said(status, body), now());
                    assert!(matches!(error, PlatformError::Unknown(_)), "{status} {body:?} gave {error:?}");
                }
            }
        }
    }
}

#[test]
fn what_no_rule_knows_is_unknown_or_a_broken_contract() {
    for method in methods().expect("shipped") {
        for status in [400, 401, 403, 404, 409, 410, 422] {
            let body = r#"{"message":"something else"}"#;
            let at = |endpoint| method.classify(endpoint, &said(status, body), now());
            assert!(matches!(at(Endpoint::Api), PlatformError::Unknown(_)), "{status}");
            assert!(matches!(at(Endpoint::Token), PlatformError::Contract(_)), "{status}");
        }
        let error = method.classify(Endpoint::Api, &said(200, r#"{"odd":1}"#), now());
        assert!(matches!(error, PlatformError::Contract(_)));
        let error = method.classify(Endpoint::Api, &said(429, "<html>"), now());
        let reset = method.rate_limit.as_ref().map(|limit| limit.reset);
        let known = matches!(reset, Some(Reset::UtcMidnight | Reset::PacificMidnight));
        assert!(matches!(error, PlatformError::RateLimited { until } if until.is_some() == known), "{error:?}");
    }
}

#[test]
fn meta_is_judged_by_its_codes_whatever_the_status() {
    let is_meta = |method: &Method| method.errors_of.contains(&Common::Graph);
    let meta: Vec<Method> = methods().expect("shipped").into_iter().filter(is_meta).collect();
    assert_eq!(meta.len(), 4);
    for (method, status) in meta.iter().flat_map(|method| [(method, 400), (method, 403)]) {
        for (body, class) in [
            (r#"{"error":{"code":190,"error_subcode":458}}"#, Class::TokenRevoked),
            (r#"{"error":{"code":190,"error_subcode":460}}"#, Class::PasswordChanged),
            (r#"{"error":{"code":190,"error_subcode":999}}"#, Class::TokenExpired),
            (r#"{"error":{"code":190}}"#, Class::TokenExpired),
            (r#"{"error":{"code":4}}"#, Class::RateLimited),
            (r#"{"error":{"code":250}}"#, Class::PermissionMissing),
            (r#"{"error":{"code":200,"error_user_msg":"4854002"}}"#, Class::Checkpoint),
            (r#"{"error":{"code":2}}"#, Class::PlatformOutage),
        ] {
            let error = method.classify(Endpoint::Api, &said(status, body), now());
            assert!(is(class, &error), "{}: {status} {body} gave {error:?}", method.issuer);
        }
    }
}

/// S0-08
#[test]
fn instagram_says_some_things_in_its_own_way() {
    let instagram = methods().expect("shipped").into_iter().filter(|m| m.platform.as_str() == "instagram");
    for (method, body, class) in instagram.flat_map(|method| {
        [
            (r#"{"error":{"code":4,"error_subcode":2207051}}"#, Class::AccountSuspended),
            (r#"{"error":{"code":1,"error_subcode":2207050}}"#, Class::AccountSuspended),
            (r#"{"error":{"code":9,"error_subcode":2207042}}"#, Class::RateLimited),
            (r#"{"error":{"code":80002}}"#, Class::RateLimited),
            (r#"{"error":{"code":100,"error_subcode":33}}"#, Class::AccountDeleted),
            (r#"{"error":{"message":"The user is not an Instagram Business"}}"#, Class::AccountTypeUnsupported),
        ]
        .map(|(body, class)| (method.clone(), body, class))
    }) {
        let error = method.classify(Endpoint::Api, &said(400, body), now());
        assert!(is(class, &error), "{}: {body} gave {error:?}", method.issuer);
    }
}

/// S1-37
#[test]
fn an_admin_may_connect_for_all_that_is_offered() {
    for method in methods().expect("shipped").iter().filter(|m| !m.roles.is_empty()) {
        let offered: Vec<Capability> = method.entry().capabilities.keys().copied().collect();
        let admin = method.roles.iter().find(|row| row.role == "admin").expect("the first of all roles");
        for task in &admin.tasks {
            assert!(method.may_connect(&[task], &offered), "{}: {task}", method.issuer);
        }
        assert!(!method.may_connect(&["ADVERTISE"], &[]), "{}", method.issuer);
    }
}

#[test]
fn a_wait_is_told_where_the_platform_tells_it() {
    let until = |method: &Method, header: &'static str, value: &str| {
        let mut answer = said(429, r#"{"title":"Too Many Requests"}"#);
        answer.headers.insert(header, HeaderValue::from_str(value).expect("legal"));
        match method.classify(Endpoint::Api, &answer, now()) {
            PlatformError::RateLimited { until } => until.map(Timestamp::as_second),
            other => panic!("{other:?}"),
        }
    };
    let (x, facebook) = (method("x"), method("facebook"));
    assert_eq!(until(&x, "x-rate-limit-reset", "1795000900"), Some(1_795_000_900));
    assert_eq!(until(&x, "x-rate-limit-reset", "1"), Some(now().as_second()), "not in the past");
    assert_eq!(until(&x, "x-rate-limit-reset", "99999999999"), None, "not in centuries");
    assert_eq!(until(&x, "x-rate-limit-reset", "soon"), None);
    assert_eq!(until(&facebook, "retry-after", "120"), Some(1_795_000_120));
    assert_eq!(until(&facebook, "retry-after", "-5"), Some(now().as_second()));
    assert_eq!(until(&facebook, "retry-after", "9223372036854775807"), None);
    assert_eq!(until(&facebook, "retry-after", "Wed, 18 Nov 2026 11:10:00 GMT"), Some(1_795_000_200));
    assert_eq!(until(&facebook, "x-rate-limit-reset", "1795000900"), None, "another platform's header");
}

#[test]
fn an_error_repeats_no_text_of_the_answer() {
    let body = r#"{"error":{"code":77,"message":"EAAGsecret"},"title":"EAAGsecret","code":"EAAGsecret"}"#;
    let error = method("facebook").classify(Endpoint::Api, &said(400, body), now());
    assert!(!error.to_string().contains("EAAG"), "{error}");
    assert!(error.to_string().contains("77"), "{error}");
}

#[test]
fn the_catalogue_is_whole() {
    for method in methods().expect("shipped") {
        let version = method.api_version.as_ref().map(|v| v.value.clone()).expect("versions are known");
        let in_header = method.call.headers.values().any(|value| *value == version);
        assert!(in_header || method.api.path().ends_with(&version), "{}", method.api);
        assert_eq!(method.authorize.url.scheme(), "https");
        let entry = method.entry();
        assert!(!entry.kinds.is_empty() && !entry.connect_scopes.is_empty());
        assert!(entry.capabilities.contains_key(&Capability::Publish));
        assert!(!entry.picture_hosts.is_empty(), "{}: from where its pictures are", entry.issuer);
        assert!(entry.manual_revoke_url.is_some() && !entry.manual_revoke_steps.is_empty());
    }
    let facebook = method("facebook").entry();
    assert_eq!(facebook.authorize_origin.as_str(), "https://www.facebook.com/");
    assert_eq!(facebook.renewal.renewal(), Renewal::Extend);
    assert_eq!(facebook.blast, Blast::PersonApp);
    assert_eq!(levels(&facebook), [("page_admin", Level::Enforce), ("facebook_business_account", Level::Warn)]);
    let instagram = method("instagram").entry();
    assert_eq!((instagram.method.as_str(), instagram.blast), ("facebook_login", Blast::PersonApp));
    assert_eq!(levels(&instagram), [("professional_account", Level::Enforce), ("linked_page", Level::Enforce)]);
    let direct = method("instagram-login").entry();
    assert_eq!((direct.method.as_str(), direct.blast), ("instagram_login", Blast::Unsupported));
    assert_eq!(direct.authorize_origin.as_str(), "https://www.instagram.com/");
    assert_eq!(levels(&direct), [("professional_account", Level::Enforce)]);
    assert!(instagram.returns_handle && direct.returns_handle);
    let x = method("x").entry();
    assert_eq!(x.authorize_origin.as_str(), "https://x.com/");
    assert_eq!((x.renewal.renewal(), x.blast, x.issuer.as_str()), (Renewal::Silent, Blast::Token, "x"));
}

fn levels(entry: &Entry) -> Vec<(&str, Level)> {
    entry.requirements.iter().map(|r| (r.code.as_str(), r.level)).collect()
}

#[test]
fn the_catalogues_hosts_follow_the_upstream() {
    for base in ["http://127.0.0.1:9/", "http://127.0.0.1:9/sim", "http://127.0.0.1:9/sim/"] {
        let facebook = method("facebook").at(&Upstream::Simulated(base.parse().expect("legal")));
        let base = base.trim_end_matches('/');
        assert_eq!(facebook.authorize.url.as_str(), format!("{base}/www.facebook.com/v26.0/dialog/oauth"));
        assert_eq!(facebook.token.url.as_str(), format!("{base}/graph.facebook.com/v26.0/oauth/access_token"));
        assert_eq!(facebook.api.as_str(), format!("{base}/graph.facebook.com/v26.0"));
        let debug = facebook.introspect.as_ref().map(Url::as_str);
        assert_eq!(debug, Some(format!("{base}/graph.facebook.com/debug_token").as_str()));
        assert_eq!(facebook.entry().authorize_origin.as_str(), "http://127.0.0.1:9/");
        let direct = method("instagram-login").at(&Upstream::Simulated(base.parse().expect("legal")));
        let long = direct.long_token.as_ref().map(Url::as_str);
        assert_eq!(long, Some(format!("{base}/graph.instagram.com/access_token").as_str()));
        let extend = direct.extend.as_ref().map(Url::as_str);
        assert_eq!(extend, Some(format!("{base}/graph.instagram.com/refresh_access_token").as_str()));
        // What people open is where it says.
        assert!(facebook.manual_revoke_url.expect("known").starts_with("https://www.facebook.com/"));
    }
    assert_eq!(method("x").at(&Upstream::Real).token.url.as_str(), "https://api.x.com/2/oauth2/token");
}
