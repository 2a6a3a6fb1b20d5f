//! LinkedIn: a member, and the organisations that the member administers (learn.microsoft.com/linkedin).

use std::time::Duration;

use async_trait::async_trait;
use domain::{Capability, DeadReason, Measured, Person, Renewal, Secret, Timestamp, TokenSet};
use futures::try_join;
use jiff::civil::Date;
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Reread, Revocation, Snapshot, Which,
    oauth::OAuth, token::words,
};

mod member;
mod organization;

/// A token that is seconds old can be called revoked and be good: so long is waited before it is asked again.
const PATIENCE: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// The client.
pub(crate) struct LinkedIn {
    oauth: OAuth,
    patience: [Duration; 3],
}

#[async_trait]
impl Platform for LinkedIn {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.oauth.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let tokens = self.oauth.code(grab, now).await?;
        let reader = Reader { oauth: &self.oauth, token: &tokens.access, patience: &self.patience, now };
        let found = reader.find(tokens.scopes.as_deref(), grab.capabilities).await?;
        Ok(Consent {
            person: found.person,
            expiry: self.oauth.expiry(&tokens, now),
            // Refresh tokens are for partners.
            renewal: if tokens.refresh.is_some() { self.oauth.method.renewal.renewal() } else { Renewal::None },
            granted: tokens.scopes,
            tokens: TokenSet { access: tokens.access, refresh: tokens.refresh, children: [].into() },
            offers: found.offers,
            whole: found.whole,
        })
    }

    async fn reread(
        &self,
        tokens: &TokenSet,
        capabilities: &[Capability],
        now: Timestamp,
    ) -> Result<Reread, PlatformError> {
        let granted = self.look(&tokens.access, now).await?;
        let found = self.reader(tokens, now).find(granted.as_deref(), capabilities).await?;
        Ok(Reread { granted, offers: found.offers })
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.oauth.refresh(tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        Ok(Probe { granted: self.look(&tokens.access, now).await?, ..Probe::default() })
    }

    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        let reader = self.reader(tokens, now);
        if which.kind == organization::KIND { reader.organization(which.id).await } else { reader.member(which).await }
    }

    async fn metrics(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        let reader = self.reader(tokens, now);
        if which.kind == organization::KIND {
            reader.organization_metrics(which.id, days).await
        } else {
            reader.member_metrics(days).await
        }
    }

    async fn revoke(&self, _: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        self.oauth.revoke(tokens, now).await
    }
}

impl LinkedIn {
    pub(crate) fn new(oauth: OAuth) -> Self {
        Self { oauth, patience: PATIENCE }
    }

    fn reader<'a>(&'a self, tokens: &'a TokenSet, now: Timestamp) -> Reader<'a> {
        Reader { oauth: &self.oauth, token: &tokens.access, patience: &[], now }
    }

    /// The scopes of a token that lives, as our app is told; one that has ended is told from one that was taken back.
    async fn look(&self, token: &Secret, now: Timestamp) -> Result<Option<Vec<String>>, PlatformError> {
        let told = self.oauth.introspect(token, now).await?;
        let status = told.get("status").and_then(Value::as_str);
        match (told.get("active").and_then(Value::as_bool), status) {
            (Some(true), None | Some("active")) => Ok(told.get("scope").and_then(Value::as_str).map(words)),
            (Some(false), Some("revoked")) => Err(PlatformError::GrantGone(DeadReason::Revoked)),
            (Some(false), Some("expired")) => Err(PlatformError::GrantGone(DeadReason::Expired)),
            _ => Err(PlatformError::Contract("a token of which is not told how it is".to_owned())),
        }
    }
}

/// Who consented, and what can be connected.
struct Found {
    person: Person,
    offers: Vec<Offer>,
    /// Whether that is all there is: organisations were shown, and none was cut off.
    whole: bool,
}

/// Reads with one token.
struct Reader<'a> {
    oauth: &'a OAuth,
    token: &'a Secret,
    /// How long is waited before it is believed that the token was revoked.
    patience: &'a [Duration],
    now: Timestamp,
}

impl Reader<'_> {
    async fn get(&self, url: Url) -> Result<Value, PlatformError> {
        for wait in self.patience {
            match self.oauth.get(url.clone(), self.token, self.now).await {
                Err(PlatformError::GrantGone(DeadReason::Revoked)) => tokio::time::sleep(*wait).await,
                answer => return answer.map(|(json, _)| json),
            }
        }
        self.oauth.get(url, self.token, self.now).await.map(|(json, _)| json)
    }

    /// The same, where what is not permitted is not told.
    async fn get_permitted(&self, url: Url) -> Result<Value, PlatformError> {
        match self.get(url).await {
            Err(PlatformError::PermissionMissing | PlatformError::RoleLost) => Ok(Value::Null),
            answer => answer,
        }
    }

    /// The member, and the organisations where the member has any role.
    async fn find(&self, granted: Option<&[String]>, asked: &[Capability]) -> Result<Found, PlatformError> {
        let may = |scope: &str| granted.is_none_or(|granted| granted.iter().any(|granted| granted == scope));
        let shown = may("rw_organization_admin");
        let organizations = async { if shown { self.organizations(asked).await } else { Ok(Some(Vec::new())) } };
        let (member, organizations) = try_join!(self.member_profile(may("r_basicprofile")), organizations)?;
        let person = Person { id: member.platform_account_id.clone(), name: member.name.clone() };
        let mut offers = vec![Offer { profile: member, barrier: None, token: None }];
        let whole = shown && organizations.as_ref().is_some_and(|all| all.len() < organization::MOST_OFFERS);
        offers.extend(organizations.into_iter().flatten());
        Ok(Found { person, offers, whole })
    }
}

#[cfg(test)]
mod tests;
