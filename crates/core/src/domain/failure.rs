//! Why a request to the gateway did not bring what was asked for, and what that means for asking again.

pub mod certificate;
mod words;

use serde::{Deserialize, Serialize};

use crate::domain::missing_credentials::MissingCredentials;

/// Why no connection came about, or why it did not last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unreachable {
    /// The host has no address.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No common ground on TLS: certificate, host name or protocol.
    Tls,
    /// The peer refuses the client certificate, or requires one.
    ClientCertificate,
    /// The peer refuses the TLS handshake for another reason.
    Handshake,
    /// The proxy refuses the connection, or is none.
    Proxy,
    /// The network does not lead there.
    NoRoute,
    /// This machine cannot open another connection.
    Local,
    /// No answer within the deadline.
    Deadline,
    /// The connection broke before the answer was whole.
    Broken,
}

/// What went wrong. The gateway tells some causes apart only by their text, and some not at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// It succeeded, it still runs, or too long ago: it cannot be redriven.
    NotRedrivable,
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
    /// JSON that is not what the route returns.
    Undecodable,
    /// 3xx. Nothing was carried out.
    Redirected,
    /// A 4xx from something in front of the gateway, or from the gateway itself. Nothing was carried out.
    Rejected,
    /// A 2xx to a start request without an execution ARN.
    NoExecutionArn,
    /// A response that names another execution than the one that was asked for or about.
    OtherExecution,
    /// A response to a start request that names an execution of another machine, account or region.
    OtherMachine,
    /// A start request may have led to an execution that cannot be found by the name that was sent.
    MayRunUnderAnotherName,
    /// There is an execution with the chosen name, and it cannot be told whether it is ours.
    OwnershipUnclear,
    /// An answer that is not one of ours: HTML, another program's JSON, a redirect.
    Unreadable,
    /// No answer at all.
    Unreachable(Unreachable),
    /// The request could not be built: an invalid header, a route that is not configured.
    Client,
    /// An unusable certificate file or proxy variable. `said` includes what to do.
    Setting,
    /// The source of a secret provided none.
    NoSecret,
    /// There are no AWS credentials to sign the request with.
    NoCredentials(Box<MissingCredentials>),
    /// The endpoint that an execution belongs to is not in the configuration any more.
    EndpointGone,
    /// The start could not be written down, so it was not sent.
    NotRecorded,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What it is.
    pub kind: FailureKind,
    /// The other side's own words, or the network's; without secrets, possibly empty.
    pub said: String,
    /// The HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// `x-amzn-RequestId`, for the gateway's owner to look up.
    pub request_id: Option<String>,
    /// What to try, if more is known than the kind tells. Replaces the advice of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Box<str>>,
}

impl Failure {
    /// A failure without an HTTP answer.
    pub fn without_answer(kind: FailureKind, said: impl Into<String>) -> Self {
        Self { kind, said: said.into(), http_status: None, request_id: None, remedy: None }
    }

    /// The same failure with this advice.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<Box<str>>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// Whether asking again is worth it.
    pub fn retry(&self) -> Retry {
        use FailureKind as K;
        use Unreachable as U;
        match &self.kind {
            K::NoCredentials(missing) if missing.reason.may_pass() => Retry::Soon,
            K::Throttled
            | K::ExecutionLimitExceeded
            | K::GatewayTimedOut
            | K::GatewayUnavailable
            | K::Integration
            | K::Undecodable
            | K::Unreadable
            | K::AnswerTooLarge
            | K::NoExecutionArn
            | K::OtherExecution
            | K::MayRunUnderAnotherName
            | K::OwnershipUnclear
            | K::Unreachable(
                U::Dns | U::Refused | U::Tls | U::Proxy | U::NoRoute | U::Local | U::Deadline | U::Broken,
            ) => Retry::Soon,
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
            | K::Redirected
            | K::Rejected
            | K::OtherMachine
            | K::Client
            | K::Setting
            | K::Unreachable(U::ClientCertificate | U::Handshake)
            | K::NoSecret
            | K::NoCredentials(_)
            | K::EndpointGone
            | K::NotRecorded
            | K::StepFunctions(_) => Retry::Later,
            K::MachineDoesNotExist
            | K::ExecutionDoesNotExist
            | K::NotRedrivable
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
                | FailureKind::OtherExecution
        )
    }

    /// Returns whether other credentials may help, or the same ones later: these were refused, or none were found.
    pub fn is_of_credentials(&self) -> bool {
        use FailureKind as K;
        matches!(self.kind, K::Unauthorized | K::SignatureRefused | K::NoSecret | K::NoCredentials(_))
    }

    /// Whether no request to this endpoint can succeed until its configuration is fixed or the network is back: the
    /// host itself cannot be reached.
    pub fn is_of_connection(&self) -> bool {
        use Unreachable as U;
        matches!(
            self.kind,
            FailureKind::Unreachable(
                U::Dns | U::Refused | U::Tls | U::ClientCertificate | U::Handshake | U::Proxy | U::NoRoute | U::Local
            )
        )
    }

    /// Whether the request may have been carried out although no good answer came: then the same
    /// start may only be sent again under the same name.
    pub fn leaves_outcome_open(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::Unreachable(Unreachable::Deadline | Unreachable::Broken)
                | FailureKind::GatewayTimedOut
                | FailureKind::GatewayUnavailable
                | FailureKind::Integration
                | FailureKind::AnswerTooLarge
                | FailureKind::Undecodable
                | FailureKind::Unreadable
                | FailureKind::NoExecutionArn
                | FailureKind::OtherExecution
                | FailureKind::OtherMachine
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_doubtful_failures_leave_doubt() {
        let unresolved = |kind| Failure::without_answer(kind, "").leaves_outcome_open();
        assert!(unresolved(FailureKind::Unreachable(Unreachable::Broken)));
        assert!(unresolved(FailureKind::GatewayTimedOut));
        assert!(!unresolved(FailureKind::Unreachable(Unreachable::Refused)));
        assert!(!unresolved(FailureKind::Throttled));
        assert!(!unresolved(FailureKind::InvalidName));
    }
}
