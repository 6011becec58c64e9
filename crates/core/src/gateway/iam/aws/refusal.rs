//! Explains why STS, SSO, a container or an instance has provided no credentials, and what to do about it. Pure.

use std::path::Path;

use crate::domain::failure::certificate;
use crate::domain::shell::word;
use crate::domain::{Failure, FailureKind, MissingReason, Unreachable};
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::endpoints::{Endpoints, Service};
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::origin;
use crate::gateway::iam::aws::trouble::{Answer, Trouble};
use crate::gateway::redact::Redactor;

/// What is known about a look-up that failed.
pub(super) struct LookUp<'l> {
    pub(super) chain: &'l Chain,
    pub(super) endpoints: &'l Endpoints,
    /// What sets the address of an instance's metadata, if anything does.
    pub(super) metadata: Option<String>,
    /// The endpoint's region.
    pub(super) region: &'l str,
    /// The files with additional authorities, and what names them.
    pub(super) authorities: Vec<(&'static str, &'l Path)>,
    pub(super) redactor: &'l Redactor,
}

impl LookUp<'_> {
    /// Returns why the look-up failed, by the last request. Never the words of the AWS SDK, which name neither the source
    /// nor a setting.
    pub(super) fn fault(&self, trouble: Option<Trouble>) -> Fault {
        match trouble {
            Some(Trouble::Failed { host, service, failure }) => self.unreachable(&host, service, &failure),
            Some(Trouble::Answered { host, answer }) if (200..400).contains(&answer.status) => {
                let said = format!("{host} does not answer with credentials: {}", answer.said());
                let advice = match &self.chain.base {
                    Base::Named(name) if answer.service.is_none() => self.source_advice(name),
                    _ => format!("{}{NOT_AWS} {}", self.address_advice(answer.service), self.comparison()),
                };
                Fault::new(MissingReason::Unavailable, said, advice)
            }
            Some(Trouble::Answered { host, answer }) if is_unavailable(&answer) => {
                let said = format!("{host} answers {}", answer.said());
                let address = self.address_advice(answer.service);
                Fault::new(MissingReason::Unavailable, said, format!("Try again in a while. {address}{NOT_AWS}"))
            }
            Some(Trouble::Answered { host, answer }) => self.refused(&host, &answer),
            None => {
                let keys = origin::of_base(self.chain, self.redactor).keys;
                let said = format!("the profile `{}` has no credentials from {keys}", self.chain.selected());
                Fault::new(MissingReason::Refused, said, self.comparison())
            }
        }
    }

    fn comparison(&self) -> String {
        format!("Compare with `aws sts get-caller-identity --profile {}`.", word(self.chain.selected()))
    }

    /// Names what replaces the address of a service, since it may be wrong; empty if nothing does.
    fn address_advice(&self, service: Option<Service>) -> String {
        let name = self.endpoints.get(service).map(|setting| setting.name.as_str());
        name.map(|name| format!("Check {name}, which sets this address. ")).unwrap_or_default()
    }

    /// Names the region in the address of a service, since a host that does not exist may be in a region that does not.
    fn region_advice(&self, service: Option<Service>) -> String {
        match (service, &self.chain.base) {
            (Some(Service::Sts), _) => format!("Check region (`{}`) in the endpoint. ", self.region),
            (Some(_), Base::Sso(sso)) => {
                let section = match &sso.session {
                    Some(session) => format!("the sso-session `{session}`"),
                    None => format!("the profile `{}`", self.chain.source()),
                };
                format!("Check sso_region (`{}`) of {section}. ", sso.region)
            }
            _ => String::new(),
        }
    }

    fn unreachable(&self, host: &str, service: Option<Service>, failure: &Failure) -> Fault {
        use Unreachable as U;
        let address = match self.address_advice(service) {
            address if address.is_empty() && failure.kind == FailureKind::Unreachable(U::Dns) => {
                self.region_advice(service)
            }
            address => address,
        };
        let said = if failure.message.is_empty() { String::new() } else { format!(": {}", failure.message) };
        let text = format!("no response from {host}: {}{said}", failure.summary());
        let advice = match (&failure.kind, &self.chain.base) {
            (FailureKind::ResponseTooLarge, _) => {
                let said = format!("the response of {host} is too large{said}");
                return Fault::new(MissingReason::Refused, said, "Check which service responds at this address.");
            }
            // An unreadable certificate file, an invalid proxy: what to do is the end of the text.
            (FailureKind::Setting, _) => {
                let (what, fix) =
                    failure.message.rsplit_once("; ").unwrap_or((&failure.message, "correct this setting"));
                return Fault::new(MissingReason::Setting, format!("no request to {host}: {what}"), sentence(fix));
            }
            (FailureKind::Client, _) => {
                let said = format!("no request to {host}: {}", failure.message);
                return Fault::new(MissingReason::Setting, said, "Correct this setting.");
            }
            (FailureKind::Unreachable(U::Tls), _) => format!("{address}{}", self.trust_advice(failure)),
            (FailureKind::Unreachable(U::Local), _) => failure.advice().to_owned(),
            _ if failure.remedy.is_some() => format!("{address}{}", failure.advice()),
            (_, Base::Named(name)) if service.is_none() => self.source_advice(name),
            _ => format!(
                "{address}Check the network, and the proxy: HTTPS_PROXY and NO_PROXY, or proxy in the endpoint."
            ),
        };
        Fault::new(MissingReason::Unreachable, text, advice)
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

    fn refused(&self, host: &str, answer: &Answer) -> Fault {
        let said = format!("{host} answers {}", answer.said());
        let (chain, source) = (self.chain, self.chain.source());
        if let Some(fault) = self.sso_refused(&said, answer) {
            return fault;
        }
        if let Base::WebIdentity(file) = &chain.base
            && matches!(
                answer.code.as_str(),
                "ExpiredToken" | "ExpiredTokenException" | "InvalidIdentityToken" | "IDPRejectedClaim"
            )
        {
            let said = format!("the web identity token in {file} is not accepted: {said}");
            return Fault::new(MissingReason::TokenFile, said, format!("Renew the token in {file}."));
        }
        let (role, signer) = chain.step(answer.role.as_deref());
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
            ["Signature expired", "Signature not yet current"].iter().any(|said| answer.message.contains(said));
        let is_base_refused = is_of_base && answer.is_sts();
        let advice = match (answer.code.as_str(), &names) {
            _ if is_clock => "Set this machine's clock: a signature is valid for 5 minutes.".to_owned(),
            ("AccessDenied" | "AccessDeniedException", _) if answer.is_sts() => self.role_advice(role),
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
                Base::Named(name) if answer.service.is_none() => self.source_advice(name),
                _ => self.comparison(),
            },
        };
        Fault::new(MissingReason::Refused, said, advice)
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

    fn sso_refused(&self, said: &str, answer: &Answer) -> Option<Fault> {
        let Base::Sso(sso) = &self.chain.base else { return None };
        let source = self.chain.source();
        let is_portal = answer.path.ends_with("/federation/credentials");
        match answer.status {
            401 if is_portal => Some(Fault::sso_session(source, &format!("has expired or was revoked: {said}"))),
            400 | 401 if answer.path.ends_with("/token") => {
                Some(Fault::sso_session(source, &format!("cannot be renewed: {said}")))
            }
            403 | 404 if is_portal => {
                let (role, account) = (&sso.role, &sso.account);
                let said = format!("SSO does not grant you the role `{role}` in account `{account}`: {said}");
                let advice = format!(
                    "Check sso_role_name and sso_account_id of the profile `{source}`, or ask for the role to be assigned \
                     to you."
                );
                Some(Fault::new(MissingReason::SsoRole, said, advice))
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

/// Whether the service has decided nothing: an error of its own, throttling, or a web page of something in between.
fn is_unavailable(answer: &Answer) -> bool {
    let is_throttled = matches!(
        answer.code.as_str(),
        "Throttling" | "ThrottlingException" | "ThrottledException" | "TooManyRequestsException" | "SlowDown"
    );
    answer.status >= 500 || answer.status == 429 || is_throttled || answer.code.is_empty() && answer.page.is_some()
}
