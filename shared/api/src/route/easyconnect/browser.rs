//! What a client's browser says of itself.

use axum::http::{HeaderMap, header};

/// Marks of the browsers inside of apps, by which some platforms refuse to sign anybody in.
const IN_APP: [&str; 16] = [
    "FBAN",
    "FBAV",
    "FB_IAB",
    "Instagram",
    "musical_ly",
    "BytedanceWebview",
    "TikTok",
    " Line/",
    "LinkedInApp",
    "Twitter for",
    "Snapchat",
    "Pinterest/",
    "MicroMessenger",
    "GSA/",
    "; wv)",
    "Gmail",
];

/// Whether it is an app's own.
pub(super) fn is_in_app(headers: &HeaderMap) -> bool {
    let agent = agent(headers);
    IN_APP.iter().any(|mark| agent.contains(mark))
}

/// Whether it runs on Android, where an address can say which browser is to open it.
pub(super) fn is_android(headers: &HeaderMap) -> bool {
    agent(headers).contains("Android")
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_own_browser_is_told_from_a_browser() {
        let is_in_app = |agent: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, axum::http::HeaderValue::from_static(agent));
            is_in_app(&headers)
        };
        for agent in [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 \
             [FBAN/FBIOS;FBAV/490.0.0.30.109]",
            "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 \
             Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 355.0",
        ] {
            assert!(is_in_app(agent), "{agent}");
        }
        for agent in [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 \
             Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile \
             Safari/537.36",
            "",
        ] {
            assert!(!is_in_app(agent), "{agent}");
        }
    }
}
