//! Pictures of accounts: fetched from where their platform keeps them and drawn anew, small, so that nothing of a
//! stranger's file comes out again.

use std::{fmt, io::Cursor};

use domain::picture::{Format, Picture};
use image::{DynamicImage, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder};
use reqwest::{Client, header};
use url::Url;

use crate::{Entry, Platforms, Upstream};

/// Most bytes of a file that are read.
const MOST_BYTES: usize = 1024 * 1024;
/// Longest side that is decoded; what a file declares is believed before anything is.
const MOST_SIDE: u32 = 4096;
/// Most memory for what is decoded: four bytes for each dot.
const MOST_MEMORY: u64 = 4 * (MOST_SIDE as u64) * (MOST_SIDE as u64);
/// The longest side of what is kept.
const SIDE: u32 = 128;
/// Of a JPEG that is kept, in percent.
const QUALITY: u8 = 85;
/// What pictures are sent as.
const TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// Why a picture is not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureError {
    /// It is not, or no longer, at that address.
    Gone,
    /// What is there is no picture that is taken.
    Unfit(&'static str),
    /// It cannot be had now.
    Failed(String),
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("not at that address"),
            Self::Unfit(why) => f.write_str(why),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

/// The door through which pictures come in.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) client: Client,
    pub(crate) upstream: Upstream,
}

impl Platforms {
    /// Fetches the file behind the address of a picture, which [`draw`] makes a picture of. Only what the catalogue says
    /// is where the platform keeps pictures is called, and no redirect is followed.
    pub async fn picture(&self, entry: &Entry, address: &str) -> Result<Vec<u8>, PictureError> {
        let url = self.door.place(&entry.picture_hosts, address).ok_or(PictureError::Unfit("no place for pictures"))?;
        self.door.fetch(url).await
    }
}

impl Door {
    /// Where the address is, if it is on one of the hosts.
    fn place(&self, hosts: &[String], address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        if let Upstream::Simulated(base) = &self.upstream
            && url.origin() == base.origin()
        {
            let path = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
            let host = path.trim_start_matches('/').split('/').next()?;
            return (plain && is_one_of(hosts, host)).then_some(url);
        }
        let host = url.domain()?;
        let usual = plain && url.scheme() == "https" && url.port().is_none();
        (usual && is_one_of(hosts, host)).then(|| self.upstream.place(&url))
    }

    async fn fetch(&self, url: Url) -> Result<Vec<u8>, PictureError> {
        let failed = |error: reqwest::Error| PictureError::Failed(error.without_url().to_string());
        let request = self.client.get(url).header(header::ACCEPT, TYPES.join(", "));
        let mut response = request.send().await.map_err(failed)?;
        match response.status().as_u16() {
            200 => {}
            403 | 404 | 410 => return Err(PictureError::Gone),
            status => return Err(PictureError::Failed(format!("status {status}"))),
        }
        let headers = response.headers();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(PictureError::Unfit("not sent as a picture"));
        }
        let coding = headers.get(header::CONTENT_ENCODING);
        if coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(PictureError::Unfit("in a coding that was not asked for"));
        }
        let large = PictureError::Unfit("too large");
        if response.content_length().is_some_and(|length| length > MOST_BYTES as u64) {
            return Err(large);
        }
        let mut file = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if file.len() + chunk.len() > MOST_BYTES {
                return Err(large);
            }
            file.extend_from_slice(&chunk);
        }
        Ok(file)
    }
}

/// Whether a host is one of these; `*.example.com` is each below it.
fn is_one_of(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|known| match known.strip_prefix('*') {
        Some(domain) => host.len() > domain.len() && host.ends_with(domain),
        None => host == known,
    })
}

/// Draws the picture of a file anew, small: PNG, JPEG, WebP or the first frame of a GIF, by what the file itself is.
/// Takes as long as decoding does.
pub fn draw(file: &[u8]) -> Result<Picture, PictureError> {
    let Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif)) =
        image::guess_format(file)
    else {
        return Err(PictureError::Unfit("no picture that is taken"));
    };
    let unreadable = |_| PictureError::Unfit("it cannot be decoded");
    let reader = || ImageReader::with_format(Cursor::new(file), format);
    let (width, height) = reader().into_dimensions().map_err(unreadable)?;
    if !(1..=MOST_SIDE).contains(&width) || !(1..=MOST_SIDE).contains(&height) {
        return Err(PictureError::Unfit("too many dots"));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = reader();
    reader.limits(limits);
    let whole = reader.decode().map_err(unreadable)?;
    let small = if width > SIDE || height > SIDE { whole.thumbnail(SIDE, SIDE) } else { whole };
    write(&small).map_err(unreadable)
}

fn write(image: &DynamicImage) -> Result<Picture, image::ImageError> {
    let mut bytes = Vec::new();
    let format = if image.color().has_alpha() {
        image.to_rgba8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
        Format::Png
    } else {
        JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&image.to_rgb8())?;
        Format::Jpeg
    };
    Ok(Picture { format, bytes })
}

#[cfg(test)]
mod tests;
