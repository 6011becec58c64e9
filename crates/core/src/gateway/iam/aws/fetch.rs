//! Executes a chain: gets the credentials of its base, and assumes its roles with them, one after the other.

mod base;
mod instance;
mod session;

use std::error::Error;
use std::path::PathBuf;
use std::time::SystemTime;

use secrecy::SecretString;

use crate::domain::{CredentialsOrigin, Endpoint, Failure, MissingReason};
use crate::gateway::iam::aws::access_keys;
use crate::gateway::iam::aws::chain::Chain;
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::failed_request::LookUp;
use crate::gateway::iam::aws::http::{Bundle, Http};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::profiles::Profiles;
use crate::gateway::iam::aws::request::Request;
use crate::gateway::iam::aws::response::RequestError;
use crate::gateway::iam::aws::service::Service;
use crate::gateway::iam::aws::service_address::Addresses;
use crate::gateway::iam::aws::variables::Variables;
use crate::gateway::iam::aws::{access_key_pair, named_source, origin, sts, trailing_comment};
use crate::gateway::secret::command::Commands;

/// The parameters of a look-up.
pub(super) struct Fetch<'f> {
    pub(super) endpoint: &'f Endpoint,
    pub(super) region: &'f str,
    pub(super) profiles: &'f Profiles,
    pub(super) variables: &'f Variables,
    pub(super) commands: &'f Commands,
}

/// What a source has.
pub(super) enum Found {
    Credentials(Credentials),
    /// No credentials, with the reason if there is one to tell.
    Nothing(Option<String>),
}

impl Fetch<'_> {
    /// Returns the credentials at the end of the chain.
    pub(super) async fn run(&self, chain: &Chain) -> Result<Found, Failure> {
        named_source::check(chain, self.variables)?;
        trailing_comment::check(chain, self.profiles)?;
        let addresses = Addresses::of(chain, self.variables, self.profiles)?;
        self.redact_profiles_of(chain);
        let bundle = self.bundle(chain);
        let own = self.endpoint.ca_file.as_deref().map(|path| ("ca-file", path));
        let look_up = LookUp {
            chain,
            addresses: &addresses,
            metadata: named_source::metadata_setting(chain, self.variables),
            region: self.region,
            authorities: bundle.iter().map(|bundle| (bundle.from, bundle.path.as_path())).chain(own).collect(),
            redactor: self.commands.redactor(),
        };
        let steps =
            Steps { fetch: self, chain, addresses: &addresses, http: self.http(chain, bundle.as_ref()), look_up };
        let base = match steps.base().await? {
            Found::Credentials(base) => base,
            nothing @ Found::Nothing(_) => return Ok(nothing),
        };
        self.check_issued(&base, &origin::of_base(chain, self.commands.redactor()))?;
        Ok(Found::Credentials(steps.assume_roles(base).await?))
    }

    /// Registers the secrets in credentials for redaction, and checks them.
    fn check_issued(&self, found: &Credentials, origin: &CredentialsOrigin) -> Result<(), LookUpError> {
        let secrets = [Some(found.secret_access_key()), found.session_token()];
        self.commands.redactor().add(&secrets.into_iter().flatten().map(SecretString::from).collect::<Vec<_>>());
        access_keys::check_issued(found, &origin.keys, &origin.renewal)
    }

    fn redact_profiles_of(&self, chain: &Chain) {
        let keys = chain.profiles.iter().flat_map(|(_, keys)| keys);
        let is_secret = |key: &str| key == "aws_secret_access_key" || access_key_pair::TOKENS.contains(&key);
        let secrets = keys.filter(|(key, _)| is_secret(key)).map(|(_, value)| SecretString::from(value.as_str()));
        self.commands.redactor().add(&secrets.collect::<Vec<_>>());
    }

    fn bundle(&self, chain: &Chain) -> Option<Bundle> {
        let bundle = self.variables.get("AWS_CA_BUNDLE").map(|path| (path, "AWS_CA_BUNDLE"));
        let (path, from) = bundle.or_else(|| Some((chain.get("ca_bundle")?, "ca_bundle")))?;
        Some(Bundle { path: PathBuf::from(path), from })
    }

    fn http<'h>(&'h self, chain: &Chain, bundle: Option<&'h Bundle>) -> Http<'h> {
        let variable = |name: &'static str| self.variables.get(name);
        let direct = [
            variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
            chain.get("ec2_metadata_service_endpoint"),
        ];
        let direct: Vec<&str> = direct.into_iter().flatten().collect();
        Http::new(self.endpoint, bundle, &direct, self.commands)
    }
}

/// The steps of one chain.
struct Steps<'s> {
    fetch: &'s Fetch<'s>,
    chain: &'s Chain,
    addresses: &'s Addresses,
    http: Http<'s>,
    look_up: LookUp<'s>,
}

impl Steps<'_> {
    /// Assumes the roles of the chain, the last one with the credentials of the one before.
    async fn assume_roles(&self, base: Credentials) -> Result<Credentials, LookUpError> {
        let (mut found, mut profile) = (base, self.chain.source());
        let roles: Vec<_> = self.chain.roles().collect();
        for (name, keys) in roles.into_iter().rev() {
            let (address, region) = (self.address_of_sts()?, self.fetch.region);
            let request = sts::assume_role(&address, keys, &found, region, SystemTime::now());
            let request = request.map_err(|error| self.unusable(&error, &format!("the credentials of `{profile}`")))?;
            found = self.send(&request, sts::credentials).await?;
            self.fetch.check_issued(&found, &origin::of_role(self.chain, name, keys))?;
            profile = name;
        }
        Ok(found)
    }

    fn address_of_sts(&self) -> Result<reqwest::Url, LookUpError> {
        self.addresses.url(Service::Sts, self.fetch.region, "region in the endpoint")
    }

    async fn send<T>(&self, request: &Request, read: impl Fn(&[u8]) -> Option<T>) -> Result<T, LookUpError> {
        self.http.send(request, read).await.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &RequestError) -> LookUpError {
        let error = self.look_up.error(error);
        tracing::debug!(profile = self.chain.selected(), error = error.message, "a request for credentials failed");
        error
    }

    /// A secret that cannot be sent. `what` is where it comes from.
    fn unusable(&self, error: &dyn Error, what: &str) -> LookUpError {
        let message = self.fetch.commands.redactor().text(&error.to_string()).into_owned();
        LookUpError::new(MissingReason::Unusable, message, format!("Check {what}."))
    }
}
