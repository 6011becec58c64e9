//! Explains refusals by STS, SSO, a container or an instance, and what to do about them. Pure.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;

use crate::domain::shell::word;
use crate::domain::{Failure, FailureKind, MissingReason, Unreachable};
use crate::gateway::iam::aws::chain::{Base, Chain};
use crate::gateway::iam::aws::fault::Fault;
use crate::gateway::iam::aws::trouble::{Answer, Trouble};

/// Returns the fault behind an error of the SDK. `trouble` is more precise if the error came from a request.
pub(super) fn fault(chain: &Chain, trouble: Option<Trouble>, error: &CredentialsError) -> Fault {
    match trouble {
        Some(Trouble::Failed { host, failure }) => unreachable(&host, &failure),
        Some(Trouble::Answered { host, answer }) => refused(chain, &host, &answer),
        None => {
            let said = format!("the profile `{}`: {}", chain.selected(), causes(error));
            let advice = format!("Compare with `aws sts get-caller-identity --profile {}`.", word(chain.selected()));
            Fault::new(MissingReason::Refused, said, advice)
        }
    }
}

fn unreachable(host: &str, failure: &Failure) -> Fault {
    use Unreachable as U;
    let said = if failure.said.is_empty() { String::new() } else { format!(": {}", failure.said) };
    let text = format!("no response from {host}: {}{said}", failure.what());
    match &failure.kind {
        FailureKind::AnswerTooLarge => {
            let said = format!("the response of {host} is too large{said}");
            Fault::new(MissingReason::Refused, said, "Check which service responds at this address.")
        }
        // An unreadable certificate file, an invalid proxy.
        FailureKind::Client | FailureKind::Setting => {
            Fault::new(MissingReason::Unreachable, failure.said.clone(), "Correct this setting.")
        }
        FailureKind::Unreachable(U::Tls) => Fault::new(
            MissingReason::Unreachable,
            text,
            "To trust a company's own authority, set AWS_CA_BUNDLE, or ca-file in the endpoint, to its certificate.",
        ),
        FailureKind::Unreachable(U::Local) => Fault::new(MissingReason::Unreachable, text, failure.advice()),
        _ => {
            let advice = "Check the network, and the proxy: HTTPS_PROXY and NO_PROXY, or proxy in the endpoint.";
            Fault::new(MissingReason::Unreachable, text, advice)
        }
    }
}

fn refused(chain: &Chain, host: &str, answer: &Answer) -> Fault {
    let said = format!("{host} answers {}", answer.said());
    let source = chain.source();
    if let Base::Sso(sso) = &chain.base {
        let is_portal = answer.path.ends_with("/federation/credentials");
        match answer.status {
            401 if is_portal => return Fault::sso_session(source, &format!("has expired or was revoked: {said}")),
            400 | 401 if answer.path.ends_with("/token") => {
                return Fault::sso_session(source, &format!("cannot be renewed: {said}"));
            }
            403 | 404 if is_portal => {
                let (role, account) = (&sso.role, &sso.account);
                let said = format!("SSO does not grant you the role `{role}` in account `{account}`: {said}");
                let advice = format!(
                    "Check sso_role_name and sso_account_id of the profile `{source}`, or ask for the role to be assigned \
                     to you."
                );
                return Fault::new(MissingReason::SsoRole, said, advice);
            }
            _ => {}
        }
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
    let advice = match (answer.code.as_str(), &chain.base) {
        ("AccessDenied" | "AccessDeniedException", _) if answer.is_sts => format!(
            "Check role_arn and external_id of the profile `{}`; the role's trust policy must allow you to assume it.",
            chain.selected()
        ),
        ("InvalidClientTokenId", Base::Keys) => {
            format!("Check aws_access_key_id and aws_session_token of the profile `{source}`.")
        }
        ("SignatureDoesNotMatch", Base::Keys) => format!("Check aws_secret_access_key of the profile `{source}`."),
        ("SignatureDoesNotMatch", _) => "Check this machine's clock, and that no proxy changes the request.".into(),
        ("ExpiredToken" | "ExpiredTokenException", Base::Keys) => {
            format!("Replace the keys and aws_session_token of the profile `{source}`.")
        }
        (_, Base::Named(name)) if name == "EcsContainer" && !answer.is_sts => {
            "Check AWS_CONTAINER_CREDENTIALS_FULL_URI (or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) and the \
             authorization token."
                .into()
        }
        (_, Base::Named(name)) if name == "Ec2InstanceMetadata" && !answer.is_sts => {
            "Check the role of this instance.".into()
        }
        _ => format!("Compare with `aws sts get-caller-identity --profile {}`.", word(chain.selected())),
    };
    Fault::new(MissingReason::Refused, said, advice)
}

/// Joins the messages of the error and its causes, outermost first.
fn causes(error: &dyn Error) -> String {
    let mut causes = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    causes.dedup();
    causes.join(": ")
}
