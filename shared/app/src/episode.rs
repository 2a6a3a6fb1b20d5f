//! The troubles of an account, each from its beginning to its end, and what people write about them. Nothing of them is
//! stored but that: they are found by judging again what was known.

use domain::{
    Account, AccountId, Allowed, Code, EpisodeId, Error, Fault, Refusal, Timestamp,
    actor::permit,
    health::{
        Policy, Reason,
        episode::{Acknowledged, Episode, Known, Note, episodes},
    },
    incident::Incident,
};
use jiff::SignedDuration;
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services, account, health,
    idempotency::{borrowed, once},
};

/// How often a change is judged again when others change the same record.
const TRIES: u32 = 8;
/// How far back anything is known.
const KNOWN: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The troubles of a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Of which account.
    pub account: AccountId,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// The newest first.
    pub episodes: Vec<Noted>,
}

/// A trouble with what people wrote about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The trouble.
    pub episode: Episode,
    /// How often the account had one like it in that while.
    pub count: usize,
    /// What was written, if anything was.
    pub note: Option<Note>,
}

/// The troubles that an account had at some time between two moments; of the last ninety days if none are named.
pub async fn history(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<History, Error> {
    let account = account::find(services, actor, id).await?;
    let now = services.now();
    let to = to.unwrap_or(now);
    if to > now {
        return Err(Refusal::field("/to", "in_the_future", "to is a moment that is past.").into());
    }
    let from = from.unwrap_or(now - KNOWN).max(account.connected_at.min(to));
    if from > to {
        return Err(Refusal::field("/from", "behind_to", "from is not behind to.").into());
    }
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let incidents = services.store.list_incidents().await?;
    let mut all = all(services, &account, &incidents, &health::policy(&workspace, &account)).await?;
    all.retain(|episode| episode.was_within(from, to));
    let notes = services.store.list_episode_notes(&account.workspace, id).await?;
    Ok(History { account: id, from, to, episodes: noted(&all, &notes) })
}

fn noted(episodes: &[Episode], written: &[Note]) -> Vec<Noted> {
    let count = |episode: &Episode| episodes.iter().filter(|other| other.is_like(episode)).count();
    let note = |episode: &Episode| written.iter().find(|note| note.episode == episode.id).cloned();
    let with = |episode: &Episode| Noted { count: count(episode), note: note(episode), episode: episode.clone() };
    episodes.iter().map(with).collect()
}

/// All troubles of an account that can still be known.
pub(crate) async fn all(
    services: &Services,
    account: &Account,
    incidents: &[Incident],
    policy: &Policy,
) -> Result<Vec<Episode>, Fault> {
    let now = services.now();
    let mut known: Vec<Known> = Vec::new();
    let past = services.store.list_past_facts(&account.workspace, account.id, now).await?;
    let past = past.into_iter().map(|(facts, until)| (facts, Some(until)));
    for (facts, until) in past.chain([(account.facts(), None)]) {
        let from = known.last().and_then(|before| before.until).unwrap_or(facts.since);
        known.push(Known { facts: health::known(services, account, &facts), from, until });
    }
    let incidents: Vec<&Incident> = incidents.iter().filter(|i| i.platform == account.platform).collect();
    Ok(episodes(account.id, &known, &incidents, policy, now))
}

/// The episode of each trouble that was found at a moment, and whether somebody had seen it by then.
pub(crate) async fn of(
    services: &Services,
    account: &Account,
    incidents: &[Incident],
    policy: &Policy,
    troubles: &[&Reason],
    at: Timestamp,
) -> Result<Vec<Option<(EpisodeId, bool)>>, Fault> {
    if troubles.is_empty() {
        return Ok(Vec::new());
    }
    let all = all(services, account, incidents, policy).await?;
    let notes = services.store.list_episode_notes(&account.workspace, account.id).await?;
    let is_seen = |id: EpisodeId| {
        let mut seen = notes.iter().filter(|note| note.episode == id).filter_map(|note| note.acknowledged.as_ref());
        seen.any(|seen| seen.at <= at)
    };
    let of = |trouble: &&Reason| all.iter().find(|episode| episode.is_of(trouble, at)).map(|episode| episode.id);
    Ok(troubles.iter().map(|trouble| of(trouble).map(|id| (id, is_seen(id)))).collect())
}

/// Notes that somebody has seen a trouble, or has not, and what they write about it. Who saw it first stays named.
pub async fn annotate(
    services: &Services,
    actor: &Allowed<permit::HealthAnnotate>,
    id: AccountId,
    episode: EpisodeId,
    (acknowledged, text): (bool, Option<String>),
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<(Once<Note>, Noted), Error> {
    let account = account::find(services, actor, id).await?;
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let incidents = services.store.list_incidents().await?;
    let all = all(services, &account, &incidents, &health::policy(&workspace, &account)).await?;
    let found = noted(&all, &[]).into_iter().find(|noted| noted.episode.id == episode).ok_or(Code::NotFound)?;
    let done = Box::pin(once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let before = services.store.find_episode_note(&account.workspace, id, episode).await?;
            let version = before.as_ref().map_or(0, |note| note.version);
            if if_match.is_some_and(|asked| asked != version) {
                return Err(Code::VersionConflict.into());
            }
            let mine = || Acknowledged { by: actor.sub.clone(), name: actor.name.clone(), at: services.now() };
            let seen = before.and_then(|note| note.acknowledged);
            let note = Note {
                episode,
                acknowledged: acknowledged.then(|| seen.unwrap_or_else(mine)),
                note: text.clone(),
                version: version + 1,
            };
            let finish = ending.with(&note)?;
            match services.store.set_episode_note(&account, &note, borrowed(finish.as_ref())).await? {
                Committed::Done => return Ok(note),
                Committed::Refused(_) => {
                    account::find(services, actor, id).await?;
                }
                Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    }))
    .await?;
    let note = Some(done.outcome().clone());
    Ok((done, Noted { note, ..found }))
}
