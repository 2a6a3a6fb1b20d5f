//! Pages: their policy, their stylesheet, and problems as pages.

use app::platform::Entry;
use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use domain::{Code, Gap, gap::Named};
use web::{
    Page,
    parts::{Link, Missing},
};

use crate::{
    problem::{Problem, ProblemView},
    receive,
};

/// The policy of a page: our stylesheet, our own pictures, forms to ourselves and `form_action`. No script.
pub(crate) fn policy(form_action: &str) -> (HeaderName, HeaderValue) {
    let text = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action {form_action}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    (header::CONTENT_SECURITY_POLICY, value)
}

/// A page as an answer. A page that cannot be drawn is a fault.
pub(crate) fn show(page: &impl Page, form_action: &str) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "page");
        Problem::from(Code::Internal)
    })?;
    // Our own forms need their origin checked, which `no-referrer` would hide.
    let referrer = (header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(([policy(form_action), referrer], Html(html)).into_response())
}

/// What people call a method: `Facebook`, `TikTok Business`.
pub(crate) fn way(entry: &Entry) -> &str {
    let method = &entry.method_name;
    let way = method.strip_suffix(" Login").or_else(|| method.strip_suffix(" login"));
    way.unwrap_or(&entry.platform_name)
}

/// Where one signs in by a method: `Facebook`, also for the Instagram accounts that are reached by it.
pub(crate) fn sign_in(entry: &Entry) -> String {
    let (way, platform) = (way(entry), &entry.platform_name);
    if way.starts_with(platform.as_str()) { platform.clone() } else { way.to_owned() }
}

/// Why something is missing.
pub(crate) fn missing<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> Vec<Missing> {
    let missing = |gap: &Gap| Missing {
        text: gap.text.clone(),
        names: names(&gap.accounts),
        fix: gap.fix_url.clone().map(|url| Link::new("Look there", url)),
    };
    gaps.into_iter().map(missing).collect()
}

/// What accounts are called.
pub(crate) fn names(accounts: &[Named]) -> Vec<String> {
    accounts.iter().map(|account| account.name.clone()).collect()
}

/// A problem as a page.
pub(crate) fn problem(code: Code, view: &ProblemView) -> Option<String> {
    let page = web::connect::Problem {
        explanation: view.detail.clone(),
        ..web::connect::Problem::of(code, view.request_id.clone())
    };
    page.render().ok()
}

/// The stylesheet of an agency's colours, which are all in its name, or that of pages with figures.
pub(crate) async fn brand(receive::Named(file): receive::Named<String>) -> Result<Response, Problem> {
    if web::figures_stylesheet_path().strip_prefix("/assets/") == Some(file.as_str()) {
        return Ok(style(web::figures_stylesheet()));
    }
    let (color, accent) = web::easyconnect::brand_of(&file).ok_or(Code::NotFound)?;
    Ok(style(web::easyconnect::brand_stylesheet(color, accent)))
}

/// The stylesheet; its name changes with its content.
pub(crate) async fn stylesheet() -> Response {
    style(web::stylesheet())
}

/// A stylesheet whose content its name tells.
fn style(content: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, content).into_response()
}
