//! Where a browser may be sent back to: an allow-list, never a pattern.

use url::Url;

/// Longest address on a workspace's own list, which is read with its record.
const LISTED: usize = 300;

/// The allowed addresses. One entry allows its origin and every path below its own path.
#[derive(Debug, Clone, Default)]
pub struct ReturnUrls(Vec<Url>);

impl ReturnUrls {
    /// Takes the entries in; one that is not http(s) without userinfo, query and fragment is an error.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let parse = |entry: &str| match Url::parse(entry) {
            Ok(url) if is_plain(&url) && url.query().is_none() => Ok(url),
            _ => Err(format!("not a usable return address: {entry}")),
        };
        entries.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// The address in its one canonical spelling, if it is allowed.
    ///
    /// The text is refused before parsing where parsers differ: control characters, white space,
    /// backslashes, a second scheme spelling; the parsed address is compared by origin and by
    /// whole path segments.
    pub fn admit(&self, text: &str) -> Option<Url> {
        let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || !c.is_ascii();
        let spelled = text.starts_with("https://") || text.starts_with("http://");
        if text.len() > 2000 || !spelled || text.contains(odd) {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let authority = text.split("://").nth(1)?.split(['/', '?', '#']).next()?;
        if !is_plain(&url) || authority.is_empty() || authority.contains(['@', '%']) {
            return None;
        }
        // Encoded separators and dots read differently to the next server than to us.
        let path = url.path().to_ascii_lowercase();
        if path.contains("//") || ["%2f", "%5c", "%2e", "%00"].iter().any(|bad| path.contains(bad)) {
            return None;
        }
        self.0
            .iter()
            .any(|allowed| allowed.origin() == url.origin() && below(allowed.path(), url.path()))
            .then_some(url)
    }
}

/// Whether a workspace may put an address on its own list: https, in its one canonical spelling.
pub fn may_be_listed(text: &str) -> bool {
    let admits_itself = || ReturnUrls::new([text]).ok()?.admit(text);
    let is_canonical = |url: Url| url.as_str().strip_suffix('/').unwrap_or(url.as_str()) == text.trim_end_matches('/');
    text.starts_with("https://") && text.len() <= LISTED && admits_itself().is_some_and(is_canonical)
}

fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

/// Whether `path` is `prefix` or lies below it, segment by segment.
fn below(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CHK-A15
    #[test]
    fn only_listed_origins_and_paths_are_admitted() {
        let list = ReturnUrls::new(["https://app.example/done", "http://127.0.0.1:8080/"]).expect("usable");
        for good in [
            "https://app.example/done",
            "https://app.example/done/",
            "https://app.example/done/a?b=c",
            "http://127.0.0.1:8080/console",
        ] {
            assert!(list.admit(good).is_some(), "{good}");
        }
        for bad in [
            "//evil.example",
            "/done",
            "https:app.example/done",
            "https:/app.example/done",
            "https:///app.example/done",
            "https://app.example",
            "https://app.example/donee",
            "https://app.example/done/../x",
            "https://app.example/done%2f..%2fx",
            "https://app.example/done/%2e%2e/x",
            "https://app.example.evil.example/done",
            "https://evil.example/https://app.example/done",
            "https://app.example@evil.example/done",
            "https://evil.example\\@app.example/done",
            "https://user@app.example/done",
            "https://app.example:444/done",
            "http://app.example/done",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app.example/done#x",
            "https://app.example/done\r\nX: y",
            "https://app.example/\tdone",
            " https://app.example/done",
            "https://аpp.example/done",
            "https://app.example%2eevil.example/done",
            "HTTPS://app.example/done",
            "https://app。example/done",
            "http://127.0.0.1:80800/",
            "http://127.0.0.1/",
            "https://app.example/done//evil",
        ] {
            assert!(list.admit(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_workspace_lists_plain_https_addresses() {
        for good in
            ["https://app.example", "https://app.example/", "https://app.example/done", "https://app.example:444/a/b"]
        {
            assert!(may_be_listed(good), "{good}");
        }
        let long = format!("https://app.example/{}", "x".repeat(LISTED));
        for bad in [
            "",
            "http://app.example/",
            "http://127.0.0.1:8080/",
            "https://app.example/done/../x",
            "https://app.example/?a=b",
            "https://app.example/#a",
            "https://user@app.example/",
            "https://app.example/a%2fb",
            "https://APP.example/",
            "https://app.example:443/",
            "javascript:alert(1)",
            &long,
        ] {
            assert!(!may_be_listed(bad), "{bad}");
        }
    }
}
