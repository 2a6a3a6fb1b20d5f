//! The look of every HTML page, and the error page.

use crate::answer::Answer;
use crate::util::escape;

const STYLE: &str = include_str!("page.css");

/// A whole page around its content.
pub(crate) fn html(title: &str, style: &str, content: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n<style>{STYLE}{style}</style>\n</head>\n\
         <body>\n<main>\n{content}</main>\n</body>\n</html>\n"
    )
}

/// The page that a platform shows instead of sending a person back.
pub(crate) fn error(status: u16, platform: &str, title: &str, detail: &str) -> Answer {
    let content = format!(
        "<p class=\"badge\">Simulated {}</p>\n<h1>{}</h1>\n<p>{}</p>\n",
        escape(platform),
        escape(title),
        escape(detail)
    );
    Answer::html(status, html(title, "", &content)).outcome(format!("refused:{title}"))
}
