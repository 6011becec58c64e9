//! Explains why STS, SSO, a container or an instance has provided no credentials, and what to do about it. Pure.

use std::path::Path;

use crate::domain::failure::certificate;
use crate::domain::shell_quote::word;
use crate::domain::{Failure, FailureKind, MissingReason, Unreachable};
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::origin;
use crate::gateway::iam::aws::response::{RequestError, Response};
use crate::gateway::iam::aws::service::Service;
use crate::gateway::iam::aws::service_address::Addresses;
use crate::gateway::redact::Redactor;

/// What is known about a look-up that failed.
pub(super) struct LookUp<'l> {
    pub(super) chain: &'l Chain,
    pub(super) addresses: &'l Addresses,
    /// What sets the address of an instance's metadata, if anything does.
    pub(super) metadata: Option<String>,
    /// The endpoint's region.
    pub(super) region: &'l str,
    /// The files with additional authorities, and what names them.
    pub(super) authorities: Vec<(&'static str, &'l Path)>,
    pub(super) redactor: &'l Redactor,
}

impl LookUp<'_> {
    /// Returns why a request of the look-up failed.
    pub(super) fn error(&self, error: &RequestError) -> LookUpError {
        let error = match error {
            RequestError::NoResponse { host, service, failure } => self.unreachable(host, *service, failure),
            RequestError::Response { host, response } if (200..400).contains(&response.status) => {
                let message = format!("{host} returned no credentials: {}", response.summary());
                let advice = match &self.chain.base {
                    Base::Named(name) if response.service.is_metadata() => self.source_advice(name),
                    _ => format!("{}{NOT_AWS} {}", self.address_advice(response.service), self.comparison()),
                };
                LookUpError::new(MissingReason::Unavailable, message, advice)
            }
            RequestError::Response { host, response } if response.is_unavailable() => {
                let message = format!("{host} returned {}", response.summary());
                let advice = match &self.chain.base {
                    // No proxy is in between.
                    Base::Named(name) if response.service.is_metadata() => self.source_advice(name),
                    _ => format!("{}{NOT_AWS}", self.address_advice(response.service)),
                };
                LookUpError::new(MissingReason::Unavailable, message, format!("Try again in a while. {advice}"))
            }
            RequestError::Response { host, response } => self.refused(host, response),
        };
        error.or_misspelt(self.chain.profiles.iter().map(|(name, keys)| (name.as_str(), keys)))
    }

    fn comparison(&self) -> String {
        format!("Compare with `aws sts get-caller-identity --profile {}`.", word(self.chain.selected()))
    }

    /// Names what replaces the address of a service, since it may be wrong; empty if nothing does.
    fn address_advice(&self, service: Service) -> String {
        let name = self.addresses.setting(service).map(|setting| setting.name.as_str());
        name.map(|name| format!("Check {name}, which sets this address. ")).unwrap_or_default()
    }

    /// Names the region in the address of a service, since a host that does not exist may be in a region that does not.
    fn region_advice(&self, service: Service) -> String {
        match (service, &self.chain.base) {
            (Service::Sts, _) => format!("Check region (`{}`) in the endpoint. ", self.region),
            (Service::Sso | Service::SsoOidc, Base::Sso(sso)) => {
                let section = match &sso.session {
                    Some(session) => format!("the sso-session `{session}`"),
                    None => format!("the profile `{}`", self.chain.source()),
                };
                format!("Check sso_region (`{}`) of {section}. ", sso.region)
            }
            _ => String::new(),
        }
    }

    fn unreachable(&self, host: &str, service: Service, failure: &Failure) -> LookUpError {
        use Unreachable as U;
        let address = match self.address_advice(service) {
            address if address.is_empty() && failure.kind == FailureKind::Unreachable(U::Dns) => {
                self.region_advice(service)
            }
            address => address,
        };
        let message = if failure.message.is_empty() { String::new() } else { format!(": {}", failure.message) };
        let text = format!("no response from {host}: {}{message}", failure.summary());
        let advice = match (&failure.kind, &self.chain.base) {
            (FailureKind::ResponseTooLarge, _) => {
                let message = format!("the response of {host} is too large{message}");
                return LookUpError::new(
                    MissingReason::Refused,
                    message,
                    "Check which service responds at this address.",
                );
            }
            // An unreadable certificate file, an invalid proxy: what to do is the end of the text.
            (FailureKind::Setting, _) => {
                let (what, fix) =
                    failure.message.rsplit_once("; ").unwrap_or((&failure.message, "correct this setting"));
                return LookUpError::new(
                    MissingReason::Setting,
                    format!("no request to {host}: {what}"),
                    sentence(fix),
                );
            }
            (FailureKind::Client, _) => {
                let message = format!("no request to {host}: {}", failure.message);
                return LookUpError::new(MissingReason::Setting, message, "Correct this setting.");
            }
            (FailureKind::Unreachable(U::Tls), _) => format!("{address}{}", self.trust_advice(failure)),
            (FailureKind::Unreachable(U::Local), _) => failure.advice().to_owned(),
            _ if failure.remedy.is_some() => format!("{address}{}", failure.advice()),
            (_, Base::Named(name)) if service.is_metadata() => self.source_advice(name),
            _ => format!(
                "{address}Check the network, and the proxy: HTTPS_PROXY and NO_PROXY, or proxy in the endpoint."
            ),
        };
        LookUpError::new(MissingReason::Unreachable, text, advice)
    }

    fn trust_advice(&self, failure: &Failure) -> String {
        let files: Vec<String> =
            self.authorities.iter().map(|(name, path)| format!("{name} ({})", path.display())).collect();
        match certificate::advice(&failure.message) {
            Some(advice) => advice.to_owned(),
            None if files.is_empty() => {
                "To trust a company's own authority, set AWS_CA_BUNDLE, or ca-file in the endpoint, to its certificate."
                    .into()
            }
            None => format!(
                "If you trust the issuer of this certificate, add the issuer's certificate to {}.",
                files.join(" or ")
            ),
        }
    }

    fn refused(&self, host: &str, response: &Response) -> LookUpError {
        let message = format!("{host} returned {}", response.summary());
        let (chain, source) = (self.chain, self.chain.source());
        if let Some(error) = self.sso_refused(&message, response) {
            return error;
        }
        if let Base::WebIdentity(file) = &chain.base
            && matches!(
                response.code.as_str(),
                "ExpiredToken" | "ExpiredTokenException" | "InvalidIdentityToken" | "IDPRejectedClaim"
            )
        {
            let message = format!("the web identity token in {file} is not accepted: {message}");
            return LookUpError::new(MissingReason::TokenFile, message, format!("Renew the token in {file}."));
        }
        let (role, signer) = chain.step(response.role.as_deref());
        let is_of_base = signer == source;
        // What the keys of the base are called.
        let names = match &chain.base {
            Base::Keys => Some((
                format!("aws_access_key_id and {}", origin::token_name(chain)),
                "aws_secret_access_key",
                format!(" of the profile `{source}`"),
            )),
            Base::Named(name) if name == "Environment" => Some((
                "AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN (or AWS_SECURITY_TOKEN)".to_owned(),
                "AWS_SECRET_ACCESS_KEY",
                String::new(),
            )),
            _ => None,
        };
        let is_clock =
            ["Signature expired", "Signature not yet current"].iter().any(|message| response.message.contains(message));
        let is_sts = response.service == Service::Sts;
        let is_base_refused = is_of_base && is_sts;
        let advice = match (response.code.as_str(), &names) {
            _ if is_clock => "Set this machine's clock: a signature is valid for 5 minutes.".to_owned(),
            ("AccessDenied" | "AccessDeniedException", _) if is_sts => self.role_advice(role),
            ("InvalidClientTokenId" | "UnrecognizedClientException", Some((id, _, whose))) if is_base_refused => {
                format!("Check {id}{whose}.")
            }
            ("SignatureDoesNotMatch", Some((_, secret, whose))) if is_base_refused => format!("Check {secret}{whose}."),
            ("SignatureDoesNotMatch", _) if is_base_refused && matches!(chain.base, Base::Process(_)) => {
                origin::of_base(chain, self.redactor).renewal
            }
            ("SignatureDoesNotMatch", _) => "Check this machine's clock, and that no proxy changes the request.".into(),
            ("ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId" | "UnrecognizedClientException", _)
                if is_base_refused =>
            {
                origin::of_base(chain, self.redactor).renewal
            }
            _ => match &chain.base {
                Base::Named(name) if response.service.is_metadata() => self.source_advice(name),
                _ => self.comparison(),
            },
        };
        LookUpError::new(MissingReason::Refused, message, advice)
    }

    /// What to check if STS denies a role.
    fn role_advice(&self, role: &str) -> String {
        let is_web_identity = self.chain.source() == role && matches!(self.chain.base, Base::WebIdentity(_));
        if !is_web_identity {
            return format!(
                "Check role_arn and external_id of the profile `{role}`; the role's trust policy must allow you to assume it."
            );
        }
        let setting = if self.chain.has_role_of_variable {
            "AWS_ROLE_ARN".into()
        } else {
            format!("role_arn of the profile `{role}`")
        };
        format!(
            "Check {setting}; the role's trust policy must allow the issuer, audience and subject of the web identity token."
        )
    }

    /// What to try if a container's endpoint or an instance provides no credentials.
    fn source_advice(&self, name: &str) -> String {
        if name == "EcsContainer" {
            return "Check AWS_CONTAINER_CREDENTIALS_FULL_URI (or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) and the \
                    authorization token."
                .into();
        }
        let address = self.metadata.as_ref().map(|name| format!("Check {name}, which sets this address. "));
        format!(
            "{}Check that this machine is an EC2 instance with a role; otherwise use another source of credentials.",
            address.unwrap_or_default()
        )
    }

    fn sso_refused(&self, message: &str, response: &Response) -> Option<LookUpError> {
        let Base::Sso(sso) = &self.chain.base else { return None };
        let source = self.chain.source();
        match (response.service, response.status) {
            (Service::Sso, 401) => {
                Some(LookUpError::sso_session(source, &format!("has expired or was revoked: {message}")))
            }
            (Service::SsoOidc, 400 | 401) => {
                Some(LookUpError::sso_session(source, &format!("cannot be renewed: {message}")))
            }
            (Service::Sso, 403 | 404) => {
                let (role, account) = (&sso.role, &sso.account);
                let message = format!("SSO does not grant you the role `{role}` in account `{account}`: {message}");
                let advice = format!(
                    "Check sso_role_name and sso_account_id of the profile `{source}`, or ask for the role to be assigned \
                     to you."
                );
                Some(LookUpError::new(MissingReason::SsoRole, message, advice))
            }
            _ => None,
        }
    }
}

/// What to try if another service may answer in place of AWS.
const NOT_AWS: &str = "Check the proxy (HTTPS_PROXY, or proxy in the endpoint) and AWS_ENDPOINT_URL: a login page, a proxy \
                       or another service may answer in place of AWS.";

/// Returns a clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase()).into_iter();
    format!("{}.", first.chain(characters).collect::<String>().trim_end_matches('.'))
}
