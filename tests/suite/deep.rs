//! Texts nested a hundred thousand levels deep, in every format and place that is read: no command overflows the
//! stack, and the terminal UI shows them.
#![cfg(unix)]

use crate::support::cli::{Home, MACHINE, Ran, config};
use crate::support::gateway::{answering, http};
use crate::support::terminal::{Terminal, expect_the_shell_as_before};
use serde_json::json;
use tokio::runtime::Runtime;

/// As deep as an input of 256 KiB can be, with room to spare.
const LEVELS: usize = 100_000;

/// The same value in arrays and in objects, whole and cut off.
fn nested() -> Vec<(&'static str, String)> {
    let arrays = format!("{}1{}", "[".repeat(LEVELS), "]".repeat(LEVELS));
    let objects = format!("{}1{}", "{\"a\":".repeat(LEVELS / 3), "}".repeat(LEVELS / 3));
    vec![("arrays", arrays), ("objects", objects), ("arrays without an end", "[".repeat(LEVELS))]
}

fn execution() -> String {
    format!("{}:e-1", MACHINE.replace("stateMachine:", "execution:PassStateMachine"))
}

fn check(what: &str, ran: &Ran) {
    let code = ran.code.unwrap_or_else(|| panic!("{what} ended by a signal: {}", &ran.err[..ran.err.len().min(2_000)]));
    assert!(code != 101 && !ran.err.contains("this is a bug"), "{what}: {}", &ran.err[..ran.err.len().min(2_000)]);
    // The depth of a text does not change the messages about it.
    assert!(ran.err.len() < 20_000, "{what}: {} bytes of messages", ran.err.len());
}

/// Every member of every response is the deep value, as JSON and as a string of it.
fn answer(path: &str, deep: &str, status: &str) -> String {
    let text = json!(deep).to_string();
    let machine = format!("{MACHINE}PassStateMachine");
    let arn = execution();
    let members =
        format!(r#""input":{deep},"output":{text},"error":{text},"cause":{text},"new":{deep},"traceHeader":{deep}"#);
    if path.ends_with("/history") {
        let event = |id: u32, kind: &str, details: &str| {
            format!(
                r#"{{"id":{id},"previousEventId":{},"timestamp":1.7e9,"type":"{kind}","{details}EventDetails":{{"name":"S",{members}}}}}"#,
                id - 1
            )
        };
        return format!(
            r#"{{"events":[{},{},{}]}}"#,
            event(1, "ExecutionStarted", "executionStarted"),
            event(2, "TaskStateEntered", "stateEntered"),
            event(3, "ExecutionFailed", "executionFailed")
        );
    }
    if path.ends_with("/executions") {
        return format!(
            r#"{{"executions":[{{"executionArn":"{arn}","stateMachineArn":"{machine}","status":"FAILED","startDate":1.7e9,{members}}}]}}"#
        );
    }
    format!(
        r#"{{"executionArn":"{arn}","stateMachineArn":"{machine}","status":"{status}","startDate":1.7e9,"stopDate":1.7e9,"definition":{text},{members}}}"#
    )
}

const COMMANDS: [&[&str]; 13] = [
    &["start", "pass"],
    &["start", "pass", "--wait", "--timeout", "2s"],
    &["start", "pass", "--each", "lines.jsonl", "--wait", "--timeout", "2s"],
    &["status", "@ARN"],
    &["watch", "@ARN", "--timeout", "1s"],
    &["history", "@ARN"],
    &["history", "@ARN", "--data", "--reverse"],
    &["timeline", "@ARN"],
    &["stop", "@ARN"],
    &["redrive", "@ARN"],
    &["list"],
    &["list", "--remote", "--machine", "pass"],
    &["doctor"],
];

#[test]
fn responses_are_read_however_deep_they_are() {
    let runtime = Runtime::new().expect("a runtime");
    let all = nested();
    // Deep members of good JSON, and deep bodies.
    for (what, is_body) in [(0, false), (1, false), (0, true), (2, true)] {
        let (what, deep) = &all[what];
        let body = deep.clone();
        let url = runtime.block_on(answering(move |path| {
            let text = if is_body { body.clone() } else { answer(path, &body, "FAILED") };
            http("200 OK", "content-type: application/json\r\n", &text)
        }));
        let home = Home::at(&url);
        home.write("lines.jsonl", "{}\n");
        let arn = execution();
        for (number, command) in COMMANDS.iter().enumerate() {
            let mut command: Vec<&str> =
                command.iter().map(|word| if *word == "@ARN" { &arn } else { *word }).collect();
            command.extend([
                "--log",
                "log",
                "--output",
                if number % 2 == usize::from(is_body) { "text" } else { "json" },
            ]);
            let ran = home.run(&command);
            check(&format!("{what}, body {is_body}: {command:?}"), &ran);
            let log = std::fs::read_to_string(home.path().join("log")).expect("a log");
            assert!(log.lines().all(|line| line.len() < 20_000), "{what}: {command:?}");
            std::fs::remove_file(home.path().join("log")).expect("removed");
        }
    }
}

#[test]
fn inputs_configurations_definitions_and_filters_are_read_however_deep_they_are() {
    let home = Home::at("http://127.0.0.1:9/dev");
    for (what, deep) in nested() {
        home.write("deep.json", &deep);
        home.write("deep.jsonl", &format!("{deep}\n{deep}\n"));
        for command in [
            &["start", "pass", "--input-file", "deep.json"][..],
            &["start", "pass", "--each", "deep.jsonl"],
            &["local", "--listen", "127.0.0.1:99999", "--definition", "M=deep.json"],
            &["template", "--check-config"],
        ] {
            check(&format!("{what}: {command:?}"), &home.run(command));
        }
        check(&format!("{what}: standard input"), &home.run_with(&["start", "pass", "--input-file", "-"], &deep));
        check(&format!("{what}: lines"), &home.run_with(&["start", "pass", "--each", "-"], &deep));
        // A definition whose states are nested, and whose texts are.
        let choice = format!("{}{{}}{}", "{\"Not\":".repeat(LEVELS), "}".repeat(LEVELS));
        for state in [
            format!(r#"{{"Type":"Pass","Result":{deep},"End":true}}"#),
            format!(r#"{{"Type":"Pass","Parameters":{deep},"End":true}}"#),
            format!(r#"{{"Type":"Choice","Choices":[{choice}]}}"#),
            format!(r#"{{"Type":"Wait","SecondsPath":"${}","End":true}}"#, "[0]".repeat(LEVELS)),
            format!(r#"{{"Type":"Pass","InputPath":"$[?({})]","End":true}}"#, "(".repeat(LEVELS)),
        ] {
            home.write("deep.json", &format!(r#"{{"StartAt":"A","States":{{"A":{state}}}}}"#));
            let command = ["local", "--listen", "127.0.0.1:99999", "--definition", "M=deep.json"];
            check(&format!("{what}: {}", &state[..30]), &home.run(&command));
        }
    }
    let machine = format!("{MACHINE}PassStateMachine");
    for toml in [
        format!("a = {}", "[".repeat(LEVELS)),
        format!("a = {}1{}", "[".repeat(LEVELS), "]".repeat(LEVELS)),
        format!("a = {}1{}", "{a = ".repeat(LEVELS), "}".repeat(LEVELS)),
        format!("{}a = 1", "a.".repeat(LEVELS)),
        format!("[{}a]", "a.".repeat(LEVELS)),
        format!(
            "[endpoints.e]\nurl = \"http://127.0.0.1:9/dev\"\nauth = {}1{}\n",
            "{a = ".repeat(LEVELS),
            "}".repeat(LEVELS)
        ),
        format!("[machines.m]\narn = \"{machine}\"\ninput = '''{}'''\n", "[".repeat(LEVELS)),
        format!(
            "[machines.m]\narn = \"{machine}\"\n[machines.m.presets]\np = '''{}1{}'''\n",
            "[".repeat(LEVELS),
            "]".repeat(LEVELS)
        ),
    ] {
        home.write("config.toml", &toml);
        for command in
            [&["config", "check"][..], &["doctor"], &["list"], &["start", "m"], &["template", "--check-config"]]
        {
            let ran = home.run(command);
            check(&format!("{}…: {command:?}", &toml[..20]), &ran);
            assert!(ran.out.len() < 40_000, "{}…: {command:?}: {} bytes", &toml[..20], ran.out.len());
        }
    }
}

#[test]
fn the_screens_show_what_is_deep() {
    let runtime = Runtime::new().expect("a runtime");
    for (what, deep) in nested().into_iter().take(2) {
        let body = deep.clone();
        let url = runtime.block_on(answering(move |path| http("200 OK", "", &answer(path, &body, "FAILED"))));
        let mut terminal = Terminal::open(120, 40, &[]);
        let settings =
            format!("{}[machines.deep]\narn = \"{MACHINE}PassStateMachine\"\ninput = '''{deep}'''\n", config(&url));
        terminal.write("config.toml", &settings);
        let program = Terminal::program();
        terminal.send(&format!(
            "stty -g >before; {program} --config config.toml; echo code=$?; stty -g >after; cmp before after && echo same-modes\r"
        ));
        terminal.wait_for_text("No executions yet");
        terminal.send("\r");
        terminal.wait_for_text("Start pass");
        terminal.send("\x13");
        terminal.wait_for_text("FAILED");
        // The output laid out, as it is and in full; folded, searched, filtered, at a path; the timeline; another form.
        for keys in [
            "\r", "p", "w", "p", "f", "-", "+", "G", "/", "1", "\r", "\x1b", "|", ".[0]", "\r", "\x1b", ".", ".[0][0]",
            "\r", "\x1b", "\x1b", "y", "\x1b", "t", "\t", "\t", "\r", "-", "+", "\x1b", "\x1b", "j", "n", "\x1b[B",
            "\x1b", "\x1b",
        ] {
            let began = std::time::Instant::now();
            terminal.press(keys);
            assert!(began.elapsed() < std::time::Duration::from_secs(5), "{what}: {keys:?} took {:?}", began.elapsed());
            terminal.look(|screen| assert!(screen.alternate_screen(), "{what}: after {keys:?}: {}", screen.contents()));
        }
        terminal.send("\x03");
        expect_the_shell_as_before(&mut terminal, "0");
    }
}
