//! Pictograms. Those of the platforms and of the surface come from Bootstrap Icons (assets/NOTICE).

use domain::PlatformId;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = include_str!(concat!("../assets/icons/", $file, ".svg")).trim_ascii();)*
    };
}

icons! {
    /// Mooring's mark: a ring, a rope, an anchor.
    MARK = "mark";
    /// It went well.
    SUCCESS = "ui/check-circle-fill";
    /// It did not go well.
    WARNING = "ui/exclamation-triangle-fill";
    /// Worth knowing.
    INFO = "ui/info-circle-fill";
    /// Disconnected.
    OFF = "ui/dash-circle";
    /// The main account.
    STAR = "ui/star-fill";
    /// Leads to another site.
    OUTSIDE = "ui/box-arrow-up-right";
    /// Protected.
    SHIELD = "ui/shield-lock";
    /// Yes.
    CHECK = "ui/check-lg";
    /// No.
    CROSS = "ui/x-lg";
    /// Onwards.
    ARROW = "ui/arrow-right";
    /// Takes time, or ends at a time.
    CLOCK = "ui/clock";
    /// Kept.
    ARCHIVE = "ui/archive";
    /// Erased.
    TRASH = "ui/trash3";
    /// Opens.
    DOWN = "ui/chevron-down";
}

/// A platform's logo as inline SVG; an operator's own platform has none.
pub fn platform(id: &PlatformId) -> Option<&'static str> {
    icons! {
        FACEBOOK = "platform/facebook";
        INSTAGRAM = "platform/instagram";
        THREADS = "platform/threads";
        X = "platform/twitter-x";
        LINKEDIN = "platform/linkedin";
        TIKTOK = "platform/tiktok";
        PINTEREST = "platform/pinterest";
        YOUTUBE = "platform/youtube";
        GOOGLE = "platform/google";
        BLUESKY = "platform/bluesky";
        MASTODON = "platform/mastodon";
        REDDIT = "platform/reddit";
    }
    Some(match id.as_str() {
        "facebook" => FACEBOOK,
        "instagram" => INSTAGRAM,
        "threads" => THREADS,
        "x" => X,
        "linkedin" => LINKEDIN,
        "tiktok" => TIKTOK,
        "pinterest" => PINTEREST,
        "youtube" => YOUTUBE,
        "google_business" => GOOGLE,
        "bluesky" => BLUESKY,
        "mastodon" => MASTODON,
        "reddit" => REDDIT,
        _ => return None,
    })
}
