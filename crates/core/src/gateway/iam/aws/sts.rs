//! STS: the requests for the credentials of a role, and its response. Pure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};

use crate::gateway::auth;
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::profiles::Keys;
use crate::gateway::iam::aws::request::{Request, form};
use crate::gateway::iam::aws::service::Service;
use crate::gateway::iam::aws::signature::{self, Scope, Unsignable};
use crate::gateway::iam::aws::xml;

const VERSION: (&str, &str) = ("Version", "2011-06-15");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Returns the request for the role of a profile, signed with other credentials.
pub(super) fn assume_role(
    address: &Url,
    profile: &Keys,
    credentials: &Credentials,
    region: &str,
    at: SystemTime,
) -> Result<Request, Unsignable> {
    let key = |name: &str| profile.get(name).map(String::as_str);
    // As in botocore, only a number counts.
    let duration = key("duration_seconds").and_then(|text| text.trim().parse::<u32>().ok()).map(|n| n.to_string());
    let name = session_name(profile, at);
    let mut members = vec![("Action", "AssumeRole"), VERSION, ("RoleSessionName", &name)];
    let optional =
        [("RoleArn", key("role_arn")), ("ExternalId", key("external_id")), ("DurationSeconds", duration.as_deref())];
    members.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let mut request = request(address, profile, &members);
    let scope = Scope { region, service: "sts" };
    let url = &request.url;
    let signed =
        signature::headers(credentials, scope, (&request.method, url), &request.headers, request.body.as_bytes(), at)?;
    for value in signed.values().filter_map(|value| value.to_str().ok()) {
        request.secrets.extend(auth::signature(value));
    }
    request.secrets.extend(credentials.session_token().map(Into::into));
    request.headers.extend(signed);
    Ok(request)
}

/// Returns the request for the role of a profile with the token of a web identity, which needs no signature.
pub(super) fn assume_role_with_web_identity(address: &Url, profile: &Keys, token: &str, at: SystemTime) -> Request {
    let name = session_name(profile, at);
    let role = profile.get("role_arn").map_or("", String::as_str);
    let members = [
        ("Action", "AssumeRoleWithWebIdentity"),
        VERSION,
        ("RoleArn", role),
        ("RoleSessionName", &name),
        ("WebIdentityToken", token),
    ];
    let mut request = request(address, profile, &members);
    request.secrets.push(token.into());
    request
}

/// Returns the credentials in a response.
pub(super) fn credentials(body: &[u8]) -> Option<Credentials> {
    let text = std::str::from_utf8(body).ok()?;
    let credentials = xml::inside(text, "Credentials")?;
    let part = |name| xml::text(credentials, name).filter(|text| !text.is_empty());
    let expiry: jiff::Timestamp = part("Expiration")?.parse().ok()?;
    let token = part("SessionToken")?;
    Some(Credentials::new(part("AccessKeyId")?, part("SecretAccessKey")?, Some(token), Some(expiry.into())))
}

fn request(address: &Url, profile: &Keys, members: &[(&str, &str)]) -> Request {
    let mut request = Request::new(Service::Sts, Method::POST, address.clone());
    request.headers.insert(CONTENT_TYPE, FORM);
    request.body = form(members);
    request.role = profile.get("role_arn").cloned();
    request
}

/// Returns the name of the session, which appears in `CloudTrail`.
fn session_name(profile: &Keys, at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    profile.get("role_session_name").cloned().unwrap_or_else(|| format!("stepgate-{}", since.as_millis()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn keys(pairs: &[(&str, &str)]) -> Keys {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn address() -> Url {
        Url::parse("https://sts.eu-west-1.amazonaws.com/").expect("a URL")
    }

    fn at() -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(1_700_000_000_123)
    }

    #[test]
    fn a_role_is_asked_for_with_the_keys_of_its_profile() {
        let base = Credentials::new("AKID", "canary-secret", Some("canary-token".into()), None);
        for (profile, expected) in [
            (
                &[("role_arn", "arn:aws:iam::1:role/R")][..],
                "Action=AssumeRole&Version=2011-06-15&RoleSessionName=stepgate-1700000000123&\
                 RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2FR",
            ),
            (
                &[
                    ("role_arn", "r"),
                    ("role_session_name", "me@x"),
                    ("external_id", "a b&c=ü"),
                    ("duration_seconds", " 900 "),
                ],
                "Action=AssumeRole&Version=2011-06-15&RoleSessionName=me%40x&RoleArn=r&ExternalId=a%20b%26c%3D%C3%BC&\
                 DurationSeconds=900",
            ),
            (
                &[("role_arn", "r"), ("role_session_name", "n"), ("duration_seconds", "1h")],
                "Action=AssumeRole&Version=2011-06-15&RoleSessionName=n&RoleArn=r",
            ),
        ] {
            let request = assume_role(&address(), &keys(profile), &base, "eu-west-1", at()).expect("a request");
            assert_eq!(request.body, expected);
            let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert!(header("authorization").contains("Credential=AKID/20231114/eu-west-1/sts/aws4_request"));
            assert_eq!(header("x-amz-security-token"), "canary-token");
            assert_eq!(request.role.as_deref(), Some(profile[0].1));
            let secrets: Vec<&str> = request.secrets.iter().map(ExposeSecret::expose_secret).collect();
            assert!(header("authorization").ends_with(secrets[0]) && secrets[1] == "canary-token", "{secrets:?}");
        }
    }

    #[test]
    fn a_web_identity_is_sent_without_a_signature() {
        let profile = keys(&[("role_arn", "r"), ("role_session_name", "n")]);
        let request = assume_role_with_web_identity(&address(), &profile, "a/canary", at());
        let expected = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=n&\
                        WebIdentityToken=a%2Fcanary";
        assert_eq!(request.body, expected);
        assert!(!request.headers.contains_key("authorization"));
        assert_eq!(request.secrets[0].expose_secret(), "a/canary");
    }

    #[test]
    fn only_whole_credentials_are_read() {
        let members = "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S&amp;</SecretAccessKey><SessionToken>T\
                       </SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration>";
        let read = |members: &str| {
            credentials(format!("<R xmlns=\"x\"><Credentials>{members}</Credentials><AssumedRoleUser/></R>").as_bytes())
        };
        let found = read(members).expect("credentials");
        assert_eq!((found.access_key_id(), found.secret_access_key(), found.session_token()), ("A", "S&", Some("T")));
        assert_eq!(found.expiry(), Some(UNIX_EPOCH + Duration::from_secs(2_082_758_400)));
        for (old, new) in [
            ("AccessKeyId", "Other"),
            (">A<", "><"),
            ("SecretAccessKey", "Other"),
            ("SessionToken", "Other"),
            ("Expiration", "Other"),
            ("2036-01-01T00:00:00Z", "soon"),
            ("</Expiration>", ""),
        ] {
            assert!(read(&members.replace(old, new)).is_none(), "{old} {new}");
        }
        assert!(
            credentials(b"<Credentials>").is_none() && credentials(b"\xff").is_none() && credentials(b"").is_none()
        );
    }
}
