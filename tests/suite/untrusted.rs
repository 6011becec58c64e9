//! Control characters in every field of every response, in arguments, in the configuration and in files: none of it
//! reaches a stream of the process or its log, from any command.
#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::cli::{Home, MACHINE, Ran, config, ran};
use crate::support::gateway::answering;
use crate::support::hostile::{
    HARM, Round, assert_harmless, assert_picture, execution, in_terminal, without_own_sequences,
};
use crate::support::terminal::Terminal;
use tokio::runtime::Runtime;

/// Every command that reads responses, with arguments that make it end soon.
fn commands(round: Round) -> Vec<Vec<&'static str>> {
    let mut commands = vec![
        vec!["status", "@ARN"],
        vec!["watch", "@ARN", "--timeout", "1s"],
        vec!["start", "pass", "--wait", "--timeout", "1s"],
        vec!["doctor"],
        vec!["list"],
        vec!["timeline", "@ARN"],
        vec!["history", "@ARN"],
        vec!["history", "@ARN", "--data", "--reverse"],
        vec!["list", "--remote"],
        vec!["template", "--check-config"],
        vec!["config", "check"],
    ];
    // These retry for seconds after transient failures.
    if !matches!(round, Round::GoodPage | Round::OtherJson | Round::EveryMember) {
        commands.extend([
            vec!["start", "pass"],
            vec!["start", "pass", "--each", "lines.jsonl", "--wait"],
            vec!["stop", "@ARN", "--error", "e", "--cause", "c"],
            vec!["redrive", "@ARN"],
        ]);
        // With one that never ends only what has a deadline does.
        if round == Round::Running {
            commands.retain(|words| !words.contains(&"--each"));
        }
    }
    commands
}

fn check(what: &str, ran: &Ran, home: &Home) {
    assert_harmless(&format!("{what}, standard output"), &ran.out);
    assert_harmless(&format!("{what}, standard error"), &ran.err);
    let log = std::fs::read_to_string(home.path().join("log")).expect("a log in UTF-8");
    assert_harmless(&format!("{what}, log"), &log);
    assert!(!ran.err.contains("this is a bug"), "{what}: {ran:?}");
}

#[test]
fn nothing_of_a_response_reaches_a_stream_or_the_log() {
    let runtime = Runtime::new().expect("a runtime");
    let mut told = 0;
    for round in Round::ALL {
        let url = runtime.block_on(answering(move |path| round.answer(path)));
        let home = Home::at(&url);
        home.write("lines.jsonl", "{\"order\": 1}\n{\"order\": 2}\n");
        let arn = execution();
        for words in commands(round) {
            let words: Vec<&str> =
                words.into_iter().map(|word| if word == "@ARN" { arn.as_str() } else { word }).collect();
            for output in ["text", "json"] {
                let mut piped = words.clone();
                piped.extend(["--output", output, "-vvv", "--log", "log"]);
                let ran = home.run(&piped);
                let what = format!("{round:?}: {piped:?}");
                check(&what, &ran, &home);
                told += usize::from(ran.out.contains("202E") || ran.out.contains("202e") || ran.err.contains("202E"));
                if output == "json" {
                    for object in ran.objects() {
                        assert!(object.is_object(), "{what}: {object}");
                    }
                }
                let mut shown = words.clone();
                shown.extend(["--output", output, "--color", "always"]);
                let bytes = in_terminal(&home, &[], &shown);
                assert_harmless(&format!("{what}, terminal"), &without_own_sequences(&bytes));
            }
        }
    }
    // Otherwise this would prove nothing.
    assert!(told > 60, "harm was shown {told} times");
}

#[test]
fn in_json_the_texts_are_what_was_received() {
    let runtime = Runtime::new().expect("a runtime");
    let url = runtime.block_on(answering(|path| Round::Members.answer(path)));
    let home = Home::at(&url);
    let status = home.run(&["status", &execution(), "--output", "json"]).expect(0);
    assert!(status.out.is_ascii(), "{status:?}");
    let object = status.object();
    for (member, before) in [("input", "{}"), ("output", "{}"), ("error", "e"), ("cause", "c")] {
        assert_eq!(object[member], format!("{before}{HARM}"), "{member}");
    }
    let event = home.run(&["history", &execution(), "--output", "json"]).expect(0).objects().remove(0);
    assert_eq!(event["type"], format!("ExecutionStarted{HARM}"));
}

#[test]
fn nothing_of_a_response_reaches_the_screen() {
    let runtime = Runtime::new().expect("a runtime");
    for round in Round::ALL {
        let url = runtime.block_on(answering(move |path| round.answer(path)));
        // A terminal that also shows hyperlinks.
        let mut terminal = Terminal::open(120, 40, &[("TERM", "xterm-kitty")]);
        terminal.write("config.toml", &config(&url));
        terminal.send(&format!("{} --config config.toml; echo code=$?\r", Terminal::program()));
        terminal.wait_for("the machines", |screen| screen.alternate_screen() && screen.contents().contains("order"));
        terminal.send("\r");
        terminal.wait_for_text("Start pass");
        terminal.press("\x13");
        let is_good = matches!(round, Round::Members | Round::Running);
        if is_good {
            terminal.wait_for("the status", |screen| {
                ["RUNNING", "FAILED"].iter().any(|word| screen.contents().contains(word))
            });
            // The timeline, what there is to copy, the help, the messages.
            for keys in ["t", "\x1b", "y", "e", "?", "\x1b", "m", "\x1b"] {
                terminal.press(keys);
            }
        }
        // The form may still be open, which Ctrl-C would leave.
        terminal.press("\x1b");
        terminal.send("\x03");
        terminal.wait_for_text("code=");
        assert_picture(&terminal.written());
    }
}

/// Harm that can be an argument.
fn argument() -> String {
    HARM.replace('\0', "")
}

#[test]
fn nothing_of_an_argument_reaches_a_stream() {
    let harm = argument();
    let harm = harm.as_str();
    let home = Home::at("http://127.0.0.1:9/dev");
    let file = format!("f{}", harm.replace('/', "_"));
    home.write(&file, &format!("{{\"a\": {harm}}}\n{{}}"));
    let file = file.as_str();
    let gateways: Vec<Vec<&str>> = vec![
        vec![harm],
        vec!["--nonsense", harm],
        vec![harm, "start"],
        vec!["start", harm],
        vec!["start", "pass", harm],
        vec!["start", "pass", "--input", harm],
        vec!["start", "pass", "--input-file", harm],
        vec!["start", "pass", "--input-file", file],
        vec!["start", "pass", "--preset", harm],
        vec!["start", "pass", "--name", harm],
        vec!["start", "pass", "--each", harm],
        vec!["start", "pass", "--each", file],
        vec!["start", "pass", "--wait", "--timeout", harm],
        vec!["start", "pass", "--each", "x", "--rate", harm],
        vec!["status", harm],
        vec!["watch", harm],
        vec!["watch", "--timeout", harm],
        vec!["list", "--machine", harm],
        vec!["list", "--status", harm],
        vec!["list", "--since", harm],
        vec!["list", "--limit", harm],
        vec!["list", "--output", harm],
        vec!["list", "--color", harm],
        vec!["list", "--log", harm, "--endpoint", "no"],
        vec!["--endpoint", harm, "list"],
        vec!["--config", harm, "list"],
        vec!["--config", harm, "config", "path"],
        vec!["--config", harm, "config", "check"],
        vec!["--config", harm, "doctor"],
        vec!["config", "init", "--url", harm],
        vec!["config", "init", harm],
        vec!["config", "init", "http://127.0.0.1:1/dev", "--name", harm],
        vec!["config", "init", "http://127.0.0.1:1/dev", "--route", harm],
        vec!["config", harm],
        vec!["stop", harm],
        vec!["redrive", harm],
        vec!["history", harm],
        vec!["local", "--listen", harm],
        vec!["local", "--stage", harm],
        vec!["local", "--definition", harm],
        vec!["local", "--definition", file],
        vec!["local", "--express-definition", file],
        vec!["completions", harm],
        vec!["__jq", harm],
    ];
    for words in gateways {
        for output in [&[][..], &["--output", "json"]] {
            // The filter's own process takes no options.
            let is_child = words[0] == "__jq";
            let output: &[&str] = if is_child { &[] } else { output };
            let all = [&words[..], output].concat();
            let bytes = in_terminal(&home, &[], &all);
            assert_harmless(&format!("{words:?}, terminal"), &without_own_sequences(&bytes));
            if words.contains(&"path") {
                continue;
            }
            let ran = home.run(&all);
            assert_harmless(&format!("{words:?}, standard output"), &ran.out);
            assert_harmless(&format!("{words:?}, standard error"), &ran.err);
            assert!(ran.code != Some(101) && !ran.err.contains("this is a bug"), "{words:?}: {ran:?}");
        }
    }
}

#[test]
fn the_path_of_the_configuration_is_for_programs_where_no_person_reads_it() {
    let home = Home::empty();
    let path = home.path().join(OsStr::from_bytes(b"a\x1b[2J\xff.toml"));
    let mut command = home.command(&["config", "path"]);
    let output = command.env("STEPGATE_CONFIG", &path).output().expect("it runs");
    assert_eq!(output.stdout, [path.as_os_str().as_bytes(), b"\n"].concat());
}

#[test]
fn nothing_of_the_configuration_or_the_environment_reaches_a_stream() {
    let quoted = serde_json::to_string(&argument()).expect("JSON").replace("\\u007f", "\u{7f}");
    // The characters that TOML wants escaped are those of JSON, and DEL.
    let quoted = quoted.replace('\u{7f}', "\\u007F");
    let machine = format!("{MACHINE}PassStateMachine");
    let home = Home::empty();
    for text in [
        format!("[endpoints.{quoted}]\nurl = \"http://127.0.0.1:9/dev\"\n[machines.{quoted}]\narn = \"{machine}\"\n"),
        format!("[endpoints.e]\nurl = {quoted}\n"),
        format!("[endpoints.e]\nurl = \"http://127.0.0.1:9\"\n{quoted} = {quoted}\n[machines.m]\narn = {quoted}\n"),
        format!("[endpoints.e]\nurl = \"http://127.0.0.1:9\"\nauth = {{ type = {quoted} }}\nproxy = {quoted}\n"),
        format!("[endpoints.e]\nurl = \"http://127.0.0.1:9\"\nca-file = {quoted}\n[keys]\n{quoted} = {quoted}\n"),
        format!("[endpoints.e]\nurl = \"http://127.0.0.1:9\"\nauth = {{ type = \"api-key\", env = {quoted} }}\n"),
        format!("[endpoints.e]\nurl = \"http://127.0.0.1:9\"\nauth = {{ type = \"api-key\", file = {quoted} }}\n"),
        format!("[endpoints.e]\nurl = \"http://127.0.0.1:9\"\nauth = {{ type = \"api-key\", command = [{quoted}] }}\n"),
        format!("{} = [", argument()),
        argument(),
    ] {
        home.write("config.toml", &text);
        for words in [
            &["config", "check"][..],
            &["doctor"],
            &["list"],
            &["list", "--remote"],
            &["template", "--check-config"],
            &["start", "no"],
            &["start", &machine],
            &["watch"],
            &["status", "x"],
        ] {
            for output in ["text", "json"] {
                let all = [words, &["--output", output]].concat();
                let ran = home.run(&all);
                assert_harmless(&format!("{text:?} {all:?}, standard output"), &ran.out);
                assert_harmless(&format!("{text:?} {all:?}, standard error"), &ran.err);
                assert!(!ran.err.contains("this is a bug"), "{all:?}: {ran:?}");
            }
        }
    }
    home.write("config.toml", &config("http://127.0.0.1:9/dev"));
    for variable in
        ["STEPGATE_ENDPOINT", "STEPGATE_CONFIG", "HTTP_PROXY", "HTTPS_PROXY", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]
    {
        for words in [&["doctor"][..], &["list"], &["config", "check"]] {
            let run = ran(home.command(words).env(variable, argument()));
            assert_harmless(&format!("{variable} {words:?}, standard output"), &run.out);
            assert_harmless(&format!("{variable} {words:?}, standard error"), &run.err);
        }
    }
}
