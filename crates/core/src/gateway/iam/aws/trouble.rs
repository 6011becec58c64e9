//! Parses error responses of STS, SSO, containers and instances. Pure.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use reqwest::Url;
use secrecy::SecretString;

use crate::domain::{Failure, limit};
use crate::gateway::iam::aws::endpoints::Service;
use crate::gateway::redact::Redactor;
use crate::gateway::{answer, auth};

/// Request headers whose values are secrets.
const SECRET_HEADERS: [&str; 4] =
    ["authorization", "x-amz-security-token", "x-amz-sso_bearer_token", "x-aws-ec2-metadata-token"];
/// Body members whose values are secrets.
const SECRET_MEMBERS: [&str; 4] = ["WebIdentityToken", "clientSecret", "refreshToken", "TokenCode"];

/// What came of the last request, if it has not led to credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There was a response.
    Answered { host: String, answer: Answer },
    /// There was no response.
    Failed { host: String, service: Option<Service>, failure: Failure },
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    /// The service that the request was for.
    pub(super) service: Option<Service>,
    /// The path of the request's URL.
    pub(super) path: String,
    /// The role that STS was asked for.
    pub(super) role: Option<String>,
    pub(super) status: u16,
    /// `AccessDenied`, `UnauthorizedException`; empty if there is none.
    pub(super) code: String,
    pub(super) message: String,
    /// The title of a web page, possibly empty.
    pub(super) page: Option<String>,
}

impl Answer {
    /// Reads XML (STS), JSON (SSO, containers) and anything else.
    pub(super) fn of(
        request: &HttpRequest,
        status: u16,
        headers: &[(String, String)],
        body: &[u8],
        redactor: &Redactor,
    ) -> Self {
        let path = Url::parse(request.uri()).map(|url| url.path().to_owned()).unwrap_or_default();
        let form = request.body().bytes().filter(|body| body.starts_with(b"Action="));
        let body = redactor.body(body.to_vec());
        let text = String::from_utf8_lossy(&body);
        let header = |name: &str| headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let of_header = header("x-amzn-errortype").map(|(_, value)| redactor.text(value).into_owned());
        let (code, message) = match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(json) => {
                let member = |names: &[&str]| names.iter().find_map(|name| json.get(name)?.as_str().map(str::to_owned));
                (member(&["__type", "code", "Code", "error"]), member(&["message", "Message", "error_description"]))
            }
            Err(_) => (element(&text, "Code"), element(&text, "Message")),
        };
        // `com.amazonaws.switchboard.portal#UnauthorizedException:http://..`
        let code = of_header.or(code).unwrap_or_default();
        let code = code.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned();
        let message = limit::limited(message.unwrap_or_default(), limit::MESSAGE);
        let code = limit::limited(code, limit::MESSAGE);
        let role =
            form.and_then(|form| pairs(form).into_iter().find(|(name, _)| name == "RoleArn")).map(|(_, arn)| arn);
        Self { service: Service::of(request), path, role, status, code, message, page: answer::title(&text) }
    }

    /// Whether STS sent it.
    pub(super) fn is_sts(&self) -> bool {
        self.service == Some(Service::Sts)
    }

    /// In words.
    pub(super) fn said(&self) -> String {
        let parts = [self.code.as_str(), self.message.as_str()].into_iter().filter(|part| !part.is_empty());
        let said: Vec<&str> = parts.collect();
        match &self.page {
            _ if !said.is_empty() => said.join(": "),
            Some(title) if title.is_empty() => format!("HTTP {}, a web page", self.status),
            Some(title) => format!("HTTP {}, the web page \"{title}\"", self.status),
            None => format!("HTTP {}", self.status),
        }
    }
}

/// The members of a form.
fn pairs(form: &[u8]) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://x/?{}", String::from_utf8_lossy(form)));
    url.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}

/// The text of the first element of this name.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(entities.into_iter().fold(text.trim().to_owned(), |text, (entity, character)| text.replace(entity, character)))
}

/// Returns the secrets that a request contains, which the response may repeat.
pub(super) fn secrets_of(request: &HttpRequest) -> Vec<SecretString> {
    let mut secrets = Vec::new();
    for (name, value) in request.headers() {
        if SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
            secrets.push(value.into());
            secrets.extend(auth::signature(value));
        }
    }
    let body = request.body().bytes().unwrap_or_default();
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) {
        let member = |name: &&str| json.get(name)?.as_str().map(SecretString::from);
        secrets.extend(SECRET_MEMBERS.iter().filter_map(member));
    } else {
        let secret = pairs(body).into_iter().filter(|(name, _)| SECRET_MEMBERS.contains(&name.as_str()));
        secrets.extend(secret.map(|(_, value)| SecretString::from(value)));
    }
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_in_each_notation() {
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/x is not authorized &amp; so on</Message></Error></ErrorResponse>";
        for (headers, body, code, message) in [
            (vec![], xml, "AccessDenied", "User: arn:aws:iam::1:user/x is not authorized & so on"),
            (
                vec![("X-Amzn-ErrorType".to_owned(), "UnauthorizedException:http://x".to_owned())],
                "{\"message\":\"Session token not found or invalid\"}",
                "UnauthorizedException",
                "Session token not found or invalid",
            ),
            (vec![], "{\"__type\":\"com.amazonaws.x#Y\",\"message\":\"m\"}", "Y", "m"),
            (vec![], "{\"error\":\"invalid_grant\",\"error_description\":\"d\"}", "invalid_grant", "d"),
            (vec![], "{\"code\":\"ErrorCode\",\"message\":\"Helpful\"}", "ErrorCode", "Helpful"),
            (vec![], "<html>", "", ""),
            (vec![], "", "", ""),
        ] {
            let request = HttpRequest::get("https://x/a/b?c").expect("a request");
            let answer = Answer::of(&request, 403, &headers, body.as_bytes(), &Redactor::default());
            assert_eq!((answer.code.as_str(), answer.message.as_str()), (code, message), "{body}");
            assert_eq!(answer.path, "/a/b");
        }
        assert_eq!(Answer { status: 502, ..Answer::default() }.said(), "HTTP 502");
        let request = HttpRequest::get("https://x/").expect("a request");
        let page = b"<HTML><title>Sign in</title>";
        let page = Answer::of(&request, 200, &[], page, &Redactor::default());
        assert_eq!(page.said(), "HTTP 200, the web page \"Sign in\"");
    }

    #[test]
    fn secrets_of_requests_are_known() {
        let mut request = HttpRequest::new("Action=AssumeRoleWithWebIdentity&WebIdentityToken=a%2Fcanary".into());
        request.headers_mut().insert("X-Amz-Security-Token", "canary-2");
        request.headers_mut().insert("accept", "x");
        let exposed = |request: &HttpRequest| -> Vec<String> {
            use secrecy::ExposeSecret as _;
            secrets_of(request).iter().map(|secret| secret.expose_secret().to_owned()).collect()
        };
        assert_eq!(exposed(&request), ["canary-2", "a/canary"]);
        let request = HttpRequest::new("{\"clientSecret\":\"canary-3\",\"clientId\":\"x\"}".into());
        assert_eq!(exposed(&request), ["canary-3"]);
    }
}
