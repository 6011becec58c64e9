//! The endpoint of a container and the metadata of an instance: the requests, and their responses. Pure.

use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, HeaderValue, InvalidHeaderValue};
use reqwest::{Method, Url};

use crate::gateway::iam::aws::credential_part::{self, Part};
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::request::{Request, below};
use crate::gateway::iam::aws::service::Service;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TOKEN: &str = "x-aws-ec2-metadata-token";
const LIFETIME: (&str, HeaderValue) = ("x-aws-ec2-metadata-token-ttl-seconds", HeaderValue::from_static("21600"));
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
/// How long expired credentials of an instance are used before others are looked up, and the range that is added.
const EXTENSION: (Duration, Duration) = (Duration::from_secs(600), Duration::from_secs(300));

/// Returns the request for the credentials of a container.
pub(super) fn container(url: &Url, authorization: Option<&str>) -> Result<Request, InvalidHeaderValue> {
    let mut request = Request::new(Service::Container, Method::GET, url.clone());
    request.headers.insert(ACCEPT, JSON);
    match authorization {
        Some(authorization) => request.secret_header("authorization", authorization),
        None => Ok(request),
    }
}

/// Returns the request for a token, which the others need.
pub(super) fn instance_token(address: &Url) -> Request {
    let mut request = Request::new(Service::Instance, Method::PUT, below(address, "/latest/api/token"));
    let (name, value) = LIFETIME;
    request.headers.insert(name, value);
    request
}

/// Returns the token in a response.
pub(super) fn token(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    credential_part::check(Part::Token, text).is_ok().then(|| text.to_owned())
}

/// Returns the request for the name of the instance's role.
pub(super) fn instance_role(address: &Url, token: &str) -> Result<Request, InvalidHeaderValue> {
    Request::new(Service::Instance, Method::GET, below(address, ROLES)).secret_header(TOKEN, token)
}

/// Returns the name of the role in a response.
pub(super) fn role(body: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(body).ok()?.lines().next()?.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then(|| name.to_owned())
}

/// Returns the request for the credentials of the instance's role.
pub(super) fn instance(address: &Url, role: &str, token: &str) -> Result<Request, InvalidHeaderValue> {
    let url = below(address, &format!("{ROLES}{role}"));
    Request::new(Service::Instance, Method::GET, url).secret_header(TOKEN, token)
}

/// Returns the credentials in a response. Member names match in any case, as in the AWS SDKs.
pub(super) fn credentials(body: &[u8]) -> Option<Credentials> {
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
    let member = |name: &str| {
        let (_, value) = members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    };
    if member("Code").is_some_and(|code| code != "Success") {
        return None;
    }
    let expiry: jiff::Timestamp = member("Expiration")?.parse().ok()?;
    let token = member("Token")?;
    Some(Credentials::new(member("AccessKeyId")?, member("SecretAccessKey")?, Some(token), Some(expiry.into())))
}

/// Returns credentials of an instance that are used for a while even if they have expired: they are accepted while the
/// metadata cannot be renewed. The time is spread, so that not all programs ask again together.
pub(super) fn extended(credentials: Credentials, now: SystemTime, spread: f64) -> Credentials {
    if credentials.expiry().is_none_or(|expiry| expiry > now) {
        return credentials;
    }
    let (least, range) = EXTENSION;
    let expiry = now.checked_add(least + range.mul_f64(spread.clamp(0.0, 1.0)));
    let token = credentials.session_token().map(str::to_owned);
    Credentials::new(credentials.access_key_id(), credentials.secret_access_key(), token, expiry)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use secrecy::ExposeSecret as _;

    use super::*;

    const WHOLE: &str = r#"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2036-01-01T00:00:00Z","Type":"AWS-HMAC"}"#;

    #[test]
    fn only_whole_credentials_are_read() {
        for text in
            [WHOLE.to_owned(), WHOLE.replace("\"Code\":\"Success\",", ""), WHOLE.replace("AccessKeyId", "accesskeyid")]
        {
            let found = credentials(text.as_bytes()).expect("credentials");
            assert_eq!(
                (found.access_key_id(), found.secret_access_key(), found.session_token()),
                ("A", "S", Some("T"))
            );
            assert_eq!(found.expiry(), Some(UNIX_EPOCH + Duration::from_secs(2_082_758_400)));
        }
        for (old, new) in [
            ("Success", "AssumeRoleUnauthorizedAccess"),
            ("AccessKeyId", "Other"),
            ("SecretAccessKey", "Other"),
            ("\"T\"", "\"\""),
            ("Expiration", "Other"),
            ("2036-01-01T00:00:00Z", "soon"),
            ("}", ""),
        ] {
            assert!(credentials(WHOLE.replace(old, new).as_bytes()).is_none(), "{old}");
        }
    }

    #[test]
    fn requests_to_an_instance_carry_its_token() {
        let address = Url::parse("http://[fd00:ec2::254]").expect("a URL");
        let request = instance_token(&address);
        assert_eq!((request.method.as_str(), request.url.path()), ("PUT", "/latest/api/token"));
        assert_eq!(token(b"abc==\n").as_deref(), Some("abc=="));
        assert_eq!(role(b"my-role\nother\n").as_deref(), Some("my-role"));
        for (body, what) in [(&b""[..], "empty"), (b"<html>\n</html>", "a page"), (b"\xff", "not text")] {
            assert!(token(body).is_none() && role(body).is_none(), "{what}");
        }
        assert!(role(b"../../x").is_none() && role(b"{}").is_none());
        for request in [instance_role(&address, "canary"), instance(&address, "my-role", "canary")] {
            let request = request.expect("a request");
            assert_eq!(request.secrets[0].expose_secret(), "canary");
            assert!(request.url.path().starts_with(ROLES));
        }
        assert!(instance_role(&address, "can\nary").is_err());
    }

    #[test]
    fn expired_credentials_of_an_instance_are_used_for_a_while() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        let expiry = |seconds, spread| {
            let at = UNIX_EPOCH + Duration::from_secs(seconds);
            extended(Credentials::new("A", "S", None, Some(at)), now, spread).expiry()
        };
        assert_eq!(expiry(1_001, 0.5), Some(now + Duration::from_secs(1)));
        assert_eq!(expiry(999, 0.0), Some(now + Duration::from_secs(600)));
        assert_eq!(expiry(1_000, 1.0), Some(now + Duration::from_secs(900)));
    }
}
