//! Why a request failed.

pub mod certificate;
mod message;

use serde::{Deserialize, Serialize};

use crate::domain::missing_credentials::MissingCredentials;

/// Why a connection failed or broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unreachable {
    /// The host name does not resolve.
    Dns,
    /// Connection refused.
    Refused,
    /// TLS failed: certificate, host name or protocol version.
    Tls,
    /// The peer refuses the client certificate, or requires one.
    ClientCertificate,
    /// The peer refuses the TLS handshake for another reason.
    Handshake,
    /// The proxy refuses the connection, or is not a proxy.
    Proxy,
    /// No route to the host.
    NoRoute,
    /// This computer cannot open another connection.
    Local,
    /// No response before the deadline.
    Deadline,
    /// The connection broke before the end of the response.
    Broken,
}

/// The kind of failure. Some causes only differ in the gateway's message, and some not at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// `Missing Authentication Token`, API Gateway's 404 in disguise; `Not Found` of an HTTP API or web server.
    WrongRoute,
    /// `Forbidden`: API key, stage, WAF or private host, with identical responses.
    Forbidden,
    /// The gateway rejects a `SigV4` signature or an `Authorization` header.
    SignatureRefused,
    /// 401: the token is missing or invalid.
    Unauthorized,
    /// The API's resource policy, or the caller's own, denies `execute-api:Invoke`.
    PolicyDenied,
    /// A Lambda authorizer denied the request.
    AuthorizerDenied,
    /// The gateway's integration role lacks a Step Functions permission.
    RoleDenied,
    /// Too many requests.
    Throttled,
    /// The usage plan's quota for the day, week or month is used up.
    QuotaUsedUp,
    /// A million open executions.
    ExecutionLimitExceeded,
    /// No such state machine, or it is being deleted.
    MachineDoesNotExist,
    /// No such execution.
    ExecutionDoesNotExist,
    /// It has SUCCEEDED, still runs, or ended too long ago.
    NotRedrivable,
    /// The name was used in the last 90 days.
    ExecutionAlreadyExists,
    /// Not JSON, or too large.
    InvalidInput,
    /// Invalid characters or length.
    InvalidName,
    /// The service rejects an ARN.
    InvalidArn,
    /// The service rejects another member.
    Validation,
    /// `DescribeExecution` of an EXPRESS execution.
    ExpressNotDescribable,
    /// The log group of an EXPRESS execution has no failure, and only failures may be logged.
    NoErrorLogged,
    /// The log group of an EXPRESS execution has its events, but not its end.
    EndNotLogged,
    /// The log group that the route `logs` reads does not exist.
    NoLogGroup,
    /// The operation does not support STANDARD or EXPRESS.
    MachineTypeNotSupported,
    /// The state machine's encryption key cannot be used.
    Kms,
    /// The gateway's integration is misconfigured.
    Integration,
    /// The gateway's integration sends Step Functions an invalid request.
    BadIntegration,
    /// The gateway's authorizer is misconfigured.
    AuthorizerMisconfigured,
    /// 504: Step Functions did not answer the gateway in time.
    GatewayTimedOut,
    /// Another 5xx of the gateway or Step Functions.
    GatewayUnavailable,
    /// 413.
    RequestTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// The gateway's request validator, or a 400 without a reason.
    BadRequest,
    /// An unknown error of Step Functions.
    StepFunctions(Box<str>),
    /// A response larger than a gateway can return.
    #[serde(rename = "AnswerTooLarge")]
    ResponseTooLarge,
    /// JSON that this route does not return.
    Undecodable,
    /// 3xx. Nothing was executed.
    Redirected,
    /// A 4xx of the gateway or of something in front of it. Nothing was executed.
    Rejected,
    /// A 2xx response to a start request without an execution ARN.
    NoExecutionArn,
    /// The response names another execution.
    OtherExecution,
    /// A response to a start request that names an execution of another machine, account or region.
    OtherMachine,
    /// A start request may have started an execution under another name than the one sent.
    MayRunUnderAnotherName,
    /// An execution with the chosen name exists, and may or may not be the requested one.
    OwnershipUnclear,
    /// Not a response of an API Gateway: HTML, or another program's JSON.
    Unreadable,
    /// No response.
    Unreachable(Unreachable),
    /// The request could not be built: an invalid header, or a missing route.
    Client,
    /// An unusable certificate file or proxy variable. The message includes what to do.
    Setting,
    /// The source of a secret failed.
    NoSecret,
    /// No AWS credentials to sign the request with.
    NoCredentials(Box<MissingCredentials>),
    /// The execution's endpoint is no longer in the configuration.
    EndpointGone,
    /// The start could not be recorded, so it was not sent.
    NotRecorded,
}

/// A classified failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What it is.
    pub kind: FailureKind,
    /// The message of the service, gateway or network, without secrets; may be empty.
    #[serde(rename = "said")]
    pub message: String,
    /// The HTTP status, if there was a response.
    pub http_status: Option<u16>,
    /// `x-amzn-RequestId`, for the gateway's owner to look up.
    pub request_id: Option<String>,
    /// Specific advice, which replaces the kind's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Box<str>>,
}

impl Failure {
    /// Returns a failure without an HTTP response.
    pub fn without_response(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), http_status: None, request_id: None, remedy: None }
    }

    /// Returns whether it is a 404 in an application's own words: it may be about the execution, or about the route.
    pub fn is_unclear_404(&self) -> bool {
        self.kind == FailureKind::Rejected && self.http_status == Some(404)
    }

    /// Returns the same failure with this advice.
    #[must_use]
    pub(crate) fn with_remedy(self, remedy: impl Into<Box<str>>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}
