//! What links say of an account that is erased.

use domain::{AccountId, EasyConnectLink, Fault, WorkspaceId, easyconnect::Consented};
use store::Committed;

use crate::Services;

/// How many links are read at a time.
const PAGE: usize = 50;
/// How often a change is judged again when others change the same link.
const TRIES: u32 = 8;

/// Takes out of a workspace's links who an account was. That it was connected is still counted.
pub(crate) async fn forget(services: &Services, workspace: &WorkspaceId, account: AccountId) -> Result<(), Fault> {
    let mut before = None;
    loop {
        let page = services.store.list_links(workspace, before, PAGE).await?;
        for link in page.links.iter().filter(|link| names(link, account)) {
            forget_in(services, link.clone(), account).await?;
        }
        before = page.links.last().map(|link| link.id);
        if !page.more || before.is_none() {
            return Ok(());
        }
    }
}

fn names(link: &EasyConnectLink, account: AccountId) -> bool {
    let is_it = |consented: &Consented| consented.account == account && !consented.platform_account_id.is_empty();
    link.items.iter().any(|item| item.consented.as_ref().is_some_and(is_it) || item.reconnects == Some(account))
}

async fn forget_in(services: &Services, mut link: EasyConnectLink, account: AccountId) -> Result<(), Fault> {
    for _ in 0..TRIES {
        let now = services.now();
        let mut after = link.clone();
        for item in &mut after.items {
            let consented = item.consented.as_mut().filter(|consented| consented.account == account);
            if let Some(consented) = consented {
                consented.forget(now);
            } else if item.reconnects != Some(account) {
                continue;
            }
            item.label = None;
            item.expected_name = None;
            item.expected_handle = None;
            item.expected_platform_account_id = None;
        }
        after.version += 1;
        if services.store.save_link(Some(&link), &after, &[], None, now).await? == Committed::Done {
            return Ok(());
        }
        match services.store.find_link(&link.workspace, link.id).await? {
            Some(again) => link = again,
            None => return Ok(()),
        }
    }
    Err(Fault::Store(format!("the link {} is changed all the time", link.id)))
}
