//! Wrong clients beside right ones, by hand-written HTTP against a served router.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audience;
mod control;
mod errors;
mod facebook;
mod facebook_instagram;
mod facebook_pages;
mod facebook_probe;
mod facebook_tokens;
mod google;
mod google_business;
mod google_youtube;
mod harness;
mod hosts;
mod instagram;
mod instagram_login;
mod instagram_tokens;
mod linkedin;
mod linkedin_api;
mod notices;
mod notices_rooms;
mod notices_sent;
mod pinterest;
mod pinterest_api;
mod quota;
mod receiver;
mod reddit;
mod renewal;
mod sloppy;
mod threads;
mod threads_tokens;
mod tiktok;
mod tiktok_api;
mod tiktok_business;
mod verified;
mod x;
mod x_tokens;
