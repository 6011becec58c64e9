//! Judging an answer: is it what was asked for, or which failure is it?
//!
//! The body decides, not the HTTP status: with a single default integration response, which is what
//! the API Gateway console makes, errors of Step Functions arrive as HTTP 200. A *top-level* string
//! `__type` means error; nested ones (`inputDetails.__type`) are normal in good answers.

use reqwest::Response;
use serde::de::IgnoredAny;

use crate::domain::limit::{self, limited};
use crate::domain::{ClockOffset, Failure, FailureKind, Timestamp, Unreachable};
use crate::gateway::members::{Members, excerpt};
use crate::gateway::redact::Redactor;
use crate::gateway::undecodable::{shortened, undecodable};

/// What the head of an answer tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) error_type: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) date: Option<String>,
    pub(super) location: Option<String>,
    /// Something in between has kept the response for a while.
    pub(super) is_cached: bool,
}

impl Head {
    /// Without the secrets that a gateway may repeat in it.
    pub(super) fn of(response: &Response, redactor: &Redactor) -> Self {
        let text = |name: &str| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(redactor.text(value).into_owned())
        };
        let short = |name: &str, most: usize| text(name).map(|text| limited(text, most));
        Self {
            status: response.status().as_u16(),
            error_type: short("x-amzn-errortype", limit::ERROR),
            // HTTP APIs have a name of their own for it.
            request_id: short("x-amzn-requestid", limit::REQUEST_ID)
                .or_else(|| short("apigw-requestid", limit::REQUEST_ID)),
            date: text("date"),
            location: text("location"),
            is_cached: text("age").is_some_and(|age| age.trim() != "0"),
        }
    }

    /// When the gateway answered, by its own clock.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let date = jiff::fmt::rfc2822::parse(self.date.as_deref()?).ok()?;
        Some(Timestamp::from_millis(date.timestamp().as_millisecond()))
    }

    /// How far the gateway's clock is ahead of ours, which shows `here` as the response arrives. What a cache has kept
    /// for a while says nothing.
    pub(super) fn offset(&self, here: Timestamp) -> Option<ClockOffset> {
        self.date().filter(|_| !self.is_cached).map(|gateway| ClockOffset::between(gateway, here))
    }

    /// The failure with what this head tells.
    pub(super) fn sign(&self, failure: Failure) -> Failure {
        Failure { http_status: Some(self.status), request_id: self.request_id.clone(), ..failure }
    }
}

/// `Ok` when the body may be read as the route's answer. The failure is not signed yet.
pub(super) fn judge(head: &Head, body: &[u8]) -> Result<(), Failure> {
    let members = Members::of(body);
    let error_type = members.as_ref().and_then(|members| members.whole_text("__type"));
    let message = members.as_ref().and_then(Members::message);
    let is_success = (200..300).contains(&head.status);
    let kind = match error_type {
        Some(error_type) => of_step_functions(code(&error_type), message.as_deref().unwrap_or_default()),
        None if is_success && head.error_type.is_none() => match members {
            Some(_) => return Ok(()),
            None if serde_json::from_slice::<IgnoredAny>(body).is_ok() => {
                return Err(undecodable(format!("expected a JSON object, found {}", excerpt(body))));
            }
            None => FailureKind::Unreadable,
        },
        None => of_gateway(head, members.is_some(), message.as_deref().unwrap_or_default()),
    };
    let said = message.unwrap_or_else(|| match members {
        Some(_) if !is_success && kind == FailureKind::Rejected => format!("HTTP {}", head.status),
        Some(_) => String::new(),
        None => page(head, body),
    });
    Err(Failure::without_response(kind, said))
}

/// What a body that is not JSON says, with the status that says more than the text.
fn page(head: &Head, body: &[u8]) -> String {
    let status = head.status;
    if let (300..400, Some(location)) = (status, &head.location) {
        return format!("HTTP {status} to {}", shortened(location));
    }
    match (plain(body), status) {
        (text, 200..300) => text,
        (text, _) if text.is_empty() => format!("HTTP {status}"),
        (text, _) => format!("HTTP {status}: {text}"),
    }
}

/// `com.amazonaws.swf.service.v2.model#InvalidArn:http://..` is the code `InvalidArn`.
fn code(error_type: &str) -> &str {
    let code = error_type.rsplit_once('#').map_or(error_type, |(_, code)| code);
    code.split(':').next().unwrap_or(code)
}

fn of_step_functions(code: &str, message: &str) -> FailureKind {
    use FailureKind as K;
    match code {
        "ExecutionLimitExceeded" => K::ExecutionLimitExceeded,
        "ExecutionAlreadyExists" => K::ExecutionAlreadyExists,
        "ExecutionNotRedrivable" => K::NotRedrivable,
        "ExecutionDoesNotExist" => K::ExecutionDoesNotExist,
        "StateMachineDoesNotExist" | "StateMachineDeleting" => K::MachineDoesNotExist,
        "StateMachineTypeNotSupported" => K::MachineTypeNotSupported,
        "InvalidArn" if message.contains("not valid in this context: express") => K::ExpressNotDescribable,
        "InvalidArn" => K::InvalidArn,
        "InvalidExecutionInput" => K::InvalidInput,
        "InvalidName" => K::InvalidName,
        "ValidationException" if message.contains("at 'name'") => K::InvalidName,
        "ValidationException" if message.contains("at 'input'") => K::InvalidInput,
        "ValidationException" => K::Validation,
        "ThrottlingException" | "Throttling" | "TooManyRequestsException" | "KmsThrottlingException" => K::Throttled,
        "KmsAccessDeniedException" | "KmsInvalidStateException" => K::Kms,
        "AccessDeniedException" | "AccessDenied" => K::RoleDenied,
        "UnknownOperationException" | "SerializationException" => K::BadIntegration,
        "InternalFailure"
        | "InternalError"
        | "InternalServerError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => K::GatewayUnavailable,
        other => K::StepFunctions(limited(other.to_owned(), limit::ERROR).into()),
    }
}

/// Errors that API Gateway makes itself. Owners can change status, headers and text of each, so all
/// three are hints; the text goes first where one error type covers several causes.
fn of_gateway(head: &Head, is_json: bool, message: &str) -> FailureKind {
    use FailureKind as K;
    let error_type = head.error_type.as_deref().map(code).unwrap_or_default();
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    match (head.status, error_type) {
        (_, "MissingAuthenticationTokenException") => K::WrongRoute,
        (_, "IncompleteSignatureException" | "InvalidSignatureException" | "ExpiredTokenException") => {
            K::SignatureRefused
        }
        (_, "AuthorizerConfigurationException") => K::AuthorizerMisconfigured,
        (_, "LimitExceededException") => K::QuotaUsedUp,
        (_, "TooManyRequestsException") => K::Throttled,
        (403, _) if says(&["Missing Authentication Token"]) => K::WrongRoute,
        (401 | 403, _)
            if says(&[
                "key=value pair",
                "security token included in the request",
                "Signature expired",
                "signature we calculated",
            ]) =>
        {
            K::SignatureRefused
        }
        (401, _) => K::Unauthorized,
        (403, _) if says(&["User is not authorized to access this resource"]) => K::AuthorizerDenied,
        (403, "AccessDeniedException") => K::PolicyDenied,
        (403, _) if says(&["is not authorized to perform"]) => K::PolicyDenied,
        (403, _) => K::Forbidden,
        (404, _) => K::WrongRoute,
        (407, _) => K::Unreachable(Unreachable::Proxy),
        (413, _) => K::RequestTooLarge,
        (415, _) => K::UnsupportedMediaType,
        (429, _) if says(&["Limit Exceeded"]) => K::QuotaUsedUp,
        (429, _) => K::Throttled,
        // Lambda functions pass the service's message on without its `__type`.
        (400..500, _) if says(&["Execution Already Exists", "ExecutionAlreadyExists"]) => K::ExecutionAlreadyExists,
        (400..500, _) if says(&["Execution Does Not Exist", "ExecutionDoesNotExist"]) => K::ExecutionDoesNotExist,
        (400, _) if is_json => K::BadRequest,
        // The request may be on its way to the integration.
        (408 | 499, _) => K::GatewayUnavailable,
        (300..400, _) => K::Redirected,
        (400..500, _) => K::Rejected,
        (500, _) if is_json => K::Integration,
        (504, _) => K::GatewayTimedOut,
        (500..=599, _) => K::GatewayUnavailable,
        _ => K::Unreadable,
    }
}

/// A short line of a body that is not JSON: the title of a web page, or the beginning of a text.
fn plain(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match title(&text) {
        Some(title) if title.is_empty() => "a web page".into(),
        Some(title) => format!("a web page, \"{title}\""),
        None => shortened(&text),
    }
}

/// The title of a web page, empty if it has none; nothing if the text is something else.
pub(super) fn title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<html") && !lower.contains("<!doctype html") {
        return None;
    }
    let from = lower.find("<title>").map(|at| at + "<title>".len());
    let title = from.and_then(|from| Some(&text[from..from + lower[from..].find("</title>")?]));
    Some(title.map(|title| shortened(title.trim())).unwrap_or_default())
}
