//! Errors in a configuration that was made from arguments. They name the arguments: the user has not seen the keys.

use std::fmt;

use crate::config::error::{ConfigError, ConfigErrors};
use stepgate_core::domain::{toml_header, toml_key};

/// The arguments that a configuration was made from.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments {
    /// The name of the endpoint.
    pub(super) endpoint: String,
    /// How the URL is given.
    pub(super) url: &'static str,
    /// The option that sets `auth`.
    pub(super) auth: &'static str,
    /// Whether `--region` is one of them.
    pub(super) has_region: bool,
    /// The name of the machine of `--machine`.
    pub(super) machine: Option<String>,
}

/// An error in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArgumentError {
    /// The argument, or the key of a value that no argument sets.
    subject: String,
    pub(super) message: String,
}

impl ArgumentError {
    pub(super) fn new(subject: &str, message: impl fmt::Display) -> Self {
        Self { subject: subject.to_owned(), message: message.to_string() }
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.subject.is_empty() { "" } else { ": " };
        write!(f, "{}{separator}{}", self.subject, self.message)
    }
}

impl Arguments {
    /// Returns the errors without line numbers: the user has not seen the lines either.
    pub(super) fn explain(&self, errors: &ConfigErrors) -> Vec<ArgumentError> {
        let explained = |error: &ConfigError| {
            let subject = self.argument(&error.key).unwrap_or_else(|| error.key.clone());
            let message = ConfigError { key: String::new(), ..error.clone() }.to_string();
            ArgumentError::new(&subject, self.advice(&message))
        };
        errors.errors.iter().map(explained).collect()
    }

    /// Replaces the advice to set a key by the option that sets it.
    fn advice(&self, message: &str) -> String {
        let before = "set region = \"";
        let behind = format!("\" in {}", toml_header(&["endpoints", &self.endpoint]));
        if self.has_region && message.contains(before) && message.ends_with(&behind) {
            return message.replace(before, "add --region ").replace(&behind, "");
        }
        message.to_owned()
    }

    fn argument(&self, key: &str) -> Option<String> {
        let below = |table: &str, name: &str| {
            let rest = key.strip_prefix(&format!("{table}.{}", toml_key(name)))?;
            (rest.is_empty() || rest.starts_with('.')).then(|| rest.split('.').skip(1).collect::<Vec<_>>())
        };
        if self.machine.as_deref().is_some_and(|name| below("machines", name).is_some()) {
            return Some("--machine".into());
        }
        let argument = match below("endpoints", &self.endpoint)?[..] {
            [] => "--name",
            ["url"] => self.url,
            ["region"] => "--region",
            ["ca-file"] => "--ca-file",
            ["auth", "profile"] => "--profile",
            ["auth", ..] => self.auth,
            ["routes", route, ..] => return Some(format!("--route {route}")),
            _ => return None,
        };
        Some(argument.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_an_argument_has_set_are_replaced() {
        let arguments = Arguments {
            endpoint: "a.b".into(),
            url: "URL",
            auth: "--bearer-env",
            has_region: true,
            machine: Some("m".into()),
        };
        for (key, expected) in [
            ("endpoints.\"a.b\"", Some("--name")),
            ("endpoints.\"a.b\".url", Some("URL")),
            ("endpoints.\"a.b\".auth", Some("--bearer-env")),
            ("endpoints.\"a.b\".auth.env", Some("--bearer-env")),
            ("endpoints.\"a.b\".auth.profile", Some("--profile")),
            ("endpoints.\"a.b\".routes.status.path", Some("--route status")),
            ("machines.m.arn", Some("--machine")),
            ("machines.m2.arn", None),
            ("endpoints.\"a.b\".names", None),
            ("endpoints.a.url", None),
            ("default-endpoint", None),
        ] {
            assert_eq!(arguments.argument(key).as_deref(), expected, "{key}");
        }
    }
}
