//! The Instagram account that is linked to a page, as an offer.

use domain::{Code, account::Profile, connect::Barrier};

use super::page::Page;
use crate::{Offer, instagram, read};

/// What is asked of a page.
pub(super) const FIELDS: &str = "id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}";
/// The same where `instagram_basic` was not granted: the account would not come.
pub(super) const FIELDS_WITHOUT: &str = "id,name,access_token";

/// The account, or the page that has none (developers.facebook.com, "Instagram Platform", "Page"); nothing
/// if the account has no usable id. `connected_instagram_account` can be a personal one and is not asked for.
pub(super) fn offer(page: Page<'_>) -> Option<Offer> {
    let Some(account) = page.json.get("instagram_business_account").filter(|account| account.is_object()) else {
        let link = format!("https://www.facebook.com/{}/settings/?tab=linked_accounts", page.id);
        return Some(without(page, Barrier { code: Code::InstagramNotLinked, fix_url: Some(link) }));
    };
    let profile = instagram::profile(account, read::id(account.get("id"))?, "instagram_business");
    let linked_page_name = Some(page.profile().name);
    let profile = Profile { role: page.role, linked_page_id: Some(page.id), linked_page_name, ..profile };
    Some(Offer { profile, barrier: page.barrier, token: page.token })
}

/// A page of which is not known whether an account is linked to it.
pub(super) fn not_permitted(page: Page<'_>) -> Offer {
    let fix_url = page.permissions_url.clone();
    without(page, Barrier { code: Code::InsufficientPermissions, fix_url })
}

/// A page in place of an account; it lends no token, as nothing is connected through it.
fn without(page: Page<'_>, barrier: Barrier) -> Offer {
    let profile = Profile { handle: None, ..page.profile() };
    let profile = Profile { linked_page_id: Some(page.id), ..profile };
    Offer { profile, barrier: Some(barrier), token: None }
}
