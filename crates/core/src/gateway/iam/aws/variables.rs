//! The environment variables that AWS credentials depend on. Pure.

use std::collections::BTreeMap;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::access_keys::{AccessKeys, Sourced};
use crate::gateway::iam::aws::look_up_error::LookUpError;

/// The environment variables that matter here.
#[derive(Default)]
pub(super) struct Variables(BTreeMap<&'static str, String>);

impl Variables {
    const NAMES: [&'static str; 24] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO",
        "AWS_ENDPOINT_URL_SSO_OIDC",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_CA_BUNDLE",
    ];

    /// Reads each of them.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self(Self::NAMES.into_iter().filter_map(|name| Some((name, variable(name)?))).collect())
    }

    /// Returns a variable that is set, even if empty.
    pub(super) fn set(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns a variable that is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.set(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Returns the variable that names a profile, and its value. The AWS CLI (version 2) knows both.
    pub(super) fn profile(&self) -> Option<(&'static str, &str)> {
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].into_iter().find_map(|name| Some((name, self.set(name)?)))
    }

    /// Returns the access keys from the environment.
    pub(super) fn keys(&self) -> Result<Option<AccessKeys<'_>>, LookUpError> {
        let part = |name: &str| Some(Sourced { text: self.get(name)?, what: name.to_owned() });
        // The older name goes first in botocore.
        let token_name = ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"].into_iter().find(|name| self.get(name).is_some());
        let token_name = token_name.unwrap_or("AWS_SESSION_TOKEN");
        let token = part(token_name);
        match (part("AWS_ACCESS_KEY_ID"), part("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => Ok(Some(AccessKeys { id, secret, token, token_name })),
            (Some(_), None) => Err(incomplete("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
            (None, Some(_)) => Err(incomplete("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")),
            (None, None) => Ok(None),
        }
    }
}

/// Something is set without what belongs to it.
pub(super) fn incomplete(set: &str, missing: &str) -> LookUpError {
    let message = format!("{set} is set, but {missing} is not");
    LookUpError::new(MissingReason::IncompleteKeys, message, format!("Set {missing} too, or unset {set}."))
}
