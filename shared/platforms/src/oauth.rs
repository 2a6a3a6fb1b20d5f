//! The code grant as data drives it: the same for every method.

use std::collections::BTreeMap;

use domain::{DeadReason, Person, Renewal, Secret, Timestamp, TokenSet, grant::Expiry};
use jiff::SignedDuration;
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use reqwest::{Client, Method as Verb, RequestBuilder, header};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::{
    Ask, Consent, Grab, Offer, PlatformError, Renewed, Revocation,
    catalogue::{
        dialect::{Call, ClientAuth, Encoding, Pkce, Revoke, Sends},
        method::Method,
        rule::Endpoint,
    },
    http::{self, Answer, Clients},
    token::Tokens,
};

/// One of our apps at one method.
#[derive(Clone)]
pub(crate) struct OAuth {
    pub(crate) method: Method,
    pub(crate) http: Clients,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
}

impl OAuth {
    /// The address to send the browser to (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
    pub(crate) fn authorize_url(&self, ask: &Ask<'_>) -> Url {
        let authorize = &self.method.authorize;
        let scope = ask.scopes.join(&authorize.scope_separator);
        let mut params: BTreeMap<&str, &str> = authorize.params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        if ask.fresh_consent {
            params.extend(authorize.fresh_params.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        }
        let mut url = authorize.url.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair(&authorize.id_param, &self.client_id)
                .append_pair("redirect_uri", ask.redirect_uri)
                .append_pair("scope", &scope)
                .append_pair("state", ask.state)
                .extend_pairs(params);
            if authorize.pkce == Pkce::S256 {
                let verifier = PkceCodeVerifier::new(ask.verifier.expose().to_owned());
                let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
                query
                    .append_pair("code_challenge", challenge.as_str())
                    .append_pair("code_challenge_method", challenge.method().as_str());
            }
        }
        // Not every server reads `+` as a space.
        let query = url.query().map(|query| query.replace('+', "%20"));
        url.set_query(query.as_deref());
        url
    }

    /// Spends the code (RFC 6749 section 4.1.3).
    pub(crate) async fn code(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Tokens, PlatformError> {
        Tokens::parse(&self.code_answer(grab, now).await?, now)
    }

    /// The same, for platforms whose answer holds more or lies elsewhere.
    pub(crate) async fn code_answer(&self, grab: &Grab<'_>, now: Timestamp) -> Result<Value, PlatformError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            (self.method.token.code_param.as_str(), grab.code.expose()),
            ("redirect_uri", grab.redirect_uri),
        ];
        if self.method.authorize.pkce == Pkce::S256 {
            form.push(("code_verifier", grab.verifier.expose()));
        }
        form.extend(self.method.token.code_params.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        self.token_answer(self.token_request(form), now).await
    }

    /// Asks the token endpoint for another token.
    pub(crate) async fn token(&self, form: Vec<(&str, &str)>, now: Timestamp) -> Result<Tokens, PlatformError> {
        Tokens::parse(&self.token_answer(self.token_request(form), now).await?, now)
    }

    /// Renews by the refresh token (RFC 6749 section 6).
    pub(crate) async fn refresh(&self, tokens: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        let Some(refresh) = &tokens.refresh else {
            return Err(PlatformError::Misconfigured(
                "without a refresh token a grant is renewed by a person".to_owned(),
            ));
        };
        let form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        let token = &self.method.token;
        self.renew(self.as_client(token.refresh_url.as_ref().unwrap_or(&token.url), form), tokens, now).await
    }

    /// Spends what `request` holds for new tokens; `old` is what stays where nothing new comes.
    ///
    /// A refusal that no rule knows may have been one after the fact.
    pub(crate) async fn renew(
        &self,
        request: RequestBuilder,
        old: &TokenSet,
        now: Timestamp,
    ) -> Result<Renewed, PlatformError> {
        let mut answer = http::send(request).await?;
        match self.renewed(&mut answer, old, now) {
            Err(PlatformError::Contract(_) | PlatformError::Unknown(_)) if self.may_hold_tokens(&answer) => {
                Err(PlatformError::Unreadable(Secret::new(answer.text)))
            }
            Err(PlatformError::Contract(said)) => Err(PlatformError::Unknown(said)),
            Err(PlatformError::RateLimited { .. }) if answer.status >= 500 => {
                Err(PlatformError::Unknown(answer.status.to_string()))
            }
            renewed => renewed,
        }
    }

    fn renewed(&self, answer: &mut Answer, old: &TokenSet, now: Timestamp) -> Result<Renewed, PlatformError> {
        let mut json = self.accepted(answer, now)?;
        // An empty one is none.
        if json.get("refresh_token").is_some_and(|token| token == "") {
            json["refresh_token"] = Value::Null;
        }
        let mut new = Tokens::parse(&json, now)?;
        new.refresh = new.refresh.or_else(|| old.refresh.clone());
        Ok(Renewed {
            expiry: self.expiry(&new, now),
            granted: new.scopes,
            tokens: TokenSet { access: new.access, refresh: new.refresh, children: old.children.clone() },
        })
    }

    /// What is answered where tokens are issued.
    pub(crate) async fn token_answer(&self, request: RequestBuilder, now: Timestamp) -> Result<Value, PlatformError> {
        self.accepted(&mut http::send(request).await?, now)
    }

    /// Success is any 2xx with JSON that tells no error.
    fn accepted(&self, answer: &mut Answer, now: Timestamp) -> Result<Value, PlatformError> {
        let good = self.went_well(answer);
        match answer.json.as_mut().and_then(|json| json.pointer_mut(&self.method.answer.data)) {
            Some(tokens) if good => Ok(tokens.take()),
            _ => Err(self.method.classify(Endpoint::Token, answer, now)),
        }
    }

    /// Whether an answer of the token's host tells no error, with whatever status (RFC 6749 section 5.2).
    fn went_well(&self, answer: &Answer) -> bool {
        let error = answer.json.as_ref().and_then(|json| json.get("error"));
        self.may_hold_tokens(answer) && error.is_none_or(Value::is_null)
    }

    /// Whether an answer came with success and does not say of itself that it went wrong.
    fn may_hold_tokens(&self, answer: &Answer) -> bool {
        answer.is_success() && !answer.json.as_ref().is_some_and(|json| self.method.answer.is_refusal(json))
    }

    /// A call of the token endpoint.
    pub(crate) fn token_request(&self, form: Vec<(&str, &str)>) -> RequestBuilder {
        self.as_client(&self.method.token.url, form)
    }

    /// A POST in which our app identifies itself (RFC 6749 section 2.3.1).
    fn as_client<'a>(&'a self, url: &Url, mut form: Vec<(&'a str, &'a str)>) -> RequestBuilder {
        let mut request = self.request(&self.http.fresh, Verb::POST, url.clone());
        match self.method.token.client_auth {
            // Both parts are form-encoded first.
            ClientAuth::Basic => {
                let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                request = request.basic_auth(encode(&self.client_id), Some(encode(self.client_secret.expose())));
            }
            ClientAuth::Post => {
                form.push((&self.method.token.id_param, &self.client_id));
                form.push(("client_secret", self.client_secret.expose()));
            }
        }
        match self.method.token.encoding {
            Encoding::Form => request.form(&form),
            Encoding::Json => request.json(&form.into_iter().collect::<BTreeMap<_, _>>()),
        }
    }

    /// A call under our name.
    pub(crate) fn request(&self, client: &Client, verb: Verb, url: Url) -> RequestBuilder {
        let request = client.request(verb, url).header(header::ACCEPT, "application/json");
        match &self.method.call.user_agent {
            Some(name) => request.header(header::USER_AGENT, name),
            None => request,
        }
    }

    /// An address below the API's, segment by segment, with a query.
    pub(crate) fn api(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.method.api.clone();
        extend(&mut url, path, query);
        url
    }

    /// The same below another of the method's addresses.
    pub(crate) fn api_of(&self, name: &str, path: &[&str], query: &[(&str, &str)]) -> Result<Url, PlatformError> {
        let api = self.method.apis.get(name);
        let mut url = api.cloned().ok_or_else(|| PlatformError::Misconfigured(format!("no address of {name}")))?;
        extend(&mut url, path, query);
        Ok(url)
    }

    /// What the platform tells our app of a token (RFC 7662). A refusal is of our app, and says nothing of the token.
    pub(crate) async fn introspect(&self, token: &Secret, now: Timestamp) -> Result<Value, PlatformError> {
        let url = self.method.introspect.as_ref();
        let url = url.ok_or_else(|| PlatformError::Misconfigured("nothing looks into tokens".to_owned()))?;
        let request = self.as_client(url, vec![("token", token.expose())]);
        self.token_answer(request, now).await.map_err(of_our_app)
    }

    /// Reads JSON with a token; success is any 2xx with JSON that does not say of itself that it went wrong.
    pub(crate) async fn get(&self, url: Url, token: &Secret, now: Timestamp) -> Result<(Value, Answer), PlatformError> {
        self.call(self.request(&self.http.kept, Verb::GET, url), token, now).await
    }

    /// The same of any call that may be sent on a connection that stood idle.
    pub(crate) async fn call(
        &self,
        mut request: RequestBuilder,
        token: &Secret,
        now: Timestamp,
    ) -> Result<(Value, Answer), PlatformError> {
        let Call { token_header, headers, .. } = &self.method.call;
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request = match token_header {
            Some(name) => request.header(name, token.expose()),
            None => request.bearer_auth(token.expose()),
        };
        let mut answer = http::send(request).await?;
        self.http.gauge.hear(&self.method, &self.client_id, &answer.headers, now);
        match answer.json.take() {
            Some(json) if answer.is_success() && !self.method.answer.is_refusal(&json) => Ok((json, answer)),
            json => {
                answer.json = json;
                Err(self.method.classify(Endpoint::Api, &answer, now))
            }
        }
    }

    /// Revokes the tokens that the platform wants for it. Where that is the access token alone, one that has ended says
    /// nothing of the grant: another one is wanted first.
    pub(crate) async fn revoke(&self, tokens: &TokenSet, now: Timestamp) -> Result<Revocation, PlatformError> {
        let Some(revoke) = &self.method.revoke else { return Ok(Revocation::Unsupported) };
        let refresh = tokens.refresh.iter().filter(|_| revoke.sends != Sends::Access);
        let access = (revoke.sends != Sends::Refresh || tokens.refresh.is_none()).then_some(&tokens.access);
        let mut outcome = Revocation::AlreadyGone;
        for token in refresh.chain(access) {
            if self.revoke_one(revoke, token, now).await? == Revocation::Revoked {
                outcome = Revocation::Revoked;
            }
        }
        if outcome == Revocation::AlreadyGone && revoke.sends == Sends::Access && tokens.refresh.is_some() {
            return Err(PlatformError::GrantGone(DeadReason::Expired));
        }
        Ok(outcome)
    }

    async fn revoke_one(&self, revoke: &Revoke, token: &Secret, now: Timestamp) -> Result<Revocation, PlatformError> {
        let answer = http::send(self.as_client(&revoke.url, vec![(&revoke.param, token.expose())])).await?;
        if self.went_well(&answer) {
            return Ok(Revocation::Revoked);
        }
        let error = self.method.classify(Endpoint::Token, &answer, now);
        // An access token that has ended may be refused in the words of the API.
        let gone = |error: &PlatformError| matches!(error, PlatformError::GrantGone(_));
        let ended = || revoke.sends == Sends::Access && gone(&self.method.classify(Endpoint::Api, &answer, now));
        if gone(&error) || ended() { Ok(Revocation::AlreadyGone) } else { Err(error) }
    }

    /// A GET for tokens as Meta's younger hosts want it: what is secret stands in the query, so this address is never
    /// told to anybody.
    pub(crate) fn query_request(&self, url: &Url, query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = url.clone();
        url.query_pairs_mut().extend_pairs(query);
        self.request(&self.http.fresh, Verb::GET, url)
    }

    /// A long token for a short one, as Meta's younger hosts exchange it.
    pub(crate) async fn long_token(
        &self,
        url: &Url,
        grant_type: &str,
        short: &Tokens,
        now: Timestamp,
    ) -> Result<Tokens, PlatformError> {
        let query = [
            ("grant_type", grant_type),
            ("client_secret", self.client_secret.expose()),
            ("access_token", short.access.expose()),
        ];
        Tokens::parse(&self.token_answer(self.query_request(url, &query), now).await?, now)
    }

    /// What a consent for one account gave.
    pub(crate) fn consent(&self, tokens: Tokens, person: Person, offer: Offer, now: Timestamp) -> Consent {
        let extends = self.method.renewal.renewal() == Renewal::Extend;
        Consent {
            person,
            expiry: self.expiry(&tokens, now),
            renewal: if tokens.refresh.is_some() || extends { self.method.renewal.renewal() } else { Renewal::None },
            granted: tokens.scopes,
            tokens: TokenSet { access: tokens.access, refresh: tokens.refresh, children: [].into() },
            offers: vec![offer],
            whole: true,
        }
    }

    /// When these tokens end.
    pub(crate) fn expiry(&self, tokens: &Tokens, now: Timestamp) -> Expiry {
        let known = self.method.refresh_lifetime_s.map(|s| now + SignedDuration::from_secs(s.into()));
        let refresh = tokens.refresh_expires_at.or(known).filter(|_| tokens.refresh.is_some());
        Expiry { access: tokens.expires_at, refresh, data_access: None }
    }
}

/// Goes on below an address.
fn extend(url: &mut Url, path: &[&str], query: &[(&str, &str)]) {
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
}

/// A refusal of a call that our app made in its own name.
pub(crate) fn of_our_app(error: PlatformError) -> PlatformError {
    match error {
        PlatformError::NotSent(_)
        | PlatformError::Unknown(_)
        | PlatformError::RateLimited { .. }
        | PlatformError::Misconfigured(_)
        | PlatformError::Contract(_) => error,
        refusal => PlatformError::Misconfigured(format!("the app's own call: {refusal}")),
    }
}

#[cfg(test)]
mod tests;
