//! Cookies: one for each attempt's browser, one for the console.

use app::Services;
use axum::http::{HeaderMap, HeaderValue, header};
use domain::{ConnectSessionId, Secret};
use jiff::SignedDuration;

/// The name of an attempt's cookie. Over https the prefix makes the browser refuse a planted one.
pub(crate) fn attempt(services: &Services, id: ConnectSessionId) -> String {
    name(services, &id.to_string().replace('_', "-"))
}

/// The name of the cookie of a device that an attempt was handed over to.
pub(crate) fn device(services: &Services, id: ConnectSessionId) -> String {
    name(services, &format!("device-{}", id.to_string().replace('_', "-")))
}

/// The name of the cookie in which the first device keeps the code of a hand-off, to show it again.
pub(crate) fn code(services: &Services, id: ConnectSessionId) -> String {
    name(services, &format!("code-{}", id.to_string().replace('_', "-")))
}

/// A cookie's name as this deployment spells it.
pub(crate) fn name(services: &Services, name: &str) -> String {
    if is_secure(services) { format!("__Host-{name}") } else { name.to_owned() }
}

fn is_secure(services: &Services) -> bool {
    services.public_url.scheme() == "https"
}

/// The value of a cookie that the browser sent exactly once.
pub(crate) fn read(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut values = sent
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| Secret::new(value));
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value) }
}

/// A cookie that only our own pages and top-level navigations bring back, and no script can read.
pub(crate) fn set(services: &Services, name: &str, value: &Secret, lifetime: SignedDuration) -> Option<HeaderValue> {
    let secure = if is_secure(services) { "; Secure" } else { "" };
    let text =
        format!("{name}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", value.expose(), lifetime.as_secs());
    let mut header = HeaderValue::from_str(&text).ok()?;
    header.set_sensitive(true);
    Some(header)
}
