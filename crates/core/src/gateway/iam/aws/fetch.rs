//! Executes a chain with the AWS SDK's providers and stepgate's own for `credential_process`.

use std::path::PathBuf;
use std::time::SystemTime;

use aws_config::Region;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::profile::credentials as profile;
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use secrecy::SecretString;

use crate::domain::{CredentialsOrigin, Endpoint, Failure, MissingReason};
use crate::gateway::iam::aws::chain::{Base, Chain, Sso};
use crate::gateway::iam::aws::endpoints::Endpoints;
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::http::{Bundle, Http};
use crate::gateway::iam::aws::keys::{self, AccessKeys};
use crate::gateway::iam::aws::profiles::Profiles;
use crate::gateway::iam::aws::refusal::LookUp;
use crate::gateway::iam::aws::value::Part;
use crate::gateway::iam::aws::variables::Variables;
use crate::gateway::iam::aws::{cut, files, origin, pair, process, rewrite, settings};
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
        cut::check(chain, self.profiles)?;
        let endpoints = Endpoints::of(chain, self.variables, self.profiles)?;
        self.check(chain).await?;
        let bundle = self.bundle(chain);
        let http = self.http(chain, bundle.clone());
        let failed = |error: &CredentialsError| -> Fault {
            // Without its causes, which may repeat a response.
            tracing::debug!(profile = chain.selected(), %error, "the AWS SDK has found no credentials");
            let redactor = self.commands.redactor();
            let own = self.endpoint.ca_file.as_deref().map(|path| ("ca-file", path));
            let authorities = bundle.iter().map(|bundle| (bundle.from, bundle.path.as_path())).chain(own).collect();
            let metadata = settings::metadata(chain, self.variables);
            let look_up = LookUp { chain, endpoints: &endpoints, metadata, region: self.region, authorities, redactor };
            let fault = look_up.fault(http.trouble());
            fault.or_misspelt(chain.profiles.iter().map(|(name, keys)| (name.as_str(), keys)))
        };
        let region = Region::new(self.region.to_owned());
        let config = ProviderConfig::without_region().with_region(Some(region)).with_http_client(http.clone());
        let Some(base) = self.base(chain, &endpoints, &config, &failed).await? else { return Ok(None) };
        self.check_issued(&base, &origin::of_base(chain, self.commands.redactor()))?;
        if !chain.assumes_a_role() {
            return Ok(Some(base));
        }
        let provider = provider(&config, rewrite::roles(chain, &endpoints));
        let found = provider.with_custom_provider(rewrite::OURS, base).build().provide_credentials().await;
        let found = found.map_err(|error| failed(&error))?;
        self.check_issued(&found, &origin::of(chain, self.commands.redactor()))?;
        Ok(Some(found))
    }

    /// Returns the credentials of the base of a chain; `None` if it has none.
    async fn base(
        &self,
        chain: &Chain,
        endpoints: &Endpoints,
        config: &ProviderConfig,
        failed: impl Fn(&CredentialsError) -> Fault,
    ) -> Result<Option<Credentials>, Fault> {
        let found = match &chain.base {
            Base::Keys => {
                let keys = AccessKeys::of_profile(chain, self.profiles);
                return keys.map(|keys| keys.credentials("profile")).transpose();
            }
            Base::Named(name) if name == "Environment" => {
                return self.variables.keys()?.map(|keys| keys.credentials("Environment")).transpose();
            }
            Base::Process(words) => return self.process(words, chain.source()).await.map(Some),
            Base::Sso(sso) if sso.session.as_deref().is_some_and(|session| !rewrite::is_identifier(session)) => {
                if let Some(setting) = endpoints.of_files().next() {
                    let (name, variable) = (&setting.name, setting.service.variable());
                    let said =
                        format!("{name} cannot be used for an sso-session whose name has a space or special character");
                    return Err(Fault::new(MissingReason::Setting, said, format!("Set {variable} instead.")));
                }
                sso_provider(sso, config).provide_credentials().await
            }
            _ => provider(config, rewrite::base(chain, endpoints)).build().provide_credentials().await,
        };
        match found {
            Ok(found) => Ok(Some(found)),
            Err(CredentialsError::CredentialsNotLoaded(_))
                if chain.is_of_variables && matches!(chain.base, Base::Named(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Registers the secrets in credentials for redaction, and checks them.
    fn check_issued(&self, found: &Credentials, origin: &CredentialsOrigin) -> Result<(), Fault> {
        let secrets = [Some(found.secret_access_key()), found.session_token()];
        self.commands.redactor().add(&secrets.into_iter().flatten().map(SecretString::from).collect::<Vec<_>>());
        keys::check_issued(found, &origin.keys, &origin.renewal)
    }

    /// Checks what the SDK would read, and registers the secrets in it for redaction.
    async fn check(&self, chain: &Chain) -> Result<(), Fault> {
        let keys = chain.profiles.iter().flat_map(|(_, keys)| keys);
        let is_secret = |key: &str| key == "aws_secret_access_key" || pair::TOKENS.contains(&key);
        let secrets = keys.filter(|(key, _)| is_secret(key));
        self.commands.redactor().add(&secrets.map(|(_, value)| SecretString::from(value.as_str())).collect::<Vec<_>>());
        match &chain.base {
            Base::Sso(sso) => {
                self.commands.redactor().add(&files::sso_session(sso, chain.source(), SystemTime::now()).await?);
            }
            Base::WebIdentity(file) => {
                let from = if chain.is_of_variables {
                    "AWS_WEB_IDENTITY_TOKEN_FILE".to_owned()
                } else {
                    format!("web_identity_token_file of the profile `{}`", chain.source())
                };
                self.commands.redactor().add(&[files::token(file, &from).await?]);
            }
            Base::Named(name) if name == "EcsContainer" => {
                const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
                if let Some(file) = self.variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
                    self.commands.redactor().add(&[files::container_token(file).await?]);
                } else if let Some(token) = self.variables.set(TOKEN) {
                    self.commands.redactor().add(&[token.into()]);
                    keys::check(Part::Header, token, TOKEN)?;
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
    async fn process(&self, words: &[String], profile: &str) -> Result<Credentials, Fault> {
        let fault = |why: String| {
            let said = format!("the credential_process of the profile `{profile}` failed: {why}");
            let shell = if process::needs_a_shell(words) {
                " (it runs without a shell, as in the AWS CLI; one that needs a shell is `sh -c 'COMMAND'`)"
            } else {
                ""
            };
            let config = &self.profiles.config_path;
            let advice = format!("Sign in if it asks you to, or correct the command in {config}{shell}.");
            Fault::new(MissingReason::Process, said, advice)
        };
        let line = CommandLine(words);
        let printed = self.commands.of_profile().run(line).await.map_err(|error| fault(error.to_string()))?;
        process::parse(printed).map_err(|why| {
            let by_hand = line.by_hand(self.commands.redactor());
            fault(format!("its output is unusable: {why}; run it by hand: `{by_hand}`"))
        })
    }
}

fn provider(config: &ProviderConfig, contents: String) -> profile::Builder {
    let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, contents).build();
    ProfileFileCredentialsProvider::builder().configure(config).profile_files(files).profile_name(rewrite::SELECTED)
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
