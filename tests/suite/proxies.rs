//! Unusable proxy variables of the environment, in commands and in `doctor`: messages name the variable, never a
//! password.
#![cfg(unix)]

use crate::support::cli::{Home, ran};

const ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:PassStateMachine";

fn home() -> Home {
    let home = Home::empty();
    let text = format!("[endpoints.e]\nurl = \"https://x.invalid/dev\"\n[machines.pass]\narn = \"{ARN}\"\n");
    home.write("config.toml", &text);
    home
}

#[test]
fn a_proxy_variable_that_cannot_work_is_named_by_commands_and_doctor() {
    let home = home();
    for (value, message) in [
        ("socks5://u:canary@127.0.0.1:1080", "HTTPS_PROXY names a SOCKS proxy, which is not supported"),
        ("http://u:can/ary@127.0.0.1:3128", "HTTPS_PROXY is not the URL of a proxy"),
        ("http://u:can@ary@127.0.0.1:3128", "HTTPS_PROXY is not the URL of a proxy"),
        ("http://127.0.0.1:99999", "HTTPS_PROXY is not the URL of a proxy: invalid port number"),
    ] {
        for arguments in [&["start", "pass"][..], &["doctor"], &["doctor", "--output", "json"]] {
            let ran = ran(home.command(arguments).env("HTTPS_PROXY", value));
            let all = format!("{}{}", ran.out, ran.err);
            assert!(all.contains(message), "{value} {arguments:?}: {ran:?}");
            assert!(!all.contains("ary@") && !all.contains("u:can"), "{value} {arguments:?}: {ran:?}");
            assert_ne!(ran.code, Some(0), "{ran:?}");
        }
    }
    let excepted =
        ran(home.command(&["doctor"]).env("HTTPS_PROXY", "socks5://127.0.0.1:1080").env("NO_PROXY", "invalid"));
    assert!(!excepted.out.contains("SOCKS") && excepted.out.contains("x.invalid"), "{excepted:?}");
}

#[test]
fn an_unreachable_proxy_is_not_an_unreachable_gateway() {
    let home = home();
    let ran = ran(home.command(&["start", "pass"]).env("HTTPS_PROXY", "http://u:canary@127.0.0.1:9"));
    assert!(ran.err.contains("the proxy 127.0.0.1:9: ") && !ran.err.contains("canary"), "{ran:?}");
}

#[test]
fn a_url_never_shows_its_password() {
    for url in [
        "https://u:canary@x.example/dev",
        "HTTPS://u:canary@x.example/dev",
        "ftp://u:canary@x",
        "https://u:can ary@x",
        "https://canary@x:0/dev",
    ] {
        let home = Home::empty();
        let lines = format!(
            "[endpoints.e]\nurl = \"{url}\"\nproxy = \"{url}\"\n[endpoints.e.routes]\nstart = \"{url}\"\nstop = \"{url}\"\n[endpoints.e.watch]\nmax-interval = \"{url}\"\n[ui]\ntheme = \"{url}\"\n"
        );
        home.write("config.toml", &lines);
        for arguments in [
            &["config", "check"][..],
            &["config", "check", "--output", "json"],
            &["status", ARN],
            &["doctor"],
            &["-v", "watch"],
        ] {
            let ran = home.run(arguments).expect(2);
            assert!(
                !format!("{ran:?}").contains("ary@") && !format!("{ran:?}").contains("u:can"),
                "{url} {arguments:?}: {ran:?}"
            );
        }
        let new = Home::empty();
        let ran = new.run(&["config", "init", "--url", url]);
        assert!(!format!("{ran:?}").contains("ary@"), "{ran:?}");
    }
}
