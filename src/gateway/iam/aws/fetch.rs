//! Executes a chain with the AWS SDK's providers and stepgate's own for `credential_process`.

use std::path::PathBuf;
use std::time::SystemTime;

use aws_config::Region;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use secrecy::SecretString;

use crate::domain::{Endpoint, Failure, MissingReason};
use crate::gateway::iam::aws::chain::{Base, Chain, Sso};
use crate::gateway::iam::aws::fault::{Fault, NamedBy};
use crate::gateway::iam::aws::http::{Bundle, Http};
use crate::gateway::iam::aws::plan::Variables;
use crate::gateway::iam::aws::profiles::Profiles;
use crate::gateway::iam::aws::refusal::LookUp;
use crate::gateway::iam::aws::{files, misspelt, process, rewrite, settings};
use crate::gateway::secret::command::{CommandLine, Commands};

/// The parameters of a look-up.
pub(super) struct Fetch<'f> {
    pub(super) endpoint: &'f Endpoint,
    pub(super) region: &'f str,
    pub(super) profiles: &'f Profiles,
    pub(super) variables: &'f Variables,
    pub(super) commands: &'f Commands,
}

impl Fetch<'_> {
    /// Returns the credentials at the end of the chain; `None` if a source has none.
    pub(super) async fn run(&self, chain: &Chain) -> Result<Option<Credentials>, Failure> {
        settings::check(chain, self.variables)?;
        self.check(chain).await?;
        let bundle = self.bundle(chain);
        let http = self.http(chain, bundle.clone());
        let failed = |error: &CredentialsError| {
            // Without its causes, which may repeat a response.
            tracing::debug!(profile = chain.selected(), %error, "the AWS SDK has found no credentials");
            let redactor = self.commands.redactor();
            let own = self.endpoint.ca_file.as_deref().map(|path| ("ca-file", path));
            let authorities = bundle.iter().map(|bundle| (bundle.from, bundle.path.as_path())).chain(own).collect();
            let fault = LookUp { chain, authorities, redactor }.fault(http.trouble());
            misspelt::named(fault, chain.profiles.iter().map(|(name, keys)| (name.as_str(), keys)))
        };
        let region = Region::new(self.region.to_owned());
        let config = ProviderConfig::without_region().with_region(Some(region)).with_http_client(http.clone());
        let ours = match &chain.base {
            Base::Process(line) => Some(self.process(line, chain.source()).await?),
            Base::Sso(sso) if sso.session.as_deref().is_some_and(|session| !rewrite::is_identifier(session)) => {
                let found = sso_provider(sso, &config).provide_credentials().await;
                Some(found.map_err(|error| failed(&error))?)
            }
            _ => None,
        };
        let contents = rewrite::contents(chain, self.profiles, ours.is_some());
        let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, contents).build();
        let mut provider = ProfileFileCredentialsProvider::builder()
            .configure(&config)
            .profile_files(files)
            .profile_name(rewrite::SELECTED);
        if let Some(ours) = ours {
            provider = provider.with_custom_provider(rewrite::OURS, ours);
        }
        match provider.build().provide_credentials().await {
            Ok(found) => Ok(Some(found)),
            Err(CredentialsError::CredentialsNotLoaded(_))
                if chain.by == NamedBy::Nobody && matches!(chain.base, Base::Named(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(failed(&error).into()),
        }
    }

    /// Checks what the SDK would read, and registers the secrets in it for redaction.
    async fn check(&self, chain: &Chain) -> Result<(), Fault> {
        let keys = chain.profiles.iter().flat_map(|(_, keys)| keys);
        let secrets = keys.filter(|(key, _)| matches!(key.as_str(), "aws_secret_access_key" | "aws_session_token"));
        self.commands.redactor().add(&secrets.map(|(_, value)| SecretString::from(value.as_str())).collect::<Vec<_>>());
        match &chain.base {
            Base::Sso(sso) => {
                self.commands.redactor().add(&files::sso_session(sso, chain.source(), SystemTime::now()).await?);
            }
            Base::WebIdentity(file) => {
                let is_variable = self.variables.get("AWS_WEB_IDENTITY_TOKEN_FILE") == Some(file);
                let from = if is_variable && chain.by == NamedBy::Nobody {
                    "AWS_WEB_IDENTITY_TOKEN_FILE".to_owned()
                } else {
                    format!("web_identity_token_file of the profile `{}`", chain.source())
                };
                self.commands.redactor().add(&[files::token(file, &from).await?]);
            }
            Base::Named(name) if name == "EcsContainer" => {
                if let Some(file) = self.variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
                    self.commands.redactor().add(&[files::container_token(file).await?]);
                }
            }
            Base::Keys | Base::Process(_) | Base::Named(_) => {}
        }
        Ok(())
    }

    fn bundle(&self, chain: &Chain) -> Option<Bundle> {
        let bundle = self.variables.get("AWS_CA_BUNDLE").map(|path| (path, "AWS_CA_BUNDLE"));
        let (path, from) = bundle.or_else(|| Some((chain.get("ca_bundle")?, "ca_bundle")))?;
        Some(Bundle { path: PathBuf::from(path), from })
    }

    fn http(&self, chain: &Chain, bundle: Option<Bundle>) -> Http {
        let variable = |name: &'static str| self.variables.get(name);
        let direct = [
            variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
            chain.get("ec2_metadata_service_endpoint"),
        ];
        let direct: Vec<&str> = direct.into_iter().flatten().collect();
        Http::new(self.endpoint, bundle, &direct, self.commands)
    }

    /// Runs a `credential_process`.
    async fn process(&self, line: &str, profile: &str) -> Result<Credentials, Fault> {
        let fault = |why: String| {
            let said = format!("the credential_process of the profile `{profile}` failed: {why}");
            let advice = format!("Sign in if it asks you to, or correct the command in {}.", self.profiles.config_path);
            Fault::new(MissingReason::Process, said, advice)
        };
        let line = CommandLine::Shell(line);
        let printed = self.commands.run(line).await.map_err(|error| fault(error.to_string()))?;
        process::parse(printed).map_err(|why| {
            let by_hand = line.by_hand(self.commands.redactor());
            fault(format!("its output is unusable: {why}; run it by hand: `{by_hand}`"))
        })
    }
}

/// Returns the provider for a session whose name the SDK would not accept in a file.
fn sso_provider(sso: &Sso, config: &ProviderConfig) -> SsoCredentialsProvider {
    let mut provider = SsoCredentialsProvider::builder()
        .configure(config)
        .account_id(&sso.account)
        .role_name(&sso.role)
        .start_url(&sso.start_url)
        .region(Region::new(sso.region.clone()));
    provider.set_session_name(sso.session.clone());
    provider.build()
}
