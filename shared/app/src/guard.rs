//! The guard before the platforms: one in trouble is left alone but for a probe now and then, and told of once.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    Event, EventId, Fault, Grant, GrantId, PlatformId, Timestamp,
    incident::{ANSWERED, Admission, EndpointClass, Incident, Window},
};
use jiff::SignedDuration;
use serde_json::json;

use crate::{Services, budget, deliver};

/// How long a process believes what it read of the incidents.
const BELIEVED: SignedDuration = SignedDuration::from_secs(30);

/// What one process knows of the platforms' troubles.
#[derive(Default)]
pub struct Guard {
    windows: Mutex<BTreeMap<(PlatformId, EndpointClass), Window>>,
    seen: Mutex<Option<(Timestamp, Vec<Incident>)>>,
    /// Stops of the budgets of calls.
    pub(crate) stops: budget::Stops,
    /// Whether calls are let through whatever happened, to measure what the guard is worth.
    off: bool,
}

/// The right to make one call.
#[derive(Debug)]
pub(crate) struct Pass {
    platform: PlatformId,
    class: EndpointClass,
    /// The incident that this call probes.
    probes: Option<Incident>,
}

/// Whether a call may go out.
#[derive(Debug)]
pub(crate) enum Door {
    /// It may; what came of it is to be told to [`Guard::note`].
    Open(Pass),
    /// Not before this.
    Shut(Timestamp),
}

impl Pass {
    /// When the platform in trouble is asked again, if this one asks whether it still is.
    pub(crate) fn next_probe(&self) -> Option<Timestamp> {
        self.probes.as_ref().map(|incident| incident.probe_at)
    }
}

impl Guard {
    /// One that lets everything through: for measuring what a guard is worth.
    pub fn off() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// Whether a grant's call to a platform may go out now.
    pub(crate) async fn admit(
        &self,
        services: &Services,
        platform: &PlatformId,
        class: EndpointClass,
        grant: GrantId,
    ) -> Result<Door, Fault> {
        let pass = |probes| Door::Open(Pass { platform: platform.clone(), class, probes });
        if self.off {
            return Ok(pass(None));
        }
        let now = services.now();
        let Some(incident) = self.latest(services, platform, class).await? else { return Ok(pass(None)) };
        Ok(match incident.admits(grant, now) {
            Admission::Go => pass(None),
            Admission::Wait(until) => Door::Shut(until),
            Admission::Probe => {
                let probed = incident.probed(now);
                let mine = services.store.put_incident(Some(&incident), &probed, &[], now).await?;
                self.forget();
                // Who comes second hears soon what the first one's probe said.
                if mine { pass(Some(probed)) } else { Door::Shut(now + ANSWERED) }
            }
        })
    }

    /// Until when a grant's token call would have to wait, as far as this process knows: so that it need not be held to
    /// find out.
    pub(crate) async fn shut_until(&self, services: &Services, grant: &Grant) -> Result<Option<Timestamp>, Fault> {
        if self.off {
            return Ok(None);
        }
        let incident = self.latest(services, &grant.platform, EndpointClass::Token).await?;
        Ok(match incident.map(|incident| incident.admits(grant.id, services.now())) {
            Some(Admission::Wait(until)) => Some(until),
            _ => None,
        })
    }

    /// The latest incident at one kind of address that is not past.
    async fn latest(
        &self,
        services: &Services,
        platform: &PlatformId,
        class: EndpointClass,
    ) -> Result<Option<Incident>, Fault> {
        let now = services.now();
        let incidents = self.incidents(services).await?;
        let here = incidents.into_iter().filter(|i| i.platform == *platform && i.class == class);
        Ok(here.max_by_key(|i| i.since).filter(|i| !i.is_past(now)))
    }

    /// What came of a call: whether the platform failed to answer it as a platform does.
    pub(crate) async fn note(&self, services: &Services, pass: Pass, failed: bool) -> Result<(), Fault> {
        let Pass { platform, class, probes } = pass;
        let now = services.now();
        if let Some(incident) = probes {
            if !failed {
                self.windows.lock().unwrap_or_else(PoisonError::into_inner).remove(&(platform, class));
                self.close(services, &incident).await?;
            }
            return Ok(());
        }
        let tripped = {
            let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
            windows.entry((platform.clone(), class)).or_default().note(failed, now)
        };
        if !tripped || self.off {
            return Ok(());
        }
        let before = services.store.find_incident(&platform, class).await?;
        if before.as_ref().is_some_and(Incident::is_open) {
            return Ok(());
        }
        let incident = Incident::open(platform, class, now, before.as_ref().map_or(1, |b| b.version + 1));
        let event = told(services, &incident, "platform.incident_opened", now);
        if services.store.put_incident(before.as_ref(), &incident, std::slice::from_ref(&event), now).await? {
            tracing::error!(platform = %incident.platform, class = class.as_str(), "incident_opened");
            deliver::publish(services, &[event]).await;
        }
        self.forget();
        Ok(())
    }

    async fn close(&self, services: &Services, incident: &Incident) -> Result<(), Fault> {
        let now = services.now();
        let over = incident.resolved(now);
        let event = told(services, &over, "platform.incident_resolved", now);
        if services.store.put_incident(Some(incident), &over, std::slice::from_ref(&event), now).await? {
            tracing::info!(platform = %over.platform, class = over.class.as_str(), "incident_resolved");
            deliver::publish(services, &[event]).await;
        }
        self.forget();
        Ok(())
    }

    /// The incidents as they were read at most half a minute ago.
    pub(crate) async fn incidents(&self, services: &Services) -> Result<Vec<Incident>, Fault> {
        let now = services.now();
        let is_recent = |at: Timestamp| at <= now && now.duration_since(at) < BELIEVED;
        if let Some((at, seen)) = &*self.seen.lock().unwrap_or_else(PoisonError::into_inner)
            && is_recent(*at)
        {
            return Ok(seen.clone());
        }
        let read = services.store.list_incidents().await?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, read.clone()));
        Ok(read)
    }

    fn forget(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Since when a platform is in trouble, if it was at a moment.
pub(crate) fn outage_since(incidents: &[Incident], platform: &PlatformId, at: Timestamp) -> Option<Timestamp> {
    incidents.iter().filter(|i| i.platform == *platform && i.was_at(at)).map(|i| i.since).min()
}

fn told(services: &Services, incident: &Incident, kind: &str, now: Timestamp) -> Event {
    let mut data = json!({"platform": incident.platform, "class": incident.class, "since": incident.since});
    if let (Some(data), Some(until)) = (data.as_object_mut(), incident.resolved_at) {
        data.insert("until".to_owned(), json!(until));
    }
    Event {
        id: EventId::new(now, services.entropy.bytes()),
        kind: kind.to_owned(),
        version: 1,
        occurred_at: now,
        workspace_id: None,
        episode_id: None,
        account_id: None,
        private: false,
        sequence: 0,
        data,
    }
}
