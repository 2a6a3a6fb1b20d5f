mod tls;

use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::stub::{Stub, answer, keeper};

async fn got(bytes: Vec<u8>) -> Result<Answer, PlatformError> {
    let stub = Stub::start(move |_| bytes.clone()).await;
    let client = client_with(Duration::from_millis(500), 0).build().expect("builds");
    send(client.get(stub.base.clone())).await
}

fn is_unknown(got: &Result<Answer, PlatformError>) -> bool {
    matches!(got, Err(PlatformError::Unknown(_)))
}

/// CHK-A17
#[tokio::test]
async fn hostile_answers_are_refused_or_are_no_json() {
    assert!(is_unknown(&got(answer(200, vec![b'a'; 5 * 1024 * 1024])).await), "5 MiB");
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access_token\":\"a".to_vec();
    assert!(is_unknown(&got(cut).await), "cut");
    assert!(is_unknown(&got(b"nonsense\r\n\r\n".to_vec()).await), "not HTTP");
    assert!(is_unknown(&got(Vec::new()).await), "nothing");
    let endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n".to_vec();
    assert!(is_unknown(&got(endless).await), "a chunk that never comes");
    for body in [
        "[".repeat(100_000) + &"]".repeat(100_000),
        "{\"a\":".repeat(50_000),
        "[".repeat(33) + &"]".repeat(33),
        "<html>maintenance</html>".to_owned(),
        "{\"access_token\":\"a\"".to_owned(),
        "{\"a\":1}{\"a\":2}".to_owned(),
        String::new(),
    ] {
        let got = got(answer(200, &body)).await;
        assert!(got.is_ok_and(|a| a.json.is_none()), "{}", &body[..body.len().min(40)]);
    }
    let odd = got(answer(200, b"{\"a\":\"\xff\"}")).await.expect("whole");
    assert_eq!((odd.json, odd.text.as_str()), (None, "{\"a\":\"\u{fffd}\"}"), "not UTF-8");
    let full = got(answer(200, " ".repeat(MOST_BYTES - 2) + "{}")).await.expect("just fits");
    assert!(full.json.is_some());
}

#[test]
fn depth_counts_outside_of_strings() {
    assert!(json(&("[".repeat(32) + &"]".repeat(32))).is_some());
    assert!(json(&format!("{{\"a\":\"{}\\\"{{\"}}", "[".repeat(100))).is_some());
    let doubled = json(r#"{"access_token":"first","access_token":"second"}"#).expect("tolerated");
    assert_eq!(doubled["access_token"], "second");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let stub =
        Stub::start(|_| b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let got = send(clients().expect("build").fresh.get(stub.base.clone())).await.expect("an answer");
    assert_eq!((got.status, stub.heard().len()), (302, 1));
}

#[tokio::test]
async fn only_what_never_left_is_not_sent() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("free").local_addr().expect("bound");
    let url = format!("http://{closed}/?token=hunter2");
    let error = send(clients().expect("build").fresh.get(url)).await.err().expect("nobody there");
    assert!(matches!(error, PlatformError::NotSent(_)), "{error:?}");
    assert!(!error.to_string().contains("hunter2"), "{error}");

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("free");
    let url = format!("http://{}/?token=hunter2", silent.local_addr().expect("bound"));
    let client = client_with(Duration::from_millis(200), 0).build().expect("builds");
    let error = send(client.get(url)).await.err().expect("no answer");
    assert!(matches!(error, PlatformError::Unknown(_)), "{error:?}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

/// CHK-A17: an answer that goes on coming, byte by byte, ends with the deadline.
#[tokio::test]
async fn a_slow_answer_is_cut_off() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("free");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a call");
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{";
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let mut going = socket.write_all(head).await;
        while going.is_ok() {
            tick.tick().await;
            going = socket.write_all(b" ").await;
        }
    });
    let client = client_with(Duration::from_millis(200), 0).build().expect("builds");
    let got = tokio::time::timeout(Duration::from_secs(5), send(client.get(url))).await;
    assert!(is_unknown(&got.expect("the deadline is the call's own")));
}

#[tokio::test]
async fn what_cannot_be_asked_again_takes_no_connection_that_stood_idle() {
    let clients = clients().expect("build");
    for (client, connections) in [(&clients.fresh, 3), (&clients.kept, 1)] {
        let (base, taken) = keeper().await;
        for _ in 0..3 {
            assert!(send(client.get(&base)).await.expect("an answer").is_success());
        }
        assert_eq!(taken.load(std::sync::atomic::Ordering::SeqCst), connections);
    }
}
