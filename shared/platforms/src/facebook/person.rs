//! The person behind the pages. Nothing is published for a person and nothing of one is counted: it is their identity
//! that is connected.

use domain::{Counts, Secret, Timestamp, account::Profile};
use serde_json::Value;

use super::FacebookLogin;
use crate::{Offer, PlatformError, Snapshot, Which, read};

/// What such an account is called.
pub(super) const KIND: &str = "profile";
/// What is asked of a person.
const FIELDS: &str = "id,name,picture.type(large)";

impl FacebookLogin {
    pub(super) async fn person_offer(&self, token: &Secret, now: Timestamp) -> Result<Offer, PlatformError> {
        Ok(Offer { profile: self.person_profile(token, now).await?, barrier: None, token: None })
    }

    /// The person as of now.
    pub(super) async fn person_snapshot(
        &self,
        token: &Secret,
        which: Which<'_>,
        now: Timestamp,
    ) -> Result<Snapshot, PlatformError> {
        let profile = self.person_profile(token, now).await?;
        Ok(Snapshot { profile: read::the_one(profile, which)?, counts: Counts::new() })
    }

    async fn person_profile(&self, token: &Secret, now: Timestamp) -> Result<Profile, PlatformError> {
        let (me, _) = self.oauth.get(self.oauth.api(&["me"], &[("fields", FIELDS)]), token, now).await?;
        let id = read::must_id(me.get("id"), "person")?;
        Ok(Profile {
            kind: KIND.to_owned(),
            name: read::name(me.get("name"), &id),
            picture_url: me.pointer("/picture/data/url").and_then(Value::as_str).and_then(domain::text::picture_url),
            // An id that is scoped to our app opens no page.
            profile_url: None,
            platform_account_id: id,
            ..Profile::default()
        })
    }
}
