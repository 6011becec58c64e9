//! Checks settings that the AWS SDK would refuse without naming them. Pure.

use reqwest::Url;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::variables::Variables;

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const METADATA: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";

/// Fails if a setting for this chain is unusable.
pub(super) fn check(chain: &Chain, variables: &Variables) -> Result<(), Fault> {
    let url = |name: &str, value: Option<&str>| {
        let is_http =
            |value| Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if value.is_none_or(is_http) {
            return Ok(());
        }
        let said = format!("{name} is not a URL such as https://HOST");
        Err(Fault::new(MissingReason::Setting, said, format!("Correct {name}, or remove it.")))
    };
    if let Some((name, value)) = metadata_setting(chain, variables) {
        url(&name, Some(value))?;
    }
    let Base::Named(name) = &chain.base else { return Ok(()) };
    let is_set = |name: &str| variables.get(name).is_some();
    let lacks = |what: &str, advice: &str| {
        let said = format!("the profile `{}` takes its credentials from {what}", chain.source());
        let advice = format!("{advice}, or set source_profile in place of credential_source in this profile.");
        Err(Fault::new(MissingReason::IncompleteProfile, said, advice))
    };
    match name.as_str() {
        "EcsContainer" if !is_set(RELATIVE) && !is_set(FULL) => lacks(
            &format!("a container (credential_source = EcsContainer), but neither {RELATIVE} nor {FULL} is set"),
            "Run stepgate in a container of ECS or EKS",
        ),
        "EcsContainer" if !is_set(RELATIVE) => url(FULL, variables.get(FULL)),
        "Environment" if !matches!(variables.keys(), Ok(Some(_))) => lacks(
            "the environment (credential_source = Environment), but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
            "Set both variables",
        ),
        "Ec2InstanceMetadata" if variables.get(DISABLED).is_some_and(|value| value.eq_ignore_ascii_case("true")) => {
            lacks(
                &format!("the instance (credential_source = Ec2InstanceMetadata), but {DISABLED} is set"),
                "Unset it on an EC2 instance",
            )
        }
        _ => Ok(()),
    }
}

/// Returns what sets the address of an instance's metadata, if a chain uses it and it is set.
pub(super) fn metadata(chain: &Chain, variables: &Variables) -> Option<String> {
    metadata_setting(chain, variables).map(|(name, _)| name)
}

fn metadata_setting<'s>(chain: &'s Chain, variables: &'s Variables) -> Option<(String, &'s str)> {
    const KEY: &str = "ec2_metadata_service_endpoint";
    if chain.base != Base::Named("Ec2InstanceMetadata".into()) {
        return None;
    }
    let variable = variables.get(METADATA).map(|url| (METADATA.to_owned(), url));
    variable.or_else(|| Some((format!("{KEY} of the profile `{}`", chain.selected()), chain.get(KEY)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::iam::aws::fault::NamedBy;
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
            (named("Ec2InstanceMetadata"), &[(METADATA, "x")], Some("AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL")),
            (named("Ec2InstanceMetadata"), &[], None),
        ] {
            let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let checked = check(&chain(&base), &Variables::read(value));
            match (checked, expected) {
                (Ok(()), None) => {}
                (Err(fault), Some(expected)) => assert!(fault.said.contains(expected), "{fault:?}"),
                (checked, expected) => panic!("{set:?}: {checked:?}, not {expected:?}"),
            }
        }
    }
}
