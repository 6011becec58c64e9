//! Decides which sources are tried for credentials, in the order of the AWS CLI: environment, a profile that assumes a
//! role, web identity, another profile, container, instance. Pure.

use crate::gateway::iam::aws::chain::{Base, Chain, resolve};
use crate::gateway::iam::aws::look_up_error::{LookUpError, NamedBy};
use crate::gateway::iam::aws::profiles::{Keys, Profiles};
use crate::gateway::iam::aws::section_header::{DEFAULT, Kind};
use crate::gateway::iam::aws::variables::{Variables, incomplete};
use crate::gateway::iam::aws::web_identity::WebIdentity;

/// Settings of the default profile that apply to all sources.
pub(super) const COMMON: [&str; 9] = [
    "region",
    "services",
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ca_bundle",
];

/// Returns the chains to try, one after the other. `profile` is the one of the endpoint, which takes precedence over
/// everything.
pub(super) fn chains(
    profile: Option<&str>,
    variables: &Variables,
    profiles: &Profiles,
) -> Result<Vec<Chain>, LookUpError> {
    if let Some(name) = profile {
        let chain = resolve(profiles, name, NamedBy::Endpoint)?;
        return chain
            .map(|chain| vec![chain])
            .ok_or_else(|| LookUpError::without_credentials(name, NamedBy::Endpoint, profiles));
    }
    let mut chains = Vec::new();
    let (selected, by) = match variables.profile() {
        Some((variable, name)) if name.trim().is_empty() => return Err(LookUpError::empty_variable(variable)),
        Some((variable, name)) => (name, NamedBy::Variable(variable)),
        None => (DEFAULT, NamedBy::Default),
    };
    let identity = WebIdentity::of(variables, profiles.get(selected));
    // A default profile may be missing.
    let is_there = by != NamedBy::Default || profiles.get(DEFAULT).is_some();
    if is_there && !identity.is_of_both() {
        chains.extend(resolve(profiles, selected, by)?);
    }
    let common: Keys = profiles.get(selected).cloned().unwrap_or_default().into_iter().filter(is_common).collect();
    let chain = |more: Vec<(&str, &str)>, base: Base| {
        let mut keys = common.clone();
        keys.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
        let profiles = vec![(selected.to_owned(), keys)];
        Chain { profiles, base, by: NamedBy::Default, is_of_variables: true, has_role_of_variable: false }
    };
    if identity.has_file_of_variable() || identity.is_of_both() {
        let missing = || incomplete("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN");
        let (file, keys) = identity.keys().ok_or_else(missing)?;
        let chain = Chain {
            is_of_variables: identity.has_file_of_variable(),
            has_role_of_variable: identity.has_role_of_variable(),
            ..chain(keys, Base::WebIdentity(file.to_owned()))
        };
        // As in botocore, only a profile that assumes a role goes before it.
        let at = chains.iter().take_while(|chain| chain.assumes_a_role()).count();
        chains.insert(at, chain);
    }
    let named = |name: &str| chain(vec![("credential_source", name)], Base::Named(name.to_owned()));
    if variables.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").is_some()
        || variables.get("AWS_CONTAINER_CREDENTIALS_FULL_URI").is_some()
    {
        chains.push(named("EcsContainer"));
    }
    if !variables.get("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        chains.push(named("Ec2InstanceMetadata"));
    }
    Ok(chains)
}

/// Returns why there are no credentials after all chains were tried.
pub(super) fn none(variables: &Variables, profiles: &Profiles) -> LookUpError {
    match variables.profile() {
        Some((variable, name)) => LookUpError::without_credentials(name, NamedBy::Variable(variable), profiles),
        None if profiles.get(DEFAULT).is_some() => {
            LookUpError::without_credentials(DEFAULT, NamedBy::Default, profiles)
        }
        None if profiles.misplaced(Kind::Profile, DEFAULT).is_some() => {
            LookUpError::no_profile(DEFAULT, NamedBy::Default, profiles)
        }
        None => LookUpError::no_source(profiles),
    }
}

fn is_common((key, _): &(String, String)) -> bool {
    COMMON.contains(&key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MissingReason;
    use crate::gateway::iam::aws::profiles::SharedFile;

    fn profiles(config: &str) -> Profiles {
        let config = SharedFile { path: "config".into(), text: config.into() };
        Profiles::parse(&config, &SharedFile::default()).expect("profiles")
    }

    fn variables(set: &[(&str, &str)]) -> Variables {
        let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Variables::read(value)
    }

    #[test]
    fn sources_are_asked_in_the_order_of_the_aws_cli() {
        let keys = "aws_access_key_id = A\naws_secret_access_key = S\n";
        let config = format!(
            "[default]\n{keys}[profile p]\ncredential_process = c\n[profile empty]\nregion = r\n\
             [profile role]\nrole_arn = r\nsource_profile = default\n"
        );
        let web = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "r")];
        let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/c");
        let disabled = ("AWS_EC2_METADATA_DISABLED", "TRUE");
        for (profile, set, expected) in [
            (None, vec![], vec!["Keys", "Ec2InstanceMetadata"]),
            (None, vec![disabled], vec!["Keys"]),
            (None, vec![("AWS_PROFILE", "p"), disabled], vec!["Process"]),
            (None, vec![("AWS_DEFAULT_PROFILE", "p"), disabled], vec!["Process"]),
            (None, vec![("AWS_PROFILE", "default"), ("AWS_DEFAULT_PROFILE", "p"), disabled], vec!["Keys"]),
            (None, vec![("AWS_PROFILE", "empty"), web[0], web[1], disabled], vec!["WebIdentity"]),
            (None, vec![web[0], web[1], container], vec!["WebIdentity", "Keys", "EcsContainer", "Ec2InstanceMetadata"]),
            (None, vec![("AWS_PROFILE", "role"), web[0], web[1], disabled], vec!["Keys", "WebIdentity"]),
            (None, vec![("AWS_PROFILE", "empty"), container, disabled], vec!["EcsContainer"]),
            // A profile of the endpoint goes before everything else, and nothing comes after it.
            (Some("p"), vec![("AWS_PROFILE", "default"), web[0], web[1], container], vec!["Process"]),
        ] {
            let chains = chains(profile, &variables(&set), &profiles(&config)).expect("chains");
            let name = |chain: &Chain| match &chain.base {
                Base::Named(name) => name.clone(),
                other => format!("{other:?}").split('(').next().unwrap_or_default().to_owned(),
            };
            assert_eq!(chains.iter().map(name).collect::<Vec<_>>(), expected, "{profile:?} {set:?}");
        }
    }

    #[test]
    fn variables_that_lead_nowhere_are_named() {
        let error = |profile: Option<&str>, set: &[(&str, &str)], config: &str| {
            chains(profile, &variables(set), &profiles(config)).expect_err("an error")
        };
        assert_eq!(error(None, &[("AWS_PROFILE", " ")], "").reason, MissingReason::EmptyProfileName);
        assert_eq!(error(None, &[("AWS_PROFILE", "x")], "").reason, MissingReason::NoProfile);
        assert_eq!(error(Some("x"), &[], "[profile x]\nregion = r\n").reason, MissingReason::IncompleteProfile);
        assert_eq!(error(None, &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")], "").reason, MissingReason::IncompleteKeys);
        for (set, missing) in [
            (("AWS_ACCESS_KEY_ID", "A"), "AWS_SECRET_ACCESS_KEY is not"),
            (("AWS_SECRET_ACCESS_KEY", "canary"), "AWS_ACCESS_KEY_ID is not"),
        ] {
            let variables = variables(&[set]);
            let error = variables.keys().err().expect("an error");
            assert!(error.message.contains(missing) && !format!("{error:?}").contains("canary"), "{error:?}");
        }
        let only_region = profiles("[default]\nregion = r\n[profile x]\nregion = r\n");
        let none = |set: &[(&str, &str)]| none(&variables(set), &only_region).message;
        assert_eq!(none(&[("AWS_PROFILE", "x")]), "the profile `x` that AWS_PROFILE names has no credentials");
        assert_eq!(none(&[]), "the profile `default` has no credentials");
        assert!(variables(&[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", " ")]).keys().is_ok());
    }

    #[test]
    fn a_session_token_may_have_its_older_name() {
        let keys = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "S")];
        let (old, new) = (("AWS_SECURITY_TOKEN", "old"), ("AWS_SESSION_TOKEN", "new"));
        for (tokens, expected) in
            [(&[][..], None), (&[new], Some("new")), (&[old], Some("old")), (&[new, old], Some("old"))]
        {
            let variables = variables(&[&keys[..], tokens].concat());
            let found = variables.keys().expect("no error").expect("keys");
            assert_eq!(found.token.map(|token| token.text), expected, "{tokens:?}");
        }
    }
}
