//! Broken TLS and proxy setups: what a start and the doctor report, and that following the doctor's advice repairs
//! them.
#![cfg(unix)]

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::support::alerts::{self, ANY, After, CERTIFICATE, HANDSHAKE, Moment, Speaks};
use crate::support::authority::{Authority, Gateway, Pair, der};
use crate::support::cli::{Home, MACHINE};
use crate::support::gateway::{http, replying};
use crate::support::proxy;
use crate::support::situation::{Setup, Situation};
use crate::support::terminal::Terminal;
use crate::support::tls::{Issued, self_signed};
use rcgen::date_time_ymd;
use tokio::runtime::Runtime;

/// A row of the table.
struct Row<'a> {
    finding: &'a str,
    says: &'a [&'a str],
    advises: &'a [&'a str],
    /// How a start ends, and its message.
    code: i32,
    start: &'a [&'a str],
    follow: &'a dyn Fn(&mut Setup),
}

impl Row<'_> {
    fn check(&self, setup: Setup) {
        let started = setup.run(&["start", "m"]).expect(self.code);
        for part in self.start {
            assert!(started.err.contains(part), "`{part}` in {started:?}");
        }
        assert!(!format!("{started:?}").contains("unresolved"), "{started:?}");
        let (finding, says, advises) = (self.finding, self.says, self.advises);
        let follow = |setup: &mut Setup| {
            (self.follow)(setup);
            setup.run(&["config", "check"]).expect(0);
            setup.run(&["start", "m", "--wait"]).expect(0);
        };
        Situation { finding, says, advises, follow: &follow }.check(setup);
    }
}

/// A home with an endpoint at this URL, these keys of it, and a machine.
fn setup(url: &str, keys: &str) -> Setup {
    let home = Home::empty();
    let config = format!(
        "[endpoints.e]\nurl = \"{url}\"\n{keys}\n[endpoints.e.watch]\nrequests-per-second = 50\n[machines.m]\narn = \"{MACHINE}PassStateMachine\"\n"
    );
    home.write("config.toml", &config);
    Setup::new(home)
}

fn put(setup: &Setup, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(setup.home.path().join(name), bytes).expect("written");
}

/// Adds a line to the endpoint.
fn add(setup: &Setup, line: &str) {
    setup.edit("[endpoints.e.watch]", &format!("{line}\n[endpoints.e.watch]"));
}

#[test]
fn a_gateways_certificate_is_trusted_by_a_ca_file_in_pem_or_der() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let gateway = runtime.block_on(Gateway::new(authority.server("localhost", None, true)));
    let other = Authority::new("Other CA");
    let files: [(&str, Vec<u8>); 6] = [
        ("PEM", authority.pem.clone().into()),
        ("DER", der(&authority.pem)),
        ("PEM with a BOM", format!("\u{feff}{}", authority.pem).into()),
        ("PEM with CRLF", authority.pem.replace('\n', "\r\n").into()),
        ("PEM with comments", format!("# Company\nBag Attributes\n{}", authority.pem).into()),
        ("a bundle", format!("{}{}", other.pem, authority.pem).into()),
    ];
    for (_, file) in &files {
        let untrusted = setup(&gateway.url("localhost"), "");
        Row {
            finding: "certificate-not-trusted",
            says: &["no secure connection", "certificate"],
            advises: &["If you trust the certificate's issuer", "ca-file", "[endpoints.e]"],
            code: 4,
            start: &["no secure connection", "set ca-file"],
            follow: &|setup| {
                put(setup, "ca.file", file);
                add(setup, "ca-file = \"ca.file\"");
            },
        }
        .check(untrusted);
    }
    let has_another = setup(&gateway.url("localhost"), "ca-file = \"ca.pem\"");
    put(&has_another, "ca.pem", &other.pem);
    Row {
        finding: "certificate-not-trusted",
        says: &["authority that this computer does not know"],
        advises: &["ca.pem does not contain this authority", "add the issuer's certificate to the file"],
        code: 4,
        start: &["no secure connection", "ca.pem does not contain this authority"],
        follow: &|setup| put(setup, "ca.pem", format!("{}{}", other.pem, authority.pem)),
    }
    .check(has_another);
}

#[test]
fn a_url_with_the_wrong_scheme_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let gateway = runtime.block_on(Gateway::new(authority.server("localhost", None, true)));
    let right = gateway.url("localhost");
    let plain = right.replace("https://", "http://");
    let expects = "the port expects TLS, but the url begins with http://";
    // A server that answers with an alert, or closes the connection.
    let alert = setup(&plain, "ca-file = \"ca.pem\"");
    put(&alert, "ca.pem", &authority.pem);
    Row {
        finding: "url-scheme",
        says: &[expects],
        advises: &["Write the url with https://."],
        code: 4,
        start: &[expects, "Write the url with https://."],
        follow: &|setup| setup.edit(&plain, &right),
    }
    .check(alert);
    let port = runtime.block_on(only_tls(gateway.address));
    let closes = setup(&format!("http://localhost:{port}/dev"), "ca-file = \"ca.pem\"");
    put(&closes, "ca.pem", &authority.pem);
    // A start cannot distinguish it from a gateway that processed the request, and reports what may be wrong.
    let arn = format!("{}PassStateMachine:x", MACHINE.replace("stateMachine", "execution"));
    let asked = closes.run(&["status", &arn]).expect(4);
    assert!(asked.err.contains("If the port expects TLS, write the url with https://."), "{asked:?}");
    Situation {
        finding: "url-scheme",
        says: &[expects],
        advises: &["Write the url with https://."],
        follow: &|setup| setup.edit("http://localhost", "https://localhost"),
    }
    .check(closes);
    // Servers that recognize plain HTTP.
    let page = "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n</html>";
    for body in [
        page,
        "Client sent an HTTP request to an HTTPS server.\n",
        "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br /></p>",
        "Bad Request\r\nThis combination of host and port requires TLS.\r\n",
    ] {
        let answer = http("400 Bad Request", "", body);
        let nginx = runtime.block_on(replying(move |_| answer.clone()));
        let broken = setup(&nginx, "ca-file = \"ca.pem\"");
        put(&broken, "ca.pem", &authority.pem);
        Row {
            finding: "url-scheme",
            says: &[expects],
            advises: &["Write the url with https://."],
            code: 4,
            start: &[expects, "Write the url with https://."],
            // It is the same port, which a test cannot have: only the scheme differs.
            follow: &|setup| setup.edit(&nginx, &right),
        }
        .check(broken);
    }
    // The other way round.
    let plain = gateway.served.url();
    let encrypted = plain.replace("http://", "https://");
    Row {
        finding: "no-tls",
        says: &["does not speak TLS"],
        advises: &["write the url with http://"],
        code: 4,
        start: &["does not speak TLS", "write the url with http://"],
        follow: &|setup| setup.edit(&encrypted, &plain),
    }
    .check(setup(&encrypted, ""));
}

/// The port of a server that closes connections without TLS, and leads the others to this address.
async fn only_tls(address: std::net::SocketAddr) -> u16 {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut first = [0];
                if outside.peek(&mut first).await? == 1 && first == [0x16] {
                    let mut inside = tokio::net::TcpStream::connect(address).await?;
                    tokio::io::copy_bidirectional(&mut outside, &mut inside).await?;
                }
                Ok::<_, std::io::Error>(())
            });
        }
    });
    port
}

#[test]
fn a_proxy_that_stays_silent_is_named_in_time() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let (gateway, url) = behind(&runtime, &authority);
    let open = runtime.block_on(proxy::serve_with(None, None, Some(gateway.address)));
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let silent = format!("https://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            kept.push(stream);
        }
    });
    let mut setup = trusting(&url, &authority, "");
    setup.set("HTTPS_PROXY", &silent);
    let began = Instant::now();
    Row {
        finding: "no-tls-to-proxy",
        says: &["no TLS handshake in time"],
        advises: &["Correct HTTPS_PROXY"],
        code: 4,
        start: &["the proxy 127.0.0.1:", "no connection in time", "Correct HTTPS_PROXY"],
        follow: &|setup| setup.set("HTTPS_PROXY", &open.url()),
    }
    .check(setup);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn a_self_signed_certificate_is_trusted_by_putting_it_into_the_ca_file() {
    let runtime = Runtime::new().expect("a runtime");
    let other = Authority::new("Other CA");
    for is_authority in [true, false] {
        let (config, pem) = self_signed(is_authority, |_| {});
        let gateway = runtime.block_on(Gateway::new(config));
        Row {
            finding: "certificate-not-trusted",
            says: &["its certificate is self-signed"],
            advises: &["set ca-file"],
            code: 4,
            start: &["no secure connection", "set ca-file"],
            follow: &|setup| {
                put(setup, "ca.pem", &pem);
                add(setup, "ca-file = \"ca.pem\"");
            },
        }
        .check(setup(&gateway.url("localhost"), ""));
        let has_another = setup(&gateway.url("localhost"), "ca-file = \"ca.pem\"");
        put(&has_another, "ca.pem", &other.pem);
        Row {
            finding: "certificate-not-trusted",
            says: &["its certificate is self-signed"],
            advises: &["add the issuer's certificate to the file"],
            code: 4,
            start: &["no secure connection"],
            follow: &|setup| put(setup, "ca.pem", format!("{}{pem}", other.pem)),
        }
        .check(has_another);
    }
}

#[test]
fn a_system_without_authorities_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let gateway = runtime.block_on(Gateway::new(authority.server("localhost", None, true)));
    let bare = |url: &str| {
        let mut setup = setup(url, "");
        setup.set("SSL_CERT_FILE", "/dev/null");
        setup.set("SSL_CERT_DIR", "/none");
        setup
    };
    Row {
        finding: "cannot-ask",
        says: &["the system's certificate authorities cannot be used", "ca-certificates"],
        advises: &["set ca-file in [endpoints.e]"],
        code: 2,
        start: &["install the package ca-certificates, or set ca-file"],
        follow: &|setup| {
            put(setup, "ca.pem", &authority.pem);
            add(setup, "ca-file = \"ca.pem\"");
        },
    }
    .check(bare(&gateway.url("localhost")));
    // Plain HTTP needs none.
    let plain = bare(&gateway.served.url());
    plain.run(&["doctor"]).expect(0);
    plain.run(&["start", "m", "--wait"]).expect(0);
}

#[test]
fn a_ca_file_that_cannot_be_used_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let gateway = runtime.block_on(Gateway::new(authority.server("localhost", None, true)));
    let Pair { key, .. } = authority.issue("canary-holder");
    let cut = format!("{}\n-----END CERTIFICATE-----\n", &authority.pem[..200]);
    let open = authority.pem.split("-----END").next().expect("a text").to_owned();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(authority.pem.bytes().flat_map(|byte| [byte, 0])).collect();
    let bare = authority.pem.lines().filter(|line| !line.starts_with("-----")).collect::<Vec<_>>().join("\n");
    let pkcs7 = [0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80];
    let bundle = |broken: &str| format!("{}{broken}{}", authority.pem, authority.pem);
    let request = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
    let bad: [(Vec<u8>, &str, &str); 14] = [
        (Vec::new(), "is empty", "save the certificate again"),
        (b"\xef\xbb\xbf \r\n".to_vec(), "is empty", "save the certificate again"),
        (key.clone().into(), "has a private key, but no certificate", "use a file with the certificate"),
        (request.into(), "has a section `CERTIFICATE REQUEST`, but no certificate", "use a file with"),
        (b"hello".to_vec(), "is not a certificate", "PEM"),
        (b"<html>login</html>".to_vec(), "is not a certificate", "PEM"),
        (vec![0x30, 0x82, 1, 2, 3], "is not a certificate", "DER"),
        (pkcs7.to_vec(), "PKCS#7", "openssl pkcs7 -print_certs"),
        (b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n".to_vec(), "PKCS#7", "openssl pkcs7 -print_certs"),
        (utf16, "is UTF-16", "save it as UTF-8"),
        (bare.into(), "without its first and last line", "-----BEGIN CERTIFICATE-----"),
        (cut.clone().into(), "has a certificate that cannot be used", "export it again"),
        (bundle(&cut).into(), "has certificate 2 of 3 that cannot be used", "export it again"),
        (bundle(&open).into(), "has certificate 2 of 3 that cannot be used", "export it again"),
    ];
    for (file, what, fix) in bad {
        let mut broken = setup(&gateway.url("localhost"), "ca-file = \"ca.pem\"");
        put(&broken, "ca.pem", file);
        broken.secrets =
            key.lines().filter(|line| line.len() > 20 && !line.starts_with('-')).map(str::to_owned).collect();
        let checked = broken.run(&["config", "check"]).expect(2);
        assert!(checked.out.contains("config.toml:3: endpoints.e.ca-file: "), "{checked:?}");
        assert!(checked.out.contains(what) && checked.out.contains(fix), "{checked:?}");
        Row {
            finding: "cannot-ask",
            says: &["the ca-file", what],
            advises: &[fix, "[endpoints.e]"],
            code: 2,
            start: &["the ca-file", "ca.pem", what, fix],
            follow: &|setup| put(setup, "ca.pem", &authority.pem),
        }
        .check(broken);
    }
    // A store of authorities has no key to convert.
    let mut store = setup(&gateway.url("localhost"), "ca-file = \"my ca.p12\"");
    put(&store, "my ca.p12", pkcs12());
    store.secrets = vec!["canary-holder".to_owned()];
    Row {
        finding: "cannot-ask",
        says: &["the ca-file", "is PKCS#12 (.p12, .pfx), which is not supported"],
        advises: &["openssl pkcs12 -in '", "my ca.p12' -nokeys -cacerts -out ca.pem", "[endpoints.e]"],
        code: 2,
        start: &["is PKCS#12", "-nokeys -cacerts"],
        follow: &|setup| {
            put(setup, "ca.pem", &authority.pem);
            setup.edit("my ca.p12", "ca.pem");
        },
    }
    .check(store);
    let missing = setup(&gateway.url("localhost"), "ca-file = \"none.pem\"");
    Row {
        finding: "cannot-ask",
        says: &["cannot be read", "No such file"],
        advises: &["check the path"],
        code: 2,
        start: &["none.pem cannot be read"],
        follow: &|setup| put(setup, "none.pem", &authority.pem),
    }
    .check(missing);
}

#[test]
fn a_client_certificate_that_the_gateway_refuses_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    let (authority, clients) = (Authority::new("Company CA"), Authority::new("Client Root"));
    let (below, stranger) = (clients.below("Client Intermediate"), Authority::new("Stranger CA"));
    let good = clients.issue("me");
    let from_below = below.issue("me");
    let year = |year| date_time_ymd(year, 1, 1);
    let old = clients.issue_with("me", |params| (params.not_before, params.not_after) = (year(2001), year(2002)));
    for is_tls13 in [true, false] {
        let config = authority.server("localhost", Some(&clients), is_tls13);
        let gateway = runtime.block_on(Gateway::new(config));
        let begin = |keys: &str| {
            let setup = setup(&gateway.url("localhost"), &format!("ca-file = \"ca.pem\"\n{keys}"));
            put(&setup, "ca.pem", &authority.pem);
            setup
        };
        let required = "requires a client certificate";
        let none = begin("");
        Row {
            finding: "client-certificate-missing",
            says: &[required],
            advises: &["Set client-certificate and client-key in [endpoints.e]"],
            code: 3,
            start: &[required, "client certificate"],
            follow: &|setup| {
                put(setup, "me.pem", &good.certificate);
                put(setup, "me.key", &good.key);
                add(setup, "client-certificate = \"me.pem\"\nclient-key = \"me.key\"");
            },
        }
        .check(none);
        let incomplete = begin("client-certificate = \"me.pem\"");
        put(&incomplete, "me.pem", from_below.both());
        Row {
            finding: "client-certificate-refused",
            says: &["the client certificate is refused", "intermediate certificates are missing"],
            advises: &[
                "me.pem was issued by CN=Client Intermediate",
                "Add the intermediate certificates up to an authority",
            ],
            code: 3,
            start: &["the client certificate is refused", "intermediate certificates"],
            // In any order: here the intermediate one comes first.
            follow: &|setup| put(setup, "me.pem", format!("{}{}", below.pem, from_below.both())),
        }
        .check(incomplete);
        let strange = begin("client-certificate = \"me.pem\"");
        put(&strange, "me.pem", stranger.issue("me").both());
        Row {
            finding: "client-certificate-refused",
            says: &["the client certificate is refused"],
            advises: &["me.pem was issued by CN=Stranger CA", "get a certificate from the gateway's owner"],
            code: 3,
            start: &["the client certificate is refused", "Set client-certificate to"],
            follow: &|setup| put(setup, "me.pem", good.both()),
        }
        .check(strange);
        let expired = begin("client-certificate = \"me.pem\"");
        put(&expired, "me.pem", old.both());
        Row {
            finding: "client-certificate-expired",
            says: &["the client certificate has expired"],
            advises: &["valid from 2001-01-01 to 2002-01-01", "Get a valid certificate"],
            code: 3,
            start: &["the client certificate has expired"],
            follow: &|setup| put(setup, "me.pem", good.both()),
        }
        .check(expired);
        assert!(gateway.served.gateway.starts().total > 0);
    }
}

/// The beginning of a PKCS#12 file.
fn pkcs12() -> Vec<u8> {
    [
        &[0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03, 0x30, 0x82, 0x09, 0x00][..],
        &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x82],
    ]
    .concat()
}

/// The key at fault, the two files, what is wrong, what to do.
type Case<'a> = (&'a str, Vec<u8>, Vec<u8>, &'a str, &'a str);

#[test]
fn commands_and_doctor_agree_on_every_alert() {
    let runtime = Runtime::new().expect("a runtime");
    let issued = Issued::new();
    let begin = |code: u8, moment: Moment, protocol: &str| {
        let serving = alerts::serve(&issued, code, moment, After::Close, Speaks::Tls13, protocol);
        let host = if protocol == "h2" { "" } else { "headers = { Host = \"localhost\" }" };
        let setup = setup(&runtime.block_on(serving), &format!("ca-file = \"ca.pem\"\n{host}"));
        put(&setup, "ca.pem", &issued.authority);
        setup
    };
    let cases = [
        (Moment::Finished, "h2"),
        (Moment::Request, "http/1.1"),
        (Moment::Finished, "http/1.1"),
        (Moment::Request, "h2"),
    ];
    let refusals = CERTIFICATE.iter().map(|code| (*code, "client-certificate-missing"));
    let refusals = refusals.chain(HANDSHAKE.iter().map(|code| (*code, "handshake-refused")));
    for ((code, finding), (moment, protocol)) in refusals.zip(cases.into_iter().cycle()) {
        let setup = begin(code, moment, protocol);
        let clock = Instant::now();
        let started = setup.run(&["start", "m"]).expect(3);
        assert!(started.err.contains("was not started") && !started.err.contains("unresolved"), "{code}: {started:?}");
        assert!(clock.elapsed() < Duration::from_secs(20), "{code}: it was sent again");
        let doctor = setup.run(&["doctor", "--output", "json"]).expect(3);
        assert!(doctor.out.contains(&format!("\"finding\":\"{finding}\"")), "{code} {moment:?} {protocol}: {doctor:?}");
    }
    for (code, (moment, protocol)) in ANY.iter().copied().zip(cases.into_iter().cycle()) {
        let doctor = begin(code, moment, protocol).run(&["doctor"]).expect(4);
        assert!(!doctor.out.contains("is refused"), "{code} {moment:?} {protocol}: {doctor:?}");
    }
}

#[test]
fn files_of_a_client_certificate_that_cannot_be_used_are_named() {
    let runtime = Runtime::new().expect("a runtime");
    let (authority, clients) = (Authority::new("Company CA"), Authority::new("Client CA"));
    let gateway = runtime.block_on(Gateway::new(authority.server("localhost", Some(&clients), true)));
    let (good, other) = (clients.issue("me"), clients.issue("other"));
    let encrypted = good.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let old = good
        .key
        .replace("PRIVATE KEY", "RSA PRIVATE KEY")
        .replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n");
    let damaged = "-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n".to_owned();
    let nonsense = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned();
    let (certificate, key) = (good.certificate.clone().into_bytes(), good.key.clone().into_bytes());
    let cases: [Case<'_>; 10] = [
        ("client-key", certificate.clone(), encrypted.into(), "encrypted private key", "openssl pkey -in"),
        ("client-key", certificate.clone(), old.into(), "encrypted private key", "openssl pkey -in"),
        ("client-key", certificate.clone(), other.key.into(), "does not belong to the certificate", "issued together"),
        (
            "client-key",
            certificate.clone(),
            certificate.clone(),
            "has a certificate, but no private key",
            "private key of",
        ),
        ("client-key", certificate.clone(), Vec::new(), "is empty", ""),
        ("client-key", certificate.clone(), damaged.into(), "is damaged", "export it again"),
        ("client-key", certificate.clone(), nonsense.into(), "cannot be used", "RSA, ECDSA or Ed25519"),
        (
            "client-certificate",
            key.clone(),
            certificate.clone(),
            "has a private key, but no certificate",
            "swap client-certificate and client-key",
        ),
        (
            "client-certificate",
            key.clone(),
            key.clone(),
            "has a private key, but no certificate",
            "use a file with the certificate",
        ),
        ("client-certificate", pkcs12(), key.clone(), "is PKCS#12", "-nodes -out client.pem"),
    ];
    let secrets = || {
        good.key.lines().filter(|line| line.len() > 20 && !line.starts_with('-')).map(str::to_owned).collect::<Vec<_>>()
    };
    let begin = |keys: &str| {
        let mut setup = setup(&gateway.url("localhost"), &format!("ca-file = \"ca.pem\"\n{keys}"));
        put(&setup, "ca.pem", &authority.pem);
        setup.secrets = secrets();
        setup
    };
    for (at_fault, certificate, key, what, fix) in cases {
        let broken = begin("client-certificate = \"my cert.pem\"\nclient-key = \"my key.pem\"");
        put(&broken, "my cert.pem", certificate);
        put(&broken, "my key.pem", key);
        let checked = broken.run(&["config", "check"]).expect(2);
        let line = if at_fault == "client-key" { 5 } else { 4 };
        assert!(checked.out.contains(&format!("config.toml:{line}: endpoints.e.{at_fault}: ")), "{checked:?}");
        assert!(checked.out.contains(what) && checked.out.contains(fix), "{checked:?}");
        Row {
            finding: "cannot-ask",
            says: &[at_fault, what],
            advises: &[fix],
            code: 2,
            start: &[at_fault, what, fix],
            follow: &|setup| {
                put(setup, "my cert.pem", &good.certificate);
                put(setup, "my key.pem", &good.key);
            },
        }
        .check(broken);
    }
    let keyless = begin("client-certificate = \"me.pem\"");
    put(&keyless, "me.pem", &good.certificate);
    Row {
        finding: "cannot-ask",
        says: &["client-certificate", "has no private key"],
        advises: &["name its file with client-key"],
        code: 2,
        start: &["has no private key"],
        follow: &|setup| {
            put(setup, "me.key", &good.key);
            add(setup, "client-key = \"me.key\"");
        },
    }
    .check(keyless);
    // DER, and several certificates and keys in one file.
    let binary = begin("client-certificate = \"me.der\"\nclient-key = \"key.der\"");
    put(&binary, "me.der", der(&good.certificate));
    let decoded = rcgen::KeyPair::from_pem(&good.key).expect("a key").serialize_der();
    put(&binary, "key.der", decoded);
    binary.run(&["start", "m", "--wait"]).expect(0);
    let mixed = begin("client-certificate = \"me.pem\"");
    put(&mixed, "me.pem", format!("{}{}{}", clients.pem, clients.issue("third").key, good.both()));
    mixed.run(&["start", "m", "--wait"]).expect(0);
}

#[test]
fn the_terminal_ui_names_a_file_that_cannot_be_used_at_launch() {
    let mut terminal = Terminal::open(160, 30, &[("STEPGATE_CONFIG", "c.toml")]);
    let config = format!(
        "[endpoints.a]\nurl = \"https://example.com\"\nca-file = \"ca.pem\"\n[machines.m]\narn = \"{MACHINE}PassStateMachine\"\n"
    );
    terminal.write("c.toml", &config);
    terminal.write("ca.pem", "");
    let program = Terminal::program();
    terminal.send(&format!("{program}; echo code=$?\r"));
    terminal.wait_for_text("c.toml:3: endpoints.a.ca-file: ");
    terminal.wait_for_text("is empty");
    terminal.write("ca.pem", &Authority::new("Company CA").pem);
    terminal.send("r");
    terminal.wait_for_text("No executions yet");
    terminal.send("q");
    terminal.wait_for_text("code=0");
}

/// A gateway that only a proxy knows the address of.
fn behind(runtime: &Runtime, authority: &Authority) -> (Gateway, String) {
    let gateway = runtime.block_on(Gateway::new(authority.server("gateway.test", None, true)));
    (gateway, "https://gateway.test/dev".to_owned())
}

/// An endpoint whose authority is trusted. The local gateway answers to hosts of this machine only.
fn trusting(url: &str, authority: &Authority, keys: &str) -> Setup {
    let setup = setup(url, &format!("ca-file = \"ca.pem\"\nheaders = {{ Host = \"localhost\" }}\n{keys}"));
    put(&setup, "ca.pem", &authority.pem);
    setup
}

/// The same through this proxy.
fn setup_with_proxy_of(url: &str, authority: &Authority, proxy: &str) -> Setup {
    let mut setup = trusting(url, authority, "");
    setup.set("HTTPS_PROXY", proxy);
    setup.secrets = vec!["canary-1".to_owned()];
    setup
}

#[test]
fn an_encrypted_proxy_is_spoken_to_with_tls() {
    let runtime = Runtime::new().expect("a runtime");
    let (authority, of_proxy) = (Authority::new("Company CA"), Authority::new("Proxy CA"));
    let (gateway, url) = behind(&runtime, &authority);
    let leads_to = Some(gateway.address);
    let serve = |tls| runtime.block_on(proxy::serve_with(Some("me:canary-1"), tls, leads_to));
    let encrypted = serve(Some(of_proxy.server("localhost", None, true)));
    let begin = |proxy: &str| {
        let mut setup = trusting(&url, &authority, "");
        setup.set("HTTPS_PROXY", proxy);
        setup.secrets = vec!["canary-1".to_owned()];
        setup
    };
    Row {
        finding: "no-tls-to-proxy",
        says: &["no secure connection", "certificate"],
        advises: &["add that authority's certificate to the ca-file", "ca.pem"],
        code: 4,
        start: &["the proxy localhost:", "certificate", "add that authority's certificate to the ca-file"],
        follow: &|setup| put(setup, "ca.pem", format!("{}{}", authority.pem, of_proxy.pem)),
    }
    .check(begin(&encrypted.url_with("me:canary-1@")));
    assert!(encrypted.counted().tunnels > 0);
    let has_one = setup_with_proxy_of(&url, &authority, &encrypted.url_with("me:canary-1@"));
    assert!(!has_one.run(&["doctor"]).expect(4).out.contains("set ca-file"));
    // A gateway without TLS, and an endpoint without ca-file.
    let plain_gateway = gateway.served.url();
    for (config, pem) in [self_signed(true, |_| {}), self_signed(false, |_| {})] {
        let proxy = serve(Some(config));
        let mut setup = setup(&plain_gateway, &format!("proxy = \"{}\"", proxy.url()));
        setup.edit(
            &format!("proxy = \"{}\"", proxy.url()),
            &format!("proxy = {{ url = \"{}\", user = \"me\", password = {{ env = \"PW\" }} }}", proxy.url()),
        );
        setup.set("PW", "canary-1");
        setup.secrets = vec!["canary-1".to_owned()];
        Row {
            finding: "no-tls-to-proxy",
            says: &["no secure connection", "certificate"],
            advises: &["set ca-file to that authority's certificate"],
            code: 4,
            start: &["the proxy localhost:", "certificate"],
            follow: &|setup| {
                put(setup, "ca.pem", &pem);
                add(setup, "ca-file = \"ca.pem\"");
            },
        }
        .check(setup);
    }
    // No ca-file makes an expired certificate valid.
    let old = authority.server_with("localhost", |params| {
        (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    });
    let old = serve(Some(old));
    let expired = setup_with_proxy_of(&url, &authority, &old.url_with("me:canary-1@")).run(&["doctor"]).expect(4);
    assert!(expired.out.contains("its certificate has expired") && !expired.out.contains("set ca-file"), "{expired:?}");
    // The same from the configuration.
    let keys = format!("proxy = {{ url = \"{}\", user = \"me\", password = {{ env = \"PW\" }} }}", encrypted.url());
    let mut configured = trusting(&url, &authority, &keys);
    put(&configured, "ca.pem", format!("{}{}", authority.pem, of_proxy.pem));
    configured.set("PW", "canary-1");
    configured.run(&["doctor"]).expect(0);
    let plain = serve(None);
    let wrong = plain.url_with("me:canary-1@");
    Row {
        finding: "no-tls-to-proxy",
        says: &["does not speak TLS"],
        advises: &["write its URL with http://"],
        code: 4,
        start: &["the proxy 127.0.0.1:", "does not speak TLS", "write its URL with http:// in HTTPS_PROXY"],
        follow: &|setup| setup.set("HTTPS_PROXY", &wrong),
    }
    .check(begin(&wrong.replace("http://", "https://")));
}

#[test]
fn a_proxy_that_does_not_work_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let (gateway, url) = behind(&runtime, &authority);
    let open = runtime.block_on(proxy::serve_with(None, None, Some(gateway.address)));
    let right = |setup: &mut Setup| setup.set("HTTPS_PROXY", &open.url());
    let begin = |proxy: &str| {
        let mut setup = trusting(&url, &authority, "");
        setup.set("HTTPS_PROXY", proxy);
        setup
    };
    for (value, finding, says, code, start) in [
        ("http://127.0.0.1:1", "no-proxy", "refused", 4, "the proxy 127.0.0.1:1"),
        ("http://proxy.invalid:3128", "no-such-host", "", 4, "the proxy proxy.invalid:3128"),
        ("socks5://127.0.0.1:1080", "proxy-setting", "HTTPS_PROXY names a SOCKS proxy", 2, "HTTPS_PROXY names a SOCKS"),
        ("http://127.0.0.1:99999", "proxy-setting", "HTTPS_PROXY is not the URL of a proxy", 2, "HTTPS_PROXY is not"),
    ] {
        let advises = if finding == "proxy-setting" { "Correct the variable" } else { "Correct HTTPS_PROXY" };
        let start = [start, if code == 4 { advises } else { start }];
        Row { finding, says: &[says], advises: &[advises], code, start: &start, follow: &right }.check(begin(value));
        let started = begin(value).run(&["start", "m"]);
        assert!(!started.err.contains("url's") && !started.err.contains("the url"), "{started:?}");
    }
    // From the configuration.
    let dead = trusting(&url, &authority, "proxy = \"http://127.0.0.1:1\"");
    Row {
        finding: "no-proxy",
        says: &[],
        advises: &["Correct proxy in [endpoints.e]"],
        code: 4,
        start: &["the proxy 127.0.0.1:1", "Correct proxy in [endpoints.e]"],
        follow: &|setup| setup.edit("http://127.0.0.1:1", &open.url()),
    }
    .check(dead);
    // Variables: lower case counts, an empty one hides nothing.
    let mut lower = begin("");
    lower.set("https_proxy", &open.url());
    lower.run(&["doctor"]).expect(0);
    lower.run(&["start", "m", "--wait"]).expect(0);
    // Without a proxy, the host does not resolve.
    for no_proxy in ["*.test", "gateway.test:443", "x , gateway.test", "*"] {
        lower.set("NO_PROXY", no_proxy);
        let started = lower.run(&["start", "m"]).expect(4);
        assert!(started.err.contains("cannot resolve the host name"), "{started:?}");
    }
    lower.set("NO_PROXY", "gateway.test:8443");
    lower.run(&["start", "m", "--wait"]).expect(0);
}

#[test]
fn a_proxy_that_the_environment_does_not_use_is_named_with_the_reason() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let (gateway, url) = behind(&runtime, &authority);
    let open = runtime.block_on(proxy::serve_with(None, None, Some(gateway.address)));
    for (variable, list, entry) in [
        ("NO_PROXY", "x, *.test", "the entry `*.test` of NO_PROXY"),
        ("no_proxy", "gateway.test:443", "the entry `gateway.test:443` of no_proxy"),
        ("NO_PROXY", "*", "the entry `*` of NO_PROXY"),
    ] {
        let mut setup = trusting(&url, &authority, "");
        setup.set("HTTPS_PROXY", &open.url());
        setup.set(variable, list);
        let advice = "The proxy in HTTPS_PROXY is not used for gateway.test, because of";
        Row {
            finding: "no-such-host",
            says: &[],
            advises: &[advice, entry, "remove that entry"],
            code: 4,
            start: &[advice, entry],
            follow: &|setup| setup.unset(variable),
        }
        .check(setup);
    }
    let plain = runtime.block_on(proxy::serve_with(None, None, None));
    let mut other_scheme = setup("http://gateway.test/dev", "");
    other_scheme.set("HTTPS_PROXY", &plain.url());
    for arguments in [&["doctor"][..], &["start", "m"]] {
        let ran = other_scheme.run(arguments).expect(4);
        let all = format!("{}{}", ran.out, ran.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(all.contains("The proxy in HTTPS_PROXY is only for https:// urls"), "{ran:?}");
        assert!(all.contains("set http_proxy"), "{ran:?}");
    }
    let mut semicolon = trusting(&url, &authority, "");
    semicolon.set("HTTPS_PROXY", &open.url());
    semicolon.set("NO_PROXY", "localhost;internal.example");
    let told = semicolon.run(&["doctor"]);
    assert!(told.out.contains("NO_PROXY contains `;`") && told.out.contains("commas"), "{told:?}");
    semicolon.set("NO_PROXY", "localhost,internal.example");
    let told = semicolon.run(&["doctor"]).expect(0);
    assert!(!told.out.contains("NO_PROXY"), "{told:?}");
}

#[test]
fn a_proxy_that_expects_tls_is_named_with_its_right_url() {
    let runtime = Runtime::new().expect("a runtime");
    let (authority, of_proxy) = (Authority::new("Company CA"), Authority::new("Proxy CA"));
    let (gateway, url) = behind(&runtime, &authority);
    let config = of_proxy.server("localhost", None, true);
    let encrypted = runtime.block_on(proxy::serve_with(None, Some(config), Some(gateway.address)));
    let plain = encrypted.url().replace("https://", "http://");
    let mut setup = trusting(&url, &authority, "");
    put(&setup, "ca.pem", format!("{}{}", authority.pem, of_proxy.pem));
    setup.set("HTTPS_PROXY", &plain);
    Row {
        finding: "proxy-expects-tls",
        says: &["the proxy localhost:", "the port expects TLS"],
        advises: &["Write its URL with https:// in HTTPS_PROXY"],
        code: 4,
        start: &["the proxy localhost:", "the port expects TLS", "Write its URL with https:// in HTTPS_PROXY"],
        follow: &|setup| setup.set("HTTPS_PROXY", &encrypted.url()),
    }
    .check(setup);
    // One that accepts a TLS connection and then stays silent.
    let silent = runtime.block_on(only_silent(of_proxy.server("localhost", None, true)));
    let mut setup = trusting(&url, &authority, "");
    put(&setup, "ca.pem", format!("{}{}", authority.pem, of_proxy.pem));
    setup.set("HTTPS_PROXY", &silent);
    let started = setup.run(&["start", "m"]).expect(4);
    assert!(!started.err.contains("user and password") && started.err.contains("Correct HTTPS_PROXY"), "{started:?}");
    let told = setup.run(&["doctor"]).expect(4);
    assert!(!told.out.contains("user and password") && told.out.contains("Correct HTTPS_PROXY"), "{told:?}");
}

/// A proxy with TLS that answers nothing.
async fn only_silent(config: tokio_rustls::rustls::ServerConfig) -> String {
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.extend(acceptor.accept(stream).await.ok());
        }
    });
    format!("https://localhost:{port}")
}

#[test]
fn a_proxys_password_is_percent_encoded_or_named_and_never_shown() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let (gateway, url) = behind(&runtime, &authority);
    for (password, encoded) in [
        ("can@canary", "can%40canary"),
        ("can/canary", "can%2Fcanary"),
        ("12/canary", "12%2Fcanary"),
        ("can#canary", "can%23canary"),
        ("can?canary", "can%3Fcanary"),
        ("can%zcanary", "can%25zcanary"),
        ("c@n:/#?%canary", "c%40n%3A%2F%23%3F%25canary"),
    ] {
        let proxy = runtime.block_on(proxy::serve_with(Some(&format!("me:{password}")), None, Some(gateway.address)));
        let mut raw = trusting(&url, &authority, "");
        raw.set("HTTPS_PROXY", &proxy.url_with(&format!("me:{password}@")));
        raw.secrets = vec!["canary".to_owned()];
        Row {
            finding: "proxy-setting",
            says: &["HTTPS_PROXY is not the URL of a proxy", "`@` as %40", "`%` as %25"],
            advises: &["Correct the variable"],
            code: 2,
            start: &["HTTPS_PROXY is not the URL of a proxy", "`@` as %40"],
            follow: &|setup| setup.set("HTTPS_PROXY", &proxy.url_with(&format!("me:{encoded}@"))),
        }
        .check(raw);
    }
    let proxy = runtime.block_on(proxy::serve_with(Some("me:canary"), None, Some(gateway.address)));
    let mut without = trusting(&url, &authority, "");
    without.set("HTTPS_PROXY", &proxy.url());
    Row {
        finding: "proxy-wants-login",
        says: &["407"],
        advises: &["Add the user and password to HTTPS_PROXY", "percent-encoded"],
        code: 4,
        start: &["proxy"],
        follow: &|setup| {
            setup.set("HTTPS_PROXY", &proxy.url_with("me:canary@"));
            setup.secrets = vec!["canary".to_owned()];
        },
    }
    .check(without);
    let mut wrong = trusting(&url, &authority, "");
    wrong.set("HTTPS_PROXY", &proxy.url_with("me:wrong@"));
    Row {
        finding: "proxy-refuses-login",
        says: &["407"],
        advises: &["The proxy refuses this user or password. Correct them in HTTPS_PROXY."],
        code: 4,
        start: &["no connection through the proxy", "Check the proxy and its user and password"],
        follow: &|setup| {
            setup.set("HTTPS_PROXY", &proxy.url_with("me:canary@"));
            setup.secrets = vec!["canary".to_owned()];
        },
    }
    .check(wrong);
}

#[test]
fn what_does_not_speak_http_is_not_a_proxy() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let (gateway, url) = behind(&runtime, &authority);
    let open = runtime.block_on(proxy::serve_with(None, None, Some(gateway.address)));
    let other = greeting();
    let mut setup = trusting(&url, &authority, "");
    setup.set("HTTPS_PROXY", &other);
    Row {
        finding: "not-a-proxy",
        says: &["what listens there is not an HTTP proxy"],
        advises: &["Correct HTTPS_PROXY"],
        code: 4,
        start: &["the proxy 127.0.0.1:", "what listens there is not an HTTP proxy. Correct HTTPS_PROXY"],
        follow: &|setup| setup.set("HTTPS_PROXY", &open.url()),
    }
    .check(setup);
    // A plain request has been sent to it.
    let gateway = gateway.served.url();
    let plain = self::setup(&gateway, &format!("proxy = \"{other}\""));
    let arn = format!("{}PassStateMachine:x", MACHINE.replace("stateMachine", "execution"));
    let asked = plain.run(&["status", &arn]).expect(4);
    assert!(asked.err.contains("what listens there is not an HTTP proxy. Correct proxy in [endpoints.e]"), "{asked:?}");
    Situation {
        finding: "not-a-proxy",
        says: &["what listens there is not an HTTP proxy"],
        advises: &["Correct proxy in [endpoints.e]"],
        follow: &|setup| setup.edit(&other, &open.url()),
    }
    .check(plain);
}

/// The URL of a server that greets, and waits for the client's greeting.
fn greeting() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(b"SSH-2.0 hello\r\n");
            kept.push(stream);
        }
    });
    url
}

#[test]
fn a_proxy_that_refuses_is_not_the_gateway_that_refuses() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let (gateway, encrypted) = behind(&runtime, &authority);
    let open = runtime.block_on(proxy::serve_with(None, None, Some(gateway.address))).url();
    let plain = gateway.served.url();
    let page = "<html><title>Blocked</title></html>";
    for (status, finding, advice) in [
        ("403 Forbidden", "proxy-refuses", "Ask the proxy's owner to allow connections to"),
        ("502 Bad Gateway", "unavailable", "Check that the proxy can reach"),
        ("503 Service Unavailable", "unavailable", "Check that the proxy can reach"),
        ("504 Gateway Timeout", "unavailable", "Check that the proxy can reach"),
    ] {
        let answer = http(status, "", page);
        let refusing = runtime.block_on(replying(move |_| answer.clone()));
        let refusing = refusing.trim_end_matches("/dev").to_owned();
        let code = status.split(' ').next().expect("a number");
        let setup = setup(&plain, &format!("proxy = \"{refusing}\""));
        let says = format!("returned HTTP {code}: a web page, \"Blocked\"");
        // The status of a start that may have been forwarded is requested for a minute.
        if finding == "proxy-refuses" {
            let started = setup.run(&["start", "m"]).expect(4);
            for part in ["the proxy 127.0.0.1:", &says, advice] {
                assert!(started.err.contains(part), "`{part}` in {started:?}");
            }
            assert!(!started.err.contains("the gateway forbids it"), "{started:?}");
        }
        let follow = |setup: &mut Setup| setup.edit(&refusing, &open);
        Situation {
            finding,
            says: &["the proxy 127.0.0.1:", &says],
            advises: &[advice, "Correct proxy in"],
            follow: &follow,
        }
        .check(setup);
    }
    // A tunnel is refused as a whole.
    for (status, advice) in [
        ("403 Forbidden", "Ask the proxy's owner to allow connections to gateway.test"),
        ("405 Method Not Allowed", "The proxy does not support https:// urls (the method CONNECT)"),
        ("501 Not Implemented", "The proxy does not support https:// urls (the method CONNECT)"),
        ("502 Bad Gateway", "Check that the proxy can reach gateway.test"),
        ("503 Service Unavailable", "Check that the proxy can reach gateway.test"),
        ("504 Gateway Timeout", "Check that the proxy can reach gateway.test"),
    ] {
        let answer = http(status, "", page);
        let refusing = runtime.block_on(replying(move |_| answer.clone()));
        let code = status.split(' ').next().expect("a number");
        let mut tunnel = trusting(&encrypted, &authority, "");
        tunnel.set("HTTPS_PROXY", refusing.trim_end_matches("/dev"));
        Row {
            finding: "proxy-refuses",
            says: &["the proxy 127.0.0.1:", code],
            advises: &[advice, "Correct HTTPS_PROXY"],
            code: 4,
            start: &["the proxy 127.0.0.1:", code, advice],
            follow: &|setup| setup.set("HTTPS_PROXY", &open),
        }
        .check(tunnel);
    }
    // A login for plain requests.
    let locked = runtime.block_on(proxy::serve_with(Some("me:canary-1"), None, Some(gateway.address)));
    for (finding, keys, advice) in [
        ("proxy-wants-login", format!("proxy = \"{}\"", locked.url()), "user = \"..\", password = { env"),
        (
            "proxy-refuses-login",
            format!("proxy = {{ url = \"{}\", user = \"me\", password = {{ env = \"OTHER\" }} }}", locked.url()),
            "The proxy refuses this user or password. Correct them in proxy in [endpoints.e].",
        ),
    ] {
        let mut setup = setup(&plain, &keys);
        setup.set("OTHER", "canary-2");
        setup.set("PW", "canary-1");
        setup.secrets = vec!["canary-1".to_owned(), "canary-2".to_owned()];
        let right = format!("proxy = {{ url = \"{}\", user = \"me\", password = {{ env = \"PW\" }} }}", locked.url());
        Row {
            finding,
            says: &["the proxy 127.0.0.1:", "407"],
            advises: &[advice],
            code: 4,
            start: &["no connection through the proxy", "407", "Check the proxy and its user and password"],
            follow: &|setup| setup.edit(&keys, &right),
        }
        .check(setup);
    }
    // A gateway's own refusal stays one.
    let answer = http("403 Forbidden", "x-amzn-requestid: r-1\r\n", page);
    let forbidding = runtime.block_on(replying(move |_| answer.clone()));
    let through = runtime.block_on(proxy::serve(None)).url();
    let own = setup(&forbidding, &format!("proxy = \"{through}\"")).run(&["start", "m"]).expect(3);
    assert!(own.err.contains("the gateway forbids it") && !own.err.contains("the proxy"), "{own:?}");
}

#[test]
fn a_blank_proxy_variable_is_named_and_not_ignored() {
    let runtime = Runtime::new().expect("a runtime");
    let authority = Authority::new("Company CA");
    let gateway = runtime.block_on(Gateway::new(authority.server("gateway.test", None, true)));
    let open = runtime.block_on(proxy::serve_with(None, None, Some(gateway.address)));
    for blank in [" ", "\t", "  \n"] {
        let mut setup = trusting("https://gateway.test/dev", &authority, "");
        setup.set("HTTPS_PROXY", blank);
        Row {
            finding: "proxy-setting",
            says: &["HTTPS_PROXY is blank"],
            advises: &["Correct the variable"],
            code: 2,
            start: &["HTTPS_PROXY is blank; unset it to connect directly, or set it to the URL of a proxy"],
            follow: &|setup| setup.set("HTTPS_PROXY", &open.url()),
        }
        .check(setup);
    }
}
