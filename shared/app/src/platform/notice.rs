//! What is to be known of a platform now.

use domain::{Code, MethodId, Timestamp};
use jiff::civil::Date;
use platforms::{Entry, Urgency};

use super::{Platform, list};
use crate::Services;

/// The version of a platform's API that is spoken here ends soon, or has ended.
const ENDING: &str = "api_version_ending";

/// Something that is to be known of a platform now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A stable word.
    pub code: &'static str,
    /// How pressing it is.
    pub urgency: Urgency,
    /// In a sentence.
    pub text: String,
    /// The method that it is of; none where it is of all.
    pub method: Option<MethodId>,
    /// Since when, where it began at a moment.
    pub since: Option<Timestamp>,
    /// When what it tells of ends.
    pub ends_on: Option<Date>,
}

impl Platform {
    /// All that is to be known of it now, the most pressing first; `trouble` is since when it is in trouble.
    pub fn notices(&self, trouble: Option<Timestamp>, now: Timestamp) -> Vec<Notice> {
        let outage = trouble.map(|since| Notice {
            code: Code::PlatformUnavailable.as_str(),
            urgency: Urgency::Warning,
            text: format!("{} does not answer as it should; what is connected stays connected.", self.name),
            method: None,
            since: Some(since),
            ends_on: None,
        });
        let endings = self.methods.iter().filter_map(|(entry, _)| ending(&self.name, entry, now));
        let mut notices: Vec<Notice> = outage.into_iter().chain(endings).collect();
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.urgency));
        notices
    }
}

fn ending(platform: &str, entry: &Entry, now: Timestamp) -> Option<Notice> {
    let version = entry.api_version.as_ref()?;
    let (ends_on, urgency) = version.ending(now)?;
    let of = format!("{} speaks the version {} of {platform}'s API", entry.method_name, version.value);
    let text = match urgency {
        Urgency::Error => {
            format!("{of}, which is no longer served since {ends_on}: the operator must bring a newer one.")
        }
        _ => format!("{of}, which is served until {ends_on}: the operator must bring a newer one before."),
    };
    let (method, ends_on) = (Some(entry.method.clone()), Some(ends_on));
    Some(Notice { code: ENDING, urgency, text, method, since: None, ends_on })
}

/// Says in the log which versions end: once a day, so that whoever runs this hears of it in time.
pub(crate) fn warn(services: &Services) {
    for platform in list(services).iter().filter(|platform| platform.configured()) {
        for Notice { code, urgency, text, .. } in platform.notices(None, services.now()) {
            tracing::warn!(platform = %platform.id, urgency = urgency.as_str(), text, "{code}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use platforms::{ApiVersion, Platforms, Upstream};

    use super::*;

    /// Instagram, one of whose two ways speaks a version that ends on that day.
    fn instagram(ends_on: &str) -> Platform {
        let all = Platforms::new(&Upstream::Real, Vec::new().into()).expect("the catalogue");
        let mut methods: Vec<_> =
            all.entries().iter().filter(|e| e.platform.as_str() == "instagram").cloned().collect();
        let version = ApiVersion {
            value: "v9".to_owned(),
            released_on: None,
            ends_on: Some(ends_on.parse().expect("a day")),
            others: Vec::new(),
        };
        Arc::make_mut(&mut methods[1]).api_version = Some(version);
        Platform {
            id: "instagram".parse().expect("legal"),
            name: "Instagram".to_owned(),
            methods: methods.into_iter().map(|entry| (entry, true)).collect(),
        }
    }

    fn at(time: &str) -> Timestamp {
        time.parse().expect("a time")
    }

    #[test]
    fn the_end_of_a_version_is_told_from_sixty_days_before_and_after_it() {
        let told = |now: &str| instagram("2027-03-01").notices(None, at(now));
        assert_eq!(told("2026-12-30T23:59:59Z"), []);
        for (now, urgency, words) in [
            ("2026-12-31T00:00:00Z", Urgency::Info, "is served until 2027-03-01"),
            ("2027-02-20T00:00:00Z", Urgency::Warning, "is served until 2027-03-01"),
            ("2027-03-01T00:00:00Z", Urgency::Error, "is no longer served since 2027-03-01"),
        ] {
            let notices = told(now);
            let [notice] = notices.as_slice() else { panic!("{notices:?}") };
            assert_eq!((notice.code, notice.urgency), ("api_version_ending", urgency), "{now}");
            assert_eq!(notice.method.as_ref().map(MethodId::as_str), Some("instagram_login"));
            assert_eq!(notice.ends_on.map(|day| day.to_string()).as_deref(), Some("2027-03-01"));
            assert!(notice.text.starts_with("Instagram Login speaks the version v9 of Instagram's API"));
            assert!(notice.text.contains(words), "{}", notice.text);
        }
    }

    #[test]
    fn the_most_pressing_is_told_first() {
        let since = at("2027-02-01T00:00:00Z");
        let codes = |now: &str| -> Vec<_> {
            let notices = instagram("2027-03-01").notices(Some(since), at(now));
            assert!(notices.iter().any(|n| n.since == Some(since) && n.method.is_none()));
            notices.into_iter().map(|notice| notice.code).collect()
        };
        assert_eq!(codes("2027-02-01T10:00:00Z"), ["platform_unavailable", "api_version_ending"]);
        assert_eq!(codes("2027-03-01T10:00:00Z"), ["api_version_ending", "platform_unavailable"]);
    }
}
