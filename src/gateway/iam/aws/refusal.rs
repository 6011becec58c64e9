//! Explains why STS, SSO, a container or an instance has provided no credentials, and what to do about it. Pure.

use std::path::Path;

use crate::domain::failure::certificate;
use crate::domain::shell::word;
use crate::domain::{Failure, FailureKind, MissingReason, Unreachable};
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::origin;
use crate::gateway::iam::aws::trouble::{Answer, Trouble};
use crate::gateway::redact::Redactor;

/// What is known about a look-up that failed.
pub(super) struct LookUp<'l> {
    pub(super) chain: &'l Chain,
    /// The files with additional authorities, and what names them.
    pub(super) authorities: Vec<(&'static str, &'l Path)>,
    pub(super) redactor: &'l Redactor,
}

impl LookUp<'_> {
    /// Returns why the look-up failed, by the last request. Never the words of the AWS SDK, which name neither the source
    /// nor a setting.
    pub(super) fn fault(&self, trouble: Option<Trouble>) -> Fault {
        match trouble {
            Some(Trouble::Failed { host, failure }) => self.unreachable(&host, &failure),
            Some(Trouble::Answered { host, answer }) if (200..400).contains(&answer.status) => {
                let said = format!("{host} does not answer with credentials: {}", answer.said());
                let advice = match &self.chain.base {
                    Base::Named(name) if !answer.is_sts => source_advice(name).to_owned(),
                    _ => format!("{NOT_AWS} {}", self.comparison()),
                };
                Fault::new(MissingReason::Unavailable, said, advice)
            }
            Some(Trouble::Answered { host, answer }) if is_unavailable(&answer) => {
                let said = format!("{host} answers {}", answer.said());
                Fault::new(MissingReason::Unavailable, said, format!("Try again in a while. {NOT_AWS}"))
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

    fn unreachable(&self, host: &str, failure: &Failure) -> Fault {
        use Unreachable as U;
        let said = if failure.said.is_empty() { String::new() } else { format!(": {}", failure.said) };
        let text = format!("no response from {host}: {}{said}", failure.what());
        let advice = match (&failure.kind, &self.chain.base) {
            (FailureKind::AnswerTooLarge, _) => {
                let said = format!("the response of {host} is too large{said}");
                return Fault::new(MissingReason::Refused, said, "Check which service responds at this address.");
            }
            // An unreadable certificate file, an invalid proxy.
            (FailureKind::Client | FailureKind::Setting, _) => {
                let said = format!("no request to {host}: {}", failure.said);
                return Fault::new(MissingReason::Setting, said, "Correct this setting.");
            }
            (FailureKind::Unreachable(U::Tls), _) => self.trust_advice(failure),
            (FailureKind::Unreachable(U::Local), _) => failure.advice().to_owned(),
            _ if failure.remedy.is_some() => failure.advice().to_owned(),
            (_, Base::Named(name)) if name != "Environment" => source_advice(name).to_owned(),
            _ => "Check the network, and the proxy: HTTPS_PROXY and NO_PROXY, or proxy in the endpoint.".to_owned(),
        };
        Fault::new(MissingReason::Unreachable, text, advice)
    }

    fn trust_advice(&self, failure: &Failure) -> String {
        let files: Vec<String> =
            self.authorities.iter().map(|(name, path)| format!("{name} ({})", path.display())).collect();
        match certificate::advice(&failure.said) {
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
        let advice = match (answer.code.as_str(), &chain.base) {
            ("AccessDenied" | "AccessDeniedException", _) if answer.is_sts => format!(
                "Check role_arn and external_id of the profile `{role}`; the role's trust policy must allow you to assume it."
            ),
            ("InvalidClientTokenId", Base::Keys) if is_of_base => {
                format!("Check aws_access_key_id and aws_session_token of the profile `{source}`.")
            }
            ("SignatureDoesNotMatch", Base::Keys) if is_of_base => {
                format!("Check aws_secret_access_key of the profile `{source}`.")
            }
            ("SignatureDoesNotMatch", _) => "Check this machine's clock, and that no proxy changes the request.".into(),
            ("ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId", _) if answer.is_sts && is_of_base => {
                origin::of_base(chain, self.redactor).renewal
            }
            (_, Base::Named(name)) if name != "Environment" && !answer.is_sts => source_advice(name).to_owned(),
            _ => self.comparison(),
        };
        Fault::new(MissingReason::Refused, said, advice)
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

/// What to try if a container's endpoint or an instance provides no credentials.
fn source_advice(name: &str) -> &'static str {
    if name == "EcsContainer" {
        "Check AWS_CONTAINER_CREDENTIALS_FULL_URI (or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) and the authorization token."
    } else {
        "Check that this machine is an EC2 instance with a role; otherwise use another source of credentials."
    }
}

/// Whether the service has decided nothing: an error of its own, throttling, or a web page of something in between.
fn is_unavailable(answer: &Answer) -> bool {
    let is_throttled = matches!(
        answer.code.as_str(),
        "Throttling" | "ThrottlingException" | "ThrottledException" | "TooManyRequestsException" | "SlowDown"
    );
    answer.status >= 500 || answer.status == 429 || is_throttled || answer.code.is_empty() && answer.page.is_some()
}
