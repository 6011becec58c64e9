//! The commands of the real binary: every exit code, what goes to which stream, outages, interrupts, precedence.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::cli::{Home, MACHINE, cells, ran};
use crate::support::gateway::Served;
use rustix::process::Signal;
use serde_json::Value;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// A gateway, a home that is configured for it, and what keeps it going.
fn served() -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    (runtime, served, home)
}

#[test]
fn exit_0_means_that_it_succeeded() {
    let (_runtime, _served, home) = served();
    let started = home.run(&["start", "pass"]).expect(0);
    assert!(
        started.out.ends_with('\n') && started.out.starts_with("RUNNING    ") && started.out.contains("-pass-"),
        "{started:?}"
    );
    assert!(started.err.is_empty(), "{started:?}");
    let waited = home.run(&["start", "pass", "--wait"]).expect(0);
    let lines: Vec<Vec<&str>> = waited.out.lines().map(cells).collect();
    let arn = format!("{}:{}", MACHINE.replace("stateMachine:", "execution:PassStateMachine"), lines[0][1]);
    assert_eq!((&lines[0][..1], &lines[0][2..3], &lines[0][4..]), (&["RUNNING"][..], &["pass"][..], &["-", &*arn][..]));
    assert_eq!((&lines[1][..1], &lines[1][4..]), (&["SUCCEEDED"][..], &["69 ms"][..]));
    assert_eq!(lines.len(), 2, "{waited:?}");
    // Started before, and not yet asked about.
    assert!(home.run(&["watch"]).expect(0).out.contains("SUCCEEDED"));
    let nothing = home.run(&["watch"]).expect(0);
    assert!(nothing.out.is_empty() && nothing.err.contains("no running executions"), "{nothing:?}");
}

#[test]
fn times_are_those_of_the_zone_that_tz_names() {
    let (_runtime, _served, home) = served();
    home.run(&["start", "pass"]).expect(0);
    let minutes = |zone: &str| {
        let listed = ran(home.command(&["list", "--no-headers"]).env("TZ", zone)).expect(0).out;
        let mut columns = listed.split("  ").filter(|column| !column.is_empty());
        let time = columns.nth(3).and_then(|started| started.rsplit(' ').next()).expect("a time").to_owned();
        let parts: Vec<i32> = time.split(':').map(|part| part.parse().expect("a number")).collect();
        parts[0] * 60 + parts[1]
    };
    let utc = minutes("UTC");
    for (zone, offset) in [
        ("Asia/Kolkata", 330),
        (":Asia/Kolkata", 330),
        (":/usr/share/zoneinfo/Asia/Kolkata", 330),
        ("<+0530>-5:30", 330),
        ("", 0),
        ("No/Zone", 0),
    ] {
        assert_eq!((minutes(zone) - utc).rem_euclid(24 * 60), offset, "TZ={zone}");
    }
}

#[test]
fn exit_1_means_that_it_ended_otherwise() {
    let (_runtime, _served, home) = served();
    let failed = home.run(&["start", "fail", "--wait", "--output", "json"]).expect(1).object();
    assert_eq!((&failed["status"], &failed["error"]), (&"FAILED".into(), &"PaymentRefused".into()));
    assert_eq!(home.run(&["start", "timeout", "--wait", "--output", "json"]).expect(1).object()["status"], "TIMED_OUT");
    home.run(&["watch", "@last"]).expect(1);
    // The question was answered; that is all that `status` says.
    assert!(home.run(&["status", "@last"]).expect(0).out.contains("TIMED_OUT"));
}

#[test]
fn exit_2_means_that_nothing_was_sent() {
    let (_runtime, served, home) = served();
    home.write("lines.jsonl", "{}\nx\n");
    for (arguments, message) in [
        (&["start", "pas"][..], "did you mean `pass`?"),
        (&["start", "nothing"], "known: pass, order, wait, fail, timeout"),
        (&["start", "pass", "--input", "{"], "the input: line 1, column 1"),
        (&["start", "pass", "--input", "{}", "--preset", "order"], "cannot be used with"),
        (&["start", "pass", "--input-file", "none.json"], "none.json cannot be read"),
        (&["start", "pass", "--preset", "ordre"], "did you mean `order`?"),
        (&["start", "pass", "--name", "a b"], "a name cannot contain a space"),
        (&["start", "pass", "--timeout", "1s"], "--wait"),
        (&["start", "pass", "--each", "lines.jsonl"], "lines.jsonl:2: column 1"),
        (&["start", "pass", "--each", "none.jsonl"], "none.jsonl cannot be read"),
        (&["start", "pass", "--resume"], "--each"),
        (&["status", "nobody"], "use its ARN"),
        (&["watch", "@last"], "nothing has been started yet"),
        (&["list", "--status", "FAILD"], "did you mean FAILED?"),
        (&["--endpoint", "f", "list"], "names `f`"),
        (&["--config", "none.toml", "list"], "no such file"),
        (&["--log", "/no/such/folder/log", "list"], "/no/such/folder/log"),
        (&["nonsense"], "unrecognized subcommand"),
        (&["stop", "nobody"], "use its ARN"),
        (&["stop", "@last", "--error", &"x".repeat(257)], "expected at most 256 characters, found 257"),
        (&["redrive", "nobody"], "use its ARN"),
        (&["history", "@last"], "nothing has been started yet"),
        (&["timeline", "@last"], "nothing has been started yet"),
        (&["timeline"], "<EXECUTION>"),
    ] {
        let refused = home.run(arguments).expect(2);
        assert!(refused.err.contains(message) && refused.out.is_empty(), "{arguments:?}: {refused:?}");
    }
    assert_eq!(served.gateway.requests(), 0);
}

#[test]
fn exit_3_means_that_it_was_refused() {
    let (_runtime, served, home) = served();
    home.run(&["start", "pass", "--name", "one"]).expect(0);
    let taken = home.run(&["start", "pass", "--name", "one", "--input", "[2]"]).expect(3);
    assert!(taken.err.contains("the name is already in use") && taken.out.is_empty(), "{taken:?}");
    let unknown = home.run(&["start", &format!("{MACHINE}Nobody")]).expect(3);
    assert!(unknown.err.contains("the state machine does not exist"), "{unknown:?}");
    let nobody = format!("{}nobody", MACHINE.replace("stateMachine:", "execution:PassStateMachine:"));
    assert!(home.run(&["status", &nobody]).expect(3).err.contains("the execution does not exist"));
    let watched = home.run(&["watch", &nobody, "--output", "json"]).expect(3).object();
    assert!(watched["message"].as_str().is_some_and(|words| words.contains("does not exist")), "{watched}");
    // What only a person can mend does not end by waiting for it.
    home.write("config.toml", &crate::support::cli::config(&format!("{}x", served.url())));
    let forbidden = home.run(&["start", "pass", "--wait"]).expect(3);
    assert!(forbidden.err.contains("Forbidden"), "{forbidden:?}");
    let status = home.run(&["watch", &nobody]).expect(3);
    assert!(status.err.contains("Forbidden"), "{status:?}");
}

#[test]
fn exit_4_means_that_the_outcome_is_unknown() {
    let (runtime, mut served, home) = served();
    home.run(&["start", "pass", "--name", "one"]).expect(0);
    runtime.block_on(served.stop());
    let refused = home.run(&["start", "pass", "--wait"]).expect(4);
    assert!(refused.err.contains("cannot connect"), "{refused:?}");
    assert!(home.run(&["status", "one"]).expect(4).out.is_empty());
}

#[test]
fn exit_5_means_that_the_time_was_up() {
    let (_runtime, _served, home) = served();
    let started = Instant::now();
    let up = home.run(&["start", "order", "--wait", "--timeout", "300ms", "--output", "json"]).expect(5);
    assert!(started.elapsed() < Duration::from_secs(20), "it does not wait for the end");
    let arn = up.object()["executionArn"].as_str().expect("an ARN").to_owned();
    assert!(up.err.contains(&format!("; to continue: `stepgate watch {arn}`")), "{up:?}");
    let up = home.run(&["watch", "--timeout", "300ms"]).expect(5);
    assert!(up.err.contains("--timeout expired; 1 still running: ") && up.err.contains("-order-"), "{up:?}");
}

#[test]
fn exit_130_means_interrupted_and_the_execution_continues() {
    let (_runtime, _served, home) = served();
    let input = "{\"seconds\": 4}";
    let running = home.begin(&["start", "wait", "--wait", "--input", input]);
    running.wait_until("the start", |running| running.out().contains("RUNNING"));
    running.signal(Signal::INT);
    let interrupted = running.end().expect(130);
    let arn = interrupted.out.trim_end().rsplit("  ").next().expect("an ARN").to_owned();
    assert!(
        interrupted.err.contains(&format!("it is still running; to continue: `stepgate watch {arn}`")),
        "{interrupted:?}"
    );
    assert!(home.run(&["watch", &arn]).expect(0).out.contains("SUCCEEDED"), "as it said");
    let running = home.begin(&["start", "wait", "--wait", "--input", input]);
    running.wait_until("the start", |running| running.out().contains("RUNNING"));
    running.signal(Signal::TERM);
    running.end().expect(143);
}

/// JSON that any parsing and serializing would change.
const TOUCHY: &str = "{\"b\": 12345678901234567890123, \"a\": 1.0, \"a\": 1E400, \"e\\u0073c\": \"\\ud83d\\ude00\\/\\n\", \"注文\": \"👩‍👩‍👧\", \"z\":  [ -0, 1.10 ]}";

#[test]
fn payloads_are_byte_for_byte_those_sent_and_received() {
    let (_runtime, served, home) = served();
    home.write("input.json", TOUCHY);
    let json = ["--wait", "--output", "json"];
    let ways = [
        home.run(&[&["start", "pass", "--input", TOUCHY][..], &json].concat()),
        home.run(&[&["start", "pass", "--input-file", "input.json"][..], &json].concat()),
        home.run_with(&[&["start", "pass", "--input-file", "-"][..], &json].concat(), TOUCHY),
        home.run_with(&[&["start", "pass", "--each", "-"][..], &json].concat(), TOUCHY),
    ];
    for ran in ways {
        let object = ran.expect(0).object();
        assert_eq!(object["status"], "SUCCEEDED");
        assert_eq!((object["input"].as_str(), object["output"].as_str()), (Some(TOUCHY), Some(TOUCHY)));
        let inner: Value =
            serde_json::from_str(object["output"].as_str().expect("a text").replace("1E400", "1").as_str())
                .expect("JSON inside");
        assert_eq!(inner["注文"], "👩‍👩‍👧");
    }
    for (_, input) in served.gateway.executions() {
        assert_eq!(input, TOUCHY, "as it came to the gateway");
    }
    for object in home.run(&["list", "--output", "json"]).expect(0).objects() {
        assert_eq!((object["input"].as_str(), object["output"].as_str()), (Some(TOUCHY), Some(TOUCHY)));
    }
    assert_eq!(home.run(&["status", "@last", "--output", "json"]).expect(0).object()["output"], TOUCHY);
}

#[test]
fn standard_input_is_read_only_on_request() {
    let (_runtime, served, home) = served();
    home.run_with(&["start", "pass"], "{\"not\": \"asked for\"}").expect(0);
    assert_eq!(served.gateway.executions()[0].1, "{}");
}

/// How long the gateway is away; longer by command, `STEPGATE_OUTAGE_SECONDS=30`.
fn outage() -> Duration {
    let seconds = std::env::var("STEPGATE_OUTAGE_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}

#[test]
fn an_outage_during_a_watch_is_survived_and_reported_once() {
    let (runtime, mut served, home) = served();
    for (machine, code) in [("pass", 0), ("fail", 1)] {
        let started = home.run(&["start", machine, "--output", "json"]).expect(0).object();
        let arn = started["executionArn"].as_str().expect("an ARN").to_owned();
        let waiting = home.run(&["start", "wait", "--input", "{\"seconds\": 5}"]).expect(0);
        assert!(waiting.err.is_empty());
        let watching = home.begin(&["watch", &arn, "@last", "--output", "json"]);
        watching.wait_until("the first end", |watching| watching.out().contains(&arn));
        runtime.block_on(served.stop());
        let stopped = Instant::now();
        watching.wait_until("the outage", |watching| watching.err().contains("cannot connect"));
        watching.wait_until("its length", |_| stopped.elapsed() >= outage());
        runtime.block_on(async { served.start() });
        let ran = watching.end().expect(code);
        assert_eq!(ran.err.matches("cannot connect").count(), 1, "{ran:?}");
        assert_eq!(ran.err.matches("responds again").count(), 1, "{ran:?}");
        assert_eq!(ran.objects().len(), 2, "{ran:?}");
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let (_runtime, _served, home) = served();
    for _ in 0..3 {
        home.run(&["start", "pass", "--wait"]).expect(0);
    }
    home.run(&["start", "order"]).expect(0);
    home.write("one.jsonl", "{}\n");
    for (arguments, code) in [
        (&["list"][..], 0),
        (&["completions", "bash"], 0),
        (&["start", "pass", "--wait"], 0),
        (&["start", "fail", "--wait"], 1),
        (&["watch"], 4),
        (&["start", "pass", "--each", "one.jsonl", "--wait"], 0),
    ] {
        let mut child = home.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        drop(child.stdout.take());
        let stderr = BufReader::new(child.stderr.take().expect("standard error"));
        let message: Vec<String> = stderr.lines().map(|line| line.expect("a line")).collect();
        assert_eq!(child.wait().expect("it ends").code(), Some(code), "{arguments:?}: {message:?}");
        assert_eq!(message, Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn a_flag_goes_before_the_environment_before_the_file() {
    let (_runtime, served, home) = served();
    let machine = |endpoint: &str| {
        format!("[machines.{endpoint}]\nendpoint = \"{endpoint}\"\narn = \"{MACHINE}PassStateMachine\"\n")
    };
    let two = |default: &str| {
        let url = served.url();
        format!("default-endpoint = \"{default}\"\n[endpoints.a]\nurl = \"{url}\"\n[endpoints.b]\nurl = \"{url}/\"\n")
            + &machine("a")
            + &machine("b")
    };
    home.write("config.toml", &two("a"));
    home.write("other.toml", &two("b"));
    let with = |arguments: &[&str], environment: &[(&str, &str)]| {
        ran(home.command(arguments).envs(environment.iter().copied()))
    };
    let path = |arguments: &[&str], environment: &[(&str, &str)]| with(arguments, environment).expect(0).out;
    assert!(path(&["config", "path"], &[]).ends_with("/config.toml\n"));
    assert_eq!(path(&["config", "path"], &[("STEPGATE_CONFIG", "other.toml")]), "other.toml\n");
    assert_eq!(path(&["config", "path", "--config", "flag.toml"], &[("STEPGATE_CONFIG", "other.toml")]), "flag.toml\n");
    // Empty is as good as not set.
    let usual = path(&["config", "path"], &[("STEPGATE_CONFIG", "")]);
    assert!(usual.ends_with("stepgate/config.toml\n"), "{usual}");
    with(&["start", "a"], &[("STEPGATE_ENDPOINT", "b")]).expect(2);
    with(&["start", "b"], &[("STEPGATE_ENDPOINT", "b")]).expect(0);
    with(&["start", "a", "--endpoint", "a"], &[("STEPGATE_ENDPOINT", "b")]).expect(0);
    with(&["start", "a"], &[("STEPGATE_ENDPOINT", "")]).expect(0);
}

#[test]
fn the_list_is_read_from_the_store_and_sends_no_request() {
    let (_runtime, served, home) = served();
    home.run(&["start", "pass", "--name", "first", "--wait"]).expect(0);
    home.run(&["start", "fail", "--name", "second", "--wait"]).expect(1);
    home.run(&["start", "order", "--name", "third"]).expect(0);
    let asked = served.gateway.requests();
    let names = |arguments: &[&str]| -> Vec<String> {
        let arguments = [&["list", "--output", "json"][..], arguments].concat();
        let objects = home.run(&arguments).expect(0).objects();
        objects.iter().map(|object| object["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&[]), ["third", "second", "first"]);
    assert_eq!(names(&["--limit", "1"]), ["third"]);
    assert_eq!(names(&["--machine", "pass"]), ["first"]);
    assert_eq!(names(&["--machine", "FailStateMachine"]), ["second"]);
    assert_eq!(names(&["--machine", &format!("{MACHINE}OrderStateMachine")]), ["third"]);
    assert_eq!(names(&["--status", "running,succeeded"]), ["third", "first"]);
    assert_eq!(names(&["--status", "TIMED_OUT"]), Vec::<String>::new());
    assert_eq!(names(&["--since", "1h"]).len(), 3);
    assert_eq!(names(&["--since", "2999-01-01"]), Vec::<String>::new());
    let text = home.run(&["list"]).expect(0).out;
    let rows: Vec<Vec<&str>> = text.lines().map(cells).collect();
    assert_eq!(rows[0], ["STATUS", "NAME", "MACHINE", "STARTED", "DURATION", "ERROR"], "{text}");
    assert_eq!((&rows[1][..3], &rows[1][4..]), (&["RUNNING", "third", "order"][..], &["-"][..]), "{text}");
    // A name, which is in the store, is enough.
    assert_eq!(served.gateway.requests(), asked);
    assert_eq!(home.run(&["status", "second", "--output", "json"]).expect(0).object()["status"], "FAILED");
    assert_eq!(served.gateway.requests(), asked + 1);
}

#[test]
fn no_part_of_a_secret_is_logged_or_printed() {
    let (_runtime, served, home) = served();
    let auth = "auth = { type = \"api-key\", env = \"KEY\" }\n";
    let with_key = crate::support::cli::config(&served.url()).replacen(
        "[endpoints.e.watch]",
        &format!("{auth}[endpoints.e.watch]"),
        1,
    );
    home.write("config.toml", &with_key);
    let mut command =
        home.command(&["start", "pass", "--wait", "-v", "--log", "log", "--input", "{\"pay\": \"load\"}"]);
    let told = ran(command.env("KEY", "canary-of-a-key")).expect(0);
    let log = std::fs::read_to_string(home.path().join("log")).expect("a log");
    for text in [&told.err, &log] {
        assert!(text.contains("/execution/status") && text.contains("endpoint=e"), "{text}");
        assert!(!text.contains("canary") && !text.contains("load"), "{text}");
    }
    let missing = home.run(&["start", "pass"]).expect(2);
    assert!(missing.err.contains("no secret from") && missing.err.contains("KEY"), "{missing:?}");
}

#[test]
fn a_configuration_without_an_endpoint_has_no_gateway_for_commands() {
    let home = Home::empty();
    home.write("config.toml", "[ui]\ntheme = \"light\"\n");
    let checked = home.run(&["config", "check"]).expect(0);
    assert!(checked.out.ends_with("OK; 0 endpoints and 0 machines\n"), "{checked:?}");
    for command in [&["start", "pass"][..], &["status", "x"], &["watch"], &["list", "--remote"]] {
        let refused = home.run(command).expect(2);
        assert!(
            refused.out.is_empty() && refused.err.contains("config.toml: no endpoint: add"),
            "{command:?}: {refused:?}"
        );
        assert!(refused.err.contains("--endpoint local"), "{command:?}: {refused:?}");
    }
    let doctor = home.run(&["doctor"]).expect(2);
    assert!(doctor.out.contains("no endpoint: add"), "{doctor:?}");
    let other = home.run(&["start", "pass", "--endpoint", "prod"]).expect(2);
    assert!(other.err.contains("names `prod`, which is not in this file"), "{other:?}");
    home.run(&["start", "pass", "--endpoint", "local", "--wait"]).expect(0);
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    home.run(&["config", "init", &served.url(), "--write"]).expect(0);
    home.run(&["doctor"]).expect(0);
}
