//! Message and advice of a failure.

use std::fmt;

use crate::domain::failure::{Failure, FailureKind, Unreachable, certificate};

impl Failure {
    /// Returns what happened, in a short sentence without a full stop.
    pub fn summary(&self) -> String {
        use FailureKind as K;
        match &self.kind {
            K::WrongRoute => "the gateway has no such route".into(),
            K::Forbidden => "the gateway forbids it".into(),
            K::SignatureRefused => "the gateway refuses the signature".into(),
            K::Unauthorized => "the gateway wants a valid token".into(),
            K::PolicyDenied => "a policy denies the call".into(),
            K::AuthorizerDenied => "the gateway's authorizer denied the request".into(),
            K::RoleDenied => "the gateway's role lacks permission for this action".into(),
            K::Throttled => "the request was throttled".into(),
            K::QuotaUsedUp => "the API key's quota is used up".into(),
            K::ExecutionLimitExceeded => "too many executions are open in this account".into(),
            K::MachineDoesNotExist => "the state machine does not exist".into(),
            K::ExecutionDoesNotExist => "the execution does not exist".into(),
            K::NotRedrivable => "the execution cannot be redriven".into(),
            K::ExecutionAlreadyExists => "the name is already in use".into(),
            K::InvalidInput => "Step Functions refuses the input".into(),
            K::InvalidName => "Step Functions refuses the name".into(),
            K::InvalidArn => "Step Functions refuses the ARN".into(),
            K::Validation => "Step Functions refuses the request".into(),
            K::ExpressNotDescribable => "DescribeExecution does not support EXPRESS executions".into(),
            K::NoErrorLogged => "no error logged".into(),
            K::EndNotLogged => "its end was not logged".into(),
            K::NoLogGroup => "the log group does not exist".into(),
            K::MachineTypeNotSupported => "this type of state machine cannot do that".into(),
            K::Kms => "the state machine's encryption key cannot be used".into(),
            K::Integration => "the gateway failed".into(),
            K::BadIntegration => "Step Functions cannot read what the gateway sends".into(),
            K::AuthorizerMisconfigured => "the gateway's authorizer failed".into(),
            K::GatewayTimedOut => "Step Functions did not answer the gateway in time".into(),
            K::GatewayUnavailable => "the gateway is not available".into(),
            K::RequestTooLarge => "the request is too large for the gateway".into(),
            K::UnsupportedMediaType => "the gateway does not take JSON on this route".into(),
            K::BadRequest => "the gateway refuses the request".into(),
            K::StepFunctions(code) => format!("Step Functions returned {code}"),
            K::ResponseTooLarge => "the response is too large".into(),
            K::Undecodable => "unexpected response".into(),
            K::Unreadable => "the response does not come from an API Gateway".into(),
            K::Redirected => "the gateway redirects the request".into(),
            K::Rejected => "the gateway rejects the request".into(),
            K::NoExecutionArn => "the response to the start has no executionArn".into(),
            K::OtherExecution => "the response is about another execution".into(),
            K::OtherMachine => "the response is about another state machine".into(),
            K::MayRunUnderAnotherName => "it may run under another name".into(),
            K::OwnershipUnclear => "an execution with this name exists, and it is unclear who started it".into(),
            K::Unreachable(Unreachable::Dns) => "cannot resolve the host name".into(),
            K::Unreachable(Unreachable::Refused) => "cannot connect".into(),
            K::Unreachable(Unreachable::Tls) => "no secure connection".into(),
            K::Unreachable(Unreachable::ClientCertificate) => "the client certificate is refused".into(),
            K::Unreachable(Unreachable::Handshake) => "the TLS handshake is refused".into(),
            K::Unreachable(Unreachable::Proxy) => "no connection through the proxy".into(),
            K::Unreachable(Unreachable::NoRoute) => "the host cannot be reached".into(),
            K::Unreachable(Unreachable::Local) => "this computer cannot open another connection".into(),
            K::Unreachable(Unreachable::Deadline) => "timed out waiting for a response".into(),
            K::Unreachable(Unreachable::Broken) => "the connection broke".into(),
            K::Client | K::NoSecret => "the request could not be made".into(),
            K::Setting => "the request was not sent".into(),
            K::NoCredentials(_) => "no AWS credentials".into(),
            K::EndpointGone => "its endpoint is no longer in the configuration".into(),
            K::NotRecorded => "could not be recorded, so it was not sent".into(),
        }
    }

    /// Returns what to try, in a sentence; empty where waiting is all.
    pub fn advice(&self) -> &str {
        use FailureKind as K;
        if let Some(remedy) = &self.remedy {
            return remedy;
        }
        match &self.kind {
            K::WrongRoute => {
                "Check the endpoint's url (with its stage) and routes; an API that requires IAM signatures returns the same error. See `stepgate doctor`."
            }
            K::Forbidden => {
                "Check the API key, its usage plan and the stage in the url (private APIs require x-apigw-api-id; a WAF returns the same error). See `stepgate doctor`."
            }
            K::SignatureRefused => "Check the credentials, the region and this machine's clock.",
            K::Unauthorized => "Get a new token; check the header that the gateway reads it from.",
            K::PolicyDenied => "Ask the API's owner to allow your address or identity in the resource policy.",
            K::AuthorizerDenied => "Ask the API's owner what the authorizer requires.",
            K::RoleDenied => "Ask the API's owner to allow the action in the integration's role.",
            K::Throttled | K::GatewayTimedOut | K::GatewayUnavailable => {
                "Try again in a while; a watch does so by itself."
            }
            K::QuotaUsedUp => "Wait for the next day, week or month of the usage plan, or ask for a larger one.",
            K::ExecutionLimitExceeded => "Wait until some of them have ended.",
            K::MachineDoesNotExist => "Check the state machine's ARN, its region and account in the configuration.",
            K::ExecutionDoesNotExist => "It may be older than 90 days, or belong to another account or region.",
            K::ExecutionAlreadyExists | K::InvalidName => "Choose another name, or leave it empty.",
            K::InvalidInput => "Correct the input.",
            K::InvalidArn | K::Validation => "Check the ARN in the configuration.",
            K::ExpressNotDescribable => {
                "Look for its result in the state machine's CloudWatch log group, which stepgate reads if the endpoint has a route `logs`."
            }
            K::NoErrorLogged => {
                "If the state machine logs everything (log level ALL, with execution data), its log group shows the outcome."
            }
            K::EndNotLogged => "Look for it in the state machine's CloudWatch log group: it may have been delivered late.",
            K::NoLogGroup => "Ask the API's owner to check the log group in the mapping of the route `logs`.",
            K::MachineTypeNotSupported => "Check `type` of the machine in the configuration.",
            K::Kms => "Ask the API's owner to allow the integration's role the use of the key.",
            K::BadIntegration => "Ask the API's owner to check the integration's action and mapping template.",
            K::Integration | K::AuthorizerMisconfigured => {
                "Ask the API's owner to look up the request id in the gateway's log."
            }
            K::RequestTooLarge => "Make the input smaller.",
            K::UnsupportedMediaType => "Ask the API's owner to accept application/json.",
            K::BadRequest => "Ask the API's owner what the request validator requires.",
            K::StepFunctions(_) | K::NotRedrivable | K::Setting => "",
            K::Undecodable => "Check that the endpoint's routes lead to the right actions.",
            K::Redirected => "Put the final address into the endpoint's url; redirects are not followed.",
            K::Rejected if self.is_unclear_404() => {
                "The gateway may not know the execution or state machine, or may have no such route: check the endpoint's url (with its stage) and routes."
            }
            K::Rejected => "Check the endpoint's url and routes, and whether a proxy or firewall is in between.",
            K::NoExecutionArn => {
                "Something may have been started. The gateway should return the response of StartExecution; the route's filter `answer` can turn another response into it."
            }
            K::OtherExecution => "Check the gateway for a cache on this route.",
            K::OtherMachine => {
                "Check the integration: its stateMachineArn may be fixed, or the response may come from a cache."
            }
            K::MayRunUnderAnotherName => "Look for it in the Step Functions console.",
            K::OwnershipUnclear => "Compare its input in the Step Functions console with the one that was sent.",
            K::ResponseTooLarge | K::Unreadable => {
                "Check that the url is the gateway's, with no login page or proxy in between."
            }
            K::Unreachable(Unreachable::Dns) => "Check the url for a typing error, and the network.",
            K::Unreachable(Unreachable::Refused) => {
                "Check the url's host and port, that the gateway runs, and the proxy if one is set."
            }
            K::Unreachable(Unreachable::Tls) => certificate::advice(&self.message).unwrap_or(
                "Check the url's host and port. If its certificate is from your company's authority, set ca-file to that authority's certificate.",
            ),
            K::Unreachable(Unreachable::ClientCertificate) => {
                "Set client-certificate to a valid certificate from an authority that the gateway trusts, including intermediate certificates, and client-key to its private key."
            }
            K::Unreachable(Unreachable::Handshake) => {
                "Check the url's host and port. Ask the gateway's owner whether it requires a client certificate and supports TLS 1.2 or 1.3."
            }
            K::Unreachable(Unreachable::Proxy) => {
                "Check the proxy and its user and password: `proxy` of the endpoint, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
            }
            K::Unreachable(Unreachable::Local) => {
                "Close other programs, or raise the limit of open files (`ulimit -n`)."
            }
            K::Unreachable(Unreachable::NoRoute | Unreachable::Deadline | Unreachable::Broken) => "Check the network.",
            K::Client => "Check the endpoint in the configuration.",
            K::NoSecret => "Fix the source of the secret: its variable, file or command.",
            K::NoCredentials(missing) => &missing.advice,
            K::EndpointGone => "Add an endpoint with this URL to continue watching.",
            K::NotRecorded => "Fix this and start it again. In the terminal UI, a second attempt starts it without a record.",
        }
    }
    /// Returns the whole message with the next step appended: a phrase without a full stop, such as `trying again`.
    pub fn followed_by(&self, next: &str) -> String {
        let text = self.to_string();
        if self.advice().is_empty() && !text.ends_with('.') {
            return format!("{text}; {next}");
        }
        let (first, rest) = next.split_at(next.chars().next().map_or(0, char::len_utf8));
        let stop = if text.ends_with('.') { "" } else { "." };
        format!("{text}{stop} {}{rest}.", first.to_uppercase())
    }
}

impl fmt::Display for Failure {
    /// Summary, message, advice and request id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if !self.advice().is_empty() {
            write!(f, "{} {}", if self.message.ends_with('.') { "" } else { "." }, self.advice())?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_what_happened_and_what_to_try() {
        let mut failure = Failure::without_response(FailureKind::WrongRoute, "Missing Authentication Token");
        failure.request_id = Some("r-1".into());
        assert_eq!(
            failure.to_string(),
            "the gateway has no such route: Missing Authentication Token. Check the endpoint's url (with its stage) and routes; an API that requires IAM signatures returns the same error. See `stepgate doctor`. (request r-1)"
        );
    }

    #[test]
    fn the_advice_follows_as_a_separate_sentence() {
        let next = |failure: Failure| failure.followed_by("trying again");
        let throttled = Failure::without_response(FailureKind::NotRedrivable, "x");
        assert_eq!(next(throttled.clone()), "the execution cannot be redriven: x; trying again");
        assert_eq!(next(throttled.with_remedy("Wait.")), "the execution cannot be redriven: x. Wait. Trying again.");
        let signed =
            Failure { request_id: Some("r".into()), ..Failure::without_response(FailureKind::InvalidInput, "") };
        let expected = "Step Functions refuses the input. Correct the input. (request r). Trying again.";
        assert_eq!(next(signed), expected);
    }

    #[test]
    fn a_remedy_replaces_the_advice_of_the_kind() {
        let failure = Failure::without_response(FailureKind::Unauthorized, "expired").with_remedy("Sign in.");
        assert_eq!(failure.to_string(), "the gateway wants a valid token: expired. Sign in.");
    }
}
