//! Commands that print secrets, run by the real program without a terminal: what a failure reports, and that none
//! outlives the program.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use crate::support::cli::Home;
use rustix::process::Signal;

/// A home with an endpoint whose token a script prints.
fn home(script: &str) -> Home {
    let home = Home::empty();
    home.write(
        "config.toml",
        "[endpoints.e]\nurl = \"http://127.0.0.1:9/dev\"\n\
         auth = { type = \"bearer\", command = [\"./get token.sh\", \"--for\", \"it's me\"] }\n\
         [machines.m]\narn = \"arn:aws:states:us-east-1:111122223333:stateMachine:M\"\n",
    );
    let path = home.write("get token.sh", &format!("#!/bin/sh\nPATH=/usr/local/bin:/usr/bin:/bin\n{script}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).expect("a script");
    home
}

#[test]
fn a_failing_command_says_its_last_lines_and_how_to_run_it_by_hand_and_no_secret() {
    let script =
        "echo canary-token\necho 'got canary-token' >&2\nprintf 'Please run \\033]0;x\\007az login\\n' >&2\nexit 4";
    let home = home(script);
    let ran = home.run(&["start", "m", "--input", "{}"]).expect(2);
    assert!(ran.err.contains("it ended with exit status: 4, and said: got ••• / Please run"), "{ran:?}");
    assert!(ran.err.contains("az login"), "{ran:?}");
    assert!(ran.err.contains("run the `command` of `[endpoints.e]` by hand: `get token.sh …`"), "{ran:?}");
    assert!(!ran.err.contains("canary") && !ran.err.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn a_command_and_all_that_it_has_started_end_with_the_program_however_that_ends() {
    for signal in [Signal::TERM, Signal::INT, Signal::KILL] {
        let home = home("trap '' INT TERM HUP\nsleep 600 &\necho $$ $! >pids.new\nmv pids.new pids\nwait");
        let running = home.begin(&["start", "m", "--input", "{}"]);
        let pids = home.path().join("pids");
        running.wait_until("the command", |_| pids.exists());
        running.signal(signal);
        drop(running.end());
        let pids = std::fs::read_to_string(pids).expect("a file");
        let end = Instant::now() + Duration::from_secs(30);
        while pids.split_whitespace().any(is_running) {
            assert!(Instant::now() < end, "{signal:?}: they outlive the program");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn is_running(pid: &str) -> bool {
    // A zombie no longer runs.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

#[test]
fn a_start_that_waits_for_its_credentials_was_not_sent_whatever_ends_it() {
    let home = home("sleep 777");
    let began = Instant::now();
    let ran = home.run(&["start", "m", "--input", "{}", "--name", "n-1", "--wait", "--timeout", "1s"]).expect(2);
    assert!(ran.err.contains("--timeout expired; n-1 had not been sent yet; nothing was sent"), "{ran:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let listed = home.run(&["list", "--output", "json"]).expect(0).object();
    assert_eq!((&listed["name"], &listed["start"]), (&"n-1".into(), &"never-started".into()));
}
