//! Writes a chain as a configuration file for the AWS SDK: with names that it accepts, and with stepgate's own provider
//! where the SDK would read or run something without a limit. Pure.

use std::fmt::Write as _;

use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::profiles::{Keys, Profiles};

/// The `credential_source` of credentials that stepgate has already obtained.
pub(super) const OURS: &str = "Stepgate";
/// The profile to select.
pub(super) const SELECTED: &str = "stepgate-0";

/// The name of the services section.
const SERVICES: &str = "stepgate";
/// Keys that are rewritten, or that the SDK does not need here.
const REPLACED: [&str; 8] = [
    "source_profile",
    "credential_process",
    "services",
    "sso_session",
    "sso_start_url",
    "sso_region",
    "login_session",
    "ca_bundle",
];

/// Returns the file. If `is_ours`, the base is [`OURS`].
pub(super) fn contents(chain: &Chain, profiles: &Profiles, is_ours: bool) -> String {
    let mut text = String::new();
    let last = chain.profiles.len().saturating_sub(1);
    for (index, (_, keys)) in chain.profiles.iter().enumerate() {
        section(&mut text, &format!("profile stepgate-{index}"));
        let is_base = index == last;
        for (name, value) in keys.iter().filter(|(name, _)| !REPLACED.contains(&name.as_str())) {
            if !(is_base && is_ours && is_of_credentials(name)) {
                key(&mut text, name, value);
            }
        }
        // The SDK only uses the services of the selected profile.
        if index == 0 && keys.get("services").is_some_and(|services| profiles.services(services).is_some()) {
            key(&mut text, "services", SERVICES);
        }
        match (is_base, &chain.base) {
            (false, _) => key(&mut text, "source_profile", &format!("stepgate-{}", index + 1)),
            (true, _) if is_ours => key(&mut text, "credential_source", OURS),
            (true, Base::Keys) if keys.contains_key("role_arn") => {
                key(&mut text, "source_profile", &format!("stepgate-{index}"));
            }
            (true, Base::Sso(sso)) => {
                if let Some(session) = &sso.session {
                    key(&mut text, "sso_session", session);
                } else {
                    key(&mut text, "sso_start_url", &sso.start_url);
                    key(&mut text, "sso_region", &sso.region);
                }
                if keys.contains_key("role_arn") {
                    key(&mut text, "source_profile", &format!("stepgate-{index}"));
                }
            }
            (true, _) => {}
        }
    }
    if let Base::Sso(sso) = &chain.base
        && let Some(session) = sso.session.as_ref().filter(|_| !is_ours)
    {
        section(&mut text, &format!("sso-session {session}"));
        key(&mut text, "sso_start_url", &sso.start_url);
        key(&mut text, "sso_region", &sso.region);
    }
    let services = chain.get("services").and_then(|name| profiles.services(name));
    if let Some(services) = services {
        section(&mut text, &format!("services {SERVICES}"));
        keys(&mut text, services);
    }
    text
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

fn keys(text: &mut String, keys: &Keys) {
    for (name, value) in keys {
        key(text, name, value);
    }
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
    use crate::gateway::iam::aws::profiles::SharedFile;

    fn written(config: &str, name: &str, is_ours: bool) -> String {
        let config = SharedFile { path: "config".into(), text: config.into() };
        let profiles = Profiles::parse(&config, &SharedFile::default()).expect("profiles");
        let chain = resolve(&profiles, name, NamedBy::Endpoint).expect("no fault").expect("credentials");
        contents(&chain, &profiles, is_ours)
    }

    #[test]
    fn names_are_such_as_the_sdk_takes_and_everything_else_stays() {
        let config = "[profile \"My Pro\"]\nrole_arn = r\nsource_profile = The Base\nexternal_id = e\nservices = my local\n\
                      [profile \"The Base\"]\naws_access_key_id = A\naws_secret_access_key = S\n\
                      [services \"my local\"]\nsts =\n  endpoint_url = http://x\n[profile other]\nx = 1\n";
        assert_eq!(
            written(config, "My Pro", false),
            "[profile stepgate-0]\nexternal_id = e\nrole_arn = r\nservices = stepgate\nsource_profile = stepgate-1\n\
             [profile stepgate-1]\naws_access_key_id = A\naws_secret_access_key = S\n\
             [services stepgate]\nsts = \n  endpoint_url = http://x\n"
        );
    }

    #[test]
    fn a_base_of_ours_replaces_the_one_of_the_profile() {
        let config = "[profile p]\nrole_arn = r\nsource_profile = p\ncredential_process = c\naws_session_token = t\n";
        assert_eq!(written(config, "p", true), "[profile stepgate-0]\nrole_arn = r\ncredential_source = Stepgate\n");
    }

    #[test]
    fn sso_settings_come_from_the_session() {
        let config = "[profile p]\nsso_session = s\nsso_region = old\nsso_account_id = 1\nsso_role_name = R\n\
                      [sso-session s]\nsso_region = r\nsso_start_url = https://x/#/\n";
        assert_eq!(
            written(config, "p", false),
            "[profile stepgate-0]\nsso_account_id = 1\nsso_role_name = R\nsso_session = s\n\
             [sso-session s]\nsso_start_url = https://x/#/\nsso_region = r\n"
        );
    }
}
