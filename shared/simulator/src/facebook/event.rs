//! What happens to people and pages on Facebook itself.

use std::collections::BTreeSet;

use super::Facebook;
use super::account::{Account, Page, of, scoped_id};
use super::grant::Ended;
use crate::World;
use crate::notice::meta;
use crate::people::{Person, Standing};
use crate::room::{Event, EventError, EventKind};
use crate::util::slug;

/// What happens to an Instagram account itself and not to the way to it.
const ITSELF: [EventKind; 5] =
    [EventKind::Delete, EventKind::Suspend, EventKind::Rename, EventKind::NewAvatar, EventKind::TypeChange];

/// What an event's `account` names.
enum Hit {
    Person(String),
    /// A page, on whose behalf its people are meant where only people can be.
    Page {
        id: String,
        people: Vec<String>,
    },
    /// An Instagram account, meaning the same through the pages linked to it.
    Instagram {
        id: String,
        people: Vec<String>,
    },
}

impl Hit {
    fn find(world: &World, account: &str) -> Option<Self> {
        let people = world.people.all();
        let apps: Vec<&str> = world.apps.of("facebook").map(|app| app.client_id.as_str()).collect();
        let is = |person: &Person, facebook: &Account| {
            person.id == account || facebook.id == account || apps.iter().any(|app| scoped_id(app, facebook) == account)
        };
        let mut logins = people.iter().filter_map(|p| Some((p, p.facebook.as_ref()?)));
        if let Some((person, _)) = logins.find(|(person, facebook)| is(person, facebook)) {
            return Some(Self::Person(person.id.clone()));
        }
        let holding = |wanted: &dyn Fn(&Page) -> bool| -> Vec<String> {
            let holds = |person: &&Person| person.facebook.iter().flat_map(|f| &f.pages).any(wanted);
            people.iter().filter(holds).map(|person| person.id.clone()).collect()
        };
        let id = account.to_owned();
        if world.people.instagram(account).is_some() {
            let people = holding(&|page| page.instagram.as_deref() == Some(account));
            return Some(Self::Instagram { id, people });
        }
        let people = holding(&|page| page.id == account);
        (!people.is_empty()).then_some(Self::Page { id, people })
    }

    fn people(&self) -> &[String] {
        match self {
            Self::Person(id) => std::slice::from_ref(id),
            Self::Page { people, .. } | Self::Instagram { people, .. } => people,
        }
    }

    /// The pages meant; of a person, all.
    fn pages<'a>(&'a self, world: &'a mut World) -> impl Iterator<Item = &'a mut Page> {
        accounts(world, self.people()).flat_map(|account| &mut account.pages).filter(move |page| match self {
            Self::Person(_) => true,
            Self::Page { id, .. } => page.id == *id,
            Self::Instagram { id, .. } => page.instagram.as_ref() == Some(id),
        })
    }
}

fn accounts<'a>(world: &'a mut World, people: &'a [String]) -> impl Iterator<Item = &'a mut Account> {
    world
        .people
        .all_mut()
        .iter_mut()
        .filter(|person| people.contains(&person.id))
        .filter_map(|person| person.facebook.as_mut())
}

impl Facebook {
    pub(super) fn happen(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        if event.kind == EventKind::VersionSunset {
            let version = event.version.as_deref();
            let version = version.ok_or(EventError::Incomplete("version"))?;
            let ended = self.versions.end(version);
            return if ended { Ok(()) } else { Err(EventError::NotApplicable) };
        }
        if event.kind == EventKind::QuotaEmpty {
            return self.quota_empty(world, &event.account);
        }
        let hit = Hit::find(world, &event.account).ok_or(EventError::Unknown)?;
        if let Hit::Instagram { id, .. } = &hit
            && let Some(account) = world.people.instagram_mut(id)
            && ITSELF.contains(&event.kind)
        {
            return account.happen(event);
        }
        match event.kind {
            EventKind::Revoke => {
                for person in hit.people() {
                    self.remove(world, person, None);
                }
            }
            EventKind::DataDeletion => {
                for person in hit.people() {
                    for (app, account) in self.subjects(world, person) {
                        meta::deletion_asked(world, "facebook", &app, &account);
                    }
                }
            }
            EventKind::PasswordChange => {
                for person in hit.people() {
                    self.grants.end(person, None, Ended::PasswordChanged);
                }
            }
            EventKind::Delete => stand(world, &hit, Standing::Deleted),
            EventKind::Suspend => stand(world, &hit, Standing::Suspended),
            EventKind::Rename => {
                let to = event.to.as_deref().filter(|to| !to.is_empty());
                rename(world, &hit, to.ok_or(EventError::Incomplete("to"))?);
            }
            EventKind::NewAvatar => new_avatar(world, &hit),
            EventKind::Verify => mark(world, &hit, event.to.as_deref().unwrap_or("blue_verified"))?,
            EventKind::Unverify => mark(world, &hit, "not_verified")?,
            EventKind::LoseRole => hit.pages(world).for_each(|page| page.tasks.clear()),
            EventKind::UntickPage => {
                let pages: Vec<String> = hit.pages(world).map(|page| page.id.clone()).collect();
                self.of_people(hit.people()).for_each(|grant| grant.pages.retain(|page| !pages.contains(page)));
            }
            EventKind::WithdrawScope => {
                let scope = event.scope.as_deref();
                let scope = scope.ok_or(EventError::Incomplete("scope"))?;
                self.of_people(hit.people()).for_each(|grant| {
                    grant.granted.remove(scope);
                });
            }
            EventKind::DataAccessExpiry => {
                let now = world.now;
                self.of_people(hit.people()).for_each(|grant| grant.data_access_until = now);
            }
            EventKind::UnlinkInstagram => {
                let links: Vec<_> = hit.pages(world).filter_map(|page| page.instagram.take()).collect();
                if links.is_empty() {
                    return Err(EventError::NotApplicable);
                }
            }
            EventKind::TypeChange => {
                let links: Vec<String> = hit.pages(world).filter_map(|page| page.instagram.clone()).collect();
                let [only] = links.as_slice() else {
                    return Err(EventError::NotApplicable);
                };
                world.people.instagram_mut(only).ok_or(EventError::Unknown)?.happen(event)?;
            }
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }

    /// `account` is an app or a person, for whose app's users nothing is left in this hour; or a page or an Instagram
    /// account, for which nothing is left on this day.
    fn quota_empty(&mut self, world: &World, account: &str) -> Result<(), EventError> {
        let now = world.now;
        if world.apps.get("facebook", account).is_some() {
            self.usage.exhaust_app(now, account);
            return Ok(());
        }
        match Hit::find(world, account).ok_or(EventError::Unknown)? {
            Hit::Person(person) => {
                for (app, _) in self.subjects(world, &person) {
                    self.usage.exhaust_app(now, &app);
                }
            }
            Hit::Page { id, .. } | Hit::Instagram { id, .. } => {
                world.apps.of("facebook").for_each(|app| self.usage.exhaust_account(now, &app.client_id, &id));
            }
        }
        Ok(())
    }

    /// Takes the grant of one app, or of all, away; apps that had one are told.
    pub(super) fn remove(&mut self, world: &mut World, person: &str, app: Option<&str>) {
        let of = |(of, by): &&(String, String)| by == person && app.is_none_or(|app| of == app);
        let told: Vec<String> = self.grants.given.keys().filter(of).map(|(of, _)| of.clone()).collect();
        self.grants.remove(person, app);
        for (app, account) in self.subjects(world, person) {
            if told.contains(&app) {
                meta::deauthorized(world, "facebook", &app, &account);
            }
        }
    }

    /// The apps that ever got a token of the person, each with the id by which it knows them.
    fn subjects(&self, world: &World, person: &str) -> Vec<(String, String)> {
        let Some(account) = world.people.get(person).and_then(of) else { return Vec::new() };
        let apps: BTreeSet<&String> =
            self.grants.tokens.values().filter(|token| token.person == person).map(|token| &token.app).collect();
        let given = self.grants.given.keys().filter(|(_, by)| by == person).map(|(of, _)| of);
        apps.into_iter()
            .chain(given)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|app| (app.clone(), scoped_id(app, account)))
            .collect()
    }

    /// The person whom an event's `account` names, as the app knows them.
    pub(super) fn scoped(world: &World, app: &str, account: &str) -> Option<String> {
        let hit = Hit::find(world, account)?;
        let person = world.people.get(hit.people().first()?)?;
        of(person).map(|account| scoped_id(app, account))
    }

    fn of_people<'a>(&'a mut self, people: &'a [String]) -> impl Iterator<Item = &'a mut super::grant::Grant> {
        self.grants.given.iter_mut().filter(|((_, person), _)| people.contains(person)).map(|(_, grant)| grant)
    }
}

fn stand(world: &mut World, hit: &Hit, standing: Standing) {
    if let Hit::Person(_) = hit {
        accounts(world, hit.people()).for_each(|account| account.standing = standing);
    } else {
        hit.pages(world).for_each(|page| page.standing = standing);
    }
}

/// Renames the page; named by its person, the login and the page that is the
/// person's only one.
fn rename(world: &mut World, hit: &Hit, to: &str) {
    if let Hit::Person(id) = hit {
        let person = world.people.all_mut().iter_mut().find(|p| p.id == *id);
        if let Some(person) = person {
            to.clone_into(&mut person.name);
        }
    }
    for page in only(world, hit) {
        to.clone_into(&mut page.name);
        page.username = slug(to);
    }
}

fn new_avatar(world: &mut World, hit: &Hit) {
    if let Hit::Person(_) = hit {
        accounts(world, hit.people()).for_each(|account| account.avatar += 1);
    }
    for page in only(world, hit) {
        page.avatar += 1;
    }
}

/// A page is verified in blue or in gray; a person's only one is meant where they are named.
fn mark(world: &mut World, hit: &Hit, status: &str) -> Result<(), EventError> {
    if !["blue_verified", "gray_verified", "not_verified"].contains(&status) {
        return Err(EventError::Incomplete("to"));
    }
    let pages = if matches!(hit, Hit::Instagram { .. }) { Vec::new() } else { only(world, hit) };
    if pages.is_empty() {
        return Err(EventError::NotApplicable);
    }
    for page in pages {
        status.clone_into(&mut page.verification_status);
    }
    Ok(())
}

fn only<'a>(world: &'a mut World, hit: &'a Hit) -> Vec<&'a mut Page> {
    let mut pages: Vec<&mut Page> = hit.pages(world).collect();
    if matches!(hit, Hit::Person(_)) && pages.len() != 1 {
        pages.clear();
    }
    pages
}
