//! A client that writes what it is told, byte for byte, and reads until the other side closes.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// One answer as it came.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Its header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The values of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The one value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }
}

/// Writes the bytes to an address such as `http://127.0.0.1:8080`; answers with all that came back until the other
/// side closed. A request that is the last one must say `connection: close`.
pub async fn raw(base: &str, bytes: &[u8]) -> Vec<Reply> {
    let at = base.strip_prefix("http://").expect("plain http");
    let (mut from, mut to) = TcpStream::connect(at).await.expect("it listens").into_split();
    let whole = bytes.to_vec();
    // Both at once: who is refused early may not read the rest.
    let writing = tokio::spawn(async move {
        let _ = to.write_all(&whole).await;
        to
    });
    let mut came = Vec::new();
    let mut chunk = [0; 8192];
    while let Ok(read) = from.read(&mut chunk).await {
        came.extend_from_slice(&chunk[..read]);
        if read == 0 {
            break;
        }
    }
    writing.abort();
    replies(&came)
}

/// Takes the answers apart; a length is told for each that has a body.
fn replies(mut bytes: &[u8]) -> Vec<Reply> {
    let mut replies = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        bytes = &bytes[end + 4..];
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok());
        let status: u16 = status.unwrap_or_else(|| panic!("no status line: {head:?}"));
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line:?}"));
            (name.to_ascii_lowercase(), value.to_owned())
        };
        let headers: Vec<(String, String)> = lines.map(header).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, n)| n.parse().ok());
        let (body, rest) = bytes.split_at(length.unwrap_or(0).min(bytes.len()));
        bytes = rest;
        if status != 100 {
            replies.push(Reply { status, headers, body: String::from_utf8_lossy(body).into_owned() });
        }
    }
    assert!(bytes.is_empty(), "bytes that are no answer: {:?}", String::from_utf8_lossy(bytes));
    replies
}
