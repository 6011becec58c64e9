//! SSO: the requests for the credentials of a role and for a new token of the session, and their responses. Pure.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::{CONTENT_TYPE, HeaderValue, InvalidHeaderValue};
use reqwest::{Method, Url};
use secrecy::SecretString;

use crate::gateway::iam::aws::chain::Sso;
use crate::gateway::iam::aws::credential_part::{self, Part};
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::request::{Request, below, form};
use crate::gateway::iam::aws::service::Service;

/// Far longer than any session; a time further on may be none that other programs can read.
const MOST_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Returns the request for the credentials of a role, with the token of the session.
pub(super) fn role_credentials(address: &Url, sso: &Sso, token: &str) -> Result<Request, InvalidHeaderValue> {
    let mut url = below(address, "/federation/credentials");
    url.set_query(Some(&form(&[("role_name", &sso.role), ("account_id", &sso.account)])));
    Request::new(Service::Sso, Method::GET, url).secret_header("x-amz-sso_bearer_token", token)
}

/// Returns the credentials in a response.
pub(super) fn credentials(body: &[u8]) -> Option<Credentials> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        role_credentials: RoleCredentials,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct RoleCredentials {
        access_key_id: String,
        secret_access_key: String,
        session_token: Option<String>,
        /// In milliseconds since 1970.
        expiration: u64,
    }
    let Body { role_credentials: found } = serde_json::from_slice(body).ok()?;
    let expiry = UNIX_EPOCH.checked_add(Duration::from_millis(found.expiration))?;
    Some(Credentials::new(found.access_key_id, found.secret_access_key, found.session_token, Some(expiry)))
}

/// What renews a session.
pub(super) struct Renewal<'r> {
    pub(super) client_id: &'r str,
    pub(super) client_secret: &'r str,
    pub(super) refresh_token: &'r str,
}

/// Returns the request for a new token.
pub(super) fn new_token(address: &Url, renewal: &Renewal<'_>) -> Request {
    let mut request = Request::new(Service::SsoOidc, Method::POST, below(address, "/token"));
    request.headers.insert(CONTENT_TYPE, JSON);
    request.body = serde_json::json!({
        "clientId": renewal.client_id,
        "clientSecret": renewal.client_secret,
        "grantType": "refresh_token",
        "refreshToken": renewal.refresh_token,
    })
    .to_string();
    request.secrets = [renewal.client_secret, renewal.refresh_token].map(SecretString::from).into();
    request
}

/// A new token of a session, fit for the file that other programs read too.
pub(super) struct NewToken {
    pub(super) access_token: String,
    pub(super) lifetime: Duration,
    pub(super) refresh_token: Option<String>,
}

/// Returns the token in a response; `None` if a part of it is unusable.
pub(super) fn token(body: &[u8]) -> Option<NewToken> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        access_token: String,
        /// In seconds. Some services write whole numbers as `28800.0`.
        expires_in: f64,
        refresh_token: Option<String>,
    }
    let Body { access_token, expires_in, refresh_token } = serde_json::from_slice(body).ok()?;
    let refresh_token = refresh_token.filter(|token| !token.is_empty());
    let is_whole = expires_in >= 1.0 && expires_in.fract() == 0.0;
    let mut tokens = std::iter::once(&access_token).chain(&refresh_token);
    let are_usable = is_whole && tokens.all(|token| credential_part::check(Part::Token, token).is_ok());
    let lifetime = Duration::try_from_secs_f64(expires_in.clamp(0.0, MOST_LIFETIME.as_secs_f64())).ok()?;
    are_usable.then_some(NewToken { access_token, lifetime, refresh_token })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn address(path: &str) -> Url {
        Url::parse(&format!("https://portal.example{path}")).expect("a URL")
    }

    #[test]
    fn a_role_is_asked_for_below_the_address() {
        let sso = Sso {
            session: None,
            start_url: "u".into(),
            region: "r".into(),
            account: "111122223333".into(),
            role: "Dev & Ops".into(),
        };
        for (path, expected) in [
            ("/", "https://portal.example/federation/credentials?role_name=Dev%20%26%20Ops&account_id=111122223333"),
            (
                "/a/",
                "https://portal.example/a/federation/credentials?role_name=Dev%20%26%20Ops&account_id=111122223333",
            ),
        ] {
            let request = role_credentials(&address(path), &sso, "canary").expect("a request");
            assert_eq!(request.url.as_str(), expected);
            assert_eq!(request.secrets[0].expose_secret(), "canary");
            assert!(request.headers["x-amz-sso_bearer_token"].is_sensitive());
        }
        assert!(role_credentials(&address("/"), &sso, "can\nary").is_err());
    }

    #[test]
    fn only_whole_credentials_are_read() {
        let whole = r#"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T","expiration":2082758400000}}"#;
        let found = credentials(whole.as_bytes()).expect("credentials");
        assert_eq!((found.access_key_id(), found.secret_access_key(), found.session_token()), ("A", "S", Some("T")));
        assert_eq!(found.expiry(), Some(UNIX_EPOCH + Duration::from_secs(2_082_758_400)));
        for (old, new) in [
            ("roleCredentials", "other"),
            ("accessKeyId", "other"),
            ("secretAccessKey", "other"),
            ("expiration", "other"),
            ("2082758400000", "-1"),
            ("}}", "}"),
        ] {
            assert!(credentials(whole.replace(old, new).as_bytes()).is_none(), "{old}");
        }
    }

    #[test]
    fn a_new_token_is_asked_for_with_secrets_that_are_known() {
        let renewal = Renewal { client_id: "c", client_secret: "canary-1", refresh_token: "canary-2" };
        let request = new_token(&address("/"), &renewal);
        assert_eq!(request.url.as_str(), "https://portal.example/token");
        let expected =
            r#"{"clientId":"c","clientSecret":"canary-1","grantType":"refresh_token","refreshToken":"canary-2"}"#;
        assert_eq!(request.body, expected);
        let secrets: Vec<&str> = request.secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(secrets, ["canary-1", "canary-2"]);
        let found = token(br#"{"accessToken":"a","expiresIn":28800,"tokenType":"Bearer"}"#).expect("a token");
        assert_eq!((found.access_token.as_str(), found.refresh_token), ("a", None));
        assert!(token(b"{\"expiresIn\":1}").is_none() && token(b"<html>").is_none());
    }

    #[test]
    fn only_a_token_that_other_programs_can_read_is_taken() {
        let body = |access: &str, refresh: &str, expires: &str| {
            token(format!(r#"{{"accessToken":{access},"refreshToken":{refresh},"expiresIn":{expires}}}"#).as_bytes())
        };
        let month = 30 * 24 * 60 * 60;
        for (expires, expected) in [
            ("1", Some(1)),
            ("28800", Some(28_800)),
            ("28800.0", Some(28_800)),
            ("2.88e4", Some(28_800)),
            ("18446744073709551615", Some(month)),
            ("1e300", Some(month)),
            ("0", None),
            ("-1", None),
            ("0.5", None),
            ("28800.5", None),
            ("1e999", None),
            ("null", None),
            ("\"28800\"", None),
        ] {
            let found = body("\"a\"", "\"r\"", expires).map(|token| token.lifetime.as_secs());
            assert_eq!(found, expected, "{expires}");
        }
        for (refresh, expected) in [("null", None), ("\"\"", None), ("\"r\"", Some("r"))] {
            let found = body("\"a\"", refresh, "1").expect("a token");
            assert_eq!(found.refresh_token.as_deref(), expected, "{refresh}");
        }
        for unusable in [r#"" ""#, r#""a\nb""#, r#""a b""#, r#""a\u0007""#, r#""ä""#, r#""null""#, "1", "{}"] {
            assert!(body(unusable, "\"r\"", "1").is_none(), "{unusable}");
            assert!(body("\"a\"", unusable, "1").is_none(), "{unusable}");
        }
        assert!(body("\"\"", "\"r\"", "1").is_none() && body("null", "\"r\"", "1").is_none());
    }
}
