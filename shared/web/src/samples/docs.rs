//! An operation and a shape for the reference's pages.

use crate::docs::{Answer, Field, Operation, Parameter, Shape};

/// An operation that has everything an operation can have.
pub(super) fn operation(name: &str) -> Operation {
    let parameter = |named: &str, place: &str| Parameter {
        name: named.to_owned(),
        place: place.to_owned(),
        required: place == "path",
        about: name.to_owned(),
    };
    let answer = |status: &str, media: Option<&str>, shape: Option<&str>| Answer {
        status: status.to_owned(),
        about: name.to_owned(),
        media: media.map(str::to_owned),
        shape: shape.map(str::to_owned),
    };
    Operation {
        id: "disconnectAccount".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/accounts/{account}/disconnect".to_owned(),
        summary: name.to_owned(),
        about: format!("{name}\n\n{name}"),
        permission: Some("accounts.disconnect".to_owned()),
        parameters: vec![parameter("account", "path"), parameter("If-Match", "header")],
        body: Some("DisconnectAccount".to_owned()),
        answers: vec![
            answer("200", Some("application/json"), Some("Receipt")),
            answer("201", Some("text/csv"), None),
            answer("204", None, None),
        ],
        codes: vec!["not_found".to_owned(), "version_conflict".to_owned()],
        curl: format!("curl -X POST \\\n  -d '{{\"reason\":\"{name}\"}}'"),
    }
}

/// A shape with both kinds of fields.
pub(super) fn shape(name: &str) -> Shape {
    let field = |required: bool, shape: Option<&str>| Field {
        name: "revocation".to_owned(),
        kind: "Revocation".to_owned(),
        shape: shape.map(str::to_owned),
        required,
        about: name.to_owned(),
    };
    Shape {
        name: "Receipt".to_owned(),
        about: name.to_owned(),
        fields: vec![field(true, Some("Revocation")), field(false, None)],
        example: format!("{{\"id\": \"{name}\"}}"),
    }
}
