//! How a platform is spoken to, where platforms differ: names, places and envelopes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::rule::Wanted;

/// How a browser is sent to the platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorize {
    pub(crate) url: Url,
    pub(crate) id_param: String,
    pub(crate) scope_separator: String,
    pub(crate) pkce: Pkce,
    /// Whether the platform wants our callback address to end with a slash.
    #[serde(default)]
    pub(crate) redirect_slash: bool,
    /// Sent always.
    #[serde(default)]
    pub(crate) params: BTreeMap<String, String>,
    /// Sent to be asked again.
    #[serde(default)]
    pub(crate) fresh_params: BTreeMap<String, String>,
}

/// Whether the platform knows PKCE (RFC 7636); `plain` is never used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pkce {
    None,
    S256,
}

/// How the token endpoint is spoken to; always by POST.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) url: Url,
    /// Where refresh tokens are spent, if not there.
    pub(crate) refresh_url: Option<Url>,
    pub(crate) client_auth: ClientAuth,
    /// What our app's id is called where it stands beside the rest.
    #[serde(default = "client_id")]
    pub(crate) id_param: String,
    /// What the code is called.
    #[serde(default = "code")]
    pub(crate) code_param: String,
    #[serde(default)]
    pub(crate) encoding: Encoding,
    /// Sent with the code.
    #[serde(default)]
    pub(crate) code_params: BTreeMap<String, String>,
}

/// What our app's id is called by the standard.
pub(crate) fn client_id() -> String {
    "client_id".to_owned()
}

/// What the code is called by the standard.
pub(crate) fn code() -> String {
    "code".to_owned()
}

/// How what is sent for tokens is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encoding {
    #[default]
    Form,
    Json,
}

/// Where the client's secret goes (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// Into the header `Authorization`.
    #[default]
    Basic,
    /// Beside the rest.
    Post,
}

/// How the API is called.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// The header that holds the bare token; absent: `Authorization: Bearer`.
    pub(crate) token_header: Option<String>,
    /// Sent with each call.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// What we call ourselves, where tokens are got too.
    pub(crate) user_agent: Option<String>,
}

/// What platforms put around what they answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope {
    /// JSON pointers to what says that all went well, whatever the status.
    #[serde(default)]
    pub(crate) ok: BTreeMap<String, Wanted>,
    /// A JSON pointer to what holds the tokens; absent: the whole answer.
    #[serde(default)]
    pub(crate) data: String,
}

impl Envelope {
    /// Whether an answer says of itself that it went wrong.
    pub(crate) fn is_refusal(&self, json: &Value) -> bool {
        self.ok.iter().any(|(pointer, good)| json.pointer(pointer).is_some_and(|value| !good.is(value)))
    }
}

/// How tokens are revoked (RFC 7009).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    pub(crate) url: Url,
    #[serde(default)]
    pub(crate) sends: Sends,
    /// What a token is called.
    #[serde(default = "token")]
    pub(crate) param: String,
}

fn token() -> String {
    "token".to_owned()
}

/// Which tokens are sent to be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sends {
    /// The refresh token, then the access token: ending one does not everywhere end the other.
    #[default]
    Both,
    Access,
    Refresh,
}
