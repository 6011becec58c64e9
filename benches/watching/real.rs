//! Ten thousand executions that end within five minutes, at 10 requests per second, compared with the simulation.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use stepgate_local::Faults;

use crate::setup::{Setup, follow};

/// As in the simulation.
const LATENCY: Duration = Duration::from_millis(50);

pub fn run() {
    let count = std::env::var("STEPGATE_BENCH_EXECUTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let setup = Setup::new(Faults { latency: LATENCY, ..Faults::default() }, "");
    // The first ones end when all have begun.
    let first = 60 + count / 100;
    let started = setup.start((0..count).map(|index| first + index * 7_919 % 300));
    let before = setup.served.gateway.status_requests();
    let measured = follow(&mut setup.stepgate(&["watch", "--output", "json"]), &started);
    let questions = setup.served.gateway.status_requests();
    println!("{}", measured.line("real", questions.total - before.total, questions.peak_per_second));

    let origin = started.iter().map(|one| one.start).min().expect("executions");
    let trace = started.iter().fold(String::from("machine,start_s,duration_s\n"), |mut text, one| {
        writeln!(text, "wait,{:.3},{}", one.start.duration_since(origin).as_secs_f64(), one.seconds).expect("text");
        text
    });
    let path = setup.folder.path().join("trace.csv");
    std::fs::write(&path, trace).expect("a trace");
    let simulation = ["run", "--release", "--quiet", "--example", "watch_sim", "--", "--budget", "10", "--trace"];
    let output = Command::new(env!("CARGO")).args(simulation).arg(&path).output().expect("the simulation runs");
    let simulated: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mean = simulated["mean_delay_s"].as_f64().expect("a mean");
    println!(
        "simulated: mean {mean:.2} s, half {:.2} s, 95% {:.2} s; real to simulated: {:.3}",
        simulated["p50_delay_s"].as_f64().expect("a delay"),
        simulated["p95_delay_s"].as_f64().expect("a delay"),
        measured.mean() / mean
    );
}
