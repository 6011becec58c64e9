//! `stepgate start --each` with the real binary: the order of results, rates, kills, and which lines `--resume`
//! continues with.
#![cfg(unix)]

use std::collections::BTreeMap;

use crate::support::cli::{Home, config, orders as lines};
use crate::support::gateway::Served;
use rustix::process::Signal;
use serde_json::Value;
use stepgate_local::{Faults, Options};
use tokio::runtime::Runtime;

fn served(options: Options) -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(options) });
    let home = Home::at(&served.url());
    (runtime, served, home)
}

/// How often each input was started.
fn started(served: &Served) -> BTreeMap<String, usize> {
    let mut started = BTreeMap::new();
    for (_, input) in served.gateway.executions() {
        *started.entry(input).or_default() += 1;
    }
    started
}

fn numbers(objects: &[Value]) -> Vec<u64> {
    objects.iter().map(|object| object["line"].as_u64().expect("a number")).collect()
}

#[test]
fn results_come_in_the_order_of_the_lines_and_the_worst_one_counts() {
    let (_runtime, served, home) = served(Options::default());
    // The earlier lines run longer; the fourth ends badly, the blank ones do not count.
    home.write("waits.jsonl", "{\"seconds\": 2}\n\n{\"seconds\": 1}\r\n{}\n{\"seconds\": 0}\n");
    let each = ["start", "wait", "--each", "waits.jsonl", "--output", "json"];
    let objects = home.run(&[&each[..], &["--wait"]].concat()).expect(1).objects();
    assert_eq!(numbers(&objects), [1, 3, 4, 5]);
    let statuses: Vec<&str> = objects.iter().filter_map(|object| object["status"].as_str()).collect();
    assert_eq!(statuses, ["SUCCEEDED", "SUCCEEDED", "FAILED", "SUCCEEDED"]);
    let only_started = home.run(&each).expect(0).objects();
    assert_eq!(numbers(&only_started), [1, 3, 4, 5]);
    assert!(only_started.iter().all(|object| object["executionArn"].is_string() && object["status"].is_null()));
    assert_eq!(served.gateway.executions().len(), 8, "a run that is over is no reason not to start again");
}

#[test]
fn a_line_that_is_refused_has_its_result_and_the_others_go_on() {
    let (_runtime, served, home) = served(Options::default());
    let name = format!("{}Nobody", crate::support::cli::MACHINE);
    let config = crate::support::cli::config(&served.url());
    home.write("config.toml", &format!("{config}[machines.nobody]\narn = \"{name}\"\n"));
    let ran = home.run_with(&["start", "nobody", "--each", "-", "--wait", "--output", "json"], &lines(2)).expect(3);
    let objects = ran.objects();
    assert_eq!(numbers(&objects), [1, 2]);
    for object in objects {
        assert_eq!(object["start"], "refused");
        assert!(object["message"].as_str().is_some_and(|words| words.contains("does not exist")), "{object}");
    }
}

#[test]
fn a_thousand_lines_stay_inside_both_budgets_and_each_has_its_result() {
    const LINES: usize = 1_000;
    let (_runtime, served, home) = served(Options::default());
    let arguments = ["start", "pass", "--each", "-", "--wait", "--output", "json", "--rate", "100"];
    let objects = home.run_with(&arguments, &lines(LINES)).expect(0).objects();
    assert_eq!(numbers(&objects), (1..=LINES as u64).collect::<Vec<_>>());
    for (object, input) in objects.iter().zip(lines(LINES).lines()) {
        assert_eq!((object["status"].as_str(), object["output"].as_str()), (Some("SUCCEEDED"), Some(input)));
    }
    let (starts, questions) = (served.gateway.starts(), served.gateway.status_requests());
    assert_eq!(starts.total, 1_000);
    // One more than the rate, since both the first and the last of a second count. What a busy machine holds
    // up arrives together.
    assert!(starts.peak_per_second <= 110, "{starts:?}");
    assert!(questions.peak_per_second <= 55, "{questions:?}");
    assert!(questions.total < 1_100, "most are asked about once: {questions:?}");
}

#[test]
fn a_killed_run_continues_where_it_was_and_starts_nothing_twice() {
    const LINES: usize = 150;
    // Answers that never come leave starts in doubt.
    let (_runtime, served, home) = served(Options::default());
    home.write("lines.jsonl", &lines(LINES));
    let each = ["start", "pass", "--each", "lines.jsonl", "--output", "json"];
    let resume = [&each[..], &["--resume", "--wait"]].concat();
    for round in 1..=3 {
        let arguments = if round == 1 { &each[..] } else { &resume[..] };
        let before = served.gateway.executions().len();
        let running = home.begin(arguments);
        running.wait_until("some starts", |_| served.gateway.executions().len() >= before + 20);
        running.signal(Signal::KILL);
        assert_eq!(running.end().code, None, "killed");
        assert!(served.gateway.executions().len() < LINES, "in the middle");
        let again = home.run(&each).expect(2);
        assert!(again.err.contains("use --resume to continue it"), "{again:?}");
    }
    let objects = home.run(&resume).expect(0).objects();
    assert_eq!(numbers(&objects), (1..=LINES as u64).collect::<Vec<_>>());
    assert!(objects.iter().all(|object| object["status"] == "SUCCEEDED"), "also those of the earlier runs");
    let started = started(&served);
    assert_eq!(started.len(), LINES, "no line is lost");
    assert!(started.values().all(|count| *count == 1), "no line is doubled: {started:?}");
    // Nothing is left to do, and that is done again and again.
    assert_eq!(home.run(&resume).expect(0).objects(), objects);
    assert_eq!(served.gateway.executions().len(), LINES);
    // Another file, or the same one after an edit, is another matter.
    home.write("lines.jsonl", &lines(LINES + 1));
    let other = home.run(&resume).expect(2);
    assert!(other.err.contains("no earlier run of these lines is known"), "{other:?}");
    home.write("lines.jsonl", &lines(LINES));
    home.run(&[&each[..], &["--no-resume", "--rate", "500"]].concat()).expect(0);
    assert_eq!(served.gateway.executions().len(), 2 * LINES);
}

#[test]
fn two_runs_of_the_same_lines_do_not_share_them() {
    const LINES: usize = 150;
    let (_runtime, served, home) = served(Options::default());
    home.write("lines.jsonl", &lines(LINES));
    let each = ["start", "pass", "--each", "lines.jsonl", "--output", "json"];
    let running = home.begin(&each);
    running.wait_until("some starts", |_| served.gateway.executions().len() >= 20);
    home.run(&each).expect(2);
    let second = home.run(&[&each[..], &["--resume"]].concat()).expect(2);
    assert!(
        second.err.contains("another stepgate is already starting these lines") && second.out.is_empty(),
        "{second:?}"
    );
    assert_eq!(running.end().expect(0).objects().len(), LINES);
    assert!(started(&served).values().all(|count| *count == 1) && served.gateway.executions().len() == LINES);
}

#[test]
fn an_interrupt_leaves_a_rest_to_go_on_with() {
    const LINES: usize = 120;
    let (_runtime, served, home) = served(Options::default());
    home.write("lines.jsonl", &lines(LINES));
    let each = ["start", "pass", "--each", "lines.jsonl", "--wait"];
    let running = home.begin(&each);
    running.wait_until("some starts", |_| served.gateway.executions().len() >= 20);
    running.signal(Signal::INT);
    let interrupted = running.end().expect(130);
    assert!(interrupted.err.contains("lines were not started; run the same command with --resume"), "{interrupted:?}");
    home.run(&[&each[..], &["--resume"]].concat()).expect(0);
    assert!(started(&served).values().all(|count| *count == 1) && served.gateway.executions().len() == LINES);
}

#[test]
fn a_gateway_that_misbehaves_or_goes_away_costs_no_line() {
    const LINES: usize = 60;
    let faults = Faults { fail_rate: 0.2, throttle: Some(40.0), ..Faults::default() };
    let (runtime, mut served, home) = served(Options { faults, ..Options::default() });
    home.write("lines.jsonl", &lines(LINES));
    let running = home.begin(&["start", "pass", "--each", "lines.jsonl", "--wait", "--output", "json"]);
    running.wait_until("some starts", |_| served.gateway.executions().len() >= 10);
    runtime.block_on(served.stop());
    running.wait_until("the outage", |running| running.err().contains("cannot connect"));
    runtime.block_on(async { served.start() });
    let objects = running.end().expect(0).objects();
    assert_eq!(numbers(&objects), (1..=LINES as u64).collect::<Vec<_>>());
    let started = started(&served);
    assert!(started.len() == LINES && started.values().all(|count| *count == 1), "{started:?}");
}

#[test]
fn a_throttling_gateway_gets_fewer_requests_and_every_line() {
    let faults = Faults { throttle: Some(50.0), ..Faults::default() };
    let (_runtime, served, home) = served(Options { faults, ..Options::default() });
    let fast = "[endpoints.e.start]\nrequests-per-second = 400\n[endpoints.e.watch]";
    let path = home.write("fast.toml", &config(&served.url()).replacen("[endpoints.e.watch]", fast, 1));
    home.write("lines.jsonl", &lines(200));
    let path = path.to_str().expect("UTF-8");
    let ran = home.run(&["--config", path, "start", "pass", "--each", "lines.jsonl", "--output", "json"]).expect(0);
    assert_eq!(numbers(&ran.objects()), (1..=200).collect::<Vec<_>>());
    let started = started(&served);
    assert!(started.len() == 200 && started.values().all(|count| *count == 1), "{started:?}");
    let requests = served.gateway.starts().total;
    assert!(requests < 250, "{requests} requests for 200 starts");
}
