//! What a client keeps: who allowed what to whom, when and through which link, signed; and who they took back.

use domain::{Capability, Error, Timestamp};
use serde::Serialize;

use super::visit::Visited;
use crate::Services;

/// What was allowed to whom. It names no account of ours and no member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Who issues it: our address.
    pub iss: String,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// The link, in the words that the client read.
    pub link: String,
    /// Who asked.
    pub asked_by: String,
    /// What was connected, in the order of the checklist.
    pub connections: Vec<Connection>,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// The number of its place; withdrawing names it.
    pub item: u16,
    /// Where.
    pub platform: String,
    /// What it was called.
    pub name: String,
    /// Its handle.
    pub handle: Option<String>,
    /// Who consented, as the platform calls them.
    pub consented_by: String,
    /// When.
    pub consented_at: Timestamp,
    /// For what.
    pub capabilities: Vec<Capability>,
    /// What that allows, in plain words.
    pub allows: Vec<String>,
    /// The platform's own words for it.
    pub scopes: Vec<String>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// How it is ended at the platform itself.
    pub manual_revoke_url: Option<String>,
}

/// A receipt with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub receipt: Receipt,
    /// The same as a compact JWS.
    pub jws: String,
}

/// What a client allowed through the link of their visit.
pub fn receipt(services: &Services, visited: &Visited) -> Result<Signed, Error> {
    if !visited.visit.receipt_only {
        visited.opened()?;
    }
    let link = &visited.link;
    let mut connections = Vec::new();
    for (item, number) in link.items.iter().zip(1u16..) {
        let Some(consented) = &item.consented else { continue };
        let entry = services.platforms.entry(&item.platform, Some(&consented.method));
        let words = |capability: &Capability| Some(entry?.wording.capabilities.get(capability)?.what.clone());
        connections.push(Connection {
            item: number,
            platform: item.platform.to_string(),
            name: consented.name.clone(),
            handle: consented.handle.clone(),
            consented_by: consented.by.clone(),
            consented_at: consented.at,
            capabilities: consented.capabilities.clone(),
            allows: consented.capabilities.iter().filter_map(words).collect(),
            scopes: consented.scopes.clone(),
            withdrawn_at: consented.withdrawn_at,
            manual_revoke_url: entry.and_then(|entry| entry.manual_revoke_url.clone()),
        });
    }
    let receipt = Receipt {
        iss: services.public_url.as_str().trim_end_matches('/').to_owned(),
        iat: services.now().as_second(),
        link: link.title.clone(),
        asked_by: link.agency().to_owned(),
        connections,
    };
    let text = serde_json::to_string(&receipt).map_err(|error| domain::Fault::Inconsistent(error.to_string()))?;
    let jws = services.edge.sign_receipt(&text);
    Ok(Signed { receipt, jws })
}
