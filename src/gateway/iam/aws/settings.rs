//! Checks settings that the AWS SDK would refuse without naming them. Pure.

use reqwest::Url;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::plan::Variables;

/// The variables that replace the addresses of AWS.
const ENDPOINTS: [&str; 4] =
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"];
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
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
    for name in ENDPOINTS {
        url(name, variables.get(name))?;
    }
    for (profile, keys) in &chain.profiles {
        url(&format!("endpoint_url of the profile `{profile}`"), keys.get("endpoint_url").map(String::as_str))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::iam::aws::fault::NamedBy;

    #[test]
    fn each_unusable_setting_is_named() {
        let chain = |base: &Base, endpoint: Option<&str>| {
            let keys = endpoint.map(|url| ("endpoint_url".to_owned(), url.to_owned())).into_iter().collect();
            Chain { profiles: vec![("p".into(), keys)], base: base.clone(), by: NamedBy::Endpoint }
        };
        let named = |name: &str| Base::Named(name.into());
        for (base, endpoint, set, expected) in [
            (Base::Keys, None, &[][..], None),
            (Base::Keys, Some("https://sts.example"), &[], None),
            (Base::Keys, Some("sts.example"), &[], Some("endpoint_url of the profile `p` is not a URL")),
            (Base::Keys, None, &[("AWS_ENDPOINT_URL_STS", "ftp://x")], Some("AWS_ENDPOINT_URL_STS is not a URL")),
            (Base::Keys, None, &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], None),
            (named("EcsContainer"), None, &[], Some("neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor")),
            (named("EcsContainer"), None, &[(RELATIVE, "/x")], None),
            (named("EcsContainer"), None, &[(FULL, "x")], Some("AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL")),
            (named("Environment"), None, &[], Some("AWS_SECRET_ACCESS_KEY are not set")),
            (named("Environment"), None, &[("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "S")], None),
            (named("Ec2InstanceMetadata"), None, &[(DISABLED, "true")], Some("AWS_EC2_METADATA_DISABLED is set")),
            (named("Ec2InstanceMetadata"), None, &[], None),
        ] {
            let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let checked = check(&chain(&base, endpoint), &Variables::read(value));
            match (checked, expected) {
                (Ok(()), None) => {}
                (Err(fault), Some(expected)) => assert!(fault.said.contains(expected), "{fault:?}"),
                (checked, expected) => panic!("{set:?}: {checked:?}, not {expected:?}"),
            }
        }
    }
}
