//! Facebook Pages by Facebook Login (developers.facebook.com, "Facebook Login", "Pages API").

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use domain::{Person, Secret, Timestamp, TokenSet, grant::Expiry};
use futures::{StreamExt, TryStreamExt, stream, try_join};
use reqwest::header;
use serde_json::Value;
use url::Url;

use crate::{
    Ask, Consent, DeadReason, Grab, Offer, Platform, PlatformError, Revocation, catalogue::rule::Endpoint, http,
    oauth::OAuth, read,
};

mod page;

/// Most answers of lists that are read for one consent: of the person's pages, and of businesses.
const MOST_LISTS: (u32, u32) = (50, 200);
/// Most pages that are offered: with their tokens and pictures' addresses they wait in one item, which
/// DynamoDB caps at 400 KB.
const MOST_OFFERS: usize = 200;
/// Calls under way at once.
const AT_ONCE: usize = 4;
/// What is asked of a page.
const FIELDS: &str = "id,name,username,access_token,category,link,verification_status,picture.type(large)";

/// The client.
pub(crate) struct Facebook(pub(crate) OAuth);

/// One token's reading of lists, with what is left to read.
struct Reader<'a> {
    oauth: &'a OAuth,
    token: &'a Secret,
    now: Timestamp,
    left: AtomicU32,
}

#[async_trait]
impl Platform for Facebook {
    fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        self.0.authorize_url(ask)
    }

    async fn exchange(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Consent, PlatformError> {
        let short = self.0.code(grab, now).await?;
        let form = vec![("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.access.expose())];
        let long = self.0.token(form, now).await?;
        let token = &long.access;
        let reader = |left| Reader { oauth: &self.0, token, now, left: AtomicU32::new(left) };
        let (own, shared) = (reader(MOST_LISTS.0), reader(MOST_LISTS.1));
        let (person, granted, mine, theirs, data_access) = try_join!(
            self.person(token, now),
            self.granted(token, now),
            own.my_pages(),
            shared.business_pages(grab.scopes.iter().any(|scope| scope == "business_management")),
            async { Ok(self.data_access(token, now).await) },
        )?;
        Ok(Consent {
            person,
            expiry: Expiry { access: long.expires_at, refresh: None, data_access },
            renewal: self.0.method.renewal,
            granted: Some(granted),
            offers: self.offers(mine.iter().chain(&theirs)),
            tokens: TokenSet { access: long.access, refresh: None, children: [].into() },
        })
    }

    async fn revoke(&self, person: &Person, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        match self.withdraw(person, &tokens.access, now).await {
            Ok(()) => Ok(Revocation::Revoked),
            Err(PlatformError::GrantGone(DeadReason::Revoked)) => Ok(Revocation::AlreadyGone),
            // The person's token ended; the permissions and the pages' tokens did not.
            Err(PlatformError::GrantGone(_)) => match self.withdraw(person, &self.app_token(), now).await {
                Ok(()) => Ok(Revocation::Revoked),
                Err(PlatformError::GrantGone(_) | PlatformError::AccountGone) => Ok(Revocation::AlreadyGone),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}

impl Facebook {
    /// Our app's own token (developers.facebook.com, "Access Tokens", app access tokens).
    fn app_token(&self) -> Secret {
        Secret::new(format!("{}|{}", self.0.client_id, self.0.client_secret.expose()))
    }

    async fn person(&self, token: &Secret, now: Timestamp) -> Result<Person, PlatformError> {
        let (me, _) = self.0.get(self.0.api(&["me"], &[("fields", "id,name")]), token, now).await?;
        let id = read::must_id(me.get("id"), "person")?;
        Ok(Person { name: read::name(me.get("name"), &id), id })
    }

    /// The permissions that the person left ticked.
    async fn granted(&self, token: &Secret, now: Timestamp) -> Result<Vec<String>, PlatformError> {
        let (answer, _) = self.0.get(self.0.api(&["me", "permissions"], &[("limit", "200")]), token, now).await?;
        let rows = rows(&answer).ok_or_else(|| PlatformError::Contract("permissions without data".to_owned()))?;
        let granted = rows.iter().filter(|row| row.get("status").and_then(Value::as_str) == Some("granted"));
        Ok(granted.filter_map(|row| read::text(row.get("permission"))).map(str::to_owned).collect())
    }

    /// When the leave to read data ends; unknown if the platform does not tell, which stops nothing.
    /// `debug_token` takes the token that it looks into in its query only.
    async fn data_access(&self, token: &Secret, now: Timestamp) -> Option<Timestamp> {
        let mut url = self.0.method.introspect.clone()?;
        url.query_pairs_mut().append_pair("input_token", token.expose());
        let (answer, _) = self.0.get(url, &self.app_token(), now).await.ok()?;
        let seconds = answer.pointer("/data/data_access_expires_at")?.as_i64().filter(|s| *s > 0)?;
        Timestamp::from_second(seconds).ok()
    }

    /// Each page once, as the first list that names it tells.
    fn offers<'a>(&self, pages: impl Iterator<Item = &'a Value>) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Vec::new();
        for offer in pages.filter_map(|page| page::offer(page, &self.0.method)) {
            let known = offers.iter().any(|o| o.profile.platform_account_id == offer.profile.platform_account_id);
            if !known && offers.len() < MOST_OFFERS {
                offers.push(offer);
            }
        }
        offers
    }

    /// De-authorises our app for the person.
    async fn withdraw(&self, person: &Person, token: &Secret, now: Timestamp) -> Result<(), PlatformError> {
        let url = self.0.api(&[&person.id, "permissions"], &[]);
        let request = self.0.http.delete(url).header(header::ACCEPT, "application/json").bearer_auth(token.expose());
        let answer = http::send(request).await?;
        let confirmed = answer.json.as_ref().and_then(|json| json.get("success")).and_then(Value::as_bool);
        if answer.is_success() && confirmed == Some(true) {
            return Ok(());
        }
        Err(self.0.method.classify(Endpoint::Api, &answer, now))
    }
}

impl Reader<'_> {
    /// The pages on which the person holds a task.
    async fn my_pages(&self) -> Result<Vec<Value>, PlatformError> {
        self.list(&["me", "accounts"], &format!("{FIELDS},tasks")).await
    }

    /// The pages of the person's business portfolios, which `/me/accounts` can leave out.
    async fn business_pages(&self, asked: bool) -> Result<Vec<Value>, PlatformError> {
        if !asked {
            return Ok(Vec::new());
        }
        let businesses = none_if_barred(self.list(&["me", "businesses"], "id,name").await)?;
        let mut edges = Vec::new();
        for id in businesses.iter().filter_map(|business| read::id(business.get("id"))) {
            edges.extend(["owned_pages", "client_pages"].map(|edge| self.business_edge(id.clone(), edge)));
        }
        let pages: Vec<Value> = stream::iter(edges).buffered(AT_ONCE).try_concat().await?;
        let pages: Vec<_> = pages.into_iter().take(MOST_OFFERS).map(|page| self.with_token(page)).collect();
        stream::iter(pages).buffered(AT_ONCE).try_collect().await
    }

    async fn business_edge(&self, id: String, edge: &str) -> Result<Vec<Value>, PlatformError> {
        let path = [id.as_str(), edge];
        let pages = match self.list(&path, &format!("{FIELDS},tasks")).await {
            // `tasks` is documented for /me/accounts only: a refusal of the field is not one of the list.
            Err(PlatformError::Misconfigured(_)) => self.list(&path, FIELDS).await,
            answer => answer,
        };
        none_if_barred(pages)
    }

    /// Reads the page's own token where the list did not bring it.
    async fn with_token(&self, mut page: Value) -> Result<Value, PlatformError> {
        let id = read::id(page.get("id")).filter(|_| page.get("access_token").is_none());
        let Some(id) = id.filter(|_| self.may_call()) else { return Ok(page) };
        let url = self.oauth.api(&[&id], &[("fields", "access_token")]);
        let barred = match self.oauth.get(url, self.token, self.now).await {
            Ok((answer, _)) => {
                page["access_token"] = answer.get("access_token").cloned().unwrap_or(Value::Null);
                return Ok(page);
            }
            Err(error) => error,
        };
        match barred {
            PlatformError::PermissionMissing | PlatformError::AccountGone | PlatformError::RoleLost => Ok(page),
            error => Err(error),
        }
    }

    /// A whole list, cursor by cursor. Of the address of the next part only its cursor is used.
    async fn list(&self, path: &[&str], fields: &str) -> Result<Vec<Value>, PlatformError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        while self.may_call() {
            let mut query = vec![("fields", fields), ("limit", "100")];
            query.extend(after.as_deref().map(|cursor| ("after", cursor)));
            let (answer, _) = self.oauth.get(self.oauth.api(path, &query), self.token, self.now).await?;
            let rows = rows(&answer).ok_or_else(|| PlatformError::Contract("a list without data".to_owned()))?;
            all.extend(rows.iter().cloned());
            let next = cursor(&answer);
            if next.is_none() || next == after {
                return Ok(all);
            }
            if all.len() >= MOST_OFFERS {
                break;
            }
            after = next;
        }
        tracing::warn!(platform = "facebook", list = path.last(), read = all.len(), "a list was not read to its end");
        Ok(all)
    }

    /// Takes one call off what is left.
    fn may_call(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

fn rows(answer: &Value) -> Option<&Vec<Value>> {
    answer.get("data")?.as_array()
}

/// The cursor of the next part, if there is one.
fn cursor(answer: &Value) -> Option<String> {
    let next = Url::parse(answer.pointer("/paging/next")?.as_str()?).ok()?;
    next.query_pairs().find(|(key, _)| key == "after").map(|(_, cursor)| cursor.into_owned())
}

/// What the person did not permit is not there.
fn none_if_barred(pages: Result<Vec<Value>, PlatformError>) -> Result<Vec<Value>, PlatformError> {
    match pages {
        Err(PlatformError::PermissionMissing) => Ok(Vec::new()),
        pages => pages,
    }
}

#[cfg(test)]
mod tests;
