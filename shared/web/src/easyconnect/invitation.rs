//! A message by which a link is sent.

use domain::Language;

use super::text::{About, Text, say};

/// A message for the client, in their language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// A line above it.
    pub subject: String,
    /// The text, the address included.
    pub text: String,
}

/// What can be sent with a link: who asks, for what, and the address.
pub fn invitation(language: Language, agency: &str, title: &str, url: &str) -> Invitation {
    let about = About { agency, name: title, ..About::default() };
    // A message is plain text: marks around names would be copied along.
    let plain = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
    let text = plain(say(language, Text::Invitation, Some("text"), about));
    Invitation { subject: plain(say(language, Text::Invitation, None, about)), text: format!("{text}\n\n{url}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_who_asks_and_where_in_every_language() {
        for language in Language::ALL {
            let Invitation { subject, text } =
                invitation(language, "North Agency", "Onboarding", "https://m.example/c/x");
            assert!(subject.contains("North Agency"), "{subject}");
            assert!(text.contains("Onboarding") && text.ends_with("\n\nhttps://m.example/c/x\n"), "{text}");
        }
    }
}
