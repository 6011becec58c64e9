//! The addresses of STS and SSO. One that a setting replaces comes first, in the order of the AWS CLI: the service's
//! variable, `AWS_ENDPOINT_URL`, the profile's `services` section, the profile's `endpoint_url`. Pure.

use reqwest::Url;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::profiles::Profiles;
use crate::gateway::iam::aws::section_header::Kind;
use crate::gateway::iam::aws::service::{Service, Variant};
use crate::gateway::iam::aws::variables::Variables;

const ALL: &str = "AWS_ENDPOINT_URL";
const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
/// Variables, and the keys of profiles that they go before.
const FIPS: (&str, &str) = ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
const DUAL_STACK: (&str, &str) = ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");

/// An address that replaces that of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    service: Service,
    url: Url,
    /// What sets it, as the object of "correct".
    pub(super) name: String,
}

/// The addresses of the services that a chain needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    settings: Vec<Setting>,
    variant: Variant,
}

impl Addresses {
    /// Finds and checks the settings.
    pub(super) fn of(chain: &Chain, variables: &Variables, profiles: &Profiles) -> Result<Self, LookUpError> {
        let is_on = |(variable, key)| is_true(variables.get(variable).or_else(|| chain.get(key)));
        let variant = Variant { is_fips: is_on(FIPS), is_dual_stack: is_on(DUAL_STACK) };
        let mut settings = Vec::new();
        for service in Service::REGIONAL.into_iter().filter(|service| is_needed(*service, chain)) {
            if let Some((url, name)) = setting(service, chain, variables, profiles)? {
                let url = parsed(&url, &name)?;
                if let Some((variable, key)) = [FIPS, DUAL_STACK].into_iter().find(|setting| is_on(*setting)) {
                    let is_variable = variables.get(variable).is_some();
                    let other = if is_variable { variable.into() } else { profiles.described(chain.selected(), key) };
                    let message = format!("{name} sets an address, and {other} asks for another one");
                    return Err(unusable(&message, &format!("Remove {name} or {other}.")));
                }
                settings.push(Setting { service, url, name });
            }
        }
        Ok(Self { settings, variant })
    }

    /// Returns the setting of a service.
    pub(super) fn setting(&self, service: Service) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.service == service)
    }

    /// Returns the address of a service. `what` sets the region, as the object of "correct".
    pub(super) fn url(&self, service: Service, region: &str, what: &str) -> Result<Url, LookUpError> {
        if let Some(setting) = self.setting(service) {
            return Ok(setting.url.clone());
        }
        let is_name = !region.is_empty() && region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let host = service.host(region, self.variant).filter(|_| is_name);
        host.and_then(|host| Url::parse(&format!("https://{host}/")).ok()).ok_or_else(|| {
            let message = format!("{what} (`{region}`) is not the name of a region such as eu-west-1");
            unusable(&message, &format!("Correct {what}."))
        })
    }
}

fn is_needed(service: Service, chain: &Chain) -> bool {
    match service {
        Service::Sts => chain.assumes_a_role() || matches!(chain.base, Base::WebIdentity(_)),
        Service::Sso | Service::SsoOidc => matches!(chain.base, Base::Sso(_)),
        Service::Container | Service::Instance => false,
    }
}

fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The variable that replaces the address of a service.
fn variable(service: Service) -> Option<&'static str> {
    match service {
        Service::Sts => Some("AWS_ENDPOINT_URL_STS"),
        Service::Sso => Some("AWS_ENDPOINT_URL_SSO"),
        Service::SsoOidc => Some("AWS_ENDPOINT_URL_SSO_OIDC"),
        Service::Container | Service::Instance => None,
    }
}

/// Returns the address that replaces that of a service, and what sets it.
fn setting(
    service: Service,
    chain: &Chain,
    variables: &Variables,
    profiles: &Profiles,
) -> Result<Option<(String, String)>, LookUpError> {
    let is_ignored = is_true(variables.get(IGNORE).or_else(|| chain.get("ignore_configured_endpoint_urls")));
    for name in variable(service).into_iter().chain([ALL]) {
        match variables.set(name) {
            None => {}
            // The AWS CLI ignores these two without a word; a request would go elsewhere than the variable says.
            Some(url) if url.trim().is_empty() => {
                return Err(unusable(&format!("{name} is set but empty"), &format!("Unset {name}.")));
            }
            Some(_) if is_ignored => {
                let what = if variables.get(IGNORE).is_some() {
                    IGNORE.to_owned()
                } else {
                    profiles.described(chain.selected(), "ignore_configured_endpoint_urls")
                };
                let message = format!("stepgate cannot ignore {name}, although {what} is true");
                return Err(unusable(&message, &format!("Unset {name}.")));
            }
            Some(url) => return Ok(Some((url.to_owned(), name.to_owned()))),
        }
    }
    if is_ignored {
        return Ok(None);
    }
    if let Some(section) = chain.get("services") {
        let keys = profiles.services(section);
        let keys = keys.ok_or_else(|| LookUpError::no_services(section, chain.selected(), profiles))?;
        if let Some(url) = keys.get(service.id()).and_then(|nested| nested_url(nested)) {
            let place = profiles.place(Kind::Services, section, service.id());
            let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
            let name = format!("endpoint_url of {} in the services `{section}`{place}", service.id());
            return Ok(Some((url.to_owned(), name)));
        }
    }
    let name = profiles.described(chain.selected(), "endpoint_url");
    Ok(chain.get("endpoint_url").map(|url| (url.to_owned(), name)))
}

/// Returns the `endpoint_url` among nested keys.
fn nested_url(nested: &str) -> Option<&str> {
    let pairs = nested.lines().filter_map(|line| line.split_once('='));
    let mut urls = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case("endpoint_url"));
    urls.next_back().map(|(_, url)| url.trim()).filter(|url| !url.is_empty())
}

fn parsed(url: &str, name: &str) -> Result<Url, LookUpError> {
    let is_http = |parsed: &Url| matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
    let parsed = Url::parse(url).ok().filter(is_http).filter(|_| !url.contains(char::is_whitespace));
    parsed.ok_or_else(|| {
        unusable(&format!("{name} is not a URL such as https://HOST"), &format!("Correct {name}, or remove it."))
    })
}

fn unusable(message: &str, advice: &str) -> LookUpError {
    LookUpError::new(MissingReason::Setting, message, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::iam::aws::chain::resolve;
    use crate::gateway::iam::aws::look_up_error::NamedBy;
    use crate::gateway::iam::aws::profiles::SharedFile;

    const ROLE: &str = "role_arn = r\nsource_profile = b\n";
    const REST: &str = "[profile b]\naws_access_key_id = A\naws_secret_access_key = S\n\
                        [services s]\nsts =\n  endpoint_url = http://services\n";

    fn found(profile: &str, set: &[(&str, &str)]) -> Result<Option<(String, String)>, LookUpError> {
        let text = format!("[profile x]\n{profile}{REST}");
        let config = SharedFile { path: "config".into(), text };
        let profiles = Profiles::parse(&config, &SharedFile::default()).expect("profiles");
        let chain = resolve(&profiles, "x", NamedBy::Endpoint).expect("no error").expect("credentials");
        let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let addresses = Addresses::of(&chain, &Variables::read(value), &profiles)?;
        let url = |setting: &Setting| setting.url.as_str().trim_end_matches('/').to_owned();
        Ok(addresses.setting(Service::Sts).map(|setting| (url(setting), setting.name.clone())))
    }

    #[test]
    fn the_setting_that_goes_first_in_the_aws_cli_counts_and_is_named() {
        let (sts, all) = (("AWS_ENDPOINT_URL_STS", "http://sts"), ("AWS_ENDPOINT_URL", "http://all"));
        let (own, services) = ("endpoint_url = http://own\n", "services = s\n");
        let (ignored, not_ignored) = ((IGNORE, "TRUE"), (IGNORE, "false"));
        let in_services = "endpoint_url of sts in the services `s` (config, line";
        let in_profile = "endpoint_url of the profile `x` (config, line";
        for (profile, set, url, name) in [
            (format!("{ROLE}{own}{services}"), &[all, sts][..], "http://sts", "AWS_ENDPOINT_URL_STS"),
            (format!("{ROLE}{own}{services}"), &[all], "http://all", "AWS_ENDPOINT_URL"),
            (format!("{ROLE}{own}{services}"), &[], "http://services", in_services),
            (format!("{ROLE}{own}"), &[], "http://own", in_profile),
            (format!("{ROLE}ignore_configured_endpoint_urls = true\n{own}"), &[not_ignored], "http://own", in_profile),
            (format!("{ROLE}ignore_configured_endpoint_urls = true\n{own}"), &[], "", ""),
            (format!("{ROLE}{own}{services}"), &[ignored], "", ""),
            (ROLE.to_owned(), &[], "", ""),
            // Access keys need no service.
            ("aws_access_key_id = A\naws_secret_access_key = S\n".into(), &[(sts.0, "ftp://x"), ignored], "", ""),
        ] {
            let found = found(&profile, set).expect("no error").unwrap_or_default();
            assert!(found.0 == url && found.1.starts_with(name), "{profile}{set:?}: {found:?}");
        }
    }

    #[test]
    fn without_a_setting_an_address_is_that_of_the_region() {
        let text = format!("[profile x]\n{ROLE}use_fips_endpoint = true\n{REST}");
        let config = SharedFile { path: "config".into(), text };
        let profiles = Profiles::parse(&config, &SharedFile::default()).expect("profiles");
        let chain = resolve(&profiles, "x", NamedBy::Endpoint).expect("no error").expect("credentials");
        for (fips, expected) in [
            (None, "https://sts-fips.eu-west-1.amazonaws.com/"),
            (Some("false"), "https://sts.eu-west-1.amazonaws.com/"),
        ] {
            let value = |name: &str| fips.filter(|_| name == FIPS.0).map(str::to_owned);
            let addresses = Addresses::of(&chain, &Variables::read(value), &profiles).expect("addresses");
            assert_eq!(addresses.url(Service::Sts, "eu-west-1", "r").expect("a URL").as_str(), expected);
            for region in ["", "eu west", "x/y", "x@y", "x.y"] {
                let error = addresses.url(Service::Sts, region, "region in the endpoint").expect_err(region);
                assert!(error.message.contains("region in the endpoint (`") && !error.advice.is_empty(), "{error:?}");
            }
        }
    }

    #[test]
    fn settings_that_cannot_be_used_are_named() {
        let sts = |value| ("AWS_ENDPOINT_URL_STS", value);
        for (profile, set, says) in [
            ("", &[sts("ftp://x")][..], "AWS_ENDPOINT_URL_STS is not a URL"),
            ("", &[sts("sts.example")], "AWS_ENDPOINT_URL_STS is not a URL"),
            ("", &[sts("http://a b")], "AWS_ENDPOINT_URL_STS is not a URL"),
            ("", &[sts(" ")], "AWS_ENDPOINT_URL_STS is set but empty"),
            ("", &[("AWS_ENDPOINT_URL", "")], "AWS_ENDPOINT_URL is set but empty"),
            (
                "",
                &[sts("http://x"), (IGNORE, "true")],
                "cannot ignore AWS_ENDPOINT_URL_STS, although AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true",
            ),
            (
                "ignore_configured_endpoint_urls = true\n",
                &[sts("http://x")],
                "although ignore_configured_endpoint_urls of the profile `x` (config, line 4) is true",
            ),
            ("endpoint_url = x\n", &[], "endpoint_url of the profile `x` (config, line 4) is not a URL"),
            ("services = none\n", &[], "services = none, which does not exist"),
            (
                "use_fips_endpoint = true\n",
                &[sts("http://x")],
                "AWS_ENDPOINT_URL_STS sets an address, and use_fips_endpoint of the profile `x` (config, line 4) asks for",
            ),
            (
                "endpoint_url = http://x\n",
                &[("AWS_USE_DUALSTACK_ENDPOINT", "True")],
                "and AWS_USE_DUALSTACK_ENDPOINT asks for another one",
            ),
        ] {
            let error = found(&format!("{ROLE}{profile}"), set).expect_err(says);
            assert!(error.message.contains(says), "{error:?}");
        }
    }
}
