//! The API reference, and the pages that problem types resolve to.

use askama::Template;
use domain::Code;

/// The first page of the reference.
#[derive(Debug, Clone, Template)]
#[template(path = "docs/index.html")]
pub struct Index<'a> {
    /// Every operation, by what it is about.
    pub groups: &'a [Group],
}

/// One operation.
#[derive(Debug, Clone, Template)]
#[template(path = "docs/operation.html")]
pub struct OperationPage<'a> {
    /// The operation.
    pub operation: &'a Operation,
}

/// One shape of a request or an answer.
#[derive(Debug, Clone, Template)]
#[template(path = "docs/shape.html")]
pub struct ShapePage {
    /// The shape.
    pub shape: Shape,
}

/// Operations about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The document's tag.
    pub name: String,
    /// In the document's order.
    pub operations: Vec<Operation>,
}

/// An operation of the API document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// HTTP method.
    pub method: String,
    /// With its parameters in braces.
    pub path: String,
    /// In a few words.
    pub summary: String,
    /// In some more; may be empty.
    pub about: String,
    /// The permission that it takes; none where nobody is asked who they are.
    pub permission: Option<String>,
    /// Of path, query and header.
    pub parameters: Vec<Parameter>,
    /// The shape of its body, if it has one.
    pub body: Option<String>,
    /// What it answers when it succeeds.
    pub answers: Vec<Answer>,
    /// Codes that it can be refused with, beside those that everything can.
    pub codes: Vec<String>,
    /// The call as one types it.
    pub curl: String,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `path`, `query`, `header`.
    pub place: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it is; may be empty.
    pub about: String,
}

/// An answer of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: String,
    /// What it means; may be empty.
    pub about: String,
    /// The media type, if there is a body.
    pub media: Option<String>,
    /// The shape of its body, if it has one.
    pub shape: Option<String>,
}

/// The shape of a request or an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Its name in the document.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// One of that shape, as JSON.
    pub example: String,
}

/// A field of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type in a word or two.
    pub kind: String,
    /// The shape that it has or lists.
    pub shape: Option<String>,
    /// Whether it is always there.
    pub required: bool,
    /// What it is.
    pub about: String,
}

/// One code, explained.
#[derive(Debug, Clone, Template)]
#[template(path = "docs/error.html")]
pub struct ErrorPage<'a> {
    /// The code.
    pub code: Code,
    /// The HTTP status; none for codes of sessions and candidates.
    pub status: Option<u16>,
    /// An answer that bears it, as JSON.
    pub example: Option<String>,
    /// Operations that name it.
    pub operations: Vec<&'a Operation>,
}

/// All codes.
#[derive(Debug, Clone, Template)]
#[template(path = "docs/errors.html")]
pub struct ErrorIndex {
    /// In the registry's order.
    pub entries: Vec<ErrorEntry>,
}

/// One code in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorEntry {
    /// The code.
    pub code: Code,
    /// The HTTP status; none for codes of sessions and candidates.
    pub status: Option<u16>,
}
