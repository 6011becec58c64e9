//! The services between a user and a gateway with `AWS_IAM`: STS, the SSO portal, a container's endpoint; and a
//! gateway that checks the access key of a signature.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::gateway::{http, read_request, replying};

/// A session that the portal accepts, one that was revoked, and a token for a web identity.
pub const SESSION: &str = "S9qxZ4kWvT7bLm2";
pub const REVOKED: &str = "R8wjY5nHcD3fPg6";
pub const IDENTITY: &str = "I7tkX6mJbF4hQz1";
/// A token for the container's endpoint.
pub const CONTAINER: &str = "C6rlW7pKaG5jSy0";
/// A token that renews a session.
pub const REFRESH: &str = "F1wqY5uRaM2eHx6";
/// A token of an instance.
pub const INSTANCE: &str = "N2uoX3tPzL9dGv7";
/// A secret key, which no output may contain.
pub const SECRET: &str = "K5smV8qLzH6kTx9";

/// A request, taken apart.
struct Request<'r> {
    path: &'r str,
    headers: BTreeMap<String, &'r str>,
    body: &'r str,
}

impl<'r> Request<'r> {
    fn of(text: &'r str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let path = text.split(' ').nth(1).unwrap_or_default();
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        Self { path, headers: headers.map(|(name, value)| (name.to_lowercase(), value)).collect(), body }
    }

    fn header(&self, name: &str) -> &'r str {
        self.headers.get(name).copied().unwrap_or_default()
    }

    /// The access key of the signature.
    fn key(&self) -> &'r str {
        let authorization = self.header("authorization");
        authorization.split("Credential=").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }
}

fn refusal(status: &str, code: &str, message: &str) -> String {
    let body = serde_json::json!({ "message": message }).to_string();
    http(status, &format!("x-amzn-errortype: {code}\r\n"), &body)
}

/// A gateway that takes signatures with these access keys, finds those with `MISMATCH` wrong, and knows no execution. Returns its URL, and the access keys
/// of the requests so far.
pub async fn gateway(accepted: &[&str]) -> (String, Arc<Mutex<Vec<String>>>) {
    let accepted: Vec<String> = accepted.iter().map(|key| (*key).to_owned()).collect();
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    let url = replying(move |text| {
        let request = Request::of(text);
        let key = request.key().to_owned();
        seen.lock().expect("the keys").push(key.clone());
        if key == "MISMATCH" {
            let mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS \
                            Secret Access Key and signing method.";
            return refusal("403 Forbidden", "InvalidSignatureException", mismatch);
        }
        if !accepted.contains(&key) {
            let invalid = "The security token included in the request is invalid.";
            return refusal("403 Forbidden", "UnrecognizedClientException", invalid);
        }
        if !request.path.ends_with("/execution/status") {
            return refusal("403 Forbidden", "MissingAuthenticationTokenException", "Missing Authentication Token");
        }
        let body = r#"{"__type":"com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist","message":"Execution Does Not Exist: 'x'"}"#;
        http("400 Bad Request", "", body)
    })
    .await;
    (url, keys)
}

/// STS: gives `ROLE` for the access keys `BASE` and `ROLE`, and `WEB` for the token [`IDENTITY`]; repeats what it refuses, as a proxy for
/// debugging might. Returns its URL.
pub async fn sts() -> String {
    origin(&replying(sts_answer).await)
}

/// What STS answers to a request.
pub fn sts_answer(text: &str) -> String {
    let request = Request::of(text);
    let action = |name: &str| request.body.split('&').any(|pair| pair == format!("Action={name}"));
    let refused = |code: &str, message: &str| {
        let xml =
            format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>");
        http("403 Forbidden", "content-type: text/xml\r\n", &xml)
    };
    if action("AssumeRole") {
        return match request.key() {
            "BASE" | "ROLE" if request.body.contains("forbidden") => {
                refused("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole")
            }
            "BASE" | "ROLE" => issued("AssumeRole", "ROLE"),
            "WRONG" => refused("SignatureDoesNotMatch", "The request signature we calculated does not match"),
            _ => refused("InvalidClientTokenId", "The security token included in the request is invalid."),
        };
    }
    if action("AssumeRoleWithWebIdentity") {
        if request.body.contains(&format!("WebIdentityToken={IDENTITY}&")) || request.body.ends_with(IDENTITY) {
            return issued("AssumeRoleWithWebIdentity", "WEB");
        }
        return refused("ExpiredTokenException", &format!("Token expired: {}", request.body));
    }
    refused("InvalidAction", request.body)
}

fn issued(action: &str, key: &str) -> String {
    let xml = format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{SECRET}\
         </SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         </{action}Result></{action}Response>"
    );
    http("200 OK", "content-type: text/xml\r\n", &xml)
}

/// The SSO portal: gives `SSO` for the role `Dev` and the session [`SESSION`]. Returns its URL.
pub async fn portal() -> String {
    origin(&replying(portal_answer).await)
}

/// What the SSO portal answers to a request.
fn portal_answer(text: &str) -> String {
    let request = Request::of(text);
    let session = request.header("x-amz-sso_bearer_token");
    if session != SESSION {
        let message = format!("Session token not found or invalid: {session}");
        return refusal("401 Unauthorized", "UnauthorizedException", &message);
    }
    if !request.path.contains("role_name=Dev") {
        return refusal("403 Forbidden", "ForbiddenException", "No access");
    }
    let body = format!(
        "{{\"roleCredentials\":{{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"{SECRET}\",\"sessionToken\":\"t\",\
         \"expiration\":4070908800000}}}}"
    );
    http("200 OK", "", &body)
}

/// The service that renews SSO sessions: gives [`SESSION`] for the refresh token [`REFRESH`]. Returns its URL.
pub async fn oidc() -> String {
    let answer = |text: &str| {
        let request = Request::of(text);
        if request.path != "/token" || !request.body.contains(REFRESH) {
            let body = serde_json::json!({ "error": "invalid_grant", "error_description": request.body });
            return http("400 Bad Request", "x-amzn-errortype: InvalidGrantException\r\n", &body.to_string());
        }
        let body = serde_json::json!({ "accessToken": SESSION, "expiresIn": 28800, "tokenType": "Bearer" });
        http("200 OK", "", &body.to_string())
    };
    origin(&replying(answer).await)
}

/// A container's endpoint: gives `CONTAINER` for the token [`CONTAINER`]. Returns its URL.
pub async fn container() -> String {
    let answer = |text: &str| {
        let request = Request::of(text);
        if request.header("authorization") != CONTAINER {
            let message = format!("no access for {}", request.header("authorization"));
            return http("403 Forbidden", "", &format!("{{\"code\":\"AccessDenied\",\"message\":\"{message}\"}}"));
        }
        let body = format!(
            "{{\"AccessKeyId\":\"CONTAINER\",\"SecretAccessKey\":\"{SECRET}\",\"Token\":\"t\",\"Expiration\":\
             \"2099-01-01T00:00:00Z\"}}"
        );
        http("200 OK", "", &body)
    };
    origin(&replying(answer).await)
}

/// An instance: gives `INSTANCE`. Returns its URL.
pub async fn instance() -> String {
    let answer = |text: &str| {
        let request = Request::of(text);
        if text.starts_with("PUT ") {
            return http("200 OK", "x-aws-ec2-metadata-token-ttl-seconds: 600\r\n", INSTANCE);
        }
        let folder = "/latest/meta-data/iam/security-credentials/";
        match request.path.strip_prefix(folder) {
            _ if request.header("x-aws-ec2-metadata-token") != INSTANCE => http("401 Unauthorized", "", INSTANCE),
            Some("") => http("200 OK", "", "my-role"),
            Some("my-role") => {
                let body = format!(
                    "{{\"Code\":\"Success\",\"AccessKeyId\":\"INSTANCE\",\"SecretAccessKey\":\"{SECRET}\",\"Token\":\
                     \"t\",\"Expiration\":\"2099-01-01T00:00:00Z\"}}"
                );
                http("200 OK", "", &body)
            }
            _ => http("404 Not Found", "", ""),
        }
    };
    origin(&replying(answer).await)
}

fn origin(url: &str) -> String {
    url.trim_end_matches("/dev").to_owned()
}

/// STS and the SSO portal of a region behind TLS, with a certificate of an unknown authority; and a proxy that
/// leads there, for any host.
pub struct Region {
    /// The proxy's URL.
    pub proxy: String,
    /// The authority's certificate, PEM.
    pub authority: String,
    /// The hosts that were asked for.
    pub hosts: Arc<Mutex<Vec<String>>>,
}

/// The region `eu-west-1`.
pub async fn region() -> Region {
    let mut authority = CertificateParams::new(Vec::new()).expect("an authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let pem = authority.self_signed(&authority_key).expect("a certificate").pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().expect("a key");
    let hosts = ["sts.eu-west-1.amazonaws.com", "portal.sso.eu-west-1.amazonaws.com"].map(str::to_owned);
    let certificate = CertificateParams::new(hosts.to_vec()).expect("hosts").signed_by(&key, &issuer).expect("signed");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], key).expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let proxy = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let hosts = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, acceptor.clone(), Arc::clone(&hosts)));
        }
    });
    Region { proxy, authority: pem, hosts: asked }
}

/// Accepts `CONNECT`, then acts as the requested host.
async fn tunnel(mut stream: TcpStream, acceptor: TlsAcceptor, hosts: Arc<Mutex<Vec<String>>>) {
    let head = read_request(&mut stream).await;
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    hosts.lock().expect("the hosts").push(target.trim_end_matches(":443").to_owned());
    if !head.starts_with("CONNECT ") || stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_err() {
        return;
    }
    // Who does not trust the certificate hangs up.
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let request = read_request(&mut stream).await;
    let answer =
        if request.contains("/federation/credentials") { portal_answer(&request) } else { sts_answer(&request) };
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
