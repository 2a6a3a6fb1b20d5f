//! The devices on which the mobile app uses an Instagram account, and whether each is still of use.

use domain::{
    Account, AccountId, Allowed, Code, Device, DeviceId, Digest, Error, Lifecycle, Refusal, Secret, Timestamp,
    actor::permit, device::MOST_DEVICES,
};
use serde::{Deserialize, Serialize};
use store::{Committed, DeviceWrite, IdempotencyKey};

use crate::{
    Once, Services,
    account::find,
    idempotency::{borrowed, once},
};

/// How often a change is judged again when others change the same device.
const TRIES: u32 = 8;
/// The platform whose accounts have devices.
const PLATFORM: &str = "instagram";

/// What a device's app says of it.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// What the app calls itself, always alike.
    pub key: String,
    /// What its owner calls it.
    pub name: String,
    /// Its operating system.
    pub os: String,
    /// The app's version.
    pub app_version: Option<String>,
    /// The token by which it is notified.
    pub push_token: Option<Secret>,
    /// Whether notifications were refused for that token.
    pub push_refused: bool,
    /// When the app's session ends.
    pub session_expires_at: Option<Timestamp>,
}

/// A device that signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Of which account.
    pub account: AccountId,
    /// The device.
    pub device: Device,
    /// Whether it was not known before.
    pub is_new: bool,
}

/// Whether an account can have devices.
pub fn has_devices(account: &Account) -> bool {
    account.platform.as_str() == PLATFORM
}

/// The devices of an account, the one that was seen last first.
pub async fn list(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
) -> Result<Vec<Device>, Error> {
    let account = supported(find(services, actor, id).await?)?;
    let mut devices = services.store.list_devices(&account.workspace, id).await?;
    devices.sort_by_key(|device| (std::cmp::Reverse(device.last_seen_at), device.id));
    Ok(devices)
}

/// A device signs in, for the first time or again.
pub async fn register(
    services: &Services,
    actor: &Allowed<permit::DevicesEdit>,
    id: AccountId,
    new: &NewDevice,
    key: Option<IdempotencyKey>,
) -> Result<Once<Registered>, Error> {
    once(services, key, |ending| async move {
        let device = DeviceId::of(id, &new.key);
        for _ in 0..TRIES {
            let account = supported(find(services, actor, id).await?)?;
            if account.lifecycle != Lifecycle::Active {
                return Err(Code::AccountDisconnected.into());
            }
            let now = services.now();
            let before = services.store.find_device(&account.workspace, id, device).await?;
            let next = Device {
                id: device,
                name: new.name.clone(),
                os: new.os.clone(),
                app_version: new.app_version.clone(),
                push_token: new.push_token.as_ref().map(|token| Digest::of(token.expose())),
                push_refused: new.push_refused,
                session_expires_at: new.session_expires_at,
                registered_at: before.as_ref().map_or(now, |before| before.registered_at),
                last_seen_at: now,
            };
            let registered = Registered { account: id, device: next, is_new: before.is_none() };
            let finish = ending.with(&registered)?;
            let finish = borrowed(finish.as_ref());
            match services.store.set_device(&account, before.as_ref(), &registered.device, finish).await? {
                Committed::Done => return Ok(registered),
                Committed::Refused(why) if why == [DeviceWrite::Count] => {
                    let detail = format!("An account has at most {MOST_DEVICES} devices; remove one first.");
                    return Err(Refusal::field("/device_key", "too_many", detail).into());
                }
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// Removes a device: it is notified no more, until it signs in again.
pub async fn remove(
    services: &Services,
    actor: &Allowed<permit::DevicesEdit>,
    id: AccountId,
    device: DeviceId,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    once(services, key, |ending| async move {
        let account = supported(find(services, actor, id).await?)?;
        let finish = ending.with(&())?;
        let removed = services.store.remove_device(&account.workspace, id, device, borrowed(finish.as_ref())).await?;
        match removed {
            Committed::Done => Ok(()),
            Committed::Refused(why) if why.contains(&DeviceWrite::Device) => Err(Code::NotFound.into()),
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await
}

fn supported(account: Account) -> Result<Account, Refusal> {
    if has_devices(&account) { Ok(account) } else { Err(Refusal::plain(Code::DevicesNotSupported)) }
}
