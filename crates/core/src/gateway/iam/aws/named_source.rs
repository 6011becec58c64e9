//! The sources that `credential_source` names: what they need, and where a container and an instance are. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::variables::Variables;

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
/// Variables, and the keys of profiles that they go before.
const METADATA: (&str, &str) = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
const MODE: (&str, &str) = ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
/// Where a container of ECS finds its credentials, beside the addresses of the computer itself; and where those of EKS do.
const CONTAINERS: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
];

/// Fails if a source that this chain needs is missing or has an unusable address.
pub(super) fn check(chain: &Chain, variables: &Variables) -> Result<(), LookUpError> {
    let Base::Named(name) = &chain.base else { return Ok(()) };
    let is_set = |name: &str| variables.get(name).is_some();
    let lacks = |what: &str, advice: &str| {
        let message = format!("the profile `{}` takes its credentials from {what}", chain.source());
        let advice = format!("{advice}, or set source_profile in place of credential_source in this profile.");
        Err(LookUpError::new(MissingReason::IncompleteProfile, message, advice))
    };
    match name.as_str() {
        "EcsContainer" if !is_set(RELATIVE) && !is_set(FULL) => lacks(
            &format!("a container (credential_source = EcsContainer), but neither {RELATIVE} nor {FULL} is set"),
            "Run stepgate in a container of ECS or EKS",
        ),
        "EcsContainer" => container_url(variables).map(drop),
        "Environment" if !matches!(variables.keys(), Ok(Some(_))) => lacks(
            "the environment (credential_source = Environment), but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
            "Set both variables",
        ),
        "Ec2InstanceMetadata" => {
            instance_url(chain, variables)?;
            if variables.get(DISABLED).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
                return lacks(
                    &format!("the instance (credential_source = Ec2InstanceMetadata), but {DISABLED} is set"),
                    "Unset it on an EC2 instance",
                );
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Returns the URL of a container's credentials. Like botocore, it takes plain HTTP only to where containers are, since
/// the request may carry a token.
pub(super) fn container_url(variables: &Variables) -> Result<Url, LookUpError> {
    if let Some(path) = variables.get(RELATIVE) {
        let url = Url::parse(&format!("http://{}/{}", CONTAINERS[0], path.trim_start_matches('/')));
        return url.map_err(|_| {
            let message = format!("{RELATIVE} is not a path such as /v2/credentials");
            LookUpError::new(MissingReason::Setting, message, format!("Correct {RELATIVE}, or remove it."))
        });
    }
    let url = parsed(FULL, variables.get(FULL).unwrap_or_default())?;
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let is_container = address.is_some_and(|address| address.is_loopback() || CONTAINERS.contains(&address));
    if url.scheme() == "https" || is_container || host == "localhost" {
        return Ok(url);
    }
    let message = format!("{FULL} leads to `{host}` without TLS, which is not the endpoint of a container");
    let [ecs, eks, eks_6] = CONTAINERS;
    let advice = format!("Use https, or a loopback address, {ecs}, {eks} or {eks_6}.");
    Err(LookUpError::new(MissingReason::Setting, message, advice))
}

/// Returns the address of an instance's metadata.
pub(super) fn instance_url(chain: &Chain, variables: &Variables) -> Result<Url, LookUpError> {
    if let Some((name, value)) = setting(METADATA, chain, variables) {
        return parsed(&name, value);
    }
    let address = match setting(MODE, chain, variables) {
        Some((_, mode)) if mode.eq_ignore_ascii_case("ipv6") => "http://[fd00:ec2::254]",
        Some((name, mode)) if !mode.eq_ignore_ascii_case("ipv4") => {
            let message = format!("{name} is neither IPv4 nor IPv6");
            return Err(LookUpError::new(MissingReason::Setting, message, format!("Correct {name}, or remove it.")));
        }
        _ => "http://169.254.169.254",
    };
    parsed("the address of an instance", address)
}

/// Returns what sets the address of an instance's metadata, if a chain uses it and it is set.
pub(super) fn metadata_setting(chain: &Chain, variables: &Variables) -> Option<String> {
    let is_used = chain.base == Base::Named("Ec2InstanceMetadata".into());
    is_used.then(|| setting(METADATA, chain, variables)).flatten().map(|(name, _)| name)
}

/// Returns what sets something, with its value.
fn setting<'s>((variable, key): (&str, &str), chain: &'s Chain, variables: &'s Variables) -> Option<(String, &'s str)> {
    let of_variable = variables.get(variable).map(|value| (variable.to_owned(), value));
    of_variable.or_else(|| Some((format!("{key} of the profile `{}`", chain.selected()), chain.get(key)?)))
}

fn parsed(name: &str, value: &str) -> Result<Url, LookUpError> {
    let is_http = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    Url::parse(value).ok().filter(is_http).ok_or_else(|| {
        let message = format!("{name} is not a URL such as https://HOST");
        LookUpError::new(MissingReason::Setting, message, format!("Correct {name}, or remove it."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::iam::aws::look_up_error::NamedBy;
    use crate::gateway::iam::aws::profiles::Keys;

    #[test]
    fn each_unusable_setting_is_named() {
        let chain = |base: &Base| Chain {
            profiles: vec![("p".into(), Keys::new())],
            base: base.clone(),
            by: NamedBy::Endpoint,
            is_of_variables: false,
            has_role_of_variable: false,
        };
        let named = |name: &str| Base::Named(name.into());
        for (base, set, expected) in [
            (Base::Keys, &[][..], None),
            (named("EcsContainer"), &[], Some("neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor")),
            (named("EcsContainer"), &[(RELATIVE, "/x")], None),
            (named("EcsContainer"), &[(FULL, "x")], Some("AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL")),
            (named("Environment"), &[], Some("AWS_SECRET_ACCESS_KEY are not set")),
            (named("Environment"), &[("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "S")], None),
            (named("Ec2InstanceMetadata"), &[(DISABLED, "true")], Some("AWS_EC2_METADATA_DISABLED is set")),
            (
                named("Ec2InstanceMetadata"),
                &[(METADATA.0, "x")],
                Some("AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL"),
            ),
            (named("Ec2InstanceMetadata"), &[], None),
        ] {
            let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let checked = check(&chain(&base), &Variables::read(value));
            match (checked, expected) {
                (Ok(()), None) => {}
                (Err(error), Some(expected)) => assert!(error.message.contains(expected), "{error:?}"),
                (checked, expected) => panic!("{set:?}: {checked:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn a_token_for_a_container_is_sent_to_containers_only() {
        let url = |set: &[(&str, &str)]| {
            let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            container_url(&Variables::read(value)).map(String::from)
        };
        for (set, expected) in [
            ((RELATIVE, "/v2/credentials?id=1"), "http://169.254.170.2/v2/credentials?id=1"),
            ((RELATIVE, "v2"), "http://169.254.170.2/v2"),
            ((RELATIVE, "@example.com/x"), "http://169.254.170.2/@example.com/x"),
            ((RELATIVE, "//example.com/x"), "http://169.254.170.2/example.com/x"),
            ((FULL, "https://example.com/x"), "https://example.com/x"),
            ((FULL, "http://127.0.0.1:8080/x"), "http://127.0.0.1:8080/x"),
            ((FULL, "http://[::1]/x"), "http://[::1]/x"),
            ((FULL, "http://localhost/x"), "http://localhost/x"),
            ((FULL, "http://169.254.170.23/v1/credentials"), "http://169.254.170.23/v1/credentials"),
            ((FULL, "http://[fd00:ec2::23]/x"), "http://[fd00:ec2::23]/x"),
        ] {
            assert_eq!(url(&[set]), Ok(expected.to_owned()));
        }
        for value in
            ["http://example.com/x", "http://localhost.example.com/x", "http://10.0.0.1/x", "http://127.0.0.1@x/"]
        {
            let error = url(&[(FULL, value)]).expect_err(value);
            assert!(error.message.contains("without TLS") && error.advice.contains("169.254.170.2"), "{error:?}");
        }
    }

    #[test]
    fn the_address_of_an_instance_may_be_set() {
        for (set, expected) in [
            (vec![], "http://169.254.169.254/"),
            (vec![(MODE.0, "ipv4")], "http://169.254.169.254/"),
            (vec![(MODE.0, "IPv6")], "http://[fd00:ec2::254]/"),
            (vec![(MODE.0, "IPv6"), (METADATA.0, "http://127.0.0.1:1338")], "http://127.0.0.1:1338/"),
            (vec![(MODE.0, "6")], "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6"),
        ] {
            let chain = Chain {
                profiles: vec![("p".into(), Keys::new())],
                base: Base::Named("Ec2InstanceMetadata".into()),
                by: NamedBy::Endpoint,
                is_of_variables: false,
                has_role_of_variable: false,
            };
            let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let found = instance_url(&chain, &Variables::read(value));
            assert_eq!(found.map_or_else(|error| error.message, String::from), expected);
        }
    }
}
