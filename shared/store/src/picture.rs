//! The small pictures of accounts: an item of its own beside each row, so that no list reads them.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{
    Account, AccountId, Fault, OrgId, WorkspaceId,
    picture::{Format, Kept, Picture},
};

use crate::{
    Store,
    claim::{self, PICTURE},
    item::{Item, decode, encode, s},
    key,
    transaction::{Expression, Transaction},
};

/// The file, and how it is written.
const FILE: &str = "file";
const FORMAT: &str = "format";

impl Store {
    /// What is kept of an account's picture.
    pub async fn find_picture(&self, ws: &WorkspaceId, account: AccountId) -> Result<Option<Kept>, Fault> {
        let Some(mut item) = self.read(&key::picture(ws, account)).await? else { return Ok(None) };
        let picture = picture(&mut item);
        let kept: Kept = decode(item)?;
        Ok(Some(Kept { picture, ..kept }))
    }

    /// Where the platform keeps the picture of a connected account, as its last consent told.
    pub async fn find_picture_address(&self, org: &OrgId, account: &Account) -> Result<Option<String>, Fault> {
        let claim = self.read(&claim::of(org, &account.platform, account)).await?;
        let own = claim.filter(|claim| claim::holders(claim).contains(&account.workspace));
        Ok(own.and_then(|claim| claim.get(PICTURE)?.as_s().ok().cloned()))
    }

    /// Keeps it in place of what was kept; nothing if the account was removed meanwhile.
    pub async fn keep_picture(&self, ws: &WorkspaceId, account: AccountId, kept: &Kept) -> Result<(), Fault> {
        let mut item = encode(&key::picture(ws, account), kept)?;
        if let Some(picture) = &kept.picture {
            let format = match picture.format {
                Format::Png => "png",
                Format::Jpeg => "jpeg",
            };
            item.insert(FORMAT.to_owned(), s(format));
            item.insert(FILE.to_owned(), AttributeValue::B(Blob::new(picture.bytes.clone())));
        }
        let mut transaction = Transaction::new();
        let there = Expression::condition("attribute_exists(pk)");
        transaction.check(self, (), &key::account(ws, account), &there)?;
        transaction.put(self, (), item, &Expression::default())?;
        transaction.commit(self).await.map(|_| ())
    }
}

fn picture(item: &mut Item) -> Option<Picture> {
    let format = match item.remove(FORMAT)?.as_s().ok()?.as_str() {
        "png" => Format::Png,
        "jpeg" => Format::Jpeg,
        _ => return None,
    };
    match item.remove(FILE)? {
        AttributeValue::B(file) => Some(Picture { format, bytes: file.into_inner() }),
        _ => None,
    }
}
