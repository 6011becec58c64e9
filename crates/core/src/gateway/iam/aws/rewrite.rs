//! Writes a chain as a configuration file for the AWS SDK: with names that it accepts, and with stepgate's own provider
//! where the SDK would read or run something without a limit. Pure.

use std::fmt::Write as _;

use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::endpoints::Endpoints;
use crate::gateway::iam::aws::plan::COMMON;
use crate::gateway::iam::aws::profiles::Keys;

/// The `credential_source` of credentials that stepgate has already obtained.
pub(super) const OURS: &str = "Stepgate";
/// The profile to select.
pub(super) const SELECTED: &str = "stepgate-0";

/// The name of the services section.
const SERVICES: &str = "stepgate";
/// Keys that are rewritten, or that the SDK does not need here.
const REPLACED: [&str; 10] = [
    "source_profile",
    "credential_process",
    "services",
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "sso_session",
    "sso_start_url",
    "sso_region",
    "login_session",
    "ca_bundle",
];

/// Returns the file for the credentials of the base alone.
pub(super) fn base(chain: &Chain, endpoints: &Endpoints) -> String {
    let mut text = String::new();
    let (Some((_, selected)), Some((_, source))) = (chain.profiles.first(), chain.profiles.last()) else { return text };
    // The SDK would choose among several sources in another order.
    let needed: &[&str] = match &chain.base {
        Base::WebIdentity(_) => &["role_arn", "role_session_name", "web_identity_token_file"],
        Base::Sso(_) => &["sso_account_id", "sso_role_name"],
        Base::Named(_) => &["credential_source"],
        Base::Keys | Base::Process(_) => &[],
    };
    let common = selected.iter().filter(|(name, _)| COMMON.contains(&name.as_str()));
    let own = source.iter().filter(|(name, _)| needed.contains(&name.as_str()));
    section(&mut text, &format!("profile {SELECTED}"));
    for (name, value) in common.chain(own).filter(|(name, _)| !REPLACED.contains(&name.as_str())) {
        key(&mut text, name, value);
    }
    services(&mut text, endpoints);
    if let Base::Sso(sso) = &chain.base {
        let sso_region = |text: &mut String| {
            key(text, "sso_start_url", &sso.start_url);
            key(text, "sso_region", &sso.region);
        };
        match &sso.session {
            Some(session) => {
                key(&mut text, "sso_session", session);
                section(&mut text, &format!("sso-session {session}"));
                sso_region(&mut text);
            }
            None => sso_region(&mut text),
        }
    }
    addresses(&mut text, endpoints);
    text
}

/// Returns the file for the roles that are assumed with the credentials of [`OURS`].
pub(super) fn roles(chain: &Chain, endpoints: &Endpoints) -> String {
    let mut text = String::new();
    let roles: Vec<&Keys> = chain.roles().collect();
    for (index, keys) in roles.iter().enumerate() {
        section(&mut text, &format!("profile stepgate-{index}"));
        for (name, value) in keys.iter().filter(|(name, _)| !REPLACED.contains(&name.as_str())) {
            if !is_of_credentials(name) {
                key(&mut text, name, value);
            }
        }
        if index + 1 == roles.len() {
            key(&mut text, "credential_source", OURS);
        } else {
            key(&mut text, "source_profile", &format!("stepgate-{}", index + 1));
        }
        // The SDK only uses the services of the selected profile.
        if index == 0 {
            services(&mut text, endpoints);
        }
    }
    addresses(&mut text, endpoints);
    text
}

fn services(text: &mut String, endpoints: &Endpoints) {
    if endpoints.of_files().next().is_some() {
        key(text, "services", SERVICES);
    }
}

fn addresses(text: &mut String, endpoints: &Endpoints) {
    if endpoints.of_files().next().is_some() {
        section(text, &format!("services {SERVICES}"));
    }
    for setting in endpoints.of_files() {
        key(text, setting.service.id(), &format!("\nendpoint_url = {}", setting.url));
    }
}

/// Returns whether the AWS SDK accepts this as a name.
pub(super) fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c))
}

/// Returns whether a key would define where the credentials come from.
fn is_of_credentials(name: &str) -> bool {
    name.starts_with("aws_")
        || name.starts_with("sso_")
        || matches!(name, "credential_source" | "web_identity_token_file")
}

fn section(text: &mut String, name: &str) {
    let _ = writeln!(text, "[{name}]");
}

fn key(text: &mut String, name: &str, value: &str) {
    if is_identifier(name) {
        let _ = writeln!(text, "{name} = {}", value.replace('\n', "\n  "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::iam::aws::chain::resolve;
    use crate::gateway::iam::aws::fault::NamedBy;
    use crate::gateway::iam::aws::profiles::{Profiles, SharedFile};
    use crate::gateway::iam::aws::variables::Variables;

    fn written(config: &str, name: &str, write: fn(&Chain, &Endpoints) -> String) -> String {
        let config = SharedFile { path: "config".into(), text: config.into() };
        let profiles = Profiles::parse(&config, &SharedFile::default()).expect("profiles");
        let chain = resolve(&profiles, name, NamedBy::Endpoint).expect("no fault").expect("credentials");
        let endpoints = Endpoints::of(&chain, &Variables::default(), &profiles).expect("endpoints");
        write(&chain, &endpoints)
    }

    #[test]
    fn names_are_such_as_the_sdk_takes_and_the_last_role_has_credentials_of_ours() {
        let config = "[profile \"My Pro\"]\nrole_arn = r\nsource_profile = The Middle\nexternal_id = e\nservices = my local\n\
                      endpoint_url = http://y\n\
                      [profile \"The Middle\"]\nrole_arn = m\nsource_profile = base\n\
                      [profile base]\naws_access_key_id = A\naws_secret_access_key = S\naws_session_token = t\n\
                      [services \"my local\"]\nsts =\n  endpoint_url = http://x\n[profile other]\nx = 1\n";
        assert_eq!(
            written(config, "My Pro", roles),
            "[profile stepgate-0]\nexternal_id = e\nrole_arn = r\nsource_profile = stepgate-1\nservices = stepgate\n\
             [profile stepgate-1]\nrole_arn = m\ncredential_source = Stepgate\n\
             [services stepgate]\nsts = \n  endpoint_url = http://x\n"
        );
    }

    #[test]
    fn a_base_is_without_the_roles_that_are_assumed_with_it() {
        let config = "[profile p]\nrole_arn = r\nsource_profile = web\nuse_fips_endpoint = true\nendpoint_url = http://x\n\
                      [profile web]\nrole_arn = w\nweb_identity_token_file = /t\nrole_session_name = n\nregion = no\n";
        assert_eq!(
            written(config, "p", base),
            "[profile stepgate-0]\nuse_fips_endpoint = true\nrole_arn = w\nrole_session_name = n\n\
             web_identity_token_file = /t\nservices = stepgate\n[services stepgate]\nsts = \n  endpoint_url = http://x\n"
        );
        let container = "[profile p]\nrole_arn = r\ncredential_source = EcsContainer\n";
        assert_eq!(written(container, "p", base), "[profile stepgate-0]\ncredential_source = EcsContainer\n");
        assert_eq!(
            written(container, "p", roles),
            "[profile stepgate-0]\nrole_arn = r\ncredential_source = Stepgate\n"
        );
    }

    #[test]
    fn sso_settings_come_from_the_session() {
        let config = "[profile p]\nsso_session = s\nsso_region = old\nsso_account_id = 1\nsso_role_name = R\n\
                      [sso-session s]\nsso_region = r\nsso_start_url = https://x/#/\n";
        assert_eq!(
            written(config, "p", base),
            "[profile stepgate-0]\nsso_account_id = 1\nsso_role_name = R\nsso_session = s\n\
             [sso-session s]\nsso_start_url = https://x/#/\nsso_region = r\n"
        );
    }
}
