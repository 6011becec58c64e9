//! The commands that messages suggest: pasted into a shell, they are accepted and find the same configuration.
#![cfg(unix)]

use std::process::Command;

use crate::support::cli::{Home, Ran, ran};
use crate::support::gateway::Served;
use stepgate_local::{Faults, Options};
use tokio::runtime::Runtime;

/// A home whose configuration is found only by `--config`, with a second endpoint.
fn served(options: Options) -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(options) });
    let home = Home::at(&served.url());
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("a configuration");
    std::fs::remove_file(home.path().join("config.toml")).expect("removed");
    home.write(
        "my config's.toml",
        &format!("default-endpoint = \"e\"\n{config}[endpoints.other]\nurl = \"http://127.0.0.1:9\"\n"),
    );
    (runtime, served, home)
}

/// The commands in backquotes.
fn suggested(message: &str) -> Vec<String> {
    let quoted = message.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.starts_with("stepgate ")).map(str::to_owned).collect()
}

/// Runs a line in a shell, in the home and with the program in the path.
fn pasted(home: &Home, line: &str) -> Ran {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_stepgate")).parent().expect("a folder");
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(home.path()).env_clear();
    command.env("HOME", home.path()).env("XDG_DATA_HOME", home.path().join("data"));
    command.env("PATH", format!("{}:/usr/bin:/bin", program.display()));
    ran(&mut command)
}

/// The only command of a message.
fn only(ran: &Ran) -> String {
    let commands = suggested(&ran.err);
    assert_eq!(commands.len(), 1, "{ran:?}");
    commands.into_iter().next().expect("one")
}

const OPTIONS: [&str; 4] = ["--config", "my config's.toml", "--endpoint", "e"];

fn run(home: &Home, arguments: &[&str]) -> Ran {
    home.run(&[&OPTIONS[..], arguments].concat())
}

#[test]
fn what_is_not_over_can_be_continued_with_the_same_options() {
    let (_runtime, _served, home) = served(Options::default());
    let name = "it's-(4)!";
    let seconds = "{\"seconds\": 6}";
    let up = run(&home, &["start", "wait", "--name", name, "--input", seconds, "--wait", "--timeout", "2s"]);
    let command = only(&up.expect(5));
    let expected = r"stepgate --config 'my config'\''s.toml' --endpoint e watch ";
    assert!(command.starts_with(expected), "{command}");
    let watched = pasted(&home, &command).expect(0);
    assert!(watched.out.contains("SUCCEEDED"), "{watched:?}");
    run(&home, &["start", "wait", "--name", "second", "--input", seconds]).expect(0);
    let up = run(&home, &["watch", "second", "--timeout", "2s"]).expect(5);
    pasted(&home, &only(&up)).expect(0);
}

#[test]
fn an_unresolved_start_can_be_resolved_with_the_same_options() {
    let lost = Faults { drop_answers: 1.0, ..Faults::default() };
    let (_runtime, _served, home) = served(Options { faults: lost, ..Options::default() });
    let name = "un'resolved";
    let started = run(&home, &["start", "pass", "--name", name, "--wait", "--timeout", "2s"]);
    assert_eq!(started.code, Some(4), "{started:?}");
    let command = only(&started);
    assert!(command.contains("my config") && command.ends_with(r"watch 'un'\''resolved'"), "{command}");
    let watched = pasted(&home, &format!("{command} --timeout 1s"));
    assert!(watched.code != Some(2), "the command is accepted: {watched:?}");
    let listed = run(&home, &["list"]).expect(0);
    let watched = pasted(&home, &format!("{} --timeout 1s", only(&listed)));
    assert!(watched.code != Some(2), "the command is accepted: {watched:?}");
    let forgotten = run(&home, &["forget", name]).expect(2);
    assert!(only(&forgotten).ends_with(r"watch 'un'\''resolved'"), "{forgotten:?}");
}

#[test]
fn without_options_nothing_is_added_and_the_environment_is_not_repeated() {
    let (_runtime, served, _home) = served(Options::default());
    let home = Home::at(&served.url());
    let up = home.run(&["start", "wait", "--input", "{\"seconds\": 60}", "--wait", "--timeout", "2s"]).expect(5);
    assert!(only(&up).starts_with("stepgate watch arn:"), "{up:?}");
}

#[test]
fn a_missing_configuration_is_written_where_it_was_expected() {
    let home = Home::empty();
    let checked = home.run(&["--config", "new one.toml", "config", "check"]).expect(2);
    assert_eq!(only(&checked), "stepgate --config 'new one.toml' config init");
    pasted(&home, &only(&checked)).expect(0);
    home.run(&["--config", "new one.toml", "config", "check"]).expect(0);
}

#[test]
fn advice_of_the_doctor_has_the_options() {
    let home = Home::empty();
    home.write("bad.toml", "nonsense = [");
    let checked = home.run(&["--endpoint", "e", "--config", "bad.toml", "doctor"]);
    let commands = suggested(&checked.out);
    assert_eq!(commands, ["stepgate --endpoint e config init --config new.toml"], "{checked:?}");
}
