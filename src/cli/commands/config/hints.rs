//! Options of `config init URL` that may help after a problem.

use crate::cli::commands::config::arguments::{DiscoveryArguments, InitArguments};
use stepgate_core::domain::Endpoint;

/// The options that may help after a finding.
pub(super) struct Hints {
    has_auth: bool,
    has_machine: bool,
}

impl Hints {
    pub(super) fn new(arguments: &InitArguments) -> Self {
        let DiscoveryArguments { bearer_env, iam, .. } = &arguments.discovery;
        let has_auth = arguments.api_key_env.is_some() || bearer_env.is_some() || *iam;
        Self { has_auth, has_machine: arguments.machine.is_some() }
    }

    pub(super) fn of(&self, finding: &str, endpoint: &Endpoint) -> Option<&'static str> {
        match finding {
            "no-key" => Some("Options: --api-key-env NAME names the environment variable with the key."),
            "token-refused" if !self.has_auth => {
                Some("Options: --bearer-env NAME names the environment variable with a token; --iam signs requests.")
            }
            "signature-expected" => Some("Options: --iam signs requests with AWS credentials."),
            "no-such-route" | "execution-or-route" if self.has_auth => {
                Some("Options: --route status=PATH, if the route has another path, such as /jobs/{name} for GET.")
            }
            "no-such-route" | "execution-or-route" => Some(
                "Options: --route status=PATH, if the route has another path, such as /jobs/{name} for GET; --iam, if \
                     requests must be signed.",
            ),
            "certificate-not-trusted" => Some("Options: --ca-file FILE names certificates to trust."),
            "body-not-passed-through" if endpoint.region.is_none() && !self.has_machine => {
                Some("Options: --machine ARN or --region REGION, since the host name does not contain the region.")
            }
            _ => None,
        }
    }
}
