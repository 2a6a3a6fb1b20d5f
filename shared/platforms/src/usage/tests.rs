use domain::{Secret, TokenSet};
use reqwest::header::{HeaderName, HeaderValue};

use super::*;
use crate::{
    App, PlatformError, Platforms, Upstream, Which,
    stub::{Stub, now},
};

/// The client of our app at a platform that answers every call with these headers.
async fn calling(
    platform: &str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> (Platforms, Result<crate::Snapshot, PlatformError>) {
    let stub = Stub::start(move |_| {
        let told = headers.iter().fold(String::new(), |told, (name, value)| told + name + ": " + value + "\r\n");
        let length = body.len();
        format!("HTTP/1.1 {status} X\r\n{told}content-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
    })
    .await;
    let app = App {
        platform: platform.parse().expect("legal"),
        method: None,
        client_id: "our-app".to_owned(),
        client_secret: Secret::new("secret"),
        approved_scopes: None,
    };
    let platforms = Platforms::new(&Upstream::Simulated(stub.base.clone()), vec![app].into()).expect("set up");
    let connector = platforms.connectors()[0].clone();
    let tokens = TokenSet { access: Secret::new("access"), refresh: None, children: [].into() };
    let kind = &connector.entry.kinds[0];
    let read = connector.client.profile(&tokens, Which { id: "7", kind }, now()).await;
    (platforms, read)
}

fn told(platforms: &Platforms) -> Option<(u64, Option<i64>)> {
    let connector = &platforms.connectors()[0];
    let told = platforms.told(&connector.entry.platform, &connector.entry.method)?;
    assert_eq!(told.at, now());
    Some((told.percent, told.regain_at.map(|at| at.as_second() - now().as_second())))
}

#[tokio::test]
async fn meta_tells_its_use_with_good_answers_and_with_refusals() {
    let page = r#"{"id":"7","name":"A page"}"#;
    let refused = r#"{"error":{"code":4}}"#;
    for (status, body) in [(200, page), (400, refused)] {
        let headers = &[("x-app-usage", r#"{"call_count":28,"total_time":81,"total_cputime":3}"#)];
        let (platforms, _) = calling("facebook", status, headers, body).await;
        assert_eq!(told(&platforms), Some((81, None)), "{status}: the largest counts");
    }
    for odd in ["", "{}", "81", r#"{"call_count":"many"}"#, r#"{"call_count":-1}"#, "[]"] {
        let headers = vec![("x-app-usage", odd)].leak();
        let (platforms, _) = calling("facebook", 200, headers, page).await;
        assert_eq!(told(&platforms), None, "{odd}");
    }
}

#[tokio::test]
async fn a_page_that_is_refused_waits_as_long_as_meta_says() {
    let refused = r#"{"error":{"code":80001}}"#;
    for (told, wanted) in [
        (r#"{"1":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":212}]}"#, Some(212 * 60)),
        (r#"{"1":[{"estimated_time_to_regain_access":3}],"2":[{"estimated_time_to_regain_access":9}]}"#, Some(540)),
        (r#"{"1":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":0}]}"#, None),
        (r#"{"1":[{"estimated_time_to_regain_access":-3}]}"#, None),
        (r#"{"1":[{"estimated_time_to_regain_access":9223372036854775807}]}"#, None),
        (r#"{"1":[]}"#, None),
        ("no", None),
    ] {
        let headers = vec![("x-business-use-case-usage", told)].leak();
        let (platforms, read) = calling("facebook", 400, headers, refused).await;
        let Err(PlatformError::RateLimited { until }) = read else { panic!("{read:?}") };
        assert_eq!(until.map(|until| until.as_second() - now().as_second()), wanted, "{told}");
        assert_eq!(
            platforms.told(&"facebook".parse().expect("legal"), &"facebook_login".parse().expect("legal")),
            None
        );
    }
}

#[tokio::test]
async fn what_is_left_is_told_in_percent_of_what_there_was() {
    let me = r#"{"id":"7","name":"someone"}"#;
    let headers = &[("x-ratelimit-used", "90"), ("x-ratelimit-remaining", "10.0"), ("x-ratelimit-reset", "212")];
    let (platforms, _) = calling("reddit", 200, headers, me).await;
    assert_eq!(told(&platforms), Some((90, Some(212))));
    let (platforms, _) = calling("reddit", 200, &[("x-ratelimit-remaining", "10")], me).await;
    assert_eq!(told(&platforms), None, "of an unknown whole");
    // A person's own limit is not our app's.
    let headers =
        &[("x-rate-limit-limit", "75"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "1795000900")];
    let (platforms, _) = calling("x", 200, headers, r#"{"data":{"id":"7","username":"a","name":"a"}}"#).await;
    assert_eq!(told(&platforms), None);
}

#[test]
fn what_a_look_read_is_told_once_by_account() {
    let gauge = Gauge::default();
    let (x, tiktok): (PlatformId, PlatformId) = ("x".parse().expect("legal"), "tiktok".parse().expect("legal"));
    gauge.note_read(&x, "7", 3);
    gauge.note_read(&x, "8", 0);
    assert_eq!((gauge.take_read(&x, "7"), gauge.take_read(&x, "7")), (Some(3), None));
    assert_eq!((gauge.take_read(&tiktok, "8"), gauge.take_read(&x, "8")), (None, Some(0)));
}

#[test]
fn an_odd_header_tells_nothing() {
    let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    };
    for (pairs, wanted) in [
        (&[("x-ratelimit-limit", "100"), ("x-ratelimit-remaining", "25")][..], Some(75)),
        (&[("x-ratelimit-limit", "0"), ("x-ratelimit-remaining", "0")], None),
        (&[("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "25")], Some(0)),
        (&[("x-ratelimit-limit", "-1"), ("x-ratelimit-remaining", "25")], None),
        (&[("x-ratelimit-used", "1e3"), ("x-ratelimit-remaining", "25")], None),
        (&[("x-ratelimit-limit", "100")], None),
    ] {
        assert_eq!(used(&headers(pairs), "x-ratelimit-"), wanted, "{pairs:?}");
    }
}
