//! Removing executions from the list, and adding those that others started.
#![cfg(unix)]

use crate::support::cli::{Home, MACHINE};
use crate::support::gateway::Served;
use crate::support::terminal::Terminal;
use serde_json::Value;
use stepgate_local::Options;
use tokio::runtime::Runtime;

fn served() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    (runtime, served, home)
}

/// The names in the list, newest first.
fn listed(home: &Home) -> Vec<String> {
    listed_at(home, &[])
}

fn listed_at(home: &Home, options: &[&str]) -> Vec<String> {
    let objects = home.run(&[options, &["list", "--output", "json"]].concat()).expect(0).objects();
    objects.iter().map(|object| object["name"].as_str().expect("a name").to_owned()).collect()
}

fn start(home: &Home, names: &[&str]) {
    for name in names {
        home.run(&["start", "pass", "--name", name, "--wait"]).expect(0);
    }
}

fn arn(machine: &str, name: &str) -> String {
    format!("{}{machine}:{name}", MACHINE.replace("stateMachine:", "execution:"))
}

#[test]
fn executions_are_removed_by_name_by_arn_and_as_the_last_one() {
    let (_runtime, served, home) = served();
    start(&home, &["one", "two", "three", "four"]);
    let asked = served.gateway.requests();
    assert_eq!(home.run(&["forget", "two"]).expect(0).out, "two\n");
    assert_eq!(listed(&home), ["four", "three", "one"]);
    let arn = arn("PassStateMachine", "one");
    let object = home.run(&["forget", &arn, &arn, "--output", "json"]).expect(0).object();
    assert_eq!((&object["executionArn"], &object["name"]), (&Value::from(arn), &"one".into()));
    home.run(&["forget", "@last", "--yes"]).expect(0);
    assert_eq!(listed(&home), ["three"]);
    let gone = home.run(&["forget", "three", "two"]).expect(2);
    assert!(gone.err.contains("no execution named `two`") && gone.out.is_empty(), "{gone:?}");
    assert_eq!(listed(&home), ["three"], "nothing is removed if one is not known");
    assert_eq!(served.gateway.requests(), asked, "no requests");
}

#[test]
fn a_running_execution_is_removed_only_by_force() {
    let (_runtime, _served, home) = served();
    home.run(&["start", "wait", "--name", "runs", "--input", "{\"seconds\": 600}"]).expect(0);
    start(&home, &["ended"]);
    let refused = home.run(&["forget", "ended", "runs"]).expect(2);
    assert!(refused.err.contains("runs has not ended; nothing was removed"), "{refused:?}");
    assert_eq!(listed(&home), ["ended", "runs"]);
    // All ended ones of an endpoint.
    let some = home.run(&["forget", "--endpoint", "e", "--yes"]).expect(0);
    assert!(some.out == "ended\n" && some.err.contains("runs has not ended; not removed"), "{some:?}");
    home.run(&["forget", "runs", "--force"]).expect(0);
    assert_eq!(listed(&home), Vec::<String>::new());
}

#[test]
fn what_to_remove_is_always_said() {
    let (_runtime, _served, home) = served();
    start(&home, &["one"]);
    assert!(home.run(&["forget"]).expect(2).err.contains("pass EXECUTION, --endpoint or --local"));
    let environment = crate::support::cli::ran(home.command(&["forget"]).env("STEPGATE_ENDPOINT", "e")).expect(2);
    assert!(environment.err.contains("pass EXECUTION"), "{environment:?}");
    assert!(home.run(&["forget", "--local"]).expect(0).err.contains("no executions found"));
    assert!(home.run(&["forget", "one", "--local"]).expect(2).err.contains("no execution named"));
    assert_eq!(listed(&home), ["one"]);
    // Rows of the local gateway are apart from those of others.
    home.run(&["--endpoint", "local", "start", "PassStateMachine", "--name", "trial", "--wait"]).expect(0);
    assert_eq!(listed(&home), ["one"], "they are never among real ones");
    let of_local = || listed_at(&home, &["--endpoint", "local"]);
    assert_eq!(of_local(), ["trial"]);
    // They do not outlive the gateway.
    std::fs::remove_file(home.path().join("data/stepgate/local-gateway.jsonl")).expect("removed");
    home.run(&["--endpoint", "local", "start", "PassStateMachine", "--name", "trial", "--wait"]).expect(0);
    assert_eq!(of_local(), ["trial"]);
    // Without a terminal there is no question.
    let refused = home.run(&["forget", "--local"]).expect(2);
    assert!(refused.err.contains("pass --yes to remove 1 execution") && refused.out.is_empty(), "{refused:?}");
    let refused = home.run(&["forget", "--endpoint", "e"]).expect(2);
    assert!(refused.err.contains("nothing was removed"), "{refused:?}");
    assert_eq!((listed(&home), of_local()), (vec!["one".to_owned()], vec!["trial".to_owned()]));
    assert_eq!(home.run(&["forget", "--local", "--yes"]).expect(0).out, "trial\n");
    assert_eq!(listed(&home), ["one"]);
}

#[test]
fn a_watcher_of_another_process_does_not_bring_it_back() {
    let (_runtime, _served, home) = served();
    home.run(&["start", "wait", "--name", "watched", "--input", "{\"seconds\": 4}"]).expect(0);
    let watching = home.begin(&["watch", "watched"]);
    watching.wait_until("the first response", |watching| watching.out().contains("RUNNING"));
    home.run(&["forget", "watched", "--force"]).expect(0);
    let ended = watching.end().expect(0);
    assert!(ended.out.contains("SUCCEEDED"), "it is watched to its end: {ended:?}");
    assert_eq!(listed(&home), Vec::<String>::new());
    // Naming it adds it again.
    home.run(&["status", &arn("WaitStateMachine", "watched")]).expect(0);
    assert_eq!(listed(&home), ["watched"]);
    home.run(&["forget", "watched"]).expect(0);
    // A start that leads to the same execution brings it back as well.
    let again = ["start", "wait", "--name", "again", "--input", "{\"seconds\": 600}"];
    home.run(&again).expect(0);
    home.run(&["forget", "again", "--force"]).expect(0);
    assert_eq!(listed(&home), Vec::<String>::new());
    home.run(&again).expect(0);
    assert_eq!(listed(&home), ["again"]);
}

#[test]
fn a_removed_line_of_a_batch_is_not_started_again() {
    let (_runtime, served, home) = served();
    home.write("lines.jsonl", "{\"order\": 1}\n{\"order\": 2}\n");
    let each = ["start", "pass", "--each", "lines.jsonl", "--wait", "--output", "json"];
    let names: Vec<Value> = home.run(&each).expect(0).objects().iter().map(|object| object["name"].clone()).collect();
    home.run(&["forget", names[0].as_str().expect("a name")]).expect(0);
    home.run(&[&each[..], &["--resume"]].concat());
    assert_eq!(served.gateway.executions().len(), 2, "no second start");
}

#[test]
fn on_a_terminal_it_asks_once() {
    let (_runtime, _served, home) = served();
    start(&home, &["one", "two"]);
    let folder = home.path().display().to_string();
    let (data, config) = (format!("{folder}/data"), format!("{folder}/config.toml"));
    let mut terminal = Terminal::open(100, 30, &[("XDG_DATA_HOME", &data), ("STEPGATE_CONFIG", &config)]);
    let program = Terminal::program();
    terminal.send(&format!("{program} forget one; echo code=$?\r"));
    terminal.wait_for_text("Remove one from the list and the store? [y/N]");
    terminal.send("\r");
    terminal.wait_for_text("nothing was removed");
    assert_eq!(listed(&home), ["two", "one"]);
    terminal.send(&format!("{program} forget one two; echo done=$?\r"));
    terminal.wait_for_text("Remove 2 executions from the list and the store? [y/N]");
    terminal.send("y\r");
    terminal.wait_for_text("done=0");
    assert_eq!(listed(&home), Vec::<String>::new());
}

#[test]
fn executions_of_others_are_added_when_they_are_named() {
    let (_runtime, served, home) = served();
    let colleague = Home::at(&served.url());
    start(&colleague, &["theirs-1", "theirs-2"]);
    start(&home, &["mine"]);
    let theirs = |name: &str| arn("PassStateMachine", name);
    home.run(&["status", &theirs("theirs-1")]).expect(0);
    home.run(&["watch", &theirs("theirs-2")]).expect(0);
    let mut names = listed(&home);
    names.sort();
    assert_eq!(names, ["mine", "theirs-1", "theirs-2"]);
    // From now on the name is enough, but it is not a start of this machine.
    home.run(&["status", "theirs-1"]).expect(0);
    start(&colleague, &["theirs-3"]);
    home.run(&["status", &theirs("theirs-3")]).expect(0);
    assert_eq!(home.run(&["status", "@last", "--output", "json"]).expect(0).object()["name"], "mine");
    // What does not exist is not added.
    home.run(&["status", &theirs("nothing")]).expect(3);
    assert_eq!(listed(&home).len(), 4);
}
