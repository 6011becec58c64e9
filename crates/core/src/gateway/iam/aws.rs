//! The signer: credentials of the AWS CLI's default chain or of one profile, and signatures of single requests.
//!
//! The shared files (`shared_files`, `ini`, `profiles`) and the environment (`variables`) lead to the sources to try
//! (`source_order`), each a `chain`: a base and the roles to assume with it. `fetch` executes a chain with requests to STS
//! (`sts`), SSO (`sso`, `sso_session`), containers and instances (`metadata`), which `http` sends. `look_up_error` and
//! `failed_request` word what is wrong.

mod access_key_pair;
mod access_keys;
mod chain;
mod command_words;
mod credential_part;
mod credential_process;
mod credentials;
mod failed_request;
mod fetch;
mod http;
mod ini;
mod location;
mod look_up_error;
mod metadata;
mod misplaced_section;
mod misspelt_key;
mod named_source;
mod origin;
mod profiles;
mod request;
mod response;
mod section_header;
mod service;
mod service_address;
mod shared_files;
mod signature;
mod source_order;
mod sso;
mod sso_session;
mod sts;
mod token_files;
mod trailing_comment;
mod variables;
mod web_identity;
mod xml;

use std::error::Error;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use secrecy::SecretString;

use crate::bounded::Limits;
use crate::domain::{CredentialsOrigin, Endpoint, Failure, FailureKind, MissingReason};
use crate::gateway::secret::command::Commands;
use credentials::Credentials;
use fetch::{Fetch, Found};
use look_up_error::LookUpError;
use profiles::Profiles;
use signature::{Scope, Unsignable};
use variables::Variables;

/// The service's name in the signature (API Gateway developer guide, "Control access to a REST API with IAM
/// permissions").
const SERVICE: &str = "execute-api";
/// Slightly longer than a `credential_process` may take.
const DEADLINE: Duration = Duration::from_secs(Limits::SECRET_COMMAND.time.as_secs() + 15);

/// Credentials, and the region that they are used in.
pub(in crate::gateway) struct Signer {
    credentials: Credentials,
    origin: CredentialsOrigin,
    region: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Signer {
    /// Asks the chain (environment, profiles with SSO, assumed roles and `credential_process`, web identity,
    /// container, instance), or only the profile that the configuration names.
    pub(in crate::gateway) async fn look_up(
        endpoint: &Endpoint,
        profile: Option<&str>,
        commands: &Commands,
    ) -> Result<Self, Failure> {
        let message = "the region is missing: a signature is for one region";
        let region = endpoint
            .region
            .clone()
            .ok_or_else(|| Failure::without_response(FailureKind::Client, message.to_owned()))?;
        let found = tokio::time::timeout(DEADLINE, find(endpoint, &region, profile, commands)).await;
        let (credentials, origin) = found.unwrap_or_else(|_| {
            let message = format!("looking them up took more than {} s", DEADLINE.as_secs());
            Err(LookUpError::new(MissingReason::TooSlow, message, "Check the network and the proxy.").into())
        })?;
        Ok(Self { credentials, origin, region })
    }

    /// Where the credentials come from.
    pub(in crate::gateway) fn origin(&self) -> &CredentialsOrigin {
        &self.origin
    }

    /// When the credentials expire, if they tell.
    pub(in crate::gateway) fn expires(&self) -> Option<SystemTime> {
        self.credentials.expiry()
    }

    /// What must not be shown anywhere. The access key's id is none, but would tell whose they are.
    pub(in crate::gateway) fn secrets(&self) -> Vec<SecretString> {
        let token = self.credentials.session_token();
        let known = [Some(self.credentials.secret_access_key()), token, Some(self.credentials.access_key_id())];
        known.into_iter().flatten().map(SecretString::from).collect()
    }

    /// The headers that sign a request with this method and URL, these headers and this body, at this time.
    pub(in crate::gateway) fn sign(
        &self,
        (method, url): (&Method, &str),
        headers: &HeaderMap,
        body: &[u8],
        at: SystemTime,
    ) -> Result<HeaderMap, Failure> {
        let wrong = |error: &dyn Error| {
            let advice = format!("Check {}.", self.origin.keys);
            Failure::from(LookUpError::new(MissingReason::Unusable, error.to_string(), advice))
        };
        // As it is sent: with its odd characters percent-encoded.
        let url = Url::parse(url).map_err(|error| wrong(&Unsignable(error.into())))?;
        let scope = Scope { region: &self.region, service: SERVICE };
        signature::headers(&self.credentials, scope, (method, &url), headers, body, at).map_err(|error| wrong(&error))
    }
}

/// Tries one source after the other.
async fn find(
    endpoint: &Endpoint,
    region: &str,
    profile: Option<&str>,
    commands: &Commands,
) -> Result<(Credentials, CredentialsOrigin), Failure> {
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let variables = Variables::read(variable);
    if profile.is_none()
        && let Some(keys) = variables.keys()?
    {
        return Ok((keys.credentials()?, origin::environment(keys.token_name)));
    }
    let shared = shared_files::Shared::read().await?;
    let profiles = Profiles::parse(&shared.config, &shared.credentials).map_err(LookUpError::from)?;
    let chains = source_order::chains(profile, &variables, &profiles).map_err(|error| shared.explained(error))?;
    let fetch = Fetch { endpoint, region, profiles: &profiles, variables: &variables, commands };
    let mut instance = None;
    for chain in chains {
        match fetch.run(&chain).await? {
            Found::Credentials(credentials) => return Ok((credentials, origin::of(&chain, commands.redactor()))),
            Found::Nothing(why) => instance = why.or(instance),
        }
    }
    let mut error = shared.explained(source_order::none(&variables, &profiles));
    if let Some(instance) = instance {
        error.message = format!("{} (instance: {instance})", error.message);
    }
    Err(error.into())
}
