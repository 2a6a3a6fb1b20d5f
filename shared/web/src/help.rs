//! Help that anybody can read, with an account or without.

use askama::Template;
use domain::MethodId;

use crate::parts::{Link, Platform};

/// The words of a page in one language, around the steps of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// What is to be done, before the platform's name.
    pub title: &'static str,
    /// Why.
    pub lead: &'static str,
    /// Before the name of a way to sign in.
    pub way: &'static str,
    /// The link to the platform.
    pub open: &'static str,
    /// What else ends.
    pub others: &'static str,
    /// Where no steps are known.
    pub unknown: &'static str,
}

/// English, for whoever asks for another language too, until there is another one.
pub const ENGLISH: Words = Words {
    title: "Withdraw the access at",
    lead: "What an app may do with your account is kept by the platform too. There you can see it and end it yourself, \
           whether or not the account is still connected here.",
    way: "If you signed in by",
    open: "Open the settings there",
    others: "This ends it for every account that was connected by the same sign-in.",
    unknown: "Look in the settings of your account there for connected apps, and remove this one.",
};

/// How a person withdraws what they allowed.
#[derive(Debug, Clone, Template)]
#[template(path = "help/revoke.html")]
pub struct Revoke {
    /// Where.
    pub platform: Platform,
    /// One for each way of signing in.
    pub ways: Vec<Way>,
    /// The words around the steps.
    pub words: &'static Words,
}

/// How it is done for one way of signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The method; an address can point to it.
    pub id: MethodId,
    /// What people call it.
    pub name: String,
    /// What to do, one after the other.
    pub steps: Vec<String>,
    /// Where.
    pub link: Option<Link>,
}
