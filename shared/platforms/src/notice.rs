//! What platforms tell by themselves, and whether it is they who do. What is signed is compared as it came, in constant
//! time, by the one algorithm that the dialect has; nothing is read of what is not signed.

mod google;
mod hmac;
mod keys;
mod meta;
mod tiktok;
mod x;

use domain::{MethodId, PlatformId, Secret, Timestamp, notice::Told};
use jiff::SignedDuration;
use serde::Deserialize;
use url::Url;

use crate::{http::Clients, oauth::OAuth};
use keys::Keys;

/// How far ahead of ours a platform's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// Which of our addresses a notice came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Meta's, where a person has removed our app.
    Deauthorize,
    /// Meta's, where a person wants their data deleted.
    DataDeletion,
    /// Everybody else's.
    Notices,
}

/// What came, as it came.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Which address it came to.
    pub door: Door,
    /// Its headers that are text, their names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body.
    pub body: &'a [u8],
}

/// A notice that is its platform's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The method whose app it was sent to.
    pub method: MethodId,
    /// Client id of that app.
    pub app: String,
    /// What tells it from every other notice.
    pub content: String,
    /// What it says of persons; what means nothing to us is left out.
    pub told: Vec<Told>,
}

/// Why a notice is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// The platform has no such address here.
    NoDoor,
    /// It is not the platform's. The reason is for the log, and holds nothing of the notice.
    Because(&'static str),
}

/// How a method's platform tells us things, as its file holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notices {
    pub(crate) dialect: Dialect,
    /// Where the keys are that sign.
    pub(crate) keys: Option<Url>,
    /// Who signs, by its name in what is signed.
    pub(crate) issuer: Option<String>,
    /// How late a notice may come; what comes again within that time is the same notice.
    #[serde(default = "usual")]
    pub(crate) late_s: u32,
}

fn usual() -> u32 {
    300
}

/// The way in which it is said and signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dialect {
    /// `signed_request`.
    Meta,
    /// `TikTok-Signature`.
    Tiktok,
    /// `x-twitter-webhooks-signature`, with a challenge.
    X,
    /// Security event tokens (RFC 8417).
    Google,
}

/// One of our apps, as its platform's notices come to it.
pub(crate) struct Receiver {
    pub(crate) platform: PlatformId,
    method: MethodId,
    app: String,
    dialect: Dialect,
    secret: hmac::Key,
    keys: Option<Keys>,
    issuer: String,
    late: SignedDuration,
}

impl Receiver {
    /// Of an app whose platform tells things; `secret` is what it signs with, where that is not the client's.
    pub(crate) fn of(oauth: &OAuth, secret: Option<&Secret>, http: &Clients) -> Option<Self> {
        let method = &oauth.method;
        let notices = method.notices.as_ref()?;
        Some(Self {
            platform: method.platform.clone(),
            method: method.method.clone(),
            app: oauth.client_id.clone(),
            dialect: notices.dialect,
            secret: hmac::Key::new(secret.unwrap_or(&oauth.client_secret)),
            keys: notices.keys.clone().map(|url| Keys::new(url, http.kept.clone())),
            issuer: notices.issuer.clone().unwrap_or_default(),
            late: SignedDuration::from_secs(notices.late_s.into()),
        })
    }

    /// Whether its platform has such an address.
    pub(crate) fn has(&self, door: Door) -> bool {
        (self.dialect == Dialect::Meta) == (door != Door::Notices)
    }

    /// The notice, if it is the platform's and this app's.
    pub(crate) async fn read(&self, sent: &Incoming<'_>, now: Timestamp) -> Result<Signed, &'static str> {
        let (content, told) = match self.dialect {
            Dialect::Meta => meta::read(self, sent, now)?,
            Dialect::Tiktok => tiktok::read(self, sent, now)?,
            Dialect::X => x::read(self, sent, now)?,
            Dialect::Google => google::read(self, sent, now).await?,
        };
        Ok(Signed { method: self.method.clone(), app: self.app.clone(), content, told })
    }

    /// The answer to a challenge, where there are challenges.
    pub(crate) fn challenge(&self, token: &str) -> Option<String> {
        (self.dialect == Dialect::X).then(|| x::challenge(self, token)).flatten()
    }

    /// Whether it is neither too old nor of a later time.
    fn is_fresh(&self, at: Timestamp, now: Timestamp) -> Result<(), &'static str> {
        let age = now.duration_since(at);
        if age > self.late {
            return Err("it is too old");
        }
        if age < -AHEAD { Err("it is of a later time") } else { Ok(()) }
    }
}

impl Incoming<'_> {
    /// A header that is there exactly once.
    fn header(&self, name: &str) -> Result<&str, &'static str> {
        let mut sent = self.headers.iter().filter(|(sent, _)| *sent == name);
        match (sent.next(), sent.next()) {
            (Some((_, value)), None) => Ok(value),
            (None, _) => Err("it is not signed"),
            _ => Err("it is signed more than once"),
        }
    }
}

#[cfg(test)]
mod tests;
