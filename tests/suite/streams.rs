//! Streams that are closed, full or never read, and arguments that are not UTF-8: the program always ends with an
//! exit code and a message, and never panics.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

use crate::support::cli::{Home, MACHINE, ran};
use crate::support::gateway::Served;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// Every command that prints results, and the options that do.
const COMMANDS: [&[&str]; 21] = [
    &["start", "pass"],
    &["start", "pass", "--wait"],
    &["start", "pass", "--output", "json"],
    &["start", "pass", "--each", "lines.jsonl", "--wait"],
    &["status", "one"],
    &["status", "one", "--output", "json"],
    &["watch", "one"],
    &["list"],
    &["list", "--remote"],
    &["history", "one"],
    &["doctor"],
    &["config", "path"],
    &["config", "check"],
    &["template"],
    &["template", "--check-config"],
    &["completions", "bash"],
    &["man"],
    &["local"],
    &["--help"],
    &["--version"],
    &["start", "--help"],
];

fn served() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    home.write("lines.jsonl", "{\"order\": 1}\n{\"order\": 2}\n");
    home.run(&["start", "pass", "--name", "one", "--wait"]).expect(0);
    (runtime, served, home)
}

fn said(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(!said.contains("panicked") && !said.contains("this is a bug"), "{said}");
    said
}

#[test]
fn a_full_device_is_reported() {
    let (_runtime, _served, home) = served();
    for arguments in COMMANDS {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("a full device");
        let output = home.command(arguments).stdout(full).stderr(Stdio::piped()).spawn().expect("it runs");
        let output = output.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {output:?}");
        assert!(said(&output).contains("standard output: No space left on device"), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_closed_pipe_is_their_right() {
    let (_runtime, _served, home) = served();
    for arguments in COMMANDS {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let child = home.command(arguments).stdout(writer).stderr(Stdio::piped()).spawn().expect("it runs");
        let output = child.wait_with_output().expect("it ends");
        // What still ran is unknown then.
        let codes: &[i32] = if arguments.contains(&"--wait") || arguments[0] == "watch" { &[0, 4] } else { &[0] };
        assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{arguments:?}: {output:?}");
        assert!(!said(&output).contains("standard output"), "{arguments:?}: {output:?}");
    }
}

#[test]
fn closed_streams_are_no_reason_to_fail() {
    let (_runtime, _served, home) = served();
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"] {
        for arguments in COMMANDS.iter().filter(|arguments| arguments[0] != "local") {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("\"$0\" \"$@\" {closed}"), env!("CARGO_BIN_EXE_stepgate")]).args(*arguments);
            shell.env_clear().env("HOME", home.path()).env("XDG_DATA_HOME", home.path().join("data"));
            shell.env("STEPGATE_CONFIG", home.path().join("config.toml")).current_dir(home.path()).stdin(Stdio::null());
            let run = ran(&mut shell);
            assert_eq!(run.code, Some(0), "{arguments:?} {closed}: {run:?}");
        }
        let mut refused = Command::new("sh");
        refused.args(["-c", &format!("\"$0\" nonsense {closed}"), env!("CARGO_BIN_EXE_stepgate")]);
        assert_eq!(ran(&mut refused).code, Some(2), "{closed}");
    }
}

#[test]
fn a_log_that_cannot_be_written_is_no_reason_to_fail() {
    let (_runtime, _served, home) = served();
    let full = || OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let (reader, closed) = std::io::pipe().expect("a pipe");
    drop(reader);
    for stderr in [Stdio::from(full()), Stdio::from(closed)] {
        let mut command = home.command(&["status", "one", "-v", "--log", "/dev/full", "--output", "json"]);
        let output = command.stdout(Stdio::piped()).stderr(stderr).spawn().expect("it runs").wait_with_output();
        let output = output.expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stdout.starts_with(b"{\"executionArn\""), "{output:?}");
    }
}

#[test]
fn what_is_no_text_is_refused_wherever_it_stands() {
    let home = Home::at("http://127.0.0.1:9/dev");
    let odd = OsStr::from_bytes(b"x\xff\x1b[2J");
    let machine = format!("{MACHINE}PassStateMachine");
    let before: [&[&str]; 16] = [
        &[],
        &["start"],
        &["start", "pass", "--input"],
        &["start", "pass", "--input-file"],
        &["start", "pass", "--name"],
        &["start", "pass", "--each"],
        &["start", &machine, "--preset"],
        &["status"],
        &["watch"],
        &["list", "--machine"],
        &["list", "--since"],
        &["--config"],
        &["--endpoint"],
        &["--log"],
        &["local", "--definition"],
        &["completions"],
    ];
    for words in before {
        let mut command = home.command(words);
        command.arg(odd);
        if words.first().is_some_and(|word| ["--config", "--endpoint"].contains(word)) {
            command.arg("list");
        }
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
        let said = said(&output);
        assert!(!said.is_empty() && !said.contains('\u{1b}'), "{words:?}: {said:?}");
    }
}

#[test]
fn the_name_of_the_program_may_be_anything() {
    let home = Home::empty();
    for name in [&b"\xff\xfe"[..], b"", b"\x1b]0;x\x07", b"a/\x1b[2J"] {
        for (arguments, code) in
            [(&["--version"][..], 0), (&["--help"], 0), (&["nonsense"], 2), (&["config", "path"], 0)]
        {
            let mut command = home.command(arguments);
            let output = command.arg0(OsStr::from_bytes(name)).stderr(Stdio::piped()).output().expect("it runs");
            assert_eq!(output.status.code(), Some(code), "{name:?} {arguments:?}: {output:?}");
            let out = String::from_utf8(output.stdout.clone()).expect("UTF-8");
            assert!(!said(&output).contains('\u{1b}') && !out.contains('\u{1b}'), "{name:?} {arguments:?}: {output:?}");
        }
    }
}
