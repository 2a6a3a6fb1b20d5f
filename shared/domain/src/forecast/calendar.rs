//! The forecast as a calendar that people subscribe to (RFC 5545).

use jiff::{Timestamp, ToSpan as _};

use super::{Due, Item};
use crate::{Person, PlatformId};

/// No line is longer, in octets and without its end.
const LONGEST: usize = 75;
/// A reminder comes so long before.
const REMINDER: &str = "-P3D";

/// What is due as a calendar: one event of a whole day for each account. An event has the same id each time, so that a
/// calendar moves nothing twice; `stamp` is when it was made, and `called` what people call a platform.
pub fn calendar(title: &str, due: &[Due], stamp: Timestamp, called: impl Fn(&PlatformId) -> String) -> String {
    let mut lines = Lines::default();
    lines.put("BEGIN", "VCALENDAR");
    lines.put("VERSION", "2.0");
    lines.put("PRODID", "-//Mooring//Forecast//EN");
    lines.put("CALSCALE", "GREGORIAN");
    lines.put("METHOD", "PUBLISH");
    lines.put("X-WR-CALNAME", &text(title));
    for day in due {
        for item in &day.accounts {
            event(&mut lines, day, item, stamp, &called(&item.platform));
        }
    }
    lines.put("END", "VCALENDAR");
    lines.0
}

fn event(lines: &mut Lines, day: &Due, item: &Item, stamp: Timestamp, platform: &str) {
    let summary = format!("Reconnect {} ({platform})", item.name);
    let Person { name, .. } = &day.person;
    let description = format!("{} {name} must sign in again.", item.ends.sentence());
    let date = |date: jiff::civil::Date| date.strftime("%Y%m%d").to_string();
    lines.put("BEGIN", "VEVENT");
    lines.put("UID", &format!("{}-{}@mooring", item.account, date(day.date)));
    lines.put("DTSTAMP", &stamp.strftime("%Y%m%dT%H%M%SZ").to_string());
    lines.put("DTSTART;VALUE=DATE", &date(day.date));
    lines.put("DTEND;VALUE=DATE", &date(day.date.saturating_add(1.day())));
    lines.put("SEQUENCE", "0");
    lines.put("TRANSP", "TRANSPARENT");
    lines.put("SUMMARY", &text(&summary));
    lines.put("DESCRIPTION", &text(&description));
    if let Some(url) = &item.reconnect_url {
        // An address is no text: nothing in it is escaped, and what cannot be in one would end the line.
        let legal = |letter: &char| letter.is_ascii_graphic();
        lines.put("URL", &url.chars().filter(legal).collect::<String>());
    }
    lines.put("BEGIN", "VALARM");
    lines.put("ACTION", "DISPLAY");
    lines.put("TRIGGER", REMINDER);
    lines.put("DESCRIPTION", &text(&summary));
    lines.put("END", "VALARM");
    lines.put("END", "VEVENT");
}

/// A text as a value: what would end it or the line is escaped, and other control characters are left out.
fn text(text: &str) -> String {
    let mut value = String::new();
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => value.extend(['\\', letter]),
            '\n' | '\r' => value.push_str("\\n"),
            letter if letter.is_control() && letter != '\t' => {}
            letter => value.push(letter),
        }
    }
    value
}

/// Content lines, each folded where it is too long, between characters.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn put(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for letter in [name, ":", value].iter().flat_map(|part| part.chars()) {
            if length + letter.len_utf8() > LONGEST {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(letter);
            length += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}
