//! The signer: credentials of the AWS SDKs' default chain or of one profile, and signatures of single requests.

use std::error::Error;
use std::path::PathBuf;
use std::time::SystemTime;

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use crate::bounded::{self, Limits};
use crate::domain::{Endpoint, Failure, FailureKind};

/// The service's name in the signature (API Gateway developer guide, "Control access to a REST API with IAM
/// permissions").
const SERVICE: &str = "execute-api";

/// Credentials, and the region that they are used in.
pub(in crate::gateway) struct Signer {
    credentials: Credentials,
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
    pub(in crate::gateway) async fn look_up(endpoint: &Endpoint, profile: Option<&str>) -> Result<Self, Failure> {
        let said = "the region is missing: a signature is for one region";
        let region =
            endpoint.region.clone().ok_or_else(|| Failure::without_answer(FailureKind::Client, said.to_owned()))?;
        let config = ProviderConfig::without_region().with_region(Some(Region::new(region.clone())));
        let found = async {
            if let Some(name) = profile {
                let provider = ProfileFileCredentialsProvider::builder().profile_name(name).configure(&config).build();
                provider.provide_credentials().await
            } else {
                let chain = DefaultCredentialsChain::builder().configure(config).build().await;
                chain.provide_credentials().await
            }
        };
        check_files().await?;
        let deadline = Limits::SECRET_COMMAND.time;
        let found = tokio::time::timeout(deadline, found).await.map_err(|_| {
            let said = format!("no AWS credentials: they did not come within {} s", deadline.as_secs());
            Failure::without_answer(FailureKind::Client, said)
        })?;
        let credentials = found.map_err(|error| missing(profile, &error))?;
        Ok(Self { credentials, region })
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
        let wrong = |error: &dyn Error| Failure::without_answer(FailureKind::Client, format!("no signature: {error}"));
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

/// Refuses shared files of the AWS configuration that have no end: the SDK reads them whole.
async fn check_files() -> Result<(), Failure> {
    let home = directories::BaseDirs::new().map(|folders| folders.home_dir().join(".aws"));
    for (variable, name) in [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
        let given = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        let Some(path) = given.or_else(|| home.as_ref().map(|home| home.join(name))) else { continue };
        // A pipe can be read only once, which the SDK does.
        let is_pipe = std::fs::metadata(&path).map_or(true, |metadata| is_pipe(&metadata));
        if is_pipe {
            continue;
        }
        if let Err(error @ bounded::ReadError::TooLarge(_)) = bounded::file_async(&path, Limits::FILE).await {
            let said = format!("no AWS credentials: {} cannot be read: {error}", path.display());
            return Err(Failure::without_answer(FailureKind::Client, said));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_pipe(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &std::fs::Metadata) -> bool {
    false
}

/// No credentials, why, and which command may bring them.
fn missing(profile: Option<&str>, error: &CredentialsError) -> Failure {
    let why = match (error, profile) {
        // Its own words are "the credential provider was not enabled".
        (CredentialsError::CredentialsNotLoaded(_), Some(_)) => "it is not there, or has none".to_owned(),
        (CredentialsError::CredentialsNotLoaded(_), None) => {
            "neither environment, profile, container nor instance has any".to_owned()
        }
        _ => causes(error),
    };
    let of = profile.map(|name| format!(" of the profile `{name}`")).unwrap_or_default();
    let option = profile.map(|name| format!(" --profile {name}")).unwrap_or_default();
    let is_sso = why.to_lowercase().contains("sso");
    let advice = if is_sso {
        format!("`aws sso login{option}` renews them")
    } else {
        format!("`aws sts get-caller-identity{option}` tells whether the AWS CLI finds any")
    };
    Failure::without_answer(FailureKind::Client, format!("no AWS credentials{of}: {why}; {advice}"))
}

/// The words of the error and of everything that it was caused by, outermost first.
fn causes(error: &dyn Error) -> String {
    let mut causes = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    causes.dedup();
    causes.join(": ")
}
