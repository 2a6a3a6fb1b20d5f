//! What is to be known of a platform now.

use app::platform::Notice;
use domain::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that is to be known of a platform now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Notice)]
pub struct NoticeView {
    /// `platform_unavailable`: it is in trouble. `api_version_ending`: the version of its API that is spoken here is
    /// served for 60 days more at most, or no longer.
    pub code: String,
    /// `info`, `warning`, `error`; that of an ending version rises as the day comes.
    pub severity: String,
    /// In a sentence.
    pub text: String,
    /// The method that it is of; null where it is of all.
    pub method: Option<String>,
    /// Since when, where it began at a moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// `api_version_ending`: the first day on which the version is no longer served.
    #[schema(value_type = Option<String>, format = Date)]
    pub ends_on: Option<Date>,
}

impl From<Notice> for NoticeView {
    fn from(Notice { code, urgency, text, method, since, ends_on }: Notice) -> Self {
        let method = method.map(|method| method.to_string());
        Self { code: code.to_owned(), severity: urgency.as_str().to_owned(), text, method, since, ends_on }
    }
}
