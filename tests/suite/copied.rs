//! Copied commands, pasted into a shell elsewhere, start the same execution.
#![cfg(unix)]

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::support::cli::MACHINE;
use crate::support::expiring_credentials::{self, Lock, Locked};
use crate::support::gateway::Served;
use crate::support::terminal::Terminal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stepgate_local::Options;

/// What is copied, as the terminal gets it.
fn copied(terminal: &mut Terminal, key: &str) -> String {
    const BEGIN: &str = "\u{1b}]52;c;";
    let before = terminal.bytes();
    terminal.press("y");
    terminal.send(key);
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let written = String::from_utf8_lossy(&terminal.written()[before..]).into_owned();
        if let Some((encoded, _)) = written.split_once(BEGIN).and_then(|(_, rest)| rest.split_once("\u{1b}\\")) {
            return String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("UTF-8");
        }
        assert!(Instant::now() < end, "nothing was copied:\n{}", terminal.text());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs the program from the shell's folder, and starts the first machine.
fn launch(terminal: &mut Terminal, options: &str, machine: &str) {
    terminal.send(&format!("{} {options}; echo code=$?\r", Terminal::program()));
    terminal.wait_for("the machines", |screen| screen.alternate_screen() && screen.contents().contains(machine));
    terminal.send("\r");
    terminal.wait_for_text("Start ");
    terminal.send("\x13");
    terminal.wait_for_text("SUCCEEDED");
}

/// Pastes a command into a shell in another folder, with the same home.
fn pasted(terminal: &Terminal, command: &str) -> Output {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).env_clear().env("HOME", terminal.folder()).env("PATH", "/usr/local/bin:/usr/bin:/bin");
    shell.current_dir(elsewhere.path()).stdin(Stdio::null()).output().expect("a shell")
}

#[test]
fn a_command_for_the_trial_gateway_works_with_and_without_a_configuration() {
    let mut terminal = Terminal::open(120, 40, &[]);
    launch(&mut terminal, "", "PassStateMachine");
    let command = copied(&mut terminal, "s");
    terminal.send("q");
    terminal.wait_for_text("code=0");
    for text in [None, Some(crate::support::cli::config("http://127.0.0.1:9/dev"))] {
        if let Some(text) = text {
            let folder = terminal.folder().join(".config/stepgate");
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("config.toml"), text).expect("a configuration");
        }
        let output = pasted(&terminal, &command);
        assert!(output.status.success(), "{command}: {output:?}");
        let started = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(started.contains("PassStateMachine") && started.contains("RUNNING"), "{started}");
    }
}

#[test]
fn a_command_names_the_configuration_and_the_endpoint_as_they_are() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let mut terminal = Terminal::open(120, 40, &[]);
    let config = format!(
        "[endpoints.\"-it's $HOME\"]\nurl = \"{}\"\n[machines.pass]\narn = \"{MACHINE}PassStateMachine\"\n\
         input = '''{{\n\t\"who\": \"it's `me`!\"\n}}'''\n",
        served.url()
    );
    terminal.write("an own config.toml", &config);
    launch(&mut terminal, "--config 'an own config.toml'", "pass");
    let command = copied(&mut terminal, "s");
    let output = pasted(&terminal, &command);
    assert!(output.status.success(), "{command}: {output:?}");
    let inputs: Vec<String> = served.gateway.executions().into_iter().map(|(_, input)| input).collect();
    assert_eq!(inputs, ["{\n\t\"who\": \"it's `me`!\"\n}"; 2]);
    let command = copied(&mut terminal, "c");
    assert!(command.contains("--noproxy '*'"), "{command}");
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("NOT RUN: there is no curl to paste its command for");
        return;
    }
    let output = pasted(&terminal, &command);
    assert!(output.status.success(), "{command}: {output:?}");
    assert_eq!(served.gateway.executions().len(), 3, "{command}: {output:?}");
}

#[test]
fn a_copied_curl_command_is_let_in_with_every_form_of_a_token_that_is_understood() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("NOT RUN: there is no curl to paste its command for");
        return;
    }
    let gateway = Locked::new(Lock::Bearer);
    let token = expiring_credentials::token(SystemTime::now() + Duration::from_secs(3_600));
    let mut terminal = Terminal::open(120, 40, &[]);
    let config = format!(
        "[endpoints.e]\nurl = \"{}\"\nauth = {{ type = \"bearer\", file = \"token\" }}\n[machines.m]\narn = \"{}\"\n",
        gateway.url,
        expiring_credentials::MACHINE
    );
    terminal.write("config.toml", &config);
    terminal.write("token", &token);
    terminal.send(&format!("{} --config config.toml\r", Terminal::program()));
    terminal.wait_for("the machines", |screen| screen.alternate_screen() && screen.contents().contains("Machines"));
    terminal.send("\r");
    terminal.wait_for_text("Start ");
    terminal.send("\x13");
    terminal.wait_for_text("RUNNING");
    let command = copied(&mut terminal, "c");
    assert!(!command.contains("canary"), "{command}");
    for text in [
        token.clone(),
        format!("{token}\r\n"),
        format!("\u{feff}Bearer {token}\n"),
        format!("\"{token}\""),
        format!("Authorization: bearer {token}"),
        format!("{{\n  \"access_token\": \"{token}\",\n  \"expires_in\": 3599\n}}\n"),
    ] {
        terminal.write("token", &text);
        let before = gateway.seen(|seen| seen.starts);
        let output = pasted(&terminal, &command);
        assert!(output.status.success(), "{command}: {output:?}");
        assert_eq!(gateway.seen(|seen| seen.starts), before + 1, "{text:?}: {command}: {output:?}");
    }
}
