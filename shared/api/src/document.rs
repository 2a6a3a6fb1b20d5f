//! The OpenAPI 3.1 document, made from the same handlers and shapes that answer.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::route;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Mooring",
        version = "1",
        description = "Keeps social media accounts connected. Unknown fields of a request are refused; unknown fields \
                       and values of an answer are to be tolerated. Every error is a Problem whose `type` is a page.",
    ),
    components(schemas(crate::problem::ProblemView)),
    modifiers(&Security),
    security(("bearer" = []), ("api_key" = []))
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("A short JWT of the configured issuer: `sub`, `ws`, `role`, optional `plan`, `org`."))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("mrk_…")
            .description(Some(
                "An API key, for programs. One that is good for several workspaces comes with the header \
                 `X-Workspace-Id`, which names one of them; for one that is good for one it may be left out.",
            ))
            .build();
        let visit = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A client's visit of a link, from `POST /v1/public/easyconnect/visits`; it reaches that visit only.",
            ))
            .build();
        components.add_security_scheme("visit", SecurityScheme::Http(visit));
        components.add_security_scheme("api_key", SecurityScheme::Http(key));
    }
}

/// The document, complete.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for router in [
        route::start::protected(),
        route::start::public(),
        route::callback::protected(),
        route::callback::public(),
        route::accounts(),
        route::meta::public(),
        route::report::public(),
        route::easyconnect::protected(),
        route::easyconnect::public(),
        route::notice::public(),
    ] {
        document.merge(router.into_openapi());
    }
    document
}
