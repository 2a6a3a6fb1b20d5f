//! A person's pages: those of their own and those of their business portfolios.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use domain::{Secret, Timestamp};
use futures::{StreamExt, TryStreamExt, stream, try_join};
use serde_json::Value;
use url::Url;

use crate::{PlatformError, oauth::OAuth, read};

/// Most answers of lists that are read for one consent: of the person's pages, and of businesses.
const MOST_LISTS: (u32, u32) = (50, 200);
/// Most pages that are offered: with their tokens and pictures' addresses they wait in one item, which
/// DynamoDB caps at 400 KB.
const MOST_PAGES: usize = 200;
/// Calls under way at once.
const AT_ONCE: usize = 4;

/// A person's pages.
pub(super) struct Listed {
    /// Each once, as the first list that names it tells.
    pub(super) pages: Vec<Value>,
    /// Whether every list was read to its end.
    pub(super) whole: bool,
}

/// Reads them.
pub(super) async fn pages(
    oauth: &OAuth,
    token: &Secret,
    fields: &str,
    portfolios: bool,
    now: Timestamp,
) -> Result<Listed, PlatformError> {
    let reader = |left| Reader { oauth, token, fields, now, left: AtomicU32::new(left), cut: AtomicBool::new(false) };
    let (own, shared) = (reader(MOST_LISTS.0), reader(MOST_LISTS.1));
    let theirs = async { if portfolios { shared.business_pages().await } else { Ok(Vec::new()) } };
    let (mut pages, theirs) = try_join!(own.my_pages(), theirs)?;
    pages.extend(theirs);
    let mut known = HashSet::new();
    pages.retain(|page| read::id(page.get("id")).is_some_and(|id| known.insert(id)));
    let whole = pages.len() <= MOST_PAGES && !own.cut.into_inner() && !shared.cut.into_inner();
    pages.truncate(MOST_PAGES);
    Ok(Listed { pages, whole })
}

/// The rows of a list's answer.
pub(super) fn rows(answer: &Value) -> Result<&Vec<Value>, PlatformError> {
    let rows = answer.get("data").and_then(Value::as_array);
    rows.ok_or_else(|| PlatformError::Contract("a list without data".to_owned()))
}

/// One token's reading of lists, with what is left to read.
struct Reader<'a> {
    oauth: &'a OAuth,
    token: &'a Secret,
    /// What is asked of a page.
    fields: &'a str,
    now: Timestamp,
    left: AtomicU32,
    /// Whether something was left unread.
    cut: AtomicBool,
}

impl Reader<'_> {
    /// The pages on which the person holds a task.
    async fn my_pages(&self) -> Result<Vec<Value>, PlatformError> {
        self.list(&["me", "accounts"], &format!("{},tasks", self.fields)).await
    }

    /// The pages of the person's business portfolios, which `/me/accounts` can leave out.
    async fn business_pages(&self) -> Result<Vec<Value>, PlatformError> {
        let businesses = self.none_if_barred(self.list(&["me", "businesses"], "id,name").await)?;
        let mut edges = Vec::new();
        for id in businesses.iter().filter_map(|business| read::id(business.get("id"))) {
            edges.extend(["owned_pages", "client_pages"].map(|edge| self.business_edge(id.clone(), edge)));
        }
        let pages: Vec<Value> = stream::iter(edges).buffered(AT_ONCE).try_concat().await?;
        self.cut.fetch_or(pages.len() > MOST_PAGES, Ordering::Relaxed);
        let pages: Vec<_> = pages.into_iter().take(MOST_PAGES).map(|page| self.with_token(page)).collect();
        stream::iter(pages).buffered(AT_ONCE).try_collect().await
    }

    async fn business_edge(&self, id: String, edge: &str) -> Result<Vec<Value>, PlatformError> {
        let path = [id.as_str(), edge];
        let pages = match self.list(&path, &format!("{},tasks", self.fields)).await {
            // `tasks` is documented for /me/accounts only: a refusal of the field is not one of the list.
            Err(PlatformError::Misconfigured(_)) => self.list(&path, self.fields).await,
            answer => answer,
        };
        self.none_if_barred(pages)
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
            all.extend(rows(&answer)?.iter().cloned());
            let next = cursor(&answer);
            if next.is_none() || next == after {
                return Ok(all);
            }
            if all.len() >= MOST_PAGES {
                break;
            }
            after = next;
        }
        tracing::warn!(platform = %self.oauth.method.platform, list = path.last(), read = all.len(),
            "a list was not read to its end");
        self.cut.store(true, Ordering::Relaxed);
        Ok(all)
    }

    /// What the person did not permit is not there.
    fn none_if_barred(&self, pages: Result<Vec<Value>, PlatformError>) -> Result<Vec<Value>, PlatformError> {
        match pages {
            Err(PlatformError::PermissionMissing) => {
                self.cut.store(true, Ordering::Relaxed);
                Ok(Vec::new())
            }
            pages => pages,
        }
    }

    /// Takes one call off what is left.
    fn may_call(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// The cursor of the next part, if there is one.
fn cursor(answer: &Value) -> Option<String> {
    let next = Url::parse(answer.pointer("/paging/next")?.as_str()?).ok()?;
    next.query_pairs().find(|(key, _)| key == "after").map(|(_, cursor)| cursor.into_owned())
}
