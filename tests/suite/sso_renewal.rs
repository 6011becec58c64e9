//! SSO sessions that several processes and endpoints renew at the same time: each refresh token is used once.
#![cfg(all(unix, feature = "iam"))]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::situations_aws::{FUTURE, World, ask, named};
use crate::situations_aws_sources::SSO;
use crate::support::aws::{REFRESH, SESSION};
use crate::support::cli::MACHINE;
use crate::support::gateway::{http, replying};
use crate::support::situation::Setup;
use sha1::{Digest as _, Sha1};

const OIDC: &str = "AWS_ENDPOINT_URL_SSO_OIDC";
/// A token that has ended.
const ENDED: &str = "E7kwB2nXsJ4gZq9";

/// Writes a session that has ended and can be renewed. Returns its file.
fn ended(setup: &mut Setup) -> PathBuf {
    setup.secrets.extend([REFRESH.to_owned(), "L8qvZ3rTnC5".to_owned()]);
    let json = serde_json::json!({
        "accessToken": ENDED, "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": REFRESH, "clientId": "c",
        "clientSecret": "L8qvZ3rTnC5", "registrationExpiresAt": FUTURE,
    });
    setup.home.write(&format!(".aws/sso/cache/{:x}.json", Sha1::digest("s")), &json.to_string())
}

/// A service that takes a refresh token once, and a while for it; and the number of requests.
fn once(world: &World) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let answer = move |_: &str| {
        if counter.fetch_add(1, Ordering::SeqCst) > 0 {
            let header = "x-amzn-errortype: InvalidGrantException\r\n";
            return http("400 Bad Request", header, "{\"error\":\"invalid_grant\"}");
        }
        std::thread::sleep(Duration::from_millis(300));
        let body = serde_json::json!({ "accessToken": SESSION, "expiresIn": 28800, "refreshToken": "Y3new" });
        http("200 OK", "", &body.to_string())
    };
    let url = world.runtime.block_on(replying(answer));
    (url.trim_end_matches("/dev").to_owned(), count)
}

fn executions() -> String {
    MACHINE.replace("stateMachine", "execution")
}

#[test]
fn programs_that_renew_one_session_together_all_use_the_new_token() {
    let world = World::new();
    let mut setup = world.setup(&named("x"), SSO);
    let (url, count) = once(&world);
    setup.set(OIDC, &url);
    ended(&mut setup);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| setup.run(&["doctor"]))).collect();
        for run in runs {
            run.join().expect("a run").expect(0);
        }
    });
    assert!(count.load(Ordering::SeqCst) >= 1);
}

#[test]
fn endpoints_of_one_process_renew_their_session_once() {
    let world = World::new();
    let mut setup = world.setup(&named("x"), SSO);
    let (url, count) = once(&world);
    setup.set(OIDC, &url);
    ended(&mut setup);
    let gateway = &world.gateway;
    let more: Vec<String> = (0..3)
        .map(|n| {
            format!(
                "[endpoints.e{n}]\nurl = \"{gateway}/{n}\"\nregion = \"eu-west-1\"\nauth = {{ {} }}\n\
                 [machines.m{n}]\narn = \"{MACHINE}Other{n}\"\nendpoint = \"e{n}\"\n",
                named("x")
            )
        })
        .collect();
    setup.edit("[machines.m]\n", &format!("{}[machines.m]\nendpoint = \"e\"\n", more.concat()));
    let arns: Vec<String> = (0..3)
        .map(|n| format!("{}Other{n}:x", executions()))
        .chain([format!("{}PassStateMachine:x", executions())])
        .collect();
    let mut arguments = vec!["watch"];
    arguments.extend(arns.iter().map(String::as_str));
    let ran = setup.run(&arguments);
    assert!(!ran.out.contains("invalid_grant") && !ran.err.contains("InvalidGrant"), "{ran:?}");
    assert_eq!(count.load(Ordering::SeqCst), 1, "{ran:?}");
}

#[test]
fn an_unusable_response_leaves_the_session_as_it_was() {
    let world = World::new();
    for body in [
        r#"{"accessToken":"","expiresIn":28800}"#,
        r#"{"accessToken":"Q4new\nline","expiresIn":28800}"#,
        r#"{"accessToken":"Q4new","refreshToken":"Q5 new","expiresIn":28800}"#,
        r#"{"accessToken":"Q4new","expiresIn":-1}"#,
    ] {
        let mut setup = world.setup(&named("x"), SSO);
        let url = world.runtime.block_on(replying(move |_| http("200 OK", "", body)));
        setup.set(OIDC, url.trim_end_matches("/dev"));
        let path = ended(&mut setup);
        let before = std::fs::read(&path).expect("the session");
        ask(&setup, 4);
        assert_eq!(std::fs::read(&path).expect("the session"), before, "{body}");
    }
}
