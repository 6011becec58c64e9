//! Authentication and connections: renewed tokens, private certificates, proxies, headers for private APIs; each
//! against a real server on loopback.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::support::gateway::{http, scripted};
use crate::support::proxy::{self, Carried};
use crate::support::tls::{self, Clients};
use base64::Engine as _;
use stepgate_core::domain::{
    Auth, Bearer, ClientCertificate, Endpoint, ExecutionArn, Failure, FailureKind, HeaderValue, Observation, Proxy,
    SecretSource, Status, Unreachable,
};
use stepgate_core::gateway::Client;

const RUNNING: &str = r#"{"status":"RUNNING","startDate":1.7E9}"#;

fn arn() -> ExecutionArn {
    ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:execution:M:run-1").expect("an ARN")
}

fn ok() -> String {
    http("200 OK", "", RUNNING)
}

fn unauthorized() -> String {
    http("401 Unauthorized", "x-amzn-errortype: UnauthorizedException\r\n", r#"{"message":"Unauthorized"}"#)
}

async fn ask(endpoint: Endpoint) -> Result<Observation, Failure> {
    Client::new(endpoint)?.status(&arn()).await
}

fn bearer(url: &str, token: SecretSource) -> Endpoint {
    let (header, scheme) = ("Authorization".into(), "Bearer".into());
    Endpoint { auth: Auth::Bearer(Bearer { token, header, scheme }), ..Endpoint::plain("e", url) }
}

/// The values of a header in the requests so far.
fn values(requests: &Mutex<Vec<String>>, header: &str) -> Vec<String> {
    let value = |request: &String| {
        let lines = request.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value.to_owned())
    };
    requests.lock().expect("the requests").iter().filter_map(value).collect()
}

/// A program that prints another token at each run, and says how often it ran.
fn dispenser(folder: &Path) -> (SecretSource, PathBuf) {
    let count = folder.join("count");
    std::fs::write(&count, "").expect("written");
    let script = format!("printf x >> '{0}'; printf 'canary-%s' \"$(wc -c < '{0}' | tr -d ' ')\"", count.display());
    (SecretSource::Command(vec!["sh".into(), "-c".into(), script]), count)
}

fn runs(count: &Path) -> usize {
    std::fs::read(count).expect("a file").len()
}

#[tokio::test]
async fn a_refused_token_is_looked_up_again_and_the_request_is_retried() {
    let folder = tempfile::tempdir().expect("a folder");
    let (token, count) = dispenser(folder.path());
    let (url, requests) = scripted(vec![ok(), unauthorized(), ok()]).await;
    let client = Client::new(bearer(&url, token)).expect("a client");
    for _ in 0..2 {
        assert_eq!(client.status(&arn()).await.expect("an answer").status, Status::Running);
    }
    assert_eq!(values(&requests, "authorization"), ["Bearer canary-1", "Bearer canary-1", "Bearer canary-2"]);
    assert_eq!(runs(&count), 2, "run only when it was needed");
}

#[tokio::test]
async fn a_token_that_stays_wrong_is_not_looked_up_repeatedly() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "canary").expect("written");
    let (url, requests) = scripted(vec![unauthorized(), unauthorized(), unauthorized(), ok()]).await;
    let client = Client::new(bearer(&url, SecretSource::File(file.clone()))).expect("a client");
    for _ in 0..3 {
        let failure = client.status(&arn()).await.expect_err("not taken");
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(!failure.to_string().contains("canary"), "{failure}");
    }
    assert_eq!(requests.lock().expect("the requests").len(), 3, "the same token was not sent twice for one question");
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "canary").expect("written");
    let (url, _) = scripted(vec![ok(), unauthorized()]).await;
    let client = Client::new(bearer(&url, SecretSource::File(file.clone()))).expect("a client");
    client.status(&arn()).await.expect("an answer");
    std::fs::remove_file(&file).expect("removed");
    let failure = client.status(&arn()).await.expect_err("not taken");
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.message.contains("no other credentials are available: no secret from the file"), "{failure}");
}

#[tokio::test]
async fn a_json_web_token_is_renewed_before_it_expires() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    let token = |expires: i64| {
        let claims = format!("{{\"exp\":{expires}}}");
        format!("e30.{}.canary", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims))
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let now = i64::try_from(now).expect("a number");
    // Credentials are renewed a minute before they expire: with the first token in two seconds.
    let (first, second) = (token(now + 62), token(now + 3600));
    let script =
        format!("if test -e '{0}'; then printf '{second}'; else touch '{0}'; printf '{first}'; fi", file.display());
    let (url, requests) = scripted(vec![ok(); 5_000]).await;
    let source = SecretSource::Command(vec!["sh".into(), "-c".into(), script]);
    let client = Client::new(bearer(&url, source)).expect("a client");
    while !values(&requests, "authorization").contains(&format!("Bearer {second}")) {
        client.status(&arn()).await.expect("an answer");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(values(&requests, "authorization")[0], format!("Bearer {first}"));
}

#[tokio::test]
async fn a_renewal_that_fails_costs_no_request_while_the_token_at_hand_is_good() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    // It is renewed a minute before it expires, which begins in two seconds.
    let claims = format!("{{\"exp\":{}}}", now + 62);
    let first = format!("e30.{}.canary", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims));
    let cases = ["exit 1", "printf ''", "exec sleep 600", "printf '\\377'"].map(|renewal| {
        let first = first.clone();
        tokio::spawn(async move {
            let folder = tempfile::tempdir().expect("a folder");
            let ran = folder.path().join("ran");
            let script = format!(
                "echo >> '{0}'; if test $(wc -l < '{0}') -gt 1; then {renewal}; else printf '{first}'; fi",
                ran.display()
            );
            let (url, requests) = scripted(vec![ok(); 5_000]).await;
            let source = SecretSource::Command(vec!["sh".into(), "-c".into(), script]);
            let client = Client::new(bearer(&url, source)).expect("a client");
            let mut after_renewal = 0;
            while after_renewal < 3 {
                let runs = std::fs::read_to_string(&ran).map_or(0, |text| text.lines().count());
                after_renewal += usize::from(runs == 2);
                let began = std::time::Instant::now();
                let answer = client.status(&arn()).await;
                assert_eq!(answer.map(|seen| seen.status), Ok(Status::Running), "{renewal}");
                assert!(began.elapsed() < std::time::Duration::from_secs(20), "{renewal}: {:?}", began.elapsed());
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            assert!(values(&requests, "authorization").iter().all(|value| *value == format!("Bearer {first}")));
            assert_eq!(std::fs::read_to_string(&ran).expect("a file").lines().count(), 2, "{renewal}: tried once");
        })
    });
    for case in cases {
        case.await.expect("as it should be");
    }
}

#[tokio::test]
async fn after_the_expiry_of_a_token_the_failure_of_its_renewal_is_reported() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = format!("{{\"exp\":{}}}", now + 3);
    let token = format!("e30.{}.canary", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, token).expect("written");
    let (url, _) = scripted(vec![ok(); 5_000]).await;
    let client = Client::new(bearer(&url, SecretSource::File(file.clone()))).expect("a client");
    client.status(&arn()).await.expect("an answer");
    std::fs::remove_file(&file).expect("removed");
    let failure = loop {
        match client.status(&arn()).await {
            Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
            Err(failure) => break failure,
        }
    };
    let over = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    assert!(over >= now + 3, "not before it has expired: {failure}");
    assert!(failure.message.contains("no secret from the file"), "{failure}");
}

#[tokio::test]
async fn a_token_goes_bare_into_the_header_that_the_gateway_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let (token, _) = dispenser(folder.path());
    let (url, requests) = scripted(vec![ok()]).await;
    let auth = Auth::Bearer(Bearer { token, header: "X-Token".into(), scheme: String::new() });
    ask(Endpoint { auth, ..Endpoint::plain("e", &url) }).await.expect("an answer");
    assert_eq!(values(&requests, "x-token"), ["canary-1"]);
}

#[tokio::test]
async fn a_private_api_is_named_by_host_or_header() {
    let (url, requests) = scripted(vec![ok()]).await;
    let host = "abc123.execute-api.eu-west-1.amazonaws.com";
    let headers = vec![
        ("Host".to_owned(), HeaderValue::Text(host.to_owned())),
        ("x-apigw-api-id".to_owned(), HeaderValue::Text("abc123".to_owned())),
    ];
    ask(Endpoint { headers, ..Endpoint::plain("e", &url) }).await.expect("an answer");
    assert_eq!(values(&requests, "host"), [host]);
    assert_eq!(values(&requests, "x-apigw-api-id"), ["abc123"]);
}

/// An endpoint behind TLS, with the settings that it requires.
fn behind_tls(server: &tls::Server, folder: &Path) -> Endpoint {
    let ca_file = Some(tls::written(folder, "ca.pem", &server.authority));
    Endpoint { ca_file, ..Endpoint::plain("e", &server.url) }
}

#[tokio::test]
async fn mutual_tls_requires_the_client_certificate() {
    let server = tls::serve(Clients::MustShow).await;
    let folder = tempfile::tempdir().expect("a folder");
    let plain = behind_tls(&server, folder.path());
    let refused = ask(plain.clone()).await.expect_err("nothing was shown");
    assert_eq!(refused.kind, FailureKind::Unreachable(Unreachable::ClientCertificate), "{refused}");
    let file = tls::written(folder.path(), "me.pem", &server.client.0);
    let key = tls::written(folder.path(), "me.key.pem", &server.client.1);
    let apart = ClientCertificate { file, key: Some(key.clone()) };
    ask(Endpoint { client_certificate: Some(apart), ..plain.clone() }).await.expect("let in");
    let both = tls::written(folder.path(), "both.pem", &format!("{}{}", server.client.0, server.client.1));
    let together = ClientCertificate { file: both, key: None };
    ask(Endpoint { client_certificate: Some(together), ..plain.clone() }).await.expect("let in");
    let wrong = ClientCertificate { file: key, key: None };
    let refused = ask(Endpoint { client_certificate: Some(wrong), ..plain }).await.expect_err("no certificate");
    assert_eq!(refused.kind, FailureKind::Setting);
    assert!(refused.message.contains("me.key.pem has a private key, but no certificate"), "{refused}");
}

#[tokio::test]
async fn a_proxy_carries_plain_and_encrypted_requests() {
    let (url, requests) = scripted(vec![ok()]).await;
    let proxy = proxy::serve(None).await;
    let through = Proxy::At { url: proxy.url(), login: None };
    ask(Endpoint { proxy: through.clone(), ..Endpoint::plain("e", &url) }).await.expect("an answer");
    let request = requests.lock().expect("the requests")[0].clone();
    assert!(request.starts_with("POST ") && request.contains("/execution/status"), "{request}");
    let server = tls::serve(Clients::Anybody).await;
    let folder = tempfile::tempdir().expect("a folder");
    ask(Endpoint { proxy: through, ..behind_tls(&server, folder.path()) }).await.expect("an answer");
    let Carried { plain, tunnels, refused } = proxy.counted();
    assert_eq!((plain, tunnels, refused), (1, 1, 0));
}

#[tokio::test]
async fn a_proxy_that_requires_a_login_gets_it() {
    let server = tls::serve(Clients::Anybody).await;
    let folder = tempfile::tempdir().expect("a folder");
    let password = tls::written(folder.path(), "password", "pw-canary\n");
    let proxy = proxy::serve(Some("me:pw-canary")).await;
    let plain = behind_tls(&server, folder.path());
    let at = |login| Endpoint { proxy: Proxy::At { url: proxy.url(), login }, ..plain.clone() };
    let refused = ask(at(None)).await.expect_err("a stranger");
    assert_eq!(refused.kind, FailureKind::Unreachable(Unreachable::Proxy), "{refused}");
    let login = Some(("me".to_owned(), SecretSource::File(password)));
    ask(at(login)).await.expect("let through");
    let wrong = tls::written(folder.path(), "wrong", "other-canary\n");
    let refused = ask(at(Some(("me".to_owned(), SecretSource::File(wrong))))).await.expect_err("a wrong password");
    assert_eq!(refused.kind, FailureKind::Unreachable(Unreachable::Proxy), "{refused}");
    assert!(!refused.to_string().contains("canary"), "{refused}");
    assert_eq!(proxy.counted().refused, 2);
    let missing = Some(("me".to_owned(), SecretSource::File(folder.path().join("none"))));
    assert_eq!(ask(at(missing)).await.expect_err("no password").kind, FailureKind::NoSecret);
    assert_eq!(proxy.counted().refused, 2, "nothing was sent");
}

#[tokio::test]
async fn credentials_are_looked_up_once_for_simultaneous_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let (token, count) = dispenser(folder.path());
    let (url, _) = scripted(vec![ok(); 8]).await;
    let client = Arc::new(Client::new(bearer(&url, token)).expect("a client"));
    let questions = (0..8).map(|_| {
        let client = Arc::clone(&client);
        tokio::spawn(async move { client.status(&arn()).await.map(drop) })
    });
    for question in questions.collect::<Vec<_>>() {
        question.await.expect("it ends").expect("an answer");
    }
    assert_eq!(runs(&count), 1);
}
