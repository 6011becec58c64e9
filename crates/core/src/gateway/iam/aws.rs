//! The signer: credentials of the AWS SDKs' default chain or of one profile, and signatures of single requests.
//!
//! `ini`, `profiles`, `chain`, `plan`, `misplaced`, `misspelt`, `settings`, `cut`, `endpoints`, `pair`, `keys`, `words` and `value` (pure) find what is
//! wrong with a profile, its settings and its credentials; `fault` and `refusal` word it. The AWS SDK only executes the rest (`rewrite`, `fetch`), with stepgate's own HTTP client (`http`).

mod chain;
mod cut;
mod endpoints;
mod fault;
mod fetch;
mod files;
mod header;
mod http;
mod ini;
mod keys;
mod location;
mod misplaced;
mod misspelt;
mod origin;
mod pair;
mod plan;
mod process;
mod profiles;
mod refusal;
mod rewrite;
mod settings;
mod trouble;
mod value;
mod variables;
mod web;
mod words;

use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use crate::bounded::Limits;
use crate::domain::{CredentialsOrigin, Endpoint, Failure, FailureKind, MissingReason};
use crate::gateway::secret::command::Commands;
use fault::Fault;
use fetch::Fetch;
use profiles::Profiles;
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
        let said = "the region is missing: a signature is for one region";
        let region =
            endpoint.region.clone().ok_or_else(|| Failure::without_response(FailureKind::Client, said.to_owned()))?;
        let found = tokio::time::timeout(DEADLINE, find(endpoint, &region, profile, commands)).await;
        let (credentials, origin) = found.unwrap_or_else(|_| {
            let said = format!("looking them up took more than {} s", DEADLINE.as_secs());
            Err(Fault::new(MissingReason::TooSlow, said, "Check the network and the proxy.").into())
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

    /// The headers that sign a POST of this body, with these headers, at this time.
    pub(in crate::gateway) fn sign(
        &self,
        url: &str,
        headers: &HeaderMap,
        body: &[u8],
        at: SystemTime,
    ) -> Result<HeaderMap, Failure> {
        let wrong = |error: &dyn Error| {
            let missing = MissingReason::Unusable;
            let said = format!("they cannot sign a request: {error}");
            Failure::from(Fault::new(missing, said, format!("Check {}.", self.origin.keys)))
        };
        // As it is sent: with its odd characters percent-encoded.
        let url = Url::parse(url).map_err(|error| wrong(&error))?;
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(at)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| wrong(&error))?
            .into();
        // What proxies leave alone: they may add to the others, or change them.
        let signed = [CONTENT_TYPE, HOST].into_iter().filter_map(|name| {
            let value = headers.get(&name)?.to_str().ok()?.to_owned();
            Some((name, value))
        });
        let signed: Vec<(HeaderName, String)> = signed.collect();
        let signed = signed.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new("POST", url.as_str(), signed, SignableBody::Bytes(body))
            .map_err(|error| wrong(&error))?;
        let (instructions, _) = sign(request, &parameters).map_err(|error| wrong(&error))?.into_parts();
        let mut found = HeaderMap::new();
        for (name, value) in instructions.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| wrong(&error))?;
            let mut value = HeaderValue::from_str(value).map_err(|error| wrong(&error))?;
            value.set_sensitive(true);
            found.insert(name, value);
        }
        debug_assert!(found.contains_key(AUTHORIZATION));
        Ok(found)
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
        return Ok((keys.credentials("Environment")?, origin::environment(keys.token_name)));
    }
    let shared = files::Shared::read().await?;
    let profiles = Profiles::parse(&shared.config, &shared.credentials).map_err(Fault::from)?;
    let chains = plan::chains(profile, &variables, &profiles).map_err(|fault| shared.explained(fault))?;
    let fetch = Fetch { endpoint, region, profiles: &profiles, variables: &variables, commands };
    let mut instance = None;
    for chain in chains {
        match fetch.run(&chain).await {
            Ok(Some(credentials)) => return Ok((credentials, origin::of(&chain, commands.redactor()))),
            Ok(None) => {}
            // Any computer may be probed for instance metadata; not everything that responds is an instance.
            Err(failure) if chain.is_guess() => instance = Some(failure.message),
            Err(failure) => return Err(failure),
        }
    }
    let mut fault = shared.explained(plan::none(&variables, &profiles));
    if let Some(instance) = instance {
        fault.said = format!("{} (instance: {instance})", fault.said);
    }
    Err(fault.into())
}
