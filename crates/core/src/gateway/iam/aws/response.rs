//! Reads the errors in responses of STS, SSO, containers and instances. Pure.

use crate::domain::{Failure, text_limit};
use crate::gateway::iam::aws::service::Service;
use crate::gateway::iam::aws::xml;
use crate::gateway::redact::Redactor;
use crate::gateway::response;

/// Why a request has not led to credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequestError {
    /// There was a response.
    Response { host: String, response: Response },
    /// There was no response.
    NoResponse { host: String, service: Service, failure: Failure },
}

/// What a response says, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    /// The service that the request was for.
    pub(super) service: Service,
    /// The role that STS was asked for.
    pub(super) role: Option<String>,
    pub(super) status: u16,
    /// `AccessDenied`, `UnauthorizedException`; empty if there is none.
    pub(super) code: String,
    pub(super) message: String,
    /// The title of a web page, possibly empty.
    pub(super) page: Option<String>,
}

/// The errors after which botocore sends a request again: throttling, timeouts, and an identity provider that does not
/// answer STS.
const PASSING: [&str; 16] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "IDPCommunicationError",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
const PASSING_STATUSES: [u16; 2] = [408, 429];

impl Response {
    /// Reads XML (STS), JSON (SSO, containers) and anything else.
    pub(super) fn read(
        (service, role): (Service, Option<&str>),
        status: u16,
        error_type: Option<&str>,
        body: &[u8],
        redactor: &Redactor,
    ) -> Self {
        let body = redactor.body(body.to_vec());
        let text = String::from_utf8_lossy(&body);
        let of_header = error_type.map(|value| redactor.text(value).into_owned());
        let (code, message) = match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(json) => {
                let member = |names: &[&str]| names.iter().find_map(|name| json.get(name)?.as_str().map(str::to_owned));
                (member(&["__type", "code", "Code", "error"]), member(&["message", "Message", "error_description"]))
            }
            Err(_) => (xml::text(&text, "Code"), xml::text(&text, "Message")),
        };
        // `com.amazonaws.switchboard.portal#UnauthorizedException:http://..`
        let code = of_header.or(code).unwrap_or_default();
        let code = code.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned();
        Self {
            service,
            role: role.map(str::to_owned),
            status,
            code: text_limit::limited(code, text_limit::MESSAGE),
            message: text_limit::limited(message.unwrap_or_default(), text_limit::MESSAGE),
            page: response::title(&text),
        }
    }

    /// Returns whether the status is one of success.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns whether the same request may succeed later.
    pub(super) fn may_pass(&self) -> bool {
        self.status >= 500 || PASSING_STATUSES.contains(&self.status) || PASSING.contains(&self.code.as_str())
    }

    /// Returns whether the service has decided nothing: an error that may pass, or a web page of something in between.
    pub(super) fn is_unavailable(&self) -> bool {
        self.may_pass() || self.code.is_empty() && self.page.is_some()
    }

    /// In words.
    pub(super) fn summary(&self) -> String {
        let parts = [self.code.as_str(), self.message.as_str()].into_iter().filter(|part| !part.is_empty());
        let message: Vec<&str> = parts.collect();
        match &self.page {
            _ if !message.is_empty() => message.join(": "),
            Some(title) if title.is_empty() => format!("HTTP {}, a web page", self.status),
            Some(title) => format!("HTTP {}, the web page \"{title}\"", self.status),
            None => format!("HTTP {}", self.status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, error_type: Option<&str>, body: &str) -> Response {
        Response::read((Service::Sts, None), status, error_type, body.as_bytes(), &Redactor::default())
    }

    #[test]
    fn errors_are_read_in_each_notation() {
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/x is not authorized &amp; so on</Message></Error></ErrorResponse>";
        for (error_type, body, code, message) in [
            (None, xml, "AccessDenied", "User: arn:aws:iam::1:user/x is not authorized & so on"),
            (
                Some("UnauthorizedException:http://x"),
                "{\"message\":\"Session token not found or invalid\"}",
                "UnauthorizedException",
                "Session token not found or invalid",
            ),
            (None, "{\"__type\":\"com.amazonaws.x#Y\",\"message\":\"m\"}", "Y", "m"),
            (None, "{\"error\":\"invalid_grant\",\"error_description\":\"d\"}", "invalid_grant", "d"),
            (None, "{\"code\":\"ErrorCode\",\"message\":\"Helpful\"}", "ErrorCode", "Helpful"),
            (None, "<html>", "", ""),
            (None, "", "", ""),
        ] {
            let response = read(403, error_type, body);
            assert_eq!((response.code.as_str(), response.message.as_str()), (code, message), "{body}");
        }
        assert_eq!(read(502, None, "").summary(), "HTTP 502");
        assert_eq!(read(200, None, "<HTML><title>Sign in</title>").summary(), "HTTP 200, the web page \"Sign in\"");
    }

    #[test]
    fn what_decides_nothing_is_told_from_refusals() {
        for (status, body, expected) in [
            (500, "", true),
            (429, "", true),
            (408, "", true),
            (400, "{\"code\":\"Throttle\"}", false),
            (403, "<html><title>Login</title>", true),
            (403, "{\"code\":\"AccessDenied\"}", false),
            (403, "", false),
        ] {
            assert_eq!(read(status, None, body).is_unavailable(), expected, "{status} {body}");
        }
        for code in PASSING {
            let xml = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
            let response = read(400, None, &xml);
            assert!(response.may_pass() && response.is_unavailable(), "{code}");
        }
    }
}
