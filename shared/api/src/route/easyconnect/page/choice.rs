//! What a client chooses from: the checklist of a link, and what a consent offers.

use app::{Services, connect::select::Candidates, easyconnect::connect};
use axum::response::Response;
use domain::{ConnectSession, Error, connect::Status, easyconnect::ItemState};
use web::{
    easyconnect::{Add, Candidate, CandidateState, Checklist, Missing, Notice, Outcome, Pick},
    parts::Face,
};

use super::{Client, HOME, again, face, named, platform, show};
use crate::{problem::Problem, route::callback, view::visit::addable};

/// What is asked for, and how far it is.
pub(super) async fn checklist(
    services: &Services,
    client: &Client,
    notice: Option<Notice>,
) -> Result<Response, Problem> {
    let link = &client.visited.link;
    let pending = pending(services, client).await?;
    let barrier = link.barrier(services.now()).map(Outcome::of);
    let waits_at = pending.as_ref().and_then(|session| session.through.as_ref()?.item);
    let mut items = Vec::new();
    for (item, at) in link.items.iter().zip(0u16..) {
        let number = (at + 1).to_string();
        let waits = pending.as_ref().filter(|_| waits_at == Some(at));
        let go = match waits {
            Some(session) => client.form(services, "/c/connect", &[("session", &session.id.to_string())]),
            None => client.form(services, "/c/connect", &[("item", &number)]),
        };
        let state = match (item.state(), waits, &barrier) {
            (ItemState::Open, Some(_), None) => web::easyconnect::ItemState::Choose,
            (ItemState::Connected, ..) => web::easyconnect::ItemState::Connected,
            (ItemState::Withdrawn, _, None) => web::easyconnect::ItemState::Withdrawn,
            (_, _, Some(outcome)) => web::easyconnect::ItemState::Blocked(outcome.clone()),
            (ItemState::Open, None, None) => web::easyconnect::ItemState::Open,
        };
        items.push(web::easyconnect::Item {
            number: at + 1,
            platform: named(services, &item.platform),
            kind: item.kind.clone(),
            expected: item.expected(),
            face: face(item),
            state,
            optional: item.optional || !item.wanted,
            reconnect: item.reconnects.is_some() && item.consented.is_none(),
            go,
        });
    }
    let add = |entry: &app::platform::Entry| Add {
        platform: platform(entry),
        go: client.form(services, "/c/connect", &[("platform", entry.platform.as_str())]),
        blocked: barrier.clone(),
    };
    show(&Checklist {
        shell: client.shell(),
        title: link.title.clone(),
        notice,
        items,
        adds: addable(services, &client.visited).into_iter().map(add).collect(),
        finish: client.form(services, "/c/finish", &[]),
        receipt: client.receipt(),
        device: Some("/c/device".to_owned()),
        until: link.expires_at,
    })
}

/// The attempt of this visit that waits for a choice.
async fn pending(services: &Services, client: &Client) -> Result<Option<ConnectSession>, Problem> {
    let Some(id) = client.visited.visit.pending else { return Ok(None) };
    match connect::session(services, &client.visited, id).await {
        Ok(session) => Ok(Some(session).filter(|s| s.status(services.now()) == Status::AwaitingSelection)),
        Err(Error::Refused(_)) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// What a consent offers.
pub(super) fn pick(services: &Services, client: &Client, found: &Candidates) -> Pick {
    let session = &found.session;
    let id = session.id.to_string();
    let free = found.candidates.iter().filter(|c| c.barrier.is_none()).count();
    let asked = client.visited.link.item_of(session);
    let wanted = |candidate: &domain::Candidate| {
        candidate.barrier.is_none() && asked.is_some_and(|item| item.welcomes(&session.platform, &candidate.profile))
    };
    // Of several that fit one place it is the client who says which.
    let is_one = found.candidates.iter().filter(|candidate| wanted(candidate)).count() == 1;
    let fits = found.room.is_none_or(|room| room > 0);
    let candidate = |candidate: &domain::Candidate| {
        let is_here = candidate.existing.is_some_and(|id| found.connected.contains(&id));
        let state = match &candidate.barrier {
            Some(barrier) => CandidateState::Blocked { code: barrier.code, fix: barrier.fix_url.clone() },
            None if is_here => CandidateState::Here,
            None => CandidateState::Free { checked: fits && (free == 1 || is_one && wanted(candidate)) },
        };
        Candidate {
            value: candidate.id.to_string(),
            face: Face::from(&candidate.profile),
            kind: candidate.profile.kind.clone(),
            role: candidate.profile.role.clone(),
            state,
        }
    };
    let missing = session.gaps.iter().map(|gap| Missing {
        code: gap.code,
        // Whom other consents gave is nobody else's to read.
        names: gap.accounts.iter().filter(|named| named.account.is_none()).map(|named| named.name.clone()).collect(),
        fix: gap.fix_url.clone(),
    });
    Pick {
        shell: client.shell(),
        platform: callback::named(services, session),
        candidates: found.candidates.iter().map(candidate).collect(),
        missing: missing.collect(),
        room: found.room,
        submit: client.form(services, "/c/choose", &[("session", &id)]),
        switch: again(services, client, session, true),
        back: HOME.to_owned(),
        until: session.ends_at(),
    }
}
