//! The real binary in a pseudo-terminal: responses with absurd ids, sizes and depths, and that the terminal is
//! restored.
#![cfg(unix)]

use crate::support::cli::{MACHINE, config};
use crate::support::gateway::{answering, http};
use crate::support::terminal::{Terminal, expect_the_shell_as_before};
use serde_json::json;
use tokio::runtime::Runtime;

fn execution() -> String {
    format!("{}:e-1", MACHINE.replace("stateMachine:", "execution:PassStateMachine"))
}

fn history(ids: &[u64]) -> String {
    let event = |id: &u64| {
        json!({ "id": id, "previousEventId": 0, "timestamp": 1_701_837_432.0, "type": "PassStateEntered",
                "stateEnteredEventDetails": { "name": format!("S{id}"), "input": "{}" } })
    };
    json!({ "events": ids.iter().map(event).collect::<Vec<_>>() }).to_string()
}

/// A gateway on which one execution has ended, with this input and output, and this history.
fn gateway(runtime: &Runtime, input: &str, output: &str, events: &str) -> String {
    let (input, output) = (json!(input).to_string(), json!(output).to_string());
    let events = events.to_owned();
    runtime.block_on(answering(move |path| {
        let body = if path.ends_with("/history") {
            events.clone()
        } else if path.ends_with("/status") {
            format!(
                r#"{{"executionArn":"{}","status":"SUCCEEDED","startDate":1.7e9,"stopDate":1.7e9,"input":{input},"output":{output}}}"#,
                execution()
            )
        } else {
            format!(r#"{{"executionArn":"{}","startDate":1.7e9}}"#, execution())
        };
        http("200 OK", "", &body)
    }))
}

/// Starts an execution in the UI and sees it end.
fn open(url: &str) -> Terminal {
    let mut terminal = Terminal::open(120, 40, &[]);
    terminal.write("config.toml", &config(url));
    let program = Terminal::program();
    terminal.send(&format!(
        "stty -g >before; {program} --config config.toml; echo code=$?; stty -g >after; cmp before after && echo same-modes\r"
    ));
    terminal.wait_for_text("No executions yet");
    terminal.send("\r");
    terminal.wait_for_text("Start pass");
    terminal.send("\x13");
    terminal.wait_for_text("SUCCEEDED");
    terminal
}

#[test]
fn an_event_id_without_measure_ends_in_a_timeline_and_not_in_an_abort() {
    let runtime = Runtime::new().expect("a runtime");
    for ids in [&[100_000_000_000_000][..], &[1, 2, 100_000_000_000_000], &[u64::MAX], &[0, 1, u64::MAX]] {
        let url = gateway(&runtime, "{}", "{}", &history(ids));
        let mut terminal = open(&url);
        terminal.send("t");
        for id in ids {
            terminal.wait_for_text(&format!("S{id}"));
        }
        terminal.wait_for_text("the history is incomplete");
        terminal.send("\x03");
        expect_the_shell_as_before(&mut terminal, "0");
    }
}

#[test]
fn a_history_whose_events_do_not_say_what_led_to_them_is_marked() {
    let runtime = Runtime::new().expect("a runtime");
    let events = json!({ "events": [
        { "id": 1, "timestamp": 1.7e9, "type": "ExecutionStarted" },
        { "id": 2, "timestamp": 1.7e9, "type": "ParallelStateEntered", "stateEnteredEventDetails": { "name": "P" } },
        { "id": 3, "timestamp": 1.7e9, "type": "ParallelStateStarted" },
        { "id": 4, "timestamp": 1.7e9, "type": "PassStateEntered", "stateEnteredEventDetails": { "name": "A" } },
        { "id": 5, "timestamp": 1.7e9, "type": "ExecutionAborted" },
    ] });
    let mut terminal = open(&gateway(&runtime, "{}", "{}", &events.to_string()));
    terminal.send("t");
    terminal.wait_for_text("the nesting is uncertain");
    terminal.send("\x03");
    expect_the_shell_as_before(&mut terminal, "0");
}
