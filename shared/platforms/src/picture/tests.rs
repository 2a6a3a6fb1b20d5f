use std::{
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::{http, stub::Stub};

fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), format).expect("an image");
    bytes
}

fn opaque(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_pixel(width, height, image::Rgb([200, 30, 60])).into()
}

fn door(base: &Url) -> Door {
    Door { client: http::clients().expect("clients").fresh, upstream: Upstream::Simulated(base.clone()) }
}

fn real() -> Door {
    Door { client: http::clients().expect("clients").fresh, upstream: Upstream::Real }
}

fn hosts() -> Vec<String> {
    vec!["pbs.twimg.com".to_owned(), "*.fbcdn.net".to_owned()]
}

/// What a door makes of an answer.
async fn fetched(answer: Vec<u8>) -> Result<Vec<u8>, PictureError> {
    let stub = Stub::start(move |_| answer.clone()).await;
    let door = door(&stub.base);
    let url = door.place(&hosts(), &format!("{}pbs.twimg.com/a.png", stub.base)).expect("a place");
    door.fetch(url).await
}

fn sent_as(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 200 X\r\n{kind}content-length: {}\r\nconnection: close\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn png(body: &[u8]) -> Vec<u8> {
    sent_as("content-type: image/png\r\n", body)
}

/// One chunk of a PNG (RFC 2083 section 3.2).
fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(data.len()).expect("short").to_be_bytes().to_vec();
    bytes.extend_from_slice(&name);
    bytes.extend_from_slice(data);
    let sum = !bytes[4..].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
    });
    bytes.extend(sum.to_be_bytes());
    bytes
}

/// A PNG that declares so many dots, and holds none.
fn declares(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    bytes.extend(chunk(*b"IHDR", &header));
    bytes.extend(chunk(*b"IDAT", &[0x78, 0x9c]));
    bytes.extend(chunk(*b"IEND", &[]));
    bytes
}

/// CHK-S3: whatever comes, what goes out is a small PNG or JPEG of our own.
#[test]
fn a_picture_is_drawn_anew_and_small() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let drawn = draw(&file(&opaque(600, 300), format)).expect("a picture");
        let read = image::load_from_memory(&drawn.bytes).expect("it can be read");
        assert_eq!((read.width(), read.height()), (128, 64), "{format:?}");
        assert!(drawn.bytes.len() < 40_000, "{format:?}: {}", drawn.bytes.len());
        // A GIF knows of dots that can be seen through.
        let jpeg = format != ImageFormat::Gif;
        assert_eq!(drawn.format == Format::Jpeg, jpeg, "{format:?}");
        let is = if jpeg { ImageFormat::Jpeg } else { ImageFormat::Png };
        assert_eq!(image::guess_format(&drawn.bytes).ok(), Some(is), "what it is called is what it is");
    }
    let clear: DynamicImage = RgbaImage::from_pixel(40, 90, image::Rgba([1, 2, 3, 0])).into();
    let drawn = draw(&file(&clear, ImageFormat::Png)).expect("a picture");
    let read = image::load_from_memory(&drawn.bytes).expect("it can be read");
    assert_eq!((drawn.format, read.width(), read.height()), (Format::Png, 40, 90), "it is not made larger");
    assert_eq!(read.to_rgba8().get_pixel(0, 0)[3], 0);
}

/// CHK-S3: a file that is a picture and something else comes out as a picture alone.
#[test]
fn what_hides_in_a_picture_stays_behind() {
    let script = b"<script>alert(1)</script>";
    let whole = file(&opaque(20, 20), ImageFormat::Png);
    let (head, rest) = whole.split_at(33);
    let hidden = [head, &chunk(*b"tEXt", &[b"Comment\0", &script[..]].concat()), rest, script].concat();
    let jpeg = file(&opaque(20, 20), ImageFormat::Jpeg);
    let length = u16::try_from(script.len() + 2).expect("short").to_be_bytes();
    let comment = [&[0xff, 0xfe], &length[..], script].concat();
    let hidden_jpeg = [&jpeg[..2], &comment, &jpeg[2..], script].concat();
    for file in [hidden, hidden_jpeg] {
        assert!(file.windows(7).any(|part| part == b"<script"));
        let drawn = draw(&file).expect("a picture");
        assert!(!drawn.bytes.windows(7).any(|part| part == b"<script"));
    }
}

/// CHK-S3: a file that declares more dots than are taken is not decoded, and one that lies is not believed.
#[test]
fn a_bomb_is_not_decoded() {
    for (width, height) in [(50_000, 50_000), (4097, 1), (1, 4097)] {
        assert_eq!(draw(&declares(width, height)), Err(PictureError::Unfit("too many dots")), "{width}x{height}");
    }
    for (width, height) in [(4096, 4096), (20, 20), (0, 0), (u32::MAX >> 1, 2)] {
        assert!(matches!(draw(&declares(width, height)), Err(PictureError::Unfit(_))), "{width}x{height}");
    }
    // A frame that is larger than the GIF says.
    let mut gif = file(&opaque(20, 20), ImageFormat::Gif);
    let frame = gif.windows(5).position(|part| part == [0x2c, 0, 0, 0, 0]).expect("a frame");
    gif[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert!(matches!(draw(&gif), Err(PictureError::Unfit(_))));
    let whole = file(&opaque(64, 64), ImageFormat::Png);
    for length in [0, 1, 8, 33, whole.len() / 2] {
        assert!(matches!(draw(&whole[..length]), Err(PictureError::Unfit(_))), "{length}");
    }
}

/// CHK-S3: what is no picture, whatever it is sent as.
#[tokio::test]
async fn what_is_no_picture_is_not_taken() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>"#;
    let bmp = b"BM\x3a\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00";
    for body in [&svg[..], b"<html><script>alert(1)</script>", b"%PDF-1.7", bmp, b""] {
        assert_eq!(draw(body), Err(PictureError::Unfit("no picture that is taken")));
    }
    let good = file(&opaque(20, 20), ImageFormat::Png);
    for kind in [
        "content-type: image/svg+xml\r\n",
        "content-type: text/html\r\n",
        "content-type: application/octet-stream\r\n",
        "content-type: image/pngx\r\n",
        "",
    ] {
        assert_eq!(fetched(sent_as(kind, &good)).await, Err(PictureError::Unfit("not sent as a picture")), "{kind}");
    }
    for kind in ["content-type: image/png\r\n", "content-type: IMAGE/JPEG; charset=x\r\n"] {
        assert_eq!(fetched(sent_as(kind, &good)).await, Ok(good.clone()), "{kind}");
    }
    let zipped = sent_as("content-type: image/png\r\ncontent-encoding: gzip\r\n", &[0x1f, 0x8b, 8, 0]);
    assert_eq!(fetched(zipped).await, Err(PictureError::Unfit("in a coding that was not asked for")));
}

/// CHK-S3: no more than a megabyte is read of anything: announced, in chunks, or without an end.
#[tokio::test]
async fn a_file_without_end_is_left_unread() {
    let half_a_gigabyte = 500 * 1024 * 1024;
    let announced = format!("content-length: {half_a_gigabyte}\r\n");
    for (head, most) in [(announced.as_str(), 0), ("transfer-encoding: chunked\r\n", 1), ("", 1)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base: Url = format!("http://{}", listener.local_addr().expect("bound")).parse().expect("an address");
        let sent = Arc::new(AtomicUsize::new(0));
        let (count, lines, chunked) = (Arc::clone(&sent), head.to_owned(), head.starts_with("transfer"));
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a call");
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let head = format!("HTTP/1.1 200 X\r\ncontent-type: image/png\r\n{lines}\r\n");
            let mut piece = vec![0_u8; 64 * 1024];
            if chunked {
                piece = [b"10000\r\n", &piece[..], b"\r\n"].concat();
            }
            let mut open = socket.write_all(head.as_bytes()).await.is_ok();
            while open && count.load(Ordering::SeqCst) < half_a_gigabyte {
                open = socket.write_all(&piece).await.is_ok();
                count.fetch_add(piece.len(), Ordering::SeqCst);
            }
        });
        let door = door(&base);
        let url = door.place(&hosts(), &format!("{base}pbs.twimg.com/a.png")).expect("a place");
        assert_eq!(door.fetch(url).await, Err(PictureError::Unfit("too large")));
        server.await.expect("the server ends");
        // What is on its way when the door closes lies in the sockets' buffers.
        let sent = sent.load(Ordering::SeqCst);
        assert!(sent < (most + 16) * 1024 * 1024, "{head:?}: {sent}");
    }
}

/// CHK-S3: no redirect is followed, wherever it leads.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inner = Stub::start(|_| png(b"secret")).await;
    for place in
        [inner.base.to_string(), "http://169.254.169.254/latest/meta-data".to_owned(), "/pbs.twimg.com/b".to_owned()]
    {
        for status in [301, 302, 307] {
            let to =
                format!("HTTP/1.1 {status} X\r\nlocation: {place}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            assert_eq!(fetched(to.into_bytes()).await, Err(PictureError::Failed(format!("status {status}"))));
        }
    }
    assert!(inner.heard().is_empty());
}

#[tokio::test]
async fn an_address_that_no_longer_holds_is_told_from_trouble() {
    let status = |status: u16| {
        fetched(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes())
    };
    for gone in [403, 404, 410] {
        assert_eq!(status(gone).await, Err(PictureError::Gone), "{gone}");
    }
    for trouble in [401, 429, 500, 503, 204, 206] {
        assert_eq!(status(trouble).await, Err(PictureError::Failed(format!("status {trouble}"))));
    }
}

/// CHK-S3: only where the platform keeps pictures, over TLS, by its name.
#[test]
fn only_the_platforms_own_hosts_are_called() {
    let door = real();
    let place = |address: &str| door.place(&hosts(), address).map(|url| url.to_string());
    for good in ["https://pbs.twimg.com/a.png", "https://scontent.xx.fbcdn.net/v/a.jpg?oe=1", "https://PBS.twimg.com/a"]
    {
        assert!(place(good).is_some(), "{good}");
    }
    for bad in [
        "http://pbs.twimg.com/a.png",
        "https://pbs.twimg.com:8443/a.png",
        "https://me@pbs.twimg.com/a.png",
        "https://pbs.twimg.com@evil.example/a.png",
        "https://pbs.twimg.com.evil.example/a.png",
        "https://evilfbcdn.net/a.png",
        "https://fbcdn.net/a.png",
        "https://.fbcdn.net.evil.example/a.png",
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://localhost/a.png",
        "http://127.0.0.1:8080/pbs.twimg.com/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "",
    ] {
        assert_eq!(place(bad), None, "{bad}");
    }
    let base: Url = "http://127.0.0.1:4000/sim/".parse().expect("an address");
    let door = self::door(&base);
    let place = |address: &str| door.place(&hosts(), address).map(|url| url.to_string());
    let there = "http://127.0.0.1:4000/sim/pbs.twimg.com/a.png";
    assert_eq!(place(there).as_deref(), Some(there));
    assert_eq!(place("https://pbs.twimg.com/a.png").as_deref(), Some(there));
    for bad in [
        "http://127.0.0.1:4001/sim/pbs.twimg.com/a.png",
        "http://127.0.0.1:4000/pbs.twimg.com/a.png",
        "http://127.0.0.1:4000/sim/evil.example/a.png",
        "http://127.0.0.1:4000/sim/pbs.twimg.com/../evil.example/a.png",
        "http://127.0.0.1:4000/sim/_sim/faults",
        "https://evil.example/a.png",
    ] {
        assert_eq!(place(bad), None, "{bad}");
    }
}
