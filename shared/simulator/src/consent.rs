//! The page on which a person lets an app in, and what was posted from it.

use std::fmt::Write as _;

use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::page;
use crate::util::escape;

/// What a platform asks a person.
pub(crate) struct Consent<'a> {
    /// As a person calls it: `Facebook`.
    pub(crate) platform: &'static str,
    pub(crate) app: &'a App,
    /// The request's parameters, kept for the post.
    pub(crate) request: Vec<(String, String)>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) people: Vec<Choice>,
}

/// A permission that was asked for.
pub(crate) struct Scope {
    pub(crate) name: String,
    /// Cannot be unticked.
    pub(crate) fixed: bool,
}

/// A person who may answer.
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) note: String,
    pub(crate) children: Vec<Child>,
}

/// Something of the person's that can be ticked on its own.
pub(crate) struct Child {
    /// What several of its kind are called: `Pages`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) note: String,
}

/// What the person decided.
pub(crate) struct Decision {
    pub(crate) person: String,
    pub(crate) approve: bool,
    /// `None` is all that were asked for.
    pub(crate) scopes: Option<Vec<String>>,
    /// `None` is all that the person has.
    pub(crate) children: Option<Vec<String>>,
}

impl Scope {
    /// Those that were asked for.
    pub(crate) fn list(asked: &[String], is_fixed: impl Fn(&str) -> bool) -> Vec<Self> {
        asked.iter().map(|name| Self { name: name.clone(), fixed: is_fixed(name) }).collect()
    }
}

impl Consent<'_> {
    /// The page with its one form. Who is signed in is `?person=`, else `acme`, else the first.
    pub(crate) fn page(&self, call: &Call) -> Answer {
        let host = url::Url::parse(self.request_value("redirect_uri"))
            .ok()
            .and_then(|url| url.host_str().map(ToOwned::to_owned))
            .unwrap_or_default();
        let mut form = format!(
            "<p class=\"badge\">Simulated {platform}</p>\n\
             <h1>The app <code>{app}</code> asks for access</h1>\n\
             <p>It will bring you back to {host}. Nothing here is real: choose who you are \
             and what {platform} is to answer.</p>\n\
             <form method=\"post\" action=\"{action}\">\n",
            platform = escape(self.platform),
            app = escape(&self.app.client_id),
            host = escape(&host),
            action = escape(&call.action()),
        );
        self.hidden(&mut form);
        self.people(&mut form, call.query("person").unwrap_or("acme"));
        self.children(&mut form);
        self.scopes(&mut form);
        form.push_str(
            "<div class=\"actions\">\n\
             <button class=\"go\" type=\"submit\" name=\"decision\" value=\"approve\">Approve</button>\n\
             <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button>\n\
             </div>\n</form>\n",
        );
        let title = format!("Simulated {}", self.platform);
        Answer::html(200, page::html(&title, &self.style(), &form)).outcome("consent_shown")
    }

    fn request_value(&self, name: &str) -> &str {
        self.request.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The request's own `scope` is kept as `requested_scope`, because `scope`
    /// is what the person ticks. The box tells a browser's post, in which no
    /// tick means none, from a program's, in which no field means all.
    fn hidden(&self, form: &mut String) {
        for (name, value) in &self.request {
            let name = if name == "scope" { "requested_scope" } else { name };
            let _ = writeln!(form, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value));
        }
        form.push_str("<input type=\"checkbox\" name=\"boxes\" value=\"shown\" checked hidden>\n");
    }

    fn people(&self, form: &mut String, wanted: &str) {
        let signed_in = self.people.iter().position(|choice| choice.id == wanted).unwrap_or_default();
        form.push_str("<fieldset><legend>Person</legend><div class=\"people\">\n");
        for (at, choice) in self.people.iter().enumerate() {
            let checked = if at == signed_in { " checked" } else { "" };
            let _ = writeln!(
                form,
                "<label><input type=\"radio\" name=\"person\" id=\"person-{id}\" value=\"{id}\"{checked}>\
                 <span>{name} <small>{note}</small></span></label>",
                id = escape(&choice.id),
                name = escape(&choice.name),
                note = escape(&choice.note),
            );
        }
        form.push_str("</div></fieldset>\n");
    }

    fn children(&self, form: &mut String) {
        for choice in &self.people {
            let Some(Child { kind, .. }) = choice.children.first() else { continue };
            let _ = writeln!(
                form,
                "<fieldset class=\"of of-{}\"><legend>{kind} of {}</legend>",
                escape(&choice.id),
                escape(&choice.name)
            );
            for child in &choice.children {
                let _ = writeln!(
                    form,
                    "<label><input type=\"checkbox\" name=\"child\" value=\"{}\" checked>\
                     <span>{} <small>{}</small></span></label>",
                    escape(&child.id),
                    escape(&child.name),
                    escape(&child.note)
                );
            }
            form.push_str("</fieldset>\n");
        }
    }

    fn scopes(&self, form: &mut String) {
        form.push_str("<fieldset><legend>Permissions</legend>\n");
        for scope in &self.scopes {
            let fixed = if scope.fixed { " disabled" } else { "" };
            let _ = writeln!(
                form,
                "<label><input type=\"checkbox\" name=\"scope\" value=\"{name}\" checked{fixed}>\
                 <span>{name}</span></label>",
                name = escape(&scope.name),
            );
        }
        form.push_str("</fieldset>\n");
    }

    /// Shows only the children of the person who is chosen, without a script.
    fn style(&self) -> String {
        let mut style = String::from("@supports selector(:has(*)){.of{display:none}");
        for choice in self.people.iter().filter(|c| !c.children.is_empty()) {
            let _ = write!(style, "form:has(#person-{id}:checked) .of-{id}{{display:block}}", id = choice.id);
        }
        style.push('}');
        style
    }
}

impl Decision {
    /// Reads the post; the message is for the page that refuses it.
    pub(crate) fn read(call: &Call) -> Result<Self, &'static str> {
        let approve = match call.field("decision") {
            Some("approve") => true,
            Some("deny") => false,
            _ => return Err("The form needs a decision: approve or deny."),
        };
        Ok(Self {
            person: call.field("person").or_else(|| call.query("person")).unwrap_or("acme").to_owned(),
            approve,
            scopes: ticked(call, "scope"),
            children: ticked(call, "child"),
        })
    }

    /// Whether the person unticked a scope, where a platform grants all that are asked for or none. No tick at all is
    /// what a page of fixed boxes posts.
    pub(crate) fn leaves_out(&self, asked: &[String]) -> bool {
        let ticked = self.scopes.as_ref().filter(|ticked| !ticked.is_empty());
        ticked.is_some_and(|ticked| asked.iter().any(|scope| !ticked.contains(scope)))
    }
}

fn ticked(call: &Call, name: &str) -> Option<Vec<String>> {
    let mut given = call.fields.iter().filter(|(key, _)| key == name).peekable();
    if given.peek().is_none() && call.field("boxes").is_none() {
        return None;
    }
    Some(given.map(|(_, value)| value.clone()).filter(|value| !value.is_empty()).collect())
}

/// The parameters of an authorise request: of the query, and of the hidden
/// fields once the form was posted.
pub(crate) fn request(call: &Call) -> Vec<(String, String)> {
    const ANSWERS: [&str; 5] = ["boxes", "child", "decision", "person", "scope"];
    let mut request: Vec<(String, String)> = call.query.iter().filter(|(name, _)| name != "person").cloned().collect();
    for (name, value) in &call.fields {
        if ANSWERS.contains(&name.as_str()) {
            continue;
        }
        let name = if name == "requested_scope" { "scope" } else { name };
        if !call.query.iter().any(|(key, _)| key == name) {
            request.push((name.to_owned(), value.clone()));
        }
    }
    request
}

/// The one value of a parameter; `Err` if it was given twice.
pub(crate) fn once<'a>(request: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = request.iter().filter(|(key, _)| key == name);
    let first = values.next().map(|(_, value)| value.as_str());
    if values.next().is_some() { Err(()) } else { Ok(first) }
}

/// Scopes that were asked for, each once and in their order; `Err` is the first that the platform does not know.
pub(crate) fn each_once<'a>(
    asked: impl Iterator<Item = &'a str>,
    is_known: impl Fn(&str) -> bool,
) -> Result<Vec<String>, &'a str> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked {
        if !is_known(scope) {
            return Err(scope);
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(scopes)
}
