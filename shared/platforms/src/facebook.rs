//! Facebook Login: pages, the person behind them, and the Instagram accounts linked to them (developers.facebook.com,
//! "Facebook Login", "Pages API", "Instagram API with Facebook Login").

use std::collections::HashSet;

use async_trait::async_trait;
use domain::{Audience, Capability, DeadReason, Measured, Person, Secret, Timestamp, TokenSet, grant::Expiry};
use futures::try_join;
use jiff::civil::Date;
use url::Url;

use crate::{
    Ask, Consent, Grab, Offer, Platform, PlatformError, Probe, Renewed, Reread, Revocation, Snapshot, Which,
    facebook::page::Page, oauth::OAuth,
};

mod account;
mod instagram;
mod lists;
mod page;
mod person;
mod probe;
mod sign_in;

/// The client.
pub(crate) struct FacebookLogin {
    pub(crate) oauth: OAuth,
    pub(crate) offered: Offered,
}

/// What is offered of a person's pages.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Offered {
    /// The pages, and the person where nothing is asked for that a person has not.
    Pages,
    /// The Instagram accounts linked to them.
    Instagram,
}

/// What a person's token finds.
struct Found {
    granted: Option<Vec<String>>,
    offers: Vec<Offer>,
    /// Whether that is all there is: nothing was cut off, and nothing was hidden for want of a permission.
    whole: bool,
}

#[async_trait]
impl Platform for FacebookLogin {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.oauth.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let tokens = self.long_token(grab, now).await?;
        let token = &tokens.access;
        let (person, data_access, found) = try_join!(
            self.person(token, now),
            async { Ok(self.data_access(token, now).await) },
            self.find(token, grab.capabilities, now),
        )?;
        Ok(Consent {
            person,
            expiry: Expiry { access: tokens.expires_at, refresh: None, data_access },
            renewal: self.oauth.method.renewal.renewal(),
            granted: found.granted,
            offers: found.offers,
            whole: found.whole,
            tokens: TokenSet { access: tokens.access, refresh: None, children: [].into() },
        })
    }

    async fn reread(
        &self,
        tokens: &TokenSet,
        capabilities: &[Capability],
        now: Timestamp,
    ) -> Result<Reread, PlatformError> {
        let Found { granted, offers, .. } = self.find(&tokens.access, capabilities, now).await?;
        Ok(Reread { granted, offers })
    }

    async fn renew(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        self.extend(tokens, now).await
    }

    async fn probe(&self, tokens: &TokenSet, now: Timestamp) -> Result<Probe, PlatformError> {
        let mut probe = self.look(&tokens.access, now).await?;
        // Not every page stands in the list (a portfolio's may not, unverified): its own token has the last word.
        if let Some(shared) = &mut probe.shared {
            for (id, token) in tokens.children.iter().filter(|(id, _)| !shared.contains(id)).collect::<Vec<_>>() {
                match self.look(token, now).await {
                    Ok(_) => shared.push(id.clone()),
                    Err(PlatformError::GrantGone(_) | PlatformError::RoleLost | PlatformError::AccountGone) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(probe)
    }

    async fn profile(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Snapshot, PlatformError> {
        self.snapshot(tokens, which, now).await
    }

    async fn metrics(
        &self,
        tokens: &TokenSet,
        which: Which<'_>,
        days: [Date; 2],
        now: Timestamp,
    ) -> Result<Measured, PlatformError> {
        self.measure(tokens, which, days, now).await
    }

    /// Of a page's followers nothing is told by facets since 2024 (developers.facebook.com, "Page Insights").
    async fn audience(&self, tokens: &TokenSet, which: Which<'_>, now: Timestamp) -> Result<Audience, PlatformError> {
        match self.offered {
            Offered::Pages => Ok(Audience::new()),
            Offered::Instagram => self.instagram_audience(tokens, which, now).await,
        }
    }

    async fn revoke(&self, person: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        match self.withdraw(person, &tokens.access, now).await {
            Ok(()) => Ok(Revocation::Revoked),
            Err(PlatformError::GrantGone(DeadReason::Revoked)) => Ok(Revocation::AlreadyGone),
            // The person's token ended; the permissions and the pages' tokens did not.
            Err(PlatformError::GrantGone(_)) => match self.withdraw(person, &self.app_token(), now).await {
                Ok(()) => Ok(Revocation::Revoked),
                Err(PlatformError::AccountGone) => Ok(Revocation::AlreadyGone),
                // That is said of our app's token, and not of the person's.
                Err(PlatformError::GrantGone(reason)) => {
                    Err(PlatformError::Misconfigured(format!("the app's own token: {}", reason.as_str())))
                }
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}

impl FacebookLogin {
    /// What the person left ticked, and what can be connected with it.
    ///
    /// The permissions come first: what was not permitted does not come, and is not to be taken for what
    /// is not there.
    async fn find(&self, token: &Secret, asked: &[Capability], now: Timestamp) -> Result<Found, PlatformError> {
        let granted = self.granted(token, now).await?;
        let may = |scope: &str| granted.iter().any(|granted| granted == scope);
        let (fields, offer): (&str, fn(Page<'_>) -> Option<Offer>) = match self.offered {
            Offered::Pages => (page::FIELDS, |page| Some(page::offer(page))),
            Offered::Instagram if may("instagram_basic") => (instagram::FIELDS, instagram::offer),
            Offered::Instagram => (instagram::FIELDS_WITHOUT, |page| Some(instagram::not_permitted(page))),
        };
        let portfolios = may("business_management");
        let listed = lists::pages(&self.oauth, token, fields, portfolios, now).await?;
        let pages = listed.pages.iter().filter_map(|page| Page::read(page, &self.oauth.method, asked));
        let mut known = HashSet::new();
        let mut offers: Vec<Offer> = pages.filter_map(offer).collect();
        offers.retain(|offer| known.insert(offer.profile.platform_account_id.clone()));
        // Whoever asks to publish means pages: a person is offered to whoever asks for an identity alone.
        if matches!(self.offered, Offered::Pages) && self.oauth.method.can(person::KIND, asked) {
            offers.push(self.person_offer(token, now).await?);
        }
        let hidden = match self.offered {
            Offered::Pages => !may("pages_show_list"),
            Offered::Instagram => !may("pages_show_list") || !may("instagram_basic"),
        };
        Ok(Found { whole: listed.whole && portfolios && !hidden, granted: Some(granted), offers })
    }
}

#[cfg(test)]
mod tests;
