//! Hosts: by path, by `Host` header, by an alias; and how the token endpoints are written to.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{BACK, CHALLENGE, FB_SCOPES, Sim, VERIFIER, X_SCOPES, query};

/// Every host of every room, as they are listed to who asks for another.
async fn hosts(sim: &Sim) -> Vec<String> {
    let refused = sim.get("/nowhere.example/", &[]).await;
    assert_eq!(refused.status, 404, "{refused:?}");
    let list = refused.str("error");
    list.split_once("these are: ").unwrap().1.split(", ").map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn each_host_is_one_platforms_whichever_way_it_is_named() {
    let sim = Sim::start().await;
    let hosts = hosts(&sim).await;
    for known in ["x.com", "twitter.com", "api.x.com", "api.twitter.com", "www.facebook.com", "graph.facebook.com"] {
        assert!(hosts.iter().any(|host| host == known), "{known}");
    }
    for known in ["www.instagram.com", "api.instagram.com", "graph.instagram.com"] {
        assert!(hosts.iter().any(|host| host == known), "{known}");
    }
    for host in &hosts {
        assert_eq!(hosts.iter().filter(|other| *other == host).count(), 1, "{host} is two platforms'");
        let before = sim.journal().await.len();
        let by_path = sim.get(&format!("/{host}/a/path?q=1"), &[]).await;
        for named in [host.clone(), host.to_uppercase(), format!("{host}:443")] {
            let by_host = sim.send(sim.http.get(sim.url("/a/path?q=1")).header("host", named)).await;
            assert_eq!(
                (by_host.status, by_host.header("content-type")),
                (by_path.status, by_path.header("content-type"))
            );
        }
        let seen = &sim.journal().await[before..];
        let place = |entry: &Value| [entry["platform"].clone(), entry["host"].clone(), entry["path"].clone()];
        assert_eq!(seen.len(), 4);
        assert_eq!((&seen[0]["host"], &seen[0]["path"]), (&json!(host), &json!("/a/path")));
        assert!(seen.iter().all(|entry| place(entry) == place(&seen[0])), "{seen:?}");
    }
}

#[tokio::test]
async fn a_client_that_takes_it_for_a_proxy_is_served() {
    let sim = Sim::start().await;
    let mut stream = TcpStream::connect(sim.base.strip_prefix("http://").unwrap()).await.unwrap();
    let request = "GET http://api.x.com/2/users/me HTTP/1.1\r\nhost: api.x.com\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("about:blank"), "{answer}");
}

#[tokio::test]
async fn x_is_one_platform_by_all_its_names() {
    let sim = Sim::start().await;
    for (www, token, api) in [
        ("x.com", "api.x.com", "api.twitter.com"),
        ("twitter.com", "api.twitter.com", "api.x.com"),
        ("twitter.com", "api.x.com", "api.x.com"),
    ] {
        let asked = query(&[
            ("response_type", "code"),
            ("client_id", "xapp"),
            ("redirect_uri", BACK),
            ("scope", X_SCOPES),
            ("state", "s-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let page = sim.http.post(sim.url(&format!("/i/oauth2/authorize?{asked}"))).header("host", www);
        let code = sim.send(page.form(&[("decision", "approve")])).await.code();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        let exchange = sim.http.post(sim.url("/2/oauth2/token")).header("host", token);
        let access = sim.send(exchange.basic_auth("xapp", Some("xapp-secret")).form(&form)).await.str("access_token");
        let me = sim.http.get(sim.url("/2/users/me")).header("host", api).bearer_auth(access);
        assert_eq!(sim.send(me).await.json()["data"]["username"], "acme");
    }
    for wrong in ["/x.com/2/users/me", "/api.x.com/i/oauth2/authorize", "/twitter.com/2/oauth2/token"] {
        assert_eq!(sim.get(wrong, &[]).await.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn facebook_reads_the_exchange_from_query_form_json_or_multipart() {
    let sim = Sim::start().await;
    let url = sim.url("/graph.facebook.com/v26.0/oauth/access_token");
    for encoding in ["query", "form", "json", "multipart"] {
        let code = sim.fb_dialog("1001", FB_SCOPES, &[]).await.code();
        let fields =
            [("client_id", "1001"), ("client_secret", "1001-secret"), ("redirect_uri", BACK), ("code", code.as_str())];
        let request = match encoding {
            "query" => sim.http.get(format!("{url}?{}", query(&fields))),
            "form" => sim.http.post(&url).form(&fields),
            "json" => sim.http.post(&url).json(&fields.iter().copied().collect::<std::collections::BTreeMap<_, _>>()),
            _ => {
                let part = |(name, value)| {
                    format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                };
                let parts: String = fields.into_iter().map(part).collect();
                let request = sim.http.post(&url).header("content-type", "multipart/form-data; boundary=b");
                request.body(parts + "--b--\r\n")
            }
        };
        let reply = sim.send(request).await;
        assert_eq!((reply.status, reply.str("token_type").as_str()), (200, "bearer"), "{encoding}");
    }
    let basic = sim.http.post(&url).basic_auth("1001", Some("1001-secret")).form(&[("code", "any")]);
    assert_eq!(sim.send(basic).await.graph_error(), (400, 101, None), "Basic is not looked at");
}
