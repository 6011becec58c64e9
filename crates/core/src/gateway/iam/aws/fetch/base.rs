//! The credentials of the base of a chain.

use std::time::SystemTime;

use secrecy::ExposeSecret;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::access_keys::{self, AccessKeys};
use crate::gateway::iam::aws::chain::Base;
use crate::gateway::iam::aws::credential_part::Part;
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::fetch::{Found, Steps};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::profiles::Keys;
use crate::gateway::iam::aws::{credential_process, metadata, named_source, sts, token_files};
use crate::gateway::secret::command::CommandLine;

const CONTAINER_TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const CONTAINER_TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

impl Steps<'_> {
    /// Returns the credentials of the base.
    pub(super) async fn base(&self) -> Result<Found, LookUpError> {
        let keys = match &self.chain.base {
            Base::Keys => AccessKeys::of_profile(self.chain, self.fetch.profiles),
            Base::Process(words) => return self.process(words).await.map(Found::Credentials),
            Base::Sso(sso) => return self.sso(sso).await.map(Found::Credentials),
            Base::WebIdentity(file) => return self.web_identity(file).await.map(Found::Credentials),
            Base::Named(name) => match name.as_str() {
                "Environment" => self.fetch.variables.keys()?,
                "EcsContainer" => return self.container().await.map(Found::Credentials),
                _ => return self.instance().await,
            },
        };
        keys.map_or(Ok(Found::Nothing(None)), |keys| keys.credentials().map(Found::Credentials))
    }

    /// Runs a `credential_process`.
    async fn process(&self, words: &[String]) -> Result<Credentials, LookUpError> {
        let (profile, commands) = (self.chain.source(), self.fetch.commands);
        let failed = |why: String| {
            let message = format!("the credential_process of the profile `{profile}` failed: {why}");
            let shell = if credential_process::needs_a_shell(words) {
                " (it runs without a shell, as in the AWS CLI; one that needs a shell is `sh -c 'COMMAND'`)"
            } else {
                ""
            };
            let config = &self.fetch.profiles.config_path;
            let advice = format!("Sign in if it asks you to, or correct the command in {config}{shell}.");
            LookUpError::new(MissingReason::Process, message, advice)
        };
        let line = CommandLine(words);
        let printed = commands.of_profile().run(line).await.map_err(|error| failed(error.to_string()))?;
        credential_process::parse(printed).map_err(|why| {
            let by_hand = line.by_hand(commands.redactor());
            failed(format!("its output is unusable: {why}; run it by hand: `{by_hand}`"))
        })
    }

    async fn web_identity(&self, file: &str) -> Result<Credentials, LookUpError> {
        let from = if self.chain.is_of_variables {
            "AWS_WEB_IDENTITY_TOKEN_FILE".to_owned()
        } else {
            format!("web_identity_token_file of the profile `{}`", self.chain.source())
        };
        let token = token_files::web_identity(file, &from).await?;
        self.fetch.commands.redactor().add([&token]);
        let (none, address) = (Keys::new(), self.address_of_sts()?);
        let profile = self.chain.profiles.last().map_or(&none, |(_, keys)| keys);
        let request = sts::assume_role_with_web_identity(&address, profile, token.expose_secret(), SystemTime::now());
        self.send(&request, sts::credentials).await
    }

    async fn container(&self) -> Result<Credentials, LookUpError> {
        let variables = self.fetch.variables;
        let token = if let Some(file) = variables.get(CONTAINER_TOKEN_FILE) {
            Some(token_files::container(file).await?)
        } else {
            // Untrimmed, as in the AWS tools.
            variables.set(CONTAINER_TOKEN).filter(|token| !token.trim().is_empty()).map(Into::into)
        };
        self.fetch.commands.redactor().add(&token);
        let token = token.as_ref().map(ExposeSecret::expose_secret);
        if let Some(token) = token {
            access_keys::check(Part::Header, token, CONTAINER_TOKEN)?;
        }
        let request = metadata::container(&named_source::container_url(variables)?, token);
        let request = request.map_err(|error| self.unusable(&error, CONTAINER_TOKEN))?;
        self.send(&request, metadata::credentials).await
    }
}
