//! `secretsmanager`: a secret of AWS Secrets Manager for each grant, with a version for each version of its tokens.
//!
//! A version's id is made of the grant and the version's number, and Secrets Manager writes it once. So whoever dies before
//! the row names it leaves it to be found, and a call may be sent again. It is read by that id: what is current there is
//! whatever was written last, by whomever.

use std::{
    fmt::Display,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    config::timeout::TimeoutConfig,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        create_secret::CreateSecretError, delete_secret::DeleteSecretError, get_secret_value::GetSecretValueError,
        put_secret_value::PutSecretValueError,
    },
    types::{Filter, FilterNameStringType, SecretListEntry},
};
use domain::{Digest, Envelope, Fault, GrantId, PlatformId, SealedFor, Timestamp, TokenSet};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::{Kept, TokenVault, bucket::Bucket, plain::Plain};

/// Version of the layout, of the envelope `sm1.<version id>` and of the text that is kept.
const FORMAT: &str = "sm1";
/// How long a call may take with everything that is tried again, and each try.
const DEADLINE: Duration = Duration::from_secs(5);
const TRY: Duration = Duration::from_secs(2);
/// What Secrets Manager lets an account write in a second.
const WRITES: u32 = 50;
/// The longest page that it gives.
const PAGE: i32 = 100;

/// The vault that keeps each grant's tokens in a secret of its own.
pub struct SecretsManager {
    client: Client,
    prefix: String,
    writes: Mutex<Bucket>,
}

/// The text of a version: tokens, and what they were sealed for.
#[derive(Serialize, Deserialize)]
struct Text<S> {
    format: String,
    grant: GrantId,
    platform: PlatformId,
    version: u64,
    tokens: Plain<S>,
}

/// What became of a version.
#[derive(PartialEq, Eq)]
enum Put {
    /// It is there.
    Done,
    /// There is one with other tokens.
    Others,
    /// There is no secret to give it to.
    NoSecret,
}

impl SecretsManager {
    /// The secrets `<prefix>/<grant id>`, reached as by this client, but not waited for long.
    pub fn new(client: &Client, prefix: impl Into<String>) -> Self {
        let patience = TimeoutConfig::builder().operation_timeout(DEADLINE).operation_attempt_timeout(TRY).build();
        let config = client.config().to_builder().timeout_config(patience).build();
        Self { client: Client::from_conf(config), prefix: prefix.into(), writes: Mutex::new(Bucket::new(WRITES)) }
    }

    /// The same, with so many writes a second.
    #[must_use]
    pub fn at_most(self, writes: u32) -> Self {
        Self { writes: Mutex::new(Bucket::new(writes)), ..self }
    }

    /// Whether an envelope is of this vault.
    pub(crate) fn has_sealed(envelope: &Envelope) -> bool {
        envelope.0.split('.').next() == Some(FORMAT)
    }

    fn name(&self, grant: GrantId) -> String {
        format!("{}/{grant}", self.prefix)
    }

    /// Waits until there may be one more write.
    async fn write(&self) {
        let wait = self.writes.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now());
        sleep(wait).await;
    }

    /// The tokens of a version, if it is there.
    async fn read(&self, of: &SealedFor) -> Result<Option<TokenSet>, Fault> {
        let call = self.client.get_secret_value().secret_id(self.name(of.grant)).version_id(version_id(of));
        let found = match call.send().await {
            Ok(found) => found,
            Err(error) if error.as_service_error().is_some_and(is_gone) => return Ok(None),
            Err(error) => return Err(fault("GetSecretValue", of.grant, &error)),
        };
        let text = Zeroizing::new(found.secret_string.unwrap_or_default());
        let Ok(Text { format, grant, platform, version, tokens }) = serde_json::from_str::<Text<String>>(&text) else {
            return Err(refused(of, "its text cannot be read"));
        };
        if format != FORMAT || (SealedFor { grant, platform, version }) != *of {
            return Err(refused(of, "its text is of another one"));
        }
        Ok(Some(tokens.into()))
    }

    /// Makes the secret with its first version, unless there is one of that name.
    async fn create(&self, of: &SealedFor, text: &str) -> Result<bool, Fault> {
        self.write().await;
        let call = self.client.create_secret().name(self.name(of.grant)).client_request_token(version_id(of));
        match call.secret_string(text).send().await {
            Ok(_) => Ok(true),
            Err(e) if e.as_service_error().is_some_and(CreateSecretError::is_resource_exists_exception) => Ok(false),
            Err(e) => Err(fault("CreateSecret", of.grant, &e)),
        }
    }

    /// Gives the secret a version.
    async fn put(&self, of: &SealedFor, text: &str) -> Result<Put, Fault> {
        self.write().await;
        let call = self.client.put_secret_value().secret_id(self.name(of.grant)).client_request_token(version_id(of));
        match call.secret_string(text).send().await {
            Ok(_) => Ok(Put::Done),
            Err(e) => match e.as_service_error() {
                Some(PutSecretValueError::ResourceExistsException(_)) => Ok(Put::Others),
                Some(PutSecretValueError::ResourceNotFoundException(_)) => Ok(Put::NoSecret),
                _ => Err(fault("PutSecretValue", of.grant, &e)),
            },
        }
    }

    async fn delete(&self, grant: GrantId) -> Result<(), Fault> {
        self.write().await;
        let call = self.client.delete_secret().secret_id(self.name(grant)).force_delete_without_recovery(true);
        match call.send().await {
            Err(e) if !e.as_service_error().is_some_and(DeleteSecretError::is_resource_not_found_exception) => {
                Err(fault("DeleteSecret", grant, &e))
            }
            _ => Ok(()),
        }
    }

    fn kept(&self, entry: &SecretListEntry) -> Option<Kept> {
        let grant = entry.name()?.strip_prefix(&self.prefix)?.strip_prefix('/')?.parse().ok()?;
        let changed = entry.last_changed_date().or(entry.created_date())?;
        let nanos = i32::try_from(changed.subsec_nanos()).ok()?;
        Some(Kept { grant, changed_at: Timestamp::new(changed.secs(), nanos).ok()? })
    }
}

/// The id of a version, and the token by which it is written once: 64 hexadecimal digits.
fn version_id(of: &SealedFor) -> String {
    let parts = ["mooring token version", &of.grant.to_string(), &of.version.to_string()];
    Digest::of_parts(&parts).as_str().to_owned()
}

fn envelope(of: &SealedFor) -> Envelope {
    Envelope(format!("{FORMAT}.{}", version_id(of)))
}

/// The secret or the version is not there, or somebody has marked the secret for deletion.
fn is_gone(error: &GetSecretValueError) -> bool {
    error.is_resource_not_found_exception() || error.is_invalid_request_exception()
}

fn refused(of: &SealedFor, why: &str) -> Fault {
    let fault = Fault::Vault(format!("the envelope of {} version {} does not open: {why}", of.grant, of.version));
    // An alarm waits for this word: a row or a secret was changed or deleted by somebody else.
    tracing::error!(grant = %of.grant, platform = %of.platform, version = of.version, %fault, "envelope_refused");
    fault
}

/// Which call failed and by which code. What Secrets Manager says besides may quote what it was sent.
fn fault<E: ProvideErrorMetadata>(call: &str, of: impl Display, error: &SdkError<E>) -> Fault {
    let why = match error {
        SdkError::ServiceError(_) => error.code().unwrap_or("refused"),
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(_) => "not reached",
        _ => "no answer that makes sense",
    };
    Fault::Vault(format!("{call} of {of}: {why}"))
}

#[async_trait]
impl TokenVault for SecretsManager {
    async fn seal(&self, of: &SealedFor, tokens: &TokenSet) -> Result<Option<Envelope>, Fault> {
        let SealedFor { grant, platform, version } = of.clone();
        let text = Text { format: FORMAT.to_owned(), grant, platform, version, tokens: Plain::from(tokens) };
        let text = serde_json::to_string(&text).map_err(|_| Fault::Vault("tokens cannot be written".into()))?;
        let text = Zeroizing::new(text);
        // The first version makes the secret.
        if version <= 1 && self.create(of, &text).await? {
            return Ok(Some(envelope(of)));
        }
        let mut put = self.put(of, &text).await?;
        if put == Put::NoSecret {
            // So does one that comes from another vault.
            if self.create(of, &text).await? {
                return Ok(Some(envelope(of)));
            }
            put = self.put(of, &text).await?;
        }
        match put {
            Put::Done => Ok(Some(envelope(of))),
            Put::Others => Ok(None),
            Put::NoSecret => Err(Fault::Vault(format!("the secret of {grant} comes and goes"))),
        }
    }

    async fn unseal(&self, of: &SealedFor, sealed: &Envelope) -> Result<TokenSet, Fault> {
        if *sealed != envelope(of) {
            return Err(refused(of, "it is of another one"));
        }
        self.read(of).await?.ok_or_else(|| refused(of, "its secret is gone"))
    }

    async fn forget(&self, of: &SealedFor, _: &Envelope) -> Result<(), Fault> {
        self.delete(of.grant).await
    }

    async fn find(&self, of: &SealedFor) -> Result<Option<Envelope>, Fault> {
        Ok(self.read(of).await?.map(|_| envelope(of)))
    }

    async fn list(&self, after: Option<String>) -> Result<(Vec<Kept>, Option<String>), Fault> {
        let ours = Filter::builder().key(FilterNameStringType::Name).values(format!("{}/", self.prefix)).build();
        let call = self.client.list_secrets().filters(ours).max_results(PAGE).set_next_token(after);
        let page = call.send().await.map_err(|e| fault("ListSecrets", &self.prefix, &e))?;
        Ok((page.secret_list().iter().filter_map(|entry| self.kept(entry)).collect(), page.next_token))
    }

    async fn destroy(&self, kept: &Kept) -> Result<(), Fault> {
        self.delete(kept.grant).await
    }

    fn keeps(&self, envelope: &Envelope) -> bool {
        Self::has_sealed(envelope)
    }

    fn is_current(&self, envelope: &Envelope) -> bool {
        Self::has_sealed(envelope)
    }
}
