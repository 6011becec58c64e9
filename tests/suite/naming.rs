//! Generated names of executions, with the real binary: readable, different at the beginning, unique across processes.
#![cfg(unix)]

use std::collections::BTreeSet;

use crate::support::cli::Home;
use crate::support::gateway::Served;
use stepgate_local::Options;
use tokio::runtime::Runtime;

fn served() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    (runtime, served, home)
}

/// The names on standard output, one execution a line.
fn names(out: &str) -> Vec<String> {
    let objects = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object"));
    objects.map(|object| object["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn names_begin_with_a_code_and_the_machine_and_differ_between_processes() {
    let (_runtime, _served, home) = served();
    let home = &home;
    let found: Vec<String> = std::thread::scope(|scope| {
        let start = || scope.spawn(|| home.run(&["start", "pass", "--output", "json"]).expect(0).out);
        let running: Vec<_> = (0..8).map(|_| start()).collect();
        running.into_iter().flat_map(|start| names(&start.join().expect("ended"))).collect()
    });
    assert_eq!(found.len(), 8);
    assert!(found.iter().all(|name| name[4..].starts_with("-pass-")), "{found:?}");
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 8, "{found:?}");
    // The name identifies the execution.
    let first = &found[0];
    home.run(&["status", first]).expect(0);
    let listed = home.run(&["list", "--output", "json"]).expect(0);
    assert_eq!(names(&listed.out).into_iter().collect::<BTreeSet<_>>(), found.iter().cloned().collect());
}

#[test]
fn the_names_of_a_batch_differ_in_their_first_character_from_line_to_line() {
    let (_runtime, _served, home) = served();
    home.write("lines.jsonl", &"{}\n".repeat(40));
    let batch = ["start", "pass", "--each", "lines.jsonl", "--output", "json"];
    let found = names(&home.run(&batch).expect(0).out);
    assert_eq!(found.len(), 40);
    assert!(found.windows(2).all(|pair| pair[0][..1] != pair[1][..1]), "{found:?}");
    assert_eq!(found.iter().map(|name| &name[..4]).collect::<BTreeSet<_>>().len(), 40, "{found:?}");
    let again = home.run(&[&batch[..], &["--no-resume"]].concat()).expect(0);
    let again = names(&again.out);
    assert!(again.iter().all(|name| !found.contains(name)), "{again:?}");
}

#[test]
fn chosen_names_stay_as_they_are() {
    let (_runtime, _served, home) = served();
    for name in ["order-4711", "注文-1", "sg-1-abc"] {
        let started = home.run(&["start", "pass", "--name", name, "--output", "json"]).expect(0);
        assert_eq!(names(&started.out), [name]);
    }
}
