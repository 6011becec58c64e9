//! Classifies responses: success, or which failure.
//!
//! The body decides, not the HTTP status: with a single default integration response, which the API Gateway console
//! creates, errors of Step Functions arrive as HTTP 200. A *top-level* string `__type` means error, unless it is a member of
//! an execution's output; nested ones (`inputDetails.__type`) are normal in successful responses.

use reqwest::Response;
use serde::de::IgnoredAny;

use crate::domain::text_limit::{self, limited};
use crate::domain::{ClockOffset, Failure, FailureKind, Timestamp, Unreachable};
use crate::gateway::members::{Members, excerpt};
use crate::gateway::redact::Redactor;
use crate::gateway::undecodable::{shortened, undecodable};

/// The type of an API of API Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiType {
    /// With stages in the URL, API keys and mapping templates.
    Rest,
    /// Version 2.
    Http,
}

/// The head of a response.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) status: u16,
    /// The type of the API, if a header shows it.
    pub(super) api_type: Option<ApiType>,
    pub(super) error_type: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) date: Option<String>,
    pub(super) location: Option<String>,
    /// Whether a cache has delayed the response.
    pub(super) is_cached: bool,
}

impl Head {
    /// Redacts secrets that a gateway may repeat in it.
    pub(super) fn new(response: &Response, redactor: &Redactor) -> Self {
        let text = |name: &str| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(redactor.text(value).into_owned())
        };
        let short = |name: &str, max: usize| text(name).map(|text| limited(text, max));
        let has = |name: &str| response.headers().contains_key(name);
        let is_http = has("apigw-requestid").then_some(ApiType::Http);
        Self {
            status: response.status().as_u16(),
            api_type: is_http.or_else(|| has("x-amz-apigw-id").then_some(ApiType::Rest)),
            error_type: short("x-amzn-errortype", text_limit::ERROR),
            // HTTP APIs use another name.
            request_id: short("x-amzn-requestid", text_limit::REQUEST_ID)
                .or_else(|| short("apigw-requestid", text_limit::REQUEST_ID)),
            date: text("date"),
            location: text("location"),
            is_cached: text("age").is_some_and(|age| age.trim() != "0"),
        }
    }

    /// Returns the time of the response by the gateway's clock.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let date = jiff::fmt::rfc2822::parse(self.date.as_deref()?).ok()?;
        Some(Timestamp::from_millis(date.timestamp().as_millisecond()))
    }

    /// Returns how far the gateway's clock is ahead of this machine's, which shows `local_time` when the response arrives; `None`
    /// for cached responses.
    pub(super) fn offset(&self, local_time: Timestamp) -> Option<ClockOffset> {
        self.date().filter(|_| !self.is_cached).map(|gateway| ClockOffset::between(gateway, local_time))
    }

    /// Returns whether it has a mark of a gateway or a service behind it.
    pub(super) fn is_of_gateway(&self) -> bool {
        self.request_id.is_some() || self.error_type.is_some()
    }

    /// Adds status and request id to a failure.
    pub(super) fn annotate(&self, failure: Failure) -> Failure {
        Failure { http_status: Some(self.status), request_id: self.request_id.clone(), ..failure }
    }
}

/// Returns whether a response is no error, by its status, headers and body.
pub(super) fn is_success(head: &Head, body: &[u8]) -> bool {
    let has_error_type = || Members::parse(body).is_some_and(|members| error_type(head, &members).is_some());
    (200..300).contains(&head.status) && head.error_type.is_none() && !has_error_type()
}

/// Returns the error of an AWS service in a body: with HTTP 2xx only one that Step Functions has, or with a message. A gateway
/// may return the bare output of an execution, which has any members.
fn error_type(head: &Head, members: &Members<'_>) -> Option<String> {
    let error_type = members.whole_text("__type")?;
    let is_known = || {
        let kind = step_functions_error(code(&error_type), "");
        error_type.contains('#') || !matches!(kind, FailureKind::StepFunctions(_)) || members.message().is_some()
    };
    (!(200..300).contains(&head.status) || is_known()).then_some(error_type)
}

/// Returns `Ok` if the body can be read as the route's response. The failure is not annotated yet.
pub(super) fn classify(head: &Head, body: &[u8]) -> Result<(), Failure> {
    let members = Members::parse(body);
    let error_type = members.as_ref().and_then(|members| error_type(head, members));
    let message = members.as_ref().and_then(Members::message);
    let is_success = (200..300).contains(&head.status);
    let kind = match error_type {
        Some(error_type) => step_functions_error(code(&error_type), message.as_deref().unwrap_or_default()),
        None if is_success && head.error_type.is_none() => match members {
            Some(_) => return Ok(()),
            None if serde_json::from_slice::<IgnoredAny>(body).is_ok() => {
                return Err(undecodable(format!("expected a JSON object, found {}", excerpt(body))));
            }
            None => FailureKind::Unreadable,
        },
        None if head.status == 404 && !is_about_route(members.as_ref(), message.as_deref(), body) => {
            match gateway_error(head, members.is_some(), message.as_deref().unwrap_or_default()) {
                FailureKind::WrongRoute if head.error_type.is_none() => FailureKind::Rejected,
                kind => kind,
            }
        }
        None => gateway_error(head, members.is_some(), message.as_deref().unwrap_or_default()),
    };
    let message = match (message, members) {
        // The kind does not say what is wrong.
        (Some(message), _) if kind == FailureKind::Rejected => {
            limited(format!("HTTP {}: {message}", head.status), text_limit::MESSAGE)
        }
        (Some(message), _) => message,
        (None, Some(_)) if kind == FailureKind::Rejected => format!("HTTP {}", head.status),
        (None, Some(_)) => String::new(),
        (None, None) => describe(head, body),
    };
    Err(Failure::without_response(kind, message))
}

/// Describes a body that is not JSON, with the status.
fn describe(head: &Head, body: &[u8]) -> String {
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

fn step_functions_error(code: &str, message: &str) -> FailureKind {
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
        other => K::StepFunctions(limited(other.to_owned(), text_limit::ERROR).into()),
    }
}

/// Classifies errors of API Gateway itself. Owners can change status, headers and text of each, so all three are hints; the
/// text takes precedence where an error type covers several causes.
fn gateway_error(head: &Head, is_json: bool, message: &str) -> FailureKind {
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
        // Lambda functions pass the service's message on without its `__type`, also with 404.
        (400..500, _) if says(&["Execution Already Exists", "ExecutionAlreadyExists"]) => K::ExecutionAlreadyExists,
        (400..500, _) if says(&["Execution Does Not Exist", "ExecutionDoesNotExist"]) => K::ExecutionDoesNotExist,
        (404, _) => K::WrongRoute,
        (407, _) => K::Unreachable(Unreachable::Proxy),
        (413, _) => K::RequestTooLarge,
        (415, _) => K::UnsupportedMediaType,
        (429, _) if says(&["Limit Exceeded"]) => K::QuotaUsedUp,
        (429, _) => K::Throttled,
        (400, _) if is_json => K::BadRequest,
        // The request may have reached the integration.
        (408 | 499, _) => K::GatewayUnavailable,
        (300..400, _) => K::Redirected,
        (400..500, _) => K::Rejected,
        (500, _) if is_json => K::Integration,
        (504, _) => K::GatewayTimedOut,
        (500..=599, _) => K::GatewayUnavailable,
        _ => K::Unreadable,
    }
}

/// Texts for an unknown route, in lower case: API Gateway's own, and those of other servers.
const NO_SUCH_ROUTE: [&str; 5] =
    ["not found", "missing authentication token", "forbidden", "404 not found", "404 page not found"];

/// Returns whether a 404 certainly is about the route. An application behind it sends texts of its own, which may as well be
/// about an execution: `{"error": "unknown job"}`.
fn is_about_route(members: Option<&Members<'_>>, message: Option<&str>, body: &[u8]) -> bool {
    let text = match (message, members) {
        (Some(message), _) => message.into(),
        // API Gateway sends `{"message":null}` where it has no text.
        (None, Some(members)) => return members.iter().all(|(name, _)| name == "message"),
        (None, None) if is_page(body) => return true,
        (None, None) => String::from_utf8_lossy(body),
    };
    let text = text.trim().to_ascii_lowercase();
    // LocalStack's text for a stage that does not exist begins with the id of the API.
    text.is_empty() || NO_SUCH_ROUTE.contains(&&*text) || text.ends_with("correspond to a deployed api gateway api")
}

/// Returns the title of a web page, or the beginning of a text.
fn plain(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match title(&text) {
        Some(title) if title.is_empty() => "a web page".into(),
        Some(title) => format!("a web page, \"{title}\""),
        None => shortened(&text),
    }
}

/// Returns whether a body is a web page.
pub(super) fn is_page(body: &[u8]) -> bool {
    title(&String::from_utf8_lossy(body)).is_some()
}

/// Returns the title of a web page, which may be empty; `None` if the text is not a web page.
pub(super) fn title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<html") && !lower.contains("<!doctype html") {
        return None;
    }
    let from = lower.find("<title>").map(|at| at + "<title>".len());
    let title = from.and_then(|from| Some(&text[from..from + lower[from..].find("</title>")?]));
    Some(title.map(|title| shortened(title.trim())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_404_is_about_the_route_only_in_the_words_of_a_gateway_or_web_server() {
        let page = "<html><head><title>404 Not Found</title></head><body>nginx</body></html>";
        for (body, kind, message) in [
            (r#"{"message":"Not Found"}"#, FailureKind::WrongRoute, "Not Found"),
            (r#"{"message":"Missing Authentication Token"}"#, FailureKind::WrongRoute, "Missing Authentication Token"),
            (r#"{"message": "Forbidden"}"#, FailureKind::WrongRoute, "Forbidden"),
            (r#"{"message":null}"#, FailureKind::WrongRoute, ""),
            (r#"{"status":404,"error":"Not Found"}"#, FailureKind::WrongRoute, "Not Found"),
            (page, FailureKind::WrongRoute, "HTTP 404: a web page, \"404 Not Found\""),
            ("404 page not found\n", FailureKind::WrongRoute, "HTTP 404: 404 page not found"),
            ("", FailureKind::WrongRoute, "HTTP 404"),
            (r#"{"error":"unknown job"}"#, FailureKind::Rejected, "HTTP 404: unknown job"),
            (r#"{"message":"Job not found"}"#, FailureKind::Rejected, "HTTP 404: Job not found"),
            (r#"{"errors":[{"title":"no such job"}]}"#, FailureKind::Rejected, "HTTP 404"),
            ("nope", FailureKind::Rejected, "HTTP 404: nope"),
            (
                r#"{"message":"Execution Does Not Exist"}"#,
                FailureKind::ExecutionDoesNotExist,
                "Execution Does Not Exist",
            ),
        ] {
            let head = Head { status: 404, ..Head::default() };
            let failure = classify(&head, body.as_bytes()).expect_err("a failure");
            assert_eq!((&failure.kind, &*failure.message), (&kind, message), "{body}");
        }
        let error_type = Some("MissingAuthenticationTokenException".to_owned());
        let head = Head { status: 404, error_type, ..Head::default() };
        let failure = classify(&head, br#"{"error":"no such path"}"#).expect_err("a failure");
        assert_eq!(failure.kind, FailureKind::WrongRoute, "a text of the API's owner");
    }
}
