//! Requests for AWS credentials: their contents, when they are repeated, and the file of an SSO session afterwards.
#![cfg(all(unix, feature = "iam"))]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::situations_aws::{FUTURE, PLAIN, World, ask, keys, named, role, sign_in};
use crate::situations_aws_sources::{SSO, accepted};
use crate::support::aws::{self, CONTAINER, IDENTITY, INSTANCE, REFRESH, SECRET, SESSION};
use crate::support::gateway::{http, replying};
use crate::support::situation::{Setup, Situation};
use sha1::{Digest as _, Sha1};

const STS: &str = "AWS_ENDPOINT_URL_STS";
const CONTAINER_URL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/// A server at `http://HOST`, without a path.
fn server(world: &World, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    world.runtime.block_on(replying(answer)).trim_end_matches("/dev").to_owned()
}

/// A server that repeats one response before it sends the others, and the number of requests.
fn at_first(
    world: &World,
    first: (&str, &str),
    times: usize,
    then: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let (count, first) = (Arc::new(AtomicUsize::new(0)), http(first.0, "", first.1));
    let counter = Arc::clone(&count);
    let answer = move |text: &str| {
        if counter.fetch_add(1, Ordering::SeqCst) < times { first.clone() } else { then(text) }
    };
    (server(world, answer), count)
}

fn container(_: &str) -> String {
    let json = serde_json::json!({
        "AccessKeyId": "CONTAINER", "SecretAccessKey": SECRET, "Token": "t", "Expiration": FUTURE,
    });
    http("200 OK", "", &json.to_string())
}

#[test]
fn a_service_that_fails_for_a_moment_is_asked_again() {
    let world = World::new();
    let assume = format!("{}{}", role("x", "base"), keys("base"));
    let throttled = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";
    for first in [("500 Internal Server Error", "oops"), ("429 Too Many Requests", ""), ("400 Bad Request", throttled)]
    {
        let mut setup = world.setup(&named("x"), &assume);
        setup.set(STS, &at_first(&world, first, 2, aws::sts_answer).0);
        accepted(&world, &setup, "ROLE");
    }
    // Metadata that is not complete yet.
    for first in [("503 Service Unavailable", ""), ("200 OK", "{\"AccessKeyId\":")] {
        let mut setup = world.setup(PLAIN, "");
        setup.set(CONTAINER_URL, &format!("{}/credentials", at_first(&world, first, 2, container).0));
        accepted(&world, &setup, "CONTAINER");
    }
}

#[test]
fn a_refusal_is_final_and_so_is_the_third_failure() {
    let world = World::new();
    let assume = format!("{}{}", role("x", "base"), keys("base"));
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
    for (first, code, expected) in [
        (("403 Forbidden", denied), 2, 1),
        (("200 OK", "<html>"), 4, 1),
        (("302 Found", ""), 4, 1),
        (("503 Service Unavailable", ""), 4, 3),
    ] {
        let mut setup = world.setup(&named("x"), &assume);
        let (url, count) = at_first(&world, first, usize::MAX, aws::sts_answer);
        setup.set(STS, &url);
        ask(&setup, code);
        assert_eq!(count.load(Ordering::SeqCst), expected, "{first:?}");
    }
}

#[test]
fn an_error_that_may_pass_is_no_refusal() {
    let world = World::new();
    let web = "[profile x]\nrole_arn = arn:aws:iam::1:role/R\nweb_identity_token_file = token\n";
    for (status, code) in [
        ("400 Bad Request", "IDPCommunicationError"),
        ("400 Bad Request", "RequestTimeout"),
        ("408 Request Timeout", ""),
    ] {
        let mut setup = world.setup(&named("x"), web);
        setup.home.write("token", IDENTITY);
        let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        let (url, count) = at_first(&world, (status, &body), usize::MAX, aws::sts_answer);
        setup.set(STS, &url);
        ask(&setup, 4);
        assert_eq!(count.load(Ordering::SeqCst), 3, "{status} {code}");
    }
}

#[test]
fn an_instance_that_has_issued_a_token_is_one_even_if_it_fails_then() {
    let world = World::new();
    for (token, role, code, says) in [
        ("200 OK", "503 Service Unavailable", 4, "127.0.0.1 returned HTTP 503"),
        ("200 OK", "500 Internal Server Error", 4, "127.0.0.1 returned HTTP 500"),
        ("200 OK", "404 Not Found", 2, "have none (instance: 127.0.0.1 returned HTTP 404)"),
        ("503 Service Unavailable", "", 2, "have none (instance: 127.0.0.1 returned HTTP 503)"),
    ] {
        let answer = move |text: &str| {
            if text.starts_with("PUT ") { http(token, "", INSTANCE) } else { http(role, "", "") }
        };
        let mut setup = world.setup(PLAIN, "");
        setup.set("AWS_EC2_METADATA_DISABLED", "false");
        setup.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server(&world, answer));
        let message = ask(&setup, code);
        assert!(message.contains(says) && !message.contains("PROXY"), "{says} in {message}");
    }
}

#[test]
fn advice_about_metadata_is_that_of_its_source() {
    let world = World::new();
    let mut setup = world.setup(PLAIN, "");
    setup.set(
        CONTAINER_URL,
        &format!("{}/c", at_first(&world, ("503 Service Unavailable", ""), usize::MAX, container).0),
    );
    setup.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "");
    let message = ask(&setup, 4);
    assert!(message.contains("Check AWS_CONTAINER_CREDENTIALS_FULL_URI") && !message.contains("PROXY"), "{message}");
    let config = "[profile x]\nrole_arn = arn:aws:iam::1:role/R\ncredential_source = Ec2InstanceMetadata\n";
    for status in ["403 Forbidden", "404 Not Found", "405 Method Not Allowed"] {
        let mut setup = world.setup(&named("x"), config);
        setup.set("AWS_EC2_METADATA_DISABLED", "false");
        setup.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server(&world, move |_| http(status, "", "")));
        let message = ask(&setup, 2);
        assert!(message.contains("IMDSv2") && message.contains("hop limit of at least 2"), "{message}");
    }
}

#[test]
fn each_role_of_a_chain_is_assumed_with_the_session_of_the_one_before() {
    let world = World::new();
    let more = "external_id = my id\nduration_seconds = 900\nrole_session_name = me@x\n";
    let config = format!("{}{more}{}{}", role("x", "middle"), role("middle", "base"), keys("base"));
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    let sts = server(&world, move |text| {
        seen.lock().expect("the requests").push(text.to_owned());
        aws::sts_answer(text)
    });
    let mut setup = world.setup(&named("x"), &config);
    setup.set(STS, &sts);
    accepted(&world, &setup, "ROLE");
    let requests = requests.lock().expect("the requests");
    let [first, second, ..] = &requests[..] else { panic!("{requests:?}") };
    for (request, parts, others) in [
        (
            first,
            &["Credential=BASE/", "/eu-west-1/sts/aws4_request", "role%2Fmiddle", "=stepgate-"][..],
            &["token"][..],
        ),
        (
            second,
            &[
                "Credential=ROLE/",
                "x-amz-security-token: t\r\n",
                "Action=AssumeRole&Version=2011-06-15&",
                "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&",
                "ExternalId=my%20id&",
                "DurationSeconds=900",
                "RoleSessionName=me%40x&",
            ],
            &["middle", "stepgate-"],
        ),
    ] {
        let body = request.split("\r\n\r\n").nth(1).expect("a body");
        assert!(parts.iter().all(|part| request.contains(part)), "{parts:?} in {request}");
        assert!(!others.iter().any(|other| body.contains(other)), "{others:?} in {body}");
    }
    assert!(!first.contains("x-amz-security-token"), "{first}");
}

#[test]
fn a_session_that_cannot_be_renewed_is_used_until_its_end() {
    let world = World::new();
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let refusing = server(&world, move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        http("400 Bad Request", "x-amzn-errortype: InvalidGrantException\r\n", "{\"error\":\"invalid_grant\"}")
    });
    let session = |setup: &Setup, seconds: u64| {
        let at = jiff::Timestamp::try_from(SystemTime::now() + Duration::from_secs(seconds)).expect("a time");
        let json = serde_json::json!({
            "accessToken": SESSION, "expiresAt": format!("{at:.0}"), "refreshToken": REFRESH, "clientId": "c",
            "clientSecret": "L8qvZ3rTnC5", "registrationExpiresAt": FUTURE, "scopes": ["sso:account:access"],
        });
        setup.home.write(&format!(".aws/sso/cache/{:x}.json", Sha1::digest("s")), &json.to_string())
    };
    for (seconds, is_due) in [(3_600, false), (120, true)] {
        let mut setup = world.setup(&named("x"), SSO);
        setup.secrets.extend([REFRESH.to_owned(), "L8qvZ3rTnC5".to_owned()]);
        setup.set("AWS_ENDPOINT_URL_SSO_OIDC", &refusing);
        let path = session(&setup, seconds);
        let before = std::fs::read_to_string(&path).expect("the session");
        requests.store(0, Ordering::SeqCst);
        accepted(&world, &setup, "SSO");
        assert_eq!(requests.load(Ordering::SeqCst) > 0, is_due, "{seconds}");
        assert_eq!(std::fs::read_to_string(&path).expect("the session"), before);
    }
    // Another program renews it meanwhile.
    let mut setup = world.setup(&named("x"), SSO);
    let path = session(&setup, 0);
    let renewed = serde_json::json!({ "accessToken": SESSION, "expiresAt": FUTURE }).to_string();
    let renewing = server(&world, move |_| {
        std::fs::write(&path, &renewed).expect("written");
        http("400 Bad Request", "x-amzn-errortype: InvalidGrantException\r\n", "{}")
    });
    setup.set("AWS_ENDPOINT_URL_SSO_OIDC", &renewing);
    accepted(&world, &setup, "SSO");
    // One that has ended, with the reason.
    let mut setup = world.setup(&named("x"), SSO);
    setup.set("AWS_ENDPOINT_URL_SSO_OIDC", &refusing);
    session(&setup, 0);
    Situation {
        finding: "sso-session-expired",
        says: &["the SSO session of the profile `x` cannot be renewed", "InvalidGrantException"],
        advises: &["Run `aws sso login --profile x`."],
        follow: &|setup| sign_in(setup, "s", SESSION, FUTURE),
    }
    .check(setup);
}

#[test]
fn a_token_for_a_container_goes_nowhere_else() {
    let world = World::new();
    let mut setup = world.setup(PLAIN, "");
    setup.set(CONTAINER_URL, "http://container.example/credentials");
    setup.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", CONTAINER);
    let good = format!("{}/credentials", server(&world, container));
    let says = "AWS_CONTAINER_CREDENTIALS_FULL_URI leads to `container.example` without TLS";
    assert!(ask(&setup, 2).contains(says));
    Situation {
        finding: "credentials-host-unreachable",
        says: &[says],
        advises: &["Use https, or a loopback address"],
        follow: &|setup| setup.set(CONTAINER_URL, &good),
    }
    .check(setup);
}
