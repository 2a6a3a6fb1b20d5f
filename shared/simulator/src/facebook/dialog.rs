//! `/dialog/oauth`: Facebook Login's dialog.

use std::collections::BTreeSet;
use std::iter;

use super::Facebook;
use super::account::{Account, of};
use super::grant::{CODE_MARK, Code, DATA_ACCESS, Grant};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Child, Choice, Consent, Decision, Scope, each_once, once, request};
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

/// Permissions reference of Facebook Login; what is not here is an invalid scope.
const SCOPES: [&str; 24] = [
    "public_profile",
    "email",
    "pages_show_list",
    "pages_manage_posts",
    "pages_read_engagement",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_read_user_content",
    "pages_messaging",
    "pages_manage_ads",
    "pages_manage_cta",
    "business_management",
    "read_insights",
    "publish_video",
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_insights",
    "instagram_manage_comments",
    "instagram_manage_messages",
    "ads_management",
    "ads_read",
    "leads_retrieval",
    "catalog_management",
    "publish_to_groups",
];
/// Always granted.
const BASE: &str = "public_profile";

/// A request that the dialog accepts.
struct Asked {
    app: App,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
    rerequest: bool,
}

pub(super) fn answer(room: &mut Facebook, world: &mut World, call: &Call) -> Answer {
    let request = request(call);
    let asked = match check(world, &request) {
        Ok(asked) => asked,
        Err((title, detail)) => return page::error(400, "Facebook", title, &detail),
    };
    if call.method == axum::http::Method::GET {
        return consent(world, call, request, &asked);
    }
    let decision = match Decision::read(call) {
        Ok(decision) => decision,
        Err(detail) => return page::error(400, "Facebook", "No decision", detail),
    };
    if !decision.approve {
        return denied(&asked);
    }
    approve(room, world, &asked, &decision)
}

/// What is wrong is shown and never sent back: nobody may be redirected to an
/// address that is not the app's.
fn check(world: &World, request: &[(String, String)]) -> Result<Asked, (&'static str, String)> {
    let value = |name: &str| {
        once(request, name)
            .map(|value| value.filter(|text| !text.is_empty()))
            .map_err(|()| ("Invalid parameter", format!("{name} was given twice.")))
    };
    let app = value("client_id")?
        .and_then(|id| world.apps.get("facebook", id))
        .ok_or(("Invalid app ID", "The provided app ID does not look like a valid app ID.".to_owned()))?;
    let redirect_uri = value("redirect_uri")?
        .ok_or(("Missing redirect_uri parameter", "The parameter redirect_uri is required.".to_owned()))?;
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err((
            "URL blocked",
            "This redirect failed because the redirect URI is not white-listed in the app's \
             client OAuth settings."
                .to_owned(),
        ));
    }
    if value("response_type")? != Some("code") {
        return Err(("Invalid response_type", "The parameter response_type must be code.".to_owned()));
    }
    let given = value("scope")?;
    if given.is_none() && value("config_id")?.is_some() {
        let detail = "The app has no such Facebook Login for Business configuration.";
        return Err(("Invalid config_id", detail.to_owned()));
    }
    let asked = iter::once(BASE).chain(given.unwrap_or(BASE).split(',').map(str::trim));
    let scopes = each_once(asked, |scope| SCOPES.contains(&scope)).map_err(|scope| {
        let detail = format!(
            "Invalid Scopes: {scope}. This message is only shown to developers. Users of \
             your app will ignore these permissions if present."
        );
        ("Invalid Scopes", detail)
    })?;
    Ok(Asked {
        app: app.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: value("state")?.map(ToOwned::to_owned),
        scopes,
        rerequest: value("auth_type")?.is_some_and(|kinds| kinds.contains("rerequest")),
    })
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "Facebook",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |name| name == BASE),
        people: world.people.all().iter().filter_map(|person| choice(world, person)).collect(),
    }
    .page(call)
}

fn choice(world: &World, person: &Person) -> Option<Choice> {
    let account = of(person).filter(|account| account.standing == Standing::Active)?;
    let children: Vec<Child> = tickable(account)
        .map(|page| Child { kind: "Pages", id: page.id.clone(), name: page.name.clone(), note: note(world, page) })
        .collect();
    Some(Choice {
        id: person.id.clone(),
        name: person.name.clone(),
        note: match children.len() {
            0 => "no pages".to_owned(),
            1 => "1 page".to_owned(),
            n => format!("{n} pages"),
        },
        children,
    })
}

/// Only what a person should know before they tick the page.
fn note(world: &World, page: &super::Page) -> String {
    let linked = page.instagram.as_deref().and_then(|id| world.people.instagram(id));
    let mut notes: Vec<String> = linked.map(|account| format!("Instagram @{}", account.username)).into_iter().collect();
    let publishes = |task: &String| {
        let task = task.trim_start_matches("PROFILE_PLUS_");
        matches!(task, "MANAGE" | "CREATE_CONTENT" | "FULL_CONTROL")
    };
    if !page.tasks.iter().any(publishes) {
        let tasks = page.tasks.join(", ").to_lowercase();
        notes.push(format!("only {}", tasks.replace("profile_plus_", "")));
    }
    notes.join(", ")
}

fn tickable(account: &Account) -> impl Iterator<Item = &super::Page> {
    account.pages.iter().filter(|page| !page.tasks.is_empty() && page.standing != Standing::Deleted)
}

fn denied(asked: &Asked) -> Answer {
    let mut pairs = vec![
        ("error", "access_denied"),
        ("error_code", "200"),
        ("error_description", "Permissions error"),
        ("error_reason", "user_denied"),
    ];
    if let Some(state) = &asked.state {
        pairs.push(("state", state));
    }
    Answer::redirect(with_query(&asked.redirect_uri, &pairs)).outcome("denied")
}

fn approve(room: &mut Facebook, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let person = world.people.get(&decision.person);
    let Some((person, account)) = person.and_then(|p| Some((p, of(p)?))) else {
        let detail = format!("Nobody here is called {}.", decision.person);
        return page::error(400, "Facebook", "Unknown person", &detail);
    };
    if account.standing != Standing::Active {
        let detail = "This account has been locked.";
        return page::error(400, "Facebook", "Account locked", detail);
    }
    let key = (asked.app.client_id.clone(), person.id.clone());
    let before = room.grants.given.get(&key);
    let grant = granted(world, account, before, asked, decision);
    let code = format!("{CODE_MARK}{}", random(&mut world.rng, 180));
    room.grants.codes.insert(
        code.clone(),
        Code {
            app: key.0.clone(),
            person: key.1.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            issued: world.now,
            used: false,
        },
    );
    room.grants.given.insert(key, grant);
    let mut pairs = vec![("code", code.as_str())];
    if let Some(state) = &asked.state {
        pairs.push(("state", state));
    }
    Answer::redirect(with_query(&asked.redirect_uri, &pairs) + "#_=_").outcome("code_issued")
}

/// Earlier permissions stay; one that was declined is not asked again unless
/// the app says `auth_type=rerequest`. The ticked pages replace the earlier
/// ones: a page left out is lost although the login succeeds.
fn granted(world: &World, account: &Account, before: Option<&Grant>, asked: &Asked, decision: &Decision) -> Grant {
    let mut grant = before.cloned().unwrap_or_else(|| Grant {
        asked: Vec::new(),
        granted: BTreeSet::new(),
        pages: BTreeSet::new(),
        data_access_until: world.now,
    });
    for scope in &asked.scopes {
        let known = grant.asked.contains(scope);
        let declined = known && !grant.granted.contains(scope);
        if !known {
            grant.asked.push(scope.clone());
        }
        if declined && !asked.rerequest {
            continue;
        }
        let ticked = decision.scopes.as_ref();
        if scope == BASE || ticked.is_none_or(|ticked| ticked.contains(scope)) {
            grant.granted.insert(scope.clone());
        } else {
            grant.granted.remove(scope);
        }
    }
    let ticked = decision.children.as_ref();
    grant.pages = tickable(account)
        .filter(|page| ticked.is_none_or(|ticked| ticked.contains(&page.id)))
        .map(|page| page.id.clone())
        .collect();
    grant.data_access_until = world.now + DATA_ACCESS;
    grant
}
