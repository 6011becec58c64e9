//! Which settings replace the addresses of STS and SSO. The order is that of the AWS CLI: the service's variable,
//! `AWS_ENDPOINT_URL`, the profile's `services` section, the profile's `endpoint_url`. Pure.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use reqwest::Url;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::header::Kind;
use crate::gateway::iam::aws::profiles::Profiles;
use crate::gateway::iam::aws::variables::Variables;

const ALL: &str = "AWS_ENDPOINT_URL";
const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// A service that provides credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Sts,
    /// The portal, which gives the credentials of a role.
    Sso,
    /// Renews sessions.
    SsoOidc,
}

impl Service {
    const EACH: [Self; 3] = [Self::Sts, Self::Sso, Self::SsoOidc];

    /// Its name in a `services` section.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Sso => "sso",
            Self::SsoOidc => "sso_oidc",
        }
    }

    /// The variable that replaces its address.
    pub(super) fn variable(self) -> &'static str {
        match self {
            Self::Sts => "AWS_ENDPOINT_URL_STS",
            Self::Sso => "AWS_ENDPOINT_URL_SSO",
            Self::SsoOidc => "AWS_ENDPOINT_URL_SSO_OIDC",
        }
    }

    /// Returns the service that a request is for; `None` for a container or an instance.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        let path = Url::parse(request.uri()).map(|url| url.path().to_owned()).unwrap_or_default();
        if request.body().bytes().is_some_and(|body| body.starts_with(b"Action=")) {
            Some(Self::Sts)
        } else if path.ends_with("/federation/credentials") {
            Some(Self::Sso)
        } else if path.ends_with("/token") && request.method() == "POST" {
            Some(Self::SsoOidc)
        } else {
            None
        }
    }

    fn is_needed(self, chain: &Chain) -> bool {
        match self {
            Self::Sts => chain.assumes_a_role() || matches!(chain.base, Base::WebIdentity(_)),
            Self::Sso | Self::SsoOidc => matches!(chain.base, Base::Sso(_)),
        }
    }
}

/// An address that replaces that of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) service: Service,
    pub(super) url: String,
    /// What sets it, as the object of "correct".
    pub(super) name: String,
    pub(super) is_variable: bool,
}

/// The replaced addresses of the services that a chain needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Endpoints(Vec<Setting>);

impl Endpoints {
    /// Finds and checks them.
    pub(super) fn of(chain: &Chain, variables: &Variables, profiles: &Profiles) -> Result<Self, Fault> {
        let mut found = Vec::new();
        for service in Service::EACH.into_iter().filter(|service| service.is_needed(chain)) {
            if let Some(setting) = setting(service, chain, variables, profiles)? {
                check(&setting)?;
                found.push(setting);
            }
        }
        Ok(Self(found))
    }

    /// Returns the setting of a service.
    pub(super) fn get(&self, service: Option<Service>) -> Option<&Setting> {
        self.0.iter().find(|setting| Some(setting.service) == service)
    }

    /// Returns those that the AWS SDK does not find by itself: it reads the variables.
    pub(super) fn of_files(&self) -> impl Iterator<Item = &Setting> {
        self.0.iter().filter(|setting| !setting.is_variable)
    }
}

fn setting(
    service: Service,
    chain: &Chain,
    variables: &Variables,
    profiles: &Profiles,
) -> Result<Option<Setting>, Fault> {
    let ignore = variables.get(IGNORE).or_else(|| chain.get("ignore_configured_endpoint_urls"));
    let is_ignored = ignore.is_some_and(|value| value.eq_ignore_ascii_case("true"));
    for name in [service.variable(), ALL] {
        match variables.set(name) {
            None => {}
            // The AWS CLI ignores these, but the AWS SDK does not.
            Some(url) if url.trim().is_empty() => {
                return Err(unusable(&format!("{name} is set but empty"), &format!("Unset {name}.")));
            }
            Some(_) if is_ignored => {
                let what = if variables.get(IGNORE).is_some() {
                    IGNORE.to_owned()
                } else {
                    profiles.described(chain.selected(), "ignore_configured_endpoint_urls")
                };
                let said = format!("stepgate cannot ignore {name}, although {what} is true");
                return Err(unusable(&said, &format!("Unset {name}.")));
            }
            Some(url) => {
                let setting = Setting { service, url: url.to_owned(), name: name.to_owned(), is_variable: true };
                return Ok(Some(setting));
            }
        }
    }
    if is_ignored {
        return Ok(None);
    }
    let of_file = |url: &str, name: String| Setting { service, url: url.to_owned(), name, is_variable: false };
    if let Some(section) = chain.get("services") {
        let keys = profiles.services(section).ok_or_else(|| Fault::no_services(section, chain.selected(), profiles))?;
        if let Some(url) = keys.get(service.id()).and_then(|nested| nested_url(nested)) {
            let place = profiles.place(Kind::Services, section, service.id());
            let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
            return Ok(Some(of_file(
                url,
                format!("endpoint_url of {} in the services `{section}`{place}", service.id()),
            )));
        }
    }
    let name = profiles.described(chain.selected(), "endpoint_url");
    Ok(chain.get("endpoint_url").map(|url| of_file(url, name)))
}

/// Returns the `endpoint_url` among nested keys.
fn nested_url(nested: &str) -> Option<&str> {
    let pairs = nested.lines().filter_map(|line| line.split_once('='));
    let mut urls = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case("endpoint_url"));
    urls.next_back().map(|(_, url)| url.trim()).filter(|url| !url.is_empty())
}

fn check(Setting { url, name, .. }: &Setting) -> Result<(), Fault> {
    let is_http = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_http && !url.contains(char::is_whitespace) {
        return Ok(());
    }
    Err(unusable(&format!("{name} is not a URL such as https://HOST"), &format!("Correct {name}, or remove it.")))
}

fn unusable(said: &str, advice: &str) -> Fault {
    Fault::new(MissingReason::Setting, said, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::iam::aws::chain::resolve;
    use crate::gateway::iam::aws::fault::NamedBy;
    use crate::gateway::iam::aws::profiles::SharedFile;

    const ROLE: &str = "role_arn = r\nsource_profile = b\n";
    const REST: &str = "[profile b]\naws_access_key_id = A\naws_secret_access_key = S\n\
                        [services s]\nsts =\n  endpoint_url = http://services\n";

    fn found(profile: &str, set: &[(&str, &str)]) -> Result<Option<(String, String)>, Fault> {
        let text = format!("[profile x]\n{profile}{REST}");
        let config = SharedFile { path: "config".into(), text };
        let profiles = Profiles::parse(&config, &SharedFile::default()).expect("profiles");
        let chain = resolve(&profiles, "x", NamedBy::Endpoint).expect("no fault").expect("credentials");
        let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let endpoints = Endpoints::of(&chain, &Variables::read(value), &profiles)?;
        Ok(endpoints.get(Some(Service::Sts)).map(|setting| (setting.url.clone(), setting.name.clone())))
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
            let found = found(&profile, set).expect("no fault").unwrap_or_default();
            assert!(found.0 == url && found.1.starts_with(name), "{profile}{set:?}: {found:?}");
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
        ] {
            let fault = found(&format!("{ROLE}{profile}"), set).expect_err(says);
            assert!(fault.said.contains(says), "{fault:?}");
        }
    }
}
