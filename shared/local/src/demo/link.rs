//! Links of the demo's agency, one in every state, each brought there by a client's own steps.

use std::collections::BTreeSet;

use app::{
    connect::start,
    easyconnect::{
        connect::{self, Wanted},
        manage::{self, LinkChange, NewLink},
        visit::{self, Visited},
    },
};
use domain::{
    LinkId, Secret,
    easyconnect::{Branding, Item, Recipient},
};
use jiff::SignedDuration;

use super::{Visit, allowed, returned, said, visit as by};
use crate::Stack;

const WORKSPACE: &str = "agency";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What becomes of a link.
enum Fate {
    /// A client can open it.
    Waiting,
    /// A client has opened it and connected these.
    Connected(&'static [Visit]),
    Paused,
    Deleted,
}

struct Link {
    title: &'static str,
    days_ago: i64,
    days: i64,
    password: Option<&'static str>,
    most: Option<u32>,
    /// The checklist: platform, kind, and whether it may be left out.
    items: &'static [(&'static str, &'static str, bool)],
    fate: Fate,
}

const LINKS: &[Link] = &[
    Link {
        title: "Nordlys Bakery: welcome",
        days_ago: 0,
        days: 14,
        password: None,
        most: None,
        items: &[
            ("facebook", "page", false),
            ("instagram", "instagram_business", false),
            ("linkedin", "organization", true),
        ],
        fate: Fate::Waiting,
    },
    Link {
        title: "Harbour Hotel: with a password",
        days_ago: 0,
        days: 30,
        password: Some("harbour lights"),
        most: None,
        items: &[("x", "profile", false)],
        fate: Fate::Waiting,
    },
    Link {
        title: "Fjord Outdoor: two of three to go",
        days_ago: 2,
        days: 14,
        password: None,
        most: None,
        items: &[("pinterest", "profile", false), ("youtube", "channel", false), ("x", "profile", false)],
        fate: Fate::Connected(&[by(WORKSPACE, "pinterest", "demo-07", 2)]),
    },
    Link {
        title: "Studio Lind: everything is here",
        days_ago: 6,
        days: 14,
        password: None,
        most: None,
        items: &[("x", "profile", false)],
        fate: Fate::Connected(&[by(WORKSPACE, "x", "demo-07", 6)]),
    },
    Link {
        title: "Anyone of the team, once",
        days_ago: 5,
        days: 14,
        password: None,
        most: Some(1),
        items: &[],
        fate: Fate::Connected(&[by(WORKSPACE, "pinterest", "demo-04", 5)]),
    },
    Link {
        title: "Café Solveig: paused",
        days_ago: 4,
        days: 14,
        password: None,
        most: None,
        items: &[("facebook", "page", false)],
        fate: Fate::Paused,
    },
    Link {
        title: "Skagen Sailing: too late",
        days_ago: 20,
        days: 7,
        password: None,
        most: None,
        items: &[("tiktok", "profile", false)],
        fate: Fate::Waiting,
    },
    Link {
        title: "Sent by mistake",
        days_ago: 3,
        days: 14,
        password: None,
        most: None,
        items: &[],
        fate: Fate::Deleted,
    },
];

/// Makes them; answers with the secret of the one that waits for a client.
pub(super) async fn make(stack: &Stack, ago: impl Fn(i64) -> jiff::Timestamp) -> Result<Option<Secret>, String> {
    let mut waiting = None;
    let mut links: Vec<&Link> = LINKS.iter().collect();
    links.sort_by_key(|link| std::cmp::Reverse(link.days_ago));
    for link in links {
        stack.set_time(ago(link.days_ago));
        let secret = Box::pin(one(stack, link)).await.map_err(|why| format!("{}: {why}", link.title))?;
        if link.days_ago == 0 && link.password.is_none() {
            waiting = Some(secret);
        }
    }
    Ok(waiting)
}

async fn one(stack: &Stack, link: &Link) -> Result<Secret, String> {
    let services = &stack.services;
    let actor = allowed(WORKSPACE)?;
    let mut items = Vec::new();
    for (platform, kind, optional) in link.items {
        let platform = platform.parse().map_err(|_| "platform")?;
        items.push(Item {
            kind: Some((*kind).to_owned()),
            optional: *optional,
            wanted: true,
            ..Item::beside(platform)
        });
    }
    let color = |text: &str| text.parse().map(Some).map_err(|_| "a colour");
    let ask = NewLink {
        title: link.title.to_owned(),
        password: link.password.map(Secret::new),
        lifetime: Some(DAY * i32::try_from(link.days).unwrap_or(14)),
        max_connections: link.most,
        items,
        recipient: Recipient { name: Some("Ida".to_owned()), ..Recipient::default() },
        branding: Branding {
            name: Some("North Agency".to_owned()),
            color: color("#0a5")?,
            accent: color("#0a5")?,
            logo: None,
        },
        tags: BTreeSet::from(["onboarding".to_owned()]),
        ..NewLink::default()
    };
    let (made, secret) = manage::create(services, &actor, &actor.workspace, ask, None).await.map_err(said)?;
    let (id, secret) = (made.outcome().id, secret.ok_or("no secret")?);
    match &link.fate {
        Fate::Waiting => {}
        Fate::Connected(visits) => Box::pin(visited(stack, &secret, visits)).await?,
        Fate::Paused => Box::pin(pause(stack, id)).await?,
        Fate::Deleted => manage::delete(services, &actor, id, None, None).await.map(|_| ()).map_err(said)?,
    }
    Ok(secret)
}

async fn pause(stack: &Stack, id: LinkId) -> Result<(), String> {
    let paused = LinkChange { enabled: Some(false), ..LinkChange::default() };
    let actor = allowed(WORKSPACE)?;
    manage::change(&stack.services, &actor, id, paused, None, None).await.map(|_| ()).map_err(said)
}

/// A client opens the link and connects what they have.
async fn visited(stack: &Stack, secret: &Secret, visits: &[Visit]) -> Result<(), String> {
    let services = &stack.services;
    let landed = visit::land(services, secret).await.map_err(said)?;
    let visited: Visited = visit::open(services, landed, None).await.map_err(said)?;
    for visit in visits {
        let platform: domain::PlatformId = visit.platform.parse().map_err(|_| "platform")?;
        let at = visited.link.items.iter().position(|item| item.platform == platform);
        let wanted = match at.and_then(|at| u16::try_from(at + 1).ok()) {
            Some(number) => Wanted::Item(number),
            None => Wanted::Beside { platform, method: None },
        };
        let started = connect::begin(services, &visited, &wanted, false, None).await.map_err(said)?;
        let id = started.outcome().session;
        let going = start::proceed(services, id, None).await.map_err(said)?;
        Box::pin(returned(stack, going, visit)).await?;
        let found = connect::candidates(services, &visited, id).await.map_err(said)?;
        let open = found.candidates.iter().filter(|c| c.barrier.is_none()).map(|c| c.id).take(1).collect();
        connect::choose(services, &visited, id, open, None).await.map_err(said)?;
    }
    connect::finish(services, &visited).await.map(|_| ()).map_err(said)
}
