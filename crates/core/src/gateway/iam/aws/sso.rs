//! SSO: the requests for the credentials of a role and for a new token of the session, and their responses. Pure.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::{CONTENT_TYPE, HeaderValue, InvalidHeaderValue};
use reqwest::{Method, Url};
use secrecy::SecretString;

use crate::gateway::iam::aws::chain::Sso;
use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::request::{Request, below, form};
use crate::gateway::iam::aws::service::Service;

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

/// A new token of a session.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewToken {
    pub(super) access_token: String,
    /// In seconds.
    pub(super) expires_in: u64,
    pub(super) refresh_token: Option<String>,
}

/// Returns the token in a response.
pub(super) fn token(body: &[u8]) -> Option<NewToken> {
    serde_json::from_slice(body).ok()
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
        assert_eq!((found.access_token.as_str(), found.expires_in, found.refresh_token), ("a", 28_800, None));
        assert!(token(b"{\"expiresIn\":1}").is_none() && token(b"<html>").is_none());
    }
}
