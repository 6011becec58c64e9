//! The client against a server with TLS: private certificates, and HTTP/2 where it is offered.

use crate::support::tls::{Clients, serve, serve_self_signed, serve_self_signed_with, serve_with};
use stepgate_core::domain::{
    Endpoint, ExecutionArn, Failure, FailureKind, HeaderValue, Observation, Proxy, Unreachable,
};
use stepgate_core::gateway::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

async fn ask(endpoint: Endpoint) -> Result<Observation, Failure> {
    let arn = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
    Client::new(endpoint)?.status(&ExecutionArn::parse(arn).expect("an ARN")).await
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_trusted_by_ca_file_and_http_2_is_spoken() {
    let server = serve(Clients::Anybody).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = crate::support::tls::written(folder.path(), "ca.pem", &server.authority);
    let endpoint = Endpoint { ca_file: Some(file), ..Endpoint::plain("e", &server.url) };
    let seen = ask(endpoint).await.expect("an answer");
    assert_eq!(seen.error.as_deref(), Some("HTTP/2.0"));
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_with_a_remedy() {
    let server = serve(Clients::Anybody).await;
    let failure = ask(Endpoint::plain("e", &server.url)).await.expect_err("not trusted");
    assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Tls), "{failure}");
    assert!(failure.advice().contains("ca-file"), "{failure}");
    assert!(!failure.leaves_outcome_open());
}

#[tokio::test]
async fn a_ca_file_that_is_none_says_which() {
    let endpoint = Endpoint { ca_file: Some("/no/such/ca.pem".into()), ..Endpoint::plain("e", "https://localhost") };
    let failure = ask(endpoint).await.expect_err("no file");
    assert_eq!(failure.kind, FailureKind::Setting);
    assert!(failure.message.contains("/no/such/ca.pem"), "{failure}");
}

/// The message of a failure of this kind, whose outcome is certain.
fn told_as(kind: Unreachable, asked: Result<Observation, Failure>) -> String {
    let failure = asked.expect_err("no connection");
    assert_eq!(failure.kind, FailureKind::Unreachable(kind), "{failure}");
    assert!(!failure.leaves_outcome_open());
    failure.message
}

fn told(asked: Result<Observation, Failure>) -> String {
    told_as(Unreachable::Tls, asked)
}

#[tokio::test]
async fn the_cause_is_named_that_makes_a_certificate_worthless() {
    for is_authority in [false, true] {
        let url = serve_self_signed(is_authority).await;
        assert_eq!(told(ask(Endpoint::plain("e", &url)).await), "its certificate is self-signed");
    }
    let server = serve(Clients::Anybody).await;
    let unknown = "its certificate comes from an authority that this computer does not know";
    assert_eq!(told(ask(Endpoint::plain("e", &server.url)).await), unknown);
    let folder = tempfile::tempdir().expect("a folder");
    let year = |year| rcgen::date_time_ymd(year, 1, 1);
    let expired =
        serve_with(Clients::Anybody, |host| (host.not_before, host.not_after) = (year(2001), year(2002))).await;
    let early = serve_with(Clients::Anybody, |host| (host.not_before, host.not_after) = (year(3001), year(3002))).await;
    let other = serve_with(Clients::Anybody, |host| {
        host.subject_alt_names = vec![rcgen::SanType::DnsName("other.example".try_into().expect("a name"))];
    })
    .await;
    let closed = serve(Clients::MustShow).await;
    for (server, expected, advice) in [
        (expired, "its certificate has expired", "Ask the host's owner for a new one, or check this machine's clock."),
        (early, "its certificate is not valid yet", "Check this machine's clock."),
        (
            other,
            "its certificate is for another host",
            "Check the url's host; a custom domain needs a certificate for it.",
        ),
    ] {
        let file = crate::support::tls::written(folder.path(), "ca.pem", &server.authority);
        let endpoint = Endpoint { ca_file: Some(file), ..Endpoint::plain("e", &server.url) };
        let failure = ask(endpoint).await.expect_err("no connection");
        assert_eq!((failure.message.as_str(), failure.advice()), (expected, advice));
    }
    let file = crate::support::tls::written(folder.path(), "ca.pem", &closed.authority);
    // With a header `Host` the client speaks HTTP/1.1.
    for headers in [vec![], vec![("Host".to_owned(), HeaderValue::Text("localhost".to_owned()))]] {
        let endpoint = Endpoint { ca_file: Some(file.clone()), headers, ..Endpoint::plain("e", &closed.url) };
        let said = told_as(Unreachable::ClientCertificate, ask(endpoint).await);
        assert_eq!(said, "it requires a client certificate");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_by_naming_it_and_its_dates_and_host_still_count() {
    type Change = fn(&mut rcgen::CertificateParams);
    let folder = tempfile::tempdir().expect("a folder");
    let trusting = |url: &str, pem: &str| {
        let ca_file = Some(crate::support::tls::written(folder.path(), "ca.pem", pem));
        Endpoint { ca_file, ..Endpoint::plain("e", url) }
    };
    for is_authority in [false, true] {
        let (url, pem) = serve_self_signed_with(is_authority, |_| {}).await;
        ask(trusting(&url, &pem)).await.expect("an answer");
        // One that has the same names, but is another.
        let (_, other) = serve_self_signed_with(is_authority, |_| {}).await;
        told(ask(trusting(&url, &other)).await);
    }
    let changes: [(Change, &str); 4] = [
        (|host| host.not_after = rcgen::date_time_ymd(2002, 1, 1), "its certificate has expired"),
        (|host| host.not_before = rcgen::date_time_ymd(3001, 1, 1), "its certificate is not valid yet"),
        (
            |host| {
                host.subject_alt_names = vec![rcgen::SanType::DnsName("other.example".try_into().expect("a name"))];
            },
            "its certificate is for another host",
        ),
        (
            |host| host.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth],
            "its certificate is not valid",
        ),
    ];
    for (change, expected) in changes {
        let (url, pem) = serve_self_signed_with(true, change).await;
        let said = told(ask(trusting(&url, &pem)).await);
        assert!(said.starts_with(expected), "{said}");
    }
}

/// A server that answers the first bytes of each connection with these, and hangs up.
async fn answering(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

#[tokio::test]
async fn the_cause_is_named_that_ends_a_handshake() {
    for (bytes, kind, expected) in [
        // Alerts: fatal, protocol_version (70) and handshake_failure (40).
        (
            &[0x15, 3, 1, 0, 2, 2, 70][..],
            Unreachable::Handshake,
            "it speaks only versions of TLS that are older than 1.2",
        ),
        (
            &[0x15, 3, 3, 0, 2, 2, 40],
            Unreachable::Handshake,
            "it refuses the handshake: it may require a client certificate",
        ),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Unreachable::Tls, "the server does not speak TLS"),
        (b"", Unreachable::Tls, "the other side ended the handshake"),
    ] {
        let port = answering(bytes).await;
        for host in ["localhost", "127.0.0.1"] {
            let said = told_as(kind, ask(Endpoint::plain("e", &format!("https://{host}:{port}/dev"))).await);
            assert!(said.starts_with(expected), "{said}");
        }
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_that_whatever_words_are_in_it() {
    for host in ["proxy.invalid", "tunnel-certificate-tls.invalid", "dns-error.invalid"] {
        for scheme in ["http", "https"] {
            let direct = Endpoint { proxy: Proxy::Direct, ..Endpoint::plain("e", &format!("{scheme}://{host}/dev")) };
            let failure = ask(direct).await.expect_err("no such host");
            assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Dns), "{failure}");
        }
    }
    // A free port: no server listens there.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let failure = ask(Endpoint::plain("e", &format!("https://127.0.0.1:{port}/proxy"))).await.expect_err("nobody");
    assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Refused), "{failure}");
}

#[tokio::test]
async fn replaced_files_count_with_the_next_request() {
    let (server, folder) = (serve(Clients::MustShow).await, tempfile::tempdir().expect("a folder"));
    let stranger = serve(Clients::MustShow).await;
    let path = crate::support::tls::written(folder.path(), "ca.pem", &stranger.authority);
    let shown =
        crate::support::tls::written(folder.path(), "me.pem", &format!("{}{}", stranger.client.0, stranger.client.1));
    let client_certificate = Some(stepgate_core::domain::ClientCertificate { file: shown, key: None });
    let endpoint = Endpoint { ca_file: Some(path), client_certificate, ..Endpoint::plain("e", &server.url) };
    let client = Client::new(endpoint).expect("a client");
    let arn = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:execution:M:run-1").expect("an ARN");
    told(client.status(&arn).await);
    crate::support::tls::written(folder.path(), "ca.pem", &server.authority);
    let said = told_as(Unreachable::ClientCertificate, client.status(&arn).await);
    // Both authorities have the same name, so only the signature distinguishes them.
    assert_eq!(said, "it cannot verify the signature of the client certificate");
    crate::support::tls::written(folder.path(), "me.pem", &format!("{}{}", server.client.0, server.client.1));
    client.status(&arn).await.expect("an answer");
}
