//! Wrong clients beside right ones, by hand-written HTTP against a served router.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod control;
mod errors;
mod facebook;
mod facebook_instagram;
mod facebook_pages;
mod facebook_probe;
mod facebook_tokens;
mod harness;
mod hosts;
mod instagram;
mod instagram_login;
mod instagram_tokens;
mod notices;
mod notices_sent;
mod quota;
mod receiver;
mod renewal;
mod sloppy;
mod x;
mod x_tokens;
