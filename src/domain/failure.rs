//! Why a request to the gateway did not bring what was asked for, in words for a person.

use std::fmt;

/// Why no connection came about, or why it did not last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unreachable {
    /// The host has no address.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No common ground on TLS: certificate, host name or protocol.
    Tls,
    /// The proxy in between does not let us through.
    Proxy,
    /// No answer within the deadline.
    Deadline,
    /// The connection broke before the answer was whole.
    Broken,
}

/// What went wrong. The gateway tells some causes apart only by their text, and some not at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// `Missing Authentication Token`, API Gateway's 404 in disguise; `Not Found` of an HTTP API.
    WrongRoute,
    /// `Forbidden`: API key, stage, WAF or private host, which look the same.
    Forbidden,
    /// A `SigV4` signature or an `Authorization` header that the gateway does not take.
    SignatureRefused,
    /// 401: no token, or not a valid one.
    Unauthorized,
    /// The API's resource policy, or the caller's own, denies `execute-api:Invoke`.
    PolicyDenied,
    /// A Lambda authorizer said no.
    AuthorizerDenied,
    /// The gateway's integration role may not do this in Step Functions.
    RoleDenied,
    /// Too many requests just now.
    Throttled,
    /// The usage plan's quota for the day, week or month is used up.
    QuotaUsedUp,
    /// A million open executions.
    ExecutionLimitExceeded,
    /// No such state machine, or one that is being deleted.
    MachineDoesNotExist,
    /// No such execution.
    ExecutionDoesNotExist,
    /// The name was used in the last 90 days.
    ExecutionAlreadyExists,
    /// Not JSON, or too large.
    InvalidInput,
    /// Characters or length of a name.
    InvalidName,
    /// An ARN that the service does not take.
    InvalidArn,
    /// Another member that the service does not take.
    Validation,
    /// `DescribeExecution` of an EXPRESS execution.
    ExpressNotDescribable,
    /// The operation does not go with STANDARD or with EXPRESS.
    MachineTypeNotSupported,
    /// The key that encrypts the state machine.
    Kms,
    /// The gateway's integration is not set up right.
    Integration,
    /// The gateway's integration sends Step Functions something that it cannot read.
    BadIntegration,
    /// The gateway's authorizer is not set up right.
    AuthorizerMisconfigured,
    /// 504: Step Functions did not answer the gateway in time.
    GatewayTimedOut,
    /// Another 5xx, of the gateway or of Step Functions.
    GatewayUnavailable,
    /// 413.
    RequestTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// The gateway's request validator, or a 400 without a reason.
    BadRequest,
    /// An error of Step Functions that this version does not know by name.
    StepFunctions(Box<str>),
    /// An answer larger than a gateway can give.
    AnswerTooLarge,
    /// An answer of a gateway that is not what the route answers.
    Undecodable,
    /// An answer that is not one of ours: HTML, another program's JSON, a redirect.
    Unreadable,
    /// No answer at all.
    Unreachable(Unreachable),
    /// The request could not even be made: a secret that is not to be had, a header that is not one.
    Client,
}

/// What a failure means for asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It may be better in a moment.
    Soon,
    /// Only a person, or the next day, can make it better.
    Later,
    /// The same request will get the same answer for ever.
    Never,
}

/// A classified failure, with what the other side said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it is.
    pub kind: FailureKind,
    /// The other side's own words, or the network's; without secrets, possibly empty.
    pub said: String,
    /// The HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// `x-amzn-RequestId`, for the gateway's owner to look up.
    pub request_id: Option<String>,
}

impl Failure {
    /// A failure without an HTTP answer.
    pub fn without_answer(kind: FailureKind, said: impl Into<String>) -> Self {
        Self { kind, said: said.into(), http_status: None, request_id: None }
    }

    /// Whether asking again is worth it.
    pub fn retry(&self) -> Retry {
        use FailureKind as K;
        match &self.kind {
            K::Throttled
            | K::ExecutionLimitExceeded
            | K::GatewayTimedOut
            | K::GatewayUnavailable
            | K::Integration
            | K::Undecodable
            | K::Unreadable
            | K::AnswerTooLarge
            | K::Unreachable(_) => Retry::Soon,
            K::WrongRoute
            | K::Forbidden
            | K::SignatureRefused
            | K::Unauthorized
            | K::PolicyDenied
            | K::AuthorizerDenied
            | K::AuthorizerMisconfigured
            | K::BadIntegration
            | K::RoleDenied
            | K::QuotaUsedUp
            | K::Kms
            | K::UnsupportedMediaType
            | K::BadRequest
            | K::Client
            | K::StepFunctions(_) => Retry::Later,
            K::MachineDoesNotExist
            | K::ExecutionDoesNotExist
            | K::ExecutionAlreadyExists
            | K::InvalidInput
            | K::InvalidName
            | K::InvalidArn
            | K::Validation
            | K::ExpressNotDescribable
            | K::MachineTypeNotSupported
            | K::RequestTooLarge => Retry::Never,
        }
    }

    /// Whether it speaks of what was asked about, and not of the endpoint: another question to the
    /// same endpoint may well be answered.
    pub fn is_about_one_execution(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::RoleDenied
                | FailureKind::Kms
                | FailureKind::StepFunctions(_)
                | FailureKind::AnswerTooLarge
                | FailureKind::Undecodable
        )
    }

    /// Whether the request may have been carried out although no good answer came: then the same
    /// start may only be sent again under the same name.
    pub fn leaves_doubt(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::Unreachable(Unreachable::Deadline | Unreachable::Broken)
                | FailureKind::GatewayTimedOut
                | FailureKind::GatewayUnavailable
                | FailureKind::Integration
                | FailureKind::AnswerTooLarge
                | FailureKind::Undecodable
                | FailureKind::Unreadable
        )
    }

    /// What happened, in a short sentence without a full stop.
    pub fn what(&self) -> String {
        use FailureKind as K;
        match &self.kind {
            K::WrongRoute => "the gateway has no such route".into(),
            K::Forbidden => "the gateway forbids it".into(),
            K::SignatureRefused => "the gateway refuses the signature".into(),
            K::Unauthorized => "the gateway wants a valid token".into(),
            K::PolicyDenied => "a policy denies the call".into(),
            K::AuthorizerDenied => "the gateway's authorizer says no".into(),
            K::RoleDenied => "the gateway's role may not do this".into(),
            K::Throttled => "too many requests just now".into(),
            K::QuotaUsedUp => "the API key's quota is used up".into(),
            K::ExecutionLimitExceeded => "too many executions are open in this account".into(),
            K::MachineDoesNotExist => "the state machine does not exist".into(),
            K::ExecutionDoesNotExist => "the execution does not exist".into(),
            K::ExecutionAlreadyExists => "the name has been used already".into(),
            K::InvalidInput => "Step Functions refuses the input".into(),
            K::InvalidName => "Step Functions refuses the name".into(),
            K::InvalidArn => "Step Functions refuses the ARN".into(),
            K::Validation => "Step Functions refuses the request".into(),
            K::ExpressNotDescribable => "EXPRESS executions have no status to ask for".into(),
            K::MachineTypeNotSupported => "this type of state machine cannot do that".into(),
            K::Kms => "the state machine's encryption key cannot be used".into(),
            K::Integration => "the gateway failed inside".into(),
            K::BadIntegration => "Step Functions cannot read what the gateway sends".into(),
            K::AuthorizerMisconfigured => "the gateway's authorizer failed".into(),
            K::GatewayTimedOut => "Step Functions did not answer the gateway in time".into(),
            K::GatewayUnavailable => "the gateway is not available".into(),
            K::RequestTooLarge => "the request is too large for the gateway".into(),
            K::UnsupportedMediaType => "the gateway does not take JSON on this route".into(),
            K::BadRequest => "the gateway refuses the request".into(),
            K::StepFunctions(code) => format!("Step Functions answers {code}"),
            K::AnswerTooLarge => "the answer is larger than a gateway's can be".into(),
            K::Undecodable => "the answer is not what this route answers".into(),
            K::Unreadable => "the answer is not a gateway's".into(),
            K::Unreachable(Unreachable::Dns) => "the host name has no address".into(),
            K::Unreachable(Unreachable::Refused) => "nobody answers at this address".into(),
            K::Unreachable(Unreachable::Tls) => "no secure connection".into(),
            K::Unreachable(Unreachable::Proxy) => "the proxy does not let us through".into(),
            K::Unreachable(Unreachable::Deadline) => "no answer in time".into(),
            K::Unreachable(Unreachable::Broken) => "the connection broke".into(),
            K::Client => "the request could not be made".into(),
        }
    }

    /// What to try, in a sentence; empty where there is nothing to do but wait.
    pub fn advice(&self) -> &'static str {
        use FailureKind as K;
        match &self.kind {
            K::WrongRoute => {
                "Check the endpoint's url (with its stage) and routes; an API that wants IAM signatures answers the same."
            }
            K::Forbidden => {
                "Check the API key and its usage plan, the stage in the url, and for a private API the x-apigw-api-id header; a WAF answers the same."
            }
            K::SignatureRefused => "Check the credentials, the region and this machine's clock.",
            K::Unauthorized => "Get a new token; check the header that the gateway reads it from.",
            K::PolicyDenied => "Ask the API's owner to allow your address or identity in the resource policy.",
            K::AuthorizerDenied => "Ask the API's owner what the authorizer wants to see.",
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
            K::ExpressNotDescribable => "Look for its result in the state machine's CloudWatch log group.",
            K::MachineTypeNotSupported => "Check `type` of the machine in the configuration.",
            K::Kms => "Ask the API's owner to allow the integration's role the use of the key.",
            K::BadIntegration => "Ask the API's owner to check the integration's action and mapping template.",
            K::Integration | K::AuthorizerMisconfigured => {
                "Ask the API's owner to look up the request id in the gateway's log."
            }
            K::RequestTooLarge => "Make the input smaller.",
            K::UnsupportedMediaType => "Ask the API's owner to accept application/json.",
            K::BadRequest => "Ask the API's owner what the request validator wants.",
            K::StepFunctions(_) => "",
            K::Undecodable => "Check that the endpoint's routes lead to the right actions.",
            K::AnswerTooLarge | K::Unreadable => {
                "Check that the url is the gateway's, with no login page or proxy in between."
            }
            K::Unreachable(Unreachable::Dns) => "Check the url for a typing error, and the network.",
            K::Unreachable(Unreachable::Refused) => {
                "Check the url's host and port, that the gateway runs, and the proxy if one is set."
            }
            K::Unreachable(Unreachable::Tls) => {
                "Check the url's host name; for a company's own certificate set ca-file."
            }
            K::Unreachable(Unreachable::Proxy) => "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
            K::Unreachable(Unreachable::Deadline | Unreachable::Broken) => "Check the network.",
            K::Client => "Check the endpoint in the configuration.",
        }
    }
}

impl fmt::Display for Failure {
    /// What happened, what was said, what to try, and the request id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())?;
        if !self.said.is_empty() {
            write!(f, ": {}", self.said)?;
        }
        if !self.advice().is_empty() {
            write!(f, "{} {}", if self.said.ends_with('.') { "" } else { "." }, self.advice())?;
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
    fn the_whole_text_says_what_happened_and_what_to_try() {
        let mut failure = Failure::without_answer(FailureKind::WrongRoute, "Missing Authentication Token");
        failure.request_id = Some("r-1".into());
        assert_eq!(
            failure.to_string(),
            "the gateway has no such route: Missing Authentication Token. Check the endpoint's url (with its stage) and routes; an API that wants IAM signatures answers the same. (request r-1)"
        );
    }

    #[test]
    fn only_doubtful_failures_leave_doubt() {
        let doubt = |kind| Failure::without_answer(kind, "").leaves_doubt();
        assert!(doubt(FailureKind::Unreachable(Unreachable::Broken)));
        assert!(doubt(FailureKind::GatewayTimedOut));
        assert!(!doubt(FailureKind::Unreachable(Unreachable::Refused)));
        assert!(!doubt(FailureKind::Throttled));
        assert!(!doubt(FailureKind::InvalidName));
    }
}
