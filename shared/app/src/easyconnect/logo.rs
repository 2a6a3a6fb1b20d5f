//! A link's logo: drawn anew and small, so that no browser is sent anywhere else for it.

use domain::{Code, EasyConnectLink, Error, Refusal, picture::Picture};

use crate::{Services, picture};

/// Longest file that is taken.
pub const LONGEST: usize = 45 * 1024;

/// The logo of a link.
pub async fn get(services: &Services, link: &EasyConnectLink) -> Result<Picture, Error> {
    let found = match link.branding.logo {
        Some(_) => services.store.find_link_logo(&link.workspace, link.id).await?,
        None => None,
    };
    found.ok_or_else(|| Code::NotFound.into())
}

/// A file as the small picture that is kept of it.
pub(super) async fn draw(file: Vec<u8>) -> Result<Picture, Error> {
    if file.len() > LONGEST {
        let detail = format!("A logo has {LONGEST} bytes at most.");
        return Err(Refusal::field("/branding/logo", "too_large", detail).into());
    }
    let unfit = |_| Refusal::field("/branding/logo", "not_a_picture", "The logo is a PNG, JPEG, GIF or WebP.");
    Ok(picture::draw(file).await.map_err(unfit)?)
}
