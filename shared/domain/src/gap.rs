//! Why an account that a person looks for is not among those that can be chosen, in words for people.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Code, Plan, Refusal, WorkspaceId, connect::Barrier};

/// At most so many accounts are named of one gap: a gap is kept with its attempt.
pub const MOST_NAMED: usize = 12;

/// An account as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// What it is called.
    pub name: String,
    /// Its id, if it is one of this workspace.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<AccountId>,
}

impl Named {
    /// One that is known by its name only.
    pub fn only(name: &str) -> Self {
        Self { name: name.to_owned(), account: None }
    }
}

/// One reason why something is missing from what a consent lets choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The stable code.
    pub code: Code,
    /// What is the matter and what to do, for people.
    pub text: String,
    /// Where a person can fix it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fix_url: Option<String>,
    /// Whom it is about, where that is known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub accounts: Vec<Named>,
    /// How many more accounts the plan has room for, where that is the matter.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left: Option<u32>,
}

impl Gap {
    /// In the registry's words.
    pub fn of(code: Code, accounts: Vec<Named>) -> Self {
        Self { code, text: sentence(code), fix_url: None, accounts: first(accounts), left: None }
    }

    /// Accounts of the same person's consent that this one does not show.
    pub fn not_shown(accounts: Vec<Named>) -> Self {
        let text = "Connected here before and not shown this time: most likely it was not ticked at the platform. Connect \
                    again, and leave ticked what is to stay connected.";
        Self { text: text.to_owned(), ..Self::of(Code::NotSharedInConsent, accounts) }
    }

    /// What cannot be chosen, by its reason: each reason once, in the order in which they come.
    pub fn barred<'a>(offered: impl Iterator<Item = (&'a str, Option<&'a Barrier>)>) -> Vec<Self> {
        let mut gaps: Vec<Self> = Vec::new();
        for (name, barrier) in offered {
            let Some(barrier) = barrier else { continue };
            let known = gaps.iter_mut().find(|gap| gap.code == barrier.code);
            let Some(known) = known else {
                let gap = Self::of(barrier.code, vec![Named::only(name)]);
                gaps.push(Self { fix_url: barrier.fix_url.clone(), ..gap });
                continue;
            };
            // One place does not fix several; each candidate says its own.
            known.fix_url = known.fix_url.take().filter(|url| barrier.fix_url.as_ref() == Some(url));
            if known.accounts.len() < MOST_NAMED {
                known.accounts.push(Named::only(name));
            }
        }
        gaps
    }

    /// Offered, and connected here already.
    pub fn here(accounts: Vec<Named>) -> Self {
        Self::of(Code::AlreadyInWorkspace, accounts)
    }

    /// Offered, and connected in another workspace of the organisation, which is named only to who may know it.
    pub fn elsewhere(names: &[&str], workspace: Option<WorkspaceId>) -> Self {
        let code = Code::AlreadyConnectedElsewhere;
        let few: Vec<&str> = names.iter().take(MOST_NAMED).copied().collect();
        let text = format!("{} {}", Refusal::elsewhere(&few, workspace).detail, code.next_step());
        Self { text, ..Self::of(code, names.iter().map(|name| Named::only(name)).collect()) }
    }

    /// More is offered than the plan has room for.
    pub fn room(plan: &Plan, left: u32) -> Self {
        let accounts = match left {
            0 => "no further account".to_owned(),
            1 => "1 further account".to_owned(),
            more => format!("{more} further accounts"),
        };
        let code = Code::PlanLimitReached;
        let text = format!("The plan {} has room for {accounts}. {}", plan.name, code.next_step());
        Self { text, left: Some(left), ..Self::of(code, Vec::new()) }
    }
}

fn first(mut accounts: Vec<Named>) -> Vec<Named> {
    accounts.truncate(MOST_NAMED);
    accounts
}

fn sentence(code: Code) -> String {
    format!("{} {}", code.cause(), code.next_step())
}

/// Whether and how an offered account can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eligibility {
    /// It can, and is new here.
    New,
    /// It can, and is connected here already.
    Connected,
    /// It can, and was here before.
    Disconnected,
    /// It was, in this attempt.
    Chosen,
    /// It cannot.
    Blocked(Code),
}

impl Eligibility {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Chosen => "chosen",
            Self::Blocked(_) => "blocked",
        }
    }

    /// The same for people.
    pub fn sentence(self) -> String {
        match self {
            Self::New => "It can be connected.".to_owned(),
            Self::Connected => "It is connected here already; choosing it renews its permissions.".to_owned(),
            Self::Disconnected => "It was here before; choosing it brings it back under its id.".to_owned(),
            Self::Chosen => "It was chosen in this session.".to_owned(),
            Self::Blocked(code) => sentence(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PlanCatalogue;

    fn barrier(code: Code, fix_url: &str) -> Barrier {
        Barrier { code, fix_url: Some(fix_url.to_owned()) }
    }

    /// Each reason is told once, with those whom it is about; a place to fix it only where it is the same for all.
    #[test]
    fn what_is_barred_is_told_by_reason() {
        let (role, link) = (Code::InsufficientPlatformRole, Code::InstagramNotLinked);
        let barriers = [barrier(role, "https://a"), barrier(link, "https://b"), barrier(role, "https://c")];
        let offered = [("A", Some(&barriers[0])), ("B", None), ("C", Some(&barriers[1])), ("D", Some(&barriers[2]))];
        let gaps = Gap::barred(offered.into_iter());
        let told: Vec<_> = gaps
            .iter()
            .map(|g| (g.code, g.fix_url.as_deref(), g.accounts.iter().map(|a| a.name.as_str()).collect::<Vec<_>>()))
            .collect();
        assert_eq!(told, [(role, None, vec!["A", "D"]), (link, Some("https://b"), vec!["C"])]);
        assert!(gaps.iter().all(|gap| gap.text.contains(gap.code.next_step())));
    }

    /// A gap is kept with its attempt, so it does not grow with what a person has.
    #[test]
    fn a_gap_names_a_few_only() {
        let barrier = barrier(Code::InsufficientPlatformRole, "https://a");
        let many = (0..200).map(|_| ("Page", Some(&barrier)));
        assert_eq!(Gap::barred(many)[0].accounts.len(), MOST_NAMED);
        assert_eq!(Gap::not_shown(vec![Named::only("Page"); 200]).accounts.len(), MOST_NAMED);
        let names = ["Page"; 200];
        assert!(Gap::elsewhere(&names, None).text.len() < 400);
    }

    #[test]
    fn a_full_plan_says_what_is_left() {
        let plans = PlanCatalogue::shipped("merged").expect("shipped");
        for (left, words) in [(0, "no further account."), (1, "1 further account."), (2, "2 further accounts.")] {
            let gap = Gap::room(plans.plan("free"), left);
            assert!(gap.text.contains(words), "{}", gap.text);
            assert_eq!((gap.code, gap.left), (Code::PlanLimitReached, Some(left)));
        }
    }

    /// S1-53: the other workspace is named only where it may be.
    #[test]
    fn another_workspace_is_named_only_to_who_may_know() {
        let workspace: WorkspaceId = "ws_secret".parse().expect("legal");
        assert!(Gap::elsewhere(&["A"], Some(workspace)).text.contains("ws_secret"));
        assert!(!Gap::elsewhere(&["A"], None).text.contains("ws_secret"));
    }
}
